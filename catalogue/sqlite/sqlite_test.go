package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onrecord/catalogue"
	"onrecord/catalogue/sqlite"
	"onrecord/record"
)

func TestOpenRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		path func(t *testing.T) string
		says string
		is   error
	}{
		"a folder that is not there": {func(t *testing.T) string { return filepath.Join(t.TempDir(), "none", "c.db") }, "does not exist; make it first", nil},
		"a folder":                   {func(t *testing.T) string { return t.TempDir() }, "is a folder", nil},
		"a text file":                {textFile, "not a SQLite database", record.ErrDamaged},
		"another program's database": {foreign, "another program", record.ErrInvalid},
		"a newer schema":             {newer, "its schema is version 900, this program knows up to 8", nil},
		"a file cut in the middle":   {torn, "damaged", record.ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			path := tt.path(t)
			before, _ := os.ReadFile(path)
			d, err := sqlite.Open(context.Background(), path, sqlite.Options{})
			if err == nil {
				err = errors.Join(d.Check(context.Background()), d.Close())
			}
			if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), filepath.Base(path)) {
				t.Fatalf("error %v, want one that names the file and says %q", err, tt.says)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error %v does not wrap %q", err, tt.is)
			}
			if after, _ := os.ReadFile(path); tt.is == record.ErrInvalid && string(after) != string(before) {
				t.Error("the refused file was written to")
			}
		})
	}
}

func textFile(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "c.db")
	write(t, path, []byte(strings.Repeat("This is a diary. ", 100)))
	return path
}

func foreign(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "c.db")
	run(t, path, `CREATE TABLE recipes (name TEXT)`)
	return path
}

