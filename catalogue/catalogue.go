// Package catalogue is the contract of the truth: sources, captures, pages with
// every version, statements with every wording and sighting, people, incidents,
// the edit log and the numbered change log. It also holds the rules by which
// sightings become one statement (identity.go). It does not search words; that
// is the index's work.
package catalogue

import (
	"context"
	"time"

	"onrecord/record"
)

// Catalogue is the store behind everything that is read. An implementation
// passes cataloguetest.Run. Methods are safe for concurrent use; writes happen
// one at a time, each in one transaction that also writes its changes.
type Catalogue interface {
	Reader

	// Add records what one capture says: the capture, its page and the page's
	// statements (as attribution gives them), in one transaction.
	//
	// A capture that is on record already changes nothing. A page whose
	// readable text and dates are those of its latest version gets no new
	// version: the version notes one more capture and its sightings their
	// LastSeen. Other text or dates make version N+1. A capture older than
	// the latest is put into its place in time and takes nothing back.
	//
	// Each statement is matched as DESIGN.md says: first against the page's
	// earlier version, by place and words in common (the same statement,
	// perhaps a new wording), then against the same words on other pages (a
	// sighting), and else gets a new id by Mint. A sighting that the new
	// version no longer carries is marked Gone with that capture's time;
	// nothing is overwritten. A statement whose last standing sighting on an
	// official page is gone becomes withdrawn, one whose page gave it other
	// words becomes updated.
	//
	// The error wraps record.ErrInvalid if a statement fails Statement.Check;
	// then nothing of the capture is recorded.
	Add(ctx context.Context, c record.Capture, p record.Page, found []record.Statement) (record.Added, error)
	// Unread records a capture that could not be read, with the reason in
	// words. It is an outcome, not a failure.
	Unread(ctx context.Context, c record.Capture, reason string) error
	// Absent records that a page answered 404 or 410, as an observation: c is
	// the capture of that answer. Two such answers at least an hour apart, with
	// nothing good since, make the page missing; 14 days of them removed. Its
	// statements get that status where no other page carries them, and lose it
	// when the page answers again. For an address that never was a page it is
	// Unread.
	Absent(ctx context.Context, c record.Capture) error
	// Post records what a platform answered about a post, as an observation: that
	// it stands there, or (as in Absent) that it does not. Sightings in the post
	// say so, on whatever page it is embedded, and the page that is the post itself,
	// where there is one, is missing and removed like any other.
	Post(ctx context.Context, c record.Capture, url string, there bool) error
	// Adopt records statement rows that another onrecord exported, under
	// their own ids, with their sightings, wordings and dates as given. A row
	// already on record changes nothing; other words or sightings for a known
	// id are added. The evidence stays where it is (Sighting.Imported).
	// Corrections come along as history, and an attribution counts until there is
	// one made here; what was split here stays split.
	Adopt(ctx context.Context, c record.Capture, rows []record.Statement) (record.Added, error)

	// Merge makes the statement from part of into, as a person decided: its
	// sightings, wordings and corrections go over, its id is forwarded for ever.
	// What a person merges may have been split before.
	//
	// Merge, Split, Attribute and Date each write the correction, its line in the edit
	// log (whose Target and Value they fill in) and its changes in one
	// transaction. It holds for later sightings, and a rebuild does it again
	// from the edit log, whatever the order of captures. The errors wrap record.ErrNotFound for
	// an unknown id; an id that was merged away is a *record.Moved. Merge also
	// refuses two that are one already (record.ErrExists) and a statement with
	// itself (record.ErrInvalid).
	Merge(ctx context.Context, from, into record.ID, e record.Edit) error
	// Split gives the sightings at these places to a statement of its own, whose
	// id is minted from the first of them, and returns that id. A place is a Key,
	// or a page and the words of a sighting there (in their normal form), or a page
	// with all that the statement has there; every version of the page that holds it counts. The
	// parts are never united again except by a person's Merge. The error also
	// wraps record.ErrInvalid where no place is named or no sighting would stay,
	// record.ErrStale where a sighting belongs to another statement by now, and
	// record.ErrNotFound where the statement has none at a place.
	Split(ctx context.Context, id record.ID, places []record.Place, e record.Edit) (record.ID, error)
	// Attribute puts on record who said a statement, instead of what is drawn
	// from its sightings; nil takes that back. The sightings keep what their pages
	// say. In a merge the later attribution of both counts.
	Attribute(ctx context.Context, id record.ID, a *record.Attribution, e record.Edit) error
	// Date puts on record when a statement was said, instead of what is drawn from
	// its sightings; nil takes that back. It is otherwise like Attribute.
	Date(ctx context.Context, id record.ID, said *record.Instant, e record.Edit) error

	// SetIncident writes an incident (new with Revision 0, else the revision
	// that was read) and its line in the edit log, and returns it as stored.
	// The error wraps record.ErrExists for a slug in use, record.ErrNotFound,
	// record.ErrInvalid, or record.ErrStale if it was changed since it was read.
	SetIncident(ctx context.Context, i record.Incident, e record.Edit) (record.Incident, error)
	// Note writes a line of the edit log that changes nothing else on record, and
	// gives it as written. The error wraps record.ErrInvalid for a line without
	// action, target or value.
	Note(ctx context.Context, e record.Edit) (record.Edit, error)
	// SetSources writes sources, each with its line in the edit log, in one
	// transaction. One that is watched and was not before is due at once, and
	// so are those of its pages that were never asked; one that is watched no
	// longer, and its pages, are not due any more. The error wraps record.ErrInvalid for one without an address;
	// then none is written.
	SetSources(ctx context.Context, list []record.Source, e record.Edit) error

	Visits
	Close() error
}

