package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"onrecord/editor"
)

// Limits of one request.
const (
	maxBody    = 256 << 10 // bytes of a request's body
	maxURL     = 8 << 10   // bytes of its address; longer is 414
	maxHeaders = 200       // header lines; more is 431
	patience   = time.Second
)

// Server is an HTTP server for the handler with the time and size limits that
// keep a slow or swollen request from holding it. It is not started.
func Server(addr string, h http.Handler) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    64 << 10,
	}
}

const idKey = "onrecord.request_id"

// name gives the request its id, which the answer, a problem and the log carry.
// An id that the client sends is not taken: it could forge lines of the log.
func name(c *gin.Context) {
	id := strings.ToLower(rand.Text())
	c.Set(idKey, id)
	c.Header("X-Request-Id", id)
}

func requestID(c *gin.Context) string { return c.GetString(idKey) }

// note logs one line for an answer. Only the path is logged, for a query says
// what a reader is after.
func (s *server) note(c *gin.Context) {
	began := time.Now() // how long it took, not a time on record
	c.Next()
	s.o.Log.Debug("request answered",
		slog.String("request_id", requestID(c)), slog.String("method", c.Request.Method), slog.String("path", c.Request.URL.Path),
		slog.Int("status", c.Writer.Status()), slog.Int("bytes", max(c.Writer.Size(), 0)), slog.Int64("took_ms", time.Since(began).Milliseconds()))
}

// catch answers a panic with a problem that names the request and nothing else;
// the log has the stack. What was half written stays cut off.
func (s *server) catch(c *gin.Context) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		if cause == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
			panic(cause)
		}
		s.o.Log.Error("handler panicked", slog.String("request_id", requestID(c)), slog.String("path", c.Request.URL.Path),
			slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
		if c.Writer.Written() {
			panic(http.ErrAbortHandler) // a cut answer must not look whole
		}
		s.send(c, problem(http.StatusInternalServerError, "this could not be answered; the log says why under this request id"))
	}()
	c.Next()
}

// guard sets what every answer carries; a handler that needs another policy
// overwrites it.
func guard(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}

// size refuses a request that is too large before anything reads it.
func (s *server) size(c *gin.Context) {
	r := c.Request
	switch {
	case len(r.RequestURI) > maxURL:
		s.send(c, problem(http.StatusRequestURITooLong, fmt.Sprintf("the address has %d bytes; %d are read", len(r.RequestURI), maxURL)))
	case lines(r.Header) > maxHeaders:
		s.send(c, problem(http.StatusRequestHeaderFieldsTooLarge, fmt.Sprintf("more than %d header lines", maxHeaders)))
	case r.ContentLength > mostOf(r):
		s.send(c, problem(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has %d bytes; %d are read", r.ContentLength, mostOf(r))))
	default:
		r.Body = http.MaxBytesReader(c.Writer, r.Body, mostOf(r))
	}
}

// mostOf is how many bytes a request's body may have. A subscription list may be
// longer than what else is sent here.
func mostOf(r *http.Request) int64 {
	switch r.URL.Path {
	case "/api/v1/sources/import", "/sources/import":
		return editor.MaxOPML + maxBody
	}
	return maxBody
}

func lines(h http.Header) int {
	n := 0
	for _, v := range h {
		n += len(v)
	}
	return n
}

// origin refuses a write that another site's page sends (net/http's check of
// Sec-Fetch-Site and Origin).
func (s *server) origin(c *gin.Context) {
	if err := http.NewCrossOriginProtection().Check(c.Request); err != nil {
		s.send(c, problem(http.StatusForbidden, "a page of another site may not change anything here"))
	}
}

// loopback lets writes through only from this machine: keys do not exist yet.
// The Host must be a loopback name too, or a page whose name was pointed at
// 127.0.0.1 could write; and a proxy on this machine speaks for strangers.
func (s *server) loopback(c *gin.Context) {
	if !FromHere(c.Request) {
		s.send(c, problem(http.StatusForbidden, "changes are taken only from this machine, over its loopback address"))
	}
}

// FromHere reports whether a request comes from this machine, over its loopback
// address, and not by way of a proxy: only then may it change anything.
func FromHere(r *http.Request) bool {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback() && loopbackName(r.Host)
}

// loopbackName reports whether a Host names this machine: localhost or a
// loopback address, with or without a port.
func loopbackName(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.Unmap().IsLoopback()
}

// queue bounds how many requests work at once: n do, the others wait a second
// and are then asked to come again.
func (s *server) queue(n int) gin.HandlerFunc {
	slots := make(chan struct{}, n)
	return func(c *gin.Context) {
		ctx, stop := context.WithTimeout(c.Request.Context(), patience)
		defer stop()
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
			c.Next()
		case <-ctx.Done():
			s.send(c, problem(http.StatusServiceUnavailable, "too many requests at once; ask again in a moment"))
		}
	}
}

// workers is how many requests work at once.
func workers() int { return 2 * max(runtime.GOMAXPROCS(0), 2) }
