package attribution

import (
	"regexp"
	"slices"
	"strings"

	"onrecord/record"
)

// releases makes what is said on an official page releases, whoever of those
// named there says it. A page, or an update of it, on which nobody is quoted is
// itself the statement: one release of all its paragraphs.
func (g *reading) releases(said []*utterance) []*utterance {
	quoted := map[int]bool{}
	var out []*utterance
	for _, u := range said {
		if !u.full || !u.v.known() {
			continue // a term in quotation marks in the body's own prose
		}
		u.kind = record.Release
		if u.v.OrgName == "" && u.v.Org == "" {
			g.setOwner(u.v, "publisher")
		}
		quoted[g.pars[u.par].Update] = true
		out = append(out, u)
	}
	if len(g.page.Updates) == 0 {
		if !quoted[-1] {
			out = append(out, g.bodyRelease(-1)...)
		}
		return out
	}
	for i := range g.page.Updates {
		if !quoted[i] {
			out = append(out, g.bodyRelease(i)...)
		}
	}
	return out
}

func (g *reading) setOwner(v *voice, rule string) {
	if o, ok := g.reg.AsOf(g.owner, g.day); ok {
		v.Org, v.OrgName, v.orgRule = o.ID, o.Name, rule
		return
	}
	switch {
	case g.page.Publisher != "":
		v.OrgName, v.orgRule = g.page.Publisher, "as printed"
	case len(g.page.From) > 0:
		v.OrgName, v.orgRule = g.page.From[0], "as printed"
	}
}

var kicker = regexp.MustCompile(`(?i)^\W*(news|press release|media release|statement|press statement|news story|update|latest news|home|share|print|ends)\W*$`)

// bodyRelease is the release that the paragraphs of an update are, or those of
// the page where update is -1.
func (g *reading) bodyRelease(update int) []*utterance {
	u := &utterance{kind: record.Release, v: &voice{person: -1, rule: "publisher", sure: 0.9}, full: true, sure: 0.9}
	over, beside := false, slices.ContainsFunc(g.pars, func(q par) bool { return q.signed })
	for i := range g.pars {
		q := &g.pars[i]
		if q.Update != update || q.signed || beside && titleLine(q.line) {
			continue // beside a letter a line without a stop is its date or its address
		}
		if ending.MatchString(q.line) || len(u.spans) > 0 && g.aboutBody(q.line) {
			over = true
		}
		if over || q.role != body || q.Kind == record.Standfirst || kicker.MatchString(q.line) || stamp.MatchString(q.line) || dateLine(q.line) || titleLine(q.line) && g.plain {
			continue
		}
		u.spans = append(u.spans, trimmed(g.text, q.Start, q.Start+len(q.line)))
		if len(u.spans) == 1 {
			u.first = i
		}
		u.par = i
	}
	if len(u.spans) == 0 {
		return nil
	}
	g.setOwner(u.v, "publisher")
	return []*utterance{u}
}

// aboutBody reports whether a line begins what bodies print about themselves
// below a release: "About Logbook Systems", "About Logbook Systems: we make …".
func (g *reading) aboutBody(line string) bool {
	name, ok := strings.CutPrefix(line, "About ")
	if !ok {
		return false
	}
	name, _, _ = strings.Cut(name[:min(len(name), 120)], ":")
	if name = strings.TrimSpace(name); strings.EqualFold(name, g.page.Publisher) {
		return true
	}
	_, ok = g.reg.Name(name, g.day)
	return ok
}

// dateLine reports whether a line holds a date and nothing else.
func dateLine(s string) bool {
	if len(s) > 60 {
		return false
	}
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(c rune) bool { return strings.ContainsRune(" ,.|:-–/()", c) }) {
		if strings.Trim(w, "0123456789") == "" || dayWords[w] || months[w] > 0 || strings.Trim(strings.TrimRight(w, "sthndr"), "0123456789") == "" {
			continue
		}
		return false
	}
	return true
}
