package attribution

import (
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"onrecord/record"
)

// segment is a stretch between quotation marks, or a line set apart by markup.
type segment struct {
	record.Span      // without the marks and the space beside them
	first, last int  // its tokens, [first,last)
	open        bool // runs to the end of its line without a closing mark
	single      bool
	whole       bool // the whole line, by markup or carried on without marks
	carries     bool // continues the segment that stood open before
	keep        bool // takes part in what follows
	score       float64
	stated      float64    // the likelihood that it is somebody's words
	by          *candidate // whom its words are given to, nil for none of its line
}

// style counts how a page opens quotations.
type style struct{ double, single int }

// pair finds the segments of every line. British papers open every paragraph of
// a long quotation with a mark and close only the last one, so a line is paired
// for itself, and what stands open at its end is carried on by carryOpen.
func (g *reading) pair() {
	var s style
	for i := range g.pars {
		s.count(g.pars[i].line)
	}
	for i := range g.pars {
		q := &g.pars[i]
		if q.role == skipped || q.role == posted {
			continue
		}
		q.segs, q.stray = pairLine(q.line, q.Start, s.single > s.double)
		if q.quote && len(q.segs) == 0 {
			q.segs = []segment{{Span: trimmed(g.text, q.Start, q.Start+len(q.line)), whole: true}}
		}
	}
	g.carryOpen()
	for i := range g.pars {
		g.pars[i].settle()
	}
}

func (s *style) count(line string) {
	prev := ' '
	for i, c := range line {
		if unicode.IsSpace(prev) {
			_, n := utf8.DecodeRuneInString(line[i:])
			rest := line[i+n:]
			begins := startsWord(rest)
			switch {
			case (c == '\'' || c == '‘' || c == '`') && strings.HasPrefix(rest, string(c)) && startsWord(rest[n:]):
				s.double++ // two apostrophes are one mark
			case begins && (c == '“' || c == '"' || c == '„' || c == '«'):
				s.double++
			case begins && (c == '‘' || c == '\''):
				s.single++
			}
		}
		prev = c
	}
}

// mark is a quotation mark in a line.
type mark struct {
	at, size int
	c        rune // '"' straight, '“' opening, '”' closing by its shape
	opens    bool // by what stands around it
	closes   bool
}

// pairLine pairs the marks of one line: the double ones first, or the single
// ones in a page whose house style they are, and the others outside of those.
func pairLine(line string, base int, singles bool) (segs []segment, stray int) {
	var spans []segment
	if singles {
		spans = singlePairs(line, nil)
		more, s := doublePairs(line, spans)
		spans, stray = append(spans, more...), s
	} else {
		spans, stray = doublePairs(line, nil)
		spans = append(spans, singlePairs(line, spans)...)
	}
	sortSegments(spans)
	for _, s := range spans {
		markup := inTag(line[:s.Start])
		s.Span = trimmed(line, s.Start, s.End)
		if s.Len() == 0 || markup {
			continue
		}
		s.Start, s.End = s.Start+base, s.End+base
		segs = append(segs, s)
	}
	if stray >= 0 {
		stray += base
	}
	return segs, stray
}

// inTag reports whether a mark after "=" ends the text: it opens the value of an
// attribute, in markup that was left in the page's text, and nobody's words.
func inTag(before string) bool {
	return strings.HasSuffix(strings.TrimRight(before, "“”\"‘’'″"), "=")
}

// doublePairs pairs double marks. A mark that can only open while a pair is open
// is nested and passed over; one that can only close while none is open closes
// nothing: it is kept as stray where no pair came before it.
func doublePairs(line string, taken []segment) (segs []segment, stray int) {
	stray, open := -1, -1
	for _, m := range doubles(line) {
		if inside(taken, m.at) {
			continue
		}
		switch {
		case open < 0 && m.closes && !m.opens:
			if stray < 0 && len(segs) == 0 {
				stray = m.at
			}
		case open < 0:
			open = m.at + m.size
		case m.opens && !m.closes:
		default:
			segs = append(segs, segment{Span: record.Span{Start: open, End: m.at}})
			open = -1
		}
	}
	if open >= 0 {
		segs = append(segs, segment{Span: record.Span{Start: open, End: len(line)}, open: true})
	}
	return segs, stray
}

// doubles lists the double marks of a line: “ ” „ ‟ " ″ « », two apostrophes, two backticks.
func doubles(line string) []mark {
	var out []mark
	prev := ' '
	for i := 0; i < len(line); {
		c, n := utf8.DecodeRuneInString(line[i:])
		size, shape := n, rune(0)
		switch c {
		case '“', '„', '‟', '«':
			shape = '“'
		case '”', '»':
			shape = '”'
		case '"', '″', '＂':
			shape = '"'
		case '\'', '’', '‘', '`':
			if strings.HasPrefix(line[i+n:], line[i:i+n]) {
				size, shape = 2*n, map[rune]rune{'\'': '"', '’': '”', '‘': '“', '`': '“'}[c]
			}
		}
		if shape != 0 {
			next, _ := utf8.DecodeRuneInString(line[i+size:])
			out = append(out, asMark(i, size, shape, prev, next, i+size >= len(line)))
		}
		prev = c
		i += size
	}
	return out
}

