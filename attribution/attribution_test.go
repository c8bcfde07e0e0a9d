package attribution

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"onrecord/record"
	"onrecord/register"
)

const bodies = `[
 {"id":"cov","name":"Care of Varnshire","abbreviations":["COV"],"type":"health service","domains":["cov.example"],"handles":{"x":"@CareVarn"}},
 {"id":"care","name":"CARE (unspecified)","type":"collective","speaks_as":"cov"},
 {"id":"umw","name":"Union of Ward Medics","abbreviations":["UWM"],"aliases":["the ward medics' union"],"type":"trade union","domains":["uwm.example"]},
 {"id":"umw-dc","name":"Doctors Committee Varnshire","abbreviations":["DC Varnshire"],"parent":"umw","type":"committee"},
 {"id":"logbook","name":"Logbook Systems","aliases":["Logbook"],"type":"supplier"},
 {"id":"dhc","name":"Department for Health and Comfort","type":"ministerial department"},
 {"id":"echo","name":"Varnshire Echo","type":"news outlet","domains":["echo.example"]}
]`

func reg(t testing.TB) *register.Register {
	t.Helper()
	r, err := register.Read(strings.NewReader(bodies), "bodies")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func news(lines ...string) record.Page {
	return record.Page{
		URL: "https://echo.example/a", CanonicalURL: "https://echo.example/a", Kind: record.NewsArticle, Text: strings.Join(lines, "\n"),
		Published: record.OnDay(2025, 3, 14, record.FromPage), Captured: time.Date(2025, 3, 15, 8, 0, 0, 0, time.UTC),
	}
}

// show prints a statement as tests compare it.
func show(s record.Statement) string {
	g := s.Sightings[0]
	who := strings.TrimSpace(strings.Join([]string{g.Speaker.Title, g.Speaker.Name}, " "))
	return fmt.Sprintf("%s|%s|%s|%s|%s", s.Kind, who, g.Speaker.Role, g.Speaker.Org, strings.ReplaceAll(s.Text, "\n", " / "))
}

func check(t *testing.T, p record.Page, want ...string) []record.Statement {
	t.Helper()
	p = Place(p, reg(t))
	got := Statements(p, reg(t))
	var lines []string
	for _, s := range got {
		if err := s.Check(p); err != nil {
			t.Error(err)
		}
		lines = append(lines, show(s))
	}
	if g, w := strings.Join(lines, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("statements of %.60q:\n%s\nwant:\n%s", p.Text, g, w)
	}
	return got
}

func TestSpeakerIsFound(t *testing.T) {
	for name, tt := range map[string]struct {
		lines []string
		want  []string
	}{
		"verb after name and apposition": {
			[]string{"Dr Ada Quill, deputy chair of the Union of Ward Medics, said: “The lost day has left a queue.”"},
			[]string{"quote|Dr Ada Quill|deputy chair of the Union of Ward Medics|umw|The lost day has left a queue."},
		},
		"verb before name, seat of the role cut off": {
			[]string{"“The lost day has left a queue,” said Ada Quill, chair of DC Varnshire at the Union of Ward Medics."},
			[]string{"quote|Ada Quill|chair of DC Varnshire|umw|The lost day has left a queue,"},
		},
		"office names its department": {
			[]string{"Health and Comfort Secretary Bo Marl told reporters: “I have asked for a full account.”"},
			[]string{"quote|Bo Marl|Health and Comfort Secretary|dhc|I have asked for a full account."},
		},
		"spokesperson of a collective": {
			[]string{"A CARE spokesperson said: “Please attend as planned.”"},
			[]string{"quote||spokesperson|cov|Please attend as planned."},
		},
		"spokesperson of the body named before": {
			[]string{"Logbook Systems ran the software.", "A spokesperson said: “We withdrew the update within an hour.”"},
			[]string{"quote||spokesperson|logbook|We withdrew the update within an hour."},
		},
		"pronoun refers up, and goes on": {
			[]string{"Ada Quill, chair of the Union of Ward Medics, said: “It was a hard day.”", "She added: “It will not be the last.”"},
			[]string{"quote|Ada Quill|chair of the Union of Ward Medics|umw|It was a hard day. / It will not be the last."},
		},
		"short name refers up": {
			[]string{"Ada Quill, chair of the Union of Ward Medics, arrived early.", "The minister left.", "“It was a hard day,” Dr Quill said."},
			[]string{"quote|Dr Ada Quill|chair of the Union of Ward Medics|umw|It was a hard day,"},
		},
		"senior doctor is named later": {
			[]string{"A senior doctor described the day as an “unprecedented mess in every ward”.", "Dr Ada Quill, chair of the Union of Ward Medics, said nobody had slept for days."},
			[]string{"fragment|Dr Ada Quill|chair of the Union of Ward Medics|umw|unprecedented mess in every ward", "indirect|Dr Ada Quill|chair of the Union of Ward Medics|umw|nobody had slept for days"},
		},
		"the union": {
			[]string{"The Union of Ward Medics met on Monday.", "The union said: “Members are tired and angry.”"},
			[]string{"quote|||umw|Members are tired and angry."},
		},
		"label": {
			[]string{"BO MARL: “I have asked for a full account of it.”"},
			[]string{"quote|Bo Marl|||I have asked for a full account of it."},
		},
		"signature": {
			[]string{"“I have asked for a full account of it.” — Bo Marl"},
			[]string{"quote|Bo Marl|||I have asked for a full account of it."},
		},
		"nobody is guessed": {
			[]string{"“I have asked for a full account of everything that happened.”"},
			[]string{"quote||||I have asked for a full account of everything that happened."},
		},
		"according to": {
			[]string{"According to Ada Quill, the queue was “longer than ever before”."},
			[]string{"fragment|Ada Quill|||longer than ever before"},
		},
		"refusal": {
			[]string{"Logbook Systems declined to comment."},
			[]string{"declined|||logbook|declined to comment"},
		},
		"silence is no refusal": {
			[]string{"Logbook Systems has not commented publicly on the fault."},
			nil,
		},
		"refusal to answer": {
			[]string{"The Union of Ward Medics did not respond to a request for comment."},
			[]string{"declined|||umw|did not respond to a request for comment"},
		},
		"indirect": {
			[]string{"The Union of Ward Medics said that the queue would last until the end of the month."},
			[]string{"indirect|||umw|the queue would last until the end of the month"},
		},
		"sign, song and scare quotes": {
			[]string{"A sign on one door read “No screens today”.", "The song “Paper Moon” played.", "The “front door” project was meant to end delays."},
			nil,
		},
		"a country is not the person of that first name": {
			[]string{"The minister Jordan Quill met the envoys.", "Israel Marl, a trade envoy, came late.", "Israel said the talks had gone well and would be held again in the spring."},
			[]string{"indirect||||the talks had gone well and would be held again in the spring"},
		},
		"who did something is no role": {
			[]string{"Ada Quill, who replaced the chair in May, said: “It was a hard day for every ward.”"},
			[]string{"quote|Ada Quill|||It was a hard day for every ward."},
		},
		"fragments of one sentence are one statement": {
			[]string{"Dr Ada Quill, who is the Chair of the Union of Ward Medics, said the day caused “very trying circumstances” and led to a “total loss of service” across the county."},
			[]string{"fragment|Dr Ada Quill|Chair of the Union of Ward Medics|umw|very trying circumstances / total loss of service"},
		},
	} {
		t.Run(name, func(t *testing.T) { check(t, news(append([]string{"Wards wait."}, tt.lines...)...), tt.want...) })
	}
}

func TestHeadlineMakesNoPerson(t *testing.T) {
	check(t, news("What The Wards And Anyone Else Involved Knew", "Wards waited for hours on Friday.", "“It was a hard day for every ward,” she said."),
		"quote||||It was a hard day for every ward,")
}

func TestClockIsNoBody(t *testing.T) {
	got := check(t, news("Wards wait.", "The fault began at 08:30 BST on Friday.", "A statement said: “We are working to restore the ward screens tonight.”"),
		"quote||statement||We are working to restore the ward screens tonight.")
	if len(got) == 1 && got[0].Sightings[0].Speaker.OrgName != "" {
		t.Errorf("the speaker's body is %q, want none", got[0].Sightings[0].Speaker.OrgName)
	}
}

func TestTownIsNoBody(t *testing.T) {
	got := check(t, news("Wards wait.", "Ada Quill, a lecturer from Thistlewick, said: “It was a hard day for every ward.”"),
		"quote|Ada Quill|lecturer from Thistlewick||It was a hard day for every ward.")
	if len(got) == 1 && got[0].Sightings[0].Speaker.OrgName != "" {
		t.Errorf("the speaker's body is %q, want none", got[0].Sightings[0].Speaker.OrgName)
	}
}

func TestMarksArePairedLineByLine(t *testing.T) {
	for name, tt := range map[string]struct {
		line    string
		singles bool
		want    string
	}{
		"curly":                  {`She said “one two” and “three”.`, false, "one two|three"},
		"straight":               {`She said "one two" and "three".`, false, "one two|three"},
		"two apostrophes":        {`She said ''one two'' and left.`, false, "one two"},
		"double prime closes":    {"She said “one two″ and left.", false, "one two"},
		"low opening":            {"She said „one two“ and left.", false, "one two"},
		"curly then straight":    {`She said “one two" and left.`, false, "one two"},
		"open to the end":        {"She said: “one two.", false, "one two."},
		"nested":                 {`"He said "foo" and left," she said.`, false, `He said "foo`},
		"stray close":            {"and we went home.” He left.", false, ""},
		"singles":                {"She said: ‘It’s the doctors’ pay, isn’t it?’ He left.", true, "It’s the doctors’ pay, isn’t it?"},
		"wrong-way single":       {"a ’critical incident’ was declared", true, "critical incident"},
		"double inside single":   {"‘He said “no” to me,’ she said.", true, "He said “no” to me,"},
		"apostrophes alone":      {"The doctors’ union and the nurses’ guild weren’t ’til then in the ’90s.", true, ""},
		"single inside a double": {"“He said ‘no’ to me,” she said.", false, "He said ‘no’ to me,"},
	} {
		t.Run(name, func(t *testing.T) {
			segs, _ := pairLine(tt.line, 0, tt.singles)
			var got []string
			for _, s := range segs {
				got = append(got, s.In(tt.line))
			}
			if g := strings.Join(got, "|"); g != tt.want {
				t.Errorf("pairLine(%q) = %q, want %q", tt.line, g, tt.want)
			}
		})
	}
}

func TestOpenQuotationsRunOn(t *testing.T) {
	want := "quote|Ada Quill|chair of the Union of Ward Medics|umw|One long day. / And another."
	for name, lines := range map[string][]string{
		"over a list":              {"Ada Quill, chair of the Union of Ward Medics, said: “One long day.", "Read more:", "- ‘Wonder cure’ for colds", "“And another.”"},
		"over a picture credit":    {"Ada Quill, chair of the Union of Ward Medics, said: “One long day.", "Image – Varnshire Echo", "“And another.”"},
		"without reopening":        {"Ada Quill, chair of the Union of Ward Medics, said: “One long day.", "And another.”"},
		"in single marks":          {"Ada Quill, chair of the Union of Ward Medics, said: ‘One long day.", "‘And another.’"},
		"with a set-up colon":      {"Ada Quill, chair of the Union of Ward Medics, said:", "“One long day.", "“And another.”"},
		"closed and free-standing": {"Ada Quill, chair of the Union of Ward Medics, said: “One long day.”", "“And another.”"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "in single marks" {
				lines[0] += " It was a very long day for everybody in the county."
				check(t, news(append([]string{"Wards wait."}, lines...)...), strings.Replace(want, "day. /", "day. It was a very long day for everybody in the county. /", 1))
				return
			}
			check(t, news(append([]string{"Wards wait."}, lines...)...), want)
		})
	}
}

