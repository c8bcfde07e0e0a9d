package attribution

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// near is how many candidates on each side of a segment are weighed.
const near = 24

// choice is what was chosen for a segment, and how clearly.
type choice struct {
	by      *candidate // nil where the carried speaker, or nobody, was chosen
	carried bool
	score   float64
	odds    float64 // the likelihood of the chosen one among all that were weighed
	second  float64 // of the next best one
}

// choose finds who most likely speaks the segment: a candidate of its line or,
// where there is one, the speaker carried on from the paragraph before.
func (g *reading) choose(q *par, s *segment, a *around, prev *segment, x *context) choice {
	at := q.candAfter(s.first)
	lo, hi := max(0, at-near), min(len(q.cands), at+near)
	best := choice{score: -100}
	total := 0.0
	scores := g.scores[:0]
	g.lesson.begin()
	weigh := func(c *candidate, prior float64) {
		v := prior + g.model.who.Sum(g.fs)
		scores = append(scores, v)
		if v > best.score {
			best.by, best.carried, best.score = c, c == nil, v
		}
		g.lesson.option(q, c, prior, g.fs)
	}
	for i := lo; i < hi; i++ {
		c := &q.cands[i]
		between, rank := at-i-1, q.relatedIn(i+1, at)
		if i >= at {
			between, rank = i-at, q.relatedIn(at, i)
		}
		g.fs = q.weighed(g.fs[:0], s, a, c, prev, between, rank)
		weigh(c, q.weigh(s, c, prev, between))
	}
	if x.carry != nil && q.n-x.carryAt <= 1+maxSkipped {
		g.fs = q.carrying(g.fs[:0], s, a, q.n-x.carryAt, x.led)
		weigh(nil, q.weighCarry(a))
		g.lesson.carries(x)
	}
	for _, v := range scores {
		p := math.Exp(v - best.score)
		total += p
		if v < best.score {
			best.second = max(best.second, p)
		}
	}
	if total > 0 {
		best.odds, best.second = 1/total, best.second/total
	}
	g.scores = scores
	return best
}

func (q *par) around(s *segment, first bool, text string) *around {
	a := &around{close: q.endOf(s, text), open: q.leadOf(s.first), first: first}
	_, a.length = q.lengthOf(s)
	a.related = min(3, q.relatedIn(0, len(q.cands)))
	return a
}

// relatedIn counts the candidates [lo,hi) that are subject of a verb of saying.
func (q *par) relatedIn(lo, hi int) int {
	return int(q.relatedTo[hi] - q.relatedTo[max(lo, 0)])
}

// weighCarry is the rule of thumb for the carried speaker: it speaks where the
// paragraph has nothing but quotations, and hardly where a verb of saying stands.
func (q *par) weighCarry(a *around) float64 {
	switch {
	case q.words == 0:
		return 8
	case q.cues == 0 && a.first && q.startsQuoted():
		return 3
	case q.cues == 0:
		return least
	}
	return least - 2
}

// weigh sums the rules of thumb for and against c speaking s.
func (q *par) weigh(s *segment, c *candidate, prev *segment, between int) float64 {
	w := &rules
	ahead := c.last <= s.first
	lo, hi := s.last, c.first
	if ahead {
		lo, hi = c.last, s.first
	}
	v := w[distance]*steps(hi-lo) + w[candidatesBetween]*float64(min(between, 4))
	ends, segs := q.between(lo, hi)
	v += w[sentenceEnds]*float64(min(ends, 3)) + w[segmentsBetween]*float64(min(segs, 3))
	v += q.weighVerbs(s, c, ahead, hi-lo, ends)
	v += when(c.form == byNoun, noun) + when(c.obliged, obliquely) + when(c.addressee, listener) +
		when(c.strange, oddPhrase) + when(c.leads && ahead && ends == 0, leading) + when(!ahead && c.after > 0 && q.newClause(s.last, c.first), otherClause) +
		when(c.bracketed, inBrackets) + when(c.subject, subjectOf) + when(q.toks[c.last-1].owned, owner)
	if c.form == pronoun {
		switch q.toks[c.first].low {
		case "who", "which":
			v += w[relative]
		case "it":
			v += w[impersonal]
		case "i", "we":
			v += w[firstPerson]
		}
	}
	if prev != nil && prev.by == c {
		if ends, _ := q.between(prev.last, s.first); ends == 0 {
			v += w[again]
		}
	}
	return v
}

