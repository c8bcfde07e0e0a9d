package extract

import (
	"bytes"
	"fmt"
	"strings"

	"onrecord/record"
)

// FeedSchema names the form in which a FeedDocument is printed.
const FeedSchema = "onrecord.feed/1"

// Limits of a feed. What lies beyond them is left out and named in Problems.
const (
	MaxFeed      = 16 << 20 // bytes of the body
	maxEntries   = 2000
	maxFeedDepth = 64
	maxTitle     = 2000 // code points
)

// FeedOptions say how a feed is handed out.
type FeedOptions struct {
	// Sanitize leaves in titles, summaries and values only what a page would
	// show: no active content.
	Sanitize bool
}

// FeedDocument is a feed as it was read: RSS, Atom, CDF or JSON Feed.
type FeedDocument struct {
	Schema   string `json:"schema"`
	Format   string `json:"format"`   // rss, atom, cdf or json; "" where the body is no feed
	Version  string `json:"version"`  // rss20, rss091u, atom10, json11 …; rss where none is given
	Encoding string `json:"encoding"` // the character encoding that was read, lower case
	// Bozo is true whenever something was repaired or lost.
	Bozo     bool        `json:"bozo"`
	Problems []string    `json:"problems"` // what was repaired, lost or assumed, in words
	Feed     FeedInfo    `json:"feed"`
	Entries  []FeedEntry `json:"entries"`
}

// FeedInfo is what a feed says of itself, or an entry of the feed it was taken
// from. Times are record.Instant.String; the raw fields are the feed's words.
type FeedInfo struct {
	ID              string         `json:"id"`
	Title           string         `json:"title"`
	TitleDetail     *FeedDetail    `json:"title_detail,omitempty"`
	Subtitle        string         `json:"subtitle"`
	SubtitleDetail  *FeedDetail    `json:"subtitle_detail,omitempty"`
	Link            string         `json:"link"`
	FeedLink        string         `json:"feed_link"`
	Language        string         `json:"language"`
	Rights          string         `json:"rights"`
	RightsDetail    *FeedDetail    `json:"rights_detail,omitempty"`
	Generator       string         `json:"generator"`
	GeneratorDetail *FeedGenerator `json:"generator_detail,omitempty"`
	Info            string         `json:"info,omitempty"`
	InfoDetail      *FeedDetail    `json:"info_detail,omitempty"`
	Docs            string         `json:"docs,omitempty"`
	TTL             string         `json:"ttl,omitempty"`
	Logo            string         `json:"logo"`
	Icon            string         `json:"icon"`
	Published       string         `json:"published"`
	PublishedRaw    string         `json:"published_raw"`
	Updated         string         `json:"updated"`
	UpdatedRaw      string         `json:"updated_raw"`
	Authors         []FeedPerson   `json:"authors"`
	Contributors    []FeedPerson   `json:"contributors"`
	Publisher       string         `json:"publisher,omitempty"`
	PublisherDetail *FeedPerson    `json:"publisher_detail,omitempty"`
	Categories      []FeedCategory `json:"categories"`
	Links           []FeedLink     `json:"links"`
	Image           *FeedImage     `json:"image,omitempty"`
}

// FeedEntry is one entry of a feed. Summary and Content are apart: a feed may
// give either or both.
type FeedEntry struct {
	ID              string          `json:"id"`
	GUIDIsLink      bool            `json:"guidislink"`
	Title           string          `json:"title"`
	TitleDetail     *FeedDetail     `json:"title_detail,omitempty"`
	Link            string          `json:"link"`
	Links           []FeedLink      `json:"links"`
	Summary         string          `json:"summary"`
	SummaryDetail   *FeedDetail     `json:"summary_detail,omitempty"`
	Content         []FeedContent   `json:"content"`
	Language        string          `json:"language,omitempty"`
	Rights          string          `json:"rights,omitempty"`
	RightsDetail    *FeedDetail     `json:"rights_detail,omitempty"`
	Published       string          `json:"published"`
	PublishedRaw    string          `json:"published_raw"`
	Updated         string          `json:"updated"`
	UpdatedRaw      string          `json:"updated_raw"`
	Created         string          `json:"created"`
	CreatedRaw      string          `json:"created_raw,omitempty"`
	Expired         string          `json:"expired"`
	ExpiredRaw      string          `json:"expired_raw,omitempty"`
	Authors         []FeedPerson    `json:"authors"`
	Contributors    []FeedPerson    `json:"contributors"`
	Publisher       string          `json:"publisher,omitempty"`
	PublisherDetail *FeedPerson     `json:"publisher_detail,omitempty"`
	Categories      []FeedCategory  `json:"categories"`
	Enclosures      []FeedEnclosure `json:"enclosures"`
	Comments        string          `json:"comments"`
	Image           *FeedImage      `json:"image,omitempty"`
	Source          *FeedInfo       `json:"source,omitempty"`

	published, updated record.Instant
}

// FeedPerson is an author, a contributor or a publisher.
type FeedPerson struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	URL   string `json:"url"`
}

