package attribution

import (
	"sort"
	"strings"
	"time"
	"unicode"

	"onrecord/record"
	"onrecord/register"
)

// maxPeople is how many people of one page are told apart; beyond it names
// stand for themselves.
const maxPeople = 1000

// person is somebody whom the page names in full.
type person struct {
	name    string
	words   []string // the name's, in lower case
	title   string
	role    string
	org     string // register id
	orgName string
	orgRule string
	hit     int    // 1 + index of the register's hit that names the organisation, 0 none
	gender  byte   // 'm', 'f' or 0 where neither title nor given name tells
	age     string // as printed beside the name, "" unknown
	at      []int  // offsets of every mention, short ones too, in order
	subject []int  // offsets of the mentions that are subject of their sentence
	// weight is what speaks for its being a person and not a place or a body;
	// below zero it is none.
	weight int
}

// findPeople lists the people named in full, with the roles and organisations
// that stand beside their names anywhere on the page, and then counts the short
// mentions ("Dr Wrigley") to them.
func (g *reading) findPeople() {
	g.byLast, g.byFirst = map[string][]int{}, map[string][]int{}
	for _, how := range [...]meeting{byFullName, byShortName} {
		for i := range g.pars {
			q := &g.pars[i]
			for j := range q.cands {
				if c := q.cands[j]; c.form == byName {
					g.meet(q, c, how)
				}
			}
		}
	}
	for i := range g.people {
		p := &g.people[i]
		sort.Ints(p.at)
		sort.Ints(p.subject)
		if given, _, _ := strings.Cut(strings.ToLower(p.name), " "); p.gender == 0 {
			p.gender = genderOfName(given)
		}
	}
	g.namePlaces()
}

// stranger is somebody who is spoken of without a name: "one guest", "a ward
// sister", as subject of a sentence.
type stranger struct {
	at, par int
	role    string
	gender  byte
}

// findStrangers lists them, in order of the text.
func (g *reading) findStrangers() {
	for i := range g.pars {
		q := &g.pars[i]
		if q.role != body {
			continue
		}
		for _, c := range q.cands {
			if c.form != byNoun || !c.subject || c.obliged || c.bracketed {
				continue
			}
			switch q.toks[c.first].low {
			case "a", "an", "one", "another":
			default:
				continue
			}
			head := q.toks[c.last-1].low
			if documents[head] || bodyRef(head) || !roleHeads[head] && !personNouns[head] && !womanNouns[head] && !manNouns[head] && unnamedHeads[head] == "" && !nouns[head] || g.namedLater(q, head) >= 0 {
				continue
			}
			if a := q.candAfter(c.last); a < len(q.cands) && q.cands[a].form == byName && q.cands[a].first <= c.last+1 {
				continue // "a ward sister, Jane Roe"
			}
			s := stranger{at: q.toks[c.first].Start, par: q.n, role: phrase(g.text[q.toks[c.first].Start:q.toks[c.last-1].End])}
			if womanNouns[head] {
				s.gender = 'f'
			} else if manNouns[head] {
				s.gender = 'm'
			}
			g.strangers = append(g.strangers, s)
		}
	}
}

// strangerSince is the last stranger in [from,to) who stands in this paragraph
// or the one before and can be of that gender; nil for none.
func (g *reading) strangerSince(from, to, par int, gender byte) *stranger {
	i := sort.Search(len(g.strangers), func(i int) bool { return g.strangers[i].at >= to })
	for i--; i >= 0 && g.strangers[i].at >= from && g.strangers[i].par >= par-1; i-- {
		if s := &g.strangers[i]; gender == 0 || s.gender == 0 || s.gender == gender {
			return s
		}
	}
	return nil
}

// meeting is a round of findPeople: first the people named in full, then the
// short mentions of them, and those who are only ever named by one word.
type meeting int

const (
	byFullName meeting = iota
	byShortName
)

