package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"onrecord/editor"
	"onrecord/extract"
	"onrecord/record"
)

func (p *program) sourceCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "source add|list|check|remove|enable|disable|import|export",
		Short: "Say what is watched, and see how that goes",
		Long: `A source is a place that is watched: a feed, a page of links, a sitemap, a page, an
account. Those of config.toml are changed there; others are added here.

  $ onrecord source add https://www.example.org/news/feed --org example
  $ onrecord source list
  $ onrecord source check https://www.example.org/news/`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(p.sourceAdd(), p.sourceList(), p.sourceCheck(), p.sourceRemove(), p.sourceSwitch("enable", true), p.sourceSwitch("disable", false), p.sourceImport(), p.sourceExport())
	return c
}

// sourceID is the id of a source named by id or address.
func sourceID(name string) record.ID {
	if record.ID(name).Is("src") {
		return record.ID(name)
	}
	if address, err := extract.Canonical(name); err == nil {
		name = address
	}
	return record.SourceID(name)
}

func sourcePath(name string) string {
	return "/api/v1/sources/" + url.PathEscape(string(sourceID(name)))
}

func (p *program) sourceAdd() *cobra.Command {
	var n editor.NewSource
	var every, most time.Duration
	var yes bool
	c := &cobra.Command{
		Use:   "add URL",
		Short: "Look at a place and watch it",
		Long: `Look at a place, show what it is (robots.txt, first links and statements, and the
feeds, sitemaps and accounts that it names), and watch it when you say so: on a
terminal it asks, elsewhere --yes says it. Without --kind it is watched as what it
turns out to be. An account may be named as people know it.

  $ onrecord source add https://www.example.org/news/feed --org example --yes

Exit codes: 0 added or looked at, 1 could not (it is there already, or cannot be
read), 2 wrong usage, 6 the data folder is in use.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.URL, n.Every, n.Most = args[0], int64(every/time.Second), int64(most/time.Second)
			return p.withAPI(cmd.Context(), "source", func(api *client) error { return p.addSource(cmd.Context(), api, n, yes) })
		},
	}
	f := c.Flags()
	f.StringVar((*string)(&n.Kind), "kind", "", kindWords()+" (default: what it turns out to be)")
	f.StringVar(&n.Org, "org", "", "register id of the organisation that speaks there")
	f.StringVar(&n.Name, "name", "", "name, as lists show it")
	f.DurationVar(&every, "every", 0, "least time between two visits, 1m or more (default 15m)")
	f.DurationVar(&most, "most", 0, "longest time between two visits, when it seldom changes (default crawl.most_s)")
	f.StringVar(&n.Links, "links", "", "CSS selector of a listing's links (default: found by structure)")
	f.Int64Var(&n.Pages, "pages", 0, "older pages that are asked for while they bring something new (default 5, with --since 200)")
	f.StringVar(&n.Since, "since", "", "first day that is wanted, such as 2024-07-19 (default: any; of a sitemap the last 30 days)")
	f.StringVar(&n.Until, "until", "", "last day that is wanted")
	f.StringVar(&n.Note, "note", "", "what to mind about it")
	f.BoolVar(&yes, "yes", false, "watch it without asking")
	return c
}

func (p *program) addSource(ctx context.Context, api *client, n editor.NewSource, yes bool) error {
	var r record.SourceReport
	if err := api.post(ctx, "/api/v1/sources/preview", n, &r); err != nil {
		return err
	}
	if !p.json {
		p.report(r)
	}
	if r.Fault != "" {
		return fmt.Errorf("not added: %s: %s", r.Final, r.Fault)
	}
	n.Kind, n.URL = r.Source.Kind, r.Source.URL // an account is watched where its platform answers for it
	if !yes && !p.agrees("Watch it as a "+string(n.Kind)+"? [y/N] ") {
		fmt.Fprintln(p.stderr, "not added; say --yes to watch it")
		return nil
	}
	var made record.Source
	if err := api.post(ctx, "/api/v1/sources", n, &made); err != nil {
		return err
	}
	return p.told(made, "added %s %s (%s), visited every %v at first, then as often as it changes", made.Kind, made.URL, made.ID, made.Interval())
}

// agrees asks on a terminal; elsewhere the answer is no.
func (p *program) agrees(question string) bool {
	f, ok := p.stdin.(*os.File)
	if !ok || !isatty.IsTerminal(f.Fd()) || p.json {
		return false
	}
	fmt.Fprint(p.stderr, question)
	line, _ := bufio.NewReader(f).ReadString('\n')
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(line)), "y")
}

// report prints what a look at a place found.
func (p *program) report(r record.SourceReport) {
	w := p.stdout
	fmt.Fprintf(w, "address:  %s\n", r.Source.URL)
	if r.Final != r.Source.URL {
		fmt.Fprintf(w, "leads to: %s\n", r.Final)
	}
	fmt.Fprintf(w, "robots:   %s\n", r.Robots)
	fmt.Fprintf(w, "rhythm:   every %v at first, then as often as it changes; at least %v s between two requests to its host\n", r.Source.Interval(), r.Gap)
	if r.Found != "" {
		fmt.Fprintf(w, "found:    %s\n", r.Found)
	}
	for _, x := range r.Problems {
		fmt.Fprintf(w, "note:     %s\n", x)
	}
	for _, l := range r.Leads {
		fmt.Fprintf(w, "  link    %s  %s\n", l.URL, l.Title)
	}
	for _, l := range r.Feeds {
		fmt.Fprintf(w, "  feed    %s  %s\n", l.URL, l.Title)
	}
	for _, x := range r.Places {
		if x.Kind != record.SourceFeed {
			fmt.Fprintf(w, "  %-7s %s  %s\n", x.Kind, x.URL, x.Title)
		}
	}
	for _, s := range r.Statements {
		fmt.Fprintf(w, "  %s: “%.100s”\n", s.Speaker, strings.ReplaceAll(s.Text, "\n", " "))
	}
	if r.Fault != "" {
		fmt.Fprintf(w, "fault:    %s\n", r.Fault)
	}
}

func (p *program) sourceCheck() *cobra.Command {
	var links, kind string
	c := &cobra.Command{
		Use:   "check URL|ID",
		Short: "Ask a place once and tell what it is",
		Long: `Ask robots.txt and the address once, as politely as a visit, and tell what was
found. Nothing is saved.

  $ onrecord source check https://www.example.org/news/ --kind listing

Exit codes: 0 it can be watched, 1 it cannot, 3 no such source, 6 the data folder
is in use.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAPI(cmd.Context(), "source", func(api *client) error {
				return p.checkSource(cmd.Context(), api, editor.NewSource{URL: args[0], Kind: record.SourceKind(kind), Links: links})
			})
		},
	}
	c.Flags().StringVar(&kind, "kind", "", kindWords()+" (default: that of the source, else what it is)")
	c.Flags().StringVar(&links, "links", "", "CSS selector of a listing's links")
	return c
}

