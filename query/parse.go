package query

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// parser reads tokens by recursive descent: OR, then AND, then NEAR, then NOT.
// A nil node is something that asks for nothing, such as sort:.
type parser struct {
	source   string
	tokens   []token
	at       int
	now      time.Time
	depth    int // brackets and NOTs that are open
	clauses  int
	sort     string
	collapse string
	asOf     Moment
	leftOut  bool // marks without a letter were left out
	warnings []string
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != end {
		p.at++
	}
	return t
}

func (p *parser) warn(format string, args ...any) {
	p.warnings = append(p.warnings, fmt.Sprintf(format, args...))
}

// query reads the whole.
func (p *parser) query() (Node, error) {
	if p.peek().kind == end {
		return All{}, nil
	}
	n, err := p.either()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind == shut {
		return nil, p.stray(t)
	}
	if n != nil {
		return n, nil
	}
	if p.leftOut {
		return nil, &Error{Column: 1, Detail: "there is no word to search for"}
	}
	return All{}, nil
}

// either reads a OR b OR c.
func (p *parser) either() (Node, error) {
	var nodes []Node
	for {
		n, err := p.all()
		if err != nil {
			return nil, err
		}
		t := p.peek()
		if n == nil && (t.kind == opOr || len(nodes) > 0) {
			if t.kind != opOr {
				t = p.tokens[p.at-1]
			}
			return nil, lone("OR", t)
		}
		if n != nil {
			nodes = append(nodes, n)
		}
		if t.kind != opOr {
			return join(nodes, false), nil
		}
		p.take()
		if k := p.peek().kind; k == end || k == shut || k == opOr || k == opAnd {
			return nil, lone("OR", t)
		}
	}
}

// all reads a b AND c.
func (p *parser) all() (Node, error) {
	var nodes []Node
	if t := p.peek(); t.kind == opAnd || t.kind == opOr {
		return nil, lone(t.text, t)
	}
	for {
		n, err := p.near()
		if err != nil {
			return nil, err
		}
		if n != nil {
			nodes = append(nodes, n)
		}
		switch t := p.peek(); t.kind {
		case end, shut, opOr:
			return join(nodes, true), nil
		case opAnd:
			p.take()
			if k := p.peek().kind; n == nil || k == end || k == shut || k == opOr || k == opAnd {
				return nil, lone("AND", t)
			}
		}
	}
}

func lone(op string, t token) error {
	return &Error{Column: t.column, Detail: op + " needs a word, phrase or field on both sides; to search for the word itself, write it in small letters"}
}

// join makes one node of several, without And in And or Or in Or.
func join(nodes []Node, and bool) Node {
	var flat []Node
	for _, n := range nodes {
		switch x := n.(type) {
		case And:
			if and {
				flat = append(flat, x.Nodes...)
				continue
			}
		case Or:
			if !and {
				flat = append(flat, x.Nodes...)
				continue
			}
		}
		flat = append(flat, n)
	}
	switch {
	case len(flat) == 0:
		return nil
	case len(flat) == 1:
		return flat[0]
	case and:
		return And{flat}
	default:
		return Or{flat}
	}
}

// near reads a NEAR/10 b.
func (p *parser) near() (Node, error) {
	if t := p.peek(); t.kind == opNear {
		return nil, &Error{Column: t.column, Detail: t.text + " needs a word or phrase on its left"}
	}
	left, err := p.not()
	if err != nil {
		return nil, err
	}
	t := p.peek()
	if t.kind != opNear {
		return left, nil
	}
	p.take()
	if !canBeNear(left) {
		return nil, &Error{Column: t.column, Detail: t.text + " needs a word or phrase on its left, not a group, a field or NOT"}
	}
	if k := p.peek().kind; k != bare && k != quoted && k != open {
		return nil, &Error{Column: t.column, Detail: t.text + " needs a word or phrase on its right"}
	}
	column := p.peek().column
	right, err := p.not()
	if err != nil {
		return nil, err
	}
	if !canBeNear(right) {
		return nil, &Error{Column: column, Detail: t.text + " needs a word or phrase on its right, not a group, a field or NOT"}
	}
	if next := p.peek(); next.kind == opNear {
		return nil, &Error{Column: next.column, Detail: "NEAR and PRE join two words or phrases; for three, write two of them with AND between"}
	}
	return Near{Left: left, Right: right, N: t.n, Ordered: t.ordered}, nil
}

