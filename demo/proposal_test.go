package demo_test

import (
	"slices"
	"testing"

	"onrecord/demo"
	"onrecord/desk"
	"onrecord/editor"
	"onrecord/record"
)

func TestTheOutageIsProposedAndNothingElse(t *testing.T) {
	d, e := house(t)
	list, err := d.Proposals(t.Context(), desk.ProposalAsk{})
	must(t, err)
	for _, p := range list {
		t.Logf("%s %s\n%s\n%+v", p.ID, p.Name, p.Reason, p.Orgs)
	}
	if len(list) != 1 {
		t.Fatalf("%d proposals, want the outage alone", len(list))
	}
	p, want := list[0], demo.Incident()
	if p.From.Before(want.From) || p.To.After(want.To) || p.Statements < 25 || len(p.Orgs) < 5 || p.Reason == "" {
		t.Errorf("proposed %+v", p)
	}
	if !slices.ContainsFunc(p.Terms, func(x record.ProposedTerm) bool { return x.Text == "labline" }) {
		t.Errorf("the terms are %+v, without the system that failed", p.Terms)
	}
	f, err := d.Search(t.Context(), desk.Ask{Q: p.Query})
	must(t, err)
	for _, s := range f.Statements {
		if s.Speaker.Org == "sallow-ferries" {
			t.Errorf("its query finds %q", s.Text)
		}
	}

	must(t, e.Refuse(t.Context(), p, "test", "known already"))
	if list, err = d.Proposals(t.Context(), desk.ProposalAsk{}); err != nil || len(list) != 0 {
		t.Errorf("refused, it comes back: %+v, %v", list, err)
	}
	all, err := d.Proposals(t.Context(), desk.ProposalAsk{All: true})
	must(t, err)
	if len(all) != 1 || all[0].State != record.ProposalRefused || len(all[0].Decisions) != 1 || all[0].Decisions[0].Why != "known already" {
		t.Errorf("it is kept as %+v", all)
	}
	small := p
	small.Statements = p.Statements / 2 // as it was when somebody refused it
	must(t, e.Refuse(t.Context(), small, "test", "too little"))
	if list, err = d.Proposals(t.Context(), desk.ProposalAsk{}); err != nil || len(list) != 1 {
		t.Fatalf("grown markedly, it does not come back: %+v, %v", list, err)
	}
	name := "LabLine"
	_, err = e.EditProposal(t.Context(), list[0], editor.Change{Name: &name}, "test", "shorter")
	must(t, err)
	p, err = d.Proposal(t.Context(), p.ID, desk.ProposalAsk{})
	must(t, err)
	i, err := e.Accept(t.Context(), p, editor.NewIncident{Why: "it was one"}, "test")
	must(t, err)
	if i.Slug != "labline" || i.Query != p.Query {
		t.Errorf("accepted as %+v", i)
	}
	if list, err = d.Proposals(t.Context(), desk.ProposalAsk{}); err != nil || len(list) != 0 {
		t.Errorf("accepted, it comes back: %+v, %v", list, err)
	}
	l, err := d.Timeline(t.Context(), i.Slug, desk.TimelineAsk{})
	must(t, err)
	if l.Total < p.Statements {
		t.Errorf("the incident has %d statements, the proposal had %d", l.Total, p.Statements)
	}
}

func TestAnIncidentCoversItsProposal(t *testing.T) {
	d, e := house(t)
	i := demo.Incident()
	_, err := e.AddIncident(t.Context(), editor.NewIncident{Slug: i.Slug, Name: i.Name, From: i.From, To: i.To, Orgs: i.Orgs}, "test")
	must(t, err)
	list, err := d.Proposals(t.Context(), desk.ProposalAsk{All: true})
	must(t, err)
	if len(list) != 1 || list[0].State != record.ProposalCovered || list[0].Incident != i.Slug {
		t.Errorf("got %+v", list)
	}
}
