// Package ingest takes one capture the rest of its road: the kept bytes become
// a page, the page statements, and both go into the catalogue. It never asks the
// network, so reading an archive again is the same code.
package ingest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"onrecord/archive"
	"onrecord/attribution"
	"onrecord/catalogue"
	"onrecord/extract"
	"onrecord/record"
	"onrecord/register"
)

// MaxBody bounds a decoded body in bytes; a longer one is recorded as unread.
const MaxBody = 20 << 20

// RowsType is the media type under which statement rows are archived, one JSON
// object a line.
const RowsType = "application/vnd.onrecord.statement+jsonl"

// Ingest reads captures into a catalogue.
type Ingest struct {
	archive   archive.Archive
	catalogue catalogue.Catalogue
	register  *register.Register
	row       func([]byte) (record.Statement, error)
	log       *slog.Logger
	notOwn    map[string]string // see NotItsOwn; nil but in a Replay
}

// New gives an Ingest. Row reads one line of exported statement rows (the
// format's owner gives it); log hears of captures that could not be read.
func New(ar archive.Archive, cat catalogue.Catalogue, reg *register.Register, row func([]byte) (record.Statement, error), log *slog.Logger) *Ingest {
	return &Ingest{archive: ar, catalogue: cat, register: reg, row: row, log: log}
}

// Outcome is what one capture came to.
type Outcome struct {
	record.Added
	Capture record.Capture
	// Known is true for a capture that was on record already: nothing was read.
	Known bool
	// Page is what was read; its Leads and Problems are the crawler's business.
	Page record.Page
	// News counts the posts of the answer that are new or say something else.
	News int
	// Changed says, of a capture that was on record already, that its page was new
	// with it or said something else than before.
	Changed bool
	// Posted are the posts that statements were found in.
	Posted []Posted
	// Absent is true for a platform's answer that a post is not there.
	Absent bool
	// Unread says why nothing could be read; nil where it could.
	Unread error
}

// Posted is a post on a platform.
type Posted struct{ Platform, URL string }

// Exchange archives x and takes its capture the whole road: as the answer of a
// source, or, where of is nil, of whatever its address is on record for. An
// exchange that is on record already changes nothing.
func (i *Ingest) Exchange(ctx context.Context, x archive.Exchange, of *record.Source) (Outcome, error) {
	return i.ExchangeAsking(ctx, x, of, nil)
}

// ExchangeAsking is Exchange for whoever may ask for further addresses: for the
// one that the page names as its own.
func (i *Ingest) ExchangeAsking(ctx context.Context, x archive.Exchange, of *record.Source, ask Asker) (Outcome, error) {
	c, err := i.archive.Put(ctx, x)
	if err != nil {
		return Outcome{}, fmt.Errorf("keep %s: %w", x.URL, err)
	}
	_, err = i.catalogue.Capture(ctx, c.ID)
	if err == nil {
		return Outcome{Capture: c, Known: true}, nil
	}
	if !errors.Is(err, record.ErrNotFound) {
		return Outcome{}, err
	}
	return i.read(ctx, c, x, of, ask)
}

// Capture takes a kept capture the rest of its road: archive, extract,
// attribution, catalogue. What cannot be read is recorded with its reason and
// is no error; an error means that a store could not be asked. Of is as in
// Exchange.
func (i *Ingest) Capture(ctx context.Context, c record.Capture, of *record.Source) (Outcome, error) {
	return i.CaptureAsking(ctx, c, of, nil)
}

// CaptureAsking is Capture for an answer that may have a further address asked.
func (i *Ingest) CaptureAsking(ctx context.Context, c record.Capture, of *record.Source, ask Asker) (Outcome, error) {
	x, err := i.archive.Get(ctx, record.AnswerID(c.ID))
	if errors.Is(err, record.ErrDamaged) {
		return i.unread(ctx, c, err)
	}
	if err != nil {
		return Outcome{}, fmt.Errorf("read %s from the archive: %w", c.URL, err)
	}
	return i.read(ctx, c, x, of, ask)
}

