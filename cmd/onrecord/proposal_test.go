package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onrecord/demo"
	"onrecord/record"
)

// TestASuggestionIsRevisedRefusedAndAccepted goes the whole way by the real
// program over real stores.
func TestASuggestionIsRevisedRefusedAndAccepted(t *testing.T) {
	data, reg := filepath.Join(t.TempDir(), "data"), demoRegister(t)
	done(t, data, "--registry", reg, "import", demoList(t, 1))
	window := []string{"--from", demo.Ends.AddDate(0, 0, -20).Format(time.DateOnly), "--to", demo.Ends.Format(time.DateOnly)}
	run := func(args ...string) string {
		return done(t, data, append(append([]string{"--registry", reg, "incident"}, args...), window...)...)
	}
	type list struct {
		Proposals []record.Proposal `json:"proposals"`
	}
	found := answered[list](t, run("suggest", "--json")).Proposals
	if len(found) == 0 {
		t.Fatal("the demo suggests no incident")
	}
	id, was := string(found[0].ID), found[0]

	first := was.From.In(record.London).AddDate(0, 0, -1).Format(time.DateOnly)
	run("revise", id, "--name", "The lab system", "--query", was.Query+" OR backlog", "--first", first, "--why", "the backlog belongs to it")
	now := answered[list](t, run("suggest", "--json")).Proposals[0]
	if now.Name != "The lab system" || now.Query != was.Query+" OR backlog" || !now.From.Equal(was.From.AddDate(0, 0, -1)) || !now.To.Equal(was.To) || now.State != record.ProposalOpen {
		t.Errorf("revised it is %+v", now)
	}
	for name, args := range map[string][]string{
		"nothing to change":           {"revise", id},
		"a query that cannot be read": {"revise", id, "--query", "(lab"},
		"an empty name":               {"revise", id, "--name", ""},
		"a window that ends first":    {"revise", id, "--last", "2001-01-01"},
		"a refusal without a reason":  {"refuse", id},
	} {
		if a := onrecord(t, data, append(append([]string{"--registry", reg, "incident"}, args...), window...)...); a.code == exitDone || a.stderr == "" {
			t.Errorf("%s: exit %d, %s", name, a.code, a.stderr)
		}
	}

	run("refuse", id, "--why", "known already")
	if out := run("suggest"); strings.Contains(out, id) {
		t.Errorf("refused, it is suggested:\n%s", out)
	}
	kept := answered[list](t, run("suggest", "--all", "--json")).Proposals[0]
	if kept.State != record.ProposalRefused || len(kept.Decisions) != 2 || kept.Decisions[0].Action != "proposal.edit" || kept.Decisions[1].Why != "known already" {
		t.Errorf("it is kept as %+v", kept)
	}

	// A refusal can be thought over; what was revised is what becomes of it, and
	// a rebuild keeps all of it.
	made := answered[record.Incident](t, run("accept", id, "--slug", "lab-system", "--why", "it was one", "--json"))
	if made.Name != "The lab system" || made.Query != now.Query || !made.From.Equal(now.From) {
		t.Errorf("accepted as %+v", made)
	}
	if a := onrecord(t, data, append([]string{"--registry", reg, "incident", "accept", id, "--slug", "twice"}, window...)...); a.code == exitDone {
		t.Error("it was accepted twice")
	}
	done(t, data, "--registry", reg, "rebuild")
	kept = answered[list](t, run("suggest", "--all", "--json")).Proposals[0]
	if kept.State != record.ProposalAccepted || kept.Incident != "lab-system" || len(kept.Decisions) != 3 {
		t.Errorf("behind a rebuild it is %+v", kept)
	}
}
