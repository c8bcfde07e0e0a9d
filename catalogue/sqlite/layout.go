package sqlite

import (
	"reflect"
	"time"

	"onrecord/record"
)

// layout turns the versions of a page, one after the other, into sightings: a
// statement that a version still carries in the same words goes on with its
// sighting, other words begin another one, what is no longer there is gone.
type layout struct {
	standing []*row
	fresh    []*row // to be written
	changed  []*row // standing ones seen again
	gone     []*row
}

// step goes on to the next version, first seen in the capture c.
func (l *layout) step(c record.Capture, version int, finds []find) {
	taken := make(map[*row]bool, len(l.standing))
	next := make([]*row, 0, len(finds))
	for place := range finds {
		f := &finds[place]
		r := l.continued(f, taken)
		if r == nil {
			r = &row{statement: f.statement, wording: f.wording, Sighting: f.Sighting}
			r.Version, r.Capture, r.SHA256, r.Captured = version, c.ID, c.SHA256, c.At
			l.fresh = append(l.fresh, r)
		} else {
			l.changed = append(l.changed, r)
		}
		taken[r] = true
		r.LastSeen, r.place = c.At, place
		next = append(next, r)
	}
	for _, r := range l.standing {
		if !taken[r] {
			r.Gone = c.At
			l.gone = append(l.gone, r)
		}
	}
	l.standing = next
}

// again notes one more capture of the same version.
func (l *layout) again(at time.Time) {
	for _, r := range l.standing {
		r.LastSeen = at
	}
}

// continued is the standing sighting that the find goes on with.
func (l *layout) continued(f *find, taken map[*row]bool) *row {
	for _, r := range l.standing {
		if !taken[r] && r.statement == f.statement && sameSighting(&r.Sighting, &f.Sighting) {
			return r
		}
	}
	return nil
}

// sameSighting reports whether a page says the same of the same words.
func sameSighting(a, b *record.Sighting) bool {
	return a.Words == b.Words && a.Kind == b.Kind && a.Speaker == b.Speaker &&
		len(a.JointWith) == len(b.JointWith) && (len(a.JointWith) == 0 || reflect.DeepEqual(a.JointWith, b.JointWith)) &&
		a.Said.Time.Equal(b.Said.Time) && a.Said.Precision == b.Said.Precision && a.Said.Basis == b.Said.Basis
}

// apply writes what a layout changed. on are the statements that the page
// carried before.
func (t *tx) apply(l *layout, on map[int64]bool) error {
	for _, r := range l.changed {
		if err := t.exec(`UPDATE sightings SET last_seen = $1, place = $2 WHERE id = $3`, stamp(r.LastSeen), r.place, r.id); err != nil {
			return err
		}
	}
	stands := map[int64]bool{}
	for _, r := range l.standing {
		stands[r.statement] = true
	}
	for _, r := range l.gone {
		if err := t.leave(r, stands[r.statement]); err != nil {
			return err
		}
	}
	for _, r := range l.fresh {
		if err := t.putSighting(r); err != nil {
			return err
		}
		x, err := t.touch(r.statement)
		if err != nil {
			return err
		}
		if !x.isNew && !on[r.statement] {
			x.sightings = append(x.sightings, r.Page)
			t.added.Sightings++
		}
	}
	return nil
}

// leave marks a sighting whose page no longer carries it.
func (t *tx) leave(r *row, otherwise bool) error {
	x, err := t.touch(r.statement)
	if err != nil {
		return err
	}
	if !otherwise {
		x.gone = append(x.gone, r.CanonicalURL)
		t.added.Gone++
	}
	if r.id == 0 {
		return nil // laid out and gone in one go; it is written as such
	}
	return t.exec(`UPDATE sightings SET gone = $1 WHERE id = $2`, stamp(r.Gone), r.id)
}

func (t *tx) putSighting(r *row) error {
	data, err := encode(r.Sighting)
	if err != nil {
		return err
	}
	r.id, err = t.insert(`INSERT INTO sightings (statement, wording, page, version, place, last_seen, gone, imported, data) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
		r.statement, r.wording, string(r.Page), r.Version, r.place, stamp(r.LastSeen), stamp(r.Gone), r.imported, data)
	return err
}
