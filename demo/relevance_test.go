package demo_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"onrecord/desk"
	"onrecord/internal/score"
	"onrecord/query"
	"onrecord/record"
)

var update = flag.Bool("update", false, "write testdata/relevance/demo.score.txt anew")

// leastRelevance is the mean nDCG of the first ten results that must be reached.
const leastRelevance = 0.8

// mostLost is how many judged statements the readers of pages may no longer
// find: a better reading drops one now and then, and the score says which.
const mostLost = 3

// The questions were judged before any of them was asked; see the file. The
// score of each is kept, so that a change of one shows in the diff.
func TestTheFirstTenResultsAreRelevant(t *testing.T) {
	folder := filepath.Join("..", "testdata", "relevance")
	raw, err := os.ReadFile(filepath.Join(folder, "demo.txt"))
	must(t, err)
	questions, err := score.ReadQuestions(bytes.NewReader(raw))
	must(t, err)
	d, _ := house(t)
	var all []record.Statement
	_, err = d.All(t.Context(), func(s record.Statement) error {
		all = append(all, s)
		return nil
	})
	must(t, err)
	sum, lost := 0.0, 0
	var out strings.Builder
	for _, q := range questions {
		grades := map[record.ID]int{}
		for _, j := range q.Judged {
			before := len(grades)
			for _, s := range all {
				if strings.Contains(s.Text, j.Name) {
					grades[s.ID] = max(grades[s.ID], j.Grade)
				}
			}
			if len(grades) == before {
				lost++
				fmt.Fprintf(&out, "lost    %s: %s\n", q.Query, j.Name)
			}
		}
		var found []record.ID
		got, err := d.Search(t.Context(), desk.Ask{Q: q.Query, Sort: query.Relevance, Limit: 10})
		must(t, err)
		for _, row := range got.Statements {
			found = append(found, row.ID)
		}
		n := score.First10(found, grades)
		sum += n
		fmt.Fprintf(&out, "%.4f  %s\n", n, q.Query)
	}
	mean := sum / float64(len(questions))
	fmt.Fprintf(&out, "%.4f  mean nDCG@10 of %d queries\n", mean, len(questions))
	if mean < leastRelevance || lost > mostLost {
		t.Errorf("mean nDCG@10 %.4f, want %.1f at least; %d judged statements are lost, want %d at most\n%s", mean, leastRelevance, lost, mostLost, &out)
	}
	file := filepath.Join(folder, "demo.score.txt")
	if *update {
		must(t, os.WriteFile(file, []byte(out.String()), 0o644))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if got := out.String(); got != string(want) {
		t.Errorf("the scores are\n%s\nthe file has\n%s\ngo test ./demo -update writes them; say in the commit why one fell", got, want)
	}
}
