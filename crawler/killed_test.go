package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onrecord/catalogue"
	"onrecord/export"
	"onrecord/ingest"
	"onrecord/internal/fakeweb"
	"onrecord/record"
)

var errDied = errors.New("the process is dead")

// mortal is a catalogue whose process dies after some writes: none comes through
// from then on. What was archived before stays.
type mortal struct {
	catalogue.Catalogue
	left int // writes until then
}

func (m *mortal) dies() error {
	if m.left--; m.left < 0 {
		return errDied
	}
	return nil
}

func (m *mortal) Add(ctx context.Context, c record.Capture, p record.Page, found []record.Statement) (record.Added, error) {
	if err := m.dies(); err != nil {
		return record.Added{}, err
	}
	return m.Catalogue.Add(ctx, c, p, found)
}

func (m *mortal) Absent(ctx context.Context, c record.Capture) error {
	return errors.Join(m.dies(), m.after(func() error { return m.Catalogue.Absent(ctx, c) }))
}

func (m *mortal) Unread(ctx context.Context, c record.Capture, reason string) error {
	return errors.Join(m.dies(), m.after(func() error { return m.Catalogue.Unread(ctx, c, reason) }))
}

func (m *mortal) Settle(ctx context.Context, do func(catalogue.Settling) error) error {
	return errors.Join(m.dies(), m.after(func() error { return m.Catalogue.Settle(ctx, do) }))
}

func (m *mortal) SetHost(ctx context.Context, h record.Host) error {
	return errors.Join(m.dies(), m.after(func() error { return m.Catalogue.SetHost(ctx, h) }))
}

func (m *mortal) SetWatermark(ctx context.Context, id record.ID) error {
	return errors.Join(m.dies(), m.after(func() error { return m.Catalogue.SetWatermark(ctx, id) }))
}

func (m *mortal) SetSources(ctx context.Context, list []record.Source, e record.Edit) error {
	return errors.Join(m.dies(), m.after(func() error { return m.Catalogue.SetSources(ctx, list, e) }))
}

func (m *mortal) Visited(ctx context.Context, visits, leads []record.Visit) (int, error) {
	if err := m.dies(); err != nil {
		return 0, err
	}
	return m.Catalogue.Visited(ctx, visits, leads)
}

func (m *mortal) after(do func() error) error {
	if m.left < 0 {
		return nil
	}
	return do()
}

// captures counts how often each answer of an address was kept. Redirects are
// asked anew where a chain broke off: what they set on the way is not known.
func (h *house) captures() map[string]int {
	h.Helper()
	out := map[string]int{}
	for c, err := range h.archive.Captures(h.Context()) {
		must(h.T, err)
		if c.Status/100 != 3 {
			out[c.URL+" "+c.SHA256]++
		}
	}
	return out
}

func movedPage(url, to string, status int) fakeweb.Page {
	return fakeweb.Page{URL: url, Status: status, Header: http.Header{"Location": {to}}, Body: []byte("moved")}
}

func robotsFile(host string) fakeweb.Page {
	return fakeweb.Page{URL: host + "/robots.txt", Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte("User-agent: *\nDisallow: /private/\n")}
}

// killed is a world that is crawled by processes that die.
type killed struct {
	pages   func() []fakeweb.Page
	sources func() []record.Source
	handle  func(*house)
	least   int // statements that it has
}

// run crawls the world. The process dies after so many writes of its second
// crawl; then another one crawls. Left are the writes that it would have had left.
func (k killed) run(t *testing.T, after int) (h *house, m *mortal) {
	m = &mortal{left: 1 << 30}
	h = build(t, k.pages(), k.sources(), func(o *Options) {
		noRevisits(o)
		o.Workers = 1
	})
	m.Catalogue = h.cat
	if k.handle != nil {
		k.handle(h)
	}
	restart := func() {
		h.ingest = ingest.New(h.archive, m, testRegister(t), export.ParseRow, h.o.Log)
		h.Crawler = New(h.archive, m, h.ingest, h.o)
	}
	restart()
	h.once() // what stands before the day on which it is killed
	h.clock().move(7 * time.Hour)
	m.left = after
	if _, err := h.Once(t.Context()); err != nil && !errors.Is(err, errDied) {
		t.Fatal(err)
	}
	if m.left >= 0 {
		return h, m
	}
	m.left = 1 << 30
	restart()
	h.clock().move(20 * time.Second)
	h.once()
	return h, m
}

