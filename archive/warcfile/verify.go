package warcfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"onrecord/archive"
	"onrecord/record"
)

// Verify implements archive.Archive. It finds any changed byte of a WARC file:
// each member is compared with the checksum in the sidecar and unpacked, each
// digest computed anew, each capture held against its line of the sidecar.
// After a damaged record it goes on with the next. A capture whose body is kept
// with another, damaged one is listed too.
func (a *Archive) Verify(ctx context.Context, progress func(done, total int64)) (archive.Verified, error) {
	v := verifier{a: a, m: newMemberReader(), progress: progress, bad: map[string]bool{}}
	files := a.snapshot()
	for _, f := range files {
		v.total += f.size
	}
	for _, f := range files {
		if err := v.file(ctx, f); err != nil {
			return v.out, err
		}
	}
	if len(v.bad) > 0 {
		if err := v.revisits(ctx, files); err != nil {
			return v.out, err
		}
	}
	v.tell(0)
	return v.out, nil
}

type verifier struct {
	a        *Archive
	m        *memberReader
	progress func(done, total int64)
	total    int64
	told     int64           // bytes when progress was last called
	bad      map[string]bool // digests of bodies whose record is damaged
	out      archive.Verified
}

func (v *verifier) tell(step int64) {
	if v.progress != nil && (v.out.Bytes-v.told >= step) {
		v.told = v.out.Bytes
		v.progress(v.out.Bytes, v.total)
	}
}

func (v *verifier) file(ctx context.Context, f file) error {
	v.out.Files++
	fd, err := os.Open(filepath.Join(v.a.dir, f.name))
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("archive: %w", err)
	}
	var in io.ReaderAt = noFile{}
	if err == nil {
		defer fd.Close()
		in = fd
	}
	var next int64
	for l, err := range v.a.lines(f) {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if err := v.record(in, f, l); err != nil {
			return fmt.Errorf("archive: %s at byte %d: %w", f.name, l.Offset, err)
		}
		next = l.Offset + l.Length
		v.out.Records++
		v.out.Bytes += l.Length
		v.tell(16 << 20)
	}
	return v.end(fd, f, next)
}

// noFile reads as an empty file does.
type noFile struct{}

func (noFile) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }

// end looks for bytes behind the last record that no Put wrote.
func (v *verifier) end(fd *os.File, f file, next int64) error {
	if fd == nil || !f.sealed {
		return nil // the last file may be growing at this moment
	}
	info, err := fd.Stat()
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	if info.Size() > next {
		v.out.Faults = append(v.out.Faults, archive.Fault{
			File: f.name, Offset: next,
			Detail: fmt.Sprintf("%d bytes stand behind the last record", info.Size()-next),
		})
	}
	return nil
}

// record checks one record and notes what is wrong. Its error is the disk's.
func (v *verifier) record(in io.ReaderAt, f file, l line) error {
	err := v.check(in, f, l)
	if err == nil {
		return nil
	}
	if !errors.Is(err, record.ErrDamaged) && !errors.Is(err, record.ErrTooLarge) {
		return err
	}
	if l.Type == "response" || l.Type == "damaged" { // "" stands for a body that cannot be told
		v.bad[l.Digest] = true
	}
	v.out.Faults = append(v.out.Faults, archive.Fault{File: f.name, Offset: l.Offset, Capture: l.ID, URL: l.URL, Detail: err.Error()})
	return nil
}

func (v *verifier) check(in io.ReaderAt, f file, l line) error {
	if l.Type == "damaged" {
		return fmt.Errorf("these %d bytes hold no readable record: %w", l.Length, record.ErrDamaged)
	}
	crc, err := crcOf(in, l)
	if err != nil {
		return err
	}
	rec, n, err := v.m.read(io.NewSectionReader(in, l.Offset, l.Length), false)
	switch {
	case err != nil:
		return err
	case n != l.Length:
		return fmt.Errorf("the record takes %d bytes, its line in %s says %d: %w", n, f.sidecar(), l.Length, record.ErrDamaged)
	case crc != l.CRC:
		return fmt.Errorf("the bytes are not those whose checksum stands in %s: %w", f.sidecar(), record.ErrDamaged)
	case rec.kind != l.Type:
		return fmt.Errorf("the record is a %s, its line in %s says %s: %w", rec.kind, f.sidecar(), l.Type, record.ErrDamaged)
	case !isCapture(l.Type):
		return nil
	}
	c, err := captureOf(rec)
	if err != nil {
		return err
	}
	c.File, c.Offset = f.name, l.Offset
	if said := l.capture(f.name); c != said {
		return fmt.Errorf("the record tells %+v, its line in %s %+v; delete that file and it is written anew: %w", c, f.sidecar(), said, record.ErrDamaged)
	}
	return nil
}

// revisits lists the captures whose body stood in a damaged record.
func (v *verifier) revisits(ctx context.Context, files []file) error {
	for _, f := range files {
		for l, err := range v.a.lines(f) {
			if err = errors.Join(err, ctx.Err()); err != nil {
				return err
			}
			if l.Type != "revisit" || !v.bad[l.Digest] && !v.bad[""] || v.listed(l.ID) || !v.lost(ctx, l.ID) {
				continue
			}
			v.out.Faults = append(v.out.Faults, archive.Fault{
				File: f.name, Offset: l.Offset, Capture: l.ID, URL: l.URL,
				Detail: "the record is whole, the earlier one that holds its body is damaged",
			})
		}
	}
	return nil
}

func (v *verifier) listed(id record.ID) bool {
	return slices.ContainsFunc(v.out.Faults, func(f archive.Fault) bool { return f.Capture == id })
}

func (v *verifier) lost(ctx context.Context, id record.ID) bool {
	_, err := v.a.Get(ctx, id)
	return errors.Is(err, record.ErrDamaged)
}
