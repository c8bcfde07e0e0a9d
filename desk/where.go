package desk

import (
	"errors"

	"onrecord/query"
	"onrecord/words"
)

// Place says where in a parameter a question cannot be read.
type Place struct {
	Column     int    // from 1, in code points
	Detail     string // what is wrong
	Suggestion string // "" for none
}

// Where is the place that err points at; ok is false where it points at none.
func Where(err error) (_ Place, ok bool) {
	var q *query.Error
	if !errors.As(err, &q) {
		return Place{}, false
	}
	return Place{Column: q.Column, Detail: q.Detail, Suggestion: q.Suggestion}, true
}

// Diff is the word diff from one wording to another.
func Diff(old, new string) []words.Piece { return words.Diff(old, new) }
