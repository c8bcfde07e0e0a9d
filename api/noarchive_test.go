package api

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"onrecord/archive"
	"onrecord/export"
	"onrecord/ingest"
	"onrecord/record"
	"onrecord/register"
)

// R14: of a page that asks that no copies be shown neither its bytes nor the
// sentences of its versions are handed out, whichever version is asked for.
func TestR14NoCopyOfAPageThatAsksForNoneIsHandedOut(t *testing.T) {
	h := open(t, "x")
	reg, err := register.Read(strings.NewReader(`[{"id":"board","name":"Board of Health","domains":["board.example"]}]`), "test")
	must(t, err)
	in := ingest.New(h.ar, h.db, reg, export.ParseRow, slog.New(slog.DiscardHandler))
	const body = `<html><head><title>Wards</title><meta property="article:published_time" content="2025-03-12T09:00:00Z"></head><body><article><h1>Wards</h1><p>The wards of the county will open again on Monday, and all who wait for a bed have had a letter.</p><p>Doors open at eight.</p>`
	keep := func(path string, hour int, robots, more string) ingest.Outcome {
		t.Helper()
		header := http.Header{"Content-Type": {"text/html; charset=utf-8"}}
		if robots != "" {
			header.Set("X-Robots-Tag", robots)
		}
		out, err := in.Exchange(t.Context(), archive.Exchange{
			URL: "https://board.example/" + path, At: time.Date(2025, 3, 12, hour, 0, 0, 0, time.UTC), Via: "http", Status: 200, Proto: "HTTP/1.1", Header: header, Body: []byte(body + more + "</article></body></html>"),
		}, nil)
		must(t, err)
		if out.Unread != nil {
			t.Fatal(out.Unread)
		}
		return out
	}
	const added = "<p>Parking is free of charge from now on for everybody who visits.</p>"
	for name, tt := range map[string]struct {
		robots [2]string // of the two versions
		shown  bool
	}{
		"nothing is asked for":    {[2]string{"", ""}, true},
		"asked for from the last": {[2]string{"", "noarchive"}, false},
		"asked for always":        {[2]string{"noarchive", "noarchive"}, false},
		"asked for at first":      {[2]string{"noarchive", ""}, false},
	} {
		t.Run(name, func(t *testing.T) {
			path := strings.ReplaceAll(name, " ", "-")
			first, second := keep(path, 9, tt.robots[0], ""), keep(path, 12, tt.robots[1], added)
			var got struct {
				Versions []struct{ Added []string }
			}
			w := h.ask("GET", "/api/v1/pages/"+string(record.PageID("https://board.example/"+path)), "")
			must(t, json.Unmarshal(w.Body.Bytes(), &got))
			if len(got.Versions) != 2 || (len(got.Versions[1].Added) > 0) != tt.shown || strings.Contains(w.Body.String(), "Parking is free") != tt.shown {
				t.Errorf("versions: %s", w.Body)
			}
			want := [2]int{http.StatusOK, http.StatusOK}
			for i, robots := range tt.robots {
				if robots != "" || tt.robots[1] != "" { // as it is now goes for what was before
					want[i] = http.StatusForbidden
				}
			}
			for i, out := range []ingest.Outcome{first, second} {
				if got := h.ask("GET", "/api/v1/captures/"+string(out.Capture.ID)+"/raw", "").Code; got != want[i] {
					t.Errorf("the bytes of version %d are answered with %d, want %d", i+1, got, want[i])
				}
				if got := h.ask("GET", "/api/v1/captures/"+string(out.Capture.ID), "").Code; got != http.StatusOK {
					t.Errorf("the metadata of version %d are answered with %d", i+1, got)
				}
			}
		})
	}
	for _, path := range []string{"/api/v1/statements?q=wards", "/api/v1/incidents/backlog-2025/timeline"} {
		if w := h.ask("GET", path, ""); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "<article>") {
			t.Errorf("%s: %d %.300s", path, w.Code, w.Body)
		}
	}
}
