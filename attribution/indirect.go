package attribution

import (
	"regexp"
	"sort"
	"strings"

	"onrecord/record"
)

// reporting are the verbs of saying by which a reporter gives words without
// quotation marks. Verbs of asking, urging and judging are left out.
var reporting = set(`said says say saying told tells added adds adding noted notes argued argues arguing warned warns warning insisted insists
claimed claims claiming suggested suggests acknowledged acknowledges announced announces confirmed confirms confirming explained explains
predicted predicts stated states stating concluded concludes admitted admits recalled recalls denied denies declared declares vowed vows
pledged promised revealed wrote writes estimated contended maintained alleged complained stressed emphasised emphasized reported reports
tweeted testified advised agreed replied responded observed asserted cautioned argue warn note claim insist suggest acknowledge
explain predict state conclude admit contend maintain complain stress estimate estimates recall deny hints hinted boasted joked quipped asked asks`)

// trailing are participles by which a reporter goes on with what the subject of
// the sentence said: "…, saying that the plan would fail".
var trailing = set(`saying adding noting arguing suggesting warning claiming insisting stressing explaining telling confirming announcing acknowledging
predicting recalling stating declaring alleging admitting complaining`)

// reported finds indirect speech: sentences without quotation marks whose verb
// of saying has a subject.
func (g *reading) reported() []*utterance {
	var out []*utterance
	x := &context{}
	for i := range g.pars {
		q := &g.pars[i]
		if q.role != body || q.cues == 0 || q.signed {
			continue
		}
		for _, s := range q.sentences() {
			u := g.reportedIn(q, s[0], s[1], x)
			if u == nil {
				u = g.trailingIn(q, s[0], s[1], x)
			}
			if u != nil {
				out = append(out, u)
			}
		}
	}
	return out
}

// sentences are runs of tokens, [a,b), that end with a stop; of one that holds
// quoted words, the part before the clause that quotes them.
func (q *par) sentences() [][2]int {
	var out [][2]int
	start, clean := 0, true
	for i := range q.toks {
		clean = clean && q.toks[i].outer
		if i+1 < len(q.toks) && (!q.toks[i].stop() || q.initial(i) || !q.toks[i+1].cap && q.toks[i+1].word) {
			continue
		}
		end := i + 1
		if !clean {
			end = q.beforeQuoting(start, end)
		}
		if end-start > 5 {
			out = append(out, [2]int{start, end})
		}
		start, clean = i+1, true
	}
	return out
}

// beforeQuoting is where the last clause before the first quoted word of a
// sentence begins, where that clause has a verb of saying of its own: "Roe said
// the plan had failed, and added: “…”". It is a where there is none.
func (q *par) beforeQuoting(a, b int) int {
	first := a
	for first < b && q.toks[first].outer {
		first++
	}
	for i := first - 1; i > a+5; i-- {
		if q.cutsAt(i, first) {
			return i
		}
	}
	return a
}

// cutsAt reports whether a clause of the reporter's begins at the token, with a
// verb of saying of its own: ", noting", ", but he added", "and said".
func (q *par) cutsAt(i, b int) bool {
	t := q.toks[i]
	if t.text == ";" {
		return true
	}
	if i+2 >= b {
		return false
	}
	next := q.toks[i+1]
	if t.text == "," {
		switch {
		case trailing[next.low] || turning[next.low]:
			return true
		case next.low == "and" || next.low == "but" || next.low == "while" || next.low == "though" || next.low == "although":
			for k := i + 2; k < min(b, i+6); k++ {
				if q.toks[k].cue == 2 {
					return true
				}
			}
		}
		return false
	}
	return (t.low == "and" || t.low == "but") && (next.cue == 2 && strings.HasSuffix(next.low, "ed") || next.low == "said" || next.low == "says" || t.low == "but" && (next.low == "has" || next.low == "had" || next.low == "did"))
}

// turning are participles after which a reporter judges or refers.
var turning = set(`citing calling referring describing accusing pointing comparing according blaming`)

