package register

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
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
// line, the entry and the reason.
func Read(rd io.Reader, name string) (*Register, error) {
	raw, err := readAllOf(rd, name)
	if err != nil {
		return nil, err
	}
	orgs, people, faults := parse(raw)
	if len(faults) > 0 {
		return nil, fmt.Errorf("register %s: %w", name, faults[0])
	}
	r := build(orgs, people)
	if err := r.refused(); err != nil {
		return nil, fmt.Errorf("register %s: %w", name, err)
	}
	sum := sha256.Sum256(raw)
	r.name, r.digest = path.Base(filepath.ToSlash(name)), hex.EncodeToString(sum[:])
	return r, nil
}

func readAllOf(rd io.Reader, name string) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(rd, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("register %s: %w", name, err)
	}
	if len(raw) > maxFile {
		return nil, fmt.Errorf("register %s: more than %d bytes: %w", name, maxFile, record.ErrTooLarge)
	}
	return raw, nil
}

// parse reads the entries that can be read, and tells of the others. After a
// fault of the JSON itself nothing more is read.
func parse(raw []byte) (orgs []Org, people []Person, faults []Finding) {
	broken := eachEntry(raw, func(n, line int, e json.RawMessage) {
		o, p, err := parseEntry(e)
		switch {
		case err != nil:
			faults = append(faults, unread(n, line, e, err))
		case p != nil:
			p.line, p.n = line, n
			people = append(people, *p)
		default:
			o.line, o.n = line, n
			orgs = append(orgs, *o)
		}
	})
	if broken != nil {
		faults = append(faults, *broken)
	}
	return orgs, people, faults
}

// eachEntry goes through the entries, and says where the JSON cannot be read on;
// nil for nowhere.
func eachEntry(raw []byte, do func(n, line int, e json.RawMessage)) *Finding {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return notArray(raw, err)
	}
	line, to := 1, 0
	for n := 1; dec.More(); n++ {
		at := int(dec.InputOffset())
		at += len(raw[at:]) - len(bytes.TrimLeft(raw[at:], " \t\r\n,"))
		line += bytes.Count(raw[to:at], []byte("\n"))
		to = at
		var e json.RawMessage
		if err := dec.Decode(&e); err != nil {
			return notArray(raw, err)
		}
		do(n, line, e)
	}
	if _, err := dec.Token(); err != nil {
		return notArray(raw, err)
	}
	if at := dec.InputOffset(); len(bytes.TrimSpace(raw[at:])) > 0 {
		f := notArray(raw, nil)
		f.Line, f.What = 1+bytes.Count(raw[:at], []byte("\n")), f.What+": something follows it"
		return f
	}
	return nil
}

// unread is the fault of an entry that holds what it should not.
func unread(n, line int, e json.RawMessage, err error) Finding {
	f := Finding{Line: line, Entry: idOf(e), Level: Fault, n: n, refuse: true, What: err.Error(), Do: "see docs/register.md for the fields and what they hold"}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		f.Line += bytes.Count(e[:min(int(wrong.Offset), len(e))], []byte("\n"))
		f.What = fmt.Sprintf("%s: a JSON %s does not belong there", cmp.Or(strings.TrimPrefix(wrong.Field, "Org."), "the entry"), wrong.Value)
		f.Do = "an entry is an object; text stands in quotation marks, several names in a list in square brackets"
	}
	return f
}

// notArray is the fault of a file that is no JSON array, or not to its end.
func notArray(raw []byte, err error) *Finding {
	f := &Finding{Line: 1, Level: Fault, refuse: true, What: "want one JSON array of organisations and people", Do: "begin the file with [ and end it with ], with a comma between two entries"}
	var bad *json.SyntaxError
	switch {
	case errors.As(err, &bad):
		f.Line = 1 + bytes.Count(raw[:min(int(bad.Offset), len(raw))], []byte("\n"))
		f.What += ": " + bad.Error()
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		f.Line = 1 + bytes.Count(raw, []byte("\n"))
		f.What += ": the file ends too early"
	}
	return f
}

func idOf(e json.RawMessage) string {
	var head struct {
		ID any `json:"id"`
	}
	_ = json.Unmarshal(e, &head) // what cannot be read has no id
	id, _ := head.ID.(string)
	return id
}

