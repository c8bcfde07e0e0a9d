package extract

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"onrecord/record"
)

// Answer is what a source answered: the page itself, which may lead to others
// and to where the answer goes on, and the posts in it, each a page of its own.
type Answer struct {
	Page  record.Page
	Posts []record.Page
}

// A sourceReader reads the answers of one kind of source. Sure, unless nil,
// knows such an answer by its form alone, whatever address gave it.
type sourceReader struct {
	kind record.SourceKind
	read func(in Input, s record.Source) (Answer, error)
	sure func(f form) bool
}

// sourceReaders is the table of the kinds, in the order in which answers of an
// unknown kind are tried.
var sourceReaders = []sourceReader{
	{record.SourceYouTube, readYouTube, isYouTube},
	{record.SourceSitemap, readSitemap, isSitemap},
	{record.SourceMastodon, readMastodon, isMastodon},
	{record.SourceBluesky, readBluesky, isBluesky},
	{record.SourceX, readX, isX},
	{record.SourceGovUK, readGovUK, isGovUK},
	{record.SourceWordPress, readWordPress, nil}, // such posts are read for their words as well
	{record.SourceListing, readListing, nil},
	{record.SourceFeed, readPage, nil},
	{record.SourceLive, readPage, nil},
	{record.SourcePage, readPage, nil},
}

// form is an answer as far as its form is asked: its text, and what the
// outermost members of its JSON are.
type form struct {
	in   Input
	text string
	json bool
	// keys are the members of a JSON object, or of the first object in a list.
	keys map[string]json.RawMessage
	list bool // a list
}

func formOf(in Input) form {
	if body, err := Unpacked(in.Body); err == nil {
		in.Body = body
	}
	f := form{in: in}
	if readableBody(in) != nil {
		return f
	}
	f.text, _ = decode(in.Body, in.mediaType())
	if !looksJSON(f.text) {
		return f
	}
	f.json = true
	var list []json.RawMessage
	raw := json.RawMessage(f.text)
	if json.Unmarshal(raw, &list) == nil {
		f.list = true
		if len(list) == 0 {
			return f
		}
		raw = list[0]
	}
	_ = json.Unmarshal(raw, &f.keys) // of what is no object there are none
	return f
}

func (f form) has(keys ...string) bool {
	for _, k := range keys {
		if _, ok := f.keys[k]; !ok {
			return false
		}
	}
	return true
}

// Source reads the answer of a source of the kind that it has. Of the zero
// Source it is read as what its form shows, and else as a page. What lies
// outside the source's window of days is left out. The errors are those of
// Page, and one that wraps record.ErrInvalid for an answer of another kind.
func Source(in Input, s record.Source) (Answer, error) {
	reader := readerFor(in, s.Kind)
	a, err := reader.read(in, s)
	if err != nil {
		return Answer{}, err
	}
	offer(&a.Page, in)
	window(&a, s, in.At)
	return a, nil
}

func readerFor(in Input, kind record.SourceKind) sourceReader {
	for _, r := range sourceReaders {
		if r.kind == kind {
			return r
		}
	}
	if kind, ok := KindByForm(in); ok {
		return readerFor(in, kind)
	}
	return sourceReader{record.SourcePage, readPage, nil}
}

// KindByForm is the kind of source whose answer this is beyond doubt; false
// where it could be any page.
func KindByForm(in Input) (record.SourceKind, bool) {
	f := formOf(in)
	for _, r := range sourceReaders {
		if r.sure != nil && f.text != "" && r.sure(f) {
			return r.kind, true
		}
	}
	return "", false
}

func readPage(in Input, _ record.Source) (Answer, error) {
	p, err := Page(in)
	return Answer{Page: p}, err
}

// sitemapDays is how far back a sitemap without a window of days is taken: it
// may list everything that a site ever had.
const sitemapDays = 30

