package demo_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"

	"onrecord/archive"
	"onrecord/archive/warcfile"
	"onrecord/catalogue/sqlite"
	"onrecord/demo"
	"onrecord/desk"
	"onrecord/editor"
	"onrecord/export"
	"onrecord/extract"
	"onrecord/index"
	"onrecord/index/bleveindex"
	"onrecord/ingest"
	"onrecord/record"
	"onrecord/register"
	"onrecord/timeline"
)

func theRegister(t *testing.T) *register.Register {
	t.Helper()
	r, err := register.Read(bytes.NewReader(demo.Register()), "the demo's register")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// reading is what one capture puts on record, by itself.
type reading struct {
	capture demo.Capture
	page    record.Page
	found   []record.Statement
}

func readAll(t *testing.T) []reading {
	t.Helper()
	reg := theRegister(t)
	var out []reading
	for _, c := range demo.Pages() {
		p, found, err := ingest.Read(extract.Input{URL: c.URL, At: c.At, MediaType: c.MediaType, Body: c.Body}, reg)
		if err != nil {
			t.Errorf("%s at %s: %v", c.URL, c.At, err)
		}
		out = append(out, reading{c, p, found})
	}
	return out
}

// onRecord takes the whole world through the real road and gives the
// incident's statements as the desk lays them out.
func onRecord(t *testing.T) []timeline.Entry {
	t.Helper()
	d, e := house(t)
	i := demo.Incident()
	_, err := e.AddIncident(t.Context(), editor.NewIncident{Slug: i.Slug, Name: i.Name, Summary: i.Summary, From: i.From, To: i.To, Orgs: i.Orgs}, "test")
	must(t, err)
	l, err := d.Timeline(t.Context(), i.Slug, desk.TimelineAsk{})
	must(t, err)
	var out []timeline.Entry
	for _, d := range l.Days {
		out = append(out, d.Entries...)
	}
	return out
}

// house has the whole world on record, read by the real road and indexed, but
// no incident.
func house(t *testing.T) (*desk.Desk, *editor.Editor) {
	t.Helper()
	dir := t.TempDir()
	now := func() time.Time { return demo.Ends }
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "catalogue.db"), sqlite.Options{Clock: now})
	must(t, err)
	ix, err := bleveindex.Open(filepath.Join(dir, "index"))
	must(t, err)
	ar, err := warcfile.Open(filepath.Join(dir, "archive"), warcfile.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, errors.Join(ix.Close(), db.Close(), ar.Close())) })
	reg := theRegister(t)
	in := ingest.New(ar, db, reg, export.ParseRow, slog.New(slog.DiscardHandler))
	for _, p := range demo.Pages() {
		_, err := in.Exchange(t.Context(), archive.Exchange{URL: p.URL, At: p.At, Via: "import", Header: http.Header{"Content-Type": {p.MediaType}}, Body: p.Body}, nil)
		must(t, err)
	}
	_, err = index.CatchUp(t.Context(), ix, db, nil)
	must(t, err)
	return desk.New(db, ix, ar, reg, now, []byte("0123456789abcdef")), editor.New(db, reg, now)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const (
	hsb     = "https://www.hsb.example"
	ucm     = "https://www.ucm.example"
	gov     = "https://www.gov.example"
	echo    = "https://www.brackenshire-echo.example"
	clarion = "https://www.dailyclarion.example"
	wire    = "https://northwire.example"
	room    = "https://consultingroom.example"

	statement = hsb + "/2025/03/labline-results-statement/"
)

func TestEveryPageOfTheWorldIsRead(t *testing.T) {
	reg := theRegister(t)
	words := 0
	for _, a := range demo.Answers() {
		if a.Status != 0 || strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") {
			continue
		}
		p, found, err := ingest.Read(extract.Input{URL: a.URL, At: a.From, Header: a.Header, Body: a.Body}, reg)
		if err != nil {
			t.Errorf("%s from %s: %v", a.URL, a.From, err)
			continue
		}
		words += len(found)
		for _, s := range found {
			if err := s.Check(p); err != nil {
				t.Error(err)
			}
		}
		if slip := realBodies.FindString(p.Title + "\n" + p.Text); slip != "" {
			t.Errorf("%s names %s", a.URL, slip)
		}
	}
	if words < 100 {
		t.Errorf("%d statements in all answers, want 100 or more", words)
	}
	if slip := realBodies.Find(demo.Register()); slip != nil {
		t.Errorf("the register names %s", slip)
	}
}

