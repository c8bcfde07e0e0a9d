package crawler

import (
	"context"
	"errors"
	"time"

	"onrecord/record"
)

// platformOf names the platform of a source of posts, as posts do.
func platformOf(k record.SourceKind) string { return string(k) }

// embedded adds to the visits those by which the platforms of posts on a page are
// asked whether they still stand, the first a day from now. Posts that an account's
// own answers list are asked about when they are taken out there.
func (c *Crawler) embedded(ctx context.Context, visits []record.Visit, s record.Source, r result, now time.Time) ([]record.Visit, error) {
	for _, p := range r.outcome.Posted {
		var err error
		if visits, err = c.postVisit(ctx, visits, s, p.Platform, p.URL, now.Add(postsSeen[0])); err != nil {
			return visits, err
		}
	}
	return visits, nil
}

// postVisit adds the visit by which a platform is asked about a post, due at a
// time, or sooner where it was due sooner already.
func (c *Crawler) postVisit(ctx context.Context, visits []record.Visit, s record.Source, platform, url string, due time.Time) ([]record.Visit, error) {
	if c.o.Post == nil {
		return visits, nil
	}
	place, err := c.o.Canonical(c.o.Post(platform, url))
	if err != nil {
		return visits, nil //nolint:nilerr // nobody to ask
	}
	v, err := c.catalogue.Visit(ctx, place)
	switch {
	case errors.Is(err, record.ErrNotFound):
		v = record.Visit{URL: place, Source: s.ID, Lead: true, Post: url, Due: due}
	case err != nil:
		return visits, err
	case v.Post == "" || !v.Due.IsZero() && !due.Before(v.Due) || v.Due.IsZero() && !v.Tried.IsZero():
		return visits, nil
	default:
		v.Due = due
	}
	return append(visits, v), nil
}
