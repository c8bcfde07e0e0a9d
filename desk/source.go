package desk

import (
	"context"
	"fmt"
	"sync"
	"time"

	"onrecord/record"
)

// Sources lists what is watched, by address, each with how its visits went.
func (d *Desk) Sources(ctx context.Context) ([]record.SourceState, error) {
	list, err := d.cat.SourceStates(ctx, "")
	d.stale(list)
	return list, err
}

// Source is one source; the error wraps record.ErrNotFound.
func (d *Desk) Source(ctx context.Context, id record.ID) (record.SourceState, error) {
	list, err := d.cat.SourceStates(ctx, id)
	if err != nil {
		return record.SourceState{}, err
	}
	if id == "" || len(list) == 0 {
		return record.SourceState{}, fmt.Errorf("no source %.80q: %w", id, record.ErrNotFound)
	}
	d.stale(list)
	return list[0], nil
}

// stale notes which sources stand still.
func (d *Desk) stale(list []record.SourceState) {
	now := d.clock()
	for i := range list {
		if list[i].Watched() {
			list[i].Stale = list[i].Visit.Stale(now)
		}
	}
}

// reachFor is how long it is remembered whether the sources can be reached: each
// page tells it.
const reachFor = 15 * time.Second

// Reach tells whether the watched sources can be reached, as it was at most 15
// seconds ago.
func (d *Desk) Reach(ctx context.Context) (record.Reach, error) {
	d.reach.Lock()
	defer d.reach.Unlock()
	if age := time.Since(d.reach.read); !d.reach.read.IsZero() && age < reachFor {
		return d.reach.Reach, nil
	}
	r, err := d.cat.Reach(ctx)
	if err == nil {
		d.reach.Reach, d.reach.read = r, time.Now()
	}
	return r, err
}

// reach is what was read last.
type reach struct {
	sync.Mutex
	record.Reach
	read time.Time // by the machine's clock: it is about load, not about the record
}
