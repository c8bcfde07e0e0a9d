package cataloguetest

import (
	"context"
	"testing"
	"time"

	"onrecord/catalogue"
	"onrecord/record"
)

func (s suite) spells(t *testing.T) {
	ctx, store := context.Background(), s.fresh(t)
	c := store.Open(t)
	src := record.Source{URL: "https://hsn.example/feed", Kind: record.SourceFeed, Enabled: true, Every: 3600}
	src.ID = record.SourceID(src.URL)
	noError(t, c.SetSources(ctx, []record.Source{src}, record.Edit{Who: "cli", Action: "source.add"}))
	visit := func(day, hour, minute int, state record.VisitState, status int, reason string) {
		t.Helper()
		when := at(day, hour).Add(time.Duration(minute) * time.Minute)
		v := record.Visit{URL: src.URL, Source: src.ID, State: state, Status: status, Error: reason, Tried: when, Due: when.Add(time.Hour), Took: int64(100 + minute)}
		if state == record.VisitOK && minute == 0 {
			v.Changed = when
		}
		_, err := c.Visited(ctx, []record.Visit{v}, []record.Visit{{URL: "https://hsn.example/a", Source: src.ID, Lead: true}})
		noError(t, err)
		_, err = c.Visited(ctx, []record.Visit{v}, nil) // written again, it is one visit all the same
		noError(t, err)
		noError(t, c.Awake(ctx, when))
	}
	visit(11, 6, 0, record.VisitOK, 200, "")
	visit(11, 7, 5, record.VisitOK, 304, "")
	visit(11, 8, 10, record.VisitFailed, 503, "answered with status 503")
	visit(11, 9, 10, record.VisitFailed, 503, "answered with status 503")
	visit(11, 10, 20, record.VisitOK, 200, "")
	visit(11, 16, 0, record.VisitOK, 200, "") // nobody asked for hours
	want := []record.Spell{
		{Source: src.ID, State: record.VisitOK, Status: 304, Began: at(11, 6), Last: at(11, 7).Add(5 * time.Minute), Until: at(11, 8).Add(5 * time.Minute), Visits: 2},
		{Source: src.ID, State: record.VisitFailed, Status: 503, Reason: "answered with status 503", Began: at(11, 8).Add(10 * time.Minute), Last: at(11, 9).Add(10 * time.Minute), Until: at(11, 10).Add(10 * time.Minute), Visits: 2},
		{Source: src.ID, State: record.VisitOK, Status: 200, Began: at(11, 10).Add(20 * time.Minute), Last: at(11, 10).Add(20 * time.Minute), Until: at(11, 11).Add(20 * time.Minute), Visits: 1},
		{Source: src.ID, State: record.VisitOK, Status: 200, Began: at(11, 16), Last: at(11, 16), Until: at(11, 17), Visits: 1},
	}
	own := func(c catalogue.Catalogue, from, to time.Time) (of, crawler []record.Spell) {
		t.Helper()
		list, err := c.Spells(ctx, from, to)
		noError(t, err)
		for _, x := range list {
			if x.Source == "" {
				crawler = append(crawler, x)
			} else {
				of = append(of, x)
			}
		}
		return of, crawler
	}
	got, crawler := own(c, at(11, 0), at(12, 0))
	same(t, "the stretches", got, want)
	if len(crawler) != 6 { // it told of itself at these six times alone, each more than 15 minutes after the last
		t.Errorf("the crawler ran in %d stretches, want 6", len(crawler))
	}
	noError(t, c.Awake(ctx, at(11, 16).Add(10*time.Minute)))
	if _, crawler = own(c, at(11, 0), at(12, 0)); len(crawler) != 6 || !crawler[5].Last.Equal(at(11, 16).Add(10*time.Minute)) {
		t.Errorf("the crawler's stretches %+v, want the last to go on", crawler)
	}
	got, _ = own(c, at(11, 9), at(11, 11))
	same(t, "the stretches of two hours", got, want[1:3])
	if got, crawler = own(c, at(20, 0), at(21, 0)); len(got)+len(crawler) != 0 {
		t.Errorf("stretches of days on which nobody asked: %+v %+v", got, crawler)
	}
	for i := range 100 { // what is kept of single visits is bounded
		visit(11, 16, 1+i, record.VisitOK, 304, "")
	}
	states, err := c.SourceStates(ctx, src.ID)
	noError(t, err)
	if x := states[0]; len(x.Recent) != 50 || x.Recent[0].Took != 200 || x.Recent[0].Status != 304 || x.Recent[0].New || x.TookP95 != 198 || !x.StateSince.Equal(at(11, 16)) {
		t.Errorf("%d recent visits, the last %+v, 95 of 100 within %d ms, so since %v", len(x.Recent), x.Recent[0], x.TookP95, x.StateSince)
	}
	before, _ := own(c, at(11, 0), at(12, 0))
	noError(t, c.Close())
	store.Rebuild(t, func(context.Context, catalogue.Catalogue) error { return nil })
	after := store.Open(t)
	defer func() { noError(t, after.Close()) }()
	got, _ = own(after, at(11, 0), at(12, 0))
	same(t, "the stretches after a rebuild", got, before)
}
