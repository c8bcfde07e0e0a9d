package attribution

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"onrecord/record"
)

// timePhrase is a time that a text tells in [a,b).
type timePhrase struct {
	a, b int
	at   record.Instant
	told bool // from the day of printing
}

var (
	relativeDay = regexp.MustCompile(`\b(?:(?i:(yesterday|last night)|(two|three|four|five|six|seven|eight|nine|ten|[2-9]|1[0-9]) days ago|(last month|last year))|(?:(?i:(last|next|this|coming|every|each) ))?(Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday))\b`)
	// saying leads to the day of saying: a verb or a document, and few words that
	// begin no clause.
	saying = regexp.MustCompile(`(?i)\b(?:sa(?:id|ys?|ying)|t(?:old|ells?|elling)|wr(?:ote|ites?|iting|itten)|add(?:ed|s|ing)|post(?:ed|s|ing)?|tweet(?:ed|s|ing)?|announc(?:ed|es|ing)|warn(?:ed|s|ing)|issued|published|released|dated|sent|sp(?:oke|eaks?|eaking)|stat(?:ed|es|ing)|confirmed|explained|insisted|argued|claimed|declared|repeated|statement|letter|message|e-?mail|memo|update|briefing|interview|speech|conference|release|blog|evidence|hearing|appearance|column|op-ed|article|essay|address(?:ed|ing)?)\b((?:[ ,’'(-]+[\p{L}\p{N}’'&.-]+){0,9}?)[ ,(]*$`)
	// opening is what may stand before a time that opens its sentence.
	opening = regexp.MustCompile(`(?i)^[\s“”"’'.)]*(?:(?:late|early|later|earlier|speaking|writing) )?(?:on |in |by )?$`)
	// ofDocument follows an owner: "Monday's statement".
	ofDocument = regexp.MustCompile(`(?i)^[’']s (?:\p{L}+ )?(?:statement|letter|message|e-?mail|memo|update|briefing|interview|speech|press|conference|release|post)\b`)
	numbers    = map[string]int{"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
	// blockers begin what a time belongs to in place of the saying: "said after
	// the fault on Monday".
	blockers = set(`after before when which who whom whose since until following because as if ahead while where amid despite than though although
whether how why what but first originally initially previously held made will would until taking leaving closed failed happened opened began`)
	// topics lead to what is spoken of, which has days of its own.
	topics = set(`about over`)
)

// saidOn is the day on which the words that lead to an utterance say that it was
// said. Relative days count from the day of printing, where that is known to the
// day; a day after it is none of saying.
func (g *reading) saidOn(lead string, u *utterance, printed record.Instant) (record.Instant, bool) {
	phrases := datesIn(lead, g.pageDate())
	if u.kind != record.Declined {
		phrases = append(phrases, relativeIn(lead, printed)...)
	}
	slices.SortStableFunc(phrases, func(x, y timePhrase) int { return x.a - y.a })
	for _, t := range phrases {
		if !t.at.Time.Before(g.lastPrinted(printed)) || !g.ofSaying(lead, t, u) {
			continue
		}
		if t.told && t.at.Day() == printed.Time.In(record.London).Format("2006-01-02") {
			return printed, true // the time of printing says more than "on Friday"
		}
		return t.at, true
	}
	return record.Instant{}, false
}

// lastPrinted is the end of the day by which all words of the page were printed.
func (g *reading) lastPrinted(printed record.Instant) time.Time {
	if g.page.Modified.Known() && g.page.Modified.End().After(printed.End()) {
		printed = g.page.Modified
	}
	if !printed.Known() {
		return time.Unix(1<<40, 0)
	}
	l := printed.End().Add(-time.Millisecond).In(record.London)
	return time.Date(l.Year(), l.Month(), l.Day()+1, 0, 0, 0, 0, record.London)
}

// relativeIn lists the days of a text that are told from the day of printing:
// "yesterday", "two days ago", "on Monday" for the last one. "Last Monday" may be
// either of two, and is none.
func relativeIn(s string, printed record.Instant) []timePhrase {
	if !printed.Known() || printed.Basis == record.FromCaptured || printed.Precision == record.ToMonth || printed.Precision == record.ToYear {
		return nil
	}
	day := printed.Time.In(record.London)
	var out []timePhrase
	for _, m := range relativeDay.FindAllStringSubmatchIndex(s, 8) {
		t := timePhrase{a: m[0], b: m[1], told: true}
		word := func(n int) string {
			if m[2*n] < 0 {
				return ""
			}
			return s[m[2*n]:m[2*n+1]]
		}
		switch {
		case word(1) != "":
			t.at = back(day, 1)
		case word(2) != "":
			n := numbers[strings.ToLower(word(2))]
			for _, c := range word(2) {
				if c >= '0' && c <= '9' {
					n = n*10 + int(c-'0')
				}
			}
			t.at = back(day, n)
		case strings.EqualFold(word(3), "last month"):
			t.at = record.Instant{Time: time.Date(day.Year(), day.Month()-1, 1, 0, 0, 0, 0, record.London).UTC(), Precision: record.ToMonth, Basis: record.FromText}
		case word(3) != "":
			t.at = record.Instant{Time: time.Date(day.Year()-1, 1, 1, 0, 0, 0, 0, record.London).UTC(), Precision: record.ToYear, Basis: record.FromText}
		case word(4) != "" && !strings.EqualFold(word(4), "this"):
			continue
		default:
			n := int(day.Weekday()) - weekday(word(5))
			if n < 0 {
				n += 7
			}
			t.at = back(day, n)
		}
		t.at.Raw = s[m[0]:m[1]]
		t.at = t.at.Note("counted from the day of printing")
		out = append(out, t)
	}
	return out
}

func back(day time.Time, n int) record.Instant {
	d := day.AddDate(0, 0, -n)
	return record.OnDay(d.Year(), d.Month(), d.Day(), record.FromText)
}

func weekday(name string) int {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if d.String() == name {
			return int(d)
		}
	}
	return 0
}

