package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"onrecord/record"
	"onrecord/register"
)

func (p *program) orgCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "org check|find",
		Short: "Check the register of organisations and people, and ask it who is meant",
		Long: `The register says who is who and on which days: docs/register.md has its fields.
check reads a file of it and lists what to mend; find tells whom a name means.

  $ onrecord org check mine.json --extends
  $ onrecord org find "NHS Digital" --on 2024-03-01`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(p.orgCheck(), p.orgFind())
	return c
}

func (p *program) orgCheck() *cobra.Command {
	extends := false
	c := &cobra.Command{
		Use:   "check [FILE...]",
		Short: "List what is wrong or odd in a register, with its line and what to do",
		Long: `Read a register file to its end and list every fault and warning with the line,
the entry, and what mends it. Without FILE the register in use is checked: the
built-in one or that of the settings, and what extends it. - is standard input.

A fault makes the register wrong: an entry that cannot be read, an id that nobody
has, two holders of one post at a time, an end before its beginning, a bad day,
domain or account. A warning is borne: a name that two have on one day, a field
that nobody reads.

  --extends   FILE adds to the register in use: ids and names of both count

  $ onrecord org check mine.json
  mine.json:12: fault: board: parent "bords" is not in the register
      did you mean "boards"? else add an entry with that id, or take it out
  mine.json: 1 fault, 0 warnings

Exit codes: 0 no fault (there may be warnings), 1 could not read it, 2 wrong
usage, 4 faults found.`,
		RunE: func(_ *cobra.Command, args []string) error {
			if extends && len(args) == 0 {
				return usage("org check --extends: want the FILE that adds to the register in use")
			}
			s, err := p.settings()
			if err != nil {
				return err
			}
			list, err := p.checked(s, args, extends)
			if err != nil {
				return err
			}
			return p.tellChecked(list)
		},
	}
	c.Flags().BoolVar(&extends, "extends", false, "FILE adds to the register in use")
	return c
}

// checkedFile is what org check found in one file.
type checkedFile struct {
	File     string             `json:"file"`
	Faults   int                `json:"faults"`
	Warnings int                `json:"warnings"`
	Findings []register.Finding `json:"findings"`
}

func (p *program) checked(s settings, files []string, extends bool) ([]checkedFile, error) {
	if len(files) == 0 {
		return p.checkedInUse(s)
	}
	var base *register.Register
	if extends {
		var err error
		if base, err = s.register(); err != nil {
			return nil, err
		}
	}
	var out []checkedFile
	for _, name := range files {
		f, err := p.checkFile(name, base)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// checkedInUse checks the files of the settings, each beside those before it.
// What follows a file with faults that the program refuses is not checked.
func (p *program) checkedInUse(s settings) ([]checkedFile, error) {
	var out []checkedFile
	var base *register.Register
	if s.Register.File == "" {
		list, err := register.CheckDefault()
		if err != nil {
			return nil, err
		}
		out, base = append(out, counted("the built-in register", list)), register.Default()
	} else {
		f, err := p.checkFile(s.Register.File, nil)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
		if base, err = readRegister(s.Register.File); err != nil {
			return out, nil // told by its findings
		}
	}
	for _, name := range s.Register.Extend {
		f, err := p.checkFile(name, base)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
		more, err := readRegister(name)
		if err == nil {
			base, err = base.Extend(more)
		}
		if err != nil {
			return out, nil // told by its findings
		}
	}
	return out, nil
}

func (p *program) checkFile(name string, base *register.Register) (checkedFile, error) {
	in := io.NopCloser(p.stdin)
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return checkedFile{}, fmt.Errorf("register: %w", err)
		}
		in = f
	} else {
		name = "standard input"
	}
	list, err := register.Check(in, name, base)
	return counted(name, list), errors.Join(err, in.Close())
}

func counted(name string, list []register.Finding) checkedFile {
	f := checkedFile{File: name, Findings: list}
	if list == nil {
		f.Findings = []register.Finding{}
	}
	for _, x := range list {
		if x.Level == register.Fault {
			f.Faults++
		} else {
			f.Warnings++
		}
	}
	return f
}

func (p *program) tellChecked(list []checkedFile) error {
	faults := 0
	for _, f := range list {
		faults += f.Faults
		if p.json {
			continue
		}
		for _, x := range f.Findings {
			who := ""
			if x.Entry != "" {
				who = x.Entry + ": "
			}
			fmt.Fprintf(p.stdout, "%s:%d: %s: %s%s\n    %s\n", f.File, x.Line, x.Level, who, x.What, x.Do)
		}
		fmt.Fprintf(p.stdout, "%s: %s, %s\n", f.File, count(f.Faults, "fault", "faults"), count(f.Warnings, "warning", "warnings"))
	}
	if p.json {
		if err := p.print(map[string]any{"files": list}); err != nil {
			return err
		}
	}
	if faults > 0 {
		return &silent{exitFaults}
	}
	return nil
}

// meant is the answer of org find.
type meant struct {
	Asked        string   `json:"asked"`
	On           string   `json:"on,omitempty"` // the day
	Org          string   `json:"org"`
	Name         string   `json:"name"`
	Rule         string   `json:"rule"`
	Confidence   float64  `json:"confidence"`
	Predecessors []string `json:"predecessors,omitempty"`
}

func (p *program) orgFind() *cobra.Command {
	on := ""
	c := &cobra.Command{
		Use:   "find NAME",
		Short: "Tell which organisation a name means on a day, and by which rule",
		Long: `Look NAME up as the program does while it reads: a name, an abbreviation, an alias
or an id.

  --on DATE   the day, such as 2024-03-01 (default: without regard to time)

  $ onrecord org find "NHS Digital" --on 2024-03-01
  nhs-england  NHS England  (predecessor of, 0.85)

Exit codes: 0 found, 1 could not, 2 wrong usage, 3 nobody is called so on that day.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			var day time.Time
			if on != "" {
				var err error
				if day, err = time.ParseInLocation("2006-01-02", on, record.London); err != nil {
					return usage("--on %q: want a day such as 2024-03-01", on)
				}
			}
			s, err := p.settings()
			if err != nil {
				return err
			}
			reg, err := s.register()
			if err != nil {
				return err
			}
			return p.tellMeant(reg, args[0], on, day)
		},
	}
	c.Flags().StringVar(&on, "on", "", "the day, such as 2024-03-01")
	return c
}

func (p *program) tellMeant(reg *register.Register, name, on string, day time.Time) error {
	f, ok := reg.Resolve(name, day)
	if !ok {
		if f.Org, ok = reg.AsOf(name, day); ok {
			f.Rule, f.Confidence = "id", 1
			if f.ID != name {
				f.Rule = register.ByPredecessor
			}
		}
	}
	if !ok {
		tail := ""
		if on != "" {
			tail = " on " + on
		}
		var names []string
		for _, o := range reg.Orgs() {
			names = append(names, o.Name, o.ID)
		}
		return fmt.Errorf("no organisation is called %q%s%s: %w", name, tail, didYouMean(name, names), record.ErrNotFound)
	}
	m := meant{Asked: name, On: on, Org: f.ID, Name: f.Name, Rule: f.Rule, Confidence: f.Confidence, Predecessors: reg.Predecessors(f.ID)}
	if p.json {
		return p.print(m)
	}
	_, err := fmt.Fprintf(p.stdout, "%s  %s  (%s, %.2g)\n", m.Org, m.Name, m.Rule, m.Confidence)
	if len(m.Predecessors) > 0 {
		_, err = fmt.Fprintf(p.stdout, "    followed %s\n", strings.Join(m.Predecessors, ", "))
	}
	return err
}
