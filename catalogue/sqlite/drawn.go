package sqlite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"onrecord/catalogue"
	"onrecord/record"
	"onrecord/words"
)

// drawn is what a statement takes from its sightings, as it was last drawn:
// what identity asks for, and what tells whether something changed.
type drawn struct {
	attributes
	Status record.Status    `json:"status"`
	Front  int              `json:"front"` // Wording.N
	Posts  []catalogue.Post `json:"posts,omitempty"`
	Short  int              `json:"short"` // 1 where the words in front are too few to be telling
	// Sighted is who said it by the sightings, where a person says otherwise.
	Sighted *record.Attribution `json:"sighted,omitempty"`
	// SightedAt is when it was said by the sightings, where a person says otherwise.
	SightedAt *record.Instant `json:"sighted_at,omitempty"`
}

// attributes are what a change of kind AttributeChanged is about.
type attributes struct {
	Kind       record.Kind      `json:"kind"`
	Speaker    record.Speaker   `json:"speaker"`
	JointWith  []record.Speaker `json:"joint_with,omitempty"`
	Said       record.Instant   `json:"said,omitzero"`
	Published  record.Instant   `json:"published,omitzero"`
	Seen       string           `json:"seen"`
	Confidence float64          `json:"confidence"`
}

func drawnFrom(s *record.Statement) drawn {
	d := drawn{Status: s.Status, Short: shortWords(s.Text), attributes: attributes{
		Kind: s.Kind, Speaker: s.Speaker, JointWith: s.JointWith, Said: s.Said, Published: s.Published,
		Seen: stamp(s.FirstSeen), Confidence: s.Confidence,
	}}
	for _, w := range s.Wordings {
		if w.Front {
			d.Front = w.N
		}
	}
	d.sighted(s)
	for i := range s.Sightings {
		for _, p := range catalogue.PostsOf(&s.Sightings[i]) {
			if !slices.Contains(d.Posts, p) {
				d.Posts = append(d.Posts, p)
			}
		}
	}
	return d
}

// sighted keeps what a person's correction hides.
func (d *drawn) sighted(s *record.Statement) {
	who, when := s.Attributed() != nil, s.Dated() != nil
	if !who && !when {
		return
	}
	u := record.Statement{Sightings: slices.Clone(s.Sightings)}
	catalogue.Draw(&u)
	if who {
		d.Sighted = &record.Attribution{Speaker: u.Speaker, JointWith: u.JointWith}
	}
	if when {
		d.SightedAt = &u.Said
	}
}

// drawn reads what was last drawn.
func (t *tx) drawn(n int64) (record.ID, drawn, error) {
	var id, data string
	if x := t.byN[n]; x != nil && x.id != "" && x.drawn != "" {
		id, data = string(x.id), x.drawn
	} else {
		known, err := t.get(`SELECT id, data FROM statements WHERE n = $1`, []any{n}, &id, &data)
		if err != nil {
			return "", drawn{}, err
		}
		if !known {
			return "", drawn{}, fmt.Errorf("statement number %d: %w", n, record.ErrDamaged)
		}
	}
	var d drawn
	return record.ID(id), d, decode("statement "+id, data, &d)
}

// putDrawn keeps what was drawn, with its speakers and the counts of people
// and organisations.
func (t *tx) putDrawn(n int64, is drawn) error {
	data, err := encode(is)
	if err != nil {
		return err
	}
	if err := t.exec(`UPDATE statements SET data = $1 WHERE n = $2`, data, n); err != nil {
		return err
	}
	if x := t.byN[n]; x != nil {
		x.drawn = data
	}
	if err := t.unspeak(n); err != nil {
		return err
	}
	t.lend.look[n] = true
	return t.speak(n, is, nil)
}

// conclude draws every touched statement anew and writes the changes.
func (t *tx) conclude() error {
	for _, x := range t.touched {
		if err := t.redraw(x); err != nil {
			return err
		}
	}
	return t.lendAll()
}

func (t *tx) redraw(x *touch) error {
	id, was, err := t.drawn(x.n)
	if err != nil {
		return err
	}
	list, err := loadOwn(t, []int64{x.n})
	if err != nil {
		return err
	}
	if len(list) != 1 || len(list[0].Sightings) == 0 {
		return fmt.Errorf("statement %s has no sighting: %w", id, record.ErrDamaged)
	}
	is := drawnFrom(&list[0])
	before, err := encode(was)
	if err != nil {
		return err
	}
	after, err := encode(is)
	if err != nil {
		return err
	}
	if before != after {
		if err := t.putDrawn(x.n, is); err != nil {
			return err
		}
	}
	if err := t.teach(x, &list[0]); err != nil {
		return err
	}
	t.lend.quiet[x.n] = x.isNew || x.corrected != ""
	return t.tell(x, id, was, is)
}

// tell writes what happened to a statement into the change log.
func (t *tx) tell(x *touch, id record.ID, was, is drawn) error {
	var list []record.Change
	switch {
	case x.split != "" && x.isNew:
		list = append(list, record.Change{Kind: record.Split, Subject: string(x.split), Detail: "split off " + string(x.split) + " by an editor"})
	case x.split != "":
		list = append(list, record.Change{Kind: record.Split, Subject: string(x.split), Detail: string(x.split) + " was split off by an editor"})
	case x.isNew:
		list = append(list, record.Change{Kind: record.StatementAdded})
	}
	for _, old := range x.merged {
		c := record.Change{Kind: record.Merged, Subject: string(old), Detail: fmt.Sprintf("%s is now %s", old, id)}
		if x.byHand {
			c.Detail += ", by an editor"
		}
		list = append(list, c)
	}
	if x.corrected != "" {
		list = append(list, record.Change{Kind: record.Corrected, Detail: x.corrected})
	}
	for _, page := range x.sightings {
		list = append(list, record.Change{Kind: record.SightingAdded, Page: page})
	}
	if x.wordings > 0 {
		list = append(list, record.Change{Kind: record.WordingAdded})
	}
	if !x.isNew {
		list = append(list, x.alterations(was, is)...)
	}
	for _, c := range list {
		c.Statement = id
		if err := t.change(c); err != nil {
			return err
		}
	}
	return nil
}

