package bleveindex

import (
	"math"
	"sort"

	"github.com/RoaringBitmap/roaring/v2"

	"onrecord/words"
)

// scored is a matcher that a relevance score counts. Sure is true where every
// document that is found matches it: then it tells none from the others, unless
// it is a word that stands there more or less often.
type scored struct {
	matcher
	sure bool
}

// BM25 with its usual constants. The average length is fixed and the weights of
// words come from the words themselves and not from their frequency in the
// index, because a cursor must stay right while statements arrive.
const (
	saturation  = 1.2
	lengthShare = 0.75
	usualLength = 60.0 // words
	fewerWords  = 0.1  // weight of a word that says nothing by itself
	exactGain   = 2.0  // of a phrase or pattern, for each of its words
)

// scores are the scores of documents, in thousandths. The zero value gives each 0.
type scores struct {
	docs []uint32
	sums []float32
	next int // where the next document is expected
}

// of is the score of a document.
func (s *scores) of(doc uint32) int64 {
	if s.docs == nil {
		return 0
	}
	i := s.next
	if i >= len(s.docs) || s.docs[i] != doc {
		i = sort.Search(len(s.docs), func(i int) bool { return s.docs[i] >= doc })
	}
	s.next = i + 1
	return s.at(i)
}

// at is the score of the document at a place of docs.
func (s *scores) at(i int) int64 { return int64(math.Round(float64(s.sums[i]) * 1000)) }

// scores are how well the documents match: how often the asked stems stand in
// them for their length, and which of the phrases and patterns they hold.
func (p *part) scores(list []scored, docs *roaring.Bitmap) (*scores, error) {
	s := &scores{}
	for _, x := range list {
		if x.sure && !isStem(x.matcher) {
			continue
		}
		if s.docs == nil {
			s.docs = docs.ToArray()
			s.sums = make([]float32, len(s.docs))
		}
		if err := p.gain(s, x.matcher, docs); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func isStem(m matcher) bool {
	t, ok := m.(terms)
	return ok && t.field == fieldStem && len(t.any) == 1
}

// steps are how often a stem stands in a statement, as far as is known: once,
// twice or thrice, more often. Lead stands before it among the terms of fieldOften.
var steps = [3]struct {
	lead string
	tf   float64
}{{"", 1}, {"2", 2}, {"4", 5}}

func weightOf(stem string) float64 {
	if words.Stop(stem) {
		return fewerWords
	}
	return 1
}

// gain adds what one matcher is worth.
func (p *part) gain(s *scores, m matcher, docs *roaring.Bitmap) error {
	found, err := m.find(p, docs)
	if err != nil {
		return err
	}
	if !isStem(m) {
		gain := float32(exactGain)
		if x, ok := m.(phrase); ok {
			gain *= float32(len(x.chain))
		}
		s.add(found, func(uint32) float32 { return gain })
		return nil
	}
	stem := m.(terms).any[0]
	weight := weightOf(stem)
	before := 0.0
	for _, x := range steps {
		if x.lead != "" {
			often, err := p.docs(fieldOften, x.lead+stem)
			if err != nil {
				return err
			}
			found = roaring.And(found, often)
		}
		tf, less := x.tf, before
		s.add(found, func(d uint32) float32 {
			n := p.cols.length[d]
			return float32(weight * (bm25(tf, n) - bm25(less, n)))
		})
		before = x.tf
	}
	return nil
}

// bm25 is what a word is worth that stands tf times in a document of so many.
func bm25(tf float64, length uint16) float64 {
	norm := saturation * (1 - lengthShare + lengthShare*float64(length)/usualLength)
	return tf * (saturation + 1) / (tf + norm)
}

// add gives the found documents, all of which are among docs, their gain.
func (s *scores) add(found *roaring.Bitmap, gain func(doc uint32) float32) {
	i := 0
	buf := make([]uint32, 256)
	it := found.ManyIterator()
	for n := it.NextMany(buf); n > 0; n = it.NextMany(buf) {
		for _, d := range buf[:n] {
			for s.docs[i] < d {
				i++
			}
			s.sums[i] += gain(d)
		}
	}
}
