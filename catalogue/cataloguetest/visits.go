package cataloguetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"onrecord/catalogue"
	"onrecord/record"
)

// notFound is the capture of an answer 410.
func notFound(url string, when time.Time) record.Capture {
	const sha = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	return record.Capture{ID: record.CaptureID(url, when, sha), URL: url, At: when, SHA256: sha, Status: 410, Via: "http"}
}

func status(t *testing.T, c catalogue.Catalogue, id record.ID) record.Statement {
	t.Helper()
	s, err := c.Statement(context.Background(), id)
	noError(t, err)
	return s
}

func (s suite) absent(t *testing.T) {
	ctx, c := context.Background(), s.open(t)
	capture, page, found := ownPage.parts()
	if _, err := c.Add(ctx, capture, page, found); err != nil {
		t.Fatal(err)
	}
	ids, err := c.StatementIDs(ctx, "", 10)
	noError(t, err)
	id, last := ids[0], capture.At
	for _, step := range []struct {
		after time.Duration
		want  record.Status
	}{
		{time.Hour, record.Current}, // once is no observation
		{90 * time.Minute, record.Current},
		{2 * time.Hour, record.Missing},
		{14 * 24 * time.Hour, record.Missing},
		{14*24*time.Hour + 2*time.Hour, record.Removed},
	} {
		noError(t, c.Absent(ctx, notFound(capture.URL, last.Add(step.after))))
		noError(t, c.Absent(ctx, notFound(capture.URL, last.Add(step.after)))) // the same again changes nothing
		if got := status(t, c, id); got.Status != step.want {
			t.Errorf("%v after the last good answer the statement is %s, want %s", step.after, got.Status, step.want)
		}
	}
	if got := status(t, c, id).Sightings[0]; !got.Missing.Equal(last.Add(time.Hour)) || !got.Removed.Equal(last.Add(14*24*time.Hour+2*time.Hour)) || got.Words != found[0].Text {
		t.Errorf("the sighting says missing %v, removed %v, words %q", got.Missing, got.Removed, got.Words)
	}
	changes, err := c.Changes(ctx, record.Position{}, 100)
	noError(t, err)
	if n := len(slices.DeleteFunc(changes, func(x record.Change) bool { return x.Kind != record.StatusChanged })); n != 2 {
		t.Errorf("%d changes of status in the log, want 2", n)
	}
	again := ownPage
	again.at = last.Add(20 * 24 * time.Hour)
	capture, page, found = again.parts()
	if _, err := c.Add(ctx, capture, page, found); err != nil {
		t.Fatal(err)
	}
	if got := status(t, c, id); got.Status != record.Current || !got.Sightings[0].Missing.IsZero() {
		t.Errorf("after its page came back the statement is %s, missing %v", got.Status, got.Sightings[0].Missing)
	}
	noError(t, c.Absent(ctx, notFound("https://hsn.example/never-seen", last)))
}

func (s suite) absentRebuilt(t *testing.T) {
	ctx, store := context.Background(), s.fresh(t)
	first := store.Open(t)
	capture, page, found := ownPage.parts()
	fill := func(ctx context.Context, c catalogue.Catalogue) error {
		if _, err := c.Add(ctx, capture, page, found); err != nil {
			return err
		}
		for _, h := range []time.Duration{1, 3} {
			if err := c.Absent(ctx, notFound(capture.URL, capture.At.Add(h*time.Hour))); err != nil {
				return err
			}
		}
		return nil
	}
	noError(t, fill(ctx, first))
	_, err := first.Visited(ctx, []record.Visit{{URL: "https://hsn.example/feed", Due: at(12, 0)}}, nil)
	noError(t, err)
	noError(t, first.SetHost(ctx, record.Host{Origin: "https://hsn.example", Robots: "User-agent: *"}))
	noError(t, first.Close())
	store.Rebuild(t, fill)
	c := store.Open(t)
	defer func() { noError(t, c.Close()) }()
	ids, err := c.StatementIDs(ctx, "", 10)
	noError(t, err)
	if got := status(t, c, ids[0]).Status; got != record.Missing {
		t.Errorf("after a rebuild the statement is %s, want missing", got)
	}
	if v, err := c.Visit(ctx, "https://hsn.example/feed"); err != nil || !v.Due.Equal(at(12, 0)) {
		t.Errorf("after a rebuild the visit is %+v, %v", v, err)
	}
	if h, err := c.Host(ctx, "https://hsn.example"); err != nil || h.Robots == "" {
		t.Errorf("after a rebuild the host is %+v, %v", h, err)
	}
	_, err = c.Host(ctx, "https://none.example")
	wants(t, err, record.ErrNotFound)
}

