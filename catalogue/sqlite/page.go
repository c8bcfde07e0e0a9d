package sqlite

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"

	"onrecord/record"
)

// page is a page as its row tells it.
type page struct {
	id          record.ID
	url         string
	isNew       bool
	versions    int
	lastAt      int64
	lastCapture string
	lastReading int64
}

// before reports whether the page's latest capture came before c.
func (p page) before(c record.Capture) bool {
	at := c.At.Unix()
	return p.lastAt < at || p.lastAt == at && p.lastCapture < string(c.ID)
}

func (t *tx) page(p record.Page) (page, error) {
	pg := page{id: p.ID, url: p.CanonicalURL}
	known, err := t.get(`SELECT versions, last_at, last_capture, last_reading FROM pages WHERE id = $1`, []any{string(p.ID)},
		&pg.versions, &pg.lastAt, &pg.lastCapture, &pg.lastReading)
	if err != nil {
		return page{}, err
	}
	if !known {
		pg.isNew = true
		t.added.Pages++
	}
	return pg, nil
}

func (t *tx) putPage(p page) error {
	return t.exec(`INSERT INTO pages (id, url, versions, last_at, last_capture, last_reading) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (id) DO UPDATE SET versions = excluded.versions, last_at = excluded.last_at,
			last_capture = excluded.last_capture, last_reading = excluded.last_reading`,
		string(p.id), p.url, p.versions, p.lastAt, p.lastCapture, p.lastReading)
}

// latest records a capture that is the page's latest.
func (t *tx) latest(pg page, c record.Capture, p record.Page, key string, finds []find) error {
	standing, on, err := t.standing(pg)
	if err != nil {
		return err
	}
	reading, finds, err := t.read(p, key, finds, func() ([]earlier, error) { return asEarlier(standing), nil })
	if err != nil {
		return err
	}
	again := reading == pg.lastReading && !pg.isNew
	pg.lastAt, pg.lastCapture, pg.lastReading = c.At.Unix(), string(c.ID), reading
	if err := t.exec(`UPDATE captures SET page = $1, reading = $2 WHERE id = $3`, string(pg.id), reading, string(c.ID)); err != nil {
		return err
	}
	if again {
		if err := t.seenAgain(pg, c); err != nil {
			return err
		}
		return t.putPage(pg)
	}
	pg.versions++
	if err := t.putPage(pg); err != nil {
		return err
	}
	if err := t.versionAdded(pg, 1); err != nil {
		return err
	}
	l := layout{standing: t.resolveRows(standing)}
	l.step(c, pg.versions, finds)
	return t.apply(&l, t.nowAll(on))
}

func (t *tx) seenAgain(pg page, c record.Capture) error {
	return t.exec(`UPDATE sightings SET last_seen = $1 WHERE page = $2 AND gone = '' AND imported = 0`, stamp(c.At), string(pg.id))
}

// versionAdded counts and logs later versions of a page.
func (t *tx) versionAdded(pg page, more int) error {
	if pg.isNew || more <= 0 {
		return nil
	}
	t.added.Versions += more
	return t.change(record.Change{Kind: record.VersionAdded, Page: pg.id, Detail: fmt.Sprintf("version %d of %s", pg.versions, pg.url)})
}

// between puts a capture that is older than the page's latest into its place in
// time. Versions and sightings of the page are laid out anew from its readings,
// which never change.
func (t *tx) between(pg page, c record.Capture, p record.Page, key string, finds []find) error {
	reading, _, err := t.read(p, key, finds, func() ([]earlier, error) { return t.neighbours(pg, c) })
	if err != nil {
		return err
	}
	if err := t.exec(`UPDATE captures SET page = $1, reading = $2 WHERE id = $3`, string(pg.id), reading, string(c.ID)); err != nil {
		return err
	}
	var old []*row
	if err := t.rows(`page = $1 AND imported = 0`, []any{string(pg.id)}, func(r *row) { old = append(old, r) }); err != nil {
		return err
	}
	l, versions, err := t.layOut(pg)
	if err != nil {
		return err
	}
	more := versions - pg.versions
	pg.versions = versions
	if err := t.putPage(pg); err != nil {
		return err
	}
	if err := t.versionAdded(pg, more); err != nil {
		return err
	}
	return t.replace(pg, old, l)
}

