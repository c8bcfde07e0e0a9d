package attribution

import (
	"bufio"
	_ "embed" // the learned weights
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Feature is one thing that speaks for or against a choice: which template it
// comes from (the high eight bits) and what was seen there (the low 24).
type Feature uint32

// Model weighs the choices of a reading. The zero Model knows what was set by
// hand and has learned nothing.
type Model struct {
	who, keep, sure, both Table
}

// Table holds learned weights by feature; nil has none.
type Table map[Feature]float64

// Sum adds the weights of the features; those that were not learned weigh nothing.
func (t Table) Sum(fs []Feature) float64 {
	v := 0.0
	for _, f := range fs {
		v += t[f]
	}
	return v
}

// NewModel makes a model of four tables: who speaks a segment, whether it is
// anybody's words at all, how sure its speaker is, and how both likelihoods make
// one confidence (see Both); without the last one they are multiplied.
func NewModel(who, keep, sure, both Table) *Model {
	return &Model{who: who, keep: keep, sure: sure, both: both}
}

// Both are the three numbers that the fourth table weighs, its features 0, 1 and
// 2: one, and the log odds of words being a statement and of its speaker being
// right, each held to ±6.
func Both(stated, whose float64) [3]float64 {
	return [3]float64{1, logOdds(stated), logOdds(whose)}
}

func logOdds(p float64) float64 {
	return max(-6, min(6, math.Log(max(p, 1e-9)/max(1-p, 1e-9))))
}

// confidence is the likelihood that words are a statement of their speaker.
func (m *Model) confidence(stated, whose float64) float64 {
	if len(m.both) == 0 {
		return stated * whose
	}
	z := 0.0
	for i, x := range Both(stated, whose) {
		z += float64(m.both[Feature(i)] * x)
	}
	return logistic(z)
}

// NamedTable is a table of a model with the name that its lines begin with.
type NamedTable struct {
	Name    string
	Weights Table
}

// Tables are the tables of the model, for writing them down.
func (m *Model) Tables() []NamedTable {
	return []NamedTable{{"who", m.who}, {"keep", m.keep}, {"sure", m.sure}, {"both", m.both}}
}

// String is the feature as it is written down.
func (f Feature) String() string { return strconv.FormatUint(uint64(f), 36) }

//go:embed weights.txt
var learned string

// model is what Statements reads with. It is learned from testdata/training by
// internal/learn and never changes while the program runs.
var model = mustModel(learned)

//go:generate go run -tags nomsgpack onrecord/internal/learn -out weights.txt ../testdata/training

func mustModel(s string) *Model {
	m, err := ParseModel(s)
	if err != nil {
		panic(err) // embedded: a test would have seen it
	}
	return m
}

// ParseModel reads weights as internal/learn writes them. Lines that begin with
// "#" are remarks.
func ParseModel(s string) (*Model, error) {
	m := &Model{who: Table{}, keep: Table{}, sure: Table{}, both: Table{}}
	tables := map[string]Table{"who": m.who, "keep": m.keep, "sure": m.sure, "both": m.both}
	lines := bufio.NewScanner(strings.NewReader(s))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Fields(line)
		if len(f) != 3 || tables[f[0]] == nil {
			return nil, fmt.Errorf("weights, line %d: want a table, a feature and a weight: %q", n, line)
		}
		feature, err := strconv.ParseUint(f[1], 36, 32)
		if err != nil {
			return nil, fmt.Errorf("weights, line %d: feature: %w", n, err)
		}
		w, err := strconv.ParseFloat(f[2], 64)
		if err != nil || math.IsNaN(w) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("weights, line %d: weight %q", n, f[2])
		}
		tables[f[0]][Feature(feature)] = w
	}
	return m, lines.Err()
}

// rules are the weights set by hand. What is learned is added to them, so that
// a feature which the training set never showed still counts for something.
type rule int

const (
	verbAfter         rule = iota // strong verb of saying after the candidate
	verbAfterFar                  // the same over an apposition
	weakAfter                     // a verb that reports or judges after it
	verbBefore                    // "said X" after a quotation or comma
	weakBefore                    // "called X"
	invertedNear                  // "…,” said X" right after the segment
	accordingTo                   // "according to X"
	distance                      // steps between candidate and segment
	verbDistance                  // steps between its verb and the segment
	sentenceEnds                  // ends of sentences between them
	segmentsBetween               // other quotations between them
	candidatesBetween             // other candidates between them
	owner                         // the candidate carries 's
	noun                          // named by a noun
	obliquely                     // after a preposition
	listener                      // after "told", "asked"
	colon                         // its verb leads to the segment over a colon
	sameSentence                  // its verb stands before the segment in one sentence
	verbOtherSide                 // its verb belongs to another segment
	inBrackets
	subjectOf   // first phrase of its sentence
	relative    // who, which
	impersonal  // it
	firstPerson // I, we
	bare        // no verb of saying anywhere near it
	leading     // a colon after it leads to the segment
	oddPhrase   // only its verb makes it a candidate
	otherClause // a new clause begins between the segment and it
	again       // it spoke the segment before in the same sentence

	// of a segment
	attributed   // the score of its best candidate
	brief        // one or two words
	middling     // three to five words
	long         // six words or more
	stopInside   // ends with a stop inside the marks
	titleCase    // every word begins with a capital
	saysBefore   // a verb of saying or a colon right before it
	articleAhead // a determiner or "of" right before it
	termAhead    // "so-called", "titled", "the song" right before it
	alone        // nothing but quotations in its paragraph
	saysNone     // no verb of saying in its paragraph
	ruleCount
)

var rules = [ruleCount]float64{
	verbAfter: 4, verbAfterFar: 4, weakAfter: 2, verbBefore: 2.2, weakBefore: 0.3, invertedNear: 3, accordingTo: 4,
	distance: -0.25, verbDistance: -0.15, sentenceEnds: -1.5, segmentsBetween: -0.5, candidatesBetween: -0.15,
	owner: -2, noun: -0.3, obliquely: -1.5, listener: -3, colon: 0.7, sameSentence: 0.5, verbOtherSide: -1,
	inBrackets: -1.5, subjectOf: 0.5, relative: -0.4, impersonal: -0.6, firstPerson: -1.5, bare: -0.3, leading: 3.5, oddPhrase: -0.7, otherClause: -1.5, again: 1.2,

	attributed: 0.5, brief: -0.7, middling: 0.6, long: 2.5, stopInside: 1, titleCase: -1.8, saysBefore: 1,
	articleAhead: -0.4, termAhead: -2.5, alone: 1.5, saysNone: -1,
}

// least is the score below which a candidate is not taken for the speaker.
const least = 0.3

// steps grades a distance in tokens.
func steps(n int) float64 { return [...]float64{0, 1, 2, 3, 4, 5, 6, 8}[grade(n)] }

// grade is the step of a distance, 0 to 7.
func grade(n int) int {
	for i, most := range [...]int{1, 3, 5, 8, 12, 20, 35} {
		if n <= most {
			return i
		}
	}
	return 7
}
