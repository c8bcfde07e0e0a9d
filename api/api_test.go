package api

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"onrecord/editor"
)

func TestEveryAddressAnswers(t *testing.T) {
	h := open(t, "x")
	for _, path := range []string{
		"/healthz", "/readyz", "/api", "/api/v1/statements?q=backlog", "/api/v1/statements?org=board&limit=1", "/api/v1/statements/" + string(h.ids[0]), "/api/v1/facets?q=backlog",
		"/api/v1/organisations", "/api/v1/organisations/board", "/api/v1/people", "/api/v1/pages/" + string(h.page), "/api/v1/captures/" + string(h.capture), "/api/v1/captures/" + h.sha,
		"/api/v1/captures/" + h.sha + "/raw", "/api/v1/incidents", "/api/v1/incidents/backlog-2025", "/api/v1/incidents/backlog-2025/timeline?from=2025-03-01", "/api/v1/export.csv", "/api/v1/export.jsonl?q=backlog",
		"/api/v1/export.atom", "/api/v1/feed.atom?q=backlog", "/api/v1/incidents/backlog-2025/export.csv", "/api/v1/incidents/backlog-2025/export.jsonl", "/api/v1/incidents/backlog-2025/feed.atom",
	} {
		w := h.ask("GET", path, "")
		if w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		if tag := w.Header().Get("ETag"); tag != "" && h.ask("GET", path, "", "If-None-Match", tag).Code != http.StatusNotModified {
			t.Errorf("%s: asked again with its ETag it is not 304", path)
		}
	}
}

func TestRefusalsAreProblems(t *testing.T) {
	h := open(t, "x")
	for name, tt := range map[string]struct {
		method, path, body string
		status             int
		says               string
	}{
		"an unknown parameter is named with its nearest": {"GET", "/api/v1/statements?ogr=board", "", 400, `did you mean \"org\"`},
		"a query has its column":                         {"GET", "/api/v1/statements?q=" + "a+%22b", "", 400, `"column":3`},
		"a limit out of range":                           {"GET", "/api/v1/statements?limit=501", "", 400, `"parameter":"limit"`},
		"an edited cursor":                               {"GET", "/api/v1/statements?cursor=AAAA", "", 400, `"parameter":"cursor"`},
		"an unknown incident":                            {"GET", "/api/v1/incidents/backlog-2024", "", 404, `backlog-2025`},
		"an unknown statement":                           {"GET", "/api/v1/statements/st_0", "", 404, "not found"},
		"a path instead of a digest":                     {"GET", "/api/v1/captures/..%2f..%2fetc%2fpasswd", "", 404, ""},
		"another method":                                 {"PUT", "/api/v1/statements", "", 405, ""},
		"an unknown key of the body":                     {"POST", "/api/v1/incidents", `{"nmae":"x"}`, 400, "nmae"},
		"bytes behind the body":                          {"POST", "/api/v1/incidents", `{"name":"x"} y`, 400, "behind"},
		"a key twice":                                    {"POST", "/api/v1/incidents", `{"name":"x","name":"y"}`, 400, "twice"},
		"a body too long":                                {"POST", "/api/v1/incidents", strings.Repeat(" ", maxBody+1), 413, ""},
		"an address too long":                            {"GET", "/api/v1/statements?q=" + strings.Repeat("a", maxURL), "", 414, ""},
		"a slug in use":                                  {"POST", "/api/v1/incidents", `{"slug":"backlog-2025","name":"x"}`, 409, ""},
		"a query that cannot be read in a body":          {"POST", "/api/v1/incidents", `{"name":"y","query":"(a"}`, 422, `"column":`},
		"a revision that has passed":                     {"PATCH", "/api/v1/incidents/backlog-2025", `{"revision":7,"name":"y"}`, 409, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := h.ask(tt.method, tt.path, tt.body, "Content-Type", "application/json")
			var p Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != tt.status || p.Status != tt.status || p.RequestID == "" || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Fatalf("%d %s %v; want a problem with %d", w.Code, w.Body, err, tt.status)
			}
			if !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("%s does not say %s", w.Body, tt.says)
			}
			if tt.status == 405 && w.Header().Get("Allow") == "" {
				t.Error("405 without Allow")
			}
		})
	}
}

func TestChangesComeOnlyFromThisMachine(t *testing.T) {
	h := open(t, "x")
	send := func(headers ...string) int {
		return h.ask("POST", "/api/v1/incidents/backlog-2025/pins", fmt.Sprintf(`{"statement":%q}`, h.ids[0]), append(headers, "Content-Type", "application/json")...).Code
	}
	if got := send(); got != http.StatusOK {
		t.Errorf("from here: %d", got)
	}
	for _, headers := range [][]string{{"X-Forwarded-For", "127.0.0.1"}, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		if got := send(headers...); got != http.StatusForbidden {
			t.Errorf("%v: %d, want 403", headers, got)
		}
	}
	for host, want := range map[string]bool{"localhost": true, "LOCALHOST:80": true, "[::1]:80": true, "127.0.0.2": true, "evil.example": false, "localhost.evil.example": false, "0.0.0.0": false, "": false} {
		if loopbackName(host) != want {
			t.Errorf("loopbackName(%q) = %v", host, !want)
		}
	}
}

