package extract

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"onrecord/record"
)

// maxUpdates is the most updates that are read from one page.
const maxUpdates = 2000

// live finds the timed updates of a live page, as JSON-LD lists them and as
// the markup holds them. Updates whose element is known stand in places.
func (d *document) live() (updates []record.Update, places map[*html.Node]int, bodies []string) {
	places = map[*html.Node]int{}
	if a := d.article(); a.is("LiveBlogPosting") {
		for _, u := range a.list("liveBlogUpdate") {
			if len(updates) == maxUpdates {
				d.problem("more than %d live updates: the rest left out", maxUpdates)
				break
			}
			updates = append(updates, record.Update{
				URL: d.absolute(u.text("url")), Title: first(u.text("headline"), u.text("name")),
				At:       d.when(u.text("datePublished"), record.FromUpdate),
				Modified: d.when(u.text("dateModified"), record.FromUpdate),
			})
			bodies = append(bodies, plainBody(u))
		}
	}
	if len(updates) > 0 {
		d.anchor(updates, places)
		return updates, places, bodies
	}
	return d.marked(places), places, nil
}

// plainBody keeps the line breaks of articleBody, which part its paragraphs.
func plainBody(o object) string {
	for _, t := range texts(o["articleBody"]) {
		return unescape(t)
	}
	return ""
}

// anchor finds the elements of the updates by the fragment of their address.
func (d *document) anchor(updates []record.Update, places map[*html.Node]int) {
	want := map[string]int{}
	for i, u := range updates {
		if _, id, ok := strings.Cut(u.URL, "#"); ok && id != "" {
			want[id] = i
		}
	}
	for n := range d.root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if i, ok := want[attr(n, "id")]; ok {
			places[n] = i
			delete(want, attr(n, "id"))
		}
	}
}

var liveNames = lazily(`(?i)(?:^|[\s_-])(?:live-?(?:blog-?)?(?:post|update|entry|block)|liveblog-?(?:post|update|entry|item)|live-events?__?entry|blog-?post|lb-?post|(?:timeline|stream)(?:__|-)?-?(?:post|entry|item))(?:$|[\s_-])`)

// livelyName asks the pattern only of names that hold one of its words.
func livelyName(class string) bool {
	if class == "" {
		return false
	}
	low := strings.ToLower(class)
	return (strings.Contains(low, "live") || strings.Contains(low, "blog") || strings.Contains(low, "lb") || strings.Contains(low, "timeline") || strings.Contains(low, "stream")) && liveNames.MatchString(class)
}

// marked finds updates by their markup alone: at least three elements named as
// live posts, each with its own time.
func (d *document) marked(places map[*html.Node]int) []record.Update {
	var nodes, stamps []*html.Node
	for n := range d.root.Descendants() {
		if n.Type != html.ElementNode || !blockTags[n.DataAtom] || len(nodes) == maxUpdates {
			continue
		}
		if !strings.Contains(attr(n, "itemprop"), "liveBlogUpdate") && !livelyName(attr(n, "class")) {
			continue
		}
		if len(nodes) > 0 && inside(n, nodes[len(nodes)-1]) {
			continue
		}
		if t := firstOf(n, atom.Time); t != nil && (attr(t, "datetime") != "" || strings.ContainsAny(textOf(t), digits)) {
			nodes, stamps = append(nodes, n), append(stamps, t)
		}
	}
	if len(nodes) < 3 {
		return nil
	}
	var updates []record.Update
	for i, n := range nodes {
		places[n] = i
		u := record.Update{At: d.when(first(attr(stamps[i], "datetime"), tidy(textOf(stamps[i]))), record.FromUpdate)}
		if id := attr(n, "id"); id != "" {
			u.URL = d.absolute("#" + id)
		}
		if h := firstOf(n, atom.H2, atom.H3, atom.H4); h != nil {
			u.Title = tidy(textOf(h))
		}
		updates = append(updates, u)
	}
	return updates
}

// clockOnly gives updates that print no more than a time of day the day of the
// page: the earliest stands on the day of publication, and where the clock
// runs back from one update to the next, a day has passed.
func (d *document) clockOnly(updates []record.Update, places map[*html.Node]int, published record.Instant) {
	if !published.Known() || published.Precision == record.ToMonth || published.Precision == record.ToYear {
		return
	}
	stamps := make([]string, len(updates))
	for n, i := range places {
		if t := firstOf(n, atom.Time); t != nil && !updates[i].At.Known() && attr(t, "datetime") == "" {
			stamps[i] = tidy(textOf(t))
		}
	}
	oldestFirst := make([]int, len(updates))
	for i := range oldestFirst {
		oldestFirst[i] = len(updates) - 1 - i
	}
	if risingClocks(stamps) {
		slices.Reverse(oldestFirst)
	}
	day, last := published.Time.In(record.London), time.Time{}
	for _, i := range oldestFirst {
		if stamps[i] == "" {
			continue
		}
		at, ok := ParseDate("today "+stamps[i], DateContext{At: day, Basis: record.FromUpdate})
		if !ok {
			continue
		}
		if !last.IsZero() && at.Time.Before(last) {
			day, at.Time = day.AddDate(0, 0, 1), at.Time.AddDate(0, 0, 1)
		}
		last = at.Time
		at.Raw, at.Notes = stamps[i], []string{"day taken from the page"}
		updates[i].At = at
	}
}

// risingClocks reports whether the times of day mostly rise down the page.
func risingClocks(stamps []string) bool {
	up, down, last := 0, 0, ""
	for _, s := range stamps {
		clock := clockForm.FindString(s)
		if len(clock) == 4 {
			clock = "0" + clock
		}
		if clock != "" && last != "" {
			if clock > last {
				up++
			} else if clock < last {
				down++
			}
		}
		last = first(clock, last)
	}
	return up > down
}

