package editor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"onrecord/record"
)

// NewSource is a source to be added.
type NewSource struct {
	URL   string            `json:"url"`
	Kind  record.SourceKind `json:"kind"`
	Org   string            `json:"org,omitempty"` // register id; "" for none
	Name  string            `json:"name,omitempty"`
	Every int64             `json:"every_s,omitempty"` // least seconds between two visits, 60 or more; 0 means 900
	Most  int64             `json:"most_s,omitempty"`  // longest; 0 means as the settings say
	Links string            `json:"links,omitempty"`   // CSS selector of a listing's links
	Pages int64             `json:"pages,omitempty"`   // further answers, 0 to 1000
	Since string            `json:"since,omitempty"`   // first day wanted, "2024-07-19"
	Until string            `json:"until,omitempty"`   // last day wanted
	Note  string            `json:"note,omitempty"`
	Why   string            `json:"why,omitempty"` // for the edit log
	// Line is where it stands in the list that it comes from, from 1; 0 for none.
	Line int `json:"-"`
}

// FieldError says which field of what somebody gave is wrong, and why.
type FieldError struct {
	Field  string // its key in the JSON: "every_s"
	Detail string // in words, for beside the field
	of     string // what it is a field of: "source https://www.hsb.example/feed"
	kind   error
}

func (e *FieldError) Error() string { return e.of + ": " + e.Detail + ": " + e.kind.Error() }

// Unwrap is the kind of error: record.ErrInvalid, record.ErrTooLarge.
func (e *FieldError) Unwrap() error { return e.kind }

// wrong is the error of one field of a source.
func wrong(s *record.Source, field, format string, args ...any) error {
	of := "source"
	if s.ID != "" {
		of += " " + s.URL
	}
	return &FieldError{Field: field, Detail: fmt.Sprintf(format, args...), of: of, kind: record.ErrInvalid}
}

// inWords is an error without the name of its kind.
func inWords(err error) string {
	return strings.TrimSuffix(err.Error(), ": "+record.ErrInvalid.Error())
}

// SourceRules are what the editor asks others of a source.
type SourceRules struct {
	// Canonical is the address that all spellings share, or says what is wrong
	// with one. Nil takes addresses as they are.
	Canonical func(string) (string, error)
	// Selector says what is wrong with a CSS selector. Nil takes any.
	Selector func(string) error
	// Reachable says why an address is never asked, though it is a good one: it
	// is private. Nil takes any. Sources of the settings are not judged by it.
	Reachable func(string) error
	// Changed, unless nil, is told after sources have changed.
	Changed func()
}

// Sources tells the editor how sources are checked and who hears of them. It is
// called once, before the editor is used.
func (e *Editor) Sources(r SourceRules) { e.rules = r }

// AddSource adds a source in the name of who, watched from now on. A source that
// was removed comes back. The error wraps record.ErrExists for one that is
// there, and record.ErrInvalid; where a field is at fault it is a *FieldError.
func (e *Editor) AddSource(ctx context.Context, n NewSource, who string) (record.Source, error) {
	s, err := e.newSource(ctx, n)
	if err != nil {
		return record.Source{}, err
	}
	return s, e.setSource(ctx, s, "source.add", who, n.Why)
}

// newSource is the source that n asks for, checked. The errors are those of
// AddSource.
func (e *Editor) newSource(ctx context.Context, n NewSource) (record.Source, error) {
	s := record.Source{
		URL: strings.TrimSpace(n.URL), Kind: n.Kind, Org: strings.TrimSpace(n.Org), Name: strings.TrimSpace(n.Name), Enabled: true,
		Every: n.Every, Most: n.Most, Links: strings.TrimSpace(n.Links), Note: strings.TrimSpace(n.Note),
		Pages: n.Pages, Since: strings.TrimSpace(n.Since), Until: strings.TrimSpace(n.Until),
	}
	if err := e.checkSource(ctx, &s); err != nil {
		return record.Source{}, err
	}
	old, err := e.cat.Source(ctx, s.URL)
	switch {
	case err == nil && !old.Removed:
		return old, fmt.Errorf("source %s (%s): %w", s.URL, old.ID, record.ErrExists)
	case err != nil && !errors.Is(err, record.ErrNotFound):
		return record.Source{}, err
	}
	return s, nil
}

