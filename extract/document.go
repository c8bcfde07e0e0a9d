package extract

import (
	"bytes"
	"fmt"
	stdhtml "html"
	"slices"
	"strings"
	"unicode"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"onrecord/record"
)

// A document is one page, parsed once; every reader asks the same tree.
type document struct {
	in       Input
	doc      *goquery.Document
	root     *html.Node
	meta     map[string][]string // by name, property or itemprop, in lower case
	objects  []object            // JSON-LD
	headings []*html.Node        // every h1 that shows
	times    []*html.Node        // every <time datetime> that shows
	title    string              // <title>
	link     string              // rel=canonical
	hubs     []string            // rel=hub of its head
	self     string              // rel=self of its head
	lang     string              // <html lang>
	weights  map[*html.Node]weight
	elements int      // in the tree, about
	shorts   []string // see shortTexts
	problems []string
}

// parse reads markup into a document. Nesting that the parser refuses is laid
// flat first: the words are kept, the structure is lost.
func parse(in Input, markup string) *document {
	d := &document{in: in, meta: map[string][]string{}}
	root, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		d.problem("markup that the parser refuses (%v): read flat, without its structure", err)
		if root, err = html.Parse(strings.NewReader(flatMarkup(markup))); err != nil {
			root = &html.Node{Type: html.DocumentNode}
			d.problem("nothing could be read: %v", err)
		}
	}
	d.root, d.doc = root, goquery.NewDocumentFromNode(root)
	d.survey(root, 0)
	return d
}

func (d *document) problem(format string, args ...any) {
	if p := fmt.Sprintf(format, args...); !slices.Contains(d.problems, p) {
		d.problems = append(d.problems, p)
	}
}

// survey collects in one walk what the readers of metadata want.
func (d *document) survey(n *html.Node, sum int) int {
	if n.Type == html.ElementNode {
		d.elements++
		switch n.DataAtom {
		case atom.Html:
			d.lang = attr(n, "lang")
		case atom.Title:
			if d.title == "" && !within(n, atom.Svg) {
				d.title = tidy(textOf(n))
			}
		case atom.Meta:
			d.addMeta(n)
		case atom.Link:
			d.addLink(n)
		case atom.Script:
			return d.addScript(n, sum)
		case atom.H1:
			if !hidden(n) {
				d.headings = append(d.headings, n)
			}
		case atom.Time:
			if attr(n, "datetime") != "" {
				d.times = append(d.times, n)
			}
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		sum = d.survey(c, sum)
	}
	return sum
}

func (d *document) addMeta(n *html.Node) {
	content := tidy(attr(n, "content"))
	if content == "" {
		return
	}
	seen := map[string]bool{}
	for _, a := range []string{"property", "name", "itemprop"} {
		for _, key := range strings.Fields(strings.ToLower(attr(n, a))) {
			if !seen[key] {
				seen[key] = true
				d.meta[key] = append(d.meta[key], content)
			}
		}
	}
}

func (d *document) addLink(n *html.Node) {
	for _, rel := range strings.Fields(strings.ToLower(attr(n, "rel"))) {
		switch {
		case rel == "canonical" && d.link == "":
			d.link = attr(n, "href")
		case rel == "hub" && len(d.hubs) < maxHubs && within(n, atom.Head): // elsewhere readers may have written it
			d.hubs = append(d.hubs, attr(n, "href"))
		case rel == "self" && d.self == "" && within(n, atom.Head):
			d.self = attr(n, "href")
		}
	}
}

func (d *document) addScript(n *html.Node, sum int) int {
	if !strings.Contains(strings.ToLower(attr(n, "type")), "ld+json") {
		return sum
	}
	script := textOf(n)
	if sum += len(script); sum > maxLDSum {
		d.problem("JSON-LD of more than %d bytes: the rest left unread", maxLDSum)
		return sum
	}
	objects, problem := readLD(script)
	if problem != "" {
		d.problem("%s", problem)
	}
	d.objects = append(d.objects, objects...)
	return sum
}

// first is the first value of the first of these keys that has one.
func (d *document) first(keys ...string) string {
	for _, k := range keys {
		if v := d.meta[k]; len(v) > 0 {
			return v[0]
		}
	}
	return ""
}

// article is the JSON-LD object that describes the page; nil for none.
func (d *document) article() object {
	for _, kinds := range [][]string{
		{"LiveBlogPosting"},
		{"*NewsArticle", "Article", "*Report", "BlogPosting", "PressRelease", "TechArticle", "ScholarlyArticle", "*MedicalWebPage", "SocialMediaPosting"},
		{"WebPage", "ItemPage"},
	} {
		for _, o := range d.objects {
			if o.is(kinds...) && (o.text("headline") != "" || o.text("name") != "" || o["datePublished"] != nil) {
				return o
			}
		}
	}
	return nil
}

// page is the frame of the answer: addresses, clock, problems.
func (d *document) page() record.Page {
	p := record.Page{URL: d.in.URL, CanonicalURL: d.in.URL, Capture: d.in.Capture, Captured: d.in.At.UTC(), Kind: record.NewsArticle}
	if u, err := Canonical(d.in.URL); err == nil {
		p.CanonicalURL = u
	}
	return p
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// within reports whether an element of kind a stands above n.
func within(n *html.Node, a atom.Atom) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.DataAtom == a {
			return true
		}
	}
	return false
}

