package cataloguetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"onrecord/catalogue"
	"onrecord/record"
)

// retold is the statement of ownPage in words that no rule takes for its own.
const retold = "Bookings are slow in every surgery today because the system that holds them has a fault, the service told us in an email."

var (
	who    = record.Edit{Who: "mara", Why: "seen side by side"}
	inMail = shot{url: "https://courier.example/mail", at: at(12, 11), day: day(11), says: []said{{kind: record.Quote, text: retold, org: "hsn", role: "spokesperson"}}}
	// laterEcho is echo's page with words put in, after a day.
	laterEcho = shot{url: echo.url, at: at(13, 9), day: day(11), says: []said{{kind: record.Quote, text: outage + " Thank you for bearing with us.", org: "hsn", role: "spokesperson"}}}
)

// rebuilt makes the store anew from the shots in their order and in the reverse
// one, gives what each of them came to and leaves the store closed.
func rebuilt(t *testing.T, store Store, shots []shot, look func(t *testing.T, order string, c catalogue.Catalogue)) {
	t.Helper()
	for _, order := range []string{"in order", "in reverse"} {
		list := slices.Clone(shots)
		if order == "in reverse" {
			slices.Reverse(list)
		}
		store.Rebuild(t, func(ctx context.Context, c catalogue.Catalogue) error { return addAll(ctx, c, list) })
		c := store.Open(t)
		look(t, order, c)
		noError(t, c.Close())
	}
}

func addAll(ctx context.Context, c catalogue.Catalogue, shots []shot) error {
	for _, x := range shots {
		capture, page, found := x.parts()
		if _, err := c.Add(ctx, capture, page, found); err != nil {
			return fmt.Errorf("%s at %s: %w", x.url, x.at, err)
		}
	}
	return nil
}

func statement(t tb, c catalogue.Reader, id record.ID) record.Statement {
	t.Helper()
	s, err := c.Statement(context.Background(), id)
	noError(t, err)
	return s
}

// pages are those on which a statement stands, in order of capture.
func pages(s record.Statement) []string {
	var out []string
	for _, x := range s.Sightings {
		out = append(out, x.CanonicalURL)
	}
	return out
}

// lastEdit is the last line of the edit log, and the correction that it keeps.
func lastEdit(t tb, c catalogue.Reader) (record.Edit, record.Correction) {
	t.Helper()
	list, err := c.Edits(context.Background(), 0, 1000)
	noError(t, err)
	if len(list) == 0 {
		t.Fatal("the edit log is empty")
	}
	e := list[len(list)-1]
	var x record.Correction
	if err := json.Unmarshal([]byte(e.Value), &x); err != nil {
		t.Fatalf("line %d of the edit log: %v", e.N, err)
	}
	return e, x
}

func movedTo(t tb, c catalogue.Reader, from, to record.ID) {
	t.Helper()
	var moved *record.Moved
	if _, err := c.Statement(context.Background(), from); !errors.As(err, &moved) || moved.To != to {
		t.Errorf("Statement(%s): %v, want it moved to %s", from, err, to)
	}
	got, err := c.Moved(context.Background(), []record.ID{from, to, "st_none"})
	noError(t, err)
	same(t, "Moved", got, map[record.ID]record.ID{from: to})
}