// namePlaces tells the candidates that name no person from those that do.
func (g *reading) namePlaces() {
	for i := range g.pars {
		q := &g.pars[i]
		for j := range q.cands {
			c := &q.cands[j]
			if c.form != byName || c.name >= c.last {
				continue
			}
			if n := g.known(q.nameText(*c, g.text), q.toks[c.name].Start); n >= 0 {
				c.place = g.people[n].weight < 0
			} else {
				c.place = q.evidence(*c) < 0
			}
			c.kind = q.kindOf(c)
		}
	}
}

// evidence weighs what stands in and around a name for its being a person's.
func (q *par) evidence(c candidate) int {
	n := 0
	first := q.toks[c.name].low
	if givenName(first) {
		n += 3
	}
	if c.name > c.first {
		n += 3 // a title or a role
	}
	if c.after == 2 || c.before == 2 && c.inverted {
		n += 2
	}
	if c.last < len(q.toks) && (q.toks[c.last].low == "who" || q.ageAt(c.last) != "") {
		n += 3
	}
	if a, b := q.apposition(c.last); b > a {
		n += 2
	}
	for i := c.name; i < c.last; i++ {
		if t := q.toks[i]; places[t.low] || t.text == "&" {
			n -= 3
		} else if strings.ContainsAny(t.text, "0123456789") {
			n -= 9 // "Flight JW417"
		}
	}
	if country(q.nameLow(c)) {
		n -= 3
	}
	if placeLeads[first] && c.last-c.name > 1 {
		n -= 3
	}
	if c.first > 0 && q.toks[c.first-1].outer {
		switch w := q.toks[c.first-1].low; w {
		case "the":
			n -= 3
		case "in", "near", "at", "outside", "across", "around":
			n -= 2
		case "mr", "mrs", "ms":
			n += 3
		}
	}
	return n
}

// ageAt is the age in ", 54," or ", aged 54," at the token, "" for none.
func (q *par) ageAt(i int) string {
	if i+1 >= len(q.toks) || q.toks[i].text != "," && q.toks[i].text != "(" {
		return ""
	}
	i++
	if q.toks[i].low == "aged" && i+1 < len(q.toks) {
		i++
	}
	w := q.toks[i].low
	if len(w) > 0 && len(w) < 4 && strings.Trim(w, "0123456789") == "" && i+1 < len(q.toks) && !q.toks[i+1].word {
		return w
	}
	return ""
}

func (g *reading) meet(q *par, c candidate, how meeting) {
	name := q.nameText(c, g.text)
	words := strings.Fields(name)
	if len(words) == 0 || (len(words) > 1) != (how == byFullName) {
		return
	}
	at := q.toks[c.name].Start
	i := g.known(name, at)
	if i < 0 && (how == byShortName && !q.onlyName(c) || len(g.people) >= maxPeople || q.role == heading && q.evidence(c) <= 0) {
		return // capitals of a headline make no person: "Anyone Else Involved"
	}
	if i < 0 {
		if name == strings.ToUpper(name) {
			name = capitals(words)
		}
		g.people = append(g.people, person{name: name, words: strings.Fields(strings.ToLower(name))})
		i = len(g.people) - 1
		last := strings.ToLower(words[len(words)-1])
		g.byLast[last] = append(g.byLast[last], i)
		if first := strings.ToLower(words[0]); first != last {
			g.byFirst[first] = append(g.byFirst[first], i)
		}
	}
	p := &g.people[i]
	p.at = append(p.at, at)
	if c.subject && !c.obliged && !c.bracketed {
		p.subject = append(p.subject, at)
	}
	p.weight += q.evidence(c)
	if p.age == "" {
		p.age = q.ageAt(c.last)
	}
	g.describe(p, q, c)
}

