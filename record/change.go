package record

import "time"

// Position is a place in the change log. Seq counts without gaps from 1 inside
// an epoch; a rebuild begins a new epoch. The zero Position is before the first
// change of all.
type Position struct {
	Epoch int64 `json:"epoch"`
	Seq   int64 `json:"seq"`
}

// ChangeKind says what changed.
type ChangeKind string

// The kinds of change.
const (
	StatementAdded   ChangeKind = "statement"
	SightingAdded    ChangeKind = "sighting"
	WordingAdded     ChangeKind = "wording"
	VersionAdded     ChangeKind = "version" // of a page
	StatusChanged    ChangeKind = "status"
	Merged           ChangeKind = "merge"
	Split            ChangeKind = "split"
	Corrected        ChangeKind = "correction"
	Erased           ChangeKind = "erasure"
	IncidentChanged  ChangeKind = "incident"
	SourceChanged    ChangeKind = "source"
	AttributeChanged ChangeKind = "attribute" // a statement's speaker, kind or date drawn anew
)

// Change is one line of the numbered, append-only change log.
type Change struct {
	Position
	At   time.Time  `json:"at"` // the clock's time when it was written
	Kind ChangeKind `json:"kind"`
	// Statement is the statement concerned; "" for changes of pages, incidents
	// and sources.
	Statement ID     `json:"statement,omitempty"`
	Page      ID     `json:"page,omitempty"`
	Subject   string `json:"subject,omitempty"` // an incident's slug, a source's id, the id merged away, the other part of a split
	Detail    string `json:"detail,omitempty"`  // in words
	// Replayed is true for changes written by a rebuild: nothing new happened,
	// and alerts skip them.
	Replayed bool `json:"replayed,omitempty"`
}

// Added says what one Add changed. The zero value means that nothing was new.
type Added struct {
	Captures   int `json:"captures"`
	Unread     int `json:"unread"` // of these captures: kept, but not to be read
	Pages      int `json:"pages"`
	Versions   int `json:"versions"` // later versions of pages already known
	Statements int `json:"statements"`
	Sightings  int `json:"sightings"` // of statements already known: the same words elsewhere
	Wordings   int `json:"wordings"`  // other words for statements already known
	Gone       int `json:"gone"`      // sightings that their page no longer carries
}

// Plus is the sum of both.
func (a Added) Plus(b Added) Added {
	a.Captures += b.Captures
	a.Unread += b.Unread
	a.Pages += b.Pages
	a.Versions += b.Versions
	a.Statements += b.Statements
	a.Sightings += b.Sightings
	a.Wordings += b.Wordings
	a.Gone += b.Gone
	return a
}

// Version is one version of a page as the catalogue keeps it.
type Version struct {
	N int `json:"n"` // from 1
	Page
	SHA256 string `json:"sha256"` // of the captured body
	// Redirects are those that led to the first of its captures.
	Redirects Chain `json:"redirects,omitzero"`
	// Captures are all captures that gave this version, earliest first.
	Captures []ID `json:"captures"`
	// AddedText and RemovedText are the sentences by which it differs from
	// version N-1, in order; both nil for version 1.
	AddedText   []string `json:"added,omitempty"`
	RemovedText []string `json:"removed,omitempty"`
}
