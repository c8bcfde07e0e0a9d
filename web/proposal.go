package web

import (
	"net/url"

	"github.com/gin-gonic/gin"

	"onrecord/desk"
	"onrecord/record"
)

type proposalsPage struct {
	Open, Decided []proposalCard
}

type proposalCard struct {
	P    record.Proposal
	Link string // of the search for its statements
}

// proposals shows the incidents that the statements suggest. An editor decides
// about them by command or over the API, as with everything here.
func (s *Site) proposals(c *gin.Context) (page, error) {
	list, err := s.o.Desk.Proposals(c.Request.Context(), desk.ProposalAsk{All: true})
	if err != nil {
		return page{}, err
	}
	var p proposalsPage
	for _, x := range list {
		from, to := x.From.In(record.London), x.To.In(record.London).AddDate(0, 0, -1)
		card := proposalCard{x, "/search?" + url.Values{"q": {x.Query}, "from": {from.Format("2006-01-02")}, "to": {to.Format("2006-01-02")}}.Encode()}
		if x.State == record.ProposalOpen {
			p.Open = append(p.Open, card)
		} else {
			p.Decided = append(p.Decided, card)
		}
	}
	return page{template: "proposals", Title: "Suggested incidents", Here: "incidents", Canonical: "/proposals", Body: p}, nil
}
