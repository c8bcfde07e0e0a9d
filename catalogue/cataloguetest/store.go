package cataloguetest

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"onrecord/catalogue"
	"onrecord/record"
)

var edited = strings.Replace(outage, " Surgeries are using paper notes, and phone lines are open as usual.", "", 1) + " We will update this page at 5pm."

// editedPage is ownPage after one sentence was taken out and one added.
func editedPage() shot {
	x := ownPage
	x.at = at(12, 9)
	x.says = []said{{kind: record.Release, text: edited, org: "hsn"}}
	return x
}

func (s suite) twice(t *testing.T) {
	c := s.open(t)
	first := add(t, c, ownPage, echo)
	same(t, "the first Added", first, record.Added{Captures: 2, Pages: 2, Statements: 1, Sightings: 1})
	before, log := export(t, c), kinds(t, c)
	same(t, "the second Added", add(t, c, ownPage, echo), record.Added{})
	same(t, "the export", export(t, c), before)
	same(t, "the change log", kinds(t, c), log)

	// The same page an hour later: one more capture, seen later, nothing new.
	again := ownPage
	again.at = at(11, 10)
	same(t, "Added of a later capture", add(t, c, again), record.Added{Captures: 1})
	got := everything(t, c)[0]
	if got.Sightings[0].LastSeen != again.at || got.Wordings[0].Last != echo.at {
		t.Errorf("last seen %s, wording %s; want %s, %s", got.Sightings[0].LastSeen, got.Wordings[0].Last, again.at, echo.at)
	}
	v, err := c.Versions(context.Background(), record.PageID(ownPage.url))
	noError(t, err)
	if len(v) != 1 || len(v[0].Captures) != 2 {
		t.Errorf("%d versions, want one with two captures", len(v))
	}
	same(t, "the change log", kinds(t, c), log)
}

func (s suite) changed(t *testing.T) {
	c := s.open(t)
	add(t, c, ownPage)
	id := everything(t, c)[0].ID
	same(t, "Added", add(t, c, editedPage()), record.Added{Captures: 1, Versions: 1, Wordings: 1})
	got, err := c.Statement(context.Background(), id)
	noError(t, err)
	if got.Status != record.Updated || got.Text != edited || len(got.Wordings) != 2 || len(got.Sightings) != 2 {
		t.Errorf("status %s, %d wordings, %d sightings, words %.80q; want updated, 2, 2 and the new words", got.Status, len(got.Wordings), len(got.Sightings), got.Text)
	}
	if w := got.Wordings[0]; w.Text != outage || w.Stands || w.Front || w.N != 1 {
		t.Errorf("earlier wording %+v, want it kept, not standing", w)
	}
	if x := got.Sightings[0]; x.Words != outage || !x.Gone.Equal(at(12, 9)) || x.Version != 1 {
		t.Errorf("earlier sighting %+v, want it gone with the second capture", x)
	}
	if x := got.Sightings[1]; x.Words != edited || !x.Gone.IsZero() || x.Version != 2 {
		t.Errorf("later sighting %+v, want it to stand in version 2", x)
	}
	v, err := c.Versions(context.Background(), got.Sightings[0].Page)
	noError(t, err)
	if len(v) != 2 || !strings.Contains(strings.Join(v[1].AddedText, " "), "5pm") || !strings.Contains(strings.Join(v[1].RemovedText, " "), "paper notes") {
		t.Errorf("versions %+v, want the sentences added and removed", v)
	}
	for _, k := range []record.ChangeKind{record.VersionAdded, record.WordingAdded, record.StatusChanged} {
		if !slices.Contains(kinds(t, c), k) {
			t.Errorf("changes %v lack %s", kinds(t, c), k)
		}
	}
	// An outlet that quotes the sentence that was taken out quotes this statement.
	a := add(t, c, shot{url: "https://echo.example/old", at: at(13, 9), day: day(12), says: []said{{kind: record.Quote, org: "hsn", text: "Surgeries are using paper notes, and phone lines are open as usual."}}})
	same(t, "Added of a quote of the earlier wording", a, record.Added{Captures: 1, Pages: 1, Sightings: 1, Wordings: 1})
}

