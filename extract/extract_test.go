package extract

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"onrecord/record"
)

var readAt = time.Date(2025, 3, 15, 8, 0, 0, 0, time.UTC)

func pageOf(t *testing.T, body string) record.Page {
	t.Helper()
	p, err := Page(Input{URL: "https://www.echo.example/news/a", At: readAt, Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	sound(t, p)
	return p
}

func TestPageRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		is   error
		says string
	}{
		"an empty body":     {"", record.ErrInvalid, "empty"},
		"blanks alone":      {" \n\t ", record.ErrInvalid, "empty"},
		"a picture":         {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", record.ErrInvalid, "binary"},
		"random bytes":      {strings.Repeat("\x00\x01\x02\x03\x1f\x05", 200), record.ErrInvalid, "binary"},
		"a body too large":  {strings.Repeat("a ", MaxBody/2+1), record.ErrTooLarge, "more than"},
		"JSON of any kind":  {`{"hello": ["world"]}`, record.ErrInvalid, "JSON of an unknown kind"},
		"an empty JSON set": {`[]`, record.ErrInvalid, "JSON of an unknown kind"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Page(Input{URL: "https://www.echo.example/a", Body: []byte(tt.body)})
			if !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want one that wraps %q and says %q", err, tt.is, tt.says)
			}
		})
	}
}

// TestHostileMarkup holds M1 to M4: each page is read, and in linear time.
func TestHostileMarkup(t *testing.T) {
	said := "<p>The harbour is open and every boat sails today, the company said on Tuesday morning.</p>"
	var attrs strings.Builder
	for i := range 200_000 {
		attrs.WriteString(" a")
		attrs.WriteString(strings.Repeat("b", i%7))
		attrs.WriteString("=1")
	}
	for name, body := range map[string]string{
		"600 nested divs":       strings.Repeat("<div>", 600) + said + strings.Repeat("</div>", 600),
		"50,000 unclosed b":     said + strings.Repeat("<b>", 50_000) + "x",
		"100,000 a and p":       said + strings.Repeat("<a><p>", 100_000),
		"9 MiB of script":       said + "<script>" + strings.Repeat("var x = 1; ", 9<<20/11) + "</script>",
		"9 MiB of comment":      said + "<!--" + strings.Repeat("x", 9<<20) + "-->",
		"200,000 attributes":    "<div" + attrs.String() + ">" + said + "</div>",
		"a megabyte of marks":   said + "<p>" + strings.Repeat("“", 1<<20/3) + "</p>",
		"100,000 short blocks":  said + strings.Repeat("<p>one two three</p>", 100_000),
		"a megabyte of spaces":  said + "<p>" + strings.Repeat(" x", 1<<19) + "</p>",
		"400 nested quotations": strings.Repeat("<blockquote class=pull-quote>", 400) + said,
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			p := pageOf(t, body)
			if !strings.Contains(p.Text, "every boat sails today") {
				t.Errorf("the words are lost; text %.80q, problems %q", p.Text, p.Problems)
			}
			// No measure of speed, which a busy machine would fail: what takes a
			// second there takes minutes once it is quadratic.
			if d := time.Since(start); d > time.Minute {
				t.Errorf("took %v", d)
			}
		})
	}
}

func TestDeepNestingIsNoted(t *testing.T) {
	p := pageOf(t, "<title>Boats | Echo</title>"+strings.Repeat("<div>", 600)+"<h1>Boats sail</h1><p>The harbour is open and every boat sails today, the company said.</p>")
	if len(p.Problems) == 0 || !strings.Contains(p.Problems[0], "read flat") {
		t.Errorf("problems %q, want one that says that the structure was lost", p.Problems)
	}
	if p.Title != "Boats sail" {
		t.Errorf("title %q, want %q", p.Title, "Boats sail")
	}
}

func TestTextKeepsItsBytes(t *testing.T) {
	body := "Delays are expected.\nThe harbour is closed.\n— Skarholm Ferries (@SkarholmFerries) March 11, 2025\nStay at home.\n➡️https://t.co/x\nRead more:\n- A list\n\n“Sorry,” said Runa Holt."
	p := Text(Input{URL: "https://www.echo.example/a", At: readAt, Body: []byte(body)})
	sound(t, p)
	if p.Text != body {
		t.Fatalf("text %q, want %q", p.Text, body)
	}
	if len(p.Posts) != 1 || len(p.Posts[0].Spans) != 2 || p.Posts[0].Spans[0].In(p.Text) != "The harbour is closed." || p.Posts[0].Spans[1].In(p.Text) != "Stay at home." {
		t.Errorf("posts %+v, want one with the lines on both sides of its label", p.Posts)
	}
	if p.Blocks[0].Kind != record.Paragraph || p.Blocks[6].Kind != record.LinkList {
		t.Errorf("blocks %+v, want a paragraph first and a link list seventh", p.Blocks)
	}
}

