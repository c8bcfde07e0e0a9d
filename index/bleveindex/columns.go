package bleveindex

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"onrecord/record"
)

// unknown is the number of a document that has none in a field.
const unknown = math.MinInt64

// columns are the numbers and ranks of one segment's documents, read once from
// what is stored of them. A segment never changes, only which of its documents
// are deleted, so they hold as long as the segment does. About 22 bytes a
// document, and 28 more once another clock or the sightings are asked for.
type columns struct {
	when   []int64 // milliseconds since 1970
	length []uint16
	// idRank orders the documents by id; newest lists them by time, latest
	// first, and where the time is the same by id.
	idRank []uint32
	newest []uint32

	lists    sync.Mutex
	byKey    map[string]*keyColumn // facet columns, read when first asked for
	rest     *moreColumns          // likewise
	byLength []lengthGroup         // likewise, see rank.go
}

// moreColumns are the numbers that few questions ask for.
type moreColumns struct {
	published, seen, changed []int64 // milliseconds since 1970
	sightings                []uint32
}

// keyColumn holds which values of a keyword field each document has.
type keyColumn struct {
	name string
	// The values, in order, one behind the other; value i ends at ends[i].
	text string
	ends []uint32
	// Where no document has more than one value, narrow or wide holds that of
	// each plus one, 0 for none; narrow does where there are few. Else from is
	// set, and the values of document d are wide[from[d]:from[d+1]].
	narrow []uint16
	wide   []uint32
	from   []uint32

	lock  sync.Mutex
	lists map[string][]uint32 // of a value, latest first; drawn when first asked for
}

func (k *keyColumn) count() int { return len(k.ends) }

func (k *keyColumn) value(i uint32) string {
	start := uint32(0)
	if i > 0 {
		start = k.ends[i-1]
	}
	return k.text[start:k.ends[i]]
}

// pair is a document and a value that it has.
type pair struct{ doc, value uint32 }

// newKeyColumn makes the column of so many documents; values are in order, and
// pairs come by value.
func newKeyColumn(name string, docs int, text []byte, ends []uint32, pairs []pair) *keyColumn {
	k := &keyColumn{name: name, text: string(text), ends: slices.Clip(ends)}
	few := len(ends) < math.MaxUint16
	if few {
		k.narrow = make([]uint16, docs)
	} else {
		k.wide = make([]uint32, docs)
	}
	for _, p := range pairs {
		switch {
		case few && k.narrow[p.doc] == 0:
			k.narrow[p.doc] = uint16(p.value + 1)
		case !few && k.wide[p.doc] == 0:
			k.wide[p.doc] = p.value + 1
		default:
			k.many(docs, pairs)
			return k
		}
	}
	return k
}

// many is for documents with more than one value.
func (k *keyColumn) many(docs int, pairs []pair) {
	k.narrow, k.wide, k.from = nil, make([]uint32, len(pairs)), make([]uint32, docs+1)
	for _, p := range pairs {
		k.from[p.doc+1]++
	}
	for d := range docs {
		k.from[d+1] += k.from[d]
	}
	next := slices.Clone(k.from)
	for _, p := range pairs {
		k.wide[next[p.doc]] = p.value
		next[p.doc]++
	}
}

// cache keeps the columns of the segments in use, by segment id.
type cache struct {
	lock sync.Mutex
	of   map[uint64]*loading
}

type loading struct {
	once sync.Once
	cols *columns
	err  error
}

func (c *cache) drop() {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.of = nil
}

// get is the columns of a segment, read if need be.
func (c *cache) get(seg *scorch.SegmentSnapshot) (*columns, error) {
	c.lock.Lock()
	if c.of == nil {
		c.of = map[uint64]*loading{}
	}
	l := c.of[seg.Id()]
	if l == nil {
		l = &loading{}
		c.of[seg.Id()] = l
	}
	c.lock.Unlock()
	l.once.Do(func() {
		l.err = fmt.Errorf("columns of segment %d: %w; %s", seg.Id(), record.ErrDamaged, wayOut) // stands if reading panics
		l.cols, l.err = load(seg.Segment())
	})
	return l.cols, l.err
}

