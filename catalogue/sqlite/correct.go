package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"onrecord/catalogue"
	"onrecord/record"
)

// Merge makes one statement part of another by hand; see catalogue.Catalogue.
func (d *DB) Merge(ctx context.Context, from, into record.ID, e record.Edit) error {
	return d.write(ctx, fmt.Sprintf("merge %s into %s", from, into), func(t *tx) error {
		a, b, err := t.mergeable(from, into)
		if err != nil {
			return err
		}
		rows, err := t.sightingsOf(a)
		if err != nil {
			return err
		}
		if err := t.correct(e, record.Correction{Kind: record.MergedByHand, Statement: from, Other: into, Places: placesOf(rows)}); err != nil {
			return err
		}
		if err := t.merge(b, a); err != nil {
			return err
		}
		spare, err := t.spareWordings(b)
		if err != nil {
			return err
		}
		if err := t.reword(b, spare); err != nil {
			return err
		}
		x, err := t.touch(b)
		if err != nil {
			return err
		}
		x.byHand = true
		return t.conclude()
	})
}

// mergeable gives the numbers of two statements that may be merged.
func (t *tx) mergeable(from, into record.ID) (a, b int64, err error) {
	if from == into {
		return 0, 0, fmt.Errorf("a statement cannot be merged with itself: %w", record.ErrInvalid)
	}
	now, err := t.forward(from)
	if err != nil {
		return 0, 0, err
	}
	then, err := t.forward(into)
	if err != nil {
		return 0, 0, err
	}
	if now == then {
		return 0, 0, fmt.Errorf("both are one already, %s: %w", now, record.ErrExists)
	}
	if a, err = t.answering(from); err != nil {
		return 0, 0, err
	}
	b, err = t.answering(into)
	return a, b, err
}

// answering is the number of a statement under its own id: one that was merged
// away is a *record.Moved, for whoever names it has read something older.
func (t *tx) answering(id record.ID) (int64, error) {
	now, err := t.forward(id)
	if err != nil {
		return 0, err
	}
	if now != id {
		return 0, &record.Moved{From: id, To: now}
	}
	return t.number(id)
}

// Split gives sightings to a statement of their own; see catalogue.Catalogue.
func (d *DB) Split(ctx context.Context, id record.ID, places []record.Place, e record.Edit) (made record.ID, err error) {
	err = d.write(ctx, "split statement "+string(id), func(t *tx) error {
		n, err := t.answering(id)
		if err != nil {
			return err
		}
		leave, err := t.leaving(n, id, places)
		if err != nil {
			return err
		}
		if _, err := t.touch(n); err != nil { // its change comes before that of the part
			return err
		}
		if made, err = t.partOff(n, leave); err != nil {
			return err
		}
		c := record.Correction{Kind: record.SplitByHand, Statement: id, Other: made, Places: placesOf(leave)}
		if err := t.correct(e, c); err != nil {
			return err
		}
		if err := t.part(c); err != nil {
			return err
		}
		for _, r := range leave {
			if err := t.remember(made, &r.Sighting); err != nil {
				return err
			}
		}
		return t.conclude()
	})
	if err != nil {
		return "", err
	}
	return made, nil
}

// leaving are the sightings at the places, in order of time.
func (t *tx) leaving(n int64, id record.ID, places []record.Place) ([]*row, error) {
	if len(places) == 0 {
		return nil, fmt.Errorf("name the sightings that are another statement's: %w", record.ErrInvalid)
	}
	rows, err := t.inTime(n)
	if err != nil {
		return nil, err
	}
	leaves := make(map[*row]bool, len(rows))
	for _, p := range places {
		found := false
		for _, r := range rows {
			if at(r, p) {
				leaves[r], found = true, true
			}
		}
		if !found {
			return nil, t.notThere(id, p)
		}
	}
	if len(leaves) == len(rows) {
		return nil, fmt.Errorf("no sighting would stay with %s; name those that are another statement's only: %w", id, record.ErrInvalid)
	}
	return slices.DeleteFunc(rows, func(r *row) bool { return !leaves[r] }), nil
}

