package sqlite

import (
	"slices"
	"time"

	"onrecord/record"
)

// Listed notes what a source lists now; see catalogue.Settling.
func (s settling) Listed(source record.ID, urls []string, at time.Time) (gone []string, err error) {
	var before []string
	err = s.t.each(`SELECT url FROM listed WHERE source = $1 ORDER BY place`, []any{string(source)}, func(scan func(...any) error) error {
		var url string
		err := scan(&url)
		before = append(before, url)
		return err
	})
	if err != nil || slices.Equal(before, urls) {
		return nil, err
	}
	gone = takenOut(before, urls)
	return gone, s.t.list(source, before, urls, gone, at)
}

// list writes what a source lists now in place of what it listed before.
func (t *tx) list(source record.ID, before, urls, gone []string, at time.Time) error {
	for i, url := range urls {
		if i < len(before) && before[i] == url {
			continue
		}
		if err := t.exec(`INSERT OR REPLACE INTO listed (source, place, url) VALUES ($1,$2,$3)`, string(source), i, url); err != nil {
			return err
		}
	}
	if len(before) > len(urls) {
		if err := t.exec(`DELETE FROM listed WHERE source = $1 AND place >= $2`, string(source), len(urls)); err != nil {
			return err
		}
	}
	for _, url := range gone {
		if err := t.unlist(url, at); err != nil {
			return err
		}
	}
	old := make(map[string]bool, len(before))
	for _, url := range before {
		old[url] = true
	}
	for _, url := range urls {
		if old[url] {
			continue
		}
		if err := t.unlist(url, time.Time{}); err != nil { // it may have been taken out earlier
			return err
		}
	}
	return nil
}

// unlist notes since when an address is not listed any more; the zero time for
// one that is.
func (t *tx) unlist(url string, at time.Time) error {
	var data string
	known, err := t.get(`SELECT data FROM visits WHERE url = $1 AND lead <> 0`, []any{url}, &data)
	if err != nil || !known {
		return err
	}
	var v record.Visit
	if err := decode("visit", data, &v); err != nil || v.Unlisted.Equal(at) {
		return err
	}
	v.Unlisted = at
	if _, err := t.putVisit(v, replaceVisit); err != nil || v.Capture == "" {
		return err
	}
	return t.exec(`UPDATE pages SET unlisted = $1 WHERE id = (SELECT page FROM captures WHERE id = $2)`, milli(at)/1000, string(v.Capture))
}

// takenOut are those of before that now lacks although there was room for them.
func takenOut(before, now []string) (gone []string) {
	old, there := map[string]bool{}, map[string]bool{}
	for _, url := range before {
		old[url] = true
	}
	fresh := 0
	for _, url := range now {
		there[url] = true
		if !old[url] {
			fresh++
		}
	}
	end := len(before)
	for end > 0 && !there[before[end-1]] {
		end--
	}
	if len(before)-end > fresh {
		end = len(before) // fewer new ones than left at the end
	}
	for _, url := range before[:end] {
		if !there[url] {
			gone = append(gone, url)
		}
	}
	return gone
}
