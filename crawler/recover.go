package crawler

import (
	"context"
	"errors"
	"time"

	"onrecord/record"
)

// begin takes the rest of the road what was kept but not recorded when the last
// process ended.
func (c *Crawler) begin(ctx context.Context) error {
	c.forget()
	if err := c.recover(ctx); err != nil {
		return err
	}
	latest, err := c.lastTried(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.torn = false
	if latest.After(c.latest) {
		c.latest = latest
	}
	return nil
}

// lastTried is the last time at which a source was to be asked, by the clock of
// whichever process did.
func (c *Crawler) lastTried(ctx context.Context) (latest time.Time, err error) {
	list, err := c.catalogue.Sources(ctx)
	if err != nil {
		return latest, err
	}
	for _, s := range list {
		v, err := c.catalogue.Visit(ctx, s.URL)
		if err != nil && !errors.Is(err, record.ErrNotFound) {
			return latest, err
		}
		if v.Tried.After(latest) {
			latest = v.Tried
		}
	}
	return latest, nil
}

// recover goes through the captures behind the watermark. A capture that the
// catalogue lacks is recorded; a visit that the catalogue has not heard of is
// settled, so that nothing is asked twice for a crash.
func (c *Crawler) recover(ctx context.Context) error {
	after, err := c.catalogue.Watermark(ctx)
	if err != nil {
		return err
	}
	for capture, err := range c.archive.Since(ctx, after) {
		if err != nil {
			return err
		}
		if err := c.recovered(ctx, capture); err != nil {
			return err
		}
		c.kept(capture.ID)
	}
	return c.mark(ctx)
}

func (c *Crawler) recovered(ctx context.Context, capture record.Capture) (err error) {
	defer func() { // what broke the last process must not break each one after it
		if r := recover(); r != nil {
			c.o.Log.Error("capture left unrecorded: the reader broke on it, please report it", "url", capture.URL, "capture", capture.ID, "cause", r)
			err = nil
		}
	}()
	if capture.Via != "http" {
		return nil // an import is run again by whoever began it
	}
	_, err = c.catalogue.Capture(ctx, capture.ID)
	lost := errors.Is(err, record.ErrNotFound)
	if err != nil && !lost {
		return err
	}
	v, err := c.catalogue.Visit(ctx, capture.URL)
	unheard := err == nil && v.Tried.Before(capture.At)
	if err != nil && !errors.Is(err, record.ErrNotFound) {
		return err
	}
	if !lost && !unheard {
		return nil
	}
	x, err := c.archive.Get(ctx, capture.ID)
	if errors.Is(err, record.ErrDamaged) {
		return nil // verify names it
	}
	if err != nil {
		return err
	}
	s, err := c.source(ctx, v.Source)
	if err != nil {
		return err
	}
	var of *record.Source
	if unheard && own(v) {
		of = &s
	}
	out, err := c.ingest.Capture(ctx, capture, of) // of one that is on record this only reads
	if err != nil || !unheard || capture.Status/100 == 3 {
		return err
	}
	c.o.Log.Info("visit of a process that ended early settled", "url", capture.URL, "capture", capture.ID)
	_, err = c.settle(ctx, s, &v, outcome(result{final: capture.URL, exchange: x, hops: x.Redirects, asked: true, late: true}, out), capture.At)
	return err
}

// kept notes the capture that was kept last.
func (c *Crawler) kept(id record.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = id
	c.since++
}

// markEvery is after how many captures the watermark is moved in a run that goes
// on: so many are looked through after a crash.
const markEvery = 500

func (c *Crawler) unmarked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.since
}

// mark moves the watermark to the capture kept last. It is called only while no
// visit is under way. Where something may have been kept and not recorded, the
// next process looks for it.
func (c *Crawler) mark(ctx context.Context) error {
	c.mu.Lock()
	last, torn := c.last, c.torn || c.fault != nil
	c.since = 0
	c.mu.Unlock()
	if last == "" || torn {
		return nil
	}
	return c.catalogue.SetWatermark(ctx, last)
}
