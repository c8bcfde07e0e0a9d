package crawler

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"onrecord/archive"
	"onrecord/internal/fakeweb"
	"onrecord/record"
)

const sorry = "We are sorry for what has happened, and we will put it right by the end of this week."

func TestRobotsOfHTTPMayLeadToHTTPSOfTheSameHost(t *testing.T) {
	h := open(t, []fakeweb.Page{
		{URL: "http://www.hsb.example/robots.txt", Status: 301, Header: http.Header{"Location": {"https://www.hsb.example/robots.txt"}}},
		page("https://www.hsb.example/robots.txt", "User-agent: *\nDisallow: /x\n"), page("http://www.hsb.example/feed", feed()),
	}, []record.Source{{URL: "http://www.hsb.example/feed", Kind: record.SourceFeed}}, nil)
	began := time.Now()
	h.once()
	if v := h.visited("http://www.hsb.example/feed"); v.State != record.VisitOK || time.Since(began) > wholeAnswer {
		t.Errorf("after %v the feed is %s: %s", time.Since(began), v.State, v.Error)
	}
}

// A process was killed right after it kept an answer that is no good: the next
// one must not take it for good.
func TestAnErrorKeptBeforeACrashIsSettledAsOne(t *testing.T) {
	const url = "https://www.hsb.example/a-story"
	h := open(t, []fakeweb.Page{page(feedURL, feed(url)), page(url, article("A", sorry))}, []record.Source{feedSource()}, nil)
	_, err := h.cat.Visited(t.Context(), nil, []record.Visit{{URL: url, Source: record.SourceID(feedURL), Lead: true, Due: monday.Add(-time.Minute)}})
	must(t, err)
	_, err = h.archive.Put(t.Context(), archive.Exchange{URL: url, At: monday.Add(-time.Second), Via: "http", Proto: "HTTP/1.1", Status: 500, Header: http.Header{}, Body: []byte("oops")})
	must(t, err)
	h.once()
	if v := h.visited(url); v.State != record.VisitFailed || v.Error != "answered with status 500" || v.Due.IsZero() {
		t.Fatalf("visit %+v, want the fault, and another try", v)
	}
	h.clock().move(time.Hour)
	h.once()
	if len(h.words()) != 1 {
		t.Errorf("words %q, want the statement of the second try", h.words())
	}
}

func TestOneBrokenAddressDoesNotCloseItsHost(t *testing.T) {
	h := open(t, nil, []record.Source{{URL: "https://faults.example/broken", Kind: record.SourcePage, Every: 300}, {URL: "https://faults.example/feed", Kind: record.SourceFeed, Every: 300}}, nil)
	h.web.Handle("faults.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/broken":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/feed":
			fmt.Fprint(w, feed())
		default:
			http.NotFound(w, r)
		}
	}))
	for range 6 {
		h.once()
		h.clock().move(301 * time.Second)
	}
	if v := h.visited("https://faults.example/feed"); v.State != record.VisitOK {
		t.Errorf("the feed beside it is %s: %s", v.State, v.Error)
	}
	if v := h.visited("https://faults.example/broken"); v.Failures > 4 || v.Error != "answered with status 503" {
		t.Errorf("the broken one was asked %d times in half an hour (%s), want it to back off", v.Failures, v.Error)
	}
}

func TestLeadsThatNobodyAskedForAreNotGivenUp(t *testing.T) {
	const url = "https://faults.example/story"
	lost := true
	h := open(t, []fakeweb.Page{page(feedURL, feed(url))}, []record.Source{feedSource()}, nil)
	h.web.Handle("faults.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/robots.txt" && lost:
			w.WriteHeader(http.StatusInternalServerError)
		case r.URL.Path == "/robots.txt":
			http.NotFound(w, r)
		default:
			fmt.Fprint(w, article("A", sorry))
		}
	}))
	for range 20 {
		h.once()
		h.clock().move(time.Hour + time.Minute)
	}
	if v := h.visited(url); v.Due.IsZero() || v.Failures != 0 {
		t.Errorf("after a day without robots.txt: %+v", v)
	}
	lost = false
	h.once()
	if v := h.visited(url); v.State != record.VisitOK {
		t.Errorf("once robots.txt can be read: %s %s", v.State, v.Error)
	}
}

