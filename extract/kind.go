package extract

import (
	"encoding/json"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"onrecord/record"
)

var (
	releaseWords   = lazily(`(?i)\b(?:press|news|media)[ _-]?releases?\b`)
	releasePath    = lazily(`(?i)/(?:press-?releases?|media-cent(?:re|er)|news-?releases?|press-?(?:office|room)|newsroom)/`)
	statementWords = lazily(`(?i)\bstatement\b`)
	wallTitle      = lazily(`(?i)^(?:(?:error )?404\b.*|page not found.*|not found|sorry, (?:we can|this page|the page).*|(?:this|the) page (?:could not|can(?:no|')t) be found.*|oops.*)`)
	wallWords      = lazily(`(?i)(?:please )?enable javascript|are you a robot|verify (?:that )?you are (?:a )?human|access denied|checking your browser|captcha|before you continue to|we value your privacy`)
)

// kind names the page by its structure alone; whose page it is, attribution
// settles.
func (d *document) kind(p *record.Page, live bool) record.PageKind {
	switch {
	case live:
		return record.LiveBlog
	case len(p.Updates) > 0:
		return record.RollingUpdates
	case d.isRelease(p):
		return record.PressRelease
	case !signed(p) && statementWords.MatchString(p.Title) && !strings.ContainsAny(p.Title, "‘'“\"") && !d.article().is("*NewsArticle"):
		return record.StatementPage
	}
	return record.NewsArticle
}

// signed reports whether somebody else than the publisher is named as author.
func signed(p *record.Page) bool {
	return slices.ContainsFunc(p.Authors, func(a string) bool { return !strings.EqualFold(a, p.Publisher) })
}

func (d *document) isRelease(p *record.Page) bool {
	if len(p.From) > 0 || releasePath.MatchString(p.CanonicalURL) || d.article().is("PressRelease") {
		return true
	}
	for _, b := range p.Blocks {
		if b.Kind == record.Notes {
			return true
		}
	}
	if signed(p) {
		return false
	}
	for _, s := range d.shortTexts()[:min(nearTitle, len(d.shortTexts()))] {
		if len(s) < 40 && releaseWords.MatchString(s) {
			return true
		}
	}
	return releaseWords.MatchString(d.first("og:type", "dc.type", "article:section"))
}

// withdrawal is what a page says of itself when it was taken back.
var withdrawal = lazily(`(?i)^(?:this|the) .{0,60}\b(?:was|has been|is) (?:now )?withdrawn\b`)

// judge names pages that are no article: walls, errors, empty shells; and
// pages that say that they were withdrawn.
func (d *document) judge(p *record.Page) {
	for _, s := range d.shortTexts()[:min(2*nearTitle, len(d.shortTexts()))] {
		if withdrawal.MatchString(s) {
			d.problem("withdrawn: %s", s)
		}
	}
	switch {
	case wallTitle.MatchString(p.Title) && len(p.Text) < 3000:
		d.problem(softMissing+"titled %q", p.Title)
	case len(p.Text) < 1500 && wallWords.MatchString(p.Title+" "+p.Text):
		d.problem(walled + "no article")
	case p.Text == "":
		d.problem(wordless + "no text found in the markup")
	}
}

// withLead puts a stand-first that stands above the text, outside of its
// container, in front of it.
func (d *document) withLead(lines []line, main *html.Node) []line {
	scope := main
	for p := main.Parent; p != nil && p.DataAtom != atom.Body; p = p.Parent {
		scope = p
		if len(d.headings) > 0 && inside(d.headings[0], p) {
			break
		}
	}
	descriptions := d.descriptions()
	for n := range scope.Descendants() {
		if n == main {
			break
		}
		if n.Type != html.ElementNode || !blockTags[n.DataAtom] && !isLead(n) || hidden(n) || silentTags[n.DataAtom] {
			continue
		}
		if w, weighed := d.weights[n]; weighed && (w.text < 20 || w.text > 600) {
			continue // as no stand-first is
		}
		lead := isLead(n)
		t := tidy(textOf(n))
		if !lead && (len(t) < 40 || len(descriptions) == 0 || !slices.Contains(descriptions, letters(t))) {
			continue
		}
		if len(t) < 20 || len(t) > 600 || len(lines) > 0 && strings.HasPrefix(letters(lines[0].text), letters(t)) || n.DataAtom == atom.H1 {
			continue
		}
		return append([]line{{kind: record.Standfirst, text: t, post: -1, update: -1}}, lines...)
	}
	return lines
}

// descriptions are what the metadata give as the page's summary: the element
// above the text that repeats one is its stand-first.
func (d *document) descriptions() []string {
	var out []string
	for _, t := range []string{d.first("description"), d.first("og:description"), d.article().text("description"), d.article().text("alternativeHeadline")} {
		if t != "" {
			out = append(out, letters(t))
		}
	}
	return out
}

