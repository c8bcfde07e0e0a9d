package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"onrecord/catalogue"
	"onrecord/query"
	"onrecord/record"
	"onrecord/timeline"
)

// MaxTimeline is the most statements that are laid out at once.
const MaxTimeline = 5000

// TimelineAsk narrows the timeline of an incident. The zero value asks for all
// of it.
type TimelineAsk struct {
	From, To time.Time // [From,To) of what was said; zero leaves that end open
	Orgs     []string
	Kinds    []string
}

// IncidentTimeline is an incident laid out in time.
type IncidentTimeline struct {
	Incident record.Incident `json:"incident"`
	Query    Understood      `json:"query"`
	timeline.Timeline
	// Cut is how many statements are left out because there are more than
	// MaxTimeline: the latest ones.
	Cut      int      `json:"cut"`
	Coverage Coverage `json:"coverage"`
}

// Coverage says what an answer rests on.
type Coverage struct {
	Outlets []OutletCount `json:"outlets"` // where the statements were seen, most sightings first
	// Unread are captures in the incident's window that could not be read, so
	// that what they said is missing.
	Unread []catalogue.UnreadCapture `json:"unread"`
	// Watched is how many places are watched now; Gaps are those of them whose
	// last good visit was before the end of the window, or that never had one,
	// so that what they said meanwhile may be missing.
	Watched int   `json:"watched"`
	Gaps    []Gap `json:"gaps"`
	// Watch tells how the incident's window was watched while it passed; nil for
	// a window that has no beginning.
	Watch *timeline.Watch `json:"watch,omitempty"`
}

// Gap is a watched place that was not read to the end of the window.
type Gap struct {
	Source record.ID `json:"source"`
	URL    string    `json:"url"`
	// Read is the last good visit, Tried the last one; the zero time for never.
	Read  time.Time `json:"read,omitzero"`
	Tried time.Time `json:"tried,omitzero"`
	// Why is the fault of the last visit, or says that it was never visited or
	// is no longer.
	Why string `json:"why"`
}

// OutletCount is an outlet and its sightings.
type OutletCount struct {
	Outlet    string `json:"outlet"`
	Name      string `json:"name,omitempty"`
	Sightings int    `json:"sightings"`
}

var errEnough = errors.New("enough")

// Timeline lays the statements of an incident out. The error wraps
// record.ErrNotFound, or is a *FieldError for an incident whose query cannot
// be read any longer.
func (d *Desk) Timeline(ctx context.Context, slug string, a TimelineAsk) (IncidentTimeline, error) {
	i, err := d.Incident(ctx, slug)
	if err != nil {
		return IncidentTimeline{}, err
	}
	ask := a.ask(slug)
	q, err := d.read(ctx, ask)
	if err != nil {
		return IncidentTimeline{}, err
	}
	var said []record.Statement
	_, err = d.Each(ctx, ask, func(s record.Statement) error {
		if len(said) == MaxTimeline {
			return errEnough
		}
		said = append(said, s)
		return nil
	})
	cut := 0
	if errors.Is(err, errEnough) {
		cut, err = d.beyond(ctx, ask)
	}
	if err != nil {
		return IncidentTimeline{}, err
	}
	laid := timeline.Lay(said, timeline.Options{Names: d.names(), Key: sameWords})
	if err := d.phrases(ctx, laid.Days); err != nil {
		return IncidentTimeline{}, err
	}
	coverage, err := d.coverage(ctx, i, said)
	return IncidentTimeline{Incident: i, Query: q.Understood, Timeline: laid, Cut: cut, Coverage: coverage}, err
}

// ask is the same question in the language.
func (a TimelineAsk) ask(slug string) Ask {
	fields := map[string][]string{"incident": {slug}}
	if len(a.Orgs) > 0 {
		fields["org"] = a.Orgs
	}
	if len(a.Kinds) > 0 {
		fields["kind"] = a.Kinds
	}
	if !a.From.IsZero() || !a.To.IsZero() {
		fields["said"] = []string{window(a.From, a.To)}
	}
	return Ask{Fields: fields, Sort: query.Oldest}
}

// window writes [from,to) in the language, whose ranges include their end.
func window(from, to time.Time) string {
	s := ""
	if !from.IsZero() {
		s = from.UTC().Format(time.RFC3339)
	}
	s += ".."
	if !to.IsZero() {
		s += to.UTC().Add(-time.Second).Format(time.RFC3339)
	}
	return s
}

