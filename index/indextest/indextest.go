// Package indextest is the suite that every implementation of index.Index
// passes: it asks random questions of random statements and compares the
// answers with those of a plain evaluator that looks at one statement after
// the other.
package indextest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"onrecord/index"
	"onrecord/query"
	"onrecord/record"
)

// Open opens the index that is kept in the folder; it is called with a folder
// again after Close.
type Open func(t *testing.T, dir string) index.Index

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for _, x := range []struct {
		name string
		test func(*testing.T, Open)
	}{
		{"an empty index answers everything with nothing", testEmpty},
		{"every node finds what a plain look finds", testNodes},
		{"words that hyphens join are found whole and in parts", testHyphens},
		{"every sort stands in order and pages without gaps", testSorts},
		{"a cursor stays right while statements arrive", testCursor},
		{"facets count what a search counts", testFacets},
		{"ten thousand statements are found as a plain look finds them, also after changes", testMany},
		{"words are counted as a search counts them", testFrequencies},
		{"the sightings of what matches are added up", testPlaces},
		{"batch and position are written together and kept", testPosition},
		{"reset empties", testReset},
		{"what cannot be answered is refused", testRefusals},
		{"sixteen readers see whole batches while one writes", testReaders},
		{"a cancelled search ends", testCancel},
	} {
		t.Run(x.name, func(t *testing.T) { x.test(t, open) })
	}
}

var bg = context.Background()

func opened(t *testing.T, open Open) index.Index {
	t.Helper()
	ix := open(t, t.TempDir())
	t.Cleanup(func() {
		if err := ix.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return ix
}

func apply(t testing.TB, ix index.Index, b index.Batch) {
	t.Helper()
	if err := ix.Apply(bg, b); err != nil {
		t.Fatalf("Apply: %v", err)
	}
}

// filled is an index of random statements after several batches with changed
// and deleted ones, and what it should hold.
func filled(t *testing.T, open Open) (index.Index, []index.Doc) {
	t.Helper()
	ix := opened(t, open)
	rnd := rand.New(rand.NewPCG(1, 2))
	held := map[record.ID]index.Doc{}
	for batch := range 6 {
		b := index.Batch{Position: record.Position{Epoch: 1, Seq: int64(batch + 1)}}
		for i := range 80 {
			d := randomDoc(rnd, record.ID(fmt.Sprintf("st_%03d", (batch*55+i*7)%400)))
			if _, twice := held[d.ID]; twice && i%5 == 0 {
				b.Delete = append(b.Delete, d.ID)
				delete(held, d.ID)
				continue
			}
			b.Put = append(b.Put, d)
			held[d.ID] = d
		}
		apply(t, ix, b)
	}
	docs := make([]index.Doc, 0, len(held))
	for _, d := range held {
		docs = append(docs, d)
	}
	return ix, docs
}

func testEmpty(t *testing.T, open Open) {
	ix := opened(t, open)
	rapid.Check(t, func(t *rapid.T) {
		n := tree(2).Draw(t, "tree")
		r, err := ix.Search(bg, index.Request{Node: n, Sort: rapid.SampledFrom(sorts).Draw(t, "sort")})
		if err != nil || r.Total != 0 || len(r.Hits) != 0 || r.Next != nil {
			t.Fatalf("%s: %+v, %v; want nothing", query.Format(n), r, err)
		}
	})
	c, err := ix.Facets(bg, nil, []index.Facet{{Field: "org"}})
	if err != nil || len(c) != 1 || len(c[0].Values) != 0 {
		t.Errorf("Facets of an empty index: %+v, %v", c, err)
	}
	if p, err := ix.Position(bg); err != nil || p != (record.Position{}) {
		t.Errorf("Position of an empty index: %+v, %v", p, err)
	}
}

func testNodes(t *testing.T, open Open) {
	ix, held := filled(t, open)
	docs := lookAll(held)
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		n := tree(3).Draw(t, "tree")
		want := matching(docs, n)
		got, err := ix.Search(bg, index.Request{Node: n, Limit: 500})
		if err != nil {
			t.Fatalf("%s: %v", query.Format(n), err)
		}
		if got.Total != len(want) {
			t.Errorf("%s: total %d, want %d", query.Format(n), got.Total, len(want))
		}
		if d := gocmp.Diff(ids(want), hitIDs(got.Hits)); d != "" {
			t.Fatalf("%s (-want +got):\n%s", query.Format(n), d)
		}
		if len(want) > 0 && len(want) < len(docs) {
			found++
		}
	})
	if found == 0 {
		t.Error("no question split the statements, so nothing was tested")
	}
	for _, n := range everyLeaf {
		want := matching(docs, n)
		got, err := ix.Search(bg, index.Request{Node: n, Limit: 500})
		if err != nil || gocmp.Diff(ids(want), hitIDs(got.Hits)) != "" {
			t.Errorf("%s: %d hits, %v; want %d", query.Format(n), len(got.Hits), err, len(want))
		}
		if len(want) == 0 {
			t.Errorf("%s finds nothing in the test's statements, so it tests nothing", query.Format(n))
		}
	}
}

