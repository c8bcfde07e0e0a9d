package crawler

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"onrecord/extract"
	"onrecord/internal/fakeweb"
	"onrecord/record"
)

// askPosts has platforms asked about posts.
func askPosts(o *Options) {
	o.Post = func(platform, url string) string {
		place, _ := extract.PostPlace(platform, url, extract.APIHosts{Bluesky: "https://api.bsky.example"})
		return place
	}
}

const embed = `<blockquote class="twitter-tweet"><p lang="en" dir="ltr">The clinic in Aldermere is open again from today, and all appointments stand.</p>&mdash; Health Service Brackenshire (@HSBrackenshire) <a href="https://twitter.com/HSBrackenshire/status/1898999999999999999?ref_src=x">March 10, 2025</a></blockquote>`

// post is the sighting in the embedded post.
func (h *house) post() record.Sighting {
	h.Helper()
	for _, s := range h.statements() {
		for _, x := range s.Sightings {
			if x.Platform != "" {
				return x
			}
		}
	}
	h.Fatal("no post on record")
	return record.Sighting{}
}

func TestAPostThatIsTakenDownIsSeenWhereItIsEmbedded(t *testing.T) {
	const page1 = "https://outlet.example/clinic"
	h := open(t, []fakeweb.Page{page(feedURL, feed(page1)), page(page1, strings.Replace(article("Clinic", "We are glad that it is open again."), "</article>", embed+"</article>", 1))}, []record.Source{feedSource()}, askPosts)
	var status atomic.Int64
	status.Store(http.StatusOK)
	asked := ""
	h.web.Handle("publish.x.com", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		asked = r.URL.Query().Get("url")
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(int(status.Load()))
		_, _ = io.WriteString(w, `{"html":"<blockquote>other words that are nobody's statement</blockquote>"}`)
	}))
	h.once()
	if asked != "" {
		t.Error("the platform was asked at once about a post that was just seen")
	}
	until := func(d time.Duration) {
		for end := monday.Add(d); h.clock().Now().Before(end); h.clock().move(time.Hour) {
			h.once()
		}
	}
	until(2 * day)
	if want := "https://x.com/HSBrackenshire/status/1898999999999999999"; asked != want {
		t.Fatalf("the platform was asked about %q, want %q", asked, want)
	}
	if x := h.post(); !x.PostMissing.IsZero() || len(h.statements()) != 2 {
		t.Errorf("while it stands: missing %v, %q on record", x.PostMissing, h.words())
	}
	status.Store(http.StatusNotFound)
	until(9 * day)
	x := h.post()
	if x.PostMissing.IsZero() || x.PostMissing.Before(monday.Add(2*day)) || !x.PostRemoved.IsZero() || !x.Missing.IsZero() {
		t.Errorf("two days after: post missing %v, removed %v, its page missing %v", x.PostMissing, x.PostRemoved, x.Missing)
	}
	until(25 * day)
	if x = h.post(); x.PostRemoved.Sub(x.PostMissing) < 14*day {
		t.Errorf("after fourteen days: missing %v, removed %v", x.PostMissing, x.PostRemoved)
	}
	for _, s := range h.statements() {
		if s.Status != record.Current {
			t.Errorf("%q is %s although a page carries it", s.Text, s.Status)
		}
	}
	var told []string
	changes, err := h.cat.Changes(t.Context(), record.Position{}, 1000)
	must(t, err)
	for _, c := range changes {
		if c.Kind == record.StatusChanged {
			told = append(told, c.Detail)
		}
	}
	if len(told) != 2 || !strings.HasPrefix(told[0], "its post is missing on its platform: ") || !strings.HasPrefix(told[1], "its post is removed from its platform: ") {
		t.Errorf("the change log tells %q", told)
	}
	want := h.ids()
	if got := h.rebuilt(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("a rebuild gives\n%q\nwant\n%q", got, want)
	}
	if y := h.post(); !y.PostMissing.Equal(x.PostMissing) || !y.PostRemoved.Equal(x.PostRemoved) {
		t.Errorf("after a rebuild missing %v, removed %v; want %v, %v", y.PostMissing, y.PostRemoved, x.PostMissing, x.PostRemoved)
	}
	h.rebuildOn()
	status.Store(http.StatusOK)
	until(80 * day)
	if x = h.post(); !x.PostMissing.IsZero() || !x.PostRemoved.IsZero() {
		t.Errorf("after it came back: missing %v, removed %v", x.PostMissing, x.PostRemoved)
	}
}

