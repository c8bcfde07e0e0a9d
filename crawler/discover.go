package crawler

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"onrecord/guard"
	"onrecord/record"
)

// more looks on behind a place that could be read: for the first statements on
// the pages that it leads to, and for sitemaps of its site.
func (c *Crawler) more(ctx context.Context, out *record.SourceReport, look Look, read Reader) error {
	asked := 0
	for _, l := range look.Page.Leads {
		if len(out.Statements) >= previewStatements || asked == previewAsked || out.Fault != "" || !out.Source.Kind.Leads() {
			break
		}
		asked++
		_, found, err := c.glance(ctx, l.URL, read)
		if err != nil {
			return err
		}
		out.Statements = append(out.Statements, found.Found[:min(len(found.Found), previewStatements-len(out.Statements))]...)
	}
	if look.Kind != "" || out.Fault == "" && out.Source.Kind != record.SourcePage && out.Source.Kind != record.SourceListing {
		return nil
	}
	return c.sitemaps(ctx, out, read)
}

// glance asks for a page and reads it; it keeps nothing. A page that cannot be
// had is empty; the error is a store's, or ctx's.
func (c *Crawler) glance(ctx context.Context, address string, read Reader) (ok bool, look Look, err error) {
	u, err := guard.CheckURL(address)
	if err != nil {
		return false, Look{}, nil //nolint:nilerr // a link that leads nowhere
	}
	x, err := c.polite(ctx, request{url: u, encoding: "gzip", limit: maxFeed})
	if err != nil {
		_, err = c.refused(ctx, err)
		return false, Look{}, err
	}
	if x.Status/100 != 2 {
		return false, Look{}, nil
	}
	look, err = read(x, record.Source{URL: address})
	return err == nil, look, nil //nolint:nilerr // what cannot be read is not there
}

// sitemaps adds the site's sitemaps to the places: those that robots.txt names
// (sitemaps.org), and else the one in the usual place.
func (c *Crawler) sitemaps(ctx context.Context, out *record.SourceReport, read Reader) error {
	u, err := url.Parse(out.Final)
	if err != nil {
		return nil //nolint:nilerr // it answered, so it is one
	}
	h, err := c.hosts.take(ctx, u)
	if err != nil {
		return err
	}
	body := h.Robots
	h.release()
	named := sitemapLines(body)
	for _, address := range named {
		out.Places = append(out.Places, record.Watchable{URL: address, Kind: record.SourceSitemap, Title: "named by robots.txt"})
	}
	usual := (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/sitemap.xml"}).String()
	if len(named) > 0 || usual == out.Final {
		return nil
	}
	ok, look, err := c.glance(ctx, usual, read)
	if ok && look.Kind == record.SourceSitemap {
		out.Places = append(out.Places, record.Watchable{URL: usual, Kind: record.SourceSitemap, Title: "in the usual place"})
	}
	return err
}

// sitemapLines are the addresses that a robots.txt gives of sitemaps, at most 10.
func sitemapLines(robots string) []string {
	var out []string
	for _, line := range strings.FieldsFunc(robots, func(r rune) bool { return r == '\n' || r == '\r' }) {
		key, value, _ := strings.Cut(line, ":")
		if !strings.EqualFold(strings.TrimSpace(key), "sitemap") {
			continue
		}
		value, _, _ = strings.Cut(strings.TrimSpace(value), " ")
		if u, err := guard.CheckURL(value); err == nil && len(out) < 10 && !slices.Contains(out, u.String()) {
			out = append(out, u.String())
		}
	}
	return out
}
