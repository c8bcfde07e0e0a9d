package web

import (
	"bytes"
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"onrecord/record"
)

const formType = "application/x-www-form-urlencoded"

// send sends a form as a browser on this machine does.
func (h *house) send(path string, v url.Values) *httptest.ResponseRecorder {
	h.t.Helper()
	return h.ask("POST", path, v.Encode(), "Content-Type", formType)
}

// looks has previews answered by look.
func (h *house) looks(look func(context.Context, record.Source) (record.SourceReport, error)) {
	h.handler = handlerOf(h.t, h.desk, h.edit, func(o *Options) { o.Preview = look })
}

func document(t *testing.T, w *httptest.ResponseRecorder) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(w.Body)
	must(t, err)
	return doc
}

func TestOnlyThisMachineSeesAndSendsForms(t *testing.T) {
	h := open(t, "x")
	asked := false
	h.looks(func(context.Context, record.Source) (record.SourceReport, error) {
		asked = true
		return record.SourceReport{}, nil
	})
	away := func(method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		r.RemoteAddr = "192.0.2.7:4000"
		r.Header.Set("Content-Type", formType)
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		return w
	}
	for _, path := range []string{"/sources", "/sources/add", "/sources/" + string(h.source)} {
		if n := document(t, h.ask("GET", path, "")).Find("main form[method=post]").Length(); n == 0 {
			t.Errorf("%s: no form on this machine", path)
		}
		if n := document(t, away("GET", path, "")).Find("main form[method=post]").Length(); n > 0 {
			t.Errorf("%s: %d forms for a stranger", path, n)
		}
	}
	before, err := h.db.Sources(t.Context())
	must(t, err)
	for path, body := range map[string]string{
		"/sources": "url=https://board.example/new&kind=feed", "/sources/preview": "url=https://board.example/new", "/sources/import": "", "/sources/" + string(h.source) + "/switch": "on=0",
	} {
		if w := away("POST", path, body); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "Not from here") {
			t.Errorf("%s from elsewhere: %d %s", path, w.Code, plain(document(t, w).Find("main")))
		}
	}
	after, err := h.db.Sources(t.Context())
	must(t, err)
	if asked || len(after) != len(before) {
		t.Errorf("a stranger had a place asked (%v), or added one: %d sources, were %d", asked, len(after), len(before))
	}
}

func TestALookShowsWhatAPlaceIsAndSavesNothing(t *testing.T) {
	for _, evil := range []string{"x", `"><script>alert(1)</script>`} {
		h := open(t, "x")
		before, err := h.db.Sources(t.Context())
		must(t, err)
		h.looks(func(_ context.Context, s record.Source) (record.SourceReport, error) {
			s.URL, s.Kind = "https://social.example/api/v1/accounts/9/statuses", record.SourceMastodon
			return record.SourceReport{
				Source: s, Robots: "allows this address", Allowed: true, Gap: 2, Found: "posts of " + evil, Final: "https://social.example/final",
				Leads:      []record.Lead{{URL: "https://board.example/a", Title: "Lead " + evil}},
				Places:     []record.Watchable{{URL: "https://board.example/feed2", Kind: record.SourceFeed, Title: "Feed " + evil}, {URL: "javascript:alert(1)", Kind: record.SourceSitemap}},
				Statements: []record.Statement{{Kind: record.Quote, Text: "Every ward is open. " + evil, Speaker: record.Speaker{Name: "Jane " + evil, OrgName: "Board"}}},
				Problems:   []string{"repaired " + evil},
			}, nil
		})
		w := h.send("/sources/preview", url.Values{"url": {"https://social.example/@board"}, "name": {evil}})
		if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" {
			t.Fatalf("%d %v", w.Code, w.Header())
		}
		doc := document(t, w)
		text := plain(doc.Find("main"))
		for _, want := range []string{"allows this address", "posts of " + evil, "every 15 minutes at first", "at least 2 seconds between two requests", "Every ward is open. " + evil, "Jane " + evil, "Lead " + evil, "Feed " + evil, "repaired " + evil, "https://social.example/final"} {
			if !strings.Contains(text, strings.Join(strings.Fields(want), " ")) {
				t.Errorf("the page does not say %q: %s", want, text)
			}
		}
		if n := doc.Find("main script,main [onclick]").Length(); n > 0 {
			t.Errorf("%d elements of a stranger", n)
		}
		form := doc.Find(`main form:has(button[formaction="/sources"])`)
		if form.Find("[name=url]").AttrOr("value", "") != "https://social.example/api/v1/accounts/9/statuses" || form.Find("[name=kind] [selected]").AttrOr("value", "") != "mastodon" || form.Find("[name=name]").AttrOr("value", "") != evil {
			t.Errorf("the form that watches it: %s", plain(form))
		}
		// The first button is what the Enter key means: it must not save.
		if first := form.Find("button").First(); first.AttrOr("formaction", "") != "" {
			t.Errorf("Enter would save: %s", plain(first))
		}
		after, err := h.db.Sources(t.Context())
		must(t, err)
		if len(after) != len(before) {
			t.Errorf("a look saved something: %d sources, were %d", len(after), len(before))
		}
	}
}

