package sqlite

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"onrecord/catalogue"
	"onrecord/record"
)

// troubledShown is how many addresses in trouble a source's state lists.
const troubledShown = 20

// dueArgs are the arguments $1 to $3 of a catalogue.DueAsk.
func dueArgs(ask catalogue.DueAsk) ([]any, error) {
	only, err := encode(append([]record.ID{}, ask.Only...))
	if ask.Sources.IsZero() {
		ask.Sources = ask.Now
	}
	return []any{milli(ask.Now), milli(ask.Sources), only}, err
}

// DueHosts lists origins with visits due; see catalogue.Visits.
func (d *DB) DueHosts(ctx context.Context, ask catalogue.DueAsk, limit int) ([]string, error) {
	args, err := dueArgs(ask)
	if err != nil {
		return nil, err
	}
	busy, err := encode(append([]string{}, ask.Busy...))
	if err != nil {
		return nil, err
	}
	var out []string
	// By the index of what is due, not by that of origins, which holds everything.
	err = d.rows(ctx, `SELECT origin || '' FROM visits WHERE due <> 0 AND due <= $1 AND (lead <> 0 OR due <= $2)
		AND ($3 = '[]' OR source IN (SELECT value FROM json_each($3))) AND origin NOT IN (SELECT value FROM json_each($4))
		GROUP BY origin || '' ORDER BY min(lead), min(due), origin || '' LIMIT $5`, append(args, busy, bounded(limit)), func(scan func(...any) error) error {
		var origin string
		err := scan(&origin)
		out = append(out, origin)
		return err
	})
	if err != nil {
		return nil, d.explain("read what is due", err)
	}
	return out, nil
}

// Due lists an origin's visits that are due; see catalogue.Visits.
func (d *DB) Due(ctx context.Context, origin string, ask catalogue.DueAsk, limit int) ([]record.Visit, error) {
	args, err := dueArgs(ask)
	if err != nil {
		return nil, err
	}
	// Each rank is named, so that the index is asked for what is due of it, and
	// not gone through for all that will ever be due at the origin.
	return all[record.Visit](d, ctx, "what is due at "+origin, `SELECT data FROM visits WHERE due <> 0 AND due <= $1 AND (lead <> 0 OR due <= $2)
		AND ($3 = '[]' OR source IN (SELECT value FROM json_each($3))) AND origin = $4 AND lead IN (0, 1, 2) ORDER BY lead, due, tried, url LIMIT $5`,
		append(args, origin, bounded(limit))...)
}

// DueCount is how many visits are due; see catalogue.Visits.
func (d *DB) DueCount(ctx context.Context, ask catalogue.DueAsk) (n int, err error) {
	args, err := dueArgs(ask)
	if err != nil {
		return 0, err
	}
	err = d.look(ctx, "count what is due", func(s snapshot) error {
		_, err := s.one(`SELECT count(*) FROM visits WHERE due <> 0 AND due <= $1 AND (lead <> 0 OR due <= $2)
			AND ($3 = '[]' OR source IN (SELECT value FROM json_each($3)))`, args, &n)
		return err
	})
	return n, err
}

// NextDue is the earliest time at which a visit is due; see catalogue.Visits.
func (d *DB) NextDue(ctx context.Context, ask catalogue.DueAsk) (time.Time, error) {
	only, err := encode(append([]record.ID{}, ask.Only...))
	if err != nil {
		return time.Time{}, err
	}
	busy, err := encode(append([]string{}, ask.Busy...))
	if err != nil {
		return time.Time{}, err
	}
	var due int64
	err = d.rows(ctx, `SELECT coalesce(min(due), 0) FROM visits WHERE due <> 0 AND ($1 = 0 OR lead <> 0 OR due <= $1)
			AND ($2 = '[]' OR source IN (SELECT value FROM json_each($2))) AND origin NOT IN (SELECT value FROM json_each($3))`, []any{milli(ask.Sources), only, busy}, func(scan func(...any) error) error {
		return scan(&due)
	})
	if err != nil {
		return time.Time{}, d.explain("read what is due next", err)
	}
	return unmilli(due), nil
}

