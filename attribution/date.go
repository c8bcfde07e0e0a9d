package attribution

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"onrecord/record"
)

var months = map[string]time.Month{
	"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}

var dayWords = set(`monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun am pm at on date published updated bst gmt`)

const monthForm = `(Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)`

var (
	dayMonth = regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th)?(?: of)? ` + monthForm + `\b\.?(?:,? (\d{4})\b)?`)
	monthDay = regexp.MustCompile(`\b` + monthForm + `\.? (\d{1,2})(?:st|nd|rd|th)?\b(?:,? (\d{4})\b)?`)
	// vague tells of another time without naming its day.
	vague = regexp.MustCompile(`(?i)\b(yesterday|last (week|month|year|night|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|earlier this (week|month|year)|(days|weeks|months|years) ago|at the time|the day before)\b`)
)

// date says when each utterance was said: by the update it stands in, by the
// post's own time, by a date in the words that lead to it, else when the page
// was published, else when it was captured.
func (g *reading) date(said []*utterance) {
	for _, u := range said {
		if u.said.Known() {
			continue // a post
		}
		g.dateOne(u)
	}
	g.carryDays(said)
	for _, u := range said {
		if u.post == nil {
			g.asOf(u)
		}
	}
}

func (g *reading) dateOne(u *utterance) {
	if n := g.pars[u.par].Update; n >= 0 && n < len(g.page.Updates) {
		up := g.page.Updates[n]
		if u.url == "" {
			u.url = up.URL
		}
		if up.At.Known() {
			u.said = up.At
			u.said.Basis = record.FromUpdate
			if i, ok := g.saidOn(g.lead(u), u, up.At); ok && i.End().Before(up.At.Time) {
				u.said = i // an update that tells of an earlier day
			}
			return
		}
	}
	u.said = g.dateNear(u)
}

// dayOf is the day as of which the names of an utterance hold: when it was said,
// else the page's. A month or a year is no day: its first one would name who was
// there then.
func (g *reading) dayOf(u *utterance) time.Time {
	if u.said.Known() && u.said.Precision != record.ToMonth && u.said.Precision != record.ToYear {
		return u.said.Time
	}
	return g.day
}

// asOf reads the organisation of an utterance that was said on another day than
// the page's as of that day.
func (g *reading) asOf(u *utterance) {
	day := g.dayOf(u)
	if u.v == nil || day.Equal(g.day) {
		return
	}
	v := *u.v
	switch {
	case v.post != "":
		if v.hit > 0 {
			f, ok := g.meant(v.hit, day)
			g.setFound(&v, f, ok, day)
		}
		g.setHolder(&v, day)
	case v.person >= 0 && (v.orgRule == "register" || g.people[v.person].hit > 0):
		v.Speaker, v.orgRule = g.speakerOn(v.person, day)
	case v.hit > 0 && v.orgRule != "nearest organisation":
		f, ok := g.meant(v.hit, day)
		g.setFound(&v, f, ok, day)
	default:
		return
	}
	u.v = &v
}

func (g *reading) dateNear(u *utterance) record.Instant {
	page := g.pageDate()
	if u.kind == record.Release && u.v.rule == "publisher" {
		return page
	}
	lead := g.lead(u)
	if i, ok := g.saidOn(lead, u, page); ok {
		return i
	}
	if m := vagueIn(lead); m != "" && u.kind != record.Indirect && u.kind != record.Declined {
		return record.Instant{Raw: m, Notes: []string{"said at another time, whose day is not given"}}
	}
	return page
}

// vagueIn is the first vague time in a sentence that may be that of the saying,
// "" for none.
func vagueIn(s string) string {
	low := strings.ToLower(s)
	for _, w := range [...]string{"yesterday", "last ", "earlier", " ago", "at the time", "the day before"} {
		if !strings.Contains(low, w) {
			continue
		}
		for _, m := range vague.FindAllStringIndex(s, 4) {
			if !strings.HasPrefix(s[m[1]:], "’s") && !strings.HasPrefix(s[m[1]:], "'s") && !blocked(s[:m[0]]) {
				return s[m[0]:m[1]]
			}
		}
		return ""
	}
	return ""
}

func (g *reading) pageDate() record.Instant {
	if g.page.Published.Known() {
		return g.page.Published
	}
	if g.page.Captured.IsZero() {
		return record.Instant{}
	}
	return record.At(g.page.Captured, record.FromCaptured)
}

// longLead bounds in bytes what is looked at before a quotation for a date; half
// of it is looked at behind.
const longLead = 400

// lead is the sentence around the first span of an utterance, without the
// quoted words.
func (g *reading) lead(u *utterance) string {
	q := &g.pars[u.first]
	at := u.spans[0].Start
	if at < q.Start || at > q.Start+len(q.line) {
		return ""
	}
	before := g.text[max(q.Start, at-longLead):at]
	if n := strings.LastIndexAny(before, ".!?"); n >= 0 && n < len(before)-3 && strings.ContainsAny(before[n:], " ") && len(before)-n > 12 {
		if rest := before[n+1:]; !strings.HasPrefix(rest, "\"") && !strings.HasPrefix(rest, "”") {
			before = rest
		}
	}
	before = strings.ToValidUTF8(before, "")
	after := ""
	if u.spans[0].End < q.Start+len(q.line) {
		after = g.text[u.spans[0].End:min(q.Start+len(q.line), u.spans[0].End+longLead/2)]
		if n := strings.IndexAny(after, ".!?“"); n >= 0 {
			after = after[:n]
		}
		after = strings.ToValidUTF8(after, "")
	}
	return before + " " + after
}

// dateIn reads the first day and month, with or without a year, of a text.
func dateIn(s string, page record.Instant) (record.Instant, bool) {
	if list := datesIn(s, page); len(list) > 0 {
		return list[0].at, true
	}
	return record.Instant{}, false
}

// datesIn lists the days of a text that are given by day and month. A day
// without a year is the one nearest to the page's date.
func datesIn(s string, page record.Instant) []timePhrase {
	if !strings.ContainsAny(s, "0123456789") {
		return nil
	}
	var out []timePhrase
	for _, form := range [...]*regexp.Regexp{dayMonth, monthDay} {
		for _, m := range form.FindAllStringSubmatchIndex(s, 4) {
			day, month := 2, 4
			if form == monthDay {
				day, month = 4, 2
			}
			d, _ := strconv.Atoi(s[m[day]:m[day+1]])
			mon := months[strings.ToLower(s[m[month]:m[month+1]])]
			year := 0
			if m[6] >= 0 {
				year, _ = strconv.Atoi(s[m[6]:m[7]])
			}
			if i, ok := day3(year, mon, d, page); ok {
				i.Raw = s[m[0]:m[1]]
				out = append(out, timePhrase{a: m[0], b: m[1], at: i})
			}
		}
	}
	return out
}

func day3(year int, month time.Month, day int, page record.Instant) (record.Instant, bool) {
	note := ""
	if year == 0 {
		if !page.Known() {
			return record.Instant{}, false
		}
		p := page.Time.In(record.London)
		year = p.Year()
		if t := time.Date(year, month, day, 0, 0, 0, 0, record.London); t.Sub(p) > 31*24*time.Hour {
			year-- // "on 29 December", read in January
		}
		note = "year taken from the page's date"
	}
	t := time.Date(year, month, day, 0, 0, 0, 0, record.London)
	if t.Day() != day || t.Month() != month {
		return record.Instant{}, false // no such day
	}
	i := record.OnDay(year, month, day, record.FromText)
	if note != "" {
		i = i.Note(note)
	}
	return i, true
}
