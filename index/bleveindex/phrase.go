package bleveindex

import (
	"cmp"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// chain is words in order. Each step is any one of some terms, or the parts of
// a joined word one after the other.
type chain []step

type step struct {
	any   []string
	parts []string // nil for a word that is not joined
}

type phrase struct {
	field string
	chain chain
}

type near struct {
	field       string
	left, right chain
	n           int
	ordered     bool
}

func (phrase) cost() int { return 8 }
func (near) cost() int   { return 9 }

func (m phrase) find(p *part, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	docs, err := m.chain.candidates(p, m.field, within)
	if err != nil || docs.IsEmpty() || len(m.chain) == 1 && m.chain[0].parts == nil {
		return docs, err
	}
	return p.placed(m.field, docs, func(x *places) (bool, error) {
		spots, err := x.spots(m.chain)
		return len(spots) > 0, err
	})
}

func (m near) find(p *part, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	docs, err := m.left.candidates(p, m.field, within)
	if err != nil {
		return nil, err
	}
	if docs, err = m.right.candidates(p, m.field, docs); err != nil {
		return nil, err
	}
	return p.placed(m.field, docs, func(x *places) (bool, error) {
		left, err := x.spots(m.left)
		if err != nil {
			return false, err
		}
		right, err := x.spots(m.right)
		if err != nil {
			return false, err
		}
		return m.close(left, right), nil
	})
}

// close reports whether one of each stand within n words without overlap.
// Neighbours are within 1. Both lists are in order.
func (m near) close(left, right []spot) bool {
	return followed(left, right, m.n) || !m.ordered && followed(right, left, m.n)
}

// followed reports whether a spot of b begins within n words behind one of a.
func followed(a, b []spot, n int) bool {
	for _, x := range a {
		i, _ := slices.BinarySearchFunc(b, x.end, func(y spot, end int) int { return y.start - end })
		if i < len(b) && b[i].start-x.end < n {
			return true
		}
	}
	return false
}

// candidates are the documents of within that hold every step's words.
func (c chain) candidates(p *part, field string, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	for _, s := range c {
		m := matcher(terms{field, s.any})
		if s.parts != nil {
			every := make(allOf, len(s.parts))
			for i, t := range s.parts {
				every[i] = terms{field, []string{t}}
			}
			m = anyOf{m, every}
		}
		var err error
		if within, err = m.find(p, within); err != nil || within.IsEmpty() {
			return within, err
		}
	}
	return within, nil
}

// placed are the candidates whose places pass the test.
func (p *part) placed(field string, docs *roaring.Bitmap, test func(*places) (bool, error)) (*roaring.Bitmap, error) {
	out := roaring.New()
	x := &places{part: p, field: field, lists: map[string]*termPlaces{}}
	for i, it := 0, docs.Iterator(); it.HasNext(); i++ {
		if i%1024 == 0 && p.ctx.Err() != nil {
			return nil, p.ctx.Err()
		}
		x.doc = it.Next()
		ok, err := test(x)
		if err != nil {
			return nil, err
		}
		if ok {
			out.Add(x.doc)
		}
	}
	return out, nil
}

// places reads where terms stand in one document after the other.
type places struct {
	part  *part
	field string
	doc   uint32
	lists map[string]*termPlaces
}

// termPlaces walks one term's posting list forward.
type termPlaces struct {
	it    segment.PostingsIterator
	at    segment.Posting // nil before the first and behind the last
	begun bool
	spots []spot // of doc
	doc   uint32
	fresh bool
}

// spots lists where the chain stands in the document.
func (x *places) spots(c chain) ([]spot, error) {
	var found []spot
	for i, s := range c {
		here, err := x.step(s)
		if err != nil || len(here) == 0 {
			return nil, err
		}
		if i == 0 {
			found = here
			continue
		}
		if found = follow(found, here); len(found) == 0 {
			return nil, nil
		}
	}
	return found, nil
}

// follow joins spots of a with spots of b that begin where they end.
func follow(a, b []spot) []spot {
	var out []spot
	for _, x := range a {
		i, _ := slices.BinarySearchFunc(b, x.end, func(y spot, end int) int { return y.start - end })
		for ; i < len(b) && b[i].start == x.end; i++ {
			out = append(out, spot{x.start, b[i].end})
		}
	}
	return inOrder(out)
}

// inOrder sorts spots and leaves each once.
func inOrder(list []spot) []spot {
	slices.SortFunc(list, func(a, b spot) int { return cmp.Or(a.start-b.start, a.end-b.end) })
	return slices.Compact(list)
}

// step lists where one step stands. A joined word in the text is found both as
// a whole and by its parts.
func (x *places) step(s step) ([]spot, error) {
	var out []spot
	for _, t := range s.any {
		spots, err := x.term(t)
		if err != nil {
			return nil, err
		}
		out = append(out, spots...)
	}
	var joined []spot
	for i, t := range s.parts {
		spots, err := x.term(t)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			joined = spots
		} else {
			joined = follow(joined, spots)
		}
	}
	return inOrder(append(out, joined...)), nil
}

// term lists where a term stands in the document.
func (x *places) term(t string) ([]spot, error) {
	l := x.lists[t]
	if l == nil {
		list, err := x.part.postings(x.field, t)
		if err != nil {
			return nil, err
		}
		l = &termPlaces{it: list.Iterator(true, false, true, nil)}
		x.lists[t] = l
	}
	if l.fresh && l.doc == x.doc {
		return l.spots, nil
	}
	if !l.begun || l.at != nil && l.at.Number() < uint64(x.doc) {
		at, err := l.it.Advance(uint64(x.doc))
		if err != nil {
			return nil, err
		}
		l.at, l.begun = at, true
	}
	l.spots, l.doc, l.fresh = l.spots[:0], x.doc, true
	if l.at != nil && l.at.Number() == uint64(x.doc) {
		for _, loc := range l.at.Locations() {
			l.spots = append(l.spots, spotAt(loc.Pos()))
		}
	}
	return l.spots, nil
}
