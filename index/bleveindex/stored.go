package bleveindex

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"

	segment "github.com/blevesearch/scorch_segment_api/v2"
	"github.com/klauspost/compress/s2"

	"onrecord/index"
	"onrecord/record"
)

// What is stored of a statement, in one field: its numbers, and which words
// stand where in its texts. Bleve could keep places in its posting lists, at six
// bytes a word; here a word is a code of two, and a phrase is looked for where
// it can be, in the documents that have its words.
//
//	numbers   when, published, seen, changed (signed varints of milliseconds,
//	          the later ones as differences; unknown as the least number),
//	          sightings, words in front (varints)
//	width     bytes of a code, 2 to 4
//	salt      one byte
//	sections  one for each of textFields: varint of codes, the codes; varint of
//	          joined words, each as the varint of its index among the codes
//	          (less that of the one before), one byte of its places, its code
//
// The parts of a joined word stand among the codes at their places.
//
// A code is a salted hash of the word. The salt is chosen so that no two words
// of one statement have the same code, so that in a statement that has a word,
// its code stands for nothing else.
const (
	fieldStored = "s"
	mostSalts   = 64
	widest      = 4
)

// textFields are the fields whose places are stored, in the order of sections.
var textFields = []string{fieldWords, fieldEarlier, fieldTitle, fieldRole}

// Codes from reserved(width) on are no words.
const (
	markGap  = 15 // more places than any NEAR reaches
	markHole = 14 // one place of a word that cannot be found
)

func reserved(width int) uint32 { return uint32(1<<(8*width)-1) - 15 }

// hashOf is the unsalted hash of a term (FNV-1a, 64 bits).
func hashOf(term string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(term) {
		h = (h ^ uint64(term[i])) * 1099511628211
	}
	return h
}

// codeOf is the code of a hash under a salt.
func codeOf(hash uint64, salt byte, width int) uint32 {
	x := hash + uint64(salt)*0x9E3779B97F4A7C15
	x = (x ^ x>>32) * 0xD6E8FEB86659FD93
	return uint32(x >> (64 - 8*width))
}

// numbers are the columns of a document.
type numbers struct {
	when, published, seen, changed int64
	sightings, length              int
}

func numbersOf(d *index.Doc, length int) numbers {
	ms := func(t time.Time) int64 {
		if t.IsZero() {
			return unknown
		}
		return t.UnixMilli()
	}
	return numbers{ms(d.When), ms(d.Published), ms(d.Seen), ms(d.Changed), d.Sightings, length}
}

// packer writes what is stored of one document after the other.
type packer struct {
	units  [4][]unit // of textFields
	hashes []uint64  // of all their words, some of them more than once
	used   [1 << 16 / 64]uint64
	codes  []uint32
	joined []whole
}

// begin begins a document.
func (p *packer) begin() {
	for i := range p.units {
		p.units[i] = p.units[i][:0]
	}
	p.hashes = p.hashes[:0]
}

// stored is the field of the document.
func (p *packer) stored(n numbers) []byte {
	out := make([]byte, 0, 64+2*len(p.units[0]))
	base := int64(0)
	for _, ms := range []int64{n.when, n.published, n.seen, n.changed} {
		if ms == unknown {
			out = binary.AppendVarint(out, math.MinInt64)
			continue
		}
		out = binary.AppendVarint(out, ms-base)
		base = ms
	}
	out = binary.AppendUvarint(out, uint64(n.sightings))
	out = binary.AppendUvarint(out, uint64(n.length))
	salt, width := p.salted()
	out = append(out, byte(width), salt)
	for _, units := range p.units {
		out = p.appendSection(out, units, salt, width)
	}
	return out
}

// salted finds a salt and width under which all words have codes of their own.
// Words whose hashes are the same, which nobody meets by accident, never have.
func (p *packer) salted() (salt byte, width int) {
	slices.Sort(p.hashes)
	p.hashes = slices.Compact(p.hashes)
	for salt = range byte(mostSalts) {
		if p.distinct(salt) {
			return salt, 2
		}
	}
	codes := make(map[uint32]bool, len(p.hashes))
	for width = 3; width <= widest; width++ {
		for salt = range byte(mostSalts) {
			if distinct(p.hashes, codes, salt, width) {
				return salt, width
			}
		}
	}
	return 0, widest
}

// distinct reports whether the words have codes of two bytes of their own.
func (p *packer) distinct(salt byte) bool {
	if len(p.hashes) >= 1<<16 {
		return false
	}
	done := 0
	most := reserved(2)
	for _, h := range p.hashes {
		c := codeOf(h, salt, 2)
		if c >= most || p.used[c/64]&(1<<(c%64)) != 0 {
			break
		}
		p.used[c/64] |= 1 << (c % 64)
		done++
	}
	for _, h := range p.hashes[:done] {
		p.used[codeOf(h, salt, 2)/64] = 0
	}
	return done == len(p.hashes)
}

