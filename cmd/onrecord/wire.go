package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/lmittmann/tint"
	"github.com/mattn/go-isatty"

	"onrecord/archive/warcfile"
	"onrecord/catalogue"
	"onrecord/catalogue/sqlite"
	"onrecord/crawler"
	"onrecord/desk"
	"onrecord/editor"
	"onrecord/export"
	"onrecord/extract"
	"onrecord/index"
	"onrecord/index/bleveindex"
	"onrecord/ingest"
	"onrecord/record"
	"onrecord/register"
)

// house is every part built once over one data folder, which it holds alone.
type house struct {
	settings  settings
	log       *slog.Logger
	clock     crawler.Clock
	lock      *dirLock
	register  *register.Register
	archive   *warcfile.Archive
	catalogue *sqlite.DB
	index     *bleveindex.Index // nil until openIndex
	ingest    *ingest.Ingest
	edit      *editor.Editor
	crawler   *crawler.Crawler // nil until withCrawler
	publicURL string           // where hubs call; "" while nobody answers there
}

func catalogueFile(dir string) string { return filepath.Join(dir, "catalogue.db") }
func archiveDir(dir string) string    { return filepath.Join(dir, "archive") }
func indexDir(dir string) string      { return filepath.Join(dir, "index") }

// logger writes to standard error: colours on a terminal, JSON where asked.
func (p *program) logger(s settings) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.Log.Level)) // checked with the settings
	if s.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(p.stderr, &slog.HandlerOptions{Level: level}))
	}
	f, ok := p.stderr.(*os.File)
	plain := !ok || !isatty.IsTerminal(f.Fd()) || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	return slog.New(tint.NewTextHandler(p.stderr, &tint.Options{Level: level, TimeFormat: time.TimeOnly, NoColor: plain}))
}

// withHouse opens the data folder for a command that changes or rebuilds it,
// and closes it behind the command.
func (p *program) withHouse(ctx context.Context, command string, do func(*house) error) error {
	s, err := p.settings()
	if err != nil {
		return err
	}
	h, err := openHouse(ctx, s, p.logger(s), command)
	if err != nil {
		return err
	}
	return errors.Join(do(h), h.close())
}

// openHouse takes the data folder and opens archive and catalogue. The error
// wraps record.ErrLocked where another process has the folder.
func openHouse(ctx context.Context, s settings, log *slog.Logger, command string) (_ *house, err error) {
	reg, err := s.register()
	if err != nil {
		return nil, err
	}
	clock, err := givenClock()
	if err != nil {
		return nil, err
	}
	return openHouseAt(ctx, s, log, command, reg, clock)
}

// openHouseAt is openHouse with a register and a clock of the caller's.
func openHouseAt(ctx context.Context, s settings, log *slog.Logger, command string, reg *register.Register, clock crawler.Clock) (_ *house, err error) {
	h := &house{settings: s, log: log, register: reg, clock: clock}
	if h.lock, err = lockDir(s.Data.Dir, command); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	h.archive, err = warcfile.Open(archiveDir(s.Data.Dir), warcfile.Options{
		MaxFile: s.Archive.MaxFileMiB << 20, Software: "onrecord " + shortVersion(), Log: log,
	})
	if err != nil {
		return nil, err
	}
	for _, f := range h.archive.Recovered() {
		log.Warn("torn end of the archive set aside", "file", f.File, "offset", f.Offset, "detail", f.Detail)
	}
	if h.catalogue, err = sqlite.Open(ctx, catalogueFile(s.Data.Dir), sqlite.Options{Clock: clock.Now}); err != nil {
		return nil, err
	}
	h.build()
	return h, nil
}

// build makes what stands on the catalogue; it is called again where that one
// was opened again.
func (h *house) build() {
	h.ingest = h.ingestInto(h.catalogue)
	h.edit = editor.New(h.catalogue, h.register, h.clock.Now)
	h.edit.Sources(editor.SourceRules{Canonical: extract.Canonical, Selector: extract.CheckSelector, Changed: func() {
		if h.crawler != nil {
			h.crawler.Wake()
		}
	}})
}

