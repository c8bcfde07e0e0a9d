package crawler

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"onrecord/internal/fakeweb"
	"onrecord/record"
)

func TestFaultsOfFeeds(t *testing.T) {
	suffer(t, 6, slices.Concat(feedsRepaired(), feedIdentity(), feedsOverTime()))
	for _, f := range hugeFeeds() {
		suffer(t, 1, []fault{f})
	}
}

// pagesOnce has pages visited once: where the feed is what changes.
func pagesOnce(o *Options) { o.Rhythm.Pages = []time.Duration{} }

// stories are pages of faults.example, each with words of its own; the feed is
// what stands at /x.
func stories(body func(n int) string) http.HandlerFunc {
	polls := 0 // one host is asked by one at a time
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/x" {
			polls++
			w.Header().Set("Content-Type", "application/rss+xml")
			io.WriteString(w, body(polls))
			return
		}
		if !strings.HasPrefix(r.URL.Path, "/story") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, article("Story "+r.URL.Path, said(r.URL.Path)))
	}
}

// said are the words of a story, of each its own.
func said(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return map[string]string{
		"/story-a": "We are sorry for what has happened, and we will put it right by the end of this week.",
		"/story-b": "Nobody should have to wait in a corridor for a bed, and the new ward opens on the first of May.",
		"/story-c": "Our staff have been asked to work through a heatwave without so much as a fan in the office.",
		"/story-d": "The inquiry found that four letters were never answered, which is why the rules have changed.",
	}[path]
}

// read is a feed's case: the stories that it leads to, by their paths.
func readFeed(id, says, body string, paths ...string) fault {
	return fault{id: id, kind: record.SourceFeed, says: says, serve: stories(func(int) string { return body }), check: func(h *house) { h.read(paths...) }}
}

// read fails unless exactly these stories were read, once each.
func (h *house) read(paths ...string) {
	h.Helper()
	var want []string
	for _, p := range paths {
		want = append(want, said(p))
		if n := h.asks("https://faults.example" + p); n != 1 {
			h.Errorf("%s was asked %d times, want once", p, n)
		}
	}
	slices.Sort(want)
	if got := h.words(); !slices.Equal(got, want) {
		h.Errorf("words %q, want %q", got, want)
	}
}

func rss(items ...string) string {
	return `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>News</title><link>https://faults.example/</link>` + strings.Join(items, "") + `</channel></rss>`
}

func item(link string, more ...string) string {
	return `<item><title>A story</title><link>` + link + `</link>` + strings.Join(more, "") + `</item>`
}

func feedsRepaired() []fault {
	a, b, c := item("https://faults.example/story-a"), item("https://faults.example/story-b"), item("https://faults.example/story-c")
	whole := rss(a, b, c)
	jsonItem := `{"id":"1","url":"https://faults.example/story-a","content_text":"x"}`
	jsonFeed := `{"version":"https://jsonfeed.org/version/1.1","title":"News","items":[%s]}`
	empty := func(id, body string) fault {
		f := readFeed(id, "the body is empty", "", "/story-a")
		f.state, f.run, f.change = record.VisitFailed, visits(2), pagesOnce
		f.serve = stories(func(n int) string { return []string{rss(a), body}[min(n, 2)-1] })
		return f
	}
	return []fault{
		readFeed("F1 items that are null", "null", fmt.Sprintf(jsonFeed, "null,"+jsonItem+",null"), "/story-a"),
		readFeed("F1 authors that are null", "null", strings.Replace(fmt.Sprintf(jsonFeed, jsonItem), `"id"`, `"authors":[null],"id"`, 1), "/story-a"),
		empty("F2 an empty body", ""),
		empty("F2 blanks alone", " \r\n\t\n"),
		readFeed("F3 cut short in the third item", "cut short", whole[:strings.Index(whole, "story-c")+4], "/story-a", "/story-b"),
		readFeed("F4 a warning before the feed", "before", "<br />\n<b>Warning</b>: include(): failed in /var/www/x.php on line 3<br />\n"+whole, "/story-a", "/story-b", "/story-c"),
		readFeed("F5 a root beyond the first 4 KiB", "", strings.Replace(rss(a), "<rss", "<!--"+strings.Repeat("long ", 2000)+"--><rss", 1), "/story-a"),
		readFeed("F9 a billion laughs", "", strings.Replace(rss(item("https://faults.example/story-a", "<description>&c;</description>")), "<rss", `<!DOCTYPE rss [<!ENTITY a "ha ha ha ha ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><rss`, 1), "/story-a"),
		readFeed("F9 an entity of a file", "", strings.Replace(rss(item("https://faults.example/story-a", "<description>&x;</description>")), "<rss", `<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss`, 1), "/story-a"),
		readFeed("F10 unknown entities and a bare &", "entity &unknown; is not defined", rss(item("https://faults.example/story-a?a=1&b=2", "<description>Fish & chips &unknown; &eacute;</description>")), "/story-a?a=1&b=2"),
		readFeed("F11 control characters", "control", strings.Replace(rss(a), "A story", "A\x00 sto\x0bry", 1), "/story-a"),
		readFeed("F26 RSS 0.91", "", `<?xml version="1.0"?><rss version="0.91"><channel><title>N</title>`+a+`</channel></rss>`, "/story-a"),
		readFeed("F26 RDF", "", `<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>N</title></channel>`+a+`</rdf:RDF>`, "/story-a"),
		{id: "F26 XML of another kind", kind: record.SourceFeed, state: record.VisitFailed, says: "not a feed", serve: stories(func(int) string { return `<?xml version="1.0"?><opml version="2.0"><head/><body/></opml>` })},
	}
}

