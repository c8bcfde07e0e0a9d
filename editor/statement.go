package editor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"onrecord/catalogue"
	"onrecord/record"
)

// NewSpeaker is a speaker as an editor names one. Without a name it is an unnamed
// speaker of the organisation; the zero value says that nobody knows who it was.
type NewSpeaker struct {
	Name  string `json:"name,omitempty"`  // without title
	Title string `json:"title,omitempty"` // Dr, Professor Sir, …
	Role  string `json:"role,omitempty"`
	Org   string `json:"org,omitempty"` // register id
	// OrgName is the name of an organisation that the register does not have.
	OrgName string `json:"org_name,omitempty"`
}

// Part names sightings of a statement.
type Part struct {
	// Page is the address or the id (pg_…) of the page, or the sighting's own
	// address: that of an update or a post on it.
	Page string `json:"page"`
	// Words are part of the sighting's words; "" means all on that page.
	Words string `json:"words,omitempty"`
}

// Longest texts that a correction takes, in bytes, and the most of its lists.
const (
	maxWhy     = 2000
	maxSpeaker = 200 // each of name, title, role and organisation
	maxJoint   = 20
	maxParts   = 500
)

// Merge makes the statement from part of into, in the name of who: its id leads
// there for ever. It gives the statement as it is then. A reason must be given. The
// error wraps record.ErrNotFound, record.ErrInvalid, record.ErrExists where both
// are one already, or record.ErrStale for an id that was merged away.
func (e *Editor) Merge(ctx context.Context, from, into record.ID, who, why string) (record.Statement, error) {
	line, err := e.correction(who, why)
	if err != nil {
		return record.Statement{}, fmt.Errorf("merge %s: %w", from, err)
	}
	if err := e.cat.Merge(ctx, from, into, line); err != nil {
		return record.Statement{}, stale(err)
	}
	return e.cat.Statement(ctx, into)
}

// Split gives the sightings that parts name to a statement of their own, and
// gives both as they are then. The errors are those of Merge; an error about
// sightings says where the statement stands.
func (e *Editor) Split(ctx context.Context, id record.ID, parts []Part, who, why string) (stays, made record.Statement, err error) {
	line, err := e.correction(who, why)
	if err != nil {
		return stays, made, fmt.Errorf("split %s: %w", id, err)
	}
	if len(parts) == 0 || len(parts) > maxParts {
		return stays, made, fmt.Errorf("split %s: name the sightings that are another statement's, each by its page, at most %d: %w", id, maxParts, record.ErrInvalid)
	}
	s, err := e.cat.Statement(ctx, id)
	if err != nil {
		return stays, made, stale(err)
	}
	var places []record.Place
	for _, p := range parts {
		places = append(places, e.places(s, p)...)
	}
	other, err := e.cat.Split(ctx, id, places, line)
	if err != nil {
		return stays, made, where(s, stale(err))
	}
	if stays, err = e.cat.Statement(ctx, id); err == nil {
		made, err = e.cat.Statement(ctx, other)
	}
	return stays, made, err
}

// places are the sightings that a part names. One that names none is handed on
// as it is: the catalogue knows whether the words are another statement's by now.
func (e *Editor) places(s record.Statement, p Part) []record.Place {
	page, words := strings.TrimSpace(p.Page), catalogue.Prepare(p.Words).Normal()
	canonical := page
	if e.rules.Canonical != nil && !record.ID(page).Is("pg") {
		if address, err := e.rules.Canonical(page); err == nil {
			canonical = address
		}
	}
	var out []record.Place
	for _, x := range s.Sightings {
		on := page == string(x.Page) || page == x.CanonicalURL || page == x.URL || canonical == x.CanonicalURL
		if on && strings.Contains(" "+catalogue.Prepare(x.Words).Normal()+" ", " "+words+" ") || on && words == "" {
			out = append(out, record.Place{Page: x.Page, URL: x.CanonicalURL, Key: catalogue.Key(&x)})
		}
	}
	if len(out) > 0 {
		return out
	}
	if record.ID(page).Is("pg") {
		return []record.Place{{Page: record.ID(page), Words: p.Words}}
	}
	return []record.Place{{Page: record.PageID(canonical), URL: canonical, Words: p.Words}}
}