func (p *program) checkSource(ctx context.Context, api *client, n editor.NewSource) error {
	if record.ID(n.URL).Is("src") || n.Kind == "" {
		var s record.SourceState
		err := api.get(ctx, sourcePath(n.URL), nil, &s)
		switch {
		case err == nil:
			n = editor.NewSource{URL: s.URL, Kind: s.Kind, Links: s.Links}
		case record.ID(n.URL).Is("src"):
			return err
		}
	}
	var r record.SourceReport
	if err := api.post(ctx, "/api/v1/sources/preview", n, &r); err != nil {
		return err
	}
	if p.json {
		if err := p.print(r); err != nil {
			return err
		}
	} else {
		p.report(r)
	}
	if r.Fault != "" {
		return &silent{exitCould}
	}
	return nil
}

func (p *program) sourceList() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the sources, and how their last visits went",
		Long: `List what is watched: state, last success, pages found and statements, and the
last error in words. --all lists those that are switched off as well.

  $ onrecord source list`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withAPI(cmd.Context(), "source", func(api *client) error {
				if p.json {
					return p.pass(cmd, api, "/api/v1/sources", nil)
				}
				var list struct {
					Sources []record.SourceState `json:"sources"`
				}
				if err := api.get(cmd.Context(), "/api/v1/sources", nil, &list); err != nil {
					return err
				}
				p.listSources(list.Sources, all)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&all, "all", false, "those that are switched off as well")
	return c
}

func (p *program) listSources(list []record.SourceState, all bool) {
	now, off := time.Now(), 0
	if c, err := givenClock(); err == nil {
		now = c.Now()
	}
	for _, s := range list {
		if !s.Enabled && !all {
			off++
			continue
		}
		fmt.Fprintf(p.stdout, "%s  %-11s  %-7s  %s\n", s.ID, stateWord(s), s.Kind, s.URL)
		pages := 0
		for _, n := range s.Pages {
			pages += n
		}
		fmt.Fprintf(p.stdout, "    %s, last success %s, %s, %s\n", orNone(s.Name, s.Org), ago(s.Visit.Succeeded, now), count(pages, "page", "pages"), count(s.Statements, "statement or sighting", "statements and sightings"))
		if line := sourceRhythm(s, now); line != "" {
			fmt.Fprintf(p.stdout, "    %s\n", line)
		}
		for _, line := range sourceTroubles(s, now) {
			fmt.Fprintf(p.stdout, "    %s\n", line)
		}
	}
	switch {
	case len(list) == 0:
		fmt.Fprintln(p.stdout, "no sources; add one with: onrecord source add https://…")
	case off > 0:
		fmt.Fprintf(p.stdout, "%s switched off; --all lists them\n", count(off, "source is", "sources are"))
	}
}

