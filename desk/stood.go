package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"onrecord/catalogue"
	"onrecord/index"
	"onrecord/query"
	"onrecord/record"
	"onrecord/words"
)

// MaxChanged is how many statements that changed since the moment of asof: are
// looked at. A question that comes to more is refused; words, an organisation
// or an incident make it narrower.
const MaxChanged = 20_000

// stoodThen is the tree for the record as it stood at a moment: of statements
// that have not changed since, the index knows all that was known then; the
// others are put back and looked at one by one. Later is how many sightings of
// what matches came after that moment.
func (d *Desk) stoodThen(ctx context.Context, n query.Node, at time.Time) (_ query.Node, later int, err error) {
	after := at.Truncate(time.Millisecond).Add(time.Millisecond)
	seen := query.Range{Name: "seen", To: after}
	changed := query.And{Nodes: []query.Node{loosened(n), seen, query.Range{Name: "changed", From: after}}}
	matched := []record.ID{}
	req := index.Request{Node: changed, Limit: MaxLimit}
	for {
		got, err := d.ix.Search(ctx, req)
		if err != nil {
			return nil, 0, asFieldError("q", err)
		}
		if got.Total > MaxChanged {
			return nil, 0, &FieldError{"asof", fmt.Errorf("%d statements that this may concern have changed since then, and at most %d are put back; ask for rarer words or an organisation too: %w", got.Total, MaxChanged, record.ErrInvalid)}
		}
		ids, more, err := d.stillMatching(ctx, got.Hits, n, at)
		if err != nil {
			return nil, 0, err
		}
		later += more
		if matched = append(matched, ids...); got.Next == nil {
			break
		}
		req.After = got.Next
	}
	unchanged := query.And{Nodes: []query.Node{n, seen, query.Range{Name: "changed", To: after}}}
	return query.Or{Nodes: []query.Node{unchanged, query.IDs{IDs: matched}}}, later, nil
}

// stillMatching are those of the hits that matched as they stood, with how many
// of their sightings came later.
func (d *Desk) stillMatching(ctx context.Context, hits []index.Hit, n query.Node, at time.Time) (out []record.ID, later int, err error) {
	ids := make([]record.ID, len(hits))
	for i, h := range hits {
		ids[i] = h.ID
	}
	found, err := d.cat.Statements(ctx, ids)
	if err != nil {
		return nil, 0, err
	}
	for _, s := range found {
		then, stood := asItStood(s, at)
		if stood && shown(s) && index.LookAt(index.DocOf(then)).Matches(n) {
			out = append(out, s.ID)
			later += len(s.Sightings) - len(then.Sightings)
		}
	}
	return out, later, nil
}

// loosened finds at least what the tree may have found at any earlier time: the
// words in any wording, and whatever else may have changed since.
func loosened(n query.Node) query.Node {
	switch n := n.(type) {
	case query.Word, query.Phrase, query.Wildcard, query.Fuzzy, query.Near:
		return query.And{Nodes: []query.Node{n, query.Field{Name: "version", Value: "any"}}}
	case query.And:
		return query.And{Nodes: loosenedAll(n.Nodes)}
	case query.Or:
		return query.Or{Nodes: loosenedAll(n.Nodes)}
	case query.AtLeast:
		return query.AtLeast{N: n.N, Nodes: loosenedAll(n.Nodes)}
	case query.IDs:
		return n
	case query.Field:
		if n.Name == "first" {
			return n
		}
	}
	return query.All{}
}

func loosenedAll(nodes []query.Node) []query.Node {
	out := make([]query.Node, len(nodes))
	for i, n := range nodes {
		out[i] = loosened(n)
	}
	return out
}

// asItStood is the statement as it was known at a moment: without what was
// captured later, in the words of that time. It is false where nothing of it
// had been captured. An editor's tags and marks are as they are now.
func asItStood(s record.Statement, at time.Time) (record.Statement, bool) {
	var seen []record.Sighting
	held := map[string]bool{}
	for _, x := range s.Sightings {
		if x.Captured.After(at) {
			continue
		}
		for _, t := range []*time.Time{&x.Gone, &x.Missing, &x.Removed} {
			if t.After(at) {
				*t = time.Time{}
			}
		}
		if x.LastSeen.After(at) {
			x.LastSeen = at
		}
		seen = append(seen, x)
		held[words.Normal(x.Words)] = true
	}
	if len(seen) == 0 {
		return s, false
	}
	s.Sightings = seen
	s.Wordings = slices.DeleteFunc(slices.Clone(s.Wordings), func(w record.Wording) bool { return !held[words.Normal(w.Text)] })
	catalogue.Draw(&s)
	return s, true
}
