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

// Source is a place that is watched.
type Source struct {
	ID   ID     `json:"id"`
	Org  string `json:"org,omitempty"` // register id of the organisation that speaks there; "" for none
	Kind string `json:"kind"`          // feed, page, listing, …
	URL  string `json:"url"`
	Name string `json:"name,omitempty"`
	// Enabled is false for a source that is known but not visited.
	Enabled bool `json:"enabled"`
}

// SourceID is the id of the source at this address.
func SourceID(url string) ID { return HashID("src", url) }