func (s suite) visits(t *testing.T) {
	ctx, c := context.Background(), s.open(t)
	if next, err := c.NextDue(ctx, catalogue.DueAsk{}); err != nil || !next.IsZero() {
		t.Errorf("nothing is there and %v is due (%v)", next, err)
	}
	source := record.SourceID("https://hsn.example/feed")
	lead := func(url string, h int) record.Visit {
		return record.Visit{URL: url, Source: source, Lead: true, Due: at(11, h)}
	}
	added, err := c.Visited(ctx, []record.Visit{{URL: "https://hsn.example/feed", Source: source, Due: at(11, 9), State: record.VisitOK}},
		[]record.Visit{lead("https://hsn.example/b", 8), lead("https://hsn.example/a", 7), lead("https://news.example/x", 6)})
	noError(t, err)
	if added != 3 {
		t.Errorf("%d leads added, want 3", added)
	}
	if added, err = c.Visited(ctx, nil, []record.Visit{lead("https://hsn.example/a", 1), lead("https://hsn.example/c", 23)}); err != nil || added != 1 {
		t.Errorf("%d leads added (%v), want only the new one", added, err)
	}
	for _, tt := range []struct {
		busy []string
		hour int
		want []string
	}{
		{nil, 5, nil},
		{nil, 6, []string{"https://news.example"}},
		{nil, 8, []string{"https://news.example", "https://hsn.example"}},
		{nil, 12, []string{"https://hsn.example", "https://news.example"}}, // a source is due there
		{[]string{"https://news.example"}, 12, []string{"https://hsn.example"}},
	} {
		got, err := c.DueHosts(ctx, catalogue.DueAsk{Now: at(11, tt.hour), Busy: tt.busy}, 10)
		noError(t, err)
		if !slices.Equal(got, tt.want) {
			t.Errorf("at %d:00 with %v busy, hosts %v are due, want %v", tt.hour, tt.busy, got, tt.want)
		}
	}
	for _, tt := range []struct {
		ask  catalogue.DueAsk
		want int
	}{
		{catalogue.DueAsk{Now: at(11, 5)}, 0},
		{catalogue.DueAsk{Now: at(11, 7)}, 2},
		{catalogue.DueAsk{Now: at(11, 12)}, 4},
		{catalogue.DueAsk{Now: at(11, 12), Sources: at(11, 8)}, 3},
		{catalogue.DueAsk{Now: at(11, 12), Only: []record.ID{source}}, 4},
		{catalogue.DueAsk{Now: at(11, 12), Only: []record.ID{"src_other"}}, 0},
	} {
		if n, err := c.DueCount(ctx, tt.ask); err != nil || n != tt.want {
			t.Errorf("%+v: %d due (%v), want %d", tt.ask, n, err, tt.want)
		}
	}
	due, err := c.Due(ctx, "https://hsn.example", catalogue.DueAsk{Now: at(11, 12)}, 10)
	noError(t, err)
	var urls []string
	for _, v := range due {
		urls = append(urls, v.URL)
	}
	if want := []string{"https://hsn.example/feed", "https://hsn.example/a", "https://hsn.example/b"}; !slices.Equal(urls, want) {
		t.Errorf("due are %v, want the source and then the leads that wait longest: %v", urls, want)
	}
	if next, err := c.NextDue(ctx, catalogue.DueAsk{}); err != nil || !next.Equal(at(11, 6)) {
		t.Errorf("next due %v (%v), want %v", next, err, at(11, 6))
	}
	for _, tt := range []struct {
		ask  catalogue.DueAsk
		want int
	}{
		{catalogue.DueAsk{Now: at(11, 12), Sources: at(11, 8)}, 2}, // the source was due later
		{catalogue.DueAsk{Now: at(11, 12), Only: []record.ID{source}}, 3},
		{catalogue.DueAsk{Now: at(11, 12), Only: []record.ID{"src_other"}}, 0},
	} {
		if due, err := c.Due(ctx, "https://hsn.example", tt.ask, 10); err != nil || len(due) != tt.want {
			t.Errorf("%+v: %d visits due (%v), want %d", tt.ask, len(due), err, tt.want)
		}
	}
	if next, err := c.NextDue(ctx, catalogue.DueAsk{Busy: []string{"https://news.example"}}); err != nil || !next.Equal(at(11, 7)) {
		t.Errorf("next due elsewhere %v (%v), want %v", next, err, at(11, 7))
	}
	if next, err := c.NextDue(ctx, catalogue.DueAsk{Sources: at(11, 8), Only: []record.ID{source}, Busy: []string{"https://news.example"}}); err != nil || !next.Equal(at(11, 7)) {
		t.Errorf("next due lead %v (%v), want %v", next, err, at(11, 7))
	}
	done := due[0]
	done.Due, done.ETag, done.Notes = time.Time{}, `W/"x"`, []string{"a note"}
	_, err = c.Visited(ctx, []record.Visit{done}, nil)
	noError(t, err)
	got, err := c.Visit(ctx, done.URL)
	noError(t, err)
	same(t, "the visit", got, done)
	if due, err = c.Due(ctx, "https://hsn.example", catalogue.DueAsk{Now: at(11, 12)}, 10); err != nil || len(due) != 2 {
		t.Errorf("%d due (%v), want 2: what is done is not due", len(due), err)
	}
	_, err = c.Visit(ctx, "https://hsn.example/none")
	wants(t, err, record.ErrNotFound)
	_, err = c.Visited(ctx, []record.Visit{{URL: "no address"}}, nil)
	wants(t, err, record.ErrInvalid)
	noError(t, c.SetWatermark(ctx, "cap_1"))
	noError(t, c.SetWatermark(ctx, "cap_2"))
	if id, err := c.Watermark(ctx); err != nil || id != "cap_2" {
		t.Errorf("watermark %q, %v", id, err)
	}
}

