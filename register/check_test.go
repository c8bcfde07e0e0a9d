package register

import (
	"fmt"
	"strings"
	"testing"
)

func TestCheckListsAllThatIsWrong(t *testing.T) {
	for name, tt := range map[string]struct{ in, want, do string }{
		"double alias":      {"[{\"id\":\"a\",\"name\":\"Guild\"},\n{\"id\":\"b\",\"name\":\"Union\",\"aliases\":[\"the Guild\"]}]", `2 b warning name "Guild": both a and b`, "until then a is meant"},
		"dead parent":       {"[{\"id\":\"board\",\"name\":\"Board\"},\n\n{\"id\":\"b\",\"name\":\"B\",\"parent\":\"boards\"}]", `3 b fault parent "boards" is not in the register`, `did you mean "board"`},
		"dead successor":    {`[{"id":"b","name":"B","valid_to":"2020","successor":"zz"}]`, `1 b fault successor "zz" is not`, "add an entry"},
		"dead post":         {"[\n{\"id\":\"p\",\"name\":\"P Q\",\"posts\":[{\"role\":\"chair\",\"org\":\"zz\"}]}]", `2 p fault the organisation "zz" of the post "chair"`, ""},
		"two chairs":        {"[{\"id\":\"b\",\"name\":\"B\"},{\"id\":\"p\",\"name\":\"P Q\",\"posts\":[{\"role\":\"Chair\",\"org\":\"b\",\"from\":\"2020\"}]},\n{\"id\":\"q\",\"name\":\"Q R\",\"posts\":[{\"role\":\"chair\",\"org\":\"b\",\"to\":\"2021\"}]}]", `2 q fault q is "chair" of b while p is`, "shared"},
		"own posts overlap": {`[{"id":"b","name":"B"},{"id":"p","name":"P Q","posts":[{"role":"member","org":"b"},{"role":"member","org":"b"}]}]`, `1 p warning two posts as "member" overlap`, ""},
		"ends too early":    {"[\n{\"id\":\"a\",\"name\":\"A\",\"valid_from\":\"2021\",\"valid_to\":\"2020\"}]", `2 a fault valid_from and valid_to: it ends on 2020, before it begins on 2021`, "swap"},
		"alias day":         {`[{"id":"a","name":"A","aliases":[{"name":"Aa","from":"soon"}]}]`, `1 a fault "Aa": date "soon"`, "2024-07-19"},
		"bad domain":        {`[{"id":"a","name":"A","domains":["https://a.example/?x=1"]}]`, `1 a fault domain "https://a.example/?x=1" is no host`, "without https://"},
		"bad handle":        {`[{"id":"a","name":"A","handles":{"mastodon":"@a"}}]`, `1 a fault "@a" is no account on mastodon`, "@name@server.example"},
		"unknown platform":  {`[{"id":"a","name":"A","handles":{"telegraf":"@a"}}]`, `1 a fault no posts are read from the platform "telegraf"`, "bluesky"},
		"one account twice": {`[{"id":"a","name":"A","handles":{"x":"@a"}},{"id":"b","name":"B","handles":{"twitter":"a"}}]`, `1 b warning the account a on twitter is also a’s`, ""},
		"misspelt field":    {`[{"id":"a","name":"A","aliasses":["x"]}]`, `1 a warning the field "aliasses" is not known`, `did you mean "aliases"?`},
		"wrong type":        {"[{\"id\":\"a\",\n\"name\":\"A\",\n\"aliases\":\"x\"}]", `3 a fault aliases: a JSON string does not belong there`, "square brackets"},
		"no object":         {"[\n1]", `2  fault the entry: a JSON number`, "object"},
		"bad alias":         {`[{"id":"a","name":"A","aliases":[{"nam":"x"}]}]`, `1 a fault {"nam":"x"}: want "text" or`, ""},
		"cut off":           {"[{\"id\":\"a\",\"name\":\"A\"},\n{\"id\":\"b\"", "2  fault want one JSON array of organisations and people: the file ends too early", "end it with ]"},
		"missing comma":     {"[{\"id\":\"a\",\"name\":\"A\"}\n{\"id\":\"b\",\"name\":\"B\"}]", "2  fault want one JSON array", "comma between two entries"},
		"no array":          {`{"id":"a"}`, "1  fault want one JSON array", ""},
		"something follows": {"[]\nx", "1  fault want one JSON array of organisations and people: something follows it", ""},
		"ring":              {`[{"id":"a","name":"A","parent":"b"},{"id":"b","name":"B","parent":"a"}]`, "1 a fault its parent leads back to itself", ""},
		"endless successor": {`[{"id":"a","name":"A","successor":"b"},{"id":"b","name":"B"}]`, "1 a warning it has a successor and no end", "valid_to"},
		"gap":               {`[{"id":"a","name":"A","valid_to":"2020","successor":"b"},{"id":"b","name":"B","valid_from":"2021"}]`, "1 a warning it ends on 2020, before its successor b begins on 2021", ""},
		"outside its days":  {`[{"id":"a","name":"A","valid_to":"2020","aliases":[{"name":"Aa","from":"2021"}]}]`, `1 a warning the alias "Aa" held on no day`, ""},
		"post before body":  {`[{"id":"a","name":"A","valid_from":"2020"},{"id":"p","name":"P Q","posts":[{"role":"member","org":"a","to":"2019"}]}]`, `1 p warning the post "member" lies outside the days of a`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := Check(strings.NewReader(tt.in), "mine.json", nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range list {
				if strings.HasPrefix(fmt.Sprintf("%d %s %s %s", f.Line, f.Entry, f.Level, f.What), tt.want) && strings.Contains(f.Do, tt.do) && f.Do != "" && f.File == "mine.json" {
					return
				}
			}
			t.Errorf("findings %+v, want one with %q and %q", list, tt.want, tt.do)
		})
	}
}

