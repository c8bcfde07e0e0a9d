package attribution

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// near is how many candidates on each side of a segment are weighed.
const near = 24

// best finds the candidate that most likely speaks the segment, and its score.
// It is nil where the line has no candidate.
func (q *par) best(s *segment, prev *segment) (*candidate, float64) {
	at := q.candAfter(s.first)
	var best *candidate
	top := -100.0
	for i := max(0, at-near); i < min(len(q.cands), at+near); i++ {
		c := &q.cands[i]
		between := at - i - 1
		if i >= at {
			between = i - at
		}
		v := q.weigh(s, c, between)
		if prev != nil && prev.by == c {
			if ends, _ := q.between(prev.last, s.first); ends == 0 {
				v += weights[again]
			}
		}
		if v > top {
			best, top = c, v
		}
	}
	return best, top
}

// weigh sums the weights of what speaks for and against c speaking s.
func (q *par) weigh(s *segment, c *candidate, between int) float64 {
	w := &weights
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
	return v
}

func (q *par) weighVerbs(s *segment, c *candidate, ahead bool, gap, ends int) float64 {
	w := &weights
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
	w := &weights
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

// between counts the ends of sentences and the segments among the tokens
// [lo,hi); it looks at 200 tokens at most.
func (q *par) between(lo, hi int) (ends, segs int) {
	wasOuter := true
	for i := lo; i < min(hi, len(q.toks), lo+200); i++ {
		t := &q.toks[i]
		if !t.outer {
			if wasOuter {
				segs++
			}
			wasOuter = false
			continue
		}
		wasOuter = true
		if t.stop() && !q.initial(i) || t.text == ";" {
			ends++
		}
	}
	return ends, segs
}

// initial reports whether the stop at i belongs to a title or an initial.
func (q *par) initial(i int) bool {
	if i == 0 || q.toks[i].text != "." {
		return false
	}
	p := q.toks[i-1]
	return titles[p.low] || utf8.RuneCountInString(p.text) == 1 && p.cap
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

func when(is bool, f feature) float64 {
	if is {
		return weights[f]
	}
	return 0
}

// states weighs whether a segment is somebody's words at all, rather than a
// title, a slogan or a word held at arm's length. Above zero it is.
func (q *par) states(s *segment, score float64, text string) float64 {
	w := &weights
	words := 0
	for i := s.first; i < s.last; i++ {
		if q.toks[i].word {
			words++
		}
	}
	if words == 0 {
		return -100
	}
	if s.carries || s.whole {
		return 10
	}
	if words < 12 && q.onSign(s) {
		return -100
	}
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
	said := s.In(text)
	end, _ := utf8.DecodeLastRuneInString(said)
	v += when(strings.ContainsRune(".,!?…", end), stopInside)
	v += when(words > 1 && words < 7 && titled(q.toks[s.first:s.last]), titleCase)
	v += when(q.words == 0, alone) + when(q.cues == 0 && q.words > 0, saysNone)
	return v + q.weighAhead(s)
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
		return weights[saysBefore]
	case speechless[t.low]:
		return weights[termAhead]
	case i > 0 && speechless[q.toks[i-1].low] && t.word && t.cue == 0 && !pronouns[t.low]:
		return weights[termAhead] / 2
	case determiners[t.low] || t.low == "of":
		return weights[articleAhead]
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
