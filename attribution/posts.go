package attribution

import (
	"regexp"
	"sort"
	"strings"

	"onrecord/record"
	"onrecord/register"
)

// postLabel is the line under a flattened post: "— Name (@handle) July 19, 2024".
var postLabel = regexp.MustCompile(`^\s*[—―–-]+\s*([^()]{1,80}?)\s*\((@[\w.@-]{1,80})\)\s*(.{0,60})$`)

// postTail is that label at the end of a post flattened to one line: a date must
// stand there too.
var postTail = regexp.MustCompile(`\s[—―–-]+\s*([^()—―–]{1,80}?)\s*\((@[\w.@-]{1,80})\)\s*((?:\d|\p{Lu}\p{Ll}+\.? \d).{0,50})$`)

// linkTail is the post's own link, with the mark that points to it.
var linkTail = regexp.MustCompile(`[^\pL\pN.!?…”"]*(?:https?://t\.co/|pic\.twitter\.com/)\S+\s*$`)

var bareLink = regexp.MustCompile(`^\W*(?:https?://|t\.co/|pic\.twitter\.com/)\S+\s*$`)

// flatPosts finds posts in a text without markup: the line before the label,
// and the lines after it up to the post's own link.
func (g *reading) flatPosts() {
	for i := 1; i < len(g.pars); i++ {
		m := postLabel.FindStringSubmatch(g.pars[i].line)
		if m == nil || g.pars[i-1].role == posted || len(g.pars[i-1].line) > 2000 {
			continue
		}
		p := record.Post{Platform: "x", Handle: m[2], Author: strings.TrimSpace(m[1])}
		if at, ok := dateIn(m[3], record.Instant{}); ok {
			at.Basis = record.FromPost
			p.At = at
		}
		g.pars[i].role = skipped
		p.Spans = append(p.Spans, g.take(i-1))
		for _, j := range g.untilLink(i + 1) {
			p.Spans = append(p.Spans, g.take(j))
		}
		g.posts = append(g.posts, p)
	}
}

// linePosts finds posts that stand in one line with their label.
func (g *reading) linePosts() {
	for i := range g.pars {
		q := &g.pars[i]
		if q.role != body && q.role != heading || len(q.line) > 2000 || !strings.Contains(q.line, "(@") {
			continue
		}
		m := postTail.FindStringSubmatchIndex(q.line)
		if m == nil || m[0] == 0 {
			continue
		}
		p := record.Post{Platform: "x", Handle: q.line[m[4]:m[5]], Author: strings.TrimSpace(q.line[m[2]:m[3]])}
		if at, ok := dateIn(q.line[m[6]:m[7]], record.Instant{}); ok {
			at.Basis = record.FromPost
			p.At = at
		}
		end := m[0]
		if l := linkTail.FindStringIndex(q.line[:end]); l != nil && l[0] > 0 {
			end = l[0]
		}
		q.role = posted
		p.Spans = []record.Span{trimmed(g.text, q.Start, q.Start+end)}
		g.posts = append(g.posts, p)
	}
}

func (g *reading) take(i int) record.Span {
	q := &g.pars[i]
	q.role = posted
	return trimmed(g.text, q.Start, q.Start+len(q.line))
}

// untilLink lists the lines from i up to a line that is a link alone, where one
// stands within three lines; the link is looked across.
func (g *reading) untilLink(i int) []int {
	var run []int
	for j := i; j < len(g.pars) && j < i+3; j++ {
		if bareLink.MatchString(g.pars[j].line) {
			g.pars[j].role = skipped
			return run
		}
		if ledByMark(g.pars[j].line) {
			return nil
		}
		run = append(run, j)
	}
	return nil
}

// postsSaid makes a statement of every post that carries words.
func (g *reading) postsSaid() []*utterance {
	var out []*utterance
	for i := range g.posts {
		p := &g.posts[i]
		var spans []record.Span
		for _, s := range p.Spans {
			if s.In(g.text) != "" {
				spans = append(spans, s)
			}
		}
		if len(spans) == 0 {
			continue
		}
		u := &utterance{kind: record.PostKind, v: g.poster(p), spans: spans, full: true, sure: 0.95, url: p.URL, post: p, said: p.At}
		u.first = g.parAt(spans[0].Start)
		u.par = u.first
		if u.said.Known() {
			u.said.Basis = record.FromPost
		}
		out = append(out, u)
	}
	return out
}

// poster is whose account a post is: an organisation of the register by its
// handle or name, else whoever the display name says.
func (g *reading) poster(p *record.Post) *voice {
	v := &voice{person: -1, rule: "post", sure: 0.95}
	day := g.day
	if p.At.Known() {
		day = p.At.Time // who has the account changes
	}
	if o, ok := g.reg.Handle(p.Platform, p.Handle, day); ok {
		v.Org, v.OrgName, v.orgRule = o.ID, o.Name, "handle"
		return v
	}
	if who, post, ok := g.reg.PersonOf(p.Platform, p.Handle, day); ok {
		v.Name, v.Role, v.orgRule = who.Name, post.Role, "handle"
		if o, ok := g.reg.AsOf(post.Org, day); ok {
			v.Org, v.OrgName = o.ID, o.Name
		}
		return v
	}
	if f, ok := g.reg.Resolve(p.Author, day); ok {
		v.Org, v.OrgName, v.orgRule = f.ID, f.Name, "display name"
		if f.Rule != register.ByName {
			v.OrgPrinted, v.orgRule, v.sure = p.Author, f.Rule, v.sure*f.Confidence
		}
		return v
	}
	if i := g.known(p.Author, 0); i >= 0 && strings.Contains(p.Author, " ") {
		v.Speaker, v.orgRule = g.speaker(i)
		return v
	}
	v.OrgName, v.orgRule = p.Author, "display name"
	return v
}

// parAt is the paragraph that holds the offset, 0 where none does.
func (g *reading) parAt(at int) int {
	return max(0, sort.Search(len(g.pars), func(i int) bool { return g.pars[i].Start > at })-1)
}
