package attribution

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"onrecord/record"
)

// speakersOf lists the statements of a page with everybody who makes them.
func speakersOf(t *testing.T, p record.Page) string {
	t.Helper()
	p = Place(p, reg(t))
	var out []string
	for _, s := range Statements(p, reg(t)) {
		if err := s.Check(p); err != nil {
			t.Error(err)
		}
		var who []string
		for _, x := range append([]record.Speaker{s.Speaker}, s.JointWith...) {
			org := x.Org
			if org == "" && x.OrgName != "" {
				org = "/" + x.OrgName
			}
			who = append(who, strings.TrimSpace(x.Title+" "+x.Name)+"|"+x.Role+"|"+org)
		}
		out = append(out, fmt.Sprintf("%s %s: %s", s.Kind, strings.Join(who, " + "), strings.ReplaceAll(s.Text, "\n", " / ")))
	}
	return strings.Join(out, "\n")
}

func TestLettersHaveTheirSignatories(t *testing.T) {
	own := func(lines ...string) record.Page {
		p := news(lines...)
		p.URL, p.CanonicalURL, p.Title = "https://uwm.example/letter", "https://uwm.example/letter", "Open letter on the wards at night"
		return p
	}
	words := []string{"Dear Minister,", "There are too few of us to keep the wards safe at night.", "We ask you to meet us before the winter."}
	letter := func(before []string, after ...string) []string {
		return append(append(append([]string{}, before...), words...), after...)
	}
	const said = "Dear Minister, / There are too few of us to keep the wards safe at night. / We ask you to meet us before the winter."
	const both = "Dr Ada Quill|chair of council|umw + Bo Marl|chief executive|logbook"
	for name, tt := range map[string]struct {
		p    record.Page
		want string
	}{
		"a line each":            {own(letter(nil, "Yours sincerely,", "Dr Ada Quill, chair of council, Union of Ward Medics", "Bo Marl, chief executive, Logbook Systems", "Notes to editors", "We have 9,000 members.")...), "release " + both + ": " + said},
		"a line for each part":   {own(letter(nil, "Yours faithfully", "Dr Ada Quill", "chair of council", "Union of Ward Medics", "Bo Marl", "chief executive, Logbook Systems")...), "release " + both + ": " + said},
		"one line":               {own(letter(nil, "Signed by: Dr Ada Quill, chair of council, Union of Ward Medics; Bo Marl, chief executive, Logbook Systems.")...), "release " + both + ": " + said},
		"dashes and brackets":    {own(letter(nil, "Signed", "• Dr Ada Quill – chair of council, Union of Ward Medics", "• Bo Marl, chief executive (Logbook Systems)")...), "release " + both + ": " + said},
		"one signs":              {own(letter(nil, "Yours sincerely,", "Dr Ada Quill", "Chair, Union of Ward Medics")...), "release Dr Ada Quill|Chair|umw: " + said},
		"its own people":         {own(letter(nil, "Kind regards,", "Dr Ada Quill, chair", "Cy Lund, treasurer")...), "release Dr Ada Quill|chair|umw + Cy Lund|treasurer|umw: " + said},
		"bodies sign":            {own(letter(nil, "Signatories:", "Union of Ward Medics", "Ward Sisters Guild", "Logbook Systems")...), "release |umw| + ||/Ward Sisters Guild + ||logbook: " + said},
		"bodies by their people": {own(letter(nil, "Signatories", "Union of Ward Medics – Ada Quill, chair", "Ward Sisters Guild – Bo Marl, president")...), "release Ada Quill|chair|umw + Bo Marl|president|/Ward Sisters Guild: " + said},
		"names alone":            {own(letter(nil, "Signed by", "Ada Quill, Bo Marl and Cy Lund")...), "release Ada Quill||umw + Bo Marl||umw + Cy Lund||umw: " + said},
		"a body that only the role names": {
			own(letter(nil, "Yours sincerely,", "Ada Quill, chair of the Ward Sisters Guild", "Bo Marl, director at the Hill Patients Trust")...),
			"release Ada Quill|chair of the Ward Sisters Guild|/Ward Sisters Guild + Bo Marl|director|/Hill Patients Trust: " + said,
		},
		"with words before it": {
			own(letter([]string{"Nine bodies have written to the minister about the wards at night.", "12 March 2025"}, "Yours sincerely,", "Dr Ada Quill, chair of council, Union of Ward Medics", "Bo Marl, chief executive, Logbook Systems")...),
			"release ||umw: Nine bodies have written to the minister about the wards at night.\nrelease " + both + ": " + said,
		},
		"without a salutation": {
			own("There are too few of us to keep the wards safe at night.", "We ask to be heard before the winter.", "Signed:", "Ada Quill, chair, Union of Ward Medics", "Bo Marl, chief executive, Logbook Systems"),
			"release Ada Quill|chair|umw + Bo Marl|chief executive|logbook: There are too few of us to keep the wards safe at night. / We ask to be heard before the winter.",
		},
		"a paper prints it": {news(letter([]string{"The union’s letter in full:"}, "Yours sincerely,", "Dr Ada Quill, chair of council, Union of Ward Medics", "Bo Marl, chief executive, Logbook Systems", "The minister was in Eastmere on Friday.")...), "quote " + both + ": " + said},
		"no list follows":   {own("There are too few of us.", "Signed copies of the report may be had from the office.", "It has 40 pages."), "release |umw|: There are too few of us. / Signed copies of the report may be had from the office. / It has 40 pages."},
		"a paper's own end": {news("The wards were full on Friday.", "Signed by", "Ada Quill, chair, Union of Ward Medics", "Bo Marl, chief executive, Logbook Systems"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			want := strings.ReplaceAll(tt.want, "|umw|", "||umw")
			if got := speakersOf(t, tt.p); got != want {
				t.Errorf("\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestManySignatoriesAreBounded(t *testing.T) {
	lines := []string{"Dear Minister,", "There are too few of us to keep the wards safe at night.", "Signed by"}
	for i := range 3000 {
		lines = append(lines, fmt.Sprintf("Ada Quill%s, chair, Guild of Ward %s", strings.Repeat("a", i%97+1), strings.Repeat("B", i%89+1)))
	}
	p := news(lines...)
	p.URL, p.CanonicalURL = "https://uwm.example/letter", "https://uwm.example/letter"
	start := time.Now()
	got := Statements(Place(p, reg(t)), reg(t))
	if len(got) == 0 || 1+len(got[0].JointWith) != maxSigned {
		t.Errorf("%d statements, the first by %d, want %d", len(got), 1+len(got[0].JointWith), maxSigned)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("3,000 signatories took %v", took)
	}
}

func TestALetterSpeaksForThoseWhoSignedIt(t *testing.T) {
	const words = "“The plan will not work for patients or for staff.”"
	quote := strings.TrimSuffix(words, ".”") + ",”"
	const both = "Ada Quill|chair of the Union of Ward Medics|umw + Bo Marl|chief executive of Logbook Systems|logbook"
	const signed = "signed by Ada Quill, chair of the Union of Ward Medics, and Bo Marl, chief executive of Logbook Systems"
	for text, want := range map[string]string{
		"In a letter " + signed + ", they wrote: " + words:                                                                            both,
		quote + " says the letter, " + signed + ".":                                                                                   both,
		"A letter to the minister, " + signed + ", says: " + words:                                                                    both,
		"They sent a letter " + signed + " on Friday.\n" + quote + " the letter says.":                                                both,
		"They sent a letter " + signed + " on Friday.\n" + quote + " the signatories wrote.":                                          both,
		"In an open letter signed by the Union of Ward Medics and Care of Varnshire, the groups said: " + words:                       "||umw + ||cov",
		quote + " according to a letter signed by Ada Quill.":                                                                         "Ada Quill||",
		"Ada Quill and Bo Marl said they were sad. The contract was signed by Cy Lund.\n" + quote + " the Union of Ward Medics said.": "||umw",
	} {
		got := strings.Split(speakersOf(t, news(append([]string{"The ministry answered its critics on Tuesday."}, strings.Split(text, "\n")...)...)), "\n")
		var quotes []string
		for _, s := range got {
			if who, ok := strings.CutPrefix(s, "quote "); ok {
				quotes = append(quotes, strings.TrimSuffix(who, ": "+strings.Trim(words, "“”")))
			}
		}
		for i, q := range quotes {
			quotes[i], _, _ = strings.Cut(q, ": The plan")
		}
		if g := strings.Join(quotes, "\n"); g != want {
			t.Errorf("%q is said by\n%s\nwant\n%s", text, g, want)
		}
	}
}