func TestEvidenceIsNeverAPageOfOurs(t *testing.T) {
	h := open(t, "x")
	w := h.ask("GET", "/api/v1/captures/"+h.sha+"/raw", "")
	if !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") || w.Header().Get("Content-Security-Policy") != "default-src 'none'; sandbox" ||
		w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Content-Type") != "application/octet-stream" {
		t.Errorf("headers %v", w.Header())
	}
	if !strings.Contains(w.Body.String(), "<script>") {
		t.Errorf("the bytes are not those kept: %s", w.Body)
	}
}

func TestAPanicIsAProblemWithoutItsCause(t *testing.T) {
	r := Router(Options{}, func(r gin.IRouter) { r.GET("/boom", func(*gin.Context) { panic("secret") }) })
	h := &house{t: t, handler: r}
	w := h.ask("GET", "/boom", "")
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || !strings.Contains(w.Body.String(), "request_id") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestTheGuideNamesEveryRoute(t *testing.T) {
	var served, told []string
	for _, r := range Router(Options{}, nil).Routes() {
		if r.Method != "HEAD" {
			served = append(served, r.Method+" "+r.Path)
		}
	}
	for _, r := range routes() {
		told = append(told, r.method+" "+r.path)
	}
	slices.Sort(served)
	slices.Sort(told)
	if !slices.Equal(served, told) {
		t.Errorf("served %v\ntold %v", served, told)
	}
}

func TestOtherSitesMayReadAndNotWrite(t *testing.T) {
	h := open(t, "x")
	if got := h.ask("GET", "/api/v1/incidents", "", "Origin", "https://reader.example").Header().Get("Access-Control-Allow-Origin"); got != "*" {
		t.Errorf("Access-Control-Allow-Origin %q", got)
	}
	if w := h.ask("OPTIONS", "/api/v1/incidents", "", "Origin", "https://reader.example", "Access-Control-Request-Method", "POST"); w.Code != 405 || w.Header().Get("Access-Control-Allow-Methods") != "" {
		t.Errorf("a write asked for: %d %v", w.Code, w.Header())
	}
}

func TestAnExportOfAnIncidentSaysHowItWasMade(t *testing.T) {
	h := open(t, "x")
	from := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	i, err := h.db.Incident(t.Context(), "backlog-2025")
	must(t, err)
	_, err = h.edit.Change(t.Context(), i.Slug, i.Revision, editor.Change{From: &from}, "test", "")
	must(t, err)
	about := h.ask("GET", "/api/v1/incidents/backlog-2025/export.about.json?said=2025-03", "")
	var made struct {
		Schema, Query, Program, Register, Zone string
		Window                                 struct{ From time.Time }
		Total                                  int
		At                                     time.Time
		Coverage                               *struct{ Asked int }
		Made                                   []string
	}
	must(t, json.Unmarshal(about.Body.Bytes(), &made))
	if made.Schema != "onrecord.export/1" || !strings.Contains(made.Query, "said:2025-03") || made.Program != "onrecord test (commit 0123abcd)" || !strings.HasPrefix(made.Register, "test, sha256 ") || made.Zone != "Europe/London" ||
		!made.Window.From.Equal(from) || made.Total != 1 || !made.At.Equal(now()) || made.Coverage == nil || len(made.Made) < 9 {
		t.Errorf("%s", about.Body)
	}
	out := h.ask("GET", "/api/v1/incidents/backlog-2025/export.csv?said=2025-03&raw=1", "")
	if link := out.Header().Get("Link"); link != `</api/v1/incidents/backlog-2025/export.about.json?said=2025-03>; rel="describedby"; type="application/json"` {
		t.Errorf("Link %s", link)
	}
	rows, err := csv.NewReader(out.Body).ReadAll()
	must(t, err)
	if n := len(rows[0]) - 1; len(rows) != made.Total+1 || rows[0][n] != "made" || rows[1][n] != strings.Join(made.Made, "\n") || rows[1][n-1] != string(h.capture) && !strings.Contains(rows[1][n-1], string(h.capture)) {
		t.Errorf("%q", rows)
	}
	if lead, _, _ := strings.Cut(h.ask("GET", "/api/v1/export.jsonl?incident=backlog-2025", "").Body.String(), "\n"); !strings.Contains(lead, "onrecord.export/1") {
		t.Errorf("the first line of its rows: %s", lead)
	}
	if all := h.ask("GET", "/api/v1/export.jsonl", "").Body.String(); strings.Contains(all, "onrecord.export/1") {
		t.Errorf("everything on record is rows alone: %.200s", all)
	}
	if atom := h.ask("GET", "/api/v1/export.atom?incident=backlog-2025", "").Body.String(); !strings.Contains(atom, "<or:made>Register: test, sha256 ") || !strings.Contains(atom, "<or:made>Coverage: ") {
		t.Errorf("%.2000s", atom)
	}
}
