package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"onrecord/crawler"
	"onrecord/demo"
	"onrecord/editor"
	"onrecord/extract"
	"onrecord/guard"
	"onrecord/internal/fakeweb"
	"onrecord/record"
	"onrecord/register"
)

func (p *program) demoCommand() *cobra.Command {
	var address string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show what the program does on a small invented world",
		Long: `Crawl a small invented world (every body, person and word in it is made up) and
serve what was said there. Its sites answer on this machine's loopback address;
four days pass in some seconds. It asks no other host, writes to a temporary
folder only, and leaves nothing behind after Ctrl-C.

  $ onrecord demo

Exit codes: 0 ended by Ctrl-C, 1 could not, 2 wrong usage.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.demo(cmd.Context(), address) },
	}
	c.Flags().StringVar(&address, "listen", "", "address to listen on (default 127.0.0.1:8080, or any free port where that is taken)")
	return c
}

func (p *program) demo(ctx context.Context, address string) (err error) {
	l, err := demoListener(ctx, address)
	if err != nil {
		return err
	}
	defer l.Close() // the server closes it as well; this is for what fails before
	dir, err := os.MkdirTemp("", "onrecord-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	reg, err := register.Read(bytes.NewReader(demo.Register()), "the demo's register")
	if err != nil {
		return err
	}
	s := defaults()
	s.Data.Dir = filepath.Join(dir, "data")
	s.Log.Level = "error"
	clock := &demoClock{now: demo.Begins, ends: demo.Ends, ended: make(chan struct{})}
	h, err := openHouseAt(ctx, s, p.logger(s), "demo", reg, clock)
	if err != nil {
		return err
	}
	return errors.Join(p.playDemo(ctx, h, l, clock), h.close())
}

// demoListener takes the address asked for, or the usual one, or any free one.
func demoListener(ctx context.Context, address string) (net.Listener, error) {
	if address != "" {
		return listen(ctx, address)
	}
	l, err := listen(ctx, defaults().Server.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return listen(ctx, "127.0.0.1:0")
	}
	return l, err
}

// playDemo starts the world's sites and the pages, and crawls.
func (p *program) playDemo(ctx context.Context, h *house, l net.Listener, clock *demoClock) (err error) {
	web, err := fakeweb.Start(demoPages(), clock.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, web.Close()) }()
	if err := h.prepareDemo(ctx, web); err != nil {
		return err
	}
	return p.serve(ctx, h, l, handlerOptions{
		notice: "Every body, person and word on these pages is invented. Four days of March 2025 pass here in some seconds; the times are those of that world.",
		start:  "/i/" + demo.Incident().Slug,
	}, func(ctx context.Context) error { return p.crawlDemo(ctx, h, clock) })
}

// prepareDemo enters sources and incident, and builds the crawler that finds
// the world's sites on loopback: the operator's own network here.
func (h *house) prepareDemo(ctx context.Context, web *fakeweb.Web) error {
	sources, firsts := demoSources()
	if err := h.catalogue.SetSources(ctx, sources, record.Edit{Who: "demo", Action: "source.add"}); err != nil {
		return err
	}
	if _, err := h.catalogue.Visited(ctx, firsts, nil); err != nil {
		return err
	}
	i := demo.Incident()
	if _, err := h.edit.AddIncident(ctx, editor.NewIncident{
		Slug: i.Slug, Name: i.Name, Summary: i.Summary, Query: i.Query, From: i.From, To: i.To, Orgs: i.Orgs,
	}, "demo"); err != nil {
		return err
	}
	h.crawler = crawler.New(h.archive, h.catalogue, h.ingest, crawler.Options{
		Agent: h.settings.Crawl.agent(), Canonical: extract.Canonical, Workers: 4, Stepped: true, Clock: h.clock, Log: h.log,
		TLS: &tls.Config{RootCAs: web.Roots(), MinVersion: tls.VersionTLS12},
		Dialer: guard.New(guard.Options{
			Own: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, ConnectTo: web.ConnectTo(),
		}),
	})
	return nil
}

func demoPages() []fakeweb.Page {
	var out []fakeweb.Page
	for _, a := range demo.Answers() {
		out = append(out, fakeweb.Page(a))
	}
	return out
}

// demoSources are the world's sources, and the first visits of those that there
// is nothing to see of before a later day.
func demoSources() (sources []record.Source, firsts []record.Visit) {
	for _, s := range demo.Sources() {
		x := record.Source{
			URL: s.URL, Kind: record.SourceKind(s.Kind), Org: s.Org, Name: s.Name, Every: int64(s.Every / time.Second), Links: s.Links, Enabled: true,
		}
		x.ID = record.SourceID(x.URL)
		sources = append(sources, x)
		firsts = append(firsts, record.Visit{URL: x.URL, Source: x.ID, Due: s.Worth})
	}
	return sources, firsts
}

// crawlDemo crawls until ctx ends, and says when the world's four days are over.
func (p *program) crawlDemo(ctx context.Context, h *house, clock *demoClock) error {
	began := time.Now()
	var wait sync.WaitGroup
	defer wait.Wait()
	wait.Go(func() {
		select {
		case <-clock.ended:
			if c, err := h.catalogue.Counts(ctx); err == nil {
				fmt.Fprintf(p.stderr, "crawled four days of an invented world in %.1f s: %s with %s, from %s; Ctrl-C ends it\n", time.Since(began).Seconds(),
					count(c.Statements, "statement", "statements"), count(c.Sightings, "sighting", "sightings"), count(c.Captures, "capture", "captures"))
			}
		case <-ctx.Done():
		}
	})
	return h.crawler.Run(ctx)
}

// demoSpeed is how much faster the demo's clock runs than the machine's.
const demoSpeed = 120_000

// demoClock is moved by sleeping alone, so that no state of a page is missed
// however slow the machine is. It runs fast up to the end of the world's days,
// and as the machine's from then on.
type demoClock struct {
	crawler.Wall
	ends  time.Time
	ended chan struct{}

	mu    sync.Mutex // guards what follows
	now   time.Time
	since time.Time // when the end was reached, on the machine's clock
}

// Now is the time in the world.
func (c *demoClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.since.IsZero() {
		return c.now.Add(time.Since(c.since))
	}
	return c.now
}

// Sleep waits for its part of d and moves the clock by d. Of a sleep that leads
// past the end of the world's days, what lies beyond is waited for as long as on
// any clock.
func (c *demoClock) Sleep(ctx context.Context, d time.Duration) error {
	now := c.Now()
	fast := min(d, max(0, c.ends.Sub(now)))
	if err := c.Wall.Sleep(ctx, fast/demoSpeed); err != nil {
		return err
	}
	c.moveTo(now.Add(fast))
	if fast == d {
		return nil
	}
	return c.Wall.Sleep(ctx, d-fast)
}

// moveTo moves the clock up to a time, unless it has passed that or has ended.
func (c *demoClock) moveTo(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.since.IsZero() {
		return
	}
	if t.After(c.now) {
		c.now = t
	}
	if !c.now.Before(c.ends) {
		c.since = time.Now()
		close(c.ended)
	}
}