func (s suite) mergedByHand(t *testing.T) {
	ctx, store := context.Background(), s.fresh(t)
	c := store.Open(t)
	shots := []shot{ownPage, echo, inMail}
	add(t, c, shots...)
	own, mail := holding(t, c, outage).ID, holding(t, c, retold).ID
	if own == mail {
		t.Fatal("the words are one statement already: the case says nothing")
	}
	noError(t, c.Merge(ctx, mail, own, who))
	got := statement(t, c, own)
	same(t, "pages of the merged statement", pages(got), []string{ownPage.url, echo.url, inMail.url})
	if len(got.Wordings) != 2 || got.Text != outage || len(everything(t, c)) != 1 {
		t.Errorf("%d wordings, in front %.40q, %d statements; want 2, the own page's, 1", len(got.Wordings), got.Text, len(everything(t, c)))
	}
	movedTo(t, c, mail, own)
	if list, err := c.Changes(ctx, record.Position{}, 100); err != nil || !slices.ContainsFunc(list, func(x record.Change) bool {
		return x.Kind == record.Merged && x.Statement == own && x.Subject == string(mail) && strings.Contains(x.Detail, "editor")
	}) {
		t.Errorf("changes %+v (%v), want the merge", list, err)
	}
	e, line := lastEdit(t, c)
	if e.Action != "statement.merge" || e.Target != string(mail) || e.Who != who.Who || e.Why != who.Why || e.At.IsZero() || line.Other != own || len(line.Places) != 1 || strings.Contains(e.Value, "Bookings") {
		t.Errorf("edit log %+v", e)
	}
	if k := got.Corrections; len(k) != 1 || k[0].Kind != record.MergedByHand || k[0].Who != who.Who || k[0].Why != who.Why || k[0].N != e.N {
		t.Errorf("corrections %+v", k)
	}

	// Later sightings of what was merged are its own.
	again := inMail
	again.at, again.says = at(14, 9), []said{{kind: record.Quote, text: retold + " It will take until Friday.", org: "hsn", role: "spokesperson"}}
	other := shot{url: "https://herald.example/x", at: at(14, 10), day: day(11), says: []said{{kind: record.Quote, text: retold, org: "hsn"}}}
	if a := add(t, c, again, other); a.Statements != 0 || a.Sightings != 1 || a.Wordings != 1 {
		t.Errorf("Added = %+v, want a wording and a sighting", a)
	}
	shots = append(shots, again, other)
	want := export(t, c)
	noError(t, c.Close())
	rebuilt(t, store, shots, func(t *testing.T, order string, c catalogue.Catalogue) {
		if order == "in order" {
			same(t, "export after a rebuild "+order, export(t, c), want)
		}
		same(t, "ids after a rebuild "+order, ids(t, c), idsOf(want))
		same(t, "corrections after a rebuild "+order, statement(t, c, own).Corrections, got.Corrections)
		movedTo(t, c, mail, own)
	})
}

func (s suite) splitByHand(t *testing.T) {
	ctx, store := context.Background(), s.fresh(t)
	c := store.Open(t)
	shots := []shot{ownPage, echo}
	add(t, c, shots...)
	own := holding(t, c, outage).ID
	made, err := c.Split(ctx, own, []record.Place{{Page: record.PageID(echo.url)}}, who)
	noError(t, err)
	same(t, "pages of what stays", pages(statement(t, c, own)), []string{ownPage.url})
	same(t, "pages of what left", pages(statement(t, c, made)), []string{echo.url})
	if want := catalogue.Mint(echo.url, record.Quote, outage); made != want {
		t.Errorf("new id %s, want %s, minted from the first sighting that left", made, want)
	}
	if kind := statement(t, c, made).Kind; kind != record.Quote {
		t.Errorf("the part is drawn as %s, want quote", kind)
	}
	e, line := lastEdit(t, c)
	if e.Action != "statement.split" || e.Target != string(own) || line.Other != made || len(line.Places) != 1 || line.Places[0].URL != echo.url || strings.Contains(e.Value, "fault") {
		t.Errorf("edit log %+v", e)
	}
	for _, id := range []record.ID{own, made} {
		if k := statement(t, c, id).Corrections; len(k) != 1 || k[0].Kind != record.SplitByHand || k[0].Other != made {
			t.Errorf("corrections of %s: %+v", id, k)
		}
	}
	log, err := c.Changes(ctx, record.Position{}, 100)
	noError(t, err)
	var splits [][2]string
	for _, x := range log {
		if x.Kind == record.Split {
			splits = append(splits, [2]string{string(x.Statement), x.Subject})
		}
	}
	same(t, "changes of the split", splits, [][2]string{{string(own), string(made)}, {string(made), string(own)}})

	// Reading the pages again, changed or not, does not bring them together, and
	// neither do whole statements and sightings elsewhere.
	changed := ownPage
	changed.at, changed.says = at(14, 9), []said{{kind: record.Release, text: outage + " Thank you for bearing with us.", org: "hsn"}}
	elsewhere := shot{url: "https://herald.example/x", at: at(14, 10), day: day(11), says: []said{{kind: record.Quote, text: outage, org: "hsn"}}}
	more := []shot{laterEcho, changed, elsewhere, {url: echo.url, at: at(14, 12), day: day(11), says: echo.says}}
	if a := add(t, c, more...); a.Statements != 0 || a.Sightings != 1 {
		t.Errorf("Added = %+v, want the sighting elsewhere and no statement", a)
	}
	if n := len(everything(t, c)); n != 2 {
		t.Errorf("%d statements, want 2", n)
	}
	shots = append(shots, more...)
	want, groupsThen := export(t, c), groups(t, c)
	noError(t, c.Close())
	rebuilt(t, store, shots, func(t *testing.T, order string, c catalogue.Catalogue) {
		if order == "in order" {
			same(t, "export after a rebuild "+order, export(t, c), want)
		}
		same(t, "ids after a rebuild "+order, ids(t, c), idsOf(want))
		same(t, "groups after a rebuild "+order, groups(t, c), groupsThen)
		a := add(t, c, shot{url: "https://herald.example/" + strings.ReplaceAll(order, " ", "-"), at: at(15, 9), day: day(11), says: elsewhere.says})
		if n := len(everything(t, c)); a.Sightings != 1 || n != 2 {
			t.Errorf("after a rebuild %s, Added = %+v and %d statements; want one sighting, two statements", order, a, n)
		}
	})
}

