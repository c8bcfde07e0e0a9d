// Package score measures found statements against labelled ones. It gives the
// figures of the project's scorer for quotations, score_quotes.py, to the digit;
// a test holds both against each other.
package score

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Doc is a text with statements in it: labelled ones (gold), or found ones.
type Doc struct {
	ID         string      `json:"id"`
	Text       string      `json:"text,omitempty"`
	Statements []Statement `json:"statements"`
}

// Statement is a labelled or a found statement. Offsets are Unicode code points.
type Statement struct {
	Kind         string   `json:"kind"` // direct, mixed, indirect, or another
	Spans        [][2]int `json:"spans"`
	Quoted       [][2]int `json:"quoted,omitempty"` // inside quotation marks; of a direct one its spans where absent
	SpeakerSpans [][2]int `json:"speaker_spans,omitempty"`
	SpeakerStart *int     `json:"speaker_start,omitempty"` // one span, where SpeakerSpans is absent
	SpeakerEnd   int      `json:"speaker_end,omitempty"`
	SpeakerText  string   `json:"speaker_text,omitempty"`
	SpeakerType  string   `json:"speaker_type,omitempty"` // name, nominal, pronoun
	SpeakerName  string   `json:"speaker_name,omitempty"`
	Aliases      []string `json:"speaker_aliases,omitempty"`
	Silver       []string `json:"speaker_names_silver,omitempty"`
	Organisation string   `json:"organisation,omitempty"`
	OrgAliases   []string `json:"org_aliases,omitempty"`
	Cue          string   `json:"cue,omitempty"`
	Speech       *bool    `json:"speech,omitempty"` // false: a cue of thought or intent only
	Confidence   float64  `json:"confidence,omitempty"`
}

// Figure is precision, recall and their mean, in per cent to one digit, with
// the counts they come from.
type Figure struct {
	P     float64 `json:"P"`
	R     float64 `json:"R"`
	F1    float64 `json:"F1"`
	Right int     `json:"tp"`
	Gold  int     `json:"gold"`
	Found int     `json:"pred"`
}

func figure(right, gold, found int) Figure {
	f := Figure{Right: right, Gold: gold, Found: found}
	var p, r float64
	if found > 0 {
		p = float64(right) / float64(found)
	}
	if gold > 0 {
		r = float64(right) / float64(gold)
	}
	f.P, f.R = tenth(100*p), tenth(100*r)
	if p+r > 0 {
		f.F1 = tenth(100 * 2 * p * r / (p + r))
	}
	return f
}

func tenth(f float64) float64 {
	var x float64
	fmt.Sscanf(fmt.Sprintf("%.1f", f), "%g", &x)
	return x
}

// Level is the figures of one kind of unit.
type Level struct {
	Name        string            `json:"-"`
	Exact       Figure            `json:"exact"`
	Overlap     Figure            `json:"overlap>=0.5"`
	Token       Figure            `json:"token"`
	Attribution Attribution       `json:"attribution_accuracy"`
	EndToEnd    Figure            `json:"end_to_end"`
	EndToken    Figure            `json:"end_to_end_token"`
	counts      map[string]int    // what the figures come from
	_           map[string]string // not comparable
}

// Attribution is the share of the matched units whose source is right.
type Attribution struct {
	Accuracy float64               `json:"acc"`
	N        int                   `json:"n"`
	ByType   map[string][2]float64 `json:"by_source_type"` // accuracy and count
}

// Options say what counts.
type Options struct {
	MinWords int  // shorter labelled segments are left out; at least 1
	Names    bool // the resolved name must agree, not only the phrase
	// Wrong is called for every miss, spurious unit and wrong speaker, unless nil.
	Wrong func(Error)
}

// Error is one thing found wrong.
type Error struct {
	What        string // MISS, SPUR or SPK
	Level       string
	Doc         string
	Words       string
	Gold, Found string // the source as labelled and as found
}

var levels = [...][2]string{
	{"V", "verbatim segments (direct+mixed)"},
	{"S", "verbatim statements (direct+mixed)"},
	{"I", "indirect statements"},
	{"J", "indirect statements, speech cues only"},
	{"O", "posts, releases, pull quotes"},
}

