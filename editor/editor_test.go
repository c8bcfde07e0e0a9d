package editor

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onrecord/catalogue/sqlite"
	"onrecord/query"
	"onrecord/record"
	"onrecord/register"
)

func now() time.Time { return time.Date(2025, 3, 20, 12, 0, 0, 0, time.UTC) }

// open gives an editor on a real catalogue that holds the statements st_a to
// st_d.
func open(t *testing.T) (*Editor, *sqlite.DB) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "catalogue.db"), sqlite.Options{Clock: now})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	reg, err := register.Read(strings.NewReader(`[{"id":"board","name":"Board of Health"},{"id":"union","name":"Doctors' Union"}]`), "test")
	must(t, err)
	var rows []record.Statement
	for _, x := range []string{"a", "b", "c", "d"} {
		words := "Words that nobody else says: " + strings.Repeat(x, 9)
		address := "https://news.example/" + x
		who := record.Speaker{Name: "Person " + x, Org: "board", OrgName: "Board of Health"}
		rows = append(rows, record.Statement{
			ID: record.ID("st_" + x), Kind: record.Quote, Text: words, Speaker: who, FirstSeen: now(), Confidence: 1, Status: record.Current,
			Wordings: []record.Wording{{N: 1, Text: words, First: now(), Last: now(), Front: true, Stands: true}},
			Sightings: []record.Sighting{{
				Page: record.PageID(address), Version: 1, Capture: "cap_x", URL: address, CanonicalURL: address, Outlet: "news.example", Kind: record.Quote, Words: words,
				Spans: []record.Span{{Start: 0, End: len(words)}}, Speaker: who, Rule: "test", Confidence: 1, Captured: now(), LastSeen: now(),
			}},
		})
	}
	_, err = db.Adopt(t.Context(), record.Capture{ID: "cap_rows", URL: "urn:rows", At: now(), SHA256: strings.Repeat("0", 64), Via: "row"}, rows)
	must(t, err)
	return New(db, reg, now), db
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnIncidentGetsItsSlugFromItsName(t *testing.T) {
	e, db := open(t)
	i, err := e.AddIncident(t.Context(), NewIncident{Name: " The Café outage, July 2024 ", Query: `"test results" org:board`, Orgs: []string{"board", "board", " "}, Why: "asked for"}, "cli")
	must(t, err)
	if i.Slug != "the-cafe-outage-july-2024" || i.Name != "The Café outage, July 2024" || i.Revision != 1 || !slices.Equal(i.Orgs, []string{"board"}) {
		t.Errorf("stored as %+v", i)
	}
	stored, err := db.Incident(t.Context(), i.Slug)
	if err != nil || stored.Query != i.Query {
		t.Errorf("read back %+v, %v", stored, err)
	}
	edits, err := db.Edits(t.Context(), 0, 10)
	if err != nil || len(edits) != 1 || edits[0].Who != "cli" || edits[0].Action != "incident.add" || edits[0].Target != i.Slug || edits[0].Why != "asked for" || !strings.Contains(edits[0].Value, `"revision":1`) {
		t.Errorf("edit log %+v, %v", edits, err)
	}
	if _, err := e.AddIncident(t.Context(), NewIncident{Name: "The cafe outage: July 2024"}, "cli"); !errors.Is(err, record.ErrExists) {
		t.Errorf("the same slug again: %v, want already there", err)
	}
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{
		"IT outage 2024": "it-outage-2024", "Doctors’ strike": "doctors-strike", "--Ünïcode & más--": "unicode-mas", "事件": "", "": "", "ﬁve": "five",
		strings.Repeat("long ", 40): strings.TrimSuffix(strings.Repeat("long-", 16), "-"),
	} {
		got := Slug(name)
		if got != want || len(got) > 80 {
			t.Errorf("Slug(%q) = %q, want %q", name, got, want)
		}
	}
}

func FuzzSlug(f *testing.F) {
	f.Add("Ünïcode & más")
	f.Fuzz(func(t *testing.T, name string) {
		slug := Slug(name)
		if slug == "" {
			return
		}
		if err := (record.Incident{Slug: slug, Name: "n"}).Check(); err != nil {
			t.Errorf("Slug(%q) = %q: %v", name, slug, err)
		}
	})
}

func TestARefusedIncidentSaysWhy(t *testing.T) {
	e, db := open(t)
	_, err := e.AddIncident(t.Context(), NewIncident{Slug: "outage-2024", Name: "Outage"}, "cli")
	must(t, err)
	for name, tt := range map[string]struct {
		in   NewIncident
		want string
	}{
		"no name":                {NewIncident{Slug: "x"}, "name is missing"},
		"no letters in its name": {NewIncident{Name: "事件"}, "give one"},
		"slug of another form":   {NewIncident{Slug: "Two Words", Name: "n"}, "lower-case"},
		"query not closed":       {NewIncident{Name: "n", Query: `"backlog`}, "not closed"},
		"unknown field":          {NewIncident{Name: "n", Query: "orgg:board"}, "org:board"},
		"sort in its query":      {NewIncident{Name: "n", Query: "backlog sort:oldest"}, "sort:oldest"},
		"unknown organisation":   {NewIncident{Name: "n", Orgs: []string{"bord"}}, `did you mean "board"?`},
		"window backwards":       {NewIncident{Name: "n", From: now(), To: now().Add(-time.Hour)}, "before it begins"},
		"unknown incident":       {NewIncident{Name: "n", Query: "incident:outage-2025"}, `did you mean "outage-2024"?`},
		"its own name":           {NewIncident{Name: "n", Slug: "me", Query: "incident:me"}, "me -> me"},
		"endless summary":        {NewIncident{Name: "n", Summary: strings.Repeat("a", 30_000)}, "at most"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := e.AddIncident(t.Context(), tt.in, "cli")
			if !errors.Is(err, record.ErrInvalid) && !errors.Is(err, record.ErrTooLarge) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("AddIncident gave %v, want a refusal with %q", err, tt.want)
			}
		})
	}
	var bad *query.Error
	if _, err := e.AddIncident(t.Context(), NewIncident{Name: "n", Query: "a ("}, "cli"); !errors.As(err, &bad) || bad.Column == 0 {
		t.Errorf("no column for a broken query: %v", err)
	}
	if edits, err := db.Edits(t.Context(), 0, 100); err != nil || len(edits) != 1 {
		t.Errorf("%d lines in the edit log after one change, %v", len(edits), err)
	}
}