func (s suite) withdrawn(t *testing.T) {
	c := s.open(t)
	add(t, c, ownPage, echo)
	gone := ownPage
	gone.at, gone.says = at(13, 9), nil
	same(t, "Added", add(t, c, gone), record.Added{Captures: 1, Versions: 1, Gone: 1})
	got := everything(t, c)[0]
	if got.Status != record.Withdrawn || got.Text != outage || len(got.Sightings) != 2 {
		t.Errorf("status %s, words %.40q, %d sightings; want withdrawn and nothing lost", got.Status, got.Text, len(got.Sightings))
	}
}

func (s suite) returns(t *testing.T) {
	c := s.open(t)
	gone, back := ownPage, ownPage
	gone.at, gone.says, back.at = at(13, 9), nil, at(14, 9)
	add(t, c, ownPage)
	id := everything(t, c)[0].ID
	add(t, c, gone, back)
	all := everything(t, c)
	if len(all) != 1 || all[0].ID != id || all[0].Status != record.Updated && all[0].Status != record.Current || len(all[0].Sightings) != 2 {
		t.Errorf("%d statements, %+v; want the first one with two sightings, standing again", len(all), all)
	}
	v, err := c.Versions(context.Background(), record.PageID(ownPage.url))
	noError(t, err)
	if len(v) != 3 {
		t.Errorf("%d versions, want 3", len(v))
	}
}

func (s suite) outOfOrder(t *testing.T) {
	third, fourth := ownPage, ownPage
	third.at, third.says = at(13, 9), append(slices.Clone(ownPage.says), said{kind: record.Release, text: "A helpline for patients and carers is now open day and night.", org: "hsn"})
	fourth.at = at(14, 9)
	shots := []shot{ownPage, editedPage(), third, fourth}
	inOrder := s.open(t)
	add(t, inOrder, shots...)
	want := groups(t, inOrder)
	for _, order := range [][]int{{3, 2, 1, 0}, {0, 3, 1, 2}, {1, 0, 3, 2}, {0, 2, 3, 1}} {
		c := s.open(t)
		for _, i := range order {
			add(t, c, shots[i])
		}
		same(t, fmt.Sprintf("groups in order %v", order), groups(t, c), want)
		v, err := c.Versions(context.Background(), record.PageID(ownPage.url))
		noError(t, err)
		if len(v) != 4 || v[1].Captured != at(12, 9) || v[1].N != 2 {
			t.Errorf("order %v: %d versions, want 4 in time", order, len(v))
		}
		got := holding(t, c, edited)
		if got.Status != record.Updated || got.Text != outage {
			t.Errorf("order %v: status %s, words in front %.60q; want updated and the words that stand", order, got.Status, got.Text)
		}
	}
}

func (s suite) drawn(t *testing.T) {
	c := s.open(t)
	live := record.At(at(11, 7), record.FromUpdate)
	add(t, c,
		shot{url: "https://courier.example/live", at: at(11, 12), day: day(12), says: []said{{kind: record.Quote, text: firstHalf, org: "hsn", day: live}}},
		ownPage,
		shot{url: "https://echo.example/who", at: at(12, 12), day: day(12), says: []said{{kind: record.Quote, text: outage, org: "hsn", name: "Ida Marsh", role: "medical director"}}})
	got := everything(t, c)
	if len(got) != 1 {
		t.Fatalf("%d statements, want 1", len(got))
	}
	x := got[0]
	if x.Kind != record.Release || x.Speaker.Name != "Ida Marsh" || x.Person == "" || !x.Said.Time.Equal(live.Time) || x.Published.Day() != "2025-03-11" || !x.FirstSeen.Equal(at(11, 9)) || x.Text != outage {
		t.Errorf("drawn %+v; want a release by Ida Marsh, said %s, published 11 March, first seen at 09:00", x, live)
	}
	if !slices.Contains(kinds(t, c), record.AttributeChanged) {
		t.Errorf("changes %v, want an attribute to have changed", kinds(t, c))
	}
}

