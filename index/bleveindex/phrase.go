package bleveindex

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// chain is words in order. Each step is any one of some terms, or the parts of
// a joined word one after the other.
type chain []step

type step struct {
	any   []string
	parts []string // nil for a word that is not joined
	each  []step   // a step for each part
	hash  uint64   // of a single term
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
	plain := m.chain.plain()
	return p.placed(m.field, docs, func(x *places) (bool, error) {
		if plain {
			return x.has(m.chain), nil
		}
		spots, err := x.spots(m.chain)
		return len(spots) > 0, err
	})
}

func (m near) find(p *part, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	docs, err := m.left.candidates(p, m.field, within)
	if err != nil {
		return nil, err
	}
	if docs, err = m.right.candidates(p, m.field, docs); err != nil || docs.IsEmpty() {
		return docs, err
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
	asked := map[string]bool{}
	for _, s := range c {
		if len(s.any) == 1 && asked[s.any[0]] {
			continue
		} else if len(s.any) == 1 {
			asked[s.any[0]] = true
		}
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
	x := &places{part: p, field: field, index: slices.Index(textFields, field), steps: map[*step]*stepCodes{}, within: docs}
	stored := storedOf(p.seg.Segment())
	buf, hits := make([]uint32, 1024), make([]uint32, 0, 1024)
	it := docs.ManyIterator()
	for n := it.NextMany(buf); n > 0; n = it.NextMany(buf) {
		if err := p.ctx.Err(); err != nil {
			return nil, err
		}
		hits = hits[:0]
		for _, x.doc = range buf[:n] {
			raw, err := stored.of(x.doc)
			if err != nil {
				return nil, err
			}
			if x.section, err = readSection(raw, x.index); err != nil {
				return nil, err
			}
			ok, err := test(x)
			if err != nil {
				return nil, err
			}
			if ok {
				hits = append(hits, x.doc)
			}
		}
		out.AddMany(hits)
	}
	return out, nil
}

// places reads where terms stand in one document after the other.
type places struct {
	part    *part
	field   string
	index   int // of the field among textFields
	doc     uint32
	section section
	steps   map[*step]*stepCodes
	within  *roaring.Bitmap // the candidates
	want    []uint32        // of has
	run     []byte          // likewise
	ends    []ending        // of hasJoined
}

// stepCodes are the words of a step: their hashes, which of the candidates have
// them, and in the document at hand the codes of those it has and where they are.
type stepCodes struct {
	terms  []string
	hashes []uint64
	docs   []*roaring.Bitmap
	codes  []uint32
	spots  []spot
	doc    uint32
	begun  bool
}

// plain reports whether every step of the chain is one word without parts. A
// document that is a candidate then has all of them, and their codes stand for
// nothing else there.
func (c chain) plain() bool {
	for i := range c {
		if len(c[i].any) != 1 || c[i].parts != nil {
			return false
		}
	}
	return true
}

// has reports whether a plain chain stands in the text.
func (x *places) has(c chain) bool {
	want := x.want[:0]
	for i := range c {
		want = append(want, codeOf(c[i].hash, x.section.salt, x.section.width))
	}
	x.want = want
	if x.section.hasWhole(want) {
		return x.hasJoined(want)
	}
	if x.section.width != 2 {
		return hasRun(x.section, want)
	}
	x.run = x.run[:0]
	for _, w := range want {
		x.run = append(x.run, byte(w>>8), byte(w))
	}
	for codes := x.section.codes; ; {
		i := bytes.Index(codes, x.run)
		if i < 0 || i%2 == 0 {
			return i >= 0
		}
		codes = codes[i+1:] // which begins with a whole code
	}
}

func hasRun(s section, want []uint32) bool {
	for i := 0; i+len(want) <= s.len(); i++ {
		k := 0
		for k < len(want) && s.at(i+k) == want[k] {
			k++
		}
		if k == len(want) {
			return true
		}
	}
	return false
}

// hasWhole reports whether any of the codes is that of a joined word.
func (s section) hasWhole(want []uint32) bool {
	raw := s.joined
	for range s.wholes {
		w, rest, ok := s.nextWhole(raw, 0)
		if !ok {
			return false
		}
		if slices.Contains(want, w.code) {
			return true
		}
		raw = rest
	}
	return false
}

// hasJoined goes through the text once and keeps, for each length of the
// phrase's beginning, where it ended last. A joined word ends further on than
// its parts begin, so ends are kept until the text has passed them.
func (x *places) hasJoined(want []uint32) bool {
	x.ends = x.ends[:0]
	found := false
	x.section.each(func(code uint32, at spot) {
		if found {
			return
		}
		kept := x.ends[:0]
		for _, e := range x.ends {
			if e.at >= at.start {
				kept = append(kept, e)
			}
		}
		x.ends = kept
		for i, n := 0, len(kept); i < n; i++ {
			if e := kept[i]; e.at == at.start && want[e.words] == code {
				found = found || e.words+1 == len(want)
				x.ends = append(x.ends, ending{at.end, e.words + 1})
			}
		}
		if want[0] == code {
			found = found || len(want) == 1
			x.ends = append(x.ends, ending{at.end, 1})
		}
	})
	return found
}

// ending is where the first words of a phrase end.
type ending struct{ at, words int }

// spots lists where the chain stands in the document.
func (x *places) spots(c chain) ([]spot, error) {
	var found []spot
	for i := range c {
		here, err := x.step(&c[i])
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
func (x *places) step(s *step) ([]spot, error) {
	out, err := x.terms(s, s.any)
	if err != nil || s.parts == nil {
		return out, err
	}
	var joined []spot
	for i := range s.parts {
		spots, err := x.step(&s.each[i])
		if err != nil {
			return nil, err
		}
		if i == 0 {
			joined = spots
		} else {
			joined = follow(joined, spots)
		}
	}
	return inOrder(append(slices.Clone(out), joined...)), nil
}

// terms lists where any of the terms stands in the document, in order. The list
// is the step's own until the next document.
func (x *places) terms(s *step, terms []string) ([]spot, error) {
	c := x.steps[s]
	if c == nil {
		c = &stepCodes{terms: terms, docs: make([]*roaring.Bitmap, len(terms))}
		for _, t := range terms {
			c.hashes = append(c.hashes, hashOf(t))
		}
		x.steps[s] = c
	}
	if c.begun && c.doc == x.doc {
		return c.spots, nil
	}
	if err := x.present(c); err != nil {
		return nil, err
	}
	c.begun, c.doc, c.spots = true, x.doc, c.spots[:0]
	if len(c.codes) == 0 {
		return nil, nil
	}
	wanted := func(code uint32) bool { return slices.Contains(c.codes, code) }
	if len(c.codes) > 8 {
		slices.Sort(c.codes)
		wanted = func(code uint32) bool { _, ok := slices.BinarySearch(c.codes, code); return ok }
	}
	x.section.each(func(code uint32, at spot) {
		if wanted(code) {
			c.spots = append(c.spots, at)
		}
	})
	return c.spots, nil
}

// present sets the codes of those terms that the document has. Only of these is
// the code there the term and not another word's.
func (x *places) present(c *stepCodes) error {
	c.codes = c.codes[:0]
	for i, t := range c.terms {
		if c.docs[i] == nil {
			docs, err := x.part.docs(x.field, t)
			if err != nil {
				return err
			}
			c.docs[i] = roaring.And(docs, x.within)
			if c.docs[i].GetCardinality() == x.within.GetCardinality() {
				c.docs[i] = x.within
			}
		}
		if c.docs[i] == x.within || c.docs[i].Contains(x.doc) {
			c.codes = append(c.codes, codeOf(c.hashes[i], x.section.salt, x.section.width))
		}
	}
	return nil
}

// each calls visit with every code that stands for a word, and its places; a
// joined word comes before its parts.
func (s section) each(visit func(code uint32, at spot)) {
	if s.wholes == 0 && s.width == 2 {
		s.eachPlain(visit)
		return
	}
	low, place := reserved(s.width), 0
	raw, left := s.joined, s.wholes
	next, index := whole{index: -1}, 0
	more := func() {
		next.index = -1
		if left > 0 {
			var ok bool
			if next, raw, ok = s.nextWhole(raw, index); !ok {
				left = 0
				next.index = -1
				return
			}
			index = next.index
			left--
		}
	}
	more()
	for i, n := 0, s.len(); i < n; i++ {
		for next.index == i {
			visit(next.code, spot{place, place + next.size})
			if more(); next.index < i {
				break
			}
		}
		switch c := s.at(i); c {
		case low + markGap:
			place += gap
		case low + markHole:
			place++
		default:
			visit(c, spot{place, place + 1})
			place++
		}
	}
}

// eachPlain is each for the usual text: codes of two bytes and no joined word.
func (s section) eachPlain(visit func(code uint32, at spot)) {
	low, place := reserved(2), 0
	for i := 0; i+1 < len(s.codes); i += 2 {
		c := uint32(s.codes[i])<<8 | uint32(s.codes[i+1])
		switch {
		case c < low:
			visit(c, spot{place, place + 1})
			place++
		case c == low+markGap:
			place += gap
		default:
			place++
		}
	}
}
