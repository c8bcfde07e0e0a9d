// Package attribution reads who said which words, in which role, for which
// organisation and when, out of a Page. It never guesses a person: where the
// text does not say who spoke, the speaker is left out.
package attribution

import (
	"net/url"
	"slices"
	"strings"

	"onrecord/record"
	"onrecord/register"
)

// Statements lists what the page puts on record, in the order of its text.
// Each has one sighting, passes Statement.Check for the page and has no id yet.
// It is pure: the same page and register give the same statements. The page
// should have passed Place; a page that only lists others has no statements.
func Statements(p record.Page, r *register.Register) []record.Statement {
	return model.Statements(p, r)
}

// Statements is what Statements of the package does, read with these weights.
func (m *Model) Statements(p record.Page, r *register.Register) []record.Statement {
	if p.Kind.Lists() || strings.TrimSpace(p.Text) == "" {
		return nil
	}
	g := read(p, r, m)
	g.official = official(p, r)
	g.prepare()
	said := g.speak()
	said = g.fold(said)
	letters, said := g.signed(g.letters(), said)
	refused := g.declined()
	if g.official {
		said = g.releases(said)
	} else {
		said = append(said, without(g.reported(), refused)...)
	}
	said = append(append(said, refused...), letters...)
	said = append(said, g.postsSaid()...)
	g.date(said)
	g.complete(said)
	return g.statements(said)
}

// without leaves out the reported words that are a refusal: "said it would not
// comment".
func without(reported, refused []*utterance) []*utterance {
	return slices.DeleteFunc(reported, func(u *utterance) bool {
		return slices.ContainsFunc(refused, func(r *utterance) bool {
			return u.spans[0].Start < r.spans[0].End && r.spans[0].Start < u.spans[0].End
		})
	})
}

// doubtful is the confidence below which a speaker is left out: two of three
// such attributions were wrong on held-out articles.
const doubtful = 0.3

// leastStated is the score from which words are kept as a statement, the log odds
// of one in three. On held-out plain articles thresholds from there to one in two
// do alike (internal/learn prints them); of these the one that loses the fewest
// words was taken, since a reader can leave out a term in marks and cannot bring
// back what was never kept.
const leastStated = -0.7

// prepare finds the words in quotation marks and who is there to say them.
func (g *reading) prepare() {
	g.pair()
	g.lower = map[string]bool{}
	for i := range g.pars {
		for _, t := range g.pars[i].toks {
			if t.word && !t.cap && len(t.low) > 2 {
				g.lower[t.low] = true
			}
		}
	}
	for i := range g.pars {
		if q := &g.pars[i]; q.role == body || q.role == heading || q.role == skipped {
			q.findCandidates(g.lower)
		}
	}
	g.findPeople()
	g.findBodies()
	g.findStrangers()
	g.findSigners()
}

// complete gives every statement of a person what the page tells of that person
// later on.
func (g *reading) complete(said []*utterance) {
	for _, u := range said {
		if u.v.rule == "pronoun" && !u.v.hasBody() && u.v.Name == "" && strings.EqualFold(u.v.mention.In(g.text), "it") {
			g.nameBody(u)
		}
		if u.v.person < 0 || u.v.Org != "" || u.v.OrgName != "" {
			continue
		}
		v := *u.v
		v.Speaker, v.orgRule = g.speakerOn(v.person, g.dayOf(u))
		u.v = &v
	}
}

func (v *voice) hasBody() bool { return v.Org != "" || v.OrgName != "" }

// nameBody gives what "it" said to the body named last before, where the one who
// spoke before is none: "it" is no "tests", of whom the page said before that they
// say something.
func (g *reading) nameBody(u *utterance) {
	if m := g.bodyBefore(u.v.at, nil); m != nil {
		v := *u.v
		v.Role = ""
		g.setMention(&v, m, false)
		v.orgRule = "nearest organisation"
		u.v, u.sure = &v, min(u.sure, 0.6)
	}
}

// statements turns utterances into statements, in the order of the text.
func (g *reading) statements(said []*utterance) []record.Statement {
	slices.SortStableFunc(said, func(a, b *utterance) int { return a.spans[0].Start - b.spans[0].Start })
	outlet := g.outlet()
	var out []record.Statement
	for _, u := range said {
		s := g.sighting(u)
		s.Outlet = outlet
		st := record.Statement{
			Kind: u.kind, Text: s.Words, Lang: g.page.Lang, Speaker: s.Speaker, JointWith: s.JointWith,
			Said: s.Said, Published: s.Published, FirstSeen: s.Captured, Confidence: s.Confidence, Status: record.Current, Sightings: []record.Sighting{s},
		}
		if st.Check(g.page) == nil {
			out = append(out, st)
		}
	}
	return out
}

func (g *reading) sighting(u *utterance) record.Sighting {
	words := make([]string, len(u.spans))
	for i, s := range u.spans {
		words[i] = s.In(g.text)
	}
	p := g.page
	s := record.Sighting{
		Page: p.ID, Capture: p.Capture, URL: p.URL, CanonicalURL: p.CanonicalURL, OutletName: p.Publisher, OutletOrg: p.PublisherOrg, PageTitle: p.Title,
		Kind: u.kind, Words: strings.Join(words, "\n"), Spans: u.spans, Repeats: u.repeats,
		Speaker: u.v.Speaker, JointWith: u.v.joint, Cue: u.v.cue, Rule: u.v.rule, OrgRule: u.v.orgRule, Confidence: round(u.sure),
		Said: u.said, Published: g.published(u), Captured: p.Captured, LastSeen: p.Captured,
	}
	if s.URL == "" {
		s.URL = p.CanonicalURL
	}
	if u.url != "" {
		s.URL = u.url
	}
	if u.post != nil {
		s.Platform, s.Handle = u.post.Platform, u.post.Handle
	}
	if u.whose < doubtful && (u.kind == record.Quote || u.kind == record.Fragment) && u.v.rule != "none" {
		s.Speaker, s.JointWith, s.OrgRule = record.Speaker{}, nil, ""
	}
	if u.v.mention.Len() > 0 {
		s.Mention, s.MentionSpan = u.v.mention.In(g.text), u.v.mention
	}
	return s
}

// published is when these words were published: with their update, which its
// page may be days older than, else with the page.
func (g *reading) published(u *utterance) record.Instant {
	if n := g.pars[u.par].Update; n >= 0 && n < len(g.page.Updates) && g.page.Updates[n].At.Known() {
		return g.page.Updates[n].At
	}
	if p := g.page; u.said.Basis == record.FromText && p.Published.Known() && p.Modified.Known() && u.said.Time.After(p.Published.End()) {
		return p.Modified // words that were added
	}
	return g.page.Published
}

func round(f float64) float64 { return float64(int(f*100+0.5)) / 100 }

func (g *reading) outlet() string {
	raw := g.page.CanonicalURL
	if raw == "" {
		raw = g.page.URL
	}
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}
