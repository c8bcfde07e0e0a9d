// Package timeline lays the statements of an incident out in time: who said
// what when, on which lane, and where it went quiet. It is a pure function of
// the statements; it asks no store and judges nothing.
//
// The order is by record.Instant.Sort of Statement.When: what is known only to
// the day stands behind the timed entries of that day, what is known only to
// the month behind the last day of that month, what is known only to the year
// behind its last month, and what has no date at all stands last. Equal moments
// go by precision, finest first, and then by id, so that any order of the input
// gives the same timeline.
package timeline

import (
	"cmp"
	"slices"
	"time"

	"onrecord/record"
)

// Options shape a timeline. The zero value works.
type Options struct {
	// Names gives display names of organisations by register id. An id that is
	// not in it keeps the name that its statements give.
	Names map[string]string
	// Silence is the shortest stretch without a statement that is marked; 0
	// means 9 hours, less than 0 marks none.
	Silence time.Duration
	// Key is the same for two texts with the same words, and "" for one too
	// short to be told from others; nil marks no words said again.
	Key func(text string) string
}

// Timeline is an incident laid out. Lists are empty, never nil.
type Timeline struct {
	Total int `json:"total"`
	// First and Last are the instants of the first and last dated entries;
	// unknown where nothing is dated.
	First   record.Instant `json:"first"`
	Last    record.Instant `json:"last"`
	Days    []Day          `json:"days"`
	Lanes   []Lane         `json:"lanes"`   // by their first entry, then by key
	Markers []Marker       `json:"markers"` // by time, then kind, lane and statement
	Density Density        `json:"density"`
}

// Day is a run of entries under one heading.
type Day struct {
	// Date is a London day, YYYY-MM-DD; YYYY-MM or YYYY for entries of which
	// no more is known; "" for those without a date.
	Date    string  `json:"date"`
	Entries []Entry `json:"entries"`
	// Phrases are the words by which the day stands out from all that is on
	// record, the most telling first. Lay, which knows only these statements,
	// leaves them nil.
	Phrases []Phrase `json:"phrases,omitempty"`
}

// Phrase is a word, or two together, that is unusually frequent on a day.
type Phrase struct {
	Text       string `json:"text"`       // as most of the day's statements have it
	Statements int    `json:"statements"` // of the day that have it
	// Times is how many times as frequent it is that day as on the whole record.
	Times float64 `json:"times"`
}

// Entry is one statement in its place.
type Entry struct {
	Statement record.Statement `json:"statement"`
	// When is Statement.When: the instant it stands under, with its precision
	// and basis.
	When record.Instant `json:"when"`
	// Lane is the key of the speaker's lane; Also are those of joint speakers,
	// in order, each once and never Lane itself.
	Lane string   `json:"lane"`
	Also []string `json:"also,omitempty"`
}

// lanes are all lanes on which the entry stands.
func (e Entry) lanes() []string { return append([]string{e.Lane}, e.Also...) }

// Lay orders the statements and works out days, lanes, markers and density. A
// statement given twice (by id) is laid once; one without an id is laid as
// often as it is given.
func Lay(said []record.Statement, o Options) Timeline {
	entries := place(said)
	t := Timeline{Total: len(entries), Days: days(entries), Lanes: lanes(entries, o.Names), Density: density(entries)}
	if dated := datedOf(entries); len(dated) > 0 {
		t.First, t.Last = dated[0].When, dated[len(dated)-1].When
	}
	t.Markers = markers(entries, t.Lanes, o.silence(), o.Key)
	return t
}

func (o Options) silence() time.Duration {
	if o.Silence == 0 {
		return 9 * time.Hour
	}
	return o.Silence
}

// place gives each statement its instant and lanes and sorts the entries.
func place(said []record.Statement) []Entry {
	entries := make([]Entry, 0, len(said))
	seen := make(map[record.ID]bool, len(said))
	for _, s := range said {
		if s.ID != "" && seen[s.ID] {
			continue
		}
		seen[s.ID] = true
		e := Entry{Statement: s, When: s.When(), Lane: LaneKey(s.Speaker)}
		for _, j := range s.JointWith {
			if k := LaneKey(j); !slices.Contains(e.lanes(), k) {
				e.Also = append(e.Also, k)
			}
		}
		entries = append(entries, e)
	}
	slices.SortStableFunc(entries, compare)
	return entries
}

// compare orders entries as the package doc says. Moments are compared by the
// second before precision, so that a time in the last second of a day never
// falls behind the entries of that day that have no time.
func compare(a, b Entry) int {
	if a.When.Known() != b.When.Known() {
		if a.When.Known() {
			return -1
		}
		return 1
	}
	x, y := a.When.Sort(), b.When.Sort()
	return cmp.Or(
		x.Truncate(time.Second).Compare(y.Truncate(time.Second)),
		cmp.Compare(rank(a.When.Precision), rank(b.When.Precision)),
		x.Compare(y),
		cmp.Compare(a.Statement.ID, b.Statement.ID),
		cmp.Compare(a.Statement.Text, b.Statement.Text),
	)
}

func rank(p record.Precision) int {
	return slices.Index([]record.Precision{record.ToSecond, record.ToMinute, record.ToDay, record.ToMonth, record.ToYear}, p)
}

// datedOf are the entries with a date; they stand in front of those without.
func datedOf(entries []Entry) []Entry {
	n := len(entries)
	for n > 0 && !entries[n-1].When.Known() {
		n--
	}
	return entries[:n]
}

// days groups sorted entries under their days.
func days(entries []Entry) []Day {
	out := []Day{}
	for _, e := range entries {
		if d := e.When.Day(); len(out) == 0 || out[len(out)-1].Date != d {
			out = append(out, Day{Date: d})
		}
		last := &out[len(out)-1]
		last.Entries = append(last.Entries, e)
	}
	return out
}
