package crawler

import (
	"net/http"
	"net/url"
	"testing"

	"onrecord/archive"
	"onrecord/guard"
)

// FuzzAnswerHeaders holds what a stranger's headers and robots.txt lead to inside
// its bounds: no wait is longer than the longest, no redirect leads to what is no
// address or carries a password on.
func FuzzAnswerHeaders(f *testing.F) {
	f.Add("/elsewhere", "120", "Sitemap: https://www.hsb.example/sitemap.xml\nsitemap : //x")
	f.Add("https://wilma:s3cret@hsb.example:99999/\\x", "Fri, 31 Dec 9999 23:59:59 GMT", "SITEMAP:http://127.0.0.1/ x")
	f.Add("http://[::1%25eth0]/#a", "1e400", "Sitemap: ftp://x\r\rSitemap:")
	f.Add("//hsb.example/%zz", "NaN", "sitemap: https://u:p@hsb.example/")
	f.Fuzz(func(t *testing.T, location, retry, robots string) {
		from, err := url.Parse("https://www.hsb.example/feed/")
		if err != nil {
			t.Fatal(err)
		}
		next, fault := follow(from, archive.Exchange{URL: from.String(), Status: http.StatusFound, Header: http.Header{"Location": {location}}})
		switch {
		case (next == nil) == (fault == ""):
			t.Errorf("%q leads to %v, and is at fault: %q", location, next, fault)
		case next != nil:
			if _, err := guard.CheckURL(next.String()); err != nil || next.User != nil || next.Scheme != "https" {
				t.Errorf("%q leads to %q (%v)", location, next, err)
			}
		}
		if wait, _ := retryAfter(retry, monday); wait < 0 || wait > mostPatience {
			t.Errorf("Retry-After %q waits %v", retry, wait)
		}
		lines := sitemapLines(robots)
		if len(lines) > 10 {
			t.Errorf("%d sitemaps", len(lines))
		}
		for _, s := range lines {
			if _, err := guard.CheckURL(s); err != nil {
				t.Errorf("a sitemap at %q: %v", s, err)
			}
		}
	})
}
