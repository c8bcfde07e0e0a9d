package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

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
//
// Of a page that asks that no copies of it be shown (noarchive), now or in the
// version concerned, the sentences that came and went are left out.
func (d *Desk) Versions(ctx context.Context, page record.ID) ([]record.Version, error) {
	list, err := d.cat.Versions(ctx, page)
	if err != nil || len(list) < 2 { // of one version there are no such sentences
		return list, err
	}
	now, err := d.Withheld(ctx, list[len(list)-1].Capture)
	before := false
	for i := range list {
		withheld := now
		if !now && err == nil {
			withheld, err = d.Withheld(ctx, list[i].Capture)
		}
		if withheld || before {
			list[i].AddedText, list[i].RemovedText = nil, nil
		}
		before = withheld
	}
	return list, err
}

// Withheld reports whether a page asks that no copies of it be shown: as it was
// captured here, or as it was captured last. Of a capture whose evidence is not
// to be had there is nothing to show.
func (d *Desk) Withheld(ctx context.Context, capture record.ID) (bool, error) {
	latest, err := d.cat.LatestOf(ctx, capture)
	if err != nil {
		return true, err
	}
	for _, id := range []record.ID{capture, latest} {
		x, err := d.ar.Get(ctx, record.AnswerID(id))
		switch {
		case errors.Is(err, record.ErrNotFound) || errors.Is(err, record.ErrDamaged):
			continue
		case err != nil || noArchive(x):
			return true, err
		}
	}
	return false, nil
}

// Capture is one capture, by its id or by the SHA-256 of its body in hex. The
// error wraps record.ErrNotFound. Redirects, which nobody reads for words, are
// captures in the archive alone.
func (d *Desk) Capture(ctx context.Context, name string) (record.Capture, error) {
	id := record.ID(name)
	if !id.Is("cap") {
		return d.cat.CaptureBySHA(ctx, name)
	}
	c, err := d.cat.Capture(ctx, id)
	if !errors.Is(err, record.ErrNotFound) {
		return c, err
	}
	x, kept := d.ar.Get(ctx, id)
	if kept != nil || x.Status/100 != 3 {
		return c, err
	}
	sum := sha256.Sum256(x.Body)
	return record.Capture{
		ID: id, URL: x.URL, At: x.At, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(x.Body)), Status: x.Status,
		MediaType: strings.ToValidUTF8(x.Header.Get("Content-Type"), "\ufffd"), Via: x.Via, Redirects: x.Redirects,
	}, nil
}

// Kept is a capture with the answer as it is kept, its digest checked just
// now. The error wraps record.ErrNotFound or record.ErrDamaged, or
// record.ErrWithheld where the page asks that no copies of it be shown.
func (d *Desk) Kept(ctx context.Context, name string) (record.Capture, archive.Exchange, error) {
	c, err := d.Capture(ctx, name)
	if err != nil {
		return record.Capture{}, archive.Exchange{}, err
	}
	x, err := d.ar.Get(ctx, record.AnswerID(c.ID))
	withheld := false
	if err == nil {
		withheld, err = d.Withheld(ctx, c.ID)
	}
	if withheld && err == nil {
		err = fmt.Errorf("capture %s: %s asks that no copies be shown (noarchive); what is kept can be checked with onrecord verify: %w", c.ID, c.URL, record.ErrWithheld)
	}
	if err != nil {
		return record.Capture{}, archive.Exchange{}, err
	}
	return c, x, nil
}
