package desk

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"onrecord/archive"
	"onrecord/archive/warcfile"
	"onrecord/catalogue/sqlite"
	"onrecord/index"
	"onrecord/index/bleveindex"
	"onrecord/query"
	"onrecord/record"
	"onrecord/register"
)

// now is the time on the tests' clock.
func now() time.Time { return time.Date(2025, 3, 20, 12, 0, 0, 0, time.UTC) }

// house is a desk on real stores.
type house struct {
	*Desk
	t   *testing.T
	db  *sqlite.DB
	ix  *bleveindex.Index
	ar  *warcfile.Archive
	reg *register.Register
}

func open(t *testing.T) *house {
	t.Helper()
	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "catalogue.db"), sqlite.Options{Clock: now})
	must(t, err)
	ix, err := bleveindex.Open(filepath.Join(dir, "index"))
	must(t, err)
	ar, err := warcfile.Open(filepath.Join(dir, "archive"), warcfile.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, errors.Join(ix.Close(), db.Close(), ar.Close())) })
	reg, err := register.Read(strings.NewReader(`[
		{"id":"board","name":"Board of Health","domains":["board.example"]},
		{"id":"union","name":"Doctors' Union","abbreviations":["DU"]},
		{"id":"first-board","name":"First Board","valid_to":"2020","successor":"old-board"},
		{"id":"old-board","name":"Old Board","valid_to":"2025-03-05","successor":"board"},
		{"id":"quiet","name":"Quiet Office"}]`), "test")
	must(t, err)
	return &house{New(db, ix, ar, reg, now, []byte("0123456789abcdef")), t, db, ix, ar, reg}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// say puts a page on record with one statement a line of words.
func (h *house) say(address, org string, day int, lines ...string) []record.ID {
	h.t.Helper()
	return h.capture(address, org, day, time.Date(2025, 3, day, 9, 0, 0, 0, time.UTC), lines...)
}

// capture puts a capture of a page of that day on record, and gives the ids of
// the statements that are new.
func (h *house) capture(address, org string, day int, at time.Time, lines ...string) []record.ID {
	h.t.Helper()
	text := strings.Join(lines, "\n")
	c, err := h.ar.Put(h.t.Context(), archive.Exchange{URL: address, At: at, Via: "import", Body: []byte(text)})
	must(h.t, err)
	p := record.Page{
		ID: record.PageID(address), Capture: c.ID, URL: address, CanonicalURL: address, Kind: record.NewsArticle, Title: "Of " + org,
		Published: record.OnDay(2025, 3, day, record.FromPage), Captured: at, Text: text,
	}
	var found []record.Statement
	start := 0
	for _, line := range lines {
		sp := record.Span{Start: start, End: start + len(line)}
		start = sp.End + 1
		p.Blocks = append(p.Blocks, record.Block{Kind: record.Paragraph, Span: sp, Post: -1})
		who := record.Speaker{Name: "Jane Roe", Role: "chair", Org: org, OrgName: strings.ToUpper(org)}
		s := record.Sighting{
			Page: p.ID, Capture: c.ID, SHA256: c.SHA256, URL: address, CanonicalURL: address, Outlet: strings.Split(address, "/")[2], PageTitle: p.Title,
			Kind: record.Quote, Words: line, Spans: []record.Span{sp}, Speaker: who, Rule: "test", Confidence: 1, Said: record.OnDay(2025, 3, day, record.FromPage),
			Published: p.Published, Captured: at, LastSeen: at,
		}
		found = append(found, record.Statement{
			Kind: record.Quote, Text: line, Speaker: who, Said: s.Said, Published: s.Published, FirstSeen: at, Confidence: 1, Status: record.Current, Sightings: []record.Sighting{s},
		})
	}
	before := h.all()
	_, err = h.db.Add(h.t.Context(), c, p, found)
	must(h.t, err)
	h.follow()
	return slices.DeleteFunc(h.all(), func(id record.ID) bool { return slices.Contains(before, id) })
}

