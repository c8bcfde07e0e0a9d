package bleveindex

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"onrecord/record"
)

// Replace puts the index in the folder by in the place of the one in dir, which
// is removed; neither may be open. Wherever it is broken off, Open of dir finds
// the old one or the new one. A folder dir that holds other files is refused with
// record.ErrInvalid and left as it is.
func Replace(dir, by string) error {
	if err := putBack(dir); err != nil {
		return err
	}
	if err := check(by); err != nil {
		return fmt.Errorf("index %s: %w", by, err)
	}
	if other, err := foreign(dir); err != nil || other != "" {
		if err == nil {
			err = fmt.Errorf("%q is no file of an index; nothing was removed: %w", other, record.ErrInvalid)
		}
		return fmt.Errorf("index %s: %w", dir, err)
	}
	if err := remove(aside(dir)); err != nil {
		return err
	}
	if err := os.Rename(dir, aside(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(by, dir); err != nil {
		return err
	}
	return remove(aside(dir))
}

// aside is where an index stands while another takes its place.
func aside(dir string) string { return dir + ".old" }

// putBack undoes a replacement that was broken off between its two renames.
func putBack(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return nil // Open says what is wrong with it
	}
	err := os.Rename(aside(dir), dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// remove removes the folder of an index, and nothing else in it.
func remove(dir string) error {
	if err := wipe(dir); err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
