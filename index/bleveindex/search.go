package bleveindex

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"onrecord/index"
	"onrecord/query"
	"onrecord/record"
)

const (
	defaultLimit = 50
	mostHits     = 500
)

// Search answers a request; see index.Index. Ties stand in the order of ids,
// for oldest in the reverse, so that oldest is newest read backwards.
func (ix *Index) Search(ctx context.Context, r index.Request) (out index.Result, err error) {
	r, err = checked(r)
	if err != nil {
		return out, err
	}
	err = ix.view(ctx, r.Node, func(p *planner, m matcher, parts []*part) error {
		out, err = collect(r, p.scored, m, parts)
		return err
	})
	return out, err
}

// checked is the request with its defaults filled in.
func checked(r index.Request) (index.Request, error) {
	if r.Limit == 0 {
		r.Limit = defaultLimit
	}
	if r.Limit < 1 || r.Limit > mostHits {
		return r, invalid("a limit of %d; want 1 to %d", r.Limit, mostHits)
	}
	switch r.Sort {
	case "":
		r.Sort = query.Newest
	case query.Newest, query.Oldest, query.Relevance, query.FirstSeen, query.Sightings:
	default:
		return r, invalid("there is no sort %.20q", r.Sort)
	}
	if r.After != nil && r.After.ID == "" {
		return r, invalid("the cursor names no statement")
	}
	return r, nil
}

// view plans a node over the store as it stands and hands both to do.
func (ix *Index) view(ctx context.Context, n query.Node, do func(*planner, matcher, []*part) error) (err error) {
	ix.use.RLock()
	defer ix.use.RUnlock()
	defer guard(&err)()
	snapshot, err := ix.reader()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, snapshot.Close()) }()
	p := &planner{ctx: ctx, snapshot: snapshot, stems: &ix.stems, known: map[string][]string{}}
	m, err := p.plan(n)
	if err != nil {
		return err
	}
	ix.cache.prune(snapshot)
	var parts []*part
	for _, seg := range snapshot.Segments() {
		if seg.Count() == 0 {
			continue
		}
		cols, err := ix.cache.get(seg)
		if err != nil {
			return fmt.Errorf("index %s: %w", ix.dir, err)
		}
		parts = append(parts, &part{ctx: ctx, seg: seg, cols: cols, live: seg.DocNumbersLive(), whole: int64(seg.Count()) == seg.FullSize(), dicts: map[string]segment.TermDictionary{}})
	}
	return do(p, m, parts)
}

// candidate is a document that may be shown.
type candidate struct {
	part *part
	doc  uint32
	key  int64
	id   record.ID // "" until it is needed
}

func (c *candidate) name() (record.ID, error) {
	if c.id == "" {
		id, err := c.part.names().id(c.doc)
		if err != nil {
			return "", err
		}
		c.id = record.ID(id)
	}
	return c.id, nil
}

// fetch looks at where the names of all candidates lie before the first is read.
// They lie anywhere in the file, and one look after the other would wait for
// memory each time.
func fetch(list []*candidate) {
	var at [mostHits]uint64
	for i, c := range list {
		at[i] = c.part.names().place(c.doc)
	}
	for i, c := range list {
		if file := c.part.stored.file; at[i] < uint64(len(file)) {
			c.part.seen += file[at[i]] // a look at nothing would be left out
		}
	}
}

// names reads the ids of the segment.
func (p *part) names() *storedReader {
	if p.stored == nil {
		p.stored = storedOf(p.seg.Segment())
	}
	return p.stored
}

// collect counts every match and keeps the first of them behind the cursor.
func collect(r index.Request, worth []scored, m matcher, parts []*part) (index.Result, error) {
	if s, ok := stretchOf(m); ok && !r.Places && (r.Sort == query.Newest || r.Sort == query.Oldest) {
		return sliced(r, s, parts)
	}
	var out index.Result
	var list []*candidate
	for _, p := range parts {
		if err := p.ctx.Err(); err != nil {
			return out, err
		}
		docs, err := m.find(p, p.live)
		if err != nil {
			return out, err
		}
		out.Total += int(docs.GetCardinality())
		if r.Places {
			n, err := p.places(docs)
			if err != nil {
				return out, err
			}
			out.Sightings += n
		}
		best, err := p.best(r, worth, docs)
		if err != nil {
			return out, err
		}
		list = append(list, best...)
	}
	return page(r, list, out)
}

