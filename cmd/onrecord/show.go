package main

import (
	"fmt"
	"io"
	"strings"

	"onrecord/record"
)

// show prints a statement as people read it: when and who, the words, where
// they were seen.
func show(w io.Writer, s record.Statement) {
	fmt.Fprintf(w, "%s  %s  [%s]%s\n", clock(s.When()), s.Speaker, s.Kind, state(s))
	for _, line := range strings.Split(s.Text, "\n") {
		fmt.Fprintf(w, "  %s\n", line)
	}
	seen := count(len(s.Sightings), "sighting", "sightings")
	if len(s.Wordings) > 1 {
		seen += fmt.Sprintf(", %d wordings", len(s.Wordings))
	}
	if o := s.Origin(); o != nil {
		seen += ", " + o.URL
	}
	fmt.Fprintf(w, "  %s  %s\n\n", s.ID, seen)
}

// clock shows an instant in London with its zone; what is known only to the day
// has no time.
func clock(i record.Instant) string {
	if i.Timed() {
		return i.Time.In(record.London).Format("2006-01-02 15:04 MST")
	}
	return i.Day()
}

func state(s record.Statement) string {
	if s.Status == record.Current || s.Status == "" {
		return ""
	}
	return " " + string(s.Status)
}
