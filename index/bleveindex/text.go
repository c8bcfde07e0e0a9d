package bleveindex

import (
	"onrecord/words"
)

// unit is a term at its place. A word joined by hyphens stands there as one
// term over several places and as its parts, so that "long-standing issue",
// "longstanding issue" and "standing issue" are all found in the same words.
type unit struct {
	term  string
	hash  uint64 // hashOf(term)
	start int    // the first place, from 0
	size  int    // how many places: 1 to mostParts
}

// mostParts is the most parts of a joined word that are indexed by themselves;
// a longer one is one term.
const mostParts = 8

// spot is where something stands: places [start,end).
type spot struct{ start, end int }

// gap is the distance in places between two texts of one field, wider than any
// NEAR, so that nothing is found across them.
const gap = 1000

// longestTerm is the most bytes of a term. Longer runs of letters are no words;
// they keep their place and cannot be found.
const longestTerm = 255

// eachUnit calls visit for every term of the texts and returns how many places
// they take.
func eachUnit(texts []string, visit func(unit)) int {
	at, n := 0, 0
	for i, text := range texts {
		if i > 0 {
			at += gap
		}
		for _, t := range words.Tokens(text) {
			before := at
			at = units(text, t, at, visit)
			n += at - before
		}
	}
	return n
}

// units visits the terms of one token and returns the place behind it.
func units(text string, t words.Token, at int, visit func(unit)) int {
	parts := partsOf(text, t)
	size := max(1, len(parts))
	if len(t.Text) <= longestTerm {
		visit(unit{t.Text, hashOf(t.Text), at, size})
	}
	for i, p := range parts {
		visit(unit{p.Text, hashOf(p.Text), at + i, 1})
	}
	return at + size
}

func partsOf(text string, t words.Token) []words.Token {
	parts := words.Parts(text, t)
	if len(parts) > mostParts {
		return nil
	}
	return parts
}
