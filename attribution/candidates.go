package attribution

import (
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"onrecord/record"
)

// form is how a candidate is named.
type form int8

const (
	byName  form = iota // a person's name, with title and role before it
	byOrg               // an organisation's name
	byNoun              // "a spokesperson for …", "the union"
	pronoun             // he, she, they, it, who
)

// candidate is a phrase outside quotation marks that may name the speaker.
type candidate struct {
	first, last int // its tokens, [first,last), role and title before the name included
	name        int // first token of the name itself
	form        form
	// What stands around it, found once for all segments of the line:
	after     int8 // strength of the verb of saying that it is subject of
	afterAt   int  // the verb's token
	appositon bool // an apposition stands between it and the verb
	before    int8 // strength of the verb right before it
	inverted  bool // that verb follows a quotation or a comma: "…, said X"
	according bool
	obliged   bool // after a preposition: no subject
	addressee bool // after "told", "asked": the one who listens
	bracketed bool
	subject   bool // the first phrase of its sentence
	leads     bool // a colon right after it leads to a quotation: "Roe: “…”"
	strange   bool // a phrase that only its verb makes a candidate
	beforeAt  int  // the token of the verb right before it
	place     bool // it looks like the name of a place or a body
	kind      int  // its form told apart further, for the features
}

// findCandidates lists the candidates of a line, in order.
func (q *par) findCandidates(lower map[string]bool) {
	q.lower = lower
	for i := 0; i < len(q.toks); {
		t := q.toks[i]
		if !t.outer || !t.word {
			i++
			continue
		}
		c, ok := q.candidateAt(i)
		if !ok {
			i++
			continue
		}
		for n := len(q.cands); n > 0 && c.form == byName && q.cands[n-1].first >= c.first; n-- {
			q.cands = q.cands[:n-1] // "Health" of the Health and Wellbeing Secretary
		}
		if n := len(q.cands); n > 0 && c.first < q.cands[n-1].last {
			c.first = min(q.cands[n-1].last, c.name)
		}
		q.cands = append(q.cands, c)
		i = max(c.last, i+1)
	}
	q.addPhrases()
	q.look()
}

func (q *par) candidateAt(i int) (candidate, bool) {
	t := q.toks[i]
	switch {
	case t.org > 0:
		return q.orgAt(i), true
	case pronouns[t.low]:
		return candidate{first: i, last: i + 1, name: i, form: pronoun}, true
	case t.cap && !notNames[t.low] && !q.leadsSentence(i):
		return q.nameAt(i)
	case titles[t.low] && t.cap && i+1 < len(q.toks) && q.toks[i+1].cap:
		return q.nameAt(i)
	case nouns[t.low] && !t.owned:
		return candidate{first: q.phraseStart(i), last: i + 1, name: i, form: byNoun}, true
	}
	return candidate{}, false
}

// leadsSentence reports whether a capital is due to the sentence alone:
// "Speaking to …", "Recently …".
func (q *par) leadsSentence(i int) bool {
	t := q.toks[i]
	if !q.startsSentence(i) {
		return false
	}
	if strings.HasSuffix(t.low, "ly") && len(t.low) > 5 && !givenName(t.low) && (i+1 >= len(q.toks) || !q.toks[i+1].cap) {
		return true // "Additionally: …"
	}
	if i+1 >= len(q.toks) || q.toks[i+1].cap || !q.toks[i+1].word {
		return false
	}
	return len(t.low) > 5 && (strings.HasSuffix(t.low, "ing") || strings.HasSuffix(t.low, "ly")) || nouns[t.low] && determiners[t.low]
}

// startsSentence reports whether a sentence begins with the token at i.
func (q *par) startsSentence(i int) bool {
	return i == 0 || q.toks[i-1].stop() || !q.toks[i-1].outer || q.toks[i-1].text == "-"
}