func canBeNear(n Node) bool {
	switch n.(type) {
	case Word, Phrase, Wildcard, Fuzzy:
		return true
	}
	return false
}

// not reads NOT x, -x and what stands by itself.
func (p *parser) not() (Node, error) {
	t := p.peek()
	if t.kind != minus && t.kind != opNot {
		return p.primary()
	}
	p.take()
	if err := p.enter(t); err != nil {
		return nil, err
	}
	switch k := p.peek().kind; k {
	case end, shut, opAnd, opOr, opNear, nameless:
		return nil, &Error{Column: t.column, Detail: "NOT needs a word, phrase, field or bracket behind it"}
	}
	n, err := p.not()
	if err != nil {
		return nil, err
	}
	p.depth--
	return Not{n}, nil
}

func (p *parser) enter(t token) error {
	if p.depth++; p.depth > MaxDepth {
		return &Error{Column: t.column, Detail: fmt.Sprintf("brackets and NOTs stand more than %d deep here", MaxDepth)}
	}
	return nil
}

// primary reads a bracket, a word, a phrase or a field.
func (p *parser) primary() (Node, error) {
	t := p.take()
	switch t.kind {
	case open:
		return p.group(t)
	case nameless:
		p.leftOut = true
		p.warn("%q has no letter or digit and was left out", t.text)
		return nil, nil
	}
	if p.clauses++; p.clauses > MaxClauses {
		return nil, &Error{Column: t.column, Detail: fmt.Sprintf("more than %d words, phrases and fields", MaxClauses)}
	}
	switch t.kind {
	case quoted:
		return p.phrase(t)
	case bare:
		return p.bare(t)
	case fieldOf:
		return p.field(t)
	case shut:
		return nil, p.stray(t)
	default:
		return nil, &Error{Column: t.column, Detail: "a word, phrase or field is missing here"}
	}
}

// group reads what stands between brackets.
func (p *parser) group(t token) (Node, error) {
	if err := p.enter(t); err != nil {
		return nil, err
	}
	if k := p.peek().kind; k == shut {
		return nil, &Error{Column: t.column, Detail: "there is nothing between these brackets"}
	}
	if k := p.peek().kind; k == end {
		return nil, &Error{Column: t.column, Detail: "this bracket is not closed"}
	}
	n, err := p.either()
	if err != nil {
		return nil, err
	}
	if p.take().kind != shut {
		return nil, p.unclosed(t)
	}
	if n == nil {
		return nil, &Error{Column: t.column, Detail: "there is nothing to search for between these brackets"}
	}
	p.depth--
	return n, nil
}

// unclosed refuses a bracket and suggests the query with the brackets that it lacks.
func (p *parser) unclosed(t token) error {
	missing := 0
	for _, x := range p.tokens {
		switch x.kind {
		case open:
			missing++
		case shut:
			missing--
		}
	}
	e := &Error{Column: t.column, Detail: "this bracket is not closed"}
	if missing > 0 {
		e.Suggestion = oneLine(p.source) + strings.Repeat(")", missing)
	}
	return e
}

// stray refuses a bracket that closes nothing and suggests the query without it.
func (p *parser) stray(t token) error {
	runes := []rune(p.source)
	return &Error{
		Column: t.column, Detail: "this bracket closes nothing",
		Suggestion: oneLine(string(runes[:t.column-1]) + string(runes[t.column:])),
	}
}

// oneLine is s without the space around it and with single spaces inside.
func oneLine(s string) string { return strings.Join(strings.FieldsFunc(s, isSpace), " ") }

