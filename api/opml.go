package api

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"onrecord/editor"
	"onrecord/record"
)

// sourcesOPML hands out the sources as a subscription list.
func (s *server) sourcesOPML(c *gin.Context) error {
	if _, err := params(c); err != nil {
		return err
	}
	states, err := s.o.Desk.Sources(c.Request.Context())
	if err != nil {
		return err
	}
	list := make([]record.Source, len(states))
	for i, x := range states {
		list[i] = x.Source
	}
	var out bytes.Buffer
	if err := editor.WriteOPML(&out, list, s.o.Desk.OrgName, s.o.Clock()); err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="sources.opml"`)
	c.Data(http.StatusOK, "text/x-opml; charset=utf-8", out.Bytes())
	return nil
}

// importSources adds the sources of a subscription list. Nobody is asked for it;
// a list too long for one request is imported by the command.
func (s *server) importSources(c *gin.Context) error {
	var n struct {
		OPML string `json:"opml"`
	}
	if err := body(c, &n); err != nil {
		return err
	}
	list, err := editor.ReadOPML(strings.NewReader(n.OPML))
	if err != nil {
		return unfit(err)
	}
	x, err := s.o.Editor.ImportSources(c.Request.Context(), list, who)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, x)
	return nil
}