func TestHeadlineAndPullQuoteRepeat(t *testing.T) {
	text := "‘A queue of months’ in Varnshire\nAda Quill said: “We face a queue of months in every ward.”\nWe face a queue of months"
	p := news(text)
	at := strings.LastIndex(text, "\n") + 1
	first := strings.Index(text, "\n")
	p.Blocks = []record.Block{
		{Kind: record.Heading, Span: record.Span{Start: 0, End: first}, Post: -1, Update: -1},
		{Kind: record.Paragraph, Span: record.Span{Start: first + 1, End: at - 1}, Post: -1, Update: -1},
		{Kind: record.PullQuote, Span: record.Span{Start: at, End: len(text)}, Post: -1, Update: -1},
	}
	got := check(t, p, "quote|Ada Quill|||We face a queue of months in every ward.")
	if len(got) == 1 && len(got[0].Sightings[0].Repeats) != 2 {
		t.Errorf("repeats %v, want the headline's and the pull quote's", got[0].Sightings[0].Repeats)
	}
}

func TestOfficialPages(t *testing.T) {
	at := func(url string, lines ...string) record.Page {
		p := news(lines...)
		p.URL, p.CanonicalURL = url, url
		return p
	}
	t.Run("the body is the statement", func(t *testing.T) {
		p := at("https://www.cov.example/statement/", "Statement on the outage", "14 March 2025", "We are aware of a fault in the system.", "Please attend as planned.", "Notes to editors", "We run 40 wards.")
		check(t, p, "release|||cov|We are aware of a fault in the system. / Please attend as planned.")
	})
	t.Run("those named speak", func(t *testing.T) {
		p := at("https://uwm.example/r", "Union warns", "Responding to the outage, Dr Ada Quill, chair of DC Varnshire at the Union of Ward Medics, said:", "“It was a hard day.", "“It will not be the last.”", "ENDS", "“A leading voice for care”, it speaks for its members.")
		check(t, p, "release|Dr Ada Quill|chair of DC Varnshire|umw|It was a hard day. / It will not be the last.")
	})
	t.Run("joint statement", func(t *testing.T) {
		p := at("https://uwm.example/j", "Joint statement", "In a joint statement, Ada Quill, chair of the Union of Ward Medics, and Bo Marl, chief executive of Logbook Systems, said:", "“It was a hard day.”")
		got := check(t, p, "release|Ada Quill|chair of the Union of Ward Medics|umw|It was a hard day.")
		if len(got) == 1 && (len(got[0].JointWith) != 1 || got[0].JointWith[0].Name != "Bo Marl" || got[0].JointWith[0].Org != "logbook") {
			t.Errorf("joint with %+v, want Bo Marl of logbook", got[0].JointWith)
		}
	})
	t.Run("block quotation without marks", func(t *testing.T) {
		text := "Health and Comfort Secretary Bo Marl said:\nI have asked for a full account.\nNothing was lost."
		p := at("https://cov.example/b", text)
		var end int
		for i, l := range strings.Split(text, "\n") {
			kind := record.BlockQuote
			if i == 0 {
				kind = record.Paragraph
			}
			p.Blocks = append(p.Blocks, record.Block{Kind: kind, Span: record.Span{Start: end, End: end + len(l)}, Post: -1, Update: -1})
			end += len(l) + 1
		}
		check(t, p, "release|Bo Marl|Health and Comfort Secretary|dhc|I have asked for a full account. / Nothing was lost.")
	})
	t.Run("one release an update", func(t *testing.T) {
		p := at("https://cov.example/u", "Screens are back.\nScreens are down.")
		p.Kind = record.RollingUpdates
		p.Blocks = []record.Block{
			{Kind: record.Paragraph, Span: record.Span{Start: 0, End: 17}, Post: -1, Update: 0},
			{Kind: record.Paragraph, Span: record.Span{Start: 18, End: 35}, Post: -1, Update: 1},
		}
		noon := time.Date(2025, 3, 14, 12, 0, 0, 0, time.UTC)
		p.Updates = []record.Update{{URL: "https://cov.example/u#2", At: record.At(noon, record.FromUpdate)}, {At: record.At(noon.Add(-time.Hour), record.FromUpdate)}}
		got := check(t, p, "release|||cov|Screens are back.", "release|||cov|Screens are down.")
		if len(got) == 2 && (got[0].Sightings[0].URL != "https://cov.example/u#2" || !got[1].Said.Time.Equal(noon.Add(-time.Hour)) || got[1].Said.Basis != record.FromUpdate) {
			t.Errorf("address %q and time %v are not the updates'", got[0].Sightings[0].URL, got[1].Said)
		}
	})
}

