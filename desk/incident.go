package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"onrecord/query"
	"onrecord/record"
)

// Incidents lists all incidents, latest window first.
func (d *Desk) Incidents(ctx context.Context) ([]record.Incident, error) {
	return d.cat.Incidents(ctx)
}

// Incident is one incident. The error wraps record.ErrNotFound and suggests
// the nearest slug there is.
func (d *Desk) Incident(ctx context.Context, slug string) (record.Incident, error) {
	i, err := d.cat.Incident(ctx, slug)
	if !errors.Is(err, record.ErrNotFound) {
		return i, err
	}
	all, listErr := d.cat.Incidents(ctx)
	if listErr != nil {
		return i, errors.Join(err, listErr)
	}
	var slugs []string
	for _, x := range all {
		slugs = append(slugs, x.Slug)
	}
	if near := record.Nearest(slug, slugs); near != "" {
		return i, fmt.Errorf("no incident %q; did you mean %q?: %w", slug, near, record.ErrNotFound)
	}
	return i, fmt.Errorf("no incident %q: %w", slug, record.ErrNotFound)
}

// maxIncidents is how many incidents one question may come to, those inside
// other incidents included. Without it eight incidents that each name the next
// one 64 times would make a tree that no machine holds.
const maxIncidents = 64

// writeOut replaces every incident:SLUG, lineage:ID, source:ID and like:ID by what it stands
// for. Open
// are the incidents being written out already: one that names itself, however
// indirectly, has no meaning. Left is how many more may be written out.
func (d *Desk) writeOut(ctx context.Context, n query.Node, open []string, left *int) (query.Node, error) {
	switch n := n.(type) {
	case query.And:
		nodes, err := d.writeOutAll(ctx, n.Nodes, open, left)
		return query.And{Nodes: nodes}, err
	case query.Or:
		nodes, err := d.writeOutAll(ctx, n.Nodes, open, left)
		return query.Or{Nodes: nodes}, err
	case query.Not:
		inner, err := d.writeOut(ctx, n.Node, open, left)
		return query.Not{Node: inner}, err
	case query.Field:
		switch n.Name {
		case "incident":
			return d.standsFor(ctx, n.Value, open, left)
		case "lineage":
			return d.lineage(n.Value)
		case "source":
			return d.foundOn(ctx, n.Value)
		case "like":
			return d.likeness(ctx, n.Value)
		}
	}
	return n, nil
}

func (d *Desk) writeOutAll(ctx context.Context, nodes []query.Node, open []string, left *int) ([]query.Node, error) {
	out := make([]query.Node, len(nodes))
	for i, n := range nodes {
		var err error
		if out[i], err = d.writeOut(ctx, n, open, left); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// standsFor is ((query AND window AND organisations) OR pinned) NOT left out.
func (d *Desk) standsFor(ctx context.Context, slug string, open []string, left *int) (query.Node, error) {
	if slices.Contains(open, slug) {
		return nil, &FieldError{"incident", fmt.Errorf("incident %s names itself in its query (%s): %w", slug, strings.Join(append(slices.Clone(open), slug), " → "), record.ErrInvalid)}
	}
	if *left--; *left < 0 {
		return nil, &FieldError{"incident", fmt.Errorf("the question comes to more than %d incidents: %w", maxIncidents, record.ErrInvalid)}
	}
	i, err := d.Incident(ctx, slug)
	if err != nil {
		return nil, err
	}
	q, err := query.Parse(i.Query, i.Changed) // "today" is the day on which the editor wrote it
	if err != nil {
		return nil, &FieldError{"incident", fmt.Errorf("the query of incident %s: %w", slug, err)}
	}
	rule, err := d.writeOut(ctx, q.Root, append(slices.Clone(open), slug), left)
	if err != nil {
		return nil, err
	}
	matched := []query.Node{rule}
	if !i.From.IsZero() || !i.To.IsZero() {
		matched = append(matched, query.Range{Name: "said", From: i.From, To: i.To})
	}
	if len(i.Orgs) > 0 {
		var orgs []query.Node
		for _, o := range i.Orgs {
			orgs = append(orgs, query.Field{Name: "org", Value: o})
		}
		matched = append(matched, join(orgs, func(n []query.Node) query.Node { return query.Or{Nodes: n} }))
	}
	n := join(matched, func(n []query.Node) query.Node { return query.And{Nodes: n} })
	pinned, excluded, err := d.listed(ctx, i)
	if err != nil {
		return nil, err
	}
	if len(pinned) > 0 {
		n = query.Or{Nodes: []query.Node{n, query.IDs{IDs: pinned}}}
	}
	if len(excluded) > 0 {
		n = query.And{Nodes: []query.Node{n, query.Not{Node: query.IDs{IDs: excluded}}}}
	}
	return n, nil
}

// listed are the ids that an incident pins and leaves out, as they answer now.
// What is pinned by its own id is not left out because of one merged into it.
func (d *Desk) listed(ctx context.Context, i record.Incident) (pinned, excluded []record.ID, err error) {
	if len(i.Pinned)+len(i.Excluded) == 0 {
		return nil, nil, nil
	}
	moved, err := d.cat.Moved(ctx, slices.Concat(i.Pinned, i.Excluded))
	if err != nil {
		return nil, nil, err
	}
	for _, id := range i.Pinned {
		pinned = append(pinned, cmp.Or(moved[id], id))
	}
	for _, id := range i.Excluded {
		to := moved[id]
		if to == "" || !slices.Contains(i.Pinned, to) {
			excluded = append(excluded, cmp.Or(to, id))
		}
	}
	return pinned, excluded, nil
}
