package extract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"onrecord/record"
)

func feedOf(t *testing.T, body string) FeedDocument {
	t.Helper()
	return Feed(Input{URL: "https://hsn.example/feed/", Body: []byte(body)}, FeedOptions{})
}

func rssOf(items string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Northshire</title><link>https://hsn.example/</link>` + items + `</channel></rss>`
}

// TestFeedsOfTheFixtures reads the files of testdata/feeds: faults that feeds
// in use have had, about invented bodies.
func TestFeedsOfTheFixtures(t *testing.T) {
	for name, tt := range map[string]struct {
		entries int
		title   string // of the first entry
		link    string
	}{
		"amp-space":         {2, "Doctors & nurses", "https://hsn.example/1/"},
		"amp-link":          {1, "Item 1", "https://hsn.example/?p=1&utm_source=rss&utm_medium=feed"},
		"cp1252-as-utf8":    {1, "“Paper clinics” – update", "https://hsn.example/1/"},
		"xml11":             {3, "Item 1", "https://hsn.example/1/"},
		"protocol-relative": {1, "Item 1", "https://hsn.example/a"},
		"undeclared-ns":     {2, "Item 1", "https://hsn.example/1/"},
		"js-link":           {2, "Item 1", ""},
		"dup-guid":          {3, "Item 1", "https://hsn.example/1/"},
		"gmt-plus":          {1, "Item 1", "https://hsn.example/1/"},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join("testdata", "feeds", name+".xml"))
			if err != nil {
				t.Fatal(err)
			}
			doc := feedOf(t, string(body))
			if len(doc.Entries) != tt.entries {
				t.Fatalf("%d entries, want %d; problems %q", len(doc.Entries), tt.entries, doc.Problems)
			}
			e := doc.Entries[0]
			if plainTitle(e.Title) != tt.title || e.Link != tt.link {
				t.Errorf("first entry is %q at %q, want %q at %q", e.Title, e.Link, tt.title, tt.link)
			}
		})
	}
}

