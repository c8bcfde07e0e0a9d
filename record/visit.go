package record

import "time"

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
	// Final is the address that answered last, where redirects led to another
	// one; "" where they did not.
	Final string `json:"final,omitempty"`
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
	// Error is the last visit's fault in words; "" where it went well.
	Error string `json:"error,omitempty"`
	// LastError and FailedAt keep the last fault after things went well again.
	LastError string    `json:"last_error,omitempty"`
	FailedAt  time.Time `json:"failed_at,omitzero"`
	// Notes tell what was odd about an answer that was read all the same:
	// repairs of a feed, a permanent move.
	Notes []string `json:"notes,omitempty"`
	// ETag and LastModified are the validators of the last good answer, exactly
	// as sent (RFC 9110, section 8.8).
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
	SHA256       string `json:"sha256,omitempty"` // of that answer's body
	// Capture is that answer's evidence.
	Capture ID `json:"capture,omitempty"`
	// Statements and Leads count what it brought in all.
	Statements int `json:"statements,omitempty"`
	Leads      int `json:"leads,omitempty"`
}

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

// SourceState is a source with what its visits came to.
type SourceState struct {
	Source
	Visit Visit `json:"visit,omitzero"`
	// Pages counts the addresses found on it, by the state of their last visit.
	Pages map[VisitState]int `json:"pages,omitempty"`
	// Troubled are some of those that failed or were refused, latest first.
	Troubled []Visit `json:"troubled,omitempty"`
	// Statements counts what was found on it and its pages.
	Statements int `json:"statements"`
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
