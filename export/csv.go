package export

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"onrecord/record"
)

// CSV writes the columns as RFC 4180 in UTF-8 without a byte order mark: a line
// of names, then a line a statement, CR LF at the end of each. A cell that
// starts with = + - @, a tab or a carriage return is prefixed with an
// apostrophe, for spreadsheets run such cells as formulas; Header.RawCells
// turns that off. With Header.Lead there is one more column, "made": its cell in
// the first row says how the list was made. RFC 4180 has no comments, and a
// reader that does not know of them must still find names in the first line.
//
// It does not use encoding/csv: with CR LF at the end of lines, that one also
// turns the LF between two paragraphs of a statement into CR LF and drops a
// lone CR, and then the words are no longer verbatim.
func CSV(w io.Writer, h Header, said iter.Seq2[record.Statement, error]) error {
	out := bufio.NewWriter(w)
	names := columns[:]
	if h.Lead {
		names = append(slices.Clone(names), "made")
	}
	writeLine(out, names)
	first := true
	for s, err := range said {
		if err != nil {
			return fmt.Errorf("csv: %w", err)
		}
		c := cells(s, h.Incident)
		row := c[:]
		if h.Lead {
			made := ""
			if first {
				made = strings.Join(h.Made(), "\n")
			}
			row, first = append(row, made), false
		}
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
func writeLine(out *bufio.Writer, row []string) {
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