// splitReread reads the pages again with a better reader, which finds other
// words and a name: what was split stays split, what was merged stays merged.
func (s suite) splitReread(t *testing.T) {
	ctx, store := context.Background(), s.fresh(t)
	c := store.Open(t)
	add(t, c, ownPage, echo, inMail)
	own, mail := holding(t, c, outage).ID, holding(t, c, retold).ID
	made, err := c.Split(ctx, own, []record.Place{{Page: record.PageID(echo.url)}}, who)
	noError(t, err)
	noError(t, c.Merge(ctx, mail, own, who))
	noError(t, c.Attribute(ctx, made, &record.Attribution{Speaker: record.Speaker{Name: "Orla Hennessy", Org: "ucm", OrgName: "UCM"}}, who))
	noError(t, c.Close())
	better := func(x shot) shot {
		q := x.says[0]
		q.name, q.text = "Ida Marsh", strings.TrimSuffix(q.text, " People with an appointment should attend unless they are told otherwise.")
		q.text = strings.TrimSuffix(q.text, ", the service told us in an email.")
		x.says = []said{q}
		return x
	}
	rebuilt(t, store, []shot{ownPage, better(echo), better(inMail)}, func(t *testing.T, order string, c catalogue.Catalogue) {
		got := statement(t, c, made)
		same(t, "pages of what was split off, "+order, pages(got), []string{echo.url})
		same(t, "pages of the rest, "+order, pages(statement(t, c, own)), []string{ownPage.url, inMail.url})
		if got.Speaker.Name != "Orla Hennessy" || got.Sightings[0].Speaker.Name != "Ida Marsh" {
			t.Errorf("%s: speaker %+v, its page says %+v", order, got.Speaker, got.Sightings[0].Speaker)
		}
	})
}

func (s suite) splitVersions(t *testing.T) {
	ctx, store := context.Background(), s.fresh(t)
	c := store.Open(t)
	gap := shot{url: echo.url, at: at(14, 9), day: day(11)} // the page without the words
	back := echo
	back.at = at(15, 9)
	both := shot{url: "https://courier.example/both", at: at(12, 12), day: day(11), says: []said{
		{kind: record.Quote, text: firstHalf, org: "hsn"}, {kind: record.Quote, text: lastHalf, org: "hsn"},
	}}
	shots := []shot{ownPage, echo, laterEcho, gap, back, both}
	add(t, c, shots...)
	own := holding(t, c, outage).ID
	if n := len(everything(t, c)); n != 1 {
		t.Fatalf("%d statements, want 1: the case says nothing", n)
	}
	made, err := c.Split(ctx, own, []record.Place{{Page: record.PageID(echo.url)}, {Page: record.PageID(both.url), Words: strings.ToUpper(lastHalf) + "!"}}, who)
	noError(t, err)
	same(t, "pages of what stays", pages(statement(t, c, own)), []string{ownPage.url, both.url})
	if got := statement(t, c, made); len(got.Wordings) != 3 || len(got.Sightings) != 4 {
		t.Errorf("what left has %d wordings and %d sightings, want 3 and 4", len(got.Wordings), len(got.Sightings))
	}
	same(t, "wordings of what stays", wordings(statement(t, c, own)), []string{outage, firstHalf})

	// An older capture lays the page out anew from its readings, which are older
	// than the split.
	between := echo
	between.at = at(12, 15)
	old := shot{url: both.url, at: at(12, 10), day: day(11), says: both.says[:1]}
	shots = append(shots, between, old)
	add(t, c, between, old)
	same(t, "pages of what stays after an older capture", pages(statement(t, c, own)), []string{ownPage.url, both.url})
	if got := statement(t, c, made); len(got.Sightings) != 4 || slices.Contains(pages(got), ownPage.url) {
		t.Errorf("what left stands on %v after an older capture", pages(got))
	}
	want := groups(t, c)
	noError(t, c.Close())
	rebuilt(t, store, shots, func(t *testing.T, order string, c catalogue.Catalogue) {
		same(t, "groups after a rebuild "+order, groups(t, c), want)
	})
}