func (d *Desk) beyond(ctx context.Context, a Ask) (int, error) {
	a.Limit = 1
	f, err := d.Search(ctx, a)
	return f.Total - MaxTimeline, err
}

// names are the display names of the register's organisations.
func (d *Desk) names() map[string]string {
	out := map[string]string{}
	for _, o := range d.reg.Orgs() {
		out[o.ID] = o.Name
	}
	return out
}

// manyUnread bounds the list of what could not be read.
const manyUnread = 200

func (d *Desk) coverage(ctx context.Context, i record.Incident, said []record.Statement) (Coverage, error) {
	c := Coverage{Outlets: []OutletCount{}, Unread: []catalogue.UnreadCapture{}}
	at := map[string]int{}
	for _, s := range said {
		for _, seen := range s.Sightings {
			k, known := at[seen.Outlet]
			if !known {
				k = len(c.Outlets)
				at[seen.Outlet] = k
				c.Outlets = append(c.Outlets, OutletCount{Outlet: seen.Outlet, Name: seen.OutletName})
			}
			c.Outlets[k].Sightings++
		}
	}
	slices.SortFunc(c.Outlets, func(a, b OutletCount) int {
		return cmp.Or(b.Sightings-a.Sightings, cmp.Compare(a.Outlet, b.Outlet))
	})
	unread, err := d.cat.Unreadable(ctx, manyUnread)
	for _, u := range unread {
		if (i.From.IsZero() || !u.At.Before(i.From)) && (i.To.IsZero() || u.At.Before(i.To)) {
			c.Unread = append(c.Unread, u)
		}
	}
	if err != nil {
		return c, err
	}
	return c, d.gaps(ctx, i, &c)
}

// gaps finds the watched places that were not read to the end of the window, or
// in the last day where the window is open.
func (d *Desk) gaps(ctx context.Context, i record.Incident, c *Coverage) error {
	states, err := d.cat.SourceStates(ctx, "")
	if err != nil {
		return err
	}
	c.Gaps = []Gap{}
	end := d.clock().AddDate(0, 0, -1)
	if !i.To.IsZero() && i.To.Before(end) {
		end = i.To
	}
	for _, s := range states {
		c.Watched++
		if !s.Visit.Succeeded.Before(end) {
			continue
		}
		why := cmp.Or(s.Visit.Error, "not read since")
		switch {
		case !s.Enabled:
			why = "no longer visited"
		case s.Visit.Tried.IsZero():
			why = "never visited"
		}
		c.Gaps = append(c.Gaps, Gap{Source: s.ID, URL: s.URL, Read: s.Visit.Succeeded, Tried: s.Visit.Tried, Why: why})
	}
	return d.watch(ctx, i, states, c)
}

// watch tells how the incident's window was watched.
func (d *Desk) watch(ctx context.Context, i record.Incident, states []record.SourceState, c *Coverage) (err error) {
	c.Watch, err = d.watched(ctx, i.From, i.To, states)
	return err
}

// Watched tells how [from,to) was watched, up to now where the end is open or to
// come. It is nil for a window without a beginning, or one that has not begun.
func (d *Desk) Watched(ctx context.Context, from, to time.Time) (*timeline.Watch, error) {
	states, err := d.cat.SourceStates(ctx, "")
	if err != nil {
		return nil, err
	}
	return d.watched(ctx, from, to, states)
}

func (d *Desk) watched(ctx context.Context, from, end time.Time, states []record.SourceState) (*timeline.Watch, error) {
	to := d.clock()
	if !end.IsZero() && end.Before(to) {
		to = end
	}
	if from.IsZero() || !from.Before(to) {
		return nil, nil
	}
	spells, err := d.cat.Spells(ctx, from, to)
	if err != nil {
		return nil, err
	}
	names := map[record.ID]string{}
	for _, s := range states {
		names[s.ID] = cmp.Or(s.Name, s.URL)
	}
	w := timeline.Watched(from.UTC(), to.UTC(), spells, names)
	return &w, nil
}

// Register names the register that the desk answers by, and its digest.
func (d *Desk) Register() string { return d.reg.Version() }
