// Package extract reads fetched bytes into a Page: clean text with its title,
// dates, embedded posts, updates and leads. It does no I/O and keeps no state,
// and it does not say whose words the text holds.
package extract

import (
	"bytes"
	"encoding/json"
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
	if err := readableBody(in); err != nil {
		return record.Page{}, fmt.Errorf("page %s: %w", in.URL, err)
	}
	if http.DetectContentType(in.Body) == "application/pdf" {
		return pdfPage(in)
	}
	if mayBeFeed(in.Body) {
		if p, ok := FeedPage(in); ok {
			return p, nil
		}
	}
	text, problems := decode(in.Body, in.mediaType())
	if strings.Contains(text, "â€") {
		problems = append(problems, "text that was encoded twice (“â€”): kept as it stands")
	}
	var p record.Page
	var err error
	switch {
	case looksJSON(text):
		p, err = apiPage(in, text)
	case strings.HasPrefix(in.mediaType(), "text/plain") && !strings.Contains(text, "</"):
		in.Body = []byte(text)
		p = Text(in)
	default:
		p = htmlPage(in, text)
	}
	p.Problems = append(problems, p.Problems...)
	return p, err
}

func (in Input) mediaType() string {
	if in.MediaType != "" {
		return in.MediaType
	}
	return in.Header.Get("Content-Type")
}

// readableBody refuses what is no text.
func readableBody(in Input) error {
	switch kind := http.DetectContentType(in.Body); {
	case len(in.Body) > MaxBody:
		return fmt.Errorf("%d bytes, more than %d: %w", len(in.Body), MaxBody, record.ErrTooLarge)
	case len(bytes.TrimSpace(in.Body)) == 0:
		return fmt.Errorf("the body is empty: %w", record.ErrInvalid)
	case strings.HasPrefix(kind, "text/"), kind == "application/pdf":
		return nil
	default:
		if _, ok := bareUTF16(in.Body); ok {
			return nil
		}
		if kind == "application/octet-stream" && mostlyText(in.Body) {
			return nil
		}
		return fmt.Errorf("a binary file (%s), not a page: %w", kind, record.ErrInvalid)
	}
}

// mostlyText forgives the stray zero byte of a broken page.
func mostlyText(body []byte) bool {
	head, odd := body[:min(len(body), 4096)], 0
	for _, c := range head {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' {
			odd++
		}
	}
	return odd*50 < len(head)
}

func looksJSON(text string) bool {
	t := strings.TrimSpace(text)
	return t != "" && (t[0] == '{' || t[0] == '[') && json.Valid([]byte(t))
}

// htmlPage reads markup: the text by its structure, and by the readability
// rules only where the structure does not say which part it is.
func htmlPage(in Input, markup string) record.Page {
	d := parse(in, markup)
	p := d.page()
	main, sure := d.main()
	d.describe(&p, main)
	updates, places, bodies := d.live()
	d.clockOnly(updates, places, p.Published)
	b := d.build(main, places)
	if !sure && len(updates) == 0 && sizeOf(b.lines) < thinText {
		if n := d.readable(); n != nil {
			if x := d.build(n, nil); sizeOf(x.lines) > sizeOf(b.lines) {
				b = x
			}
		}
	}
	lines := d.withLead(b.lines, main)
	if p.Updates = updates; len(updates) == 0 {
		lines, p.Updates = d.stamps(lines)
	}
	d.firstUpdate(&p)
	lines, p.Posts = flatPosts(settle(lines, &p), b.posts, in.At)
	lines = liveLines(lines, updates, bodies)
	lines = d.carried(d.fromObject(lines, &p), &p)
	compose(&p, lines)
	p.Kind = d.kind(&p, len(updates) > 0)
	if len(p.Updates) == 0 && len(p.From) == 0 {
		if p.Leads = d.listing(); p.Leads != nil {
			p.Kind, p.Published, p.Modified = record.ListingPage, record.Instant{}, record.Instant{} // the dates are its entries'
		}
	}
	d.judge(&p)
	named(&p, in, d.hubs, d.self)
	p.Problems = append(p.Problems, d.problems...)
	p.ID = record.PageID(p.CanonicalURL)
	return p
}

// thinText is the size of text, in bytes, under which a page without article
// markup is asked again.
const thinText = 600

func sizeOf(lines []line) int {
	n := 0
	for _, l := range lines {
		n += len(l.text)
	}
	return n
}

// Text makes a page of readable text, one paragraph a line. Page.Text is the
// body byte for byte, except that bytes that are not UTF-8 become U+FFFD.
func Text(in Input) record.Page {
	text := string(in.Body)
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	p := (&document{in: in}).page()
	p.Text = text
	p.ID = record.PageID(p.CanonicalURL)
	start := 0
	for _, t := range strings.Split(text, "\n") {
		s := record.Span{Start: start, End: start + len(t)}
		p.Blocks = append(p.Blocks, record.Block{Kind: record.Paragraph, Span: s, Post: -1, Update: -1})
		start = s.End + 1
	}
	markText(&p)
	return p
}

// markText gives the lines of plain text the kinds that their words show.
func markText(p *record.Page) {
	for i := range p.Blocks {
		b := &p.Blocks[i]
		t := strings.TrimSpace(b.In(p.Text))
		switch {
		case b.Kind != record.Paragraph:
		case moreLine.MatchString(t):
			b.Kind = record.Label
			for j := i + 1; j < len(p.Blocks) && strings.HasPrefix(strings.TrimSpace(p.Blocks[j].In(p.Text)), "- "); j++ {
				p.Blocks[j].Kind = record.LinkList
			}
		case isPicture(t):
			b.Kind = record.Caption
		}
	}
	markTextPosts(p)
}
