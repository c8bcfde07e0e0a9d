package crawler

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"onrecord/guard"
	"onrecord/internal/fakeweb"
	"onrecord/record"
)

// fault is one case of what strangers do wrong, with what is to come of it. The
// source that suffers it is visited beside one that is well.
type fault struct {
	id     string               // as the catalogue of faults has it, and what happens
	url    string               // of the source; "" means faulty
	kind   record.SourceKind    // "" means page
	robots string               // of faults.example; "" means none
	serve  http.HandlerFunc     // answers for faults.example
	raw    func(net.Conn)       // speaks for faults.example in its place
	alpn   []string             // with raw: over TLS, with these protocols
	pages  []fakeweb.Page       // of other addresses
	more   []record.Source      // beside the two
	guard  func(*guard.Options) // changes the dialer
	change func(*Options)
	run    func(*house) // nil means one pass

	state  record.VisitState // of the source afterwards; "" means ok
	says   string            // what its health says; "" for nothing at all
	budget time.Duration     // 0 means 90 s: against hanging, nothing is timed
	check  func(*house)
}

// Addresses of the source that suffers, and of a story that it may lead to.
const (
	faulty = "https://faults.example/x"
	plain  = "http://faults.example/x"
	story  = "https://faults.example/story"
)

// mostMemory is how much more may be in use while a group of cases runs than
// before it; what all may use together, none uses more of alone.
const mostMemory = 64 << 20

// suffer runs cases, some at a time, and holds each to six promises: no panic,
// no goroutine left, memory bounded, an end in time, the fault named in the
// source's health, and the next source visited all the same.
func suffer(t *testing.T, atOnce int, faults []fault) {
	t.Helper()
	grown := watchMemory()
	slots := make(chan struct{}, atOnce)
	var wait sync.WaitGroup
	for _, f := range faults {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			t.Run(f.id, f.test)
		})
	}
	wait.Wait()
	if n := grown(); n > mostMemory && !raced {
		t.Errorf("%s: %d MiB more were in use at once than before, want %d at most", faults[0].id, n>>20, mostMemory>>20)
	}
	goleak.VerifyNone(t, neverAnswered)
}

// watchMemory looks at the heap in use until it is asked how far that grew.
func watchMemory() (grown func() int64) {
	live := func() int64 {
		s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(s)
		return int64(s[0].Value.Uint64())
	}
	runtime.GC()
	before, most, stop := live(), int64(0), make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			select {
			case <-tick.C:
				most = max(most, live())
			case <-stop:
				tick.Stop()
				return
			}
		}
	})
	return func() int64 {
		close(stop)
		wait.Wait()
		return most - before
	}
}

func (f fault) test(t *testing.T) {
	pprof.SetGoroutineLabels(pprof.WithLabels(t.Context(), pprof.Labels("fault", t.Name())))
	defer unlabelled(t)
	h, log := f.open(t)
	defer func() { must(t, h.close()) }()
	if f.budget == 0 {
		f.budget = 90 * time.Second
	}
	began := time.Now()
	if f.run == nil {
		f.run = func(h *house) { h.once() }
	}
	f.run(h)
	if took := time.Since(began); took > f.budget {
		t.Errorf("it took %v, more than %v", took, f.budget)
	}
	s := h.state(f.url)
	s.Stale = s.Visit.Stale(h.clock().Now())
	health := inHealth(s)
	if s.Visit.State != f.state || f.says == "" && health != "" || !strings.Contains(health, f.says) {
		t.Errorf("the source is %q and its health says\n%s\nwant %q and %q", s.Visit.State, health, f.state, f.says)
	}
	if strings.Contains(health+log.String(), "please report it") {
		t.Errorf("something broke: %s\n%s", health, log)
	}
	if n := h.web.Most("faults.example"); n > 1 {
		t.Errorf("%d requests to one host at once", n)
	}
	if f.check != nil {
		f.check(h)
	}
	f.next(t, h)
}

// next looks whether the source beside it was visited, and still is.
func (f fault) next(t *testing.T, h *house) {
	t.Helper()
	if v := h.visited(feedURL); v.State != record.VisitOK {
		t.Errorf("the source beside it is %s: %s", v.State, v.Error)
	}
	h.once(record.SourceID(feedURL))
	if v := h.visited(feedURL); v.State != record.VisitOK || !v.Succeeded.Equal(h.clock().Now()) && h.o.OwnGap == 0 {
		t.Errorf("the source beside it, visited again: %s %s", v.State, v.Error)
	}
}

