package crawlsim

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"onrecord/archive/warcfile"
	"onrecord/catalogue/sqlite"
	"onrecord/crawler"
	"onrecord/export"
	"onrecord/extract"
	"onrecord/guard"
	"onrecord/index"
	"onrecord/index/bleveindex"
	"onrecord/ingest"
	"onrecord/record"
	"onrecord/register"
)

// serveSites, in the environment, makes this test binary the server of the
// sites that are measured, so that its work is not counted.
const serveSites = "CRAWLSIM_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(serveSites) != "" {
		if err := serve(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serve answers on loopback until standard input ends.
func serve() error {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	server := &http.Server{Handler: http.HandlerFunc(answer), ReadHeaderTimeout: time.Minute}
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		_ = server.Close()
	}()
	_ = server.Serve(l) // ends with Close
	return nil
}

var published = time.Date(2025, 3, 10, 8, 0, 0, 0, time.UTC)

// answer plays every host: /N/feed.xml has twenty entries that stand at /N/0 to
// /N/19; robots.txt is of a usual size.
func answer(w http.ResponseWriter, r *http.Request) {
	var feed, n int
	body, kind := "", "text/html; charset=utf-8"
	switch {
	case r.URL.Path == "/robots.txt":
		body, kind = "User-agent: *\nDisallow: /admin/\nDisallow: /search\nDisallow: /*?print=\nAllow: /\nCrawl-delay: 1\n\nUser-agent: Bad\nDisallow: /\nSitemap: /sitemap.xml\n", "text/plain"
	case strings.HasSuffix(r.URL.Path, "/feed.xml"):
		_, _ = fmt.Sscanf(r.URL.Path, "/%d/feed.xml", &feed)
		var list []entry
		for i := range entries(r.Host) {
			list = append(list, entry{fmt.Sprintf("http://%s/%d/%d", r.Host, feed, i), fmt.Sprintf("Item %d of %d", i, feed), published, sentence(feed*20 + i)})
		}
		body, kind = rss(r.Host, list), "application/rss+xml"
	default:
		_, _ = fmt.Sscanf(r.URL.Path, "/%d/%d", &feed, &n)
		body = article(fmt.Sprintf("Item %d of %d", n, feed), published, sentence(feed*20+n))
	}
	sum := sha256.Sum256([]byte(body))
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	w.Header().Set("Etag", tag)
	w.Header().Set("Content-Type", kind)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write([]byte(body))
}

// entries is how many a feed of the host has: one on those named q…, which are
// asked for what does not change, and twenty on the others.
func entries(host string) int {
	if strings.HasPrefix(host, "q") {
		return 1
	}
	return 20
}

// sites starts the server in a process of its own and gives its address.
func sites(tb testing.TB) string {
	tb.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveSites+"=1")
	in, err := cmd.StdinPipe()
	check(tb, err)
	out, err := cmd.StdoutPipe()
	check(tb, err)
	check(tb, cmd.Start())
	tb.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	check(tb, err)
	return strings.TrimSpace(line)
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// steady is a clock that is moved by sleeping and by move. While it stands, who
// sleeps wakes at once, and no time has passed.
type steady struct {
	mu     sync.Mutex
	at     time.Time
	stands bool
}

func (c *steady) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *steady) move(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

func (c *steady) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stands {
		c.at = c.at.Add(d)
	}
	return ctx.Err()
}

func (c *steady) stand(stands bool) { c.mu.Lock(); defer c.mu.Unlock(); c.stands = stands }

// rig is a crawler on real stores.
type rig struct {
	*crawler.Crawler
	clock *steady
	cat   *sqlite.DB
	index *bleveindex.Index
}

// newRig builds a crawler for feeds on hosts that all are at one address.
func newRig(tb testing.TB, at, prefix string, hosts, feeds int, gap time.Duration, told func(crawler.Told)) *rig {
	tb.Helper()
	dir, clock, to := tb.TempDir(), &steady{at: published.Add(time.Hour)}, map[string]string{}
	var sources []record.Source
	for n := range feeds {
		host := fmt.Sprintf("%s%03d.example", prefix, n%hosts)
		to[host+":80"] = at
		sources = append(sources, record.Source{URL: fmt.Sprintf("http://%s/%d/feed.xml", host, n), Kind: record.SourceFeed, Name: fmt.Sprint("feed ", n), Enabled: true})
	}
	ar, err := warcfile.Open(filepath.Join(dir, "archive"), warcfile.Options{})
	check(tb, err)
	cat, err := sqlite.Open(tb.Context(), filepath.Join(dir, "catalogue.db"), sqlite.Options{Clock: clock.Now})
	check(tb, err)
	ix, err := bleveindex.Create(filepath.Join(dir, "index"))
	check(tb, err)
	tb.Cleanup(func() {
		check(tb, ix.Close())
		check(tb, cat.Close())
		check(tb, ar.Close())
	})
	check(tb, cat.SetSources(tb.Context(), sources, record.Edit{Who: "test", Action: "source.add"}))
	reg, err := register.Read(strings.NewReader(`[{"id":"hsb","name":"Health Service Brackenshire","domains":["hsb.example"]}]`), "test")
	check(tb, err)
	return &rig{clock: clock, cat: cat, index: ix, Crawler: crawler.New(ar, cat, ingest.New(ar, cat, reg, export.ParseRow, slog.New(slog.DiscardHandler)), crawler.Options{
		Agent: "onrecord/test (+https://watcher.example/about)", Canonical: extract.Canonical, Clock: clock, Stepped: true, OwnGap: gap, Told: told, Rhythm: crawler.Rhythm{Most: 15 * time.Minute, Pages: []time.Duration{}},
		Dialer: guard.New(guard.Options{Own: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, ConnectTo: to}),
	})}
}

