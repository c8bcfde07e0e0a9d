package extract

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"onrecord/record"
)

// readFreely reads words and figures in any order: a day, a month's name, a
// year, a time and a zone, each at most once. A word that it does not know
// refuses the whole: half a date understood is a wrong date.
func readFreely(s string, _ DateContext) (dateParts, bool, error) {
	r := freeReader{rest: spelledZones(gluedTime.ReplaceAllString(s, "$1$3 $2$4"))}
	for r.rest = trimSeparators(r.rest, r.clocked); r.rest != ""; r.rest = trimSeparators(r.rest, r.clocked) {
		if err := r.next(); err != nil {
			return dateParts{}, false, err
		}
	}
	if err := r.settle(); err != nil {
		return dateParts{}, false, err
	}
	return r.dateParts, true, nil
}

// gluedTime finds the T of ISO 8601 in dates that are otherwise words, and the
// colon that servers' logs put there.
var gluedTime = lazily(`(\d)T(\d{1,2}:)|(\d{4}):(\d{2}:\d{2}:\d{2})`)

var (
	britishZone = lazily(`(?i)\b(?:UK|London|British)(?: local)? time\b`)
	spelledBST  = lazily(`(?i)\bBritish Summer Time\b`)
	spelledGMT  = lazily(`(?i)\bGreenwich Mean Time\b`)
)

// spelledZones shortens zones that are spelled out.
func spelledZones(s string) string {
	if !strings.Contains(strings.ToLower(s), " time") {
		return s
	}
	s = britishZone.ReplaceAllString(s, "Europe/London")
	return spelledGMT.ReplaceAllString(spelledBST.ReplaceAllString(s, "BST"), "GMT")
}

type freeReader struct {
	dateParts
	rest    string
	clocked bool
	zoned   bool
	numbers []string // one or two figures each, or four; day and year, in order
	first   string   // what came first: "day" or "month"
}

// trimSeparators drops what parts the tokens of a date. After a time a minus
// sign before figures is the zone's.
func trimSeparators(s string, clocked bool) string {
	for s != "" {
		t := strings.TrimLeft(s, " ,;|/()[]·•–—@:'’‘")
		t = strings.TrimPrefix(t, ". ")
		if strings.HasPrefix(t, "-") && (!clocked || len(t) == 1 || t[1] < '0' || t[1] > '9') {
			t = t[1:]
		}
		if t == s {
			return s
		}
		s = t
	}
	return s
}

var (
	freeClock = lazily(`(?i)^(\d{1,2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?|[.h](\d{2}))(?: ?([ap])\.?m\b\.?)?`)
	freeNoon  = lazily(`(?i)^(?:12 ?)?(noon|midday|midnight)\b`)
	freeHrs   = lazily(`(?i)^(\d{2})(\d{2}) ?(?:hrs|hours|h)\b`)
	freeHour  = lazily(`(?i)^(\d{1,2}) ?([ap])\.?m\b\.?`)
	freeYMD   = lazily(`^(\d{4}) ?([-/.]) ?(\d{1,2}) ?([-/.]) ?(\d{1,2})`)
	freeDMY   = lazily(`^(\d{1,2}) ?([-/.]) ?(\d{1,2}) ?([-/.]) ?(\d{4}|\d{2})`)
	freeNum   = lazily(`^(\d{4}|\d{1,2})(st|nd|rd|th|er|º|ª|\.)?`)
	freeZone  = lazily(`^(?:(?:GMT|UTC|UT|Z) ?)?([+-])(\d{1,2}):?(\d{2})?Z?`)
	freeArea  = lazily(`^[A-Z][A-Za-z]+/[A-Z][A-Za-z_/+-]+`)
	freeTZ    = lazily(`^\((?:[A-Za-z ]*(?:Time|GMT|BST|UTC)[A-Za-z ]*)\)`)
)

