package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"onrecord/extract"
	"onrecord/record"
)

const (
	maxLine = 64 << 20 // bytes of one line of a list, which may carry a page
	maxFile = 20 << 20 // bytes of one page's file, inflated
)

// listLine is a line of a page list: a page by file, or the page itself.
type listLine struct {
	Schema  string            `json:"schema"`
	ID      string            `json:"id"`
	URL     string            `json:"url"`
	At      string            `json:"at"`
	File    string            `json:"file"`
	HTML    *string           `json:"html"`
	Text    *string           `json:"text"`
	Headers map[string]string `json:"headers"`
	// Sanitize asks parse-feed for what a page would show.
	Sanitize bool `json:"sanitize"`
}

// input opens what the line names. Dir is the folder that a relative file is
// relative to. At is the zero time where the line gives none.
func (l listLine) input(dir string) (extract.Input, error) {
	in := extract.Input{URL: l.URL, Header: http.Header{}}
	for k, v := range l.Headers {
		in.Header.Set(k, v)
	}
	in.MediaType = in.Header.Get("Content-Type")
	if l.At != "" {
		at, err := time.Parse(time.RFC3339, l.At)
		if err != nil {
			return in, fmt.Errorf("at %q: want a time such as 2024-07-22T12:00:00Z: %w", l.At, record.ErrInvalid)
		}
		in.At = at.UTC().Truncate(time.Second)
	}
	given := 0
	for _, there := range []bool{l.File != "", l.HTML != nil, l.Text != nil} {
		if there {
			given++
		}
	}
	if given != 1 {
		return in, fmt.Errorf("a page line needs one of file, html or text: %w", record.ErrInvalid)
	}
	switch {
	case l.HTML != nil:
		in.Body = []byte(*l.HTML)
		if in.MediaType == "" {
			in.MediaType = "text/html; charset=utf-8"
		}
	case l.Text != nil:
		in.Body, in.MediaType = []byte(*l.Text), "text/plain; charset=utf-8"
	default:
		file := filepath.FromSlash(l.File)
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		body, err := readFile(file)
		if err != nil {
			return in, err
		}
		in.Body = body
	}
	return in, nil
}

// readFile reads a page's file; a .gz file is opened.
func readFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			return nil, fmt.Errorf("%s: not a gzip file: %w", file, err)
		}
		r = z
	}
	var b bytes.Buffer
	if info, err := f.Stat(); err == nil {
		b.Grow(int(min(5*info.Size(), maxFile/4))) // about what a packed page unpacks to
	}
	if _, err := b.ReadFrom(io.LimitReader(r, maxFile+1)); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	body := b.Bytes()
	if len(body) > maxFile {
		return nil, fmt.Errorf("%s: more than %d MiB: %w", file, maxFile>>20, record.ErrTooLarge)
	}
	return body, nil
}

// listFile opens a list ("" or "-" is standard input) and says which folder its
// files are relative to.
func listFile(name string, stdin io.Reader) (io.ReadCloser, string, error) {
	if name == "" || name == "-" {
		return io.NopCloser(stdin), ".", nil
	}
	f, err := os.Open(name)
	return f, filepath.Dir(name), err
}

// eachLine calls do for each line that is not blank, numbered from 1. The slice
// is the callee's own.
func eachLine(r io.Reader, do func(n int, line []byte) error) error {
	b := bufio.NewReaderSize(r, 1<<16)
	for n := 1; ; n++ {
		line, err := readLine(b)
		if errors.Is(err, record.ErrTooLarge) {
			return fmt.Errorf("line %d: longer than %d MiB: %w", n, maxLine>>20, err)
		}
		if len(bytes.TrimSpace(line)) > 0 {
			if err := do(n, line); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func readLine(b *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := b.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, record.ErrTooLarge
		}
		if err != bufio.ErrBufferFull {
			return line, err
		}
	}
}

// mapLines answers each line of a list in the list's order, several at a time.
// A line that answer cannot read gives {"id","error"} and the run goes on.
func mapLines(r io.Reader, w io.Writer, answer func(line listLine) (any, error)) (failed int, err error) {
	// What a line needs is garbage as soon as it is answered, and little else is
	// alive: collecting at four times that instead of twice saves a sixth of
	// the CPU time. Past the limit the collector works as hard as it must.
	defer debug.SetGCPercent(debug.SetGCPercent(lineGCPercent))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(lineMemory))
	out := bufio.NewWriterSize(w, 1<<16)
	pending := make(chan chan lineAnswer, 2*runtime.GOMAXPROCS(0))
	written := make(chan error, 1)
	go func() { written <- writeAnswers(out, pending, &failed) }()
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	readErr := eachLine(r, func(n int, raw []byte) error {
		reply := make(chan lineAnswer, 1)
		pending <- reply
		slots <- struct{}{}
		go func() {
			defer func() { <-slots }()
			reply <- answerLine(n, raw, answer)
		}()
		return nil
	})
	close(pending)
	if err := <-written; err != nil {
		return failed, err
	}
	if err := out.Flush(); err != nil {
		return failed, err
	}
	return failed, readErr
}

const (
	lineGCPercent = 400       // of live memory, while a list is read
	lineMemory    = 512 << 20 // bytes
)

type lineAnswer struct {
	json   []byte
	failed bool
}

func answerLine(n int, raw []byte, answer func(listLine) (any, error)) lineAnswer {
	var line listLine
	err := json.Unmarshal(raw, &line)
	if err != nil {
		err = fmt.Errorf("line %d: not a page line: %w", n, err)
	}
	var v any
	if err == nil {
		v, err = answer(line)
	}
	if err != nil {
		b, _ := marshal(struct { // two strings: cannot fail
			ID    string `json:"id"`
			Error string `json:"error"`
		}{line.ID, err.Error()})
		return lineAnswer{json: b, failed: true}
	}
	b, err := marshal(v)
	if err != nil {
		return answerLine(n, raw, func(listLine) (any, error) { return nil, err })
	}
	return lineAnswer{json: b}
}

// writeAnswers keeps receiving after a write error, so that the reader is
// never left waiting.
func writeAnswers(w io.Writer, pending <-chan chan lineAnswer, failed *int) error {
	var broken error
	for reply := range pending {
		a := <-reply
		if a.failed {
			*failed++
		}
		if broken == nil {
			_, broken = w.Write(append(a.json, '\n'))
		}
	}
	return broken
}

// marshal prints JSON as the contracts show it: UTF-8, with <, > and & plain.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// readAll reads a page from a stream, bounded like a file.
func readAll(r io.Reader) (*string, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	if len(body) > maxFile {
		return nil, fmt.Errorf("standard input: more than %d MiB: %w", maxFile>>20, record.ErrTooLarge)
	}
	s := string(body)
	return &s, nil
}
