package register

import (
	"cmp"
	"strings"
	"time"
)

// The rules by which a name, a host or an account stands for an organisation on
// a day.
const (
	// ByName: it was called so on that day.
	ByName = "register"
	// ByFormerName: it was called so before, and is called otherwise on that day.
	ByFormerName = "former name"
	// ByPredecessor: the one that was called so has ended; this is its successor.
	ByPredecessor = "predecessor of"
)

// Found is an organisation as of a day, and how it was found.
type Found struct {
	Org
	Named      string  // id of the entry that bears the name: not the Org's own id where that is its successor
	Rule       string  // ByName, ByFormerName or ByPredecessor
	Confidence float64 // of the rule, 0 to 1
}

// standing is how well a name stands for an organisation on a day.
type standing int

const (
	never standing = iota
	predecessor
	former
	inForce
)

var (
	ruleOf = map[standing]string{predecessor: ByPredecessor, former: ByFormerName, inForce: ByName}
	sureOf = map[standing]float64{predecessor: 0.85, former: 0.9, inForce: 1}
)

// stands says which organisation a thing that the organisation i had in
// [from,to) is on that day. One that did not exist yet is never meant, nor one
// that was not called so yet.
func (r *Register) stands(i int, from, to, day time.Time) (int, standing) {
	o := &r.orgs[i]
	switch {
	case day.IsZero() || o.On(day) && within(day, from, to):
		return i, inForce
	case day.Before(from) || day.Before(o.from):
		return i, never
	case o.On(day):
		return i, former
	}
	if n := r.follow(i, day); n >= 0 {
		return n, predecessor
	}
	return i, never
}

// follow is the organisation that stands in the place of i on that day, i itself
// while it holds; -1 for none.
func (r *Register) follow(i int, day time.Time) int {
	for range maxSuccession {
		o := &r.orgs[i]
		if o.On(day) {
			return i
		}
		next, ok := r.byID[o.Successor]
		if !ok || day.Before(o.from) {
			return -1
		}
		i = next
	}
	return -1
}

// maxSuccession is how many successors are followed; a ring of them ends there.
const maxSuccession = 8

// AsOf is the organisation with this id as of the day: itself while it holds,
// afterwards its successor where one is given.
func (r *Register) AsOf(id string, day time.Time) (Org, bool) {
	i, ok := r.byID[id]
	if !ok {
		return Org{}, false
	}
	if i = r.follow(i, day); i < 0 {
		return Org{}, false
	}
	return r.orgs[i], true
}

// Name is the organisation of Resolve without how it was found.
func (r *Register) Name(name string, day time.Time) (Org, bool) {
	f, ok := r.Resolve(name, day)
	return f.Org, ok
}

// Resolve finds the organisation called so on that day: by its name, an
// abbreviation or an alias. Capitals must agree in an abbreviation ("NICE" is not
// "nice") and nowhere else; "the" before the name is optional. A name in force on
// the day goes before a former one, and that before the name of a predecessor,
// which answers with its successor; where two share a name otherwise the one
// given first answers. The zero day asks without regard to time.
func (r *Register) Resolve(name string, day time.Time) (Found, bool) {
	toks := tokens(name)
	if len(toks) == 0 {
		return Found{}, false
	}
	best := Found{}
	how := never
	for _, n := range r.byName[key(toks)] {
		if how == inForce || !n.pat.matches(toks) {
			continue
		}
		if i, s := r.stands(n.org, n.from, n.to, day); s > how {
			how = s
			best = Found{Org: r.orgs[i], Named: r.orgs[n.org].ID, Rule: ruleOf[s], Confidence: sureOf[s]}
		}
	}
	return best, how > never
}

// holder is somebody's post at an organisation.
type holder struct{ person, post int }

// Holder is the person who held a post on that day: a role that one person at a
// time holds, at the organisation with that id. It gives none where the register
// does not say since when, or where two can be meant. The zero day has no holder.
func (r *Register) Holder(role, org string, day time.Time) (Person, Post, bool) {
	if day.IsZero() || !Sole(role) {
		return Person{}, Post{}, false
	}
	found := -1
	var post Post
	for _, h := range r.byPost[postKey(role, org)] {
		p := r.people[h.person].Posts[h.post]
		if p.from.IsZero() || !within(day, p.from, p.to) || h.person == found {
			continue
		}
		if p.Shared || found >= 0 {
			return Person{}, Post{}, false
		}
		found, post = h.person, p
	}
	if found < 0 {
		return Person{}, Post{}, false
	}
	return r.people[found], post, true
}

// sameRoles are other words for a role.
var sameRoles = map[string]string{
	"ceo": "chief executive", "chief executive officer": "chief executive", "chief exec": "chief executive",
	"chairman": "chair", "chairwoman": "chair", "chairperson": "chair", "secretary general": "general secretary",
}

func roleKey(role string) string {
	k := strings.TrimPrefix(key(tokens(role)), "the ")
	return cmp.Or(sameRoles[k], k)
}

func postKey(role, org string) string { return roleKey(role) + "\n" + org }

// soleHeads are the ends of roles that one person holds at a time; soleLeads
// begin roles that are held by one only with what follows.
var (
	soleHeads = []string{
		"chief executive", "chair", "president", "general secretary", "director general", "secretary of state", "permanent secretary", "chief medical officer",
		"chief nursing officer", "chief nurse", "medical director", "managing director", "finance director", "chief operating officer", "chief information officer",
		"prime minister", "first minister", "health secretary", "home secretary", "chancellor", "mayor", "leader", "commissioner", "chief constable",
		"vice chancellor", "principal", "ombudsman", "chief inspector",
	}
	notSole = map[string]bool{
		"deputy": true, "vice": true, "assistant": true, "associate": true, "joint": true, "co": true, "former": true, "ex": true, "acting": true,
		"interim": true, "regional": true, "shadow": true, "non": true, "past": true, "honorary": true, "elect": true, "parish": true, "pro": true,
	}
)

// Sole reports whether a role is one that a single person holds at a time, going
// by its words: a chief executive, no deputy and no regional director.
func Sole(role string) bool {
	k := roleKey(role)
	words := strings.Fields(k)
	for _, w := range words {
		if notSole[w] && (w != "vice" || !strings.Contains(k, "vice chancellor")) {
			return false
		}
	}
	for _, h := range soleHeads {
		if k == h || strings.HasPrefix(k, h+" of ") || strings.HasPrefix(k, h+" for ") || strings.HasSuffix(k, " "+h) && len(words) <= 4 {
			return true
		}
	}
	return false
}
