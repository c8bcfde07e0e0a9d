package main

import (
	"fmt"
	"unicode/utf8"

	"onrecord/attribution"
	"onrecord/internal/score"
	"onrecord/internal/training"
	"onrecord/record"
)

// crossValidate prints how well weights do on articles that they were not
// learned from.
func crossValidate(rs []reader, verbose bool) {
	var gold, found, rules []score.Doc
	right, all := 0, 0
	for f := range folds {
		train, test := split(rs, f)
		m := learn(train)
		choices, missed := speakers(test, m)
		if verbose {
			for _, s := range missed {
				fmt.Println("no option:", s)
			}
		}
		for _, c := range choices {
			all++
			right += b2i(c.wins())
		}
		for i, r := range test {
			id := fmt.Sprintf("%s/%d", r.article.Name, i%2)
			gold = append(gold, goldOf(r.article, id))
			found = append(found, foundOf(m.Statements(r.page, r.reg), r.article.Text, id))
			rules = append(rules, foundOf(attribution.NewModel(nil, nil, nil).Statements(r.page, r.reg), r.article.Text, id))
		}
	}
	fmt.Printf("%d articles, %d choices of a speaker\n", len(rs)/2, all)
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
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// wins is not known before the weights are: speakers gives the choices of a
// model's own reading, whose likeliest way is the one it took.
func (c choice) wins() bool { return len(c.ways) > 0 }

// goldOf is the article as the scorer knows gold.
func goldOf(a *training.Article, id string) score.Doc {
	d := score.Doc{ID: id, Text: a.Text}
	at := map[string]int{}
	sources := map[string][][2]int{}
	phrase := map[string]string{}
	for _, l := range a.Labels {
		if l.Kind == training.Source {
			sources[l.Statement] = append(sources[l.Statement], points(a.Text, l.Span))
			if phrase[l.Statement] == "" {
				phrase[l.Statement] = l.In(a.Text)
			}
		}
	}
	for _, l := range a.Labels {
		kind := map[training.Kind]string{training.Said: "direct", training.Indirect: "indirect"}[l.Kind]
		if kind == "" {
			continue
		}
		key := kind + l.Statement
		i, ok := at[key]
		if !ok {
			i = len(d.Statements)
			at[key] = i
			s := score.Statement{Kind: kind, SpeakerSpans: sources[l.Statement], SpeakerText: phrase[l.Statement]}
			for n, x := range l.Speakers {
				g := a.Speakers[x]
				if n == 0 {
					s.SpeakerName = g.Name
				} else {
					s.Aliases = append(s.Aliases, g.Name)
				}
				for _, o := range a.Orgs {
					if o.ID == g.Org && g.Name == "" {
						s.Organisation, s.OrgAliases = o.Name, o.Aliases
					}
				}
			}
			d.Statements = append(d.Statements, s)
		}
		d.Statements[i].Spans = append(d.Statements[i].Spans, points(a.Text, l.Span))
	}
	return d
}

// points are the offsets of a span in code points.
func points(text string, s record.Span) [2]int {
	a := utf8.RuneCountInString(text[:s.Start])
	return [2]int{a, a + utf8.RuneCountInString(s.In(text))}
}

// foundOf is what extract prints, as extract_to_pred.py hands it to the scorer.
func foundOf(sts []record.Statement, text, id string) score.Doc {
	d := score.Doc{ID: id}
	for _, st := range sts {
		s := st.Sightings[0]
		kind := string(st.Kind)
		switch st.Kind {
		case record.Declined:
			continue
		case record.Quote, record.Fragment:
			kind = "direct"
		}
		x := score.Statement{Kind: kind, SpeakerText: s.Mention, SpeakerName: s.Speaker.Name, Organisation: s.Speaker.OrgName, Cue: s.Cue}
		if x.SpeakerName == "" {
			x.SpeakerName = s.Speaker.OrgName
		}
		if s.Mention != "" {
			x.SpeakerSpans = [][2]int{points(text, s.MentionSpan)}
		}
		for _, sp := range s.Spans {
			x.Spans = append(x.Spans, points(text, sp))
		}
		d.Statements = append(d.Statements, x)
		for _, r := range s.Repeats {
			y := x
			y.Kind, y.Spans = "direct", [][2]int{points(text, r)}
			d.Statements = append(d.Statements, y)
		}
	}
	return d
}
