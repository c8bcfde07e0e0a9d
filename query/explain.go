package query

import (
	"fmt"
	"strings"
	"time"

	"onrecord/record"
)

// Explain says in plain English what the tree asks for, as one sentence
// without its full stop.
func Explain(n Node) string {
	switch n.(type) {
	case nil, All:
		return "every statement"
	}
	return "statements " + explain(n)
}

// Explain says in plain English what the query asks for, the moment, rows and
// order that it names included.
func (q Query) Explain() string {
	s := Explain(q.Root)
	if !q.AsOf.Time.IsZero() {
		s += ", as the record stood on " + moment(q.AsOf.Time.In(record.London))
	}
	if q.Collapse == "none" {
		s += ", one row for each place where they were found"
	}
	return s + map[string]string{
		Newest: ", latest said first", Oldest: ", earliest said first", Relevance: ", best match first",
		FirstSeen: ", latest captured first", Sightings: ", most often found first",
	}[q.Sort]
}

// moment writes a moment with its zone, midnight too.
func moment(t time.Time) string {
	if t.Second() == 0 {
		return t.Format("2 January 2006 15:04 MST")
	}
	return t.Format("2 January 2006 15:04:05 MST")
}

func explain(n Node) string {
	switch n := n.(type) {
	case AtLeast:
		return fmt.Sprintf("that share at least %d of %d telling words", n.N, len(n.Nodes))
	case Word:
		return "with " + thing(n)
	case Phrase, Wildcard, Fuzzy:
		return "with " + thing(n)
	case Near:
		if n.Ordered {
			return fmt.Sprintf("with %s followed within %s by %s", thing(n.Left), wordCount(n.N), thing(n.Right))
		}
		return fmt.Sprintf("with %s within %s of %s", thing(n.Left), wordCount(n.N), thing(n.Right))
	case Field:
		return fieldWords(n)
	case Range:
		return rangeWords(n)
	case Count:
		return countWords(n)
	case And:
		return explainAll(n.Nodes, " and ")
	case Or:
		return "either " + explainAll(n.Nodes, " or ")
	case Not:
		return "not " + explainOne(n.Node)
	case IDs:
		return fmt.Sprintf("among %d that an editor named", len(n.IDs))
	default:
		return "of any kind"
	}
}

func explainAll(nodes []Node, join string) string {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = explainOne(n)
	}
	return strings.Join(parts, join)
}

// explainOne puts brackets round what would else run into its neighbours.
func explainOne(n Node) string {
	switch n.(type) {
	case And, Or:
		return "(" + explain(n) + ")"
	}
	return explain(n)
}

func thing(n Node) string {
	switch n := n.(type) {
	case Word:
		return fmt.Sprintf("the word “%s” in any form", n.Text)
	case Phrase:
		return fmt.Sprintf("the exact words “%s”", n.Text)
	case Wildcard:
		return fmt.Sprintf("a word like “%s”", n.Pattern)
	case Fuzzy:
		if n.Distance == 1 {
			return fmt.Sprintf("a word within 1 letter of “%s”", n.Text)
		}
		return fmt.Sprintf("a word within %d letters of “%s”", n.Distance, n.Text)
	default:
		return Format(n)
	}
}

func wordCount(n int) string {
	if n == 1 {
		return "1 word"
	}
	return fmt.Sprintf("%d words", n)
}

func fieldWords(f Field) string {
	switch f.Name {
	case "has":
		return map[string]string{"evidence": "with evidence kept here", "versions": "with more than one wording", "sightings": "found in more than one place"}[f.Value]
	case "edited":
		if f.Value == "no" {
			return "whose words have not changed"
		}
		return "whose words have changed"
	case "version":
		return "searching every earlier wording too"
	case "first":
		return fmt.Sprintf("that hold or held the exact words “%s”, with the first capture that had them", f.Value)
	}
	lead := map[string]string{
		"org": "by the organisation", "lineage": "by the organisation or those it followed,", "person": "by", "role": "by a speaker whose role has the words", "kind": "of the kind", "outlet": "found at",
		"source": "from the source", "lang": "in the language", "tag": "tagged", "incident": "of the incident", "status": "with the status",
		"title": "on a page whose title has the words", "host": "found on the host", "platform": "posted on", "like": "like the statement",
	}[f.Name]
	return fmt.Sprintf("%s “%s”", lead, f.Value)
}

func rangeWords(r Range) string {
	verb := map[string]string{"said": "said", "published": "published", "seen": "first seen"}[r.Name]
	from, to := r.From.In(record.London), r.To.In(record.London)
	last := to.AddDate(0, 0, -1)
	whole := midnight(from) && midnight(to)
	switch {
	case r.From.IsZero() && r.To.IsZero():
		return verb + " at any time"
	case r.From.IsZero():
		return verb + " before " + clock(to)
	case r.To.IsZero():
		return verb + " at or after " + clock(from)
	case whole && last.Equal(from):
		return verb + " on " + from.Format("2 January 2006")
	case whole:
		return verb + " from " + from.Format("2 January 2006") + " to " + last.Format("2 January 2006")
	default:
		return verb + " from " + clock(from) + " until before " + clock(to)
	}
}

func midnight(t time.Time) bool { return t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 }

// clock writes a moment with its zone; a midnight is its day.
func clock(t time.Time) string {
	switch {
	case midnight(t):
		return t.Format("2 January 2006")
	case t.Second() != 0:
		return t.Format("2 January 2006 15:04:05 MST")
	default:
		return t.Format("2 January 2006 15:04 MST")
	}
}

func countWords(c Count) string {
	how := map[string]string{"=": "exactly", ">": "more than", ">=": "at least", "<": "fewer than", "<=": "at most"}[c.Op]
	if c.N == 1 {
		return fmt.Sprintf("found in %s 1 place", how)
	}
	return fmt.Sprintf("found in %s %d places", how, c.N)
}
