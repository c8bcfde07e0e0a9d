package crawler

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"onrecord/archive"
	"onrecord/ingest"
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
	pinned    map[string]*http.Transport // by host name, for those whose key is pinned
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
	f := &fetcher{agent: o.Agent, clock: o.Clock, transport: t, tokens: o.Tokens, pinned: map[string]*http.Transport{}}
	for host, pins := range o.Pins {
		t := t.Clone()
		t.TLSClientConfig.InsecureSkipVerify = true //nolint:gosec // VerifyConnection asks for more than a chain: the very key
		t.TLSClientConfig.VerifyConnection = func(c tls.ConnectionState) error { return pinned(c, pins) }
		f.pinned[strings.ToLower(host)] = t
	}
	return f
}

func (f *fetcher) of(u *url.URL) *http.Transport {
	if t := f.pinned[strings.ToLower(u.Hostname())]; t != nil {
		return t
	}
	return f.transport
}

// close ends the connections that are not in use.
func (f *fetcher) close() {
	f.transport.CloseIdleConnections()
	for _, t := range f.pinned {
		t.CloseIdleConnections()
	}
}

var errPin = errors.New("the host has another key than the one that is pinned")

// pinned accepts a host that proved to hold a pinned key, whoever signed its
// certificate and until when: the handshake has verified that it holds it.
func pinned(c tls.ConnectionState, pins []string) error {
	sum := sha256.Sum256(c.PeerCertificates[0].RawSubjectPublicKeyInfo)
	if !slices.Contains(pins, base64.StdEncoding.EncodeToString(sum[:])) {
		return errPin
	}
	return nil
}

var (
	errSlow  = errors.New("it came slower than 1 KiB a second")
	errWhole = fmt.Errorf("it was not whole after %v", wholeAnswer)
)

// request is one question.
type request struct {
	url      *url.URL
	etag     string // of the copy that is kept; "" for none
	modified string
	unread   record.ID // the copy, where it could not be read
	encoding string    // Accept-Encoding
	limit    int64     // bytes of the body
	// cut has what lies past the limit left unread, in place of an error.
	cut bool
	jar *cookies // of one chain of redirects; nil keeps none
	// note hears what the source's health is to tell of the host; nil for nobody.
	note func(string)
	took *time.Duration // is told how long the answer took; nil tells nobody
	// again waits before the transport asks a second time by itself, as it does
	// where a connection that was kept open breaks; nil does not wait.
	again func(context.Context) error
	// claim, unless nil, has an address asked that the page names as its own.
	claim ingest.Asker
	// form, unless nil, is posted; nothing of such a request is kept.
	form url.Values
	// strangers refuses the operator's own networks as well.
	strangers bool
}

// once makes one request. A broken answer is an error, never half an exchange.
func (f *fetcher) once(ctx context.Context, q request) (archive.Exchange, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, wholeAnswer, errWhole)
	defer cancel()
	address := q.url.String()
	req, err := q.http(q.patient(ctx), address)
	if err != nil {
		return archive.Exchange{}, err
	}
	f.head(req, q)
	// Not by an http.Client: it would follow, or read, what an answer redirects to.
	resp, err := f.of(q.url).RoundTrip(req)
	if err != nil {
		return archive.Exchange{}, cause(ctx, err)
	}
	defer resp.Body.Close()
	body, err := readBody(resp.Body, q.limit)
	cut := q.cut && errors.Is(err, record.ErrTooLarge)
	if cut {
		body, err = body[:q.limit], nil
	}
	if err != nil {
		return archive.Exchange{}, cause(ctx, err)
	}
	q.jar.set(q.url, resp.Cookies())
	return archive.Exchange{
		URL: address, At: f.clock.Now().UTC().Truncate(time.Second), Via: "http", Method: req.Method, Proto: resp.Proto,
		Status: resp.StatusCode, RequestHeader: unsigned(req.Header), Header: resp.Header, Body: body, Cut: cut,
	}, nil
}

// patient has the transport wait before it asks a second time by itself.
func (q request) patient(ctx context.Context) context.Context {
	if q.again == nil {
		return ctx
	}
	asked := false
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		if asked {
			_ = q.again(ctx) // an error is ctx's, which ends the request as well
		}
		asked = true
	}})
}

func (q request) http(ctx context.Context, address string) (*http.Request, error) {
	if q.form == nil {
		return http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(q.form.Encode()))
	if err == nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return req, err
}

func (f *fetcher) head(req *http.Request, q request) {
	h := req.Header
	h.Set("User-Agent", f.agent)
	h.Set("Accept", "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/feed+json, application/json;q=0.9, application/xml;q=0.9, */*;q=0.5")
	h.Set("Accept-Language", "en-GB, en;q=0.8")
	h.Set("Accept-Encoding", q.encoding)
	if token := f.tokens[originOf(q.url)]; token != "" && q.form == nil { // what a source has us post is not asked in our name
		h.Set("Authorization", "Bearer "+token)
	}
	if q.etag != "" {
		h.Set("If-None-Match", q.etag)
	}
	if q.modified != "" {
		h.Set("If-Modified-Since", q.modified)
	}
	for _, c := range q.jar.of(q.url) {
		req.AddCookie(c)
	}
}

var userinfo = regexp.MustCompile(`(?i)([a-z][a-z0-9+.-]*:[/\\]{2,})[^/\\?#\s"'<>]*@`)

// withoutUser is a text without the user names and passwords of the addresses in
// it.
func withoutUser(s string) string { return userinfo.ReplaceAllString(s, "$1") }

// cause prefers why we gave up to how that showed.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), errWhole) {
		return errWhole
	}
	return err
}

// readBody reads a body of at most limit bytes that does not drip. Past the
// limit it gives what was read up to there with the error.
func readBody(r io.Reader, limit int64) ([]byte, error) {
	if r == http.NoBody {
		return nil, nil
	}
	var parts [][]byte // a buffer that doubles would hold three times the longest body
	part, size := make([]byte, 0, 32<<10), int64(0)
	began := time.Now() // of this machine: how fast a stranger sends, no time on record
	for {
		n, err := r.Read(part[len(part):cap(part)])
		part, size = part[:len(part)+n], size+int64(n)
		took := time.Since(began)
		switch {
		case size > limit:
			return bytes.Join(append(parts, part), nil), fmt.Errorf("the body has more than %d MiB: %w", limit>>20, record.ErrTooLarge)
		case err == io.EOF && parts == nil:
			return part, nil
		case err == io.EOF:
			return bytes.Join(append(parts, part), nil), nil
		case err != nil:
			return nil, err
		case took > slowFrom && float64(size) < slowest*took.Seconds():
			return nil, errSlow
		}
		if len(part) == cap(part) {
			parts, part = append(parts, part), make([]byte, 0, min(2*cap(part), 1<<20))
		}
	}
}
