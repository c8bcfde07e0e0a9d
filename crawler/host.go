package crawler

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"onrecord/catalogue"
	"onrecord/record"
)

// hosts are the origins that were met. Those of one host name share a lane: it
// is asked by one at a time, over http and https together.
type hosts struct {
	o         Options
	catalogue catalogue.Visits
	began     time.Time

	mu    sync.Mutex // guards the maps
	byID  map[string]*host
	lanes map[string]*lane // by host name
}

// lane is one host name, with the pace at which it is asked. Whoever has taken
// it may use its fields.
type lane struct {
	taken chan struct{} // holds one token while somebody asks
	met   bool
	delay time.Duration // the longest Crawl-delay of its origins
	ready atomic.Int64  // nanoseconds since 1970: when it may be asked again; anybody may look
}

// host is one origin. Whoever has taken its lane may use the fields.
type host struct {
	*lane
	record.Host
	known bool // it was looked up
	rules robots
	// allowed remembers what the rules say of addresses that are asked again and
	// again: the rules are long, and read anew for each question.
	allowed map[string]bool
	own     bool
	// lost says why the host could not be reached; until lostUntil its other
	// addresses are not tried for that.
	lost      string
	lostUntil time.Time
}

func newHosts(o Options, cat catalogue.Visits) *hosts {
	return &hosts{o: o, catalogue: cat, began: o.Clock.Now(), byID: map[string]*host{}, lanes: map[string]*lane{}}
}

// originOf is scheme, host and port of an address, in lower case.
func originOf(u *url.URL) string { return strings.ToLower(u.Scheme + "://" + u.Host) }

// mostHosts is how many origins are held in memory, each with its robots.txt;
// past it all are looked up anew.
const mostHosts = 500

// of is the origin of an address, not taken yet. Two that were handed out for
// one origin, the one before it was forgotten, still share its lane.
func (h *hosts) of(u *url.URL) *host {
	h.mu.Lock()
	defer h.mu.Unlock()
	origin, name := originOf(u), strings.ToLower(u.Hostname())
	if x := h.byID[origin]; x != nil {
		return x
	}
	if len(h.byID) >= mostHosts {
		clear(h.byID)
	}
	if h.lanes[name] == nil {
		h.lanes[name] = &lane{taken: make(chan struct{}, 1)}
	}
	x := &host{lane: h.lanes[name], Host: record.Host{Origin: origin}}
	h.byID[origin] = x
	return x
}

// take waits for the lane of an address until nobody else asks there. The host
// must be released. The error is ctx's, or the store's as a *storeError.
func (h *hosts) take(ctx context.Context, u *url.URL) (*host, error) {
	x := h.of(u)
	select {
	case x.taken <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := h.meet(ctx, x, u); err != nil {
		x.release()
		return nil, err
	}
	return x, nil
}

// meet looks up what is known of a host that was not met before.
func (h *hosts) meet(ctx context.Context, x *host, u *url.URL) error {
	if x.known {
		return nil
	}
	known, err := h.catalogue.Host(ctx, x.Origin)
	switch {
	case err == nil:
		x.Host = known
		x.read()
	case !errors.Is(err, record.ErrNotFound):
		return &storeError{err}
	}
	x.known, x.own = true, h.o.Dialer.Owns(ctx, dialled(u))
	if !x.met {
		x.met = true
		gap := h.gap(x, 0)
		if !x.own {
			gap = max(gap, time.Duration(x.Gap)*time.Millisecond)
		}
		x.ready.Store(h.began.Add(gap).UnixNano()) // a process that was here before may have asked just now
	}
	return nil
}

// read takes in the host's robots.txt.
func (x *host) read() {
	x.rules, x.allowed = readRobots(x.Robots), map[string]bool{}
	x.delay = max(x.delay, x.rules.delay)
}

// mostVerdicts is how many addresses of one host are remembered in allowed.
const mostVerdicts = 64

// allows reports whether the host's rules let us ask for an address.
func (x *host) allows(u *url.URL) bool {
	if x.rules.body == "" {
		return true
	}
	key := u.RequestURI()
	ok, known := x.allowed[key]
	if !known {
		ok = x.rules.allows(u)
		if len(x.allowed) >= mostVerdicts {
			clear(x.allowed)
		}
		x.allowed[key] = ok
	}
	return ok
}

func (x *host) release() { <-x.taken }

// dialled is the "host:port" that is connected to.
func dialled(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// gap is the least time between two requests: for a stranger's host 2s or more,
// five times what the last answer took, and its Crawl-delay; for the operator's
// own what the settings say.
func (h *hosts) gap(x *host, took time.Duration) time.Duration {
	if x.own {
		return h.o.OwnGap
	}
	return max(h.o.Gap, min(5*took, longestDelay), x.delay)
}

// readyAt is when the host of an origin may be asked again.
func (h *hosts) readyAt(origin string) time.Time {
	u, err := url.Parse(origin)
	if err != nil {
		return time.Time{}
	}
	if ns := h.of(u).ready.Load(); ns != 0 {
		return h.o.Clock.Now().Add(h.left(ns))
	}
	return time.Time{}
}

// left is how long it is until ns. More than the longest gap comes of a clock
// that went back, and is none.
func (h *hosts) left(ns int64) time.Duration {
	if d := time.Unix(0, ns).Sub(h.o.Clock.Now()); d <= max(longestDelay, h.o.Gap, h.o.OwnGap) {
		return d
	}
	return 0
}

// wait waits until the host may be asked again. An error is ctx's.
func (h *hosts) wait(ctx context.Context, x *host) error {
	if d := h.left(x.ready.Load()); d > 0 {
		return h.o.Clock.Sleep(ctx, d)
	}
	return ctx.Err()
}

// asked notes that a request ended now after took, and reports whether the gap
// is another than the catalogue knows.
func (h *hosts) asked(x *host, took time.Duration) bool {
	gap := h.gap(x, took)
	now := h.o.Clock.Now()
	x.ready.Store(max(now.Add(h.left(x.ready.Load())).UnixNano(), now.Add(gap).UnixNano()))
	was := time.Duration(x.Gap) * time.Millisecond
	x.Gap = gap.Milliseconds()
	return !x.own && (gap > was+was/4 && gap > h.o.Gap || gap < was/2)
}

// busyUntil says why the host is left alone just now; "" where it is not.
func (x *host) busyUntil(now time.Time) string {
	if x.NotBefore.After(now) && x.NotBefore.Sub(now) <= mostPatience { // else the clock went back
		return fmt.Sprintf("%s asked to be left alone until %s", x.Origin, x.NotBefore.UTC().Format("2 January 2006, 15:04 MST"))
	}
	return ""
}
