package main

import (
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"onrecord/record"
)

func (p *program) statementCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "statement show|merge|split|attribute|date",
		Short: "Show a statement, and put right what was merged or attributed wrongly",
		Long: `Show a statement with its sightings and what people decided about it; merge two,
split one, say who said it and when. A correction is kept with who made it and why, holds
for pages that are read later, and is made again by a rebuild. Another correction
takes it back.

  $ onrecord statement show st_3k9…
  $ onrecord statement merge st_7xq… st_3k9… --why "the same answer, shortened"
  $ onrecord statement attribute st_3k9… --name "Jane Roe" --org bma --why "she signed it"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(p.statementShow(), p.statementMerge(), p.statementSplit(), p.statementAttribute(), p.statementDate())
	return c
}

func statementPath(id string) string { return "/api/v1/statements/" + url.PathEscape(id) }

func (p *program) statementShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show a statement with its sightings and corrections",
		Long: `Show the words, the speaker, every sighting with its page, and what people
decided about it. An id that was merged away shows the statement that has it now.

  $ onrecord statement show st_3k9…

Exit codes: 0 shown, 1 could not, 3 no such statement, 6 the data folder is in use.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAPI(cmd.Context(), "statement", func(api *client) error {
				if p.json {
					return p.pass(cmd, api, statementPath(args[0]), nil)
				}
				var s record.Statement
				if err := api.get(cmd.Context(), statementPath(args[0]), nil, &s); err != nil {
					return err
				}
				if string(s.ID) != args[0] {
					fmt.Fprintf(p.stdout, "%s is now %s\n\n", args[0], s.ID)
				}
				showWhole(p.stdout, s)
				return nil
			})
		},
	}
}

// showWhole prints a statement with where it stands and what people decided.
func showWhole(w io.Writer, s record.Statement) {
	show(w, s)
	for _, x := range s.Sightings {
		gone := ""
		if !x.Gone.IsZero() {
			gone = ", gone since " + x.Gone.In(record.London).Format("2006-01-02 15:04 MST")
		}
		fmt.Fprintf(w, "sighting  %s%s\n          %s: “%.100s”\n", x.CanonicalURL, gone, x.Speaker, strings.ReplaceAll(x.Words, "\n", " "))
		switch at := func(t time.Time) string { return t.In(record.London).Format("2006-01-02 15:04 MST") }; {
		case !x.PostRemoved.IsZero():
			fmt.Fprintf(w, "          the post itself is removed: not on its platform since %s, for 14 days by %s\n", at(x.PostMissing), at(x.PostRemoved))
		case !x.PostMissing.IsZero():
			fmt.Fprintf(w, "          the post itself is missing on its platform since %s\n", at(x.PostMissing))
		}
		for _, h := range x.Redirects.Hops() {
			fmt.Fprintf(w, "          reached from %s (%s)\n", h.URL, h.Says())
		}
	}
	for _, c := range s.Corrections {
		fmt.Fprintf(w, "corrected %s by %s: %s\n          why: %s\n", c.At.In(record.London).Format("2006-01-02 15:04 MST"), c.Who, decided(c), strings.ReplaceAll(c.Why, "\n", " "))
	}
}

// decided says what a correction did.
func decided(c record.Correction) string {
	switch {
	case c.Kind == record.MergedByHand:
		return fmt.Sprintf("%s merged into %s", c.Statement, c.Other)
	case c.Kind == record.SplitByHand:
		return fmt.Sprintf("%s split off %s", c.Other, c.Statement)
	case c.Kind == record.DatedByHand:
		return dated(c)
	case c.Set == nil:
		return "speaker as the sightings say" + before(c)
	default:
		return "said by " + speakers(c.Set) + before(c)
	}
}

func dated(c record.Correction) string {
	out := "date as the sightings say"
	if c.Said != nil {
		out = "said " + clock(*c.Said)
	}
	if c.SaidWas != nil {
		out += ", was " + clock(*c.SaidWas)
	}
	return out
}