func testHyphens(t *testing.T, open Open) {
	ix := opened(t, open)
	put := func(id record.ID, text string) index.Doc {
		return index.Doc{ID: id, Words: []string{text}, When: start}
	}
	apply(t, ix, index.Batch{Put: []index.Doc{
		put("st_1", "The long-standing issue"), put("st_2", "A longstanding issue"), put("st_3", "A long standing issue"),
		put("st_4", "No issue of long"), put("st_5", "An NHS-led review"),
		put("st_6", "Wait\nfor it"),
	}})
	for in, want := range map[string]string{
		`"long-standing issue"`:   "st_1 st_2 st_3",
		`"longstanding issue"`:    "st_1 st_2",
		`"long standing issue"`:   "st_1 st_3",
		`"standing issue"`:        "st_1 st_3",
		`"the long issue"`:        "",
		`"issue of long"`:         "st_4",
		`long-standing`:           "st_1 st_2 st_3",
		`longstanding`:            "st_1 st_2",
		`nhs`:                     "st_5",
		`"nhs review"`:            "",
		`"nhs-led review"`:        "st_5",
		`"wait for"`:              "st_6",
		`long NEAR/2 issue`:       "st_1 st_3 st_4",
		`issue PRE/2 long`:        "st_4",
		`long* PRE/1 issue`:       "st_1 st_2",
		`"nhs led" NEAR/1 revie*`: "st_5",
	} {
		q, err := query.Parse(in, start)
		if err != nil {
			t.Fatal(err)
		}
		r, err := ix.Search(bg, index.Request{Node: q.Root})
		if got := strings.Join(hitIDs(r.Hits), " "); err != nil || got != want {
			t.Errorf("%s finds %q, %v; want %q", in, got, err, want)
		}
	}
}

var sorts = []string{"", query.Newest, query.Oldest, query.Relevance, query.FirstSeen, query.Sightings}

func testSorts(t *testing.T, open Open) {
	ix, held := filled(t, open)
	docs := lookAll(held)
	rapid.Check(t, func(t *rapid.T) {
		n, by, limit := tree(1).Draw(t, "tree"), rapid.SampledFrom(sorts).Draw(t, "sort"), rapid.IntRange(1, 90).Draw(t, "limit")
		var got []index.Hit
		var after *index.Cursor
		for page := 0; page == 0 || after != nil; page++ {
			r, err := ix.Search(bg, index.Request{Node: n, Sort: by, Limit: limit, After: after})
			if err != nil || page > len(docs) {
				t.Fatalf("%s by %q, page %d: %v", query.Format(n), by, page, err)
			}
			if len(r.Hits) > limit || r.Next != nil && len(r.Hits) != limit {
				t.Fatalf("%d hits of at most %d, next %v", len(r.Hits), limit, r.Next)
			}
			got = append(got, r.Hits...)
			after = r.Next
		}
		want := matching(docs, n)
		slices.SortFunc(want, func(a, b index.Doc) int { return compare(by, a, b) })
		if by == query.Relevance { // the score is the engine's own; its order must hold
			if !slices.IsSortedFunc(got, func(a, b index.Hit) int { return cmp.Or(cmp.Compare(b.Key, a.Key), cmp.Compare(a.ID, b.ID)) }) {
				t.Fatalf("%s by relevance is out of order: %v", query.Format(n), got)
			}
			if d := gocmp.Diff(ids(want), hitIDs(got)); d != "" {
				t.Fatalf("%s by relevance, all pages (-want +got):\n%s", query.Format(n), d)
			}
			return
		}
		if d := gocmp.Diff(inOrder(want), hitsInOrder(got)); d != "" {
			t.Fatalf("%s by %q in pages of %d (-want +got):\n%s", query.Format(n), by, limit, d)
		}
	})
}

