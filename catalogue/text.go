package catalogue

import (
	"slices"
	"strings"
	"sync"
	"time"

	"onrecord/words"
)

// Text is a wording made ready for comparing: its tokens, and what is made of
// them once it is compared with another. The zero Text has no words.
type Text struct {
	tokens []string
	bare   string    // the wording itself where it has no words: emoji, dashes
	more   *compared // nil for the zero Text
}

// compared is what a comparison of two wordings asks for. Most wordings are
// recorded and never compared with another one.
type compared struct {
	wording string
	once    sync.Once
	runs    map[uint64]struct{} // fingerprints of every run of gram tokens
	// loose and its runs are tokens without what outlets change by their house
	// rules.
	loose     []string
	looseRuns map[uint64]struct{}
}

const (
	gram    = 3 // tokens in a run by which words are checked against words
	shingle = 5 // tokens in a run by which candidates are found
	window  = 4 // of so many neighbouring shingles at least one is kept
	// Telling is the least number of words that point to one statement by
	// themselves. Shorter ones ("We are aware of the issue") are said by many.
	Telling = 8
)

// Prepare reads a wording.
func Prepare(wording string) Text {
	found := words.Tokens(wording)
	t := Text{tokens: make([]string, len(found)), more: &compared{wording: wording}}
	for i, x := range found {
		t.tokens[i] = x.Text
	}
	if len(found) == 0 {
		t.bare = wording
	}
	return t
}

// compared makes what a comparison asks for, the first time.
func (t Text) compared() *compared {
	c := t.more
	if c == nil {
		return &compared{}
	}
	c.once.Do(func() {
		c.runs = runs(t.tokens)
		c.loose = loosen(c.wording)
		c.looseRuns = runs(c.loose)
		c.wording = ""
	})
	return c
}

func runs(tokens []string) map[uint64]struct{} {
	out := make(map[uint64]struct{}, len(tokens))
	for i := 0; i+gram <= len(tokens); i++ {
		out[hashRun(tokens[i:i+gram])] = struct{}{}
	}
	return out
}

// Len is the number of words.
func (t Text) Len() int { return len(t.tokens) }

// Normal is the normal form: two wordings with the same one have the same words.
// A wording without words is its own.
func (t Text) Normal() string { return strings.Join(t.tokens, " ") + t.bare }

// normalOf is Prepare(wording).Normal().
func normalOf(wording string) string {
	if n := words.Normal(wording); n != "" {
		return n
	}
	return wording
}

// Same reports whether both have the same words in the same order, but for
// what outlets change by their house rules.
func (t Text) Same(o Text) bool {
	if t.bare != o.bare {
		return false
	}
	if slices.Equal(t.tokens, o.tokens) {
		return true
	}
	a, b := t.compared().loose, o.compared().loose
	return len(a) > 0 && slices.Equal(a, b)
}

// hashRun is the FNV-1a hash of the tokens, each closed by a zero byte. It is
// stored, so it must not change.
func hashRun(tokens []string) uint64 {
	h := uint64(14695981039346656037)
	for _, t := range tokens {
		for i := range len(t) {
			h = (h ^ uint64(t[i])) * 1099511628211
		}
		h *= 1099511628211
	}
	return h ^ h>>29 // FNV's high bits follow short runs badly
}

// Fingerprints are the hashes under which a wording is looked up, distinct and
// in order of size. Of each window of neighbouring five-word runs the smallest
// hash is kept (winnowing), so that two wordings which share eight words in a row
// share a fingerprint, while only two runs in five are stored. A wording of fewer
// than five words has one fingerprint, that of all its words; one without words
// has none.
func (t Text) Fingerprints() []int64 {
	if len(t.tokens) == 0 {
		return nil
	}
	if len(t.tokens) < shingle {
		return []int64{int64(hashRun(t.tokens))}
	}
	hashes := make([]uint64, 0, len(t.tokens))
	for i := 0; i+shingle <= len(t.tokens); i++ {
		hashes = append(hashes, hashRun(t.tokens[i:i+shingle]))
	}
	var kept []int64
	for i := 0; i == 0 || i+window <= len(hashes); i++ {
		kept = append(kept, int64(slices.Min(hashes[i:min(i+window, len(hashes))])))
	}
	slices.Sort(kept)
	return slices.Compact(kept)
}

