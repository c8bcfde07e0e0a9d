package extract

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/url"
	"testing"
	"time"
	"unicode/utf8"

	"onrecord/record"
)

// fuzzSource holds the reader of one kind of source to what is asked of every
// answer, whatever its bytes and its Link header say.
func fuzzSource(f *testing.F, kind record.SourceKind, address, media string, seeds ...string) {
	for _, s := range append(seeds, "", "[]", "{}", "null", "<html><body>Sorry</body></html>") {
		f.Add([]byte(s), `<https://social.example/next?max_id=1>; rel="next"`)
	}
	f.Fuzz(func(t *testing.T, body []byte, link string) {
		in := Input{URL: address, MediaType: media, Header: http.Header{"Link": {link}}, Body: body, At: time.Date(2025, 3, 15, 8, 0, 0, 0, time.UTC)}
		KindByForm(in)
		a, err := Source(in, record.Source{Kind: kind, URL: address, Since: "2024-01-01"})
		if err != nil {
			return
		}
		sound(t, a.Page)
		if len(a.Posts) > maxItems {
			t.Errorf("%d posts of one answer", len(a.Posts))
		}
		for _, p := range a.Posts {
			sound(t, p)
			if again, bad := Canonical(p.CanonicalURL); bad != nil || again != p.CanonicalURL {
				t.Errorf("the address of a post %q is not canonical: %q, %v", p.CanonicalURL, again, bad)
			}
		}
		for _, l := range append(append([]record.Lead{}, a.Page.Leads...), a.Page.Parts...) {
			if again, bad := Canonical(l.URL); bad != nil || again != l.URL {
				t.Errorf("lead %q is not canonical: %q, %v", l.URL, again, bad)
			}
			if !utf8.ValidString(l.Title) {
				t.Errorf("the title of a lead is not UTF-8: %q", l.Title)
			}
		}
		if next := a.Page.Next; next != "" {
			if again, bad := Canonical(next); bad != nil || again != next {
				t.Errorf("it goes on at %q, which is not canonical: %q, %v", next, again, bad)
			}
		}
	})
}

func FuzzYouTube(f *testing.F) {
	fuzzSource(f, record.SourceYouTube, "https://www.youtube.com/feeds/videos.xml?channel_id=UCa", "text/xml",
		`<?xml version="1.0"?><feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom"><yt:channelId>a</yt:channelId><entry><yt:videoId>v1</yt:videoId><title>Clinics &amp; wards</title><published>2025-03-10T09:00:00+00:00</published><updated>2025-03-10T10:00:00+00:00</updated><author><name>HSB</name><uri>https://www.youtube.com/channel/UCa</uri></author><media:group><media:description>Open.
Again.</media:description></media:group></entry><entry>`)
}

func FuzzSitemap(f *testing.F) {
	fuzzSource(f, record.SourceSitemap, "https://www.hsb.example/sitemap.xml", "application/xml",
		`<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://www.hsb.example/a</loc><lastmod>2025-03-10</lastmod><news:news><news:publication_date>2025-03-10T09:00:00Z</news:publication_date><news:title>A</news:title></news:news></url><url><loc>`,
		`<sitemapindex><sitemap><loc>https://www.hsb.example/1.xml.gz</loc><lastmod>2025-03-10T09:00:00+00:00</lastmod></sitemap></sitemapindex>`,
		packed("<urlset><url><loc>https://www.hsb.example/b</loc></url></urlset>"), "https://www.hsb.example/plain\nhttps://www.hsb.example/list\n")
}

func packed(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.String()
}

func FuzzMastodon(f *testing.F) {
	fuzzSource(f, record.SourceMastodon, "https://social.example/api/v1/accounts/9/statuses?limit=2", "application/json",
		`[{"id":"9","uri":"https://social.example/users/a/statuses/9","url":"https://social.example/@a/9","created_at":"2025-03-10T09:00:00.000Z","edited_at":"2025-03-10T10:00:00.000Z","content":"<p>Open <a href=\"x\">again</a></p>","spoiler_text":"News","language":"en","reblog":null,"account":{"id":"1","acct":"a","display_name":"A","url":"https://social.example/@a"}},{"id":"8","reblog":{"id":"1"}}]`,
		`{"id":"109","acct":"a","display_name":"A","url":"https://social.example/@a"}`)
}

