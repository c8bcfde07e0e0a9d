package indextest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"onrecord/index"
	"onrecord/query"
	"onrecord/record"
)

// start is the time around which the suite's statements stand.
var start = time.Date(2024, 7, 19, 6, 0, 0, 0, time.UTC)

var (
	vocabulary = []string{
		"backlog", "backlogs", "Surgery", "surgeries", "the", "of", "outage", "outages", "out", "long-standing", "longstanding", "long", "standing",
		"NHS", "NHS-led", "led", "café", "cafe", "1,000", "staff", "staff's", "state-of-the-art", "art",
	}
	orgs      = []string{"north-trust", "south-trust", "doctors-union", "hillside surgeries group"}
	people    = []string{"jane roe", "sam oakley", "maryjane roe"}
	roles     = []string{"Deputy Chair of the Union", "chair", "Medical Director"}
	outlets   = []string{"news.example", "local.news.example", "trust.example"}
	titles    = []string{"What we know", "Outage: what the trust said"}
	tags      = []string{"apology", "figures"}
	platforms = []string{"x", "bluesky"}
)

func some(r *rand.Rand, list []string, most int) []string {
	var out []string
	for range r.IntN(most + 1) {
		if v := list[r.IntN(len(list))]; !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func sentence(r *rand.Rand) string {
	out := make([]string, 1+r.IntN(9))
	for i := range out {
		out[i] = vocabulary[r.IntN(len(vocabulary))]
	}
	return strings.Join(out, []string{" ", ", ", "\n"}[r.IntN(3)])
}

func randomDoc(r *rand.Rand, id record.ID) index.Doc {
	d := index.Doc{
		ID: id, Words: []string{sentence(r)}, When: start.Add(time.Duration(r.IntN(60)-30) * 3 * time.Hour), Seen: start.Add(time.Duration(r.IntN(100)) * time.Hour),
		Orgs: some(r, orgs, 2), Persons: some(r, people, 2), Roles: some(r, roles, 2), Outlets: some(r, outlets, 2), Titles: some(r, titles, 2), Tags: some(r, tags, 2),
		Kind: string(record.Kinds[r.IntN(len(record.Kinds))]), Lang: []string{"en", "cy"}[r.IntN(2)], Status: []string{"current", "updated"}[r.IntN(2)],
		Sightings: 1 + r.IntN(4), Wordings: 1, Platforms: some(r, platforms, 1), Evidence: r.IntN(3) > 0,
	}
	d.Changed = d.Seen.Add(time.Duration(r.IntN(50)) * time.Hour)
	if r.IntN(2) == 0 {
		d.Published = d.When.Add(time.Hour)
	}
	for range r.IntN(3) {
		d.Earlier = append(d.Earlier, sentence(r))
		d.Wordings++
	}
	if r.IntN(10) == 0 {
		d.Words = append(d.Words, sentence(r))
	}
	return d
}

// everyLeaf has each kind of leaf at least once, each finding something.
var everyLeaf = []query.Node{
	query.All{},
	query.Word{Text: "backlog"},
	query.Word{Text: "long-standing"},
	query.Word{Text: "1,000"},
	query.Phrase{Text: "the NHS"},
	query.Phrase{Text: "Café"},
	query.Wildcard{Pattern: "back*"},
	query.Wildcard{Pattern: "sur?er*"},
	query.Fuzzy{Text: "outgae", Distance: 1},
	query.Fuzzy{Text: "outtags", Distance: 2},
	query.Near{Left: query.Word{Text: "surgery"}, Right: query.Phrase{Text: "of"}, N: 4},
	query.Near{Left: query.Wildcard{Pattern: "out*"}, Right: query.Fuzzy{Text: "led", Distance: 1}, N: 3, Ordered: true},
	query.Field{Name: "org", Value: "north-trust"},
	query.Field{Name: "org", Value: "Hillside Surgeries Group"},
	query.Field{Name: "person", Value: "Jane Roe"},
	query.Field{Name: "person", Value: "Roe"},
	query.Field{Name: "person", Value: "Mary-Jane Roe"},
	query.Field{Name: "role", Value: "deputy chair"},
	query.Field{Name: "kind", Value: "quote"},
	query.Field{Name: "outlet", Value: "news.example"},
	query.Field{Name: "host", Value: "news.example"},
	query.Field{Name: "lang", Value: "cy"},
	query.Field{Name: "status", Value: "updated"},
	query.Field{Name: "tag", Value: "apology"},
	query.Field{Name: "title", Value: "the trust"},
	query.Field{Name: "platform", Value: "x"},
	query.Field{Name: "has", Value: "evidence"},
	query.Field{Name: "has", Value: "versions"},
	query.Field{Name: "has", Value: "sightings"},
	query.Field{Name: "edited", Value: "yes"},
	query.Field{Name: "edited", Value: "no"},
	query.Count{Name: "sightings", Op: ">=", N: 3},
	query.Count{Name: "sightings", Op: "=", N: 1},
	query.Count{Name: "sightings", Op: "<", N: 2},
	query.Count{Name: "sightings", Op: "<=", N: 2},
	query.Count{Name: "sightings", Op: ">", N: 3},
	query.Range{Name: "said", From: start, To: start.Add(24 * time.Hour)},
	query.Range{Name: "published", To: start},
	query.Range{Name: "published"},
	query.Range{Name: "seen", From: start.Add(50 * time.Hour)},
	query.Range{Name: "changed", To: start.Add(50 * time.Hour)},
	query.Field{Name: "first", Value: "the NHS"},
	query.AtLeast{N: 2, Nodes: []query.Node{query.Word{Text: "backlog"}, query.Phrase{Text: "surgery"}, query.Wildcard{Pattern: "out*"}, query.Field{Name: "lang", Value: "cy"}}},
	query.IDs{IDs: []record.ID{"st_007", "st_014", "st_021", "st_nobody"}},
	query.And{Nodes: []query.Node{query.Field{Name: "version", Value: "any"}, query.Phrase{Text: "the outage"}}},
	query.And{Nodes: []query.Node{query.Field{Name: "version", Value: "any"}, query.Not{Node: query.Word{Text: "outage"}}}},
}

// tree draws questions about the suite's statements.
func tree(depth int) *rapid.Generator[query.Node] {
	return rapid.Custom(func(t *rapid.T) query.Node {
		what := rapid.IntRange(0, 9).Draw(t, "what")
		switch {
		case depth > 0 && what == 0:
			return query.Not{Node: tree(depth-1).Draw(t, "not")}
		case depth > 0 && what < 4:
			return query.And{Nodes: rapid.SliceOfN(tree(depth-1), 2, 4).Draw(t, "and")}
		case depth > 0 && what < 7:
			return query.Or{Nodes: rapid.SliceOfN(tree(depth-1), 2, 3).Draw(t, "or")}
		case depth > 0 && what == 9:
			nodes := rapid.SliceOfN(tree(depth-1), 1, 4).Draw(t, "some")
			return query.AtLeast{N: rapid.IntRange(1, len(nodes)).Draw(t, "least"), Nodes: nodes}
		case what == 7:
			return query.Near{Left: side().Draw(t, "left"), Right: side().Draw(t, "right"), N: rapid.IntRange(1, 6).Draw(t, "n"), Ordered: rapid.Bool().Draw(t, "ordered")}
		case what == 8:
			return side().Draw(t, "side")
		default:
			return rapid.SampledFrom(everyLeaf).Draw(t, "leaf")
		}
	})
}

func side() *rapid.Generator[query.Node] {
	return rapid.Custom(func(t *rapid.T) query.Node {
		word := rapid.SampledFrom(vocabulary).Draw(t, "word")
		switch rapid.IntRange(0, 3).Draw(t, "side") {
		case 0:
			return query.Phrase{Text: strings.Join(rapid.SliceOfN(rapid.SampledFrom(vocabulary), 1, 3).Draw(t, "phrase"), " ")}
		case 1:
			return query.Wildcard{Pattern: rapid.SampledFrom([]string{"bac*", "out*", "out?ge", "long*", "sta*d*", "surg*", "caf?", "state*"}).Draw(t, "pattern")}
		case 2:
			return query.Fuzzy{Text: rapid.SampledFrom([]string{"backlog", "outage", "cafe", "standing"}).Draw(t, "fuzzy"), Distance: rapid.IntRange(1, 2).Draw(t, "edits")}
		default:
			return query.Word{Text: strings.ToLower(word)}
		}
	})
}

// looked is a statement with its words cut, for many questions.
type looked struct {
	index.Doc
	look *index.Look
}

func lookAll(docs []index.Doc) []looked {
	out := make([]looked, len(docs))
	for i, d := range docs {
		out[i] = looked{d, index.LookAt(d)}
	}
	return out
}

// matching are the statements that the node asks for, by looking at each.
func matching(docs []looked, n query.Node) []index.Doc {
	var out []index.Doc
	for _, d := range docs {
		if d.look.Matches(n) {
			out = append(out, d.Doc)
		}
	}
	return out
}

func valuesOf(d index.Doc, field string) []string {
	switch field {
	case "org":
		return d.Orgs
	case "person":
		return d.Persons
	case "kind":
		return []string{d.Kind}
	case "outlet":
		return d.Outlets
	case "status":
		return []string{d.Status}
	case "tag":
		return d.Tags
	case "lang":
		return []string{d.Lang}
	case "day":
		return []string{d.When.In(record.London).Format("2006-01-02")}
	default:
		panic(fmt.Sprintf("no field %q", field))
	}
}

// compare is the order of a sort.
func compare(by string, a, b index.Doc) int {
	id := cmp.Compare(a.ID, b.ID)
	newest := b.When.Compare(a.When)
	switch by {
	case query.Oldest:
		return cmp.Or(-newest, -id)
	case query.FirstSeen:
		return cmp.Or(b.Seen.Compare(a.Seen), id)
	case query.Sightings:
		return cmp.Or(cmp.Compare(b.Sightings, a.Sightings), newest, id)
	default:
		return cmp.Or(newest, id)
	}
}
