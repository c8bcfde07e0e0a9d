package record

import (
	"fmt"
	"strings"
	"time"
)

// Kind says how words came onto the record.
type Kind string

// The kinds of statement, best evidence first.
const (
	Release  Kind = "release"  // printed on an official body's own page, whoever of those named there says it
	PostKind Kind = "post"     // a post on a social platform
	Quote    Kind = "quote"    // full sentences quoted by a news page
	Fragment Kind = "fragment" // the quoted words of one reporter's sentence by one speaker; one or more spans
	Indirect Kind = "indirect" // reported without quotation marks
	Declined Kind = "declined" // asked and would not say
)

// Kinds lists every kind, best evidence first.
var Kinds = []Kind{Release, PostKind, Quote, Fragment, Indirect, Declined}

// Rank orders kinds, 0 for the best evidence. An unknown kind ranks last.
func (k Kind) Rank() int {
	for i, x := range Kinds {
		if k == x {
			return i
		}
	}
	return len(Kinds)
}

// Status says what was observed of a statement, not what it means.
type Status string

// The statuses. A sighting's status is about its own page; a statement's is
// drawn from its sightings by the catalogue.
const (
	Current   Status = "current"   // stands as last seen
	Updated   Status = "updated"   // its page gave it other words later
	Withdrawn Status = "withdrawn" // its page stands but no longer carries it
	Missing   Status = "missing"   // its page answered 404 or 410 twice, an hour apart
	Removed   Status = "removed"   // its page has been missing for 14 unbroken days
)

// Speaker is who said something: a person with a role and an organisation, or
// an unnamed speaker of an organisation. It is never guessed to be a person.
type Speaker struct {
	// Name is the person's name without title; "" for an unnamed speaker.
	Name  string `json:"name,omitempty"`
	Title string `json:"title,omitempty"` // Dr, Professor Sir, …
	// Role is as printed ("Deputy Chair of GPC England"); "spokesperson",
	// "source" and the like for unnamed speakers; "" where the organisation
	// itself is said to have spoken.
	Role string `json:"role,omitempty"`
	// Org is the register id; "" where the organisation is unknown to it.
	Org string `json:"org,omitempty"`
	// OrgName is the organisation's name: the register's, else as printed.
	OrgName string `json:"org_name,omitempty"`
	// OrgPrinted keeps the printed name where a rule resolved it to another
	// organisation ("NHS" to NHS England).
	OrgPrinted string `json:"org_printed,omitempty"`
}

// Named reports whether the speaker is a person known by name.
func (s Speaker) Named() bool { return s.Name != "" }

// String is the speaker as a page shows it: "Dr David Wrigley, Deputy Chair of
// GPC England, British Medical Association", or "a spokesperson, NHS England".
func (s Speaker) String() string {
	var parts []string
	if s.Name != "" {
		parts = append(parts, strings.TrimSpace(s.Title+" "+s.Name))
	}
	if s.Role != "" {
		parts = append(parts, s.Role)
	}
	if s.OrgName != "" && !strings.Contains(s.Role, s.OrgName) {
		parts = append(parts, s.OrgName)
	}
	if len(parts) == 0 {
		return "speaker not named"
	}
	return strings.Join(parts, ", ")
}

