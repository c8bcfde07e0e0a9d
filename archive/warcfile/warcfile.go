// Package warcfile keeps evidence in WARC 1.1 files in a folder, one gzip
// member a record, and reads the WARC files of others. It reads no pages, and
// one process at a time may have a folder open.
package warcfile

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"

	"onrecord/archive"
	"onrecord/record"
)

// defaultMaxFile is the size after which a new file is begun: 1 GiB.
const defaultMaxFile = 1 << 30

// Options are what an archive can be told. The zero value works.
type Options struct {
	// MaxFile is the size in bytes from which no more is added to a file; 0
	// means 1 GiB. The last record may go beyond it.
	MaxFile int64
	// Software is what the warcinfo records name as the writer; "" means "onrecord".
	Software string
	// Log is told of what was recovered and of sidecars that could not be
	// written; nil means that nobody is.
	Log *slog.Logger
}

// Archive is a folder of WARC files. Beside each file stands a sidecar (.cdxj)
// that says what is where; it holds nothing that the WARC does not tell.
type Archive struct {
	dir  string
	opts Options

	// put is held by the one writer; mu guards what readers share with it. A
	// reader never waits for a disk to sync.
	put    sync.Mutex
	active *os.File // the last file, open for writing; nil until it is needed
	zw     *gzip.Writer
	broken error // why nothing can be written any more; nil while all is well

	mu     sync.RWMutex
	files  []*file
	byID   map[key]place
	byBody map[key]place // the latest response record with this body
	found  []archive.Fault
}

// file is one WARC file. Its fields are guarded by Archive.mu.
type file struct {
	name string
	size int64 // bytes of whole records
	side int64 // bytes of good lines in its sidecar
	// bare is true when the sidecar lacks lines that could not be written.
	bare bool
	// sealed is true when the file is not to be written to: it is full, or
	// shorter than its sidecar says.
	sealed bool
}

func (f *file) sidecar() string { return strings.TrimSuffix(f.name, ".warc.gz") + ".cdxj" }

// place is where a record stands. Files are counted from 0.
type place struct {
	file           int32
	offset, length int64
}

// key stands for an id or a digest in less memory: archives hold millions.
type key [16]byte

func keyOf(s string) key {
	sum := sha256.Sum256([]byte(s))
	return key(sum[:16])
}

var (
	errClosed = errors.New("archive is closed")

	_ archive.Archive = (*Archive)(nil)
)

