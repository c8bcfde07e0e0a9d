package crawler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"onrecord/archive"
	"onrecord/guard"
	"onrecord/internal/fakeweb"
	"onrecord/record"
)

// noNames resolves nothing and asks nobody.
func noNames() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no names here")
	}}
}

func TestLinksOfAFeedAreFetchedOnceByCanonicalAddress(t *testing.T) {
	const a, b = "https://www.hsb.example/a-story", "https://www.hsb.example/b-story"
	h := open(t, []fakeweb.Page{
		page(feedURL, feed(a+"?utm_source=rss", a, "HTTPS://WWW.HSB.EXAMPLE:443/b-story#top", "javascript:alert(1)", feedURL)),
		page("https://www.hsb.example/list", `<main><ul><li><a href="/a-story">The first story of today</a><li><a href="/c-story?id=3">Moved to another address</a></ul></main>`),
		page(a, article("A", "We are sorry for what has happened, and we will put it right by the end of this week.")),
		page(b, article("B", "The second statement of the day is about something else altogether, as you will see.")),
		{URL: "https://www.hsb.example/c-story?id=3", Status: 301, Header: http.Header{"Location": {"/b-story"}}},
	}, []record.Source{feedSource(), {URL: "https://www.hsb.example/list", Kind: record.SourceListing}}, nil)
	r := h.once()
	got := h.asked()
	slices.Sort(got)
	want := []string{a, b, "https://www.hsb.example/c-story?id=3", feedURL, "https://www.hsb.example/list"}
	if !slices.Equal(got, want) {
		t.Errorf("asked %v, want each page once: %v", got, want)
	}
	if len(h.words()) != 2 || r.Statements != 2 || r.Failed != 0 {
		t.Errorf("report %+v, words %q; want the two statements", r, h.words())
	}
	if v := h.visited(b); v.State != record.VisitOK || !slices.Equal(v.Notes, []string{"the page of https://www.hsb.example/c-story?id=3"}) {
		t.Errorf("the page that another address led to: %+v", v)
	}
	h.once()
	if n := len(h.asked()); n != len(want) {
		t.Errorf("a second run right away asked %d addresses more, want none: nothing is due", n-len(want))
	}
}

func TestAnswersAreArchivedBeforeTheyAreRead(t *testing.T) {
	h := open(t, []fakeweb.Page{
		page("https://www.hsb.example/robots.txt", "User-agent: *\nDisallow: /secret\n"),
		page(feedURL, feed("https://www.hsb.example/old", "https://www.hsb.example/none", "https://www.hsb.example/secret/x")),
		{URL: "https://www.hsb.example/old", Status: 302, Header: http.Header{"Location": {"https://user:pw@www.hsb.example/new"}}},
		page("https://www.hsb.example/new", article("New", "This is what we have to say about it today, and it is all that we can say.")),
	}, []record.Source{feedSource()}, nil)
	h.once()
	kept := map[string]int{}
	for c, err := range h.archive.Captures(t.Context()) {
		must(t, err)
		kept[c.URL] = c.Status
		x, err := h.archive.Get(t.Context(), c.ID)
		must(t, err)
		if !strings.HasPrefix(x.RequestHeader.Get("User-Agent"), "onrecord/test (+https://watcher.example") {
			t.Errorf("%s was asked as %q", c.URL, x.RequestHeader.Get("User-Agent"))
		}
	}
	for url, status := range map[string]int{"https://www.hsb.example/robots.txt": 200, feedURL: 200, "https://www.hsb.example/old": 302, "https://www.hsb.example/new": 200, "https://www.hsb.example/none": 404} {
		if kept[url] != status {
			t.Errorf("the archive has %s with status %d, want %d", url, kept[url], status)
		}
	}
	if len(kept) != 5 {
		t.Errorf("the archive has %v", kept)
	}
	s := h.state(feedURL)
	if s.Pages[record.VisitRobots] != 1 || s.Pages[record.VisitGone] != 1 || s.Pages[record.VisitOK] != 2 { // the old address and the new one
		t.Errorf("pages by state: %v", s.Pages)
	}
	for _, v := range s.Troubled {
		if v.State == record.VisitRobots && !strings.Contains(v.Error, "robots.txt of https://www.hsb.example forbids it") {
			t.Errorf("the refused page says %q", v.Error)
		}
	}
	if slices.ContainsFunc(h.asked(), func(u string) bool { return strings.Contains(u, "secret") }) {
		t.Error("a page was asked for that robots.txt forbids")
	}
}