func TestCanonical(t *testing.T) {
	for raw, want := range map[string]string{
		"HTTP://WWW.Echo.Example:80/a/../b?utm_source=x&id=7&fbclid=1#top": "http://www.echo.example/b?id=7",
		"https://echo.example:443":                             "https://echo.example/",
		"https://user:secret@echo.example/a":                   "https://echo.example/a",
		"https://echo.example/a?a=1;b=2":                       "https://echo.example/a?a=1;b=2",
		"https://echo.example/a?b=2&a=1&ref_src=twsrc%5Etfw":   "https://echo.example/a?b=2&a=1",
		"https://bücher.example/ä":                             "https://xn--bcher-kva.example/%C3%A4",
		"https://www.hsn.example/x/?filter-category=news":      "https://www.hsn.example/x/",
		"https://echo.example/a%2Fb?q=%20":                     "https://echo.example/a%2Fb?q=%20",
		"https://echo.example:8443/a?":                         "https://echo.example:8443/a",
		"https://echo.example/" + strings.Repeat("a", 2000):    "https://echo.example/" + strings.Repeat("a", 2000),
		"https://echo.example/a?source=feed&id=3&gclid=x&ref=": "https://echo.example/a?source=feed&id=3&ref=",
	} {
		if got, err := Canonical(raw); err != nil || got != want {
			t.Errorf("Canonical(%.80q) = %.80q, %v, want %.80q", raw, got, err, want)
		}
	}
}

func TestCanonicalRefuses(t *testing.T) {
	for _, raw := range []string{
		"", "//echo.example/a", "/a", "http:///a", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://echo.example/",
		"https://echo.example:99999/", "https://echo.example/a b", "https://echo.example/%zz", "https://echo.example\\@evil.example/",
		"https://echo.example/\x00", "https://echo.example/a%", "https://" + strings.Repeat("a", 2100) + ".example/",
	} {
		if got, err := Canonical(raw); !errors.Is(err, record.ErrInvalid) {
			t.Errorf("Canonical(%.60q) = %.60q, %v, want an error that wraps ErrInvalid", raw, got, err)
		}
	}
}

func TestDeclaredAddress(t *testing.T) {
	const at = "https://amp.echo.co.uk/news/a?utm_source=x"
	for ref, want := range map[string]string{
		"https://www.echo.co.uk/news/a": "https://www.echo.co.uk/news/a",
		"/news/a":                       "https://amp.echo.co.uk/news/a",
		"https://other.co.uk/news/a":    "",
		"https://www.echo.co.uk/":       "",
		"javascript:void(0)":            "",
	} {
		if got := declared(at, ref); got != want {
			t.Errorf("declared(%q) = %q, want %q", ref, got, want)
		}
	}
}

func TestCharset(t *testing.T) {
	for name, tt := range map[string]struct {
		body, header, want string
		noted              bool
	}{
		"windows-1252 named UTF-8":  {"<meta charset=utf-8><p>It\x92s caf\xe9", "", "It’s café", true},
		"latin-1 with a 0x92":       {"<p>It\x92s", "text/html; charset=iso-8859-1", "It’s", false},
		"the header wins":           {"<meta charset=utf-8><p>\xe9t\xe9 et \xe0", "text/html; charset=windows-1252", "été et à", false},
		"an unknown label":          {"<p>caf\xc3\xa9", "text/html; charset=klingon", "café", true},
		"undeclared UTF-8":          {"<p>" + strings.Repeat("a ", 600) + "caf\xc3\xa9", "", strings.Repeat("a ", 600) + "café", false},
		"UTF-16 without its mark":   {asUTF16("<p>café"), "", "café", true},
		"an overlong form":          {"<meta charset=utf-8><p>a\xc0\xafb", "", "a\uFFFDb", true},
		"a surrogate":               {"<meta charset=utf-8><p>a\xed\xa0\x80b", "", "a\uFFFDb", true},
		"twice encoded, as it is":   {"<meta charset=utf-8><p>Itâ€™s", "", "Itâ€™s", true},
		"meta after a kilobyte":     {"<!--" + strings.Repeat("x", 1500) + "--><meta charset=windows-1251><p>\xcf\xf0\xe8", "", "При", false},
		"zero bytes inside":         {"<p>a\x00b caf\xc3\xa9 " + strings.Repeat("text ", 100), "", "ab café " + strings.TrimSpace(strings.Repeat("text ", 100)), false},
		"a no-break space, U+00A0 ": {"<p>a&nbsp;b&shy;c", "", "a bc", false},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Page(Input{URL: "https://echo.example/a", Body: []byte(tt.body), Header: http.Header{"Content-Type": {tt.header}}})
			if err != nil {
				t.Fatal(err)
			}
			sound(t, p)
			if p.Text != tt.want {
				t.Errorf("text %q, want %q", p.Text, tt.want)
			}
			if (len(p.Problems) > 0) != tt.noted {
				t.Errorf("problems %q, want some: %v", p.Problems, tt.noted)
			}
		})
	}
}