// Quotes scores found statements against labelled ones, document by document.
func Quotes(gold, found []Doc, o Options) []Level {
	byID := make(map[string][]Statement, len(found))
	for _, d := range found {
		byID[d.ID] = d.Statements
	}
	o.MinWords = max(o.MinWords, 1)
	count := map[string]map[string]int{}
	for _, l := range levels {
		count[l[0]] = map[string]int{}
	}
	for _, d := range gold {
		t := newText(d.Text)
		for _, l := range levels {
			t.score(d, byID[d.ID], l[0], o, count[l[0]])
		}
	}
	var out []Level
	for _, l := range levels {
		if c := count[l[0]]; l[0] != "O" || c["g"] > 0 || c["p"] > 0 {
			out = append(out, level(l[1], c))
		}
	}
	return out
}

func level(name string, c map[string]int) Level {
	l := Level{
		Name: name, counts: c, Exact: figure(c["xm"], c["xg"], c["xp"]), Overlap: figure(c["m"], c["g"], c["p"]), Token: figure(c["tm"], c["tg"], c["tp"]),
		EndToEnd: figure(c["ok"], c["gs"], c["ps"]), EndToken: figure(c["te"], c["teg"], c["tep"]),
		Attribution: Attribution{N: c["a"], ByType: map[string][2]float64{}},
	}
	if c["a"] > 0 {
		l.Attribution.Accuracy = tenth(100 * float64(c["ok"]) / float64(c["a"]))
	}
	for _, t := range [...]string{"name", "nominal", "pronoun", "all"} {
		if n := c["A_"+t]; n > 0 {
			l.Attribution.ByType[t] = [2]float64{tenth(100 * float64(c["A_"+t+"_ok"]) / float64(n)), float64(n)}
		}
	}
	return l
}

// Print writes the levels as score_quotes.py prints them.
func Print(w io.Writer, minWords int, ls []Level) {
	fmt.Fprintln(w, "min-words", minWords)
	for _, l := range ls {
		fmt.Fprintln(w, "==", l.Name)
		for _, f := range []struct {
			name string
			Figure
		}{{"exact", l.Exact}, {"overlap>=0.5", l.Overlap}, {"token", l.Token}, {"end_to_end", l.EndToEnd}, {"end_to_end_token", l.EndToken}} {
			fmt.Fprintf(w, "  %-18s P %5.1f  R %5.1f  F1 %5.1f   (tp %d gold %d pred %d)\n", f.name, f.P, f.R, f.F1, f.Right, f.Gold, f.Found)
		}
		var by []string
		for _, t := range [...]string{"name", "nominal", "pronoun", "all"} {
			if x, ok := l.Attribution.ByType[t]; ok {
				by = append(by, fmt.Sprintf("'%s': [%.1f, %.0f]", t, x[0], x[1]))
			}
		}
		fmt.Fprintf(w, "  %-18s %5.1f (n %d) {%s}\n", "attribution acc", l.Attribution.Accuracy, l.Attribution.N, strings.Join(by, ", "))
	}
}

// set is a set of word positions, in order.
type set []int

func (s set) key() string { return fmt.Sprint([]int(s)) }

func common(a, b set) int {
	n := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch c := cmp.Compare(a[i], b[j]); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			n, i, j = n+1, i+1, j+1
		}
	}
	return n
}