func (i *Ingest) read(ctx context.Context, c record.Capture, x archive.Exchange, of *record.Source, ask Asker) (Outcome, error) {
	post, err := i.postAsked(ctx, c)
	if err != nil {
		return Outcome{Capture: c}, err
	}
	if post != "" {
		if out, done, err := i.post(ctx, c, x, post); done || err != nil {
			return out, err
		}
	}
	switch {
	case aside(c):
		return Outcome{Capture: c}, nil
	case c.Status == http.StatusNotFound || c.Status == http.StatusGone:
		out := Outcome{Capture: c, Unread: fmt.Errorf("answered with status %d", c.Status)}
		out.Captures, out.Added.Unread = 1, 1
		return out, i.catalogue.Absent(ctx, c)
	case c.Status != 0 && c.Status/100 != 2:
		return i.unread(ctx, c, fmt.Errorf("answered with status %d", c.Status))
	case c.Via == "row":
		return i.rows(ctx, c, x.Body)
	}
	body, err := x.Decoded(MaxBody)
	if err != nil {
		return i.unread(ctx, c, err)
	}
	in := extract.Input{URL: c.URL, At: c.At, MediaType: c.MediaType, Header: x.Header, Body: body, Capture: c.ID}
	r, err := i.page(ctx, in, of)
	if err != nil {
		return i.unread(ctx, c, err)
	}
	if why := extract.Wall(r.Page); why != "" && c.Via == "http" {
		return i.unread(ctx, c, errors.New(why))
	}
	if err := i.settle(ctx, &r, ask); err != nil {
		return Outcome{Capture: c}, err
	}
	out, err := i.posts(ctx, c, r)
	if err != nil {
		return out, err
	}
	added, err := i.catalogue.Add(ctx, c, r.Page, sighted(r.Found, c))
	out.Added = out.Plus(added)
	if err == nil && added.Captures == 0 {
		out.Changed, err = i.catalogue.Brought(ctx, c.ID)
	}
	if errors.Is(err, record.ErrInvalid) { // a fault of our reader's, and no store's
		return i.unread(ctx, c, err)
	}
	return out, err
}

// posts records the posts of an answer, each a page whose evidence is the whole
// answer. The answer itself is recorded last: where the process dies before, it
// is read again, and what is on record of it changes nothing.
func (i *Ingest) posts(ctx context.Context, c record.Capture, r Reading) (Outcome, error) {
	out := Outcome{Capture: c, Page: r.Page, Posted: posted(r)}
	for _, post := range r.Posts {
		out.Posted = append(out.Posted, posted(post)...)
		part := c
		part.ID, part.URL = record.PartID(c.ID, post.Page.CanonicalURL), post.Page.URL
		added, err := i.catalogue.Add(ctx, part, post.Page, sighted(post.Found, part))
		if errors.Is(err, record.ErrInvalid) {
			out.Page.Problems = append(out.Page.Problems, fmt.Sprintf("post %s left out: %v", post.Page.URL, err))
			continue
		}
		if err != nil {
			return out, err
		}
		news := added.Pages+added.Versions > 0
		if added.Captures == 0 { // read before, by a process that ended before it said so
			if news, err = i.catalogue.Brought(ctx, part.ID); err != nil {
				return out, err
			}
		}
		if news {
			out.News++
		}
		added.Captures = 0 // it is one answer
		out.Added = out.Plus(added)
	}
	return out, nil
}

// sighted gives what was found its evidence.
func sighted(found []record.Statement, c record.Capture) []record.Statement {
	for k := range found {
		s := &found[k].Sightings[0]
		s.Capture, s.SHA256, s.Captured, s.LastSeen, s.Redirects = c.ID, c.SHA256, c.At, c.At, c.Redirects
	}
	return found
}

