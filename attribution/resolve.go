package attribution

import (
	"slices"
	"sort"
	"strings"
	"time"

	"onrecord/record"
	"onrecord/register"
)

// voice is who speaks, as far as the text tells.
type voice struct {
	record.Speaker
	joint   []record.Speaker
	mention record.Span
	cue     string
	rule    string
	// ruleBefore is the rule of a voice whose post's holder was looked up.
	ruleBefore string
	orgRule    string
	sure       float64 // 0 to 1
	person     int     // index into the reading's people, -1 for none
	likely     float64 // as learned, of the one that is carried on
	clues      int     // what speaks for the antecedent of a pronoun, for the features
	at         int     // where it was set up
	post       string  // the role of which the register knows the holder, "" none
	hit        int     // 1 + index of the register's hit that names its organisation, 0 none
	unnamed    bool    // of an unnamed speaker, see setHit
}

func (v *voice) known() bool { return v != nil && (v.Name != "" || v.Role != "" || v.OrgName != "") }

// same reports whether two voices are one speaker.
func (v *voice) same(w *voice) bool {
	if v == nil || w == nil {
		return v == w
	}
	if v.Name != "" || w.Name != "" {
		return v.Name == w.Name
	}
	return v.OrgName == w.OrgName && (v.Role == w.Role || v.Role == "" || w.Role == "")
}

// context is what has been heard so far on the page.
type context struct {
	last    *voice // the one who spoke last
	person  *voice // the last person who spoke
	org     *voice // the last organisation or spokesperson who spoke
	open    *voice // whose quotation stands open
	carry   *voice // who speaks a paragraph of nothing but quotation
	carryAt int    // the paragraph that set carry
	led     bool   // that paragraph led on with a colon
}

func (x *context) heard(v *voice) {
	x.last = v
	if v.Name != "" {
		x.person = v
	} else {
		x.org = v
	}
}

// resolve says who is meant by a candidate.
func (g *reading) resolve(q *par, c candidate, x *context) *voice {
	v := &voice{mention: q.span(c), person: -1, sure: 0.9, at: q.toks[c.first].Start}
	v.cue, v.rule = q.cueOf(c)
	switch c.form {
	case pronoun:
		g.resolvePronoun(q, c, x, v)
	case byName:
		g.resolveName(q, c, v)
	case byOrg:
		g.resolveOrg(q, c, v)
	case byNoun:
		g.resolveNoun(q, c, x, v)
	}
	g.withPartners(q, c, v)
	g.withSignatories(q, c, x, v)
	return v
}

func (q *par) cueOf(c candidate) (cue, rule string) {
	switch {
	case c.according:
		return "according to", "according to"
	case c.after > 0 && c.appositon:
		return q.toks[c.afterAt].text, "verb after apposition"
	case c.after > 0:
		return q.toks[c.afterAt].text, "verb after speaker"
	case c.before > 0:
		k := c.first - 1
		for k > 0 && q.toks[k].cue == 0 {
			k--
		}
		return q.toks[k].text, "verb before speaker"
	}
	return "", "nearest"
}

func (g *reading) resolveName(q *par, c candidate, v *voice) {
	name := q.nameText(c, g.text)
	if i := g.known(name, v.at); i >= 0 && !c.place {
		v.person = i
		v.Speaker, v.orgRule = g.speaker(i)
		if !strings.Contains(name, " ") {
			v.sure = 0.88
		}
		return
	}
	if c.place { // whoever speaks there, it is no person of that name
		v.OrgName, v.orgRule, v.sure = name, "as printed", 0.5
		return
	}
	p := person{name: name}
	g.describe(&p, q, c)
	v.Speaker = record.Speaker{Name: p.name, Title: p.title, Role: p.role, Org: p.org, OrgName: p.orgName}
	v.orgRule, v.sure = p.orgRule, 0.75
}