// onlyName reports whether a single word that names nobody known is a person
// all the same: with a title ("Baroness Chaud"), or a given name that speaks or
// whose age is told.
func (q *par) onlyName(c candidate) bool {
	if c.name > 0 && c.name > c.first && titles[q.toks[c.name-1].low] {
		return true
	}
	return givenName(q.toks[c.name].low) && (related(&c) || q.ageAt(c.last) != "" || c.name > c.first)
}

// known is the person meant by a name: the same name, or one with the same last
// word whose other words do not differ; of several, the one named last before at.
func (g *reading) known(name string, at int) int {
	words := strings.Fields(strings.ToLower(name))
	if len(words) == 0 {
		return -1
	}
	if len(words) == 1 && len(g.byLast[words[0]]) == 0 {
		return g.byFirstName(words[0])
	}
	best := -1
	for _, i := range g.byLast[words[len(words)-1]] {
		if !agree(words, g.people[i].words) {
			continue
		}
		if best < 0 || len(g.people[i].at) > 0 && g.people[i].at[0] <= at {
			best = i
		}
	}
	return best
}

// byFirstName is the only person on the page with that first name, -1 where none
// or several have it.
func (g *reading) byFirstName(first string) int {
	if country(first) {
		return -1 // "Israel" is no short name of an Israel Roe
	}
	if is := g.byFirst[first]; len(is) == 1 {
		return is[0]
	}
	return -1
}

// agree reports whether the shorter name's words all stand in the longer one.
func agree(a, b []string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	for _, w := range a {
		found := false
		for _, x := range b {
			found = found || x == w || len(strings.TrimRight(w, ".")) == 1 && strings.HasPrefix(x, strings.TrimRight(w, "."))
		}
		if !found {
			return false
		}
	}
	return true
}

// nameLow is the name in lower case, without an owner's ending.
func (q *par) nameLow(c candidate) string {
	var w []string
	for i := c.name; i < c.last; i++ {
		w = append(w, q.toks[i].low)
	}
	return lessOwner(strings.Join(w, " "))
}

// nameText is the candidate's name without title and role.
func (q *par) nameText(c candidate, text string) string {
	if c.name >= c.last {
		return ""
	}
	s := text[q.toks[c.name].Start:q.toks[c.last-1].End]
	s = strings.TrimSuffix(strings.TrimSuffix(s, "’s"), "'s")
	w := strings.Fields(strings.TrimLeft(s, "@#"))
	for len(w) > 1 && honours[w[len(w)-1]] {
		w = w[:len(w)-1]
	}
	return strings.Join(w, " ")
}

// describe adds to a person what stands beside this mention.
func (g *reading) describe(p *person, q *par, c candidate) {
	roleEnd := c.name
	for roleEnd > c.first && (courtesy[q.toks[roleEnd-1].low] || q.toks[roleEnd-1].text == ".") {
		roleEnd--
	}
	if roleEnd < c.name {
		title := g.text[q.toks[roleEnd].Start:q.toks[c.name-1].End]
		if len(title) > len(p.title) {
			p.title = title
		}
		p.gender = genderOf(q.toks[roleEnd:c.name], p.gender)
	}
	if a, b := q.apposition(c.last); b > a {
		g.setRole(p, q, a, b)
	}
	if roleEnd > c.first {
		g.setRole(p, q, c.first, roleEnd)
	}
	if end := q.pastTail(c.last); end > c.last && p.org == "" {
		g.setOrg(p, q, c.last, end, "named beside")
	}
}

// honours stand behind a name and are no part of it.
var honours = set(`KC QC MP MSP MS MLA MEP OBE CBE MBE DBE KBE FRS PhD MD Jr Sr`)

func genderOf(toks []token, known byte) byte {
	for _, t := range toks {
		switch t.low {
		case "mr", "sir", "lord", "baron", "father":
			return 'm'
		case "mrs", "ms", "miss", "dame", "lady", "baroness", "sister":
			return 'f'
		}
	}
	return known
}

