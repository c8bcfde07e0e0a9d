package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onrecord/demo"
)

// demoList writes the demo's pages as a page list, each page under n hosts.
func demoList(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	for k := range n {
		for _, p := range demo.Pages() {
			address, html := p.URL, string(p.Body)
			if k > 0 {
				from, to := host(address), "mirror"+string(rune('a'+k))+"."+host(address)
				address, html = strings.Replace(address, from, to, 1), strings.ReplaceAll(html, from, to)
			}
			line, err := marshal(map[string]any{"url": address, "at": p.At.Format(time.RFC3339), "html": html, "headers": map[string]string{"Content-Type": p.MediaType}})
			if err != nil {
				t.Fatal(err)
			}
			b.Write(append(line, '\n'))
		}
	}
	file := filepath.Join(t.TempDir(), "pages.jsonl")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func host(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	h, _, _ := strings.Cut(rest, "/")
	return h
}

func demoRegister(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "organisations.json")
	if err := os.WriteFile(file, demo.Register(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestImportIsKilledAndGoesOn(t *testing.T) {
	killAndGoOn(t, []string{"--registry", demoRegister(t)}, demoList(t, 4))
}

func TestVerifyNamesTheDamagedRecord(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	done(t, data, "--registry", demoRegister(t), "import", demoList(t, 1))
	verifyFindsOneByte(t, data)
}

// verifyFindsOneByte changes one byte in the middle of a WARC file.
func verifyFindsOneByte(t *testing.T, data string) {
	t.Helper()
	if out := done(t, data, "verify"); !strings.Contains(out, "0 faults") {
		t.Fatalf("verify of what was just imported: %s", out)
	}
	files, err := filepath.Glob(filepath.Join(archiveDir(data), "*.warc.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no WARC files (%v)", err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 0x20
	if err := os.WriteFile(files[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	a := onrecord(t, data, "verify")
	if a.code != exitFaults || !strings.Contains(a.stdout, filepath.Base(files[0])) || !strings.Contains(a.stdout, "record at byte") {
		t.Errorf("verify after one byte was changed: exit %d\n%s%s", a.code, a.stdout, a.stderr)
	}
}

func TestReindexAndRebuildKeepEverything(t *testing.T) {
	data, reg := filepath.Join(t.TempDir(), "data"), demoRegister(t)
	done(t, data, "--registry", reg, "import", demoList(t, 2))
	done(t, data, "--registry", reg, "incident", "add", "fault", "--name", "The fault", "--query", "fault")
	before := everything(t, data)
	for _, again := range []string{"reindex", "rebuild"} {
		done(t, data, "--registry", reg, again)
		if got := everything(t, data); got != before {
			t.Errorf("%s changed the record:\n%s", again, firstDifference(got, before))
		}
	}
	if out := done(t, data, "incident", "list"); !strings.Contains(out, "The fault") {
		t.Errorf("the incident is gone after a rebuild:\n%s", out)
	}
}

func TestReindexGoesOnWhereItWasStopped(t *testing.T) {
	data, reg := filepath.Join(t.TempDir(), "data"), demoRegister(t)
	done(t, data, "--registry", reg, "import", demoList(t, 1))
	// What a reindex leaves that was stopped here: an index of a part, beside.
	if err := os.CopyFS(filepath.Join(data, "index.new"), os.DirFS(filepath.Join(data, "index"))); err != nil {
		t.Fatal(err)
	}
	done(t, data, "--registry", reg, "import", demoList(t, 3))
	before := everything(t, data)
	done(t, data, "reindex")
	if got := everything(t, data); got != before {
		t.Errorf("a reindex that went on is another:\n%s", firstDifference(got, before))
	}
	if _, err := os.Stat(filepath.Join(data, "index.new")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder beside is left: %v", err)
	}
	// A part that cannot be read is begun again.
	if err := os.Mkdir(filepath.Join(data, "index.new"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "index.new", "root.bolt"), []byte("cut off"), 0o600); err != nil {
		t.Fatal(err)
	}
	done(t, data, "reindex")
	if got := everything(t, data); got != before {
		t.Errorf("a reindex begun again is another:\n%s", firstDifference(got, before))
	}
}

func TestExportedRowsComeBack(t *testing.T) {
	data, reg := filepath.Join(t.TempDir(), "data"), demoRegister(t)
	done(t, data, "--registry", reg, "import", demoList(t, 1))
	rows := filepath.Join(t.TempDir(), "rows.jsonl")
	want := everything(t, data)
	if err := os.WriteFile(rows, []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other")
	for range 2 { // the second time adds nothing
		done(t, other, "import", rows)
	}
	if got := everything(t, other); ids(got) != ids(want) {
		t.Errorf("rows exported and imported are others:\n%s", firstDifference(ids(got), ids(want)))
	}
}

// ids cuts the ids out of an export.
func ids(rows string) string {
	var out []string
	for _, line := range strings.Split(rows, "\n") {
		if i := strings.Index(line, `"st_`); i >= 0 {
			out = append(out, line[i+1:i+30])
		}
	}
	return strings.Join(out, "\n")
}
