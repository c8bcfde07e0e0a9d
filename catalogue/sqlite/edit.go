package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-json"

	"onrecord/record"
)

// SetIncident writes an incident and its line in the edit log; see
// catalogue.Catalogue.
func (d *DB) SetIncident(ctx context.Context, i record.Incident, e record.Edit) (record.Incident, error) {
	if err := i.Check(); err != nil {
		return record.Incident{}, err
	}
	err := d.write(ctx, "write incident "+i.Slug, func(t *tx) error {
		old, known, err := t.incident(i.Slug)
		if err != nil {
			return err
		}
		if err := revision(i, old, known); err != nil {
			return err
		}
		now := t.clock().UTC()
		i.ID, i.Created = record.HashID("inc", i.Slug), now
		if known {
			i.ID, i.Created = old.ID, old.Created
		}
		i.From, i.To, i.Changed, i.Revision = i.From.UTC(), i.To.UTC(), now, i.Revision+1
		if err := t.putIncident(i); err != nil {
			return err
		}
		return t.edit(e, cmp.Or(e.Target, i.Slug), i)
	})
	if err != nil {
		return record.Incident{}, err
	}
	return i, nil
}

// revision refuses a writer that has not read what it writes over.
func revision(i, old record.Incident, known bool) error {
	switch {
	case !known && i.Revision > 0:
		return fmt.Errorf("incident %s: %w", i.Slug, record.ErrNotFound)
	case known && i.Revision == 0:
		return fmt.Errorf("incident %s: the slug is in use: %w", i.Slug, record.ErrExists)
	case known && i.Revision != old.Revision:
		return fmt.Errorf("incident %s: revision %d was read, it is at %d; read it again: %w", i.Slug, i.Revision, old.Revision, record.ErrStale)
	}
	return nil
}

func (t *tx) incident(slug string) (i record.Incident, known bool, err error) {
	var data string
	known, err = t.get(`SELECT data FROM incidents WHERE slug = $1`, []any{slug}, &data)
	if err != nil || !known {
		return i, false, err
	}
	return i, true, decode("incident "+slug, data, &i)
}

func (t *tx) putIncident(i record.Incident) error {
	data, err := encode(i)
	if err != nil {
		return err
	}
	if err := t.exec(`INSERT INTO incidents (slug, revision, data) VALUES ($1,$2,$3) ON CONFLICT (slug) DO UPDATE SET revision = excluded.revision, data = excluded.data`,
		i.Slug, i.Revision, data); err != nil {
		return err
	}
	return t.change(record.Change{Kind: record.IncidentChanged, Subject: i.Slug, Detail: fmt.Sprintf("revision %d", i.Revision)})
}

// edit writes one line of the edit log. Value is what was set, unless the
// caller gave it.
func (t *tx) edit(e record.Edit, target string, set any) error {
	_, err := t.line(e, target, set)
	return err
}

// line is edit, and gives the line as it was written.
func (t *tx) line(e record.Edit, target string, set any) (record.Edit, error) {
	var err error
	e.Target, e.At = target, t.clock().UTC()
	if e.Value == "" {
		if e.Value, err = encode(set); err != nil {
			return e, err
		}
	}
	if _, err := t.get(`SELECT coalesce(max(n), 0) + 1 FROM edits`, nil, &e.N); err != nil {
		return e, err
	}
	data, err := encode(e)
	if err != nil {
		return e, err
	}
	return e, t.exec(`INSERT INTO edits (n, data) VALUES ($1,$2)`, e.N, data)
}

// Note writes a line of the edit log alone; see catalogue.Catalogue.
func (d *DB) Note(ctx context.Context, e record.Edit) (record.Edit, error) {
	if e.Action == "" || e.Target == "" || e.Value == "" {
		return record.Edit{}, fmt.Errorf("note %q of %q: action, target and value are needed: %w", e.Action, e.Target, record.ErrInvalid)
	}
	err := d.write(ctx, "note "+e.Action, func(t *tx) (err error) {
		e, err = t.line(e, e.Target, nil)
		return err
	})
	return e, err
}

