package bleveindex

import (
	"context"
	"fmt"

	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/index/scorch/mergeplan"
)

// segmentLimit is the most statements that Settle puts into one segment.
const segmentLimit = 2_000_000

// Settle merges the segments into one. It is worth its time once, behind the
// building of a whole index: fewer segments are smaller and faster to ask.
// Searches go on meanwhile; batches wait.
func (ix *Index) Settle(ctx context.Context) (err error) {
	ix.write.Lock()
	defer ix.write.Unlock()
	ix.use.RLock()
	defer ix.use.RUnlock()
	defer guard(&err)()
	s, ok := ix.store.(*scorch.Scorch)
	if !ok {
		return errClosed
	}
	plan := mergeplan.SingleSegmentMergePlanOptions
	plan.MaxSegmentSize = segmentLimit
	plan.SegmentsPerMergeTask = segmentLimit // all in one pass
	if err := s.ForceMerge(ctx, &plan); err != nil {
		return fmt.Errorf("index %s: merging its segments: %w", ix.dir, err)
	}
	return nil
}