// Visit is what is remembered of an address; ErrNotFound.
func (d *DB) Visit(ctx context.Context, address string) (record.Visit, error) {
	list, err := all[record.Visit](d, ctx, "the visit of "+address, `SELECT data FROM visits WHERE url = $1`, address)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("visit of %s: %w", address, record.ErrNotFound)
	}
	if err != nil {
		return record.Visit{}, err
	}
	return list[0], nil
}

// Visited writes visits and adds leads; see catalogue.Visits.
func (d *DB) Visited(ctx context.Context, visits, leads []record.Visit) (added int, err error) {
	err = d.Settle(ctx, func(b catalogue.Settling) error {
		added, err = b.Visited(visits, leads)
		return err
	})
	return added, err
}

// Settle writes how a visit went; see catalogue.Visits.
func (d *DB) Settle(ctx context.Context, do func(catalogue.Settling) error) error {
	return d.write(ctx, "write how a visit went", func(t *tx) error { return do(settling{t}) })
}

// settling is a write about a visit.
type settling struct{ t *tx }

// Visit is what is remembered of an address; see catalogue.Settling.
func (s settling) Visit(address string) (v record.Visit, err error) {
	var data string
	known, err := s.t.get(`SELECT data FROM visits WHERE url = $1`, []any{address}, &data)
	switch {
	case err != nil:
		return v, err
	case !known:
		return v, fmt.Errorf("visit of %s: %w", address, record.ErrNotFound)
	}
	return v, decode("the visit of "+address, data, &v)
}

// Visited writes visits and adds leads; see catalogue.Settling.
func (s settling) Visited(visits, leads []record.Visit) (added int, err error) {
	off, err := s.t.unwatched()
	if err != nil {
		return 0, err
	}
	for _, v := range visits {
		if off[v.Source] {
			v.Due = time.Time{}
		}
		if err := s.t.visited(v); err != nil {
			return 0, err
		}
	}
	for _, v := range leads {
		if off[v.Source] {
			continue
		}
		n, err := s.t.putVisit(v, replaceVisit+` WHERE visits.due = 0 AND visits.lead <> 0 AND visits.state = ''`)
		if err != nil {
			return 0, err
		}
		added += int(n)
	}
	return added, nil
}

// visited writes one visit, what it confirmed and, for a source's own, how the
// source's visits go.
func (t *tx) visited(v record.Visit) error {
	if _, err := t.putVisit(v, replaceVisit); err != nil {
		return err
	}
	if err := t.confirm(v); err != nil || v.Lead || v.Tried.IsZero() || v.Source == "" {
		return err
	}
	return t.noteVisit(v)
}

// confirm notes on the page that a visit asked for that it still stands, or that
// robots.txt forbids it by now. An answer 304 is no capture; this is all that it
// leaves there.
func (t *tx) confirm(v record.Visit) error {
	switch {
	case v.Capture == "":
		return nil
	case v.State == record.VisitRobots:
		return t.exec(`UPDATE pages SET forbidden = $1 WHERE id = (SELECT page FROM captures WHERE id = $2) AND forbidden = 0`, v.Tried.Unix(), string(v.Capture))
	case v.State != record.VisitOK:
		return nil
	case v.Status != http.StatusNotModified:
		return t.exec(`UPDATE pages SET forbidden = 0 WHERE id = (SELECT page FROM captures WHERE id = $1) AND forbidden <> 0`, string(v.Capture))
	}
	return t.exec(`UPDATE pages SET forbidden = 0, confirmed = max(confirmed, $1) WHERE id = (SELECT page FROM captures WHERE id = $2)`, v.Succeeded.Unix(), string(v.Capture))
}

