package main

import (
	"io"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onrecord/crawler"
	"onrecord/guard"
	"onrecord/record"
	"onrecord/register"
)

// shipped are the settings of the config.toml at the root of the project.
func shipped(t *testing.T) settings {
	t.Helper()
	p := &program{configFile: filepath.Join("..", "..", "config.toml"), stderr: io.Discard}
	s, err := p.settings()
	if err != nil {
		t.Fatal(err)
	}
	s.Data.Dir = filepath.Join(t.TempDir(), "data")
	return s
}

// shippedHouse is a house over an empty folder with those settings.
func shippedHouse(t *testing.T, clock crawler.Clock) *house {
	t.Helper()
	h, err := openHouseAt(t.Context(), shipped(t), slog.New(slog.DiscardHandler), "test", register.Default(), clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func TestTheSourcesThatComeWithItAreInOrder(t *testing.T) {
	h := shippedHouse(t, crawler.Wall{})
	if err := h.syncSources(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := h.catalogue.SourceStates(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	on, names := 0, map[string]string{}
	for _, s := range list {
		if s.Watched() {
			on++
		}
		o, ok := h.register.Org(s.Org)
		if !ok {
			t.Errorf("%s: no organisation %q", s.URL, s.Org)
		}
		if !strings.HasPrefix(s.Name, o.Name+": ") {
			t.Errorf("%s: its name %q does not begin with %q", s.URL, s.Name, o.Name)
		}
		if other := names[s.Name]; other != "" {
			t.Errorf("%s and %s are both named %q", s.URL, other, s.Name)
		}
		names[s.Name] = s.URL
		if s.Note == "" {
			t.Errorf("%s: no note says where it is known from", s.URL)
		}
		if s.Enabled && s.Kind != record.SourceFeed {
			t.Errorf("%s: a %s is on, though nobody has checked it", s.URL, s.Kind)
		}
	}
	if len(list) != 137 || on != 40 {
		t.Errorf("%d sources, %d on; want 137 and 40", len(list), on)
	}
	if n, err := h.edit.SyncSources(t.Context(), h.settings.sourcesWanted()); err != nil || n != 0 {
		t.Errorf("the same settings again change %d sources (%v)", n, err)
	}
}

// TestTheSourcesThatComeWithItAskNobody visits them all as the settings have it:
// without a contact every one is refused before anything is sent. Names lead to
// an address, so that none is looked up, and the witness would hinder a
// connection even if the guard were broken.
func TestTheSourcesThatComeWithItAskNobody(t *testing.T) {
	clock := &demoClock{now: time.Date(2026, 9, 20, 9, 0, 0, 0, time.UTC), ends: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), ended: make(chan struct{})}
	h := shippedHouse(t, clock)
	if err := h.syncSources(t.Context()); err != nil {
		t.Fatal(err)
	}
	o, err := h.settings.crawlOptions()
	if err != nil {
		t.Fatal(err)
	}
	if h.settings.Crawl.Contact != "" || len(h.settings.Crawl.OwnNetworks) != 0 {
		t.Fatalf("the settings allow somebody to be asked: contact %q, own networks %q", h.settings.Crawl.Contact, h.settings.Crawl.OwnNetworks)
	}
	to := map[string]string{}
	for _, s := range h.settings.Sources {
		u, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		to[u.Host+":443"] = "9.9.9.9:443"
	}
	o.Dialer = guard.New(guard.Options{Strangers: h.settings.Crawl.Contact != "", ConnectTo: to, Witness: func(_, address string) error {
		t.Errorf("the guard let %s pass", address)
		return net.ErrClosed
	}})
	o.Clock, o.Stepped = clock, true
	h.crawler = crawler.New(h.archive, h.catalogue, h.ingest, o)
	r, err := h.crawler.Once(t.Context())
	if err != nil || r.Visits == 0 || r.Visits != r.Failed || r.Captures != 0 {
		t.Errorf("%+v (%v): want nothing but refusals", r, err)
	}
	list, err := h.catalogue.SourceStates(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if s.Watched() && (s.Visit.State != record.VisitBarred || !strings.Contains(s.Visit.Error, "crawl.contact is not set")) {
			t.Errorf("%s: %q %s", s.URL, s.Visit.State, s.Visit.Error)
		}
	}
}
