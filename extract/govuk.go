package extract

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"onrecord/record"
)

// contentPath stands before a page's own path where its host gives it as JSON
// (the GOV.UK content API).
const contentPath = "/api/content"

// ContentAddress is where a host of the GOV.UK kind gives a page as JSON; ""
// for what is no page: its APIs, files, feeds and searches.
func ContentAddress(page string) string {
	u, err := url.Parse(page)
	if err != nil || u.Host == "" || u.RawQuery != "" || strings.HasPrefix(u.Path, "/api/") || strings.HasPrefix(u.Path, "/search") {
		return ""
	}
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	if path == "" || strings.Contains(path[strings.LastIndexByte(path, '/'):], ".") {
		return ""
	}
	return u.Scheme + "://" + u.Host + contentPath + path
}

// PageAddress is the page that a content API's address gives as JSON; "" for an
// address of another kind.
func PageAddress(content string) string {
	u, err := url.Parse(content)
	if err != nil || !strings.HasPrefix(u.EscapedPath(), contentPath+"/") {
		return ""
	}
	return u.Scheme + "://" + u.Host + strings.TrimPrefix(u.EscapedPath(), contentPath)
}

// A page of the GOV.UK search API (/api/search.json).
type govSearch struct {
	Results []struct {
		Link   string `json:"link"` // a path, or an address elsewhere
		Title  string `json:"title"`
		Public string `json:"public_timestamp"`
	} `json:"results"`
	Total int `json:"total"`
	Start int `json:"start"`
}

func isGovUK(f form) bool {
	return f.has("results", "total", "start") && strings.Contains(f.in.URL, "/api/search.json")
}

// readGovUK reads what a search found: leads to the content API, which gives
// text, dates and history better than the page does.
func readGovUK(in Input, _ record.Source) (Answer, error) {
	f := formOf(in)
	var found govSearch
	if !f.has("results") || json.Unmarshal([]byte(f.text), &found) != nil {
		return Answer{}, wrongKind(in, "answer of the GOV.UK search API")
	}
	p := answerPage(in)
	d := &document{in: in}
	for _, r := range found.Results[:min(len(found.Results), maxItems)] {
		address, err := Canonical(d.absolute(r.Link))
		if err != nil || !sameSite(hostOf(address), hostOf(in.URL)) {
			continue
		}
		if content := ContentAddress(address); content != "" && hostOf(address) == hostOf(in.URL) {
			address = content
		}
		changed := d.when(r.Public, record.FromFeed)
		p.Leads = append(p.Leads, record.Lead{URL: address, Title: tidy(r.Title), At: changed, Modified: changed})
	}
	if next := found.Start + len(found.Results); len(found.Results) > 0 && next < found.Total {
		p.Next = withQuery(in.URL, "start", strconv.Itoa(next))
	}
	return Answer{Page: p}, nil
}