func TestFlatPostIsFound(t *testing.T) {
	p := news("Wards wait", "Care is open as usual.", "— Care of Varnshire (@CareVarn) March 11, 2025", "Please attend.", "https://t.co/abc", "The minister left.")
	got := check(t, p, "post|||cov|Care is open as usual. / Please attend.")
	if len(got) == 1 && (got[0].Said.Day() != "2025-03-11" || got[0].Said.Basis != record.FromPost || got[0].Sightings[0].Handle != "@CareVarn") {
		t.Errorf("said %s (%s) by %s, want the post's own day and account", got[0].Said.Day(), got[0].Said.Basis, got[0].Sightings[0].Handle)
	}
}

func TestDayOfSaying(t *testing.T) {
	for name, tt := range map[string]struct {
		line, want string
		basis      record.Basis
	}{
		"of the page":          {"Ada Quill said: “It was a hard day.”", "2025-03-14", record.FromPage},
		"full date":            {"On 5 November 2024 Ada Quill had told the assembly: “It was a hard day.”", "2024-11-05", record.FromText},
		"day and month":        {"Ada Quill said in a statement issued this morning (12 March): “It was a hard day.”", "2025-03-12", record.FromText},
		"last year's":          {"On 29 December Ada Quill said: “It was a hard day.”", "2024-12-29", record.FromText},
		"date of the event":    {"Ada Quill, who was at the 1 February 2024 vote, said: “It was a hard day.”", "2025-03-14", record.FromPage},
		"another day":          {"Asked about that yesterday, Ada Quill said: “It was a hard day.”", "", ""},
		"no such day":          {"On 31 February 2025 Ada Quill said: “It was a hard day.”", "2025-03-14", record.FromPage},
		"inside the quotation": {"Ada Quill said: “On 3 May 2021 it was a hard day.”", "2025-03-14", record.FromPage},
	} {
		t.Run(name, func(t *testing.T) {
			got := Statements(news("Wards wait.", tt.line), reg(t))
			if len(got) == 0 {
				t.Fatal("no statement")
			}
			if s := got[0].Said; s.Day() != tt.want || s.Basis != tt.basis {
				t.Errorf("said %q (%s), want %q (%s)", s.Day(), s.Basis, tt.want, tt.basis)
			}
		})
	}
}

