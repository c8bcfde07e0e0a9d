package bleveindex

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	store "github.com/blevesearch/bleve_index_api"
	"go.uber.org/goleak"

	"onrecord/index"
	"onrecord/index/indextest"
	"onrecord/query"
	"onrecord/record"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(benchPath())
		os.Exit(code)
	}))
}

func TestSuite(t *testing.T) {
	indextest.Run(t, func(t *testing.T, dir string) index.Index { return mustOpen(t, dir) })
}

func mustOpen(t testing.TB, dir string) *Index {
	t.Helper()
	ix, err := Open(dir)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return ix
}

// written is a folder with an index of some statements in several segments.
func written(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "index")
	ix := mustOpen(t, dir)
	for i := range 5 {
		b := index.Batch{Position: record.Position{Epoch: 1, Seq: int64(i + 1)}}
		for _, id := range []record.ID{"st_a", "st_b", "st_c"} {
			b.Put = append(b.Put, index.Doc{ID: id + record.ID(rune('0'+i)), Words: []string{"a steady outage of the system"}, When: time.Unix(int64(i), 0)})
		}
		if err := ix.Apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func segments(t *testing.T, dir string) []string {
	t.Helper()
	root := filepath.Join(dir, rootFile)
	names, err := listed(root)
	if err != nil || len(names) == 0 {
		t.Fatalf("segments of %s: %v, %v", root, names, err)
	}
	for i, n := range names {
		names[i] = filepath.Join(dir, n)
	}
	return names
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// X7, X8, S7, S8: each damage is an error that says what to do, within seconds.
func TestDamageIsNamedAndNeverAPanic(t *testing.T) {
	for name, harm := range map[string]func(t *testing.T, dir string){
		"root cut to half":   func(t *testing.T, dir string) { must(t, os.Truncate(filepath.Join(dir, rootFile), 20_000)) },
		"root cut to a page": func(t *testing.T, dir string) { must(t, os.Truncate(filepath.Join(dir, rootFile), 4096)) },
		"root cut inside a page": func(t *testing.T, dir string) {
			must(t, os.Truncate(filepath.Join(dir, rootFile), 10_000))
		},
		"root empty":   func(t *testing.T, dir string) { must(t, os.Truncate(filepath.Join(dir, rootFile), 0)) },
		"root missing": func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, rootFile))) },
		"root of something else": func(t *testing.T, dir string) {
			must(t, os.WriteFile(filepath.Join(dir, rootFile), []byte(strings.Repeat("not a root ", 5000)), 0o600))
		},
		"segment missing":   func(t *testing.T, dir string) { must(t, os.Remove(segments(t, dir)[0])) },
		"segment cut":       func(t *testing.T, dir string) { must(t, os.Truncate(segments(t, dir)[0], 100)) },
		"segment empty":     func(t *testing.T, dir string) { must(t, os.Truncate(segments(t, dir)[0], 0)) },
		"segment one short": func(t *testing.T, dir string) { cutLast(t, segments(t, dir)[0]) },
		"segment flipped":   func(t *testing.T, dir string) { flip(t, segments(t, dir)[0]) },
		"other mapping":     func(t *testing.T, dir string) { setMapping(t, dir, "0") },
	} {
		t.Run(name, func(t *testing.T) {
			dir := written(t)
			harm(t, dir)
			began := time.Now()
			ix, err := Open(dir)
			if err == nil {
				_ = ix.Close()
			}
			if !errors.Is(err, record.ErrDamaged) || !strings.Contains(err.Error(), "rebuild with: onrecord reindex") {
				t.Errorf("Open: %v; want one that is damaged and says how to rebuild", err)
			}
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("refused after %v", took)
			}
			ix, err = Create(dir)
			if err != nil {
				t.Fatalf("Create after the damage: %v", err)
			}
			r, err := ix.Search(t.Context(), index.Request{})
			if err != nil || r.Total != 0 {
				t.Errorf("the new index holds %d statements, %v", r.Total, err)
			}
			must(t, ix.Close())
		})
	}
}

func cutLast(t *testing.T, name string) {
	info, err := os.Stat(name)
	must(t, err)
	must(t, os.Truncate(name, info.Size()-1))
}

func flip(t *testing.T, name string) {
	b, err := os.ReadFile(name)
	must(t, err)
	b[len(b)/2] ^= 0x40
	must(t, os.WriteFile(name, b, 0o600))
}

func setMapping(t *testing.T, dir, version string) {
	ix := mustOpen(t, dir)
	must(t, ix.store.SetInternal(keyMapping, []byte(version)))
	must(t, ix.Close())
}

// Every single byte counts: whichever is changed, Open says so or all is as it was.
func TestAFlippedByteIsFoundOrHarmless(t *testing.T) {
	dir := written(t)
	name := segments(t, dir)[0]
	whole, err := os.ReadFile(name)
	must(t, err)
	for at := 0; at < len(whole); at += 37 {
		b := append([]byte(nil), whole...)
		b[at] ^= 0x01
		must(t, os.WriteFile(name, b, 0o600))
		if err := check(dir); !errors.Is(err, record.ErrDamaged) {
			t.Fatalf("byte %d of %d flipped: %v", at, len(whole), err)
		}
	}
}