// orgAt is the candidate that begins with a registered organisation: itself,
// its "spokesperson", or the person whose role begins with its name.
func (q *par) orgAt(i int) candidate {
	h := q.toks[i].org
	j := i
	for j < len(q.toks) && q.toks[j].org == h && q.toks[j].outer {
		j++
	}
	k := j
	for k < len(q.toks) && k-j < 6 && q.toks[k].outer && q.toks[k].word && (roleWords[q.toks[k].low] || roleHeads[q.toks[k].low] || nouns[q.toks[k].low]) && q.toks[k].cue == 0 {
		k++
	}
	for k > j && !roleHeads[q.toks[k-1].low] && !nouns[q.toks[k-1].low] {
		k--
	}
	first := i
	if i > 0 && determiners[q.toks[i-1].low] && q.toks[i-1].outer {
		first--
	}
	if n := q.nameEnd(k); n > k && (k > j || q.titled(k)) && !q.bodyName(k, n) {
		return candidate{first: first, last: n, name: q.nameStart(k, n), form: byName}
	}
	if k > j {
		return candidate{first: first, last: k, name: k - 1, form: byNoun}
	}
	return candidate{first: first, last: j, name: i, form: byOrg}
}

func (q *par) titled(i int) bool { return i < len(q.toks) && titles[q.toks[i].low] }

// maxName is how many tokens a name may have; a longer run of capitals is cut.
const maxName = 16

// nameEnd is the end of the run of capitals that begins at i.
func (q *par) nameEnd(i int) int {
	j := i
	for j < len(q.toks) && j-i < maxName && q.toks[j].outer {
		t := q.toks[j]
		switch {
		case t.cap && (!notNames[t.low] || titles[t.low]) && (t.org == 0 || j == i):
			j++
			if t.owned {
				return j
			}
		case j > i && t.text == "." && utf8.RuneCountInString(q.toks[j-1].text) <= 4 && (titles[q.toks[j-1].low] || utf8.RuneCountInString(q.toks[j-1].text) == 1 || q.toks[j-1].low == "st" || q.toks[j-1].low == "jr") && q.capAt(j+1):
			j++
		case j > i && (t.low == "of" || t.low == "de" || t.low == "van" || t.low == "von" || t.low == "bin" || t.low == "al" || t.low == "&" || t.low == "la" || t.low == "der" || t.low == "da") && q.capAt(j+1):
			j++
		default:
			return j
		}
	}
	return j
}

func (q *par) capAt(i int) bool {
	return i < len(q.toks) && q.toks[i].outer && q.toks[i].cap && !notNames[q.toks[i].low] && q.toks[i].org == 0
}

// nameAt is the candidate for the run of capitals at i: a person, with role
// and title before the name, or a body that the register does not know.
func (q *par) nameAt(i int) (candidate, bool) {
	j := max(q.nameEnd(i), i+1)
	name := q.nameStart(i, j)
	if name > i && q.toks[name].low == "of" && roleHeads[q.toks[name-1].low] {
		return candidate{first: q.phraseStart(i), last: name, name: name - 1, form: byNoun}, true // "the Bishop of Aldmarsh"
	}
	if q.shortNoun(i, j) {
		return candidate{}, false // "Normal GP service"
	}
	if last := q.toks[j-1].low; j-i > 1 && roleHeads[last] && !orgWords[last] && !titles[last] && !q.toks[j-1].owned {
		return candidate{first: q.phraseStart(i), last: j, name: j - 1, form: byNoun}, true // "College Chair"
	}
	if q.bodyName(name, j) {
		c := candidate{first: i, last: j, name: i, form: byOrg}
		if k := j; k < len(q.toks) && q.toks[k].outer && nouns[q.toks[k].low] && !q.toks[k].owned {
			c.last, c.name, c.form = k+1, k, byNoun
			for c.last < len(q.toks) && c.last-k < 4 && q.toks[c.last].outer && (nouns[q.toks[c.last].low] || roleHeads[q.toks[c.last].low]) && q.toks[c.last].cue == 0 {
				c.last++
				c.name++
			}
		}
		if i > 0 && determiners[q.toks[i-1].low] {
			c.first = q.phraseStart(i)
		}
		return c, true
	}
	if roleHeads[q.toks[j-1].low] || nouns[q.toks[j-1].low] || j == i+1 && q.commonNoun(i) {
		return candidate{first: q.phraseStart(i), last: j, name: j - 1, form: byNoun}, true // "College Chair"
	}
	if j < len(q.toks) && q.toks[j].outer && !q.toks[j-1].owned && spokes(q.toks[j].low) {
		return candidate{first: q.phraseStart(i), last: j + 1, name: j, form: byNoun}, true // "the Clinton spokesman"
	}
	return candidate{first: q.roleStart(i, name), last: j, name: name, form: byName}, true
}

