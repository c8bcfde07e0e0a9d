package main

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"onrecord/record"
)

func (p *program) peopleCommand() *cobra.Command {
	var org, after string
	limit := 50
	c := &cobra.Command{
		Use:   "people [ID]",
		Short: "List the speakers known by name, with the roles seen",
		Long: `List who was seen speaking by name: the organisation, every role as printed with
the first and the last day, how many statements, and how many of them are theirs
only because other pages print who they are. ID (per_…) shows one of them with the
statements that print each role.

  $ onrecord people --org bma
  $ onrecord people per_4d1…

Exit codes: 0 listed, 1 could not, 2 wrong usage, 3 no such speaker, 6 the data
folder is in use.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAPI(cmd.Context(), "people", func(api *client) error {
				if len(args) == 1 {
					return p.onePerson(cmd, api, args[0])
				}
				return p.listPeople(cmd, api, url.Values{"org": {org}, "cursor": {after}, "limit": {strconv.Itoa(limit)}})
			})
		},
	}
	c.Flags().StringVar(&org, "org", "", "register id of an organisation (default: all)")
	c.Flags().StringVar(&after, "after", "", "id of the last one of the page before")
	c.Flags().IntVar(&limit, "limit", limit, "how many, at most 500")
	return c
}

func (p *program) listPeople(cmd *cobra.Command, api *client, ask url.Values) error {
	if p.json {
		return p.pass(cmd, api, "/api/v1/people", ask)
	}
	var list struct {
		People []record.Person `json:"people"`
		Next   string          `json:"next"`
	}
	if err := api.get(cmd.Context(), "/api/v1/people", ask, &list); err != nil {
		return err
	}
	for _, x := range list.People {
		p.showPerson(x, false)
	}
	switch {
	case list.Next != "":
		fmt.Fprintf(p.stdout, "more with --after %s\n", list.Next)
	case len(list.People) == 0:
		fmt.Fprintln(p.stdout, "nobody is known by name")
	}
	return nil
}

func (p *program) onePerson(cmd *cobra.Command, api *client, id string) error {
	path := "/api/v1/people/" + url.PathEscape(id)
	if p.json {
		return p.pass(cmd, api, path, nil)
	}
	var x record.Person
	if err := api.get(cmd.Context(), path, nil, &x); err != nil {
		return err
	}
	p.showPerson(x, true)
	return nil
}

// showPerson prints a known speaker; evidence names the statements that print
// each role.
func (p *program) showPerson(x record.Person, evidence bool) {
	by := ""
	if x.Linked > 0 {
		by = fmt.Sprintf(", %d of them by the name alone", x.Linked)
	}
	fmt.Fprintf(p.stdout, "%s  %s, %s  (%s%s)\n", x.ID, x.Name, orNone(x.OrgName, x.Org, "no organisation known"), count(x.Statements, "statement", "statements"), by)
	for _, r := range x.Roles {
		fmt.Fprintf(p.stdout, "    %s: %s to %s, %s\n", r.Role, r.First.In(record.London).Format("2006-01-02"), r.Last.In(record.London).Format("2006-01-02"), count(r.Statements, "statement", "statements"))
		for _, id := range r.Evidence {
			if evidence {
				fmt.Fprintf(p.stdout, "        %s\n", id)
			}
		}
	}
}