// page puts the candidates of all segments in order and keeps the first.
func page(r index.Request, list []*candidate, out index.Result) (index.Result, error) {
	if err := order(list, r.Sort == query.Oldest); err != nil {
		return out, err
	}
	shown := list[:min(r.Limit, len(list))]
	if len(shown) == 0 {
		return out, nil
	}
	fetch(shown)
	out.Hits = make([]index.Hit, 0, len(shown))
	for _, c := range shown {
		id, err := c.name()
		if err != nil {
			return out, err
		}
		out.Hits = append(out.Hits, index.Hit{ID: id, Key: c.key})
	}
	if len(list) > r.Limit {
		last := out.Hits[len(out.Hits)-1]
		out.Next = &index.Cursor{Key: last.Key, ID: last.ID}
	}
	return out, nil
}

// places adds up the sightings of the documents.
func (p *part) places(docs *roaring.Bitmap) (int, error) {
	more, err := p.cols.more(p.seg.Segment())
	sum := 0
	for it := docs.Iterator(); err == nil && it.HasNext(); {
		sum += int(more.sightings[it.Next()])
	}
	return sum, err
}

// order sorts candidates of several segments. Ids are read only where keys are
// the same.
func order(list []*candidate, oldest bool) error {
	var failed error
	before := func(a, b *candidate) int {
		c := cmp.Compare(b.key, a.key)
		if c == 0 && a.part == b.part {
			c = cmp.Compare(a.part.cols.idRank[a.doc], a.part.cols.idRank[b.doc])
		} else if c == 0 {
			x, err := a.name()
			y, err2 := b.name()
			failed = errors.Join(failed, err, err2)
			c = cmp.Compare(x, y)
		}
		if oldest {
			return -c
		}
		return c
	}
	if !slices.IsSortedFunc(list, before) { // those of a single segment mostly are
		slices.SortFunc(list, before)
	}
	return failed
}

// best are at most Limit+1 of the documents, those that come first behind the
// cursor.
func (p *part) best(r index.Request, worth []scored, docs *roaring.Bitmap) ([]*candidate, error) {
	if docs.IsEmpty() {
		return nil, nil
	}
	behind := p.behind(r)
	n := docs.GetCardinality()
	if r.Sort == query.Relevance && n >= rankedFrom {
		stems, ok := stemsOf(worth)
		if ok && len(stems) > 0 {
			return p.ranked(r, stems, docs, behind)
		}
		if ok && n*n > uint64(r.Limit)*p.seg.Segment().Count() {
			if list, ok := p.unscored(r, docs, behind); ok || p.failed != nil {
				return list, p.failed
			}
		}
	}
	key, err := p.keys(r.Sort, worth, docs)
	if err != nil {
		return nil, err
	}
	// In a list ordered by time, one of n documents stands every count/n
	// places; below that a walk over the matches alone is shorter.
	if byTime := r.Sort == query.Newest || r.Sort == query.Oldest; byTime && n*n > uint64(r.Limit)*p.seg.Segment().Count() {
		return p.walk(r, docs, key, behind), p.failed
	}
	return p.pick(r, docs, key, behind), p.failed
}

// walk goes through the documents in order of time until it has enough.
func (p *part) walk(r index.Request, docs *roaring.Bitmap, key func(uint32) int64, behind func(int64, uint32) bool) []*candidate {
	list := p.cols.newest
	at := func(i int) uint32 { return list[i] }
	if r.Sort == query.Oldest {
		at = func(i int) uint32 { return list[len(list)-1-i] }
	}
	first := sort.Search(len(list), func(i int) bool { d := at(i); return behind(key(d), d) })
	var out []*candidate
	for i := first; i < len(list) && len(out) <= r.Limit; i++ {
		if d := at(i); docs.Contains(d) {
			out = append(out, &candidate{part: p, doc: d, key: key(d)})
		}
	}
	return out
}

// pick goes through all matches and keeps the first in a heap.
func (p *part) pick(r index.Request, docs *roaring.Bitmap, key func(uint32) int64, behind func(int64, uint32) bool) []*candidate {
	h := &topList{most: r.Limit + 1, rank: p.cols.idRank, oldest: r.Sort == query.Oldest}
	for it := docs.Iterator(); it.HasNext(); {
		d := it.Next()
		if k := key(d); behind(k, d) {
			h.offer(entry{k, d})
		}
	}
	return p.candidates(h)
}

