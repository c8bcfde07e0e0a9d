// Package cataloguetest is the suite that every catalogue passes. All bodies,
// people and addresses in it are invented.
package cataloguetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onrecord/catalogue"
	"onrecord/record"
)

// A Store is one catalogue that can be closed and opened again.
type Store interface {
	// Open opens the catalogue, empty at first. The suite closes it.
	Open(t *testing.T) catalogue.Catalogue
	// Rebuild makes the closed catalogue anew: epoch and identity ledger are
	// those that a rebuild keeps, fill reads everything again.
	Rebuild(t *testing.T, fill func(context.Context, catalogue.Catalogue) error)
}

// Run runs the suite. fresh gives a new, empty store that uses the clock.
func Run(t *testing.T, fresh func(t *testing.T, clock func() time.Time) Store) {
	s := suite{fresh: func(t *testing.T) Store { return fresh(t, clock()) }}
	for _, c := range []struct {
		name string
		test func(*testing.T)
	}{
		{"a capture on record changes nothing", s.twice},
		{"the same words elsewhere are a sighting", s.elsewhere},
		{"the gold pages merge as they should and not otherwise", s.gold},
		{"a statement printed in two is one", s.splits},
		{"the order of capture does not change the groups", s.orders},
		{"a changed page has a version and a wording and loses nothing", s.changed},
		{"a statement that its page drops is withdrawn", s.withdrawn},
		{"a statement that comes back is the same one", s.returns},
		{"an older capture is put into its place", s.outOfOrder},
		{"statements of one week that share sentences stay two", s.nearDuplicates},
		{"a whole statement unites the parts that came first", s.unites},
		{"short words need the same speaker and a near day", s.short},
		{"updates in the same words are two statements", s.updates},
		{"two persons who say the same stay two", s.persons},
		{"refusals to two outlets stay two", s.declined},
		{"a statement drawn from sightings has the best of each", s.drawn},
		{"rows come back as they were exported", s.adopt},
		{"a rebuild gives the same ids", s.rebuild},
		{"the change log has no gaps and knows its epoch", s.changes},
		{"what is invalid leaves nothing behind", s.invalid},
		{"an unreadable capture is an outcome", s.unread},
		{"a page that is not found twice is missing, later removed, and may come back", s.absent},
		{"an absence is told apart from a withdrawal, and a rebuild finds it again", s.absentRebuilt},
		{"visits are handed out by host and added once", s.visits},
		{"how visits went is kept in stretches, and a rebuild keeps them", s.spells},
		{"what is visited again comes last and is confirmed without a change", s.again},
		{"what comes of a visit is written together", s.settling},
		{"entries that are taken out of a list are told from those that made room", s.listed},
		{"a post that its platform takes down says so wherever it is found", s.posts},
		{"what was agreed with hubs is kept, through a rebuild as well", s.subscriptions},
		{"sources tell what their visits came to", s.sources},
		{"incidents have revisions and the edit log grows", s.incidents},
		{"people and organisations are counted", s.people},
		{"who is known from one page is known on another, whatever was read first", s.knownSpeaker},
		{"a doubtful name is nobody's, and an editor's word counts", s.knownDoubt},
		{"known speakers do not depend on the order of pages", s.knownOrders},
		{"what a person merges is one, now and after a rebuild", s.mergedByHand},
		{"what a person splits stays two, now and after a rebuild", s.splitByHand},
		{"what a better reader finds stays split and merged", s.splitReread},
		{"a split reaches every version of a page", s.splitVersions},
		{"a split can be merged again and split again", s.splitAgain},
		{"updates in the same words are split by their place", s.splitUpdates},
		{"what a person attributes counts, now and after a rebuild", s.attributed},
		{"the day that a person gives counts, now and after a rebuild", s.dated},
		{"a part of what is marked is marked", s.splitMarked},
		{"a correction that cannot be made leaves nothing behind", s.refusedCorrections},
		{"corrections travel with rows, and rows undo none", s.adoptCorrected},
		{"any stream with corrections comes back from a rebuild", s.anyCorrections},
		{"readers see whole states while a writer writes", s.concurrent},
		{"any stream of captures keeps every word", s.anyStream},
	} {
		t.Run(c.name, c.test)
	}
}

type suite struct {
	fresh func(t *testing.T) Store
}

// clock ticks a second a call, so that times differ and runs are alike.
func clock() func() time.Time {
	now := time.Date(2025, 4, 1, 12, 0, 0, 0, time.UTC)
	ticks := make(chan time.Time, 1)
	ticks <- now
	return func() time.Time {
		t := <-ticks
		ticks <- t.Add(time.Second)
		return t
	}
}

func (s suite) open(t *testing.T) catalogue.Catalogue {
	c := s.fresh(t).Open(t)
	t.Cleanup(func() { noError(t, c.Close()) })
	return c
}

// said is one statement that a page carries.
type said struct {
	kind      record.Kind
	text      string // paragraphs parted by newlines
	name, org string
	role      string
	day       record.Instant // zero: the page's
	handle    string
	url       string
}

// shot is one capture of a page.
type shot struct {
	url  string
	at   time.Time
	day  record.Instant // published
	kind record.PageKind
	says []said
}

func day(d int) record.Instant { return record.OnDay(2025, time.March, d, record.FromPage) }

