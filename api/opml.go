package api

import (
	"bytes"
	"mime"
	"net/http"

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

// importSources adds the sources of a subscription list, which is the body as it
// is: its own XML says how it is encoded. Nobody is asked for it.
func (s *server) importSources(c *gin.Context) error {
	switch kind, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type")); kind {
	case "text/x-opml", "text/xml", "application/xml":
	default:
		return problem(http.StatusUnsupportedMediaType, "send the list as Content-Type: text/x-opml")
	}
	list, err := editor.ReadOPML(c.Request.Body)
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
