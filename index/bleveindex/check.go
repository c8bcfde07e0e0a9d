package bleveindex

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/blevesearch/bleve/v2/util"
	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"onrecord/record"
)

const rootFile = "root.bolt"

var errTimeout = bolterrors.ErrTimeout

// checkedBytes is how much of the segments is read through at Open; larger
// indexes trust the newest files' sizes beyond it, so that years of data do not
// make a start slow.
const checkedBytes = 512 << 20

// check reads what Bleve would trust. Bleve takes a root file that cannot be
// read for an empty index, falls back to older snapshots without a word, and
// follows offsets in segments without looking at their checksum; each of that
// can kill the process or answer wrongly.
func check(dir string) (err error) {
	defer guard(&err)()
	if other, err := foreign(dir); err != nil || other != "" {
		if err == nil {
			err = fmt.Errorf("%q is no file of an index; the folder was left as it is: %w; give another folder, or empty it and %s", other, record.ErrDamaged, wayOut)
		}
		return err
	}
	root := filepath.Join(dir, rootFile)
	if _, err := os.Stat(root); errors.Is(err, os.ErrNotExist) {
		return checkNew(dir)
	}
	if err := checkRoot(root); err != nil {
		return err
	}
	segments, err := listed(root)
	if err != nil {
		return err
	}
	var read int64
	for _, name := range segments {
		n, err := checkSegment(filepath.Join(dir, name), read < checkedBytes)
		if err != nil {
			return err
		}
		read += n
	}
	return nil
}

// foreign names a file in the folder that no index wrote; "" where there is none.
func foreign(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if e.IsDir() || e.Name() != rootFile && filepath.Ext(e.Name()) != ".zap" {
			return e.Name(), nil
		}
	}
	return "", nil
}

// checkNew refuses segments without their root.
func checkNew(dir string) error {
	segments, err := filepath.Glob(filepath.Join(dir, "*.zap"))
	if err != nil || len(segments) == 0 {
		return err
	}
	return fmt.Errorf("%s is missing although there are segments: %w; %s", rootFile, record.ErrDamaged, wayOut)
}

// checkRoot reads the two meta pages of the root (bbolt's file format): one of
// them must be whole and the file as long as it says. bbolt maps the file and
// would fault behind its end.
func checkRoot(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	page := int64(os.Getpagesize())
	for _, at := range []int64{0, page} {
		buf := make([]byte, 80)
		if _, err := f.ReadAt(buf, at); err != nil {
			continue
		}
		meta := buf[16:] // behind the page's header
		sum := fnv.New64a()
		sum.Write(meta[:56])
		whole := binary.NativeEndian.Uint32(meta) == 0xED0CDAED && binary.NativeEndian.Uint64(meta[56:]) == sum.Sum64()
		pages := binary.NativeEndian.Uint64(meta[40:])
		if whole && pages <= uint64(info.Size()/int64(binary.NativeEndian.Uint32(meta[8:]))) {
			return nil
		}
	}
	return fmt.Errorf("%s is cut off or changed: %w; %s", rootFile, record.ErrDamaged, wayOut)
}

// listed names the segments of the newest snapshot in the root.
func listed(path string) (names []string, err error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: 2 * time.Second})
	if errors.Is(err, errTimeout) {
		return nil, fmt.Errorf("%w", record.ErrLocked)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %v: %w; %s", rootFile, err, record.ErrDamaged, wayOut)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.View(func(tx *bolt.Tx) error {
		snapshots := tx.Bucket(util.BoltSnapshotsBucket)
		if snapshots == nil {
			return nil
		}
		newest, _ := snapshots.Cursor().Last()
		snapshot := snapshots.Bucket(newest)
		if snapshot == nil {
			return nil
		}
		return snapshot.ForEachBucket(func(key []byte) error {
			if p := snapshot.Bucket(key).Get(util.BoltPathKey); p != nil {
				names = append(names, filepath.Base(string(p)))
			}
			return nil
		})
	})
	return names, err
}

// checkSegment compares the checksum in a segment's last four bytes with its
// content, when deep, and returns its size.
func checkSegment(path string, deep bool) (int64, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("segment %s is missing: %w; %s", filepath.Base(path), record.ErrDamaged, wayOut)
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	size := info.Size()
	if size < 64 {
		return 0, fmt.Errorf("segment %s is cut off: %w; %s", filepath.Base(path), record.ErrDamaged, wayOut)
	}
	if !deep {
		return size, nil
	}
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, io.LimitReader(f, size-4)); err != nil {
		return 0, err
	}
	var want [4]byte
	if _, err := io.ReadFull(f, want[:]); err != nil {
		return 0, err
	}
	if sum.Sum32() != binary.BigEndian.Uint32(want[:]) {
		return 0, fmt.Errorf("segment %s is not what was written: %w; %s", filepath.Base(path), record.ErrDamaged, wayOut)
	}
	return size, nil
}
