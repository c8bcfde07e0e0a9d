package crawler

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"onrecord/record"
)

// The cases that take more than one pass: what a host says changes in between.
func TestFaultsInTime(t *testing.T) { suffer(t, 4, inTime()) }

// passes makes n passes, each after a while.
func passes(n int, each time.Duration) func(*house) {
	return func(h *house) {
		for range n {
			h.once()
			h.clock().move(each)
		}
	}
}

// since is how long ago a case began, by its clock.
func (h *house) since() time.Duration { return h.clock().Now().Sub(monday) }

func inTime() []fault {
	const moved = "https://faults.example/moved"
	statement := article("Fault", "The fault is mended and all surgeries can book again.")
	// These answer by the case's own clock, which its house has.
	var list []fault
	add := func(f fault, answer func(h *house, w http.ResponseWriter, r *http.Request)) {
		var h *house
		run := f.run
		f.serve = func(w http.ResponseWriter, r *http.Request) { answer(h, w, r) }
		f.run = func(x *house) { h = x; run(x) }
		list = append(list, f)
	}
	add(fault{id: "H7 a feed that moved for good", kind: record.SourceFeed, says: "moved for good: asked at " + moved, run: passes(5, time.Hour), check: func(h *house) {
		if n := h.asks(faulty); n != 3 {
			h.Errorf("the old address was asked %d times, want three", n)
		}
	}}, func(_ *house, w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/x" {
			w.Header().Set("Location", moved)
			w.WriteHeader(http.StatusPermanentRedirect)
			return
		}
		_, _ = io.WriteString(w, rss(""))
	})
	add(fault{id: "H9 a page that is gone", state: record.VisitGone, says: "answered with status 410", run: passes(5, 40*time.Minute), check: func(h *house) {
		if list := h.statements(); len(list) != 1 || list[0].Status != record.Missing || list[0].Sightings[0].Missing.IsZero() || list[0].Sightings[0].Words == "" {
			h.Errorf("on record: %+v, want the statement, missing", list)
		}
	}}, func(h *house, w http.ResponseWriter, _ *http.Request) {
		if h.since() > 30*time.Minute {
			w.WriteHeader(http.StatusGone)
			return
		}
		_, _ = io.WriteString(w, statement)
	})
	add(fault{id: "H26 a page that says it is not found, under status 200", state: record.VisitFailed, says: "soft 404", run: passes(5, 40*time.Minute), check: func(h *house) {
		if list := h.statements(); len(list) != 1 || list[0].Status != record.Current || len(list[0].Sightings) != 1 || !list[0].Sightings[0].Gone.IsZero() {
			h.Errorf("on record: %+v, want the statement as it was", list)
		}
	}}, func(h *house, w http.ResponseWriter, _ *http.Request) {
		if h.since() > 30*time.Minute {
			_, _ = io.WriteString(w, `<html><head><title>Page not found</title></head><body><h1>Page not found</h1><p>Sorry, we could not find that page.</p></body></html>`)
			return
		}
		_, _ = io.WriteString(w, statement)
	})
	add(fault{id: "F23 a feed that stands still", kind: record.SourceFeed, says: "stale: nothing new since 16 March 2025", run: passes(140, 2*time.Hour)}, func(h *house, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/rss+xml")
		_, _ = io.WriteString(w, rss(item(fmt.Sprintf("https://echo.example/%d", min(h.since()/day, 6))))) // an entry a day, for six days
	})
	add(fault{id: "R14 a page that asks for no copies", run: passes(2, time.Hour), check: func(h *house) {
		list := h.statements()
		if len(list) != 1 {
			h.Fatalf("%d statements, want the one", len(list))
		}
		x, err := h.archive.Get(h.Context(), list[0].Sightings[0].Capture)
		must(h.T, err)
		if x.Header.Get("X-Robots-Tag") != "noarchive" { // by which desk withholds it
			h.Errorf("the evidence has lost what the page asked for: %v", x.Header)
		}
	}}, func(_ *house, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Robots-Tag", "noarchive")
		_, _ = io.WriteString(w, statement)
	})
	for _, u := range []string{"http://169.254.169.254/latest/meta-data/", "http://[::ffff:10.0.0.1]/", "http://[fe80::1]/", "http://192.168.0.1:80/x"} {
		list = append(list, fault{id: "U8 " + u[7:], url: u, state: record.VisitBarred, says: "blocked address: ", change: func(o *Options) { o.Canonical = func(raw string) (string, error) { return raw, nil } }})
	}
	return list
}
