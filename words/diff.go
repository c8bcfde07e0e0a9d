package words

import (
	"strings"

	"github.com/clipperhouse/uax29/v2/words"
	"znkr.io/diff"
)

// Piece is a stretch of a word diff.
type Piece struct {
	Op   byte   // '=' in both, '+' in the new text only, '-' in the old one only
	Text string // as it stands there, never empty
}

// Diff compares two texts word by word. The pieces with '=' and '-', joined,
// are the old text, those with '=' and '+' the new one, byte for byte. In a
// changed stretch what went stands before what came. Two empty texts give none.
func Diff(old, new string) []Piece {
	var out []Piece
	for _, e := range diff.Edits(segments(old), segments(new)) {
		switch e.Op {
		case diff.Match:
			out = appendPiece(out, '=', e.X)
		case diff.Delete:
			out = appendPiece(out, '-', e.X)
		default:
			out = appendPiece(out, '+', e.Y)
		}
	}
	return gather(out)
}

// segments cuts s at word borders and loses no byte of it.
func segments(s string) []string {
	var out []string
	for it := words.FromString(s); it.Next(); {
		out = append(out, it.Value())
	}
	return out
}

func appendPiece(list []Piece, op byte, text string) []Piece {
	if n := len(list); n > 0 && list[n-1].Op == op {
		list[n-1].Text += text
		return list
	}
	return append(list, Piece{op, text})
}

// gather joins changes that only a space or a comma parts, so that a reader
// sees one phrase go and one come instead of every second word.
func gather(in []Piece) []Piece {
	var out []Piece
	var gone, came strings.Builder
	flush := func() {
		if gone.Len() > 0 {
			out = append(out, Piece{'-', gone.String()})
		}
		if came.Len() > 0 {
			out = append(out, Piece{'+', came.String()})
		}
		gone.Reset()
		came.Reset()
	}
	for i, p := range in {
		between := i > 0 && i < len(in)-1 && strings.IndexFunc(p.Text, isWordRune) < 0
		switch {
		case p.Op == '-':
			gone.WriteString(p.Text)
		case p.Op == '+':
			came.WriteString(p.Text)
		case between && !strings.Contains(p.Text, "\n"):
			gone.WriteString(p.Text)
			came.WriteString(p.Text)
		default:
			flush()
			out = append(out, p)
		}
	}
	flush()
	return out
}

// SentenceDiff lists the sentences of the new text that the old one lacks and
// those of the old text that the new one lacks, each in the order of its text
// and as it stands there. A sentence that only moved is neither; one that
// stands twice and then once is removed once. Space within a sentence and the
// shape of quotation marks do not count.
func SentenceDiff(old, new string) (added, removed []string) {
	return missing(new, old), missing(old, new)
}

// missing lists the sentences of a that b lacks.
func missing(a, b string) []string {
	there := map[string]int{}
	for _, s := range Sentences(b) {
		there[sentenceKey(s.In(b))]++
	}
	var out []string
	for _, s := range Sentences(a) {
		if k := sentenceKey(s.In(a)); there[k] > 0 {
			there[k]--
		} else {
			out = append(out, s.In(a))
		}
	}
	return out
}

var sameMarks = strings.NewReplacer("\u2018", "'", "\u2019", "'", "\u201C", `"`, "\u201D", `"`)

func sentenceKey(s string) string {
	return sameMarks.Replace(strings.Join(strings.Fields(s), " "))
}
