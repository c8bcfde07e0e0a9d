package bleveindex

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"onrecord/index"
	"onrecord/query"
	"onrecord/record"
)

// benchDocs is how many statements the benchmarks search.
const benchDocs = 100_000

// benchDir holds them; it is written once, by the first benchmark that asks,
// and removed by TestMain.
var benchDir = sync.OnceValues(func() (string, error) {
	dir := benchPath()
	ix, err := Open(dir)
	if err != nil {
		return "", err
	}
	defer ix.Close()
	rnd := rand.New(rand.NewPCG(7, 7))
	for at := 0; at < benchDocs; at += 2000 {
		if err := ix.Apply(context.Background(), benchBatch(rnd, at, 2000)); err != nil {
			return "", err
		}
	}
	return dir, nil
})

func benchPath() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("onrecord-bench-%d", os.Getpid()))
}

var day = time.Date(2023, 1, 1, 9, 0, 0, 0, time.UTC)

// benchBatch draws statements of about 60 words whose frequencies fall as
// those of English do, over three years, by 200 bodies.
func benchBatch(rnd *rand.Rand, from, n int) index.Batch {
	b := index.Batch{Position: record.Position{Epoch: 1, Seq: int64(from + n)}}
	for i := range n {
		var text strings.Builder
		for range 40 + rnd.IntN(40) {
			fmt.Fprintf(&text, "w%s ", word(int(math.Pow(30_000, rnd.Float64()))))
		}
		org := int(math.Pow(200, rnd.Float64()))
		when := day.Add(time.Duration(rnd.IntN(3*365*24*60)) * time.Minute)
		b.Put = append(b.Put, index.Doc{
			ID: record.HashID("st", fmt.Sprint(from+i)), Words: []string{text.String()}, When: when, Published: when, Seen: when.Add(time.Hour),
			Orgs: []string{fmt.Sprintf("body-%d", org)}, Persons: []string{fmt.Sprintf("speaker %d", rnd.IntN(5000))}, Roles: []string{"Chair of the Board"},
			Kind: string(record.Kinds[rnd.IntN(4)]), Outlets: []string{fmt.Sprintf("outlet%d.example", rnd.IntN(60))}, Titles: []string{"What we know so far"},
			Lang: "en", Status: "current", Sightings: 1 + rnd.IntN(3), Wordings: 1, Evidence: true,
		})
	}
	return b
}

// word is the word of a rank: short for frequent ones, so that the mean length
// is that of English.
func word(n int) string {
	b := []byte("ration"[:min(6, len(fmt.Sprint(n))+1)])
	for ; n > 0; n /= 26 {
		b = append(b, byte('a'+n%26))
	}
	return string(b)
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkIndexing reports statements per CPU second and the size of the
// index against that of the text.
func BenchmarkIndexing(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		dir := b.TempDir()
		ix := mustOpen(b, dir)
		rnd := rand.New(rand.NewPCG(7, 7))
		var used time.Duration
		text, n := 0, 0
		for at := 0; at < 20_000; at += 2000 {
			batch := benchBatch(rnd, at, 2000)
			for _, d := range batch.Put {
				text += len(d.Words[0])
				n++
			}
			before := cpu()
			b.StartTimer()
			if err := ix.Apply(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			used += cpu() - before
		}
		if err := ix.Close(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(n)/used.Seconds(), "statements/cpu-s")
		b.ReportMetric(float64(size(b, dir))/float64(text), "index/text")
		b.StartTimer()
	}
}

func size(b *testing.B, dir string) (n int64) {
	files, err := filepath.Glob(filepath.Join(dir, "*.zap"))
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			n += info.Size()
		}
	}
	return n
}

// BenchmarkSearch reports how long an answer of 50 takes on 100,000 statements.
func BenchmarkSearch(b *testing.B) {
	dir, err := benchDir()
	if err != nil {
		b.Fatal(err)
	}
	ix := mustOpen(b, dir)
	defer ix.Close()
	for _, x := range []struct{ name, query string }{
		{"everything newest", ""},
		{"timeline", "org:body-3 said:2024-03..2024-06"},
		{"busy timeline", "org:body-1 said:2023..2025"},
		{"word", "wb"},
		{"word organisation range", "wb org:body-2 said:2024"},
		{"phrase", `"wb wc"`},
		{"near", "wb NEAR/5 wc"},
		{"pattern", "wbc*"},
		{"relevance", "wb OR wcd sort:relevance"},
		{"not", "-wb"},
	} {
		q, err := query.Parse(x.query, day)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(x.name, func(b *testing.B) {
			total := 0
			for b.Loop() {
				r, err := ix.Search(b.Context(), index.Request{Node: q.Root, Sort: q.Sort})
				if err != nil {
					b.Fatal(err)
				}
				total = r.Total
			}
			b.ReportMetric(float64(total), "matches")
		})
	}
	b.Run("facets", func(b *testing.B) {
		n := query.Range{Name: "said", From: day, To: day.AddDate(1, 0, 0)}
		for b.Loop() {
			if _, err := ix.Facets(b.Context(), n, []index.Facet{{Field: "org"}, {Field: "day"}}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open and first answer", func(b *testing.B) {
		if err := ix.Close(); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			ix := mustOpen(b, dir)
			if _, err := ix.Search(b.Context(), index.Request{}); err != nil {
				b.Fatal(err)
			}
			if err := ix.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
