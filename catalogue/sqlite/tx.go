package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"onrecord/catalogue"
	"onrecord/record"
)

// tx is one write: a transaction on the writer's connection, what it has
// touched so far and what it will report.
type tx struct {
	*DB
	ctx     context.Context // does not end; see steady
	asked   context.Context // of whoever asked; between two statements it ends the write
	added   record.Added
	seq     int64 // of the last change written; -1 until it is known
	touched []*touch
	byN     map[int64]*touch
	merged  map[int64]int64 // statements that became others in this write

	lastWords string // see prepareText
	lastText  catalogue.Text
	filled    map[string]bool // see fills
	prints    []posting       // see keepPrints; nil where they are written at once

	lend lending
}

// write runs do as one transaction. Whatever do returns as an error, nothing of
// it is recorded.
func (d *DB) write(ctx context.Context, doing string, do func(*tx) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn == nil {
		return d.explain(doing, errClosed)
	}
	if err := d.attempt(ctx, do); err != nil {
		return d.explain(doing, err)
	}
	return nil
}

func (d *DB) attempt(ctx context.Context, do func(*tx) error) (err error) {
	t := &tx{
		DB: d, ctx: steady(ctx), asked: ctx, seq: -1, byN: map[int64]*touch{}, merged: map[int64]int64{}, filled: map[string]bool{},
		lend: lending{map[string]span{}, map[int64]bool{}, map[int64]bool{}},
	}
	if err := t.exec(`BEGIN IMMEDIATE`); err != nil {
		return err
	}
	done := false
	defer func() {
		if !done { // an error, or a panic on its way to whoever contains it
			d.off, d.spells = nil, nil
			clear(d.texts) // ids of wordings that are taken back are given again
			_, undo := d.conn.ExecContext(t.ctx, `ROLLBACK`)
			if undo != nil && !rolledBack(undo) {
				err = errors.Join(err, undo)
			}
		}
	}()
	if err := do(t); err != nil {
		return err
	}
	err = t.exec(`COMMIT`)
	done = err == nil
	return err
}

// steady is a context for short statements. To watch one that may end, the driver
// starts two goroutines a statement, which costs more than most of them take.
func steady(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// rolledBack reports whether SQLite has ended the transaction by itself, as it
// does when the disk is full.
func rolledBack(err error) bool {
	return strings.Contains(err.Error(), "no transaction is active")
}

// prepare keeps each statement compiled for as long as the catalogue is open.
func (t *tx) prepare(query string) (*sql.Stmt, error) {
	if err := t.asked.Err(); err != nil {
		return nil, err
	}
	if s, ok := t.prepared[query]; ok {
		return s, nil
	}
	s, err := t.conn.PrepareContext(t.ctx, query)
	if err != nil {
		return nil, err
	}
	t.prepared[query] = s
	return s, nil
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.run(query, args)
	return err
}

// changed is exec that tells how many rows it changed.
func (t *tx) changed(query string, args ...any) (int64, error) {
	r, err := t.run(query, args)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// insert runs an INSERT and gives the number of the new row.
func (t *tx) insert(query string, args ...any) (int64, error) {
	r, err := t.run(query, args)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

func (t *tx) run(query string, args []any) (sql.Result, error) {
	s, err := t.prepare(query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(t.ctx, args...)
}

// get scans the one row of a query into to; false where there is none.
func (t *tx) get(query string, args []any, to ...any) (bool, error) {
	s, err := t.prepare(query)
	if err != nil {
		return false, err
	}
	err = s.QueryRowContext(t.ctx, args...).Scan(to...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// each calls row for every row of a query.
func (t *tx) each(query string, args []any, row func(scan func(...any) error) error) error {
	s, err := t.prepare(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(t.ctx, args...)
	if err != nil {
		return err
	}
	return eachRow(rows, row)
}

func eachRow(rows *sql.Rows, row func(scan func(...any) error) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// change writes one line of the change log.
func (t *tx) change(c record.Change) error {
	if t.seq < 0 {
		if _, err := t.get(`SELECT coalesce(max(seq), 0) FROM changes WHERE epoch = $1`, []any{t.epoch}, &t.seq); err != nil {
			return err
		}
	}
	t.seq++
	return t.exec(`INSERT INTO changes (epoch, seq, at, kind, statement, page, subject, detail, replayed) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
		t.epoch, t.seq, stamp(t.clock()), string(c.Kind), string(c.Statement), string(c.Page), c.Subject, c.Detail, t.replay)
}

// text is a wording made ready for comparing, kept for the next time.
func (t *tx) text(id int64, wording string) catalogue.Text {
	if x, ok := t.texts[id]; ok {
		return x
	}
	if len(t.texts) > 5000 { // some 10 MB
		clear(t.texts)
	}
	x := t.prepareText(wording)
	t.texts[id] = x
	return x
}

// prepareText is catalogue.Prepare, which a new statement needs several times
// in a row for the same words.
func (t *tx) prepareText(wording string) catalogue.Text {
	if wording != t.lastWords || wording == "" {
		t.lastWords, t.lastText = wording, catalogue.Prepare(wording)
	}
	return t.lastText
}

// fills reports whether a table holds anything. Most catalogues have no merges,
// splits and marks to be asked about for every row of an import. Whoever puts
// the first line into one of these tables says so by t.filled.
func (t *tx) fills(table string) (bool, error) {
	if is, known := t.filled[table]; known {
		return is, nil
	}
	var n int
	is, err := t.get(`SELECT 1 FROM `+table+` LIMIT 1`, nil, &n)
	if err == nil {
		t.filled[table] = is
	}
	return is, err
}

// encode is JSON that was made from our own types.
func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("%w: %w", err, record.ErrInvalid) // a year beyond 9999
	}
	return string(b), nil
}

func decode(what, data string, to any) error {
	if err := json.Unmarshal([]byte(data), to); err != nil {
		return fmt.Errorf("%s: %w: %w", what, err, record.ErrDamaged)
	}
	return nil
}
