package words

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestNormal(t *testing.T) {
	for in, want := range map[string]string{
		"":                                "",
		"  \n\t— … “”":                    "",
		"The NHS's long-standing BACKLOG": "the nhs's longstanding backlog",
		"England’s":                       "england's",
		"the doctors’ strike":             "the doctors strike",
		"‘quoted’ words":                  "quoted words",
		"long‑standing":                   "longstanding",
		"long\u00ADstanding":              "longstanding",
		"café Zoë Łódź Straße":            "cafe zoe lodz strasse",
		"cafe\u0301":                      "cafe",
		"1,000 patients, 3.5 per cent":    "1000 patients 3.5 per cent",
		"2019-20 and 19–22 July":          "2019 20 and 19 22 july",
		"Covid-19":                        "covid19",
		"N.H.S. and U.K. bodies":          "nhs and uk bodies",
		"it ended.Then it began":          "it ended then it began",
		"nhs.example said:yes a_b":        "nhs.example said yes a b",
		"£5m, 20% & more":                 "5m 20 more",
		"- leading and trailing -":        "leading and trailing",
		"a -- b":                          "a b",
		"state-of-the-art":                "stateoftheart",
		"ﬁnal ｗｉｄｅ ①":                     "final wide 1",
		"日本語":                             "日 本 語",
		"\xff\xfeword\xff":                "word",
		"emoji 🚑 here":                    "emoji here",
	} {
		if got := Normal(in); got != want {
			t.Errorf("Normal(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTokensStandWhereTheySay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkTokens(t, text().Draw(t, "text")) })
}

func FuzzTokens(f *testing.F) {
	f.Add("_\u0488A")
	f.Add("The NHS’s “long-standing” back-log:\nN.H.S. 1,000 cafe\u0301 \xff a-")
	f.Fuzz(func(t *testing.T, s string) { checkTokens(t, s) })
}

type failer interface {
	Fatalf(format string, args ...any)
}

func checkTokens(t failer, s string) {
	end := 0
	for _, k := range Tokens(s) {
		if k.Start < end || k.End > len(s) || k.Start >= k.End {
			t.Fatalf("Tokens(%q): %q at [%d,%d), the last one ended at %d", s, k.Text, k.Start, k.End, end)
		}
		end = k.End
		if k.Text == "" || strings.ContainsAny(k.Text, " \n\t-") || !utf8.ValidString(k.Text) {
			t.Fatalf("Tokens(%q): bad token %q", s, k.Text)
		}
		if alone := Normal(k.In(s)); utf8.ValidString(s) && alone != k.Text {
			t.Fatalf("Tokens(%q): %q at its place reads %q", s, k.Text, alone)
		}
		joined := ""
		for _, p := range Parts(s, k) {
			joined += p.Text
		}
		if joined != "" && len(Parts(s, k)) < 2 {
			t.Fatalf("Parts(%q, %q) gives a single part", s, k.Text)
		}
	}
}

func TestAMegabyteOfHyphensIsReadInLinearTime(t *testing.T) {
	start := time.Now()
	if n := len(Tokens(strings.Repeat("a-", 500_000))); n < 5_000 {
		t.Errorf("%d tokens, want runs of at most %d letters", n, longest)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestPartsOfHyphenatedWords(t *testing.T) {
	s := "a Long-Standing state-of-the-art plan"
	var got []string
	for _, k := range Tokens(s) {
		for _, p := range Parts(s, k) {
			got = append(got, p.Text+"="+p.In(s))
		}
	}
	want := "long=Long standing=Standing state=state of=of the=the art=art"
	if g := strings.Join(got, " "); g != want {
		t.Errorf("Parts = %q, want %q", g, want)
	}
}

// text draws what pages hold: words, marks, hyphens, odd letters, line ends.
func text() *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{" ", " ", " ", "\n", "-", "‑", "’", "'", ".", ". ", ", ", ":", "“", "”", "é", "e\u0301", "日", "1,000", "19", "\u00AD", "\u200B"}),
		rapid.StringMatching(`[A-Za-z]{1,8}`),
		rapid.String(),
	)
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "pieces"), "")
	})
}
