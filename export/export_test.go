package export

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"

	"onrecord/record"
)

var (
	first  = time.Date(2024, 7, 19, 9, 30, 0, 0, time.UTC)
	second = time.Date(2024, 7, 20, 10, 0, 0, 0, time.UTC)
)

// whole is a statement that uses every part of one.
func whole() record.Statement {
	before := "We are sorry.\nWe “will” act & <b>report</b>."
	after := before + "\nSoon."
	seen := record.Sighting{
		Page: "pg_1", Version: 1, Capture: "cap_1", SHA256: strings.Repeat("ab", 32), URL: "https://board.example/s#u1", CanonicalURL: "https://board.example/s",
		Outlet: "board.example", OutletName: "Board", OutletOrg: "board", PageTitle: "A statement, of the \"Board\"", Kind: record.Release, Words: before,
		Spans: []record.Span{{Start: 5, End: 18}, {Start: 30, End: 30 + len(before) - 14}}, Repeats: []record.Span{{Start: 1, End: 4}},
		Speaker: record.Speaker{Name: "Jane Roe", Title: "Dr", Role: "chair", Org: "board", OrgName: "Board of Health", OrgPrinted: "the board"},
		Mention: "She", MentionSpan: record.Span{Start: 2, End: 5}, Cue: "said", Rule: "page", OrgRule: "printed", Confidence: 0.93, Platform: "x", Handle: "@board",
		Said: record.OnDay(2024, 7, 19, record.FromText), Published: record.At(first, record.FromPage), Captured: first, LastSeen: second, Gone: second,
	}
	later := seen
	later.Version, later.Capture, later.Words, later.Captured, later.Gone = 2, "cap_2", after, second, time.Time{}
	later.Spans = append(slices.Clone(seen.Spans), record.Span{Start: 90, End: 95})
	said := record.OnDay(2024, 7, 19, record.FromText)
	said.Raw, said.Notes = "on Friday", []string{"zone assumed Europe/London"}
	return record.Statement{
		ID: "st_0123456789", Kind: record.Release, Text: after, Lang: "en", Speaker: seen.Speaker, JointWith: []record.Speaker{{OrgName: "Union"}}, Person: "per_1",
		Said: said, Published: record.At(first, record.FromPage), FirstSeen: first, Confidence: 0.93, Status: record.Updated, Mark: "disputed", Tags: []string{"a"},
		Wordings:  []record.Wording{{N: 1, Text: before, First: first, Last: first}, {N: 2, Text: after, First: second, Last: second, Front: true, Stands: true}},
		Sightings: []record.Sighting{seen, later},
	}
}

func one(list ...record.Statement) iter.Seq2[record.Statement, error] {
	return func(yield func(record.Statement, error) bool) {
		for _, s := range list {
			if !yield(s, nil) {
				return
			}
		}
	}
}

func written(t *testing.T, f func(io.Writer, Header, iter.Seq2[record.Statement, error]) error, h Header, list ...record.Statement) string {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b, h, one(list...)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCSVReadsBackColumnByColumn(t *testing.T) {
	out := written(t, CSV, Header{Incident: "outage-2024"}, whole())
	if !strings.HasPrefix(out, "id,said_at,said_precision,said_basis,published_at,first_seen_at,kind,status,text,speaker,role,organisation,organisation_id,outlet,title,url,archived_sha256,sightings,incident,captures\r\n") {
		t.Errorf("first line %.200q is not the columns", out)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v; want 2", len(rows), err)
	}
	s := whole()
	want := []string{
		"st_0123456789", "2024-07-19", "day", "text", "2024-07-19T09:30:00Z", "2024-07-19T09:30:00Z", "release", "updated", s.Text, "Dr Jane Roe; ", "chair; ",
		"Board of Health; Union", "board; ", "board.example", s.Sightings[0].PageTitle, "https://board.example/s#u1", strings.Repeat("ab", 32), "2", "outage-2024", "cap_1; cap_2",
	}
	if diff := cmp.Diff(want, rows[1]); diff != "" {
		t.Errorf("row differs (-want +got):\n%s", diff)
	}
}

func TestCSVCellsAreNoFormulas(t *testing.T) {
	for _, cell := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"} {
		s := whole()
		s.Text = cell
		plain, raw := written(t, CSV, Header{}, s), written(t, CSV, Header{RawCells: true}, s)
		if got := column(t, plain, 8); !strings.HasPrefix(got, "'"+cell[:1]) {
			t.Errorf("cell %q was written as %q, which a spreadsheet runs", cell, got)
		}
		if got := column(t, raw, 8); strings.HasPrefix(got, "'") {
			t.Errorf("raw cell %q was written as %q", cell, got)
		}
	}
	s := whole()
	s.Text = "It costs 5-6 = 11"
	if got := column(t, written(t, CSV, Header{}, s), 8); got != s.Text {
		t.Errorf("harmless cell became %q", got)
	}
}

