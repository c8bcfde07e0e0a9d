package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"onrecord/catalogue"
	"onrecord/catalogue/sqlite"
	"onrecord/record"
)

func (p *program) rebuildCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rebuild",
		Short: "Read the whole archive again into a new catalogue",
		Long: `Read every capture of the archive again into a new catalogue and index it, for
a better reader or after damage. What people entered (incidents, pins, the edit
log) and the identity ledger are kept, so ids stay. The old catalogue serves
until the new one is whole.

  $ onrecord rebuild

Exit codes: 0 rebuilt, 1 could not, 6 the data folder is in use.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.rebuild(cmd.Context()) },
	}
}

func (p *program) rebuild(ctx context.Context) error {
	return p.withHouse(ctx, "rebuild", func(h *house) error {
		before, err := h.catalogue.Counts(ctx)
		if err != nil {
			return err
		}
		if err := h.catalogue.Close(); err != nil {
			return err
		}
		h.catalogue = nil
		b := newBar(p.stderr, int64(before.Captures), "rebuild", "captures")
		file := catalogueFile(h.settings.Data.Dir)
		rebuilt := sqlite.Rebuild(ctx, file, sqlite.Options{Clock: h.clock.Now}, func(ctx context.Context, cat catalogue.Catalogue) error {
			_, err := h.ingestInto(cat).Replay(ctx, func(n int, _ record.Capture) { b.set(int64(n)) })
			return err
		})
		b.done()
		h.catalogue, err = sqlite.Open(ctx, file, sqlite.Options{Clock: h.clock.Now})
		if err := errors.Join(rebuilt, err); err != nil {
			return err
		}
		h.build()
		if err := h.newIndex(ctx, p.stderr); err != nil {
			return err
		}
		c, err := h.catalogue.Counts(ctx)
		if err != nil {
			return err
		}
		return p.told(c, "rebuilt from %s: %s (%d before), %s",
			count(c.Captures, "capture", "captures"), count(c.Statements, "statement", "statements"), before.Statements,
			count(c.Sightings, "sighting", "sightings"))
	})
}
