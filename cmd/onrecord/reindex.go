package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p *program) reindexCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reindex",
		Short: "Build the search index again from the catalogue",
		Long: `Build the search index again from the catalogue, beside the one that is there,
and put it in its place once it is whole. Nothing on record changes, and every
id stays. Stopped half way, it goes on there when it is started again.

  $ onrecord reindex

Exit codes: 0 built, 1 could not, 6 the data folder is in use.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withHouse(cmd.Context(), "reindex", func(h *house) error {
				if err := h.newIndex(cmd.Context(), p.stderr); err != nil {
					return err
				}
				c, err := h.catalogue.Counts(cmd.Context())
				if err != nil {
					return err
				}
				return p.told(c, "indexed %s", count(c.Statements, "statement", "statements"))
			})
		},
	}
}

// told prints v where JSON was asked for, and else the sentence.
func (p *program) told(v any, format string, args ...any) error {
	if p.json {
		return p.print(v)
	}
	_, err := fmt.Fprintf(p.stdout, format+"\n", args...)
	return err
}