func distinct(hashes []uint64, codes map[uint32]bool, salt byte, width int) bool {
	clear(codes)
	most := reserved(width)
	for _, h := range hashes {
		c := codeOf(h, salt, width)
		if c >= most || codes[c] {
			return false
		}
		codes[c] = true
	}
	return true
}

func (p *packer) appendSection(out []byte, units []unit, salt byte, width int) []byte {
	codes, joined := p.codes[:0], p.joined[:0]
	at := 0
	for i, u := range units {
		for ; u.start-at >= gap; at += gap {
			codes = append(codes, reserved(width)+markGap)
		}
		for ; at < u.start; at++ {
			codes = append(codes, reserved(width)+markHole)
		}
		code := codeOf(u.hash, salt, width)
		if i+1 < len(units) && units[i+1].start == u.start { // its parts come next
			joined = append(joined, whole{len(codes), u.size, code})
			continue
		}
		codes = append(codes, code)
		at = u.start + u.size
	}
	out = binary.AppendUvarint(out, uint64(len(codes)))
	for _, c := range codes {
		out = appendCode(out, c, width)
	}
	out = binary.AppendUvarint(out, uint64(len(joined)))
	before := 0
	for _, w := range joined {
		out = binary.AppendUvarint(out, uint64(w.index-before))
		out = appendCode(append(out, byte(w.size)), w.code, width)
		before = w.index
	}
	p.codes, p.joined = codes, joined
	return out
}

func appendCode(out []byte, c uint32, width int) []byte {
	for shift := 8 * (width - 1); shift >= 0; shift -= 8 {
		out = append(out, byte(c>>shift))
	}
	return out
}

// whole is a joined word: its index among the codes, where its parts begin, and
// how many places it takes.
type whole struct {
	index, size int
	code        uint32
}

// section is the codes of one text of a document.
type section struct {
	salt   byte
	width  int
	codes  []byte
	joined []byte // as stored, without their number
	wholes int
}

func (s section) len() int { return len(s.codes) / s.width }

func (s section) at(i int) uint32 { return codeAt(s.codes[i*s.width:], s.width) }

func codeAt(b []byte, width int) uint32 {
	switch width {
	case 2:
		return uint32(b[0])<<8 | uint32(b[1])
	case 3:
		return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
	default:
		return binary.BigEndian.Uint32(b)
	}
}

// nextWhole reads a joined word and returns what stands behind it.
func (s section) nextWhole(raw []byte, before int) (whole, []byte, bool) {
	n, size := binary.Uvarint(raw)
	if size <= 0 || len(raw) < size+1+s.width || n > math.MaxInt32 {
		return whole{}, nil, false
	}
	return whole{before + int(n), int(raw[size]), codeAt(raw[size+1:], s.width)}, raw[size+1+s.width:], true
}

var errStored = fmt.Errorf("a stored document is cut off: %w; %s", record.ErrDamaged, wayOut)

// readNumbers reads the numbers of a stored field and returns the rest.
func readNumbers(raw []byte) (n numbers, rest []byte, err error) {
	base := int64(0)
	for _, into := range []*int64{&n.when, &n.published, &n.seen, &n.changed} {
		ms, size := binary.Varint(raw)
		if size <= 0 {
			return n, nil, errStored
		}
		raw = raw[size:]
		if ms == math.MinInt64 {
			*into = unknown
			continue
		}
		base += ms
		*into = base
	}
	for _, into := range []*int{&n.sightings, &n.length} {
		v, size := binary.Uvarint(raw)
		if size <= 0 {
			return n, nil, errStored
		}
		*into, raw = int(min(v, math.MaxInt32)), raw[size:]
	}
	return n, raw, nil
}

// readSection reads the codes of one text field out of a stored field.
func readSection(raw []byte, field int) (section, error) {
	_, raw, err := readNumbers(raw)
	if err != nil || len(raw) < 2 || raw[0] < 2 || raw[0] > widest {
		return section{}, errStored
	}
	s := section{width: int(raw[0]), salt: raw[1]}
	raw = raw[2:]
	for i := 0; ; i++ {
		n, size := binary.Uvarint(raw)
		if size <= 0 || n > uint64(len(raw)-size)/uint64(s.width) {
			return section{}, errStored
		}
		s.codes, raw = raw[size:size+int(n)*s.width], raw[size+int(n)*s.width:]
		n, size = binary.Uvarint(raw)
		if size <= 0 || n > uint64(len(raw)-size) {
			return section{}, errStored
		}
		s.wholes, s.joined = int(n), raw[size:]
		if i == field {
			return s, nil
		}
		raw = raw[size:]
		for range s.wholes {
			var ok bool
			if _, raw, ok = s.nextWhole(raw, 0); !ok {
				return section{}, errStored
			}
		}
	}
}