func (p *parser) phrase(t token) (Node, error) {
	text := oneLine(t.text)
	if !strings.ContainsFunc(text, isWordRune) {
		return nil, &Error{Column: t.column, Detail: "there is no word between these quotation marks"}
	}
	for word := range strings.FieldsSeq(text) {
		if err := checkTerm(word, t.column); err != nil {
			return nil, err
		}
	}
	if strings.ContainsAny(text, "*") {
		p.warn("between quotation marks * is no wildcard: %q", text)
	}
	if t.n == 0 {
		return Phrase{text}, nil
	}
	sides := strings.Fields(text)
	if len(sides) != 2 || !strings.ContainsFunc(sides[0], isWordRune) || !strings.ContainsFunc(sides[1], isWordRune) {
		return nil, &Error{Column: t.column, Detail: fmt.Sprintf(`"…"~%d takes two words`, t.n), Suggestion: fmt.Sprintf("first NEAR/%d second", t.n)}
	}
	p.clauses++
	return Near{Left: Phrase{sides[0]}, Right: Phrase{sides[1]}, N: t.n}, nil
}

var fuzzyForm = regexp.MustCompile(`^(.*[^~])~(\d*)$`)

// bare reads a word, a pattern or a fuzzy word.
func (p *parser) bare(t token) (Node, error) {
	text := strings.ToLower(t.text)
	if err := checkTerm(text, t.column); err != nil {
		return nil, err
	}
	if m := fuzzyForm.FindStringSubmatch(text); m != nil {
		return fuzzy(t, m[1], m[2])
	}
	if strings.ContainsAny(text, "*?") {
		return wildcard(t, text)
	}
	switch text {
	case "and", "or", "not":
		if t.text == text {
			p.warn("%s is read as a word; operators are written in capitals: %s", text, strings.ToUpper(text))
		}
	}
	return Word{text}, nil
}

// checkTerm refuses a word longer than any word.
func checkTerm(word string, column int) error {
	if n := utf8.RuneCountInString(word); n > MaxTerm {
		return &Error{Column: column, Detail: fmt.Sprintf("a word of %d letters; at most %d are read", n, MaxTerm)}
	}
	return nil
}

func fuzzy(t token, word, digits string) (Node, error) {
	if strings.ContainsAny(word, "*?~") || !strings.ContainsFunc(word, isWordRune) {
		return nil, &Error{Column: t.column, Detail: "~ stands behind one plain word", Suggestion: "outage~1"}
	}
	switch digits {
	case "", "1":
		return Fuzzy{Text: word, Distance: 1}, nil
	case "2":
		if utf8.RuneCountInString(word) < 4 {
			return nil, &Error{Column: t.column, Detail: "two edits of so short a word reach almost any word", Suggestion: word + "~1"}
		}
		return Fuzzy{Text: word, Distance: 2}, nil
	}
	return nil, &Error{Column: t.column, Detail: fmt.Sprintf("~%.10s: a fuzzy word may differ by 1 or 2 letters", digits), Suggestion: word + "~2"}
}

// wildcard checks that a pattern is led by three letters, so that it names a
// part of the dictionary and not the whole of it.
func wildcard(t token, pattern string) (Node, error) {
	lead := pattern[:strings.IndexAny(pattern, "*?")]
	letters := 0
	for _, r := range lead {
		if !isWordRune(r) && !unicode.IsMark(r) && r != '-' && r != '\'' {
			return nil, &Error{Column: t.column, Detail: fmt.Sprintf("%q: a pattern is of letters and digits with * and ?", pattern)}
		}
		if isWordRune(r) {
			letters++
		}
	}
	if letters < 3 {
		return nil, &Error{Column: t.column, Detail: fmt.Sprintf("%q: at least three letters stand before the first * or ?", pattern), Suggestion: suggestWord(pattern)}
	}
	return Wildcard{pattern}, nil
}

func suggestWord(pattern string) string {
	return strings.Map(func(r rune) rune {
		if isWordRune(r) {
			return r
		}
		return -1
	}, pattern)
}
