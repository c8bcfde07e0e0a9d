package bleveindex

import (
	"cmp"
	"math"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"onrecord/index"
)

// The best of many matches are found without scoring all of them (ADR 26). A
// score falls with the length of a statement and grows with how often the words
// stand there, in three steps, so that the documents are taken in order of
// length, in groups, and each step is left alone from where it can no longer
// reach the worst of the best.

// rankedFrom is from how many matches on that is worth its while.
const rankedFrom = 2048

// lengthGroup is documents of about the same length. Least is that of the
// shortest; no group before it has a longer one.
type lengthGroup struct {
	docs  *roaring.Bitmap
	least uint16
}

// The first group of a segment is small, each one behind it twice as large: the
// best are mostly among the short.
const (
	firstGroup = 1 << 10
	mostGroup  = 1 << 16
)

// groups cuts the documents of the segment, deleted ones too, by their length;
// once. They take two bytes a document.
func (c *columns) groups() []lengthGroup {
	c.lists.Lock()
	defer c.lists.Unlock()
	if c.byLength != nil {
		return c.byLength
	}
	docs := make([]uint32, len(c.length))
	for i := range docs {
		docs[i] = uint32(i)
	}
	slices.SortStableFunc(docs, func(a, b uint32) int { return cmp.Compare(c.length[a], c.length[b]) })
	for size := firstGroup; len(docs) > 0; size = min(2*size, mostGroup) {
		some := docs[:min(size, len(docs))]
		docs = docs[len(some):]
		g := lengthGroup{docs: roaring.New(), least: c.length[some[0]]}
		slices.Sort(some)
		g.docs.AddMany(some)
		c.byLength = append(c.byLength, g)
	}
	return c.byLength
}

// stemsOf are the stems that make a score; false where something else is part
// of it.
func stemsOf(list []scored) (stems []scored, ok bool) {
	for _, x := range list {
		switch {
		case isStem(x.matcher):
			stems = append(stems, x)
		case !x.sure:
			return nil, false
		}
	}
	return stems, true
}

// unscored are the first Limit+1 of the documents behind the cursor where a
// relevance tells none from the others, so that the latest come first; false
// where that is not the order of the times: those before 1970 count as one.
func (p *part) unscored(r index.Request, docs *roaring.Bitmap, behind func(int64, uint32) bool) ([]*candidate, bool) {
	when := p.cols.when
	if r.After != nil && r.After.Key <= 0 || when[p.cols.newest[0]] >= 1<<rankShift-1 {
		return nil, false
	}
	list := p.walk(r, docs, func(d uint32) int64 { return packed(0, when[d]) }, behind)
	return list, len(list) > r.Limit && list[r.Limit].key > 0
}

// ranked are the first Limit+1 of the documents behind the cursor, by relevance.
func (p *part) ranked(r index.Request, stems []scored, docs *roaring.Bitmap, behind func(int64, uint32) bool) ([]*candidate, error) {
	h := &topList{most: r.Limit + 1, rank: p.cols.idRank}
	open := len(steps)       // steps of how often that may still matter
	var some *roaring.Bitmap // the documents that reach one of them; nil for all
	left := docs             // those of docs among them; nil until it is worth knowing
	for _, g := range p.cols.groups() {
		if err := p.ctx.Err(); err != nil {
			return nil, err
		}
		for len(h.list) == h.most && open > 0 && most(stems, steps[len(steps)-open].tf, g.least) < h.list[0].key>>rankShift {
			open--
			if open == 0 {
				return p.candidates(h), p.failed
			}
			var err error
			if some, err = p.often(stems, steps[len(steps)-open].lead); err != nil {
				return nil, err
			}
			left = nil
		}
		var here *roaring.Bitmap
		if size := g.docs.GetCardinality(); left == nil && size <= mostGroup/8 {
			here = roaring.And(docs, roaring.And(some, g.docs))
		} else {
			if left == nil {
				left = roaring.And(docs, some)
			}
			here = roaring.And(left, g.docs)
		}
		scores, err := p.scores(stems, here)
		if err != nil {
			return nil, err
		}
		for i, d := range scores.docs {
			if k := packed(scores.at(i), p.cols.when[d]); behind(k, d) {
				h.offer(entry{k, d})
			}
		}
	}
	return p.candidates(h), p.failed
}

// most is what no document of at least that length can pass in which none of the
// stems stands more often than tf, in thousandths, with room for rounding.
func most(stems []scored, tf float64, length uint16) int64 {
	sum := 0.0
	for _, x := range stems {
		sum += weightOf(x.matcher.(terms).any[0]) * bm25(tf, length)
	}
	return min(int64(math.Ceil(sum*1000))+2, mostRank)
}

// often are the documents in which one of the stems stands so often.
func (p *part) often(stems []scored, lead string) (*roaring.Bitmap, error) {
	var list []*roaring.Bitmap
	for _, x := range stems {
		docs, err := p.docs(fieldOften, lead+x.matcher.(terms).any[0])
		if err != nil {
			return nil, err
		}
		list = append(list, docs)
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return roaring.FastOr(list...), nil
}
