package crawler

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"onrecord/catalogue"
	"onrecord/internal/fakeweb"
	"onrecord/record"
)

const words = "We are sorry for what has happened, and we will put it right by the end of this week."

// days visits what is due, right when it is, for so many days.
func (h *house) days(n float64) {
	h.Helper()
	for end := h.clock().Now().Add(time.Duration(n * float64(day))); h.clock().Now().Before(end); {
		h.once()
		next, err := h.cat.NextDue(h.Context(), catalogue.DueAsk{})
		must(h.T, err)
		if now := h.clock().Now(); next.IsZero() || next.After(end) {
			h.clock().move(end.Sub(now))
		} else {
			h.clock().move(max(next.Sub(now), time.Second))
		}
	}
}

// quarters lets days pass a quarter of an hour at a time, as a loop does that
// looks again and again.
func (h *house) quarters(n float64) {
	h.Helper()
	for end := h.clock().Now().Add(time.Duration(n * float64(day))); h.clock().Now().Before(end); h.clock().move(15 * time.Minute) {
		h.once()
	}
}

// times are when an address was asked, by the crawler's clock.
func (h *house) times(url string) (out []time.Time) {
	for _, x := range h.told {
		if x.Visit.URL == url {
			out = append(out, x.Visit.Tried)
		}
	}
	return out
}

func TestAPageIsVisitedAgainOnADecayingSchedule(t *testing.T) {
	const url = "https://www.hsb.example/a"
	h := open(t, []fakeweb.Page{page(feedURL, feed(url)), page(url, article("A", words))}, []record.Source{feedSource()}, nil)
	h.days(130)
	var after []time.Duration
	for _, at := range h.times(url) {
		after = append(after, at.Sub(monday))
	}
	want := []time.Duration{0, time.Hour, 6 * time.Hour, day, 3 * day, 7 * day, 30 * day, 90 * day}
	if len(after) != len(want) {
		t.Fatalf("asked after %v, want %v", after, want)
	}
	for i, d := range after {
		if d < want[i] || d > want[i]+time.Hour {
			t.Errorf("visit %d came after %v, want %v", i+1, d, want[i])
		}
	}
	c, err := h.cat.Counts(t.Context())
	must(t, err)
	if c.Versions != 2 || c.Statements != 1 || c.Sightings != 1 { // of the feed and of the page
		t.Errorf("a page that stayed the same gave %+v", c)
	}
	ids, err := h.cat.StatementIDs(t.Context(), "", 2)
	must(t, err)
	s, err := h.cat.Statement(t.Context(), ids[0])
	must(t, err)
	if got := s.Sightings[0].LastSeen.Sub(monday); got < 90*day {
		t.Errorf("last seen %v after the first time, want the last answer 304", got)
	}
}

func TestAnEditIsANewVersionAndBeginsTheScheduleAnew(t *testing.T) {
	const url = "https://www.hsb.example/a"
	noise := strings.Replace(article("A", words), "</article>", `</article><aside class="advert">Buy now</aside><script nonce="7">x=1</script><!-- 4711 readers -->`, 1)
	edited := article("A", strings.Replace(words, "this week", "next week", 1))
	h := open(t, []fakeweb.Page{
		page(feedURL, feed(url)), from(page(url, article("A", words)), monday.Add(-time.Hour)),
		from(page(url, noise), monday.Add(30*time.Minute)), from(page(url, edited), monday.Add(5*time.Hour)),
	}, []record.Source{feedSource()}, nil)
	h.days(2)
	if r := h.Report(); r.Versions != 1 || r.Captures != 4 || r.Wordings != 1 { // the feed, the page, its noise, its edit
		t.Errorf("report %+v, want one new version: adverts are none", r)
	}
	var after []time.Duration
	for _, at := range h.times(url) {
		after = append(after, at.Sub(monday).Round(time.Hour))
	}
	if want := []time.Duration{0, time.Hour, 6 * time.Hour, 7 * time.Hour, 12 * time.Hour, 30 * time.Hour}; !slices.Equal(after, want) {
		t.Errorf("asked after %v, want %v: the edit begins the schedule anew", after, want)
	}
}

