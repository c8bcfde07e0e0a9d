// Package extract reads fetched bytes into a Page: clean text with its title,
// dates, embedded posts, updates and leads. It does no I/O and keeps no state,
// and it does not say whose words the text holds.
package extract

import (
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"onrecord/record"
)

// MaxBody is the most bytes of a page that are read: 10 MiB.
const MaxBody = 10 << 20

// Input is one captured answer.
type Input struct {
	URL string // as asked for; "" unknown
	// At is when it was captured; the zero time where that is unknown. Relative
	// dates ("2 hours ago") are read against it.
	At time.Time
	// MediaType is the Content-Type as sent, with its charset; "" asks Header,
	// and then the bytes themselves.
	MediaType string
	Header    http.Header // of the answer; nil where there was none
	Body      []byte      // content coding removed
	Capture   record.ID   // of the evidence; "" none
}

// Page reads a captured answer: HTML, an answer of WordPress REST or of the
// GOV.UK content API, or a feed. What was repaired or lost stands in
// Page.Problems. The error wraps record.ErrInvalid, or record.ErrTooLarge past
// MaxBody, and names the reason: an empty body, a PDF, another binary file.
func Page(in Input) (record.Page, error) {
	if len(strings.TrimSpace(string(in.Body))) == 0 {
		return record.Page{}, fmt.Errorf("page %s: the body is empty: %w", in.URL, record.ErrInvalid)
	}
	return Text(in), nil
}

// Text makes a page of readable text, one paragraph a line. Page.Text is the
// body byte for byte, except that bytes that are not UTF-8 become U+FFFD.
func Text(in Input) record.Page {
	text := string(in.Body)
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	p := record.Page{URL: in.URL, CanonicalURL: in.URL, Capture: in.Capture, Kind: record.NewsArticle, Captured: in.At.UTC(), Text: text}
	if u, err := Canonical(in.URL); err == nil {
		p.CanonicalURL = u
	}
	p.ID = record.PageID(p.CanonicalURL)
	return p
}
