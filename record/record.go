// Package record is the ground that every room stands on: statements, speakers,
// sightings, pages, captures, sources, incidents, changes and the errors that
// callers test for. It does no I/O and imports the standard library only.
package record

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
)

// Errors that a caller can test for with errors.Is. Every room wraps these and
// says in its own words what was being done and to what.
var (
	// ErrNotFound says that no such thing is on record.
	ErrNotFound = errors.New("not found")
	// ErrInvalid says that a value breaks a rule of this package.
	ErrInvalid = errors.New("invalid")
	// ErrExists says that something with this name is already there.
	ErrExists = errors.New("already there")
	// ErrDamaged says that stored bytes are not what was stored: evidence,
	// catalogue or index.
	ErrDamaged = errors.New("damaged")
	// ErrLocked says that another process holds the data folder.
	ErrLocked = errors.New("locked by another process")
	// ErrTooLarge says that a limit on bytes, entries or depth was passed.
	ErrTooLarge = errors.New("too large")
	// ErrStale says that something was changed since the writer read it.
	ErrStale = errors.New("changed since it was read")
	// ErrWithheld says that something is kept and not shown.
	ErrWithheld = errors.New("kept, and not shown")
	// ErrEpoch says that a position belongs to an earlier epoch of the change
	// log: the reader begins again at Position{Epoch: current}.
	ErrEpoch = errors.New("position of an earlier epoch")
)

// Moved is the error for an id that was merged into another one. It wraps
// nothing; test for it with errors.As.
type Moved struct {
	From ID // the id that was asked for
	To   ID // the id that answers for it now
}

// Error names both ids.
func (m *Moved) Error() string { return fmt.Sprintf("%s is now %s", m.From, m.To) }

// ID names one thing for ever. Its prefix says of what kind: st_ statement,
// pg_ page, cap_ capture, inc_ incident, src_ source, per_ person. Register
// organisations carry their register id ("nhs-england") without a prefix.
// The empty ID means none.
type ID string

var hashText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// HashID mints the id for the given parts: the prefix, an underscore and 26
// characters (130 bits) of the SHA-256 of the parts, each closed by a zero
// byte, in Crockford's base 32, lower case. The same parts give the same id.
func HashID(prefix string, parts ...string) ID {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return ID(prefix + "_" + hashText.EncodeToString(h.Sum(nil))[:26])
}

// PageID is the id of the page with this canonical URL.
func PageID(canonicalURL string) ID { return HashID("pg", canonicalURL) }

// Is reports whether id has the prefix ("st", "cap", …).
func (id ID) Is(prefix string) bool { return strings.HasPrefix(string(id), prefix+"_") }

// Span is a stretch of text, [Start,End), in bytes of UTF-8 unless its user
// says otherwise. Both ends lie on the border of a code point.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Len is the length of the span in bytes.
func (s Span) Len() int { return s.End - s.Start }

// In cuts the span out of text. It returns "" where the span does not lie
// inside the text.
func (s Span) In(text string) string {
	if s.Start < 0 || s.End > len(text) || s.Start > s.End {
		return ""
	}
	return text[s.Start:s.End]
}
