package crawler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"onrecord/api"
	"onrecord/archive"
	"onrecord/desk"
	"onrecord/editor"
	"onrecord/extract"
	"onrecord/guard"
	"onrecord/internal/fakeweb"
	"onrecord/record"
)

// reachable is a house of strangers whose only reachable host is a site of the test
// on a second loopback address; whatever else the guard lets pass is recorded and
// not connected to.
func reachable(t *testing.T, site http.Handler, sources []record.Source, change func(*Options)) (*house, *recorder) {
	t.Helper()
	_, names := forbidden(t)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.9.9.9:0")
	if err != nil {
		t.Skipf("NOT RUN: this system has no second loopback address: %v", err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: site}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	var passed recorder
	own := l.Addr().String()
	h := open(t, nil, sources, func(o *Options) {
		o.Canonical = func(raw string) (string, error) { return raw, nil } // even if nothing else stopped them
		o.Dialer = guard.New(guard.Options{
			Strangers: true, Resolver: fakeweb.Resolver(names), ConnectTo: map[string]string{"www.hsb.example:80": own}, Own: []netip.Prefix{netip.MustParsePrefix("127.9.9.9/32")},
			Witness: passed.allBut(own),
		})
		if change != nil {
			change(o)
		}
	})
	t.Cleanup(func() { server.Close(); <-served })
	return h, &passed
}

func (r *recorder) none(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.passed) > 0 {
		t.Errorf("connections to %v", r.passed)
	}
}

// Every spelling as the address of a source of every kind.
func TestU8NoKindOfSourceReachesAnySpelling(t *testing.T) {
	urls, _ := forbidden(t)
	for _, kind := range record.SourceKinds {
		t.Run(string(kind), func(t *testing.T) {
			var sources []record.Source
			tokens := map[string]string{}
			for _, u := range urls {
				if x, err := guard.CheckURL(u); err == nil && !slices.ContainsFunc(sources, func(s record.Source) bool { return s.URL == u }) {
					sources = append(sources, record.Source{URL: u, Kind: kind})
					tokens[originOf(x)] = "a-token" // so that X's is asked
				}
			}
			h, passed := reachable(t, http.NotFoundHandler(), sources, func(o *Options) { o.Tokens = tokens })
			if r := h.once(); r.Visits < len(sources) || r.Failed != r.Visits {
				t.Errorf("%d visits, %d failed of %d sources", r.Visits, r.Failed, len(sources))
			}
			passed.none(t)
		})
	}
}

// Every spelling in every place of an answer at which an address can stand that is
// asked then: the pages and further maps of a sitemap, where a listing and an
// account go on, the pages of the APIs of WordPress and GOV.UK, the hub and the own
// address of a feed, the address that a page found there names as its own, the
// platform of an embedded post, and the sitemaps that a robots.txt names.
func TestU8NoAnswerLeadsToAnySpelling(t *testing.T) {
	urls, _ := forbidden(t)
	const site = "http://www.hsb.example"
	kinds := map[string]record.SourceKind{
		"map": record.SourceSitemap, "index": record.SourceSitemap, "next": record.SourceListing, "rel": record.SourceListing, "wp": record.SourceWordPress,
		"gov": record.SourceGovUK, "masto": record.SourceMastodon, "hub": record.SourceFeed, "topic": record.SourceFeed, "claims": record.SourceFeed, "embeds": record.SourceFeed,
	}
	paths := map[string]string{"gov": "/api/search.json?count=10&w=gov&n=%d", "masto": "/api/v1/accounts/109/statuses?w=masto&n=%d", "wp": "/wp-json/wp/v2/posts?w=wp&n=%d"}
	var sources []record.Source
	for way, kind := range kinds {
		for n := range urls {
			path := "/" + way + "/%d"
			if paths[way] != "" {
				path = paths[way]
			}
			sources = append(sources, record.Source{URL: site + fmt.Sprintf(path, n), Kind: kind, Since: map[record.SourceKind]string{record.SourceListing: "2020-01-01"}[kind]})
		}
	}
	h, passed := reachable(t, answering(urls), sources, func(o *Options) {
		o.PublicURL = publicURL
		askPosts(o)
	})
	r := h.once()
	h.tended()
	h.clock().move(day + time.Hour)
	more := h.once()
	if want := len(kinds) * len(urls); r.Visits < want+8*len(urls)/2 || r.Captures < want || more.Visits <= r.Visits {
		t.Errorf("%d visits, then %d, %d captures for %d addresses on %d ways: the test looks away", r.Visits, more.Visits, r.Captures, len(urls), len(kinds))
	}
	list, err := h.cat.Subscriptions(t.Context(), "")
	must(t, err)
	if len(list) < len(urls) {
		t.Errorf("%d subscriptions for %d hubs: the test looks away", len(list), len(urls))
	}
	for n := range urls {
		_, err := h.Preview(t.Context(), record.Source{URL: site + fmt.Sprintf("/places/%d", n)}, func(x archive.Exchange, _ record.Source) (Look, error) {
			in := extract.Input{URL: x.URL, Header: x.Header, Body: x.Body}
			a, err := extract.Source(in, record.Source{})
			return Look{Page: a.Page, Places: extract.Places(in, extract.APIHosts{})}, err
		})
		must(t, err)
	}
	passed.none(t)
}

