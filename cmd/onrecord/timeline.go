package main

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"onrecord/record"
	"onrecord/timeline"
)

// timelineJSON is what the command reads of a timeline's answer.
type timelineJSON struct {
	Incident record.Incident `json:"incident"`
	timeline.Timeline
	Coverage struct {
		Watch *timeline.Watch `json:"watch"`
	} `json:"coverage"`
}

func (p *program) timelineCommand() *cobra.Command {
	var format, from, to string
	c := &cobra.Command{
		Use:   "timeline INCIDENT",
		Short: "Print the statements of an incident, oldest first",
		Long: `Print the statements of an incident, oldest first, by day, each with its
evidence. What is known only to the day stands after the timed ones of that day.

  $ onrecord timeline it-outage-2024
  $ onrecord timeline it-outage-2024 --format csv > timeline.csv

Exit codes: 0 printed, 1 could not, 2 wrong usage, 3 no such incident, 6 the data
folder is in use.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "table" {
				return p.export(cmd, exportAsk{incident: args[0], format: format, from: from, to: to})
			}
			ask := url.Values{}
			setIf(ask, "from", from)
			setIf(ask, "to", to)
			path := "/api/v1/incidents/" + url.PathEscape(args[0]) + "/timeline"
			return p.withAPI(cmd.Context(), "timeline", func(api *client) error {
				if p.json {
					return p.pass(cmd, api, path, ask)
				}
				var t timelineJSON
				if err := api.get(cmd.Context(), path, ask, &t); err != nil {
					return err
				}
				p.showTimeline(t)
				return nil
			})
		},
	}
	c.Flags().StringVar(&format, "format", "table", "table, csv, jsonl or atom")
	c.Flags().StringVar(&from, "from", "", "first day, such as 2024-07-19 (default: the incident's)")
	c.Flags().StringVar(&to, "to", "", "last day (default: the incident's)")
	return c
}

func setIf(v url.Values, key, value string) {
	if value != "" {
		v.Set(key, value)
	}
}

func (p *program) showTimeline(t timelineJSON) {
	fmt.Fprintf(p.stdout, "%s (%s): %s\n\n", t.Incident.Name, t.Incident.Slug, count(t.Total, "statement", "statements"))
	for _, day := range t.Days {
		date := day.Date
		if date == "" {
			date = "no date"
		}
		fmt.Fprintf(p.stdout, "── %s\n\n", date)
		for _, e := range day.Entries {
			show(p.stdout, e.Statement)
		}
	}
	for _, l := range t.Lanes {
		fmt.Fprintf(p.stdout, "%5d  %s\n", l.Count, laneName(l))
	}
	if w := t.Coverage.Watch; w != nil {
		fmt.Fprintf(p.stdout, "\n%s\n", strings.Join(w.Words, "\n"))
	}
}

func laneName(l timeline.Lane) string {
	if l.Name == "" {
		return "no organisation"
	}
	return l.Name
}
