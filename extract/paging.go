package extract

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"onrecord/record"
)

var (
	olderWords = lazily(`(?i)^\W*(?:next(?: page)?|older(?: (?:posts|entries|news|stories|articles|items))?|earlier(?: (?:posts|news))?|previous (?:posts|entries)|load more|show more|more news)\W*$`)
	nextClass  = lazily(`(?i)(?:^|[\s_-])(?:next|older|load-?more)(?:$|[\s_-])`)
	pageParam  = lazily(`(?i)^(?:page|paged|pg|p|pagenum|pagenumber|page_number|currentpage)$`)
	pageInPath = lazily(`/page/(\d{1,5})/?$`)
)

// readListing reads a page of links, and finds the page that goes on from it.
func readListing(in Input, s record.Source) (Answer, error) {
	p, err := Listing(in, s.Links)
	if err != nil {
		return Answer{}, err
	}
	p.Next = nextPage(in)
	return Answer{Page: p}, nil
}

// nextPage is the page that goes on from a listing: what its header or its
// markup says is next, else a link called older or next, else the link to the
// number after this page's own. It lies on the same host and is another page.
func nextPage(in Input) string {
	markup, _ := decode(in.Body, in.mediaType())
	d := parse(in, markup)
	own := in.URL
	d.rebase()
	fit := func(ref string) string {
		u, err := Canonical(d.absolute(strings.TrimSpace(ref)))
		if self, _ := Canonical(own); err != nil || u == self || hostOf(u) != hostOf(own) {
			return ""
		}
		return u
	}
	if u := fit(linkNext(in)); u != "" {
		return u
	}
	links := d.doc.Find("a[href], link[href]")
	for _, is := range []func(s *goquery.Selection) bool{saysNext, calledNext, classedNext} {
		found := ""
		links.EachWithBreak(func(_ int, s *goquery.Selection) bool {
			if is(s) {
				found = fit(s.AttrOr("href", ""))
			}
			return found == ""
		})
		if found != "" {
			return found
		}
	}
	return numbered(own, links, fit)
}

func saysNext(s *goquery.Selection) bool {
	for _, rel := range strings.Fields(strings.ToLower(s.AttrOr("rel", ""))) {
		if rel == "next" {
			return true
		}
	}
	return false
}

// calledNext knows a link by its words, or by what it is called for those who
// cannot see it.
func calledNext(s *goquery.Selection) bool {
	return s.Is("a") && (olderWords.MatchString(tidy(s.Text())) || olderWords.MatchString(tidy(s.AttrOr("aria-label", "")))) && !strings.HasPrefix(s.AttrOr("href", ""), "#")
}

// classedNext knows an arrow by its class, or that of its list item.
func classedNext(s *goquery.Selection) bool {
	return s.Is("a") && len(tidy(s.Text())) < 24 && (nextClass.MatchString(s.AttrOr("class", "")) || s.Parent().Is("li") && nextClass.MatchString(s.Parent().AttrOr("class", "")))
}

// numbered is the link whose page number is one more than this page's. A page
// without a number is the first; some sites count from 0.
func numbered(own string, links *goquery.Selection, fit func(string) string) string {
	path, param, n := numberedPage(own)
	first, best, lowest := "", "", 0
	links.Each(func(_ int, s *goquery.Selection) {
		u := fit(s.AttrOr("href", ""))
		otherPath, otherParam, m := numberedPage(u)
		if u == "" || m < 0 || otherPath != path || n >= 0 && otherParam != param {
			return
		}
		switch {
		case n >= 0 && m == n+1 && best == "":
			best = u
		case n < 0 && m > 0 && (lowest == 0 || m < lowest):
			first, lowest = u, m
		}
	})
	if n >= 0 {
		return best
	}
	if lowest <= 2 {
		return first
	}
	return ""
}

// numberedPage parts an address from its page number; n is -1 where it has none.
func numberedPage(address string) (path, param string, n int) {
	u, err := url.Parse(address)
	if err != nil {
		return "", "", -1
	}
	if m := pageInPath.FindStringSubmatchIndex(u.Path); m != nil {
		n, err := strconv.Atoi(u.Path[m[2]:m[3]])
		if err != nil {
			n = -1
		}
		return strings.TrimSuffix(u.Path[:m[0]], "/"), "/page/", n
	}
	for key, values := range u.Query() {
		if !pageParam.MatchString(key) {
			continue
		}
		if n, err := strconv.Atoi(values[0]); err == nil && n >= 0 && n < 100_000 {
			return strings.TrimSuffix(u.Path, "/"), strings.ToLower(key), n
		}
	}
	return strings.TrimSuffix(u.Path, "/"), "", -1
}

// linkNext is what a Link header calls next; "" for none.
func linkNext(in Input) string {
	d := &document{in: in}
	for _, l := range headerLinks(in.Header) {
		if slices.Contains(l.rel, "next") {
			if u, err := Canonical(d.absolute(l.href)); err == nil {
				return u
			}
		}
	}
	return ""
}
