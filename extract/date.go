package extract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"onrecord/record"
)

// DateContext is what the words of a date are read against.
type DateContext struct {
	// At is when the words were captured, or the page was published. "Yesterday"
	// is counted from it, a date without a year is the last such day before it,
	// and a date more than two days after it is refused. The zero time leaves
	// relative dates unread.
	At    time.Time
	Basis record.Basis // goes into the instant
	Year  int          // the year of dates that name none; 0 takes it from At
}

// FoundDate is a date found in running text, with its place in bytes.
type FoundDate struct {
	record.Instant
	record.Span
}

// ParseDate reads one date as feeds and pages print it: RFC 822 and its heirs,
// ISO 8601 with week and ordinal dates, asctime, seconds of the epoch, British
// forms (day first), American ones with the month's name, relative words, and
// month names of other languages. A time without a zone is read in London and
// noted. What is impossible (31 February), improbable (before 1971, after 2099,
// over two days past c.At) or not wholly understood is refused: then the
// instant holds only Raw and a note that says why, and false is returned.
func ParseDate(raw string, c DateContext) (record.Instant, bool) {
	words := dateWords(raw)
	d, err := readDate(words, c)
	if err == nil {
		var in record.Instant
		if in, err = d.instant(c); err == nil {
			in.Basis, in.Raw = c.Basis, strings.TrimSpace(raw)
			return in, true
		}
	}
	return record.Instant{Raw: strings.TrimSpace(raw), Notes: []string{err.Error()}}, false
}

// maxDate is the longest text, in bytes, that is tried as a date.
const maxDate = 120

// dateLabels are words that pages print before a date.
var dateLabels = lazily(`(?i)^(?:(?:date|first|last|originally|was|page|article|story|news|on)\s+)*(?:published|updated|posted|modified|created|issued|released?|added|reviewed|amended|edited|uploaded|date|update|as of|cyhoeddwyd|diweddarwyd|(?:strictly )?embargo(?:ed)?|not for (?:publication|release|broadcast))(?:\s+(?:date|on|at|online|time|until|till|before|gyntaf|ddiwethaf))*(?:\s+(?:no\.? ?|number )?#?\d{1,3}\s*[:–—-])?\s*[:\-–—|]*\s+`)

// dateWords frees the words of a date from labels and odd spacing.
func dateWords(raw string) string {
	if len(raw) > maxDate {
		raw = raw[:maxDate+1] // refused by its length, but not read whole
	}
	s := strings.Join(strings.Fields(norm.NFC.String(strings.ToValidUTF8(raw, " "))), " ")
	s = strings.Trim(s, "*•·| ")
	if strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") {
		s = s[1 : len(s)-1]
	}
	if l := dateLabels.FindString(s + " "); l != "" && len(l) < len(s) {
		s = s[len(l):]
	}
	return s
}

// dateParts is a date as it was read, before it is known to exist.
type dateParts struct {
	year, month, day   int // 0 where not named
	hour, minute, sec  int
	nano               int
	precision          record.Precision
	zone               *time.Location // nil: none named
	again              *time.Location // named beside zone; nil: none
	weekday            time.Weekday
	hasWeekday, hasDay bool
	notes              []string
	done               time.Time // already an instant: epoch seconds, "2 hours ago"
}

func (d *dateParts) note(n string) { d.notes = append(d.notes, n) }

// dateReader is one rung of the ladder. It returns false where the words are
// not of its form, and an error where they are and cannot be true.
type dateReader func(s string, c DateContext) (dateParts, bool, error)

// readDate climbs the ladder: the strict forms first, words and figures in any
// order last.
func readDate(s string, c DateContext) (dateParts, error) {
	if s == "" || len(s) > maxDate {
		return dateParts{}, fmt.Errorf("no date: %d bytes of text", len(s))
	}
	for _, read := range []dateReader{readEpoch, readISO, readBasicISO, readRelative, readEastAsian, readFreely} {
		if d, ok, err := read(s, c); ok || err != nil {
			return d, err
		}
	}
	return dateParts{}, fmt.Errorf("not understood as a date: %q", s)
}

// epochForm takes bare seconds or milliseconds, and Microsoft's "/Date(…)/".
var epochForm = lazily(`^(?:/?Date\()?(\d{9,10}|\d{13})(?:\.\d+|[+-]\d{4})?(?:\)/?)?$`)