// TestNothingIsLostOrAskedTwiceWhereverTheProcessDies ends a crawl before each of
// its writes, and lets another process go on.
func TestNothingIsLostOrAskedTwiceWhereverTheProcessDies(t *testing.T) {
	for name, k := range killedWorlds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calm, m := k.run(t, 1<<20)
			writes := 1<<20 - m.left
			want, kept := strings.Join(calm.words(), "\n"), calm.captures()
			if n := len(calm.words()); n < k.least || writes < 4 {
				t.Fatalf("%d statements, %d writes: nothing is tested", n, writes)
			}
			must(t, calm.close())
			t.Logf("%d writes, %d captures", writes, len(kept))
			for after := range writes {
				if testing.Short() && after%15 != 0 {
					continue
				}
				h, _ := k.run(t, after)
				if got := strings.Join(h.words(), "\n"); got != want {
					t.Errorf("killed before write %d of %d: on record\n%s\nwant\n%s", after+1, writes, got, want)
				}
				for what, n := range h.captures() {
					if n > kept[what] {
						t.Errorf("killed before write %d of %d: %s was kept %d times, %d without", after+1, writes, what, n, kept[what])
					}
				}
				for what, n := range kept {
					if h.captures()[what] < n {
						t.Errorf("killed before write %d of %d: %s was not asked for", after+1, writes, what)
					}
				}
				must(t, h.close())
			}
		})
	}
}

// publishing answers as an account does that posts some more at a time.
func (h *house) publishing(a *fakeweb.Account, at time.Time, first, last int, answer http.Handler) http.Handler {
	var once sync.Once
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.clock().Now().After(at) {
			once.Do(func() {
				for n := first; n <= last; n++ {
					a.Post(fakeweb.Post{ID: int64(n), Text: clinic(n), At: at})
				}
			})
		}
		answer.ServeHTTP(w, r)
	})
}

