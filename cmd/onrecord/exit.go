package main

import (
	"errors"
	"fmt"

	"onrecord/query"
	"onrecord/record"
)

// The exit codes, documented in docs/operations.md.
const (
	exitDone     = 0
	exitCould    = 1 // could not
	exitUsage    = 2
	exitNotFound = 3
	exitFaults   = 4 // verify found faults
	exitPart     = 5 // done in part
	exitLocked   = 6
)

// coded is an error with its own exit code.
type coded struct {
	code int
	err  error
}

func (c *coded) Error() string { return c.err.Error() }
func (c *coded) Unwrap() error { return c.err }

// silent is an outcome that was already told on standard output or standard
// error: only its code is left to say.
type silent struct{ code int }

func (s *silent) Error() string { return fmt.Sprintf("exit %d", s.code) }

func usage(format string, args ...any) error {
	return &coded{exitUsage, fmt.Errorf(format, args...)}
}

// exitCode is the one place that turns an error into an exit code.
func exitCode(err error) int {
	var c *coded
	var s *silent
	var q *query.Error
	switch {
	case errors.As(err, &s):
		return s.code
	case errors.As(err, &c):
		return c.code
	case errors.As(err, &q):
		return exitUsage
	case errors.Is(err, record.ErrLocked):
		return exitLocked
	case errors.Is(err, record.ErrNotFound):
		return exitNotFound
	default:
		return exitCould
	}
}

// didYouMean is a tail for a refusal: `; did you mean "x"?`, or nothing.
func didYouMean(s string, candidates []string) string {
	if n := record.Nearest(s, candidates); n != "" {
		return `; did you mean "` + n + `"?`
	}
	return ""
}
