package editor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"onrecord/record"
)

// Accept makes an incident of a proposal, in the name of who. What n leaves out
// is taken from the proposal. The errors are those of AddIncident; one that was
// accepted already wraps record.ErrExists.
func (e *Editor) Accept(ctx context.Context, p record.Proposal, n NewIncident, who string) (record.Incident, error) {
	if p.State == record.ProposalAccepted {
		return record.Incident{}, fmt.Errorf("proposal %s is incident %s already: %w", p.ID, p.Incident, record.ErrExists)
	}
	n.Name, n.Query = cmp.Or(n.Name, p.Name), cmp.Or(n.Query, p.Query)
	if n.From.IsZero() {
		n.From = p.From
	}
	if n.To.IsZero() {
		n.To = p.To
	}
	why := n.Why
	n.Why = strings.TrimSpace(string(p.ID) + " " + why)
	i, err := e.AddIncident(ctx, n, who)
	if err != nil {
		return record.Incident{}, err
	}
	p.Incident = i.Slug
	return i, e.noteProposal(ctx, p, "proposal.accept", who, why)
}

// Refuse says that a proposal is no incident; it does not come back unless it
// has grown markedly. A reason must be given: the error wraps record.ErrInvalid.
func (e *Editor) Refuse(ctx context.Context, p record.Proposal, who, why string) error {
	if strings.TrimSpace(why) == "" {
		return fmt.Errorf("proposal %s: say why it is no incident: %w", p.ID, record.ErrInvalid)
	}
	return e.noteProposal(ctx, p, "proposal.refuse", who, why)
}

// EditProposal changes name, query or window of a proposal that stays one. The
// error wraps record.ErrInvalid where an incident could not have them.
func (e *Editor) EditProposal(ctx context.Context, p record.Proposal, c Change, who, why string) (record.Proposal, error) {
	if c.Orgs != nil || c.Summary != nil {
		return p, fmt.Errorf("proposal %s: organisations and summary are given when it is accepted: %w", p.ID, record.ErrInvalid)
	}
	put(&p.Name, c.Name)
	put(&p.Query, c.Query)
	put(&p.From, c.From)
	put(&p.To, c.To)
	if p.From.IsZero() || p.To.IsZero() {
		return p, fmt.Errorf("proposal %s: its window needs both ends: %w", p.ID, record.ErrInvalid)
	}
	if err := e.check(ctx, record.Incident{Slug: "proposal", Name: strings.TrimSpace(p.Name), Query: p.Query, From: p.From, To: p.To}); err != nil {
		return p, err
	}
	return p, e.noteProposal(ctx, p, "proposal.edit", who, why)
}

// noteProposal keeps the proposal as it is now with what was decided of it.
func (e *Editor) noteProposal(ctx context.Context, p record.Proposal, action, who, why string) error {
	if len(why) > maxWhy {
		return fmt.Errorf("proposal %s: a reason of at most %d bytes: %w", p.ID, maxWhy, record.ErrInvalid)
	}
	p.Decisions = nil
	value, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = e.cat.Note(ctx, record.Edit{Who: cmp.Or(who, "unknown"), Action: action, Target: string(p.ID), Why: strings.TrimSpace(why), Value: string(value)})
	return err
}
