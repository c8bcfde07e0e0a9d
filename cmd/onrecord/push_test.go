package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"onrecord/internal/fakeweb"
	"onrecord/record"
)

// While serve runs, a hub that the feed names calls at the address of the
// settings, and the feed is asked at once.
func TestServeIsToldByAHub(t *testing.T) {
	const feedURL, topic = "https://feeds.example/feed.xml", "https://feeds.example/self.xml"
	var mu sync.Mutex
	var asked url.Values
	feeds := make(chan struct{}, 16)
	web, err := fakeweb.Start(nil, nil, "feeds.example", "hub.example")
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	web.Handle("feeds.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/feed.xml" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Link", `<https://hub.example/>; rel="hub", <`+topic+`>; rel="self"`)
		w.Header().Set("Content-Type", "application/rss+xml")
		_, _ = w.Write([]byte(`<rss version="2.0"><channel><title>News</title></channel></rss>`))
		feeds <- struct{}{}
	}))
	home := httptest.NewUnstartedServer(nil) // stands for the proxy in front
	address := "http://" + home.Listener.Addr().String()
	web.Handle("hub.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.ParseForm() != nil {
			http.NotFound(w, r)
			return
		}
		mu.Lock()
		asked = r.PostForm
		mu.Unlock()
		w.WriteHeader(http.StatusAccepted)
	}))
	s := defaults()
	s.Data.Dir = filepath.Join(t.TempDir(), "data")
	s.Crawl.OwnNetworks, s.Crawl.CAFile = []string{"127.0.0.0/8"}, write(t, filepath.Join(t.TempDir(), "roots.pem"), string(web.PEM()))
	for from, to := range web.ConnectTo() {
		s.Crawl.ConnectTo = append(s.Crawl.ConnectTo, from+"="+to)
	}
	s.Crawl.PublicURL = address + "/"
	s.Sources = []sourceSetting{{Kind: string(record.SourceFeed), URL: feedURL, Enabled: true, EveryS: 86400, MostS: 86400}}
	p := &program{stdout: &discard{}, stderr: &discard{}, flags: map[string]string{}}
	h, err := openHouse(t.Context(), s, p.logger(s), "serve")
	if err != nil {
		t.Fatal(err)
	}
	h.publicURL = s.Crawl.PublicURL
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- errors.Join(p.serve(ctx, h, home.Listener, handlerOptions{}, h.crawlBeside), h.close())
	}()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	wait := func(what string, ok func() bool) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: not within 30 s", what)
			}
		}
	}
	wait("the feed is asked", func() bool { return len(feeds) == 1 })
	wait("the hub is asked", func() bool { mu.Lock(); defer mu.Unlock(); return asked != nil })
	callback := asked.Get("hub.callback")
	if !strings.HasPrefix(callback, address+"/websub/") || asked.Get("hub.topic") != topic {
		t.Fatalf("the hub was asked %v", asked)
	}
	call := func(method, address, body, signature string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Hub-Signature", signature)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	q := url.Values{"hub.mode": {"subscribe"}, "hub.topic": {topic}, "hub.challenge": {"x"}, "hub.lease_seconds": {"86400"}}
	if got := call(http.MethodGet, callback+"?"+q.Encode(), "", ""); got != http.StatusOK {
		t.Fatalf("the hub's question is answered with %d", got)
	}
	mac := hmac.New(sha256.New, []byte(asked.Get("hub.secret")))
	mac.Write([]byte("news"))
	if got := call(http.MethodPost, callback, "news", "sha256="+hex.EncodeToString(mac.Sum(nil))); got != http.StatusAccepted {
		t.Fatalf("the message is answered with %d", got)
	}
	v, err := h.catalogue.Visit(t.Context(), feedURL)
	if err != nil || v.Due.Sub(v.Tried) > time.Minute {
		t.Errorf("after the message the feed is due at %v, it was asked at %v (%v)", v.Due, v.Tried, err)
	}
	if got := call(http.MethodPost, address+"/websub/nobody-knows", "news", ""); got != http.StatusNotFound {
		t.Errorf("an unknown callback is answered with %d", got)
	}
}

type discard struct{}

func (*discard) Write(b []byte) (int, error) { return len(b), nil }
