package words

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestStem(t *testing.T) {
	for in, want := range map[string]string{
		"surgeries": "surgeri", "surgery": "surgeri", "surgery's": "surgeri",
		"backlogs": "backlog", "affected": "affect", "nhs": "nhs", "it": "it", "": "", "日": "日",
	} {
		if got := Stem(in); got != want {
			t.Errorf("Stem(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestStopWordsAreInNormalForm(t *testing.T) {
	for w := range stops {
		if Normal(w) != w {
			t.Errorf("stop word %q has the normal form %q, so it never matches", w, Normal(w))
		}
	}
	if !Stop("the") || Stop("backlog") {
		t.Errorf("Stop(the), Stop(backlog) = %v, %v, want true, false", Stop("the"), Stop("backlog"))
	}
}

func TestSentences(t *testing.T) {
	s := "Our statement\nDr. Roe spoke at 5 p.m. today. She left at once. “Why?” we asked.\n\n  Ends  "
	var got []string
	for _, x := range Sentences(s) {
		got = append(got, x.In(s))
	}
	want := []string{"Our statement", "Dr. Roe spoke at 5 p.m. today.", "She left at once.", "“Why?” we asked.", "Ends"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Sentences(%q) (-want +got):\n%s", s, d)
	}
}

func FuzzSentences(f *testing.F) {
	f.Add("One. Two!\r\nThree?\u2028Four \xff. Five")
	f.Fuzz(func(t *testing.T, s string) {
		end := 0
		for _, x := range Sentences(s) {
			if x.Start < end || x.End > len(s) || x.Start >= x.End {
				t.Fatalf("Sentences(%q): span [%d,%d) after %d", s, x.Start, x.End, end)
			}
			end = x.End
		}
	})
}

func TestDiff(t *testing.T) {
	for _, tt := range []struct{ old, new, want string }{
		{"", "", ""},
		{"same words", "same words", "=same words|"},
		{"", "new", "+new|"},
		{"we will act today", "we may act today", "=we |-will|+may|= act today|"},
		{"one two three four", "one five six four", "=one |-two three|+five six|= four|"},
	} {
		got := ""
		for _, p := range Diff(tt.old, tt.new) {
			got += string(p.Op) + p.Text + "|"
		}
		if got != tt.want {
			t.Errorf("Diff(%q, %q) = %q, want %q", tt.old, tt.new, got, tt.want)
		}
	}
}

func TestDiffReproducesBothSides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkDiff(t, text().Draw(t, "old"), text().Draw(t, "new"))
	})
}

func FuzzDiff(f *testing.F) {
	f.Add("one, two three", "one two, four\xff")
	f.Fuzz(func(t *testing.T, a, b string) { checkDiff(t, a, b) })
}

func checkDiff(t failer, before, after string) {
	var a, b string
	for _, p := range Diff(before, after) {
		if p.Text == "" {
			t.Fatalf("Diff(%q, %q) has an empty piece", before, after)
		}
		if p.Op != '+' {
			a += p.Text
		}
		if p.Op != '-' {
			b += p.Text
		}
	}
	if a != before || b != after {
		t.Fatalf("Diff(%q, %q) reads back as %q and %q", before, after, a, b)
	}
}

func TestSentenceDiff(t *testing.T) {
	old := "We are aware of a fault. Surgeries are using paper notes. Please attend."
	for name, tt := range map[string]struct {
		new            string
		added, removed []string
	}{
		"the same, set otherwise": {new: "We are  aware of a fault. Surgeries are using paper notes.\nPlease attend."},
		"one out, one in": {
			new:     "We are aware of a fault. Please attend. We will write again at 5pm.",
			added:   []string{"We will write again at 5pm."},
			removed: []string{"Surgeries are using paper notes."},
		},
		"moved only":   {new: "Please attend. We are aware of a fault. Surgeries are using paper notes."},
		"said twice":   {new: old + " Please attend.", added: []string{"Please attend."}},
		"all replaced": {new: "", removed: []string{"We are aware of a fault.", "Surgeries are using paper notes.", "Please attend."}},
	} {
		t.Run(name, func(t *testing.T) {
			added, removed := SentenceDiff(old, tt.new)
			if !slices.Equal(added, tt.added) || !slices.Equal(removed, tt.removed) {
				t.Errorf("SentenceDiff: added %q, removed %q; want %q and %q", added, removed, tt.added, tt.removed)
			}
		})
	}
}
