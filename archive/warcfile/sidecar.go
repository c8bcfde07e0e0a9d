package warcfile

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"onrecord/record"
)

// line is one line of the sidecar that stands beside each WARC file: a record
// of that file, in CDXJ ("key timestamp {json}"), in the order of the file.
// The sidecar can be deleted at any time; Open writes it anew from the WARC.
type line struct {
	ID     record.ID `json:"id,omitempty"` // "" for records that are no captures
	Type   string    `json:"type"`         // the WARC-Type; "damaged" for bytes that hold no readable record
	URL    string    `json:"url,omitempty"`
	Digest string    `json:"digest,omitempty"` // sha256: and hex
	Size   int64     `json:"size,omitempty"`
	Status string    `json:"status,omitempty"`
	Mime   string    `json:"mime,omitempty"`
	Via    string    `json:"via,omitempty"`
	Hops   string    `json:"hops,omitempty"` // see record.Chain
	Offset int64     `json:"offset"`
	Length int64     `json:"length"` // of the gzip member
	CRC    uint32    `json:"crc32"`  // of its bytes as they lie in the file
	at     time.Time // the timestamp before the JSON
}

func lineOf(c record.Capture) line {
	l := line{ID: c.ID, URL: c.URL, Digest: "sha256:" + c.SHA256, Size: c.Size, Mime: c.MediaType, Via: c.Via, Hops: string(c.Redirects), at: c.At}
	if c.Status != 0 {
		l.Status = strconv.Itoa(c.Status)
	}
	return l
}

func (l line) capture(file string) record.Capture {
	status, _ := strconv.Atoi(l.Status) // "" for what came without HTTP
	return record.Capture{
		ID: l.ID, URL: l.URL, At: l.at, SHA256: strings.TrimPrefix(l.Digest, "sha256:"), Size: l.Size,
		Status: status, MediaType: l.Mime, Via: l.Via, File: file, Offset: l.Offset, Redirects: record.Chain(l.Hops),
	}
}

func (l line) appendTo(b []byte) ([]byte, error) {
	key, stamp := "-", "-"
	if l.ID != "" {
		key, stamp = sortKey(l.URL), l.at.Format(stampForm)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(l); err != nil {
		return nil, err
	}
	b = append(b, key...)
	b = append(b, ' ')
	b = append(b, stamp...)
	b = append(b, ' ')
	return append(b, out.Bytes()...), nil
}

// sortKey is the address with its host turned round, as CDXJ has it:
// example,hsn)/news. It is for other tools; nothing here reads it.
func sortKey(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return strings.ReplaceAll(raw, " ", "%20")
	}
	host := strings.Split(strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."), ".")
	slices.Reverse(host)
	return strings.ReplaceAll(strings.Join(host, ",")+")"+strings.ToLower(u.RequestURI()), " ", "%20")
}

// maxPlace is more than any file has bytes, and twice it is still a number.
const maxPlace = 1 << 60

var errLine = errors.New("not a line of a sidecar")

func parseLine(b []byte) (line, error) {
	parts := bytes.SplitN(b, []byte(" "), 3)
	if len(parts) != 3 {
		return line{}, errLine
	}
	l, ok := quickLine(parts[2])
	if !ok {
		l = line{}
		if err := json.Unmarshal(parts[2], &l); err != nil {
			return line{}, errLine
		}
	}
	if l.Offset < 0 || l.Length <= 0 || max(l.Offset, l.Length) > maxPlace {
		return line{}, errLine
	}
	if l.ID == "" {
		return l, nil
	}
	var err error
	if l.at, err = time.Parse(stampForm, string(parts[1])); err != nil {
		return line{}, errLine
	}
	digest := strings.TrimPrefix(l.Digest, "sha256:")
	if record.CaptureID(l.URL, l.at, digest) != l.ID {
		return line{}, errLine
	}
	return l, nil
}

// quickLine reads the JSON of a line as appendTo writes it, three times as fast
// as encoding/json: Open reads a line for each record of the archive. It is not
// ok with anything else, such as a string with an escape.
func quickLine(b []byte) (l line, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSuffix(string(b), "\n"), "{")
	for ok && rest != "" {
		var name, value string
		if name, rest, ok = strings.Cut(strings.TrimPrefix(rest, `"`), `":`); !ok {
			break
		}
		if text, is := strings.CutPrefix(rest, `"`); is {
			if value, rest, ok = strings.Cut(text, `"`); !ok || strings.ContainsAny(value, "\\\x00") {
				return l, false
			}
		} else {
			end := max(strings.IndexAny(rest, ",}"), 0)
			value, rest = rest[:end], rest[end:]
			ok = value != ""
		}
		if !ok || !l.set(name, value) {
			return l, false
		}
		if rest == "}" {
			return l, true
		}
		rest, ok = strings.CutPrefix(rest, ",")
	}
	return l, false
}