// prune forgets segments that were merged away, once there are many of them.
func (c *cache) prune(snapshot *scorch.IndexSnapshot) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if len(c.of) <= 2*len(snapshot.Segments())+4 {
		return
	}
	stands := map[uint64]bool{}
	for _, seg := range snapshot.Segments() {
		stands[seg.Id()] = true
	}
	for id := range c.of {
		if !stands[id] {
			delete(c.of, id)
		}
	}
}

func load(seg segment.Segment) (*columns, error) {
	n := int(seg.Count())
	c := &columns{
		byKey: map[string]*keyColumn{}, idRank: make([]uint32, n), newest: make([]uint32, n), when: make([]int64, n), length: make([]uint16, n),
	}
	var ranked error
	var wait sync.WaitGroup
	wait.Go(func() {
		defer guard(&ranked)()
		ranked = c.rankIDs(storedOf(seg))
	})
	err := func() (err error) {
		defer guard(&err)() // waited for whatever happens
		return eachStored(seg, func(d uint32, x numbers) {
			c.when[d], c.length[d] = x.when, uint16(min(x.length, math.MaxUint16))
		})
	}()
	wait.Wait()
	if err := errors.Join(err, ranked); err != nil {
		return nil, err
	}
	c.sortByTime()
	if n > manyDocs {
		debug.FreeOSMemory() // as much again was needed on the way
	}
	return c, nil
}

// manyDocs is from how many documents on what loading their columns needed on the
// way is given back at once.
const manyDocs = 1 << 18

// rankIDs orders the documents by id. The dictionary of ids has that order, but
// walking it costs ten times as much as sorting.
func (c *columns) rankIDs(stored *storedReader) error {
	type named struct {
		head uint64 // eight bytes of the id, behind what all ids begin with
		doc  uint32
	}
	list := make([]named, len(c.idRank))
	var first []byte
	common := 0
	for d := range uint32(len(list)) {
		id, err := stored.id(d)
		if err != nil {
			return err
		}
		if d == 0 {
			first, common = bytes.Clone(id), len(id)
		}
		for !bytes.HasPrefix(id, first[:common]) {
			common--
		}
	}
	for d := range uint32(len(list)) {
		id, err := stored.id(d)
		if err != nil {
			return err
		}
		var head [8]byte
		copy(head[:], id[common:])
		list[d] = named{binary.BigEndian.Uint64(head[:]), d}
	}
	var failed error
	slices.SortFunc(list, func(a, b named) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		x, err := stored.id(a.doc)
		y, err2 := stored.id(b.doc)
		failed = errors.Join(failed, err, err2)
		return bytes.Compare(x, y)
	})
	for rank, x := range list {
		c.idRank[x.doc] = uint32(rank)
	}
	return failed
}

// sortByTime lists the documents, latest first, and then by id.
func (c *columns) sortByTime() {
	type timed struct {
		when      int64
		rank, doc uint32
	}
	list := make([]timed, len(c.when))
	for d := range list {
		list[d] = timed{c.when[d], c.idRank[d], uint32(d)}
	}
	slices.SortFunc(list, func(a, b timed) int { return cmp.Or(cmp.Compare(b.when, a.when), cmp.Compare(a.rank, b.rank)) })
	for i, x := range list {
		c.newest[i] = x.doc
	}
}

// later orders documents by time, latest first, and then by id.
func (c *columns) later(a, b uint32) int {
	return cmp.Or(cmp.Compare(c.when[b], c.when[a]), cmp.Compare(c.idRank[a], c.idRank[b]))
}

// eachStored calls visit with the numbers of every document, deleted ones too.
func eachStored(seg segment.Segment, visit func(doc uint32, n numbers)) error {
	stored := storedOf(seg)
	for d := range uint32(seg.Count()) {
		raw, err := stored.of(d)
		if err != nil {
			return err
		}
		n, _, err := readNumbers(raw)
		if err != nil {
			return err
		}
		visit(d, n)
	}
	return nil
}

// more is the numbers that few questions ask for, read if need be.
func (c *columns) more(seg segment.Segment) (*moreColumns, error) {
	c.lists.Lock()
	defer c.lists.Unlock()
	if c.rest != nil {
		return c.rest, nil
	}
	n := int(seg.Count())
	m := &moreColumns{published: make([]int64, n), seen: make([]int64, n), changed: make([]int64, n), sightings: make([]uint32, n)}
	err := eachStored(seg, func(d uint32, x numbers) {
		m.published[d], m.seen[d], m.changed[d], m.sightings[d] = x.published, x.seen, x.changed, uint32(x.sightings)
	})
	if err == nil {
		c.rest = m
	}
	return m, err
}