// where adds the pages on which the statement stands to a refusal of sightings.
func where(s record.Statement, err error) error {
	if !errors.Is(err, record.ErrNotFound) && !errors.Is(err, record.ErrInvalid) {
		return err
	}
	var list []string
	seen := map[string]bool{}
	for _, x := range s.Sightings {
		if !seen[x.CanonicalURL] {
			seen[x.CanonicalURL] = true
			list = append(list, x.CanonicalURL)
		}
	}
	slices.Sort(list)
	more := ""
	if len(list) > 10 {
		more = fmt.Sprintf(" and %d more", len(list)-10)
		list = list[:10]
	}
	said := strings.TrimSuffix(strings.TrimSuffix(err.Error(), ": "+record.ErrNotFound.Error()), ": "+record.ErrInvalid.Error())
	return fmt.Errorf("%s; it stands on %s%s: %w", said, strings.Join(list, ", "), more, record.ErrInvalid)
}

// Attribute puts on record that speaker said it, jointly with others where there
// are any, whatever the pages say; and gives the statement as it is then. What is
// on record so already leaves no line. The errors are those of Merge, and
// record.ErrInvalid for an unknown organisation; it suggests the nearest.
func (e *Editor) Attribute(ctx context.Context, id record.ID, speaker NewSpeaker, joint []NewSpeaker, who, why string) (record.Statement, error) {
	a := record.Attribution{}
	var err error
	if len(joint) > maxJoint {
		return record.Statement{}, fmt.Errorf("attribute %s: at most %d joint speakers: %w", id, maxJoint, record.ErrInvalid)
	}
	if a.Speaker, err = e.speaker(ctx, speaker); err != nil {
		return record.Statement{}, fmt.Errorf("attribute %s: %w", id, err)
	}
	for _, n := range joint {
		s, err := e.speaker(ctx, n)
		if err != nil {
			return record.Statement{}, fmt.Errorf("attribute %s: joint speaker: %w", id, err)
		}
		a.JointWith = append(a.JointWith, s)
	}
	return e.attribute(ctx, id, &a, who, why)
}

// Unattribute takes attributions by people back: what the sightings say counts
// again. The errors are those of Merge.
func (e *Editor) Unattribute(ctx context.Context, id record.ID, who, why string) (record.Statement, error) {
	return e.attribute(ctx, id, nil, who, why)
}

// correcting begins a correction of one statement: its line in the edit log, and
// the statement as it is.
func (e *Editor) correcting(ctx context.Context, verb string, id record.ID, who, why string) (record.Edit, record.Statement, error) {
	line, err := e.correction(who, why)
	if err != nil {
		return line, record.Statement{}, fmt.Errorf("%s %s: %w", verb, id, err)
	}
	s, err := e.cat.Statement(ctx, id)
	return line, s, stale(err)
}

func (e *Editor) attribute(ctx context.Context, id record.ID, a *record.Attribution, who, why string) (record.Statement, error) {
	line, s, err := e.correcting(ctx, "attribute", id, who, why)
	if err != nil {
		return record.Statement{}, err
	}
	now := s.Attributed()
	if now == nil && a == nil || now != nil && a != nil && reflect.DeepEqual(*now.Set, *a) {
		return s, nil // as wanted already; no line in the edit log
	}
	if err := e.cat.Attribute(ctx, id, a, line); err != nil {
		return record.Statement{}, stale(err)
	}
	return e.cat.Statement(ctx, id)
}

// Date puts on record when a statement was said, whatever its pages say, and gives
// it as it is then. Given is a day (2025-03-14), a month, a year, or a time with
// its zone (RFC 3339), or in London without (2025-03-14 09:30). What is on record so already leaves
// no line. The errors are those of Merge, and record.ErrInvalid for what is no
// date, or one after the first capture that holds the words.
func (e *Editor) Date(ctx context.Context, id record.ID, given, who, why string) (record.Statement, error) {
	said, err := instant(given)
	if err != nil {
		return record.Statement{}, fmt.Errorf("date %s: %w", id, err)
	}
	return e.date(ctx, id, &said, who, why)
}

// Undate takes dates by people back: what the sightings say counts again. The
// errors are those of Merge.
func (e *Editor) Undate(ctx context.Context, id record.ID, who, why string) (record.Statement, error) {
	return e.date(ctx, id, nil, who, why)
}

func (e *Editor) date(ctx context.Context, id record.ID, said *record.Instant, who, why string) (record.Statement, error) {
	line, s, err := e.correcting(ctx, "date", id, who, why)
	if err != nil {
		return record.Statement{}, err
	}
	now := s.Dated()
	switch {
	case now == nil && said == nil, now != nil && said != nil && now.Said.Time.Equal(said.Time) && now.Said.Precision == said.Precision:
		return s, nil // as wanted already; no line in the edit log
	case said != nil && said.Time.After(s.FirstSeen):
		return record.Statement{}, fmt.Errorf("date %s: %s is after %s, when a page that holds the words was kept: %w", id, said, s.FirstSeen.Format(time.RFC3339), record.ErrInvalid)
	}
	if err := e.cat.Date(ctx, id, said, line); err != nil {
		return record.Statement{}, stale(err)
	}
	return e.cat.Statement(ctx, id)
}

