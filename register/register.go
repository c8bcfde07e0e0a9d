// Package register knows organisations and people: their names, abbreviations,
// aliases, web addresses, handles and posts, each with the days on which it
// held. It does no I/O of its own: the default is embedded, another one is read
// from whatever reader it is given.
package register

import (
	"bytes"
	_ "embed" // the default register
	"slices"
	"strings"
	"sync"
	"time"
)

// Org is an organisation.
type Org struct {
	ID            string  `json:"id"` // slug, stable
	Name          string  `json:"name"`
	NameFrom      string  `json:"name_from,omitempty"` // the first day on which it was called so, as ValidFrom
	NameTo        string  `json:"name_to,omitempty"`   // the first on which it no longer was
	Abbreviations []Dated `json:"abbreviations,omitempty"`
	Aliases       []Dated `json:"aliases,omitempty"` // "the doctors' union"; names it had before
	Type          string  `json:"type,omitempty"`    // "trade union", "news outlet", "collective", …
	Parent        string  `json:"parent,omitempty"`  // id
	// Domains are hosts, or hosts with a path ("gov.example/department"), that
	// the organisation speaks on.
	Domains []Dated `json:"domains,omitempty"`
	// Handles maps a platform (x, bluesky, mastodon, youtube) to its accounts.
	Handles           map[string]Accounts `json:"handles,omitempty"`
	SpokespersonRoles []string            `json:"spokesperson_roles,omitempty"`
	// SpeaksAs is for a collective, a name under which many bodies are meant:
	// the id of the organisation that an unnamed spokesperson of it speaks for.
	// "An NHS spokesperson" in an English outlet is NHS England's.
	SpeaksAs string `json:"speaks_as,omitempty"`
	// ValidFrom and ValidTo are the first day on which it existed under this
	// entry and the first on which it no longer did, as YYYY, YYYY-MM or
	// YYYY-MM-DD, with a remark in brackets after it or not; "" open.
	ValidFrom string `json:"valid_from,omitempty"`
	ValidTo   string `json:"valid_to,omitempty"`
	Successor string `json:"successor,omitempty"` // id
	ODS       string `json:"ods,omitempty"`
	ROR       string `json:"ror,omitempty"`
	Wikidata  string `json:"wikidata,omitempty"`
	GSS       string `json:"gss,omitempty"`
	// IDEvidence says where the outside ids were seen.
	IDEvidence string `json:"id_evidence,omitempty"`
	Note       string `json:"note,omitempty"`

	from, to time.Time // ValidFrom and ValidTo as moments; zero for open
	line, n  int       // of its file, and which entry; 0 unknown
}

// Outlet reports whether the organisation reports what others say rather than
// speaking itself: a newspaper, a broadcaster, an agency.
func (o Org) Outlet() bool {
	for _, w := range strings.FieldsFunc(strings.ToLower(o.Type), notLetter) {
		switch w {
		case "outlet", "newspaper", "broadcaster", "magazine", "press":
			return true
		}
	}
	return false
}

// Collective reports whether the name stands for many bodies.
func (o Org) Collective() bool { return strings.EqualFold(o.Type, "collective") }

// On reports whether the entry held on that day. The zero day holds always.
func (o Org) On(day time.Time) bool { return within(day, o.from, o.to) }

// Person is a person known by name.
type Person struct {
	ID      string              `json:"id"`
	Name    string              `json:"name"`
	Aliases []Dated             `json:"aliases,omitempty"`
	Titles  []string            `json:"titles,omitempty"` // "Dr", "Professor Sir"
	Posts   []Post              `json:"posts,omitempty"`
	Handles map[string]Accounts `json:"handles,omitempty"`

	line, n int // of its file, and which entry; 0 unknown
}

// Post is a role that a person holds or held.
type Post struct {
	Role string `json:"role"`
	Org  string `json:"org"`            // id
	From string `json:"from,omitempty"` // as ValidFrom of an Org
	To   string `json:"to,omitempty"`   // as ValidTo
	// Shared says that others hold the same post beside the person: co-chairs.
	Shared bool `json:"shared,omitempty"`

	from, to time.Time
}

// On is the post that the person held on that day, the latest begun where
// there are several. The zero day takes the last one given.
func (p Person) On(day time.Time) (Post, bool) {
	var held Post
	found := false
	for _, x := range p.Posts {
		if within(day, x.from, x.to) && (!found || !x.from.Before(held.from)) {
			held, found = x, true
		}
	}
	return held, found
}

