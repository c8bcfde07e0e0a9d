package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"onrecord/catalogue"
	"onrecord/record"
)

// settlement is how a visit that ended is settled. Its visit comes to be as it is
// remembered from now on.
type settlement struct {
	*Crawler
	source record.Source
	before record.Visit
	visit  record.Visit
	result result
	slug   string // of the running incident that the source belongs to; "" for none
	now    time.Time
	fresh  int // leads that were new
}

// settle remembers how a visit went, when the address is asked again, and the
// links that were found. Noted is as in visit.
func (c *Crawler) settle(ctx context.Context, s record.Source, v record.Visit, r result, now time.Time) (noted bool, err error) {
	slug, err := c.incidentOf(ctx, s, now)
	if err != nil {
		return false, err
	}
	if r.fault == "" && r.exchange.Status == http.StatusNotModified { // of which nothing comes but that it came
		return true, c.unchanged(ctx, s, v, r, slug, now)
	}
	x := settlement{Crawler: c, source: s, before: v, visit: v, result: r, slug: slug, now: now}
	x.went()
	if r.fault != "" {
		x.plan() // else what it brought is asked first
	}
	if err := c.offered(ctx, s, x.visit, r, now); err != nil {
		return false, err
	}
	if err := c.settleMove(ctx, s, &x.visit); err != nil {
		return false, err
	}
	if err := c.catalogue.Settle(ctx, x.write); err != nil {
		return false, err
	}
	if err := c.hinted(ctx, s, x.visit, now); err != nil {
		return false, err
	}
	c.told(Told{Source: s, Visit: x.visit, Added: r.outcome.Added, Leads: x.fresh}, x.before.Error)
	return false, nil
}

// hinted has a source asked again soon of which a hub told while it was read.
func (c *Crawler) hinted(ctx context.Context, s record.Source, v record.Visit, now time.Time) error {
	if v.Lead || !c.takeHint(s.ID) {
		return nil
	}
	return c.dueAtOnce(ctx, v.URL, now.Add(pushGap))
}

// unchanged remembers a visit that ended with a 304, later, with others.
func (c *Crawler) unchanged(ctx context.Context, s record.Source, v record.Visit, r result, slug string, now time.Time) error {
	before := v
	v.Tried, v.Status, v.Took, v.Redirects = now, r.exchange.Status, r.took.Milliseconds(), r.hops
	succeeded(&v, r, now)
	if err := c.settleMove(ctx, s, &v); err != nil {
		return err
	}
	c.o.Rhythm.plan(s, before, &v, r, slug, now)
	if err := errors.Join(c.note(ctx, v), c.hinted(ctx, s, v, now)); err != nil {
		return err
	}
	c.told(Told{Source: s, Visit: v, NotModified: true}, before.Error)
	return nil
}

// told logs a visit that ended and hands it on.
func (c *Crawler) told(t Told, before string) {
	c.log(t, before, t.Visit.Tried)
	c.tell(t)
}

// went takes into the visit how it went.
func (x *settlement) went() {
	v := &x.visit
	v.Tried, v.Status, v.Took, v.Redirects = x.now, x.result.exchange.Status, x.result.took.Milliseconds(), x.result.hops
	if x.result.fault == "" {
		succeeded(v, x.result, x.now)
	} else {
		failed(v, x.result, x.now)
	}
}

func (x *settlement) plan() {
	x.o.Rhythm.plan(x.source, x.before, &x.visit, x.result, x.slug, x.now)
}

// write writes the visit and what comes of it.
func (x *settlement) write(b catalogue.Settling) error {
	if x.result.fault != "" {
		_, err := b.Visited([]record.Visit{x.visit}, x.instead())
		return err
	}
	leads, err := x.leads(b)
	if err != nil {
		return err
	}
	if x.fresh, err = b.Visited(nil, leads); err != nil {
		return err
	}
	x.visit.Leads += x.fresh
	if x.news() {
		x.visit.Changed = x.now
	}
	soon, err := x.takenOut(b, leads)
	if err != nil {
		return err
	}
	twins, err := x.twins(b)
	if err != nil {
		return err
	}
	if err := x.fold(b); err != nil {
		return err
	}
	x.plan()
	more, err := x.follows(b)
	if err != nil {
		return err
	}
	posts, err := x.embedded(b)
	if err != nil {
		return err
	}
	_, err = b.Visited(slices.Concat(soon, twins, more, posts, []record.Visit{x.visit}), nil)
	return err
}

