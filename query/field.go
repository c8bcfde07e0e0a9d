package query

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"onrecord/record"
)

// Fields are the names that may stand before a colon, in the order in which
// docs/query.md explains them.
var fields = []string{
	"org", "lineage", "person", "role", "kind", "outlet", "source", "lang", "tag", "incident", "status",
	"said", "published", "seen", "title", "host", "platform", "has", "sightings", "edited", "version", "first", "like", "asof", "sort", "collapse",
}

// otherNames are what the fields are called elsewhere. They are suggested, not
// accepted: one field has one name.
var otherNames = map[string]string{
	"organization": "org", "organisation": "org", "by": "org", "speaker": "person", "author": "person", "name": "person", "position": "role",
	"type": "kind", "site": "host", "domain": "host", "publication": "outlet", "language": "lang", "label": "tag", "event": "incident",
	"date": "said", "day": "said", "captured": "seen", "order": "sort", "headline": "title", "similar": "like", "predecessors": "lineage", "successor": "lineage",
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
	t.text = oneLine(t.text)
	if t.text == "" {
		return nil, &Error{Column: t.valueColumn, Detail: t.name + ": needs a value straight behind the colon", Suggestion: t.name + ":" + example(t.name)}
	}
	switch t.name {
	case "said", "published", "seen":
		return p.when(t)
	case "sightings":
		return count(t)
	case "sort":
		return nil, p.once(t, &p.sort)
	case "collapse":
		return nil, p.once(t, &p.collapse)
	case "asof":
		return nil, p.stood(t)
	case "first", "like":
		return single(t)
	}
	return p.values(t)
}

func unknownField(t token) error {
	e := &Error{Column: t.column, Detail: fmt.Sprintf("there is no field %.40q; for these words with a colon, put them in quotation marks", t.name)}
	if near := cmp.Or(otherNames[t.name], record.Nearest(t.name, fields)); near != "" {
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
	if e := map[string]string{"org": "nhs-england", "lineage": "nhs-england", "person": `"Jane Roe"`, "role": `"deputy chair"`, "lang": "en", "sightings": ">=3", "outlet": "bbc.co.uk", "host": "bbc.co.uk"}[name]; e != "" {
		return e
	}
	switch name {
	case "said", "published", "seen":
		return "2024-07-19..2024-07-22"
	case "asof":
		return "2024-07-20T12:00"
	case "like":
		return "st_1a2b3c"
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

// once keeps sort: or collapse:, which concern the whole query.
func (p *parser) once(t token, into *string) error {
	v, err := oneOf(t.name, t.text, closed[t.name], t.valueColumn)
	if err != nil {
		return err
	}
	if err := p.whole(t, *into != ""); err != nil {
		return err
	}
	*into = v
	return nil
}

// whole refuses a field of the whole query inside brackets or a second time.
func (p *parser) whole(t token, again bool) error {
	switch {
	case p.depth > 0:
		return &Error{Column: t.column, Detail: t.name + ": stands outside brackets and NOT"}
	case again:
		return &Error{Column: t.column, Detail: t.name + ": stands here twice"}
	}
	return nil
}

// stood reads asof:. A day, month or year is the whole of it; a span such as
// 24h is the moment that long ago.
func (p *parser) stood(t token) error {
	if err := p.whole(t, p.asOf.Text != ""); err != nil {
		return err
	}
	at, err := p.last(strings.ToUpper(t.text))
	if err != nil {
		e := &Error{Column: t.valueColumn, Detail: fmt.Sprintf("asof:%.60s: %v; %s", t.text, err, momentExamples)}
		if day := britishDay(t.text); day != "" {
			e.Suggestion = "asof:" + day
		}
		return e
	}
	if at.After(p.now) {
		p.warn("asof:%s has not passed yet: this is the record as it stands", t.text)
	}
	p.asOf = Moment{Time: at, Text: strings.ToLower(t.text)}
	return nil
}

// last is the last moment that the words name. s is in capitals.
func (p *parser) last(s string) (time.Time, error) {
	if d, ok := parseSpan(s); ok {
		return d.before(p.now), nil
	}
	i, err := p.moment(s)
	if err != nil || i.Timed() {
		return i.Time, err
	}
	return i.End().Add(-time.Millisecond), nil
}

var statementForm = regexp.MustCompile(`^st_[0-9a-zA-Z]+$`)

// single reads first:"words" and like:st_….
func single(t token) (Node, error) {
	switch {
	case t.name == "like" && !statementForm.MatchString(t.text):
		return nil, &Error{Column: t.valueColumn, Detail: fmt.Sprintf("like:%.40q is not the id of a statement", t.text), Suggestion: "like:" + example("like")}
	case t.name == "first" && !strings.ContainsFunc(t.text, isWordRune):
		return nil, &Error{Column: t.valueColumn, Detail: fmt.Sprintf("first:%.20q holds no word", t.text), Suggestion: `first:"these words"`}
	}
	for word := range strings.FieldsSeq(t.text) {
		if err := checkTerm(word, t.valueColumn); err != nil {
			return nil, err
		}
	}
	return Field{t.name, t.text}, nil
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
