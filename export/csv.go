package export

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"strings"

	"onrecord/record"
)

// CSV writes the columns as RFC 4180 in UTF-8 without a byte order mark: a line
// of names, then a line a statement, CR LF at the end of each. A cell that
// starts with = + - @, a tab or a carriage return is prefixed with an
// apostrophe, for spreadsheets run such cells as formulas; Header.RawCells
// turns that off.
//
// It does not use encoding/csv: with CR LF at the end of lines, that one also
// turns the LF between two paragraphs of a statement into CR LF and drops a
// lone CR, and then the words are no longer verbatim.
func CSV(w io.Writer, h Header, said iter.Seq2[record.Statement, error]) error {
	out := bufio.NewWriter(w)
	writeLine(out, columns)
	for s, err := range said {
		if err != nil {
			return fmt.Errorf("csv: %w", err)
		}
		row := cells(s, h.Incident)
		if !h.RawCells {
			for i := range row {
				row[i] = defused(row[i])
			}
		}
		writeLine(out, row)
		if _, err := out.Write(nil); err != nil { // a full disk ends the export, not its last line
			return fmt.Errorf("csv: %s: %w", s.ID, err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("csv: %w", err)
	}
	return nil
}

func defused(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// writeLine writes one line; out keeps the first error.
func writeLine(out *bufio.Writer, row [len(columns)]string) {
	for i, cell := range row {
		if i > 0 {
			_ = out.WriteByte(',')
		}
		if strings.ContainsAny(cell, "\",\r\n") || strings.HasPrefix(cell, " ") {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		_, _ = out.WriteString(cell)
	}
	_, _ = out.WriteString("\r\n")
}
