package record

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// VisitState says how the last visit of an address went.
type VisitState string

// The states of a visit.
const (
	NotVisited  VisitState = ""            // nobody asked yet
	VisitOK     VisitState = "ok"          // answered and read
	VisitFailed VisitState = "failing"     // no answer, or one that could not be read
	VisitRobots VisitState = "robots"      // robots.txt forbids it: not asked
	VisitUnsure VisitState = "robots-lost" // robots.txt cannot be read just now: not asked
	VisitBarred VisitState = "barred"      // the guard or the settings forbid it: not asked
	VisitGone   VisitState = "gone"        // answered with 404 or 410
)

// Visit is one address that the crawler asks, with all that it remembers of it.
type Visit struct {
	URL    string `json:"url"`    // canonical, without fragment
	Source ID     `json:"source"` // on whose account it is asked
	// Lead is true for an address that was found on the source, and false for
	// the source's own.
	Lead bool `json:"lead,omitempty"`
	// Part is how many steps an address goes on from the source's own, which is
	// read as that one is: page 2 of a listing is 1. It is 0 for the source's own
	// and for pages.
	Part int `json:"part,omitempty"`
	// Post is the address of the post of which its platform is asked here whether it
	// stands; "" for any other address.
	Post string `json:"post,omitempty"`
	// Final is the address that answered last, where redirects led to another
	// one; "" where they did not.
	Final string `json:"final,omitempty"`
	// Redirects are those that the last answer came by.
	Redirects Chain `json:"redirects,omitzero"`
	// Moved is where a source's last answer said that it has moved for good, and
	// MovedTimes how many answers in a row said so; "" and 0 for none.
	Moved      string `json:"moved,omitempty"`
	MovedTimes int    `json:"moved_times,omitempty"`
	// Due is when it is asked next; the zero time means not again.
	Due   time.Time  `json:"due,omitzero"`
	State VisitState `json:"state,omitempty"`
	// Tried is the last time that it was to be asked, Succeeded the last time
	// that the answer was good, Changed the last time that it brought something
	// new; the zero time means never.
	Tried     time.Time `json:"tried,omitzero"`
	Succeeded time.Time `json:"succeeded,omitzero"`
	Changed   time.Time `json:"changed,omitzero"`
	Failures  int       `json:"failures,omitempty"` // in a row
	Status    int       `json:"status,omitempty"`   // HTTP status of the last answer; 0 for none
	// Took is how long the last answer took, in milliseconds, without waiting
	// for the host's turn.
	Took int64 `json:"took_ms,omitempty"`
	// Error is the last visit's fault in words; "" where it went well.
	Error string `json:"error,omitempty"`
	// LastError and FailedAt keep the last fault after things went well again.
	LastError string    `json:"last_error,omitempty"`
	FailedAt  time.Time `json:"failed_at,omitzero"`
	// Notes tell what was odd about an answer that was read all the same:
	// repairs of a feed, a permanent move.
	Notes []string `json:"notes,omitempty"`
	// ETag and LastModified are the validators of the last answer 200, exactly
	// as sent (RFC 9110, section 8.8).
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
	SHA256       string `json:"sha256,omitempty"` // of that answer's body
	// Capture is that answer's evidence.
	Capture ID `json:"capture,omitempty"`
	// Unread is the evidence of the last answer 200 where that one could not be
	// read; ETag and LastModified are its validators then. "" for none.
	Unread ID `json:"unread,omitempty"`
	// Statements and Leads count what it brought in all.
	Statements int `json:"statements,omitempty"`
	Leads      int `json:"leads,omitempty"`
	// Of is, for another address of a page, the one at which the page is asked;
	// this one is not asked on its own then. "" for a page's own.
	Of string `json:"of,omitempty"`
	// Since is when the schedule of a page found on a source began: its first
	// capture, or its last change.
	Since time.Time `json:"since,omitzero"`
	// Absent is when it began to answer 404 or 410; the zero time where its last
	// answer was another one.
	Absent time.Time `json:"absent,omitzero"`
	// Unlisted is since when the source that led to a page no longer lists it,
	// although it still lists what stood behind it; the zero time while it does.
	Unlisted time.Time `json:"unlisted,omitzero"`
	// Rhythm is how often a source is asked, and what that follows from.
	Rhythm Rhythm `json:"rhythm,omitzero"`
}

