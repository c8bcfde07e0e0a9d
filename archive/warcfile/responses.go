package warcfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"onrecord/archive"
	"onrecord/record"
)

// Responses reads a WARC stream of any origin, packed or not: WARC 1.0 and 1.1,
// one gzip member a record or any number of records in a member. It yields what
// response and resource records hold, in order: HTTP answers with Via "http",
// everything else with Via "import". Request, metadata and conversion records
// and answers of other protocols than HTTP are passed over.
//
// A record that cannot be used is yielded as an error that names the stream and
// the byte at which it begins, and reading goes on behind it; the caller may
// stop by leaving the loop. The error wraps record.ErrDamaged, record.ErrInvalid,
// record.ErrTooLarge for one over 65 MiB, or record.ErrNotFound for a revisit
// whose body did not stand earlier in the same stream or too far back: the last
// 32 MiB of bodies are remembered. Any other error is that of r, and the last
// thing yielded. Memory is bounded by that and by the largest record.
func Responses(r io.Reader, name string) iter.Seq2[archive.Exchange, error] {
	return func(yield func(archive.Exchange, error) bool) {
		s := newStream(r, name)
		for s.next(yield) {
		}
	}
}

// stream is a WARC file of others while it is read.
type stream struct {
	name  string
	raw   counter
	again []byte // bytes to read once more before those of raw
	in    *bufio.Reader
	gz    gzip.Reader
	plain *bufio.Reader // what gz unpacks
	seen  bodies
}

// Read reads what is to be read again, and then the file.
func (s *stream) Read(p []byte) (int, error) {
	if len(s.again) == 0 {
		return s.raw.Read(p)
	}
	n := copy(p, s.again)
	s.again = s.again[n:]
	return n, nil
}

// trail hands packed bytes to gzip and remembers the last of them. Unpacking
// runs past the end of a member that was cut short, into the next one, before
// it finds the bytes to be wrong; those are then looked at again.
type trail struct {
	in   *bufio.Reader
	last []byte
}

// trailSize is far more than unpacking needs to stumble over foreign bytes, and
// little enough that a hostile file cannot have much read twice.
const trailSize = 4 << 10

func (t *trail) ReadByte() (byte, error) {
	b, err := t.in.ReadByte()
	if err == nil {
		t.note([]byte{b})
	}
	return b, err
}

func (t *trail) Read(p []byte) (int, error) {
	n, err := t.in.Read(p)
	t.note(p[:n])
	return n, err
}

func (t *trail) note(b []byte) {
	t.last = append(t.last, b...)
	if len(t.last) > 2*trailSize {
		t.last = append(t.last[:0], t.last[len(t.last)-trailSize:]...)
	}
}

// rewind goes back to the earliest byte that t remembers behind byte at.
func (s *stream) rewind(t *trail, at int64) {
	back := min(int64(len(t.last)), s.offset()-at-1)
	if back <= 0 {
		return
	}
	unread, _ := s.in.Peek(s.in.Buffered())
	again := append([]byte(nil), t.last[int64(len(t.last))-back:]...)
	s.again = append(append(again, unread...), s.again...)
	s.in.Reset(s)
}

// probeSize is how far a place is looked into that may begin a record.
const probeSize = 32 << 10

func newStream(r io.Reader, name string) *stream {
	s := &stream{name: name, raw: counter{r: r}}
	s.in = bufio.NewReaderSize(s, 2*lineSize)
	s.plain = bufio.NewReaderSize(&s.gz, lineSize)
	return s
}

func (s *stream) offset() int64 { return s.raw.n - int64(len(s.again)+s.in.Buffered()) }

type yielder = func(archive.Exchange, error) bool

// next reads one record, or one gzip member with all its records. It reports
// whether there may be more.
func (s *stream) next(yield yielder) bool {
	if err := skipBlank(s.in); err != nil {
		return s.atEnd(err, yield)
	}
	at := s.offset()
	magic, err := s.in.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return s.atEnd(err, yield)
	}
	switch {
	case bytes.Equal(magic, []byte{0x1f, 0x8b, 8}):
		return s.member(at, yield)
	case bytes.HasPrefix(magic, []byte("WAR")):
		return s.one(s.in, at, yield)
	default:
		_, _ = s.in.Discard(1) // so that the search does not stay here
		return s.broken(nil, at, fmt.Errorf("no record begins here: %w", record.ErrDamaged), yield) && s.resync(yield)
	}
}