// readEpoch reads seconds or milliseconds since 1970, of the years 2000 to 2099.
func readEpoch(s string, _ DateContext) (dateParts, bool, error) {
	m := epochForm.FindStringSubmatch(s)
	if m == nil {
		return dateParts{}, false, nil
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return dateParts{}, false, nil
	}
	t := time.Unix(n, 0).UTC()
	if len(m[1]) == 13 {
		t = time.UnixMilli(n).UTC()
	}
	if t.Year() < 2000 || t.Year() > 2099 {
		return dateParts{}, false, fmt.Errorf("%s is no second of the years 2000 to 2099", s)
	}
	return dateParts{done: t, precision: record.ToSecond, notes: []string{"read as seconds of the epoch"}}, true, nil
}

var (
	isoForm  = lazily(`(?i)^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:\s*T\s*|\s+)(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,30}))?)?\s*(.*)|T|Z|[+-]\d{2}:\d{2})?$`)
	weekForm = lazily(`(?i)^(\d{4})-?W(\d{2})(?:-?([1-7]))?$`)
	// dayOfYear takes two-digit years as well, as RFC 3339's forebears did.
	dayOfYear = lazily(`^(\d{4}|\d{2})(?:-(\d{3})|(\d{3}))$`)
	yearMonth = lazily(`^(\d{4})(?:-(\d{2}))?$`)
	century2  = lazily(`^-(\d{2})-?(\d{2})$`)
)

// readISO reads the extended forms of ISO 8601, RFC 3339 and W3CDTF.
func readISO(s string, _ DateContext) (dateParts, bool, error) {
	if m := isoForm.FindStringSubmatch(s); m != nil {
		d := dateParts{year: num(m[1]), month: num(m[2]), day: num(m[3]), hasDay: true, precision: record.ToDay}
		if m[4] == "" {
			return d, true, nil
		}
		err := d.clock(m[4], m[5], m[6], m[7], "")
		if err == nil {
			err = d.zoneWords(m[8])
		}
		return d, err == nil, err
	}
	if m := weekForm.FindStringSubmatch(s); m != nil {
		return isoWeek(num(m[1]), num(m[2]), num(m[3]))
	}
	if m := yearMonth.FindStringSubmatch(s); m != nil {
		d := dateParts{year: num(m[1]), month: 1, day: 1, precision: record.ToYear}
		if m[2] != "" {
			d.month, d.precision = num(m[2]), record.ToMonth
		}
		return d, true, nil
	}
	if m := century2.FindStringSubmatch(s); m != nil {
		return dateParts{year: fullYear(m[1]), month: num(m[2]), day: 1, precision: record.ToMonth, notes: []string{"two-digit year"}}, true, nil
	}
	return dateParts{}, false, nil
}

func isoWeek(year, week, day int) (dateParts, bool, error) {
	if week < 1 || week > 53 {
		return dateParts{}, false, fmt.Errorf("week %d does not exist", week)
	}
	d := dateParts{precision: record.ToDay, hasDay: true}
	if day == 0 {
		day = 1
		d.note("only the week is known: its Monday")
	}
	jan4 := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC) // always in week 1
	t := jan4.AddDate(0, 0, (week-1)*7+day-1-(int(jan4.Weekday())+6)%7)
	if _, w := t.ISOWeek(); w != week {
		return dateParts{}, false, fmt.Errorf("%d has no week %d", year, week)
	}
	d.year, d.month, d.day = t.Year(), int(t.Month()), t.Day()
	return d, true, nil
}

var basicForm = lazily(`(?i)^(\d{4}|\d{2})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?\s*(.*))?$`)

// readBasicISO reads forms without hyphens: 20240719T0941Z, 240719, 2024-201.
func readBasicISO(s string, _ DateContext) (dateParts, bool, error) {
	if m := dayOfYear.FindStringSubmatch(s); m != nil {
		return ordinalDate(s, m[1], m[2]+m[3])
	}
	m := basicForm.FindStringSubmatch(s)
	if m == nil {
		return dateParts{}, false, nil
	}
	d := dateParts{year: fullYear(m[1]), month: num(m[2]), day: num(m[3]), hasDay: true, precision: record.ToDay}
	if len(m[1]) == 2 {
		d.note("two-digit year")
		if num(m[1]) <= 31 && num(m[1]) > 0 && m[1] != m[3] {
			d.note("year and day may be changed about: read year first")
		}
	}
	if m[4] == "" {
		return d, true, nil
	}
	err := d.clock(m[4], m[5], m[6], "", "")
	if err == nil {
		err = d.zoneWords(m[7])
	}
	return d, err == nil, err
}

