package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"onrecord/record"
)

func addresses(h *house) []string {
	return []string{
		"/", "/search?q=backlog", "/search?q=backlog&org=board&from=2025-03-01&kind=release", "/search?q=nothing+here", "/s/" + string(h.ids[0]), "/i", "/i/backlog-2025", "/i/backlog-2025?org=board", "/proposals", "/o", "/o/board",
		"/evidence/" + h.sha, "/about", "/sources", "/sources?state=failing", "/sources/add", "/sources/add?url=https://board.example/x", "/sources/" + string(h.source), "/p/" + string(record.PersonID("Jane x", "board")),
	}
}

func TestEveryPageIsWellMade(t *testing.T) {
	h := open(t, "x")
	for _, path := range addresses(h) {
		w := h.ask("GET", path, "")
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
			continue
		}
		doc, err := goquery.NewDocumentFromReader(w.Body)
		must(t, err)
		for sel, n := range map[string]int{"h1": 1, "main": 1, "header.site": 1, "footer.site": 1, "a.skip": 1, "script": 0, "[style]": 0, "img": 0} {
			if got := doc.Find(sel).Length(); got != n {
				t.Errorf("%s: %d of %s, want %d", path, got, sel, n)
			}
		}
		doc.Find("input:not([type=hidden]),select,textarea").Each(func(_ int, e *goquery.Selection) {
			if doc.Find(`label[for="`+e.AttrOr("id", "")+`"]`).Length() != 1 {
				t.Errorf("%s: a field without label: %s", path, e.AttrOr("name", ""))
			}
		})
		if !strings.Contains(doc.Find("footer").Text(), "invented") {
			t.Errorf("%s: the notice is missing", path)
		}
		if w.Header().Get("Content-Security-Policy") != policy {
			t.Errorf("%s: policy %q", path, w.Header().Get("Content-Security-Policy"))
		}
	}
}

func TestStrangersWordsAreNeverMarkup(t *testing.T) {
	for _, evil := range []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'onmouseover='alert(1)`, `javascript:alert(1)`, `</title><svg onload=alert(1)>`, "{{.}}"} {
		h := open(t, evil)
		all := addresses(h) // the last is of a person with another name here
		for _, path := range append(all[:len(all)-1], "/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&org=%3Cimg+src=x%3E", "/s/%3Cscript%3E") {
			w := h.ask("GET", path, "")
			if w.Code == http.StatusInternalServerError {
				t.Errorf("%s with %q: %d", path, evil, w.Code)
			}
			doc, err := goquery.NewDocumentFromReader(w.Body)
			must(t, err)
			if n := doc.Find("script,img,[onerror],[onload],[onmouseover],svg[onload]").Length(); n > 0 {
				t.Errorf("%s with %q: %d elements of a stranger", path, evil, n)
			}
			doc.Find("a[href]").Each(func(_ int, a *goquery.Selection) {
				if strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.AttrOr("href", ""))), "javascript:") {
					t.Errorf("%s with %q: a link that runs", path, evil)
				}
			})
		}
	}
}

func TestAStatementShowsItsEarlierWords(t *testing.T) {
	h := open(t, "x")
	doc, err := goquery.NewDocumentFromReader(h.ask("GET", "/s/"+string(h.ids[0]), "").Body)
	must(t, err)
	if got := doc.Find("#w1 del, #w2 del, #w1 ins, #w2 ins").Text(); !strings.Contains(got, "very") {
		t.Errorf("the word that was added is not marked: %q in %s", got, doc.Find("main").Text())
	}
	if got := doc.Find("main").Text(); !strings.Contains(got, "10 March 2025 (time not known)") || !strings.Contains(got, h.sha) {
		t.Errorf("day or digest missing: %s", got)
	}
}

func TestAQueryThatCannotBeReadShowsWhere(t *testing.T) {
	h := open(t, "x")
	w := h.ask("GET", "/search?q=a+%22b", "")
	doc, err := goquery.NewDocumentFromReader(w.Body)
	must(t, err)
	if w.Code != http.StatusBadRequest || doc.Find(`[role=alert] mark`).Text() != `"b` {
		t.Errorf("%d %s", w.Code, doc.Find("main").Text())
	}
}

func TestMarksComeFromOffsets(t *testing.T) {
	text := "Ärzte say <b>\nno"
	got := paragraphs(text, []record.Span{{Start: 0, End: 6}, {Start: 1, End: 3}, {Start: 90, End: 99}})
	if len(got) != 2 || got[0][0] != (piece{"Ärzte", true}) || got[0][1] != (piece{" say <b>", false}) {
		t.Errorf("got %v", got)
	}
}

func TestTimesAreShownWithTheirZone(t *testing.T) {
	for want, i := range map[string]record.Instant{
		"19 July 2024 (time not known)": record.OnDay(2024, 7, 19, record.FromPage),
		"19 July 2024, 00:00 BST":       record.At(record.OnDay(2024, 7, 19, record.FromPost).Time, record.FromPost),
		"not known":                     {},
		"10 January 2025, 00:00 GMT":    record.At(record.OnDay(2025, 1, 10, record.FromPost).Time, record.FromPost),
	} {
		if got := show(i); got != want {
			t.Errorf("show = %q, want %q", got, want)
		}
	}
}
