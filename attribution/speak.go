package attribution

import (
	"math"
	"regexp"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"onrecord/record"
)

// utterance is a statement in the making.
type utterance struct {
	kind    record.Kind
	v       *voice
	spans   []record.Span
	repeats []record.Span
	first   int // paragraph of its first span
	par     int // paragraph of its last span
	lastTok int // token after its last span there
	full    bool
	sure    float64 // that they are its speaker's words
	whose   float64 // that they are, if they are anybody's
	said    record.Instant
	url     string
	post    *record.Post
}

// speak gives every segment that is a statement its speaker, in the order of
// the text, and joins what is one statement.
func (g *reading) speak() []*utterance {
	var out []*utterance
	x := &context{}
	update := -1
	for i := range g.pars {
		q := &g.pars[i]
		if q.Update != update {
			x, update = &context{}, q.Update
		}
		switch {
		case q.role != body && q.role != heading:
		case len(q.segs) == 0:
			g.introduce(q, x)
		default:
			out = g.speakLine(q, x, out)
		}
	}
	return out
}

// introduce notes whom a paragraph without quotations sets up to speak next: the
// subject of its verb of saying, and where it leads on with a colon, its subject.
func (g *reading) introduce(q *par, x *context) {
	if q.role != body {
		return
	}
	leads := strings.HasSuffix(strings.TrimSpace(q.line), ":")
	if q.cues == 0 && !leads {
		return
	}
	c := q.introduced(leads)
	if c == nil {
		return
	}
	v := g.resolve(q, *c, x)
	if !v.known() {
		return
	}
	g.ownBody(q, v)
	x.heard(v)
	x.carry, x.carryAt, x.led = v, q.n, leads
}

// introduced is the candidate that a paragraph sets up: the last subject of a
// verb of saying where the paragraph leads on, else the first one; without such
// a verb the first phrase that can be a subject.
func (q *par) introduced(leads bool) *candidate {
	var best *candidate
	for i := range q.cands {
		c := &q.cands[i]
		if (c.after > 0 || c.according || c.before == 2 && c.inverted) && !c.obliged && !q.impersonal(c) {
			best = c
			if !leads {
				return best
			}
		}
	}
	for i := 0; best == nil && leads && i < len(q.cands); i++ {
		if c := &q.cands[i]; !c.obliged && !c.bracketed && !q.impersonal(c) {
			best = c
		}
	}
	return best
}

func (q *par) impersonal(c *candidate) bool {
	switch q.toks[c.first].low {
	case "it", "who", "which", "we", "i":
		return c.form == pronoun
	}
	return false
}

// coined reports whether a segment is a name that a body gave to a thing of its
// own, and no statement: what it calls a “digital front door”.
func (q *par) coined(s *segment) bool {
	if s.last-s.first > maxCoined || s.first < 5 {
		return false
	}
	i := s.first - 1
	for i > 0 && !q.toks[i].word {
		i-- // the mark
	}
	switch q.toks[i].low {
	case "a", "an", "its", "their":
		i--
	default:
		return false
	}
	next := s.last
	for next < len(q.toks) && !q.toks[next].word && q.toks[next].text != "," && !q.toks[next].stop() {
		next++ // the mark
	}
	if next < len(q.toks) && q.toks[next].word && !phraseEnd[q.toks[next].low] {
		return false // a “so-called” thing
	}
	if i < 2 || q.toks[i].low != "calls" && q.toks[i].low != "call" && q.toks[i].low != "terms" {
		return false
	}
	if i--; q.toks[i].low != "it" && q.toks[i].low != "they" {
		return false
	}
	return q.toks[i-1].low == "what" && !strings.ContainsAny(q.toks[s.last-1].text, ".!?")
}

const maxCoined = 4 // words and marks of a name that was coined

