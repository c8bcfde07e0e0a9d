package bleveindex

import (
	"encoding/binary"
	"strings"
	"time"

	bleve "github.com/blevesearch/bleve/v2/document"
	store "github.com/blevesearch/bleve_index_api"

	"onrecord/index"
	"onrecord/words"
)

// The fields. Text fields hold positions; keyword and number fields hold
// neither frequencies nor positions, and nothing is stored but the id.
const (
	fieldWords       = "words" // every word as said
	fieldStem        = "stem"  // its stem, with frequency
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

	fieldWhen      = "when"
	fieldPublished = "published"
	fieldSeen      = "seen"
	fieldChanged   = "changed"
	fieldCount     = "sightings"
)

const (
	withPositions = store.IndexField | store.IncludeTermVectors
	withCounts    = store.IndexField
	bare          = store.IndexField | store.SkipFreqNorm
)

// field is one field of a document. Its terms are made by Analyze, which the
// store calls on its workers.
type field struct {
	name    string
	options store.FieldIndexingOptions
	terms   func() (store.TokenFrequencies, int)
	freqs   store.TokenFrequencies
	length  int
	plain   int // bytes of text
}

func (f *field) Name() string                                     { return f.name }
func (f *field) Value() []byte                                    { return nil }
func (f *field) ArrayPositions() []uint64                         { return nil }
func (f *field) EncodedFieldType() byte                           { return 't' }
func (f *field) Analyze()                                         { f.freqs, f.length = f.terms() }
func (f *field) Options() store.FieldIndexingOptions              { return f.options }
func (f *field) AnalyzedLength() int                              { return f.length }
func (f *field) AnalyzedTokenFrequencies() store.TokenFrequencies { return f.freqs }
func (f *field) NumPlainTextBytes() uint64                        { return uint64(f.plain) }
func (f *field) Size() int                                        { return f.plain }

// document lays a statement out in fields.
func document(d *index.Doc) *bleve.Document {
	out := bleve.NewDocument(string(d.ID))
	text := []string{strings.Join(d.Words, "\n")}
	out.AddField(textField(fieldWords, text))
	out.AddField(stemField(fieldStem, text))
	if len(d.Earlier) > 0 {
		out.AddField(textField(fieldEarlier, d.Earlier))
		out.AddField(stemField(fieldEarlierStem, d.Earlier))
	}
	for name, values := range map[string][]string{fieldTitle: d.Titles, fieldRole: d.Roles} {
		if len(values) > 0 {
			out.AddField(textField(name, values))
		}
	}
	for name, values := range keywords(d) {
		if len(values) > 0 {
			out.AddField(keywordField(name, values...))
		}
	}
	for name, t := range map[string]time.Time{fieldWhen: d.When, fieldPublished: d.Published, fieldSeen: d.Seen, fieldChanged: d.Changed} {
		if !t.IsZero() {
			out.AddField(keywordField(name, encode(t.UnixMilli())))
		}
	}
	return out.AddField(keywordField(fieldCount, encode(int64(d.Sightings))))
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

func keywordField(name string, values ...string) *field {
	return &field{name: name, options: bare, terms: func() (store.TokenFrequencies, int) {
		out := make(store.TokenFrequencies, len(values))
		for _, v := range values {
			if v != "" && out[v] == nil {
				out[v] = counted(v)
			}
		}
		return out, len(out)
	}}
}

func counted(term string) *store.TokenFreq {
	f := &store.TokenFreq{Term: []byte(term)}
	f.SetFrequency(1)
	return f
}

// encode writes a number as eight bytes whose order is that of the numbers.
func encode(n int64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n)^1<<63)
	return string(b[:])
}

func decode(b []byte) int64 {
	if len(b) != 8 {
		return unknown
	}
	return int64(binary.BigEndian.Uint64(b) ^ 1<<63)
}

func textField(name string, texts []string) *field {
	return &field{name: name, options: withPositions, plain: bytesOf(texts), terms: func() (store.TokenFrequencies, int) {
		out := store.TokenFrequencies{}
		n := eachUnit(texts, func(u unit) {
			f := out[u.term]
			if f == nil {
				f = &store.TokenFreq{Term: []byte(u.term)}
				out[u.term] = f
			}
			// Offsets are left out: highlights are drawn from the words in the
			// catalogue, and a byte less a word is a tenth of the index.
			f.Locations = append(f.Locations, &store.TokenLocation{Position: u.position()})
			f.SetFrequency(len(f.Locations))
		})
		return out, n
	}}
}

func stemField(name string, texts []string) *field {
	return &field{name: name, options: withCounts, plain: bytesOf(texts), terms: func() (store.TokenFrequencies, int) {
		out := store.TokenFrequencies{}
		n := eachUnit(texts, func(u unit) {
			stem := words.Stem(u.term)
			if f := out[stem]; f != nil {
				f.SetFrequency(f.Frequency() + 1)
			} else {
				out[stem] = counted(stem)
			}
		})
		return out, n
	}}
}

func bytesOf(texts []string) int {
	n := 0
	for _, t := range texts {
		n += len(t)
	}
	return n
}
