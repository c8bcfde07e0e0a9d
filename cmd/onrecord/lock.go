package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"onrecord/record"
)

// holder says which process has a data folder and where it can be asked.
type holder struct {
	PID     int    `json:"pid"`
	Command string `json:"command"`
	Address string `json:"address,omitempty"` // http://127.0.0.1:8080; "" for one that does not serve
}

// inUse is the error for a data folder that another process holds. It wraps
// record.ErrLocked.
type inUse struct {
	dir string
	holder
}

func (u *inUse) Error() string {
	who := "another process"
	if u.PID != 0 {
		who = fmt.Sprintf("process %d (onrecord %s)", u.PID, u.Command)
	}
	return fmt.Sprintf("data folder %s is in use by %s; wait for it or stop it", u.dir, who)
}

func (u *inUse) Unwrap() error { return record.ErrLocked }

// dirLock is the hold of this process on a data folder.
type dirLock struct {
	dir  string
	file *flock.Flock
}

// lockDir makes the data folder where it is missing and takes it for this
// process. The error is *inUse where another has it.
func lockDir(dir, command string) (*dirLock, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("data folder: %w; choose another with --data", err)
	}
	l := &dirLock{dir: dir, file: flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o644))}
	got, err := l.file.TryLock()
	if err != nil {
		return nil, fmt.Errorf("data folder %s: %w; its owner must be able to write there", dir, err)
	}
	if !got {
		return nil, &inUse{dir: dir, holder: readHolder(dir)}
	}
	return l, l.tell(holder{PID: os.Getpid(), Command: command})
}

// tell writes who holds the folder, for those who find it locked.
func (l *dirLock) tell(h holder) error {
	b, err := json.Marshal(h)
	if err != nil {
		return err
	}
	tmp := holderFile(l.dir) + ".new"
	if err := os.WriteFile(tmp, b, 0o644); err != nil {
		return fmt.Errorf("data folder %s: %w", l.dir, err)
	}
	return os.Rename(tmp, holderFile(l.dir))
}

func (l *dirLock) release() error {
	_ = os.Remove(holderFile(l.dir)) // only a courtesy: the lock itself is what counts
	return l.file.Unlock()
}

func holderFile(dir string) string { return filepath.Join(dir, "lock.json") }

// readHolder is the zero holder where nothing can be read: the other process
// may be writing it just now.
func readHolder(dir string) holder {
	var h holder
	b, err := fs.ReadFile(os.DirFS(dir), "lock.json")
	if err != nil || json.Unmarshal(b, &h) != nil {
		return holder{}
	}
	return h
}
