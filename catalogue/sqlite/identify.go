package sqlite

import (
	"cmp"
	"encoding/binary"
	"slices"

	"onrecord/catalogue"
	"onrecord/record"
)

// earlier is a sighting on the page's neighbouring version and its statement.
type earlier struct {
	statement int64
	record.Sighting
}

// identify finds out whose words the finds are, in the order of DESIGN.md: what
// the ledger remembers of this page, the page's earlier version, the same words
// on other pages, and else a new id.
func (t *tx) identify(p record.Page, finds []find, old []earlier) error {
	if err := t.remembered(finds); err != nil {
		return err
	}
	if err := t.alignedWith(finds, old); err != nil {
		return err
	}
	if t.replay {
		if err := t.resembling(p, finds); err != nil {
			return err
		}
	}
	keys := make([]string, len(finds))
	for i := range finds {
		keys[i] = catalogue.Key(&finds[i].Sighting)
	}
	for i := range finds {
		if err := t.repeated(finds, keys, i); err != nil {
			return err
		}
		if err := t.settleOne(p, finds, i, old); err != nil {
			return err
		}
	}
	for i := range finds {
		f := &finds[i]
		f.statement = t.now(f.statement)
		if err := t.note(f); err != nil {
			return err
		}
	}
	return nil
}

// remembered takes ids from the ledger: these words at this place had one.
func (t *tx) remembered(finds []find) error {
	for i := range finds {
		f := &finds[i]
		var id string
		known, err := t.get(`SELECT id FROM ledger WHERE key = $1 ORDER BY n DESC LIMIT 1`, []any{catalogue.Key(&f.Sighting)}, &id)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		if err := t.give(f, record.ID(id)); err != nil {
			return err
		}
	}
	return nil
}

// repeated makes the find a sighting of the statement that another find of this
// page is, because it came earlier or continues the page's earlier version, where speaker and words are the same: the ledger has one
// id for them, and a reading again must come to the same end.
func (t *tx) repeated(finds []find, keys []string, i int) error {
	if finds[i].statement != 0 {
		return nil
	}
	for k := range finds {
		if finds[k].statement != 0 && keys[k] == keys[i] {
			return t.join(&finds[i], t.now(finds[k].statement))
		}
	}
	return nil
}

// give makes the find a sighting of the statement with this id, which a rebuild
// may meet for the first time.
func (t *tx) give(f *find, id record.ID) error {
	id, err := t.forward(id)
	if err != nil {
		return err
	}
	var n int64
	known, err := t.get(`SELECT n FROM statements WHERE id = $1`, []any{string(id)}, &n)
	if err != nil {
		return err
	}
	if !known {
		return t.create(f, id)
	}
	return t.join(f, n)
}

// alignedWith continues the page's earlier version.
func (t *tx) alignedWith(finds []find, old []earlier) error {
	keys := map[string]bool{}
	var rest []int
	for i := range finds {
		if finds[i].statement == 0 {
			rest = append(rest, i)
		} else {
			keys[catalogue.Key(&finds[i].Sighting)] = true
		}
	}
	if len(rest) == 0 {
		return nil
	}
	var before, after []record.Sighting
	var numbers []int64
	for i := range old {
		if !keys[catalogue.Key(&old[i].Sighting)] {
			before, numbers = append(before, old[i].Sighting), append(numbers, old[i].statement)
		}
	}
	for _, i := range rest {
		after = append(after, finds[i].Sighting)
	}
	placed := map[string]int64{} // the ledger has one id for a place, so the same words twice are one
	for k, j := range catalogue.Align(before, after) {
		if j < 0 {
			continue
		}
		key := catalogue.Key(&after[k])
		if placed[key] == 0 {
			placed[key] = t.now(numbers[j])
		}
		if err := t.join(&finds[rest[k]], placed[key]); err != nil {
			return err
		}
	}
	return nil
}