// Visits is what the crawler remembers: which addresses it asks and how that
// went, and what it knows of their hosts. It is no truth about statements: a
// rebuild takes it over as it is.
//
// Work is handed out by host: DueHosts names origins, DueAsk.Busy those that the
// caller holds or lets rest, and Visited gives back what was done. One crawler
// at a time asks SQLite, so what it holds is in its memory and ends with it. A
// store that several crawlers share stands behind the same calls: DueHosts marks
// the origins that it returns as leased to the caller until a time (UPDATE …
// RETURNING over the hosts, FOR UPDATE SKIP LOCKED), leaves out those that others
// have leased, Visited moves the end of a lease that is still held and refuses
// the visit of one that is not (record.ErrStale), and a crawler that names an
// origin no more in Busy has given it back.
type Visits interface {
	// DueHosts lists at most limit origins that have visits due as asked: those
	// with a source due first, then the one that waits longest.
	DueHosts(ctx context.Context, ask DueAsk, limit int) ([]string, error)
	// Due lists at most limit visits of an origin that are due as asked: sources
	// first, then leads that were never read, then those that are visited again;
	// of each the one that waits longest first.
	Due(ctx context.Context, origin string, ask DueAsk, limit int) ([]record.Visit, error)
	// DueCount is how many visits are due as asked, at whatever origin.
	DueCount(ctx context.Context, ask DueAsk) (int, error)
	// NextDue is the earliest time at which a visit as asked, whatever Now says,
	// is due at an origin that is not busy; the zero time where none is.
	NextDue(ctx context.Context, ask DueAsk) (time.Time, error)
	// Visit is what is remembered of an address; ErrNotFound.
	Visit(ctx context.Context, url string) (record.Visit, error)
	// Visited writes visits as they are now and adds leads, in one transaction.
	// A lead whose address is known already changes nothing, unless it was
	// never asked and is not due any more: then it is due again. Added is the
	// number of leads that became due. A visit of a source that is not watched
	// any more is not due again.
	Visited(ctx context.Context, visits, leads []record.Visit) (added int, err error)
	// Settle runs do as one transaction: what it did through b is on record all
	// at once, or, where it returns an error, not at all. Do must not write to
	// the catalogue in another way.
	Settle(ctx context.Context, do func(b Settling) error) error
	// Awake notes that the crawler runs, at least every 10 minutes while it does.
	Awake(ctx context.Context, at time.Time) error
	// Retime gives every visit on account of these sources (nil: of any) that
	// is due at some time the time that due says, in transactions of a bounded
	// size.
	Retime(ctx context.Context, sources []record.ID, due func(record.Visit) time.Time) error
	// Hasten makes an address that is due later due at this time, and changes
	// nothing else about it.
	Hasten(ctx context.Context, address string, at time.Time) error
	// Subscriptions lists what was agreed with hubs about a source, or about all
	// with "".
	Subscriptions(ctx context.Context, source record.ID) ([]record.Subscription, error)
	// Subscription is the one whose callback has this token; ErrNotFound.
	Subscription(ctx context.Context, token string) (record.Subscription, error)
	// SetSubscription writes one, by its token. Without a token the error wraps
	// record.ErrInvalid.
	SetSubscription(ctx context.Context, p record.Subscription) error
	// DropSubscription forgets the one with this token, if there is one.
	DropSubscription(ctx context.Context, token string) error
	// Host is what is known of a host; ErrNotFound.
	Host(ctx context.Context, origin string) (record.Host, error)
	// SetHost writes what is known of a host.
	SetHost(ctx context.Context, h record.Host) error
	// Watermark is the capture up to which everything in the archive is on
	// record; "" for none.
	Watermark(ctx context.Context) (record.ID, error)
	// SetWatermark moves it.
	SetWatermark(ctx context.Context, id record.ID) error
}

