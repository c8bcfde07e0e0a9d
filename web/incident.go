package web

import (
	"fmt"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"onrecord/desk"
	"onrecord/record"
)

type incidentPage struct {
	I         record.Incident
	T         desk.IncidentTimeline
	All       int
	Lane      string
	Lanes     []named
	Downloads []named
	Cut       string
	Density   *density
	Hours     *density
	Spoke     []spoke
	Changes   []change
	Days      []dayOf
	Next      string
}

type spoke struct {
	Name, Behind string
	ID           record.ID
	First        record.Instant
	Count        int
}

type change struct {
	At        time.Time
	ID        record.ID
	What, Who string
}

type dayOf struct {
	Date    string
	Entries []entry
}

type entry struct {
	Gap, Clock string
	Badges     []string
	Card       card
}

// density is the picture of statements by day or by hour, drawn here.
type density struct {
	Width int
	Label string
	Unit  string // of a bar: "day" or "hour"
	Bars  []bar
	Rows  []row
}

type bar struct {
	X, Y, W, H int
	Title      string
}

type row struct {
	Day, Link      string
	Count, Untimed int
}

func (s *Site) incidents(c *gin.Context) (page, error) {
	list, err := s.o.Desk.Incidents(c.Request.Context())
	return page{template: "incidents", Title: "Incidents", Here: "incidents", Canonical: "/i", Body: list}, err
}

// atOnce is how many statements one page of a timeline shows.
const atOnce = 200

func (s *Site) incident(c *gin.Context) (page, error) {
	slug, v := c.Param("slug"), c.Request.URL.Query()
	t, err := s.o.Desk.Timeline(c.Request.Context(), slug, desk.TimelineAsk{})
	if err != nil {
		return page{}, err
	}
	p := incidentPage{I: t.Incident, All: t.Total, Lane: v.Get("org")}
	for _, l := range t.Lanes {
		if l.Key == "" || l.Key[0] == '~' {
			continue // no id to narrow by
		}
		p.Lanes = append(p.Lanes, named{Name: l.Name, Count: l.Count, On: l.Key == p.Lane, Link: "/i/" + slug + "?org=" + url.QueryEscape(l.Key)})
	}
	if p.Lane != "" {
		if t, err = s.o.Desk.Timeline(c.Request.Context(), slug, desk.TimelineAsk{Orgs: []string{p.Lane}}); err != nil {
			return page{}, err
		}
	}
	p.T = t
	p.lay(v)
	out := "/api/v1/incidents/" + slug
	query := ""
	if p.Lane != "" {
		query = "?org=" + url.QueryEscape(p.Lane)
	}
	p.Downloads = []named{{Name: "CSV", Link: out + "/export.csv" + query}, {Name: "JSON lines", Link: out + "/export.jsonl" + query}, {Name: "Atom feed", Link: out + "/feed.atom" + query}, {Name: "How these are made", Link: out + "/export.about.json" + query}}
	return page{template: "incident", Title: t.Incident.Name, Here: "incidents", Canonical: "/i/" + slug, Feed: out + "/feed.atom", Body: p}, nil
}

// lay fills the page from the timeline.
func (p *incidentPage) lay(v url.Values) {
	if p.T.Cut > 0 {
		p.Cut = fmt.Sprintf("This incident has more statements than are laid out at once: the latest %s are left out here. The exports have all of them.", number(p.T.Cut))
	}
	who := map[record.ID]string{}
	for _, d := range p.T.Days {
		for _, e := range d.Entries {
			who[e.Statement.ID] = e.Statement.Speaker.String()
		}
	}
	badges, gaps := map[record.ID][]string{}, map[record.ID]string{}
	for _, m := range p.T.Markers {
		switch m.Kind {
		case "first":
			badges[m.Statement] = append(badges[m.Statement], "first to speak")
		case "edited", "withdrawn", "missing", "removed":
			badges[m.Statement] = append(badges[m.Statement], string(m.Kind))
			p.Changes = append(p.Changes, change{m.At, m.Statement, string(m.Kind), who[m.Statement]})
		case "declined":
			badges[m.Statement] = append(badges[m.Statement], "declined")
		case "silence":
			gaps[m.Statement] = "no statement for " + gapWords(m.At, m.End)
		}
	}
	shown, from := 0, v.Get("from")
	for _, d := range p.T.Days {
		if from != "" && d.Date != "" && d.Date < from {
			continue
		}
		if shown >= atOnce { // a day is never cut
			next := url.Values{"from": {d.Date}}
			if p.Lane != "" {
				next.Set("org", p.Lane)
			}
			p.Next = "/i/" + p.I.Slug + "?" + next.Encode()
			break
		}
		day := dayOf{Date: d.Date}
		for _, e := range d.Entries {
			id := e.Statement.ID
			day.Entries = append(day.Entries, entry{Gap: gaps[id], Clock: clock(e.When), Badges: badges[id], Card: cardOf(e.Statement, nil)})
			shown++
		}
		p.Days = append(p.Days, day)
	}
	for _, l := range p.T.Lanes {
		x := spoke{Name: l.Name, ID: l.FirstID, First: l.First, Count: l.Count, Behind: "not known to the minute"}
		if x.Name == "" {
			x.Name = "no organisation known"
		}
		if l.BehindS != nil {
			x.Behind = behind(time.Duration(*l.BehindS) * time.Second)
		}
		p.Spoke = append(p.Spoke, x)
	}
	p.Density, p.Hours = p.draw(), p.drawHours()
}

