package main

import (
	"fmt"
	"io"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"onrecord/record"
)

// foundJSON is what the commands read of a search's answer.
type foundJSON struct {
	Query struct {
		Normalised string   `json:"normalised"`
		Warnings   []string `json:"warnings"`
	} `json:"query"`
	Total      int                `json:"total"`
	Statements []record.Statement `json:"statements"`
	Next       string             `json:"next"`
}

func (p *program) searchCommand() *cobra.Command {
	var limit int
	var sort string
	c := &cobra.Command{
		Use:   "search QUERY",
		Short: "Find statements",
		Long: `Print the statements that a query finds, newest first, each with its speaker,
its words and where it was seen. The language: docs/query.md.

  $ onrecord search '"considerable backlog" org:bma said:2024-07'
  $ onrecord search --sort oldest 'org:nhs-england (outage OR backlog) -pharmacy'

Exit codes: 0 printed (also when nothing is found), 1 could not, 2 wrong usage or
a query that cannot be read, 6 the data folder is in use.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ask := url.Values{"q": {args[0]}, "limit": {strconv.Itoa(limit)}}
			if sort != "" {
				ask.Set("sort", sort)
			}
			return p.withAPI(cmd.Context(), "search", func(api *client) error {
				if p.json {
					return p.pass(cmd, api, "/api/v1/statements", ask)
				}
				var found foundJSON
				if err := api.get(cmd.Context(), "/api/v1/statements", ask, &found); err != nil {
					return err
				}
				p.showFound(found)
				return nil
			})
		},
	}
	c.Flags().IntVar(&limit, "limit", 50, "most statements to print, 1 to 500")
	c.Flags().StringVar(&sort, "sort", "", "newest, oldest, relevance, firstseen or sightings (default newest)")
	return c
}

func (p *program) showFound(found foundJSON) {
	for _, w := range found.Query.Warnings {
		fmt.Fprintf(p.stderr, "onrecord: %s\n", w)
	}
	for _, s := range found.Statements {
		show(p.stdout, s)
	}
	fmt.Fprintf(p.stdout, "%s", count(found.Total, "statement", "statements"))
	if rest := found.Total - len(found.Statements); rest > 0 {
		fmt.Fprintf(p.stdout, ", %d not shown; see --limit, or onrecord export", rest)
	}
	fmt.Fprintln(p.stdout)
}

// pass copies the API's answer to standard output.
func (p *program) pass(cmd *cobra.Command, api *client, path string, ask url.Values) error {
	body, err := api.open(cmd.Context(), path, ask)
	if err != nil {
		return err
	}
	defer body.Close()
	_, err = io.Copy(p.stdout, body)
	return err
}