func TestFeedKeepsWhatStandsBeforeAFault(t *testing.T) {
	whole := `<item><title>One</title></item><item><title>Two</title></item>`
	for name, tt := range map[string]struct {
		body    string
		entries int
		problem string
	}{
		"cut in an item":           {rssOf(whole + `<item><title>Thr`)[:len(rssOf(whole))-len(`</channel></rss>`)+16], 2, "cut"},
		"cut inside CDATA":         {`<rss><channel>` + whole + `<item><title><![CDATA[half of`, 2, "dropped"},
		"warning before the feed":  {"PHP Warning: oh dear\n" + rssOf(whole), 2, "before the feed"},
		"stray less-than":          {rssOf(`<item><title>2 < 3</title></item>` + whole), 3, "not XML"},
		"stray end tag":            {rssOf(`<item><description>a</b> c</description></item>` + whole), 3, "end tag"},
		"control characters":       {rssOf("<item><title>One\x00\x08</title></item>"), 1, "control characters"},
		"unknown encoding":         {strings.Replace(rssOf(whole), "UTF-8", "x-nonsense", 1), 2, "x-nonsense"},
		"undefined entity":         {rssOf(`<item><title>a&nbsp;b</title></item>`), 1, "&nbsp;"},
		"root beyond 4096 bytes":   {`<!-- ` + strings.Repeat("x", 5000) + ` -->` + rssOf(whole), 2, ""},
		"depth beyond the limit":   {rssOf(`<item><title>deep</title><x:y>` + strings.Repeat("<x:y>", 5000) + strings.Repeat("</x:y>", 5000) + `</x:y></item>`), 1, "nested deeper"},
		"null members (JSON)":      {`{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[null,{"id":"1","title":"One","authors":[null]}]}`, 1, "null members"},
		"cut in an item (JSON)":    {`{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[{"id":"1","content_text":"a}"},{"id":"2","conte`, 1, "cut short"},
		"markup before the feed":   {"<br />\n<b>Warning</b>: oh dear in <b>x.php</b><br />\n" + rssOf(whole), 2, "before the feed"},
		"an envelope":              {"<answer><data>" + strings.TrimPrefix(rssOf(whole), `<?xml version="1.0" encoding="UTF-8"?>`) + "</data></answer>", 2, "before the feed"},
		"a forbidden reference":    {rssOf(`<item><title>a&#11;b</title></item>` + whole), 3, "&#11;"},
		"a stray end of CDATA":     {rssOf(`<item><title><![CDATA[a <![CDATA[b]]> c]]></title></item>` + whole), 3, "stray ]]>"},
		"attributes without marks": {rssOf(`<item><title>a</title><enclosure url=https://hsn.example/a.mp3 length=5 type=audio/mpeg></item>` + whole), 3, "quoted"},
		"a fault in every entry":   {rssOf(strings.Repeat(`<item><title>a <b c=d e</title></item><item><title>a ]]> b < c</title></item>`, 100)), 200, "as text"},
		"an open title":            {rssOf(`<item><title>a<link>https://hsn.example/a</link></item>` + whole), 3, "title without its end"},
		"items in a list":          {rssOf(`<items>` + whole + `</items>`), 2, ""},
		"raw line ends (JSON)":     {"{\"version\":\"https://jsonfeed.org/version/1\",\"title\":\"a\nb\",\"items\":[{\"id\":\"1\"}],}", 1, "mended"},
		"wrong types (JSON)":       {`{"version":"https://jsonfeed.org/version/1","title":5,"items":[{"id":1,"tags":"x","title":["a"],"authors":{"name":"J"},"image":{},"date_published":1721379900,"attachments":[{"size_in_bytes":"5"}]}]}`, 1, "another type"},
		"more entries than wanted": {rssOf(strings.Repeat(`<item><title>x</title></item>`, maxEntries+5)), maxEntries, "2000 entries"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := feedOf(t, tt.body)
			if len(doc.Entries) != tt.entries {
				t.Errorf("%d entries, want %d", len(doc.Entries), tt.entries)
			}
			if all := strings.Join(doc.Problems, "; "); !strings.Contains(all, tt.problem) || doc.Bozo != (tt.problem != "") {
				t.Errorf("bozo %v, problems %q, want one about %q", doc.Bozo, all, tt.problem)
			}
		})
	}
}

// TestAnEntryThatCannotBeReadCostsNoOther holds that repair goes forward: a
// fault that no repair takes away costs its own entry and not the feed.
func TestAnEntryThatCannotBeReadCostsNoOther(t *testing.T) {
	for _, fault := range []string{`<a:b:c d="`, `<?xml version="9`, `<![CDATA[`, "<!DOCTYPE [", `<x y="<`, `</>`, "<a b=c d='>"} {
		doc := feedOf(t, rssOf(`<item><title>One</title></item><item><title>T `+fault+` </title></item><item><title>Three</title></item>`))
		if len(doc.Entries) == 0 || doc.Entries[0].Title != "One" || !doc.Bozo {
			t.Errorf("%q: %d entries, bozo %v, problems %q; want the first kept", fault, len(doc.Entries), doc.Bozo, doc.Problems)
		}
	}
}

func TestFeedCharacters(t *testing.T) {
	for title, want := range map[string]string{
		"a &#xD83D;&#xDE00;":           "a 😀",
		"a \xed\xa0\xbd\xed\xb8\x80":   "a 😀",
		"a \xc0\xaf b":                 "a \uFFFD b",
		"It&#146;s &#8217;":            "It’s ’",
		"<b>a</b><br>c":                "<b>a</b><br />c",
		"Rates &lt;5% &amp;amp; falls": "Rates <5% &amp; falls",
	} {
		if e := feedOf(t, rssOf(`<item><title>`+title+`</title></item>`)).Entries; len(e) != 1 || e[0].Title != want {
			t.Errorf("title %q read as %+v, want %q", title, e, want)
		}
	}
}

