package attribution

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// template names where a feature comes from. The numbers are stored in
// weights.txt: new ones are added at the end, and the weights learned again.
type template uint8

const (
	tForm template = iota
	tGap
	tFormVerbs
	tVerbsGap
	tVerbsEnds
	tVerbsClose
	tVerbsOpen
	tVerbPlace
	tVerbPlaceForm
	tVerbAfterWord
	tVerbBeforeWord
	tBefore
	tAfter
	tSubject
	tBetween
	tSegments
	tFlags
	tRank
	tAgain
	tSpokeBefore
	tFirst
	tLength
	tGapClose
	tFormGap
	tClause
	tRival
	tCarry
	tCarryLine
	tCarryFar
	tCarryLed
	tCarryRelated
	tCarryOpen

	tBias
	tWords
	tWordsClose
	tWordsCase
	tWordsScore
	tScoreCase
	tWordsOpen
	tOpenWord
	tOpenWord2
	tNextWord
	tCueAhead
	tMarks
	tLine
	tVerbs
	tByVerb
	tRole
	tCapitals
	tWordsForm
	tOdds
	tDigits
	tHow
	tClauseOf
	tSaysBack
	tSaysBackWord
	tSaysNext
	tSilent
	tOpenWord3
	tInside
	tFirstWord
	tOwned
	tThen

	sBias
	sRule
	sOdds
	sKeep
	sForm
	sKind
	sOrg
	sPeople
	sName
	sRuleOdds
	sSecond
	sVerbs
	sVoice
	sClues
	sLikely

	tOpenLook
	tOwnerLook
	tNextLook

	sPlace
	sAround
	sVerb
)

func feature(t template, v int) Feature { return Feature(uint32(t)<<24 | uint32(v)&0xffffff) }

// word is a feature of a word itself, by its FNV-1a hash.
func word(t template, w string, v int) Feature {
	h := uint32(2166136261)
	for i := range len(w) {
		h = (h ^ uint32(w[i])) * 16777619
	}
	return feature(t, int(h^h>>24)<<4|v&15)
}

// around is what stands beside a segment, found once for all candidates.
type around struct {
	close   int // how it ends
	open    int // what leads to it
	length  int // how long it is, 0 to 6
	related int // how many candidates of the line have a verb of saying, at most 3
	first   bool
}

// How a segment ends.
const (
	endsBare = iota
	endsComma
	endsStop
	endsAsking
	endsOpen
	endsDash
	commaAfter
	stopAfter
	endsColon
)

func (q *par) endOf(s *segment, text string) int {
	if s.open {
		return endsOpen
	}
	c, _ := utf8.DecodeLastRuneInString(s.In(text))
	switch c {
	case ',':
		return endsComma
	case '.':
		return endsStop
	case '!', '?':
		return endsAsking
	case ':':
		return endsColon
	case '—', '–', '-', '…':
		return endsDash
	}
	for i := s.last; i < len(q.toks) && i < s.last+3; i++ {
		switch t := q.toks[i]; {
		case t.text == "," || t.text == ";":
			return commaAfter
		case t.text == ".":
			return stopAfter
		case t.word:
			return endsBare
		}
	}
	return endsBare
}

// leadOf classes what stands before the token: the end of the line, a mark, or
// a kind of word.
func (q *par) leadOf(first int) int {
	i := first - 1
	for i >= 0 && !q.toks[i].word && strings.ContainsAny(q.toks[i].text, "“”\"‘’'«»`″„([…") {
		i--
	}
	if i < 0 {
		return 1
	}
	t := q.toks[i]
	switch {
	case !t.outer:
		return 12
	case t.text == ",":
		return 2
	case t.text == ":":
		return 3
	case t.stop() || t.text == ";":
		return 10
	case t.low == "that":
		return 4
	case t.cue == 2:
		return 5
	case t.cue == 1:
		return 6
	case t.low == "as":
		return 9
	case obliging[t.low]:
		return 7
	case determiners[t.low]:
		return 8
	case t.low == "is" || t.low == "was" || t.low == "be" || t.low == "are" || t.low == "were" || t.low == "been":
		return 13
	case t.low == "and" || t.low == "or" || t.low == "but":
		return 11
	case !t.word:
		return 14
	}
	return 0
}