// next takes one token off the rest.
func (r *freeReader) next() error {
	s := r.rest
	if m := freeYMD.FindStringSubmatch(s); m != nil && m[2] == m[4] && !moreFigures(s[len(m[0]):]) {
		return r.figures(len(m[0]), m[1], m[3], m[5], true)
	}
	if m := freeDMY.FindStringSubmatch(s); m != nil && m[2] == m[4] && !moreFigures(s[len(m[0]):]) {
		return r.figures(len(m[0]), m[5], m[3], m[1], false)
	}
	if m := freeNoon.FindStringSubmatch(s); m != nil {
		r.rest = s[len(m[0]):]
		return r.noon(strings.ToLower(m[1]))
	}
	if m := freeHrs.FindStringSubmatch(s); m != nil {
		return r.time(len(m[0]), m[1], m[2], "", "", "")
	}
	if m := freeClock.FindStringSubmatch(s); m != nil && !moreFigures(s[len(m[0]):]) {
		return r.time(len(m[0]), m[1], m[2]+m[5], m[3], m[4], m[6])
	}
	if m := freeHour.FindStringSubmatch(s); m != nil {
		return r.time(len(m[0]), m[1], "00", "", "", m[2])
	}
	if m := freeZone.FindStringSubmatch(s); m != nil && r.clocked {
		return r.offset(s[:len(m[0])], m[1], m[2], m[3])
	}
	if m := freeNum.FindStringSubmatch(s); m != nil && !moreFigures(s[len(m[0]):]) {
		return r.number(len(m[0]), m[1])
	}
	if m := freeArea.FindString(s); m != "" {
		return r.area(m)
	}
	return r.word()
}

// moreFigures reports whether what follows a token continues its figures.
func moreFigures(s string) bool {
	if s == "" {
		return false
	}
	if s[0] >= '0' && s[0] <= '9' {
		return true
	}
	return len(s) > 1 && (s[0] == ':' || s[0] == '.') && s[1] >= '0' && s[1] <= '9'
}

// figures takes a date in figures: day first as Britain writes, unless that
// cannot be.
func (r *freeReader) figures(n int, year, month, day string, yearFirst bool) error {
	if r.hasDay || r.month != 0 || len(r.numbers) > 0 {
		return fmt.Errorf("two dates in one")
	}
	r.rest = r.rest[n:]
	if num(year) == 0 && len(year) == 4 {
		return fmt.Errorf("the year %s is taken as missing", year)
	}
	r.year, r.month, r.day, r.hasDay = fullYear(year), num(month), num(day), true
	switch {
	case yearFirst:
	case r.month > 12 && r.day <= 12:
		r.month, r.day = r.day, r.month
		r.note("read as month/day: there is no month " + month)
	case r.day <= 12 && r.day != r.month:
		r.note("day and month may be changed about: read day first")
	}
	return nil
}

func (r *freeReader) time(n int, hour, minute, sec, frac, half string) error {
	if r.clocked {
		return fmt.Errorf("two times in one")
	}
	r.rest, r.clocked = r.rest[n:], true
	if half != "" {
		half = strings.ToLower(half) + "m"
	}
	return r.clock(hour, minute, sec, frac, half)
}

func (r *freeReader) number(n int, figures string) error {
	r.rest = r.rest[n:]
	if r.first == "" {
		r.first = "day"
	}
	r.numbers = append(r.numbers, figures)
	switch {
	case len(r.numbers) > 2:
		return fmt.Errorf("too many figures")
	case len(r.numbers) == 2 && len(figures) < 3 && r.month == 0:
		return fmt.Errorf("the figures %s are not clear: no month between them", strings.Join(r.numbers, " and "))
	}
	return nil
}

// offset takes +01:00, GMT+1, -0530.
func (r *freeReader) offset(token, sign, hours, minutes string) error {
	after := r.rest[len(token):]
	if after != "" && (moreFigures(after) || unicode.IsLetter(rune(after[0])) || after[0] == ':') {
		return fmt.Errorf("the zone %q is not understood", r.rest)
	}
	z, err := zoneOffset(sign, hours, minutes)
	if err != nil {
		return err
	}
	if err := r.in(z); err != nil {
		return err
	}
	r.rest = after
	if m := freeTZ.FindString(strings.TrimSpace(after)); m != "" { // "GMT+0100 (British Summer Time)"
		r.rest = strings.TrimSpace(after)[len(m):]
	}
	return nil
}

func (r *freeReader) area(name string) error {
	l, err := time.LoadLocation(name)
	if err != nil {
		return fmt.Errorf("the zone %q is not known", name)
	}
	r.rest = r.rest[len(name):]
	return r.in(l)
}

