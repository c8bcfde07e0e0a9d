// Package demo is a small invented world: sites under .example names, whose
// organisations, people and words are all made up, captured over four days in
// March 2025. It serves nothing and stores nothing.
package demo

import (
	"embed"
	"fmt"
	"time"

	"onrecord/record"
)

//go:embed world
var world embed.FS

// Capture is one answer of one of the world's sites.
type Capture struct {
	URL       string
	At        time.Time // when it was fetched, UTC
	MediaType string
	Body      []byte
}

const (
	html = "text/html; charset=utf-8"
	rss  = "application/rss+xml; charset=utf-8"
)

// visit is one line of the world's manifest.
type visit struct {
	at        string // UTC
	url       string
	mediaType string
	file      string // below world/
}

// visits are in the order of time. A page that changed is there once for each
// of its forms.
var visits = []visit{
	{"2025-03-11 08:41:10", "https://www.hsb.example/2025/03/labline-results-statement/", html, "hsb/labline-results-statement-1.html"},
	{"2025-03-11 09:52:33", "https://northwire.example/2025/03/11/labline-fault", html, "northwire/labline-fault.html"},
	{"2025-03-11 10:31:02", "https://pellwright.example/newsroom/labline-service-notice/", html, "pellwright/service-notice.html"},
	{"2025-03-11 11:34:47", "https://www.ucm.example/media-centre/labline-test-results", html, "ucm/labline-press-release.html"},
	{"2025-03-11 12:26:15", "https://www.brackenshire-echo.example/news/surgeries-without-blood-results", html, "echo/surgeries-without-results.html"},
	{"2025-03-11 14:20:58", "https://www.hsb.example/2025/03/labline-results-statement/", html, "hsb/labline-results-statement-2.html"},
	{"2025-03-11 15:40:21", "https://www.dailyclarion.example/news/article-1203311.html", html, "clarion/blood-test-chaos.html"},
	{"2025-03-12 07:05:44", "https://www.brackenshire-echo.example/news/a-day-without-test-results", html, "echo/i-had-to-guess.html"},
	{"2025-03-12 09:47:30", "https://www.gov.example/government/news/health-and-wellbeing-secretary-statement-on-the-labline-fault", html, "gov/labline-statement-1.html"},
	{"2025-03-12 10:33:09", "https://northwire.example/2025/03/12/minister-full-account", html, "northwire/minister-full-account.html"},
	{"2025-03-12 11:18:52", "https://www.brackenshire-echo.example/news/ferry-timetable", html, "echo/ferry-timetable.html"},
	{"2025-03-12 12:50:05", "https://npg.example/news/labline-delay", html, "npg/prescriptions-advice.html"},
	{"2025-03-12 13:45:00", "https://www.brackenshire-echo.example/live/labline-failure", html, "echo/live-1.html"},
	{"2025-03-12 15:22:38", "https://www.hsb.example/brackenshire-coast/2025/03/12/update-on-laboratory-results/", html, "hsb/coast-update-12-march.html"},
	{"2025-03-13 09:31:26", "https://www.hsb.example/2025/03/labline-results-statement/", html, "hsb/labline-results-statement-3.html"},
	{"2025-03-13 10:14:41", "https://pellwright.example/newsroom/labline-chief-executive/", html, "pellwright/chief-executive-statement.html"},
	{"2025-03-13 12:29:19", "https://www.ucm.example/media-centre/labline-backlog", html, "ucm/backlog-press-release.html"},
	{"2025-03-13 13:00:00", "https://www.brackenshire-echo.example/live/labline-failure", html, "echo/live-2.html"},
	{"2025-03-13 15:06:13", "https://www.dailyclarion.example/news/article-1204877.html", html, "clarion/sorry-wont-cut-it.html"},
	{"2025-03-14 10:12:00", "https://www.hsb.example/feed/", rss, "hsb/feed.xml"},
	{"2025-03-14 10:13:27", "https://www.hsb.example/2025/03/labline-working-again/", html, "hsb/labline-statement-14-march.html"},
	{"2025-03-14 10:55:50", "https://northwire.example/2025/03/14/labline-working-again", html, "northwire/working-again.html"},
	{"2025-03-14 12:02:34", "https://www.gov.example/government/news/health-and-wellbeing-secretary-statement-on-the-labline-fault", html, "gov/labline-statement-2.html"},
	{"2025-03-14 17:48:16", "https://www.brackenshire-echo.example/news/four-days-in-march", html, "echo/four-days-in-march.html"},
}

// Pages are the world's captures in the order of time. The caller may keep and
// change what it gets.
func Pages() []Capture {
	out := make([]Capture, len(visits))
	for i, v := range visits {
		at, err := time.Parse(time.DateTime, v.at)
		if err != nil {
			panic(fmt.Sprintf("demo: %s: %v", v.url, err)) // a test reads every line
		}
		out[i] = Capture{URL: v.url, At: at, MediaType: v.mediaType, Body: file(v.file)}
	}
	return out
}

// Register is the world's own register of organisations, as a file for
// --registry would have it.
func Register() []byte { return file("register.json") }

func file(name string) []byte {
	b, err := world.ReadFile("world/" + name)
	if err != nil {
		panic(fmt.Sprintf("demo: %v", err)) // embedded above; a test reads every file
	}
	return b
}

// Incident is what the world is about: four days without test results. It has
// no ID, revision or times yet. Its query is empty, since a refusal to comment
// seldom has a word of the matter in it: organisations and window choose.
func Incident() record.Incident {
	return record.Incident{
		Slug:    "labline-outage-2025",
		Name:    "LabLine results outage, March 2025",
		Summary: "An update to LabLine, which carries laboratory results, stopped them from reaching surgeries and hospitals in Brackenshire for four days. The county, its organisations and its people are invented.",
		From:    time.Date(2025, 3, 11, 0, 0, 0, 0, time.UTC),
		To:      time.Date(2025, 3, 15, 0, 0, 0, 0, time.UTC),
		Orgs: []string{
			"hs-brackenshire", "hs-brackenshire-coast", "ucm", "ucm-fdc", "dhw", "pellwright", "npg", "patients-together",
			"health-records-inspectorate", "brackenshire-laboratories", "dunmarsh-hospitals",
		},
	}
}