// open builds the house of a case. Its log is what an operator would see.
func (f *fault) open(t *testing.T) (*house, fmt.Stringer) {
	t.Helper()
	if f.url == "" {
		f.url = faulty
		if f.raw != nil && f.alpn == nil {
			f.url = plain
		}
	}
	if f.kind == "" {
		f.kind = record.SourcePage
	}
	if f.state == "" {
		f.state = record.VisitOK
	}
	log := &buffer{}
	sources := append([]record.Source{{URL: f.url, Kind: f.kind, Every: 900}, feedSource()}, f.more...)
	h := build(t, append(f.pages, page(feedURL, feed())), sources, func(o *Options) {
		o.Log = slog.New(slog.NewJSONHandler(log, nil))
		if f.change != nil {
			f.change(o)
		}
	})
	to := h.web.ConnectTo("faults.example", "echo.example", "www.hsb.example")
	if f.raw != nil {
		address, err := h.web.Raw(f.raw, f.alpn...)
		must(t, err)
		to["faults.example:80"], to["faults.example:443"] = address, address
	}
	g := guard.Options{Own: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, ConnectTo: to, Resolver: noNames()}
	if f.guard != nil {
		f.guard(&g)
	}
	h.o.Dialer = guard.New(g)
	h.rebuild()
	if f.serve != nil {
		h.web.Handle("faults.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path != "/robots.txt":
				f.serve(w, r)
			case f.robots == "":
				http.NotFound(w, r)
			default:
				io.WriteString(w, f.robots)
			}
		}))
	}
	h.log = log
	return h, log
}

// inHealth is what a list of sources tells of one: its fault, or its last one,
// what is noted, and the pages that fail.
func inHealth(s record.SourceState) string {
	lines := append([]string{s.Visit.Error, s.Visit.LastError}, s.Visit.Notes...)
	if s.At != "" {
		lines = append(lines, "moved for good: asked at "+s.At)
	}
	if !s.Stale.IsZero() {
		lines = append(lines, "stale: nothing new since "+s.Stale.Format("2 January 2006"))
	}
	for _, v := range s.Troubled {
		lines = append(lines, v.URL+": "+v.Error)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// unlabelled waits until no goroutine is left that began in this case.
func unlabelled(t *testing.T) {
	t.Helper()
	pprof.SetGoroutineLabels(context.Background())
	var b bytes.Buffer
	for range 100 {
		b.Reset()
		_ = pprof.Lookup("goroutine").WriteTo(&b, 1)
		if !strings.Contains(b.String(), fmt.Sprintf("%q", t.Name())) {
			return
		}
		time.Sleep(50 * time.Millisecond) // of goroutines that are ending: no fake clock moves them
	}
	t.Errorf("goroutines are left:\n%s", b.String())
}

// buffer is a log that many may write.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) { b.mu.Lock(); defer b.mu.Unlock(); return b.b.Write(p) }

func (b *buffer) String() string { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }

// rawly answers requests by hand, robots.txt with 404. N counts the others from
// 1. The connection ends when answer returns.
func rawly(answer func(c net.Conn, n int)) func(net.Conn) {
	var n atomic.Int32
	return func(c net.Conn) {
		in := bufio.NewReader(c)
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			if r.URL.Path == "/robots.txt" {
				io.WriteString(c, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
				continue
			}
			answer(c, int(n.Add(1)))
			return
		}
	}
}

// says is a raw answer of these words, every time.
func says(words string) func(net.Conn) {
	return rawly(func(c net.Conn, _ int) { io.WriteString(c, words) })
}

// silent waits until the other end has had enough.
func silent(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// captured counts what the archive holds of an address.
func (h *house) captured(url string) (n int) {
	h.Helper()
	for c, err := range h.archive.Captures(h.Context()) {
		must(h.T, err)
		if c.URL == url {
			n++
		}
	}
	return n
}

// asks counts the requests for an address.
func (h *house) asks(url string) (n int) {
	for _, r := range h.web.Requests() {
		if r.URL == url {
			n++
		}
	}
	return n
}

// nowhere fails where a text stands in a file of the catalogue or the archive,
// unpacked where it is packed, or in the log.
func (h *house) nowhere(secret string) {
	h.Helper()
	if strings.Contains(h.log.String(), secret) {
		h.Errorf("the log has %q", secret)
	}
	for c, err := range h.archive.Captures(h.Context()) {
		must(h.T, err)
		x, err := h.archive.Get(h.Context(), c.ID)
		must(h.T, err)
		if strings.Contains(fmt.Sprint(x.URL, x.Header, x.RequestHeader), secret) {
			h.Errorf("the archive has %q of %s", secret, c.URL)
		}
	}
	must(h.T, filepath.WalkDir(h.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(secret)) {
			h.Errorf("%s has %q", path, secret)
		}
		return err
	}))
}

// recorder lets nothing out but to loopback ports of a case, and remembers what
// else the guard let pass.
type recorder struct {
	mu     sync.Mutex
	passed []string
}

var errRecorded = errors.New("recorded, not connected")

// allBut notes every address that is to be dialled and lets none through but own.
func (r *recorder) allBut(own string) func(network, address string) error {
	return func(_, address string) error {
		if address == own {
			return nil
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.passed = append(r.passed, address)
		return errRecorded
	}
}

func (r *recorder) witness(_, address string) error {
	if strings.HasPrefix(address, "127.0.0.1:") || strings.HasPrefix(address, "[::1]:") {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.passed = append(r.passed, address)
	return errRecorded
}

// loopbackOnly is a dialer for names that lead to loopback ports.
func loopbackOnly(to map[string]string) *guard.Dialer {
	return guard.New(guard.Options{Own: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, ConnectTo: to, Resolver: noNames()})
}
