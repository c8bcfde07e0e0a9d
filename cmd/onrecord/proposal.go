package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"onrecord/record"
)

// proposalWindow is the window in which incidents are sought, as flags.
type proposalWindow struct{ from, to string }

func (w *proposalWindow) flags(c *cobra.Command) {
	c.Flags().StringVar(&w.from, "from", "", "first day or moment (default 30 days before --to)")
	c.Flags().StringVar(&w.to, "to", "", "last day, or the moment before which it ends (default today)")
}

func (w *proposalWindow) ask() (url.Values, error) {
	ask := url.Values{}
	for _, x := range []struct {
		name, value string
		end         bool
	}{{"from", w.from, false}, {"to", w.to, true}} {
		t, err := moment("--"+x.name, x.value, x.end)
		if err != nil {
			return nil, err
		}
		if t != nil {
			ask.Set(x.name, t.UTC().Format(time.RFC3339))
		}
	}
	return ask, nil
}

func (p *program) incidentSuggest() *cobra.Command {
	var w proposalWindow
	var all bool
	c := &cobra.Command{
		Use:   "suggest",
		Short: "List incidents that the statements suggest",
		Long: `List bursts of statements in which at least three organisations use the same
words, unusual on other days: each with its words, its organisations and the
reason. Accept one with onrecord incident accept, change it before with onrecord
incident revise, or refuse it with onrecord incident refuse; a refused one comes
back only if it grows to twice its size.

  $ onrecord incident suggest
  $ onrecord incident suggest --from 2024-07-01 --to 2024-07-31 --json

Exit codes: 0 listed (also when there is none), 1 could not, 2 wrong usage, 6 the
data folder is in use.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ask, err := w.ask()
			if err != nil {
				return err
			}
			if all {
				ask.Set("all", "1")
			}
			return p.withAPI(cmd.Context(), "incident", func(api *client) error {
				if p.json {
					return p.pass(cmd, api, "/api/v1/proposals", ask)
				}
				var list struct {
					Proposals []record.Proposal `json:"proposals"`
				}
				if err := api.get(cmd.Context(), "/api/v1/proposals", ask, &list); err != nil {
					return err
				}
				for _, x := range list.Proposals {
					p.showProposal(x)
				}
				if len(list.Proposals) == 0 {
					fmt.Fprintln(p.stdout, "no incident suggests itself; --from and --to look at other days, --all shows decided ones")
				}
				return nil
			})
		},
	}
	w.flags(c)
	c.Flags().BoolVar(&all, "all", false, "also those accepted, refused or covered by an incident")
	return c
}

func (p *program) showProposal(x record.Proposal) {
	var orgs []string
	for _, o := range x.Orgs {
		orgs = append(orgs, fmt.Sprintf("%s (%d)", o.Name, o.Statements))
	}
	fmt.Fprintf(p.stdout, "%s  %s\n%s\norganisations: %s\nquery:         %s\nstate:         %s", x.ID, x.Name, x.Reason, strings.Join(orgs, ", "), x.Query, x.State)
	if x.Incident != "" {
		fmt.Fprintf(p.stdout, ", incident %s", x.Incident)
	}
	fmt.Fprint(p.stdout, "\n\n")
}

func (p *program) incidentRevise() *cobra.Command {
	var w proposalWindow
	var name, query, first, last, why string
	c := &cobra.Command{
		Use:   "revise ID",
		Short: "Change a suggestion that is not decided yet",
		Long: `Change the name, the query (which statements it takes in) or the days of what
onrecord incident suggest lists (with the same --from and --to). It stays a
suggestion, in its new form, until it is accepted or refused.

  $ onrecord incident revise prp_m3bc0q8gsw --name "IT outage" --query 'outage OR backlog' \
        --first 2024-07-19 --last 2024-07-23 --why "the backlog belongs to it"

Exit codes: 0 changed, 1 could not, 2 wrong usage, 3 no such suggestion, 6 the
data folder is in use.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			change := map[string]any{"why": why}
			for flag, value := range map[string]string{"name": name, "query": query} {
				if cmd.Flags().Changed(flag) {
					change[flag] = value
				}
			}
			from, err := moment("--first", first, false)
			if err != nil {
				return err
			}
			to, err := moment("--last", last, true)
			if err != nil {
				return err
			}
			if from != nil {
				change["from"] = from
			}
			if to != nil {
				change["to"] = to
			}
			if len(change) == 1 {
				return usage("nothing to change; give --name, --query, --first or --last")
			}
			path, err := w.path(args[0], "")
			if err != nil {
				return err
			}
			return p.withAPI(cmd.Context(), "incident", func(api *client) error {
				var x record.Proposal
				if err := api.send(cmd.Context(), http.MethodPatch, path, change, &x); err != nil {
					return err
				}
				return p.told(x, "changed %s (%s)", x.ID, x.Name)
			})
		},
	}
	w.flags(c)
	c.Flags().StringVar(&name, "name", "", "name")
	c.Flags().StringVar(&query, "query", "", "what belongs to it")
	c.Flags().StringVar(&first, "first", "", "its first day or moment")
	c.Flags().StringVar(&last, "last", "", "its last day, or the moment before which it ends")
	c.Flags().StringVar(&why, "why", "", "reason, for the edit log")
	return c
}

