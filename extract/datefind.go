package extract

import (
	"slices"
	"strings"

	"onrecord/record"
)

const (
	findDay   = `(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? (?:the )?)?`
	findMonth = `(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?`
	findClock = `(?:,? (?:at )?\d{1,2}(?:[:.]\d{2}(?::\d{2})?(?: ?[ap]\.?m\b\.?)?| ?[ap]\.?m\b\.?)(?: (?:BST|GMT|UTC)\b)?)?`
)

// findForms are the dates that are looked for in a sentence. Each is then read
// by ParseDate, so that what is found and what is read can never differ.
var findForms = []*pattern{
	lazily(`\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?\b`),
	lazily(`\b` + findDay + `\d{1,2}(?:st|nd|rd|th)? (?:of )?` + findMonth + `(?:,? \d{4}\b)?` + findClock),
	lazily(`\b` + findDay + findMonth + ` \d{1,2}(?:st|nd|rd|th)?,? \d{4}\b` + findClock),
	lazily(`\b\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})\b(?: ?-)?` + findClock),
	lazily(`(?i)\b(?:yesterday|earlier today|this morning|this afternoon|this evening|last night)\b`),
}

// FindDates finds the printed dates of a text, in their order, none inside
// another. It leaves out what is doubtful: ranges ("19-22 July"), bare
// weekdays and years, "today", "May 20" without a year, and whatever ParseDate
// refuses. "Yesterday" and "this morning" count from c.At.
func FindDates(text string, c DateContext) []FoundDate {
	var found []FoundDate
	taken := make([]bool, len(text)+1)
	for _, form := range findForms {
		for _, m := range form.FindAllStringIndex(text, -1) {
			span := record.Span{Start: m[0], End: m[1]}
			if taken[span.Start] || taken[span.End-1] || partOfMore(text, span) {
				continue
			}
			in, ok := ParseDate(span.In(text), c)
			if !ok {
				continue
			}
			for i := span.Start; i < span.End; i++ {
				taken[i] = true
			}
			found = append(found, FoundDate{Instant: in, Span: span})
		}
	}
	slices.SortFunc(found, func(a, b FoundDate) int { return a.Start - b.Start })
	return found
}

// partOfMore reports whether the date is the end of a range or a piece of a
// longer figure, such as 1/2/2024 in 11/1/2/2024.
func partOfMore(text string, s record.Span) bool {
	before := strings.TrimRight(text[:s.Start], " ")
	for _, dash := range []string{"-", "–", "—", "/", "."} {
		if rest, ok := strings.CutSuffix(before, dash); ok {
			rest = strings.TrimRight(rest, " ")
			return rest != "" && rest[len(rest)-1] >= '0' && rest[len(rest)-1] <= '9'
		}
	}
	return strings.HasPrefix(text[s.End:], "/") || strings.HasPrefix(text[s.End:], "-") && len(text) > s.End+1 && text[s.End+1] >= '0' && text[s.End+1] <= '9'
}
