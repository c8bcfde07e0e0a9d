// Package api is the HTTP API: JSON under /api/v1, downloads, feeds and the two
// probes, and the limits that every request meets. It asks the desk and the
// editor, and decides nothing about statements itself.
package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"onrecord/desk"
	"onrecord/editor"
	"onrecord/record"
)

// Options are the parts that the API asks.
type Options struct {
	Desk   *desk.Desk
	Editor *editor.Editor
	Log    *slog.Logger // nil logs nothing
	// Version and Commit name the program, for exports; Commit may be "".
	Version, Commit string
	// BaseURL is the public address, "https://record.example", for links that
	// leave this site: in feeds and exports. "" leaves such links out; the
	// request's Host is never used, for whoever asks chooses it.
	BaseURL string
	// Clock gives the time at which an export ran; nil means time.Now.
	Clock func() time.Time
	// Preview asks a place once and tells what it is; nil refuses previews.
	Preview func(ctx context.Context, s record.Source) (record.SourceReport, error)
	// Refuse answers a refused request outside /api as a page for people; nil
	// answers with a problem there too.
	Refuse func(w http.ResponseWriter, r *http.Request, status int, detail string)
}

type server struct{ o Options }

// Router is the router with the limits that every request meets, the API, and
// whatever pages mounts beside it (nil for none).
func Router(o Options, pages func(gin.IRouter)) *gin.Engine {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	if gin.Mode() == gin.DebugMode {
		gin.SetMode(gin.ReleaseMode) // gin prints to standard output otherwise
	}
	s := &server{o}
	r := gin.New()
	_ = r.SetTrustedProxies(nil) // with nil there is nothing that could be wrong
	r.HandleMethodNotAllowed = true
	r.RedirectTrailingSlash = false
	r.Use(name, s.note, s.catch, guard, s.size, s.origin)
	r.NoRoute(s.noRoute)
	r.NoMethod(s.noMethod)
	s.mount(r)
	if pages != nil {
		pages(r.Group("/", s.queue(workers())))
	}
	return r
}

// handler answers, or says why not.
type handler func(c *gin.Context) error

func (s *server) mount(r *gin.Engine) {
	get := func(g gin.IRoutes, path string, h handler) {
		g.GET(path, s.wrap(h))
		g.HEAD(path, s.wrap(h))
	}
	get(r, "/healthz", s.healthz)
	get(r, "/readyz", s.readyz)
	get(r, "/api", s.guide)

	v1 := r.Group("/api/v1", public, s.queue(workers()))
	get(v1, "/statements", s.statements)
	get(v1, "/statements/:id", s.statement)
	get(v1, "/facets", s.facets)
	get(v1, "/organisations", s.organisations)
	get(v1, "/organisations/:slug", s.organisation)
	get(v1, "/people", s.people)
	get(v1, "/people/:id", s.person)
	get(v1, "/pages/:id", s.page)
	get(v1, "/captures/:id", s.capture)
	get(v1, "/captures/:id/raw", s.raw)
	get(v1, "/sources", s.sources)
	get(v1, "/sources/:id", s.source)
	get(v1, "/sources.opml", s.sourcesOPML)
	get(v1, "/incidents", s.incidents)
	get(v1, "/incidents/:slug", s.incident)
	get(v1, "/incidents/:slug/timeline", s.timeline)
	get(v1, "/proposals", s.proposals)
	get(v1, "/proposals/:id", s.proposal)

	out := r.Group("/api/v1", public, s.queue(exporters))
	get(out, "/export.csv", s.export("csv"))
	get(out, "/export.jsonl", s.export("jsonl"))
	get(out, "/export.atom", s.export("atom"))
	get(out, "/export.about.json", s.about)
	get(out, "/feed.atom", s.feed)
	get(out, "/incidents/:slug/export.csv", s.export("csv"))
	get(out, "/incidents/:slug/export.jsonl", s.export("jsonl"))
	get(out, "/incidents/:slug/export.about.json", s.about)
	get(out, "/incidents/:slug/feed.atom", s.feed)

	write := r.Group("/api/v1", s.loopback)
	write.POST("/incidents", s.wrap(s.addIncident))
	write.PATCH("/incidents/:slug", s.wrap(s.changeIncident))
	write.POST("/incidents/:slug/pins", s.wrap(s.pin))
	write.POST("/incidents/:slug/exclusions", s.wrap(s.exclude))
	write.DELETE("/incidents/:slug/pins/:id", s.wrap(s.unpin))
	write.DELETE("/incidents/:slug/exclusions/:id", s.wrap(s.unpin))
	write.PATCH("/proposals/:id", s.wrap(s.editProposal))
	write.POST("/proposals/:id/accept", s.wrap(s.acceptProposal))
	write.POST("/proposals/:id/refuse", s.wrap(s.refuseProposal))
	write.POST("/statements/:id/merge", s.wrap(s.merge))
	write.POST("/statements/:id/split", s.wrap(s.split))
	write.POST("/statements/:id/attribution", s.wrap(s.attribute))
	write.POST("/statements/:id/date", s.wrap(s.date))
	write.POST("/sources", s.wrap(s.addSource))
	write.POST("/sources/preview", s.wrap(s.previewSource))
	write.POST("/sources/import", s.wrap(s.importSources))
	write.PATCH("/sources/:id", s.wrap(s.changeSource))
	write.DELETE("/sources/:id", s.wrap(s.removeSource))
}