// again: what is visited again comes after what is new, an answer 304 moves the
// sightings' last seen and writes no change, and Retime moves what is due alone.
func (s suite) again(t *testing.T) {
	ctx, c := context.Background(), s.open(t)
	capture, page, found := ownPage.parts()
	if _, err := c.Add(ctx, capture, page, found); err != nil {
		t.Fatal(err)
	}
	head, err := c.Head(ctx)
	noError(t, err)
	source := record.SourceID("https://hsn.example/feed")
	seen := capture.At.Add(90 * time.Minute)
	old := record.Visit{URL: capture.URL, Source: source, Lead: true, State: record.VisitOK, Status: 304, Tried: seen, Succeeded: seen, Due: at(11, 5), Capture: capture.ID}
	_, err = c.Visited(ctx, []record.Visit{old}, []record.Visit{{URL: "https://hsn.example/new", Source: source, Lead: true, Due: at(11, 8)}})
	noError(t, err)
	ids, err := c.StatementIDs(ctx, "", 10)
	noError(t, err)
	if got := status(t, c, ids[0]).Sightings[0].LastSeen; !got.Equal(seen) {
		t.Errorf("last seen %v after an answer 304 at %v", got, seen)
	}
	if now, err := c.Head(ctx); err != nil || now != head {
		t.Errorf("the change log is at %v (%v), was at %v: to see a page again is no change", now, err, head)
	}
	origin := "https://" + strings.SplitN(strings.TrimPrefix(capture.URL, "https://"), "/", 2)[0]
	if origin == "https://hsn.example" {
		due, err := c.Due(ctx, origin, catalogue.DueAsk{Now: at(11, 9)}, 10)
		noError(t, err)
		if len(due) != 2 || due[0].URL != "https://hsn.example/new" {
			t.Errorf("due %+v, want the new page before the one that waited longer to be seen again", due)
		}
	}
	done := record.Visit{URL: "https://hsn.example/done", Source: source, Lead: true, State: record.VisitOK, Succeeded: seen}
	_, err = c.Visited(ctx, []record.Visit{done}, nil)
	noError(t, err)
	for _, tt := range []struct {
		sources []record.ID
		want    time.Time
	}{{[]record.ID{"src_other"}, at(11, 5)}, {[]record.ID{source}, at(11, 6)}, {nil, at(11, 7)}} {
		noError(t, c.Retime(ctx, tt.sources, func(v record.Visit) time.Time {
			if v.Due.IsZero() {
				t.Errorf("%s is given another time and was not due", v.URL)
			}
			if v.URL == capture.URL {
				return tt.want
			}
			return v.Due
		}))
		if v, err := c.Visit(ctx, capture.URL); err != nil || !v.Due.Equal(tt.want) {
			t.Errorf("of %v: due %v (%v), want %v", tt.sources, v.Due, err, tt.want)
		}
	}
	if next, err := c.NextDue(ctx, catalogue.DueAsk{}); err != nil || !next.Equal(at(11, 7)) {
		t.Errorf("next due %v (%v)", next, err)
	}
}

