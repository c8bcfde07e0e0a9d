package crawler

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"onrecord/catalogue"
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
// address.
func (x *settlement) leads(b catalogue.Settling) ([]record.Visit, error) {
	if !own(x.visit) || !x.source.Kind.Leads() {
		return nil, nil
	}
	var out []record.Visit
	seen := map[string]bool{x.visit.URL: true, x.source.URL: true}
	for _, l := range x.result.outcome.Page.Leads {
		address, err := x.o.Canonical(l.URL)
		if err != nil || seen[address] {
			continue
		}
		seen[address] = true
		if address, err = x.place(b, address); err != nil {
			return nil, err
		}
		out = append(out, record.Visit{URL: address, Source: x.source.ID, Lead: true, Due: x.now})
	}
	return out, nil
}

// place is where a page is asked for: as JSON where its host gives that, unless
// the page itself is on record.
func (c *Crawler) place(b catalogue.Settling, page string) (string, error) {
	if c.o.Content == nil {
		return page, nil
	}
	content := c.o.Content(page)
	if content == "" {
		return page, nil
	}
	itself, known, err := remembered(b, page)
	if err != nil || !known || itself.Succeeded.IsZero() {
		return content, err
	}
	if _, known, err = remembered(b, content); !known {
		return page, err
	}
	return content, err
}

// instead is the page itself where its host's JSON is not to be had for good.
func (x *settlement) instead() []record.Visit {
	v := x.visit
	if own(v) || x.o.PageOf == nil || !v.Due.IsZero() && v.State != record.VisitRobots {
		return nil
	}
	page := x.o.PageOf(v.URL)
	if page == "" || x.o.Content(page) != v.URL {
		return nil
	}
	return []record.Visit{{URL: page, Source: x.source.ID, Lead: true, Due: x.now}}
}

// What lists pages says when each last changed; some list the time of asking.
const (
	leastAgain = time.Hour      // between two visits of a page for what a list says
	mapAge     = 24 * time.Hour // after which a sitemap without a date in its index is read again
)

// again are the visits of pages that have changed since they were asked, as the
// source's answer says.
func (x *settlement) again(b catalogue.Settling) ([]record.Visit, error) {
	if !x.source.Kind.Leads() {
		return nil, nil
	}
	var out []record.Visit
	for _, l := range x.result.outcome.Page.Leads {
		address, err := x.o.Canonical(l.URL)
		if err != nil || !l.Modified.Known() {
			continue
		}
		if address, err = x.place(b, address); err != nil {
			return nil, err
		}
		v, known, err := remembered(b, address)
		if err != nil {
			return nil, err
		}
		if !known || own(v) || v.Succeeded.IsZero() || !outdated(v, l.Modified, x.now) || slices.ContainsFunc(out, func(o record.Visit) bool { return o.URL == v.URL }) {
			continue
		}
		v.Due = x.now
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
func (x *settlement) follows(b catalogue.Settling) ([]record.Visit, error) {
	if !own(x.visit) {
		return nil, nil
	}
	out, err := x.again(b)
	if err != nil || x.visit.Part >= x.source.Depth() {
		return out, err
	}
	next, err := x.next(b, len(out))
	if err != nil {
		return nil, err
	}
	parts, err := x.parts(b)
	return slices.Concat(out, next, parts), err
}

// next is the visit of the address where the answer goes on, if it brought
// something new: new links, posts or words, or some pages that changed.
func (x *settlement) next(b catalogue.Settling, changed int) ([]record.Visit, error) {
	address := x.result.outcome.Page.Next
	if address == "" {
		return nil, nil
	}
	next, known, err := x.goesOn(b, address)
	if err != nil || next.URL == x.source.URL || next.Part == 0 {
		return nil, err
	}
	if x.fresh+changed+x.result.outcome.News == 0 && (x.source.Since == "" || known) {
		return nil, nil
	}
	return []record.Visit{next}, nil
}

// parts are the visits of the answer's parts that are due.
func (x *settlement) parts(b catalogue.Settling) (out []record.Visit, err error) {
	for _, l := range x.result.outcome.Page.Parts {
		if !l.Modified.Known() {
			x.visit.ETag, x.visit.LastModified = "", "" // an index that stays the same says nothing about its maps
		}
		part, known, err := x.goesOn(b, l.URL)
		if err != nil {
			return nil, err
		}
		if part.Part == 0 || part.URL == x.source.URL || known && !partDue(x.source, part, l, x.now) || len(out) >= x.source.Depth() {
			continue
		}
		out = append(out, part)
	}
	return out, nil
}

// goesOn is the visit of an address that a source's answer goes on at, and
// whether it was asked before. An address that is something else on record is no
// part: it comes back with Part 0.
func (x *settlement) goesOn(b catalogue.Settling, address string) (v record.Visit, known bool, err error) {
	on := record.Visit{Source: x.source.ID, Lead: true, Part: x.visit.Part + 1, Due: x.now}
	if on.URL, err = x.o.Canonical(address); err != nil {
		return record.Visit{}, false, nil //nolint:nilerr // nowhere to go on
	}
	v, known, err = remembered(b, on.URL)
	switch {
	case err != nil:
		return v, false, err
	case !known:
		return on, false, nil
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
