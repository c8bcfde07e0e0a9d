package warcfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/nlnwa/gowarc/v2"

	"onrecord/archive"
	"onrecord/record"
)

const (
	// maxURL leaves room for the field's name in a header line.
	maxURL = lineSize - 1<<10
	// revisitFrom is the size from which a body seen again becomes a revisit
	// record; a smaller one costs no more than the record that would name it.
	revisitFrom = 1 << 10

	stampForm = "20060102150405"
)

// Header fields of our own, which tell what the standard's fields do not.
const (
	viaField  = "Onrecord-Via"       // of resource records: import or row
	sizeField = "Onrecord-Size"      // of revisit records: bytes of the body
	hopsField = "Onrecord-Redirects" // see record.Chain
	protoName = "Warc-Protocol"      // as other archiving tools write it: h2, http/1.1
)

var protocols = map[string]string{"HTTP/1.0": "http/1.0", "HTTP/1.1": "http/1.1", "HTTP/2.0": "h2", "HTTP/3.0": "h3"}

// secretHeaders never reach the disk. Set-Cookie stands here too: it is an
// answer's header, and what it sets is the asker's secret.
var secretHeaders = []string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "Set-Cookie2"}

// addressHeaders hold URLs, which may carry a name and password.
var addressHeaders = []string{"Location", "Content-Location", "Referer", "Refresh"}

// item is an exchange that may be kept, with the capture that it will be.
type item struct {
	archive.Exchange
	capture record.Capture
	sum     [sha256.Size]byte
}

// newItem checks x, takes secrets out of it and works out its capture.
func newItem(x archive.Exchange) (item, error) {
	x.URL = withoutUserinfo(x.URL)
	x.At = x.At.UTC().Truncate(time.Second)
	x.Redirects = record.Chain(withoutAnyUserinfo(string(x.Redirects)))
	x.Header, x.RequestHeader = withoutSecrets(x.Header), withoutSecrets(x.RequestHeader)
	if err := check(x); err != nil {
		return item{}, err
	}
	it := item{Exchange: x, sum: sha256.Sum256(x.Body)}
	digest := hex.EncodeToString(it.sum[:])
	it.capture = record.Capture{
		ID: record.CaptureID(x.URL, x.At, digest), URL: x.URL, At: x.At, SHA256: digest,
		Size: int64(len(x.Body)), Status: x.Status, MediaType: mediaType(x.Header), Via: x.Via, Redirects: x.Redirects,
	}
	return it, nil
}

func check(x archive.Exchange) error {
	// The address is printed without what may be a password: see withoutUserinfo.
	shown := x.URL[strings.LastIndexByte(x.URL, '@')+1:]
	u, err := url.Parse(x.URL)
	switch {
	case len(x.URL) > maxURL || !utf8.ValidString(x.URL):
		return fmt.Errorf("archive: URL of %d bytes: longer than %d or not UTF-8: %w", len(x.URL), maxURL, record.ErrInvalid)
	case err != nil || !u.IsAbs() || (u.Host == "" && u.Opaque == "" && u.Scheme != "file") || strings.TrimSpace(x.URL) != x.URL:
		return fmt.Errorf("archive: %q is no absolute URL: %w", shown, record.ErrInvalid)
	case x.At.IsZero() || x.At.Year() < 1 || x.At.Year() > 9999:
		return fmt.Errorf("archive: %s has no time of capture between the years 1 and 9999: %w", shown, record.ErrInvalid)
	case x.Via != "http" && x.Via != "import" && x.Via != "row":
		return fmt.Errorf("archive: %s came via %q; want http, import or row: %w", shown, x.Via, record.ErrInvalid)
	case x.Via == "http" && (x.Status < 100 || x.Status > 999):
		return fmt.Errorf("archive: %s has HTTP status %d: %w", shown, x.Status, record.ErrInvalid)
	case x.Via != "http" && x.Status != 0:
		return fmt.Errorf("archive: %s came via %s and yet has HTTP status %d: %w", shown, x.Via, x.Status, record.ErrInvalid)
	case x.Redirects != "" && (x.Redirects.Hops() == nil || len(x.Redirects) > maxURL):
		return fmt.Errorf("archive: what led to %s is no chain of redirects: %w", shown, record.ErrInvalid)
	case !readable(x.Header) || !readable(x.RequestHeader):
		return fmt.Errorf("archive: the headers of %s are over %d bytes in one line or %d in all: %w", shown, lineSize, maxHeader, record.ErrTooLarge)
	case len(x.Body) > maxBody:
		return fmt.Errorf("archive: body of %s: %d bytes, more than %d: %w", shown, len(x.Body), maxBody, record.ErrTooLarge)
	}
	return nil
}

// readable reports whether a header, once written, can be read back within the
// limits of reading.
func readable(h http.Header) bool {
	const spare = 1 << 10 // the first line and what stands between names and values
	total := 0
	for name, values := range h {
		for _, v := range values {
			if len(name)+len(v) > lineSize-spare {
				return false
			}
			total += len(name) + len(v) + len(": \r\n")
		}
	}
	return total <= maxHeader-lineSize-spare
}