// realBodies is a net for slips of the pen: what such pages name outside this
// world.
var realBodies = regexp.MustCompile(`\b(NHS|BMA|RCGP|CQC|MHRA|DHSC|NPA|EMIS|TPP|SystmOne|Synnovis|CrowdStrike|Microsoft|BBC|ITV|Reuters|Guardian|Telegraph|Daily Mail|England|Scotland|Wales|Britain|British|UK|London|Whitehall|Parliament|Westminster|GOV\.UK|Royal College)\b`)

func TestEveryEntryOfEveryFeedIsRead(t *testing.T) {
	item := regexp.MustCompile(`<(item|entry)>`)
	broken, feeds := 0, 0
	for _, a := range demo.Answers() {
		want := len(item.FindAll(a.Body, -1))
		if !strings.Contains(a.Header.Get("Content-Type"), "xml") {
			continue
		}
		feeds++
		p, ok := extract.FeedPage(extract.Input{URL: a.URL, At: a.From, Header: a.Header, Body: a.Body})
		if !ok || len(p.Leads) != want {
			t.Errorf("%s from %s: %d leads of %d entries", a.URL, a.From, len(p.Leads), want)
		}
		for _, l := range p.Leads {
			if l.Title == "" || !strings.HasPrefix(l.URL, "https://") || !l.At.Known() {
				t.Errorf("%s: lead %+v lacks something", a.URL, l)
			}
		}
		if utf8.Valid(a.Body) {
			continue
		}
		broken++
		if doc := extract.Feed(extract.Input{URL: a.URL, Header: a.Header, Body: a.Body}, extract.FeedOptions{}); want > 0 && (!doc.Bozo || !strings.Contains(doc.Entries[want-1].Summary, "hasn’t got your result")) {
			t.Errorf("%s from %s: the broken byte is read as %q, problems %q", a.URL, a.From, doc.Entries[want-1].Summary, doc.Problems)
		}
	}
	if broken == 0 || feeds < 20 {
		t.Errorf("%d states of feeds, %d of them broken", feeds, broken)
	}
}

func TestEveryEntryOfEveryListingIsSelected(t *testing.T) {
	listings := 0
	for _, s := range demo.Sources() {
		if s.Kind != "listing" {
			continue
		}
		longest := 0
		for _, a := range demo.Answers() {
			if a.URL != s.URL {
				continue
			}
			doc, err := goquery.NewDocumentFromReader(bytes.NewReader(a.Body))
			must(t, err)
			selected := doc.Find(s.Links).Length()
			if selected < longest {
				t.Errorf("%s from %s: %q selects %d links, earlier %d", a.URL, a.From, s.Links, selected, longest)
			}
			longest = selected
		}
		if listings++; longest < 3 {
			t.Errorf("%s: %q selects %d links", s.URL, s.Links, longest)
		}
	}
	if listings < 3 {
		t.Errorf("%d listings", listings)
	}
}

func TestACountedLinkIsTheSamePage(t *testing.T) {
	leads := map[string]map[string]bool{} // by canonical address: the addresses as feeds print them
	for _, a := range demo.Answers() {
		p, ok := extract.FeedPage(extract.Input{URL: a.URL, At: a.From, Header: a.Header, Body: a.Body})
		if !ok {
			continue
		}
		for _, l := range p.Leads {
			c, err := extract.Canonical(l.URL)
			must(t, err)
			if leads[c] == nil {
				leads[c] = map[string]bool{}
			}
			leads[c][l.URL] = true
		}
	}
	if got := leads[echo+"/news/eleven-telephones"]; len(got) != 2 {
		t.Errorf("the Echo's feeds link to the page as %v, want two ways", got)
	}
}

func TestTheRemovedPageWasThere(t *testing.T) {
	const address = echo + "/news/eleven-operations-called-off"
	var every time.Duration
	for _, s := range demo.Sources() {
		if s.URL == address {
			every = s.Every
		}
	}
	var states []demo.Answer
	for _, a := range demo.Answers() {
		if a.URL == address {
			states = append(states, a)
		}
	}
	if len(states) != 2 || states[0].Status != 0 || states[1].Status != http.StatusGone {
		t.Fatalf("states %+v, want a page and then 410", states)
	}
	if day := states[1].From.Day(); day != 12 || every == 0 || every > time.Hour || demo.Ends.Sub(states[1].From) < 3*time.Hour {
		t.Errorf("removed at %s and asked every %s", states[1].From, every)
	}
}

