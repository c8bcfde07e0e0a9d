package extract

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

var (
	mastodonPost1 = regexp.MustCompile(`^/(?:@[\w.-]+(?:@[\w.-]+)?|users/[\w.-]+/statuses)/(\d{1,30})$`)
	blueskyPost   = regexp.MustCompile(`^/profile/([\w.:%-]+)/post/([a-z0-9]{1,40})$`)
	xStatus       = regexp.MustCompile(`^/(?:\w{1,30}|i/web)/status/(\d{1,30})$`)

	statusPlace = regexp.MustCompile(`^/api/v1/statuses/\d{1,30}$`)
)

const (
	xOEmbed     = "https://publish.x.com/oembed"
	threadPlace = "/xrpc/app.bsky.feed.getPostThread"
)

// PostPlace is where a platform answers whether a post stands, of Mastodon,
// Bluesky and X; false for other platforms and for what is no post's address.
func PostPlace(platform, address string, hosts APIHosts) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "", false
	}
	switch platform {
	case "mastodon":
		if m := mastodonPost1.FindStringSubmatch(u.Path); m != nil {
			return u.Scheme + "://" + u.Host + "/api/v1/statuses/" + m[1], true
		}
	case "bluesky":
		if m := blueskyPost.FindStringSubmatch(u.Path); m != nil {
			return or(hosts.Bluesky, blueskyAPI) + threadPlace + "?depth=0&parentHeight=0&uri=" + url.QueryEscape("at://"+m[1]+"/app.bsky.feed.post/"+m[2]), true
		}
	case "x":
		if m := xStatus.FindStringSubmatch(u.Path); m != nil {
			return xOEmbed + "?omit_script=1&url=" + url.QueryEscape("https://x.com"+u.Path), true
		}
	}
	return "", false
}

// AsksForPost reports whether an address is such a place.
func AsksForPost(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	return statusPlace.MatchString(u.Path) || u.Path == threadPlace || strings.HasPrefix(address, xOEmbed+"?")
}

// PostGone reports whether a platform answers that a post is not there: by 404 or
// 410, or by what Bluesky says in their place (the error NotFound).
func PostGone(status int, body []byte) bool {
	if status == http.StatusNotFound || status == http.StatusGone {
		return true
	}
	var v struct {
		Error  string `json:"error"`
		Thread struct {
			Type     string `json:"$type"`
			NotFound bool   `json:"notFound"`
		} `json:"thread"`
	}
	if json.Unmarshal(body, &v) != nil {
		return false
	}
	return status == http.StatusBadRequest && v.Error == "NotFound" ||
		status == http.StatusOK && v.Thread.NotFound && strings.HasSuffix(v.Thread.Type, "#notFoundPost")
}