func wordings(s record.Statement) []string {
	var out []string
	for _, w := range s.Wordings {
		out = append(out, w.Text)
	}
	return out
}

func (s suite) splitAgain(t *testing.T) {
	ctx, store := context.Background(), s.fresh(t)
	c := store.Open(t)
	add(t, c, ownPage, echo)
	own := holding(t, c, outage).ID
	place := []record.Place{{Page: record.PageID(echo.url)}}
	var given []record.ID
	for range 3 {
		made, err := c.Split(ctx, own, place, who)
		noError(t, err)
		if slices.Contains(given, made) {
			t.Fatalf("id %s was given twice", made)
		}
		given = append(given, made)
		noError(t, c.Merge(ctx, made, own, who))
		movedTo(t, c, made, own)
	}
	// Merged again by hand, they are not kept apart any longer.
	if got := statement(t, c, own); len(got.Sightings) != 2 || len(got.Wordings) != 1 || len(got.Corrections) != 6 {
		t.Errorf("%d sightings, %d wordings, %d corrections; want 2, 1, 6", len(got.Sightings), len(got.Wordings), len(got.Corrections))
	}
	made, err := c.Split(ctx, own, place, who)
	noError(t, err)
	noError(t, c.Merge(ctx, own, made, who)) // the other way about
	want := export(t, c)
	noError(t, c.Close())
	rebuilt(t, store, []shot{ownPage, echo}, func(t *testing.T, order string, c catalogue.Catalogue) {
		same(t, "export after a rebuild "+order, export(t, c), want)
		for _, id := range append(given, own) {
			movedTo(t, c, id, made)
		}
	})
}

// splitUpdates parts two updates of one page that are the same in every word.
func (s suite) splitUpdates(t *testing.T) {
	ctx, store := context.Background(), s.fresh(t)
	c := store.Open(t)
	stamp := func(h int) record.Instant { return record.At(at(11, h), record.FromUpdate) }
	const words = "We are still working on paper, and repeat prescriptions ordered today will be ready on the next day."
	page := shot{url: "https://hillside.example/outage", at: at(11, 18), day: day(11), kind: record.RollingUpdates, says: []said{
		{kind: record.Release, text: words, org: "hill", day: stamp(16)}, {kind: record.Release, text: words, org: "hill", day: stamp(9)},
	}}
	add(t, c, page)
	all := everything(t, c)
	noError(t, c.Merge(ctx, all[1].ID, all[0].ID, who))
	both := statement(t, c, all[0].ID)
	if len(both.Sightings) != 2 {
		t.Fatalf("%d sightings, want 2", len(both.Sightings))
	}
	for _, x := range both.Sightings {
		if x.Said.Time.Equal(stamp(16).Time) {
			made, err := c.Split(ctx, both.ID, []record.Place{{Key: catalogue.Key(&x)}}, who)
			noError(t, err)
			if got := statement(t, c, made); len(got.Sightings) != 1 || !got.Said.Time.Equal(x.Said.Time) {
				t.Errorf("what left: %+v", got)
			}
		}
	}
	want := export(t, c)
	noError(t, c.Close())
	rebuilt(t, store, []shot{page}, func(t *testing.T, order string, c catalogue.Catalogue) {
		same(t, "export after a rebuild "+order, export(t, c), want)
	})
}

