package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"onrecord/editor"
)

// FuzzBody: what body takes is one JSON object in which no key stands twice.
func FuzzBody(f *testing.F) {
	for _, s := range []string{`{"url":"https://a.example/","kind":"feed","every_s":60}`, `{"url":"a","URL":"b"}`, `{"a":{"url":1}}`, `[]`, `null`, `{} {}`, `{"url":"\ud800"}`, `{"every_s":1e99}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/sources", strings.NewReader(raw))
		c.Request.Header.Set("Content-Type", "application/json")
		var n editor.NewSource
		if body(c, &n) != nil {
			return
		}
		if !json.Valid([]byte(raw)) || twice([]byte(raw)) != "" {
			t.Errorf("%q is taken as %+v", raw, n)
		}
	})
}