func TestAQueryMayNotComeBackToItsIncident(t *testing.T) {
	e, _ := open(t)
	a, err := e.AddIncident(t.Context(), NewIncident{Slug: "a", Name: "A"}, "cli")
	must(t, err)
	_, err = e.AddIncident(t.Context(), NewIncident{Slug: "b", Name: "B", Query: "incident:a"}, "cli")
	must(t, err)
	round := "backlog OR incident:b"
	if _, err := e.Change(t.Context(), "a", a.Revision, Change{Query: &round}, "cli", ""); !errors.Is(err, record.ErrInvalid) || !strings.Contains(err.Error(), "a -> b -> a") {
		t.Errorf("a ring of incidents: %v, want a refusal that shows it", err)
	}
}

func TestPinsAndWhatIsLeftOut(t *testing.T) {
	e, db := open(t)
	_, err := e.AddIncident(t.Context(), NewIncident{Slug: "i", Name: "I"}, "cli")
	must(t, err)
	check := func(step string, i record.Incident, err error, pinned, excluded string) {
		t.Helper()
		join := func(ids []record.ID) string {
			out := ""
			for _, id := range ids {
				out += string(id)
			}
			return out
		}
		if err != nil || join(i.Pinned) != pinned || join(i.Excluded) != excluded {
			t.Errorf("%s: pinned %v, left out %v, %v; want %q and %q", step, i.Pinned, i.Excluded, err, pinned, excluded)
		}
	}
	i, err := e.Pin(t.Context(), "i", "st_a", "cli", "")
	check("pin a", i, err, "st_a", "")
	i, err = e.Pin(t.Context(), "i", "st_a", "cli", "")
	check("pin a again", i, err, "st_a", "")
	i, err = e.Exclude(t.Context(), "i", "st_a", "cli", "not about it")
	check("leave a out", i, err, "", "st_a")
	i, err = e.Pin(t.Context(), "i", "st_b", "cli", "")
	check("pin b", i, err, "st_b", "st_a")
	i, err = e.Unpin(t.Context(), "i", "st_a", "cli", "")
	check("a by the query again", i, err, "st_b", "")
	if edits, err := db.Edits(t.Context(), 0, 100); err != nil || len(edits) != 5 {
		t.Errorf("%d lines in the edit log, %v; want 5: what changed nothing leaves none", len(edits), err)
	}
	if _, err := e.Pin(t.Context(), "i", "st_nobody", "cli", ""); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("pin of an unknown statement: %v", err)
	}
	if _, err := e.Pin(t.Context(), "ii", "st_a", "cli", ""); !errors.Is(err, record.ErrNotFound) || !strings.Contains(err.Error(), `"i"`) {
		t.Errorf("pin into an unknown incident: %v, want i suggested", err)
	}
}

func TestPinsAtTheSameMomentAreAllKept(t *testing.T) {
	e, db := open(t)
	_, err := e.AddIncident(t.Context(), NewIncident{Slug: "i", Name: "I"}, "cli")
	must(t, err)
	var all sync.WaitGroup
	for _, id := range []record.ID{"st_a", "st_b", "st_c", "st_d"} {
		all.Go(func() {
			if _, err := e.Pin(t.Context(), "i", id, "cli", ""); err != nil {
				t.Errorf("pin %s: %v", id, err)
			}
		})
	}
	all.Wait()
	if i, err := db.Incident(t.Context(), "i"); err != nil || len(i.Pinned) != 4 || i.Revision != 5 {
		t.Errorf("pinned %v at revision %d, %v; want four at 5", i.Pinned, i.Revision, err)
	}
}

func TestAChangeNamesTheRevisionItRead(t *testing.T) {
	e, _ := open(t)
	i, err := e.AddIncident(t.Context(), NewIncident{Slug: "i", Name: "I", Query: "backlog"}, "cli")
	must(t, err)
	name := "Another"
	changed, err := e.Change(t.Context(), "i", i.Revision, Change{Name: &name}, "cli", "")
	if err != nil || changed.Name != name || changed.Query != "backlog" || changed.Revision != 2 {
		t.Errorf("changed to %+v, %v", changed, err)
	}
	if _, err := e.Change(t.Context(), "i", i.Revision, Change{Name: &name}, "cli", ""); !errors.Is(err, record.ErrStale) {
		t.Errorf("a change on what was read before: %v, want stale", err)
	}
}
