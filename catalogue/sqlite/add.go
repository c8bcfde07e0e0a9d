package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"onrecord/record"
)

// Add records what one capture says; see catalogue.Catalogue.
func (d *DB) Add(ctx context.Context, c record.Capture, p record.Page, found []record.Statement) (record.Added, error) {
	c, p = settle(c, p)
	if err := check(c, p, found); err != nil {
		return record.Added{}, err
	}
	var added record.Added
	err := d.write(ctx, "record the capture of "+c.URL, func(t *tx) error {
		err := t.add(c, p, found)
		added = t.added
		return err
	})
	if err != nil {
		return record.Added{}, err
	}
	return added, nil
}

// settle gives capture and page the form that the contract promises.
func settle(c record.Capture, p record.Page) (record.Capture, record.Page) {
	c.At = c.At.UTC().Truncate(time.Second)
	p.CanonicalURL = cmp.Or(p.CanonicalURL, p.URL, c.URL)
	p.URL = cmp.Or(p.URL, c.URL)
	p.ID, p.Capture, p.Captured = record.PageID(p.CanonicalURL), c.ID, c.At
	return c, p
}

func check(c record.Capture, p record.Page, found []record.Statement) error {
	if err := checkCapture(c); err != nil {
		return err
	}
	if p.CanonicalURL == "" {
		return fmt.Errorf("capture %s: its page has no address: %w", c.ID, record.ErrInvalid)
	}
	for _, s := range found {
		if err := s.Check(p); err != nil {
			return err
		}
	}
	return nil
}

func checkCapture(c record.Capture) error {
	switch {
	case !c.ID.Is("cap"):
		return fmt.Errorf("capture %q of %s: the id of a capture begins with cap_: %w", c.ID, c.URL, record.ErrInvalid)
	case c.At.IsZero() || c.At.Year() > 9999:
		return fmt.Errorf("capture %s of %s: it has no time: %w", c.ID, c.URL, record.ErrInvalid)
	}
	return nil
}

func (t *tx) add(c record.Capture, p record.Page, found []record.Statement) error {
	known, err := t.capture(c)
	if err != nil || known {
		return err
	}
	pg, err := t.page(p)
	if err != nil {
		return err
	}
	finds := asFinds(c, p, found)
	key := contentKey(p)
	if pg.isNew || pg.before(c) {
		err = t.latest(pg, c, p, key, finds)
	} else {
		err = t.between(pg, c, p, key, finds)
	}
	if err != nil {
		return err
	}
	if err := t.postAgain(pg.id, c.At.Unix()); err != nil {
		return err
	}
	if err := t.presence(pg.id); err != nil {
		return err
	}
	return t.conclude()
}

// capture writes the capture and reports whether it was on record as read. One
// that could not be read before, and now can, is taken as new.
func (t *tx) capture(c record.Capture) (known bool, err error) {
	var unread bool
	known, err = t.get(`SELECT reason IS NOT NULL FROM captures WHERE id = $1`, []any{string(c.ID)}, &unread)
	switch {
	case err != nil:
		return false, err
	case known && unread:
		return false, t.exec(`UPDATE captures SET reason = NULL WHERE id = $1`, string(c.ID))
	case known:
		return true, nil
	}
	t.added.Captures++
	return false, t.putCapture(c, nil)
}

func (t *tx) putCapture(c record.Capture, reason any) error {
	return t.exec(`INSERT INTO captures (id, url, at, sha256, size, status, media_type, via, file, place, hops, page, reason)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,'',$12)`,
		string(c.ID), c.URL, c.At.Unix(), c.SHA256, c.Size, c.Status, c.MediaType, c.Via, c.File, c.Offset, string(c.Redirects), reason)
}

// Unread records a capture that could not be read.
func (d *DB) Unread(ctx context.Context, c record.Capture, reason string) error {
	c.At = c.At.UTC().Truncate(time.Second)
	if err := checkCapture(c); err != nil {
		return err
	}
	return d.write(ctx, "record the unreadable capture of "+c.URL, func(t *tx) error {
		_, err := t.unread(c, reason)
		return err
	})
}

// unread writes a capture that could not be read, and reports whether it was on
// record already.
func (t *tx) unread(c record.Capture, reason string) (known bool, err error) {
	var one int
	known, err = t.get(`SELECT 1 FROM captures WHERE id = $1`, []any{string(c.ID)}, &one)
	if err != nil || known {
		return known, err
	}
	return false, t.putCapture(c, reason)
}

// find is one statement found on a page: the sighting and, once it is
// identified, whose it is.
type find struct {
	ID       record.ID       `json:"id"` // as given when it was recorded; it may have moved since
	Lang     string          `json:"lang,omitempty"`
	Sighting record.Sighting `json:"sighting"`

	statement, wording int64
}

// asFinds takes the sightings out of what attribution gave and fills in what
// the page and the capture say.
func asFinds(c record.Capture, p record.Page, found []record.Statement) []find {
	finds := make([]find, len(found))
	for i, f := range found {
		s := f.Sightings[0]
		s.Page, s.Version, s.CanonicalURL, s.Imported = p.ID, 0, p.CanonicalURL, false
		s.Capture, s.SHA256, s.Captured, s.LastSeen, s.Gone = c.ID, c.SHA256, c.At, c.At, time.Time{}
		s.Kind = f.Kind
		s.URL = cmp.Or(s.URL, p.URL)
		s.Outlet = cmp.Or(s.Outlet, host(p.CanonicalURL))
		finds[i] = find{Lang: cmp.Or(f.Lang, p.Lang), Sighting: s}
	}
	slices.SortStableFunc(finds, func(a, b find) int { return cmp.Compare(start(a.Sighting), start(b.Sighting)) })
	return finds
}

func start(s record.Sighting) int {
	if len(s.Spans) == 0 {
		return 0
	}
	return s.Spans[0].Start
}

func host(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}

// contentKey is the same for two captures of a page that say the same. A date
// that is only our own capture's says nothing about the page.
func contentKey(p record.Page) string {
	parts := []string{p.Text}
	for _, i := range []record.Instant{p.Published, p.Modified} {
		if i.Basis == record.FromCaptured {
			i = record.Instant{}
		}
		parts = append(parts, i.String())
	}
	return string(record.HashID("text", parts...))
}