func TestPlace(t *testing.T) {
	for name, tt := range map[string]struct {
		p    record.Page
		org  string
		kind record.PageKind
	}{
		"outlet":         {news("Ada Quill said: “No.”"), "echo", record.NewsArticle},
		"issuer first":   {record.Page{URL: "https://echo.example/x", From: []string{"Department for Health and Comfort"}, Kind: record.NewsArticle, Text: "We act."}, "dhc", record.StatementPage},
		"quotes someone": {record.Page{URL: "https://uwm.example/x", Kind: record.NewsArticle, Text: "Ada Quill said: “No.”"}, "umw", record.PressRelease},
		"by name":        {record.Page{Publisher: "Care of Varnshire", Kind: record.NewsArticle, Text: "We act."}, "cov", record.StatementPage},
		"live stays":     {record.Page{URL: "https://echo.example/x", Kind: record.LiveBlog, Text: "x"}, "echo", record.LiveBlog},
		"stranger":       {record.Page{URL: "https://who.example/x", Kind: record.NewsArticle, Text: "x"}, "", record.NewsArticle},
	} {
		t.Run(name, func(t *testing.T) {
			if p := Place(tt.p, reg(t)); p.PublisherOrg != tt.org || p.Kind != tt.kind {
				t.Errorf("Place = %q, %q; want %q, %q", p.PublisherOrg, p.Kind, tt.org, tt.kind)
			}
		})
	}
}