// instant reads a date or time as an editor gives it.
func instant(given string) (record.Instant, error) {
	given = strings.TrimSpace(given)
	for _, f := range []struct {
		layout    string
		precision record.Precision
	}{
		{time.RFC3339, record.ToSecond},
		{"2006-01-02T15:04Z07:00", record.ToMinute},
		{"2006-01-02 15:04", record.ToMinute},
		{"2006-01-02T15:04", record.ToMinute},
		{time.DateOnly, record.ToDay},
		{"2006-01", record.ToMonth},
		{"2006", record.ToYear},
	} {
		if t, err := time.ParseInLocation(f.layout, given, record.London); err == nil && t.Year() > 0 {
			return record.Instant{Time: t.UTC(), Precision: f.precision, Basis: record.FromEditor}, nil
		}
	}
	return record.Instant{}, fmt.Errorf("%.40q is no date; give a day such as 2025-03-14, or a time such as 2025-03-14T09:30:00Z: %w", given, record.ErrInvalid)
}

// correction is the line that a correction leaves. Nobody changes what the record
// says of who said what without saying why.
func (e *Editor) correction(who, why string) (record.Edit, error) {
	why = strings.TrimSpace(why)
	switch {
	case why == "":
		return record.Edit{}, fmt.Errorf("say why; the reason stands with the statement: %w", record.ErrInvalid)
	case len(why) > maxWhy:
		return record.Edit{}, fmt.Errorf("the reason is %d bytes long, at most %d are kept: %w", len(why), maxWhy, record.ErrInvalid)
	case !utf8.ValidString(why) || strings.ContainsFunc(why, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
		return record.Edit{}, fmt.Errorf("the reason has bytes that are no text: %w", record.ErrInvalid)
	}
	return record.Edit{Who: cmp.Or(who, "unknown"), Why: why}, nil // the catalogue fills in the rest
}

// stale tells who named a merged id what to do.
func stale(err error) error {
	var moved *record.Moved
	if errors.As(err, &moved) {
		return fmt.Errorf("%w; read that one and correct it: %w", moved, record.ErrStale)
	}
	return err
}

// speaker checks a speaker and fills in the organisation's name.
func (e *Editor) speaker(ctx context.Context, n NewSpeaker) (record.Speaker, error) {
	var s record.Speaker
	for _, f := range []struct {
		what, given string
		to          *string
	}{{"name", n.Name, &s.Name}, {"title", n.Title, &s.Title}, {"role", n.Role, &s.Role}, {"org", n.Org, &s.Org}, {"org_name", n.OrgName, &s.OrgName}} {
		var err error
		if *f.to, err = line(f.what, f.given); err != nil {
			return s, err
		}
	}
	switch {
	case s.Title != "" && s.Name == "":
		return s, fmt.Errorf("title %q without a name: %w", s.Title, record.ErrInvalid)
	case s.Name != "" && !strings.ContainsFunc(s.Name, unicode.IsLetter):
		return s, fmt.Errorf("name %q has no letters: %w", s.Name, record.ErrInvalid)
	case s.Org == "":
		return s, nil
	case s.OrgName != "":
		return s, fmt.Errorf("organisation %q has a name in the register; leave %q out: %w", s.Org, s.OrgName, record.ErrInvalid)
	}
	var err error
	s.OrgName, err = e.orgName(ctx, s.Org)
	return s, err
}

// line is one line of text as it is kept: in NFC, without space at its ends.
func line(what, given string) (string, error) {
	s := norm.NFC.String(strings.TrimSpace(given))
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return "", fmt.Errorf("%s: one line of text, please: %w", what, record.ErrInvalid)
	case len(s) > maxSpeaker:
		return "", fmt.Errorf("%s: %d bytes, at most %d: %w", what, len(s), maxSpeaker, record.ErrInvalid)
	}
	return s, nil
}

// orgName is the name of an organisation that the register or the record knows.
func (e *Editor) orgName(ctx context.Context, id string) (string, error) {
	if o, ok := e.reg.Org(id); ok {
		return o.Name, nil
	}
	if err := e.knownOrg(ctx, id); err != nil {
		return "", fmt.Errorf("%w (for one that is not in the register give its name as org_name)", err)
	}
	seen, err := e.cat.Organisations(ctx)
	for _, o := range seen {
		if o.Org == id {
			return o.OrgName, err
		}
	}
	return id, err
}
