package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"onrecord/extract"
	"onrecord/ingest"
	"onrecord/register"
)

func (p *program) extractCommand() *cobra.Command {
	var about fileFlags
	var lines bool
	c := &cobra.Command{
		Use:   "extract FILE | extract --jsonl [LIST]",
		Short: "Print what a page says and puts on record",
		Long: `Print one JSON object (onrecord.page/1): the page's text, dates and posts, and
its statements with speakers, roles and organisations. Nothing is stored, and
nothing is asked of the network. FILE may end in .gz; - is standard input.

With --jsonl, LIST (default: standard input) has one object a line,
{"id","url","at","file"|"html"|"text"}, and the answers come in its order. A
line that cannot be read gives {"id","error"}, and the run goes on.

  $ onrecord extract --url https://www.bma.org.uk/news page.html

Exit codes: 0 printed, 1 could not read it, 2 wrong usage, 5 some lines could not.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := p.settings()
			if err != nil {
				return err
			}
			reg, err := s.register()
			if err != nil {
				return err
			}
			if lines {
				return p.extractList(first(args), reg)
			}
			if len(args) == 0 {
				return usage("extract: name a FILE, or give --jsonl for a list")
			}
			return p.extractFile(args[0], about, reg)
		},
	}
	about.add(c)
	c.Flags().BoolVar(&lines, "jsonl", false, "read a list of pages, one JSON object a line")
	return c
}

func (p *program) extractFile(name string, about fileFlags, reg *register.Register) error {
	in, err := about.input(p, name)
	if err != nil {
		return err
	}
	page, found, err := ingest.Read(in, reg)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return p.print(pageOut("", page, found))
}

func (p *program) extractList(name string, reg *register.Register) error {
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
		if in.At.IsZero() {
			in.At = time.Now().UTC()
		}
		page, found, err := ingest.Read(in, reg)
		if err != nil {
			return nil, err
		}
		return pageOut(l.ID, page, found), nil
	})
	return p.partly(failed, err)
}

// partly ends a run over many lines: some may have failed, each already told.
func (p *program) partly(failed int, err error) error {
	if err != nil {
		return err
	}
	if failed > 0 {
		fmt.Fprintf(p.stderr, "onrecord: %s could not be read; each has its reason in the output\n", count(failed, "line", "lines"))
		return &silent{exitPart}
	}
	return nil
}

func (p *program) print(v any) error {
	b, err := marshal(v)
	if err != nil {
		return err
	}
	_, err = p.stdout.Write(append(b, '\n'))
	return err
}

// fileFlags say where a file came from.
type fileFlags struct {
	url, at string
	headers []string
}

func (f *fileFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.url, "url", "", "address that the file came from")
	c.Flags().StringVar(&f.at, "at", "", "time of capture, RFC 3339 (default: now)")
	c.Flags().StringArrayVar(&f.headers, "header", nil, "a header of the answer, 'K: V'; may be repeated")
}

func (f *fileFlags) input(p *program, name string) (extract.Input, error) {
	line := listLine{URL: f.url, At: f.at, Headers: map[string]string{}}
	for _, h := range f.headers {
		k, v, ok := strings.Cut(h, ":")
		if !ok {
			return extract.Input{}, usage("--header %q: want 'Name: value'", h)
		}
		line.Headers[http.CanonicalHeaderKey(strings.TrimSpace(k))] = strings.TrimSpace(v)
	}
	var err error
	if name == "-" {
		line.HTML, err = readAll(p.stdin)
	} else {
		line.File = name
	}
	if err != nil {
		return extract.Input{}, err
	}
	in, err := line.input(".")
	if err != nil {
		return extract.Input{}, err
	}
	if name == "-" {
		in.MediaType = in.Header.Get("Content-Type") // bytes of unknown kind, not text of ours
	}
	if in.At.IsZero() {
		in.At = time.Now().UTC().Truncate(time.Second)
	}
	return in, nil
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
