package crawler

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"onrecord/extract"
	"onrecord/internal/fakeweb"
	"onrecord/record"
)

func clinic(n int) string {
	return fmt.Sprintf("Clinic number %d is open again and everybody who had to wait will be seen by Friday evening.", n)
}

func account(host, handle string, posts int) *fakeweb.Account {
	a := &fakeweb.Account{Host: host, Handle: handle, Name: "Health Service Brackenshire"}
	for n := 1; n <= posts; n++ {
		a.Post(fakeweb.Post{ID: int64(n), Text: clinic(n), At: monday.AddDate(0, 0, n-posts-1)})
	}
	return a
}

// noRevisits leaves out visits of pages that nothing but the schedule asks for.
func noRevisits(o *Options) { o.Rhythm.Pages = []time.Duration{} }

func (h *house) statements() []record.Statement {
	h.Helper()
	ids, err := h.cat.StatementIDs(h.Context(), "", 1000)
	must(h.T, err)
	list, err := h.cat.Statements(h.Context(), ids)
	must(h.T, err)
	return list
}

// checkPosts looks whether the statements on record are an account's posts.
func (h *house) checkPosts(want int) {
	h.Helper()
	list := h.statements()
	if len(list) != want {
		h.Errorf("%d statements, want %d: %q", len(list), want, h.words())
	}
	for _, s := range list {
		x := s.Sightings[0]
		if s.Kind != record.PostKind || s.Speaker.Org != "hsb" || s.Said.Basis != record.FromPost || !strings.HasPrefix(x.URL, "https://") || s.Status != record.Current {
			h.Errorf("statement %q: kind %s, org %q, said %v, at %s, %s", s.Text, s.Kind, s.Speaker.Org, s.Said, x.URL, s.Status)
		}
		if _, err := h.archive.Get(h.Context(), record.AnswerID(x.Capture)); err != nil {
			h.Errorf("the evidence of %q: %v", s.Text, err)
		}
	}
}

func TestAnAccountIsReadPageByPageAndItsEditsAreSeen(t *testing.T) {
	for name, tt := range map[string]struct {
		host, url, handle string
		kind              record.SourceKind
		answer            func(*fakeweb.Account) http.Handler
		edits             bool
	}{
		"mastodon": {"social.example", "https://social.example/api/v1/accounts/109/statuses?limit=4", "hsb", record.SourceMastodon, (*fakeweb.Account).Mastodon, true},
		"bluesky":  {"api.bsky.example", "https://api.bsky.example/xrpc/app.bsky.feed.getAuthorFeed?actor=hsb.example&limit=4", "hsb.example", record.SourceBluesky, (*fakeweb.Account).Bluesky, false},
		"x":        {"api.x.example", "https://api.x.example/2/users/4711/tweets?max_results=4", "HSBrackenshire", record.SourceX, func(a *fakeweb.Account) http.Handler { return a.X("a-secret") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, nil, []record.Source{{URL: tt.url, Kind: tt.kind, Most: 60}}, func(o *Options) {
				o.Tokens = map[string]string{"https://api.x.example": "a-secret"}
			})
			a := account(tt.host, tt.handle, 10)
			a.Post(fakeweb.Post{ID: 11, Text: "What somebody else said and this account only passed on to others.", At: monday.Add(-time.Hour), Repeats: true})
			h.web.Handle(tt.host, tt.answer(a))
			if r := h.once(); r.Failed != 0 || r.Visits != 3 {
				t.Errorf("report %+v, want three answers", r)
			}
			h.checkPosts(10)
			h.clock().move(16 * time.Minute)
			before := len(h.asked())
			h.once()
			if got := h.asked()[before:]; len(got) != 1 {
				t.Errorf("with nothing new it asked %v, want the first answer alone", got)
			}
			a.Post(fakeweb.Post{ID: 12, Text: clinic(12), At: monday.Add(time.Minute)})
			if tt.edits {
				a.Post(fakeweb.Post{ID: 10, Text: clinic(10) + " We are sorry.", At: monday.AddDate(0, 0, -1), Edited: monday.Add(2 * time.Minute)})
			}
			h.clock().move(16 * time.Minute)
			h.once()
			list := h.statements()
			if len(list) != 11 {
				t.Errorf("%d statements, want 11: %q", len(list), h.words())
			}
			updated := slices.ContainsFunc(list, func(s record.Statement) bool { return len(s.Wordings) == 2 })
			if updated != tt.edits {
				t.Errorf("a second wording: %v, want %v", updated, tt.edits)
			}
			for c, err := range h.archive.Captures(t.Context()) {
				must(t, err)
				x, err := h.archive.Get(t.Context(), c.ID)
				must(t, err)
				if strings.Contains(fmt.Sprint(x.RequestHeader), "a-secret") {
					t.Errorf("the archive has the token, with %s", c.URL)
				}
			}
		})
	}
}

