package desk

import (
	"context"
	"fmt"

	"onrecord/record"
)

// Sources lists what is watched, by address, each with how its visits went.
func (d *Desk) Sources(ctx context.Context) ([]record.SourceState, error) {
	return d.cat.SourceStates(ctx, "")
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
	return list[0], nil
}