func (g *reading) speakLine(q *par, x *context, out []*utterance) []*utterance {
	var last *voice
	for i := range q.segs {
		s := &q.segs[i]
		var before *segment
		if i > 0 {
			before = &q.segs[i-1]
		}
		a := q.around(s, i == 0, g.text)
		ch := g.choose(q, s, a, before, x)
		s.by = ch.by
		s.score = g.states(q, s, a, ch)
		s.stated = logistic(s.score)
		v, sure := g.voiceOf(q, s, ch, i == 0, x)
		if q.role == heading && (v == nil || v.rule != "label" && ch.score < 2.5) {
			continue // only repeats, or belongs to nobody
		}
		labelled := v != nil && (v.rule == "label" || v.rule == "signature" || v.rule == "name line" || v.rule == "cite")
		if s.score <= leastStated && !labelled {
			continue
		}
		if !labelled && q.coined(s) {
			continue
		}
		s.keep = true
		if labelled {
			s.stated = 1
		}
		whose := sure
		if s.carries && x.open != nil && v.same(x.open) && x.open.likely > 0 {
			whose, v.likely = x.open.likely, x.open.likely // the same quotation goes on
		} else {
			whose = g.whoseOf(q, s, v, ch, sure)
		}
		if v.known() {
			g.ownBody(q, v)
			if q.role == body {
				x.heard(v)
			}
			last = v
		}
		out = g.put(out, q, s, v, whose)
		if s.open {
			x.open = v
		}
	}
	if last != nil && q.role == body {
		x.carry, x.carryAt, x.led = last, q.n, false
	}
	return out
}

// voiceOf chooses among the ways in which a segment can get its speaker: a label
// or signature, the quotation it carries on, markup, the paragraph's own words,
// and last the speaker of the paragraph before.
func (g *reading) voiceOf(q *par, s *segment, ch choice, first bool, x *context) (*voice, float64) {
	if v := g.labelled(q, s, first); v != nil {
		return v, v.sure
	}
	if s.carries && x.open != nil {
		return continued(x.open, "continued"), 0.95 * x.open.sure
	}
	if v := g.nameLine(q, s); v != nil {
		return v, v.sure
	}
	if ch.carried {
		rule := "carried"
		if q.quote {
			rule = "block quote"
		}
		return continued(x.carry, rule), 0.8 * x.carry.sure
	}
	if ch.by == nil || ch.score < least-2 {
		return nil, 0
	}
	v := g.resolve(q, *ch.by, x)
	return v, v.sure * likely(ch.score)
}

func continued(v *voice, rule string) *voice {
	w := *v
	w.rule = rule
	return &w
}

