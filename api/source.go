package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"onrecord/editor"
	"onrecord/record"
)

func (s *server) sources(c *gin.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	list, err := s.o.Desk.Sources(c.Request.Context())
	if err != nil {
		return err
	}
	return s.answer(c, gin.H{"sources": list})
}

func (s *server) source(c *gin.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	id, err := id(c)
	if err != nil {
		return err
	}
	x, err := s.o.Desk.Source(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return s.answer(c, x)
}

func (s *server) addSource(c *gin.Context) error {
	var n editor.NewSource
	if err := body(c, &n); err != nil {
		return err
	}
	x, err := s.o.Editor.AddSource(c.Request.Context(), n, who)
	if err != nil {
		return unfit(err)
	}
	c.Header("Location", "/api/v1/sources/"+string(x.ID))
	return s.changedSource(c, http.StatusCreated, x)
}

func (s *server) changedSource(c *gin.Context, status int, x record.Source) error {
	c.Header("Cache-Control", "no-store")
	c.JSON(status, x)
	return nil
}

// previewSource asks a place that somebody thinks of watching.
func (s *server) previewSource(c *gin.Context) error {
	var n editor.NewSource
	if err := body(c, &n); err != nil {
		return err
	}
	if s.o.Preview == nil {
		return problem(http.StatusServiceUnavailable, "this process asks no hosts")
	}
	x, err := s.o.Preview(c.Request.Context(), record.Source{URL: n.URL, Kind: n.Kind, Org: n.Org, Name: n.Name, Every: n.Every, Most: n.Most, Links: n.Links, Pages: n.Pages, Since: n.Since, Until: n.Until})
	if err != nil {
		return unfit(err)
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, x)
	return nil
}

// sourceChange is the body of a PATCH.
type sourceChange struct {
	Enabled *bool  `json:"enabled"`
	Follow  bool   `json:"follow,omitempty"` // ask it where it has moved
	Why     string `json:"why,omitempty"`
}

func (s *server) changeSource(c *gin.Context) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	var n sourceChange
	if err := body(c, &n); err != nil {
		return err
	}
	var x record.Source
	switch {
	case n.Follow && n.Enabled != nil:
		return problem(http.StatusUnprocessableEntity, `"enabled" and "follow" are two changes; send one`, Fault{Parameter: "follow", Detail: "beside enabled"})
	case n.Follow:
		x, err = s.o.Editor.FollowMove(c.Request.Context(), id, who, n.Why)
	case n.Enabled == nil:
		return problem(http.StatusUnprocessableEntity, `say what changes: "enabled" true or false, or "follow" true`, Fault{Parameter: "enabled", Detail: "missing"})
	default:
		x, err = s.o.Editor.EnableSource(c.Request.Context(), id, *n.Enabled, who, n.Why)
	}
	if err != nil {
		return unfit(err)
	}
	return s.changedSource(c, http.StatusOK, x)
}

func (s *server) removeSource(c *gin.Context) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	x, err := s.o.Editor.RemoveSource(c.Request.Context(), id, who, "")
	if err != nil {
		return unfit(err)
	}
	return s.changedSource(c, http.StatusOK, x)
}