// sourceRhythm says when a source changed, when it is asked again, and how its
// last visits went; "" before the first.
func sourceRhythm(s record.SourceState, now time.Time) string {
	health := s.Health()
	if health == "" {
		return ""
	}
	next := "not asked again"
	if !s.Visit.Due.IsZero() {
		next = "next visit " + s.Visit.Due.In(record.London).Format("2 Jan 15:04 MST")
	}
	return fmt.Sprintf("last change %s, %s, %s", ago(s.Visit.Changed, now), next, health)
}

func stateWord(s record.SourceState) string {
	switch {
	case !s.Enabled:
		return "off"
	case s.Visit.State == record.NotVisited:
		return "not yet"
	default:
		return string(s.Visit.State)
	}
}

func orNone(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return "(no name)"
}

// sourceTroubles are the lines that say what went wrong, and when.
func sourceTroubles(s record.SourceState, now time.Time) []string {
	var out []string
	if s.Visit.Rhythm.Why != "" && s.Watched() {
		out = append(out, s.Visit.Rhythm.Why)
	}
	if !s.Stale.IsZero() {
		out = append(out, "stale: nothing new since "+s.Stale.In(record.London).Format("2 January 2006, 15:04 MST")+", more than three times as long as usual")
	}
	if s.At != "" {
		out = append(out, "moved for good: asked at "+s.At)
	}
	for _, p := range s.Push {
		out = append(out, p.Says())
	}
	switch {
	case s.Visit.Error != "":
		next := "not asked again"
		if !s.Visit.Due.IsZero() {
			next = "asked again " + s.Visit.Due.In(record.London).Format("2 January 2006, 15:04 MST")
		}
		out = append(out, fmt.Sprintf("%s (%s in a row; %s)", s.Visit.Error, count(s.Visit.Failures, "time", "times"), next))
	case s.Visit.LastError != "":
		out = append(out, fmt.Sprintf("last error, %s: %s", ago(s.Visit.FailedAt, now), s.Visit.LastError))
	}
	for _, n := range s.Visit.Notes {
		out = append(out, "note: "+n)
	}
	for _, v := range s.Troubled {
		out = append(out, fmt.Sprintf("%s: %s: %s", v.State, v.URL, v.Error))
	}
	return out
}

func (p *program) sourceRemove() *cobra.Command {
	return &cobra.Command{
		Use:   "remove URL|ID",
		Short: "Stop watching a place and take it off the list",
		Long: `Take a source away. What was found there stays on record.

  $ onrecord source remove https://www.example.org/news/feed

Exit codes: 0 removed, 1 could not, 2 it stands in config.toml: change it there,
3 no such source, 6 the data folder is in use.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAPI(cmd.Context(), "source", func(api *client) error {
				var s record.Source
				if err := api.send(cmd.Context(), http.MethodDelete, sourcePath(args[0]), nil, &s); err != nil {
					return err
				}
				return p.told(s, "removed %s; what was found there stays", s.URL)
			})
		},
	}
}

func (p *program) sourceSwitch(name string, on bool) *cobra.Command {
	var why string
	c := &cobra.Command{
		Use:   name + " URL|ID",
		Short: map[bool]string{true: "Have a source visited again", false: "Have a source not visited for now"}[on],
		Long:  map[bool]string{true: "Have a source visited again", false: "Have a source not visited for now"}[on] + ".\n\n  $ onrecord source " + name + " src_…\n\nExit codes: 0 done, 1 could not, 2 it stands in config.toml: change it there,\n3 no such source, 6 the data folder is in use.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAPI(cmd.Context(), "source", func(api *client) error {
				var s record.Source
				if err := api.send(cmd.Context(), http.MethodPatch, sourcePath(args[0]), map[string]any{"enabled": on, "why": why}, &s); err != nil {
					return err
				}
				return p.told(s, "%sd %s", name, s.URL)
			})
		},
	}
	c.Flags().StringVar(&why, "why", "", "reason, for the edit log")
	return c
}
