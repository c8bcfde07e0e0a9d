package warcfile

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"onrecord/archive"
	"onrecord/record"
)

var fileForm = regexp.MustCompile(`^onrecord-(\d{6,9})\.(warc\.gz|cdxj)$`)

func fileName(n int) string { return fmt.Sprintf("onrecord-%06d.warc.gz", n) }

func numberOf(name string) (int, bool) {
	m := fileForm.FindStringSubmatch(name)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil
}

// warcNames lists the archive's files in the order in which they were begun. A
// file of which only the sidecar is left is among them.
func warcNames(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, e := range entries {
		if n, ok := numberOf(e.Name()); ok {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	var names []string
	for _, n := range slices.Compact(numbers) {
		names = append(names, fileName(n))
	}
	return names, nil
}

func nextName(files []*file) (string, error) {
	if len(files) == 0 {
		return fileName(1), nil
	}
	n, ok := numberOf(files[len(files)-1].name)
	if !ok {
		return "", fmt.Errorf("file name %q has no number", files[len(files)-1].name)
	}
	return fileName(n + 1), nil
}

// load takes a file into the archive: its lines from the sidecar, what the
// sidecar lacks from the WARC. Of the last file a torn end is cut off.
func (a *Archive) load(name string, last bool) error {
	f := &file{name: name, sealed: !last}
	n := len(a.files)
	a.files = append(a.files, f)
	size, err := sizeOf(filepath.Join(a.dir, name))
	if err != nil {
		return err
	}
	for l, at := range readSidecar(filepath.Join(a.dir, f.sidecar()), 1<<62) {
		f.size, f.side = l.Offset+l.Length, at
		a.know(n, l)
		if l.Type == "damaged" {
			a.fault(f, l, "these bytes hold no readable record")
		}
	}
	if size < f.size {
		// Nothing is written behind a loss: the sidecar still says what was
		// there, so that Get and Verify can name it.
		f.sealed = true
		a.found = append(a.found, archive.Fault{
			File: name, Offset: max(size, 0),
			Detail: fmt.Sprintf("the file has %d bytes, its sidecar tells of %d: records are missing; put the file back from a backup", max(size, 0), f.size),
		})
		return nil
	}
	return a.complete(n, f, size, last)
}

// sizeOf is the size of a file; -1 where there is none.
func sizeOf(path string) (int64, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return -1, nil
	case err != nil:
		return 0, err
	}
	return info.Size(), nil
}

// complete reads the records that the sidecar lacks and adds their lines.
func (a *Archive) complete(n int, f *file, size int64, last bool) error {
	path, side := filepath.Join(a.dir, f.name), filepath.Join(a.dir, f.sidecar())
	if have, err := sizeOf(side); err != nil {
		return err
	} else if have > f.side {
		if err := os.Truncate(side, f.side); err != nil {
			return err
		}
	}
	if f.size == size {
		return nil
	}
	fd, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer fd.Close()
	lines, err := missing(fd, f.size, size)
	if err != nil {
		return err
	}
	if cut := tornFrom(lines); last && cut < len(lines) {
		if err := a.cutOff(fd, f.name, lines[cut].Offset, size); err != nil {
			return err
		}
		lines = lines[:cut]
	}
	for _, l := range lines {
		f.size = l.Offset + l.Length
		a.know(n, l)
		if l.Type == "damaged" {
			a.fault(f, l, "these bytes hold no readable record")
		}
	}
	f.side, err = appendLines(side, f.side, lines)
	return err
}

func missing(fd *os.File, from, size int64) ([]line, error) {
	var lines []line
	for l, err := range scan(fd, from, size) {
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// tornFrom is the number of the line at which a crash tore the file: the first
// unreadable one behind which no capture stands. A Put writes its records
// together, so a torn one has no later capture; one that has was whole once.
func tornFrom(lines []line) int {
	cut := len(lines)
	for i := len(lines) - 1; i >= 0 && !isCapture(lines[i].Type); i-- {
		if lines[i].Type == "damaged" {
			cut = i
		}
	}
	return cut
}

// cutOff moves the bytes [from,size) of fd into a file of their own.
func (a *Archive) cutOff(fd *os.File, name string, from, size int64) error {
	aside, err := a.createAside(fmt.Sprintf("%s.%d", name, from))
	if err != nil {
		return err
	}
	_, err = io.Copy(aside, io.NewSectionReader(fd, from, size-from))
	if err = errors.Join(err, aside.Sync(), aside.Close(), syncDir(a.dir)); err != nil {
		return err
	}
	if err := errors.Join(fd.Truncate(from), fd.Sync()); err != nil {
		return err
	}
	a.found = append(a.found, archive.Fault{
		File: name, Offset: from,
		Detail: fmt.Sprintf("the last record was torn; its %d bytes were moved to %s", size-from, filepath.Base(aside.Name())),
	})
	return nil
}

func (a *Archive) createAside(stem string) (*os.File, error) {
	for i := 1; ; i++ {
		name := stem + ".torn"
		if i > 1 {
			name = fmt.Sprintf("%s.%d.torn", stem, i)
		}
		fd, err := os.OpenFile(filepath.Join(a.dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if !errors.Is(err, fs.ErrExist) {
			return fd, err
		}
	}
}

func (a *Archive) fault(f *file, l line, detail string) {
	a.found = append(a.found, archive.Fault{File: f.name, Offset: l.Offset, Detail: detail})
}

// scan yields a line for each record of fd between two bytes, read from the
// WARC itself. What is no readable record is yielded as one line of type
// "damaged" up to the next member that begins as ours do. Errors are those of
// the disk.
func scan(fd io.ReaderAt, from, to int64) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		m := newMemberReader()
		for at := from; at < to; {
			l, err := scanOne(m, fd, at, to)
			if err != nil && !errors.Is(err, record.ErrDamaged) && !errors.Is(err, record.ErrTooLarge) {
				yield(line{}, err)
				return
			}
			if err != nil {
				next, err := nextMember(fd, at+1, to)
				if err != nil {
					yield(line{}, err)
					return
				}
				l = line{Type: "damaged", Offset: at, Length: next - at}
			}
			if l.CRC, err = crcOf(fd, l); err != nil {
				yield(line{}, err)
				return
			}
			if !yield(l, nil) {
				return
			}
			at = l.Offset + l.Length
		}
	}
}

func scanOne(m *memberReader, fd io.ReaderAt, at, to int64) (line, error) {
	rec, n, err := m.read(io.NewSectionReader(fd, at, to-at), false)
	if err != nil {
		return line{}, err
	}
	l := line{}
	if isCapture(rec.kind) {
		c, err := captureOf(rec)
		if err != nil {
			return line{}, err
		}
		l = lineOf(c)
	}
	l.Type, l.Offset, l.Length = rec.kind, at, n
	return l, nil
}

func crcOf(fd io.ReaderAt, l line) (uint32, error) {
	h := crc32.NewIEEE()
	if _, err := io.Copy(h, io.NewSectionReader(fd, l.Offset, l.Length)); err != nil {
		return 0, err
	}
	return h.Sum32(), nil
}

// nextMember finds the next place that begins as our members do; to where
// there is none. The ten bytes stand elsewhere by chance once in 2^80.
func nextMember(fd io.ReaderAt, from, to int64) (int64, error) {
	buf := make([]byte, 256<<10)
	for at := from; at < to; {
		n, err := fd.ReadAt(buf[:min(int64(len(buf)), to-at)], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if i := bytes.Index(buf[:n], gzipHead); i >= 0 {
			return at + int64(i), nil
		}
		if n < len(gzipHead) {
			break
		}
		at += int64(n - len(gzipHead) + 1) // the ten bytes may lie across two reads
	}
	return to, nil
}
