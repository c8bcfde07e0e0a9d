package sqlite

import (
	"context"
	"fmt"
	"time"

	"onrecord/record"
)

// Post records whether a post stands on its platform; see catalogue.Catalogue.
func (d *DB) Post(ctx context.Context, c record.Capture, url string, there bool) error {
	c.At = c.At.UTC().Truncate(time.Second)
	if err := checkCapture(c); err != nil {
		return err
	}
	id := record.PageID(url)
	return d.write(ctx, "record whether "+url+" stands", func(t *tx) error {
		if err := t.exec(`INSERT INTO posts (id, url, last_at, missing, removed) VALUES ($1,$2,0,0,0) ON CONFLICT (id) DO NOTHING`, string(id), url); err != nil {
			return err
		}
		if there {
			if err := t.exec(`UPDATE posts SET last_at = max(last_at, $1) WHERE id = $2`, c.At.Unix(), string(id)); err != nil {
				return err
			}
			if err := t.exec(`UPDATE pages SET confirmed = max(confirmed, $1) WHERE id = $2`, c.At.Unix(), string(id)); err != nil {
				return err
			}
		} else {
			known, err := t.unread(c, fmt.Sprintf("answered that the post %s is not there (status %d)", url, c.Status))
			if err != nil || known {
				return err
			}
			if err := t.exec(`INSERT INTO absences (page, at, capture) VALUES ($1,$2,$3)`, string(id), c.At.Unix(), string(c.ID)); err != nil {
				return err
			}
		}
		if err := t.presence(id); err != nil {
			return err
		}
		if err := t.postPresence(id, url); err != nil {
			return err
		}
		return t.conclude()
	})
}

// postPresence works out whether a post is missing or removed, as presence does
// for a page. Where that changed, readers of the log are told of each statement
// that is found in the post, wherever it is embedded.
func (t *tx) postPresence(id record.ID, url string) error {
	var last, wasMissing, wasRemoved int64
	if _, err := t.get(`SELECT last_at, missing, removed FROM posts WHERE id = $1`, []any{string(id)}, &last, &wasMissing, &wasRemoved); err != nil {
		return err
	}
	missing, removed, err := t.absentSince(id, last)
	if err != nil || missing == wasMissing && removed == wasRemoved {
		return err
	}
	if err := t.exec(`UPDATE posts SET missing = $1, removed = $2 WHERE id = $3`, missing, removed, string(id)); err != nil {
		return err
	}
	says := "its post is there again: " + url
	switch {
	case removed != 0:
		says = "its post is removed from its platform: " + url
	case missing != 0:
		says = "its post is missing on its platform: " + url
	}
	var list []record.Change
	err = t.each(`SELECT DISTINCT t.id FROM sightings s JOIN statements t ON t.n = s.statement WHERE json_extract(s.data, '$.url') = $1 AND json_extract(s.data, '$.platform') IS NOT NULL ORDER BY t.id`, []any{url}, func(scan func(...any) error) error {
		c := record.Change{Kind: record.StatusChanged, Detail: says}
		err := scan(&c.Statement)
		list = append(list, c)
		return err
	})
	for _, c := range list {
		if err == nil {
			err = t.change(c)
		}
	}
	return err
}

// postAgain notes that a post which was asked about stands in an answer of its own
// platform.
func (t *tx) postAgain(id record.ID, at int64) error {
	var url string
	known, err := t.get(`SELECT url FROM posts WHERE id = $1 AND last_at < $2`, []any{string(id), at}, &url)
	if err != nil || !known {
		return err
	}
	if err := t.exec(`UPDATE posts SET last_at = $1 WHERE id = $2`, at, string(id)); err != nil {
		return err
	}
	return t.postPresence(id, url)
}

// postPresences fills in when the posts of sightings went missing.
func postPresences(s source, list []*record.Sighting) error {
	byPost := map[record.ID][]*record.Sighting{}
	ids := []record.ID{}
	for _, x := range list {
		if x.Platform == "" || x.URL == "" {
			continue
		}
		id := record.PageID(x.URL)
		if byPost[id] == nil {
			ids = append(ids, id)
		}
		byPost[id] = append(byPost[id], x)
	}
	if len(ids) == 0 {
		return nil
	}
	in, err := encode(ids)
	if err != nil {
		return err
	}
	return s.each(`SELECT id, missing, removed FROM posts WHERE missing <> 0 AND id IN (SELECT value FROM json_each($1))`, []any{in}, func(scan func(...any) error) error {
		var id record.ID
		var missing, removed int64
		err := scan(&id, &missing, &removed)
		for _, x := range byPost[id] {
			x.PostMissing, x.PostRemoved = moment(missing), moment(removed)
		}
		return err
	})
}
