package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"onrecord/archive/warcfile"
	"onrecord/demo"
	"onrecord/export"
	"onrecord/internal/fakeweb"
	"onrecord/record"
	"onrecord/words"
)

// crawlSettingsFile writes a config.toml for a crawl of the web on loopback.
func crawlSettingsFile(t *testing.T, web *fakeweb.Web, gapMS int, sources []record.Source) string {
	t.Helper()
	dir := t.TempDir()
	var b strings.Builder
	fmt.Fprintf(&b, "[crawl]\nworkers = 16\nown_networks = [\"127.0.0.0/8\"]\nown_gap_ms = %d\nca_file = %q\nconnect_to = [\n", gapMS, write(t, filepath.Join(dir, "roots.pem"), string(web.PEM())))
	to := web.ConnectTo()
	for _, from := range slices.Sorted(maps.Keys(to)) {
		fmt.Fprintf(&b, "%q,\n", from+"="+to[from])
	}
	b.WriteString("]\n")
	for _, s := range sources {
		fmt.Fprintf(&b, "[[source]]\nkind = %q\nurl = %q\norg = %q\nname = %q\nenabled = true\nevery_s = %d\nlinks = %q\n", s.Kind, s.URL, s.Org, s.Name, s.Every, s.Links)
	}
	return write(t, filepath.Join(dir, "config.toml"), b.String())
}

// fault is one way in which a source goes wrong.
type fault struct {
	name  string
	says  string // in the source list; "" for one that must not show
	items bool   // its items are there all the same
	robot string // robots.txt; "" for none
	serve func(w http.ResponseWriter, r *http.Request, feed string)
}

// raw answers with these bytes and closes.
func raw(text string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, _ string) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer c.Close()
		_, _ = c.Write([]byte(text)) // the client may be gone
	}
}

func status(code int, header ...string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, _ string) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

func sent(change func(feed string) string, header ...string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, feed string) {
		w.Header().Set("Content-Type", "application/rss+xml")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		_, _ = w.Write([]byte(change(feed)))
	}
}

func zipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.String()
}

func utf16(s string) string {
	out := []byte{0xff, 0xfe}
	for _, c := range []byte(s) {
		out = append(out, c, 0)
	}
	return string(out)
}

