package register

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"onrecord/record"
)

// Hit is a place where a text names an organisation.
type Hit struct {
	record.Span
	Org   string // id
	Alias string // as the text has it
}

// Find lists where the text names organisations, from left to right, the
// longest name at each place. It reads the text once.
func (r *Register) Find(text string) []Hit {
	if r.trie == nil {
		return nil
	}
	toks := tokens(text)
	var hits []Hit
	for i := 0; i < len(toks); {
		n, org := r.longestAt(text, toks[i:])
		if n == 0 {
			i++
			continue
		}
		span := record.Span{Start: toks[i].Start, End: toks[i+n-1].End}
		hits = append(hits, Hit{Span: span, Org: r.orgs[org].ID, Alias: span.In(text)})
		i += n
	}
	return hits
}

// longestAt is the number of tokens of the longest name that begins at the
// first one, and whose it is; 0 for none.
func (r *Register) longestAt(text string, toks []token) (n, org int) {
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
				n, org = i+1, end.org
				break
			}
		}
	}
	return n, org
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
func (r *Register) addName(i int, name string) {
	if at := strings.IndexByte(name, '('); at > 0 && strings.HasSuffix(strings.TrimSpace(name), ")") {
		name = name[:at] // "NHS (unspecified)" is printed as "NHS"
	}
	toks := tokens(name)
	if len(toks) == 0 {
		return
	}
	r.addPattern(i, toks)
	if toks[0].folded == "the" && len(toks) > 1 && (upper(toks[1].Text) || len(toks) > 2 && upper(toks[2].Text)) {
		r.addPattern(i, toks[1:]) // a proper name goes without its article, "the health service" does not
	} else if toks[0].folded != "the" {
		r.addKey(i, "the "+key(toks), newPattern(append([]token{{Text: "the", folded: "the"}}, toks...)))
	}
}

func (r *Register) addPattern(i int, toks []token) {
	p := newPattern(toks)
	if !r.addKey(i, key(toks), p) {
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
	at.ends = append(at.ends, named{i, p})
}

// addKey enters the name for Name. It reports false where the organisation has
// it already.
func (r *Register) addKey(i int, k string, p pattern) bool {
	for _, n := range r.byName[k] {
		if n.org == i {
			return false
		}
		if !strings.HasPrefix(k, "the ") {
			r.warn("name %q: both %s and %s", p.text, r.orgs[n.org].ID, r.orgs[i].ID)
		}
	}
	r.byName[k] = append(r.byName[k], named{i, p})
	return true
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