func before(c record.Correction) string {
	if c.Was == nil {
		return ""
	}
	return ", was " + speakers(c.Was)
}

func speakers(a *record.Attribution) string {
	list := []string{a.Speaker.String()}
	for _, s := range a.JointWith {
		list = append(list, s.String())
	}
	return strings.Join(list, " and ")
}

// correctingFlags are the flags that every correction has.
func correctingFlags(c *cobra.Command, why, by *string) {
	c.Flags().StringVar(why, "why", "", "reason, which stands with the statement; needed")
	c.Flags().StringVar(by, "by", "", "your name, for the edit log")
}

func (p *program) statementMerge() *cobra.Command {
	var why, by string
	c := &cobra.Command{
		Use:   "merge ID INTO",
		Short: "Make one statement part of another",
		Long: `Make the statement ID part of INTO: its sightings go over, and its id leads to
INTO for ever. Taken back by a split, which gives a new id.

  $ onrecord statement merge st_7xq… st_3k9… --why "the same answer, shortened"

Exit codes: 0 merged, 1 could not (one was merged away already; the message names
the id that answers), 2 wrong usage, 3 no such statement, 6 the data folder is in
use.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAPI(cmd.Context(), "statement", func(api *client) error {
				var s record.Statement
				if err := api.post(cmd.Context(), statementPath(args[0])+"/merge", map[string]any{"into": args[1], "why": why, "by": by}, &s); err != nil {
					return err
				}
				return p.told(s, "merged %s into %s, which has %s now", args[0], s.ID, count(len(s.Sightings), "sighting", "sightings"))
			})
		},
	}
	correctingFlags(c, &why, &by)
	return c
}

// split is the answer of a split.
type split struct {
	Statement record.Statement `json:"statement"`
	SplitOff  record.Statement `json:"split_off"`
}

func (p *program) statementSplit() *cobra.Command {
	var why, by, words string
	var pages []string
	c := &cobra.Command{
		Use:   "split ID --page URL",
		Short: "Give sightings to a statement of their own",
		Long: `Take the sightings on a page out of a statement and give them an id of their
own. --page may be repeated; --words, part of the sighting's words, picks among
several on one page. The two stay apart, whatever is read later, until somebody
merges them.

  $ onrecord statement split st_3k9… --page https://www.example.org/news/1 \
        --why "another appointment system"

Exit codes: 0 split, 1 could not (it was merged away or split already; the
message names the id), 2 wrong usage (it has no such sighting, or none would
stay), 3 no such statement, 6 the data folder is in use.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(pages) == 0 {
				return usage("name the page whose sightings leave: --page URL; they are listed by: onrecord statement show %s", args[0])
			}
			if words != "" && len(pages) > 1 {
				return usage("--words picks among the sightings of one --page, %d were given", len(pages))
			}
			var sightings []map[string]string
			for _, page := range pages {
				sightings = append(sightings, map[string]string{"page": page, "words": words})
			}
			return p.withAPI(cmd.Context(), "statement", func(api *client) error {
				var made split
				if err := api.post(cmd.Context(), statementPath(args[0])+"/split", map[string]any{"sightings": sightings, "why": why, "by": by}, &made); err != nil {
					return err
				}
				return p.told(made, "split %s off %s: %s left, %s stayed", made.SplitOff.ID, made.Statement.ID,
					count(len(made.SplitOff.Sightings), "sighting", "sightings"), count(len(made.Statement.Sightings), "sighting", "sightings"))
			})
		},
	}
	c.Flags().StringArrayVar(&pages, "page", nil, "address or id of a page; may be repeated")
	c.Flags().StringVar(&words, "words", "", "part of the words (default: all that the statement has on the page)")
	correctingFlags(c, &why, &by)
	return c
}

// newSpeaker is the speaker of POST /api/v1/statements/{id}/attribution.
type newSpeaker struct {
	Name    string `json:"name,omitempty"`
	Title   string `json:"title,omitempty"`
	Role    string `json:"role,omitempty"`
	Org     string `json:"org,omitempty"`
	OrgName string `json:"org_name,omitempty"`
}

