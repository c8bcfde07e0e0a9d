package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestASessionWithTheRegister(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "good.json", `[{"id":"records","name":"Records Northshire","valid_to":"2023-02-01","successor":"care"},
{"id":"care","name":"Care Northshire","aliases":["the county's carers"]}]`)
	write(t, "bad.json", `[
{"id":"board","name":"Board of Wards","domains":["https://board.example/"]},
{"id":"ward","name":"Ward Council","parent":"bord","aliasses":["x"]},
{"id":"old","name":"Old Board","valid_from":"2021","valid_to":"2020"},
{"id":"more","name":"Ward Council"}
]`)
	write(t, "more.json", `[{"id":"coast","name":"Care Northshire Coast","parent":"care"}]`)
	write(t, "both.toml", "[register]\nfile = \"good.json\"\nextend = [\"more.json\", \"bad.json\"]\n")
	for name, tt := range map[string]struct {
		stdin string
		args  []string
		code  int
		says  []string
	}{
		"the built-in one": {"", []string{"org", "check"}, exitDone, []string{": warning: ", "the built-in register: 0 faults, "}},
		"a sound file":     {"", []string{"org", "check", "good.json"}, exitDone, []string{"good.json: 0 faults, 0 warnings\n"}},
		"faults": {"", []string{"org", "check", "bad.json"}, exitFaults, []string{
			"bad.json:2: fault: board: domain \"https://board.example/\" is no host\n    write the host alone",
			"bad.json:3: fault: ward: parent \"bord\" is not in the register\n    did you mean \"board\"?",
			"bad.json:3: warning: ward: the field \"aliasses\" is not known and not read\n    did you mean \"aliases\"?",
			"bad.json:4: fault: old: valid_from and valid_to: it ends on 2020, before it begins on 2021\n    swap",
			"bad.json:5: warning: more: name \"Ward Council\": both ward and more",
			"bad.json: 3 faults, 2 warnings\n",
		}},
		"one that adds":          {"", []string{"--registry", "good.json", "org", "check", "--extends", "more.json"}, exitDone, []string{"more.json: 0 faults"}},
		"one alone":              {"", []string{"org", "check", "more.json"}, exitFaults, []string{`parent "care" is not in the register`}},
		"standard input":         {"[{}", []string{"org", "check", "-"}, exitFaults, []string{"standard input:1: fault: ", "the file ends too early"}},
		"all of the settings":    {"", []string{"--config", "both.toml", "org", "check"}, exitFaults, []string{"good.json: 0 faults", "more.json: 0 faults", "bad.json: 3 faults"}},
		"no such file":           {"", []string{"org", "check", "nope.json"}, exitCould, []string{"nope.json"}},
		"nothing that adds":      {"", []string{"org", "check", "--extends"}, exitUsage, []string{"want the FILE"}},
		"whom a name means":      {"", []string{"--registry", "good.json", "org", "find", "the Records Northshire"}, exitDone, []string{"records  Records Northshire  (register, 1)"}},
		"whom it means later":    {"", []string{"--registry", "good.json", "org", "find", "Records Northshire", "--on", "2024-03-01"}, exitDone, []string{"care  Care Northshire  (predecessor of, 0.85)\n    followed records\n"}},
		"an id":                  {"", []string{"--registry", "good.json", "org", "find", "records", "--on", "2024-03-01"}, exitDone, []string{"care  Care Northshire  (predecessor of"}},
		"nobody":                 {"", []string{"--registry", "good.json", "org", "find", "Care Northshore"}, exitNotFound, []string{`did you mean "Care Northshire"?`}},
		"a day that is none":     {"", []string{"org", "find", "NHS", "--on", "March"}, exitUsage, []string{"2024-03-01"}},
		"no command":             {"", []string{"org", "chekc"}, exitUsage, []string{"org"}},
		"a register of nonsense": {"", []string{"--registry", "bad.json", "search", "x"}, exitCould, []string{"register bad.json: line 4, entry 3, id \"old\": "}},
	} {
		t.Run(name, func(t *testing.T) {
			a := asked(t, tt.stdin, tt.args...)
			for _, w := range tt.says {
				if a.code != tt.code || !strings.Contains(a.stdout+a.stderr, w) {
					t.Errorf("onrecord %s: exit %d, want %d and %q\n%s%s", strings.Join(tt.args, " "), a.code, tt.code, w, a.stdout, a.stderr)
				}
			}
		})
	}
	a := asked(t, "", "org", "check", "bad.json", "--json")
	var got struct {
		Files []struct {
			File             string
			Faults, Warnings int
			Findings         []struct{ Line, Entry, Level, What, Do any }
		}
	}
	if err := json.Unmarshal([]byte(a.stdout), &got); err != nil || a.code != exitFaults || len(got.Files) != 1 || got.Files[0].Faults != 3 || got.Files[0].Warnings != 2 || len(got.Files[0].Findings) != 5 {
		t.Errorf("org check --json: exit %d, %v\n%s", a.code, err, a.stdout)
	}
}