func TestALookThatFailsSaysWhyAndOffersNoWatching(t *testing.T) {
	for name, tt := range map[string]struct {
		report record.SourceReport
		err    error
		code   int
		want   string
	}{
		"forbidden":   {record.SourceReport{Robots: "forbids this address", Fault: "not asked: robots.txt forbids it"}, nil, http.StatusOK, "It cannot be watched as it is: not asked: robots.txt forbids it"},
		"out of time": {record.SourceReport{}, context.DeadlineExceeded, http.StatusOK, "no answer within 45 seconds"},
		"a selector":  {record.SourceReport{}, errors.Join(record.ErrInvalid, errors.New("CSS selector")), http.StatusUnprocessableEntity, "There is a problem"},
		"a store":     {record.SourceReport{}, errors.New("disk full"), http.StatusInternalServerError, "could not be made"},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, "x")
			h.looks(func(_ context.Context, s record.Source) (record.SourceReport, error) {
				tt.report.Source = s
				return tt.report, tt.err
			})
			w := h.send("/sources/preview", url.Values{"url": {"https://board.example/new"}})
			doc := document(t, w)
			if got := plain(doc.Find("main")); w.Code != tt.code || !strings.Contains(got, tt.want) || doc.Find(`[formaction="/sources"]`).Length() > 0 {
				t.Errorf("%d %s", w.Code, got)
			}
		})
	}
	h := open(t, "x")
	h.looks(func(_ context.Context, s record.Source) (record.SourceReport, error) {
		return record.SourceReport{Source: s, Found: "a feed"}, context.DeadlineExceeded
	})
	if got := plain(document(t, h.send("/sources/preview", url.Values{"url": {"https://board.example/new"}, "kind": {"feed"}})).Find("main")); !strings.Contains(got, "no time left") || !strings.Contains(got, "Watch it") {
		t.Errorf("what was found in time is lost: %s", got)
	}
	h.looks(func(_ context.Context, s record.Source) (record.SourceReport, error) {
		s.URL = "https://board.example/feed?x=x"
		return record.SourceReport{Source: s, Found: "a feed"}, nil
	})
	if got := plain(document(t, h.send("/sources/preview", url.Values{"url": {"https://board.example/feed"}})).Find("main")); !strings.Contains(got, "on the list already: Well x") {
		t.Errorf("a place that is watched: %s", got)
	}
}

func TestWhatIsWrongStandsBesideItsField(t *testing.T) {
	h := open(t, "x")
	good := url.Values{"url": {"https://board.example/new"}, "kind": {"listing"}}
	for name, tt := range map[string]struct {
		field, value, want string
	}{
		"no address":      {"url", "", "give the address"},
		"no scheme":       {"url", "board.example/new", "begin it with https://"},
		"a password":      {"url", "https://me:secret@board.example/", "leave it out"},
		"already there":   {"url", "https://board.example/feed?x=x", "on the list already"},
		"no kind":         {"kind", "", "say as what"},
		"another kind":    {"kind", "telegraph", "want one of"},
		"unknown body":    {"org", "boards", `did you mean "board"?`},
		"words for a sum": {"every_s", "soon", "“soon” is no number of minutes"},
		"below nothing":   {"pages", "-1", "is no number of pages"},
		"too long apart":  {"most_s", "99999", "up to a year"},
		"no day":          {"since", "yesterday", "want days such as 2024-07-19"},
		"the wrong way":   {"until", "2024-01-01", "the first before the last"},
		"a long name":     {"name", strings.Repeat("n", 300), "at most 200"},
	} {
		t.Run(name, func(t *testing.T) {
			v := url.Values{}
			for k := range good {
				v[k] = good[k]
			}
			if tt.field == "until" {
				v.Set("since", "2024-07-01")
			}
			v.Set(tt.field, tt.value)
			w := h.send("/sources", v)
			doc := document(t, w)
			input := doc.Find("#f-" + tt.field)
			beside := plain(doc.Find("#f-" + tt.field + "-fault"))
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(beside, tt.want) || input.AttrOr("aria-invalid", "") != "true" || !strings.Contains(input.AttrOr("aria-describedby", ""), "f-"+tt.field+"-fault") {
				t.Errorf("%d, beside the field %q: %s", w.Code, beside, plain(doc.Find("main")))
			}
			if href := doc.Find("main [role=alert] a").AttrOr("href", ""); href != "#f-"+tt.field || !strings.HasPrefix(doc.Find("title").Text(), "Error: ") {
				t.Errorf("the summary leads to %q under the title %q", href, doc.Find("title").Text())
			}
			if tt.field == "name" && input.AttrOr("value", "") != tt.value {
				t.Error("what was typed is lost")
			}
		})
	}
	if _, err := h.db.Source(t.Context(), good.Get("url")); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("a form with faults was saved: %v", err)
	}
}