func (p *part) candidates(h *topList) []*candidate {
	out := make([]*candidate, len(h.list))
	for i, e := range h.list {
		out[i] = &candidate{part: p, doc: e.doc, key: e.key}
	}
	return out
}

// behind tells which documents stand behind the cursor. The place of its id is
// looked up only where a document has the cursor's key.
func (p *part) behind(r index.Request) func(key int64, doc uint32) bool {
	c := r.After
	if c == nil {
		return func(int64, uint32) bool { return true }
	}
	from := string(c.ID)
	if r.Sort != query.Oldest {
		from += "\x00" // the first id greater than the cursor's
	}
	rank := sync.OnceValue(func() uint32 {
		n, err := p.rankOf(from)
		p.failed = errors.Join(p.failed, err)
		return n
	})
	if r.Sort == query.Oldest {
		return func(key int64, doc uint32) bool {
			return key > c.Key || key == c.Key && p.cols.idRank[doc] < rank()
		}
	}
	return func(key int64, doc uint32) bool {
		return key < c.Key || key == c.Key && p.cols.idRank[doc] >= rank()
	}
}

// rankOf is the rank that the id has or would have here.
func (p *part) rankOf(id string) (uint32, error) {
	if known, err := p.docs("_id", strings.TrimSuffix(id, "\x00")); err != nil || !known.IsEmpty() {
		if err != nil {
			return 0, err
		}
		rank := p.cols.idRank[known.Minimum()]
		if strings.HasSuffix(id, "\x00") {
			rank++
		}
		return rank, nil
	}
	dict, err := p.dict("_id")
	if err != nil {
		return 0, err
	}
	e, err := iterate(dict, []byte(id), nil).Next()
	if err != nil || e == nil {
		return uint32(len(p.cols.idRank)), err
	}
	docs, err := p.docs("_id", e.Term)
	if err != nil || docs.IsEmpty() {
		return uint32(len(p.cols.idRank)), err
	}
	return p.cols.idRank[docs.Minimum()], nil
}

// keys gives the sort key of each document: greater comes first, except for
// oldest.
func (p *part) keys(by string, list []scored, docs *roaring.Bitmap) (func(uint32) int64, error) {
	switch by {
	case query.FirstSeen:
		more, err := p.cols.more(p.seg.Segment())
		return func(d uint32) int64 { return more.seen[d] }, err
	case query.Sightings:
		more, err := p.cols.more(p.seg.Segment())
		return func(d uint32) int64 { return packed(int64(more.sightings[d]), p.cols.when[d]) }, err
	case query.Relevance:
		scores, err := p.scores(list, docs)
		return func(d uint32) int64 { return packed(scores.of(d), p.cols.when[d]) }, err
	default:
		return func(d uint32) int64 { return p.cols.when[d] }, nil
	}
}

const (
	rankShift = 43
	mostRank  = 1<<18 - 1
)

// packed puts a rank above a time, so that what ranks the same stands newest
// first: 18 bits of rank and 43 of milliseconds, which last until 2248.
func packed(rank, ms int64) int64 {
	return min(max(rank, 0), mostRank)<<rankShift | min(max(ms, 0), 1<<rankShift-1)
}

type entry struct {
	key int64
	doc uint32
}

// topList keeps the first entries in a heap whose root is the last of them.
type topList struct {
	most   int
	rank   []uint32
	oldest bool
	list   []entry
}

// later reports whether a comes behind b.
func (h *topList) later(a, b entry) bool {
	later := a.key < b.key || a.key == b.key && h.rank[a.doc] > h.rank[b.doc]
	return later != h.oldest
}

func (h *topList) offer(e entry) {
	if len(h.list) < h.most {
		h.list = append(h.list, e)
		for i := len(h.list) - 1; i > 0 && h.later(h.list[i], h.list[(i-1)/2]); i = (i - 1) / 2 {
			h.list[i], h.list[(i-1)/2] = h.list[(i-1)/2], h.list[i]
		}
		return
	}
	if !h.later(h.list[0], e) {
		return
	}
	h.list[0] = e
	for i := 0; ; {
		c := 2*i + 1
		if c+1 < len(h.list) && h.later(h.list[c+1], h.list[c]) {
			c++
		}
		if c >= len(h.list) || !h.later(h.list[c], h.list[i]) {
			return
		}
		h.list[i], h.list[c] = h.list[c], h.list[i]
		i = c
	}
}
