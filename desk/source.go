package desk

import (
	"context"
	"fmt"

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