func TestAForeignFolderIsLeftAsItIs(t *testing.T) {
	dir := t.TempDir()
	letter := filepath.Join(dir, "letter.txt")
	must(t, os.WriteFile(letter, []byte("keep me"), 0o600))
	if _, err := Open(dir); !errors.Is(err, record.ErrDamaged) || !strings.Contains(err.Error(), "letter.txt") {
		t.Errorf("Open: %v; want one that names letter.txt", err)
	}
	if _, err := Create(dir); !errors.Is(err, record.ErrInvalid) {
		t.Errorf("Create: %v; want a refusal", err)
	}
	if got, err := os.ReadFile(letter); err != nil || string(got) != "keep me" {
		t.Errorf("the letter is now %q, %v", got, err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%d files in the folder, want the one that was there", len(entries))
	}
}

func TestAnIndexOfAnotherProgramIsNotTakenOver(t *testing.T) {
	dir := written(t)
	ix := mustOpen(t, dir)
	b := store.NewBatch()
	b.DeleteInternal(keyMapping)
	must(t, ix.store.Batch(b))
	must(t, ix.Close())
	if _, err := Open(dir); !errors.Is(err, record.ErrDamaged) {
		t.Errorf("Open: %v; want one that is damaged", err)
	}
}

// S9, X8: the second opener does not wait for ever.
func TestASecondOpenerIsToldWithinSeconds(t *testing.T) {
	dir := written(t)
	ix := mustOpen(t, dir)
	defer ix.Close()
	began := time.Now()
	if _, err := Open(dir); !errors.Is(err, record.ErrLocked) {
		t.Errorf("Open: %v; want one that is locked", err)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("told after %v", took)
	}
}

func TestLeftoverSegmentsOfACrashDoNotMatter(t *testing.T) {
	dir := written(t)
	must(t, os.WriteFile(filepath.Join(dir, "0000000fffff.zap"), []byte("half a segment"), 0o600))
	ix := mustOpen(t, dir)
	defer ix.Close()
	if r, err := ix.Search(t.Context(), index.Request{Node: query.Word{Text: "outage"}}); err != nil || r.Total != 15 {
		t.Errorf("%d statements, %v; want 15", r.Total, err)
	}
}

func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		pattern, s string
		want       bool
	}{
		{"abc*", "abc", true},
		{"abc*", "abcd", true},
		{"abc*", "ab", false},
		{"abc?", "abc", false},
		{"abc?", "abcé", true},
		{"a*b*c", "aXbYbZc", true},
		{"a*b*c", "aXbYbZ", false},
		{"abc***", "abc", true},
		{"", "", true},
		{"", "a", false},
	} {
		if got := glob([]rune(tt.pattern), []rune(tt.s)); got != tt.want {
			t.Errorf("glob(%q, %q) = %v", tt.pattern, tt.s, got)
		}
	}
	began := time.Now()
	glob([]rune(strings.Repeat("a*", 500)+"b"), []rune(strings.Repeat("a", 5000)))
	if took := time.Since(began); took > time.Second {
		t.Errorf("a hostile pattern took %v", took)
	}
}

// A statement of one word a hundred thousand times must not make a phrase slow.
func TestRepeatedWordsAreMatchedInTime(t *testing.T) {
	ix := mustOpen(t, t.TempDir())
	defer ix.Close()
	must(t, ix.Apply(t.Context(), index.Batch{Put: []index.Doc{
		{ID: "st_1", Words: []string{strings.Repeat("no ", 100_000) + "yes"}},
		{ID: "st_2", Words: []string{strings.Repeat("no", 100_000)}},
	}}))
	began := time.Now()
	for in, want := range map[string]int{`"no no no no yes"`: 1, `"yes no no"`: 0, `no NEAR/5 yes`: 1, `yes PRE/5 no`: 0} {
		q, err := query.Parse(in, time.Now())
		must(t, err)
		if r, err := ix.Search(t.Context(), index.Request{Node: q.Root}); err != nil || r.Total != want {
			t.Errorf("%s: %d, %v; want %d", in, r.Total, err, want)
		}
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
}

// X14: zapx before 17.1.4 corrupted posting lists of many sparse terms when it
// merged segments.
func TestSparseTermsSurviveMerges(t *testing.T) {
	dir := t.TempDir()
	ix := mustOpen(t, dir)
	for batch := range 20 {
		b := index.Batch{}
		for i := range 100 {
			var text strings.Builder
			for j := range 10 {
				fmt.Fprintf(&text, "sparse%dx%dx%d ", batch, i, j)
			}
			b.Put = append(b.Put, index.Doc{ID: record.ID(fmt.Sprintf("st_%d_%d", batch, i)), Words: []string{text.String()}})
		}
		must(t, ix.Apply(t.Context(), b))
	}
	must(t, ix.Close())
	ix = mustOpen(t, dir)
	defer ix.Close()
	for batch := range 20 {
		for i := 0; i < 100; i += 9 {
			n := query.Phrase{Text: fmt.Sprintf("sparse%dx%dx3 sparse%dx%dx4", batch, i, batch, i)}
			r, err := ix.Search(t.Context(), index.Request{Node: n})
			if err != nil || r.Total != 1 || r.Hits[0].ID != record.ID(fmt.Sprintf("st_%d_%d", batch, i)) {
				t.Fatalf("%s: %+v, %v", n.Text, r, err)
			}
		}
	}
}