func union(us []unit) set {
	var all set
	for _, u := range us {
		all = append(all, u.words...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

type unit struct {
	words set
	st    *Statement
}

// text is a text with the places of its words, in code points.
type text struct {
	runes []rune
	words [][2]int
	low   []string
}

func newText(s string) *text {
	t := &text{runes: []rune(s)}
	for i := 0; i < len(t.runes); {
		if !wordRune(t.runes[i]) {
			i++
			continue
		}
		end := i
		for end < len(t.runes) && (wordRune(t.runes[end]) || end+1 < len(t.runes) && strings.ContainsRune("’'.", t.runes[end]) && wordRune(t.runes[end+1])) {
			end++
		}
		t.words = append(t.words, [2]int{i, end})
		t.low = append(t.low, strings.ToLower(string(t.runes[i:end])))
		i = end
	}
	return t
}

func wordRune(c rune) bool { return c == '_' || unicode.IsLetter(c) || unicode.IsNumber(c) }

// at is the set of words that the spans touch.
func (t *text) at(spans ...[2]int) set {
	var out set
	for _, s := range spans {
		i := sort.Search(len(t.words), func(i int) bool { return t.words[i][0] >= s[0] })
		if i > 0 && t.words[i-1][1] > s[0] {
			i--
		}
		for ; i < len(t.words) && t.words[i][0] < s[1]; i++ {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (t *text) slice(a, b int) string {
	a, b = max(0, min(a, len(t.runes))), max(0, min(b, len(t.runes)))
	if a > b {
		return ""
	}
	return string(t.runes[a:b])
}

func (s *Statement) quoted() [][2]int {
	if len(s.Quoted) > 0 || s.Kind != "direct" {
		return s.Quoted
	}
	return s.Spans
}

func (s *Statement) source() [][2]int {
	if len(s.SpeakerSpans) == 0 && s.SpeakerStart != nil {
		return [][2]int{{*s.SpeakerStart, s.SpeakerEnd}}
	}
	return s.SpeakerSpans
}

func verbal(kind string) bool { return kind == "direct" || kind == "mixed" || kind == "indirect" }

// units are what of a statement is compared at a level: V a stretch in quotation
// marks within one line, S all of them together, I and J the reported words.
func (t *text) units(s *Statement, level string) []unit {
	var out []unit
	add := func(w set) {
		if len(w) > 0 {
			out = append(out, unit{w, s})
		}
	}
	kind := s.Kind
	if kind == "" {
		kind = "direct"
	}
	switch {
	case level == "O":
		if !verbal(kind) {
			add(t.at(s.Spans...))
		}
	case !verbal(kind):
	case level == "V" && kind != "indirect":
		for _, q := range s.quoted() {
			for _, l := range t.lines(q[0], q[1]) {
				add(t.at(l))
			}
		}
	case level == "S" && kind != "indirect":
		add(t.at(s.quoted()...))
	case (level == "I" || level == "J") && kind == "indirect":
		w := t.at(s.Spans...)
		if len(w) > 1 && t.low[w[0]] == "that" {
			w = w[1:]
		}
		add(w)
	}
	return out
}

func (t *text) lines(a, b int) [][2]int {
	var out [][2]int
	at := a
	for i := a; i < b && i < len(t.runes); i++ {
		if t.runes[i] != '\n' {
			continue
		}
		if i > at {
			out = append(out, [2]int{at, i})
		}
		at = i + 1
	}
	if b > at {
		out = append(out, [2]int{at, b})
	}
	return out
}

// pair is a matched labelled and found unit.
type pair struct{ gold, found int }

// match pairs units one to one that share half of their words, the best first.
func match(gold, found []unit) []pair {
	type scored struct {
		r float64
		pair
	}
	var all []scored
	for i, g := range gold {
		for j, f := range found {
			if n := common(g.words, f.words); n > 0 {
				if r := float64(n) / float64(len(g.words)+len(f.words)-n); r >= 0.5 {
					all = append(all, scored{r, pair{i, j}})
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.r, a.r), cmp.Compare(a.gold, b.gold), cmp.Compare(a.found, b.found))
	})
	var out []pair
	usedG, usedF := map[int]bool{}, map[int]bool{}
	for _, s := range all {
		if !usedG[s.gold] && !usedF[s.found] {
			usedG[s.gold], usedF[s.found] = true, true
			out = append(out, s.pair)
		}
	}
	return out
}

func (t *text) all(ss []Statement, level string) []unit {
	var out []unit
	for i := range ss {
		out = append(out, t.units(&ss[i], level)...)
	}
	return out
}

// score adds the counts of one document at one level.
func (t *text) score(d Doc, found []Statement, level string, o Options, c map[string]int) {
	g, p := t.counted(d.Statements, found, level, o.MinWords)
	m := match(g, p)
	byGold, byFound := map[int]int{}, map[int]int{}
	for _, x := range m {
		byGold[x.gold], byFound[x.found] = x.found, x.gold
	}
	c["g"] += len(g)
	c["p"] += len(p)
	c["m"] += len(m)
	for _, u := range g {
		c["gs"] += b2i(sourced(u.st, o.Names))
	}
	c["ps"] += len(p)
	for _, x := range m {
		gs, ps := g[x.gold].st, p[x.found].st
		if !sourced(gs, o.Names) {
			c["ps"]--
			continue
		}
		kind := "A_" + cmp.Or(gs.SpeakerType, "all")
		c["a"]++
		c[kind]++
		if t.speaks(gs, ps, o.Names) {
			c["ok"]++
			c[kind+"_ok"]++
		} else if o.Wrong != nil {
			o.Wrong(Error{"SPK", level, d.ID, t.print(g[x.gold].words), gs.who(), ps.who()})
		}
	}
	if o.Wrong != nil {
		t.unmatched(d, level, g, p, byGold, byFound, o.Wrong)
	}
	t.ends(g, p, c)
	t.tokens(g, p, o, c)
}

// who is the source for a reader: the phrase, and whom it means.
func (s *Statement) who() string {
	name := cmp.Or(s.SpeakerName, s.Organisation)
	if name == "" || name == s.SpeakerText {
		return s.SpeakerText
	}
	return s.SpeakerText + " = " + name
}

func (t *text) unmatched(d Doc, level string, g, p []unit, byGold, byFound map[int]int, wrong func(Error)) {
	for i, u := range g {
		if _, ok := byGold[i]; !ok {
			wrong(Error{"MISS", level, d.ID, t.print(u.words), u.st.who(), ""})
		}
	}
	for j, u := range p {
		if _, ok := byFound[j]; !ok {
			wrong(Error{"SPUR", level, d.ID, t.print(u.words), "", u.st.who()})
		}
	}
}

func (t *text) print(w set) string {
	s := t.slice(t.words[w[0]][0], t.words[w[len(w)-1]][1])
	r := []rune(strings.Join(strings.Fields(s), " "))
	return string(r[:min(len(r), 160)])
}

// counted are the units that count: short labelled ones, and what was found only
// on them, are left out, and equal found ones count once.
func (t *text) counted(gold, found []Statement, level string, minWords int) (g, p []unit) {
	g, p = t.all(gold, level), t.all(found, level)
	switch level {
	case "V", "S":
		var short, kept []unit
		for _, u := range g {
			if len(u.words) < minWords {
				short = append(short, u)
			} else {
				kept = append(kept, u)
			}
		}
		for i := range gold {
			if k := gold[i].Kind; k != "" && !verbal(k) {
				short = append(short, unit{words: t.at(gold[i].Spans...)})
			}
		}
		g = kept
		free, held := union(short), union(kept)
		p = slices.DeleteFunc(p, func(u unit) bool {
			return len(u.words) < minWords || common(u.words, free) > 0 && common(u.words, held) == 0
		})
	case "J":
		var thought, kept []unit
		for _, u := range g {
			if u.st.Speech != nil && !*u.st.Speech {
				thought = append(thought, u)
			} else {
				kept = append(kept, u)
			}
		}
		g = kept
		free, held := union(thought), union(kept)
		p = slices.DeleteFunc(p, func(u unit) bool { return common(u.words, free) > common(u.words, held) })
	}
	seen := map[string]bool{}
	p = slices.DeleteFunc(p, func(u unit) bool {
		k := u.words.key()
		was := seen[k]
		seen[k] = true
		return was
	})
	return g, p
}

// ends counts the units whose first and last words agree.
func (t *text) ends(g, p []unit, c map[string]int) {
	in := func(us []unit) map[[2]int]bool {
		m := map[[2]int]bool{}
		for _, u := range us {
			m[[2]int{u.words[0], u.words[len(u.words)-1]}] = true
		}
		return m
	}
	a, b := in(g), in(p)
	for k := range a {
		c["xm"] += b2i(b[k])
	}
	c["xg"] += len(a)
	c["xp"] += len(b)
}

// tokens counts words, and words with the right source.
func (t *text) tokens(g, p []unit, o Options, c map[string]int) {
	in := func(us []unit) map[int]*Statement {
		m := map[int]*Statement{}
		for _, u := range us {
			for _, w := range u.words {
				if m[w] == nil {
					m[w] = u.st
				}
			}
		}
		return m
	}
	a, b := in(g), in(p)
	c["tg"] += len(a)
	c["tp"] += len(b)
	c["tep"] += len(b)
	type two struct{ a, b *Statement }
	known := map[two]bool{}
	for w, x := range a {
		c["teg"] += b2i(sourced(x, o.Names))
		y := b[w]
		if y == nil {
			continue
		}
		c["tm"]++
		if !sourced(x, o.Names) {
			c["tep"]--
			continue
		}
		ok, seen := known[two{x, y}]
		if !seen {
			ok = t.speaks(x, y, o.Names)
			known[two{x, y}] = ok
		}
		c["te"] += b2i(ok)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func sourced(s *Statement, names bool) bool {
	return len(s.source()) > 0 || names && (s.SpeakerName != "" || s.Organisation != "")
}

var (
	smallWords = func() map[string]bool {
		m := map[string]bool{}
		for _, w := range strings.Fields("the a an of and for to in at on from by with who whom that which his her its their our my sir dr mr mrs ms prof professor lord lady dame baroness former") {
			m[w] = true
		}
		return m
	}()
	owned     = regexp.MustCompile(`['’]s(?:[^\pL\pN_]|$)`)
	unnamedIn = map[string]bool{"spokesperson": true, "spokesman": true, "spokeswoman": true, "statement": true}
)

// normal are the words of a name in lower case, without accents and 's.
func normal(s string) []string {
	var b strings.Builder
	for _, c := range norm.NFKD.String(s) {
		if norm.NFKD.PropertiesString(string(c)).CCC() == 0 {
			b.WriteRune(c)
		}
	}
	s = b.String()
	for {
		m := owned.FindStringIndex(s)
		if m == nil {
			break
		}
		n := strings.IndexAny(s[m[0]:m[1]], "sS")
		s = s[:m[0]] + s[m[0]+n+1:]
	}
	var out []string
	t := newText(s)
	for _, w := range t.low {
		out = append(out, strings.ReplaceAll(w, "’", "'"))
	}
	return out
}

func content(ws []string) []string {
	return slices.DeleteFunc(slices.Clone(ws), func(w string) bool { return smallWords[w] })
}

func lastWord(s string) string {
	c := content(normal(s))
	if len(c) == 0 {
		return ""
	}
	return c[len(c)-1]
}

func allIn(a, b []string) bool {
	for _, w := range a {
		if !slices.Contains(b, w) {
			return false
		}
	}
	return true
}

func sameName(a, b string) bool {
	x, y := content(normal(a)), content(normal(b))
	if len(x) == 0 || len(y) == 0 {
		return false
	}
	return x[len(x)-1] == y[len(y)-1] || allIn(x, y) || allIn(y, x)
}

// SameSource reports whether the found statement of a text has the source of the
// labelled one: by resolved name where names is set and the label has one, else
// by phrase.
func SameSource(in string, gold, found Statement, names bool) bool {
	return newText(in).speaks(&gold, &found, names)
}

// speaks reports whether the found source is the labelled one.
func (t *text) speaks(g, p *Statement, names bool) bool {
	if names && (g.SpeakerName != "" || g.Organisation != "") {
		return named(g, p)
	}
	a, b := t.at(g.source()...), t.at(p.source()...)
	var telling set
	for _, i := range a {
		if !smallWords[t.low[i]] {
			telling = append(telling, i)
		}
	}
	if len(telling) > 0 {
		a = telling
	}
	if common(a, b) > 0 {
		return true
	}
	var parts []string
	for _, s := range p.source() {
		parts = append(parts, t.slice(s[0], s[1]))
	}
	mention := strings.Join(parts, " ")
	if mention != "" && slices.Equal(normal(mention), normal(g.SpeakerText)) && (g.SpeakerType != "pronoun" || t.oneLine(g, p)) {
		return true
	}
	if len(g.Silver) > 0 {
		for _, name := range []string{p.SpeakerName, mention} {
			if l := lastWord(name); l != "" && slices.ContainsFunc(g.Silver, func(n string) bool { return lastWord(n) == l }) {
				return true
			}
		}
	}
	if g.SpeakerType == "name" || g.SpeakerType == "" && strings.ContainsFunc(g.SpeakerText, func(c rune) bool { return c >= 'A' && c <= 'Z' }) {
		for _, name := range []string{p.SpeakerName, p.SpeakerText, mention} {
			if l := lastWord(name); len([]rune(l)) > 2 && slices.Contains(content(normal(g.SpeakerText)), l) {
				return true
			}
		}
	}
	return false
}

func (t *text) oneLine(g, p *Statement) bool {
	first := func(ss [][2]int) int {
		at := math.MaxInt
		for _, s := range ss {
			at = min(at, s[0])
		}
		return at
	}
	a, b := first(g.source()), first(p.source())
	return !strings.Contains(t.slice(min(a, b), max(a, b)), "\n")
}

// named reports whether the resolved names agree.
func named(g, p *Statement) bool {
	name := cmp.Or(p.SpeakerName, p.SpeakerText)
	if g.SpeakerName != "" {
		return slices.ContainsFunc(append([]string{g.SpeakerName}, g.Aliases...), func(n string) bool { return sameName(n, name) })
	}
	found := content(normal(cmp.Or(p.Organisation, name)))
	bare := slices.DeleteFunc(slices.Clone(found), func(w string) bool { return unnamedIn[w] })
	return slices.ContainsFunc(append([]string{g.Organisation}, g.OrgAliases...), func(o string) bool {
		c := content(normal(o))
		return allIn(c, found) || len(found) > 0 && allIn(bare, c)
	})
}
