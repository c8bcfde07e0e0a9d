package desk

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"onrecord/query"
	"onrecord/record"
)

func at(day, hour int) time.Time { return time.Date(2025, 3, day, hour, 0, 0, 0, time.UTC) }

const (
	slow  = "Results are delayed and the laboratory works through the night."
	quick = "Results are delayed and the laboratory works through the night, and no patient data was lost."
)

// edited is a page that gave one statement other words two days later.
func edited(t *testing.T) *house {
	h := county(t)
	h.capture("https://news.example/e", "board", 7, at(7, 9), slow)
	h.capture("https://news.example/e", "board", 7, at(8, 9), slow)
	h.capture("https://news.example/e", "board", 7, at(9, 9), quick)
	h.capture("https://other.example/f", "board", 10, at(10, 9), quick)
	if n := len(h.all()); n != 5 {
		t.Fatalf("%d statements, want 5: the edit is a wording of the same statement", n)
	}
	return h
}

func TestTheRecordAsItStood(t *testing.T) {
	h := edited(t)
	for q, want := range map[string][]string{
		"asof:2025-03-08":                         {slow, backlog, sorry, strike, weather},
		"asof:2025-03-09":                         {quick, backlog, sorry, strike, weather},
		"asof:2025-03-07T08:59Z":                  {backlog, sorry, strike, weather},
		"asof:2025-03-03":                         {backlog},
		"asof:2025-03-02":                         {},
		`"patient data" asof:2025-03-08`:          {},
		`"patient data" asof:2025-03-09`:          {quick},
		"delayed asof:2025-03-08":                 {slow, sorry},
		"-patient asof:2025-03-08 org:board":      {slow, sorry},
		"edited:yes asof:2025-03-08":              {},
		"edited:yes asof:2025-03-09":              {quick},
		"sightings:1 laboratory asof:2025-03-08":  {slow},
		"sightings:3 laboratory asof:2025-03-10":  {quick},
		"outlet:other.example asof:2025-03-09":    {},
		"asof:2099 laboratory":                    {quick},
		`version:any "the night" asof:2025-03-09`: {quick},
	} {
		slices.Sort(want)
		if got := h.texts(Ask{Q: q}); !slices.Equal(got, want) {
			t.Errorf("%s finds %q, want %q", q, got, want)
		}
	}
	f, err := h.Search(t.Context(), Ask{Q: "laboratory", Fields: map[string][]string{"asof": {"2025-03-08"}}})
	must(t, err)
	if f.Total != 1 || len(f.Statements[0].Wordings) != 1 || len(f.Statements[0].Sightings) != 1 || f.Statements[0].Status != record.Current {
		t.Errorf("as it stood: total %d, %+v; want one wording, one sighting, current", f.Total, f.Statements)
	}
	if !strings.Contains(f.Query.Normalised, "asof:2025-03-08") || !strings.Contains(f.Query.Explain, "8 March 2025") {
		t.Errorf("the answer does not say as of when: %+v", f.Query)
	}
}

func TestFirstTellsWhenWordsCame(t *testing.T) {
	h := edited(t)
	f, err := h.Search(t.Context(), Ask{Q: `first:"no patient data"`})
	must(t, err)
	if len(f.Statements) != 1 || f.Statements[0].First == nil {
		t.Fatalf("found %+v, want the edited statement with the capture that first held the words", f.Statements)
	}
	got := f.Statements[0].First
	if !got.Held.At.Equal(at(9, 9)) || got.Held.Outlet != "news.example" || got.Held.Version != 2 {
		t.Errorf("held %+v, want on 9 March at 9 at news.example, version 2", got.Held)
	}
	if got.Lacked == nil || !got.Lacked.At.Equal(at(8, 9)) || got.Lacked.Capture == "" {
		t.Errorf("lacked %+v, want the capture of 8 March at 9", got.Lacked)
	}
	f, err = h.Search(t.Context(), Ask{Fields: map[string][]string{"first": {"laboratory works"}}})
	must(t, err)
	if got := f.Statements[0].First; !got.Held.At.Equal(at(7, 9)) || got.Lacked != nil {
		t.Errorf("words that stood there from the first capture: %+v, %+v", got.Held, got.Lacked)
	}
	if rows := h.texts(Ask{Q: `-first:"no patient data" laboratory`}); len(rows) != 0 {
		t.Errorf("excluded words are found: %q", rows)
	}
}

