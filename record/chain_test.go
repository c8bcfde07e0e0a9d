package record

import (
	"encoding/json"
	"testing"
)

func TestChainsComeBack(t *testing.T) {
	c := Chain("").Then(301, "cap_a", "http://hsb.example/x?a=1,b").Then(302, "cap_b", "https://hsb.example/x")
	hops := c.Hops()
	if len(hops) != 2 || !hops[0].Permanent || hops[1].Permanent || hops[1].URL != "https://hsb.example/x" || hops[0].Capture != "cap_a" {
		t.Fatalf("%q gives %+v", c, hops)
	}
	b, err := json.Marshal(struct {
		C Chain `json:"c,omitzero"`
	}{c})
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ C Chain }
	if err := json.Unmarshal(b, &got); err != nil || got.C != c {
		t.Errorf("%s comes back as %q (%v)", b, got.C, err)
	}
}

func TestWhatIsNoChainHasNoHops(t *testing.T) {
	for _, s := range []Chain{"", "301", "301 cap_a", "200 cap_a https://hsb.example/", "x cap_a https://hsb.example/"} {
		if hops := s.Hops(); hops != nil {
			t.Errorf("%q gives %+v", s, hops)
		}
	}
	if c := Chain("").Then(301, "cap_a", "https://hsb.example/a b"); c != "" {
		t.Errorf("an address with a blank gives %q", c)
	}
}
