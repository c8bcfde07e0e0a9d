package main

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"onrecord/crawler"
	"onrecord/record"
)

func TestMetricsTellOfVisitsWithoutNamingAnybody(t *testing.T) {
	s := defaults()
	s.Data.Dir = t.TempDir()
	h, err := openHouse(t.Context(), s, (&program{stderr: t.Output()}).logger(s), "test")
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	src := record.Source{URL: "https://www.hsb.example/feed", Kind: record.SourceFeed, Name: "HSB", Enabled: true}
	src.ID = record.SourceID(src.URL)
	if err := h.catalogue.SetSources(t.Context(), []record.Source{src}, record.Edit{Who: "test"}); err != nil {
		t.Fatal(err)
	}
	m := newMetrics(h)
	m.told(crawler.Told{Source: src, Visit: record.Visit{State: record.VisitOK, Status: 304, Took: 120}, NotModified: true})
	m.told(crawler.Told{Source: src, Visit: record.Visit{State: record.VisitFailed, Error: "connection refused"}})
	w := httptest.NewRecorder()
	m.beside(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	got := w.Body.String()
	for _, want := range []string{
		`onrecord_visits_total{result="not_modified"} 1`, `onrecord_visits_total{result="failed"} 1`, `onrecord_answer_duration_seconds_count 1`,
		`onrecord_sources{state="not yet"} 1`, `onrecord_records{what="statements"} 0`, "process_resident_memory_bytes",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "hsb") || strings.Contains(got, "HSB") {
		t.Error("a source is named")
	}
	for _, line := range strings.Split(got, "\n") {
		if name, _, _ := strings.Cut(line, "{"); strings.HasPrefix(line, "onrecord_") && !regexp.MustCompile(`^onrecord_[a-z_]+( |$)`).MatchString(name) {
			t.Errorf("name %q", name)
		}
	}
}
