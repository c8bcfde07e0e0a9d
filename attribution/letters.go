package attribution

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"onrecord/record"
)

const (
	maxSigned    = 50  // signatories of one letter; those beyond are left out
	maxSignLine  = 240 // bytes of a line of one signatory
	maxHead      = 4   // paragraphs at the head of a letter
	maxSignLines = 3   // lines of one signatory: name, role, organisation
)

var (
	salutation  = regexp.MustCompile(`(?i)^\W*dear\s.{1,120}$`)
	valediction = regexp.MustCompile(`(?i)^\W*(?:(?:yours|very)\s+(?:sincerely|faithfully|truly|ever)|(?:with\s+)?(?:kind|kindest|best|warm|warmest)\s+(?:regards|wishes)|sincerely|yours|(?:co-?)?signed(?:\s+(?:jointly\s+)?by|\s+on\s+behalf\s+of)?|(?:the\s+|list\s+of\s+|full\s+list\s+of\s+)?signatories(?:\s+to\s+the\s+(?:letter|statement))?|the\s+undersigned)(?:\s*[,:.—–-]\s*|\s+|$)(.*)$`)
)

// letter is a letter or a statement with its signatories listed under it.
type letter struct {
	from, to int // the paragraphs of its words, [from,to)
	end      int // the paragraph after its last signatory
	voices   []*voice
}

// letters finds what is signed on the page by a list under it. Off official
// pages only what begins with a salutation is taken: a paper prints a letter in
// full so.
func (g *reading) letters() []letter {
	var out []letter
	start, begins := 0, -1
	for i := range g.pars {
		if !mayOpenOrClose(g.pars[i].toks) {
			continue
		}
		line := strings.TrimSpace(g.pars[i].line)
		if len(line) < 140 && salutation.MatchString(line) {
			begins = i
			continue
		}
		if i == start || len(line) > maxSignLine*8 {
			continue
		}
		m := valediction.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		l := letter{from: begins, to: i}
		if l.voices, l.end = g.signatories(i, m[1]); len(l.voices) == 0 {
			continue
		}
		if l.from < 0 {
			l.from = start
			if !g.official || len(l.voices) < 2 && !strings.Contains(strings.ToLower(g.page.Title), "letter") || g.quotesIn(start, i) {
				continue
			}
		}
		out = append(out, l)
		start, begins = l.end, -1
	}
	return out
}

// mayOpenOrClose is a cheap test for a line worth searching for a salutation or a
// valediction.
func mayOpenOrClose(toks []token) bool {
	for i := 0; i < len(toks) && i < 3; i++ {
		if letterLeads[toks[i].low] {
			return true
		}
	}
	return false
}

var letterLeads = set(`dear yours very with kind kindest best warm warmest sincerely signed co-signed cosigned signatories list full undersigned`)

// quotesIn reports whether somebody is quoted in the paragraphs [a,b).
func (g *reading) quotesIn(a, b int) bool {
	for i := a; i < b; i++ {
		for _, s := range g.pars[i].segs {
			if s.keep {
				return true
			}
		}
	}
	return false
}

// signed makes one statement of every letter, by all who signed it, and takes out
// what was found inside it.
func (g *reading) signed(letters []letter, said []*utterance) (out, rest []*utterance) {
	inside := func(u *utterance) bool {
		return slices.ContainsFunc(letters, func(l letter) bool { return u.first >= l.from && u.first < l.end })
	}
	for _, l := range letters {
		if u := g.letterOf(l); u != nil {
			out = append(out, u)
		}
		for i := l.from; i < l.end; i++ {
			g.pars[i].signed = true
		}
	}
	return out, slices.DeleteFunc(said, inside)
}

