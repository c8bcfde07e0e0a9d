package query

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write testdata/trees.txt anew; read its diff as you read code")

// TestTreesOfTheTable holds the language: every line of testdata/trees.txt is a
// query and, below it, the tree that it is read as, or the column and reason of
// its refusal.
func TestTreesOfTheTable(t *testing.T) {
	const file = "testdata/trees.txt"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	n, query := 0, ""
	for lines := bufio.NewScanner(strings.NewReader(string(raw))); lines.Scan(); {
		line := lines.Text()
		want, isTree := strings.CutPrefix(line, "    ")
		switch {
		case strings.HasPrefix(line, "# ") || line == "":
			fmt.Fprintln(&out, line)
		case !isTree:
			n++
			query = line
			fmt.Fprintf(&out, "%s\n    %s\n", query, read(query))
		case read(query) != want && !*update:
			t.Errorf("%s\nis read as %s\nwant       %s", query, read(query), want)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if out.String() != string(raw) {
		t.Errorf("a query of %s stands without its tree; go test ./query -update writes it", file)
	}
	if n < 250 {
		t.Errorf("%s holds %d queries, want 250 and more", file, n)
	}
}

// read is the tree of a query on one line, or why it is refused.
func read(s string) string {
	q, err := Parse(s, noon)
	if err != nil {
		e := err.(*Error)
		out := fmt.Sprintf("! %d %s", e.Column, e.Detail)
		if e.Suggestion != "" {
			out += " → " + e.Suggestion
		}
		return out
	}
	out := sketch(q.Root)
	if !q.AsOf.Time.IsZero() {
		out += " asof=" + instant(q.AsOf.Time)
	}
	if q.Collapse != "" {
		out += " collapse=" + q.Collapse
	}
	if q.Sort != "" {
		out += " sort=" + q.Sort
	}
	for _, w := range q.Warnings {
		out += " ⚠ " + w
	}
	return out
}

func sketch(n Node) string {
	switch n := n.(type) {
	case All:
		return "all"
	case Word:
		return n.Text
	case Phrase:
		return "«" + n.Text + "»"
	case Wildcard:
		return "like(" + n.Pattern + ")"
	case Fuzzy:
		return fmt.Sprintf("fuzzy(%s %d)", n.Text, n.Distance)
	case Near:
		op := "near"
		if n.Ordered {
			op = "pre"
		}
		return fmt.Sprintf("(%s %d %s %s)", op, n.N, sketch(n.Left), sketch(n.Right))
	case Field:
		return fmt.Sprintf("%s=%q", n.Name, n.Value)
	case Range:
		return fmt.Sprintf("%s[%s,%s)", n.Name, instant(n.From), instant(n.To))
	case Count:
		return fmt.Sprintf("%s%s%d", n.Name, n.Op, n.N)
	case Not:
		return "(not " + sketch(n.Node) + ")"
	case And:
		return "(and" + sketchAll(n.Nodes) + ")"
	case Or:
		return "(or" + sketchAll(n.Nodes) + ")"
	default:
		return fmt.Sprintf("%T", n)
	}
}

func sketchAll(nodes []Node) string {
	out := ""
	for _, n := range nodes {
		out += " " + sketch(n)
	}
	return out
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.999Z")
}