// Open opens the archive in dir and makes the folder if there is none. What a
// crash left at the end of the last file is cut off, kept beside it in a file
// that ends in .torn, and told by Recovered. Only records that the sidecars
// lack are read.
func Open(dir string, o Options) (*Archive, error) {
	if o.MaxFile <= 0 {
		o.MaxFile = defaultMaxFile
	}
	if o.Software == "" {
		o.Software = "onrecord"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	a := &Archive{dir: dir, opts: o, zw: newPacker(), byID: map[key]place{}, byBody: map[key]place{}}
	names, err := warcNames(dir)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	for i, name := range names {
		if err := a.load(name, i == len(names)-1); err != nil {
			return nil, fmt.Errorf("archive %s: %w", filepath.Join(dir, name), err)
		}
	}
	for _, f := range a.found {
		o.Log.Warn("archive recovered", "file", f.File, "offset", f.Offset, "detail", f.Detail)
	}
	return a, nil
}

// Recovered tells what Open found wrong: a torn last record that was moved
// aside, bytes that hold no record, a file shorter than its sidecar says. Nil
// means nothing.
func (a *Archive) Recovered() []archive.Fault {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Clone(a.found)
}

// Put implements archive.Archive. A body of 1 KiB or more that an answer
// brought before into the same file is kept as a revisit record (profile identical-payload-digest).
// An exchange whose record is damaged by now is written again, and that record
// stands for it from then on; Verify goes on listing the damaged one.
// The error wraps record.ErrTooLarge for a body over 64 MiB. After an error of
// syncing nothing more is written until the archive is opened again, since the
// system may have forgotten what it did not write.
func (a *Archive) Put(ctx context.Context, x archive.Exchange) (record.Capture, error) {
	if err := ctx.Err(); err != nil {
		return record.Capture{}, err
	}
	it, err := newItem(x)
	if err != nil {
		return record.Capture{}, err
	}
	a.put.Lock()
	defer a.put.Unlock()
	if p, ok := a.place(a.byID, string(it.capture.ID)); ok {
		c, err := a.captureAt(p)
		if !errors.Is(err, record.ErrDamaged) {
			return c, err
		}
		a.opts.Log.Warn("damaged capture put again", "capture", it.capture.ID, "err", err)
	}
	if a.broken != nil {
		return record.Capture{}, fmt.Errorf("archive: %s not kept: %w", it.URL, a.broken)
	}
	c, err := a.write(it)
	if err != nil {
		return record.Capture{}, fmt.Errorf("archive: %s not kept: %w", it.URL, err)
	}
	return c, nil
}

// write keeps a new item. The caller holds a.put.
func (a *Archive) write(it item) (record.Capture, error) {
	n, created, err := a.writable()
	if err != nil {
		return record.Capture{}, err
	}
	f := a.files[n] // only the writer changes the list, and that is us
	m := members{zw: a.zw}
	if f.size == 0 {
		if err := m.addInfo(f.name, a.opts.Software, it.At); err != nil {
			return record.Capture{}, err
		}
	}
	if err := m.addItem(f.size, f.name, it, a.firstWith(n, it)); err != nil {
		return record.Capture{}, err
	}
	if err := a.append(f, m.bytes, created); err != nil {
		return record.Capture{}, err
	}
	a.noteLines(n, m)
	for _, l := range m.lines {
		if l.ID != "" {
			it.capture.File, it.capture.Offset = f.name, l.Offset
		}
	}
	return it.capture, nil
}

// writable returns the number of the file to write to and makes sure that it
// is open; created is true when it is new.
func (a *Archive) writable() (n int, created bool, err error) {
	n = len(a.files) - 1
	if n >= 0 && !a.files[n].sealed && a.files[n].size < a.opts.MaxFile {
		if a.active != nil {
			return n, false, nil
		}
		a.active, err = os.OpenFile(filepath.Join(a.dir, a.files[n].name), os.O_RDWR, 0)
		return n, false, err
	}
	if a.active != nil {
		// Every Put synced it, so closing has nothing left to lose.
		_ = a.active.Close()
		a.active = nil
	}
	name, err := nextName(a.files)
	if err != nil {
		return 0, false, err
	}
	fd, err := os.OpenFile(filepath.Join(a.dir, name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return 0, false, err
	}
	a.active = fd
	a.mu.Lock()
	defer a.mu.Unlock()
	if n >= 0 {
		a.files[n].sealed = true
	}
	a.files = append(a.files, &file{name: name})
	return n + 1, true, nil
}

// firstWith is the capture that it may be a revisit of; nil for none. It stands
// in the same file, number n, so that each file can be read without the others.
func (a *Archive) firstWith(n int, it item) *record.Capture {
	if it.Via != "http" || len(it.Body) < revisitFrom {
		return nil
	}
	p, ok := a.place(a.byBody, it.capture.SHA256)
	if !ok || int(p.file) != n {
		return nil
	}
	// A first record that cannot be read, whole, is no evidence for a second.
	first, _, err := a.readAt(p, false)
	if err != nil {
		return nil
	}
	c, err := captureOf(first)
	if err != nil || c.SHA256 != it.capture.SHA256 {
		return nil
	}
	return &c
}

// append writes b behind the file's last record and syncs it.
func (a *Archive) append(f *file, b []byte, created bool) error {
	if _, err := a.active.WriteAt(b, f.size); err != nil {
		// A full disk: what was written is taken back, and the next Put may
		// find room again.
		if undo := a.active.Truncate(f.size); undo != nil {
			a.broken = fmt.Errorf("an earlier write could not be taken back (%v): open the archive again", undo)
		}
		return err
	}
	err := a.active.Sync()
	if err == nil && (created || f.size == 0) {
		err = syncDir(a.dir)
	}
	if err != nil {
		a.broken = fmt.Errorf("an earlier sync of %s went wrong (%v): open the archive again", f.name, err)
		return err
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// noteLines makes synced records known: in memory and in the sidecar.
func (a *Archive) noteLines(n int, m members) {
	f := a.files[n]
	side := f.side
	if !f.bare {
		var err error
		if side, err = appendLines(filepath.Join(a.dir, f.sidecar()), f.side, m.lines); err != nil {
			// The record itself is safe. Lines are in order or not at all, so
			// none is added from here on; the next Open mends the sidecar.
			a.opts.Log.Warn("sidecar not written", "file", f.sidecar(), "err", err)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	f.bare = f.bare || side == f.side
	f.side = side
	f.size += int64(len(m.bytes))
	for _, l := range m.lines {
		a.know(n, l)
	}
}

// appendLines writes lines at the byte size of the sidecar and returns its new
// size; on an error the old one. Sidecars are not synced: Open can write them
// anew.
func appendLines(path string, size int64, lines []line) (int64, error) {
	var b []byte
	var err error
	for _, l := range lines {
		if b, err = l.appendTo(b); err != nil {
			return size, err
		}
	}
	fd, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return size, err
	}
	_, err = fd.WriteAt(b, size)
	if err = errors.Join(err, fd.Close()); err != nil {
		return size, err
	}
	return size + int64(len(b)), nil
}

// know enters a line into the maps. The same capture is written a second time
// only where the first was damaged, so the later record stands for it.
func (a *Archive) know(n int, l line) {
	if !isCapture(l.Type) {
		return
	}
	p := place{file: int32(n), offset: l.Offset, length: l.Length}
	a.byID[keyOf(string(l.ID))] = p
	if l.Type == "response" {
		a.byBody[keyOf(strings.TrimPrefix(l.Digest, "sha256:"))] = p
	}
}

// stands reports whether a line's record is the one that stands for its capture.
func (a *Archive) stands(n int, l line) bool {
	p, ok := a.place(a.byID, string(l.ID))
	return ok && p == place{file: int32(n), offset: l.Offset, length: l.Length}
}

func (a *Archive) place(in map[key]place, of string) (place, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	p, ok := in[keyOf(of)]
	return p, ok
}

// readAt reads the record at p, with its payload where keep says so. An error
// names the file and the offset.
func (a *Archive) readAt(p place, keep bool) (*warcRecord, string, error) {
	var rec *warcRecord
	name, err := a.at(p, func(r io.Reader) error {
		var n int64
		var err error
		m := readers.Get().(*memberReader)
		defer readers.Put(m)
		if rec, n, err = m.read(r, keep); err == nil && n != p.length {
			err = fmt.Errorf("the record takes %d bytes, not %d: %w", n, p.length, record.ErrDamaged)
		}
		return err
	})
	return rec, name, err
}

// at opens the file of p and hands its bytes to read.
func (a *Archive) at(p place, read func(io.Reader) error) (string, error) {
	a.mu.RLock()
	name := a.files[p.file].name
	a.mu.RUnlock()
	fd, err := os.Open(filepath.Join(a.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("the file is missing: %w", record.ErrDamaged)
	}
	if err == nil {
		defer fd.Close()
		err = read(io.NewSectionReader(fd, p.offset, p.length))
	}
	if err != nil {
		return name, fmt.Errorf("archive: %s at byte %d: %w", name, p.offset, err)
	}
	return name, nil
}

// captureAt reads the capture of the record at p, without its payload.
func (a *Archive) captureAt(p place) (record.Capture, error) {
	rec, name, err := a.readAt(p, false)
	if err != nil {
		return record.Capture{}, err
	}
	c, err := captureOf(rec)
	if err != nil {
		return record.Capture{}, fmt.Errorf("archive: %s at byte %d: %w", name, p.offset, err)
	}
	c.File, c.Offset = name, p.offset
	return c, nil
}

// Get implements archive.Archive. Method and RequestHeader are those of the
// request record; where that one is damaged they are empty and Verify lists it.
func (a *Archive) Get(ctx context.Context, id record.ID) (archive.Exchange, error) {
	if err := ctx.Err(); err != nil {
		return archive.Exchange{}, err
	}
	p, ok := a.place(a.byID, string(id))
	if !ok {
		return archive.Exchange{}, fmt.Errorf("archive: capture %s: %w", id, record.ErrNotFound)
	}
	rec, name, err := a.readAt(p, true)
	if err != nil {
		return archive.Exchange{}, err
	}
	c, err := captureOf(rec)
	if err == nil && c.ID != id {
		err = fmt.Errorf("the record is capture %s and not %s: %w", c.ID, id, record.ErrDamaged)
	}
	if err != nil {
		return archive.Exchange{}, fmt.Errorf("archive: %s at byte %d: %w", name, p.offset, err)
	}
	return a.exchange(p, rec, c)
}

func (a *Archive) exchange(p place, rec *warcRecord, c record.Capture) (archive.Exchange, error) {
	x := archive.Exchange{URL: c.URL, At: c.At, Via: c.Via, Redirects: c.Redirects, Status: c.Status, Header: rec.http, Body: rec.body}
	if c.Via != "http" {
		x.Header = http.Header{}
		if c.MediaType != "" {
			x.Header.Set("Content-Type", rec.fields.Get("Content-Type"))
		}
		return x, nil
	}
	x.Proto = protoOf(rec)
	x.Method, x.RequestHeader = a.requestAfter(p, rec)
	if rec.kind != "revisit" {
		return x, nil
	}
	body, err := a.bodyOf(rec, c)
	if err != nil {
		return archive.Exchange{}, err
	}
	x.Body = body
	return x, nil
}

func protoOf(rec *warcRecord) string {
	for proto, name := range protocols {
		if name == rec.fields.Get(protoName) {
			return proto
		}
	}
	return ""
}

// requestAfter reads the request record that stands behind the answer at p.
func (a *Archive) requestAfter(p place, answer *warcRecord) (string, http.Header) {
	var req *warcRecord
	behind := place{file: p.file, offset: p.offset + p.length, length: maxHeader}
	_, err := a.at(behind, func(r io.Reader) (err error) {
		m := readers.Get().(*memberReader)
		defer readers.Put(m)
		req, err = m.head(r)
		return err
	})
	if err != nil || req.kind != "request" || req.fields.Get("Warc-Concurrent-To") != answer.fields.Get("Warc-Record-Id") {
		return "", nil
	}
	method, _, _ := strings.Cut(req.first, " ")
	req.http.Del("Host") // Put writes it from the address
	return method, req.http
}

// bodyOf reads the body that a revisit record refers to.
func (a *Archive) bodyOf(rec *warcRecord, c record.Capture) ([]byte, error) {
	ref := warcRecord{fields: http.Header{"Warc-Date": rec.fields["Warc-Refers-To-Date"]}}
	at, err := ref.date()
	if err != nil {
		return nil, fmt.Errorf("archive: revisit %s: %w", c.ID, err)
	}
	first := record.CaptureID(rec.fields.Get("Warc-Refers-To-Target-Uri"), at, c.SHA256)
	p, ok := a.place(a.byID, string(first))
	if !ok {
		return nil, fmt.Errorf("archive: the body of %s is kept with capture %s, which is not there: %w", c.ID, first, record.ErrDamaged)
	}
	orig, name, err := a.readAt(p, true)
	if err != nil {
		return nil, fmt.Errorf("the body of %s is kept elsewhere: %w", c.ID, err)
	}
	if got, err := captureOf(orig); err != nil || got.ID != first || orig.kind != "response" {
		return nil, fmt.Errorf("archive: %s at byte %d: not the capture %s that holds the body of %s: %w", name, p.offset, first, c.ID, record.ErrDamaged)
	}
	return orig.body, nil
}

// Captures implements archive.Archive. It yields what was kept when it began.
func (a *Archive) Captures(ctx context.Context) iter.Seq2[record.Capture, error] {
	return a.Since(ctx, "")
}

// Since implements archive.Archive.
func (a *Archive) Since(ctx context.Context, after record.ID) iter.Seq2[record.Capture, error] {
	return func(yield func(record.Capture, error) bool) {
		from, known := a.place(a.byID, string(after))
		for n, f := range a.snapshot() {
			if known && n < int(from.file) {
				continue
			}
			for l, err := range a.lines(f) {
				if err == nil && known && n == int(from.file) && l.Offset <= from.offset {
					continue
				}
				if err == nil {
					err = ctx.Err()
				}
				if err != nil {
					yield(record.Capture{}, err)
					return
				}
				if isCapture(l.Type) && a.stands(n, l) && !yield(l.capture(f.name), nil) {
					return
				}
			}
		}
	}
}

// snapshot copies the files as they are now.
func (a *Archive) snapshot() []file {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := make([]file, len(a.files))
	for i, f := range a.files {
		out[i] = *f
	}
	return out
}

// lines yields the lines of a file: from the sidecar as far as that goes, and
// beyond it from the WARC itself.
func (a *Archive) lines(f file) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		var next int64
		for l := range readSidecar(filepath.Join(a.dir, f.sidecar()), f.side) {
			next = l.Offset + l.Length
			if !yield(l, nil) {
				return
			}
		}
		if next >= f.size {
			return
		}
		fd, err := os.Open(filepath.Join(a.dir, f.name))
		if err != nil {
			yield(line{}, fmt.Errorf("archive: %w", err))
			return
		}
		defer fd.Close()
		for l, err := range scan(fd, next, f.size) {
			if err != nil {
				err = fmt.Errorf("archive: %s: %w", f.name, err)
			}
			if !yield(l, err) || err != nil {
				return
			}
		}
	}
}

// Close implements archive.Archive. It waits for a Put that is under way;
// later ones answer with an error.
func (a *Archive) Close() error {
	a.put.Lock()
	defer a.put.Unlock()
	a.broken = errClosed
	if a.active == nil {
		return nil
	}
	err := a.active.Close()
	a.active = nil
	return err
}
