package attribution

import (
	"strings"

	"onrecord/record"
	"onrecord/words"
)

// fold finds the words of statements again in headlines, pull quotes and the
// reporter's own sentences, and keeps them as repeats of the statement.
func (g *reading) fold(said []*utterance) []*utterance {
	norm := make([]string, len(said))
	for i, u := range said {
		if u.full {
			norm[i] = " " + g.normal(u.spans) + " "
		}
	}
	for i := range g.pars {
		g.foldLine(&g.pars[i], said, norm)
	}
	var out []*utterance
	for i, u := range said {
		if u.full || !g.foldFragment(u, said, norm) {
			out = append(out, said[i])
		}
	}
	return out
}

func (g *reading) normal(spans []record.Span) string {
	parts := make([]string, len(spans))
	for i, s := range spans {
		parts[i] = words.Normal(s.In(g.text))
	}
	return strings.Join(parts, " ")
}

// foldLine folds the segments that were not taken for statements, and pull
// quotes without marks.
func (g *reading) foldLine(q *par, said []*utterance, norm []string) {
	var spans []record.Span
	for i := range q.segs {
		if s := &q.segs[i]; !s.keep && q.role != skipped {
			spans = append(spans, s.Span)
		}
	}
	if q.role == pull && len(q.segs) == 0 {
		spans = append(spans, trimmed(g.text, q.Start, q.Start+len(q.line)))
	}
	for _, s := range spans {
		if i := g.repeated([]record.Span{s}, norm); i >= 0 {
			said[i].repeats = append(said[i].repeats, s)
		}
	}
}

// repeated is the statement that holds the words, -1 for none.
func (g *reading) repeated(spans []record.Span, norm []string) int {
	n := g.normal(spans)
	if n == "" || !strings.Contains(n, " ") {
		return -1
	}
	for i, m := range norm {
		if m != "" && strings.Contains(m, " "+n+" ") {
			return i
		}
	}
	return -1
}

// foldFragment folds pieces whose words stand in a whole statement of the same
// speaker on this page.
func (g *reading) foldFragment(u *utterance, said []*utterance, norm []string) bool {
	into := -1
	for _, s := range u.spans {
		i := g.repeated([]record.Span{s}, norm)
		if i < 0 || into >= 0 && i != into {
			return false
		}
		into = i
	}
	if into < 0 {
		return false
	}
	t := said[into]
	if u.v.known() && !u.v.same(t.v) && !g.oneBody(u.v, t.v) && g.pars[u.par].Kind != record.Standfirst {
		return false
	}
	t.repeats = append(t.repeats, u.spans...)
	return true
}

// oneBody reports whether two speakers stand for one organisation: the union
// and its chair, a collective and the body that speaks for it.
func (g *reading) oneBody(a, b *voice) bool {
	if a.Org == "" || b.Org == "" {
		return false
	}
	return a.Org == b.Org || g.speaksAs(a.Org) == b.Org || g.speaksAs(b.Org) == a.Org
}

func (g *reading) speaksAs(id string) string {
	o, _ := g.reg.Org(id)
	return o.SpeaksAs
}
