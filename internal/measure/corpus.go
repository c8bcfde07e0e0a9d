//go:build unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"onrecord/catalogue/sqlite"
	"onrecord/record"
)

// row is a line of the corpus.
type row struct {
	ID           string    `json:"id"`
	Text         string    `json:"text"`
	Speaker      string    `json:"speaker"`
	Role         string    `json:"role"`
	Organisation string    `json:"organisation"`
	Kind         string    `json:"kind"`
	Published    time.Time `json:"published"`
	Outlet       string    `json:"outlet"`
	Incidents    []string  `json:"incidents"`
	Language     string    `json:"language"`
}

// statement makes a row a statement with one sighting; its incidents are tags.
func (r row) statement() record.Statement {
	who := record.Speaker{Name: r.Speaker, Role: r.Role, Org: r.Organisation, OrgName: r.Organisation}
	when := record.At(r.Published, record.FromPage)
	address := "https://" + r.Outlet + ".example/" + r.ID
	return record.Statement{
		ID: record.ID("st_" + r.ID), Kind: record.Kind(r.Kind), Text: r.Text, Lang: r.Language, Speaker: who, Said: when, Published: when,
		FirstSeen: r.Published, Confidence: 1, Status: record.Current, Tags: r.Incidents,
		Wordings: []record.Wording{{N: 1, Text: r.Text, First: r.Published, Last: r.Published, Front: true, Stands: true}},
		Sightings: []record.Sighting{{
			Page: record.PageID(address), Version: 1, URL: address, CanonicalURL: address, Outlet: r.Outlet + ".example", Kind: record.Kind(r.Kind), Words: r.Text,
			Spans: []record.Span{{Start: 0, End: len(r.Text)}}, Speaker: who, Rule: "corpus", Confidence: 1, Said: when, Published: when,
			Captured: r.Published, LastSeen: r.Published,
		}},
	}
}

const rowsAtOnce = 1000

// fill puts the corpus into an empty catalogue and returns the bytes of its
// texts; 0 where the catalogue was filled before and no corpus is given.
func fill(ctx context.Context, cat *sqlite.DB, corpus string) (text int64, err error) {
	counts, err := cat.Counts(ctx)
	if err != nil {
		return 0, err
	}
	if corpus == "" {
		if counts.Statements == 0 {
			return 0, errors.New("the catalogue is empty; give a corpus with -corpus")
		}
		return 0, nil
	}
	f, err := os.Open(corpus)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var rows []record.Statement
	start, cpu, n := time.Now(), cpuSeconds(), 0
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var r row
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return 0, fmt.Errorf("corpus, row %d: %w", n+1, err)
		}
		text += int64(len(r.Text))
		n++
		if counts.Statements > 0 {
			continue
		}
		if rows = append(rows, r.statement()); len(rows) == rowsAtOnce {
			if err := adopt(ctx, cat, n, rows); err != nil {
				return 0, err
			}
			rows = rows[:0]
		}
	}
	if err := lines.Err(); err != nil {
		return 0, fmt.Errorf("corpus: %w", err)
	}
	if counts.Statements > 0 {
		return text, nil
	}
	if err := adopt(ctx, cat, n, rows); err != nil {
		return 0, err
	}
	spent := cpuSeconds() - cpu
	fmt.Printf("B\tonrecord\timport\tn=%d\twall=%.1f\tcpu=%.1f\tdocs/cpu_s=%.0f\n", n, time.Since(start).Seconds(), spent, float64(n)/spent)
	return text, nil
}

func adopt(ctx context.Context, cat *sqlite.DB, n int, rows []record.Statement) error {
	if len(rows) == 0 {
		return nil
	}
	url := fmt.Sprintf("https://corpus.example/%d", n)
	_, err := cat.Adopt(ctx, record.Capture{ID: record.HashID("cap", url), URL: url, At: rows[0].FirstSeen, SHA256: fmt.Sprintf("%064x", n), Via: "row"}, rows)
	return err
}