// cut is the end of reported words [from,to) without the clauses of the
// reporter's that follow them.
func (q *par) cut(from, to int) int {
	for i := from + 3; i < to; i++ {
		if q.cutsAt(i, to) {
			return i
		}
	}
	return to
}

func (g *reading) reportedIn(q *par, a, b int, x *context) *utterance {
	end := b
	for end > a && !q.toks[end-1].word && q.toks[end-1].text != "”" && q.toks[end-1].text != ")" {
		end--
	}
	for i := q.candAfter(a); i < len(q.cands) && q.cands[i].last <= b; i++ {
		c := q.cands[i]
		from, to, ok := q.content(c, a, end)
		if !ok {
			continue
		}
		if from > c.last {
			to = q.cut(from, to)
		}
		if to-from < 3 || q.aside(from, to) {
			continue
		}
		v := g.resolve(q, c, x)
		if !v.known() || v.sure < 0.45 || !q.speaks(c) {
			return nil
		}
		g.ownBody(q, v)
		x.heard(v)
		span := record.Span{Start: q.toks[from].Start, End: q.toks[to-1].End}
		return &utterance{kind: record.Indirect, v: v, spans: []record.Span{span}, first: q.n, par: q.n, lastTok: to, sure: 0.7 * v.sure}
	}
	return nil
}

// speaks reports whether a phrase that only its verb makes a candidate can be a
// speaker's: its noun is known for one, or is a plural.
func (q *par) speaks(c candidate) bool {
	head := q.toks[c.last-1].low
	return !c.strange || roleHeads[head] || nouns[head] || personNouns[head] || womanNouns[head] || manNouns[head] || bodyRef(head) || documents[head] ||
		tellers[head] || unnamedHeads[head] != "" || strings.Contains(head, "-year-old") || many(q.toks[c.last-1])
}

// tellers are bodies and works that are said to say something.
var tellers = set(`poll polling survey study research data summary tally count suit lawsuit complaint indictment inquiry probe court tribunal jury panel party
airline article story book column editorial transcript recording video ad advert advertisement assessment analysis judgment judgement ruling`)

// trailingIn finds what the subject of the sentence [a,b) is reported to have
// said by a participle after a comma.
func (g *reading) trailingIn(q *par, a, b int, x *context) *utterance {
	end := b
	for end > a && !q.toks[end-1].word && q.toks[end-1].text != ")" {
		end--
	}
	for i := a + 4; i+4 < end; i++ {
		if !trailing[q.toks[i].low] || q.toks[i-1].text != "," {
			continue
		}
		from := i + 1
		if q.toks[i].low == "telling" || q.toks[i+1].low != "that" {
			for from = i + 1; from < min(end, i+7) && q.toks[from].low != "that"; from++ {
			}
			if from == min(end, i+7) {
				from = i
			}
			if q.toks[i].low == "telling" && from == i {
				return nil
			}
		}
		for k := q.candAfter(a); k < len(q.cands) && q.cands[k].last < i; k++ {
			c := q.cands[k]
			if c.obliged || c.bracketed || !c.subject {
				continue
			}
			v := g.resolve(q, c, x)
			if !v.known() || end-from-1 < 3 {
				return nil
			}
			v.cue, v.rule = q.toks[i].text, "participle"
			x.heard(v)
			span := record.Span{Start: q.toks[from+1].Start, End: q.toks[end-1].End}
			return &utterance{kind: record.Indirect, v: v, spans: []record.Span{span}, first: q.n, par: q.n, lastTok: end, sure: 0.6 * v.sure}
		}
		return nil
	}
	return nil
}