func TestWhatIsUnchangedIsNotSentAgain(t *testing.T) {
	const url = "https://www.hsb.example/statement"
	words := "We are sorry for what has happened, and we will put it right by the end of this week."
	h := open(t, []fakeweb.Page{
		from(page(url, article("S", words)), monday.Add(-time.Hour)),
		from(page(url, article("S", strings.Replace(words, "this week", "next week", 1))), monday.Add(2*time.Hour)),
	}, []record.Source{{URL: url, Kind: record.SourcePage, Every: 3600, Most: 3600}}, nil)
	for range 5 { // at 9, 10, 11, 12 and 13 o'clock
		h.once()
		h.clock().move(time.Hour + time.Second)
	}
	if r := h.Report(); r.Visits != 5 || r.NotModified != 3 || r.Versions != 1 {
		t.Errorf("report %+v, want 5 visits, 3 of them unchanged, and a new version", r)
	}
	v := h.visited(url)
	if v.Statements != 1 || v.ETag == "" || v.State != record.VisitOK || v.Changed.Hour() != 11 {
		t.Errorf("visit %+v", v)
	}
	for _, r := range h.web.Requests()[2:] {
		if r.URL == url && (r.Header.Get("If-None-Match") == "" || r.Header.Get("If-Modified-Since") == "") {
			t.Errorf("asked again without validators: %v", r.Header)
		}
	}
}

func TestAPageThatIsGoneIsMissing(t *testing.T) {
	const url = "https://www.hsb.example/statement"
	h := open(t, []fakeweb.Page{
		from(page(url, article("S", "We are sorry for what has happened, and we will put it right by the end of this week.")), monday.Add(-time.Hour)),
		{URL: url, From: monday.Add(30 * time.Minute), Status: 410},
	}, []record.Source{{URL: url, Kind: record.SourcePage, Every: 3600}}, nil)
	for range 4 {
		h.once()
		h.clock().move(time.Hour + time.Second)
	}
	defer func() { // it comes back as it was
		h.web.Handle("www.hsb.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("If-None-Match") != "" {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			fmt.Fprint(w, article("S", "We are sorry for what has happened, and we will put it right by the end of this week."))
		}))
		h.clock().move(24 * time.Hour)
		h.once()
		ids, err := h.cat.StatementIDs(t.Context(), "", 10)
		must(t, err)
		s, err := h.cat.Statement(t.Context(), ids[0])
		must(t, err)
		if s.Status != record.Current {
			t.Errorf("after its page came back the statement is %s", s.Status)
		}
	}()
	if v := h.visited(url); v.State != record.VisitGone || v.Due.IsZero() || v.Error != "answered with status 410" {
		t.Errorf("visit %+v", v)
	}
	ids, err := h.cat.StatementIDs(t.Context(), "", 10)
	must(t, err)
	s, err := h.cat.Statement(t.Context(), ids[0])
	must(t, err)
	if s.Status != record.Missing || s.Sightings[0].Missing.IsZero() {
		t.Errorf("the statement is %s, want missing", s.Status)
	}
}

func TestAWallTakesNothingBack(t *testing.T) {
	const url = "https://www.hsb.example/statement"
	for name, body := range map[string]string{
		"H25 a consent wall": `<html><head><title>Before you continue</title></head><body><h1>We value your privacy</h1><p>Please accept cookies to continue. Enable JavaScript and cookies to continue.</p></body></html>`,
		"H26 a soft 404":     `<html><head><title>Page not found</title></head><body><h1>Page not found</h1><p>Sorry, we could not find that page.</p></body></html>`,
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, []fakeweb.Page{
				from(page(url, article("S", "We are sorry for what has happened, and we will put it right by the end of this week.")), monday.Add(-time.Hour)),
				from(page(url, body), monday.Add(30*time.Minute)),
			}, []record.Source{{URL: url, Kind: record.SourcePage, Every: 3600}}, nil)
			for range 3 {
				h.once()
				h.clock().move(time.Hour + time.Second)
			}
			if v := h.visited(url); v.State != record.VisitFailed || v.Error == "" {
				t.Errorf("visit %+v, want it to name the wall", v)
			}
			ids, err := h.cat.StatementIDs(t.Context(), "", 10)
			must(t, err)
			if len(ids) != 1 {
				t.Fatalf("%d statements, want the one that was there", len(ids))
			}
			s, err := h.cat.Statement(t.Context(), ids[0])
			must(t, err)
			if s.Status != record.Current {
				t.Errorf("the statement is %s behind a wall, want current", s.Status)
			}
		})
	}
}

