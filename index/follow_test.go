package index_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onrecord/index"
	"onrecord/index/bleveindex"
	"onrecord/query"
	"onrecord/record"
)

// journal is a change log in memory.
type journal struct {
	epoch   int64
	changes []record.Change
	held    map[record.ID]record.Statement
	reads   int // of statements
}

func (j *journal) Changes(_ context.Context, after record.Position, limit int) ([]record.Change, error) {
	if after != (record.Position{}) && after.Epoch != j.epoch {
		return nil, fmt.Errorf("position %d: %w", after.Seq, record.ErrEpoch)
	}
	rest := j.changes[min(int(after.Seq), len(j.changes)):]
	return rest[:min(limit, len(rest))], nil
}

func (j *journal) Head(context.Context) (record.Position, error) {
	return record.Position{Epoch: j.epoch, Seq: int64(len(j.changes))}, nil
}

func (j *journal) Statements(_ context.Context, ids []record.ID) ([]record.Statement, error) {
	var out []record.Statement
	for _, id := range ids {
		j.reads++
		if s, ok := j.held[id]; ok {
			out = append(out, s)
		}
	}
	return out, nil
}

func (j *journal) put(text string, id record.ID) {
	j.held[id] = record.Statement{ID: id, Text: text, FirstSeen: time.Unix(1_700_000_000, 0)}
	j.note(record.Change{Kind: record.StatementAdded, Statement: id})
}

func (j *journal) note(c record.Change) {
	c.Position = record.Position{Epoch: j.epoch, Seq: int64(len(j.changes) + 1)}
	j.changes = append(j.changes, c)
}

func newJournal() *journal { return &journal{epoch: 1, held: map[record.ID]record.Statement{}} }

func openIndex(t *testing.T) index.Index {
	t.Helper()
	ix, err := bleveindex.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ix.Close(); err != nil {
			t.Error(err)
		}
	})
	return ix
}

func total(t *testing.T, ix index.Index, word string) int {
	t.Helper()
	r, err := ix.Search(t.Context(), index.Request{Node: query.Word{Text: word}})
	if err != nil {
		t.Fatal(err)
	}
	return r.Total
}

func catchUp(t *testing.T, ix index.Index, j *journal) record.Position {
	t.Helper()
	at, err := index.CatchUp(t.Context(), ix, j, nil)
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := ix.Position(t.Context()); err != nil || kept != at {
		t.Errorf("the index stands at %+v, %v; CatchUp said %+v", kept, err, at)
	}
	return at
}

func TestCatchUpFollowsTheLog(t *testing.T) {
	ix, j := openIndex(t), newJournal()
	catchUp(t, ix, j)
	for i := range 30 {
		j.put("outage", record.ID(fmt.Sprintf("st_%02d", i)))
	}
	for range 100 {
		j.note(record.Change{Kind: record.SightingAdded, Statement: "st_00"})
	}
	j.note(record.Change{Kind: record.IncidentChanged, Subject: "some-incident"})
	if at := catchUp(t, ix, j); at != (record.Position{Epoch: 1, Seq: 131}) {
		t.Errorf("position %+v, want 131", at)
	}
	if n := total(t, ix, "outage"); n != 30 || j.reads != 30 {
		t.Errorf("%d statements after %d reads, want 30 after 30", n, j.reads)
	}
	j.put("restored", "st_01")
	delete(j.held, "st_02")
	j.note(record.Change{Kind: record.Erased, Statement: "st_02"})
	delete(j.held, "st_03")
	j.note(record.Change{Kind: record.Merged, Statement: "st_04", Subject: "st_03"})
	catchUp(t, ix, j)
	if n, m := total(t, ix, "outage"), total(t, ix, "restored"); n != 27 || m != 1 {
		t.Errorf("%d with the old words and %d with the new, want 27 and 1", n, m)
	}
}

