package desk

import (
	"path"
	"slices"
	"strings"

	"onrecord/query"
	"onrecord/record"
	"onrecord/words"
)

// marker finds the words of a question in a text.
type marker struct {
	stems    map[string]bool
	phrases  [][]string
	patterns []string // of wildcards, in the form of path.Match
}

// highlighter gathers what the tree asks for, apart from what it excludes.
func highlighter(n query.Node) marker {
	m := marker{stems: map[string]bool{}}
	m.gather(n)
	return m
}

func (m *marker) gather(n query.Node) {
	switch n := n.(type) {
	case query.Word:
		for _, t := range words.Tokens(n.Text) {
			m.stems[words.Stem(t.Text)] = true
		}
	case query.Phrase:
		var phrase []string
		for _, t := range words.Tokens(n.Text) {
			phrase = append(phrase, t.Text)
		}
		if len(phrase) > 0 {
			m.phrases = append(m.phrases, phrase)
		}
	case query.Wildcard:
		m.patterns = append(m.patterns, pattern(n.Pattern))
	case query.Near:
		m.gather(n.Left)
		m.gather(n.Right)
	case query.And:
		for _, x := range n.Nodes {
			m.gather(x)
		}
	case query.Or:
		for _, x := range n.Nodes {
			m.gather(x)
		}
	}
}

// in gives the spans of text to be marked, in order and apart from each other.
// Words that stand together are marked as one.
func (m marker) in(text string) []record.Span {
	spans := []record.Span{}
	if len(m.stems) == 0 && len(m.phrases) == 0 && len(m.patterns) == 0 {
		return spans
	}
	tokens := words.Tokens(text)
	for i := range tokens {
		if m.stems[words.Stem(tokens[i].Text)] || m.fits(tokens[i].Text) {
			spans = append(spans, tokens[i].Span)
		}
		for _, phrase := range m.phrases {
			if begins(tokens[i:], phrase) {
				spans = append(spans, record.Span{Start: tokens[i].Start, End: tokens[i+len(phrase)-1].End})
			}
		}
	}
	return merge(spans)
}

// fits reports whether a word fits a wildcard.
func (m marker) fits(word string) bool {
	for _, p := range m.patterns {
		if ok, err := path.Match(p, word); ok && err == nil {
			return true
		}
	}
	return false
}

// pattern is a wildcard in the form of path.Match, whose * and ? mean the same
// inside a word; nothing else in it is special.
func pattern(wildcard string) string {
	return strings.NewReplacer(`\`, `\\`, `[`, `\[`).Replace(strings.ToLower(wildcard))
}

func begins(tokens []words.Token, phrase []string) bool {
	if len(tokens) < len(phrase) {
		return false
	}
	for i, w := range phrase {
		if tokens[i].Text != w {
			return false
		}
	}
	return true
}

// merge joins spans that overlap.
func merge(spans []record.Span) []record.Span {
	slices.SortFunc(spans, func(a, b record.Span) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return b.End - a.End
	})
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.Start < out[n-1].End {
			out[n-1].End = max(out[n-1].End, s.End)
			continue
		}
		out = append(out, s)
	}
	return out
}