const xURL = "https://api.x.example/2/users/4711/tweets"

func TestWithoutATokenNobodyIsAsked(t *testing.T) {
	h := open(t, nil, []record.Source{{URL: xURL, Kind: record.SourceX}}, nil)
	h.once()
	if v := h.visited(xURL); v.State != record.VisitBarred || !strings.Contains(v.Error, "posts are kept where pages embed them") || len(h.web.Requests()) != 0 {
		t.Errorf("visit %+v, %d requests; want it left alone", v, len(h.web.Requests()))
	}
}

func TestATokenGoesToItsOriginAlone(t *testing.T) {
	h := open(t, nil, []record.Source{{URL: xURL, Kind: record.SourceX}}, func(o *Options) { o.Tokens = map[string]string{"https://api.x.example": "a-secret"} })
	h.web.Handle("api.x.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		http.Redirect(w, r, "https://outlet.example/2/users/4711/tweets", http.StatusFound)
	}))
	h.once()
	elsewhere := 0
	for _, r := range h.web.Requests() {
		if r.Host != "outlet.example" {
			continue
		}
		elsewhere++
		if r.Header.Get("Authorization") != "" {
			t.Errorf("%s was sent the token", r.URL)
		}
	}
	if elsewhere == 0 {
		t.Error("the redirect was not followed: nothing was tested")
	}
}

func TestAPostAndItsEmbedAreOneStatementWithThePostAsOrigin(t *testing.T) {
	p := fakeweb.Post{ID: 1, At: monday.AddDate(0, 0, -1)}
	x := account("api.x.example", "HSBrackenshire", 1)
	id := fmt.Sprint((p.At.UnixMilli()-1288834974657)<<22 | 1)
	embed := `<blockquote class="twitter-tweet"><p lang="en" dir="ltr">` + clinic(1) + `</p>&mdash; Health Service Brackenshire (@HSBrackenshire) <a href="https://twitter.com/HSBrackenshire/status/` + id + `?ref_src=twsrc%5Etfw">March 9, 2025</a></blockquote>`
	news := `<html><head><title>Clinic</title></head><body><article><h1>Clinic opens</h1><p>Patients in the county can go back to their clinic from today, the first time this month.</p>` + embed + `<p>The clinic was shut for three weeks after a fault in its computers, and its patients were sent elsewhere.</p></article></body></html>`
	h := open(t, []fakeweb.Page{page("https://outlet.example/clinic-opens", news)}, []record.Source{
		{URL: "https://outlet.example/clinic-opens", Kind: record.SourcePage},
		{URL: "https://api.x.example/2/users/4711/tweets", Kind: record.SourceX},
	}, func(o *Options) { o.Tokens = map[string]string{"https://api.x.example": "t"} })
	h.web.Handle("api.x.example", x.X("t"))
	h.once()
	list := h.statements()
	if len(list) != 1 || len(list[0].Sightings) != 2 {
		t.Fatalf("statements %+v", list)
	}
	if s := list[0]; s.Speaker.Org != "hsb" || !s.Said.Time.Equal(p.At) {
		t.Errorf("speaker %+v, said %v; want the account's, when it was posted", s.Speaker, s.Said)
	}
}