func (s suite) attributed(t *testing.T) {
	ctx, store := context.Background(), s.fresh(t)
	c := store.Open(t)
	shots := []shot{ownPage, {url: echo.url, at: echo.at, day: echo.day, says: []said{{kind: record.Quote, text: outage, org: "hsn", name: "Ida Marsh"}}}}
	add(t, c, shots...)
	id := holding(t, c, outage).ID
	drawn := statement(t, c, id)
	set := record.Attribution{Speaker: record.Speaker{Name: "Orla Hennessy", Title: "Dr", Role: "chair", Org: "ucm", OrgName: "UCM"}}
	noError(t, c.Attribute(ctx, id, &set, who))
	got := statement(t, c, id)
	if got.Speaker != set.Speaker || got.Person != catalogue.PersonOf(set.Speaker) || got.Confidence != 1 || len(got.JointWith) != 0 {
		t.Errorf("speaker %+v, person %s, confidence %v", got.Speaker, got.Person, got.Confidence)
	}
	for i, x := range got.Sightings {
		if x.Speaker != drawn.Sightings[i].Speaker {
			t.Errorf("sighting on %s now says %+v", x.CanonicalURL, x.Speaker)
		}
	}
	if k := got.Attributed(); k == nil || k.Who != who.Who || k.Why != who.Why || k.At.IsZero() || k.Was == nil || k.Was.Speaker != drawn.Speaker {
		t.Errorf("attribution %+v", k)
	}
	if list, err := c.People(ctx, "", "", 10); err != nil || len(list) != 1 || list[0].Name != "Orla Hennessy" {
		t.Errorf("people %+v, %v; want the one on record", list, err)
	}
	if k := kinds(t, c); k[len(k)-1] != record.Corrected {
		t.Errorf("changes %v, want a correction at the end", k)
	}

	// Pages that say what was said before, and pages that say it right, carry it.
	later := []shot{
		{url: "https://herald.example/x", at: at(13, 9), day: day(11), says: []said{{kind: record.Quote, text: outage, org: "hsn", name: "Ida Marsh", role: "medical director"}}},
		{url: "https://courier.example/y", at: at(13, 10), day: day(11), says: []said{{kind: record.Quote, text: outage, org: "ucm", name: "Orla Hennessy"}}},
	}
	if a := add(t, c, later...); a.Statements != 0 || a.Sightings != 2 {
		t.Errorf("Added = %+v, want two sightings", a)
	}
	shots = append(shots, later...)
	if now := statement(t, c, id).Speaker; now != set.Speaker {
		t.Errorf("speaker %+v after later sightings", now)
	}
	// A second attribution goes before the first; taken back, the sightings count.
	unnamed := record.Attribution{Speaker: record.Speaker{Role: "spokesperson", Org: "hsn", OrgName: "HSN"}, JointWith: []record.Speaker{{Org: "ucm", OrgName: "UCM"}}}
	noError(t, c.Attribute(ctx, id, &unnamed, who))
	if now := statement(t, c, id); now.Speaker != unnamed.Speaker || now.Person != "" || len(now.JointWith) != 1 {
		t.Errorf("attributed again: %+v and %+v", now.Speaker, now.JointWith)
	}
	noError(t, c.Attribute(ctx, id, nil, who))
	if now := statement(t, c, id); now.Attributed() != nil || now.Speaker.Name != "Ida Marsh" || len(now.Corrections) != 3 {
		t.Errorf("taken back: %+v, %d corrections", now.Speaker, len(now.Corrections))
	}
	noError(t, c.Attribute(ctx, id, &set, who))
	want := export(t, c)
	noError(t, c.Close())
	rebuilt(t, store, shots, func(t *testing.T, order string, c catalogue.Catalogue) {
		if order == "in order" {
			same(t, "export after a rebuild "+order, export(t, c), want)
		}
		if now := statement(t, c, id); now.Speaker != set.Speaker || len(now.Corrections) != 4 || len(now.Sightings) != 4 {
			t.Errorf("after a rebuild %s: %+v, %d corrections, %d sightings", order, now.Speaker, len(now.Corrections), len(now.Sightings))
		}
	})
}