func (h *house) ingestInto(cat catalogue.Catalogue) *ingest.Ingest {
	return ingest.New(h.archive, cat, h.register, export.ParseRow, h.log)
}

// openIndex opens the index. One that is damaged, foreign or of an older kind
// is put aside and built again: it can always be.
func (h *house) openIndex() error {
	if h.index != nil {
		return nil
	}
	dir := indexDir(h.settings.Data.Dir)
	ix, err := bleveindex.Open(dir)
	if errors.Is(err, record.ErrDamaged) {
		h.log.Warn("index unreadable, built again from the catalogue", "folder", dir, "reason", err)
		ix, err = bleveindex.Create(dir)
	}
	if err != nil {
		return err
	}
	h.index = ix
	return nil
}

// catchUp brings the index level with the catalogue.
func (h *house) catchUp(ctx context.Context, stderr io.Writer) error {
	if err := h.openIndex(); err != nil {
		return err
	}
	return h.follow(ctx, h.index, stderr)
}

// follow brings an index level with the catalogue and shows how far it is, with
// an estimate of what is left.
func (h *house) follow(ctx context.Context, ix *bleveindex.Index, stderr io.Writer) error {
	at, err := ix.Position(ctx)
	if err != nil {
		return err
	}
	head, err := h.catalogue.Head(ctx)
	if err != nil {
		return err
	}
	from := at.Seq
	if at.Epoch != head.Epoch {
		from = 0
	}
	b := newBar(stderr, head.Seq-from, "index", "changes") // what an earlier run did takes no part in the estimate
	defer b.done()
	_, err = index.CatchUp(ctx, ix, h.catalogue, func(done, total int64) {
		b.total(total - from)
		b.set(done - from)
	})
	return err
}

// newIndex builds the index again beside the one that is there and puts it in
// its place once it is whole. Where it is broken off, the next one goes on.
func (h *house) newIndex(ctx context.Context, stderr io.Writer) error {
	dir := indexDir(h.settings.Data.Dir)
	beside := dir + ".new"
	ix, err := bleveindex.Open(beside)
	if errors.Is(err, record.ErrDamaged) {
		ix, err = bleveindex.Create(beside)
	}
	if err != nil {
		return err
	}
	err = h.follow(ctx, ix, stderr)
	if err == nil {
		err = ix.Settle(ctx)
	}
	if err := errors.Join(err, ix.Close()); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("stopped before the new index was whole; the old one is still in use, and onrecord reindex goes on from here: %w", err)
		}
		return err
	}
	if err := bleveindex.Replace(dir, beside); err != nil {
		return err
	}
	return h.openIndex()
}

func (h *house) desk() *desk.Desk {
	return desk.New(h.catalogue, h.index, h.archive, h.register, h.clock.Now, h.cursorKey())
}

// cursorKey is the secret that signs cursors, kept in the data folder so that
// they outlive the process. Without it (a folder that cannot be written) they
// end with the process.
func (h *house) cursorKey() []byte {
	file := filepath.Join(h.settings.Data.Dir, "cursor.key")
	key, err := os.ReadFile(file)
	if err == nil && len(key) >= 32 {
		return key
	}
	key = []byte(rand.Text() + rand.Text())
	if err := os.WriteFile(file, key, 0o600); err != nil {
		h.log.Warn("cursors will end with this process", "file", file, "reason", err)
	}
	return key
}

// close closes what is open, last opened first.
func (h *house) close() error {
	var errs []error
	if h.index != nil {
		errs = append(errs, h.index.Close())
	}
	if h.catalogue != nil {
		errs = append(errs, h.catalogue.Close())
	}
	if h.archive != nil {
		errs = append(errs, h.archive.Close())
	}
	if h.lock != nil {
		errs = append(errs, h.lock.release())
	}
	return errors.Join(errs...)
}