// listed: what rolls off the end of a list makes room, what is taken out is told.
func (s suite) listed(t *testing.T) {
	ctx, c := context.Background(), s.open(t)
	capture, page, found := ownPage.parts()
	if _, err := c.Add(ctx, capture, page, found); err != nil {
		t.Fatal(err)
	}
	_, err := c.Visited(ctx, []record.Visit{{URL: capture.URL, Lead: true, State: record.VisitOK, Succeeded: capture.At, Capture: capture.ID}}, nil)
	noError(t, err)
	ids, err := c.StatementIDs(ctx, "", 10)
	noError(t, err)
	listed := func(source record.ID, urls []string, at time.Time) (gone []string) {
		noError(t, c.Settle(ctx, func(b catalogue.Settling) (err error) {
			gone, err = b.Listed(source, urls, at)
			return err
		}))
		return gone
	}
	own := capture.URL
	for i, tt := range []struct{ now, gone []string }{
		{[]string{"a", own, "b", "c"}, nil},
		{[]string{"a", own, "b", "c"}, nil},
		{[]string{"d", "a", own, "b"}, nil},      // c made room for d
		{[]string{"d", "a", "b"}, []string{own}}, // taken out of the midst
		{[]string{"d", "a"}, []string{"b"}},      // of the end, with nothing new
		{[]string{own, "a", "d"}, nil},           // back, in another order
		{[]string{"x", "y", "z"}, nil},           // all of them are others
		{[]string{"x", own, "z"}, []string{"y"}}, // replaced in the midst
		{[]string{"z"}, []string{"x", own}},      // the first ones
	} {
		gone := listed("src_1", tt.now, at(11, i))
		if !slices.Equal(gone, tt.gone) {
			t.Errorf("step %d: taken out %q, want %q", i+1, gone, tt.gone)
		}
		want := time.Time{}
		if i == 3 || i == 4 {
			want = at(11, 3)
		} else if i == 8 {
			want = at(11, 8)
		}
		if got := status(t, c, ids[0]).Sightings[0].Unlisted; !got.Equal(want) {
			t.Errorf("step %d: not listed since %v, want %v", i+1, got, want)
		}
	}
	if gone := listed("src_2", []string{own}, at(12, 0)); len(gone) > 0 {
		t.Errorf("another source's list takes %q out", gone)
	}
}

