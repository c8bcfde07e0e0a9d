package demo_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"onrecord/archive"
	"onrecord/archive/warcfile"
	"onrecord/catalogue/sqlite"
	"onrecord/demo"
	"onrecord/desk"
	"onrecord/editor"
	"onrecord/export"
	"onrecord/extract"
	"onrecord/index"
	"onrecord/index/bleveindex"
	"onrecord/ingest"
	"onrecord/record"
	"onrecord/register"
	"onrecord/timeline"
)

func theRegister(t *testing.T) *register.Register {
	t.Helper()
	r, err := register.Read(bytes.NewReader(demo.Register()), "the demo's register")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// reading is what one capture puts on record, by itself.
type reading struct {
	capture demo.Capture
	page    record.Page
	found   []record.Statement
}

func readAll(t *testing.T) []reading {
	t.Helper()
	reg := theRegister(t)
	var out []reading
	for _, c := range demo.Pages() {
		p, found, err := ingest.Read(extract.Input{URL: c.URL, At: c.At, MediaType: c.MediaType, Body: c.Body}, reg)
		if err != nil {
			t.Errorf("%s at %s: %v", c.URL, c.At, err)
		}
		out = append(out, reading{c, p, found})
	}
	return out
}

// onRecord takes the whole world through the real road and gives the
// incident's statements as the desk lays them out.
func onRecord(t *testing.T) []timeline.Entry {
	t.Helper()
	dir := t.TempDir()
	now := func() time.Time { return demo.Ends }
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "catalogue.db"), sqlite.Options{Clock: now})
	must(t, err)
	ix, err := bleveindex.Open(filepath.Join(dir, "index"))
	must(t, err)
	ar, err := warcfile.Open(filepath.Join(dir, "archive"), warcfile.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, errors.Join(ix.Close(), db.Close(), ar.Close())) })
	reg := theRegister(t)
	in := ingest.New(ar, db, reg, export.ParseRow, slog.New(slog.DiscardHandler))
	for _, p := range demo.Pages() {
		_, err := in.Exchange(t.Context(), archive.Exchange{URL: p.URL, At: p.At, Via: "import", Header: http.Header{"Content-Type": {p.MediaType}}, Body: p.Body})
		must(t, err)
	}
	i := demo.Incident()
	_, err = editor.New(db, reg, now).AddIncident(t.Context(), editor.NewIncident{Slug: i.Slug, Name: i.Name, Summary: i.Summary, From: i.From, To: i.To, Orgs: i.Orgs}, "test")
	must(t, err)
	_, err = index.CatchUp(t.Context(), ix, db, nil)
	must(t, err)
	l, err := desk.New(db, ix, ar, reg, now, []byte("0123456789abcdef")).Timeline(t.Context(), i.Slug, desk.TimelineAsk{})
	must(t, err)
	var out []timeline.Entry
	for _, d := range l.Days {
		out = append(out, d.Entries...)
	}
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
