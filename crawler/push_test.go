package crawler

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"onrecord/guard"
	"onrecord/internal/fakeweb"
	"onrecord/record"
)

// hub is a hub as WebSub describes it: it verifies intent before it answers,
// grants leases, and distributes signed content.
type hub struct {
	*testing.T
	back *httptest.Server // the crawler's callback

	mu     sync.Mutex
	asked  []url.Values // requests, in order
	tokens []string     // Authorization of each
	refuse func(w http.ResponseWriter, r *http.Request) bool
	lease  int
	topic  string // asked about in place of the right one; "" for none
	agreed map[string]url.Values
}

const (
	publicURL = "https://onrecord.example"
	hubURL    = "https://hub.example/"
)

func (b *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.URL.Path == "/robots.txt" {
		http.NotFound(w, r)
		return
	}
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		http.Error(w, "no form", http.StatusBadRequest)
		return
	}
	b.asked, b.tokens = append(b.asked, r.PostForm), append(b.tokens, r.Header.Get("Authorization"))
	if b.refuse != nil && b.refuse(w, r) {
		return
	}
	q := url.Values{"hub.mode": {r.PostForm.Get("hub.mode")}, "hub.topic": {r.PostForm.Get("hub.topic")}, "hub.challenge": {"ch<a>llenge&1"}}
	if b.topic != "" {
		q.Set("hub.topic", b.topic)
	}
	if q.Get("hub.mode") == "subscribe" {
		q.Set("hub.lease_seconds", fmt.Sprint(b.lease))
	}
	callback := r.PostForm.Get("hub.callback")
	if status, body := b.call(http.MethodGet, callback+"?"+q.Encode(), "", nil); status/100 == 2 && body == "ch<a>llenge&1" {
		if b.agreed[callback] = r.PostForm; q.Get("hub.mode") == "unsubscribe" {
			delete(b.agreed, callback)
		}
	}
	w.WriteHeader(http.StatusAccepted)
}

// call calls the crawler back, as the web would lead there.
func (b *hub) call(method, address, body string, header http.Header) (int, string) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, strings.Replace(address, publicURL, b.back.URL, 1), strings.NewReader(body))
	if err != nil {
		b.Error(err)
		return 0, ""
	}
	for k, v := range header {
		req.Header[k] = v
	}
	resp, err := b.back.Client().Do(req)
	if err != nil {
		b.Error(err)
		return 0, ""
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Error(err)
	}
	if kind := resp.Header.Get("Content-Type"); len(text) > 0 && !strings.HasPrefix(kind, "text/plain") || len(text) > 0 && resp.Header.Get("X-Content-Type-Options") != "nosniff" {
		b.Errorf("%s %s is answered as %q", method, address, kind)
	}
	return resp.StatusCode, string(text)
}

// push distributes content under a signature by one of the methods; "" sends none.
func (b *hub) push(callback, body, method, secret string) int {
	header := http.Header{"Content-Type": {"application/rss+xml"}}
	if method != "" {
		mac := hmac.New(map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New}[method], []byte(secret))
		mac.Write([]byte(body))
		header.Set("X-Hub-Signature", method+"="+hex.EncodeToString(mac.Sum(nil)))
	}
	status, _ := b.call(http.MethodPost, callback, body, header)
	return status
}

func hubFeed(hub, self string, links ...string) string {
	more := ""
	if hub != "" {
		more = `<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="` + hub + `"/><atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="` + self + `"/>`
	}
	return strings.Replace(feed(links...), "<title>News</title>", "<title>News</title>"+more, 1)
}

const topic = "https://www.hsb.example/feed"

// withHub opens a house with a hub.
func withHub(t *testing.T, pages []fakeweb.Page, sources []record.Source, change func(*Options)) (*house, *hub) {
	t.Helper()
	h := open(t, pages, sources, func(o *Options) {
		o.PublicURL = publicURL
		if change != nil {
			change(o)
		}
	})
	b := &hub{T: t, lease: 3 * 24 * 3600, agreed: map[string]url.Values{}}
	b.back = httptest.NewServer(h.Callback())
	t.Cleanup(func() { b.back.Close(); h.Crawler.close() })
	h.web.Handle("hub.example", b)
	return h, b
}

func (h *house) tended() {
	h.Helper()
	must(h.T, h.tend(h.Context()))
}

func (h *house) subscription() record.Subscription {
	h.Helper()
	list, err := h.cat.Subscriptions(h.Context(), "")
	must(h.T, err)
	if len(list) != 1 {
		h.Fatalf("%d subscriptions, want 1: %+v", len(list), list)
	}
	return list[0]
}