// ofSaying reports whether a time in the lead is that of the saying: behind a
// verb or a document without a clause between, as its owner, or at the head of
// the sentence whose subject speaks.
func (g *reading) ofSaying(lead string, t timePhrase, u *utterance) bool {
	before, after := lead[:t.a], lead[t.b:]
	if strings.HasPrefix(after, "’s") || strings.HasPrefix(after, "'s") {
		return ofDocument.MatchString(after)
	}
	if opening.MatchString(before) {
		return strings.HasPrefix(strings.TrimLeft(after, " "), ",") || g.besideMention(after, u)
	}
	if n := len(before); n > 120 {
		before = strings.ToValidUTF8(before[n-120:], "")
	}
	return saying.MatchString(before) && !blocked(before)
}

// besideMention reports whether nothing but an article and capitals stands before
// the speaker's name.
func (g *reading) besideMention(after string, u *utterance) bool {
	if u.v.mention.Len() == 0 {
		return false
	}
	head, _, found := strings.Cut(after, u.v.mention.In(g.text))
	if !found || len(head) > 60 {
		return false
	}
	for _, w := range strings.Fields(head) {
		if low := strings.ToLower(strings.Trim(w, ",")); w == low && !determiners[low] {
			return false
		}
	}
	return true
}

// blocked reports whether the last words of a text, back to the verb or document
// that leads on, begin a clause to which what follows belongs.
func blocked(s string) bool {
	m := saying.FindStringSubmatchIndex(s)
	words := s
	if m != nil {
		words = s[m[2]:m[3]]
	} else if n := strings.LastIndexAny(s, ",;:"); n >= 0 {
		words = s[n:]
	}
	list := strings.Fields(strings.ToLower(words))
	for i, w := range list {
		w = strings.Trim(w, ",.(’'")
		if blockers[w] || m != nil && topics[w] || w == "that" && (i == 0 || list[i-1] != "about" && list[i-1] != "to") {
			return true
		}
	}
	return false
}

// carryDays gives an utterance the day of the one before it where its speaker
// goes on: “…”, said Roe on Monday. She added: “…”
func (g *reading) carryDays(said []*utterance) {
	list := slices.Clone(said)
	slices.SortStableFunc(list, func(a, b *utterance) int { return a.spans[0].Start - b.spans[0].Start })
	for i := 1; i < len(list); i++ {
		u, before := list[i], list[i-1]
		if u.post == nil && goingOn[strings.ToLower(u.v.cue)] && before.said.Basis == record.FromText && u.said.Basis != record.FromText && u.said.Known() &&
			u.first-before.par <= 2 && g.pars[u.first].Update == g.pars[before.par].Update && before.v.same(u.v) {
			u.said = before.said
		}
	}
}
