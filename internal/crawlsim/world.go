package crawlsim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// shape is how large a simulation is.
type shape struct {
	sources, hosts int
	days           int
	seed           uint64
}

// world is the sites of a simulation, by a plan made beforehand, and what was
// asked of them.
type world struct {
	shape
	began time.Time
	feeds []*feed

	mu    sync.Mutex // guards what follows
	hosts map[string]*hostLog
	tally tally
}

// feed is one source and the pages that it leads to.
type feed struct {
	n     int
	host  string
	path  string
	fault int // of the table of faults; -1 for none
	pages []*page
}

func (f *feed) url() string { return "http://" + f.host + f.path }

// page is one article: when it is published, and the states it has later.
type page struct {
	url    string
	at     time.Time
	states []state // the first from at on
	first  time.Time
	seen   map[int]time.Time // states, by when they were first sent whole
}

// state is what a page says from a moment on.
type state struct {
	from time.Time
	n    int // its sentence; 0 for a page that is gone
}

// hostLog is what was asked of one host.
type hostLog struct {
	inside int       // requests under way
	last   time.Time // when the last answer ended
}

// tally sums up what was asked, and what must not be.
type tally struct {
	requests, unchanged int
	bytes               int64
	tooSoon, together   []string // requests that came within 2 s of the last answer, or beside another
	forbidden           []string // that robots.txt forbids
}

const faultKinds = 10

// newWorld plans everything that happens, by the seed.
func newWorld(s shape, began time.Time) *world {
	w := &world{shape: s, began: began, hosts: map[string]*hostLog{}}
	rnd := rand.New(rand.NewPCG(s.seed, 7))
	sentences := 0
	next := func() int { sentences++; return sentences }
	for n := range s.sources {
		f := &feed{n: n, host: fmt.Sprintf("h%03d.example", n%s.hosts), path: fmt.Sprintf("/%d/feed.xml", n), fault: -1}
		if n%5 == 2 {
			f.fault = n / 5 % faultKinds
		}
		if f.fault == 8 {
			f.path = fmt.Sprintf("/private/%d/feed.xml", n)
		}
		w.feeds = append(w.feeds, f)
		// From one item in two days to one in sixteen.
		mean := time.Duration(float64(48*time.Hour) * float64(int(1)<<rnd.IntN(4)))
		for at := began.Add(-time.Duration(rnd.Int64N(int64(mean)))); at.Before(began.Add(time.Duration(s.days) * day)); at = at.Add(time.Duration(rnd.ExpFloat64() * float64(mean))) {
			p := &page{url: fmt.Sprintf("http://%s/%d/%d", f.host, n, len(f.pages)), at: at.Truncate(time.Second), seen: map[int]time.Time{}}
			p.states = []state{{p.at, next()}}
			switch rnd.IntN(10) {
			case 0, 1: // edited, for a while or for good
				edit := p.at.Add(time.Duration(rnd.Int64N(int64(4 * day))))
				p.states = append(p.states, state{edit, next()})
				if rnd.IntN(2) == 0 {
					p.states = append(p.states, state{edit.Add(time.Duration(rnd.Int64N(int64(3 * day)))), next()})
				}
			case 2: // removed
				p.states = append(p.states, state{p.at.Add(time.Duration(rnd.Int64N(int64(6 * day)))), 0})
			}
			f.pages = append(f.pages, p)
		}
	}
	return w
}

const day = 24 * time.Hour

// at is the state of a page at a time; -1 before it is published.
func (p *page) stateAt(t time.Time) int {
	k := -1
	for i, s := range p.states {
		if !s.from.After(t) {
			k = i
		}
	}
	return k
}

// ServeHTTP answers for every host.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	now := time.Now()
	w.enter(r, now)
	defer w.leave(r.Host)
	var n, k int
	switch {
	case r.URL.Path == "/robots.txt":
		w.robots(rw, r, now)
	case strings.HasSuffix(r.URL.Path, "/feed.xml"):
		if _, err := fmt.Sscanf(strings.TrimPrefix(r.URL.Path, "/private"), "/%d/feed.xml", &n); err != nil || n >= len(w.feeds) {
			http.NotFound(rw, r)
			return
		}
		w.feed(rw, r, w.feeds[n], now)
	default:
		if _, err := fmt.Sscanf(r.URL.Path, "/%d/%d", &n, &k); err != nil || n >= len(w.feeds) || k >= len(w.feeds[n].pages) {
			http.NotFound(rw, r)
			return
		}
		w.page(rw, r, w.feeds[n].pages[k], now)
	}
}

