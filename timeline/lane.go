package timeline

import (
	"cmp"
	"slices"
	"strings"

	"onrecord/record"
)

// Lane is one organisation's share of the timeline.
type Lane struct {
	// Key is the register id; "~" and the folded printed name for an
	// organisation that the register does not know; "" for statements that are
	// no organisation's.
	Key   string         `json:"key"`
	Name  string         `json:"name"`  // for display; "" for key ""
	Count int            `json:"count"` // statements, joint ones included
	First record.Instant `json:"first"` // of its first dated entry; unknown for none
	Last  record.Instant `json:"last"`
	// FirstID and LastID are the statements at those instants; "" for none.
	FirstID record.ID `json:"first_id,omitempty"`
	LastID  record.ID `json:"last_id,omitempty"`
	// BehindS is how many seconds after the first entry of all this lane began.
	// It is nil where either has no time of day: nothing is guessed.
	BehindS *int64 `json:"behind_s"`
	// Kinds counts its statements by kind.
	Kinds map[record.Kind]int `json:"kinds"`
}

// LaneKey is the key of the lane on which a speaker's words stand; see Lane.Key.
func LaneKey(s record.Speaker) string {
	switch {
	case s.Org != "":
		return s.Org
	case strings.TrimSpace(s.OrgName) != "":
		return "~" + strings.ToLower(strings.Join(strings.Fields(s.OrgName), " "))
	default:
		return ""
	}
}

// lanes draws the lanes of sorted entries.
func lanes(entries []Entry, names map[string]string) []Lane {
	by := map[string]*Lane{}
	for _, e := range entries {
		for _, key := range e.lanes() {
			l := by[key]
			if l == nil {
				l = &Lane{Key: key, Kinds: map[record.Kind]int{}}
				by[key] = l
			}
			l.add(e)
		}
	}
	name(by, entries, names)
	out := make([]Lane, 0, len(by))
	for _, l := range by {
		l.BehindS = behind(entries, l.First)
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b Lane) int {
		ea := Entry{When: a.First, Statement: record.Statement{ID: a.FirstID}}
		eb := Entry{When: b.First, Statement: record.Statement{ID: b.FirstID}}
		return cmp.Or(compare(ea, eb), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// add counts the entry; entries come in order.
func (l *Lane) add(e Entry) {
	l.Count++
	l.Kinds[e.Statement.Kind]++
	if !e.When.Known() {
		return
	}
	if l.FirstID == "" && !l.First.Known() {
		l.First, l.FirstID = e.When, e.Statement.ID
	}
	l.Last, l.LastID = e.When, e.Statement.ID
}

// name gives each lane its display name: the given one, else the one that its
// first speaker has, else the key.
func name(by map[string]*Lane, entries []Entry, names map[string]string) {
	for _, e := range entries {
		for _, s := range append([]record.Speaker{e.Statement.Speaker}, e.Statement.JointWith...) {
			if l := by[LaneKey(s)]; l.Name == "" {
				l.Name = strings.Join(strings.Fields(s.OrgName), " ")
			}
		}
	}
	for key, l := range by {
		if n := names[key]; n != "" {
			l.Name = n
		} else if l.Name == "" {
			l.Name = key
		}
	}
}

// behind is how long after the first entry this instant is, where both are timed.
func behind(entries []Entry, first record.Instant) *int64 {
	if len(entries) == 0 || !entries[0].When.Timed() || !first.Timed() {
		return nil
	}
	s := int64(first.Time.Sub(entries[0].When.Time).Seconds())
	return &s
}