func (s suite) adopt(t *testing.T) {
	from := s.open(t)
	fill(t, from)
	rows := everything(t, from)
	for i := range rows {
		for j := range rows[i].Sightings {
			rows[i].Sightings[j].Imported = true
		}
	}
	rows[0].Mark, rows[0].Tags = "disputed", []string{"outage"}
	store := s.fresh(t)
	to := store.Open(t)
	c := rowCapture()
	first, err := to.Adopt(context.Background(), c, rows)
	noError(t, err)
	if first.Statements != len(rows) {
		t.Errorf("Added = %+v, want %d statements", first, len(rows))
	}
	same(t, "adopted statements", everything(t, to), rows)
	log := kinds(t, to)
	again, err := to.Adopt(context.Background(), c, rows)
	noError(t, err)
	same(t, "Added of the same rows again", again, record.Added{})
	same(t, "the change log after the same rows again", kinds(t, to), log)
	noError(t, to.Close())

	store.Rebuild(t, func(ctx context.Context, c catalogue.Catalogue) error {
		_, err := c.Adopt(ctx, rowCapture(), rows)
		return err
	})
	to = store.Open(t)
	same(t, "adopted statements after a rebuild", everything(t, to), rows)

	// What is captured here afterwards joins the rows, and the other way about.
	a := add(t, to, shot{url: "https://herald.example/x", at: at(20, 9), day: day(12), says: []said{{kind: record.Quote, text: firstHalf, org: "hsn"}}})
	if a.Sightings != 1 || a.Statements != 0 {
		t.Errorf("Added = %+v for words of an adopted row, want a sighting", a)
	}
	noError(t, to.Close())
	theirs := rows[0]
	theirs.ID = "st_00000000000000000000000000"
	mine := s.open(t)
	fill(t, mine)
	_, err = mine.Adopt(context.Background(), c, []record.Statement{theirs})
	noError(t, err)
	if got := len(everything(t, mine)); got != len(rows) {
		t.Errorf("%d statements after a row with the words and places of a known one, want %d", got, len(rows))
	}
}

func rowCapture() record.Capture {
	sha := strings.Repeat("ab", 32)
	return record.Capture{ID: record.CaptureID("file:rows.jsonl", at(30, 9), sha), URL: "file:rows.jsonl", At: at(30, 9), SHA256: sha, Via: "row"}
}

// world is a few days of pages with every kind of event in it.
func world() []shot {
	withdrawn := ownPage
	withdrawn.at, withdrawn.says = at(16, 9), nil
	return []shot{
		{url: "https://echo.example/a", at: at(11, 8), day: day(11), says: []said{{kind: record.Quote, text: firstHalf, org: "hsn", role: "spokesperson"}}},
		{url: "https://courier.example/b", at: at(11, 8), day: day(11), says: []said{{kind: record.Quote, text: lastHalf, org: "hsn", role: "spokesperson"}}},
		ownPage, echo, editedPage(),
		{url: "https://hsn.example/back", at: at(15, 9), day: day(14), kind: record.StatementPage, says: []said{{kind: record.Release, text: backOnline, org: "hsn"}}},
		{url: "https://ucm.example/r", at: at(12, 9), day: day(12), kind: record.PressRelease, says: []said{{kind: record.Release, text: "Tuesday was the hardest working day that most of our members can remember, and patients deserve to be told so.", org: "ucm", name: "Orla Hennessy", role: "chair"}}},
		{url: "https://echo.example/c", at: at(13, 9), day: day(12), says: []said{{kind: record.Fragment, text: "the hardest working day", org: "ucm", name: "Orla Hennessy"}, {kind: record.Declined, text: "declined to comment", org: "medlog"}}},
		withdrawn,
		// the same two words twice by one unknown speaker: one statement, also
		// when they are read again
		{url: "https://echo.example/twice", at: at(12, 9), day: day(12), says: []said{
			{kind: record.Fragment, role: "expert", text: "terrible snub"}, {kind: record.Fragment, role: "expert", text: "terrible snub"},
		}},
	}
}

func fill(t tb, c catalogue.Catalogue) { t.Helper(); add(t, c, world()...) }

