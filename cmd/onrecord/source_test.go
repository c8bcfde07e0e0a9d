package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"onrecord/internal/fakeweb"
	"onrecord/record"
)

// told is a whole session with sources, as somebody would type it.
func TestASessionWithSources(t *testing.T) {
	feed := `<?xml version="1.0"?><rss version="2.0"><channel><title>Ferry news</title><item><title>Boats sail</title><link>https://ferries.example/boats-sail</link></item></channel></rss>`
	web, err := fakeweb.Start([]fakeweb.Page{
		{URL: "https://ferries.example/feed", Header: map[string][]string{"Content-Type": {"application/rss+xml"}}, Body: []byte(feed)},
		{URL: "https://ferries.example/boats-sail", Header: map[string][]string{"Content-Type": {"text/html"}}, Body: []byte(`<html><head><title>Boats sail</title><meta property="article:published_time" content="2025-03-10T08:30:00Z"></head><body><article><h1>Boats sail</h1><p>The company spoke on Monday about its winter timetable.</p><p>Rhona Quill, the harbour master, said: “Every boat of the winter timetable will sail from the old pier until Easter.”</p></article></body></html>`)},
		{URL: "https://ferries.example/robots.txt", Body: []byte("User-agent: *\nDisallow: /staff/\n")},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	config := crawlSettingsFile(t, web, 0, []record.Source{{URL: "https://ferries.example/notices", Kind: record.SourcePage, Name: "Notices"}})
	data := filepath.Join(t.TempDir(), "data")
	ask := func(code int, args ...string) answer {
		t.Helper()
		a := asked(t, "", append([]string{"--data", data, "--config", config}, args...)...)
		if a.code != code {
			t.Fatalf("onrecord %s: exit %d, want %d\n%s%s", strings.Join(args, " "), a.code, code, a.stdout, a.stderr)
		}
		return a
	}
	says := func(a answer, want ...string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(a.stdout+a.stderr, w) {
				t.Errorf("no %q in\n%s%s", w, a.stdout, a.stderr)
			}
		}
	}
	const url = "https://ferries.example/feed"
	says(ask(exitDone, "source", "add", url), "allows this address", `a feed, "Ferry news", with 1 links`, "https://ferries.example/boats-sail", "not added; say --yes")
	says(ask(exitDone, "source", "add", url, "--name", "Ferries", "--every", "30m", "--yes"), "added feed "+url, "visited every 30m0s")
	says(ask(exitCould, "source", "add", url, "--yes"), "already there")
	says(ask(exitUsage, "source", "add", url, "--every", "5s", "--kind", "feed", "--yes"), "want 1m0s or more")
	says(ask(exitUsage, "source", "check", url, "--kind", "listing", "--links", "a["), "CSS selector")
	says(ask(exitCould, "source", "check", "https://ferries.example/staff/rota"), "not asked: robots.txt of https://ferries.example forbids it")
	says(ask(exitNotFound, "source", "check", "src_none"), "no source")
	says(ask(exitNotFound, "crawl", "--once", "--source", "https://ferries.example/nope"), "no source")
	says(ask(exitPart, "crawl", "--once"), "1 failed", "1 new page", "1 statement,", "ok       Ferries: 1 new page\n", "gone     Notices: answered with status 404")
	says(ask(exitDone, "source", "list"), "ok           allows      feed       "+url, "Ferries, last success just now, 1 page, 1 statement or sighting", "gone         allows      page ", "answered with status 404 (1 time in a row; asked again")
	var list struct{ Sources []record.SourceState }
	if err := json.Unmarshal([]byte(ask(exitDone, "source", "list", "--json").stdout), &list); err != nil || len(list.Sources) != 2 {
		t.Errorf("source list --json: %d sources, %v", len(list.Sources), err)
	}
	says(ask(exitDone, "source", "disable", url, "--why", "winter break"), "disabled "+url)
	says(ask(exitDone, "source", "list"), "1 source is switched off")
	says(ask(exitDone, "source", "enable", url), "enabled "+url)
	says(ask(exitDone, "source", "remove", url), "what was found there stays")
	says(ask(exitNotFound, "source", "remove", url), "no source")
	says(ask(exitUsage, "source", "remove", "https://ferries.example/notices"), "stands in config.toml")
	says(ask(exitDone, "search", "winter timetable"), "Every boat of the winter timetable")
	says(ask(exitDone, "doctor"), "ok    catalogue", "warn  source", "status 404")
	var seen struct{ Findings []finding }
	if err := json.Unmarshal([]byte(ask(exitDone, "doctor", "--json").stdout), &seen); err != nil || len(seen.Findings) < 8 {
		t.Errorf("doctor --json: %+v, %v", seen, err)
	}
}
