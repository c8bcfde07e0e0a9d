package attribution

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"onrecord/record"
)

// token is a word or a mark of a paragraph, at its place in the page's text.
type token struct {
	record.Span
	text  string
	low   string // lower case, curly apostrophes made straight, without 's
	owned bool   // carries 's
	word  bool
	cap   bool // begins with a capital or "@"
	outer bool // outside quotation marks
	cue   int8 // 2 strong, 1 weak, 0 none
	org   int  // 1 + index of the register's hit that covers it, 0 none
}

// tokenise cuts a line of the text into tokens. base is the line's offset.
func tokenise(line string, base int) []token {
	toks := make([]token, 0, len(line)/5+1)
	for i := 0; i < len(line); {
		c, n := utf8.DecodeRuneInString(line[i:])
		switch {
		case unicode.IsSpace(c):
			i += n
			continue
		case wordRune(c) || (c == '@' || c == '#') && startsWord(line[i+n:]):
			n = wordEnd(line[i+n:]) + n
		}
		toks = append(toks, newToken(line[i:i+n], base+i))
		i += n
	}
	return toks
}

func newToken(s string, at int) token {
	t := token{text: s, outer: true, Span: record.Span{Start: at, End: at + len(s)}}
	c, _ := utf8.DecodeRuneInString(s)
	t.word = wordRune(c) || len(s) > 1 && (c == '@' || c == '#')
	if !t.word {
		t.low = s
		return t
	}
	t.cap = unicode.IsUpper(c) || unicode.IsTitle(c) || c == '@'
	low := strings.ReplaceAll(strings.ToLower(s), "’", "'")
	if rest, ok := strings.CutSuffix(low, "'s"); ok && len(rest) > 1 && !pronouns[rest] && rest != "that" && rest != "there" && rest != "let" && rest != "what" {
		low, t.owned = rest, true
	}
	t.low = low
	switch {
	case strong[low] && !t.owned:
		t.cue = 2
	case weak[low] && !t.owned:
		t.cue = 1
	}
	return t
}

// wordEnd is the length of the rest of a word: letters and digits, with
// apostrophes, stops, hyphens and "&" between two of them.
func wordEnd(s string) int {
	i := 0
	for i < len(s) {
		c, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case wordRune(c):
		case (c == '\'' || c == '’' || c == '.' || c == '-' || c == '‑' || c == '&' || c == '_') && startsWord(s[i+n:]):
			if c == '\'' && strings.HasPrefix(s[i+n:], "'") {
				return i
			}
		default:
			return i
		}
		i += n
	}
	return i
}

func startsWord(s string) bool {
	c, _ := utf8.DecodeRuneInString(s)
	return wordRune(c)
}

func wordRune(c rune) bool {
	return c < utf8.RuneSelf && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '$') ||
		c >= utf8.RuneSelf && (unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c) || c == '£' || c == '€')
}

// stop reports whether the token ends a sentence.
func (t token) stop() bool {
	switch t.text {
	case ".", "!", "?", "…":
		return true
	}
	return false
}
