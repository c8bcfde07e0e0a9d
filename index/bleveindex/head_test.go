package bleveindex

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"onrecord/words"
)

func TestEveryWordBeginsWithTheHeadOfItsStem(t *testing.T) {
	ends := []string{"", "s", "'s", "es", "ed", "edly", "ing", "ingly", "y", "ies", "ied", "ily", "ly", "er", "ers", "or", "ism", "ist", "ize", "ised", "ization", "ational", "ation", "ability", "ibility", "ibly", "ably", "iveness", "ivity", "fulness", "fully", "lessly", "ousness", "ously", "ality", "ally", "ency", "ance", "ment", "ements", "icate", "ological", "eed", "eedly", "ion", "sion", "tional", "ative", "bli", "le", "tte", "ll"}
	check := func(t interface{ Fatalf(string, ...any) }, w string) {
		stem := words.Stem(w)
		heads := headsOf(stem)
		if w != stem && !slices.ContainsFunc(heads, func(h string) bool { return strings.HasPrefix(w, h) }) {
			t.Fatalf("%q has the stem %q and begins with none of %q", w, stem, heads)
		}
	}
	for _, w := range strings.Fields("dying lying tying dies lies ties skies sky skis idly gently ugly early only singly news howe atlas cosmos bias andes inning outing canning herring earring proceed exceed succeed a's by as is ably abs add adding ebbing oking hopping hoping ate eyed") {
		check(t, w)
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.StringMatching(`[a-z]{1,7}`).Draw(t, "word")+rapid.SampledFrom(ends).Draw(t, "end")+rapid.SampledFrom(ends).Draw(t, "more"))
	})
}
