package editor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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
	Note  string            `json:"note,omitempty"`
	Why   string            `json:"why,omitempty"` // for the edit log
}

// SourceRules are what the editor asks others of a source.
type SourceRules struct {
	// Canonical is the address that all spellings share, or says what is wrong
	// with one. Nil takes addresses as they are.
	Canonical func(string) (string, error)
	// Selector says what is wrong with a CSS selector. Nil takes any.
	Selector func(string) error
	// Changed, unless nil, is told after sources have changed.
	Changed func()
}

// Sources tells the editor how sources are checked and who hears of them. It is
// called once, before the editor is used.
func (e *Editor) Sources(r SourceRules) { e.rules = r }

// AddSource adds a source in the name of who, watched from now on. A source that
// was removed comes back. The error wraps record.ErrExists for one that is
// there, and record.ErrInvalid.
func (e *Editor) AddSource(ctx context.Context, n NewSource, who string) (record.Source, error) {
	s := record.Source{
		URL: strings.TrimSpace(n.URL), Kind: n.Kind, Org: strings.TrimSpace(n.Org), Name: strings.TrimSpace(n.Name), Enabled: true,
		Every: n.Every, Most: n.Most, Links: strings.TrimSpace(n.Links), Note: strings.TrimSpace(n.Note),
	}
	if err := e.checkSource(ctx, &s); err != nil {
		return record.Source{}, err
	}
	old, err := e.cat.Source(ctx, s.URL)
	switch {
	case err == nil && !old.Removed:
		return record.Source{}, fmt.Errorf("source %s (%s): %w", s.URL, old.ID, record.ErrExists)
	case err != nil && !errors.Is(err, record.ErrNotFound):
		return record.Source{}, err
	}
	return s, e.setSource(ctx, s, "source.add", who, n.Why)
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
	list, err := e.cat.SourceStates(ctx, id)
	if err != nil {
		return record.Source{}, err
	}
	if id == "" || len(list) == 0 {
		return record.Source{}, fmt.Errorf("no source %.80q; list them with: onrecord source list: %w", id, record.ErrNotFound)
	}
	if list[0].Origin != "" {
		return record.Source{}, fmt.Errorf("source %s stands in %s.toml; change it there: %w", list[0].URL, list[0].Origin, record.ErrInvalid)
	}
	return list[0].Source, nil
}

func (e *Editor) setSource(ctx context.Context, s record.Source, action, who, why string) error {
	line := record.Edit{At: e.clock().UTC(), Who: cmp.Or(who, "unknown"), Action: action, Why: why}
	if err := e.cat.SetSources(ctx, []record.Source{s}, line); err != nil {
		return fmt.Errorf("%s %s: %w", action, s.URL, err)
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
	line := record.Edit{At: e.clock().UTC(), Who: "config", Action: "source.sync"}
	if err := e.cat.SetSources(ctx, changed, line); err != nil {
		return 0, err
	}
	if e.rules.Changed != nil {
		e.rules.Changed()
	}
	return len(changed), nil
}

func (e *Editor) checkSource(ctx context.Context, s *record.Source) error {
	if err := e.checkSourceForm(s); err != nil {
		return err
	}
	if s.Org == "" {
		return nil
	}
	if err := e.knownOrg(ctx, s.Org); err != nil {
		return fmt.Errorf("source %s: %w", s.URL, err)
	}
	return nil
}

// leastInterval is the shortest time between two visits.
const leastInterval = time.Minute

// maxMost is a year in seconds.
const maxMost = 366 * 24 * 3600

func (e *Editor) checkSourceForm(s *record.Source) error {
	if _, rest, ok := strings.Cut(s.URL, "://"); ok {
		if authority, _, _ := strings.Cut(strings.NewReplacer("?", "/", "#", "/", "\\", "/").Replace(rest), "/"); strings.Contains(authority, "@") {
			return fmt.Errorf("source: the address carries a user name or password before its host; leave it out: %w", record.ErrInvalid)
		}
	}
	if e.rules.Canonical != nil {
		address, err := e.rules.Canonical(s.URL)
		if err != nil {
			return fmt.Errorf("source: %w", err)
		}
		s.URL = address
	}
	s.ID = record.SourceID(s.URL)
	kinds := make([]string, len(record.SourceKinds))
	known := false
	for i, k := range record.SourceKinds {
		kinds[i] = string(k)
		known = known || k == s.Kind
	}
	switch {
	case !known:
		return fmt.Errorf("source %s: kind %q; want one of %s: %w", s.URL, s.Kind, strings.Join(kinds, ", "), record.ErrInvalid)
	case s.Every != 0 && s.Interval() < leastInterval:
		return fmt.Errorf("source %s: %d seconds between two visits; want %v or more: %w", s.URL, s.Every, leastInterval, record.ErrInvalid)
	case s.Most < 0 || s.Most > maxMost || s.Most != 0 && s.Most < s.Every:
		return fmt.Errorf("source %s: at most %d seconds between two visits; want no less than the least time, up to a year: %w", s.URL, s.Most, record.ErrInvalid)
	case s.Links != "" && s.Kind != record.SourceListing:
		return fmt.Errorf("source %s: links are selected in a listing only, not in a %s: %w", s.URL, s.Kind, record.ErrInvalid)
	case len(s.Name) > maxName || len(s.Note) > maxSummary || len(s.Links) > maxName:
		return fmt.Errorf("source %s: at most %d bytes of name and of selector, %d of note: %w", s.URL, maxName, maxSummary, record.ErrTooLarge)
	}
	if e.rules.Selector != nil {
		if err := e.rules.Selector(s.Links); err != nil {
			return fmt.Errorf("source %s: %w", s.URL, err)
		}
	}
	return nil
}
