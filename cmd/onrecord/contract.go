package main

import (
	"time"
	"unicode/utf8"

	"onrecord/catalogue"
	"onrecord/record"
)

// pageJSON is contract 1, `onrecord.page/1`: what a page says and puts on
// record, for outside tools. Its offsets are Unicode code points.
type pageJSON struct {
	Schema       string          `json:"schema"`
	ID           string          `json:"id,omitempty"`
	URL          string          `json:"url"`
	CanonicalURL string          `json:"canonical_url"`
	Title        string          `json:"title"`
	Authors      []string        `json:"authors"`
	Lang         string          `json:"lang"`
	Published    *string         `json:"published"`
	Modified     *string         `json:"modified"`
	Publisher    string          `json:"publisher"`
	PublisherOrg *string         `json:"publisher_org"`
	Kind         record.PageKind `json:"kind"`
	Text         string          `json:"text"`
	Statements   []statementJSON `json:"statements"`
	Embeds       []embedJSON     `json:"embeds"`
	Updates      []updateJSON    `json:"updates"`
	Problems     []string        `json:"problems,omitempty"`
}

type statementJSON struct {
	ID          record.ID     `json:"id"`
	Kind        record.Kind   `json:"kind"`
	Text        string        `json:"text"`
	Spans       [][2]int      `json:"spans"`
	Speaker     *string       `json:"speaker"`
	Title       *string       `json:"title"`
	Role        *string       `json:"role"`
	Org         *string       `json:"org"`
	OrgName     *string       `json:"org_name"`
	Mention     *string       `json:"mention"`
	MentionSpan *[2]int       `json:"mention_span"`
	Cue         *string       `json:"cue"`
	Repeats     [][2]int      `json:"repeats"`
	Date        *string       `json:"date"`
	At          *string       `json:"at"`
	DateSource  *string       `json:"date_source"`
	URL         *string       `json:"url"`
	Platform    *string       `json:"platform"`
	Handle      *string       `json:"handle"`
	JointWith   []speakerJSON `json:"joint_with"`
	Confidence  float64       `json:"confidence"`
	Rule        string        `json:"rule"`
	OrgRule     string        `json:"org_rule,omitempty"`
}

type speakerJSON struct {
	Speaker *string `json:"speaker"`
	Title   *string `json:"title"`
	Role    *string `json:"role"`
	Org     *string `json:"org"`
	OrgName *string `json:"org_name"`
}

type embedJSON struct {
	Platform string  `json:"platform"`
	URL      string  `json:"url"`
	Handle   string  `json:"handle"`
	Date     *string `json:"date"`
	At       *string `json:"at"`
	Text     string  `json:"text"`
}

type updateJSON struct {
	Date *string `json:"date"`
	Note string  `json:"note"`
}

func pageOut(id string, p record.Page, found []record.Statement) pageJSON {
	at := newPoints(p.Text)
	out := pageJSON{
		Schema: "onrecord.page/1", ID: id, URL: p.URL, CanonicalURL: p.CanonicalURL, Title: p.Title,
		Authors: orEmpty(p.Authors), Lang: p.Lang, Published: instant(p.Published), Modified: instant(p.Modified),
		Publisher: p.Publisher, PublisherOrg: text(p.PublisherOrg), Kind: printedKind(p.Kind), Text: p.Text,
		Statements: make([]statementJSON, len(found)), Embeds: make([]embedJSON, len(p.Posts)),
		Updates: []updateJSON{}, Problems: p.Problems,
	}
	for i, s := range found {
		out.Statements[i] = statementOut(p, s, at)
	}
	for i, post := range p.Posts {
		out.Embeds[i] = embedJSON{Platform: post.Platform, URL: post.URL, Handle: post.Handle, Date: text(post.At.Day()), At: timed(post.At), Text: at.words(post.Spans)}
	}
	for _, r := range p.History {
		out.Updates = append(out.Updates, updateJSON{Date: instant(r.At), Note: r.Note})
	}
	if len(p.History) == 0 && (p.Kind == record.LiveBlog || p.Kind == record.RollingUpdates) {
		for _, u := range p.Updates {
			out.Updates = append(out.Updates, updateJSON{Date: instant(u.At), Note: u.Title})
		}
	}
	return out
}