// replace writes the sightings of a page that were laid out anew in place of
// the old ones.
func (t *tx) replace(pg page, old []*row, l *layout) error {
	on := map[int64]bool{}
	for _, r := range t.resolveRows(old) {
		on[r.statement] = true
		if _, err := t.touch(r.statement); err != nil {
			return err
		}
	}
	if err := t.exec(`DELETE FROM sightings WHERE page = $1 AND imported = 0`, string(pg.id)); err != nil {
		return err
	}
	for _, r := range l.fresh {
		r.id = 0
	}
	l.changed, l.gone = nil, nil // each of them is among the fresh ones
	return t.apply(l, on)
}

// layOut builds versions and sightings of a page from its captures and their
// readings, earliest first.
func (t *tx) layOut(pg page) (*layout, int, error) {
	steps, err := t.captures(pg)
	if err != nil {
		return nil, 0, err
	}
	l, versions, last := &layout{}, 0, int64(0)
	readings := map[int64][]find{}
	for _, s := range steps {
		if s.reading == last {
			l.again(s.capture.At)
			continue
		}
		finds, ok := readings[s.reading]
		if !ok {
			if finds, err = t.finds(s.reading); err != nil {
				return nil, 0, err
			}
			readings[s.reading] = finds
		}
		versions, last = versions+1, s.reading
		l.step(s.capture, versions, finds)
	}
	return l, versions, nil
}

// seen is one capture of a page and the reading it gave.
type seen struct {
	capture record.Capture
	reading int64
}

func (t *tx) captures(pg page) ([]seen, error) {
	var out []seen
	err := t.each(`SELECT id, at, sha256, reading FROM captures WHERE page = $1 ORDER BY at, id`, []any{string(pg.id)}, func(scan func(...any) error) error {
		var s seen
		var at int64
		if err := scan(&s.capture.ID, &at, &s.capture.SHA256, &s.reading); err != nil {
			return err
		}
		s.capture.At = time.Unix(at, 0).UTC()
		out = append(out, s)
		return nil
	})
	return out, err
}

// neighbours are the statements of the version before the capture's place, or
// of the one after where none is before.
func (t *tx) neighbours(pg page, c record.Capture) ([]earlier, error) {
	steps, err := t.captures(pg)
	if err != nil {
		return nil, err
	}
	var at *seen
	for i := range steps {
		s := &steps[i]
		if s.capture.ID == c.ID {
			continue
		}
		if at != nil && s.capture.At.After(c.At) {
			break
		}
		at = s
	}
	if at == nil {
		return nil, nil
	}
	finds, err := t.finds(at.reading)
	if err != nil {
		return nil, err
	}
	out := make([]earlier, len(finds))
	for i := range finds {
		out[i] = earlier{statement: finds[i].statement, Sighting: finds[i].Sighting}
	}
	return out, nil
}

// reading is what a page said at some time, as it is kept.
type reading struct {
	Page  record.Page `json:"page"`
	Finds []find      `json:"finds"`
}

// read gives the reading with this key. One that is new is identified against
// the page's earlier statements and kept.
func (t *tx) read(p record.Page, key string, finds []find, before func() ([]earlier, error)) (int64, []find, error) {
	var id int64
	known, err := t.get(`SELECT id FROM readings WHERE page = $1 AND key = $2`, []any{string(p.ID), key}, &id)
	if err != nil {
		return 0, nil, err
	}
	if known {
		finds, err = t.finds(id)
		return id, finds, err
	}
	old, err := before()
	if err != nil {
		return 0, nil, err
	}
	if err := t.identify(p, finds, old); err != nil {
		return 0, nil, err
	}
	data, err := t.pack(reading{Page: p, Finds: finds})
	if err != nil {
		return 0, nil, fmt.Errorf("page %s: %w", p.CanonicalURL, err)
	}
	id, err = t.insert(`INSERT INTO readings (page, key, data) VALUES ($1,$2,$3)`, string(p.ID), key, data)
	return id, finds, err
}

