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
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: learn [-v] [-out weights.txt] FOLDER")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *out, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder, out string, verbose bool) error {
	articles, err := training.Read(folder)
	if err != nil {
		return err
	}
	rs, err := readers(articles)
	if err != nil {
		return err
	}
	crossValidate(rs, verbose)
	if out == "" {
		return nil
	}
	m := learn(rs)
	return os.WriteFile(out, []byte(write(m, len(articles))), 0o644)
}

// learn learns all tables from the readers. The later tables see the choices of
// the earlier ones on articles that those were not learned from: on its own
// articles a speaker is chosen more surely than on a stranger's.
func learn(rs []reader) *attribution.Model {
	var keep, sure []choice
	for f := range folds {
		train, test := split(rs, f)
		who := learnWho(train)
		keep = append(keep, wordsSaid(test, attribution.NewModel(who, nil, nil))...)
	}
	kept := fit(keep, forKeep)
	// The likelihood of a speaker who is carried on is a feature itself, so this
	// table is learned twice, the second time with the first one in place.
	var table attribution.Table
	for range 2 {
		sure = sure[:0]
		for f := range folds {
			train, test := split(rs, f)
			sure = append(sure, surely(test, attribution.NewModel(learnWho(train), kept, table))...)
		}
		table = fit(sure, forSure)
	}
	return attribution.NewModel(learnWho(rs), kept, table)
}

func learnWho(rs []reader) attribution.Table {
	choices, _ := speakers(rs, attribution.NewModel(nil, nil, nil))
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