// What the demo is there to show, as the real readers find it on the page.
func TestTheReadersFindWhatTheWorldShows(t *testing.T) {
	all := readAll(t)
	for name, tt := range map[string]struct {
		url     string
		kind    record.Kind
		speaker string // as Speaker.String prints it
		words   string // the beginning
	}{
		"a statement page":          {statement, record.Release, "Health Service Brackenshire", "We are aware of a fault in LabLine"},
		"curly double marks":        {echo + "/news/surgeries-without-blood-results", record.Quote, "spokesperson, Health Service Brackenshire", "We are aware of a fault in LabLine"},
		"curly single marks":        {clarion + "/news/article-1203311.html", record.Quote, "spokesman, Health Service Brackenshire", "We are aware of a fault in LabLine"},
		"straight double marks":     {wire + "/2025/03/11/labline-fault", record.Quote, "spokesperson, Health Service Brackenshire", "We are aware of a fault in LabLine"},
		"straight single marks":     {room + "/2025/labline-what-surgeries-need-to-know", record.Quote, "Health Service Brackenshire", "Blood tests and other samples"},
		"an unnamed spokesperson":   {wire + "/2025/03/13/samples-again", record.Quote, "spokesperson, Health Service Brackenshire", "It was true when we wrote it."},
		"an embedded post":          {echo + "/news/surgeries-without-blood-results", record.PostKind, "Health Service Brackenshire", "LabLine, the system that carries test results"},
		"the same post, flattened":  {clarion + "/news/article-1203311.html", record.PostKind, "Health Service Brackenshire", "LabLine, the system that carries test results"},
		"a post elsewhere":          {echo + "/news/eleven-telephones", record.PostKind, "Patients Together Brackenshire", "16,400 is a number."},
		"a pronoun carried over":    {echo + "/news/eleven-telephones", record.Quote, "Prof Callum Westerdane, Medical Director for Health Service Brackenshire Coast", "We had a list of four hundred urgent results and eleven telephones."},
		"block quotations":          {gov + "/government/news/health-and-wellbeing-secretary-statement-on-the-labline-fault", record.Release, "Rowan Tarrowby, Health and Wellbeing Secretary, Department for Health and Wellbeing", "I have spoken to Health Service Brackenshire this morning"},
		"a union's release":         {ucm + "/media-centre/labline-test-results", record.Release, "Dr Imogen Stellbrook, chair of the Family Doctors Committee, Union of Community Medics", "Family doctors began Tuesday"},
		"a supplier's notice":       {"https://pellwright.example/newsroom/labline-service-notice/", record.Release, "Pellwright Systems", "An update to LabLine that we released"},
		"a laboratory's director":   {hsb + "/2025/03/repeat-blood-samples/", record.Release, "Dr Ansel Quillfeather, clinical director of Brackenshire Laboratories Partnership", "A sample does not wait."},
		"a joint statement":         {"https://npg.example/news/after-labline", record.Release, "Sunita Dovecroft, chair of the National Pharmacies Guild", "For four days people went to the counter"},
		"declined to comment":       {room + "/2025/labline-who-pays", record.Declined, "Health Records Inspectorate", "declined to comment"},
		"did not respond":           {echo + "/news/surgeries-without-blood-results", record.Declined, "Brackenshire Laboratories Partnership", "did not respond to a request for comment"},
		"indirect speech":           {wire + "/2025/03/13/supplier-apologises", record.Indirect, "Hanneke Brillow, chief executive of Pellwright Systems", "the company would keep the old version"},
		"a live update":             {echo + "/live/labline-failure", record.Quote, "Prof Callum Westerdane, Medical Director for Health Service Brackenshire Coast", "Cancer and maternity results are being read first."},
		"words of the removed page": {echo + "/news/eleven-operations-called-off", record.Quote, "spokesperson, Health Service Brackenshire", "We are looking into these reports"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, r := range all {
				for _, s := range r.found {
					if r.capture.URL != tt.url {
						continue
					}
					if s.Kind == tt.kind && s.Speaker.String() == tt.speaker && strings.HasPrefix(s.Text, tt.words) {
						return
					}
					got = append(got, string(s.Kind)+" of "+s.Speaker.String()+": "+s.Text)
				}
			}
			t.Errorf("%s has no %s of %s that begins %q, but\n%s", tt.url, tt.kind, tt.speaker, tt.words, strings.Join(got, "\n"))
		})
	}
}

