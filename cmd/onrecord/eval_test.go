package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"onrecord/internal/score"
)

// own is a file of the repository's testdata.
func own(t *testing.T, path string) string {
	t.Helper()
	file, err := filepath.Abs(filepath.Join("../../testdata", path))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// The gate: figures on the repository's own gold do not fall below what was
// reached on 27 November 2026, less what one article makes.
func TestEvalGold(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	gold := own(t, "gold")
	for name, tt := range map[string]struct {
		args               []string
		segments, endToEnd float64
	}{
		"by phrase": {nil, 97, 90},
		"by name":   {[]string{"--names"}, 97, 79},
	} {
		t.Run(name, func(t *testing.T) {
			var got measured
			if err := json.Unmarshal([]byte(done(t, data, append([]string{"eval", "--json", gold}, tt.args...)...)), &got); err != nil {
				t.Fatal(err)
			}
			v := got.Levels["verbatim segments (direct+mixed)"]
			if v.Overlap.F1 < tt.segments || v.EndToEnd.F1 < tt.endToEnd {
				t.Errorf("segments %.1f, end to end %.1f; want %.1f and %.1f at least", v.Overlap.F1, v.EndToEnd.F1, tt.segments, tt.endToEnd)
			}
			if got.Sure.Right < 90 {
				t.Errorf("of the attributions at %.1f or more %.1f %% are right, want 90 at least", score.High, got.Sure.Right)
			}
		})
	}
}

func TestEvalPrints(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	out := done(t, data, "eval", "--errors", own(t, "gold"))
	for _, want := range []string{"20 documents", "== verbatim statements", "== confidence", "SPK\tV\t"} {
		if !strings.Contains(out, want) {
			t.Errorf("eval --errors prints no %q", want)
		}
	}
	var got score.PairFigures
	if err := json.Unmarshal([]byte(done(t, data, "eval", "--json", "--pairs", own(t, "pairs/pairs.jsonl"))), &got); err != nil {
		t.Fatal(err)
	}
	if got.Precision < 0.99 || got.Recall < 0.95 {
		t.Errorf("pairs: precision %.4f, recall %.4f", got.Precision, got.Recall)
	}
	if out := done(t, data, "eval", "--pairs", own(t, "pairs/pairs.jsonl")); !strings.Contains(out, "precision ") || !strings.Contains(out, "pairs, ") {
		t.Errorf("eval --pairs prints %q", out)
	}
}
