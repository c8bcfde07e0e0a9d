//go:build unix

package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// cpuSeconds is the CPU time of the process so far, user and system.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// memory prints what the process holds, where the system tells (Linux).
func memory(when string) {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(raw)) {
		for _, name := range []string{"VmHWM:", "VmRSS:", "RssAnon:"} {
			if rest, ok := strings.CutPrefix(line, name); ok {
				fmt.Printf("RSS\tonrecord\t%s\t%s\t%s\n", when, name, strings.TrimSpace(rest))
			}
		}
	}
}
