package query

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a token is.
type kind int

const (
	end      kind = iota
	open          // (
	shut          // )
	minus         // - before something
	opAnd         // AND
	opOr          // OR
	opNot         // NOT
	opNear        // NEAR/n, PRE/n
	bare          // a word, pattern or fuzzy word
	quoted        // between marks
	fieldOf       // name:value
	nameless      // only marks, no letter or digit
)

// token is one piece of a query.
type token struct {
	kind   kind
	column int    // from 1, in code points
	text   string // as typed; of quoted, between the marks; of fieldOf, the value
	name   string // of fieldOf, lower case
	// quote is true for a field's value between marks; valueColumn is where
	// the value begins.
	quote       bool
	valueColumn int
	n           int  // of opNear; of quoted, the N of "…"~N, else 0
	ordered     bool // of opNear: PRE
}

// lexer cuts a query into tokens.
type lexer struct {
	runes []rune
	at    int
	out   []token
}

func lex(s string) ([]token, error) {
	if i := invalid(s); i >= 0 {
		return nil, &Error{Column: utf8.RuneCountInString(s[:i]) + 1, Detail: "the query is not valid UTF-8 here"}
	}
	l := &lexer{runes: []rune(s)}
	for {
		l.skipSpace()
		if l.at >= len(l.runes) {
			l.emit(token{kind: end, column: l.at + 1})
			return l.out, nil
		}
		if err := l.next(); err != nil {
			return nil, err
		}
	}
}

func invalid(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
	}
	return -1
}

func (l *lexer) emit(t token) { l.out = append(l.out, t) }

func (l *lexer) skipSpace() {
	for l.at < len(l.runes) && isSpace(l.runes[l.at]) {
		l.at++
	}
}

// isSpace counts control characters as space: they come from pasting and mean
// nothing to a reader.
func isSpace(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

func isQuote(r rune) bool { return r == '"' || r == '“' || r == '”' || r == '„' }

func (l *lexer) next() error {
	column := l.at + 1
	switch r := l.runes[l.at]; {
	case r == '(':
		l.at++
		l.emit(token{kind: open, column: column})
	case r == ')':
		l.at++
		l.emit(token{kind: shut, column: column})
	case isQuote(r):
		text, err := l.quoted()
		if err != nil {
			return err
		}
		return l.phrase(column, text)
	case r == '-' && l.at+1 < len(l.runes) && !isSpace(l.runes[l.at+1]) && l.runes[l.at+1] != ')':
		l.at++
		l.emit(token{kind: minus, column: column})
	default:
		return l.word(column)
	}
	return nil
}

// quoted reads from the opening mark to behind the closing one.
func (l *lexer) quoted() (string, error) {
	start := l.at
	for i := start + 1; i < len(l.runes); i++ {
		if isQuote(l.runes[i]) {
			l.at = i + 1
			return string(l.runes[start+1 : i]), nil
		}
	}
	rest := strings.TrimSpace(string(l.runes[start+1:]))
	e := &Error{Column: start + 1, Detail: "this quotation mark is not closed"}
	if rest != "" {
		e.Suggestion = `"` + rest + `"`
	}
	return "", e
}

// phrase emits a phrase, with the ~N that may stand behind it.
func (l *lexer) phrase(column int, text string) error {
	t := token{kind: quoted, column: column, text: text}
	if l.at < len(l.runes) && l.runes[l.at] == '~' {
		at := l.at + 2
		l.at++
		digits := l.run()
		n, err := distance(digits, at)
		if err != nil {
			return err
		}
		t.n = n
	}
	l.emit(t)
	return nil
}

// run reads up to the next space, bracket or quotation mark.
func (l *lexer) run() string {
	start := l.at
	for l.at < len(l.runes) {
		if r := l.runes[l.at]; isSpace(r) || r == '(' || r == ')' || isQuote(r) {
			break
		}
		l.at++
	}
	return string(l.runes[start:l.at])
}

var (
	fieldForm = regexp.MustCompile(`^([\p{L}][\p{L}_-]*):(.*)$`)
	nearForm  = regexp.MustCompile(`^(?:(?i:(near|pre|w))?/(\d+)|(?i:(near|pre))(\d+))$`)
)

// word emits what a run of letters stands for: operator, field or word.
func (l *lexer) word(column int) error {
	text := l.run()
	if m := fieldForm.FindStringSubmatch(text); m != nil {
		return l.field(column, m[1], m[2])
	}
	switch text {
	case "AND":
		l.emit(token{kind: opAnd, column: column, text: text})
	case "OR":
		l.emit(token{kind: opOr, column: column, text: text})
	case "NOT":
		l.emit(token{kind: opNot, column: column, text: text})
	case "NEAR", "PRE":
		l.emit(token{kind: opNear, column: column, text: text, n: 10, ordered: text == "PRE"})
	default:
		return l.plain(column, text)
	}
	return nil
}

func (l *lexer) plain(column int, text string) error {
	if m := nearForm.FindStringSubmatch(text); m != nil {
		n, err := distance(m[2]+m[4], column)
		if err != nil {
			return err
		}
		l.emit(token{kind: opNear, column: column, text: text, n: n, ordered: strings.EqualFold(m[1]+m[3], "pre")})
		return nil
	}
	if !strings.ContainsFunc(text, isWordRune) && !strings.ContainsAny(text, "*?") {
		l.emit(token{kind: nameless, column: column, text: text})
		return nil
	}
	l.emit(token{kind: bare, column: column, text: text})
	return nil
}

// field emits name:value; the value may stand between marks.
func (l *lexer) field(column int, name, value string) error {
	t := token{kind: fieldOf, column: column, name: strings.ToLower(name), text: value, valueColumn: column + utf8.RuneCountInString(name) + 1}
	if value == "" && l.at < len(l.runes) && isQuote(l.runes[l.at]) {
		text, err := l.quoted()
		if err != nil {
			return err
		}
		t.text, t.quote = text, true
	}
	l.emit(t)
	return nil
}

// distance reads the N of NEAR/N.
func distance(digits string, column int) (int, error) {
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > 100 {
		return 0, &Error{Column: column, Detail: fmt.Sprintf("%.20q is not a number of words from 1 to 100", digits), Suggestion: "NEAR/10"}
	}
	return n, nil
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