func (l *line) set(name, value string) bool {
	var err error
	switch name {
	case "id":
		l.ID = record.ID(value)
	case "type":
		l.Type = value
	case "url":
		l.URL = value
	case "digest":
		l.Digest = value
	case "size":
		l.Size, err = strconv.ParseInt(value, 10, 64)
	case "status":
		l.Status = value
	case "mime":
		l.Mime = value
	case "via":
		l.Via = value
	case "hops":
		l.Hops = value
	case "offset":
		l.Offset, err = strconv.ParseInt(value, 10, 64)
	case "length":
		l.Length, err = strconv.ParseInt(value, 10, 64)
	case "crc32":
		var sum uint64
		sum, err = strconv.ParseUint(value, 10, 32)
		l.CRC = uint32(sum)
	default:
		return false
	}
	return err == nil
}

// readSidecar yields the lines of a sidecar's first size bytes, each with the
// byte after it. It ends without an error at the first line that is cut short,
// not a line, or does not begin where the one before ended: what lies beyond
// is read from the WARC.
func readSidecar(path string, size int64) iter.Seq2[line, int64] {
	return func(yield func(line, int64) bool) {
		f, err := os.Open(path)
		if err != nil {
			return
		}
		defer f.Close()
		r := bufio.NewReaderSize(io.LimitReader(f, size), 4*lineSize)
		var at, next int64
		for {
			b, err := r.ReadSlice('\n')
			if err != nil {
				return
			}
			l, err := parseLine(b)
			if err != nil || l.Offset != next {
				return
			}
			at, next = at+int64(len(b)), l.Offset+l.Length
			if !yield(l, at) {
				return
			}
		}
	}
}

// captureOf is the capture that a record of ours tells by itself.
func captureOf(rec *warcRecord) (record.Capture, error) {
	at, err := rec.date()
	if err != nil {
		return record.Capture{}, err
	}
	_, sum := digester(rec.fields.Get("Warc-Payload-Digest"))
	c := record.Capture{URL: rec.fields.Get("Warc-Target-Uri"), At: at, SHA256: hex.EncodeToString(sum), Size: rec.size, Via: "http"}
	if c.Redirects = record.Chain(rec.fields.Get(hopsField)); c.Redirects.Hops() == nil {
		c.Redirects = ""
	}
	switch rec.kind {
	case "resource":
		c.Via = rec.fields.Get(viaField)
		if c.MediaType = mediaType(rec.fields); c.MediaType == unknownType {
			c.MediaType = ""
		}
	case "revisit":
		c.Size, err = strconv.ParseInt(rec.fields.Get(sizeField), 10, 64)
	}
	if c.Via == "http" && err == nil {
		c.MediaType = mediaType(rec.http)
		c.Status, err = statusOf(rec.first)
	}
	if err != nil {
		return record.Capture{}, fmt.Errorf("record of %s: %v: %w", c.URL, err, record.ErrDamaged)
	}
	c.ID = record.CaptureID(c.URL, c.At, c.SHA256)
	return c, nil
}

func statusOf(first string) (int, error) {
	parts := strings.Fields(first)
	if len(parts) < 2 || !strings.HasPrefix(parts[0], "HTTP/") {
		return 0, fmt.Errorf("%.40q is no status line: %w", first, record.ErrDamaged)
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil || n < 100 || n > 999 {
		return 0, fmt.Errorf("%.40q is no status line: %w", first, record.ErrDamaged)
	}
	return n, nil
}

func isCapture(kind string) bool {
	return kind == "response" || kind == "resource" || kind == "revisit"
}
