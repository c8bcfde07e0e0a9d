package record

import "time"

// PageKind says what a page is.
type PageKind string

// The kinds of page, as `onrecord extract` prints them.
const (
	PressRelease   PageKind = "press_release"   // an official body's release: its own words, with speakers named
	StatementPage  PageKind = "statement"       // an official body's page whose body is the statement
	NewsArticle    PageKind = "news_article"    // what others report
	LiveBlog       PageKind = "live_blog"       // a running page of timed updates
	RollingUpdates PageKind = "rolling_updates" // one official page to which dated updates are added
	APIPage        PageKind = "api"             // an answer of WordPress REST or of the GOV.UK content API
	ListingPage    PageKind = "listing"         // a page that only lists others: leads, no statements of its own
	FeedPage       PageKind = "feed"            // RSS, Atom or JSON Feed: leads, no statements of its own
)

// Lists reports whether such a page only leads to others: it has no statements
// of its own.
func (k PageKind) Lists() bool { return k == FeedPage || k == ListingPage }

// Page is what a capture says, freed from markup. The versions of a page share
// one canonical URL and so one ID.
type Page struct {
	ID      ID `json:"id"`
	Capture ID `json:"capture"` // the capture it was read from

	URL          string   `json:"url"`           // as captured
	CanonicalURL string   `json:"canonical_url"` // what all versions share
	Kind         PageKind `json:"kind"`
	Title        string   `json:"title"`
	Authors      []string `json:"authors,omitempty"`
	Lang         string   `json:"lang,omitempty"` // BCP 47 as declared; "" undeclared

	Publisher    string `json:"publisher,omitempty"`     // as printed: site name, JSON-LD publisher
	PublisherOrg string `json:"publisher_org,omitempty"` // register id; filled in by ingest, not by extract
	// From names the bodies that the page itself gives as its issuers ("From:
	// Department for …", links.organisations), as printed.
	From []string `json:"from,omitempty"`

	Published Instant   `json:"published,omitzero"`
	Modified  Instant   `json:"modified,omitzero"`
	Captured  time.Time `json:"captured"`

	// Text is the readable text, one block a line, lines parted by "\n". Every
	// offset of a statement points into it.
	Text string `json:"text"`
	// Blocks cover Text line by line, in order.
	Blocks []Block `json:"blocks"`
	// Posts are the embedded posts; one that carries words has a block.
	Posts []Post `json:"posts,omitempty"`
	// Updates are the timed parts of a live or rolling page, the posts of a
	// REST answer and the entries of a feed; each covers a run of Blocks.
	Updates []Update `json:"updates,omitempty"`
	// History is the page's own account of its changes ("Updates to this
	// page"), as printed, newest first where the page does so.
	History []Revision `json:"history,omitempty"`
	// Leads are links worth a visit, found in feeds and listings.
	Leads []Lead `json:"leads,omitempty"`
	// Next is where a source's answer goes on: the next page of a listing, the
	// older posts of an account; "" for the last one.
	Next string `json:"next,omitempty"`
	// Parts are further answers of the source that each stand for themselves:
	// the sitemaps of an index.
	Parts []Lead `json:"parts,omitempty"`
	// Hubs are those that tell of changes of a source's answer (WebSub), and
	// Topic the address under which they know it; "" where it names none.
	Hubs  []string `json:"hubs,omitempty"`
	Topic string   `json:"topic,omitempty"`
	// Problems name what was repaired or lost in reading, in words.
	Problems []string `json:"problems,omitempty"`
}

// BlockKind says what a line of a page's text is.
type BlockKind string

// The kinds of block. Attribution takes words from paragraphs, list items,
// block quotations and posts; headings and pull quotes only repeat; captions,
// datelines, notes and labels are looked across.
const (
	Paragraph  BlockKind = "paragraph"
	Heading    BlockKind = "heading"
	Standfirst BlockKind = "standfirst"
	ListItem   BlockKind = "list_item"
	BlockQuote BlockKind = "block_quote" // set apart by markup; may lack quotation marks
	PullQuote  BlockKind = "pull_quote"  // words of the body set again in display
	Caption    BlockKind = "caption"
	Embedded   BlockKind = "post"  // the words of Posts[Block.Post]
	Label      BlockKind = "label" // the line that names a post's account, an update's stamp, a "Read more:"
	LinkList   BlockKind = "links" // related stories that could not be told from the body
	Notes      BlockKind = "notes" // notes to editors and what follows ENDS
)

// Block is one line of Page.Text.
type Block struct {
	Kind BlockKind `json:"kind"`
	Span           // bytes of Page.Text, without the line's "\n"
	// Post is the index into Page.Posts for kind Embedded, else -1.
	Post int `json:"post"`
	// Update is the index into Page.Updates of the update that the block
	// belongs to, -1 for none.
	Update int `json:"update"`
	// Cite is what markup names as the speaker of a quotation (<cite>,
	// <footer>, a figure's caption); "" for none.
	Cite string `json:"cite,omitempty"`
}

// Post is a post on a social platform, embedded in a page or printed flat.
type Post struct {
	Platform string `json:"platform"` // x, bluesky, mastodon, facebook, instagram
	// URL is the post's own address without query and fragment; "" where only
	// the account is known.
	URL    string  `json:"url,omitempty"`
	Handle string  `json:"handle,omitempty"` // "@NHSEngland", "@hsn.example", "@hsn@social.example"
	Author string  `json:"author,omitempty"` // the display name
	At     Instant `json:"at,omitzero"`
	// Spans are the post's words in Page.Text, a paragraph each; empty where
	// the page carries no words. Flattened posts may have words on both sides
	// of their label.
	Spans []Span `json:"spans,omitempty"`
}

// Update is one timed part of a page.
type Update struct {
	URL   string  `json:"url,omitempty"` // its own address or anchor; "" for none
	Title string  `json:"title,omitempty"`
	At    Instant `json:"at,omitzero"`
	// Modified is the update's own time of change, where it gives one.
	Modified Instant `json:"modified,omitzero"`
	Span             // bytes of Page.Text from its first to its last block
}

// Revision is one line of a page's own change history.
type Revision struct {
	At   Instant `json:"at,omitzero"`
	Note string  `json:"note"`
}

// Lead is a link that was found and may be visited.
type Lead struct {
	URL   string  `json:"url"`
	Title string  `json:"title,omitempty"`
	At    Instant `json:"at,omitzero"`
	// Modified is when the page behind it last changed, by who lists it.
	Modified Instant `json:"modified,omitzero"`
}
