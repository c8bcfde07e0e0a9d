package demo

import (
	"encoding/json"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestEveryFileIsVisitedAndReadable(t *testing.T) {
	used := map[string]bool{"world/register.json": true}
	for i, p := range Pages() {
		used["world/"+visits[i].file] = true
		if len(p.Body) == 0 || !utf8.Valid(p.Body) {
			t.Errorf("%s: %d bytes, or not UTF-8", visits[i].file, len(p.Body))
		}
	}
	err := fs.WalkDir(world, "world", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !used[path] {
			t.Errorf("%s is in no visit", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestVisitsAreInOrderAndInsideTheIncident(t *testing.T) {
	in := Incident()
	if err := in.Check(); err != nil {
		t.Fatal(err)
	}
	last := in.From
	for _, p := range Pages() {
		if p.At.Before(last) || !p.At.Before(in.To) {
			t.Errorf("%s at %s: before %s or after the incident", p.URL, p.At, last)
		}
		last = p.At
	}
}

func TestTheWorldIsLargeEnough(t *testing.T) {
	sites, pages := map[string]bool{}, map[string]int{}
	for _, p := range Pages() {
		u, err := url.Parse(p.URL)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(u.Host, ".example") {
			t.Errorf("%s is not under .example", p.URL)
		}
		sites[u.Host] = true
		pages[p.URL]++
	}
	if len(sites) < 5 || len(pages) < 18 {
		t.Errorf("%d sites and %d pages, want 5 and 18", len(sites), len(pages))
	}
	if n := pages["https://www.hsb.example/2025/03/labline-results-statement/"]; n != 3 {
		t.Errorf("the edited statement was captured %d times, want 3", n)
	}
}

func TestCanonicalAddressesAreThePagesOwn(t *testing.T) {
	canonical := regexp.MustCompile(`<link rel="canonical" href="([^"]+)">`)
	for i, p := range Pages() {
		if m := canonical.FindSubmatch(p.Body); p.MediaType == html && (m == nil || string(m[1]) != p.URL) {
			t.Errorf("%s says its canonical address is %q, the visit %s", visits[i].file, m, p.URL)
		}
	}
}

func TestJSONLDIsSound(t *testing.T) {
	block := regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)
	n := 0
	for i, p := range Pages() {
		for _, m := range block.FindAllSubmatch(p.Body, -1) {
			if n++; !json.Valid(m[1]) {
				t.Errorf("%s: JSON-LD is broken", visits[i].file)
			}
		}
	}
	if n < 10 {
		t.Errorf("%d JSON-LD blocks, want 10 or more", n)
	}
}

// A post's number tells its time; the world must agree with itself.
func TestPostNumbersAgreeWithTheirDay(t *testing.T) {
	post := regexp.MustCompile(`/status/(\d+)\?[^"]*">([A-Z][a-z]+ \d+, \d{4})<`)
	n := 0
	for i, p := range Pages() {
		for _, m := range post.FindAllSubmatch(p.Body, -1) {
			n++
			id, err := strconv.ParseInt(string(m[1]), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			at := time.UnixMilli(id>>22 + 1288834974657).UTC()
			if at.Format("January 2, 2006") != string(m[2]) || !at.Before(p.At) {
				t.Errorf("%s: post %d is of %s, the page says %s", visits[i].file, id, at, m[2])
			}
		}
	}
	if n == 0 {
		t.Error("no page embeds a post")
	}
}

func TestRegisterKnowsTheIncidentsOrganisations(t *testing.T) {
	var orgs []struct {
		ID      string   `json:"id"`
		Name    string   `json:"name"`
		Domains []string `json:"domains"`
	}
	if err := json.Unmarshal(Register(), &orgs); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, o := range orgs {
		ids = append(ids, o.ID)
		if o.Name == "" || o.Domains == nil {
			t.Errorf("%s has no name or no list of domains", o.ID)
		}
	}
	for _, id := range Incident().Orgs {
		if !slices.Contains(ids, id) {
			t.Errorf("the incident names %s, which the register does not know", id)
		}
	}
}

// What the demo is there to show, in the words of its pages.
func TestTheWorldShowsWhatItShould(t *testing.T) {
	bodies := map[string]string{}
	for i, p := range Pages() {
		bodies[visits[i].file] = string(p.Body)
	}
	const words = "Blood tests and other samples are being taken and analysed as usual."
	for name, tt := range map[string]struct{ file, want string }{
		"the statement itself":        {"hsb/labline-results-statement-1.html", words},
		"in curly double marks":       {"echo/surgeries-without-results.html", "<p>“" + words},
		"in single marks":             {"clarion/blood-test-chaos.html", "<p>‘" + words},
		"in straight marks":           {"northwire/labline-fault.html", `<p>"` + words},
		"a sentence to be removed":    {"hsb/labline-results-statement-1.html", "back by midday|return by midday"},
		"a sentence added":            {"hsb/labline-results-statement-2.html", "Urgent results are being telephoned"},
		"a third version":             {"hsb/labline-results-statement-3.html", "38 samples"},
		"an embedded post":            {"echo/surgeries-without-results.html", `class="twitter-tweet"`},
		"a flattened post":            {"clarion/blood-test-chaos.html", "— Health Service Brackenshire (@HSBrackenshire)"},
		"an unnamed spokesperson":     {"echo/surgeries-without-results.html", "A Health Service Brackenshire spokesperson said"},
		"a pronoun":                   {"echo/i-had-to-guess.html", "<p>She explained:</p>"},
		"a list inside the quotation": {"echo/i-had-to-guess.html", "Read more:"},
		"declined to comment":         {"echo/i-had-to-guess.html", "declined to comment"},
		"did not respond":             {"echo/surgeries-without-results.html", "did not respond to a request for comment"},
		"indirect speech":             {"echo/i-had-to-guess.html", "said that some people had spent"},
		"scare quotes":                {"echo/surgeries-without-results.html", "“digital front door”"},
		"an apostrophe in marks":      {"clarion/blood-test-chaos.html", "‘It’s like driving"},
		"quotation without marks":     {"gov/labline-statement-1.html", "<blockquote>"},
		"a page's history":            {"gov/labline-statement-2.html", "Updates to this page"},
		"timed updates":               {"echo/live-2.html", "LiveBlogPosting"},
	} {
		found := slices.ContainsFunc(strings.Split(tt.want, "|"), func(w string) bool { return strings.Contains(bodies[tt.file], w) })
		if !found {
			t.Errorf("%s: %s does not have %q", name, tt.file, tt.want)
		}
	}
	if strings.Contains(bodies["hsb/labline-results-statement-2.html"], "by midday") {
		t.Error("the second version still has the sentence about midday")
	}
}
