package export

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"onrecord/record"
)

// MaxRow is the longest row that ParseRow reads, in bytes.
const MaxRow = 16 << 20

// ParseRow reads one line of JSONL back into the statement that was written,
// with its times in UTC. Only schema, id and statement are read; the columns
// are there for others, and keys that it does not know are passed over.
//
// The error wraps record.ErrInvalid, or record.ErrTooLarge for a row over
// MaxRow, and says which part is wrong: another schema, no statement, an id
// that is not one, words that are nobody's wording, no sighting.
func ParseRow(line []byte) (record.Statement, error) {
	var row struct {
		Schema    string            `json:"schema"`
		ID        record.ID         `json:"id"`
		Statement *record.Statement `json:"statement"`
	}
	switch {
	case len(line) > MaxRow:
		return record.Statement{}, fmt.Errorf("statement row: %d bytes, at most %d are read: %w", len(line), MaxRow, record.ErrTooLarge)
	case !utf8.Valid(line):
		return record.Statement{}, fmt.Errorf("statement row: not UTF-8: %w", record.ErrInvalid)
	}
	if err := json.Unmarshal(line, &row); err != nil {
		return record.Statement{}, fmt.Errorf("statement row: %v: %w", err, record.ErrInvalid)
	}
	switch {
	case row.Schema != RowSchema:
		return record.Statement{}, fmt.Errorf("statement row: schema %.40q, want %q: %w", row.Schema, RowSchema, record.ErrInvalid)
	case row.Statement == nil:
		return record.Statement{}, fmt.Errorf("statement row %.40q: no \"statement\" in it: %w", row.ID, record.ErrInvalid)
	case row.ID != "" && row.ID != row.Statement.ID:
		return record.Statement{}, fmt.Errorf("statement row: id %.40q, but its statement has %.40q: %w", row.ID, row.Statement.ID, record.ErrInvalid)
	}
	if err := checkRow(*row.Statement); err != nil {
		return record.Statement{}, fmt.Errorf("statement row %.40q: %w: %w", row.Statement.ID, err, record.ErrInvalid)
	}
	s, err := inUTC(*row.Statement)
	if err != nil {
		return record.Statement{}, fmt.Errorf("statement row %.40q: %w: %w", s.ID, err, record.ErrInvalid)
	}
	return s, nil
}

// checkRow holds a stranger's statement to what the catalogue and everything
// behind it take for granted.
func checkRow(s record.Statement) error {
	switch {
	case !s.ID.Is("st") || len(s.ID) > 64:
		return fmt.Errorf("id %.40q does not begin with st_", s.ID)
	case s.Kind.Rank() == len(record.Kinds):
		return fmt.Errorf("kind %.40q is none of %v", s.Kind, record.Kinds)
	case !knownStatus(s.Status):
		return fmt.Errorf("status %.40q is none", s.Status)
	case !slices.Contains([]string{"", "disputed", "hidden", "embargoed"}, s.Mark):
		return fmt.Errorf("mark %.40q is none of disputed, hidden, embargoed", s.Mark)
	case s.Text == "":
		return fmt.Errorf("it has no text")
	case !share(s.Confidence):
		return fmt.Errorf("confidence %v is not from 0 to 1", s.Confidence)
	case len(s.Sightings) == 0:
		return fmt.Errorf("it has no sighting")
	}
	if err := checkInstants(s.Said, s.Published); err != nil {
		return err
	}
	if !slices.ContainsFunc(s.Sightings, func(x record.Sighting) bool { return x.Words == s.Text }) &&
		!slices.ContainsFunc(s.Wordings, func(x record.Wording) bool { return x.Text == s.Text }) {
		return fmt.Errorf("its text is the wording of no sighting")
	}
	for i, x := range s.Sightings {
		if err := checkSighting(x); err != nil {
			return fmt.Errorf("sighting %d: %w", i+1, err)
		}
	}
	return checkWordings(s.Wordings)
}

func checkSighting(x record.Sighting) error {
	switch {
	case !x.Page.Is("pg"):
		return fmt.Errorf("page %.40q does not begin with pg_", x.Page)
	case x.CanonicalURL == "":
		return fmt.Errorf("it has no canonical_url")
	case x.Kind.Rank() == len(record.Kinds):
		return fmt.Errorf("kind %.40q is none of %v", x.Kind, record.Kinds)
	case x.Words == "":
		return fmt.Errorf("it has no words")
	case x.Version < 0:
		return fmt.Errorf("version %d", x.Version)
	case x.Captured.IsZero():
		return fmt.Errorf("it has no time of capture")
	case !share(x.Confidence):
		return fmt.Errorf("confidence %v is not from 0 to 1", x.Confidence)
	}
	for _, sp := range slices.Concat(x.Spans, x.Repeats, []record.Span{x.MentionSpan}) {
		if sp.Start < 0 || sp.End < sp.Start {
			return fmt.Errorf("span [%d,%d) is none", sp.Start, sp.End)
		}
	}
	if n := spanned(x.Spans); len(x.Spans) > 0 && n != len(x.Words) {
		return fmt.Errorf("its spans hold %d bytes, its words %d", n, len(x.Words))
	}
	return checkInstants(x.Said, x.Published)
}

// spanned is the length of the words at the spans, joined by a newline.
func spanned(spans []record.Span) int {
	n := len(spans) - 1
	for _, sp := range spans {
		if sp.Len() > MaxRow {
			return -1
		}
		n += sp.Len()
	}
	return n
}

func checkWordings(list []record.Wording) error {
	seen := make(map[int]bool, len(list))
	for _, w := range list {
		if w.N < 1 || seen[w.N] || w.Text == "" {
			return fmt.Errorf("wording %d is given twice, empty or below 1", w.N)
		}
		seen[w.N] = true
	}
	return nil
}

// checkInstants refuses precisions that are none.
func checkInstants(list ...record.Instant) error {
	known := []record.Precision{"", record.ToSecond, record.ToMinute, record.ToDay, record.ToMonth, record.ToYear}
	for _, i := range list {
		if !slices.Contains(known, i.Precision) {
			return fmt.Errorf("precision %.40q is none of %v", i.Precision, known[1:])
		}
	}
	return nil
}

func knownStatus(s record.Status) bool {
	return slices.Contains([]record.Status{record.Current, record.Updated, record.Withdrawn, record.Missing, record.Removed}, s)
}

func share(x float64) bool { return !math.IsNaN(x) && x >= 0 && x <= 1 }

// inUTC turns every time to UTC, so that a row written with another offset is
// the same statement. It refuses a time that could not be written again: an
// offset can push the last hours of 9999 into a year that RFC 3339 has not.
func inUTC(s record.Statement) (record.Statement, error) {
	var bad error
	utc := func(list ...*time.Time) {
		for _, t := range list {
			*t = t.UTC()
			if y := t.Year(); y < 1 || y > 9998 {
				bad = fmt.Errorf("year %d is beyond what is recorded", y)
			}
		}
	}
	utc(&s.Said.Time, &s.Published.Time, &s.FirstSeen)
	for i := range s.Sightings {
		x := &s.Sightings[i]
		utc(&x.Said.Time, &x.Published.Time, &x.Captured, &x.LastSeen, &x.Gone)
	}
	for i := range s.Wordings {
		utc(&s.Wordings[i].First, &s.Wordings[i].Last)
	}
	for i := range s.Corrections {
		utc(&s.Corrections[i].At)
	}
	return s, bad
}
