package export

import (
	"bufio"
	"cmp"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"iter"
	"strings"
	"time"
	"unicode/utf8"

	"onrecord/record"
)

const (
	atomSpace = "http://www.w3.org/2005/Atom"
	ownSpace  = "tag:onrecord.invalid,2024:feed"
)

// Atom writes an Atom 1.0 feed (RFC 4287). An entry's id is a tag URI of the
// statement's id and never changes; its updated time is that of the last
// observed change of words or place, so that an edit moves it and a mere
// further look at the page does not. The feed's own updated time is the latest
// of them and stands behind the entries, for they are not held; RFC 4287 gives
// the order of a feed's children no meaning. Characters that XML 1.0 forbids
// are replaced by U+FFFD.
func Atom(w io.Writer, h Header, said iter.Seq2[record.Statement, error]) error {
	buffered := bufio.NewWriter(w)
	if _, err := buffered.WriteString(xml.Header); err != nil {
		return fmt.Errorf("atom: %w", err)
	}
	out := xml.NewEncoder(buffered)
	if err := writeFeed(out, h, said); err != nil {
		return fmt.Errorf("atom: %w", err)
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("atom: %w", err)
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("atom: %w", err)
	}
	return nil
}

func writeFeed(out *xml.Encoder, h Header, said iter.Seq2[record.Statement, error]) error {
	root := xml.StartElement{Name: xml.Name{Local: "feed"}, Attr: []xml.Attr{
		{Name: xml.Name{Local: "xmlns"}, Value: atomSpace}, {Name: xml.Name{Local: "xmlns:or"}, Value: ownSpace},
	}}
	if err := out.EncodeToken(root); err != nil {
		return err
	}
	for _, e := range head(h) {
		if err := out.Encode(e); err != nil {
			return err
		}
	}
	var latest time.Time
	for s, err := range said {
		if err != nil {
			return err
		}
		e := entryOf(s, h)
		if err := out.Encode(e); err != nil {
			return fmt.Errorf("%s: %w", s.ID, err)
		}
		if at := changed(s); at.After(latest) {
			latest = at
		}
	}
	if latest.IsZero() {
		latest = h.At
	}
	if err := out.Encode(named("updated", stamp(latest))); err != nil {
		return err
	}
	return out.EncodeToken(root.End())
}

// element is one element with text.
type element struct {
	XMLName xml.Name
	Attr    []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
}

func named(name, text string) element { return element{XMLName: xml.Name{Local: name}, Text: text} }

func link(rel, mediaType, href string) element {
	e := element{XMLName: xml.Name{Local: "link"}, Attr: []xml.Attr{{Name: xml.Name{Local: "rel"}, Value: rel}, {Name: xml.Name{Local: "href"}, Value: href}}}
	if mediaType != "" {
		e.Attr = append(e.Attr, xml.Attr{Name: xml.Name{Local: "type"}, Value: mediaType})
	}
	return e
}

// head are the elements that describe the feed.
func head(h Header) []any {
	title := cmp.Or(h.Title, h.Query, "Statements")
	out := []any{named("id", tag(h, "feed:"+cmp.Or(h.Incident, string(record.HashID("query", h.Query))))), named("title", title)}
	if sub := strings.Join(append([]string{h.Explain}, h.Notes...), ". "); strings.Trim(sub, ". ") != "" {
		out = append(out, named("subtitle", strings.Trim(sub, ". ")))
	}
	out = append(out, struct {
		XMLName xml.Name `xml:"author"`
		Name    string   `xml:"name"`
	}{Name: "onrecord"})
	if h.Program != "" {
		out = append(out, named("generator", h.Program))
	}
	if self := web(h.Self); self != "" {
		out = append(out, link("self", "application/atom+xml", self))
	}
	if base := web(h.Base); base != "" && h.Incident != "" {
		out = append(out, link("alternate", "text/html", strings.TrimRight(base, "/")+"/i/"+h.Incident))
	}
	out = append(out, named("or:query", h.Query), named("or:total", fmt.Sprint(h.Total)), named("or:position", fmt.Sprintf("%d.%d", h.Position.Epoch, h.Position.Seq)))
	if !h.At.IsZero() {
		out = append(out, named("or:at", stamp(h.At)))
	}
	for _, line := range h.Made() {
		out = append(out, named("or:made", line))
	}
	return out
}

