package timeline

import (
	"cmp"
	"slices"
	"time"

	"onrecord/record"
)

// MarkerKind says what a marker points at.
type MarkerKind string

// The kinds of marker.
const (
	FirstOfAll  MarkerKind = "first"      // the first dated statement
	FirstOfLane MarkerKind = "first_of"   // the first dated statement of a lane
	Edited      MarkerKind = "edited"     // a page gave a statement other words
	Withdrawn   MarkerKind = "withdrawn"  // its page stands but no longer carries it
	Missing     MarkerKind = "missing"    // its page answered 404 or 410
	Removed     MarkerKind = "removed"    // its page has been missing for 14 days
	Declined    MarkerKind = "declined"   // asked and would not say
	Silence     MarkerKind = "silence"    // no statement of anyone
	LaneSilence MarkerKind = "silence_of" // no statement on a lane that spoke before and after
	Again       MarkerKind = "again"      // the words of an earlier statement once more
)

// Marker points at a moment of the timeline that a reader should not miss. It
// says what was observed, not what it means.
type Marker struct {
	Kind MarkerKind `json:"kind"`
	// At is the moment, UTC: the statement's own for first, first_of and
	// declined (by Instant.Sort); the capture that showed it for edited,
	// withdrawn, missing and removed; the begin for a silence.
	At time.Time `json:"at"`
	// End is where a silence ends; the zero time for the others.
	End time.Time `json:"end,omitzero"`
	// Statement is the statement concerned; the one that broke it for a silence.
	Statement record.ID `json:"statement,omitempty"`
	Lane      string    `json:"lane"` // key; "" also for silences of everyone
	// Declined are those who would not say within a silence, so that a refusal
	// never shows as silence: the statements of kind declined, in order of time.
	Declined []record.ID `json:"declined,omitempty"`
	// Earlier is, for again, the statement that first had the words.
	Earlier record.ID `json:"earlier,omitempty"`
}

// markers finds the markers of sorted entries.
func markers(entries []Entry, lanes []Lane, threshold time.Duration, key func(string) string) []Marker {
	out := append(firsts(entries, lanes), again(entries, key)...)
	for _, e := range entries {
		out = append(out, changes(e)...)
	}
	if threshold > 0 {
		dated := datedOf(entries)
		out = append(out, silences(dated, threshold, Silence, "")...)
		if len(lanes) > 1 {
			out = append(out, laneSilences(dated, lanes, threshold)...)
		}
	}
	slices.SortStableFunc(out, func(a, b Marker) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Lane, b.Lane), cmp.Compare(a.Statement, b.Statement), a.End.Compare(b.End))
	})
	return out
}

func firsts(entries []Entry, lanes []Lane) []Marker {
	out := []Marker{}
	if dated := datedOf(entries); len(dated) > 0 {
		out = append(out, Marker{Kind: FirstOfAll, At: dated[0].When.Sort(), Statement: dated[0].Statement.ID, Lane: dated[0].Lane})
	}
	for _, l := range lanes {
		if l.First.Known() {
			out = append(out, Marker{Kind: FirstOfLane, At: l.First.Sort(), Statement: l.FirstID, Lane: l.Key})
		}
	}
	return out
}

// again marks dated statements whose words an earlier one had. Words without a
// key are too few to be told apart.
func again(entries []Entry, key func(string) string) []Marker {
	if key == nil {
		return nil
	}
	var out []Marker
	first := map[string]record.ID{}
	for _, e := range datedOf(entries) {
		k := key(e.Statement.Text)
		if k == "" {
			continue
		}
		if earlier, known := first[k]; known {
			out = append(out, Marker{Kind: Again, At: e.When.Sort(), Statement: e.Statement.ID, Lane: e.Lane, Earlier: earlier})
		} else {
			first[k] = e.Statement.ID
		}
	}
	return out
}

