// Package ingest takes one capture the rest of its road: the kept bytes become
// a page, the page statements, and both go into the catalogue. It never asks the
// network, so reading an archive again is the same code.
package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"onrecord/archive"
	"onrecord/attribution"
	"onrecord/catalogue"
	"onrecord/extract"
	"onrecord/record"
	"onrecord/register"
)

// MaxBody bounds a decoded body in bytes; a longer one is recorded as unread.
const MaxBody = 20 << 20

// RowsType is the media type under which statement rows are archived, one JSON
// object a line.
const RowsType = "application/vnd.onrecord.statement+jsonl"

// Ingest reads captures into a catalogue.
type Ingest struct {
	archive   archive.Archive
	catalogue catalogue.Catalogue
	register  *register.Register
	row       func([]byte) (record.Statement, error)
	log       *slog.Logger
}

// New gives an Ingest. Row reads one line of exported statement rows (the
// format's owner gives it); log hears of captures that could not be read.
func New(ar archive.Archive, cat catalogue.Catalogue, reg *register.Register, row func([]byte) (record.Statement, error), log *slog.Logger) *Ingest {
	return &Ingest{archive: ar, catalogue: cat, register: reg, row: row, log: log}
}

// Exchange archives x and takes its capture the whole road. An exchange that is
// on record already changes nothing.
func (i *Ingest) Exchange(ctx context.Context, x archive.Exchange) (record.Added, error) {
	c, err := i.archive.Put(ctx, x)
	if err != nil {
		return record.Added{}, fmt.Errorf("keep %s: %w", x.URL, err)
	}
	_, err = i.catalogue.Capture(ctx, c.ID)
	if err == nil {
		return record.Added{}, nil
	}
	if !errors.Is(err, record.ErrNotFound) {
		return record.Added{}, err
	}
	return i.read(ctx, c, x)
}

// Capture takes a kept capture the rest of its road: archive, extract,
// attribution, catalogue. What cannot be read is recorded with its reason and
// is no error; an error means that a store could not be asked.
func (i *Ingest) Capture(ctx context.Context, c record.Capture) (record.Added, error) {
	x, err := i.archive.Get(ctx, c.ID)
	if errors.Is(err, record.ErrDamaged) {
		return i.unread(ctx, c, err)
	}
	if err != nil {
		return record.Added{}, fmt.Errorf("read %s from the archive: %w", c.URL, err)
	}
	return i.read(ctx, c, x)
}

func (i *Ingest) read(ctx context.Context, c record.Capture, x archive.Exchange) (record.Added, error) {
	if c.Status != 0 && c.Status/100 != 2 {
		return i.unread(ctx, c, fmt.Errorf("answered with status %d", c.Status))
	}
	if c.Via == "row" {
		return i.rows(ctx, c, x.Body)
	}
	body, err := x.Decoded(MaxBody)
	if err != nil {
		return i.unread(ctx, c, err)
	}
	page, found, err := Read(extract.Input{
		URL: c.URL, At: c.At, MediaType: c.MediaType, Header: x.Header, Body: body, Capture: c.ID,
	}, i.register)
	if err != nil {
		return i.unread(ctx, c, err)
	}
	for k := range found {
		s := &found[k].Sightings[0]
		s.Capture, s.SHA256, s.Captured, s.LastSeen = c.ID, c.SHA256, c.At, c.At
	}
	return i.catalogue.Add(ctx, c, page, found)
}

func (i *Ingest) unread(ctx context.Context, c record.Capture, why error) (record.Added, error) {
	i.log.Warn("capture not read", "url", c.URL, "capture", c.ID, "reason", why)
	return record.Added{Captures: 1, Unread: 1}, i.catalogue.Unread(ctx, c, why.Error())
}

// rows adopts statement rows that another onrecord exported.
func (i *Ingest) rows(ctx context.Context, c record.Capture, body []byte) (record.Added, error) {
	var rows []record.Statement
	for n, line := range bytes.Split(body, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		s, err := i.row(line)
		if err != nil {
			return i.unread(ctx, c, fmt.Errorf("row %d: %w", n+1, err))
		}
		rows = append(rows, s)
	}
	return i.catalogue.Adopt(ctx, c, rows)
}

// Read is the pure part of the road: bytes to a page and what it puts on
// record. A body of media type text/plain is taken as the readable text itself.
// The error wraps record.ErrInvalid and says in words why nothing can be read.
func Read(in extract.Input, reg *register.Register) (p record.Page, found []record.Statement, err error) {
	// A stranger's bytes must not stop the run, whatever they find in a
	// parser: the evidence is kept, so the page can be read again after a fix.
	defer func() {
		if r := recover(); r != nil {
			p, found, err = record.Page{}, nil, fmt.Errorf("read %s: the reader broke on it (%v), please report it: %w", in.URL, r, record.ErrInvalid)
		}
	}()
	if isText(in.MediaType) {
		p = extract.Text(in)
	} else if p, err = extract.Page(in); err != nil {
		return record.Page{}, nil, err
	}
	p = attribution.Place(p, reg)
	return p, attribution.Statements(p, reg), nil
}

func isText(mediaType string) bool {
	kind, _, _ := strings.Cut(mediaType, ";")
	return strings.EqualFold(strings.TrimSpace(kind), "text/plain")
}

// Replay reads every capture of the archive again, in the order in which they
// were kept. It is what a rebuild does. Progress, unless nil, is told after
// each capture. One capture that cannot be read never stops it.
func (i *Ingest) Replay(ctx context.Context, progress func(n int, c record.Capture)) (record.Added, error) {
	var sum record.Added
	n := 0
	for c, err := range i.archive.Captures(ctx) {
		if err != nil {
			return sum, fmt.Errorf("list the archive: %w", err)
		}
		added, err := i.Capture(ctx, c)
		if err != nil {
			return sum, err
		}
		sum = sum.Plus(added)
		n++
		if progress != nil {
			progress(n, c)
		}
	}
	return sum, nil
}
