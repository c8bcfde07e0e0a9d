// Command onrecord keeps what public bodies and their people say on the record:
// it reads pages into statements with their evidence, and serves them as
// searchable timelines of incidents.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set by the linker: make build.
var version = ""

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The second Ctrl-C ends the program at once.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// program is what every command is given: its streams and the settings that
// the flags of the root command fill.
type program struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer

	configFile string
	flags      map[string]string // settings by their key, as given by flags
	json       bool
}

// run executes one command line and answers with its exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr, flags: map[string]string{}}
	root := p.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	code := exitCode(err)
	var quiet *silent
	if !errors.As(err, &quiet) {
		fmt.Fprintf(stderr, "onrecord: %v\n", err)
		if code == exitUsage {
			fmt.Fprintf(stderr, "Help: %s --help\n", cmd.CommandPath())
		}
	}
	return code
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "onrecord",
		Short: "What public bodies said, in which words, when, with the proof",
		Long: `Keep what public bodies and their people say on the record: pages go in, are
kept as evidence and read; their statements come out as searchable timelines.

  $ onrecord demo                                  a small invented world, served
  $ onrecord source add https://www.example.org/   watch a feed, a listing or a page
  $ onrecord crawl --once                          visit what is due
  $ onrecord search '"considerable backlog" org:bma'
  $ onrecord statement show st_3k9…                one statement, and what was put right
  $ onrecord serve                                 pages and API on 127.0.0.1:8080

Exit codes: 0 done, 1 could not, 2 wrong usage, 3 not found, 4 faults found,
5 done in part, 6 the data folder is in use by another process.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("no command %q%s", args[0], didYouMean(args[0], commandNames(cmd)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage("%v", err) })
	root.SuggestionsMinimumDistance = 2
	root.CompletionOptions.HiddenDefaultCmd = true
	f := root.PersistentFlags()
	f.StringVar(&p.configFile, "config", "", "settings file (default config.toml, if there)")
	f.Var(p.setting("data.dir"), "data", "data folder (default data)")
	f.Var(p.setting("register.file"), "registry", "register of organisations to use instead of the built-in one")
	f.Var(p.setting("log.level"), "log-level", "debug, info, warn or error (default info)")
	f.BoolVar(&p.json, "json", false, "answer in JSON")
	for _, c := range p.commands() {
		c.Args = usageArgs(c.Args)
		for _, sub := range c.Commands() {
			sub.Args = usageArgs(sub.Args)
		}
		root.AddCommand(c)
	}
	return root
}

// commands is the table of commands; a new one is a new file and a line here.
func (p *program) commands() []*cobra.Command {
	return []*cobra.Command{
		p.demoCommand(), p.serveCommand(), p.crawlCommand(), p.sourceCommand(), p.importCommand(), p.searchCommand(), p.timelineCommand(), p.exportCommand(),
		p.incidentCommand(), p.statementCommand(), p.peopleCommand(), p.orgCommand(), p.extractCommand(), p.parseFeedCommand(), p.reindexCommand(), p.rebuildCommand(),
		p.verifyCommand(), p.doctorCommand(), p.evalCommand(), p.versionCommand(),
	}
}

func commandNames(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return names
}

// usageArgs makes a wrong number of arguments wrong usage.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if check == nil {
			return nil
		}
		if err := check(cmd, args); err != nil {
			return usage("%s: %v; see %s --help", cmd.Name(), err, cmd.CommandPath())
		}
		return nil
	}
}

// setting is a flag that sets a key of the configuration.
func (p *program) setting(key string) *settingFlag { return &settingFlag{p.flags, key} }

type settingFlag struct {
	flags map[string]string
	key   string
}

func (f *settingFlag) String() string     { return "" }
func (f *settingFlag) Set(v string) error { f.flags[f.key] = v; return nil }
func (f *settingFlag) Type() string {
	return strings.ToUpper(f.key[strings.LastIndexByte(f.key, '.')+1:])
}
