package index

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"

	"onrecord/query"
	"onrecord/words"
)

// Look answers questions about one statement by looking at it, without any
// index. It is what an index must agree with, and what desk asks of statements
// as they once stood.
type Look struct {
	doc     Doc
	front   text
	earlier []text
	cut     map[string]text // titles and roles, cut when first asked for
}

// LookAt cuts the words of the statement.
func LookAt(d Doc) *Look {
	l := &Look{doc: d, front: cutText(strings.Join(d.Words, "\n")), cut: map[string]text{}}
	for _, e := range d.Earlier {
		l.earlier = append(l.earlier, cutText(e))
	}
	return l
}

// Matches reports whether the statement is what the node asks for. A field that
// desk writes out before an engine sees it (incident, source, like) never matches.
func (l *Look) Matches(n query.Node) bool { return l.matches(n, false) }

// Holds reports whether a text holds the exact words of a phrase.
func Holds(s, phrase string) bool { return cutText(s).has(query.Phrase{Text: phrase}) }

// anyVersion is version:any.
var anyVersion = query.Node(query.Field{Name: "version", Value: "any"})

func (l *Look) matches(n query.Node, any bool) bool {
	switch n := n.(type) {
	case nil, query.All:
		return true
	case query.And:
		any = any || slices.Contains(n.Nodes, anyVersion)
		return !slices.ContainsFunc(n.Nodes, func(x query.Node) bool { return !l.matches(x, any) })
	case query.Or:
		return slices.ContainsFunc(n.Nodes, func(x query.Node) bool { return l.matches(x, any) })
	case query.AtLeast:
		found := 0
		for _, x := range n.Nodes {
			if l.matches(x, any) {
				found++
			}
		}
		return found >= n.N
	case query.Not:
		return !l.matches(n.Node, any)
	case query.IDs:
		return slices.Contains(n.IDs, l.doc.ID)
	case query.Range:
		t := map[string]time.Time{"said": l.doc.When, "published": l.doc.Published, "seen": l.doc.Seen, "changed": l.doc.Changed}[n.Name]
		return !t.IsZero() && (n.From.IsZero() || !t.Before(n.From)) && (n.To.IsZero() || t.Before(n.To))
	case query.Count:
		c := cmp.Compare(l.doc.Sightings, n.N)
		return map[string]bool{"=": c == 0, "<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}[n.Op]
	case query.Field:
		return l.hasValue(n)
	default:
		return l.front.has(n) || any && slices.ContainsFunc(l.earlier, func(t text) bool { return t.has(n) })
	}
}

func (l *Look) hasValue(f query.Field) bool {
	d, lower, name := &l.doc, strings.ToLower(f.Value), words.Normal(f.Value)
	switch f.Name {
	case "org":
		return slices.Contains(d.Orgs, strings.TrimSpace(lower)) || slices.Contains(d.Orgs, f.Value) || slices.Contains(d.Orgs, name)
	case "person":
		return slices.ContainsFunc(d.Persons, func(p string) bool {
			return p == name || !strings.Contains(name, " ") && strings.HasSuffix(p, " "+name)
		})
	case "role":
		return l.inOne(d.Roles, f.Value)
	case "title":
		return l.inOne(d.Titles, f.Value)
	case "first":
		return l.matches(query.Phrase{Text: f.Value}, true)
	case "kind":
		return d.Kind == f.Value
	case "status":
		return d.Status == f.Value
	case "tag":
		return slices.Contains(d.Tags, f.Value)
	case "lang":
		return strings.EqualFold(d.Lang, f.Value)
	case "outlet":
		return containsFold(d.Outlets, f.Value)
	case "platform":
		return containsFold(d.Platforms, f.Value)
	case "host":
		return slices.ContainsFunc(d.Outlets, func(o string) bool {
			o = strings.ToLower(o)
			return strings.Contains(lower, ".") && (o == lower || strings.HasSuffix(o, "."+lower))
		})
	}
	return l.hasMark(f.Name + ":" + f.Value)
}

// hasMark answers the fields that have few values.
func (l *Look) hasMark(what string) bool {
	switch what {
	case "has:evidence":
		return l.doc.Evidence
	case "has:versions", "edited:yes":
		return l.doc.Wordings > 1
	case "edited:no":
		return l.doc.Wordings <= 1
	case "has:sightings":
		return l.doc.Sightings > 1
	case "version:any":
		return true
	}
	return false
}

func containsFold(list []string, value string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, value) })
}

