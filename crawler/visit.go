package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"onrecord/archive"
	"onrecord/guard"
	"onrecord/ingest"
	"onrecord/record"
)

// result is what a visit brought: an answer that was read, or why there is none.
type result struct {
	asks     string // the address that was asked
	final    string // the address that answered
	moved    string // where a permanent redirect leads; "" for none
	known    string // an address already on record that this one leads to
	exchange archive.Exchange
	outcome  ingest.Outcome
	state    record.VisitState // of a visit without an answer
	fault    string            // in words; "" for an answer that was read
	asked    bool              // a request was made
	notes    []string          // what the host did that its people or ours should know
	retry    time.Time         // when the host wants to be asked again
	late     bool              // settled after a crash: what was new in it is not known any more
	took     time.Duration     // of the last request
}

// note keeps what was not noted before.
func (r *result) note(what string) {
	if !slices.Contains(r.notes, what) {
		r.notes = append(r.notes, what)
	}
}

// refusal is the error of an address that is not asked.
type refusal struct {
	state record.VisitState
	why   string
	until time.Time // when to ask again; zero for the usual time
	asked bool      // the host was asked, and refused itself
}

func (r *refusal) Error() string { return r.why }

// visit asks for one address and remembers how that went. Noted is true where
// it will be written later, with others (notes). The error is a store's, or
// ctx's.
func (c *Crawler) visit(ctx context.Context, v record.Visit) (noted bool, err error) {
	s, err := c.source(ctx, v.Source)
	if err != nil {
		return false, err
	}
	defer func() {
		if r := recover(); r != nil { // a stranger's answer must not end the run
			noted, err = c.settle(ctx, s, &v, result{state: record.VisitFailed, fault: fmt.Sprintf("the crawler broke on it (%v); please report it", r)}, c.o.Clock.Now())
		}
	}()
	r, err := c.ask(ctx, s, v)
	if err != nil {
		return false, err
	}
	return c.settle(ctx, s, &v, r, c.o.Clock.Now())
}

// ask asks for the address of a visit, follows where it leads, and has every
// answer kept. The error is a store's, or ctx's; anything else is a result.
func (c *Crawler) ask(ctx context.Context, s record.Source, v record.Visit) (result, error) {
	address := v.URL
	if !v.Lead && s.At != "" {
		address = s.At
	}
	u, err := guard.CheckURL(address)
	if err != nil {
		return result{state: record.VisitBarred, fault: inWords(err)}, nil
	}
	r, permanent := result{asked: true, asks: address}, true
	q := request{url: u, encoding: "gzip", limit: maxPage, jar: &cookies{}, note: r.note}
	if s.Kind != record.SourcePage && own(v) {
		q.limit = maxFeed
	}
	if why := c.lacksToken(s, q.url); why != "" && own(v) {
		return result{state: record.VisitBarred, fault: why}, nil
	}
	if v.SHA256 != "" && v.State == record.VisitOK { // a 304 must not hide that a page came back
		q.etag, q.modified = v.ETag, v.LastModified
	}
	var of *record.Source
	if own(v) {
		of = &s
	}
	q.took = &r.took
	for hop := 0; ; hop++ {
		x, err := c.polite(ctx, q)
		if err != nil {
			return c.refused(ctx, err)
		}
		r.final, r.exchange = q.url.String(), x
		if !redirects(x) {
			return c.conclude(ctx, q, &r, of)
		}
		if _, err := c.keep(ctx, x, nil); err != nil {
			return r, err
		}
		if hop == maxRedirects {
			r.state, r.fault = record.VisitFailed, fmt.Sprintf("redirect loop: still redirected after %d hops, last to %s", maxRedirects, withoutUser(x.Header.Get("Location")))
			return r, nil
		}
		next, fault := follow(q.url, x)
		if fault != "" {
			r.state, r.fault = record.VisitFailed, fault
			return r, nil
		}
		permanent = permanent && (x.Status == http.StatusMovedPermanently || x.Status == http.StatusPermanentRedirect)
		if permanent {
			r.moved = next.String()
		}
		if !own(v) {
			if known, err := c.onRecord(ctx, next.String(), v.URL); err != nil || known {
				r.known = next.String()
				return r, err
			}
		}
		q.url, q.etag, q.modified = next, "", "" // validators belong to the address that gave them
	}
}

