package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"onrecord/index"
	"onrecord/query"
	"onrecord/record"
)

// MaxLimit is the most rows of one answer.
const MaxLimit = 500

const defaultLimit = 50

// Ask is a reader's question.
type Ask struct {
	Q string // in the language of docs/query.md; "" asks for everything
	// Fields are parameters of the same names as the language's fields:
	// {"org": {"bma"}} equals org:bma. Several values of one field are
	// alternatives, several fields must all hold.
	Fields map[string][]string
	Sort   string // query.Newest, …; "" means what Q says, and else newest
	Limit  int    // rows, 1 to MaxLimit; 0 means 50
	Cursor string // Found.Next of the answer before; "" begins
}

// fieldNames are the fields that may be given as parameters.
var fieldNames = []string{
	"org", "lineage", "person", "role", "kind", "outlet", "incident", "status", "tag", "lang", "title", "host", "platform",
	"has", "edited", "version", "said", "published", "seen", "sightings", "source", "first", "like", "asof", "collapse",
}

// FieldNames lists the fields that Ask.Fields may hold.
func FieldNames() []string { return slices.Clone(fieldNames) }

// Understood says how a question was read.
type Understood struct {
	Typed      string   `json:"typed"`
	Normalised string   `json:"normalised"`
	Explain    string   `json:"explain"` // in plain English
	Warnings   []string `json:"warnings"`
}

// Row is a statement that was found.
type Row struct {
	record.Statement
	// Highlights are the words of the question, in bytes of Text, in order and
	// apart from each other.
	Highlights []record.Span `json:"highlights"`
	// Sighting is, with collapse:none, the one of Sightings that the row is of,
	// from 0.
	Sighting *int `json:"sighting,omitempty"`
	// First is, with first:, when the words were first held.
	First *FirstHeld `json:"first,omitempty"`
}

// Found is the answer to an Ask.
type Found struct {
	Query      Understood
	Statements []Row
	Total      int // rows of all that match: statements, or sightings with collapse:none; exact
	Sort       string
	Next       string // cursor of the rows behind these; "" at the end
}

// FieldError says that a parameter cannot be read. It wraps the cause, a
// *query.Error or an error that wraps record.ErrInvalid.
type FieldError struct {
	Field string // "q", "org", "cursor", …
	Err   error
}

// Error names the parameter and gives the cause.
func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }

// Unwrap is the cause.
func (e *FieldError) Unwrap() error { return e.Err }

// asked is a question as read.
type asked struct {
	Understood
	typed query.Query // as typed: for highlights and the cursor's hash
	node  query.Node  // with incidents and the like written out: for the index
	sort  string
	asOf  time.Time // the zero time for the record as it stands
	later int       // sightings after asOf of what matches
	each  bool      // one row a sighting
}

// Search answers a question. The error is a *FieldError for what cannot be
// read, or wraps record.ErrNotFound for an incident that is not there.
func (d *Desk) Search(ctx context.Context, a Ask) (Found, error) {
	q, err := d.read(ctx, a)
	if err != nil {
		return Found{}, err
	}
	return d.search(ctx, q, a)
}

func (d *Desk) search(ctx context.Context, q asked, a Ask) (Found, error) {
	if a.Limit < 0 || a.Limit > MaxLimit {
		return Found{}, &FieldError{"limit", fmt.Errorf("limit %d: want 1 to %d: %w", a.Limit, MaxLimit, record.ErrInvalid)}
	}
	from := place{}
	if a.Cursor != "" {
		var err error
		if from, err = d.openCursor(a.Cursor, q); err != nil {
			return Found{}, &FieldError{"cursor", err}
		}
	}
	if q.each {
		return d.sightings(ctx, q, from, cmp.Or(a.Limit, defaultLimit))
	}
	got, err := d.ix.Search(ctx, index.Request{Node: q.node, Sort: q.sort, Limit: a.Limit, After: from.after()})
	if err != nil {
		return Found{}, asFieldError("q", err)
	}
	rows, err := d.rows(ctx, got.Hits, q)
	if err != nil {
		return Found{}, err
	}
	out := Found{Query: q.Understood, Statements: rows, Total: got.Total, Sort: q.sort}
	if got.Next != nil {
		out.Next = d.sealCursor(place{Cursor: *got.Next}, q)
	}
	return out, nil
}

