package crawler

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"onrecord/catalogue"
	"onrecord/catalogue/sqlite"
	"onrecord/export"
	"onrecord/ingest"
	"onrecord/internal/fakeweb"
	"onrecord/record"
	"onrecord/register"
)

const (
	mended = "The fault is mended and all surgeries can book again since this morning."
	opened = "The ward is open again, and nobody who waits for a bed has to wait for long."
)

func claims(address, body string) string {
	return strings.Replace(body, "</title>", `</title><link rel="canonical" href="`+address+`">`, 1)
}

// longer is an article whose own text is long enough to be compared.
func longer(title, said string) string {
	more := map[string]string{
		"Fault": "The system that surgeries book with stood still from Friday on. Engineers found a cable that builders had cut behind the exchange, and laid another one beside the canal within two nights.",
		"Ward":  "Twelve beds were moved to the second floor when the roof let in the rain last winter. Roofers have put slates on it since, painters came after them, and the nurses have chosen new curtains.",
	}[title]
	return strings.Replace(strings.Replace(article(title, said), "<p>Patients were told on Monday to keep their appointments while the work goes on.</p>", "<p>"+more+"</p>", 1), "</article>", "<p>"+title+" is what this is about.</p></article>", 1)
}

// onPages are the canonical addresses of the pages that hold statements, with
// their words.
func (h *house) onPages() map[string]string {
	h.Helper()
	ids, err := h.cat.StatementIDs(h.Context(), "", 100)
	must(h.T, err)
	list, err := h.cat.Statements(h.Context(), ids)
	must(h.T, err)
	out := map[string]string{}
	for _, s := range list {
		for _, x := range s.Sightings {
			if x.Gone.IsZero() {
				out[x.CanonicalURL] = x.Words
			}
		}
	}
	return out
}

func (h *house) askedFor(address string) int {
	n := 0
	for _, u := range h.asked() {
		if u == address {
			n++
		}
	}
	return n
}

func TestWhatAPageNamesAsItsAddressIsBelievedWithinReason(t *testing.T) {
	const a, b, x = "https://www.hsb.example/news/a", "https://www.hsb.example/news/b", "https://www.hsb.example/story/x"
	for name, tt := range map[string]struct {
		pages []fakeweb.Page
		leads []string
		want  map[string]string
		times map[string]int
	}{
		"another address with the same words": {
			[]fakeweb.Page{page(a, claims(x, longer("Fault", mended))), page(x, longer("Fault", mended))},
			[]string{a},
			map[string]string{x: mended},
			map[string]int{a: 1, x: 1},
		},
		"two addresses that name one": {
			[]fakeweb.Page{page(a, claims(x, longer("Fault", mended))), page(b, claims(x, longer("Fault", mended))), page(x, longer("Fault", mended))},
			[]string{a, b, x},
			map[string]string{x: mended},
			map[string]int{a: 1, b: 1, x: 1},
		},
		"one with other words, asked after": {
			[]fakeweb.Page{page(a, claims(x, longer("Fault", mended))), page(x, longer("Ward", opened))},
			[]string{a, x},
			map[string]string{a: mended, x: opened},
			map[string]int{a: 1, x: 1},
		},
		"a template's address on every page": {
			[]fakeweb.Page{page(a, claims(b, longer("Fault", mended))), page(b, claims(b, longer("Ward", opened)))},
			[]string{b, a},
			map[string]string{a: mended, b: opened},
			map[string]int{a: 1, b: 1},
		},
		"one that is not there": {
			[]fakeweb.Page{page(a, claims(x, longer("Fault", mended)))},
			[]string{a},
			map[string]string{a: mended},
			map[string]int{a: 1, x: 1},
		},
		"a listing": {
			[]fakeweb.Page{page(a, claims("https://www.hsb.example/news/", longer("Fault", mended))), page("https://www.hsb.example/news/", longer("Ward", opened))},
			[]string{a},
			map[string]string{a: mended},
			map[string]int{"https://www.hsb.example/news/": 0},
		},
		"its AMP form": {
			[]fakeweb.Page{page(x+"/amp", claims(x, longer("Fault", mended))), page(x, longer("Fault", mended))},
			[]string{x + "/amp", x},
			map[string]string{x: mended},
			map[string]int{},
		},
		"each other": {
			[]fakeweb.Page{page(a, claims(x, longer("Fault", mended))), page(x, claims(a, longer("Fault", mended)))},
			[]string{a},
			map[string]string{x: mended},
			map[string]int{a: 1, x: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, append(tt.pages, page(feedURL, feed(tt.leads...))), []record.Source{feedSource()}, nil)
			h.once()
			if got := h.onPages(); !equal(got, tt.want) {
				t.Errorf("on record:\n%v\nwant\n%v", got, tt.want)
			}
			for address, n := range tt.times {
				if got := h.askedFor(address); got != n {
					t.Errorf("%s was asked %d times, want %d", address, got, n)
				}
			}
			want := h.ids()
			if got := h.rebuilt(); !slices.Equal(got, want) {
				t.Errorf("a rebuild gives\n%q\nwant\n%q", got, want)
			}
		})
	}
}

