package catalogue

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"onrecord/record"
	"onrecord/words"
)

// Draw fills in what a statement takes from its sightings: kind, words,
// speaker, the clocks, confidence, status, and the days and rank of its
// wordings. It reads ID, Lang, Mark, Tags, the wordings' N and Text, the
// sightings and the corrections, and puts the sightings in order. The same sightings give the same
// statement, in whatever order they were recorded.
func Draw(s *record.Statement) {
	slices.SortStableFunc(s.Sightings, inOrder)
	byBest := make([]*record.Sighting, len(s.Sightings))
	for i := range s.Sightings {
		byBest[i] = &s.Sightings[i]
	}
	slices.SortStableFunc(byBest, bySource)
	if len(byBest) == 0 {
		return
	}
	s.Kind = byBest[0].Kind
	s.Links = nil
	drawSpeaker(s, byBest)
	attribute(s)
	s.Said, s.Published, s.FirstSeen = record.Instant{}, record.Instant{}, s.Sightings[0].Captured
	known := knownBy(s.Sightings)
	for _, x := range byBest {
		if !x.Said.Time.After(known) {
			s.Said = better(s.Said, x.Said)
		}
		if !x.Published.Time.After(known) {
			s.Published = better(s.Published, x.Published)
		}
	}
	if c := s.Dated(); c != nil {
		s.Said = *c.Said
	}
	s.Status = status(s.Sightings)
	drawWordings(s)
}

// knownBy is the moment by which the words had certainly been said: the end of
// the earliest instant at which a page carried them. A live page that repeats
// yesterday's statement stamps it with today's update; the best basis, but of
// the wrong saying.
func knownBy(seen []record.Sighting) time.Time {
	var first time.Time
	for _, x := range seen {
		carried := x.Published
		if x.Said.Basis == record.FromUpdate || x.Said.Basis == record.FromPost {
			carried = x.Said // the page may be older or younger than its update or post
		}
		for _, t := range []time.Time{carried.End(), x.Captured} {
			if !t.IsZero() && (first.IsZero() || t.Before(first)) {
				first = t
			}
		}
	}
	return first
}

// inOrder is the order of a statement's sightings: of capture, then page,
// then place.
func inOrder(a, b record.Sighting) int {
	return cmp.Or(a.Captured.Compare(b.Captured), strings.Compare(string(a.Page), string(b.Page)),
		cmp.Compare(a.Version, b.Version), cmp.Compare(start(a), start(b)), strings.Compare(a.Words, b.Words),
		strings.Compare(a.URL, b.URL), strings.Compare(string(a.Capture), string(b.Capture)))
}

func start(s record.Sighting) int {
	if len(s.Spans) == 0 {
		return 0
	}
	return s.Spans[0].Start
}

// bySource orders sightings by how well they attest: the best kind, then a
// known organisation, a name, a role, then the earliest.
func bySource(a, b *record.Sighting) int {
	return cmp.Or(cmp.Compare(a.Kind.Rank(), b.Kind.Rank()),
		first(a.Speaker.Org != "", b.Speaker.Org != ""), first(a.Speaker.Named(), b.Speaker.Named()),
		first(a.Speaker.Role != "", b.Speaker.Role != ""),
		earlier(a.Published, b.Published), inOrder(*a, *b))
}

func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	default:
		return 1
	}
}

// earlier compares two instants where both are known.
func earlier(a, b record.Instant) int {
	if !a.Known() || !b.Known() {
		return first(a.Known(), b.Known())
	}
	return a.Sort().Compare(b.Sort())
}

// better is the instant with the better basis, then the earlier one.
func better(a, b record.Instant) record.Instant {
	switch {
	case !b.Known():
		return a
	case !a.Known():
		return b
	}
	if c := cmp.Or(cmp.Compare(a.Basis.Rank(), b.Basis.Rank()), a.Sort().Compare(b.Sort())); c > 0 {
		return b
	}
	return a
}

// drawSpeaker takes the speaker of the best sighting. Where that one names
// nobody and a person of the same organisation is named for the words
// elsewhere, the person is on record; where it names one without a role, the
// role is taken from a sighting that prints it.
func drawSpeaker(s *record.Statement, byBest []*record.Sighting) {
	from := byBest[0]
	for _, x := range byBest {
		if x.Speaker.Named() && !from.Speaker.Named() && x.Kind.Rank() <= record.Fragment.Rank() &&
			from.Speaker.Org != "" && x.Speaker.Org == from.Speaker.Org && len(from.JointWith) == 0 {
			from = x
		}
	}
	s.Speaker, s.JointWith, s.Confidence = from.Speaker, from.JointWith, from.Confidence
	if s.Speaker.Named() && s.Speaker.Role == "" {
		for _, x := range byBest {
			if x.Speaker.Name == s.Speaker.Name && x.Speaker.Role != "" && x.Speaker.Org == s.Speaker.Org {
				s.Speaker.Role = x.Speaker.Role
				break
			}
		}
	}
	s.Person = PersonOf(s.Speaker)
}