// shortNoun reports whether a run of capitals ends with an abbreviation of a
// thing or a post that goes before another noun: "Normal GP" of "service".
func (q *par) shortNoun(i, j int) bool {
	if j-i < 2 || !shorthand[q.toks[j-1].text] || j >= len(q.toks) || givenName(q.toks[i].low) {
		return false
	}
	t := q.toks[j]
	return t.outer && t.word && !t.cap && t.cue == 0 && !auxiliary[t.low] && !phraseEnd[t.low]
}

// commonNoun reports whether a capital is due to its place alone, at the start of
// a sentence or in a headline: the page has the word in lower case too.
func (q *par) commonNoun(i int) bool {
	t := q.toks[i]
	return (q.startsSentence(i) || q.role == heading || q.n == 0) && !givenName(t.low) && !t.owned && q.lower[t.low]
}

func spokes(w string) bool { return strings.HasPrefix(w, "spokes") }

// nameStart is where the name itself begins in the run [i,j): after the last
// title or role head in it.
func (q *par) nameStart(i, j int) int {
	start := i
	for k := i; k < j-1; k++ {
		if titles[q.toks[k].low] || roleHeads[q.toks[k].low] || kin[q.toks[k].low] {
			start = k + 1
		}
	}
	if start == i && j-i > 1 && q.startsSentence(i) && !givenName(q.toks[i].low) && q.toks[i+1].word && !placeLeads[q.toks[i].low] {
		w := q.toks[i].low
		if j-i > 2 && givenName(q.toks[i+1].low) || len(w) > 5 && (strings.HasSuffix(w, "ing") || strings.HasSuffix(w, "ed")) {
			start = i + 1 // "Furious Ruud Bakker", "Jailing Roe"
		}
	}
	for start < j-1 && q.toks[start].text == "." {
		start++
	}
	return start
}

// bodyName reports whether a run of capitals names a body rather than a person.
func (q *par) bodyName(i, j int) bool {
	for k := i; k < j; k++ {
		if orgWords[q.toks[k].low] {
			return true
		}
	}
	w := q.toks[i].text
	if j-i == 1 && camel(w) {
		return true
	}
	if shorthand[w] {
		return false
	}
	return j-i == 1 && len(w) > 1 && !q.toks[i].owned && strings.ToUpper(w) == w && len(w) <= 6
}

// shorthand are abbreviations in capitals that name no body: zones of the clock,
// things, posts.
var shorthand = set(`GMT BST UTC CET CEST ET EST EDT CT CST CDT MT MST MDT PT PST PDT IST AEST AM PM AI IT TV PC CD DVD GP MP CEO CFO COO PDF URL ID FAQ SMS USB GPS VIP DIY CCTV DNA MRI HIV GCSE PPE VAT GDP`)

// camel reports whether a word has a capital after a small letter, as products
// and companies do ("LabLine") and people but for a prefix do not ("McRoe").
func camel(w string) bool {
	for _, p := range [...]string{"Mc", "Mac", "Fitz", "De", "Di", "Du", "La", "Le", "Van", "Von", "Al", "Del", "St"} {
		w = strings.TrimPrefix(w, p)
	}
	low := false
	for _, c := range w {
		if unicode.IsUpper(c) && low {
			return true
		}
		low = unicode.IsLower(c)
	}
	return false
}

// roleStart walks left from a name over the role before it: "science and
// technology secretary Peter Kyle", "CrowdStrike's chief executive George Kurtz".
func (q *par) roleStart(i, name int) int {
	k := i
	for k > 0 && i-k < 10 {
		t := q.toks[k-1]
		if !t.outer || !t.word || t.cue > 0 || !roleWords[t.low] && !roleHeads[t.low] && !nouns[t.low] {
			break
		}
		k--
	}
	for k < i && (q.toks[k].low == "and" || q.toks[k].low == "of" || q.toks[k].low == "for") {
		k++
	}
	last := q.toks[max(name-1, 0)].low
	for n := name - 1; n > k && (titles[last] || last == "."); n-- {
		last = q.toks[n-1].low
	}
	if k == i || !roleHeads[last] && !nouns[last] {
		return i
	}
	if k > 0 && q.toks[k-1].outer && (q.toks[k-1].owned && q.toks[k-1].cap || q.toks[k-1].org > 0) {
		h := q.toks[k-1].org
		for k--; k > 0 && h > 0 && q.toks[k-1].org == h; {
			k--
		}
	}
	return k
}

