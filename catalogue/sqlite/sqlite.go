// Package sqlite keeps the catalogue in one SQLite file: the truth on one
// machine. It does not decide which sightings are one statement; the rules for
// that are catalogue's.
//
// There is one writer, a connection of its own that takes the write lock at the
// start of each transaction, and a pool of readers that see the last committed
// state (WAL). A commit is synced before it is reported (synchronous=FULL).
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"onrecord/catalogue"
	"onrecord/record"
)

// Options are what a catalogue may be opened with. The zero value works.
type Options struct {
	// Clock gives the time of changes and edits; nil means time.Now.
	Clock func() time.Time
}

// DB is a catalogue in a SQLite file. Its methods are safe for concurrent use.
type DB struct {
	path    string
	clock   func() time.Time
	readers *sql.DB
	packer

	asked   sync.Mutex           // guards queries
	queries map[string]*sql.Stmt // of the readers, kept compiled; see query

	mu       sync.Mutex // held by the one write
	pool     *sql.DB    // of one connection, the writer
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
	texts    map[int64]catalogue.Text // wordings made ready, by their id
	epoch    int64
	off      map[record.ID]bool  // sources that are not watched; nil until it is asked for
	spells   map[record.ID]spell // the stretches that go on; nil until they are asked for
	replay   bool                // a rebuild: its changes are no news, and known ids are not merged
}

var _ catalogue.Catalogue = (*DB)(nil)

// Open opens the catalogue at path and creates it, but not its folder, where
// there is none. An older schema is brought up to date. The error wraps
// record.ErrDamaged for a file that is no SQLite database or is damaged,
// record.ErrLocked where another process writes to it for longer than five
// seconds; a file of another program and a newer schema are refused with the
// reason.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	d := &DB{path: path, clock: o.Clock, prepared: map[string]*sql.Stmt{}, queries: map[string]*sql.Stmt{}, texts: map[int64]catalogue.Text{}}
	if d.clock == nil {
		d.clock = time.Now
	}
	if err := d.open(ctx); err != nil {
		if domain(err) {
			err = fmt.Errorf("catalogue %s: %w", path, err)
		}
		return nil, errors.Join(d.explain("open", err), d.Close())
	}
	return d, nil
}

func (d *DB) open(ctx context.Context) error {
	if err := errors.Join(writable(d.path), ours(ctx, d.path)); err != nil {
		return err
	}
	var err error
	if d.packer, err = newPacker(); err != nil {
		return err
	}
	if d.pool, err = sql.Open("sqlite", dsn(d.path, "immediate", writerCache, "")); err != nil {
		return err
	}
	d.pool.SetMaxOpenConns(1)
	if err := migrate(ctx, d.pool); err != nil {
		return err
	}
	if d.conn, err = d.pool.Conn(ctx); err != nil {
		return err
	}
	if d.readers, err = sql.Open("sqlite", dsn(d.path, "deferred", readerCache, "&_pragma=query_only(1)")); err != nil {
		return err
	}
	d.readers.SetMaxOpenConns(max(4, runtime.GOMAXPROCS(0)))
	d.readers.SetMaxIdleConns(max(4, runtime.GOMAXPROCS(0)))
	return d.readEpoch(ctx)
}

// writable tells in plain words what SQLite would call "unable to open".
func writable(path string) error {
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the folder %s does not exist; make it first", dir)
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is a file, not a folder", dir)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder, not a catalogue file", path)
	}
	return nil
}

// How much each connection keeps of the file, in KiB. What a reader keeps is void
// with the next commit, and the system has the pages as well.
const (
	writerCache = 16000
	readerCache = 4000
)

// dsn is what the driver asks for: the file and how to treat it.
func dsn(path, lock string, cache int, more string) string {
	return address(path) + "?_txlock=" + lock +
		"&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=journal_size_limit(67108864)&_pragma=temp_store(2)&_pragma=cache_size(-" + strconv.Itoa(cache) + ")" + more
}

// address is the file as SQLite's URI. Marks that mean something there are
// escaped, since any file name is allowed.
func address(path string) string {
	return "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
}

func (d *DB) readEpoch(ctx context.Context) error {
	return d.conn.QueryRowContext(ctx, `SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'epoch'`).Scan(&d.epoch)
}

// Close waits for a write that is under way and closes the file. Closing twice
// is no error.
func (d *DB) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	d.asked.Lock()
	for _, s := range d.queries {
		errs = append(errs, s.Close())
	}
	clear(d.queries)
	d.asked.Unlock()
	if d.readers != nil {
		errs = append(errs, d.readers.Close())
	}
	for _, s := range d.prepared {
		errs = append(errs, s.Close())
	}
	if d.conn != nil {
		errs = append(errs, d.conn.Close())
	}
	if d.pool != nil {
		errs = append(errs, d.pool.Close())
	}
	d.packer.close()
	d.conn, d.pool, d.prepared = nil, nil, nil // the readers say themselves that they are closed
	return errors.Join(errs...)
}

var errClosed = errors.New("the catalogue is closed")

// explain names the file and says what to do about what SQLite reports. Errors
// of the domain keep their own words.
func (d *DB) explain(doing string, err error) error {
	var e *driver.Error
	if !errors.As(err, &e) {
		if domain(err) {
			return err
		}
		return fmt.Errorf("catalogue %s: %s: %w", d.path, doing, err)
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_FULL:
		return fmt.Errorf("catalogue %s: %s: the disk is full; nothing of it was recorded; free some space and do it again: %w", d.path, doing, err)
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return fmt.Errorf("catalogue %s: %s: another process is writing to it; stop that one or wait: %w (%w)", d.path, doing, record.ErrLocked, err)
	case lib.SQLITE_NOTADB:
		return fmt.Errorf("catalogue %s: %s: the file is not a SQLite database; move it away and run onrecord rebuild: %w (%w)", d.path, doing, record.ErrDamaged, err)
	case lib.SQLITE_CORRUPT:
		return fmt.Errorf("catalogue %s: %s: the file is damaged; restore it from a backup: %w (%w)", d.path, doing, record.ErrDamaged, err)
	case lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN, lib.SQLITE_PERM:
		return fmt.Errorf("catalogue %s: %s: the file or its folder cannot be written to; check owner and permissions: %w", d.path, doing, err)
	case lib.SQLITE_IOERR:
		return fmt.Errorf("catalogue %s: %s: the disk did not read or write; nothing of it was recorded: %w", d.path, doing, err)
	}
	return fmt.Errorf("catalogue %s: %s: %w", d.path, doing, err)
}

// domain reports whether the error is one that callers test for and whose
// words name their subject already.
func domain(err error) bool {
	var moved *record.Moved
	for _, known := range []error{record.ErrNotFound, record.ErrInvalid, record.ErrExists, record.ErrStale, record.ErrEpoch, record.ErrDamaged, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return true
		}
	}
	return errors.As(err, &moved)
}

// stamp is a time as the tables keep it, "" for the zero time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// unstamp reads what stamp wrote.
func unstamp(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("time %q: %w", s, record.ErrDamaged)
	}
	return t, nil
}

// marks is n placeholders from $1, for IN ( … ).
func marks(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "$%d", i+1)
	}
	return b.String()
}
