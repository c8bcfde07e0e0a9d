package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"onrecord/record"
)

type sourcesPage struct {
	Watched, Failing, Waiting int
	OnlyFailing               bool
	List                      []sourceRow // as filtered, those in trouble first
	Off                       []sourceRow // not visited
	May                       bool        // whether who asks may change anything
	Fault                     string      // of a list that was sent; "" for none
}

// sourceRow is one source with what its visits came to, in words.
type sourceRow struct {
	S       record.SourceState
	Name    string // its address where it has none
	OrgName string
	Address string // that may be followed; "" for none
	Failing bool
	Pages   int // found on it in all
	Refused int // of these, by robots.txt
	Failed  int // of these, for other reasons
	May     bool
}

func (s *Site) sources(c *gin.Context) (page, error) { return s.sourcesPage(c, "") }

// sourcesPage is the list, with what is wrong with a subscription list that was
// sent.
func (s *Site) sourcesPage(c *gin.Context, fault string) (page, error) {
	state, asked := c.GetQuery("state")
	if asked && state != "failing" && state != "" {
		return page{}, fmt.Errorf("state %.80q: want failing, or leave it out: %w", state, record.ErrInvalid)
	}
	list, err := s.o.Desk.Sources(c.Request.Context())
	if err != nil {
		return page{}, err
	}
	p := sourcesPage{OnlyFailing: state == "failing", May: s.may(c), Fault: fault}
	for _, x := range list {
		r := s.sourceRow(x)
		if !x.Watched() {
			p.Off = append(p.Off, r)
			continue
		}
		p.Watched++
		switch {
		case r.Failing:
			p.Failing++
		case x.Visit.State == record.NotVisited:
			p.Waiting++
		}
		if r.Failing || !p.OnlyFailing {
			p.List = append(p.List, r)
		}
	}
	slices.SortStableFunc(p.List, func(a, b sourceRow) int { return cmp.Or(trouble(b)-trouble(a), byName(a, b)) })
	slices.SortStableFunc(p.Off, byName)
	return page{template: "sources", Title: "Sources", Here: "sources", Canonical: "/sources", Body: p}, nil
}

func byName(a, b sourceRow) int {
	return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
}

// trouble orders sources: those that fail, those with pages that do, the rest.
func trouble(r sourceRow) int {
	switch {
	case r.Failing:
		return 2
	case r.Failed > 0:
		return 1
	default:
		return 0
	}
}

func (s *Site) sourceRow(x record.SourceState) sourceRow {
	r := sourceRow{S: x, Name: cmp.Or(x.Name, x.URL), OrgName: s.o.Desk.OrgName(x.Org), Address: safeLink(x.URL)}
	r.Failing = x.Watched() && x.Visit.State != record.VisitOK && x.Visit.State != record.NotVisited
	for state, n := range x.Pages {
		r.Pages += n
		switch state {
		case record.NotVisited, record.VisitOK:
		case record.VisitRobots:
			r.Refused += n
		default:
			r.Failed += n
		}
	}
	return r
}

type sourcePage struct {
	sourceRow
	Health    string // of the last visits, in words; "" before the first
	Answered  string // the status of the last answer with its name; "" for none
	ByState   []named
	Evidence  string // digest of the last good answer's body; "" for none
	Unshown   int    // pages in trouble that are not listed
	Addresses []troubled
}

// troubled is one page that could not be read.
type troubled struct {
	V    record.Visit
	Link string
}

func (s *Site) source(c *gin.Context) (page, error) {
	raw := c.Param("id")
	if !idForm.MatchString(raw) {
		return page{}, fmt.Errorf("no source %.80q: %w", raw, record.ErrNotFound)
	}
	x, err := s.o.Desk.Source(c.Request.Context(), record.ID(raw))
	if err != nil {
		return page{}, err
	}
	p := sourcePage{sourceRow: s.sourceRow(x), Health: x.Health()}
	p.May = s.may(c)
	if x.Visit.Status != 0 {
		p.Answered = strings.TrimSpace(fmt.Sprintf("%d %s", x.Visit.Status, http.StatusText(x.Visit.Status)))
	}
	for _, state := range visitStates {
		if n := x.Pages[state]; n > 0 {
			p.ByState = append(p.ByState, named{Name: visitWords(state), Count: n})
		}
	}
	if shaForm.MatchString(x.Visit.SHA256) {
		p.Evidence = x.Visit.SHA256
	}
	for _, v := range x.Troubled {
		p.Addresses = append(p.Addresses, troubled{v, safeLink(v.URL)})
	}
	p.Unshown = p.Refused + p.Failed - len(p.Addresses)
	return page{template: "source", Title: p.Name, Here: "sources", Canonical: "/sources/" + raw, Body: p}, nil
}

// visitStates is the order in which pages found on a source are counted.
var visitStates = []record.VisitState{
	record.VisitOK, record.NotVisited, record.VisitFailed, record.VisitGone, record.VisitRobots, record.VisitUnsure, record.VisitBarred,
}

// visitWords says how the last visit of an address went.
func visitWords(v record.VisitState) string {
	words := map[record.VisitState]string{
		record.NotVisited: "not visited yet", record.VisitOK: "answers", record.VisitFailed: "fails", record.VisitGone: "gone",
		record.VisitRobots: "refused by robots.txt", record.VisitUnsure: "not asked: robots.txt cannot be read", record.VisitBarred: "not asked: the settings or the guard forbid it",
	}
	if w, ok := words[v]; ok {
		return w
	}
	return string(v)
}

// rhythmWords says how often a source is asked, and what for, in a few words.
func rhythmWords(x record.SourceState) []string {
	every := x.Interval()
	if n := x.Visit.Rhythm.Every; n > 0 {
		every = time.Duration(n) * time.Second
	}
	if every > time.Minute {
		every = every.Round(time.Minute)
	}
	out := []string{"every " + strings.NewReplacer(" hours", " h", " hour", " h", " minutes", " min", " minute", " min", " seconds", " s").Replace(everyWords(every))}
	if x.Visit.Rhythm.Incident != "" {
		out = append(out, "for an incident")
	}
	return out
}

func sourceKindWords(k record.SourceKind) string {
	words := map[record.SourceKind]string{
		record.SourceFeed: "feed", record.SourceListing: "page of links", record.SourcePage: "page",
		record.SourceLive: "live page", record.SourceSitemap: "sitemap", record.SourceWordPress: "WordPress posts", record.SourceGovUK: "GOV.UK search",
		record.SourceMastodon: "Mastodon posts", record.SourceBluesky: "Bluesky posts", record.SourceYouTube: "YouTube channel", record.SourceX: "X posts",
	}
	if w, ok := words[k]; ok {
		return w
	}
	return string(k)
}

// everyWords is the time between two visits for people: "15 minutes", "4 hours 14
// minutes".
func everyWords(d time.Duration) string {
	hours, minutes, seconds := int(d/time.Hour), int(d%time.Hour/time.Minute), int(d%time.Minute/time.Second)
	switch {
	case seconds > 0 || d == 0:
		return countWords(int(d/time.Second), "second", "seconds")
	case hours == 0:
		return countWords(minutes, "minute", "minutes")
	case minutes == 0:
		return countWords(hours, "hour", "hours")
	default:
		return countWords(hours, "hour", "hours") + " " + countWords(minutes, "minute", "minutes")
	}
}
