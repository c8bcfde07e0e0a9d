// Package query reads what a reader types into a tree, in the language of
// docs/query.md, and writes the tree back as text and as plain English. It is
// pure: it knows no engine and looks nothing up.
package query

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits, checked while a query is read and before any engine sees it.
const (
	MaxBytes   = 2048 // of the query
	MaxClauses = 64   // words, phrases and fields
	MaxDepth   = 16   // brackets and NOTs inside each other
	MaxTerm    = 64   // letters of one word
)

// Parse reads s. Words such as today and P7D count from now. An empty query
// gives All. The error is an *Error.
func Parse(s string, now time.Time) (Query, error) {
	if len(s) > MaxBytes {
		return Query{}, &Error{Column: utf8.RuneCountInString(s[:MaxBytes]) + 1, Detail: fmt.Sprintf("the query is %d bytes long; at most %d are read", len(s), MaxBytes)}
	}
	tokens, err := lex(s)
	if err != nil {
		return Query{}, err
	}
	p := &parser{tokens: tokens, now: now}
	root, err := p.query()
	if err != nil {
		return Query{}, err
	}
	q := Query{Root: root, Sort: p.sort, Warnings: p.warnings}
	if w := onlyStopWords(root); w != "" {
		q.Warnings = append(q.Warnings, w)
	}
	return q, nil
}

// String is the normalised form: the query as it was understood, with every
// operator written out. Parsed again with the same clock it gives the same tree.
func (q Query) String() string {
	s := Format(q.Root)
	if q.Sort == "" {
		return s
	}
	return strings.TrimSpace(s + " sort:" + q.Sort)
}

// frequent are the words that alone say nothing about a statement.
const frequent = " a an and are as at be by for from has have he in is it of on or our that the their they this to was we were will with you "

// onlyStopWords warns of a query that asks for nothing but frequent words.
func onlyStopWords(n Node) string {
	seen, telling := 0, false
	Walk(n, func(n Node) {
		switch n := n.(type) {
		case Word:
			seen++
			telling = telling || !strings.Contains(frequent, " "+n.Text+" ")
		case And, Or, Not, All:
		default:
			telling = true
		}
	})
	if seen == 0 || telling {
		return ""
	}
	return "the query has only very common words, so it finds a great deal; put them in quotation marks to find them in this order"
}

// Walk calls visit for n and every node below it, parents first.
func Walk(n Node, visit func(Node)) {
	visit(n)
	switch n := n.(type) {
	case And:
		for _, x := range n.Nodes {
			Walk(x, visit)
		}
	case Or:
		for _, x := range n.Nodes {
			Walk(x, visit)
		}
	case Not:
		Walk(n.Node, visit)
	case Near:
		Walk(n.Left, visit)
		Walk(n.Right, visit)
	}
}
