package crawler

import (
	"context"
	"fmt"
	"net/http"

	"onrecord/archive"
	"onrecord/guard"
	"onrecord/record"
)

// A Reader reads an answer for a preview, without keeping anything.
type Reader func(x archive.Exchange, s record.Source) (Look, error)

// Look is what an answer turned out to be.
type Look struct {
	Kind   record.SourceKind // by its form; "" where it could be any page
	Page   record.Page
	Found  []record.Statement
	Posts  int                // pages of their own in the answer
	Places []record.Watchable // that the page names
}

// What a preview shows at most.
const (
	previewLeads      = 10
	previewStatements = 5
	previewAsked      = 3 // pages behind links, for their statements
)

// Preview asks a place once, as politely as a visit, and tells what it is.
// Nothing of its answer is kept; robots.txt, which is asked for first, is. A
// place that cannot be read is told in the report; the error is a store's, or
// ctx's.
func (c *Crawler) Preview(ctx context.Context, s record.Source, read Reader) (record.SourceReport, error) {
	out := record.SourceReport{Source: s, Final: s.URL}
	u, err := guard.CheckURL(s.URL)
	if err != nil {
		out.Fault = inWords(err)
		return out, nil
	}
	if out.Fault = c.lacksToken(s, u); out.Fault != "" {
		return out, nil
	}
	q := request{url: u, encoding: "gzip", limit: maxFeed, jar: &cookies{}}
	var x archive.Exchange
	for hop := 0; ; hop++ {
		x, err = c.polite(ctx, q)
		c.verdict(ctx, &out, q)
		if err != nil {
			r, err := c.refused(ctx, err)
			out.Fault, out.Allowed = r.fault, r.state != record.VisitRobots && r.state != record.VisitUnsure && r.state != record.VisitBarred
			return out, err
		}
		out.Status, out.Allowed = x.Status, true
		if !redirects(x) || hop == maxRedirects {
			break
		}
		next, fault := follow(q.url, x)
		if fault != "" {
			out.Fault = fault
			return out, nil
		}
		q.url, out.Final = next, next.String()
	}
	if x.Status/100 != 2 {
		out.Fault = fmt.Sprintf("answered with status %d (%s)", x.Status, http.StatusText(x.Status))
		return out, nil
	}
	look := describe(&out, x, read)
	if len(look.Page.Parts) > 0 && out.Source.Kind.Posts() && !s.Kind.Leads() && s.URL != look.Page.Parts[0].URL { // of an account: its posts
		out.Source.URL = look.Page.Parts[0].URL
		return c.Preview(ctx, out.Source, read)
	}
	return out, c.more(ctx, &out, look, read)
}

// verdict tells what robots.txt says, as last read.
func (c *Crawler) verdict(ctx context.Context, out *record.SourceReport, q request) {
	h, err := c.hosts.take(ctx, q.url)
	if err != nil {
		return
	}
	defer h.release()
	out.Gap = c.hosts.gap(h, 0).Seconds()
	verdict := h.Verdict(h.allows(q.url))
	out.Robots = verdict.Words()
	if verdict == record.RobotsLost {
		out.Robots += ": " + h.RobotsFault
	}
	if h.rules.wish > longestDelay {
		out.Problems = append(out.Problems, delayNote(h))
	}
	if name := guard.MixedName(q.url.Hostname()); name != "" {
		out.Problems = append(out.Problems, name)
	}
}

func describe(out *record.SourceReport, x archive.Exchange, read Reader) Look {
	look, err := read(x, out.Source)
	for _, p := range look.Places {
		if p.Kind == record.SourceFeed {
			out.Feeds = append(out.Feeds, record.Lead{URL: p.URL, Title: p.Title})
		}
	}
	out.Places = look.Places
	if err != nil {
		out.Fault = plainFault(err, x.URL)
		return look
	}
	p := look.Page
	out.Problems = append(out.Problems, p.Problems...)
	out.Leads = p.Leads[:min(len(p.Leads), previewLeads)]
	out.Statements = look.Found[:min(len(look.Found), previewStatements)]
	kind := look.Kind
	if out.Source.Kind != "" {
		kind = out.Source.Kind
	}
	switch {
	case kind.Posts():
		out.Found = fmt.Sprintf("posts of %s: %d", kind, look.Posts)
	case kind == record.SourceSitemap:
		out.Found = fmt.Sprintf("a sitemap with %d pages and %d further maps", len(p.Leads), len(p.Parts))
	case kind == record.SourceWordPress, kind == record.SourceGovUK:
		out.Found = fmt.Sprintf("an answer of the API, with %d pages", len(p.Leads))
	case p.Kind == record.FeedPage:
		kind, out.Found = record.SourceFeed, fmt.Sprintf("a feed, %q, with %d links", p.Title, len(p.Leads))
	case p.Kind == record.ListingPage:
		kind, out.Found = record.SourceListing, fmt.Sprintf("a page of links, %q, with %d that lead on", p.Title, len(p.Leads))
	default:
		if out.Found = fmt.Sprintf("a page, %q, with %d statements", p.Title, len(look.Found)); kind == "" {
			kind = record.SourcePage
			if p.Kind == record.LiveBlog {
				kind = record.SourceLive
			}
		}
	}
	if out.Source.Kind == "" { // nobody said what it is to be
		out.Source.Kind = kind
	}
	return look
}
