package catalogue

import (
	"strings"

	"onrecord/words"
)

const (
	together  = 4   // words of a run
	sameShare = 0.6 // of the shorter text's shingles that the longer one must have
	mostWords = 20_000
)

// SameText reports whether two readable texts are those of one page: most of the
// shorter one stands in the longer one, word for word. An edited page, its AMP
// form or its first paragraphs are; two articles of one site are not, whatever
// foot they share.
func SameText(a, b string) bool {
	x, y := tokens(a), tokens(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	x, y = x[:min(len(x), mostWords)], y[:min(len(y), mostWords)]
	if len(x) < 2*together {
		return len(x) > 0 && len(y) < 4*together && strings.Contains(" "+strings.Join(y, " ")+" ", " "+strings.Join(x, " ")+" ")
	}
	have := make(map[string]bool, len(y))
	for i := 0; i+together <= len(y); i++ {
		have[strings.Join(y[i:i+together], " ")] = true
	}
	shared := 0
	for i := 0; i+together <= len(x); i++ {
		if have[strings.Join(x[i:i+together], " ")] {
			shared++
		}
	}
	return float64(shared) >= sameShare*float64(len(x)-together+1)
}

func tokens(s string) []string {
	list := words.Tokens(s)
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.Text
	}
	return out
}
