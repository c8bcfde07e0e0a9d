package timeline

import (
	"slices"
	"testing"
	"time"

	"onrecord/record"
)

func TestWatchedSaysWhatWasNotSeen(t *testing.T) {
	at := func(h, m int) time.Time { return time.Date(2025, 3, 10, h, m, 0, 0, time.UTC) }
	ok, bad := record.VisitOK, record.VisitFailed
	spells := []record.Spell{
		{State: ok, Began: at(0, 0), Last: at(2, 0), Until: at(2, 0), Visits: 100},
		{State: ok, Began: at(6, 0), Last: at(20, 0), Until: at(20, 0), Visits: 700},
		{Source: "src_a", State: ok, Began: at(0, 0), Last: at(1, 40), Until: at(2, 40), Visits: 3},
		{Source: "src_a", State: ok, Began: at(6, 0), Last: at(19, 50), Until: at(20, 50), Visits: 14},
		{Source: "src_b", State: ok, Began: at(6, 1), Last: at(13, 10), Until: at(14, 10), Visits: 7},
		{Source: "src_b", State: bad, Status: 503, Reason: "answered with status 503", Began: at(14, 10), Last: at(14, 40), Until: at(15, 40), Visits: 3},
		{Source: "src_b", State: ok, Began: at(15, 40), Last: at(19, 40), Until: at(20, 40), Visits: 4},
		{Source: "src_removed", State: bad, Began: at(7, 0), Last: at(8, 0), Until: at(9, 0), Visits: 2},
	}
	names := map[record.ID]string{"src_a": "County news", "src_b": "Hospital news"}
	for name, tt := range map[string]struct {
		from, to time.Time
		spells   []record.Spell
		want     []string
	}{
		"a day with a failure and the program off": {at(0, 0), at(20, 0), spells, []string{
			"2 sources were asked in this window.",
			"Hospital news could not be read from 14:10 to 15:40 on 10 March 2025 (answered with status 503).",
			"Nobody asked from 02:00 to 06:00 on 10 March 2025: the program was not running.",
		}},
		"a failure that goes on": {at(6, 0), at(15, 0), spells[:6], []string{
			"2 sources were asked in this window.",
			"Hospital news could not be read from 14:10 on 10 March 2025 on (answered with status 503).",
		}},
		"a good hour": {at(8, 0), at(9, 0), spells[:5], []string{"2 sources were asked in this window."}},
		"nothing":     {at(8, 0), at(9, 0), nil, []string{"No source was asked in this window: what was said then is on record only where a page still showed it later."}},
		"off until after the window began": {at(4, 0), at(9, 0), spells[:4], []string{
			"1 source was asked in this window.",
			"Nobody asked from 04:00 to 06:00 on 10 March 2025: the program was not running.",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Watched(tt.from, tt.to, tt.spells, names).Words; !slices.Equal(got, tt.want) {
				t.Errorf("got\n%q\nwant\n%q", got, tt.want)
			}
		})
	}
}