func TestHostileTextIsRead(t *testing.T) {
	r := reg(t)
	for name, text := range map[string]string{
		"opening marks":  strings.Repeat("“", 1<<20/3),
		"straight marks": strings.Repeat(`" `, 1<<19),
		"pairs":          strings.Repeat(`"a" said Bo Marl, `, 1<<16),
		"apostrophes":    strings.Repeat("‘s’ ", 1<<18),
		"capitals":       strings.Repeat("Ada Quill ", 1<<17),
		"one word":       strings.Repeat("x", 1<<20),
		"commas":         "Bo Marl" + strings.Repeat(", chair", 1<<17),
		"lines":          strings.Repeat("“a said\n", 1<<16),
		"orgs":           strings.Repeat("UWM said it. ", 1<<16),
		"brackets":       strings.Repeat("(", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				Statements(news(text), r)
			}()
			select {
			case <-done:
			case <-time.After(time.Minute): // a square of the length takes longer
				t.Errorf("%d bytes were not read within a minute", len(text))
			}
		})
	}
}

func FuzzStatements(f *testing.F) {
	f.Add("Ada Quill said: “One.\n“Two.”\n— Care (@CareVarn) March 11, 2025", "https://uwm.example/")
	f.Add("''a'' ‘b’ \"c″ “d said:\nX declined to comment on 31 February.", "https://echo.example/")
	f.Add("\xff“\xc3 said ‘’\n\n(", "::")
	r := reg(f)
	f.Fuzz(func(t *testing.T, text, url string) {
		p := record.Page{URL: url, CanonicalURL: url, Text: strings.ToValidUTF8(text, "?"), Kind: record.NewsArticle}
		for _, p := range []record.Page{p, Place(p, r)} {
			for _, s := range Statements(p, r) {
				if err := s.Check(p); err != nil {
					t.Error(err)
				}
				g := s.Sightings[0]
				for _, x := range append(append([]record.Span{g.MentionSpan}, g.Spans...), g.Repeats...) {
					if x.Start < 0 || x.End > len(p.Text) || x.Start > x.End || !utf8.ValidString(x.In(p.Text)) {
						t.Errorf("span %v of %q cuts the text", x, s.Text)
					}
				}
				if g.Confidence < 0 || g.Confidence > 1 || g.Rule == "" {
					t.Errorf("confidence %v, rule %q", g.Confidence, g.Rule)
				}
			}
		}
	})
}