// in takes a zone. A second one may stand beside it ("+0100 BST", "BST (UK
// time)") where both mean the same; instant compares them.
func (r *freeReader) in(z *time.Location) error {
	switch {
	case !r.zoned:
		r.zone, r.zoned = z, true
	case r.again == nil:
		r.again = z
	default:
		return fmt.Errorf("three zones in one")
	}
	return nil
}

// word takes a month, a weekday, a zone or a small word.
func (r *freeReader) word() error {
	end := strings.IndexFunc(r.rest, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.Is(unicode.Mn, c) && c != '\'' && c != '’'
	})
	if end < 0 {
		end = len(r.rest)
	}
	if end == 0 {
		_, n := utf8.DecodeRuneInString(r.rest)
		return fmt.Errorf("%q has no place in a date", r.rest[:n])
	}
	printed := r.rest[:end]
	w := plain(printed)
	r.rest = strings.TrimPrefix(r.rest[end:], ".")
	if w == "on" || w == "the" || w == "dydd" { // words, and beginnings of weekdays elsewhere
		return nil
	}
	if r.month == 0 || weekdayOf(w) == noWeekday || r.hasWeekday {
		if m := monthOf(w); m != 0 && r.month == 0 && !(r.monthAhead() && weekdayOf(w) != noWeekday) {
			r.month = m
			if r.first == "" {
				r.first = "month"
			}
			return nil
		}
	}
	if d := weekdayOf(w); d != noWeekday && !r.hasWeekday {
		r.weekday, r.hasWeekday = d, d != someWeekday
		return nil
	}
	if z, err := zoneNamed(printed); z != nil && (r.clocked || len(printed) > 1) {
		if err := r.in(z); err != nil {
			return err
		}
		if len(printed) == 1 && printed != "Z" && printed != "z" {
			r.note("military zone " + printed + " read after RFC 822")
		}
		return nil
	} else if err != nil {
		return err
	}
	return r.smallWord(w)
}

// monthAhead reports whether another month's name follows, so that a word such
// as "mar." is a weekday.
func (r *freeReader) monthAhead() bool {
	for _, w := range strings.FieldsFunc(r.rest, func(c rune) bool { return !unicode.IsLetter(c) }) {
		if monthOf(plain(w)) != 0 {
			return true
		}
	}
	return false
}

func (r *freeReader) smallWord(w string) error {
	switch w {
	case "at", "of", "de", "del", "den", "der", "le", "il", "el", "a", "um", "kl", "uhr", "om", "o'clock", "hrs", "hours", "st", "nd", "rd", "th", "local", "time", "in":
		return nil
	}
	return fmt.Errorf("%q has no place in a date", w)
}

func (r *freeReader) noon(w string) error {
	if r.clocked {
		return fmt.Errorf("two times in one")
	}
	r.clocked = true
	if w == "midnight" {
		r.note("midnight read as the beginning of the day")
		return r.clock("0", "00", "", "", "")
	}
	return r.clock("12", "00", "", "", "")
}

// settle says which of the bare figures is the day and which the year.
func (r *freeReader) settle() error {
	if r.month == 0 && len(r.numbers) > 0 {
		return fmt.Errorf("no month")
	}
	for i, n := range r.numbers {
		switch {
		case len(n) == 4 && r.year == 0:
			r.year = num(n)
		case len(n) < 4 && !r.hasDay:
			r.day, r.hasDay = num(n), true
		case len(n) == 2 && r.year == 0 && i == 1:
			r.year = fullYear(n)
			r.note("two-digit year")
		default:
			return fmt.Errorf("the figures %s are not clear", strings.Join(r.numbers, " and "))
		}
	}
	switch {
	case r.hasDay && !r.clocked:
		r.precision = record.ToDay
	case r.hasDay, r.month == 0 && r.clocked:
		return nil
	case r.month != 0 && r.year != 0 && !r.clocked:
		r.precision = record.ToMonth
	default:
		return fmt.Errorf("no day")
	}
	return nil
}

