package crawler

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"onrecord/archive"
	"onrecord/guard"
	"onrecord/internal/fakeweb"
	"onrecord/record"
)

func TestFaultsOfURLs(t *testing.T) {
	suffer(t, 6, slices.Concat(spelled(), refusedAddresses(), oneArticle()))
}

func spelled() []fault {
	spellings := []string{
		"https://faults.example/story-a", "HTTPS://FAULTS.EXAMPLE/story-a", "https://faults.example:443/story-a", "https://faults.example/x/../story-a", "https://faults.example/./story-a",
		"https://faults.example/story-a#part", "https://faults.example/story-a?utm_source=rss&utm_medium=feed", "https://faults.example/story-a?fbclid=1#x", "https://wilma:s3cretword@faults.example/story-a",
	}
	var items []string
	for _, u := range spellings {
		items = append(items, item(strings.ReplaceAll(u, "&", "&amp;")))
	}
	u1 := readFeed("U1 nine spellings of one address", "", rss(items...), "/story-a")
	exact := readFeed("U9 a query is asked byte for byte", "", rss(item("https://faults.example/story-a?a=1;b=2&amp;c=%2F%c3%a9&amp;d")), "/story-a?a=1;b=2&c=%2F%c3%a9&d")
	exact.check = func(h *house) {
		const want = "https://faults.example/story-a?a=1;b=2&c=%2F%c3%a9&d"
		if h.asks(want) != 1 || h.captured(want) != 1 {
			h.Errorf("asked %v, want %s as it stands", h.asked(), want)
		}
	}
	idn := fault{id: "U5 a name in letters of two alphabets", url: "https://xn--eho-rdd.example/x"} // the second letter is Cyrillic
	idn.pages = []fakeweb.Page{page(idn.url, "<p>Something to be read.</p>")}
	idn.says = "the host xn--eho-rdd.example is written eеho.example, in letters of several alphabets"
	idn.guard = func(o *guard.Options) { o.ConnectTo["xn--eho-rdd.example:443"] = o.ConnectTo["www.hsb.example:443"] }
	return []fault{u1, exact, idn}
}

func refusedAddresses() []fault {
	var list []fault
	for id, tt := range map[string]struct{ url, says string }{
		"U2 a blank":                     {"https://faults.example/a b", "has a space"},
		"U2 a zero byte":                 {"https://faults.example/\x00", ""},
		"U2 a broken escape":             {"https://faults.example/%zz", ""},
		"U2 a backslash and an at":       {"https://faults.example\\@echo.example/", ""},
		"U3 a name and a password":       {"https://wilma:s3cretword@faults.example/", "carries a user name or password"},
		"U3 a password beside a blank":   {"https://wilma:s3cretword@faults.example/a b", "has a space"},
		"U3 a password beside an escape": {"https://wilma:s3cretword@faults.example/%zz", ""},
		"U4 port 99999":                  {"https://faults.example:99999/", "ports go from 1 to 65535"},
		"U4 no host":                     {"http:///a", ""},
		"U4 no scheme":                   {"//faults.example/x", ""},
		"U6 more than 2,048 bytes":       {"https://faults.example/" + strings.Repeat("x", 5000), "more than 2048"},
		"U7 a script":                    {"javascript:alert(1)", ""},
		"U7 data":                        {"data:text/html,x", ""},
		"U7 a file":                      {"file:///etc/passwd", ""},
	} {
		if tt.says == "" {
			list = append(list, fault{id: id, serve: func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, article("A", sorry)) }, run: func(h *house) {
				err := h.cat.SetSources(h.Context(), []record.Source{{URL: tt.url, Kind: record.SourcePage, Enabled: true}}, record.Edit{Who: "test", Action: "source.add"})
				if !errors.Is(err, record.ErrInvalid) || strings.Contains(fmt.Sprint(err), "s3cretword") {
					h.Errorf("%s as a source: %v, want it refused", tt.url, err)
				}
				h.once()
			}})
			continue
		}
		list = append(list, fault{id: id, url: tt.url, state: record.VisitBarred, says: tt.says, check: func(h *house) {
			if strings.Contains(inHealth(h.state(tt.url))+h.log.String(), "s3cretword") {
				h.Error("the health or the log has the password")
			}
		}})
	}
	return list
}