func TestAJointStatementHasTwoSpeakers(t *testing.T) {
	for _, r := range readAll(t) {
		if r.capture.URL != "https://npg.example/news/after-labline" {
			continue
		}
		if len(r.found) != 1 || len(r.found[0].JointWith) != 1 || r.found[0].JointWith[0].Org != "patients-together" {
			t.Errorf("read as %+v", r.found)
		}
		return
	}
	t.Error("the page is not among the captures")
}

func TestTheReadersSeePagesChange(t *testing.T) {
	versions, updates, history := map[string]int{}, map[string]int{}, map[string]int{}
	for _, r := range readAll(t) {
		versions[r.page.CanonicalURL]++
		updates[r.page.CanonicalURL] = len(r.page.Updates)
		history[r.page.CanonicalURL] = len(r.page.History)
		if r.capture.URL == echo+"/live/labline-failure" && r.page.Kind != record.LiveBlog {
			t.Errorf("the live page is read as %s", r.page.Kind)
		}
		if strings.HasPrefix(r.capture.URL, statement) && r.page.Kind != record.StatementPage {
			t.Errorf("the statement page is read as %s", r.page.Kind)
		}
	}
	for name, x := range map[string]struct{ got, want int }{
		"versions of the statement":       {versions[statement], 3},
		"versions of the live page":       {versions[echo+"/live/labline-failure"], 10},
		"updates on the live page":        {updates[echo+"/live/labline-failure"], 10},
		"lines of the ministry's history": {history[gov+"/government/news/health-and-wellbeing-secretary-statement-on-the-labline-fault"], 2},
	} {
		if x.got != x.want {
			t.Errorf("%s: %d, want %d", name, x.got, x.want)
		}
	}
}

func TestTheIncidentIsLargeAndClean(t *testing.T) {
	orgs, window := map[string]int{}, demo.Incident()
	entries := onRecord(t)
	for _, e := range entries {
		s := e.Statement
		orgs[e.Lane]++
		if !slices.Contains(window.Orgs, e.Lane) {
			t.Errorf("%q of %s is on the lane %q", s.Text, s.Speaker, e.Lane)
		}
		for _, x := range s.Sightings {
			if strings.Contains(x.URL, "ferry-timetable") || strings.Contains(x.URL, "/plus/") {
				t.Errorf("%q comes from %s", s.Text, x.URL)
			}
		}
		if s.When().Sort().Before(window.From) {
			t.Errorf("%q is of %s, before the incident", s.Text, s.When())
		}
		// Others say of it that it has not commented: whatever the readers make
		// of that, it has said nothing.
		if e.Lane == "dunmarsh-hospitals" && s.Kind != record.Declined {
			t.Errorf("the silent organisation said %q", s.Text)
		}
	}
	delete(orgs, "dunmarsh-hospitals")
	if len(entries) < 45 || len(orgs) < 9 {
		t.Errorf("%d statements of %d organisations (%v), want 45 of 9", len(entries), len(orgs), orgs)
	}
}

func TestOneStatementIsSeenInFourOutlets(t *testing.T) {
	for _, e := range onRecord(t) {
		if e.Statement.Origin().URL != statement {
			continue
		}
		outlets, wordings := map[string]bool{}, map[string]bool{}
		for _, x := range e.Statement.Sightings {
			outlets[x.Outlet] = true
			if x.Outlet == "hsb.example" {
				wordings[x.Words] = true
			}
		}
		for _, want := range []string{"brackenshire-echo.example", "dailyclarion.example", "northwire.example", "consultingroom.example"} {
			if !outlets[want] {
				t.Errorf("not seen at %s, only at %v", want, outlets)
			}
		}
		if len(wordings) != 3 || e.Statement.Status != record.Updated {
			t.Errorf("%d wordings on its own page and status %s, want 3 and updated", len(wordings), e.Statement.Status)
		}
		return
	}
	t.Errorf("no statement has its origin at %s", statement)
}
