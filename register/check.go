package register

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"onrecord/record"
)

// Level says how much a finding matters.
type Level string

const (
	// Fault is what makes the register wrong: the program refuses it, or finds
	// the wrong organisation by it, or none.
	Fault Level = "fault"
	// Warning is what the register bears and an editor should look at.
	Warning Level = "warning"
)

// Finding is something in a register file that an editor should mend or look at.
type Finding struct {
	File  string `json:"file,omitempty"`
	Line  int    `json:"line"` // on which the entry begins, or the fault itself where it can be told; 0 unknown
	Entry string `json:"entry,omitempty"`
	Level Level  `json:"level"`
	What  string `json:"what"`
	Do    string `json:"do"` // what mends it

	n      int  // which entry of the file, from 1
	refuse bool // Read refuses the file for it
}

// Error is the finding of a file that is refused, on one line.
func (f Finding) Error() string {
	switch {
	case f.Line == 0:
		return fmt.Sprintf("id %q: %s", f.Entry, f.What)
	case f.n == 0:
		return fmt.Sprintf("line %d: %s", f.Line, f.What)
	}
	return fmt.Sprintf("line %d, entry %d, id %q: %s", f.Line, f.n, f.Entry, f.What)
}

// Unwrap is record.ErrInvalid.
func (f Finding) Unwrap() error { return record.ErrInvalid }

func (f Finding) order(g Finding) int {
	return cmp.Or(cmp.Compare(f.Line, g.Line), strings.Compare(f.Entry, g.Entry), strings.Compare(f.What, g.What))
}

func (r *Register) found(f Finding) { r.findings = append(r.findings, f) }

// refuse notes what Read refuses a file for.
func (r *Register) refuse(line, n int, id string, err error) {
	what := strings.TrimSuffix(err.Error(), ": "+record.ErrInvalid.Error())
	do := "mend the entry, or take it out"
	switch {
	case strings.Contains(what, "date "):
		do = "write the day as 2024-07-19, or the month or year where no more is known"
	case strings.Contains(what, "before it begins"):
		do = "swap the two days, or mend the wrong one; the second is the first day on which it no longer held"
	case strings.Contains(what, "given twice"):
		do = "make one entry of both, or give one of them an id of its own"
	}
	r.found(Finding{Line: line, Entry: id, Level: Fault, What: what, Do: do, n: n, refuse: true})
}

func (r *Register) refused() error {
	for _, f := range r.findings {
		if f.refuse {
			return f
		}
	}
	return nil
}

// Check reads a register as Read does, but goes on after a fault, and lists all
// that is wrong or odd in it, in the order of its lines. base is the register that
// the file adds to, nil where it stands alone: ids of both may be named, and names
// of both must not be one. The error is of reading alone.
func Check(rd io.Reader, name string, base *Register) ([]Finding, error) {
	raw, err := readAllOf(rd, name)
	if err != nil {
		return nil, err
	}
	orgs, people, out := parse(raw)
	if base != nil {
		orgs, people = base.beside(orgs, people)
	}
	r := build(orgs, people)
	r.inspect()
	for _, f := range append(r.findings, unknownFields(raw)...) {
		if f.Line > 0 {
			out = append(out, f)
		}
	}
	for i := range out {
		out[i].File = name
	}
	slices.SortStableFunc(out, Finding.order)
	return slices.CompactFunc(out, func(a, b Finding) bool { return a.order(b) == 0 }), nil
}

// beside puts the entries of r before those of another file that do not replace
// them. They have no lines.
func (r *Register) beside(orgs []Org, people []Person) ([]Org, []Person) {
	allOrgs := slices.DeleteFunc(r.Orgs(), func(o Org) bool { return slices.ContainsFunc(orgs, func(x Org) bool { return x.ID == o.ID }) })
	for i := range allOrgs {
		allOrgs[i].line = 0
	}
	all := slices.DeleteFunc(r.People(), func(p Person) bool { return slices.ContainsFunc(people, func(x Person) bool { return x.ID == p.ID }) })
	for i := range all {
		all[i].line = 0
	}
	return append(allOrgs, orgs...), append(all, people...)
}

// look notes what is borne but odd, on every reading.
func (r *Register) look() {
	for _, o := range r.orgs {
		for _, x := range [...]struct{ what, id string }{{"parent", o.Parent}, {"successor", o.Successor}, {"speaks_as", o.SpeaksAs}} {
			if _, ok := r.byID[x.id]; x.id != "" && !ok {
				r.dead(o.line, o.ID, fmt.Sprintf("%s %q", x.what, x.id), x.id)
			}
		}
	}
	for _, p := range r.people {
		for i, x := range p.Posts {
			if _, ok := r.byID[x.Org]; x.Org != "" && !ok {
				r.dead(p.line, p.ID, fmt.Sprintf("the organisation %q of the post %q", x.Org, x.Role), x.Org)
			}
			for _, y := range p.Posts[:i] {
				if x.Role == y.Role && x.Org == y.Org && overlap(x, y) {
					r.found(Finding{Line: p.line, Entry: p.ID, Level: Warning, What: fmt.Sprintf("two posts as %q overlap", x.Role), Do: "make one post of both, or let the first end where the second begins"})
				}
			}
		}
	}
	r.lookAtHolders()
}