func (h *house) all() []record.ID {
	h.t.Helper()
	ids, err := h.db.StatementIDs(h.t.Context(), "", 1000)
	must(h.t, err)
	return ids
}

func (h *house) follow() {
	h.t.Helper()
	_, err := index.CatchUp(h.t.Context(), h.ix, h.db, nil)
	must(h.t, err)
}

func (h *house) incident(i record.Incident) {
	h.t.Helper()
	_, err := h.db.SetIncident(h.t.Context(), i, record.Edit{Who: "test", Action: "incident.add"})
	must(h.t, err)
}

// texts are the words that a question finds, sorted.
func (h *house) texts(a Ask) []string {
	h.t.Helper()
	f, err := h.Search(h.t.Context(), a)
	must(h.t, err)
	out := []string{}
	for _, row := range f.Statements {
		out = append(out, row.Text)
	}
	slices.Sort(out)
	return out
}

const (
	backlog = "There is a considerable backlog of test results."
	sorry   = "We are sorry for every delayed result."
	strike  = "Members will vote on a strike next week."
	weather = "Snow is expected over the hills this evening."
)

// county is a small record: two bodies over four days.
func county(t *testing.T) *house {
	h := open(t)
	h.say("https://news.example/a", "union", 3, backlog)
	h.say("https://board.example/b", "board", 4, sorry)
	h.say("https://news.example/c", "union", 5, strike)
	h.say("https://sky.example/d", "", 6, weather)
	return h
}

func TestAParameterAsksWhatTheFieldAsks(t *testing.T) {
	h := county(t)
	for name, tt := range map[string]struct {
		fields map[string][]string
		q      string
		want   []string
	}{
		"organisation":          {map[string][]string{"org": {"union"}}, "org:union", []string{strike, backlog}},
		"two organisations":     {map[string][]string{"org": {"union", "board"}}, "org:union OR org:board", []string{strike, backlog, sorry}},
		"several fields":        {map[string][]string{"org": {"union"}, "said": {"2025-03-05"}}, "org:union said:2025-03-05", []string{strike}},
		"person, two words":     {map[string][]string{"person": {"Jane Roe"}, "outlet": {"board.example"}}, `person:"Jane Roe" outlet:board.example`, []string{sorry}},
		"an empty box of forms": {map[string][]string{"org": {""}}, "", []string{strike, backlog, sorry, weather}},
	} {
		t.Run(name, func(t *testing.T) {
			slices.Sort(tt.want)
			if got := h.texts(Ask{Fields: tt.fields}); !slices.Equal(got, tt.want) {
				t.Errorf("parameters found %q, want %q", got, tt.want)
			}
			if got := h.texts(Ask{Q: tt.q}); !slices.Equal(got, tt.want) {
				t.Errorf("%s found %q, want %q", tt.q, got, tt.want)
			}
		})
	}
}

func TestWhatCannotBeReadNamesItsParameter(t *testing.T) {
	h := county(t)
	h.incident(record.Incident{Slug: "delays", Name: "Delays"})
	for name, tt := range map[string]struct {
		ask         Ask
		field, want string
	}{
		"unknown field in the query":  {Ask{Q: "orgg:union"}, "q", "org:union"},
		"mark not closed":             {Ask{Q: `"backlog`}, "q", "not closed"},
		"unknown parameter":           {Ask{Fields: map[string][]string{"orgg": {"x"}}}, "orgg", "no field"},
		"unknown kind":                {Ask{Fields: map[string][]string{"kind": {"qoute"}}}, "kind", "quote"},
		"day that is none":            {Ask{Fields: map[string][]string{"said": {"soon"}}}, "said", "2024-07-19"},
		"mark that ends a value":      {Ask{Fields: map[string][]string{"org": {`x" OR "y`}}}, "org", "quotation marks"},
		"unknown sort":                {Ask{Sort: "best"}, "sort", "newest"},
		"limit too high":              {Ask{Limit: 501}, "limit", "500"},
		"limit below zero":            {Ask{Limit: -1}, "limit", "500"},
		"cursor that is none":         {Ask{Cursor: "%%%"}, "cursor", "begin again"},
		"longer than a query may be":  {Ask{Q: strings.Repeat("a ", 2000)}, "q", "2048"},
		"a field that is for editors": {Ask{Fields: map[string][]string{"mark": {"hidden"}}}, "mark", "no field"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Search(t.Context(), tt.ask)
			var bad *FieldError
			if !errors.As(err, &bad) || !errors.Is(err, record.ErrInvalid) {
				t.Fatalf("Search gave %v, want an invalid parameter", err)
			}
			if bad.Field != tt.field || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("parameter %q: %v; want %q and a word of %q", bad.Field, err, tt.field, tt.want)
			}
		})
	}
}