// whoseOf is the likelihood that the speaker of a statement is the right one, as
// learned; for a model that has learned none, the rules of thumb's.
func (g *reading) whoseOf(q *par, s *segment, v *voice, ch choice, thumb float64) float64 {
	if v == nil {
		return 0
	}
	g.fs = g.surely(g.fs[:0], q, s, v, ch, g.whole(q, s))
	if len(g.model.sure) > 0 {
		v.likely = logistic(g.model.sure.Sum(g.fs))
		thumb = v.likely
	}
	g.lesson.voice(s, v, g.fs, thumb)
	return thumb
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// likely turns a score into a likelihood; a plain "X said:" scores about 5.
func likely(score float64) float64 {
	return 0.35 + 0.63/(1+math.Exp(-(score-1.5)/1.1))
}

var (
	signature = regexp.MustCompile(`^[”"″’'»]*\s*[\(]?[—―–-]+\s*((?:(?:Dr|Mr|Mrs|Ms|Prof|Sir|Dame)\.? )?(?:\p{Lu}[\p{L}.’'-]*[ ]?){1,4})`)
	labelForm = regexp.MustCompile(`^\s*[“"]?((?:\p{Lu}[\p{Lu}.’'-]+ ?){1,4}):\s`)
	nameForm  = regexp.MustCompile(`^[—―–-]?\s*(?:\p{Lu}[\p{L}.’'-]*\s*){1,5}(?:,.{0,80})?$`)
)

// labelled finds a speaker set before or after the words: "NAME: …", "… — Name",
// or the one whom markup names.
func (g *reading) labelled(q *par, s *segment, first bool) *voice {
	if q.Cite != "" && q.quote {
		return g.voiceOfLine(q.Cite, record.Span{Start: s.Start, End: s.Start}, "cite")
	}
	lineEnd := q.Start + len(q.line)
	if tail := g.text[s.End:lineEnd]; dashed(tail) && (len(tail) < 200 || s == &q.segs[len(q.segs)-1]) {
		if m := signature.FindStringSubmatchIndex(tail[:min(len(tail), 200)]); m != nil && tail[m[2]:m[3]] != "" {
			name := strings.TrimSpace(tail[m[2]:m[3]])
			if !notNames[strings.ToLower(strings.Fields(name)[0])] {
				return g.voiceOfLine(name, record.Span{Start: s.End + m[2], End: s.End + m[2] + len(name)}, "signature")
			}
		}
	}
	if head := q.line[:min(len(q.line), 200)]; strings.Contains(head, ":") {
		m := labelForm.FindStringSubmatchIndex(head)
		if m == nil {
			return nil
		}
		name := strings.TrimSpace(q.line[m[2]:m[3]])
		return g.voiceOfLine(name, record.Span{Start: q.Start + m[2], End: q.Start + m[2] + len(name)}, "label")
	}
	return nil
}

// dashed reports whether a dash follows the marks that close a segment.
func dashed(tail string) bool {
	c, _ := utf8.DecodeRuneInString(strings.TrimLeft(tail, "”\"″’'»( \t\u00a0"))
	return strings.ContainsRune("—―–-", c)
}

// nameLine takes the line of a name alone under a paragraph of quotation alone.
func (g *reading) nameLine(q *par, s *segment) *voice {
	if q.words > 0 || s.whole || q.n+1 >= len(g.pars) {
		return nil
	}
	next := &g.pars[q.n+1]
	line := strings.TrimRight(strings.TrimSpace(next.line), "\"”’'. ")
	if next.role == body && len(line) < 120 && len(next.segs) == 0 && nameForm.MatchString(line) && len(strings.Fields(line)) <= 12 && line != strings.ToUpper(line) {
		c, _ := utf8.DecodeLastRuneInString(line)
		if unicode.IsLetter(c) {
			at := next.Start + strings.Index(next.line, line)
			return g.voiceOfLine(strings.TrimLeft(line, "—―–- "), record.Span{Start: at, End: at + len(line)}, "name line")
		}
	}
	return nil
}

// voiceOfLine reads "Dr Jane Roe, chair of the Union" on its own.
func (g *reading) voiceOfLine(s string, at record.Span, rule string) *voice {
	v := &voice{mention: at, rule: rule, sure: 0.9, person: -1, at: at.Start}
	name, rest, _ := strings.Cut(s, ",")
	words := strings.Fields(name)
	for len(words) > 1 && titles[strings.ToLower(strings.TrimSuffix(words[0], "."))] {
		if courtesy[strings.ToLower(strings.TrimSuffix(words[0], "."))] {
			v.Title = strings.TrimSpace(v.Title + " " + words[0])
		}
		words = words[1:]
	}
	name = strings.Join(words, " ")
	if o, ok := g.reg.Name(name, g.day); ok {
		v.Org, v.OrgName, v.orgRule = o.ID, o.Name, "register"
		return v
	}
	if name == strings.ToUpper(name) {
		if g.setInitials(v, name) {
			return v
		}
		name = capitals(words)
	}
	if i := g.known(name, at.Start); i >= 0 {
		v.person = i
		v.Speaker, v.orgRule = g.speaker(i)
	} else {
		v.Name = name
	}
	if rest = strings.TrimSpace(rest); rest != "" && v.Role == "" {
		v.Role = rest
		if hits := g.reg.Find(rest, g.day); len(hits) > 0 && v.Org == "" {
			if o, ok := g.reg.Org(hits[0].As); ok {
				v.Org, v.OrgName, v.orgRule = o.ID, o.Name, "name line"
			}
		}
	}
	return v
}

// setInitials reads the label of an interview: the initials of somebody named
// in full on the page, or of the outlet that asks.
func (g *reading) setInitials(v *voice, label string) bool {
	letters := strings.Map(func(c rune) rune {
		if !unicode.IsLetter(c) {
			return -1
		}
		return c
	}, label)
	if n := utf8.RuneCountInString(letters); n < 2 || n > 4 {
		return false
	}
	for i := range g.people {
		if initials(g.people[i].name) == letters && g.people[i].weight >= 0 {
			v.person = i
			v.Speaker, v.orgRule = g.speaker(i)
			return true
		}
	}
	if initials(g.page.Publisher) == letters {
		v.OrgName, v.orgRule = g.page.Publisher, "initials"
		return true
	}
	return false
}

// initials are the first letters of the words of a name, parts of double names too.
func initials(name string) string {
	var b strings.Builder
	for _, w := range strings.FieldsFunc(name, func(c rune) bool { return c == ' ' || c == '-' }) {
		if c, _ := utf8.DecodeRuneInString(w); unicode.IsUpper(c) {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func capitals(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		c, n := utf8.DecodeRuneInString(w)
		out[i] = string(c) + strings.ToLower(w[n:])
	}
	return strings.Join(out, " ")
}

// put adds a segment to the statement that it continues, or as a new one. whose
// is how likely the speaker is right if the words are a statement; both together
// are the confidence.
func (g *reading) put(out []*utterance, q *par, s *segment, v *voice, whose float64) []*utterance {
	full := g.whole(q, s)
	sure := 0.0
	if v != nil {
		sure = g.model.confidence(s.stated, whose)
	}
	var prev *utterance
	if n := len(out); n > 0 {
		prev = out[n-1]
	}
	if prev != nil && v != nil && v.same(prev.v) && g.continues(prev, q, s, full) {
		prev.spans = append(prev.spans, s.Span)
		prev.par, prev.lastTok = q.n, s.last
		if !s.carries {
			prev.sure = min(prev.sure, max(sure, prev.sure-0.03))
		}
		if full && !prev.full {
			prev.full, prev.kind = true, record.Quote
		}
		return out
	}
	if v == nil {
		v = &voice{person: -1, rule: "none"}
	}
	kind := record.Fragment
	if full {
		kind = record.Quote
	}
	return append(out, &utterance{kind: kind, v: v, spans: []record.Span{s.Span}, first: q.n, par: q.n, lastTok: s.last, full: full, sure: sure, whose: whose})
}

// whole reports whether a segment holds whole sentences rather than a piece of
// the reporter's.
func (g *reading) whole(q *par, s *segment) bool {
	if s.carries || s.whole {
		return true
	}
	said := s.In(g.text)
	first, _ := utf8.DecodeRuneInString(said)
	end, _ := utf8.DecodeLastRuneInString(said)
	words := 0
	for i := s.first; i < s.last; i++ {
		if q.toks[i].word {
			words++
		}
	}
	begins := unicode.IsUpper(first) || unicode.IsDigit(first) || first == '[' || first == '…'
	ends := s.open || strings.ContainsRune(".!?…", end) || end == ','
	if !ends && s.End < q.Start+len(q.line) {
		rest := strings.TrimLeft(g.text[s.End:q.Start+len(q.line)], "”\"″’'» ")
		ends = words >= 5 && (rest == "" || strings.HasPrefix(rest, ".")) && colonBefore(q, s)
	}
	return begins && ends && words >= 2 || words >= 5 && ends && end != ',' && q.startsQuotedAfter(s)
}

func colonBefore(q *par, s *segment) bool {
	for i := s.first - 1; i >= max(0, s.first-3); i-- {
		if q.toks[i].text == ":" {
			return true
		}
	}
	return false
}

// startsQuotedAfter reports whether the segment is the second half of a
// sentence that the reporter cut: “A,” said X, “b.”
func (q *par) startsQuotedAfter(s *segment) bool {
	at := sort.Search(len(q.segs), func(i int) bool { return q.segs[i].Start >= s.Start })
	if at == 0 {
		return false
	}
	b := &q.segs[at-1]
	return b.keep && b.last > 0 && s.first-b.last < 14 && (q.toks[b.last-1].text == "," || q.toks[b.last-1].word)
}

// continues reports whether a segment goes on with the statement before it.
func (g *reading) continues(u *utterance, q *par, s *segment, full bool) bool {
	if s.carries && u.full {
		return true
	}
	if u.par == q.n {
		ends, _ := q.between(u.lastTok, s.first)
		far := s.first - u.lastTok
		if full && u.full {
			return ends <= 1 && far <= 60
		}
		return ends == 0 && q.breaks(u.lastTok, s.first) == 0 && far < 40
	}
	if !full || !u.full || g.following(u.par) != q.n {
		return false
	}
	return q.words == 0 || q.quote && g.pars[u.par].quote || q.words <= 8 && !q.startsQuoted() && q.goesOn() && !q.tellsDay()
}

// tellsDay reports whether the paragraph's own words give a day: what is said
// there is no part of what was said on another.
func (q *par) tellsDay() bool {
	for i, t := range q.toks {
		if t.outer && months[t.low] > 0 && (i > 0 && digits(q.toks[i-1].text) || i+1 < len(q.toks) && digits(q.toks[i+1].text)) {
			return true
		}
	}
	return false
}

func digits(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

var goingOn = set(`added adds adding continued continues concluded went`)

// goesOn reports whether the paragraph's verb says that the speaker goes on.
func (q *par) goesOn() bool {
	for _, t := range q.toks {
		if t.outer && goingOn[t.low] {
			return true
		}
	}
	return false
}
