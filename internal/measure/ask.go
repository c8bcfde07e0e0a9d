//go:build unix

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"onrecord/index"
	"onrecord/query"
	"onrecord/record"
)

// asked is one query of queries.json.
type asked struct {
	Terms    []string `json:"terms"`
	Org      string   `json:"org"`
	From     int64    `json:"from"` // seconds, inclusive
	To       int64    `json:"to"`   // seconds, exclusive
	Incident string   `json:"incident"`
}

// term is the word itself, as the others look it up; word is what a reader who
// types it asks for: every form of it, scored.
func (q asked) term() query.Node { return query.Phrase{Text: q.Terms[0]} }

func (q asked) word() query.Node { return query.Word{Text: q.Terms[0]} }

func (q asked) phrase() query.Node { return query.Phrase{Text: strings.Join(q.Terms, " ")} }

// filtered adds organisation and range.
func (q asked) filtered(n ...query.Node) query.Node {
	return query.And{Nodes: append(n, query.Field{Name: "org", Value: q.Org}, q.said())}
}

func (q asked) said() query.Range {
	r := query.Range{Name: "said", To: time.Unix(q.To, 0).UTC()}
	if q.From > 0 {
		r.From = time.Unix(q.From, 0).UTC()
	}
	return r
}

// set is one kind of query: its name, the queries it takes, and how one is
// asked; prepare, unless nil, makes what a reader would already hold.
type set struct {
	name, from string
	prepare    func(context.Context, index.Index, asked) (*index.Cursor, error)
	ask        func(context.Context, index.Index, asked, *index.Cursor) (hits int, err error)
}

func searching(n func(asked) query.Node, sort string, limit int) func(context.Context, index.Index, asked, *index.Cursor) (int, error) {
	return func(ctx context.Context, ix index.Index, q asked, after *index.Cursor) (int, error) {
		r, err := ix.Search(ctx, index.Request{Node: n(q), Sort: sort, Limit: limit, After: after})
		return r.Total, err
	}
}

func counting(n func(asked) query.Node) func(context.Context, index.Index, asked, *index.Cursor) (int, error) {
	return func(ctx context.Context, ix index.Index, q asked, _ *index.Cursor) (int, error) {
		c, err := ix.Facets(ctx, n(q), []index.Facet{{Field: "org"}, {Field: "day"}})
		hits := 0
		for i := range c {
			if c[i].Field == "day" {
				for _, v := range c[i].Values {
					hits += v.Count
				}
			}
		}
		return hits, err
	}
}

func sets() []set {
	before := func(q asked) query.Node { return q.said() }
	return []set{
		{name: "term", ask: searching(asked.word, query.Relevance, 20)},
		{name: "and2", ask: searching(func(q asked) query.Node {
			return query.And{Nodes: []query.Node{q.word(), query.Word{Text: q.Terms[1]}}}
		}, query.Relevance, 20)},
		{name: "phrase", ask: searching(asked.phrase, query.Relevance, 20)},
		{name: "phrase_filter", ask: searching(func(q asked) query.Node { return q.filtered(q.phrase()) }, query.Newest, 20)},
		{name: "term_filter", ask: searching(func(q asked) query.Node { return q.filtered(q.term()) }, query.Newest, 20)},
		{name: "term_sortdate", ask: searching(asked.term, query.Newest, 50)},
		{name: "prefix", ask: searching(func(q asked) query.Node { return query.Wildcard{Pattern: q.Terms[0] + "*"} }, query.Relevance, 20)},
		{name: "fuzzy", ask: searching(func(q asked) query.Node { return query.Fuzzy{Text: q.Terms[0], Distance: 1} }, query.Relevance, 20)},
		{name: "timeline", ask: searching(func(q asked) query.Node { return q.filtered() }, query.Newest, 50)},
		{name: "facet", ask: counting(func(q asked) query.Node { return query.Field{Name: "tag", Value: q.Incident} })},
		{name: "facet_term", ask: counting(asked.term)},
		{name: "deep/page1", from: "deep", ask: searching(before, query.Newest, 50)},
		{name: "deep", prepare: page99, ask: searching(before, query.Newest, 50)},
	}
}

// page99 is the cursor behind the 99th page of 50.
func page99(ctx context.Context, ix index.Index, q asked) (*index.Cursor, error) {
	var after *index.Cursor
	for n := 4950; n > 0; {
		r, err := ix.Search(ctx, index.Request{Node: q.said(), Limit: min(500, n), After: after})
		if err != nil || r.Next == nil {
			return after, err
		}
		n, after = n-len(r.Hits), r.Next
	}
	return after, nil
}

const rounds = 3

// queriesOf reads queries.json: the queries of each set.
func queriesOf(file string) (map[string][]asked, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all map[string][]asked
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return all, nil
}

// wanted reports whether a set is among the comma-separated ones; "" wants all.
func wanted(only, name string) bool {
	return only == "" || slices.Contains(strings.Split(only, ","), name)
}

func ask(ctx context.Context, ix index.Index, file, only string) error {
	all, err := queriesOf(file)
	if err != nil {
		return err
	}
	for _, s := range sets() {
		if !wanted(only, s.name) {
			continue
		}
		list := all[cmp.Or(s.from, s.name)]
		cursors := make([]*index.Cursor, len(list))
		for i, q := range list {
			if s.prepare == nil {
				break
			}
			if cursors[i], err = s.prepare(ctx, ix, q); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
		err := measured("onrecord", s.name, len(list), func(i int) (int, error) { return s.ask(ctx, ix, list[i], cursors[i]) })
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// measured asks n queries and prints their line.
func measured(engine, name string, n int, ask func(i int) (hits int, err error)) error {
	if n == 0 {
		return errors.New("there are no queries of it")
	}
	cpu, wall := slices.Repeat([]float64{1e18}, n), slices.Repeat([]float64{1e18}, n)
	hits, refused, mean := 0, 0, 1e18
	for i := range n {
		got, err := ask(i)
		if errors.Is(err, record.ErrInvalid) {
			refused++
		} else if err != nil {
			return err
		}
		hits += got
	}
	for range rounds {
		sum := 0.0
		for i := range n {
			t, c := time.Now(), cpuSeconds()
			if _, err := ask(i); err != nil && !errors.Is(err, record.ErrInvalid) {
				return err
			}
			d := (cpuSeconds() - c) * 1000
			sum += d
			cpu[i], wall[i] = min(cpu[i], d), min(wall[i], time.Since(t).Seconds()*1000)
		}
		mean = min(mean, sum/float64(n))
	}
	slices.Sort(cpu)
	slices.Sort(wall)
	fmt.Printf("Q\t%s\t%s\tn=%d\thits=%d\tcpu_p50=%.3f\tcpu_p99=%.3f\tcpu_mean=%.3f\twall_p50=%.3f\twall_p99=%.3f", engine, name, n, hits, cpu[n/2], cpu[n*99/100], mean, wall[n/2], wall[n*99/100])
	if refused > 0 {
		fmt.Printf("\trefused=%d", refused)
	}
	fmt.Println()
	return nil
}
