package api

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"onrecord/desk"
	"onrecord/record"
)

// found is the answer of /statements.
type found struct {
	Query         desk.Understood `json:"query"`
	Sort          string          `json:"sort"`
	Total         int             `json:"total"`
	TotalRelation string          `json:"total_relation"` // "eq": the total is exact
	Statements    []desk.Row      `json:"statements"`
	Next          string          `json:"next,omitempty"` // cursor; none at the end
}

func (s *server) statements(c *gin.Context) error {
	v, err := params(c, asking("limit", "cursor")...)
	if err != nil {
		return err
	}
	a, err := ask(v)
	if err != nil {
		return err
	}
	f, err := s.o.Desk.Search(c.Request.Context(), a)
	if err != nil {
		return asBad(err)
	}
	s.next(c, v, f.Next)
	return s.answer(c, found{Query: f.Query, Sort: f.Sort, Total: f.Total, TotalRelation: "eq", Statements: f.Statements, Next: f.Next})
}

// asBad makes an unknown incident in a question a fault of the question.
func asBad(err error) error {
	if errors.Is(err, record.ErrNotFound) {
		return problem(http.StatusBadRequest, err.Error(), Fault{Parameter: "incident", Detail: err.Error()})
	}
	return err
}

// next names the following rows in the Link header (RFC 8288), relative to
// this address: the Host is the client's word.
func (s *server) next(c *gin.Context, v url.Values, cursor string) {
	if cursor == "" {
		return
	}
	v.Set("cursor", cursor)
	c.Header("Link", fmt.Sprintf(`<%s?%s>; rel="next"`, c.Request.URL.EscapedPath(), v.Encode()))
}