func (p *program) incidentAccept() *cobra.Command {
	var w proposalWindow
	n := map[string]*string{"slug": new(string), "name": new(string), "query": new(string), "summary": new(string), "why": new(string)}
	c := &cobra.Command{
		Use:   "accept ID",
		Short: "Make an incident of a suggestion",
		Long: `Make an incident of what onrecord incident suggest lists (with the same --from
and --to). What is not given is taken from the suggestion.

  $ onrecord incident accept prp_m3bc0q8gsw --name "IT outage of July 2024"

Exit codes: 0 added, 1 could not (the slug is in use), 2 wrong usage, 3 no such
suggestion, 6 the data folder is in use.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := w.path(args[0], "accept")
			if err != nil {
				return err
			}
			return p.withAPI(cmd.Context(), "incident", func(api *client) error {
				var made record.Incident
				if err := api.post(cmd.Context(), path, n, &made); err != nil {
					return err
				}
				return p.told(made, "added incident %s (%s)", made.Slug, made.Name)
			})
		},
	}
	w.flags(c)
	c.Flags().StringVar(n["slug"], "slug", "", "slug (default: made from the name)")
	c.Flags().StringVar(n["name"], "name", "", "name, as its page shows it")
	c.Flags().StringVar(n["query"], "query", "", "what belongs to it")
	c.Flags().StringVar(n["summary"], "summary", "", "what it was about, in your words")
	c.Flags().StringVar(n["why"], "why", "", "reason, for the edit log")
	return c
}

func (p *program) incidentRefuse() *cobra.Command {
	var w proposalWindow
	var why string
	c := &cobra.Command{
		Use:   "refuse ID",
		Short: "Say that a suggestion is no incident",
		Long: `Say that what onrecord incident suggest lists (with the same --from and --to) is
no incident. It comes back only if it grows to twice its statements.

  $ onrecord incident refuse prp_m3bc0q8gsw --why "the yearly report"

Exit codes: 0 refused, 1 could not, 2 wrong usage, 3 no such suggestion, 6 the
data folder is in use.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := w.path(args[0], "refuse")
			if err != nil {
				return err
			}
			return p.withAPI(cmd.Context(), "incident", func(api *client) error {
				var x record.Proposal
				if err := api.post(cmd.Context(), path, map[string]string{"why": why}, &x); err != nil {
					return err
				}
				return p.told(x, "refused %s (%s)", x.ID, x.Name)
			})
		},
	}
	w.flags(c)
	c.Flags().StringVar(&why, "why", "", "reason, for the edit log (needed)")
	return c
}

// path is the address of a proposal, or at which something is done with it.
func (w *proposalWindow) path(id, what string) (string, error) {
	ask, err := w.ask()
	if err != nil {
		return "", err
	}
	path := "/api/v1/proposals/" + url.PathEscape(id)
	if what != "" {
		path += "/" + what
	}
	if len(ask) > 0 {
		path += "?" + ask.Encode()
	}
	return path, nil
}