func (q *par) lengthOf(s *segment) (words, class int) {
	for i := s.first; i < s.last; i++ {
		if q.toks[i].word {
			words++
		}
	}
	for i, most := range [...]int{1, 2, 3, 5, 8, 14} {
		if words <= most {
			return words, i
		}
	}
	return words, 6
}

// kindOf classes a candidate by its form and, for pronouns and nouns, its word.
func (q *par) kindOf(c *candidate) int {
	head := q.toks[c.last-1].low
	switch c.form {
	case byName:
		if c.place {
			return 14
		}
		if c.last-c.name > 1 {
			return 0
		}
		return 1
	case byOrg:
		return 2
	case byNoun:
		switch {
		case c.strange:
			return 3
		case unnamedHeads[head] != "":
			return 4
		case documents[head]:
			return 5
		case bodyRef(head):
			return 6
		case roleHeads[head]:
			return 7
		}
		return 8
	}
	switch q.toks[c.first].low {
	case "he", "she":
		return 9
	case "they":
		return 10
	case "it":
		return 11
	case "who", "which":
		return 12
	}
	return 13
}

// verbsOf classes the verbs of saying beside a candidate.
func verbsOf(c *candidate) (after, before int) {
	after = int(c.after) * 2
	if c.appositon && after > 0 {
		after--
	}
	switch {
	case c.according:
		before = 6
	case c.addressee:
		before = 5
	case c.before == 2 && c.inverted:
		before = 4
	case c.before == 2:
		before = 3
	case c.before == 1 && c.inverted:
		before = 2
	case c.before == 1:
		before = 1
	}
	return after, before
}

// related reports whether a verb of saying makes the candidate its subject.
func related(c *candidate) bool { return c.after == 2 || c.according || c.before == 2 && c.inverted }

// verbPlace classes where the verb that the candidate is subject of stands to
// the segment.
func (q *par) verbPlace(s *segment, c *candidate) int {
	if c.after == 0 {
		return 0
	}
	end := c.afterAt + 1
	if end > s.first {
		if ends, _ := q.between(s.last, c.afterAt); ends > 0 {
			return 9
		}
		return 7 + min(1, grade(c.afterAt-s.last)/4)
	}
	ends, segs := q.between(end, s.first)
	switch {
	case ends > 0:
		return 5 + min(segs, 1)
	case q.colonBetween(max(end, s.first-4), s.first):
		return 1
	case s.first-end <= 3:
		return 2
	case segs > 0:
		return 4
	}
	return 3
}