func (q *par) weighVerbs(s *segment, c *candidate, ahead bool, gap, ends int) float64 {
	w := &rules
	v := 0.0
	switch {
	case c.after == 2 && c.appositon:
		v += w[verbAfterFar]
	case c.after == 2:
		v += w[verbAfter]
	case c.after == 1:
		v += w[weakAfter]
	}
	switch {
	case c.before == 2 && c.inverted:
		v += w[verbBefore]
		if !ahead && gap <= 4 && ends == 0 {
			v += w[invertedNear]
		}
	case c.before == 1 && c.inverted && !ahead && gap <= 4:
		v += w[verbBefore]
	case c.before == 1:
		v += w[weakBefore]
	}
	v += when(c.according, accordingTo)
	if c.after == 0 && c.before == 0 && !c.according {
		v += w[bare]
	}
	if c.after > 0 {
		v += q.weighVerb(s, c, ahead)
	}
	return v
}

// weighVerb weighs where the verb of saying stands to the segment.
func (q *par) weighVerb(s *segment, c *candidate, ahead bool) float64 {
	w := &rules
	end := c.afterAt + 1
	if end > s.first {
		return w[verbDistance] * steps(max(0, c.afterAt-s.last))
	}
	v := w[verbDistance] * steps(s.first-end)
	ends, segs := q.between(end, s.first)
	if ends == 0 {
		v += w[sameSentence]
	}
	if segs > 0 && ends > 0 {
		v += w[verbOtherSide]
	}
	for i := max(end, s.first-4); i < s.first; i++ {
		if q.toks[i].text == ":" {
			return v + w[colon]
		}
	}
	return v
}

// between counts the ends of sentences outside quotation marks and the segments
// among the tokens [lo,hi).
func (q *par) between(lo, hi int) (ends, segs int) {
	hi = min(hi, len(q.toks))
	if lo >= hi {
		return 0, 0
	}
	a, b := &q.counts[lo], &q.counts[hi]
	segs = int(b.segs - a.segs)
	if lo > 0 && !q.toks[lo].outer && !q.toks[lo-1].outer {
		segs++
	}
	return int(b.ends - a.ends), segs
}

// breaks is how many of the segments that end among the tokens [lo,hi) end a
// sentence too, at most 2: “…X.” The union said …
func (q *par) breaks(lo, hi int) int {
	hi = min(hi, len(q.toks))
	if lo >= hi {
		return 0
	}
	return min(2, int(q.counts[hi].breaks-q.counts[lo].breaks))
}

// count is how many sentences and segments ended, and segments began, before a token.
type count struct{ ends, segs, breaks int32 }

// countTokens fills the counts by which between answers at once.
func (q *par) countTokens() {
	q.counts = make([]count, len(q.toks)+1)
	var n count
	for i := range q.toks {
		t := &q.toks[i]
		switch {
		case t.outer && (t.stop() && !q.initial(i) || t.text == ";"):
			n.ends++
		case !t.outer && (i == 0 || q.toks[i-1].outer):
			n.segs++
		}
		if t.outer && i > 0 && !q.toks[i-1].outer && q.toks[i-1].stop() {
			n.breaks++
		}
		q.counts[i+1] = n
	}
}

// initial reports whether the stop at i belongs to a title or an initial.
func (q *par) initial(i int) bool {
	if i == 0 || q.toks[i].text != "." {
		return false
	}
	p := q.toks[i-1]
	return titles[p.low] || shortened[p.low] || utf8.RuneCountInString(p.text) == 1 && p.cap || strings.Contains(p.text, ".") && i+1 < len(q.toks) && (!q.toks[i+1].cap || !q.toks[i+1].word)
}

// newClause reports whether a conjunction stands between a segment and the
// subject after it: “…” but the union said something else.
func (q *par) newClause(lo, hi int) bool {
	for i := max(lo, hi-3); i < hi; i++ {
		switch q.toks[i].low {
		case "but", "while", "although", "though", "and", "as", "when", "after", "because", "which", "that", "if", "since", "where":
			return true
		}
	}
	return false
}

func when(is bool, f rule) float64 {
	if is {
		return rules[f]
	}
	return 0
}

// states weighs whether a segment is somebody's words at all, rather than a
// title, a slogan or a word held at arm's length. Above zero it is.
func (g *reading) states(q *par, s *segment, a *around, ch choice) float64 {
	words, _ := q.lengthOf(s)
	switch {
	case words == 0:
		return -100
	case s.carries:
		return 10
	case s.whole:
		g.lesson.segment(s, 0, nil)
		return 10
	case words < 12 && (q.onSign(s) || q.onAir(s)), words < 4 && q.nickname(s):
		return -100
	}
	prior := q.weighWords(s, words, ch.score, g.text)
	g.fs = q.stated(g.fs[:0], s, a, ch.score, ch.odds, g.text)
	g.lesson.segment(s, prior, g.fs)
	return prior + g.model.keep.Sum(g.fs)
}

