package crawler

import (
	"context"
	"errors"
	"net/url"
	"time"

	"onrecord/archive"
	"onrecord/ingest"
	"onrecord/record"
)

// begin takes the rest of the road what was kept but not recorded when the last
// process ended.
func (c *Crawler) begin(ctx context.Context) error {
	c.forget()
	if err := c.recover(ctx); err != nil {
		return err
	}
	latest, err := c.lastTried(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.torn = false
	if latest.After(c.latest) {
		c.latest = latest
	}
	return nil
}

// lastTried is the last time at which a source was to be asked, by the clock of
// whichever process did.
func (c *Crawler) lastTried(ctx context.Context) (latest time.Time, err error) {
	list, err := c.catalogue.Sources(ctx)
	if err != nil {
		return latest, err
	}
	for _, s := range list {
		v, err := c.catalogue.Visit(ctx, s.URL)
		if err != nil && !errors.Is(err, record.ErrNotFound) {
			return latest, err
		}
		if v.Tried.After(latest) {
			latest = v.Tried
		}
	}
	return latest, nil
}

// recover goes through the captures behind the watermark. A capture that the
// catalogue lacks is recorded; a visit that the catalogue has not heard of is
// settled, so that nothing is asked twice for a crash.
func (c *Crawler) recover(ctx context.Context) error {
	after, err := c.catalogue.Watermark(ctx)
	if err != nil {
		return err
	}
	w := wreck{c, map[string]road{}}
	for capture, err := range c.archive.Since(ctx, after) {
		if err != nil {
			return err
		}
		if err := w.recovered(ctx, capture); err != nil {
			return err
		}
		c.kept(capture.ID)
	}
	if err := w.unfinished(ctx); err != nil {
		return err
	}
	return c.mark(ctx)
}

// wreck is what a process left that ended early: answers whose visits were not
// settled. A visit may have asked at several addresses, one after the other; the
// roads are those whose end has not come up, by the address that was asked next.
type wreck struct {
	*Crawler
	roads map[string]road
}

// road is how far a visit, or the question for an origin's robots.txt, had come.
type road struct {
	visit     record.Visit
	robots    *url.URL // of the origin; nil for a visit
	asks      string   // the address that was asked first
	hops      int
	moved     string // see result
	permanent bool
	page      *result // the page that was read in the place of a feed and named it; nil for none
	at        time.Time
}

// recovered takes a capture the rest of its road.
func (w *wreck) recovered(ctx context.Context, capture record.Capture) (err error) {
	defer func() { // what broke the last process must not break each one after it
		if r := recover(); r != nil {
			w.o.Log.Error("capture left unrecorded: the reader broke on it, please report it", "url", capture.URL, "capture", capture.ID, "cause", r)
			err = nil
		}
	}()
	if capture.Via != "http" {
		return nil // an import is run again by whoever began it
	}
	_, err = w.catalogue.Capture(ctx, capture.ID)
	lost := errors.Is(err, record.ErrNotFound)
	if err != nil && !lost {
		return err
	}
	on, unheard, err := w.road(ctx, capture)
	if err != nil || !lost && !unheard {
		return err
	}
	x, err := w.archive.Get(ctx, capture.ID)
	if errors.Is(err, record.ErrDamaged) {
		return nil // verify names it
	}
	if err != nil {
		return err
	}
	s, err := w.source(ctx, on.visit.Source)
	if err != nil {
		return err
	}
	var of *record.Source
	if unheard && on.robots == nil && own(on.visit) {
		of = &s
	}
	out, err := w.ingest.CaptureAsking(ctx, capture, of, askNobody) // of one that is on record this only reads
	if err != nil || !unheard {
		return err
	}
	return w.arrived(ctx, s, on, x, out)
}

// road is the road that a capture is on, and whether it is one that the catalogue
// has not heard the end of.
func (w *wreck) road(ctx context.Context, capture record.Capture) (on road, unheard bool, err error) {
	if on, ok := w.roads[capture.URL]; ok {
		delete(w.roads, capture.URL)
		return on, true, nil
	}
	on = road{asks: capture.URL, permanent: true}
	known := false
	on.visit, known, err = w.visitAt(ctx, capture.URL)
	if err != nil || known {
		return on, known && on.visit.Tried.Before(capture.At), err
	}
	u, err := url.Parse(capture.URL)
	if err != nil || u.Path != "/robots.txt" {
		return on, false, nil //nolint:nilerr // no address that we asked
	}
	h, err := w.catalogue.Host(ctx, originOf(u))
	if err != nil && !errors.Is(err, record.ErrNotFound) {
		return on, false, err
	}
	on.robots = u
	return on, h.RobotsAt.Before(capture.At), nil
}

// visitAt is the visit that asked at an address: its own, or one of a source that
// has moved there.
func (w *wreck) visitAt(ctx context.Context, address string) (v record.Visit, known bool, err error) {
	v, err = w.catalogue.Visit(ctx, address)
	if err == nil || !errors.Is(err, record.ErrNotFound) {
		return v, err == nil, err
	}
	sources, err := w.allSources(ctx)
	if err != nil {
		return v, false, err
	}
	for _, s := range sources {
		if s.At == address {
			v, err = w.catalogue.Visit(ctx, s.URL)
			return v, err == nil, err
		}
	}
	return v, false, nil
}

// arrived settles what an answer is the end of, or goes on to where it leads.
func (w *wreck) arrived(ctx context.Context, s record.Source, on road, x archive.Exchange, out ingest.Outcome) error {
	on.at = x.At
	switch {
	case redirects(x):
		return w.redirected(ctx, s, on, x)
	case on.robots != nil:
		return w.robotsCame(ctx, on.robots, x)
	}
	r := outcome(result{asks: on.asks, final: x.URL, moved: on.moved, exchange: x, hops: x.Redirects, asked: true}, out)
	if until, ok := leftAlone(x, x.At); ok {
		if err := w.leaveAlone(ctx, x, until); err != nil {
			return err
		}
		r.retry = until
	}
	if on.page != nil {
		r = found(*on.page, r)
	} else if page := (*ingest.NotAFeed)(nil); own(on.visit) && errors.As(out.Unread, &page) {
		if u, err := url.Parse(x.URL); err == nil {
			if next := another(u, page.Feeds); next != nil {
				on.page = &r
				w.roads[next.String()] = on
				return nil
			}
		}
	}
	return w.end(ctx, s, on, r)
}

// redirected goes on to where an answer leads.
func (w *wreck) redirected(ctx context.Context, s record.Source, on road, x archive.Exchange) error {
	u, err := url.Parse(x.URL)
	if err != nil {
		return nil //nolint:nilerr // it was asked, so it is one
	}
	most := maxRedirects
	if on.robots != nil {
		most = robotsRedirects
	}
	next, fault := follow(u, x)
	on.permanent = on.permanent && permanently(x)
	switch {
	case on.robots != nil && (fault != "" || on.hops == most):
		return w.robotsCame(ctx, on.robots, x)
	case fault != "":
		return w.end(ctx, s, on, result{asks: on.asks, final: x.URL, exchange: x, state: record.VisitFailed, fault: fault, asked: true})
	case on.hops == most:
		return w.end(ctx, s, on, result{asks: on.asks, final: x.URL, exchange: x, state: record.VisitFailed, fault: endless(x), asked: true})
	case on.robots == nil && !own(on.visit):
		if known, err := w.onRecord(ctx, next.String(), on.visit.URL); err != nil || known {
			return errors.Join(err, w.end(ctx, s, on, result{asks: on.asks, final: x.URL, exchange: x, known: next.String(), asked: true}))
		}
	}
	if on.permanent {
		on.moved = next.String()
	}
	on.hops++
	w.roads[next.String()] = on
	return nil
}

// end settles a visit at the time of its last answer.
func (w *wreck) end(ctx context.Context, s record.Source, on road, r result) error {
	w.o.Log.Info("visit of a process that ended early settled", "url", withoutUser(on.visit.URL), "capture", r.outcome.Capture.ID)
	_, err := w.settle(ctx, s, on.visit, r, on.at)
	return err
}

// robotsCame has an answer be an origin's robots.txt.
func (w *wreck) robotsCame(ctx context.Context, u *url.URL, x archive.Exchange) error {
	h, err := w.hosts.take(ctx, u)
	if err != nil {
		return err
	}
	defer h.release()
	h.answered(x)
	return w.setRules(ctx, h, x.At)
}

// leaveAlone has the host of an answer left alone until it wants to be asked.
func (w *wreck) leaveAlone(ctx context.Context, x archive.Exchange, until time.Time) error {
	u, err := url.Parse(x.URL)
	if err != nil {
		return nil //nolint:nilerr // it was asked, so it is one
	}
	h, err := w.hosts.take(ctx, u)
	if err != nil {
		return err
	}
	defer h.release()
	h.NotBefore = until
	return w.catalogue.SetHost(ctx, h.Host)
}

// unfinished goes on with the visits that had read a page in the place of a feed
// and not asked for that yet. A chain of redirects is asked anew from its
// beginning: what it set on the way is not known any more.
func (w *wreck) unfinished(ctx context.Context) error {
	for _, on := range w.roads {
		var page *ingest.NotAFeed
		if on.page == nil || !errors.As(on.page.outcome.Unread, &page) {
			continue
		}
		s, err := w.source(ctx, on.visit.Source)
		if err != nil {
			return err
		}
		u, err := url.Parse(on.page.final)
		if err != nil {
			continue // it was asked, so it is one
		}
		r, err := w.discovered(ctx, request{url: u, encoding: "gzip", limit: maxFeed}, *on.page, page, &s)
		if err != nil {
			return err
		}
		on.at = w.o.Clock.Now()
		if err := w.end(ctx, s, on, r); err != nil {
			return err
		}
	}
	return nil
}

// kept notes the capture that was kept last.
func (c *Crawler) kept(id record.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = id
	c.since++
}

// tear notes that something may have been kept that is not on record, or of which
// no visit was settled: the watermark stays, so that the next run looks for it.
func (c *Crawler) tear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.torn = true
}

// markEvery is after how many captures the watermark is moved in a run that goes
// on: so many are looked through after a crash.
const markEvery = 500

func (c *Crawler) unmarked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.since
}

// mark moves the watermark to the capture kept last. It is called only while no
// visit is under way. Where something may have been kept and not recorded, the
// next process looks for it.
func (c *Crawler) mark(ctx context.Context) error {
	c.mu.Lock()
	last, torn := c.last, c.torn || c.fault != nil
	c.since = 0
	c.mu.Unlock()
	if last == "" || torn {
		return nil
	}
	return c.catalogue.SetWatermark(ctx, last)
}