func TestAHubTellsOfAChangeAndTheSourceIsAsked(t *testing.T) {
	change := monday.Add(4 * time.Hour)
	h, b := withHub(t, []fakeweb.Page{
		page(feedURL, hubFeed(hubURL, topic)),
		from(page(feedURL, hubFeed(hubURL, topic, "https://www.hsb.example/a")), change),
		page("https://www.hsb.example/a", article("Fault", "The fault is mended and all surgeries can book again.")),
	}, []record.Source{{URL: feedURL, Kind: record.SourceFeed, Every: 6 * 3600}}, nil)
	h.once()
	h.tended()
	p := h.subscription()
	first := b.asked[0]
	if p.State != record.PushActive || p.Until.Sub(h.clock().Now()) > 3*day || p.Until.Sub(h.clock().Now()) < 3*day-time.Minute || first.Get("hub.topic") != topic || first.Get("hub.secret") != p.Secret || len(p.Secret) < 40 || first.Get("hub.callback") != publicURL+CallbackPath+p.Token || len(p.Token) < 40 {
		t.Fatalf("asked %v, agreed %+v", first, p)
	}
	if state := h.state(feedURL); len(state.Push) != 1 || state.Push[0].Hub != hubURL {
		t.Errorf("the source's state tells %+v of its hub", state.Push)
	}
	h.clock().move(change.Add(10 * time.Minute).Sub(h.clock().Now()))
	before := len(h.asked())
	h.once()
	if n := len(h.asked()) - before; n != 0 {
		t.Fatalf("%d requests before it is due", n)
	}
	body := hubFeed(hubURL, topic, "https://evil.example/words", "https://www.hsb.example/never")
	if got := b.push(first.Get("hub.callback"), body, "sha256", p.Secret); got != http.StatusAccepted {
		t.Errorf("the message is answered with %d", got)
	}
	h.once()
	if got := h.words(); len(got) != 1 || !strings.HasPrefix(got[0], "The fault is mended") {
		t.Errorf("on record after the message: %q", got)
	}
	for _, u := range h.asked() {
		if strings.Contains(u, "evil") || strings.HasSuffix(u, "/never") {
			t.Errorf("%s was asked for the words of a message", u)
		}
	}
	if p = h.subscription(); p.Told != 1 || p.Forged != 0 {
		t.Errorf("told %d, forged %d", p.Told, p.Forged)
	}
}

func TestAMessageCountsByItsSignatureAlone(t *testing.T) {
	for name, tt := range map[string]struct {
		method, secret string
		counts         bool
	}{
		"sha1": {"sha1", "", true}, "sha256": {"sha256", "", true}, "sha384": {"sha384", "", true}, "sha512": {"sha512", "", true},
		"another secret": {"sha256", "guessed", false}, "none": {"", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			h, b := withHub(t, []fakeweb.Page{page(feedURL, hubFeed(hubURL, topic))}, []record.Source{feedSource()}, nil)
			h.once()
			h.tended()
			h.clock().move(3 * time.Minute)
			p := h.subscription()
			if tt.secret == "" {
				tt.secret = p.Secret
			}
			due := h.visited(feedURL).Due
			if got := b.push(b.asked[0].Get("hub.callback"), "words", tt.method, tt.secret); got/100 != 2 {
				t.Errorf("answered with %d", got)
			}
			if hastened := h.visited(feedURL).Due.Before(due); hastened != tt.counts {
				t.Errorf("made due sooner: %v, want %v", hastened, tt.counts)
			}
			if p = h.subscription(); (p.Forged == 1) == tt.counts || (p.Told == 1) != tt.counts {
				t.Errorf("told %d, forged %d", p.Told, p.Forged)
			}
		})
	}
}

func TestAFloodOfMessagesAsksNoMoreThanOnceAMinute(t *testing.T) {
	h, b := withHub(t, []fakeweb.Page{page(feedURL, hubFeed(hubURL, topic))}, []record.Source{feedSource()}, nil)
	h.once()
	h.tended()
	p, before, began := h.subscription(), len(h.asked()), h.clock().Now()
	for h.clock().Now().Sub(began) < 10*time.Minute {
		b.push(b.asked[0].Get("hub.callback"), "words", "sha256", p.Secret)
		h.once()
		h.clock().move(5 * time.Second)
	}
	if n := len(h.asked()) - before; n < 5 || n > 11 {
		t.Errorf("%d requests within ten minutes of messages, want one a minute", n)
	}
}