func TestASourceIsWatchedWhenToldAndSwitched(t *testing.T) {
	h := open(t, "x")
	w := h.send("/sources", url.Values{"url": {"https://board.example/new"}, "kind": {"listing"}, "org": {"board"}, "name": {"News"}, "every_s": {"30"}, "most_s": {"2"}, "pages": {"7"}, "links": {"main a"}, "since": {"2024-07-19"}, "note": {"mind it"}})
	id := record.SourceID("https://board.example/new")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/sources/"+string(id) {
		t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	want := record.Source{ID: id, URL: "https://board.example/new", Kind: record.SourceListing, Org: "board", Name: "News", Enabled: true, Every: 1800, Most: 7200, Pages: 7, Links: "main a", Since: "2024-07-19", Note: "mind it"}
	got, err := h.db.Source(t.Context(), want.URL)
	if err != nil || got != want {
		t.Errorf("saved %+v (%v), want %+v", got, err, want)
	}
	if page := plain(h.read("/sources/" + string(id)).Find("main")); !strings.Contains(page, "not visited yet") || !strings.Contains(page, "Switch it off") || !strings.Contains(page, "Days wanted from 2024-07-19 Note mind it") {
		t.Errorf("its page: %s", page)
	}
	for _, on := range []string{"0", "1"} {
		w := h.send("/sources/"+string(id)+"/switch", url.Values{"on": {on}, "why": {"it moved"}})
		got, err := h.db.Source(t.Context(), want.URL)
		if w.Code != http.StatusSeeOther || err != nil || got.Enabled != (on == "1") {
			t.Errorf("switched to %s: %d, %+v (%v)", on, w.Code, got, err)
		}
	}
	edits, err := h.db.Edits(t.Context(), 0, 1000)
	must(t, err)
	if last := edits[len(edits)-1]; last.Who != "pages" || last.Action != "source.change" || last.Why != "it moved" {
		t.Errorf("the edit log says %+v", last)
	}
	for path, code := range map[string]int{"/sources/src_0/switch": http.StatusNotFound, "/sources/%3Cb%3E/switch": http.StatusNotFound} {
		if w := h.send(path, url.Values{"on": {"1"}}); w.Code != code {
			t.Errorf("%s: %d, want %d", path, w.Code, code)
		}
	}
	must(t, h.db.SetSources(t.Context(), []record.Source{{URL: "https://board.example/set", Kind: record.SourceFeed, Origin: "config", Enabled: true}}, record.Edit{At: now(), Who: "config"}))
	set := "/sources/" + string(record.SourceID("https://board.example/set"))
	if n := h.read(set).Find(`form[action$="/switch"]`).Length(); n != 0 {
		t.Error("a source of the settings can be switched on its page")
	}
	if w := h.send(set+"/switch", url.Values{"on": {"0"}}); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "config.toml") {
		t.Errorf("a source of the settings: %d %s", w.Code, w.Body)
	}
}

// upload sends a file as the form for lists does; name "" is no file chosen.
func (h *house) upload(name, content string) *httptest.ResponseRecorder {
	h.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("opml", name)
	must(h.t, err)
	_, err = part.Write([]byte(content))
	must(h.t, err)
	must(h.t, m.Close())
	return h.ask("POST", "/sources/import", b.String(), "Content-Type", m.FormDataContentType())
}

func TestAListIsTakenInOnThePage(t *testing.T) {
	h := open(t, "x")
	w := h.upload("mine.opml", "<opml><body>\n<outline text='N'><outline text='New &lt;b>' xmlUrl='https://board.example/n1'/></outline>\n<outline xmlUrl='https://board.example/n1'/>\n<outline xmlUrl='https://board.example/n2' onrecordOrg='nobody'/></body></opml>")
	doc := document(t, w)
	got := plain(doc.Find("main"))
	for _, want := range []string{"1 source was added; 1 stood on the list already; 1 could not be taken", "New <b>", "line 4: source https://board.example/n2: no organisation"} {
		if w.Code != http.StatusOK || !strings.Contains(got, want) {
			t.Errorf("%d, no %q: %s", w.Code, want, got)
		}
	}
	if s, err := h.db.Source(t.Context(), "https://board.example/n1"); err != nil || !s.Enabled {
		t.Errorf("saved %+v (%v)", s, err)
	}
	for name, tt := range map[string]struct{ file, content, want string }{
		"no file":       {"", "", "choose a file first"},
		"a page":        {"page.html", "<html></html>", "page.html: it is no OPML"},
		"it ends early": {"cut.opml", "<opml>\n<body>\n<outline", "cut.opml: subscription list: XML syntax error on line 3"},
		"no source":     {"none.opml", "<opml><body><outline text='x'/></body></opml>", "none.opml names no source"},
	} {
		w := h.upload(tt.file, tt.content)
		doc := document(t, w)
		if got := plain(doc.Find("#f-opml-fault")); w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, tt.want) || doc.Find("main table").Length() == 0 {
			t.Errorf("%s: %d, beside the field %q", name, w.Code, got)
		}
	}
	if w := h.send("/sources/import", url.Values{"opml": {"x"}}); w.Code != http.StatusBadRequest {
		t.Errorf("another kind of form: %d", w.Code)
	}
}