// ordinalDate reads a year and the number of a day in it. Five figures that
// end in a likely year, such as 22013, are more likely a slip of the hand.
func ordinalDate(s, year, day string) (dateParts, bool, error) {
	if len(s) == 5 {
		if y := num(s[1:]); y >= 1970 && y <= 2099 {
			return dateParts{}, false, fmt.Errorf("%s is not clear: a day of a year, or a mistyped year", s)
		}
	}
	y, n := fullYear(year), num(day)
	t := time.Date(y, 1, n, 0, 0, 0, 0, time.UTC)
	if n < 1 || t.Year() != y {
		return dateParts{}, false, fmt.Errorf("%d has no day %d", y, n)
	}
	return dateParts{year: y, month: int(t.Month()), day: t.Day(), hasDay: true, precision: record.ToDay}, true, nil
}

var (
	agoForm = lazily(`(?i)^(?:about |around |over )?(\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) ?(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?) ago$`)
	dayForm = lazily(`(?i)^(today|yesterday|this morning|this afternoon|this evening|tonight|last night|earlier today)(?:(?:,| at|,? -)? (.+))?$`)
)

// readRelative reads words that count back from the capture.
func readRelative(s string, c DateContext) (dateParts, bool, error) {
	low := strings.ToLower(s)
	ago, day := agoForm.FindStringSubmatch(low), dayForm.FindStringSubmatch(low)
	if ago == nil && day == nil && low != "just now" && low != "now" {
		return dateParts{}, false, nil
	}
	if c.At.IsZero() {
		return dateParts{}, false, fmt.Errorf("%q is relative, and the time of capture is unknown", s)
	}
	switch {
	case ago != nil:
		return readAgo(ago[1], ago[2], c.At)
	case day != nil:
		return readDayWord(day[1], day[2], c)
	}
	return dateParts{done: c.At.Truncate(time.Minute), precision: record.ToMinute, notes: []string{"relative to the capture"}}, true, nil
}

func readAgo(count, unit string, at time.Time) (dateParts, bool, error) {
	n := num(count)
	if i := slices.Index([]string{"", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}, count); i > 0 {
		n = i
	} else if count == "a" || count == "an" {
		n = 1
	}
	switch unit[0] {
	case 's':
		return dateParts{done: at.Add(-time.Duration(n) * time.Second).Truncate(time.Second), precision: record.ToSecond, notes: []string{"relative to the capture"}}, true, nil
	case 'm':
		return dateParts{done: at.Add(-time.Duration(n) * time.Minute).Truncate(time.Minute), precision: record.ToMinute, notes: []string{"relative to the capture"}}, true, nil
	case 'h':
		return dateParts{done: at.Add(-time.Duration(n) * time.Hour).Truncate(time.Minute), precision: record.ToMinute, notes: []string{"relative to the capture, known to the hour"}}, true, nil
	}
	t := at.In(record.London).AddDate(0, 0, -n)
	return dateParts{year: t.Year(), month: int(t.Month()), day: t.Day(), hasDay: true, precision: record.ToDay, notes: []string{"relative to the capture"}}, true, nil
}

// readDayWord reads "Today 14:03" and "Yesterday"; what follows may be a time.
func readDayWord(word, rest string, c DateContext) (dateParts, bool, error) {
	t := c.At.In(record.London)
	if word == "yesterday" || word == "last night" {
		t = t.AddDate(0, 0, -1)
	}
	d := dateParts{year: t.Year(), month: int(t.Month()), day: t.Day(), hasDay: true, precision: record.ToDay, notes: []string{"relative to the capture"}}
	if rest == "" {
		return d, true, nil
	}
	time, _, err := readFreely(rest, c)
	if err != nil {
		return dateParts{}, false, err
	}
	if time.hasDay || time.month != 0 || time.year != 0 || time.precision == "" {
		return dateParts{}, false, fmt.Errorf("%q: a time was expected after %q", rest, word)
	}
	d.hour, d.minute, d.sec, d.precision, d.zone, d.again = time.hour, time.minute, time.sec, time.precision, time.zone, time.again
	return d, true, nil
}

