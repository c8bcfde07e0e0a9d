package main

import (
	"math"
	"os"
	"testing"

	"onrecord/attribution"
	"onrecord/internal/training"
)

// The embedded weights are those that the articles give: whoever learns them
// again gets them. Processors round differently, hence the small tolerance.
func TestEmbeddedWeightsAreThoseLearned(t *testing.T) {
	articles, err := training.Read("../../testdata/training")
	if err != nil {
		t.Fatal(err)
	}
	rs, err := readers(articles)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("../../attribution/weights.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > 100_000 {
		t.Errorf("weights.txt has %d bytes, want fewer than 100,000", len(b))
	}
	kept, err := attribution.ParseModel(string(b))
	if err != nil {
		t.Fatal(err)
	}
	got := learn(rs)
	for i, table := range got.Tables() {
		other := kept.Tables()[i].Weights
		if len(table.Weights) == 0 {
			t.Errorf("table %s is empty", table.Name)
		}
		for f, w := range table.Weights {
			if math.Abs(w-other[f]) > 0.05 {
				t.Fatalf("table %s, feature %s: learned %.2f, embedded %.2f; run go generate ./attribution", table.Name, f, w, other[f])
			}
		}
		for f, w := range other {
			if _, ok := table.Weights[f]; !ok && math.Abs(w) > 0.05 {
				t.Fatalf("table %s, feature %s: embedded %.2f, not learned; run go generate ./attribution", table.Name, f, w)
			}
		}
	}
}

func TestFitLearnsWhatIsRight(t *testing.T) {
	var choices []choice
	for i := range 40 {
		choices = append(choices, choice{ways: []way{
			{features: []attribution.Feature{1, attribution.Feature(10 + i%3)}, right: true},
			{features: []attribution.Feature{2, attribution.Feature(10 + i%2)}},
		}})
	}
	w := fit(choices, forKeep)
	if w[1] <= 0 || w[2] >= 0 {
		t.Errorf("weights %v: want the right way's feature above zero and the other's below", w)
	}
	if again := fit(choices, forKeep); again[1] != w[1] || again[2] != w[2] {
		t.Errorf("learned twice: %v and %v", w, again)
	}
}
