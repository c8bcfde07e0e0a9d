package bleveindex

import (
	"sync/atomic"

	"onrecord/words"
)

// stemmed keeps the stems of words met lately: a few thousand words are most of
// what is said, and a stem costs a hundred times as much as a look.
type stemmed [1 << 14]atomic.Pointer[[2]string]

// of is the stem of a term with this hash.
func (c *stemmed) of(term string, hash uint64) string {
	at := &c[hash%uint64(len(c))]
	if x := at.Load(); x != nil && x[0] == term {
		return x[1]
	}
	stem := words.Stem(term)
	at.Store(&[2]string{term, stem})
	return stem
}
