package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"onrecord/record"
)

//go:embed migrations/*.sql
var migrations embed.FS

// application marks the file as ours ("onre" in ASCII); see SQLite's
// application_id.
const application = 0x6f6e7265

// migrate brings the schema up to date. A file of another program and a schema
// newer than this program's are refused before anything is written.
func migrate(ctx context.Context, db *sql.DB) error {
	if err := ours(ctx, db); err != nil {
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

// ours marks a new file and refuses one that another program filled.
func ours(ctx context.Context, db *sql.DB) error {
	var id, tables int64
	if err := db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master`).Scan(&tables); err != nil {
		return err
	}
	switch {
	case id == application:
		return nil
	case tables > 0:
		return fmt.Errorf("it is a SQLite database of another program (application id %#x, %d tables); give another path: %w", id, tables, record.ErrInvalid)
	}
	_, err := db.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d`, application))
	return err
}