func (l *Look) inOne(texts []string, phrase string) bool {
	return slices.ContainsFunc(texts, func(s string) bool {
		t, known := l.cut[s]
		if !known {
			t = cutText(s)
			l.cut[s] = t
		}
		return t.has(query.Phrase{Text: phrase})
	})
}

// mostParts is the most parts of a joined word that are found by themselves; a
// longer one is one word.
const mostParts = 8

// stretch is a word or several of a text: places [from,to).
type stretch struct {
	from, to int
	text     string
}

// text is all words of a text: those that hyphens join whole and in parts.
type text []stretch

func cutText(text string) text {
	var out []stretch
	at := 0
	for _, t := range words.Tokens(text) {
		parts := words.Parts(text, t)
		if len(parts) > mostParts {
			parts = nil
		}
		n := max(1, len(parts))
		out = append(out, stretch{at, at + n, t.Text})
		for i, p := range parts {
			out = append(out, stretch{at + i, at + i + 1, p.Text})
		}
		at += n
	}
	return out
}

// has reports whether the text holds a word, phrase, pattern, fuzzy word or two
// of them near each other.
func (t text) has(n query.Node) bool {
	if near, ok := n.(query.Near); ok {
		for _, a := range t.places(near.Left) {
			for _, b := range t.places(near.Right) {
				if b.from >= a.to && b.from-a.to < near.N || !near.Ordered && a.from >= b.to && a.from-b.to < near.N {
					return true
				}
			}
		}
		return false
	}
	return len(t.places(n)) > 0
}

// places lists where a word, phrase, pattern or fuzzy word stands.
func (t text) places(n query.Node) []stretch {
	pick := func(accept func(string) bool) (out []stretch) {
		for _, s := range t {
			if accept(s.text) {
				out = append(out, s)
			}
		}
		return out
	}
	switch n := n.(type) {
	case query.Phrase:
		return t.placesOf(n.Text)
	case query.Word:
		out := t.placesOf(n.Text)
		if one := words.Tokens(n.Text); len(one) == 1 {
			stem := words.Stem(one[0].Text)
			out = append(out, pick(func(s string) bool { return s[0] == stem[0] && words.Stem(s) == stem })...)
		}
		return out
	case query.Wildcard:
		shape := shapeOf(n.Pattern)
		return pick(func(s string) bool { ok, err := path.Match(shape, s); return ok && err == nil })
	case query.Fuzzy:
		word := words.Normal(n.Text)
		return pick(func(s string) bool { return edits(word, s) <= n.Distance })
	}
	return nil
}

// placesOf lists where the words of a phrase stand one after the other.
func (t text) placesOf(phrase string) []stretch {
	var out []stretch
	for i, want := range words.Tokens(phrase) {
		var here []stretch
		for _, s := range t {
			if s.text == want.Text {
				here = append(here, s)
			}
		}
		if parts := words.Parts(phrase, want); len(parts) > 0 && len(parts) <= mostParts {
			var list []string
			for _, p := range parts {
				list = append(list, p.Text)
			}
			here = append(here, t.placesOf(strings.Join(list, " "))...)
		}
		if i == 0 {
			out = here
		} else {
			out = follow(out, here)
		}
		if len(out) == 0 {
			return nil
		}
	}
	return out
}

func follow(before, behind []stretch) (out []stretch) {
	for _, a := range before {
		for _, b := range behind {
			if s := (stretch{from: a.from, to: b.to}); a.to == b.from && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

// shapeOf is a wildcard in the form of path.Match: its letters in normal form.
func shapeOf(pattern string) string {
	var b strings.Builder
	for pattern != "" {
		i := strings.IndexAny(pattern, "*?")
		if i < 0 {
			i = len(pattern)
		}
		b.WriteString(words.Normal(pattern[:i]))
		if pattern = pattern[i:]; pattern != "" {
			b.WriteByte(pattern[0])
			pattern = pattern[1:]
		}
	}
	return b.String()
}

// edits is the number of letters to add, drop, change or swap.
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d > 2 || d < -2 {
		return 3 // more than any fuzzy word may differ
	}
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
