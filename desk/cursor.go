package desk

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"onrecord/index"
	"onrecord/record"
)

// ErrCursor says that a cursor was changed, is of another question, or of an
// earlier run of the program. It wraps record.ErrInvalid.
var ErrCursor = fmt.Errorf("this cursor does not belong to this question; begin again without it: %w", record.ErrInvalid)

const (
	questionBytes = 8  // of the question's hash, kept in the cursor
	sealBytes     = 16 // of the HMAC
)

// place is where an answer goes on: behind a hit and, with collapse:none, behind
// that many of its sightings.
type place struct {
	index.Cursor
	Shown int `json:"s,omitempty"` // sightings shown of the hit; 0 for all
}

// after is the cursor for the index; nil where an answer begins.
func (p place) after() *index.Cursor {
	if p.ID == "" {
		return nil
	}
	return &p.Cursor
}

// sealCursor makes an opaque cursor: a seal, the question's hash, the place.
func (d *Desk) sealCursor(p place, q asked) string {
	raw, err := json.Marshal(p)
	if err != nil {
		return "" // numbers and a string: cannot fail
	}
	body := append(question(q), raw...)
	return base64.RawURLEncoding.EncodeToString(append(d.seal(body), body...))
}

func (d *Desk) openCursor(s string, q asked) (place, error) {
	var p place
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(raw) < sealBytes+questionBytes {
		return p, ErrCursor
	}
	body := raw[sealBytes:]
	if !hmac.Equal(raw[:sealBytes], d.seal(body)) || !bytes.Equal(body[:questionBytes], question(q)) {
		return p, ErrCursor
	}
	if json.Unmarshal(body[questionBytes:], &p) != nil {
		return p, ErrCursor
	}
	return p, nil
}

func (d *Desk) seal(body []byte) []byte {
	m := hmac.New(sha256.New, d.key)
	m.Write(body)
	return m.Sum(nil)[:sealBytes]
}

// question hashes what was typed, not what an incident stands for: a cursor
// goes on while an editor pins a statement.
func question(q asked) []byte {
	h := sha256.Sum256([]byte(q.typed.String() + "\x00" + q.sort))
	return h[:questionBytes]
}
