package extract

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"onrecord/record"
)

// maxLines is the most lines that are read from one page.
const maxLines = 20000

// A line is one line of the text before it has its place in it.
type line struct {
	kind   record.BlockKind
	text   string
	cite   string
	post   int // index into the posts, -1 for none
	update int // index into the updates, -1 for none
	group  int // number of the block quotation or list that it stands in, 0 for none
	linked int // bytes of text that stand in links
	strong bool
	italic bool
	lead   bool   // named as stand-first by its markup
	posted string // the address of the last post that the line links to
}

// A builder walks the tree and lays the text out in lines.
type builder struct {
	d       *document
	lines   []line
	posts   []record.Post
	updates map[*html.Node]int // containers of timed updates
	prose   int                // of the whole body: noise names do not hold for what has half of it

	text   strings.Builder // of the line being read
	blank  bool
	breaks int
	soft   []softBreak // where single <br> stood in it
	linked int
	strong int
	italic int
	now    line   // kind and places of the line being read
	posted string // the address of the last post that was linked
	inLink bool
	inBold bool
	inEm   bool
	groups int
}

func (d *document) build(main *html.Node, updates map[*html.Node]int) *builder {
	b := &builder{d: d, updates: updates, prose: d.weights[main].prose, now: line{kind: record.Paragraph, post: -1, update: -1}}
	b.children(main)
	b.end()
	return b
}

func (b *builder) children(n *html.Node) {
	for c := n.FirstChild; c != nil && len(b.lines) < maxLines; c = c.NextSibling {
		b.node(c)
	}
}

func (b *builder) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		b.add(n.Data)
	case html.ElementNode:
		b.element(n)
	}
}

func (b *builder) element(n *html.Node) {
	if hidden(n) {
		b.d.hiddenText(n)
		return
	}
	if read := postReaderOf(n); read != nil {
		b.end()
		b.embed(n, read)
		return
	}
	if silentTags[n.DataAtom] || b.skips(n) || b.now.cite != "" && (n.DataAtom == atom.Cite || n.DataAtom == atom.Footer) {
		return
	}
	if u, ok := b.updates[n]; ok {
		b.end()
		outer := b.now
		b.now.update = u
		b.block(n)
		b.now = outer
		return
	}
	switch {
	case n.DataAtom == atom.Br:
		b.lineBreak()
	case n.DataAtom == atom.A, n.DataAtom == atom.B, n.DataAtom == atom.Strong, n.DataAtom == atom.Em, n.DataAtom == atom.I, n.DataAtom == atom.Cite:
		b.inline(n)
	case blockTags[n.DataAtom]:
		b.block(n)
	default:
		b.children(n)
	}
}

// skips reports whether n is furniture. Names do not count for an element that
// holds half of the text.
func (b *builder) skips(n *html.Node) bool {
	if !blockTags[n.DataAtom] && n.Parent != nil && (n.Parent.DataAtom == atom.P || n.Parent.DataAtom == atom.Li) {
		return unseen(n)
	}
	w, weighed := b.d.weights[n]
	if !weighed {
		return frameTags[n.DataAtom] || isNoise(n)
	}
	if b.prose > 0 && w.all*2 > b.prose {
		return false
	}
	if hasPost(n) && n.DataAtom != atom.Nav {
		return false
	}
	return frameTags[n.DataAtom] || w.noisy || n.DataAtom == atom.Figcaption || n.DataAtom == atom.Time && blockOnly(n)
}

// unseen reports whether the names of an element inside a sentence say that it
// does not show; a name such as "author" there is no reason to lose words.
func unseen(n *html.Node) bool {
	last, floats, box := "", false, false
	for w := range nameWords(attr(n, "class")) {
		floats = floats || w == "rollover" || w == "tooltip" || w == "popover"
		box = box || w == "block" || w == "content" || w == "text" || w == "body" || w == "box" || w == "panel"
		if floats && box {
			return true
		}
		if last != "" && unseenPairs[last+"-"+w] {
			return true
		}
		last = w
	}
	return slices.ContainsFunc(strings.Fields(attr(n, "class")), func(w string) bool { return hiddenNames[w] })
}

var unseenPairs = wordSet("sr-only visually-hidden screen-reader rollover-block")