// Sighting is one place where a statement was found, with everything that the
// page says about it there. A statement's own attributes are drawn from its
// sightings; the sightings are never changed by that.
type Sighting struct {
	Page    ID  `json:"page"`
	Version int `json:"version"` // of the page, from 1; 0 until the catalogue numbers it
	Capture ID  `json:"capture"`
	// SHA256 is the digest of the captured body.
	SHA256 string `json:"sha256,omitempty"`
	// URL is the most exact address of the words: the post, the update's
	// anchor, else the page as captured.
	URL          string `json:"url"`
	CanonicalURL string `json:"canonical_url"` // of the page
	Outlet       string `json:"outlet"`        // the page's host without "www."
	OutletName   string `json:"outlet_name,omitempty"`
	OutletOrg    string `json:"outlet_org,omitempty"` // register id of the publisher; "" unknown
	PageTitle    string `json:"page_title,omitempty"`

	Kind  Kind   `json:"kind"`
	Words string `json:"words"` // the spans joined by "\n": the wording here
	// Spans are the verbatim words in Page.Text, without their quotation
	// marks, one a paragraph, in order.
	Spans   []Span `json:"spans"`
	Repeats []Span `json:"repeats,omitempty"` // the same words again on this page: headline, pull quote

	Speaker     Speaker   `json:"speaker"`
	JointWith   []Speaker `json:"joint_with,omitempty"`
	Mention     string    `json:"mention,omitempty"`     // how the sentence itself names the speaker: "He", "An NHS spokesperson"
	MentionSpan Span      `json:"mention_span,omitzero"` // zero where there is no mention
	Cue         string    `json:"cue,omitempty"`         // the word of saying: "explained"
	Rule        string    `json:"rule"`                  // the rule that found the speaker
	OrgRule     string    `json:"org_rule,omitempty"`
	Confidence  float64   `json:"confidence"` // of the attribution, 0 to 1

	Platform string `json:"platform,omitempty"` // of a post
	Handle   string `json:"handle,omitempty"`

	Said      Instant   `json:"said,omitzero"`
	Published Instant   `json:"published,omitzero"`
	Captured  time.Time `json:"captured"` // first capture that held it with these words
	// LastSeen is the last capture that held it so, or the last answer "not
	// modified" that confirmed it; equal to Captured at first.
	LastSeen time.Time `json:"last_seen"`
	// Gone is the first capture of the page that no longer held these words
	// there; the zero time while they stand.
	Gone time.Time `json:"gone,omitzero"`
	// Missing is the first of the answers 404 or 410 by which the whole page is
	// missing (two of them at least an hour apart, and nothing good since);
	// Removed the one by which it had been missing for 14 days. Both are zero
	// while the page answers.
	Missing time.Time `json:"missing,omitzero"`
	Removed time.Time `json:"removed,omitzero"`
	// PostMissing and PostRemoved are the same of a post on its own platform,
	// whatever page embeds it. Both are zero while it stands there, or nobody asked.
	PostMissing time.Time `json:"post_missing,omitzero"`
	PostRemoved time.Time `json:"post_removed,omitzero"`
	// Forbidden is since when robots.txt forbids to ask for the page again: it is
	// no longer crawled. Unlisted is since when the feed that led to it no longer
	// lists it. Both are zero while that is not so.
	Forbidden time.Time `json:"forbidden,omitzero"`
	Unlisted  time.Time `json:"unlisted,omitzero"`
	// Redirects are those that led to the page when it was first captured with
	// these words.
	Redirects Chain `json:"redirects,omitzero"`
	// Imported is true for a sighting whose evidence is kept elsewhere: it
	// came as a statement row.
	Imported bool `json:"imported,omitempty"`
}

// Wording is one way in which the sightings give a statement's words.
type Wording struct {
	N    int    `json:"n"` // from 1, in the order in which they were recorded
	Text string `json:"text"`
	// First is the earliest capture that held it, Last the latest.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// Front is true for the one in front: the most complete.
	Front bool `json:"front,omitempty"`
	// Stands is false when no page carries this wording any longer.
	Stands bool `json:"stands"`
}

// Statement is what one speaker said once, however many pages carry it.
//
// As attribution gives it, a statement has no ID yet and exactly one sighting.
// As the catalogue gives it, Text, Kind, Speaker, Said and Published are drawn
// from the sightings: Text from the wording in front, Kind by release, post,
// quote, fragment, indirect, the others from the best basis and then the earliest.
type Statement struct {
	ID        ID        `json:"id"`
	Kind      Kind      `json:"kind"`
	Text      string    `json:"text"`
	Lang      string    `json:"lang,omitempty"`
	Speaker   Speaker   `json:"speaker"`
	JointWith []Speaker `json:"joint_with,omitempty"`
	Person    ID        `json:"person,omitempty"` // the known speaker; "" for unnamed ones
	// Links say which speakers were completed from other statements, and by which
	// rule; nil where the sightings say it all.
	Links []Link `json:"links,omitempty"`

	Said      Instant   `json:"said,omitzero"`
	Published Instant   `json:"published,omitzero"`
	FirstSeen time.Time `json:"first_seen"` // earliest capture of any sighting

	Confidence float64  `json:"confidence"`
	Status     Status   `json:"status"`
	Mark       string   `json:"mark,omitempty"` // an editor's: disputed, hidden or embargoed; "" none
	Tags       []string `json:"tags,omitempty"`

	Wordings  []Wording  `json:"wordings"`
	Sightings []Sighting `json:"sightings"` // in order of capture, then page, then place
	// Corrections are what people decided about it, oldest first, imported ones
	// before those made here: merges into it, splits of it, attributions.
	Corrections []Correction `json:"corrections,omitempty"`
}

