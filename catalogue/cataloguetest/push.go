package cataloguetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onrecord/catalogue"
	"onrecord/record"
)

func (s suite) subscriptions(t *testing.T) {
	ctx, store := context.Background(), s.fresh(t)
	c := store.Open(t)
	src := record.Source{ID: record.SourceID("https://hsn.example/feed"), URL: "https://hsn.example/feed", Kind: record.SourceFeed, Enabled: true}
	noError(t, c.SetSources(ctx, []record.Source{src}, record.Edit{Who: "cli", Action: "source.add"}))
	p := record.Subscription{
		Source: src.ID, Hub: "https://hub.example/", Topic: src.URL, Callback: "https://onrecord.example", State: record.PushActive,
		Until: at(41, 0), Next: at(40, 0), Token: "a-token", Secret: "a secret",
	}
	old := p
	old.Token, old.State = "b-token", record.PushEnded
	noError(t, c.SetSubscription(ctx, p))
	noError(t, c.SetSubscription(ctx, old))
	wants(t, c.SetSubscription(ctx, record.Subscription{Source: src.ID}), record.ErrInvalid)
	_, err := c.Subscription(ctx, "another")
	wants(t, err, record.ErrNotFound)
	if list, err := c.Subscriptions(ctx, record.SourceID("https://hsn.example/none")); err != nil || len(list) != 0 {
		t.Errorf("subscriptions of an unknown source: %v, %v", list, err)
	}
	states, err := c.SourceStates(ctx, src.ID)
	noError(t, err)
	if len(states) != 1 || len(states[0].Push) != 1 || states[0].Push[0].Secret != "" || states[0].Push[0].Token != "" || states[0].Push[0].State != record.PushActive {
		t.Errorf("the source tells %+v, want the one that holds, without what must not be shown", states[0].Push)
	}
	due := record.Visit{URL: src.URL, Source: src.ID, State: record.VisitOK, ETag: `"x"`, Tried: at(30, 0), Due: at(50, 0)}
	_, err = c.Visited(ctx, []record.Visit{due}, nil)
	noError(t, err)
	for _, step := range []struct{ to, want time.Time }{{at(60, 0), at(50, 0)}, {at(35, 0), at(35, 0)}, {at(36, 0), at(35, 0)}} {
		noError(t, c.Hasten(ctx, src.URL, step.to))
		due.Due = step.want
		got, err := c.Visit(ctx, src.URL)
		noError(t, err)
		if d := cmp.Diff(due, got); d != "" {
			t.Errorf("hastened to %v (-want +got):\n%s", step.to, d)
		}
	}
	if next, err := c.NextDue(ctx, catalogue.DueAsk{}); err != nil || !next.Equal(at(35, 0)) {
		t.Errorf("next due %v, %v; want the hastened visit", next, err)
	}
	noError(t, c.Close())
	store.Rebuild(t, func(context.Context, catalogue.Catalogue) error { return nil })
	c = store.Open(t)
	list, err := c.Subscriptions(ctx, "")
	noError(t, err)
	if d := cmp.Diff([]record.Subscription{p, old}, list); d != "" {
		t.Errorf("after a rebuild (-want +got):\n%s", d)
	}
	noError(t, c.DropSubscription(ctx, old.Token))
	noError(t, c.DropSubscription(ctx, old.Token))
	if got, err := c.Subscription(ctx, p.Token); err != nil || got.Secret != p.Secret {
		t.Errorf("the other one is %+v, %v", got, err)
	}
	_, err = c.Subscription(ctx, old.Token)
	wants(t, err, record.ErrNotFound)
}
