// Package archivetest is the suite that every implementation of
// archive.Archive passes. It tests the contract and no way of keeping.
package archivetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onrecord/archive"
	"onrecord/record"
)

// Opener opens the archive in dir: an empty folder at first, later the same one.
type Opener func(dir string) (archive.Archive, error)

var noon = time.Date(2025, 3, 11, 12, 0, 0, 0, time.UTC)

// Page is an HTTP answer for tests: the address, the time and the body given.
func Page(url string, at time.Time, body string) archive.Exchange {
	return archive.Exchange{
		URL: url, At: at, Via: "http", Method: "GET", Proto: "HTTP/1.1", Status: 200,
		RequestHeader: http.Header{"User-Agent": {"onrecord-test"}, "Accept": {"text/html"}},
		Header:        http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Etag": {`"a1"`}},
		Body:          []byte(body),
	}
}

// Import is a document that came without HTTP.
func Import(url string, at time.Time, body string) archive.Exchange {
	return archive.Exchange{URL: url, At: at, Via: "import", Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(body)}
}

// Run runs the suite.
func Run(t *testing.T, open Opener) {
	t.Run("what is put comes back", func(t *testing.T) { roundTrip(t, open) })
	t.Run("the capture tells what was kept", func(t *testing.T) { captureTells(t, open) })
	t.Run("the same exchange is kept once", func(t *testing.T) { keptOnce(t, open) })
	t.Run("the same body elsewhere comes back too", func(t *testing.T) { sameBody(t, open) })
	t.Run("the redirects that led there come back", func(t *testing.T) { redirected(t, open) })
	t.Run("secrets are not kept", func(t *testing.T) { secrets(t, open) })
	t.Run("what breaks a rule is refused", func(t *testing.T) { refuses(t, open) })
	t.Run("an unknown capture is not found", func(t *testing.T) { notFound(t, open) })
	t.Run("captures come in the order of keeping", func(t *testing.T) { inOrder(t, open) })
	t.Run("a reopened archive is the same", func(t *testing.T) { reopened(t, open) })
	t.Run("concurrent puts are all kept", func(t *testing.T) { concurrent(t, open) })
	t.Run("a sound archive verifies", func(t *testing.T) { verifies(t, open) })
	t.Run("a cancelled context stops", func(t *testing.T) { cancelled(t, open) })
	t.Run("a closed archive takes nothing", func(t *testing.T) { closed(t, open) })
}

func start(t *testing.T, open Opener, dir string) archive.Archive {
	t.Helper()
	a, err := open(dir)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func put(t *testing.T, a archive.Archive, x archive.Exchange) record.Capture {
	t.Helper()
	c, err := a.Put(t.Context(), x)
	if err != nil {
		t.Fatalf("Put(%s): %v", x.URL, err)
	}
	return c
}

func all(t *testing.T, a archive.Archive) []record.Capture {
	t.Helper()
	var out []record.Capture
	for c, err := range a.Captures(t.Context()) {
		if err != nil {
			t.Fatalf("Captures: %v", err)
		}
		out = append(out, c)
	}
	return out
}

// samples are exchanges of every sort.
func samples() []archive.Exchange {
	binary := make([]byte, 70_000)
	for i := range binary {
		binary[i] = byte(i * i >> 3)
	}
	h2 := Page("https://a.example/h2?q=1#part", noon, "<p>over another protocol</p>")
	h2.Proto = "HTTP/2.0"
	post := Page("https://a.example/form", noon, "posted")
	post.Method = "POST"
	gone := Page("https://a.example/gone", noon, "")
	gone.Status, gone.Header = 410, http.Header{}
	many := Page("https://a.example/many", noon, "many values")
	many.Header["Link"] = []string{"</a>; rel=prev", "</b>; rel=next"}
	row := Import("https://b.example/row", noon, `{"schema":"onrecord.statement/1"}`)
	row.Via = "row"
	untyped := Import("https://b.example/untyped", noon, "who knows")
	untyped.Header = nil
	return []archive.Exchange{
		Page("https://a.example/", noon, "<p>Phone lines are open.</p>"), h2, post, gone, many,
		Page("https://a.example/binary", noon, string(binary)),
		Page("https://a.example/crlf", noon, "\r\n\r\nWARC/1.1\r\n\r\n"),
		Page("https://a.example/with space/ünïcode?x=|", noon, "odd address"),
		Import("https://b.example/list", noon.Add(time.Hour), "<p>imported</p>"),
		Import("https://b.example/empty", noon, ""), row, untyped,
		Import("file:///pages/one.html", noon, "from a file"),
		Page("https://a.example/early", time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC), "early"),
	}
}

