package main

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"onrecord/crawler"
	"onrecord/record"
)

// metrics are what /metrics tells, in a registry of its own. Labels are from
// fixed lists: no address and no name of a source is one.
type metrics struct {
	registry *prometheus.Registry
	visits   *prometheus.CounterVec
	added    *prometheus.CounterVec
	answers  prometheus.Histogram
	last     prometheus.Gauge
}

func newMetrics(h *house) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		visits:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "onrecord_visits_total", Help: "Visits of sources and pages, by how they ended."}, []string{"result"}),
		added:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "onrecord_added_total", Help: "What visits put on record."}, []string{"what"}),
		answers: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "onrecord_answer_duration_seconds", Help: "How long hosts took to answer.", Buckets: []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30},
		}),
		last: prometheus.NewGauge(prometheus.GaugeOpts{Name: "onrecord_last_success_timestamp_seconds", Help: "When a visit last went well, in Unix time; 0 before the first."}),
	}
	m.registry.MustRegister(m.visits, m.added, m.answers, m.last, &stores{h}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// told counts a visit.
func (m *metrics) told(t crawler.Told) {
	result := "ok"
	switch {
	case t.NotModified:
		result = "not_modified"
	case t.Visit.State == record.VisitRobots || t.Visit.State == record.VisitUnsure:
		result = "robots"
	case t.Visit.State == record.VisitBarred:
		result = "barred"
	case t.Visit.State == record.VisitGone:
		result = "gone"
	case t.Visit.State != record.VisitOK:
		result = "failed"
	}
	m.visits.WithLabelValues(result).Inc()
	if t.Visit.Status != 0 {
		m.answers.Observe(float64(t.Visit.Took) / 1000)
	}
	if t.Visit.State == record.VisitOK {
		m.last.Set(float64(t.Visit.Succeeded.Unix()))
	}
	for what, n := range map[string]int{"capture": t.Added.Captures, "version": t.Added.Versions, "statement": t.Added.Statements, "sighting": t.Added.Sightings, "lead": t.Leads} {
		m.added.WithLabelValues(what).Add(float64(n))
	}
}

// beside serves /metrics beside the pages.
func (m *metrics) beside(pages http.Handler) http.Handler {
	answer := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, Timeout: 10 * time.Second})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/metrics" {
			answer.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

// stores tells what the stores hold, asked at each scrape.
type stores struct{ *house }

var (
	sourcesDesc = prometheus.NewDesc("onrecord_sources", "Watched sources, by the state of their last visit.", []string{"state"}, nil)
	lateDesc    = prometheus.NewDesc("onrecord_overdue_seconds", "By how much the visit that waits longest is late; 0 where none is.", nil, nil)
	heldDesc    = prometheus.NewDesc("onrecord_records", "What is on record, by what it is.", []string{"what"}, nil)
	behindDesc  = prometheus.NewDesc("onrecord_index_behind_changes", "Changes on record that the index has not taken in.", nil, nil)
)

// Describe lists the metrics.
func (s *stores) Describe(c chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{sourcesDesc, lateDesc, heldDesc, behindDesc} {
		c <- d
	}
}

// Collect asks the stores; what one cannot tell is left out.
func (s *stores) Collect(c chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		c <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	if list, err := s.catalogue.SourceStates(ctx, ""); err == nil {
		n, now, late := map[string]float64{}, s.clock.Now(), time.Duration(0)
		for _, x := range list {
			if !x.Watched() {
				n["off"]++
				continue
			}
			n[stateWord(x)]++
			if !x.Visit.Due.IsZero() {
				late = max(late, now.Sub(x.Visit.Due))
			}
		}
		for state, k := range n {
			gauge(sourcesDesc, k, state)
		}
		gauge(lateDesc, late.Seconds())
	}
	if k, err := s.catalogue.Counts(ctx); err == nil {
		for what, v := range map[string]int{"captures": k.Captures, "pages": k.Pages, "statements": k.Statements, "sightings": k.Sightings} {
			gauge(heldDesc, float64(v), what)
		}
		if s.index != nil {
			if at, err := s.index.Position(ctx); err == nil && at.Epoch == k.Position.Epoch {
				gauge(behindDesc, float64(k.Position.Seq-at.Seq))
			}
		}
	}
}
