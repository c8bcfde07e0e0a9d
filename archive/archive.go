// Package archive is the contract of the evidence store: what was answered is
// kept, with its digest, before anyone reads it, and comes back byte for byte.
// It does not read pages and keeps no statements.
package archive

import (
	"context"
	"iter"
	"net/http"
	"time"

	"onrecord/record"
)

// Exchange is one answer as it came, or one document that was imported.
type Exchange struct {
	URL string    // absolute; userinfo is removed before anything is kept
	At  time.Time // when the answer came; kept in UTC, to the second
	// Via is "http", "import" or "row"; see record.Capture.
	Via string

	// Status, Proto and the headers are those of an HTTP exchange; zero for
	// what was imported. Proto is such as "HTTP/1.1".
	Method        string // "" means GET
	Proto         string
	Status        int
	RequestHeader http.Header
	Header        http.Header // of the answer; for imports only Content-Type matters
	// Body is the entity body: transfer coding removed, content coding kept.
	Body []byte
	// Redirects are those that led to the answer, each kept as an exchange of its
	// own.
	Redirects record.Chain
	// Cut says that the body went on and was not read further, as with a
	// robots.txt past its limit (WARC-Truncated: length). It does not come back.
	Cut bool
}

// Fault is something that Verify found wrong.
type Fault struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"` // where the damaged gzip member begins
	// Capture is the capture concerned, "" where the record cannot be told.
	Capture record.ID `json:"capture,omitempty"`
	URL     string    `json:"url,omitempty"`
	Detail  string    `json:"detail"` // in words
}

// Verified says what Verify went through.
type Verified struct {
	Files   int     `json:"files"`
	Records int     `json:"records"`
	Bytes   int64   `json:"bytes"`
	Faults  []Fault `json:"faults"`
}

// Archive keeps exchanges. An implementation passes archivetest.Run. Its
// methods are safe for concurrent use within one process; two processes may
// not have the same archive open for writing.
type Archive interface {
	// Put writes x and returns its capture once the bytes are synced. The same
	// exchange (URL, time, digest of the body) is kept once: a second Put
	// answers with the first capture and writes nothing. The same body under
	// another URL or time is kept as a WARC revisit record or again; either
	// way Get gives it back. The error wraps record.ErrInvalid if x has no
	// absolute URL or no time.
	Put(ctx context.Context, x Exchange) (record.Capture, error)
	// Get reads an exchange back and checks its digest. The error wraps
	// record.ErrNotFound or record.ErrDamaged; the latter names file and offset.
	Get(ctx context.Context, id record.ID) (Exchange, error)
	// Captures yields every capture in the order in which they were kept.
	// After an error it stops.
	Captures(ctx context.Context) iter.Seq2[record.Capture, error]
	// Since yields the captures that were kept after this one, in the same
	// order; all of them for "" and for one that is not there.
	Since(ctx context.Context, after record.ID) iter.Seq2[record.Capture, error]
	// Verify reads everything, recomputes each digest and lists what is wrong.
	// It calls progress, unless that is nil, now and then with the bytes read
	// and the bytes in all. The error is for what kept it from reading.
	Verify(ctx context.Context, progress func(done, total int64)) (Verified, error)
	Close() error
}