// asMark decides by shape and neighbours what a mark can do. Wrong-way marks are
// common on the web, so the neighbours overrule the shape where they are clear.
func asMark(at, size int, shape, prev, next rune, end bool) mark {
	m := mark{at: at, size: size, c: shape}
	before := unicode.IsSpace(prev) || strings.ContainsRune("([{—–-:/‘'", prev)
	after := end || unicode.IsSpace(next) || strings.ContainsRune(".,;:!?)]}—–-…/’'", next)
	switch {
	case before && !after:
		m.opens = true
		m.closes = shape == '”' && !unicode.IsSpace(prev)
	case after && !before:
		m.closes = true
	case shape == '“':
		m.opens = true
	case shape == '”':
		m.closes = true
	default:
		m.opens, m.closes = true, true
	}
	return m
}

// singlePairs pairs single marks outside the given segments. One opens only
// before a letter and after a space; one closes only before a space or a stop,
// and not where it is an apostrophe: a plural's ("doctors’ pay") is followed by
// a small word that is no verb of saying.
func singlePairs(line string, taken []segment) []segment {
	var segs []segment
	after := 0
	for i, c := range line {
		if i < after || !single(c) || !opensSingle(line, i) || inside(taken, i) {
			continue
		}
		start := i + utf8.RuneLen(c)
		if end := closeSingle(line, start, i); end >= 0 {
			segs = append(segs, segment{Span: record.Span{Start: start, End: end}, single: true})
			after = end + 1
			continue
		}
		if lead := strings.TrimSpace(line[:i]); (lead == "" || strings.HasSuffix(lead, ":")) && len(line)-start > 40 {
			segs = append(segs, segment{Span: record.Span{Start: start, End: len(line)}, single: true, open: true})
			return segs
		}
	}
	return segs
}

func single(c rune) bool { return c == '‘' || c == '’' || c == '\'' || c == '‛' }

func opensSingle(line string, i int) bool {
	prev, _ := utf8.DecodeLastRuneInString(line[:i])
	_, n := utf8.DecodeRuneInString(line[i:])
	next, _ := utf8.DecodeRuneInString(line[i+n:])
	if i > 0 && !unicode.IsSpace(prev) && !strings.ContainsRune("([—–-:“\"/", prev) {
		return false
	}
	if unicode.IsDigit(next) && (strings.HasPrefix(line[i+n+1:], "0s") || !strings.HasPrefix(line[i:], "‘")) {
		return false // the ’90s
	}
	low := strings.ToLower(line[i+n : min(len(line), i+n+8)])
	for _, w := range []string{"tis ", "twas ", "em ", "cause ", "til ", "n’", "n'"} {
		if strings.HasPrefix(low, w) {
			return false
		}
	}
	return unicode.IsLetter(next) || unicode.IsDigit(next) || strings.ContainsRune("$£€[…", next) || strings.HasPrefix(line[i+n:], "...")
}

// maxPossessives is how many doubtful apostrophes one quotation is searched
// past for its end.
const maxPossessives = 64

func closeSingle(line string, start, opened int) int {
	doubt := -1
	seen := 0
	for i, c := range line[start:] {
		at := start + i
		if c != '’' && c != '\'' {
			continue
		}
		next := line[at+utf8.RuneLen(c):]
		n, _ := utf8.DecodeRuneInString(next)
		if next != "" && !unicode.IsSpace(n) && !strings.ContainsRune(".,;:!?)]—–-/”\"", n) {
			continue
		}
		prev, _ := utf8.DecodeLastRuneInString(line[:at])
		if unicode.IsSpace(prev) {
			continue
		}
		if !possessive(prev, next) {
			return at
		}
		if doubt < 0 {
			doubt = at
		}
		if seen++; seen > maxPossessives {
			break
		}
	}
	if lead := strings.TrimSpace(line[:opened]); doubt >= 0 && (lead == "" || strings.HasSuffix(lead, ":")) && len(line)-start > 80 && len(line)-doubt > 20 {
		return -1 // a long quotation that goes on in the next paragraph
	}
	return doubt
}

// possessive reports whether an apostrophe after prev may be a plural's.
func possessive(prev rune, next string) bool {
	if prev != 's' && prev != 'S' && prev != 'x' && prev != 'z' {
		return false
	}
	rest := strings.TrimLeft(next, " ")
	if rest == next {
		return false
	}
	w := strings.ToLower(rest[:wordEnd(rest)])
	c, _ := utf8.DecodeRuneInString(rest)
	if w == "" || !unicode.IsLetter(c) {
		return false
	}
	switch w {
	case "and", "but", "as", "to", "in", "that", "which", "he", "she", "on", "by", "after", "was", "is", "are", "were", "for", "with", "or", "at", "of", "from", "when", "while", "the", "a", "has", "had", "have", "because", "who", "it", "they", "if", "so", "than", "over", "before", "during":
		return false
	}
	return !strong[w] && !weak[w]
}

