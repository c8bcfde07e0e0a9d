package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// client asks the API: that of the process which serves the data folder, else
// one built in this process over the same folder. Reading and editing commands
// know no other way, so they give the same answers whoever has the folder
// (docs/adr/0001).
type client struct {
	base string
	http *http.Client
}

// withAPI gives do a client for the data folder.
func (p *program) withAPI(ctx context.Context, command string, do func(*client) error) error {
	s, err := p.settings()
	if err != nil {
		return err
	}
	log := p.logger(s)
	h, err := openHouse(ctx, s, log, command)
	var used *inUse
	if errors.As(err, &used) && used.Address != "" {
		return do(&client{base: used.Address, http: &http.Client{Transport: &http.Transport{Proxy: nil}}})
	}
	if err != nil {
		return err
	}
	return errors.Join(func() error {
		if command == "source" { // those of the settings are on the list before anybody crawls
			if err := h.syncSources(ctx); err != nil {
				return err
			}
		}
		if err := h.catchUp(ctx, p.stderr); err != nil {
			return err
		}
		handler, err := h.handler(handlerOptions{baseURL: s.Server.BaseURL})
		if err != nil {
			return err
		}
		return do(&client{base: "http://127.0.0.1", http: &http.Client{Transport: inProcess{handler}}})
	}(), h.close())
}

// get decodes the answer of a path into v; query may be nil.
func (c *client) get(ctx context.Context, path string, query url.Values, v any) error {
	body, err := c.open(ctx, path, query)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := json.NewDecoder(body).Decode(v); err != nil {
		return fmt.Errorf("answer of %s: %w", path, err)
	}
	return nil
}

// open gives the body of a path's answer, to be closed.
func (c *client) open(ctx context.Context, path string, query url.Values) (io.ReadCloser, error) {
	return c.do(ctx, http.MethodGet, path, query, "", nil)
}

// post sends v and decodes the answer into out.
func (c *client) post(ctx context.Context, path string, v, out any) error {
	return c.send(ctx, http.MethodPost, path, v, out)
}

// send sends v by a method and decodes the answer into out; nil sends nothing.
func (c *client) send(ctx context.Context, method, path string, v, out any) error {
	var b []byte
	if v != nil {
		var err error
		if b, err = json.Marshal(v); err != nil {
			return err
		}
	}
	return c.sendAs(ctx, method, path, "application/json", b, out)
}

// sendAs sends bytes of a media type and decodes the answer into out.
func (c *client) sendAs(ctx context.Context, method, path, media string, b []byte, out any) error {
	body, err := c.do(ctx, method, path, nil, media, b)
	if err != nil {
		return err
	}
	defer body.Close()
	return json.NewDecoder(body).Decode(out)
}

func (c *client) do(ctx context.Context, method, path string, query url.Values, media string, send []byte) (io.ReadCloser, error) {
	address := c.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(send))
	if err != nil {
		return nil, err
	}
	if send != nil {
		req.Header.Set("Content-Type", media)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the serving process: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		defer resp.Body.Close()
		return nil, refusal(resp)
	}
	return resp.Body, nil
}

// problem is an RFC 9457 answer.
type problem struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Errors []struct {
		Parameter  string `json:"parameter"`
		Column     int    `json:"column"`
		Detail     string `json:"detail"`
		Suggestion string `json:"suggestion"`
	} `json:"errors"`
}

// refusal turns a problem answer back into an error with its exit code.
func refusal(resp *http.Response) error {
	var p problem
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&p); err != nil {
		return fmt.Errorf("the API answered %s", resp.Status)
	}
	said := p.Detail
	if said == "" {
		said = p.Title
	}
	for _, e := range p.Errors {
		if e.Detail != "" && !strings.Contains(said, e.Detail) {
			said += "; " + e.Detail
		}
	}
	switch resp.StatusCode {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return usage("%s", said)
	case http.StatusNotFound:
		return &coded{exitNotFound, fmt.Errorf("%s", said)}
	default:
		return fmt.Errorf("%s", said)
	}
}

// inProcess is a transport that asks a handler without a network.
type inProcess struct{ handler http.Handler }

// RoundTrip runs the handler and streams its answer.
func (t inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	r, w := io.Pipe()
	rw := &pipeWriter{header: http.Header{}, body: w, ready: make(chan struct{})}
	asked := req.Clone(req.Context())
	asked.RemoteAddr = "127.0.0.1:0"
	asked.RequestURI = req.URL.RequestURI()
	asked.Host = req.URL.Host
	if asked.Body == nil {
		asked.Body = http.NoBody
	}
	go rw.serve(t.handler, asked)
	select {
	case <-rw.ready:
	case <-req.Context().Done():
		r.Close() // the handler's next write ends it
		return nil, req.Context().Err()
	}
	return &http.Response{
		StatusCode: rw.status, Status: fmt.Sprintf("%d %s", rw.status, http.StatusText(rw.status)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: rw.header, Body: r, ContentLength: -1, Request: req,
	}, nil
}

// pipeWriter is the ResponseWriter of inProcess.
type pipeWriter struct {
	header http.Header
	status int
	body   *io.PipeWriter
	ready  chan struct{}
}

// serve runs the handler. One that breaks off an answer panics with
// http.ErrAbortHandler, as net/http wants it: the reader then sees the break.
func (w *pipeWriter) serve(h http.Handler, r *http.Request) {
	defer func() {
		if cause := recover(); cause != nil {
			_ = w.body.CloseWithError(fmt.Errorf("the answer broke off: %v", cause)) // never fails, says its doc
		}
		w.WriteHeader(http.StatusInternalServerError) // only where nothing was written
	}()
	h.ServeHTTP(w, r)
	w.WriteHeader(http.StatusOK)
	_ = w.body.Close() // never fails either
}

func (w *pipeWriter) Header() http.Header { return w.header }

func (w *pipeWriter) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	w.header = w.header.Clone()
	close(w.ready)
}

func (w *pipeWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

// Flush has nothing to do: the pipe holds nothing back.
func (w *pipeWriter) Flush() {}

// SetWriteDeadline lets handlers of long exports move their deadline; there is
// none here.
func (w *pipeWriter) SetWriteDeadline(time.Time) error { return nil }
