package api

import (
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"onrecord/editor"
	"onrecord/record"
)

// signature is what the body of every correction has.
type signature struct {
	Why string `json:"why"`
	By  string `json:"by,omitempty"` // the editor's name
}

func (s *signature) signer() string { return s.By }

// merging is the body of a merge.
type merging struct {
	Into record.ID `json:"into"`
	signature
}

func (s *server) merge(c *gin.Context) error {
	var n merging
	id, by, err := s.correcting(c, &n)
	if err != nil {
		return err
	}
	if !idForm.MatchString(string(n.Into)) {
		detail := fmt.Sprintf("%.80q is no statement's id", n.Into)
		return problem(http.StatusUnprocessableEntity, detail, Fault{Parameter: "into", Detail: detail})
	}
	st, err := s.o.Editor.Merge(c.Request.Context(), id, n.Into, by, n.Why)
	if err != nil {
		return unfit(err)
	}
	c.Header("Location", "/api/v1/statements/"+string(st.ID))
	return s.corrected(c, http.StatusOK, st)
}

// splitting is the body of a split.
type splitting struct {
	Sightings []editor.Part `json:"sightings"`
	signature
}

func (s *server) split(c *gin.Context) error {
	var n splitting
	id, by, err := s.correcting(c, &n)
	if err != nil {
		return err
	}
	stays, made, err := s.o.Editor.Split(c.Request.Context(), id, n.Sightings, by, n.Why)
	if err != nil {
		return unfit(err)
	}
	c.Header("Location", "/api/v1/statements/"+string(made.ID))
	return s.corrected(c, http.StatusCreated, gin.H{"statement": stays, "split_off": made})
}

// attributing is the body of an attribution: a speaker, or Drawn to take earlier
// ones back.
type attributing struct {
	Speaker   *editor.NewSpeaker  `json:"speaker,omitempty"`
	JointWith []editor.NewSpeaker `json:"joint_with,omitempty"`
	Drawn     bool                `json:"drawn,omitempty"`
	signature
}

func (s *server) attribute(c *gin.Context) error {
	var n attributing
	id, by, err := s.correcting(c, &n)
	if err != nil {
		return err
	}
	if n.Drawn == (n.Speaker != nil) || n.Drawn && len(n.JointWith) > 0 {
		return problem(http.StatusUnprocessableEntity, `say who said it ("speaker", which may be without a name), or "drawn":true for what the sightings say`, Fault{Parameter: "speaker", Detail: "missing"})
	}
	var st record.Statement
	if n.Drawn {
		st, err = s.o.Editor.Unattribute(c.Request.Context(), id, by, n.Why)
	} else {
		st, err = s.o.Editor.Attribute(c.Request.Context(), id, *n.Speaker, n.JointWith, by, n.Why)
	}
	if err != nil {
		return unfit(err)
	}
	return s.corrected(c, http.StatusOK, st)
}

// dating is the body of a date: when it was said, or Drawn to take earlier ones
// back.
type dating struct {
	Said  string `json:"said,omitempty"`
	Drawn bool   `json:"drawn,omitempty"`
	signature
}

func (s *server) date(c *gin.Context) error {
	var n dating
	id, by, err := s.correcting(c, &n)
	if err != nil {
		return err
	}
	if n.Drawn == (n.Said != "") {
		return problem(http.StatusUnprocessableEntity, `say when it was said ("said", such as 2025-03-14), or "drawn":true for what the sightings say`, Fault{Parameter: "said", Detail: "missing"})
	}
	var st record.Statement
	if n.Drawn {
		st, err = s.o.Editor.Undate(c.Request.Context(), id, by, n.Why)
	} else {
		st, err = s.o.Editor.Date(c.Request.Context(), id, n.Said, by, n.Why)
	}
	if err != nil {
		return unfit(err)
	}
	return s.corrected(c, http.StatusOK, st)
}

// correcting reads the body of a correction and who it is by, and refuses it
// where If-Match names another answer than the statement gives now.
func (s *server) correcting(c *gin.Context, to interface{ signer() string }) (record.ID, string, error) {
	id, err := id(c)
	if err != nil {
		return "", "", err
	}
	if err := body(c, to); err != nil {
		return "", "", err
	}
	if err := s.asRead(c, id); err != nil {
		return "", "", err
	}
	by, err := signed(to.signer())
	return id, by, err
}

// asRead refuses an If-Match that names another state of the statement.
func (s *server) asRead(c *gin.Context, id record.ID) error {
	tag := strings.TrimSpace(c.GetHeader("If-Match"))
	if tag == "" || tag == "*" {
		return nil
	}
	d, err := s.o.Desk.Statement(c.Request.Context(), id)
	if err != nil {
		return unfit(err)
	}
	_, now, err := tagged(d)
	if err == nil && now != tag {
		err = problem(http.StatusPreconditionFailed, fmt.Sprintf("statement %s has changed since it was read; read it again", id))
	}
	return err
}

// signed is who a correction is by: this machine, and the name that was given.
func signed(by string) (string, error) {
	by = strings.TrimSpace(by)
	if len(by) > 80 || !utf8.ValidString(by) || strings.ContainsFunc(by, unicode.IsControl) {
		detail := "by: one line of at most 80 bytes, please"
		return "", problem(http.StatusUnprocessableEntity, detail, Fault{Parameter: "by", Detail: detail})
	}
	if by == "" {
		return who, nil
	}
	return by + " (" + who + ")", nil
}

func (s *server) corrected(c *gin.Context, status int, v any) error {
	c.Header("Cache-Control", "no-store")
	c.JSON(status, v)
	return nil
}