func TestAPostThatLeavesItsAccountIsLookedForAtOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		host, url, handle string
		kind              record.SourceKind
		answer            func(*fakeweb.Account) http.Handler
	}{
		"mastodon": {"social.example", "https://social.example/api/v1/accounts/109/statuses?limit=40", "hsb", record.SourceMastodon, (*fakeweb.Account).Mastodon},
		"bluesky":  {"api.bsky.example", "https://api.bsky.example/xrpc/app.bsky.feed.getAuthorFeed?actor=hsb.example&limit=50", "hsb.example", record.SourceBluesky, (*fakeweb.Account).Bluesky},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, nil, []record.Source{{URL: tt.url, Kind: tt.kind, Every: 3600, Most: 3600}}, askPosts)
			steps := func(n int, each time.Duration) {
				for range n {
					h.clock().move(each)
					h.once()
				}
			}
			a := account(tt.host, tt.handle, 6)
			h.web.Handle(tt.host, tt.answer(a))
			h.once()
			h.checkPosts(6)
			n := len(h.asked())
			steps(4, 2*time.Hour)
			for _, u := range h.asked()[n:] {
				if u != tt.url {
					t.Errorf("%s was asked for although every post is listed", u)
				}
			}
			a.Delete(3)
			steps(4, time.Hour)
			status := func() (out []record.Status) {
				for _, s := range h.statements() {
					if s.Text == clinic(3) {
						out = append(out, s.Status)
					} else if s.Status != record.Current {
						t.Errorf("%q is %s", s.Text, s.Status)
					}
				}
				return out
			}
			if got := status(); len(got) != 1 || got[0] != record.Missing {
				t.Errorf("the post that was taken back is %v, want missing", got)
			}
			steps(17, day)
			if got := status(); len(got) != 1 || got[0] != record.Removed {
				t.Errorf("after sixteen days it is %v, want removed", got)
			}
			a.Post(fakeweb.Post{ID: 3, Text: clinic(3), At: monday.AddDate(0, 0, -4)})
			steps(2, day)
			if got := status(); len(got) != 1 || got[0] != record.Current {
				t.Errorf("after it came back it is %v, want current", got)
			}
		})
	}
}

func TestWhereAPlatformIsAskedAboutAPost(t *testing.T) {
	for address, want := range map[string]string{
		"mastodon https://social.example/@hsb/1141":                           "https://social.example/api/v1/statuses/1141",
		"mastodon https://social.example/@hsb@other.example/1141":             "https://social.example/api/v1/statuses/1141",
		"mastodon https://social.example/@hsb":                                "",
		"mastodon https://social.example/about/1141":                          "",
		"bluesky https://bsky.app/profile/did:plc:abc/post/3lk2":              "https://public.api.bsky.app/xrpc/app.bsky.feed.getPostThread?depth=0&parentHeight=0&uri=at%3A%2F%2Fdid%3Aplc%3Aabc%2Fapp.bsky.feed.post%2F3lk2",
		"bluesky https://bsky.app/profile/hsb.example":                        "",
		"x https://x.com/HSBrackenshire/status/18989":                         "https://publish.x.com/oembed?omit_script=1&url=https%3A%2F%2Fx.com%2FHSBrackenshire%2Fstatus%2F18989",
		"x https://x.com/HSBrackenshire/status/18989%2f..%2fadmin":            "",
		"facebook https://www.facebook.com/hsb/posts/1":                       "",
		"youtube https://www.youtube.com/watch?v=abc":                         "",
		"mastodon javascript:alert(1)":                                        "",
		"mastodon https://social.example/users/hsb/statuses/1141":             "https://social.example/api/v1/statuses/1141",
		"mastodon https://social.example/@hsb/1141?x=/api/v1/statuses/../etc": "https://social.example/api/v1/statuses/1141",
	} {
		platform, url, _ := strings.Cut(address, " ")
		got, ok := extract.PostPlace(platform, url, extract.APIHosts{})
		if got != want || ok != (want != "") || ok && !extract.AsksForPost(got) {
			t.Errorf("PostPlace(%s) = %q, %v; want %q", address, got, ok, want)
		}
	}
	if extract.AsksForPost("https://www.hsb.example/news/api/v1/statuses/1") || extract.AsksForPost("https://www.hsb.example/oembed?url=x") {
		t.Error("a page is taken for a platform's answer about a post")
	}
}
