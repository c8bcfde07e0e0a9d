package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"onrecord/crawler"
	"onrecord/record"
)

func TestACrawlTellsALineASourceAndCounts(t *testing.T) {
	now := time.Date(2025, 3, 10, 9, 0, 0, 0, time.UTC)
	visit := func(lead bool, state record.VisitState, changed time.Time, why string) crawler.Told {
		return crawler.Told{Source: record.Source{Name: "Ferries"}, Visit: record.Visit{URL: "https://ferries.example/a", Lead: lead, State: state, Tried: now, Changed: changed, Error: why}}
	}
	session := func(w *crawlShow) {
		w.waiting(2)
		first := visit(false, record.VisitOK, now, "")
		first.Leads = 2
		w.told(first)
		w.told(visit(false, record.VisitFailed, time.Time{}, "timed out"))
		w.told(visit(true, record.VisitOK, now, ""))
		now = now.Add(2 * time.Minute)
		w.told(visit(true, record.VisitGone, time.Time{}, "answered with status 404"))
		w.done()
	}
	var plain bytes.Buffer
	session(newCrawlShow(&plain, func() time.Time { return now }))
	if want := "ok       Ferries: 2 new pages\nfailing  Ferries: timed out\n0 due, 4 visited, 2 new, 2 failed\n"; plain.String() != want {
		t.Errorf("without a terminal %q, want %q", plain.String(), want)
	}
	var drawn bytes.Buffer
	w := newCrawlShow(&drawn, func() time.Time { return now })
	w.bar = drawnBar(&drawn, 1, "crawl", "addresses")
	session(w)
	for _, want := range []string{"ok       Ferries: 2 new pages\n", "failing  Ferries: timed out\n", "2 due, 0 visited, 0 new, 0 failed"} {
		if !strings.Contains(drawn.String(), want) {
			t.Errorf("on a terminal no %q in %q", want, drawn.String())
		}
	}
	if strings.Contains(drawn.String(), "0 failed\n") {
		t.Errorf("the counts are printed as lines beside the bar: %q", drawn.String())
	}
}