// oneArticle is one story under the addresses that its outlet gives it.
func oneArticle() []fault {
	body := strings.Replace(article("A", sorry), "<head>", `<head><link rel="canonical" href="https://faults.example/story">`, 1)
	return []fault{{
		id: "U10 one article under five addresses", kind: record.SourceFeed,
		guard: func(o *guard.Options) {
			for _, name := range []string{"www.faults.example", "m.faults.example", "amp.faults.example"} {
				o.ConnectTo[name+":80"] = o.ConnectTo["faults.example:80"]
			}
		},
		run: func(h *house) {
			answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/robots.txt":
					http.NotFound(w, r)
				case r.URL.Path == "/x":
					io.WriteString(w, rss(item("http://www.faults.example/story"), item("http://m.faults.example/story"), item("http://amp.faults.example/story"), item("http://faults.example/story"), item("https://faults.example/story")))
				case r.TLS == nil && strings.HasPrefix(r.Host, "www."):
					redirect("https://faults.example/story")(w, r)
				default:
					io.WriteString(w, body)
				}
			})
			for _, name := range []string{"faults.example", "www.faults.example", "m.faults.example", "amp.faults.example"} {
				h.web.Handle(name, answer)
			}
			h.once()
		},
		check: func(h *house) {
			ids, err := h.cat.StatementIDs(h.Context(), "", 10)
			must(h.T, err)
			if len(ids) != 1 {
				h.Fatalf("%d statements, want one", len(ids))
			}
			s, err := h.cat.Statement(h.Context(), ids[0])
			must(h.T, err)
			for _, x := range s.Sightings {
				if x.Page != s.Sightings[0].Page || x.CanonicalURL != "https://faults.example/story" {
					h.Errorf("sighting %+v, want one page by its canonical address", x)
				}
			}
		},
	}}
}

// forbidden are the addresses that must never be reached, in every spelling, and
// the names among them with what they resolve to.
func forbidden(t *testing.T) (urls []string, names fakeweb.Names) {
	t.Helper()
	var own struct {
		Names map[string][]netip.Addr
		URLs  []string `json:"urls_never_fetched"`
	}
	b, err := os.ReadFile("../guard/testdata/spellings.json")
	must(t, err)
	must(t, json.Unmarshal(b, &own))
	if len(own.URLs) < 60 {
		t.Fatalf("%d spellings of our own, want 60", len(own.URLs))
	}
	urls = append(table(t), own.URLs...)
	if testing.Short() { // the race detector sees every way, with every sixth spelling
		some := urls[:0:0]
		for i := 0; i < len(urls); i += 6 {
			some = append(some, urls[i])
		}
		urls = some
	}
	return urls, func(name string) ([]netip.Addr, dnsmessage.RCode) {
		if list := own.Names[strings.ToLower(strings.TrimSuffix(name, "."))]; list != nil {
			return list, dnsmessage.RCodeSuccess
		}
		return nil, dnsmessage.RCodeNameError
	}
}

