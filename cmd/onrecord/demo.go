package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"onrecord/archive"
	"onrecord/demo"
	"onrecord/editor"
	"onrecord/record"
	"onrecord/register"
)

func (p *program) demoCommand() *cobra.Command {
	var address string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show what the program does on a small invented world",
		Long: `Import the pages of a small invented world (every body, person and word in it
is made up), make an incident of them and serve it. It asks no network, writes
to a temporary folder only, and leaves nothing behind after Ctrl-C.

  $ onrecord demo

Exit codes: 0 ended by Ctrl-C, 1 could not, 2 wrong usage.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.demo(cmd.Context(), address) },
	}
	c.Flags().StringVar(&address, "listen", "", "address to listen on (default 127.0.0.1:8080, or any free port where that is taken)")
	return c
}

func (p *program) demo(ctx context.Context, address string) (err error) {
	l, err := demoListener(ctx, address)
	if err != nil {
		return err
	}
	defer l.Close() // the server closes it as well; this is for what fails before
	dir, err := os.MkdirTemp("", "onrecord-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s := defaults()
	s.Data.Dir = filepath.Join(dir, "data")
	s.Log.Level = "warn"
	h, err := openHouse(ctx, s, p.logger(s), "demo")
	if err != nil {
		return err
	}
	return errors.Join(p.playDemo(ctx, h, l), h.close())
}

// demoListener takes the address asked for, or the usual one, or any free one.
func demoListener(ctx context.Context, address string) (net.Listener, error) {
	if address != "" {
		return listen(ctx, address)
	}
	l, err := listen(ctx, defaults().Server.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return listen(ctx, "127.0.0.1:0")
	}
	return l, err
}

func (p *program) playDemo(ctx context.Context, h *house, l net.Listener) error {
	reg, err := register.Read(bytes.NewReader(demo.Register()), "the demo's register")
	if err != nil {
		return err
	}
	h.register = reg
	h.ingest = h.ingestInto(h.catalogue)
	var sum record.Added
	pages := demo.Pages()
	b := newBar(p.stderr, int64(len(pages)), "read", "pages")
	for i, page := range pages {
		out, err := h.ingest.Exchange(ctx, archive.Exchange{
			URL: page.URL, At: page.At, Via: "import", Header: http.Header{"Content-Type": {page.MediaType}}, Body: page.Body,
		})
		if err != nil {
			return err
		}
		sum = sum.Plus(out.Added)
		b.set(int64(i + 1))
	}
	b.done()
	i := demo.Incident()
	if _, err := h.editor().AddIncident(ctx, editor.NewIncident{
		Slug: i.Slug, Name: i.Name, Summary: i.Summary, Query: i.Query, From: i.From, To: i.To, Orgs: i.Orgs,
	}, "demo"); err != nil {
		return err
	}
	if err := h.catchUp(ctx, p.stderr); err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "read %s of an invented world: %s with %s\n", count(sum.Captures, "capture", "captures"),
		count(sum.Statements, "statement", "statements"), count(sum.Statements+sum.Sightings, "sighting", "sightings"))
	return p.serve(ctx, h, l, handlerOptions{notice: "Every body, person and word on these pages is invented.", start: "/i/" + i.Slug})
}
