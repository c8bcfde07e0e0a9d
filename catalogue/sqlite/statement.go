package sqlite

import (
	"cmp"
	"fmt"
	"slices"

	"onrecord/catalogue"
	"onrecord/record"
	"onrecord/words"
)

// touch is a statement that this write has to do with, and what happened to it.
type touch struct {
	n         int64
	isNew     bool
	sightings []record.ID // pages that are new for it
	wordings  int
	gone      []string // pages that carry it no longer
	merged    []record.ID
	byHand    bool      // a person merged it
	split     record.ID // the other part where a person split it
	corrected string    // what a person set

	id    record.ID // "" where it is not known
	drawn string    // statements.data as this write left it; "" where it was not written
}

func (t *tx) touch(n int64) (*touch, error) {
	n = t.now(n)
	if n == 0 {
		return nil, fmt.Errorf("a sighting without a statement: %w", record.ErrDamaged)
	}
	if x, ok := t.byN[n]; ok {
		return x, nil
	}
	x := &touch{n: n}
	t.byN[n] = x
	t.touched = append(t.touched, x)
	return x, nil
}

// now is the number of a statement after the merges of this write.
func (t *tx) now(n int64) int64 {
	for {
		to, ok := t.merged[n]
		if !ok {
			return n
		}
		n = to
	}
}

func (t *tx) nowAll(set map[int64]bool) map[int64]bool {
	out := make(map[int64]bool, len(set))
	for n := range set {
		out[t.now(n)] = true
	}
	return out
}

// number is that of the statement which answers for the id.
func (t *tx) number(id record.ID) (int64, error) {
	id, err := t.forward(id)
	if err != nil {
		return 0, err
	}
	var n int64
	known, err := t.get(`SELECT n FROM statements WHERE id = $1`, []any{string(id)}, &n)
	if err == nil && !known {
		err = fmt.Errorf("statement %s: %w", id, record.ErrNotFound)
	}
	return n, err
}

func (t *tx) id(n int64) (record.ID, error) {
	if x := t.byN[n]; x != nil && x.id != "" {
		return x.id, nil
	}
	var id string
	known, err := t.get(`SELECT id FROM statements WHERE n = $1`, []any{n}, &id)
	if err == nil && !known {
		err = fmt.Errorf("statement number %d: %w", n, record.ErrDamaged)
	}
	return record.ID(id), err
}

// create records a new statement. Its sighting is written with its page; until
// then it is drawn from the find, so that the next find can be matched with it.
func (t *tx) create(f *find, id record.ID) error {
	mark, tags := "", "[]"
	some, err := t.fills("editorial")
	if err != nil {
		return err
	}
	if some {
		if _, err := t.get(`SELECT mark, tags FROM editorial WHERE id = $1`, []any{string(id)}, &mark, &tags); err != nil {
			return err
		}
	}
	s := record.Statement{ID: id, Sightings: []record.Sighting{f.Sighting}, Wordings: []record.Wording{{N: 1, Text: f.Sighting.Words}}}
	catalogue.Draw(&s)
	is := drawnFrom(&s)
	data, err := encode(is)
	if err != nil {
		return err
	}
	n, err := t.insert(`INSERT INTO statements (id, lang, mark, tags, data) VALUES ($1,$2,$3,$4,$5)`, string(id), f.Lang, mark, tags, data)
	if err != nil {
		return err
	}
	x, err := t.touch(n)
	if err != nil {
		return err
	}
	x.isNew, x.id, x.drawn = true, id, data
	t.added.Statements++
	t.lend.look[n] = true
	f.statement = n
	if f.wording, err = t.wording(n, f.Sighting.Words); err != nil {
		return err
	}
	return t.speak(n, is, nil)
}

// join makes the find a sighting of statement n.
func (t *tx) join(f *find, n int64) error {
	f.statement = n
	wording, err := t.wording(n, f.Sighting.Words)
	f.wording = wording
	return err
}

// wording is the number of the statement's wording with these words, a new one
// where it has none.
func (t *tx) wording(n int64, text string) (int64, error) {
	n = t.now(n)
	ready := t.prepareText(text)
	key := string(record.HashID("w", ready.Normal()))
	var id int64
	known, err := t.get(`SELECT id FROM wordings WHERE statement = $1 AND key = $2`, []any{n, key}, &id)
	if err != nil || known {
		return id, err
	}
	x, err := t.touch(n)
	if err != nil {
		return 0, err
	}
	if !x.isNew {
		x.wordings++
		t.added.Wordings++
	}
	return t.putWording(n, key, text, ready)
}