func (s suite) splitMarked(t *testing.T) {
	ctx, c := context.Background(), s.open(t)
	from := s.open(t)
	add(t, from, ownPage, echo)
	rows := everything(t, from)
	rows[0].Mark, rows[0].Tags = "embargoed", []string{"outage"}
	_, err := c.Adopt(ctx, rowCapture(), rows)
	noError(t, err)
	made, err := c.Split(ctx, rows[0].ID, []record.Place{{Page: record.PageID(echo.url)}}, who)
	noError(t, err)
	if got := statement(t, c, made); got.Mark != "embargoed" || !slices.Equal(got.Tags, []string{"outage"}) {
		t.Errorf("the part has mark %q and tags %v", got.Mark, got.Tags)
	}
}

func (s suite) refusedCorrections(t *testing.T) {
	ctx, c := context.Background(), s.open(t)
	add(t, c, ownPage, echo, inMail, laterEcho)
	own, mail := holding(t, c, outage).ID, holding(t, c, retold).ID
	page := func(x shot) []record.Place { return []record.Place{{Page: record.PageID(x.url)}} }
	made, err := c.Split(ctx, own, page(echo), who)
	noError(t, err)
	noError(t, c.Merge(ctx, mail, own, who))
	before, log := export(t, c), kinds(t, c)
	e, _ := lastEdit(t, c)
	speaker := &record.Attribution{Speaker: record.Speaker{Name: "Ida Marsh"}}
	split := func(id record.ID, places ...record.Place) error { _, err := c.Split(ctx, id, places, who); return err }
	for name, tt := range map[string]struct {
		err, kind error
		says      string
	}{
		"merge of an unknown one":           {c.Merge(ctx, "st_none", own, who), record.ErrNotFound, "st_none"},
		"merge into an unknown one":         {c.Merge(ctx, own, "st_none", who), record.ErrNotFound, "st_none"},
		"merge with itself":                 {c.Merge(ctx, own, own, who), record.ErrInvalid, "itself"},
		"merge of what is one":              {c.Merge(ctx, mail, own, who), record.ErrExists, string(own)},
		"split of an unknown one":           {split("st_none", page(echo)...), record.ErrNotFound, "st_none"},
		"split without a place":             {split(own), record.ErrInvalid, "name"},
		"split of all":                      {split(own, page(ownPage)[0], page(inMail)[0]), record.ErrInvalid, "stay"},
		"split of a page it is not on":      {split(own, page(laterEcho)...), record.ErrNotFound, string(record.PageID(echo.url))},
		"split of words that nobody says":   {split(own, record.Place{Page: record.PageID(ownPage.url), Words: "nobody says it"}), record.ErrNotFound, "these words"},
		"split of what was split off":       {split(own, record.Place{Page: record.PageID(echo.url), Words: outage}), record.ErrStale, string(made)},
		"attribution of an unknown one":     {c.Attribute(ctx, "st_none", speaker, who), record.ErrNotFound, "st_none"},
		"one of two places is not there":    {split(own, page(inMail)[0], page(echo)[0]), record.ErrNotFound, "no sighting"},
		"an id that was merged, in a merge": {c.Merge(ctx, made, mail, who), nil, string(own)},
		"an id that was merged, in a split": {split(mail, page(inMail)...), nil, string(own)},
		"an id that was merged, attributed": {c.Attribute(ctx, mail, speaker, who), nil, string(own)},
	} {
		var moved *record.Moved
		switch {
		case tt.err == nil || !strings.Contains(tt.err.Error(), tt.says):
			t.Errorf("%s: %v, want it to say %q", name, tt.err, tt.says)
		case tt.kind == nil && (!errors.As(tt.err, &moved) || moved.From != mail || moved.To != own):
			t.Errorf("%s: %v, want %s moved to %s", name, tt.err, mail, own)
		case tt.kind != nil:
			wants(t, tt.err, tt.kind)
		}
	}
	same(t, "the record after refusals", export(t, c), before)
	same(t, "the change log after refusals", kinds(t, c), log)
	if last, _ := lastEdit(t, c); last.N != e.N {
		t.Errorf("line %d in the edit log after refusals", last.N)
	}
}

