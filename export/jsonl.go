package export

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"

	"onrecord/record"
)

// Schemas of the lines of JSONL.
const (
	RowSchema    = "onrecord.statement/1"
	HeaderSchema = "onrecord.export/1"
)

// Row is one line of JSONL: the columns of CSV under the same names, and the
// whole statement, which an import takes. Keys stand in this order.
type Row struct {
	Schema         string           `json:"schema"` // RowSchema
	ID             string           `json:"id"`
	SaidAt         string           `json:"said_at"`
	SaidPrecision  string           `json:"said_precision"`
	SaidBasis      string           `json:"said_basis"`
	PublishedAt    string           `json:"published_at"`
	FirstSeenAt    string           `json:"first_seen_at"`
	Kind           string           `json:"kind"`
	Status         string           `json:"status"`
	Text           string           `json:"text"`
	Speaker        string           `json:"speaker"`
	Role           string           `json:"role"`
	Organisation   string           `json:"organisation"`
	OrganisationID string           `json:"organisation_id"`
	Outlet         string           `json:"outlet"`
	Title          string           `json:"title"`
	URL            string           `json:"url"`
	ArchivedSHA256 string           `json:"archived_sha256"`
	Sightings      int              `json:"sightings"` // how many; they stand in Statement
	Incident       string           `json:"incident"`
	Captures       string           `json:"captures"`
	Statement      record.Statement `json:"statement"`
}

// NewRow is the row of a statement in an export of that incident, "" for none.
func NewRow(s record.Statement, incident string) Row {
	c := cells(s, incident)
	return Row{
		Schema: RowSchema, ID: c[0], SaidAt: c[1], SaidPrecision: c[2], SaidBasis: c[3], PublishedAt: c[4], FirstSeenAt: c[5], Kind: c[6], Status: c[7], Text: c[8],
		Speaker: c[9], Role: c[10], Organisation: c[11], OrganisationID: c[12], Outlet: c[13], Title: c[14], URL: c[15], ArchivedSHA256: c[16],
		Sightings: len(s.Sightings), Incident: incident, Captures: c[19], Statement: s,
	}
}

// JSONL writes a Row a line, closed by LF, and nothing else unless Header.Lead
// asks for the header as the first line. The same statements give the same
// bytes; cells are never prefixed.
func JSONL(w io.Writer, h Header, said iter.Seq2[record.Statement, error]) error {
	buffered := bufio.NewWriter(w)
	out := json.NewEncoder(buffered)
	out.SetEscapeHTML(false)
	if h.Lead {
		if err := out.Encode(struct {
			Schema string `json:"schema"`
			Header
			Made []string `json:"made"` // the same in sentences
		}{HeaderSchema, h, h.Made()}); err != nil {
			return fmt.Errorf("jsonl: header: %w", err)
		}
	}
	for s, err := range said {
		if err != nil {
			return fmt.Errorf("jsonl: %w", err)
		}
		if err := out.Encode(NewRow(s, h.Incident)); err != nil {
			return fmt.Errorf("jsonl: %s: %w", s.ID, err)
		}
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("jsonl: %w", err)
	}
	return nil
}
