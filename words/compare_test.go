package words

import (
	"math/bits"
	"slices"
	"strings"
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

func TestFingerprintsOfLikeTextsAreNear(t *testing.T) {
	a := "We are aware of a fault in the appointments system that is slowing bookings at surgeries across the county and we are sorry."
	b := strings.Replace(a, "slowing bookings", "slowing down bookings", 1)
	c := "The union said its members will vote next week on whether to walk out over pay and the length of night shifts in winter."
	near, far := bits.OnesCount64(Simhash(a)^Simhash(b)), bits.OnesCount64(Simhash(a)^Simhash(c))
	if near > 14 || far < 18 {
		t.Errorf("distance of like texts %d (want at most 14), of others %d (want at least 18)", near, far)
	}
	if Simhash("long-standing “issue”") != Simhash("Longstanding issue") {
		t.Error("Simhash differs where the normal form does not")
	}
}

func TestShinglesAndContainment(t *testing.T) {
	whole := "tuesday was the hardest working day that most of our members can remember"
	cut := "the hardest working day that most of our members"
	if got := Containment(Shingles(cut, 3), Shingles(whole, 3)); got != 1 {
		t.Errorf("share of a cut in its whole = %v, want 1", got)
	}
	if got := Containment(Shingles(whole, 3), Shingles(cut, 3)); got <= 0.5 || got >= 1 {
		t.Errorf("share of the whole in its cut = %v, want between 0.5 and 1", got)
	}
	for _, s := range []string{"", "—"} {
		if got := Shingles(s, 3); got != nil {
			t.Errorf("Shingles(%q) = %v, want none", s, got)
		}
	}
	if a, b := Shingles("two words", 5), Shingles("two words", 2); !slices.Equal(a, b) || len(a) != 1 {
		t.Errorf("a text shorter than its shingles: %v and %v, want one shingle", a, b)
	}
	if got := Containment(nil, Shingles(whole, 3)); got != 0 {
		t.Errorf("Containment of nothing = %v, want 0", got)
	}
}

// Fingerprints are stored, so a release may not change them.
func TestFingerprintsAreStable(t *testing.T) {
	s := "a fault in the appointments system"
	if got := Simhash(s); got != wantSimhash {
		t.Errorf("Simhash(%q) = %#x, want %#x", s, got, uint64(wantSimhash))
	}
	if got := Shingles(s, 5); !slices.Equal(got, wantShingles) {
		t.Errorf("Shingles(%q, 5) = %#x, want %#x", s, got, wantShingles)
	}
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

const wantSimhash = 0x2ba40f8c0b60b4f3

var wantShingles = []uint64{0x649e3050c74ef7ea, 0x64a573d7d63a0217}
