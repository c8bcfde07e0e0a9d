package desk

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"onrecord/record"
	"onrecord/timeline"
)

func TestADayHasTheWordsByWhichItStandsOut(t *testing.T) {
	h := open(t)
	for day := 1; day <= 12; day++ { // what is said every day
		h.say(fmt.Sprintf("https://news.example/%d", day), "board", day, fmt.Sprintf("The board met %d doctors and spoke about staff and waiting times.", day))
	}
	h.say("https://news.example/x", "board", 14, "The pharmacy system failed and staff used paper notes at the desk.")
	h.say("https://other.example/y", "union", 14, "Our members say that the pharmacy system was slow for weeks before.")
	h.say("https://third.example/z", "union", 14, "Staff cannot see a pharmacy system record for anyone.")
	h.incident(record.Incident{Slug: "all", Name: "All", From: at(1, 0), To: at(16, 0)})
	got, err := h.Timeline(t.Context(), "all", TimelineAsk{})
	must(t, err)
	last := got.Days[len(got.Days)-1]
	if !slices.ContainsFunc(last.Phrases, func(p timeline.Phrase) bool {
		return p.Text == "pharmacy system" && p.Statements == 3 && p.Times > moreUsual
	}) {
		t.Errorf("phrases of %s: %+v; want the pharmacy system, of three statements", last.Date, last.Phrases)
	}
	for _, d := range got.Days {
		for _, p := range d.Phrases {
			if p.Text == "staff" || p.Text == "board" {
				t.Errorf("%s stands out by %+v, which is said every day", d.Date, p)
			}
		}
	}
}

func TestCoverageTellsWhichPlacesWereNotRead(t *testing.T) {
	h := county(t)
	var list []record.Source
	for _, name := range []string{"read", "late", "broken", "never", "off"} {
		url := "https://" + name + ".example/feed"
		list = append(list, record.Source{ID: record.SourceID(url), URL: url, Kind: record.SourceFeed, Enabled: name != "off"})
	}
	must(t, h.db.SetSources(t.Context(), list, record.Edit{Who: "test", Action: "source.add"}))
	visit := func(i int, read time.Time, fault string) record.Visit {
		return record.Visit{URL: list[i].URL, Source: list[i].ID, Tried: at(18, 0), Succeeded: read, Error: fault}
	}
	_, err := h.db.Visited(t.Context(), []record.Visit{visit(0, at(10, 0), ""), visit(1, at(5, 0), ""), visit(2, at(4, 0), "timed out"), visit(4, at(4, 0), "")}, nil)
	must(t, err)
	h.incident(record.Incident{Slug: "week", Name: "Week", From: at(1, 0), To: at(8, 0)})
	got, err := h.Timeline(t.Context(), "week", TimelineAsk{})
	must(t, err)
	why := map[string]string{}
	for _, g := range got.Coverage.Gaps {
		why[g.URL] = g.Why
	}
	want := map[string]string{
		"https://late.example/feed": "not read since", "https://broken.example/feed": "timed out",
		"https://never.example/feed": "never visited", "https://off.example/feed": "no longer visited",
	}
	if fmt.Sprint(why) != fmt.Sprint(want) || got.Coverage.Watched != 5 {
		t.Errorf("%d watched, gaps %v; want 5 and %v", got.Coverage.Watched, why, want)
	}
}
