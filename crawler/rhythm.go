package crawler

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"onrecord/record"
)

// Rhythm says how often addresses are asked. The zero value works.
type Rhythm struct {
	// Most is the longest time between two visits of a source that does not say
	// so itself; 0 means 6 hours. The least time is the source's own.
	Most time.Duration
	// Incident and IncidentMost bound the time between two visits of a source
	// that belongs to a running incident; 0 means 5 and 15 minutes.
	Incident, IncidentMost time.Duration
	// IncidentPage and IncidentPageMost bound the time between two visits of a
	// page of the last seven days found on such a source; 0 means 15 minutes and
	// 6 hours. In between it is a 24th of the page's age.
	IncidentPage, IncidentPageMost time.Duration
	// Pages are the times after its first capture, or its last change, at which
	// a page found on a source is visited again; the last of them is the time
	// between two visits from then on. Nil means 1 h, 6 h, 1, 3, 7, 30 and 90
	// days; an empty list means never again.
	Pages []time.Duration
}

const day = 24 * time.Hour

// removalsSeen are the times after a page's first answer 404 or 410 at which it
// is asked again, so that it is called missing after an hour and removed after
// fourteen days; then as the last of Pages says.
var removalsSeen = []time.Duration{65 * time.Minute, 6 * time.Hour, day, 3 * day, 7 * day, 14*day + time.Hour, 30 * day}

// postsSeen are the times after the first answer about a post at which its
// platform is asked again whether it stands.
var postsSeen = []time.Duration{day, 7 * day, 30 * day, 90 * day}

func (o Rhythm) filled() Rhythm {
	for _, x := range []struct {
		value *time.Duration
		usual time.Duration
	}{{&o.Most, 6 * time.Hour}, {&o.Incident, 5 * time.Minute}, {&o.IncidentMost, 15 * time.Minute}, {&o.IncidentPage, 15 * time.Minute}, {&o.IncidentPageMost, 6 * time.Hour}} {
		if *x.value <= 0 {
			*x.value = x.usual
		}
	}
	if o.Pages == nil {
		o.Pages = []time.Duration{time.Hour, 6 * time.Hour, day, 3 * day, 7 * day, 30 * day, 90 * day}
	}
	return o
}

// plan sets when the address of a visit that ended now is asked again. Before is
// the visit as it was; slug names the running incident that its source belongs
// to.
func (o Rhythm) plan(s record.Source, before record.Visit, v *record.Visit, r result, slug string, now time.Time) {
	if !v.Lead {
		o.observe(s, before, v, r.fault == "", slug, now)
	}
	switch {
	case !s.Watched() && (!v.Lead || s.ID != ""):
		v.Due = time.Time{}
	case r.fault != "":
		v.Due = o.afterFault(s, *v, r, now)
		if !v.Lead && v.State == record.VisitGone && v.Due.IsZero() {
			v.Error += "; the source has ended and is not asked again"
		}
	case !v.Lead:
		v.Due = now.Add(time.Duration(v.Rhythm.Every) * time.Second)
	default:
		if v.Since.IsZero() || v.Changed.Equal(now) || v.Since.After(now) {
			v.Since = now
		}
		v.Due = o.pageDue(*v, slug, now)
	}
}

// pageDue is when a page that was read well is visited again, after a visit now.
func (o Rhythm) pageDue(v record.Visit, slug string, now time.Time) time.Time {
	if !v.Again() || len(o.Pages) == 0 {
		return time.Time{}
	}
	steps := o.Pages
	if v.Post != "" {
		steps = postsSeen
	}
	due := scheduled(steps, max(steps[len(steps)-1], o.Pages[len(o.Pages)-1]), v.Since, now)
	if age := now.Sub(v.Since); slug != "" && age <= 7*day && v.Post == "" {
		soon := now.Add(min(max(age/24, o.IncidentPage), o.IncidentPageMost))
		if soon.Before(due) {
			due = soon
		}
	}
	return due
}

// scheduled is the next step of a schedule that began at since, for a visit that
// ended now. One that came late takes the place of the step that it is nearer
// to. After the last step it is last from now.
func scheduled(steps []time.Duration, last time.Duration, since, now time.Time) time.Time {
	before := time.Duration(0)
	for _, step := range steps {
		at := since.Add(step)
		if at.Sub(now) >= (step-before)/2 && at.After(now) {
			return at
		}
		before = step
	}
	return now.Add(last)
}

// The times between two visits of an address that fails.
const (
	firstBackoff = 5 * time.Minute
	mostBackoff  = 6 * time.Hour
	leadTries    = 8 // visits of a lead that fails, before it is given up
)