func newer(t *testing.T) string {
	path := filled(t, 1)
	run(t, path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (900, 1)`)
	return path
}

func torn(t *testing.T) string {
	path := filled(t, 40)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	clear(data[len(data)/2:])
	write(t, path, data)
	return path
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, path string) *sqlite.DB {
	t.Helper()
	d, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// filled is a closed catalogue with n pages.
func filled(t *testing.T, n int) string {
	path := filepath.Join(t.TempDir(), "c.db")
	d := open(t, path)
	for i := range n {
		add(t, d, i)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// invented is the i-th page of an invented paper, with five statements, of
// which every third page shares its first with another.
func invented(i int) (record.Capture, record.Page, []record.Statement) {
	url := fmt.Sprintf("https://paper%d.example/%d", i%40, i)
	at := time.Date(2025, 3, 1, 0, 0, i, 0, time.UTC)
	c := record.Capture{ID: record.CaptureID(url, at, fmt.Sprint(i)), URL: url, At: at, SHA256: fmt.Sprint(i), Via: "import"}
	p := record.Page{ID: record.PageID(url), Capture: c.ID, URL: url, CanonicalURL: url, Kind: record.NewsArticle, Captured: at, Published: record.At(at, record.FromPage)}
	p.Text = strings.Repeat("The reporter writes on and on about the day. ", 60)
	var found []record.Statement
	for j := range 5 {
		seed := i*5 + j
		if j == 0 {
			seed = (i / 3) * 5
		}
		words := sentence(seed)
		start := len(p.Text) + 1
		p.Text += "\n" + words
		s := record.Sighting{
			Page: p.ID, URL: url, CanonicalURL: url, Outlet: fmt.Sprintf("paper%d.example", i%40), Kind: record.Quote, Words: words,
			Spans: []record.Span{{Start: start, End: start + len(words)}}, Speaker: record.Speaker{Org: fmt.Sprintf("body-%d", seed%97), OrgName: fmt.Sprintf("Body %d", seed%97)},
			Rule: "test", Confidence: 0.8, Said: p.Published, Published: p.Published,
		}
		found = append(found, record.Statement{Kind: record.Quote, Text: words, Sightings: []record.Sighting{s}})
	}
	return c, p, found
}

// sentence is forty invented words.
func sentence(seed int) string {
	vocabulary := strings.Fields("the surgery was open and all staff were using paper notes while a fault in one system slowed every booking that people had made for this week so we ask patients to ring before they travel")
	x := uint64(seed)*0x9E3779B97F4A7C15 + 1
	var b strings.Builder
	for range 40 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		fmt.Fprintf(&b, "%s ", vocabulary[x%uint64(len(vocabulary))])
	}
	return strings.TrimSpace(b.String())
}

func add(t testing.TB, c catalogue.Catalogue, i int) record.Added {
	t.Helper()
	capture, page, found := invented(i)
	a, err := c.Add(context.Background(), capture, page, found)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestWhatIsAppendOnlyStaysSo(t *testing.T) {
	path := filled(t, 2)
	d := open(t, path)
	if _, err := d.SetIncident(context.Background(), record.Incident{Slug: "a", Name: "A"}, record.Edit{Who: "cli"}); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		`DELETE FROM ledger`, `UPDATE ledger SET id = 'x'`, `DELETE FROM edits`, `UPDATE edits SET data = 'x'`,
		`DELETE FROM changes`, `UPDATE changes SET detail = 'x'`, `DELETE FROM readings`, `UPDATE readings SET data = 'x'`,
		`UPDATE wordings SET text = 'x'`, `UPDATE captures SET sha256 = 'x'`,
	} {
		if _, err := db.Exec(statement); err == nil {
			t.Errorf("%s was allowed", statement)
		}
	}
}

func TestADiskThatIsFullLosesNothing(t *testing.T) {
	path := filled(t, 3)
	d := open(t, path)
	defer d.Close()
	restore, err := sqlite.LimitPages(d)
	if err != nil {
		t.Fatal(err)
	}
	before, err := d.Counts(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i := 3; ; i++ {
		capture, page, found := invented(i)
		if _, err = d.Add(context.Background(), capture, page, found); err != nil {
			if !strings.Contains(err.Error(), "the disk is full") || !strings.Contains(err.Error(), capture.URL) {
				t.Errorf("error %v, want one that names the capture and says that the disk is full", err)
			}
			break
		}
		before.Captures++
	}
	after, err := d.Counts(context.Background())
	if err != nil || after.Captures != before.Captures {
		t.Errorf("%d captures, %v; want the %d that were reported", after.Captures, err, before.Captures)
	}
	if err := restore(); err != nil {
		t.Fatal(err)
	}
	if a := add(t, d, before.Captures); a.Captures != 1 {
		t.Errorf("Added = %+v when there is room again", a)
	}
	if err := d.Check(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestARebuildThatFailsLeavesTheOldCatalogue(t *testing.T) {
	path := filled(t, 3)
	broken := errors.New("the archive cannot be read")
	err := sqlite.Rebuild(context.Background(), path, sqlite.Options{}, func(context.Context, catalogue.Catalogue) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want that of fill", err)
	}
	d := open(t, path)
	defer d.Close()
	if n, err := d.Counts(context.Background()); err != nil || n.Captures != 3 || n.Position.Epoch != 1 {
		t.Errorf("counts %+v, %v; want the three pages of epoch 1", n, err)
	}
	if left, _ := filepath.Glob(path + ".rebuild*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestNamesThatMeanSomethingInAnAddress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "50% of a? #1 & more.db")
	d := open(t, path)
	add(t, d, 1)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	if err := sqlite.Rebuild(context.Background(), path, sqlite.Options{}, func(ctx context.Context, c catalogue.Catalogue) error { add(t, c, 1); return nil }); err != nil {
		t.Error(err)
	}
}

func TestTwoWritersOfOneFile(t *testing.T) {
	if testing.Short() {
		t.Skip("waits five seconds for a lock")
	}
	path := filled(t, 1)
	d := open(t, path)
	defer d.Close()
	db, err := sql.Open("sqlite", path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	capture, page, found := invented(7)
	if _, err := d.Add(context.Background(), capture, page, found); !errors.Is(err, record.ErrLocked) {
		t.Errorf("error %v, want one that wraps ErrLocked", err)
	}
}

func BenchmarkAdd(b *testing.B) {
	d := open(b, filepath.Join(b.TempDir(), "c.db"))
	defer d.Close()
	i := 0
	for b.Loop() {
		add(b, d, i)
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
}

// A catalogue of an older schema is brought up to date with what is in it.
func TestVisitsOfAnOlderSchemaAreStillThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	visits := []record.Visit{
		{URL: "https://b.example/", State: record.VisitOK, Due: time.Date(2025, 3, 11, 9, 0, 0, 0, time.UTC), Notes: []string{strings.Repeat("long ", 900)}},
		{URL: "https://a.example/1", Lead: true, Due: time.Date(2025, 3, 11, 8, 0, 0, 0, time.UTC)},
	}
	d, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	must(t, err)
	_, err = d.Visited(t.Context(), visits, nil)
	must(t, err)
	must(t, d.Close())
	run(t, path, `CREATE TABLE older (url TEXT PRIMARY KEY, origin TEXT NOT NULL, source TEXT NOT NULL, lead INTEGER NOT NULL, due INTEGER NOT NULL, state TEXT NOT NULL, tried INTEGER NOT NULL, final TEXT NOT NULL, data TEXT NOT NULL) WITHOUT ROWID;
		INSERT INTO older SELECT * FROM visits; DROP TABLE visits; ALTER TABLE older RENAME TO visits; DELETE FROM goose_db_version WHERE version_id > 7`)
	if d, err = sqlite.Open(t.Context(), path, sqlite.Options{}); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, want := range visits {
		if got, err := d.Visit(t.Context(), want.URL); err != nil || !got.Due.Equal(want.Due) || len(got.Notes) != len(want.Notes) {
			t.Errorf("visit %+v, %v; want %+v", got, err, want)
		}
	}
	origins, err := d.DueHosts(t.Context(), catalogue.DueAsk{Now: visits[0].Due}, 10)
	if err != nil || len(origins) != 2 || origins[0] != "https://b.example" {
		t.Errorf("due at %q, %v", origins, err)
	}
	must(t, d.Check(t.Context()))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