func TestASourceThatMovedIsReadAsWhatItIs(t *testing.T) {
	const list, moved = "https://www.hsb.example/news", "https://www.hsb.example/news/"
	body := `<html><head><title>News</title></head><body><main><h1>News</h1><ul><li><a href="/a-first-story">The first story of today</a></li></ul>
<p>Dr Mara Ellison, of Health Service Brackenshire, said: “` + sorry + `”</p></main></body></html>`
	h := open(t, []fakeweb.Page{
		{URL: list, Status: 301, Header: http.Header{"Location": {"/news/"}}},
		page(moved, body), page("https://www.hsb.example/a-first-story", "<p>x"),
		{URL: feedURL, Status: 302, Header: http.Header{"Location": {"/news/"}}},
	}, []record.Source{{URL: list, Kind: record.SourceListing, Links: "li a", Every: 600}, feedSource()}, nil)
	h.once()
	if v := h.visited(list); v.State != record.VisitOK || v.Leads != 1 || v.Final != moved || v.ETag != "" {
		t.Errorf("the listing: %+v, want one lead and no validators of another address", v)
	}
	if len(h.words()) != 0 {
		t.Errorf("a listing put %q on record", h.words())
	}
	if v := h.visited(feedURL); v.State != record.VisitFailed || !strings.Contains(v.Error, "not a feed: it answered with text/html") {
		t.Errorf("the feed that leads to a page: %s %q", v.State, v.Error)
	}
	if s, err := h.cat.Source(t.Context(), moved); err != nil || s.URL != list {
		t.Errorf("source at the address that answered: %+v, %v", s, err)
	}
}

func TestOnceVisitsOnlyTheNamedSources(t *testing.T) {
	h := open(t, []fakeweb.Page{page(feedURL, feed("https://www.hsb.example/a")), page("https://www.hsb.example/a", "<p>x"), page("https://echo.example/feed", feed())},
		[]record.Source{feedSource(), {URL: "https://echo.example/feed", Kind: record.SourceFeed}}, nil)
	h.once(record.SourceID(feedURL))
	if got := h.asked(); !slices.Equal(got, []string{feedURL, "https://www.hsb.example/a"}) {
		t.Errorf("asked %v, want the named source and what is found there", got)
	}
}

func TestASlowHostDoesNotKeepOthersWaiting(t *testing.T) {
	var links []string
	pages := []fakeweb.Page{page("https://echo.example/feed", feed())}
	for i := range 20 {
		links = append(links, fmt.Sprintf("https://www.hsb.example/story-%d", i))
		pages = append(pages, page(links[i], "<p>x"))
	}
	h := open(t, append(pages, page(feedURL, feed(links...))), []record.Source{feedSource(), {URL: "https://echo.example/feed", Kind: record.SourceFeed, Every: 60}}, func(o *Options) {
		o.Workers, o.OwnGap = 1, 10*time.Second
	})
	h.once()
	first := slices.Index(h.asked(), "https://echo.example/feed")
	if n := len(h.asked()); n != 22 || first > 3 {
		t.Errorf("%d requests, the other host's feed was number %d; want it among the first, though there is one worker", n, first+1)
	}
}

func TestAPreviewKnowsWhatAHostAskedFor(t *testing.T) {
	h := open(t, []fakeweb.Page{page(feedURL, feed())}, nil, nil)
	must(t, h.cat.SetHost(t.Context(), record.Host{Origin: "https://www.hsb.example", NotBefore: monday.Add(2 * time.Hour), RobotsAt: monday}))
	r, err := h.Preview(t.Context(), record.Source{URL: feedURL, Kind: record.SourceFeed}, nil)
	must(t, err)
	if len(h.web.Requests()) > 0 || !strings.Contains(r.Fault, "asked to be left alone until 10 March 2025, 11:00 UTC") {
		t.Errorf("%d requests, fault %q", len(h.web.Requests()), r.Fault)
	}
}

func TestAnEndlessStatusIsNoRemoval(t *testing.T) {
	const url = "https://www.hsb.example/statement"
	gone := false
	h := open(t, nil, []record.Source{{URL: url, Kind: record.SourcePage, Every: 3600}}, nil)
	h.web.Handle("www.hsb.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/robots.txt", gone:
			http.NotFound(w, r)
		case r.Header.Get("If-None-Match") == `"s"`:
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("Etag", `"s"`)
			fmt.Fprint(w, article("S", sorry))
		}
	}))
	for day := range 18 { // a 404 on the second day and on the last, and the page in between
		gone = day == 1 || day == 17
		h.once()
		h.clock().move(24 * time.Hour)
	}
	ids, err := h.cat.StatementIDs(t.Context(), "", 10)
	must(t, err)
	s, err := h.cat.Statement(t.Context(), ids[0])
	must(t, err)
	if s.Status != record.Current {
		t.Errorf("after two single 404s sixteen days apart the statement is %s", s.Status)
	}
}