// apposition is the run of tokens, [a,b), that describes the name ending at i:
// between commas or brackets after it, or after "who is".
func (q *par) apposition(i int) (a, b int) {
	i = q.pastTail(i)
	if i >= len(q.toks) || !q.toks[i].outer {
		return 0, 0
	}
	closing := ""
	switch q.toks[i].text {
	case ",", "—", "–":
	case "(":
		closing = ")"
	default:
		return 0, 0
	}
	a = i + 1
	if a+1 < len(q.toks) && q.toks[a].low == "who" && q.toks[a+1].low != "is" && q.toks[a+1].low != "was" {
		return 0, 0 // "who replaced the chair" tells no role
	}
	for a < len(q.toks) && a < i+5 && (determiners[q.toks[a].low] || q.toks[a].low == "who" || q.toks[a].low == "is" || q.toks[a].low == "was" || q.toks[a].low == "who's") {
		a++
	}
	head := false
	for b = a; b < len(q.toks) && b-a < maxApposition && q.toks[b].outer; b++ {
		t := q.toks[b]
		if t.stop() && !q.initial(b) || t.text == ";" || t.text == ":" || t.text == "—" || closing != "" && t.text == closing {
			break
		}
		if t.text == "," && q.endsApposition(b+1) {
			break
		}
		if t.cue == 2 {
			return 0, 0
		}
		head = head || b-a < 10 && (roleHeads[t.low] || t.org > 0 && b-a < 2)
	}
	if !head {
		return 0, 0
	}
	return a, b
}

func (q *par) endsApposition(i int) bool {
	if i >= len(q.toks) || !q.toks[i].outer {
		return true
	}
	if _, ok := q.verbAt(i); ok {
		return true
	}
	switch q.toks[i].low {
	case "who", "which", "adding", "in", "on", "as", "when", "but", "while", "after", "and", "has", "also", "is", "was", "had", "whose", "where",
		"he", "she", "they", "it", "we":
		return true
	}
	return false
}

// setRole reads a role and an organisation from the tokens [a,b), unless the
// person has them already.
func (g *reading) setRole(p *person, q *par, a, b int) {
	start, end := a, b
	for i := a; i < b; i++ {
		if q.toks[i].text == "," || q.toks[i].text == "(" {
			end = i
			break
		}
	}
	if i := q.seat(a, end); i > a {
		end = i
	}
	end = q.roleEnd(start, end)
	for start < end && q.toks[start].org > 0 && !q.headWithin(start, q.sameOrg(start)) {
		start = q.sameOrg(start) // "NHS England national medical director"
	}
	if start < end && q.toks[start].owned && q.toks[start].cap {
		start++ // "CrowdStrike's chief executive"
	}
	for start < end && determiners[q.toks[start].low] {
		start++
	}
	if start+1 < end && q.toks[start].owned && bodyRef(q.toks[start].low) {
		start++ // "the union's council chair"
	}
	head := false
	for i := start; i < end; i++ {
		head = head || roleHeads[q.toks[i].low]
	}
	if start < end && head && (p.role == "" || len(p.role) < 12 && q.toks[end-1].End-q.toks[start].Start > len(p.role)) {
		p.role = strings.TrimSpace(g.text[q.toks[start].Start:q.toks[end-1].End])
		p.role = strings.TrimSuffix(strings.TrimSuffix(p.role, "’s"), "'s")
	}
	if p.org == "" {
		g.setOrg(p, q, a, b, "apposition")
	}
	if p.org == "" && p.orgName == "" {
		g.setDepartment(p)
	}
}

func (q *par) sameOrg(i int) int {
	h := q.toks[i].org
	for i < len(q.toks) && q.toks[i].org == h {
		i++
	}
	return i
}

func (q *par) headWithin(a, b int) bool {
	for i := a; i < b; i++ {
		if roleHeads[q.toks[i].low] {
			return true
		}
	}
	return false
}