func roundTrip(t *testing.T, open Opener) {
	a := start(t, open, t.TempDir())
	for _, x := range samples() {
		c := put(t, a, x)
		got, err := a.Get(t.Context(), c.ID)
		if err != nil {
			t.Fatalf("Get(%s): %v", x.URL, err)
		}
		same(t, got, x)
	}
}

func same(t *testing.T, got, want archive.Exchange) {
	t.Helper()
	if got.URL != want.URL || !got.At.Equal(want.At) || got.Via != want.Via || got.Status != want.Status || got.Proto != want.Proto || got.Method != want.Method {
		t.Errorf("Get gives %s %s at %s via %s, %s %d; want %s %s at %s via %s, %s %d", got.Method, got.URL, got.At, got.Via, got.Proto, got.Status,
			want.Method, want.URL, want.At, want.Via, want.Proto, want.Status)
	}
	if !bytes.Equal(got.Body, want.Body) {
		t.Errorf("body of %s: %d bytes, want %d, or they differ", want.URL, len(got.Body), len(want.Body))
	}
	sameHeader(t, want.URL+" answer", got.Header, want.Header)
	sameHeader(t, want.URL+" request", got.RequestHeader, want.RequestHeader)
}

func sameHeader(t *testing.T, of string, got, want http.Header) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: header %v, want %v", of, got, want)
	}
	for name, v := range want {
		if !slices.Equal(got[name], v) {
			t.Errorf("%s: %s is %q, want %q", of, name, got[name], v)
		}
	}
}

func captureTells(t *testing.T, open Opener) {
	a := start(t, open, t.TempDir())
	for _, x := range samples() {
		c := put(t, a, x)
		sum := sha256.Sum256(x.Body)
		want := record.Capture{
			URL: x.URL, At: x.At, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(x.Body)),
			Status: x.Status, MediaType: x.Header.Get("Content-Type"), Via: x.Via, File: c.File, Offset: c.Offset,
		}
		want.ID = record.CaptureID(want.URL, want.At, want.SHA256)
		if c != want {
			t.Errorf("Put(%s) = %+v, want %+v", x.URL, c, want)
		}
	}
}

func keptOnce(t *testing.T, open Opener) {
	a := start(t, open, t.TempDir())
	for _, x := range samples() {
		first := put(t, a, x)
		x.At = x.At.Add(300 * time.Millisecond) // times are kept to the second
		if again := put(t, a, x); again != first {
			t.Errorf("second Put(%s) = %+v, want the first capture %+v", x.URL, again, first)
		}
	}
	if n := len(all(t, a)); n != len(samples()) {
		t.Errorf("%d captures after each was put twice, want %d", n, len(samples()))
	}
}

func sameBody(t *testing.T, open Opener) {
	a := start(t, open, t.TempDir())
	body := strings.Repeat("The same words again. ", 200)
	var want []archive.Exchange
	for i := range 4 {
		x := Page("https://a.example/live", noon.Add(time.Duration(i)*time.Minute), body)
		x.Header.Set("Etag", fmt.Sprint(i))
		want = append(want, x)
	}
	want = append(want, Page("https://other.example/copy", noon, body), Import("https://a.example/imported", noon, body))
	for _, x := range want {
		got, err := a.Get(t.Context(), put(t, a, x).ID)
		if err != nil {
			t.Fatalf("Get of a body seen before: %v", err)
		}
		same(t, got, x)
	}
}

