package web

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"onrecord/catalogue/sqlite"
	"onrecord/desk"
	"onrecord/record"
	"onrecord/register"
)

// read asks for a page and wants it.
func (h *house) read(path string) *goquery.Document {
	h.t.Helper()
	w := h.ask("GET", path, "")
	if w.Code != http.StatusOK {
		h.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	doc, err := goquery.NewDocumentFromReader(w.Body)
	must(h.t, err)
	return doc
}

// plain is the text of a selection with single blanks, also between cells.
func plain(s *goquery.Selection) string {
	s.Find("th,td,dt,dd,br").BeforeHtml(" ")
	return strings.Join(strings.Fields(s.Text()), " ")
}

func TestSourcesAreListedWithThoseInTroubleFirst(t *testing.T) {
	h := open(t, "x")
	doc := h.read("/sources")
	rows := doc.Find("main table tbody tr")
	want := [][]string{
		{"Broken x", "https://board.example/news?x=x", "page of links", "Board of Health", "fails: answered with status 503 x (3 times in a row)", "1 page of it fails", "1 page of it is refused by robots.txt", "never", "20 March 2025, 11:00 GMT"},
		{"Closed x", "page", "refused by robots.txt: not asked: robots.txt of https://board.example forbids it", "never"},
		{"https://board.example/waiting?x=x", "not visited yet", "x (not in the register)", "20 March 2025, 12:00 GMT"},
		{"Well x", "feed", "answers last error, 20 March 2025, 07:00 GMT: timed out x note: repaired x", "20 March 2025, 09:00 GMT", "20 March 2025, 08:00 GMT", "20 March 2025, 10:00 GMT"},
	}
	if rows.Length() != len(want) {
		t.Fatalf("%d rows, want %d: %s", rows.Length(), len(want), plain(rows))
	}
	rows.Each(func(i int, row *goquery.Selection) {
		for _, words := range want[i] {
			if !strings.Contains(plain(row), words) {
				t.Errorf("row %d lacks %q: %s", i, words, plain(row))
			}
		}
	})
	if got := plain(doc.Find("main details")); !strings.Contains(got, "1 source is known and switched off") || !strings.Contains(got, "Off x") {
		t.Errorf("those switched off: %q", got)
	}
	if got := plain(doc.Find("main")); !strings.Contains(got, "4 places are watched; the last visit of 2 failed; 1 not visited yet.") {
		t.Errorf("the sum is missing: %s", got)
	}
	if href := doc.Find("nav[aria-label=Site] [aria-current=page]").AttrOr("href", ""); href != "/sources" {
		t.Errorf("the menu stands at %q", href)
	}
	if href := rows.First().Find(`a[href^="/o/"]`).AttrOr("href", ""); href != "/o/board" {
		t.Errorf("the organisation leads to %q", href)
	}
}

func TestFailingSourcesAreShownAlone(t *testing.T) {
	h := open(t, "x")
	if got := plain(h.read("/sources?state=failing").Find("main table tbody th")); !strings.Contains(got, "Broken") || !strings.Contains(got, "Closed") || strings.Contains(got, "Well") || strings.Contains(got, "waiting") {
		t.Errorf("failing ones: %s", got)
	}
	if w := h.ask("GET", "/sources?state=off", ""); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "want failing") {
		t.Errorf("an unknown state: %d %s", w.Code, w.Body)
	}
}

func TestASourceTellsWhatIsWrongWithItsPages(t *testing.T) {
	h := open(t, "x")
	doc := h.read("/sources/" + string(h.source))
	rows := doc.Find("main table tbody tr")
	if rows.Length() != 2 {
		t.Fatalf("%d pages in trouble, want 2: %s", rows.Length(), plain(rows))
	}
	for i, words := range []string{
		"https://board.example/b?x=x refused by robots.txt: not asked: robots.txt of https://board.example forbids it x 20 March 2025, 09:00 GMT not again",
		"https://board.example/c?x=x fails: connection refused x 20 March 2025, 08:00 GMT 20 March 2025, 12:00 GMT",
	} {
		if got := plain(rows.Eq(i)); got != words {
			t.Errorf("row %d: %q, want %q", i, got, words)
		}
	}
	for _, words := range []string{
		"The last visit did not go well: fails. answered with status 503 x", "asked again 20 March 2025, 11:00 GMT", "fails (status 503 Service Unavailable)",
		"Pages found 3 (answers: 1; fails: 1; refused by robots.txt: 1)", "Statements and sightings 4", "Visited every 15 minutes", "Links chosen by x", "Last-Modified x", "Stands in the record; it was added by hand",
	} {
		if got := plain(doc.Find("main")); !strings.Contains(got, words) {
			t.Errorf("%q is missing: %s", words, got)
		}
	}
	evidence := doc.Find(`main a[href^="/evidence/"]`).AttrOr("href", "")
	if evidence != "/evidence/"+h.sha {
		t.Fatalf("evidence %q", evidence)
	}
	if got := plain(h.read(evidence).Find("main")); !strings.Contains(got, h.sha) {
		t.Errorf("the evidence page shows something else: %s", got)
	}
}

