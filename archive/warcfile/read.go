package warcfile

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"time"

	"onrecord/record"
)

// Records are read here and not by gowarc's Unmarshaler: v2.0.1 panics on the
// version line "WARC/\n", reads header lines of any length into memory, and
// spills blocks to temporary files. A stranger's WARC must do none of that.

const (
	maxBody   = 64 << 20 // of one exchange, bytes
	maxHeader = 1 << 20  // of a record's or an answer's header, bytes
	maxBlock  = maxBody + maxHeader
	lineSize  = 64 << 10 // the longest header line, bytes
)

// warcRecord is one record as it was read. Its block and, where the record
// gives sha256 digests, its payload have been checked.
type warcRecord struct {
	fields  http.Header // the WARC header, names in canonical MIME form
	kind    string      // WARC-Type, lower case
	first   string      // status or request line of an HTTP block
	http    http.Header // its header; nil when the block is not HTTP
	body    []byte      // the payload, when it was asked for
	size    int64       // of the payload
	payload [sha256.Size]byte
}

func (r *warcRecord) url() string {
	// Some writers of WARC 1.0 put angle brackets around the address.
	return strings.Trim(r.fields.Get("Warc-Target-Uri"), "<> ")
}

func (r *warcRecord) date() (time.Time, error) {
	raw := r.fields.Get("Warc-Date")
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01", "2006"} {
		if t, err := time.Parse(layout, raw); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("WARC-Date %.40q is no date: %w", raw, record.ErrInvalid)
}

// isHTTP reports whether the block is an HTTP message.
func (r *warcRecord) isHTTP() bool {
	switch r.kind {
	case "response", "request", "revisit":
		return strings.HasPrefix(strings.ToLower(r.fields.Get("Content-Type")), "application/http")
	}
	return false
}

// readRecord reads one record, from its version line to the blank lines after
// its block. With keep, the payload is held in memory. A record is returned
// beside an error once its header was read, so that the caller can name it.
func readRecord(r *bufio.Reader, keep bool) (*warcRecord, error) {
	rec, length, err := readHead(r)
	if err != nil {
		return rec, err
	}
	if length > maxBlock {
		return rec, fmt.Errorf("block of %d bytes, more than %d: %w", length, int64(maxBlock), record.ErrTooLarge)
	}
	if err := rec.readBlock(r, length, keep); err != nil {
		return rec, err
	}
	var end [4]byte
	if _, err := io.ReadFull(r, end[:]); err != nil || string(end[:]) != "\r\n\r\n" {
		return rec, fmt.Errorf("no blank lines after the block: %w", record.ErrDamaged)
	}
	return rec, nil
}

func readHead(r *bufio.Reader) (*warcRecord, int64, error) {
	version, err := readLine(r)
	if err != nil {
		return nil, 0, err
	}
	if !strings.HasPrefix(version, "WARC/1.") {
		return nil, 0, fmt.Errorf("begins with %.20q and not with WARC/1.0 or WARC/1.1: %w", version, record.ErrDamaged)
	}
	fields, err := readFields(r)
	if err != nil {
		return nil, 0, err
	}
	rec := &warcRecord{fields: fields, kind: strings.ToLower(fields.Get("Warc-Type"))}
	length, err := strconv.ParseInt(fields.Get("Content-Length"), 10, 64)
	if err != nil || length < 0 {
		return rec, 0, fmt.Errorf("the Content-Length %.40q is no length: %w", fields.Get("Content-Length"), record.ErrDamaged)
	}
	return rec, length, nil
}

// readBlock reads a block of length bytes and checks its digest.
func (r *warcRecord) readBlock(src io.Reader, length int64, keep bool) error {
	block, want := digester(r.fields.Get("Warc-Block-Digest"))
	counted := &counter{r: io.LimitReader(src, length)}
	in := bufio.NewReaderSize(io.TeeReader(counted, block), lineSize)
	if r.isHTTP() {
		if err := r.readHTTPHead(in); err != nil {
			return err
		}
	}
	if err := r.readPayload(in, keep); err != nil {
		return err
	}
	if counted.n < length {
		return fmt.Errorf("the block ends after %d of %d bytes: %w", counted.n, length, record.ErrDamaged)
	}
	if want != nil && !bytes.Equal(block.Sum(nil), want) {
		return fmt.Errorf("the block is not what WARC-Block-Digest says: %w", record.ErrDamaged)
	}
	return nil
}

func (r *warcRecord) readHTTPHead(in *bufio.Reader) error {
	first, err := readLine(in)
	if err != nil {
		return fmt.Errorf("HTTP message: %w", err)
	}
	r.first = first
	if r.http, err = readFields(in); err != nil {
		return fmt.Errorf("HTTP message: %w", err)
	}
	return nil
}

func (r *warcRecord) readPayload(in io.Reader, keep bool) error {
	sum := sha256.New()
	var kept bytes.Buffer
	to := io.Writer(sum)
	if keep {
		to = io.MultiWriter(sum, &kept)
	}
	n, err := io.Copy(to, in)
	if err != nil {
		return damaged(err)
	}
	r.size, r.body = n, kept.Bytes()
	sum.Sum(r.payload[:0])
	return nil
}

