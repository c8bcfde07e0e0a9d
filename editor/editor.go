// Package editor is what people change: incidents, their pins and what they
// leave out, the sources that are watched, and corrections of statements. Every change goes through one
// transaction of the catalogue and leaves a line in the edit log. It reads no
// pages and answers no readers.
package editor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"onrecord/catalogue"
	"onrecord/query"
	"onrecord/record"
	"onrecord/register"
)

// Editor changes what people entered. Its methods are safe for concurrent use.
type Editor struct {
	cat   catalogue.Catalogue
	reg   *register.Register
	clock func() time.Time
	rules SourceRules
}

// New returns an editor; a nil clock means time.Now.
func New(cat catalogue.Catalogue, reg *register.Register, clock func() time.Time) *Editor {
	if clock == nil {
		clock = time.Now
	}
	return &Editor{cat: cat, reg: reg, clock: clock}
}

// NewIncident is an incident to be added.
type NewIncident struct {
	Slug    string    `json:"slug"` // "" makes it from the name
	Name    string    `json:"name"`
	Query   string    `json:"query"`         // "" matches everything inside the window
	From    time.Time `json:"from,omitzero"` // [From,To); zero leaves the end open
	To      time.Time `json:"to,omitzero"`
	Orgs    []string  `json:"orgs,omitempty"` // register ids; empty means all
	Summary string    `json:"summary,omitempty"`
	Why     string    `json:"why,omitempty"` // for the edit log
}

// Change is what changes of an incident; nil fields stay as they are.
type Change struct {
	Name    *string    `json:"name,omitempty"`
	Query   *string    `json:"query,omitempty"`
	From    *time.Time `json:"from,omitempty"` // the zero time opens that end
	To      *time.Time `json:"to,omitempty"`
	Orgs    *[]string  `json:"orgs,omitempty"` // empty means all
	Summary *string    `json:"summary,omitempty"`
}

// Longest texts that an incident takes, in bytes.
const (
	maxName    = 200
	maxSummary = 20_000
	maxOrgs    = 50
	maxPins    = 1000 // pinned and left out, each
)

// AddIncident adds an incident in the name of who ("cli", "loopback", a key's
// name). The error wraps record.ErrExists for a slug in use and
// record.ErrInvalid for an unreadable query (then it is a *query.Error
// underneath), an unknown organisation or an unknown incident in the query; it
// suggests the nearest known one.
func (e *Editor) AddIncident(ctx context.Context, n NewIncident, who string) (record.Incident, error) {
	i := record.Incident{Slug: n.Slug, Name: strings.TrimSpace(n.Name), Summary: strings.TrimSpace(n.Summary), Query: strings.TrimSpace(n.Query), From: n.From.UTC(), To: n.To.UTC(), Orgs: n.Orgs}
	if i.Slug == "" {
		i.Slug = Slug(i.Name)
	}
	if i.Slug == "" {
		return record.Incident{}, fmt.Errorf("incident %q: its name has no letters to make a slug of; give one, such as it-outage-2024: %w", n.Name, record.ErrInvalid)
	}
	return e.set(ctx, i, "incident.add", n.Why, who)
}

// Change changes an incident that was read at revision. The error wraps
// record.ErrStale if it has changed since, record.ErrNotFound, or
// record.ErrInvalid as AddIncident.
func (e *Editor) Change(ctx context.Context, slug string, revision int, c Change, who, why string) (record.Incident, error) {
	i, err := e.incident(ctx, slug)
	if err != nil {
		return record.Incident{}, err
	}
	if i.Revision != revision {
		return record.Incident{}, fmt.Errorf("incident %s: revision %d was read, it is now at %d: %w", slug, revision, i.Revision, record.ErrStale)
	}
	put(&i.Name, c.Name)
	put(&i.Query, c.Query)
	put(&i.Summary, c.Summary)
	put(&i.From, c.From)
	put(&i.To, c.To)
	put(&i.Orgs, c.Orgs)
	return e.set(ctx, i, "incident.change", why, who)
}

func put[T any](to *T, v *T) {
	if v != nil {
		*to = *v
	}
}