// faults are those of a source's answer; each asks plain HTTP unless noted.
func faults() []fault {
	same := func(s string) string { return s }
	return []fault{
		{"N9 reset", "the connection was closed without an answer", false, "", func(w http.ResponseWriter, _ *http.Request, _ string) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			c.Close()
		}},
		{"N10 cut in the body", "cut short", false, "", raw("HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: 5000\r\n\r\n<?xml version=\"1.0\"?><rss>")},
		{"H1 redirect loop", "redirect loop", false, "", status(302, "Location", "/feed.xml")},
		{"H4 redirect to a private address", "blocked address", false, "", status(302, "Location", "http://169.254.169.254/latest/meta-data/")},
		{"H5 redirect to a file", "not http or https", false, "", status(302, "Location", "file:///etc/passwd")},
		{"redirect to nowhere", "without saying where to", false, "", status(301)},
		{"H8 410", "has ended and is not asked again", false, "", status(410)},
		{"404", "status 404", false, "", status(404)},
		{"401", "status 401", false, "", status(401)},
		{"500", "status 500", false, "", status(500)},
		{"H23 429", "asked to be left alone until", false, "", status(429, "Retry-After", "3600")},
		{"H23 503", "asked to be left alone until", false, "", status(503, "Retry-After", "99999999999")},
		{"H10 304 for nothing", "304 though it was not asked to compare", false, "", status(304)},
		{"H14 two lengths", "no proper HTTP", false, "", raw("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")},
		{"H15 broken chunk", "no proper HTTP", false, "", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n")},
		{"H16 no status line", "no proper HTTP", false, "", raw("<html>no status line\r\n\r\n")},
		{"H17 huge header", "the header has more than 64 KiB", false, "", status(200, "X-Long", strings.Repeat("a", 70<<10))},
		{"H18 gzip bomb", "inflate", false, "", sent(always(zipped(strings.Repeat("\x00", 64<<20))), "Content-Encoding", "gzip")},
		{"H19 gzip that is none", "not gzip", false, "", sent(same, "Content-Encoding", "gzip")},
		{"H19 gzip that is none, but plain when asked", "", true, "", func(w http.ResponseWriter, r *http.Request, feed string) {
			w.Header().Set("Content-Type", "application/rss+xml")
			if r.Header.Get("Accept-Encoding") != "identity" {
				w.Header().Set("Content-Encoding", "gzip")
			}
			_, _ = w.Write([]byte(feed))
		}},
		{"H20 br though not asked", "unsupported encoding br", false, "", sent(same, "Content-Encoding", "br")},
		{"H21 three codings", "3 content codings", false, "", sent(same, "Content-Encoding", "gzip, gzip, gzip")},
		{"H27 a page at the feed's address", "not a feed: it answered with text/html", false, "", sent(func(string) string {
			return "<!doctype html><title>News</title><article><h1>News</h1><p>" + strings.Repeat("A page of words and no feed. ", 30) + "</article>"
		}, "Content-Type", "text/html")},
		{"H28 a feed called text/html", "", true, "", sent(same, "Content-Type", "text/html")},
		{"H29 a PDF", "PDF", false, "", sent(func(string) string { return "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj" }, "Content-Type", "application/pdf")},
		{"H30 too large", "more than 16 MiB", false, "", sent(func(string) string { return strings.Repeat("x", 17<<20) })},
		{"F2 empty", "the body is empty", false, "", sent(func(string) string { return " \n" })},
		{"F3 cut feed", "note: ", true, "", sent(func(s string) string { return s[:strings.LastIndex(s, "</channel>")+4] })},
		{"F4 words before the prolog", "note: ", true, "", sent(func(s string) string { return "Warning: mysql_connect() in line 3\n" + s })},
		{"C1 windows-1252 in UTF-8", "read as windows-1252", true, "", sent(func(s string) string { return strings.Replace(s, "<title>News", "<title>News\x92s", 1) })},
		{"C3 UTF-16", "", true, "", sent(func(s string) string { return utf16(strings.Replace(s, `encoding="UTF-8"`, `encoding="UTF-16"`, 1)) })},
		{"R1 403 for robots.txt allows", "", true, "403", sent(same)},
		{"R2 500 for robots.txt forbids", "robots.txt could not be read (answered with status 500)", false, "500", sent(same)},
		{"R13 forbidden by robots.txt", "robots.txt of http://", false, "User-agent: *\nDisallow: /feed.xml\n", sent(same)},
		{"R13 forbidden by name", "forbids it", false, "User-agent: OnRecord\nDisallow: /\n\nUser-agent: *\nAllow: /\n", sent(same)},
		{"H35 a date in the future", "", true, "", sent(same, "Last-Modified", "Fri, 31 Dec 2055 23:59:59 GMT")},
		{"H36 a name with dots", "", true, "", sent(same, "Content-Disposition", "attachment; filename=../../etc/passwd")},
		{"H22 early hints", "", true, "", func(w http.ResponseWriter, r *http.Request, feed string) {
			for range 20 {
				w.WriteHeader(http.StatusEarlyHints)
			}
			sent(same)(w, r, feed)
		}},
		{"N11 silence", "timed out: no answer within 10s", false, "", func(_ http.ResponseWriter, r *http.Request, _ string) { <-r.Context().Done() }},
		{"F1 null items", "note: ", true, "", sent(func(s string) string {
			var links []string
			for _, part := range strings.Split(s, "<link>")[2:] {
				link, _, _ := strings.Cut(part, "</link>")
				links = append(links, fmt.Sprintf(`{"id":%q,"url":%q,"title":"Item"}`, link, link))
			}
			return `{"version":"https://jsonfeed.org/version/1.1","title":"News","items":[null,` + strings.Join(links, ",") + `]}`
		}, "Content-Type", "application/feed+json")},
	}
}

