package main

import (
	"github.com/spf13/cobra"

	"onrecord/extract"
)

func (p *program) parseFeedCommand() *cobra.Command {
	var about fileFlags
	var lines, sanitize bool
	c := &cobra.Command{
		Use:   "parse-feed FILE | parse-feed --jsonl [LIST]",
		Short: "Print a feed, repaired where it had to be",
		Long: `Print one JSON object (onrecord.feed/1) for an RSS, Atom or JSON feed. What had
to be repaired or was lost stands in "problems"; entries read before a break are
always printed. What is no feed gives format "" and no entries.

With --jsonl, LIST (default: standard input) has one object a line,
{"id","file","url","headers","sanitize"}; the answers are {"id","feed"} lines.

  $ onrecord parse-feed --url https://www.england.nhs.uk/feed/ feed.xml

Exit codes: 0 printed, 1 could not read the file, 2 wrong usage, 5 some lines could not.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if lines {
				return p.feedList(first(args))
			}
			if len(args) == 0 {
				return usage("parse-feed: name a FILE, or give --jsonl for a list")
			}
			in, err := about.input(p, args[0])
			if err != nil {
				return err
			}
			return p.print(extract.Feed(in, extract.FeedOptions{Sanitize: sanitize}))
		},
	}
	about.add(c)
	c.Flags().BoolVar(&lines, "jsonl", false, "read a list of feeds, one JSON object a line")
	c.Flags().BoolVar(&sanitize, "sanitize", false, "print HTML as a page would show it")
	return c
}

func (p *program) feedList(name string) error {
	list, dir, err := listFile(name, p.stdin)
	if err != nil {
		return err
	}
	defer list.Close()
	failed, err := mapLines(list, p.stdout, func(l listLine) (any, error) {
		in, err := l.input(dir)
		if err != nil {
			return nil, err
		}
		return struct {
			ID   string               `json:"id"`
			Feed extract.FeedDocument `json:"feed"`
		}{l.ID, extract.Feed(in, extract.FeedOptions{Sanitize: l.Sanitize})}, nil
	})
	return p.partly(failed, err)
}