func (s suite) rebuild(t *testing.T) {
	store := s.fresh(t)
	c := store.Open(t)
	fill(t, c)
	_, err := c.SetIncident(context.Background(), record.Incident{Slug: "outage", Name: "Outage"}, record.Edit{Who: "cli", Action: "incident.add"})
	noError(t, err)
	want, head := export(t, c), position(t, c)
	noError(t, c.Close())
	for name, order := range map[string]func([]shot){"in order": func([]shot) {}, "in another order": slices.Reverse[[]shot]} {
		store.Rebuild(t, func(ctx context.Context, c catalogue.Catalogue) error {
			shots := world()
			order(shots)
			for _, x := range shots {
				capture, page, found := x.parts()
				if _, err := c.Add(ctx, capture, page, found); err != nil {
					return err
				}
			}
			return nil
		})
		c = store.Open(t)
		if name == "in order" {
			same(t, "export after a rebuild "+name, export(t, c), want)
		}
		same(t, "ids after a rebuild "+name, ids(t, c), idsOf(want))
		now := position(t, c)
		if now.Epoch != head.Epoch+1 {
			t.Errorf("epoch %d after a rebuild, want %d", now.Epoch, head.Epoch+1)
		}
		_, err := c.Changes(context.Background(), head, 10)
		wants(t, err, record.ErrEpoch)
		list, err := c.Changes(context.Background(), record.Position{}, 1000)
		noError(t, err)
		for _, x := range list {
			if !x.Replayed {
				t.Errorf("change %+v of a rebuild is not marked replayed", x)
			}
		}
		if _, err := c.Incident(context.Background(), "outage"); err != nil {
			t.Errorf("the incident is gone: %v", err)
		}
		if e, err := c.Edits(context.Background(), 0, 10); err != nil || len(e) != 1 {
			t.Errorf("edit log after a rebuild: %v, %v", e, err)
		}
		// What comes after a rebuild is news again.
		a := add(t, c, shot{url: "https://herald.example/" + strings.ReplaceAll(name, " ", "-"), at: at(20, 9), day: day(12), says: []said{{kind: record.Quote, text: firstHalf, org: "hsn"}}})
		if a.Sightings != 1 {
			t.Errorf("Added = %+v after a rebuild, want a sighting", a)
		}
		head = position(t, c)
		last, err := c.Changes(context.Background(), record.Position{Epoch: head.Epoch, Seq: head.Seq - 1}, 10)
		noError(t, err)
		if len(last) != 1 || last[0].Replayed {
			t.Errorf("the last change %+v is marked replayed", last)
		}
		noError(t, c.Close())
	}
}

func position(t tb, c catalogue.Reader) record.Position {
	t.Helper()
	p, err := c.Head(context.Background())
	noError(t, err)
	return p
}

func ids(t tb, c catalogue.Reader) []string { return idsOf(export(t, c)) }

// idsOf cuts the ids out of an export.
func idsOf(export string) []string {
	var out []string
	for line := range strings.Lines(export) {
		_, rest, _ := strings.Cut(line, `"id":"`)
		id, _, _ := strings.Cut(rest, `"`)
		out = append(out, id)
	}
	return out
}

func (s suite) changes(t *testing.T) {
	c := s.open(t)
	if p := position(t, c); p.Seq != 0 || p.Epoch < 1 {
		t.Errorf("head of an empty catalogue %+v, want 0 of an epoch", p)
	}
	fill(t, c)
	head := position(t, c)
	seen := int64(0)
	for p := (record.Position{}); ; {
		list, err := c.Changes(context.Background(), p, 3)
		noError(t, err)
		if len(list) == 0 {
			break
		}
		for _, x := range list {
			if x.Seq != seen+1 || x.Epoch != head.Epoch || x.At.IsZero() || x.Replayed {
				t.Errorf("change %+v after number %d of epoch %d", x, seen, head.Epoch)
			}
			seen = x.Seq
			if x.Statement == "" && x.Kind != record.VersionAdded {
				t.Errorf("change %+v names no statement", x)
			}
		}
		p = list[len(list)-1].Position
	}
	if seen != head.Seq {
		t.Errorf("changes end at %d, head is %d", seen, head.Seq)
	}
	for _, p := range []record.Position{{Epoch: head.Epoch - 1, Seq: 1}, {Epoch: head.Epoch + 1}} {
		_, err := c.Changes(context.Background(), p, 10)
		wants(t, err, record.ErrEpoch)
	}
	n, err := c.Counts(context.Background())
	noError(t, err)
	all := everything(t, c)
	if n.Statements != len(all) || n.Position != head || n.Captures != len(world()) {
		t.Errorf("counts %+v, want %d statements, %d captures at %+v", n, len(all), len(world()), head)
	}
	noError(t, c.Check(context.Background()))
}

