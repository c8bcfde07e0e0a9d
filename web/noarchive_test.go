package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"onrecord/archive"
	"onrecord/record"
)

func TestR14TheEvidenceOfAPageThatAsksForNoCopiesOffersNone(t *testing.T) {
	h := open(t, "x")
	for robots, offered := range map[string]bool{"": true, "noarchive": false} {
		c, err := h.ar.Put(t.Context(), archive.Exchange{
			URL: "https://board.example/" + robots, At: time.Date(2025, 3, 12, 9, 0, 0, 0, time.UTC), Via: "http", Status: 200, Proto: "HTTP/1.1",
			Header: http.Header{"Content-Type": {"text/html"}, "X-Robots-Tag": {robots}}, Body: []byte("<p>Words " + robots + "</p>"),
		})
		must(t, err)
		p := record.Page{ID: record.PageID(c.URL), Capture: c.ID, URL: c.URL, CanonicalURL: c.URL, Kind: record.NewsArticle, Title: "Wards", Captured: c.At, Text: "Words"}
		_, err = h.db.Add(t.Context(), c, p, nil)
		must(t, err)
		doc := h.read("/evidence/" + c.SHA256)
		if got := doc.Find(`a[href$="/raw"]`).Length() == 1; got != offered {
			t.Errorf("asked for %q: a download is offered: %v, want %v", robots, got, offered)
		}
		if got := strings.Contains(plain(doc.Find("main")), "asks that no copies of it be shown"); got == offered {
			t.Errorf("asked for %q: %s", robots, plain(doc.Find("main")))
		}
	}
}