// enter notes a request, and whether it should have come.
func (w *world) enter(r *http.Request, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := w.hosts[r.Host]
	if h == nil {
		h = &hostLog{}
		w.hosts[r.Host] = h
	}
	w.tally.requests++
	what := fmt.Sprintf("%s %s%s", now.Format(time.RFC3339), r.Host, r.URL.Path)
	if h.inside > 0 {
		w.tally.together = append(w.tally.together, what)
	}
	if d := now.Sub(h.last); !h.last.IsZero() && d < 2*time.Second {
		w.tally.tooSoon = append(w.tally.tooSoon, fmt.Sprintf("%s after %v", what, d))
	}
	if strings.HasPrefix(r.URL.Path, "/private/") {
		w.tally.forbidden = append(w.tally.forbidden, what)
	}
	h.inside++
}

func (w *world) leave(host string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hosts[host].inside--
	w.hosts[host].last = time.Now()
}

// robots: a part of each host is forbidden, and one host in twenty cannot give
// the file on the third day.
func (w *world) robots(rw http.ResponseWriter, r *http.Request, now time.Time) {
	var n int
	_, _ = fmt.Sscanf(r.Host, "h%d.example", &n)
	if d := now.Sub(w.began) / day; n%20 == 7 && d == 2 {
		http.Error(rw, "broken", http.StatusInternalServerError)
		return
	}
	w.send(rw, r, "text/plain", "User-agent: *\nDisallow: /private/\nDisallow: /search\n", true)
}

// feed answers with the newest entries, or as its fault has it.
func (w *world) feed(rw http.ResponseWriter, r *http.Request, f *feed, now time.Time) {
	since := now.Sub(w.began)
	switch f.fault {
	case 0: // it never works
		http.Error(rw, "broken", http.StatusInternalServerError)
		return
	case 1: // it hangs up, one hour in three
		if int(since/time.Hour)%3 == 0 {
			panic(http.ErrAbortHandler)
		}
	case 2: // it wants to be left alone, one hour in four
		if int(since/time.Hour)%4 == 0 {
			rw.Header().Set("Retry-After", "1800")
			http.Error(rw, "too many", http.StatusTooManyRequests)
			return
		}
	case 3: // it is slow
		time.Sleep(4 * time.Second)
	case 4: // it is not found, every second day
		if int(since/day)%2 == 1 {
			http.NotFound(rw, r)
			return
		}
	case 5: // it is cut short, one hour in three
		if int(since/time.Hour)%3 == 1 {
			_, _ = rw.Write([]byte("<?xml version=\"1.0\"?><rss><chan"))
			return
		}
	case 6: // it redirects to itself
		http.Redirect(rw, r, f.path, http.StatusFound)
		return
	}
	var list []entry
	for k := len(f.pages) - 1; k >= 0 && len(list) < 20; k-- {
		if p := f.pages[k]; !p.at.After(now) {
			list = append(list, entry{p.url, fmt.Sprintf("Item %d of %d", k, f.n), p.at, "What was said on the day."})
		}
	}
	w.send(rw, r, "application/rss+xml", rss(f.host, list), f.fault != 7) // 7: without validators
}

// page answers with the state that a page has now.
func (w *world) page(rw http.ResponseWriter, r *http.Request, p *page, now time.Time) {
	k := p.stateAt(now)
	w.mu.Lock()
	if k >= 0 && p.seen[k].IsZero() {
		p.seen[k] = now
	}
	if k >= 0 && p.first.IsZero() {
		p.first = now
	}
	w.mu.Unlock()
	if k < 0 || p.states[k].n == 0 {
		http.NotFound(rw, r)
		return
	}
	w.send(rw, r, "text/html; charset=utf-8", article("An item", p.at, sentence(p.states[k].n)), true)
}

func (w *world) send(rw http.ResponseWriter, r *http.Request, kind, body string, validators bool) {
	rw.Header().Set("Content-Type", kind)
	if validators {
		sum := sha256.Sum256([]byte(body))
		tag := `"` + hex.EncodeToString(sum[:8]) + `"`
		rw.Header().Set("Etag", tag)
		if r.Header.Get("If-None-Match") == tag {
			rw.WriteHeader(http.StatusNotModified)
			w.mu.Lock()
			w.tally.unchanged++
			w.mu.Unlock()
			return
		}
	}
	n, _ := rw.Write([]byte(body))
	w.mu.Lock()
	w.tally.bytes += int64(n)
	w.mu.Unlock()
}
