package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"onrecord/demo"
	"onrecord/index"
	"onrecord/index/bleveindex"
	"onrecord/query"
	"onrecord/record"
)

// manyRows are the demo's statements under n ids and on n hosts each.
func manyRows(t *testing.T, n int) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "few")
	done(t, data, "--registry", demoRegister(t), "import", demoList(t, 1))
	lines := strings.SplitAfter(everything(t, data), "\n")
	var b strings.Builder
	for k := range n {
		to := strings.NewReplacer(`"st_`, fmt.Sprintf(`"st_%d`, k), `"pg_`, fmt.Sprintf(`"pg_%d`, k), "https://www.", fmt.Sprintf("https://m%d.", k))
		for _, line := range lines {
			b.WriteString(to.Replace(line))
		}
	}
	return write(t, filepath.Join(t.TempDir(), "rows.jsonl"), b.String())
}

// TestReindexIsKilledAndGoesOn kills the real program (SIGKILL) once it has
// written some batches, twice, and lets it finish.
func TestReindexIsKilledAndGoesOn(t *testing.T) {
	calm := filepath.Join(t.TempDir(), "calm")
	done(t, calm, "import", manyRows(t, 60))
	killed := filepath.Join(t.TempDir(), "killed")
	if err := os.CopyFS(killed, os.DirFS(calm)); err != nil {
		t.Fatal(err)
	}
	done(t, calm, "reindex")
	want := contents(t, calm)
	if want.All.Total < 4000 {
		t.Fatalf("only %d statements: the test says nothing", want.All.Total)
	}
	var reached []int64
	for _, segments := range []int{2, 2} {
		reached = append(reached, killReindex(t, killed, segments))
	}
	if reached[0] <= 0 || reached[1] <= reached[0] || reached[1] >= want.Position.Seq {
		t.Errorf("the runs that were killed came to %v of %d changes; want each to go on where the one before was", reached, want.Position.Seq)
	}
	old := contents(t, killed)
	if !reflect.DeepEqual(old.All, want.All) {
		t.Error("the index that serves meanwhile is another")
	}
	done(t, killed, "reindex")
	if got := contents(t, killed); !reflect.DeepEqual(got, want) {
		t.Errorf("the index is not that of an undisturbed run:\n%+v\n%+v", got, want)
	}
}

// killReindex starts the program and kills it once so many more segments than
// before lie in the folder beside. It gives the position reached.
func killReindex(t *testing.T, data string, segments int) int64 {
	t.Helper()
	beside := indexDir(data) + ".new"
	count := func() int {
		files, _ := filepath.Glob(filepath.Join(beside, "*.zap"))
		return len(files)
	}
	before := count()
	cmd := command(t, data, "reindex")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for count() < before+segments {
		select {
		case err := <-ended:
			t.Fatalf("reindex ended before it could be killed: %v", err)
		case <-time.After(200 * time.Microsecond):
		}
	}
	_ = cmd.Process.Kill()
	if <-ended == nil {
		t.Fatal("reindex ended before it could be killed")
	}
	ix, err := bleveindex.Open(beside)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	p, err := ix.Position(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return p.Seq
}

// indexed is what an index answers.
type indexed struct {
	Position record.Position
	All      index.Result
	Asked    []index.Result
	Counted  [][]index.Counted
}

// contents asks the index of a data folder for everything and for some words.
func contents(t *testing.T, data string) (out indexed) {
	t.Helper()
	ctx := context.Background()
	ix, err := bleveindex.Open(indexDir(data))
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	out.Position, err = ix.Position(ctx)
	must(err)
	for r := (index.Request{Limit: 500, Places: true}); ; {
		page, err := ix.Search(ctx, r)
		must(err)
		out.All.Hits, out.All.Total, out.All.Sightings = append(out.All.Hits, page.Hits...), page.Total, page.Sightings
		if r.After = page.Next; r.After == nil {
			break
		}
	}
	for _, q := range []string{"backlog", "the", "system OR patients", `"the backlog"`, "labline AND results", "pati*", "servise~1", "kind:quote -system", "org:sallow-ferries"} {
		n, err := query.Parse(q, demo.Ends)
		must(err)
		for _, sort := range []string{query.Newest, query.Relevance, query.Sightings} {
			page, err := ix.Search(ctx, index.Request{Node: n.Root, Sort: sort, Limit: 100})
			must(err)
			out.Asked = append(out.Asked, page)
		}
		counted, err := ix.Facets(ctx, n.Root, []index.Facet{{Field: "org"}, {Field: "person"}, {Field: "day"}})
		must(err)
		out.Counted = append(out.Counted, counted)
	}
	return out
}