// inside reports whether n is top or stands below it.
func inside(n, top *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == top {
			return true
		}
	}
	return false
}

// textOf is the raw text below n.
func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	addText(&b, n)
	return b.String()
}

func addText(b *strings.Builder, n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			b.WriteString(c.Data)
		case c.Type == html.ElementNode && (c.DataAtom == atom.Br || blockTags[c.DataAtom]):
			b.WriteByte(' ')
			addText(b, c)
			b.WriteByte(' ')
		case c.Type == html.ElementNode && !silentTags[c.DataAtom]:
			addText(b, c)
		}
	}
}

var (
	invisible = lazily(`(?i)(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:\.0+)?(?:px|em|rem|pt|%)?\s*(?:;|!|$)|(?:left|text-indent)\s*:\s*-\d{4,}(?:\.\d+)?px)`)
	ink       = lazily(`(?i)(?:^|[;\s])color\s*:\s*([^;!]+)`)
	ground    = lazily(`(?i)background(?:-color)?\s*:\s*([^;!]+)`)
)

// sameInk reports whether a style writes in the colour of its own ground.
func sameInk(style string) bool {
	if !strings.Contains(style, "background") {
		return false
	}
	a, b := ink.FindStringSubmatch(style), ground.FindStringSubmatch(style)
	return a != nil && b != nil && strings.EqualFold(strings.TrimSpace(a[1]), strings.TrimSpace(b[1]))
}

// hidden reports whether the page does not show n: the hidden attribute,
// aria-hidden, or an inline style that says so. What only waits for a click, in
// an accordion or behind a tab, is shown.
func hidden(n *html.Node) bool {
	return concealed(n) && !unfolds(n)
}

func unfolds(n *html.Node) bool {
	return attr(n, "role") == "tabpanel" || namesOne(attr(n, "class"), []string{"accordion", "collapse", "tabpanel", "expander", "disclosure"}) || namesPair(attr(n, "class"), "tab", "pane", "panel", "content")
}

func concealed(n *html.Node) bool {
	for _, a := range n.Attr {
		switch a.Key {
		case "hidden":
			return a.Val != "until-found"
		case "aria-hidden":
			if a.Val == "true" {
				return true
			}
		case "style":
			if len(a.Val) < 4096 && (invisible.MatchString(a.Val) || sameInk(a.Val)) {
				return true
			}
		}
	}
	return false
}

// tidy folds white space to single blanks and drops control characters and
// soft hyphens, which nobody sees.
func tidy(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	blank := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			blank = b.Len() > 0
			continue
		case unicode.IsControl(r) || r == '\u00AD' || r == '\uFEFF':
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

func unescape(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	return stdhtml.UnescapeString(s)
}

// flatMarkup keeps head data, headings and paragraphs and drops every other
// tag, so that no nesting is left.
func flatMarkup(markup string) string {
	var b bytes.Buffer
	z := html.NewTokenizer(strings.NewReader(markup))
	z.SetMaxBuf(MaxBody)
	skip := atom.Atom(0)
	for {
		switch t := z.Next(); t {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if skip == 0 {
				b.Write(z.Raw())
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			raw := bytes.Clone(z.Raw())
			name, _ := z.TagName()
			skip = flatTag(&b, t, atom.Lookup(name), raw, skip)
		}
	}
}

func flatTag(b *bytes.Buffer, t html.TokenType, a atom.Atom, raw []byte, skip atom.Atom) atom.Atom {
	switch {
	case skip != 0:
		if t == html.EndTagToken && a == skip {
			return 0
		}
		return skip
	case a == atom.Script && t == html.StartTagToken && bytes.Contains(raw, []byte("ld+json")), a == atom.Script && t == html.EndTagToken:
		b.Write(raw)
	case silentTags[a] && t == html.StartTagToken:
		return a
	case a == atom.Title || a == atom.Meta || a == atom.Link || a == atom.Time || headingTags[a] > 0:
		b.Write(raw)
	case blockTags[a] || a == atom.Br:
		b.WriteString("<p>")
	}
	return 0
}