// content is what a candidate of the sentence [a,b) is reported to have said.
func (q *par) content(c candidate, a, b int) (from, to int, ok bool) {
	switch {
	case c.according && (c.first <= a+4 || c.first <= a+7 && q.commaBefore(c.first)):
		for i := c.last; i < b; i++ {
			if q.toks[i].text == "," {
				return i + 1, b, true
			}
		}
		return 0, 0, false
	case c.according:
		to = c.first
		for to > a && q.toks[to-1].low != "according" {
			to--
		}
		return a, lessComma(q, a, to-1), true
	case c.after > 0 && reporting[q.toks[c.afterAt].low] && !c.obliged:
		verb := c.afterAt
		if q.passive(c.last, verb) {
			return 0, 0, false
		}
		if c.first > a+5 && q.toks[c.first-1].text == "," && (b-verb <= 5 || b-verb <= 14 && q.circumstance(verb+1, b)) {
			return a, c.first - 1, true // "…, the union said on Monday"
		}
		return q.afterVerb(verb, b)
	case c.before == 2 && c.inverted && c.first-a > 6 && reporting[q.toks[c.first-1].low]:
		return a, lessComma(q, a, c.first-1), true
	}
	return 0, 0, false
}

// commaBefore reports whether a comma stands before the "according to" that
// leads to the token.
func (q *par) commaBefore(i int) bool {
	for i--; i > 0; i-- {
		if q.toks[i].low == "according" {
			return q.toks[i-1].text == ","
		}
		if q.toks[i].low != "to" && !determiners[q.toks[i].low] {
			return false
		}
	}
	return false
}

// passive reports whether the verb is no act of the subject's: "was declared".
func (q *par) passive(from, verb int) bool {
	if strings.HasSuffix(q.toks[verb].low, "ing") {
		return false
	}
	for i := max(from, verb-3); i < verb; i++ {
		switch q.toks[i].low {
		case "was", "were", "is", "are", "been", "be", "being":
			return true
		}
	}
	return false
}

// circumstance reports whether time, place or occasion follow a verb, and not
// what was said: "…, Roe said during a visit on Monday".
func (q *par) circumstance(i, b int) bool {
	if i >= b {
		return true
	}
	switch w := q.toks[i].low; w {
	case "on", "in", "during", "at", "after", "before", "when", "last", "earlier", "late", "via", "through":
	default:
		if !dayWords[w] {
			return false
		}
	}
	for ; i < b; i++ {
		if q.toks[i].low == "that" {
			return false
		}
	}
	return true
}

// aside reports whether the tokens [a,b) behind a verb tell only where or when
// somebody spoke: "he explained in his statement:".
func (q *par) aside(a, b int) bool {
	switch q.toks[a].low {
	case "in", "on", "at", "during", "via", "through", "by", "from", "after", "before", "outside", "inside":
	default:
		return false
	}
	if b-a > 8 {
		return false
	}
	for i := a; i < b; i++ {
		w := q.toks[i].low
		if auxiliary[w] || pronouns[w] || w == "that" || q.toks[i].cue > 0 || q.toks[i].text == "," {
			return false
		}
	}
	return true
}

func lessComma(q *par, a, to int) int {
	if to > a && q.toks[to-1].text == "," {
		to--
	}
	return to
}

// newSubject reports whether a clause with a subject of its own begins at the
// token: a pronoun or a name, with a verb like "would" or "is" near it.
func (q *par) newSubject(i, b int) bool {
	if i >= b || !(pronouns[q.toks[i].low] || q.toks[i].cap || determiners[q.toks[i].low]) {
		return false
	}
	for k := i + 1; k < min(b, i+8); k++ {
		if auxiliary[q.toks[k].low] {
			return true
		}
	}
	return false
}

// afterVerb is the clause after a verb of saying, without a leading "that"; a
// verb that takes a listener needs the "that".
func (q *par) afterVerb(verb, b int) (from, to int, ok bool) {
	for i := verb + 1; i < min(b, verb+9); i++ {
		if q.toks[i].low == "that" {
			return i + 1, b, true
		}
	}
	switch q.toks[verb].low {
	case "asked", "asks":
		switch q.toks[min(verb+1, b-1)].low {
		case "if", "whether", "why", "how", "what", "who", "when", "where":
			return verb + 1, b, true
		}
		return 0, 0, false
	case "announced", "announces", "noted", "notes", "told", "tells", "pledged", "promised", "vowed":
		if next := q.toks[min(verb+1, b-1)]; verb+1 < b && q.newSubject(verb+1, b) && !listened[q.toks[verb].low] || next.low == "to" && !listened[q.toks[verb].low] {
			return verb + 1, b, true
		}
		return 0, 0, false
	case "reported", "reports", "advised", "agreed", "denied", "denies", "replied", "responded", "wrote", "writes", "testified", "tweeted":
		if q.newSubject(verb+1, b) && q.toks[verb].low != "replied" {
			return verb + 1, b, true
		}
		return 0, 0, false
	}
	if verb+1 < b && (q.toks[verb+1].text == ":" || q.toks[verb+1].low == "of" || q.toks[verb+1].low == "about" || q.toks[verb+1].low == "to") {
		return 0, 0, false
	}
	return verb + 1, b, true
}