func secrets(t *testing.T, open Opener) {
	a := start(t, open, t.TempDir())
	x := Page("https://user:pass@a.example/private@home?mail=x@y.example", noon, "words")
	for _, name := range []string{"Authorization", "Cookie", "Proxy-Authorization", "Set-Cookie", "cookie"} {
		x.RequestHeader[name] = []string{"secret"}
	}
	x.Header["Set-Cookie"] = []string{"secret"}
	x.Header["Location"] = []string{"https://user:pass@b.example/next"}
	c := put(t, a, x)
	if c.URL != "https://a.example/private@home?mail=x@y.example" {
		t.Errorf("the capture's URL is %s: userinfo is not taken out, or too much is", c.URL)
	}
	got, err := a.Get(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if shown := fmt.Sprint(got.URL, got.Header, got.RequestHeader); strings.Contains(shown, "secret") || strings.Contains(shown, "pass") {
		t.Errorf("secrets were kept: %s", shown)
	}
	if got.Header.Get("Location") != "https://b.example/next" || x.RequestHeader.Get("Authorization") != "secret" {
		t.Errorf("Location became %q, the caller's header %v", got.Header.Get("Location"), x.RequestHeader)
	}
	_, err = a.Put(t.Context(), archive.Exchange{URL: "//user:pass@a.example", At: noon, Via: "http", Status: 200})
	if err == nil || strings.Contains(err.Error(), "pass") {
		t.Errorf("a refusal prints the password: %v", err)
	}
}

func refuses(t *testing.T, open Opener) {
	a := start(t, open, t.TempDir())
	for name, change := range map[string]func(*archive.Exchange){
		"no URL":          func(x *archive.Exchange) { x.URL = "" },
		"relative URL":    func(x *archive.Exchange) { x.URL = "/news" },
		"no host":         func(x *archive.Exchange) { x.URL = "https:///news" },
		"line break":      func(x *archive.Exchange) { x.URL = "https://a.example/\r\nWARC-Type: x" },
		"blank around":    func(x *archive.Exchange) { x.URL = "https://a.example/ " },
		"not UTF-8":       func(x *archive.Exchange) { x.URL = "https://a.example/\xff" },
		"very long URL":   func(x *archive.Exchange) { x.URL = "https://a.example/" + strings.Repeat("x", 70_000) },
		"no time":         func(x *archive.Exchange) { x.At = time.Time{} },
		"year 20000":      func(x *archive.Exchange) { x.At = noon.AddDate(18_000, 0, 0) },
		"via nothing":     func(x *archive.Exchange) { x.Via = "" },
		"no status":       func(x *archive.Exchange) { x.Status = 0 },
		"status of a row": func(x *archive.Exchange) { x.Via = "row" },
	} {
		x := Page("https://a.example/", noon, "words")
		change(&x)
		if _, err := a.Put(t.Context(), x); !errors.Is(err, record.ErrInvalid) {
			t.Errorf("%s: Put says %v, want record.ErrInvalid", name, err)
		}
	}
	x := Page("https://a.example/", noon, "words")
	x.Header.Set("X-Long", strings.Repeat("x", 100_000))
	if _, err := a.Put(t.Context(), x); !errors.Is(err, record.ErrTooLarge) {
		t.Errorf("a header line of 100 kB: Put says %v, want record.ErrTooLarge", err)
	}
	if n := len(all(t, a)); n != 0 {
		t.Errorf("%d captures were kept of what was refused", n)
	}
}

func notFound(t *testing.T, open Opener) {
	a := start(t, open, t.TempDir())
	put(t, a, Page("https://a.example/", noon, "words"))
	for _, id := range []record.ID{"", "cap_none", "st_0"} {
		if _, err := a.Get(t.Context(), id); !errors.Is(err, record.ErrNotFound) {
			t.Errorf("Get(%q) says %v, want record.ErrNotFound", id, err)
		}
	}
}

func inOrder(t *testing.T, open Opener) {
	a := start(t, open, t.TempDir())
	if got := all(t, a); len(got) != 0 {
		t.Errorf("an empty archive yields %v", got)
	}
	var want []record.Capture
	for i := range 20 { // times run backwards: order is of keeping, not of time
		want = append(want, put(t, a, Page(fmt.Sprintf("https://a.example/%d", i%7), noon.Add(-time.Duration(i)*time.Hour), fmt.Sprint("page ", i))))
	}
	if got := all(t, a); !slices.Equal(got, want) {
		t.Errorf("Captures yields\n%v, want\n%v", got, want)
	}
	for range a.Captures(t.Context()) {
		break // leaving early is allowed
	}
	for i, after := range []record.ID{"", "cap_unknown", want[0].ID, want[12].ID, want[19].ID} {
		var got []record.Capture
		for c, err := range a.Since(t.Context(), after) {
			if err != nil {
				t.Fatalf("Since(%s): %v", after, err)
			}
			got = append(got, c)
		}
		if left := want[[]int{0, 0, 1, 13, 20}[i]:]; !slices.Equal(got, left) {
			t.Errorf("Since(%q) yields %d captures, want %d", after, len(got), len(left))
		}
	}
}

func reopened(t *testing.T, open Opener) {
	dir := t.TempDir()
	a := start(t, open, dir)
	xs := samples()
	for _, x := range xs[:7] {
		put(t, a, x)
	}
	if err := a.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	a = start(t, open, dir)
	for _, x := range xs {
		put(t, a, x)
	}
	before := all(t, a)
	if err := a.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	a = start(t, open, dir)
	if got := all(t, a); !slices.Equal(got, before) || len(got) != len(xs) {
		t.Errorf("reopened, Captures yields\n%v, want\n%v", got, before)
	}
	for i, c := range before {
		got, err := a.Get(t.Context(), c.ID)
		if err != nil {
			t.Fatalf("Get after reopening: %v", err)
		}
		same(t, got, xs[i])
	}
}

func concurrent(t *testing.T, open Opener) {
	a := start(t, open, t.TempDir())
	const workers, each = 8, 12
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				x := Page(fmt.Sprintf("https://a.example/%d", i), noon, fmt.Sprintf("page %d of %d", i, w/2)) // pairs put the same
				c, err := a.Put(t.Context(), x)
				if err != nil {
					t.Errorf("Put: %v", err)
					return
				}
				if got, err := a.Get(t.Context(), c.ID); err != nil || !bytes.Equal(got.Body, x.Body) {
					t.Errorf("Get after a concurrent Put = %q, %v; want %q", got.Body, err, x.Body)
				}
				for _, err := range a.Captures(t.Context()) {
					if err != nil {
						t.Errorf("Captures during Puts: %v", err)
					}
				}
			}
		})
	}
	wg.Wait()
	if n := len(all(t, a)); n != workers/2*each {
		t.Errorf("%d captures after concurrent Puts, want %d", n, workers/2*each)
	}
}

