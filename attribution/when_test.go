package attribution

import (
	"strings"
	"testing"
	"time"

	"onrecord/record"
)

// The page of these tests is printed on Friday 14 March 2025.
func TestDaysToldFromTheDayOfPrinting(t *testing.T) {
	const words = "“We have stopped the work at all nine sites.”"
	quote := strings.TrimSuffix(words, ".”") + ",”"
	for line, want := range map[string]string{
		"Speaking on Monday, Ada Quill said: " + words:                                                    "2025-03-10 text",
		quote + " Ada Quill told the Echo on Wednesday.":                                                  "2025-03-12 text",
		quote + " Ada Quill said in a statement on Friday.":                                               "2025-03-14 page",
		"In a statement issued late on Thursday, Ada Quill said: " + words:                                "2025-03-13 text",
		"On Saturday Ada Quill said: " + words:                                                            "2025-03-08 text",
		"In Tuesday’s statement Ada Quill said: " + words:                                                 "2025-03-11 text",
		"Ada Quill told a briefing yesterday: " + words:                                                   "2025-03-13 text",
		"Ada Quill wrote two days ago: " + words:                                                          "2025-03-12 text",
		"Ada Quill said in a letter last month: " + words:                                                 "2025-02 text",
		"Ada Quill said in a statement last week: " + words:                                               " ",
		"Ada Quill said last Monday: " + words:                                                            " ",
		"On 12 March Ada Quill added: " + words:                                                           "2025-03-12 text",
		"Ada Quill said in a letter dated March 3: " + words:                                              "2025-03-03 text",
		"Ada Quill said after the fault on Monday: " + words:                                              "2025-03-14 page",
		"The site, which closed on 12 March, is hers. Ada Quill, who was there on Monday, said: " + words: "2025-03-14 page",
		"On Monday the system failed and Ada Quill said: " + words:                                        "2025-03-14 page",
		"Ada Quill, who joined last year, said: " + words:                                                 "2025-03-14 page",
		"After yesterday’s fault Ada Quill said: " + words:                                                "2025-03-14 page",
		"Ada Quill said she would be back on Monday. She said: " + words:                                  "2025-03-14 page",
		"Ada Quill said the vote on 20 March would fail, and said: " + words:                              "2025-03-14 page",
		"In a new version of a statement first published on Tuesday Ada Quill said: " + words:             "2025-03-14 page",
		"In a statement for next Monday Ada Quill said: " + words:                                         "2025-03-14 page",
		"The board’s statement about the fault on 3 March said: " + words:                                 "2025-03-14 page",
	} {
		got := Statements(Place(news("Wards wait.", line), reg(t)), reg(t))
		said := ""
		for _, s := range got {
			if s.Kind == record.Quote || s.Kind == record.Release {
				said = s.Said.Day() + " " + string(s.Said.Basis)
				if s.Said.Known() && s.Said.Time.After(time.Date(2025, 3, 15, 0, 0, 0, 0, time.UTC)) {
					t.Errorf("%q was said on %s, after it was printed", line, s.Said.Day())
				}
			}
		}
		if said != want {
			t.Errorf("%q was said on %q, want %q", line, said, want)
		}
	}
}

func TestAReleaseTellsItsOwnDays(t *testing.T) {
	p := news("We have found a fault in the system.", "Ada Quill said: “We are sorry for the fault.”", "On 17 March Ada Quill added: “We have found what caused the fault.”", "She added: “We will not let it happen again.”")
	p.URL, p.CanonicalURL = "https://uwm.example/r", "https://uwm.example/r"
	p.Modified = record.OnDay(2025, 3, 18, record.FromPage)
	p.Captured = time.Date(2025, 3, 20, 8, 0, 0, 0, time.UTC)
	got := Statements(Place(p, reg(t)), reg(t))
	var days []string
	for _, s := range got {
		g := s.Sightings[0]
		if s.Kind != record.Release || s.Said.Time.After(g.Published.End()) {
			t.Errorf("%s %q said %s, published %s", s.Kind, s.Text, s.Said.Day(), g.Published.Day())
		}
		days = append(days, s.Said.Day())
	}
	if d := strings.Join(days, " "); d != "2025-03-14 2025-03-17" {
		t.Errorf("said on %s, want 14 March, and 17 March for both that follow", d)
	}
	p.Modified = record.Instant{}
	for _, s := range Statements(Place(p, reg(t)), reg(t)) {
		if s.Said.Day() != "2025-03-14" {
			t.Errorf("%q was said on %s, after the page was printed", s.Text, s.Said.Day())
		}
	}
}

func TestWhoGoesOnSpeaksOnTheSameDay(t *testing.T) {
	p := news("“We have stopped the work at all nine sites,” Ada Quill said in a statement on Monday.", "The sites are in the north of the county.", "Ada Quill added: “None of them will open before the summer.”", "Bo Marl said: “That is too late for us.”")
	var days []string
	for _, s := range Statements(Place(p, reg(t)), reg(t)) {
		days = append(days, s.Said.Day())
	}
	if d := strings.Join(days, " "); d != "2025-03-10 2025-03-10 2025-03-14" {
		t.Errorf("said on %s, want twice Monday, then the page's day", d)
	}
}

func TestALetterHasItsOwnDay(t *testing.T) {
	p := news("We have written to the minister.", "12 March 2025", "Dear Minister,", "There are too few of us to keep the wards safe.", "Yours sincerely,", "Ada Quill, chair, Union of Ward Medics", "Bo Marl, chief executive, Logbook Systems")
	p.URL, p.CanonicalURL = "https://uwm.example/r", "https://uwm.example/r"
	got := Statements(Place(p, reg(t)), reg(t))
	if n := len(got); n != 2 || got[1].Said.Day() != "2025-03-12" || got[1].Said.Basis != record.FromText || got[0].Said.Day() != "2025-03-14" {
		t.Errorf("%+v", got)
	}
}
