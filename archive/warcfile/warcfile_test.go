package warcfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"onrecord/archive"
	"onrecord/archive/archivetest"
	"onrecord/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2025, 3, 11, 12, 0, 0, 0, time.UTC)

func TestArchive(t *testing.T) {
	archivetest.Run(t, func(dir string) (archive.Archive, error) { return Open(dir, Options{}) })
}

func TestArchiveInSmallFiles(t *testing.T) {
	archivetest.Run(t, func(dir string) (archive.Archive, error) { return Open(dir, Options{MaxFile: 2000}) })
}

func open(t testing.TB, dir string, o Options) *Archive {
	t.Helper()
	a, err := Open(dir, o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// fill puts pages of every sort, among them bodies seen before, and returns
// the captures.
func fill(t testing.TB, a *Archive) []record.Capture {
	t.Helper()
	long := strings.Repeat("Surgeries are using paper notes. ", 60)
	var out []record.Capture
	for i, x := range []archive.Exchange{
		archivetest.Page("https://a.example/one", noon, "<p>One.</p>"),
		archivetest.Page("https://a.example/long", noon, long),
		archivetest.Import("https://b.example/list", noon, "<p>Imported.</p>"),
		archivetest.Page("https://a.example/long", noon.Add(time.Hour), long),
		archivetest.Page("https://a.example/last", noon.Add(2*time.Hour), "<p>The last one.</p>"),
	} {
		c, err := a.Put(t.Context(), x)
		if err != nil {
			t.Fatalf("Put %d: %v", i, err)
		}
		out = append(out, c)
	}
	return out
}

func captures(t testing.TB, a *Archive) []record.Capture {
	t.Helper()
	var out []record.Capture
	for c, err := range a.Captures(t.Context()) {
		if err != nil {
			t.Fatalf("Captures: %v", err)
		}
		out = append(out, c)
	}
	return out
}

func verify(t testing.TB, a *Archive) archive.Verified {
	t.Helper()
	v, err := a.Verify(t.Context(), nil)
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	return v
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

const firstFile, firstSide = "onrecord-000001.warc.gz", "onrecord-000001.cdxj"

func TestBodySeenBeforeIsKeptAsRevisit(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{})
	fill(t, a)
	side := string(read(t, filepath.Join(dir, firstSide)))
	if n := strings.Count(side, `"type":"revisit"`); n != 1 {
		t.Errorf("%d revisit records, want 1:\n%s", n, side)
	}
	if n := strings.Count(side, `"type":"warcinfo"`); n != 1 || !strings.HasPrefix(side, `- - {"type":"warcinfo"`) {
		t.Errorf("the file does not begin with its one warcinfo record:\n%s", side)
	}
}

func TestEachFileCanBeReadByItself(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{MaxFile: 4000})
	long := strings.Repeat("Surgeries are using paper notes. ", 60)
	for i := range 20 {
		if _, err := a.Put(t.Context(), archivetest.Page("https://a.example/long", noon.Add(time.Duration(i)*time.Hour), long)); err != nil {
			t.Fatal(err)
		}
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.warc.gz"))
	if err != nil || len(names) < 3 {
		t.Fatalf("%d files, %v; want 3 or more", len(names), err)
	}
	total := 0
	for _, name := range names {
		for x, err := range Responses(bytes.NewReader(read(t, name)), name) {
			if err != nil || string(x.Body) != long {
				t.Errorf("%d bytes of body, %v; want each file to hold its own", len(x.Body), err)
			}
			total++
		}
		side := strings.TrimSuffix(name, ".warc.gz") + ".cdxj"
		if n := strings.Count(string(read(t, side)), `"type":"response"`); n != 1 {
			t.Errorf("%s has %d response records of one body, want 1", name, n)
		}
	}
	if total != 20 {
		t.Errorf("%d answers in all files, want 20", total)
	}
}

func TestTheSamePutsGiveTheSameBytes(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	fill(t, open(t, one, Options{}))
	fill(t, open(t, two, Options{}))
	if !bytes.Equal(read(t, filepath.Join(one, firstFile)), read(t, filepath.Join(two, firstFile))) {
		t.Error("two archives of the same exchanges differ")
	}
}

func TestFilesAreRotatedBySize(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{MaxFile: 3000})
	for i := range 20 {
		if _, err := a.Put(t.Context(), archivetest.Page(fmt.Sprintf("https://a.example/%d", i), noon, fmt.Sprint("page ", i))); err != nil {
			t.Fatal(err)
		}
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.warc.gz"))
	if err != nil || len(names) < 5 {
		t.Fatalf("%d files of 3 kB, %v; want 5 or more", len(names), err)
	}
	for _, name := range names[:len(names)-1] {
		if size := len(read(t, name)); size < 3000 || size > 5000 {
			t.Errorf("%s has %d bytes, want a little over 3000", name, size)
		}
	}
	if v := verify(t, a); v.Files != len(names) || len(v.Faults) > 0 {
		t.Errorf("Verify = %+v; want %d files and no faults", v, len(names))
	}
}

func TestSidecarIsWrittenAnew(t *testing.T) {
	for name, spoil := range map[string]func([]byte) []byte{
		"deleted":    nil,
		"empty":      func([]byte) []byte { return nil },
		"cut":        func(b []byte) []byte { return b[:len(b)*2/3] },
		"garbage":    func([]byte) []byte { return []byte("not a sidecar\n") },
		"line lost":  func(b []byte) []byte { i := bytes.IndexByte(b, '\n'); return b[i+1:] },
		"digest bad": func(b []byte) []byte { return bytes.Replace(b, []byte("sha256:"), []byte("sha256:f"), 1) },
		"tail added": func(b []byte) []byte { return append(b, "half a li"...) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			a := open(t, dir, Options{})
			want := fill(t, a)
			_ = a.Close()
			side := filepath.Join(dir, firstSide)
			before := read(t, side)
			if spoil == nil {
				if err := os.Remove(side); err != nil {
					t.Fatal(err)
				}
			} else {
				write(t, side, spoil(slices.Clone(before)))
			}
			a = open(t, dir, Options{})
			if got := captures(t, a); !slices.Equal(got, want) {
				t.Errorf("captures\n%v, want\n%v", got, want)
			}
			if !bytes.Equal(read(t, side), before) {
				t.Errorf("the sidecar is\n%s, want\n%s", read(t, side), before)
			}
			if r := a.Recovered(); r != nil {
				t.Errorf("Recovered tells %v of a sound WARC", r)
			}
		})
	}
}

func TestBothReadersOfALineAgree(t *testing.T) {
	for name, l := range map[string]line{
		"request": {Type: "request", Offset: 7, Length: 9, CRC: 1<<32 - 1},
		"plain":   {ID: "cap_x", Type: "response", URL: "https://a.example/?a=1,2&b={}", Digest: "sha256:ab", Size: 3, Status: "200", Mime: "text/html; charset=utf-8", Via: "http", Offset: 1 << 40, Length: 2},
		"escaped": {ID: "cap_x", Type: "response", URL: `https://a.example/"quoted"\`, Digest: "sha256:ab", Mime: "a\tb\x01", Offset: 1, Length: 2},
	} {
		b, err := l.appendTo(nil)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.SplitN(string(b), " ", 3)[2]
		var slow line
		if err := json.Unmarshal([]byte(text), &slow); err != nil {
			t.Fatal(err)
		}
		quick, ok := quickLine([]byte(text))
		if ok == (name == "escaped") || ok && quick != slow || slow != l {
			t.Errorf("%s: quickLine gives %+v, %v; encoding/json %+v", name, quick, ok, slow)
		}
	}
	for _, bad := range []string{"", "{", "{}", `{"id":"x"`, `{"id":"x",`, `{"offset":x}`, `{"offset":1 }`, `{"new":1}`, `{"id"}`, `{"id":}`, `{"type":"a"}}`} {
		if l, ok := quickLine([]byte(bad)); ok {
			t.Errorf("quickLine(%q) = %+v, want it refused", bad, l)
		}
	}
}

func TestSidecarThatCannotBeWrittenLosesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, firstSide), 0o755); err != nil { // a folder in its place
		t.Fatal(err)
	}
	a := &Archive{dir: dir, opts: Options{MaxFile: defaultMaxFile, Software: "test", Log: slog.New(slog.DiscardHandler)}, zw: newPacker(), byID: map[key]place{}, byBody: map[key]place{}}
	want := fill(t, a)
	if got := captures(t, a); !slices.Equal(got, want) {
		t.Errorf("captures without a sidecar\n%v, want\n%v", got, want)
	}
	if v := verify(t, a); len(v.Faults) > 0 {
		t.Errorf("Verify without a sidecar: %+v", v)
	}
	_ = a.Close()
	if err := os.Remove(filepath.Join(dir, firstSide)); err != nil {
		t.Fatal(err)
	}
	if got := captures(t, open(t, dir, Options{})); !slices.Equal(got, want) {
		t.Errorf("captures after reopening\n%v, want\n%v", got, want)
	}
}

// A crash can leave any part of the last Put behind, with the sidecar not yet
// told of it.
func TestTornTailIsCutOffAtEveryByte(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{})
	fill(t, a)
	_ = a.Close()
	whole, side := read(t, filepath.Join(dir, firstFile)), read(t, filepath.Join(dir, firstSide))
	want := captures(t, a)
	last := want[len(want)-1]
	request := a.byID[keyOf(string(last.ID))]
	answered := request.offset + request.length
	told := bytes.LastIndex(side, []byte("example,a)/last"))
	for cut := last.Offset; cut <= int64(len(whole)); cut++ {
		sub := t.TempDir()
		write(t, filepath.Join(sub, firstFile), whole[:cut])
		write(t, filepath.Join(sub, firstSide), side[:told])
		b, err := Open(sub, Options{})
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		keep, torn := want[:len(want)-1], cut > last.Offset
		if cut >= answered {
			keep, torn = want, cut > answered && cut < int64(len(whole))
		}
		if got := captures(t, b); !slices.Equal(got, keep) {
			t.Fatalf("cut at %d: %d captures, want %d", cut, len(got), len(keep))
		}
		checkTorn(t, b, sub, whole[:cut], torn)
		if _, err := b.Put(t.Context(), archivetest.Page(last.URL, last.At, "<p>The last one.</p>")); err != nil {
			t.Fatalf("cut at %d: Put after recovery: %v", cut, err)
		}
		if v := verify(t, b); len(v.Faults) > 0 || len(captures(t, b)) != len(want) {
			t.Fatalf("cut at %d: after putting it again %d captures and %+v", cut, len(captures(t, b)), v)
		}
		_ = b.Close()
	}
}

// checkTorn looks whether what was cut off is told and kept.
func checkTorn(t *testing.T, a *Archive, dir string, whole []byte, torn bool) {
	t.Helper()
	found := a.Recovered()
	if !torn {
		if found != nil {
			t.Fatalf("%d bytes: Recovered tells %v, but nothing is torn", len(whole), found)
		}
		return
	}
	if len(found) != 1 || found[0].File != firstFile {
		t.Fatalf("%d bytes: Recovered tells %v, want one torn record", len(whole), found)
	}
	aside := read(t, filepath.Join(dir, fmt.Sprintf("%s.%d.torn", firstFile, found[0].Offset)))
	if !bytes.Equal(aside, whole[found[0].Offset:]) {
		t.Fatalf("%d bytes: the .torn file holds %d bytes, want those from %d", len(whole), len(aside), found[0].Offset)
	}
}

func TestEmptyFileOfACrashIsUsed(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, firstFile), nil)
	a := open(t, dir, Options{})
	fill(t, a)
	if v := verify(t, a); v.Files != 1 || len(v.Faults) > 0 {
		t.Errorf("Verify = %+v, want one sound file", v)
	}
}

func TestOneFlippedByteIsFound(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{})
	want := fill(t, a)
	path := filepath.Join(dir, firstFile)
	whole := read(t, path)
	rng := rand.New(rand.NewPCG(1, 2))
	places := rng.Perm(len(whole))[:400]
	for i := range 40 { // the parts that gzip does not check by itself
		places = append(places, i, int(want[1].Offset)+i, len(whole)-1-i)
	}
	for _, at := range places {
		b := slices.Clone(whole)
		b[at] ^= byte(1 + rng.IntN(255))
		write(t, path, b)
		v := verify(t, a)
		if len(v.Faults) == 0 {
			t.Fatalf("byte %d of %d flipped from %#x to %#x: Verify finds nothing", at, len(whole), whole[at], b[at])
		}
		if f := v.Faults[0]; f.File != firstFile || f.Offset > int64(at) {
			t.Fatalf("byte %d flipped: Verify names %s at %d", at, f.File, f.Offset)
		}
		if v.Records != 10 {
			t.Fatalf("byte %d flipped: Verify read %d records, want all 10", at, v.Records)
		}
	}
}

func TestDamagedRecordIsNamed(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{})
	all := fill(t, a)
	path := filepath.Join(dir, firstFile)
	b := read(t, path)
	size := len(b)
	b[all[1].Offset+300] ^= 0x55 // the long page, which a revisit refers to
	write(t, path, b)
	check := func(t *testing.T, a *Archive, named bool) {
		for _, i := range []int{1, 3} {
			_, err := a.Get(t.Context(), all[i].ID)
			if named && (!errors.Is(err, record.ErrDamaged) || !strings.Contains(err.Error(), fmt.Sprintf("%s at byte %d", firstFile, all[1].Offset))) {
				t.Errorf("Get(%s) says %v, want record.ErrDamaged with file and offset", all[i].URL, err)
			}
			if err == nil {
				t.Errorf("Get(%s) gives a damaged body", all[i].URL)
			}
		}
		for _, i := range []int{0, 2, 4} {
			if _, err := a.Get(t.Context(), all[i].ID); err != nil {
				t.Errorf("Get(%s) of a sound record: %v", all[i].URL, err)
			}
		}
		v := verify(t, a)
		if len(v.Faults) != 2 || v.Faults[0].Offset != all[1].Offset || v.Faults[1].Capture != all[3].ID {
			t.Errorf("Verify lists %+v; want the damaged record and the revisit of it", v.Faults)
		}
		if named && (v.Faults[0].Capture != all[1].ID || v.Faults[0].URL != all[1].URL) {
			t.Errorf("Verify names %+v, want capture and URL", v.Faults[0])
		}
	}
	t.Run("while open", func(t *testing.T) { check(t, a, true) })
	_ = a.Close()
	t.Run("after reopening", func(t *testing.T) { check(t, open(t, dir, Options{}), true) })
	t.Run("without the sidecar", func(t *testing.T) {
		if err := os.Remove(filepath.Join(dir, firstSide)); err != nil {
			t.Fatal(err)
		}
		b := open(t, dir, Options{})
		if r := b.Recovered(); len(r) != 1 || r[0].Offset != all[1].Offset {
			t.Errorf("Recovered tells %v, want the damaged record", r)
		}
		check(t, b, false)
		if torn, _ := filepath.Glob(filepath.Join(dir, "*.torn")); len(torn) > 0 || len(read(t, path)) != size {
			t.Errorf("damage in the middle was cut off: %v", torn)
		}
		if c, err := b.Put(t.Context(), archivetest.Page(all[1].URL, all[1].At, strings.Repeat("Surgeries are using paper notes. ", 60))); err != nil || c.ID != all[1].ID {
			t.Errorf("putting the lost page again = %v, %v", c, err)
		}
		if _, err := b.Get(t.Context(), all[3].ID); err != nil {
			t.Errorf("the revisit of a page put again: %v", err)
		}
	})
}

func TestDamagedCaptureCanBePutAgain(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{})
	all := fill(t, a)
	path := filepath.Join(dir, firstFile)
	b := read(t, path)
	b[all[1].Offset+300] ^= 0x55
	write(t, path, b)
	x := archivetest.Page(all[1].URL, all[1].At, strings.Repeat("Surgeries are using paper notes. ", 60))
	again, err := a.Put(t.Context(), x)
	if err != nil || again.ID != all[1].ID || again.Offset == all[1].Offset {
		t.Fatalf("Put of a damaged capture = %+v, %v; want it written again", again, err)
	}
	if third, err := a.Put(t.Context(), x); err != nil || third != again {
		t.Errorf("a further Put = %+v, %v; want the capture %+v", third, err, again)
	}
	for name, b := range map[string]*Archive{"at once": a, "reopened": open(t, dir, Options{})} {
		for _, id := range []record.ID{all[1].ID, all[3].ID} { // itself, and a revisit of it
			if got, err := b.Get(t.Context(), id); err != nil || !bytes.Equal(got.Body, x.Body) {
				t.Errorf("%s: Get(%s): %v", name, id, err)
			}
		}
		if got := captures(t, b); len(got) != len(all) {
			t.Errorf("%s: %d captures, want %d", name, len(got), len(all))
		}
		if v := verify(t, b); len(v.Faults) != 1 || v.Faults[0].Offset != all[1].Offset {
			t.Errorf("%s: Verify lists %+v, want the damaged record alone", name, v.Faults)
		}
	}
}

func TestLostFileIsNamed(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"missing": func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		},
		"cut short": func(t *testing.T, path string) { write(t, path, read(t, path)[:900]) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			a := open(t, dir, Options{})
			all := fill(t, a)
			_ = a.Close()
			spoil(t, filepath.Join(dir, firstFile))
			a = open(t, dir, Options{})
			if r := a.Recovered(); len(r) != 1 || !strings.Contains(r[0].Detail, "records are missing") {
				t.Errorf("Recovered tells %v, want the loss", r)
			}
			if _, err := a.Get(t.Context(), all[4].ID); !errors.Is(err, record.ErrDamaged) {
				t.Errorf("Get of a lost record says %v, want record.ErrDamaged", err)
			}
			if _, err := a.Put(t.Context(), archivetest.Page("https://a.example/new", noon, "new")); err != nil {
				t.Errorf("Put beside a loss: %v", err)
			}
			if v := verify(t, a); v.Files != 2 || !slices.ContainsFunc(v.Faults, func(f archive.Fault) bool { return f.Capture == all[4].ID }) {
				t.Errorf("Verify = %+v; want the lost capture among the faults", v)
			}
		})
	}
}

func TestWrongSidecarLineIsFound(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{})
	fill(t, a)
	side := filepath.Join(dir, firstSide)
	write(t, side, bytes.Replace(read(t, side), []byte(`"status":"200"`), []byte(`"status":"404"`), 1))
	if v := verify(t, a); len(v.Faults) != 1 || !strings.Contains(v.Faults[0].Detail, firstSide) {
		t.Errorf("Verify lists %+v, want the line of the sidecar", v.Faults)
	}
}

func TestAppendedBytesAreFound(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{MaxFile: 1})
	fill(t, a)
	path := filepath.Join(dir, firstFile)
	write(t, path, append(read(t, path), "behind"...))
	if v := verify(t, a); len(v.Faults) != 1 || !strings.Contains(v.Faults[0].Detail, "6 bytes stand behind") {
		t.Errorf("Verify lists %+v, want the bytes behind", v.Faults)
	}
}

func TestFullDiskIsTakenBack(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, Options{})
	fill(t, a)
	_ = a.active.Close() // every write from here on goes wrong
	size := len(read(t, filepath.Join(dir, firstFile)))
	x := archivetest.Page("https://a.example/more", noon, "more")
	if _, err := a.Put(t.Context(), x); err == nil {
		t.Fatal("Put to a closed file went well")
	}
	if _, err := a.Put(t.Context(), x); err == nil || !strings.Contains(err.Error(), "open the archive again") {
		t.Errorf("Put after a write that could not be taken back says %v", err)
	}
	if got := len(read(t, filepath.Join(dir, firstFile))); got != size || len(captures(t, a)) != 5 {
		t.Errorf("the file has %d bytes, want %d", got, size)
	}
	_ = a.Close()
	if _, err := open(t, dir, Options{}).Put(t.Context(), x); err != nil {
		t.Errorf("Put after opening again: %v", err)
	}
}

// Other programs must be able to read our files. CI installs warcio.
func TestWarcioFindsTheFilesValid(t *testing.T) {
	tool := os.Getenv("ONRECORD_WARCIO")
	if tool == "" {
		var err error
		if tool, err = exec.LookPath("warcio"); err != nil {
			t.Skip("NOT RUN: warcio is not on PATH (pip install warcio) and ONRECORD_WARCIO names none; our WARC files were not checked by another program")
		}
	}
	dir := t.TempDir()
	a := open(t, dir, Options{MaxFile: 4000})
	fill(t, a)
	names, err := filepath.Glob(filepath.Join(dir, "*.warc.gz"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no files: %v", err)
	}
	out, err := exec.CommandContext(t.Context(), tool, append([]string{"check", "--verbose"}, names...)...).CombinedOutput()
	if err != nil || strings.Contains(string(out), "digest failed") || !strings.Contains(string(out), "digest pass") {
		t.Errorf("warcio check: %v\n%s", err, out)
	}
}

// Whatever lies in the folder, Open reads what it can and Put goes on.
func FuzzOpen(f *testing.F) {
	dir := f.TempDir()
	a := open(f, dir, Options{})
	fill(f, a)
	warcFile, side := read(f, filepath.Join(dir, firstFile)), read(f, filepath.Join(dir, firstSide))
	f.Add(warcFile, side)
	f.Add(warcFile[:len(warcFile)-5], []byte(nil))
	f.Add(append(slices.Clone(warcFile[:700]), warcFile[900:]...), side[:300])
	f.Add([]byte("no gzip"), []byte("no line\n"))
	f.Fuzz(func(t *testing.T, warcFile, side []byte) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, firstFile), warcFile)
		write(t, filepath.Join(dir, firstSide), side)
		a := open(t, dir, Options{})
		c, err := a.Put(t.Context(), archivetest.Page("https://a.example/fuzz", noon, "fuzz"))
		if err != nil {
			t.Fatalf("Put: %v", err)
		}
		if _, err := a.Get(t.Context(), c.ID); err != nil {
			t.Fatalf("Get: %v", err)
		}
		for c := range a.Captures(t.Context()) {
			if _, err := a.Get(t.Context(), c.ID); err != nil && !errors.Is(err, record.ErrDamaged) {
				t.Errorf("Get(%s) says %v, want the exchange or record.ErrDamaged", c.ID, err)
			}
		}
		verify(t, a)
	})
}