func (s suite) invalid(t *testing.T) {
	c := s.open(t)
	capture, page, found := ownPage.parts()
	_, extra, _ := echo.parts()
	for name, do := range map[string]func() error{
		"words that are not the page's": func() error { _, err := c.Add(context.Background(), capture, extra, found); return err },
		"a capture without a time": func() error {
			_, err := c.Add(context.Background(), record.Capture{ID: capture.ID, URL: capture.URL}, page, found)
			return err
		},
		"a row without an id": func() error { _, err := c.Adopt(context.Background(), rowCapture(), found); return err },
		"a row without sightings": func() error {
			_, err := c.Adopt(context.Background(), rowCapture(), []record.Statement{{ID: "st_1"}})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { wants(t, do(), record.ErrInvalid) })
	}
	n, err := c.Counts(context.Background())
	noError(t, err)
	same(t, "counts after what was refused", n, catalogue.Counts{Position: n.Position})
	cancelled, stop := context.WithCancel(context.Background())
	stop()
	if _, err := c.Add(cancelled, capture, page, found); err == nil {
		t.Error("Add with a cancelled context says that it recorded the capture")
	}
	same(t, "Added afterwards", add(t, c, ownPage), record.Added{Captures: 1, Pages: 1, Statements: 1})
	for _, id := range []record.ID{"", "st_none", "pg_none", "'; --"} {
		_, err := c.Statement(context.Background(), id)
		wants(t, err, record.ErrNotFound)
		_, err = c.Capture(context.Background(), id)
		wants(t, err, record.ErrNotFound)
		_, err = c.Versions(context.Background(), id)
		wants(t, err, record.ErrNotFound)
		_, err = c.Person(context.Background(), id)
		wants(t, err, record.ErrNotFound)
	}
}

func (s suite) unread(t *testing.T) {
	c := s.open(t)
	capture, page, found := ownPage.parts()
	for range 2 {
		noError(t, c.Unread(context.Background(), capture, "the body is empty"))
	}
	list, err := c.Unreadable(context.Background(), 10)
	noError(t, err)
	if len(list) != 1 || list[0].Reason != "the body is empty" || list[0].ID != capture.ID {
		t.Errorf("unreadable %+v, want the one capture with its reason", list)
	}
	got, err := c.CaptureBySHA(context.Background(), capture.SHA256)
	noError(t, err)
	same(t, "the capture", got, capture)
	// A better reader can read it after all.
	if a, err := c.Add(context.Background(), capture, page, found); err != nil || a.Statements != 1 {
		t.Errorf("Add of a capture that could not be read before: %+v, %v", a, err)
	}
	noError(t, c.Unread(context.Background(), capture, "never mind"))
	if list, err := c.Unreadable(context.Background(), 10); err != nil || len(list) != 0 {
		t.Errorf("unreadable %+v, %v; want none now", list, err)
	}
}

func (s suite) incidents(t *testing.T) {
	ctx, c := context.Background(), s.open(t)
	i := record.Incident{Slug: "outage-2025", Name: "Outage", Query: "paper", From: at(11, 0), To: at(15, 0), Orgs: []string{"hsn"}}
	e := record.Edit{Who: "cli", Action: "incident.add", Why: "a test"}
	one, err := c.SetIncident(ctx, i, e)
	noError(t, err)
	if one.Revision != 1 || one.ID == "" || one.Created.IsZero() {
		t.Errorf("first revision %+v", one)
	}
	_, err = c.SetIncident(ctx, i, e)
	wants(t, err, record.ErrExists)
	stale := one
	one.Pinned = []record.ID{"st_1"}
	two, err := c.SetIncident(ctx, one, record.Edit{Who: "cli", Action: "incident.pin"})
	noError(t, err)
	stale.Name = "Other"
	_, err = c.SetIncident(ctx, stale, e)
	wants(t, err, record.ErrStale)
	_, err = c.SetIncident(ctx, record.Incident{Slug: "none", Name: "None", Revision: 3}, e)
	wants(t, err, record.ErrNotFound)
	_, err = c.SetIncident(ctx, record.Incident{Slug: "Not A Slug", Name: "x"}, e)
	wants(t, err, record.ErrInvalid)
	got, err := c.Incident(ctx, "outage-2025")
	noError(t, err)
	same(t, "the stored incident", got, two)
	_, err = c.Incident(ctx, "none")
	wants(t, err, record.ErrNotFound)

	noError(t, c.SetSources(ctx, []record.Source{{URL: "https://hsn.example/feed", Kind: record.SourceFeed, Enabled: true}}, record.Edit{Who: "cli", Action: "source.add"}))
	if list, err := c.Sources(ctx); err != nil || len(list) != 1 || list[0].ID != record.SourceID("https://hsn.example/feed") {
		t.Errorf("sources %+v, %v", list, err)
	}
	edits, err := c.Edits(ctx, 0, 10)
	noError(t, err)
	if len(edits) != 3 {
		t.Fatalf("%d lines in the edit log, want 3: what was refused leaves none", len(edits))
	}
	for n, x := range edits {
		if x.N != int64(n+1) || x.At.IsZero() || x.Target == "" || x.Value == "" {
			t.Errorf("line %d of the edit log: %+v", n+1, x)
		}
	}
	if rest, err := c.Edits(ctx, 2, 10); err != nil || len(rest) != 1 {
		t.Errorf("Edits after 2: %v, %v", rest, err)
	}
	note, err := c.Note(ctx, record.Edit{Who: "cli", Action: "proposal.refuse", Target: "prp_1", Why: "one report", Value: `{"id":"prp_1"}`})
	noError(t, err)
	if list, err := c.Edits(ctx, 3, 10); err != nil || len(list) != 1 || list[0] != note || note.N != 4 || note.At.IsZero() {
		t.Errorf("the note is %+v, in the log %+v, %v", note, list, err)
	}
	_, err = c.Note(ctx, record.Edit{Who: "cli", Action: "proposal.refuse", Target: "prp_1"})
	wants(t, err, record.ErrInvalid)
	same(t, "changes", kinds(t, c), []record.ChangeKind{record.IncidentChanged, record.IncidentChanged, record.SourceChanged})
}