func TestFeedLinksAsPeopleWriteThem(t *testing.T) {
	p, ok := FeedPage(Input{URL: "https://hsn.example/feed/", Body: []byte(rssOf(`<item><link>www.hsn.example/a</link></item><item><link> https://hsn.example/a b </link></item>`))})
	if !ok || len(p.Leads) != 2 || p.Leads[0].URL != "https://www.hsn.example/a" || p.Leads[1].URL != "https://hsn.example/a%20b" {
		t.Errorf("leads %+v, want addresses that can be asked for", p.Leads)
	}
}

func TestFeedRefusesWhatIsNone(t *testing.T) {
	for name, body := range map[string]string{
		"empty":      "",
		"blank":      " \n\t",
		"page":       "<!DOCTYPE html><html><head><title>Feed</title></head><body><p>no feed</p></body></html>",
		"other JSON": `{"items":[{"id":"1"}]}`,
		"broken":     `{"items":`,
		"list":       `[1,2]`,
		"text":       "hello",
		"sitemap":    `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://hsn.example/</loc></url></urlset>`,
	} {
		t.Run(name, func(t *testing.T) {
			doc := feedOf(t, body)
			if doc.Format != "" || len(doc.Entries) != 0 || !doc.Bozo || len(doc.Problems) == 0 {
				t.Errorf("Feed(%q) = format %q, %d entries, bozo %v, problems %q", body, doc.Format, len(doc.Entries), doc.Bozo, doc.Problems)
			}
			if _, ok := FeedPage(Input{Body: []byte(body)}); ok {
				t.Errorf("FeedPage(%q) took it for a feed", body)
			}
		})
	}
}

func TestFeedEncodings(t *testing.T) {
	const text = `<rss version="2.0"><channel><title>Café – “né”</title></channel></rss>`
	latin := strings.NewReplacer("é", "\xe9", "–", "\x96", "“", "\x93", "”", "\x94").Replace(text)
	utf16 := func(s string) string {
		b := "\xff\xfe"
		for _, c := range s {
			b += string([]byte{byte(c), byte(c >> 8)})
		}
		return b
	}
	for name, tt := range map[string]struct {
		body, kind, encoding string
		bozo                 bool
	}{
		"utf-8 with a mark":              {"\ufeff" + text, "application/rss+xml", "utf-8", false},
		"utf-16":                         {utf16(text), "", "utf-16le", false},
		"header wins over nothing":       {latin, "application/xml; charset=iso-8859-1", "iso-8859-1", false},
		"declared":                       {`<?xml version="1.0" encoding="windows-1252"?>` + latin, "", "windows-1252", false},
		"windows-1252 said to be utf-8":  {`<?xml version="1.0" encoding="utf-8"?>` + latin, "application/xml", "windows-1252", true},
		"utf-8 said to be iso-8859-1":    {text, "text/xml; charset=ISO-8859-1", "utf-8", true},
		"utf-8 announced as plain ascii": {text, "text/xml; charset=us-ascii", "utf-8", true},
	} {
		t.Run(name, func(t *testing.T) {
			doc := Feed(Input{Body: []byte(tt.body), MediaType: tt.kind}, FeedOptions{})
			if doc.Feed.Title != "Café – “né”" || doc.Encoding != tt.encoding || doc.Bozo != tt.bozo {
				t.Errorf("title %q in %s, bozo %v (%q); want %s, bozo %v", doc.Feed.Title, doc.Encoding, doc.Bozo, doc.Problems, tt.encoding, tt.bozo)
			}
		})
	}
}