func verifies(t *testing.T, open Opener) {
	a := start(t, open, t.TempDir())
	for _, x := range samples() {
		put(t, a, x)
	}
	var done, total int64
	v, err := a.Verify(t.Context(), func(d, of int64) { done, total = d, of })
	if err != nil || len(v.Faults) != 0 {
		t.Fatalf("Verify = %+v, %v; want no faults", v, err)
	}
	if v.Files < 1 || v.Records < len(samples()) || v.Bytes < 1 || done != v.Bytes || total != v.Bytes {
		t.Errorf("Verify = %+v with progress %d of %d; want all bytes told", v, done, total)
	}
	if _, err := a.Verify(t.Context(), nil); err != nil {
		t.Errorf("Verify without progress: %v", err)
	}
}

func cancelled(t *testing.T, open Opener) {
	a := start(t, open, t.TempDir())
	c := put(t, a, Page("https://a.example/", noon, "words"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Put(ctx, Page("https://a.example/2", noon, "words")); !errors.Is(err, context.Canceled) {
		t.Errorf("Put says %v, want context.Canceled", err)
	}
	if _, err := a.Get(ctx, c.ID); !errors.Is(err, context.Canceled) {
		t.Errorf("Get says %v, want context.Canceled", err)
	}
	if _, err := a.Verify(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Verify says %v, want context.Canceled", err)
	}
	for _, err := range a.Captures(ctx) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Captures says %v, want context.Canceled", err)
		}
	}
}

func closed(t *testing.T, open Opener) {
	a := start(t, open, t.TempDir())
	if err := a.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	if _, err := a.Put(t.Context(), Page("https://a.example/", noon, "words")); err == nil {
		t.Error("a closed archive takes a Put")
	}
}

func redirected(t *testing.T, open Opener) {
	dir := t.TempDir()
	a := start(t, open, dir)
	hop := Page("http://hsn.example/old", noon, "")
	hop.Status, hop.Header = 301, http.Header{"Location": {"https://hsn.example/news"}}
	first := put(t, a, hop)
	x := Page("https://hsn.example/news", noon.Add(2*time.Second), "words")
	x.Redirects = record.Chain("").Then(301, first.ID, "http://me:secret@hsn.example/old").Then(302, first.ID, "https://hsn.example/b?x=1;y=%20")
	want := record.Chain("").Then(301, first.ID, "http://hsn.example/old").Then(302, first.ID, "https://hsn.example/b?x=1;y=%20")
	twice := x
	twice.At = x.At.Add(time.Hour) // the same body again
	ids := []record.ID{put(t, a, x).ID, put(t, a, twice).ID}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	a = start(t, open, dir)
	for _, c := range all(t, a) {
		if slices.Contains(ids, c.ID) && c.Redirects != want || c.ID == first.ID && c.Redirects != "" {
			t.Errorf("capture of %s: led there by %q, want %q", c.URL, c.Redirects, want)
		}
	}
	for _, id := range ids {
		if got, err := a.Get(t.Context(), id); err != nil || got.Redirects != want {
			t.Errorf("Get(%s): led there by %q (%v)", id, got.Redirects, err)
		}
	}
	x.URL, x.Redirects = "https://hsn.example/other", "nonsense"
	if _, err := a.Put(t.Context(), x); !errors.Is(err, record.ErrInvalid) {
		t.Errorf("a chain that is none: %v, want ErrInvalid", err)
	}
}
