package bleveindex

import (
	"slices"
	"sort"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"onrecord/index"
	"onrecord/query"
)

// A timeline asks for all that an organisation said in a stretch of time, or
// for all that anyone said: then the answer is a slice of a list that is kept in
// order of time, and nothing need be looked for.

// stretch is such a question: the documents of one value of a keyword field, or
// of all, in [from,to).
type stretch struct {
	field    string // "" for all
	any      []string
	from, to int64 // milliseconds
}

// sliceFields are the fields whose documents are kept in order of time.
var sliceFields = []string{fieldOrg, fieldKind, fieldTag}

// stretchOf reads a matcher as a stretch; false where it is more than that.
func stretchOf(m matcher) (stretch, bool) {
	s := stretch{from: unknown + 1, to: 1 << 62}
	list, ok := m.(allOf)
	if !ok {
		list = allOf{m}
	}
	dated := false
	for _, x := range list {
		switch x := x.(type) {
		case everything:
		case timeRange:
			if x.Name != "said" {
				return s, false
			}
			from, to := x.bounds()
			s.from, s.to, dated = max(s.from, from), min(s.to, to), true
		case terms:
			if s.field != "" || !slices.Contains(sliceFields, x.field) {
				return s, false
			}
			s.field, s.any = x.field, x.any
		default:
			return s, false
		}
	}
	if !dated { // what has no time is part of the answer
		s.from = unknown
	}
	return s, true
}

// list is the documents of the stretch in a segment, latest first.
func (p *part) list(s stretch) ([]uint32, error) {
	list := p.cols.newest
	if s.field != "" {
		column, err := p.cols.keys(p.seg.Segment(), s.field)
		if err != nil {
			return nil, err
		}
		if list, err = column.newest(p, s.any); err != nil {
			return nil, err
		}
	}
	when := p.cols.when
	first := sort.Search(len(list), func(i int) bool { return when[list[i]] < s.to })
	end := first + sort.Search(len(list)-first, func(i int) bool { return when[list[first+i]] < s.from })
	return list[first:end], nil
}

// newest is the documents of any of the values, latest first; drawn once and kept.
func (k *keyColumn) newest(p *part, any []string) ([]uint32, error) {
	value := strings.Join(any, "\x00")
	k.lock.Lock()
	defer k.lock.Unlock()
	if list, ok := k.lists[value]; ok {
		return list, nil
	}
	docs, err := terms{k.name, any}.find(p, p.every())
	if err != nil {
		return nil, err
	}
	list := docs.ToArray()
	slices.SortFunc(list, p.cols.later)
	if k.lists == nil {
		k.lists = map[string][]uint32{}
	}
	if len(list) > 0 { // what a reader mistypes is not kept
		k.lists[value] = list
	}
	return list, nil
}

// sliced answers a request whose matcher is a stretch.
func sliced(r index.Request, s stretch, parts []*part) (index.Result, error) {
	var out index.Result
	var found []*candidate
	for _, p := range parts {
		if err := p.ctx.Err(); err != nil {
			return out, err
		}
		list, err := p.list(s)
		if err != nil {
			return out, err
		}
		out.Total += p.living(list)
		found = append(found, p.front(r, list, p.behind(r))...)
		if p.failed != nil {
			return out, p.failed
		}
	}
	return page(r, found, out)
}

// every is all documents of the segment, deleted ones too.
func (p *part) every() *roaring.Bitmap {
	b := roaring.New()
	b.AddRange(0, p.seg.Segment().Count())
	return b
}

// living counts the documents that are not deleted.
func (p *part) living(list []uint32) int {
	if p.whole {
		return len(list)
	}
	n := 0
	for _, d := range list {
		if p.live.Contains(d) {
			n++
		}
	}
	return n
}

// front is at most Limit+1 of the list that stand behind the cursor.
func (p *part) front(r index.Request, list []uint32, behind func(int64, uint32) bool) []*candidate {
	at := func(i int) uint32 { return list[i] }
	if r.Sort == query.Oldest {
		at = func(i int) uint32 { return list[len(list)-1-i] }
	}
	when := p.cols.when
	first := sort.Search(len(list), func(i int) bool { d := at(i); return behind(when[d], d) })
	room := make([]candidate, 0, min(r.Limit+1, len(list)-first))
	out := make([]*candidate, 0, cap(room))
	for i := first; i < len(list) && len(out) <= r.Limit; i++ {
		if d := at(i); p.whole || p.live.Contains(d) {
			room = append(room, candidate{part: p, doc: d, key: when[d]})
			out = append(out, &room[len(room)-1])
		}
	}
	return out
}
