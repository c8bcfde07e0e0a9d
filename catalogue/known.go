package catalogue

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"onrecord/record"
	"onrecord/words"
)

// Taught is what one statement shows of a person named in full: the
// organisation and the role that are printed beside the name.
type Taught struct {
	Statement record.ID
	Name      string // normal form
	Title     string
	Role      string
	Org       string // register id
	OrgName   string
	At        time.Time // Statement.When
}

// guessed are the rules by which a page's reader found an organisation that is
// not printed beside the name. Such a page teaches nothing.
var guessed = map[string]bool{
	"nearest organisation": true, "organisation that spoke last": true, "body of that kind": true, "their body": true,
}

// surely is the confidence below which a sighting teaches nothing.
const surely = 0.5

// Teaches lists what a statement shows of the people named in it, in order of
// name, organisation and role. Where a person said who spoke, that counts and
// not the sightings. What was filled in by a Link never teaches.
func Teaches(s *record.Statement) []Taught {
	at := s.When().Sort()
	var out []Taught
	take := func(x record.Speaker) {
		if x.Role == "" || x.Org == "" && x.OrgName == "" || !fullName(x.Name) {
			return
		}
		t := Taught{Statement: s.ID, Name: words.Normal(x.Name), Title: x.Title, Role: x.Role, Org: x.Org, OrgName: x.OrgName, At: at}
		if !slices.ContainsFunc(out, func(o Taught) bool { return o.Name == t.Name && o.org() == t.org() && o.Role == t.Role }) {
			out = append(out, t)
		}
	}
	if c := s.Attributed(); c != nil {
		each(c.Set.Speaker, c.Set.JointWith, take)
	} else {
		for i := range s.Sightings { // Draw has put them in order
			if x := &s.Sightings[i]; x.Confidence >= surely && !guessed[x.OrgRule] {
				each(x.Speaker, x.JointWith, take)
			}
		}
	}
	slices.SortFunc(out, func(a, b Taught) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.org(), b.org()), strings.Compare(a.Role, b.Role))
	})
	return out
}

func each(s record.Speaker, joint []record.Speaker, do func(record.Speaker)) {
	do(s)
	for _, j := range joint {
		do(j)
	}
}

func (t Taught) org() string { return orgKey(record.Speaker{Org: t.Org, OrgName: t.OrgName}) }

// fullName reports whether a name has two words of two letters at least.
func fullName(s string) bool {
	n := 0
	for _, w := range strings.Fields(words.Normal(s)) {
		if len(w) > 1 {
			n++
		}
	}
	return n > 1
}

// Lacks reports whether a speaker is a person named in full without an
// organisation: one whom a Link may complete.
func Lacks(s record.Speaker) bool { return s.Org == "" && s.OrgName == "" && fullName(s.Name) }

// How near in time a statement must be that teaches who somebody is: wider
// where the page prints the same role. Another organisation within Doubt days
// makes the name ambiguous.
const (
	nearByRole = 366
	nearByName = 183
	Doubt      = 730
)

// LinkOf completes a speaker who Lacks an organisation, of a statement of that
// time, by what other statements teach of the name. It gives none where two
// organisations are known for the name, where the nearest statement is too far
// away, or where the page prints another role or a title that does not fit.
// The order of taught does not matter.
func LinkOf(s record.Speaker, at time.Time, taught []Taught) (record.Link, bool) {
	if !Lacks(s) {
		return record.Link{}, false
	}
	name := words.Normal(s.Name)
	var near []Taught
	for _, t := range taught {
		if t.Name == name && apart(t.At, at) <= Doubt {
			near = append(near, t)
		}
	}
	if len(near) == 0 || !slices.ContainsFunc(near, func(t Taught) bool { return titlesAllow(s.Title, t.Title) }) {
		return record.Link{}, false
	}
	slices.SortFunc(near, func(a, b Taught) int {
		return cmp.Or(cmp.Compare(apart(a.At, at), apart(b.At, at)), a.At.Compare(b.At), strings.Compare(string(a.Statement), string(b.Statement)),
			strings.Compare(a.Role, b.Role), strings.Compare(a.OrgName, b.OrgName))
	})
	for _, t := range near {
		if !titlesAllow(s.Title, t.Title) || t.org() != near[0].org() {
			return record.Link{}, false
		}
	}
	return linked(s, at, near)
}

// linked makes the link by taught of one organisation, the nearest first.
func linked(s record.Speaker, at time.Time, near []Taught) (record.Link, bool) {
	l := record.Link{Rule: record.LinkedByName, Confidence: 0.7, Role: near[0].Role}
	within := nearByName
	if s.Role != "" {
		l.Rule, l.Confidence, l.Role, within = record.LinkedByRole, 0.9, "", nearByRole
		near = slices.DeleteFunc(slices.Clone(near), func(t Taught) bool { return !sameRole(s.Role, t.Role) })
	}
	if len(near) == 0 {
		return record.Link{}, false
	}
	l.Days = apart(near[0].At, at)
	if l.Days > within {
		return record.Link{}, false
	}
	if l.Days <= 31 {
		l.Confidence += 0.05
	}
	l.Org, l.OrgName = near[0].Org, near[0].OrgName
	l.Person = record.PersonID(s.Name, cmp.Or(l.Org, l.OrgName))
	for _, t := range near {
		if len(l.From) < 3 && !slices.Contains(l.From, t.Statement) {
			l.From = append(l.From, t.Statement)
		}
	}
	return l, true
}

func apart(a, b time.Time) int { return int(a.Sub(b).Abs().Hours() / 24) }

// sameRole reports whether two printed roles can be one: the same, or one goes on
// where the other ends ("chair", "chair of council"). A deputy chair is no chair.
func sameRole(a, b string) bool {
	x, y := words.Normal(a), words.Normal(b)
	return x == y || x != "" && y != "" && (strings.HasPrefix(x, y+" ") || strings.HasPrefix(y, x+" "))
}

// titlesAllow is false for two titles of which one is a man's, one a woman's.
func titlesAllow(a, b string) bool {
	x, y := titleGender(a), titleGender(b)
	return x == 0 || y == 0 || x == y
}

func titleGender(s string) byte {
	for _, w := range strings.Fields(words.Normal(s)) {
		switch w {
		case "mr", "sir", "lord", "baron":
			return 'm'
		case "mrs", "ms", "miss", "dame", "lady", "baroness":
			return 'f'
		}
	}
	return 0
}

// Lend completes a drawn statement's speakers by links, and lowers its
// confidence by theirs. A statement that a person attributed gets none.
func Lend(s *record.Statement, links []record.Link) {
	s.Links = links
	for _, l := range links {
		to := &s.Speaker
		switch {
		case l.Place > 0 && l.Place <= len(s.JointWith):
			s.JointWith = slices.Clone(s.JointWith) // the sightings share the slice
			to = &s.JointWith[l.Place-1]
		case l.Place != 0:
			continue
		}
		to.Org, to.OrgName, to.Role = l.Org, l.OrgName, cmp.Or(to.Role, l.Role)
		s.Confidence = float64(int(s.Confidence*l.Confidence*100+0.5)) / 100
	}
	if len(links) > 0 {
		s.Person = PersonOf(s.Speaker)
	}
}