func testCursor(t *testing.T, open Open) {
	ix := opened(t, open)
	at := func(i int) time.Time { return start.Add(time.Duration(i) * time.Hour) }
	doc := func(id string, i int) index.Doc {
		return index.Doc{ID: record.ID("st_" + id), Words: []string{"outage"}, When: at(i), Seen: at(i), Sightings: 1 + i%3}
	}
	for _, by := range sorts {
		if err := ix.Reset(bg); err != nil {
			t.Fatal(err)
		}
		b := index.Batch{}
		for i := range 60 {
			b.Put = append(b.Put, doc(fmt.Sprintf("%02d", i), i/2)) // two at each time
		}
		apply(t, ix, b)
		seen := map[record.ID]int{}
		var after *index.Cursor
		for page := 0; page == 0 || after != nil; page++ {
			r, err := ix.Search(bg, index.Request{Node: query.Word{Text: "outage"}, Sort: by, Limit: 7, After: after})
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range r.Hits {
				seen[h.ID]++
			}
			after = r.Next
			if page > 40 {
				t.Fatalf("sort %q: the pages do not end", by)
			}
			if page > 8 {
				continue
			}
			apply(t, ix, index.Batch{ // before, behind and between, and one changed in place
				Put: []index.Doc{doc(fmt.Sprintf("new%02d", page), 100+page), doc(fmt.Sprintf("old%02d", page), -page-1), doc(fmt.Sprintf("mid%02d", page), 15), doc("30", 15)},
			})
		}
		for i := range 60 {
			if id := record.ID(fmt.Sprintf("st_%02d", i)); seen[id] != 1 {
				t.Errorf("sort %q: %s stood %d times on the pages, want once", by, id, seen[id])
			}
		}
		for id, n := range seen {
			if n > 1 {
				t.Errorf("sort %q: %s stood %d times on the pages", by, id, n)
			}
		}
	}
}

func testFacets(t *testing.T, open Open) {
	ix, held := filled(t, open)
	docs := lookAll(held)
	var fields []index.Facet
	for _, f := range []string{"org", "person", "kind", "outlet", "status", "tag", "lang", "day"} {
		fields = append(fields, index.Facet{Field: f, Limit: 1000})
	}
	rapid.Check(t, func(t *rapid.T) {
		n := tree(2).Draw(t, "tree")
		got, err := ix.Facets(bg, n, fields)
		if err != nil {
			t.Fatalf("%s: %v", query.Format(n), err)
		}
		matched := matching(docs, n)
		for i, f := range fields {
			want := map[string]int{}
			for _, d := range matched {
				for _, v := range valuesOf(d, f.Field) {
					want[v]++
				}
			}
			have := map[string]int{}
			for _, v := range got[i].Values {
				have[v.Value] = v.Count
			}
			if d := gocmp.Diff(want, have); d != "" {
				t.Fatalf("%s by %s (-want +got):\n%s", query.Format(n), f.Field, d)
			}
		}
	})
	all, err := ix.Facets(bg, nil, []index.Facet{{Field: "org", Limit: 1000}, {Field: "org", Limit: 2}, {Field: "day", Limit: 1}})
	if err != nil {
		t.Fatal(err)
	}
	checkCut(t, all[0], all[1])
	days := all[2].Values
	if len(days) < 3 || !slices.IsSortedFunc(days, func(a, b index.ValueCount) int { return cmp.Compare(a.Value, b.Value) }) {
		t.Errorf("days are cut or out of order: %v", days)
	}
}