func TestEarlierWordingsAreSearchedOnlyWhenAsked(t *testing.T) {
	h := edited(t)
	h.capture("https://news.example/e", "board", 7, at(11, 9), "Results are on time and the laboratory works through the night, and no patient data was lost.")
	old := `"results are delayed"`
	if got := h.texts(Ask{Q: "version:any " + old}); len(got) != 1 {
		t.Errorf("version:any %s finds %q, want the statement that once had these words", old, got)
	}
}

func TestLikeFindsWhatSharesTellingWords(t *testing.T) {
	h := county(t)
	near := "Hospitals report a considerable backlog of blood test results."
	h.say("https://news.example/g", "board", 8, near)
	h.say("https://news.example/h", "board", 9, "The considerable backlog of operations is for the results of a test to show.")
	h.follow()
	var id record.ID
	f, err := h.Search(t.Context(), Ask{Q: `"there is a considerable backlog"`})
	must(t, err)
	id = f.Statements[0].ID
	f, err = h.Search(t.Context(), Ask{Q: "like:" + string(id)})
	must(t, err)
	if f.Sort != query.Relevance || len(f.Statements) != 2 || f.Total != 2 {
		t.Errorf("like finds %d of %d by %s, want two by relevance", len(f.Statements), f.Total, f.Sort)
	}
	for _, row := range f.Statements {
		if row.ID == id || row.Text == weather {
			t.Errorf("like finds %q", row.Text)
		}
	}
	if _, err := h.Search(t.Context(), Ask{Q: "like:st_none"}); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("like an unknown statement: %v", err)
	}
}

func TestSourceFindsWhatWasFoundThere(t *testing.T) {
	h := county(t)
	src := record.Source{URL: "https://news.example/", Kind: record.SourcePage, Enabled: true}
	src.ID = record.SourceID(src.URL)
	must(t, h.db.SetSources(t.Context(), []record.Source{src}, record.Edit{Who: "test", Action: "source.add"}))
	_, err := h.db.Visited(t.Context(), []record.Visit{{URL: "https://news.example/a", Source: src.ID, Lead: true}, {URL: "https://news.example/c", Source: src.ID, Lead: true}}, nil)
	must(t, err)
	want := []string{strike, backlog}
	slices.Sort(want)
	if got := h.texts(Ask{Q: "source:" + string(src.ID)}); !slices.Equal(got, want) {
		t.Errorf("source finds %q, want %q", got, want)
	}
	if got := h.texts(Ask{Fields: map[string][]string{"source": {string(src.ID)}}, Q: "strike"}); !slices.Equal(got, []string{strike}) {
		t.Errorf("source and a word find %q", got)
	}
	if _, err := h.Search(t.Context(), Ask{Q: "source:src_none"}); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("an unknown source: %v", err)
	}
}

func TestCollapseNoneGivesARowForEachSighting(t *testing.T) {
	h := edited(t)
	for day := 11; day < 15; day++ {
		h.capture("https://outlet"+string(rune('a'+day))+".example/x", "board", 10, at(day, 9), quick)
	}
	whole, err := h.Search(t.Context(), Ask{Q: "collapse:none"})
	must(t, err)
	if whole.Total != len(whole.Statements) || whole.Total < 10 {
		t.Errorf("%d rows of %d in all, want as many and ten at least", len(whole.Statements), whole.Total)
	}
	for _, limit := range []int{1, 2, 3, 7} {
		var got []Row
		a := Ask{Fields: map[string][]string{"collapse": {"none"}}, Limit: limit}
		for {
			f, err := h.Search(t.Context(), a)
			must(t, err)
			if len(f.Statements) > limit || f.Total != whole.Total || len(got) > 50 {
				t.Fatalf("%d rows of at most %d, total %d", len(f.Statements), limit, f.Total)
			}
			got = append(got, f.Statements...)
			if a.Cursor = f.Next; a.Cursor == "" {
				break
			}
		}
		if !slices.EqualFunc(got, whole.Statements, func(a, b Row) bool { return a.ID == b.ID && *a.Sighting == *b.Sighting }) {
			t.Errorf("in pages of %d: %d rows, want the %d of one page in their order", limit, len(got), len(whole.Statements))
		}
	}
	then, err := h.Search(t.Context(), Ask{Q: "laboratory collapse:none asof:2025-03-10"})
	must(t, err)
	if then.Total != 3 || len(then.Statements) != 3 {
		t.Errorf("as it stood: %d rows of %d, want 3", len(then.Statements), then.Total)
	}
	if n, err := h.Each(t.Context(), Ask{Q: "collapse:none"}, func(record.Statement) error { return nil }); err != nil || n != 5 {
		t.Errorf("Each gives %d statements, %v; want 5, each once", n, err)
	}
}