// alarmAfter is after how many visits in a row that failed somebody is wanted.
const alarmAfter = 3

// log writes what an operator would miss: what is new, and a fault when it
// begins.
func (c *Crawler) log(t Told, before string, now time.Time) {
	switch v := t.Visit; {
	case v.Error != "" && !v.Lead && v.Failures == alarmAfter && v.Tried.Equal(now) && v.State == record.VisitFailed:
		c.o.Log.Error("source failed again and again", "url", withoutUser(v.URL), "source", t.Source.Name, "failures", v.Failures, "reason", v.Error)
	case v.Error != "" && before == "":
		c.o.Log.Warn("visit failed", "url", withoutUser(v.URL), "source", t.Source.Name, "state", string(v.State), "reason", v.Error)
	case v.Error == "" && v.Changed.Equal(now):
		c.o.Log.Info("page kept", "url", v.URL, "status", v.Status, "statements", t.Added.Statements, "sightings", t.Added.Sightings, "new_pages", t.Leads)
	}
}

// news reports whether a good answer brought something that was not on record:
// other words or dates, or new links. Bytes alone that are others (a counter, an
// advert, the time at which a feed was built) are none.
func (x *settlement) news() bool {
	a := x.result.outcome.Added
	return x.result.known == "" && (x.fresh > 0 || x.result.outcome.Changed || a.Pages > 0 && x.before.Succeeded.IsZero() || a.Versions+a.Statements+a.Sightings+a.Wordings+a.Gone > 0)
}

func succeeded(v *record.Visit, r result, now time.Time) {
	x := r.exchange
	v.State, v.Succeeded, v.Failures, v.Error, v.Absent, v.Unread = record.VisitOK, now, 0, "", time.Time{}, ""
	if r.known != "" {
		v.Of, v.Notes = r.known, []string{"leads to " + r.known + ", which is on record"}
		return
	}
	if x.Status == http.StatusNotModified {
		return
	}
	v.Notes = append(r.notes, r.outcome.Page.Problems...)
	if !v.Lead {
		moved(v, r)
	}
	v.SHA256, v.Capture, v.Final = r.outcome.Capture.SHA256, r.outcome.Capture.ID, ""
	v.ETag, v.LastModified = r.validators()
	if r.final != v.URL && !v.Lead {
		v.Final = r.final
	}
	v.Statements += r.outcome.Statements + r.outcome.Sightings // of both: new here
}

// validators are those of the answer, for the next question at the address that
// was asked: they belong to the address that gave them.
func (r result) validators() (etag, modified string) {
	if r.final != r.asks {
		return "", ""
	}
	return r.exchange.Header.Get("Etag"), r.exchange.Header.Get("Last-Modified")
}

// movedFor is how many answers in a row must say that a source has moved to one
// address before it is asked there.
const movedFor = 3

// moved notes whether a source said that it has moved for good.
func moved(v *record.Visit, r result) {
	switch {
	case r.moved == "":
		v.Moved, v.MovedTimes = "", 0
		return
	case r.moved == v.Moved:
		v.MovedTimes++
	default:
		v.Moved, v.MovedTimes = r.moved, 1
	}
	v.Notes = append([]string{fmt.Sprintf("moved permanently to %s, as %s said; from the third in a row on it is asked there", r.moved, map[bool]string{true: "one answer", false: "two answers or more"}[v.MovedTimes == 1])}, v.Notes...)
}

