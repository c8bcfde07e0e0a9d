package main

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onrecord/crawler"
	"onrecord/editor"
	"onrecord/internal/fakeweb"
	"onrecord/record"
	"onrecord/register"
)

// pagesOver serves API and pages over an empty folder whose crawler finds the
// sites of web.
func pagesOver(t *testing.T, web *fakeweb.Web) (*house, *httptest.Server) {
	t.Helper()
	p := &program{configFile: crawlSettingsFile(t, web, 0, nil), stderr: io.Discard}
	s, err := p.settings()
	if err != nil {
		t.Fatal(err)
	}
	s.Data.Dir = filepath.Join(t.TempDir(), "data")
	h, err := openHouseAt(t.Context(), s, slog.New(slog.DiscardHandler), "test", register.Default(), crawler.Wall{})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.openIndex(); err != nil {
		t.Fatal(err)
	}
	handler, err := h.handler(handlerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.Close()
		if err := h.close(); err != nil {
			t.Error(err)
		}
	})
	return h, server
}

// sentAs posts a body with headers, as name and value in turn, and follows where
// it leads.
func sentAs(t *testing.T, address, media, body string, headers ...string) (code int, page string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", media)
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

const formMedia = "application/x-www-form-urlencoded"

func TestAPlaceIsLookedAtAndWatchedOnThePages(t *testing.T) {
	html := map[string][]string{"Content-Type": {"text/html; charset=utf-8"}}
	article := `<html><head><title>Boats sail</title><meta property="article:published_time" content="2025-03-10T08:30:00Z"></head><body><article><h1>Boats sail</h1><p>The company spoke on Monday about its winter timetable.</p><p>Rhona Quill, the harbour master, said: “Every boat of the winter timetable will sail from the old pier until Easter.”</p></article></body></html>`
	web, err := fakeweb.Start([]fakeweb.Page{
		{URL: "https://ferries.example/robots.txt", Body: []byte("User-agent: *\nDisallow: /staff/\nSitemap: https://ferries.example/news-map.xml\n")},
		{URL: "https://ferries.example/news/", Header: html, Body: []byte(`<html><head><title>News</title><link rel="alternate" type="application/rss+xml" title="All news" href="/feed"><link rel="https://api.w.org/" href="https://ferries.example/wp-json/"></head>
<body><main><h1>News</h1><ul><li><a href="/news/boats-sail">Boats sail again on Monday</a></li><li><a href="/news/pier-shut">The new pier is shut this week</a></li><li><a href="/news/fares">Fares from the first of April on</a></li></ul></main><footer><a href="https://social.example/@ferries" rel="me">Mastodon</a></footer></body></html>`)},
		{URL: "https://ferries.example/news/boats-sail", Header: html, Body: []byte(article)},
		{URL: "https://ferries.example/news/pier-shut", Header: html, Body: []byte(strings.ReplaceAll(article, "sail from", "leave from"))},
		{URL: "https://ferries.example/news/fares", Header: html, Body: []byte(strings.ReplaceAll(article, "sail from", "start from"))},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	h, server := pagesOver(t, web)
	place := url.Values{"url": {"https://ferries.example/news/"}, "kind": {"listing"}}
	code, page := sentAs(t, server.URL+"/sources/preview", formMedia, place.Encode())
	for _, want := range []string{"allows this address", "a page of links", "Every boat of the winter timetable", "https://ferries.example/feed", "wp-json/wp/v2/posts", "https://ferries.example/news-map.xml", "social.example", `formaction="/sources"`} {
		if code != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("%d, no %q in %.3000s", code, want, page)
		}
	}
	if list, err := h.catalogue.Sources(t.Context()); err != nil || len(list) != 0 {
		t.Fatalf("a look saved %d sources (%v)", len(list), err)
	}
	if code, page := sentAs(t, server.URL+"/sources/preview", formMedia, "url=https://ferries.example/staff/rota"); code != http.StatusOK || !strings.Contains(page, "forbids this address") || strings.Contains(page, `formaction="/sources"`) {
		t.Errorf("what robots.txt forbids: %d %s", code, page)
	}
	if code, page := sentAs(t, server.URL+"/sources", formMedia, "kind=page&url=http://169.254.169.254/latest"); code != http.StatusUnprocessableEntity || !strings.Contains(page, "private or special address") {
		t.Errorf("a private address: %d %s", code, page)
	}
	if code, page := sentAs(t, server.URL+"/sources", formMedia, place.Encode()); code != http.StatusOK || !strings.Contains(page, "not visited yet") {
		t.Errorf("watching it: %d %s", code, page)
	}
	if list, err := h.catalogue.Sources(t.Context()); err != nil || len(list) != 1 || list[0].Kind != record.SourceListing {
		t.Errorf("on the list: %+v (%v)", list, err)
	}
}

func TestFormsOfOtherSitesChangeNothing(t *testing.T) {
	web, err := fakeweb.Start(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	h, server := pagesOver(t, web)
	const form = "url=https://ferries.example/feed&kind=feed"
	for name, headers := range map[string][]string{
		"another site":            {"Sec-Fetch-Site", "cross-site"},
		"another origin":          {"Origin", "https://evil.example"},
		"a sandboxed page":        {"Origin", "null"},
		"a name for this machine": {"Host", "evil.example"},
		"a proxy here":            {"X-Forwarded-For", "192.0.2.7"},
	} {
		for _, path := range []string{"/sources", "/sources/preview", "/sources/import", "/sources/src_0/switch"} {
			if code, page := sentAs(t, server.URL+path, formMedia, form, headers...); code != http.StatusForbidden {
				t.Errorf("%s, %s: %d %s", name, path, code, page)
			}
		}
	}
	if list, err := h.catalogue.Sources(t.Context()); err != nil || len(list) != 0 || len(web.Requests()) != 0 {
		t.Fatalf("%d sources (%v), %d requests", len(list), err, len(web.Requests()))
	}
	if code, page := sentAs(t, server.URL+"/sources", formMedia, form, "Sec-Fetch-Site", "same-origin", "Origin", "null"); code != http.StatusOK {
		t.Errorf("a page of this site, as a browser sends it without a referrer: %d %s", code, page)
	}
}

func TestALongListFitsIntoOneRequestAndNoLongerOne(t *testing.T) {
	web, err := fakeweb.Start(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	h, server := pagesOver(t, web)
	upload := func(list string) (int, string) {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		part, err := m.CreateFormFile("opml", "list.opml")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write([]byte(list))
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		return sentAs(t, server.URL+"/sources/import", m.FormDataContentType(), b.String())
	}
	list := "<opml><body><outline text='A' xmlUrl='https://ferries.example/a'/>" + strings.Repeat(" ", 3<<20) + "<outline text='B' xmlUrl='https://ferries.example/b'/></body></opml>"
	if code, page := upload(list); code != http.StatusOK || !strings.Contains(page, "2 sources were added") {
		t.Errorf("3 MiB: %d %.300s", code, page)
	}
	if code, page := upload(list + strings.Repeat(" ", 1<<20)); code != http.StatusUnprocessableEntity || !strings.Contains(page, "more than 4 MiB") {
		t.Errorf("over 4 MiB: %d", code)
	}
	if code, _ := upload(list + strings.Repeat(" ", 3<<20)); code != http.StatusRequestEntityTooLarge {
		t.Errorf("6 MiB: %d", code)
	}
	if code, _ := sentAs(t, server.URL+"/sources", formMedia, "url=x&note="+strings.Repeat("n", 1<<20)); code != http.StatusRequestEntityTooLarge {
		t.Errorf("1 MiB of another form: %d", code)
	}
	if n, err := h.catalogue.Sources(t.Context()); err != nil || len(n) != 2 {
		t.Errorf("%d sources (%v)", len(n), err)
	}
}

// TestSitemapsNamedByRobotsAreFoundAndWatched is a session over a site whose
// robots.txt names an index of sitemaps and a news sitemap (sitemaps.org).
func TestSitemapsNamedByRobotsAreFoundAndWatched(t *testing.T) {
	const host = "https://ferries.example"
	xml := map[string][]string{"Content-Type": {"application/xml"}}
	day := time.Now().UTC().AddDate(0, 0, -1).Format(time.RFC3339)
	story := func(n int) fakeweb.Page {
		return fakeweb.Page{URL: fmt.Sprintf("%s/news/%d", host, n), Header: map[string][]string{"Content-Type": {"text/html"}}, Body: fmt.Appendf(nil, `<html><head><title>Story %d</title></head><body><article><h1>Story %d</h1><p>The company spoke on Monday about its winter timetable.</p><p>Rhona Quill, the harbour master, said: “Boat number %d of the winter timetable will sail from the old pier until Easter.”</p></article></body></html>`, n, n, n)}
	}
	web, err := fakeweb.Start([]fakeweb.Page{
		{URL: host + "/robots.txt", Body: []byte("# maps\r\nSITEMAP: " + host + "/index.xml\r\nUser-agent: *\r\nDisallow: /staff/\r\nSitemap:" + host + "/news-map.xml # news\r\nSitemap: http://10.0.0.1/x.xml\r\n")},
		{URL: host + "/", Header: map[string][]string{"Content-Type": {"text/html"}}, Body: []byte("<html><head><title>Ferries</title></head><body><main><h1>Ferries</h1><p>We sail.</p></main></body></html>")},
		{URL: host + "/index.xml", Header: xml, Body: []byte(`<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>` + host + `/pages.xml</loc><lastmod>` + day + `</lastmod></sitemap></sitemapindex>`)},
		{URL: host + "/pages.xml", Header: xml, Body: []byte(`<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>` + host + `/news/1</loc><lastmod>` + day + `</lastmod></url><url><loc>` + host + `/news/2</loc><lastmod>` + day + `</lastmod></url><url><loc>` + host + `/news/9</loc><lastmod>2019-01-01</lastmod></url></urlset>`)},
		{URL: host + "/news-map.xml", Header: xml, Body: []byte(`<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>` + host + `/news/2</loc><news:news><news:publication><news:name>Ferries</news:name><news:language>en</news:language></news:publication><news:publication_date>` + day + `</news:publication_date><news:title>Story &amp; two</news:title></news:news></url><url><loc>` + host + `/news/3</loc><news:news><news:publication><news:name>Ferries</news:name><news:language>en</news:language></news:publication><news:publication_date>` + day + `</news:publication_date><news:title>Story three</news:title></news:news></url></urlset>`)},
		story(1), story(2), story(3), story(9),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	web.Record()
	config, data := crawlSettingsFile(t, web, 0, nil), filepath.Join(t.TempDir(), "data")
	ask := func(code int, args ...string) answer {
		t.Helper()
		a := asked(t, "", append([]string{"--data", data, "--config", config}, args...)...)
		if a.code != code {
			t.Fatalf("onrecord %s: exit %d, want %d\n%s%s", strings.Join(args, " "), a.code, code, a.stdout, a.stderr)
		}
		return a
	}
	look := ask(exitDone, "source", "check", host+"/").stdout
	for _, want := range []string{"sitemap " + host + "/index.xml", "sitemap " + host + "/news-map.xml", "named by robots.txt"} {
		if !strings.Contains(look, want) {
			t.Errorf("no %q in\n%s", want, look)
		}
	}
	if a := ask(exitDone, "source", "add", host+"/index.xml", "--yes"); !strings.Contains(a.stdout, "a sitemap with 0 pages and 1 further maps") || !strings.Contains(a.stdout, "added sitemap") {
		t.Errorf("the index: %s", a.stdout)
	}
	if a := ask(exitDone, "source", "add", host+"/news-map.xml", "--yes"); !strings.Contains(a.stdout, "a sitemap with 2 pages") || !strings.Contains(a.stdout, "Story & two") {
		t.Errorf("the news sitemap: %s", a.stdout)
	}
	ask(exitDone, "crawl", "--once")
	for n, want := range map[int]bool{1: true, 2: true, 3: true, 9: false} {
		if got := strings.Contains(ask(exitDone, "search", fmt.Sprintf(`"boat number %d of the winter timetable"`, n)).stdout, "until Easter"); got != want {
			t.Errorf("story %d is on record: %v, want %v", n, got, want)
		}
	}
	stories := map[string]int{}
	for _, r := range web.Requests() {
		if strings.Contains(r.URL, "/news/") {
			stories[r.URL]++
		}
		if strings.Contains(r.Host, "10.0.0.1") {
			t.Errorf("a private address was asked: %s", r.URL)
		}
	}
	if stories[host+"/news/9"] != 0 {
		t.Errorf("a page of 2019 was asked for: %v", stories)
	}
}

func TestAMoveIsFollowedByCommandAndOnThePage(t *testing.T) {
	rss := `<?xml version="1.0"?><rss version="2.0"><channel><title>Ferry news</title></channel></rss>`
	web, err := fakeweb.Start([]fakeweb.Page{
		{URL: "https://ferries.example/feed", Status: http.StatusMovedPermanently, Header: map[string][]string{"Location": {"https://ferries.example/rss"}}},
		{URL: "https://ferries.example/old", Status: http.StatusPermanentRedirect, Header: map[string][]string{"Location": {"https://ferries.example/rss2"}}},
		{URL: "https://ferries.example/rss", Header: map[string][]string{"Content-Type": {"application/rss+xml"}}, Body: []byte(rss)},
		{URL: "https://ferries.example/rss2", Header: map[string][]string{"Content-Type": {"application/rss+xml"}}, Body: []byte(rss)},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	h, server := pagesOver(t, web)
	if err := h.withCrawler(nil); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"feed", "old"} {
		if _, err := h.edit.AddSource(t.Context(), editor.NewSource{URL: "https://ferries.example/" + path, Kind: record.SourceFeed}, "test"); err != nil {
			t.Fatal(err)
		}
	}
	patch := func() *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, server.URL+sourcePath("https://ferries.example/feed"), strings.NewReader(`{"follow":true}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp
	}
	if resp := patch(); resp.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("before it said anything: %s", resp.Status)
	}
	if _, err := h.crawler.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if resp := patch(); resp.StatusCode != http.StatusOK {
		t.Errorf("by the API: %s", resp.Status)
	}
	old := "/sources/" + string(record.SourceID("https://ferries.example/old"))
	code, page := sentAs(t, server.URL+old+"/follow", formMedia, "")
	if code != http.StatusOK || !strings.Contains(page, "https://ferries.example/rss2, where it moved for good") || strings.Contains(page, old+"/follow") {
		t.Errorf("on the page: %d %s", code, page)
	}
	for path, want := range map[string]string{"feed": "https://ferries.example/rss", "old": "https://ferries.example/rss2"} {
		if s, err := h.catalogue.Source(t.Context(), "https://ferries.example/"+path); err != nil || s.At != want {
			t.Errorf("%s is asked at %q (%v), want %q", path, s.At, err, want)
		}
	}
}
