package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"onrecord/record"
)

// exported are all statements on record, by id.
func exported(t *testing.T, data string) map[record.ID]record.Statement {
	t.Helper()
	out := map[record.ID]record.Statement{}
	for _, line := range strings.Split(strings.TrimSpace(everything(t, data)), "\n") {
		var row struct {
			Statement record.Statement `json:"statement"`
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		out[row.Statement.ID] = row.Statement
	}
	return out
}

// onTwoPages is a named person's statement that stands on two pages or more.
func onTwoPages(t *testing.T, data string) record.Statement {
	t.Helper()
	var best record.Statement
	for _, s := range exported(t, data) {
		if s.Speaker.Named() && len(s.Sightings) > 1 && s.Sightings[0].Page != s.Sightings[1].Page && (best.ID == "" || s.ID < best.ID) {
			best = s
		}
	}
	if best.ID == "" {
		t.Fatal("no statement of the demo stands on two pages")
	}
	return best
}

func answered[T any](t *testing.T, out string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return v
}

func TestCorrectionsOutliveARebuild(t *testing.T) {
	data, reg := filepath.Join(t.TempDir(), "data"), demoRegister(t)
	run := func(args ...string) string { return done(t, data, append([]string{"--registry", reg}, args...)...) }
	list := demoList(t, 2)
	run("import", list)
	s := onTwoPages(t, data)
	id, page := string(s.ID), s.Sightings[len(s.Sightings)-1].CanonicalURL

	parts := answered[split](t, run("statement", "split", id, "--page", page, "--why", "another answer", "--json"))
	made := string(parts.SplitOff.ID)
	if len(parts.Statement.Sightings)+len(parts.SplitOff.Sightings) != len(s.Sightings) || made == id {
		t.Fatalf("%d sightings stayed, %d left, of %d", len(parts.Statement.Sightings), len(parts.SplitOff.Sightings), len(s.Sightings))
	}
	out := run("statement", "attribute", made, "--name", "Wilma Tarn", "--title", "Dr", "--role", "chair", "--org-name", "Moor Street Practice", "--why", "she signed it", "--by", "Mara")
	if out != made+" is attributed to: Dr Wilma Tarn, chair, Moor Street Practice\n" {
		t.Errorf("attribute printed %q", out)
	}
	if out := run("statement", "date", made, "2001-03-14", "--why", "the page was dated late"); out != made+" was said: 2001-03-14\n" {
		t.Errorf("date printed %q", out)
	}
	wantShown := []string{"said 2001-03-14, was ", "why: the page was dated late", "why: she signed it", "by Mara (loopback): said by Dr Wilma Tarn, chair, Moor Street Practice, was " + s.Speaker.String(), made + " split off " + id}
	check := func(when string) {
		t.Helper()
		shown := run("statement", "show", made)
		for _, want := range wantShown {
			if !strings.Contains(shown, want) {
				t.Errorf("%s: show does not say %q:\n%s", when, want, shown)
			}
		}
		if found := run("search", `person:"Wilma Tarn"`); !strings.Contains(found, made) {
			t.Errorf("%s: search by the new speaker: %s", when, found)
		}
	}
	check("at once")
	known := string(record.PersonID("Wilma Tarn", "Moor Street Practice"))
	if out := run("people", known); !strings.HasPrefix(out, known+"  Wilma Tarn, Moor Street Practice  (1 statement)\n    chair: 2001-03-14 to 2001-03-14, 1 statement\n        "+made) {
		t.Errorf("people printed %q", out)
	}
	if out := run("people"); !strings.Contains(out, known) || strings.Contains(out, "        ") {
		t.Errorf("the list of people: %q", out)
	}
	before := everything(t, data)
	run("import", list)
	run("rebuild")
	check("after a rebuild")
	if got := everything(t, data); got != before {
		t.Errorf("a rebuild changed the record:\n%s", firstDifference(got, before))
	}
	run("reindex")
	check("after a reindex")

	out = run("statement", "merge", made, id, "--why", "one answer after all")
	if !strings.HasPrefix(out, "merged "+made+" into "+id) {
		t.Errorf("merge printed %q", out)
	}
	run("statement", "attribute", id, "--drawn", "--why", "the pages are right")
	run("rebuild")
	got := exported(t, data)[s.ID]
	if got.Speaker != s.Speaker || len(got.Sightings) != len(s.Sightings) || len(got.Corrections) != 5 {
		t.Errorf("all taken back: speaker %s, %d sightings, %d corrections; want %s, %d, 5", got.Speaker, len(got.Sightings), len(got.Corrections), s.Speaker, len(s.Sightings))
	}
	if shown := run("statement", "show", made); !strings.HasPrefix(shown, made+" is now "+id) {
		t.Errorf("the merged id shows %s", shown)
	}
	for name, tt := range map[string]struct {
		args []string
		code int
		says string
	}{
		"a merged id":             {[]string{"merge", made, id, "--why", "x"}, exitCould, "one already"},
		"a merged id, attributed": {[]string{"attribute", made, "--unnamed", "--why", "x"}, exitCould, made + " is now " + id},
		"no reason":               {[]string{"merge", id, made}, exitUsage, "say why"},
		"no speaker":              {[]string{"attribute", id, "--why", "x"}, exitUsage, "--unnamed"},
		"a speaker and none":      {[]string{"attribute", id, "--drawn", "--name", "A B", "--why", "x"}, exitUsage, "--drawn"},
		"no page":                 {[]string{"split", id, "--why", "x"}, exitUsage, "statement show"},
		"a page it is not on":     {[]string{"split", id, "--page", "https://nowhere.example/", "--why", "x"}, exitUsage, page},
		"an unknown statement":    {[]string{"split", "st_none", "--page", page, "--why", "x"}, exitNotFound, "st_none"},
		"an unknown organisation": {[]string{"attribute", id, "--unnamed", "--org", "no-such-body", "--why", "x"}, exitUsage, "no organisation"},
		"one id too few":          {[]string{"merge", id, "--why", "x"}, exitUsage, "merge"},
	} {
		if a := onrecord(t, data, append([]string{"--registry", reg, "statement"}, tt.args...)...); a.code != tt.code || !strings.Contains(a.stderr, tt.says) {
			t.Errorf("%s: exit %d, %s; want %d and %q", name, a.code, a.stderr, tt.code, tt.says)
		}
	}
}

// TestServeCorrects corrects through the process that serves, whose pages and
// search follow.
func TestServeCorrects(t *testing.T) {
	data, reg := filepath.Join(t.TempDir(), "data"), demoRegister(t)
	done(t, data, "--registry", reg, "import", demoList(t, 1))
	s := onTwoPages(t, data)
	cmd := command(t, data, "--registry", reg, "serve", "--listen", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	address := make([]byte, 64)
	if n, err := out.Read(address); err != nil || !strings.HasPrefix(string(address[:n]), "http://127.0.0.1:") {
		t.Fatalf("serve printed %q (%v)", address[:n], err)
	}
	done(t, data, "statement", "attribute", string(s.ID), "--name", "Wilma Tarn", "--org-name", "Moor Street Practice", "--why", "she signed it")
	found := ""
	for range 100 { // the index follows the change log
		if found = done(t, data, "search", `person:"Wilma Tarn"`); strings.Contains(found, string(s.ID)) {
			break
		}
	}
	if !strings.Contains(found, string(s.ID)) {
		t.Errorf("search in the serving process does not follow: %s", found)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("serve after an interrupt: %v", err)
	}
}