// phraseStart walks left from a noun to the beginning of its phrase.
func (q *par) phraseStart(i int) int {
	k := i
	for k > 0 && i-k < 5 {
		t := q.toks[k-1]
		if !t.outer || !t.word || t.cue > 0 || pronouns[t.low] || phraseEnd[t.low] {
			break
		}
		k--
		if determiners[q.toks[k].low] {
			break
		}
	}
	return k
}

var phraseEnd = set(`that to by of with and in on from for as but told was were is are or has have had at about after before when while if because not been be`)

// addPhrases adds phrases that only their verb shows to be speakers: "the
// 82-year-old said", "said one of them".
func (q *par) addPhrases() {
	taken := make([]bool, len(q.toks))
	for _, c := range q.cands {
		for i := c.first; i < c.last; i++ {
			taken[i] = true
		}
	}
	added := false
	for i := range q.toks {
		if !q.toks[i].outer {
			continue
		}
		if i > 0 && q.toks[i].low == "to" && q.toks[i-1].low == "according" {
			if c, ok := q.phraseTo(i+1, taken); ok {
				q.cands, added = append(q.cands, c), true
			}
		}
		if q.toks[i].cue == 0 {
			continue
		}
		if c, ok := q.phraseBefore(i, taken); ok {
			q.cands, added = append(q.cands, c), true
		}
		if c, ok := q.phraseAfter(i, taken); ok {
			q.cands, added = append(q.cands, c), true
		}
	}
	if added {
		sortCandidates(q.cands)
	}
}

func (q *par) phraseBefore(verb int, taken []bool) (candidate, bool) {
	k := verb
	for k > 0 && verb-k < 4 && q.toks[k-1].outer && (adverbs[q.toks[k-1].low] || strings.HasSuffix(q.toks[k-1].low, "ly")) {
		k--
	}
	end := k
	for k > 0 && end-k < 7 && q.toks[k-1].outer && q.toks[k-1].word && !taken[k-1] && q.toks[k-1].cue == 0 {
		k--
		if determiners[q.toks[k].low] {
			return candidate{first: k, last: end, name: end - 1, form: byNoun, strange: true}, end-k > 1 && !phraseEnd[q.toks[end-1].low] && !timeWords[q.toks[end-1].low]
		}
	}
	if k == end || !many(q.toks[end-1]) || timeWords[q.toks[end-1].low] || k > 0 && q.toks[k-1].outer && q.toks[k-1].word && !clauseStart[q.toks[k-1].low] {
		return candidate{}, false
	}
	return candidate{first: k, last: end, name: end - 1, form: byNoun, strange: true}, true // "supporters of reform said"
}

// timeWords end phrases that say when, not who: "two weeks ago said".
var timeWords = set(`ago earlier later week weeks month months year years day days hour hours morning afternoon evening night tonight weekend time times
minute minutes decade decades century`)

// many reports whether a word is a plural or a share of people.
func many(t token) bool {
	w := t.low
	return !t.owned && (w == "percent" || w == "people" || len(w) > 4 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "ous"))
}

var clauseStart = set(`that but and while as because though although when if`)

// phraseTo is the phrase after "according to": "the results", "two people".
func (q *par) phraseTo(i int, taken []bool) (candidate, bool) {
	end := i
	for end < len(q.toks) && end-i < 6 && q.toks[end].outer && q.toks[end].word && !taken[end] && (end == i || !phraseEnd[q.toks[end].low] && !adverbs[q.toks[end].low]) {
		end++
	}
	return candidate{first: i, last: end, name: end - 1, form: byNoun, strange: true}, end > i && !determiners[q.toks[end-1].low]
}

