package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"onrecord/index"
	"onrecord/record"
)

// two puts a second page with the same words by another name on record, and
// merges both.
func two(t *testing.T) (*house, string) {
	t.Helper()
	h := open(t, "x")
	h.say(h.ar, h.db, 12, "The backlog of operations in this county is considerable and every ward will work through it until June. x", "y")
	ids, err := h.db.StatementIDs(t.Context(), "", 10)
	must(t, err)
	for _, id := range ids {
		if id != h.ids[0] {
			_, err := h.edit.Merge(t.Context(), id, h.ids[0], "test", "one board")
			must(t, err)
		}
	}
	return h, "/api/v1/statements/" + string(h.ids[0])
}

func (h *house) send(path, body string, to any, headers ...string) int {
	h.t.Helper()
	w := h.ask("POST", path, body, append(headers, "Content-Type", "application/json")...)
	if to != nil {
		if err := json.Unmarshal(w.Body.Bytes(), to); err != nil {
			h.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	return w.Code
}

func TestStatementsAreSplitAndMerged(t *testing.T) {
	h, path := two(t)
	var parts struct {
		Statement record.Statement `json:"statement"`
		SplitOff  record.Statement `json:"split_off"`
	}
	body := fmt.Sprintf(`{"sightings":[{"page":%q,"words":"backlog of operations"}],"why":"another board","by":"Mara"}`, h.page)
	if code := h.send(path+"/split", body, &parts); code != http.StatusCreated || len(parts.SplitOff.Sightings) != 1 || len(parts.Statement.Sightings) != 2 {
		t.Fatalf("split: %d %+v", code, parts)
	}
	if k := parts.SplitOff.Corrections; len(k) != 1 || k[0].Who != "Mara (loopback)" || k[0].Why != "another board" {
		t.Errorf("corrections %+v", k)
	}
	made := "/api/v1/statements/" + string(parts.SplitOff.ID)
	if w := h.ask("GET", made, ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"why":"another board"`) {
		t.Errorf("the part: %d %s", w.Code, w.Body)
	}
	var merged record.Statement
	if code := h.send(made+"/merge", fmt.Sprintf(`{"into":%q,"why":"one board after all"}`, parts.Statement.ID), &merged); code != http.StatusOK || merged.ID != parts.Statement.ID || len(merged.Sightings) != 3 {
		t.Errorf("merge: %d %+v", code, merged)
	}
	if w := h.ask("GET", made, ""); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != path {
		t.Errorf("the merged id: %d %v", w.Code, w.Header())
	}
}

func TestAnAttributionIsFoundBySearch(t *testing.T) {
	h, path := two(t)
	var got record.Statement
	if code := h.send(path+"/attribution", `{"speaker":{"name":"Orla Hennessy","role":"chair","org":"board"},"joint_with":[{"org_name":"Varnshire Guild"}],"why":"she signed it"}`, &got); code != http.StatusOK || got.Speaker.OrgName != "Board of Health" {
		t.Fatalf("%d %+v", code, got)
	}
	find := func(question string) bool {
		_, err := index.CatchUp(t.Context(), h.ix, h.db, nil)
		must(t, err)
		return strings.Contains(h.ask("GET", "/api/v1/statements?"+question, "").Body.String(), string(got.ID))
	}
	if !find("person=Orla+Hennessy") || find("person=Jane+x") {
		t.Error("search does not follow the attribution")
	}
	if code := h.send(path+"/attribution", `{"drawn":true,"why":"she did not"}`, &got); code != http.StatusOK || got.Attributed() != nil {
		t.Fatalf("taken back: %d %+v", code, got.Corrections)
	}
	if find("person=Orla+Hennessy") || !find("person=Jane+x") {
		t.Error("search does not follow what was taken back")
	}
}

func TestADateIsSetAndTakenBack(t *testing.T) {
	h, path := two(t)
	var was, got record.Statement
	must(t, json.Unmarshal(h.ask("GET", path, "").Body.Bytes(), &was))
	for given, want := range map[string]record.Precision{"2001-03-14": record.ToDay, "2001-03": record.ToMonth, "2001-03-14 09:30": record.ToMinute, "2001-03-14T09:30:00Z": record.ToSecond} {
		if code := h.send(path+"/date", fmt.Sprintf(`{"said":%q,"why":"the page was dated late"}`, given), &got); code != http.StatusOK || got.Said.Precision != want || got.Said.Basis != record.FromEditor || got.Said.Time.Year() != 2001 {
			t.Errorf("%s: %d, said %+v", given, code, got.Said)
		}
	}
	for given, want := range map[string]int{`{"said":"yesterday","why":"x"}`: 422, `{"said":"2999-01-01","why":"x"}`: 422, `{"why":"x"}`: 422, `{"said":"2001","drawn":true,"why":"x"}`: 422, `{"said":"2001-01-01"}`: 422} {
		if code := h.send(path+"/date", given, nil); code != want {
			t.Errorf("%s: %d, want %d", given, code, want)
		}
	}
	if code := h.send(path+"/date", `{"drawn":true,"why":"it was not"}`, &got); code != http.StatusOK || got.Dated() != nil || !got.Said.Time.Equal(was.Said.Time) {
		t.Errorf("taken back: %d, said %+v, want %+v", code, got.Said, was.Said)
	}
}

func TestCorrectionsThatCannotBeMade(t *testing.T) {
	h, path := two(t)
	var made struct {
		SplitOff record.Statement `json:"split_off"`
	}
	h.send(path+"/split", fmt.Sprintf(`{"sightings":[{"page":%q}],"why":"x"}`, h.page), &made)
	h.send("/api/v1/statements/"+string(made.SplitOff.ID)+"/merge", fmt.Sprintf(`{"into":%q,"why":"x"}`, strings.TrimPrefix(path, "/api/v1/statements/")), nil)
	gone := "/api/v1/statements/" + string(made.SplitOff.ID)
	for name, tt := range map[string]struct {
		path, body string
		status     int
		says       string
		headers    []string
	}{
		"no reason":                  {path + "/attribution", `{"speaker":{"name":"A B"}}`, 422, "say why", nil},
		"no speaker":                 {path + "/attribution", `{"why":"x"}`, 422, "drawn", nil},
		"speaker and none":           {path + "/attribution", `{"speaker":{},"drawn":true,"why":"x"}`, 422, "drawn", nil},
		"an unknown organisation":    {path + "/attribution", `{"speaker":{"org":"baord"},"why":"x"}`, 422, `did you mean \"board\"`, nil},
		"an unknown key":             {path + "/attribution", `{"speaker":{"nmae":"A"},"why":"x"}`, 400, "nmae", nil},
		"an unknown statement":       {"/api/v1/statements/st_none/merge", fmt.Sprintf(`{"into":%q,"why":"x"}`, h.ids[0]), 404, "not found", nil},
		"no id":                      {path + "/merge", `{"into":"that one","why":"x"}`, 422, "no statement's id", nil},
		"itself":                     {path + "/merge", fmt.Sprintf(`{"into":%q,"why":"x"}`, strings.TrimPrefix(path, "/api/v1/statements/")), 422, "itself", nil},
		"a merged one":               {gone + "/attribution", `{"speaker":{},"why":"x"}`, 409, "is now " + strings.TrimPrefix(path, "/api/v1/statements/"), nil},
		"a merged one with If-Match": {gone + "/attribution", `{"speaker":{},"why":"x"}`, 409, "is now", []string{"If-Match", `"x"`}},
		"one already":                {gone + "/merge", fmt.Sprintf(`{"into":%q,"why":"x"}`, strings.TrimPrefix(path, "/api/v1/statements/")), 409, "one already", nil},
		"a page it is not on":        {path + "/split", `{"sightings":[{"page":"https://nowhere.example/"}],"why":"x"}`, 422, "it stands on", nil},
		"no page":                    {path + "/split", `{"why":"x"}`, 422, "name the sightings", nil},
		"read before a change":       {path + "/attribution", `{"speaker":{},"why":"x"}`, 412, "read it again", []string{"If-Match", `"0123"`}},
		"a name of two lines":        {path + "/attribution", `{"speaker":{},"why":"x","by":"a\nb"}`, 422, "one line", nil},
		"from another site":          {path + "/attribution", `{"speaker":{},"why":"x"}`, 403, "", []string{"Origin", "https://evil.example"}},
		"through a proxy":            {path + "/merge", `{"into":"st_1","why":"x"}`, 403, "", []string{"X-Forwarded-For", "127.0.0.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := h.ask("POST", tt.path, tt.body, append(tt.headers, "Content-Type", "application/json")...)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%d %s; want %d and %s", w.Code, w.Body, tt.status, tt.says)
			}
		})
	}
	tag := h.ask("GET", path, "").Header().Get("ETag")
	if code := h.send(path+"/attribution", `{"speaker":{"org":"board"},"why":"x"}`, nil, "If-Match", tag); code != http.StatusOK {
		t.Errorf("with the tag that was read: %d", code)
	}
}
