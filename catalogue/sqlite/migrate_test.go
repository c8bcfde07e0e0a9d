package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"onrecord/catalogue"
	"onrecord/record"
)

// schemaOf is a database whose schema is of an earlier version, to be closed.
func schemaOf(t *testing.T, path string, version int64) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", address(path))
	noError(t, err)
	db.SetMaxOpenConns(1)
	_, err = db.Exec(fmt.Sprintf(`PRAGMA application_id = %d`, application))
	noError(t, err)
	files, err := fs.Sub(migrations, "migrations")
	noError(t, err)
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	noError(t, err)
	_, err = p.UpTo(t.Context(), version)
	noError(t, err)
	return db
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reopened brings the database up to date.
func reopened(t *testing.T, path string, clock func() time.Time) *DB {
	t.Helper()
	d, err := Open(t.Context(), path, Options{Clock: clock})
	noError(t, err)
	t.Cleanup(func() { noError(t, d.Close()) })
	noError(t, d.Check(t.Context()))
	return d
}

// TestPagesOfBeforeAreVisitedAgain is migration 4: pages that were visited once
// get a first turn within a week.
func TestPagesOfBeforeAreVisitedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalogue.db")
	db := schemaOf(t, path, 3)
	seen := time.Date(2025, 3, 10, 9, 0, 0, 0, time.UTC)
	source := func(name string, s record.Source) record.ID {
		s.URL, s.Kind = "https://www.hsb.example/"+name, record.SourceFeed
		s.ID = record.SourceID(s.URL)
		data, err := json.Marshal(s)
		noError(t, err)
		_, err = db.Exec(`INSERT INTO sources (id, url, data) VALUES ($1,$2,$3)`, string(s.ID), s.URL, string(data))
		noError(t, err)
		return s.ID
	}
	put := func(v record.Visit) string {
		data, err := json.Marshal(v)
		noError(t, err)
		lead := 0
		if v.Lead {
			lead = 1
		}
		_, err = db.Exec(`INSERT INTO visits (url, origin, source, lead, due, state, tried, final, data) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
			v.URL, "https://www.hsb.example", string(v.Source), lead, milli(v.Due), string(v.State), milli(v.Tried), v.Final, string(data))
		noError(t, err)
		return v.URL
	}
	on, off, gone := source("feed", record.Source{Enabled: true}), source("off", record.Source{}), source("gone", record.Source{Enabled: true, Removed: true})
	read := record.Visit{Lead: true, State: record.VisitOK, Tried: seen, Succeeded: seen, Changed: seen.Add(-time.Hour), Status: 200, ETag: `"a"`, Statements: 3}
	page := func(name string, of record.ID, change func(*record.Visit)) string {
		v := read
		v.URL, v.Source = "https://www.hsb.example/"+name, of
		if change != nil {
			change(&v)
		}
		return put(v)
	}
	feed := put(record.Visit{URL: "https://www.hsb.example/feed", Source: on, State: record.VisitOK, Tried: seen, Succeeded: seen, Due: seen.Add(time.Hour)})
	var pages []string
	for n := range 40 {
		pages = append(pages, page(fmt.Sprintf("page-%d", n), on, nil))
	}
	unchanged := page("unchanged", on, func(v *record.Visit) { v.Changed = time.Time{} })
	failing := page("failing", on, func(v *record.Visit) {
		v.State, v.Error, v.Failures, v.Due = record.VisitFailed, "timed out", 2, seen.Add(2*time.Hour)
	})
	never := page("never", on, func(v *record.Visit) {
		*v = record.Visit{URL: v.URL, Source: on, Lead: true, Due: seen.Add(3 * time.Hour)}
	})
	lost := page("lost", on, func(v *record.Visit) {
		*v = record.Visit{URL: v.URL, Source: on, Lead: true, State: record.VisitGone, Tried: seen, Error: "answered with status 404"}
	})
	other := page("amp", on, func(v *record.Visit) { v.Notes = []string{"the page of https://www.hsb.example/page-1"} })
	leads := page("short", on, func(v *record.Visit) {
		v.Notes = []string{"leads to https://www.hsb.example/page-2, which is on record", "more"}
	})
	noted := page("noted", on, func(v *record.Visit) { v.Notes = []string{"zone assumed Europe/London"} })
	ofOff, ofGone, ofNobody := page("of-off", off, nil), page("of-gone", gone, nil), page("of-nobody", "src_nobody", nil)
	noError(t, db.Close())

	began := time.Now().Add(-time.Second)
	d := reopened(t, path, nil)
	ended := time.Now().Add(time.Second)
	visit := func(address string) record.Visit {
		t.Helper()
		v, err := d.Visit(t.Context(), address)
		noError(t, err)
		return v
	}
	rankOf := func(address string) (lead int, due int64) {
		t.Helper()
		noError(t, d.conn.QueryRowContext(t.Context(), `SELECT lead, due FROM visits WHERE url = $1`, address).Scan(&lead, &due))
		return lead, due
	}
	var turns []time.Time
	for _, address := range append(slices.Clone(pages), noted) {
		v := visit(address)
		turns = append(turns, v.Due)
		if v.Due.Before(began) || v.Due.After(ended.Add(7*24*time.Hour)) || !v.Since.Equal(read.Changed) || v.Of != "" {
			t.Errorf("%s: due %v, since %v, of %q; want a turn within a week, since its last change", address, v.Due, v.Since, v.Of)
		}
		if lead, due := rankOf(address); lead != 2 || due/1000 != v.Due.Unix() {
			t.Errorf("%s: rank %d, due %d beside %v", address, lead, due, v.Due)
		}
		if v.ETag != read.ETag || v.Statements != 3 || v.Status != 200 || !v.Succeeded.Equal(seen) {
			t.Errorf("%s: something was lost: %+v", address, v)
		}
	}
	slices.SortFunc(turns, time.Time.Compare)
	if span := turns[len(turns)-1].Sub(turns[0]); span < 3*24*time.Hour {
		t.Errorf("%d turns lie within %v, want them spread over the week", len(turns), span)
	}
	if v := visit(unchanged); !v.Since.Equal(seen) {
		t.Errorf("a page without a change: since %v, want its last success", v.Since)
	}
	for address, want := range map[string]string{other: "https://www.hsb.example/page-1", leads: "https://www.hsb.example/page-2"} {
		if v := visit(address); v.Of != want || !v.Due.IsZero() || v.Again() {
			t.Errorf("%s: of %q, due %v; want it named as another address of %s and not asked", address, v.Of, v.Due, want)
		}
	}
	for _, address := range []string{ofOff, ofGone, ofNobody} {
		if v := visit(address); !v.Due.IsZero() {
			t.Errorf("%s is due %v, though nobody watches its source", address, v.Due)
		}
	}
	if v := visit(failing); !v.Due.Equal(seen.Add(2*time.Hour)) || !v.Since.Equal(read.Changed) || v.Failures != 2 {
		t.Errorf("a page that was read and fails now: %+v", v)
	}
	if v := visit(never); !v.Due.Equal(seen.Add(3*time.Hour)) || !v.Since.IsZero() {
		t.Errorf("a page that was never read: %+v", v)
	}
	for address, want := range map[string]int{feed: 0, never: 1, lost: 1, failing: 2} {
		if lead, _ := rankOf(address); lead != want {
			t.Errorf("%s has rank %d, want %d", address, lead, want)
		}
	}
	if v := visit(lost); !v.Due.IsZero() {
		t.Errorf("a page that was not there is due %v", v.Due)
	}
	if n, err := d.DueCount(t.Context(), catalogue.DueAsk{Now: ended.Add(8 * 24 * time.Hour)}); err != nil || n != len(pages)+5 {
		t.Errorf("%d are due in eight days (%v), want the pages, one noted, one unchanged, one failing, one never read and the feed", n, err)
	}
	// The old crawler wrote its own words; written anew the row stays what it is.
	v := visit(pages[0])
	_, err := d.Visited(t.Context(), []record.Visit{v}, nil)
	noError(t, err)
	if diff := cmp.Diff(v, visit(pages[0])); diff != "" {
		t.Errorf("written again it differs (-was +is):\n%s", diff)
	}
}

// TestEveryEarlierSchemaIsBroughtUpToDateWithItsRows takes a catalogue of today
// back to each earlier schema, as far as that one holds it, and brings it up
// again: what the earlier one held must read as before.
func TestEveryEarlierSchemaIsBroughtUpToDateWithItsRows(t *testing.T) {
	clock := func() time.Time { return time.Date(2025, 3, 20, 12, 0, 0, 0, time.UTC) }
	full := filepath.Join(t.TempDir(), "full.db")
	d, err := Open(t.Context(), full, Options{Clock: clock})
	noError(t, err)
	for n := range 12 {
		said(t, d, n)
	}
	feed := record.Source{URL: "https://board.example/feed", Kind: record.SourceFeed, Name: "Board", Enabled: true}
	feed.ID = record.SourceID(feed.URL)
	noError(t, d.SetSources(t.Context(), []record.Source{feed}, record.Edit{At: clock(), Who: "test", Action: "source.add"}))
	_, err = d.Visited(t.Context(), []record.Visit{{URL: feed.URL, Source: feed.ID, State: record.VisitOK, Tried: clock(), Succeeded: clock(), Due: clock().Add(time.Hour), Statements: 4}}, nil)
	noError(t, err)
	want := heldBy(t, d)
	noError(t, d.Close())
	if len(want.Statements) < 4 || len(want.Statements[0].Wordings) < 2 || len(want.Versions) == 0 || len(want.Edits) == 0 || len(want.Changes) < 12 {
		t.Fatalf("the catalogue holds too little to compare: %d statements, %d versions, %d edits, %d changes", len(want.Statements), len(want.Versions), len(want.Edits), len(want.Changes))
	}
	for version := int64(1); version < 6; version++ {
		t.Run(fmt.Sprint("from version ", version), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "catalogue.db")
			old := schemaOf(t, path, version)
			tables := takeBack(t, old, full)
			noError(t, old.Close())
			if tables < 8 {
				t.Fatalf("only %d tables have rows", tables)
			}
			up := reopened(t, path, clock)
			if diff := cmp.Diff(want, heldBy(t, up)); diff != "" {
				t.Errorf("it reads otherwise (-before +after):\n%s", diff)
			}
			before, err := up.Head(t.Context())
			noError(t, err)
			said(t, up, 40)
			if after, err := up.Head(t.Context()); err != nil || after.Seq <= before.Seq || after.Epoch != before.Epoch {
				t.Errorf("a page more moves the log from %+v to %+v (%v)", before, after, err)
			}
			if version == 1 { // before the crawler remembered visits
				return
			}
			list, err := up.SourceStates(t.Context(), feed.ID)
			if err != nil || len(list) != 1 || !list[0].Visit.Succeeded.Equal(clock()) || list[0].Statements != 4 {
				t.Errorf("the source: %+v (%v)", list, err)
			}
		})
	}
}

// takeBack copies the rows of a catalogue into one of an earlier schema: of each
// table that it has, the columns that it has. It says how many tables got rows.
func takeBack(t *testing.T, old *sql.DB, full string) (tables int) {
	t.Helper()
	column := func(question string) (out []string) {
		rows, err := old.QueryContext(t.Context(), question)
		noError(t, err)
		for rows.Next() {
			var s string
			noError(t, rows.Scan(&s))
			out = append(out, s)
		}
		noError(t, rows.Err())
		noError(t, rows.Close())
		return out
	}
	_, err := old.ExecContext(t.Context(), `ATTACH $1 AS today`, full)
	noError(t, err)
	for _, name := range column(`SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%'`) {
		columns := column(`SELECT o.name FROM pragma_table_info('` + name + `', 'main') o JOIN pragma_table_info('` + name + `', 'today') n ON n.name = o.name`)
		if len(columns) == 0 {
			continue
		}
		list := `"` + strings.Join(columns, `","`) + `"`
		r, err := old.ExecContext(t.Context(), `INSERT INTO main.`+name+` (`+list+`) SELECT `+list+` FROM today.`+name)
		noError(t, err)
		if n, err := r.RowsAffected(); err == nil && n > 0 {
			tables++
		}
	}
	_, err = old.ExecContext(t.Context(), `DETACH today`)
	noError(t, err)
	return tables
}