var eastForm = lazily(`^(\d{4}) ?[년年][ -]*(\d{1,2}) ?[월月][ -]*(\d{1,2}) ?[일日]?(?: ?\([^)]*\))?(?: *(오전|오후|上午|下午|午前|午後))?(?: *(\d{1,2})[:시時时] ?(\d{2})[분分]?(?::?(\d{2})[초秒]?)?)?$`)

// readEastAsian reads Korean, Japanese and Chinese dates. Korean has one zone;
// for the others only the day is kept, because theirs cannot be told apart.
func readEastAsian(s string, _ DateContext) (dateParts, bool, error) {
	m := eastForm.FindStringSubmatch(s)
	if m == nil {
		return dateParts{}, false, nil
	}
	d := dateParts{year: num(m[1]), month: num(m[2]), day: num(m[3]), hasDay: true, precision: record.ToDay}
	if m[5] == "" {
		return d, true, nil
	}
	if !strings.Contains(s, "년") {
		d.note("time of day dropped: its zone is unknown")
		return d, true, nil
	}
	half := map[string]string{"오전": "am", "오후": "pm"}[m[4]]
	if err := d.clock(m[5], m[6], m[7], "", half); err != nil {
		return dateParts{}, false, err
	}
	d.zone = time.FixedZone("KST", 9*3600)
	d.note("zone assumed Asia/Seoul")
	return d, true, nil
}

// clock sets the time of day from its figures; half is "am", "pm" or "".
func (d *dateParts) clock(hour, minute, sec, frac, half string) error {
	d.hour, d.minute, d.sec = num(hour), num(minute), num(sec)
	d.precision = record.ToMinute
	if sec != "" {
		d.precision = record.ToSecond
	}
	if frac != "" {
		d.nano = num((frac + "00000000")[:9]) // finer than a nanosecond is cut off
	}
	switch {
	case half == "pm" && d.hour > 12:
		d.note("pm beside a 24-hour time")
	case half == "am" && d.hour > 12:
		return fmt.Errorf("%s:%s am does not exist", hour, minute)
	case half == "pm" && d.hour < 12:
		d.hour += 12
	case half == "am" && d.hour == 12:
		d.hour = 0
	}
	midnight := d.hour == 24 && d.minute == 0 && d.sec == 0
	leap := d.sec == 60 && d.minute == 59
	if d.hour > 23 && !midnight || d.minute > 59 || d.sec > 59 && !leap {
		return fmt.Errorf("the time %s:%s:%s does not exist", hour, minute, sec)
	}
	return nil
}

// instant checks that the date exists and is likely, and places it in time.
func (d dateParts) instant(c DateContext) (record.Instant, error) {
	if !d.done.IsZero() {
		return placed(record.Instant{Time: d.done.UTC(), Precision: d.precision, Notes: d.notes}, c)
	}
	if d.precision == "" || d.month == 0 {
		return record.Instant{}, fmt.Errorf("no whole date")
	}
	if d.year == 0 {
		if err := d.guessYear(c); err != nil {
			return record.Instant{}, err
		}
	}
	if err := d.exists(); err != nil {
		return record.Instant{}, err
	}
	in := record.Instant{Precision: d.precision, Notes: d.notes}
	if d.precision != record.ToSecond && d.precision != record.ToMinute {
		in.Time = time.Date(d.year, time.Month(d.month), max(d.day, 1), 0, 0, 0, 0, record.London).UTC()
		return placed(in, c)
	}
	if d.zone == nil {
		in.Time, in.Notes = d.inLondon()
		return placed(in, c)
	}
	in.Time = time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.sec, 0, d.zone).UTC()
	if d.again != nil && offsetAt(in.Time, d.zone) != offsetAt(in.Time, d.again) {
		return record.Instant{}, fmt.Errorf("two zones that are not one: %s and %s", d.zone, d.again)
	}
	return placed(in, c)
}