// zoneWords reads what follows a time: an offset, a name, or nothing.
func (d *dateParts) zoneWords(s string) error {
	r := freeReader{rest: strings.TrimSpace(s), clocked: true}
	if r.rest == "" {
		return nil
	}
	var half string
	if m := regexpHalf.FindStringSubmatch(r.rest); m != nil {
		half, r.rest = strings.ToLower(m[1])+"m", r.rest[len(m[0]):]
	}
	for r.rest = trimSeparators(r.rest, r.clocked); r.rest != ""; r.rest = trimSeparators(r.rest, r.clocked) {
		if err := r.next(); err != nil {
			return err
		}
	}
	if r.hasDay || r.month != 0 || r.hasWeekday || len(r.numbers) > 0 {
		return fmt.Errorf("%q is no zone", s)
	}
	d.zone, d.again, d.notes = r.zone, r.again, append(d.notes, r.notes...)
	if half == "pm" && d.hour < 12 {
		d.hour += 12
	} else if half == "am" && d.hour == 12 {
		d.hour = 0
	}
	return nil
}

var regexpHalf = lazily(`(?i)^([ap])\.?m\b\.?`)

func zoneOffset(sign, hours, minutes string) (*time.Location, error) {
	h, m := num(hours), num(minutes)
	if h > 14 || m > 59 {
		return nil, fmt.Errorf("the zone %s%s:%s does not exist", sign, hours, minutes)
	}
	s := h*3600 + m*60
	if sign == "-" {
		s = -s
	}
	return time.FixedZone(sign+hours+minutes, s), nil
}

// zoneNames gives names of zones in minutes east of Greenwich. Names that mean
// several zones in use (IST) are not here: they refuse the date.
const zoneNames = ` GMT=0 UT=0 UTC=0 Z=0 WET=0 BST=60 WEST=60 CET=60 MET=60 MEZ=60 CEST=120 MEST=120 MESZ=120 EET=120 SAST=120 EEST=180 MSK=180 ` +
	`EST=-300 EDT=-240 ET=-300 CST=-360 CDT=-300 CT=-360 MST=-420 MDT=-360 MT=-420 PST=-480 PDT=-420 PT=-480 AST=-240 ADT=-180 AT=-240 NST=-210 NDT=-150 ` +
	`AKST=-540 AKDT=-480 HST=-600 HKT=480 SGT=480 AWST=480 JST=540 KST=540 AEST=600 AEDT=660 NZST=720 NZDT=780 `

// zoneNamed finds a zone by its short name. The names must be in capitals: "at"
// is a word, "AT" Atlantic time. Nil and no error mean that it is no zone's name.
func zoneNamed(name string) (*time.Location, error) {
	if name == "IST" {
		return nil, fmt.Errorf("the zone IST is not clear: Irish, Indian or Israeli")
	}
	if name != strings.ToUpper(name) && name != "z" {
		return nil, nil
	}
	name = strings.ToUpper(name)
	if i := strings.Index(zoneNames, " "+name+"="); i >= 0 {
		v, _, _ := strings.Cut(zoneNames[i+len(name)+2:], " ")
		return time.FixedZone(name, num2(v)*60), nil
	}
	if len(name) == 1 && name >= "A" && name <= "Y" && name != "J" {
		return time.FixedZone(name, militaryHours(name[0])*3600), nil
	}
	return nil, nil
}

// militaryHours is RFC 822, section 5.1: A is -1 to M -12, N +1 to Y +12.
func militaryHours(c byte) int {
	switch {
	case c < 'J':
		return -int(c-'A') - 1
	case c <= 'M':
		return -int(c - 'A')
	default:
		return int(c-'N') + 1
	}
}

func num2(s string) int {
	if strings.HasPrefix(s, "-") {
		return -num(s[1:])
	}
	return num(s)
}

