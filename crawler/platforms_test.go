package crawler

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"onrecord/editor"
	"onrecord/extract"
	"onrecord/internal/fakeweb"
	"onrecord/record"
)

func TestAChannelsFeedIsReadForItsTitlesAndDescriptions(t *testing.T) {
	const channel = "UCabcdefghijklmnopqrstuv"
	const url = "https://www.youtube.com/feeds/videos.xml?channel_id=" + channel
	h := open(t, nil, []record.Source{{URL: url, Kind: record.SourceYouTube, Org: "hsb"}}, nil)
	a := &fakeweb.Account{Host: "www.youtube.com", Handle: "hsb", Name: "Health Service Brackenshire"}
	a.Post(fakeweb.Post{ID: 1, Text: "What to do while clinics & wards are shut\nEvery clinic of the county stays shut until Friday evening. <Ring> before you travel.", At: monday.AddDate(0, 0, -2)})
	a.Post(fakeweb.Post{ID: 2, Text: "Clinics open again on Monday morning\nThank you for your patience in these three weeks.", At: monday.AddDate(0, 0, -1)})
	h.web.Handle("www.youtube.com", a.YouTube(channel))
	if r := h.once(); r.Failed != 0 || r.Visits != 1 {
		t.Fatalf("report %+v: %s", r, h.state(url).Visit.Error)
	}
	list := h.statements()
	if len(list) != 2 {
		t.Fatalf("%d statements, want a video each: %q", len(list), h.words())
	}
	for i, s := range list {
		x := s.Sightings[0]
		if s.Kind != record.PostKind || s.Speaker.Org != "hsb" || x.Platform != "youtube" || !strings.HasPrefix(x.URL, "https://www.youtube.com/watch?v=video") || s.Said.Basis != record.FromPost {
			t.Errorf("statement %d: kind %s, org %q, %s at %s, said %v", i, s.Kind, s.Speaker.Org, x.Platform, x.URL, s.Said)
		}
	}
	if got := strings.Join(h.words(), "\n"); !strings.Contains(got, "clinics & wards are shut") || !strings.Contains(got, "<Ring> before you travel.") {
		t.Errorf("words %q", got)
	}
	// A title that is changed is a wording more of the same video.
	a.Post(fakeweb.Post{ID: 2, Text: "Clinics open again on Tuesday morning\nThank you for your patience in these three weeks.", At: monday.AddDate(0, 0, -1), Edited: monday.Add(time.Hour)})
	h.clock().move(2 * time.Hour)
	h.once()
	list = h.statements()
	if len(list) != 2 || !slices.ContainsFunc(list, func(s record.Statement) bool { return len(s.Wordings) == 2 }) {
		t.Errorf("after a title was changed: %d statements, %q", len(list), h.words())
	}
}

func TestAnswersThatAreNoChannelsFeedAreTold(t *testing.T) {
	const url = "https://www.youtube.com/feeds/videos.xml?channel_id=UCabcdefghijklmnopqrstuv"
	h := open(t, []fakeweb.Page{page(url, "<html><body>Before you continue to the site</body></html>")}, []record.Source{{URL: url, Kind: record.SourceYouTube, Org: "hsb"}}, nil)
	h.once()
	if v := h.state(url).Visit; v.State != record.VisitFailed || !strings.Contains(v.Error, "feed of a YouTube channel") {
		t.Errorf("%s: %s", v.State, v.Error)
	}
}

// liveBlog is a page of timed updates as schema.org has it, the newest first.
func liveBlog(updates ...string) string {
	var list []string
	for n := len(updates); n > 0; n-- {
		at := monday.Add(time.Duration(n-1) * 2 * time.Minute).Format(time.RFC3339)
		list = append(list, fmt.Sprintf(`{"@type":"BlogPosting","@id":"https://www.hsb.example/live#u%[1]d","url":"https://www.hsb.example/live#u%[1]d","headline":"Update %[1]d","datePublished":%[2]q,"articleBody":%[3]q}`, n, at, updates[n-1]))
	}
	return `<html><head><title>Live</title><script type="application/ld+json">{"@context":"https://schema.org","@type":"LiveBlogPosting","headline":"Clinics shut: live","datePublished":"2025-03-10T08:00:00Z","liveBlogUpdate":[` + strings.Join(list, ",") + `]}</script></head><body><main><h1>Clinics shut: live</h1></main></body></html>`
}