func FuzzBluesky(f *testing.F) {
	fuzzSource(f, record.SourceBluesky, "https://api.bsky.example/xrpc/app.bsky.feed.getAuthorFeed?actor=a.example&limit=2", "application/json",
		`{"feed":[{"post":{"uri":"at://did:plc:a/app.bsky.feed.post/3k","cid":"b","author":{"did":"did:plc:a","handle":"a.example","displayName":"A"},"record":{"$type":"app.bsky.feed.post","text":"Open again 🏥 see x","createdAt":"2025-03-10T09:00:00.000Z","langs":["en"],"facets":[{"index":{"byteStart":5,"byteEnd":900},"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://a.example/"}]}]}},"reason":{"$type":"app.bsky.feed.defs#reasonRepost"}}],"cursor":"c"}`,
		`{"feed":[{"post":{"uri":"at://did:plc:a/app.bsky.feed.post/3k","author":{"handle":"a.example"},"record":{"text":"Open","createdAt":"2025-03-10T09:00:00Z"}}}]}`)
}

func FuzzXPosts(f *testing.F) {
	fuzzSource(f, record.SourceX, "https://api.x.example/2/users/4711/tweets?max_results=5", "application/json",
		`{"data":[{"id":"1814000000000000000","text":"Open &amp; well https://t.co/a","created_at":"2025-03-10T09:00:00.000Z","author_id":"4711","lang":"en","referenced_tweets":[{"type":"retweeted","id":"1"}],"note_tweet":{"text":"longer"}}],"includes":{"users":[{"id":"4711","name":"A","username":"a"}]},"meta":{"next_token":"n","result_count":1}}`,
		`{"data":{"id":"4711","name":"A","username":"a"}}`)
}

func FuzzGovUK(f *testing.F) {
	fuzzSource(f, record.SourceGovUK, "https://www.gov.example/api/search.json?count=2&start=0", "application/json",
		`{"results":[{"link":"/government/news/a","title":"A","public_timestamp":"2025-03-10T09:00:00Z"},{"link":"https://elsewhere.example/x"}],"total":9,"start":0}`)
}

func FuzzWordPress(f *testing.F) {
	fuzzSource(f, record.SourceWordPress, "https://www.hsb.example/wp-json/wp/v2/posts?per_page=2", "application/json",
		`[{"link":"https://www.hsb.example/a","date":"2025-03-10T09:00:00","date_gmt":"2025-03-10T09:00:00","modified":"2025-03-10T10:00:00","modified_gmt":"2025-03-10T10:00:00","title":{"rendered":"A &#8211; B"},"content":{"rendered":"<p>Open</p>"}}]`)
}

func FuzzPlaces(f *testing.F) {
	f.Add([]byte(`<html><head><link rel="alternate" type="application/rss+xml" title="News" href="/feed"><link rel="https://api.w.org/" href="/wp-json/"></head><body><a href="https://bsky.app/profile/a.example">B</a><a rel=me href="https://social.example/@a">M</a><a href="https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv">Y</a><a href="https://x.com/a">X</a></body></html>`), "https://www.hsb.example/")
	f.Add([]byte(`<base href="javascript:x"><link rel=alternate type=application/atom+xml href=" //[::1"><a rel=me href="https://social.example/@%00">`), "https://www.hsb.example/a/b?c")
	f.Fuzz(func(t *testing.T, body []byte, address string) {
		for _, p := range Places(Input{URL: address, MediaType: "text/html", Body: body}, APIHosts{}) {
			u, err := url.Parse(p.URL)
			if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
				t.Errorf("a place at %q (%v)", p.URL, err)
			}
			if !utf8.ValidString(p.Title) {
				t.Errorf("the title of a place is not UTF-8: %q", p.Title)
			}
		}
		AccountPlace(address, APIHosts{})
	})
}