// onRecord reports whether an address that a lead leads to was visited well
// before: each page is fetched once, from wherever it is linked.
func (c *Crawler) onRecord(ctx context.Context, address, from string) (bool, error) {
	canonical, err := c.o.Canonical(address)
	if err != nil || canonical == from {
		return false, nil //nolint:nilerr // such an address is refused when it is asked
	}
	v, err := c.catalogue.Visit(ctx, canonical)
	if errors.Is(err, record.ErrNotFound) {
		return false, nil
	}
	return !v.Succeeded.IsZero(), err
}

// refused turns an error of asking into a result; ctx's stays one.
func (c *Crawler) refused(ctx context.Context, err error) (result, error) {
	var no *refusal
	var store *storeError
	switch {
	case ctx.Err() != nil:
		return result{}, ctx.Err()
	case errors.As(err, &store):
		return result{}, store.error
	case errors.As(err, &no):
		return result{state: no.state, fault: no.why, retry: no.until, asked: no.asked}, nil
	}
	return result{state: stateOf(err), fault: inWords(err), asked: stateOf(err) == record.VisitFailed}, nil
}

// storeError is the error of a store in the midst of asking.
type storeError struct{ error }

func redirects(x archive.Exchange) bool {
	switch x.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// follow is where an answer redirects to, or why that is not followed.
func follow(from *url.URL, x archive.Exchange) (next *url.URL, fault string) {
	location := x.Header.Get("Location")
	if location == "" {
		return nil, fmt.Sprintf("redirected (%d) without saying where to", x.Status)
	}
	next, err := from.Parse(strings.TrimSpace(location))
	if err != nil {
		return nil, fmt.Sprintf("redirected to %.200q, which is no address", withoutUser(location))
	}
	next.User = nil // never kept, never sent on
	next.Fragment = ""
	if next, err = guard.CheckURL(next.String()); err != nil {
		return nil, "redirected, but " + inWords(err)
	}
	if from.Scheme == "https" && next.Scheme == "http" {
		return nil, fmt.Sprintf("redirected from https to %s without TLS; not followed", next)
	}
	return next, ""
}

// polite makes one request as its host wants: by its robots.txt, one at a time,
// with the gap between two. A request that broke in passing is made once more.
func (c *Crawler) polite(ctx context.Context, q request) (archive.Exchange, error) {
	h, err := c.hosts.take(ctx, q.url)
	if err != nil {
		return archive.Exchange{}, err
	}
	defer h.release()
	if err := c.obey(ctx, h, q.url); err != nil {
		return archive.Exchange{}, err
	}
	q.tell(h)
	x, err := c.patient(ctx, h, q)
	if err != nil {
		return x, err
	}
	_, given := retryAfter(x.Header.Get("Retry-After"), c.o.Clock.Now())
	if x.Status == http.StatusTooManyRequests || x.Status == http.StatusServiceUnavailable && given {
		return x, c.slowDown(ctx, h, x)
	}
	return x, nil
}

// patient makes a request, and once more where it broke in passing. A host that
// could not be reached is not tried for each of its addresses.
func (c *Crawler) patient(ctx context.Context, h *host, q request) (archive.Exchange, error) {
	x, err := c.request(ctx, h, q)
	if err != nil && ctx.Err() == nil && passing(err) {
		c.fetch.close() // the second try gets a fresh connection
		x, err = c.request(ctx, h, q)
	}
	if err != nil && ctx.Err() == nil && stateOf(err) == record.VisitFailed && unreachable(err) {
		h.lost, h.lostUntil = inWords(err), c.o.Clock.Now().Add(firstBackoff-time.Second)
	}
	return x, err
}

// request waits for the host's gap and asks.
func (c *Crawler) request(ctx context.Context, h *host, q request) (archive.Exchange, error) {
	if err := c.hosts.wait(ctx, h); err != nil {
		return archive.Exchange{}, err
	}
	began := c.o.Clock.Now()
	q.again = func(ctx context.Context) error { return c.o.Clock.Sleep(ctx, c.hosts.gap(h, 0)) }
	x, err := c.fetch.once(ctx, q)
	took := c.o.Clock.Now().Sub(began)
	if q.took != nil {
		*q.took = took
	}
	if c.hosts.asked(h, took) {
		if err := c.catalogue.SetHost(ctx, h.Host); err != nil {
			return x, &storeError{err}
		}
	}
	return x, err
}

// mostPatience caps a Retry-After.
const mostPatience = 24 * time.Hour

// slowDown remembers when a host that is overrun wants to be asked again; that
// holds for the host, not for the one address.
func (c *Crawler) slowDown(ctx context.Context, h *host, x archive.Exchange) error {
	if _, err := c.keep(ctx, x, nil); err != nil {
		return &storeError{err}
	}
	now := c.o.Clock.Now()
	wait, _ := retryAfter(x.Header.Get("Retry-After"), now)
	h.NotBefore = now.Add(wait)
	if err := c.catalogue.SetHost(ctx, h.Host); err != nil {
		return &storeError{err}
	}
	return &refusal{record.VisitFailed, fmt.Sprintf("answered with status %d; %s", x.Status, h.busyUntil(now)), h.NotBefore, true}
}

// retryAfter reads both forms of Retry-After (RFC 9110, section 10.2.3), up to
// mostPatience. Where it says nothing to the purpose, given is false and the
// time 5 minutes.
func retryAfter(value string, now time.Time) (wait time.Duration, given bool) {
	value = strings.TrimSpace(value)
	if t, err := http.ParseTime(value); err == nil && t.After(now) {
		return min(t.Sub(now), mostPatience), true
	}
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil || !(seconds > 0) {
		return firstBackoff, false
	}
	return time.Duration(min(seconds, mostPatience.Seconds()) * float64(time.Second)), true
}

// keep has an answer archived, and recorded as far as it is to be read: as the
// answer of a source, unless of is nil.
func (c *Crawler) keep(ctx context.Context, x archive.Exchange, of *record.Source) (ingest.Outcome, error) {
	whole := false
	defer func() {
		if !whole {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.torn = true
		}
	}()
	out, err := c.ingest.Exchange(ctx, x, of)
	if err == nil && out.Known { // the same answer in the same second
		out, err = c.ingest.Capture(ctx, out.Capture, of)
	}
	if whole = err == nil; whole {
		c.kept(out.Capture.ID)
	}
	return out, err
}

// read keeps the last answer of a visit and has it read.
func (c *Crawler) read(ctx context.Context, q request, r result, of *record.Source) (result, error) {
	x := r.exchange
	if x.Status == http.StatusNotModified {
		if q.etag == "" && q.modified == "" {
			r.state, r.fault = record.VisitFailed, "answered 304 though it was not asked to compare"
		}
		return r, nil
	}
	out, err := c.keep(ctx, x, of)
	if err != nil {
		return r, err
	}
	if out.Unread != nil && x.Status/100 == 2 && x.Header.Get("Content-Encoding") != "" && q.encoding != "identity" && errors.Is(out.Unread, record.ErrInvalid) {
		again, err := c.plain(ctx, q)
		if err == nil && again.Status/100 == 2 {
			r.exchange, q.encoding = again, "identity"
			return c.read(ctx, q, r, of)
		}
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
	}
	return outcome(r, out), nil
}

// plain asks once more without any coding: an answer may say gzip and be none.
// It gets a second of its own: it may have the same body, and the two must not
// be taken for one.
func (c *Crawler) plain(ctx context.Context, q request) (archive.Exchange, error) {
	if err := c.o.Clock.Sleep(ctx, time.Second); err != nil {
		return archive.Exchange{}, err
	}
	q.encoding = "identity"
	return c.polite(ctx, q)
}

// outcome is the result of an answer that was kept.
func outcome(r result, out ingest.Outcome) result {
	r.outcome = out
	if out.Unread != nil {
		r.state, r.fault = record.VisitFailed, plainFault(out.Unread, r.exchange.URL)
	}
	if s := r.exchange.Status; s == http.StatusNotFound || s == http.StatusGone {
		r.state = record.VisitGone
	}
	return r
}

// plainFault drops from a reader's error what its place says already.
func plainFault(err error, address string) string {
	text := strings.TrimSuffix(err.Error(), ": "+record.ErrInvalid.Error())
	for _, before := range []string{"page ", "listing ", "body of ", "feed "} {
		text = strings.TrimPrefix(text, before+address+": ")
	}
	if large := ": " + record.ErrTooLarge.Error(); strings.HasSuffix(text, large) {
		text = "too large: " + strings.TrimSuffix(text, large)
	}
	return text
}

// obey looks whether the host's robots.txt lets the address be asked, and asks
// for that file where it is not known or a day old.
func (c *Crawler) obey(ctx context.Context, h *host, u *url.URL) error {
	now := c.o.Clock.Now()
	if why := h.busyUntil(now); why != "" {
		return &refusal{record.VisitFailed, why, h.NotBefore, false}
	}
	if h.lostUntil.After(now) && h.lostUntil.Sub(now) <= firstBackoff { // beyond, the clock went back
		return &refusal{record.VisitFailed, h.lost, h.lostUntil, false}
	}
	age := 24 * time.Hour
	if h.RobotsFault != "" {
		age = time.Hour
	}
	if h.RobotsAt.IsZero() || now.Sub(h.RobotsAt) >= age || h.RobotsAt.After(now) {
		if err := c.robots(ctx, h, u); err != nil {
			return err
		}
	}
	switch {
	case h.RobotsFault != "":
		return &refusal{record.VisitUnsure, fmt.Sprintf("not asked: %s/robots.txt could not be read (%s), which forbids everything until it can (RFC 9309)", h.Origin, h.RobotsFault), h.RobotsAt.Add(time.Hour), false}
	case !h.allows(u):
		return &refusal{record.VisitRobots, "not asked: robots.txt of " + h.Origin + " forbids it", now.Add(24 * time.Hour), false}
	}
	return nil
}

// robots asks for a host's robots.txt: 4xx means that there is none, an error or
// 5xx that everything is forbidden for now (RFC 9309, section 2.3.1).
func (c *Crawler) robots(ctx context.Context, h *host, u *url.URL) error {
	at := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	x, err := c.robotsFile(ctx, h, at)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var store *storeError
	switch {
	case errors.As(err, &store):
		return err
	case err != nil && (stateOf(err) == record.VisitBarred || unreachable(err)):
		return err // nobody was asked, so nothing is known
	case err != nil:
		h.RobotsFault, h.Robots = inWords(err), ""
	case x.Status/100 == 5 || x.Status == http.StatusTooManyRequests:
		h.RobotsFault, h.Robots = fmt.Sprintf("answered with status %d", x.Status), ""
	case x.Status/100 == 2:
		body, err := x.Head(maxRobots)
		if h.RobotsFault, h.Robots = "", string(body); err != nil && !x.Cut {
			h.RobotsFault = plainFault(err, x.URL)
		}
	default: // 4xx, or redirects that lead nowhere
		h.RobotsFault, h.Robots = "", ""
	}
	h.RobotsAt = c.o.Clock.Now()
	h.read()
	if err := c.catalogue.SetHost(ctx, h.Host); err != nil {
		return &storeError{err}
	}
	return nil
}

// robotsFile asks for a robots.txt over at most five redirects. Those that lead
// to another host are asked at its own pace; the rules are the first host's.
func (c *Crawler) robotsFile(ctx context.Context, h *host, at *url.URL) (archive.Exchange, error) {
	q := request{url: at, encoding: "identity", limit: maxRobots, cut: true}
	for hop := 0; ; hop++ {
		x, err := c.robotsHop(ctx, h, q)
		if err != nil {
			return x, err
		}
		if _, err := c.keep(ctx, x, nil); err != nil {
			return x, &storeError{err}
		}
		if !redirects(x) || hop == 5 {
			return x, nil
		}
		next, fault := follow(q.url, x)
		if fault != "" {
			return x, nil // as if there were none
		}
		q.url = next
	}
}

func (c *Crawler) robotsHop(ctx context.Context, h *host, q request) (archive.Exchange, error) {
	if c.hosts.of(q.url).lane == h.lane { // of http and https there is one
		return c.patient(ctx, h, q)
	}
	// Two hosts whose robots.txt lead to each other must not wait for each other.
	waiting, cancel := context.WithTimeout(ctx, wholeAnswer)
	defer cancel()
	other, err := c.hosts.take(waiting, q.url)
	if err != nil {
		return archive.Exchange{}, fmt.Errorf("redirected to %s, which is being asked by another: %w", q.url, err)
	}
	defer other.release()
	return c.request(ctx, other, q)
}

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