// When is the instant under which the statement stands in lists and in the
// index: said where known, else published, else first seen.
func (s Statement) When() Instant {
	switch {
	case s.Said.Known():
		return s.Said
	case s.Published.Known():
		return s.Published
	default:
		return At(s.FirstSeen, FromCaptured)
	}
}

// Origin is the sighting that a reader is shown first: the best kind of
// evidence, then the earliest published, then the earliest captured. It is nil
// only for a statement without sightings.
func (s Statement) Origin() *Sighting {
	var best *Sighting
	for i := range s.Sightings {
		if best == nil || before(&s.Sightings[i], best) {
			best = &s.Sightings[i]
		}
	}
	return best
}

func before(a, b *Sighting) bool {
	if x, y := a.Kind.Rank(), b.Kind.Rank(); x != y {
		return x < y
	}
	if x, y := a.Published.Sort(), b.Published.Sort(); !x.Equal(y) && a.Published.Known() && b.Published.Known() {
		return x.Before(y)
	}
	if !a.Captured.Equal(b.Captured) {
		return a.Captured.Before(b.Captured)
	}
	return a.CanonicalURL < b.CanonicalURL
}

// Check reports what breaks the rules of a statement as attribution gives it
// for this page: one sighting, a kind, words that are the slices of the page's
// text at its spans. The error wraps ErrInvalid.
func (s Statement) Check(p Page) error {
	if len(s.Sightings) != 1 {
		return fmt.Errorf("statement on %s: %d sightings, not 1: %w", p.URL, len(s.Sightings), ErrInvalid)
	}
	if s.Kind.Rank() == len(Kinds) {
		return fmt.Errorf("statement on %s: kind %q: %w", p.URL, s.Kind, ErrInvalid)
	}
	words := make([]string, len(s.Sightings[0].Spans))
	for i, sp := range s.Sightings[0].Spans {
		words[i] = sp.In(p.Text)
	}
	if got := strings.Join(words, "\n"); got == "" || got != s.Text || got != s.Sightings[0].Words {
		return fmt.Errorf("statement on %s: words %.60q are not the text at their spans: %w", p.URL, s.Text, ErrInvalid)
	}
	return nil
}

// Person is a speaker seen by name.
type Person struct {
	ID   ID     `json:"id"` // per_ + hash of name and organisation
	Name string `json:"name"`
	Org  string `json:"org,omitempty"` // register id, or the printed name where it has none
	// OrgName is the organisation's name for display.
	OrgName    string     `json:"org_name,omitempty"`
	Roles      []RoleSeen `json:"roles"`
	Statements int        `json:"statements"`
	// Linked counts those of the statements whose pages print no organisation for
	// the speaker; see Link.
	Linked int `json:"linked,omitempty"`
}

// RoleSeen is a role in which a person was seen, with the days of the first
// and last statement made in it.
type RoleSeen struct {
	Role  string    `json:"role"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// Statements counts those made in it, Evidence are the first and the last.
	Statements int  `json:"statements"`
	Evidence   []ID `json:"evidence,omitempty"`
}

// PersonID is the id of a known speaker: two are one only by an exact match of
// name and organisation, or by an editor's hand.
func PersonID(name, org string) ID {
	return HashID("per", strings.ToLower(strings.Join(strings.Fields(name), " ")), org)
}