var refusal = regexp.MustCompile(`(?i)\b((?:has |have |had )?(?:declined|refused|declines) (?:to|an?) (?:comment|be interviewed|respond|discuss|say|answer|provide|give|confirm|interview|make)[^.;,“"]{0,60}|(?:did|has|have|had|would|does|do) not (?:immediately |yet |immediately be |been )?(?:respond(?:ed)?|repl(?:y|ied)|return(?:ed)?|available|comment(?:ed)?)\b[^.;,“"]{0,60}|(?:did|has|have)n[’']t (?:immediately |yet )?(?:respond(?:ed)?|repl(?:y|ied)|return(?:ed)?|comment(?:ed)?)\b[^.;,“"]{0,60}|(?:has|have|had|was|were) (?:been )?(?:approached|contacted|asked) for (?:a |further |any )?(?:comment|response|statement|reply)[^.;,“"]{0,40}|could not (?:immediately )?be reached[^.;,“"]{0,40}|(?:was|were) not (?:immediately )?available for comment)`)

// about limits a refusal to what is asked of a speaker: "did not respond to
// treatment" is none.
var askedFor = regexp.MustCompile(`(?i)\b(comment|request|requests|enquir|inquir|question|questions|email|emails|call|calls|message|messages|interview|reached|statement|approached|response|say|discuss|confirm)`)

// declined finds who was asked and would not say.
func (g *reading) declined() []*utterance {
	var out []*utterance
	for i := range g.pars {
		q := &g.pars[i]
		if q.role != body || q.signed {
			continue
		}
		if !mayRefuse(q.line) {
			continue
		}
		for _, m := range refusal.FindAllStringIndex(q.line, 8) {
			if said := q.line[m[0]:m[1]]; !askedFor.MatchString(said) || strings.Contains(said, "publicly") {
				continue // who has said nothing in public was not asked by this outlet: silence
			}
			if u := g.refused(q, q.Start+m[0], q.Start+m[1]); u != nil {
				out = append(out, u)
			}
		}
	}
	return out
}

// mayRefuse is a cheap test for a line worth searching for a refusal.
func mayRefuse(line string) bool {
	return holdsOne(line, "declin", "refus", " not ", "n’t", "n't", "approached", "contacted", "asked for") &&
		holdsOne(line, "comment", "respon", "repl", "interview", "return", "reached", "statement", "discuss", "confirm", "answer", " say")
}

func holdsOne(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// refused makes a statement of a refusal: its subject is the last candidate
// before it in its sentence.
func (g *reading) refused(q *par, from, to int) *utterance {
	for i := q.candAfter(q.tokenAt(from)) - 1; i >= 0; i-- {
		c := q.cands[i]
		if q.toks[c.last-1].End > from || c.obliged && !c.subject || c.bracketed {
			continue
		}
		ends, _ := q.between(c.last, q.tokenAt(from))
		if ends > 0 || !q.toks[c.first].outer {
			return nil
		}
		v := g.resolve(q, c, &context{})
		if !v.known() {
			return nil
		}
		v.rule, v.cue = "refusal", ""
		span := trimmed(g.text, from, to)
		return &utterance{kind: record.Declined, v: v, spans: []record.Span{span}, first: q.n, par: q.n, sure: 0.8 * v.sure}
	}
	return nil
}

// tokenAt is the first token that begins at or after the offset.
func (q *par) tokenAt(at int) int {
	return sort.Search(len(q.toks), func(i int) bool { return q.toks[i].Start >= at })
}