func (g *reading) resolveOrg(q *par, c candidate, v *voice) {
	if h := q.hitIn(c.first, c.last); h > 0 {
		g.setHit(v, h, false)
		return
	}
	end := q.pastTail(c.last)
	v.OrgName = strings.TrimSuffix(strings.TrimSuffix(g.text[q.toks[c.name].Start:q.toks[end-1].End], "’s"), "'s")
	v.mention.End = q.toks[end-1].End
	v.orgRule, v.sure = "as printed", 0.8
}

func (q *par) hitIn(a, b int) int {
	for i := a; i < b && i < len(q.toks); i++ {
		if q.toks[i].org > 0 {
			return q.toks[i].org
		}
	}
	return 0
}

// setHit gives the voice the organisation that the register found in the text.
// The unnamed spokesperson of a collective speaks for the body that the
// register names for it, unless the page is about a neighbouring collective.
func (g *reading) setHit(v *voice, h int, unnamed bool) {
	v.hit, v.unnamed = h, unnamed
	f, ok := g.meant(h, g.day)
	g.setFound(v, f, ok, g.day)
}

// meant is whom a hit of the register means on that day.
func (g *reading) meant(h int, day time.Time) (register.Found, bool) {
	hit := g.hits[h-1]
	if !day.Equal(g.day) {
		return g.reg.Resolve(hit.Alias, day)
	}
	o, ok := g.reg.Org(hit.As)
	return register.Found{Org: o, Named: hit.Org, Rule: hit.Rule}, ok
}

// setFound is setHit with what the register answers for the day.
func (g *reading) setFound(v *voice, f register.Found, ok bool, day time.Time) {
	hit := g.hits[v.hit-1]
	v.Org, v.OrgPrinted = "", ""
	if !ok { // it did not exist then
		v.OrgName, v.orgRule = hit.Alias, "as printed"
		return
	}
	o := f.Org
	v.Org, v.OrgName, v.orgRule = o.ID, o.Name, f.Rule
	if f.Rule != register.ByName {
		v.OrgPrinted, v.sure = hit.Alias, min(v.sure, 0.85)
	}
	if !v.unnamed || o.SpeaksAs == "" || g.abroad(o) {
		return
	}
	if as, ok := g.reg.AsOf(o.SpeaksAs, day); ok {
		v.OrgPrinted, v.Org, v.OrgName, v.orgRule = hit.Alias, as.ID, as.Name, "spokesperson of a collective"
		v.sure = min(v.sure, 0.85)
	}
}

// abroad reports whether the page names another collective and never the body
// that this one's spokesperson would speak for.
func (g *reading) abroad(o register.Org) bool {
	other := false
	for _, h := range g.hits[:min(len(g.hits), 500)] {
		if h.Org == o.SpeaksAs {
			return false
		}
		if x, ok := g.reg.Org(h.Org); ok && x.Collective() && x.ID != o.ID {
			other = true
		}
	}
	return other
}

// resolveNoun resolves "a spokesperson for …", "the union", "a senior doctor",
// "a statement on its website".
func (g *reading) resolveNoun(q *par, c candidate, x *context, v *voice) {
	head := q.toks[c.last-1].low
	end := q.pastTail(c.last)
	if end > c.last {
		v.mention.End = q.toks[end-1].End
	}
	h := q.hitIn(c.first, end)
	unnamed, isUnnamed := g.unnamed(q, c)
	switch {
	case g.officeAndName(q, c, v):
	case isUnnamed || documents[head]:
		v.Role = unnamed
		g.bodyOf(q, c, end, h, x, v)
	case g.namedBeside(q, end, v):
	case g.resolvePerson(q, c, end, h, x, v):
	case bodyRef(head) && !roleHeads[head]:
		g.resolveBody(q, c, end, h, head, x, v)
	case roleHeads[head] || nouns[head]:
		g.resolveRole(q, c, end, h, head, v)
	default:
		v.Role, v.sure = strings.ToLower(g.text[q.toks[c.name].Start:q.toks[c.last-1].End]), 0.6
	}
	if !v.known() {
		v.Role, v.sure = phrase(g.text[q.toks[c.first].Start:q.toks[c.last-1].End]), 0.6
	}
}