func (r *Register) dead(line int, entry, what, id string) {
	var all []string
	for i := range r.orgs {
		all = append(all, r.orgs[i].ID)
	}
	f := Finding{Line: line, Entry: entry, Level: Fault, What: what + " is not in the register", Do: "add an entry with that id, or take it out"}
	if near := record.Nearest(id, all); near != "" {
		f.Do = fmt.Sprintf("did you mean %q? else %s", near, f.Do)
	}
	r.found(f)
}

// lookAtHolders notes posts of one holder that two people hold at one time.
func (r *Register) lookAtHolders() {
	for _, k := range sorted(r.byPost) {
		list := r.byPost[k]
		for i, h := range list {
			p, x := &r.people[h.person], r.people[h.person].Posts[h.post]
			if !Sole(x.Role) || x.Shared {
				continue
			}
			for _, o := range list[:i] {
				q, y := &r.people[o.person], r.people[o.person].Posts[o.post]
				if o.person != h.person && !y.Shared && overlap(x, y) {
					r.found(Finding{
						Line: p.line, Entry: p.ID, Level: Fault, What: fmt.Sprintf("%s is %q of %s while %s is", p.ID, x.Role, x.Org, q.ID),
						Do: `let one post end (to) where the other begins (from), or mark both "shared": true where two hold it together`,
					})
				}
			}
		}
	}
}

func overlap(a, b Post) bool {
	return (b.to.IsZero() || a.from.Before(b.to)) && (a.to.IsZero() || b.from.Before(a.to))
}

// inspect notes what only a check asks for.
func (r *Register) inspect() {
	for i := range r.orgs {
		o := &r.orgs[i]
		if _, ok := r.byID[o.ID]; ok {
			r.inspectSuccession(i)
			r.inspectDays(o)
			r.inspectPlaces(o)
		}
	}
	for i := range r.people {
		r.inspectPerson(&r.people[i])
	}
}

func (r *Register) inspectSuccession(i int) {
	o := &r.orgs[i]
	say := func(level Level, do, form string, args ...any) {
		r.found(Finding{Line: o.line, Entry: o.ID, Level: level, What: fmt.Sprintf(form, args...), Do: do})
	}
	for what, next := range map[string]func(*Org) string{"successor": func(o *Org) string { return o.Successor }, "parent": func(o *Org) string { return o.Parent }} {
		if r.ring(i, next) {
			say(Fault, "take one of the ids out", "its %s leads back to itself", what)
		}
	}
	if o.Successor == "" {
		return
	}
	if o.ValidTo == "" {
		say(Warning, "give valid_to, the first day on which it no longer existed; until then it never passes over", "it has a successor and no end")
		return
	}
	if j, ok := r.byID[o.Successor]; ok {
		if next := &r.orgs[j]; o.to.Before(next.from) {
			say(Warning, "mend one of the days: in between the name means nobody", "it ends on %s, before its successor %s begins on %s", o.ValidTo, next.ID, next.ValidFrom)
		} else if r.follow(j, o.to) < 0 {
			say(Warning, "name the organisation that came after", "its successor %s has ended before it", next.ID)
		}
	}
}

func (r *Register) ring(i int, next func(*Org) string) bool {
	for at, n := i, 0; n <= len(r.orgs); n++ {
		j, ok := r.byID[next(&r.orgs[at])]
		if !ok {
			return false
		}
		if at = j; at == i {
			return true
		}
	}
	return false // it leads into another's ring
}

// inspectDays notes names and the like that hold outside their organisation's days.
func (r *Register) inspectDays(o *Org) {
	for _, x := range [...]struct {
		what string
		list []Dated
	}{{"abbreviation", o.Abbreviations}, {"alias", o.Aliases}, {"domain", o.Domains}} {
		for _, d := range x.list {
			if _, _, ok := meet(d.from, d.to, o.from, o.to); !ok {
				r.found(Finding{Line: o.line, Entry: o.ID, Level: Warning, What: fmt.Sprintf("the %s %q held on no day on which it existed", x.what, d.Name), Do: "mend the days of one of them"})
			}
		}
	}
}