func TestAMessageDuringAVisitIsNotLost(t *testing.T) {
	var b *hub
	var h *house
	told := false
	h, b = withHub(t, nil, []record.Source{{URL: feedURL, Kind: record.SourceFeed, Every: 6 * 3600}}, nil)
	h.web.Handle("www.hsb.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		b.mu.Lock()
		agreed := len(b.agreed) > 0
		b.mu.Unlock()
		if agreed && !told { // right after it was read
			told = true
			b.push(publicURL+CallbackPath+h.subscription().Token, "words", "sha256", h.subscription().Secret)
		}
		w.Header().Set("Content-Type", "application/rss+xml")
		_, _ = io.WriteString(w, hubFeed(hubURL, topic))
	}))
	h.once()
	h.tended()
	h.clock().move(7 * time.Hour)
	h.once()
	if v := h.visited(feedURL); !told || v.Due.Sub(v.Tried) > pushGap {
		t.Errorf("told %v: asked at %v and again at %v", told, v.Tried, v.Due)
	}
}

func TestLeasesAreRenewedAndEnded(t *testing.T) {
	gone := monday.Add(8 * day)
	h, b := withHub(t, []fakeweb.Page{page(feedURL, hubFeed(hubURL, topic)), from(fakeweb.Page{URL: feedURL, Status: http.StatusGone}, gone)}, []record.Source{feedSource()}, nil)
	for h.clock().Now().Before(monday.Add(10 * day)) {
		h.once()
		h.tended()
		if p := h.subscription(); h.clock().Now().Before(gone) && (p.State != record.PushActive || !p.Until.After(h.clock().Now())) {
			t.Fatalf("at %v there is no lease: %+v", h.clock().Now(), p)
		}
		h.clock().move(6 * time.Hour)
	}
	modes := ""
	for _, a := range b.asked {
		modes += a.Get("hub.mode") + " "
	}
	if modes != "subscribe subscribe subscribe subscribe unsubscribe " || len(b.agreed) != 0 {
		t.Errorf("asked %s, agreed %v; want a renewal a day before each end, and an end with the feed's", modes, b.agreed)
	}
	if got := b.push(b.asked[0].Get("hub.callback"), "words", "", ""); got != http.StatusGone {
		t.Errorf("a message after the end is answered with %d, want 410", got)
	}
	h.clock().move(40 * day)
	h.tended()
	if list, err := h.cat.Subscriptions(t.Context(), ""); err != nil || len(list) != 0 {
		t.Errorf("%v (%v) kept for ever", list, err)
	}
}

func TestASourceThatIsSwitchedOffOrNamesAnotherHubLeaves(t *testing.T) {
	change := monday.Add(2 * day)
	h, b := withHub(t, []fakeweb.Page{page(feedURL, hubFeed(hubURL, topic)), from(page(feedURL, hubFeed("https://hub2.example/", topic)), change)}, []record.Source{feedSource()}, nil)
	second := &hub{T: t, lease: 3 * 24 * 3600, agreed: map[string]url.Values{}, back: b.back}
	h.web.Handle("hub2.example", second)
	h.once()
	h.tended()
	h.clock().move(3 * day)
	h.once()
	h.tended()
	if len(b.agreed) != 0 || len(second.agreed) != 1 || b.asked[0].Get("hub.callback") == second.asked[0].Get("hub.callback") || b.asked[0].Get("hub.secret") == second.asked[0].Get("hub.secret") {
		t.Errorf("agreed with the hub that is named no more: %v, with the new one: %v", b.agreed, second.agreed)
	}
	off := feedSource()
	off.ID = record.SourceID(feedURL)
	must(t, h.cat.SetSources(t.Context(), []record.Source{off}, record.Edit{Who: "test", Action: "source.change"}))
	h.forget()
	h.tended()
	if len(second.agreed) != 0 {
		t.Errorf("agreed although the source is off: %v", second.agreed)
	}
}