// window leaves out what is dated outside the days that are wanted, and does not
// go on behind an answer in which everything dated is older.
func window(a *Answer, s record.Source, at time.Time) {
	from, to := s.Window()
	if from.IsZero() && s.Kind == record.SourceSitemap && !at.IsZero() {
		from = at.AddDate(0, 0, -sitemapDays)
	}
	if from.IsZero() && to.IsZero() {
		return
	}
	wanted := func(i record.Instant) bool {
		return !i.Known() || (from.IsZero() || i.End().After(from)) && (to.IsZero() || i.Time.Before(to))
	}
	dated, old := 0, 0
	count := func(i record.Instant) {
		if i.Known() {
			dated++
			if !from.IsZero() && !i.End().After(from) {
				old++
			}
		}
	}
	var leads []record.Lead
	for _, l := range a.Page.Leads {
		day := l.Modified
		if !day.Known() {
			day = l.At
		}
		count(day)
		if wanted(day) {
			leads = append(leads, l)
		}
	}
	var posts []record.Page
	for _, p := range a.Posts {
		count(p.Published)
		if wanted(p.Published) {
			posts = append(posts, p)
		}
	}
	var parts []record.Lead
	for _, l := range a.Page.Parts {
		if !l.Modified.Known() || from.IsZero() || l.Modified.End().After(from) {
			parts = append(parts, l) // a map that changed since may list what did
		}
	}
	a.Page.Leads, a.Posts, a.Page.Parts = leads, posts, parts
	if dated > 0 && old == dated {
		a.Page.Next = ""
	}
}

// wrongKind is the error of an answer that is not what its source is to give.
func wrongKind(in Input, want string) error {
	got := in.mediaType()
	if got == "" {
		got = "no media type"
	}
	return fmt.Errorf("page %s: it is no %s; it answered with %s: %w", in.URL, want, got, record.ErrInvalid)
}

// answerPage is the page that a machine's answer is, without words of its own.
func answerPage(in Input) record.Page {
	d := parse(in, "")
	p := d.page()
	p.Kind = record.APIPage
	p.ID = record.PageID(p.CanonicalURL)
	return p
}

// at is the time of a machine's answer.
func at(raw string, basis record.Basis) record.Instant {
	return (&document{}).when(raw, basis)
}

// withQuery is the address with these query parameters set, the others as they
// stand. It is "" where the address cannot be read.
func withQuery(address string, pairs ...string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	q := u.Query()
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	u.RawQuery = q.Encode()
	out, err := Canonical(u.String())
	if err != nil {
		return ""
	}
	return out
}

// posted is one post of an account's answer.
type posted struct {
	record.Post
	markup string // HTML of its words; "" where text has them
	text   string // plain words, a paragraph a line
	title  string // in front of the words; "" for none
	lang   string
	edited record.Instant
}

// postPage makes a page of a post. The account's words are the post's, as they
// are where another page embeds it. False where it has no address.
func postPage(in Input, x posted) (record.Page, bool) {
	canonical, err := Canonical(x.URL)
	if err != nil {
		return record.Page{}, false
	}
	x.URL = canonical
	p := record.Page{
		ID: record.PageID(canonical), Capture: in.Capture, URL: canonical, CanonicalURL: canonical, Kind: record.APIPage, Lang: x.lang,
		Title: x.Author + " (" + x.Handle + ")", Published: x.At, Modified: x.edited, Captured: in.At.UTC(), Posts: []record.Post{x.Post},
	}
	p.Published.Basis = record.FromPage
	if x.Author == "" {
		p.Title = x.Handle
	}
	words := strings.Split(x.text, "\n")
	if x.markup != "" {
		words = postLines(parse(Input{}, x.markup).root)
	}
	var lines []line
	if x.title != "" {
		p.Title = x.title
	}
	for _, w := range append([]string{x.title}, words...) {
		if w = postText(w); w != "" {
			lines = append(lines, line{kind: record.Embedded, text: w, post: 0, update: -1})
		}
	}
	compose(&p, lines)
	return p, true
}
