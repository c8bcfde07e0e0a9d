package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"onrecord/record"
)

// opmlHouse is a data folder without sources; ask runs a command over it.
func opmlHouse(t *testing.T) (ask func(code int, stdin string, args ...string) answer) {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(config, []byte("[crawl]\nown_networks = [\"10.9.0.0/16\"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(code int, stdin string, args ...string) answer {
		t.Helper()
		a := asked(t, stdin, append([]string{"--data", filepath.Join(dir, "data"), "--config", config}, args...)...)
		if a.code != code {
			t.Fatalf("onrecord %s: exit %d, want %d\n%s%s", strings.Join(args, " "), a.code, code, a.stdout, a.stderr)
		}
		return a
	}
}

const subscriptions = `<?xml version="1.0" encoding="windows-1252"?>
<opml version="1.1"><head><title>Reading</title></head><body>
<outline text="Health">
  <outline text="Boards">
    <outline text="Board of Caf` + "\xe9" + `s" type="rss" xmlUrl="https://board.example/feed"/>
    <outline text="Again" type="rss" xmlUrl="HTTPS://board.example:443/feed?utm_source=x"/>
  </outline>
  <outline text="Ferries" xmlurl="https://ferries.example/rss" onrecordEvery="1800" onrecordMost="7200"/>
</outline>
<outline text="Router" xmlUrl="http://192.168.1.1/feed"/>
<outline text="Metadata" xmlUrl="http://0xA9.0xFE.0xA9.0xFE/latest"/>
<outline text="Here" xmlUrl="http://localhost/feed"/>
<outline text="Own" xmlUrl="http://10.9.0.7/feed"/>
<outline text="A file" xmlUrl="file:///etc/passwd"/>
<outline text="Somebody" xmlUrl="https://board.example/x" onrecordOrg="nobody-knows"/>
</body></opml>`

func TestASubscriptionListIsTakenInLineByLine(t *testing.T) {
	ask := opmlHouse(t)
	a := ask(exitPart, subscriptions, "source", "import", "-")
	if !strings.Contains(a.stdout, "added 3 sources, 1 there already, 5 refused") {
		t.Errorf("%s%s", a.stdout, a.stderr)
	}
	for line, why := range map[string]string{"10": "192.168.1.1", "11": "169.254.169.254", "12": "localhost is a private", "14": "file", "15": `no organisation "nobody-knows"`} {
		found := false
		for got := range strings.Lines(a.stderr) {
			found = found || strings.HasPrefix(got, "refused: line "+line+": ") && strings.Contains(got, why)
		}
		if !found {
			t.Errorf("no refusal of line %s with %q in\n%s", line, why, a.stderr)
		}
	}
	var list struct{ Sources []record.SourceState }
	if err := json.Unmarshal([]byte(ask(exitDone, "", "source", "list", "--json").stdout), &list); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, s := range list.Sources {
		names[s.URL] = s.Name
		if s.URL == "https://ferries.example/rss" && (s.Every != 1800 || s.Most != 7200) {
			t.Errorf("its rhythm is %d to %d seconds", s.Every, s.Most)
		}
	}
	if len(names) != 3 || names["https://board.example/feed"] != "Board of Cafés" || names["http://10.9.0.7/feed"] != "Own" {
		t.Errorf("sources %q", names)
	}
	if again := ask(exitPart, subscriptions, "source", "import", "-"); !strings.Contains(again.stdout, "added 0 sources, 4 there already, 5 refused") {
		t.Errorf("a second time: %s", again.stdout)
	}
}

func TestWhatIsExportedIsImportedTheSame(t *testing.T) {
	ask := opmlHouse(t)
	ask(exitPart, subscriptions, "source", "import", "-")
	out := ask(exitDone, "", "source", "export", "--opml").stdout
	var doc struct {
		Version string `xml:"version,attr"`
		Folders []struct {
			Text  string `xml:"text,attr"`
			Lines []struct {
				URL string `xml:"xmlUrl,attr"`
			} `xml:"outline"`
		} `xml:"body>outline"`
	}
	if err := xml.Unmarshal([]byte(out), &doc); err != nil || doc.Version != "2.0" || len(doc.Folders) != 1 || len(doc.Folders[0].Lines) != 3 {
		t.Errorf("%v: %+v\n%s", err, doc, out)
	}
	file := filepath.Join(t.TempDir(), "sources.opml")
	if err := os.WriteFile(file, []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
	other := opmlHouse(t)
	other(exitDone, "", "source", "import", file)
	body := func(s string) string { return s[strings.Index(s, "<body>"):] }
	if again := other(exitDone, "", "source", "export", "--opml").stdout; body(again) != body(out) {
		t.Errorf("the list changed on its way:\n%s\nwas\n%s", again, out)
	}
	ask(exitUsage, "", "source", "export")
}

func TestAListThatIsNoneIsRefusedByNameAndLine(t *testing.T) {
	ask := opmlHouse(t)
	dir := t.TempDir()
	for name, tt := range map[string]struct{ text, want string }{
		"page.html":  {"<html><body>Subscribe</body></html>", "it is no OPML"},
		"early.opml": {"<opml><body>\n<outline text='A' xmlUrl='https://a.example/f'/>\n<outline", "line 3"},
		"deep.opml":  {"<opml><body>" + strings.Repeat("<outline text='x'>", 40), "32 deep"},
		"long.opml":  {string(bytes.Repeat([]byte(" "), 4<<20+1)), "more than 4 MiB"},
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if a := ask(exitUsage, "", "source", "import", file); !strings.Contains(a.stderr, name) || !strings.Contains(a.stderr, tt.want) {
			t.Errorf("%s: %s", name, a.stderr)
		}
	}
	ask(exitUsage, "", "source", "import", filepath.Join(dir, "none.opml"))
	if a := ask(exitDone, "", "source", "list"); !strings.Contains(a.stdout, "no sources") {
		t.Errorf("something was added: %s", a.stdout)
	}
}