// asUTF16 is s in little-endian UTF-16; s lies in the first plane.
func asUTF16(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
		b.WriteByte(byte(r >> 8))
	}
	return b.String()
}

func TestTimesInIDs(t *testing.T) {
	for _, tt := range []struct {
		name, got, want string
	}{
		{"X", snowflake("1899387820569526273").UTC().Format(time.RFC3339), "2025-03-11T09:12:00Z"},
		{"X before snowflakes", snowflake("20").Format(time.RFC3339), time.Time{}.Format(time.RFC3339)},
		{"X, no number", snowflake("99999999999999999999").Format(time.RFC3339), time.Time{}.Format(time.RFC3339)},
		{"Mastodon", mastodonID("112000000000000001").UTC().Format(time.RFC3339), "2024-02-26T21:52:55Z"},
		{"Bluesky", recordKey("3lk3xqbhyzk2x").UTC().Format("2006"), "2025"},
		{"Bluesky, no TID", recordKey("3kabc").Format(time.RFC3339), time.Time{}.Format(time.RFC3339)},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, tt.got, tt.want)
		}
	}
}

func TestWalls(t *testing.T) {
	for name, tt := range map[string]struct{ body, says string }{
		"soft 404":     {"<title>Page not found | Echo</title><h1>Page not found</h1><p>Nothing is here, sorry.</p>", "soft 404"},
		"script wall":  {"<title>Echo</title><p>Please enable JavaScript and cookies to continue reading this page.</p>", "wall"},
		"empty shell":  {"<title>Echo</title><div id=app></div>", "nothing extracted"},
		"hidden text":  {"<article><p>The harbour is open today, for everyone who wants to sail.</p><p hidden>A hidden line that is long enough to be told of.</p></article>", "hidden text"},
		"mended LD":    {`<script type="application/ld+json">{"@type":"NewsArticle","headline":"A b c d",}</script><p>The harbour is open today for all.</p>`, "mended"},
		"too large LD": {`<script type="application/ld+json">{"a":"` + strings.Repeat("x", maxLD) + `"}</script><p>The harbour is open today for all.</p>`, "left unread"},
	} {
		t.Run(name, func(t *testing.T) {
			if p := pageOf(t, tt.body); !strings.Contains(strings.Join(p.Problems, "; "), tt.says) {
				t.Errorf("problems %q, want one that says %q", p.Problems, tt.says)
			}
		})
	}
}

func TestAFeedIsAPage(t *testing.T) {
	p := pageOf(t, `<?xml version="1.0"?><rss version="2.0"><channel><title>Echo</title><link>https://www.echo.example/</link><item><title>Boats</title><link>https://www.echo.example/boats</link></item></channel></rss>`)
	if p.Kind != record.FeedPage || len(p.Leads) != 1 {
		t.Errorf("kind %q with %d leads, want a feed with one", p.Kind, len(p.Leads))
	}
}

func BenchmarkPage(b *testing.B) {
	body := "<html><head><title>Boats</title></head><body><article><h1>Boats</h1>" + strings.Repeat("<div class=\"x\"><p>The harbour is open and <a href=\"/a\">every boat</a> sails today, the company said.</p></div>\n", 1600) + "</article></body></html>"
	in := Input{URL: "https://echo.example/a", Body: []byte(body)}
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := Page(in); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzCanonical holds that a canonical address is one: asked again it stays,
// and nothing is left in it that an address cannot hold or that says who came.
func FuzzCanonical(f *testing.F) {
	for _, raw := range []string{
		"HTTP://WWW.Echo.Example:80/a/../b?utm_source=x&id=7&fbclid=1#top", "https://user:secret@echo.example/a", "https://bücher.example/ä",
		"https://echo.example:99999/", "https://echo.example/%zz", "https://[::1]/a", "https://echo.example\\@evil.example/", "http://①②⑦.⓪.⓪.①/",
		"//echo.example/a", "javascript:alert(1)", "https://echo.example/a?a=1;b=2&utm_x", "https://echo.example./a%2e%2E/..;/", "https://0x7f.1/?&&=",
	} {
		f.Add(raw, raw)
	}
	f.Fuzz(func(t *testing.T, raw, ref string) {
		if own := declared(raw, ref); own != "" {
			if again, err := Canonical(own); err != nil || again != own {
				t.Errorf("declared(%q, %q) = %q, which is not canonical: %q, %v", raw, ref, own, again, err)
			}
		}
		u, err := Canonical(raw)
		if err != nil {
			if !errors.Is(err, record.ErrInvalid) {
				t.Errorf("Canonical(%q): %v does not wrap ErrInvalid", raw, err)
			}
			return
		}
		if again, err := Canonical(u); err != nil || again != u {
			t.Errorf("Canonical(%q) = %q, and of that %q, %v", raw, u, again, err)
		}
		if !strings.HasPrefix(u, "http://") && !strings.HasPrefix(u, "https://") || strings.ContainsAny(u, " \n\t#\\") {
			t.Errorf("Canonical(%q) = %q", raw, u)
		}
	})
}
