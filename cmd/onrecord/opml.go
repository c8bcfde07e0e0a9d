package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"onrecord/editor"
	"onrecord/record"
)

func (p *program) sourceImport() *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE",
		Short: "Watch what an OPML subscription list names",
		Long: `Add the sources of an OPML file, as feed readers write it; "-" reads standard
input. Nobody is asked. What is there already stays as it is.

  $ onrecord source import subscriptions.opml

Exit codes: 0 imported, 1 could not, 2 it is no OPML, 5 some were refused, 6 the
data folder is in use.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := p.readList(args[0])
			if err != nil {
				return err
			}
			return p.withAPI(cmd.Context(), "source", func(api *client) error { return p.importSources(cmd.Context(), api, list) })
		},
	}
}

// readList reads a subscription list whole. One that is none is refused before
// the data folder is opened, by the name of its file.
func (p *program) readList(name string) ([]byte, error) {
	var in io.Reader = p.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, usage("%v", err)
		}
		defer f.Close()
		in = f
	}
	list, err := io.ReadAll(io.LimitReader(in, editor.MaxOPML+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if _, err := editor.ReadOPML(bytes.NewReader(list)); err != nil {
		return nil, usage("%s: %v", name, err)
	}
	return list, nil
}

func (p *program) importSources(ctx context.Context, api *client, list []byte) error {
	var out editor.Imported
	if err := api.sendAs(ctx, http.MethodPost, "/api/v1/sources/import", "text/x-opml", list, &out); err != nil {
		return err
	}
	if p.json {
		if err := p.print(out); err != nil {
			return err
		}
	} else {
		for _, why := range out.Refused {
			fmt.Fprintf(p.stderr, "refused: %s\n", why)
		}
		fmt.Fprintf(p.stdout, "added %s, %d there already, %d refused\n", count(len(out.Added), "source", "sources"), out.Known, len(out.Refused))
	}
	if len(out.Refused) > 0 {
		return &silent{exitPart}
	}
	return nil
}

func (p *program) sourceExport() *cobra.Command {
	var asOPML bool
	c := &cobra.Command{
		Use:   "export --opml",
		Short: "Print the sources as an OPML subscription list",
		Long: `Print what is watched and what is known as OPML 2.0, one folder an organisation,
for a feed reader or another onrecord.

  $ onrecord source export --opml > sources.opml

Exit codes: 0 printed, 1 could not, 2 wrong usage, 6 the data folder is in use.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !asOPML {
				return usage("source export: say in which format: --opml")
			}
			return p.withAPI(cmd.Context(), "source", func(api *client) error {
				body, err := api.open(cmd.Context(), "/api/v1/sources.opml", nil)
				if err != nil {
					return err
				}
				_, err = io.Copy(p.stdout, body)
				return errors.Join(err, body.Close())
			})
		},
	}
	c.Flags().BoolVar(&asOPML, "opml", false, "OPML 2.0")
	return c
}

// kindWords lists the kinds of source for help.
func kindWords() string {
	var out []string
	for _, k := range record.SourceKinds {
		out = append(out, string(k))
	}
	return strings.Join(out, ", ")
}
