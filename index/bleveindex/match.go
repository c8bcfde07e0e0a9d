package bleveindex

import (
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"onrecord/query"
)

// part is one segment as a search sees it.
type part struct {
	ctx    context.Context
	seg    *scorch.SegmentSnapshot
	cols   *columns
	live   *roaring.Bitmap // its documents without the deleted ones
	whole  bool            // none is deleted
	dicts  map[string]segment.TermDictionary
	lists  map[listKey]*roaring.Bitmap // of docs
	stored *storedReader               // see names
	seen   byte                        // see fetch
	// failed is an error met where none could be returned.
	failed error
}

type listKey struct{ field, term string }

func (p *part) dict(field string) (segment.TermDictionary, error) {
	if d := p.dicts[field]; d != nil {
		return d, nil
	}
	d, err := p.seg.Segment().Dictionary(field)
	if err != nil {
		return nil, err
	}
	p.dicts[field] = d
	return d, nil
}

// docs are the documents of a term, deleted ones too; none where the segment
// lacks it. They are the store's own: nobody changes them.
func (p *part) docs(field, term string) (*roaring.Bitmap, error) {
	key := listKey{field, term}
	if docs := p.lists[key]; docs != nil {
		return docs, nil
	}
	d, err := p.dict(field)
	if err != nil {
		return nil, err
	}
	list, err := d.PostingsList([]byte(term), nil, nil)
	if err != nil {
		return nil, err
	}
	docs, err := bitmapOf(list)
	if err != nil {
		return nil, err
	}
	if p.lists == nil {
		p.lists = map[listKey]*roaring.Bitmap{}
	}
	p.lists[key] = docs
	return docs, nil
}

// bitmapOf is a posting list as a bitmap: the one that lies in the file, where
// the store shows it.
func bitmapOf(list segment.PostingsList) (*roaring.Bitmap, error) {
	if list.Count() == 0 {
		return roaring.New(), nil
	}
	if it, ok := list.Iterator(false, false, false, nil).(segment.OptimizablePostingsIterator); ok {
		if docs := it.ActualBitmap(); docs != nil {
			return docs, nil
		}
	}
	docs := roaring.New()
	return docs, orInto(docs, list)
}

// matcher finds documents of a segment. find returns those of within that
// match; it changes neither within nor what it returned before, and the caller
// does not change the result.
type matcher interface {
	find(p *part, within *roaring.Bitmap) (*roaring.Bitmap, error)
	cost() int // 0 cheap; an AND asks the cheap ones first
}

type (
	everything struct{}
	terms      struct {
		field string
		any   []string
	}
	timeRange struct{ query.Range }
	count     struct{ query.Count }
	idList    []string
	allOf     []matcher
	anyOf     []matcher
	someOf    struct {
		least int
		list  []matcher
	}
	noneOf struct{ matcher }
)

func (everything) cost() int { return 0 }
func (m terms) cost() int    { return min(len(m.any)/8, 4) }
func (idList) cost() int     { return 1 }
func (timeRange) cost() int  { return 5 }
func (count) cost() int      { return 5 }
func (m allOf) cost() int    { return dearest(m) }
func (m anyOf) cost() int    { return dearest(m) }
func (m someOf) cost() int   { return dearest(m.list) }
func (m noneOf) cost() int   { return max(6, m.matcher.cost()) }

func dearest(list []matcher) int {
	c := 0
	for _, m := range list {
		c = max(c, m.cost())
	}
	return c
}

func (everything) find(_ *part, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	return within, nil
}

func (m terms) find(p *part, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	if len(m.any) == 1 {
		docs, err := p.docs(m.field, m.any[0])
		if err != nil || p.all(within) {
			return docs, err
		}
		return roaring.And(docs, within), nil
	}
	d, err := p.dict(m.field)
	if err != nil {
		return nil, err
	}
	docs := roaring.New()
	var list segment.PostingsList
	for _, t := range m.any {
		if list, err = d.PostingsList([]byte(t), nil, list); err != nil {
			return nil, err
		}
		if err := orInto(docs, list); err != nil {
			return nil, err
		}
	}
	docs.And(within)
	return docs, nil
}

// all reports whether within is every document of the segment.
func (p *part) all(within *roaring.Bitmap) bool {
	return within == p.live && p.whole
}

// chosen are the documents of within that keep accepts.
func chosen(within *roaring.Bitmap, keep func(doc uint32) bool) *roaring.Bitmap {
	out := roaring.New()
	buf, hits := make([]uint32, 1024), make([]uint32, 0, 1024)
	it := within.ManyIterator()
	for n := it.NextMany(buf); n > 0; n = it.NextMany(buf) {
		hits = hits[:0]
		for _, d := range buf[:n] {
			if keep(d) {
				hits = append(hits, d)
			}
		}
		out.AddMany(hits)
	}
	return out
}

// bounds are the ends in milliseconds, [from,to); what has no time is outside.
func (m timeRange) bounds() (from, to int64) {
	from, to = unknown+1, 1<<62
	if !m.From.IsZero() {
		from = m.From.UnixMilli()
	}
	if !m.To.IsZero() {
		to = m.To.UnixMilli()
	}
	return from, to
}

func (m timeRange) find(p *part, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	column := p.cols.when
	if m.Name != "said" {
		more, err := p.cols.more(p.seg.Segment())
		if err != nil {
			return nil, err
		}
		column = map[string][]int64{"published": more.published, "seen": more.seen, "changed": more.changed}[m.Name]
	}
	from, to := m.bounds()
	return chosen(within, func(d uint32) bool { return column[d] >= from && column[d] < to }), nil
}

func (m count) find(p *part, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	n := int64(m.N)
	more, err := p.cols.more(p.seg.Segment())
	if err != nil {
		return nil, err
	}
	return chosen(within, func(d uint32) bool {
		got := int64(more.sightings[d])
		switch m.Op {
		case "<":
			return got < n
		case "<=":
			return got <= n
		case ">":
			return got > n
		case ">=":
			return got >= n
		default:
			return got == n
		}
	}), nil
}

func (m idList) find(p *part, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	docs, err := p.seg.DocNumbers(slices.Clone(m))
	if err != nil {
		return nil, err
	}
	return roaring.And(docs, within), nil
}

func (m allOf) find(p *part, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	for _, x := range m {
		if within.IsEmpty() {
			return within, nil
		}
		var err error
		if within, err = x.find(p, within); err != nil {
			return nil, err
		}
	}
	return within, nil
}

func (m anyOf) find(p *part, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	out := roaring.New()
	for _, x := range m {
		docs, err := x.find(p, within)
		if err != nil {
			return nil, err
		}
		out.Or(docs)
	}
	return out, nil
}

// find counts how many of the list each document matches.
func (m someOf) find(p *part, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	found := map[uint32]int{}
	for _, x := range m.list {
		docs, err := x.find(p, within)
		if err != nil {
			return nil, err
		}
		for it := docs.Iterator(); it.HasNext(); {
			found[it.Next()]++
		}
	}
	out := roaring.New()
	for d, n := range found {
		if n >= m.least {
			out.Add(d)
		}
	}
	return out, nil
}

func (m noneOf) find(p *part, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	docs, err := m.matcher.find(p, within)
	if err != nil {
		return nil, err
	}
	return roaring.AndNot(within, docs), nil
}
