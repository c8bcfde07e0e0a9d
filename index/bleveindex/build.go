package bleveindex

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	store "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"
	zap "github.com/blevesearch/zapx/v17"

	"onrecord/index"
)

// maker makes the segments of a batch in zap's format by code of our own
// (ADR 23); reading and merging them stays zap's.
type maker struct{ zap.ZapPlugin }

const (
	makerType    = "onrecord"
	makerVersion = 1
)

func (*maker) Type() string    { return makerType }
func (*maker) Version() uint32 { return makerVersion }

// register makes the maker known to scorch, whose table of them is global.
var register = sync.OnceFunc(func() { scorch.RegisterSegmentPlugin(&maker{}, false) })

func (m *maker) New(docs []store.Document) (segment.Segment, uint64, error) {
	return m.NewUsing(docs, nil)
}

// NewUsing makes one segment of documents that this package made.
func (*maker) NewUsing(docs []store.Document, config map[string]any) (segment.Segment, uint64, error) {
	list := make([]*document, len(docs))
	for i, d := range docs {
		x, ok := d.(*document)
		if !ok {
			return nil, 0, fmt.Errorf("a segment of documents of another kind: %T", d)
		}
		list[i] = x
	}
	slices.SortFunc(list, func(a, b *document) int { return a.place - b.place }) // the store hands them over in no order
	b := newBuilder(len(list))
	b.stems = list[0].stems // no batch without documents comes here
	for i, d := range list {
		b.add(uint32(i), d.doc)
	}
	raw, storedAt, fieldsAt, err := b.write()
	if err != nil {
		return nil, 0, err
	}
	stats, ok := config[segment.StatsKey].(*segment.Stats)
	if !ok || stats == nil {
		stats = &segment.Stats{}
	}
	s, err := zap.InitSegmentBase(raw, crc32.ChecksumIEEE(raw), zap.DefaultChunkMode, uint64(len(list)), storedAt, fieldsAt, config, stats)
	return s, uint64(len(raw)), err
}

// document is a statement on its way through the store, which asks nothing of
// it but its id.
type document struct {
	doc   *index.Doc
	place int // in the batch
	stems *stemmed
}

func (d *document) ID() string                                 { return string(d.doc.ID) }
func (d *document) Size() int                                  { return 0 }
func (d *document) VisitFields(store.FieldVisitor)             {}
func (d *document) VisitComposite(store.CompositeFieldVisitor) {}
func (d *document) HasComposite() bool                         { return false }
func (d *document) NumPlainTextBytes() uint64                  { return 0 }
func (d *document) AddIDField()                                {}
func (d *document) StoredFieldsBytes() uint64                  { return 0 }
func (d *document) Indexed() bool                              { return true }

// builder gathers the terms of documents, numbered in order of their first
// appearance, and which documents have which.
type builder struct {
	dicts [numFields]map[string]uint32
	terms []term
	pairs []uint32 // terms of the documents, each once, one document behind the other
	ends  []int    // where in pairs each document ends
	now   uint32   // the document at hand

	ids    []string
	stored [][]byte
	pack   packer
	stems  *stemmed
}

// term is a term of one field.
type term struct {
	text  string
	count uint32 // documents that have it
	last  uint32 // the latest of them, plus one
	times uint32 // how often it stands in that one; of stems only
	stem  uint32 // number of its stem, plus one; of words only
}

func newBuilder(docs int) *builder {
	b := &builder{pairs: make([]uint32, 0, 128*docs), ends: make([]int, 0, docs), ids: make([]string, 0, docs), stored: make([][]byte, 0, docs)}
	for f := range b.dicts {
		b.dicts[f] = map[string]uint32{}
	}
	return b
}