func killedWorlds() map[string]killed {
	const host, other = "https://www.hsb.example", "https://outlet.example"
	second := monday.Add(time.Hour)
	story := func(n int) fakeweb.Page {
		return page(fmt.Sprintf("%s/story-%d", host, n), article(fmt.Sprintf("Story %d", n), clinic(n)))
	}
	one := func(s record.Source) func() []record.Source {
		return func() []record.Source { return []record.Source{s} }
	}
	feedOf := func(n ...int) string {
		var links []string
		for _, i := range n {
			links = append(links, fmt.Sprintf("%s/story-%d", host, i))
		}
		return feed(links...)
	}
	listing := func(n int, next string, stories ...int) string {
		out := `<html><head><title>News</title></head><body><main><ul class="news">`
		for _, i := range stories {
			out += fmt.Sprintf(`<li><a href="/story-%d">Story %d of the clinic and its patients</a> <time datetime="2025-03-0%d">%d March 2025</time></li>`, i, i, 1+i%9, 1+i%9)
		}
		out += `</ul>`
		if next != "" {
			out += fmt.Sprintf(`<nav><a rel="next" href="%s">Page %d</a></nav>`, next, n+1)
		}
		return out + `</main></body></html>`
	}
	sitemap := func(n ...int) string {
		out := `<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`
		for _, i := range n {
			out += fmt.Sprintf(`<url><loc>%s/story-%d</loc><lastmod>2025-03-0%d</lastmod></url>`, host, i, 1+i%9)
		}
		return out + `</urlset>`
	}
	maps := func(first, second string) string {
		return `<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>` + host + `/map-1.xml</loc><lastmod>` + first + `</lastmod></sitemap><sitemap><loc>` + host + `/map-2.xml</loc><lastmod>` + second + `</lastmod></sitemap></sitemapindex>`
	}
	return map[string]killed{
		"a feed, one of whose pages has moved": {
			pages: func() []fakeweb.Page {
				return []fakeweb.Page{
					robotsFile(host), robotsFile(other),
					page(feedURL, feedOf(1)), from(page(feedURL, feedOf(3, 2, 1)), second), story(1), story(3),
					movedPage(host+"/story-2", other+"/story-2", http.StatusMovedPermanently), page(other+"/story-2", article("Story 2", clinic(2))),
				}
			},
			sources: one(feedSource()), least: 3,
		},
		"a source that redirects": {
			pages: func() []fakeweb.Page {
				return []fakeweb.Page{
					robotsFile(host), movedPage(other+"/robots.txt", host+"/robots.txt", http.StatusFound),
					movedPage(other+"/feed/", host+"/elsewhere/", http.StatusFound), movedPage(host+"/elsewhere/", feedURL, http.StatusFound),
					page(feedURL, feedOf(1)), from(page(feedURL, feedOf(2, 1)), second), story(1), story(2),
				}
			},
			sources: one(record.Source{URL: other + "/feed/", Kind: record.SourceFeed}), least: 2,
		},
		"a source that has moved": {
			pages: func() []fakeweb.Page {
				return []fakeweb.Page{
					robotsFile(host), robotsFile(other), page(feedURL, feedOf(1)), from(page(feedURL, feedOf(2, 1)), second), story(1), story(2),
				}
			},
			sources: one(record.Source{URL: other + "/feed/", At: feedURL, Kind: record.SourceFeed}), least: 2,
		},
		"a page in the place of a feed": {
			pages: func() []fakeweb.Page {
				return []fakeweb.Page{
					page(host+"/news", `<html><head><title>News</title><link rel="alternate" type="application/rss+xml" href="/feed/"></head><body><main><p>All the news of the service, for its patients and for its staff.</p></main></body></html>`),
					page(feedURL, feedOf(1)), from(page(feedURL, feedOf(2, 1)), second), story(1), story(2),
				}
			},
			sources: one(record.Source{URL: host + "/news", Kind: record.SourceFeed}), least: 2,
		},
		"a host that wants to be left alone": {
			pages: func() []fakeweb.Page {
				p := fakeweb.Page{URL: other + "/story-9", From: second, Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"3600"}}, Body: []byte("later")}
				return []fakeweb.Page{
					robotsFile(host), page(feedURL, feedOf(1)), from(page(feedURL, feed(other+"/story-9", other+"/story-8", host+"/story-1")), second), story(1), p,
					page(other+"/story-8", article("Story 8", clinic(8))),
				}
			},
			sources: one(feedSource()), least: 1,
		},
		"a page that is gone and one that cannot be read": {
			pages: func() []fakeweb.Page {
				pdf := fakeweb.Page{URL: host + "/story-5", Header: http.Header{"Content-Type": {"application/pdf"}}, Body: []byte("no PDF")}
				return []fakeweb.Page{page(feedURL, feedOf(1)), from(page(feedURL, feedOf(6, 5, 1)), second), story(1), pdf}
			},
			sources: one(feedSource()), least: 1,
		},
		"a listing of several pages": {
			pages: func() []fakeweb.Page {
				return []fakeweb.Page{
					page(host+"/news", listing(1, "/news?page=2", 1, 2, 3, 4)), page(host+"/news?page=2", listing(2, "/news?page=3", 5, 6, 7, 8)), page(host+"/news?page=3", listing(3, "", 9)),
					from(page(host+"/news", listing(1, "/news?page=2", 11, 10, 1, 2)), second), from(page(host+"/news?page=2", listing(2, "/news?page=3", 3, 4, 5, 6)), second), from(page(host+"/news?page=3", listing(3, "", 7, 8, 9)), second),
					story(1), story(2), story(3), story(4), story(5), story(6), story(7), story(8), story(9), story(10), story(11),
				}
			},
			sources: one(record.Source{URL: host + "/news", Kind: record.SourceListing, Links: "ul.news a"}), least: 11,
		},
		"a listing that has only moved on": {
			pages: func() []fakeweb.Page {
				return []fakeweb.Page{
					page(host+"/news", listing(1, "/news?page=2", 1, 2)), page(host+"/news?page=2", listing(2, "", 3, 4)), story(1), story(2), story(3), story(4),
					from(page(host+"/news", listing(1, "/news?page=2", 2, 1)), second),
				}
			},
			sources: one(record.Source{URL: host + "/news", Kind: record.SourceListing, Links: "ul.news a"}), least: 4,
		},
		"a sitemap of several maps": {
			pages: func() []fakeweb.Page {
				return []fakeweb.Page{
					page(host+"/sitemap.xml", maps("2025-03-08", "2025-03-08")), from(page(host+"/sitemap.xml", maps("2025-03-10T11:00:00Z", "2025-03-10T12:00:00Z")), second),
					page(host+"/map-1.xml", sitemap(1)), from(page(host+"/map-1.xml", sitemap(1, 2)), second), page(host+"/map-2.xml", sitemap(3)), from(page(host+"/map-2.xml", sitemap(3, 4, 5)), second),
					story(1), story(2), story(3), story(4), story(5),
				}
			},
			sources: one(record.Source{URL: host + "/sitemap.xml", Kind: record.SourceSitemap, Since: "2025-01-01"}), least: 5,
		},
		"posts of WordPress, page by page": {
			pages:   func() []fakeweb.Page { return nil },
			sources: one(record.Source{URL: host + "/wp-json/wp/v2/posts?per_page=3&orderby=modified", Kind: record.SourceWordPress}),
			handle: func(h *house) {
				a := account("www.hsb.example", "hsb", 4)
				h.web.Handle("www.hsb.example", h.publishing(a, second, 5, 12, a.WordPress(func(p fakeweb.Post) string { return article(fmt.Sprintf("Post %d", p.ID), p.Text) })))
			},
			least: 12,
		},
		"an account, page by page": {
			pages:   func() []fakeweb.Page { return nil },
			sources: one(record.Source{URL: "https://social.example/api/v1/accounts/109/statuses?limit=4", Kind: record.SourceMastodon}),
			handle: func(h *house) {
				a := account("social.example", "hsb", 6)
				h.web.Handle("social.example", h.publishing(a, second, 7, 16, a.Mastodon()))
			},
			least: 16,
		},
	}
}

