// Package export writes statements in the formats that other programs read, a
// file for each format, and reads its own rows back. It asks no store: what it
// writes comes from the statements and the header, never from the clock, so
// that the same statements give the same bytes.
package export

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"onrecord/record"
	"onrecord/timeline"
)

// Header says what an export is. The zero Header works.
type Header struct {
	Title    string          `json:"title,omitempty"`    // of the list: the incident's name, or the query
	Incident string          `json:"incident,omitempty"` // slug; fills the column of that name
	Query    string          `json:"query"`              // normalised
	Explain  string          `json:"explain,omitempty"`  // the query in plain English
	At       time.Time       `json:"at,omitzero"`        // when the query ran; zero leaves it out
	Program  string          `json:"program,omitempty"`  // name, version and commit
	Register string          `json:"register,omitempty"` // by which bodies and people were told apart: its name and digest
	Window   Window          `json:"window,omitzero"`    // of the incident
	Zone     string          `json:"zone,omitempty"`     // whose days are meant: "Europe/London"
	Position record.Position `json:"position"`           // of the index that answered
	Total    int             `json:"total"`              // statements that the query matches
	// Watch tells how the window was watched: which sources were asked, which
	// could not be read and for how long. Nil where nobody knows.
	Watch *timeline.Watch `json:"coverage,omitempty"`
	// Notes say what a reader must know: what was left out and why, what could
	// not be reached, under which terms the words may be used, whom to ask to
	// take them down.
	Notes []string `json:"notes,omitempty"`

	// Base is the public address of this onrecord ("https://record.example"),
	// Self the address of this very list; "" leaves their links out.
	Base string `json:"base,omitempty"`
	Self string `json:"self,omitempty"`
	// Authority is the name under which Atom ids are minted ("record.example",
	// RFC 4151). It must stay the same for ever; "" means onrecord.invalid.
	Authority string `json:"-"`

	// RawCells writes CSV cells that a spreadsheet would run as a formula as
	// they are; else they are prefixed with an apostrophe.
	RawCells bool `json:"-"`
	// Lead has a list say how it was made: JSONL gets the header as its first
	// line, CSV a last column "made", which the first row fills. Atom always does.
	Lead bool `json:"-"`
}

// Window is a stretch of time, [From,To); the zero time leaves an end open.
type Window struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

// Made says in sentences how the list was made, so that somebody else can make it
// again.
func (h Header) Made() []string {
	var out []string
	say := func(there bool, format string, args ...any) {
		if there {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	say(h.Incident != "", "Incident: %s (%s)", h.Title, h.Incident)
	say(true, "Query: %s", cmp.Or(h.Query, "everything on record"))
	say(h.Explain != "", "In words: %s", h.Explain)
	say(h.Window != Window{}, "Window: %s to %s", cmp.Or(moment(h.Window.From), "the first statement"), cmp.Or(moment(h.Window.To), "the last one"))
	say(h.Zone != "", "Days, and the times that coverage names, are those of %s; other times are in UTC", h.Zone)
	say(!h.At.IsZero(), "Asked: %s", moment(h.At))
	say(true, "Statements: %d found, by an index that had read change %d of epoch %d", h.Total, h.Position.Seq, h.Position.Epoch)
	say(h.Program != "", "Program: %s", h.Program)
	say(h.Register != "", "Register: %s", h.Register)
	switch {
	case h.Watch != nil:
		for _, line := range h.Watch.Words {
			say(true, "Coverage: %s", line)
		}
	case h.Incident != "" && h.Window.From.IsZero():
		say(true, "Coverage: not known for a window without a beginning")
	}
	for _, n := range h.Notes {
		say(true, "Note: %s", n)
	}
	return append(out, "Evidence: the captures named with each statement, to be checked by their SHA-256")
}

// Format is one way of writing statements.
type Format struct {
	Name      string // "csv"
	MediaType string // with charset
	Ext       string // of file names, without the point
	// Write writes the statements as they come, one held at a time, and stops
	// at the first error, of the sequence or of w.
	Write func(w io.Writer, h Header, said iter.Seq2[record.Statement, error]) error
}

// Formats are all formats, in the order in which they are offered. Nobody
// changes the table.
var Formats = []Format{
	{"csv", "text/csv; charset=utf-8; header=present", "csv", CSV},
	{"jsonl", "application/jsonl; charset=utf-8", "jsonl", JSONL},
	{"atom", "application/atom+xml; charset=utf-8", "atom", Atom},
}

// ByName is the format of this name.
func ByName(name string) (Format, bool) {
	for _, f := range Formats {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// columns are the fields of a row, in order, in CSV and at the top of JSONL.
//
// The said columns are Statement.Said and empty where that is not known: a
// published or captured time never stands in for it. A time known only to the
// day is written YYYY-MM-DD (a London day), to the month YYYY-MM, to the year
// YYYY; others are RFC 3339 in UTC. Outlet, title, url and archived_sha256 are
// those of Statement.Origin. A joint statement has its speakers, roles and
// organisations in the same order, parted by "; ", as the ids of the captures are in
// which it was found.
var columns = [...]string{
	"id", "said_at", "said_precision", "said_basis", "published_at", "first_seen_at", "kind", "status", "text",
	"speaker", "role", "organisation", "organisation_id", "outlet", "title", "url", "archived_sha256", "sightings", "incident", "captures",
}

// cells are the values of the columns.
func cells(s record.Statement, incident string) [len(columns)]string {
	o := record.Sighting{}
	if first := s.Origin(); first != nil {
		o = *first
	}
	who := func(pick func(record.Speaker) string) string { return joint(s, pick) }
	return [len(columns)]string{
		string(s.ID), s.Said.String(), string(s.Said.Precision), string(s.Said.Basis), s.Published.String(), moment(s.FirstSeen), string(s.Kind), string(s.Status), s.Text,
		who(func(x record.Speaker) string { return strings.TrimSpace(x.Title + " " + x.Name) }), who(func(x record.Speaker) string { return x.Role }),
		who(func(x record.Speaker) string { return x.OrgName }), who(func(x record.Speaker) string { return x.Org }),
		o.Outlet, o.PageTitle, o.URL, o.SHA256, strconv.Itoa(len(s.Sightings)), incident, strings.Join(captures(s), "; "),
	}
}

// captures are the ids of the captures that a statement was found in, each once.
func captures(s record.Statement) []string {
	var out []string
	for _, x := range s.Sightings {
		if id := string(x.Capture); id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// joint joins one attribute of all speakers; "" where none has it.
func joint(s record.Statement, pick func(record.Speaker) string) string {
	parts := []string{pick(s.Speaker)}
	some := parts[0] != ""
	for _, j := range s.JointWith {
		parts = append(parts, pick(j))
		some = some || pick(j) != ""
	}
	if !some {
		return ""
	}
	return strings.Join(parts, "; ")
}

// moment is RFC 3339 in UTC; "" for the zero time.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// web is an address that may stand as a link: absolute http or https. A page
// can name any address as its own, also javascript:.
func web(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.String()
}
