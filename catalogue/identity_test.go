package catalogue

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"onrecord/record"
)

func TestHolds(t *testing.T) {
	const whole = "We are aware of a fault in the booking system that is slowing appointments at 400 surgeries across the county. Staff will not close any surgery on Friday, and phone lines are open as usual."
	for name, tt := range map[string]struct {
		part string
		want bool
	}{
		"itself":                   {whole, true},
		"capitals and marks":       {strings.ToUpper(strings.ReplaceAll(whole, ".", "!")), true},
		"a cut at both ends":       {"aware of a fault in the booking system that is slowing appointments", true},
		"a word changed":           {"We are aware of a fault in the booking system that is delaying appointments at 400 surgeries", true},
		"a word dropped":           {"We are aware of a fault in the system that is slowing appointments at 400 surgeries", true},
		"two cuts":                 {"We are aware of a fault in the booking system and phone lines are open as usual", true},
		"few words in a row":       {"slowing appointments", true},
		"few words, one changed":   {"slowing all appointments", false},
		"another number":           {"We are aware of a fault in the booking system that is slowing appointments at 500 surgeries across the county", false},
		"another day":              {"Staff will not close any surgery on Monday, and phone lines are open as usual", false},
		"a not lost":               {"Staff will close any surgery on Friday, and phone lines are open as usual", false},
		"a not put in":             {"Staff will not close any surgery on Friday, and phone lines are not open as usual", false},
		"a sentence of its own":    {"We are aware of a fault in the booking system. Please ring the pharmacy for repeat medicine.", false},
		"other words":              {"The union said that its members had worked through the night without any rest", false},
		"a not lost with its do":   {"Staff do close any surgery on Friday, and phone lines are open as usual", false},
		"another number in words":  {"We are aware of a fault in the booking system that is slowing appointments at four surgeries across the county", false},
		"contractions":             {"We're aware of a fault in the booking system that's slowing appointments at 400 surgeries", true},
		"words in square brackets": {"Staff will not close any surgery [this week] and phone lines are open as usual", true},
		"a comma in no number":     {"slowing appointments at 400 surgeries across the county. Staff will not close any surgery", true},
		"nothing":                  {"", false},
		"other words for the same": {"We know of a problem with the software that makes bookings slow at 400 surgeries", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Prepare(whole).Holds(Prepare(tt.part)); got != tt.want {
				t.Errorf("Holds(%q) = %v, want %v", tt.part, got, tt.want)
			}
		})
	}
}

func TestSharedWordsShareAFingerprint(t *testing.T) {
	word := rapid.StringMatching(`[a-z]{2,6}`)
	rapid.Check(t, func(t *rapid.T) {
		common := strings.Join(rapid.SliceOfN(word, Telling, 20).Draw(t, "common"), " ")
		a := strings.Join(append(rapid.SliceOfN(word, 0, 20).Draw(t, "before"), common), " ")
		b := strings.Join(append([]string{common}, rapid.SliceOfN(word, 0, 20).Draw(t, "after")...), " ")
		mine := Prepare(a).Fingerprints()
		if !slices.ContainsFunc(Prepare(b).Fingerprints(), func(h int64) bool { return slices.Contains(mine, h) }) {
			t.Errorf("%q and %q share %q and no fingerprint", a, b, common)
		}
	})
}

// Ledger and postings outlive the program, so the hashes must stay.
func TestHashesThatAreStored(t *testing.T) {
	s := record.Sighting{Page: "pg_1", Words: "We are aware of the issue.", Speaker: record.Speaker{Org: "hsn"}}
	if got, want := Key(&s), "key_x81teypcp5mdsg7a9tmwhdhy8c"; got != want {
		t.Errorf("Key = %s, want %s", got, want)
	}
	if got, want := Mint("https://hsn.example/", record.Release, "We are aware of the issue."), record.ID("st_3cny04na8zq8eacc2fqtj08am9"); got != want {
		t.Errorf("Mint = %s, want %s", got, want)
	}
	if got, want := Prepare("We are aware of the issue").Fingerprints(), []int64{-8925228558178544234}; !slices.Equal(got, want) {
		t.Errorf("Fingerprints = %v, want %v", got, want)
	}
}

