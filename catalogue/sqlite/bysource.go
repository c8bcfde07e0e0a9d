package sqlite

import (
	"context"

	"onrecord/record"
)

// StatementsOfSource lists the statements found on a source; see
// catalogue.Reader. A visit knows its address, a capture the address that was
// asked and the page that it was.
func (d *DB) StatementsOfSource(ctx context.Context, source record.ID) ([]record.ID, error) {
	out := []record.ID{}
	err := d.look(ctx, "read the statements of source "+string(source), func(s snapshot) error {
		return s.each(`SELECT DISTINCT st.id FROM visits v JOIN captures c ON c.url = v.url AND c.page <> ''
			JOIN sightings x ON x.page = c.page JOIN statements st ON st.n = x.statement WHERE v.source = $1 ORDER BY st.id`,
			[]any{string(source)}, func(scan func(...any) error) error {
				var id string
				err := scan(&id)
				out = append(out, record.ID(id))
				return err
			})
	})
	return out, err
}
