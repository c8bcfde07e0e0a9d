package crawlsim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"onrecord/archive/warcfile"
	"onrecord/catalogue"
	"onrecord/catalogue/sqlite"
	"onrecord/crawler"
	"onrecord/export"
	"onrecord/extract"
	"onrecord/guard"
	"onrecord/ingest"
	"onrecord/record"
	"onrecord/register"
)

// TestSomeDaysOfSixtySources is the simulation in small.
func TestSomeDaysOfSixtySources(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector makes it take minutes")
	}
	simulate(t, shape{sources: 60, hosts: 20, days: 3, seed: 1})
}

// TestMonthOfAThousandSources is the simulation at size, for make crawl-sim.
func TestMonthOfAThousandSources(t *testing.T) {
	s := shape{sources: 1000, hosts: 300, days: 30, seed: 1}
	switch days, err := strconv.Atoi(os.Getenv("CRAWLSIM")); {
	case os.Getenv("CRAWLSIM") == "month":
	case err == nil:
		s.days = days
	default:
		t.Skip("set CRAWLSIM=month or a number of days, or: make crawl-sim")
	}
	simulate(t, s)
}

// incidentDays are the days of the simulation on which an incident runs, for the
// sources of one organisation.
const incidentFrom, incidentTo = 1, 3

// slack is by how much a visit may come later than it is due: other addresses of
// its host are due as well, robots.txt could not be read for a while, Retry-After.
const slack = 3 * time.Hour

func simulate(t *testing.T, s shape) {
	t.Logf("seed %d", s.seed)
	dir := t.TempDir()
	used := cpu(t)
	wall := time.Now()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(s, time.Now())
		r := crawlWorld(t, w, dir)
		checkPoliteness(t, w)
		checkRecord(t, w, r)
		report(t, w)
	})
	t.Logf("%.0f s of CPU, %.0f s by the clock, peak of memory %d MB, %d open files", (cpu(t) - used).Seconds(), time.Since(wall).Seconds(), peak(t), openFiles(t))
	if p := peak(t); p > mostMemory {
		t.Errorf("the process, with the sites that it plays, took up to %d MB, want %d at most", p, mostMemory)
	}
}

// mostMemory is how much the process may take at most, in MB.
const mostMemory = 200

// workers is how many hosts the simulated crawler asks at once.
const workers = 32

// slowStore is a catalogue on a slow disk: each page takes a while to record.
type slowStore struct {
	catalogue.Catalogue
	takes time.Duration

	mu           sync.Mutex // guards what follows
	inside, most int
	added        int
}

// Add waits before it records.
func (s *slowStore) Add(ctx context.Context, c record.Capture, p record.Page, found []record.Statement) (record.Added, error) {
	s.mu.Lock()
	s.inside++
	s.most = max(s.most, s.inside)
	s.mu.Unlock()
	time.Sleep(s.takes)
	s.mu.Lock()
	s.inside--
	s.added++
	s.mu.Unlock()
	return s.Catalogue.Add(ctx, c, p, found)
}

func TestASlowStoreSlowsTheCrawlAndFillsNoMemory(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(shape{sources: 120, hosts: 60, days: 1, seed: 3}, time.Now())
		w.slow = &slowStore{takes: 20 * time.Minute}
		crawlWorld(t, w, dir)
		checkPoliteness(t, w)
		if w.slow.most > workers || w.slow.most < workers/2 {
			t.Errorf("%d pages were held in memory at once, want at most the %d workers, and that the store was busy", w.slow.most, workers)
		}
		// Whatever was asked was recorded before its worker asked again.
		if most := workers * int(day/w.slow.takes); w.slow.added == 0 || w.slow.added > most {
			t.Errorf("%d pages were recorded, the store takes at most %d a day", w.slow.added, most)
		}
	})
}

// found is what stands on record in the end: each sentence with the statements
// that have it in one of their wordings.
type found struct {
	statements map[string][]record.ID
	gone       map[string]bool // addresses known as missing or removed
	captures   int             // answers of status 200 that are kept, of pages
	again      []string        // those of them that were kept before: each state of a page has other bytes
}

