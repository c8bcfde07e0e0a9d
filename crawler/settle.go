package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"onrecord/record"
)

// settle remembers how a visit went, when the address is asked again, and the
// links that were found. Noted is as in visit.
func (c *Crawler) settle(ctx context.Context, s record.Source, v *record.Visit, r result, now time.Time) (noted bool, err error) {
	told := Told{Source: s, NotModified: r.fault == "" && r.exchange.Status == http.StatusNotModified, Added: r.outcome.Added}
	visits := []record.Visit{}
	before := *v
	v.Tried, v.Status, v.Took = now, r.exchange.Status, r.took.Milliseconds()
	if r.fault == "" {
		leads, err := c.leads(ctx, s, *v, r, now)
		if err != nil {
			return false, err
		}
		if len(leads) > 0 {
			added, err := c.catalogue.Visited(ctx, nil, leads)
			if err != nil {
				return false, err
			}
			told.Leads, v.Leads = added, v.Leads+added
		}
		if err := c.takenOut(ctx, s, *v, r, leads, now); err != nil {
			return false, err
		}
		succeeded(v, r, now, news(before, r, told.Leads))
		if visits, err = c.others(ctx, *v, r); err != nil {
			return false, err
		}
	} else {
		failed(v, r, now)
	}
	slug, err := c.incidentOf(ctx, s, now)
	if err != nil {
		return false, err
	}
	c.o.Rhythm.plan(s, before, v, r, slug, now)
	if err := c.settleMove(ctx, s, v); err != nil {
		return false, err
	}
	more, err := c.follows(ctx, s, v, r, told.Leads, now)
	if err != nil {
		return false, err
	}
	visits = append(visits, more...)
	var instead []record.Visit
	if r.fault != "" {
		instead = c.instead(s, *v, now)
	}
	if noted = told.NotModified && len(visits) == 0; noted {
		err = c.note(ctx, *v)
	} else {
		_, err = c.catalogue.Visited(ctx, append(visits, *v), instead)
	}
	if err != nil {
		return false, err
	}
	told.Visit = *v
	c.log(told, before.Error, now)
	c.tell(told)
	return noted, nil
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
func news(before record.Visit, r result, leads int) bool {
	a := r.outcome.Added
	return leads > 0 || a.Pages > 0 && before.Succeeded.IsZero() || a.Versions+a.Statements+a.Sightings+a.Wordings+a.Gone > 0
}

func succeeded(v *record.Visit, r result, now time.Time, news bool) {
	x := r.exchange
	v.State, v.Succeeded, v.Failures, v.Error, v.Absent = record.VisitOK, now, 0, "", time.Time{}
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
	if news {
		v.Changed = now
	}
	v.SHA256, v.Capture, v.ETag, v.LastModified, v.Final = r.outcome.Capture.SHA256, r.outcome.Capture.ID, "", "", ""
	if r.final == r.asks || r.asks == "" && r.final == v.URL { // validators belong to the address that gave them
		v.ETag, v.LastModified = x.Header.Get("Etag"), x.Header.Get("Last-Modified")
	}
	if r.final != v.URL && !v.Lead {
		v.Final = r.final
	}
	v.Statements += r.outcome.Statements + r.outcome.Sightings // of both: new here
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

// takenOut notes what a source lists now, and has pages looked at again soon that
// it has taken out: they may have been removed.
func (c *Crawler) takenOut(ctx context.Context, s record.Source, v record.Visit, r result, leads []record.Visit, now time.Time) error {
	if v.Lead || !s.Kind.Leads() || r.exchange.Status != http.StatusOK || r.outcome.Capture.ID == "" {
		return nil
	}
	urls := make([]string, len(leads))
	for i, l := range leads {
		urls[i] = l.URL
	}
	gone, err := c.catalogue.Listed(ctx, s.ID, urls, now)
	if err != nil {
		return err
	}
	var soon []record.Visit
	for _, url := range gone[:min(len(gone), mostLooked)] {
		page, err := c.catalogue.Visit(ctx, url)
		if err != nil && !errors.Is(err, record.ErrNotFound) {
			return err
		}
		if err == nil && page.Again() && page.State == record.VisitOK && page.Due.After(now) {
			page.Due = now
			soon = append(soon, page)
		}
	}
	if len(soon) > 0 {
		_, err = c.catalogue.Visited(ctx, soon, nil)
	}
	return err
}

// others are further addresses of the page that a lead brought: where it
// redirected to, and its own canonical one. They are not asked on their own.
func (c *Crawler) others(ctx context.Context, v record.Visit, r result) ([]record.Visit, error) {
	if own(v) || r.known != "" || r.exchange.Status == http.StatusNotModified {
		return nil, nil
	}
	var out []record.Visit
	for _, other := range []string{r.final, r.outcome.Page.CanonicalURL} {
		address, err := c.o.Canonical(other)
		if err != nil || address == v.URL || len(out) > 0 && out[0].URL == address {
			continue
		}
		known, err := c.catalogue.Visit(ctx, address)
		switch {
		case err != nil && !errors.Is(err, record.ErrNotFound):
			return nil, err
		case err == nil && (!known.Lead || !known.Succeeded.IsZero()):
			continue
		}
		twin := v
		twin.URL, twin.Of, twin.Notes, twin.Due = address, v.URL, []string{"the page of " + v.URL}, time.Time{}
		twin.ETag, twin.LastModified, twin.Statements, twin.Leads = "", "", 0, 0
		out = append(out, twin)
	}
	return out, nil
}