// digester returns the hash that a digest field names and the sum it gives;
// nil where the field is absent or in a form not known here, in which case
// nothing is checked.
func digester(field string) (hash.Hash, []byte) {
	name, value, _ := strings.Cut(field, ":")
	var h hash.Hash
	switch strings.ToLower(strings.ReplaceAll(name, "-", "")) {
	case "sha256":
		h = sha256.New()
	case "sha1":
		h = sha1.New()
	case "md5":
		h = md5.New()
	case "sha512":
		h = sha512.New()
	default:
		return sha256.New(), nil
	}
	if len(value) == 2*h.Size() {
		if sum, err := hex.DecodeString(strings.ToLower(value)); err == nil {
			return h, sum
		}
	}
	sum, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(strings.ToUpper(value), "="))
	if err != nil || len(sum) != h.Size() {
		return h, nil
	}
	return h, sum
}

// readLine reads a line of at most lineSize bytes and takes its end off.
func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", fmt.Errorf("a header line of more than %d bytes: %w", r.Size(), record.ErrTooLarge)
	case err != nil:
		return "", damaged(err)
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

// readFields reads named fields up to the blank line. Lines without a colon,
// which real servers send, are passed over; a line that begins with a blank
// continues the one before.
func readFields(r *bufio.Reader) (http.Header, error) {
	h := http.Header{}
	var last string
	for total := 0; ; {
		line, err := readLine(r)
		if err != nil {
			return nil, err
		}
		if line == "" {
			return h, nil
		}
		if total += len(line); total > maxHeader {
			return nil, fmt.Errorf("a header of more than %d bytes: %w", maxHeader, record.ErrTooLarge)
		}
		if last != "" && (line[0] == ' ' || line[0] == '\t') {
			v := h[last]
			v[len(v)-1] += " " + strings.TrimSpace(line)
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		last = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))
		h[last] = append(h[last], strings.TrimSpace(value))
	}
}

// damaged makes the error of a reader that broke one that callers can test
// for. Errors of the disk stay what they are.
func damaged(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("ends early: %w", record.ErrDamaged)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt):
		return fmt.Errorf("%v: %w", err, record.ErrDamaged)
	default:
		return err
	}
}

// counter counts the bytes that pass.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// gzipHead is how every member that Put writes begins: deflate, no flags, no
// time, level 6, system unknown (RFC 1952, section 2.3). The checksum of a
// member does not cover these bytes, so they are compared.
var gzipHead = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}

// memberReader reads gzip members that hold one record each. It keeps its
// buffers from one member to the next.
type memberReader struct {
	raw   counter
	in    *bufio.Reader
	plain *bufio.Reader
	gz    gzip.Reader
}

// readers are those that are not in use.
var readers = sync.Pool{New: func() any { return newMemberReader() }}

func newMemberReader() *memberReader {
	m := &memberReader{}
	m.in = bufio.NewReaderSize(&m.raw, 32<<10)
	m.plain = bufio.NewReaderSize(&m.gz, lineSize)
	return m
}

// open sets m to the member at the beginning of r.
func (m *memberReader) open(r io.Reader) error {
	m.raw = counter{r: r}
	m.in.Reset(&m.raw)
	if head, err := m.in.Peek(len(gzipHead)); err != nil {
		return damaged(err)
	} else if !bytes.Equal(head, gzipHead) {
		return fmt.Errorf("the gzip header is not as it was written: %w", record.ErrDamaged)
	}
	if err := m.gz.Reset(m.in); err != nil {
		return damaged(err)
	}
	m.gz.Multistream(false)
	m.plain.Reset(&m.gz)
	return nil
}

// read reads the record of the member at the beginning of r and returns it
// with the bytes that the member takes.
func (m *memberReader) read(r io.Reader, keep bool) (*warcRecord, int64, error) {
	if err := m.open(r); err != nil {
		return nil, 0, err
	}
	rec, err := readRecord(m.plain, keep)
	if err != nil {
		return rec, 0, err
	}
	switch _, err := m.plain.ReadByte(); {
	case err == nil:
		return rec, 0, fmt.Errorf("the gzip member goes on after its record: %w", record.ErrDamaged)
	case !errors.Is(err, io.EOF):
		return rec, 0, damaged(err)
	}
	return rec, m.raw.n - int64(m.in.Buffered()), checkPayload(rec)
}

// head reads only the header of the record: enough to tell its capture.
func (m *memberReader) head(r io.Reader) (*warcRecord, error) {
	if err := m.open(r); err != nil {
		return nil, err
	}
	rec, _, err := readHead(m.plain)
	if err != nil || !rec.isHTTP() {
		return rec, err
	}
	return rec, rec.readHTTPHead(m.plain)
}

// checkPayload compares the payload of a record that Put wrote with its digest.
func checkPayload(rec *warcRecord) error {
	if rec.kind != "response" && rec.kind != "resource" {
		return nil
	}
	if _, want := digester(rec.fields.Get("Warc-Payload-Digest")); !bytes.Equal(want, rec.payload[:]) {
		return fmt.Errorf("the body is not what WARC-Payload-Digest says: %w", record.ErrDamaged)
	}
	return nil
}