// Pin puts a statement into an incident whatever its query says, and takes it
// off what is left out. An id that was merged pins the one that has it now. The
// error wraps record.ErrNotFound for an unknown incident or statement.
func (e *Editor) Pin(ctx context.Context, slug string, id record.ID, who, why string) (record.Incident, error) {
	return e.list(ctx, slug, id, "incident.pin", who, why, func(i *record.Incident, id record.ID) {
		i.Pinned, i.Excluded = with(i.Pinned, id), without(i.Excluded, id)
	})
}

// Exclude leaves a statement out of an incident, and unpins it.
func (e *Editor) Exclude(ctx context.Context, slug string, id record.ID, who, why string) (record.Incident, error) {
	return e.list(ctx, slug, id, "incident.exclude", who, why, func(i *record.Incident, id record.ID) {
		i.Excluded, i.Pinned = with(i.Excluded, id), without(i.Pinned, id)
	})
}

// Unpin takes back a Pin and an Exclude: the query alone decides again.
func (e *Editor) Unpin(ctx context.Context, slug string, id record.ID, who, why string) (record.Incident, error) {
	return e.list(ctx, slug, id, "incident.unpin", who, why, func(i *record.Incident, id record.ID) {
		i.Pinned, i.Excluded = without(i.Pinned, id), without(i.Excluded, id)
	})
}

// list changes the lists of an incident. Two editors who pin at the same moment
// do not take each other's pin away: a stale write is read and done again.
func (e *Editor) list(ctx context.Context, slug string, id record.ID, action, who, why string, change func(*record.Incident, record.ID)) (record.Incident, error) {
	id, err := e.statement(ctx, id)
	if err != nil {
		return record.Incident{}, err
	}
	for range 10 {
		var i record.Incident
		if i, err = e.incident(ctx, slug); err != nil {
			return record.Incident{}, err
		}
		if err := e.follows(ctx, i.Pinned, i.Excluded); err != nil {
			return record.Incident{}, err
		}
		was := slices.Concat(i.Pinned, []record.ID{""}, i.Excluded)
		change(&i, id)
		if slices.Equal(was, slices.Concat(i.Pinned, []record.ID{""}, i.Excluded)) {
			return i, nil // as wanted already; no line in the edit log
		}
		if i, err = e.set(ctx, i, action, why, who); !errors.Is(err, record.ErrStale) {
			return i, err
		}
	}
	return record.Incident{}, err
}

// follows puts the ids that answer now in the place of those that were merged away.
func (e *Editor) follows(ctx context.Context, lists ...[]record.ID) error {
	moved, err := e.cat.Moved(ctx, slices.Concat(lists...))
	for _, ids := range lists {
		for k, id := range ids {
			ids[k] = cmp.Or(moved[id], id)
		}
	}
	return err
}

// statement is the id under which the statement stands now.
func (e *Editor) statement(ctx context.Context, id record.ID) (record.ID, error) {
	s, err := e.cat.Statement(ctx, id)
	var moved *record.Moved
	if errors.As(err, &moved) {
		return moved.To, nil
	}
	if err != nil {
		return "", fmt.Errorf("statement %s: %w", id, err)
	}
	return s.ID, nil
}

func with(ids []record.ID, id record.ID) []record.ID {
	if slices.Contains(ids, id) {
		return ids
	}
	return append(slices.Clone(ids), id)
}

func without(ids []record.ID, id record.ID) []record.ID {
	return slices.DeleteFunc(slices.Clone(ids), func(x record.ID) bool { return x == id })
}

// set checks an incident and writes it with its line in the edit log.
func (e *Editor) set(ctx context.Context, i record.Incident, action, why, who string) (record.Incident, error) {
	i.Orgs = unique(i.Orgs)
	if err := e.check(ctx, i); err != nil {
		return record.Incident{}, err
	}
	line := record.Edit{At: e.clock().UTC(), Who: cmp.Or(who, "unknown"), Action: action, Target: i.Slug, Why: why} // the catalogue fills in what was set
	stored, err := e.cat.SetIncident(ctx, i, line)
	if err != nil {
		return record.Incident{}, fmt.Errorf("%s %s: %w", action, i.Slug, err)
	}
	return stored, nil
}