// SetSources writes sources, each with its line in the edit log. The error wraps
// record.ErrInvalid for a source without an address.
func (d *DB) SetSources(ctx context.Context, list []record.Source, e record.Edit) error {
	for _, s := range list {
		if s.URL == "" {
			return fmt.Errorf("source %q: it has no address: %w", s.Name, record.ErrInvalid)
		}
	}
	return d.write(ctx, "write sources", func(t *tx) error {
		for _, s := range list {
			s.ID = record.SourceID(s.URL)
			if err := t.putSource(s); err != nil {
				return err
			}
			if err := t.watch(s); err != nil {
				return err
			}
			if err := t.edit(e, string(s.ID), s); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) putSource(s record.Source) error {
	data, err := encode(s)
	if err != nil {
		return err
	}
	t.off = nil
	if err := t.exec(`INSERT INTO sources (id, url, data) VALUES ($1,$2,$3) ON CONFLICT (id) DO UPDATE SET data = excluded.data`, string(s.ID), s.URL, data); err != nil {
		return err
	}
	return t.change(record.Change{Kind: record.SourceChanged, Subject: string(s.ID), Detail: s.URL})
}

// Incidents lists all incidents, latest window first.
func (d *DB) Incidents(ctx context.Context) ([]record.Incident, error) {
	out, err := all[record.Incident](d, ctx, "incidents", `SELECT data FROM incidents ORDER BY slug`)
	slices.SortStableFunc(out, func(a, b record.Incident) int {
		return cmp.Or(b.From.Compare(a.From), b.To.Compare(a.To), strings.Compare(a.Slug, b.Slug))
	})
	return out, err
}

// Incident is one incident; ErrNotFound.
func (d *DB) Incident(ctx context.Context, slug string) (record.Incident, error) {
	list, err := all[record.Incident](d, ctx, "incident "+slug, `SELECT data FROM incidents WHERE slug = $1`, slug)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("incident %q: %w", slug, record.ErrNotFound)
	}
	if err != nil {
		return record.Incident{}, err
	}
	return list[0], nil
}

// Sources lists all sources, by URL.
func (d *DB) Sources(ctx context.Context) ([]record.Source, error) {
	return all[record.Source](d, ctx, "sources", `SELECT data FROM sources ORDER BY url`)
}

// Source is the source at this address, whose last visit ended there, or whose
// answer goes on there.
func (d *DB) Source(ctx context.Context, address string) (record.Source, error) {
	list, err := all[record.Source](d, ctx, "source "+address, `SELECT s.data FROM sources s WHERE s.url = $1
		UNION ALL SELECT s.data FROM visits v JOIN sources s ON s.url = v.url WHERE v.final = $1 AND v.final <> '' AND v.lead = 0
		UNION ALL SELECT s.data FROM visits v JOIN sources s ON s.id = v.source WHERE v.url = $1 AND json_extract(v.data, '$.part') > 0 LIMIT 1`, address)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("source %s: %w", address, record.ErrNotFound)
	}
	if err != nil {
		return record.Source{}, err
	}
	return list[0], nil
}

// Edits lists lines of the edit log.
func (d *DB) Edits(ctx context.Context, after int64, limit int) ([]record.Edit, error) {
	return all[record.Edit](d, ctx, "the edit log", `SELECT data FROM edits WHERE n > $1 ORDER BY n LIMIT $2`, after, bounded(limit))
}

// all decodes the one column of a query.
func all[T any](d *DB, ctx context.Context, what, query string, args ...any) ([]T, error) {
	out := []T{}
	err := d.rows(ctx, query, args, func(scan func(...any) error) error {
		var data sql.RawBytes
		if err := scan(&data); err != nil {
			return err
		}
		out = append(out, *new(T))
		if err := json.Unmarshal(data, &out[len(out)-1]); err != nil {
			return fmt.Errorf("%s: %w: %w", what, err, record.ErrDamaged)
		}
		return nil
	})
	if err != nil {
		return out, d.explain("read "+what, err)
	}
	return out, nil
}

// rows calls row for every row of one query, which needs no snapshot but its
// own. The query is kept compiled, so it must be one of a few, and a short one:
// ctx ends it between two rows.
func (d *DB) rows(ctx context.Context, query string, args []any, row func(scan func(...any) error) error) error {
	if d.readers == nil {
		return errClosed
	}
	d.asked.Lock()
	s, ok := d.queries[query]
	d.asked.Unlock()
	if !ok {
		var err error
		if s, err = d.readers.PrepareContext(ctx, query); err != nil {
			return err
		}
		d.asked.Lock()
		if other, ok := d.queries[query]; ok {
			_ = s.Close() // another was faster
			s = other
		} else {
			d.queries[query] = s
		}
		d.asked.Unlock()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	rows, err := s.QueryContext(steady(ctx), args...)
	if err != nil {
		return err
	}
	return eachRow(rows, func(scan func(...any) error) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return row(scan)
	})
}