func TestHubsThatRefuse(t *testing.T) {
	for name, tt := range map[string]struct {
		refuse func(h *hub) func(w http.ResponseWriter, r *http.Request) bool
		state  record.PushState
		says   string
		again  time.Duration
	}{
		"with a reason": {func(*hub) func(http.ResponseWriter, *http.Request) bool {
			return func(w http.ResponseWriter, _ *http.Request) bool {
				http.Error(w, "no such\n\n topic", http.StatusForbidden)
				return true
			}
		}, record.PushRefused, "the hub answered with status 403: no such topic", 7 * day},
		"out of order": {func(*hub) func(http.ResponseWriter, *http.Request) bool {
			return func(w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(http.StatusInternalServerError)
				return true
			}
		}, record.PushWanted, "the hub answered with status 500", 5 * time.Minute},
		"busy": {func(*hub) func(http.ResponseWriter, *http.Request) bool {
			return func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Retry-After", "600")
				w.WriteHeader(http.StatusTooManyRequests)
				return true
			}
		}, record.PushWanted, "answered with status 429; https://hub.example asked to be left alone until 10 March 2025, 09:10 UTC", 5 * time.Minute},
		"later, by a denial": {func(b *hub) func(http.ResponseWriter, *http.Request) bool {
			return func(w http.ResponseWriter, r *http.Request) bool {
				q := url.Values{"hub.mode": {"denied"}, "hub.topic": {topic}, "hub.reason": {"not<b>\r\nfor you"}}
				if status, _ := b.call(http.MethodGet, r.PostForm.Get("hub.callback")+"?"+q.Encode(), "", nil); status != http.StatusOK {
					b.Errorf("a denial is answered with %d", status)
				}
				w.WriteHeader(http.StatusAccepted)
				return true
			}
		}, record.PushRefused, "the hub denied it: not<b> for you", 7 * day},
		"without a word": {func(*hub) func(http.ResponseWriter, *http.Request) bool {
			return func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusAccepted); return true }
		}, record.PushWanted, "", 10 * time.Minute},
		"for ever elsewhere": {func(*hub) func(http.ResponseWriter, *http.Request) bool {
			return func(w http.ResponseWriter, r *http.Request) bool {
				http.Redirect(w, r, "/again", http.StatusTemporaryRedirect)
				return true
			}
		}, record.PushRefused, "the hub still redirects after 5 hops", 7 * day},
		"to a private address": {func(*hub) func(http.ResponseWriter, *http.Request) bool {
			return func(w http.ResponseWriter, r *http.Request) bool {
				http.Redirect(w, r, "https://10.0.0.1/hub", http.StatusPermanentRedirect)
				return true
			}
		}, record.PushRefused, "blocked address: 10.0.0.1:443 is a private or special address", 7 * day},
	} {
		t.Run(name, func(t *testing.T) {
			h, b := withHub(t, []fakeweb.Page{page(feedURL, hubFeed(hubURL, topic))}, []record.Source{feedSource()}, nil)
			b.refuse = tt.refuse(b)
			h.once()
			h.tended()
			p := h.subscription()
			if wait := p.Next.Sub(h.clock().Now()); p.State != tt.state || !strings.HasPrefix(p.Error, tt.says) || (p.Error == "") != (tt.says == "") || wait > tt.again+time.Minute || wait < tt.again-time.Minute {
				t.Errorf("it is %s (%q), asked again after %v; want %s (%q), %v", p.State, p.Error, wait, tt.state, tt.says, tt.again)
			}
			if h.state(feedURL).Visit.State != record.VisitOK {
				t.Errorf("the source itself is %+v", h.state(feedURL).Visit)
			}
			b.mu.Lock()
			b.refuse = nil
			b.mu.Unlock()
			h.clock().move(8 * day)
			h.tended()
			if p = h.subscription(); !strings.HasPrefix(name, "for ever") && name != "" && p.State != record.PushActive {
				t.Errorf("asked again the hub agrees, and it is %+v", p)
			}
		})
	}
}

