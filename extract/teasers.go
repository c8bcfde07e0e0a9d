package extract

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"onrecord/record"
)

const (
	minListed      = 4   // entries that make a list
	maxListed      = 500 // entries that are read
	maxTeaserNodes = 150 // elements and texts of one entry
	maxTeaser      = 600 // bytes of the words around one entry's link
)

// listing finds the entries of a page that only lists others: a news index, the
// answers of a finder. They are the page's leads, and its text is nobody's
// statement. A page that says of itself that it is an article is none, and so
// is one whose list is not most of what it shows.
func (d *document) listing() []record.Lead {
	if a := d.article(); a != nil && !a.is("WebPage", "ItemPage") || strings.EqualFold(d.first("og:type"), "article") || d.first("article:published_time") != "" {
		return nil
	}
	scope := d.listScope()
	if scope == nil {
		return nil
	}
	var best []*html.Node
	size := 0
	for _, n := range append(slices.Collect(scope.Descendants()), scope) {
		if n.Type != html.ElementNode || frameTags[n.DataAtom] || !blockTags[n.DataAtom] {
			continue
		}
		for _, group := range teaserGroups(n) {
			if sum := d.sizeOfAll(group); sum > size {
				best, size = group, sum
			}
		}
	}
	if len(best) < minListed || size*10 < d.shown(scope)*7 {
		return nil
	}
	return d.leadsOf(best)
}

// listScope is the main part of the page.
func (d *document) listScope() *html.Node {
	for _, q := range []string{"main", "[role=main]", "body"} {
		if s := d.doc.Find(q); s.Length() > 0 {
			return s.Nodes[0]
		}
	}
	return nil
}

// teaserGroups are the children of n that look alike, group by group, as far as
// each is a short text around a link.
func teaserGroups(n *html.Node) map[string][]*html.Node {
	groups := map[string][]*html.Node{}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode || !blockTags[c.DataAtom] || headingTags[c.DataAtom] > 0 {
			continue
		}
		kind, _, _ := strings.Cut(strings.TrimSpace(attr(c, "class")), " ")
		key := c.Data + "." + kind
		if l := teaserLink(c); l != nil {
			groups[key] = append(groups[key], c)
		}
	}
	return groups
}

// teaserLink is the link that an entry of a list stands for: the one in its
// heading, else its first of some length. Nil where the entry is no teaser.
func teaserLink(n *html.Node) *html.Node {
	var best *html.Node
	seen := 0
	for c := range n.Descendants() {
		if seen++; seen > maxTeaserNodes {
			return nil
		}
		if c.DataAtom != atom.A || attr(c, "href") == "" || len(tidy(textOf(c))) < 12 {
			continue
		}
		if headed(c, n) {
			return c
		}
		if best == nil {
			best = c
		}
	}
	return best
}

// headed reports whether a link stands in a heading, or around one, inside top.
func headed(a, top *html.Node) bool {
	for p := a.Parent; p != nil && p != top; p = p.Parent {
		if headingTags[p.DataAtom] > 0 {
			return true
		}
	}
	return firstOf(a, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6) != nil
}

func (d *document) sizeOfAll(list []*html.Node) int {
	sum := 0
	for _, n := range list {
		w := d.weights[n]
		if w.text-w.link > maxTeaser {
			return 0 // sections of a text, each with a link
		}
		sum += w.text
	}
	return sum
}

// shown is how much text n shows outside of furniture.
func (d *document) shown(n *html.Node) int {
	w := d.weights[n]
	sum := w.text
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		if x := d.weights[c]; frameTags[c.DataAtom] || x.noisy || c.DataAtom == atom.Header || c.DataAtom == atom.Aside {
			sum -= x.text
		} else if blockTags[c.DataAtom] {
			sum -= x.text - d.shown(c)
		}
	}
	return sum
}

// leadsOf gives each entry's address, title and date.
func (d *document) leadsOf(entries []*html.Node) []record.Lead {
	var leads []record.Lead
	for _, n := range entries[:min(len(entries), maxListed)] {
		a := teaserLink(n)
		address, err := Canonical(d.absolute(attr(a, "href")))
		if err != nil || slices.ContainsFunc(leads, func(l record.Lead) bool { return l.URL == address }) {
			continue
		}
		title := a
		if h := firstOf(a, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6); h != nil {
			title = h
		}
		leads = append(leads, record.Lead{URL: address, Title: tidy(textOf(title)), At: d.entryDate(n)})
	}
	if len(leads) < minListed {
		return nil
	}
	return leads
}

// entryDate is the date that an entry of a list prints.
func (d *document) entryDate(n *html.Node) record.Instant {
	if t := firstOf(n, atom.Time); t != nil {
		if at := d.when(first(attr(t, "datetime"), tidy(textOf(t))), record.FromPage); at.Known() {
			return at
		}
	}
	w := shortWalk{started: true}
	w.walk(n)
	for _, s := range w.out {
		if !strings.ContainsAny(s, digits) {
			continue
		}
		s = publishedCue.ReplaceAllString(s, "")
		if u := updatedCue.FindStringIndex(s); u != nil && u[0] == 0 {
			s = s[u[1]:]
		}
		if at := d.dateIn(s); at.Known() {
			return at
		}
	}
	return record.Instant{}
}
