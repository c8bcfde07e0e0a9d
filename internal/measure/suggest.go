//go:build unix

package main

import (
	"context"
	"fmt"
	"time"

	"onrecord/catalogue/sqlite"
	"onrecord/desk"
	"onrecord/index"
	"onrecord/index/bleveindex"
	"onrecord/query"
	"onrecord/register"
)

// suggest lets incidents be proposed from the latest statements, as many as a
// search for them reads at most, and prints what that took.
func suggest(ctx context.Context, cat *sqlite.DB, ix *bleveindex.Index) error {
	last, err := ix.Search(ctx, index.Request{Limit: 1, Sort: query.Newest})
	if err != nil || len(last.Hits) == 0 {
		return err
	}
	now := time.UnixMilli(last.Hits[0].Key)
	d := desk.New(cat, ix, nil, register.Default(), func() time.Time { return now }, []byte("0123456789abcdef"))
	for _, days := range []int{30, 3650} {
		start, cpu := time.Now(), cpuSeconds()
		before := held("RssAnon")
		stop := watch("suggesting")
		list, err := d.Proposals(ctx, desk.ProposalAsk{From: now.AddDate(0, 0, -days), All: true})
		if err != nil {
			return err
		}
		f, err := ix.Search(ctx, index.Request{Node: query.Range{Name: "said", From: now.AddDate(0, 0, -days)}, Limit: 1})
		if err != nil {
			return err
		}
		fmt.Printf("B\tonrecord\tsuggest\tn=%d\tproposed=%d\twall=%.1f\tcpu=%.1f\tRssAnon before=%d kB\n", min(f.Total, desk.MostProposing), len(list), time.Since(start).Seconds(), cpuSeconds()-cpu, before)
		stop()
	}
	return nil
}