// crawlWorld crawls for the days of the shape.
func crawlWorld(t *testing.T, w *world, dir string) found {
	n := newNetwork()
	server := &http.Server{Handler: w, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(n) }) // ends with Close
	ar, err := warcfile.Open(filepath.Join(dir, "archive"), warcfile.Options{})
	check(t, err)
	cat, err := sqlite.Open(t.Context(), filepath.Join(dir, "catalogue.db"), sqlite.Options{})
	check(t, err)
	to, sources := map[string]string{}, []record.Source(nil)
	for _, f := range w.feeds {
		to[f.host+":80"] = everyHost
		x := record.Source{URL: f.url(), Kind: record.SourceFeed, Name: f.host, Enabled: true, Every: 900}
		if f.n%10 == 0 {
			x.Org = "hsb"
		}
		sources = append(sources, x)
	}
	check(t, cat.SetSources(t.Context(), sources, record.Edit{Who: "test", Action: "source.add"}))
	_, err = cat.SetIncident(t.Context(), record.Incident{Slug: "outage", Name: "Outage", Orgs: []string{"hsb"}, From: w.began.Add(incidentFrom * day), To: w.began.Add(incidentTo * day)}, record.Edit{Who: "test"})
	check(t, err)
	reg, err := register.Read(strings.NewReader(`[{"id":"hsb","name":"Health Service Brackenshire","domains":["hsb.example"]}]`), "test")
	check(t, err)
	quiet := slog.New(slog.DiscardHandler)
	var store catalogue.Catalogue = cat
	if w.slow != nil {
		w.slow.Catalogue = cat
		store = w.slow
	}
	c := crawler.New(ar, store, ingest.New(ar, store, reg, export.ParseRow, quiet), crawler.Options{
		Agent: "onrecord/test (+https://watcher.example/about)", Canonical: extract.Canonical, Workers: workers,
		Dialer: guard.New(guard.Options{Strangers: true, ConnectTo: to, Connect: n.dial}),
	})
	ctx, stop := context.WithTimeout(t.Context(), time.Duration(w.days)*day)
	defer stop()
	var watching sync.WaitGroup
	watching.Go(func() { watchRoutines(t, ctx, w) })
	check(t, c.Run(ctx))
	watching.Wait()
	out := onRecord(t, cat)
	kept(t, ar, &out)
	check(t, errors.Join(server.Close(), n.Close(), cat.Close(), ar.Close()))
	serving.Wait()
	return out
}

// watchRoutines fails where goroutines or files grow from day to day.
func watchRoutines(t *testing.T, ctx context.Context, w *world) {
	var routines, files int
	for d := 0; ; d++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(day):
		}
		r, f := runtime.NumGoroutine(), openFiles(t)
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.mu.Lock()
		t.Logf("day %d: %d requests, %d goroutines, %d files, heap %d MB, peak %d MB, CPU %v", d+1, w.tally.requests, r, f, m.HeapAlloc>>20, peak(t), cpu(t).Round(time.Second))
		w.mu.Unlock()
		if d == 0 {
			routines, files = r, f
		}
		if r > routines+4*w.sources/10+200 || f > files+32 { // connections come and go
			t.Errorf("day %d: %d goroutines and %d files, on the first %d and %d", d, r, f, routines, files)
		}
	}
}

func openFiles(tb testing.TB) int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0 // not Linux
	}
	return len(list)
}

// peak is the most memory that this process had, in MB.
func peak(tb testing.TB) int {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0 // not Linux
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	var kb int
	_, _ = fmt.Sscan(rest, &kb)
	return kb >> 10
}

// kept looks through the archive for pages that were kept twice in one state.
func kept(t *testing.T, ar *warcfile.Archive, out *found) {
	seen := map[string]bool{}
	for c, err := range ar.Captures(t.Context()) {
		check(t, err)
		if c.Status != http.StatusOK || strings.HasSuffix(c.URL, "/feed.xml") || strings.HasSuffix(c.URL, "/robots.txt") {
			continue
		}
		what := c.URL + " " + c.SHA256
		if out.captures++; seen[what] {
			out.again = append(out.again, what)
		}
		seen[what] = true
	}
}

func onRecord(t *testing.T, cat *sqlite.DB) found {
	out := found{statements: map[string][]record.ID{}, gone: map[string]bool{}}
	for after := record.ID(""); ; {
		ids, err := cat.StatementIDs(t.Context(), after, 500)
		check(t, err)
		if len(ids) == 0 {
			return out
		}
		after = ids[len(ids)-1]
		list, err := cat.Statements(t.Context(), ids)
		check(t, err)
		for _, s := range list {
			for _, x := range s.Wordings {
				out.statements[x.Text] = append(out.statements[x.Text], s.ID)
			}
			for _, x := range s.Sightings {
				if !x.Missing.IsZero() || !x.Removed.IsZero() {
					out.gone[x.CanonicalURL] = true
				}
			}
		}
	}
}

