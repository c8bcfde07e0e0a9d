package training

import (
	"strings"
	"testing"
)

const folder = "../../testdata/training"

func TestLabelsHold(t *testing.T) {
	articles, err := Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(articles) == 0 {
		t.Fatalf("no articles in %s", folder)
	}
	for _, a := range articles {
		for _, bad := range a.Check() {
			t.Errorf("%s: %s", a.Name, bad)
		}
		if strings.Contains(a.Text, "[[") || strings.Contains(a.Text, "]]") {
			t.Errorf("%s: a label is left in the text", a.Name)
		}
		if _, err := a.Register(); err != nil {
			t.Errorf("%s: %v", a.Name, err)
		}
	}
}

func TestParse(t *testing.T) {
	a, err := Parse("style: regional\noutlet: The Echo\nurl: https://echo.example/a\npublished: 2025-03-11\norg: w | Fenwick Water | the firm; FW\nspeaker: S1 | Mara Ellison | head | w\n---\nHead “[[-|Bluebell]]”\n[[@S1:a|She]] said: “[[S1:a|We are sorry.]]”\n")
	if err != nil {
		t.Fatal(err)
	}
	if want := "Head “Bluebell”\nShe said: “We are sorry.”"; a.Text != want {
		t.Errorf("text %q, want %q", a.Text, want)
	}
	if n := len(a.Labels); n != 3 || a.Labels[2].In(a.Text) != "We are sorry." || a.Labels[1].Kind != Source {
		t.Errorf("labels %+v", a.Labels)
	}
	if bad := a.Check(); len(bad) > 0 {
		t.Errorf("Check: %v", bad)
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	a, err := Parse("style: x\noutlet: y\nurl: https://y.example/\npublished: 2025-01-01\nspeaker: S1 | Mara | head | nowhere\n---\nHead\n“[[S1:a|We]]” and “[[S2:b|They]]” [[@S2:b|he]]\n")
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(a.Check(), "\n")
	for _, want := range []string{`no organisation "nowhere"`, "statement a has no source", `no speaker "S2"`} {
		if !strings.Contains(all, want) {
			t.Errorf("Check says %q, want %q in it", all, want)
		}
	}
	for _, s := range []string{"no head", "style: a\n---\n[[S1:a|open", "style: a\n---\n[[S1:a]]", "colour: a\n---\nx", "published: soon\n---\nx"} {
		if _, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) = nil, want an error", s)
		}
	}
}