// attribute puts the speaker on record whom a person named: that beats whatever
// the sightings say, and is as sure as the record can be.
func attribute(s *record.Statement) {
	if c := s.Attributed(); c != nil {
		s.Speaker, s.JointWith, s.Confidence = c.Set.Speaker, c.Set.JointWith, 1
		s.Person = PersonOf(s.Speaker)
	}
}

// PersonOf is the id of a named speaker, "" for an unnamed one.
func PersonOf(s record.Speaker) record.ID {
	if !s.Named() {
		return ""
	}
	return record.PersonID(s.Name, cmp.Or(s.Org, s.OrgName))
}

// status is what was observed of the official pages that carried it (or, where
// none ever did, of all pages): updated where one that carries it once had other
// words, missing or removed where every page that would still carry it is,
// withdrawn where none carries it any longer.
func status(all []record.Sighting) record.Status {
	list := slices.DeleteFunc(slices.Clone(all), func(s record.Sighting) bool { return s.Kind != record.Release })
	if len(list) == 0 {
		list = all
	}
	stands := map[record.ID]bool{}
	absent, lost := 0, 0
	for _, s := range list {
		stands[s.Page] = stands[s.Page] || s.Gone.IsZero() && s.Missing.IsZero()
		if s.Gone.IsZero() && !s.Missing.IsZero() {
			absent++
			if !s.Removed.IsZero() {
				lost++
			}
		}
	}
	carried, updated := false, false
	for _, s := range list {
		carried = carried || stands[s.Page]
		updated = updated || stands[s.Page] && !s.Gone.IsZero()
	}
	switch {
	case updated:
		return record.Updated
	case carried:
		return record.Current
	case absent > 0 && lost == absent:
		return record.Removed
	case absent > 0:
		return record.Missing
	default:
		return record.Withdrawn
	}
}

// drawWordings dates the wordings and puts one in front: the most complete of
// those that no official page has since replaced by another.
func drawWordings(s *record.Statement) {
	for i := range s.Wordings {
		w := &s.Wordings[i]
		w.First, w.Last, w.Stands, w.Front = time.Time{}, time.Time{}, false, false
	}
	live := officialPages(s.Sightings)
	official := make([]standing, len(s.Wordings))
	which := wordingsOf(s)
	for i := range s.Sightings {
		x := &s.Sightings[i]
		n := which.of(x.Words)
		if n < 0 {
			continue
		}
		see(&s.Wordings[n], x)
		if x.Kind == record.Release {
			official[n].stands = official[n].stands || x.Gone.IsZero()
			official[n].replaced = official[n].replaced || !x.Gone.IsZero() && live[x.Page]
		}
	}
	if n := frontOf(s.Wordings, which, official); n >= 0 {
		s.Wordings[n].Front = true
		s.Text = s.Wordings[n].Text
	}
}

// wordingFinder tells which wording some words are. Most are one to the letter;
// normal forms, the dearest part of drawing, are made where they are not.
type wordingFinder struct {
	list     []record.Wording
	byNormal map[string]int // nil until asked for
	words    []int          // of each wording; nil until asked for
}

func wordingsOf(s *record.Statement) *wordingFinder { return &wordingFinder{list: s.Wordings} }

// of is the index of the wording with these words, -1 where there is none.
func (f *wordingFinder) of(text string) int {
	for i := range f.list {
		if f.list[i].Text == text {
			return i
		}
	}
	if f.byNormal == nil {
		f.byNormal = make(map[string]int, len(f.list))
		for i := range f.list {
			f.byNormal[normalOf(f.list[i].Text)] = i
		}
	}
	if n, ok := f.byNormal[normalOf(text)]; ok {
		return n
	}
	return -1
}

// length is the number of words of a wording.
func (f *wordingFinder) length(i int) int {
	if f.words == nil {
		f.words = make([]int, len(f.list))
		for i := range f.list {
			f.words[i] = len(words.Tokens(f.list[i].Text))
		}
	}
	return f.words[i]
}

// standing is how a wording fares on official pages.
type standing struct{ stands, replaced bool }

func (o standing) current() bool { return o.stands || !o.replaced }

// officialPages are the pages of official bodies that carry the statement now,
// in whichever words.
func officialPages(list []record.Sighting) map[record.ID]bool {
	live := map[record.ID]bool{}
	for _, x := range list {
		if x.Kind == record.Release && x.Gone.IsZero() {
			live[x.Page] = true
		}
	}
	return live
}

// see dates a wording by one sighting of it.
func see(w *record.Wording, x *record.Sighting) {
	if w.First.IsZero() || x.Captured.Before(w.First) {
		w.First = x.Captured
	}
	if x.LastSeen.After(w.Last) {
		w.Last = x.LastSeen
	}
	w.Stands = w.Stands || x.Gone.IsZero()
}

// frontOf picks the wording in front; -1 where there is none.
func frontOf(list []record.Wording, which *wordingFinder, official []standing) int {
	best := -1
	for i := range list {
		if best < 0 || cmp.Or(first(official[i].current(), official[best].current()),
			cmp.Compare(which.length(best), which.length(i)),
			list[i].First.Compare(list[best].First), strings.Compare(list[i].Text, list[best].Text)) < 0 {
			best = i
		}
	}
	return best
}
