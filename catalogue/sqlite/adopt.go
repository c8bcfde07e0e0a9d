package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"onrecord/catalogue"
	"onrecord/record"
)

// Adopt records statement rows under their own ids; see catalogue.Catalogue. A
// row whose words at a place are on record here under another id is that
// statement, and its id is forwarded. The error wraps record.ErrInvalid for
// a row without id, sightings or words; then nothing is recorded.
func (d *DB) Adopt(ctx context.Context, c record.Capture, rows []record.Statement) (record.Added, error) {
	c.At = c.At.UTC().Truncate(time.Second)
	if err := checkCapture(c); err != nil {
		return record.Added{}, err
	}
	for _, s := range rows {
		if err := checkRow(s); err != nil {
			return record.Added{}, err
		}
	}
	var added record.Added
	err := d.write(ctx, "adopt the rows of "+c.URL, func(t *tx) error {
		if _, err := t.capture(c); err != nil {
			return err
		}
		t.keepPrints()
		for _, s := range rows {
			if err := t.adopt(s); err != nil {
				return fmt.Errorf("row %s: %w", s.ID, err)
			}
		}
		if err := t.putPrints(); err != nil {
			return err
		}
		err := t.conclude()
		added = t.added
		return err
	})
	if err != nil {
		return record.Added{}, err
	}
	return added, nil
}

func checkRow(s record.Statement) error {
	switch {
	case !s.ID.Is("st") || len(s.ID) > 64:
		return fmt.Errorf("row %.80q: the id of a statement begins with st_: %w", s.ID, record.ErrInvalid)
	case len(s.Sightings) == 0:
		return fmt.Errorf("row %s: it has no sighting: %w", s.ID, record.ErrInvalid)
	case len(s.Corrections) > maxCorrections:
		return fmt.Errorf("row %s: %d corrections, at most %d are taken over: %w", s.ID, len(s.Corrections), maxCorrections, record.ErrInvalid)
	}
	for _, x := range s.Sightings {
		switch {
		case x.Words == "":
			return fmt.Errorf("row %s: a sighting without words: %w", s.ID, record.ErrInvalid)
		case x.Kind.Rank() == len(record.Kinds):
			return fmt.Errorf("row %s: kind %q: %w", s.ID, x.Kind, record.ErrInvalid)
		case x.CanonicalURL == "" && x.URL == "":
			return fmt.Errorf("row %s: a sighting without an address: %w", s.ID, record.ErrInvalid)
		case x.Captured.IsZero():
			return fmt.Errorf("row %s: a sighting without a time of capture: %w", s.ID, record.ErrInvalid)
		}
	}
	return nil
}

// maxCorrections bounds the corrections of one row.
const maxCorrections = 1000

func (t *tx) adopt(s record.Statement) error {
	parts, err := t.parted(asRow(s))
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := t.adoptPart(part); err != nil {
			return err
		}
	}
	return nil
}

// parted divides a row by what was split here: sightings that a person gave to
// another statement are that one's, whatever the row says.
func (t *tx) parted(s record.Statement) ([]record.Statement, error) {
	if some, err := t.fills("placed"); err != nil || !some {
		return []record.Statement{s}, err
	}
	home, err := t.forward(s.ID)
	if err != nil {
		return nil, err
	}
	rest := s
	rest.Sightings = nil
	var parts []record.Statement
	elsewhere := map[record.ID]int{}
	for _, x := range s.Sightings {
		id, err := t.placedBy(&x)
		if err != nil {
			return nil, err
		}
		if id == "" || id == home {
			rest.Sightings = append(rest.Sightings, x)
			continue
		}
		if _, ok := elsewhere[id]; !ok {
			elsewhere[id] = len(parts)
			parts = append(parts, record.Statement{ID: id, Lang: s.Lang, Mark: s.Mark, Tags: s.Tags})
		}
		part := &parts[elsewhere[id]]
		part.Sightings = append(part.Sightings, x)
	}
	switch {
	case len(parts) == 0:
		return []record.Statement{s}, nil
	case len(rest.Sightings) == 0:
		return parts, nil
	}
	rest.Wordings = slices.DeleteFunc(rest.Wordings, func(w record.Wording) bool {
		has := func(x record.Sighting) bool { return sameWords(x.Words, w.Text) }
		return slices.ContainsFunc(s.Sightings, has) && !slices.ContainsFunc(rest.Sightings, has)
	})
	return append([]record.Statement{rest}, parts...), nil
}

func (t *tx) adoptPart(s record.Statement) error {
	keys := make([]string, len(s.Sightings))
	for i := range s.Sightings {
		keys[i] = catalogue.Key(&s.Sightings[i])
	}
	n, err := t.adopted(s, keys)
	if err != nil {
		return err
	}
	for _, w := range s.Wordings {
		if _, err := t.wording(n, w.Text); err != nil {
			return err
		}
	}
	onPage, err := t.sightingsOf(n)
	if err != nil {
		return err
	}
	for i := range s.Sightings {
		if onPage, err = t.adoptSighting(n, &s.Sightings[i], keys[i], onPage); err != nil {
			return err
		}
	}
	return t.adoptCorrections(n, s.Corrections)
}

