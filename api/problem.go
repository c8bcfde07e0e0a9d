package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"onrecord/record"
)

// Problem is a refusal as RFC 9457 writes it (application/problem+json). Its
// type is always about:blank: the status says the kind, Errors say the places.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"` // the status in words
	Status int    `json:"status"`
	Detail string `json:"detail"` // what to know and what to do
	// RequestID is the id under which the log has the request.
	RequestID string `json:"request_id"`
	// Errors are the places that are wrong; empty where it is no place's fault.
	Errors []Fault `json:"errors,omitempty"`
}

// Fault is one wrong place of a request.
type Fault struct {
	Parameter string `json:"parameter"`        // of the address, or a key of the body
	Column    int    `json:"column,omitempty"` // from 1, in code points; 0 where it is the whole
	Detail    string `json:"detail"`
	// Suggestion is a value or name that would do; "" for none.
	Suggestion string `json:"suggestion,omitempty"`
}

// Error gives the detail, so that a Problem can travel as an error.
func (p *Problem) Error() string { return p.Detail }

// problem is a refusal with this status.
func problem(status int, detail string, faults ...Fault) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Errors: faults}
}

// problemOf is the one place that turns an error into a refusal.
func problemOf(err error) *Problem {
	var p *Problem
	var big *http.MaxBytesError
	var moved *record.Moved
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &big):
		return problem(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is longer than %d bytes", big.Limit))
	case errors.As(err, &moved): // where it may not be answered with the other one
		return problem(http.StatusConflict, err.Error())
	case errors.Is(err, record.ErrNotFound):
		return problem(http.StatusNotFound, err.Error())
	case errors.Is(err, record.ErrExists), errors.Is(err, record.ErrStale):
		return problem(http.StatusConflict, err.Error())
	case errors.Is(err, record.ErrTooLarge), errors.Is(err, record.ErrInvalid):
		return invalid(err)
	case errors.Is(err, record.ErrLocked), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return problem(http.StatusServiceUnavailable, "no answer in time; ask again in a moment")
	case errors.Is(err, record.ErrWithheld):
		return problem(http.StatusForbidden, err.Error())
	case errors.Is(err, record.ErrDamaged):
		return problem(http.StatusInternalServerError, err.Error())
	default:
		return problem(http.StatusInternalServerError, "this could not be answered; the log says why under this request id")
	}
}

// send writes the problem. What went wrong here, rather than with the request,
// is logged with its cause.
func (s *server) send(c *gin.Context, err error) {
	p := *problemOf(err)
	p.RequestID = requestID(c)
	if p.Status >= http.StatusInternalServerError && c.Request.Context().Err() == nil {
		s.o.Log.Error("request went wrong", slog.String("request_id", p.RequestID), slog.String("path", c.Request.URL.Path), slog.Any("cause", err))
	}
	if p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests {
		c.Header("Retry-After", "2")
	}
	c.Header("Cache-Control", "no-store")
	c.Abort()
	if s.o.Refuse != nil && !forMachines(c.Request) {
		s.o.Refuse(c.Writer, c.Request, p.Status, p.Detail)
		return
	}
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"type":"about:blank","status":500}`)
	}
	c.Header("Content-Type", "application/problem+json")
	c.Status(p.Status)
	_, _ = c.Writer.Write(append(body, '\n'))
}

// forMachines reports whether a refusal is read by a program: everything under
// /api and the two probes.
func forMachines(r *http.Request) bool {
	p := r.URL.Path
	return p == "/api" || strings.HasPrefix(p, "/api/") || p == "/healthz" || p == "/readyz"
}