// clauseWords begin a clause of its own behind a role.
var clauseWords = set(`who whom whose which that when where while after before during because since although though but if unless until as has had have is was
were will would told tells said says speaking adding following amid despite`)

// roleEnd is where a role in the tokens [a,b) ends before a clause or a day that
// is no part of it: "chair of the union when it began", "director on Friday".
func (q *par) roleEnd(a, b int) int {
	head := false
	for i := a; i < b; i++ {
		t := q.toks[i]
		switch {
		case !head:
			head = roleHeads[t.low]
		case clauseWords[t.low] && !t.cap, t.text == "—", t.text == "–", t.text == ";":
			return i
		case dayWords[t.low] && len(t.low) > 5 && t.cap, t.low == "yesterday", t.low == "today", t.low == "last" && i+1 < b && lastWhat[q.toks[i+1].low]:
			if p := q.toks[i-1].low; p == "on" || p == "late" || p == "early" {
				i--
			}
			return i
		}
	}
	return b
}

var lastWhat = set(`week month year night monday tuesday wednesday thursday friday saturday sunday`)

// seat is where " at the BMA" begins in a role, 0 where it has no such end.
func (q *par) seat(a, b int) int {
	for i := a + 1; i < b; i++ {
		if q.toks[i].low != "at" && q.toks[i].low != "from" {
			continue
		}
		k := i + 1
		for k < b && determiners[q.toks[k].low] {
			k++
		}
		if k < b && q.toks[k].org > 0 {
			return i
		}
	}
	return 0
}

// setOrg takes the organisation from the tokens [a,b): the registered one at
// which the role is held, else the first registered one, else the first run of
// capitals after "of", "at", "for" or "from".
func (g *reading) setOrg(p *person, q *par, a, b int, rule string) {
	first := 0
	for i := a; i < b; i++ {
		h := q.toks[i].org
		if h == 0 {
			continue
		}
		k := i - 1
		for k > a && determiners[q.toks[k].low] {
			k--
		}
		if k >= a && (q.toks[k].low == "at" || q.toks[k].low == "from") {
			first = h
			break
		}
		if first == 0 {
			first = h
		}
	}
	if first > 0 {
		p.hit = first
		if o, ok := g.reg.Org(g.hits[first-1].As); ok {
			p.org, p.orgName, p.orgRule = o.ID, o.Name, rule
		}
		return
	}
	if name := q.printedOrg(a, b, g.text); name != "" && p.orgName == "" {
		p.orgName, p.orgRule = name, "as printed"
	}
}

// printedOrg is a body that the register does not know, by its capitals.
func (q *par) printedOrg(a, b int, text string) string {
	if b > a && q.toks[a].owned && q.toks[a].cap {
		return strings.TrimSuffix(strings.TrimSuffix(q.toks[a].text, "’s"), "'s")
	}
	for i := a; i+1 < b; i++ {
		switch q.toks[i].low {
		case "of", "at", "for", "from":
		default:
			continue
		}
		k := i + 1
		for k < b && determiners[q.toks[k].low] {
			k++
		}
		end := k
		for end < b && !strings.HasSuffix(q.toks[end].low, "-based") && (q.toks[end].cap || end > k && end+1 < b && q.toks[end+1].cap && (phraseEnd[q.toks[end].low] || q.toks[end].low == "the" || q.toks[end].low == "&")) && unicode.IsLetter([]rune(q.toks[end].text)[0]) {
			end++
		}
		if from := q.toks[i].low == "from"; end > k && !(from && end == k+1 && !camel(q.toks[k].text) && !q.upperWord(k)) { // one is from a town
			return text[q.toks[k].Start:q.toks[end-1].End]
		}
	}
	return ""
}

