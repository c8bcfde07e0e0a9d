package register

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"onrecord/record"
)

// Hit is a place where a text names an organisation.
type Hit struct {
	record.Span
	Org   string // id of the entry that bears the name
	Alias string // as the text has it
	// As is the id of the organisation meant on the day: Org, or its successor
	// where that has ended; "" for one that did not exist yet, or ended without
	// successor. Rule is as of Found.
	As   string
	Rule string
}

// Find lists where the text names organisations, from left to right, the
// longest name at each place, as of the day. Where several share a name, the one
// that Resolve would choose is meant. It reads the text once.
func (r *Register) Find(text string, day time.Time) []Hit {
	if r.trie == nil {
		return nil
	}
	toks := tokens(text)
	var hits []Hit
	for i := 0; i < len(toks); {
		n, at := r.longestAt(text, toks[i:])
		if n == 0 {
			i++
			continue
		}
		h := r.meant(at, toks[i:i+n], day)
		h.Span = record.Span{Start: toks[i].Start, End: toks[i+n-1].End}
		h.Alias = h.In(text)
		hits = append(hits, h)
		i += n
	}
	return hits
}

// meant is whom a name that ends at this place of the trie means on the day: the
// first of those who bear it where none can be meant.
func (r *Register) meant(at *node, toks []token, day time.Time) Hit {
	var h Hit
	how := never
	for _, end := range at.ends {
		if how == inForce || !end.pat.matches(toks) {
			continue
		}
		i, s := r.stands(end.org, end.from, end.to, day)
		switch {
		case s > how:
			how, h = s, Hit{Org: r.orgs[end.org].ID, As: r.orgs[i].ID, Rule: ruleOf[s]}
		case h.Org == "":
			h.Org = r.orgs[end.org].ID
		}
	}
	return h
}

// longestAt is the number of tokens of the longest name that begins at the
// first one, and where the trie has it; 0 for none.
func (r *Register) longestAt(text string, toks []token) (n int, found *node) {
	at := r.trie
	for i, t := range toks {
		if i > 0 && !joins(text[toks[i-1].End:t.Start], toks[i-1]) {
			break
		}
		at = at.next[t.folded]
		if at == nil {
			break
		}
		for _, end := range at.ends {
			if end.pat.matches(toks[:i+1]) {
				n, found = i+1, at
				break
			}
		}
	}
	return n, found
}

// joins reports whether what stands between two words may stand inside a name:
// a space, a hyphen, an apostrophe, a stop after an initial, but no end of sentence.
func joins(gap string, before token) bool {
	if len(gap) > 8 {
		return false
	}
	for _, c := range gap {
		switch {
		case c == '\n':
			return false
		case unicode.IsSpace(c), strings.ContainsRune("'’‘-‐‑–—&/", c):
		case c == '.' && before.Len() <= 2:
		default:
			return false
		}
	}
	return true
}

// node is a place in the trie of names, token by token.
type node struct {
	next map[string]*node
	ends []named
}

// addName enters one name of organisation i under all its forms.
func (r *Register) addName(i int, d Dated) {
	name := d.Name
	if at := strings.IndexByte(name, '('); at > 0 && strings.HasSuffix(strings.TrimSpace(name), ")") {
		name = name[:at] // "NHS (unspecified)" is printed as "NHS"
	}
	toks := tokens(name)
	if len(toks) == 0 {
		return
	}
	n := named{org: i, from: d.from, to: d.to}
	r.addPattern(n, toks)
	if toks[0].folded == "the" && len(toks) > 1 && (upper(toks[1].Text) || len(toks) > 2 && upper(toks[2].Text)) {
		r.addPattern(n, toks[1:]) // a proper name goes without its article, "the health service" does not
	} else if toks[0].folded != "the" {
		n.pat = newPattern(append([]token{{Text: "the", folded: "the"}}, toks...))
		r.addKey("the "+key(toks), n)
	}
}

