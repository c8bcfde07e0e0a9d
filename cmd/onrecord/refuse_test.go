package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// asked runs a command line in this process, in a folder of its own.
func asked(t *testing.T, stdin string, args ...string) answer {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), args, strings.NewReader(stdin), &stdout, &stderr)
	return answer{stdout.String(), stderr.String(), code}
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestRefusals(t *testing.T) {
	t.Chdir(t.TempDir())
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	write(t, "binary.html", strings.Repeat("\x00\x01\x02\xff", 200))
	write(t, "empty.html", "")
	write(t, "bad.toml", "[data]\n\n[server]\nlistne = \"x\"\n")
	write(t, "broken.toml", "[data\n")
	write(t, "file", "not a folder")
	for name, tt := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no such file":            {[]string{"extract", "nope.html"}, exitCould, "nope.html"},
		"a binary file":           {[]string{"extract", "binary.html"}, exitCould, "binary"},
		"an empty body":           {[]string{"extract", "empty.html"}, exitCould, "empty"},
		"an unknown key":          {[]string{"--config", "bad.toml", "search", "x"}, exitUsage, `bad.toml, line 4: unknown key "server.listne"; did you mean "server.listen"?`},
		"settings that are none":  {[]string{"--config", "broken.toml", "search", "x"}, exitUsage, "broken.toml, line"},
		"no such settings":        {[]string{"--config", "nope.toml", "search", "x"}, exitUsage, "nope.toml"},
		"a port in use":           {[]string{"serve", "--listen", taken.Addr().String()}, exitCould, "is in use by another program"},
		"a folder that is a file": {[]string{"--data", "file", "search", "x"}, exitCould, "choose another with --data"},
		"an unknown command":      {[]string{"serach", "x"}, exitUsage, `did you mean "search"?`},
		"an unknown flag":         {[]string{"search", "--limt", "3", "x"}, exitUsage, "limt"},
		"an open bracket":         {[]string{"search", "(a"}, exitUsage, "column 1"},
		"an unknown field":        {[]string{"search", "ogr:bma"}, exitUsage, "org:bma"},
		"no such incident":        {[]string{"timeline", "nope"}, exitNotFound, `"nope"`},
		"nothing to export":       {[]string{"export"}, exitUsage, "--all"},
		"an unknown format":       {[]string{"export", "--all", "--format", "cvs"}, exitUsage, `did you mean "csv"?`},
		"a day that is none":      {[]string{"incident", "add", "x", "--name", "X", "--from", "yesterday"}, exitUsage, "2024-07-19"},
		"an unknown organisation": {[]string{"incident", "add", "x", "--name", "X", "--org", "bmaa"}, exitUsage, `"bma"`},
		"a register that is none": {[]string{"--registry", "file", "search", "x"}, exitCould, "file"},
	} {
		t.Run(name, func(t *testing.T) {
			a := asked(t, "", tt.args...)
			if a.code != tt.code || !strings.Contains(a.stderr, tt.says) {
				t.Errorf("onrecord %s: exit %d, want %d and %q\n%s", strings.Join(tt.args, " "), a.code, tt.code, tt.says, a.stderr)
			}
		})
	}
}

func TestImportGoesOnAfterBadLines(t *testing.T) {
	t.Chdir(t.TempDir())
	page := `<html><body><article><h1>Fault</h1><p>Dr Ada Quill, chair of the Varnshire Guild, said: “The fault is mended and every record is safe.”</p></article></body></html>`
	write(t, "page.html", page)
	write(t, "binary.html", strings.Repeat("\x00\x01\x02\xff", 200))
	write(t, "deep.html", "<p>"+strings.Repeat("<div>", 600)+"Dr Ada Quill said: “We are looking into it today.”")
	write(t, "cut.xml", `<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><item><title>a</title><link>https://guild.example/a</link></item><item><ti`)
	lines := []string{
		`not json`,
		`{"url":"https://echo.example/0","at":"2025-03-11T08:00:00Z","file":"nope.html"}`,
		`{"url":"https://echo.example/1","at":"2025-03-11T08:00:00Z","file":"binary.html"}`,
		`{"url":"https://echo.example/2","file":"page.html"}`,
		`{"url":"https://echo.example/3","at":"2025-03-11T08:00:00Z","file":"page.html"}`,
		`{"url":"https://echo.example/4","at":"2025-03-11T08:00:00Z","file":"deep.html"}`,
		`{"url":"https://echo.example/feed","at":"2025-03-11T08:00:00Z","file":"cut.xml"}`,
	}
	write(t, "list.jsonl", strings.Join(lines, "\n"))
	a := asked(t, "", "import", "list.jsonl")
	if a.code != exitPart || !strings.Contains(a.stdout, "2 statements") || !strings.Contains(a.stdout, "refused 3") {
		t.Errorf("exit %d\n%s%s", a.code, a.stdout, a.stderr)
	}
	for _, where := range []string{"list.jsonl:1:", "list.jsonl:2:", "list.jsonl:4:", "https://echo.example/1"} {
		if !strings.Contains(a.stderr, where) {
			t.Errorf("the refusal of %s is not told:\n%s", where, a.stderr)
		}
	}
	if again := asked(t, "", "import", "list.jsonl"); !strings.Contains(again.stdout, "added 0 captures") {
		t.Errorf("the same import again: %s", again.stdout)
	}
}

func TestServeIsAskedByCommands(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	reg := demoRegister(t)
	done(t, data, "--registry", reg, "import", demoList(t, 1))
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
	done(t, data, "incident", "add", "fault", "--name", "The fault", "--query", "LabLine")
	if s := done(t, data, "timeline", "fault"); !strings.Contains(s, "The fault (fault)") {
		t.Errorf("timeline from the serving process: %s", s)
	}
	if a := onrecord(t, data, "import", demoList(t, 1)); a.code != exitLocked || !strings.Contains(a.stderr, "onrecord serve") {
		t.Errorf("import while serve runs: exit %d, %s", a.code, a.stderr)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("serve after an interrupt: %v", err)
	}
	if s := done(t, data, "search", "incident:fault"); !strings.Contains(s, "statements") {
		t.Errorf("search after serve ended: %s", s)
	}
}