func (t *tx) putWording(n int64, key, text string, ready catalogue.Text) (int64, error) {
	id, err := t.insert(`INSERT INTO wordings (statement, n, key, text) SELECT $1, coalesce(max(n), 0) + 1, $2, $3 FROM wordings WHERE statement = $1`, n, key, text)
	if err != nil {
		return 0, err
	}
	for _, print := range ready.Fingerprints() {
		if t.prints != nil {
			t.prints = append(t.prints, posting{print, id})
		} else if err := t.putPrint(print, id); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// posting is a line of the table of fingerprints.
type posting struct{ print, wording int64 }

func (t *tx) putPrint(print, wording int64) error {
	return t.exec(`INSERT INTO postings (print, wording) VALUES ($1,$2)`, print, wording)
}

// keepPrints holds fingerprints back until putPrints writes them in their order:
// those of many wordings lie everywhere in their table, and in order each of its
// pages is touched once. Nothing may look for candidates in between.
func (t *tx) keepPrints() { t.prints = []posting{} }

func (t *tx) putPrints() error {
	list := t.prints
	t.prints = nil
	slices.SortFunc(list, func(a, b posting) int {
		return cmp.Or(cmp.Compare(a.print, b.print), cmp.Compare(a.wording, b.wording))
	})
	for _, p := range list {
		if err := t.putPrint(p.print, p.wording); err != nil {
			return err
		}
	}
	return nil
}

// merge makes statement from part of into: its sightings and wordings go over,
// its id is forwarded for ever.
func (t *tx) merge(into, from int64) error {
	old, err := t.id(from)
	if err != nil {
		return err
	}
	id, err := t.id(into)
	if err != nil {
		return err
	}
	if err := t.moveWordings(into, from); err != nil {
		return err
	}
	if err := t.moveEditorial(into, from); err != nil {
		return err
	}
	if err := t.unspeak(from); err != nil {
		return err
	}
	if err := t.unteach(from); err != nil {
		return err
	}
	if err := t.exec(`UPDATE sightings SET statement = $1 WHERE statement = $2`, into, from); err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM statements WHERE n = $1`, from); err != nil {
		return err
	}
	t.filled["forwards"] = true
	if err := t.exec(`INSERT INTO forwards (old, new) VALUES ($1,$2)`, string(old), string(id)); err != nil {
		return err
	}
	if err := t.moveCorrections(id, old); err != nil {
		return err
	}
	return t.moveTouch(into, from, old)
}

// moveTouch hands what this write did to one statement on to the other.
func (t *tx) moveTouch(into, from int64, old record.ID) error {
	x, err := t.touch(into)
	if err != nil {
		return err
	}
	t.merged[from] = into
	if y := t.byN[from]; y != nil {
		delete(t.byN, from)
		t.touched = slices.DeleteFunc(t.touched, func(z *touch) bool { return z == y })
		x.sightings, x.gone, x.wordings = append(x.sightings, y.sightings...), append(x.gone, y.gone...), x.wordings+y.wordings
		if y.isNew { // nobody has heard of it yet
			t.added.Statements--
			if !x.isNew {
				x.wordings++
				t.added.Wordings++
			}
			return nil
		}
	}
	x.merged = append(x.merged, old)
	return nil
}

func (t *tx) moveWordings(into, from int64) error {
	type wording struct {
		id   int64
		key  string
		twin int64
	}
	var list []wording
	err := t.each(`SELECT a.id, a.key, coalesce(b.id, 0) FROM wordings a LEFT JOIN wordings b ON b.statement = $1 AND b.key = a.key WHERE a.statement = $2 ORDER BY a.n`,
		[]any{into, from}, func(scan func(...any) error) error {
			var w wording
			err := scan(&w.id, &w.key, &w.twin)
			list = append(list, w)
			return err
		})
	if err != nil {
		return err
	}
	for _, w := range list {
		if w.twin == 0 {
			err = t.exec(`UPDATE wordings SET statement = $1, n = (SELECT coalesce(max(n), 0) + 1 FROM wordings WHERE statement = $1) WHERE id = $2`, into, w.id)
		} else {
			err = t.dropTwin(w.id, w.twin)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// dropTwin drops a wording whose words the other statement has as well.
func (t *tx) dropTwin(id, twin int64) error {
	if err := t.exec(`UPDATE sightings SET wording = $1 WHERE wording = $2`, twin, id); err != nil {
		return err
	}
	var text string
	if _, err := t.get(`SELECT text FROM wordings WHERE id = $1`, []any{id}, &text); err != nil {
		return err
	}
	return t.dropWording(id, text)
}

func (t *tx) dropWording(id int64, text string) error {
	if t.prints != nil {
		if err := t.putPrints(); err != nil {
			return err
		}
		t.keepPrints()
	}
	for _, print := range catalogue.Prepare(text).Fingerprints() {
		if err := t.exec(`DELETE FROM postings WHERE print = $1 AND wording = $2`, print, id); err != nil {
			return err
		}
	}
	delete(t.texts, id)
	return t.exec(`DELETE FROM wordings WHERE id = $1`, id)
}

// moveEditorial keeps what editors said of either statement.
func (t *tx) moveEditorial(into, from int64) error {
	var lang, mark, tags, otherLang, otherMark, otherTags string
	if _, err := t.get(`SELECT a.lang, a.mark, a.tags, b.lang, b.mark, b.tags FROM statements a, statements b WHERE a.n = $1 AND b.n = $2`, []any{into, from},
		&lang, &mark, &tags, &otherLang, &otherMark, &otherTags); err != nil {
		return err
	}
	if lang == "" {
		lang = otherLang
	}
	if mark == "" {
		mark = otherMark
	}
	var all, more []string
	if err := decode("tags", tags, &all); err != nil {
		return err
	}
	if err := decode("tags", otherTags, &more); err != nil {
		return err
	}
	for _, x := range more {
		if !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	tags, err := encodeTags(all)
	if err != nil {
		return err
	}
	return t.exec(`UPDATE statements SET lang = $1, mark = $2, tags = $3 WHERE n = $4`, lang, mark, tags, into)
}

func encodeTags(tags []string) (string, error) {
	if len(tags) == 0 {
		return "[]", nil
	}
	return encode(tags)
}

// shortWords is 1 for words too few to be telling.
func shortWords(text string) int {
	if len(words.Tokens(text)) < catalogue.Telling {
		return 1
	}
	return 0
}