func (q *par) phraseAfter(verb int, taken []bool) (candidate, bool) {
	i := verb + 1
	if q.toks[verb].cue < 2 || i >= len(q.toks) || !q.toks[i].outer || taken[i] || !determiners[q.toks[i].low] || verb == 0 {
		return candidate{}, false
	}
	if p := q.toks[verb-1]; p.outer && p.text != "," && p.text != "”" && p.text != "\"" {
		return candidate{}, false
	}
	end := i + 1
	for end < len(q.toks) && end-i < 6 && q.toks[end].outer && q.toks[end].word && !taken[end] && !phraseEnd[q.toks[end].low] && !adverbs[q.toks[end].low] {
		end++
	}
	return candidate{first: i, last: end, name: end - 1, form: byNoun, strange: true}, end-i > 1
}

// look finds what stands around each candidate.
func (q *par) look() {
	depth, at, tail := 0, 0, 0
	lastStop, lastSubject := -1, -2
	q.relatedTo = make([]int32, len(q.cands)+1)
	for n := range q.cands {
		c := &q.cands[n]
		for ; at < c.first; at++ {
			switch q.toks[at].text {
			case "(":
				depth++
			case ")":
				depth = max(0, depth-1)
			case ".", "!", "?", ";", ":", "”", "\"", "“":
				lastStop = at
			}
		}
		c.bracketed = depth > 0
		c.subject = lastSubject < lastStop || n == 0
		lastSubject = at
		q.lookBefore(c)
		q.lookAfter(c)
		c.leads = c.last+1 < len(q.toks) && q.toks[c.last].text == ":"
		if c.first < tail {
			c.obliged = true // "a spokesman for the Roe campaign": the campaign does not speak
			c.after, c.afterAt, c.appositon = 0, 0, false
		}
		c.kind = q.kindOf(c)
		switch c.form {
		case byNoun:
			tail = max(tail, q.pastTail(c.last))
		case byName:
			if _, end := q.apposition(c.last); c.appositon {
				tail = max(tail, end) // the chair in "Jane Roe, chair of the union, said"
			}
		}
		q.relatedTo[n+1] = q.relatedTo[n] + int32(bit(related(c)))
	}
}

func (q *par) lookBefore(c *candidate) {
	k := c.first - 1
	for k >= 0 && c.first-k < 4 && q.toks[k].outer && determiners[q.toks[k].low] {
		k--
	}
	if k < 0 || !q.toks[k].outer {
		return
	}
	t := q.toks[k]
	switch {
	case t.cue > 0:
		c.before, c.beforeAt = t.cue, k
		c.inverted = k == 0 || !q.toks[k-1].outer || q.toks[k-1].text == "," || strings.ContainsAny(q.toks[k-1].text, "”\"’'—–")
		if listened[t.low] && (k == 0 || q.toks[k-1].outer) {
			c.inverted = false
		}
		c.addressee = !c.inverted && (listened[t.low] || t.cue == 1)
	case t.low == "to" && k > 0 && q.toks[k-1].low == "according":
		c.according = true
	}
	c.obliged = !c.according && obliging[t.low]
}

// listened are verbs whose object is the one who listens.
var listened = set(`told tells tell telling asked asks urged urges thanked assured assures informed`)

var obliging = set(`to of with for by about against from in on at as than between over under toward towards into after like behind beyond outside inside near within without despite during before since until among amid across around above below beside besides`)

// lookAfter finds the verb that the candidate is subject of, over adverbs, a
// phrase with "of" or "for", and an apposition between commas or brackets.
func (q *par) lookAfter(c *candidate) {
	k := c.last
	if c.form != pronoun {
		k = q.pastTail(k)
	}
	if q.passiveAt(k) {
		c.addressee = true
		return
	}
	if v, ok := q.verbAt(k); ok {
		c.after, c.afterAt = q.toks[v].cue, v
		return
	}
	if end := q.pastApposition(k); end > k {
		if v, ok := q.verbAt(end); ok {
			c.after, c.afterAt, c.appositon = q.toks[v].cue, v, true
		}
	}
}

