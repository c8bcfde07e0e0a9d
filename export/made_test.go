package export

import (
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onrecord/record"
	"onrecord/timeline"
)

var update = flag.Bool("update", false, "write what the exports of testdata are now")

// outage is the header of an incident's export that says all there is to say.
func outage() Header {
	at := func(hour int) time.Time { return time.Date(2025, 3, 11, hour, 0, 0, 0, time.UTC) }
	w := timeline.Watched(at(0), at(20), []record.Spell{
		{Source: "", State: record.VisitOK, Began: at(0), Last: at(20), Visits: 100},
		{Source: "src_1", State: record.VisitOK, Began: at(0), Last: at(19), Until: at(20), Visits: 80},
		{Source: "src_2", State: record.VisitOK, Began: at(0), Last: at(8), Until: at(9), Visits: 9},
		{Source: "src_2", State: record.VisitFailed, Reason: "timed out: no answer within 10s", Began: at(9), Last: at(12), Until: at(13), Visits: 4},
		{Source: "src_2", State: record.VisitOK, Began: at(13), Last: at(19), Until: at(20), Visits: 7},
		{Source: "src_3", State: record.VisitRobots, Reason: "not asked: robots.txt forbids it", Began: at(2), Last: at(18), Visits: 2},
	}, map[record.ID]string{"src_1": "Board: news", "src_2": "Echo: all", "src_3": "Union: press"})
	return Header{
		Title: "LabLine, \"the\" outage", Incident: "labline-2025", Query: "labline OR \"blood tests\"", Explain: "statements with the word labline, or the words blood tests",
		At: time.Date(2025, 3, 20, 12, 0, 0, 0, time.UTC), Program: "onrecord v1.2.0 (commit 0123456789abcdef)", Register: "register.json, sha256 " + strings.Repeat("0a", 32),
		Window: Window{From: at(0), To: at(20)}, Zone: "Europe/London", Position: record.Position{Epoch: 2, Seq: 417}, Total: 2, Watch: &w, Lead: true,
		Notes: []string{"1 capture could not be read"}, Base: "https://record.example", Self: "https://record.example/feed", Authority: "record.example",
	}
}

func two() (a, b record.Statement) {
	a, b = whole(), whole()
	b.ID, b.Text, b.JointWith = "st_9876543210", "=SUM(A1) is what we said.", nil
	b.Sightings = b.Sightings[:1]
	return a, b
}

// TestExportsSayHowTheyWereMade compares every format with the file of it in
// testdata; go test ./export -update writes them.
func TestExportsSayHowTheyWereMade(t *testing.T) {
	a, b := two()
	for _, f := range Formats {
		t.Run(f.Name, func(t *testing.T) {
			got := written(t, f.Write, outage(), a, b)
			file := filepath.Join("testdata", "made."+f.Ext)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s is written otherwise (read the difference, then go test ./export -update):\n%s", file, got)
			}
			text := strings.NewReplacer("&#34;", `"`, "&quot;", `"`, `""`, `"`, `\"`, `"`).Replace(got)
			for _, part := range []string{
				`labline OR "blood tests"`, "2025-03-11T00:00:00Z", "2025-03-11T20:00:00Z", "Europe/London", "2025-03-20T12:00:00Z", "onrecord v1.2.0 (commit 0123456789abcdef)",
				"sha256 0a0a", "Statements: 2 found", "417", "3 sources were asked", "Echo: all could not be read", "Union: press was not asked", "timed out: no answer within 10s", "1 capture could not be read", "cap_1", "cap_2",
			} {
				if !strings.Contains(text, part) {
					t.Errorf("%s does not say %q", f.Name, part)
				}
			}
		})
	}
}

func TestACSVSaysHowItWasMadeInItsFirstRowAlone(t *testing.T) {
	a, b := two()
	rows, err := csv.NewReader(strings.NewReader(written(t, CSV, outage(), a, b))).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows (%v), want the names and two statements", len(rows), err)
	}
	last := len(rows[0]) - 1
	if rows[0][last] != "made" || rows[1][last] != strings.Join(outage().Made(), "\n") || rows[2][last] != "" {
		t.Errorf("the last column: %q", []string{rows[0][last], rows[1][last], rows[2][last]})
	}
}

func TestTheFirstLineOfAnIncidentsRowsHoldsTheCoverage(t *testing.T) {
	a, b := two()
	line, _, _ := strings.Cut(written(t, JSONL, outage(), a, b), "\n")
	var h struct {
		Schema string
		Header
		Made []string
	}
	if err := json.Unmarshal([]byte(line), &h); err != nil || h.Schema != HeaderSchema || len(h.Made) != len(outage().Made()) {
		t.Fatalf("%v: %s", err, line)
	}
	if h.Watch == nil || h.Watch.Asked != 3 || len(h.Watch.Trouble) != 2 || h.Watch.Trouble[1].To.Sub(h.Watch.Trouble[1].From) != 4*time.Hour {
		t.Errorf("coverage %+v", h.Watch)
	}
	if _, err := ParseRow([]byte(line)); err == nil {
		t.Error("the header is taken for a statement")
	}
}
