package sqlite

import (
	"slices"
	"time"

	"onrecord/catalogue"
	"onrecord/record"
)

// lending is what a write has to do with links: the names of which something
// else is taught now, with the days concerned, and the statements to look at.
type lending struct {
	names map[string]span
	look  map[int64]bool // true: its speakers were written anew
	quiet map[int64]bool // no change is told: it is new, or a person corrected it
}

// span is a stretch of time in milliseconds, both ends included.
type span struct{ from, to int64 }

func (l *lending) taught(name string, at int64) {
	s, ok := l.names[name]
	if !ok {
		s = span{at, at}
	}
	l.names[name] = span{min(s.from, at), max(s.to, at)}
}

// teach writes what a statement teaches now. A new one has taught nothing.
func (t *tx) teach(x *touch, s *record.Statement) error {
	n := x.n
	type line struct {
		name, org, orgName, role, title string
		at                              int64
	}
	var was, is []line
	if !x.isNew {
		err := t.each(`SELECT name, org, org_name, role, title, at FROM taught WHERE statement = $1`, []any{n}, func(scan func(...any) error) error {
			var l line
			err := scan(&l.name, &l.org, &l.orgName, &l.role, &l.title, &l.at)
			was = append(was, l)
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, x := range catalogue.Teaches(s) {
		is = append(is, line{"person " + x.Name, x.Org, x.OrgName, x.Role, x.Title, x.At.UnixMilli()})
	}
	for _, l := range was {
		if slices.Contains(is, l) {
			continue
		}
		t.lend.taught(l.name, l.at)
		if err := t.exec(`DELETE FROM taught WHERE statement = $1 AND name = $2 AND org = $3 AND org_name = $4 AND role = $5`, n, l.name, l.org, l.orgName, l.role); err != nil {
			return err
		}
	}
	for _, l := range is {
		if slices.Contains(was, l) {
			continue
		}
		t.lend.taught(l.name, l.at)
		if err := t.exec(`INSERT INTO taught (statement, name, org, org_name, role, title, at) VALUES ($1,$2,$3,$4,$5,$6,$7)
			ON CONFLICT (statement, name, org, org_name, role) DO UPDATE SET title = excluded.title, at = excluded.at`,
			n, l.name, l.org, l.orgName, l.role, l.title, l.at); err != nil {
			return err
		}
	}
	return nil
}

// unteach forgets a statement that became another's.
func (t *tx) unteach(n int64) error {
	err := t.each(`SELECT name, at FROM taught WHERE statement = $1`, []any{n}, func(scan func(...any) error) error {
		var name string
		var at int64
		err := scan(&name, &at)
		t.lend.taught(name, at)
		return err
	})
	if err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM taught WHERE statement = $1`, n); err != nil {
		return err
	}
	delete(t.lend.look, n)
	return t.exec(`DELETE FROM links WHERE statement = $1`, n)
}

// lendAll links anew every statement that this write concerns: those written
// anew, and those of a name of which something else is taught now. What a link
// gives never teaches, so one round is enough and the order does not matter.
func (t *tx) lendAll() error {
	const doubt = (catalogue.Doubt + 1) * 24 * 60 * 60 * 1000
	for name, s := range t.lend.names {
		err := t.each(`SELECT DISTINCT statement FROM speakers WHERE speaker = $1 AND speaker <> '' AND short IN (0, 1) AND at BETWEEN $2 AND $3 AND (linked = 1 OR org = '')`,
			[]any{name, s.from - doubt, s.to + doubt}, func(scan func(...any) error) error {
				var n int64
				err := scan(&n)
				if _, known := t.lend.look[n]; !known {
					t.lend.look[n] = false
				}
				return err
			})
		if err != nil {
			return err
		}
	}
	list := make([]int64, 0, len(t.lend.look))
	for n := range t.lend.look {
		list = append(list, n)
	}
	slices.Sort(list)
	known := map[string][]catalogue.Taught{}
	for _, n := range list {
		if err := t.lendTo(n, known); err != nil {
			return err
		}
	}
	return nil
}

// lendTo links one statement. Known keeps what was read of each name.
func (t *tx) lendTo(n int64, known map[string][]catalogue.Taught) error {
	id, d, err := t.drawn(n)
	if err != nil {
		return err
	}
	links, err := t.linksOf(d, known)
	if err != nil {
		return err
	}
	was, is := "", ""
	if x := t.byN[n]; x == nil || !x.isNew {
		if _, err := t.get(`SELECT data FROM links WHERE statement = $1`, []any{n}, &was); err != nil {
			return err
		}
	}
	if len(links) > 0 {
		if is, err = encode(links); err != nil {
			return err
		}
	}
	if was == is && (is == "" || !t.lend.look[n]) {
		return nil
	}
	if err := t.unspeak(n); err != nil {
		return err
	}
	if err := t.speak(n, d, links); err != nil {
		return err
	}
	switch {
	case was == is:
		return nil
	case is == "":
		err = t.exec(`DELETE FROM links WHERE statement = $1`, n)
	default:
		err = t.exec(`INSERT INTO links (statement, data) VALUES ($1,$2) ON CONFLICT (statement) DO UPDATE SET data = excluded.data`, n, is)
	}
	if err != nil || t.lend.quiet[n] {
		return err
	}
	return t.change(record.Change{Kind: record.AttributeChanged, Statement: id, Detail: "speaker, by what other statements print of the name"})
}

func (t *tx) linksOf(d drawn, known map[string][]catalogue.Taught) ([]record.Link, error) {
	if d.Sighted != nil { // a person said who it was
		return nil, nil
	}
	at, err := d.when()
	if err != nil {
		return nil, err
	}
	var out []record.Link
	for place, s := range append([]record.Speaker{d.Speaker}, d.JointWith...) {
		if !catalogue.Lacks(s) {
			continue
		}
		name := catalogue.SpeakerKey(s)
		if _, ok := known[name]; !ok {
			if known[name], err = t.taughtOf(name); err != nil {
				return nil, err
			}
		}
		if l, ok := catalogue.LinkOf(s, at, known[name]); ok {
			l.Place = place
			out = append(out, l)
		}
	}
	return out, nil
}

func (t *tx) taughtOf(name string) ([]catalogue.Taught, error) {
	out := []catalogue.Taught{}
	err := t.each(`SELECT s.id, x.org, x.org_name, x.role, x.title, x.at FROM taught x JOIN statements s ON s.n = x.statement WHERE x.name = $1`, []any{name},
		func(scan func(...any) error) error {
			x := catalogue.Taught{Name: name[len("person "):]}
			var at int64
			err := scan(&x.Statement, &x.Org, &x.OrgName, &x.Role, &x.Title, &at)
			x.At = time.UnixMilli(at).UTC()
			out = append(out, x)
			return err
		})
	return out, err
}

// when is Statement.When, as far as order asks.
func (d drawn) when() (time.Time, error) {
	seen, err := unstamp(d.Seen)
	s := record.Statement{Said: d.Said, Published: d.Published, FirstSeen: seen}
	return s.When().Sort(), err
}

// loadLinks completes drawn statements by their links.
func loadLinks(s source, in string, args []any, byN map[int64]*record.Statement) error {
	return loadData(s, `SELECT statement, data FROM links WHERE statement`+in, args, byN, func(x *record.Statement, data string) error {
		var links []record.Link
		if err := decode("links of "+string(x.ID), data, &links); err != nil {
			return err
		}
		catalogue.Lend(x, links)
		return nil
	})
}