func (g *reading) letterOf(l letter) *utterance {
	first := l.voices[0]
	u := &utterance{kind: record.Quote, v: &voice{Speaker: first.Speaker, mention: first.mention, person: -1, rule: "signatories", orgRule: first.orgRule, sure: 0.9}, full: true, sure: 0.85, whose: 0.9}
	if g.official {
		u.kind, u.sure = record.Release, 0.9
	}
	for _, v := range l.voices[1:] {
		u.v.joint = append(u.v.joint, v.Speaker)
	}
	for i := l.from; i < l.to; i++ {
		q := &g.pars[i]
		if q.Update != g.pars[l.from].Update || q.role == skipped || q.role == posted || q.role == pull || q.role == heading && !g.plain || q.Kind == record.Standfirst ||
			kicker.MatchString(q.line) || stamp.MatchString(q.line) || dateLine(q.line) || q.role == heading && !salutation.MatchString(strings.TrimSpace(q.line)) {
			continue
		}
		u.spans = append(u.spans, trimmed(g.text, q.Start, q.Start+len(q.line)))
		if len(u.spans) == 1 {
			u.first = i
		}
		u.par = i
	}
	u.said = g.dayOfLetter(l)
	if len(u.spans) == 0 || len(u.spans) == 1 && salutation.MatchString(u.spans[0].In(g.text)) {
		return nil
	}
	if g.official && !slices.ContainsFunc(l.voices, func(v *voice) bool { return v.Org != "" || v.OrgName != "" }) {
		w := voice{}
		g.setOwner(&w, "publisher") // its own people signed
		u.v.Org, u.v.OrgName, u.v.orgRule = w.Org, w.OrgName, w.orgRule
		for i := range u.v.joint {
			u.v.joint[i].Org, u.v.joint[i].OrgName = w.Org, w.OrgName
		}
	}
	return u
}

// dayOfLetter is the day that stands on a line of its own near the head of a
// letter; unknown where none does, or one after it was printed.
func (g *reading) dayOfLetter(l letter) record.Instant {
	page := g.pageDate()
	for i := max(0, l.from-maxHead); i < min(l.from+maxHead, l.to); i++ {
		if line := g.pars[i].line; dateLine(line) {
			if at, ok := dateIn(line, page); ok && at.Time.Before(g.lastPrinted(page)) {
				return at
			}
		}
	}
	return record.Instant{}
}

// signatories reads the list of those who signed: rest, what follows the
// valediction on its line, and the lines below. end is the paragraph after it.
func (g *reading) signatories(at int, rest string) (list []*voice, end int) {
	q := &g.pars[at]
	if rest = strings.TrimSpace(rest); rest != "" {
		from := q.Start + strings.LastIndex(q.line, rest)
		if list = g.signLine(nil, rest, from); list == nil {
			return nil, 0
		}
	}
	lines := 0 // of the last signatory
	for end = at + 1; end < len(g.pars) && end < at+maxSigned*maxSignLines; end++ {
		q := &g.pars[end]
		line := strings.TrimSpace(q.line)
		if q.Kind == record.Heading || q.role == posted || len(line) > maxSignLine && !strings.Contains(line, ";") || ending.MatchString(line) {
			break
		}
		if m := valediction.FindStringSubmatch(line); m != nil && m[1] == "" {
			continue
		}
		from := q.Start + strings.Index(q.line, line)
		if n := len(list); n > 0 && lines > 0 && lines < maxSignLines && list[n-1].Name != "" && list[n-1].OrgName == "" && g.bodyAlone(line) && g.signMore(list[n-1], line) {
			lines++
			continue
		}
		if more := g.signLine(list, line, from); more != nil {
			list, lines = more, 1
			continue
		}
		if len(list) == 0 || lines == 0 || lines >= maxSignLines || !g.signMore(list[len(list)-1], line) {
			break
		}
		lines++
	}
	return list[:min(len(list), maxSigned)], end
}

// signLine adds those who sign on one line to the list; nil where the line names
// nobody, or something else beside.
func (g *reading) signLine(list []*voice, line string, at int) []*voice {
	var found []*voice
	for _, entry := range strings.FieldsFunc(line, func(c rune) bool { return c == ';' }) {
		from := at + strings.Index(line, entry)
		entry = strings.TrimSpace(entry)
		if strings.Trim(entry, ".,") == "" || strings.EqualFold(entry, "and") {
			continue
		}
		if names := g.namesAlone(entry, from); len(names) > 1 {
			found = append(found, names...)
			continue
		}
		v := g.signatory(entry, from)
		if v == nil {
			return nil
		}
		found = append(found, v)
	}
	if len(found) == 0 {
		return nil
	}
	for _, v := range found {
		if len(list) < maxSigned && !slices.ContainsFunc(list, v.same) {
			list = append(list, v)
		}
	}
	return list
}

