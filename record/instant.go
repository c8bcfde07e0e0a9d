package record

import (
	"encoding/json"
	"fmt"
	"time"
	_ "time/tzdata" // Europe/London must be known on a machine without zone files
)

// Precision says how much of an instant is known.
type Precision string

// The precisions, finest first. The empty Precision means that nothing is known.
const (
	ToSecond Precision = "second"
	ToMinute Precision = "minute"
	ToDay    Precision = "day"
	ToMonth  Precision = "month"
	ToYear   Precision = "year"
)

// Basis says where an instant was read.
type Basis string

// The bases, best first: the stamp of an update block, the post's own time,
// words of the text ("On 5 November …"), the page's date, the feed's date, and
// last the time of our capture.
const (
	FromUpdate   Basis = "update"
	FromPost     Basis = "post"
	FromText     Basis = "text"
	FromPage     Basis = "page"
	FromFeed     Basis = "feed"
	FromCaptured Basis = "captured"
	FromEditor   Basis = "editor" // a person's correction, which goes before all
)

// Rank orders bases, 0 for the best. An unknown or empty basis ranks last.
func (b Basis) Rank() int {
	for i, x := range []Basis{FromEditor, FromUpdate, FromPost, FromText, FromPage, FromFeed, FromCaptured} {
		if b == x {
			return i
		}
	}
	return 7
}

// Instant is a point in time as far as it is known: one of the three clocks
// (said, published, captured), with its precision and its basis.
type Instant struct {
	// Time is UTC. For ToDay, ToMonth and ToYear it is the first moment of
	// that day, month or year in Europe/London. The zero Time means unknown.
	Time      time.Time `json:"time,omitzero"`
	Precision Precision `json:"precision,omitempty"`
	Basis     Basis     `json:"basis,omitempty"`
	// Raw holds the words that were read, such as "Friday 19 July"; "" where
	// the time did not come from words.
	Raw string `json:"raw,omitempty"`
	// Notes say what was assumed or odd: "zone assumed Europe/London",
	// "weekday contradicts date". Nil means nothing was.
	Notes []string `json:"notes,omitempty"`
}

// London is Europe/London, the zone in which a day is a day here and in which
// a time without a zone is read.
var London = mustLoad("Europe/London")

func mustLoad(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(fmt.Sprintf("zone %s: %v", name, err)) // embedded above, so it is there
	}
	return l
}

// At is an instant known to the second.
func At(t time.Time, b Basis) Instant {
	return Instant{Time: t.UTC(), Precision: ToSecond, Basis: b}
}

// OnDay is an instant known to the day in London.
func OnDay(year int, month time.Month, day int, b Basis) Instant {
	return Instant{Time: time.Date(year, month, day, 0, 0, 0, 0, London).UTC(), Precision: ToDay, Basis: b}
}

// Known reports whether the instant says anything.
func (i Instant) Known() bool { return !i.Time.IsZero() && i.Precision != "" }

// Timed reports whether the instant has a time of day.
func (i Instant) Timed() bool {
	return i.Known() && (i.Precision == ToSecond || i.Precision == ToMinute)
}

// End is the first moment after the instant: the end of its second, minute,
// day, month or year (in London). The zero Time where nothing is known.
func (i Instant) End() time.Time {
	if !i.Known() {
		return time.Time{}
	}
	l := i.Time.In(London)
	switch i.Precision {
	case ToMinute:
		return i.Time.Add(time.Minute)
	case ToDay:
		return time.Date(l.Year(), l.Month(), l.Day()+1, 0, 0, 0, 0, London).UTC()
	case ToMonth:
		return time.Date(l.Year(), l.Month()+1, 1, 0, 0, 0, 0, London).UTC()
	case ToYear:
		return time.Date(l.Year()+1, 1, 1, 0, 0, 0, 0, London).UTC()
	default:
		return i.Time.Add(time.Second)
	}
}

// Sort is the moment under which the instant is ordered: its own time where
// the time of day is known, and else the last millisecond of its day, month or
// year, so that what is known only to the day stands after the timed entries of
// that day and never as if it were midnight. The zero Time where nothing is known.
func (i Instant) Sort() time.Time {
	if !i.Known() || i.Timed() {
		return i.Time
	}
	return i.End().Add(-time.Millisecond)
}

// Day is the day in London as YYYY-MM-DD; YYYY-MM or YYYY where no more is
// known; "" where nothing is.
func (i Instant) Day() string {
	if !i.Known() {
		return ""
	}
	l := i.Time.In(London)
	switch i.Precision {
	case ToYear:
		return l.Format("2006")
	case ToMonth:
		return l.Format("2006-01")
	default:
		return l.Format("2006-01-02")
	}
}

// String is RFC 3339 in UTC for timed instants and Day for the others.
func (i Instant) String() string {
	if i.Timed() {
		return i.Time.UTC().Format(time.RFC3339)
	}
	return i.Day()
}

// MarshalJSON adds the day in London ("day"), so that a reader of a day's first
// moment in UTC (23:00 of the evening before, in summer) does not take it for
// that evening. Reading ignores it. The zero Instant is null.
func (i Instant) MarshalJSON() ([]byte, error) {
	if i.Time.IsZero() && i.Raw == "" && len(i.Notes) == 0 {
		return []byte("null"), nil
	}
	type plain Instant
	return json.Marshal(struct {
		plain
		Day string `json:"day,omitempty"`
	}{plain(i), i.Day()})
}

// Note returns the instant with one more note.
func (i Instant) Note(n string) Instant {
	i.Notes = append(i.Notes[:len(i.Notes):len(i.Notes)], n)
	return i
}
