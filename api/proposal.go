package api

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"onrecord/desk"
	"onrecord/editor"
	"onrecord/record"
)

// proposalAsk reads the window in which incidents are sought.
func proposalAsk(v url.Values) (a desk.ProposalAsk, err error) {
	if a.From, err = moment(v, "from", false); err != nil {
		return a, err
	}
	if a.To, err = moment(v, "to", true); err != nil {
		return a, err
	}
	switch v.Get("all") {
	case "", "0":
	case "1":
		a.All = true
	default:
		return a, bad("all", "all: want 1, or leave it out")
	}
	return a, nil
}

func (s *server) proposals(c *gin.Context) error {
	v, err := params(c, "from", "to", "all")
	if err != nil {
		return err
	}
	a, err := proposalAsk(v)
	if err != nil {
		return err
	}
	list, err := s.o.Desk.Proposals(c.Request.Context(), a)
	if err != nil {
		return err
	}
	return s.answer(c, gin.H{"proposals": list})
}

// thisProposal is the proposal that the address names.
func (s *server) thisProposal(c *gin.Context) (record.Proposal, error) {
	v, err := params(c, "from", "to")
	if err != nil {
		return record.Proposal{}, err
	}
	a, err := proposalAsk(v)
	if err != nil {
		return record.Proposal{}, err
	}
	id, err := id(c)
	if err != nil {
		return record.Proposal{}, err
	}
	return s.o.Desk.Proposal(c.Request.Context(), id, a)
}

func (s *server) proposal(c *gin.Context) error {
	p, err := s.thisProposal(c)
	if err != nil {
		return err
	}
	return s.answer(c, p)
}

func (s *server) acceptProposal(c *gin.Context) error {
	var n editor.NewIncident
	if err := body(c, &n); err != nil {
		return err
	}
	p, err := s.thisProposal(c)
	if err != nil {
		return err
	}
	i, err := s.o.Editor.Accept(c.Request.Context(), p, n, who)
	if err != nil {
		return unfit(err)
	}
	c.Header("Location", "/api/v1/incidents/"+i.Slug)
	return s.changed(c, http.StatusCreated, i)
}

func (s *server) refuseProposal(c *gin.Context) error {
	var n struct {
		Why string `json:"why"`
	}
	if err := body(c, &n); err != nil {
		return err
	}
	p, err := s.thisProposal(c)
	if err != nil {
		return err
	}
	if err := s.o.Editor.Refuse(c.Request.Context(), p, who, n.Why); err != nil {
		return unfit(err)
	}
	return s.proposalNow(c)
}

func (s *server) editProposal(c *gin.Context) error {
	var n struct {
		editor.Change
		Why string `json:"why,omitempty"`
	}
	if err := body(c, &n); err != nil {
		return err
	}
	p, err := s.thisProposal(c)
	if err != nil {
		return err
	}
	if _, err := s.o.Editor.EditProposal(c.Request.Context(), p, n.Change, who, n.Why); err != nil {
		return unfit(err)
	}
	return s.proposalNow(c)
}

// proposalNow answers a change with the proposal as it is then.
func (s *server) proposalNow(c *gin.Context) error {
	p, err := s.thisProposal(c)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, p)
	return nil
}
