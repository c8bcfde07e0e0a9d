//go:build unix

package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver that the catalogue uses

	"onrecord/catalogue"
	"onrecord/catalogue/sqlite"
	"onrecord/record"
	"onrecord/words"
)

// bulk fills an empty catalogue by writing its tables: the same rows as Adopt
// makes of the corpus (a test holds it to that), less the fingerprints and
// sketches by which a later page would find its statement. What reads the
// catalogue cannot tell; a million rows take minutes instead of an hour.
func bulk(ctx context.Context, dir, corpus string) (err error) {
	path := filepath.Join(dir, "catalogue.db")
	cat, err := sqlite.Open(ctx, path, sqlite.Options{}) // makes the tables
	if err != nil {
		return err
	}
	counts, err := cat.Counts(ctx)
	if err := errors.Join(err, cat.Close()); err != nil || counts.Statements > 0 {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(0)&_pragma=journal_mode(MEMORY)&_pragma=cache_size(-400000)&_pragma=temp_store(1)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	s, err := openStream(corpus)
	if err != nil {
		return err
	}
	defer s.Close()
	start, cpu := time.Now(), cpuSeconds()
	b := &bulker{ctx: ctx, prepared: map[string]*sql.Stmt{}}
	if b.tx, err = db.BeginTx(ctx, nil); err != nil {
		return err
	}
	if err := errors.Join(b.all(s), b.tx.Commit()); err != nil {
		return err
	}
	spent := cpuSeconds() - cpu
	fmt.Printf("B\tonrecord\tbulk\tn=%d\twall=%.1f\tcpu=%.1f\tdocs/cpu_s=%.0f\ttext_MB=%.1f\n", s.at, time.Since(start).Seconds(), spent, float64(s.at)/spent, float64(s.text)/1e6)
	return nil
}

type bulker struct {
	ctx      context.Context
	tx       *sql.Tx
	prepared map[string]*sql.Stmt
	n        int64
}

// all writes every row, with the indexes taken away meanwhile.
func (b *bulker) all(s *stream) error {
	indexes, err := b.indexes()
	if err != nil {
		return err
	}
	for name := range indexes {
		if err := b.exec(`DROP INDEX ` + name); err != nil {
			return err
		}
	}
	for {
		changes, err := s.Changes(b.ctx, record.Position{Seq: s.at}, rowsAtOnce)
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			break
		}
		if err := b.capture(s.at, s.held[changes[0].Statement].FirstSeen); err != nil {
			return err
		}
		for _, c := range changes {
			if err := b.row(s.held[c.Statement]); err != nil {
				return err
			}
		}
	}
	for _, create := range indexes {
		if err := b.exec(create); err != nil {
			return err
		}
	}
	return nil
}

// indexes are those that the schema makes, by name.
func (b *bulker) indexes() (map[string]string, error) {
	rows, err := b.tx.QueryContext(b.ctx, `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
		AND tbl_name IN ('captures', 'statements', 'wordings', 'sightings', 'ledger', 'speakers', 'people', 'taught')`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, create string
		if err := rows.Scan(&name, &create); err != nil {
			return nil, err
		}
		out[name] = create
	}
	return out, rows.Err()
}

func (b *bulker) exec(query string, args ...any) error {
	s := b.prepared[query]
	if s == nil {
		var err error
		if s, err = b.tx.PrepareContext(b.ctx, query); err != nil {
			return err
		}
		b.prepared[query] = s
	}
	_, err := s.ExecContext(b.ctx, args...)
	return err
}

func (b *bulker) capture(n int64, at time.Time) error {
	c := captureOf(int(n), at)
	return b.exec(`INSERT INTO captures (id, url, at, sha256, size, status, media_type, via, file, place, page) VALUES ($1,$2,$3,$4,0,0,'',$5,'',0,'')`,
		string(c.ID), c.URL, c.At.Unix(), c.SHA256, c.Via)
}