// parseEntry reads one entry: an organisation or a person.
func parseEntry(e json.RawMessage) (*Org, *Person, error) {
	var head struct {
		Type   any `json:"type"`
		Posts  any `json:"posts"`
		Titles any `json:"titles"`
	}
	if err := json.Unmarshal(e, &head); err != nil {
		return nil, nil, err
	}
	if head.Type == "person" || head.Posts != nil || head.Titles != nil {
		var p Person
		err := json.Unmarshal(e, &p)
		return nil, &p, err
	}
	var o struct {
		Org
		Name Dated `json:"name"`
	}
	err := json.Unmarshal(e, &o)
	o.Org.Name = o.Name.Name
	if o.Name.From != "" || o.Name.To != "" {
		o.NameFrom, o.NameTo = o.Name.From, o.Name.To
	}
	return &o.Org, nil, err
}

// build checks the entries and lays out every way of asking for them.
func build(orgs []Org, people []Person) *Register {
	r := &Register{
		orgs: orgs, people: people,
		byID: map[string]int{}, byName: map[string][]named{}, byPerson: map[string][]bearer{},
		byHost: map[string][]place{}, byHandle: map[string][]account{}, byPost: map[string][]holder{}, trie: &node{},
	}
	ids := map[string]bool{}
	for i := range r.orgs {
		o := &r.orgs[i]
		if err := checkID(ids, o.ID, o.Name); err != nil {
			r.refuse(o.line, o.n, o.ID, err)
		} else if err := r.addOrg(i); err != nil {
			r.refuse(o.line, o.n, o.ID, err)
		}
	}
	for i := range r.people {
		p := &r.people[i]
		if err := checkID(ids, p.ID, p.Name); err != nil {
			r.refuse(p.line, p.n, p.ID, err)
		} else if err := r.addPerson(i); err != nil {
			r.refuse(p.line, p.n, p.ID, err)
		}
	}
	r.look()
	slices.SortStableFunc(r.findings, Finding.order)
	return r
}

func checkID(ids map[string]bool, id, name string) error {
	switch {
	case !slugForm.MatchString(id):
		return fmt.Errorf("want lower-case letters, digits and single hyphens: %w", record.ErrInvalid)
	case ids[id]:
		return fmt.Errorf("given twice: %w", record.ErrInvalid)
	case strings.TrimSpace(name) == "":
		return fmt.Errorf("a name is missing: %w", record.ErrInvalid)
	}
	ids[id] = true
	return nil
}

func (r *Register) addOrg(i int) error {
	o := &r.orgs[i]
	var err error
	if o.from, o.to, err = window(o.ValidFrom, o.ValidTo); err != nil {
		return fmt.Errorf("valid_from and valid_to: %w", err)
	}
	name := Dated{Name: o.Name, From: o.NameFrom, To: o.NameTo}
	lists := [][]Dated{{name}, o.Abbreviations, o.Aliases, o.Domains}
	for _, platform := range sorted(o.Handles) {
		lists = append(lists, o.Handles[platform])
	}
	for _, list := range lists {
		if err := readAll(list); err != nil {
			return err
		}
	}
	r.byID[o.ID] = i
	for _, list := range lists[:3] {
		for _, d := range list {
			r.addName(i, d)
		}
	}
	for _, d := range o.Domains {
		if err := r.addDomain(i, d); err != nil {
			return err
		}
	}
	r.addHandles(o.Handles, account{org: i, person: -1}, o.ID, o.line)
	return nil
}

func (r *Register) addPerson(i int) error {
	p := &r.people[i]
	for j := range p.Posts {
		x := &p.Posts[j]
		var err error
		if x.from, x.to, err = window(x.From, x.To); err != nil {
			return fmt.Errorf("post %q: %w", x.Role, err)
		}
		r.byPost[postKey(x.Role, x.Org)] = append(r.byPost[postKey(x.Role, x.Org)], holder{i, j})
	}
	if err := readAll(p.Aliases); err != nil {
		return err
	}
	for _, list := range p.Handles {
		if err := readAll(list); err != nil {
			return err
		}
	}
	for _, d := range append([]Dated{{Name: p.Name}}, p.Aliases...) {
		k := key(tokens(d.Name))
		r.byPerson[k] = append(r.byPerson[k], bearer{i, d.from, d.to})
	}
	r.addHandles(p.Handles, account{org: -1, person: i}, p.ID, p.line)
	return nil
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

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
