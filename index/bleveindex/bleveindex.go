// Package bleveindex keeps the search index in Bleve's segment store (scorch,
// zap files) and reads it through a path of its own: bitmaps a segment, columns
// of times, exact totals and cursors. Bleve's query objects, its sorting and
// its paging are not used; no words are stored, only where they are.
package bleveindex

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/blevesearch/bleve/v2/index/scorch"
	store "github.com/blevesearch/bleve_index_api"

	"onrecord/index"
	"onrecord/record"
)

// Keys of the store's internal values, written in the same batch as documents.
var (
	keyMapping  = []byte("onrecord.mapping")
	keyPosition = []byte("onrecord.position")
)

// mapping is the version of fields and tokens that this program writes. An
// index of another version is built again.
const mapping = "3"

const wayOut = "rebuild with: onrecord reindex"

// Index is an index in one folder. It implements index.Index.
type Index struct {
	dir string
	// write lets one batch in at a time; use is held for reading by whoever
	// uses the store and for writing by whoever replaces it.
	write sync.Mutex
	use   sync.RWMutex
	store store.Index // nil once closed
	queue *store.AnalysisQueue
	cache cache
	stems stemmed
}

var _ index.Index = (*Index)(nil)

// Open opens the index in the folder, or begins an empty one where the folder
// is missing or empty. The error wraps record.ErrDamaged when the index must be
// rebuilt: files missing, short or changed, another mapping version, a folder of
// something else (which is left as it is); it wraps record.ErrLocked, after
// about two seconds, when another process has it open.
func Open(dir string) (*Index, error) {
	if err := putBack(dir); err != nil {
		return nil, fmt.Errorf("index %s: %w", dir, err)
	}
	if err := check(dir); err != nil {
		return nil, fmt.Errorf("index %s: %w", dir, err)
	}
	ix := &Index{dir: dir}
	if err := ix.open(); err != nil {
		return nil, fmt.Errorf("index %s: %w", dir, err)
	}
	return ix, nil
}

// Create throws away what index the folder holds, damaged or not, and begins
// an empty one. A folder that holds other files is refused with
// record.ErrInvalid and left as it is.
func Create(dir string) (*Index, error) {
	if other, err := foreign(dir); err != nil || other != "" {
		if err == nil {
			err = fmt.Errorf("%q is no file of an index; nothing was removed: %w", other, record.ErrInvalid)
		}
		return nil, fmt.Errorf("index %s: %w", dir, err)
	}
	if err := wipe(dir); err != nil {
		return nil, fmt.Errorf("index %s: %w", dir, err)
	}
	return Open(dir)
}

// open opens the store that stands in the folder and sees that it is ours.
func (ix *Index) open() error {
	queue := store.NewAnalysisQueue(runtime.NumCPU())
	s, err := openStore(ix.dir, queue)
	if err != nil {
		queue.Close()
		return err
	}
	ix.store, ix.queue = s, queue
	if err := ix.claim(); err != nil {
		return errors.Join(err, ix.close())
	}
	return nil
}

// openStore opens scorch. DisjunctionMaxClauseCount of Bleve's searchers stays
// as it is: no searcher is ever built here, and this package counts expansions.
func openStore(dir string, queue *store.AnalysisQueue) (s store.Index, err error) {
	defer guard(&err)()
	register()
	s, err = scorch.NewScorch(scorch.Name, map[string]any{
		"path": dir, "bolt_timeout": "2s", "numSnapshotsToKeep": 1, "forceSegmentType": makerType, "forceSegmentVersion": makerVersion,
	}, queue)
	if err != nil {
		return nil, err
	}
	err = s.Open()
	switch {
	case err == nil:
		return s, nil
	case errors.Is(err, errTimeout):
		return nil, fmt.Errorf("%w", record.ErrLocked)
	case errors.Is(err, fs.ErrPermission):
		return nil, err
	}
	return nil, fmt.Errorf("%v: %w; %s", err, record.ErrDamaged, wayOut)
}

// claim writes the mapping version into a new store and checks it in an old one.
func (ix *Index) claim() error {
	got, err := ix.internal(keyMapping)
	if err != nil {
		return err
	}
	switch {
	case string(got) == mapping:
		return nil
	case got != nil:
		return fmt.Errorf("it is of mapping version %.20q, this program writes %q: %w; %s", got, mapping, record.ErrDamaged, wayOut)
	}
	r, err := ix.reader()
	if err != nil {
		return err
	}
	n, err := r.DocCount()
	if err2 := r.Close(); err != nil || err2 != nil {
		return errors.Join(err, err2)
	}
	if n > 0 {
		return fmt.Errorf("it was not written by onrecord: %w; %s", record.ErrDamaged, wayOut)
	}
	return ix.store.SetInternal(keyMapping, []byte(mapping))
}