// afterFault is when an address is asked again whose visit failed now; the zero
// time for never.
func (o Rhythm) afterFault(s record.Source, v record.Visit, r result, now time.Time) time.Time {
	backoff := now.Add(min(firstBackoff<<min(max(v.Failures-1, 0), 10), mostBackoff))
	every := time.Duration(max(v.Rhythm.Every, int64(s.Interval()/time.Second))) * time.Second
	switch {
	case v.Lead && !worthIt(v, r):
		return o.stillPage(v, now)
	case v.Lead && r.state == record.VisitRobots:
		return now.Add(7 * day) // rules change; looking them up again costs no request
	case r.state == record.VisitBarred:
		return now.Add(every) // by settings that may be others by then; nobody is asked
	case r.retry.After(now) && (!r.asked || r.retry.After(backoff)):
		return r.retry
	case !v.Lead && r.state == record.VisitGone && r.exchange.Status == http.StatusGone && s.Kind.Leads():
		return time.Time{}
	case !v.Lead && r.state == record.VisitGone:
		return now.Add(max(s.Interval(), backoff.Sub(now))) // asked on, for the record
	}
	return backoff
}

// stillPage is when a page that was on record and cannot be read now is looked
// at again: a removal is followed for as long as it is one, anything else waits
// for the page's next turn.
func (o Rhythm) stillPage(v record.Visit, now time.Time) time.Time {
	if !v.Again() && v.Post == "" || len(o.Pages) == 0 {
		return time.Time{}
	}
	last := o.Pages[len(o.Pages)-1]
	if !v.Absent.IsZero() {
		return scheduled(removalsSeen, last, v.Absent, now)
	}
	return scheduled(o.Pages, last, v.Since, now)
}

// worthIt reports whether a lead that failed is asked again soon: where nobody
// was asked yet, or where the fault may pass, and not for ever.
func worthIt(v record.Visit, r result) bool {
	status := r.exchange.Status
	switch {
	case r.state == record.VisitBarred:
		return strings.Contains(r.fault, "crawl.contact") // which may be set later
	case !r.asked:
		return true
	case r.state == record.VisitGone || v.Failures >= leadTries:
		return false
	}
	return status == 0 || status/100 == 5 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

// bounds are the least and the longest time between two visits of a source.
func (o Rhythm) bounds(s record.Source, slug string) (least, most time.Duration) {
	least, most = s.Interval(), o.Most
	if s.Most > 0 {
		most = time.Duration(s.Most) * time.Second
	}
	if slug != "" {
		least, most = min(least, o.Incident), min(most, o.IncidentMost)
	}
	return least, max(least, most)
}

const (
	looksPerChange = 20      // how many looks a source gets in the mean time between two changes
	fading         = 7 * day // after which a look counts half
	mostChanges    = 16
)

// observe takes in what a visit of a source saw, and works out the time between
// two visits. The rate of change is the estimator of Cho and Garcia-Molina
// (Estimating Frequency of Change, 2003), over looks that fade. A change halves
// the time at once; a look that found nothing lengthens it by half of what was
// watched, up to what the rate says.
func (o Rhythm) observe(s record.Source, before record.Visit, v *record.Visit, answered bool, slug string, now time.Time) {
	least, most := o.bounds(s, slug)
	r := &v.Rhythm
	every := time.Duration(r.Every) * time.Second
	if every == 0 {
		every = least
	}
	r.Changes = slices.DeleteFunc(slices.Clone(r.Changes), func(t time.Time) bool { return t.After(now) })
	changed := answered && v.Changed.Equal(now) && !before.Succeeded.IsZero() // the first answer is no change
	if changed {
		r.Changes = append([]time.Time{now}, r.Changes[:min(len(r.Changes), mostChanges-1)]...)
	}
	if answered && !before.Succeeded.IsZero() && now.After(before.Succeeded) {
		watched := min(now.Sub(before.Succeeded), 2*most) // a longer one is a machine that slept
		fade := math.Exp2(-float64(watched) / float64(fading))
		r.Looks, r.Found, r.Watched = r.Looks*fade+1, r.Found*fade, r.Watched*fade+watched.Seconds()
		if changed {
			r.Found++
			every /= 2
		} else {
			every += watched / 2
		}
		every = min(every, target(*r, most))
	}
	every = min(max(every, least), most).Round(time.Second)
	r.Every, r.Least, r.Most, r.Incident = int64(every/time.Second), int64(least/time.Second), int64(most/time.Second), slug
	r.Why = why(v, now)
}

// target is the time between two visits that the rate of change asks for.
func target(r record.Rhythm, most time.Duration) time.Duration {
	rate := -math.Log((r.Looks-r.Found+0.5)/(r.Looks+0.5)) * r.Looks / r.Watched // changes a second
	if !(rate > 0) {
		return most
	}
	return time.Duration(min(1/(looksPerChange*rate), most.Seconds()) * float64(time.Second))
}

// why tells a source's rhythm in words: "asked every 22 min (between 15 min and
// 6 h), because it changed 3 times in the last day".
func why(v *record.Visit, now time.Time) string {
	r := v.Rhythm
	out := "asked every " + brief(r.Every)
	switch {
	case r.Incident != "":
		out += fmt.Sprintf(" (between %s and %s while the incident %s runs)", brief(r.Least), brief(r.Most), r.Incident)
	case r.Least == r.Most:
		return out + ", as the settings say"
	default:
		out += fmt.Sprintf(" (between %s and %s)", brief(r.Least), brief(r.Most))
	}
	lately, week := 0, 0
	for _, t := range r.Changes {
		if now.Sub(t) <= day {
			lately++
		}
		if now.Sub(t) <= 7*day {
			week++
		}
	}
	switch {
	case r.Looks == 0:
		return out + ", for a start"
	case lately > 0:
		return out + ", because it changed " + times(lately) + " in the last day"
	case week > 0:
		return out + ", because it changed " + times(week) + " in the last week"
	case len(r.Changes) > 0:
		return out + ", because it last changed on " + r.Changes[0].In(record.London).Format("2 January 2006")
	}
	return out + ", because it was not seen to change"
}

func times(n int) string {
	switch {
	case n == 1:
		return "once"
	case n >= mostChanges:
		return fmt.Sprintf("%d times or more", n)
	}
	return fmt.Sprintf("%d times", n)
}

// brief is a number of seconds as people say it: "22 min", "6 h", "1.5 h".
func brief(seconds int64) string {
	d := time.Duration(seconds) * time.Second
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", seconds)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int64(d.Round(time.Minute)/time.Minute))
	case d < 2*day:
		return fmt.Sprintf("%.3g h", d.Round(6*time.Minute).Hours())
	}
	return fmt.Sprintf("%.3g days", d.Hours()/24)
}

