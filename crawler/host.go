package crawler

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"onrecord/record"
)

// hosts are the origins that were met. Those of one host name share a lane: it
// is asked by one at a time, over http and https together.
type hosts struct {
	o     Options
	began time.Time

	mu    sync.Mutex // guards the maps
	byID  map[string]*host
	lanes map[string]*lane // by host name
}

// lane is one host name, with the pace at which it is asked. Whoever has taken
// it may use its fields.
type lane struct {
	taken chan struct{} // holds one token while somebody asks
	own   bool
	ready time.Time // when it may be asked again; zero: it was not met yet
}

// host is one origin. Whoever has taken its lane may use the fields.
type host struct {
	*lane
	record.Host
	rules robots
	// lost says why the host could not be reached; until lostUntil its other
	// addresses are not tried for that.
	lost      string
	lostUntil time.Time
}

func newHosts(o Options) *hosts {
	return &hosts{o: o, began: o.Clock.Now(), byID: map[string]*host{}, lanes: map[string]*lane{}}
}

// load enters what the catalogue knows.
func (h *hosts) load(known []record.Host) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, k := range known {
		if u, err := url.Parse(k.Origin); err == nil && h.byID[k.Origin] == nil {
			h.byID[k.Origin] = &host{lane: h.lane(u), Host: k, rules: readRobots(k.Robots)}
		}
	}
}

// lane is that of the address's host name. The maps are held by the caller.
func (h *hosts) lane(u *url.URL) *lane {
	name := strings.ToLower(u.Hostname())
	if h.lanes[name] == nil {
		h.lanes[name] = &lane{taken: make(chan struct{}, 1)}
	}
	return h.lanes[name]
}

// originOf is scheme, host and port of an address, in lower case.
func originOf(u *url.URL) string { return strings.ToLower(u.Scheme + "://" + u.Host) }

// take waits for the origin until nobody else asks it. It must be released.
func (h *hosts) take(ctx context.Context, u *url.URL) (*host, error) {
	origin := originOf(u)
	h.mu.Lock()
	x := h.byID[origin]
	if x == nil {
		x = &host{lane: h.lane(u), Host: record.Host{Origin: origin}}
		h.byID[origin] = x
	}
	h.mu.Unlock()
	select {
	case x.taken <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if x.ready.IsZero() {
		x.own = h.o.Dialer.Owns(ctx, dialled(u))
		gap := h.gap(x, 0)
		if !x.own {
			gap = max(gap, time.Duration(x.Gap)*time.Millisecond)
		}
		x.ready = h.began.Add(gap) // a process that was here before may have asked just now
	}
	return x, nil
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
	return max(h.o.Gap, min(5*took, longestDelay), x.rules.delay)
}

// wait waits until the host may be asked again. An error is ctx's.
func (h *hosts) wait(ctx context.Context, x *host) error {
	if d := x.ready.Sub(h.o.Clock.Now()); d > 0 {
		return h.o.Clock.Sleep(ctx, d)
	}
	return nil
}

// asked notes that a request ended now after took.
func (h *hosts) asked(x *host, took time.Duration) {
	gap := h.gap(x, took)
	x.ready = h.o.Clock.Now().Add(gap)
	x.Gap = gap.Milliseconds()
}

// busyUntil says why the host is left alone just now; "" where it is not.
func (x *host) busyUntil(now time.Time) string {
	if x.NotBefore.After(now) {
		return fmt.Sprintf("%s asked to be left alone until %s", x.Origin, x.NotBefore.UTC().Format("2 January 2006, 15:04 MST"))
	}
	return ""
}
