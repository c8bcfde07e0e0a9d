package crawler

import (
	"context"
	"errors"

	"onrecord/catalogue"
	"onrecord/ingest"
	"onrecord/record"
)

// asClaim marks the context of a visit that is made for what a page claims: what
// the page there claims is not followed any further, and not believed unseen.
type asClaim struct{}

// askNobody is the asker where nobody can be asked now: a page that names an
// address of which nothing is on record stays by itself.
func askNobody(context.Context, string) error { return nil }

// claimed has the address asked that a page found on a source names as its own,
// where nobody has asked there yet, as a visit on the same source's account. In
// such a visit nobody is asked.
func (c *Crawler) claimed(ctx context.Context, s record.Source, v record.Visit) ingest.Asker {
	if ctx.Value(asClaim{}) != nil {
		return askNobody
	}
	return func(ctx context.Context, address string) error {
		address, err := c.o.Canonical(address)
		if err != nil || address == v.URL {
			return nil //nolint:nilerr // nothing to ask
		}
		lead := record.Visit{URL: address, Source: s.ID, Lead: true, Due: c.o.Clock.Now()}
		known, err := c.catalogue.Visit(ctx, address)
		switch {
		case err == nil && (own(known) || !known.Succeeded.IsZero()):
			return nil
		case err == nil:
			lead = known
		case !errors.Is(err, record.ErrNotFound):
			return err
		}
		_, err = c.visit(context.WithValue(ctx, asClaim{}, true), lead)
		return err
	}
}

// fold leaves the rest to the address that a page rightly names as its own, once
// that was visited: there the page is asked from then on.
func (x *settlement) fold(b catalogue.Settling) error {
	if own(x.visit) || x.result.known != "" {
		return nil
	}
	address, err := x.o.Canonical(x.result.outcome.Page.CanonicalURL)
	if err != nil || address == x.visit.URL {
		return nil //nolint:nilerr // it is its own
	}
	there, known, err := remembered(b, address)
	if known && there.Again() && !there.Due.IsZero() { // somebody asks there
		x.visit.Of = address
		x.visit.Notes = append([]string{"the page of " + address}, x.visit.Notes...)
	}
	return err
}
