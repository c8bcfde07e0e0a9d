package indextest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"onrecord/index"
	"onrecord/query"
	"onrecord/record"
	"onrecord/words"
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

func matching(docs []index.Doc, n query.Node) []index.Doc {
	var out []index.Doc
	for _, d := range docs {
		if matches(d, n, false) {
			out = append(out, d)
		}
	}
	return out
}

// matches reports whether a statement is what the node asks for, by looking.
func matches(d index.Doc, n query.Node, any bool) bool {
	switch n := n.(type) {
	case query.And:
		any = any || slices.Contains(n.Nodes, query.Node(query.Field{Name: "version", Value: "any"}))
		return !slices.ContainsFunc(n.Nodes, func(x query.Node) bool { return !matches(d, x, any) })
	case query.Or:
		return slices.ContainsFunc(n.Nodes, func(x query.Node) bool { return matches(d, x, any) })
	case query.Not:
		return !matches(d, n.Node, any)
	case query.IDs:
		return slices.Contains(n.IDs, d.ID)
	case query.Range:
		t := map[string]time.Time{"said": d.When, "published": d.Published, "seen": d.Seen}[n.Name]
		return !t.IsZero() && (n.From.IsZero() || !t.Before(n.From)) && (n.To.IsZero() || t.Before(n.To))
	case query.Count:
		c := cmp.Compare(d.Sightings, n.N)
		return map[string]bool{"=": c == 0, "<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}[n.Op]
	case query.Field:
		return hasValue(d, n)
	case query.Word, query.Phrase, query.Wildcard, query.Fuzzy, query.Near:
		texts := []string{strings.Join(d.Words, "\n")}
		if any {
			texts = append(texts, d.Earlier...)
		}
		return slices.ContainsFunc(texts, func(text string) bool { return inText(text, n) })
	default:
		return true
	}
}

func hasValue(d index.Doc, f query.Field) bool {
	inOne := func(texts []string) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return inText(text, query.Phrase{Text: f.Value}) })
	}
	name := words.Normal(f.Value)
	switch f.Name {
	case "org":
		return slices.Contains(d.Orgs, f.Value) || slices.Contains(d.Orgs, name)
	case "person":
		return slices.ContainsFunc(d.Persons, func(p string) bool {
			return p == name || !strings.Contains(name, " ") && strings.HasSuffix(p, " "+name)
		})
	case "role":
		return inOne(d.Roles)
	case "title":
		return inOne(d.Titles)
	case "host":
		return slices.ContainsFunc(d.Outlets, func(o string) bool { return o == f.Value || strings.HasSuffix(o, "."+f.Value) })
	case "platform":
		return slices.Contains(d.Platforms, f.Value)
	}
	switch f.Name + ":" + f.Value {
	case "has:evidence":
		return d.Evidence
	case "has:versions", "edited:yes":
		return d.Wordings > 1
	case "edited:no":
		return d.Wordings <= 1
	case "has:sightings":
		return d.Sightings > 1
	case "version:any":
		return true
	}
	return slices.Contains(valuesOf(d, f.Name), f.Value)
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

// stretch is a word or several of a text: places [from,to).
type stretch struct {
	from, to int
	text     string
}

// stretches are all words of a text: those that hyphens join whole and in parts.
func stretches(text string) []stretch {
	var out []stretch
	at := 0
	for _, t := range words.Tokens(text) {
		parts := words.Parts(text, t)
		n := max(1, len(parts))
		out = append(out, stretch{at, at + n, t.Text})
		for i, p := range parts {
			out = append(out, stretch{at + i, at + i + 1, p.Text})
		}
		at += n
	}
	return out
}

func inText(text string, n query.Node) bool {
	if near, ok := n.(query.Near); ok {
		for _, a := range places(text, near.Left, true) {
			for _, b := range places(text, near.Right, true) {
				if b.from >= a.to && b.from-a.to < near.N || !near.Ordered && a.from >= b.to && a.from-b.to < near.N {
					return true
				}
			}
		}
		return false
	}
	return len(places(text, n, false)) > 0
}

// places lists where a word, phrase, pattern or fuzzy word stands.
func places(text string, n query.Node, near bool) []stretch {
	all := stretches(text)
	pick := func(accept func(string) bool) []stretch {
		return slices.DeleteFunc(slices.Clone(all), func(s stretch) bool { return !accept(s.text) })
	}
	switch n := n.(type) {
	case query.Phrase:
		return placesOf(all, n.Text, func(want, have string) bool { return want == have })
	case query.Word:
		out := placesOf(all, n.Text, func(want, have string) bool { return want == have })
		if t := words.Tokens(n.Text); len(t) == 1 {
			out = append(out, pick(func(s string) bool { return words.Stem(s) == words.Stem(t[0].Text) })...)
		}
		return out
	case query.Wildcard:
		return pick(func(s string) bool { ok, _ := path.Match(n.Pattern, s); return ok })
	case query.Fuzzy:
		return pick(func(s string) bool { return distance(n.Text, s) <= n.Distance })
	}
	return nil
}

// placesOf lists where the words of a phrase stand one after the other.
func placesOf(all []stretch, phrase string, same func(want, have string) bool) []stretch {
	var out []stretch
	for i, t := range words.Tokens(phrase) {
		here := slices.DeleteFunc(slices.Clone(all), func(s stretch) bool { return !same(t.Text, s.text) })
		if parts := words.Parts(phrase, t); len(parts) > 0 {
			var list []string
			for _, p := range parts {
				list = append(list, p.Text)
			}
			here = append(here, placesOf(all, strings.Join(list, " "), same)...)
		}
		if i == 0 {
			out = here
			continue
		}
		var next []stretch
		for _, a := range out {
			for _, b := range here {
				if a.to == b.from {
					next = append(next, stretch{from: a.from, to: b.to})
				}
			}
		}
		out = next
	}
	return out
}

// distance is the number of letters to add, drop, change or swap.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	d := make([][]int, len(x)+1)
	for i := range d {
		d[i] = make([]int, len(y)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(x)][len(y)]
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
