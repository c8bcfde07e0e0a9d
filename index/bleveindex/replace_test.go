package bleveindex

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"onrecord/index"
	"onrecord/query"
	"onrecord/record"
)

// saying makes an index of one statement with these words.
func saying(t *testing.T, dir, text string) {
	t.Helper()
	ix, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	doc := index.Doc{ID: "st_1", Words: []string{text}, When: time.Unix(1, 0), Seen: time.Unix(1, 0), Changed: time.Unix(1, 0)}
	if err := ix.Apply(t.Context(), index.Batch{Put: []index.Doc{doc}, Position: record.Position{Epoch: 1, Seq: 1}}); err != nil {
		t.Fatal(err)
	}
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
}

func says(t *testing.T, dir, word string) bool {
	t.Helper()
	ix, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	r, err := ix.Search(t.Context(), index.Request{Node: query.Word{Text: word}})
	if err != nil {
		t.Fatal(err)
	}
	return r.Total == 1
}

func TestReplacePutsTheNewInThePlaceOfTheOld(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	saying(t, dir, "outage")
	saying(t, dir+".new", "restored")
	if err := Replace(dir, dir+".new"); err != nil {
		t.Fatal(err)
	}
	if !says(t, dir, "restored") {
		t.Error("the new index is not there")
	}
	for _, gone := range []string{dir + ".new", aside(dir)} {
		if _, err := os.Stat(gone); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left: %v", gone, err)
		}
	}
}

func TestAReplacementBrokenOffLosesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	saying(t, dir, "outage")
	saying(t, dir+".new", "restored")
	if err := os.Rename(dir, aside(dir)); err != nil { // the first of its steps
		t.Fatal(err)
	}
	if !says(t, dir, "outage") {
		t.Error("the old index was not put back")
	}
	saying(t, aside(dir), "an older one") // as where the last step was not reached
	if err := Replace(dir, dir+".new"); err != nil {
		t.Fatal(err)
	}
	if !says(t, dir, "restored") {
		t.Error("the new index is not there")
	}
}

func TestReplaceLeavesForeignFilesAndTheOldIndexAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	saying(t, dir+".new", "restored")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	notes := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(notes, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Replace(dir, dir+".new"); !errors.Is(err, record.ErrInvalid) {
		t.Errorf("replacing a folder of notes: %v, want ErrInvalid", err)
	}
	if _, err := os.Stat(notes); err != nil {
		t.Error(err)
	}
}
