package web

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"onrecord/record"
)

// functions are what the templates may call.
func functions() template.FuncMap {
	return template.FuncMap{
		"show": show, "utc": utc, "moment": moment, "momentUTC": momentUTC,
		"basis": basisWords, "kind": kindWords, "kindMeans": kindMeans, "status": statusWords,
		"sure": sureWords, "bytes": bytesWords, "count": countWords, "link": safeLink,
		"paragraphs": paragraphs, "day": dayWords, "short": short, "number": number, "number64": func(n int64) string { return number(int(n)) },
		"gap": gapWords, "path": url.PathEscape, "rule": ruleWords, "sourceKind": sourceKindWords, "visit": visitWords, "every": everyWords, "rhythm": rhythmWords,
	}
}

// show is an instant as pages print it: "19 July 2024, 09:05 BST", "19 July
// 2024 (time not known)", "July 2024 (day not known)". The zone is London's,
// named, because an untold zone is a wrong time.
func show(i record.Instant) string {
	l := i.Time.In(record.London)
	switch {
	case !i.Known():
		return "not known"
	case i.Timed():
		return l.Format("2 January 2006, 15:04 MST")
	case i.Precision == record.ToDay:
		return l.Format("2 January 2006") + " (time not known)"
	case i.Precision == record.ToMonth:
		return l.Format("January 2006") + " (day not known)"
	default:
		return l.Format("2006") + " (day not known)"
	}
}

// utc is an instant for a datetime attribute: RFC 3339 in UTC, or the day,
// month or year where no more is known.
func utc(i record.Instant) string { return i.String() }

// moment is a time of our own clock, to the minute, in London.
func moment(t time.Time) string {
	if t.IsZero() {
		return "not known"
	}
	return t.In(record.London).Format("2 January 2006, 15:04 MST")
}

// instantWords is the day of a time; "" for none.
func instantWords(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(record.London).Format("2 January 2006")
}

func momentUTC(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// dayWords is the heading of a day given as YYYY-MM-DD, YYYY-MM, YYYY or "".
func dayWords(date string) string {
	for layout, out := range map[string]string{"2006-01-02": "Monday 2 January 2006", "2006-01": "January 2006 (day not known)", "2006": "2006 (day not known)"} {
		if t, err := time.Parse(layout, date); err == nil {
			return t.Format(out)
		}
	}
	return "Date not known"
}

func basisWords(b record.Basis) string {
	return map[record.Basis]string{
		record.FromUpdate: "from the stamp of the update", record.FromPost: "the post's own time", record.FromText: "from words of the text",
		record.FromPage: "the page's date", record.FromFeed: "the feed's date", record.FromCaptured: "the time of our capture", record.FromEditor: "an editor's correction",
	}[b]
}

func kindWords(k record.Kind) string {
	words := map[record.Kind]string{
		record.Release: "Release", record.PostKind: "Post", record.Quote: "Quotation",
		record.Fragment: "Quoted in part", record.Indirect: "Reported", record.Declined: "Declined",
	}
	if w, ok := words[k]; ok {
		return w
	}
	return string(k)
}

func kindMeans(k record.Kind) string {
	return map[record.Kind]string{
		record.Release:  "printed on an official body's own page",
		record.PostKind: "a post on a social platform",
		record.Quote:    "full sentences quoted by a news page",
		record.Fragment: "the quoted words of one reporter's sentence",
		record.Indirect: "reported without quotation marks: the reporter's words, not the speaker's",
		record.Declined: "asked, and would not say",
	}[k]
}

func statusWords(s record.Status) string {
	words := map[record.Status]string{
		record.Current: "stands as last seen", record.Updated: "its page gave it other words later",
		record.Withdrawn: "its page no longer carries it", record.Missing: "its page could not be found when last asked",
		record.Removed: "its page has been gone for 14 days",
	}
	if w, ok := words[s]; ok {
		return w
	}
	return string(s)
}

// sureWords puts a confidence, 0 to 1, in words: a figure alone says nothing to
// most readers.
func sureWords(c float64) string {
	switch {
	case c >= 0.9:
		return "clear from the page"
	case c >= 0.7:
		return "likely; worth a look at the source"
	case c > 0:
		return "uncertain; check the source before quoting"
	default:
		return "not rated"
	}
}

// ruleWords makes the name of a rule readable.
func ruleWords(r string) string { return strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(r) }

// bytesWords is a size for people.
func bytesWords(n int64) string {
	switch {
	case n >= 1<<20:
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MiB"
	case n >= 1<<10:
		return strconv.FormatFloat(float64(n)/(1<<10), 'f', 1, 64) + " KiB"
	default:
		return countWords(int(n), "byte", "bytes")
	}
}

// countWords is "1 statement", "1,204 statements".
func countWords(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// number is n with commas between thousands.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// gapWords is how long a silence was: "9 hours", "2 days 4 hours".
func gapWords(from, to time.Time) string {
	hours := int(to.Sub(from).Hours())
	if hours < 48 {
		return countWords(hours, "hour", "hours")
	}
	s := countWords(hours/24, "day", "days")
	if hours%24 > 0 {
		s += " " + countWords(hours%24, "hour", "hours")
	}
	return s
}

// safeLink is an address that may be followed: absolute http or https without
// userinfo; "" for anything else, which is then shown as text.
func safeLink(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.String()
}

// short is the beginning of a text, at most about n bytes, cut between words.
func short(n int, s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= n {
		return s
	}
	cut := strings.LastIndexByte(s[:n+1], ' ')
	if cut < n/2 {
		cut = n
		for cut > 0 && s[cut]&0xC0 == 0x80 { // inside a code point
			cut--
		}
	}
	return s[:cut] + " …"
}

// piece is a stretch of a paragraph; Hit where it is what the reader asked for.
type piece struct {
	Text string
	Hit  bool
}

// paragraphs cuts a text at its line ends and marks the spans in it. The marks
// come from offsets: no HTML is ever put together from strings. A span that
// does not lie in the text, or not on borders of code points, is left out.
func paragraphs(text string, hits []record.Span) [][]piece {
	marked := make([]bool, len(text))
	for _, h := range hits {
		if h.In(text) == "" || !border(text, h.Start) || !border(text, h.End) {
			continue
		}
		for i := h.Start; i < h.End; i++ {
			marked[i] = true
		}
	}
	out := [][]piece{}
	from := 0
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) != "" {
			out = append(out, pieces(line, marked[from:from+len(line)]))
		}
		from += len(line) + 1
	}
	return out
}

func border(s string, i int) bool { return i == len(s) || s[i]&0xC0 != 0x80 }

func pieces(line string, marked []bool) []piece {
	var out []piece
	start := 0
	for i := 1; i <= len(line); i++ {
		if i == len(line) || marked[i] != marked[start] {
			out = append(out, piece{Text: line[start:i], Hit: marked[start]})
			start = i
		}
	}
	return out
}

// outletsOf are the outlets of a statement's sightings, each once, in order.
func outletsOf(s record.Statement) []string {
	var out []string
	for _, x := range s.Sightings {
		n := x.OutletName
		if n == "" {
			n = x.Outlet
		}
		if n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}
