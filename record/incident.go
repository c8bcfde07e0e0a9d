package record

import (
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Incident is a name, a window, a query and organisations: what they match,
// plus what an editor pinned, minus what an editor left out.
type Incident struct {
	ID      ID     `json:"id"`
	Slug    string `json:"slug"` // lower-case letters, digits and hyphens, 1 to 80; never reused
	Name    string `json:"name"`
	Summary string `json:"summary,omitempty"` // the editor's words
	// Query is in the language of spec/query.md; "" matches everything inside
	// the window.
	Query string `json:"query"`
	// From and To bound the window, [From,To). The zero time leaves that end open.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// Orgs are register ids; empty means all.
	Orgs     []string `json:"orgs,omitempty"`
	Pinned   []ID     `json:"pinned,omitempty"`
	Excluded []ID     `json:"excluded,omitempty"`
	// Revision counts its edits from 1; a writer names the one it read.
	Revision int       `json:"revision"`
	Created  time.Time `json:"created"`
	Changed  time.Time `json:"changed"`
}

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Check reports what breaks the rules of an incident. The error wraps ErrInvalid.
func (i Incident) Check() error {
	switch {
	case len(i.Slug) > 80 || !slugForm.MatchString(i.Slug):
		return fmt.Errorf("incident slug %q: want 1 to 80 lower-case letters, digits and single hyphens, such as it-outage-2024: %w", i.Slug, ErrInvalid)
	case i.Name == "":
		return fmt.Errorf("incident %s: a name is missing: %w", i.Slug, ErrInvalid)
	case !i.From.IsZero() && !i.To.IsZero() && !i.From.Before(i.To):
		return fmt.Errorf("incident %s: its window ends at %s, before it begins at %s: %w", i.Slug, i.To.Format(time.RFC3339), i.From.Format(time.RFC3339), ErrInvalid)
	}
	for _, id := range i.Pinned {
		if slices.Contains(i.Excluded, id) {
			return fmt.Errorf("incident %s: %s is both pinned and left out: %w", i.Slug, id, ErrInvalid)
		}
	}
	return nil
}

// Running reports whether the incident's window is open at this time. One
// without any window never is: it is a collection.
func (i Incident) Running(now time.Time) bool {
	return !(i.From.IsZero() && i.To.IsZero()) && !i.From.After(now) && (i.To.IsZero() || i.To.After(now))
}

// Edit is one line of the append-only edit log: what a person changed.
type Edit struct {
	N      int64     `json:"n"` // from 1, without gaps
	At     time.Time `json:"at"`
	Who    string    `json:"who"`             // "cli", "loopback", later a key's name
	Action string    `json:"action"`          // incident.add, incident.pin, …
	Target string    `json:"target"`          // a slug or an id
	Why    string    `json:"why,omitempty"`   // in the editor's words
	Value  string    `json:"value,omitempty"` // JSON of what was set
}