func bodyRef(w string) bool { _, ok := bodyNouns[w]; return ok }

// unnamed is what an unnamed speaker is called in the candidate's phrase.
func (g *reading) unnamed(q *par, c candidate) (string, bool) {
	for i := c.first; i < c.last; i++ {
		if r, ok := unnamedHeads[q.toks[i].low]; ok {
			return r, true
		}
	}
	return "", false
}

// phrase is a role without its article.
func phrase(s string) string {
	w := strings.Fields(s)
	for len(w) > 1 && determiners[strings.ToLower(w[0])] {
		w = w[1:]
	}
	return strings.Join(w, " ")
}

// bodyOf finds the body for which an unnamed speaker or a document speaks: the
// one in its phrase, else the one that spoke last, else the nearest one named before.
func (g *reading) bodyOf(q *par, c candidate, end, h int, x *context, v *voice) {
	if h > 0 {
		g.setHit(v, h, true)
		return
	}
	if name := q.printedOrg(c.first, end, g.text); name != "" {
		v.OrgName, v.orgRule = name, "as printed"
		return
	}
	for i := c.first; i < c.last-1; i++ {
		if q.toks[i].cap && !notNames[q.toks[i].low] && !spokes(q.toks[i].low) {
			k := i
			for k < c.last-1 && q.toks[k].cap && !spokes(q.toks[k].low) {
				k++
			}
			v.OrgName, v.orgRule = strings.TrimSuffix(strings.TrimSuffix(g.text[q.toks[i].Start:q.toks[k-1].End], "’s"), "'s"), "as printed"
			return
		}
	}
	var kinds []string
	if end > c.last && bodyRef(q.toks[end-1].low) {
		kinds = bodyNouns[q.toks[end-1].low] // "a spokesperson for the department"
	} else if c.last-c.first > 1 && bodyRef(q.toks[c.last-2].low) {
		kinds = bodyNouns[q.toks[c.last-2].low] // "a trust spokesperson"
	}
	m := g.bodyBefore(v.at, kinds)
	if m == nil && kinds != nil {
		m = g.bodyAfter(v.at, kinds)
	}
	if m != nil {
		g.setMention(v, m, true)
		v.orgRule, v.sure = "nearest organisation", 0.65
		return
	}
	if x.org.known() {
		v.Org, v.OrgName, v.orgRule, v.sure = x.org.Org, x.org.OrgName, "organisation that spoke last", 0.6
	}
	v.sure = min(v.sure, 0.7)
}

// A mention is a place where the page names an organisation: one of the
// register's, or one that only its name shows to be a body.
type mention struct {
	at, hit int    // hit counts from 1; 0 for a body that the register does not know
	name    string // as printed, of one that the register does not know
}

// findBodies lists the organisations that the page names, in order.
func (g *reading) findBodies() {
	for i := range g.pars {
		q := &g.pars[i]
		if q.role == skipped {
			continue // captions and lists of links lead to no "it"
		}
		for j, t := range q.toks {
			if t.org > 0 && (j == 0 || q.toks[j-1].org != t.org) { // no part of a longer name
				g.bodies = append(g.bodies, mention{at: g.hits[t.org-1].Start, hit: t.org})
			}
		}
		for _, c := range q.cands {
			if c.form != byOrg || q.hitIn(c.first, c.last) > 0 || c.last-c.name < 2 && !q.upperWord(c.name) {
				continue
			}
			name := lessOwner(g.text[q.toks[c.name].Start:q.toks[c.last-1].End])
			if !outletName(name) && !strings.EqualFold(name, g.page.Publisher) {
				g.bodies = append(g.bodies, mention{at: q.toks[c.first].Start, name: name})
			}
		}
	}
	slices.SortStableFunc(g.bodies, func(a, b mention) int { return a.at - b.at })
}