func TestAPageThatGoesIsFollowedUntilItIsRemovedAndComesBack(t *testing.T) {
	const url = "https://www.hsb.example/a"
	h := open(t, []fakeweb.Page{
		page(feedURL, feed(url)), from(page(url, article("A", words)), monday.Add(-time.Hour)),
		{URL: url, From: monday.Add(30 * time.Minute), Status: 404},
		from(page(url, article("A", words)), monday.Add(20*day)),
	}, []record.Source{feedSource()}, nil)
	status := func() record.Statement {
		ids, err := h.cat.StatementIDs(t.Context(), "", 2)
		must(t, err)
		s, err := h.cat.Statement(t.Context(), ids[0])
		must(t, err)
		return s
	}
	for _, tt := range []struct {
		until float64
		want  record.Status
	}{{1.5 / 24, record.Current}, {3.0 / 24, record.Missing}, {14, record.Missing}, {16, record.Removed}, {40, record.Current}} {
		h.days(tt.until - h.clock().Now().Sub(monday).Hours()/24)
		if got := status(); got.Status != tt.want {
			t.Errorf("after %.2f days the statement is %s, want %s (asked %v)", tt.until, got.Status, tt.want, h.times(url))
		}
	}
}

func TestAnOldPageThatBecomesAWallIsNoNewVersion(t *testing.T) {
	const url = "https://www.hsb.example/a"
	wall := `<html><head><title>Before you continue</title></head><body><h1>We value your privacy</h1><p>Please accept cookies to continue. Enable JavaScript and cookies to continue.</p></body></html>`
	h := open(t, []fakeweb.Page{
		page(feedURL, feed(url)), from(page(url, article("A", words)), monday.Add(-time.Hour)), from(page(url, wall), monday.Add(30*time.Minute)),
	}, []record.Source{feedSource()}, nil)
	h.days(4)
	v := h.visited(url)
	if v.State != record.VisitFailed || !strings.Contains(v.Error, "wall") || v.Due.IsZero() {
		t.Errorf("visit %+v, want it to name the wall, and to have another turn", v)
	}
	if n := len(h.times(url)); n > 6 {
		t.Errorf("a wall was asked %d times in four days, want only the page's own turns", n)
	}
	if got := h.words(); len(got) != 1 || h.Report().Versions != 0 || h.Report().Gone != 0 {
		t.Errorf("words %q, report %+v", got, h.Report())
	}
}

func TestRhythmFollowsTheRateOfChange(t *testing.T) {
	if testing.Short() {
		t.Skip("weeks of visits one after the other: too long for the race detector, and run without it")
	}
	for name, tt := range map[string]struct {
		gap         time.Duration // between two new entries; 0: none ever
		least, most time.Duration // of the rhythm after ten days
	}{
		"nothing ever changes":     {0, 6 * time.Hour, 6 * time.Hour},
		"a new entry each day":     {day, 15 * time.Minute, 90 * time.Minute},
		"three a day":              {8 * time.Hour, 15 * time.Minute, 40 * time.Minute},
		"one every twenty minutes": {20 * time.Minute, 15 * time.Minute, 15 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, nil, []record.Source{feedSource()}, nil)
			h.web.Handle("www.hsb.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/feed/" {
					http.NotFound(w, r)
					return
				}
				n := 0
				if tt.gap > 0 {
					n = int(h.clock().Now().Sub(monday) / tt.gap)
				}
				fmt.Fprint(w, feed(fmt.Sprintf("https://www.hsb.example/%d", n)))
			}))
			h.days(10)
			r := h.visited(feedURL).Rhythm
			every := time.Duration(r.Every) * time.Second
			if every < tt.least || every > tt.most {
				t.Errorf("%s; want between %v and %v", r.Why, tt.least, tt.most)
			}
			if visits := len(h.times(feedURL)); tt.gap == 0 && visits > 60 {
				t.Errorf("%d visits in ten days of a feed that never changes", visits)
			}
			if !strings.HasPrefix(r.Why, "asked every ") || !strings.Contains(r.Why, "(between 15 min and 6 h), because it ") {
				t.Errorf("why: %s", r.Why)
			}
		})
	}
}

