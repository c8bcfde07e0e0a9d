package crawler

import (
	"context"
	"net/url"
	"slices"
	"sync"
	"time"

	"onrecord/record"
)

// notes are visits that ended with 304 and brought nothing else. They are
// written many at a time: a transaction, synced, costs more than the question
// itself. A crash loses some of them, and then a conditional request is made
// again; evidence is never among them. The origin of a visit that waits here is
// not handed out, for the catalogue still says that the visit is due.
type notes struct {
	writing sync.Mutex // held while they are written, so that who comes second finds them written

	mu    sync.Mutex // guards what follows
	list  []record.Visit
	since time.Time // when the first of them ended
}

const (
	mostNotes = 256
	notesAge  = time.Second
)

// origins are those of the visits that wait.
func (n *notes) origins() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []string
	for _, v := range n.list {
		if u, err := url.Parse(v.URL); err == nil {
			out = append(out, originOf(u))
		}
	}
	return out
}

func (n *notes) any() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.list) > 0
}

// old reports whether a visit has waited long enough.
func (n *notes) old(now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.list) > 0 && (now.Sub(n.since) >= notesAge || now.Before(n.since))
}

// note keeps a visit until it is written with others.
func (c *Crawler) note(ctx context.Context, v record.Visit) error {
	n := &c.notes
	n.mu.Lock()
	if len(n.list) == 0 {
		n.since = v.Tried
	}
	n.list = append(n.list, v)
	full := len(n.list) >= mostNotes
	n.mu.Unlock()
	if full {
		return c.writeNotes(ctx)
	}
	return nil
}

// hasten makes a visit that waits here due at a time, if it is due later.
func (n *notes) hasten(address string, at time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.list {
		if v := &n.list[i]; v.URL == address && v.Due.After(at) {
			v.Due = at
		}
	}
}

// writeNotes writes the visits that wait. Where the store fails they wait on.
func (c *Crawler) writeNotes(ctx context.Context) error {
	n := &c.notes
	n.writing.Lock()
	defer n.writing.Unlock()
	n.mu.Lock()
	list := slices.Clone(n.list) // hasten writes in n.list
	n.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	if _, err := c.catalogue.Visited(ctx, list, nil); err != nil {
		return err
	}
	n.mu.Lock()
	left := copy(n.list, n.list[len(list):])
	clear(n.list[left:])
	n.list = n.list[:left]
	if len(n.list) > 0 {
		n.since = n.list[0].Tried
	}
	n.mu.Unlock()
	return nil
}