// cpu is the time that this process and none of its children used, user and
// system.
func cpu(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	check(tb, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkUnchanged measures visits that end with 304, all told: what is due is
// looked up, asked, and how it went written. The sites are another process.
// "kept" asks over connections that are open still, "anew" over new ones, as a
// crawl does that comes back after a quarter of an hour.
func BenchmarkUnchanged(b *testing.B) {
	const feeds, hosts = 200, 50
	ask := func(b *testing.B, visit func(r *rig, ctx context.Context) error) {
		visits, stop := 0, context.CancelFunc(func() {})
		r := newRig(b, sites(b), "q", hosts, feeds, 0, func(crawler.Told) {
			if visits++; visits == b.N {
				stop()
			}
		})
		_, err := r.Once(b.Context()) // the feeds and their pages come in
		check(b, err)
		var ctx context.Context
		ctx, stop = context.WithCancel(b.Context())
		defer stop()
		r.clock.move(time.Hour)
		b.ResetTimer()
		visits = 0
		before, was := cpu(b), r.Report()
		for ctx.Err() == nil {
			check(b, visit(r, ctx))
		}
		used, now := cpu(b)-before, r.Report()
		if n := now.NotModified - was.NotModified; n != visits || n < b.N {
			b.Fatalf("%d of %d visits ended with 304", n, visits)
		}
		b.ReportMetric(float64(used.Microseconds())/float64(visits), "µs-cpu/visit")
	}
	b.Run("kept", func(b *testing.B) {
		ask(b, func(r *rig, ctx context.Context) error { return r.Run(ctx) })
	})
	b.Run("anew", func(b *testing.B) {
		ask(b, func(r *rig, ctx context.Context) error {
			defer r.clock.move(time.Hour)
			if _, err := r.Once(ctx); ctx.Err() == nil {
				return err
			}
			return nil
		})
	})
}

// BenchmarkNewFeed measures new feeds of twenty entries, all told: asked (with
// robots.txt of its host), kept, read, put on record, indexed; the feeds alone,
// and with their pages. "first" is the first feed of a new process, with all that
// one does once; "of40" are forty feeds on forty hosts.
func BenchmarkNewFeed(b *testing.B) {
	b.Run("first", func(b *testing.B) { newFeeds(b, 1) })
	b.Run("of40", func(b *testing.B) { newFeeds(b, 40) })
}

func newFeeds(b *testing.B, n int) {
	at := sites(b)
	var alone, whole time.Duration
	for b.Loop() {
		feeds := 0
		ctx, stop := context.WithCancel(b.Context())
		r := newRig(b, at, "h", n, n, 2*time.Second, func(crawler.Told) {
			if feeds++; feeds == n {
				stop()
			}
		})
		r.clock.stand(true) // so that no host is asked for a page before all feeds have come
		before := cpu(b)
		check(b, r.Run(ctx))
		r.clock.stand(false)
		_, err := index.CatchUp(b.Context(), r.index, r.cat, nil)
		check(b, err)
		alone += cpu(b) - before
		if got := r.Report(); got.Visits != n || got.Leads != 20*n {
			b.Fatalf("%d visits found %d pages", got.Visits, got.Leads)
		}
		_, err = r.Once(b.Context())
		check(b, err)
		_, err = index.CatchUp(b.Context(), r.index, r.cat, nil)
		check(b, err)
		whole += cpu(b) - before
		if got := r.Report(); got.Statements < 20*n || got.Failed > 0 {
			b.Fatalf("%d statements, %d failed", got.Statements, got.Failed)
		}
	}
	b.ReportMetric(float64(alone.Microseconds())/1000/float64(b.N*n), "ms-cpu/feed")
	b.ReportMetric(float64(whole.Microseconds())/1000/float64(b.N*n), "ms-cpu/feed+20pages")
}
