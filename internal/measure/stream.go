//go:build unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"onrecord/record"
)

// stream is a change log that is made of the rows of a corpus as they are read:
// an index of a million is built of it without importing a million first.
type stream struct {
	file  *os.File
	lines *bufio.Scanner
	at    int64
	held  map[record.ID]record.Statement // of the page at hand
	text  int64                          // bytes of words so far
	spent float64                        // CPU seconds of reading rows
}

func openStream(corpus string) (*stream, error) {
	f, err := os.Open(corpus)
	if err != nil {
		return nil, err
	}
	s := &stream{file: f, lines: bufio.NewScanner(f), held: map[record.ID]record.Statement{}}
	s.lines.Buffer(nil, 1<<24)
	return s, nil
}

func (s *stream) Close() error { return s.file.Close() }

// Changes reads the next rows. It is asked in order only.
func (s *stream) Changes(_ context.Context, after record.Position, limit int) ([]record.Change, error) {
	if after.Seq != s.at {
		return nil, fmt.Errorf("row %d asked for behind row %d: %w", after.Seq, s.at, record.ErrInvalid)
	}
	defer func(from float64) { s.spent += cpuSeconds() - from }(cpuSeconds())
	clear(s.held)
	var out []record.Change
	for len(out) < limit && s.lines.Scan() {
		var r row
		if err := json.Unmarshal(s.lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("corpus, row %d: %w", s.at+1, err)
		}
		s.text += int64(len(r.Text))
		s.at++
		x := r.statement()
		s.held[x.ID] = x
		out = append(out, record.Change{Position: record.Position{Epoch: 1, Seq: s.at}, Kind: record.StatementAdded, Statement: x.ID})
	}
	return out, s.lines.Err()
}

// Statements are those of the rows last read.
func (s *stream) Statements(_ context.Context, ids []record.ID) ([]record.Statement, error) {
	out := make([]record.Statement, 0, len(ids))
	for _, id := range ids {
		if x, ok := s.held[id]; ok {
			out = append(out, x)
		}
	}
	return out, nil
}

// Head is not known before the end.
func (s *stream) Head(context.Context) (record.Position, error) {
	return record.Position{Epoch: 1, Seq: s.at}, nil
}