// namesAlone reads "Ada Quill, Bo Marl and Cy Lund".
func (g *reading) namesAlone(s string, at int) []*voice {
	var out []*voice
	for _, p := range strings.Split(strings.ReplaceAll(s, " and ", ", "), ",") {
		if p = strings.Trim(p, " .&"); p == "" {
			continue
		}
		if !g.personName(p) {
			return nil
		}
		out = append(out, g.signer(p, nil, at, len(s)))
	}
	return out
}

var signParts = strings.NewReplacer(" – ", ", ", " — ", ", ", " - ", ", ", " | ", ", ", "\t", ", ", " (", ", ", ")", "")

// signatory reads "Name, role, organisation", "Name (organisation)", or an
// organisation alone or before its person; nil for anything else.
func (g *reading) signatory(entry string, at int) *voice {
	s := strings.TrimLeftFunc(entry, func(c rune) bool { return !unicode.IsLetter(c) })
	at += len(entry) - len(s)
	s = strings.TrimRight(s, " .,;")
	size := len(s)
	var parts []string
	for _, p := range strings.Split(signParts.Replace(strings.TrimPrefix(s, "and ")), ",") {
		if p = strings.TrimSpace(p); p != "" && !allHonours(p) {
			parts = append(parts, p)
		}
	}
	switch {
	case len(parts) == 0 || len(parts) > 6:
		return nil
	case g.personName(parts[0]):
		for _, p := range parts[1:] {
			if strings.ContainsAny(p, "“”\"!?") || len(strings.Fields(p)) > 14 {
				return nil
			}
		}
		return g.signer(parts[0], parts[1:], at, size)
	case !g.bodyAlone(parts[0]):
		return nil
	case len(parts) > 1 && g.personName(parts[1]):
		return g.signer(parts[1], append(slices.Clone(parts[2:]), parts[0]), at, size)
	case len(parts) == 1:
		v := &voice{person: -1, mention: record.Span{Start: at, End: at + size}}
		g.setPrinted(v, parts[0])
		return v
	}
	return nil
}

func allHonours(s string) bool {
	for _, w := range strings.Fields(s) {
		if !honours[w] {
			return false
		}
	}
	return true
}

// signer is somebody who signed, with what stands behind the name.
func (g *reading) signer(name string, rest []string, at, size int) *voice {
	v := &voice{person: -1, at: at, mention: record.Span{Start: at, End: at + size}}
	words := strings.Fields(name)
	for len(words) > 1 && honours[strings.Trim(words[len(words)-1], ".")] {
		words = words[:len(words)-1]
	}
	for len(words) > 1 && titles[strings.ToLower(strings.TrimSuffix(words[0], "."))] {
		if courtesy[strings.ToLower(strings.TrimSuffix(words[0], "."))] {
			v.Title = strings.TrimSpace(v.Title + " " + words[0])
		}
		words = words[1:]
	}
	v.Name = strings.Join(words, " ")
	for _, p := range rest {
		g.signMore(v, p)
	}
	if i := g.known(v.Name, at); i >= 0 && v.Role == "" && v.OrgName == "" && len(words) > 1 {
		v.Speaker, v.orgRule = g.speaker(i)
	}
	return v
}

// signMore adds a role or an organisation to one who signed; false where the
// words are neither.
func (g *reading) signMore(v *voice, s string) bool {
	s = strings.Trim(s, " .,;")
	if s == "" || v.Name == "" || strings.ContainsAny(s, "“”\"!?") || len(strings.Fields(s)) > 14 || strings.Contains(s, ". ") {
		return false
	}
	first, _ := utf8.DecodeRuneInString(s)
	if role, body, ok := strings.Cut(s, ", "); ok && v.Role == "" {
		return g.signMore(v, role) && g.signMore(v, body)
	}
	head := holdsHead(s)
	switch {
	case head && v.OrgName == "" && !g.bodyAlone(s):
		if v.Role != "" {
			s = v.Role + ", " + s
		}
		v.Role = s
		g.bodyInRole(v)
		return true
	case v.OrgName == "" && (unicode.IsUpper(first) || strings.HasPrefix(s, "the ")):
		g.setPrinted(v, s)
		return true
	case v.Role == "" && head:
		v.Role = s
		return true
	}
	return false
}

func holdsHead(s string) bool {
	return slices.ContainsFunc(strings.Fields(strings.ToLower(s)), func(w string) bool { return roleHeads[strings.Trim(w, ",.()")] })
}

