// Package demo is a small invented world: sites under .example names, whose
// organisations, people and words are all made up, over four days in March
// 2025. It says what every address answers and when; it serves nothing, asks
// nothing and stores nothing.
package demo

import (
	"cmp"
	"embed"
	"fmt"
	"net/http"
	"slices"
	"time"

	"onrecord/record"
)

//go:embed world
var world embed.FS

// The world's first and last moment, UTC. What was published before Begins is
// there from the start.
var (
	Begins = time.Date(2025, 3, 11, 7, 0, 0, 0, time.UTC)
	Ends   = time.Date(2025, 3, 15, 0, 0, 0, 0, time.UTC)
)

// Answer is what an address of the world answers from a moment on, until a
// later Answer of the same address takes its place. Before its first Answer an
// address answers 404.
type Answer struct {
	URL    string
	From   time.Time   // UTC; never before Begins
	Status int         // 0 means 200
	Header http.Header // Content-Type always; Location where Status redirects; dates and validators are the server's to add
	Body   []byte
}

// Source is a place of the world that is worth watching.
type Source struct {
	URL   string
	Kind  string // "feed", "page" or "listing", as a crawler names them
	Org   string // id of the demo's register
	Name  string
	Every time.Duration
	Links string // CSS selector of a listing's links; "" for the other kinds
	// From is when there is something to watch, UTC: a page that is watched for
	// its changes answers 404 before.
	From time.Time
	// Worth is when a visit is first worth it: something stands there to be read.
	Worth time.Time
}

// Capture is one form of one page, as somebody fetched it.
type Capture struct {
	URL       string
	At        time.Time // when it was fetched, UTC
	MediaType string
	Body      []byte
}

// Answers are all addresses of the world in all their states, in order of
// From: pages, feeds and listings (a state for each entry that appears), old
// addresses that redirect, and each site's robots.txt. A site without one
// answers 404 there, like any address that is not here. The caller may keep
// and change what it gets.
func Answers() []Answer {
	r := renderer{}
	var out []Answer
	for _, s := range sites {
		if s.robots != "" {
			out = append(out, Answer{URL: s.address("/robots.txt"), Header: contentType("text/plain; charset=utf-8"), Body: []byte(s.robots)})
		}
		for _, p := range s.pages {
			out = append(out, r.page(s, p)...)
			out = append(out, r.tracked(s, p)...)
		}
		for _, x := range s.indexes {
			out = append(out, r.index(s, x)...)
		}
	}
	for i := range out {
		if out[i].From.Before(Begins) {
			out[i].From = Begins
		}
	}
	slices.SortStableFunc(out, func(a, b Answer) int { return a.From.Compare(b.From) })
	return out
}

func contentType(mediaType string) http.Header { return http.Header{"Content-Type": {mediaType}} }

// Sources are the places that a watcher of this world is told about. Every
// page that matters is one of them or is linked from one.
func Sources() []Source {
	var out []Source
	for _, s := range sites {
		for _, x := range s.indexes {
			if x.kind != "" {
				out = append(out, Source{URL: s.address(x.path), Kind: x.kind, Org: s.org, Name: x.name, Every: x.every, Links: x.links, From: Begins, Worth: s.opens(x)})
			}
		}
		for _, p := range s.pages {
			if p.every > 0 {
				from := latest(clock(p.states[0].at), Begins)
				out = append(out, Source{URL: s.address(p.path), Kind: "page", Org: s.org, Name: s.name + ": " + p.watched, Every: p.every, From: from, Worth: from})
			}
		}
	}
	return out
}

// opens is when a place is first worth a visit: a list with a selector from when
// something stands in it, anything else from the beginning.
func (s site) opens(x index) time.Time {
	if x.links == "" {
		return Begins
	}
	var first time.Time
	for _, p := range s.pages {
		if at := clock(p.states[0].at); !p.apart && !p.closed && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return latest(first, Begins)
}

// Pages are the pages that can be met from the Sources, each form captured a
// few minutes after it appeared, in the order of time. The caller may keep and
// change what it gets.
func Pages() []Capture {
	r := renderer{}
	var out []Capture
	for _, s := range sites {
		for _, p := range s.pages {
			if p.apart || p.closed {
				continue
			}
			for i, a := range r.page(s, p) {
				if a.Status == 0 {
					late := time.Duration(5+(len(out)*7+i)%11)*time.Minute + time.Duration(len(out)*13%60)*time.Second
					out = append(out, Capture{URL: a.URL, At: latest(a.From, Begins).Add(late), MediaType: a.Header.Get("Content-Type"), Body: a.Body})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Capture) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.URL, b.URL)) })
	return out
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Register is the world's own register of organisations, as a file for
// --registry would have it.
func Register() []byte { return file("register.json") }

func file(name string) []byte {
	b, err := world.ReadFile("world/" + name)
	if err != nil {
		panic(fmt.Sprintf("demo: %v", err)) // embedded above; a test reads every file
	}
	return b
}

// Incident is what the world is about: four days without test results. It has
// no ID, revision or times yet. Its query is empty, since a refusal to comment
// seldom has a word of the matter in it: organisations and window choose.
func Incident() record.Incident {
	return record.Incident{
		Slug:    "labline-outage-2025",
		Name:    "LabLine results outage, March 2025",
		Summary: "An update to LabLine, which carries laboratory results, stopped them from reaching surgeries and hospitals in Brackenshire for four days. The county, its organisations and its people are invented.",
		From:    time.Date(2025, 3, 11, 0, 0, 0, 0, time.UTC),
		To:      time.Date(2025, 3, 15, 0, 0, 0, 0, time.UTC),
		Orgs: []string{
			"hs-brackenshire", "hs-brackenshire-coast", "ucm", "ucm-fdc", "dhw", "pellwright", "npg", "patients-together",
			"health-records-inspectorate", "brackenshire-laboratories", "dunmarsh-hospitals",
		},
	}
}
