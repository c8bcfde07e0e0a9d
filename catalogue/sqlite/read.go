package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"onrecord/catalogue"
	"onrecord/record"
	"onrecord/words"
)

// A source answers queries: a write, which sees what it has written, or a
// reader's snapshot.
type source interface {
	each(query string, args []any, row func(scan func(...any) error) error) error
}

// snapshot is one short read transaction: everything read in it is of one
// moment. It never stays open while a caller does something else, because a
// reader that stays keeps the write-ahead log growing.
type snapshot struct {
	ctx context.Context
	tx  *sql.Tx
}

func (s snapshot) each(query string, args []any, row func(scan func(...any) error) error) error {
	rows, err := s.tx.QueryContext(s.ctx, query, args...)
	if err != nil {
		return err
	}
	return eachRow(rows, row)
}

// one scans the one row of a query; false where there is none.
func (s snapshot) one(query string, args []any, to ...any) (bool, error) {
	err := s.tx.QueryRowContext(s.ctx, query, args...).Scan(to...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// look runs do on one snapshot.
func (d *DB) look(ctx context.Context, doing string, do func(snapshot) error) error {
	if d.readers == nil {
		return d.explain(doing, errClosed)
	}
	tx, err := d.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return d.explain(doing, err)
	}
	err = do(snapshot{ctx, tx})
	if end := tx.Rollback(); err == nil && !errors.Is(end, sql.ErrTxDone) {
		err = end
	}
	if err != nil {
		return d.explain(doing, err)
	}
	return nil
}

// chunk is how many statements are read in one snapshot.
const chunk = 100

// Statements lists statements whole; see catalogue.Reader. Each chunk of a
// hundred is read at one moment.
func (d *DB) Statements(ctx context.Context, ids []record.ID) ([]record.Statement, error) {
	out := make([]record.Statement, 0, len(ids))
	for len(ids) > 0 {
		part := ids[:min(chunk, len(ids))]
		ids = ids[len(part):]
		err := d.look(ctx, "read statements", func(s snapshot) error {
			numbers, err := numbersOf(s, part)
			if err != nil {
				return err
			}
			list, err := load(s, numbers)
			out = append(out, list...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// numbersOf finds the statements with these ids, in their order.
func numbersOf(s source, ids []record.ID) ([]int64, error) {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = string(id)
	}
	byID := make(map[record.ID]int64, len(ids))
	err := s.each(`SELECT id, n FROM statements WHERE id IN (`+marks(len(ids))+`)`, args, func(scan func(...any) error) error {
		var id string
		var n int64
		err := scan(&id, &n)
		byID[record.ID(id)] = n
		return err
	})
	var numbers []int64
	for _, id := range ids {
		if n, ok := byID[id]; ok {
			numbers = append(numbers, n)
		}
	}
	return numbers, err
}

// load reads statements whole, in the order of numbers.
func load(s source, numbers []int64) ([]record.Statement, error) {
	return loadWith(s, numbers, loadLinks)
}

// loadOwn reads statements as their own sightings and corrections give them,
// without links.
func loadOwn(s source, numbers []int64) ([]record.Statement, error) {
	return loadWith(s, numbers, nil)
}

// loadWith reads statements with wordings and sightings; last, unless nil, adds
// what is not drawn from those.
func loadWith(s source, numbers []int64, last func(source, string, []any, map[int64]*record.Statement) error) ([]record.Statement, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	args := make([]any, len(numbers))
	for i, n := range numbers {
		args[i] = n
	}
	in := ` IN (` + marks(len(numbers)) + `)`
	byN := make(map[int64]*record.Statement, len(numbers))
	if err := loadHeads(s, in, args, byN); err != nil {
		return nil, err
	}
	if err := loadWordings(s, in, args, byN); err != nil {
		return nil, err
	}
	if err := loadSightings(s, in, args, byN); err != nil {
		return nil, err
	}
	if err := loadCorrections(s, in, args, byN); err != nil {
		return nil, err
	}
	for _, x := range byN {
		catalogue.Draw(x)
	}
	if last != nil {
		if err := last(s, in, args, byN); err != nil {
			return nil, err
		}
	}
	out := make([]record.Statement, 0, len(numbers))
	for _, n := range numbers {
		if x := byN[n]; x != nil {
			out = append(out, *x)
		}
	}
	return out, nil
}

func loadHeads(s source, in string, args []any, byN map[int64]*record.Statement) error {
	return s.each(`SELECT n, id, lang, mark, tags FROM statements WHERE n`+in, args, func(scan func(...any) error) error {
		var n int64
		var id, lang, mark, tags string
		if err := scan(&n, &id, &lang, &mark, &tags); err != nil {
			return err
		}
		x := &record.Statement{ID: record.ID(id), Lang: lang, Mark: mark}
		if tags != "[]" {
			if err := decode("tags of "+id, tags, &x.Tags); err != nil {
				return err
			}
		}
		byN[n] = x
		return nil
	})
}

// loadData gives each row of a query, a statement's number and JSON that belongs
// to it, to the statement of that number.
func loadData(s source, query string, args []any, byN map[int64]*record.Statement, take func(x *record.Statement, data string) error) error {
	return s.each(query, args, func(scan func(...any) error) error {
		var n int64
		var data string
		if err := scan(&n, &data); err != nil {
			return err
		}
		if x := byN[n]; x != nil {
			return take(x, data)
		}
		return nil
	})
}

func loadWordings(s source, in string, args []any, byN map[int64]*record.Statement) error {
	return s.each(`SELECT statement, n, text FROM wordings WHERE statement`+in+` ORDER BY statement, n`, args, func(scan func(...any) error) error {
		var n int64
		var w record.Wording
		if err := scan(&n, &w.N, &w.Text); err != nil {
			return err
		}
		if x := byN[n]; x != nil {
			x.Wordings = append(x.Wordings, w)
		}
		return nil
	})
}

func loadSightings(s source, in string, args []any, byN map[int64]*record.Statement) error {
	err := s.each(`SELECT id, statement, wording, version, place, last_seen, gone, imported, data FROM sightings WHERE statement`+in+` ORDER BY statement, id`, args,
		func(scan func(...any) error) error {
			r, err := scanRow(scan)
			if err != nil {
				return err
			}
			if x := byN[r.statement]; x != nil {
				r.Imported = r.imported
				x.Sightings = append(x.Sightings, r.Sighting)
			}
			return nil
		})
	if err != nil {
		return err
	}
	var here []*record.Sighting
	for _, x := range byN {
		for i := range x.Sightings {
			if !x.Sightings[i].Imported {
				here = append(here, &x.Sightings[i])
			}
		}
	}
	return presences(s, here)
}

// Statement is one statement, whole; see catalogue.Reader.
func (d *DB) Statement(ctx context.Context, id record.ID) (record.Statement, error) {
	var out record.Statement
	err := d.look(ctx, "read statement "+string(id), func(s snapshot) error {
		numbers, err := numbersOf(s, []record.ID{id})
		if err != nil {
			return err
		}
		if len(numbers) == 0 {
			return moved(s, id)
		}
		list, err := load(s, numbers)
		if err == nil {
			out = list[0]
		}
		return err
	})
	return out, err
}

// moved says where an id went that is no statement's.
func moved(s snapshot, id record.ID) error {
	to, err := s.forward(id)
	if err != nil {
		return err
	}
	if to != id {
		return &record.Moved{From: id, To: to}
	}
	return fmt.Errorf("statement %s: %w", id, record.ErrNotFound)
}

// forward follows merges to the id that answers now.
func (s snapshot) forward(id record.ID) (record.ID, error) {
	for {
		var next string
		known, err := s.one(`SELECT new FROM forwards WHERE old = $1`, []any{string(id)}, &next)
		if err != nil || !known {
			return id, err
		}
		id = record.ID(next)
	}
}

// StatementIDs lists ids in order; a limit below 1 means 1000.
func (d *DB) StatementIDs(ctx context.Context, after record.ID, limit int) ([]record.ID, error) {
	var out []record.ID
	err := d.look(ctx, "list statements", func(s snapshot) error {
		return s.each(`SELECT id FROM statements WHERE id > $1 ORDER BY id LIMIT $2`, []any{string(after), bounded(limit)}, func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			out = append(out, record.ID(id))
			return err
		})
	})
	return out, err
}

// bounded keeps what is asked for in one go within reason.
func bounded(limit int) int {
	if limit < 1 {
		return 1000
	}
	return min(limit, 10000)
}

const captureColumns = `SELECT id, url, at, sha256, size, status, media_type, via, file, place, hops, coalesce(reason, '') FROM captures `

func scanCapture(scan func(...any) error) (catalogue.UnreadCapture, error) {
	var c catalogue.UnreadCapture
	var at int64
	err := scan(&c.ID, &c.URL, &at, &c.SHA256, &c.Size, &c.Status, &c.MediaType, &c.Via, &c.File, &c.Offset, &c.Redirects, &c.Reason)
	c.At = time.Unix(at, 0).UTC()
	return c, err
}

// Capture is one capture, read or not; ErrNotFound.
func (d *DB) Capture(ctx context.Context, id record.ID) (record.Capture, error) {
	return d.oneCapture(ctx, "capture "+string(id), `WHERE id = $1`, string(id))
}

// Brought reports whether a page said something else from a capture on; see
// catalogue.Reader.
func (d *DB) Brought(ctx context.Context, capture record.ID) (bool, error) {
	var brought bool
	err := d.rows(ctx, `SELECT c.reading <> coalesce((SELECT b.reading FROM captures b WHERE b.page = c.page AND b.page <> '' AND (b.at, b.id) < (c.at, c.id) ORDER BY b.at DESC, b.id DESC LIMIT 1), 0)
		FROM captures c WHERE c.id = $1 AND c.page <> '' AND c.reading IS NOT NULL`, []any{string(capture)}, func(scan func(...any) error) error {
		return scan(&brought)
	})
	if err != nil {
		return false, d.explain("read capture "+string(capture), err)
	}
	return brought, nil
}

// CaptureBySHA is the earliest capture with this digest; ErrNotFound.
func (d *DB) CaptureBySHA(ctx context.Context, sha256hex string) (record.Capture, error) {
	return d.oneCapture(ctx, "capture with sha256 "+sha256hex, `WHERE sha256 = $1 ORDER BY at, id LIMIT 1`, sha256hex)
}

func (d *DB) oneCapture(ctx context.Context, what, where, arg string) (record.Capture, error) {
	var out record.Capture
	found := false
	err := d.rows(ctx, captureColumns+where, []any{arg}, func(scan func(...any) error) error {
		c, err := scanCapture(scan)
		out, found = c.Capture, true
		return err
	})
	switch {
	case err != nil:
		return out, d.explain("read "+what, err)
	case !found:
		return out, fmt.Errorf("%s: %w", what, record.ErrNotFound)
	}
	return out, nil
}

// Unreadable lists captures that could not be read, latest first.
func (d *DB) Unreadable(ctx context.Context, limit int) ([]catalogue.UnreadCapture, error) {
	var out []catalogue.UnreadCapture
	err := d.look(ctx, "list unreadable captures", func(s snapshot) error {
		return s.each(captureColumns+`WHERE reason IS NOT NULL ORDER BY at DESC, id DESC LIMIT $1`, []any{bounded(limit)}, func(scan func(...any) error) error {
			c, err := scanCapture(scan)
			out = append(out, c)
			return err
		})
	})
	return out, err
}

// Versions are all versions of a page with the sentences by which each differs
// from the one before; ErrNotFound.
func (d *DB) Versions(ctx context.Context, page record.ID) ([]record.Version, error) {
	var out []record.Version
	err := d.look(ctx, "read page "+string(page), func(s snapshot) error {
		var last int64
		err := s.each(`SELECT c.id, c.at, c.sha256, c.url, c.hops, c.reading, r.data FROM captures c JOIN readings r ON r.id = c.reading WHERE c.page = $1 ORDER BY c.at, c.id`, []any{string(page)},
			func(scan func(...any) error) error {
				var c record.Capture
				var at, reading int64
				var data sql.RawBytes
				if err := scan(&c.ID, &at, &c.SHA256, &c.URL, &c.Redirects, &reading, &data); err != nil {
					return err
				}
				if reading == last {
					v := &out[len(out)-1]
					v.Captures = append(v.Captures, c.ID)
					return nil
				}
				c.At, last = time.Unix(at, 0).UTC(), reading
				v, err := d.version(len(out)+1, c, data)
				out = append(out, v)
				return err
			})
		if err == nil && len(out) == 0 {
			err = fmt.Errorf("page %s: %w", page, record.ErrNotFound)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := 1; i < len(out); i++ {
		out[i].AddedText, out[i].RemovedText = words.SentenceDiff(out[i-1].Text, out[i].Text)
	}
	return out, nil
}

// LatestOf is the latest capture of a capture's page; see catalogue.Reader.
func (d *DB) LatestOf(ctx context.Context, capture record.ID) (record.ID, error) {
	latest := string(capture)
	err := d.look(ctx, "read capture "+string(capture), func(s snapshot) error {
		_, err := s.one(`SELECT p.last_capture FROM captures c JOIN pages p ON p.id = c.page WHERE c.id = $1`, []any{string(capture)}, &latest)
		return err
	})
	return record.ID(latest), err
}

// Standing is the text of a page's latest version; see catalogue.Reader.
func (d *DB) Standing(ctx context.Context, page record.ID, url string) (text string, here bool, err error) {
	err = d.look(ctx, "read page "+string(page), func(s snapshot) error {
		var data []byte
		found, err := s.one(`SELECT r.data FROM pages p JOIN readings r ON r.id = p.last_reading WHERE p.id = $1`, []any{string(page)}, &data)
		if err == nil && !found {
			err = fmt.Errorf("page %s: %w", page, record.ErrNotFound)
		}
		if err != nil {
			return err
		}
		r, err := d.unpack(data)
		if err != nil {
			return fmt.Errorf("page %s: %w", page, err)
		}
		var one int
		text = r.Page.Text
		here, err = s.one(`SELECT 1 FROM captures WHERE page = $1 AND url = $2 LIMIT 1`, []any{string(page), url}, &one)
		return err
	})
	return text, here, err
}

// version is the reading as the capture c gave it.
func (p packer) version(n int, c record.Capture, data []byte) (record.Version, error) {
	r, err := p.unpack(data)
	if err != nil {
		return record.Version{}, fmt.Errorf("capture %s: %w", c.ID, err)
	}
	r.Page.Capture, r.Page.Captured, r.Page.URL = c.ID, c.At, c.URL
	return record.Version{N: n, Page: r.Page, SHA256: c.SHA256, Redirects: c.Redirects, Captures: []record.ID{c.ID}}, nil
}

// Changes lists changes; see catalogue.Reader. A position past the last change
// is refused like one of another epoch: the catalogue was put back to an earlier
// state, and the reader knows things that it does not.
func (d *DB) Changes(ctx context.Context, after record.Position, limit int) ([]record.Change, error) {
	var out []record.Change
	err := d.look(ctx, "read the change log", func(s snapshot) error {
		head, err := head(s)
		if err != nil {
			return err
		}
		if after == (record.Position{}) {
			after.Epoch = head.Epoch
		}
		if after.Epoch != head.Epoch || after.Seq > head.Seq {
			return fmt.Errorf("position %d of epoch %d, the catalogue stands at %d of epoch %d: %w", after.Seq, after.Epoch, head.Seq, head.Epoch, record.ErrEpoch)
		}
		return s.each(`SELECT epoch, seq, at, kind, statement, page, subject, detail, replayed FROM changes WHERE epoch = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
			[]any{after.Epoch, after.Seq, bounded(limit)}, func(scan func(...any) error) error {
				var c record.Change
				var at string
				if err := scan(&c.Epoch, &c.Seq, &at, &c.Kind, &c.Statement, &c.Page, &c.Subject, &c.Detail, &c.Replayed); err != nil {
					return err
				}
				c.At, err = unstamp(at)
				out = append(out, c)
				return err
			})
	})
	return out, err
}

// Head is the position of the last change.
func (d *DB) Head(ctx context.Context) (record.Position, error) {
	var p record.Position
	err := d.look(ctx, "read the change log", func(s snapshot) (err error) {
		p, err = head(s)
		return err
	})
	return p, err
}

func head(s snapshot) (record.Position, error) {
	var p record.Position
	if _, err := s.one(`SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'epoch'`, nil, &p.Epoch); err != nil {
		return p, err
	}
	_, err := s.one(`SELECT coalesce(max(seq), 0) FROM changes WHERE epoch = $1`, []any{p.Epoch}, &p.Seq)
	return p, err
}

// Counts says how much is on record.
func (d *DB) Counts(ctx context.Context) (catalogue.Counts, error) {
	var c catalogue.Counts
	err := d.look(ctx, "count", func(s snapshot) error {
		for query, to := range map[string]*int{
			`SELECT count(*) FROM captures`:                &c.Captures,
			`SELECT count(*) FROM pages`:                   &c.Pages,
			`SELECT coalesce(sum(versions), 0) FROM pages`: &c.Versions,
			`SELECT count(*) FROM statements`:              &c.Statements,
			`SELECT count(*) FROM sightings`:               &c.Sightings,
			`SELECT count(*) FROM wordings`:                &c.Wordings,
			`SELECT count(*) FROM people`:                  &c.People,
			`SELECT count(*) FROM incidents`:               &c.Incidents,
		} {
			if _, err := s.one(query, nil, to); err != nil {
				return err
			}
		}
		var err error
		c.Position, err = head(s)
		return err
	})
	return c, err
}

// Check runs SQLite's integrity check; the error wraps record.ErrDamaged.
func (d *DB) Check(ctx context.Context) error {
	return d.look(ctx, "check", func(s snapshot) error {
		var found []string
		err := s.each(`PRAGMA integrity_check(10)`, nil, func(scan func(...any) error) error {
			var line string
			err := scan(&line)
			found = append(found, line)
			return err
		})
		if err != nil || len(found) == 1 && found[0] == "ok" {
			return err
		}
		return fmt.Errorf("catalogue %s: SQLite finds %q; restore it from a backup: %w", d.path, found, record.ErrDamaged)
	})
}
