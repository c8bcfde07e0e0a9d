package desk

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"onrecord/record"
)

func TestLineageFindsThoseBefore(t *testing.T) {
	h := open(t)
	first := h.say("https://a.example/1", "first-board", 2, "We began the first register of wards by hand.")
	old := h.say("https://a.example/2", "old-board", 3, "We typed the register of wards into the machine.")
	now := h.say("https://a.example/3", "board", 8, "We print the register of wards no longer.")
	other := h.say("https://a.example/4", "union", 8, "We never saw the register of wards at all.")
	for name, tt := range map[string]struct {
		ask  Ask
		want []record.ID
	}{
		"alone":               {Ask{Q: "org:board"}, now},
		"with those before":   {Ask{Q: "lineage:board"}, slices.Concat(first, old, now)},
		"as a parameter":      {Ask{Fields: map[string][]string{"lineage": {"old-board"}}}, slices.Concat(first, old)},
		"with words":          {Ask{Q: "lineage:board typed"}, old},
		"turned round":        {Ask{Q: "wards -lineage:board"}, other},
		"of one without any":  {Ask{Q: "lineage:union"}, other},
		"beside another body": {Ask{Q: "lineage:old-board OR org:union"}, slices.Concat(first, old, other)},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := h.Search(t.Context(), tt.ask)
			must(t, err)
			var got []record.ID
			for _, r := range f.Statements {
				got = append(got, r.ID)
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("%+v finds %v, want %v", tt.ask, got, tt.want)
			}
		})
	}
	if _, err := h.Search(t.Context(), Ask{Q: "lineage:bord"}); !errors.Is(err, record.ErrNotFound) || !strings.Contains(err.Error(), `did you mean "board"?`) {
		t.Errorf("lineage of an unknown organisation: %v, want not found with the nearest id", err)
	}
	o, err := h.Organisation(t.Context(), "board")
	must(t, err)
	if !slices.Equal(o.Predecessors, []string{"first-board", "old-board"}) {
		t.Errorf("the board followed %v, want first-board and old-board", o.Predecessors)
	}
}
