package register

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"onrecord/record"
)

// maxFile bounds a register file in bytes; the default has 160 KB.
const maxFile = 64 << 20

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Read reads a register: one JSON array of organisations and people. An entry
// with posts or titles, or of type "person", is a person. name is what errors
// call the file. The error wraps record.ErrInvalid and names the file, the
// entry and the reason.
func Read(rd io.Reader, name string) (*Register, error) {
	raw, err := io.ReadAll(io.LimitReader(rd, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("register %s: %w", name, err)
	}
	if len(raw) > maxFile {
		return nil, fmt.Errorf("register %s: more than %d bytes: %w", name, maxFile, record.ErrTooLarge)
	}
	var entries []json.RawMessage
	if err := json.Unmarshal(raw, &entries); err != nil {
		return nil, fmt.Errorf("register %s: want one JSON array of organisations and people: %w (%w)", name, err, record.ErrInvalid)
	}
	orgs, people, err := sortEntries(entries)
	if err != nil {
		return nil, fmt.Errorf("register %s: %w", name, err)
	}
	r, err := build(orgs, people)
	if err != nil {
		return nil, fmt.Errorf("register %s: %w", name, err)
	}
	sum := sha256.Sum256(raw)
	r.name, r.digest = path.Base(filepath.ToSlash(name)), hex.EncodeToString(sum[:])
	return r, nil
}

func sortEntries(entries []json.RawMessage) ([]Org, []Person, error) {
	var orgs []Org
	var people []Person
	for i, e := range entries {
		var head struct {
			ID     string            `json:"id"`
			Type   string            `json:"type"`
			Posts  []json.RawMessage `json:"posts"`
			Titles []string          `json:"titles"`
		}
		if err := json.Unmarshal(e, &head); err != nil {
			return nil, nil, fmt.Errorf("entry %d: %w (%w)", i+1, err, record.ErrInvalid)
		}
		if head.Type == "person" || head.Posts != nil || head.Titles != nil {
			var p Person
			if err := json.Unmarshal(e, &p); err != nil {
				return nil, nil, fmt.Errorf("entry %d, %q: %w (%w)", i+1, head.ID, err, record.ErrInvalid)
			}
			people = append(people, p)
			continue
		}
		var o Org
		if err := json.Unmarshal(e, &o); err != nil {
			return nil, nil, fmt.Errorf("entry %d, %q: %w (%w)", i+1, head.ID, err, record.ErrInvalid)
		}
		orgs = append(orgs, o)
	}
	return orgs, people, nil
}

// build checks the entries and lays out every way of asking for them.
func build(orgs []Org, people []Person) (*Register, error) {
	r := &Register{
		orgs: orgs, people: people,
		byID: map[string]int{}, byName: map[string][]named{}, byPerson: map[string][]int{},
		byHost: map[string][]place{}, byHandle: map[string]int{}, trie: &node{},
	}
	ids := map[string]bool{}
	for i := range r.orgs {
		if err := r.addOrg(i, ids); err != nil {
			return nil, err
		}
	}
	for i := range r.people {
		if err := r.addPerson(i, ids); err != nil {
			return nil, err
		}
	}
	r.look()
	slices.Sort(r.warnings)
	return r, nil
}

func checkID(ids map[string]bool, id, name string, n int) error {
	switch {
	case !slugForm.MatchString(id):
		return fmt.Errorf("entry %d, id %q: want lower-case letters, digits and single hyphens: %w", n, id, record.ErrInvalid)
	case ids[id]:
		return fmt.Errorf("entry %d, id %q: given twice: %w", n, id, record.ErrInvalid)
	case strings.TrimSpace(name) == "":
		return fmt.Errorf("entry %d, id %q: a name is missing: %w", n, id, record.ErrInvalid)
	}
	ids[id] = true
	return nil
}

func (r *Register) addOrg(i int, ids map[string]bool) error {
	o := &r.orgs[i]
	if err := checkID(ids, o.ID, o.Name, i+1); err != nil {
		return err
	}
	var err error
	if o.from, o.to, err = window(o.ValidFrom, o.ValidTo); err != nil {
		return fmt.Errorf("entry %d, id %q: %w", i+1, o.ID, err)
	}
	r.byID[o.ID] = i
	for _, name := range append(append([]string{o.Name}, o.Abbreviations...), o.Aliases...) {
		r.addName(i, name)
	}
	for _, d := range o.Domains {
		if err := r.addDomain(i, d); err != nil {
			return fmt.Errorf("entry %d, id %q: %w", i+1, o.ID, err)
		}
	}
	for platform, h := range o.Handles {
		k := handleKey(platform, h)
		if k == "" {
			continue // a handle left empty is not known yet
		}
		if j, taken := r.byHandle[k]; taken {
			r.warn("%s %s: both %s and %s", platform, h, r.orgs[j].ID, o.ID)
			continue
		}
		r.byHandle[k] = i
	}
	return nil
}

func (r *Register) addPerson(i int, ids map[string]bool) error {
	p := &r.people[i]
	if err := checkID(ids, p.ID, p.Name, len(r.orgs)+i+1); err != nil {
		return err
	}
	for j := range p.Posts {
		var err error
		if p.Posts[j].from, p.Posts[j].to, err = window(p.Posts[j].From, p.Posts[j].To); err != nil {
			return fmt.Errorf("person %q, post %q: %w", p.ID, p.Posts[j].Role, err)
		}
	}
	for _, name := range append([]string{p.Name}, p.Aliases...) {
		k := key(tokens(name))
		r.byPerson[k] = append(r.byPerson[k], i)
	}
	return nil
}

// look notes what is borne but odd.
func (r *Register) look() {
	for _, o := range r.orgs {
		for what, id := range map[string]string{"parent": o.Parent, "successor": o.Successor, "speaks_as": o.SpeaksAs} {
			if _, ok := r.byID[id]; id != "" && !ok {
				r.warn("%s: %s %q is not in the register", o.ID, what, id)
			}
		}
	}
	for _, p := range r.people {
		for i, x := range p.Posts {
			if _, ok := r.byID[x.Org]; x.Org != "" && !ok {
				r.warn("%s: organisation %q is not in the register", p.ID, x.Org)
			}
			for _, y := range p.Posts[:i] {
				if x.Role == y.Role && x.Org == y.Org && overlap(x, y) {
					r.warn("%s: two posts as %q overlap", p.ID, x.Role)
				}
			}
		}
	}
}

func overlap(a, b Post) bool {
	return (b.to.IsZero() || a.from.Before(b.to)) && (a.to.IsZero() || b.from.Before(a.to))
}

func (r *Register) warn(form string, args ...any) {
	r.warnings = append(r.warnings, fmt.Sprintf(form, args...))
}

// window reads a first and an end day.
func window(from, to string) (time.Time, time.Time, error) {
	f, err := day(from)
	if err != nil {
		return f, f, err
	}
	t, err := day(to)
	if err != nil {
		return f, t, err
	}
	if !t.IsZero() && t.Before(f) {
		return f, t, fmt.Errorf("it ends on %s, before it begins on %s: %w", to, from, record.ErrInvalid)
	}
	return f, t, nil
}

// day reads YYYY, YYYY-MM or YYYY-MM-DD, with a remark in brackets or without,
// as the first moment of it in London.
func day(s string) (time.Time, error) {
	s, remark, _ := strings.Cut(strings.TrimSpace(s), " ")
	if s == "" {
		return time.Time{}, nil
	}
	if remark == "" || strings.HasPrefix(remark, "(") {
		for _, layout := range []string{"2006-01-02", "2006-01", "2006"} {
			if t, err := time.ParseInLocation(layout, s, record.London); err == nil {
				return t, nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("date %q: want YYYY, YYYY-MM or YYYY-MM-DD: %w", s, record.ErrInvalid)
}
