package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, its commit and the Go that built it",
		Long:  "Print the version, its commit and the Go that built it.\n\n  $ onrecord version --json",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := struct {
				Version  string `json:"version"`
				Commit   string `json:"commit"`
				Go       string `json:"go"`
				Platform string `json:"platform"`
			}{shortVersion(), commit(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
			return p.told(v, "onrecord %s (commit %s, %s, %s)", v.Version, v.Commit, v.Go, v.Platform)
		},
	}
}

// shortVersion is what the linker was told, else "devel".
func shortVersion() string {
	if version != "" {
		return version
	}
	return "devel"
}

func commit() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "unknown"
}
