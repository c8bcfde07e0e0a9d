package desk

import (
	"context"
	"fmt"

	"onrecord/catalogue"
	"onrecord/query"
	"onrecord/record"
	"onrecord/register"
)

// Organisation is an organisation of the register with what is on record of it.
type Organisation struct {
	register.Org
	catalogue.OrgCount
	// Predecessors are the ids of the organisations that it followed.
	Predecessors []string `json:"predecessors,omitempty"`
	Latest       []Row    `json:"latest"` // its latest statements, at most 20
}

// Organisations lists who is on record, most statements first.
func (d *Desk) Organisations(ctx context.Context) ([]catalogue.OrgCount, error) {
	return d.cat.Organisations(ctx)
}

// Organisation is one organisation by its register id, whether it has spoken
// or not. The error wraps record.ErrNotFound and suggests the nearest id.
func (d *Desk) Organisation(ctx context.Context, id string) (Organisation, error) {
	known, err := d.org(id)
	if err != nil {
		return Organisation{}, err
	}
	o := Organisation{Org: known, Predecessors: d.reg.Predecessors(id), OrgCount: catalogue.OrgCount{Org: id, OrgName: known.Name}}
	counts, err := d.cat.Organisations(ctx)
	if err != nil {
		return Organisation{}, err
	}
	for _, c := range counts {
		if c.Org == id {
			o.OrgCount = c
		}
	}
	f, err := d.Search(ctx, Ask{Fields: map[string][]string{"org": {id}}, Limit: 20})
	o.Latest = f.Statements
	return o, err
}

// org is an organisation of the register. The error wraps record.ErrNotFound and
// suggests the nearest id.
func (d *Desk) org(id string) (register.Org, error) {
	known, ok := d.reg.Org(id)
	if ok {
		return known, nil
	}
	var all []string
	for _, o := range d.reg.Orgs() {
		all = append(all, o.ID)
	}
	if near := record.Nearest(id, all); near != "" {
		return known, fmt.Errorf("no organisation %q in the register; did you mean %q?: %w", id, near, record.ErrNotFound)
	}
	return known, fmt.Errorf("no organisation %q in the register: %w", id, record.ErrNotFound)
}

// maxLineage bounds how many organisations lineage:ID stands for.
const maxLineage = 256

// lineage is what lineage:ID stands for: the organisation, and those it followed.
func (d *Desk) lineage(id string) (query.Node, error) {
	if _, err := d.org(id); err != nil {
		return nil, fmt.Errorf("lineage:%.80s: %w", id, err)
	}
	before := d.reg.Predecessors(id)
	if len(before) >= maxLineage {
		return nil, &FieldError{"lineage", fmt.Errorf("%s followed %d organisations, more than one question may ask for: %w", id, len(before), record.ErrInvalid)}
	}
	nodes := []query.Node{query.Field{Name: "org", Value: id}}
	for _, b := range before {
		nodes = append(nodes, query.Field{Name: "org", Value: b})
	}
	return join(nodes, func(n []query.Node) query.Node { return query.Or{Nodes: n} }), nil
}

// OrgName is the name of an organisation of the register by its id; "" for one
// that is not there.
func (d *Desk) OrgName(id string) string {
	o, _ := d.reg.Org(id)
	return o.Name
}

// KnownOrgs lists the organisations of the register, in its order, whether they
// have spoken or not.
func (d *Desk) KnownOrgs() []register.Org { return d.reg.Orgs() }

// People lists known speakers after the id, by name; org "" means of all
// organisations. Limit 0 means 50.
func (d *Desk) People(ctx context.Context, org string, after record.ID, limit int) ([]record.Person, error) {
	if limit == 0 {
		limit = 50
	}
	if limit < 0 || limit > MaxLimit {
		return nil, &FieldError{"limit", fmt.Errorf("limit %d: want 1 to %d: %w", limit, MaxLimit, record.ErrInvalid)}
	}
	return d.cat.People(ctx, org, after, limit)
}

// PersonDetail is a known speaker with the latest statements under that name.
type PersonDetail struct {
	record.Person
	Latest []Row `json:"latest"` // at most 20
}

// Person is one known speaker. The error wraps record.ErrNotFound.
func (d *Desk) Person(ctx context.Context, id record.ID) (PersonDetail, error) {
	p, err := d.cat.Person(ctx, id)
	if err != nil {
		return PersonDetail{}, err
	}
	ask := Ask{Fields: map[string][]string{"person": {p.Name}}, Limit: 20}
	if p.Org != "" {
		ask.Fields["org"] = []string{p.Org}
	}
	f, err := d.Search(ctx, ask)
	return PersonDetail{p, f.Statements}, err
}
