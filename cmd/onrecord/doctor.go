package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"onrecord/archive/warcfile"
	"onrecord/catalogue/sqlite"
	"onrecord/index/bleveindex"
	"onrecord/record"
)

// finding is one line of the doctor.
type finding struct {
	Check  string `json:"check"`
	State  string `json:"state"` // ok, warn or fail
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty"` // what to do about it
}

func (p *program) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Look whether everything is as it should be",
		Long: `Check settings, folders, disk, clock, zones, port, catalogue, archive, index and
how the sources fare, and say for each what to do about it. It asks no host and
changes nothing but what every command mends as it opens the stores. Beside a serving process it checks what can be seen from
outside.

  $ onrecord doctor

Exit codes: 0 well (warnings included), 1 could not, 2 the settings are wrong,
4 something failed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.doctor(cmd.Context()) },
	}
}

func (p *program) doctor(ctx context.Context) error {
	s, err := p.settings()
	if err != nil {
		return err
	}
	d := &doctor{program: p, settings: s}
	d.machine()
	d.crawling()
	d.folder(ctx)
	if p.json {
		if err := p.print(map[string]any{"findings": d.findings}); err != nil {
			return err
		}
	}
	for _, f := range d.findings {
		if !p.json {
			fmt.Fprintf(p.stdout, "%-5s %-10s %s\n", f.State, f.Check, f.Detail)
			if f.Fix != "" {
				fmt.Fprintf(p.stdout, "%17s-> %s\n", "", f.Fix)
			}
		}
	}
	for _, f := range d.findings {
		if f.State == "fail" {
			return &silent{exitFaults}
		}
	}
	return nil
}

type doctor struct {
	*program
	settings settings
	findings []finding
}

func (d *doctor) say(check, state, fix, format string, args ...any) {
	d.findings = append(d.findings, finding{Check: check, State: state, Detail: fmt.Sprintf(format, args...), Fix: fix})
}

// machine checks what is outside the data folder.
func (d *doctor) machine() {
	d.say("program", "ok", "", "onrecord %s, %s, %s/%s", shortVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if now := time.Now(); now.Year() < 2026 || now.Year() > 2100 {
		d.say("clock", "fail", "set the machine's clock", "the machine says %s", now.UTC().Format(time.RFC3339))
	} else {
		d.say("clock", "ok", "", "%s", now.In(record.London).Format("2 January 2006, 15:04 MST"))
	}
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		if os.Getenv(name) != "" {
			d.say("proxy", "warn", "make sure that this machine reaches hosts without it", "%s is set and is not used: a proxy would connect in the guard's place", name)
		}
	}
	l, err := net.Listen("tcp", d.settings.Server.Listen)
	if err != nil {
		d.say("port", "warn", "choose another with --listen, or stop what has it (it may be onrecord itself)", "%s cannot be listened on: %v", d.settings.Server.Listen, err)
	} else {
		d.say("port", "ok", "", "%s is free", d.settings.Server.Listen)
		_ = l.Close()
	}
}

// crawling checks the settings of [crawl].
func (d *doctor) crawling() {
	on := 0
	for _, s := range d.settings.Sources {
		if s.Enabled {
			on++
		}
	}
	if d.settings.Crawl.Contact == "" {
		d.say("contact", "warn", "set crawl.contact in config.toml to a page or a mail address of yours", "nobody outside your own networks is asked while crawl.contact is empty")
	} else {
		d.say("contact", "ok", "", "hosts see %q", d.settings.Crawl.agent())
	}
	d.say("settings", "ok", "", "%s, %d of them on", count(len(d.settings.Sources), "source", "sources"), on)
	reg, err := d.settings.register()
	if err != nil {
		d.say("register", "fail", "mend or replace the file", "%v", err)
		return
	}
	var unknown []string
	for _, s := range d.settings.Sources {
		if _, ok := reg.Org(s.Org); s.Org != "" && !ok {
			unknown = append(unknown, s.Org)
		}
	}
	if len(unknown) > 0 {
		d.say("register", "warn", "add them with [register] extend, or mend the sources", "no organisation %s", strings.Join(unknown, ", "))
		return
	}
	d.say("register", "ok", "", "%d organisations", len(reg.Orgs()))
}

// Bytes of free disk under which we warn, and under which crawling is no good.
const (
	littleDisk  = 500 << 20
	tooFullDisk = 100 << 20
)

// folder checks the data folder and what is in it.
func (d *doctor) folder(ctx context.Context) {
	dir := d.settings.Data.Dir
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		d.say("data", "ok", "", "folder %s is not there yet; the first command makes it", dir)
		return
	}
	switch free, err := freeDisk(dir); {
	case err != nil:
		d.say("disk", "warn", "", "free space of %s is not known: %v", dir, err)
	case free < tooFullDisk:
		d.say("disk", "fail", "free some space", "%d MiB free under %s", free>>20, dir)
	case free < littleDisk:
		d.say("disk", "warn", "free some space soon", "%d MiB free under %s", free>>20, dir)
	default:
		d.say("disk", "ok", "", "%.1f GiB free under %s", float64(free)/(1<<30), dir)
	}
	lock, err := lockDir(dir, "doctor")
	var used *inUse
	if errors.As(err, &used) {
		d.say("lock", "ok", "stop it for a check of what is inside", "%v", used)
		return
	}
	if err != nil {
		d.say("lock", "fail", "make the folder writable for this user (chown, chmod)", "%v", err)
		return
	}
	defer func() { _ = lock.release() }()
	d.say("lock", "ok", "", "nobody else has %s", dir)
	d.stores(ctx, dir)
}

// stores opens what the folder holds, as far as it is there.
func (d *doctor) stores(ctx context.Context, dir string) {
	if _, err := os.Stat(catalogueFile(dir)); err == nil {
		d.catalogue(ctx, dir)
	}
	if _, err := os.Stat(archiveDir(dir)); err == nil {
		ar, err := warcfile.Open(archiveDir(dir), warcfile.Options{})
		if err != nil {
			d.say("archive", "fail", "onrecord verify names the damaged records", "%v", err)
		} else {
			d.say("archive", "ok", "onrecord verify reads every record again", "opens")
			_ = ar.Close()
		}
	}
	if _, err := os.Stat(indexDir(dir)); err == nil {
		ix, err := bleveindex.Open(indexDir(dir))
		if err != nil {
			d.say("index", "fail", "onrecord reindex builds it again", "%v", err)
		} else {
			d.say("index", "ok", "", "opens")
			_ = ix.Close()
		}
	}
}

func (d *doctor) catalogue(ctx context.Context, dir string) {
	db, err := sqlite.Open(ctx, catalogueFile(dir), sqlite.Options{})
	if err != nil {
		d.say("catalogue", "fail", "restore it from a backup, or read the archive again: onrecord rebuild", "%v", err)
		return
	}
	defer db.Close()
	if err := db.Check(ctx); err != nil {
		d.say("catalogue", "fail", "restore it from a backup, or read the archive again: onrecord rebuild", "%v", err)
		return
	}
	c, err := db.Counts(ctx)
	if err != nil {
		d.say("catalogue", "fail", "", "%v", err)
		return
	}
	d.say("catalogue", "ok", "", "sound: %s, %s, %s", count(c.Captures, "capture", "captures"), count(c.Pages, "page", "pages"), count(c.Statements, "statement", "statements"))
	list, err := db.SourceStates(ctx, "")
	if err != nil {
		d.say("sources", "fail", "", "%v", err)
		return
	}
	d.sources(list)
}

func (d *doctor) sources(list []record.SourceState) {
	watched, failing := 0, 0
	for _, s := range list {
		if !s.Watched() {
			continue
		}
		watched++
		if s.Visit.Error != "" {
			failing++
			d.say("source", "warn", "onrecord source check "+string(s.ID), "%s: %s", s.URL, s.Visit.Error)
		}
	}
	switch {
	case watched == 0:
		d.say("sources", "warn", "add one: onrecord source add https://…", "no source is watched")
	case failing == 0:
		d.say("sources", "ok", "", "%s, none failing", count(watched, "source is watched", "sources are watched"))
	default:
		d.say("sources", "warn", "onrecord source list", "%d of %d fail", failing, watched)
	}
}
