package timeline

import (
	"time"

	"onrecord/record"
)

// Density counts entries by day and by hour. Empty buckets are left out, so
// that one wrong year does not make a million of them.
type Density struct {
	// Days counts every entry known at least to the day, by London day.
	Days []Bucket `json:"days"`
	// Hours counts the timed entries, by hour in UTC.
	Hours []Bucket `json:"hours"`
	// Coarse counts entries known only to the month or year, or not at all.
	Coarse int `json:"coarse"`
}

// Bucket is a stretch of time, [From,To), and how many entries it holds.
type Bucket struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	Count int       `json:"count"`
	// Untimed counts those among them without a time of day; 0 in hours.
	Untimed int `json:"untimed,omitempty"`
}

// density counts sorted entries.
func density(entries []Entry) Density {
	d := Density{Days: []Bucket{}, Hours: []Bucket{}}
	for _, e := range entries {
		w := e.When
		switch {
		case w.Timed():
			hour := w.Time.UTC().Truncate(time.Hour)
			day := onDay(w)
			d.Hours = count(d.Hours, hour, hour.Add(time.Hour), 0)
			d.Days = count(d.Days, day.Time, day.End(), 0)
		case w.Known() && w.Precision == record.ToDay:
			day := onDay(w)
			d.Days = count(d.Days, day.Time, day.End(), 1)
		default:
			d.Coarse++
		}
	}
	return d
}

// onDay is the London day on which the instant lies.
func onDay(w record.Instant) record.Instant {
	l := w.Time.In(record.London)
	return record.OnDay(l.Year(), l.Month(), l.Day(), w.Basis)
}

// count adds one to the last bucket, or opens the next; entries come in order.
func count(to []Bucket, from, until time.Time, untimed int) []Bucket {
	if len(to) == 0 || !to[len(to)-1].From.Equal(from) {
		to = append(to, Bucket{From: from, To: until})
	}
	last := &to[len(to)-1]
	last.Count++
	last.Untimed += untimed
	return to
}
