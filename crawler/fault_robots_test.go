package crawler

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"onrecord/internal/fakeweb"
	"onrecord/record"
)

func TestFaultsOfRobots(t *testing.T) {
	suffer(t, 8, slices.Concat(robotsAnswers(), robotsFiles(), robotsOverTime()))
}

// rules has robots.txt answered by hand, and a page that puts words on record.
func rules(id string, state record.VisitState, says string, answer http.HandlerFunc) fault {
	f := fault{id: id, state: state, says: says, serve: func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, article("A", sorry)) }}
	f.run = func(h *house) {
		page := f.serve
		h.web.Handle("faults.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/r") {
				answer(w, r)
				return
			}
			page(w, r)
		}))
		h.once()
	}
	f.check = func(h *house) {
		if asked := h.asks(faulty) > 0; asked != (state == record.VisitOK) {
			h.Errorf("the page was asked: %v", asked)
		}
	}
	return f
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func robotsAnswers() []fault {
	var list []fault
	for code, allowed := range map[int]bool{401: true, 403: true, 404: true, 410: true, 451: true, 429: false, 500: false, 502: false, 503: false} {
		state, id, says := record.VisitOK, fmt.Sprintf("R1 robots.txt answers %d", code), ""
		if !allowed {
			state, id, says = record.VisitUnsure, fmt.Sprintf("R2 robots.txt answers %d", code), fmt.Sprintf("robots.txt could not be read (answered with status %d), which forbids everything until it can", code)
		}
		list = append(list, rules(id, state, says, status(code)))
	}
	silence := fault{id: "R2 robots.txt never comes, asked again each hour", state: record.VisitUnsure, says: "robots.txt could not be read (timed out: no answer within 10s)", raw: silent, check: func(h *house) {
		if v := h.visited(plain); !v.Due.Equal(h.clock().Now().Add(time.Hour)) && !v.Due.Equal(monday.Add(time.Hour)) {
			h.Errorf("asked again at %v, want in an hour", v.Due)
		}
	}}
	long := rules("R2 robots.txt fails for forty days, and is still asked", record.VisitUnsure, "status 500", status(500))
	first := long.run
	long.run = func(h *house) {
		first(h)
		for range 40 {
			h.clock().move(24 * time.Hour)
			h.once()
		}
	}
	chain := func(id string, hops int, state record.VisitState, says string) fault {
		return rules(id, state, says, func(w http.ResponseWriter, r *http.Request) {
			n := 0
			_, _ = fmt.Sscanf(r.URL.Path, "/r%d", &n)
			if n < hops {
				redirect(fmt.Sprintf("/r%d", n+1))(w, r)
				return
			}
			io.WriteString(w, "User-agent: *\nDisallow: /\n")
		})
	}
	elsewhere := rules("R4 the rules of another host are the first one's", record.VisitRobots, "robots.txt of https://faults.example forbids it", redirect("https://echo.example/robots-of-all.txt"))
	elsewhere.pages = []fakeweb.Page{page("https://echo.example/robots-of-all.txt", "User-agent: *\nDisallow: /x\n")}
	private := rules("R4 rules that lie at a private address", record.VisitBarred, "blocked address: 10.0.0.7:443", redirect("https://10.0.0.7/robots.txt"))
	return append(list, silence, long, chain("R3 five redirects are followed", 5, record.VisitRobots, "forbids it"), chain("R3 a sixth is none, as without the file", 6, record.VisitOK, ""), elsewhere, private)
}

