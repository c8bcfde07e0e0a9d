package crawler

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"onrecord/guard"
	"onrecord/internal/fakeweb"
	"onrecord/record"
)

// The network and redirect cases of a visit, each with a source that is well
// beside it: whatever happens to the one, the other is read.
func TestNetworkFaults(t *testing.T) {
	public, private := netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr("10.0.0.7")
	var asked atomic.Int32
	for name, tt := range map[string]struct {
		names  fakeweb.Names
		state  record.VisitState
		says   string
		passed []string // addresses that the guard lets pass; none is connected to
	}{
		"N3 a name that does not exist": {func(string) ([]netip.Addr, dnsmessage.RCode) { return nil, dnsmessage.RCodeNameError }, record.VisitFailed, "the name gone.example does not exist", nil},
		"N4 a resolver that fails":      {func(string) ([]netip.Addr, dnsmessage.RCode) { return nil, dnsmessage.RCodeServerFailure }, record.VisitFailed, "could not be resolved", nil},
		"N5 a name that leads home":     {func(string) ([]netip.Addr, dnsmessage.RCode) { return []netip.Addr{private}, 0 }, record.VisitBarred, "blocked address: 10.0.0.7:443", nil},
		"N6 only public addresses are tried": {func(string) ([]netip.Addr, dnsmessage.RCode) {
			return []netip.Addr{public, netip.MustParseAddr("fd00::7")}, 0
		}, record.VisitFailed, "recorded", []string{"93.184.216.34:443"}},
		"N5 a name that turns home later": {func(string) ([]netip.Addr, dnsmessage.RCode) {
			if asked.Add(1) <= 2 { // A and AAAA of whoever looked before
				return []netip.Addr{public}, 0
			}
			return []netip.Addr{private}, 0
		}, record.VisitBarred, "blocked address", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var passed []string
			resolver := fakeweb.Resolver(tt.names)
			h := open(t, []fakeweb.Page{page(feedURL, feed())}, []record.Source{{URL: "https://gone.example/feed", Kind: record.SourceFeed}, feedSource()}, nil)
			plain, secure := h.web.Addresses()
			h.o.Dialer = guard.New(guard.Options{
				Strangers: true, Own: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Resolver: resolver, ConnectTo: map[string]string{"www.hsb.example:443": secure},
				Witness: func(_, address string) error {
					if address == plain || address == secure {
						return nil
					}
					passed = append(passed, address)
					return errors.New("recorded, not connected")
				},
			})
			if strings.Contains(name, "later") {
				_, _ = resolver.LookupNetIP(t.Context(), "ip", "gone.example") // who looks before the dial sees a public address
			}
			h.rebuild()
			h.once()
			v := h.visited("https://gone.example/feed")
			if v.State != tt.state || !strings.Contains(v.Error, tt.says) || !slices.Equal(passed, tt.passed) {
				t.Errorf("%s %q, passed %v; want %s %q and %v", v.State, v.Error, passed, tt.state, tt.says, tt.passed)
			}
			if well := h.visited(feedURL); well.State != record.VisitOK {
				t.Errorf("the source beside it is %s: %s", well.State, well.Error)
			}
		})
	}
}

func TestRedirectsThatAreNotFollowed(t *testing.T) {
	for name, tt := range map[string]struct{ location, says string }{
		"H2 from https to http":          {"http://www.hsb.example/plain", "redirected from https to http://www.hsb.example/plain without TLS"},
		"H4 to a link-local address":     {"http://169.254.169.254/", "without TLS"},
		"H4 to a private one over https": {"https://10.0.0.7/", "blocked address: 10.0.0.7:443"},
		"H5 to a file":                   {"file:///etc/passwd", "not http or https"},
		"H5 to data":                     {"data:text/html,x", "not http or https"},
		"to no address":                  {"https://%zz/", "which is no address"},
		"without a place":                {"", "without saying where to"},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, []fakeweb.Page{{URL: feedURL, Status: 302, Header: http.Header{"Location": {tt.location}}}}, []record.Source{feedSource()}, nil)
			h.once()
			if v := h.visited(feedURL); v.State == record.VisitOK || !strings.Contains(v.Error, tt.says) {
				t.Errorf("%s %q, want %q", v.State, v.Error, tt.says)
			}
		})
	}
}

func TestARedirectToAnotherHostObeysThatHostsRobots(t *testing.T) {
	h := open(t, []fakeweb.Page{
		{URL: feedURL, Status: 302, Header: http.Header{"Location": {"https://echo.example/feed.xml"}}},
		page("https://echo.example/robots.txt", "User-agent: *\nDisallow: /feed.xml\n"), page("https://echo.example/feed.xml", feed()),
	}, []record.Source{feedSource()}, nil)
	h.once()
	if v := h.visited(feedURL); v.State != record.VisitRobots || !strings.Contains(v.Error, "robots.txt of https://echo.example") {
		t.Errorf("H3: %s %q", v.State, v.Error)
	}
}

func TestAPermanentMoveIsNoted(t *testing.T) {
	h := open(t, []fakeweb.Page{
		{URL: feedURL, Status: 308, Header: http.Header{"Location": {"/news/feed/"}}}, page("https://www.hsb.example/news/feed/", feed()),
	}, []record.Source{feedSource()}, nil)
	h.once()
	if v := h.visited(feedURL); v.State != record.VisitOK || len(v.Notes) == 0 || !strings.Contains(v.Notes[0], "moved permanently to https://www.hsb.example/news/feed/") {
		t.Errorf("H7: %+v", v)
	}
}

func TestATLSHandshakeThatHangs(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN: takes the five seconds of the limit")
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	h := open(t, nil, []record.Source{{URL: "https://hangs.example/feed", Kind: record.SourceFeed}}, nil)
	h.o.Dialer = guard.New(guard.Options{Own: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, ConnectTo: map[string]string{"hangs.example:443": l.Addr().String()}})
	h.rebuild()
	h.once()
	if v := h.visited("https://hangs.example/feed"); v.State != record.VisitFailed || v.Error != "timed out: no TLS handshake within 5s" {
		t.Errorf("N8: %s %q", v.State, v.Error)
	}
}

func TestOneHostIsAskedOverHTTPAndHTTPSByOneAtATime(t *testing.T) {
	var now, most atomic.Int32
	h := open(t, nil, []record.Source{{URL: "https://faults.example/a", Kind: record.SourcePage}, {URL: "http://faults.example/b", Kind: record.SourcePage}}, nil)
	h.web.Handle("faults.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, article("A", "We are sorry for what has happened, and we will put it right by the end of this week."))
	}))
	if r := h.once(); r.Visits != 2 || most.Load() != 1 {
		t.Errorf("%d visits, at most %d requests at once; want 2 and 1", r.Visits, most.Load())
	}
}
