package desk

import (
	"context"
	"errors"
	"time"

	"onrecord/index"
	"onrecord/query"
	"onrecord/record"
)

// FirstHeld says when the words of first: came onto the record.
type FirstHeld struct {
	// Held is the first capture that held the words.
	Held Moment `json:"held"`
	// Lacked is the last capture of the same page before it that lacked them;
	// nil where there is none, so that they stood there when the page was first
	// captured.
	Lacked *Moment `json:"lacked"`
}

// Moment is a capture that held or lacked words.
type Moment struct {
	At      time.Time `json:"at"`
	Capture record.ID `json:"capture"`
	URL     string    `json:"url"` // of the page
	Outlet  string    `json:"outlet,omitempty"`
	Version int       `json:"version,omitempty"` // of the page, from 1
}

// firstPhrases are the words of every first: that is not excluded.
func firstPhrases(n query.Node) []string {
	var out []string
	switch n := n.(type) {
	case query.Field:
		if n.Name == "first" {
			out = append(out, n.Value)
		}
	case query.And:
		for _, x := range n.Nodes {
			out = append(out, firstPhrases(x)...)
		}
	case query.Or:
		for _, x := range n.Nodes {
			out = append(out, firstPhrases(x)...)
		}
	}
	return out
}

// firstHeld finds the first capture of the statement that held any of the
// phrases, and the last one that lacked it; nil where none held it.
func (d *Desk) firstHeld(ctx context.Context, s record.Statement, phrases []string) (*FirstHeld, error) {
	for _, x := range s.Sightings { // in order of capture
		for _, phrase := range phrases {
			if !index.Holds(x.Words, phrase) {
				continue
			}
			lacked, err := d.lacked(ctx, s, x, phrase)
			return &FirstHeld{Held: momentOf(x), Lacked: lacked}, err
		}
	}
	return nil, nil
}

func momentOf(x record.Sighting) Moment {
	return Moment{At: x.Captured, Capture: x.Capture, URL: x.CanonicalURL, Outlet: x.Outlet, Version: x.Version}
}

// lacked is the last capture of the page before x whose text lacked the phrase.
func (d *Desk) lacked(ctx context.Context, s record.Statement, x record.Sighting, phrase string) (*Moment, error) {
	versions, err := d.cat.Versions(ctx, x.Page)
	if errors.Is(err, record.ErrNotFound) { // the evidence is kept elsewhere
		return lackedHere(s, x, phrase), nil
	}
	if err != nil {
		return nil, err
	}
	var last *Moment
	for _, v := range versions {
		if index.Holds(v.Text, phrase) {
			continue
		}
		for _, id := range v.Captures {
			c, err := d.cat.Capture(ctx, id)
			if err != nil {
				return nil, err
			}
			if c.At.Before(x.Captured) && (last == nil || !c.At.Before(last.At)) {
				last = &Moment{At: c.At, Capture: c.ID, URL: x.CanonicalURL, Outlet: x.Outlet, Version: v.N}
			}
		}
	}
	return last, nil
}

// lackedHere looks at the statement's own sightings on the page.
func lackedHere(s record.Statement, x record.Sighting, phrase string) *Moment {
	var last *Moment
	for _, y := range s.Sightings {
		if y.Page == x.Page && y.Captured.Before(x.Captured) && !index.Holds(y.Words, phrase) {
			m := momentOf(y)
			last = &m
		}
	}
	return last
}