func (s suite) adoptCorrected(t *testing.T) {
	ctx, from := context.Background(), s.open(t)
	add(t, from, ownPage, echo, inMail)
	old := everything(t, from)
	own, mail := holding(t, from, outage).ID, holding(t, from, retold).ID
	set := record.Attribution{Speaker: record.Speaker{Name: "Orla Hennessy", Org: "ucm", OrgName: "UCM"}}
	noError(t, from.Attribute(ctx, own, &set, who))
	made, err := from.Split(ctx, own, []record.Place{{Page: record.PageID(echo.url)}}, who)
	noError(t, err)
	want := groups(t, from)

	// Rows from before the split, and rows of our own, undo nothing.
	_, err = from.Adopt(ctx, rowCapture(), old)
	noError(t, err)
	same(t, "groups after rows from before the split", groups(t, from), want)
	log := kinds(t, from)
	_, err = from.Adopt(ctx, rowCapture(), everything(t, from))
	noError(t, err)
	same(t, "the change log after our own rows", kinds(t, from), log)

	// Elsewhere the rows are what they were here.
	rows := everything(t, from)
	for i := range rows {
		for j := range rows[i].Sightings {
			rows[i].Sightings[j].Imported = true
		}
		for j := range rows[i].Corrections {
			rows[i].Corrections[j].Imported = true
		}
	}
	store := s.fresh(t)
	c := store.Open(t)
	_, err = c.Adopt(ctx, rowCapture(), rows)
	noError(t, err)
	same(t, "adopted rows", everything(t, c), rows)
	// What was decided here goes before what came along, and stands over a rebuild.
	mine := record.Attribution{Speaker: record.Speaker{Role: "spokesperson", Org: "hsn", OrgName: "HSN"}}
	noError(t, c.Attribute(ctx, own, &mine, who))
	noError(t, c.Merge(ctx, mail, made, who))
	left, err := c.Split(ctx, made, []record.Place{{Page: record.PageID(inMail.url)}}, who)
	noError(t, err)
	want, wantRows := groups(t, c), export(t, c)
	noError(t, c.Close())
	store.Rebuild(t, func(ctx context.Context, c catalogue.Catalogue) error {
		_, err := c.Adopt(ctx, rowCapture(), rows)
		return err
	})
	c = store.Open(t)
	defer func() { noError(t, c.Close()) }()
	same(t, "groups of rows after a rebuild", groups(t, c), want)
	same(t, "rows after a rebuild", export(t, c), wantRows)
	if got := statement(t, c, own).Speaker; got != mine.Speaker {
		t.Errorf("speaker %+v, want the one set here", got)
	}
	movedTo(t, c, mail, made)
	statement(t, c, left)
}

// anyCorrections draws captures with corrections between them: no sighting is
// lost, what was split is never one, and a rebuild has the same ids and groups.
func (s suite) anyCorrections(t *testing.T) {
	draw(t, func(rt *rapid.T) {
		store := s.fresh(t)
		c := store.Open(t)
		var shots []shot
		var apart [][2]record.ID
		for range rapid.IntRange(1, 4).Draw(rt, "rounds") {
			// In order of time: a rebuild reads the archive in that order.
			for _, x := range drawShots(rt) {
				x.at = at(11, 0).AddDate(0, 0, len(shots))
				shots = append(shots, x)
				add(rt, c, x)
			}
			if n := len(stillTwo(rt, c, apart)); n != len(apart) {
				rt.Fatalf("%d of %d pairs that were split are one again", len(apart)-n, len(apart))
			}
			apart = stillTwo(rt, c, append(apart, correctAny(rt, c)...))
		}
		want, ids := groups(rt, c), ids(rt, c)
		s.invariants(rt, c, shots)
		noError(rt, c.Close())
		store.Rebuild(t, func(ctx context.Context, c catalogue.Catalogue) error { return addAll(ctx, c, shots) })
		c = store.Open(t)
		defer func() { noError(rt, c.Close()) }()
		same(rt, "groups after a rebuild", groups(rt, c), want)
		same(rt, "ids after a rebuild", idsOf(export(rt, c)), ids)
	})
}

// stillTwo are the pairs whose ids do not lead to one statement.
func stillTwo(t tb, c catalogue.Reader, pairs [][2]record.ID) [][2]record.ID {
	t.Helper()
	var out [][2]record.ID
	for _, p := range pairs {
		to, err := c.Moved(context.Background(), p[:])
		noError(t, err)
		now := p
		for i, id := range p {
			if next, moved := to[id]; moved {
				now[i] = next
			}
		}
		if now[0] != now[1] {
			out = append(out, p)
		}
	}
	return out
}