func TestARunningIncidentIsAskedMoreOften(t *testing.T) {
	const url = "https://www.hsb.example/a"
	s := feedSource()
	s.Org = "hsb"
	h := open(t, []fakeweb.Page{page(feedURL, feed(url)), page(url, article("A", words))}, []record.Source{s}, nil)
	h.days(3)
	quiet := h.visited(feedURL).Rhythm
	if quiet.Incident != "" || quiet.Every < 3600 {
		t.Fatalf("before the incident: %s", quiet.Why)
	}
	begins := h.clock().Now().Add(time.Hour)
	_, err := h.cat.SetIncident(t.Context(), record.Incident{Slug: "it-outage", Name: "IT outage", From: begins, To: begins.Add(day), Orgs: []string{"hsb"}}, record.Edit{})
	must(t, err)
	_, err = h.cat.SetIncident(t.Context(), record.Incident{Slug: "elsewhere", Name: "Elsewhere", From: monday, Orgs: []string{"npg"}}, record.Edit{})
	must(t, err)
	h.told = nil
	for h.clock().Now().Before(begins.Add(2 * day)) {
		h.once()
		h.clock().move(5 * time.Minute)
	}
	during, pages, after := 0, 0, 0
	for _, x := range h.told {
		switch in := x.Visit.Tried.After(begins) && x.Visit.Tried.Before(begins.Add(day)); {
		case x.Visit.Lead && in:
			pages++
		case !x.Visit.Lead && in:
			during++
		case !x.Visit.Lead && x.Visit.Tried.After(begins.Add(day)):
			after++
		}
	}
	if during < 72 || pages < 6 || after > 20 {
		t.Errorf("in the day of the incident the feed was asked %d times and its page %d times, on the day after the feed %d times", during, pages, after)
	}
	if got := h.visited(feedURL).Rhythm; got.Incident != "" {
		t.Errorf("after the incident: %s", got.Why)
	}
}

func TestAClockThatJumpsDoesNoHarm(t *testing.T) {
	const url = "https://www.hsb.example/a"
	h := open(t, []fakeweb.Page{page(feedURL, feed(url)), page(url, article("A", words))}, []record.Source{feedSource()}, func(o *Options) { o.OwnGap = 2 * time.Second })
	h.days(1)
	h.told = nil
	h.clock().move(365 * day)
	h.quarters(0.5)
	if n := len(h.told); n < 2 || n > 40 {
		t.Errorf("%d visits in the half day after the clock jumped a year", n)
	}
	h.told = nil
	h.clock().move(-366 * day)
	h.quarters(1.2)
	if feeds, pages := len(h.times(feedURL)), len(h.times(url)); feeds < 4 || pages < 1 || feeds > 100 {
		t.Errorf("in the day after the clock went back a year the feed was asked %d times, its page %d times", feeds, pages)
	}
	h.rebuild() // and by a process that never saw the other time
	h.clock().move(-2 * day)
	h.told = nil
	h.quarters(1.2)
	if feeds := len(h.times(feedURL)); feeds < 4 {
		t.Errorf("after a start with a clock two days behind the feed was asked %d times in a day", feeds)
	}
}

func TestWhatIsDueIsVisitedAtItsTimeOrOnceWhenLate(t *testing.T) {
	steps := Rhythm{}.filled().Pages
	for name, tt := range map[string]struct{ visited, want time.Duration }{
		"right away":                    {0, time.Hour},
		"after an hour":                 {time.Hour, 6 * time.Hour},
		"late, nearer to the next step": {5 * time.Hour, day},
		"late, but nearer to its own":   {2 * time.Hour, 6 * time.Hour},
		"after a month":                 {30 * day, 90 * day},
		"after a year":                  {365 * day, 455 * day},
	} {
		t.Run(name, func(t *testing.T) {
			if got := scheduled(steps, 90*day, monday, monday.Add(tt.visited)).Sub(monday); got != tt.want {
				t.Errorf("the next visit comes after %v, want %v", got, tt.want)
			}
		})
	}
}

func TestAFeedThatMovedForGoodIsAskedThere(t *testing.T) {
	const to = "https://www.hsb.example/new-feed/"
	h := open(t, nil, []record.Source{feedSource()}, nil)
	gone := false
	h.web.Handle("www.hsb.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/feed/" && !gone:
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusMovedPermanently)
		case r.URL.Path == "/feed/", r.URL.Path == "/new-feed/" && !gone:
			fmt.Fprint(w, feed())
		default:
			http.NotFound(w, r)
		}
	}))
	for n := 1; n <= 5; n++ {
		h.once(record.SourceID(feedURL))
		h.clock().move(time.Hour)
		if got := h.state(feedURL).At; (got == to) != (n >= 3) {
			t.Errorf("after %d answers it is asked at %q", n, got)
		}
	}
	if got := h.asked(); len(got) != 8 || got[7] != to || got[6] != to {
		t.Errorf("asked %v, want the new address alone after three redirects", got)
	}
	if s, err := h.cat.Source(t.Context(), to); err != nil || s.URL != feedURL {
		t.Errorf("source at the new address: %+v, %v", s, err)
	}
	gone = true
	for range 4 {
		h.once(record.SourceID(feedURL))
		h.clock().move(time.Hour)
	}
	if s := h.state(feedURL); s.At != "" || s.Visit.State != record.VisitOK {
		t.Errorf("after the new address failed three times: at %q, %s", s.At, s.Visit.Error)
	}
	edits, err := h.cat.Edits(t.Context(), 0, 10)
	must(t, err)
	if len(edits) != 3 || edits[1].Action != "source.moved" || edits[1].Who != "crawler" || edits[2].Action != "source.moved_back" {
		t.Errorf("edit log %+v", edits)
	}
}