// settling: what is written of one visit is there together or not at all.
func (s suite) settling(t *testing.T) {
	ctx, c := context.Background(), s.open(t)
	of := record.Visit{URL: "https://hsn.example/feed", State: record.VisitOK, Tried: at(11, 8)}
	lead := record.Visit{URL: "https://hsn.example/a", Lead: true, Due: at(11, 8)}
	broken := errors.New("broken")
	settle := func(with error) error {
		return c.Settle(ctx, func(b catalogue.Settling) error {
			if n, err := b.Visited(nil, []record.Visit{lead}); err != nil || n != 1 {
				t.Errorf("%d leads added (%v), want 1", n, err)
			}
			if v, err := b.Visit(lead.URL); err != nil || v.Due != lead.Due {
				t.Errorf("the transaction does not see its own lead: %+v, %v", v, err)
			}
			if gone, err := b.Listed("src_1", []string{lead.URL}, at(11, 8)); err != nil || len(gone) > 0 {
				t.Errorf("a first list took out %q (%v)", gone, err)
			}
			_, err := b.Visited([]record.Visit{of}, nil)
			return errors.Join(err, with)
		})
	}
	if err := settle(broken); !errors.Is(err, broken) {
		t.Errorf("Settle says %v, want the error of what it ran", err)
	}
	for _, url := range []string{of.URL, lead.URL} {
		if _, err := c.Visit(ctx, url); !errors.Is(err, record.ErrNotFound) {
			t.Errorf("after a settling that broke, the visit of %s is there (%v)", url, err)
		}
	}
	noError(t, settle(nil)) // which sees that nothing of the first was left
	if v, err := c.Visit(ctx, of.URL); err != nil || v.State != record.VisitOK {
		t.Errorf("visit %+v, %v", v, err)
	}
	noError(t, c.Settle(ctx, func(b catalogue.Settling) error {
		_, err := b.Visit("https://hsn.example/other")
		if !errors.Is(err, record.ErrNotFound) {
			t.Errorf("a visit that is unknown gives %v", err)
		}
		return nil
	}))
}

