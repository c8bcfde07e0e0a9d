package crawler

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"

	"onrecord/guard"
	"onrecord/record"
)

// inWords says what went wrong with a request as its reader would: the source's
// health, a person who looks after it.
func inWords(err error) string {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	var dns *net.DNSError
	var tlsAlert *tls.CertificateVerificationError
	var record509 x509.UnknownAuthorityError
	var op *net.OpError
	text := err.Error()
	switch {
	case errors.Is(err, guard.ErrNoContact):
		return "not asked: crawl.contact is not set; give an address at which the host's people can reach you"
	case errors.Is(err, guard.ErrBlocked):
		return "blocked address: " + strings.TrimSuffix(innermost(err), ": "+guard.ErrBlocked.Error())
	case errors.Is(err, guard.ErrURL):
		return strings.TrimSuffix(text, ": "+guard.ErrURL.Error())
	case errors.Is(err, record.ErrTooLarge):
		return "too large: " + strings.TrimSuffix(text, ": "+record.ErrTooLarge.Error())
	case errors.Is(err, errSlow), errors.Is(err, errWhole):
		return "too slow: " + text
	case errors.As(err, &dns) && dns.IsNotFound:
		return "the name " + dns.Name + " does not exist"
	case errors.As(err, &dns):
		return fmt.Sprintf("the name %s could not be resolved (%s)", dns.Name, dns.Err)
	case errors.Is(err, errPin):
		return "TLS certificate refused: " + errPin.Error()
	case errors.As(err, &tlsAlert):
		return "TLS certificate refused: " + tlsAlert.Err.Error()
	case errors.As(err, &record509):
		return "TLS certificate refused: " + record509.Error()
	case errors.Is(err, syscall.ECONNREFUSED):
		return "unreachable: connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection reset"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "unreachable: no route to the host; is this machine offline?"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the answer was cut short"
	case errors.Is(err, io.EOF), strings.Contains(text, "server closed idle connection"):
		return "the connection was closed without an answer"
	case strings.Contains(text, "TLS handshake timeout"):
		return "timed out: no TLS handshake within 5s"
	case strings.Contains(text, "awaiting response headers"), strings.Contains(text, "timeout awaiting"):
		return "timed out: no answer within 10s"
	case errors.As(err, &op) && op.Op == "dial" && op.Timeout():
		return "unreachable: timed out, no connection within 5s"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "timed out"
	case strings.Contains(text, "response headers exceeded"), strings.Contains(text, "header list too large"), strings.Contains(text, "headers exceeded"):
		return "too large: the header has more than 64 KiB"
	case strings.Contains(text, "http2:"), strings.Contains(text, "stream error"), strings.Contains(text, "connection error"):
		return "no proper HTTP/2: " + text
	case strings.Contains(text, "malformed"), strings.Contains(text, "invalid byte in chunk"), strings.Contains(text, "chunk"), strings.Contains(text, "Content-Length"), strings.Contains(text, "suspiciously long"):
		return "no proper HTTP: " + text
	}
	return withoutUser(text)
}

// innermost is the message of the guard beneath what the dialer adds.
func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil || errors.Is(next, guard.ErrBlocked) && next == guard.ErrBlocked { //nolint:errorlint // the sentinel itself ends the walk
			return err.Error()
		}
		err = next
	}
}

// stateOf is the state of a visit that ended with err.
func stateOf(err error) record.VisitState {
	if errors.Is(err, guard.ErrNoContact) || errors.Is(err, guard.ErrBlocked) || errors.Is(err, guard.ErrURL) {
		return record.VisitBarred
	}
	return record.VisitFailed
}

// unreachable reports whether a request never came to its host: no name, no
// connection, no trust.
func unreachable(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	var refused *tls.CertificateVerificationError
	return errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial" || errors.As(err, &refused) || errors.Is(err, errPin) || strings.Contains(err.Error(), "TLS handshake timeout")
}

// passing reports whether a request that broke is worth a second try at once.
func passing(err error) bool {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return !dns.IsNotFound
	}
	text := err.Error()
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		strings.Contains(text, "GOAWAY") || strings.Contains(text, "stream error") || strings.Contains(text, "connection error") || strings.Contains(text, "server closed idle connection")
}
