package crawler

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"onrecord/internal/fakeweb"
	"onrecord/record"
)

func TestAPermanentMoveIsNoted(t *testing.T) {
	h := open(t, []fakeweb.Page{
		{URL: feedURL, Status: 308, Header: http.Header{"Location": {"/news/feed/"}}}, page("https://www.hsb.example/news/feed/", feed()),
	}, []record.Source{feedSource()}, nil)
	h.once()
	if v := h.visited(feedURL); v.State != record.VisitOK || len(v.Notes) == 0 || !strings.Contains(v.Notes[0], "moved permanently to https://www.hsb.example/news/feed/") {
		t.Errorf("H7: %+v", v)
	}
}

func TestOneHostIsAskedOverHTTPAndHTTPSByOneAtATime(t *testing.T) {
	var now, most atomic.Int32
	h := open(t, nil, []record.Source{{URL: "https://faults.example/a", Kind: record.SourcePage}, {URL: "http://faults.example/b", Kind: record.SourcePage}}, nil)
	h.web.Handle("faults.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, article("A", "We are sorry for what has happened, and we will put it right by the end of this week."))
	}))
	if r := h.once(); r.Visits != 2 || most.Load() != 1 {
		t.Errorf("%d visits, at most %d requests at once; want 2 and 1", r.Visits, most.Load())
	}
}