// answering is a site whose answers lead to these addresses.
func answering(urls []string) http.Handler {
	encoded := func(v any) string { b, _ := json.Marshal(v); return string(b) }
	answers := map[string]func(u string, n int) (kind, body string, header http.Header){
		"map": func(u string, _ int) (string, string, http.Header) {
			return "application/xml", `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>` + html.EscapeString(u) + `</loc><lastmod>2025-03-09</lastmod></url></urlset>`, nil
		},
		"index": func(u string, _ int) (string, string, http.Header) {
			return "application/xml", `<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>` + html.EscapeString(u) + `</loc></sitemap></sitemapindex>`, nil
		},
		"next": func(u string, n int) (string, string, http.Header) {
			return "text/html", fmt.Sprintf(`<html><head><title>News</title></head><body><main><ul><li><a href="/next/story-%d">A story that is here to be read by you</a></li></ul><a class="next" href="%s">Older posts</a></main></body></html>`, n, html.EscapeString(u)), nil
		},
		"rel": func(u string, n int) (string, string, http.Header) {
			return "text/html", fmt.Sprintf(`<html><head><title>News</title></head><body><main><ul><li><a href="/rel/story-%d">A story that is here to be read by you</a></li></ul></main></body></html>`, n), http.Header{"Link": {"<" + u + `>; rel="next"`}}
		},
		"wp": func(u string, n int) (string, string, http.Header) {
			return "application/json", encoded([]any{map[string]any{"id": n + 1, "link": u, "date_gmt": "2025-03-09T10:00:00", "modified_gmt": "2025-03-09T10:00:00", "title": map[string]string{"rendered": "A"}, "content": map[string]string{"rendered": "<p>A</p>"}}}), nil
		},
		"gov": func(u string, _ int) (string, string, http.Header) {
			return "application/json", encoded(map[string]any{"results": []any{map[string]string{"link": u, "title": "A", "public_timestamp": "2025-03-09T10:00:00Z"}}, "total": 1, "start": 0}), nil
		},
		"masto": func(u string, n int) (string, string, http.Header) {
			status := map[string]any{"id": fmt.Sprint(n + 1), "uri": u, "url": u, "content": "<p>The clinic is open again from today, and all appointments stand.</p>", "created_at": "2025-03-09T10:00:00.000Z", "visibility": "public", "account": map[string]string{"id": "109", "acct": "hsb", "display_name": "HSB", "url": "https://social.example/@hsb"}}
			return "application/json", encoded([]any{status}), http.Header{"Link": {"<" + u + `>; rel="next"`}}
		},
		"hub": func(u string, _ int) (string, string, http.Header) {
			return "application/rss+xml", rss(""), http.Header{"Link": {"<" + u + ">; rel=hub, <http://www.hsb.example/self>; rel=self", "<http://10.9.9.9/hub>; rel=hub"}}
		},
		"topic": func(u string, _ int) (string, string, http.Header) {
			return "application/rss+xml", rss(""), http.Header{"Link": {"<http://www.hsb.example/takes>; rel=hub, <" + u + ">; rel=self"}}
		},
		"claims": func(_ string, n int) (string, string, http.Header) {
			return "application/rss+xml", rss(fmt.Sprintf("<item><title>A story</title><link>http://www.hsb.example/claim/%d</link></item>", n)), nil
		},
		"claim": func(u string, _ int) (string, string, http.Header) {
			return "text/html", claims(html.EscapeString(u), longer("Fault", mended)), nil
		},
		"embeds": func(_ string, n int) (string, string, http.Header) {
			return "application/rss+xml", rss(fmt.Sprintf("<item><title>A story</title><link>http://www.hsb.example/embed/%d</link></item>", n)), nil
		},
		"embed": func(u string, n int) (string, string, http.Header) {
			at := html.EscapeString(strings.TrimRight(u, "/") + fmt.Sprintf("/@hsb/%d", n+1))
			return "text/html", strings.Replace(longer("Fault", mended), "</article>", `<blockquote class="mastodon-embed" data-embed-url="`+at+`/embed"><a href="`+at+`"><p>The clinic is open again.</p><div>Post by @hsb@social.example</div></a></blockquote></article>`, 1), nil
		},
		"places": func(u string, _ int) (string, string, http.Header) {
			at := html.EscapeString(u)
			return "text/html", `<html><head><title>A</title><link rel="alternate" type="application/rss+xml" href="` + at + `"><link rel="https://api.w.org/" href="` + at + `"><link rel="me" href="` + at + `/@hsb"></head><body><p>Something to be read.</p></body></html>`, nil
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		way, number, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		if q := r.URL.Query(); q.Get("w") != "" {
			way, number = q.Get("w"), q.Get("n")
		}
		n := 0
		_, err := fmt.Sscanf(number, "%d", &n)
		switch {
		case r.URL.Path == "/robots.txt":
			for _, u := range urls {
				fmt.Fprintf(w, "Sitemap: %s\n", u)
			}
			return
		case answers[way] == nil || err != nil || n >= len(urls):
			http.NotFound(w, r)
			return
		}
		kind, body, header := answers[way](urls[n], n)
		for k, v := range header {
			for _, line := range v {
				w.Header().Add(k, strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(line))
			}
		}
		w.Header().Set("Content-Type", kind+"; charset=utf-8")
		_, _ = io.WriteString(w, body)
	})
}