// tag is a tag URI (RFC 4151) under the feed's authority.
func tag(h Header, specific string) string {
	return "tag:" + cmp.Or(h.Authority, "onrecord.invalid") + ",2024:" + specific
}

type entry struct {
	XMLName   xml.Name `xml:"entry"`
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Updated   string   `xml:"updated"`
	Published string   `xml:"published,omitempty"`
	Author    struct {
		Name string `xml:"name"`
	} `xml:"author"`
	Links      []element
	Categories []category `xml:"category"`
	Content    struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	} `xml:"content"`
	Said      *said    `xml:"or:said"`
	Status    string   `xml:"or:status"`
	Sightings int      `xml:"or:sightings"`
	SHA256    string   `xml:"or:archived-sha256,omitempty"`
	Captures  []string `xml:"or:capture"`
}

type category struct {
	Term   string `xml:"term,attr"`
	Scheme string `xml:"scheme,attr"`
	Label  string `xml:"label,attr,omitempty"`
}

// said is the time of saying as far as it is known; published alone would have
// to invent a time of day.
type said struct {
	Precision string `xml:"precision,attr"`
	Basis     string `xml:"basis,attr"`
	At        string `xml:",chardata"`
}

func entryOf(s record.Statement, h Header) entry {
	e := entry{ID: tag(h, string(s.ID)), Title: headline(s), Updated: stamp(changed(s)), Status: string(s.Status), Sightings: len(s.Sightings), Captures: captures(s)}
	if s.When().Known() {
		e.Published = stamp(s.When().Time)
	}
	if s.Said.Known() {
		e.Said = &said{string(s.Said.Precision), string(s.Said.Basis), s.Said.String()}
	}
	e.Author.Name = s.Speaker.String()
	e.Categories = append(e.Categories, category{Term: string(s.Kind), Scheme: ownSpace + ":kind"})
	if s.Speaker.Org != "" {
		e.Categories = append(e.Categories, category{s.Speaker.Org, ownSpace + ":org", s.Speaker.OrgName})
	}
	e.Content.Type = "html"
	e.Content.Text = content(s)
	o := s.Origin()
	if o == nil {
		o = &record.Sighting{}
	}
	e.SHA256 = o.SHA256
	source := web(o.URL)
	if base := web(h.Base); base != "" {
		e.Links = append(e.Links, link("alternate", "text/html", strings.TrimRight(base, "/")+"/s/"+string(s.ID)))
		if source != "" {
			e.Links = append(e.Links, link("via", "", source))
		}
	} else if source != "" {
		e.Links = append(e.Links, link("alternate", "", source))
	}
	return e
}

// headline is who said it and how it begins, on one line.
func headline(s record.Statement) string {
	who := cmp.Or(s.Speaker.Name, s.Speaker.OrgName, "Speaker not named")
	text := strings.Join(strings.Fields(s.Text), " ")
	if len(text) > 120 {
		cut := strings.LastIndexByte(text[:120], ' ')
		if cut < 60 {
			for cut = 120; !utf8.RuneStart(text[cut]); cut-- {
			}
		}
		text = text[:cut] + " …"
	}
	if s.Kind == record.Indirect || s.Kind == record.Declined {
		return who + ": " + text
	}
	return who + ": “" + text + "”"
}

// content is the words as HTML: nothing of theirs is markup.
func content(s record.Statement) string {
	var b strings.Builder
	b.WriteString("<blockquote>")
	for p := range strings.SplitSeq(s.Text, "\n") {
		b.WriteString("<p>" + html.EscapeString(p) + "</p>")
	}
	b.WriteString("</blockquote><p>" + html.EscapeString(s.Speaker.String()) + "</p>")
	return b.String()
}

// changed is when the statement was last observed to change: its first capture,
// a sighting more, words gone from a page, a wording more.
func changed(s record.Statement) time.Time {
	at := s.FirstSeen
	for _, x := range s.Sightings {
		for _, t := range []time.Time{x.Captured, x.Gone} {
			if t.After(at) {
				at = t
			}
		}
	}
	for _, w := range s.Wordings {
		if w.First.After(at) {
			at = w.First
		}
	}
	return at
}

// stamp is an Atom date; the zero time is the begin of 1970, for a feed must
// have one and the clock is not asked.
func stamp(t time.Time) string {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return t.UTC().Format(time.RFC3339)
}
