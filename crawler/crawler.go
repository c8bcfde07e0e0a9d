// Package crawler visits sources when they are due: it asks politely and safely,
// has every answer kept as evidence before it is read, and remembers how each
// visit went. It reads no pages itself; that is ingest's work.
package crawler

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"onrecord/archive"
	"onrecord/catalogue"
	"onrecord/guard"
	"onrecord/ingest"
	"onrecord/record"
)

// Clock tells the time and waits in it.
type Clock interface {
	Now() time.Time
	// Sleep waits for d, or until ctx ends; then it returns ctx's error.
	Sleep(ctx context.Context, d time.Duration) error
}

// Wall is the machine's clock.
type Wall struct{}

// Now is time.Now.
func (Wall) Now() time.Time { return time.Now() }

// Sleep waits for d.
func (Wall) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Token is the product token that robots.txt files name us by (RFC 9309,
// section 2.2.1).
const Token = "onrecord"

// Options shape a crawler. Dialer, Agent and Canonical are needed; the zero
// values of the rest work.
type Options struct {
	// Agent is the User-Agent of every request. It names the program and how
	// its operator can be reached.
	Agent  string
	Dialer *guard.Dialer
	// TLS gives roots and the like; nil means the machine's.
	TLS *tls.Config
	// Canonical gives the address that all spellings share.
	Canonical func(string) (string, error)
	Clock     Clock // nil means Wall
	// Stepped is for a clock that is moved by sleeping: the crawler then sleeps
	// only when no visit is under way, so that time stands still in a visit.
	Stepped bool
	// Workers is how many hosts are asked at once; 0 means 8. One host is never
	// asked twice at once.
	Workers int
	// Gap is the least time between two requests to a stranger's host; 0 means
	// 2s, and less is not possible. Five times the last answer's time and the
	// host's Crawl-delay (up to 60s) lengthen it.
	Gap time.Duration
	// OwnGap is the time between two requests to a host of the operator's own
	// networks; 0 means none.
	OwnGap time.Duration
	Log    *slog.Logger // nil logs nothing
	// Told, unless nil, hears of every visit that ended. It is called by many
	// goroutines, one at a time.
	Told func(Told)
}

// Told is one visit that ended.
type Told struct {
	Source record.Source
	Visit  record.Visit
	// NotModified is true for an answer 304.
	NotModified bool
	Added       record.Added
	Leads       int // new ones
}

// Report sums up a run.
type Report struct {
	Visits      int `json:"visits"`
	NotModified int `json:"not_modified"`
	Failed      int `json:"failed"`
	Refused     int `json:"refused_by_robots"`
	Leads       int `json:"leads"`
	record.Added
}

// Crawler visits what is due. One may run at a time on a catalogue.
type Crawler struct {
	archive   archive.Archive
	catalogue catalogue.Catalogue
	ingest    *ingest.Ingest
	o         Options
	fetch     *fetcher
	hosts     *hosts
	wake      chan struct{}

	mu      sync.Mutex // guards what follows
	report  Report
	last    record.ID                   // the capture kept last
	since   int                         // captures kept since the watermark was moved
	sources map[record.ID]record.Source // as last read
	fault   error                       // of a store: the run must pause
}

// New returns a crawler.
func New(ar archive.Archive, cat catalogue.Catalogue, in *ingest.Ingest, o Options) *Crawler {
	if o.Clock == nil {
		o.Clock = Wall{}
	}
	if o.Workers <= 0 {
		o.Workers = 8
	}
	o.Gap = max(o.Gap, 2*time.Second)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Crawler{archive: ar, catalogue: cat, ingest: in, o: o, wake: make(chan struct{}, 1)}
	c.fetch = newFetcher(o)
	c.hosts = newHosts(o)
	return c
}

// Wake tells a running crawler that sources have changed.
func (c *Crawler) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Report is what was done so far.
func (c *Crawler) Report() Report {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.report
}

// pause is how long a run waits after a store failed: a full disk, say.
const pause = time.Minute

// Run visits what is due until ctx ends. A store that fails makes it wait and
// try again; a source that fails never stops the others.
func (c *Crawler) Run(ctx context.Context) error {
	for {
		err := c.run(ctx, false)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the end was asked for
		}
		c.o.Log.Error("crawl interrupted, tried again in a minute", "cause", err)
		if c.o.Clock.Sleep(ctx, pause) != nil {
			return nil //nolint:nilerr // the same
		}
	}
}

// Once visits what is due now, and what is found there, and then ends. The
// sources that are named are asked now even if they are not due; then only they
// and what is found on them. The error is for a store that failed, or ctx's.
func (c *Crawler) Once(ctx context.Context, only ...record.ID) (Report, error) {
	if err := c.force(ctx, only); err != nil {
		return Report{}, err
	}
	err := c.run(ctx, true)
	return c.Report(), err
}