// Every spelling as it is given to the API: to be added, to be looked at, and in a
// list of subscriptions.
func TestU8NoSpellingIsReachedThroughTheAPI(t *testing.T) {
	urls, _ := forbidden(t)
	h, passed := reachable(t, http.NotFoundHandler(), nil, func(o *Options) { o.Canonical = extract.Canonical })
	e := editor.New(h.cat, nil, h.clock().Now)
	e.Sources(editor.SourceRules{Canonical: extract.Canonical, Selector: extract.CheckSelector, Changed: h.Wake})
	router := api.Router(api.Options{
		Desk: desk.New(h.cat, nil, h.archive, nil, h.clock().Now, nil), Editor: e,
		Preview: func(ctx context.Context, s record.Source) (record.SourceReport, error) {
			return h.Preview(ctx, s, func(archive.Exchange, record.Source) (Look, error) { return Look{}, errors.New("an answer") })
		},
	}, nil)
	server := httptest.NewServer(router)
	defer server.Close()
	send := func(path, form, body string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/v1"+path, strings.NewReader(body))
		must(t, err)
		req.Header.Set("Content-Type", form)
		resp, err := server.Client().Do(req)
		must(t, err)
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
		must(t, err)
		return resp.StatusCode
	}
	post := func(path string, body any) int {
		t.Helper()
		b, err := json.Marshal(body)
		must(t, err)
		return send(path, "application/json", string(b))
	}
	lines, added := "", 0
	for n, u := range urls {
		kind := record.SourceKinds[n%len(record.SourceKinds)]
		if post("/sources/preview", map[string]string{"url": u}) >= 500 || post("/sources/preview", map[string]any{"url": u, "kind": kind}) >= 500 {
			t.Errorf("a look at %q broke", u)
		}
		if n%2 == 0 {
			if post("/sources", map[string]any{"url": u, "kind": kind}) == http.StatusCreated {
				added++
			}
			continue
		}
		lines += `<outline type="rss" text="A" xmlUrl="` + html.EscapeString(strings.Map(func(r rune) rune {
			if r < ' ' {
				return -1
			}
			return r
		}, u)) + `"/>`
	}
	if got := send("/sources/import", "text/x-opml", `<?xml version="1.0"?><opml version="2.0"><body>`+lines+`</body></opml>`); got/100 != 2 {
		t.Errorf("the list is answered with %d", got)
	}
	h.forget()
	if r := h.once(); added < len(urls)/4 || r.Visits < added || r.Failed != r.Visits {
		t.Errorf("%d added, %d visits, %d failed: the test looks away", added, r.Visits, r.Failed)
	}
	passed.none(t)
}
