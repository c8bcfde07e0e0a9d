package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"onrecord/archive"
	"onrecord/index/bleveindex"
	"onrecord/record"
)

// verified is the answer of verify.
type verified struct {
	archive.Verified
	// Unproved are statements with a sighting whose capture the archive does not hold.
	Unproved  []record.ID `json:"unproved"`
	Catalogue string      `json:"catalogue"` // "sound", or what is wrong
	Index     string      `json:"index"`
}

func (p *program) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Read all evidence again and check every digest",
		Long: `Read every record of the archive, recompute its digests, and check the
catalogue and the index. Each fault is named with its file, the byte at which
the record begins, and the address that it is the evidence for.

  $ onrecord verify

Exit codes: 0 all sound, 1 could not, 4 faults found, 6 the data folder is in use.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withHouse(cmd.Context(), "verify", func(h *house) error { return p.verify(cmd.Context(), h) })
		},
	}
}

func (p *program) verify(ctx context.Context, h *house) error {
	b := newBar(p.stderr, -1, "verify", "B")
	v, err := h.archive.Verify(ctx, func(done, total int64) {
		b.total(total)
		b.set(done)
	})
	b.done()
	if err != nil {
		return err
	}
	out := verified{Verified: v, Catalogue: "sound", Index: "sound"}
	if err := h.catalogue.Check(ctx); err != nil {
		out.Catalogue = err.Error()
	}
	if out.Unproved, err = unproved(ctx, h); err != nil {
		return err
	}
	if ix, err := bleveindex.Open(indexDir(h.settings.Data.Dir)); err != nil {
		out.Index = err.Error()
	} else if err := ix.Close(); err != nil {
		out.Index = err.Error()
	}
	if err := p.tellVerified(out); err != nil {
		return err
	}
	if len(out.Faults) > 0 || len(out.Unproved) > 0 || out.Catalogue != "sound" || out.Index != "sound" {
		return &silent{exitFaults}
	}
	return nil
}

func (p *program) tellVerified(v verified) error {
	if p.json {
		return p.print(v)
	}
	for _, f := range v.Faults {
		fmt.Fprintf(p.stdout, "fault: %s, record at byte %d%s: %s\n", f.File, f.Offset, of(f.URL), f.Detail)
	}
	for _, id := range v.Unproved {
		fmt.Fprintf(p.stdout, "fault: %s has a sighting whose capture is not in the archive\n", id)
	}
	_, err := fmt.Fprintf(p.stdout, "archive: %s in %s, %s\ncatalogue: %s\nindex: %s\n",
		count(v.Records, "record", "records"), count(v.Files, "file", "files"), count(len(v.Faults), "fault", "faults"), v.Catalogue, v.Index)
	return err
}

// unproved goes through all sightings and asks for their captures.
func unproved(ctx context.Context, h *house) ([]record.ID, error) {
	kept := map[record.ID]bool{}
	for c, err := range h.archive.Captures(ctx) {
		if err != nil {
			return nil, err
		}
		kept[c.ID] = true
	}
	missing := []record.ID{}
	for after := record.ID(""); ; {
		ids, err := h.catalogue.StatementIDs(ctx, after, 500)
		if err != nil || len(ids) == 0 {
			return missing, err
		}
		after = ids[len(ids)-1]
		found, err := h.catalogue.Statements(ctx, ids)
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			if slices.ContainsFunc(s.Sightings, func(x record.Sighting) bool { return !x.Imported && !kept[record.AnswerID(x.Capture)] }) {
				missing = append(missing, s.ID)
			}
		}
	}
}

func of(url string) string {
	if url == "" {
		return ""
	}
	return " (" + url + ")"
}
