package archive

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"onrecord/record"
)

func pack(t testing.TB, coding string, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&out)
	case "zlib":
		w = zlib.NewWriter(&out)
	case "raw":
		w, _ = flate.NewWriter(&out, 6)
	case "zstd":
		w, _ = zstd.NewWriter(&out)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestDecodedTakesTheCodingOff(t *testing.T) {
	text := []byte(strings.Repeat("Phone lines are open as usual. ", 40))
	for name, tt := range map[string]struct {
		encoding string
		body     []byte
	}{
		"none":             {"", text},
		"identity":         {"identity", text},
		"gzip":             {"gzip", pack(t, "gzip", text)},
		"x-gzip upper":     {"X-GZIP", pack(t, "gzip", text)},
		"deflate as zlib":  {"deflate", pack(t, "zlib", text)},
		"deflate bare":     {"deflate", pack(t, "raw", text)},
		"zstd":             {"zstd", pack(t, "zstd", text)},
		"two layers (H21)": {"gzip, zstd", pack(t, "zstd", pack(t, "gzip", text))},
	} {
		t.Run(name, func(t *testing.T) {
			x := Exchange{URL: "https://a.example/", Header: http.Header{"Content-Encoding": {tt.encoding}}, Body: tt.body}
			got, err := x.Decoded(0)
			if err != nil || !bytes.Equal(got, text) {
				t.Errorf("Decoded with %q = %.40q, %v; want the text", tt.encoding, got, err)
			}
		})
	}
}

func TestDecodedRefuses(t *testing.T) {
	zeros := make([]byte, 30<<20)
	for name, tt := range map[string]struct {
		encoding string
		body     []byte
		limit    int64
		want     error
		says     string
	}{
		"bomb by ratio (H18)":   {"gzip", pack(t, "gzip", zeros), 0, record.ErrTooLarge, "200 times"},
		"zstd bomb (H18)":       {"zstd", pack(t, "zstd", zeros), 0, record.ErrTooLarge, "200 times"},
		"over the limit (H18)":  {"gzip", pack(t, "gzip", []byte(strings.Repeat("abc", 1000))), 100, record.ErrTooLarge, "more than 100"},
		"plain over the limit":  {"", make([]byte, 101), 100, record.ErrTooLarge, "more than 100"},
		"plain said gzip (H19)": {"gzip", []byte("<html>not packed</html>"), 0, record.ErrInvalid, "not gzip, though Content-Encoding"},
		"brotli (H20)":          {"br", []byte{1, 2, 3}, 0, record.ErrInvalid, "unsupported encoding br"},
		"three layers (H21)":    {"gzip, gzip, gzip", []byte{1}, 0, record.ErrInvalid, "at most 2"},
		"cut short":             {"gzip", pack(t, "gzip", []byte(strings.Repeat("abc", 1000)))[:25], 0, record.ErrInvalid, "breaks after"},
	} {
		t.Run(name, func(t *testing.T) {
			x := Exchange{URL: "https://a.example/", Header: http.Header{"Content-Encoding": {tt.encoding}}, Body: tt.body}
			got, err := x.Decoded(tt.limit)
			if !errors.Is(err, tt.want) || got != nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("Decoded = %d bytes, %v; want no bytes and an error with %q", len(got), err, tt.says)
			}
		})
	}
}

func TestDecodedOfAnEmptyBodyIsEmpty(t *testing.T) {
	x := Exchange{Header: http.Header{"Content-Encoding": {"gzip"}}}
	if got, err := x.Decoded(0); err != nil || len(got) != 0 {
		t.Errorf("Decoded = %q, %v; want nothing", got, err)
	}
}

func FuzzDecoded(f *testing.F) {
	f.Add("gzip", pack(f, "gzip", []byte("words")))
	f.Add("deflate", pack(f, "raw", []byte("words")))
	f.Add("zstd, gzip", pack(f, "zstd", []byte("words")))
	f.Fuzz(func(t *testing.T, encoding string, body []byte) {
		x := Exchange{Header: http.Header{"Content-Encoding": {encoding}}, Body: body}
		if got, err := x.Decoded(1 << 20); err == nil && len(got) > 1<<20 {
			t.Errorf("Decoded gave %d bytes over a limit of 1 MiB", len(got))
		}
	})
}