func TestFeedResolvesAddresses(t *testing.T) {
	body := `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/news/">
	<entry><id>tag:1</id><link href="a?x=1&amp;y=2"/><title type="html">&lt;a href="b"&gt;b&lt;/a&gt;</title></entry>
	<entry xml:base="sub/"><id>tag:2</id><link href="javascript:alert(1)"/><link rel="enclosure" href="c.mp3" type="audio/mpeg" length="7"/></entry></feed>`
	doc := Feed(Input{URL: "https://hsn.example/feed", Header: http.Header{"Content-Location": {"https://www.hsn.example/x/"}}, Body: []byte(body)}, FeedOptions{})
	if len(doc.Entries) != 2 {
		t.Fatalf("%d entries: %q", len(doc.Entries), doc.Problems)
	}
	for _, c := range []struct{ what, got, want string }{
		{"link", doc.Entries[0].Link, "https://www.hsn.example/news/a?x=1&y=2"},
		{"title", doc.Entries[0].Title, `<a href="https://www.hsn.example/news/b">b</a>`},
		{"base", doc.Entries[0].TitleDetail.Base, "https://www.hsn.example/news/"},
		{"active link", doc.Entries[1].Link, ""},
		{"enclosure", fmt.Sprint(doc.Entries[1].Enclosures), "[{https://www.hsn.example/news/sub/c.mp3 audio/mpeg 7}]"},
	} {
		if c.got != c.want {
			t.Errorf("%s is %q, want %q", c.what, c.got, c.want)
		}
	}
}

func TestFeedPeople(t *testing.T) {
	for s, want := range map[string]FeedPerson{
		"press@hsn.example (Press office)": {Name: "Press office", Email: "press@hsn.example"},
		"Press office (press@hsn.example)": {Name: "Press office", Email: "press@hsn.example"},
		"Press office <press@hsn.example>": {Name: "Press office", Email: "press@hsn.example"},
		"press@hsn.example":                {Email: "press@hsn.example"},
		"Ada Marsh":                        {Name: "Ada Marsh"},
	} {
		if got := person(s); len(got) != 1 || got[0] != want {
			t.Errorf("person(%q) = %v, want %v", s, got, want)
		}
	}
}

func TestFeedDates(t *testing.T) {
	doc := feedOf(t, rssOf(`<item><pubDate>Fri, 19 Jul 2024 09:05:00</pubDate></item><item><pubDate>31 Feb 2024</pubDate></item><item><pubDate>July 2024</pubDate></item>`))
	got := []string{doc.Entries[0].Published, doc.Entries[1].Published, doc.Entries[1].PublishedRaw, doc.Entries[2].Published}
	if want := []string{"2024-07-19T08:05:00Z", "", "31 Feb 2024", "2024-07"}; !reflect.DeepEqual(got, want) {
		t.Errorf("dates %q, want %q", got, want)
	}
	if all := strings.Join(doc.Problems, "; "); !strings.Contains(all, "zone assumed Europe/London") || !strings.Contains(all, "31 February 2024 does not exist") {
		t.Errorf("problems %q name neither the assumed zone nor the impossible day", all)
	}
}

func TestFeedSanitizedHasNoActiveContent(t *testing.T) {
	body := rssOf(`<item><title>&amp;lt;script&amp;gt;x()&amp;lt;/script&amp;gt;News</title><description><![CDATA[<p onclick="x()">Hi <a href="/a">a</a><a href="javascript:x()">b</a><script>x()</script></p>]]></description></item>`)
	doc := Feed(Input{URL: "https://hsn.example/feed/", Body: []byte(body)}, FeedOptions{Sanitize: true})
	e := doc.Entries[0]
	if e.Title != "News" {
		t.Errorf("title is %q, want News", e.Title)
	}
	if want := `<p>Hi <a href="https://hsn.example/a" rel="nofollow">a</a>b</p>`; e.Summary != want {
		t.Errorf("summary is %q, want %q", e.Summary, want)
	}
}

