package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"onrecord/attribution"
	"onrecord/ingest"
	"onrecord/internal/score"
	"onrecord/internal/training"
	"onrecord/record"
	"onrecord/register"
)

// ownGold is the repository's own labelled set, which no weight was learned from.
const ownGold = "testdata/gold"

type evalOptions struct {
	names    bool
	minWords int
	errors   bool
	pairs    string
}

func (p *program) evalCommand() *cobra.Command {
	var o evalOptions
	c := &cobra.Command{
		Use:   "eval [GOLD...]",
		Short: "Measure attribution and identity against labelled texts",
		Long: `Read labelled texts, find their statements, and print how many were found and
given to the right speaker. GOLD is a JSON Lines file ({"id","text",
"statements"}, offsets in code points; .gz is opened) or a folder of articles
labelled as in ` + ownGold + `, which is the default.

With --pairs, FILE has one pair of wordings a line,
{"a_text","a_org","a_date","b_text","b_org","b_date","same"}; the rules by which
sightings become one statement are asked about each.

  $ onrecord eval --names gold.jsonl
  $ onrecord eval --pairs testdata/pairs/pairs.jsonl --json

Exit codes: 0 measured, 1 could not read it, 2 wrong usage.`,
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := p.settings()
			if err != nil {
				return err
			}
			reg, err := s.register()
			if err != nil {
				return err
			}
			if o.pairs != "" {
				if len(args) > 0 {
					return usage("eval: give --pairs or GOLD, not both")
				}
				return p.evalPairs(o.pairs, reg)
			}
			if o.minWords < 1 {
				return usage("--min-words %d: want 1 or more", o.minWords)
			}
			if len(args) == 0 {
				args = []string{ownGold}
			}
			for _, a := range args {
				if err := p.evalGold(a, o, reg); err != nil {
					return fmt.Errorf("%s: %w", a, err)
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&o.pairs, "pairs", "", "a file of pairs of wordings; - is standard input")
	c.Flags().BoolVar(&o.names, "names", false, "the resolved name must be right, not only the phrase")
	c.Flags().IntVar(&o.minWords, "min-words", 1, "leave out labelled quotations of fewer words")
	c.Flags().BoolVar(&o.errors, "errors", false, "list what was missed, spurious or given to another speaker")
	return c
}

// measured is what eval prints of one set with --json.
type measured struct {
	Gold   string                 `json:"gold"`
	Docs   int                    `json:"documents"`
	CPU    float64                `json:"seconds"`
	Levels map[string]score.Level `json:"levels"`
	Sure   score.Sureness         `json:"confidence"`
	Bins   []score.Bin            `json:"reliability"`
}

func (p *program) evalGold(name string, o evalOptions, reg *register.Register) error {
	gold, found, took, err := readGold(name, reg)
	if err != nil {
		return err
	}
	opts := score.Options{MinWords: o.minWords, Names: o.names}
	if o.errors && !p.json {
		opts.Wrong = func(e score.Error) {
			fmt.Fprintf(p.stdout, "%s\t%s\t%s\t%s\t%s\t%s\n", e.What, e.Level, e.Doc, e.Words, e.Gold, e.Found)
		}
	}
	levels := score.Quotes(gold, found, opts)
	sure, bins := score.Sure(gold, found, opts), score.Reliability(gold, found, opts)
	if p.json {
		m := measured{Gold: name, Docs: len(gold), CPU: took.Seconds(), Levels: map[string]score.Level{}, Sure: sure, Bins: bins}
		for _, l := range levels {
			m.Levels[l.Name] = l
		}
		return p.print(m)
	}
	fmt.Fprintf(p.stdout, "# %s: %s\n", name, count(len(gold), "document", "documents"))
	score.Print(p.stdout, o.minWords, levels)
	fmt.Fprintf(p.stdout, "== confidence\n  at %.1f or more: %.1f %% of the quotations, %.1f %% of them right\n", score.High, sure.Share, sure.Right)
	for _, b := range bins {
		fmt.Fprintf(p.stdout, "  %.1f to %.1f: %5d quotations, %5.1f %% right\n", b.From, b.From+0.1, b.Found, b.Right)
	}
	return nil
}

// readGold reads a labelled set and what is found in its texts.
func readGold(name string, reg *register.Register) (gold, found []score.Doc, took time.Duration, err error) {
	if info, err := os.Stat(name); err != nil {
		return nil, nil, 0, err
	} else if info.IsDir() {
		return readArticles(name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, 0, err
	}
	defer f.Close()
	var in io.Reader = f
	if filepath.Ext(name) == ".gz" {
		if in, err = gzip.NewReader(f); err != nil {
			return nil, nil, 0, err
		}
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	for n := 1; lines.Scan(); n++ {
		var d score.Doc
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			return nil, nil, 0, fmt.Errorf("line %d: %w", n, err)
		}
		began := time.Now()
		input, err := listLine{Text: &d.Text}.input(".")
		if err != nil {
			return nil, nil, 0, fmt.Errorf("line %d: %w", n, err)
		}
		input.At = began.UTC()
		page, sts, err := ingest.Read(input, reg)
		if err != nil {
			return nil, nil, 0, fmt.Errorf("line %d: %w", n, err)
		}
		took += time.Since(began)
		gold = append(gold, d)
		found = append(found, score.Found(sts, page.Text, d.ID))
	}
	return gold, found, took, lines.Err()
}

// readArticles reads a folder of labelled articles, each with the register of
// its own invented organisations.
func readArticles(dir string) (gold, found []score.Doc, took time.Duration, err error) {
	articles, err := training.Read(dir)
	if err != nil {
		return nil, nil, 0, err
	}
	if len(articles) == 0 {
		return nil, nil, 0, fmt.Errorf("no labelled articles (*.txt): %w", record.ErrNotFound)
	}
	for _, a := range articles {
		reg, err := a.Register()
		if err != nil {
			return nil, nil, 0, err
		}
		began := time.Now()
		sts := attribution.Statements(a.Page(), reg)
		took += time.Since(began)
		gold = append(gold, a.Gold(a.Name))
		found = append(found, score.Found(sts, a.Text, a.Name))
	}
	return gold, found, took, nil
}

func (p *program) evalPairs(name string, reg *register.Register) error {
	in := p.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	f, err := score.Pairs(in, reg)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if p.json {
		return p.print(f)
	}
	fmt.Fprintf(p.stdout, "precision %.4f\nrecall %.4f\n%s, %d of them one statement; %d taken for one, %d rightly\n", f.Precision, f.Recall, count(f.Pairs, "pair", "pairs"), f.Same, f.Found, f.Right)
	for _, w := range f.Wrong {
		verdict := "taken for two"
		if !w.Same {
			verdict = "taken for one"
		}
		fmt.Fprintf(p.stdout, "%s: %q (%s, %s) / %q (%s, %s)\n", verdict, w.AText, w.AOrg, w.ADate, w.BText, w.BOrg, w.BDate)
	}
	return nil
}
