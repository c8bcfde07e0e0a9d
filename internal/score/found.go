package score

import (
	"unicode/utf8"

	"onrecord/record"
)

// Found is what attribution found in a text, as the project's extract_to_pred.py
// hands it to the scorer: a refusal is left out, the same words elsewhere on the
// page are findings of their own.
func Found(sts []record.Statement, text, id string) Doc {
	d := Doc{ID: id}
	for _, st := range sts {
		s := st.Sightings[0]
		kind := string(st.Kind)
		switch st.Kind {
		case record.Declined:
			continue
		case record.Quote, record.Fragment:
			kind = "direct"
		}
		x := Statement{Kind: kind, SpeakerText: s.Mention, SpeakerName: s.Speaker.Name, Organisation: s.Speaker.OrgName, Cue: s.Cue, Confidence: st.Confidence}
		if x.SpeakerName == "" {
			x.SpeakerName = s.Speaker.OrgName
		}
		if s.Mention != "" {
			x.SpeakerSpans = [][2]int{Points(text, s.MentionSpan)}
		}
		for _, sp := range s.Spans {
			x.Spans = append(x.Spans, Points(text, sp))
		}
		d.Statements = append(d.Statements, x)
		for _, r := range s.Repeats {
			y := x
			y.Kind, y.Spans = "direct", [][2]int{Points(text, r)}
			d.Statements = append(d.Statements, y)
		}
	}
	return d
}

// Points are the offsets of a span in code points.
func Points(text string, s record.Span) [2]int {
	a := utf8.RuneCountInString(text[:s.Start])
	return [2]int{a, a + utf8.RuneCountInString(s.In(text))}
}