// carryOpen follows quotations that stand open at the end of a line into the
// next ones: a line that begins with a mark carries on; lines without a mark do
// only when one of them closes what was open and nobody is said to speak between.
func (g *reading) carryOpen() {
	for i := range g.pars {
		if q := &g.pars[i]; q.role != body || len(q.segs) == 0 || !q.segs[len(q.segs)-1].open {
			continue
		}
		next := g.following(i)
		if next < 0 {
			continue
		}
		q := &g.pars[next]
		if len(q.segs) > 0 && q.startsQuoted() {
			q.segs[0].carries, q.carried = true, true
			continue
		}
		g.carryToClose(next)
	}
}

// maxSkipped is how many captions, lists and labels a quotation may run across.
const maxSkipped = 9

// following is the next body paragraph after i, -1 where there is none near.
func (g *reading) following(i int) int {
	for j := i + 1; j < len(g.pars) && j <= i+1+maxSkipped; j++ {
		if g.pars[j].role == body && g.pars[j].Update == g.pars[i].Update {
			return j
		}
		if g.pars[j].role == heading && !g.plain && len(g.pars[j].line) > 0 && g.pars[j].Update != g.pars[i].Update {
			return -1
		}
	}
	return -1
}

// carryToClose makes the lines from i to the one with a stray closing mark part
// of the open quotation. It does nothing where a line in between has marks or a
// verb of saying, or where none closes.
func (g *reading) carryToClose(i int) {
	var run []int
	for n := 0; i >= 0 && n < maxSkipped; n++ {
		q := &g.pars[i]
		if q.stray >= 0 && len(q.segs) == 0 && !saysOutside(g.text[q.stray:q.Start+len(q.line)]) {
			if g.signedInside(q) {
				q.stray = -1 // "… on time.⏎Jane Roe, Ward Union.”": the marks hold the name too
			} else {
				run = append(run, i)
			}
			for _, j := range run {
				p := &g.pars[j]
				end := p.Start + len(p.line)
				if j == i {
					end = p.stray
				}
				p.segs = []segment{{Span: trimmed(g.text, p.Start, end), whole: true, carries: true, open: j != i}}
				p.carried = true
			}
			return
		}
		if len(q.segs) > 0 || q.stray >= 0 || saysOutside(q.line) && n == 0 {
			return
		}
		run = append(run, i)
		i = g.following(i)
	}
}

// signedInside reports whether the line that closes a quotation is its speaker's
// name rather than words.
func (g *reading) signedInside(q *par) bool {
	line := strings.TrimRight(g.text[q.Start:q.stray], " .")
	return len(line) < 100 && len(strings.Fields(line)) > 1 && nameForm.MatchString(line) && titled(tokenise(strings.SplitN(line, ",", 2)[0], 0))
}

func saysOutside(s string) bool {
	for _, t := range tokenise(s, 0) {
		if t.cue == 2 {
			return true
		}
	}
	return false
}

// startsQuoted reports whether nothing but marks stands before the first segment.
func (q *par) startsQuoted() bool {
	lead := q.line[:max(0, min(q.segs[0].Start-q.Start, len(q.line)))]
	return strings.Trim(lead, " \t\u00a0“”„‟\"″«»'‘’`[(…") == ""
}

// settle gives the segments their tokens and marks the tokens outside them.
func (q *par) settle() {
	at := 0
	for i := range q.segs {
		s := &q.segs[i]
		for at < len(q.toks) && q.toks[at].End <= s.Start {
			at++
		}
		s.first = at
		for at < len(q.toks) && q.toks[at].Start < s.End {
			q.toks[at].outer = false
			at++
		}
		s.last = at
	}
	q.countTokens()
	for _, t := range q.toks {
		if !t.outer || !t.word {
			continue
		}
		q.words++
		if t.cue > 0 {
			q.cues++
		}
	}
	for i := range q.toks {
		if q.toks[i].outer && q.toks[i].low == "according" && i+1 < len(q.toks) && q.toks[i+1].low == "to" {
			q.cues++
		}
	}
}

// inside reports whether a mark lies in one of the segments, which are in order.
func inside(segs []segment, at int) bool {
	i := sort.Search(len(segs), func(i int) bool { return segs[i].End+1 > at })
	return i < len(segs) && at >= segs[i].Start-3
}

func sortSegments(s []segment) {
	slices.SortFunc(s, func(a, b segment) int { return a.Start - b.Start })
}

// trimmed is the span without space at its ends.
func trimmed(text string, start, end int) record.Span {
	s := text[start:end]
	start += len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace))
	s = strings.TrimSpace(s)
	return record.Span{Start: start, End: start + len(s)}
}
