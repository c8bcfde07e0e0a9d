package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

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
			list, err := p.readOPML(args[0])
			if err != nil {
				return usage("%s: %v", args[0], err)
			}
			return p.withAPI(cmd.Context(), "source", func(api *client) error { return p.importSources(cmd, api, list) })
		},
	}
}

func (p *program) readOPML(name string) ([]editor.NewSource, error) {
	var in io.Reader = p.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	return editor.ReadOPML(in)
}

// importSources sends the list in pieces that one request may hold.
func (p *program) importSources(cmd *cobra.Command, api *client, list []editor.NewSource) error {
	out := editor.Imported{Added: []record.Source{}, Refused: []string{}}
	for len(list) > 0 {
		n := min(len(list), 100)
		var piece bytes.Buffer
		if err := editor.WriteOPML(&piece, sourcesOf(list[:n]), func(id string) string { return id }, time.Time{}); err != nil {
			return err
		}
		var got editor.Imported
		if err := api.send(cmd.Context(), http.MethodPost, "/api/v1/sources/import", map[string]string{"opml": piece.String()}, &got); err != nil {
			return err
		}
		out.Added, out.Known, out.Refused = append(out.Added, got.Added...), out.Known+got.Known, append(out.Refused, got.Refused...)
		list = list[n:]
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

func sourcesOf(list []editor.NewSource) []record.Source {
	out := make([]record.Source, len(list))
	for i, n := range list {
		out[i] = record.Source{URL: n.URL, Kind: n.Kind, Org: n.Org, Name: n.Name, Every: n.Every, Links: n.Links, Pages: n.Pages, Since: n.Since, Until: n.Until}
	}
	return out
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
