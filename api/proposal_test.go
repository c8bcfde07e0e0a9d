package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"onrecord/archive"
	"onrecord/index"
	"onrecord/record"
)

// burst puts ordinary statements of many days on record, and fifteen of two days
// by five bodies about one matter.
func (h *house) burst() {
	h.t.Helper()
	word := func(n int) string {
		return "v" + string("aeiou"[n%5]) + string("bdfgklmnprst"[n/5%12]) + string("aeiou"[n/60%5]) + "rk"
	}
	for i := range 120 {
		day := 1 + i%19
		words := fmt.Sprintf("Our %s and %s, with %s by %s, and a %s for %s.", word(i*7), word(i*11+3), word(i*13+5), word(i*17+1), word(i*19+2), word(i*23))
		if i < 15 {
			day = 16 + i%2
			words = fmt.Sprintf("The kestrel ledger failed overnight and clinic %d went back to paper.", i)
		}
		h.put(fmt.Sprintf("body-%d", i%5), day, fmt.Sprintf("https://body%d.example/news/%d", i%5, i), words)
	}
	_, err := index.CatchUp(h.t.Context(), h.ix, h.db, nil)
	must(h.t, err)
}

// put puts a page of one statement on record.
func (h *house) put(org string, day int, address, words string) {
	h.t.Helper()
	at := time.Date(2025, 3, day, 9, 0, 0, 0, time.UTC)
	c, err := h.ar.Put(h.t.Context(), archive.Exchange{URL: address, At: at, Via: "import", Body: []byte(words)})
	must(h.t, err)
	sp, said := record.Span{End: len(words)}, record.OnDay(2025, 3, day, record.FromPage)
	p := record.Page{
		ID: record.PageID(address), Capture: c.ID, URL: address, CanonicalURL: address, Kind: record.PressRelease, Title: "News", Published: said, Captured: at, Text: words,
		Blocks: []record.Block{{Kind: record.Paragraph, Span: sp, Post: -1, Update: -1}},
	}
	who := record.Speaker{Org: org, OrgName: org}
	x := record.Sighting{
		Page: p.ID, Capture: c.ID, SHA256: c.SHA256, URL: address, CanonicalURL: address, Outlet: strings.Split(address, "/")[2], PageTitle: p.Title, Kind: record.Release, Words: words,
		Spans: []record.Span{sp}, Speaker: who, Rule: "test", Confidence: 0.9, Said: said, Published: said, Captured: at, LastSeen: at,
	}
	_, err = h.db.Add(h.t.Context(), c, p, []record.Statement{{Kind: x.Kind, Text: words, Speaker: who, Said: said, Published: said, FirstSeen: at, Confidence: 0.9, Status: record.Current, Sightings: []record.Sighting{x}}})
	must(h.t, err)
}

// TestProposalsAreDecidedOverTheAPI lists, changes, refuses and accepts.
func TestProposalsAreDecidedOverTheAPI(t *testing.T) {
	h := open(t, "x")
	h.burst()
	send := func(method, path, body string, want int) []byte {
		t.Helper()
		w := h.ask(method, path, body, "Content-Type", "application/json")
		if w.Code != want {
			t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, w.Code, w.Body, want)
		}
		return w.Body.Bytes()
	}
	listed := func(query string) []record.Proposal {
		t.Helper()
		var got struct {
			Proposals []record.Proposal `json:"proposals"`
		}
		must(t, json.Unmarshal(send("GET", "/api/v1/proposals"+query, "", 200), &got))
		return got.Proposals
	}
	list := listed("")
	if len(list) != 1 || !strings.Contains(list[0].Query, "kestrel") || len(list[0].Orgs) != 5 || list[0].Statements != 15 {
		t.Fatalf("proposed %+v, want the ledger of 15 statements by 5 bodies", list)
	}
	one := "/api/v1/proposals/" + string(list[0].ID)

	send("PATCH", one, `{"query":"(a"}`, http.StatusUnprocessableEntity)
	send("PATCH", one, `{"orgs":["body-1"]}`, http.StatusUnprocessableEntity)
	send("PATCH", one, `{"from":"2025-03-18T00:00:00Z","to":"2025-03-17T00:00:00Z"}`, http.StatusUnprocessableEntity)
	var p record.Proposal
	must(t, json.Unmarshal(send("PATCH", one, `{"name":"The ledger","query":"kestrel AND ledger","why":"plainer"}`, 200), &p))
	if p.Name != "The ledger" || p.Query != "kestrel AND ledger" || !p.From.Equal(list[0].From) || len(p.Decisions) != 1 {
		t.Errorf("changed it is %+v", p)
	}
	if again := listed(""); len(again) != 1 || again[0].Name != "The ledger" || again[0].State != record.ProposalOpen {
		t.Errorf("listed it is %+v", again)
	}

	send("POST", one+"/refuse", `{}`, http.StatusUnprocessableEntity)
	send("POST", one+"/refuse", `{"why":"known already"}`, 200)
	if left := listed(""); len(left) != 0 {
		t.Errorf("refused, it is listed: %+v", left)
	}
	if kept := listed("?all=1"); len(kept) != 1 || kept[0].State != record.ProposalRefused || len(kept[0].Decisions) != 2 {
		t.Errorf("refused, it is kept as %+v", kept)
	}

	send("POST", one+"/accept", `{"slug":"backlog-2025"}`, http.StatusConflict)
	var i record.Incident
	must(t, json.Unmarshal(send("POST", one+"/accept", `{"slug":"ledger","why":"it was one"}`, http.StatusCreated), &i))
	if i.Name != "The ledger" || i.Query != "kestrel AND ledger" {
		t.Errorf("accepted as %+v", i)
	}
	send("POST", one+"/accept", `{"slug":"ledger-2"}`, http.StatusConflict)
	var laid struct {
		Total int `json:"total"`
	}
	must(t, json.Unmarshal(send("GET", "/api/v1/incidents/ledger/timeline", "", 200), &laid))
	if laid.Total != 15 {
		t.Errorf("its timeline has %d statements, want 15", laid.Total)
	}
	send("GET", "/api/v1/proposals/prp_0", "", http.StatusNotFound)
	if w := h.ask("POST", one+"/refuse", `{"why":"x"}`, "Content-Type", "application/json", "Origin", "https://evil.example"); w.Code != http.StatusForbidden {
		t.Errorf("from elsewhere: %d", w.Code)
	}
}
