package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
)

// bar shows work that may take over a second: a bar on a terminal, nothing
// elsewhere, where the summary line at the end is enough.
type bar struct{ b *progressbar.ProgressBar }

// newBar counts to total in the unit given ("pages"; bytes for "B"); total -1
// is unknown.
func newBar(w io.Writer, total int64, what, unit string) bar {
	f, ok := w.(*os.File)
	if !ok || !isatty.IsTerminal(f.Fd()) || os.Getenv("TERM") == "dumb" {
		return bar{}
	}
	return drawnBar(w, total, what, unit)
}

// drawnBar is the bar of a terminal.
func drawnBar(w io.Writer, total int64, what, unit string) bar {
	return bar{progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowBytes(unit == "B"),
		progressbar.OptionSetItsString(unit),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)}
}

// shown reports whether there is a bar.
func (b bar) shown() bool { return b.b != nil }

// describe says what is counted.
func (b bar) describe(what string) {
	if b.b != nil {
		b.b.Describe(what)
	}
}

// aside takes the bar away while something else is printed.
func (b bar) aside(print func()) {
	if b.b == nil {
		print()
		return
	}
	_ = b.b.Clear()
	print()
	_ = b.b.RenderBlank()
}

func (b bar) set(n int64) {
	if b.b != nil {
		_ = b.b.Set64(n)
	}
}

func (b bar) total(n int64) {
	if b.b != nil {
		b.b.ChangeMax64(n)
	}
}

func (b bar) done() {
	if b.b != nil {
		_ = b.b.Finish()
	}
}

// count is "1 page" or "3 pages".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
