package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"onrecord/catalogue/sqlite"
	"onrecord/record"
)

// shared is the folder of the shared data. These checks run by `make accept`;
// without it they say that they did not run.
func shared(t *testing.T, path string) string {
	t.Helper()
	dir := os.Getenv("ONRECORD_SHARED")
	if dir == "" {
		t.Skip("DID NOT RUN: needs the shared data; run make accept SHARED=PATH")
	}
	file := filepath.Join(dir, "data", filepath.FromSlash(path))
	if _, err := os.Stat(file); err != nil {
		t.Fatalf("shared data: %v", err)
	}
	return file
}

func TestAcceptSeedPage(t *testing.T) {
	var page pageJSON
	out := done(t, filepath.Join(t.TempDir(), "data"), "extract",
		"--url", "https://themanc.com/news/nhs-now-back-online-as-normal-after-global-it-outage-and-apologises-for-disruption/",
		"--at", "2024-07-22T12:00:00Z", shared(t, "seed/themanc-nhs-back-online.html"))
	if err := json.Unmarshal([]byte(out), &page); err != nil {
		t.Fatal(err)
	}
	runes := []rune(page.Text)
	for _, s := range page.Statements {
		var words []string
		for _, sp := range s.Spans {
			words = append(words, string(runes[sp[0]:sp[1]]))
		}
		if got := strings.Join(words, "\n"); got != s.Text {
			t.Errorf("text sliced by spans is %q, the statement's words are %q", got, s.Text)
		}
		for _, wrong := range []string{"migraine", "30% pay rise", "Featured Image", "Full list"} {
			if strings.Contains(s.Text, wrong) {
				t.Errorf("words of the link list or the picture credit became a statement: %q", s.Text)
			}
		}
	}
	for name, want := range map[string]struct {
		kind, org, speaker, role, date, starts, ends string
		spans                                        int
	}{
		"the post":      {"post", "nhs-england", "", "", "2024-07-19", "The NHS is aware of a global IT outage", "call 999.", 2},
		"spokesperson":  {"quote", "nhs-england", "", "spokesperson", "2024-07-22", "Systems are now back online", "urgent health advice.", 4},
		"Wrigley":       {"quote", "bma", "David Wrigley", "Deputy Chair of GPC England", "2024-07-22", "The temporary loss", "resumed immediately.", 2},
		"his fragments": {"fragment", "bma", "David Wrigley", "Deputy Chair of GPC England", "2024-07-22", "exceptionally trying circumstances", "catastrophic loss of service", 2},
	} {
		t.Run(name, func(t *testing.T) {
			for _, s := range page.Statements {
				if !strings.HasPrefix(s.Text, want.starts) {
					continue
				}
				if string(s.Kind) != want.kind || value(s.Org) != want.org || value(s.Speaker) != want.speaker || value(s.Role) != want.role ||
					value(s.Date) != want.date || len(s.Spans) != want.spans || !strings.HasSuffix(s.Text, want.ends) {
					b, _ := json.MarshalIndent(s, "", " ")
					t.Errorf("got %s\nwant %+v", b, want)
				}
				return
			}
			t.Errorf("no statement begins with %q", want.starts)
		})
	}
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func TestAcceptImport(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	lists := []string{"import", shared(t, "seed.list.jsonl"), shared(t, "articles.list.jsonl")}
	t.Log(done(t, data, lists...))
	before := everything(t, data)

	t.Run("the same again adds nothing", func(t *testing.T) {
		if out := done(t, data, lists...); !strings.Contains(out, "added 0 captures") {
			t.Error(out)
		}
	})
	for query, want := range map[string]string{
		`"considerable backlog" org:bma`:              "The temporary loss of the patient record system has meant a considerable backlog.",
		`org:nhs-england said:2024-07-19..2024-07-22`: "Systems are now back online",
	} {
		t.Run(query, func(t *testing.T) {
			if out := done(t, data, "search", query); !strings.Contains(out, want) {
				t.Errorf("search %s does not show %q:\n%s", query, want, out)
			}
		})
	}
	t.Run("incident", func(t *testing.T) {
		done(t, data, "incident", "add", "it-outage-2024", "--name", "IT outage of July 2024", "--query", "outage OR systems OR backlog", "--from", "2024-07-19", "--to", "2024-07-23",
			"--org", "nhs-england", "--org", "bma")
		for _, out := range []string{
			done(t, data, "timeline", "it-outage-2024"),
			done(t, data, "export", "it-outage-2024", "--format", "csv"),
		} {
			post, spoke, wrigley := strings.Index(out, "The NHS is aware"), strings.Index(out, "Systems are now back"), strings.Index(out, "The temporary loss")
			if post < 0 || spoke < post || wrigley < 0 {
				t.Errorf("the incident is not in order of time (%d, %d, %d):\n%s", post, spoke, wrigley, out)
			}
		}
	})
	for _, again := range []string{"reindex", "rebuild"} {
		t.Run(again, func(t *testing.T) {
			t.Log(done(t, data, again))
			if got := everything(t, data); got != before {
				t.Errorf("%s changed the record:\n%s", again, firstDifference(got, before))
			}
		})
	}
	t.Run("verify", func(t *testing.T) { verifyFindsOneByte(t, data) })
}

func TestAcceptVersions(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	t.Log(done(t, data, "--registry", shared(t, "statements/organisations.json"), "import", shared(t, "statements.list.jsonl")))
	out := done(t, data, "search", "--json", `"We are aware of a fault in the MedLog appointments system that is slowing" kind:release`)
	for _, want := range []string{"https://www.hsn.example/2025/03/statement-on-medlog", "https://www.echo.example/news/paper", "https://www.hsn.example/statement"} {
		if !strings.Contains(out, want) {
			t.Errorf("one statement with a sighting at %s is missing", want)
		}
	}
}

// TestAcceptVersionsOfAPage wants the sentences by which the two captures of a
// statement page differ.
func TestAcceptVersionsOfAPage(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	done(t, data, "--registry", shared(t, "statements/organisations.json"), "import", shared(t, "statements.list.jsonl"))
	cat, err := sqlite.Open(t.Context(), catalogueFile(data), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer cat.Close()
	versions, err := cat.Versions(t.Context(), record.PageID("https://www.hsn.example/2025/03/statement-on-medlog/"))
	if err != nil || len(versions) != 2 {
		t.Fatalf("%d versions (%v), want 2", len(versions), err)
	}
	if got, want := versions[1].AddedText, []string{"We will update this page at 5pm."}; !slices.Equal(got, want) {
		t.Errorf("added %q, want %q", got, want)
	}
	if got, want := versions[1].RemovedText, []string{"Surgeries are using paper notes and handwritten prescriptions, and phone lines are open as usual."}; !slices.Equal(got, want) {
		t.Errorf("removed %q, want %q", got, want)
	}
}

func TestAcceptKill(t *testing.T) {
	killAndGoOn(t, []string{"--registry", shared(t, "statements/organisations.json")},
		shared(t, "seed.list.jsonl"), shared(t, "statements.list.jsonl"), shared(t, "articles.list.jsonl"))
}