func feedIdentity() []fault {
	a, b := "https://faults.example/story-a", "https://faults.example/story-b"
	forever := func(id string, body func(n int) string, paths ...string) fault {
		f := readFeed(id, "", "", paths...)
		f.serve, f.run = stories(body), visits(10)
		f.change = pagesOnce
		return f
	}
	shuffled := func(n int) string {
		list := []string{item(a), item(b), item("https://faults.example/story-c"), item("https://faults.example/story-d")}
		if n == 1 {
			slices.Reverse(list)
		}
		rand.New(rand.NewPCG(uint64(n), 19)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		return rss(list...)
	}
	two := fault{
		id: "F25 two feeds with one story", kind: record.SourceFeed, more: []record.Source{{URL: "https://faults.example/feed-2", Kind: record.SourceFeed}, {URL: "https://echo.example/feed", Kind: record.SourceFeed}},
		serve: func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/x", "/feed-2":
				io.WriteString(w, rss(item(a)))
			default:
				io.WriteString(w, article("A", said("/story-a")))
			}
		},
		pages: []fakeweb.Page{page("https://echo.example/feed", rss(item("https://echo.example/a"))), page("https://echo.example/a", article("The same, elsewhere", said("/story-a")))},
		check: func(h *house) {
			h.read("/story-a")
			ids, err := h.cat.StatementIDs(h.Context(), "", 10)
			must(h.T, err)
			s, err := h.cat.Statement(h.Context(), ids[0])
			must(h.T, err)
			if len(s.Sightings) != 2 {
				h.Errorf("%d sightings, want two outlets", len(s.Sightings))
			}
		},
	}
	return []fault{
		readFeed("F12 items without a guid", "", rss(item(a), item(b)), "/story-a", "/story-b"),
		readFeed("F13 one guid for all", "", rss(item(a, `<guid isPermaLink="false">1</guid>`), item(b, `<guid isPermaLink="false">1</guid>`)), "/story-a", "/story-b"),
		forever("F14 a guid that changes with each answer", func(n int) string { return rss(item(a, fmt.Sprintf(`<guid isPermaLink="false">%d</guid>`, n))) }, "/story-a"),
		readFeed("F15 links that are relative, missing or scripts", "an active address was refused: javascript:alert(1)", strings.Replace(rss(item("story-a"), `<item><title>No link</title></item>`, item("javascript:alert(1)"), item("data:text/html,x"), item("file:///etc/passwd")), "<channel", `<channel xml:base="https://faults.example/"`, 1), "/story-a"),
		readFeed("F16 an entry with several links", "", `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><id>n</id><updated>2025-03-10T08:00:00Z</updated><entry><title>S</title><id>s</id><updated>2025-03-10T08:00:00Z</updated><link rel="self" href="https://faults.example/story-self"/><link rel="enclosure" href="https://faults.example/story-sound"/><link rel="alternate" href="`+a+`"/></entry></feed>`, "/story-a"),
		forever("F19 an order that changes", shuffled, "/story-a", "/story-b", "/story-c", "/story-d"),
		readFeed("F20 an item twice", "", rss(item(a), item(a), item(a+"#top"), item(a+"?utm_source=x")), "/story-a"),
		readFeed("F21 markup in titles, escaped twice", "", rss(strings.Replace(item(a), "A story", "Beds &amp;amp;lt; 5 &lt;script&gt;alert(1)&lt;/script&gt;", 1)), "/story-a"),
		readFeed("F22 a feed that is its own item", "", rss(item(faulty), item(faulty+"#1"), item(a)), "/story-a"),
		two,
	}
}

