package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"onrecord/internal/score"
	"onrecord/record"
)

// TestAcceptRelevance asks the judged questions over the visible data and holds
// the scores that testdata/relevance keeps.
func TestAcceptRelevance(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	done(t, data, "import", shared(t, "seed.list.jsonl"), shared(t, "statements.list.jsonl"), shared(t, "articles.list.jsonl"))
	all := everyStatement(t, data)
	f, err := os.Open(own(t, "relevance/visible.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	questions, err := score.ReadQuestions(f)
	if err != nil {
		t.Fatal(err)
	}
	sum, lost := 0.0, 0
	var out strings.Builder
	for _, q := range questions {
		grades := map[record.ID]int{}
		for _, j := range q.Judged {
			if id := named(t, all, j.Name); id != "" {
				grades[id] = max(grades[id], j.Grade)
			} else {
				lost++
				t.Logf("query %s: nothing is on record at %s", q.Query, j.Name)
			}
		}
		var found []record.ID
		var got foundJSON
		if err := json.Unmarshal([]byte(done(t, data, "search", "--json", "--sort", "relevance", "--limit", "10", q.Query)), &got); err != nil {
			t.Fatal(err)
		}
		for _, s := range got.Statements {
			found = append(found, s.ID)
		}
		n := score.First10(found, grades)
		sum += n
		fmt.Fprintf(&out, "%.4f  %s\n", n, q.Query)
	}
	mean := sum / float64(len(questions))
	fmt.Fprintf(&out, "%.4f  mean nDCG@10 of %d queries\n", mean, len(questions))
	if mean < 0.8 || lost > 5 {
		t.Errorf("mean nDCG@10 %.4f, want 0.8 at least; %d judged statements are lost, want 5 at most", mean, lost)
	}
	file := own(t, "relevance/visible.score.txt")
	want, err := os.ReadFile(file)
	if got := out.String(); err != nil || got != string(want) {
		t.Errorf("the scores are\n%s\n%s has\n%s (%v)", got, file, want, err)
	}
}

func everyStatement(t *testing.T, data string) []record.Statement {
	t.Helper()
	var all []record.Statement
	for line := range strings.Lines(done(t, data, "export", "--all", "--format", "jsonl")) {
		var row struct{ Statement record.Statement }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		all = append(all, row.Statement)
	}
	return all
}

// named is the id of the statement that a judgement names: by its id, else by
// what shares the most of the place with it, half of it at least.
func named(t *testing.T, all []record.Statement, name string) record.ID {
	t.Helper()
	var id record.ID
	var address string
	var from, to int
	if n, err := fmt.Sscanf(name, "%s %s %d-%d", &id, &address, &from, &to); n != 4 {
		t.Fatalf("judgement %q: %v", name, err)
	}
	var best record.ID
	most := (to - from) / 2
	for _, s := range all {
		if s.ID == id {
			return id
		}
		for _, x := range s.Sightings {
			if len(x.Spans) == 0 || cmp.Or(x.CanonicalURL, x.URL) != address {
				continue
			}
			if n := min(to, x.Spans[len(x.Spans)-1].End) - max(from, x.Spans[0].Start); n > most {
				best, most = s.ID, n
			}
		}
	}
	return best
}
