package main

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"onrecord/record"
)

func (p *program) incidentCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "incident add|list|show|suggest|revise|accept|refuse",
		Short: "Add, list, show and suggest incidents",
		Long: `An incident is a name, a window of time, a query and organisations: its timeline
is what they match, plus what an editor pinned, minus what an editor left out.

  $ onrecord incident add it-outage-2024 --name "IT outage of July 2024" \
        --query 'outage OR backlog' --from 2024-07-19 --to 2024-07-23
  $ onrecord incident list`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(p.incidentAdd(), p.incidentList(), p.incidentShow(), p.incidentSuggest(), p.incidentRevise(), p.incidentAccept(), p.incidentRefuse())
	return c
}

// newIncident is the body of POST /api/v1/incidents.
type newIncident struct {
	Slug    string     `json:"slug,omitempty"`
	Name    string     `json:"name"`
	Summary string     `json:"summary,omitempty"`
	Query   string     `json:"query"`
	From    *time.Time `json:"from,omitempty"`
	To      *time.Time `json:"to,omitempty"`
	Orgs    []string   `json:"orgs,omitempty"`
}

func (p *program) incidentAdd() *cobra.Command {
	var n newIncident
	var from, to string
	c := &cobra.Command{
		Use:   "add [SLUG]",
		Short: "Add an incident",
		Long: `Add an incident. Without SLUG it is made from the name. --from and --to are days
in London and both belong to the window; a time, such as 2024-07-19T06:00Z, is
taken as it is.

  $ onrecord incident add it-outage-2024 --name "IT outage of July 2024" \
        --query 'outage OR backlog' --from 2024-07-19 --to 2024-07-23 --org bma

Exit codes: 0 added, 1 could not (the slug is in use), 2 wrong usage, 6 the data
folder is in use.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.Slug = first(args)
			var err error
			if n.From, err = moment("--from", from, false); err != nil {
				return err
			}
			if n.To, err = moment("--to", to, true); err != nil {
				return err
			}
			return p.withAPI(cmd.Context(), "incident", func(api *client) error {
				var made record.Incident
				if err := api.post(cmd.Context(), "/api/v1/incidents", n, &made); err != nil {
					return err
				}
				return p.told(made, "added incident %s (%s)", made.Slug, made.Name)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&n.Name, "name", "", "name, as its page shows it")
	f.StringVar(&n.Summary, "summary", "", "what it was about, in your words")
	f.StringVar(&n.Query, "query", "", "what belongs to it (default: everything in the window)")
	f.StringVar(&from, "from", "", "first day or moment")
	f.StringVar(&to, "to", "", "last day, or the moment before which it ends")
	f.StringArrayVar(&n.Orgs, "org", nil, "register id of an organisation; may be repeated (default: all)")
	return c
}

// moment reads a day in London or an instant. A day that ends a window belongs
// to it whole.
func moment(flag, s string, end bool) (*time.Time, error) {
	if s == "" {
		return nil, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return &t, nil
		}
	}
	day, err := time.ParseInLocation(time.DateOnly, s, record.London)
	if err != nil {
		return nil, usage("%s %q: want a day such as 2024-07-19 or a time such as 2024-07-19T06:00Z", flag, s)
	}
	if end {
		day = day.AddDate(0, 0, 1)
	}
	day = day.UTC()
	return &day, nil
}

func (p *program) incidentList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the incidents",
		Long:  "List the incidents, latest window first.\n\n  $ onrecord incident list",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withAPI(cmd.Context(), "incident", func(api *client) error {
				if p.json {
					return p.pass(cmd, api, "/api/v1/incidents", nil)
				}
				var list struct {
					Incidents []record.Incident `json:"incidents"`
				}
				if err := api.get(cmd.Context(), "/api/v1/incidents", nil, &list); err != nil {
					return err
				}
				for _, i := range list.Incidents {
					fmt.Fprintf(p.stdout, "%-30s  %s  %s\n", i.Slug, days(i), i.Name)
				}
				if len(list.Incidents) == 0 {
					fmt.Fprintln(p.stdout, "no incidents; add one with: onrecord incident add")
				}
				return nil
			})
		},
	}
}

// days is the window in London days.
func days(i record.Incident) string {
	from, to := "…", "…"
	if !i.From.IsZero() {
		from = i.From.In(record.London).Format(time.DateOnly)
	}
	if !i.To.IsZero() {
		to = i.To.Add(-time.Second).In(record.London).Format(time.DateOnly)
	}
	return from + " to " + to
}

func (p *program) incidentShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show SLUG",
		Short: "Show an incident",
		Long:  "Show what an incident is made of; its statements: onrecord timeline.\n\n  $ onrecord incident show it-outage-2024\n\nExit codes: 0 shown, 1 could not, 3 no such incident.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := "/api/v1/incidents/" + url.PathEscape(args[0])
			return p.withAPI(cmd.Context(), "incident", func(api *client) error {
				if p.json {
					return p.pass(cmd, api, path, nil)
				}
				var i record.Incident
				if err := api.get(cmd.Context(), path, nil, &i); err != nil {
					return err
				}
				fmt.Fprintf(p.stdout, "%s\n%s\nwindow:        %s\nquery:         %s\norganisations: %s\npinned:        %d\nleft out:      %d\nrevision:      %d\n",
					i.Name, i.Slug, days(i), orAll(i.Query), orAll(strings.Join(i.Orgs, ", ")), len(i.Pinned), len(i.Excluded), i.Revision)
				return nil
			})
		},
	}
}

func orAll(s string) string {
	if s == "" {
		return "all"
	}
	return s
}
