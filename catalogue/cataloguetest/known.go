package cataloguetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"onrecord/catalogue"
	"onrecord/record"
)

// quoting is a page of a day in March on which somebody says sentence n.
func quoting(n, d int, name, role, org string) shot {
	return shot{url: fmt.Sprintf("https://courier.example/known/%d", n), at: at(d, 9), day: day(d), says: []said{{kind: record.Quote, name: name, role: role, org: org, text: sentence(n)}}}
}

func sentence(n int) string {
	return fmt.Sprintf("Sentence number %d of a long winter is about ward %d and about nobody else in that hospital.", n, n)
}

func (s suite) knownSpeaker(t *testing.T) {
	ctx, store := context.Background(), s.fresh(t)
	c := store.Open(t)
	shots := []shot{
		quoting(1, 10, "Orla Hennessy", "", ""),              // read before anybody said who she is
		quoting(2, 12, "Orla Hennessy", "chair", "ucm"),      // says it
		quoting(3, 14, "Orla Hennessy", "", ""),              // after
		quoting(4, 14, "Orla Hennessy", "retired nurse", ""), // another role: somebody else, it may be
		quoting(5, 14, "Hennessy", "", ""),                   // no full name
		quoting(6, 14, "Orla Hennessy", "chair", ""),
	}
	add(t, c, shots...)
	check := func(t *testing.T, order string, c catalogue.Catalogue) {
		teacher := holding(t, c, sentence(2)).ID
		for n, want := range map[int]string{1: record.LinkedByName, 3: record.LinkedByName, 4: "", 5: "", 6: record.LinkedByRole} {
			got := holding(t, c, sentence(n))
			if want == "" {
				if len(got.Links) > 0 || got.Speaker.Org != "" || got.Confidence != 0.9 {
					t.Errorf("%s: sentence %d is linked: %+v, %+v", order, n, got.Speaker, got.Links)
				}
				continue
			}
			if got.Speaker.Org != "ucm" || got.Speaker.Role != "chair" || got.Person != record.PersonID("Orla Hennessy", "ucm") || got.Confidence >= 0.9 ||
				len(got.Links) != 1 || got.Links[0].Rule != want || !slices.Equal(got.Links[0].From, []record.ID{teacher}) || got.Links[0].Days != 2 {
				t.Errorf("%s: sentence %d: %+v, confidence %g, links %+v; want ucm's chair by %q", order, n, got.Speaker, got.Confidence, got.Links, want)
			}
			if seen := got.Sightings[0].Speaker; seen.Org != "" {
				t.Errorf("%s: the sighting was changed: %+v", order, seen)
			}
		}
		p, err := c.Person(ctx, record.PersonID("Orla Hennessy", "ucm"))
		noError(t, err)
		if p.Statements != 4 || p.Linked != 3 || len(p.Roles) != 1 || p.Roles[0].Statements != 1 || !slices.Equal(p.Roles[0].Evidence, []record.ID{teacher}) {
			t.Errorf("%s: known speaker %+v, want 4 statements, 3 of them linked, and one role seen once", order, p)
		}
	}
	check(t, "as read", c)
	if list, err := c.Changes(ctx, record.Position{}, 100); err != nil || !slices.ContainsFunc(list, func(x record.Change) bool {
		return x.Kind == record.AttributeChanged && x.Statement == holding(t, c, sentence(1)).ID
	}) {
		t.Errorf("no change tells that the older statement was linked: %+v, %v", list, err)
	}
	noError(t, c.Close())
	rebuilt(t, store, shots, check)
}

// knownDoubt is about names that are not linked, and links that go again.
func (s suite) knownDoubt(t *testing.T) {
	ctx, c := context.Background(), s.open(t)
	add(t, c, quoting(1, 10, "Orla Hennessy", "", ""), quoting(2, 12, "Orla Hennessy", "chair", "ucm"))
	id := holding(t, c, sentence(1)).ID
	org := func() string { return statement(t, c, id).Speaker.Org }
	if org() != "ucm" {
		t.Fatalf("organisation %q, want ucm: the case says nothing", org())
	}
	// Somebody of the same name elsewhere makes it doubtful.
	add(t, c, quoting(3, 20, "Orla Hennessy", "governor", "hsn"))
	if org() != "" {
		t.Errorf("organisation %q although two of that name are known", org())
	}
	// An editor who says that this was another one takes the doubt away.
	noError(t, c.Attribute(ctx, holding(t, c, sentence(3)).ID, &record.Attribution{Speaker: record.Speaker{Name: "Una Hennessy", Role: "governor", Org: "hsn", OrgName: "HSN"}}, who))
	if org() != "ucm" {
		t.Errorf("organisation %q after the correction, want ucm", org())
	}
	// An editor's word on the statement itself beats a link, and taking it back brings it again.
	noError(t, c.Attribute(ctx, id, &record.Attribution{Speaker: record.Speaker{Name: "Orla Hennessy", Role: "patient"}}, who))
	if got := statement(t, c, id); got.Speaker.Org != "" || len(got.Links) > 0 || got.Confidence != 1 {
		t.Errorf("attributed by hand: %+v, links %+v", got.Speaker, got.Links)
	}
	noError(t, c.Attribute(ctx, id, nil, who))
	if org() != "ucm" {
		t.Errorf("organisation %q after the attribution was taken back, want ucm", org())
	}
	// A merge takes the teacher along.
	noError(t, c.Merge(ctx, holding(t, c, sentence(2)).ID, holding(t, c, sentence(3)).ID, who))
	if org() != "" {
		t.Errorf("organisation %q although nothing teaches it any more: an editor's attribution stands for the merged statement", org())
	}
}

// knownOrders draws streams of people with and without organisations: the same
// pages give the same speakers in any order.
func (s suite) knownOrders(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var shots []shot
		for n := range rapid.IntRange(2, 7).Draw(r, "pages") {
			x := quoting(n, rapid.IntRange(1, 28).Draw(r, "day"), rapid.SampledFrom([]string{"Orla Hennessy", "Asha Lindqvist", "Lindqvist"}).Draw(r, "name"),
				rapid.SampledFrom([]string{"", "chair", "chair of council", "porter"}).Draw(r, "role"), rapid.SampledFrom([]string{"", "", "ucm", "hsn"}).Draw(r, "org"))
			shots = append(shots, x)
		}
		var want map[string]string
		for _, order := range [][]shot{shots, rapid.Permutation(shots).Draw(r, "order")} {
			c := s.fresh(t).Open(t)
			add(r, c, order...)
			got := map[string]string{}
			for _, x := range everything(r, c) {
				got[x.Text] = fmt.Sprintf("%+v %s %g %+v", x.Speaker, x.Person, x.Confidence, x.Links)
			}
			noError(r, c.Close())
			if want == nil {
				want = got
			}
			same(r, "speakers in another order", got, want)
		}
	})
}
