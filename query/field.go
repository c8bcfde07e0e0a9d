package query

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"onrecord/record"
)

// Fields are the names that may stand before a colon, in the order in which
// docs/query.md explains them.
var fields = []string{
	"org", "person", "role", "kind", "outlet", "source", "lang", "tag", "incident", "status",
	"said", "published", "seen", "title", "host", "platform", "has", "sightings", "edited", "version", "first", "like", "asof", "sort", "collapse",
}

// closed are the fields that have only these values.
var closed = map[string][]string{
	"kind":     kindNames(),
	"status":   {string(record.Current), string(record.Updated), string(record.Withdrawn), string(record.Missing), string(record.Removed)},
	"has":      {"evidence", "versions", "sightings"},
	"edited":   {"yes", "no"},
	"version":  {"any"},
	"sort":     {Newest, Oldest, Relevance, Sightings, FirstSeen},
	"collapse": {"statement", "none"},
}

func kindNames() []string {
	var out []string
	for _, k := range record.Kinds {
		out = append(out, string(k))
	}
	return out
}

// field reads name:value.
func (p *parser) field(t token) (Node, error) {
	if !slices.Contains(fields, t.name) {
		return nil, unknownField(t)
	}
	t.text = strings.Join(strings.FieldsFunc(t.text, isSpace), " ")
	if t.text == "" {
		return nil, &Error{Column: t.valueColumn, Detail: t.name + ": needs a value straight behind the colon", Suggestion: t.name + ":" + example(t.name)}
	}
	switch t.name {
	case "said", "published", "seen":
		return p.when(t)
	case "sightings":
		return count(t)
	case "sort":
		return nil, p.sorted(t)
	case "source", "first", "like", "asof":
		return nil, &Error{Column: t.column, Detail: t.name + ": is not supported by this index yet"}
	case "collapse":
		return p.collapse(t)
	}
	return p.values(t)
}

func unknownField(t token) error {
	e := &Error{Column: t.column, Detail: fmt.Sprintf("there is no field %.40q; for these words with a colon, put them in quotation marks", t.name)}
	if near := record.Nearest(t.name, fields); near != "" {
		e.Suggestion = near + ":" + t.text
	} else if t.text != "" && !t.quote {
		e.Suggestion = `"` + t.name + ":" + t.text + `"`
	}
	return e
}

func example(name string) string {
	if list := closed[name]; len(list) > 0 {
		return list[0]
	}
	if e := map[string]string{"org": "nhs-england", "person": `"Jane Roe"`, "role": `"deputy chair"`, "lang": "en", "sightings": ">=3", "outlet": "bbc.co.uk", "host": "bbc.co.uk"}[name]; e != "" {
		return e
	}
	switch name {
	case "said", "published", "seen":
		return "2024-07-19..2024-07-22"
	}
	return "value"
}

// values reads org:a and org:a|b.
func (p *parser) values(t token) (Node, error) {
	list := []string{t.text}
	if !t.quote {
		list = strings.Split(t.text, "|")
	}
	p.clauses += len(list) - 1
	if p.clauses > MaxClauses {
		return nil, &Error{Column: t.column, Detail: fmt.Sprintf("more than %d words, phrases and fields", MaxClauses)}
	}
	var nodes []Node
	column := t.valueColumn
	for _, v := range list {
		n, err := keyword(t.name, v, column)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
		column += len([]rune(v)) + 1
	}
	return join(nodes, false), nil
}

func keyword(name, value string, column int) (Node, error) {
	if list := closed[name]; list != nil {
		v, err := oneOf(name, value, list, column)
		return Field{name, v}, err
	}
	switch {
	case strings.ContainsAny(value, "*?"):
		return nil, &Error{Column: column, Detail: name + ": takes whole values; * and ? stand in words only"}
	case !strings.ContainsFunc(value, isWordRune):
		return nil, &Error{Column: column, Detail: fmt.Sprintf("%s:%.20q has no letter or digit", name, value), Suggestion: name + ":" + example(name)}
	}
	switch name {
	case "lang", "outlet", "host", "platform", "incident":
		value = strings.ToLower(value)
	}
	return Field{name, value}, nil
}

func oneOf(name, value string, list []string, column int) (string, error) {
	v := strings.ToLower(value)
	if slices.Contains(list, v) {
		return v, nil
	}
	e := &Error{Column: column, Detail: fmt.Sprintf("%s: is one of %s, not %.40q", name, strings.Join(list, ", "), value)}
	if near := record.Nearest(v, list); near != "" {
		e.Suggestion = name + ":" + near
	}
	return "", e
}

// sorted keeps the order in which results are asked for.
func (p *parser) sorted(t token) error {
	v, err := oneOf(t.name, t.text, closed["sort"], t.valueColumn)
	switch {
	case err != nil:
		return err
	case p.depth > 0:
		return &Error{Column: t.column, Detail: "sort: stands outside brackets and NOT"}
	case p.sort != "":
		return &Error{Column: t.column, Detail: "sort: stands here twice"}
	}
	p.sort = v
	return nil
}

// collapse accepts the default by name and nothing else so far.
func (p *parser) collapse(t token) (Node, error) {
	v, err := oneOf(t.name, t.text, closed["collapse"], t.valueColumn)
	if err != nil {
		return nil, err
	}
	if v != "statement" {
		return nil, &Error{Column: t.column, Detail: "collapse:none is not supported by this index yet", Suggestion: "collapse:statement"}
	}
	p.warn("collapse:statement is how results are always shown and was left out")
	return nil, nil
}

// count reads sightings:>=3.
func count(t token) (Node, error) {
	op, digits := operator(t.text)
	if op == "" {
		op = "="
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || n > 1_000_000 {
		return nil, &Error{Column: t.valueColumn, Detail: fmt.Sprintf("sightings:%.20s is not a number from 0 to 1000000", t.text), Suggestion: "sightings:>=3"}
	}
	return Count{Name: t.name, Op: op, N: n}, nil
}

// operator cuts a leading comparison off.
func operator(s string) (op, rest string) {
	for _, op := range []string{">=", "<=", ">", "<", "="} {
		if strings.HasPrefix(s, op) {
			return op, s[len(op):]
		}
	}
	return "", s
}