func TestAllied(t *testing.T) {
	person := func(name, org string) record.Speaker { return record.Speaker{Name: name, Org: org, OrgName: org} }
	printed := func(name string) record.Speaker { return record.Speaker{OrgName: name} }
	for name, tt := range map[string]struct {
		a, b record.Speaker
		want bool
	}{
		"nobody and somebody":             {record.Speaker{}, person("Ida Marsh", "hsn"), true},
		"unnamed and named of one body":   {person("", "hsn"), person("Ida Marsh", "hsn"), true},
		"unnamed and named of two bodies": {person("", "ucm"), person("Ida Marsh", "hsn"), false},
		"two persons of one body":         {person("Ida Marsh", "hsn"), person("Tom Ferreby", "hsn"), false},
		"one surname, two people":         {person("Ida Marsh", "hsn"), person("Tom Marsh", "hsn"), false},
		"a surname alone":                 {person("Marsh", "hsn"), person("Ida Marsh", "hsn"), true},
		"a surname of another body":       {person("Marsh", "ucm"), person("Ida Marsh", "hsn"), false},
		"one person, two bodies printed":  {person("Ida Marsh", "hsn"), person("Ida Marsh", "hsn-coast"), true},
		"a shorter printed name":          {printed("Hillside Surgeries"), printed("Hillside Surgeries Group"), true},
		"two printed names":               {printed("Hillside Surgeries"), printed("Lakeside Surgeries"), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Allied(tt.a, nil, tt.b, nil); got != tt.want {
				t.Errorf("Allied(%v, %v) = %v, want %v", tt.a, tt.b, got, tt.want)
			}
			if got := Allied(tt.b, nil, tt.a, nil); got != tt.want {
				t.Errorf("the other way about: %v, want %v", got, tt.want)
			}
		})
	}
}

func TestDaysApart(t *testing.T) {
	day := func(d int) record.Instant { return record.OnDay(2025, time.March, d, record.FromPage) }
	month := record.Instant{Time: time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC), Precision: record.ToMonth, Basis: record.FromText}
	for name, tt := range map[string]struct {
		a, b record.Instant
		want int
	}{
		"unknown":              {day(1), record.Instant{}, 0},
		"one day":              {day(1), record.At(time.Date(2025, 3, 1, 23, 0, 0, 0, time.UTC), record.FromPost), 0},
		"the next morning":     {record.At(time.Date(2025, 3, 1, 23, 0, 0, 0, time.UTC), record.FromPost), day(2), 1},
		"over the change hour": {day(29), day(31), 2},
		"a day of the month":   {day(17), month, 0},
		"after the month":      {month, record.OnDay(2025, time.April, 3, record.FromPage), 3},
	} {
		t.Run(name, func(t *testing.T) {
			if got, back := DaysApart(tt.a, tt.b), DaysApart(tt.b, tt.a); got != tt.want || back != tt.want {
				t.Errorf("DaysApart = %d and %d, want %d", got, back, tt.want)
			}
		})
	}
}

func TestAlign(t *testing.T) {
	list := func(words ...string) (out []record.Sighting) {
		for _, w := range words {
			out = append(out, record.Sighting{Kind: record.Quote, Words: w, Speaker: record.Speaker{Org: "hsn"}})
		}
		return out
	}
	const a, b, c = "Surgeries are using paper notes and phone lines are open.", "The union expects a backlog for several weeks from now on.", "Nobody was hurt and no notes were lost in the outage."
	for name, tt := range map[string]struct {
		old, new []record.Sighting
		want     []int
	}{
		"nothing before":    {nil, list(a), []int{-1}},
		"the same":          {list(a, b), list(a, b), []int{0, 1}},
		"turned about":      {list(a, b), list(b, a), []int{1, 0}},
		"one taken out":     {list(a, b, c), list(a, c), []int{0, 2}},
		"one put in":        {list(a, c), list(a, b, c), []int{0, -1, 1}},
		"one edited":        {list(a, b, c), list(a, "The union expects a backlog for many months from now on.", c), []int{0, 1, 2}},
		"one replaced":      {list(a, b), list(a, "Ring the helpline in the evening."), []int{0, -1}},
		"said twice before": {list(a, a), list(a), []int{0}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Align(tt.old, tt.new); !slices.Equal(got, tt.want) {
				t.Errorf("Align = %v, want %v", got, tt.want)
			}
		})
	}
}