var clockForm = lazily(`\d{1,2}[:.]\d\d`)

// firstUpdate dates a live page that gives no date of its own by its earliest
// update, and not by the one that happens to stand first.
func (d *document) firstUpdate(p *record.Page) {
	for _, u := range p.Updates {
		if !u.At.Known() || !d.undated() || p.Published.Known() && !u.At.Time.Before(p.Published.Time) {
			continue
		}
		p.Published = u.At.Note("of the page's first update")
		p.Published.Basis = record.FromPage
	}
}

// liveLines lays out the updates that JSON-LD carries and the markup does not.
func liveLines(lines []line, updates []record.Update, bodies []string) []line {
	seen := map[int]bool{}
	for _, l := range lines {
		if l.update >= 0 {
			seen[l.update] = true
		}
	}
	for i, body := range bodies {
		if seen[i] || strings.TrimSpace(body) == "" {
			continue
		}
		if t := updates[i].Title; t != "" {
			lines = append(lines, line{kind: record.Heading, text: t, post: -1, update: i})
		}
		for _, p := range strings.Split(body, "\n") {
			if p = tidy(p); p != "" {
				lines = append(lines, line{kind: record.Paragraph, text: p, post: -1, update: i})
			}
		}
	}
	return lines
}

var (
	stampDay  = `(?:\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?\d{1,2}(?:st|nd|rd|th)? ` + monthWords + `(?:,? \d{4})?)`
	stampHour = `(?:\d{1,2}[:.]\d\d ?(?:[ap]\.?m\.?)?|\d{1,2} ?[ap]\.?m\.?|noon|midday|midnight)`
	// stampWords begin the line above an update of a rolling page.
	stamp = lazily(`(?i)^[*\s]*(?:(?:latest |further |new )?updated?(?: posted)?(?: (?:no\.? ?|number )?#?\d{1,3}(?:[:,–—-]| ))?|initial (?:situation|statement|update|message)[a-z ]{0,30}|situation (?:update|overview|report)|as of|posted|statement)?(?: as of| at| on)?\s*[:–—-]?\s*\(?(` +
		stampDay + `\)?(?:\s*(?:[,–—-]|at|@)?\s*\(?` + stampHour + `\)?)?|` + stampHour + `\)?\s*(?:[,–—-]|on)?\s*\(?` + stampDay + `\)?)\s*[:*.\s]*$`)
	stampCue = lazily(`(?i)updat|initial|situation|statement|as of|\*\*|posted`)
)

// stamps turns lines such as "** Update: 14/3/25 - 11:30am **" into labels and
// what follows each into an update of its own. One such line alone makes no
// rolling page, unless the page says that it is one.
func (d *document) stamps(lines []line) ([]line, []record.Update) {
	out := slices.Clone(d.runIn(lines))
	var updates []record.Update
	for i := range out {
		l := &out[i]
		if at := d.stampTime(*l); at.Known() && len(updates) < maxUpdates {
			updates = append(updates, record.Update{Title: strings.Trim(l.text, "* :"), At: at})
			l.kind = record.Label
		}
		l.update = len(updates) - 1
	}
	if len(updates) == 0 || len(updates) == 1 && !rollingWords(lines) {
		return lines, nil
	}
	return out, updates
}

// runInStamp is a stamp with its time of day that the update goes on from in
// the same line: "22 July 2024, 11:30am: The system works again."
var runInStamp = lazily(`(?i)^((?:update[:\s]+)?(?:` + stampDay + `\s*(?:[,–—-]|at)?\s*` + stampHour + `|` + stampHour + `\s*(?:[,–—-]|on)?\s*` + stampDay + `))\s*[:–—-]\s+(\S.{20,})$`)

// runIn parts such lines where two or more of them make the page.
func (d *document) runIn(lines []line) []line {
	var found int
	for _, l := range lines {
		if l.kind != record.Embedded && runInStamp.MatchString(l.text) {
			found++
		}
	}
	if found < 2 || found*3 < len(lines) {
		return lines
	}
	var out []line
	for _, l := range lines {
		m := runInStamp.FindStringSubmatch(l.text)
		if m == nil || l.kind == record.Embedded {
			out = append(out, l)
			continue
		}
		head, rest := l, l
		head.text, head.kind, head.strong = m[1], record.Heading, true
		rest.text, rest.kind, rest.strong = m[2], record.Paragraph, false
		out = append(out, head, rest)
	}
	return out
}

// stampTime is the time of a line that opens an update; unknown for others.
// "Updated: 14 March 2025" in plain type is the page's own date.
func (d *document) stampTime(l line) record.Instant {
	if len(l.text) > 120 || !strings.ContainsAny(l.text, digits) || l.kind == record.Embedded || l.kind == record.ListItem {
		return record.Instant{}
	}
	set := l.strong || l.kind == record.Heading
	if !set && (!stampCue.MatchString(l.text) || updatedLine.MatchString(l.text)) {
		return record.Instant{}
	}
	m := stamp.FindStringSubmatch(l.text)
	if m == nil {
		return record.Instant{}
	}
	at, ok := ParseDate(strings.Trim(m[1], " -–—,.*"), DateContext{At: d.in.At, Basis: record.FromUpdate})
	if !ok {
		return record.Instant{}
	}
	return at
}

var updatedLine = lazily(`(?i)^(?:last )?(?:updated|posted)\b`)

func rollingWords(lines []line) bool {
	for _, l := range lines {
		if strings.Contains(strings.ToLower(l.text), "updates have been added") {
			return true
		}
	}
	return false
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
