package cataloguetest

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"onrecord/catalogue"
	"onrecord/record"
)

//go:embed testdata/*.json
var gold embed.FS

const (
	outage = "We are aware of a fault in the booking system that is slowing appointments at surgeries across the county. Surgeries are using paper notes, and phone lines are open as usual. People with an appointment should attend unless they are told otherwise."
	// The same body a few days later: two of three sentences are those of before.
	backOnline = "The booking system is working again in most surgeries across the county, though some disruption is expected. Surgeries are using paper notes, and phone lines are open as usual. People with an appointment should attend unless they are told otherwise. We thank staff for their work over a very hard week and ask patients to bear with them."
	// Its post, shorter and with a sentence of its own.
	shortPost = "We are aware of a fault in the booking system that is slowing appointments at surgeries across the county. Please only ring your surgery if you must, and use the pharmacy for repeat medicine."
)

var (
	ownPage   = shot{url: "https://hsn.example/statement", at: at(11, 9), day: day(11), kind: record.StatementPage, says: []said{{kind: record.Release, text: outage, org: "hsn"}}}
	echo      = shot{url: "https://echo.example/news", at: at(12, 9), day: day(11), says: []said{{kind: record.Quote, text: outage, org: "hsn", role: "spokesperson"}}}
	firstHalf = "We are aware of a fault in the booking system that is slowing appointments at surgeries across the county."
	lastHalf  = "People with an appointment should attend unless they are told otherwise."
)

func (s suite) elsewhere(t *testing.T) {
	for name, tt := range map[string]struct {
		words string
		says  said
	}{
		"the same words":           {outage, said{org: "hsn", role: "spokesperson"}},
		"other marks and hyphens":  {strings.NewReplacer("booking system", "booking‑system", ".", " –").Replace(outage), said{org: "hsn"}},
		"a paragraph break lost":   {strings.ReplaceAll(outage, ". ", ".\n"), said{org: "hsn"}},
		"one word changed":         {strings.Replace(outage, "slowing", "delaying", 1), said{org: "hsn"}},
		"a word dropped":           {strings.Replace(outage, "booking ", "", 1), said{org: "hsn"}},
		"the first sentence alone": {firstHalf, said{org: "hsn"}},
		"the middle left out":      {firstHalf + " " + lastHalf, said{org: "hsn"}},
		"an unknown speaker":       {outage, said{}},
		"a person of that body":    {outage, said{org: "hsn", name: "Dr Ida Marsh", role: "medical director"}},
		"a reporter's own words":   {firstHalf, said{org: "hsn", kind: record.Indirect}},
	} {
		t.Run(name, func(t *testing.T) {
			c := s.open(t)
			add(t, c, ownPage)
			id := everything(t, c)[0].ID
			if tt.says.kind == "" {
				tt.says.kind = record.Quote
			}
			tt.says.text = tt.words
			a := add(t, c, shot{url: "https://echo.example/news", at: at(12, 9), day: day(11), says: []said{tt.says}})
			if a.Statements != 0 || a.Sightings != 1 {
				t.Errorf("Added = %+v, want one sighting and no statement", a)
			}
			got, err := c.Statement(context.Background(), id)
			noError(t, err)
			if len(got.Sightings) != 2 || got.Kind != record.Release || got.Origin().CanonicalURL != ownPage.url {
				t.Errorf("%d sightings, kind %s, origin %s; want 2, release, the own page", len(got.Sightings), got.Kind, got.Origin().CanonicalURL)
			}
			if got.Text != outage {
				t.Errorf("words in front %q, want those of the own page", got.Text)
			}
		})
	}
	for name, q := range map[string]said{
		"another body":         {kind: record.Quote, text: outage, org: "ucm"},
		"nine days later":      {kind: record.Quote, text: outage, org: "hsn", day: day(20)},
		"a not put in":         {kind: record.Quote, text: strings.Replace(outage, "phone lines are open", "phone lines are not open", 1), org: "hsn"},
		"a shorter post":       {kind: record.PostKind, text: shortPost, org: "hsn", handle: "@hsn"},
		"part of it as a post": {kind: record.PostKind, text: firstHalf, org: "hsn", handle: "@hsn"},
		"another sentence":     {kind: record.Quote, text: firstHalf + " Ring the helpline, which is open from nine to five.", org: "hsn"},
	} {
		t.Run("not "+name, func(t *testing.T) {
			c := s.open(t)
			add(t, c, ownPage)
			a := add(t, c, shot{url: "https://echo.example/news", at: at(21, 9), day: day(11), says: []said{q}})
			if a.Statements != 1 || a.Sightings != 0 {
				t.Errorf("Added = %+v, want a statement of its own", a)
			}
		})
	}
	t.Run("not another number", func(t *testing.T) {
		weekly := "In the week ending on Sunday 1,286 appointments were postponed at the two trusts most affected, and urgent care was not touched."
		c := s.open(t)
		add(t, c, shot{url: "https://hsn.example/week-1", at: at(11, 9), day: day(11), says: []said{{kind: record.Release, text: weekly, org: "hsn"}}})
		a := add(t, c, shot{url: "https://hsn.example/week-2", at: at(18, 9), day: day(18), says: []said{{kind: record.Release, text: strings.Replace(weekly, "1,286", "1,104", 1), org: "hsn"}}})
		if a.Statements != 1 {
			t.Errorf("Added = %+v, want the second week's statement to be its own", a)
		}
	})
}