func TestAnUnknownIncidentSuggestsTheNearest(t *testing.T) {
	h := county(t)
	h.incident(record.Incident{Slug: "delays", Name: "Delays"})
	for what, err := range map[string]error{
		"Incident": func() error { _, err := h.Incident(t.Context(), "delay"); return err }(),
		"Timeline": func() error { _, err := h.Timeline(t.Context(), "delay", TimelineAsk{}); return err }(),
		"Search":   func() error { _, err := h.Search(t.Context(), Ask{Q: "incident:delay"}); return err }(),
	} {
		if !errors.Is(err, record.ErrNotFound) || !strings.Contains(err.Error(), `"delays"`) {
			t.Errorf("%s: %v; want not found and delays suggested", what, err)
		}
	}
}

func TestCursorsGoThroughEverythingOnceWhileStatementsAreAdded(t *testing.T) {
	h := open(t)
	for i := range 7 {
		h.say(fmt.Sprintf("https://news.example/%d", i), "union", 3+i, fmt.Sprintf("Number %c of the backlog is known.", 'a'+i))
	}
	for _, sort := range []string{query.Newest, query.Oldest, query.FirstSeen, query.Sightings} {
		var seen []record.ID
		ask := Ask{Q: "backlog", Sort: sort, Limit: 3}
		for page := 0; ; page++ {
			f, err := h.Search(t.Context(), ask)
			must(t, err)
			for _, row := range f.Statements {
				seen = append(seen, row.ID)
			}
			if f.Next == "" {
				break
			}
			if ask.Cursor = f.Next; page > 4 {
				t.Fatal("no end")
			}
		}
		want := h.all()
		slices.Sort(seen)
		if !slices.Equal(seen, want) {
			t.Errorf("sorted by %s, the pages hold %v, want %v", sort, seen, want)
		}
	}
	f, err := h.Search(t.Context(), Ask{Q: "backlog", Limit: 3})
	must(t, err)
	h.say("https://news.example/new", "union", 19, "The newest word on the backlog is this.")
	rest, err := h.Search(t.Context(), Ask{Q: "backlog", Limit: 10, Cursor: f.Next})
	must(t, err)
	if len(rest.Statements) != 4 {
		t.Errorf("%d rows behind the cursor after one was added in front, want 4", len(rest.Statements))
	}
}