func robotsFiles() []fault {
	body := func(id string, state record.VisitState, says, text string) fault {
		return rules(id, state, says, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) })
	}
	forbid := "User-agent: *\nDisallow: /\n"
	forbids := "robots.txt of https://faults.example forbids it"
	endless := rules("R5 a robots.txt without end", record.VisitRobots, forbids, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, forbid)
		for range 12 << 20 / 6 {
			if _, err := io.WriteString(w, "# pad\n"); err != nil {
				return
			}
		}
	})
	check := endless.check
	endless.check = func(h *house) {
		check(h)
		for c, err := range h.archive.Captures(h.Context()) {
			must(h.T, err)
			if c.URL == "https://faults.example/robots.txt" && c.Size != maxRobots {
				h.Errorf("%d bytes of it are kept, want the %d that are read", c.Size, maxRobots)
			}
		}
	}
	squeezed := rules("R5 twenty megabytes of it under gzip", record.VisitRobots, forbids, coded("gzip", zipped([]byte(forbid+strings.Repeat("# pad\n", 20<<20/6)))))
	crawlDelay := body("R9 a Crawl-delay above a minute", record.VisitOK, "robots.txt of https://faults.example wishes 1h0m0s between two requests; 1m0s are kept", "User-agent: *\nCrawl-delay: 3600\nDisallow: /y\n")
	return []fault{
		body("R5 600 KiB, forbidden at the start", record.VisitRobots, forbids, forbid+strings.Repeat("# pad\n", 100<<10)),
		body("R5 600 KiB, forbidden at the end", record.VisitOK, "", strings.Repeat("# pad\n", 100<<10)+forbid),
		endless, squeezed,
		body("R6 a byte order mark and CRLF", record.VisitRobots, forbids, "\ufeff"+strings.ReplaceAll(forbid, "\n", "\r\n")),
		body("R6 carriage returns alone", record.VisitRobots, forbids, strings.ReplaceAll(forbid, "\n", "\r")),
		body("R6 zero bytes", record.VisitRobots, forbids, forbid+"\x00\x00\x00"),
		body("R6 a web page holds no rules", record.VisitOK, "", "<!doctype html><html><body><pre>"+forbid+"</pre></body></html>"),
		body("R7 groups of our name are one", record.VisitRobots, forbids, "User-agent: OnRecord\nDisallow: /a\n\nUser-agent: *\nAllow: /\n\nUser-agent: ONRECORD\nDisallow: /x\n"),
		body("R7 the group of all is not ours where we have one", record.VisitOK, "", forbid+"\nUser-agent: onrecord\nDisallow: /a\n"),
		body("R8 the longest rule wins", record.VisitOK, "", "User-agent: *\nDisallow: /\nAllow: /x$\n"),
		body("R8 of two alike the one that allows", record.VisitOK, "", "User-agent: *\nDisallow: /x\nAllow: /x\n"),
		body("R8 escapes are read", record.VisitRobots, forbids, "User-agent: *\nDisallow: /%78\n"),
		body("R9 a Sitemap ends no group", record.VisitRobots, forbids, "User-agent: onrecord\nSitemap: https://faults.example/sitemap.xml\nUser-agent: other\nDisallow: /\n"),
		crawlDelay,
	}
}