func TestASourceThatIsWellKeepsItsLastError(t *testing.T) {
	h := open(t, "x")
	got := plain(h.read("/sources/" + string(record.SourceID("https://board.example/feed?x=x"))).Find("main"))
	for _, words := range []string{"Last visit answers (status 200 OK)", "Last error 20 March 2025, 07:00 GMT: timed out x; well since", "Note of the visit repaired x"} {
		if !strings.Contains(got, words) {
			t.Errorf("%q is missing: %s", words, got)
		}
	}
	if strings.Contains(got, "did not go well") {
		t.Errorf("a source that answers is shown as failing: %s", got)
	}
}

func TestNoSourceIsNotFound(t *testing.T) {
	h := open(t, "x")
	for _, path := range []string{"/sources/src_0", "/sources/x", "/sources/" + url.PathEscape("<b>")} {
		if w := h.ask("GET", path, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestWithoutSourcesThePageSaysHowToAddOne(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "catalogue.db"), sqlite.Options{Clock: now})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	reg, err := register.Read(strings.NewReader(`[{"id":"board","name":"Board of Health"}]`), "test")
	must(t, err)
	h := &house{t: t, db: db, handler: handlerOf(t, desk.New(db, nil, nil, reg, now, nil), nil)}
	if got := plain(h.read("/sources").Find("main")); !strings.Contains(got, "Nothing is watched yet") || !strings.Contains(got, "onrecord source add https://") {
		t.Errorf("the empty page: %s", got)
	}
	off := record.Source{ID: record.SourceID("https://board.example/off"), URL: "https://board.example/off", Kind: record.SourceFeed, Origin: "config"}
	must(t, db.SetSources(t.Context(), []record.Source{off}, record.Edit{At: now(), Who: "test", Action: "source.add"}))
	if got := plain(h.read("/sources").Find("main")); !strings.Contains(got, "Nothing is watched yet") || !strings.Contains(got, "enabled = true") || !strings.Contains(got, "1 source is known and switched off") {
		t.Errorf("the page with one that is off: %s", got)
	}
	if got := plain(h.read("/sources/" + string(off.ID)).Find("main")); !strings.Contains(got, "Switched off: it is not visited. enabled = true in config.toml") || !strings.Contains(got, "There is none yet.") {
		t.Errorf("the page of one that is off: %s", got)
	}
}

func TestAStatementSaysThatItsPageIsMissing(t *testing.T) {
	h := open(t, "x")
	address := "https://board.example/news?x=x"
	absent := func(day, hour int) {
		at := time.Date(2025, 3, day, hour, 0, 0, 0, time.UTC)
		must(t, h.db.Absent(t.Context(), record.Capture{ID: record.CaptureID(address, at, h.sha), URL: address, At: at, SHA256: h.sha, Status: 404, Via: "http"}))
	}
	status := func() string { return plain(h.read("/s/" + string(h.ids[0])).Find("main table").Eq(1)) }
	if got := status(); !strings.Contains(got, "stands; last seen 11 March 2025, 09:00 GMT") {
		t.Errorf("a page that is there: %s", got)
	}
	absent(12, 9)
	absent(12, 11)
	if got := status(); !strings.Contains(got, "its page is missing: not found since 12 March 2025, 09:00 GMT; last seen 11 March 2025, 09:00 GMT") {
		t.Errorf("a page that is missing: %s", got)
	}
	absent(27, 9)
	if got := status(); !strings.Contains(got, "its page is removed: not found since 12 March 2025, 09:00 GMT, for 14 days by 27 March 2025, 09:00 GMT") {
		t.Errorf("a page that is removed: %s", got)
	}
}

func TestEveryPageSaysWhenNoSourceIsReachedAnyMore(t *testing.T) {
	h := open(t, "x")
	if got := h.read("/about").Find("main [role=status]"); got.Length() != 0 {
		t.Errorf("while sources answer: %s", plain(got))
	}
	reg, err := register.Read(strings.NewReader(`[{"id":"board","name":"Board of Health","domains":["board.example"]}]`), "test")
	must(t, err)
	list, err := h.db.SourceStates(t.Context(), "")
	must(t, err)
	var visits []record.Visit
	for _, x := range list {
		v := x.Visit
		v.URL, v.Source, v.State, v.Status, v.Error = x.URL, x.ID, record.VisitFailed, 0, "unreachable: no route to the host; is this machine offline?"
		visits = append(visits, v)
	}
	_, err = h.db.Visited(t.Context(), visits, nil)
	must(t, err)
	h.handler = handlerOf(t, desk.New(h.db, h.ix, h.ar, reg, now, nil), nil) // one that remembers nothing
	for _, path := range []string{"/about", "/sources", "/search?q=ward"} {
		if got := plain(h.read(path).Find("main [role=status]")); !strings.HasPrefix(got, "No source has been reached since 20 March 2025, 09:00 GMT.") {
			t.Errorf("%s says %q", path, got)
		}
	}
	visits[0].State = record.VisitOK
	_, err = h.db.Visited(t.Context(), visits[:1], nil)
	must(t, err)
	h.handler = handlerOf(t, desk.New(h.db, h.ix, h.ar, reg, now, nil), nil)
	if got := h.read("/about").Find("main [role=status]"); got.Length() != 0 {
		t.Errorf("after one answered: %s", plain(got))
	}
}