// settleMove has a source asked where it moved for good, once enough answers said
// so, and at its own address again where the other one fails. Both are lines of
// the edit log.
func (c *Crawler) settleMove(ctx context.Context, s record.Source, v *record.Visit) error {
	at, e := s.At, record.Edit{Who: "crawler"}
	switch {
	case v.Lead || !s.Watched():
		return nil
	case v.Error == "" && v.MovedTimes >= movedFor:
		address, err := c.o.Canonical(v.Moved)
		if err != nil {
			return nil //nolint:nilerr // it stays where it is
		}
		at, e.Action, e.Why = address, "source.moved", fmt.Sprintf("%d answers in a row said that it has moved there for good", v.MovedTimes)
	case s.At != "" && v.Failures == movedFor:
		at, e.Action, e.Why = "", "source.moved_back", s.At+": "+v.Error
	}
	if at == s.At {
		return nil
	}
	if at == s.URL { // back where it came from
		at = ""
	}
	now, err := c.catalogue.Source(ctx, s.URL) // as it is by now
	if err != nil {
		return err
	}
	now.At, v.Moved, v.MovedTimes, v.ETag, v.LastModified, v.Final = at, "", 0, "", "", at
	v.Notes = slices.DeleteFunc(v.Notes, func(n string) bool { return strings.HasPrefix(n, "moved permanently to ") })
	defer c.forget()
	return c.catalogue.SetSources(ctx, []record.Source{now}, e)
}

func failed(v *record.Visit, r result, now time.Time) {
	v.State, v.Error = r.state, r.fault
	v.LastError, v.FailedAt = r.fault, now
	switch status := r.exchange.Status; {
	case r.state == record.VisitGone || status == http.StatusNotModified: // asked for anew from now on
		v.Unread, v.ETag, v.LastModified = "", "", ""
	case r.outcome.Unread != nil && status == http.StatusOK:
		v.Unread = r.outcome.Capture.ID
		v.ETag, v.LastModified = r.validators()
	}
	if r.asked {
		v.Failures++
	}
	switch {
	case r.state == record.VisitGone && v.Absent.IsZero():
		v.Absent = now
	case r.state != record.VisitGone && r.asked:
		v.Absent = time.Time{}
	}
}

// mostLooked is how many pages are looked at at once because their feed no longer
// lists them.
const mostLooked = 20

// takenOut notes what a source lists now, and gives visits, due soon, of pages
// that it has taken out: they may have been removed.
func (x *settlement) takenOut(b catalogue.Settling, leads []record.Visit) ([]record.Visit, error) {
	posts := x.source.Kind.Posts()
	if x.visit.Lead || !x.source.Kind.Leads() && !posts || x.result.exchange.Status != http.StatusOK || x.result.outcome.Capture.ID == "" {
		return nil, nil
	}
	urls := make([]string, len(leads))
	for i, l := range leads {
		urls[i] = l.URL
	}
	for _, p := range x.result.outcome.Posted {
		if posts {
			urls = append(urls, p.URL)
		}
	}
	gone, err := b.Listed(x.source.ID, urls, x.now)
	if err != nil {
		return nil, err
	}
	var soon []record.Visit
	for _, url := range gone[:min(len(gone), mostLooked)] {
		if posts {
			if soon, err = x.post(b, soon, platformOf(x.source.Kind), url, x.now); err != nil {
				return nil, err
			}
			continue
		}
		page, known, err := remembered(b, url)
		if err != nil {
			return nil, err
		}
		if known && page.Again() && page.State == record.VisitOK && page.Due.After(x.now) {
			page.Due = x.now
			soon = append(soon, page)
		}
	}
	return soon, nil
}

// remembered is the visit of an address, where there is one.
func remembered(b catalogue.Settling, url string) (v record.Visit, known bool, err error) {
	v, err = b.Visit(url)
	if errors.Is(err, record.ErrNotFound) {
		return v, false, nil
	}
	return v, err == nil, err
}

// twins are further addresses of the page that a lead brought: where it
// redirected to, and its own canonical one. They are not asked on their own.
func (x *settlement) twins(b catalogue.Settling) ([]record.Visit, error) {
	if own(x.visit) || x.result.known != "" {
		return nil, nil
	}
	var out []record.Visit
	for _, other := range []string{x.result.final, x.result.outcome.Page.CanonicalURL} {
		address, err := x.o.Canonical(other)
		if err != nil || address == x.visit.URL || len(out) > 0 && out[0].URL == address {
			continue
		}
		there, known, err := remembered(b, address)
		if err != nil {
			return nil, err
		}
		if known && (!there.Lead || !there.Succeeded.IsZero()) {
			continue
		}
		twin := x.visit
		twin.URL, twin.Of, twin.Notes, twin.Due = address, x.visit.URL, []string{"the page of " + x.visit.URL}, time.Time{}
		twin.ETag, twin.LastModified, twin.Statements, twin.Leads = "", "", 0, 0
		out = append(out, twin)
	}
	return out, nil
}