// atEnd ends the reading: silently at the end of the stream.
func (s *stream) atEnd(err error, yield yielder) bool {
	if !errors.Is(err, io.EOF) {
		yield(archive.Exchange{}, fmt.Errorf("%s: at byte %d: %w", s.name, s.offset(), err))
	}
	return false
}

// skipBlank passes over the line ends and zero bytes that some writers leave
// between records.
func skipBlank(r *bufio.Reader) error {
	for {
		b, err := r.ReadByte()
		if err != nil {
			return err
		}
		if b != '\r' && b != '\n' && b != 0 {
			return r.UnreadByte()
		}
	}
}

func (s *stream) member(at int64, yield yielder) bool {
	t := &trail{in: s.in}
	more, err := s.records(t, at, yield)
	if err == nil {
		return more
	}
	s.rewind(t, at)
	return more && s.resync(yield)
}

// records reads the records of a member. After an error, which has been
// yielded, more says whether to go on.
func (s *stream) records(t *trail, at int64, yield yielder) (more bool, err error) {
	if err := s.gz.Reset(t); err != nil {
		return s.broken(nil, at, damaged(err), yield), err
	}
	s.gz.Multistream(false)
	s.plain.Reset(&s.gz)
	for {
		switch err := skipBlank(s.plain); {
		case errors.Is(err, io.EOF):
			return true, nil
		case err != nil:
			return s.broken(nil, at, damaged(err), yield), err
		}
		rec, err := readRecord(s.plain, true)
		if err != nil {
			return s.broken(rec, at, err, yield), err
		}
		// The checksum at the member's end is read before its last record is
		// given away: it may be all that tells of a changed byte.
		if _, err := s.plain.Peek(1); err != nil && !errors.Is(err, io.EOF) {
			return s.broken(rec, at, damaged(err), yield), err
		}
		if !s.give(rec, at, yield) {
			return false, nil
		}
	}
}

func (s *stream) one(r *bufio.Reader, at int64, yield yielder) bool {
	rec, err := readRecord(r, true)
	if err != nil {
		return s.broken(rec, at, err, yield) && s.resync(yield)
	}
	return s.give(rec, at, yield)
}

// broken yields an error about the record at a byte and reports whether
// reading can go on.
func (s *stream) broken(rec *warcRecord, at int64, err error, yield yielder) bool {
	of := ""
	if rec != nil && rec.url() != "" {
		of = fmt.Sprintf(" (%s of %.200s)", rec.kind, rec.url())
	}
	onward := errors.Is(err, record.ErrDamaged) || errors.Is(err, record.ErrInvalid) || errors.Is(err, record.ErrTooLarge) || errors.Is(err, record.ErrNotFound)
	return yield(archive.Exchange{}, fmt.Errorf("%s: record at byte %d%s: %w", s.name, at, of, err)) && onward
}

func (s *stream) give(rec *warcRecord, at int64, yield yielder) bool {
	if rec.kind == "revisit" {
		rec.body = s.seen.get(rec)
	}
	x, ok, err := foreign(rec)
	if ok && rec.kind == "response" {
		s.seen.put(rec, x.Body)
	}
	switch {
	case err != nil:
		return s.broken(rec, at, err, yield)
	case !ok:
		return true
	default:
		return yield(x, nil)
	}
}

