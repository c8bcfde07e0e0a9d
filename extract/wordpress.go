package extract

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"

	"onrecord/record"
)

// readWordPress reads a page of posts as WordPress REST lists them
// (developer.wordpress.org/rest-api/reference/posts). They are leads, each with
// the time of its last change: the words are read on the page that readers see,
// which feeds and sitemaps lead to as well. How many pages there are stands in
// the header X-WP-TotalPages.
func readWordPress(in Input, _ record.Source) (Answer, error) {
	f := formOf(in)
	var posts []wpPost
	if !f.list || json.Unmarshal([]byte(f.text), &posts) != nil || len(posts) > 0 && posts[0].Link == "" {
		return Answer{}, wrongKind(in, "list of WordPress posts")
	}
	p := answerPage(in)
	d := &document{in: in}
	for _, post := range posts[:min(len(posts), maxItems)] {
		address, err := Canonical(post.Link)
		if err != nil || !sameSite(hostOf(address), hostOf(in.URL)) {
			continue
		}
		p.Leads = append(p.Leads, record.Lead{
			URL: address, Title: plainHTML(post.Title.Rendered), At: d.when(utc(post.DateGMT, post.Date), record.FromFeed),
			Modified: d.when(utc(post.ModifiedGMT, post.Modified), record.FromFeed),
		})
	}
	p.Next = nextWordPress(in)
	return Answer{Page: p}, nil
}

func nextWordPress(in Input) string {
	u, err := url.Parse(in.URL)
	if err != nil {
		return ""
	}
	page := 1
	if n, err := strconv.Atoi(u.Query().Get("page")); err == nil && n > 1 {
		page = n
	}
	total, err := strconv.Atoi(in.Header.Get("X-Wp-Totalpages"))
	if err != nil || page >= total {
		return ""
	}
	return withQuery(in.URL, "page", strconv.Itoa(page+1))
}

// latestFirst orders leads by the time of their last change, else of their
// publication; undated ones stay behind, in their order.
func latestFirst(leads []record.Lead) {
	when := func(l record.Lead) int64 {
		switch {
		case l.Modified.Known():
			return l.Modified.Time.Unix()
		case l.At.Known():
			return l.At.Time.Unix()
		}
		return -1 << 62
	}
	slices.SortStableFunc(leads, func(a, b record.Lead) int {
		switch x, y := when(a), when(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
}