func (q *par) upperWord(i int) bool {
	w := q.toks[i].text
	return len(w) > 1 && strings.ToUpper(w) == w && !shorthand[w]
}

func lessOwner(s string) string { return strings.TrimSuffix(strings.TrimSuffix(s, "’s"), "'s") }

// outletName reports whether a printed name is a newspaper's, a broadcaster's or
// the like: they report what others say.
func outletName(s string) bool {
	for _, w := range strings.Fields(strings.ToLower(s)) {
		switch strings.Trim(w, ".,’'") {
		case "times", "news", "post", "herald", "telegraph", "mirror", "mail", "express", "echo", "gazette", "chronicle", "observer", "journal", "tribune", "tv", "radio", "magazine", "newspaper", "press", "mercury", "courier", "review", "bbc", "itv", "cnn", "nbc", "pa", "ap", "afp":
			return true
		}
	}
	return false
}

// maxLook is how many mentions are looked through for a body of some kind.
const maxLook = 200

// bodyBefore is the organisation named last before the offset whose type or name
// holds one of the words; nil takes any that is no outlet.
func (g *reading) bodyBefore(at int, kinds []string) *mention {
	i := sort.Search(len(g.bodies), func(i int) bool { return g.bodies[i].at >= at })
	for n := 0; i > 0 && n < maxLook; n++ {
		if i--; g.isKind(&g.bodies[i], kinds) {
			return &g.bodies[i]
		}
	}
	return nil
}

// bodyAfter is the first one named at or after the offset.
func (g *reading) bodyAfter(at int, kinds []string) *mention {
	i := sort.Search(len(g.bodies), func(i int) bool { return g.bodies[i].at >= at })
	for n := 0; i < len(g.bodies) && n < maxLook; i, n = i+1, n+1 {
		if g.isKind(&g.bodies[i], kinds) {
			return &g.bodies[i]
		}
	}
	return nil
}

func (g *reading) isKind(m *mention, kinds []string) bool {
	if m.hit > 0 {
		o, ok := g.reg.Org(g.hits[m.hit-1].Org)
		return ok && fits(o, kinds)
	}
	if kinds == nil {
		return true
	}
	low := strings.ToLower(m.name)
	for _, k := range kinds {
		if strings.Contains(low, k) || k == "company" && !public(low) {
			return true
		}
	}
	return false
}

