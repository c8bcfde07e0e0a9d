package api

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"onrecord/desk"
	"onrecord/editor"
	"onrecord/record"
)

// who is the name under which the edit log keeps changes made from this
// machine; names come with keys.
const who = "loopback"

func (s *server) incidents(c *gin.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	list, err := s.o.Desk.Incidents(c.Request.Context())
	if err != nil {
		return err
	}
	if list == nil {
		list = []record.Incident{}
	}
	return s.answer(c, gin.H{"incidents": list})
}

func (s *server) incident(c *gin.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	i, err := s.o.Desk.Incident(c.Request.Context(), c.Param("slug"))
	if err != nil {
		return err
	}
	if fresh(c, revisionTag(i)) {
		return nil
	}
	c.JSON(http.StatusOK, i)
	return nil
}

func revisionTag(i record.Incident) string {
	return `"` + string(i.ID) + "-" + strconv.Itoa(i.Revision) + `"`
}

func (s *server) timeline(c *gin.Context) error {
	v, err := params(c, "from", "to", "org", "kind")
	if err != nil {
		return err
	}
	a := desk.TimelineAsk{Orgs: v["org"], Kinds: v["kind"]}
	if a.From, err = moment(v, "from", false); err != nil {
		return err
	}
	if a.To, err = moment(v, "to", true); err != nil {
		return err
	}
	t, err := s.o.Desk.Timeline(c.Request.Context(), c.Param("slug"), a)
	if err != nil {
		return err
	}
	return s.answer(c, t)
}

func (s *server) addIncident(c *gin.Context) error {
	var n editor.NewIncident
	if err := body(c, &n); err != nil {
		return err
	}
	i, err := s.o.Editor.AddIncident(c.Request.Context(), n, who)
	if err != nil {
		return unfit(err)
	}
	c.Header("Location", "/api/v1/incidents/"+i.Slug)
	return s.changed(c, http.StatusCreated, i)
}

// unfit is the refusal of a body that was read but cannot stand.
func unfit(err error) error {
	if errors.Is(err, record.ErrInvalid) {
		p := problemOf(err)
		p.Status, p.Title = http.StatusUnprocessableEntity, http.StatusText(http.StatusUnprocessableEntity)
		for i := range p.Errors {
			if p.Errors[i].Parameter == "" {
				p.Errors[i].Parameter = "query"
			}
		}
		return p
	}
	return err
}

func (s *server) changed(c *gin.Context, status int, i record.Incident) error {
	c.Header("ETag", revisionTag(i))
	c.Header("Cache-Control", "no-store")
	c.JSON(status, i)
	return nil
}

// incidentChange is the body of a PATCH: what changes, the revision that was
// read (unless If-Match names it), and why.
type incidentChange struct {
	editor.Change
	Revision int    `json:"revision,omitempty"`
	Why      string `json:"why,omitempty"`
}

func (s *server) changeIncident(c *gin.Context) error {
	var n incidentChange
	if err := body(c, &n); err != nil {
		return err
	}
	slug, tag := c.Param("slug"), c.GetHeader("If-Match")
	if tag != "" {
		i, err := s.o.Desk.Incident(c.Request.Context(), slug)
		if err != nil {
			return err
		}
		if strings.TrimSpace(tag) != revisionTag(i) {
			return problem(http.StatusPreconditionFailed, fmt.Sprintf("incident %s has changed since it was read; read it again", slug))
		}
		n.Revision = i.Revision
	}
	if n.Revision < 1 {
		return problem(http.StatusUnprocessableEntity, "say which revision was read: If-Match with its ETag, or \"revision\" in the body", Fault{Parameter: "revision", Detail: "missing"})
	}
	i, err := s.o.Editor.Change(c.Request.Context(), slug, n.Revision, n.Change, who, n.Why)
	if errors.Is(err, record.ErrStale) && tag != "" {
		return problem(http.StatusPreconditionFailed, err.Error())
	}
	if err != nil {
		return unfit(err)
	}
	return s.changed(c, http.StatusOK, i)
}

// listed is the body of a pin or an exclusion.
type listed struct {
	Statement record.ID `json:"statement"`
	Why       string    `json:"why,omitempty"`
}

func (s *server) readListed(c *gin.Context) (listed, error) {
	var l listed
	if err := body(c, &l); err != nil {
		return l, err
	}
	if !idForm.MatchString(string(l.Statement)) {
		detail := fmt.Sprintf("%.80q is no statement's id", l.Statement)
		return l, problem(http.StatusUnprocessableEntity, detail, Fault{Parameter: "statement", Detail: detail})
	}
	return l, nil
}

func (s *server) pin(c *gin.Context) error {
	l, err := s.readListed(c)
	if err != nil {
		return err
	}
	i, err := s.o.Editor.Pin(c.Request.Context(), c.Param("slug"), l.Statement, who, l.Why)
	if err != nil {
		return unfit(err)
	}
	return s.changed(c, http.StatusOK, i)
}

func (s *server) exclude(c *gin.Context) error {
	l, err := s.readListed(c)
	if err != nil {
		return err
	}
	i, err := s.o.Editor.Exclude(c.Request.Context(), c.Param("slug"), l.Statement, who, l.Why)
	if err != nil {
		return unfit(err)
	}
	return s.changed(c, http.StatusOK, i)
}

// unpin takes a pin or an exclusion back.
func (s *server) unpin(c *gin.Context) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	i, err := s.o.Editor.Unpin(c.Request.Context(), c.Param("slug"), id, who, "")
	if err != nil {
		return unfit(err)
	}
	return s.changed(c, http.StatusOK, i)
}