// alterations are the changes of a statement that was known.
func (x *touch) alterations(was, is drawn) []record.Change {
	var list []record.Change
	if what := differences(was, is); what != "" && x.corrected == "" {
		list = append(list, record.Change{Kind: record.AttributeChanged, Detail: what})
	}
	switch {
	case was.Status != is.Status:
		list = append(list, record.Change{Kind: record.StatusChanged, Detail: fmt.Sprintf("%s, was %s", is.Status, was.Status)})
	case len(x.gone) > 0:
		list = append(list, record.Change{Kind: record.StatusChanged, Detail: fmt.Sprintf("%s; no longer on %s", is.Status, strings.Join(x.gone, ", "))})
	}
	return list
}

// differences names the attributes that differ, "" where none does.
func differences(was, is drawn) string {
	var names []string
	for _, d := range []struct {
		name   string
		differ bool
	}{
		{"kind", was.Kind != is.Kind},
		{"speaker", was.Speaker != is.Speaker || !slices.Equal(was.JointWith, is.JointWith)},
		{"said", !sameInstant(was.Said, is.Said)},
		{"published", !sameInstant(was.Published, is.Published)},
		{"first seen", was.Seen != is.Seen},
		{"confidence", was.Confidence != is.Confidence},
		{"words in front", was.Front != is.Front},
	} {
		if d.differ {
			names = append(names, d.name)
		}
	}
	return strings.Join(names, ", ")
}

func sameInstant(a, b record.Instant) bool {
	return a.Time.Equal(b.Time) && a.Precision == b.Precision && a.Basis == b.Basis
}

// voice is one line of the table of speakers.
type voice struct {
	person              record.ID
	name, personOrg     string
	org, orgID, orgName string
	role, key           string
	linked              bool
}

func voices(d drawn, links []record.Link) []voice {
	lent := record.Statement{Speaker: d.Speaker, JointWith: d.JointWith}
	catalogue.Lend(&lent, links)
	var out []voice
	for place, s := range append([]record.Speaker{lent.Speaker}, lent.JointWith...) {
		out = append(out, voice{
			linked: slices.ContainsFunc(links, func(l record.Link) bool { return l.Place == place }),
			person: catalogue.PersonOf(s), name: s.Name, personOrg: cmp.Or(s.Org, s.OrgName),
			org: orgsKey(s), orgID: s.Org, orgName: s.OrgName, role: s.Role, key: catalogue.SpeakerKey(s),
		})
	}
	return out
}

func orgsKey(s record.Speaker) string {
	if s.Org != "" {
		return s.Org
	}
	if n := words.Normal(s.OrgName); n != "" {
		return "name " + n
	}
	return ""
}

// speak writes the speakers of a statement and counts it for each person and
// organisation once, with what the links give.
func (t *tx) speak(n int64, d drawn, links []record.Link) error {
	when, err := d.when()
	if err != nil {
		return err
	}
	at := when.UnixMilli()
	people, orgs := map[record.ID]bool{}, map[string]bool{}
	for place, v := range voices(d, links) {
		if err := t.exec(`INSERT INTO speakers (statement, place, person, org, role, speaker, at, short, linked) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
			n, place, string(v.person), v.org, v.role, v.key, at, d.Short, v.linked); err != nil {
			return err
		}
		if v.person != "" && !people[v.person] {
			people[v.person] = true
			if err := t.exec(`INSERT INTO people (id, name, sort, org, org_name, statements) VALUES ($1,$2,$3,$4,$5,1) ON CONFLICT (id) DO UPDATE SET statements = people.statements + 1`,
				string(v.person), v.name, words.Normal(v.name), v.personOrg, v.orgName); err != nil {
				return err
			}
		}
		if v.org != "" && !orgs[v.org] {
			orgs[v.org] = true
			if err := t.exec(`INSERT INTO orgs (key, org, org_name, statements) VALUES ($1,$2,$3,1) ON CONFLICT (key) DO UPDATE SET statements = orgs.statements + 1`,
				v.org, v.orgID, v.orgName); err != nil {
				return err
			}
		}
	}
	return nil
}

// unspeak takes the speakers of a statement back.
func (t *tx) unspeak(n int64) error {
	for _, do := range []string{
		`UPDATE people SET statements = statements - 1 WHERE id IN (SELECT DISTINCT person FROM speakers WHERE statement = $1 AND person <> '')`,
		`DELETE FROM people WHERE statements < 1 AND id IN (SELECT person FROM speakers WHERE statement = $1)`,
		`UPDATE orgs SET statements = statements - 1 WHERE key IN (SELECT DISTINCT org FROM speakers WHERE statement = $1 AND org <> '')`,
		`DELETE FROM orgs WHERE statements < 1 AND key IN (SELECT org FROM speakers WHERE statement = $1)`,
		`DELETE FROM speakers WHERE statement = $1`,
	} {
		if err := t.exec(do, n); err != nil {
			return err
		}
	}
	return nil
}
