package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"iter"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"onrecord/desk"
	"onrecord/export"
	"onrecord/record"
)

const (
	exporters  = 4                // exports that run at once
	stalled    = 60 * time.Second // a client that takes nothing for so long is let go
	feedLength = 100              // statements of a feed
)

// export writes everything that the question finds, as it comes. Without a
// question it is everything on record, in the order of ids.
func (s *server) export(format string) handler {
	f, ok := export.ByName(format)
	return func(c *gin.Context) error {
		if !ok {
			return problem(http.StatusNotFound, "there is no format "+format)
		}
		v, err := params(c, asking("raw")...)
		if err != nil {
			return err
		}
		a, h, err := s.outline(c, v)
		if err != nil {
			return err
		}
		h.RawCells = v.Get("raw") == "1"
		if err := s.made(c, &h); err != nil {
			return err
		}
		if done, err := s.unchanged(c); done || err != nil {
			return err
		}
		c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": exportName(h) + "." + f.Ext}))
		s.stream(c, f, h, s.everything(c.Request.Context(), a))
		return nil
	}
}

// made adds to the outline how the window was watched, and leads to the outline
// as JSON: CSV can name only so much.
func (s *server) made(c *gin.Context, h *export.Header) error {
	h.Lead = h.Incident != ""
	path := "/api/v1/export.about.json"
	if slug := c.Param("slug"); slug != "" {
		path = "/api/v1/incidents/" + url.PathEscape(slug) + "/export.about.json"
	}
	v := c.Request.URL.Query()
	v.Del("raw")
	if len(v) > 0 {
		path += "?" + v.Encode()
	}
	c.Header("Link", "<"+path+`>; rel="describedby"; type="application/json"`)
	if h.Incident == "" {
		return nil
	}
	var err error
	h.Watch, err = s.o.Desk.Watched(c.Request.Context(), h.Window.From, h.Window.To)
	return err
}

// about is how an export is made, without its rows.
func (s *server) about(c *gin.Context) error {
	v, err := params(c, asking()...)
	if err != nil {
		return err
	}
	_, h, err := s.outline(c, v)
	if err != nil {
		return err
	}
	if err := s.made(c, &h); err != nil {
		return err
	}
	c.Writer.Header().Del("Link") // it is the description
	return s.answer(c, struct {
		Schema string `json:"schema"`
		export.Header
		Made []string `json:"made"`
	}{export.HeaderSchema, h, h.Made()})
}

// feed is the latest of what the question finds, as Atom.
func (s *server) feed(c *gin.Context) error {
	f, ok := export.ByName("atom")
	if !ok {
		return problem(http.StatusNotFound, "there is no format atom")
	}
	v, err := params(c, asking()...)
	if err != nil {
		return err
	}
	if v.Get("sort") == "" {
		v.Set("sort", "firstseen") // what is new to the record comes first
	}
	a, h, err := s.outline(c, v)
	if err != nil {
		return err
	}
	if done, err := s.unchanged(c); done || err != nil {
		return err
	}
	a.Limit = feedLength
	found, err := s.o.Desk.Search(c.Request.Context(), a)
	if err != nil {
		return asBad(err)
	}
	s.stream(c, f, h, func(yield func(record.Statement, error) bool) {
		for _, row := range found.Statements {
			if !yield(row.Statement, nil) {
				return
			}
		}
	})
	return nil
}

