package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"onrecord/archive"
	"onrecord/record"
)

// polite makes one request as its host wants: by its robots.txt, one at a time,
// with the gap between two. A request that broke in passing is made once more.
func (c *Crawler) polite(ctx context.Context, q request) (archive.Exchange, error) {
	h, err := c.hosts.take(ctx, q.url)
	if err != nil {
		return archive.Exchange{}, err
	}
	defer h.release()
	if err := c.obey(ctx, h, q); err != nil {
		return archive.Exchange{}, err
	}
	q.tell(h)
	x, err := c.patient(ctx, h, q)
	if err != nil {
		return x, err
	}
	if until, ok := leftAlone(x, c.o.Clock.Now()); ok {
		return x, c.slowDown(ctx, h, x, until)
	}
	return x, nil
}

// leftAlone is when a host that is overrun wants to be asked again; not ok for an
// answer that says no such thing.
func leftAlone(x archive.Exchange, now time.Time) (until time.Time, ok bool) {
	if x.Status != http.StatusTooManyRequests && x.Status != http.StatusServiceUnavailable {
		return time.Time{}, false
	}
	wait, given := retryAfter(x.Header.Get("Retry-After"), now)
	return now.Add(wait), given || x.Status == http.StatusTooManyRequests
}

// patient makes a request, and once more where it broke in passing. A host that
// could not be reached is not tried for each of its addresses.
func (c *Crawler) patient(ctx context.Context, h *host, q request) (archive.Exchange, error) {
	x, err := c.request(ctx, h, q)
	if err != nil && ctx.Err() == nil && passing(err) {
		c.close() // the second try gets a fresh connection
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
	fetch := c.fetch
	if q.strangers {
		fetch = c.strangers
	}
	x, err := fetch.once(ctx, q)
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
func (c *Crawler) slowDown(ctx context.Context, h *host, x archive.Exchange, until time.Time) error {
	if x.Method == http.MethodGet {
		if _, err := c.keep(ctx, x, nil); err != nil {
			return &storeError{err}
		}
	}
	h.NotBefore = until
	if err := c.catalogue.SetHost(ctx, h.Host); err != nil {
		return &storeError{err}
	}
	return &refusal{record.VisitFailed, fmt.Sprintf("answered with status %d; %s", x.Status, h.busyUntil(c.o.Clock.Now())), h.NotBefore, true}
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

// obey looks whether the host's robots.txt lets the address be asked, and asks
// for that file where it is not known or a day old.
func (c *Crawler) obey(ctx context.Context, h *host, q request) error {
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
		if err := c.robots(ctx, h, q); err != nil {
			return err
		}
	}
	switch {
	case h.RobotsFault != "":
		return &refusal{record.VisitUnsure, fmt.Sprintf("not asked: %s/robots.txt could not be read (%s), which forbids everything until it can (RFC 9309)", h.Origin, h.RobotsFault), h.RobotsAt.Add(time.Hour), false}
	case !h.allows(q.url):
		return &refusal{record.VisitRobots, "not asked: robots.txt of " + h.Origin + " forbids it", now.Add(24 * time.Hour), false}
	}
	return nil
}

// robots asks for a host's robots.txt: 4xx means that there is none, an error or
// 5xx that everything is forbidden for now (RFC 9309, section 2.3.1).
func (c *Crawler) robots(ctx context.Context, h *host, of request) error {
	at := &url.URL{Scheme: of.url.Scheme, Host: of.url.Host, Path: "/robots.txt"}
	x, err := c.robotsFile(ctx, h, request{url: at, encoding: "identity", limit: maxRobots, cut: true, strangers: of.strangers})
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
	default:
		h.answered(x)
	}
	return c.setRules(ctx, h, c.o.Clock.Now())
}

// answered takes in the answer to the question for a robots.txt.
func (h *host) answered(x archive.Exchange) {
	h.RobotsFault, h.Robots = "", ""
	switch {
	case x.Status/100 == 5 || x.Status == http.StatusTooManyRequests:
		h.RobotsFault = fmt.Sprintf("answered with status %d", x.Status)
	case x.Status/100 == 2:
		body, err := x.Head(maxRobots)
		if h.Robots = string(body); err != nil && !x.Cut {
			h.RobotsFault = plainFault(err, x.URL)
		}
	} // else 4xx, or redirects that lead nowhere
}

// setRules remembers a host's rules as they were at a time.
func (c *Crawler) setRules(ctx context.Context, h *host, at time.Time) error {
	h.RobotsAt = at
	h.read()
	if err := c.catalogue.SetHost(ctx, h.Host); err != nil {
		return &storeError{err}
	}
	return nil
}

// robotsRedirects is how many redirects of a robots.txt are followed.
const robotsRedirects = 5

// robotsFile asks for a robots.txt over at most five redirects. Those that lead
// to another host are asked at its own pace; the rules are the first host's.
func (c *Crawler) robotsFile(ctx context.Context, h *host, q request) (archive.Exchange, error) {
	for hop := 0; ; hop++ {
		x, err := c.robotsHop(ctx, h, q)
		if err != nil {
			return x, err
		}
		if _, err := c.keep(ctx, x, nil); err != nil {
			return x, &storeError{err}
		}
		if !redirects(x) || hop == robotsRedirects {
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