// forms of ids: whatever does not look like one is nowhere, and is not asked for.
var (
	idForm  = regexp.MustCompile(`^[a-z]{2,3}_[0-9a-z]{1,64}$`)
	shaForm = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

func id(c *gin.Context) (record.ID, error) {
	raw := c.Param("id")
	if !idForm.MatchString(raw) {
		return "", problem(http.StatusNotFound, fmt.Sprintf("%.80q is no id", raw))
	}
	return record.ID(raw), nil
}

func (s *server) statement(c *gin.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	id, err := id(c)
	if err != nil {
		return err
	}
	d, err := s.o.Desk.Statement(c.Request.Context(), id)
	var moved *record.Moved
	if errors.As(err, &moved) {
		c.Header("Location", "/api/v1/statements/"+string(moved.To))
		c.JSON(http.StatusMovedPermanently, gin.H{"id": moved.From, "now": moved.To})
		return nil
	}
	if err != nil {
		return err
	}
	return s.answer(c, d)
}

func (s *server) facets(c *gin.Context) error {
	v, err := params(c, asking("field")...)
	if err != nil {
		return err
	}
	a, err := ask(v)
	if err != nil {
		return err
	}
	fields := v["field"]
	if len(fields) == 0 {
		fields = []string{"org", "person", "kind", "outlet", "status", "day"}
	}
	if len(fields) > 12 {
		return bad("field", "at most 12 fields at once")
	}
	counted, err := s.o.Desk.Facets(c.Request.Context(), a, fields)
	if err != nil {
		return asBad(err)
	}
	return s.answer(c, gin.H{"facets": counted})
}

func (s *server) organisations(c *gin.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	list, err := s.o.Desk.Organisations(c.Request.Context())
	if err != nil {
		return err
	}
	return s.answer(c, gin.H{"organisations": list})
}

func (s *server) organisation(c *gin.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	o, err := s.o.Desk.Organisation(c.Request.Context(), c.Param("slug"))
	if err != nil {
		return err
	}
	return s.answer(c, o)
}

func (s *server) people(c *gin.Context) error {
	v, err := params(c, "org", "cursor", "limit")
	if err != nil {
		return err
	}
	n, err := limit(v)
	if err != nil {
		return err
	}
	if n == 0 {
		n = 50
	}
	after := v.Get("cursor")
	if after != "" && !idForm.MatchString(after) {
		return bad("cursor", "this cursor does not belong to this question; begin again without it")
	}
	list, err := s.o.Desk.People(c.Request.Context(), v.Get("org"), record.ID(after), n)
	if err != nil {
		return err
	}
	out := gin.H{"people": list}
	if len(list) == n {
		last := string(list[n-1].ID)
		out["next"] = last
		s.next(c, v, last)
	}
	return s.answer(c, out)
}

func (s *server) person(c *gin.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	id, err := id(c)
	if err != nil {
		return err
	}
	p, err := s.o.Desk.Person(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return s.answer(c, p)
}

// pageVersion is one version of a page without its full text: what a news page
// wrote besides the words that were said is not given out.
type pageVersion struct {
	N         int             `json:"n"`
	URL       string          `json:"url"`
	Title     string          `json:"title"`
	Kind      record.PageKind `json:"kind"`
	Authors   []string        `json:"authors,omitempty"`
	Publisher string          `json:"publisher,omitempty"`
	Published record.Instant  `json:"published"`
	Modified  record.Instant  `json:"modified"`
	SHA256    string          `json:"sha256"`
	Redirects record.Chain    `json:"redirects,omitzero"` // that led to the first of its captures
	Captures  []record.ID     `json:"captures"`
	// Added and Removed are the sentences by which it differs from the version
	// before; only for pages of the bodies that speak.
	Added    []string          `json:"added,omitempty"`
	Removed  []string          `json:"removed,omitempty"`
	History  []record.Revision `json:"history,omitempty"`
	Problems []string          `json:"problems,omitempty"`
}

func (s *server) page(c *gin.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	id, err := id(c)
	if err != nil {
		return err
	}
	versions, err := s.o.Desk.Versions(c.Request.Context(), id)
	if err != nil {
		return err
	}
	out := make([]pageVersion, len(versions))
	for i, v := range versions {
		out[i] = pageVersion{
			N: v.N, URL: v.URL, Title: v.Title, Kind: v.Kind, Authors: v.Authors, Publisher: v.Publisher, Published: v.Published,
			Modified: v.Modified, SHA256: v.SHA256, Redirects: v.Redirects, Captures: v.Captures, History: v.History, Problems: v.Problems,
		}
		if official(v.Kind) {
			out[i].Added, out[i].Removed = v.AddedText, v.RemovedText
		}
	}
	return s.answer(c, gin.H{"id": id, "canonical_url": canonical(versions), "versions": out})
}

func official(k record.PageKind) bool {
	return k == record.PressRelease || k == record.StatementPage || k == record.RollingUpdates || k == record.APIPage
}

func canonical(versions []record.Version) string {
	if len(versions) == 0 {
		return ""
	}
	return versions[0].CanonicalURL
}

// captureName is an id or a digest; nothing else is looked up.
func captureName(c *gin.Context) (string, error) {
	raw := c.Param("id")
	if !shaForm.MatchString(raw) && !idForm.MatchString(raw) {
		return "", problem(http.StatusNotFound, fmt.Sprintf("%.80q is neither a capture's id nor a SHA-256", raw))
	}
	return raw, nil
}

func (s *server) capture(c *gin.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	name, err := captureName(c)
	if err != nil {
		return err
	}
	got, err := s.o.Desk.Capture(c.Request.Context(), name)
	if err != nil {
		return err
	}
	return s.answer(c, got)
}

// raw gives the bytes as they were answered, to be kept and never opened here:
// what a stranger sent could otherwise run as a page of ours.
func (s *server) raw(c *gin.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	name, err := captureName(c)
	if err != nil {
		return err
	}
	got, kept, err := s.o.Desk.Kept(c.Request.Context(), name)
	if err != nil {
		return err
	}
	c.Header("Content-Security-Policy", "default-src 'none'; sandbox")
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(got)}))
	c.Header("Cross-Origin-Resource-Policy", "same-origin")
	c.Header("X-Archived-Sha256", got.SHA256)
	if fresh(c, `"`+got.SHA256+`"`) {
		return nil
	}
	c.Data(http.StatusOK, "application/octet-stream", kept.Body)
	return nil
}

var plainExt = regexp.MustCompile(`^\.[a-z0-9]{1,5}$`)

// fileName is a name made of the digest alone; of the address only a plain
// extension is taken.
func fileName(c record.Capture) string {
	ext := ""
	if u, err := url.Parse(c.URL); err == nil {
		ext = strings.ToLower(path.Ext(u.Path))
	}
	if !plainExt.MatchString(ext) {
		ext = ".bin"
		if strings.Contains(c.MediaType, "html") {
			ext = ".html"
		}
	}
	return c.SHA256 + ext
}
