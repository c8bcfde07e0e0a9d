package web

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/gin-gonic/gin"

	"onrecord/desk"
	"onrecord/record"
)

type statementPage struct {
	S         record.Statement
	Heading   string
	Quoted    bool
	Cite      string
	Words     [][]piece
	Origin    *record.Sighting
	LastSeen  time.Time
	Sightings []sighting
	Wordings  []wording
	Evidence  []record.Capture
	// ByEditor is the attribution in force where a person made it; else nil.
	ByEditor *record.Correction
}

type sighting struct {
	X                             record.Sighting
	Outlet, PageTitle, Link, Hash string
	Same                          bool
	Wording                       int // its number; 0 where none is the same
}

type wording struct {
	W     record.Wording
	Words [][]piece
	Diff  any // pieces against the wording in front
}

func (s *Site) statement(c *gin.Context) (page, error) {
	raw := c.Param("id")
	if !idForm.MatchString(raw) {
		return page{}, fmt.Errorf("no statement %.80q: %w", raw, record.ErrNotFound)
	}
	d, err := s.o.Desk.Statement(c.Request.Context(), record.ID(raw))
	var moved *record.Moved
	if errors.As(err, &moved) {
		return page{}, &redirect{"/s/" + string(moved.To)}
	}
	if err != nil {
		return page{}, err
	}
	p := detail(d)
	return page{template: "statement", Title: p.Heading + ": " + short(60, d.Text), Canonical: "/s/" + raw, Body: p}, nil
}

func detail(d desk.Detail) statementPage {
	st := d.Statement
	p := statementPage{S: st, Quoted: quoted(st.Kind), Words: paragraphs(st.Text, nil), Origin: st.Origin(), Heading: kindWords(st.Kind)}
	p.ByEditor = st.Attributed()
	p.Heading += " by " + cmp.Or(st.Speaker.Name, st.Speaker.OrgName, "a speaker not named")
	if p.Origin != nil {
		p.Cite = safeLink(p.Origin.URL)
	}
	number := map[string]int{}
	for _, w := range st.Wordings {
		number[w.Text] = w.N
		p.Wordings = append(p.Wordings, wording{W: w, Words: paragraphs(w.Text, nil), Diff: desk.Diff(st.Text, w.Text)})
	}
	for _, x := range st.Sightings {
		p.Sightings = append(p.Sightings, sighting{
			X: x, Outlet: cmp.Or(x.OutletName, x.Outlet), PageTitle: cmp.Or(x.PageTitle, x.URL), Link: safeLink(x.URL),
			Hash: x.SHA256[:min(10, len(x.SHA256))], Same: x.Words == st.Text, Wording: number[x.Words],
		})
		if x.LastSeen.After(p.LastSeen) {
			p.LastSeen = x.LastSeen
		}
	}
	seen := map[record.ID]bool{}
	for _, e := range d.Evidence {
		if !e.Elsewhere && !seen[e.ID] {
			seen[e.ID] = true
			p.Evidence = append(p.Evidence, e.Capture)
		}
	}
	return p
}

func (s *Site) evidence(c *gin.Context) (page, error) {
	sha := c.Param("sha")
	if !shaForm.MatchString(sha) {
		return page{}, fmt.Errorf("%.80q is no SHA-256: %w", sha, record.ErrNotFound)
	}
	got, err := s.o.Desk.Capture(c.Request.Context(), sha)
	if err != nil {
		return page{}, err
	}
	withheld, err := s.o.Desk.Withheld(c.Request.Context(), got.ID)
	if err != nil {
		return page{}, err
	}
	return page{template: "evidence", Title: "Evidence " + sha[:10], Canonical: "/evidence/" + sha, Body: struct {
		record.Capture
		Withheld bool
	}{got, withheld}}, nil
}

type aboutPage struct {
	Notice string
	Kinds  []record.Kind
	Counts []named
}

func (s *Site) about(c *gin.Context) (page, error) {
	h, err := s.o.Desk.Health(c.Request.Context())
	if err != nil {
		return page{}, err
	}
	n := h.Counts
	return page{template: "about", Title: "How this is made", Here: "about", Canonical: "/about", Body: aboutPage{s.o.Notice, record.Kinds, []named{
		{Name: "Statements", Count: n.Statements},
		{Name: "Sightings", Count: n.Sightings},
		{Name: "Wordings", Count: n.Wordings},
		{Name: "Pages", Count: n.Pages},
		{Name: "Versions of pages", Count: n.Versions},
		{Name: "Captures", Count: n.Captures},
		{Name: "People", Count: n.People},
		{Name: "Incidents", Count: n.Incidents},
	}}}, nil
}
