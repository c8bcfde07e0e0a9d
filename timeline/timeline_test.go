package timeline

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"onrecord/record"
)

func at(clock string) record.Instant {
	t, err := time.Parse(time.RFC3339, clock)
	if err != nil {
		panic(err)
	}
	return record.At(t, record.FromPage)
}

func by(id, org string, when record.Instant) record.Statement {
	return record.Statement{ID: record.ID(id), Kind: record.Quote, Text: id, Said: when, Status: record.Current, Speaker: record.Speaker{Org: org, OrgName: "The " + org}}
}

func ids(t Timeline) []string {
	var out []string
	for _, d := range t.Days {
		for _, e := range d.Entries {
			out = append(out, string(e.Statement.ID))
		}
	}
	return out
}

func TestWhatHasNoTimeStandsBehindWhatHas(t *testing.T) {
	month := record.Instant{Time: time.Date(2024, 6, 30, 23, 0, 0, 0, time.UTC), Precision: record.ToMonth, Basis: record.FromText}
	said := []record.Statement{
		by("st_undated", "a", record.Instant{}),
		by("st_month", "a", month),
		by("st_day", "a", record.OnDay(2024, 7, 31, record.FromPage)),
		by("st_late", "a", at("2024-07-31T22:59:59Z")),
		by("st_next", "a", at("2024-07-31T23:00:00Z")), // 1 August in London
		by("st_early", "a", at("2024-07-31T06:00:00Z")),
	}
	got := Lay(said, Options{})
	if want := []string{"st_early", "st_late", "st_day", "st_month", "st_next", "st_undated"}; !slices.Equal(ids(got), want) {
		t.Errorf("order %v, want %v", ids(got), want)
	}
	var dates []string
	for _, d := range got.Days {
		dates = append(dates, d.Date)
	}
	if want := []string{"2024-07-31", "2024-07", "2024-08-01", ""}; !slices.Equal(dates, want) {
		t.Errorf("days %v, want %v", dates, want)
	}
	if got.Density.Coarse != 2 || len(got.Density.Days) != 2 || got.Density.Days[0].Untimed != 1 || got.Density.Days[0].Count != 3 {
		t.Errorf("density %+v: want two days, the first with 3 of which 1 untimed, and 2 coarse", got.Density)
	}
}

func TestAnyOrderGivesTheSameTimeline(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		said := rapid.SliceOfN(rapid.Custom(statement), 0, 40).Draw(r, "said")
		for i := range said {
			said[i].ID = record.ID(fmt.Sprintf("st_%02d", i))
		}
		want := Lay(said, Options{})
		seed := rapid.Uint64().Draw(r, "seed")
		mixed := slices.Clone(said)
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if diff := cmp.Diff(want, Lay(mixed, Options{})); diff != "" {
			r.Fatalf("another order gives another timeline:\n%s", diff)
		}
		seen := map[string]bool{}
		for _, d := range want.Days {
			if seen[d.Date] || len(d.Entries) == 0 {
				r.Fatalf("day %q is empty or stands twice", d.Date)
			}
			seen[d.Date] = true
		}
		if n := len(ids(want)); n != len(said) || want.Total != n {
			r.Fatalf("%d entries and a total of %d for %d statements", n, want.Total, len(said))
		}
	})
}

func statement(r *rapid.T) record.Statement {
	moment := time.Date(2024, 7, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 4*24*3600).Draw(r, "s")) * time.Second)
	l := moment.In(record.London)
	when := rapid.SampledFrom([]record.Instant{
		record.At(moment, record.FromPage),
		{Time: moment.Truncate(time.Minute), Precision: record.ToMinute, Basis: record.FromUpdate},
		record.OnDay(l.Year(), l.Month(), l.Day(), record.FromText),
		{Time: time.Date(l.Year(), l.Month(), 1, 0, 0, 0, 0, record.London).UTC(), Precision: record.ToMonth, Basis: record.FromText},
		{Time: time.Date(l.Year(), 1, 1, 0, 0, 0, 0, record.London).UTC(), Precision: record.ToYear, Basis: record.FromText},
		{},
	}).Draw(r, "when")
	s := by("", rapid.SampledFrom([]string{"a", "b", ""}).Draw(r, "org"), when)
	s.Kind = rapid.SampledFrom(record.Kinds).Draw(r, "kind")
	s.Status = rapid.SampledFrom([]record.Status{record.Current, record.Updated, record.Withdrawn}).Draw(r, "status")
	if rapid.Bool().Draw(r, "joint") {
		s.JointWith = []record.Speaker{{Org: "b", OrgName: "The b"}}
	}
	return s
}