// setPrinted gives the voice the organisation called so.
func (g *reading) setPrinted(v *voice, name string) {
	if f, ok := g.reg.Resolve(name, g.day); ok {
		v.Org, v.OrgName, v.orgRule = f.ID, f.Name, "signature"
		if f.Named != f.ID {
			v.OrgPrinted, v.orgRule = name, f.Rule
		}
		return
	}
	v.OrgName, v.orgRule = name, "as printed"
}

// bodyInRole finds the organisation that a role names ("chair of the Union"), and
// takes it out of the role where it stands behind "at" or "from".
func (g *reading) bodyInRole(v *voice) {
	hits := g.reg.Find(v.Role, g.day)
	for _, h := range hits {
		if o, ok := g.reg.Org(h.As); ok {
			v.Org, v.OrgName, v.orgRule = o.ID, o.Name, "signature"
			if h.As != h.Org {
				v.OrgPrinted, v.orgRule = h.Alias, h.Rule
			}
			v.Role = lessSeat(v.Role, h.Start)
			return
		}
	}
	for _, lead := range [...]string{" at the ", " at ", " of the ", " of ", " for the ", " for ", " from the "} {
		at := strings.LastIndex(v.Role, lead)
		if at < 0 {
			continue
		}
		name := v.Role[at+len(lead):]
		if c, _ := utf8.DecodeRuneInString(name); unicode.IsUpper(c) && len(strings.Fields(name)) > 1 {
			v.OrgName, v.orgRule = name, "as printed"
			v.Role = lessSeat(v.Role, at+len(lead))
			return
		}
	}
}

// lessSeat cuts " at the …" that leads to the organisation at the offset.
func lessSeat(role string, at int) string {
	before := strings.TrimSuffix(strings.TrimRight(role[:at], " "), " the")
	for _, w := range [...]string{" at", " from"} {
		if rest, ok := strings.CutSuffix(before, w); ok && rest != "" {
			return rest
		}
	}
	return role
}

// personName reports whether words are a person's name and nothing else.
func (g *reading) personName(s string) bool {
	words := strings.Fields(s)
	for len(words) > 1 && honours[strings.Trim(words[len(words)-1], ".")] {
		words = words[:len(words)-1]
	}
	titled := false
	for len(words) > 1 && titles[strings.ToLower(strings.TrimSuffix(words[0], "."))] {
		titled, words = true, words[1:]
	}
	if len(words) > 5 || len(words) < 2 && !titled {
		return false
	}
	given := givenName(strings.ToLower(words[0]))
	for i, w := range words {
		low := strings.ToLower(strings.Trim(w, ".’'"))
		c, _ := utf8.DecodeRuneInString(w)
		switch {
		case particles[low] && i > 0 && i < len(words)-1:
			continue
		case !unicode.IsUpper(c) || strings.ContainsAny(w, "0123456789@&:/“”\"?!") || lessOwner(w) != w || i > 0 && titles[low]:
			return false
		case i == len(words)-1 && (given || titled) && !orgWords[low]:
			continue // "Grace Baker"
		case orgWords[low] || roleHeads[low] || roleWords[low] || notNames[low] || bodyRef(low) || documents[low]:
			return false
		}
	}
	_, body := g.reg.Resolve(s, g.day)
	return !body && !country(strings.ToLower(s))
}

var particles = set(`de da di del della van von der den bin al el la le ap y`)

// bodyAlone reports whether words are an organisation's name and nothing else.
func (g *reading) bodyAlone(s string) bool {
	if _, ok := g.reg.Resolve(s, g.day); ok {
		return true
	}
	words := strings.Fields(s)
	if len(words) < 2 || len(words) > 10 {
		return false
	}
	body := false
	for i, w := range words {
		low := strings.ToLower(strings.Trim(w, ".’'"))
		c, _ := utf8.DecodeRuneInString(w)
		if !unicode.IsUpper(c) && w != "&" && (!phraseEnd[low] && low != "the" && !particles[low] || i == len(words)-1) {
			return false
		}
		body = body || orgWords[low] || bodyRef(low)
	}
	last := strings.ToLower(words[len(words)-1])
	return body && !roleHeads[last] && !roleHeads[strings.ToLower(words[0])]
}