func (s *server) wrap(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			s.send(c, err)
		}
	}
}

// public lets pages of other sites read, without credentials.
func public(c *gin.Context) {
	c.Header("Access-Control-Allow-Origin", "*")
	c.Header("Access-Control-Expose-Headers", "ETag, Link, X-Request-Id, Retry-After")
}

func (s *server) noRoute(c *gin.Context) {
	s.send(c, problem(http.StatusNotFound, fmt.Sprintf("there is nothing at %.200q", c.Request.URL.Path)))
}

// noMethod refuses a method, and answers the question that a browser asks
// before another site's page may read with a header of its own.
func (s *server) noMethod(c *gin.Context) {
	allow := c.Writer.Header().Get("Allow")
	asked := c.GetHeader("Access-Control-Request-Method")
	if c.Request.Method == http.MethodOptions && strings.HasPrefix(c.Request.URL.Path, "/api/v1/") && (asked == http.MethodGet || asked == http.MethodHead) {
		public(c)
		c.Header("Access-Control-Allow-Methods", "GET, HEAD")
		c.Header("Access-Control-Allow-Headers", "If-None-Match")
		c.Header("Access-Control-Max-Age", "86400")
		c.Status(http.StatusNoContent)
		c.Writer.WriteHeaderNow()
		c.Abort()
		return
	}
	s.send(c, problem(http.StatusMethodNotAllowed, fmt.Sprintf("%.20q is not answered here; %s is", c.Request.Method, allow)))
}

// healthz says that the process answers.
func (s *server) healthz(c *gin.Context) error {
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"status": "ok", "version": s.o.Version})
	return nil
}

// readyz says whether readers can be answered, and how far the index is.
func (s *server) readyz(c *gin.Context) error {
	ctx, stop := context.WithTimeout(c.Request.Context(), patience)
	defer stop()
	if err := s.o.Desk.Ready(ctx); err != nil {
		return problem(http.StatusServiceUnavailable, "not ready: "+err.Error())
	}
	h, err := s.o.Desk.Health(ctx)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"status": "ready", "behind": h.Behind, "counts": h.Counts})
	return nil
}

// answer writes v as JSON with an ETag of its bytes, or 304 where the client
// has them. The tag is of the answer itself, so it is right even where a
// question depends on the day ("today").
func (s *server) answer(c *gin.Context, v any) error {
	body, tag, err := tagged(v)
	if err != nil || fresh(c, tag) {
		return err
	}
	c.Data(http.StatusOK, "application/json; charset=utf-8", append(body, '\n'))
	return nil
}

// tagged is v as JSON, and its ETag.
func tagged(v any) (body []byte, tag string, err error) {
	body, err = json.Marshal(v)
	sum := sha256.Sum256(body)
	return body, `"` + hex.EncodeToString(sum[:12]) + `"`, err
}

// fresh sets the ETag and reports whether the client has this answer already;
// then it has been told so.
func fresh(c *gin.Context, tag string) bool {
	c.Header("ETag", tag)
	c.Header("Cache-Control", "public, no-cache") // kept, but asked about each time
	for seen := range strings.SplitSeq(c.GetHeader("If-None-Match"), ",") {
		seen = strings.TrimPrefix(strings.TrimSpace(seen), "W/")
		if seen == strings.TrimPrefix(tag, "W/") || seen == "*" {
			c.Status(http.StatusNotModified)
			c.Writer.WriteHeaderNow()
			return true
		}
	}
	return false
}