// aside reports whether an answer is kept as evidence only: a redirect, whose
// target is a capture of its own, and the rules for robots. Neither is read.
func aside(c record.Capture) bool {
	if c.Via != "http" {
		return false
	}
	u, err := url.Parse(c.URL)
	return c.Status/100 == 3 || err == nil && u.Path == "/robots.txt"
}

// page reads an answer as what its address is on record for: a source by its
// kind, anything else for its words.
func (i *Ingest) page(ctx context.Context, in extract.Input, of *record.Source) (Reading, error) {
	if of != nil {
		return ReadSource(in, *of, i.register)
	}
	s, err := i.catalogue.Source(ctx, in.URL)
	if err != nil && !errors.Is(err, record.ErrNotFound) {
		return Reading{}, err
	}
	return ReadSource(in, s, i.register)
}

func (i *Ingest) unread(ctx context.Context, c record.Capture, why error) (Outcome, error) {
	i.log.Warn("capture not read", "url", c.URL, "capture", c.ID, "reason", why)
	out := Outcome{Capture: c, Unread: why}
	out.Captures, out.Added.Unread = 1, 1
	return out, i.catalogue.Unread(ctx, c, why.Error())
}

// rows adopts statement rows that another onrecord exported.
func (i *Ingest) rows(ctx context.Context, c record.Capture, body []byte) (Outcome, error) {
	var rows []record.Statement
	for n, line := range bytes.Split(body, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		s, err := i.row(line)
		if err != nil {
			return i.unread(ctx, c, fmt.Errorf("row %d: %w", n+1, err))
		}
		rows = append(rows, s)
	}
	added, err := i.catalogue.Adopt(ctx, c, rows)
	return Outcome{Added: added, Capture: c}, err
}

// Reading is what an answer says: a page and what it puts on record, and the
// posts in it, each with a page of its own.
type Reading struct {
	Page  record.Page
	Found []record.Statement
	Posts []Reading
}

// ReadSource is Read for the answer of a source, whose zero value is none. What
// is read for its links alone has no words. A feed's answer that is no feed is
// nothing to be read: the error wraps record.ErrInvalid and names the feeds that
// a page in its place tells of. So is what a content API answers in place of a
// page's JSON: an error page, JSON that broke off.
func ReadSource(in extract.Input, s record.Source, reg *register.Register) (r Reading, err error) {
	defer contain(in, &r, &err)
	if isText(in.MediaType) {
		r.Page, r.Found, err = Read(in, reg)
		return r, err
	}
	a, err := extract.Source(in, s)
	if err != nil {
		return Reading{}, err
	}
	if s.Kind == record.SourceFeed && a.Page.Kind != record.FeedPage {
		return Reading{}, noFeed(in, a.Page.Kind)
	}
	if s.Kind == "" && extract.PageAddress(in.URL) != "" && extract.PageAddress(a.Page.CanonicalURL) != "" {
		return Reading{}, fmt.Errorf("page %s: it is no answer of the content API; it answered with %s: %w", in.URL, cmp.Or(in.MediaType, "no media type"), record.ErrInvalid)
	}
	r.Page = attribution.Place(a.Page, reg)
	r.Found = attribution.Statements(r.Page, reg)
	left := 0
	for _, p := range a.Posts {
		if strangers(in, p, reg) {
			left++
			continue
		}
		p = attribution.Place(p, reg)
		r.Posts = append(r.Posts, Reading{Page: p, Found: owned(attribution.Statements(p, reg), s, p, reg)})
	}
	if left > 0 {
		r.Page.Problems = append(r.Page.Problems, fmt.Sprintf("%d posts of accounts that are not in the register left out", left))
	}
	return r, nil
}

// noFeed is the error of a feed that answers with something else.
func noFeed(in extract.Input, got record.PageKind) error {
	kind := in.MediaType
	if kind == "" {
		kind = "no media type"
	}
	return &NotAFeed{MediaType: kind, Kind: got, Feeds: extract.FeedLinks(in)}
}

