package desk

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"onrecord/timeline"
	"onrecord/words"
)

const (
	dayPhrases  = 6    // of a day at most
	leastShared = 2    // statements of the day that must have a word
	moreUsual   = 3.0  // times as frequent as on the whole record, at least
	mostStems   = 5000 // of a timeline that are looked up
	together    = 0.6  // share of a word's statements in which it has the same neighbour
)

// dayWords counts the statements of a day by stem, by spelling and by pairs of
// neighbours.
type dayWords struct {
	stems map[string]int
	forms map[string]map[string]int // of a stem
	pairs map[string]map[string]int // of a stem: "first second", as written
}

func wordsOfDay(d timeline.Day) dayWords {
	out := dayWords{map[string]int{}, map[string]map[string]int{}, map[string]map[string]int{}}
	for _, e := range d.Entries {
		seen := map[string]bool{}
		once := func(into map[string]map[string]int, stem, what string) {
			if key := stem + "\x00" + what; !seen[key] {
				seen[key] = true
				if into[stem] == nil {
					into[stem] = map[string]int{}
				}
				into[stem][what]++
			}
		}
		before := ""
		for _, t := range words.Tokens(e.Statement.Text) {
			if words.Stop(t.Text) || utf8.RuneCountInString(t.Text) < 3 || strings.Trim(t.Text, "0123456789") == "" {
				before = ""
				continue
			}
			stem := words.Stem(t.Text)
			if !seen[stem] {
				seen[stem] = true
				out.stems[stem]++
			}
			once(out.forms, stem, t.Text)
			if before != "" {
				once(out.pairs, stem, before+" "+t.Text)
				once(out.pairs, words.Stem(before), before+" "+t.Text)
			}
			before = t.Text
		}
	}
	return out
}

// phrases gives each day the words by which it stands out.
func (d *Desk) phrases(ctx context.Context, days []timeline.Day) error {
	counted := make([]dayWords, len(days))
	asked := map[string]string{} // stem to a word of it
	for i, day := range days {
		counted[i] = wordsOfDay(day)
		for stem, n := range counted[i].stems {
			if n >= leastShared && len(asked) < mostStems {
				asked[stem] = mostly(counted[i].forms[stem])
			}
		}
	}
	stems := slices.Sorted(maps.Keys(asked))
	forms := make([]string, len(stems))
	for i, s := range stems {
		forms[i] = asked[s]
	}
	counts, total, err := d.ix.Frequencies(ctx, forms)
	if err != nil {
		return err
	}
	usual := map[string]float64{}
	for i, s := range stems {
		usual[s] = (float64(counts[i]) + 0.5) / (float64(total) + 1)
	}
	for i := range days {
		days[i].Phrases = counted[i].telling(len(days[i].Entries), usual)
	}
	return nil
}

// telling are the phrases of a day by how unlikely their number is.
func (w dayWords) telling(statements int, usual map[string]float64) []timeline.Phrase {
	type ranked struct {
		timeline.Phrase
		weight float64
	}
	var list []ranked
	for stem, n := range w.stems {
		times := float64(n) / float64(statements) / usual[stem]
		if n < leastShared || usual[stem] == 0 || times < moreUsual {
			continue
		}
		text := mostly(w.forms[stem])
		if pair := mostly(w.pairs[stem]); float64(w.pairs[stem][pair]) >= max(leastShared, together*float64(n)) {
			text, n = pair, w.pairs[stem][pair]
		}
		list = append(list, ranked{timeline.Phrase{Text: text, Statements: n, Times: math.Round(times*10) / 10}, float64(n) * math.Log(times)})
	}
	slices.SortFunc(list, func(a, b ranked) int { return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.Text, b.Text)) })
	var out []timeline.Phrase
	for _, x := range list {
		same := func(p timeline.Phrase) bool {
			return p.Text == x.Text || strings.Contains(" "+p.Text+" ", " "+x.Text+" ")
		}
		if len(out) < dayPhrases && !slices.ContainsFunc(out, same) {
			out = append(out, x.Phrase)
		}
	}
	return out
}

// mostly is the key with the highest count, the first of them in order; "" for none.
func mostly(counts map[string]int) string {
	best := ""
	for k, n := range counts {
		if best == "" || n > counts[best] || n == counts[best] && k < best {
			best = k
		}
	}
	return best
}

// sameWords is the key of a text by which its words are known again: their
// normal form; "" for fewer than five words, which anyone may say.
func sameWords(text string) string {
	n := words.Normal(text)
	if strings.Count(n, " ") < 4 {
		return ""
	}
	return n
}