// force makes the named sources due now.
func (c *Crawler) force(ctx context.Context, only []record.ID) error {
	var due []record.Visit
	for _, id := range only {
		list, err := c.catalogue.SourceStates(ctx, id)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fmt.Errorf("source %s: %w", id, record.ErrNotFound)
		}
		v := list[0].Visit
		v.URL, v.Source, v.Due = list[0].URL, id, c.o.Clock.Now()
		due = append(due, v)
	}
	_, err := c.catalogue.Visited(ctx, due, nil)
	return err
}

// run hands due hosts to workers, one worker a host.
func (c *Crawler) run(ctx context.Context, once bool) (err error) {
	c.setFault(nil)
	if err := c.begin(ctx); err != nil {
		return err
	}
	var wait sync.WaitGroup
	defer func() {
		wait.Wait()
		c.fetch.close()
		err = errors.Join(err, c.mark(context.WithoutCancel(ctx)))
	}()
	busy, done := map[string]bool{}, make(chan string, c.o.Workers)
	for {
		if err := errors.Join(ctx.Err(), c.storeFault()); err != nil {
			return err
		}
		if len(busy) == 0 && c.unmarked() >= markEvery {
			if err := c.mark(ctx); err != nil {
				return err
			}
		}
		now := c.o.Clock.Now()
		started, err := c.handOut(ctx, now, busy, func(origin string) {
			wait.Go(func() {
				defer func() { done <- origin }()
				c.host(ctx, origin)
			})
		})
		if err != nil {
			return err
		}
		if once && started == 0 && len(busy) == 0 {
			return nil
		}
		if err := c.await(ctx, busy, done); err != nil {
			return err
		}
	}
}

// handOut starts a worker for each due host that none is at, as far as there
// are workers.
func (c *Crawler) handOut(ctx context.Context, now time.Time, busy map[string]bool, start func(origin string)) (int, error) {
	free := c.o.Workers - len(busy)
	if free <= 0 {
		return 0, nil
	}
	taken := make([]string, 0, len(busy))
	for origin := range busy {
		taken = append(taken, origin)
	}
	origins, err := c.catalogue.DueHosts(ctx, now, taken, free)
	if err != nil {
		return 0, err
	}
	for _, origin := range origins {
		busy[origin] = true
		start(origin)
	}
	return len(origins), nil
}

// longest is the longest time that the crawler waits without a look at what is
// due, although nobody woke it.
const longest = 10 * time.Minute

// await waits until a worker ends, sources change or something is due.
func (c *Crawler) await(ctx context.Context, busy map[string]bool, done <-chan string) error {
	if len(busy) > 0 && (c.o.Stepped || len(busy) >= c.o.Workers) {
		select {
		case origin := <-done:
			delete(busy, origin)
		case <-ctx.Done():
		}
		return nil
	}
	next, err := c.catalogue.NextDue(ctx)
	if err != nil {
		return err
	}
	d := longest
	if !next.IsZero() {
		d = min(d, max(next.Sub(c.o.Clock.Now()), time.Millisecond))
	}
	if len(busy) > 0 {
		d = max(d, 50*time.Millisecond) // what is due belongs to a host that is being asked
	}
	sleep, stop := context.WithCancel(ctx)
	defer stop()
	var wait sync.WaitGroup
	defer wait.Wait()
	defer stop()
	wait.Go(func() {
		defer stop()
		select {
		case origin := <-done:
			delete(busy, origin)
		case <-c.wake:
			c.forget()
		case <-sleep.Done():
		}
	})
	_ = c.o.Clock.Sleep(sleep, d) // why it woke does not matter: the loop looks
	return nil
}

// host visits what is due at one host until nothing is.
func (c *Crawler) host(ctx context.Context, origin string) {
	for ctx.Err() == nil && c.storeFault() == nil {
		due, err := c.catalogue.Due(ctx, origin, c.o.Clock.Now(), 1)
		if err == nil && len(due) == 0 {
			return
		}
		if err == nil {
			err = c.visit(ctx, due[0])
		}
		if err != nil && ctx.Err() == nil {
			c.setFault(err)
		}
	}
}

func (c *Crawler) setFault(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fault = err
}

func (c *Crawler) storeFault() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fault
}

// forget has the sources read again.
func (c *Crawler) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sources = nil
}

// source is the source on whose account a visit is made; the zero Source where
// it is unknown.
func (c *Crawler) source(ctx context.Context, id record.ID) (record.Source, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.sources[id]; ok {
		return s, nil
	}
	list, err := c.catalogue.Sources(ctx)
	if err != nil {
		return record.Source{}, err
	}
	c.sources = make(map[record.ID]record.Source, len(list))
	for _, s := range list {
		c.sources[s.ID] = s
	}
	return c.sources[id], nil
}

// tell counts a visit and hands it on.
func (c *Crawler) tell(t Told) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.report.Visits++
	c.report.Added = c.report.Added.Plus(t.Added)
	c.report.Leads += t.Leads
	switch {
	case t.NotModified:
		c.report.NotModified++
	case t.Visit.State == record.VisitRobots:
		c.report.Refused++
	case t.Visit.State != record.VisitOK:
		c.report.Failed++
	}
	if c.o.Told != nil {
		c.o.Told(t)
	}
}
