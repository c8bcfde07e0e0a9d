//go:build unix

package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"onrecord/catalogue/sqlite"
)

// TestBulkWritesWhatAdoptWrites compares the tables that readers look at.
func TestBulkWritesWhatAdoptWrites(t *testing.T) {
	ctx := context.Background()
	corpus := filepath.Join(t.TempDir(), "corpus.jsonl")
	f, err := os.Create(corpus)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		raw, err := json.Marshal(row{
			ID: fmt.Sprintf("r%d", i), Text: fmt.Sprintf("We shall open %d more wards by the spring, and say so every week & month.", i), Speaker: fmt.Sprintf("Ann Example%d", i%5), Role: "chair",
			Organisation: fmt.Sprintf("body-%d", i%3), Kind: "quote", Published: time.Date(2024, 3, 1+i, 9, 30, 0, 0, time.UTC), Outlet: "outlet-1", Language: "en",
			Incidents: slices.Repeat([]string{"wards"}, i%2),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(append(raw, '\n')); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	short, long := t.TempDir(), t.TempDir()
	if err := bulk(ctx, short, corpus); err != nil {
		t.Fatal(err)
	}
	cat, err := sqlite.Open(ctx, filepath.Join(long, "catalogue.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := fill(ctx, cat, corpus); err != nil {
		t.Fatal(err)
	}
	if err := cat.Close(); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		`SELECT * FROM captures`, `SELECT * FROM statements`, `SELECT * FROM wordings`, `SELECT * FROM sightings`, `SELECT n, id, page, key FROM ledger`,
		`SELECT * FROM speakers`, `SELECT * FROM people`, `SELECT * FROM orgs`, `SELECT * FROM taught`, `SELECT epoch, seq, kind, statement, page, subject, detail, replayed FROM changes`,
		`SELECT name, sql FROM sqlite_master ORDER BY name`,
	} {
		got, want := table(t, short, query), table(t, long, query)
		if !slices.Equal(got, want) {
			t.Errorf("%s:\nby the short way %q\nby Adopt        %q", query, got, want)
		}
		if len(want) == 0 {
			t.Errorf("%s: nothing to compare", query)
		}
	}
}

func table(t *testing.T, dir, query string) (out []string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "catalogue.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		line := ""
		for _, v := range values {
			line += fmt.Sprint(*v.(*any)) + "|"
		}
		out = append(out, line)
	}
	return out
}