func (s suite) people(t *testing.T) {
	ctx, c := context.Background(), s.open(t)
	for i, q := range []said{
		{name: "Orla Hennessy", role: "chair", org: "ucm", text: "The lost day has left a backlog that will not clear in a week."},
		{name: "Orla Hennessy", role: "former chair", org: "ucm", text: "Members will remember this winter for a very long time indeed."},
		{name: "Asha Lindqvist", role: "chief executive", org: "carecon", text: "One supplier should not be able to halt a whole day of care."},
		{org: "ucm", role: "spokesperson", text: "The union will publish its survey of members before the end of June."},
	} {
		q.kind = record.Quote
		add(t, c, shot{url: fmt.Sprintf("https://echo.example/%d", i), at: at(11+i, 9), day: day(11 + i), says: []said{q}})
	}
	orgs, err := c.Organisations(ctx)
	noError(t, err)
	if len(orgs) != 2 || orgs[0].Org != "ucm" || orgs[0].Statements != 3 || !orgs[0].First.Before(orgs[0].Last) {
		t.Errorf("organisations %+v, want ucm with 3 statements first", orgs)
	}
	people, err := c.People(ctx, "", "", 1)
	noError(t, err)
	if len(people) != 1 || people[0].Name != "Asha Lindqvist" {
		t.Fatalf("first page of people %+v", people)
	}
	people, err = c.People(ctx, "", people[0].ID, 10)
	noError(t, err)
	if len(people) != 1 || people[0].Name != "Orla Hennessy" || people[0].Statements != 2 || len(people[0].Roles) != 2 || people[0].Roles[0].Role != "former chair" {
		t.Errorf("second page of people %+v", people)
	}
	if list, err := c.People(ctx, "carecon", "", 10); err != nil || len(list) != 1 {
		t.Errorf("people of carecon %+v, %v", list, err)
	}
	if p, err := c.Person(ctx, people[0].ID); err != nil || p.Name != "Orla Hennessy" {
		t.Errorf("Person: %+v, %v", p, err)
	}
}

func (s suite) concurrent(t *testing.T) {
	c := s.open(t)
	done, wait := make(chan struct{}), sync.WaitGroup{}
	for range 3 {
		wait.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				ids, err := c.StatementIDs(context.Background(), "", 100)
				if err != nil {
					t.Error(err)
					return
				}
				list, err := c.Statements(context.Background(), ids) // one may be merged away meanwhile
				if err != nil {
					t.Error(err)
					return
				}
				for _, x := range list {
					if len(x.Sightings) == 0 || len(x.Wordings) == 0 || x.Text == "" {
						t.Errorf("a reader saw half a statement: %+v", x)
						return
					}
				}
			}
		})
	}
	for i := range 60 {
		x := ownPage
		if i%3 == 0 {
			x.url = fmt.Sprintf("https://echo.example/%d", i)
		}
		x.at = ownPage.at.Add(time.Duration(i) * time.Hour)
		if i%2 == 0 {
			x.says = []said{{kind: record.Release, text: edited, org: "hsn"}}
		}
		add(t, c, x)
	}
	close(done)
	wait.Wait()
}