// fromObject falls back on the text that JSON-LD carries where the markup
// holds next to nothing of it, as pages built by scripts do.
func (d *document) fromObject(lines []line, p *record.Page) []line {
	o := d.article()
	body := plainBody(o)
	if o.is("LiveBlogPosting") || len(body) < 400 || sizeOf(lines)*2 > len(body) {
		return lines
	}
	d.problem("text taken from JSON-LD: the markup holds less")
	p.Updates = nil
	for i := range p.Posts {
		p.Posts[i].Spans = nil
	}
	if strings.Contains(body, "</p>") {
		out, problems := fragment(d.in, body, p)
		d.problems = append(d.problems, problems...)
		return out
	}
	var out []line
	for _, t := range strings.Split(body, "\n") {
		if t = tidy(t); t != "" {
			out = append(out, line{kind: record.Paragraph, text: t, post: -1, update: -1})
		}
	}
	return out
}

// minCarried is the least text, in bytes, for which the places are asked where
// pages built by scripts carry their text.
const minCarried = 200

// carried falls back on what a page without text in its markup carries for its
// script, or for readers without one.
func (d *document) carried(lines []line, p *record.Page) []line {
	if sizeOf(lines) >= minCarried {
		return lines
	}
	best, from := "", ""
	for n := range d.root.Descendants() {
		switch {
		case n.DataAtom == atom.Noscript && strings.Contains(textOf(n), "</p>"):
			if t := textOf(n); len(t) > len(best) {
				best, from = t, "<noscript>"
			}
		case n.DataAtom == atom.Script && strings.Contains(attr(n, "type"), "json") && !strings.Contains(attr(n, "type"), "ld+"):
			if t := markupIn(textOf(n)); len(t) > len(best) {
				best, from = t, "the page's script data"
			}
		}
	}
	if best == "" {
		return lines
	}
	var own record.Page
	out, problems := fragment(d.in, best, &own)
	if sizeOf(out) < minCarried || sizeOf(out) <= sizeOf(lines) {
		return lines
	}
	d.problem("text taken from %s: the markup holds less", from)
	d.problems = append(d.problems, problems...)
	p.Updates, p.Posts = nil, own.Posts
	return out
}

// markupIn is the longest string of a JSON document that is markup with
// paragraphs.
func markupIn(script string) string {
	var v any
	if len(script) > maxLDSum || json.Unmarshal([]byte(script), &v) != nil {
		return ""
	}
	best := ""
	var look func(v any, depth int)
	look = func(v any, depth int) {
		if depth > 2*maxDepth {
			return
		}
		switch v := v.(type) {
		case string:
			longer := len(v) > len(best) || len(v) == len(best) && v < best // maps have no order
			if longer && strings.Contains(v, "</p>") {
				best = v
			}
		case []any:
			for _, x := range v {
				look(x, depth+1)
			}
		case map[string]any:
			for _, x := range v {
				look(x, depth+1)
			}
		}
	}
	look(v, 0)
	return best
}

// markTextPosts finds flattened posts in plain text; the text itself stays.
func markTextPosts(p *record.Page) {
	for i := range p.Blocks {
		t := p.Blocks[i].In(p.Text)
		m := flatLabel.FindStringSubmatchIndex(t)
		if m == nil || strings.TrimSpace(t[:m[0]]) != "" || strings.TrimSpace(t[m[1]:]) != "" {
			continue
		}
		handle := t[m[4]:m[5]]
		k := len(p.Posts)
		p.Posts = append(p.Posts, record.Post{Platform: platformOf(handle), Handle: handle, Author: t[m[2]:m[3]], At: printedTime(t[m[6]:m[7]], p.Captured, record.FromPost)})
		p.Blocks[i].Kind = record.Label
		if i > 0 && p.Blocks[i-1].Kind == record.Paragraph && !opening(p.Blocks[i-1].In(p.Text)) {
			give(p, i-1, k)
		}
		for j := i + 1; j <= i+textBelow(p, i+1); j++ {
			give(p, j, k)
		}
	}
}

// give makes block i, less the links at its end, words of post k.
func give(p *record.Page, i, k int) {
	b := &p.Blocks[i]
	words := postText(b.In(p.Text))
	at := strings.Index(b.In(p.Text), words)
	if words == "" || at < 0 {
		return
	}
	b.Kind, b.Post = record.Embedded, k
	p.Posts[k].Spans = append(p.Posts[k].Spans, record.Span{Start: b.Start + at, End: b.Start + at + len(words)})
}

// textBelow is how many blocks from i on go on with a post, up to its own link.
func textBelow(p *record.Page, i int) int {
	var rest []line
	for j := i; j < len(p.Blocks) && j < i+3; j++ {
		rest = append(rest, line{kind: p.Blocks[j].Kind, text: strings.TrimSpace(p.Blocks[j].In(p.Text))})
	}
	_, used := takeBelow(rest, 0)
	return used
}
