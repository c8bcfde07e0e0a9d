package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"onrecord/crawler"
	"onrecord/record"
)

func (p *program) crawlCommand() *cobra.Command {
	var once bool
	var only []string
	c := &cobra.Command{
		Use:   "crawl",
		Short: "Visit the sources that are due",
		Long: `Visit the sources when they are due, as often as they change, and the pages found
there again and again, ever more seldom, for edits and removals; keep every
answer as evidence, read it and index what was said. Each host is asked once
every two seconds or slower, and for nothing that its robots.txt forbids.
With --once it ends when nothing is due, which suits cron. It logs errors alone;
--log-level info tells more.

  $ onrecord crawl --once
  $ onrecord crawl --once --source src_… --source https://www.example.org/feed

Exit codes: 0 done, 1 could not (no source answered: offline?), 2 wrong usage,
3 no such source, 5 some sources failed (onrecord source list names why), 6 the
data folder is in use.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if p.flags["log.level"] == "" {
				p.flags["log.level"] = "error" // its lines and its summary tell the rest
			}
			return p.withHouse(cmd.Context(), "crawl", func(h *house) error { return p.crawl(cmd.Context(), h, once, only) })
		},
	}
	c.Flags().BoolVar(&once, "once", false, "end when nothing is due")
	c.Flags().StringArrayVar(&only, "source", nil, "id or address of a source to visit now; may be repeated")
	return c
}

func (p *program) crawl(ctx context.Context, h *house, once bool, only []string) error {
	if err := h.syncSources(ctx); err != nil {
		return err
	}
	if err := h.mayAsk(); err != nil {
		return err
	}
	ids, err := h.sourceIDs(ctx, only)
	if err != nil {
		return err
	}
	lines := p.lines()
	if err := h.withCrawler(lines); err != nil {
		return err
	}
	if err := p.anySource(ctx, h); err != nil {
		return err
	}
	if !once && len(ids) == 0 {
		err := h.crawler.Run(ctx)
		return errors.Join(err, p.crawled(context.WithoutCancel(ctx), h, h.crawler.Report()))
	}
	report, err := h.crawler.Once(ctx, ids...)
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return p.crawled(context.WithoutCancel(ctx), h, report)
}

// anySource refuses to crawl nothing, and says what to do.
func (p *program) anySource(ctx context.Context, h *house) error {
	list, err := h.catalogue.SourceStates(ctx, "")
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.Watched() {
			return nil
		}
	}
	return fmt.Errorf("no source is watched; add one with: onrecord source add https://…, or enable some in config.toml")
}

// crawled indexes what came, and sums up.
func (p *program) crawled(ctx context.Context, h *house, r crawler.Report) error {
	if err := h.catchUp(ctx, p.stderr); err != nil {
		return err
	}
	if p.json {
		if err := p.print(r); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(p.stdout, summary(r))
	}
	failing, err := h.failing(ctx)
	switch {
	case err != nil:
		return err
	case r.Visits > 0 && r.Unreached == r.Visits:
		return fmt.Errorf("none of %s could be asked; is this machine offline? onrecord source list says why each failed", count(r.Visits, "address", "addresses"))
	case failing > 0:
		return &silent{exitPart}
	}
	return nil
}

// failing counts the watched sources whose last visit failed.
func (h *house) failing(ctx context.Context) (int, error) {
	list, err := h.catalogue.SourceStates(ctx, "")
	n := 0
	for _, s := range list {
		if s.Watched() && s.Visit.State != record.VisitOK && s.Visit.State != record.NotVisited {
			n++
		}
	}
	return n, err
}

// summary is the line at the end.
func summary(r crawler.Report) string {
	return fmt.Sprintf("visited %s (%d unchanged, %d failed, %d refused by robots.txt): found %s, added %s, %s of known pages, %s, %s elsewhere",
		count(r.Visits, "address", "addresses"), r.NotModified, r.Failed, r.Refused, count(r.Leads, "new page", "new pages"),
		count(r.Captures, "capture", "captures"), count(r.Versions, "new version", "new versions"),
		count(r.Statements, "statement", "statements"), count(r.Sightings, "sighting", "sightings"))
}

// lines shows one line a visit on a terminal, and nothing elsewhere: there the
// summary at the end is enough.
func (p *program) lines() func(crawler.Told) {
	f, ok := p.stderr.(*os.File)
	if !ok || !isatty.IsTerminal(f.Fd()) || p.json {
		return nil
	}
	return func(t crawler.Told) { fmt.Fprintln(p.stderr, toldLine(t)) }
}

func toldLine(t crawler.Told) string {
	what := t.Visit.URL
	if !t.Visit.Lead && t.Source.Name != "" {
		what = t.Source.Name
	}
	switch {
	case t.Visit.Error != "":
		return fmt.Sprintf("%-8s %s: %s", t.Visit.State, what, t.Visit.Error)
	case t.NotModified:
		return fmt.Sprintf("%-8s %s: not modified", "ok", what)
	case t.Leads > 0:
		return fmt.Sprintf("%-8s %s: %s", "ok", what, count(t.Leads, "new page", "new pages"))
	case t.Added.Statements+t.Added.Sightings > 0:
		return fmt.Sprintf("%-8s %s: %s, %s elsewhere", "ok", what, count(t.Added.Statements, "statement", "statements"), count(t.Added.Sightings, "sighting", "sightings"))
	default:
		return fmt.Sprintf("%-8s %s: nothing new", "ok", what)
	}
}

// sourceIDs turns ids and addresses into ids of sources on record.
func (h *house) sourceIDs(ctx context.Context, named []string) ([]record.ID, error) {
	var out []record.ID
	for _, name := range named {
		id := sourceID(name)
		list, err := h.catalogue.SourceStates(ctx, id)
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			return nil, fmt.Errorf("no source %q; list them with: onrecord source list: %w", name, record.ErrNotFound)
		}
		out = append(out, id)
	}
	return out, nil
}

// crawlBeside crawls beside a server until ctx ends. Where nobody may be asked
// it says why, and the pages are served all the same.
func (h *house) crawlBeside(ctx context.Context) error {
	if err := h.syncSources(ctx); err != nil {
		return err
	}
	if err := h.mayAsk(); err != nil {
		h.log.Warn("not crawling", "cause", err)
		return nil
	}
	var wait sync.WaitGroup
	defer wait.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	wait.Go(func() { h.crawler.Subscribe(ctx) })
	return h.crawler.Run(ctx)
}

// mayAsk says what is missing before anybody is asked.
func (h *house) mayAsk() error {
	if h.settings.Crawl.Contact == "" && len(h.settings.Crawl.OwnNetworks) == 0 {
		return usage("settings: crawl.contact is not set, so nobody is asked; give a page or a mail address at which the hosts' people can reach you, in config.toml or as ONRECORD_CRAWL_CONTACT")
	}
	return nil
}

// ago is a time as a list shows it.
func ago(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := now.Sub(t)
	switch {
	case d < 0:
		return t.In(record.London).Format("2 Jan 15:04 MST")
	case d < 2*time.Minute:
		return "just now"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	default:
		return t.In(record.London).Format("2 Jan 2006")
	}
}
