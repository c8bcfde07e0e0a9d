package desk

import (
	"context"

	"onrecord/index"
	"onrecord/record"
)

// sightings answers a question with collapse:none: one row for each sighting of
// what matches, statement after statement. A statement whose sightings do not
// all fit on a page goes on on the next.
func (d *Desk) sightings(ctx context.Context, q asked, from place, limit int) (Found, error) {
	got, err := d.ix.Search(ctx, index.Request{Node: q.node, Sort: q.sort, Limit: limit, After: from.after(), Places: true})
	if err != nil {
		return Found{}, asFieldError("q", err)
	}
	out := Found{Query: q.Understood, Statements: []Row{}, Total: got.Sightings - q.later, Sort: q.sort}
	hits := got.Hits
	if from.Shown > 0 { // the statement that did not fit stands first again
		hits = append([]index.Hit{{ID: from.ID, Key: from.Key}}, hits...)
	}
	at := map[record.ID]index.Hit{}
	for _, h := range hits {
		at[h.ID] = h
	}
	rows, err := d.rows(ctx, hits, q)
	if err != nil {
		return Found{}, err
	}
	skip := from.Shown
	for _, row := range rows {
		if row.ID != from.ID {
			skip = 0
		}
		for i := skip; i < len(row.Statement.Sightings); i++ {
			if len(out.Statements) == limit {
				out.Next = d.sealCursor(behind(out.Statements, at), q)
				return out, nil
			}
			one := row
			one.Sighting = &i
			out.Statements = append(out.Statements, one)
		}
		skip = 0
	}
	if got.Next != nil {
		out.Next = d.sealCursor(place{Cursor: *got.Next}, q)
	}
	return out, nil
}

// behind is the place behind the last row.
func behind(rows []Row, at map[record.ID]index.Hit) place {
	last := rows[len(rows)-1]
	p := place{Cursor: index.Cursor{Key: at[last.ID].Key, ID: last.ID}}
	if shown := *last.Sighting + 1; shown < len(last.Statement.Sightings) {
		p.Shown = shown
	}
	return p
}