// Rhythm is how often a source is asked, as its changes were observed.
type Rhythm struct {
	// Every is the time between two visits in seconds that follows from the
	// changes alone; 0 before the first answer. Least and Most bound it.
	Every int64 `json:"every_s,omitempty"`
	Least int64 `json:"least_s,omitempty"`
	Most  int64 `json:"most_s,omitempty"`
	// Incident is the slug of the running incident for which it is asked more
	// often; "" for none.
	Incident string `json:"incident,omitempty"`
	// Why tells all of this in words.
	Why string `json:"why,omitempty"`
	// Changes are when it was seen to have changed, latest first, at most 16.
	Changes []time.Time `json:"changes,omitempty"`
	// Looks counts the answers that could be compared with one before, Found
	// those that brought something new, Watched the seconds between them. All
	// three fade: a week halves them.
	Looks   float64 `json:"looks,omitempty"`
	Found   float64 `json:"found,omitempty"`
	Watched float64 `json:"watched_s,omitempty"`
}

// IsZero reports whether nothing is known of the rhythm.
func (r Rhythm) IsZero() bool {
	return r.Every == 0 && r.Why == "" && r.Looks == 0 && len(r.Changes) == 0
}

// staleAfter is how many of its usual times between two changes a source may
// stand still before that is worth a look.
const staleAfter = 3

// Stale is since when a source that answers has not changed, where that is more
// than three times as long as it usually takes, and a day or more; else the zero
// time. The usual time is the median of those between its last changes, of which
// four must be known.
func (v Visit) Stale(now time.Time) time.Time {
	list := v.Rhythm.Changes
	if v.Lead || v.State != VisitOK || len(list) < 4 {
		return time.Time{}
	}
	var gaps []time.Duration
	for i := 1; i < len(list); i++ {
		gaps = append(gaps, list[i-1].Sub(list[i]))
	}
	slices.Sort(gaps)
	if still := now.Sub(list[0]); still >= 24*time.Hour && still > staleAfter*gaps[len(gaps)/2] {
		return list[0]
	}
	return time.Time{}
}

// Again reports whether a page found on a source is visited again: it was read
// well before, at this address.
func (v Visit) Again() bool { return v.Lead && v.Part == 0 && v.Of == "" && !v.Succeeded.IsZero() }

// Host is one origin ("https://www.hsb.example") as the crawler knows it.
type Host struct {
	Origin string `json:"origin"`
	// Robots is its robots.txt as last read (RFC 9309), at most 500 KiB; ""
	// where there is none or it is empty.
	Robots   string    `json:"robots,omitempty"`
	RobotsAt time.Time `json:"robots_at,omitzero"` // when it was asked for; zero: never
	// RobotsFault says why robots.txt could not be read; "" where it could, or
	// where there is none. While it stands nothing is asked of the origin.
	RobotsFault string `json:"robots_fault,omitempty"`
	// NotBefore is when the origin wants to be asked again (Retry-After).
	NotBefore time.Time `json:"not_before,omitzero"`
	// Gap is the least time between two requests in milliseconds, as last
	// worked out from Crawl-delay and the time an answer took.
	Gap int64 `json:"gap_ms,omitempty"`
}

// Robots is what a host's robots.txt says of an address (RFC 9309).
type Robots string

// The verdicts of a robots.txt.
const (
	RobotsUnknown Robots = ""           // it was not asked for yet
	RobotsNone    Robots = "none"       // there is none, or an empty one
	RobotsAllows  Robots = "allows"     // the address may be asked for
	RobotsForbids Robots = "forbids"    // it may not
	RobotsLost    Robots = "unreadable" // nobody knows, so that nothing may
)

// Words tells the verdict to people.
func (r Robots) Words() string {
	switch r {
	case RobotsNone:
		return "there is none: everything may be asked"
	case RobotsAllows:
		return "allows this address"
	case RobotsForbids:
		return "forbids this address"
	case RobotsLost:
		return "could not be read"
	default:
		return "not asked"
	}
}

// Verdict is what the host's robots.txt says of an address that its rules, if
// there are any, allow or not.
func (h Host) Verdict(allowed bool) Robots {
	switch {
	case h.RobotsAt.IsZero():
		return RobotsUnknown
	case h.RobotsFault != "":
		return RobotsLost
	case !allowed:
		return RobotsForbids
	case h.Robots == "":
		return RobotsNone
	default:
		return RobotsAllows
	}
}