// drawn is what the catalogue keeps of a statement as it was last drawn.
type drawn struct {
	Kind       record.Kind    `json:"kind"`
	Speaker    record.Speaker `json:"speaker"`
	Said       record.Instant `json:"said,omitzero"`
	Published  record.Instant `json:"published,omitzero"`
	Seen       string         `json:"seen"`
	Confidence float64        `json:"confidence"`
	Status     record.Status  `json:"status"`
	Front      int            `json:"front"`
	Short      int            `json:"short"`
}

// row writes one statement with its wording, sighting, speaker and change.
func (b *bulker) row(s record.Statement) error {
	b.n++
	x := s.Sightings[0]
	x.Imported = true
	stamp := func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
	d := drawn{Kind: s.Kind, Speaker: s.Speaker, Said: s.Said, Published: s.Published, Seen: stamp(s.FirstSeen), Confidence: x.Confidence, Status: record.Current, Front: 1}
	normal := words.Normal(s.Text)
	if len(words.Tokens(s.Text)) < catalogue.Telling {
		d.Short = 1
	}
	var data [3]string
	tags := s.Tags
	if tags == nil {
		tags = []string{}
	}
	for i, v := range []any{d, x, tags} {
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		data[i] = string(raw)
	}
	at := s.When().Sort().UnixMilli()
	person, name := catalogue.PersonOf(s.Speaker), words.Normal(s.Speaker.Name)
	for _, do := range []struct {
		query string
		args  []any
	}{
		{`INSERT INTO statements (n, id, lang, mark, tags, data) VALUES ($1,$2,$3,'',$4,$5)`, []any{b.n, string(s.ID), s.Lang, data[2], data[0]}},
		{`INSERT INTO wordings (id, statement, n, key, text) VALUES ($1,$1,1,$2,$3)`, []any{b.n, string(record.HashID("w", normal)), s.Text}},
		{
			`INSERT INTO sightings (id, statement, wording, page, version, place, last_seen, gone, imported, data) VALUES ($1,$1,$1,$2,$3,0,$4,'',1,$5)`,
			[]any{b.n, string(x.Page), x.Version, stamp(x.LastSeen), data[1]},
		},
		{`INSERT INTO ledger (n, id, page, key, sketch) VALUES ($1,$2,$3,$4,x'')`, []any{b.n, string(s.ID), string(x.Page), catalogue.Key(&x)}},
		{
			`INSERT INTO speakers (statement, place, person, org, role, speaker, at, short, linked) VALUES ($1,0,$2,$3,$4,$5,$6,$7,0)`,
			[]any{b.n, string(person), s.Speaker.Org, s.Speaker.Role, catalogue.SpeakerKey(s.Speaker), at, d.Short},
		},
		{
			`INSERT INTO people (id, name, sort, org, org_name, statements) VALUES ($1,$2,$3,$4,$5,1) ON CONFLICT (id) DO UPDATE SET statements = people.statements + 1`,
			[]any{string(person), s.Speaker.Name, name, s.Speaker.Org, s.Speaker.OrgName},
		},
		{`INSERT INTO orgs (key, org, org_name, statements) VALUES ($1,$1,$2,1) ON CONFLICT (key) DO UPDATE SET statements = orgs.statements + 1`, []any{s.Speaker.Org, s.Speaker.OrgName}},
		{
			`INSERT INTO taught (statement, name, org, org_name, role, title, at) VALUES ($1,$2,$3,$4,$5,'',$6)`,
			[]any{b.n, "person " + name, s.Speaker.Org, s.Speaker.OrgName, s.Speaker.Role, at},
		},
		{
			`INSERT INTO changes (epoch, seq, at, kind, statement, page, subject, detail, replayed) VALUES (1,$1,$2,$3,$4,'','','',0)`,
			[]any{b.n, stamp(s.FirstSeen), string(record.StatementAdded), string(s.ID)},
		},
	} {
		if err := b.exec(do.query, do.args...); err != nil {
			return fmt.Errorf("row %d: %.40s: %w", b.n, do.query, err)
		}
	}
	return nil
}
