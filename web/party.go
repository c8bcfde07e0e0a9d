package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"onrecord/record"
)

// partyPage is an organisation or a person.
type partyPage struct {
	Name   string
	Facts  []named
	Roles  []record.RoleSeen
	People []record.Person
	Total  int
	Cards  []card
	More   string
}

func (s *Site) organisations(c *gin.Context) (page, error) {
	list, err := s.o.Desk.Organisations(c.Request.Context())
	return page{template: "organisations", Title: "Organisations", Here: "organisations", Canonical: "/o", Body: list}, err
}

func (s *Site) organisation(c *gin.Context) (page, error) {
	slug := c.Param("slug")
	o, err := s.o.Desk.Organisation(c.Request.Context(), slug)
	if err != nil {
		return page{}, err
	}
	p := partyPage{Name: o.Name, Total: o.Statements, Cards: cards(o.Latest), More: searchLink(url.Values{"org": {slug}})}
	fact := func(name, value, link string, away bool) {
		if value != "" {
			p.Facts = append(p.Facts, named{Name: name, Value: value, Link: link, Away: away})
		}
	}
	fact("Kind", o.Type, "", false)
	for _, a := range slices.Concat(o.Abbreviations, o.Aliases) {
		fact("Also called", a.Name+days(a.From, a.To), "", false)
	}
	if o.ValidFrom+o.ValidTo != "" {
		fact("Existed", strings.TrimSuffix(strings.TrimPrefix(days(o.ValidFrom, o.ValidTo), " ("), ")"), "", false)
	}
	if o.Successor != "" {
		fact("Followed by", o.Successor, "/o/"+url.PathEscape(o.Successor), false)
	}
	for _, id := range o.Predecessors {
		fact("Followed", id, "/o/"+url.PathEscape(id), false)
	}
	if len(o.Predecessors) > 0 {
		fact("With those before it", "all their statements", searchLink(url.Values{"lineage": {slug}}), false)
	}
	if o.Parent != "" {
		fact("Part of", o.Parent, "/o/"+url.PathEscape(o.Parent), false)
	}
	for _, d := range o.Domains {
		fact("Speaks on", d.Name+days(d.From, d.To), safeLink("https://"+d.Name), true)
	}
	fact("On record from", instantWords(o.First), "", false)
	fact("Latest", instantWords(o.Last), "", false)
	if p.People, err = s.o.Desk.People(c.Request.Context(), slug, "", 50); err != nil {
		return page{}, err
	}
	if p.Total <= len(p.Cards) {
		p.More = ""
	}
	return page{template: "party", Title: o.Name, Here: "organisations", Canonical: "/o/" + url.PathEscape(slug), Feed: "/api/v1/feed.atom?org=" + url.QueryEscape(slug), Body: p}, nil
}

// days tells when something of the register held, as the register writes it.
func days(from, to string) string {
	switch {
	case from == "" && to == "":
		return ""
	case to == "":
		return " (since " + from + ")"
	case from == "":
		return " (until " + to + ")"
	}
	return " (" + from + " to " + to + ")"
}

func (s *Site) person(c *gin.Context) (page, error) {
	raw := c.Param("id")
	if !idForm.MatchString(raw) {
		return page{}, fmt.Errorf("no person %.80q: %w", raw, record.ErrNotFound)
	}
	d, err := s.o.Desk.Person(c.Request.Context(), record.ID(raw))
	if err != nil {
		return page{}, err
	}
	p := partyPage{Name: d.Name, Roles: d.Roles, Total: d.Statements, Cards: cards(d.Latest)}
	if d.OrgName != "" {
		p.Facts = append(p.Facts, named{Name: "Organisation", Value: d.OrgName, Link: searchLink(url.Values{"org": {d.Org}})})
	}
	if d.Linked > 0 {
		p.Facts = append(p.Facts, named{Name: "Known by the name alone", Value: countWords(d.Linked, "statement", "statements") + ", whose pages print no organisation"})
	}
	if p.Total > len(p.Cards) {
		v := url.Values{"person": {d.Name}}
		if d.Org != "" {
			v.Set("org", d.Org)
		}
		p.More = searchLink(v)
	}
	return page{template: "party", Title: d.Name, Canonical: "/p/" + raw, Body: p}, nil
}
