package demo

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"
)

const (
	html = "text/html; charset=utf-8"
	rss  = "application/rss+xml; charset=UTF-8"
	atom = "application/atom+xml; charset=utf-8"
)

// A renderer puts words into the frames of the world's sites. Files are
// embedded and a test renders all of them, so that a fault of one is a panic.
type renderer map[string]*template.Template

// shown is what a page's frame can use.
type shown struct {
	entry
	Name    string // the author's, without what he or she does at the paper
	Body    string
	Edited  bool
	History []revision // newest first
	Posts   []livePost // newest first
}

// entry is a page as a feed or a listing names it.
type entry struct {
	URL, Link, Path, Title, Summary, Author, Section string
	Leads                                            []string
	Number                                           int
	Published, Updated                               time.Time
}

type revision struct {
	At   time.Time
	Note string
}

// listed is what the template of a feed or listing can use.
type listed struct {
	URL, Title, Summary, Section string
	At                           time.Time
	Entries                      []entry // newest first
}

func (r renderer) page(s site, p page) []Answer {
	var out []Answer
	if p.moved != "" {
		h := contentType(html)
		h.Set("Location", p.path)
		out = append(out, Answer{URL: s.address(p.moved), From: clock(p.states[0].at), Status: 301, Header: h, Body: []byte("<p>Moved to <a href=\"" + p.path + "\">a new address</a>.</p>\n")})
	}
	for i, st := range p.states {
		a := Answer{URL: s.address(p.path), From: clock(st.at), Status: st.status, Header: contentType(html)}
		if st.status == 0 {
			a.Body = r.execute(frame(s, p), r.shown(s, p, i))
		} else {
			a.Body = []byte("<!DOCTYPE html>\n<title>Gone</title>\n<p>This page has been removed.</p>\n")
		}
		out = append(out, a)
	}
	return out
}

func frame(s site, p page) string {
	switch {
	case p.apart:
		return "plain.html"
	case p.live:
		return s.dir + "/live.html"
	}
	return s.dir + "/page.html"
}

func (r renderer) shown(s site, p page, i int) shown {
	v := shown{entry: s.entry(p, clock(p.states[i].at)), Edited: i > 0}
	v.Name, _, _ = strings.Cut(p.author, ",")
	for _, st := range p.states[:i+1] {
		v.History = append(v.History, revision{clock(st.at), st.note})
	}
	slices.Reverse(v.History)
	if words := p.states[i].words; words != "" {
		v.Body = strings.TrimRight(string(file(s.dir+"/"+words)), "\n")
	}
	if p.live {
		v.Posts = livePostsUntil(v.Updated)
	}
	return v
}

// index gives a feed or a listing in each of its states: one for every moment
// at which one of its pages appears or, where the template tells the time of
// change, changes.
func (r renderer) index(s site, x index) []Answer {
	moments := []time.Time{Begins}
	for _, p := range s.pages {
		if !x.has(p) {
			continue
		}
		for i, st := range p.states {
			if at := clock(st.at); at.After(Begins) && (i == 0 || x.updates && st.status == 0) {
				moments = append(moments, at)
			}
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	var out []Answer
	for _, at := range slices.CompactFunc(moments, time.Time.Equal) {
		out = append(out, Answer{URL: s.address(x.path), From: at, Header: contentType(x.mediaType), Body: r.execute(x.template(s), s.listed(x, at))})
	}
	return out
}

func (s site) listed(x index, at time.Time) listed {
	l := listed{URL: s.address(x.path), Title: s.name, Section: x.section, Summary: "News", At: at}
	for _, p := range s.pages {
		if x.has(p) && !clock(p.states[0].at).After(at) {
			e := s.entry(p, at)
			e.Link += x.tracking
			l.Entries = append(l.Entries, e)
		}
	}
	slices.SortStableFunc(l.Entries, func(a, b entry) int {
		if x.updates {
			return b.Updated.Compare(a.Updated)
		}
		return b.Published.Compare(a.Published)
	})
	return l
}

// entry is p as it stands at a moment.
func (s site) entry(p page, at time.Time) entry {
	e := entry{
		URL: s.address(p.path), Link: s.address(p.path), Path: p.path, Title: p.title, Summary: p.summary, Author: p.author, Section: p.section, Leads: p.leads,
		Published: clock(p.states[0].at), Number: int(clock(p.states[0].at).Unix()/60) % 100_000,
	}
	if p.moved != "" {
		e.Link, e.Path = s.address(p.moved), p.moved
	}
	for _, st := range p.states {
		if t := clock(st.at); !t.After(at) && st.status == 0 {
			e.Updated = t
		}
	}
	return e
}

// clock reads a time of the tables.
func clock(at string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", at)
	if err != nil {
		panic(fmt.Sprintf("demo: %v", err)) // a test reads every line of the tables
	}
	return t
}

func (r renderer) execute(name string, v any) []byte {
	t := r[name]
	if t == nil {
		t = template.Must(template.New(name).Funcs(template.FuncMap{"json": jsonText, "xml": xmlText}).Parse(string(file(name))))
		r[name] = t
	}
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		panic(fmt.Sprintf("demo: %v", err)) // a test renders every page
	}
	return b.Bytes()
}

func jsonText(s string) (string, error) {
	b, err := json.Marshal(s)
	return string(b), err
}

func xmlText(s string) (string, error) {
	var b strings.Builder
	err := xml.EscapeText(&b, []byte(s))
	return b.String(), err
}

var tag = regexp.MustCompile(`<[^>]*>`)

// Plain is the post without markup, as JSON-LD has it.
func (p livePost) Plain() string { return tag.ReplaceAllString(strings.Join(p.Words, " "), "") }

func livePostsUntil(at time.Time) []livePost {
	var out []livePost
	for i, p := range livePosts {
		if p.Number = i + 1; !p.At().After(at) {
			out = append(out, p)
		}
	}
	slices.Reverse(out)
	return out
}