func TestAnAnswerThatCannotBeReadIsComparedAndNotKeptTwice(t *testing.T) {
	const list = "https://www.hsb.example/news"
	empty := `<html><head><title>News</title></head><body><main><ul class="news"></ul></main></body></html>`
	h := open(t, []fakeweb.Page{
		page(list, empty), from(page(list, `<html><body><ul class="news"><li><a href="/story-1">Story</a></li></ul></body></html>`), monday.Add(time.Hour)),
		page("https://www.hsb.example/story-1", article("Story 1", clinic(1))),
	}, []record.Source{{URL: list, Kind: record.SourceListing, Links: "ul.news a"}}, noRevisits)
	h.once()
	before := h.visited(list)
	h.clock().move(6 * time.Minute)
	h.once()
	v, n := h.visited(list), 0
	for what, times := range h.captures() {
		if strings.HasPrefix(what, list+" ") {
			n += times
		}
	}
	last := h.web.Requests()[len(h.web.Requests())-1]
	if last.URL != list || last.Status != http.StatusNotModified || n != 1 {
		t.Errorf("the second question gave %d at %s, and %d captures are kept; want 304 and one", last.Status, last.URL, n)
	}
	if v.State != record.VisitFailed || v.Error != before.Error || v.Failures != 2 {
		t.Errorf("visit %+v, want it failed twice with %q", v, before.Error)
	}
	h.clock().move(2 * time.Hour)
	h.once()
	if v := h.visited(list); v.State != record.VisitOK || v.Unread != "" || len(h.words()) != 1 {
		t.Errorf("visit %+v, words %q; want it read once there is something", v, h.words())
	}
}

// A visit at which nobody answered says nothing of the copy that is kept.
func TestAFaultInBetweenHasNothingFetchedAnew(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		want   int // of the question after it
	}{"a server that broke": {http.StatusInternalServerError, http.StatusNotModified}, "a page that was gone": {http.StatusNotFound, http.StatusOK}} {
		t.Run(name, func(t *testing.T) {
			body := feed()
			h := open(t, []fakeweb.Page{
				page(feedURL, body), {URL: feedURL, From: monday.Add(time.Hour), Status: tt.status}, from(page(feedURL, body), monday.Add(2*time.Hour)),
			}, []record.Source{feedSource()}, noRevisits)
			for range 3 {
				h.once()
				h.clock().move(90 * time.Minute)
			}
			var got []int
			for _, r := range h.web.Requests() {
				if r.URL == feedURL {
					got = append(got, r.Status)
				}
			}
			if !slices.Equal(got, []int{http.StatusOK, tt.status, tt.want}) {
				t.Errorf("answers %v, want the last to be %d", got, tt.want)
			}
		})
	}
}
