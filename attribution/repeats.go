package attribution

import (
	"strings"

	"onrecord/record"
	"onrecord/words"
)

// memory finds words again in the statements of a page: their normal form, and
// for every two words that follow each other the statements that hold them.
type memory struct {
	norm  []string
	whole []bool
	pairs map[string][]int
}

// maxAlike is how many statements that hold the same two words are compared.
const maxAlike = 50

func (g *reading) remember(said []*utterance) memory {
	m := memory{norm: make([]string, len(said)), whole: make([]bool, len(said)), pairs: map[string][]int{}}
	for i, u := range said {
		if m.whole[i] = u.full; !u.full && g.pars[u.par].role != body {
			continue
		}
		n := g.normal(u.spans)
		m.norm[i] = " " + n + " "
		words := strings.Split(n, " ")
		for k := 0; k+1 < len(words); k++ {
			pair := words[k] + " " + words[k+1]
			if is := m.pairs[pair]; len(is) < maxAlike && (len(is) == 0 || is[len(is)-1] != i) {
				m.pairs[pair] = append(is, i)
			}
		}
	}
	return m
}

// fold finds the words of statements again in headlines, pull quotes and the
// reporter's own sentences, and keeps them as repeats of the statement.
func (g *reading) fold(said []*utterance) []*utterance {
	m := g.remember(said)
	for i := range g.pars {
		g.foldLine(&g.pars[i], said, m)
	}
	var out []*utterance
	for _, u := range said {
		if u.full || !g.foldFragment(u, said, m) {
			out = append(out, u)
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
func (g *reading) foldLine(q *par, said []*utterance, m memory) {
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
		if i := g.repeated(s, m, q.role == heading); i >= 0 {
			said[i].repeats = append(said[i].repeats, s)
		}
	}
}

// repeated is the statement that holds the words, two at the least; -1 for none.
// pieces asks for statements of the reporter's sentences too, where no whole one
// holds them.
func (g *reading) repeated(s record.Span, m memory, pieces bool) int {
	n := g.normal([]record.Span{s})
	words := strings.SplitN(n, " ", 3)
	if len(words) < 2 {
		return -1
	}
	piece := -1
	for _, i := range m.pairs[words[0]+" "+words[1]] {
		switch {
		case !strings.Contains(m.norm[i], " "+n+" "):
		case m.whole[i]:
			return i
		case piece < 0 && pieces:
			piece = i
		}
	}
	return piece
}

// foldFragment folds pieces whose words stand in a whole statement of the same
// speaker on this page.
func (g *reading) foldFragment(u *utterance, said []*utterance, m memory) bool {
	into := -1
	title := g.pars[u.par].role == heading
	for _, s := range u.spans {
		i := g.repeated(s, m, title)
		if i < 0 || into >= 0 && i != into {
			return false
		}
		into = i
	}
	if into < 0 {
		return false
	}
	t := said[into]
	guess := title && u.v.person < 0 && u.v.Org == "" // a word of the headline, as it is printed
	if u.v.known() && !guess && !u.v.same(t.v) && !g.oneBody(u.v, t.v) && g.pars[u.par].Kind != record.Standfirst {
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