// adoptCorrections takes over what people decided elsewhere. What is known here,
// because it was made here, is not taken twice.
func (t *tx) adoptCorrections(n int64, list []record.Correction) error {
	if len(list) == 0 {
		return nil
	}
	known, err := load(t, []int64{n})
	if err != nil || len(known) == 0 {
		return err
	}
	for _, c := range list {
		c.At, c.Imported = c.At.UTC(), true
		if slices.ContainsFunc(known[0].Corrections, func(k record.Correction) bool { return sameCorrection(k, c) }) {
			continue
		}
		if _, err := t.touch(n); err != nil {
			return err
		}
		if err := t.putCorrection(known[0].ID, c); err != nil {
			return err
		}
	}
	return nil
}

// asRow puts a row into order and fills in what an older program left out.
func asRow(s record.Statement) record.Statement {
	s.Wordings, s.Sightings = slices.Clone(s.Wordings), slices.Clone(s.Sightings)
	slices.SortStableFunc(s.Wordings, func(a, b record.Wording) int { return cmp.Compare(a.N, b.N) })
	s.Wordings = slices.DeleteFunc(s.Wordings, func(w record.Wording) bool { return w.Text == "" })
	for i := range s.Sightings {
		x := &s.Sightings[i]
		x.Imported = true
		x.CanonicalURL = cmp.Or(x.CanonicalURL, x.URL)
		x.URL = cmp.Or(x.URL, x.CanonicalURL)
		x.Page = cmp.Or(x.Page, record.PageID(x.CanonicalURL))
		x.Captured, x.LastSeen, x.Gone = x.Captured.UTC(), x.LastSeen.UTC(), x.Gone.UTC()
		if x.LastSeen.Before(x.Captured) {
			x.LastSeen = x.Captured
		}
	}
	return s
}

// adopted is the number of the statement that the row is, a new one where its
// id is not known. A place of the row that is known as another statement's
// makes both one.
func (t *tx) adopted(s record.Statement, keys []string) (int64, error) {
	id, err := t.forward(s.ID)
	if err != nil {
		return 0, err
	}
	var n int64
	known, err := t.get(`SELECT n FROM statements WHERE id = $1`, []any{string(id)}, &n)
	if err != nil {
		return 0, err
	}
	if !known {
		f := find{Lang: s.Lang, Sighting: s.Sightings[0]}
		if len(s.Wordings) > 0 {
			f.Sighting.Words = s.Wordings[0].Text // wordings keep the numbers they have
		}
		if err := t.create(&f, id); err != nil {
			return 0, err
		}
		n = f.statement
		tags, err := encodeTags(s.Tags)
		if err != nil {
			return 0, err
		}
		if plain := s.Mark == "" && tags == "[]" && !t.filled["editorial"]; !plain {
			if err := t.exec(`UPDATE statements SET mark = $1, tags = $2 WHERE n = $3`, s.Mark, tags, n); err != nil {
				return 0, err
			}
		}
	}
	for i := range s.Sightings {
		if n, err = t.uniteByPlace(n, keys[i]); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// sameCorrection reports whether both are one, wherever it was made.
func sameCorrection(a, b record.Correction) bool {
	return a.N == b.N && a.At.Equal(b.At) && a.Who == b.Who && a.Why == b.Why && a.Kind == b.Kind && a.Statement == b.Statement && a.Other == b.Other &&
		reflect.DeepEqual(a.Set, b.Set) && (a.Said == nil) == (b.Said == nil) && (a.Said == nil || sameInstant(*a.Said, *b.Said))
}

func (t *tx) uniteByPlace(n int64, key string) (int64, error) {
	var id string
	known, err := t.get(`SELECT id FROM ledger WHERE key = $1 ORDER BY n DESC LIMIT 1`, []any{key}, &id)
	if err != nil || !known {
		return n, err
	}
	to, err := t.forward(record.ID(id))
	if err != nil {
		return n, err
	}
	var other int64
	known, err = t.get(`SELECT n FROM statements WHERE id = $1`, []any{string(to)}, &other)
	if err != nil || !known || other == n {
		return n, err
	}
	return t.unite(n, to)
}

// sightingsOf are the sightings that a statement has.
func (t *tx) sightingsOf(n int64) (list []*row, err error) {
	err = t.rows(`statement = $1`, []any{n}, func(r *row) { list = append(list, r) })
	return list, err
}

// adoptSighting adds a sighting unless it is there. One that is there and came
// as a row is brought up to date.
func (t *tx) adoptSighting(n int64, x *record.Sighting, key string, have []*row) ([]*row, error) {
	onPage := false
	for _, r := range have {
		onPage = onPage || r.Page == x.Page
		if r.Page != x.Page || r.Capture != x.Capture || r.Words != x.Words || start(r.Sighting) != start(*x) {
			continue
		}
		if !r.imported || !x.LastSeen.After(r.LastSeen) && r.Gone.Equal(x.Gone) {
			return have, nil
		}
		if _, err := t.touch(n); err != nil {
			return nil, err
		}
		return have, t.exec(`UPDATE sightings SET last_seen = $1, gone = $2 WHERE id = $3`, stamp(x.LastSeen), stamp(x.Gone), r.id)
	}
	wording, err := t.wording(n, x.Words)
	if err != nil {
		return nil, err
	}
	id, err := t.id(n)
	if err != nil {
		return nil, err
	}
	if err := t.rememberAs(id, x, key); err != nil {
		return nil, err
	}
	r := &row{statement: n, wording: wording, imported: true, Sighting: *x}
	if err := t.putSighting(r); err != nil {
		return nil, err
	}
	touched, err := t.touch(n)
	if err != nil {
		return nil, err
	}
	if !touched.isNew && !onPage {
		touched.sightings = append(touched.sightings, x.Page)
		t.added.Sightings++
	}
	return append(have, r), nil
}