// guard turns a panic inside Bleve, which reads its files unchecked, into an
// error. A fault on a mapped file that became short is such a panic too.
func guard(err *error) func() {
	before := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(before)
		if r := recover(); r != nil {
			*err = fmt.Errorf("its files cannot be read (%v): %w; %s", r, record.ErrDamaged, wayOut)
		}
	}
}

var errClosed = fmt.Errorf("index: closed")

// reader is the store as it stands now. The caller holds use and closes it.
func (ix *Index) reader() (*scorch.IndexSnapshot, error) {
	if ix.store == nil {
		return nil, errClosed
	}
	r, err := ix.store.Reader()
	if err != nil {
		return nil, err
	}
	snapshot, ok := r.(*scorch.IndexSnapshot)
	if !ok || snapshot == nil {
		return nil, errClosed
	}
	return snapshot, nil
}

func (ix *Index) internal(key []byte) ([]byte, error) {
	r, err := ix.reader()
	if err != nil {
		return nil, err
	}
	v, err := r.GetInternal(key)
	return v, errors.Join(err, r.Close())
}

// Apply writes a batch and its position in one step.
func (ix *Index) Apply(ctx context.Context, b index.Batch) (err error) {
	ix.write.Lock()
	defer ix.write.Unlock()
	ix.use.RLock()
	defer ix.use.RUnlock()
	defer guard(&err)()
	if err := ctx.Err(); err != nil {
		return err
	}
	if ix.store == nil {
		return errClosed
	}
	batch := store.NewBatch()
	for _, id := range b.Delete {
		batch.Delete(string(id))
	}
	for i := range b.Put {
		if b.Put[i].ID == "" {
			return fmt.Errorf("index: a document without an id: %w", record.ErrInvalid)
		}
		batch.Update(&document{doc: &b.Put[i], place: i, stems: &ix.stems})
	}
	at, err := json.Marshal(b.Position)
	if err != nil {
		return err
	}
	batch.SetInternal(keyPosition, at)
	if err := ix.store.Batch(batch); err != nil {
		return fmt.Errorf("index %s: writing %d documents: %w", ix.dir, len(b.Put), err)
	}
	return nil
}

// Position is that of the last batch.
func (ix *Index) Position(context.Context) (p record.Position, err error) {
	ix.use.RLock()
	defer ix.use.RUnlock()
	defer guard(&err)()
	raw, err := ix.internal(keyPosition)
	if err != nil || raw == nil {
		return p, err
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, fmt.Errorf("index %s: its position %.40q: %w; %s", ix.dir, raw, record.ErrDamaged, wayOut)
	}
	return p, nil
}

// Reset empties the index. Searches that run finish first.
func (ix *Index) Reset(ctx context.Context) error {
	ix.write.Lock()
	defer ix.write.Unlock()
	ix.use.Lock()
	defer ix.use.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if ix.store == nil {
		return errClosed
	}
	if err := ix.close(); err != nil {
		return fmt.Errorf("index %s: %w", ix.dir, err)
	}
	if err := wipe(ix.dir); err != nil {
		return fmt.Errorf("index %s: %w", ix.dir, err)
	}
	if err := ix.open(); err != nil {
		return fmt.Errorf("index %s: %w", ix.dir, err)
	}
	return nil
}

// Close closes the index once running searches are done; a second Close does
// nothing.
func (ix *Index) Close() error {
	ix.write.Lock()
	defer ix.write.Unlock()
	ix.use.Lock()
	defer ix.use.Unlock()
	if ix.store == nil {
		return nil
	}
	return ix.close()
}

func (ix *Index) close() error {
	err := ix.store.Close()
	ix.queue.Close()
	ix.store = nil
	ix.cache.drop()
	return err
}

// wipe removes the files of an index: the root first, so that a crash in
// between leaves something that is known to be unfinished.
func wipe(dir string) error {
	err := os.Remove(filepath.Join(dir, rootFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	segments, err := filepath.Glob(filepath.Join(dir, "*.zap"))
	if err != nil {
		return err
	}
	for _, name := range segments {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	return nil
}
