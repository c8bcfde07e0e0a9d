package extract

import (
	"iter"
	"slices"
	"strings"
	"unicode"

	"codeberg.org/readeck/go-readability/v2"
	"github.com/go-shiori/dom"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func atoms(list ...atom.Atom) map[atom.Atom]bool {
	m := map[atom.Atom]bool{}
	for _, a := range list {
		m[a] = true
	}
	return m
}

var (
	// silentTags hold nothing that is read.
	silentTags = atoms(atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Svg, atom.Head, atom.Object, atom.Embed, atom.Canvas,
		atom.Button, atom.Select, atom.Textarea, atom.Input, atom.Audio, atom.Video, atom.Map, atom.Datalist, atom.Iframe, atom.Noembed, atom.Math)
	// frameTags are around the text and not in it.
	frameTags = atoms(atom.Nav, atom.Footer, atom.Form, atom.Menu, atom.Dialog)
	blockTags = atoms(atom.P, atom.Div, atom.Section, atom.Article, atom.Main, atom.Header, atom.Footer, atom.Aside, atom.Nav, atom.Ul, atom.Ol, atom.Li,
		atom.Blockquote, atom.Figure, atom.Figcaption, atom.Table, atom.Tr, atom.Td, atom.Th, atom.Tbody, atom.Thead, atom.Dl, atom.Dt, atom.Dd, atom.Pre,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Hr, atom.Address, atom.Details, atom.Summary, atom.Form, atom.Fieldset, atom.Body, atom.Center)
	headingTags = map[atom.Atom]int{atom.H1: 1, atom.H2: 2, atom.H3: 3, atom.H4: 4, atom.H5: 5, atom.H6: 6}
)

// noise are words of class names and ids that mark what is not the text.
var noise = wordSet(`related share sharing sharebar social newsletter newsletters signup subscribe subscription promo promos promotion advert adverts
 advertisement ad ads advertising adslot sponsored cookie cookies consent gdpr comments comment disqus breadcrumb breadcrumbs byline bylines
 caption captions credit credits sidebar rail recirc recirculation recommended recommendations recommendation trending popular outbrain taboola
 footer nav navigation navbar menu masthead pagination pager modal popup overlay teaser teasers carousel follow donate donation bio
 toolbar widget widgets screenreader tags taglist keywords topics readmore seealso skip timestamp dateline datetime kicker eyebrow
 sharedaddy jp-relatedposts mostread mostpopular morestories addthis addtoany printonly print-only noprint voting rating ratings
 flyout tooltip dontmiss regwall offcanvas contextual zergnet revcontent feedback survey loginform login alsolike upnext swiper slick thumbnail`)

// pairs are runs of two words that mark noise where neither word does alone.
var pairs = wordSet(`read-more more-stories more-on more-news see-also sr-only visually-hidden author-bio author-info author-box about-author the-author
 author-card author-name author-block post-meta entry-meta article-meta meta-data story-meta post-tags article-tags entry-tags entry-footer article-footer post-footer
 post-author article-author entry-author published-date publish-date pub-date post-date article-date entry-date published-dates screen-reader
 most-read most-popular most-viewed latest-news latest-stories top-stories you-may also-like next-article prev-article
 post-navigation sign-up call-to cta-box email-form article-tools story-tools image-credit photo-credit media-credit
 read-next up-next editors-picks hide-print back-to app-c-published-dates tag-list article-info byline-wrapper social-media live-chat
 dont-miss sign-in more-topic video-fallback video-placeholder video-player load-more view-all see-more show-more page-tools print-link contents-list article-topics story-topics post-categories key-events`)

// hiddenNames are the class names by which style sheets hide things.
var hiddenNames = wordSet("hidden hide is-hidden d-none invisible u-hidden")

// bodyHint marks the container of the text.
var bodyHint = lazily(`(?i)(?:^|[\s_-])(?:(?:article|story|post|entry|news|blog|release|press|page|main)[_-]{0,2}(?:body|content|text|copy|main)|body[_-]?(?:copy|text|content)|rich-?text|govspeak|articlebody|storybody|wysiwyg|paywall-content|content[_-]body)(?:$|[\s_-])`)

func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// A weight says how much of an element is prose.
type weight struct {
	text  int // bytes that show
	link  int // of them inside links
	all   int // bytes of prose, whatever is around it
	prose int // bytes of prose outside of furniture
	score int // prose less what reads like furniture
	noisy bool
}

// measure weighs every element below n once, each by itself first.
func (d *document) measure(n *html.Node, linked bool) {
	d.weights = make(map[*html.Node]weight, d.elements)
	w := d.weigh(n, linked)
	d.tally(n, w.all)
}

func (d *document) weigh(n *html.Node, linked bool) weight {
	var w weight
	own, ownLink := 0, 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			l := visibleLen(c.Data)
			own += l
			if linked {
				ownLink += l
			}
		case c.Type == html.ElementNode && !silentTags[c.DataAtom] && !hidden(c) && postReaderOf(c) == nil:
			x := d.weigh(c, linked || c.DataAtom == atom.A)
			if !blockTags[c.DataAtom] && x.all == 0 {
				own, ownLink = own+x.text, ownLink+x.link
				continue
			}
			w.text, w.link, w.all = w.text+x.text, w.link+x.link, w.all+x.all
		}
	}
	w.text, w.link = w.text+own, w.link+ownLink
	if n.Type != html.ElementNode {
		return w
	}
	if blockTags[n.DataAtom] {
		w.prose, w.score = proseOf(n, own, ownLink)
		w.all += w.prose
	}
	w.noisy = isNoise(n)
	d.weights[n] = w
	return w
}