func TestAHostIsAskedOneAtATimeWithItsGap(t *testing.T) {
	for name, tt := range map[string]struct {
		robots string
		own    time.Duration
		want   time.Duration
	}{
		"the operator's own host at once": {"", 0, 0},
		"or as the settings say":          {"", 700 * time.Millisecond, 700 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, []fakeweb.Page{
				page("https://www.hsb.example/robots.txt", tt.robots), page(feedURL, feed("https://www.hsb.example/a", "https://www.hsb.example/b")),
				page("https://www.hsb.example/a", "<p>a"), page("https://www.hsb.example/b", "<p>b"),
			}, []record.Source{feedSource()}, func(o *Options) { o.OwnGap = tt.own })
			before := h.clock().Now()
			h.once()
			if got := h.clock().Now().Sub(before); got != 4*tt.want {
				t.Errorf("four requests took %v of the clock, want %v", got, 4*tt.want)
			}
		})
	}
}

func TestStrangersGapFollowsTheirWishes(t *testing.T) {
	o := Options{Gap: 2 * time.Second, OwnGap: time.Millisecond, Clock: Wall{}}
	hosts := newHosts(o, nil)
	for name, tt := range map[string]struct {
		host host
		took time.Duration
		want time.Duration
	}{
		"two seconds at least":        {host{lane: &lane{}}, 100 * time.Millisecond, 2 * time.Second},
		"five times a slow answer":    {host{lane: &lane{}}, 3 * time.Second, 15 * time.Second},
		"but no longer than a minute": {host{lane: &lane{}}, 25 * time.Second, time.Minute},
		"a Crawl-delay":               {host{lane: &lane{delay: 20 * time.Second}}, 0, 20 * time.Second},
		"the operator's own need not": {host{lane: &lane{delay: 20 * time.Second}, own: true}, time.Second, time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			if got := hosts.gap(&tt.host, tt.took); got != tt.want {
				t.Errorf("gap %v, want %v", got, tt.want)
			}
		})
	}
}

func TestAFailingSourceBacksOffAndComesBack(t *testing.T) {
	h := open(t, nil, []record.Source{{URL: "https://faults.example/a", Kind: record.SourcePage}, feedSource()}, nil)
	broken := true
	h.web.Handle("faults.example", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if broken {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		fmt.Fprint(w, article("A", "We are sorry for what has happened, and we will put it right by the end of this week."))
	}))
	h.web.Handle("www.hsb.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if broken && r.URL.Path != "/robots.txt" {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, feed())
	}))
	var waits []time.Duration
	for range 9 {
		h.once()
		waits = append(waits, h.visited(feedURL).Due.Sub(h.clock().Now()))
		h.clock().move(6 * time.Hour)
	}
	want := []time.Duration{5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute, 80 * time.Minute, 160 * time.Minute, 320 * time.Minute, 6 * time.Hour, 6 * time.Hour}
	if !slices.Equal(waits, want) {
		t.Errorf("waits %v, want %v", waits, want)
	}
	broken = false
	h.once()
	v := h.visited(feedURL)
	if v.State != record.VisitOK || v.Failures != 0 || v.Error != "" || v.LastError == "" {
		t.Errorf("after it came back: %+v", v)
	}
}