// resembling is for a rebuild by a better reader, whose words are not quite
// those that the ledger knows of the page: the most alike are the same.
func (t *tx) resembling(p record.Page, finds []find) error {
	known, err := t.sketches(p.ID, finds)
	if err != nil || len(known) == 0 {
		return err
	}
	for i := range finds {
		f := &finds[i]
		if f.statement != 0 {
			continue
		}
		sketch := catalogue.Prepare(f.Sighting.Words).Sketch()
		best, at := 0.5, -1
		for j, k := range known {
			if r := catalogue.Resemblance(sketch, k.sketch); r > best {
				best, at = r, j
			}
		}
		if at < 0 {
			continue
		}
		if err := t.give(f, known[at].id); err != nil {
			return err
		}
		known = slices.Delete(known, at, at+1)
	}
	return nil
}

type remembered struct {
	id     record.ID
	sketch []uint64
}

// sketches lists what the ledger knows of the page and no find has claimed.
func (t *tx) sketches(page record.ID, finds []find) ([]remembered, error) {
	claimed := map[string]bool{}
	for i := range finds {
		claimed[catalogue.Key(&finds[i].Sighting)] = finds[i].statement != 0
	}
	var out []remembered
	err := t.each(`SELECT id, key, sketch FROM ledger WHERE page = $1 AND NOT EXISTS (SELECT 1 FROM ledger later WHERE later.key = ledger.key AND later.n > ledger.n) ORDER BY n`, []any{string(page)}, func(scan func(...any) error) error {
		var id, key string
		var sketch []byte
		if err := scan(&id, &key, &sketch); err != nil {
			return err
		}
		if !claimed[key] {
			out = append(out, remembered{record.ID(id), unpackSketch(sketch)})
		}
		return nil
	})
	return out, err
}

func packSketch(s []uint64) []byte {
	b := make([]byte, 0, 8*len(s))
	for _, h := range s {
		b = binary.BigEndian.AppendUint64(b, h)
	}
	return b
}

func unpackSketch(b []byte) []uint64 {
	var s []uint64
	for ; len(b) >= 8; b = b[8:] {
		s = append(s, binary.BigEndian.Uint64(b))
	}
	return s
}

// settleOne looks for the find's words on other pages. Whoever already has a
// statement may show that another one is part of it.
func (t *tx) settleOne(p record.Page, finds []find, i int, old []earlier) error {
	f := &finds[i]
	f.statement = t.now(f.statement)
	if t.replay && f.statement != 0 {
		return nil // its identity was settled when it was first recorded
	}
	saying := catalogue.Found(&f.Sighting)
	list, err := t.candidates(saying)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(c catalogue.Candidate) bool { return t.otherUpdate(c.Order, f, finds, old) })
	if f.statement != 0 {
		return t.absorbInto(f, saying, list)
	}
	home, absorbed := catalogue.Decide(saying, list)
	if home == "" {
		return t.begin(p, f)
	}
	n, err := t.number(home)
	if err != nil {
		return err
	}
	for _, id := range absorbed {
		if n, err = t.unite(n, id); err != nil {
			return err
		}
	}
	return t.join(f, n)
}

// begin makes a new statement of the find. A rebuild whose ledger was lost meets
// words here that were merged away: they go where their id leads.
func (t *tx) begin(p record.Page, f *find) error {
	if t.replay {
		id := catalogue.Mint(p.CanonicalURL, f.Sighting.Kind, f.Sighting.Words)
		to, err := t.forward(id)
		if err != nil {
			return err
		}
		if to != id {
			return t.give(f, to)
		}
	}
	id, err := t.mint(p, f)
	if err != nil {
		return err
	}
	return t.create(f, id)
}

// absorbInto unites the find's statement with those whose words its new
// wording holds or equals.
func (t *tx) absorbInto(f *find, saying catalogue.Saying, list []catalogue.Candidate) error {
	own, err := t.candidate(f.statement)
	if err != nil {
		return err
	}
	joins := func(c catalogue.Candidate) bool {
		return slices.ContainsFunc(own, func(o catalogue.Candidate) bool { return o.Joins(c.Saying) })
	}
	for _, c := range list {
		if c.ID == own[0].ID || !joins(c) {
			continue
		}
		if m := saying.Meets(c.Saying); m != catalogue.Fuller && m != catalogue.Equal {
			continue
		}
		if f.statement, err = t.unite(f.statement, c.ID); err != nil {
			return err
		}
	}
	return nil
}

