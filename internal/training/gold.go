package training

import "onrecord/internal/score"

// Gold is the article as the scorer knows labelled texts, under that id.
func (a *Article) Gold(id string) score.Doc {
	d := score.Doc{ID: id, Text: a.Text}
	at := map[string]int{}
	sources := map[string][][2]int{}
	phrase := map[string]string{}
	for _, l := range a.Labels {
		if l.Kind == Source {
			sources[l.Statement] = append(sources[l.Statement], score.Points(a.Text, l.Span))
			if phrase[l.Statement] == "" {
				phrase[l.Statement] = l.In(a.Text)
			}
		}
	}
	for _, l := range a.Labels {
		kind := map[Kind]string{Said: "direct", Indirect: "indirect"}[l.Kind]
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
		d.Statements[i].Spans = append(d.Statements[i].Spans, score.Points(a.Text, l.Span))
	}
	return d
}