// weighWords sums the rules of thumb for and against a segment being a statement.
func (q *par) weighWords(s *segment, words int, score float64, text string) float64 {
	w := &rules
	v := 0.0
	if q.words > 0 {
		v = w[attributed] * max(-4, min(6, score))
	}
	switch {
	case words <= 2:
		v += w[brief]
	case words <= 5:
		v += w[middling]
	default:
		v += w[long]
	}
	end, _ := utf8.DecodeLastRuneInString(s.In(text))
	v += when(strings.ContainsRune(".,!?…", end), stopInside)
	v += when(words > 1 && words < 7 && titled(q.toks[s.first:s.last]), titleCase)
	v += when(q.words == 0, alone) + when(q.cues == 0 && q.words > 0, saysNone)
	return v + q.weighAhead(s)
}

// nickname reports whether the words stand inside a name: Jane “Tig” Roe.
func (q *par) nickname(s *segment) bool {
	before, after := s.first-1, s.last
	for before >= 0 && !q.toks[before].word && strings.ContainsAny(q.toks[before].text, "“”\"‘’'«»") {
		before--
	}
	for after < len(q.toks) && !q.toks[after].word && strings.ContainsAny(q.toks[after].text, "“”\"‘’'«»") {
		after++
	}
	if before < 0 || after >= len(q.toks) {
		return false
	}
	b, a := q.toks[before], q.toks[after]
	return b.outer && a.outer && b.cap && a.cap && !b.owned && !notNames[b.low] && !notNames[a.low] && q.toks[s.first].cap && q.toks[s.last-1].word
}

// onSign reports whether the words stand on a sign, a shirt or the like.
func (q *par) onSign(s *segment) bool {
	if s.by != nil && writings[q.toks[s.by.last-1].low] {
		return true
	}
	i := s.first - 1
	for i >= 0 && !q.toks[i].word {
		i--
	}
	if i < 0 || q.toks[i].low != "read" && q.toks[i].low != "reads" && q.toks[i].low != "reading" && q.toks[i].low != "saying" {
		return false
	}
	for k := i - 1; k >= 0 && i-k < 10 && !q.toks[k].stop(); k-- {
		if writings[q.toks[k].low] {
			return true
		}
	}
	return false
}

// onAir reports whether the words name a broadcast that somebody speaks on: on
// Channel Nine's “Sunday Desk”.
func (q *par) onAir(s *segment) bool {
	if !titled(q.toks[s.first:s.last]) {
		return false
	}
	i := s.first - 1
	for i >= 0 && !q.toks[i].word && strings.ContainsAny(q.toks[i].text, "“”\"‘’'«»`") {
		i--
	}
	if i < 1 || !q.toks[i].outer || !q.toks[i].owned {
		return false
	}
	for k := i; k >= max(0, i-4) && q.toks[k].outer; k-- {
		switch t := q.toks[k]; {
		case t.low == "on":
			return true
		case !t.word || !t.cap && k < i:
			return false
		}
	}
	return false
}

// weighAhead weighs the word before the segment.
func (q *par) weighAhead(s *segment) float64 {
	i := s.first - 1
	for i >= 0 && !q.toks[i].word && q.toks[i].text != ":" && q.toks[i].text != "," {
		i--
	}
	if i < 0 {
		return 0
	}
	t := q.toks[i]
	switch {
	case t.text == ":" || t.text == "," && i > 0 && q.toks[i-1].cue == 2 || t.cue == 2:
		return rules[saysBefore]
	case speechless[t.low]:
		return rules[termAhead]
	case i > 0 && speechless[q.toks[i-1].low] && t.word && t.cue == 0 && !pronouns[t.low]:
		return rules[termAhead] / 2
	case determiners[t.low] || t.low == "of":
		return rules[articleAhead]
	}
	return 0
}

// titled reports whether every word but the small ones begins with a capital.
func titled(toks []token) bool {
	caps := 0
	for _, t := range toks {
		c, _ := utf8.DecodeRuneInString(t.text)
		switch {
		case !t.word || unicode.IsDigit(c):
		case t.cap:
			caps++
		case len(t.low) > 4 || !phraseEnd[t.low] && !determiners[t.low]:
			return false
		}
	}
	return caps > 0
}
