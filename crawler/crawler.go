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
	// Pins are, by host name, the keys that a host may show in place of a
	// certificate that verifies: base64 of the SHA-256 of its public key
	// (SubjectPublicKeyInfo, as in RFC 7469). A pinned host with another key is
	// refused.
	Pins map[string][]string
	// Canonical gives the address that all spellings share.
	Canonical func(string) (string, error)
	// Content, unless nil, is where a page's host gives it as JSON, "" for a page
	// without; PageOf is the page of such an address. A page that is found is then
	// asked for there, and in its own place where that fails.
	Content, PageOf func(string) string
	// Post, unless nil, is where a platform answers whether a post stands; "" where
	// nobody is asked.
	Post func(platform, url string) string
	// Tokens are sent as bearer tokens, each to the one origin that it stands for
	// ("https://api.example") and to none that it redirects to. They are neither
	// archived nor logged.
	Tokens map[string]string
	// PublicURL is the address, without a slash at its end, under which hubs on
	// the web reach Callback; "" has no hub asked for anything.
	PublicURL string
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
	// Rhythm says how often addresses are asked.
	Rhythm Rhythm
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
	// Unreached counts, of those that failed, the ones that gave no answer.
	Unreached int `json:"unreached"`
	Refused   int `json:"refused_by_robots"`
	Leads     int `json:"leads"`
	record.Added
}

// Crawler visits what is due. One may run at a time on a catalogue.
type Crawler struct {
	archive   archive.Archive
	catalogue catalogue.Catalogue
	ingest    *ingest.Ingest
	o         Options
	fetch     *fetcher
	strangers *fetcher // that does not reach the operator's own networks
	hosts     *hosts
	wake      chan struct{}
	offers    chan struct{} // a source named a hub

	mu      sync.Mutex // guards what follows
	report  Report
	last    record.ID                   // the capture kept last
	since   int                         // captures kept since the watermark was moved
	sources map[record.ID]record.Source // as last read
	fault   error                       // of a store: the run must pause
	torn    bool                        // something was kept and may not be on record

	subs   sync.Mutex         // held while a subscription is read and written
	forged map[string]int     // messages not signed as agreed, by token; guarded by subs
	pushed map[record.ID]bool // sources of which a hub told since they were asked; guarded by mu

	notes notes // visits that only saw a 304, not written yet

	incidents   []record.Incident // as read at incidentsAt
	incidentsAt time.Time
	running     map[record.ID]string // sources of running incidents, with the incident
	latest      time.Time            // when the loop last looked at the clock
	attended    time.Time            // when it last looked at incidents
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
	o.Rhythm = o.Rhythm.filled()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Crawler{archive: ar, catalogue: cat, ingest: in, o: o, wake: make(chan struct{}, 1), offers: make(chan struct{}, 1)}
	c.fetch, c.strangers = newFetcher(o), newFetcher(o.forStrangers())
	c.hosts = newHosts(o, cat)
	return c
}

// close ends the connections that are not in use.
func (c *Crawler) close() {
	c.fetch.close()
	c.strangers.close()
}