// passiveAt reports whether a verb of saying in the passive stands at the token:
// "were told", "have been repeatedly asked", "are advised". Its subject listens.
func (q *par) passiveAt(k int) bool {
	be := false
	for n := 0; n < 6 && k < len(q.toks) && q.toks[k].outer; n++ {
		t := q.toks[k]
		switch {
		case t.cue > 0:
			return be && !strings.HasSuffix(t.low, "ing")
		case beForms[t.low]:
			be = true
		case t.low != "has" && t.low != "have" && t.low != "had" && t.low != "not" && !strings.HasSuffix(t.low, "ly") && t.low != "also" && t.low != "then":
			return false
		}
		k++
	}
	return false
}

var beForms = set(`is are was were be been being`)

func (q *par) verbAt(k int) (int, bool) {
	for n := 0; n < 6 && k < len(q.toks) && q.toks[k].outer; n++ {
		t := q.toks[k]
		if t.cue > 0 {
			return k, true
		}
		if !adverbs[t.low] && !strings.HasSuffix(t.low, "ly") && t.text != "," {
			return 0, false
		}
		k++
	}
	return 0, false
}

// pastTail is the token after "for the Union of Community Medics" and the like,
// or i where no such phrase stands there.
func (q *par) pastTail(i int) int {
	for limit := i + maxApposition; i+1 < len(q.toks) && i < limit && q.toks[i].outer && (q.toks[i].low == "for" || q.toks[i].low == "of" || q.toks[i].low == "from" || q.toks[i].low == "at" || q.toks[i].low == "on"); {
		k := i + 1
		for k < len(q.toks) && q.toks[k].outer && k-i < 3 && determiners[q.toks[k].low] {
			k++
		}
		start := k
		for k < len(q.toks) && q.toks[k].outer && (q.toks[k].cap && !notNames[q.toks[k].low] || q.toks[k].org > 0 || k > start && (q.toks[k].low == "and" || q.toks[k].low == "of" || q.toks[k].low == "for" || q.toks[k].low == "the") && k+1 < len(q.toks) && q.toks[k+1].cap) {
			k++
		}
		for k > start && k < len(q.toks) && k-start < 9 && q.toks[k].outer && (nouns[q.toks[k].low] || roleHeads[q.toks[k].low]) && q.toks[k].cue == 0 && q.toks[k].word {
			k++
		}
		if k == start && k < len(q.toks) && q.toks[k].outer && (nouns[q.toks[k].low] || bodyNouns[q.toks[k].low] != nil || roleWords[q.toks[k].low]) && q.toks[k].cue == 0 {
			k++
		}
		if k == start {
			return i
		}
		i = k
	}
	return i
}

// maxApposition is how many tokens an apposition may have.
const maxApposition = 40

// pastApposition is the token after an apposition that begins at i with a comma,
// bracket, dash or "who is"; i where none does.
func (q *par) pastApposition(i int) int {
	if i >= len(q.toks) || !q.toks[i].outer {
		return i
	}
	switch q.toks[i].text {
	case "(":
		for k := i + 1; k < len(q.toks) && k-i < maxApposition; k++ {
			if q.toks[k].text == ")" {
				if k+1 < len(q.toks) && q.toks[k+1].text == "," {
					return q.pastApposition(k + 1)
				}
				return k + 1
			}
		}
	case ",", "—", "–", "-":
		for k := i + 1; k < len(q.toks) && k-i < maxApposition && q.toks[k].outer; k++ {
			switch t := q.toks[k]; {
			case t.stop() || t.text == ";" || t.text == ":":
				return i
			case t.text == "," || t.text == q.toks[i].text:
				if _, ok := q.verbAt(k + 1); ok {
					return k + 1
				}
			}
		}
	}
	return i
}

func sortCandidates(cs []candidate) {
	slices.SortStableFunc(cs, func(a, b candidate) int { return a.first - b.first })
}

// candAfter is the index of the first candidate that begins at or after the token.
func (q *par) candAfter(tok int) int {
	return sort.Search(len(q.cands), func(i int) bool { return q.cands[i].first >= tok })
}

// span is the candidate's place in the text.
func (q *par) span(c candidate) record.Span {
	return record.Span{Start: q.toks[c.first].Start, End: q.toks[c.last-1].End}
}
