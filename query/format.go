package query

import (
	"strconv"
	"strings"
)

// Format is the normalised text of a tree; "" for All and nil. IDs, which
// nobody can type, are shown as a count between angle brackets.
func Format(n Node) string {
	switch n := n.(type) {
	case Word:
		return n.Text
	case Phrase:
		return `"` + n.Text + `"`
	case Wildcard:
		return n.Pattern
	case Fuzzy:
		return n.Text + "~" + strconv.Itoa(n.Distance)
	case Field:
		return n.Name + ":" + quoteValue(n.Value)
	case Range:
		return n.Name + ":" + n.Text
	case Count:
		return n.Name + ":" + strings.TrimPrefix(n.Op, "=") + strconv.Itoa(n.N)
	case AtLeast:
		return "<" + strconv.Itoa(n.N) + " of " + strconv.Itoa(len(n.Nodes)) + ">"
	case IDs:
		return "<" + strconv.Itoa(len(n.IDs)) + " statements>"
	case Near:
		op := " NEAR/"
		if n.Ordered {
			op = " PRE/"
		}
		return Format(n.Left) + op + strconv.Itoa(n.N) + " " + Format(n.Right)
	case And:
		return formatAll(n.Nodes, " AND ")
	case Or:
		return formatAll(n.Nodes, " OR ")
	case Not:
		return "NOT " + inBrackets(n.Node)
	default:
		return ""
	}
}

func formatAll(nodes []Node, op string) string {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		switch n.(type) {
		case And, Or:
			parts[i] = inBrackets(n)
		default:
			parts[i] = Format(n)
		}
	}
	return strings.Join(parts, op)
}

func inBrackets(n Node) string {
	switch n.(type) {
	case And, Or, Near:
		return "(" + Format(n) + ")"
	}
	return Format(n)
}

func quoteValue(v string) string {
	if strings.ContainsAny(v, " |()\"*?") {
		return `"` + v + `"`
	}
	return v
}