// unite makes one of two statements and gives its number. What a person has
// parted stays two, and a rebuild unites nothing: what belongs together stands in
// the ledger.
func (t *tx) unite(n int64, id record.ID) (int64, error) {
	o, err := t.number(id)
	if err != nil || o == n || t.replay {
		return n, err
	}
	if apart, err := t.areApart(n, o); err != nil || apart {
		return n, err
	}
	into, from := min(n, o), max(n, o)
	return into, t.merge(into, from)
}

// otherUpdate reports whether statement n stands on this page under another
// stamp than the find.
func (t *tx) otherUpdate(n int64, f *find, finds []find, old []earlier) bool {
	for i := range finds {
		if g := &finds[i]; g != f && g.statement != 0 && t.now(g.statement) == n && catalogue.OtherUpdate(&f.Sighting, &g.Sighting) {
			return true
		}
	}
	for i := range old {
		if t.now(old[i].statement) == n && catalogue.OtherUpdate(&f.Sighting, &old[i].Sighting) {
			return true
		}
	}
	return false
}

// How many candidates are looked at. Words that more statements share than
// this point to none of them.
const (
	perPrint      = 64  // wordings a fingerprint
	maxPrints     = 512 // fingerprints asked for
	maxCandidates = 32  // statements compared word for word
	maxShort      = 200 // statements of one speaker in some days
)

// candidates lists known statements that may have these words, those that share
// the most fingerprints first. The postings bound the work, however many
// statements are on record.
func (t *tx) candidates(f catalogue.Saying) ([]catalogue.Candidate, error) {
	hits := map[int64]int{}
	prints := f.Front.Fingerprints()
	for _, print := range prints[:min(len(prints), maxPrints)] {
		err := t.each(`SELECT w.statement FROM postings p JOIN wordings w ON w.id = p.wording WHERE p.print = $1 ORDER BY p.wording DESC LIMIT $2`,
			[]any{print, perPrint}, countInto(hits))
		if err != nil {
			return nil, err
		}
	}
	best := mostHits(hits)
	short, err := t.bySpeaker(f)
	if err != nil {
		return nil, err
	}
	var out []catalogue.Candidate
	for _, n := range append(best, short...) {
		if slices.ContainsFunc(out, func(c catalogue.Candidate) bool { return c.Order == n }) {
			continue
		}
		c, err := t.candidate(n)
		if err != nil {
			return nil, err
		}
		out = append(out, c...)
	}
	return out, nil
}

func countInto(hits map[int64]int) func(func(...any) error) error {
	return func(scan func(...any) error) error {
		var n int64
		if err := scan(&n); err != nil {
			return err
		}
		hits[n]++
		return nil
	}
}

func mostHits(hits map[int64]int) []int64 {
	list := make([]int64, 0, len(hits))
	for n := range hits {
		list = append(list, n)
	}
	slices.SortFunc(list, func(a, b int64) int { return cmp.Or(cmp.Compare(hits[b], hits[a]), cmp.Compare(a, b)) })
	return list[:min(len(list), maxCandidates)]
}

// bySpeaker finds what words too few for fingerprints may belong to: whatever
// the same speaker said around that day; and for longer words, the short ones.
func (t *tx) bySpeaker(f catalogue.Saying) ([]int64, error) {
	key := catalogue.SpeakerKey(f.Speaker)
	if key == "" || !f.Said.Known() {
		return nil, nil
	}
	least := 1 // only short ones
	if f.Front.Len() < catalogue.Telling {
		least = 0
	}
	const days = 3 * 24 * 60 * 60 * 1000
	at := f.Said.Sort().UnixMilli()
	var out []int64
	err := t.each(`SELECT statement FROM speakers WHERE speaker = $1 AND speaker <> '' AND short IN ($2, 1) AND at BETWEEN $3 AND $4 ORDER BY statement LIMIT $5`,
		[]any{key, least, at - days, at + days, maxShort}, func(scan func(...any) error) error {
			var n int64
			err := scan(&n)
			out = append(out, n)
			return err
		})
	return out, err
}