func TestTheSameStatementIsLaidOnce(t *testing.T) {
	s := by("st_a", "a", at("2024-07-19T09:00:00Z"))
	if got := Lay([]record.Statement{s, s}, Options{}); got.Total != 1 || got.Lanes[0].Count != 1 {
		t.Errorf("total %d, lane count %d; want 1 and 1", got.Total, got.Lanes[0].Count)
	}
}

func TestLanesTellWhoSpokeFirst(t *testing.T) {
	joint := by("st_joint", "union", at("2024-07-19T12:00:00Z"))
	joint.JointWith = []record.Speaker{{Org: "board"}, {OrgName: "Some  Patients Group"}}
	got := Lay([]record.Statement{
		joint, by("st_1", "board", at("2024-07-19T09:00:00Z")), by("st_2", "union", record.OnDay(2024, 7, 19, record.FromPage)),
	}, Options{Names: map[string]string{"board": "Board of Health"}})
	type lane struct {
		key, name string
		n         int
		behind    int64
	}
	var lanes []lane
	for _, l := range got.Lanes {
		b := int64(-1)
		if l.BehindS != nil {
			b = *l.BehindS
		}
		lanes = append(lanes, lane{l.Key, l.Name, l.Count, b})
	}
	want := []lane{{"board", "Board of Health", 2, 0}, {"union", "The union", 2, 3 * 3600}, {"~some patients group", "Some Patients Group", 1, 3 * 3600}}
	if !slices.Equal(lanes, want) {
		t.Errorf("lanes %v, want %v", lanes, want)
	}
}

func TestALaneThatBeganOnADayIsNotSaidToBeBehindBySeconds(t *testing.T) {
	got := Lay([]record.Statement{by("st_1", "a", at("2024-07-19T09:00:00Z")), by("st_2", "b", record.OnDay(2024, 7, 20, record.FromPage))}, Options{})
	if l := got.Lanes[1]; l.Key != "b" || l.BehindS != nil {
		t.Errorf("lane %q is %v seconds behind; its time of day is not known", l.Key, l.BehindS)
	}
}

func kinds(t Timeline, kind MarkerKind) []Marker {
	return slices.DeleteFunc(slices.Clone(t.Markers), func(m Marker) bool { return m.Kind != kind })
}

func TestSilence(t *testing.T) {
	morning, night := by("st_1", "a", at("2024-07-19T06:00:00Z")), by("st_2", "a", at("2024-07-19T20:00:00Z"))
	day := by("st_3", "a", record.OnDay(2024, 7, 19, record.FromPage))
	for name, tt := range map[string]struct {
		said      []record.Statement
		threshold time.Duration
		want      int
	}{
		"fourteen hours are silence":           {[]record.Statement{morning, night}, 0, 1},
		"a statement of that day may fill it":  {[]record.Statement{morning, night, day}, 0, 0},
		"shorter than asked for":               {[]record.Statement{morning, night}, 15 * time.Hour, 0},
		"none are marked where none is wanted": {[]record.Statement{morning, night}, -1, 0},
		"one statement is no silence":          {[]record.Statement{morning}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := kinds(Lay(tt.said, Options{Silence: tt.threshold}), Silence)
			if len(got) != tt.want {
				t.Fatalf("%d silences %+v, want %d", len(got), got, tt.want)
			}
			if tt.want == 1 && (got[0].Statement != "st_2" || got[0].End.Sub(got[0].At) != 14*time.Hour) {
				t.Errorf("silence %+v: want 14 h, broken by st_2", got[0])
			}
		})
	}
}

