package main

import (
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"onrecord/export"
)

// exportAsk is what to export and how.
type exportAsk struct {
	incident, query, format string
	from, to                string
	all, raw                bool
}

func (p *program) exportCommand() *cobra.Command {
	var a exportAsk
	c := &cobra.Command{
		Use:   "export INCIDENT | export --query QUERY | export --all",
		Short: "Write statements as CSV, JSONL or Atom",
		Long: `Write the statements of an incident, of a query, or everything on record, to
standard output. JSONL rows hold all there is about a statement and can be
imported into another onrecord. A CSV cell that a spreadsheet would run begins
with a single quotation mark; --raw leaves it as it is.

  $ onrecord export it-outage-2024 --format csv > timeline.csv
  $ onrecord export --all --format jsonl | sort > everything.jsonl

Exit codes: 0 written, 1 could not, 2 wrong usage, 3 no such incident, 6 the data
folder is in use.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.incident = first(args)
			return p.export(cmd, a)
		},
	}
	c.Flags().StringVar(&a.format, "format", "csv", "csv, jsonl or atom")
	c.Flags().StringVar(&a.query, "query", "", "export what this query finds")
	c.Flags().BoolVar(&a.all, "all", false, "export everything on record")
	c.Flags().BoolVar(&a.raw, "raw", false, "leave cells that a spreadsheet would run as they are")
	c.Flags().StringVar(&a.from, "from", "", "first day, such as 2024-07-19")
	c.Flags().StringVar(&a.to, "to", "", "last day")
	return c
}

func (p *program) export(cmd *cobra.Command, a exportAsk) error {
	ask, err := a.values()
	if err != nil {
		return err
	}
	return p.withAPI(cmd.Context(), "export", func(api *client) error {
		if a.incident != "" { // for its refusal: a query for an unknown incident names the same slug less plainly
			var found any
			if err := api.get(cmd.Context(), "/api/v1/incidents/"+url.PathEscape(a.incident), nil, &found); err != nil {
				return err
			}
		}
		return p.pass(cmd, api, "/api/v1/export."+a.format, ask)
	})
}

// values is the export as a question to the API.
func (a exportAsk) values() (url.Values, error) {
	given := 0
	for _, there := range []bool{a.incident != "", a.query != "", a.all} {
		if there {
			given++
		}
	}
	if given != 1 {
		return nil, usage("export: name an INCIDENT, or give --query or --all")
	}
	if _, ok := export.ByName(a.format); !ok {
		var formats []string
		for _, f := range export.Formats {
			formats = append(formats, f.Name)
		}
		return nil, usage("--format %q: want one of %s%s", a.format, strings.Join(formats, ", "), didYouMean(a.format, formats))
	}
	ask := url.Values{}
	setIf(ask, "q", a.query)
	if a.incident != "" {
		ask.Set("incident", a.incident)
		ask.Set("sort", "oldest")
	}
	if a.from != "" || a.to != "" {
		ask.Set("said", a.from+".."+a.to)
	}
	if a.raw {
		ask.Set("raw", "1")
	}
	return ask, nil
}