func TestWhoDoesNotKnowTheTokenOrTheTopicLearnsNothing(t *testing.T) {
	h, b := withHub(t, []fakeweb.Page{page(feedURL, hubFeed(hubURL, topic))}, []record.Source{feedSource()}, nil)
	b.topic = "https://www.hsb.example/another"
	h.once()
	h.tended()
	if p := h.subscription(); p.State == record.PushActive {
		t.Error("a hub that asks about another topic was confirmed")
	}
	callback := b.asked[0].Get("hub.callback")
	confirm := func(mode string) string {
		return "?" + url.Values{"hub.mode": {mode}, "hub.topic": {topic}, "hub.challenge": {"c"}, "hub.lease_seconds": {"600"}}.Encode()
	}
	for name, tt := range map[string]struct {
		method, address string
		want            int
	}{
		"a guessed token":        {http.MethodGet, publicURL + CallbackPath + "AAAA" + confirm("subscribe"), http.StatusNotFound},
		"a message to one":       {http.MethodPost, publicURL + CallbackPath + "AAAA", http.StatusNotFound},
		"no token":               {http.MethodGet, publicURL + CallbackPath, http.StatusNotFound},
		"an end not asked for":   {http.MethodGet, callback + confirm("unsubscribe"), http.StatusNotFound},
		"a mode that is none":    {http.MethodGet, callback + confirm("publish"), http.StatusNotFound},
		"a message too early":    {http.MethodPost, callback, http.StatusNotFound},
		"another method":         {http.MethodPut, callback, http.StatusMethodNotAllowed},
		"a challenge of 5 KiB":   {http.MethodGet, callback + "?hub.mode=subscribe&hub.topic=" + url.QueryEscape(topic) + "&hub.challenge=" + strings.Repeat("x", 5<<10), http.StatusNotFound},
		"the topic that we mean": {http.MethodGet, callback + confirm("subscribe"), http.StatusOK},
	} {
		if name == "the topic that we mean" {
			continue // after the others
		}
		if got, body := b.call(tt.method, tt.address, "", nil); got != tt.want || strings.Contains(body, topic) {
			t.Errorf("%s is answered with %d %q, want %d", name, got, body, tt.want)
		}
	}
	if got, body := b.call(http.MethodGet, callback+confirm("subscribe"), "", nil); got != http.StatusOK || body != "c" {
		t.Errorf("the right topic is answered with %d %q", got, body)
	}
}

func TestNoHubIsAskedWithoutAPublicAddressOrWhereItMustNot(t *testing.T) {
	for name, tt := range map[string]struct {
		hub    string
		change func(*Options)
		asked  int
		says   string
	}{
		"no public address":       {hubURL, func(o *Options) { o.PublicURL = "" }, 0, ""},
		"a private hub":           {"http://169.254.169.254/latest", nil, 0, "blocked address"},
		"a hub that is no server": {"ftp://hub.example/", nil, 0, ""},
		"the API with our token":  {hubURL, func(o *Options) { o.Tokens = map[string]string{"https://hub.example": "secret"} }, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h, b := withHub(t, []fakeweb.Page{page(feedURL, hubFeed(tt.hub, topic))}, []record.Source{feedSource()}, tt.change)
			h.once()
			h.tended()
			if len(b.asked) != tt.asked {
				t.Errorf("%d requests of the hub, want %d", len(b.asked), tt.asked)
			}
			for _, token := range b.tokens {
				if token != "" {
					t.Errorf("the hub was sent %q", token)
				}
			}
			if tt.says == "" {
				return
			}
			if p := h.subscription(); !strings.Contains(p.Error, tt.says) || p.State != record.PushRefused {
				t.Errorf("it is %s: %q", p.State, p.Error)
			}
		})
	}
}

func TestAStrangersFeedReachesNoHubOfOurOwnNetworks(t *testing.T) {
	var passed []string
	h, b := withHub(t, []fakeweb.Page{page(feedURL, hubFeed(hubURL, topic))}, []record.Source{feedSource()}, nil)
	h.once()
	// From here on the feed's own host is a stranger's, and the hub ours.
	to := h.web.ConnectTo("hub.example")
	h.o.Dialer = guard.New(guard.Options{Own: ownLoopback, ConnectTo: map[string]string{"hub.example:443": to["hub.example:443"]}, Strangers: true, Resolver: noNames(), Witness: func(_, address string) error {
		passed = append(passed, address)
		return errors.New("recorded, not connected")
	}})
	h.rebuild()
	h.tended()
	if len(b.asked) != 0 || len(passed) != 0 {
		t.Errorf("the hub was asked %d times, connections to %v", len(b.asked), passed)
	}
}

func TestSecretsOfHubsAreNeverLogged(t *testing.T) {
	var log strings.Builder
	h, b := withHub(t, []fakeweb.Page{page(feedURL, hubFeed(hubURL, topic))}, []record.Source{feedSource()}, func(o *Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	b.refuse = func(w http.ResponseWriter, r *http.Request) bool {
		http.Error(w, "bad request", http.StatusBadRequest)
		return true
	}
	h.once()
	h.tended()
	p := h.subscription()
	if !strings.Contains(log.String(), "hub not reached") || strings.Contains(log.String(), p.Secret) || strings.Contains(log.String(), p.Token) {
		t.Errorf("the log says %s", log.String())
	}
	for c, err := range h.archive.Captures(t.Context()) {
		must(t, err)
		if strings.Contains(c.URL, "hub.example") && !strings.HasSuffix(c.URL, "/robots.txt") {
			t.Errorf("the archive has %s", c.URL)
		}
	}
}
