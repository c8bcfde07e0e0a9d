package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"onrecord/archive"
	"onrecord/archive/warcfile"
	"onrecord/export"
	"onrecord/ingest"
	"onrecord/record"
)

// rowsAtOnce is how many statement rows are archived as one record: few enough
// to be adopted in one short transaction.
const rowsAtOnce = 500

func (p *program) importCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE...",
		Short: "Keep pages as evidence and read them",
		Long: `Archive what the files hold, read it, and record its statements. A FILE is a
page list (one JSON object a line: {"id","url","at","file"|"html"|"text"}), a
WARC (.warc, .warc.gz) or statement rows (as "onrecord export --format jsonl"
writes them); - is a list on standard input. The same import again adds nothing.

  $ onrecord import pages.jsonl crawl.warc.gz

Exit codes: 0 done, 1 could not, 2 wrong usage, 5 some lines were refused (each
named with its file, line and reason), 6 the data folder is in use.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withHouse(cmd.Context(), "import", func(h *house) error {
				return p.importFiles(cmd.Context(), h, args)
			})
		},
	}
}

// imported sums up one run.
type imported struct {
	record.Added
	Read    int `json:"read"` // lines, records and rows
	Refused int `json:"refused"`
}

func (p *program) importFiles(ctx context.Context, h *house, names []string) error {
	im := &importer{program: p, house: h, bar: newBar(p.stderr, -1, "import", "pages")}
	for _, name := range names {
		if err := im.file(ctx, name); err != nil {
			im.bar.done()
			return err
		}
	}
	im.bar.done()
	if err := h.catchUp(ctx, p.stderr); err != nil {
		return err
	}
	if p.json {
		if err := p.print(im.sum); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(p.stdout, im.sum)
	}
	if im.sum.Refused > 0 {
		return &silent{exitPart}
	}
	return nil
}

// String is the summary line.
func (s imported) String() string {
	return fmt.Sprintf("read %d: added %s (%d that nothing could be read from), %s (%s of known pages), %s, %s elsewhere, %s; refused %d",
		s.Read, count(s.Captures, "capture", "captures"), s.Unread, count(s.Pages, "page", "pages"), count(s.Versions, "new version", "new versions"),
		count(s.Statements, "statement", "statements"), count(s.Sightings, "sighting", "sightings"),
		count(s.Wordings, "other wording", "other wordings"), s.Refused)
}

type importer struct {
	*program
	house *house
	bar   bar
	sum   imported
	// rows are statement rows of one file that are not archived yet, rowsAt
	// the time of the last capture that they speak of.
	rows   [][]byte
	rowsAt time.Time
}

func (im *importer) file(ctx context.Context, name string) error {
	if lower := strings.ToLower(name); strings.HasSuffix(lower, ".warc") || strings.HasSuffix(lower, ".warc.gz") {
		return im.warc(ctx, name)
	}
	list, dir, err := listFile(name, im.stdin)
	if err != nil {
		return err
	}
	defer list.Close()
	lines := io.Reader(list)
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(list)
		if err != nil {
			return fmt.Errorf("%s: not a gzip file: %w", name, err)
		}
		lines = z
	}
	err = eachLine(lines, func(n int, raw []byte) error {
		return im.line(ctx, name, dir, n, raw)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return im.flushRows(ctx, name)
}

// line imports one line; what it refuses is told and counted, and the next
// line goes on. An error means that a store failed.
func (im *importer) line(ctx context.Context, name, dir string, n int, raw []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	im.sum.Read++
	var l listLine
	if err := json.Unmarshal(raw, &l); err != nil {
		im.refuse(name, n, fmt.Errorf("not a JSON object: %w", err))
		return nil
	}
	switch l.Schema {
	case export.RowSchema:
		return im.row(ctx, name, n, raw)
	case export.HeaderSchema: // says what the rows are; holds no statement
		return nil
	}
	x, err := exchange(l, dir)
	if err != nil {
		im.refuse(name, n, err)
		return nil
	}
	return im.keep(ctx, fmt.Sprintf("%s:%d", name, n), x)
}

func (im *importer) refuse(name string, n int, err error) {
	im.sum.Refused++
	fmt.Fprintf(im.stderr, "onrecord: %s:%d: refused: %v\n", name, n, err)
}

// exchange is a page line as the archive keeps it.
func exchange(l listLine, dir string) (archive.Exchange, error) {
	in, err := l.input(dir)
	switch {
	case err != nil:
		return archive.Exchange{}, err
	case l.URL == "":
		return archive.Exchange{}, fmt.Errorf(`"url" is missing: give the address that the page came from: %w`, record.ErrInvalid)
	case in.At.IsZero():
		return archive.Exchange{}, fmt.Errorf(`"at" is missing: give the time of capture, such as 2024-07-22T12:00:00Z: %w`, record.ErrInvalid)
	}
	if in.MediaType == "" {
		in.MediaType = mediaType(l.File)
	}
	in.Header.Set("Content-Type", in.MediaType)
	return archive.Exchange{URL: l.URL, At: in.At, Via: "import", Header: in.Header, Body: in.Body}, nil
}

// mediaType guesses from a file's name; the reader looks at the bytes as well.
func mediaType(file string) string {
	switch filepath.Ext(strings.TrimSuffix(strings.ToLower(file), ".gz")) {
	case ".html", ".htm":
		return "text/html"
	case ".json":
		return "application/json"
	case ".xml", ".rss", ".atom":
		return "application/xml"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".pdf":
		return "application/pdf"
	default:
		return "application/octet-stream"
	}
}

// keep archives and reads one exchange. One that breaks a rule is refused.
func (im *importer) keep(ctx context.Context, where string, x archive.Exchange) error {
	out, err := im.house.ingest.Exchange(ctx, x, nil)
	if errors.Is(err, record.ErrInvalid) || errors.Is(err, record.ErrTooLarge) {
		im.sum.Refused++
		fmt.Fprintf(im.stderr, "onrecord: %s: refused: %v\n", where, err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	im.sum.Added = im.sum.Added.Plus(out.Added)
	im.bar.set(int64(im.sum.Read))
	return nil
}

func (im *importer) warc(ctx context.Context, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	for x, err := range warcfile.Responses(f, name) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		im.sum.Read++
		if err != nil {
			im.sum.Refused++
			fmt.Fprintf(im.stderr, "onrecord: %s: refused: %v\n", name, err)
			continue
		}
		if err := im.keep(ctx, name+" "+x.URL, x); err != nil {
			return err
		}
	}
	return nil
}

// row gathers a statement row; rowsAtOnce of them are archived as one record.
func (im *importer) row(ctx context.Context, name string, n int, raw []byte) error {
	s, err := export.ParseRow(raw)
	if err != nil {
		im.refuse(name, n, err)
		return nil
	}
	for _, seen := range s.Sightings {
		if seen.LastSeen.After(im.rowsAt) {
			im.rowsAt = seen.LastSeen.UTC()
		}
	}
	im.rows = append(im.rows, bytes.TrimSpace(raw))
	if len(im.rows) < rowsAtOnce {
		return nil
	}
	return im.flushRows(ctx, name)
}

// flushRows archives the gathered rows under an address made of their digest
// and the time of their latest sighting, so that the same rows are the same
// capture whenever they are imported.
func (im *importer) flushRows(ctx context.Context, name string) error {
	if len(im.rows) == 0 {
		return nil
	}
	body := append(bytes.Join(im.rows, []byte("\n")), '\n')
	x := archive.Exchange{
		URL: "urn:onrecord:rows:" + string(record.HashID("rows", string(body))), At: im.rowsAt, Via: "row",
		Header: http.Header{"Content-Type": {ingest.RowsType}}, Body: body,
	}
	im.rows, im.rowsAt = nil, time.Time{}
	return im.keep(ctx, name, x)
}