var (
	hostForm    = regexp.MustCompile(`^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}[\p{L}\p{N}-]*$`)
	accountForm = map[string]*regexp.Regexp{
		"x":         regexp.MustCompile(`^@?[A-Za-z0-9_]{1,15}$`),
		"bluesky":   regexp.MustCompile(`^@?(?:[A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*$`),
		"mastodon":  regexp.MustCompile(`^@?[A-Za-z0-9_.-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*$`),
		"youtube":   regexp.MustCompile(`^(?:@[\p{L}\p{N}_.·-]{3,30}|UC[A-Za-z0-9_-]{22}|[A-Za-z0-9]{1,60})$`),
		"facebook":  regexp.MustCompile(`^@?[A-Za-z0-9.-]{1,80}$`),
		"instagram": regexp.MustCompile(`^@?[A-Za-z0-9._]{1,30}$`),
	}
	accountLike = map[string]string{"x": "@Name", "bluesky": "name.example", "mastodon": "@name@server.example", "youtube": "@name", "facebook": "name", "instagram": "@name"}
)

func (r *Register) inspectPlaces(o *Org) {
	for _, d := range o.Domains {
		host, _, _ := strings.Cut(d.Name, "/")
		if !hostForm.MatchString(host) || strings.ContainsAny(d.Name, "?# ") {
			r.found(Finding{Line: o.line, Entry: o.ID, Level: Fault, What: fmt.Sprintf("domain %q is no host", d.Name), Do: "write the host alone, or host/path: board.example, gov.example/board; without https:// and without ?"})
		}
	}
	r.inspectAccounts(o.Handles, o.line, o.ID)
}

func (r *Register) inspectAccounts(handles map[string]Accounts, line int, entry string) {
	for _, platform := range sorted(handles) {
		form := accountForm[strings.Replace(strings.ToLower(platform), "twitter", "x", 1)]
		if form == nil {
			r.found(Finding{Line: line, Entry: entry, Level: Fault, What: fmt.Sprintf("no posts are read from the platform %q", platform), Do: "one of " + strings.Join(sorted(accountForm), ", ")})
			continue
		}
		for _, h := range handles[platform] {
			if h.Name != "" && !form.MatchString(h.Name) {
				r.found(Finding{
					Line: line, Entry: entry, Level: Fault, What: fmt.Sprintf("%q is no account on %s", h.Name, platform),
					Do: "write the account alone, like " + accountLike[strings.Replace(strings.ToLower(platform), "twitter", "x", 1)],
				})
			}
		}
	}
}

func (r *Register) inspectPerson(p *Person) {
	for _, x := range p.Posts {
		say := func(do, form string, args ...any) {
			r.found(Finding{Line: p.line, Entry: p.ID, Level: Warning, What: fmt.Sprintf(form, args...), Do: do})
		}
		if x.Role == "" || x.Org == "" {
			say("give both", "a post without role or organisation")
			continue
		}
		if i, ok := r.byID[x.Org]; ok {
			if _, _, both := meet(x.from, x.to, r.orgs[i].from, r.orgs[i].to); !both {
				say("mend the days of one of them", "the post %q lies outside the days of %s", x.Role, x.Org)
			}
		}
	}
	r.inspectAccounts(p.Handles, p.line, p.ID)
}

// unknownFields warns of fields that nobody reads: most are misspelt.
func unknownFields(raw []byte) []Finding {
	var out []Finding
	orgs, people := fieldsOf(reflect.TypeFor[Org]()), fieldsOf(reflect.TypeFor[Person]())
	posts := fieldsOf(reflect.TypeFor[Post]())
	eachEntry(raw, func(_, line int, e json.RawMessage) {
		var fields map[string]json.RawMessage
		if json.Unmarshal(e, &fields) != nil {
			return
		}
		known := orgs
		if _, person, err := parseEntry(e); err == nil && person != nil {
			known = people
		}
		out = append(out, strange(line, idOf(e), "", fields, known)...)
		var list []map[string]json.RawMessage
		if json.Unmarshal(fields["posts"], &list) == nil {
			for _, p := range list {
				out = append(out, strange(line, idOf(e), "posts: ", p, posts)...)
			}
		}
	})
	return out
}

func strange(line int, id, where string, fields map[string]json.RawMessage, known []string) []Finding {
	var out []Finding
	for _, k := range sorted(fields) {
		if slices.Contains(known, k) || k == "type" || k == "note" {
			continue
		}
		do := "take it out, or put it into note"
		if near := record.Nearest(k, known); near != "" {
			do = fmt.Sprintf("did you mean %q?", near)
		}
		out = append(out, Finding{Line: line, Entry: id, Level: Warning, What: fmt.Sprintf("%sthe field %q is not known and not read", where, k), Do: do})
	}
	return out
}

func fieldsOf(t reflect.Type) []string {
	var out []string
	for f := range t.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// CheckDefault checks the register that the program carries.
func CheckDefault() ([]Finding, error) {
	return Check(bytes.NewReader(embedded), "the built-in register", nil)
}