// unwatched are the sources on record that are not watched; see DB.off.
func (t *tx) unwatched() (map[record.ID]bool, error) {
	if t.off != nil {
		return t.off, nil
	}
	off := map[record.ID]bool{}
	err := t.each(`SELECT data FROM sources`, nil, func(scan func(...any) error) error {
		var data string
		if err := scan(&data); err != nil {
			return err
		}
		var s record.Source
		err := decode("source", data, &s)
		if !s.Watched() {
			off[s.ID] = true
		}
		return err
	})
	if err == nil {
		t.off = off
	}
	return off, err
}

const replaceVisit = `ON CONFLICT (url) DO UPDATE SET origin = excluded.origin, source = excluded.source, lead = excluded.lead,
	due = excluded.due, state = excluded.state, tried = excluded.tried, final = excluded.final, data = excluded.data`

func (t *tx) putVisit(v record.Visit, conflict string) (int64, error) {
	origin, err := originOf(v.URL)
	if err != nil {
		return 0, err
	}
	data, err := encode(v)
	if err != nil {
		return 0, err
	}
	if conflict == replaceVisit { // what changes at most visits stands in two indexes, the rest in four
		n, err := t.changed(`UPDATE visits SET due = $1, tried = $2, data = $3 WHERE url = $4 AND origin = $5 AND source = $6 AND lead = $7 AND state = $8 AND final = $9`,
			milli(v.Due), milli(v.Tried), data, v.URL, origin, string(v.Source), rank(v), string(v.State), v.Final)
		if n > 0 || err != nil {
			return n, err
		}
	}
	return t.changed(`INSERT INTO visits (url, origin, source, lead, due, state, tried, final, data) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9) `+conflict,
		v.URL, origin, string(v.Source), rank(v), milli(v.Due), string(v.State), milli(v.Tried), v.Final, data)
}

// rank orders what is due: a source 0, a page that was never read 1, one that is
// visited again 2. A backlog of the last kind must not hold up what is new.
func rank(v record.Visit) int {
	switch {
	case !v.Lead:
		return 0
	case v.Succeeded.IsZero():
		return 1
	default:
		return 2
	}
}

// retimed is how many visits one transaction of Retime looks at.
const retimed = 1000

// Retime gives visits another time; see catalogue.Visits.
func (d *DB) Retime(ctx context.Context, sources []record.ID, due func(record.Visit) time.Time) error {
	only, err := encode(append([]record.ID{}, sources...))
	for after := ""; err == nil; {
		n := 0
		err = d.write(ctx, "give visits another time", func(t *tx) error {
			var list []record.Visit
			n = 0
			err := t.each(`SELECT data FROM visits WHERE due <> 0 AND url > $1 AND ($2 = '[]' OR source IN (SELECT value FROM json_each($2))) ORDER BY url LIMIT $3`,
				[]any{after, only, retimed}, func(scan func(...any) error) error {
					var data string
					if err := scan(&data); err != nil {
						return err
					}
					var v record.Visit
					err := decode("visit", data, &v)
					list = append(list, v)
					return err
				})
			for _, v := range list {
				if err != nil {
					return err
				}
				n, after = n+1, v.URL
				if at := due(v); !at.Equal(v.Due) {
					v.Due = at
					_, err = t.putVisit(v, replaceVisit)
				}
			}
			return err
		})
		if n < retimed {
			break
		}
	}
	return err
}

// watch makes a source that is watched due, and one that is not, with its
// pages, due no more.
func (t *tx) watch(s record.Source) error {
	own := record.Visit{URL: s.URL, Source: s.ID}
	var list []record.Visit
	known := false
	err := t.each(`SELECT data FROM visits WHERE source = $1 OR url = $2`, []any{string(s.ID), s.URL}, func(scan func(...any) error) error {
		var data string
		if err := scan(&data); err != nil {
			return err
		}
		var v record.Visit
		err := decode("visit", data, &v)
		if v.URL == s.URL {
			own, known = v, true
		} else {
			list = append(list, v)
		}
		return err
	})
	if err != nil || !known && !s.Watched() {
		return err
	}
	own.Source, own.Lead = s.ID, false
	list = append(list, own)
	now := t.clock().UTC()
	for _, v := range list {
		was := v
		switch {
		case !s.Watched():
			v.Due = time.Time{}
		case v.Due.IsZero() && (!v.Lead || pending(v)):
			v.Due = now
		case v.Due.IsZero() && v.Again():
			v.Due = now.Add(spread(v.URL))
		}
		if v.Due.Equal(was.Due) && v.Lead {
			continue
		}
		if _, err := t.putVisit(v, replaceVisit); err != nil {
			return err
		}
	}
	return nil
}