// withoutUserinfo takes "user:password@" out of an address and leaves every
// other byte as it is: an address is evidence, so it is not written anew.
func withoutUserinfo(raw string) string {
	start := strings.Index(raw, "//")
	if start < 0 {
		return raw
	}
	start += 2
	end := len(raw)
	if i := strings.IndexAny(raw[start:], "/?#\\"); i >= 0 {
		end = start + i
	}
	at := strings.LastIndexByte(raw[start:end], '@')
	return raw[:start] + raw[start+at+1:]
}

// withoutAnyUserinfo is withoutUserinfo for each of a line of words.
func withoutAnyUserinfo(line string) string {
	words := strings.Split(line, " ")
	for i, w := range words {
		words[i] = withoutUserinfo(w)
	}
	return strings.Join(words, " ")
}

func withoutSecrets(h http.Header) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		name = http.CanonicalHeaderKey(name)
		if slices.Contains(secretHeaders, name) {
			continue
		}
		for _, v := range values {
			if slices.Contains(addressHeaders, name) {
				v = withoutUserinfo(v)
			}
			out[name] = append(out[name], oneLine(v))
		}
	}
	return out
}

// mediaType is the Content-Type as sent; bytes that are not UTF-8, which JSON
// cannot hold, are replaced in the capture and stay in the record.
func mediaType(h http.Header) string { return strings.ToValidUTF8(h.Get("Content-Type"), "\ufffd") }

func oneLine(s string) string {
	return strings.TrimSpace(strings.NewReplacer("\r", " ", "\n", " ").Replace(s))
}