func TestAPageInSitemapFeedAndListingIsFetchedOnce(t *testing.T) {
	const host = "https://www.hsb.example"
	urls := func(lastmod string, n ...int) string {
		out := `<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">`
		for _, i := range n {
			out += fmt.Sprintf(`<url><loc>%s/story-%d</loc><lastmod>%s</lastmod><news:news><news:publication><news:name>HSB</news:name><news:language>en</news:language></news:publication><news:publication_date>2025-03-10T08:00:00Z</news:publication_date><news:title>Story &amp; %d</news:title></news:news></url>`, host, i, lastmod, i)
		}
		return out + `</urlset>`
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(urls("2025-03-09T08:00:00Z", 1, 2)))
	must(t, z.Close())
	index := func(lastmod string) string {
		return `<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>` + host + `/map-1.xml.gz</loc><lastmod>` + lastmod + `</lastmod></sitemap><sitemap><loc>` + host + `/old.xml</loc><lastmod>2023-01-01</lastmod></sitemap></sitemapindex>`
	}
	later := monday.Add(3 * time.Hour)
	pages := []fakeweb.Page{
		page(host+"/sitemap.xml", index("2025-03-09T08:00:00Z")), from(page(host+"/sitemap.xml", index("2025-03-10T11:30:00Z")), later),
		{URL: host + "/map-1.xml.gz", Header: http.Header{"Content-Type": {"application/gzip"}}, Body: packed.Bytes()},
		from(page(host+"/map-1.xml.gz", urls("2025-03-10T11:30:00Z", 1)), later),
		page(feedURL, feed(host+"/story-1", host+"/story-2")),
		page(host+"/list", `<main><ul><li><a href="/story-2">The second story of today</a><li><a href="/story-3">The third story of today</a></ul><a rel="next" href="/list?page=2">Older</a></main>`),
		page(host+"/list?page=2", `<main><ul><li><a href="/story-4">The fourth story of today</a></ul><a href="/list?page=3">3</a></main>`),
		page(host+"/list?page=3", `<main><ul><li><a href="/story-1">The first story of today</a></ul><a href="/list?page=4">4</a></main>`),
		page(host+"/list?page=4", `<main><ul><li><a href="/story-9">Never asked: the page before had nothing new</a></ul></main>`),
	}
	for n := 1; n <= 4; n++ {
		pages = append(pages, page(fmt.Sprintf("%s/story-%d", host, n), article(fmt.Sprint("Story ", n), clinic(n))))
	}
	h := open(t, pages, []record.Source{
		{URL: host + "/sitemap.xml", Kind: record.SourceSitemap}, feedSource(), {URL: host + "/list", Kind: record.SourceListing},
	}, noRevisits)
	h.once()
	got := h.asked()
	slices.Sort(got)
	want := []string{feedURL, host + "/list", host + "/list?page=2", host + "/list?page=3", host + "/map-1.xml.gz", host + "/sitemap.xml", host + "/story-1", host + "/story-2", host + "/story-3", host + "/story-4"}
	if !slices.Equal(got, want) {
		t.Errorf("asked\n%s\nwant each once:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(h.words()) != 4 {
		t.Errorf("words %q", h.words())
	}
	h.clock().move(4 * time.Hour)
	before := len(got)
	h.once()
	if again := h.asked()[before:]; !slices.Contains(again, host+"/story-1") || slices.Contains(again, host+"/story-2") {
		t.Errorf("after the map says that story 1 changed it asked %v", again)
	}
}

func TestWordPressIsWalkedThroughAndEditsAreSeen(t *testing.T) {
	const url = "https://www.hsb.example/wp-json/wp/v2/posts?per_page=3"
	a := account("www.hsb.example", "hsb", 8)
	answer := a.WordPress(func(p fakeweb.Post) string { return article("Post", p.Text) })
	h := open(t, nil, []record.Source{{URL: url, Kind: record.SourceWordPress}}, noRevisits)
	h.web.Handle("www.hsb.example", answer)
	h.once()
	if len(h.words()) != 8 || h.Report().Failed != 0 {
		t.Fatalf("report %+v, words %q", h.Report(), h.words())
	}
	a.Post(fakeweb.Post{ID: 2, Text: clinic(2) + " It was late.", At: monday.AddDate(0, 0, -6), Edited: monday.Add(90 * time.Minute)})
	h.clock().move(2 * time.Hour)
	before := len(h.asked())
	h.once()
	if again := h.asked()[before:]; !slices.Contains(again, "https://www.hsb.example/2-post/") || len(again) > 3 {
		t.Errorf("after an edit it asked %v, want the list and post 2", again)
	}
	if n := len(h.statements()); n != 8 {
		t.Errorf("%d statements after the edit, want 8", n)
	}
}

func TestGovUKIsReadByItsAPIAndOnceWhicheverSourceLeadsThere(t *testing.T) {
	const url = "https://www.gov.example/api/search.json?count=2"
	a := account("www.gov.example", "hsb", 3)
	h := open(t, []fakeweb.Page{page(feedURL, feed("https://www.gov.example/government/news/statement-1"))}, []record.Source{{URL: url, Kind: record.SourceGovUK}, feedSource()}, func(o *Options) {
		o.Content, o.PageOf = extract.ContentAddress, extract.PageAddress
	})
	h.web.Handle("www.gov.example", a.GovUK())
	h.once()
	seen := map[string]int{}
	for _, u := range h.asked() {
		seen[u]++
	}
	for n := 1; n <= 3; n++ {
		if seen[fmt.Sprintf("https://www.gov.example/api/content/government/news/statement-%d", n)] != 1 {
			t.Errorf("statement %d: asked %v", n, seen)
		}
	}
	list := h.statements()
	if len(list) != 3 || list[0].Kind != record.Release || !strings.HasPrefix(list[0].Sightings[0].CanonicalURL, "https://www.gov.example/government/news/") {
		t.Errorf("statements %+v", list)
	}
}