func checkPoliteness(t *testing.T, w *world) {
	for what, list := range map[string][]string{"within 2 s of the last answer of their host": w.tally.tooSoon, "beside another of their host": w.tally.together, "forbidden by robots.txt": w.tally.forbidden} {
		if len(list) > 0 {
			t.Errorf("%d requests %s, the first: %s", len(list), what, list[0])
		}
	}
	if len(w.hosts) < w.shape.hosts*9/10 {
		t.Errorf("%d hosts were asked, want nearly all of %d", len(w.hosts), w.shape.hosts)
	}
}

// schedule is when a page is visited again, after its first capture or its last
// change (docs/sources.md).
var schedule = []time.Duration{time.Hour, 6 * time.Hour, day, 3 * day, 7 * day, 30 * day}

// checkRecord looks whether every state of a page that stood longer than the
// schedule allows is on record, once.
func checkRecord(t *testing.T, w *world, r found) {
	ends := w.began.Add(time.Duration(w.days) * day)
	states, missed, twice, removals, unseen := 0, 0, 0, 0, 0
	for _, f := range w.feeds {
		for _, p := range f.pages {
			if p.first.IsZero() {
				continue
			}
			for k, s := range p.states {
				until := ends
				if k+1 < len(p.states) {
					until = p.states[k+1].from
				}
				if until.After(ends) {
					until = ends
				}
				if !until.After(s.from) || until.Before(p.first) {
					continue
				}
				must := !until.Before(dueBy(p, s.from))
				if s.n == 0 {
					removals++
					if again := dueBy(p, dueBy(p, s.from)); !until.Before(again) && !r.gone[p.url] && k > 0 && !p.seen[k-1].IsZero() {
						unseen++
						t.Logf("%s was removed %v and is not known as missing", p.url, s.from.Sub(p.first))
					}
					continue
				}
				ids := r.statements[sentence(s.n)]
				if must {
					states++
					if len(ids) == 0 {
						missed++
						t.Logf("%s: state %d, from %v to %v after the first visit, is not on record", p.url, k, s.from.Sub(p.first), until.Sub(p.first))
					}
				}
				if len(slices.Compact(slices.Sorted(slices.Values(ids)))) > 1 {
					twice++
				}
			}
		}
	}
	if missed+twice+unseen > 0 || states < w.sources/4 {
		t.Errorf("of %d states that stood long enough %d are not on record, %d twice; of %d removals %d are not", states, missed, twice, removals, unseen)
	}
	if len(r.again) > 0 || r.captures < states {
		t.Errorf("%d pages were kept for %d states, %d of them twice, the first: %v", r.captures, states, len(r.again), r.again[:min(1, len(r.again))])
	}
	t.Logf("%d states of pages that stood long enough are on record, each once; %d pages kept, none twice in one state; %d removals", states, r.captures, removals)
}

// dueBy is when a page must have been visited after a moment, at the latest. The
// schedule begins anew with each change that was seen before.
func dueBy(p *page, at time.Time) time.Time {
	if !at.After(p.first) {
		return p.first
	}
	began := p.first
	for _, seen := range p.seen {
		if seen.After(began) && !seen.After(at) {
			began = seen
		}
	}
	for _, d := range schedule {
		if due := began.Add(d); due.After(at) {
			return due.Add(slack + d/8)
		}
	}
	return at.Add(1000 * day)
}

// report prints the figures.
func report(t *testing.T, w *world) {
	var inside, outside []time.Duration
	for _, f := range w.feeds {
		for _, p := range f.pages {
			if p.first.IsZero() || f.fault >= 0 || p.at.Before(w.began.Add(time.Hour)) {
				continue
			}
			delay := p.first.Sub(p.at)
			if at := p.at.Sub(w.began); f.n%10 == 0 && at >= incidentFrom*day && at < incidentTo*day {
				inside = append(inside, delay)
			} else {
				outside = append(outside, delay)
			}
		}
	}
	y := w.tally
	t.Logf("%d sources on %d hosts, %d days: %d requests, %.1f MB, %.1f %% answered 304", w.sources, w.shape.hosts, w.days, y.requests, float64(y.bytes)/1e6, 100*float64(y.unchanged)/float64(y.requests))
	t.Logf("from publication to capture (median): %v in an incident (%d pages), %v outside (%d pages)", median(inside).Round(time.Second), len(inside), median(outside).Round(time.Second), len(outside))
}

func median(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[len(list)/2]
}
