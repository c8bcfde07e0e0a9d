// Package web is the pages that people read: search, statement, incident,
// organisation, person, source and evidence, made on the server, without scripts. It
// asks the desk and changes nothing.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"onrecord/desk"
	"onrecord/record"
)

//go:embed template static
var files embed.FS

// Options are what the pages ask and show.
type Options struct {
	Desk    *desk.Desk
	Log     *slog.Logger // nil logs nothing
	Version string
	BaseURL string // public address for canonical links; "" leaves them out
	Notice  string // shown on every page, such as that everything is invented; "" for none
}

// Site is the pages.
type Site struct {
	o     Options
	pages map[string]*template.Template
	css   []byte
	icon  []byte
	style string // digest of the style sheet, so that a new one is fetched
}

// New reads the embedded templates. The error is for a program built wrongly.
func New(o Options) (*Site, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	s := &Site{o: o, pages: map[string]*template.Template{}}
	for _, name := range []string{"search", "statement", "incidents", "incident", "proposals", "organisations", "party", "sources", "source", "evidence", "about", "refused"} {
		t, err := template.New(name).Funcs(functions()).ParseFS(files, "template/layout.html", "template/parts.html", "template/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", name, err)
		}
		s.pages[name] = t
	}
	var err error
	if s.css, err = files.ReadFile("static/style.css"); err != nil {
		return nil, err
	}
	if s.icon, err = files.ReadFile("static/icon.svg"); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(s.css)
	s.style = hex.EncodeToString(sum[:6])
	return s, nil
}

// page is what a handler shows: the template and what it needs.
type page struct {
	template  string
	Title     string
	Here      string // the entry of the menu
	Canonical string // path
	Feed      string // path of its Atom feed; "" for none
	status    int    // 0 means 200
	Body      any
}

// Mount adds the pages to the router.
func (s *Site) Mount(r gin.IRouter) {
	get := func(path string, h func(*gin.Context) (page, error)) {
		r.GET(path, s.wrap(h))
		r.HEAD(path, s.wrap(h))
	}
	get("/", s.home)
	get("/search", s.search)
	get("/s/:id", s.statement)
	get("/i", s.incidents)
	get("/i/:slug", s.incident)
	get("/proposals", s.proposals)
	get("/o", s.organisations)
	get("/o/:slug", s.organisation)
	get("/p/:id", s.person)
	get("/sources", s.sources)
	get("/sources/:id", s.source)
	get("/evidence/:sha", s.evidence)
	get("/about", s.about)
	r.GET("/static/style.css", s.static(s.css, "text/css; charset=utf-8"))
	r.GET("/static/icon.svg", s.static(s.icon, "image/svg+xml"))
}

func (s *Site) static(b []byte, kind string) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("Cache-Control", "public, max-age=86400")
		c.Data(http.StatusOK, kind, b)
	}
}

// redirect is the error of a page that lives elsewhere on this site.
type redirect struct{ to string }

func (r *redirect) Error() string { return "is now at " + r.to }

func (s *Site) wrap(h func(*gin.Context) (page, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		p, err := h(c)
		var to *redirect
		if errors.As(err, &to) {
			c.Redirect(http.StatusMovedPermanently, to.to)
			return
		}
		if err != nil {
			s.fail(c, err)
			return
		}
		s.write(c.Writer, c.Request, p)
	}
}

// fail is the one place that turns an error into a page.
func (s *Site) fail(c *gin.Context, err error) {
	status, detail := http.StatusInternalServerError, "This page could not be made. The log says why under the request id."
	switch {
	case errors.Is(err, record.ErrNotFound):
		status, detail = http.StatusNotFound, err.Error()
	case errors.Is(err, record.ErrInvalid):
		status, detail = http.StatusBadRequest, err.Error()
	case c.Request.Context().Err() != nil:
		status, detail = http.StatusServiceUnavailable, "No answer in time; ask again in a moment."
	default:
		s.o.Log.Error("page could not be made", "request_id", c.Writer.Header().Get("X-Request-Id"), "path", c.Request.URL.Path, "cause", err)
	}
	s.Refuse(c.Writer, c.Request, status, detail)
}

// Refuse writes a refusal as a page.
func (s *Site) Refuse(w http.ResponseWriter, r *http.Request, status int, detail string) {
	s.write(w, r, page{template: "refused", Title: http.StatusText(status), status: status, Body: struct {
		Heading, Detail, RequestID string
	}{heading(status), detail, w.Header().Get("X-Request-Id")}})
}

func heading(status int) string {
	switch status {
	case http.StatusNotFound:
		return "Nothing here"
	case http.StatusBadRequest:
		return "This cannot be read"
	case http.StatusServiceUnavailable:
		return "Busy at the moment"
	default:
		return http.StatusText(status)
	}
}

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// write makes the whole page before its first byte, so that an error never
// leaves half of one, and answers 304 to who has it.
func (s *Site) write(w http.ResponseWriter, r *http.Request, p page) {
	var b bytes.Buffer
	reach, err := s.o.Desk.Reach(r.Context())
	if err != nil { // the page itself says what is wrong
		reach = record.Reach{}
	}
	err = s.pages[p.template].ExecuteTemplate(&b, "layout", struct {
		page
		Style, Notice, Version string
		Reach                  record.Reach
	}{s.absolute(p), s.style, s.o.Notice, s.o.Version, reach})
	if err != nil {
		s.o.Log.Error("page could not be made", "path", r.URL.Path, "template", p.template, "cause", err)
		http.Error(w, "This page could not be made.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	if p.status != 0 && p.status != http.StatusOK {
		w.WriteHeader(p.status)
		_, _ = w.Write(b.Bytes())
		return
	}
	sum := sha256.Sum256(b.Bytes())
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache")
	if strings.TrimPrefix(r.Header.Get("If-None-Match"), "W/") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(b.Bytes())
}

// absolute gives the canonical link the public address; without one it is left
// out, for the request's Host is the client's word.
func (s *Site) absolute(p page) page {
	if s.o.BaseURL == "" || p.Canonical == "" {
		p.Canonical = ""
		return p
	}
	p.Canonical = s.o.BaseURL + p.Canonical
	return p
}

var (
	idForm  = regexp.MustCompile(`^[a-z]{2,3}_[0-9a-z]{1,64}$`)
	shaForm = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// without is the address of the search with one value of a parameter, and the
// cursor, taken away; value "" takes all of them.
func without(v url.Values, name, value string) string {
	out := url.Values{}
	for k, list := range v {
		for _, x := range list {
			if k == "cursor" || x == "" || k == name && (value == "" || x == value) {
				continue
			}
			out.Add(k, x)
		}
	}
	return searchLink(out)
}

// with is the address of the search with a parameter set.
func with(v url.Values, name, value string) string {
	out := url.Values{}
	for k, list := range v {
		if k != "cursor" || name == "cursor" {
			out[k] = list
		}
	}
	out.Set(name, value)
	return searchLink(out)
}

func searchLink(v url.Values) string {
	if len(v) == 0 {
		return "/search"
	}
	return "/search?" + v.Encode()
}
