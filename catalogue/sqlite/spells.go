package sqlite

import (
	"context"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"onrecord/record"
)

// spell is the stretch of a source's visits that goes on, and its last visits.
type spell struct {
	record.Spell
	recent []byte
}

// The last visits of a source, as bytes: time, milliseconds of the answer,
// status, state and whether it brought something new.
const (
	recentSize  = 16
	recentCount = 50
)

// late is how much later than planned a visit may be before its source counts
// as not asked in between: other hosts' answers may have been slow.
const late = 15 * time.Minute

// spellsNow are the stretches that go on; see DB.spells.
func (t *tx) spellsNow() (map[record.ID]spell, error) {
	if t.spells != nil {
		return t.spells, nil
	}
	out := map[record.ID]spell{}
	err := t.each(`SELECT source, began, last, until, state, status, visits, reason, recent FROM asked`, nil, func(scan func(...any) error) error {
		var x spell
		var recent []byte
		s, err := scanSpell(scan, &recent)
		x.Spell, x.recent = s, recent
		out[x.Source] = x
		return err
	})
	if err == nil {
		t.spells = out
	}
	return out, err
}

func scanSpell(scan func(...any) error, more ...any) (record.Spell, error) {
	var s record.Spell
	var source, state string
	var began, last, until int64
	err := scan(append([]any{&source, &began, &last, &until, &state, &s.Status, &s.Visits, &s.Reason}, more...)...)
	s.Source, s.State = record.ID(source), record.VisitState(state)
	s.Began, s.Last, s.Until = unmilli(began), unmilli(last), unmilli(until)
	return s, err
}

func unmilli(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

// noteVisit takes a source's own visit into its stretch, or begins another
// where it went otherwise or came late.
func (t *tx) noteVisit(v record.Visit) error {
	all, err := t.spellsNow()
	if err != nil {
		return err
	}
	x, known := all[v.Source]
	at := v.Tried.UTC().Truncate(time.Millisecond)
	if known && !at.After(x.Last) {
		return nil // written again, for another reason than a visit
	}
	if known && (x.State != v.State || x.Until.IsZero() || at.After(x.Until.Add(late))) {
		if err := t.exec(`INSERT OR REPLACE INTO spells (source, began, last, until, state, status, visits, reason) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`,
			string(x.Source), milli(x.Began), milli(x.Last), milli(x.Until), string(x.State), x.Status, x.Visits, x.Reason); err != nil {
			return err
		}
		known = false
	}
	if !known {
		x = spell{record.Spell{Source: v.Source, State: v.State, Began: at}, x.recent}
	}
	x.Last, x.Until, x.Status, x.Reason = at, v.Due.UTC(), v.Status, v.Error
	x.Visits++
	if v.Source != "" {
		x.recent = append(x.recent[max(0, len(x.recent)-(recentCount-1)*recentSize):len(x.recent):len(x.recent)], recentOf(v)...)
	}
	all[v.Source] = x
	return t.putAsked(x)
}

// putAsked writes the stretch of a source that goes on.
func (t *tx) putAsked(x spell) error {
	if x.recent == nil { // of the crawler itself, which is no NULL
		x.recent = []byte{}
	}
	args := []any{milli(x.Began), milli(x.Last), milli(x.Until), string(x.State), x.Status, x.Visits, x.Reason, x.recent, string(x.Source)}
	n, err := t.changed(`UPDATE asked SET began = $1, last = $2, until = $3, state = $4, status = $5, visits = $6, reason = $7, recent = $8 WHERE source = $9`, args...)
	if err != nil || n > 0 {
		return err
	}
	return t.exec(`INSERT INTO asked (began, last, until, state, status, visits, reason, recent, source) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`, args...)
}

// states are those of a visit by their number in the bytes; a new one comes last.
var states = []record.VisitState{record.NotVisited, record.VisitOK, record.VisitFailed, record.VisitRobots, record.VisitUnsure, record.VisitBarred, record.VisitGone}

func recentOf(v record.Visit) []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, recentSize), uint64(milli(v.Tried)))
	b = binary.BigEndian.AppendUint32(b, uint32(min(max(v.Took, 0), 1<<31)))
	b = binary.BigEndian.AppendUint16(b, uint16(v.Status))
	flags := byte(0)
	if v.State == record.VisitOK && v.Changed.Equal(v.Tried) {
		flags = 1
	}
	return append(b, byte(max(slices.Index(states, v.State), 0)), flags)
}