// caughtUp is the time within which the pages of a source are visited that is
// watched again.
const caughtUp = 7 * 24 * time.Hour

// spread is a time below caughtUp that is always the same for an address.
func spread(address string) time.Duration {
	sum := sha256.Sum256([]byte(address))
	return time.Duration(binary.BigEndian.Uint64(sum[:]) % uint64(caughtUp))
}

// pending reports whether a lead has yet to be read, and may be.
func pending(v record.Visit) bool {
	return v.Succeeded.IsZero() && (v.State == record.NotVisited || v.State == record.VisitFailed && v.Status == 0 || v.State == record.VisitUnsure || v.State == record.VisitBarred)
}

// originOf is scheme, host and port (RFC 6454), in lower case.
func originOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme == "" {
		shown := address[strings.LastIndexByte(address, '@')+1:] // without what may be a password
		return "", fmt.Errorf("address %q has no host: %w", shown, record.ErrInvalid)
	}
	return strings.ToLower(u.Scheme + "://" + u.Host), nil
}

func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Host is what is known of a host; ErrNotFound.
func (d *DB) Host(ctx context.Context, origin string) (record.Host, error) {
	list, err := all[record.Host](d, ctx, "host "+origin, `SELECT data FROM hosts WHERE origin = $1`, origin)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("host %s: %w", origin, record.ErrNotFound)
	}
	if err != nil {
		return record.Host{}, err
	}
	return list[0], nil
}

// SetHost writes what is known of a host.
func (d *DB) SetHost(ctx context.Context, h record.Host) error {
	data, err := encode(h)
	if err != nil {
		return err
	}
	return d.write(ctx, "write host "+h.Origin, func(t *tx) error {
		return t.exec(`INSERT INTO hosts (origin, data) VALUES ($1,$2) ON CONFLICT (origin) DO UPDATE SET data = excluded.data`, h.Origin, data)
	})
}

// SourceStates lists sources with what their visits came to; see
// catalogue.Visits.
func (d *DB) SourceStates(ctx context.Context, id record.ID) ([]record.SourceState, error) {
	out := []record.SourceState{}
	err := d.look(ctx, "read sources", func(s snapshot) error {
		err := s.each(`SELECT s.data, coalesce(v.data, '{}') FROM sources s LEFT JOIN visits v ON v.url = s.url WHERE $1 = '' OR s.id = $1 ORDER BY s.url`, []any{string(id)}, func(scan func(...any) error) error {
			var source, visit string
			if err := scan(&source, &visit); err != nil {
				return err
			}
			var x record.SourceState
			if err := decode("source", source, &x.Source); err != nil {
				return err
			}
			err := decode("visit", visit, &x.Visit)
			if !x.Removed {
				out = append(out, x)
			}
			return err
		})
		for i := range out {
			if err == nil {
				err = found(s, &out[i])
			}
		}
		if err == nil {
			err = verdicts(s, out)
		}
		if err == nil {
			err = health(s, out, d.clock(), id != "")
		}
		return err
	})
	return out, err
}

// Reach tells whether the watched sources answer; see catalogue.Reader.
func (d *DB) Reach(ctx context.Context) (record.Reach, error) {
	var out record.Reach
	err := d.look(ctx, "read how sources answer", func(s snapshot) error {
		return s.each(`SELECT s.data, v.data FROM sources s JOIN visits v ON v.url = s.url`, nil, func(scan func(...any) error) error {
			var source, visit string
			if err := scan(&source, &visit); err != nil {
				return err
			}
			var x record.Source
			var v record.Visit
			if err := errors.Join(decode("source", source, &x), decode("visit", visit, &v)); err != nil || !x.Watched() {
				return err
			}
			switch {
			case v.State == record.VisitFailed && v.Status == 0:
				out.Silent++
			case v.State == record.VisitOK || v.State == record.VisitFailed || v.State == record.VisitGone || v.State == record.VisitRobots:
				out.Answered++
			}
			if v.Succeeded.After(out.Last) {
				out.Last = v.Succeeded
			}
			return nil
		})
	})
	return out, err
}