func (p *program) statementAttribute() *cobra.Command {
	var why, by string
	var n newSpeaker
	var unnamed, drawn bool
	c := &cobra.Command{
		Use:   "attribute ID --name NAME | --unnamed | --drawn",
		Short: "Say who said it",
		Long: `Put on record who said a statement, whatever its pages say: a person by --name,
or with --unnamed a speaker of the organisation without a name (or nobody known).
It counts until the next attribution; --drawn takes it back.

  $ onrecord statement attribute st_3k9… --name "Jane Roe" --title Dr --role chair \
        --org bma --why "the page names the interviewer"
  $ onrecord statement attribute st_3k9… --unnamed --role spokesperson --org nhs-england \
        --why "no name is given"

Exit codes: 0 attributed, 1 could not (it was merged away; the message names the
id that answers), 2 wrong usage (no reason, an unknown organisation), 3 no such
statement, 6 the data folder is in use.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			body := map[string]any{"speaker": n, "why": why, "by": by}
			switch {
			case drawn && (unnamed || n != newSpeaker{}):
				return usage("--drawn takes the attribution back; leave the speaker out")
			case drawn:
				body = map[string]any{"drawn": true, "why": why, "by": by}
			case unnamed == (n.Name != ""):
				return usage("say who said it: --name NAME, or --unnamed for a speaker without one")
			}
			return p.withAPI(cmd.Context(), "statement", func(api *client) error {
				var s record.Statement
				if err := api.post(cmd.Context(), statementPath(args[0])+"/attribution", body, &s); err != nil {
					return err
				}
				return p.told(s, "%s is attributed to: %s", s.ID, speakers(&record.Attribution{Speaker: s.Speaker, JointWith: s.JointWith}))
			})
		},
	}
	f := c.Flags()
	f.StringVar(&n.Name, "name", "", "the person's name, without title")
	f.StringVar(&n.Title, "title", "", "Dr, Professor Sir, …")
	f.StringVar(&n.Role, "role", "", "role, such as chair or spokesperson")
	f.StringVar(&n.Org, "org", "", "register id of the organisation")
	f.StringVar(&n.OrgName, "org-name", "", "name of an organisation that is not in the register")
	f.BoolVar(&unnamed, "unnamed", false, "a speaker without a name")
	f.BoolVar(&drawn, "drawn", false, "take attributions back: what the sightings say counts")
	correctingFlags(c, &why, &by)
	return c
}

func (p *program) statementDate() *cobra.Command {
	var why, by string
	var drawn bool
	c := &cobra.Command{
		Use:   "date ID DATE | date ID --drawn",
		Short: "Say when it was said",
		Long: `Put on record when a statement was said, whatever its pages say: a day, a month,
a year, or a time (RFC 3339, or 2025-03-14 09:30 in London). It counts until the
next date; --drawn takes it back. Nothing is said after a page that holds it was
kept.

  $ onrecord statement date st_3k9… 2025-03-14 --why "the page was dated a day late"

Exit codes: 0 dated, 1 could not (it was merged away; the message names the id
that answers), 2 wrong usage (no reason, no date), 3 no such statement, 6 the data
folder is in use.`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			body := map[string]any{"drawn": true, "why": why, "by": by}
			if drawn == (len(args) == 2) {
				return usage("say when it was said: a DATE, or --drawn for what the sightings say")
			}
			if !drawn {
				body = map[string]any{"said": args[1], "why": why, "by": by}
			}
			return p.withAPI(cmd.Context(), "statement", func(api *client) error {
				var s record.Statement
				if err := api.post(cmd.Context(), statementPath(args[0])+"/date", body, &s); err != nil {
					return err
				}
				return p.told(s, "%s was said: %s", s.ID, clock(s.When()))
			})
		},
	}
	c.Flags().BoolVar(&drawn, "drawn", false, "take dates back: what the sightings say counts")
	correctingFlags(c, &why, &by)
	return c
}
