package record

import "time"

// ProposalState says what has become of a proposal.
type ProposalState string

// The states of a proposal.
const (
	ProposalOpen     ProposalState = "open"
	ProposalAccepted ProposalState = "accepted" // an editor made an incident of it
	ProposalRefused  ProposalState = "refused"
	ProposalCovered  ProposalState = "covered" // an incident has most of its statements already
)

// Proposal is an incident that the program found by itself: many statements of
// several organisations in a few days, with words that are unusual otherwise.
// An editor accepts, edits or refuses it.
type Proposal struct {
	ID ID `json:"id"`
	// Name, Query, From and To are what an incident of it would have; an editor
	// may have changed them.
	Name  string    `json:"name"`
	Query string    `json:"query"`
	From  time.Time `json:"from"` // [From,To), whole days in London unless edited
	To    time.Time `json:"to"`
	// Reason says in words why it is proposed.
	Reason string         `json:"reason"`
	Terms  []ProposedTerm `json:"terms"` // the most telling first
	// Orgs are the organisations that used the terms, most statements first.
	Orgs       []ProposedOrg `json:"organisations"`
	Statements int           `json:"statements"` // of its days that have a term
	Pages      int           `json:"pages"`      // on which these were first seen
	State      ProposalState `json:"state"`
	// Incident is the slug of the incident that it became or that covers it.
	Incident string `json:"incident,omitempty"`
	// Decisions are what editors did with it, oldest first.
	Decisions []Edit `json:"decisions,omitempty"`
}

// ProposedTerm is a word that is unusual outside the proposal's days.
type ProposedTerm struct {
	Text       string `json:"text"`       // as most statements have it
	Statements int    `json:"statements"` // of the proposal's days that have it
	Elsewhere  int    `json:"elsewhere"`  // statements of other days that have it
	// Times is how many times as frequent it is on the proposal's days.
	Times float64 `json:"times"`
}

// ProposedOrg is an organisation that used a proposal's terms.
type ProposedOrg struct {
	Org        string `json:"org"` // register id; "" for one that the register does not know
	Name       string `json:"name"`
	Statements int    `json:"statements"`
}