// changes are the markers of one statement: its refusal, its edits and its end.
func changes(e Entry) []Marker {
	var out []Marker
	s := e.Statement
	if s.Kind == record.Declined && e.When.Known() {
		out = append(out, Marker{Kind: Declined, At: e.When.Sort(), Statement: s.ID, Lane: e.Lane})
	}
	for _, at := range edits(s) {
		out = append(out, Marker{Kind: Edited, At: at, Statement: s.ID, Lane: e.Lane})
	}
	kinds := map[record.Status]MarkerKind{record.Withdrawn: Withdrawn, record.Missing: Missing, record.Removed: Removed}
	if kind, ok := kinds[s.Status]; ok {
		out = append(out, Marker{Kind: kind, At: gone(s), Statement: s.ID, Lane: e.Lane})
	}
	return out
}

// edits are the captures that showed other words for the statement on a page
// that had carried it before. Two outlets that cut the same words differently
// are no edit.
func edits(s record.Statement) []time.Time {
	byPage := map[record.ID][]record.Sighting{}
	for _, x := range s.Sightings {
		byPage[x.Page] = append(byPage[x.Page], x)
	}
	var out []time.Time
	for _, seen := range byPage {
		slices.SortStableFunc(seen, func(a, b record.Sighting) int {
			return cmp.Or(a.Captured.Compare(b.Captured), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Words, b.Words))
		})
		for i := 1; i < len(seen); i++ {
			if seen[i].Words != seen[i-1].Words && !seen[i-1].Gone.IsZero() {
				out = append(out, seen[i].Captured.UTC())
			}
		}
	}
	if len(out) == 0 && s.Status == record.Updated {
		out = append(out, gone(s)) // the status was observed though the earlier sighting is not here
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}

// gone is the last capture that found words of the statement gone, else the
// last that said anything of it.
func gone(s record.Statement) time.Time {
	last := s.FirstSeen
	for _, x := range s.Sightings {
		if x.Gone.After(last) {
			last = x.Gone
		}
	}
	return last.UTC()
}

func laneSilences(dated []Entry, lanes []Lane, threshold time.Duration) []Marker {
	by := map[string][]Entry{}
	for _, e := range dated {
		for _, key := range e.lanes() {
			by[key] = append(by[key], e)
		}
	}
	var out []Marker
	for _, l := range lanes {
		if l.Key != "" { // those of no organisation are not one voice
			out = append(out, silences(by[l.Key], threshold, LaneSilence, l.Key)...)
		}
	}
	return out
}

// silences are the stretches of at least threshold in which certainly nothing
// of these entries was said: an entry known only to the day fills its whole
// day, for it may have been said at any time of it. To decline is not to speak: a
// refusal does not end a silence, it is named in it.
func silences(entries []Entry, threshold time.Duration, kind MarkerKind, lane string) []Marker {
	var refused []Entry
	byStart := slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool {
		if e.Statement.Kind == record.Declined {
			refused = append(refused, e)
			return true
		}
		return false
	})
	slices.SortStableFunc(byStart, func(a, b Entry) int {
		return cmp.Or(a.When.Time.Compare(b.When.Time), cmp.Compare(a.Statement.ID, b.Statement.ID))
	})
	var out []Marker
	var until time.Time
	for i, e := range byStart {
		if i > 0 && e.When.Time.Sub(until) >= threshold {
			m := Marker{Kind: kind, At: until.UTC(), End: e.When.Time.UTC(), Statement: e.Statement.ID, Lane: lane}
			for _, r := range refused {
				if r.When.Time.Before(m.End) && filled(r.When).After(m.At) {
					m.Declined = append(m.Declined, r.Statement.ID)
				}
			}
			out = append(out, m)
		}
		if x := filled(e.When); i == 0 || x.After(until) {
			until = x
		}
	}
	return out
}

// filled is the end of the time that an entry may fill.
func filled(i record.Instant) time.Time {
	if i.Timed() {
		return i.Time
	}
	return i.End()
}
