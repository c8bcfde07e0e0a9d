package bleveindex

import (
	"cmp"
	"context"
	"slices"

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
	err := ix.view(ctx, n, func(_ *planner, m matcher, parts []*part) error {
		for _, p := range parts {
			if err := p.tally(m, fields, counts); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]index.Counted, len(fields))
	for i, f := range fields {
		out[i] = ranked(f, counts[i])
	}
	return out, nil
}

// tally adds what matches in one segment to the counts.
func (p *part) tally(m matcher, fields []index.Facet, counts []map[string]int) error {
	if err := p.ctx.Err(); err != nil {
		return err
	}
	docs, err := m.find(p, p.live)
	if err != nil || docs.IsEmpty() {
		return err
	}
	for i, f := range fields {
		column, err := p.cols.keys(p.seg.Segment(), f.Field)
		if err != nil {
			return err
		}
		n := make([]int, len(column.values))
		buf := make([]uint32, 1024)
		it := docs.ManyIterator()
		for k := it.NextMany(buf); k > 0; k = it.NextMany(buf) {
			for _, d := range buf[:k] {
				for _, ord := range column.ords[column.from[d]:column.from[d+1]] {
					n[ord]++
				}
			}
		}
		for ord, c := range n {
			if c > 0 {
				counts[i][column.values[ord]] += c
			}
		}
	}
	return nil
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
	limit := f.Limit
	if limit == 0 {
		limit = defaultCount
	}
	for _, v := range out.Values[min(limit, len(out.Values)):] {
		out.Other += v.Count
	}
	out.Values = out.Values[:min(limit, len(out.Values))]
	return out
}
