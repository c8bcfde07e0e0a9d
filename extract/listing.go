package extract

import (
	"fmt"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"onrecord/record"
)

const (
	maxLeads  = 2000 // of one listing
	leadTitle = 15   // a link of the page's structure needs a text of this many bytes
)

// CheckSelector reports what is wrong with a CSS selector; "" is fine. The error
// wraps record.ErrInvalid. goquery itself finds nothing, and says nothing.
func CheckSelector(selector string) error {
	if selector == "" {
		return nil
	}
	if _, err := cascadia.Compile(selector); err != nil {
		return fmt.Errorf("CSS selector %q: %v: %w", selector, err, record.ErrInvalid)
	}
	return nil
}

// Listing reads a page of links. Links selects the links, or elements that hold
// them; "" takes those of the main part that lead deeper into the same site
// under a text of their own. The page has kind listing, a line of text for each
// lead, and no words of anybody. The errors are those of Page, and one that
// wraps record.ErrInvalid where no link is found.
func Listing(in Input, links string) (record.Page, error) {
	if err := readableBody(in); err != nil {
		return record.Page{}, fmt.Errorf("listing %s: %w", in.URL, err)
	}
	selected, err := cascadia.Compile(links)
	if links != "" && err != nil {
		return record.Page{}, fmt.Errorf("listing %s: CSS selector %q: %v: %w", in.URL, links, err, record.ErrInvalid)
	}
	markup, problems := decode(in.Body, in.mediaType())
	d := parse(in, markup)
	p := d.page()
	p.Kind, p.Lang, p.Title = record.ListingPage, d.lang, tidy(d.title)
	d.rebase()
	if links != "" {
		p.Leads = d.leads(d.doc.FindMatcher(selected), nil)
	} else if p.Leads = d.listing(); p.Leads == nil { // no list that is plain to see
		p.Leads = d.leads(d.listed(), d.deeper)
	}
	p.Problems = append(problems, d.problems...)
	p.ID = record.PageID(p.CanonicalURL)
	if len(p.Leads) == 0 {
		where := "in its main part; name them with a CSS selector"
		if links != "" {
			where = fmt.Sprintf("under the selector %q", links)
		}
		return record.Page{}, fmt.Errorf("listing %s: no links found %s: %w", in.URL, where, record.ErrInvalid)
	}
	listLeads(&p)
	return p, nil
}

// rebase takes the page's own <base> for its address.
func (d *document) rebase() {
	if ref, ok := d.doc.Find("base[href]").First().Attr("href"); ok {
		if u := d.absolute(strings.TrimSpace(ref)); u != "" {
			d.in.URL = u
		}
	}
}

// listed are the links of the main part: of <main> or what says it is that, and
// else of the body, without navigation, header, footer and asides.
func (d *document) listed() *goquery.Selection {
	part := d.doc.Find(`main, [role=main], #content, #main`).First()
	if part.Length() == 0 {
		part = d.doc.Find("body")
	}
	return part.Find("a[href]").FilterFunction(func(_ int, s *goquery.Selection) bool {
		for n := s.Nodes[0]; n != nil && n != part.Nodes[0]; n = n.Parent {
			switch n.DataAtom {
			case atom.Nav, atom.Footer, atom.Aside, atom.Form:
				return false
			case atom.Header:
				if !within(n, atom.Article) && !within(n, atom.Li) {
					return false
				}
			}
			if hidden(n) {
				return false
			}
		}
		return true
	})
}

// deeper reports whether a link of the structure leads to an entry: on this
// site, to a path with a slug of its own, under a text that could be a title.
func (d *document) deeper(address, title string) bool {
	if len(title) < leadTitle || !strings.Contains(title, " ") || siteOf(address) != siteOf(d.in.URL) {
		return false
	}
	path := pathOf(address)
	slug := path[strings.LastIndexByte(path, '/')+1:]
	return path != pathOf(d.in.URL) && (strings.Contains(slug, "-") || strings.ContainsAny(slug, "0123456789")) && !strings.HasPrefix(path, "/tag/") && !strings.HasPrefix(path, "/category/")
}

// siteOf is the host of an address without "www.".
func siteOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return strings.TrimPrefix(strings.ToLower(host), "www.")
}

// pathOf is the path of an address without its last slash.
func pathOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	_, path, _ := strings.Cut(rest, "/")
	path, _, _ = strings.Cut(path, "?")
	path, _, _ = strings.Cut(path, "#")
	return "/" + strings.TrimSuffix(path, "/")
}

// leads are the links in or under the selection, each address once, under its
// longest text. Keep, unless nil, chooses among them.
func (d *document) leads(s *goquery.Selection, keep func(address, title string) bool) []record.Lead {
	var out []record.Lead
	place := map[string]int{}
	take := func(n *html.Node) {
		address, err := Canonical(d.absolute(strings.TrimSpace(attr(n, "href"))))
		title := tidy(textOf(n))
		if err != nil || len(out) >= maxLeads || keep != nil && !keep(address, title) {
			return
		}
		if i, seen := place[address]; !seen {
			place[address] = len(out)
			out = append(out, record.Lead{URL: address, Title: title})
		} else if len(title) > len(out[i].Title) {
			out[i].Title = title
		}
	}
	s.Each(func(_ int, s *goquery.Selection) {
		if s.Is("a[href]") {
			take(s.Nodes[0])
			return
		}
		s.Find("a[href]").Each(func(_ int, a *goquery.Selection) { take(a.Nodes[0]) })
	})
	return out
}

// listLeads makes a line of text of each lead, so that a listing has versions
// that a reader can compare.
func listLeads(p *record.Page) {
	var lines []line
	for _, l := range p.Leads {
		if l.Title != "" {
			lines = append(lines, line{kind: record.LinkList, text: l.Title, post: -1, update: -1})
		}
	}
	compose(p, lines)
}

// FeedLinks are the feeds that a page names (RSS autodiscovery: <link
// rel=alternate> of a feed's media type), in order.
func FeedLinks(in Input) []record.Lead {
	markup, _ := decode(in.Body, in.mediaType())
	d := parse(in, markup)
	d.rebase()
	var out []record.Lead
	d.doc.Find("link[rel][href]").Each(func(_ int, s *goquery.Selection) {
		kind := strings.ToLower(s.AttrOr("type", ""))
		if !strings.Contains(" "+strings.ToLower(s.AttrOr("rel", ""))+" ", " alternate ") ||
			kind != "application/rss+xml" && kind != "application/atom+xml" && kind != "application/feed+json" {
			return
		}
		if u := d.absolute(strings.TrimSpace(s.AttrOr("href", ""))); u != "" && len(out) < 20 {
			out = append(out, record.Lead{URL: u, Title: tidy(s.AttrOr("title", ""))})
		}
	})
	return out
}
