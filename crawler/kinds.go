package crawler

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"onrecord/record"
)

// own reports whether an address is the source's own, or goes on from it: then
// it is read as the source is, and not as a page found there.
func own(v record.Visit) bool { return !v.Lead || v.Part > 0 }

// lacksToken says why an account of X is not asked; "" where it may be.
func (c *Crawler) lacksToken(s record.Source, u *url.URL) string {
	if s.Kind != record.SourceX || c.o.Tokens[originOf(u)] != "" {
		return ""
	}
	return "not asked: there is no token for " + u.Host + " (ONRECORD_X_TOKEN or ONRECORD_X_TOKEN_FILE); posts are kept where pages embed them"
}

// unsigned are request headers without what proves who asks.
func unsigned(h http.Header) http.Header {
	if h.Get("Authorization") != "" {
		h = h.Clone()
		h.Del("Authorization")
	}
	return h
}

// leads are the links that a source's answer gives, each by its canonical
// address, and those known already that have changed since they were asked.
func (c *Crawler) leads(ctx context.Context, s record.Source, v record.Visit, r result, now time.Time) ([]record.Visit, error) {
	if !own(v) || !s.Kind.Leads() {
		return nil, nil
	}
	var out []record.Visit
	seen := map[string]bool{v.URL: true, s.URL: true}
	for _, l := range r.outcome.Page.Leads {
		address, err := c.o.Canonical(l.URL)
		if err != nil || seen[address] {
			continue
		}
		seen[address] = true
		if address, err = c.place(ctx, address); err != nil {
			return nil, err
		}
		out = append(out, record.Visit{URL: address, Source: s.ID, Lead: true, Due: now})
	}
	return out, nil
}

// place is where a page is asked for: as JSON where its host gives that, unless
// the page itself is on record.
func (c *Crawler) place(ctx context.Context, page string) (string, error) {
	if c.o.Content == nil {
		return page, nil
	}
	content := c.o.Content(page)
	if content == "" {
		return page, nil
	}
	known, err := c.catalogue.Visit(ctx, page)
	if err == nil && known.Succeeded.IsZero() || errors.Is(err, record.ErrNotFound) {
		return content, nil
	}
	if err != nil {
		return page, err
	}
	if _, err = c.catalogue.Visit(ctx, content); errors.Is(err, record.ErrNotFound) {
		return page, nil
	}
	return content, err
}

// instead is the page itself where its host's JSON is not to be had for good.
func (c *Crawler) instead(s record.Source, v record.Visit, now time.Time) []record.Visit {
	if own(v) || c.o.PageOf == nil || !v.Due.IsZero() && v.State != record.VisitRobots {
		return nil
	}
	page := c.o.PageOf(v.URL)
	if page == "" || c.o.Content(page) != v.URL {
		return nil
	}
	return []record.Visit{{URL: page, Source: s.ID, Lead: true, Due: now}}
}

// What lists pages says when each last changed; some list the time of asking.
const (
	leastAgain = time.Hour      // between two visits of a page for what a list says
	mapAge     = 24 * time.Hour // after which a sitemap without a date in its index is read again
)

// again are the visits of pages that have changed since they were asked, as the
// source's answer says.
func (c *Crawler) again(ctx context.Context, r result, now time.Time) ([]record.Visit, error) {
	var out []record.Visit
	for _, l := range r.outcome.Page.Leads {
		address, err := c.o.Canonical(l.URL)
		if err != nil || !l.Modified.Known() {
			continue
		}
		if address, err = c.place(ctx, address); err != nil {
			return nil, err
		}
		v, err := c.catalogue.Visit(ctx, address)
		if errors.Is(err, record.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if own(v) || v.Succeeded.IsZero() || !outdated(v, l.Modified, now) || slices.ContainsFunc(out, func(o record.Visit) bool { return o.URL == v.URL }) {
			continue
		}
		v.Due = now
		out = append(out, v)
	}
	return out, nil
}

// outdated reports whether a page that was asked has changed since. A change
// that is known by its day alone may have come after a visit on that day: the
// page is asked again once the day is over.
func outdated(v record.Visit, changed record.Instant, now time.Time) bool {
	if now.Sub(v.Tried) < leastAgain || changed.Time.After(now) {
		return false
	}
	end := changed.End()
	return v.Tried.Before(changed.Time) || changed.Precision != record.ToSecond && changed.Precision != record.ToMinute && !end.After(now) && v.Tried.Before(end)
}

// follows are the visits that a source's answer asks for beside new pages: of
// pages that changed, of where the answer goes on as long as it brings something
// new, and of its parts.
func (c *Crawler) follows(ctx context.Context, s record.Source, v *record.Visit, r result, fresh int, now time.Time) ([]record.Visit, error) {
	if r.fault != "" || !own(*v) || r.exchange.Status == http.StatusNotModified {
		return nil, nil
	}
	page := r.outcome.Page
	var out []record.Visit
	if s.Kind.Leads() {
		var err error
		if out, err = c.again(ctx, r, now); err != nil {
			return nil, err
		}
	}
	fresh += len(out) + r.outcome.News
	if v.Part >= s.Depth() {
		return out, nil
	}
	on := record.Visit{Source: s.ID, Lead: true, Part: v.Part + 1, Due: now}
	if page.Next != "" {
		next, known, err := c.goesOn(ctx, on, page.Next)
		if err != nil {
			return nil, err
		}
		if next.URL != s.URL && next.Part > 0 && (fresh > 0 || r.late || s.Since != "" && !known) {
			out = append(out, next)
		}
	}
	parts := 0
	for _, l := range page.Parts {
		if !l.Modified.Known() {
			v.ETag, v.LastModified = "", "" // an index that stays the same says nothing about its maps
		}
		part, known, err := c.goesOn(ctx, on, l.URL)
		if err != nil {
			return nil, err
		}
		if part.Part == 0 || part.URL == s.URL || known && !partDue(s, part, l, now) || parts >= s.Depth() {
			continue
		}
		parts++
		out = append(out, part)
	}
	return out, nil
}

// goesOn is the visit of an address that a source's answer goes on at, and
// whether it was asked before. An address that is something else on record is no
// part: it comes back with Part 0.
func (c *Crawler) goesOn(ctx context.Context, on record.Visit, address string) (v record.Visit, known bool, err error) {
	if on.URL, err = c.o.Canonical(address); err != nil {
		return record.Visit{}, false, nil //nolint:nilerr // nowhere to go on
	}
	v, err = c.catalogue.Visit(ctx, on.URL)
	switch {
	case errors.Is(err, record.ErrNotFound):
		return on, false, nil
	case err != nil:
		return v, false, err
	case v.Part == 0:
		return record.Visit{}, true, nil
	}
	v.Source, v.Part, v.Due = on.Source, on.Part, on.Due
	return v, !v.Tried.IsZero(), nil
}

// partDue reports whether a part that was read is read again: where the index
// says that it changed, and where it says nothing after a day.
func partDue(s record.Source, part record.Visit, l record.Lead, now time.Time) bool {
	switch {
	case l.Modified.Known():
		return part.State != record.VisitOK || outdated(part, l.Modified, now)
	case s.Kind.Posts():
		return true
	}
	return now.Sub(part.Tried) >= mapAge
}
