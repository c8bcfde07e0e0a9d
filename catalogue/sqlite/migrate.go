package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pressly/goose/v3"

	"onrecord/record"
)

//go:embed migrations/*.sql
var migrations embed.FS

// application marks the file as ours ("onre" in ASCII); see SQLite's
// application_id.
const application = 0x6f6e7265

// migrate brings the schema up to date. A schema newer than this program's is
// refused before anything is written.
func migrate(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d`, application)); err != nil {
		return err
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	list := p.ListSources()
	if want := list[len(list)-1].Version; have > want {
		return fmt.Errorf("its schema is version %d, this program knows up to %d; run the newer onrecord that wrote it", have, want)
	}
	if _, err := p.Up(ctx); err != nil {
		return unwrapPartial(err)
	}
	_, err = db.ExecContext(ctx, `INSERT INTO meta (key, value) VALUES ('epoch', '1') ON CONFLICT (key) DO NOTHING`)
	return err
}

// unwrapPartial gives the cause of a migration that stopped.
func unwrapPartial(err error) error {
	var partial *goose.PartialError
	if errors.As(err, &partial) && partial.Failed != nil {
		return fmt.Errorf("migration %d: %w", partial.Failed.Source.Version, partial.Err)
	}
	return err
}

// ours refuses a file that another program filled. It looks through a
// connection of its own that cannot write, because the writer's would change
// the file's journal first.
func ours(ctx context.Context, path string) error {
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	db, err := sql.Open("sqlite", address(path)+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	var id, tables int64
	err = errors.Join(db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id),
		db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master`).Scan(&tables), db.Close())
	if err == nil && id != application && tables > 0 {
		err = fmt.Errorf("it is a SQLite database of another program (application id %#x, %d tables); give another path: %w", id, tables, record.ErrInvalid)
	}
	return err
}
