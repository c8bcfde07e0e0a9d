package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
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
	hops     record.Chain
	known    string // an address already on record that this one leads to
	exchange archive.Exchange
	outcome  ingest.Outcome
	state    record.VisitState // of a visit without an answer
	fault    string            // in words; "" for an answer that was read
	asked    bool              // a request was made
	notes    []string          // what the host did that its people or ours should know
	retry    time.Time         // when the host wants to be asked again
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
	defer func() {
		if err != nil { // something may have been kept, and the visit was not settled
			c.tear()
		}
	}()
	s, err := c.source(ctx, v.Source)
	if err != nil {
		return false, err
	}
	defer func() {
		if r := recover(); r != nil { // a stranger's answer must not end the run
			noted, err = c.settle(ctx, s, v, result{state: record.VisitFailed, fault: fmt.Sprintf("the crawler broke on it (%v); please report it", r)}, c.o.Clock.Now())
		}
	}()
	r, err := c.ask(ctx, s, v)
	if err != nil {
		return false, err
	}
	return c.settle(ctx, s, v, r, c.o.Clock.Now())
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
	switch {
	case !v.Lead:
		c.takeHint(v.Source)
	case v.Part == 0:
		q.claim = c.claimed(ctx, s, v)
	}
	if s.Kind != record.SourcePage && own(v) {
		q.limit = maxFeed
	}
	if why := c.lacksToken(s, q.url); why != "" && own(v) {
		return result{state: record.VisitBarred, fault: why}, nil
	}
	if v.Absent.IsZero() && v.State != record.VisitGone { // a 304 must not hide that a page came back
		q.etag, q.modified, q.unread = v.ETag, v.LastModified, v.Unread
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
		x.Redirects = r.hops
		r.final, r.exchange = q.url.String(), x
		if !redirects(x) {
			return c.conclude(ctx, q, &r, of)
		}
		out, err := c.keep(ctx, x, nil)
		if err != nil {
			return r, err
		}
		r.hops = r.hops.Then(x.Status, out.Capture.ID, q.url.String())
		if hop == maxRedirects {
			r.state, r.fault = record.VisitFailed, endless(x)
			return r, nil
		}
		next, fault := follow(q.url, x)
		if fault != "" {
			r.state, r.fault = record.VisitFailed, fault
			return r, nil
		}
		permanent = permanent && permanently(x)
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

func permanently(x archive.Exchange) bool {
	return x.Status == http.StatusMovedPermanently || x.Status == http.StatusPermanentRedirect
}

// endless is the fault of an answer that redirects once too often.
func endless(x archive.Exchange) string {
	return fmt.Sprintf("redirect loop: still redirected after %d hops, last to %s", maxRedirects, withoutUser(x.Header.Get("Location")))
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

// keep has an answer archived, and recorded as far as it is to be read: as the
// answer of a source, unless of is nil.
func (c *Crawler) keep(ctx context.Context, x archive.Exchange, of *record.Source) (ingest.Outcome, error) {
	return c.keepAsking(ctx, x, of, nil)
}

// keepAsking is keep for an answer that may have a further address asked.
func (c *Crawler) keepAsking(ctx context.Context, x archive.Exchange, of *record.Source, ask ingest.Asker) (ingest.Outcome, error) {
	whole := false
	defer func() {
		if !whole {
			c.tear()
		}
	}()
	out, err := c.ingest.ExchangeAsking(ctx, x, of, ask)
	if err == nil && out.Known { // the same answer in the same second
		out, err = c.ingest.CaptureAsking(ctx, out.Capture, of, ask)
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
		switch {
		case q.etag == "" && q.modified == "":
			r.state, r.fault = record.VisitFailed, "answered 304 though it was not asked to compare"
		case q.unread != "":
			return c.readAgain(ctx, q.unread, r, of)
		}
		return r, nil
	}
	out, err := c.keepAsking(ctx, x, of, q.claim)
	if err != nil {
		return r, err
	}
	if out.Unread != nil && x.Status/100 == 2 && x.Header.Get("Content-Encoding") != "" && q.encoding != "identity" && errors.Is(out.Unread, record.ErrInvalid) {
		again, err := c.plain(ctx, q)
		if err == nil && again.Status/100 == 2 {
			again.Redirects = r.hops
			r.exchange, q.encoding = again, "identity"
			return c.read(ctx, q, r, of)
		}
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
	}
	return outcome(r, out), nil
}

// readAgain reads a kept answer that could not be read, and that the host says is
// the same still: by now a better reader may be at it.
func (c *Crawler) readAgain(ctx context.Context, id record.ID, r result, of *record.Source) (result, error) {
	x, err := c.archive.Get(ctx, id)
	if errors.Is(err, record.ErrDamaged) || errors.Is(err, record.ErrNotFound) {
		r.state, r.fault = record.VisitFailed, "answered 304, and the answer that it confirms is damaged here; it is asked for anew"
		return r, nil
	}
	if err != nil {
		return r, err
	}
	capture, err := c.catalogue.Capture(ctx, id)
	if err != nil {
		return r, err
	}
	out, err := c.ingest.CaptureAsking(ctx, capture, of, askNobody)
	if out.Unread != nil {
		out.Added = record.Added{}
	}
	r.exchange = x
	return outcome(r, out), err
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
	if s := r.exchange.Status; s == http.StatusNotFound || s == http.StatusGone || out.Absent {
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