// foreign makes an exchange of a record; ok is false for one that holds none.
func foreign(rec *warcRecord) (x archive.Exchange, ok bool, err error) {
	u, err := url.Parse(rec.url())
	if !isCapture(rec.kind) || err == nil && rec.kind != "resource" && u.IsAbs() && u.Scheme != "http" && u.Scheme != "https" {
		return x, false, nil // dns: and the like
	}
	switch {
	case err != nil || !u.IsAbs():
		return x, false, fmt.Errorf("WARC-Target-URI %.200q is no absolute URL: %w", rec.url(), record.ErrInvalid)
	case rec.kind == "revisit" && len(rec.body) == 0:
		return x, false, fmt.Errorf("a revisit: its body is kept with %.200s of %s: %w",
			rec.fields.Get("Warc-Refers-To-Target-Uri"), rec.fields.Get("Warc-Refers-To-Date"), record.ErrNotFound)
	case rec.fields.Get("Warc-Truncated") != "":
		return x, false, fmt.Errorf("its writer cut it short (WARC-Truncated: %.40s): %w", rec.fields.Get("Warc-Truncated"), record.ErrInvalid)
	case rec.fields.Get("Warc-Segment-Number") != "":
		return x, false, fmt.Errorf("one part of a record in several, which are not put together: %w", record.ErrInvalid)
	}
	at, err := rec.date()
	if err != nil {
		return x, false, err
	}
	x = archive.Exchange{URL: rec.url(), At: at, Via: "import", Body: rec.body, Header: http.Header{}}
	if !rec.isHTTP() {
		if via := rec.fields.Get(viaField); via == "row" {
			x.Via = via
		}
		if t := rec.fields.Get("Content-Type"); t != "" && t != unknownType {
			x.Header.Set("Content-Type", t)
		}
		return x, true, nil
	}
	err = answer(&x, rec)
	return x, err == nil, err
}

// answer fills in what an HTTP answer tells and takes off its transfer coding.
func answer(x *archive.Exchange, rec *warcRecord) (err error) {
	x.Via, x.Header = "http", rec.http
	if x.Status, err = statusOf(rec.first); err != nil {
		return err
	}
	if x.Proto = protoOf(rec); x.Proto == "" {
		x.Proto, _, _ = strings.Cut(rec.first, " ")
	}
	if x.Proto == "HTTP/2" || x.Proto == "HTTP/3" {
		x.Proto += ".0" // as net/http names them
	}
	chunked := strings.Contains(strings.ToLower(strings.Join(x.Header.Values("Transfer-Encoding"), ",")), "chunked")
	x.Header.Del("Transfer-Encoding")
	if !chunked || rec.kind == "revisit" || !startsChunk(x.Body) {
		// What is remembered for revisits has no coding, and many writers take
		// it off and leave the header.
		return nil
	}
	body, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(x.Body)))
	if err != nil {
		return fmt.Errorf("its chunks break after %d bytes (%v): %w", len(body), err, record.ErrDamaged)
	}
	x.Body = body
	return nil
}

// startsChunk reports whether b begins with the size line of a chunk
// (RFC 9112, section 7.1).
func startsChunk(b []byte) bool {
	line, _, ok := bytes.Cut(b[:min(len(b), 256)], []byte("\n"))
	size, _, _ := bytes.Cut(bytes.TrimRight(line, "\r"), []byte(";"))
	size = bytes.TrimSpace(size)
	return ok && len(size) > 0 && len(size) <= 16 && len(bytes.Trim(size, "0123456789abcdefABCDEF")) == 0
}

// resync goes on to the next place where a record can begin: a gzip member
// that unpacks to one, or a version line.
func (s *stream) resync(yield yielder) bool {
	for {
		window, err := s.in.Peek(probeSize)
		if len(window) == 0 || err != nil && !errors.Is(err, io.EOF) {
			return s.atEnd(err, yield)
		}
		i := candidate(window)
		if i < 0 {
			_, _ = s.in.Discard(max(len(window)-len("WARC/1.")+1, 1))
			continue
		}
		_, _ = s.in.Discard(i)
		if window, _ = s.in.Peek(probeSize); begins(window) {
			return true
		}
		_, _ = s.in.Discard(1)
	}
}

// candidate is the first place in b where a record may begin; -1 for none.
func candidate(b []byte) int {
	packed, plain := bytes.Index(b, []byte{0x1f, 0x8b, 8}), bytes.Index(b, []byte("WARC/1."))
	switch {
	case packed < 0:
		return plain
	case plain < 0:
		return packed
	default:
		return min(packed, plain)
	}
}

func begins(b []byte) bool {
	if bytes.HasPrefix(b, []byte("WARC/1.")) {
		return true
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return false
	}
	var first [7]byte
	_, err = io.ReadFull(z, first[:])
	return err == nil && string(first[:]) == "WARC/1."
}