func (q *par) colonBetween(lo, hi int) bool {
	for i := lo; i < hi; i++ {
		if q.toks[i].text == ":" {
			return true
		}
	}
	return false
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// weighed lists the features of a candidate as the speaker of a segment.
// between is how many other candidates stand between them, rank how many of
// those have a verb of saying.
func (q *par) weighed(fs []Feature, s *segment, a *around, c *candidate, prev *segment, between, rank int) []Feature {
	ahead := c.last <= s.first
	side, lo, hi := 1, s.last, c.first
	if ahead {
		side, lo, hi = 0, c.last, s.first
	}
	kind := c.kind
	after, before := verbsOf(c)
	verbs := after | before<<3
	gap := grade(hi - lo)
	ends, segs := q.between(lo, hi)
	ends = min(ends, 3)
	breaks := q.breaks(lo, hi)
	place := q.verbPlace(s, c)
	fs = append(fs,
		feature(tForm, kind),
		feature(tGap, side|gap<<1),
		feature(tFormVerbs, kind|side<<4|verbs<<5),
		feature(tVerbsGap, side|verbs<<1|gap<<8),
		feature(tVerbsEnds, side|verbs<<1|ends<<8|breaks<<10),
		feature(tVerbsClose, side|verbs<<1|a.close<<8|min(ends, 1)<<12),
		feature(tVerbsOpen, side|verbs<<1|a.open<<8|min(ends, 1)<<12),
		feature(tVerbPlace, place|after<<4|a.open<<7),
		feature(tVerbPlaceForm, place|kind<<4|min(breaks, 1)<<8),
		feature(tBefore, q.leadOf(c.first)|side<<4|bit(after > 0)<<5),
		feature(tAfter, q.nextOf(c.last)|side<<4|kind<<5),
		feature(tSubject, bit(c.subject)|side<<1|after<<2|min(ends, 1)<<5),
		feature(tBetween, side|min(between, 5)<<1|bit(after > 2)<<4|bit(before > 3)<<5),
		feature(tSegments, side|min(segs, 3)<<1|bit(after > 2)<<3|bit(before > 3)<<4),
		feature(tFlags, bit(c.obliged)|bit(c.bracketed)<<1|bit(c.leads && ahead)<<2|bit(c.strange)<<3|bit(q.toks[c.last-1].owned)<<4|bit(after > 0)<<5),
		feature(tRank, side|min(rank, 3)<<1|bit(related(c))<<3|a.related<<4),
		feature(tFirst, bit(c.first == 0 || c.name == 0)|side<<1|after<<2),
		feature(tLength, side|a.length<<1|after<<4|bit(before > 3)<<7),
		feature(tGapClose, side|gap<<1|a.close<<4|min(ends, 1)<<8|breaks<<9),
		feature(tFormGap, kind|side<<4|gap<<5),
	)
	if after > 0 {
		fs = append(fs, word(tVerbAfterWord, q.toks[c.afterAt].low, side))
		if !ahead {
			fs = append(fs, feature(tClause, bit(q.newClause(s.last, c.first))|after<<1|a.close<<4))
		}
	}
	if before > 0 && before < 6 {
		fs = append(fs, word(tVerbBeforeWord, q.toks[c.beforeAt].low, side))
	}
	if prev != nil && prev.by != nil {
		pe, _ := q.between(prev.last, s.first)
		state := min(pe, 2) | min(q.breaks(prev.last-1, s.first), 1)<<2
		if prev.by == c {
			fs = append(fs, feature(tAgain, state|side<<3), feature(tSpokeBefore, state|side<<3|a.open<<4))
		} else {
			fs = append(fs, feature(tRival, state|side<<3|bit(related(c))<<4))
		}
	}
	return fs
}

// nextOf classes what follows a candidate.
func (q *par) nextOf(last int) int {
	if last >= len(q.toks) {
		return 1
	}
	t := q.toks[last]
	switch {
	case !t.outer:
		return 2
	case t.cue == 2:
		return 3
	case t.cue == 1:
		return 4
	case t.text == ",":
		return 5
	case t.text == ":":
		return 6
	case t.stop():
		return 7
	case t.low == "and":
		return 8
	case t.low == "who":
		return 9
	case obliging[t.low]:
		return 10
	case !t.word:
		return 11
	case auxiliary[t.low]:
		return 12
	case adverbs[t.low] || strings.HasSuffix(t.low, "ly"):
		return 13
	}
	return 0
}

var auxiliary = set(`is was are were has had have will would could should may might can do does did be been`)

// carrying lists the features of the speaker of the paragraph before as the
// speaker of a segment.
func (q *par) carrying(fs []Feature, s *segment, a *around, far int, led bool) []Feature {
	words := 0
	if q.words > 0 {
		words = 1 + min(grade(q.words)/2, 2)
	}
	cues := min(q.cues, 2)
	starts := bit(a.first && q.startsQuoted())
	return append(fs,
		feature(tCarry, 0),
		feature(tCarryLine, words|cues<<2|bit(a.first)<<4|starts<<5),
		feature(tCarryFar, min(far, 3)|min(words, 1)<<2),
		feature(tCarryLed, bit(led)|min(words, 1)<<1|min(cues, 1)<<2|starts<<3),
		feature(tCarryRelated, a.related|starts<<2|bit(a.first)<<3|a.close<<4),
		feature(tCarryOpen, a.open|min(cues, 1)<<4|a.close<<5),
	)
}

// stated lists the features of a segment as somebody's words.
func (q *par) stated(fs []Feature, s *segment, a *around, score, odds float64, text string) []Feature {
	said := s.In(text)
	first, _ := utf8.DecodeRuneInString(said)
	upper := bit(unicode.IsUpper(first))
	words, n := q.lengthOf(s)
	caps := bit(words > 1 && words < 16 && titled(q.toks[s.first:s.last]))
	high := int(max(-3, min(8, score))) + 3
	kind, after, before := 15, 0, 0
	if s.by != nil {
		kind = s.by.kind
		after, before = verbsOf(s.by)
	}
	fs = append(fs,
		feature(tBias, 0),
		feature(tWords, n|bit(s.single)<<3),
		feature(tWordsClose, n|a.close<<3),
		feature(tWordsCase, n|upper<<3|caps<<4|min(a.open, 1)<<5),
		feature(tWordsScore, n|high<<3),
		feature(tScoreCase, high|upper<<4|caps<<5),
		feature(tWordsOpen, n|a.open<<3|upper<<7),
		feature(tLine, min(q.words, 1)|min(q.cues, 3)<<1|n<<3),
		feature(tVerbs, after|before<<3|n<<6),
		feature(tCapitals, caps|n<<1|a.open<<4|a.close<<8),
		feature(tWordsForm, kind|n<<4),
		feature(tOdds, int(odds*4)|n<<3),
		feature(tRole, int(q.role)|n<<3|upper<<6),
		feature(tDigits, bit(unicode.IsDigit(first))|n<<1),
	)
	if s.by != nil {
		end := s.by.last
		if s.by.after > 0 {
			end = max(end, s.by.afterAt+1)
		}
		ends, _ := q.between(min(end, s.first), s.first)
		clause := bit(related(s.by)) | bit(ends == 0 && end <= s.first)<<1 | bit(s.by.first >= s.last)<<2
		fs = append(fs, feature(tClauseOf, min(n, 3)|a.open<<2|upper<<6|caps<<7|clause<<8), feature(tClauseOf, 0x800|upper<<6|caps<<7|clause<<8))
		if after > 0 {
			fs = append(fs, word(tByVerb, q.toks[s.by.afterAt].low, bit(words < 4)), feature(tHow, q.verbPlace(s, s.by)|min(n, 4)<<4))
		} else if before > 0 && before < 6 {
			fs = append(fs, word(tByVerb, q.toks[s.by.beforeAt].low, bit(words < 4)|2))
		}
	}
	look := upper | caps<<1
	if words == 1 && upper == 1 {
		look = 2
	}
	fs = q.saidHere(fs, s, a, n, caps)
	return q.beside(fs, s, n, look)
}

// saidHere adds the verbs of saying in the segment's sentence, whoever their
// subject is, and what the words themselves look like.
func (q *par) saidHere(fs []Feature, s *segment, a *around, n, caps int) []Feature {
	short := min(n, 3)
	back, apart := q.cueBack(s.first)
	next := q.cueNext(s.last)
	switch {
	case back >= 0:
		t := q.toks[back]
		fs = append(fs, feature(tSaysBack, int(t.cue)|grade(s.first-back-1)<<2|short<<5|apart<<7|a.open<<8), word(tSaysBackWord, t.low, bit(n < 3)|apart<<1))
	case next < 0:
		fs = append(fs, feature(tSilent, short|caps<<2|a.open<<3))
	}
	if next >= 0 {
		fs = append(fs, feature(tSaysNext, int(q.toks[next].cue)|grade(next-s.last)<<2|short<<5|a.close<<7|bit(back >= 0)<<11))
	}
	voice := 0
	for _, t := range q.toks[s.first:s.last] {
		switch {
		case speaking[t.low]:
			voice = 2
		case voice == 0 && (auxiliary[t.low] || strings.HasSuffix(t.low, "n't")):
			voice = 1
		}
	}
	first := q.toks[s.first]
	fs = append(fs, feature(tInside, voice|n<<2|caps<<5), word(tFirstWord, first.low, short))
	if n > 3 {
		return fs
	}
	then := 15
	if s.last < len(q.toks) && q.toks[s.last].word {
		then = q.nextOf(s.last)
	} else if s.last+1 < len(q.toks) && q.toks[s.last+1].word && q.toks[s.last+1].outer {
		then = q.nextOf(s.last + 1)
	}
	return append(fs, feature(tThen, then|a.open<<4|bit(first.cap)<<8|a.close<<9))
}

// speaking are the words by which a speaker means himself or the one spoken to.
var speaking = set(`i i'm i've i'll i'd we we're we've we'll we'd my our us me you your you're myself ourselves`)

// maxClause is how far a verb of saying is looked for from a segment, in tokens.
const maxClause = 40

// cueBack is the nearest verb of saying before the token in its sentence, -1 for
// none; apart is 1 where another segment stands between.
func (q *par) cueBack(first int) (at, apart int) {
	for i := first - 1; i >= max(0, first-maxClause); i-- {
		switch t := &q.toks[i]; {
		case !t.outer:
			apart = 1
			if t.stop() && i+1 < len(q.toks) && q.toks[i+1].cap {
				return -1, apart
			}
		case t.cue > 0:
			return i, apart
		case t.stop() && !q.initial(i):
			return -1, apart
		}
	}
	return -1, apart
}

// cueNext is the nearest verb of saying after the token in its sentence.
func (q *par) cueNext(last int) int {
	for i := last; i < min(len(q.toks), last+maxClause); i++ {
		switch t := &q.toks[i]; {
		case !t.outer:
			return -1
		case t.cue > 0:
			return i
		case t.stop() && !q.initial(i):
			return -1
		}
	}
	return -1
}

// beside adds the words before and after a segment, with how it looks: 1 for a
// capital at its head, 2 for one word with a capital, 3 for a title.
func (q *par) beside(fs []Feature, s *segment, n, look int) []Feature {
	i := s.first - 1
	for i >= 0 && !q.toks[i].word && q.toks[i].text != ":" && q.toks[i].text != "," {
		i--
	}
	if i >= 0 && q.toks[i].outer {
		t := q.toks[i]
		fs = append(fs, word(tOpenWord, t.low, min(n, 3)), word(tOpenWord2, t.low, 0), word(tOpenLook, t.low, look))
		if t.owned {
			if i > 0 && look > 1 { // on Channel 9's “Sunday Desk”
				fs = append(fs, word(tOwnerLook, q.toks[i-1].low, look))
			}
			fs = append(fs, feature(tOwned, min(n, 3)|bit(q.toks[s.first].cap)<<2|bit(t.cap)<<3))
		}
		if i > 0 && q.toks[i-1].outer {
			fs = append(fs, word(tOpenWord3, q.toks[i-1].low, bit(n < 3)))
		}
	}
	for k := s.last; k < len(q.toks) && k < s.last+3; k++ {
		if q.toks[k].word && q.toks[k].outer {
			return append(fs, feature(tNextWord, q.nextOf(k)|min(n, 3)<<4), word(tNextLook, q.toks[k].low, look))
		}
	}
	return fs
}

// surely lists what speaks for an attribution being right: how it was made, how
// clearly it won, and how the speaker was resolved.
func (g *reading) surely(fs []Feature, q *par, s *segment, v *voice, ch choice, full bool) []Feature {
	kind, verbs := 15, 0
	if ch.by != nil && !ch.carried {
		after, before := verbsOf(ch.by)
		kind, verbs = ch.by.kind, after|before<<3
	}
	if c := ch.by; c != nil && !ch.carried {
		side, lo, hi := 1, s.last, c.first
		if c.last <= s.first {
			side, lo, hi = 0, c.last, s.first
		}
		ends, segs := q.between(lo, hi)
		fs = append(fs,
			feature(sPlace, q.verbPlace(s, c)|side<<4|min(ends, 2)<<5|bit(full)<<7|bit(related(c))<<8),
			feature(sAround, min(3, q.relatedIn(0, len(q.cands)))|min(segs, 2)<<2|grade(hi-lo)<<4|side<<7))
		if c.after > 0 {
			fs = append(fs, word(sVerb, q.toks[c.afterAt].low, bit(full)))
		}
	}
	odds := 0
	for _, limit := range [...]float64{0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995} {
		if ch.odds >= limit {
			odds++
		}
	}
	keep := int(max(-2, min(8, s.score))) + 2
	name := 0
	switch {
	case v.person >= 0:
		p := &g.people[v.person]
		name = 1 + min(2, max(0, p.weight/3)) | bit(len(p.at) > 1)<<2 | bit(p.gender != 0)<<3
	case v.Name != "":
		name = 16
	case v.Org != "":
		name = 17
	case v.OrgName != "":
		name = 18
	case v.Role != "":
		name = 19
	}
	return append(fs,
		feature(sBias, 0),
		word(sRule, v.rule, 0),
		word(sRuleOdds, v.rule, odds),
		feature(sOdds, odds|kind<<4),
		feature(sKeep, keep|bit(full)<<4),
		feature(sForm, kind|name<<4),
		feature(sKind, bit(full)|bit(s.single)<<1|int(q.role)<<2),
		word(sOrg, v.orgRule, min(1, name/16)),
		feature(sPeople, min(8, len(g.people))|kind<<4),
		feature(sName, name|odds<<5),
		feature(sVerbs, verbs|bit(full)<<7),
		feature(sVoice, int(v.sure*20)|min(kind, 9)/9<<5),
		feature(sClues, v.clues|bit(full)<<6),
		word(sLikely, v.rule, int(v.likely*10)),
	)
}