func column(t *testing.T, out string, n int) string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	return rows[1][n]
}

func TestAnUnknownTimeOfSayingIsNotFilledIn(t *testing.T) {
	s := whole()
	s.Said = record.Instant{}
	if got := column(t, written(t, CSV, Header{}, s), 1); got != "" {
		t.Errorf("said_at %q, want it empty", got)
	}
}

func TestJSONLGivesTheSameStatementBack(t *testing.T) {
	bare := whole()
	bare.ID, bare.JointWith, bare.Tags, bare.Mark, bare.Said = "st_2", nil, nil, "", record.Instant{}
	out := written(t, JSONL, Header{Incident: "i"}, whole(), bare)
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	for i, want := range []record.Statement{whole(), bare} {
		got, err := ParseRow([]byte(lines[i]))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("statement differs (-written +read):\n%s", diff)
		}
		if again := written(t, JSONL, Header{Incident: "i"}, got); again != lines[i]+"\n" {
			t.Errorf("written again it differs:\n%s\n%s", lines[i], again)
		}
	}
	if !strings.Contains(lines[0], "<b>report</b>") || !strings.HasPrefix(lines[0], `{"schema":"onrecord.statement/1","id":"st_0123456789","said_at":"2024-07-19",`) {
		t.Errorf("row %.160s", lines[0])
	}
}

func TestJSONLOpensWithItsHeaderWhenAsked(t *testing.T) {
	out := written(t, JSONL, Header{Lead: true, Query: "org:board", Total: 1}, whole())
	if lead, _, _ := strings.Cut(out, "\n"); !strings.HasPrefix(lead, `{"schema":"onrecord.export/1","query":"org:board"`) {
		t.Errorf("first line %s", lead)
	}
	if _, err := ParseRow([]byte(`{"schema":"onrecord.export/1"}`)); !errors.Is(err, record.ErrInvalid) {
		t.Errorf("a header line was read as a row: %v", err)
	}
}

func TestParseRowSaysWhatIsWrong(t *testing.T) {
	row := func(change func(*record.Statement)) string {
		s := whole()
		change(&s)
		return written(t, JSONL, Header{}, s)
	}
	good := row(func(*record.Statement) {})
	for name, tt := range map[string]struct{ line, want string }{
		"cut":              {good[:100], "unexpected end"},
		"other schema":     {strings.Replace(good, "statement/1", "statement/9", 1), "schema"},
		"not UTF-8":        {strings.Replace(good, "sorry", "s\xffrry", 1), "UTF-8"},
		"two ids":          {strings.Replace(good, "st_0123456789", "st_other", 1), "but its statement has"},
		"only the columns": {`{"schema":"onrecord.statement/1","id":"st_1"}`, `no "statement"`},
		"no such kind":     {row(func(s *record.Statement) { s.Kind = "rumour" }), "kind"},
		"no such status":   {row(func(s *record.Statement) { s.Status = "" }), "status"},
		"no such mark":     {row(func(s *record.Statement) { s.Mark = "lie" }), "mark"},
		"not its id":       {row(func(s *record.Statement) { s.ID = "pg_1" }), "st_"},
		"no sighting":      {row(func(s *record.Statement) { s.Sightings = nil }), "no sighting"},
		"nobody's words":   {row(func(s *record.Statement) { s.Text = "Never said." }), "wording of no sighting"},
		"span backwards":   {row(func(s *record.Statement) { s.Sightings[0].Spans[0].End = 1 }), "sighting 1: span [5,1)"},
		"spans too short":  {row(func(s *record.Statement) { s.Sightings[0].Spans[0].End = 6 }), "its spans hold"},
		"sure and more":    {row(func(s *record.Statement) { s.Confidence = 1.5 }), "confidence"},
		"precise to week":  {row(func(s *record.Statement) { s.Said.Precision = "week" }), "precision"},
		"beyond 9999":      {strings.Replace(good, "2024-07-20T10:00:00Z", "9999-12-31T23:59:59-05:00", 1), "year 10000"},
		"wording twice":    {row(func(s *record.Statement) { s.Wordings[0].N = 2 }), "wording 2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseRow([]byte(tt.line))
			if !errors.Is(err, record.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("ParseRow said %v, want invalid with %q", err, tt.want)
			}
		})
	}
	if _, err := ParseRow(make([]byte, MaxRow+1)); !errors.Is(err, record.ErrTooLarge) {
		t.Errorf("a row over the limit: %v", err)
	}
}