func (s suite) nearDuplicates(t *testing.T) {
	c := s.open(t)
	later := shot{url: "https://hsn.example/back-online", at: at(15, 9), day: day(14), kind: record.StatementPage, says: []said{{kind: record.Release, text: backOnline, org: "hsn"}}}
	post := shot{url: "https://echo.example/posts", at: at(12, 9), day: day(11), says: []said{{kind: record.PostKind, text: shortPost, org: "hsn", handle: "@hsn"}}}
	a := add(t, c, ownPage, echo, later, post)
	if a.Statements != 3 || a.Sightings != 1 {
		t.Errorf("Added = %+v, want three statements, one of them with a sighting more", a)
	}
	// A sentence that both statements have goes to the nearer one and unites nothing.
	a = add(t, c, shot{url: "https://courier.example/a", at: at(15, 10), day: day(14), says: []said{{kind: record.Quote, text: lastHalf, org: "hsn"}}})
	if a.Statements != 0 || a.Sightings != 1 {
		t.Errorf("Added = %+v, want one sighting", a)
	}
	if got := holding(t, c, lastHalf); got.Text != backOnline {
		t.Errorf("the shared sentence, printed on 14 March, went to %.60q", got.Text)
	}
}

func (s suite) unites(t *testing.T) {
	c := s.open(t)
	parts := []shot{
		{url: "https://echo.example/a", at: at(11, 10), day: day(11), says: []said{{kind: record.Quote, text: firstHalf, org: "hsn", role: "spokesperson"}}},
		{url: "https://courier.example/b", at: at(11, 11), day: day(11), says: []said{{kind: record.Quote, text: lastHalf, org: "hsn", role: "spokesperson"}}},
	}
	add(t, c, parts...)
	kept, moved := holding(t, c, firstHalf).ID, holding(t, c, lastHalf).ID
	whole := ownPage
	whole.at = at(12, 12)
	add(t, c, whole)
	all := everything(t, c)
	if len(all) != 1 || all[0].ID != kept || len(all[0].Sightings) != 3 || len(all[0].Wordings) != 3 || all[0].Text != outage {
		t.Fatalf("%d statements, first %+v; want one, %s, with three sightings and wordings", len(all), all[0], kept)
	}
	var to *record.Moved
	if _, err := c.Statement(context.Background(), moved); !errors.As(err, &to) || to.To != kept {
		t.Errorf("Statement(%s): %v, want it to have moved to %s", moved, err, kept)
	}
	if list, err := c.Statements(context.Background(), []record.ID{moved, kept}); err != nil || len(list) != 1 {
		t.Errorf("Statements with a moved id: %d, %v; want the one that answers", len(list), err)
	}
	if k := kinds(t, c); !slices.Contains(k, record.Merged) {
		t.Errorf("changes %v, want a merge", k)
	}
}