// blockOnly reports whether n stands in the layout, as a dateline does, and
// not in a sentence.
func blockOnly(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if !blockTags[p.DataAtom] {
			continue
		}
		switch p.DataAtom {
		case atom.P, atom.Li, atom.Td, atom.Dd, atom.Blockquote, atom.Pre:
			return len(tidy(textOf(p))) < len(tidy(textOf(n)))+20
		}
		return headingTags[p.DataAtom] == 0
	}
	return true
}

func (b *builder) inline(n *html.Node) {
	link, bold, em := b.inLink, b.inBold, b.inEm
	b.inLink = link || n.DataAtom == atom.A
	if n.DataAtom == atom.A {
		b.posted = first(postAddress(attr(n, "href")), b.posted)
	}
	b.inBold = bold || n.DataAtom == atom.B || n.DataAtom == atom.Strong
	b.inEm = em || n.DataAtom == atom.Em || n.DataAtom == atom.I
	b.children(n)
	b.inLink, b.inBold, b.inEm = link, bold, em
}

func (b *builder) block(n *html.Node) {
	b.end()
	outer := b.now
	b.now.lead = outer.lead || isLead(n)
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Summary:
		b.now.kind = record.Heading
	case atom.Li, atom.Dd:
		if outer.kind == record.Paragraph {
			b.now.kind = record.ListItem
		}
	case atom.Ul, atom.Ol:
		b.groups++
		b.now.group = b.groups
	case atom.Blockquote:
		b.quotation(n, record.BlockQuote)
	case atom.Tr:
		b.row(n)
		b.now = outer
		return
	}
	if isPullQuote(n) {
		b.quotation(n, record.PullQuote)
	}
	b.children(n)
	b.end()
	b.now = outer
}

func (b *builder) quotation(n *html.Node, kind record.BlockKind) {
	b.groups++
	b.now.group, b.now.cite = b.groups, citeOf(n)
	if b.now.kind != record.PullQuote {
		b.now.kind = kind
	}
}

// citeOf is what markup names as the speaker of the quotation n.
func citeOf(n *html.Node) string {
	if c := firstOf(n, atom.Cite, atom.Footer); c != nil {
		return strings.TrimLeft(tidy(textOf(c)), "—–- ")
	}
	if p := n.Parent; p != nil && p.DataAtom == atom.Figure {
		if c := firstOf(p, atom.Figcaption); c != nil {
			return strings.TrimLeft(tidy(textOf(c)), "—–- ")
		}
	}
	return ""
}

func firstOf(n *html.Node, kinds ...atom.Atom) *html.Node {
	for c := range n.Descendants() {
		for _, k := range kinds {
			if c.DataAtom == k {
				return c
			}
		}
	}
	return nil
}

// row sets the cells of a table row on one line; cells with paragraphs of
// their own are read as text, since they lay the page out.
func (b *builder) row(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom != atom.Td && c.DataAtom != atom.Th {
			continue
		}
		if firstOf(c, atom.P, atom.Div, atom.Table, atom.Ul, atom.Blockquote) != nil {
			b.end()
			b.children(c)
			b.end()
			continue
		}
		b.children(c)
		b.add(" ")
	}
	b.end()
}

var leadWords = wordSet("standfirst strapline dek deck subhead subheadline subtitle lede")

func isLead(n *html.Node) bool {
	if n.DataAtom == atom.Body || n.DataAtom == atom.Article || n.DataAtom == atom.Main {
		return false
	}
	if len(n.Attr) == 0 {
		return false
	}
	names := attr(n, "class") + " " + attr(n, "data-testid") + " " + attr(n, "data-gu-name")
	for w := range nameWords(names) {
		if leadWords[w] {
			return true
		}
	}
	return namesPair(names, "lead", "paragraph") || namesPair(names, "sub", "title", "headline")
}

// add puts text at the end of the line being read.
func (b *builder) add(s string) {
	t := tidy(s)
	if t == "" {
		b.blank = b.blank || s != ""
		return
	}
	if b.breaks > 0 {
		b.broken()
	}
	if b.text.Len() > 0 && (b.blank || leadingSpace(s)) {
		b.text.WriteByte(' ')
	}
	b.text.WriteString(t)
	b.blank = trailingSpace(s)
	if b.inLink {
		b.linked += len(t)
	}
	if b.inBold {
		b.strong += len(t)
	}
	if b.inEm {
		b.italic += len(t)
	}
}