// At is the post that the person held at the organisation on that day, the
// latest begun where there are several.
func (p Person) At(org string, day time.Time) (Post, bool) {
	p.Posts = slices.DeleteFunc(slices.Clone(p.Posts), func(x Post) bool { return x.Org != org })
	return p.On(day)
}

// Register is a set of organisations and people, ready to be asked. It never
// changes once it is read, so that any number of goroutines may ask it. The
// zero Register knows nobody.
type Register struct {
	orgs     []Org
	people   []Person
	byID     map[string]int
	byName   map[string][]named // folded name
	byPerson map[string][]bearer
	byHost   map[string][]place
	byHandle map[string][]account
	byPost   map[string][]holder
	trie     *node
	name     string // of the file that was read
	digest   string // of its bytes
	findings []Finding
}

// named is a name of an organisation with the days on which it was called so.
type named struct {
	org      int
	pat      pattern
	from, to time.Time
}

// bearer is somebody called by a name on some days.
type bearer struct {
	person   int
	from, to time.Time
}

//go:embed organisations.json
var embedded []byte

var readEmbedded = sync.OnceValue(func() *Register {
	r, err := Read(bytes.NewReader(embedded), "embedded organisations.json")
	if err != nil {
		panic(err) // the file is part of the program and a test reads it
	}
	return r
})

// Default is the register that the program carries.
func Default() *Register { return readEmbedded() }

// Version names what was read, with the SHA-256 of its bytes: "embedded
// organisations.json, sha256 1f0c…". It is "" for a register that was not read.
func (r *Register) Version() string {
	if r.digest == "" {
		return ""
	}
	return r.name + ", sha256 " + r.digest
}

// Orgs lists all organisations in the order in which they were given. The
// caller may change the slice.
func (r *Register) Orgs() []Org { return slices.Clone(r.orgs) }

// People lists all people in the order in which they were given.
func (r *Register) People() []Person { return slices.Clone(r.people) }

// Warnings are what the register bears but an editor should look at, one
// sentence each: a name that two organisations share, an id that nobody has,
// two posts of one person that overlap.
func (r *Register) Warnings() []string {
	var out []string
	for _, f := range r.findings {
		out = append(out, f.Entry+": "+f.What)
	}
	return out
}

// Org is the organisation with this id.
func (r *Register) Org(id string) (Org, bool) {
	i, ok := r.byID[id]
	if !ok {
		return Org{}, false
	}
	return r.orgs[i], true
}

// Predecessors are the ids of the organisations that this one followed, those
// that they followed included, in the order of the register.
func (r *Register) Predecessors(id string) []string {
	after := map[string]bool{id: true}
	for grown := true; grown; {
		grown = false
		for _, o := range r.orgs {
			if o.Successor != "" && after[o.Successor] && !after[o.ID] {
				after[o.ID], grown = true, true
			}
		}
	}
	var out []string
	for _, o := range r.orgs {
		if o.ID != id && after[o.ID] {
			out = append(out, o.ID)
		}
	}
	return out
}

// Person is the person called so on that day, without title, and the post held
// then; the Post is zero where none is known.
func (r *Register) Person(name string, day time.Time) (Person, Post, bool) {
	if len(r.byPerson) == 0 {
		return Person{}, Post{}, false
	}
	who := -1
	for _, b := range r.byPerson[key(tokens(name))] {
		if !within(day, b.from, b.to) || b.person == who {
			continue
		}
		if who >= 0 {
			return Person{}, Post{}, false // two of that name: never guessed
		}
		who = b.person
	}
	if who < 0 {
		return Person{}, Post{}, false
	}
	p := r.people[who]
	post, _ := p.On(day)
	return p, post, true
}

// Extend is a register with the entries of both; an entry of o replaces one of
// r with the same id.
func (r *Register) Extend(o *Register) (*Register, error) {
	orgs := slices.Clone(r.orgs)
	for _, x := range o.orgs {
		if i, ok := r.byID[x.ID]; ok {
			orgs[i] = x
			continue
		}
		orgs = append(orgs, x)
	}
	people := slices.Clone(r.people)
	for _, x := range o.people {
		if i := slices.IndexFunc(people, func(p Person) bool { return p.ID == x.ID }); i >= 0 {
			people[i] = x
			continue
		}
		people = append(people, x)
	}
	x := build(orgs, people)
	if err := x.refused(); err != nil {
		return nil, err
	}
	return x, nil
}

func within(day, from, to time.Time) bool {
	if day.IsZero() {
		return true
	}
	return !day.Before(from) && (to.IsZero() || day.Before(to))
}
