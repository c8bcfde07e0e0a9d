package crawler

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"onrecord/archive"
	"onrecord/record"
)

// The limits of one request.
const (
	wholeAnswer  = 30 * time.Second // from the first byte sent to the last one read
	slowFrom     = 10 * time.Second // from here an answer must have come at slowest
	slowest      = 1 << 10          // bytes a second
	maxFeed      = 16 << 20         // bytes of a body as it comes
	maxPage      = 10 << 20
	maxRedirects = 10
)

// fetcher makes single requests: bounded, without following anything.
type fetcher struct {
	agent     string
	transport *http.Transport
	clock     Clock
	tokens    map[string]string // see Options.Tokens
}

func newFetcher(o Options) *fetcher {
	t := o.Dialer.Transport()
	t.DisableCompression = true // the coding is evidence; archive decodes
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if o.TLS != nil {
		t.TLSClientConfig = o.TLS.Clone()
	}
	return &fetcher{agent: o.Agent, clock: o.Clock, transport: t, tokens: o.Tokens}
}

func (f *fetcher) close() { f.transport.CloseIdleConnections() }

var (
	errSlow  = errors.New("it came slower than 1 KiB a second")
	errWhole = fmt.Errorf("it was not whole after %v", wholeAnswer)
)

// request is one question.
type request struct {
	url      *url.URL
	etag     string // of the copy that is kept; "" for none
	modified string
	encoding string // Accept-Encoding
	limit    int64  // bytes of the body
}

// once makes one request. A broken answer is an error, never half an exchange.
func (f *fetcher) once(ctx context.Context, q request) (archive.Exchange, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, wholeAnswer, errWhole)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, q.url.String(), http.NoBody)
	if err != nil {
		return archive.Exchange{}, err
	}
	f.head(req, q)
	// Not by an http.Client: it would follow, or read, what an answer redirects to.
	resp, err := f.transport.RoundTrip(req)
	if err != nil {
		return archive.Exchange{}, cause(ctx, err)
	}
	defer resp.Body.Close()
	body, err := readBody(resp.Body, q.limit)
	if err != nil {
		return archive.Exchange{}, cause(ctx, err)
	}
	return archive.Exchange{
		URL: q.url.String(), At: f.clock.Now().UTC().Truncate(time.Second), Via: "http", Method: http.MethodGet, Proto: resp.Proto,
		Status: resp.StatusCode, RequestHeader: unsigned(req.Header), Header: resp.Header, Body: body,
	}, nil
}

func (f *fetcher) head(req *http.Request, q request) {
	h := req.Header
	h.Set("User-Agent", f.agent)
	h.Set("Accept", "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/feed+json, application/json;q=0.9, application/xml;q=0.9, */*;q=0.5")
	h.Set("Accept-Language", "en-GB, en;q=0.8")
	h.Set("Accept-Encoding", q.encoding)
	if token := f.tokens[originOf(q.url)]; token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	if q.etag != "" {
		h.Set("If-None-Match", q.etag)
	}
	if q.modified != "" {
		h.Set("If-Modified-Since", q.modified)
	}
}

// cause prefers why we gave up to how that showed.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), errWhole) {
		return errWhole
	}
	return err
}

// readBody reads a body of at most limit bytes that does not drip.
func readBody(r io.Reader, limit int64) ([]byte, error) {
	var out bytes.Buffer
	began := time.Now() // of this machine: how fast a stranger sends, no time on record
	chunk := make([]byte, 32<<10)
	for {
		n, err := r.Read(chunk)
		out.Write(chunk[:n])
		took := time.Since(began)
		switch {
		case int64(out.Len()) > limit:
			return nil, fmt.Errorf("the body has more than %d MiB: %w", limit>>20, record.ErrTooLarge)
		case err == io.EOF:
			return out.Bytes(), nil
		case err != nil:
			return nil, err
		case took > slowFrom && float64(out.Len()) < slowest*took.Seconds():
			return nil, errSlow
		}
	}
}
