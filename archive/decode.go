package archive

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"

	"onrecord/record"
)

const (
	// DecodedLimit is the most bytes that Decoded inflates a body to when it
	// is not told otherwise: 20 MiB.
	DecodedLimit = 20 << 20

	ratioFrom = 1 << 20 // below this many bytes any ratio is let pass
	ratioMax  = 200     // inflated bytes for one stored byte
	layersMax = 2       // content codings one over the other
)

// Decoded is the body without its content coding: gzip, deflate and zstd, at
// most two layers of them. Limit is in bytes; 0 or less means DecodedLimit.
//
// The error wraps record.ErrTooLarge when the body inflates to more than limit,
// or to more than 200 times its size once that is over 1 MiB; it wraps
// record.ErrInvalid when the coding is not one of those, or when the body is
// not what Content-Encoding says.
func (x Exchange) Decoded(limit int64) ([]byte, error) {
	if limit <= 0 {
		limit = DecodedLimit
	}
	codings := contentCodings(x.Header.Values("Content-Encoding"))
	if len(codings) > layersMax {
		return nil, fmt.Errorf("body of %s: %d content codings, one over the other (%s); at most %d are read: %w",
			x.URL, len(codings), strings.Join(codings, ", "), layersMax, record.ErrInvalid)
	}
	body := x.Body
	for i := len(codings) - 1; i >= 0; i-- { // the last one named was put on last
		inflated, err := inflate(codings[i], body, limit)
		if err != nil {
			return nil, fmt.Errorf("body of %s: %w", x.URL, err)
		}
		body = inflated
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("body of %s: %d bytes, more than %d: %w", x.URL, len(body), limit, record.ErrTooLarge)
	}
	return body, nil
}

// Head is the beginning of the body without its content coding, at most n bytes:
// what lies behind is not inflated. The errors are those of Decoded; with one
// for a body that breaks off comes what was read before.
func (x Exchange) Head(n int64) ([]byte, error) {
	codings := contentCodings(x.Header.Values("Content-Encoding"))
	if len(codings) != 1 || len(x.Body) == 0 { // two layers are rare: the whole way
		body, err := x.Decoded(0)
		return body[:min(int64(len(body)), n)], err
	}
	r, err := inflater(codings[0], x.Body)
	if err != nil {
		return nil, fmt.Errorf("body of %s: %w", x.URL, err)
	}
	defer r.Close()
	body, err := io.ReadAll(io.LimitReader(r, n))
	if err != nil {
		err = fmt.Errorf("body of %s: the %s body breaks after %d bytes (%v): %w", x.URL, codings[0], len(body), err, record.ErrInvalid)
	}
	return body, err
}

// contentCodings lists the codings in the order in which they were put on.
func contentCodings(values []string) []string {
	var out []string
	for _, c := range strings.Split(strings.Join(values, ","), ",") {
		c = strings.ToLower(strings.TrimSpace(c))
		if c != "" && c != "identity" {
			out = append(out, c)
		}
	}
	return out
}

func inflate(coding string, body []byte, limit int64) ([]byte, error) {
	if len(body) == 0 {
		return nil, nil // answers without a body often keep the header
	}
	r, err := inflater(coding, body)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return bounded(r, coding, int64(len(body)), limit)
}

func inflater(coding string, body []byte) (io.ReadCloser, error) {
	var r io.ReadCloser
	var err error
	switch coding {
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		r, err = deflated(body)
	case "zstd":
		// The window is memory that the sender chooses: RFC 8878 section
		// 3.1.1.1.2 asks for 8 MB and lets a reader refuse more.
		var z *zstd.Decoder
		z, err = zstd.NewReader(bytes.NewReader(body), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20))
		if err == nil {
			r = z.IOReadCloser()
		}
	default:
		return nil, fmt.Errorf("unsupported encoding %s: %w", coding, record.ErrInvalid)
	}
	if err != nil {
		return nil, fmt.Errorf("the body is not %s, though Content-Encoding says so (%v): %w", coding, err, record.ErrInvalid)
	}
	return r, nil
}

// deflated reads zlib data, which is what the word means in HTTP (RFC 9110,
// section 8.4.1.2), and bare deflate data, which some servers send instead.
func deflated(body []byte) (io.ReadCloser, error) {
	if z, err := zlib.NewReader(bytes.NewReader(body)); err == nil {
		return z, nil
	}
	return flate.NewReader(bufio.NewReader(bytes.NewReader(body))), nil
}

func bounded(r io.Reader, coding string, stored, limit int64) ([]byte, error) {
	var out bytes.Buffer
	chunk := make([]byte, 32<<10)
	for {
		n, err := r.Read(chunk)
		out.Write(chunk[:n])
		size := int64(out.Len())
		switch {
		case size > limit:
			return nil, fmt.Errorf("%d bytes of %s inflate to more than %d: %w", stored, coding, limit, record.ErrTooLarge)
		case size > ratioFrom && size > ratioMax*stored:
			return nil, fmt.Errorf("%d bytes of %s inflate more than %d times: %w", stored, coding, ratioMax, record.ErrTooLarge)
		case err == io.EOF:
			return out.Bytes(), nil
		case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
			return nil, fmt.Errorf("%s asks for too large a window: %w", coding, record.ErrTooLarge)
		case err != nil:
			return nil, fmt.Errorf("the %s body breaks after %d bytes (%v): %w", coding, size, err, record.ErrInvalid)
		}
	}
}