// monthNames holds the names of each month, without marks: English, Welsh,
// Irish, French, German, Spanish, Portuguese, Italian, Dutch, the Nordic
// languages, Finnish, Polish, Czech, Hungarian, Turkish, Greek and Russian.
var monthNames = [12]string{
	" january ionawr eanair janvier januar januari janner jan enero janeiro gennaio gen tammikuu tammikuuta stycznia styczen leden ledna ocak ιανουαριου ιανουαριος января январь ",
	" february chwefror feabhra fevrier februar februari feb febrero fevereiro fev febbraio helmikuu helmikuuta lutego luty unora unor subat φεβρουαριου φεβρουαριος февраля февраль ",
	" march mar mawrth marta mars marz maerz mrz marzo marco maart mrt marts maaliskuu maaliskuuta marca marzec brezen brezna marcius mart μαρτιου μαρτιος марта март ",
	" april ebrill aibrean avril abril abr aprile huhtikuu huhtikuuta kwietnia kwiecien duben dubna aprilis nisan απριλιου απριλιος апреля апрель ",
	" may mai bealtaine mei maj maggio mag mayo maio toukokuu toukokuuta maja kveten kvetna majus mayis μαιου μαιος μαι мая май ",
	" june mehefin meitheamh juin juni junio junho giugno giu kesakuu kesakuuta czerwca czerwiec cerven cervna junius haziran ιουνιου ιουνιος июня июнь ",
	" july gorffennaf iuil juillet juil juli julio julho luglio lug heinakuu heinakuuta lipca lipiec cervenec cervence julius temmuz ιουλιου ιουλιος июля июль ",
	" august awst lunasa aout agosto augustus augusti elokuu elokuuta sierpnia sierpien srpen srpna augusztus agustos αυγουστου αυγουστος августа август ",
	" september sept medi septembre septiembre setembro settembre set syyskuu syyskuuta wrzesnia wrzesien zari szeptember eylul σεπτεμβριου σεπτεμβριος сентября сентябрь ",
	" october hydref octobre oktober octubre outubro ottobre lokakuu lokakuuta pazdziernika pazdziernik rijen rijna oktobris ekim οκτωβριου οκτωβριος октября октябрь ",
	" november tachwedd samhain novembre noviembre novembro marraskuu marraskuuta listopada listopad listopadu kasim νοεμβριου νοεμβριος ноября ноябрь ",
	" december rhagfyr nollaig decembre dezember diciembre dezembro dicembre desember joulukuu joulukuuta grudnia grudzien prosinec prosince aralik δεκεμβριου δεκεμβριος декабря декабрь ",
}

// monthOf is the month that a word of at least three letters names or
// begins, 0 for none or several.
func monthOf(w string) int {
	if utf8.RuneCountInString(w) < 3 {
		return 0
	}
	if w == "sept" {
		return 9
	}
	found := 0
	for i, names := range monthNames {
		if strings.Contains(names, " "+w+" ") {
			return i + 1
		}
		if strings.Contains(names, " "+w) {
			if found != 0 {
				found = -1
				continue
			}
			found = i + 1
		}
	}
	return max(found, 0)
}

const (
	someWeekday time.Weekday = 7 // of several that the word may mean
	noWeekday   time.Weekday = -1
)

// weekdayNames holds the names of each day, Sunday first, without marks.
var weekdayNames = [7]string{
	" sunday dimanche sonntag domingo domenica zondag sondag sunnuntai niedziela nedele vasarnap pazar κυριακη κυρ воскресенье вс sul ",
	" monday mondays lundi montag lunes lunedi segunda maandag mandag maanantai poniedzialek pondeli hetfo pazartesi δευτερα понедельник пн llun ",
	" tuesday tues mardi dienstag martes martedi terca dinsdag tirsdag tisdag tiistai wtorek utery kedd sali τριτη вторник вт mawrth ",
	" wednesday weds mercredi mittwoch miercoles mercoledi quarta woensdag onsdag keskiviikko sroda streda szerda carsamba τεταρτη среда ср mercher ",
	" thursday thur thurs jeudi donnerstag jueves giovedi quinta donderdag torsdag torstai czwartek ctvrtek csutortok persembe πεμπτη четверг чт iau ",
	" friday vendredi freitag viernes venerdi sexta vrijdag fredag perjantai piatek patek pentek cuma παρασκευη пятница пт gwener ",
	" saturday samedi samstag sabado sabato zaterdag lordag lauantai sobota szombat cumartesi σαββατο суббота сб sadwrn ",
}

// weekdayOf is the weekday that a word of at least two letters names or
// begins; someWeekday where several begin so ("do", Thursday or Sunday).
func weekdayOf(w string) time.Weekday {
	if utf8.RuneCountInString(w) < 2 {
		return noWeekday
	}
	found := noWeekday
	for i, names := range weekdayNames {
		if strings.Contains(names, " "+w+" ") {
			return time.Weekday(i)
		}
		if strings.Contains(names, " "+w) {
			if found != noWeekday {
				found = someWeekday
				continue
			}
			found = time.Weekday(i)
		}
	}
	return found
}