func feedsOverTime() []fault {
	a, b := item("https://faults.example/story-a"), item("https://faults.example/story-b")
	return []fault{
		{id: "F17 a story edited in place", kind: record.SourceFeed, run: visits(4), serve: changing(func(w http.ResponseWriter, r *http.Request, n int) {
			if r.URL.Path == "/x" {
				io.WriteString(w, rss(a))
				return
			}
			words := said("/story-a")
			if n > 2 { // after the feed and the story
				words = strings.Replace(words, "this week", "next week", 1)
			}
			io.WriteString(w, article("A", words))
		}), check: func(h *house) {
			h.versions(1)
			ids, err := h.cat.StatementIDs(h.Context(), "", 10)
			must(h.T, err)
			if len(ids) != 1 {
				h.Fatalf("%d statements, want one with two wordings", len(ids))
			}
			s, err := h.cat.Statement(h.Context(), ids[0])
			must(h.T, err)
			if len(s.Wordings) != 2 || !s.Wordings[1].Stands || !strings.Contains(s.Wordings[1].Text, "next week") {
				h.Errorf("wordings %+v", s.Wordings)
			}
		}},
		{id: "F18 a story withdrawn from the feed", kind: record.SourceFeed, run: visits(3), serve: stories(func(n int) string {
			if n == 1 {
				return rss(a, b)
			}
			return rss(b)
		}), check: func(h *house) {
			ids, err := h.cat.StatementIDs(h.Context(), "", 10)
			must(h.T, err)
			list, err := h.cat.Statements(h.Context(), ids)
			must(h.T, err)
			for _, s := range list {
				if s.Status != record.Current {
					h.Errorf("%q is %s: a feed that moves on takes nothing back", s.Text, s.Status)
				}
			}
			if len(list) != 2 {
				h.Errorf("%d statements", len(list))
			}
		}},
		{id: "F24 a feed out of an old backup", kind: record.SourceFeed, run: visits(3), serve: stories(func(n int) string { return []string{rss(a, b), rss(a), rss(a, b)}[n-1] }), change: pagesOnce, check: func(h *house) {
			h.read("/story-a", "/story-b")
			h.versions(0)
		}},
	}
}

func hugeFeeds() []fault {
	hundred := func() string {
		var b strings.Builder
		for i := range 100_000 {
			link := "javascript:void"
			if i == 0 {
				link = "https://faults.example/story-a"
			} else if i >= 2000 {
				link = "https://faults.example/never"
			}
			fmt.Fprintf(&b, "<item><title>%d</title><link>%s</link></item>", i, link)
		}
		return rss(b.String())
	}
	one := func(id, says, body string) fault { // made before memory is watched: it is the stranger's
		return fault{id: id, kind: record.SourceFeed, says: says, serve: stories(func(int) string { return body }), check: func(h *house) {
			h.read("/story-a")
			if h.asks("https://faults.example/never") > 0 {
				h.Error("an item beyond the limit was followed")
			}
		}}
	}
	a := item("https://faults.example/story-a")
	tooLarge := one("F7 a title of 20 MB", "too large: the body has more than 16 MiB", rss("<item><title>"+strings.Repeat("x", 20<<20)+"</title></item>", a))
	tooLarge.state, tooLarge.check = record.VisitFailed, nil
	return []fault{
		one("F6 a hundred thousand items", "more than 2000 entries: the first 2000 were read", hundred()),
		tooLarge,
		one("F7 a title of 5 MB", "", rss(a, "<item><title>"+strings.Repeat("x", 5<<20)+"</title></item>")),
		one("F8 two hundred thousand elements, one in the other", "elements nested deeper than 64", rss(a, "<item>"+strings.Repeat("<x:y>", 200_000)+strings.Repeat("</x:y>", 200_000)+"</item>")),
	}
}