// eachTerm calls visit with every term of a field, in order, and its documents,
// deleted ones too. The bitmap is the callee's only until it returns.
func eachTerm(seg segment.Segment, name string, visit func(term []byte, docs *roaring.Bitmap)) error {
	dict, err := seg.Dictionary(name)
	if err != nil {
		return err
	}
	docs := roaring.New()
	var list segment.PostingsList
	terms := iterate(dict, nil, nil)
	for {
		e, err := terms.Next()
		if err != nil || e == nil {
			return err
		}
		term := []byte(e.Term)
		if list, err = dict.PostingsList(term, nil, list); err != nil {
			return err
		}
		docs.Clear()
		if err := orInto(docs, list); err != nil {
			return err
		}
		if !docs.IsEmpty() && uint64(docs.Maximum()) >= seg.Count() {
			return fmt.Errorf("field %s names document %d of %d: %w; %s", name, docs.Maximum(), seg.Count(), record.ErrDamaged, wayOut)
		}
		visit(term, docs)
	}
}

// iterate walks the terms of a dictionary in [from,to); nil leaves an end open.
// Counting each term's documents on the way, as Bleve does by default, would
// read every posting list for nothing.
func iterate(dict segment.TermDictionary, from, to []byte) segment.DictionaryIterator {
	if d, ok := dict.(interface {
		AutomatonIteratorOmitCount(a segment.Automaton, from, to []byte) segment.DictionaryIterator
	}); ok {
		return d.AutomatonIteratorOmitCount(nil, from, to)
	}
	return dict.AutomatonIterator(nil, from, to)
}

// orInto adds the documents of a posting list to docs.
func orInto(docs *roaring.Bitmap, list segment.PostingsList) error {
	if l, ok := list.(interface{ OrInto(*roaring.Bitmap) }); ok {
		l.OrInto(docs)
		return nil
	}
	for it := list.Iterator(false, false, false, nil); ; {
		p, err := it.Next()
		if err != nil || p == nil {
			return err
		}
		docs.Add(uint32(p.Number()))
	}
}

// keys is the column of a keyword field, read if need be. The field day is
// drawn from the times.
func (c *columns) keys(seg segment.Segment, name string) (*keyColumn, error) {
	c.lists.Lock()
	defer c.lists.Unlock()
	if k := c.byKey[name]; k != nil {
		return k, nil
	}
	if name == facetDay {
		k := c.days()
		c.byKey[name] = k
		return k, nil
	}
	k, err := loadKeys(seg, name)
	if err == nil {
		c.byKey[name] = k
	}
	return k, err
}

func loadKeys(seg segment.Segment, name string) (*keyColumn, error) {
	var text []byte
	var ends []uint32
	pairs := make([]pair, 0, seg.Count())
	err := eachTerm(seg, name, func(term []byte, docs *roaring.Bitmap) {
		text = append(text, term...)
		ends = append(ends, uint32(len(text)))
		for it := docs.Iterator(); it.HasNext(); {
			pairs = append(pairs, pair{it.Next(), uint32(len(ends) - 1)})
		}
	})
	if err != nil {
		return nil, err
	}
	if uint64(len(text)) > math.MaxUint32 {
		return nil, fmt.Errorf("field %s has more than 4 GB of values: %w", name, record.ErrTooLarge)
	}
	return newKeyColumn(name, int(seg.Count()), text, ends, pairs), nil
}

// days is the column of the days in London, drawn from the times.
func (c *columns) days() *keyColumn {
	var text []byte
	var ends []uint32
	pairs := make([]pair, 0, len(c.when))
	var until int64
	for i := len(c.newest) - 1; i >= 0; i-- {
		d := c.newest[i]
		if c.when[d] == unknown {
			continue
		}
		if len(ends) == 0 || c.when[d] >= until {
			t := time.UnixMilli(c.when[d]).In(record.London)
			text = t.AppendFormat(text, time.DateOnly)
			ends = append(ends, uint32(len(text)))
			until = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, record.London).UnixMilli()
		}
		pairs = append(pairs, pair{d, uint32(len(ends) - 1)})
	}
	return newKeyColumn(facetDay, len(c.when), text, ends, pairs)
}