func leadingSpace(s string) bool  { return tidy(s[:1]) == "" || strings.HasPrefix(s, "\u00A0") }
func trailingSpace(s string) bool { return tidy(s[len(s)-1:]) == "" || strings.HasSuffix(s, "\u00A0") }

// softBreak is a single <br>: the bytes of the paragraph before it, and how many
// of those stand in links.
type softBreak struct{ at, linked int }

// listed are the lines that single <br> part in a paragraph, where they are a list
// or an address and no broken prose: short, each with a capital or a figure first,
// none with a stop behind it. Else it is nil.
func (b *builder) listed(text string) []line {
	if len(b.soft) == 0 || b.now.kind != record.Paragraph || len(b.soft) >= maxBroken {
		return nil
	}
	var out []line
	var from softBreak
	for _, to := range append(b.soft, softBreak{len(text), b.linked}) {
		s := strings.TrimSpace(text[min(from.at, len(text)):min(to.at, len(text))])
		linked := to.linked - from.linked
		from = to
		first, _ := utf8.DecodeRuneInString(s)
		if s == "" || len(s) > maxBrokenLine || !unicode.IsUpper(first) && !unicode.IsDigit(first) {
			return nil
		}
		out = append(out, line{text: s, linked: min(linked, len(s))})
	}
	return out
}

const (
	maxBroken     = 200 // lines of a paragraph
	maxBrokenLine = 120 // bytes of one of them
)

func (b *builder) lineBreak() {
	b.breaks++
	b.blank = true
}

// broken decides what a <br> was: two of them part paragraphs; one does so
// where a sentence, a quotation or a lead-in ended, and is a blank elsewhere.
func (b *builder) broken() {
	text := strings.TrimRight(b.text.String(), " ")
	if b.breaks > 1 || text != "" && strings.ContainsAny(text[len(text)-1:], ".!?:\"'") || endsCJK(text) || strings.HasSuffix(text, "”") || strings.HasSuffix(text, "’") || strings.HasSuffix(text, "…") {
		b.end()
	} else if text != "" {
		b.soft = append(b.soft, softBreak{len(text), b.linked})
	}
	b.breaks = 0
}

// endsCJK reports whether a sentence of Chinese or Japanese ended.
func endsCJK(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune("。！？」』", r)
}

// end closes the line being read.
func (b *builder) end() {
	b.breaks, b.blank = 0, false
	text, posted := b.text.String(), b.posted
	parts := b.listed(text)
	b.soft = b.soft[:0]
	if b.posted = ""; text == "" {
		return
	}
	l := b.now
	l.posted = posted
	l.strong, l.italic = b.strong*10 >= len(text)*9, b.italic*10 >= len(text)*9
	if parts == nil {
		parts = []line{{text: text, linked: min(b.linked, len(text))}}
	}
	for _, part := range parts {
		l.text, l.linked = part.text, part.linked
		b.lines = append(b.lines, l)
	}
	b.text.Reset()
	b.linked, b.strong, b.italic = 0, 0, 0
}

func (d *document) hiddenText(n *html.Node) {
	if len(tidy(textOf(n))) > 40 {
		d.problem("hidden text left out")
	}
}

// compose sets the lines into the page's text and gives blocks, posts and
// updates their places in it.
func compose(p *record.Page, lines []line) {
	var b strings.Builder
	p.Blocks = make([]record.Block, 0, len(lines))
	for i, l := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		s := record.Span{Start: b.Len(), End: b.Len() + len(l.text)}
		b.WriteString(l.text)
		p.Blocks = append(p.Blocks, record.Block{Kind: l.kind, Span: s, Post: -1, Update: l.update, Cite: l.cite})
		if l.kind == record.Embedded && l.post >= 0 {
			p.Blocks[i].Post = l.post
			p.Posts[l.post].Spans = append(p.Posts[l.post].Spans, s)
		}
		if l.update >= 0 {
			u := &p.Updates[l.update]
			if u.End == 0 {
				u.Start = s.Start
			}
			u.End = s.End
		}
	}
	p.Text = b.String()
}