func TestJointSpeakersAreAllNamed(t *testing.T) {
	const words = "“The plan will not work for patients or for staff.”"
	quote := strings.TrimSuffix(words, ".”") + ",”"
	for text, want := range map[string]string{
		quote + " the Union of Ward Medics and Care of Varnshire said in a joint statement.":                            "umw cov",
		"In a joint statement, the Union of Ward Medics and Care of Varnshire said: " + words:                           "umw cov",
		"A joint statement from the Union of Ward Medics and Care of Varnshire said: " + words:                          "umw cov",
		quote + " said the Union of Ward Medics, Care of Varnshire and Logbook Systems in a joint letter.":              "umw cov logbook",
		quote + " Ada Quill, chair of the Union of Ward Medics, and Bo Marl, chief executive of Logbook Systems, said.": "Ada Quill/umw Bo Marl/logbook",
		quote + " Ada Quill of the Union of Ward Medics and Bo Marl of Logbook Systems said in a joint statement.":      "Ada Quill/umw Bo Marl/logbook",
		quote + " the Ward Sisters Guild and the Hill Patients Trust said in a joint statement.":                        "/Ward Sisters Guild /Hill Patients Trust",
		"The Union of Ward Medics criticised Logbook Systems and Care of Varnshire said: " + words:                      "cov",
		"Talks between the Union of Ward Medics and Care of Varnshire broke down. Care of Varnshire said: " + words:     "cov",
		quote + " said Ada Quill, chair of the Union of Ward Medics. Bo Marl and Logbook Systems were not there.":       "Ada Quill/umw",
	} {
		p := Place(news("The ministry answered its critics on Tuesday.", text), reg(t))
		got := Statements(p, reg(t))
		var who []string
		for _, s := range got {
			if s.Kind != record.Quote {
				continue
			}
			for _, x := range append([]record.Speaker{s.Speaker}, s.JointWith...) {
				switch {
				case x.Name != "":
					who = append(who, x.Name+"/"+x.Org)
				case x.Org != "":
					who = append(who, x.Org)
				default:
					who = append(who, "/"+x.OrgName)
				}
			}
			if m := s.Sightings[0]; m.Mention != m.MentionSpan.In(p.Text) {
				t.Errorf("%q: mention %q is not at its place", text, m.Mention)
			}
		}
		if g := strings.Join(who, " "); g != want {
			t.Errorf("%q is said by %q, want %q", text, g, want)
		}
	}
}

