package words

import (
	"fmt"
	"strings"

	"github.com/jdkato/prose/v3/segment"

	"onrecord/record"
)

// Sentences lists the sentences of s in order, without the space around them.
// A line end always ends one: a paragraph is one line here, and the segmenter
// alone would run a heading on into the text below it.
func Sentences(s string) []record.Span {
	seg, err := segment.New()
	if err != nil {
		panic(fmt.Sprintf("words: the sentence model built into the program: %v", err)) // embedded, so it is there
	}
	var out []record.Span
	start := 0
	for line := range strings.Lines(s) {
		for _, x := range seg.Segment(line) {
			out = append(out, record.Span{Start: start + x.Start, End: start + x.End()})
		}
		start += len(line)
	}
	return out
}