// held is all that readers are told.
type held struct {
	Statements []record.Statement
	Versions   [][]record.Version
	Changes    []record.Change
	Edits      []record.Edit
	Sources    []record.Source
	Counts     catalogue.Counts
}

func heldBy(t *testing.T, d *DB) (h held) {
	t.Helper()
	ctx := context.Background()
	ids, err := d.StatementIDs(ctx, "", 1000)
	noError(t, err)
	h.Statements, err = d.Statements(ctx, ids)
	noError(t, err)
	for _, s := range h.Statements {
		list, err := d.Versions(ctx, s.Sightings[0].Page)
		noError(t, err)
		h.Versions = append(h.Versions, list)
	}
	head, err := d.Head(ctx)
	noError(t, err)
	h.Changes, err = d.Changes(ctx, record.Position{Epoch: head.Epoch}, 10_000)
	noError(t, err)
	h.Edits, err = d.Edits(ctx, 0, 1000)
	noError(t, err)
	h.Sources, err = d.Sources(ctx)
	noError(t, err)
	h.Counts, err = d.Counts(ctx)
	noError(t, err)
	return h
}

// said records the n-th page of an invented board, every third time with other
// words at the same address.
func said(t *testing.T, d *DB, n int) {
	t.Helper()
	address := fmt.Sprintf("https://board.example/news-%d", n-n%3)
	when := time.Date(2025, 3, 1, n%24, 0, 0, 0, time.UTC)
	words := fmt.Sprintf("The backlog of operations in ward %d is considerable and every doctor will work through it until June, in %d shifts.", n-n%3, n)
	sha := fmt.Sprintf("%064x", n)
	c := record.Capture{ID: record.CaptureID(address, when, sha), URL: address, At: when, SHA256: sha, Via: "import"}
	p := record.Page{
		ID: record.PageID(address), Capture: c.ID, URL: address, CanonicalURL: address, Kind: record.PressRelease, Title: fmt.Sprint("News ", n), Captured: when,
		Published: record.At(when, record.FromPage), Text: words, Blocks: []record.Block{{Kind: record.Paragraph, Span: record.Span{End: len(words)}, Post: -1, Update: -1}},
	}
	x := record.Sighting{
		Page: p.ID, Capture: c.ID, SHA256: sha, URL: address, CanonicalURL: address, Outlet: "board.example", Kind: record.Release, Words: words, Spans: []record.Span{{End: len(words)}},
		Speaker: record.Speaker{Name: "Jane Roe", Role: "chair", Org: "board", OrgName: "Board"}, Rule: "test", Confidence: 0.9, Said: p.Published, Published: p.Published, Captured: when, LastSeen: when,
	}
	_, err := d.Add(t.Context(), c, p, []record.Statement{{
		Kind: x.Kind, Text: words, Speaker: x.Speaker, Said: x.Said, Published: x.Published, FirstSeen: when, Confidence: x.Confidence, Status: record.Current, Sightings: []record.Sighting{x},
	}})
	noError(t, err)
}