func TestAnEditIsOtherWordsOnTheSamePage(t *testing.T) {
	t1, t2 := at("2024-07-19T08:00:00Z").Time, at("2024-07-20T08:00:00Z").Time
	edited := by("st_1", "a", at("2024-07-19T06:00:00Z"))
	edited.Sightings = []record.Sighting{{Page: "pg_1", Words: "We will wait.", Captured: t1, Gone: t2}, {Page: "pg_1", Words: "We will act.", Captured: t2}}
	cut := by("st_2", "a", at("2024-07-19T07:00:00Z"))
	cut.Sightings = []record.Sighting{{Page: "pg_1", Words: "One. Two.", Captured: t1}, {Page: "pg_2", Words: "Two.", Captured: t2}}
	got := kinds(Lay([]record.Statement{edited, cut}, Options{}), Edited)
	if len(got) != 1 || got[0].Statement != "st_1" || !got[0].At.Equal(t2) {
		t.Errorf("edits %+v; want one, of st_1, at the second capture", got)
	}
}

func TestRefusalsAndWithdrawalsAreMarked(t *testing.T) {
	refused := by("st_1", "a", at("2024-07-19T06:00:00Z"))
	refused.Kind = record.Declined
	taken := by("st_2", "a", at("2024-07-19T07:00:00Z"))
	taken.Status, taken.Sightings = record.Withdrawn, []record.Sighting{{Page: "pg_1", Gone: at("2024-07-21T07:00:00Z").Time}}
	got := Lay([]record.Statement{refused, taken}, Options{})
	if d := kinds(got, Declined); len(d) != 1 || d[0].Statement != "st_1" {
		t.Errorf("refusals %+v, want st_1", d)
	}
	if w := kinds(got, Withdrawn); len(w) != 1 || w[0].Statement != "st_2" || w[0].At.Day() != 21 {
		t.Errorf("withdrawals %+v, want st_2 on the 21st", w)
	}
}

func TestNothingGivesAnEmptyTimeline(t *testing.T) {
	got := Lay(nil, Options{})
	if got.Days == nil || got.Lanes == nil || got.Markers == nil || got.Density.Days == nil || got.Density.Hours == nil || got.Total != 0 {
		t.Errorf("%+v: lists must be empty, not nil", got)
	}
}

func BenchmarkLay5000(b *testing.B) {
	said := make([]record.Statement, 5000)
	for i := range said {
		said[i] = by(fmt.Sprintf("st_%04d", i), fmt.Sprint(i%30), record.At(time.Unix(int64(i*977%400000), 0), record.FromPage))
	}
	for b.Loop() {
		Lay(said, Options{})
	}
}

func TestARefusalNeverShowsAsSilenceAndNeverEndsOne(t *testing.T) {
	refused := by("st_refused", "a", at("2024-07-19T16:00:00Z"))
	refused.Kind = record.Declined
	outside := by("st_outside", "a", at("2024-07-20T08:00:00Z"))
	outside.Kind = record.Declined
	got := Lay([]record.Statement{
		by("st_1", "a", at("2024-07-19T06:00:00Z")), refused, by("st_2", "a", at("2024-07-20T02:00:00Z")), outside,
	}, Options{})
	var silences []Marker
	for _, m := range got.Markers {
		if m.Kind == Silence {
			silences = append(silences, m)
		}
	}
	if len(silences) != 1 || silences[0].End.Sub(silences[0].At) != 20*time.Hour || !slices.Equal(silences[0].Declined, []record.ID{"st_refused"}) {
		t.Errorf("silences %+v; want one of 20 hours in which st_refused declined", silences)
	}
}

func TestTheSameWordsAgainAreMarked(t *testing.T) {
	say := func(id, text, when string) record.Statement {
		s := by(id, "a", at(when))
		s.Text = text
		return s
	}
	got := Lay([]record.Statement{
		say("st_2", "No data was lost", "2024-07-20T06:00:00Z"), say("st_1", "No data was lost", "2024-07-19T06:00:00Z"),
		say("st_3", "Yes", "2024-07-21T06:00:00Z"), say("st_4", "Yes", "2024-07-22T06:00:00Z"),
	}, Options{Key: func(text string) string {
		if text == "Yes" {
			return ""
		}
		return text
	}})
	var again []Marker
	for _, m := range got.Markers {
		if m.Kind == Again {
			again = append(again, m)
		}
	}
	if len(again) != 1 || again[0].Statement != "st_2" || again[0].Earlier != "st_1" {
		t.Errorf("markers %+v; want st_2 to say st_1 again and nothing of the short ones", again)
	}
}
