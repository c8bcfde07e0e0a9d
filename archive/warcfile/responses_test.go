package warcfile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"onrecord/archive"
	"onrecord/archive/archivetest"
	"onrecord/record"
)

// warc writes a record as another tool might.
func warc(version, kind, url, fields, block string) string {
	return fmt.Sprintf("%s\r\nWARC-Type: %s\r\nWARC-Target-URI: %s\r\nWARC-Date: 2025-03-11T12:00:00Z\r\n%sContent-Length: %d\r\n\r\n%s\r\n\r\n",
		version, kind, url, fields, len(block), block)
}

const httpType = "Content-Type: application/http; msgtype=response\r\n"

func page(url, body string) string {
	return warc("WARC/1.0", "response", url, httpType, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"+body)
}

func zipped(parts ...string) []byte {
	var b bytes.Buffer
	for _, p := range parts {
		w := gzip.NewWriter(&b)
		_, _ = io.WriteString(w, p) // a bytes.Buffer takes every write
		_ = w.Close()
	}
	return b.Bytes()
}

// told lists what Responses yields, an exchange as its URL, status and body.
func told(r io.Reader) (got []string, errs []error) {
	for x, err := range Responses(r, "their.warc") {
		if err != nil {
			got, errs = append(got, "error"), append(errs, err)
			continue
		}
		got = append(got, fmt.Sprintf("%s %d %s %s", x.URL, x.Status, x.Via, x.Body))
	}
	return got, errs
}

func TestResponsesReadsTheFormsInUse(t *testing.T) {
	info := warc("WARC/1.0", "warcinfo", "", "", "software: other\r\n")
	request := warc("WARC/1.0", "request", "http://a.example/", "Content-Type: application/http;msgtype=request\r\n", "GET / HTTP/1.1\r\n\r\n")
	one, two := page("http://a.example/1", "one"), page("<http://a.example/2>", "two")
	want := "http://a.example/1 200 http one|http://a.example/2 200 http two"
	for name, tt := range map[string]struct{ data, want string }{
		"plain":                 {info + request + one + two, want},
		"a member a record":     {string(zipped(info, request, one, two)), want},
		"one member in all":     {string(zipped(info + one + two)), want},
		"blank lines between":   {one + "\r\n\r\n" + two, want},
		"empty":                 {"", ""},
		"bare line ends within": {strings.Replace(one, "WARC/1.0\r\nWARC-Type: response\r\n", "WARC/1.0\nwarc-type: Response\n", 1), "http://a.example/1 200 http one"},
		"resource":              {warc("WARC/1.1", "resource", "http://a.example/r", "Content-Type: text/plain\r\n", "words"), "http://a.example/r 0 import words"},
		"dns passed over":       {warc("WARC/1.0", "response", "dns:a.example", "Content-Type: text/dns\r\n", "20250311") + one, "http://a.example/1 200 http one"},
		"chunks put together":   {page2("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"), "http://a.example/c 200 http abcde"},
		"chunks taken off":      {page2("Transfer-Encoding: chunked\r\n", "plain words"), "http://a.example/c 200 http plain words"},
		"folded header":         {page2("X-Folded: a\r\n b\r\nno colon\r\n", "folded"), "http://a.example/c 200 http folded"},
		"date with a fraction":  {strings.Replace(one, "12:00:00Z", "12:00:00.123456Z", 1), "http://a.example/1 200 http one"},
	} {
		t.Run(name, func(t *testing.T) {
			got, errs := told(strings.NewReader(tt.data))
			if strings.Join(got, "|") != tt.want {
				t.Errorf("Responses yields %q, want %q; errors %v", got, tt.want, errs)
			}
			if got, _ := told(iotest.OneByteReader(strings.NewReader(tt.data))); strings.Join(got, "|") != tt.want {
				t.Errorf("read byte by byte, Responses yields %q, want %q", got, tt.want)
			}
		})
	}
}

func page2(header, body string) string {
	return warc("WARC/1.1", "response", "http://a.example/c", httpType, "HTTP/1.1 200 OK\r\n"+header+"\r\n"+body)
}

func TestResponsesGoesOnBehindABrokenRecord(t *testing.T) {
	one, three := page("http://a.example/1", "one"), page("http://a.example/3", "three")
	flipped := zipped(page("http://a.example/2", strings.Repeat("two words, ", 500)))
	flipped[len(flipped)/2] ^= 0xff
	badSum := zipped("WARC/1.0\r\n")
	badSum = zipped(page("http://a.example/2", "two"))[:len(badSum)]
	huge := strings.Replace(page("http://a.example/2", "two"), "Content-Length: ", "Content-Length: 9", 1)
	for name, tt := range map[string]struct {
		broken string
		zip    bool
		want   error
		says   string
	}{
		"flipped byte":       {string(flipped), true, record.ErrDamaged, ""},
		"member cut short":   {string(badSum), true, record.ErrDamaged, ""},
		"garbage":            {"some words that are no record ", true, record.ErrDamaged, "no record begins"},
		"digest wrong":       {string(zipped(warc("WARC/1.0", "response", "http://a.example/2", httpType+"WARC-Block-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n", "HTTP/1.1 200 OK\r\n\r\ntwo"))), true, record.ErrDamaged, "WARC-Block-Digest"},
		"length too small":   {strings.Replace(page("http://a.example/2", strings.Repeat("two ", 30)), "Content-Length: 1", "Content-Length: ", 1), false, record.ErrDamaged, "blank lines"},
		"no length":          {strings.Replace(page("http://a.example/2", "two"), "Content-Length", "Length", 1), false, record.ErrDamaged, "no length"},
		"negative length":    {strings.Replace(page("http://a.example/2", "two"), "Length: ", "Length: -", 1), false, record.ErrDamaged, "no length"},
		"too large":          {string(zipped(strings.Replace(huge, "Length: 9", "Length: 9999999", 1))), true, record.ErrTooLarge, "more than"},
		"endless line":       {string(zipped("WARC/1.0\r\nX: " + strings.Repeat("x", 1<<20))), true, record.ErrTooLarge, "header line"},
		"endless header":     {string(zipped("WARC/1.0\r\n" + strings.Repeat("X: "+strings.Repeat("x", 1000)+"\r\n", 2000))), true, record.ErrTooLarge, "header of more"},
		"version line alone": {"WARC/\n", false, record.ErrDamaged, "WARC/1.0"},
		"revisit":            {string(zipped(warc("WARC/1.0", "revisit", "http://a.example/2", httpType, "HTTP/1.1 200 OK\r\n\r\n"))), true, record.ErrNotFound, "revisit"},
		"truncated":          {string(zipped(warc("WARC/1.0", "response", "http://a.example/2", httpType+"WARC-Truncated: length\r\n", "HTTP/1.1 200 OK\r\n\r\ntw"))), true, record.ErrInvalid, "cut it short"},
		"no date":            {string(zipped(strings.Replace(page("http://a.example/2", "two"), "2025-03-11T", "yesterday", 1))), true, record.ErrInvalid, "no date"},
		"no address":         {string(zipped(page("", "two"))), true, record.ErrInvalid, "absolute URL"},
		"no status line":     {string(zipped(warc("WARC/1.0", "response", "http://a.example/2", httpType, "hello\r\n\r\n"))), true, record.ErrDamaged, "status line"},
		"broken chunk":       {string(zipped(page2("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\nzz"))), true, record.ErrDamaged, "chunks break"},
	} {
		t.Run(name, func(t *testing.T) {
			first, last := one, three
			if tt.zip {
				first, last = string(zipped(one)), string(zipped(three))
			}
			got, errs := told(strings.NewReader(first + tt.broken + last))
			if strings.Join(got, "|") != "http://a.example/1 200 http one|error|http://a.example/3 200 http three" {
				t.Fatalf("Responses yields %q, %v; want one, an error, three", got, errs)
			}
			at := fmt.Sprintf("their.warc: record at byte %d", len(first))
			if !errors.Is(errs[0], tt.want) || !strings.Contains(errs[0].Error(), at) || !strings.Contains(errs[0].Error(), tt.says) {
				t.Errorf("the error is %v; want %v, %q and %q", errs[0], tt.want, at, tt.says)
			}
		})
	}
}

// Another archive made of our files must hold all that ours holds.
func TestResponsesReadsOurOwnFiles(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir, Options{}), open(t, t.TempDir(), Options{})
	want := fill(t, a)
	f, err := os.Open(filepath.Join(dir, firstFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for x, err := range Responses(f, firstFile) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Put(t.Context(), x); err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range captures(t, b) {
		c.Offset = want[i].Offset // the request records hold less: Responses passes them over
		if c != want[i] {
			t.Errorf("capture %d is %+v, want %+v", i, c, want[i])
		}
		ours, err := a.Get(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if theirs, err := b.Get(t.Context(), c.ID); err != nil || !bytes.Equal(ours.Body, theirs.Body) {
			t.Errorf("Get(%s) from the second archive: %d bytes, %v; want %d", c.URL, len(theirs.Body), err, len(ours.Body))
		}
	}
	if got := captures(t, b); len(got) != len(want) {
		t.Errorf("%d captures in the second archive, want %d", len(got), len(want))
	}
}

func TestRevisitFindsOnlyABodyOfItsDigest(t *testing.T) {
	const sum = "WARC-Payload-Digest: sha1:ULFJ5VVKBQVDJUM6KRFZYHAKXEDMKSTF\r\n" // not of "one"
	revisit := func(fields string) string {
		return warc("WARC/1.0", "revisit", "http://a.example/1", httpType+fields, "HTTP/1.1 200 OK\r\n\r\n")
	}
	const same = "WARC-Profile: http://netpreserve.org/warc/1.0/revisit/identical-payload-digest\r\n"
	const right = "WARC-Payload-Digest: md5:f97c5d29941bfb1b2fdab0874906ab82\r\n" // of "one"
	first := func(field string) string {
		return warc("WARC/1.0", "response", "http://a.example/1", httpType+field, "HTTP/1.1 200 OK\r\n\r\none")
	}
	for name, tt := range map[string]struct {
		data string
		ok   bool
	}{
		"the digest is right":    {first(right) + revisit(same+right), true},
		"the digest is a lie":    {first(sum) + revisit(same+sum), false},
		"not modified":           {first(right) + revisit("WARC-Profile: http://netpreserve.org/warc/1.0/revisit/server-not-modified\r\n"+right), false},
		"nothing before":         {first("") + revisit(same+right), false},
		"neither gives a digest": {first("") + revisit(same), false},
		"chunks within":          {chunkedOne(right) + revisit(same+right), true},
	} {
		t.Run(name, func(t *testing.T) {
			got, errs := told(strings.NewReader(tt.data))
			if len(got) != 2 || tt.ok && got[1] != "http://a.example/1 200 http one" || tt.ok != (len(errs) == 0) {
				t.Errorf("Responses yields %q, %v; want the revisit as %v", got, errs, tt.ok)
			}
		})
	}
}

// chunkedOne is an answer of "one" in chunks.
func chunkedOne(fields string) string {
	return warc("WARC/1.0", "response", "http://a.example/1", httpType+fields, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n")
}

func TestRememberedBodiesAreBounded(t *testing.T) {
	var b bodies
	for i := range 5 {
		raw := bytes.Repeat([]byte{byte(i)}, rememberBytes/3)
		h, _ := digester("sha256:")
		h.Write(raw)
		rec := &warcRecord{body: raw, fields: map[string][]string{"Warc-Payload-Digest": {fmt.Sprintf("sha256:%x", h.Sum(nil))}}}
		b.put(rec, raw)
		b.put(rec, raw)
	}
	if b.size > rememberBytes || len(b.byDigest) != 3 || b.order.Len() != 3 {
		t.Errorf("%d bodies of %d bytes are remembered, want 3 within %d", len(b.byDigest), b.size, rememberBytes)
	}
}

func TestResponsesTellsAReadersError(t *testing.T) {
	broken := errors.New("the disk is gone")
	r := io.MultiReader(bytes.NewReader(zipped(page("http://a.example/1", "one"))), iotest.ErrReader(broken))
	got, errs := told(r)
	if len(got) != 2 || len(errs) != 1 || !errors.Is(errs[0], broken) {
		t.Errorf("Responses yields %q, %v; want one exchange and the reader's error, once", got, errs)
	}
}

func TestResponsesStopsWhenTheLoopIsLeft(t *testing.T) {
	n := 0
	for range Responses(strings.NewReader(page("http://a.example/1", "one")+"junk"+page("http://a.example/2", "two")), "x") {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("the loop ran %d times, want 2", n)
	}
}

func TestBombInAWarcIsRefusedInBoundedMemory(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	fmt.Fprintf(w, "WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: http://a.example/\r\nWARC-Date: 2025-03-11T12:00:00Z\r\nContent-Length: %d\r\n\r\n", 200<<20)
	for range 200 {
		_, _ = w.Write(make([]byte, 1<<20))
	}
	_ = w.Close()
	allocated := testing.AllocsPerRun(1, func() {
		if _, errs := told(bytes.NewReader(b.Bytes())); len(errs) != 1 || !errors.Is(errs[0], record.ErrTooLarge) {
			t.Errorf("a bomb of 200 MiB: %v, want record.ErrTooLarge", errs)
		}
	})
	if allocated > 1000 {
		t.Errorf("%v allocations to refuse a bomb", allocated)
	}
}

func FuzzResponses(f *testing.F) {
	f.Add([]byte(page("http://a.example/1", "one")))
	f.Add(zipped(page("http://a.example/1", "one"), page("http://a.example/2", "two")))
	f.Add([]byte("WARC/\n"))
	f.Add([]byte(page2("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n")))
	f.Add([]byte(warc("WARC/1.1", "revisit", "http://a.example/", httpType, "HTTP/1.1 200 OK\r\n\r\n")))
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		for x, err := range Responses(bytes.NewReader(b), "fuzz") {
			if n++; n > len(b)+1 {
				t.Fatalf("more than %d yields from %d bytes", n, len(b))
			}
			if err == nil && (x.URL == "" || x.At.IsZero()) {
				t.Errorf("an exchange without URL or time: %+v", x)
			}
		}
	})
}

// What Responses yields must be fit to be kept, and come back.
func TestResponsesCanBePut(t *testing.T) {
	a := open(t, t.TempDir(), Options{})
	data := page("http://a.example/1", "one") + page2("Transfer-Encoding: chunked\r\nSet-Cookie: a=b\r\n", "3\r\nabc\r\n0\r\n\r\n") +
		warc("WARC/1.1", "resource", "urn:x:1", "Content-Type: text/plain\r\n", "words")
	for x, err := range Responses(strings.NewReader(data), "their.warc") {
		if err != nil {
			t.Fatal(err)
		}
		c, err := a.Put(t.Context(), x)
		if err != nil {
			t.Fatalf("Put(%s): %v", x.URL, err)
		}
		if got, err := a.Get(t.Context(), c.ID); err != nil || !bytes.Equal(got.Body, x.Body) {
			t.Errorf("Get(%s) = %q, %v; want %q", x.URL, got.Body, err, x.Body)
		}
	}
	if v := verify(t, a); len(v.Faults) > 0 {
		t.Errorf("Verify = %+v", v)
	}
}

func BenchmarkPut(b *testing.B) {
	a := open(b, b.TempDir(), Options{})
	body := strings.Repeat("Phone lines are open as usual. ", 1000)
	for i := 0; b.Loop(); i++ {
		if _, err := a.Put(b.Context(), archivetest.Page(fmt.Sprintf("https://a.example/%d", i), noon, fmt.Sprint(i, body))); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	writeSidecar(b, dir, 100_000)
	for b.Loop() {
		a, err := Open(dir, Options{})
		if err != nil || len(a.byID) != 100_000 {
			b.Fatalf("Open: %d captures, %v", len(a.byID), err)
		}
		_ = a.Close()
	}
}

// writeSidecar makes a sidecar of n captures beside a file of zeros that is as
// long as it says: Open looks into the sidecar only.
func writeSidecar(b *testing.B, dir string, n int) {
	b.Helper()
	var out []byte
	var at int64
	for i := range n {
		it, err := newItem(archive.Exchange(archivetest.Page(fmt.Sprintf("https://a.example/news/2025/page-%d", i), noon, fmt.Sprint(i))))
		if err != nil {
			b.Fatal(err)
		}
		l := lineOf(it.capture)
		l.Type, l.Offset, l.Length = "response", at, 1000
		if out, err = l.appendTo(out); err != nil {
			b.Fatal(err)
		}
		at += l.Length
	}
	write(b, filepath.Join(dir, firstSide), out)
	write(b, filepath.Join(dir, firstFile), nil)
	if err := os.Truncate(filepath.Join(dir, firstFile), at); err != nil {
		b.Fatal(err)
	}
}