// setDepartment gives a minister the department that the office names: the
// "Health and Social Care Secretary" heads the Department of or for it.
func (g *reading) setDepartment(p *person) {
	low := strings.ToLower(p.role)
	for _, office := range [...]string{" secretary", " minister"} {
		at := strings.Index(low, office)
		if at <= 0 {
			continue
		}
		field := strings.TrimPrefix(strings.TrimPrefix(p.role[:at], "Shadow "), "shadow ")
		if len(field) != len(p.role[:at]) {
			return // a shadow minister has no department
		}
		for _, form := range [...]string{"Department for ", "Department of ", "Ministry of ", "Department for the "} {
			if o, ok := g.reg.Name(form+field, g.day); ok {
				p.org, p.orgName, p.orgRule = o.ID, o.Name, "department of the office"
				return
			}
		}
	}
}

// setDepartmentFor gives a minister the department that the field of the office
// names: a "Minister for Health" is of the Department for or of it.
func (g *reading) setDepartmentFor(p *person) {
	low := strings.ToLower(p.role)
	for _, office := range [...]string{"secretary of state for ", "minister for ", "minister of "} {
		at := strings.Index(low, office)
		if at < 0 || strings.Contains(low, "shadow") {
			continue
		}
		for _, form := range [...]string{"Department for ", "Department of ", "Ministry of ", "Ministry for "} {
			if o, ok := g.reg.Name(form+p.role[at+len(office):], g.day); ok {
				p.org, p.orgName, p.orgRule = o.ID, o.Name, "department of the office"
				return
			}
		}
	}
}

// speaker is the person as a statement of the page's day carries it.
func (g *reading) speaker(i int) (record.Speaker, string) { return g.speakerOn(i, g.day) }

// speakerOn is the person as a statement of that day carries it: with the
// organisation that its printed name meant then, else with the post that the
// register knows of.
func (g *reading) speakerOn(i int, day time.Time) (record.Speaker, string) {
	p := g.people[i]
	s := record.Speaker{Name: p.name, Title: p.title, Role: p.role, Org: p.org, OrgName: p.orgName}
	rule := p.orgRule
	if p.hit > 0 {
		printed := g.hits[p.hit-1].Alias
		f, ok := g.meant(p.hit, day)
		switch {
		case !ok:
			s.Org, s.OrgName, rule = "", printed, "as printed"
		case f.Rule != register.ByName:
			s.Org, s.OrgName, s.OrgPrinted, rule = f.ID, f.Name, printed, f.Rule
		default:
			s.Org, s.OrgName = f.ID, f.Name
		}
	}
	if s.Role != "" && s.OrgName != "" || s.Org == "" && s.OrgName != "" {
		return s, rule
	}
	who, post, ok := g.reg.Person(p.name, day)
	if !ok {
		return s, rule
	}
	if s.Org != "" {
		if post, ok = who.At(s.Org, day); ok {
			s.Role = post.Role
		}
		return s, rule
	}
	if o, ok := g.reg.AsOf(post.Org, day); ok {
		s.Org, s.OrgName = o.ID, o.Name
		if s.Role == "" {
			s.Role = post.Role
		}
		return s, "register"
	}
	return s, rule
}

// lastMention is the person mentioned last in [from,to), -1 for none. A gender
// other than 0 leaves out those who are known to have another one, and whoever
// may be a place or a body.
func (g *reading) lastMention(from, to int, gender byte) int {
	return g.lastOf(from, to, gender, func(p *person) []int { return p.at })
}

// lastSubject is the person who was last the subject of a sentence in [from,to).
func (g *reading) lastSubject(from, to int, gender byte) int {
	return g.lastOf(from, to, gender, func(p *person) []int { return p.subject })
}

func (g *reading) lastOf(from, to int, gender byte, places func(*person) []int) int {
	best, at := -1, from-1
	for i := range g.people {
		p := &g.people[i]
		if p.weight < 0 || gender != 0 && p.gender != 0 && p.gender != gender {
			continue
		}
		is := places(p)
		k := sort.SearchInts(is, to) - 1
		if k >= 0 && is[k] > at {
			best, at = i, is[k]
		}
	}
	return best
}
