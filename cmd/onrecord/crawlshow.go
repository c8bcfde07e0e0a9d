package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"onrecord/catalogue"
	"onrecord/crawler"
	"onrecord/record"
)

// crawlShow tells how a crawl goes: one line a source that was asked, and on a
// terminal a bar over what is due. Pages found on sources move the bar alone,
// for there are many of them; source list names those in trouble.
type crawlShow struct {
	out io.Writer
	now func() time.Time

	mu                     sync.Mutex
	bar                    bar
	visited, fresh, failed int
	due                    int       // what waits, as last counted
	said                   time.Time // when the last line of counts was printed, where there is no bar
	answered               bool      // somebody has answered
	held                   []string  // the lines of those that nobody answered, while nobody has
}

// countsEvery is how often the counts are printed where there is no bar.
const countsEvery = time.Minute

func newCrawlShow(out io.Writer, now func() time.Time) *crawlShow {
	return &crawlShow{out: out, now: now, bar: newBar(out, 1, "crawl", "addresses"), said: now()}
}

// told takes in one visit that ended.
func (w *crawlShow) told(t crawler.Told) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.visited++
	w.due = max(w.due-1, 0) + t.Leads
	switch {
	case t.Visit.State != record.VisitOK:
		w.failed++
	case t.Visit.Changed.Equal(t.Visit.Tried):
		w.fresh++
	}
	w.line(t)
	w.show()
}

// line prints the line of a source. While nobody at all has answered the lines
// wait: where the machine is offline one line says so at the end.
func (w *crawlShow) line(t crawler.Told) {
	if !t.Visit.Lead {
		w.held = append(w.held, toldLine(t))
	}
	if w.answered = w.answered || t.Visit.Status != 0 || t.Visit.State == record.VisitOK || t.Visit.State == record.VisitRobots; !w.answered {
		return
	}
	for _, l := range w.held {
		w.bar.aside(func() { fmt.Fprintln(w.out, l) })
	}
	w.held = nil
}

// waiting takes in how much is due.
func (w *crawlShow) waiting(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.due = n
	w.show()
}

// show moves the bar, or prints the counts now and then.
func (w *crawlShow) show() {
	if w.bar.shown() {
		w.bar.describe(fmt.Sprintf("%d due, %d visited, %d new, %d failed", w.due, w.visited, w.fresh, w.failed))
		w.bar.total(int64(w.visited + max(w.due, 1))) // a bar that is full ends
		w.bar.set(int64(w.visited))
		return
	}
	if now := w.now(); now.Sub(w.said) >= countsEvery {
		w.said = now
		fmt.Fprintf(w.out, "%d due, %d visited, %d new, %d failed\n", w.due, w.visited, w.fresh, w.failed)
	}
}

func (w *crawlShow) done() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bar.done()
}

// count tells how much is due, again and again until ctx ends. What cannot be
// counted is not told: the crawl itself says why the catalogue does not answer.
func (w *crawlShow) count(ctx context.Context, cat catalogue.Visits, only []record.ID) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if n, err := cat.DueCount(ctx, catalogue.DueAsk{Now: w.now(), Only: only}); err == nil {
			w.waiting(n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// over has a crawl told while it runs; a nil show tells nothing.
func (w *crawlShow) over(ctx context.Context, cat catalogue.Visits, only []record.ID, crawl func() (crawler.Report, error)) (crawler.Report, error) {
	if w == nil {
		return crawl()
	}
	ctx, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() { w.count(ctx, cat, only) })
	r, err := crawl()
	stop()
	wait.Wait()
	w.done()
	return r, err
}
