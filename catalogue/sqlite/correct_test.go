package sqlite_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"onrecord/catalogue"
	"onrecord/catalogue/sqlite"
	"onrecord/record"
)

// grouped are the statements by where they stand, with their speakers.
func grouped(t *testing.T, d *sqlite.DB) []string {
	t.Helper()
	ids, err := d.StatementIDs(context.Background(), "", 100)
	if err != nil {
		t.Fatal(err)
	}
	list, err := d.Statements(context.Background(), ids)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range list {
		at := []string{s.Speaker.String()}
		for _, x := range s.Sightings {
			at = append(at, x.URL+" "+x.Words)
		}
		out = append(out, strings.Join(at, "\n"))
	}
	slices.Sort(out)
	return out
}

// TestTheEditLogAloneRemembersCorrections loses the identity ledger and the
// forwards: the lines of the edit log are enough to correct again.
func TestTheEditLogAloneRemembersCorrections(t *testing.T) {
	ctx, path := context.Background(), filled(t, 3)
	d := open(t, path)
	_, page, found := invented(1)
	shared := catalogue.Mint("https://paper0.example/0", record.Quote, found[0].Text)
	e := record.Edit{Who: "mara", Why: "seen side by side"}
	made, err := d.Split(ctx, shared, []record.Place{{Page: page.ID, Words: found[0].Text}}, e)
	if err != nil {
		t.Fatal(err)
	}
	from, into := catalogue.Mint(page.CanonicalURL, record.Quote, found[2].Text), catalogue.Mint(page.CanonicalURL, record.Quote, found[1].Text)
	if err := d.Merge(ctx, from, into, e); err != nil {
		t.Fatal(err)
	}
	if err := d.Attribute(ctx, made, &record.Attribution{Speaker: record.Speaker{Name: "Wilma Tarn", OrgName: "Moor Street Practice"}}, e); err != nil {
		t.Fatal(err)
	}
	want := grouped(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for _, lose := range []string{`DROP TRIGGER ledger_delete`, `DROP TRIGGER forwards_delete`, `DELETE FROM ledger`, `DELETE FROM forwards`, `DELETE FROM corrections`, `DELETE FROM placed`, `DELETE FROM apart`} {
		run(t, path, lose)
	}
	err = sqlite.Rebuild(ctx, path, sqlite.Options{}, func(_ context.Context, c catalogue.Catalogue) error {
		for i := range 3 {
			capture, page, found := invented(i)
			if _, err := c.Add(ctx, capture, page, found); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	d = open(t, path)
	defer d.Close()
	if got := grouped(t, d); !slices.Equal(got, want) {
		t.Errorf("from the edit log alone:\n%s\nwant\n%s", strings.Join(got, "\n\n"), strings.Join(want, "\n\n"))
	}
	if s, err := d.Statement(ctx, made); err != nil || s.Speaker.Name != "Wilma Tarn" {
		t.Errorf("the statement that was split off: %+v, %v", s.Speaker, err)
	}
	// And the two do not come together later.
	add(t, d, 3)
	capture, page, again := invented(1)
	capture.At = capture.At.AddDate(0, 0, 1)
	capture.ID = record.CaptureID(capture.URL, capture.At, "again")
	page.Text += "\nOne more line."
	if _, err := d.Add(ctx, capture, page, again); err != nil {
		t.Fatal(err)
	}
	if s, err := d.Statement(ctx, made); err != nil || len(s.Sightings) != 1 {
		t.Errorf("after another version: %d sightings, %v", len(s.Sightings), err)
	}
}
