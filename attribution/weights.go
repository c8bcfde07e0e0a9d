package attribution

// feature is one thing that speaks for or against a candidate being the speaker
// of a segment, or a segment being a statement.
type feature int

const (
	verbAfter         feature = iota // strong verb of saying after the candidate
	verbAfterFar                     // the same over an apposition
	weakAfter                        // a verb that reports or judges after it
	verbBefore                       // "said X" after a quotation or comma
	weakBefore                       // "called X"
	invertedNear                     // "…,” said X" right after the segment
	accordingTo                      // "according to X"
	distance                         // steps between candidate and segment
	verbDistance                     // steps between its verb and the segment
	sentenceEnds                     // ends of sentences between them
	segmentsBetween                  // other quotations between them
	candidatesBetween                // other candidates between them
	owner                            // the candidate carries 's
	noun                             // named by a noun
	obliquely                        // after a preposition
	listener                         // after "told", "asked"
	colon                            // its verb leads to the segment over a colon
	sameSentence                     // its verb stands before the segment in one sentence
	verbOtherSide                    // its verb belongs to another segment
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
	features
)

// weights are set by hand; a learned table of the same shape takes their place.
var weights = [features]float64{
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
func steps(n int) float64 {
	for i, most := range [...]int{1, 3, 5, 8, 12, 20, 35} {
		if n <= most {
			return [...]float64{0, 1, 2, 3, 4, 5, 6}[i]
		}
	}
	return 8
}
