package sqlite

import (
	"context"
	"fmt"
	"time"

	"onrecord/record"
)

// How long a page answers 404 or 410 before that is called a name.
const (
	missingAfter = time.Hour
	removedAfter = 14 * 24 * time.Hour
)

// Absent records that a page answered 404 or 410; see catalogue.Catalogue.
func (d *DB) Absent(ctx context.Context, c record.Capture) error {
	c.At = c.At.UTC().Truncate(time.Second)
	if err := checkCapture(c); err != nil {
		return err
	}
	return d.write(ctx, "record that "+c.URL+" was not found", func(t *tx) error {
		known, err := t.unread(c, fmt.Sprintf("answered with status %d", c.Status))
		if err != nil || known {
			return err
		}
		var page string
		known, err = t.get(`SELECT page FROM captures WHERE url = $1 AND page <> '' ORDER BY at DESC, id DESC LIMIT 1`, []any{c.URL}, &page)
		if err != nil || !known {
			return err
		}
		if err := t.exec(`INSERT INTO absences (page, at, capture) VALUES ($1,$2,$3)`, page, c.At.Unix(), string(c.ID)); err != nil {
			return err
		}
		if err := t.presence(record.ID(page)); err != nil {
			return err
		}
		return t.conclude()
	})
}

// presence works out whether a page is missing or removed: by the answers 404
// and 410 since the last good one. Its statements are drawn anew where that
// changed.
func (t *tx) presence(page record.ID) error {
	var lastGood, wasMissing, wasRemoved int64
	known, err := t.get(`SELECT max(last_at, confirmed), missing, removed FROM pages WHERE id = $1`, []any{string(page)}, &lastGood, &wasMissing, &wasRemoved)
	if err != nil || !known {
		return err
	}
	missing, removed, err := t.absentSince(page, lastGood)
	if err != nil || missing == wasMissing && removed == wasRemoved {
		return err
	}
	if err := t.exec(`UPDATE pages SET missing = $1, removed = $2 WHERE id = $3`, missing, removed, string(page)); err != nil {
		return err
	}
	return t.touchPage(page)
}

// absentSince is since when a page, or a post, is missing, and when it was removed,
// by the absences after its last good answer; 0 for neither.
func (t *tx) absentSince(id record.ID, lastGood int64) (missing, removed int64, err error) {
	first := int64(0)
	err = t.each(`SELECT at FROM absences WHERE page = $1 AND at > $2 ORDER BY at`, []any{string(id), lastGood}, func(scan func(...any) error) error {
		var at int64
		if err := scan(&at); err != nil {
			return err
		}
		if first == 0 {
			first = at
		}
		if at-first >= int64(missingAfter/time.Second) {
			missing = first
		}
		if removed == 0 && at-first >= int64(removedAfter/time.Second) {
			removed = at
		}
		return nil
	})
	return missing, removed, err
}

// touchPage has every statement that the page carries drawn anew.
func (t *tx) touchPage(page record.ID) error {
	var list []int64
	err := t.each(`SELECT DISTINCT statement FROM sightings WHERE page = $1`, []any{string(page)}, func(scan func(...any) error) error {
		var n int64
		err := scan(&n)
		list = append(list, n)
		return err
	})
	for _, n := range list {
		if err == nil {
			_, err = t.touch(n)
		}
	}
	return err
}

// presences fills in when the pages of sightings were last confirmed, and when
// they went missing, were forbidden and were no longer listed.
func presences(s source, list []*record.Sighting) error {
	if err := postPresences(s, list); err != nil {
		return err
	}
	byPage := map[record.ID][]*record.Sighting{}
	ids := []record.ID{}
	for _, x := range list {
		if byPage[x.Page] == nil {
			ids = append(ids, x.Page)
		}
		byPage[x.Page] = append(byPage[x.Page], x)
	}
	in, err := encode(ids)
	if err != nil {
		return err
	}
	return s.each(`SELECT id, confirmed, missing, removed, forbidden, unlisted FROM pages WHERE (confirmed <> 0 OR missing <> 0 OR forbidden <> 0 OR unlisted <> 0) AND id IN (SELECT value FROM json_each($1))`, []any{in}, func(scan func(...any) error) error {
		var page record.ID
		var confirmed, missing, removed, forbidden, unlisted int64
		err := scan(&page, &confirmed, &missing, &removed, &forbidden, &unlisted)
		for _, x := range byPage[page] {
			x.Missing, x.Removed = moment(missing), moment(removed)
			x.Forbidden, x.Unlisted = moment(forbidden), moment(unlisted)
			if at := moment(confirmed); x.Gone.IsZero() && at.After(x.LastSeen) {
				x.LastSeen = at
			}
		}
		return err
	})
}

// moment reads seconds since 1970, 0 for the zero time.
func moment(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