// EnableSource has a source visited, or not any more. The error wraps
// record.ErrNotFound, or record.ErrInvalid for a source of the settings.
func (e *Editor) EnableSource(ctx context.Context, id record.ID, enabled bool, who, why string) (record.Source, error) {
	s, err := e.source(ctx, id)
	if err != nil || s.Enabled == enabled {
		return s, err
	}
	s.Enabled = enabled
	return s, e.setSource(ctx, s, "source.change", who, why)
}

// FollowMove has a source asked from now on where its last answer said that it
// has moved for good, without waiting for more answers that say so. Its address
// stays its name, so that nothing of its history is lost, and where the new one
// fails the crawler leads back. The error wraps record.ErrNotFound, or
// record.ErrInvalid where it has not moved.
func (e *Editor) FollowMove(ctx context.Context, id record.ID, who, why string) (record.Source, error) {
	x, err := e.sourceState(ctx, id)
	if err != nil {
		return record.Source{}, err
	}
	s := x.Source
	to := x.Visit.Moved
	if to == "" {
		return s, fmt.Errorf("source %s: its last answer did not say that it has moved: %w", s.URL, record.ErrInvalid)
	}
	if e.rules.Canonical != nil {
		if to, err = e.rules.Canonical(to); err != nil {
			return s, fmt.Errorf("source %s: %w", s.URL, err)
		}
	}
	if s.At = to; s.At == s.URL {
		s.At = ""
	}
	return s, e.setSource(ctx, s, "source.moved", who, cmp.Or(why, "an answer said that it has moved there for good"))
}

// RemoveSource takes a source away; what was found on it stays. The errors are
// those of EnableSource.
func (e *Editor) RemoveSource(ctx context.Context, id record.ID, who, why string) (record.Source, error) {
	s, err := e.source(ctx, id)
	if err != nil {
		return s, err
	}
	s.Enabled, s.Removed = false, true
	return s, e.setSource(ctx, s, "source.remove", who, why)
}

// source is one that an editor may change.
func (e *Editor) source(ctx context.Context, id record.ID) (record.Source, error) {
	x, err := e.sourceState(ctx, id)
	if err == nil && x.Origin != "" {
		err = fmt.Errorf("source %s stands in %s.toml; change it there: %w", x.URL, x.Origin, record.ErrInvalid)
	}
	return x.Source, err
}

func (e *Editor) sourceState(ctx context.Context, id record.ID) (record.SourceState, error) {
	list, err := e.cat.SourceStates(ctx, id)
	if err != nil {
		return record.SourceState{}, err
	}
	if id == "" || len(list) == 0 {
		return record.SourceState{}, fmt.Errorf("no source %.80q; list them with: onrecord source list: %w", id, record.ErrNotFound)
	}
	return list[0], nil
}

func (e *Editor) setSource(ctx context.Context, s record.Source, action, who, why string) error {
	if err := e.setSources(ctx, []record.Source{s}, action, who, why); err != nil {
		return fmt.Errorf("%s %s: %w", action, s.URL, err)
	}
	return nil
}

// setSources writes sources, each with its line in the edit log.
func (e *Editor) setSources(ctx context.Context, list []record.Source, action, who, why string) error {
	line := record.Edit{At: e.clock().UTC(), Who: cmp.Or(who, "unknown"), Action: action, Why: why}
	if err := e.cat.SetSources(ctx, list, line); err != nil {
		return err
	}
	if e.rules.Changed != nil {
		e.rules.Changed()
	}
	return nil
}