func (s suite) short(t *testing.T) {
	c := s.open(t)
	const words = "We are aware of the issue"
	one := func(url string, d int, q said) shot {
		q.kind, q.text = record.Quote, words
		return shot{url: url, at: at(d, 12), day: day(d), says: []said{q}}
	}
	add(t, c, one("https://echo.example/1", 11, said{org: "hsn"}))
	for _, x := range []struct {
		name string
		shot shot
		want record.Added
	}{
		{"same speaker, next day", one("https://courier.example/2", 12, said{org: "hsn"}), record.Added{Sightings: 1}},
		{"same speaker, next week", one("https://courier.example/3", 17, said{org: "hsn"}), record.Added{Statements: 1}},
		{"another body", one("https://courier.example/4", 11, said{org: "ucm"}), record.Added{Statements: 1}},
		{"nobody known", one("https://courier.example/5", 11, said{}), record.Added{Statements: 1}},
	} {
		a := add(t, c, x.shot)
		if a.Sightings != x.want.Sightings || a.Statements != x.want.Statements {
			t.Errorf("%s: Added = %+v, want %+v", x.name, a, x.want)
		}
	}
}

func (s suite) updates(t *testing.T) {
	c := s.open(t)
	const words = "We are still working on paper, and repeat prescriptions ordered today will be ready on the next day."
	stamp := func(h int) record.Instant { return record.At(at(11, h), record.FromUpdate) }
	page := shot{url: "https://hillside.example/outage", at: at(11, 18), day: day(11), kind: record.RollingUpdates, says: []said{
		{kind: record.Release, text: words, org: "hill", day: stamp(16)},
		{kind: record.Release, text: words, org: "hill", day: stamp(9)},
	}}
	a := add(t, c, page)
	if a.Statements != 2 {
		t.Errorf("Added = %+v, want two statements", a)
	}
	before := export(t, c)
	page.at = at(11, 20)
	add(t, c, page)
	page.at = at(12, 9)
	page.says = append([]said{{kind: record.Release, text: "All of our surgeries have their records back.", org: "hill", day: stamp(21)}}, page.says...)
	if a := add(t, c, page); a.Statements != 1 || a.Gone != 0 || a.Wordings != 0 {
		t.Errorf("Added = %+v with a new update on top, want just that one statement", a)
	}
	if before == export(t, c) {
		t.Error("the new update is not on record")
	}
}

func (s suite) persons(t *testing.T) {
	c := s.open(t)
	one := func(url, name string) shot {
		return shot{url: url, at: at(11, 12), day: day(11), says: []said{{kind: record.Quote, text: outage, name: name, org: "ucm"}}}
	}
	add(t, c, one("https://echo.example/1", "Orla Hennessy"))
	if a := add(t, c, one("https://courier.example/2", "Asha Lindqvist")); a.Statements != 1 {
		t.Errorf("Added = %+v for another person's same words, want a statement of its own", a)
	}
	for i, name := range []string{"Hennessy", "O. Hennessy", "ORLA HENNESSY"} {
		if a := add(t, c, one(fmt.Sprintf("https://gazette.example/%d", i), name)); a.Statements != 0 || a.Sightings != 1 {
			t.Errorf("Added = %+v for %s, want a sighting", a, name)
		}
	}
}

func (s suite) declined(t *testing.T) {
	c := s.open(t)
	one := func(url string) shot {
		return shot{url: url, at: at(11, 12), day: day(11), says: []said{{kind: record.Declined, text: "The supplier declined to comment", org: "medlog"}}}
	}
	if a := add(t, c, one("https://echo.example/1"), one("https://courier.example/2")); a.Statements != 2 {
		t.Errorf("Added = %+v, want two refusals", a)
	}
}

// goldPages are the pages of testdata, in their order, as shots.
func goldPages(t *testing.T) map[string]shot {
	var pages []struct {
		ID, URL, Published, Shape string
		VersionOf                 string `json:"version_of"`
		Statements                []struct {
			Text, Speaker, Role, Org, Kind, Date, At, URL, Handle string
			OrgName                                               string `json:"org_name"`
		}
	}
	data, err := gold.ReadFile("testdata/statements.gold.json")
	noError(t, err)
	noError(t, json.Unmarshal(data, &pages))
	out := map[string]shot{}
	for _, p := range pages {
		x := shot{url: p.URL, at: at(15, 8), day: goldDay(t, p.Published)}
		if p.ID == "org-statement" {
			x.at = at(12, 8)
		}
		for _, s := range p.Statements {
			q := said{kind: record.Kind(s.Kind), text: s.Text, name: s.Speaker, role: s.Role, org: s.Org, handle: s.Handle, day: record.Instant{}}
			if s.Kind == string(record.PostKind) {
				q.url = s.URL
			}
			if s.Date != "" {
				q.day = goldDay(t, s.Date)
			}
			if s.At != "" {
				when, err := time.Parse(time.RFC3339, s.At)
				noError(t, err)
				q.day = record.At(when, record.FromUpdate)
			}
			x.says = append(x.says, q)
		}
		out[p.ID] = x
	}
	return out
}

