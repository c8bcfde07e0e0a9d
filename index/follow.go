package index

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"onrecord/record"
)

// Log is the part of a catalogue that Follow reads.
type Log interface {
	Changes(ctx context.Context, after record.Position, limit int) ([]record.Change, error)
	Statements(ctx context.Context, ids []record.ID) ([]record.Statement, error)
	Head(ctx context.Context) (record.Position, error)
}

// A batch ends where it holds batchSize statements or batchBytes of their words,
// whichever comes first: larger ones make fewer segments to merge and take more
// memory. The first of a run ends at firstBatch and each behind it at twice as
// many, so that there is progress to be told, and something to go on from, soon.
// Changes are read pageSize at a time.
const (
	firstBatch = 500
	batchSize  = 10_000
	batchBytes = 12 << 20
	pageSize   = 500
)

// Follow keeps the index level with the log until ctx ends, and then returns
// nil. Whenever it has caught up it waits before it looks again; a wait of 0
// means one second.
func Follow(ctx context.Context, ix Index, log Log, wait time.Duration) error {
	if wait <= 0 {
		wait = time.Second
	}
	for {
		_, err := CatchUp(ctx, ix, log, nil)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		pause := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			pause.Stop()
			return nil
		case <-pause.C:
		}
	}
}

// CatchUp brings the index level with the log as it stands and returns the
// position reached. An index of an earlier epoch is emptied and filled anew.
// It calls progress, unless that is nil, after each batch with the changes
// read and the changes in all.
func CatchUp(ctx context.Context, ix Index, log Log, progress func(done, total int64)) (record.Position, error) {
	at, err := ix.Position(ctx)
	if err != nil {
		return at, err
	}
	head, err := log.Head(ctx)
	if err != nil {
		return at, fmt.Errorf("head of the change log: %w", err)
	}
	for begun, most := 0, firstBatch; ; {
		b, err := gatherBatch(ctx, log, at, most)
		if errors.Is(err, record.ErrEpoch) && begun < 3 { // rebuilt under our feet once or twice, but not for ever
			begun++
			if err := ix.Reset(ctx); err != nil {
				return at, err
			}
			if head, err = log.Head(ctx); err != nil {
				return at, fmt.Errorf("head of the change log: %w", err)
			}
			at = record.Position{Epoch: head.Epoch}
			continue
		}
		if err != nil || b.Position == at {
			return at, err
		}
		if err := ix.Apply(ctx, b); err != nil {
			return at, err
		}
		at, most = b.Position, min(2*most, batchSize)
		if progress != nil {
			progress(at.Seq, max(head.Seq, at.Seq))
		}
	}
}

// gatherBatch reads changes after the position, with the statements that they
// are about, until the batch holds most statements or its bytes, or the changes end. A statement changed
// often within them is read once, as it stands then. The batch stands at the
// position itself where there are no changes.
func gatherBatch(ctx context.Context, log Log, at record.Position, most int) (Batch, error) {
	b := Batch{Position: at}
	seen := map[record.ID]bool{}
	for size := 0; len(seen) < most && size < batchBytes; {
		changes, err := log.Changes(ctx, b.Position, pageSize)
		if err != nil {
			return b, fmt.Errorf("changes after %d of epoch %d: %w", b.Position.Seq, b.Position.Epoch, err)
		}
		if len(changes) == 0 {
			break
		}
		from := len(b.Put)
		if err := fill(ctx, log, &b, changed(changes, seen)); err != nil {
			return b, err
		}
		for i := range b.Put[from:] {
			size += b.Put[from+i].size()
		}
		b.Position = changes[len(changes)-1].Position
	}
	return b, nil
}

// changed are the statements of the changes that were not seen before.
func changed(changes []record.Change, seen map[record.ID]bool) []record.ID {
	var ids []record.ID
	note := func(id record.ID) {
		if id.Is("st") && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for _, c := range changes {
		note(c.Statement)
		for _, id := range strings.Fields(c.Subject) { // the ids that a merge took away or a split made
			note(record.ID(id))
		}
	}
	return ids
}

// fill puts the statements as they stand now and deletes those that are no
// longer on record or that an editor keeps from readers.
func fill(ctx context.Context, log Log, b *Batch, ids []record.ID) error {
	put := make(map[record.ID]bool, len(ids))
	for len(ids) > 0 {
		page := ids[:min(len(ids), pageSize)]
		ids = ids[len(page):]
		list, err := log.Statements(ctx, page)
		if err != nil {
			return fmt.Errorf("statements to index: %w", err)
		}
		for _, s := range list {
			if s.Mark != "hidden" && s.Mark != "embargoed" {
				b.Put = append(b.Put, DocOf(s))
				put[s.ID] = true
			}
		}
		for _, id := range page {
			if !put[id] {
				b.Delete = append(b.Delete, id)
			}
		}
	}
	return nil
}

// size is about how many bytes of words the document holds.
func (d *Doc) size() int {
	n := 0
	for _, list := range [][]string{d.Words, d.Earlier, d.Titles} {
		for _, s := range list {
			n += len(s)
		}
	}
	return n
}