func TestALivePageIsAskedEveryTwoMinutesAndItsUpdatesAreDated(t *testing.T) {
	const url = "https://www.hsb.example/live"
	said := func(n int) string {
		return fmt.Sprintf("Dr Mara Ellison, of Health Service Brackenshire, said: “%s”", clinic(n))
	}
	h := open(t, nil, []record.Source{{URL: url, Kind: record.SourceLive, Org: "hsb"}}, nil)
	var updates []string
	h.web.Handle("www.hsb.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/live" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, liveBlog(updates...))
	}))
	for n := 1; n <= 4; n++ {
		updates = append(updates, said(n))
		if r := h.once(); r.Failed != 0 {
			t.Fatalf("report %+v: %s", r, h.state(url).Visit.Error)
		}
		v := h.state(url).Visit
		if gap := v.Due.Sub(v.Tried); gap != 2*time.Minute {
			t.Errorf("after update %d it is asked again in %v", n, gap)
		}
		if got := h.statements(); len(got) != n {
			t.Fatalf("after update %d: %d statements, %q", n, len(got), h.words())
		}
		h.clock().move(2 * time.Minute)
	}
	if n := len(h.asked()); n != 4 {
		t.Errorf("asked %d times, want once an update", n)
	}
	dates := map[string]bool{}
	for _, s := range h.statements() {
		if s.Said.Basis != record.FromUpdate || !s.Said.Timed() {
			t.Errorf("%q said %v, by %s; want the time of its update", s.Text, s.Said, s.Said.Basis)
		}
		dates[s.Said.String()] = true
	}
	if len(dates) != 4 {
		t.Errorf("said at %v, want four times", dates)
	}
}

func TestUnderATagOnlyKnownAccountsAreKept(t *testing.T) {
	const url = "https://social.example/api/v1/timelines/tag/clinics?limit=3"
	h := open(t, nil, []record.Source{{URL: url, Kind: record.SourceMastodon, Most: 60}}, nil)
	a := account("social.example", "hsb", 2)
	for n := int64(3); n <= 8; n++ {
		by := "somebody@elsewhere.example"
		if n%2 == 0 {
			by = ""
		}
		a.Post(fakeweb.Post{ID: n, Text: clinic(int(n)), At: monday.Add(time.Duration(n) * time.Minute).Add(-time.Hour), By: by})
	}
	a.Post(fakeweb.Post{ID: 9, Text: "What somebody said and this account passed on to others under the tag.", At: monday.Add(-time.Minute), Repeats: true})
	h.web.Handle("social.example", a.Mastodon())
	if r := h.once(); r.Failed != 0 || r.Visits != 3 {
		t.Errorf("report %+v, want three answers of the timeline", r)
	}
	h.checkPosts(5) // 1, 2, 4, 6 and 8: the account that the register knows
	for _, s := range h.statements() {
		if !strings.HasPrefix(s.Sightings[0].URL, "https://social.example/@hsb/") {
			t.Errorf("kept of another account: %s", s.Sightings[0].URL)
		}
	}
	h.clock().move(16 * time.Minute)
	a.Post(fakeweb.Post{ID: 10, Text: clinic(10), At: monday.Add(10 * time.Minute)})
	before := len(h.asked())
	h.once()
	h.checkPosts(6)
	if n := len(h.asked()) - before; n > 2 {
		t.Errorf("one post more took %d answers", n)
	}
}

