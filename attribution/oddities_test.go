package attribution

import (
	"strings"
	"testing"

	"onrecord/record"
)

func TestOddSentencesAreReadByRule(t *testing.T) {
	const ward = "“Nobody on the ward slept for two nights.”"
	for name, tt := range map[string]struct {
		lines []string
		want  []string
	}{
		"where somebody spoke is nothing said": {
			[]string{"Ada Quill, chair of the Union of Ward Medics, spoke on Friday.", "She explained in her statement:", ward},
			[]string{"quote|Ada Quill|chair of the Union of Ward Medics|umw|Nobody on the ward slept for two nights."},
		},
		"when somebody spoke is nothing said": {
			[]string{"“Nobody slept,” Ada Quill said at a meeting in Eastmere. “We are tired of it.”"},
			[]string{"quote|Ada Quill|||Nobody slept, / We are tired of it."},
		},
		"what is said may begin with a place": {
			[]string{"Ada Quill said in Eastmere that the ward had been closed for two nights."},
			[]string{"indirect|Ada Quill|||the ward had been closed for two nights"},
		},
		"a name for a thing of one's own": {
			[]string{"Care of Varnshire has spent three years on what it calls an “open ward window”, of which Logbook is a part.", "Ada Quill said: " + ward},
			[]string{"quote|Ada Quill|||Nobody on the ward slept for two nights."},
		},
		"a judgement is no name": {
			[]string{"Care of Varnshire has spent three years on the project. Its chair, Ada Quill, called it a “costly and avoidable mistake”.", "Bo Marl said: " + ward},
			[]string{"fragment|Ada Quill|||costly and avoidable mistake", "quote|Bo Marl|||Nobody on the ward slept for two nights."},
		},
		"the person spoken of has the post": {
			[]string{"Hanne Brill would not say whether she would give up her bonus. “I will answer when the report is in,” the Logbook chief executive said."},
			[]string{"quote|Hanne Brill|chief executive|logbook|I will answer when the report is in,"},
		},
		"somebody else was named since": {
			[]string{"Hanne Brill would not say whether she would give up her bonus. Ada Quill was not asked. “I will answer when the report is in,” the Logbook deputy chief executive said."},
			[]string{"quote||Logbook deputy chief executive|logbook|I will answer when the report is in,"},
		},
		"an office and a name without a comma": {
			[]string{"Minister for Community Care Edna Larkin said: " + ward},
			[]string{"quote|Edna Larkin|Minister for Community Care||Nobody on the ward slept for two nights."},
		},
		"an office with a department": {
			[]string{"Minister for Health and Comfort Edna Larkin said: " + ward},
			[]string{"quote|Edna Larkin|Minister for Health and Comfort|dhc|Nobody on the ward slept for two nights."},
		},
		"a spokesman is nobody that he speaks for": {
			[]string{"A spokesman for House Speaker Paul Ridge said: " + ward},
			[]string{"quote||spokesman||Nobody on the ward slept for two nights."},
		},
		"a body before the role": {
			[]string{"Ada Quill, the union’s council chair, said: " + ward},
			[]string{"quote|Ada Quill|council chair||Nobody on the ward slept for two nights."},
		},
		"a role ends before a clause": {
			[]string{"Ada Quill, chair of the Union of Ward Medics when the wards were closed, said: " + ward},
			[]string{"quote|Ada Quill|chair of the Union of Ward Medics|umw|Nobody on the ward slept for two nights."},
		},
		"a role ends before a day": {
			[]string{"A letter came from Ada Quill, chair of the Union of Ward Medics on Friday.", "Ms Quill said: " + ward},
			[]string{"quote|Ms Ada Quill|chair of the Union of Ward Medics|umw|Nobody on the ward slept for two nights."},
		},
		"a role with a preposition stays whole": {
			[]string{"Ada Quill, director of research on ageing, said: " + ward},
			[]string{"quote|Ada Quill|director of research on ageing||Nobody on the ward slept for two nights."},
		},
		"it is no tests": {
			[]string{"Patients could wait a week to hear what their blood tests say.", "Care of Varnshire called the fault over. “Every result has been sent,” it said in a statement."},
			[]string{"quote|||cov|Every result has been sent,"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, s := range Statements(Place(news(append([]string{"The wards of Eastmere were full."}, tt.lines...)...), reg(t)), reg(t)) {
				if s.Kind != record.Indirect || len(tt.want) > 0 && strings.HasPrefix(tt.want[0], "indirect") || !strings.Contains(s.Text, "fault over") {
					got = append(got, show(s))
				}
			}
			if g, w := strings.Join(got, "\n"), strings.Join(tt.want, "\n"); g != w {
				t.Errorf("statements of %q:\n%s\nwant:\n%s", tt.lines, g, w)
			}
		})
	}
}
