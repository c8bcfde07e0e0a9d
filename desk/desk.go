// Package desk answers readers: search, one statement with its evidence, the
// timeline of an incident, organisations, people and captures. The API, the
// pages and the commands ask the same desk. It changes nothing on record, and
// it never gives out a statement that an editor has hidden or embargoed.
package desk

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"onrecord/archive"
	"onrecord/catalogue"
	"onrecord/index"
	"onrecord/record"
	"onrecord/register"
)

// Desk answers readers from the catalogue, the index, the archive and the
// register. Its methods are safe for concurrent use.
type Desk struct {
	cat   catalogue.Reader
	ix    index.Index
	ar    archive.Archive
	reg   *register.Register
	clock func() time.Time
	key   []byte // signs cursors

	bursts proposing
	reach  reach
}

// New returns a desk. A nil clock means time.Now. Key (at least 16 secret
// bytes) signs cursors; nil draws one, and cursors then end with this desk.
func New(cat catalogue.Reader, ix index.Index, ar archive.Archive, reg *register.Register, clock func() time.Time, key []byte) *Desk {
	if clock == nil {
		clock = time.Now
	}
	if key == nil {
		key = make([]byte, 32)
		_, _ = rand.Read(key) // never fails, says its doc: the program ends instead
	}
	return &Desk{cat: cat, ix: ix, ar: ar, reg: reg, clock: clock, key: key}
}

// Health says how much is on record and how far the index is behind it.
type Health struct {
	Counts catalogue.Counts `json:"counts"`
	Index  record.Position  `json:"index"`
	// Behind is how many changes the index has yet to read.
	Behind int64 `json:"behind"`
}

// Health asks catalogue and index.
func (d *Desk) Health(ctx context.Context) (Health, error) {
	counts, err := d.cat.Counts(ctx)
	if err != nil {
		return Health{}, err
	}
	at, err := d.ix.Position(ctx)
	if err != nil {
		return Health{}, err
	}
	h := Health{Counts: counts, Index: at, Behind: counts.Position.Seq}
	if at.Epoch == counts.Position.Epoch {
		h.Behind -= at.Seq
	}
	return h, nil
}

// farBehind is how many changes the index may lag and still answer: what a few
// seconds of reading add.
const farBehind = 5000

// Ready is nil when readers can be answered, and else says why not yet.
func (d *Desk) Ready(ctx context.Context) error {
	h, err := d.Health(ctx)
	if err != nil {
		return err
	}
	if h.Behind > farBehind {
		return fmt.Errorf("the index is being built: %d of %d changes are yet to be read", h.Behind, h.Counts.Position.Seq)
	}
	return nil
}

// State names what an answer depends on: the position of the index and that of
// the catalogue. Two answers to the same question with the same state are equal.
func (d *Desk) State(ctx context.Context) (string, error) {
	at, err := d.ix.Position(ctx)
	if err != nil {
		return "", err
	}
	head, err := d.cat.Head(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d.%d-%d.%d", at.Epoch, at.Seq, head.Epoch, head.Seq), nil
}

// shown reports whether readers may see the statement.
func shown(s record.Statement) bool { return s.Mark != "hidden" && s.Mark != "embargoed" }
