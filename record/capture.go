package record

import (
	"strings"
	"time"
)

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
	// Redirects are those that led to it, from the address that was asked first.
	Redirects Chain `json:"redirects,omitzero"`
}

// CaptureID is the id of an answer.
func CaptureID(url string, at time.Time, sha256hex string) ID {
	return HashID("cap", url, at.UTC().Format(time.RFC3339), sha256hex)
}

// SourceKind says how a source is read.
type SourceKind string

// The kinds of source. The address of each is the one that is asked.
const (
	SourceFeed      SourceKind = "feed"      // RSS, Atom or JSON Feed: its entries are leads
	SourceListing   SourceKind = "listing"   // a page of links, and the pages that go on from it: they are leads
	SourcePage      SourceKind = "page"      // a page that is asked again and again for its own words
	SourceLive      SourceKind = "live"      // a page of timed updates, asked often
	SourceSitemap   SourceKind = "sitemap"   // a sitemap, a news sitemap or an index of them (sitemaps.org): leads with the time of their last change
	SourceWordPress SourceKind = "wordpress" // posts as WordPress REST lists them: leads with the time of their last change
	SourceGovUK     SourceKind = "govuk"     // a search of the GOV.UK search API: leads to the content API
	SourceMastodon  SourceKind = "mastodon"  // posts of an account or under a tag
	SourceBluesky   SourceKind = "bluesky"   // posts of an account (app.bsky.feed.getAuthorFeed)
	SourceYouTube   SourceKind = "youtube"   // the feed of a channel: titles and descriptions of its videos
	SourceX         SourceKind = "x"         // posts of an account through API v2, for which a token is needed
)

// SourceKinds lists every kind.
var SourceKinds = []SourceKind{
	SourceFeed, SourceListing, SourcePage, SourceLive, SourceSitemap, SourceWordPress, SourceGovUK,
	SourceMastodon, SourceBluesky, SourceYouTube, SourceX,
}

// Leads reports whether the source is read for links, and not for its words.
func (k SourceKind) Leads() bool {
	switch k {
	case SourceFeed, SourceListing, SourceSitemap, SourceWordPress, SourceGovUK:
		return true
	}
	return false
}

// Posts reports whether the source's answer holds posts, each a page of its own.
func (k SourceKind) Posts() bool {
	switch k {
	case SourceMastodon, SourceBluesky, SourceYouTube, SourceX:
		return true
	}
	return false
}

// rhythm is the time between two visits in seconds where a source says none.
func (k SourceKind) rhythm() int64 {
	switch k {
	case SourceLive:
		return 120
	case SourceSitemap:
		return 3600
	}
	return 900
}

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
	// crawler begins; 0 means 900, for a live page 120 and for a sitemap 3600.
	Every int64 `json:"every_s,omitempty"`
	// Most is the longest time between two visits in seconds, for a source that
	// seldom changes; 0 means the crawler's own. Where it is not more than Every,
	// the rhythm is steady.
	Most int64 `json:"most_s,omitempty"`
	// Links selects the links of a listing, a CSS selector; "" takes those of
	// the page's main part.
	Links string `json:"links,omitempty"`
	// Pages is how many answers that go on from the first are asked for as long
	// as they bring something new: older pages of a listing, of an account or of
	// a search, sitemaps of an index. 0 means 5, with Since 200.
	Pages int64 `json:"pages,omitempty"`
	// Since and Until are the first and the last day of what is wanted of it
	// ("2024-07-19", in London); "" means any, for a sitemap the last 30 days.
	Since string `json:"since,omitempty"`
	Until string `json:"until,omitempty"`
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
	every := s.Every
	if every <= 0 {
		every = s.Kind.rhythm()
	}
	return time.Duration(every) * time.Second
}

// Depth is how many answers that go on from the first may be asked for.
func (s Source) Depth() int {
	switch {
	case s.Pages > 0:
		return int(s.Pages)
	case s.Since != "":
		return 200
	}
	return 5
}

// Window is what is wanted of the source as [from,to), London days; the zero
// time for no bound. What is no day bounds nothing.
func (s Source) Window() (from, to time.Time) {
	if t, err := time.ParseInLocation(time.DateOnly, s.Since, London); err == nil {
		from = t
	}
	if t, err := time.ParseInLocation(time.DateOnly, s.Until, London); err == nil {
		to = t.AddDate(0, 0, 1)
	}
	return from, to
}

// Watched reports whether the source is visited.
func (s Source) Watched() bool { return s.Enabled && !s.Removed }

// SourceID is the id of the source at this address.
func SourceID(url string) ID { return HashID("src", url) }

// PartID is the id of one page in an answer that holds several: of a post in an
// account's answer. The answer is its evidence.
func PartID(answer ID, url string) ID { return answer + "." + HashID("part", url)[5:18] }

// AnswerID is the id of the kept answer: of a part that of the whole.
func AnswerID(id ID) ID {
	whole, _, _ := strings.Cut(string(id), ".")
	return ID(whole)
}
