package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"onrecord/record"
)

// Watch says how a window of time was watched: which sources were asked, which
// failed and for how long, and when nobody asked. Without it a silence on a
// timeline may be the body's or the program's.
type Watch struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Asked is how many sources were asked in the window, Visits how often in
	// all, as far as the stretches tell (one that reaches into the window counts
	// whole).
	Asked  int `json:"asked"`
	Visits int `json:"visits"`
	// Trouble are the stretches in which a source could not be read, longest first.
	Trouble []Trouble `json:"trouble"`
	// Off are the stretches in which nobody asked although something was due: the
	// program did not run, or the machine slept.
	Off []Span `json:"off"`
	// Words say the same in sentences, times in Europe/London.
	Words []string `json:"words"`
}

// Span is a stretch of time.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Trouble is a stretch in which a source could not be read.
type Trouble struct {
	Source record.ID         `json:"source"`
	Name   string            `json:"name"`
	State  record.VisitState `json:"state"`
	Reason string            `json:"reason"`
	Span
	// Over is true where it was read again at To; else To is the last try.
	Over bool `json:"over"`
}

const (
	// offFrom is the shortest time without the crawler that is told.
	offFrom = 15 * time.Minute
	// troubleTold is how many troubles are told in words.
	troubleTold = 12
)

// Watched lays out how [from,to) was watched, by stretches as a catalogue gives
// them. Names are those of sources by id; those that are not in it are left out.
func Watched(from, to time.Time, spells []record.Spell, names map[record.ID]string) Watch {
	w := Watch{From: from, To: to, Trouble: []Trouble{}, Off: []Span{}}
	asked := map[record.ID]bool{}
	for k, s := range spells {
		if _, ok := names[s.Source]; !ok || s.Last.Before(from) || !s.Began.Before(to) {
			continue
		}
		asked[s.Source] = true
		w.Visits += s.Visits
		if s.State == record.VisitOK {
			continue
		}
		t := Trouble{Source: s.Source, Name: names[s.Source], State: s.State, Reason: s.Reason, Span: Span{s.Began, s.Last}}
		if k+1 < len(spells) && spells[k+1].Source == s.Source {
			t.To, t.Over = spells[k+1].Began, spells[k+1].State == record.VisitOK
		}
		t.From, t.To = clip(t.From, from, to), clip(t.To, from, to)
		w.Trouble = append(w.Trouble, t)
	}
	w.Asked = len(asked)
	slices.SortStableFunc(w.Trouble, func(a, b Trouble) int {
		return cmp.Or(cmp.Compare(b.To.Sub(b.From), a.To.Sub(a.From)), a.From.Compare(b.From), cmp.Compare(a.Source, b.Source))
	})
	w.Off = off(from, to, spells)
	w.Words = w.words()
	return w
}

func clip(t, from, to time.Time) time.Time {
	if t.Before(from) {
		return from
	}
	if t.After(to) {
		return to
	}
	return t
}

// off are the stretches without the crawler in which something was due.
func off(from, to time.Time, spells []record.Spell) []Span {
	var due []time.Time
	var ran []record.Spell
	for _, s := range spells {
		switch {
		case s.Source == "" && s.Last.Before(from):
		case s.Source == "":
			ran = append(ran, s)
		case !s.Until.IsZero():
			due = append(due, s.Until)
		}
	}
	slices.SortFunc(ran, func(a, b record.Spell) int { return a.Began.Compare(b.Began) })
	out := []Span{}
	at := from
	for k := 0; k <= len(ran); k++ {
		until := to
		if k < len(ran) {
			until = clip(ran[k].Began, from, to)
		}
		missed := k == 0 || slices.ContainsFunc(due, func(t time.Time) bool { return !t.Before(at) && t.Add(offFrom).Before(until) })
		if until.Sub(at) > offFrom && missed {
			out = append(out, Span{at, until})
		}
		if k < len(ran) && ran[k].Last.After(at) {
			at = clip(ran[k].Last, from, to)
		}
	}
	return out
}

func (w Watch) words() []string {
	if w.Asked == 0 {
		return []string{"No source was asked in this window: what was said then is on record only where a page still showed it later."}
	}
	out := []string{fmt.Sprintf("%d %s asked in this window.", w.Asked, map[bool]string{true: "source was", false: "sources were"}[w.Asked == 1])}
	for k, t := range w.Trouble {
		if k == troubleTold {
			out = append(out, fmt.Sprintf("%d shorter failures are not listed.", len(w.Trouble)-k))
			break
		}
		verb := "could not be read"
		if t.State == record.VisitRobots || t.State == record.VisitUnsure || t.State == record.VisitBarred {
			verb = "was not asked"
		}
		when := between(t.Span)
		if !t.Over {
			when = "from " + moment(t.From) + " on"
		}
		line := fmt.Sprintf("%s %s %s", t.Name, verb, when)
		if t.Reason != "" {
			line += " (" + strings.TrimSuffix(t.Reason, ".") + ")"
		}
		out = append(out, line+".")
	}
	for _, s := range w.Off {
		out = append(out, fmt.Sprintf("Nobody asked %s: the program was not running.", between(s)))
	}
	return out
}

func between(s Span) string {
	a, b := s.From.In(record.London), s.To.In(record.London)
	if a.Format(time.DateOnly) == b.Format(time.DateOnly) {
		return fmt.Sprintf("from %s to %s on %s", a.Format("15:04"), b.Format("15:04"), a.Format("2 January 2006"))
	}
	return "from " + moment(a) + " to " + moment(b)
}

func moment(t time.Time) string { return t.In(record.London).Format("15:04 on 2 January 2006") }