func goldDay(t *testing.T, s string) record.Instant {
	d, err := time.ParseInLocation("2006-01-02", s, record.London)
	noError(t, err)
	return record.OnDay(d.Year(), d.Month(), d.Day(), record.FromPage)
}

func (s suite) gold(t *testing.T) {
	pages := goldPages(t)
	var names []string
	for name := range pages {
		names = append(names, name)
	}
	slices.Sort(names)
	reversed := slices.Clone(names)
	slices.Reverse(reversed)
	for _, order := range [][]string{names, reversed} {
		c := s.open(t)
		for _, name := range order {
			add(t, c, pages[name])
		}
		s.checkGold(t, c, pages)
	}
}

// splits holds that a paper which prints a statement in two ("They added: …")
// has two sightings of it, whichever page comes first.
func (s suite) splits(t *testing.T) {
	cut := strings.Index(outage, " People with")
	paper := shot{url: "https://echo.example/two", at: at(12, 9), day: day(11), says: []said{
		{kind: record.Quote, text: outage[:cut], org: "hsn", role: "spokesperson"},
		{kind: record.Quote, text: outage[cut+1:], org: "hsn", role: "spokesperson"},
	}}
	for _, order := range [][]shot{{ownPage, paper}, {paper, ownPage}} {
		c := s.open(t)
		add(t, c, order...)
		all := everything(t, c)
		if len(all) != 1 || len(all[0].Sightings) != 3 || all[0].Text != outage || all[0].Kind != record.Release {
			t.Errorf("%s first: %d statements, %+v; want one release with three sightings", order[0].url, len(all), all)
		}
	}
}

func (s suite) checkGold(t *testing.T, c catalogue.Catalogue, pages map[string]shot) {
	t.Helper()
	var want []struct {
		Key   string
		Pages []string
	}
	data, err := gold.ReadFile("testdata/merge.gold.json")
	noError(t, err)
	noError(t, json.Unmarshal(data, &want))
	expected := map[string]bool{}
	for _, g := range want {
		var urls []string
		for _, p := range g.Pages {
			urls = append(urls, pages[p].url)
		}
		slices.Sort(urls)
		expected[strings.Join(urls, " ")] = true
	}
	got := map[string]bool{}
	for _, st := range everything(t, c) {
		var urls []string
		for _, x := range st.Sightings {
			urls = append(urls, x.CanonicalURL)
		}
		slices.Sort(urls)
		if urls = slices.Compact(urls); len(urls) > 1 {
			got[strings.Join(urls, " ")] = true
		}
	}
	same(t, "pages whose statements are one", got, expected)
}

func (s suite) orders(t *testing.T) {
	shots := []shot{
		ownPage, echo,
		{url: "https://courier.example/1", at: at(13, 9), day: day(12), says: []said{{kind: record.Quote, text: firstHalf, org: "hsn"}, {kind: record.Quote, text: lastHalf, org: "hsn"}}},
		{url: "https://gazette.example/1", at: at(13, 10), day: day(12), says: []said{{kind: record.Quote, text: lastHalf, org: "hsn"}}},
		{url: "https://echo.example/other", at: at(13, 11), day: day(12), says: []said{{kind: record.Quote, text: shortPost, org: "ucm", name: "Orla Hennessy"}}},
	}
	var want map[string]bool
	for i := range 12 {
		c := s.open(t)
		order := slices.Clone(shots)
		for j := range order { // a fixed walk through different orders
			k := (j*7 + i*5) % len(order)
			order[j], order[k] = order[k], order[j]
		}
		add(t, c, order...)
		if got := groups(t, c); want == nil {
			want = got
		} else {
			same(t, fmt.Sprintf("grouping in order %d", i), got, want)
		}
	}
}
