package desk

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"onrecord/index"
	"onrecord/query"
	"onrecord/record"
)

// ErrCursor says that a cursor was changed, is of another question, or of an
// earlier run of the program. It wraps record.ErrInvalid.
var ErrCursor = fmt.Errorf("this cursor does not belong to this question; begin again without it: %w", record.ErrInvalid)

const (
	questionBytes = 8  // of the question's hash, kept in the cursor
	sealBytes     = 16 // of the HMAC
)

// sealCursor makes an opaque cursor: a seal, the question's hash, the place.
func (d *Desk) sealCursor(c *index.Cursor, q asked) string {
	if c == nil {
		return ""
	}
	place, err := json.Marshal(c)
	if err != nil {
		return "" // a number and a string: cannot fail
	}
	body := append(question(q), place...)
	return base64.RawURLEncoding.EncodeToString(append(d.seal(body), body...))
}

func (d *Desk) openCursor(s string, q asked) (*index.Cursor, error) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(raw) < sealBytes+questionBytes {
		return nil, ErrCursor
	}
	body := raw[sealBytes:]
	if !hmac.Equal(raw[:sealBytes], d.seal(body)) || !bytes.Equal(body[:questionBytes], question(q)) {
		return nil, ErrCursor
	}
	var c index.Cursor
	if json.Unmarshal(body[questionBytes:], &c) != nil {
		return nil, ErrCursor
	}
	return &c, nil
}

func (d *Desk) seal(body []byte) []byte {
	m := hmac.New(sha256.New, d.key)
	m.Write(body)
	return m.Sum(nil)[:sealBytes]
}

// question hashes what was typed, not what an incident stands for: a cursor
// goes on while an editor pins a statement.
func question(q asked) []byte {
	h := sha256.Sum256([]byte(query.Format(q.typed) + "\x00" + q.sort))
	return h[:questionBytes]
}
