// Package words cuts text into tokens and sentences and compares texts: normal
// forms, stems and word diffs. It is pure, and it does not know
// where a text came from or who said it.
//
// The catalogue, the index and the readers of pages all use these tokens, so
// that what one of them takes for the same words the others do too.
package words

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
	"golang.org/x/text/unicode/norm"

	"onrecord/record"
)

// Token is one word of a text.
type Token struct {
	// Text is the normal form: NFKC, lower case, Latin accents dropped
	// ("café" is cafe), ’ written ', hyphens and thousands commas taken out
	// ("long-standing" is longstanding, "1,000" is 1000), the points of an
	// abbreviation too ("N.H.S." is nhs). It is never empty and holds no space.
	Text        string
	record.Span // bytes of the text as given, "long-standing" with its hyphen
}

// Tokens lists the words of s in order: the segments of Unicode's word borders
// (UAX #29) that hold a letter or a digit. Words joined by a hyphen are one
// token, digits so joined are not ("2019-20" is two); see Parts. Ideographs
// are tokens of their own. Invalid UTF-8 separates words. At most 64 bytes are
// joined to one token by hyphens.
//
// Accents are dropped because one speaker is Zoë in one paper and Zoe in the
// next, and a reader types neither consistently.
func Tokens(s string) []Token {
	out := make([]Token, 0, len(s)/6+1)
	segments := words.FromString(s)
	join := false // the last token ended in a hyphen and nothing has come since
	for segments.Next() {
		raw := segments.Value()
		if n := len(out); n > 0 && out[n-1].End == segments.Start() && isHyphen(raw) {
			join = true
			continue
		}
		for part := range wordlike(raw) {
			// A mark with no letter before it belongs to no word: cut behind
			// "_", it would be read otherwise at its place than in the text.
			part.Start = part.End - len(strings.TrimLeftFunc(raw[part.Start:part.End], unicode.IsMark))
			t := Token{Text: normal(raw[part.Start:part.End]), Span: record.Span{Start: segments.Start() + part.Start, End: segments.Start() + part.End}}
			if t.Text == "" {
				continue
			}
			if n := len(out); join && part.Start == 0 && joinable(s, out[n-1], t) {
				t.Text = out[n-1].Text + t.Text
				t.Start = out[n-1].Start
				out = out[:n-1]
			}
			out = append(out, t)
			join = false
		}
		join = false
	}
	return out
}

// longest is the most bytes that hyphens join to one token, so that a stranger's
// megabyte of "a-a-a-…" costs what its length costs and no more.
const longest = 64

// joinable reports whether t continues the token before it behind one hyphen.
func joinable(s string, before, t Token) bool {
	if len(before.Text)+len(t.Text) > longest {
		return false
	}
	hyphen, size := utf8.DecodeRuneInString(s[before.End:])
	if before.End+size != t.Start || !isHyphenRune(hyphen) {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(s[:before.End])
	first, _ := utf8.DecodeRuneInString(s[t.Start:])
	return !unicode.IsDigit(last) || !unicode.IsDigit(first)
}

// Parts are the words of a token of s that hyphens join: long and standing for
// "long-standing". A token without a hyphen has none.
func Parts(s string, t Token) []Token {
	raw := t.In(s)
	if strings.IndexFunc(raw, isHyphenRune) < 0 {
		return nil
	}
	var out []Token
	start := 0
	for i, r := range raw + "-" {
		if !isHyphenRune(r) {
			continue
		}
		if n := normal(raw[start:i]); n != "" {
			out = append(out, Token{Text: n, Span: record.Span{Start: t.Start + start, End: t.Start + i}})
		}
		start = i + utf8.RuneLen(r)
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// Normal is the normal form of s: its tokens joined by one space. Two texts
// with the same normal form have the same words, however they are spaced,
// punctuated, hyphenated and set in type. It is "" for a text without words.
func Normal(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i, t := range Tokens(s) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.Text)
	}
	return b.String()
}

// wordlike yields the stretches of a segment that are words: the segment, cut
// at colons and underscores, which UAX #29 keeps inside a word ("said:yes"),
// and at a point between a word's end and a capital ("ended.Then").
func wordlike(raw string) func(yield func(record.Span) bool) {
	return func(yield func(record.Span) bool) {
		start := 0
		var before rune
		for i, r := range raw {
			cut := i
			switch {
			case r == ':' || r == '_' || r == '\uFE55' || r == '\uFF1A':
			case unicode.IsUpper(r) && strings.HasSuffix(raw[:i], ".") && unicode.IsLower(before):
				cut = i - 1
			default:
				if r != '.' {
					before = r
				}
				continue
			}
			if !give(raw, start, cut, yield) {
				return
			}
			start, before = i, r
			if cut == i {
				start = i + utf8.RuneLen(r)
			}
		}
		give(raw, start, len(raw), yield)
	}
}

func give(raw string, start, end int, yield func(record.Span) bool) bool {
	if strings.IndexFunc(raw[start:end], isWordRune) < 0 {
		return true
	}
	return yield(record.Span{Start: start, End: end})
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

func isHyphen(segment string) bool {
	r, n := utf8.DecodeRuneInString(segment)
	return n == len(segment) && isHyphenRune(r)
}

// isHyphenRune names the marks that join words. Dashes (en, em, minus) part them.
func isHyphenRune(r rune) bool { return r == '-' || r == '\u2010' || r == '\u2011' }

// normal is the normal form of one segment; "" where nothing of it is a word.
func normal(raw string) string {
	if plain(raw) {
		return raw
	}
	if !ascii(raw) {
		raw = fold(raw)
	}
	b := make([]byte, 0, len(raw))
	for _, r := range strings.ToLower(raw) {
		switch {
		case isWordRune(r) || unicode.IsMark(r) || r == '\'' || r == '.':
			b = utf8.AppendRune(b, r)
		}
	}
	return string(abbreviation(b))
}

// plain reports whether raw is its own normal form at sight, as most words are.
func plain(raw string) bool {
	for i := range len(raw) {
		if c := raw[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// letters that Unicode does not take apart although readers do.
var letters = strings.NewReplacer("ß", "ss", "ẞ", "ss", "æ", "ae", "Æ", "ae", "œ", "oe", "Œ", "oe", "ø", "o", "Ø", "o",
	"ł", "l", "Ł", "l", "đ", "d", "Đ", "d", "ð", "d", "Ð", "d", "þ", "th", "Þ", "th", "ı", "i", "ς", "σ",
	"\u2019", "'", "\u2018", "'", "\u02BC", "'", "\u201B", "'", "\uFF07", "'", "\u2024", ".")

// fold takes accents, ligatures and typographic apostrophes off.
func fold(raw string) string {
	apart := norm.NFKD.String(raw)
	bare := strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36F { // accents of Latin, Greek and Cyrillic; marks that spell (Arabic, Indic) stay
			return -1
		}
		return r
	}, apart)
	return norm.NFC.String(letters.Replace(bare))
}

// abbreviation takes the points out of single letters ("n.h.s" is nhs) and
// trims points and apostrophes from the ends.
func abbreviation(b []byte) []byte {
	for len(b) > 0 && (b[0] == '.' || b[0] == '\'') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == '.' || b[len(b)-1] == '\'') {
		b = b[:len(b)-1]
	}
	for i, c := range b {
		if (i%2 == 1) != (c == '.') || i%2 == 0 && (c < 'a' || c > 'z') {
			return b
		}
	}
	out := b[:0]
	for i := 0; i < len(b); i += 2 {
		out = append(out, b[i])
	}
	return out
}