func TestACursorIsOfItsQuestionAndUnchanged(t *testing.T) {
	h := county(t)
	f, err := h.Search(t.Context(), Ask{Q: "org:union", Limit: 1})
	must(t, err)
	if f.Next == "" || f.Total != 2 {
		t.Fatalf("total %d and cursor %q, want 2 and one", f.Total, f.Next)
	}
	if _, err := h.Search(t.Context(), Ask{Fields: map[string][]string{"org": {"union"}}, Limit: 1, Cursor: f.Next}); err != nil {
		t.Errorf("the same question asked by parameter: %v", err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(f.Next)
	must(t, err)
	for i := range raw {
		changed := slices.Clone(raw)
		changed[i] ^= 1
		if _, err := h.Search(t.Context(), Ask{Q: "org:union", Limit: 1, Cursor: base64.RawURLEncoding.EncodeToString(changed)}); !errors.Is(err, ErrCursor) {
			t.Fatalf("byte %d changed: %v, want ErrCursor", i, err)
		}
	}
	for name, ask := range map[string]Ask{
		"another query": {Q: "org:board", Cursor: f.Next}, "another sort": {Q: "org:union", Sort: query.Oldest, Cursor: f.Next}, "cut": {Q: "org:union", Cursor: f.Next[:8]},
	} {
		if _, err := h.Search(t.Context(), ask); !errors.Is(err, ErrCursor) || !errors.Is(err, record.ErrInvalid) {
			t.Errorf("%s: %v, want ErrCursor", name, err)
		}
	}
	other := New(h.db, h.ix, h.ar, h.reg, now, []byte("another key, 16 b"))
	if _, err := other.Search(t.Context(), Ask{Q: "org:union", Cursor: f.Next}); !errors.Is(err, ErrCursor) {
		t.Errorf("signed with another key: %v, want ErrCursor", err)
	}
}

func TestHighlightsAreTheWordsInTheText(t *testing.T) {
	h := open(t)
	h.say("https://news.example/a", "union", 3, "“Backlogs” are <b>considerable</b>: the delayed café results wait.")
	for q, want := range map[string][]string{
		"backlog":                    {"Backlogs"},
		`"the delayed cafe results"`: {"the delayed café results"},
		"result delay":               {"delayed", "results"},
		"consid*":                    {"considerable"},
		"backlog NOT strike":         {"Backlogs"},
		"NOT strike":                 {},
		"org:union":                  {},
	} {
		f, err := h.Search(t.Context(), Ask{Q: q})
		must(t, err)
		if len(f.Statements) != 1 {
			t.Errorf("%s found %d statements, want 1", q, len(f.Statements))
			continue
		}
		got := []string{}
		for _, sp := range f.Statements[0].Highlights {
			got = append(got, sp.In(f.Statements[0].Text))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s marks %q, want %q", q, got, want)
		}
	}
}

func TestAnIncidentIsItsQueryAndPinsWithoutWhatIsLeftOut(t *testing.T) {
	h := open(t)
	late := h.say("https://news.example/late", "union", 12, "The backlog of May is over.")
	in := h.say("https://news.example/a", "union", 3, backlog)
	out := h.say("https://news.example/b", "union", 4, "The backlog is nobody's business.")
	pinned := h.say("https://sky.example/d", "", 6, weather)
	h.say("https://board.example/b", "board", 4, "The backlog is the union's business.")
	h.incident(record.Incident{
		Slug: "delays", Name: "Delays", Query: "backlog", Orgs: []string{"union"}, From: time.Date(2025, 3, 3, 0, 0, 0, 0, time.UTC), To: time.Date(2025, 3, 10, 0, 0, 0, 0, time.UTC),
		Pinned: pinned, Excluded: out,
	})
	h.incident(record.Incident{Slug: "wider", Name: "Wider", Query: "incident:delays OR strike"})
	want := []string{backlog, weather}
	slices.Sort(want)
	for _, slug := range []string{"delays", "wider"} {
		if got := h.texts(Ask{Q: "incident:" + slug}); !slices.Equal(got, want) {
			t.Errorf("incident:%s finds %q, want %q (in %v, late %v)", slug, got, want, in, late)
		}
	}
	if got := h.texts(Ask{Q: "backlog NOT incident:delays"}); len(got) != 3 {
		t.Errorf("backlog NOT incident:delays finds %q, want the three that are not its", got)
	}
	line, err := h.Timeline(t.Context(), "delays", TimelineAsk{})
	must(t, err)
	if line.Total != 2 || line.Days[0].Date != "2025-03-03" || line.Days[1].Entries[0].Statement.ID != pinned[0] || line.Coverage.Outlets[0].Sightings != 1 {
		t.Errorf("timeline %+v", line)
	}
	narrow, err := h.Timeline(t.Context(), "delays", TimelineAsk{Orgs: []string{"union"}, From: time.Date(2025, 3, 3, 0, 0, 0, 0, time.UTC), To: time.Date(2025, 3, 4, 0, 0, 0, 0, time.UTC)})
	must(t, err)
	if narrow.Total != 1 {
		t.Errorf("of the union on 3 March: %d entries, want 1", narrow.Total)
	}
}

func TestIncidentsThatNameEachOtherAreRefused(t *testing.T) {
	h := county(t)
	h.incident(record.Incident{Slug: "self", Name: "Self", Query: "backlog OR incident:self"})
	h.incident(record.Incident{Slug: "ring-a", Name: "A", Query: "incident:ring-b"})
	h.incident(record.Incident{Slug: "ring-b", Name: "B", Query: "incident:ring-a"})
	for _, slug := range []string{"self", "ring-a"} {
		if _, err := h.Search(t.Context(), Ask{Q: "incident:" + slug}); !errors.Is(err, record.ErrInvalid) || !strings.Contains(err.Error(), "names itself") {
			t.Errorf("incident:%s: %v, want a refusal that says it names itself", slug, err)
		}
	}
	h.incident(record.Incident{Slug: "level-0", Name: "0", Query: "backlog"})
	for i := 1; i < 8; i++ {
		all := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("incident:level-%d OR ", i-1), 40), " OR ")
		h.incident(record.Incident{Slug: fmt.Sprintf("level-%d", i), Name: "n", Query: all})
	}
	if _, err := h.Search(t.Context(), Ask{Q: "incident:level-7"}); !errors.Is(err, record.ErrInvalid) || !strings.Contains(err.Error(), "more than 64") {
		t.Errorf("40 to the 7th incidents: %v, want a refusal", err)
	}
}