// recentVisits reads the bytes, latest first.
func recentVisits(b []byte) []record.Ask {
	var out []record.Ask
	for ; len(b) >= recentSize; b = b[recentSize:] {
		out = append(out, record.Ask{
			At: unmilli(int64(binary.BigEndian.Uint64(b))), Took: int64(binary.BigEndian.Uint32(b[8:])), Status: int(binary.BigEndian.Uint16(b[12:])),
			State: states[min(int(b[14]), len(states)-1)], New: b[15]&1 != 0,
		})
	}
	slices.Reverse(out)
	return out
}

// Awake notes that the crawler runs; see catalogue.Visits.
func (d *DB) Awake(ctx context.Context, at time.Time) error {
	return d.write(ctx, "note that the crawler runs", func(t *tx) error {
		return t.noteVisit(record.Visit{State: record.VisitOK, Tried: at, Due: at})
	})
}

// Spells lists how visits went between two times; see catalogue.Visits.
func (d *DB) Spells(ctx context.Context, from, to time.Time) ([]record.Spell, error) {
	out := []record.Spell{}
	err := d.rows(ctx, `SELECT * FROM (SELECT source, began, last, until, state, status, visits, reason FROM spells
		UNION ALL SELECT source, began, last, until, state, status, visits, reason FROM asked)
		WHERE max(last, until) >= $1 AND began <= $2 ORDER BY source, began`, []any{milli(from), milli(to)}, func(scan func(...any) error) error {
		s, err := scanSpell(scan)
		out = append(out, s)
		return err
	})
	if err != nil {
		return nil, d.explain("read how visits went", err)
	}
	return out, nil
}

// health adds what the last visits tell to the states of sources.
func health(s snapshot, list []record.SourceState, now time.Time, recent bool) error {
	byID := map[record.ID]*record.SourceState{}
	for i := range list {
		byID[list[i].ID] = &list[i]
	}
	since := now.Add(-7 * 24 * time.Hour)
	good, all := map[record.ID]float64{}, map[record.ID]float64{}
	weigh := func(x record.Spell) {
		share := 1.0
		if x.Began.Before(since) && x.Last.After(x.Began) {
			share = float64(x.Last.Sub(since)) / float64(x.Last.Sub(x.Began))
		}
		n := share * float64(x.Visits)
		all[x.Source] += n
		if x.State == record.VisitOK {
			good[x.Source] += n
		}
	}
	err := s.each(`SELECT source, began, last, until, state, status, visits, reason FROM spells WHERE last >= $1`, []any{milli(since)}, func(scan func(...any) error) error {
		x, err := scanSpell(scan)
		weigh(x)
		return err
	})
	if err != nil {
		return err
	}
	err = s.each(`SELECT source, began, last, until, state, status, visits, reason, recent FROM asked`, nil, func(scan func(...any) error) error {
		var b []byte
		x, err := scanSpell(scan, &b)
		if st := byID[x.Source]; st != nil {
			asks := recentVisits(b)
			st.TookP95 = p95(asks)
			st.StateSince = x.Began
			if recent {
				st.Recent = asks
			}
		}
		if !x.Last.Before(since) {
			weigh(x)
		}
		return err
	})
	for id := range maps.Keys(all) {
		if st := byID[id]; st != nil && all[id] > 0 {
			share := good[id] / all[id]
			st.Success = &share
		}
	}
	return err
}

// p95 is the time in milliseconds within which 95 of 100 of the answers came.
func p95(list []record.Ask) int64 {
	var took []int64
	for _, a := range list {
		if a.Status != 0 {
			took = append(took, a.Took)
		}
	}
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[(len(took)*95+99)/100-1]
}
