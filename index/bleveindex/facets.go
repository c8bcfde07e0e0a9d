package bleveindex

import (
	"cmp"
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"onrecord/index"
	"onrecord/query"
)

const (
	facetDay     = "day"
	defaultCount = 20
)

// facetFields are the fields that can be counted by.
var facetFields = []string{fieldOrg, fieldPerson, fieldKind, fieldOutlet, fieldStatus, fieldTag, fieldLang, facetDay}

// Facets counts what the node matches by each of the fields; see index.Index.
func (ix *Index) Facets(ctx context.Context, n query.Node, fields []index.Facet) ([]index.Counted, error) {
	counts := make([]map[string]int, len(fields))
	for i, f := range fields {
		if !slices.Contains(facetFields, f.Field) {
			return nil, invalid("statements cannot be counted by %.20q", f.Field)
		}
		if f.Limit < 0 {
			return nil, invalid("facet %s: a limit of %d", f.Field, f.Limit)
		}
		counts[i] = map[string]int{}
	}
	out := make([]index.Counted, len(fields))
	err := ix.view(ctx, n, func(_ *planner, m matcher, parts []*part) error {
		for _, p := range parts {
			docs, err := p.matching(m)
			if err != nil {
				return err
			}
			for i, f := range fields {
				column, err := p.cols.keys(p.seg.Segment(), f.Field)
				if err != nil {
					return err
				}
				counted := column.tally(docs)
				if len(parts) == 1 {
					out[i] = column.ranked(f, counted)
					continue
				}
				for _, c := range counted {
					counts[i][column.value(c.value)] += c.n
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, f := range fields {
		if out[i].Field == "" {
			out[i] = ranked(f, counts[i])
		}
	}
	return out, nil
}

// matching are the documents of a segment that match.
func (p *part) matching(m matcher) (*roaring.Bitmap, error) {
	if err := p.ctx.Err(); err != nil {
		return nil, err
	}
	return m.find(p, p.live)
}

// tallied is a value of a column and how many documents have it.
type tallied struct {
	value uint32
	n     int
}

// tally counts the documents by value, in order of the values.
func (k *keyColumn) tally(docs *roaring.Bitmap) []tallied {
	if docs.GetCardinality() < uint64(k.count()/16) {
		return k.tallyFew(docs)
	}
	n := make([]uint32, k.count())
	different := 0
	k.eachOf(docs, func(v uint32) {
		if n[v] == 0 {
			different++
		}
		n[v]++
	})
	out := make([]tallied, 0, different)
	for v, c := range n {
		if c > 0 {
			out = append(out, tallied{uint32(v), int(c)})
		}
	}
	return out
}

// tallyFew is tally where the documents are few beside the values.
func (k *keyColumn) tallyFew(docs *roaring.Bitmap) []tallied {
	var found []uint32
	k.eachOf(docs, func(v uint32) { found = append(found, v) })
	slices.Sort(found)
	var out []tallied
	for i, v := range found {
		if i > 0 && found[i-1] == v {
			out[len(out)-1].n++
			continue
		}
		out = append(out, tallied{v, 1})
	}
	return out
}

// eachOf calls visit with every value of every document.
func (k *keyColumn) eachOf(docs *roaring.Bitmap, visit func(value uint32)) {
	buf := make([]uint32, 1024)
	it := docs.ManyIterator()
	for n := it.NextMany(buf); n > 0; n = it.NextMany(buf) {
		switch {
		case k.from != nil:
			for _, d := range buf[:n] {
				for _, v := range k.wide[k.from[d]:k.from[d+1]] {
					visit(v)
				}
			}
		case k.narrow != nil:
			for _, d := range buf[:n] {
				if v := k.narrow[d]; v > 0 {
					visit(uint32(v) - 1)
				}
			}
		default:
			for _, d := range buf[:n] {
				if v := k.wide[d]; v > 0 {
					visit(v - 1)
				}
			}
		}
	}
}

// ranked is ranked of a single segment: only the values that are shown are read.
func (k *keyColumn) ranked(f index.Facet, list []tallied) index.Counted {
	out := index.Counted{Field: f.Field, Values: []index.ValueCount{}}
	shown := list
	if f.Field != facetDay {
		shown = topTallied(list, cmp.Or(f.Limit, defaultCount))
	}
	for _, c := range list {
		out.Other += c.n
	}
	for _, c := range shown {
		out.Values = append(out.Values, index.ValueCount{Value: k.value(c.value), Count: c.n})
		out.Other -= c.n
	}
	return out
}

// topTallied are the first of the list: the most documents, then in order.
func topTallied(list []tallied, limit int) []tallied {
	before := func(a, b tallied) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.value, b.value)) }
	var top []tallied
	for _, c := range list {
		if len(top) == limit && before(c, top[limit-1]) > 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(top, c, before)
		if top = slices.Insert(top, at, c); len(top) > limit {
			top = top[:limit]
		}
	}
	return top
}

// ranked puts the values with the most statements first, and days in order.
func ranked(f index.Facet, counts map[string]int) index.Counted {
	out := index.Counted{Field: f.Field, Values: make([]index.ValueCount, 0, len(counts))}
	for v, n := range counts {
		out.Values = append(out.Values, index.ValueCount{Value: v, Count: n})
	}
	if f.Field == facetDay {
		slices.SortFunc(out.Values, func(a, b index.ValueCount) int { return cmp.Compare(a.Value, b.Value) })
		return out
	}
	slices.SortFunc(out.Values, func(a, b index.ValueCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	limit := cmp.Or(f.Limit, defaultCount)
	for _, v := range out.Values[min(limit, len(out.Values)):] {
		out.Other += v.Count
	}
	out.Values = out.Values[:min(limit, len(out.Values))]
	return out
}