// tally adds up what stands outside of furniture. What holds half of all prose
// is no furniture, whatever it is called: sites name their articles after
// categories ("top-stories") and their layout ("with-sidebar").
func (d *document) tally(n *html.Node, total int) weight {
	w := d.weights[n]
	w.noisy = w.noisy && w.all*2 < total
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		if _, weighed := d.weights[c]; !weighed {
			continue
		}
		if x := d.tally(c, total); !x.noisy && !frameTags[c.DataAtom] {
			w.prose, w.score = w.prose+x.prose, w.score+x.score
		}
	}
	d.weights[n] = w
	return w
}

// proseOf values the text that stands directly in one block.
func proseOf(n *html.Node, own, link int) (prose, score int) {
	switch {
	case own == 0 || headingTags[n.DataAtom] > 0:
		return 0, 0
	case link*2 > own:
		return 0, -link / 2
	case n.DataAtom == atom.P || n.DataAtom == atom.Blockquote || n.DataAtom == atom.Pre:
		if own >= 25 {
			return own, own - link
		}
		return 0, 0
	case n.DataAtom == atom.Li || n.DataAtom == atom.Td || n.DataAtom == atom.Dd:
		if own >= 60 {
			return own, own/2 - link
		}
		return 0, -5
	case own >= 80:
		return own, own - link
	}
	return 0, -5
}

func visibleLen(s string) int {
	n := 0
	blank := true
	for _, r := range s {
		if unicode.IsSpace(r) {
			blank = true
			continue
		}
		if blank && n > 0 {
			n++
		}
		blank = false
		n++
	}
	return n
}

// isNoise reports whether the names of n mark it as furniture.
func isNoise(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Body, atom.Html, atom.Main:
		return false
	case atom.Aside:
		return !isPullQuote(n)
	}
	if len(n.Attr) == 0 {
		return n.DataAtom == atom.Dl && isParticulars(n)
	}
	switch attr(n, "role") {
	case "navigation", "complementary", "banner", "contentinfo", "search", "dialog", "alert", "toolbar", "menu":
		return true
	}
	if attr(n, "itemprop") == "articleBody" {
		return false
	}
	if n.DataAtom == atom.Dl && isParticulars(n) {
		return true
	}
	for _, w := range strings.Fields(attr(n, "class")) {
		if hiddenNames[w] {
			return true
		}
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "class", "id", "data-component", "data-testid":
			if namesNoise(a.Val) {
				return true
			}
		}
	}
	return false
}

// isParticulars reports whether a list of terms gives the particulars of the
// page, its dates and its issuer, and nothing of its text.
func isParticulars(n *html.Node) bool {
	for dt := range n.Descendants() {
		if dt.DataAtom != atom.Dt {
			continue
		}
		switch strings.ToLower(strings.Trim(textOf(dt), " :\t\r\n")) {
		case "from", "published", "publication date", "date published", "first published", "last updated", "updated", "date", "author", "publication type":
			return true
		}
	}
	return false
}

