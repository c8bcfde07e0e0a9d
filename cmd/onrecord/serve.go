package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"onrecord/api"
	"onrecord/index"
)

func (p *program) serveCommand() *cobra.Command {
	var noCrawl bool
	c := &cobra.Command{
		Use:   "serve",
		Short: "Crawl, and serve the pages and the API",
		Long: `Visit the sources when they are due, serve the pages that people read and the API
under /api/v1, and keep the index level with the record. While it runs, search,
timeline, export, incident and source ask it. Ctrl-C ends it.

  $ onrecord serve --listen 127.0.0.1:8080

Exit codes: 0 ended by Ctrl-C, 1 could not (the port is in use), 2 wrong usage,
6 the data folder is in use.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withHouse(cmd.Context(), "serve", func(h *house) error {
				l, err := listen(cmd.Context(), h.settings.Server.Listen)
				if err != nil {
					return err
				}
				h.publicURL = h.settings.Crawl.PublicURL
				return p.serve(cmd.Context(), h, l, handlerOptions{baseURL: h.settings.Server.BaseURL}, func(ctx context.Context) error {
					if noCrawl {
						return nil
					}
					return h.crawlBeside(ctx)
				})
			})
		},
	}
	c.Flags().BoolVar(&noCrawl, "no-crawl", false, "visit no sources")
	c.Flags().Var(p.setting("server.listen"), "listen", "address to listen on (default 127.0.0.1:8080)")
	return c
}

// listen says in words what keeps it from listening.
func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("address %s is in use by another program; choose another with --listen, such as --listen 127.0.0.1:0 for any free one: %w", address, err)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return l, nil
}

// serve answers on l until ctx ends. The index follows the catalogue meanwhile;
// /readyz says when it is level. What beside does runs with it and
// ends with ctx; its error ends the program.
func (p *program) serve(ctx context.Context, h *house, l net.Listener, o handlerOptions, beside func(context.Context) error) error {
	if err := h.openIndex(); err != nil {
		return errors.Join(err, l.Close())
	}
	address := "http://" + l.Addr().String()
	if err := h.lock.tell(holder{PID: os.Getpid(), Command: "serve", Address: askAt(l.Addr())}); err != nil {
		return errors.Join(err, l.Close())
	}
	m := newMetrics(h)
	if h.crawler == nil {
		if err := h.withCrawler(m.told); err != nil {
			return errors.Join(err, l.Close())
		}
	}
	handler, err := h.handler(o)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	server := api.Server(l.Addr().String(), m.beside(withHubs(h.crawler.Callback(), handler)))
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var wait sync.WaitGroup
	var followed, besides error
	wait.Go(func() {
		if besides = beside(ctx); besides != nil {
			stop()
		}
	})
	wait.Go(func() {
		defer stop() // an index that cannot follow ends the program
		followed = index.Follow(ctx, h.index, h.catalogue, time.Second)
	})
	wait.Go(func() {
		<-ctx.Done()
		// Requests under way get ten seconds; the context they were given has
		// ended, so this one is a new one.
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if server.Shutdown(last) != nil {
			_ = server.Close()
		}
	})
	fmt.Fprintf(p.stderr, "onrecord %s; Ctrl-C ends it\n", o.greeting(address))
	fmt.Fprintln(p.stdout, address)
	err = server.Serve(l)
	stop()
	wait.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	if errors.Is(followed, context.Canceled) {
		followed = nil
	}
	if errors.Is(besides, context.Canceled) {
		besides = nil
	}
	return errors.Join(err, followed, besides)
}

// askAt is where other commands on this machine ask a server that listens on a:
// one that listens on all addresses is asked on the loopback one.
func askAt(a net.Addr) string {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return "http://" + a.String()
	}
	if ap.Addr().IsUnspecified() {
		loopback := netip.MustParseAddr("127.0.0.1")
		if ap.Addr().Is6() {
			loopback = netip.IPv6Loopback()
		}
		ap = netip.AddrPortFrom(loopback, ap.Port())
	}
	return "http://" + ap.String()
}