// Every spelling, by every way on which an address comes in: as a source, a link
// of a feed, a link of a listing, the canonical address of a page, the target of
// a passing redirect, of one for good and of a robots.txt, the feed that a page
// names, and a preview. Nothing is connected to but the site that names them,
// which has a loopback address of its own; the dialer records and never connects.
func TestU8NoSpellingIsReachedByAnyWay(t *testing.T) {
	urls, names := forbidden(t)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.9.9.9:0")
	if err != nil {
		t.Skipf("NOT RUN: this system has no second loopback address: %v", err)
	}
	site := &http.Server{ReadHeaderTimeout: time.Second, Handler: leading(urls)}
	served := make(chan error, 1)
	go func() { served <- site.Serve(l) }()
	defer func() { site.Close(); <-served }()

	own := l.Addr().String()
	to := map[string]string{"www.hsb.example:80": own}
	sources := []record.Source{{URL: "http://www.hsb.example/feed/", Kind: record.SourceFeed}, {URL: "http://www.hsb.example/list", Kind: record.SourceListing, Links: "li a"}}
	for i, u := range urls {
		robots := fmt.Sprintf("r%d.example", i)
		to[robots+":80"] = own
		if _, err := guard.CheckURL(u); err == nil { // what is no address at all cannot be stored
			sources = append(sources, record.Source{URL: u, Kind: record.SourcePage})
		}
		sources = append(sources, record.Source{URL: "http://" + robots + "/x", Kind: record.SourcePage})
		for _, way := range []string{"to", "moved", "canonical"} {
			sources = append(sources, record.Source{URL: fmt.Sprintf("http://www.hsb.example/%s/%d", way, i), Kind: record.SourcePage})
		}
		sources = append(sources, record.Source{URL: fmt.Sprintf("http://www.hsb.example/names/%d", i), Kind: record.SourceFeed})
	}
	var passed recorder
	h := open(t, nil, sources, func(o *Options) {
		o.Canonical = func(raw string) (string, error) { return raw, nil } // even if nothing else stopped them
		o.Dialer = guard.New(guard.Options{
			Strangers: true, Resolver: fakeweb.Resolver(names), ConnectTo: to, Own: []netip.Prefix{netip.MustParsePrefix("127.9.9.9/32")},
			Witness: passed.allBut(own),
		})
	})
	r := h.once()
	if want := 6 * len(urls); r.Visits < want || r.Captures < len(urls) {
		t.Errorf("%d visits, %d captures for %d addresses: the test looks away", r.Visits, r.Captures, len(urls))
	}
	reads := func(archive.Exchange, record.Source) (Look, error) {
		return Look{}, nil
	}
	for i, u := range urls {
		for _, address := range []string{u, fmt.Sprintf("http://www.hsb.example/to/%d", i)} {
			report, err := h.Preview(t.Context(), record.Source{URL: address}, reads)
			must(t, err)
			if report.Fault == "" {
				t.Errorf("a preview of %s (%s) found %q", address, u, report.Found)
			}
		}
		if !slices.ContainsFunc(sources, func(s record.Source) bool { return s.URL == u }) {
			continue
		}
		if v := h.visited(u); v.State != record.VisitBarred && v.State != record.VisitFailed || v.Error == "" {
			t.Errorf("%s: %s %q, want it barred, with the reason", u, v.State, v.Error)
		}
	}
	if len(passed.passed) > 0 {
		t.Errorf("connections to %v", passed.passed)
	}
}

// leading is a site that leads to these addresses on every way that there is.
func leading(urls []string) http.Handler {
	list := func(form string) string {
		var b strings.Builder
		for _, u := range urls {
			fmt.Fprintf(&b, form, html.EscapeString(u))
		}
		return b.String()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		if _, err := fmt.Sscanf(r.Host, "r%d.example", &n); err == nil {
			w.Header().Set("Location", urls[n])
			w.WriteHeader(http.StatusFound)
			return
		}
		way, number, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		_, _ = fmt.Sscanf(number, "%d", &n)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch way {
		case "feed":
			w.Header().Set("Content-Type", "application/rss+xml")
			io.WriteString(w, rss(list("<item><title>A story</title><link>%s</link></item>")))
		case "list":
			io.WriteString(w, "<main><ul>"+list(`<li><a href="%s">A story that is here to be read</a></li>`)+"</ul></main>")
		case "to", "moved":
			w.Header().Set("Location", urls[n])
			w.WriteHeader(map[string]int{"to": http.StatusFound, "moved": http.StatusMovedPermanently}[way])
		case "canonical":
			io.WriteString(w, `<html><head><title>A</title><link rel="canonical" href="`+html.EscapeString(urls[n])+`"></head><body><p>Something to be read.</p></body></html>`)
		case "names":
			io.WriteString(w, "<html><head><title>A</title>"+fmt.Sprintf(atom, html.EscapeString(urls[n]))+"</head><body><p>Something to be read.</p></body></html>")
		default:
			http.NotFound(w, r)
		}
	})
}