func offsetAt(t time.Time, l *time.Location) int {
	_, offset := t.In(l).Zone()
	return offset
}

// exists refuses days that no calendar has and years that no page means, and
// notes a weekday that is not the date's.
func (d *dateParts) exists() error {
	if d.year < 1971 || d.year > 2099 {
		return fmt.Errorf("the year %04d is taken as missing: want 1971 to 2099", d.year)
	}
	if d.month < 1 || d.month > 12 {
		return fmt.Errorf("there is no month %d", d.month)
	}
	if !d.hasDay {
		return nil
	}
	t := time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC)
	if d.day < 1 || t.Day() != d.day {
		return fmt.Errorf("%d %s %d does not exist", d.day, time.Month(d.month), d.year)
	}
	if d.hasWeekday && t.Weekday() != d.weekday {
		d.note("weekday contradicts date: it was a " + t.Weekday().String())
	}
	return nil
}

// guessYear takes the year from the hint, or the last such day before the
// capture; a weekday that does not fit then refuses the date.
func (d *dateParts) guessYear(c DateContext) error {
	if c.Year != 0 {
		d.year = c.Year
		d.note("year taken from the context")
		return nil
	}
	if c.At.IsZero() {
		return fmt.Errorf("the year is missing")
	}
	at := c.At.In(record.London)
	for _, y := range []int{at.Year() + 1, at.Year(), at.Year() - 1} {
		t := time.Date(y, time.Month(d.month), d.day, 0, 0, 0, 0, record.London)
		if t.After(at.AddDate(0, 0, 2)) {
			continue
		}
		if d.hasWeekday && t.Weekday() != d.weekday {
			return fmt.Errorf("the year is missing, and the weekday does not fit %d", y)
		}
		d.year = y
		d.note("year taken from the capture")
		return nil
	}
	return fmt.Errorf("the year is missing")
}

// inLondon places a time without a zone. Where clocks went back there are two
// such instants, and the earlier one is kept; where they went forward there is
// none, and it is read as winter time.
func (d dateParts) inLondon() (time.Time, []string) {
	notes := append(slices.Clip(d.notes), "zone assumed Europe/London")
	t := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.sec, 0, record.London)
	const wall = "2006-01-02 15:04:05"
	want := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.sec, 0, time.UTC)
	earlier, later := t.Add(-time.Hour), t.Add(time.Hour)
	switch {
	case t.Format(wall) != want.Format(wall):
		return want, append(notes, "local time does not exist: clocks went forward")
	case earlier.Format(wall) == t.Format(wall):
		return earlier.UTC(), append(notes, "local time is ambiguous: the earlier instant")
	case later.Format(wall) == t.Format(wall):
		return t.UTC(), append(notes, "local time is ambiguous: the earlier instant")
	}
	return t.UTC(), notes
}

// placed refuses what lies over two days after the capture and notes what lies
// after it at all: a clock gone wrong, or an embargo.
func placed(in record.Instant, c DateContext) (record.Instant, error) {
	if y := in.Time.Year(); y < 1970 || y > 2100 {
		return record.Instant{}, fmt.Errorf("the year %04d is taken as missing", y)
	}
	if c.At.IsZero() {
		return in, nil
	}
	if in.Time.After(c.At.AddDate(0, 0, 2)) {
		return record.Instant{}, fmt.Errorf("%s is over two days after the capture", in)
	}
	if in.Time.After(c.At.Add(10 * time.Minute)) {
		in = in.Note("after the capture")
	}
	return in, nil
}

// num is the value of a run of figures, 0 for none.
func num(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// fullYear widens a two-digit year after RFC 2822, section 4.3.
func fullYear(s string) int {
	n := num(s)
	switch {
	case len(s) > 2:
		return n
	case n < 50:
		return 2000 + n
	default:
		return 1900 + n
	}
}

// unmarked maps letters whose mark Unicode does not take apart.
var unmarked = strings.NewReplacer("ø", "o", "ł", "l", "ı", "i", "đ", "d", "æ", "ae")

// plain is a word in lower case without marks and full stops.
func plain(w string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(unmarked.Replace(strings.ToLower(w))) {
		if !unicode.Is(unicode.Mn, r) && r != '.' {
			b.WriteRune(r)
		}
	}
	return b.String()
}