// asFieldError gives an error of the question the parameter it came from.
func asFieldError(field string, err error) error {
	var q *query.Error
	if errors.As(err, &q) || errors.Is(err, record.ErrInvalid) {
		return &FieldError{field, err}
	}
	return err
}

func (d *Desk) rows(ctx context.Context, hits []index.Hit, q asked) ([]Row, error) {
	ids := make([]record.ID, len(hits))
	for i, h := range hits {
		ids[i] = h.ID
	}
	found, err := d.cat.Statements(ctx, ids)
	if err != nil {
		return nil, err
	}
	marks := highlighter(q.typed.Root)
	phrases := firstPhrases(q.typed.Root)
	rows := make([]Row, 0, len(found))
	for _, s := range found {
		if !shown(s) {
			continue
		}
		if !q.asOf.IsZero() {
			var stood bool
			if s, stood = asItStood(s, q.asOf); !stood {
				continue
			}
		}
		row := Row{Statement: s, Highlights: marks.in(s.Text)}
		if len(phrases) > 0 {
			if row.First, err = d.firstHeld(ctx, s, phrases); err != nil {
				return nil, err
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// read turns a question into a tree for the index.
func (d *Desk) read(ctx context.Context, a Ask) (asked, error) {
	q, err := query.Parse(a.Q, d.clock())
	if err != nil {
		return asked{}, &FieldError{"q", err}
	}
	if err := d.withWhole(&q, a.Fields); err != nil {
		return asked{}, err
	}
	if q.Root, err = d.withFields(q.Root, a.Fields); err != nil {
		return asked{}, err
	}
	sort := cmp.Or(a.Sort, q.Sort, ownSort(q.Root))
	if !slices.Contains([]string{query.Newest, query.Oldest, query.Relevance, query.FirstSeen, query.Sightings}, sort) {
		return asked{}, &FieldError{"sort", fmt.Errorf("sort %.40q: want newest, oldest, relevance, firstseen or sightings: %w", sort, record.ErrInvalid)}
	}
	left := maxIncidents
	node, err := d.writeOut(ctx, q.Root, nil, &left)
	if err != nil {
		return asked{}, err
	}
	out := asked{
		Understood: Understood{Typed: a.Q, Normalised: q.String(), Explain: q.Explain(), Warnings: orEmpty(q.Warnings)},
		typed:      q, node: node, sort: sort, each: q.Collapse == "none",
	}
	if at := q.AsOf.Time; !at.IsZero() && at.Before(d.clock()) {
		out.asOf = at
		out.node, out.later, err = d.stoodThen(ctx, node, at)
	}
	return out, err
}

// ownSort is the order of a question that names none: best match first for what
// is like a statement, and else newest first.
func ownSort(n query.Node) string {
	sort := query.Newest
	query.Walk(n, func(n query.Node) {
		if f, ok := n.(query.Field); ok && f.Name == "like" {
			sort = query.Relevance
		}
	})
	return sort
}

// wholeFields concern the whole question and are no part of its tree.
var wholeFields = []string{"asof", "collapse"}

// withWhole takes over the parameters that concern the whole question.
func (d *Desk) withWhole(q *query.Query, fields map[string][]string) error {
	for _, name := range wholeFields {
		for _, value := range fields[name] {
			if value = strings.TrimSpace(value); value == "" {
				continue
			}
			one, err := d.parameter(name, value)
			if err != nil {
				return &FieldError{name, err}
			}
			if name == "asof" {
				q.AsOf = one.AsOf
			} else {
				q.Collapse = one.Collapse
			}
			q.Warnings = append(q.Warnings, one.Warnings...)
		}
	}
	return nil
}

// withFields adds the parameters to the tree, in the order of their names, so
// that the same question has one normalised form.
func (d *Desk) withFields(root query.Node, fields map[string][]string) (query.Node, error) {
	nodes := []query.Node{root}
	if _, all := root.(query.All); all {
		nodes = nil
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(fieldNames, name) {
			return nil, &FieldError{name, fmt.Errorf("there is no field %.40q: %w", name, record.ErrInvalid)}
		}
		if slices.Contains(wholeFields, name) {
			continue
		}
		var alternatives []query.Node
		for _, value := range fields[name] {
			if value = strings.TrimSpace(value); value == "" {
				continue // a form's empty box asks for nothing
			}
			q, err := d.parameter(name, value)
			if err != nil {
				return nil, &FieldError{name, err}
			}
			alternatives = append(alternatives, q.Root)
		}
		if len(alternatives) > 0 {
			nodes = append(nodes, join(alternatives, func(n []query.Node) query.Node { return query.Or{Nodes: n} }))
		}
	}
	if len(nodes) == 0 {
		return query.All{}, nil
	}
	return join(nodes, func(n []query.Node) query.Node { return query.And{Nodes: n} }), nil
}

// parameter reads one parameter as the language reads name:value.
func (d *Desk) parameter(name, value string) (query.Query, error) {
	switch name {
	case "said", "published", "seen", "sightings", "asof":
	default:
		if strings.Contains(value, `"`) {
			return query.Query{}, fmt.Errorf("%s %.40q: quotation marks cannot stand in a value: %w", name, value, record.ErrInvalid)
		}
		value = `"` + value + `"`
	}
	q, err := query.Parse(name+":"+value, d.clock())
	var bad *query.Error
	if errors.As(err, &bad) { // columns of the value, not of what was put around it
		return q, &query.Error{Column: max(1, bad.Column-len(name)-1), Detail: bad.Detail, Suggestion: strings.TrimPrefix(bad.Suggestion, name+":")}
	}
	return q, err
}

// join combines two or more nodes; one node stays as it is.
func join(nodes []query.Node, combine func([]query.Node) query.Node) query.Node {
	if len(nodes) == 1 {
		return nodes[0]
	}
	return combine(nodes)
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// Each calls do for every statement that the question finds, in its sort, a
// page at a time, and answers how many there were. It stops at do's error.
// Limit, Cursor and collapse of the question are not used.
func (d *Desk) Each(ctx context.Context, a Ask, do func(record.Statement) error) (int, error) {
	q, err := d.read(ctx, a)
	if err != nil {
		return 0, err
	}
	q.each = false
	a.Limit, a.Cursor = MaxLimit, ""
	for n := 0; ; {
		f, err := d.search(ctx, q, a)
		if err != nil {
			return n, err
		}
		for _, row := range f.Statements {
			if err := do(row.Statement); err != nil {
				return n, err
			}
			n++
		}
		if f.Next == "" {
			return n, nil
		}
		a.Cursor = f.Next
	}
}

// All calls do for everything on record in the order of ids. It asks the
// catalogue alone, so it is whole even while the index is behind.
func (d *Desk) All(ctx context.Context, do func(record.Statement) error) (int, error) {
	n := 0
	for after := record.ID(""); ; {
		ids, err := d.cat.StatementIDs(ctx, after, MaxLimit)
		if err != nil || len(ids) == 0 {
			return n, err
		}
		after = ids[len(ids)-1]
		found, err := d.cat.Statements(ctx, ids)
		if err != nil {
			return n, err
		}
		for _, s := range found {
			if !shown(s) {
				continue
			}
			if err := do(s); err != nil {
				return n, err
			}
			n++
		}
	}
}

// Facets counts what the question finds by each of the fields: org, person,
// kind, outlet, status, tag, lang, day.
func (d *Desk) Facets(ctx context.Context, a Ask, fields []string) ([]index.Counted, error) {
	q, err := d.read(ctx, a)
	if err != nil {
		return nil, err
	}
	asked := make([]index.Facet, len(fields))
	for i, f := range fields {
		asked[i] = index.Facet{Field: f}
	}
	counted, err := d.ix.Facets(ctx, q.node, asked)
	return counted, asFieldError("field", err)
}