func checkCut(t *testing.T, whole, cut index.Counted) {
	t.Helper()
	rest := 0
	for i, v := range whole.Values {
		if i > 0 && v.Count > whole.Values[i-1].Count {
			t.Errorf("values are not the greatest first: %v", whole.Values)
		}
		if i >= 2 {
			rest += v.Count
		}
	}
	if len(cut.Values) != 2 || cut.Other != rest || whole.Other != 0 {
		t.Errorf("two values and %d others, want %d others", cut.Other, rest)
	}
}

// testMany asks random questions of the whole grammar while thousands of
// statements are added, changed and taken away.
func testMany(t *testing.T, open Open) {
	const all, batch = 10_000, 2000
	ix := opened(t, open)
	rnd := rand.New(rand.NewPCG(5, 6))
	held := map[record.ID]looked{}
	put := func(b *index.Batch, id int) {
		d := randomDoc(rnd, record.ID(fmt.Sprintf("st_%05d", id)))
		b.Put = append(b.Put, d)
		held[d.ID] = looked{d, index.LookAt(d)}
	}
	for from := 0; from < all; from += batch {
		b := index.Batch{}
		for id := from; id < from+batch; id++ {
			put(&b, id)
		}
		apply(t, ix, b)
	}
	ask := func(t *testing.T, stage string) {
		docs := make([]looked, 0, len(held))
		for _, d := range held {
			docs = append(docs, d)
		}
		asked := 0
		rapid.Check(t, func(t *rapid.T) {
			if asked++; asked > 25 { // each looks at every statement
				return
			}
			n, by := tree(4).Draw(t, "tree"), rapid.SampledFrom([]string{query.Newest, query.Oldest, query.FirstSeen, query.Sightings}).Draw(t, "sort")
			want := matching(docs, n)
			slices.SortFunc(want, func(a, b index.Doc) int { return compare(by, a, b) })
			got, err := ix.Search(bg, index.Request{Node: n, Limit: 500, Sort: by})
			if err != nil || got.Total != len(want) {
				t.Fatalf("%s, %s: total %d, %v; want %d", stage, query.Format(n), got.Total, err, len(want))
			}
			if d := gocmp.Diff(inOrder(want[:min(500, len(want))]), hitsInOrder(got.Hits)); d != "" {
				t.Fatalf("%s, %s by %s (-want +got):\n%s", stage, query.Format(n), by, d)
			}
		})
	}
	ask(t, "all added")
	b := index.Batch{}
	for range 1500 { // some twice in one batch: the later one stands
		put(&b, rnd.IntN(all+500))
	}
	apply(t, ix, b)
	ask(t, "some changed")
	b = index.Batch{}
	for id := range held {
		if rnd.IntN(4) == 0 {
			b.Delete = append(b.Delete, id)
			delete(held, id)
		}
	}
	apply(t, ix, b)
	ask(t, "some taken away")
}

func testFrequencies(t *testing.T, open Open) {
	ix, held := filled(t, open)
	docs := lookAll(held)
	asked := []string{"backlog", "surgeries", "long-standing", "the", "nobody", "—", ""}
	counts, total, err := ix.Frequencies(bg, asked)
	if err != nil || total != len(docs) || len(counts) != len(asked) {
		t.Fatalf("Frequencies: %v of %d, %v; want %d of %d", counts, total, err, len(asked), len(docs))
	}
	for i, w := range asked {
		want := 0
		if strings.ContainsFunc(w, unicode.IsLetter) {
			want = len(matching(docs, query.Word{Text: strings.ReplaceAll(w, "-", "")}))
		}
		if counts[i] != want {
			t.Errorf("%q stands in %d statements, want %d", w, counts[i], want)
		}
	}
	if counts[0] == 0 {
		t.Error("no statement has a backlog, so nothing was tested")
	}
}

func testPlaces(t *testing.T, open Open) {
	ix, held := filled(t, open)
	n := query.Field{Name: "kind", Value: "quote"}
	want := 0
	for _, d := range matching(lookAll(held), n) {
		want += d.Sightings
	}
	if r, err := ix.Search(bg, index.Request{Node: n, Limit: 1, Places: true}); err != nil || r.Sightings != want || want == 0 {
		t.Errorf("%d sightings, %v; want %d", r.Sightings, err, want)
	}
	if r, err := ix.Search(bg, index.Request{Node: n}); err != nil || r.Sightings != 0 {
		t.Errorf("%d sightings that nobody asked for, %v", r.Sightings, err)
	}
}

