package main

import (
	"fmt"
	"math"

	"onrecord/attribution"
	"onrecord/internal/score"
)

// crossValidate prints how well weights do on articles that they were not
// learned from.
func crossValidate(rs []reader, verbose bool) {
	var gold, found, rules []score.Doc
	right, all := 0, 0
	var plain []scored
	for f := range folds {
		train, test := split(rs, f)
		m := learn(train)
		plain = append(plain, plainWords(test, m)...)
		choices, missed := speakers(test, m)
		if verbose {
			for _, s := range missed {
				fmt.Println("no option:", s)
			}
		}
		for _, c := range choices {
			all++
			right += b2i(c.won(m))
		}
		for i, r := range test {
			id := fmt.Sprintf("%s/%d", r.article.Name, i%2)
			gold = append(gold, r.article.Gold(id))
			found = append(found, score.Found(m.Statements(r.page, r.reg), r.article.Text, id))
			rules = append(rules, score.Found(attribution.NewModel(nil, nil, nil, nil).Statements(r.page, r.reg), r.article.Text, id))
		}
	}
	fmt.Printf("%d articles, %d choices of a speaker, %.1f %% right on held-out articles\n", len(rs)/2, all, 100*float64(right)/float64(max(all, 1)))
	o := score.Options{MinWords: 1}
	print := func(name string, found []score.Doc, names bool) {
		o.Names = names
		ls := score.Quotes(gold, found, o)
		fmt.Printf("%-34s segments %.1f (P %.1f R %.1f) attribution %.1f E2E %.1f; statements E2E %.1f; indirect P %.1f E2E %.1f\n", name, ls[0].Overlap.F1, ls[0].Overlap.P, ls[0].Overlap.R, ls[0].Attribution.Accuracy, ls[0].EndToEnd.F1, ls[1].EndToEnd.F1, ls[3].EndToEnd.P, ls[3].EndToEnd.F1)
	}
	print("rules of thumb, by phrase", rules, false)
	print("rules of thumb, by name", rules, true)
	print("learned, held out, by phrase", found, false)
	if verbose {
		o.Wrong = func(e score.Error) {
			if e.Level == "V" {
				fmt.Printf("%s %s: %q gold %q found %q\n", e.What, e.Doc, e.Words, e.Gold, e.Found)
			}
		}
	}
	print("learned, held out, by name", found, true)
	for _, least := range [...]float64{0.5, 0.4, 0.33, 0.25, 0.2} {
		fmt.Printf("  plain articles, words kept from a likelihood of %.2f: F1 %.1f\n", least, keptF1(plain, least))
	}
	for _, b := range score.Reliability(gold, found, score.Options{Names: true}) {
		fmt.Printf("  confidence %.1f to %.1f: %4d quotations, %.1f %% right\n", b.From, b.From+0.1, b.Found, b.Right)
	}
	for _, names := range [...]bool{false, true} {
		sure := score.Sure(gold, found, score.Options{Names: names})
		fmt.Printf("confidence at %.1f or more, held out, names %v: %.1f %% of the quotations, %.1f %% of them right\n", score.High, names, sure.Share, sure.Right)
	}
}

// scored is how likely words were thought to be a statement, and whether they are.
type scored struct {
	likely float64
	said   bool
}

// plainWords are the words in quotation marks of plain articles.
func plainWords(rs []reader, m *attribution.Model) []scored {
	keep := m.Tables()[1].Weights
	var out []scored
	for _, r := range rs {
		if !r.article.Plain {
			continue
		}
		for _, c := range wordsSaid([]reader{r}, m) {
			w := c.ways[0]
			out = append(out, scored{1 / (1 + math.Exp(-w.prior-keep.Sum(w.features))), w.right})
		}
	}
	return out
}

// keptF1 is the F1, in percent, of keeping all words that are at least so likely.
func keptF1(words []scored, least float64) float64 {
	both, kept, said := 0, 0, 0
	for _, w := range words {
		k := w.likely >= least
		both, kept, said = both+b2i(k && w.said), kept+b2i(k), said+b2i(w.said)
	}
	return 200 * float64(both) / float64(max(1, kept+said))
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// won reports whether a right way is the likeliest under the model.
func (c choice) won(m *attribution.Model) bool {
	best, won := math.Inf(-1), false
	for _, w := range c.ways {
		if v := w.prior + m.Tables()[0].Weights.Sum(w.features); v > best {
			best, won = v, w.right
		}
	}
	return won
}