// add adds the next document.
func (b *builder) add(n uint32, d *index.Doc) {
	b.now = n + 1
	b.put(numID, string(d.ID))
	b.ids = append(b.ids, string(d.ID))
	b.pack.begin()
	for i, f := range textNumbers {
		b.text(f, textsOf(d, f), i)
		if f == numWords {
			b.often()
		}
	}
	eachKeyword(d, func(f fieldNumber, value string) {
		if value != "" {
			b.put(f, value)
		}
	})
	b.stored = append(b.stored, b.pack.stored(numbersOf(d, len(b.pack.units[0]))))
	b.ends = append(b.ends, len(b.pairs))
}

// text adds the terms of a text field, with their stems where it has some.
func (b *builder) text(f fieldNumber, texts []string, section int) {
	if len(texts) == 0 {
		return
	}
	units := b.pack.units[section]
	stems, stemmed := stemNumbers[f]
	eachUnit(texts, func(u unit) {
		units = append(units, u)
		t, first := b.put(f, u.term)
		if first {
			b.pack.hashes = append(b.pack.hashes, u.hash)
		}
		if stemmed {
			b.stem(stems, t)
		}
	})
	b.pack.units[section] = units
}

// stem adds the stem of a word; it is made once a segment.
func (b *builder) stem(f fieldNumber, word uint32) {
	s := b.terms[word].stem
	if s == 0 {
		n, _ := b.put(f, b.stems.of(b.terms[word].text, hashOf(b.terms[word].text)))
		s = n + 1
		b.terms[word].stem = s
	} else {
		b.mark(s - 1)
	}
	b.terms[s-1].times++
}

// often adds the stems that stand in the document more than once. The document's
// terms so far are those of its front wording.
func (b *builder) often() {
	from := 0
	if n := len(b.ends); n > 0 {
		from = b.ends[n-1]
	}
	for _, t := range b.pairs[from:] {
		switch x := b.terms[t]; {
		case x.times >= 4:
			b.put(numOften, "4"+x.text)
			fallthrough
		case x.times >= 2:
			b.put(numOften, "2"+x.text)
		}
	}
}

// put says that the document at hand has a term, and returns its number and
// whether that is new for the document.
func (b *builder) put(f fieldNumber, text string) (uint32, bool) {
	t, known := b.dicts[f][text]
	if !known {
		t = uint32(len(b.terms))
		b.dicts[f][text] = t
		b.terms = append(b.terms, term{text: text})
	}
	return t, b.mark(t)
}

func (b *builder) mark(t uint32) bool {
	x := &b.terms[t]
	if x.last == b.now {
		return false
	}
	x.last, x.times = b.now, 0
	x.count++
	b.pairs = append(b.pairs, t)
	return true
}

// postings are the documents of each term, in order: those of term t are
// docs[from[t]:from[t+1]].
func (b *builder) postings() (docs, from []uint32) {
	from = make([]uint32, len(b.terms)+1)
	for t, x := range b.terms {
		from[t+1] = from[t] + x.count
	}
	next := slices.Clone(from)
	docs = make([]uint32, len(b.pairs))
	start := 0
	for d, end := range b.ends {
		for _, t := range b.pairs[start:end] {
			docs[next[t]] = uint32(d)
			next[t]++
		}
		start = end
	}
	return docs, from
}

// appendBitmap writes the documents, in order and not empty, as a roaring bitmap
// (RoaringFormatSpec). The usual case, one array of up to 4,096 that share their
// upper half, is written here; the library would make three objects of each.
func appendBitmap(out []byte, docs []uint32) ([]byte, error) {
	high := docs[0] >> 16
	if len(docs) > 4096 || docs[len(docs)-1]>>16 != high {
		all := roaring.New()
		all.AddMany(docs)
		buf := bytes.NewBuffer(out)
		_, err := all.WriteTo(buf)
		return buf.Bytes(), err
	}
	const cookie, header = 12346, 16
	n := len(docs) - 1
	out = append(out, cookie&0xFF, cookie>>8, 0, 0, 1, 0, 0, 0, byte(high), byte(high>>8), byte(n), byte(n>>8), header, 0, 0, 0)
	for _, d := range docs {
		out = append(out, byte(d), byte(d>>8))
	}
	return out, nil
}
