package attribution

import (
	"slices"
	"strings"

	"onrecord/record"
)

const (
	maxJoint = 8 // speakers of one statement; candidates looked back for the first
	maxPause = 3 // tokens between the last speaker and the verb: "both also said"
)

// withPartners adds the other speakers of "A, chair of X, and B, chief executive
// of Y, said", "X and Y said", "said X, Y and Z"; the first named comes first.
func (g *reading) withPartners(q *par, c candidate, v *voice) {
	if c.form == byNoun && documents[q.toks[c.last-1].low] { // "a joint statement from X and Y"
		if i := q.candAfter(c.last); i < len(q.cands) && q.cands[i].first <= c.last+2 {
			c = q.cands[i]
		}
	}
	if c.form != byName && c.form != byOrg || c.addressee || c.bracketed {
		return
	}
	group := q.together(c)
	if len(group) < 2 {
		return
	}
	voices := g.voicesOf(q, group, v.sure)
	if len(voices) < 2 {
		return
	}
	first, last := voices[0], voices[len(voices)-1]
	v.are(voices)
	v.mention = record.Span{Start: first.mention.Start, End: last.mention.End}
}

// are makes the voice that of several who speak together.
func (v *voice) are(voices []*voice) {
	v.Speaker, v.person, v.orgRule, v.joint = voices[0].Speaker, voices[0].person, voices[0].orgRule, nil
	for _, w := range voices[1:] {
		v.joint = append(v.joint, w.Speaker)
	}
}

// voicesOf are the speakers that some candidates name, each once.
func (g *reading) voicesOf(q *par, group []candidate, sure float64) []*voice {
	var voices []*voice
	for _, m := range group {
		w := &voice{mention: q.span(m), person: -1, sure: sure, at: q.toks[m.first].Start}
		if m.form == byName {
			g.resolveName(q, m, w)
		} else {
			g.resolveOrg(q, m, w)
		}
		if w.known() && !slices.ContainsFunc(voices, w.same) {
			voices = append(voices, w)
		}
	}
	return voices
}

// together are the names and bodies, c among them, that say something together:
// parted by commas and an "and" before the last, right before or after one verb of saying,
// and themselves its subject. Nil where c speaks alone.
func (q *par) together(c candidate) []candidate {
	k := q.candAfter(c.first)
	var chain []candidate
	end, and, has := 0, false, false
	for i := max(0, k-maxJoint); i < len(q.cands); i++ {
		p := q.cands[i]
		switch {
		case p.form != byName && p.form != byOrg, len(chain) > 0 && p.first < end:
			continue // "chair" and "Union" in "Jane Roe, chair of the Union"
		case len(chain) > 0 && len(chain) < maxJoint && q.joined(end, p.first):
			and = and || q.conjunction(p.first)
			chain = append(chain, p)
		case has:
			i = len(q.cands) // whoever follows has no part in it
			continue
		case p.first > c.first:
			return nil
		default:
			chain, and = []candidate{p}, false
		}
		has = has || p.first == c.first && p.last == c.last
		end = q.memberEnd(p)
	}
	if !has || !and || len(chain) < 2 || !q.conjunction(chain[len(chain)-1].first) || !q.saidTogether(chain[0].first, end) {
		return nil
	}
	return chain
}

// memberEnd is the token after a member with its tail ("of the Union") and its
// apposition.
func (q *par) memberEnd(c candidate) int {
	end := q.pastTail(c.last)
	for i := q.candAfter(c.last); i < len(q.cands) && q.cands[i].first < end; i++ {
		if p := q.cands[i]; p.form == byName && q.conjunction(p.first) && q.toks[p.first].org == 0 {
			return p.first - 1 // the tail would run on into the next member
		}
	}
	if c.form == byName {
		if a, b := q.apposition(c.last); b > a {
			return b
		}
	}
	return end
}

// conjunction reports whether an "and" stands right before the token.
func (q *par) conjunction(i int) bool {
	for i--; i >= 0 && determiners[q.toks[i].low]; i-- {
	}
	return i >= 0 && (q.toks[i].low == "and" || q.toks[i].text == "&")
}

// joined reports whether nothing but a comma, an "and" and determiners stands
// between two members.
func (q *par) joined(a, b int) bool {
	if a >= b || b-a > 4 {
		return false
	}
	for _, t := range q.toks[a:b] {
		if !t.outer || t.text != "," && t.low != "and" && t.text != "&" && !determiners[t.low] {
			return false
		}
	}
	return true
}

// saidTogether reports whether the members from token a up to b are the subject
// of a verb of saying: right before them after a quotation, or right after them.
func (q *par) saidTogether(a, b int) bool {
	before := a - 1
	for before >= 0 && determiners[q.toks[before].low] {
		before--
	}
	if before >= 0 && q.toks[before].outer && q.toks[before].cue > 0 && (before == 0 || !q.toks[before-1].outer || !q.toks[before-1].word) {
		return true // “…”, said A and B; but not "C blamed A and B"
	}
	return q.leadsSubject(before) && q.verbSoon(b)
}

// leadsSubject reports whether a subject may begin after the token: at the begin
// of a sentence, after a quotation or a comma, or "a joint statement from".
func (q *par) leadsSubject(i int) bool {
	if i < 0 || !q.toks[i].outer || !q.toks[i].word {
		return true
	}
	switch q.toks[i].low {
	case "from", "by":
		for k := i - 1; k >= 0 && i-k < 4; k-- {
			if documents[q.toks[k].low] || strings.HasSuffix(q.toks[k].low, "signed") && q.letterBefore(k) {
				return true
			}
		}
	}
	return false
}

func (q *par) verbSoon(i int) bool {
	if i < len(q.toks) && q.toks[i].text == "," {
		i++
	}
	for n := 0; n < maxPause && i < len(q.toks) && q.toks[i].outer && q.toks[i].word; n, i = n+1, i+1 {
		if q.toks[i].cue > 0 {
			return true
		}
	}
	return false
}