// forStrangers are the options for what a stranger has us ask.
func (o Options) forStrangers() Options {
	o.Dialer = o.Dialer.Strangers()
	return o
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

// afterFault is how long a run waits after a store failed: a full disk, say.
const afterFault = time.Minute

// Run visits what is due until ctx ends. A store that fails makes it wait and
// try again; a source that fails never stops the others.
func (c *Crawler) Run(ctx context.Context) error {
	for {
		err := c.run(ctx, &pass{})
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the end was asked for
		}
		c.o.Log.Error("crawl interrupted, tried again in a minute", "cause", err)
		if c.o.Clock.Sleep(ctx, afterFault) != nil {
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
	err := c.run(ctx, &pass{once: true, began: c.o.Clock.Now(), only: only})
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

// pass is one run of the crawler: what it visits, and who is at it.
type pass struct {
	once  bool
	began time.Time   // in a pass that ends, sources are visited that were due then
	only  []record.ID // on whose account; nil means any source's

	workers int // started; each stays for the run, since a stack that has grown is worth keeping
	wait    sync.WaitGroup
	work    chan string // origins for them
	done    chan ended
	queue   []string // origins to hand out next, as read at looked
	looked  time.Time
	skipped bool                 // the last look was left out, for the one before it was just now
	awake   time.Time            // when the catalogue was told last that the crawler runs
	busy    map[string]bool      // origins with a worker
	resting map[string]time.Time // origins that may be asked again then
	rest    time.Duration        // the longest that one rests; more comes of a clock that went back
}

// ended is a worker that left its host, which may be asked again at ready.
type ended struct {
	origin string
	ready  time.Time
}

// ask is what the pass asks the catalogue for.
func (p *pass) ask(now time.Time) catalogue.DueAsk {
	ask := catalogue.DueAsk{Now: now, Only: p.only}
	if p.once {
		ask.Sources = p.began
	}
	return ask
}

// apart are the origins that are not handed out now.
func (p *pass) apart(now time.Time) []string {
	var out []string
	for origin := range p.busy {
		out = append(out, origin)
	}
	for origin, ready := range p.resting {
		if ready.After(now) && ready.Sub(now) <= p.rest {
			out = append(out, origin)
		} else {
			delete(p.resting, origin)
		}
	}
	return out
}

// leave notes a worker that ended.
func (p *pass) leave(e ended) {
	delete(p.busy, e.origin)
	if !e.ready.IsZero() {
		p.resting[e.origin] = e.ready
	}
}

// beat is how often the catalogue is told that the crawler runs.
const beat = 5 * time.Minute

// run hands due hosts to workers, one worker a host.
func (c *Crawler) run(ctx context.Context, p *pass) (err error) {
	c.setFault(nil)
	if err := c.begin(ctx); err != nil {
		return err
	}
	p.busy, p.resting = map[string]bool{}, map[string]time.Time{}
	p.work, p.done = make(chan string, c.o.Workers), make(chan ended, c.o.Workers)
	p.rest = max(longestDelay, c.o.Gap, c.o.OwnGap)
	defer func() {
		close(p.work)
		p.wait.Wait()
		c.close()
		last := context.WithoutCancel(ctx)
		err = errors.Join(err, c.writeNotes(last), c.mark(last))
	}()
	for {
		if err := errors.Join(ctx.Err(), c.storeFault()); err != nil {
			return err
		}
		if len(p.busy) == 0 && len(p.queue) == 0 || c.notes.old(c.o.Clock.Now()) {
			if err := c.writeNotes(ctx); err != nil {
				return err
			}
		}
		if now := c.o.Clock.Now(); now.Sub(p.awake) >= beat || now.Before(p.awake) {
			p.awake = now
			if err := c.catalogue.Awake(ctx, now); err != nil {
				return err
			}
		}
		if len(p.busy) == 0 && c.unmarked() >= markEvery {
			if err := c.mark(ctx); err != nil {
				return err
			}
		}
		if err := c.attend(ctx); err != nil {
			return err
		}
		over, err := c.handOut(ctx, p)
		if err != nil || over {
			return err
		}
		if err := c.await(ctx, p); err != nil {
			return err
		}
	}
}

// handOut starts a worker for each due host that none is at and that may be
// asked, as far as there are workers. Over is true for a pass with nothing left.
func (c *Crawler) handOut(ctx context.Context, p *pass) (over bool, err error) {
	for len(p.busy) < c.o.Workers {
		if err := c.look(ctx, p); err != nil {
			return false, err
		}
		if len(p.queue) == 0 {
			break
		}
		origin := p.queue[0]
		p.queue = p.queue[1:]
		p.busy[origin] = true
		if p.workers < len(p.busy) {
			p.workers++
			p.wait.Go(func() { c.worker(ctx, p) })
		}
		p.work <- origin
	}
	if !p.once || len(p.busy) > 0 {
		return false, nil
	}
	left, err := c.catalogue.DueHosts(ctx, p.ask(c.o.Clock.Now()), 1) // those that rest included
	return len(left) == 0, err
}

// worker visits hosts, one after the other, until none comes any more.
func (c *Crawler) worker(ctx context.Context, p *pass) {
	for origin := range p.work {
		p.done <- ended{origin, c.host(ctx, p, origin)}
	}
}

const (
	lookFor = 256             // hosts are read at once
	lookAge = 5 * time.Second // from which hosts that wait are read again: others may come before them
	lookGap = 20 * time.Millisecond
)

// look reads which hosts have something due, where that is not known or old. It
// reads many at once, and while workers are busy not at every end of one: each
// look costs as much as a visit.
func (c *Crawler) look(ctx context.Context, p *pass) error {
	now := c.o.Clock.Now()
	since := now.Sub(p.looked)
	p.skipped = false
	switch {
	case p.looked.IsZero() || since < 0:
	case len(p.queue) > 0 && since < lookAge:
		return nil
	case len(p.queue) == 0 && len(p.busy) > 0 && since < lookGap:
		p.skipped = true
		return nil
	}
	ask := p.ask(now)
	ask.Busy = append(p.apart(now), c.notes.origins()...)
	var err error
	p.queue, err = c.catalogue.DueHosts(ctx, ask, lookFor)
	p.looked = now
	return err
}

// longest is the longest time that the crawler waits without a look at what is
// due, although nobody woke it.
const longest = 10 * time.Minute

// await waits until a worker ends, sources change or something may be visited.
func (c *Crawler) await(ctx context.Context, p *pass) error {
	if len(p.busy) > 0 && (c.o.Stepped || len(p.busy) >= c.o.Workers) {
		select {
		case e := <-p.done:
			p.leave(e)
		case <-c.wake:
			c.woken(p)
		case <-ctx.Done():
		}
		return nil
	}
	d, err := c.pause(ctx, p)
	if err != nil {
		return err
	}
	sleep, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	defer wait.Wait()
	defer stop()
	wait.Go(func() {
		defer stop()
		select {
		case e := <-p.done:
			p.leave(e)
		case <-c.wake:
			c.woken(p)
		case <-sleep.Done():
		}
	})
	_ = c.o.Clock.Sleep(sleep, d) // why it woke does not matter: the loop looks
	return nil
}

// pause is how long nothing can be handed out.
func (c *Crawler) pause(ctx context.Context, p *pass) (time.Duration, error) {
	now := c.o.Clock.Now()
	if p.skipped {
		return lookGap, nil
	}
	ask := p.ask(now)
	ask.Busy = append(p.apart(now), c.notes.origins()...)
	next, err := c.catalogue.NextDue(ctx, ask)
	if err != nil {
		return 0, err
	}
	d := longest
	if !next.IsZero() {
		d = min(d, next.Sub(now))
	}
	for _, ready := range p.resting {
		d = min(d, ready.Sub(now))
	}
	if c.notes.any() {
		d = min(d, notesAge)
	}
	return max(d, time.Millisecond), nil
}

// atOnce is how many due visits of one host are read at once.
const atOnce = 16

// host visits what is due at one host until nothing is, or until the host wants
// to be left alone for a while: then it says when it may be asked again.
func (c *Crawler) host(ctx context.Context, p *pass, origin string) (ready time.Time) {
	for {
		due, err := c.catalogue.Due(ctx, origin, p.ask(c.o.Clock.Now()), atOnce)
		if c.over(ctx, err) || len(due) == 0 {
			return time.Time{}
		}
		noted, ready, err := c.visits(ctx, origin, due)
		switch {
		case c.over(ctx, err):
			return time.Time{}
		case !ready.IsZero():
			return ready
		case noted == len(due) && noted < atOnce: // all that was due, and it waits to be written
			return time.Time{}
		}
		if noted > 0 { // or it would be due still
			if c.over(ctx, c.writeNotes(ctx)) {
				return time.Time{}
			}
		}
	}
}

// over reports whether a worker is to stop: for a store's error, its own or
// another's, or since ctx ended.
func (c *Crawler) over(ctx context.Context, err error) bool {
	if err != nil && ctx.Err() == nil {
		c.setFault(err)
	}
	return err != nil || ctx.Err() != nil || c.storeFault() != nil
}

// visits makes visits of one host that were read at once, up to one that those
// before it may have settled. Noted counts those that will be written later; ready
// is when the host may be asked again, if that is not now.
func (c *Crawler) visits(ctx context.Context, origin string, due []record.Visit) (noted int, ready time.Time, err error) {
	for i, v := range due {
		if i > 0 && !c.still(ctx, v) {
			break
		}
		only304, err := c.visit(ctx, v)
		if only304 {
			noted++
		}
		if err != nil || ctx.Err() != nil || c.storeFault() != nil {
			return noted, time.Time{}, err
		}
		if ready := c.hosts.readyAt(origin); ready.After(c.o.Clock.Now()) {
			return noted, ready, nil
		}
	}
	return noted, time.Time{}, nil
}

// still reports whether a visit that was read with others before it is to be
// made without another look: a source's own that is watched. A lead may have
// been settled by what came before.
func (c *Crawler) still(ctx context.Context, v record.Visit) bool {
	s, err := c.source(ctx, v.Source)
	return err == nil && !v.Lead && s.Watched()
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

// woken has the sources read again, and what is due.
func (c *Crawler) woken(p *pass) {
	c.forget()
	p.queue, p.looked = nil, time.Time{}
}

// forget has the sources read again.
func (c *Crawler) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sources, c.incidents = nil, nil
}

// source is the source on whose account a visit is made; the zero Source where
// it is unknown.
func (c *Crawler) source(ctx context.Context, id record.ID) (record.Source, error) {
	c.mu.Lock()
	s, ok := c.sources[id]
	if !ok && id != "" {
		c.sources = nil // it may be new
	}
	c.mu.Unlock()
	if ok || id == "" {
		return s, nil
	}
	list, err := c.allSources(ctx)
	return list[id], err
}

// allSources are those on record, as last read. Nobody may change the map.
func (c *Crawler) allSources(ctx context.Context) (map[record.ID]record.Source, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sources != nil {
		return c.sources, nil
	}
	list, err := c.catalogue.Sources(ctx)
	if err != nil {
		return nil, err
	}
	c.sources = make(map[record.ID]record.Source, len(list))
	for _, s := range list {
		c.sources[s.ID] = s
	}
	return c.sources, nil
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
		if t.Visit.Status == 0 {
			c.report.Unreached++
		}
	}
	if c.o.Told != nil {
		c.o.Told(t)
	}
}