// SyncSources makes the sources of the settings those on record: new and
// changed ones are written, those that the settings no longer have are removed.
// It returns how many it wrote. The error wraps record.ErrInvalid and names the
// source.
func (e *Editor) SyncSources(ctx context.Context, wanted []record.Source) (int, error) {
	have, err := e.cat.Sources(ctx)
	if err != nil {
		return 0, err
	}
	old := map[string]record.Source{}
	for _, s := range have {
		old[s.URL] = s
	}
	var changed []record.Source
	named := map[string]bool{}
	for _, s := range wanted {
		if err := e.checkSourceForm(&s); err != nil {
			return 0, err
		}
		if named[s.URL] {
			return 0, fmt.Errorf("source %s stands twice in the settings: %w", s.URL, record.ErrInvalid)
		}
		s.Origin, named[s.URL] = "config", true
		s.At = old[s.URL].At // where it was found to have moved
		if was := old[s.URL]; was != s {
			changed = append(changed, s)
		}
	}
	for _, s := range have {
		if s.Origin == "config" && !s.Removed && !named[s.URL] {
			s.Enabled, s.Removed = false, true
			changed = append(changed, s)
		}
	}
	if len(changed) == 0 {
		return 0, nil
	}
	if err := e.setSources(ctx, changed, "source.sync", "config", ""); err != nil {
		return 0, err
	}
	return len(changed), nil
}

func (e *Editor) checkSource(ctx context.Context, s *record.Source) error {
	if err := e.checkSourceForm(s); err != nil {
		return err
	}
	if e.rules.Reachable != nil {
		if err := e.rules.Reachable(s.URL); err != nil {
			return wrong(s, "url", "%s", inWords(err))
		}
	}
	if s.Org == "" {
		return nil
	}
	err := e.knownOrg(ctx, s.Org)
	if errors.Is(err, record.ErrInvalid) {
		return wrong(s, "org", "%s", inWords(err))
	}
	return err
}

// leastInterval is the shortest time between two visits.
const leastInterval = time.Minute

// maxPages is how many further answers of a source may be asked for.
const maxPages = 1000

// day reports whether s is a day, or none.
func day(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return s == "" || err == nil
}

// maxMost is a year in seconds.
const maxMost = 366 * 24 * 3600

func (e *Editor) checkSourceForm(s *record.Source) error {
	if _, rest, ok := strings.Cut(s.URL, "://"); ok {
		if authority, _, _ := strings.Cut(strings.NewReplacer("?", "/", "#", "/", "\\", "/").Replace(rest), "/"); strings.Contains(authority, "@") {
			return wrong(s, "url", "the address carries a user name or password before its host; leave it out")
		}
	}
	if e.rules.Canonical != nil {
		address, err := e.rules.Canonical(s.URL)
		if err != nil {
			return wrong(s, "url", "%s", inWords(err))
		}
		s.URL = address
	}
	s.ID = record.SourceID(s.URL)
	switch {
	case !slices.Contains(record.SourceKinds, s.Kind):
		kinds := make([]string, len(record.SourceKinds))
		for i, k := range record.SourceKinds {
			kinds[i] = string(k)
		}
		return wrong(s, "kind", "kind %q; want one of %s", s.Kind, strings.Join(kinds, ", "))
	case s.Every != 0 && s.Interval() < leastInterval:
		return wrong(s, "every_s", "%d seconds between two visits; want %v or more", s.Every, leastInterval)
	case s.Most < 0 || s.Most > maxMost || s.Most != 0 && s.Most < s.Every:
		return wrong(s, "most_s", "at most %d seconds between two visits; want no less than the least time, up to a year", s.Most)
	case s.Links != "" && s.Kind != record.SourceListing:
		return wrong(s, "links", "links are selected in a listing only, not in a %s", s.Kind)
	case s.Pages < 0 || s.Pages > maxPages:
		return wrong(s, "pages", "%d further pages; want 0 to %d", s.Pages, maxPages)
	case !day(s.Since) || !day(s.Until) || s.Since != "" && s.Until != "" && s.Until < s.Since:
		field := "until"
		if !day(s.Since) {
			field = "since"
		}
		return wrong(s, field, "since %q until %q; want days such as 2024-07-19, the first before the last", s.Since, s.Until)
	}
	for _, x := range []struct {
		field, value string
		most         int
	}{{"name", s.Name, maxName}, {"links", s.Links, maxName}, {"note", s.Note, maxSummary}} {
		if len(x.value) > x.most {
			return &FieldError{Field: x.field, Detail: fmt.Sprintf("%d bytes of %s; at most %d are kept", len(x.value), x.field, x.most), of: "source " + s.URL, kind: record.ErrTooLarge}
		}
	}
	if e.rules.Selector != nil {
		if err := e.rules.Selector(s.Links); err != nil {
			return wrong(s, "links", "%s", inWords(err))
		}
	}
	return nil
}
