package attribution

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"onrecord/record"
	"onrecord/register"
)

const changing = `[
 {"id":"records","name":"Records Northshire","valid_to":"2023-02-01","successor":"care","domains":["records.example"],"handles":{"x":"@RecordsNS"},"type":"public body"},
 {"id":"care","name":"Care Northshire","valid_from":"2013-04-01","type":"public body","aliases":[{"name":"Northshire Commissioning Board","to":"2014-04"}],"domains":["care.example"]},
 {"id":"late","name":"Inspectorate of Wards","valid_from":"2025","type":"regulator"},
 {"id":"echo","name":"Northshire Echo","type":"news outlet","domains":["echo.example"]},
 {"id":"ada","name":"Ada Quill","posts":[{"role":"chief executive","org":"care","from":"2019","to":"2023-07-01"}],"handles":{"x":"@AdaQuill"}},
 {"id":"ben","name":"Ben Marrow","posts":[{"role":"chair","org":"care","from":"2018","to":"2023-07-01"},{"role":"chief executive","org":"care","from":"2023-07-01"}]}
]`

// of lists the speakers of the page's statements with the rules that found them.
func of(t *testing.T, p record.Page) string {
	t.Helper()
	r, err := register.Read(strings.NewReader(changing), "changing")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range Statements(Place(p, r), r) {
		g := s.Sightings[0]
		out = append(out, fmt.Sprintf("%s|%s|%s|%s|%s|%s", g.Speaker.Name, g.Speaker.Role, g.Speaker.Org, g.Speaker.OrgPrinted, g.Rule, g.OrgRule))
	}
	return strings.Join(out, "\n")
}

func TestSpeakersAreOfTheDay(t *testing.T) {
	page := func(year int, month time.Month, day int, lines ...string) record.Page {
		p := news(lines...)
		p.Published = record.OnDay(year, month, day, record.FromPage)
		p.Captured = time.Date(2025, 6, 1, 8, 0, 0, 0, time.UTC)
		return p
	}
	const asked = "“We have stopped the work at all nine sites,” "
	for name, tt := range map[string]struct {
		p    record.Page
		want string
	}{
		"before it ended":        {page(2022, 5, 2, asked+"Records Northshire said."), "||records||verb after speaker|register"},
		"after it ended":         {page(2024, 5, 2, asked+"Records Northshire said."), "||care|Records Northshire|verb after speaker|predecessor of"},
		"a former name":          {page(2024, 5, 2, asked+"the Northshire Commissioning Board said."), "||care|Northshire Commissioning Board|verb after speaker|former name"},
		"did not exist yet":      {page(2024, 5, 2, asked+"the Inspectorate of Wards said."), "||||verb after speaker|as printed"},
		"a person's body":        {page(2024, 5, 2, asked+"said Dee Holt, a director of Records Northshire."), "Dee Holt|director of Records Northshire|care|Records Northshire|verb before speaker|predecessor of"},
		"the holder of 2022":     {page(2022, 5, 2, asked+"the chief executive of Care Northshire said."), "Ada Quill|chief executive|care||holder of the post|register"},
		"the holder of 2024":     {page(2024, 5, 2, asked+"the chief executive of Care Northshire said."), "Ben Marrow|chief executive|care||holder of the post|register"},
		"before anybody held it": {page(2018, 5, 2, asked+"the chief executive of Care Northshire said."), "|chief executive|care||verb after speaker|register"},
		"one of several":         {page(2024, 5, 2, asked+"a chief executive of Care Northshire said."), "|chief executive|care||verb after speaker|register"},
		"a post of then":         {page(2022, 5, 2, asked+"said Ben Marrow of Care Northshire."), "Ben Marrow|chair|care||verb before speaker|named beside"},
		"a post of now":          {page(2024, 5, 2, asked+"said Ben Marrow."), "Ben Marrow|chief executive|care||verb before speaker|register"},
		"said on an earlier day": {page(2023, 3, 9, "In a statement issued on 12 January 2023, Records Northshire said: “We have stopped the work at all nine sites.”"), "||records||verb after speaker|register"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := of(t, tt.p); got != tt.want {
				t.Errorf("speakers of %q:\n%s\nwant\n%s", tt.p.Text, got, tt.want)
			}
		})
	}
}

func TestAccountsAreOfTheDayOfThePost(t *testing.T) {
	p := news("What they posted.", "We have stopped the work.", "I have stopped the work.")
	at := func(handle, words string, year int) record.Post {
		n := strings.Index(p.Text, words)
		return record.Post{Platform: "x", Handle: handle, Author: "?", At: record.OnDay(year, 6, 1, record.FromPost), Spans: []record.Span{{Start: n, End: n + len(words)}}}
	}
	p.Posts = []record.Post{at("@RecordsNS", "We have stopped the work.", 2022), at("@AdaQuill", "I have stopped the work.", 2021)}
	if got, want := of(t, p), "||records||post|handle\nAda Quill|chief executive|care||post|handle"; got != want {
		t.Errorf("posts are of\n%s\nwant\n%s", got, want)
	}
	p.Posts[0].At = record.OnDay(2024, 6, 1, record.FromPost)
	if got, want := of(t, p), "||care||post|handle\nAda Quill|chief executive|care||post|handle"; got != want {
		t.Errorf("posts of 2024 are of\n%s\nwant\n%s", got, want)
	}
}

func TestAnOldHostIsItsSuccessors(t *testing.T) {
	p := news("We have stopped the work at all nine sites.", "It will begin again when the inspectors agree.")
	p.URL, p.CanonicalURL = "https://records.example/news/1", "https://records.example/news/1"
	for day, want := range map[int]string{2022: "records", 2024: "care"} {
		p.Published = record.OnDay(day, 6, 1, record.FromPage)
		if got := of(t, p); got != "||"+want+"||publisher|publisher" {
			t.Errorf("in %d the release is of %s, want %s", day, got, want)
		}
	}
}
