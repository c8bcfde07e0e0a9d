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
	p := &parser{source: s, tokens: tokens, now: now}
	root, err := p.query()
	if err != nil {
		return Query{}, err
	}
	q := Query{Root: root, Sort: p.sort, AsOf: p.asOf, Collapse: p.collapse, Warnings: p.warnings}
	for _, w := range []string{onlyStopWords(root), idleVersion(root)} {
		if w != "" {
			q.Warnings = append(q.Warnings, w)
		}
	}
	return q, nil
}

// String is the normalised form: the query as it was understood, with every
// operator written out. Parsed again with the same clock it gives the same tree.
func (q Query) String() string {
	s := Format(q.Root)
	for _, x := range [][2]string{{"asof", q.AsOf.Text}, {"collapse", q.Collapse}, {"sort", q.Sort}} {
		if x[1] != "" {
			s += " " + x[0] + ":" + x[1]
		}
	}
	return strings.TrimSpace(s)
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

// idleVersion warns of version:any where no words stand beside it.
func idleVersion(n Node) string {
	idle := ""
	look := func(nodes []Node) {
		words := false
		for _, x := range nodes {
			Walk(x, func(n Node) { words = words || isWords(n) })
		}
		if !words {
			idle = "version:any changes nothing here: it widens the words that stand beside it, and there are none"
		}
	}
	any := Node(Field{Name: "version", Value: "any"})
	if n == any {
		look(nil)
	}
	Walk(n, func(n Node) {
		switch n := n.(type) {
		case And:
			for _, x := range n.Nodes {
				if x == any {
					look(n.Nodes)
					break
				}
			}
		case Or:
			for _, x := range n.Nodes {
				if x == any {
					look(nil)
				}
			}
		case Not:
			if n.Node == any {
				look(nil)
			}
		}
	})
	return idle
}

func isWords(n Node) bool {
	switch n.(type) {
	case Word, Phrase, Wildcard, Fuzzy, Near:
		return true
	}
	return false
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
	case AtLeast:
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
