//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
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

const rowsAtOnce = 5000

// fill puts the corpus into an empty catalogue; one that was filled before is
// left as it is.
func fill(ctx context.Context, cat *sqlite.DB, corpus string) error {
	counts, err := cat.Counts(ctx)
	if err != nil || counts.Statements > 0 {
		return err
	}
	if corpus == "" {
		return errors.New("the catalogue is empty; give a corpus with -corpus")
	}
	s, err := openStream(corpus)
	if err != nil {
		return err
	}
	defer s.Close()
	start, cpu := time.Now(), cpuSeconds()
	for {
		changes, err := s.Changes(ctx, record.Position{Seq: s.at}, rowsAtOnce)
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			break
		}
		var rows []record.Statement
		for _, c := range changes {
			rows = append(rows, s.held[c.Statement])
		}
		if err := adopt(ctx, cat, int(s.at), rows); err != nil {
			return err
		}
	}
	spent := cpuSeconds() - cpu
	fmt.Printf("B\tonrecord\timport\tn=%d\twall=%.1f\tcpu=%.1f\tdocs/cpu_s=%.0f\ttext_MB=%.1f\n", s.at, time.Since(start).Seconds(), spent, float64(s.at)/spent, float64(s.text)/1e6)
	return nil
}

func adopt(ctx context.Context, cat *sqlite.DB, n int, rows []record.Statement) error {
	_, err := cat.Adopt(ctx, captureOf(n, rows[0].FirstSeen), rows)
	return err
}

// captureOf is what rows up to the nth are said to have come with.
func captureOf(n int, at time.Time) record.Capture {
	url := fmt.Sprintf("https://corpus.example/%d", n)
	return record.Capture{ID: record.HashID("cap", url), URL: url, At: at, SHA256: fmt.Sprintf("%064x", n), Via: "row"}
}