// inTime lists a statement's sightings in the order in which they were captured.
func (t *tx) inTime(n int64) ([]*row, error) {
	rows, err := t.sightingsOf(n)
	slices.SortStableFunc(rows, func(a, b *row) int {
		return cmp.Or(a.Captured.Compare(b.Captured), strings.Compare(string(a.Page), string(b.Page)), cmp.Compare(a.Version, b.Version),
			cmp.Compare(start(a.Sighting), start(b.Sighting)))
	})
	return rows, err
}

func at(r *row, p record.Place) bool {
	if p.Key != "" {
		return catalogue.Key(&r.Sighting) == p.Key
	}
	return r.Page == p.Page && (p.Words == "" || sameWords(r.Words, p.Words))
}

func sameWords(a, b string) bool { return catalogue.Prepare(a).Same(catalogue.Prepare(b)) }

// notThere says why a place names no sighting of the statement.
func (t *tx) notThere(id record.ID, p record.Place) error {
	where := cmp.Or(p.URL, string(p.Page))
	var rows []*row
	if err := t.rows(`page = $1`, []any{string(p.Page)}, func(r *row) { rows = append(rows, r) }); err != nil {
		return err
	}
	for _, r := range rows {
		if p.Words == "" && p.Key == "" || !at(r, p) {
			continue
		}
		other, err := t.id(r.statement)
		if err != nil {
			return err
		}
		return fmt.Errorf("the sighting on %s is of %s now: %w", where, other, record.ErrStale)
	}
	if p.Words != "" {
		return fmt.Errorf("statement %s has no sighting with these words on %s: %w", id, where, record.ErrNotFound)
	}
	return fmt.Errorf("statement %s has no sighting on %s: %w", id, where, record.ErrNotFound)
}

// partOff makes a statement of sightings of another. What editors said of the
// one counts for the other: a part of what is hidden is hidden.
func (t *tx) partOff(n int64, leave []*row) (record.ID, error) {
	first := leave[0].Sighting
	f := find{Sighting: first}
	id, err := t.mint(record.Page{ID: first.Page, CanonicalURL: first.CanonicalURL}, &f)
	if err != nil {
		return "", err
	}
	spare, err := t.spareWordings(n)
	if err != nil {
		return "", err
	}
	if err := t.create(&f, id); err != nil {
		return "", err
	}
	var lang, mark, tags string
	if _, err := t.get(`SELECT lang, mark, tags FROM statements WHERE n = $1`, []any{n}, &lang, &mark, &tags); err != nil {
		return "", err
	}
	if err := t.exec(`UPDATE statements SET lang = $1, mark = $2, tags = $3 WHERE n = $4`, lang, mark, tags, f.statement); err != nil {
		return "", err
	}
	for _, r := range leave {
		if err := t.exec(`UPDATE sightings SET statement = $1 WHERE id = $2`, f.statement, r.id); err != nil {
			return "", err
		}
	}
	if err := t.reword(n, spare); err != nil {
		return "", err
	}
	if err := t.reword(f.statement, nil); err != nil {
		return "", err
	}
	return id, t.tellSplit(n, f.statement)
}

func (t *tx) tellSplit(n, made int64) error {
	for _, pair := range [][2]int64{{n, made}, {made, n}} {
		x, err := t.touch(pair[0])
		if err != nil {
			return err
		}
		if x.split, err = t.id(pair[1]); err != nil {
			return err
		}
	}
	return nil
}

// spareWordings are those that no sighting has: rows may bring such.
func (t *tx) spareWordings(n int64) (list []string, err error) {
	err = t.each(`SELECT text FROM wordings WHERE statement = $1 AND NOT EXISTS (SELECT 1 FROM sightings WHERE wording = wordings.id) ORDER BY n`, []any{n},
		func(scan func(...any) error) error {
			var text string
			err := scan(&text)
			list = append(list, text)
			return err
		})
	return list, err
}