// draw is the picture of statements by day; days without any are gaps in it as
// long as there are few enough to draw.
func (p *incidentPage) draw() *density {
	days := p.T.Density.Days
	if len(days) < 2 {
		return nil
	}
	most := 1
	for _, b := range days {
		most = max(most, b.Count)
	}
	first := days[0].From
	span := int(days[len(days)-1].From.Sub(first).Hours()/24+0.5) + 1
	d := &density{Unit: "day", Width: span * 10, Label: fmt.Sprintf("Statements by day, %s to %s; at most %d on one day", first.In(record.London).Format("2 January 2006"), days[len(days)-1].From.In(record.London).Format("2 January 2006"), most)}
	for i, b := range days {
		at := int(b.From.Sub(first).Hours()/24 + 0.5)
		if span > 1000 { // years apart: side by side instead
			at, d.Width = i, len(days)*10
		}
		high := max(2, b.Count*56/most)
		l := b.From.In(record.London)
		d.Bars = append(d.Bars, bar{X: at*10 + 1, Y: 60 - high, W: 8, H: high, Title: l.Format("2 January 2006") + ": " + countWords(b.Count, "statement", "statements")})
		d.Rows = append(d.Rows, row{Day: l.Format("Monday 2 January 2006"), Link: "#d" + l.Format(time.DateOnly), Count: b.Count, Untimed: b.Untimed})
	}
	return d
}

// mostHours is the longest stretch that is drawn by the hour.
const mostHours = 10 * 24

// drawHours is the picture of the timed statements by hour, in London's time;
// nil where they lie too far apart for it.
func (p *incidentPage) drawHours() *density {
	hours := p.T.Density.Hours
	if len(hours) < 2 || hours[len(hours)-1].From.Sub(hours[0].From) > mostHours*time.Hour {
		return nil
	}
	most, sum := 1, 0
	for _, b := range hours {
		most, sum = max(most, b.Count), sum+b.Count
	}
	first := hours[0].From
	span := int(hours[len(hours)-1].From.Sub(first)/time.Hour) + 1
	d := &density{Unit: "hour", Width: span * 10, Label: fmt.Sprintf("%s of a known time by hour, %s to %s; at most %d in one hour", countWords(sum, "statement", "statements"), moment(first), moment(hours[len(hours)-1].From), most)}
	for _, b := range hours {
		at := int(b.From.Sub(first) / time.Hour)
		high := max(2, b.Count*56/most)
		l := b.From.In(record.London)
		d.Bars = append(d.Bars, bar{X: at*10 + 1, Y: 60 - high, W: 8, H: high, Title: moment(b.From) + ": " + countWords(b.Count, "statement", "statements")})
		d.Rows = append(d.Rows, row{Day: moment(b.From), Link: "#d" + l.Format(time.DateOnly), Count: b.Count})
	}
	return d
}

// clock is the time of day of an entry, or that it is not known.
func clock(i record.Instant) string {
	if !i.Timed() {
		return "time not known"
	}
	return i.Time.In(record.London).Format("15:04 MST")
}

// behind is a lag for people.
func behind(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "at once"
	case d < time.Hour:
		return countWords(int(d.Minutes()), "minute", "minutes")
	default:
		return gapWords(time.Time{}, time.Time{}.Add(d))
	}
}