func TestAPageIsReadWhereItsJSONIsNotToBeHad(t *testing.T) {
	const at = "https://www.gov.example/government/news/statement-1"
	const content = "https://www.gov.example/api/content/government/news/statement-1"
	text := article("Statement", clinic(1))
	for name, tt := range map[string]struct {
		robots  string
		json    func(w http.ResponseWriter)
		visits  int // until the page was read
		contact int // how often the JSON was asked for
	}{
		"not there":  {"", func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) }, 1, 1},
		"gone":       {"", func(w http.ResponseWriter) { w.WriteHeader(http.StatusGone) }, 1, 1},
		"not for us": {"", func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) }, 1, 1},
		"forbidden":  {"User-agent: *\nDisallow: /api/\n", nil, 1, 0},
		"a web page instead": {"", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html><body>Sorry</body></html>")
		}, 1, 1},
		"broken off": {"", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"base_path":"/gov`)
		}, 1, 1},
		"at fault for days": {"", func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) }, 8, 8},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, []fakeweb.Page{page(feedURL, feed(at))}, []record.Source{feedSource()}, func(o *Options) {
				o.Content, o.PageOf = extract.ContentAddress, extract.PageAddress
				noRevisits(o)
			})
			h.web.Handle("www.gov.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/robots.txt" && tt.robots != "":
					fmt.Fprint(w, tt.robots)
				case strings.HasPrefix(r.URL.Path, "/api/content/"):
					tt.json(w)
				case r.URL.Path == "/government/news/statement-1":
					w.Header().Set("Content-Type", "text/html; charset=utf-8")
					fmt.Fprint(w, text)
				default:
					http.NotFound(w, r)
				}
			}))
			for n := 1; n <= tt.visits; n++ {
				h.once()
				if read := len(h.statements()) > 0; read != (n == tt.visits) {
					t.Fatalf("after visit %d it is read: %v; the JSON: %+v", n, read, h.visited(content))
				}
				h.clock().move(7 * time.Hour)
			}
			asked := 0
			for _, u := range h.asked() {
				if u == content {
					asked++
				}
			}
			list := h.statements()
			if asked != tt.contact || len(list) != 1 || list[0].Sightings[0].CanonicalURL != at {
				t.Errorf("the JSON was asked for %d times, want %d; statements %+v", asked, tt.contact, list)
			}
			h.clock().move(48 * time.Hour)
			before := len(h.asked())
			h.once()
			if again := h.asked()[before:]; slices.Contains(again, content) {
				t.Errorf("the JSON is asked for on and on: %v", again)
			}
		})
	}
}

func TestAMovedFeedIsFollowedAsSoonAsSomebodySaysSo(t *testing.T) {
	const to, story = "https://www.hsb.example/new-feed/", "https://www.hsb.example/story"
	h := open(t, nil, []record.Source{feedSource()}, noRevisits)
	lost := false
	h.web.Handle("www.hsb.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/feed/" && !lost:
			http.Redirect(w, r, to, http.StatusPermanentRedirect)
		case r.URL.Path == "/feed/", r.URL.Path == "/new-feed/" && !lost:
			fmt.Fprint(w, feed(story))
		case r.URL.Path == "/story":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, article("Story", clinic(1)))
		default:
			http.NotFound(w, r)
		}
	}))
	edit := editor.New(h.cat, nil, h.clock().Now)
	edit.Sources(editor.SourceRules{Canonical: extract.Canonical, Changed: h.Wake})
	id := record.SourceID(feedURL)
	if _, err := edit.FollowMove(t.Context(), id, "Mara", ""); err == nil || !strings.Contains(err.Error(), "did not say that it has moved") {
		t.Fatalf("before it was asked: %v", err)
	}
	h.once()
	if v := h.state(feedURL).Visit; v.Moved != to || v.MovedTimes != 1 {
		t.Fatalf("after one answer: %q, %d times", v.Moved, v.MovedTimes)
	}
	if s, err := edit.FollowMove(t.Context(), id, "Mara", "they told us"); err != nil || s.At != to || s.URL != feedURL || s.ID != id {
		t.Fatalf("%+v, %v", s, err)
	}
	if _, err := edit.AddSource(t.Context(), editor.NewSource{URL: to, Kind: record.SourceFeed}, "Mara"); err == nil || !strings.Contains(err.Error(), string(id)) {
		t.Errorf("the new address as a source of its own: %v, want it refused by the name of the old one", err)
	}
	h.clock().move(time.Hour)
	before := len(h.asked())
	h.once(id)
	if got := h.asked()[before:]; !slices.Equal(got, []string{to}) {
		t.Errorf("asked %v, want the new address alone", got)
	}
	if x := h.state(feedURL); x.Visit.State != record.VisitOK || x.Visit.Moved != "" || x.Visit.Failures != 0 || x.Pages[record.VisitOK] != 1 {
		t.Errorf("its state %+v", x)
	}
	if n := len(h.statements()); n != 1 {
		t.Errorf("%d statements, want the one that was there", n)
	}
	lost = true
	for range 3 {
		h.clock().move(time.Hour)
		h.once(id)
	}
	if s := h.state(feedURL); s.At != "" {
		t.Errorf("after the new address failed three times it is still asked at %q", s.At)
	}
	edits, err := h.cat.Edits(t.Context(), 0, 10)
	must(t, err)
	if len(edits) != 3 || edits[1].Action != "source.moved" || edits[1].Who != "Mara" || edits[1].Why != "they told us" || edits[2].Action != "source.moved_back" {
		t.Errorf("edit log %+v", edits)
	}
}