// namesNoise reports whether a name, or two that stand together, are noise's.
func namesNoise(names string) bool {
	last := ""
	for w := range nameWords(names) {
		if noise[w] || last != "" && pairs[last+"-"+w] {
			return true
		}
		last = w
	}
	return false
}

// nameWords splits class names at everything that is no letter and at humps.
// The words come in lower case.
func nameWords(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start := -1
		for i := 0; i <= len(s); i++ {
			letter := i < len(s) && (s[i] >= 'a' && s[i] <= 'z' || s[i] >= 'A' && s[i] <= 'Z')
			hump := letter && start >= 0 && s[i] <= 'Z' && s[i-1] >= 'a'
			if start >= 0 && (!letter || hump) {
				if !yield(strings.ToLower(s[start:i])) {
					return
				}
				start = -1
			}
			if letter && start < 0 {
				start = i
			}
		}
	}
}

// namesPair reports whether two words stand together in the names, the second
// as one of seconds.
func namesPair(names, first string, seconds ...string) bool {
	last := ""
	for w := range nameWords(names) {
		if last == first && slices.Contains(seconds, w) {
			return true
		}
		last = w
	}
	return false
}

func isPullQuote(n *html.Node) bool {
	if len(n.Attr) == 0 {
		return false
	}
	names := attr(n, "class") + " " + attr(n, "data-component")
	for w := range nameWords(names) {
		if w == "pullquote" || w == "pullquotes" {
			return true
		}
	}
	return namesPair(names, "pull", "quote", "quotes")
}

// main finds the element that holds the text. How sure that is decides whether
// the page is handed to the readability rules instead.
func (d *document) main() (best *html.Node, sure bool) {
	body := d.doc.Find("body").First()
	if body.Length() == 0 {
		return d.root, false
	}
	top := body.Nodes[0]
	d.measure(top, false)
	c := candidate{}
	d.choose(top, false, &c)
	if c.node == nil {
		return top, false
	}
	return d.widen(c.node), c.hinted
}

type candidate struct {
	node   *html.Node
	score  float64
	hinted bool
}

// choose looks for the element with the most prose and the least furniture;
// names that say "article body" count for it.
func (d *document) choose(n *html.Node, hinted bool, best *candidate) {
	w := d.weights[n]
	if w.prose == 0 || w.noisy || frameTags[n.DataAtom] {
		return
	}
	factor, hint := hintOf(n)
	if score := float64(w.score) * factor; score > best.score || score == best.score && best.node != nil && inside(n, best.node) {
		*best = candidate{node: n, score: score, hinted: hint || hinted}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			d.choose(c, hint || hinted, best)
		}
	}
}

func hintOf(n *html.Node) (factor float64, hint bool) {
	switch {
	case strings.Contains(attr(n, "itemprop"), "articleBody"):
		return 1.5, true
	case bodyHint.MatchString(attr(n, "class")) || bodyHint.MatchString(attr(n, "id")):
		return 1.3, true
	case n.DataAtom == atom.Article:
		return 1.15, true
	case n.DataAtom == atom.Main || attr(n, "role") == "main":
		return 1.1, true
	}
	return 1, false
}

// widen takes in the container of several parts of one body: siblings with the
// same names, as pages with adverts between the parts have them.
func (d *document) widen(n *html.Node) *html.Node {
	p := n.Parent
	for p != nil && p.DataAtom != atom.Body && p.DataAtom != atom.Html {
		if d.weights[p].prose > d.weights[n].prose*5/4 && d.weights[p].score > d.weights[n].score && sameNames(n, p) {
			return p
		}
		p = p.Parent
	}
	return n
}

func sameNames(n, parent *html.Node) bool {
	class := attr(n, "class")
	for c := parent.FirstChild; c != nil; c = c.NextSibling {
		if c != n && class != "" && c.Type == html.ElementNode && c.DataAtom == n.DataAtom && attr(c, "class") == class {
			return true
		}
	}
	return false
}

// readable asks the readability rules for the text where the markup does not
// say which part it is. It returns nil when they find none.
func (d *document) readable() *html.Node {
	p := readability.NewParser()
	p.KeepClasses = true
	p.DisableJSONLD = true
	p.MaxElemsToParse = 20000
	a, err := p.ParseDocument(dom.Clone(d.root, true), nil)
	if err != nil || a.Node == nil {
		return nil
	}
	return a.Node
}
