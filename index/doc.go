package index

import (
	"slices"
	"time"

	"onrecord/record"
	"onrecord/words"
)

// DocOf is the statement as an index sees it.
func DocOf(s record.Statement) Doc {
	d := Doc{
		ID: s.ID, Words: []string{s.Text}, When: s.When().Sort(), Published: s.Published.Sort(), Seen: s.FirstSeen, Changed: s.FirstSeen,
		Kind: string(s.Kind), Tags: slices.Clone(s.Tags), Lang: s.Lang, Status: string(s.Status),
		Sightings: len(s.Sightings), Wordings: len(s.Wordings),
	}
	for _, w := range s.Wordings {
		if !w.Front && w.Text != s.Text {
			d.Earlier = append(d.Earlier, w.Text)
		}
	}
	for _, x := range append([]record.Speaker{s.Speaker}, s.JointWith...) {
		d.Orgs = add(d.Orgs, orgOf(x))
		d.Persons = add(d.Persons, words.Normal(x.Name))
		d.Roles = add(d.Roles, x.Role)
	}
	for _, x := range s.Sightings {
		d.Outlets = add(d.Outlets, x.Outlet)
		d.Titles = add(d.Titles, x.PageTitle)
		d.Platforms = add(d.Platforms, x.Platform)
		d.Evidence = d.Evidence || !x.Imported
		for _, t := range []time.Time{x.Captured, x.Gone, x.Missing, x.Removed} {
			if t.After(d.Changed) {
				d.Changed = t
			}
		}
	}
	return d
}

// orgOf is the register id, else the normal form of the printed name.
func orgOf(s record.Speaker) string {
	if s.Org != "" {
		return s.Org
	}
	return words.Normal(s.OrgName)
}

func add(list []string, value string) []string {
	if value == "" || slices.Contains(list, value) {
		return list
	}
	return append(list, value)
}