// public reports whether a printed name is no company's.
func public(low string) bool {
	for _, w := range [...]string{"council", "trust", "union", "college", "department", "police", "hospital", "committee", "association", "nhs", "ministry", "court", "university", "school", "party", "commission", "city", "county", "state", "government", "republic", "house", "senate", "parliament", "assembly", "church", "authority"} {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
}

// setMention gives the voice an organisation that the page names.
func (g *reading) setMention(v *voice, m *mention, unnamed bool) {
	if m.hit > 0 {
		g.setHit(v, m.hit, unnamed)
		return
	}
	v.Org, v.OrgName = "", m.name
}

func fits(o register.Org, kinds []string) bool {
	if kinds == nil {
		return !o.Outlet()
	}
	t := strings.ToLower(o.Type + " " + o.Name)
	for _, k := range kinds {
		if strings.Contains(t, k) {
			return true
		}
	}
	return false
}

// resolveBody resolves "the union", "the trust": the body in the phrase, else
// the nearest one of that kind, before or after.
func (g *reading) resolveBody(q *par, c candidate, end, h int, head string, x *context, v *voice) {
	if h > 0 {
		g.setHit(v, h, false)
		return
	}
	var m *mention
	if kinds := bodyNouns[head]; kinds != nil {
		if m = g.bodyBefore(v.at, kinds); m == nil {
			m = g.bodyAfter(v.at, kinds)
		}
	}
	switch {
	case m != nil:
		g.setMention(v, m, false)
		v.orgRule, v.sure = "body of that kind", 0.75
	case x.org.known() && x.org.OrgName != "":
		v.Org, v.OrgName, v.orgRule, v.sure = x.org.Org, x.org.OrgName, "organisation that spoke last", 0.6
	default:
		if name := q.printedOrg(c.first, end, g.text); name != "" {
			v.OrgName, v.orgRule = name, "as printed"
		}
	}
}

// namedBeside takes the person named in an apposition to a role: "the union's
// chair, Jane Roe, said".
func (g *reading) namedBeside(q *par, end int, v *voice) bool {
	if end >= len(q.toks) || q.toks[end].text != "," {
		return false
	}
	for i := q.candAfter(end + 1); i < len(q.cands) && q.cands[i].first == end+1; i++ {
		c := q.cands[i]
		if c.form != byName {
			continue
		}
		if p := g.known(q.nameText(c, g.text), v.at); p >= 0 {
			v.person = p
			v.Speaker, v.orgRule = g.speaker(p)
			v.rule = "named beside role"
			return true
		}
	}
	return false
}

// resolveRole resolves a person named by a role. One introduced with "a" or
// "one" is named later, if at all; another is somebody on the page who bears
// the role. Where nobody fits, the speaker stays unnamed.
func (g *reading) resolveRole(q *par, c candidate, end, h int, head string, v *voice) {
	first := q.toks[c.first].low
	if first == "a" || first == "an" || first == "one" {
		if p := g.namedLater(q, head); p >= 0 {
			v.person = p
			v.Speaker, v.orgRule = g.speaker(p)
			v.rule, v.sure = "named later", 0.6
			return
		}
	} else if p := g.bearer(head, v.at); p >= 0 && !g.elsewhere(p, h) {
		v.person = p
		v.Speaker, v.orgRule = g.speaker(p)
		v.rule, v.sure = "bearer of the role", 0.7
		return
	}
	v.Role = phrase(g.text[q.toks[c.first].Start:q.toks[c.last-1].End])
	if h > 0 {
		g.setHit(v, h, false)
	} else if name := q.printedOrg(c.last, end, g.text); name != "" {
		v.OrgName, v.orgRule = name, "as printed"
	}
	v.sure = 0.7
	if role := q.barePost(c); (first == "the" || q.toks[c.first].owned) && v.Org != "" && register.Sole(role) {
		v.post = role
		g.setHolder(v, g.day)
	}
}

// elsewhere reports whether a person's organisation is another one than the hit's.
func (g *reading) elsewhere(p, h int) bool {
	return h > 0 && g.people[p].org != "" && g.hits[h-1].As != "" && g.people[p].org != g.hits[h-1].As
}

// officeAndName parts an office from the name that follows it without a comma:
// "Minister for Community Care Edda Larkspur". The name is two or three capitals
// behind the last word that offices and bodies are called by.
func (g *reading) officeAndName(q *par, c candidate, v *voice) bool {
	if head := q.toks[c.last-1].low; !offices[head] || c.last >= len(q.toks) || q.toks[c.last].low != "for" && q.toks[c.last].low != "of" {
		return false
	}
	end := c.last + 1
	for end < len(q.toks) && end-c.last < maxName && q.toks[end].outer && (q.toks[end].cap || q.capAt(end+1) && (phraseEnd[q.toks[end].low] || q.toks[end].low == "the" || q.toks[end].low == "&")) {
		end++
	}
	k := end
	for k > c.last && q.toks[k-1].cap && !officeWord(q.toks[k-1]) {
		k--
	}
	if k > c.last && !q.toks[k-1].cap {
		k++ // the first word behind "for" or "and" is the office's
	}
	if n := end - k; n < 2 || n > 3 || k <= c.last || !q.toks[k-1].cap || q.toks[end-1].owned {
		return false
	}
	if end >= len(q.toks) || q.toks[end].cue == 0 && q.toks[end].text != ":" && !adverbs[q.toks[end].low] {
		return false
	}
	p := person{name: g.text[q.toks[k].Start:q.toks[end-1].End], role: phrase(g.text[q.toks[c.first].Start:q.toks[k-1].End])}
	if g.setOrg(&p, q, c.first, k, "apposition"); p.org == "" {
		p.orgName, p.orgRule = "", ""
		g.setDepartmentFor(&p)
	}
	v.Speaker = record.Speaker{Name: p.name, Role: p.role, Org: p.org, OrgName: p.orgName}
	v.orgRule, v.rule, v.sure = p.orgRule, "named beside role", 0.85
	v.mention = record.Span{Start: q.toks[c.first].Start, End: q.toks[end-1].End}
	return true
}

// offices are followed by their field and then, at times, by the name.
var offices = set(`minister secretary director leader chair chairman chairwoman president commissioner head mayor governor chancellor ombudsman`)

func officeWord(t token) bool {
	return orgWords[t.low] || roleWords[t.low] || roleHeads[t.low] || places[t.low] || bodyRef(t.low) || phraseEnd[t.low] || determiners[t.low] || t.org > 0 || country(t.low)
}

// barePost is the role that a phrase names, without article and organisation:
// "chief executive" of "the board's chief executive".
func (q *par) barePost(c candidate) string {
	var w []string
	for _, t := range q.toks[c.first:c.last] {
		if t.org == 0 && !t.owned && !determiners[t.low] {
			w = append(w, t.low)
		}
	}
	return strings.Join(w, " ")
}

// setHolder names who held the voice's post on that day, where the register
// knows it. The sentence names a post that one person holds, so that nobody is
// guessed; the mention still shows what is printed.
func (g *reading) setHolder(v *voice, day time.Time) {
	p, _, ok := g.reg.Holder(v.post, v.Org, day)
	switch {
	case ok:
		if v.rule != "holder of the post" {
			v.ruleBefore = v.rule
		}
		v.Name, v.Role, v.rule, v.sure = p.Name, v.post, "holder of the post", 0.7
	case v.rule == "holder of the post":
		v.Name, v.Title, v.rule = "", "", v.ruleBefore
	}
}

// resolvePerson resolves "the 54-year-old", "the mother of three", "the witness":
// the person of that age, else the one spoken of last whom the word can mean.
func (g *reading) resolvePerson(q *par, c candidate, end, h int, x *context, v *voice) bool {
	head := q.toks[c.last-1].low
	if h > 0 && g.spokenOfThere(q, c, h, v) {
		return true
	}
	if first := q.toks[c.first].low; first != "the" || h > 0 || q.printedOrg(c.last, end, g.text) != "" {
		return false
	}
	if age, ok := strings.CutSuffix(head, "-year-old"); ok {
		for i := range g.people {
			if g.people[i].age == age {
				v.person, v.rule, v.sure = i, "their age", 0.85
				v.Speaker, v.orgRule = g.speaker(i)
				return true
			}
		}
	} else if !personNouns[head] && !roleHeads[head] && !strings.Contains(head, "-of-") {
		return false
	}
	if roleHeads[head] && g.bearer(head, v.at) >= 0 {
		return false
	}
	var gender byte
	switch w, _, _ := strings.Cut(head, "-of-"); {
	case womanNouns[w]:
		gender = 'f'
	case manNouns[w]:
		gender = 'm'
	}
	w := *v
	g.lastPerson(x, &w, gender)
	if w.person < 0 || roleHeads[head] && g.people[w.person].role != "" {
		return false
	}
	*v = w
	v.rule, v.sure = "person spoken of", 0.55
	return true
}

// spokenOfThere resolves "the Pellwright chief executive" to the person who was
// subject of the sentence before in the same paragraph and of whom the page tells
// neither role nor another body, where nobody else was named since.
func (g *reading) spokenOfThere(q *par, c candidate, h int, v *voice) bool {
	head := q.toks[c.last-1].low
	if q.toks[c.first].low != "the" || !register.Sole(q.barePost(c)) || g.bearer(head, v.at) >= 0 {
		return false
	}
	p := g.lastSubject(q.Start, v.at, 0)
	if p < 0 || g.people[p].role != "" || g.people[p].org != "" && g.people[p].org != g.hits[h-1].As || g.lastMention(q.Start, v.at, 0) != p {
		return false
	}
	v.person = p
	v.Speaker, v.orgRule = g.speaker(p)
	g.setHit(v, h, false)
	v.Role, v.rule, v.sure = q.barePost(c), "person spoken of", 0.6
	return true
}

// namedLater is the person named in the next body paragraph who can be the
// "senior doctor" of this one.
func (g *reading) namedLater(q *par, head string) int {
	next := g.following(q.n)
	if next < 0 {
		return -1
	}
	p := g.lastMention(g.pars[next].Start, g.pars[next].End, 0)
	if p < 0 || g.people[p].at[0] < g.pars[next].Start {
		return -1
	}
	title, role := strings.ToLower(g.people[p].title), strings.ToLower(g.people[p].role)
	medic := head == "doctor" || head == "gp" || head == "medic" || head == "consultant" || head == "surgeon" || head == "physician"
	if medic && (strings.HasPrefix(title, "dr") || strings.HasPrefix(title, "prof")) || strings.Contains(role, head) {
		return p
	}
	return -1
}

// bearer is the only person on the page whose role ends on that word, or the
// last one mentioned of several.
func (g *reading) bearer(head string, at int) int {
	best, near := -1, -1
	for i, p := range g.people {
		if p.role == "" || !hasWord(p.role, head) {
			continue
		}
		k := sort.SearchInts(p.at, at) - 1
		pos := -1
		if k >= 0 {
			pos = p.at[k]
		}
		if best < 0 || pos > near {
			best, near = i, pos
		}
	}
	return best
}

func hasWord(s, w string) bool {
	for _, f := range strings.Fields(strings.ToLower(s)) {
		if strings.Trim(f, ",.’'s") == strings.Trim(w, "s") || f == w {
			return true
		}
	}
	return false
}

// resolvePronoun finds whom he, she, they, it or who stands for.
func (g *reading) resolvePronoun(q *par, c candidate, x *context, v *voice) {
	v.rule, v.sure = "pronoun", 0.8
	switch q.toks[c.first].low {
	case "he":
		g.lastPerson(x, v, 'm')
	case "she":
		g.lastPerson(x, v, 'f')
	case "i", "we":
		v.sure = 0.4
	case "who", "which":
		g.antecedent(q, c, x, v)
	default:
		g.lastBody(q, x, v, q.toks[c.first].low == "they")
	}
}

// lastPerson takes whoever was subject of a sentence since somebody last spoke,
// else the one who spoke, else whoever was mentioned last, of that gender.
func (g *reading) lastPerson(x *context, v *voice, gender byte) {
	from := 0
	spoke := x.person
	if spoke != nil && spoke.person >= 0 {
		if h := g.people[spoke.person].gender; h != 0 && gender != 0 && h != gender {
			spoke = nil
		}
	}
	if spoke != nil {
		from = spoke.at + 1
	}
	p := g.lastSubject(from, v.at, gender)
	since := from
	if p >= 0 {
		is := g.people[p].subject
		since = is[sort.SearchInts(is, v.at)-1] + 1
	}
	if s := g.strangerSince(since, v.at, g.parAt(v.at), gender); s != nil {
		v.Role, v.sure, v.rule = s.role, 0.6, v.rule+" for a stranger"
		return
	}
	if p < 0 && spoke != nil && spoke.Name != "" {
		v.person, v.Speaker, v.orgRule = spoke.person, spoke.Speaker, spoke.orgRule
		v.clues = g.clues(spoke.person, v.at, gender) | 16
		return
	}
	if p < 0 {
		p = g.lastMention(0, v.at, gender)
	}
	if p < 0 {
		v.sure = 0.4
		return
	}
	v.person, v.clues = p, g.clues(p, v.at, gender)
	v.Speaker, v.orgRule = g.speaker(p)
}

// clues tells what speaks for a person being meant by a pronoun at the offset:
// their gender is known, they were mentioned last, nobody else can be meant.
func (g *reading) clues(p, at int, gender byte) int {
	n := 1
	if p >= 0 {
		n |= bit(g.people[p].gender != 0) << 1
	}
	n |= bit(g.lastMention(0, at, gender) == p) << 2
	others := 0
	for i := range g.people {
		q := &g.people[i]
		if i != p && q.weight >= 0 && (q.gender == 0 || q.gender == gender) && len(q.at) > 0 && q.at[0] < at {
			others++
		}
	}
	return n | bit(others == 0)<<3 | bit(others > 2)<<5
}

func (g *reading) lastBody(q *par, x *context, v *voice, they bool) {
	if they && x.last != nil && x.last.Name == "" || x.org.known() && x.last == x.org {
		v.Speaker, v.orgRule, v.sure = x.last.Speaker, x.last.orgRule, 0.8
		return
	}
	if m := g.bodyBefore(v.at, nil); m != nil {
		g.setMention(v, m, false)
		v.orgRule, v.sure = "nearest organisation", 0.6
		return
	}
	if x.org.known() {
		v.Speaker, v.orgRule, v.sure = x.org.Speaker, x.org.orgRule, 0.6
	}
}

// antecedent resolves "who" to the phrase right before it.
func (g *reading) antecedent(q *par, c candidate, x *context, v *voice) {
	for i := q.candAfter(c.first) - 1; i >= 0; i-- {
		p := q.cands[i]
		if p.last <= c.first && p.form != pronoun {
			w := g.resolve(q, p, x)
			v.Speaker, v.person, v.orgRule, v.mention = w.Speaker, w.person, w.orgRule, w.mention
			v.rule = "relative"
			return
		}
	}
}

// ownBody gives a person without one the body that the sentence calls theirs:
// "Mr Roe said the company had acted fast".
func (g *reading) ownBody(q *par, v *voice) {
	if v.person < 0 || v.Org != "" || v.OrgName != "" {
		return
	}
	for i := q.tokenAt(v.at); i+2 < len(q.toks) && q.toks[i].Start < v.at+200; i++ {
		if q.toks[i].cue == 0 || !q.toks[i].outer {
			continue
		}
		k := i + 1
		if q.toks[k].low == "that" {
			k++
		}
		if k+1 >= len(q.toks) || q.toks[k].low != "the" && q.toks[k].low != "his" && q.toks[k].low != "her" {
			continue
		}
		kinds := bodyNouns[q.toks[k+1].low]
		if kinds == nil {
			continue
		}
		w := voice{}
		m := g.bodyBefore(v.at, kinds)
		if m == nil {
			m = g.bodyAfter(v.at, kinds)
		}
		if m != nil {
			g.setMention(&w, m, false)
		} else if o, ok := g.titled(kinds); ok {
			w.Org, w.OrgName = o.ID, o.Name
		}
		if w.OrgName != "" {
			p := &g.people[v.person]
			p.org, p.orgName, p.orgRule = w.Org, w.OrgName, "their body"
			v.Org, v.OrgName, v.orgRule = p.org, p.orgName, p.orgRule
		}
		return
	}
}

// titled is the body of that kind that the page's title names.
func (g *reading) titled(kinds []string) (register.Org, bool) {
	for _, h := range g.reg.Find(g.page.Title, g.day) {
		if o, ok := g.reg.Org(h.As); ok && fits(o, kinds) {
			return o, true
		}
	}
	return register.Org{}, false
}