func TestEachAndAllGiveWhatTheTotalSays(t *testing.T) {
	h := county(t)
	var got []string
	n, err := h.Each(t.Context(), Ask{Q: "org:union", Sort: query.Oldest, Limit: 1, Cursor: "not looked at"}, func(s record.Statement) error {
		got = append(got, s.Text)
		return nil
	})
	if err != nil || n != 2 || !slices.Equal(got, []string{backlog, strike}) {
		t.Errorf("Each gave %d, %v: %q", n, err, got)
	}
	if n, err := h.All(t.Context(), func(record.Statement) error { return nil }); err != nil || n != 4 {
		t.Errorf("All gave %d, %v; want 4", n, err)
	}
	stop := errors.New("stop")
	if n, err := h.Each(t.Context(), Ask{}, func(record.Statement) error { return stop }); !errors.Is(err, stop) || n != 0 {
		t.Errorf("Each went on after an error: %d, %v", n, err)
	}
}

func TestAHiddenStatementNeverComesOut(t *testing.T) {
	h := county(t)
	s, err := h.db.Statement(t.Context(), h.say("https://news.example/h", "union", 7, "The backlog of hidden words.")[0])
	must(t, err)
	c, err := h.ar.Put(t.Context(), archive.Exchange{URL: "urn:rows:1", At: now(), Via: "row", Body: []byte("row")})
	must(t, err)
	for i, mark := range []string{"hidden", "embargoed"} {
		s.ID, s.Mark = record.ID(fmt.Sprintf("st_marked%d", i)), mark
		s.Text = "Marked words of nobody, number " + string(rune('a'+i))
		for k := range s.Sightings {
			s.Sightings[k].Words, s.Sightings[k].Spans = s.Text, []record.Span{{Start: 0, End: len(s.Text)}}
			s.Sightings[k].CanonicalURL = "https://far.example/" + mark
			s.Sightings[k].Page = record.PageID(s.Sightings[k].CanonicalURL)
		}
		s.Wordings = []record.Wording{{N: 1, Text: s.Text, First: s.FirstSeen, Last: s.FirstSeen, Front: true, Stands: true}}
		c.ID = record.ID(fmt.Sprintf("cap_row%d", i))
		_, err := h.db.Adopt(t.Context(), c, []record.Statement{s})
		must(t, err)
	}
	h.follow()
	marked := 0
	for _, id := range h.all() {
		s, err := h.db.Statement(t.Context(), id)
		must(t, err)
		if s.Mark == "" {
			continue
		}
		marked++
		if _, err := h.Statement(t.Context(), id); !errors.Is(err, record.ErrNotFound) {
			t.Errorf("%s statement %s: %v, want not found", s.Mark, id, err)
		}
	}
	if marked != 2 {
		t.Fatalf("%d marked statements on record, want 2", marked)
	}
	f, err := h.Search(t.Context(), Ask{})
	must(t, err)
	if len(f.Statements) != 5 || f.Total != 5 {
		t.Errorf("search gives %d of %d, want 5 of 5", len(f.Statements), f.Total)
	}
	if n, err := h.All(t.Context(), func(record.Statement) error { return nil }); err != nil || n != 5 {
		t.Errorf("All gave %d, %v; want 5", n, err)
	}
}

