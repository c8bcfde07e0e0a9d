package record

import "time"

// Capture is one answer that was kept as evidence before anyone read it.
type Capture struct {
	ID  ID     `json:"id"`  // cap_ + hash of URL, time and digest: the same answer gets the same id
	URL string `json:"url"` // as asked for, with userinfo removed
	// At is when the answer came, UTC, to the second. Imported pages carry the
	// time that their list gives.
	At time.Time `json:"at"`
	// SHA256 is the digest of the entity body, transfer coding removed and
	// content coding kept (WARC 1.1, section 5.9), in lower-case hex.
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"` // bytes of that body
	// Status is the HTTP status; 0 for what was imported without HTTP.
	Status    int    `json:"status,omitempty"`
	MediaType string `json:"media_type,omitempty"` // Content-Type as sent; "" unknown
	// Via says how it came: "http", "import" (a page list) or "row" (statement
	// rows exported elsewhere, whose evidence is kept there).
	Via string `json:"via"`
	// File and Offset say where the archive keeps the record: a file name
	// inside the archive and the byte at which its gzip member begins.
	File   string `json:"file,omitempty"`
	Offset int64  `json:"offset,omitempty"`
}

// CaptureID is the id of an answer.
func CaptureID(url string, at time.Time, sha256hex string) ID {
	return HashID("cap", url, at.UTC().Format(time.RFC3339), sha256hex)
}

// SourceKind says how a source is read.
type SourceKind string

// The kinds of source.
const (
	SourceFeed    SourceKind = "feed"    // RSS, Atom or JSON Feed: its entries are leads
	SourceListing SourceKind = "listing" // a page of links: they are leads
	SourcePage    SourceKind = "page"    // a page that is asked again and again for its own words
)

// SourceKinds lists every kind.
var SourceKinds = []SourceKind{SourceFeed, SourceListing, SourcePage}

// Leads reports whether the source is read for links, and not for its words.
func (k SourceKind) Leads() bool { return k == SourceFeed || k == SourceListing }

// Source is a place that is watched.
type Source struct {
	ID   ID         `json:"id"`
	Org  string     `json:"org,omitempty"` // register id of the organisation that speaks there; "" for none
	Kind SourceKind `json:"kind"`
	URL  string     `json:"url"`
	Name string     `json:"name,omitempty"`
	// At is the address that is asked instead of URL, since that one moved there
	// for good; "" while it has not. URL stays the source's name in the record.
	At string `json:"at,omitempty"`
	// Enabled is false for a source that is known but not visited.
	Enabled bool `json:"enabled"`
	// Every is the least time between two visits in seconds, with which the
	// crawler begins; 0 means 900.
	Every int64 `json:"every_s,omitempty"`
	// Most is the longest time between two visits in seconds, for a source that
	// seldom changes; 0 means the crawler's own. Where it is not more than Every,
	// the rhythm is steady.
	Most int64 `json:"most_s,omitempty"`
	// Links selects the links of a listing, a CSS selector; "" takes those of
	// the page's main part.
	Links string `json:"links,omitempty"`
	// Note says in words where the address is known from, or what to mind.
	Note string `json:"note,omitempty"`
	// Origin is "config" for a source of the settings, which are its master,
	// and "" for one that was added by hand.
	Origin string `json:"origin,omitempty"`
	// Removed is true for a source that was taken away. It stays on record,
	// since its captures do.
	Removed bool `json:"removed,omitempty"`
}

// Interval is the least time between two visits.
func (s Source) Interval() time.Duration {
	if s.Every <= 0 {
		return 15 * time.Minute
	}
	return time.Duration(s.Every) * time.Second
}

// Watched reports whether the source is visited.
func (s Source) Watched() bool { return s.Enabled && !s.Removed }

// SourceID is the id of the source at this address.
func SourceID(url string) ID { return HashID("src", url) }