// reword numbers a statement's wordings anew by its sightings in time, as a
// rebuild would, and drops those that went elsewhere with their sightings.
func (t *tx) reword(n int64, spare []string) error {
	if err := t.dropWordings(n); err != nil {
		return err
	}
	rows, err := t.inTime(n)
	if err != nil {
		return err
	}
	ids := map[string]int64{}
	put := func(text string) (int64, error) {
		ready := catalogue.Prepare(text)
		key := string(record.HashID("w", ready.Normal()))
		if id, ok := ids[key]; ok {
			return id, nil
		}
		id, err := t.putWording(n, key, text, ready)
		ids[key] = id
		return id, err
	}
	for _, r := range rows {
		id, err := put(r.Words)
		if err != nil {
			return err
		}
		if err := t.exec(`UPDATE sightings SET wording = $1 WHERE id = $2`, id, r.id); err != nil {
			return err
		}
	}
	for _, text := range spare {
		if _, err := put(text); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) dropWordings(n int64) error {
	texts := map[int64]string{}
	err := t.each(`SELECT id, text FROM wordings WHERE statement = $1`, []any{n}, func(scan func(...any) error) error {
		var id int64
		var text string
		err := scan(&id, &text)
		texts[id] = text
		return err
	})
	for id, text := range texts {
		if err == nil {
			err = t.dropWording(id, text)
		}
	}
	return err
}

// Attribute puts on record who said a statement; see catalogue.Catalogue.
func (d *DB) Attribute(ctx context.Context, id record.ID, a *record.Attribution, e record.Edit) error {
	told := "speaker: as the sightings say"
	if a != nil {
		told = "speaker: " + a.Speaker.String()
	}
	return d.byHand(ctx, "attribute", id, e, told, func(was drawn) record.Correction {
		return record.Correction{Kind: record.AttributedByHand, Statement: id, Set: a, Was: &record.Attribution{Speaker: was.Speaker, JointWith: was.JointWith}}
	})
}

// Date puts on record when a statement was said; see catalogue.Catalogue.
func (d *DB) Date(ctx context.Context, id record.ID, said *record.Instant, e record.Edit) error {
	told := "said: as the sightings say"
	if said != nil {
		told = "said: " + said.String()
	}
	return d.byHand(ctx, "date", id, e, told, func(was drawn) record.Correction {
		c := record.Correction{Kind: record.DatedByHand, Statement: id, Said: said}
		if was.Said.Known() {
			c.SaidWas = &was.Said
		}
		return c
	})
}

// byHand puts on record what people decided about one statement. The correction
// is made from the statement as it was; told is what the change log says of it.
func (d *DB) byHand(ctx context.Context, verb string, id record.ID, e record.Edit, told string, correction func(was drawn) record.Correction) error {
	return d.write(ctx, verb+" statement "+string(id), func(t *tx) error {
		n, err := t.answering(id)
		if err != nil {
			return err
		}
		_, was, err := t.drawn(n)
		if err != nil {
			return err
		}
		if err := t.correct(e, correction(was)); err != nil {
			return err
		}
		x, err := t.touch(n)
		if err != nil {
			return err
		}
		x.corrected = told
		return t.conclude()
	})
}

// correct writes a correction into the edit log and onto the statements that it
// concerns.
func (t *tx) correct(e record.Edit, c record.Correction) error {
	e.Action, e.Value = "statement."+string(c.Kind), ""
	e, err := t.line(e, string(c.Statement), c)
	if err != nil {
		return err
	}
	return t.concern(signed(c, e))
}

// signed is a correction with what its line in the edit log says of it.
func signed(c record.Correction, e record.Edit) record.Correction {
	c.N, c.At, c.Who, c.Why = e.N, e.At, e.Who, e.Why
	return c
}

// concern puts a correction onto the statements that it concerns, as they answer now.
func (t *tx) concern(c record.Correction) error {
	for _, id := range []record.ID{c.Statement, c.Other} {
		if id == "" {
			continue
		}
		now, err := t.forward(id)
		if err != nil {
			return err
		}
		if err := t.putCorrection(now, c); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) putCorrection(id record.ID, c record.Correction) error {
	data, err := encode(c)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO corrections (statement, key, data) VALUES ($1,$2,$3) ON CONFLICT DO NOTHING`, string(id), correctionKey(c), data)
}

// correctionKey puts corrections in order: those of rows by their time, then
// those made here by their number.
func correctionKey(c record.Correction) string {
	if !c.Imported {
		return fmt.Sprintf("1 %019d", c.N)
	}
	return "0 " + c.At.UTC().Format("2006-01-02T15:04:05.000000000") + " " + fmt.Sprintf("%019d", max(c.N, 0)) + " " + string(c.Kind) + " " + string(c.Statement)
}

// part remembers which places a split gave away and keeps both parts apart, and
// the new one from what the other was kept apart from before.
func (t *tx) part(c record.Correction) error {
	for _, p := range c.Places {
		t.filled["placed"] = true
		if err := t.exec(`INSERT INTO placed (key, id) VALUES ($1,$2) ON CONFLICT (key) DO UPDATE SET id = excluded.id`, p.Key, string(c.Other)); err != nil {
			return err
		}
	}
	a, err := t.forward(c.Statement)
	if err != nil {
		return err
	}
	b, err := t.forward(c.Other)
	if err != nil || a == b {
		return err
	}
	return t.exec(`INSERT INTO apart (one, other)
		SELECT $1, other FROM apart WHERE one = $2 AND other <> $1
		UNION SELECT other, $1 FROM apart WHERE one = $2 AND other <> $1
		UNION SELECT $1, $2 UNION SELECT $2, $1 WHERE true ON CONFLICT DO NOTHING`, string(b), string(a))
}

// areApart reports whether a person has parted two statements.
func (t *tx) areApart(n, o int64) (apart bool, err error) {
	_, err = t.get(`SELECT EXISTS (SELECT 1 FROM apart JOIN statements a ON a.id = one JOIN statements b ON b.id = other WHERE a.n = $1 AND b.n = $2)`, []any{n, o}, &apart)
	return apart, err
}

// moveCorrections hands what people decided about one id on to the other.
func (t *tx) moveCorrections(into, from record.ID) error {
	for _, do := range []string{
		`INSERT INTO corrections (statement, key, data) SELECT $1, key, data FROM corrections WHERE statement = $2 ON CONFLICT DO NOTHING`,
		`INSERT INTO apart (one, other) SELECT $1, other FROM apart WHERE one = $2 AND other <> $1 ON CONFLICT DO NOTHING`,
		`INSERT INTO apart (one, other) SELECT one, $1 FROM apart WHERE other = $2 AND one <> $1 ON CONFLICT DO NOTHING`,
	} {
		if err := t.exec(do, string(into), string(from)); err != nil {
			return err
		}
	}
	for _, do := range []string{`DELETE FROM corrections WHERE statement = $1`, `DELETE FROM apart WHERE one = $1 OR other = $1`} {
		if err := t.exec(do, string(from)); err != nil {
			return err
		}
	}
	return nil
}

// placedBy is the statement to which a person gave the place; "" for none.
func (t *tx) placedBy(s *record.Sighting) (record.ID, error) {
	if some, err := t.fills("placed"); err != nil || !some {
		return "", err
	}
	var id string
	_, err := t.get(`SELECT id FROM placed WHERE key = $1`, []any{catalogue.Key(s)}, &id)
	if err != nil || id == "" {
		return "", err
	}
	return t.forward(record.ID(id))
}

// placesOf names sightings without their words: the edit log is kept for ever,
// and an erasure must not have to change it.
func placesOf(rows []*row) []record.Place {
	var out []record.Place
	seen := map[string]bool{}
	for _, r := range rows {
		p := record.Place{Page: r.Page, URL: r.CanonicalURL, Key: catalogue.Key(&r.Sighting)}
		if !seen[p.Key] {
			seen[p.Key] = true
			out = append(out, p)
		}
	}
	return out
}

// replayCorrections makes what reading asks of corrections from the edit log.
// It stands before anything is read, so the order of captures does not matter.
func (t *tx) replayCorrections() error {
	list, err := t.loggedCorrections()
	if err != nil {
		return err
	}
	for _, c := range list {
		if c.Kind == record.MergedByHand {
			if err := t.reforward(c.Statement, c.Other); err != nil {
				return err
			}
		}
	}
	for _, c := range list {
		if err := t.concern(c); err != nil {
			return err
		}
		if c.Kind != record.SplitByHand {
			continue
		}
		if err := t.part(c); err != nil {
			return err
		}
	}
	return t.replacePlaces(list)
}

func (t *tx) loggedCorrections() (list []record.Correction, err error) {
	err = t.each(`SELECT data FROM edits ORDER BY n`, nil, func(scan func(...any) error) error {
		var data string
		if err := scan(&data); err != nil {
			return err
		}
		var e record.Edit
		if err := decode("the edit log", data, &e); err != nil || !strings.HasPrefix(e.Action, "statement.") {
			return err
		}
		var c record.Correction
		if err := decode(fmt.Sprintf("line %d of the edit log", e.N), e.Value, &c); err != nil {
			return err
		}
		list = append(list, signed(c, e))
		return nil
	})
	return list, err
}

// reforward makes sure that a merge by hand is forwarded, which it is unless
// the ledger was lost.
func (t *tx) reforward(from, into record.ID) error {
	now, err := t.forward(from)
	if err != nil || now != from {
		return err
	}
	if into, err = t.forward(into); err != nil || into == from {
		return err
	}
	t.filled["forwards"] = true
	return t.exec(`INSERT INTO forwards (old, new) VALUES ($1,$2)`, string(from), string(into))
}

// replacePlaces makes sure that the ledger's last word on a place that was split
// off is the statement which it was given to.
func (t *tx) replacePlaces(list []record.Correction) error {
	for _, c := range list {
		if c.Kind != record.SplitByHand {
			continue
		}
		for _, p := range c.Places {
			var placed, last string
			if _, err := t.get(`SELECT id FROM placed WHERE key = $1`, []any{p.Key}, &placed); err != nil {
				return err
			}
			if _, err := t.get(`SELECT id FROM ledger WHERE key = $1 ORDER BY n DESC LIMIT 1`, []any{p.Key}, &last); err != nil {
				return err
			}
			want, err := t.forward(record.ID(placed))
			if err != nil {
				return err
			}
			has, err := t.forward(record.ID(last))
			if err != nil {
				return err
			}
			if has == want {
				continue
			}
			if err := t.exec(`INSERT INTO ledger (id, page, key, sketch) VALUES ($1,$2,$3,$4)`, string(want), string(p.Page), p.Key, []byte{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// loadCorrections reads what people decided about statements, in order.
func loadCorrections(s source, in string, args []any, byN map[int64]*record.Statement) error {
	return loadData(s, `SELECT s.n, c.data FROM corrections c JOIN statements s ON s.id = c.statement WHERE s.n`+in+` ORDER BY s.n, c.key`, args, byN, func(x *record.Statement, data string) error {
		var c record.Correction
		err := decode("correction of "+string(x.ID), data, &c)
		x.Corrections = append(x.Corrections, c)
		return err
	})
}

// Moved tells where ids went; see catalogue.Reader.
func (d *DB) Moved(ctx context.Context, ids []record.ID) (map[record.ID]record.ID, error) {
	out := map[record.ID]record.ID{}
	err := d.look(ctx, "see where ids went", func(s snapshot) error {
		for _, id := range ids {
			to, err := s.forward(id)
			if err != nil {
				return err
			}
			if to != id {
				out[id] = to
			}
		}
		return nil
	})
	return out, err
}