func statementOut(p record.Page, s record.Statement, at points) statementJSON {
	seen := s.Sightings[0]
	out := statementJSON{
		ID: catalogue.Mint(p.CanonicalURL, s.Kind, s.Text), Kind: s.Kind, Text: s.Text, Spans: at.spans(seen.Spans),
		Speaker: text(s.Speaker.Name), Title: text(s.Speaker.Title), Role: text(s.Speaker.Role),
		Org: text(s.Speaker.Org), OrgName: text(s.Speaker.OrgName), Mention: text(seen.Mention), Cue: text(seen.Cue),
		Repeats: at.spans(seen.Repeats), Date: text(s.Said.Day()), At: timed(s.Said), DateSource: dateSource(s.Said),
		Platform: text(seen.Platform), Handle: text(seen.Handle), JointWith: []speakerJSON{},
		Confidence: s.Confidence, Rule: seen.Rule, OrgRule: seen.OrgRule,
	}
	if seen.MentionSpan.Len() > 0 {
		m := at.span(seen.MentionSpan)
		out.MentionSpan = &m
	}
	if seen.URL != p.URL && seen.URL != p.CanonicalURL {
		out.URL = text(seen.URL)
	}
	for _, j := range s.JointWith {
		out.JointWith = append(out.JointWith, speakerJSON{text(j.Name), text(j.Title), text(j.Role), text(j.Org), text(j.OrgName)})
	}
	return out
}

// dateSource is the contract's word for a basis: a post's own time is "embed".
func dateSource(i record.Instant) *string {
	if !i.Known() {
		return nil
	}
	if i.Basis == record.FromPost {
		return text("embed")
	}
	return text(string(i.Basis))
}

// points turns byte offsets of a text into offsets in code points.
type points struct {
	text string
	// every 256th byte's count of code points before it, so that one lookup
	// walks at most 256 bytes
	marks []int
}

const stride = 256

func newPoints(s string) points {
	p := points{text: s}
	count := 0
	for i := range len(s) {
		if i%stride == 0 {
			p.marks = append(p.marks, count)
		}
		if utf8.RuneStart(s[i]) {
			count++
		}
	}
	return p
}

func (p points) at(offset int) int {
	if offset <= 0 || len(p.text) == 0 {
		return 0
	}
	offset = min(offset, len(p.text))
	mark := min(offset/stride, len(p.marks)-1)
	n := p.marks[mark]
	for i := mark * stride; i < offset; i++ {
		if utf8.RuneStart(p.text[i]) {
			n++
		}
	}
	return n
}

func (p points) span(s record.Span) [2]int { return [2]int{p.at(s.Start), p.at(s.End)} }

func (p points) spans(in []record.Span) [][2]int {
	out := make([][2]int, len(in))
	for i, s := range in {
		out[i] = p.span(s)
	}
	return out
}

func (p points) words(in []record.Span) string {
	s := ""
	for i, sp := range in {
		if i > 0 {
			s += "\n"
		}
		s += sp.In(p.text)
	}
	return s
}

// text is nil for "", so that a value that is not known prints as null.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func instant(i record.Instant) *string { return text(i.String()) }

func timed(i record.Instant) *string {
	if !i.Timed() {
		return nil
	}
	return text(i.Time.UTC().Format(time.RFC3339))
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// printedKind is the kind as the contract names it: a page that only lists
// others counts as a feed there.
func printedKind(k record.PageKind) record.PageKind {
	if k == record.ListingPage {
		return record.FeedPage
	}
	return k
}
