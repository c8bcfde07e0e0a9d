package api

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onrecord/archive"
	"onrecord/archive/warcfile"
	"onrecord/catalogue/sqlite"
	"onrecord/desk"
	"onrecord/editor"
	"onrecord/index"
	"onrecord/index/bleveindex"
	"onrecord/record"
	"onrecord/register"
)

func handlerOf(t *testing.T, d *desk.Desk, e *editor.Editor) http.Handler {
	t.Helper()
	return Router(Options{Desk: d, Editor: e, Version: "test", Commit: "0123abcd", BaseURL: "https://record.example", Clock: now}, nil)
}

// now is the time on the tests' clock.
func now() time.Time { return time.Date(2025, 3, 20, 12, 0, 0, 0, time.UTC) }

// house is the API and the pages on real stores.
type house struct {
	t       *testing.T
	handler http.Handler
	ids     []record.ID
	sha     string
	capture record.ID
	page    record.ID
	ar      *warcfile.Archive
	db      *sqlite.DB
	ix      *bleveindex.Index
	edit    *editor.Editor
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open puts two captures of a page and an incident on record; evil stands
// wherever a stranger's words can stand.
func open(t *testing.T, evil string) *house {
	t.Helper()
	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "catalogue.db"), sqlite.Options{Clock: now})
	must(t, err)
	ix, err := bleveindex.Open(filepath.Join(dir, "index"))
	must(t, err)
	ar, err := warcfile.Open(filepath.Join(dir, "archive"), warcfile.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, errors.Join(ix.Close(), db.Close(), ar.Close())) })
	reg, err := register.Read(strings.NewReader(`[{"id":"board","name":"Board of Health","domains":["board.example"]}]`), "test")
	must(t, err)
	h := &house{t: t, ar: ar, db: db, ix: ix}
	h.say(ar, db, 10, "The backlog of operations in this county is considerable and every ward will work through it until June. "+evil, evil)
	h.say(ar, db, 11, "The backlog of operations in this county is very considerable and every ward will work through it until June. "+evil, evil)
	_, err = index.CatchUp(t.Context(), ix, db, nil)
	must(t, err)
	h.ids, err = db.StatementIDs(t.Context(), "", 10)
	must(t, err)
	d, e := desk.New(db, ix, ar, reg, now, []byte("0123456789abcdef")), editor.New(db, reg, now)
	_, err = e.AddIncident(t.Context(), editor.NewIncident{Slug: "backlog-2025", Name: "Backlog " + evil, Query: "backlog", Summary: evil}, "test")
	must(t, err)
	h.edit = e
	h.handler = handlerOf(t, d, e)
	return h
}

func (h *house) say(ar *warcfile.Archive, db *sqlite.DB, day int, words, evil string) {
	h.t.Helper()
	at := time.Date(2025, 3, day, 9, 0, 0, 0, time.UTC)
	address := "https://board.example/news?x=" + url.QueryEscape(evil)
	c, err := ar.Put(h.t.Context(), archive.Exchange{URL: address, At: at, Via: "import", Body: []byte("<script>alert(1)</script>" + words), Header: http.Header{"Content-Type": {"text/html"}}})
	must(h.t, err)
	h.sha, h.capture, h.page = c.SHA256, c.ID, record.PageID(address)
	sp := record.Span{End: len(words)}
	p := record.Page{
		ID: h.page, Capture: c.ID, URL: address, CanonicalURL: address, Kind: record.PressRelease, Title: "Title " + evil, Published: record.OnDay(2025, 3, 10, record.FromPage),
		Captured: at, Text: words, Blocks: []record.Block{{Kind: record.Paragraph, Span: sp, Post: -1, Update: -1}},
	}
	who := record.Speaker{Name: "Jane " + evil, Role: "Chair " + evil, Org: "board", OrgName: "Board " + evil}
	x := record.Sighting{
		Page: p.ID, Capture: c.ID, SHA256: c.SHA256, URL: address, CanonicalURL: address, Outlet: "board.example", OutletName: "Outlet " + evil, PageTitle: p.Title, Kind: record.Release, Words: words,
		Spans: []record.Span{sp}, Speaker: who, Mention: evil, Rule: "test", Confidence: 0.8, Said: record.OnDay(2025, 3, 10, record.FromPage), Published: p.Published, Captured: at, LastSeen: at,
	}
	_, err = db.Add(h.t.Context(), c, p, []record.Statement{{Kind: x.Kind, Text: words, Speaker: who, Said: x.Said, Published: x.Published, FirstSeen: at, Confidence: 0.8, Status: record.Current, Sightings: []record.Sighting{x}}})
	must(h.t, err)
}

// ask sends a request from this machine; headers come as name, value pairs.
func (h *house) ask(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequestWithContext(h.t.Context(), method, target, strings.NewReader(body))
	r.Host, r.RemoteAddr = "127.0.0.1:8080", "127.0.0.1:4000"
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}
