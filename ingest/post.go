package ingest

import (
	"context"
	"errors"
	"fmt"

	"onrecord/archive"
	"onrecord/extract"
	"onrecord/record"
)

// postAsked is the post of which a platform was asked whether it stands; "" for
// any other answer.
func (i *Ingest) postAsked(ctx context.Context, c record.Capture) (string, error) {
	if c.Via != "http" || !extract.AsksForPost(c.URL) {
		return "", nil
	}
	v, err := i.catalogue.Visit(ctx, c.URL)
	if errors.Is(err, record.ErrNotFound) {
		return "", nil
	}
	return v.Post, err
}

// post records whether a post stands. Done is false for an answer that is also to
// be read for its words.
func (i *Ingest) post(ctx context.Context, c record.Capture, x archive.Exchange, url string) (out Outcome, done bool, err error) {
	body, err := x.Decoded(MaxBody)
	if err != nil && len(body) == 0 {
		body = nil // the status tells
	}
	switch {
	case extract.PostGone(c.Status, body):
		out = Outcome{Capture: c, Absent: true, Unread: fmt.Errorf("%s is not there, its platform says (status %d)", url, c.Status)}
		out.Captures, out.Added.Unread = 1, 1
		return out, true, i.catalogue.Post(ctx, c, url, false)
	case c.Status/100 != 2:
		return out, false, nil
	}
	if err := i.catalogue.Post(ctx, c, url, true); err != nil {
		return out, true, err
	}
	_, reads := extract.KindByForm(extract.Input{URL: c.URL, MediaType: c.MediaType, Header: x.Header, Body: body})
	return Outcome{Capture: c}, !reads, nil
}

// posted are the posts that statements were found in.
func posted(r Reading) []Posted {
	var out []Posted
	for _, s := range r.Found {
		if x := s.Sightings[0]; x.Platform != "" && x.URL != "" && s.Kind == record.PostKind {
			out = append(out, Posted{Platform: x.Platform, URL: x.URL})
		}
	}
	return out
}
