package bleveindex

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	store "github.com/blevesearch/bleve_index_api"
	"github.com/blevesearch/vellum"
	zap "github.com/blevesearch/zapx/v17"
	"github.com/klauspost/compress/s2"
)

// What follows writes zap, version 17 (zap.md of github.com/blevesearch/zapx):
// stored documents and their offsets; for each field its posting lists, its
// dictionary and where that is; the fields and where they are. Segments of this
// package all have the same fields, so that zap merges them by copying.

// write returns the segment and where its stored documents and its fields are
// listed.
func (b *builder) write() (raw []byte, storedAt, fieldsAt uint64, err error) {
	size := 0
	for _, s := range b.stored {
		size += len(s) + 48
	}
	w := &zapWriter{out: make([]byte, 0, size+3*len(b.pairs)+32*len(b.terms)), docs: len(b.ids)}
	storedAt = w.storedDocs(b.ids, b.stored)
	docs, from := b.postings()
	var at [numFields]uint64
	for f := range b.dicts {
		if at[f], err = w.field(b.sorted(f), b.terms, docs, from); err != nil {
			return nil, 0, 0, err
		}
	}
	fieldsAt = w.fields(at)
	return w.out, storedAt, fieldsAt, nil
}

// sorted are the numbers of a field's terms, in the order of the terms.
func (b *builder) sorted(f int) []uint32 {
	list := make([]uint32, 0, len(b.dicts[f]))
	for _, t := range b.dicts[f] {
		list = append(list, t)
	}
	slices.SortFunc(list, func(x, y uint32) int { return strings.Compare(b.terms[x].text, b.terms[y].text) })
	return list
}

type zapWriter struct {
	out    []byte
	docs   int
	bitmap []byte // of the posting list at hand
}

func (w *zapWriter) varint(n uint64) { w.out = binary.AppendUvarint(w.out, n) }

// storedDocs writes the documents and returns where their offsets are.
func (w *zapWriter) storedDocs(ids []string, stored [][]byte) uint64 {
	offsets := make([]uint64, len(ids))
	var meta, data []byte
	for i, id := range ids {
		offsets[i] = uint64(len(w.out))
		meta = binary.AppendUvarint(meta[:0], uint64(len(id)))
		meta = append(meta, byte(numStored), 't', 0) // offset 0
		meta = binary.AppendUvarint(meta, uint64(len(stored[i])))
		meta = append(meta, 0) // no array positions
		data = appendSnappy(append(data[:0], id...), stored[i])
		w.varint(uint64(len(meta)))
		w.varint(uint64(len(data)))
		w.out = append(append(w.out, meta...), data...)
	}
	at := uint64(len(w.out))
	for _, o := range offsets {
		w.out = binary.BigEndian.AppendUint64(w.out, o)
	}
	w.varint(0) // no nested documents
	return at
}

// appendSnappy writes raw in snappy's format. Codes are hashes: short ones have
// nothing to be compressed and stand as they are, as one literal.
func appendSnappy(out, raw []byte) []byte {
	if len(raw) == 0 || len(raw) > 1<<10 {
		return append(out, s2.EncodeSnappy(nil, raw)...)
	}
	out = binary.AppendUvarint(out, uint64(len(raw)))
	switch n := len(raw) - 1; {
	case n < 60:
		out = append(out, byte(n)<<2)
	case n < 1<<8:
		out = append(out, 60<<2, byte(n))
	default:
		out = append(out, 61<<2, byte(n), byte(n>>8))
	}
	return append(out, raw...)
}

// field writes a field's posting lists and dictionary and returns where its
// entry is.
func (w *zapWriter) field(sorted []uint32, terms []term, docs, from []uint32) (uint64, error) {
	var dict bytes.Buffer
	fst, err := vellum.New(&dict, &vellum.BuilderOpts{Encoder: 1, RegistryTableSize: 0, RegistryMRUSize: 1})
	if err != nil {
		return 0, err
	}
	for _, t := range sorted {
		at, err := w.postings(docs[from[t]:from[t+1]])
		if err != nil {
			return 0, err
		}
		if err := fst.Insert([]byte(terms[t].text), at); err != nil {
			return 0, err
		}
	}
	if err := fst.Close(); err != nil {
		return 0, err
	}
	dictAt := uint64(len(w.out))
	w.varint(uint64(dict.Len()))
	w.out = append(w.out, dict.Bytes()...)
	at := uint64(len(w.out))
	const none = 1<<64 - 1 // no values by document
	w.varint(none)
	w.varint(none)
	w.varint(dictAt)
	return at, nil
}

// postings writes a posting list and returns what its dictionary holds for it:
// its place, or the document itself where it is the only one.
//
// A frequency of 0 makes a posting one byte of zap's: no norm follows. Of one
// document it is 1, which is what lets zap keep it without a list behind a merge
// too.
func (w *zapWriter) postings(docs []uint32) (uint64, error) {
	if len(docs) == 1 {
		return zap.FSTValEncode1Hit(uint64(docs[0]), zap.NormBits1Hit), nil
	}
	freqAt := uint64(len(w.out))
	size := w.docs / (len(docs)/1024 + 1) // of a chunk: zap's mode 1026
	w.varint(uint64((w.docs-1)/size + 1))
	for end := size; end-size < w.docs; end += size {
		below, _ := slices.BinarySearch(docs, uint32(end))
		w.varint(uint64(below))
	}
	w.out = append(w.out, make([]byte, len(docs))...)
	at := uint64(len(w.out))
	w.varint(freqAt)
	w.varint(0) // no places
	var err error
	if w.bitmap, err = appendBitmap(w.bitmap[:0], docs); err != nil {
		return 0, err
	}
	w.varint(uint64(len(w.bitmap)))
	w.out = append(w.out, w.bitmap...)
	return at, nil
}

// fields writes the list of fields and returns where it is.
func (w *zapWriter) fields(at [numFields]uint64) uint64 {
	var entries [numFields]uint64
	for f, name := range fieldNames {
		entries[f] = uint64(len(w.out))
		w.varint(uint64(len(name)))
		w.out = append(w.out, name...)
		options := store.IndexField | store.SkipFreqNorm
		switch fieldNumber(f) {
		case numID:
			options = store.IndexField | store.StoreField
		case numStored:
			options = store.StoreField
		}
		w.varint(uint64(options))
		w.varint(1) // section
		w.out = binary.BigEndian.AppendUint16(w.out, zap.SectionInvertedTextIndex)
		w.out = binary.BigEndian.AppendUint64(w.out, at[f])
	}
	list := uint64(len(w.out))
	w.varint(uint64(len(entries)))
	for _, e := range entries {
		w.out = binary.BigEndian.AppendUint64(w.out, e)
	}
	return list
}