func robotsOverTime() []fault {
	day2 := func(id string, run func(*house), kind record.SourceKind) fault {
		f := fault{id: id, kind: kind, state: record.VisitRobots, says: "robots.txt of https://faults.example forbids it", run: run}
		f.serve = nil
		return f
	}
	changing := func(h *house, second string, page func(w http.ResponseWriter, r *http.Request)) {
		h.web.Handle("faults.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path != "/robots.txt":
				page(w, r)
			case h.clock().Now().Sub(monday) > 20*time.Hour:
				io.WriteString(w, second)
			default:
				io.WriteString(w, "User-agent: *\nDisallow: /other\n")
			}
		}))
	}
	r10 := day2("R10 rules a day old are asked for again", nil, "")
	r10.run = func(h *house) {
		changing(h, "User-agent: *\nDisallow: /x\n", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, article("A", sorry)) })
		for range 3 { // at 0, 12 and 24 hours and a little
			h.once()
			h.clock().move(12*time.Hour + time.Minute)
		}
	}
	r10.check = func(h *house) {
		if n := h.asks("https://faults.example/robots.txt"); n != 2 || h.asks(faulty) != 2 {
			h.Errorf("robots.txt was asked %d times and the page %d times, want 2 and 2", n, h.asks(faulty))
		}
	}
	r11 := fault{id: "R11 rules that change in the midst of a run", kind: record.SourceFeed, says: "not asked: robots.txt of https://faults.example forbids it", change: func(o *Options) { o.OwnGap = 7 * time.Hour }, run: func(h *house) {
		changing(h, "User-agent: *\nDisallow: /story\n", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/x" {
				io.WriteString(w, rss(item(story+"-a"), item(story+"-b"), item(story+"-c"), item(story+"-d")))
				return
			}
			io.WriteString(w, article("A", said(r.URL.Path)))
		})
		h.once()
	}, check: func(h *house) {
		if n := len(h.words()); n == 0 || n == 4 {
			h.Errorf("%d of the stories were read, want some: the rules changed on the way", n)
		}
		for _, r := range h.web.Requests() {
			if strings.Contains(r.URL, "/story") && slices.IndexFunc(h.web.Requests(), func(x fakeweb.Request) bool { return x.URL == r.URL && !x.At.Equal(r.At) }) >= 0 {
				h.Errorf("%s was asked twice", r.URL)
			}
		}
	}}
	r12 := day2("R12 a page on record that is forbidden later", func(h *house) {
		changing(h, "User-agent: *\nDisallow: /\n", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, article("A", sorry)) })
		for range 4 {
			h.once()
			h.clock().move(25 * time.Hour)
		}
	}, "")
	r12.check = func(h *house) {
		if len(h.words()) != 1 || h.captured(faulty) == 0 || h.asks(faulty) != 1 {
			h.Errorf("words %q, %d captures, asked %d times; want it kept, and asked no more", h.words(), h.captured(faulty), h.asks(faulty))
		}
		ids, err := h.cat.StatementIDs(h.Context(), "", 10)
		must(h.T, err)
		s, err := h.cat.Statement(h.Context(), ids[0])
		must(h.T, err)
		if s.Status != record.Current {
			h.Errorf("the statement is %s: a rule for robots takes nothing back", s.Status)
		}
	}
	r13 := fault{id: "R13 a feed that is forbidden", kind: record.SourceFeed, robots: "User-agent: *\nDisallow: /x\n", state: record.VisitRobots, says: "not asked: robots.txt of https://faults.example forbids it", run: visits(3), serve: func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, feed()) }, check: func(h *house) {
		if n := strings.Count(h.log.String(), "visit failed"); h.asks(faulty) != 0 || n != 1 {
			h.Errorf("asked %d times, logged %d times; want never, and once", h.asks(faulty), n)
		}
	}}
	return []fault{r10, r11, r12, r13}
}

// The tables of rules (that of RFC 9309 and our own), each case on a host of its
// own, over the wire: robots.txt is asked for, and the page is asked or not.
func TestRobotsTables(t *testing.T) {
	var cases []robotsCase
	for _, file := range []string{"testdata/robots.json", "testdata/robots-own.json"} {
		b, err := os.ReadFile(file)
		must(t, err)
		var list []robotsCase
		must(t, json.Unmarshal(b, &list))
		cases = append(cases, list...)
	}
	if len(cases) < 69 {
		t.Fatalf("%d cases, want 29 and 40", len(cases))
	}
	var sources []record.Source
	var hosts []string
	for i, c := range cases {
		hosts = append(hosts, fmt.Sprintf("r%d.example", i))
		sources = append(sources, record.Source{URL: "http://" + hosts[i] + c.Path, Kind: record.SourcePage})
	}
	h := open(t, []fakeweb.Page{page("https://www.hsb.example/", "")}, sources, nil)
	plainAt, _ := h.web.Addresses()
	to := map[string]string{}
	for i, c := range cases {
		to[hosts[i]+":80"] = plainAt
		h.web.Handle(hosts[i], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				io.WriteString(w, c.Robots+strings.Repeat("# pad\n", c.PadLines))
				return
			}
			io.WriteString(w, "<p>Something to be read.</p>")
		}))
	}
	h.o.Dialer = loopbackOnly(to)
	h.rebuild()
	h.once()
	for i, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			v := h.visited(sources[i].URL)
			asked := slices.ContainsFunc(h.web.Requests(), func(r fakeweb.Request) bool { return r.Host == hosts[i] && r.URL == sources[i].URL })
			if got := v.State == record.VisitOK; got != c.Allowed || asked != c.Allowed {
				t.Errorf("%s: %s %q, asked %v; want allowed %v by\n%s", c.Path, v.State, v.Error, asked, c.Allowed, c.Robots)
			}
		})
	}
}

type robotsCase struct {
	Name, Robots, Agent, Path string
	PadLines                  int `json:"pad_lines"`
	Allowed                   bool
}
