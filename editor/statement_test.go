package editor

import (
	"errors"
	"strings"
	"testing"

	"onrecord/record"
)

func TestAMergeNeedsAReasonAndNamesWhatAnswers(t *testing.T) {
	e, db := open(t)
	if _, err := e.Merge(t.Context(), "st_b", "st_a", "cli", " "); !errors.Is(err, record.ErrInvalid) || !strings.Contains(err.Error(), "say why") {
		t.Errorf("without a reason: %v", err)
	}
	got, err := e.Merge(t.Context(), "st_b", "st_a", "cli", " the same answer ")
	must(t, err)
	if len(got.Sightings) != 2 || got.ID != "st_a" || len(got.Corrections) != 1 || got.Corrections[0].Why != "the same answer" || got.Corrections[0].Who != "cli" {
		t.Errorf("merged: %+v", got)
	}
	_, err = e.Merge(t.Context(), "st_b", "st_c", "cli", "again")
	if !errors.Is(err, record.ErrStale) || !strings.Contains(err.Error(), "st_b is now st_a") {
		t.Errorf("merge of a merged one: %v", err)
	}
	if _, err := e.Merge(t.Context(), "st_a", "st_nowhere", "cli", "why"); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("into an unknown one: %v", err)
	}
	if edits, err := db.Edits(t.Context(), 0, 10); err != nil || len(edits) != 1 {
		t.Errorf("edit log %+v, %v; want one line", edits, err)
	}
}

func TestASplitNamesSightingsByAddressIDOrWords(t *testing.T) {
	for name, part := range map[string]Part{
		"address":       {Page: "https://news.example/b"},
		"id":            {Page: string(record.PageID("https://news.example/b"))},
		"some words":    {Page: "https://news.example/b", Words: "NOBODY else says"},
		"another spell": {Page: "HTTPS://news.example/b"},
	} {
		t.Run(name, func(t *testing.T) {
			e, _ := open(t)
			e.Sources(SourceRules{Canonical: func(s string) (string, error) { return strings.ToLower(s), nil }})
			_, err := e.Merge(t.Context(), "st_b", "st_a", "cli", "the same")
			must(t, err)
			stays, made, err := e.Split(t.Context(), "st_a", []Part{part}, "cli", "not the same")
			must(t, err)
			if len(stays.Sightings) != 1 || len(made.Sightings) != 1 || made.Sightings[0].CanonicalURL != "https://news.example/b" || made.ID == "st_b" {
				t.Errorf("stays %+v, made %+v", stays.Sightings, made.Sightings)
			}
		})
	}
}

func TestASplitThatNamesNothingSaysWhereItStands(t *testing.T) {
	e, _ := open(t)
	_, err := e.Merge(t.Context(), "st_b", "st_a", "cli", "the same")
	must(t, err)
	for name, part := range map[string]Part{
		"no such page":  {Page: "https://news.example/zzz"},
		"no such words": {Page: "https://news.example/b", Words: "somebody else says"},
		"half a word":   {Page: "https://news.example/b", Words: "obody else"},
	} {
		_, _, err := e.Split(t.Context(), "st_a", []Part{part}, "cli", "not the same")
		if !errors.Is(err, record.ErrInvalid) || !strings.Contains(err.Error(), "it stands on https://news.example/a, https://news.example/b") {
			t.Errorf("%s: %v", name, err)
		}
	}
	both := []Part{{Page: "https://news.example/a"}, {Page: "https://news.example/b"}}
	if _, _, err := e.Split(t.Context(), "st_a", both, "cli", "x"); !errors.Is(err, record.ErrInvalid) || !strings.Contains(err.Error(), "stay") {
		t.Errorf("all of it: %v", err)
	}
	if _, _, err := e.Split(t.Context(), "st_a", nil, "cli", "x"); !errors.Is(err, record.ErrInvalid) {
		t.Errorf("nothing named: %v", err)
	}
	words := "Words that nobody else says: " + strings.Repeat("c", 9)
	if _, _, err := e.Split(t.Context(), "st_a", []Part{{Page: "https://news.example/c", Words: words}}, "cli", "x"); !errors.Is(err, record.ErrStale) || !strings.Contains(err.Error(), "st_c") {
		t.Errorf("another statement's: %v", err)
	}
}

