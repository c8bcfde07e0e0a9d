package crawler

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"onrecord/archive/warcfile"
	"onrecord/catalogue/sqlite"
	"onrecord/export"
	"onrecord/extract"
	"onrecord/guard"
	"onrecord/ingest"
	"onrecord/internal/fakeweb"
	"onrecord/record"
	"onrecord/register"
)

// house is a crawler on real stores, over a web on loopback.
type house struct {
	*testing.T
	*Crawler
	web     *fakeweb.Web
	cat     *sqlite.DB
	archive *warcfile.Archive
	told    []Told
	dir     string
	log     interface{ String() string } // of a fault's case
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// steady is a clock that only a test or a sleeper moves.
type steady struct{ at chan time.Time }

func newSteady(at time.Time) *steady {
	c := &steady{make(chan time.Time, 1)}
	c.at <- at
	return c
}

func (c *steady) Now() time.Time { t := <-c.at; c.at <- t; return t }

func (c *steady) Sleep(ctx context.Context, d time.Duration) error {
	c.move(d)
	return ctx.Err()
}

func (c *steady) move(d time.Duration) { t := <-c.at; c.at <- t.Add(d) }

var monday = time.Date(2025, 3, 10, 9, 0, 0, 0, time.UTC)

var ownLoopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// testHosts are hosts that tests have others answer for.
var testHosts = []string{"www.hsb.example", "faults.example", "echo.example", "social.example", "api.bsky.example", "api.x.example", "www.gov.example", "www.youtube.com", "outlet.example", "hub.example", "hub2.example", "publish.x.com"}

// open plays the pages and builds a crawler over them, with the sources given.
// Change may alter its options.
func open(t *testing.T, pages []fakeweb.Page, sources []record.Source, change func(*Options)) *house {
	t.Helper()
	h := build(t, pages, sources, change)
	t.Cleanup(func() {
		must(t, h.close())
		goleak.VerifyNone(t, neverAnswered)
	})
	return h
}

// neverAnswered is of a connection that was given up before it was made.
var neverAnswered = goleak.IgnoreTopFunction("net.(*netFD).connect.func2")

// build is open for a test that closes what it opens itself.
func build(t *testing.T, pages []fakeweb.Page, sources []record.Source, change func(*Options)) *house {
	t.Helper()
	clock := newSteady(monday)
	h := &house{T: t}
	var err error
	h.web, err = fakeweb.Start(pages, clock.Now, testHosts...)
	must(t, err)
	dir := t.TempDir()
	h.dir = dir
	h.archive, err = warcfile.Open(filepath.Join(dir, "archive"), warcfile.Options{})
	must(t, err)
	h.cat, err = sqlite.Open(t.Context(), filepath.Join(dir, "catalogue.db"), sqlite.Options{Clock: clock.Now})
	must(t, err)
	h.web.Record()
	for i := range sources {
		sources[i].Enabled = true
	}
	must(t, h.cat.SetSources(t.Context(), sources, record.Edit{Who: "test", Action: "source.add"}))
	o := Options{
		Agent: "onrecord/test (+https://watcher.example/about)", Canonical: extract.Canonical, Clock: clock, Stepped: true,
		TLS:  &tls.Config{RootCAs: h.web.Roots()},
		Told: func(x Told) { h.told = append(h.told, x) },
		Dialer: guard.New(guard.Options{
			Own: ownLoopback, ConnectTo: h.web.ConnectTo(testHosts...), Resolver: noNames(),
		}),
	}
	if change != nil {
		change(&o)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	h.Crawler = New(h.archive, h.cat, ingest.New(h.archive, h.cat, testRegister(t), export.ParseRow, o.Log), o)
	return h
}

// testRegister has the one organisation of the tests.
func testRegister(t *testing.T) *register.Register {
	t.Helper()
	reg, err := register.Read(strings.NewReader(`[{"id":"hsb","name":"Health Service Brackenshire","domains":["hsb.example"],"handles":{"mastodon":"@hsb@social.example","bluesky":"@hsb.example","x":"@HSBrackenshire"},"spokesperson_roles":["spokesperson"]}]`), "test")
	must(t, err)
	return reg
}

func (h *house) close() error { return errors.Join(h.web.Close(), h.cat.Close(), h.archive.Close()) }

// rebuild makes the crawler again, by options that a test has changed.
func (h *house) rebuild() { h.Crawler = New(h.archive, h.cat, h.ingest, h.o) }

func (h *house) clock() *steady { return h.o.Clock.(*steady) }

func (h *house) once(only ...record.ID) Report {
	h.Helper()
	r, err := h.Once(h.Context(), only...)
	must(h.T, err)
	return r
}

func (h *house) state(url string) record.SourceState {
	h.Helper()
	list, err := h.cat.SourceStates(h.Context(), record.SourceID(url))
	must(h.T, err)
	if len(list) != 1 {
		h.Fatalf("no source %s", url)
	}
	return list[0]
}

func (h *house) visited(url string) record.Visit {
	h.Helper()
	v, err := h.cat.Visit(h.Context(), url)
	must(h.T, err)
	return v
}

// asked are the addresses that were asked, without robots.txt.
func (h *house) asked() []string {
	var out []string
	for _, r := range h.web.Requests() {
		if !strings.HasSuffix(r.URL, "/robots.txt") {
			out = append(out, r.URL)
		}
	}
	return out
}

func (h *house) words() []string {
	h.Helper()
	ids, err := h.cat.StatementIDs(h.Context(), "", 1000)
	must(h.T, err)
	list, err := h.cat.Statements(h.Context(), ids)
	must(h.T, err)
	var out []string
	for _, s := range list {
		out = append(out, s.Text)
	}
	slices.Sort(out)
	return out
}

func page(url, body string) fakeweb.Page {
	kind := "text/html; charset=utf-8"
	if strings.HasPrefix(body, "<?xml") {
		kind = "application/rss+xml"
	}
	return fakeweb.Page{URL: url, Header: map[string][]string{"Content-Type": {kind}}, Body: []byte(body)}
}

func from(p fakeweb.Page, at time.Time) fakeweb.Page { p.From = at; return p }

// article is a news page with one statement of its own.
func article(title, said string) string {
	return `<html><head><title>` + title + `</title><meta property="article:published_time" content="2025-03-10T08:30:00Z"></head><body><article><h1>` + title + `</h1>
<p>Patients were told on Monday to keep their appointments while the work goes on.</p>
<p>Dr Mara Ellison, of Health Service Brackenshire, said: “` + said + `”</p><p>The service is used by all surgeries in the county, and by its three hospitals.</p></article></body></html>`
}

func feed(links ...string) string {
	out := `<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><link>https://www.hsb.example/</link>`
	for i, l := range links {
		out += `<item><title>Item ` + string(rune('a'+i)) + `</title><link>` + strings.ReplaceAll(l, "&", "&amp;") + `</link></item>`
	}
	return out + `</channel></rss>`
}

const feedURL = "https://www.hsb.example/feed/"

func feedSource() record.Source {
	return record.Source{URL: feedURL, Kind: record.SourceFeed, Name: "HSB"}
}