// candidate reads what identity asks of a statement. One that a person
// attributed or dated answers to both names and days: pages that repeat what was
// on record before carry it none the less.
func (t *tx) candidate(n int64) ([]catalogue.Candidate, error) {
	id, d, err := t.drawn(n)
	if err != nil {
		return nil, err
	}
	c := catalogue.Candidate{ID: id, Order: n, Saying: catalogue.Saying{
		Kind: d.Kind, Speaker: d.Speaker, Joint: d.JointWith, Said: d.Said, Posts: d.Posts,
	}}
	err = t.each(`SELECT id, n, text FROM wordings WHERE statement = $1 ORDER BY n`, []any{n}, func(scan func(...any) error) error {
		var wid int64
		var place int
		var text string
		if err := scan(&wid, &place, &text); err != nil {
			return err
		}
		if place == d.Front {
			c.Front = t.text(wid, text)
		} else {
			c.Others = append(c.Others, t.text(wid, text))
		}
		return nil
	})
	out := []catalogue.Candidate{c}
	if d.Sighted != nil {
		c.Speaker, c.Joint = d.Sighted.Speaker, d.Sighted.JointWith
		out = append(out, c)
	}
	if d.SightedAt != nil {
		c.Said = *d.SightedAt
		out = append(out, c)
	}
	return out, err
}

// mint gives an id to a new statement. Where the page has said the same words
// before as another statement (two updates in the same words), its place is
// part of the id; one that was given before, even if it was merged away since,
// is not given again.
func (t *tx) mint(p record.Page, f *find) (record.ID, error) {
	id := catalogue.Mint(p.CanonicalURL, f.Sighting.Kind, f.Sighting.Words)
	for {
		used, err := t.given(id, p.ID)
		if err != nil || !used {
			return id, err
		}
		id = record.HashID("st", string(id), catalogue.Key(&f.Sighting))
	}
}

// given reports whether an id was given to a statement before.
func (t *tx) given(id, page record.ID) (used bool, err error) {
	_, err = t.get(`SELECT EXISTS (SELECT 1 FROM statements WHERE id = $1) OR EXISTS (SELECT 1 FROM forwards WHERE old = $1) OR EXISTS (SELECT 1 FROM ledger WHERE id = $1 AND page = $2)`,
		[]any{string(id), string(page)}, &used)
	return used, err
}

// note writes into the ledger which id the words at this place were given.
func (t *tx) note(f *find) error {
	var err error
	if f.ID, err = t.id(f.statement); err != nil {
		return err
	}
	if f.wording, err = t.wording(f.statement, f.Sighting.Words); err != nil {
		return err
	}
	return t.remember(f.ID, &f.Sighting)
}

func (t *tx) remember(id record.ID, s *record.Sighting) error {
	return t.rememberAs(id, s, catalogue.Key(s))
}

// rememberAs is remember for a sighting whose key is known.
func (t *tx) rememberAs(id record.ID, s *record.Sighting, key string) error {
	var last string
	known, err := t.get(`SELECT id FROM ledger WHERE key = $1 ORDER BY n DESC LIMIT 1`, []any{key}, &last)
	if err != nil {
		return err
	}
	if known {
		now, err := t.forward(record.ID(last))
		if err != nil || now == id {
			return err
		}
	}
	return t.exec(`INSERT INTO ledger (id, page, key, sketch) VALUES ($1,$2,$3,$4)`,
		string(id), string(s.Page), key, packSketch(t.prepareText(s.Words).Sketch()))
}

// forward follows merges to the id that answers now.
func (t *tx) forward(id record.ID) (record.ID, error) {
	if some, err := t.fills("forwards"); err != nil || !some {
		return id, err
	}
	for {
		var next string
		moved, err := t.get(`SELECT new FROM forwards WHERE old = $1`, []any{string(id)}, &next)
		if err != nil || !moved {
			return id, err
		}
		id = record.ID(next)
	}
}
