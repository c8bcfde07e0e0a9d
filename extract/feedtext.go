package extract

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// feedText turns a feed's bytes into clean text: the first rungs of the repair
// ladder. Every step that changes something says so.
func (r *feedReader) feedText() string {
	body := r.in.Body
	if len(body) > MaxFeed {
		r.lost(fmt.Sprintf("longer than %d bytes: read up to there", MaxFeed))
		body = body[:MaxFeed]
	}
	text := r.decode(body)
	text = r.withoutControls(text)
	text = r.withoutBadReferences(text)
	return r.withoutJunk(text)
}

var (
	labelInType = lazily(`(?i)charset\s*=\s*["']?\s*([^\s"';]+)`)
	labelInXML  = lazily(`^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)\s*["']`)
)

// decode reads the bytes in the encoding that they bear out: byte order marks
// first, then what the answer's header says, then what the feed declares.
func (r *feedReader) decode(body []byte) string {
	if name, enc := encodingByMark(body); enc != nil {
		r.doc.Encoding = name
		return r.through(enc, body)
	}
	r.mediaType = r.in.MediaType
	if r.mediaType == "" {
		r.mediaType = r.in.Header.Get("Content-Type")
	}
	if kind := strings.ToLower(strings.TrimSpace(strings.Split(r.mediaType, ";")[0])); kind == "text/plain" || kind == "text/html" {
		r.repaired("served as " + kind + ", read as a feed")
	}
	for _, label := range []string{firstGroup(labelInType, r.mediaType), firstGroup(labelInXML, string(body[:min(len(body), 1024)]))} {
		if label == "" {
			continue
		}
		if text, ok := r.decodeAs(strings.ToLower(label), body); ok {
			return text
		}
	}
	return r.decodeUnlabelled(body)
}

func firstGroup(re *pattern, s string) string {
	if m := re.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return ""
}

// encodingByMark knows an encoding by its byte order mark, or by how "<?xm" or
// "<" look in it.
func encodingByMark(b []byte) (string, encoding.Encoding) {
	has := func(s string) bool { return bytes.HasPrefix(b, []byte(s)) }
	switch {
	case has("\x00\x00\xfe\xff"), has("\x00\x00\x00<"):
		return "utf-32be", utf32.UTF32(utf32.BigEndian, utf32.UseBOM)
	case has("\xff\xfe\x00\x00"), has("<\x00\x00\x00"):
		return "utf-32le", utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)
	case has("\xfe\xff"), has("\x00<\x00"):
		return "utf-16be", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case has("\xff\xfe"), has("<\x00"):
		return "utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case has("\x4c\x6f\xa7\x94"):
		return "cp037", charmap.CodePage037
	}
	return "", nil
}

// through decodes what can be decoded; the marks themselves fall away.
func (r *feedReader) through(enc encoding.Encoding, body []byte) string {
	if r.doc.Encoding == "utf-32be" || r.doc.Encoding == "utf-32le" {
		enc = utf32.UTF32(map[string]utf32.Endianness{"utf-32be": utf32.BigEndian, "utf-32le": utf32.LittleEndian}[r.doc.Encoding], utf32.IgnoreBOM)
	}
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		r.repaired(fmt.Sprintf("%s could not be read to its end: %v", r.doc.Encoding, err))
	}
	return strings.TrimPrefix(strings.ToValidUTF8(string(out), "\uFFFD"), "\uFEFF")
}

// decodeAs reads the body as its label says, unless the bytes say otherwise.
func (r *feedReader) decodeAs(label string, body []byte) (string, bool) {
	enc, name := charset.Lookup(label)
	if enc == nil {
		r.repaired(fmt.Sprintf("encoding %q is unknown: the bytes were asked instead", label))
		return "", false
	}
	valid := utf8.Valid(body)
	switch {
	case name == "utf-8":
		r.doc.Encoding = "utf-8"
		return r.asUTF8(body), true
	case strings.HasPrefix(name, "utf-16") || name == "replacement":
		r.repaired(fmt.Sprintf("encoding %q does not fit the bytes", label))
		return "", false
	case label == "us-ascii" && !isASCII(body):
		r.repaired("bytes beyond the us-ascii that was announced")
		return "", false
	case name == "windows-1252" && valid && !isASCII(body):
		r.doc.Encoding = "utf-8"
		r.repaired(fmt.Sprintf("announced as %s, but valid UTF-8: read as UTF-8", label))
		return r.asUTF8(body), true
	}
	r.doc.Encoding = label
	return r.through(enc, body), true
}