// storedReader reads what is stored of one document of a segment after the other:
// where it lies, if the segment is a file, since zap's own reading unpacks and
// copies all of it. It is one goroutine's.
type storedReader struct {
	seg    segment.Segment
	file   []byte // of the segment; nil for one in memory
	listed uint64 // where in it the documents' offsets are
	count  uint64
	buf    []byte
}

func storedOf(seg segment.Segment) *storedReader {
	r := &storedReader{seg: seg, count: seg.Count()}
	if f, ok := seg.(interface {
		Data() []byte
		StoredIndexOffset() uint64
	}); ok {
		r.file, r.listed = f.Data(), f.StoredIndexOffset()
	}
	return r
}

// of is what is stored of a document; the bytes are the caller's only until it
// asks for the next.
func (r *storedReader) of(doc uint32) ([]byte, error) {
	if r.file == nil || uint64(doc) >= r.count {
		return r.slowly(doc)
	}
	meta, data, err := r.lying(doc)
	if err != nil {
		return nil, err
	}
	idSize, n := binary.Uvarint(meta)
	if n <= 0 || idSize > uint64(len(data)) {
		return nil, errStored
	}
	// One field at offset 0 (storedDocs); whatever else a merge may have made of
	// it is zap's to read.
	meta, data = meta[n:], data[idSize:]
	if len(meta) < 5 || meta[0] != byte(numStored) || meta[2] != 0 {
		return r.slowly(doc)
	}
	size, n := binary.Uvarint(meta[3:])
	if n <= 0 || len(meta) != 3+n+1 || meta[3+n] != 0 {
		return r.slowly(doc)
	}
	if r.buf, data, err = unpacked(r.buf, data); err != nil || uint64(len(data)) != size {
		return nil, errStored
	}
	return data, nil
}

// id is a document's id; the bytes are nobody's to change and hold as long as
// the segment is open.
func (r *storedReader) id(doc uint32) ([]byte, error) {
	if r.file == nil || uint64(doc) >= r.count {
		return r.seg.DocID(uint64(doc))
	}
	meta, data, err := r.lying(doc)
	if err != nil {
		return nil, err
	}
	size, n := binary.Uvarint(meta)
	if n <= 0 || size > uint64(len(data)) {
		return nil, errStored
	}
	return data[:size], nil
}

// place is where a document lies in the file; behind its end where that is not
// known.
func (r *storedReader) place(doc uint32) uint64 {
	at := r.listed + 8*uint64(doc)
	if size := uint64(len(r.file)); at > size || size-at < 8 {
		return size
	}
	return binary.BigEndian.Uint64(r.file[at:])
}

// lying is where the description of a document and its data lie (zap.md).
func (r *storedReader) lying(doc uint32) (meta, data []byte, err error) {
	at, size := r.listed+8*uint64(doc), uint64(len(r.file))
	if at > size || size-at < 8 {
		return nil, nil, errStored
	}
	at = binary.BigEndian.Uint64(r.file[at:])
	if at >= size {
		return nil, nil, errStored
	}
	raw := r.file[at:]
	metaSize, n := binary.Uvarint(raw)
	if n <= 0 {
		return nil, nil, errStored
	}
	raw = raw[n:]
	dataSize, n := binary.Uvarint(raw)
	if n <= 0 || metaSize > uint64(len(raw)-n) || dataSize > uint64(len(raw)-n)-metaSize {
		return nil, nil, errStored
	}
	raw = raw[n:]
	return raw[:metaSize], raw[metaSize : metaSize+dataSize], nil
}

// unpacked is what is packed in snappy's format: where it is one literal, as
// appendSnappy writes it, it is not copied. Buf is used for anything else.
func unpacked(buf, data []byte) (nextBuf, raw []byte, err error) {
	size, n := binary.Uvarint(data)
	if n <= 0 || len(data) == n {
		return buf, nil, errStored
	}
	lit, tag := data[n+1:], data[n]
	switch {
	case tag&3 != 0:
		lit = nil
	case tag < 60<<2:
		if uint64(tag>>2)+1 != size {
			lit = nil
		}
	case tag == 60<<2 && len(lit) > 0 && uint64(lit[0])+1 == size:
		lit = lit[1:]
	case tag == 61<<2 && len(lit) > 1 && uint64(lit[0])+uint64(lit[1])<<8+1 == size:
		lit = lit[2:]
	default:
		lit = nil
	}
	if lit != nil && uint64(len(lit)) == size {
		return buf, lit, nil
	}
	raw, err = s2.Decode(buf[:cap(buf)], data)
	return raw, raw, err
}

// slowly asks zap.
func (r *storedReader) slowly(doc uint32) ([]byte, error) {
	found := false
	err := r.seg.VisitStoredFields(uint64(doc), func(name string, _ byte, value []byte, _ []uint64) bool {
		if name == fieldStored {
			found = true
			r.buf = append(r.buf[:0], value...)
		}
		return !found
	})
	if err == nil && !found {
		err = errStored
	}
	return r.buf, err
}