// correctAny makes one drawn correction, and gives the pair that a split made.
func correctAny(rt *rapid.T, c catalogue.Catalogue) [][2]record.ID {
	ctx := context.Background()
	all := everything(rt, c)
	if len(all) == 0 {
		return nil
	}
	x := rapid.SampledFrom(all).Draw(rt, "statement")
	switch rapid.SampledFrom([]string{"merge", "split", "attribute"}).Draw(rt, "correction") {
	case "merge":
		if y := rapid.SampledFrom(all).Draw(rt, "into"); y.ID != x.ID {
			noError(rt, c.Merge(ctx, x.ID, y.ID, who))
		}
	case "split":
		y := rapid.SampledFrom(x.Sightings).Draw(rt, "sighting")
		made, err := c.Split(ctx, x.ID, []record.Place{{Page: y.Page, Words: y.Words}}, who)
		if errors.Is(err, record.ErrInvalid) {
			return nil // it was the only one
		}
		noError(rt, err)
		return [][2]record.ID{{x.ID, made}}
	default:
		noError(rt, c.Attribute(ctx, x.ID, &record.Attribution{Speaker: record.Speaker{Name: rapid.SampledFrom([]string{"Ida Marsh", "Orla Hennessy", ""}).Draw(rt, "name"), Org: "hsn"}}, who))
	}
	return nil
}

func (s suite) dated(t *testing.T) {
	ctx, store := context.Background(), s.fresh(t)
	c := store.Open(t)
	shots := []shot{ownPage, echo}
	add(t, c, shots...)
	id := holding(t, c, outage).ID
	was := statement(t, c, id).Said
	set := record.OnDay(2025, 2, 20, record.FromEditor)
	noError(t, c.Date(ctx, id, &set, who))
	got := statement(t, c, id)
	if k := got.Dated(); !got.Said.Time.Equal(set.Time) || got.Said.Basis != record.FromEditor || k == nil || k.Who != who.Who || k.Why != who.Why || k.SaidWas == nil || !k.SaidWas.Time.Equal(was.Time) {
		t.Errorf("said %+v, correction %+v", got.Said, k)
	}
	if k := kinds(t, c); k[len(k)-1] != record.Corrected {
		t.Errorf("changes %v, want a correction at the end", k)
	}
	if e, line := lastEdit(t, c); e.Action != "statement.date" || e.Target != string(id) || line.Said == nil {
		t.Errorf("edit log %+v", e)
	}
	// A page that gives the old day, three weeks from the new one, carries it.
	later := shot{url: "https://herald.example/x", at: at(13, 9), day: day(11), says: []said{{kind: record.Quote, text: outage, org: "hsn"}}}
	if a := add(t, c, later); a.Statements != 0 || a.Sightings != 1 {
		t.Errorf("Added = %+v, want a sighting", a)
	}
	shots = append(shots, later)
	want := export(t, c)
	noError(t, c.Close())
	rebuilt(t, store, shots, func(t *testing.T, order string, c catalogue.Catalogue) {
		if now := statement(t, c, id); !now.Said.Time.Equal(set.Time) || len(now.Sightings) != 3 {
			t.Errorf("%s: said %s on %d sightings, want %s on 3", order, now.Said, len(now.Sightings), set)
		}
		if order == "in order" {
			same(t, "export after a rebuild", export(t, c), want)
		}
		other := s.open(t)
		rows := everything(t, c)
		_, err := other.Adopt(ctx, rowCapture(), rows)
		noError(t, err)
		if now := statement(t, other, id); !now.Said.Time.Equal(set.Time) {
			t.Errorf("%s: the date did not travel with the row: %s", order, now.Said)
		}
	})
	c = store.Open(t)
	noError(t, c.Date(ctx, id, nil, who))
	if now := statement(t, c, id); now.Dated() != nil || !now.Said.Time.Equal(was.Time) || len(now.Corrections) != 2 {
		t.Errorf("taken back: said %+v, %d corrections", now.Said, len(now.Corrections))
	}
	wants(t, c.Date(ctx, "st_none", &set, who), record.ErrNotFound)
	noError(t, c.Close())
}
