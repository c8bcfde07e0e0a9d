# onrecord. `make` alone runs check and test.
#   make check    formatting, vet, staticcheck, dead code, go.mod tidy
#   make test     the tests (needs only Go)
#   make race     the race detector over the packages with goroutines (needs a C compiler)
#   make fuzz     every fuzz target for FUZZTIME (default 10s)
#   make learn    the weights of attribution, again, from testdata/training
#   make measure  the scorers over the shared data, figures into out/measure (SHARED=../shared)
#   make crawl-sim   a month of 1,000 sources on 300 hosts, a fifth of them faulty, by a simulated clock
#   make bench    our search beside Lucene, Tantivy and plain Bleve, into out/bench (SHARED=../shared; needs Python, Java 17 with Maven, cargo)
#   make accept   the checks that need the shared data (SHARED=../shared)
#   make build    the program, ./onrecord

TAGS     := nomsgpack
BIN      := out/bin
SHARED   ?= ../shared
FUZZTIME ?= 10s
RACE     := ./archive/... ./catalogue/... ./crawler/... ./guard/... ./index/... ./ingest/... ./desk/... ./editor/... ./api/... ./web/... ./cmd/...
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

export CGO_ENABLED := 0

.PHONY: crawl-sim all check test race fuzz learn measure bench accept build tools
all: check test

build:
	go build -tags $(TAGS) -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o onrecord ./cmd/onrecord

tools: $(BIN)/staticcheck
$(BIN)/staticcheck: internal/tools/go.mod internal/tools/go.sum
	mkdir -p $(BIN)
	go build -C internal/tools -o $(abspath $(BIN))/ tool
	touch $@

check: tools
	@out=$$($(BIN)/gofumpt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "not formatted (run $(BIN)/gofumpt -w on them):"; echo "$$out"; exit 1; fi
	go vet -tags $(TAGS) ./...
	$(BIN)/staticcheck -tags $(TAGS) ./...
	@out=$$($(BIN)/deadcode -tags $(TAGS) -test ./...); if [ -n "$$out" ]; then echo "code that nothing reaches:"; echo "$$out"; exit 1; fi
	go mod tidy -diff

test:
	go test -tags $(TAGS) ./...

race:
	CGO_ENABLED=1 go test -race -short -timeout 20m -tags $(TAGS) $(RACE)

fuzz:
	@for p in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
	  for f in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$p/*_test.go | cut -c6-); do \
	    echo "== $$p $$f"; go test -tags $(TAGS) -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$p || exit 1; \
	  done; done

learn:
	go generate -tags $(TAGS) ./attribution

measure: build
	internal/measure/run.sh "$(SHARED)" out/measure

bench: export BENCH := $(abspath out/bench)
bench:
	@test -d "$(SHARED)/bench" || { echo "bench: no folder $(SHARED)/bench; give the shared data with SHARED=PATH"; exit 1; }
	mkdir -p $(BENCH) && rm -rf $(BENCH)/ix
	"$(SHARED)/bench/run.sh" prepare
	"$(SHARED)/bench/run.sh" lucene
	"$(SHARED)/bench/run.sh" tantivy
	go run -tags $(TAGS) ./internal/measure -corpus $(BENCH)/c100k.jsonl -queries $(BENCH)/queries.json -dir $(BENCH)/onrecord
	go run -tags $(TAGS) ./internal/measure -plain -corpus $(BENCH)/c100k.jsonl -queries $(BENCH)/queries.json -dir $(BENCH)

crawl-sim:
	CRAWLSIM=month go test -tags $(TAGS) -count=1 -timeout 60m -run '^TestMonthOfAThousandSources$$' -v ./internal/crawlsim

accept: build
	@test -d "$(SHARED)/data" || { echo "accept: no folder $(SHARED)/data; give the shared data with SHARED=PATH"; exit 1; }
	ONRECORD_SHARED="$(abspath $(SHARED))" go test -tags $(TAGS) -count=1 -run '^TestAccept' -v ./cmd/onrecord
