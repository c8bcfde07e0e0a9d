package crawler

import (
	"fmt"
	"slices"
	"time"

	"onrecord/catalogue"
	"onrecord/record"
)

// platformOf names the platform of a source of posts, as posts do.
func platformOf(k record.SourceKind) string { return string(k) }

// mostPosts is of how many posts on one page the platforms are asked whether they
// stand: a stranger's page is not to fill the road to them.
const mostPosts = 50

// embedded are the visits by which the platforms of posts on a page are asked
// whether they still stand, the first a day from now. Posts that an account's own
// answers list are asked about when they are taken out there.
func (x *settlement) embedded(b catalogue.Settling) (visits []record.Visit, err error) {
	if x.visit.Post != "" || own(x.visit) && x.source.Kind.Posts() {
		return nil, nil
	}
	posted := x.result.outcome.Posted
	if len(posted) > mostPosts {
		x.visit.Notes = append(slices.Clone(x.visit.Notes), fmt.Sprintf("of %d posts on the page the platforms are asked about the first %d", len(posted), mostPosts))
		posted = posted[:mostPosts]
	}
	for _, p := range posted {
		if visits, err = x.post(b, visits, p.Platform, p.URL, x.now.Add(postsSeen[0])); err != nil {
			return nil, err
		}
	}
	return visits, nil
}

// post adds the visit by which a platform is asked about a post, due at a time, or
// sooner where it was due sooner already.
func (x *settlement) post(b catalogue.Settling, visits []record.Visit, platform, url string, due time.Time) ([]record.Visit, error) {
	if x.o.Post == nil {
		return visits, nil
	}
	place, err := x.o.Canonical(x.o.Post(platform, url))
	if err != nil {
		return visits, nil //nolint:nilerr // nobody to ask
	}
	v, known, err := remembered(b, place)
	switch {
	case err != nil:
		return visits, err
	case !known:
		v = record.Visit{URL: place, Source: x.source.ID, Lead: true, Post: url, Due: due}
	case v.Post == "" || !v.Due.IsZero() && !due.Before(v.Due) || v.Due.IsZero() && !v.Tried.IsZero():
		return visits, nil
	default:
		v.Due = due
	}
	return append(visits, v), nil
}