func TestHiddenAndEmbargoedStatementsAreLeftOut(t *testing.T) {
	ix, j := openIndex(t), newJournal()
	for mark, id := range map[string]record.ID{"": "st_1", "disputed": "st_2", "hidden": "st_3", "embargoed": "st_4"} {
		j.put("outage", id)
		s := j.held[id]
		s.Mark = mark
		j.held[id] = s
	}
	catchUp(t, ix, j)
	if n := total(t, ix, "outage"); n != 2 {
		t.Errorf("%d statements, want the plain and the disputed one", n)
	}
	s := j.held["st_1"]
	s.Mark = "hidden"
	j.held["st_1"] = s
	j.note(record.Change{Kind: record.Corrected, Statement: "st_1"})
	catchUp(t, ix, j)
	if n := total(t, ix, "outage"); n != 1 {
		t.Errorf("%d statements after one was hidden, want 1", n)
	}
}

func TestANewEpochBeginsAgain(t *testing.T) {
	ix, j := openIndex(t), newJournal()
	j.put("outage", "st_1")
	j.put("outage", "st_2")
	catchUp(t, ix, j)
	rebuilt := newJournal()
	rebuilt.epoch = 2
	rebuilt.put("restored", "st_1")
	if at := catchUp(t, ix, rebuilt); at != (record.Position{Epoch: 2, Seq: 1}) {
		t.Errorf("position %+v, want the first of epoch 2", at)
	}
	if n, m := total(t, ix, "outage"), total(t, ix, "restored"); n != 0 || m != 1 {
		t.Errorf("%d of the old epoch and %d of the new, want 0 and 1", n, m)
	}
}

func TestCatchUpTellsHowFarItIs(t *testing.T) {
	ix, j := openIndex(t), newJournal()
	for i := range 12_500 {
		j.put("outage", record.ID(fmt.Sprintf("st_%05d", i)))
	}
	var told []int64
	if _, err := index.CatchUp(t.Context(), ix, j, func(done, total int64) { told = append(told, done, total) }); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int64{500, 12_500, 1500, 12_500, 3500, 12_500, 7500, 12_500, 12_500, 12_500}, told); d != "" {
		t.Errorf("progress (-want +got):\n%s", d)
	}
	if n := total(t, ix, "outage"); n != 12_500 {
		t.Errorf("%d statements, want 12500", n)
	}
}

func TestCatchUpStoppedHalfWayGoesOnThere(t *testing.T) {
	ix, j := openIndex(t), newJournal()
	for i := range 11_000 {
		j.put("outage", record.ID(fmt.Sprintf("st_%05d", i)))
	}
	ctx, stop := context.WithCancel(t.Context())
	_, err := index.CatchUp(ctx, ix, j, func(int64, int64) { stop() })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped behind the first batch: %v", err)
	}
	j.reads = 0
	catchUp(t, ix, j)
	if n := total(t, ix, "outage"); n != 11_000 || j.reads != 10_500 {
		t.Errorf("%d statements, %d of them read again; want 11000 and 10500", n, j.reads)
	}
}

// heap is an index that only counts what it is given.
type heap struct {
	index.Index
	at      record.Position
	batches []int
}

func (h *heap) Position(context.Context) (record.Position, error) { return h.at, nil }

func (h *heap) Apply(_ context.Context, b index.Batch) error {
	h.at, h.batches = b.Position, append(h.batches, len(b.Put))
	return nil
}

func TestABatchOfLongStatementsEndsEarly(t *testing.T) {
	h, j := &heap{}, newJournal()
	long := strings.Repeat("outage ", 6000)
	for i := range 1200 {
		j.put(long, record.ID(fmt.Sprintf("st_%05d", i)))
	}
	catchUp(t, h, j)
	if d := cmp.Diff([]int{500, 500, 200}, h.batches); d != "" {
		t.Errorf("statements a batch (-want +got):\n%s", d)
	}
}

// watched tells when its end was read.
type watched struct {
	*journal
	end chan struct{}
}

func (w watched) Changes(ctx context.Context, after record.Position, limit int) ([]record.Change, error) {
	c, err := w.journal.Changes(ctx, after, limit)
	if len(c) == 0 && after.Seq > 0 {
		select {
		case w.end <- struct{}{}:
		case <-ctx.Done():
		}
	}
	return c, err
}