// SourceState is a source with what its visits came to.
type SourceState struct {
	Source
	Visit Visit `json:"visit,omitzero"`
	// Pages counts the addresses found on it, by the state of their last visit.
	Pages map[VisitState]int `json:"pages,omitempty"`
	// Troubled are some of those that failed or were refused, latest first.
	Troubled []Visit `json:"troubled,omitempty"`
	// Robots is the verdict of its host's robots.txt, as last asked for at
	// RobotsAt (zero: never); RobotsFault says why that could not be read.
	Robots      Robots    `json:"robots,omitempty"`
	RobotsAt    time.Time `json:"robots_at,omitzero"`
	RobotsFault string    `json:"robots_fault,omitempty"`
	// Stale is since when it has not changed, where that is far longer than it
	// usually takes (see Visit.Stale); the zero time where it is not.
	Stale time.Time `json:"stale,omitzero"`
	// Statements counts what was found on it and its pages.
	Statements int `json:"statements"`
	// StateSince is from when on visits went as the last one did; zero before the
	// first.
	StateSince time.Time `json:"state_since,omitzero"`
	// Success is the share of visits in the last 7 days that went well; nil where
	// there was none.
	Success *float64 `json:"success_7d,omitempty"`
	// TookP95 is the time in milliseconds within which 95 of 100 of the last
	// answers came; 0 where there was none.
	TookP95 int64 `json:"took_p95_ms,omitempty"`
	// Push is what was agreed with hubs that tell of its changes; none where it
	// names no hub, or where nobody can be called back.
	Push []Subscription `json:"push,omitempty"`
	// Recent are the last visits, at most 50, latest first; only where one source
	// is asked for.
	Recent []Ask `json:"recent,omitempty"`
}

// Health says in words how the last visits went; "" before the first.
func (s SourceState) Health() string {
	if s.Success == nil {
		return ""
	}
	out := fmt.Sprintf("%.0f %% of the visits of 7 days went well", math.Floor(*s.Success*100))
	if s.TookP95 > 0 {
		out += fmt.Sprintf(", 95 of 100 answers came within %d ms", s.TookP95)
	}
	return out
}

// Spell is a stretch of a source's own visits, each made when it was due, that
// went alike.
type Spell struct {
	Source ID         `json:"source"` // "" for the crawler: when it ran
	State  VisitState `json:"state"`
	Status int        `json:"status,omitempty"` // of the last answer; 0 for none
	Reason string     `json:"reason,omitempty"` // the last fault in words
	Began  time.Time  `json:"began"`            // the first visit
	Last   time.Time  `json:"last"`             // the last one
	Until  time.Time  `json:"until,omitzero"`   // when the next one was due; zero for never
	Visits int        `json:"visits"`
}

// Ask is one of the last visits of a source.
type Ask struct {
	At     time.Time  `json:"at"`
	State  VisitState `json:"state"`
	Status int        `json:"status,omitempty"` // 0 for no answer
	Took   int64      `json:"took_ms"`
	New    bool       `json:"new,omitempty"` // it brought something new
}

// SourceReport is what one look at a place found; nothing of it is kept.
type SourceReport struct {
	Source Source `json:"source"`
	// Robots is the verdict in words, Allowed whether the address may be asked.
	Robots  string `json:"robots"`
	Allowed bool   `json:"allowed"`
	// Gap is the time that would be kept between two requests, in seconds.
	Gap float64 `json:"gap_s"`
	// Found says what the address is in words: "feed, rss 2.0, 20 entries".
	Found  string `json:"found,omitempty"`
	Status int    `json:"status,omitempty"`
	// Final is the address that answered, after redirects.
	Final string `json:"final,omitempty"`
	Leads []Lead `json:"leads,omitempty"` // at most 10
	// Feeds are feeds that the page names.
	Feeds []Lead `json:"feeds,omitempty"`
	// Places are all places that could be watched instead, or as well: feeds,
	// sitemaps, the site's API, accounts.
	Places     []Watchable `json:"places,omitempty"`
	Statements []Statement `json:"statements,omitempty"` // at most 5
	Problems   []string    `json:"problems,omitempty"`
	// Fault says why nothing could be read; "" where it could.
	Fault string `json:"fault,omitempty"`
}

// Watchable is a place that could be watched.
type Watchable struct {
	URL   string     `json:"url"`
	Kind  SourceKind `json:"kind"`
	Title string     `json:"title,omitempty"`
}

// Reach is whether the sources that are watched can be reached at all.
type Reach struct {
	// Answered counts those that gave an answer when they were last asked,
	// whatever it was; Silent those that gave none.
	Answered int `json:"answered"`
	Silent   int `json:"silent"`
	// Last is when one of them last answered well; zero for never.
	Last time.Time `json:"last,omitzero"`
}

// Offline reports whether nobody is reached any more: this machine is offline, or
// what is between it and the web is broken.
func (r Reach) Offline() bool { return r.Silent > 0 && r.Answered == 0 }
