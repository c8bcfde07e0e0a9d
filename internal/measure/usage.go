//go:build unix

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
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
	for _, name := range []string{"VmHWM", "VmRSS", "RssAnon", "RssFile"} {
		if n := held(name); n > 0 {
			fmt.Printf("RSS\tonrecord\t%s\t%s:\t%d kB\n", when, name, n)
		}
	}
}

// held is a line of /proc/self/status in kB; 0 where the system does not tell.
func held(name string) int {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			n, _ := strconv.Atoi(strings.Fields(rest)[0])
			return n
		}
	}
	return 0
}

// watch looks at the anonymous memory every 20 ms until the returned function
// is called, which prints the most that it saw: what the system cannot take
// back. The rest of a peak is pages of mapped files, which it can.
func watch(what string) (stop func()) {
	done := make(chan struct{})
	most := held("RssAnon")
	var wait sync.WaitGroup
	wait.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				most = max(most, held("RssAnon"))
			}
		}
	})
	return func() {
		close(done)
		wait.Wait()
		if most > 0 {
			fmt.Printf("RSS\tonrecord\t%s\tRssAnon at the peak:\t%d kB\n", what, most)
		}
	}
}