// FeedCategory is a subject, as the feed names it.
type FeedCategory struct {
	Term   string `json:"term"`
	Scheme string `json:"scheme"`
	Label  string `json:"label"`
}

// FeedLink is a link with what the feed says of it. Rel is "alternate" where
// the feed does not say.
type FeedLink struct {
	Rel      string `json:"rel"`
	Href     string `json:"href"`
	Type     string `json:"type"`
	Hreflang string `json:"hreflang"`
	Title    string `json:"title"`
	Length   string `json:"length"`
}

// FeedImage is the picture that stands for a feed.
type FeedImage struct {
	URL         string `json:"url"`
	Title       string `json:"title"`
	Link        string `json:"link"`
	Width       string `json:"width"`
	Height      string `json:"height"`
	Description string `json:"description,omitempty"`
}

// FeedDetail says how a text stands in the feed: its media type, its language
// and the address against which its links were resolved.
type FeedDetail struct {
	Type string `json:"type"`
	Lang string `json:"lang"`
	Base string `json:"base"`
}

// FeedGenerator is the program that wrote the feed.
type FeedGenerator struct {
	Name    string `json:"name"`
	URL     string `json:"href"`
	Version string `json:"version"`
}

// FeedContent is one form of an entry's full text, or the address where it is.
type FeedContent struct {
	Value string `json:"value"`
	Type  string `json:"type"`
	Lang  string `json:"lang"`
	Base  string `json:"base"`
	Src   string `json:"src"`
}

// FeedEnclosure is a file that belongs to an entry.
type FeedEnclosure struct {
	URL    string `json:"url"`
	Type   string `json:"type"`
	Length string `json:"length"`
}

// Feed reads a feed. It never fails: a body that is no feed gives Format ""
// and no entries, and whatever could be read before a fault is returned. The
// fault, and every repair, is named in Problems. Past MaxFeed the body is read
// as if it had been cut there.
func Feed(in Input, o FeedOptions) (doc FeedDocument) {
	r := feedReader{in: in, options: o}
	defer func() {
		// A parser of another house has panicked on bytes from a stranger
		// before (gofeed 1.4.2, null members): the capture stands, the feed is
		// reported as unreadable.
		if p := recover(); p != nil {
			r.lost(fmt.Sprintf("the reader broke down: %v", p))
			doc = r.document()
		}
	}()
	r.read()
	return r.document()
}

// FeedPage is a capture that is a feed, as a page of kind feed. Its leads are
// the links of its entries, each with its title and the time at which it was
// published or else updated. Entries of one link are one lead, the latest:
// GOV.UK gives each update of a page its own entry. False means no feed.
func FeedPage(in Input) (record.Page, bool) {
	doc := Feed(in, FeedOptions{})
	if doc.Format == "" {
		return record.Page{}, false
	}
	p := record.Page{
		Capture: in.Capture, URL: in.URL, CanonicalURL: in.URL, Kind: record.FeedPage, Captured: in.At.UTC(),
		Title: plainTitle(doc.Feed.Title), Lang: doc.Feed.Language, Publisher: plainTitle(doc.Feed.Title), Problems: doc.Problems,
	}
	if u, err := Canonical(in.URL); err == nil {
		p.CanonicalURL = u
	}
	p.ID = record.PageID(p.CanonicalURL)
	for _, a := range doc.Feed.Authors {
		if a.Name != "" {
			p.Authors = append(p.Authors, a.Name)
		}
	}
	p.Leads = feedLeads(doc.Entries)
	hubs, self := feedHubs(in, doc)
	named(&p, in, hubs, self)
	return p, true
}

// mayBeFeed reports whether the body is worth the asking: most pages say in
// their first tag that they are HTML, and none of those is a feed.
func mayBeFeed(body []byte) bool {
	rest := bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	for {
		rest = bytes.TrimLeft(rest, " \t\r\n\f")
		if end := bytes.Index(rest, []byte("-->")); end >= 0 && bytes.HasPrefix(rest, []byte("<!--")) {
			rest = rest[end+len("-->"):]
			continue
		}
		head := bytes.ToLower(rest[:min(len(rest), len("<!doctype html"))])
		return !bytes.HasPrefix(head, []byte("<html")) && !bytes.Equal(head, []byte("<!doctype html"))
	}
}

func feedLeads(entries []FeedEntry) []record.Lead {
	var leads []record.Lead
	place := map[string]int{}
	for _, e := range entries {
		if !strings.HasPrefix(e.Link, "http://") && !strings.HasPrefix(e.Link, "https://") {
			continue
		}
		at := instantOf(e)
		lead := record.Lead{URL: strings.ReplaceAll(e.Link, " ", "%20"), Title: plainTitle(e.Title), At: at, Modified: e.updated}
		i, seen := place[e.Link]
		switch {
		case !seen:
			place[e.Link] = len(leads)
			leads = append(leads, lead)
		case at.Known() && at.Time.After(leads[i].At.Time):
			leads[i] = lead
		}
	}
	return leads
}