// finds reads what was found in a reading, each with its statement as it is now.
func (t *tx) finds(id int64) ([]find, error) {
	var data []byte
	if _, err := t.get(`SELECT data FROM readings WHERE id = $1`, []any{id}, &data); err != nil {
		return nil, err
	}
	r, err := t.unpack(data)
	if err != nil {
		return nil, fmt.Errorf("reading %d: %w", id, err)
	}
	for i := range r.Finds {
		f := &r.Finds[i]
		given, err := t.placedBy(&f.Sighting)
		if err != nil {
			return nil, err
		}
		if f.statement, err = t.number(cmp.Or(given, f.ID)); err != nil {
			return nil, err
		}
		if f.wording, err = t.wording(f.statement, f.Sighting.Words); err != nil {
			return nil, err
		}
	}
	return r.Finds, nil
}

// maxReading bounds what a reading may unpack to, so that a damaged file cannot
// ask for more.
const maxReading = 256 << 20 // bytes

// packer packs readings. Both halves may be used by many goroutines at once.
type packer struct {
	w *zstd.Encoder
	r *zstd.Decoder
}

func newPacker() (packer, error) {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return packer{}, err
	}
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxReading))
	return packer{w, r}, err
}

func (p packer) close() {
	if p.r != nil {
		p.r.Close()
	}
}

func (p packer) pack(r reading) ([]byte, error) {
	data, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, record.ErrInvalid)
	}
	return p.w.EncodeAll(data, nil), nil
}

func (p packer) unpack(data []byte) (reading, error) {
	plain, err := p.r.DecodeAll(data, nil)
	if err != nil {
		return reading{}, fmt.Errorf("%w: %w", err, record.ErrDamaged)
	}
	var r reading
	if err := json.Unmarshal(plain, &r); err != nil {
		return reading{}, fmt.Errorf("%w: %w", err, record.ErrDamaged)
	}
	return r, nil
}

// row is a sighting as it is kept.
type row struct {
	id                 int64 // 0 for one not written yet
	statement, wording int64
	place              int
	imported           bool
	record.Sighting
}

// standing lists the page's sightings that stand, in order of place, and all
// statements that it ever carried.
func (t *tx) standing(pg page) (rows []*row, on map[int64]bool, err error) {
	on = map[int64]bool{}
	if pg.isNew {
		return nil, on, nil
	}
	err = t.rows(`page = $1 AND gone = '' AND imported = 0`, []any{string(pg.id)}, func(r *row) { rows = append(rows, r) })
	if err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(rows, func(a, b *row) int { return a.place - b.place })
	err = t.each(`SELECT DISTINCT statement FROM sightings WHERE page = $1`, []any{string(pg.id)}, func(scan func(...any) error) error {
		var n int64
		if err := scan(&n); err != nil {
			return err
		}
		on[n] = true
		return nil
	})
	return rows, on, err
}

// rows reads sightings.
func (t *tx) rows(where string, args []any, give func(*row)) error {
	return t.each(`SELECT id, statement, wording, version, place, last_seen, gone, imported, data FROM sightings WHERE `+where+` ORDER BY id`, args,
		func(scan func(...any) error) error {
			r, err := scanRow(scan)
			if err != nil {
				return err
			}
			give(r)
			return nil
		})
}

func scanRow(scan func(...any) error) (*row, error) {
	var r row
	var version int
	var last, gone, data string
	if err := scan(&r.id, &r.statement, &r.wording, &version, &r.place, &last, &gone, &r.imported, &data); err != nil {
		return nil, err
	}
	if err := decode(fmt.Sprintf("sighting %d", r.id), data, &r.Sighting); err != nil {
		return nil, err
	}
	var err error
	r.Version = version
	if r.LastSeen, err = unstamp(last); err != nil {
		return nil, err
	}
	r.Gone, err = unstamp(gone)
	return &r, err
}

// resolveRows follows merges that this write made after the rows were read.
func (t *tx) resolveRows(rows []*row) []*row {
	for _, r := range rows {
		r.statement = t.now(r.statement)
	}
	return rows
}

func asEarlier(rows []*row) []earlier {
	out := make([]earlier, len(rows))
	for i, r := range rows {
		out[i] = earlier{statement: r.statement, Sighting: r.Sighting}
	}
	return out
}