func TestAStatementComesWithItsEvidenceAndWordings(t *testing.T) {
	h := open(t)
	address := "https://board.example/statement"
	id := h.say(address, "board", 3, "We are sorry for the considerable delay of all results in the county this week.")[0]
	if more := h.capture(address, "board", 3, time.Date(2025, 3, 4, 9, 0, 0, 0, time.UTC), "We are deeply sorry for the considerable delay of all results in the county this week."); len(more) != 0 {
		t.Fatalf("the edit became another statement: %v", more)
	}
	d, err := h.Statement(t.Context(), id)
	must(t, err)
	if len(d.Wordings) != 2 || len(d.Changes) != 1 || len(d.Evidence) != len(d.Sightings) {
		t.Fatalf("%d wordings, %d changes, %d pieces of evidence for %d sightings", len(d.Wordings), len(d.Changes), len(d.Evidence), len(d.Sightings))
	}
	added := ""
	for _, p := range d.Changes[0].Pieces {
		if p.Op == '+' {
			added += p.Text
		}
	}
	if strings.TrimSpace(added) != "deeply" {
		t.Errorf("the change adds %q, want deeply", added)
	}
	for i, e := range d.Evidence {
		if e.Elsewhere || e.SHA256 == "" || e.File == "" || e.SHA256 != d.Sightings[i].SHA256 {
			t.Errorf("evidence %d: %+v", i, e)
		}
		c, x, err := h.Kept(t.Context(), e.SHA256)
		if err != nil || c.ID != e.ID || !strings.Contains(string(x.Body), "sorry") {
			t.Errorf("kept %s: %v, %q", c.ID, err, x.Body)
		}
	}
	versions, err := h.Versions(t.Context(), d.Sightings[0].Page)
	if err != nil || len(versions) != 2 || len(versions[1].AddedText) != 1 {
		t.Errorf("versions %+v, %v; want two, the second with one sentence added", versions, err)
	}
}

func TestFacetsCountWhatTheQuestionFinds(t *testing.T) {
	h := county(t)
	got, err := h.Facets(t.Context(), Ask{Q: "kind:quote"}, []string{"org", "day"})
	must(t, err)
	if len(got) != 2 || got[0].Values[0] != (index.ValueCount{Value: "union", Count: 2}) || len(got[1].Values) != 4 || got[1].Values[0].Value != "2025-03-03" {
		t.Errorf("facets %+v", got)
	}
	if _, err := h.Facets(t.Context(), Ask{}, []string{"colour"}); !errors.Is(err, record.ErrInvalid) {
		t.Errorf("an unknown facet: %v, want invalid", err)
	}
}