// draw is rapid.Check, with fewer draws under -short: the race detector slows
// each of them down, and looks at goroutines, not at streams.
func draw(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	if testing.Short() {
		was := flag.Lookup("rapid.checks").Value.String()
		noError(t, flag.Set("rapid.checks", "15"))
		defer func() { noError(t, flag.Set("rapid.checks", was)) }()
	}
	rapid.Check(t, property)
}

// anyStream draws streams of captures and holds them to what must always be so.
func (s suite) anyStream(t *testing.T) {
	draw(t, func(rt *rapid.T) {
		shots := drawShots(rt)
		c := s.fresh(t).Open(t)
		defer func() { noError(rt, c.Close()) }()
		add(rt, c, shots...)
		want := export(rt, c)
		s.invariants(rt, c, shots)
		if a := add(rt, c, shots...); a != (record.Added{}) {
			rt.Fatalf("the same stream again: %+v", a)
		}
		// Killed after some captures and begun again.
		cut := rapid.IntRange(0, len(shots)).Draw(rt, "killed after")
		d := s.fresh(t).Open(t)
		defer func() { noError(rt, d.Close()) }()
		add(rt, d, shots[:cut]...)
		add(rt, d, shots...)
		if got := export(rt, d); got != want {
			rt.Fatalf("killed after %d and continued, the export differs:\n%s\nwant\n%s", cut, got, want)
		}
	})
}

// invariants hold for every catalogue that was filled with these captures.
func (s suite) invariants(t tb, c catalogue.Catalogue, shots []shot) {
	t.Helper()
	kept := map[string]bool{}
	for _, x := range everything(t, c) {
		fronts := 0
		texts := map[string]bool{}
		for _, w := range x.Wordings {
			texts[catalogue.Prepare(w.Text).Normal()] = true
			if w.Front {
				fronts++
			}
		}
		if fronts != 1 || x.Text == "" {
			t.Errorf("statement %s has %d wordings in front: %+v", x.ID, fronts, x)
		}
		for _, y := range x.Sightings {
			kept[y.CanonicalURL+"|"+y.Words] = true
			if !texts[catalogue.Prepare(y.Words).Normal()] {
				t.Errorf("statement %s: the words of a sighting %q are in no wording", x.ID, y.Words)
			}
			if y.Version < 1 || y.LastSeen.Before(y.Captured) || !y.Gone.IsZero() && y.Gone.Before(y.LastSeen) {
				t.Errorf("statement %s: version %d, captured %s, last seen %s, gone %s", x.ID, y.Version, y.Captured, y.LastSeen, y.Gone)
			}
		}
	}
	for _, x := range shots {
		for _, q := range x.says {
			if !kept[x.url+"|"+q.text] {
				t.Errorf("words lost: %q of %s", q.text, x.url)
			}
		}
	}
}

// drawShots draws captures of three pages whose statements share sentences.
func drawShots(rt *rapid.T) []shot {
	sentences := []string{
		"We are aware of a fault in the booking system at most surgeries.", "Phone lines are open as usual and staff are using paper notes.",
		"People with an appointment should attend unless told otherwise.", "The system is working again after a very long night of repairs.",
		"Some bookings may take a few days longer while notes are entered.", "Thank you.", "We will update this page at five in the afternoon.",
	}
	var shots []shot
	for range rapid.IntRange(1, 9).Draw(rt, "captures") {
		x := shot{
			url: fmt.Sprintf("https://%s.example/p", rapid.SampledFrom([]string{"hsn", "echo", "courier"}).Draw(rt, "page")),
			at:  at(11, 0).Add(time.Duration(rapid.IntRange(0, 9).Draw(rt, "hour")) * time.Hour), day: day(rapid.IntRange(10, 12).Draw(rt, "day")),
		}
		for range rapid.IntRange(0, 3).Draw(rt, "statements") {
			x.says = append(x.says, said{
				kind: rapid.SampledFrom(record.Kinds).Draw(rt, "kind"), org: rapid.SampledFrom([]string{"hsn", "ucm", ""}).Draw(rt, "org"),
				name: rapid.SampledFrom([]string{"", "", "Orla Hennessy"}).Draw(rt, "name"),
				text: strings.Join(rapid.SliceOfN(rapid.SampledFrom(sentences), 1, 3).Draw(rt, "words"), " "),
			})
		}
		shots = append(shots, x)
	}
	return shots
}