func TestFeedPageOfUpdatesHasOneLeadAPage(t *testing.T) {
	body := `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB"><title>Department of Tides</title>
	<entry><id>https://tides.example/p#2024-07-19T10:00:00+01:00</id><link rel="alternate" href="https://tides.example/p"/><title>Old</title><updated>2024-07-19T10:00:00+01:00</updated></entry>
	<entry><id>https://tides.example/p#2024-07-20T10:00:00+01:00</id><link rel="alternate" href="https://tides.example/p"/><title>New</title><updated>2024-07-20T10:00:00+01:00</updated></entry></feed>`
	at := time.Date(2024, 7, 22, 9, 0, 0, 0, time.UTC)
	p, ok := FeedPage(Input{URL: "https://tides.example/feed.atom", At: at, Body: []byte(body)})
	if !ok {
		t.Fatal("no feed")
	}
	want := []record.Lead{{URL: "https://tides.example/p", Title: "New", At: record.Instant{Time: time.Date(2024, 7, 20, 9, 0, 0, 0, time.UTC), Precision: record.ToSecond, Basis: record.FromFeed, Raw: "2024-07-20T10:00:00+01:00"}}}
	want[0].Modified = want[0].At
	if !reflect.DeepEqual(p.Leads, want) {
		t.Errorf("leads %+v, want %+v", p.Leads, want)
	}
	if p.Kind != record.FeedPage || p.Title != "Department of Tides" || p.Lang != "en-GB" || !p.Captured.Equal(at) || p.Text != "" {
		t.Errorf("page %+v is not the feed's", p)
	}
}

func TestFeedExpandsNoEntityOfEntities(t *testing.T) {
	body, err := os.ReadFile("testdata/feeds/billion-laughs.xml")
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(feedOf(t, string(body)))
	if err != nil || len(out) > 8<<10 {
		t.Errorf("%d bytes came out of %d (%v)", len(out), len(body), err)
	}
}

func TestFeedIsReadInTimeWhateverItHolds(t *testing.T) {
	for name, body := range map[string]string{
		"200,000 nested elements": rssOf(`<item>` + strings.Repeat("<a>", 200_000)),
		"a title of 10 MB":        rssOf(`<item><title>` + strings.Repeat("x", 10<<20) + `</title></item>`),
		"a million less-thans":    rssOf(`<item><title>` + strings.Repeat("< ", 1<<20) + `</title></item>`),
		"a million ampersands":    rssOf(`<item><title>` + strings.Repeat("&a", 1<<20) + `</title></item>`),
		"a million end tags":      rssOf(`<item><title>` + strings.Repeat("</a>", 1<<20) + `</title></item>`),
		"200,000 attributes":      rssOf(`<item a="` + strings.Repeat(`" b="`, 200_000) + `"/>`),
		"deep JSON":               `{"version":"https://jsonfeed.org/version/1","items":` + strings.Repeat("[", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			doc := feedOf(t, body)
			if took := time.Since(begin); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
			if len(doc.Entries) > 0 && utf8.RuneCountInString(doc.Entries[0].Title) > maxTitle+1 {
				t.Errorf("title of %d characters", utf8.RuneCountInString(doc.Entries[0].Title))
			}
		})
	}
}

func FuzzFeed(f *testing.F) {
	files, err := filepath.Glob("testdata/feeds/*.xml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no fixtures: %v", err)
	}
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, "application/xml")
	}
	f.Add([]byte(`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":1,"content_text":"a"}]}`), "application/json")
	f.Fuzz(func(t *testing.T, body []byte, kind string) {
		for _, o := range []FeedOptions{{}, {Sanitize: true}} {
			doc := Feed(Input{URL: "https://hsn.example/feed", MediaType: kind, Body: body}, o)
			if doc.Format == "" && len(doc.Entries) > 0 {
				t.Errorf("%d entries of no feed", len(doc.Entries))
			}
			for _, p := range doc.Problems {
				if strings.HasPrefix(p, "the reader broke down") {
					t.Error(p)
				}
			}
			out, err := json.Marshal(doc)
			if err != nil || !utf8.Valid(out) {
				t.Errorf("not printed: %v", err)
			}
		}
	})
}