func TestAnAttributionTakesItsOrganisationFromTheRegister(t *testing.T) {
	e, db := open(t)
	got, err := e.Attribute(t.Context(), "st_a", NewSpeaker{Name: " Jane Roe ", Title: "Dr", Role: "chair", Org: "union"}, []NewSpeaker{{OrgName: "Varnshire Guild"}}, "cli", "the page names the wrong one")
	must(t, err)
	want := record.Speaker{Name: "Jane Roe", Title: "Dr", Role: "chair", Org: "union", OrgName: "Doctors' Union"}
	if got.Speaker != want || len(got.JointWith) != 1 || got.JointWith[0].OrgName != "Varnshire Guild" || got.Attributed().Was.Speaker.Name != "Person a" {
		t.Errorf("speaker %+v and %+v", got.Speaker, got.JointWith)
	}
	_, err = e.Attribute(t.Context(), "st_a", NewSpeaker{Name: "Jane Roe", Title: "Dr", Role: "chair", Org: "union"}, []NewSpeaker{{OrgName: "Varnshire Guild"}}, "cli", "the same again")
	must(t, err)
	back, err := e.Unattribute(t.Context(), "st_a", "cli", "the page was right")
	must(t, err)
	if back.Speaker.Name != "Person a" || back.Attributed() != nil {
		t.Errorf("taken back: %+v", back.Speaker)
	}
	_, err = e.Unattribute(t.Context(), "st_a", "cli", "twice")
	must(t, err)
	if edits, err := db.Edits(t.Context(), 0, 10); err != nil || len(edits) != 2 {
		t.Errorf("edit log %+v, %v; want two lines", edits, err)
	}
}

func TestWhatIsNoSpeakerIsRefused(t *testing.T) {
	e, _ := open(t)
	for name, tt := range map[string]struct {
		n    NewSpeaker
		says string
	}{
		"an unknown organisation": {NewSpeaker{Name: "Jane Roe", Org: "unoin"}, `"union"`},
		"a title for nobody":      {NewSpeaker{Title: "Dr", Org: "union"}, "without a name"},
		"two names of one body":   {NewSpeaker{Org: "union", OrgName: "The Union"}, "leave"},
		"two lines":               {NewSpeaker{Name: "Jane\nRoe"}, "one line"},
		"no letters":              {NewSpeaker{Name: "123"}, "no letters"},
		"too long":                {NewSpeaker{Role: strings.Repeat("x", maxSpeaker+1)}, "at most"},
	} {
		if _, err := e.Attribute(t.Context(), "st_a", tt.n, nil, "cli", "why"); !errors.Is(err, record.ErrInvalid) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want it to say %s", name, err, tt.says)
		}
	}
	if _, err := e.Attribute(t.Context(), "st_a", NewSpeaker{}, nil, "cli", strings.Repeat("y", maxWhy+1)); !errors.Is(err, record.ErrInvalid) {
		t.Errorf("a reason without end: %v", err)
	}
}

func TestAPinOnAMergedStatementIsTakenBack(t *testing.T) {
	e, _ := open(t)
	_, err := e.AddIncident(t.Context(), NewIncident{Slug: "i", Name: "I", Query: "nothing"}, "cli")
	must(t, err)
	_, err = e.Pin(t.Context(), "i", "st_b", "cli", "")
	must(t, err)
	_, err = e.Merge(t.Context(), "st_b", "st_a", "cli", "the same")
	must(t, err)
	for _, id := range []record.ID{"st_a", "st_b"} {
		i, err := e.Pin(t.Context(), "i", id, "cli", "")
		must(t, err)
		if i.Revision != 2 {
			t.Errorf("pinned again as %s, the incident is at revision %d: %v", id, i.Revision, i.Pinned)
		}
	}
	if i, err := e.Unpin(t.Context(), "i", "st_a", "cli", ""); err != nil || len(i.Pinned) != 0 {
		t.Errorf("unpinned: %v, %v", i.Pinned, err)
	}
}
