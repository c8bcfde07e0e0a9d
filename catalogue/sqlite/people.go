package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"onrecord/catalogue"
	"onrecord/record"
)

// Organisations lists who is on record, most statements first.
func (d *DB) Organisations(ctx context.Context) ([]catalogue.OrgCount, error) {
	out := []catalogue.OrgCount{}
	err := d.look(ctx, "list organisations", func(s snapshot) error {
		return s.each(`SELECT org, org_name, statements,
				(SELECT min(at) FROM speakers WHERE speakers.org = orgs.key AND speakers.org <> ''),
				(SELECT max(at) FROM speakers WHERE speakers.org = orgs.key AND speakers.org <> '')
			FROM orgs ORDER BY statements DESC, key`, nil, func(scan func(...any) error) error {
			var o catalogue.OrgCount
			var first, last int64
			if err := scan(&o.Org, &o.OrgName, &o.Statements, &first, &last); err != nil {
				return err
			}
			o.First, o.Last = time.UnixMilli(first).UTC(), time.UnixMilli(last).UTC()
			out = append(out, o)
			return nil
		})
	})
	return out, err
}

// People lists known speakers by name; see catalogue.Reader. An unknown id in
// after begins at the first.
func (d *DB) People(ctx context.Context, org string, after record.ID, limit int) ([]record.Person, error) {
	var out []record.Person
	err := d.look(ctx, "list people", func(s snapshot) error {
		from := ""
		if _, err := s.one(`SELECT sort FROM people WHERE id = $1`, []any{string(after)}, &from); err != nil {
			return err
		}
		where, args := `(sort > $1 OR sort = $1 AND id > $2) AND (org = $3 OR $3 = '') ORDER BY sort, id LIMIT $4`, []any{from, string(after), org, bounded(limit)}
		if org != "" { // in a form that the index on organisations can serve
			where = `(sort > $1 OR sort = $1 AND id > $2) AND org = $3 ORDER BY sort, id LIMIT $4`
		}
		var err error
		out, err = people(s, where, args)
		return err
	})
	return out, err
}

// Person is one known speaker; ErrNotFound.
func (d *DB) Person(ctx context.Context, id record.ID) (record.Person, error) {
	var out record.Person
	err := d.look(ctx, "read person "+string(id), func(s snapshot) error {
		list, err := people(s, `id = $1`, []any{string(id)})
		if err == nil && len(list) == 0 {
			err = fmt.Errorf("person %s: %w", id, record.ErrNotFound)
		}
		if err == nil {
			out = list[0]
		}
		return err
	})
	return out, err
}

func people(s snapshot, where string, args []any) ([]record.Person, error) {
	var list []record.Person
	err := s.each(`SELECT id, name, org, org_name, statements,
			(SELECT count(DISTINCT statement) FROM speakers WHERE person = people.id AND person <> '' AND linked = 1)
		FROM people WHERE `+where, args, func(scan func(...any) error) error {
		var p record.Person
		err := scan(&p.ID, &p.Name, &p.Org, &p.OrgName, &p.Statements, &p.Linked)
		list = append(list, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Roles, err = roles(s, list[i].ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// roles lists the roles in which a person was seen, the latest first. A role that
// a link gave was not seen.
func roles(s snapshot, person record.ID) ([]record.RoleSeen, error) {
	out := []record.RoleSeen{}
	err := s.each(`SELECT x.role, x.at, s.id FROM speakers x JOIN statements s ON s.n = x.statement
			WHERE x.person = $1 AND x.person <> '' AND x.role <> '' AND x.linked = 0 ORDER BY x.role, x.at, s.id`, []any{string(person)},
		func(scan func(...any) error) error {
			var role string
			var at int64
			var id record.ID
			if err := scan(&role, &at, &id); err != nil {
				return err
			}
			if len(out) == 0 || out[len(out)-1].Role != role {
				out = append(out, record.RoleSeen{Role: role, First: day(at)})
			}
			r := &out[len(out)-1]
			switch {
			case slices.Contains(r.Evidence, id): // named twice in a joint statement
				return nil
			case len(r.Evidence) < 2:
				r.Evidence = append(r.Evidence, id)
			default:
				r.Evidence[1] = id
			}
			r.Last, r.Statements = day(at), r.Statements+1
			return nil
		})
	slices.SortFunc(out, func(a, b record.RoleSeen) int {
		if c := b.Last.Compare(a.Last); c != 0 {
			return c
		}
		return strings.Compare(a.Role, b.Role)
	})
	return out, err
}

// day is the first moment of the day in London.
func day(ms int64) time.Time {
	y, m, d := time.UnixMilli(ms).In(record.London).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, record.London).UTC()
}