func (r *Register) addPattern(n named, toks []token) {
	n.pat = newPattern(toks)
	if !r.addKey(key(toks), n) {
		return
	}
	at := r.trie
	for _, t := range toks {
		if at.next == nil {
			at.next = map[string]*node{}
		}
		if at.next[t.folded] == nil {
			at.next[t.folded] = &node{}
		}
		at = at.next[t.folded]
	}
	at.ends = append(at.ends, n)
}

// addKey enters the name for Name. It reports false where the organisation has
// it already for those days.
func (r *Register) addKey(k string, n named) bool {
	for _, m := range r.byName[k] {
		switch {
		case m.org != n.org:
			r.double(k, m, n)
		case m.from.Equal(n.from) && m.to.Equal(n.to):
			return false
		}
	}
	r.byName[k] = append(r.byName[k], n)
	return true
}

// double notes a name that two organisations have at one time.
func (r *Register) double(k string, m, n named) {
	a, b := &r.orgs[m.org], &r.orgs[n.org]
	from, to, ok := meet(m.from, m.to, a.from, a.to)
	if ok {
		from, to, ok = meet(from, to, n.from, n.to)
	}
	if ok {
		_, _, ok = meet(from, to, b.from, b.to)
	}
	if !ok || strings.HasPrefix(k, "the ") {
		return
	}
	r.found(Finding{
		Line: b.line, Entry: b.ID, Level: Warning, What: fmt.Sprintf("name %q: both %s and %s", m.pat.text, a.ID, b.ID),
		Do: "leave it with the one that is meant in print, or give both the days (from, to) on which they were called so; until then " + a.ID + " is meant",
	})
}

// pattern is a name with what must agree beyond its letters.
type pattern struct {
	text  string
	exact []string // a token as written where capitals must agree, else ""
	// capital asks for a capital first: a name of one word that is also a word
	// ("Metro").
	capital bool
}

func newPattern(toks []token) pattern {
	var p pattern
	words := make([]string, len(toks))
	p.exact = make([]string, len(toks))
	for i, t := range toks {
		words[i] = t.Text
		if abbreviation(t.Text) {
			p.exact[i] = t.Text
		}
	}
	p.text = strings.Join(words, " ")
	p.capital = len(toks) == 1 && upper(toks[0].Text)
	return p
}

func (p pattern) matches(toks []token) bool {
	if len(toks) != len(p.exact) {
		return false
	}
	for i, want := range p.exact {
		if want != "" && toks[i].Text != want {
			return false
		}
	}
	return !p.capital || upper(toks[0].Text)
}

// abbreviation reports whether a word has two capitals or more: BMA, RCPath.
func abbreviation(s string) bool {
	n := 0
	for _, c := range s {
		if unicode.IsUpper(c) {
			n++
		}
	}
	return n >= 2
}

func upper(s string) bool {
	c, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(c) || unicode.IsDigit(c)
}

// token is a run of letters and digits.
type token struct {
	Text   string
	folded string // lower case
	record.Span
}

// tokens cuts a text into runs of letters, digits and marks; "&" is the word "and".
func tokens(s string) []token {
	var out []token
	start := -1
	end := func(at int) {
		if start >= 0 {
			w := s[start:at]
			out = append(out, token{w, strings.ToLower(w), record.Span{Start: start, End: at}})
			start = -1
		}
	}
	for i, c := range s {
		switch {
		case unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c):
			if start < 0 {
				start = i
			}
		case c == '&':
			end(i)
			out = append(out, token{"and", "and", record.Span{Start: i, End: i + 1}})
		default:
			end(i)
		}
	}
	end(len(s))
	return out
}

func key(toks []token) string {
	words := make([]string, len(toks))
	for i, t := range toks {
		words[i] = t.folded
	}
	return strings.Join(words, " ")
}

func notLetter(c rune) bool { return !unicode.IsLetter(c) }
