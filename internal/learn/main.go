// Command learn learns the weights of attribution from the labelled articles in
// testdata/training, and says how well they do on articles that they were not
// learned from. It reads nothing else.
//
//	go run -tags nomsgpack ./internal/learn -out attribution/weights.txt testdata/training
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"onrecord/attribution"
	"onrecord/internal/training"
)

// folds is into how many parts the articles are divided: what is learned from
// four of them is judged on the fifth.
const folds = 5

func main() {
	out := flag.String("out", "", "file to write the weights to; none prints the figures only")
	verbose := flag.Bool("v", false, "list what was found wrong on held-out articles")
	figures := flag.Bool("figures", true, "print how well held-out articles do")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: learn [-v] [-out weights.txt] FOLDER")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *out, *figures, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder, out string, figures, verbose bool) error {
	articles, err := training.Read(folder)
	if err != nil {
		return err
	}
	rs, err := readers(articles)
	if err != nil {
		return err
	}
	if figures {
		crossValidate(rs, verbose)
	}
	if out == "" {
		return nil
	}
	m := learn(rs)
	return os.WriteFile(out, []byte(write(m, len(articles))), 0o644)
}

// learn learns all tables from the readers. The later tables see the choices of
// the earlier ones on articles that those were not learned from: on its own
// articles a speaker is chosen more surely than on a stranger's. How both
// likelihoods make one confidence is learned last, on articles that no table of
// its fold has seen.
func learn(rs []reader) *attribution.Model {
	var tests [folds][]reader
	var who [folds]attribution.Table
	var keep, sure [folds][]choice
	for f := range folds {
		var train []reader
		train, tests[f] = split(rs, f)
		who[f] = learnWho(train)
		keep[f] = wordsSaid(tests[f], attribution.NewModel(who[f], nil, nil, nil))
	}
	kept := fit(slices.Concat(keep[:]...), forKeep)
	// The likelihood of a speaker who is carried on is a feature itself, so this
	// table is learned twice, the second time with the first one in place.
	var table attribution.Table
	for range 2 {
		for f := range folds {
			sure[f] = surely(tests[f], attribution.NewModel(who[f], kept, table, nil))
		}
		table = fit(slices.Concat(sure[:]...), forSure)
	}
	var seen []outcome
	for f := range folds {
		m := attribution.NewModel(who[f], fit(without(keep, f), forKeep), fit(without(sure, f), forSure), nil)
		seen = append(seen, outcomes(tests[f], m)...)
	}
	return attribution.NewModel(learnWho(rs), kept, table, combine(seen))
}

// without are the choices of all folds but one.
func without(by [folds][]choice, f int) []choice {
	by[f] = nil
	return slices.Concat(by[:]...)
}

func learnWho(rs []reader) attribution.Table {
	choices, _ := speakers(rs, attribution.NewModel(nil, nil, nil, nil))
	return fit(choices, forWho)
}

// split divides the readers: every fifth article, beginning with the f-th, is test.
func split(rs []reader, f int) (train, test []reader) {
	for i, r := range rs {
		if i/2%folds == f {
			test = append(test, r)
		} else {
			train = append(train, r)
		}
	}
	return train, test
}

// write prints a model, the features in order.
func write(m *attribution.Model, articles int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Learned from the %d articles in testdata/training by\n#   go generate ./attribution\n", articles)
	for _, t := range m.Tables() {
		var fs []attribution.Feature
		for f := range t.Weights {
			fs = append(fs, f)
		}
		slices.Sort(fs)
		for _, f := range fs {
			fmt.Fprintf(&b, "%s %s %g\n", t.Name, f, t.Weights[f])
		}
	}
	return b.String()
}
