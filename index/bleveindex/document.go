package bleveindex

import (
	"strings"
	"sync"

	bleve "github.com/blevesearch/bleve/v2/document"
	store "github.com/blevesearch/bleve_index_api"

	"onrecord/index"
)

// The fields. None holds frequencies or positions: a posting list is a bitmap.
// Numbers and places are stored beside them (stored.go).
const (
	fieldWords       = "words" // every word as said
	fieldStem        = "stem"  // its stem
	fieldOften       = "often" // stems that stand there twice ("2…"), four times ("4…")
	fieldEarlier     = "earlier"
	fieldEarlierStem = "earlierstem"
	fieldTitle       = "title"
	fieldRole        = "role"

	fieldOrg      = "org"
	fieldPerson   = "person"
	fieldSurname  = "surname"
	fieldKind     = "kind"
	fieldOutlet   = "outlet"
	fieldHost     = "host" // the outlet and every domain above it
	fieldStatus   = "status"
	fieldTag      = "tag"
	fieldLang     = "lang"
	fieldPlatform = "platform"
	fieldHas      = "has"
)

const bare = store.IndexField | store.SkipFreqNorm

// cut is a statement cut into terms: once, by whichever worker of the store
// asks first.
type cut struct {
	doc   *index.Doc
	cache *stemmed
	once  sync.Once
	texts [4][]unit // of textFields
	stems [2]map[string]int
}

func (c *cut) do() {
	d := c.doc
	c.texts = [4][]unit{
		unitsOf([]string{strings.Join(d.Words, "\n")}), unitsOf(d.Earlier), unitsOf(d.Titles), unitsOf(d.Roles),
	}
	for i := range c.stems {
		c.stems[i] = make(map[string]int, len(c.texts[i]))
		for _, u := range c.texts[i] {
			c.stems[i][c.cache.of(u.term, u.hash)]++
		}
	}
}

func unitsOf(texts []string) []unit {
	if len(texts) == 0 {
		return nil
	}
	out := make([]unit, 0, len(texts[0])/5)
	eachUnit(texts, func(u unit) { out = append(out, u) })
	return out
}

// terms are the terms of a field.
func (c *cut) terms(name string) store.TokenFrequencies {
	c.once.Do(c.do)
	for i, f := range textFields {
		if f == name {
			out := newTerms(len(c.texts[i]))
			for _, u := range c.texts[i] {
				out.put(u.term)
			}
			return out.freqs
		}
	}
	switch name {
	case fieldStem:
		return putAll(c.stems[0])
	case fieldEarlierStem:
		return putAll(c.stems[1])
	default:
		return c.often()
	}
}

func (c *cut) often() store.TokenFrequencies {
	out := newTerms(8)
	for s, n := range c.stems[0] {
		if n >= 2 {
			out.put("2" + s)
		}
		if n >= 4 {
			out.put("4" + s)
		}
	}
	return out.freqs
}

func putAll(stems map[string]int) store.TokenFrequencies {
	out := newTerms(len(stems))
	for s := range stems {
		out.put(s)
	}
	return out.freqs
}

// termSet gathers the terms of a field in few pieces of memory.
type termSet struct {
	freqs store.TokenFrequencies
	block []store.TokenFreq
	bytes []byte
}

func newTerms(n int) *termSet {
	return &termSet{make(store.TokenFrequencies, n), make([]store.TokenFreq, 0, n), make([]byte, 0, 8*n)}
}

// put adds a term once. A frequency of 0 makes a posting one byte.
func (t *termSet) put(term string) {
	if t.freqs[term] != nil {
		return
	}
	if len(t.block) == cap(t.block) {
		t.block = make([]store.TokenFreq, 0, 16)
	}
	start := len(t.bytes)
	t.bytes = append(t.bytes, term...)
	t.block = append(t.block, store.TokenFreq{Term: t.bytes[start:len(t.bytes):len(t.bytes)]})
	t.freqs[term] = &t.block[len(t.block)-1]
}