func TestWhatABodySaysAboutItselfIsNoPartOfARelease(t *testing.T) {
	p := news("Our system was slow on Tuesday and is quick again.", "About 300 surgeries noticed it.", "About Logbook Systems: we make calendars for surgeries.", "We are 40 people.")
	p.URL, p.CanonicalURL, p.Kind, p.PublisherOrg = "https://logbook.example/r", "https://logbook.example/r", record.StatementPage, "logbook"
	check(t, p, "release|||logbook|Our system was slow on Tuesday and is quick again. / About 300 surgeries noticed it.")
}

func TestAbbreviationsMakeNoPerson(t *testing.T) {
	check(t, news("Ward GP service “cannot be resumed at once” after the outage, the Union of Ward Medics has warned."),
		"fragment|||umw|cannot be resumed at once")
}

func TestListenersDoNotSpeak(t *testing.T) {
	p := news("The Union of Ward Medics met on Monday.", "Residents were told to “boil every drop of water before use”.")
	for _, s := range Statements(Place(p, reg(t)), reg(t)) {
		if g := s.Sightings[0]; g.Speaker.Role != "" || g.Speaker.Name != "" {
			t.Errorf("%q is given to %+v: the subject of a passive verb of saying listens", s.Text, g.Speaker)
		}
	}
}

func TestCaptionNamesNoBodyForIt(t *testing.T) {
	check(t, news("Logbook Systems has been down since dawn.", "A CARE ward in the dark (Picture: Varn Images)", "Image: Union of Ward Medics", "An update said: “Half of the desks are back in use.”"),
		"quote|||logbook|Half of the desks are back in use.")
}

func TestPostInOneLineIsFound(t *testing.T) {
	p := news("Wards are busy", "Care of Varnshire answered questions all day.",
		"Every ward is open today. Bring your letter. ➡️https://t.co/abc — Care of Varnshire (@CareVarn) March 13, 2025", "Buses ran as normal.")
	got := check(t, p, "post|||cov|Every ward is open today. Bring your letter.")
	if len(got) == 1 && (got[0].Said.Day() != "2025-03-13" || got[0].Said.Basis != record.FromPost || got[0].Sightings[0].Handle != "@CareVarn") {
		t.Errorf("said %s (%s) by %s, want the post's own day and account", got[0].Said.Day(), got[0].Said.Basis, got[0].Sightings[0].Handle)
	}
}

func TestTwoApostrophesAreOneMark(t *testing.T) {
	check(t, news("''I said, 'The door is to stay open, whatever comes,''' Ada Quill, chair of the Union of Ward Medics, recalled.", "Nobody who was in the room had ''any doubt'' about it, Quill said."),
		"quote|Ada Quill|chair of the Union of Ward Medics|umw|I said, 'The door is to stay open, whatever comes,", "fragment|Ada Quill|chair of the Union of Ward Medics|umw|any doubt")
}

func TestNameInsideTheMarksSigns(t *testing.T) {
	check(t, news("“The queue is longer than anyone can bear, and nobody has said when it will end.", "Ada Quill, Union of Ward Medics.”", "Buses ran as normal."),
		"quote|Ada Quill|Union of Ward Medics|umw|The queue is longer than anyone can bear, and nobody has said when it will end.")
}

func TestSignedWithoutBy(t *testing.T) {
	for _, line := range []string{"The contract was signed yesterday.", "He read the letter and signed it.", "The letter was signed jointly today.", "A letter was signed by", "They signed"} {
		Statements(news("Wards wait", line), reg(t)) // it must not panic at the end of a line
	}
}