// verdicts tells what robots.txt says of the sources, as their hosts' were last
// read. Whether it allows one is what its last visit was told.
func verdicts(s snapshot, list []record.SourceState) error {
	origins := map[string]record.Host{}
	for _, x := range list {
		if origin, err := originOf(cmp.Or(x.At, x.URL)); err == nil {
			origins[origin] = record.Host{}
		}
	}
	asked, err := encode(slices.Collect(maps.Keys(origins)))
	if err != nil {
		return err
	}
	err = s.each(`SELECT data FROM hosts WHERE origin IN (SELECT value FROM json_each($1))`, []any{asked}, func(scan func(...any) error) error {
		var data string
		if err := scan(&data); err != nil {
			return err
		}
		var h record.Host
		err := decode("host", data, &h)
		h.Robots = h.Robots[:min(len(h.Robots), 1)] // whether there is one
		origins[h.Origin] = h
		return err
	})
	for i := range list {
		x := &list[i]
		if origin, bad := originOf(cmp.Or(x.At, x.URL)); bad == nil {
			h := origins[origin]
			x.Robots, x.RobotsAt, x.RobotsFault = h.Verdict(x.Visit.State != record.VisitRobots), h.RobotsAt, h.RobotsFault
		}
	}
	return err
}

// found adds up the addresses found on a source.
func found(s snapshot, x *record.SourceState) error {
	x.Statements = x.Visit.Statements
	err := s.each(`SELECT data FROM subscriptions WHERE source = $1 ORDER BY token`, []any{string(x.ID)}, func(scan func(...any) error) error {
		var data string
		if err := scan(&data); err != nil {
			return err
		}
		var p record.Subscription
		err := decode("subscription", data, &p)
		if p.Live() {
			x.Push = append(x.Push, p)
		}
		return err
	})
	if err != nil {
		return err
	}
	err = s.each(`SELECT state, count(*), total(json_extract(data, '$.statements')) FROM visits WHERE source = $1 AND lead <> 0 GROUP BY state`, []any{string(x.ID)}, func(scan func(...any) error) error {
		var state string
		var n int
		var statements float64
		if err := scan(&state, &n, &statements); err != nil {
			return err
		}
		if x.Pages == nil {
			x.Pages = map[record.VisitState]int{}
		}
		x.Pages[record.VisitState(state)] += n
		x.Statements += int(statements)
		return nil
	})
	if err != nil {
		return err
	}
	return s.each(`SELECT data FROM visits WHERE source = $1 AND lead <> 0 AND state NOT IN ('', 'ok') ORDER BY tried DESC, url LIMIT $2`, []any{string(x.ID), troubledShown}, func(scan func(...any) error) error {
		var data string
		if err := scan(&data); err != nil {
			return err
		}
		var v record.Visit
		err := decode("visit", data, &v)
		x.Troubled = append(x.Troubled, v)
		return err
	})
}

const watermark = "watermark"

// Watermark is the capture up to which everything in the archive is on record.
func (d *DB) Watermark(ctx context.Context) (record.ID, error) {
	var id string
	err := d.look(ctx, "read the watermark", func(s snapshot) error {
		_, err := s.one(`SELECT value FROM meta WHERE key = $1`, []any{watermark}, &id)
		return err
	})
	return record.ID(id), err
}

// SetWatermark moves it.
func (d *DB) SetWatermark(ctx context.Context, id record.ID) error {
	return d.write(ctx, "move the watermark", func(t *tx) error {
		return t.exec(`INSERT INTO meta (key, value) VALUES ($1,$2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, watermark, string(id))
	})
}