func testPosition(t *testing.T, open Open) {
	dir := t.TempDir()
	ix := open(t, dir)
	d := randomDoc(rand.New(rand.NewPCG(3, 4)), "st_a")
	at := record.Position{Epoch: 3, Seq: 41}
	apply(t, ix, index.Batch{Put: []index.Doc{d}, Position: at})
	ctx, cancel := context.WithCancel(bg)
	cancel()
	if err := ix.Apply(ctx, index.Batch{Delete: []record.ID{"st_a"}, Position: record.Position{Epoch: 3, Seq: 42}}); !errors.Is(err, context.Canceled) {
		t.Errorf("Apply with a cancelled context: %v", err)
	}
	if err := ix.Apply(bg, index.Batch{Put: []index.Doc{{}}, Position: record.Position{Epoch: 3, Seq: 42}}); !errors.Is(err, record.ErrInvalid) {
		t.Errorf("Apply of a document without an id: %v", err)
	}
	for range 2 {
		p, err := ix.Position(bg)
		r, err2 := ix.Search(bg, index.Request{})
		if err != nil || err2 != nil || p != at || r.Total != 1 {
			t.Errorf("position %+v (%v) with %d statements (%v), want %+v with 1", p, err, r.Total, err2, at)
		}
		if err := ix.Close(); err != nil {
			t.Fatal(err)
		}
		ix = open(t, dir)
	}
	later := record.Position{Epoch: 3, Seq: 50}
	apply(t, ix, index.Batch{Position: later}) // changes that concern no statement
	if p, err := ix.Position(bg); err != nil || p != later {
		t.Errorf("position %+v, %v; want %+v", p, err, later)
	}
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := ix.Search(bg, index.Request{}); err == nil {
		t.Error("a closed index answers")
	}
	if err := ix.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
}

func testReset(t *testing.T, open Open) {
	ix, _ := filled(t, open)
	if err := ix.Reset(bg); err != nil {
		t.Fatal(err)
	}
	r, err := ix.Search(bg, index.Request{})
	p, err2 := ix.Position(bg)
	if err != nil || err2 != nil || r.Total != 0 || p != (record.Position{}) {
		t.Errorf("after Reset: %d statements at %+v (%v, %v)", r.Total, p, err, err2)
	}
	apply(t, ix, index.Batch{Put: []index.Doc{{ID: "st_1", Words: []string{"again"}, When: start}}, Position: record.Position{Epoch: 2, Seq: 1}})
	if r, err := ix.Search(bg, index.Request{Node: query.Word{Text: "again"}}); err != nil || r.Total != 1 {
		t.Errorf("after Reset and one more: %d, %v", r.Total, err)
	}
}

