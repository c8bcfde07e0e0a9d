package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"onrecord/demo"
	"onrecord/record"
)

// playing is a demo that runs as a process of its own.
type playing struct {
	*testing.T
	address string
}

func (p playing) read(path string, v any) {
	p.Helper()
	resp, err := http.Get(p.address + path)
	if err != nil {
		p.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		p.Fatalf("%s: %s, %v\n%s", path, resp.Status, err, b)
	}
	if s, ok := v.(*string); ok {
		*s = string(b)
		return
	}
	if err := json.Unmarshal(b, v); err != nil {
		p.Fatalf("%s: %v", path, err)
	}
}

// all pages through a search.
func (p playing) all(query string) []record.Statement {
	p.Helper()
	var out []record.Statement
	for path := "/api/v1/statements?limit=500&q=" + query; path != ""; {
		var a struct {
			Statements []record.Statement `json:"statements"`
			Next       string             `json:"next"`
		}
		p.read(path, &a)
		out, path = append(out, a.Statements...), a.Next
	}
	return out
}

func TestTheDemoCrawlsItsWorldShowsItAndLeavesNothing(t *testing.T) {
	tmp := t.TempDir()
	cmd := command(t, "unused", "demo", "--listen", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	p := playing{t, strings.TrimSpace(line)}
	var page string
	p.read("/i/"+demo.Incident().Slug, &page)
	t.Logf("first page after %.1f s", time.Since(began).Seconds())
	said := bufio.NewScanner(stderr)
	for said.Scan() && !strings.HasPrefix(said.Text(), "crawled ") {
	}
	t.Logf("%s (%.1f s after the start)", said.Text(), time.Since(began).Seconds())
	p.wait()
	p.incident()
	p.features()
	p.sources()

	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for said.Scan() { // until the process closes it
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("Ctrl-C leaves %v, %v", left, err)
	}
}

// wait waits until the index is level with the record.
func (p playing) wait() {
	p.Helper()
	for range 100 {
		var r struct{ Behind int64 }
		if p.read("/readyz", &r); r.Behind == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond) // of a real process
	}
	p.Fatal("the index does not come level")
}

// incident looks at the timeline: enough statements of enough organisations, in
// the order of time.
func (p playing) incident() {
	p.Helper()
	list := p.all("incident:" + demo.Incident().Slug)
	orgs := map[string]int{}
	kinds := map[record.Kind]int{}
	for _, s := range list {
		orgs[s.Speaker.Org]++
		kinds[s.Kind]++
	}
	if len(list) < 25 || len(orgs) < 5 {
		p.Errorf("%d statements of %d organisations, want 25 of 5 at least", len(list), len(orgs))
	}
	for _, k := range []record.Kind{record.Release, record.PostKind, record.Quote, record.Fragment, record.Declined} {
		if kinds[k] == 0 {
			p.Errorf("no statement of kind %s: %v", k, kinds)
		}
	}
	p.Logf("%d statements of %d organisations, kinds %v", len(list), len(orgs), kinds)
	var page string
	p.read("/i/"+demo.Incident().Slug, &page)
	for _, s := range list[:5] {
		if !strings.Contains(page, string(s.ID)) {
			p.Errorf("the incident's page does not show %s", s.ID)
		}
	}
}

// features looks for what the world is there to show.
func (p playing) features() {
	p.Helper()
	list := p.all("")
	has := func(what string, is func(record.Statement) bool) {
		p.Helper()
		if !slices.ContainsFunc(list, is) {
			p.Errorf("nothing on record shows %s", what)
		}
	}
	has("one statement in four outlets, with cuts and other marks", func(s record.Statement) bool {
		outlets := map[string]bool{}
		for _, x := range s.Sightings {
			outlets[x.Outlet] = true
		}
		return len(outlets) >= 5 && len(s.Wordings) >= 3 // its own page and four outlets
	})
	has("a page edited twice", func(s record.Statement) bool {
		n := 0
		for _, x := range s.Sightings {
			if x.Kind == record.Release {
				n++
			}
		}
		return s.Status == record.Updated && n >= 3
	})
	has("a post", func(s record.Statement) bool { return s.Kind == record.PostKind && s.Sightings[0].Handle != "" })
	has("an unnamed spokesperson", func(s record.Statement) bool {
		return !s.Speaker.Named() && s.Speaker.Role == "spokesperson" && s.Speaker.Org != ""
	})
	has("a quotation of several paragraphs by a pronoun", func(s record.Statement) bool {
		return slices.ContainsFunc(s.Sightings, func(x record.Sighting) bool {
			return len(x.Spans) >= 3 && (x.Mention == "He" || x.Mention == "She") && x.Speaker.Named()
		})
	})
	has("a removed page", func(s record.Statement) bool { return s.Status == record.Missing })
	has("an organisation that declined", func(s record.Statement) bool {
		return s.Kind == record.Declined && s.Speaker.Org == "health-records-inspectorate"
	})
	for _, s := range list {
		if s.Speaker.Org == "dunmarsh-hospitals" {
			p.Errorf("the silent organisation says %q", s.Text)
		}
	}
}

// sources looks at how the sources fare: the broken byte, the refusal by
// robots.txt, the page that is gone.
func (p playing) sources() {
	p.Helper()
	var a struct {
		Sources []record.SourceState `json:"sources"`
	}
	p.read("/api/v1/sources", &a)
	var notes, refused, gone int
	for _, s := range a.Sources {
		if s.Visit.State != record.VisitOK && s.Visit.State != record.VisitGone {
			p.Errorf("%s is %s: %s", s.URL, s.Visit.State, s.Visit.Error)
		}
		if s.Visit.State == record.VisitGone {
			gone++
		}
		refused += s.Pages[record.VisitRobots]
		for _, n := range s.Visit.Notes {
			if strings.Contains(n, "windows-1252") {
				notes++
			}
		}
	}
	if len(a.Sources) < 12 || notes != 1 || refused != 1 || gone != 1 {
		p.Errorf("%d sources, %d with a broken byte, %d pages refused by robots.txt, %d gone", len(a.Sources), notes, refused, gone)
	}
}

func TestTheDemosDaysEndThoughASleepGoesOn(t *testing.T) {
	ends := time.Date(2025, 3, 15, 0, 0, 0, 0, time.UTC)
	c := &demoClock{ends: ends, ended: make(chan struct{}), now: ends.Add(-time.Second)}
	ctx, cancel := context.WithCancel(t.Context())
	slept := make(chan error)
	go func() { slept <- c.Sleep(ctx, 1000*time.Hour) }()
	<-c.ended
	if c.Now().Before(ends) {
		t.Errorf("the clock shows %v when the days are over, want %v or later", c.Now(), ends)
	}
	cancel()
	if err := <-slept; err == nil {
		t.Error("a sleep that was broken off gave no error")
	}
}
