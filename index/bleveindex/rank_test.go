package bleveindex

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"onrecord/index"
	"onrecord/query"
	"onrecord/record"
)

// TestTheBestAreThoseOfScoringAll ranks matches group by group and compares with
// scoring every one of them.
func TestTheBestAreThoseOfScoringAll(t *testing.T) {
	ctx := context.Background()
	ix, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	const all = 9000
	for at := 0; at < all; at += all / 3 {
		if err := ix.Apply(ctx, rankBatch(at, all/3)); err != nil {
			t.Fatal(err)
		}
	}
	if err := ix.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	gone := index.Batch{Position: record.Position{Epoch: 1, Seq: all + 1}}
	for i := 0; i < all; i += 7 {
		gone.Delete = append(gone.Delete, record.HashID("st", fmt.Sprint(i)))
	}
	if err := ix.Apply(ctx, gone); err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{{"often"}, {"half"}, {"tenth"}, {"same"}, {"the"}, {"often", "half"}, {"half", "tenth"}, {"the", "half", "same"}} {
		var nodes []query.Node
		for _, w := range words {
			nodes = append(nodes, query.Word{Text: w})
		}
		for _, n := range []query.Node{query.And{Nodes: nodes}, query.Or{Nodes: nodes}} {
			t.Run(query.Format(n), func(t *testing.T) { sameRanking(t, ix, n) })
		}
	}
}

// sameRanking goes through pages of a query by both ways.
func sameRanking(t *testing.T, ix *Index, n query.Node) {
	err := ix.view(context.Background(), n, func(pl *planner, m matcher, parts []*part) error {
		stems, ok := stemsOf(pl.scored)
		if !ok || len(stems) == 0 {
			t.Fatal("stems alone were not known as such")
		}
		p := parts[0]
		docs, err := m.find(p, p.live)
		if err != nil {
			return err
		}
		r := index.Request{Sort: query.Relevance, Limit: 30}
		for page := range 5 {
			key, err := p.keys(r.Sort, pl.scored, docs)
			if err != nil {
				return err
			}
			want := p.pick(r, docs, key, p.behind(r))
			got, err := p.ranked(r, stems, docs, p.behind(r))
			if err != nil {
				return err
			}
			if err := order(want, false); err != nil {
				return err
			}
			if err := order(got, false); err != nil {
				return err
			}
			if !slices.EqualFunc(got, want, func(a, b *candidate) bool { return a.doc == b.doc && a.key == b.key }) {
				t.Errorf("page %d of %d matches: the best by groups are not those of scoring all", page+1, docs.GetCardinality())
			}
			if len(want) <= r.Limit {
				break
			}
			last := want[r.Limit-1]
			id, err := last.name()
			if err != nil {
				return err
			}
			r.After = &index.Cursor{Key: last.key, ID: id}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rankBatch is statements of 1 to 160 words in which some words stand once,
// twice or often.
func rankBatch(from, n int) index.Batch {
	rnd := rand.New(rand.NewPCG(uint64(from), 3))
	b := index.Batch{Position: record.Position{Epoch: 1, Seq: int64(from + n)}}
	for i := range n {
		var text strings.Builder
		text.WriteString("same ")
		for _, w := range []struct {
			text  string
			share float64
		}{{"often", 0.9}, {"half", 0.5}, {"tenth", 0.3}, {"the", 0.95}} {
			for p := w.share; rnd.Float64() < p; p /= 1.6 {
				text.WriteString(w.text + " ")
			}
		}
		for range rnd.IntN(rnd.IntN(150) + 1) {
			fmt.Fprintf(&text, "w%s ", word(rnd.IntN(3000)))
		}
		when := time.Date(2023, 1, 1, 0, rnd.IntN(2000), 0, 0, time.UTC)
		b.Put = append(b.Put, index.Doc{ID: record.HashID("st", fmt.Sprint(from+i)), Words: []string{text.String()}, When: when, Seen: when})
	}
	return b
}