// outline reads the question and what opens the export: it is asked once for a
// single row, so that a question that cannot be read is refused before the
// first byte.
func (s *server) outline(c *gin.Context, v url.Values) (desk.Ask, export.Header, error) {
	ctx := c.Request.Context()
	a, err := ask(v)
	if err != nil {
		return a, export.Header{}, err
	}
	h := export.Header{At: s.o.Clock().UTC(), Program: strings.TrimSpace("onrecord " + s.o.Version), Register: s.o.Desk.Register(), Zone: record.London.String(), Base: s.o.BaseURL}
	if s.o.Commit != "" {
		h.Program += " (commit " + s.o.Commit + ")"
	}
	if slug := c.Param("slug"); slug != "" {
		a.Fields["incident"] = []string{slug}
	}
	if slugs := a.Fields["incident"]; len(slugs) == 1 {
		i, err := s.o.Desk.Incident(ctx, slugs[0])
		if err != nil {
			return a, h, err
		}
		h.Incident, h.Title, h.Window = i.Slug, i.Name, export.Window{From: i.From.UTC(), To: i.To.UTC()}
		if a.Sort == "" {
			a.Sort = "oldest"
		}
	}
	if h.Base != "" {
		h.Self = h.Base + c.Request.URL.RequestURI()
		if u, err := url.Parse(h.Base); err == nil {
			h.Authority = u.Hostname()
		}
	}
	health, err := s.o.Desk.Health(ctx)
	if err != nil {
		return a, h, err
	}
	probe := a
	probe.Limit = 1
	f, err := s.o.Desk.Search(ctx, probe)
	if err != nil {
		return a, h, asBad(err)
	}
	h.Position, h.Total, h.Query, h.Explain = health.Index, f.Total, f.Query.Normalised, f.Query.Explain
	return a, h, nil
}

// unchanged answers 304 where the client has the list as it stands. The hour
// belongs to the tag, for a question may speak of "today".
func (s *server) unchanged(c *gin.Context) (bool, error) {
	state, err := s.o.Desk.State(c.Request.Context())
	if err != nil {
		return false, err
	}
	hour := s.o.Clock().UTC().Format("2006-01-02T15")
	sum := sha256.Sum256([]byte(c.Request.URL.RequestURI() + "\x00" + state + "\x00" + hour + "\x00" + s.o.Version))
	return fresh(c, `W/"`+hex.EncodeToString(sum[:12])+`"`), nil
}

// exportName is a file name of plain letters.
func exportName(h export.Header) string {
	if h.Incident != "" {
		return "onrecord-" + h.Incident
	}
	return "onrecord-statements"
}

var errStop = errors.New("the reader went away")

// everything is what the question finds, one at a time.
func (s *server) everything(ctx context.Context, a desk.Ask) iter.Seq2[record.Statement, error] {
	return func(yield func(record.Statement, error) bool) {
		take := func(x record.Statement) error {
			if !yield(x, nil) {
				return errStop
			}
			return nil
		}
		var err error
		if strings.TrimSpace(a.Q) == "" && len(a.Fields) == 0 && a.Sort == "" {
			_, err = s.o.Desk.All(ctx, take)
		} else {
			_, err = s.o.Desk.Each(ctx, a, take)
		}
		if err != nil && !errors.Is(err, errStop) {
			yield(record.Statement{}, err)
		}
	}
}

// stream writes the list as it comes. Once bytes are out an error can only cut
// the answer off, which the client sees as an answer that is not whole.
func (s *server) stream(c *gin.Context, f export.Format, h export.Header, said iter.Seq2[record.Statement, error]) {
	c.Header("Content-Type", f.MediaType)
	c.Status(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return
	}
	err := f.Write(&patient{w: c.Writer, control: http.NewResponseController(c.Writer)}, h, said)
	if err == nil {
		return
	}
	if c.Request.Context().Err() == nil {
		s.o.Log.Error("export cut off", slog.String("request_id", requestID(c)), slog.String("format", f.Name), slog.Any("cause", err))
	}
	if !c.Writer.Written() {
		s.send(c, err)
		return
	}
	panic(http.ErrAbortHandler)
}

// patient moves the write deadline on with every write: a long export may take
// its time, a client that takes nothing may not.
type patient struct {
	w       io.Writer
	control *http.ResponseController
}

func (p *patient) Write(b []byte) (int, error) {
	// A writer without deadlines (a test's, a command's own) needs none.
	if err := p.control.SetWriteDeadline(time.Now().Add(stalled)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.w.Write(b)
}
