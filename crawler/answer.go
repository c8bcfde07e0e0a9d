package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"time"

	"golang.org/x/net/publicsuffix"

	"onrecord/archive"
	"onrecord/guard"
	"onrecord/ingest"
	"onrecord/record"
)

// cookies keeps those of one chain of redirects: some sites set one and lead
// back. No two visits share it, so nobody is followed by it. Most set none.
type cookies struct{ jar http.CookieJar }

func (c *cookies) of(u *url.URL) []*http.Cookie {
	if c == nil || c.jar == nil {
		return nil
	}
	return c.jar.Cookies(u)
}

func (c *cookies) set(u *url.URL, list []*http.Cookie) {
	if c == nil || len(list) == 0 {
		return
	}
	if c.jar == nil {
		c.jar, _ = cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List}) // gives no error
	}
	c.jar.SetCookies(u, list)
}

// tell notes what a host wishes and does not get.
func (q request) tell(h *host) {
	if q.note != nil && h.rules.wish > longestDelay {
		q.note(delayNote(h))
	}
	if q.note != nil {
		if name := guard.MixedName(q.url.Hostname()); name != "" {
			q.note(name)
		}
	}
}

func delayNote(h *host) string {
	return fmt.Sprintf("robots.txt of %s wishes %v between two requests; %v are kept", h.Origin, h.rules.wish, longestDelay)
}

// conclude reads the answer at the end of a chain. Some answers deserve another
// question first: one that compares with a copy that we do not hold, and a page
// in the place of a feed that it names.
func (c *Crawler) conclude(ctx context.Context, q request, r *result, of *record.Source) (result, error) {
	if r.exchange.Status == http.StatusNotModified && q.etag == "" && q.modified == "" {
		x, err := c.polite(ctx, q)
		if err != nil {
			return c.refused(ctx, err)
		}
		x.Redirects = r.hops
		r.exchange = x
	}
	if r.exchange.Status != http.StatusNotModified { // which changes no notes
		clocked(q, r.exchange, c.o.Clock.Now())
	}
	out, err := c.read(ctx, q, *r, of)
	var page *ingest.NotAFeed
	if err != nil || of == nil || !errors.As(out.outcome.Unread, &page) {
		return out, err
	}
	return c.discovered(ctx, q, out, page, of)
}

// discovered asks once for the feed that a page in its place names. What that
// answer names is not asked any more: such a chain may have no end.
func (c *Crawler) discovered(ctx context.Context, q request, r result, page *ingest.NotAFeed, of *record.Source) (result, error) {
	next := another(q.url, page.Feeds)
	if next == nil {
		return r, nil
	}
	was := r
	q.url, q.etag, q.modified = next, "", ""
	x, err := c.polite(ctx, q)
	if err != nil {
		no, err := c.refused(ctx, err)
		was.fault += fmt.Sprintf("; which was asked: %s", no.fault)
		return was, err
	}
	r.hops = ""
	r.final, r.exchange, r.moved, r.state, r.fault, r.outcome = q.url.String(), x, "", "", "", ingest.Outcome{}
	r, err = c.read(ctx, q, r, of)
	return found(was, r), err
}

// found is the result of a page in the place of a feed and of the feed that it
// named, which was asked.
func found(page, feed result) result {
	if feed.fault != "" || feed.exchange.Status/100 != 2 {
		page.fault += "; which was asked, and is none either"
		return page
	}
	feed.notes = append(feed.notes, fmt.Sprintf("%s is a page; it names the feed %s, which was read: change the source's address", page.final, feed.final))
	return feed
}

// another is the first of the feeds that has another address than this one and
// may be asked; nil for none.
func another(this *url.URL, feeds []record.Lead) *url.URL {
	for _, f := range feeds {
		u, err := guard.CheckURL(f.URL)
		if err != nil || this.Scheme == "https" && u.Scheme == "http" {
			continue
		}
		if u.Fragment = ""; u.String() != this.String() {
			return u
		}
	}
	return nil
}

// aheadFrom is from where a host's clock counts as wrong.
const aheadFrom = time.Hour

// clocked notes an answer that comes out of the future. Its times are the
// host's, and never taken for a page's.
func clocked(q request, x archive.Exchange, now time.Time) {
	for _, key := range []string{"Date", "Last-Modified"} {
		if t, err := http.ParseTime(x.Header.Get(key)); err == nil && t.Sub(now) > aheadFrom && q.note != nil {
			q.note(fmt.Sprintf("the clock of %s is wrong: its %s is %s", q.url.Host, key, t.UTC().Format("2 January 2006, 15:04 MST")))
		}
	}
}