func TestRowsWithAnotherOffsetAreTheSame(t *testing.T) {
	out := strings.ReplaceAll(written(t, JSONL, Header{}, whole()), "2024-07-19T09:30:00Z", "2024-07-19T10:30:00+01:00")
	got, err := ParseRow([]byte(out))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole(), got); diff != "" {
		t.Errorf("differs:\n%s", diff)
	}
}

func FuzzParseRow(f *testing.F) {
	var b bytes.Buffer
	if err := JSONL(&b, Header{}, one(whole())); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"schema":"onrecord.statement/1","statement":{}}`))
	f.Add([]byte(`[[[[`))
	f.Fuzz(func(t *testing.T, line []byte) {
		s, err := ParseRow(line)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := JSONL(&out, Header{}, one(s)); err != nil {
			t.Fatalf("read but not written: %v", err)
		}
		again, err := ParseRow(out.Bytes())
		if err != nil {
			t.Fatalf("written but not read: %v\n%s", err, out.Bytes())
		}
		var twice bytes.Buffer
		if err := JSONL(&twice, Header{}, one(again)); err != nil || !bytes.Equal(out.Bytes(), twice.Bytes()) {
			t.Fatalf("written twice it differs (%v):\n%s\n%s", err, out.Bytes(), twice.Bytes())
		}
	})
}

func TestAtomIsReadByAFeedReader(t *testing.T) {
	h := Header{Title: "Outage", Incident: "outage-2024", Query: "org:board", Base: "https://record.example/", Self: "https://record.example/i/outage-2024/feed.atom", Authority: "record.example", Program: "onrecord 1"}
	out := written(t, Atom, h, whole())
	feed, err := gofeed.NewParser().ParseString(out)
	if err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	if feed.Title != "Outage" || feed.FeedVersion != "1.0" || feed.Updated != "2024-07-20T10:00:00Z" || feed.FeedLink != h.Self || len(feed.Items) != 1 {
		t.Errorf("feed %q version %q updated %q self %q with %d entries", feed.Title, feed.FeedVersion, feed.Updated, feed.FeedLink, len(feed.Items))
	}
	item := feed.Items[0]
	if item.GUID != "tag:record.example,2024:st_0123456789" || item.Link != "https://record.example/s/st_0123456789" || item.Updated != "2024-07-20T10:00:00Z" {
		t.Errorf("entry id %q link %q updated %q", item.GUID, item.Link, item.Updated)
	}
	if !strings.Contains(item.Content, "&lt;b&gt;report&lt;/b&gt;") || strings.Contains(item.Content, "<b>") {
		t.Errorf("the words became markup: %s", item.Content)
	}
	if len(item.Authors) != 1 || item.Authors[0].Name != "Dr Jane Roe, chair, Board of Health" {
		t.Errorf("authors %v", item.Authors)
	}
}

// RFC 4287, sections 4.1.1 and 4.1.2: what a feed and an entry must have, once.
func TestAtomHasWhatRFC4287Asks(t *testing.T) {
	for name, list := range map[string][]record.Statement{"empty": nil, "one": {whole()}} {
		t.Run(name, func(t *testing.T) {
			out := written(t, Atom, Header{}, list...)
			counts := map[string]int{}
			var path []string
			for d := xml.NewDecoder(strings.NewReader(out)); ; {
				tok, err := d.Token()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatalf("%v in\n%s", err, out)
				}
				switch x := tok.(type) {
				case xml.StartElement:
					if len(path) == 0 && x.Name.Space != atomSpace {
						t.Errorf("root is in %q", x.Name.Space)
					}
					path = append(path, x.Name.Local)
					counts[strings.Join(path, "/")]++
				case xml.EndElement:
					path = path[:len(path)-1]
				}
			}
			for _, want := range []string{"id", "title", "updated", "author/name"} {
				if counts["feed/"+want] != 1 {
					t.Errorf("%d feed/%s, want 1", counts["feed/"+want], want)
				}
				if counts["feed/entry/"+want] != len(list) {
					t.Errorf("%d feed/entry/%s, want %d", counts["feed/entry/"+want], want, len(list))
				}
			}
		})
	}
}

func TestAtomIdStaysAndUpdatedMovesWithAnEditOnly(t *testing.T) {
	s := whole()
	read := func(s record.Statement) *gofeed.Item {
		feed, err := gofeed.NewParser().ParseString(written(t, Atom, Header{}, s))
		if err != nil || len(feed.Items) != 1 {
			t.Fatalf("%v", err)
		}
		return feed.Items[0]
	}
	before := read(s)
	s.Sightings[1].LastSeen = second.Add(72 * time.Hour)
	if looked := read(s); looked.Updated != before.Updated {
		t.Errorf("a further look moved updated from %s to %s", before.Updated, looked.Updated)
	}
	s.Sightings[1].Gone = second.Add(80 * time.Hour)
	if gone := read(s); gone.GUID != before.GUID || gone.Updated != "2024-07-23T18:00:00Z" {
		t.Errorf("after an edit id %s, updated %s; want %s and 2024-07-23T18:00:00Z", gone.GUID, gone.Updated, before.GUID)
	}
}

func TestAtomBearsWhatXMLForbids(t *testing.T) {
	s := whole()
	s.Text = "nul \x00, bell \x07, ]]> and \uFFFE; emoji 🧪"
	s.Sightings[0].URL, s.Sightings[1].URL = "javascript:alert(1)", "javascript:alert(1)"
	out := written(t, Atom, Header{}, s)
	feed, err := gofeed.NewParser().ParseString(out)
	if err != nil || len(feed.Items) != 1 || !strings.Contains(feed.Items[0].Content, "🧪") {
		t.Errorf("%v in\n%s", err, out)
	}
	if err := xml.Unmarshal([]byte(out), new(struct{})); err != nil {
		t.Errorf("no XML: %v", err)
	}
	if strings.Contains(out, "javascript:") {
		t.Errorf("a page's own address became a link that runs")
	}
}

func TestEveryFormatStopsAtAnError(t *testing.T) {
	broken := errors.New("store went away")
	for _, f := range Formats {
		err := f.Write(io.Discard, Header{}, func(yield func(record.Statement, error) bool) {
			if yield(whole(), nil) {
				yield(record.Statement{}, broken)
			}
		})
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v, want the error of the sequence", f.Name, err)
		}
		if err := f.Write(full{}, Header{}, one(whole())); err == nil {
			t.Errorf("%s: no error though nothing can be written", f.Name)
		}
		if found, ok := ByName(f.Name); !ok || found.MediaType != f.MediaType {
			t.Errorf("%s is not found by its name", f.Name)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestTheSameStatementsGiveTheSameBytes(t *testing.T) {
	for _, f := range Formats {
		if a, b := written(t, f.Write, Header{}, whole()), written(t, f.Write, Header{}, whole()); a != b {
			t.Errorf("%s differs from run to run", f.Name)
		}
	}
}

func BenchmarkJSONL(b *testing.B) {
	list := make([]record.Statement, 100)
	for i := range list {
		list[i] = whole()
		list[i].ID = record.ID(fmt.Sprintf("st_%d", i))
	}
	for b.Loop() {
		if err := JSONL(io.Discard, Header{}, one(list...)); err != nil {
			b.Fatal(err)
		}
	}
}