func TestCheckGoesOnAfterAFault(t *testing.T) {
	list, err := Check(strings.NewReader("[{\"id\":\"A b\",\"name\":\"A\"},\n{\"id\":\"c\"},\n{\"id\":\"d\",\"name\":\"D\",\"titles\":3},\n{\"id\":\"e\",\"name\":\"E\",\"parent\":\"zz\"},\n{\"id\":\"e\",\"name\":\"E\"}]"), "f", nil)
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for _, f := range list {
		if f.Level == Fault {
			lines = append(lines, f.Line)
		}
	}
	if fmt.Sprint(lines) != "[1 2 3 4 5]" {
		t.Errorf("faults on the lines %v, want one on each: %+v", lines, list)
	}
}

func TestCheckBesideAnotherRegister(t *testing.T) {
	base := must(t, dated)
	list, err := Check(strings.NewReader("[\n{\"id\":\"ward\",\"name\":\"Ward Board\",\"parent\":\"care\",\"aliases\":[\"Carers National Council\"]},{\"id\":\"records\",\"name\":\"Records\"}]"), "more.json", base)
	if err != nil || len(list) != 1 || list[0].Line != 2 || !strings.Contains(list[0].What, "both carers and ward") {
		t.Errorf("findings %+v, %v; want the shared name alone", list, err)
	}
}

func TestTheDefaultHasNoFault(t *testing.T) {
	list, err := CheckDefault()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if f.Level == Fault {
			t.Errorf("%+v", f)
		}
	}
}

func TestSoleRoles(t *testing.T) {
	for role, want := range map[string]bool{
		"chief executive": true, "Chair of council": true, "Vice-Chancellor": true, "national medical director": true, "Secretary of State for Health": true,
		"deputy chair": false, "regional medical director": false, "spokesperson": false, "member of the board": false, "co-chair": false, "": false, "shadow health secretary": false,
	} {
		if got := Sole(role); got != want {
			t.Errorf("Sole(%q) = %v, want %v", role, got, want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(dated)
	f.Add("[{\"id\":1},\n]")
	f.Fuzz(func(t *testing.T, in string) {
		list, err := Check(strings.NewReader(in), "fuzz", nil)
		if err != nil {
			t.Skip()
		}
		refused := false
		for _, g := range list {
			refused = refused || g.refuse
			if g.Line < 1 || g.Line > 1+strings.Count(in, "\n") || g.What == "" || g.Do == "" {
				t.Errorf("finding %+v of %d lines", g, 1+strings.Count(in, "\n"))
			}
		}
		if _, err := Read(strings.NewReader(in), "fuzz"); (err != nil) != refused {
			t.Errorf("Read gives %v; refused by Check: %v, %+v", err, refused, list)
		}
	})
}
