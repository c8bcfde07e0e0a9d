package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"onrecord/catalogue"
	"onrecord/record"
)

// Rebuild makes the catalogue at path anew. The new one has what people entered
// and the identity ledger of the old one and begins the next epoch; fill reads
// the archive into it again, and every change of that is marked Replayed. The
// old file stays in place until the new one is whole and synced; then one
// rename puts it there. Without a file at path a first catalogue is built.
// Nobody else may have the catalogue open. An error leaves the old one as it was.
func Rebuild(ctx context.Context, path string, o Options, fill func(context.Context, catalogue.Catalogue) error) (err error) {
	beside := path + ".rebuild"
	if err := remove(beside); err != nil { // of a rebuild that was interrupted
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, remove(beside))
		}
	}()
	fresh, err := Open(ctx, beside, o)
	if err != nil {
		return err
	}
	if err := errors.Join(fresh.refill(ctx, path, o, fill), fresh.Close()); err != nil {
		return fmt.Errorf("rebuild catalogue %s: %w", path, err)
	}
	return swap(beside, path)
}

func (d *DB) refill(ctx context.Context, path string, o Options, fill func(context.Context, catalogue.Catalogue) error) error {
	d.replay = true
	if _, err := os.Stat(path); err == nil {
		if err := d.inherit(ctx, path, o); err != nil {
			return err
		}
	}
	if err := fill(ctx, d); err != nil {
		return err
	}
	if err := d.write(ctx, "confirm pages anew", func(t *tx) error { return t.confirmAgain() }); err != nil {
		return err
	}
	_, err := d.conn.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return err
}

// inherit takes over what cannot be read from the archive.
func (d *DB) inherit(ctx context.Context, path string, o Options) error {
	old, err := Open(ctx, path, o) // brings its schema up to ours
	if err != nil {
		return err
	}
	epoch := old.epoch
	if err := old.Close(); err != nil {
		return err
	}
	if _, err := d.conn.ExecContext(ctx, `ATTACH DATABASE $1 AS old`, path); err != nil {
		return d.explain("read the old catalogue", err)
	}
	err = d.write(ctx, "take over what people entered", func(t *tx) error {
		t.epoch = epoch + 1
		return t.copyOld()
	})
	if _, undo := d.conn.ExecContext(ctx, `DETACH DATABASE old`); undo != nil {
		err = errors.Join(err, undo)
	}
	return err
}

func (t *tx) copyOld() error {
	for _, do := range []string{
		`INSERT INTO ledger SELECT * FROM old.ledger ORDER BY n`,
		`INSERT INTO forwards SELECT * FROM old.forwards`,
		`INSERT INTO edits SELECT * FROM old.edits ORDER BY n`,
		`INSERT INTO incidents SELECT * FROM old.incidents`,
		`INSERT INTO sources SELECT * FROM old.sources`,
		`INSERT INTO visits SELECT * FROM old.visits`,
		`INSERT INTO asked SELECT * FROM old.asked`,
		`INSERT INTO spells SELECT * FROM old.spells`,
		`INSERT INTO hosts SELECT * FROM old.hosts`,
		`INSERT INTO subscriptions SELECT * FROM old.subscriptions`,
		`INSERT INTO listed SELECT * FROM old.listed`,
		`INSERT INTO editorial SELECT id, mark, tags FROM old.statements WHERE mark <> '' OR tags <> '[]'`,
		`INSERT INTO editorial SELECT * FROM old.editorial WHERE id NOT IN (SELECT id FROM editorial)`,
	} {
		if err := t.exec(do); err != nil {
			return err
		}
	}
	if err := t.exec(`UPDATE meta SET value = $1 WHERE key = 'epoch'`, fmt.Sprint(t.epoch)); err != nil {
		return err
	}
	if err := t.replayCorrections(); err != nil {
		return err
	}
	return t.replayEdits()
}

// replayEdits tells readers of the new epoch which incidents and sources there are.
func (t *tx) replayEdits() error {
	var list []record.Change
	for _, from := range []struct {
		query string
		kind  record.ChangeKind
	}{
		{`SELECT id FROM sources ORDER BY url`, record.SourceChanged},
		{`SELECT slug FROM incidents ORDER BY slug`, record.IncidentChanged},
	} {
		err := t.each(from.query, nil, func(scan func(...any) error) error {
			c := record.Change{Kind: from.kind, Detail: "as before the rebuild"}
			err := scan(&c.Subject)
			list = append(list, c)
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, c := range list {
		if err := t.change(c); err != nil {
			return err
		}
	}
	return nil
}

// confirmAgain works out from the visits what answers 304 confirmed: a good answer
// that came more than a minute after the visit's capture was one. So it is with
// what else visits know of pages.
func (t *tx) confirmAgain() error {
	for _, do := range []string{
		`UPDATE pages SET forbidden = x.at FROM (
			SELECT c.page AS page, max(v.tried) / 1000 AS at FROM visits v JOIN captures c ON c.id = json_extract(v.data, '$.capture')
			WHERE v.state = 'robots' GROUP BY c.page) x WHERE pages.id = x.page`,
		`UPDATE pages SET unlisted = x.at FROM (
			SELECT c.page AS page, max(CAST(strftime('%s', json_extract(v.data, '$.unlisted')) AS INTEGER)) AS at
			FROM visits v JOIN captures c ON c.id = json_extract(v.data, '$.capture')
			WHERE json_extract(v.data, '$.unlisted') IS NOT NULL GROUP BY c.page) x WHERE pages.id = x.page`,
	} {
		if err := t.exec(do); err != nil {
			return err
		}
	}
	return t.exec(`UPDATE pages SET confirmed = x.at FROM (
			SELECT c.page AS page, max(CAST(strftime('%s', json_extract(v.data, '$.succeeded')) AS INTEGER)) AS at
			FROM visits v JOIN captures c ON c.id = json_extract(v.data, '$.capture')
			WHERE CAST(strftime('%s', json_extract(v.data, '$.succeeded')) AS INTEGER) > c.at + 60 GROUP BY c.page) x
		WHERE pages.id = x.page`)
}

// swap puts the new file in the place of the old one.
func swap(from, to string) error {
	if err := flush(from); err != nil {
		return err
	}
	for _, tail := range []string{"-wal", "-shm"} { // of the old file, which was closed whole
		if err := os.Remove(to + tail); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return flush(filepath.Dir(to))
}

func flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func remove(path string) error {
	for _, tail := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + tail); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the remains of an earlier rebuild: %w", err)
		}
	}
	return nil
}
