package score

import (
	"os"
	"strings"
	"testing"

	"onrecord/register"
)

// The gate: rules of identity do not get worse on the project's own pairs.
func TestPairs(t *testing.T) {
	f, err := os.Open("../../testdata/pairs/pairs.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := Pairs(f, register.Default())
	if err != nil {
		t.Fatal(err)
	}
	if got.Pairs < 300 || 2*got.Same > got.Pairs+got.Pairs/10 {
		t.Errorf("%d pairs, %d of them one statement: want 300 at least, half of them two statements", got.Pairs, got.Same)
	}
	if got.Precision < 0.99 || got.Recall < 0.95 {
		t.Errorf("precision %.4f, recall %.4f; want 0.99 and 0.95", got.Precision, got.Recall)
	}
	for _, p := range got.Wrong {
		t.Logf("wrong (%s, same %v): %.120q / %.120q", p.Note, p.Same, p.AText, p.BText)
	}
}

func TestPairsThatCannotBeRead(t *testing.T) {
	for _, s := range []string{"{", `{"a_text":"x","a_date":"soon"}`, `{"b_text":"x","b_date":"2024-13-01"}`} {
		if _, err := Pairs(strings.NewReader(s), register.Default()); err == nil {
			t.Errorf("Pairs(%q) = nil, want an error", s)
		}
	}
	got, err := Pairs(strings.NewReader("\n"), register.Default())
	if err != nil || got.Precision != 1 || got.Recall != 1 {
		t.Errorf("no pairs: %+v, %v", got, err)
	}
}
