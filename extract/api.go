package extract

import (
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/net/html"

	"onrecord/record"
)

// maxItems is the most items of one REST answer that are read.
const maxItems = 1000

type rendered struct {
	Rendered string `json:"rendered"`
}

// A post as WordPress REST gives it (developer.wordpress.org/rest-api/reference/posts).
type wpPost struct {
	Link        string   `json:"link"`
	DateGMT     string   `json:"date_gmt"` // UTC, without a zone
	ModifiedGMT string   `json:"modified_gmt"`
	Date        string   `json:"date"` // in the site's zone
	Modified    string   `json:"modified"`
	Title       rendered `json:"title"`
	Content     rendered `json:"content"`
	Yoast       struct {
		Author string `json:"author"`
	} `json:"yoast_head_json"`
}

// A document of the GOV.UK content API (docs.publishing.service.gov.uk/content-schemas).
type govContent struct {
	BasePath    string `json:"base_path"`
	Type        string `json:"document_type"`
	Title       string `json:"title"`
	Description string `json:"description"`
	First       string `json:"first_published_at"`
	Public      string `json:"public_updated_at"`
	Locale      string `json:"locale"`
	Withdrawn   struct {
		Explanation string `json:"explanation"`
		At          string `json:"withdrawn_at"`
	} `json:"withdrawn_notice"`
	Details struct {
		Body    json.RawMessage `json:"body"`
		History []struct {
			Note string `json:"note"`
			At   string `json:"public_timestamp"`
		} `json:"change_history"`
	} `json:"details"`
	Links struct {
		Organisations []struct {
			Title string `json:"title"`
		} `json:"organisations"`
	} `json:"links"`
}

// apiPage reads the JSON answers that are known. The error wraps
// record.ErrInvalid for JSON of another kind.
func apiPage(in Input, text string) (record.Page, error) {
	var posts []wpPost
	if json.Unmarshal([]byte(text), &posts) == nil && len(posts) > 0 && posts[0].Link != "" {
		return wpPage(in, posts), nil
	}
	var one wpPost
	if json.Unmarshal([]byte(text), &one) == nil && one.Link != "" && one.Content.Rendered != "" {
		return wpPage(in, []wpPost{one}), nil
	}
	var gov govContent
	if json.Unmarshal([]byte(text), &gov) == nil && gov.Title != "" && (gov.BasePath != "" || len(gov.Details.Body) > 0) {
		return govPage(in, gov), nil
	}
	return record.Page{}, fmt.Errorf("page %s: JSON of an unknown kind, neither WordPress posts nor GOV.UK content: %w", in.URL, record.ErrInvalid)
}

func wpPage(in Input, posts []wpPost) record.Page {
	d := parse(in, "")
	p := d.page()
	p.Kind = record.APIPage
	if len(posts) > maxItems {
		d.problem("more than %d posts: the rest left out", maxItems)
		posts = posts[:maxItems]
	}
	var lines []line
	for i, post := range posts {
		published := d.when(utc(post.DateGMT, post.Date), record.FromPage)
		modified := d.when(utc(post.ModifiedGMT, post.Modified), record.FromPage)
		title := plainHTML(post.Title.Rendered)
		at := published
		at.Basis = record.FromUpdate
		changed := modified
		changed.Basis = record.FromUpdate
		p.Updates = append(p.Updates, record.Update{URL: d.absolute(post.Link), Title: title, At: at, Modified: changed})
		if i == 0 {
			p.Title, p.Published, p.Modified = title, published, modified
			if a := tidy(post.Yoast.Author); a != "" {
				p.Authors = []string{a}
			}
		}
		part, problems := fragment(in, post.Content.Rendered, &p)
		d.problems = append(d.problems, problems...)
		for j := range part {
			part[j].update = i
		}
		lines = append(lines, part...)
	}
	compose(&p, lines)
	p.Problems = append(p.Problems, d.problems...)
	p.ID = record.PageID(p.CanonicalURL)
	return p
}

// utc marks the zone that WordPress leaves out; where there is only the time
// in the site's own zone, that is read by the common rule.
func utc(gmt, local string) string {
	if gmt == "" || strings.HasPrefix(gmt, "0000") {
		return local
	}
	return strings.TrimSuffix(gmt, "Z") + "Z"
}

func plainHTML(s string) string { return tidy(textOf(parse(Input{}, s).root)) }

// fragment reads a piece of markup into lines and adds its posts to the page.
func fragment(in Input, markup string, p *record.Page) ([]line, []string) {
	d := parse(in, markup)
	var body *html.Node = d.root
	if s := d.doc.Find("body"); s.Length() > 0 {
		body = s.Nodes[0]
	}
	d.measure(body, false)
	b := d.build(body, nil)
	for i := range b.lines {
		if b.lines[i].post >= 0 {
			b.lines[i].post += len(p.Posts)
		}
	}
	p.Posts = append(p.Posts, b.posts...)
	lines, posts := flatPosts(settle(b.lines, p), p.Posts, in.At)
	p.Posts = posts
	return lines, d.problems
}

func govPage(in Input, g govContent) record.Page {
	d := parse(in, "")
	p := d.page()
	p.Kind, p.Title, p.Lang = record.APIPage, tidy(g.Title), g.Locale
	p.Published, p.Modified = d.when(g.First, record.FromPage), d.when(g.Public, record.FromPage)
	for _, o := range g.Links.Organisations {
		p.From = append(p.From, tidy(o.Title))
	}
	for _, h := range g.Details.History {
		p.History = append(p.History, record.Revision{At: d.when(h.At, record.FromPage), Note: tidy(h.Note)})
	}
	if g.Withdrawn.Explanation != "" {
		d.problem("withdrawn: %.300s", plainHTML(g.Withdrawn.Explanation))
	}
	if page := PageAddress(p.CanonicalURL); page != "" { // what readers see
		p.CanonicalURL = page
	}
	lines, problems := fragment(in, g.body(), &p)
	if g.Description != "" {
		lines = append([]line{{kind: record.Standfirst, text: tidy(g.Description), post: -1, update: -1}}, lines...)
	}
	compose(&p, lines)
	p.Problems = append(d.problems, problems...)
	p.ID = record.PageID(p.CanonicalURL)
	return p
}

// body is the HTML of the document: a string, or a list of one text in several
// content types.
func (g govContent) body() string {
	var s string
	if json.Unmarshal(g.Details.Body, &s) == nil {
		return s
	}
	var list []struct {
		Type    string `json:"content_type"`
		Content string `json:"content"`
	}
	if json.Unmarshal(g.Details.Body, &list) == nil {
		for _, x := range list {
			if x.Type == "text/html" {
				return x.Content
			}
		}
	}
	return ""
}