func TestAFrozenFeedIsStaleByItsOwnRhythm(t *testing.T) { // F23
	if testing.Short() {
		t.Skip("weeks of visits one after the other: too long for the race detector, and run without it")
	}
	h := open(t, nil, []record.Source{feedSource()}, nil)
	h.web.Handle("www.hsb.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/feed/" {
			http.NotFound(w, r)
			return
		}
		n := min(int(h.clock().Now().Sub(monday)/day), 6) // one entry a day, for six days
		fmt.Fprint(w, feed(fmt.Sprintf("https://www.hsb.example/%d", n)))
	}))
	for _, tt := range []struct {
		until float64
		want  bool
	}{{3, false}, {8, false}, {9.5, true}, {36, true}} {
		h.quarters(tt.until - h.clock().Now().Sub(monday).Hours()/24)
		if got := !h.visited(feedURL).Stale(h.clock().Now()).IsZero(); got != tt.want {
			t.Errorf("after %v days stale is %v, want %v (%v)", tt.until, got, tt.want, h.visited(feedURL).Rhythm.Changes)
		}
	}
}

func TestAnEntryTakenOutOfItsFeedIsNotedAndLookedAt(t *testing.T) { // F18, F24
	const a, b, c, d = "https://www.hsb.example/a", "https://www.hsb.example/b", "https://www.hsb.example/c", "https://www.hsb.example/d"
	h := open(t, []fakeweb.Page{
		from(page(feedURL, feed(a, b, c)), monday.Add(-time.Hour)), from(page(feedURL, feed(d, a, b)), monday.Add(24*time.Hour)), // c has rolled off
		from(page(feedURL, feed(d, b)), monday.Add(48*time.Hour)), // a was taken out
		from(page(feedURL, feed(d, a, b)), monday.Add(96*time.Hour)),
		page(a, article("A", words)), page(b, article("B", "The second statement of the day is about something else altogether, as you will see.")),
		page(c, "<p>c"), page(d, "<p>d"),
	}, []record.Source{feedSource()}, nil)
	sighting := func() record.Sighting {
		ids, err := h.cat.StatementIDs(t.Context(), "", 9)
		must(t, err)
		list, err := h.cat.Statements(t.Context(), ids)
		must(t, err)
		for _, s := range list {
			if s.Sightings[0].CanonicalURL == a {
				return s.Sightings[0]
			}
		}
		t.Fatalf("no statement of %s among %d", a, len(list))
		return record.Sighting{}
	}
	h.quarters(2)
	if got := sighting().Unlisted; !got.IsZero() || !h.visited(c).Unlisted.IsZero() {
		t.Errorf("unlisted since %v, the last entry since %v; want neither: one made room", got, h.visited(c).Unlisted)
	}
	before := len(h.times(a))
	h.quarters(0.5)
	got := sighting().Unlisted
	if got.Before(monday.Add(2*day)) || got.After(monday.Add(2*day+6*time.Hour)) || len(h.times(a)) != before+1 {
		t.Errorf("no longer in its feed since %v, its page looked at %d times more", got, len(h.times(a))-before)
	}
	h.quarters(2)
	if got := sighting().Unlisted; !got.IsZero() {
		t.Errorf("in its feed again, and unlisted since %v", got)
	}
}

func TestAPageThatRobotsForbidsByNowIsNoLongerCrawled(t *testing.T) { // R12
	const url = "https://www.hsb.example/a"
	robots := page("https://www.hsb.example/robots.txt", "User-agent: *\nDisallow: /a\n")
	h := open(t, []fakeweb.Page{page(feedURL, feed(url)), page(url, article("A", words)), from(robots, monday.Add(2*day))}, []record.Source{feedSource()}, nil)
	h.days(9)
	ids, err := h.cat.StatementIDs(t.Context(), "", 9)
	must(t, err)
	s, err := h.cat.Statement(t.Context(), ids[0])
	must(t, err)
	if got := s.Sightings[0].Forbidden; got.Before(monday.Add(2*day)) || s.Status != record.Current {
		t.Errorf("no longer crawled since %v, status %s", got, s.Status)
	}
}