// site answers for one of the two hundred: a feed with one entry, the page of
// that entry, and its fault, if it has one.
func site(host string, n int, f *fault) http.Handler {
	link := "http://" + host + "/story"
	feed := `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>News</title><link>http://` + host + `/</link><item><title>A story</title><link>` + link + `</link></item></channel></rss>`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/story":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, `<html><head><title>Story</title><meta property="article:published_time" content="2025-03-10T08:30:00Z"></head><body><article><h1>Story</h1>
<p>Patients were told on Monday to keep their appointments while the work goes on.</p><p>Dr Mara Ellison, chair of the committee, said: “%s”</p>
<p>The service is used by all surgeries in the county, and by its three hospitals.</p></article></body></html>`, said(n))
		case "/robots.txt":
			switch {
			case f == nil || f.robot == "":
				http.NotFound(w, r)
			case len(f.robot) == 3:
				status(map[string]int{"403": 403, "500": 500}[f.robot])(w, r, "")
			default:
				fmt.Fprint(w, f.robot)
			}
		case "/feed.xml":
			if f != nil {
				f.serve(w, r, feed)
				return
			}
			sent(func(s string) string { return s })(w, r, feed)
		default:
			http.NotFound(w, r)
		}
	})
}

// said is the statement of the n-th site, in words that no other shares.
func said(n int) string {
	words := []string{"amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "hazel", "islet", "jetty", "knoll", "larch", "maple", "north", "ocean", "poppy", "quill", "river", "stone", "thorn"}
	return fmt.Sprintf("The %s %s office will open its %s counter on the %s side before the %s %s weekend begins.",
		words[n%20], words[n/20%20], words[(n*7+3)%20], words[(n*3+1)%20], words[(n*11+5)%20], words[(n/20*13+n)%20])
}

func TestTwoHundredFeedsAFifthOfThemFaulty(t *testing.T) {
	list := faults()
	if len(list) < 40 {
		t.Fatalf("%d faults, want a fifth of 200", len(list))
	}
	web, err := fakeweb.Start(nil, nil, "other-name.example")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := web.Close(); err != nil {
			t.Error(err)
		}
	}()
	var sources []record.Source
	faulty := map[string]fault{}
	for n := range 200 {
		host := fmt.Sprintf("feed%03d.example", n)
		s := record.Source{URL: "http://" + host + "/feed.xml", Kind: record.SourceFeed, Name: host}
		var f *fault
		if n%5 == 2 {
			f = &list[n/5]
			faulty[s.URL] = *f
		}
		web.Handle(host, site(host, n, f))
		sources = append(sources, s)
	}
	// Two more that never come to HTTP: a closed port, and a certificate for another name.
	web.Handle("wrong-name.example", http.NotFoundHandler())
	sources = append(sources, record.Source{URL: "https://wrong-name.example/feed.xml", Kind: record.SourceFeed, Name: "wrong"}, record.Source{URL: "http://closed.example/feed.xml", Kind: record.SourceFeed, Name: "closed"})
	faulty[sources[200].URL] = fault{name: "N7 wrong name", says: "TLS certificate refused"}
	faulty[sources[201].URL] = fault{name: "N1 refused", says: "connection refused"}
	config := crawlSettingsFile(t, web, 0, sources)
	b, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	write(t, config, strings.Replace(string(b), "connect_to = [\n", fmt.Sprintf("connect_to = [\n\"closed.example:80=%s\",\n", closedPort(t)), 1))

	data := filepath.Join(t.TempDir(), "data")
	began := time.Now()
	a := onrecord(t, data, "--config", config, "crawl", "--once")
	t.Logf("crawled in %.1f s: %s", time.Since(began).Seconds(), a.stdout)
	if a.code != exitPart {
		t.Fatalf("exit %d, want %d: some sources failed\n%s%s", a.code, exitPart, a.stdout, a.stderr)
	}
	shown := done(t, data, "--config", config, "source", "list")
	blocks := map[string]string{}
	for _, part := range strings.Split(shown, "\nsrc_") {
		for _, s := range sources {
			if strings.Contains(strings.SplitN(part, "\n", 2)[0]+" ", " "+s.URL+" ") {
				blocks[s.URL] = part
			}
		}
	}
	exported := done(t, data, "--config", config, "export", "--all", "--format", "jsonl")
	for n, s := range sources {
		f, bad := faulty[s.URL]
		if bad && (f.says != "" && !strings.Contains(blocks[s.URL], f.says) || f.says == "" && strings.Contains(blocks[s.URL], "failing")) {
			t.Errorf("%s (%s): the source list says\n%s\nwant %q", f.name, s.URL, blocks[s.URL], f.says)
		}
		if has := n < 200 && strings.Contains(exported, said(n)); has != (!bad || f.items) {
			t.Errorf("%s (%s): its statement is on record: %v\n%s", f.name, s.URL, has, blocks[s.URL])
		}
	}
}

// closedPort is a loopback address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// worldAt is the demo's world at a moment of its days.
func worldAt(t *testing.T) (*fakeweb.Web, func(time.Time)) {
	t.Helper()
	now := make(chan time.Time, 1)
	now <- demo.Begins
	clock := func() time.Time { at := <-now; now <- at; return at }
	web, err := fakeweb.Start(demoPages(), clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := web.Close(); err != nil {
			t.Error(err)
		}
	})
	return web, func(at time.Time) { <-now; now <- at }
}

const worldGap = 30 // milliseconds between two requests to one host of the world

// crawlWorld crawls the demo's world by steps of its clock. Before each step's
// crawl is let finish it is killed (SIGKILL) as often as kills says, at random
// moments of the time that a calm one took.
func crawlWorld(t *testing.T, data string, kills []int, calm []time.Duration, rnd *rand.Rand) []time.Duration {
	t.Helper()
	web, set := worldAt(t)
	web.Record()
	sources, _ := demoSources()
	flags := []string{"--config", crawlSettingsFile(t, web, worldGap, sources), "--registry", demoRegister(t), "crawl", "--once"}
	var took []time.Duration
	for step := range kills {
		at := demo.Begins.Add(time.Duration(step+1) * 8 * time.Hour)
		set(at)
		for k := range kills[step] {
			after := time.Duration(rnd.Int64N(int64(calm[step])))
			cmd := command(t, data, flags...)
			cmd.Env = append(os.Environ(), "ONRECORD_CLOCK="+at.Add(time.Duration(k)*20*time.Second).Format(time.RFC3339))
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(after) // a moment of a real process, which no clock of ours moves
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
		cmd := command(t, data, flags...)
		cmd.Env = append(os.Environ(), "ONRECORD_CLOCK="+at.Add(10*time.Minute).Format(time.RFC3339))
		began := time.Now()
		out, err := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != exitDone && code != exitPart {
			t.Fatalf("step %d: %v\n%s", step, err, out)
		}
		took = append(took, time.Since(began))
	}
	last := map[string]time.Time{}
	for _, r := range web.Requests() {
		if d := r.At.Sub(last[r.Host]); d < worldGap*time.Millisecond {
			t.Errorf("%s was asked %v after the request before, want %d ms or more", r.URL, d, worldGap)
		}
		last[r.Host] = r.At
	}
	if len(last) < 8 {
		t.Errorf("only %d hosts were asked", len(last))
	}
	return took
}

// timeless is an export without what follows from the page that came first when
// many hosts are asked at once: the times of capture, the ids, and which of two
// wordings that differ in marks alone stands for both. Sorted.
func timeless(t *testing.T, data string) string {
	t.Helper()
	var out []string
	for _, line := range strings.Split(strings.TrimSpace(everything(t, data)), "\n") {
		s, err := export.ParseRow([]byte(line))
		if err != nil {
			continue // the header
		}
		var seen, wordings []string
		for _, x := range s.Sightings {
			seen = append(seen, fmt.Sprintf("%s v%d %q gone:%v missing:%v", x.CanonicalURL, x.Version, x.Words, !x.Gone.IsZero(), !x.Missing.IsZero()))
		}
		for _, w := range s.Wordings {
			wordings = append(wordings, fmt.Sprintf("%q stands:%v front:%v", words.Normal(w.Text), w.Stands, w.Front))
		}
		slices.Sort(seen)
		slices.Sort(wordings)
		out = append(out, fmt.Sprintf("%s %s [%s] %s %v %v", s.Kind, s.Status, s.Speaker, s.Said, wordings, seen))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// pagesKept counts the captures of each body of each page, rules for robots and
// redirects left out.
func pagesKept(t *testing.T, data string) map[string]int {
	t.Helper()
	ar, err := warcfile.Open(archiveDir(data), warcfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ar.Close()
	out := map[string]int{}
	for c, err := range ar.Captures(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if c.Status == http.StatusOK && !strings.HasSuffix(c.URL, "/robots.txt") {
			out[c.URL+" "+c.SHA256]++
		}
	}
	return out
}

// TestCrawlOfADayIsKilledFiftyTimesAndGoesOn crawls a day of the world in three
// steps and kills the real program at fifty random moments of them.
func TestCrawlOfADayIsKilledFiftyTimesAndGoesOn(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv("ONRECORD_SEED"); given != "" {
		_, _ = fmt.Sscan(given, &seed)
	}
	t.Logf("seed %d (ONRECORD_SEED=%d plays it again)", seed, seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	dir := t.TempDir()
	calm, killed := filepath.Join(dir, "calm"), filepath.Join(dir, "killed")
	took := crawlWorld(t, calm, make([]int, 3), nil, rnd)
	want := timeless(t, calm)
	if n := strings.Count(want, "\n"); n < 10 {
		t.Fatalf("only %d statements: the test says nothing", n)
	}
	crawlWorld(t, killed, []int{20, 15, 15}, took, rnd)
	if got := timeless(t, killed); got != want {
		t.Errorf("after fifty kills the record is another: something was lost, left undone or recorded twice:\n%s", firstDifference(got, want))
	}
	once := pagesKept(t, calm)
	for what, n := range pagesKept(t, killed) {
		if n > once[what] {
			t.Errorf("%s was captured %d times, %d without kills", what, n, once[what])
		}
	}
	if out := done(t, killed, "verify"); !strings.Contains(out, "0 faults") {
		t.Errorf("verify after fifty kills: %s", out)
	}
}

// always is an answer that was made beforehand: to pack a bomb takes long.
func always(body string) func(string) string { return func(string) string { return body } }