func TestFollowCatchesUpAgainAndEndsWithItsContext(t *testing.T) {
	ix, j := openIndex(t), newJournal()
	j.put("outage", "st_1")
	w := watched{j, make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- index.Follow(ctx, ix, w, time.Millisecond) }()
	for range 4 {
		<-w.end // gathering its first batch, after that batch, and twice more
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Follow: %v", err)
	}
	if n := total(t, ix, "outage"); n != 1 {
		t.Errorf("%d statements, want 1", n)
	}
}

// restless answers every position with another epoch.
type restless struct{ *journal }

func (restless) Changes(context.Context, record.Position, int) ([]record.Change, error) {
	return nil, record.ErrEpoch
}

func TestALogWithoutAnEpochDoesNotKeepTheIndexBusyForEver(t *testing.T) {
	ix, j := openIndex(t), newJournal()
	if _, err := index.CatchUp(t.Context(), ix, restless{j}, nil); !errors.Is(err, record.ErrEpoch) {
		t.Errorf("CatchUp: %v, want that the epoch is wrong", err)
	}
}

type broken struct{ *journal }

var errDisk = errors.New("disk gone")

func (broken) Statements(context.Context, []record.ID) ([]record.Statement, error) {
	return nil, errDisk
}

func TestAFailingLogIsReportedAndNothingIsSkipped(t *testing.T) {
	ix, j := openIndex(t), newJournal()
	j.put("outage", "st_1")
	if err := index.Follow(t.Context(), ix, broken{j}, 0); !errors.Is(err, errDisk) {
		t.Errorf("Follow: %v, want that the disk is gone", err)
	}
	if p, err := ix.Position(t.Context()); err != nil || p.Seq != 0 {
		t.Errorf("the index stands at %+v, %v; want the beginning", p, err)
	}
	catchUp(t, ix, j)
	if n := total(t, ix, "outage"); n != 1 {
		t.Errorf("%d statements, want 1", n)
	}
}

func TestDocOf(t *testing.T) {
	seen := time.Date(2024, 7, 22, 10, 0, 0, 0, time.UTC)
	s := record.Statement{
		ID: "st_1", Kind: record.Quote, Text: "The words.\nMore of them.", Lang: "en", Status: record.Updated, Tags: []string{"t"},
		Speaker:   record.Speaker{Name: "Jane O’Roe", Role: "Chair", Org: "doctors-union", OrgName: "Doctors' Union"},
		JointWith: []record.Speaker{{Role: "spokesperson", OrgName: "Hillside Surgeries Group"}, {Name: "Sam Oakley", Role: "Chair", Org: "doctors-union"}},
		Said:      record.OnDay(2024, 7, 19, record.FromText), FirstSeen: seen,
		Wordings: []record.Wording{{N: 1, Text: "The word."}, {N: 2, Text: "The words.\nMore of them.", Front: true}},
		Sightings: []record.Sighting{
			{Outlet: "news.example", PageTitle: "A title", Imported: true},
			{Outlet: "news.example", PageTitle: "Other", Platform: "x", Captured: seen.Add(time.Hour), Gone: seen.Add(3 * time.Hour)},
		},
	}
	want := index.Doc{
		ID: "st_1", Words: []string{"The words.\nMore of them."}, Earlier: []string{"The word."},
		When: time.Date(2024, 7, 19, 22, 59, 59, 999e6, time.UTC), Seen: seen, Changed: seen.Add(3 * time.Hour),
		Orgs: []string{"doctors-union", "hillside surgeries group"}, Persons: []string{"jane o'roe", "sam oakley"}, Roles: []string{"Chair", "spokesperson"},
		Kind: "quote", Outlets: []string{"news.example"}, Titles: []string{"A title", "Other"}, Tags: []string{"t"}, Lang: "en", Status: "updated",
		Sightings: 2, Wordings: 2, Platforms: []string{"x"}, Evidence: true,
	}
	if d := cmp.Diff(want, index.DocOf(s)); d != "" {
		t.Errorf("DocOf (-want +got):\n%s", d)
	}
}