// reread is how long incidents are remembered as they were read.
const reread = time.Minute

// incidentOf is the running incident that a source belongs to: one that names
// its organisation, or that names none. It is "" for none.
func (c *Crawler) incidentOf(ctx context.Context, s record.Source, now time.Time) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if age := now.Sub(c.incidentsAt); c.incidents == nil || age < 0 || age >= reread {
		list, err := c.catalogue.Incidents(ctx)
		if err != nil {
			return "", err
		}
		c.incidents, c.incidentsAt = list, now
	}
	for _, i := range c.incidents {
		if i.Running(now) && (len(i.Orgs) == 0 || s.Org != "" && slices.Contains(i.Orgs, s.Org)) {
			return i.Slug, nil
		}
	}
	return "", nil
}

// attend has what is due follow incidents that began, and a clock that went
// back. The loop calls it before it hands out work.
func (c *Crawler) attend(ctx context.Context) error {
	now := c.o.Clock.Now()
	c.mu.Lock()
	back := c.latest.Sub(now)
	looked := now.Sub(c.attended)
	c.latest = now
	if looked >= 0 && looked < reread && c.sources != nil && back < time.Minute {
		c.mu.Unlock()
		return nil
	}
	c.attended = now
	c.mu.Unlock()
	if back >= time.Minute {
		if err := c.wentBack(ctx, back, now); err != nil {
			return err
		}
	}
	return c.hasten(ctx, now)
}

// wentBack gives whatever was put off by a clock that ran ahead a time near now.
func (c *Crawler) wentBack(ctx context.Context, by time.Duration, now time.Time) error {
	c.o.Log.Warn("clock went back: what it had put off is due soon", "by_s", int64(by/time.Second))
	return c.catalogue.Retime(ctx, nil, func(v record.Visit) time.Time {
		within := day
		switch ahead := now.Add(time.Minute); {
		case !v.Tried.After(ahead) && (!v.Lead || !v.Tried.IsZero() || !v.Due.After(ahead)):
			return v.Due
		case !v.Lead:
			within = time.Duration(max(v.Rhythm.Every, 900)) * time.Second
		case v.Tried.IsZero():
			return now
		}
		if !v.Due.After(now.Add(within)) { // as it was found before
			return v.Due
		}
		return now.Add(spread(v.URL, within))
	})
}

// spread is a time below within that is always the same for an address.
func spread(url string, within time.Duration) time.Duration {
	h := fnv.New64a()
	h.Write([]byte(url)) //nolint:errcheck // it never fails
	return time.Duration(h.Sum64() % uint64(within))
}

// hasten brings forward the visits of sources that have come to belong to a
// running incident.
func (c *Crawler) hasten(ctx context.Context, now time.Time) error {
	list, err := c.allSources(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	was := c.running
	c.mu.Unlock()
	running, begun := map[record.ID]string{}, []record.ID(nil)
	for id, s := range list {
		slug, err := c.incidentOf(ctx, s, now)
		if err != nil {
			return err
		}
		if slug == "" || !s.Watched() {
			continue
		}
		running[id] = slug
		if was[id] == "" {
			begun = append(begun, id)
		}
	}
	c.mu.Lock()
	c.running = running
	c.mu.Unlock()
	if len(begun) == 0 {
		return nil
	}
	return c.catalogue.Retime(ctx, begun, func(v record.Visit) time.Time {
		due := v.Due
		switch {
		case v.State != record.VisitOK:
			return due
		case !v.Lead:
			_, most := c.o.Rhythm.bounds(list[v.Source], running[v.Source])
			due = v.Tried.Add(most)
		case v.Again():
			due = c.o.Rhythm.pageDue(v, running[v.Source], v.Tried)
		}
		if due.After(v.Due) {
			due = v.Due
		}
		return due
	})
}