// decodeUnlabelled reads a body whose encoding nobody named.
func (r *feedReader) decodeUnlabelled(body []byte) string {
	r.doc.Encoding = "utf-8"
	kind := strings.ToLower(strings.TrimSpace(strings.Split(r.mediaType, ";")[0]))
	if isASCII(body) && strings.HasPrefix(kind, "text/") && strings.HasSuffix(kind, "xml") {
		r.doc.Encoding = "us-ascii" // RFC 3023, section 3.1
	}
	return r.asUTF8(body)
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// asUTF8 keeps what is UTF-8 and reads every other byte as windows-1252: a feed
// glued together from both is the common case, and neither half is then lost.
func (r *feedReader) asUTF8(body []byte) string {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if utf8.Valid(body) {
		return string(body)
	}
	var b strings.Builder
	b.Grow(len(body) + 64)
	first, count, multibyte := -1, 0, false
	for i := 0; i < len(body); {
		c, n := utf8.DecodeRune(body[i:])
		if c == utf8.RuneError && n <= 1 {
			if first < 0 {
				first = i
			}
			count++
			if c, n = surrogatePair(body[i:]); n > 0 {
				multibyte = true
			} else if n = illFormed(body[i:]); n > 0 {
				c = utf8.RuneError
			} else {
				c, n = charmap.Windows1252.DecodeByte(body[i]), 1
			}
		} else if n > 1 {
			multibyte = true
		}
		b.WriteRune(c)
		i += n
	}
	r.repaired(fmt.Sprintf("invalid UTF-8 at byte %d (%d bytes in all): read as windows-1252", first, count))
	if !multibyte {
		r.doc.Encoding = "windows-1252"
	}
	return b.String()
}

// surrogatePair reads the six bytes of a character beyond the first plane that
// was encoded as two surrogates (CESU-8); 0 bytes where there is none.
func surrogatePair(b []byte) (rune, int) {
	if len(b) < 6 || b[0] != 0xED || b[3] != 0xED || b[1]&0xF0 != 0xA0 || b[4]&0xF0 != 0xB0 {
		return 0, 0
	}
	half := func(b []byte) rune { return 0xD000 | rune(b[1]&0x3F)<<6 | rune(b[2]&0x3F) }
	return utf16.DecodeRune(half(b), half(b[3:])), 6
}

// withoutControls drops characters that XML 1.0 forbids.
func (r *feedReader) withoutControls(s string) string {
	first, count := -1, 0
	out := strings.Map(func(c rune) rune {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c == 0xFFFE || c == 0xFFFF {
			count++
			return -1
		}
		return c
	}, s)
	if count > 0 {
		first = strings.IndexFunc(s, func(c rune) bool {
			return c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c == 0xFFFE || c == 0xFFFF
		})
		r.repaired(fmt.Sprintf("control characters at byte %d (%d in all): removed", first, count))
	}
	return out
}

var numericReference = lazily(`&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,8}));`)

// withoutBadReferences drops numeric references to what no text may hold, such
// as "&#11;", over which an XML parser gives up the whole feed. The two halves
// of a UTF-16 pair, written as two references, become their one character.
func (r *feedReader) withoutBadReferences(s string) string {
	if !strings.Contains(s, "&#") {
		return s
	}
	var high rune
	bad := ""
	out := numericReference.ReplaceAllStringFunc(s, func(ref string) string {
		c := referred(ref)
		switch {
		case c >= 0xD800 && c < 0xDC00:
			high = c
			return ""
		case c >= 0xDC00 && c < 0xE000:
			pair := utf16.DecodeRune(high, c)
			high = 0
			return string(pair)
		case c < 0x20 && c != '\t' && c != '\n' && c != '\r', c == 0xFFFE, c == 0xFFFF, c > utf8.MaxRune:
			bad = first(bad, ref)
			return ""
		}
		return ref
	})
	if bad != "" {
		r.repaired("reference " + bad + " to a character that no text may hold: removed")
	}
	return out
}

func referred(ref string) rune {
	m := numericReference.FindStringSubmatch(ref)
	n, err := strconv.ParseInt(m[1], 16, 32)
	if m[2] != "" {
		n, err = strconv.ParseInt(m[2], 10, 32)
	}
	if err != nil {
		return utf8.MaxRune + 1
	}
	return rune(n)
}

// withoutJunk drops what stands before the feed: blank lines, a byte order
// mark that came too late, a warning of the server's language, an envelope. A
// page of HTML is no envelope.
func (r *feedReader) withoutJunk(s string) string {
	s = strings.TrimLeft(s, "\uFEFF \t\r\n")
	if s == "" || s[0] == '{' || s[0] == '[' || firstRoot(s) < 0 || cleanStart.MatchString(s) {
		return s
	}
	at := firstRoot(s)
	if i := strings.LastIndex(s[:at], "<?xml"); i >= 0 {
		at = i
	}
	r.repaired(fmt.Sprintf("%d bytes before the feed: dropped", at))
	return s[at:]
}

// cleanStart is how a feed may begin, and how HTML does.
var cleanStart = lazily(`(?i)^(?:<\?xml|<!doctype|<!--|<html[\s>]|<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>])`)

var feedRoot = lazily(`(?i)<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>]`)

func firstRoot(s string) int {
	if m := feedRoot.FindStringIndex(s); m != nil {
		return m[0]
	}
	return -1
}