func (s suite) sources(t *testing.T) {
	ctx, c := context.Background(), s.open(t)
	feed := record.Source{URL: "https://hsn.example/feed", Kind: record.SourceFeed, Enabled: true, Every: 600, Org: "hsn"}
	feed.ID = record.SourceID(feed.URL)
	old := record.Source{URL: "https://hsn.example/old", Kind: record.SourcePage, Removed: true}
	noError(t, c.SetSources(ctx, []record.Source{feed, old}, record.Edit{Who: "cli", Action: "source.add"}))
	wants(t, c.SetSources(ctx, []record.Source{{URL: "https://hsn.example/x"}, {}}, record.Edit{}), record.ErrInvalid)
	if hosts, err := c.DueHosts(ctx, catalogue.DueAsk{Now: at(40, 0)}, 10); err != nil || len(hosts) != 1 {
		t.Errorf("a new source makes %v due (%v), want its host", hosts, err)
	}
	if _, err := c.Visited(ctx, []record.Visit{
		{URL: feed.URL, Source: feed.ID, State: record.VisitFailed, Error: "timed out", Statements: 1},
		{URL: "https://hsn.example/a", Source: feed.ID, Lead: true, State: record.VisitOK, Statements: 3},
		{URL: "https://hsn.example/b", Source: feed.ID, Lead: true, State: record.VisitRobots, Error: "robots.txt forbids it"},
	}, []record.Visit{{URL: "https://hsn.example/c", Source: feed.ID, Lead: true}}); err != nil {
		t.Fatal(err)
	}
	list, err := c.SourceStates(ctx, "")
	noError(t, err)
	if len(list) != 1 {
		t.Fatalf("%d sources, want the one that was not removed", len(list))
	}
	got := list[0]
	if got.Source != feed || got.Visit.Error != "timed out" || got.Statements != 4 || got.Pages[record.VisitOK] != 1 || got.Pages[record.VisitRobots] != 1 || got.Pages[record.NotVisited] != 1 {
		t.Errorf("state %+v", got)
	}
	if got.Robots != record.RobotsUnknown || !got.RobotsAt.IsZero() {
		t.Errorf("robots.txt of a host that was never asked: %q at %v", got.Robots, got.RobotsAt)
	}
	for _, tt := range []struct {
		host  record.Host
		state record.VisitState
		want  record.Robots
	}{
		{record.Host{RobotsAt: at(9, 0)}, record.VisitOK, record.RobotsNone},
		{record.Host{RobotsAt: at(9, 0), Robots: "User-agent: *"}, record.VisitFailed, record.RobotsAllows},
		{record.Host{RobotsAt: at(9, 0), Robots: "User-agent: *"}, record.VisitRobots, record.RobotsForbids},
		{record.Host{RobotsAt: at(9, 0), RobotsFault: "timed out"}, record.VisitUnsure, record.RobotsLost},
	} {
		tt.host.Origin = "https://hsn.example"
		noError(t, c.SetHost(ctx, tt.host))
		_, err := c.Visited(ctx, []record.Visit{{URL: feed.URL, Source: feed.ID, State: tt.state, Statements: 1}}, nil)
		noError(t, err)
		for _, id := range []record.ID{"", feed.ID} {
			list, err := c.SourceStates(ctx, id)
			noError(t, err)
			if x := list[0]; x.Robots != tt.want || !x.RobotsAt.Equal(at(9, 0)) || x.RobotsFault != tt.host.RobotsFault {
				t.Errorf("robots.txt %+v of a source that is %q: %q at %v, %q; want %q", tt.host, tt.state, x.Robots, x.RobotsAt, x.RobotsFault, tt.want)
			}
		}
	}
	if len(got.Troubled) != 1 || got.Troubled[0].URL != "https://hsn.example/b" {
		t.Errorf("troubled %+v, want the page that robots.txt forbids", got.Troubled)
	}
	if ids, err := c.StatementsOfSource(ctx, feed.ID); err != nil || len(ids) != 0 {
		t.Errorf("statements of a source whose pages were never read: %v, %v", ids, err)
	}
	if one, err := c.SourceStates(ctx, record.SourceID("https://hsn.example/none")); err != nil || len(one) != 0 {
		t.Errorf("state of an unknown source: %+v, %v", one, err)
	}
	for _, enabled := range []bool{false, true} {
		feed.Enabled = enabled
		noError(t, c.SetSources(ctx, []record.Source{feed}, record.Edit{Who: "cli", Action: "source.change"}))
		due, err := c.Due(ctx, "https://hsn.example", catalogue.DueAsk{Now: at(40, 0)}, 10)
		noError(t, err)
		want := 0
		if enabled {
			want = 2 // the source and the page that was never asked
		}
		if len(due) != want {
			t.Errorf("enabled %v: %d visits due, want %d", enabled, len(due), want)
		}
	}
	feed.Enabled = false
	noError(t, c.SetSources(ctx, []record.Source{feed}, record.Edit{Who: "cli", Action: "source.change"}))
	moved := record.Visit{URL: feed.URL, Source: feed.ID, State: record.VisitOK, Due: at(30, 0), Final: "https://hsn.example/feed/"}
	if n, err := c.Visited(ctx, []record.Visit{moved}, []record.Visit{{URL: "https://hsn.example/late", Source: feed.ID, Lead: true, Due: at(11, 0)}}); err != nil || n != 0 {
		t.Errorf("a visit that ends after its source was switched off adds %d leads (%v)", n, err)
	}
	if due, err := c.Due(ctx, "https://hsn.example", catalogue.DueAsk{Now: at(40, 0)}, 10); err != nil || len(due) != 0 {
		t.Errorf("%d visits due of a source that is off (%v)", len(due), err)
	}
	if s, err := c.Source(ctx, moved.Final); err != nil || s.ID != feed.ID {
		t.Errorf("source at the address where its visit ended: %+v, %v", s, err)
	}
	if s, err := c.Source(ctx, old.URL); err != nil || !s.Removed {
		t.Errorf("removed source: %+v, %v; it stays on record", s, err)
	}
}