func TestOrganisationsAndPeople(t *testing.T) {
	h := county(t)
	o, err := h.Organisation(t.Context(), "union")
	if err != nil || o.Statements != 2 || len(o.Latest) != 2 || o.Latest[0].Text != strike {
		t.Errorf("union: %d statements, latest %v, %v", o.Statements, o.Latest, err)
	}
	if o, err := h.Organisation(t.Context(), "quiet"); err != nil || o.Statements != 0 || o.Name != "Quiet Office" {
		t.Errorf("an organisation that said nothing: %+v, %v", o, err)
	}
	if _, err := h.Organisation(t.Context(), "onion"); !errors.Is(err, record.ErrNotFound) || !strings.Contains(err.Error(), `"union"`) {
		t.Errorf("unknown organisation: %v, want union suggested", err)
	}
	people, err := h.People(t.Context(), "union", "", 0)
	must(t, err)
	if len(people) != 1 {
		t.Fatalf("people of the union: %v, want one", people)
	}
	p, err := h.Person(t.Context(), people[0].ID)
	if err != nil || p.Name != "Jane Roe" || len(p.Latest) != 2 {
		t.Errorf("person %+v, %v; want two statements of Jane Roe for the union", p, err)
	}
}

func TestHealthSaysHowFarTheIndexIsBehind(t *testing.T) {
	h := county(t)
	before, err := h.Health(t.Context())
	must(t, err)
	if before.Behind != 0 || before.Counts.Statements != 4 || h.Ready(t.Context()) != nil {
		t.Errorf("health %+v, ready %v", before, h.Ready(t.Context()))
	}
	h.incident(record.Incident{Slug: "i", Name: "I"})
	after, err := h.Health(t.Context())
	must(t, err)
	if after.Behind < 1 {
		t.Errorf("behind %d after a change that the index has not read", after.Behind)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Ready(ended); err == nil {
		t.Error("ready though the stores could not be asked")
	}
}

func TestPinsAndExclusionsFollowMergedStatements(t *testing.T) {
	h := open(t)
	pinned := h.say("https://sky.example/d", "", 6, weather)
	into := h.say("https://echo.example/d", "union", 6, "Snow closes the northern wards.")
	out := h.say("https://news.example/b", "union", 4, "The backlog is nobody's business.")
	outInto := h.say("https://echo.example/b", "union", 4, "No business of anybody's, this backlog.")
	h.incident(record.Incident{Slug: "storm", Name: "Storm", Query: "backlog", Pinned: pinned, Excluded: out})
	for from, to := range map[record.ID]record.ID{pinned[0]: into[0], out[0]: outInto[0]} {
		must(t, h.db.Merge(t.Context(), from, to, record.Edit{Who: "test", Why: "one"}))
	}
	_, err := index.CatchUp(t.Context(), h.ix, h.db, nil)
	must(t, err)
	f, err := h.Search(t.Context(), Ask{Q: "incident:storm"})
	must(t, err)
	if len(f.Statements) != 1 || f.Statements[0].ID != into[0] {
		t.Errorf("the incident holds %+v, want the statement that the pinned one went into", f.Statements)
	}
	// What is pinned itself is not left out because of what was merged into it.
	h.incident(record.Incident{Slug: "both", Name: "Both", Query: "nothing", Pinned: outInto, Excluded: out})
	if f, err = h.Search(t.Context(), Ask{Q: "incident:both"}); err != nil || len(f.Statements) != 1 || f.Statements[0].ID != outInto[0] {
		t.Errorf("pinned and, by a merged id, left out: %+v, %v", f.Statements, err)
	}
}

// FuzzCursor: nothing that a client makes up is taken for a cursor of ours.
func FuzzCursor(f *testing.F) {
	d := &Desk{key: []byte("0123456789abcdef0123456789abcdef")}
	own := d.sealCursor(place{}, asked{})
	f.Add(own)
	f.Add("AAAA")
	f.Add(strings.Repeat("A", 400))
	f.Fuzz(func(t *testing.T, s string) {
		_, err := d.openCursor(s, asked{})
		made, _ := base64.RawURLEncoding.DecodeString(own)
		if got, bad := base64.RawURLEncoding.DecodeString(s); bad == nil && bytes.Equal(got, made) {
			if err != nil {
				t.Errorf("our own cursor: %v", err)
			}
			return
		}
		if !errors.Is(err, ErrCursor) {
			t.Errorf("%q is taken for a cursor (%v)", s, err)
		}
	})
}