func equal(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

// ids are the statements, each with the pages that hold it.
func (h *house) ids() []string { return idsIn(h.T, h.cat) }

func idsIn(t *testing.T, cat catalogue.Catalogue) []string {
	t.Helper()
	ids, err := cat.StatementIDs(t.Context(), "", 100)
	must(t, err)
	list, err := cat.Statements(t.Context(), ids)
	must(t, err)
	var out []string
	for _, s := range list {
		line := string(s.ID) + " " + string(s.Status)
		for _, x := range s.Sightings {
			line += " " + x.CanonicalURL
		}
		out = append(out, line)
	}
	return out
}

// rebuilt are the ids of a catalogue that is made anew from the archive.
func (h *house) rebuilt() []string {
	h.Helper()
	must(h.T, h.cat.Close())
	path := filepath.Join(h.dir, "catalogue.db")
	o := sqlite.Options{Clock: h.clock().Now}
	reg, err := register.Read(strings.NewReader(`[{"id":"hsb","name":"Health Service Brackenshire","domains":["hsb.example"],"handles":{"mastodon":"@hsb@social.example","bluesky":"@hsb.example","x":"@HSBrackenshire"},"spokesperson_roles":["spokesperson"]}]`), "test")
	must(h.T, err)
	must(h.T, sqlite.Rebuild(h.Context(), path, o, func(ctx context.Context, cat catalogue.Catalogue) error {
		_, err := ingest.New(h.archive, cat, reg, export.ParseRow, h.o.Log).Replay(ctx, nil)
		return err
	}))
	h.cat, err = sqlite.Open(h.Context(), path, o)
	must(h.T, err)
	return h.ids()
}

// rebuildOn has the crawler go on on the catalogue that was made anew.
func (h *house) rebuildOn() {
	reg, err := register.Read(strings.NewReader(`[{"id":"hsb","name":"Health Service Brackenshire","domains":["hsb.example"],"handles":{"x":"@HSBrackenshire"}}]`), "test")
	must(h.T, err)
	h.Crawler = New(h.archive, h.cat, ingest.New(h.archive, h.cat, reg, export.ParseRow, h.o.Log), h.o)
}

func TestAPageIsAskedOnAtTheAddressThatItRightlyNames(t *testing.T) {
	const a, x = "https://www.hsb.example/news/a", "https://www.hsb.example/story/x"
	edited := monday.Add(2 * time.Hour)
	h := open(t, []fakeweb.Page{
		page(feedURL, feed(a)), page(a, claims(x, longer("Fault", mended))), page(x, longer("Fault", mended)),
		from(page(x, longer("Fault", "The fault is back.")), edited),
	}, []record.Source{feedSource()}, nil)
	h.once()
	if v := h.visited(a); v.Of != x || !v.Due.IsZero() {
		t.Errorf("%s is remembered as %+v", a, v)
	}
	h.clock().move(8 * time.Hour)
	h.once()
	if got := h.onPages(); len(got) != 1 || got[x] != "The fault is back." {
		t.Errorf("on record after the edit: %v", got)
	}
	if n := h.askedFor(a); n != 1 {
		t.Errorf("%s was asked %d times, want once", a, n)
	}
}