func unique(list []string) []string {
	var out []string
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// check holds the incident to the rules of record, the query language and the
// register.
func (e *Editor) check(ctx context.Context, i record.Incident) error {
	if err := i.Check(); err != nil {
		return err
	}
	if len(i.Name) > maxName || len(i.Summary) > maxSummary || len(i.Orgs) > maxOrgs || len(i.Pinned) > maxPins || len(i.Excluded) > maxPins {
		return fmt.Errorf("incident %s: at most %d bytes of name, %d of summary, %d organisations, %d pins and as many left out: %w", i.Slug, maxName, maxSummary, maxOrgs, maxPins, record.ErrTooLarge)
	}
	q, err := query.Parse(i.Query, e.clock())
	if err != nil {
		return fmt.Errorf("incident %s: %w", i.Slug, err)
	}
	if q.Sort != "" {
		return fmt.Errorf("incident %s: sort:%s says nothing about what belongs to it; leave it out: %w", i.Slug, q.Sort, record.ErrInvalid)
	}
	for _, id := range i.Orgs {
		if err := e.knownOrg(ctx, id); err != nil {
			return fmt.Errorf("incident %s: %w", i.Slug, err)
		}
	}
	return e.checkNamed(ctx, i.Slug, []string{i.Slug}, q.Root)
}

// knownOrg accepts what the register or the record knows.
func (e *Editor) knownOrg(ctx context.Context, id string) error {
	if _, ok := e.reg.Org(id); ok {
		return nil
	}
	seen, err := e.cat.Organisations(ctx)
	if err != nil {
		return err
	}
	var known []string
	for _, o := range e.reg.Orgs() {
		known = append(known, o.ID)
	}
	for _, o := range seen {
		if o.Org == id {
			return nil
		}
		known = append(known, o.Org)
	}
	return fmt.Errorf("no organisation %.80q%s: %w", id, meant(id, known), record.ErrInvalid)
}

// checkNamed follows the incidents that a query names and refuses unknown ones
// and a way back to where it began.
func (e *Editor) checkNamed(ctx context.Context, slug string, path []string, n query.Node) error {
	var err error
	query.Walk(n, func(n query.Node) {
		f, ok := n.(query.Field)
		if !ok || f.Name != "incident" || err != nil {
			return
		}
		if slices.Contains(path, f.Value) {
			err = fmt.Errorf("incident %s: its query comes back to itself (%s): %w", slug, strings.Join(append(path, f.Value), " -> "), record.ErrInvalid)
			return
		}
		err = e.follow(ctx, slug, path, f.Value)
	})
	return err
}

// deepest is how many incidents may name each other in a row.
const deepest = 8

func (e *Editor) follow(ctx context.Context, slug string, path []string, named string) error {
	if len(path) > deepest {
		return fmt.Errorf("incident %s: more than %d incidents name each other: %w", slug, deepest, record.ErrInvalid)
	}
	i, err := e.incident(ctx, named)
	if errors.Is(err, record.ErrNotFound) {
		return fmt.Errorf("incident %s: its query names another one: %s: %w", slug, strings.TrimSuffix(err.Error(), ": "+record.ErrNotFound.Error()), record.ErrInvalid)
	}
	if err != nil {
		return err
	}
	q, err := query.Parse(i.Query, e.clock())
	if err != nil {
		return fmt.Errorf("incident %s: %w", named, err)
	}
	return e.checkNamed(ctx, slug, append(slices.Clone(path), named), q.Root)
}

// incident reads one, and suggests the nearest slug for an unknown one.
func (e *Editor) incident(ctx context.Context, slug string) (record.Incident, error) {
	i, err := e.cat.Incident(ctx, slug)
	if !errors.Is(err, record.ErrNotFound) {
		return i, err
	}
	all, listErr := e.cat.Incidents(ctx)
	if listErr != nil {
		return i, listErr
	}
	var slugs []string
	for _, x := range all {
		slugs = append(slugs, x.Slug)
	}
	return i, fmt.Errorf("no incident %.80q%s: %w", slug, meant(slug, slugs), record.ErrNotFound)
}

func meant(typed string, known []string) string {
	if near := record.Nearest(typed, known); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// Slug makes a slug of a name: letters without marks in lower case, digits, and
// single hyphens for the rest, at most 80 bytes. It is "" for a name without
// Latin letters or digits.
func Slug(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(name) {
		r = unicode.ToLower(r)
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			gap = false
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’':
		default:
			gap = true
		}
		if b.Len() >= 79 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}