// strangers reports whether a post under a tag is of an account that the
// register does not know: private people are not watched.
func strangers(in extract.Input, p record.Page, reg *register.Register) bool {
	if !strings.Contains(in.URL, "/timelines/tag/") || len(p.Posts) == 0 {
		return false
	}
	post := p.Posts[0]
	day := in.At
	if post.At.Known() {
		day = post.At.Time
	}
	_, known := reg.Handle(post.Platform, post.Handle, day)
	if !known {
		_, _, known = reg.PersonOf(post.Platform, post.Handle, day)
	}
	return !known
}

// owned gives the posts of an account that the register does not know to the
// organisation whose source it is.
func owned(found []record.Statement, s record.Source, p record.Page, reg *register.Register) []record.Statement {
	o, ok := reg.AsOf(s.Org, p.Published.Time)
	if s.Org == "" || !ok {
		return found
	}
	for k := range found {
		if f := &found[k]; f.Kind == record.PostKind && f.Speaker.Org == "" && !f.Speaker.Named() {
			f.Speaker.Org, f.Speaker.OrgName = o.ID, o.Name
			f.Sightings[0].Speaker, f.Sightings[0].OrgRule = f.Speaker, "source"
		}
	}
	return found
}

// NotAFeed is the error of an answer in the place of a feed that is none. It
// wraps record.ErrInvalid.
type NotAFeed struct {
	MediaType string // as the answer names it, or that it names none
	Kind      record.PageKind
	Feeds     []record.Lead // that it names
}

// Error tells what came, and which feeds that names.
func (e *NotAFeed) Error() string {
	text := fmt.Sprintf("not a feed: it answered with %s (%s)", e.MediaType, e.Kind)
	for _, l := range e.Feeds {
		text += "; it names a feed at " + l.URL
	}
	return text
}

// Unwrap is record.ErrInvalid.
func (e *NotAFeed) Unwrap() error { return record.ErrInvalid }

// Read is the pure part of the road: bytes to a page and what it puts on
// record. A body of media type text/plain is taken as the readable text itself.
// The error wraps record.ErrInvalid and says in words why nothing can be read.
func Read(in extract.Input, reg *register.Register) (p record.Page, found []record.Statement, err error) {
	var r Reading
	defer func() {
		if err != nil {
			p, found = record.Page{}, nil
		}
	}()
	defer contain(in, &r, &err)
	if isText(in.MediaType) {
		p = extract.Text(in)
	} else if p, err = extract.Page(in); err != nil {
		return record.Page{}, nil, err
	}
	p = attribution.Place(p, reg)
	return p, attribution.Statements(p, reg), nil
}

// contain turns a panic of a reader into an error. A stranger's bytes must not
// stop the run, whatever they find in a parser: the evidence is kept, so the
// page can be read again after a fix.
func contain(in extract.Input, r *Reading, err *error) {
	if broke := recover(); broke != nil {
		*r, *err = Reading{}, fmt.Errorf("read %s: the reader broke on it (%v), please report it: %w", in.URL, broke, record.ErrInvalid)
	}
}

func isText(mediaType string) bool {
	kind, _, _ := strings.Cut(mediaType, ";")
	return strings.EqualFold(strings.TrimSpace(kind), "text/plain")
}

// Replay reads every capture of the archive again, in the order in which they
// were kept. It is what a rebuild does. Progress, unless nil, is told after
// each capture. One capture that cannot be read never stops it.
func (i *Ingest) Replay(ctx context.Context, progress func(n int, c record.Capture)) (record.Added, error) {
	var sum record.Added
	n := 0
	if err := i.remember(ctx); err != nil {
		return sum, err
	}
	for c, err := range i.archive.Captures(ctx) {
		if err != nil {
			return sum, fmt.Errorf("list the archive: %w", err)
		}
		out, err := i.Capture(ctx, c, nil)
		if err != nil {
			return sum, err
		}
		sum = sum.Plus(out.Added)
		n++
		if progress != nil {
			progress(n, c)
		}
	}
	return sum, nil
}
