package demo

import (
	"encoding/json"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestEveryFileIsUsed(t *testing.T) {
	used := map[string]bool{"register.json": true, "plain.html": true}
	for _, s := range sites {
		for _, x := range s.indexes {
			used[x.template(s)] = true
		}
		for _, p := range s.pages {
			used[frame(s, p)] = true
			for _, st := range p.states {
				used[path.Join(s.dir, st.words)] = true
			}
		}
	}
	err := fs.WalkDir(world, "world", func(file string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !used[strings.TrimPrefix(file, "world/")] {
			t.Errorf("%s is used by no page", file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnswersAreInOrderAndSayWhatTheyAre(t *testing.T) {
	last, seen := Begins, map[string]bool{}
	for _, a := range Answers() {
		if key := a.URL + a.From.String(); seen[key] {
			t.Errorf("%s answers twice from %s", a.URL, a.From)
		} else {
			seen[key] = true
		}
		if a.From.Before(last) || !a.From.Before(Ends) {
			t.Errorf("%s from %s: before %s or after the end", a.URL, a.From, last)
		}
		last = a.From
		if a.Header.Get("Content-Type") == "" || len(a.Body) == 0 {
			t.Errorf("%s from %s: no media type or no body", a.URL, a.From)
		}
		if u, err := url.Parse(a.URL); err != nil || !strings.HasSuffix(u.Host, ".example") {
			t.Errorf("%s is not under .example (%v)", a.URL, err)
		}
	}
}

func TestPagesAreInOrderAndInsideTheIncident(t *testing.T) {
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
		if !utf8.Valid(p.Body) {
			t.Errorf("%s is not UTF-8", p.URL)
		}
	}
}

func TestCanonicalAddressesAreThePagesOwn(t *testing.T) {
	canonical := regexp.MustCompile(`<link rel="canonical" href="([^"]+)">`)
	for _, p := range Pages() {
		if m := canonical.FindSubmatch(p.Body); m == nil || string(m[1]) != p.URL {
			t.Errorf("%s says its canonical address is %q", p.URL, m)
		}
	}
}

func TestJSONLDIsSound(t *testing.T) {
	block := regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)
	n := 0
	for _, p := range Pages() {
		for _, m := range block.FindAllSubmatch(p.Body, -1) {
			if n++; !json.Valid(m[1]) {
				t.Errorf("%s: JSON-LD is broken", p.URL)
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
	for _, p := range Pages() {
		for _, m := range post.FindAllSubmatch(p.Body, -1) {
			n++
			id, err := strconv.ParseInt(string(m[1]), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			at := time.UnixMilli(id>>22 + 1288834974657).UTC()
			if at.Format("January 2, 2006") != string(m[2]) || !at.Before(p.At) {
				t.Errorf("%s: post %d is of %s, the page says %s", p.URL, id, at, m[2])
			}
		}
	}
	if n == 0 {
		t.Error("no page embeds a post")
	}
}

func TestRegisterKnowsEveryOrganisation(t *testing.T) {
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
	want := slices.Clone(Incident().Orgs)
	for _, s := range sites {
		want = append(want, s.org)
	}
	for _, id := range want {
		if !slices.Contains(ids, id) {
			t.Errorf("the register does not know %s", id)
		}
	}
}

var link = regexp.MustCompile(`(?:href="|<link>)([^"<#]+)`)

// links lists what an answer links to, as a browser or a feed reader has it.
func links(t *testing.T, a Answer) []string {
	t.Helper()
	base, err := url.Parse(a.URL)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range link.FindAllSubmatch(a.Body, -1) {
		u, err := base.Parse(strings.ReplaceAll(string(m[1]), "&amp;", "&"))
		if err != nil {
			t.Fatalf("%s links to %s: %v", a.URL, m[1], err)
		}
		u.Fragment = ""
		out = append(out, u.String())
	}
	return out
}

// platforms are where embedded posts live; nothing of the world is there.
var platforms = regexp.MustCompile(`^https://(twitter\.com|t\.co|bsky\.app)/`)

func TestEveryLinkLeadsToTheWorld(t *testing.T) {
	answers := map[string]bool{}
	for _, a := range Answers() {
		answers[a.URL] = true
	}
	for _, a := range Answers() {
		for _, l := range links(t, a) {
			if !answers[l] && !platforms.MatchString(l) {
				t.Errorf("%s from %s links to %s, which never answers", a.URL, a.From.Format(time.DateTime), l)
			}
		}
	}
}

// A page that robots.txt keeps from crawlers is linked all the same, and is
// never among the captures.
func TestRobotsRefuseOneLinkedPage(t *testing.T) {
	refused := 0
	for _, s := range sites {
		for _, p := range s.pages {
			disallowed := false
			for _, rule := range regexp.MustCompile(`(?m)^Disallow: (/\S*)$`).FindAllStringSubmatch(s.robots, -1) {
				disallowed = disallowed || strings.HasPrefix(p.path, rule[1])
			}
			if disallowed != p.closed {
				t.Errorf("%s%s: robots.txt refuses it %v, the table says %v", s.host, p.path, disallowed, p.closed)
			}
			if !p.closed {
				continue
			}
			refused++
			linked := slices.ContainsFunc(Answers(), func(a Answer) bool { return slices.Contains(links(t, a), s.address(p.path)) })
			captured := slices.ContainsFunc(Pages(), func(c Capture) bool { return c.URL == s.address(p.path) })
			if !linked || captured {
				t.Errorf("%s%s: linked %v, captured %v", s.host, p.path, linked, captured)
			}
		}
	}
	none := slices.ContainsFunc(sites, func(s site) bool { return s.robots == "" })
	delay := slices.ContainsFunc(sites, func(s site) bool { return strings.Contains(s.robots, "Crawl-delay:") })
	if refused == 0 || !none || !delay {
		t.Errorf("%d refused pages, a site without robots.txt %v, one with Crawl-delay %v", refused, none, delay)
	}
}

func TestEveryPageIsMetFromTheSources(t *testing.T) {
	met := map[string]bool{}
	bodies := map[string][]Answer{}
	for _, a := range Answers() {
		bodies[a.URL] = append(bodies[a.URL], a)
	}
	for _, s := range Sources() {
		if len(bodies[s.URL]) == 0 {
			t.Fatalf("nobody answers at the source %s", s.URL)
		}
		if first := bodies[s.URL][0].From; !first.Equal(s.From) {
			t.Errorf("the source %s is there from %s, the table says %s", s.URL, first, s.From)
		}
		if met[s.URL] = true; s.Kind == "page" {
			continue
		}
		for _, a := range bodies[s.URL] {
			for _, l := range links(t, a) {
				met[l] = true
				for _, r := range bodies[l] {
					if to := r.Header.Get("Location"); to != "" {
						met[l[:strings.Index(l, ".example/")+len(".example")]+to] = true
					}
				}
			}
		}
	}
	for _, p := range Pages() {
		if !met[p.URL] {
			t.Errorf("no source leads to %s", p.URL)
		}
	}
}