func at(d, h int) time.Time { return time.Date(2025, time.March, d, h, 0, 0, 0, time.UTC) }

// parts makes of a shot what archive, extract and attribution would give.
func (x shot) parts() (record.Capture, record.Page, []record.Statement) {
	var text strings.Builder
	text.WriteString("Page of " + x.url)
	var list []record.Statement
	for _, q := range x.says {
		list = append(list, x.statement(q, &text))
	}
	body := text.String()
	sha := strings.TrimPrefix(string(record.HashID("sha", body, x.day.String())), "sha_")
	c := record.Capture{ID: record.CaptureID(x.url, x.at, sha), URL: x.url, At: x.at, SHA256: sha, Size: int64(len(body)), Via: "import", MediaType: "text/html"}
	kind := x.kind
	if kind == "" {
		kind = record.NewsArticle
	}
	p := record.Page{
		ID: record.PageID(x.url), Capture: c.ID, URL: x.url, CanonicalURL: x.url, Kind: kind, Title: "Page of " + x.url, Lang: "en",
		Published: x.day, Captured: x.at, Text: body,
	}
	return c, p, list
}

func (x shot) statement(q said, text *strings.Builder) record.Statement {
	host := strings.TrimPrefix(strings.Split(strings.TrimPrefix(x.url, "https://"), "/")[0], "www.")
	s := record.Sighting{
		Page: record.PageID(x.url), URL: x.url, CanonicalURL: x.url, Outlet: host, Kind: q.kind, Words: q.text,
		Speaker: record.Speaker{Name: q.name, Role: q.role, Org: q.org, OrgName: strings.ToUpper(q.org)},
		Rule:    "test", Confidence: 0.9, Said: q.day, Published: x.day, Captured: x.at, LastSeen: x.at,
	}
	if !s.Said.Known() {
		s.Said = x.day
	}
	if q.url != "" {
		s.URL = q.url
	}
	if q.handle != "" {
		s.Platform, s.Handle = "x", q.handle
	}
	for _, line := range strings.Split(q.text, "\n") {
		text.WriteString("\n“")
		s.Spans = append(s.Spans, record.Span{Start: text.Len(), End: text.Len() + len(line)})
		text.WriteString(line + "”")
	}
	return record.Statement{
		Kind: q.kind, Text: q.text, Lang: "en", Speaker: s.Speaker, Said: s.Said, Published: x.day, FirstSeen: x.at,
		Confidence: s.Confidence, Status: record.Current, Sightings: []record.Sighting{s},
	}
}

func add(t tb, c catalogue.Catalogue, shots ...shot) record.Added {
	t.Helper()
	var sum record.Added
	for _, x := range shots {
		capture, page, found := x.parts()
		a, err := c.Add(context.Background(), capture, page, found)
		if err != nil {
			t.Fatalf("Add(%s at %s): %v", x.url, x.at, err)
		}
		sum = sum.Plus(a)
	}
	return sum
}

func noError(t tb, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// everything is all statements, in the order of their ids.
func everything(t tb, c catalogue.Reader) []record.Statement {
	t.Helper()
	ctx := context.Background()
	var out []record.Statement
	for last := record.ID(""); ; {
		ids, err := c.StatementIDs(ctx, last, 7)
		noError(t, err)
		if len(ids) == 0 {
			return out
		}
		list, err := c.Statements(ctx, ids)
		noError(t, err)
		if len(list) != len(ids) {
			t.Fatalf("Statements gave %d of %d listed ids", len(list), len(ids))
		}
		out, last = append(out, list...), ids[len(ids)-1]
	}
}

// export is everything as lines of JSON.
func export(t tb, c catalogue.Reader) string {
	t.Helper()
	var b strings.Builder
	for _, s := range everything(t, c) {
		line, err := json.Marshal(s)
		noError(t, err)
		b.Write(append(line, '\n'))
	}
	return b.String()
}

func same(t tb, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s differs (-want +got):\n%s", what, d)
	}
}

// holding finds the one statement that has a wording with these words.
func holding(t tb, c catalogue.Reader, words string) record.Statement {
	t.Helper()
	var found []record.Statement
	for _, s := range everything(t, c) {
		for _, w := range s.Wordings {
			if w.Text == words {
				found = append(found, s)
			}
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d statements have the wording %.50q, want 1", len(found), words)
	}
	return found[0]
}

// groups says which pages' statements are one, whatever their ids.
func groups(t tb, c catalogue.Reader) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, s := range everything(t, c) {
		var at []string
		for _, x := range s.Sightings {
			at = append(at, fmt.Sprintf("%s|%s|%s", x.CanonicalURL, x.Captured.Format(time.RFC3339), x.Words))
		}
		out[strings.Join(at, "\n")] = true
	}
	return out
}

func kinds(t tb, c catalogue.Reader) []record.ChangeKind {
	t.Helper()
	list, err := c.Changes(context.Background(), record.Position{}, 1000)
	noError(t, err)
	var out []record.ChangeKind
	for _, x := range list {
		out = append(out, x.Kind)
	}
	return out
}

func wants(t tb, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("error %v, want one that wraps %q", err, kind)
	}
}

// tb is what the helpers need of a test, or of one drawn by rapid.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Fatal(args ...any)
}
