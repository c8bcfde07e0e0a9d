package attribution

import "strings"

// signers are those who are said to have signed a letter: "in a letter signed by
// A, chair of X, and B". They speak where "the letter" does.
type signers struct {
	par    int
	at     int // offset of the first of them
	voices []*voice
}

const (
	maxLetters   = 20 // of one page
	farFromNoun  = 14 // tokens between "letter" and "signed by"
	signersReach = 2  // paragraphs in which "the signatories" and "they" may mean them
)

var (
	letterNouns = set(`letter letters statement appeal declaration petition email e-mail message pledge call article`)
	// signatoryNouns mean those who signed.
	signatoryNouns = set(`signatories groups bodies organisations organizations unions colleges charities leaders authors campaigners doctors medics nurses heads
trusts councils associations experts researchers academics employers`)
)

// findSigners lists the letters whose signatories a sentence names.
func (g *reading) findSigners() {
	for i := range g.pars {
		q := &g.pars[i]
		if q.role != body || !strings.Contains(q.line, "signed") {
			continue
		}
		for j := 0; j+2 < len(q.toks) && len(g.signers) < maxLetters; j++ {
			if low := q.toks[j].low; low != "signed" && low != "co-signed" && low != "cosigned" || !q.toks[j].outer {
				continue
			}
			k := j + 1
			for k < min(j+3, len(q.toks)) && q.toks[k].low != "by" {
				k++ // "jointly", "today"
			}
			if k >= len(q.toks) || q.toks[k].low != "by" || !q.letterBefore(j) {
				continue
			}
			if list := g.voicesOf(q, q.chain(k+1), 0.8); len(list) > 0 {
				g.signers = append(g.signers, signers{q.n, q.toks[k].End, list})
			}
		}
	}
}

// letterBefore reports whether the sentence calls what is signed at the token a
// letter or the like.
func (q *par) letterBefore(i int) bool {
	for k := i - 1; k >= 0 && i-k < farFromNoun && !q.toks[k].stop(); k-- {
		if letterNouns[q.toks[k].low] {
			return true
		}
	}
	return false
}

// chain are the names and bodies that follow each other from the token on, parted
// by commas and an "and" alone.
func (q *par) chain(at int) []candidate {
	var out []candidate
	end := at
	for i := q.candAfter(at); i < len(q.cands) && len(out) < maxJoint; i++ {
		p := q.cands[i]
		switch {
		case p.first < end:
			continue // "chair" in "Jane Roe, chair of the Union"
		case p.form != byName && p.form != byOrg || len(out) == 0 && p.first > at+2 || len(out) > 0 && !q.joined(end, p.first):
			return out
		}
		out = append(out, p)
		end = q.memberEnd(p)
	}
	return out
}

// withSignatories gives "the letter", "the signatories" and "they" the voices of
// those who signed; "they" stands for joint speakers too.
func (g *reading) withSignatories(q *par, c candidate, x *context, v *voice) {
	if c.form != byNoun && c.form != pronoun {
		return
	}
	head := q.toks[c.last-1].low
	s := g.signedBy(q, c)
	switch {
	case c.form == pronoun && head != "they":
	case c.form == pronoun && (s == nil || x.last != nil && x.last.at > s.at):
		if x.last != nil && len(x.last.joint) > 0 {
			v.Speaker, v.person, v.orgRule, v.joint, v.rule = x.last.Speaker, x.last.person, x.last.orgRule, x.last.joint, "pronoun"
		}
	case s == nil:
	case c.form == pronoun && q.n-s.par < signersReach,
		letterNouns[head] && (v.orgRule == "" || v.orgRule == "nearest organisation" || v.orgRule == "organisation that spoke last"),
		signatoryNouns[head] && q.n-s.par < signersReach && q.toks[c.first].low == "the" && c.last-c.first < 4:
		v.are(s.voices)
		v.Role, v.rule, v.sure = s.voices[0].Role, "signatories", 0.8
	}
}

// signedBy are the signers named last before the candidate, else, for "the
// letter", those named right after it.
func (g *reading) signedBy(q *par, c candidate) *signers {
	var before *signers
	for i := range g.signers {
		s := &g.signers[i]
		switch {
		case s.at <= q.toks[c.first].Start:
			before = s
		case before == nil && s.par-q.n < signersReach && letterNouns[q.toks[c.last-1].low]:
			return s
		}
	}
	return before
}
