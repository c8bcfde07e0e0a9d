package extract

import (
	"bytes"
	"fmt"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// decode turns the body into UTF-8 by the WHATWG order: byte order mark, HTTP
// header, <meta>, and then the bytes themselves. What had to be mended is said
// in problems.
func decode(body []byte, mediaType string) (text string, problems []string) {
	if order, ok := bareUTF16(body); ok {
		out, err := unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder().Bytes(body)
		if err == nil {
			return string(out), []string{"UTF-16 without a byte order mark: decoded by its zero bytes"}
		}
	}
	if label := unknownLabel(mediaType); label != "" {
		problems = append(problems, fmt.Sprintf("unknown charset %.40q in the HTTP header: ignored", label))
	}
	enc, name, certain := charset.DetermineEncoding(body, mediaType)
	if !certain {
		switch label := metaCharset(body); {
		case label != "":
			if e, n := charset.Lookup(label); e != nil {
				enc, name = e, n
			} else {
				problems = append(problems, fmt.Sprintf("unknown charset %.40q in <meta>: ignored", label))
			}
		case utf8.Valid(body):
			name = "utf-8" // undeclared; the library judges by the first kilobyte alone
		}
	}
	if strings.HasPrefix(name, "utf-16") && !bytes.HasPrefix(body, []byte{0xFF, 0xFE}) && !bytes.HasPrefix(body, []byte{0xFE, 0xFF}) && utf8.Valid(body) {
		name = "utf-8" // a declaration that could be read cannot have been UTF-16
	}
	if name == "utf-8" {
		text, mended := repairUTF8(bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF")))
		return text, append(problems, mended...)
	}
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		text, mended := repairUTF8(body)
		return text, append(append(problems, fmt.Sprintf("declared as %s, which it is not", name)), mended...)
	}
	return strings.ToValidUTF8(string(out), "\uFFFD"), problems
}

// bareUTF16 finds the byte order of UTF-16 that lacks its mark: markup begins
// with "<" and another ASCII character.
func bareUTF16(body []byte) (unicode.Endianness, bool) {
	switch {
	case len(body) < 4:
		return unicode.LittleEndian, false
	case body[0] == '<' && body[1] == 0 && body[2] != 0 && body[3] == 0:
		return unicode.LittleEndian, true
	default:
		return unicode.BigEndian, body[0] == 0 && body[1] == '<' && body[2] == 0 && body[3] != 0
	}
}

func unknownLabel(mediaType string) string {
	_, params, err := mime.ParseMediaType(mediaType)
	if err != nil || params["charset"] == "" {
		return ""
	}
	if e, _ := charset.Lookup(params["charset"]); e != nil {
		return ""
	}
	return params["charset"]
}

var metaLabel = lazily(`(?i)<meta\s[^>]{0,200}?charset\s*=\s*["']?\s*([a-z0-9_:.-]{2,40})`)

// metaCharset looks past the first kilobyte, where many pages have their
// declaration behind scripts.
func metaCharset(body []byte) string {
	m := metaLabel.FindSubmatch(body[:min(len(body), 64<<10)])
	if m == nil {
		return ""
	}
	return string(m[1])
}

// repairUTF8 reads stray bytes as windows-1252, which they are nearly always;
// overlong forms and surrogates become U+FFFD.
func repairUTF8(body []byte) (string, []string) {
	if utf8.Valid(body) {
		return string(body), nil
	}
	var b strings.Builder
	b.Grow(len(body) + len(body)/8)
	first, count := -1, 0
	for i := 0; i < len(body); {
		r, size := utf8.DecodeRune(body[i:])
		if r != utf8.RuneError || size > 1 {
			b.WriteRune(r)
			i += size
			continue
		}
		if count++; first < 0 {
			first = i
		}
		if n := illFormed(body[i:]); n > 0 {
			b.WriteRune(utf8.RuneError)
			i += n
			continue
		}
		b.WriteRune(charmap.Windows1252.DecodeByte(body[i]))
		i++
	}
	return b.String(), []string{fmt.Sprintf("invalid UTF-8 at byte %d and %d more places: read as windows-1252", first, count-1)}
}

// illFormed is the length of an overlong form or a surrogate at the start of b,
// 0 where there is none.
func illFormed(b []byte) int {
	tail := func(n int) bool {
		for i := 1; i < n; i++ {
			if len(b) <= i || b[i]&0xC0 != 0x80 {
				return false
			}
		}
		return true
	}
	switch {
	case (b[0] == 0xC0 || b[0] == 0xC1) && tail(2):
		return 2
	case (b[0] == 0xE0 || b[0] == 0xED) && tail(3):
		return 3
	case b[0] >= 0xF0 && tail(4):
		return 4
	}
	return 0
}
