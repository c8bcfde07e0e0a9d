package score

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func read(t *testing.T, file string) []Doc {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []Doc
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var d Doc
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		out = append(out, d)
	}
	return out
}

// The figures are those of score_quotes.py, to the digit. What it printed is
// kept, and where Python is there it is asked again.
func TestFiguresAreTheScorers(t *testing.T) {
	gold, found := read(t, "testdata/gold.jsonl"), read(t, "testdata/found.jsonl")
	for name, tt := range map[string]struct {
		Options
		args string
	}{
		"plain":     {Options{MinWords: 1}, ""},
		"names":     {Options{MinWords: 1, Names: true}, "--names"},
		"minwords4": {Options{MinWords: 4}, "--min-words 4"},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile("testdata/want-" + name + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			Print(&got, tt.MinWords, Quotes(gold, found, tt.Options))
			if got.String() != string(want) {
				t.Errorf("printed\n%s\nwant\n%s", &got, want)
			}
			python, err := exec.LookPath("python3")
			if err != nil {
				t.Logf("no python3: compared with what the scorer printed when it was last asked")
				return
			}
			args := append([]string{"testdata/score_quotes.py", "testdata/gold.jsonl", "testdata/found.jsonl"}, strings.Fields(tt.args)...)
			out, err := exec.Command(python, args...).Output()
			if err != nil {
				t.Fatalf("score_quotes.py: %v", err)
			}
			if !bytes.Equal(out, want) {
				t.Errorf("testdata/want-%s.txt is not what score_quotes.py prints:\n%s", name, out)
			}
		})
	}
}

func TestErrorsAreTold(t *testing.T) {
	gold := []Doc{{ID: "a", Text: "Ada Quill said: “We will pay them all.” Bo Marl said: “No.”", Statements: []Statement{
		{Kind: "direct", Spans: [][2]int{{17, 37}}, SpeakerSpans: [][2]int{{0, 9}}, SpeakerText: "Ada Quill", SpeakerType: "name"},
	}}}
	found := []Doc{{ID: "a", Statements: []Statement{
		{Kind: "direct", Spans: [][2]int{{17, 37}}, SpeakerSpans: [][2]int{{40, 47}}, SpeakerText: "Bo Marl"},
		{Kind: "direct", Spans: [][2]int{{55, 58}}, SpeakerSpans: [][2]int{{40, 47}}, SpeakerText: "Bo Marl"},
	}}}
	var told []string
	ls := Quotes(gold, found, Options{Wrong: func(e Error) {
		if e.Level == "V" {
			told = append(told, e.What+" "+e.Gold+"/"+e.Found)
		}
	}})
	if got, want := strings.Join(told, ", "), "SPK Ada Quill/Bo Marl, SPUR /Bo Marl"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	if f := ls[0].Overlap; f.Right != 1 || f.Gold != 1 || f.Found != 2 || f.F1 != 66.7 {
		t.Errorf("overlap %+v", f)
	}
}
