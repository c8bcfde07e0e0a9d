package query

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"onrecord/record"
)

const momentExamples = "write a moment such as 2024-07-20T12:00, 2024-07-20, 24h or yesterday"

const dateExamples = "write 2024, 2024-07, 2024-07-19, 2024-07-19T06:00Z, a..b, >=a, <a, P7D, 24h, today, yesterday or 2024-07/P1W"

// when reads said:2024-07-19..2024-07-22 and the like.
func (p *parser) when(t token) (Node, error) {
	from, to, err := p.window(t.text)
	if err != nil {
		e := &Error{Column: t.valueColumn, Detail: fmt.Sprintf("%s:%.60s: %v; %s", t.name, t.text, err, dateExamples)}
		if day := britishDay(t.text); day != "" {
			e.Suggestion = t.name + ":" + day
		}
		return nil, e
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return nil, &Error{Column: t.valueColumn, Detail: fmt.Sprintf("%s:%.60s ends before it begins", t.name, t.text)}
	}
	return Range{Name: t.name, From: from, To: to, Text: strings.ToLower(t.text)}, nil
}

// window is the stretch of time that the words name, [from,to); a zero time is
// an open end.
func (p *parser) window(s string) (from, to time.Time, err error) {
	s = strings.ToUpper(s)
	if op, rest := operator(s); op != "" {
		return p.compared(op, rest)
	}
	if a, b, ok := strings.Cut(s, ".."); ok {
		return p.between(a, b)
	}
	if a, b, ok := strings.Cut(s, "/"); ok {
		return p.beside(a, b)
	}
	if d, ok := parseSpan(s); ok {
		// The end stays open: what is known only to the day of today sorts at
		// the day's end, which is still to come.
		return d.before(p.now), time.Time{}, nil
	}
	i, err := p.moment(s)
	return i.Time, i.End(), err
}

func (p *parser) compared(op, s string) (from, to time.Time, err error) {
	i, err := p.moment(s)
	switch op {
	case ">=":
		return i.Time, time.Time{}, err
	case ">":
		return i.End(), time.Time{}, err
	case "<":
		return time.Time{}, i.Time, err
	case "<=":
		return time.Time{}, i.End(), err
	default:
		return i.Time, i.End(), err
	}
}

// between reads a..b; b is the whole of its day, month or year.
func (p *parser) between(a, b string) (from, to time.Time, err error) {
	if a == "" && b == "" {
		return from, to, fmt.Errorf("a range needs one end at least")
	}
	if a != "" {
		i, err := p.moment(a)
		if err != nil {
			return from, to, err
		}
		from = i.Time
	}
	if b != "" {
		i, err := p.moment(b)
		if err != nil {
			return from, to, err
		}
		to = i.End()
	}
	return from, to, nil
}

// beside reads 2024-07/P1W, P1W/2024-07 and 2024-07-19/2024-07-22 (ISO 8601).
func (p *parser) beside(a, b string) (from, to time.Time, err error) {
	if d, ok := parseSpan(b); ok {
		i, err := p.moment(a)
		return i.Time, d.after(i.Time), err
	}
	if d, ok := parseSpan(a); ok {
		i, err := p.moment(b)
		return d.before(i.End()), i.End(), err
	}
	if a == "" || b == "" {
		return from, to, fmt.Errorf("both sides of / are needed")
	}
	return p.between(a, b)
}

// layouts in which a moment may be written, coarsest first. London is the zone
// where none is given.
var layouts = []struct {
	form      string
	precision record.Precision
}{
	{"2006", record.ToYear},
	{"2006-01", record.ToMonth},
	{"2006-01-02", record.ToDay},
	{"2006-01-02T15:04", record.ToMinute},
	{"2006-01-02T15:04Z07:00", record.ToMinute},
	{"2006-01-02T15:04:05", record.ToSecond},
	{"2006-01-02T15:04:05Z07:00", record.ToSecond},
}

// moment reads one date or time. s is in capitals.
func (p *parser) moment(s string) (record.Instant, error) {
	day := p.now.In(record.London)
	switch s {
	case "NOW":
		return record.Instant{Time: p.now.UTC(), Precision: record.ToSecond}, nil
	case "TODAY":
		return record.OnDay(day.Year(), day.Month(), day.Day(), ""), nil
	case "YESTERDAY":
		return record.OnDay(day.Year(), day.Month(), day.Day()-1, ""), nil
	}
	for _, l := range layouts {
		if t, err := time.ParseInLocation(l.form, s, record.London); err == nil && t.Year() > 0 {
			return record.Instant{Time: t.UTC(), Precision: l.precision}, nil
		}
	}
	if dayForm.MatchString(s) {
		return record.Instant{}, fmt.Errorf("there is no day %.40s", s)
	}
	return record.Instant{}, fmt.Errorf("%.40q is not a date", s)
}

var (
	dayForm     = regexp.MustCompile(`^\d{4}-\d{2}(-\d{2})?$`)
	britishForm = regexp.MustCompile(`^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$`)
)

// britishDay rewrites 19/07/2024, for a suggestion; "" for anything else.
func britishDay(s string) string {
	m := britishForm.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	day, month := fmt.Sprintf("%02s", m[1]), fmt.Sprintf("%02s", m[2])
	t := m[3] + "-" + month + "-" + day
	if _, err := time.Parse("2006-01-02", t); err != nil {
		return ""
	}
	return t
}

// span is a length of time in calendar units.
type span struct {
	years, months, days int
	rest                time.Duration
}

var (
	isoSpan   = regexp.MustCompile(`^P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,4})D)?(T(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,4})S)?)?$`)
	shortSpan = regexp.MustCompile(`^(\d{1,4})(H|D|W|MIN)$`)
)

// parseSpan reads P7D, PT36H, 24H, 7D. s is in capitals.
func parseSpan(s string) (span, bool) {
	if m := shortSpan.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1]) // at most four digits, so it fits
		switch m[2] {
		case "H":
			return span{rest: time.Duration(n) * time.Hour}, n > 0
		case "MIN":
			return span{rest: time.Duration(n) * time.Minute}, n > 0
		case "W":
			return span{days: 7 * n}, n > 0
		default:
			return span{days: n}, n > 0
		}
	}
	m := isoSpan.FindStringSubmatch(s)
	if m == nil {
		return span{}, false
	}
	n := make([]int, len(m))
	for i, digits := range m {
		n[i], _ = strconv.Atoi(digits) // "" and the T part give 0
	}
	d := span{n[1], n[2], 7*n[3] + n[4], time.Duration(n[6])*time.Hour + time.Duration(n[7])*time.Minute + time.Duration(n[8])*time.Second}
	return d, d != span{}
}

// before and after count calendar units in London, so that P1D over the change
// of clocks is still a day.
func (d span) before(t time.Time) time.Time {
	return t.In(record.London).Add(-d.rest).AddDate(-d.years, -d.months, -d.days).UTC()
}

func (d span) after(t time.Time) time.Time {
	return t.In(record.London).AddDate(d.years, d.months, d.days).Add(d.rest).UTC()
}