func testRefusals(t *testing.T, open Open) {
	ix, _ := filled(t, open)
	many := index.Batch{}
	for i := range 40 {
		var text strings.Builder
		for j := range 30 {
			fmt.Fprintf(&text, "wide%s%s ", letters(i), letters(j))
		}
		many.Put = append(many.Put, index.Doc{ID: record.ID(fmt.Sprintf("st_w%d", i)), Words: []string{text.String()}, When: start})
	}
	apply(t, ix, many)
	for name, r := range map[string]index.Request{
		"incident not resolved":  {Node: query.Field{Name: "incident", Value: "x"}},
		"source not written out": {Node: query.Field{Name: "source", Value: "x"}},
		"like not written out":   {Node: query.Field{Name: "like", Value: "st_1"}},
		"unknown value":          {Node: query.Field{Name: "has", Value: "x"}},
		"unknown clock":          {Node: query.Range{Name: "born"}},
		"unknown count":          {Node: query.Count{Name: "likes", Op: ">", N: 1}},
		"unknown comparison":     {Node: query.Count{Name: "sightings", Op: "~", N: 1}},
		"word without letters":   {Node: query.Word{Text: "—"}},
		"short pattern":          {Node: query.Wildcard{Pattern: "a*"}},
		"open pattern":           {Node: query.Wildcard{Pattern: "*"}},
		"wide pattern":           {Node: query.Wildcard{Pattern: "wide*"}},
		"far fuzzy":              {Node: query.Fuzzy{Text: "outage", Distance: 3}},
		"near a group":           {Node: query.Near{Left: query.Word{Text: "a"}, Right: query.Not{Node: query.Word{Text: "b"}}, N: 3}},
		"far near":               {Node: query.Near{Left: query.Word{Text: "a"}, Right: query.Word{Text: "b"}, N: 1000}},
		"unknown sort":           {Sort: "best"},
		"negative limit":         {Limit: -1},
		"great limit":            {Limit: 501},
		"cursor without id":      {After: &index.Cursor{Key: 1}},
	} {
		start := time.Now()
		if _, err := ix.Search(bg, r); !errors.Is(err, record.ErrInvalid) {
			t.Errorf("%s: error %v, want one that is invalid", name, err)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: refused after %v", name, took)
		}
	}
	if _, err := ix.Search(bg, index.Request{Node: query.Wildcard{Pattern: "wide*"}}); err == nil || !strings.Contains(err.Error(), "wide*") {
		t.Errorf("the error %v does not name the pattern that was too wide", err)
	}
	for _, f := range []index.Facet{{Field: "words"}, {Field: "org", Limit: -1}} {
		if _, err := ix.Facets(bg, nil, []index.Facet{f}); !errors.Is(err, record.ErrInvalid) {
			t.Errorf("facet %+v: error %v, want one that is invalid", f, err)
		}
	}
}

func letters(n int) string { return string(rune('a'+n%26)) + string(rune('a'+n/26)) }

func testReaders(t *testing.T, open Open) {
	const each, rounds = 40, 12
	ix := opened(t, open)
	generation := func(g int) index.Batch {
		b := index.Batch{Position: record.Position{Epoch: 1, Seq: int64(g)}}
		for i := range each {
			b.Put = append(b.Put, index.Doc{
				ID: record.ID(fmt.Sprintf("st_%02d", i)), Words: []string{"steady outage " + letters(g)}, When: start.Add(time.Duration(i*g%7) * time.Hour),
				Tags: []string{letters(g)}, Sightings: g,
			})
		}
		return b
	}
	apply(t, ix, generation(1))
	ctx, stop := context.WithCancel(bg)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for ctx.Err() == nil {
				checkGeneration(t, ix, each)
			}
		})
	}
	for g := 2; g <= rounds; g++ {
		if err := ix.Apply(bg, generation(g)); err != nil {
			t.Errorf("Apply: %v", err)
		}
	}
	stop()
	all.Wait()
}

func checkGeneration(t *testing.T, ix index.Index, each int) {
	c, err := ix.Facets(bg, query.Word{Text: "outage"}, []index.Facet{{Field: "tag"}})
	if err != nil || len(c[0].Values) != 1 || c[0].Values[0].Count != each {
		t.Errorf("a reader saw %+v, %v; want one generation of %d", c, err, each)
	}
	r, err := ix.Search(bg, index.Request{Node: query.Phrase{Text: "steady outage"}, Limit: 30})
	if err != nil || r.Total != each || len(r.Hits) != 30 {
		t.Errorf("a reader saw %d of %d in all, %v; want 30 of %d", len(r.Hits), r.Total, err, each)
	}
}

func testCancel(t *testing.T, open Open) {
	ix, _ := filled(t, open)
	ctx, cancel := context.WithCancel(bg)
	cancel()
	if _, err := ix.Search(ctx, index.Request{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Search with a cancelled context: %v", err)
	}
}

func ids(docs []index.Doc) []string {
	out := inOrder(docs)
	slices.Sort(out)
	return out
}

func inOrder(docs []index.Doc) []string {
	out := make([]string, 0, len(docs))
	for _, d := range docs {
		out = append(out, string(d.ID))
	}
	return out
}

func hitIDs(hits []index.Hit) []string {
	out := hitsInOrder(hits)
	slices.Sort(out)
	return out
}

func hitsInOrder(hits []index.Hit) []string {
	out := make([]string, 0, len(hits))
	for _, h := range hits {
		out = append(out, string(h.ID))
	}
	return out
}
