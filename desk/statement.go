package desk

import (
	"context"
	"errors"
	"fmt"

	"onrecord/archive"
	"onrecord/record"
	"onrecord/words"
)

// Detail is one statement with everything that proves it.
type Detail struct {
	record.Statement
	// Changes are word diffs from each wording to the next, one fewer than
	// there are wordings.
	Changes []WordingChange `json:"changes"`
	// Evidence is the capture behind each sighting, in their order.
	Evidence []Evidence `json:"evidence"`
}

// WordingChange is how one wording differs from the one recorded before it.
type WordingChange struct {
	From   int           `json:"from"` // Wording.N
	To     int           `json:"to"`
	Pieces []words.Piece `json:"pieces"`
}

// Evidence says where the bytes behind a sighting are kept.
type Evidence struct {
	record.Capture
	// Elsewhere is true where the capture is not in this archive: the sighting
	// came as a row that another onrecord exported.
	Elsewhere bool `json:"elsewhere,omitempty"`
}

// Statement is one statement with its wordings, sightings and evidence. The
// error wraps record.ErrNotFound, also for one that is hidden or embargoed, or
// is a *record.Moved.
func (d *Desk) Statement(ctx context.Context, id record.ID) (Detail, error) {
	s, err := d.cat.Statement(ctx, id)
	if err != nil {
		return Detail{}, err
	}
	if !shown(s) {
		return Detail{}, fmt.Errorf("statement %s: %w", id, record.ErrNotFound)
	}
	out := Detail{Statement: s, Changes: []WordingChange{}, Evidence: make([]Evidence, len(s.Sightings))}
	for i := 1; i < len(s.Wordings); i++ {
		a, b := s.Wordings[i-1], s.Wordings[i]
		out.Changes = append(out.Changes, WordingChange{From: a.N, To: b.N, Pieces: words.Diff(a.Text, b.Text)})
	}
	for i, seen := range s.Sightings {
		if out.Evidence[i], err = d.evidence(ctx, seen); err != nil {
			return Detail{}, err
		}
	}
	return out, nil
}

func (d *Desk) evidence(ctx context.Context, s record.Sighting) (Evidence, error) {
	c, err := d.cat.Capture(ctx, s.Capture)
	if errors.Is(err, record.ErrNotFound) {
		return Evidence{Capture: record.Capture{ID: s.Capture, URL: s.URL, At: s.Captured, SHA256: s.SHA256}, Elsewhere: true}, nil
	}
	return Evidence{Capture: c}, err
}

// Versions are all versions of a page, from the first. The error wraps
// record.ErrNotFound.
func (d *Desk) Versions(ctx context.Context, page record.ID) ([]record.Version, error) {
	return d.cat.Versions(ctx, page)
}

// Capture is one capture, by its id or by the SHA-256 of its body in hex. The
// error wraps record.ErrNotFound.
func (d *Desk) Capture(ctx context.Context, name string) (record.Capture, error) {
	if record.ID(name).Is("cap") {
		return d.cat.Capture(ctx, record.ID(name))
	}
	return d.cat.CaptureBySHA(ctx, name)
}

// Kept is a capture with the answer as it is kept, its digest checked just
// now. The error wraps record.ErrNotFound or record.ErrDamaged, or
// record.ErrWithheld where the page asks that no copies of it be shown.
func (d *Desk) Kept(ctx context.Context, name string) (record.Capture, archive.Exchange, error) {
	c, err := d.Capture(ctx, name)
	if err != nil {
		return record.Capture{}, archive.Exchange{}, err
	}
	x, err := d.ar.Get(ctx, c.ID)
	if err == nil && noArchive(x) {
		err = fmt.Errorf("capture %s: %s asks that no copies be shown (noarchive); what is kept can be checked with onrecord verify: %w", c.ID, c.URL, record.ErrWithheld)
	}
	if err != nil {
		return record.Capture{}, archive.Exchange{}, err
	}
	return c, x, nil
}
