package crawler

import (
	"net/http"
	"testing"

	"onrecord/internal/fakeweb"
	"onrecord/record"
)

func moveTo(from string, status int, to string) fakeweb.Page {
	return fakeweb.Page{URL: from, Status: status, Header: http.Header{"Location": {to}}}
}

func TestRedirectsAreKeptAsAChain(t *testing.T) {
	const old, middle, now = "http://www.hsb.example/old", "https://www.hsb.example/middle", "https://www.hsb.example/now"
	h := open(t, []fakeweb.Page{
		page(feedURL, feed(old)),
		moveTo(old, http.StatusMovedPermanently, middle),
		moveTo(middle, http.StatusFound, "/now"),
		page(now, article("Fault", "The fault is mended and all surgeries can book again.")),
	}, []record.Source{feedSource()}, nil)
	h.once()
	ids, err := h.cat.StatementIDs(t.Context(), "", 10)
	must(t, err)
	if len(ids) != 1 {
		t.Fatalf("%d statements, want 1", len(ids))
	}
	s, err := h.cat.Statement(t.Context(), ids[0])
	must(t, err)
	c, err := h.cat.Capture(t.Context(), s.Sightings[0].Capture)
	must(t, err)
	versions, err := h.cat.Versions(t.Context(), s.Sightings[0].Page)
	must(t, err)
	for what, chain := range map[string]record.Chain{"sighting": s.Sightings[0].Redirects, "capture": c.Redirects, "version": versions[0].Redirects, "visit": h.visited(old).Redirects} {
		hops := chain.Hops()
		if len(hops) != 2 || hops[0].URL != old || hops[0].Status != 301 || !hops[0].Permanent || hops[1].URL != middle || hops[1].Status != 302 || hops[1].Permanent {
			t.Errorf("the %s came by %+v", what, hops)
			continue
		}
		for _, hop := range hops {
			if x, err := h.archive.Get(t.Context(), hop.Capture); err != nil || x.URL != hop.URL || x.Status != hop.Status {
				t.Errorf("the answer of %s is kept as %s %d (%v)", hop.URL, x.URL, x.Status, err)
			}
		}
	}
}

func TestAnAddressThatLeadsToAKnownPageKeepsItsChain(t *testing.T) {
	const short, page1 = "https://www.hsb.example/short", "https://www.hsb.example/a"
	h := open(t, []fakeweb.Page{
		page(feedURL, feed(page1, short)),
		moveTo(short, http.StatusPermanentRedirect, page1),
		page(page1, article("Fault", "The fault is mended and all surgeries can book again.")),
	}, []record.Source{feedSource()}, nil)
	h.once()
	v := h.visited(short)
	if hops := v.Redirects.Hops(); v.Of != page1 || len(hops) != 1 || hops[0].URL != short || !hops[0].Permanent {
		t.Errorf("%s is remembered as %+v", short, v)
	}
	n := 0
	for _, u := range h.asked() {
		if u == page1 {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%s was asked %d times, want once", page1, n)
	}
}