// sketchSize bounds what the ledger remembers of a wording.
const sketchSize = 32

// Sketch is what the identity ledger remembers of a wording instead of its
// words: the smallest hashes of its three-word runs, at most 32, in order.
func (t Text) Sketch() []uint64 {
	var s []uint64
	for i := 0; i+gram <= len(t.tokens); i++ {
		s = append(s, hashRun(t.tokens[i:i+gram]))
	}
	if len(s) == 0 && len(t.tokens) > 0 {
		s = append(s, hashRun(t.tokens))
	}
	slices.Sort(s)
	s = slices.Compact(s)
	return s[:min(len(s), sketchSize)]
}

// Resemblance estimates from two sketches which share of the words' runs is
// common to both, 0 to 1.
func Resemblance(a, b []uint64) float64 {
	common, all := 0, 0
	for i, j := 0, 0; all < sketchSize && (i < len(a) || j < len(b)); all++ {
		switch {
		case j == len(b) || i < len(a) && a[i] < b[j]:
			i++
		case i == len(a) || b[j] < a[i]:
			j++
		default:
			common++
			i, j = i+1, j+1
		}
	}
	if all == 0 {
		return 0
	}
	return float64(common) / float64(all)
}

// overlap is the share of runs that both have (Dice's coefficient), 0 to 1; for
// wordings too short for runs, 1 where they are the same and else 0.
func overlap(a, b Text) float64 {
	if a.Same(b) {
		return 1
	}
	less, more := a.compared().runs, b.compared().runs
	if len(less) == 0 || len(more) == 0 {
		return 0
	}
	if len(less) > len(more) {
		less, more = more, less
	}
	common := 0
	for h := range less {
		if _, ok := more[h]; ok {
			common++
		}
	}
	return 2 * float64(common) / float64(len(less)+len(more))
}

// Holds reports whether the words of part stand in whole: all of them, or all
// but what an outlet changes when it quotes. Outlets cut sentences and parts of
// sentences, drop a word, change one, lose a paragraph break. What they do not do
// is put in a sentence, another number, another day or a "not".
func (t Text) Holds(part Text) bool {
	if t.Same(part) {
		return true
	}
	if part.Len() == 0 {
		return false
	}
	whole, loose := t.compared(), part.compared().loose
	if len(loose) == 0 || len(loose) > len(whole.loose)+2 {
		return false
	}
	if len(loose) < Telling {
		return whole.contains(loose)
	}
	return whole.covers(loose) && !differs(whole.loose, loose)
}

// contains reports whether the tokens stand in t in one run.
func (t *compared) contains(tokens []string) bool {
	for i := 0; i+len(tokens) <= len(t.loose); i++ {
		if slices.Equal(t.loose[i:i+len(tokens)], tokens) {
			return true
		}
	}
	return false
}

// covers reports whether all tokens but a few stand in a three-word run of t.
// A stretch of new words longer than a changed word and its neighbours is
// a sentence of the quoter's own.
func (t *compared) covers(tokens []string) bool {
	longest := 2
	if len(tokens) >= 20 {
		longest = 3
	}
	bare, run := 0, 0
	for i, held := range t.held(tokens) {
		if held {
			run = 0
			continue
		}
		bare, run = bare+1, run+1
		if run > longest || t.telling(tokens[i]) {
			return false
		}
	}
	return bare <= max(1, len(tokens)*12/100)
}

// held marks the tokens that stand in a run of t.
func (t *compared) held(tokens []string) []bool {
	held := make([]bool, len(tokens))
	for i := 0; i+gram <= len(tokens); i++ {
		if _, ok := t.looseRuns[hashRun(tokens[i:i+gram])]; ok {
			for j := range gram {
				held[i+j] = true
			}
		}
	}
	return held
}