func TestSourcesOfStrangersNeedAContact(t *testing.T) {
	var passed []string
	h := open(t, nil, []record.Source{{URL: "http://1.1.1.1/feed", Kind: record.SourceFeed}}, func(o *Options) {
		o.Dialer = guard.New(guard.Options{Resolver: noNames(), Witness: func(_, address string) error {
			passed = append(passed, address)
			return errors.New("recorded, not connected")
		}})
	})
	h.once()
	v := h.visited("http://1.1.1.1/feed")
	if len(passed) > 0 || v.State != record.VisitBarred || !strings.Contains(v.Error, "crawl.contact is not set") {
		t.Errorf("passed %v, visit %+v", passed, v)
	}
}

// table is every address and URL that must never be reached, as URLs.
func table(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile("../guard/testdata/addresses.json")
	must(t, err)
	var v struct {
		Addresses []string `json:"addresses_never_dialled"`
		URLs      []string `json:"urls_never_fetched"`
	}
	must(t, json.Unmarshal(b, &v))
	for _, a := range v.Addresses {
		v.URLs = append(v.URLs, "http://"+net.JoinHostPort(a, "80")+"/x")
	}
	if len(v.URLs) < 47 {
		t.Fatalf("the table has %d rows", len(v.URLs))
	}
	return v.URLs
}

func TestACrashBetweenKeepingAndRecordingLosesNothing(t *testing.T) {
	const url = "https://www.hsb.example/a-story"
	pages := []fakeweb.Page{page(feedURL, feed(url)), page(url, article("A", "We are sorry for what has happened, and we will put it right by the end of this week."))}
	h := open(t, pages, []record.Source{feedSource()}, nil)
	// What a process leaves that was killed right after it kept the feed.
	c, err := h.archive.Put(t.Context(), archive.Exchange{
		URL: feedURL, At: monday.Add(-time.Second), Via: "http", Method: "GET", Proto: "HTTP/1.1", Status: 200,
		Header: http.Header{"Content-Type": {"application/rss+xml"}, "Etag": {`"x"`}}, Body: []byte(feed(url)),
	})
	must(t, err)
	h.once()
	if got := h.asked(); !slices.Equal(got, []string{url}) {
		t.Errorf("asked %v, want the story alone: the feed was kept before", got)
	}
	if v := h.visited(feedURL); v.Capture != c.ID || v.ETag != `"x"` || len(h.words()) != 1 {
		t.Errorf("visit %+v, words %q", v, h.words())
	}
	if id, err := h.cat.Watermark(t.Context()); err != nil || id == c.ID || id == "" {
		t.Errorf("watermark %q, %v; want the story's capture", id, err)
	}
}

func TestPreviewSaysWhatAPlaceIs(t *testing.T) {
	h := open(t, []fakeweb.Page{
		page("https://www.hsb.example/robots.txt", "User-agent: *\nDisallow: /secret\nCrawl-delay: 90\n"),
		page(feedURL, feed("https://www.hsb.example/a")), page("https://www.hsb.example/html", "<title>News</title><p>x"),
	}, nil, nil)
	read := func(x archive.Exchange, s record.Source) (record.Page, []record.Statement, []record.Lead, error) {
		if strings.Contains(x.URL, "feed") {
			return record.Page{Kind: record.FeedPage, Title: "News", Leads: make([]record.Lead, 12)}, nil, nil, nil
		}
		return record.Page{Kind: record.NewsArticle, Title: "News"}, nil, nil, nil
	}
	for name, tt := range map[string]struct {
		url     string
		allowed bool
		says    string
	}{
		"a feed":     {feedURL, true, `a feed, "News", with 12 links`},
		"a page":     {"https://www.hsb.example/html", true, `a page, "News", with 0 statements`},
		"forbidden":  {"https://www.hsb.example/secret/x", false, "forbids it"},
		"not there":  {"https://www.hsb.example/none", true, "status 404"},
		"no address": {"ftp://www.hsb.example/", false, "not http or https"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := h.Preview(t.Context(), record.Source{URL: tt.url}, read)
			must(t, err)
			if r.Allowed != tt.allowed || !strings.Contains(r.Found+r.Fault, tt.says) || len(r.Leads) > 10 {
				t.Errorf("report %+v, want allowed %v and %q", r, tt.allowed, tt.says)
			}
		})
	}
	c, err := h.cat.Counts(t.Context())
	must(t, err)
	if c.Captures != 0 {
		t.Errorf("a preview recorded %d captures", c.Captures)
	}
}