// stored is the stored field of the document.
func (c *cut) stored() []byte {
	c.once.Do(c.do)
	return stored(numbersOf(c.doc, len(c.texts[0])), c.texts)
}

// field is one field of a document. Its terms are made by Analyze, which the
// store calls on its workers.
type field struct {
	name  string
	terms func() store.TokenFrequencies
	freqs store.TokenFrequencies
}

func (f *field) Name() string                                     { return f.name }
func (f *field) Value() []byte                                    { return nil }
func (f *field) ArrayPositions() []uint64                         { return nil }
func (f *field) EncodedFieldType() byte                           { return 't' }
func (f *field) Analyze()                                         { f.freqs = f.terms() }
func (f *field) Options() store.FieldIndexingOptions              { return bare }
func (f *field) AnalyzedLength() int                              { return len(f.freqs) }
func (f *field) AnalyzedTokenFrequencies() store.TokenFrequencies { return f.freqs }
func (f *field) NumPlainTextBytes() uint64                        { return 0 }
func (f *field) Size() int                                        { return 0 }

// blob is the stored field.
type blob struct {
	field
	of *cut
}

func (b *blob) Options() store.FieldIndexingOptions { return store.StoreField }
func (b *blob) Value() []byte                       { return b.of.stored() }
func (b *blob) Analyze()                            {}

// document lays a statement out in fields.
func document(d *index.Doc, cache *stemmed) *bleve.Document {
	out := bleve.NewDocument(string(d.ID))
	c := &cut{doc: d, cache: cache}
	add := func(name string) {
		out.AddField(&field{name: name, terms: func() store.TokenFrequencies { return c.terms(name) }})
	}
	add(fieldWords)
	add(fieldStem)
	add(fieldOften)
	if len(d.Earlier) > 0 {
		add(fieldEarlier)
		add(fieldEarlierStem)
	}
	if len(d.Titles) > 0 {
		add(fieldTitle)
	}
	if len(d.Roles) > 0 {
		add(fieldRole)
	}
	for name, values := range keywords(d) {
		if len(values) > 0 {
			out.AddField(keywordField(name, values))
		}
	}
	return out.AddField(&blob{field{name: fieldStored}, c})
}

func keywords(d *index.Doc) map[string][]string {
	out := map[string][]string{
		fieldOrg: d.Orgs, fieldPerson: d.Persons, fieldKind: {d.Kind}, fieldOutlet: lower(d.Outlets), fieldStatus: {d.Status},
		fieldTag: d.Tags, fieldLang: lower([]string{d.Lang}), fieldPlatform: lower(d.Platforms),
	}
	for _, p := range d.Persons {
		out[fieldSurname] = append(out[fieldSurname], p[strings.LastIndexByte(p, ' ')+1:])
	}
	for _, h := range out[fieldOutlet] {
		for ; strings.Contains(h, "."); h = h[strings.IndexByte(h, '.')+1:] {
			out[fieldHost] = append(out[fieldHost], h)
		}
	}
	if d.Evidence {
		out[fieldHas] = append(out[fieldHas], "evidence")
	}
	if d.Wordings > 1 {
		out[fieldHas] = append(out[fieldHas], "versions")
	}
	if d.Sightings > 1 {
		out[fieldHas] = append(out[fieldHas], "sightings")
	}
	return out
}

func lower(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ToLower(s)
	}
	return out
}

// rare are keyword fields with many values that few statements have. A
// frequency of 1 lets the store keep such a value without a list.
var rare = map[string]bool{fieldPerson: true, fieldSurname: true, fieldTag: true, fieldOutlet: true, fieldHost: true}

func keywordField(name string, values []string) *field {
	return &field{name: name, terms: func() store.TokenFrequencies {
		out := newTerms(len(values))
		for _, v := range values {
			if v != "" {
				out.put(v)
			}
		}
		if rare[name] {
			for _, f := range out.freqs {
				f.SetFrequency(1)
			}
		}
		return out.freqs
	}}
}
