package export

import (
	"encoding/csv"
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
func CSV(w io.Writer, h Header, said iter.Seq2[record.Statement, error]) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(columns[:]); err != nil {
		return fmt.Errorf("csv: %w", err)
	}
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
		if err := out.Write(row[:]); err != nil {
			return fmt.Errorf("csv: %s: %w", s.ID, err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
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
