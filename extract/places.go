package extract

import (
	"net/url"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"onrecord/record"
)

// The hosts at which accounts are asked, and what is asked of WordPress.
const (
	blueskyAPI = "https://public.api.bsky.app"
	xAPI       = "https://api.x.com"
	wpPosts    = "wp/v2/posts?per_page=100&orderby=modified&order=desc&_fields=link,date,date_gmt,modified,modified_gmt,title"
)

// APIHosts are the origins at which accounts are asked; "" means those that are
// generally known.
type APIHosts struct{ Bluesky, X string }

var (
	mastodonProfile = lazily(`^/@([A-Za-z0-9_.-]+(?:@[A-Za-z0-9.-]+)?)/?$`)
	mastodonTag     = lazily(`^/tags/([^/]+)/?$`)
	xProfile        = lazily(`^/([A-Za-z0-9_]{1,15})/?$`)
	blueskyProfile  = lazily(`^/profile/([A-Za-z0-9.:-]+)/?$`)
	channelPath     = lazily(`^/channel/(UC[A-Za-z0-9_-]{10,40})/?$`)
)

var notAccounts = map[string]bool{"home": true, "intent": true, "share": true, "search": true, "hashtag": true, "i": true, "login": true, "explore": true}

// AccountPlace is the place to watch behind the address of an account as people
// know it: the answer of its platform's API. False for other addresses.
func AccountPlace(address string, hosts APIHosts) (record.Watchable, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return record.Watchable{}, false
	}
	host := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."), "mobile.")
	esc := url.QueryEscape
	switch {
	case host == "bsky.app":
		if m := blueskyProfile.FindStringSubmatch(u.Path); m != nil {
			return record.Watchable{Kind: record.SourceBluesky, Title: "@" + m[1], URL: or(hosts.Bluesky, blueskyAPI) + "/xrpc/app.bsky.feed.getAuthorFeed?actor=" + esc(m[1]) + "&filter=posts_and_author_threads&limit=50"}, true
		}
	case host == "x.com" || host == "twitter.com":
		if m := xProfile.FindStringSubmatch(u.Path); m != nil && !notAccounts[strings.ToLower(m[1])] {
			return record.Watchable{Kind: record.SourceX, Title: "@" + m[1], URL: or(hosts.X, xAPI) + "/2/users/by/username/" + m[1]}, true
		}
	case host == "youtube.com":
		if m := channelPath.FindStringSubmatch(u.Path); m != nil {
			return record.Watchable{Kind: record.SourceYouTube, Title: m[1], URL: "https://www.youtube.com/feeds/videos.xml?channel_id=" + m[1]}, true
		}
	case host == "threads.net" || host == "threads.com" || host == "tiktok.com" || host == "medium.com" || host == "instagram.com":
	default:
		if m := mastodonProfile.FindStringSubmatch(u.Path); m != nil {
			return record.Watchable{Kind: record.SourceMastodon, Title: "@" + m[1] + "@" + u.Host, URL: u.Scheme + "://" + u.Host + "/api/v1/accounts/lookup?acct=" + esc(m[1])}, true
		}
		if m := mastodonTag.FindStringSubmatch(u.Path); m != nil {
			return record.Watchable{Kind: record.SourceMastodon, Title: "#" + m[1] + " at " + u.Host, URL: u.Scheme + "://" + u.Host + "/api/v1/timelines/tag/" + url.PathEscape(m[1]) + "?limit=40"}, true
		}
	}
	return record.Watchable{}, false
}

func or(a, b string) string {
	if a != "" {
		return strings.TrimSuffix(a, "/")
	}
	return b
}

// Places are the places that a page names and that could be watched: its feeds,
// the API of a WordPress site, accounts that it links to. An account is taken of
// another host than the known platforms only where the page calls it its own
// (rel=me): any site may have paths with "@".
func Places(in Input, hosts APIHosts) []record.Watchable {
	var out []record.Watchable
	seen := map[string]bool{}
	add := func(p record.Watchable) {
		if u, err := url.Parse(p.URL); err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
			return // a page whose own address is none leads nowhere
		}
		if !seen[p.URL] && len(out) < 30 {
			seen[p.URL] = true
			out = append(out, p)
		}
	}
	for _, l := range FeedLinks(in) {
		kind := record.SourceFeed
		if strings.Contains(l.URL, "youtube.com/feeds/videos.xml") {
			kind = record.SourceYouTube
		}
		add(record.Watchable{URL: l.URL, Kind: kind, Title: l.Title})
	}
	markup, _ := decode(in.Body, in.mediaType())
	d := parse(in, markup)
	d.rebase()
	d.doc.Find(`link[rel="https://api.w.org/"][href]`).Each(func(_ int, s *goquery.Selection) {
		root := d.absolute(strings.TrimSpace(s.AttrOr("href", "")))
		if root != "" && !strings.Contains(root, "?") && sameSite(hostOf(root), hostOf(in.URL)) {
			add(record.Watchable{URL: strings.TrimSuffix(root, "/") + "/" + wpPosts, Kind: record.SourceWordPress, Title: "posts by the site’s API, with the time of their last change"})
		}
	})
	d.doc.Find(`a[href], link[rel][href]`).Each(func(_ int, s *goquery.Selection) {
		me := strings.Contains(" "+strings.ToLower(s.AttrOr("rel", ""))+" ", " me ")
		if s.Is("link") && !me {
			return
		}
		p, ok := AccountPlace(d.absolute(strings.TrimSpace(s.AttrOr("href", ""))), hosts)
		if ok && (me || p.Kind != record.SourceMastodon) {
			p.URL = strings.TrimSpace(d.absolute(s.AttrOr("href", ""))) // as people know it: looking at it resolves it
			add(p)
		}
	})
	return out
}
