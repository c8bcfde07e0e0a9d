package crawler

import (
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

func TestRobotsCasesOfRFC9309(t *testing.T) {
	b, err := os.ReadFile("testdata/robots.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Robots, Agent, Path string
		PadLines                  int `json:"pad_lines"`
		Allowed                   bool
	}
	if err := json.Unmarshal(b, &cases); err != nil || len(cases) < 29 {
		t.Fatalf("%d cases (%v)", len(cases), err)
	}
	for _, tt := range cases {
		t.Run(tt.Name, func(t *testing.T) {
			if tt.Agent != Token {
				t.Fatalf("a case for agent %q", tt.Agent)
			}
			u, err := url.Parse("https://www.hsb.example" + tt.Path)
			if err != nil {
				t.Fatal(err)
			}
			if got := readRobots(tt.Robots + strings.Repeat("# pad\n", tt.PadLines)).allows(u); got != tt.Allowed {
				t.Errorf("%s is allowed: %v, want %v, by\n%s", tt.Path, got, tt.Allowed, tt.Robots)
			}
		})
	}
}

func TestCrawlDelay(t *testing.T) {
	for name, tt := range map[string]struct {
		robots string
		want   time.Duration
	}{
		"none":                           {"User-agent: *\nDisallow: /a\n", 0},
		"of everybody":                   {"User-agent: *\nCrawl-delay: 7\nDisallow: /a\n", 7 * time.Second},
		"ours beats everybody's":         {"User-agent: *\nCrawl-delay: 7\n\nUser-agent: OnRecord/1.0\nDisallow: /a\nCrawl-delay: 2.5\n", 2500 * time.Millisecond},
		"our group without one has none": {"User-agent: *\nCrawl-delay: 7\nDisallow:\n\nUser-agent: onrecord\nDisallow: /a\n", 0},
		"of another":                     {"User-agent: other\nDisallow: /\nCrawl-delay: 9\n", 0},
		"R9 it ends no list of agents":   {"User-agent: onrecord\nCrawl-delay: 5\nUser-agent: other\nDisallow: /\n", 5 * time.Second},
		"above a minute it is capped":    {"User-agent: *\nCrawl-delay: 3600\n", time.Minute},
		"nonsense is none":               {"User-agent: *\nCrawl-delay: soon\nCrawl-delay: -4\nCrawl-delay: NaN\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := readRobots(tt.robots).delay; got != tt.want {
				t.Errorf("delay %v, want %v", got, tt.want)
			}
		})
	}
}

func FuzzRobots(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /a%", "/a%20b")
	f.Add("Crawl-delay: 1e400\nUser-agent:*", "/")
	f.Fuzz(func(t *testing.T, body, path string) {
		u, err := url.Parse("https://www.hsb.example/" + path)
		if err != nil {
			return
		}
		r := readRobots(body)
		if r.delay < 0 || r.delay > longestDelay {
			t.Errorf("delay %v", r.delay)
		}
		r.allows(u)
	})
}