// telling reports whether this word, where it was changed, makes another
// statement: a number, a day, a month or a negation that t does not have.
func (t *compared) telling(token string) bool {
	return (quantity(token) || denial(token)) && !slices.Contains(t.loose, token)
}

// quantity reports whether the word is a number, a day or a month.
func quantity(token string) bool {
	return strings.ContainsAny(token, "0123456789") || isDate(token) || numbers[token]
}

// numbers are written out; "one" is more often a pronoun.
var numbers = wordSet(`two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion dozen half third quarter double twice once`)

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

func isDate(token string) bool {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(token, d.String()) {
			return true
		}
	}
	for m := time.January; m <= time.December; m++ {
		if m != time.May && strings.EqualFold(token, m.String()) { // "may" is a verb first
			return true
		}
	}
	return false
}

func denial(token string) bool {
	switch token {
	case "not", "no", "never", "cannot", "nor", "none", "nobody", "nothing", "neither", "without":
		return true
	}
	return strings.HasSuffix(token, "n't")
}

// maxAligned bounds the words that are laid side by side; longer wordings are
// compared in their first ones.
const maxAligned = 600

// differs lays the two wordings side by side and reports whether at a place
// where they differ by a few words one of them denies what the other says, or
// has another number or day: "will not close" is not what "will close" says,
// however much else they share. What was cut out whole does not count.
func differs(whole, part []string) bool {
	for _, g := range gaps(whole[:min(len(whole), maxAligned)], part[:min(len(part), maxAligned)]) {
		w, p := g[0], g[1]
		if len(w) > 4 || len(p) > 4 {
			continue
		}
		if denials(w)%2 != denials(p)%2 {
			return true
		}
		if len(w) > 0 && len(p) > 0 && slices.ContainsFunc(p, quantity) && slices.ContainsFunc(w, quantity) && quantities(w) != quantities(p) {
			return true
		}
	}
	return false
}

func denials(tokens []string) int {
	n := 0
	for _, t := range tokens {
		if denial(t) {
			n++
		}
	}
	return n
}

func quantities(tokens []string) string {
	var out []string
	for _, t := range tokens {
		if quantity(t) {
			out = append(out, t)
		}
	}
	return strings.Join(out, " ")
}

// gaps are the stretches at which the longest common subsequence of two
// wordings leaves words out of either: for each, those of a and those of b. A
// single common word inside b is part of the gap around it, and what stands before the
// first run of common words and after the last one is no gap.
func gaps(a, b []string) [][2][]string {
	var out [][2][]string
	last := run{a: -1}
	for _, r := range commonRuns(a, b) {
		if r.n < 2 && r.b+r.n < len(b) && r.b > 0 {
			continue
		}
		switch {
		case last.a >= 0:
			out = append(out, [2][]string{a[last.a+last.n : r.a], b[last.b+last.n : r.b]})
		case r.b > 0:
			out = append(out, [2][]string{a[max(0, r.a-r.b):r.a], b[:r.b]})
		}
		last = r
	}
	return out
}

// run is n words that a and b have in common, at a place in each.
type run struct{ a, b, n int }

// commonRuns cuts the longest common subsequence of two wordings into runs.
func commonRuns(a, b []string) []run {
	width := len(b) + 1
	best := make([]uint16, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				best[i*width+j] = best[(i+1)*width+j+1] + 1
			} else {
				best[i*width+j] = max(best[(i+1)*width+j], best[i*width+j+1])
			}
		}
	}
	var out []run
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			if n := len(out); n > 0 && out[n-1].a+out[n-1].n == i && out[n-1].b+out[n-1].n == j {
				out[n-1].n++
			} else {
				out = append(out, run{i, j, 1})
			}
			i, j = i+1, j+1
		case best[(i+1)*width+j] >= best[i*width+j+1]:
			i++
		default:
			j++
		}
	}
	return out
}