// Settling is one transaction about how a visit went; see Visits.Settle.
type Settling interface {
	// Visit is what is remembered of an address, with what the transaction wrote
	// so far; ErrNotFound.
	Visit(url string) (record.Visit, error)
	// Visited is as in Visits.
	Visited(visits, leads []record.Visit) (added int, err error)
	// Listed notes what a source's answer lists now, in its order, and gives the
	// addresses that it listed before and has taken out since: those that stood
	// before one that is still there, and those at the end for which nothing new
	// came. Others have made room for what is new. The pages behind those taken
	// out say so until they are listed again. The same list again writes nothing.
	Listed(source record.ID, urls []string, at time.Time) (gone []string, err error)
}

// Reader is the reading half.
type Reader interface {
	// Changes lists at most limit changes after the position, oldest first;
	// none at the end. The error wraps record.ErrEpoch for a position of an
	// earlier epoch, other than the zero Position.
	Changes(ctx context.Context, after record.Position, limit int) ([]record.Change, error)
	// Head is the position of the last change, Seq 0 in an epoch without any.
	Head(ctx context.Context) (record.Position, error)

	// Statements lists the statements with these ids, whole, in the order of
	// the ids. An unknown id is left out; an id that was merged away is left out.
	Statements(ctx context.Context, ids []record.ID) ([]record.Statement, error)
	// Statement is one statement, whole. The error wraps record.ErrNotFound or
	// is a *record.Moved.
	Statement(ctx context.Context, id record.ID) (record.Statement, error)
	// Moved tells which of the ids were merged away, each with the id that
	// answers for it now.
	Moved(ctx context.Context, ids []record.ID) (map[record.ID]record.ID, error)
	// StatementIDs lists at most limit ids greater than after, in order: the
	// way to go through everything in pages.
	StatementIDs(ctx context.Context, after record.ID, limit int) ([]record.ID, error)

	// Capture is one capture; ErrNotFound.
	Capture(ctx context.Context, id record.ID) (record.Capture, error)
	// Brought reports whether a capture's page was new with it, or said something
	// else than in the capture before. It is false for a capture that is not on
	// record or was not read.
	Brought(ctx context.Context, capture record.ID) (bool, error)
	// CaptureBySHA is the earliest capture with this digest; ErrNotFound.
	CaptureBySHA(ctx context.Context, sha256hex string) (record.Capture, error)
	// Unreadable lists captures that could not be read, latest first, with
	// their reasons.
	Unreadable(ctx context.Context, limit int) ([]UnreadCapture, error)
	// Versions are all versions of a page, from 1; ErrNotFound.
	Versions(ctx context.Context, page record.ID) ([]record.Version, error)

	// LatestOf is the latest capture of the page that a capture is of, or that very
	// capture where it is of none.
	LatestOf(ctx context.Context, capture record.ID) (record.ID, error)
	// Standing is the readable text of a page's latest version, and whether a
	// capture of this address is among the page's; ErrNotFound.
	Standing(ctx context.Context, page record.ID, url string) (text string, here bool, err error)

	// Organisations lists who is on record, most statements first.
	Organisations(ctx context.Context) ([]OrgCount, error)
	// People lists known speakers, by name; org "" means of all
	// organisations, after "" means from the first.
	People(ctx context.Context, org string, after record.ID, limit int) ([]record.Person, error)
	// Person is one known speaker; ErrNotFound.
	Person(ctx context.Context, id record.ID) (record.Person, error)

	// Incidents lists all incidents, latest window first.
	Incidents(ctx context.Context) ([]record.Incident, error)
	// Incident is one incident; ErrNotFound.
	Incident(ctx context.Context, slug string) (record.Incident, error)
	// Sources lists all sources, by URL, removed ones included.
	Sources(ctx context.Context) ([]record.Source, error)
	// Source is the source at this address, or the one whose last visit ended at
	// this address after redirects, or whose answer goes on there (Visit.Part),
	// removed or not; ErrNotFound.
	Source(ctx context.Context, url string) (record.Source, error)
	// SourceStates lists sources, by URL, with what their visits came to, all of
	// them or the one with this id. Removed ones are left out.
	SourceStates(ctx context.Context, id record.ID) ([]record.SourceState, error)
	// Reach tells whether the watched sources gave an answer when last asked.
	Reach(ctx context.Context) (record.Reach, error)
	// Spells lists how the sources' own visits went between two times, by source
	// and then by time: Visited takes each into the stretch of those before it
	// that went alike, or begins another where it went otherwise or came more
	// than 15 minutes after it was due. A stretch reaches to the visit that is
	// due after it. Those without a source tell when the crawler ran.
	Spells(ctx context.Context, from, to time.Time) ([]record.Spell, error)
	// StatementsOfSource lists the statements that were found on a source and
	// on the pages to which it led, in the order of ids.
	StatementsOfSource(ctx context.Context, source record.ID) ([]record.ID, error)
	// Edits lists at most limit lines of the edit log after line n.
	Edits(ctx context.Context, after int64, limit int) ([]record.Edit, error)

	// Counts says how much is on record.
	Counts(ctx context.Context) (Counts, error)
	// Check runs the store's own integrity check; the error wraps
	// record.ErrDamaged and says what is wrong.
	Check(ctx context.Context) error
}

// UnreadCapture is a capture that could not be read.
type UnreadCapture struct {
	record.Capture
	Reason string `json:"reason"`
}

// OrgCount is an organisation as it stands on record.
type OrgCount struct {
	Org        string    `json:"org"` // register id; "" for one that the register does not know
	OrgName    string    `json:"org_name"`
	Statements int       `json:"statements"`
	First      time.Time `json:"first"` // by Statement.When
	Last       time.Time `json:"last"`
}

// Counts says how much is on record.
type Counts struct {
	Captures   int             `json:"captures"`
	Pages      int             `json:"pages"`
	Versions   int             `json:"versions"`
	Statements int             `json:"statements"`
	Sightings  int             `json:"sightings"`
	Wordings   int             `json:"wordings"`
	People     int             `json:"people"`
	Incidents  int             `json:"incidents"`
	Position   record.Position `json:"position"`
}

// DueAsk says which visits are asked for.
type DueAsk struct {
	Now time.Time // due at or before it
	// Sources, unless zero, is the time at or before which sources must have
	// been due; leads go by Now alone.
	Sources time.Time
	Only    []record.ID // on whose account; nil means any source's
	Busy    []string    // origins left out; Due does not look at it
}