// recordID is the WARC-Record-ID of a record of a capture. It follows from the
// capture, so that a later record can name this one without looking for it.
// The form is a UUID of version 8 (RFC 9562, section 5.8).
func recordID(of, kind string) string {
	b := sha256.Sum256([]byte(of + " " + kind))
	b[6] = b[6]&0x0f | 0x80
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

func base32Digest(sum []byte) string { return "sha256:" + base32.StdEncoding.EncodeToString(sum) }

// draft is a record before it is packed.
type draft struct {
	kind   gowarc.RecordType
	fields [][2]string
	block  []byte
}

// pack makes the record with gowarc, which checks it against WARC 1.1 and adds
// length and digests, and packs it as a gzip member of its own.
func (d draft) pack(zw *gzip.Writer) ([]byte, error) {
	rec, err := d.make()
	if err != nil {
		return nil, err
	}
	defer rec.Close()
	var out bytes.Buffer
	zw.Reset(&out)
	zw.ModTime = time.Unix(0, 0) // the zero Time would not be written as none: see gzipHead
	if _, _, err := gowarc.NewMarshaler().Marshal(zw, rec, 0); err != nil {
		return nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// newPacker gives what packs the records of one archive, one after the other:
// to make one anew takes longer than most records do.
func newPacker() *gzip.Writer {
	zw, _ := gzip.NewWriterLevel(nil, 6) // gives an error for other levels only
	return zw
}

// builders is held while a record is made: gowarc sets a switch of the whole
// process each time, which two archives must not do at once.
var builders sync.Mutex

func (d draft) make() (gowarc.WarcRecord, error) {
	builders.Lock()
	defer builders.Unlock()
	b := gowarc.NewRecordBuilder(d.kind, gowarc.WithVersion(gowarc.V1_1), gowarc.WithStrictValidation(),
		gowarc.WithDefaultDigestAlgorithm("sha256"), gowarc.WithDefaultDigestEncoding(gowarc.Base32),
		gowarc.WithBufferMaxMemBytes(maxBlock)) // never a temporary file: bodies are in memory already
	for _, f := range d.fields {
		b.AddWarcHeader(f[0], f[1])
	}
	if _, err := b.Write(d.block); err != nil {
		return nil, err
	}
	rec, _, err := b.Build()
	if err != nil {
		return nil, fmt.Errorf("%v: %w", err, record.ErrInvalid)
	}
	return rec, nil
}

// members are records, packed, one behind the other, with the line of each.
type members struct {
	zw    *gzip.Writer
	bytes []byte
	lines []line
}

// add packs a record and appends it and its line, for a file of base bytes so
// far.
func (m *members) add(base int64, d draft, l line) error {
	packed, err := d.pack(m.zw)
	if err != nil {
		return err
	}
	l.Offset, l.Length, l.CRC = base+int64(len(m.bytes)), int64(len(packed)), crc32.ChecksumIEEE(packed)
	m.bytes = append(m.bytes, packed...)
	m.lines = append(m.lines, l)
	return nil
}

// addInfo begins a file: who wrote it, in which format. Its date is that of
// the first capture, for the archive has no clock of its own.
func (m *members) addInfo(file, software string, at time.Time) error {
	block := "software: " + oneLine(software) + "\r\nformat: WARC File Format 1.1\r\n" +
		"conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
	return m.add(0, draft{gowarc.Warcinfo, [][2]string{
		{gowarc.WarcRecordID, "<" + recordID(file, "warcinfo") + ">"},
		{gowarc.WarcDate, at.Format(time.RFC3339)},
		{gowarc.WarcFilename, file},
		{gowarc.ContentType, "application/warc-fields"},
	}, []byte(block)}, line{Type: "warcinfo"})
}

// addItem adds the records of an exchange: the answer, as a revisit of first
// where that is given, and after it the request.
func (m *members) addItem(base int64, file string, it item, first *record.Capture) error {
	l, answer := lineOf(it.capture), draft{}
	switch {
	case it.Via != "http":
		l.Type, answer = "resource", it.resource(file)
	case first != nil:
		l.Type, answer = "revisit", it.revisit(file, *first)
	default:
		l.Type, answer = "response", it.response(file)
	}
	if err := m.add(base, answer, l); err != nil || it.Via != "http" {
		return err
	}
	return m.add(base, it.request(file, l.Type), line{Type: "request"})
}

func (it item) fields(kind, file string) [][2]string {
	f := [][2]string{
		{gowarc.WarcRecordID, "<" + recordID(string(it.capture.ID), kind) + ">"},
		{gowarc.WarcTargetURI, it.URL},
		{gowarc.WarcDate, it.At.Format(time.RFC3339)},
		{gowarc.WarcWarcinfoID, "<" + recordID(file, "warcinfo") + ">"},
	}
	if p := protocols[it.Proto]; p != "" {
		f = append(f, [2]string{protoName, p})
	}
	if it.Redirects != "" {
		f = append(f, [2]string{hopsField, string(it.Redirects)})
	}
	if it.Cut {
		f = append(f, [2]string{gowarc.WarcTruncated, "length"})
	}
	return f
}

func (it item) digestField() [2]string {
	return [2]string{gowarc.WarcPayloadDigest, base32Digest(it.sum[:])}
}

func (it item) httpType(msg string) [2]string {
	return [2]string{gowarc.ContentType, "application/http; msgtype=" + msg}
}

func (it item) response(file string) draft {
	return draft{gowarc.Response, append(it.fields("response", file), it.digestField(), it.httpType("response")), append(it.answerHead(), it.Body...)}
}

func (it item) resource(file string) draft {
	f := append(it.fields("resource", file), it.digestField(), [2]string{viaField, it.Via})
	switch {
	case it.Header.Get("Content-Type") != "":
		f = append(f, [2]string{gowarc.ContentType, it.Header.Get("Content-Type")})
	case len(it.Body) > 0:
		// The standard asks for a type where there is a block; an unknown one
		// comes back as unknown.
		f = append(f, [2]string{gowarc.ContentType, unknownType})
	}
	return draft{gowarc.Resource, f, it.Body}
}

// unknownType stands for a media type that nobody told.
const unknownType = "application/octet-stream; onrecord=unknown"

func (it item) revisit(file string, first record.Capture) draft {
	f := append(it.fields("revisit", file), it.digestField(), it.httpType("response"),
		[2]string{gowarc.WarcProfile, gowarc.ProfileIdenticalPayloadDigestV1_1},
		[2]string{gowarc.WarcRefersTo, "<" + recordID(string(first.ID), "response") + ">"},
		[2]string{gowarc.WarcRefersToTargetURI, first.URL},
		[2]string{gowarc.WarcRefersToDate, first.At.Format(time.RFC3339)},
		[2]string{sizeField, strconv.FormatInt(it.capture.Size, 10)})
	return draft{gowarc.Revisit, f, it.answerHead()}
}

func (it item) request(file, answer string) draft {
	f := append(it.fields("request", file), it.httpType("request"),
		[2]string{gowarc.WarcConcurrentTo, "<" + recordID(string(it.capture.ID), answer) + ">"})
	return draft{gowarc.Request, f, it.requestHead()}
}

// answerHead is the answer's status line and header. The line says HTTP/1.1
// for later protocols too, since those have no such line and other readers
// know no other; WARC-Protocol tells which it was.
func (it item) answerHead() []byte {
	proto := "HTTP/1.1"
	if it.Proto == "HTTP/1.0" {
		proto = it.Proto
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %03d %s\r\n", proto, it.Status, http.StatusText(it.Status))
	// The transfer coding is gone from the body, so the header must not claim
	// it. A bytes.Buffer takes every write.
	_ = it.Header.WriteSubset(&b, map[string]bool{"Transfer-Encoding": true})
	b.WriteString("\r\n")
	return b.Bytes()
}

func (it item) requestHead() []byte {
	method := it.Method
	if method == "" {
		method = http.MethodGet
	}
	target, host := "/", ""
	if u, err := url.Parse(it.URL); err == nil {
		target, host = u.RequestURI(), u.Host
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", oneLine(method), oneLine(target), host)
	_ = it.RequestHeader.WriteSubset(&b, map[string]bool{"Host": true})
	b.WriteString("\r\n")
	return b.Bytes()
}
