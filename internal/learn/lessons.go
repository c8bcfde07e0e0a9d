package main

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"onrecord/attribution"
	"onrecord/internal/score"
	"onrecord/internal/training"
	"onrecord/record"
	"onrecord/register"
)

// reader is an article with a register to read it with: the one that knows its
// organisations, and one that knows nobody, as with most of the world's bodies.
type reader struct {
	article *training.Article
	page    record.Page
	reg     *register.Register
}

func readers(articles []training.Article) ([]reader, error) {
	var out []reader
	for i := range articles {
		a := &articles[i]
		r, err := a.Register()
		if err != nil {
			return nil, err
		}
		out = append(out, reader{a, a.Page(), r}, reader{a, a.Page(), &register.Register{}})
	}
	return out, nil
}

// speakers turns the lessons of the readers into choices of a speaker. missed
// counts the segments whose labelled source is among no options.
func speakers(rs []reader, m *attribution.Model) (choices []choice, missed []string) {
	for _, r := range rs {
		for _, l := range m.Lessons(r.page, r.reg) {
			label := labelAt(r.article, l.Span, training.Said)
			if label == nil {
				continue
			}
			c, ok := speaker(r.article, *label, l)
			switch {
			case ok:
				choices = append(choices, c)
			case len(l.Options) > 0:
				missed = append(missed, r.article.Name+": "+l.Span.In(r.article.Text))
			}
		}
	}
	return choices, missed
}

// speaker is the choice that a lesson is: an option is right where it stands in
// the source as labelled, first or with the speaker's name. One that names the
// speaker elsewhere is neither right nor wrong, and left out.
func speaker(a *training.Article, label training.Label, l attribution.Lesson) (choice, bool) {
	sources := sourcesOf(a, label)
	var c choice
	some, says := false, false
	taken := map[int]bool{}
	for _, o := range l.Options {
		right, neutral := false, false
		switch {
		case o.Carried:
			same := sameSpeaker(a, label.Speakers, o.Speaker)
			right = same && len(sources) == 0
		default:
			right, neutral = phraseOf(a, label, sources, o, taken)
			if !right && besideIt(a, l.Span, o) {
				right = neutral || unlabelled(a, o)
			}
		}
		if neutral && !right {
			continue
		}
		some, says = some || right, says || right && o.Says
		c.ways = append(c.ways, way{features: o.Features, prior: o.Prior, right: right, says: o.Says, text: o.Span.In(a.Text)})
	}
	for i := range c.ways { // "he" in “…,” he said, not the name at the head of the line
		c.ways[i].right = c.ways[i].right && (c.ways[i].says || !says)
	}
	return c, some
}

func phraseOf(a *training.Article, label training.Label, sources []record.Span, o attribution.Option, taken map[int]bool) (right, neutral bool) {
	named := namesOne(a, label.Speakers, o.Name)
	for i, s := range sources {
		if o.Span.Start < s.End && s.Start < o.Span.End {
			first := !taken[i]
			taken[i] = true
			return first || named, !first && !named
		}
	}
	return false, named
}

// besideIt reports whether the option and its verb of saying stand right beside
// the segment: “…,” she said; she added: “…”. The labels name a source once, and
// leave such a pronoun out where the name stands in the line too.
func besideIt(a *training.Article, s record.Span, o attribution.Option) bool {
	if !o.Says {
		return false
	}
	if o.Span.Start >= s.End {
		return strings.Trim(a.Text[s.End:o.Span.Start], " ,.!?”\"’'") == ""
	}
	gap := a.Text[min(o.Span.End, s.Start):s.Start]
	return len(gap) < 24 && !strings.ContainsAny(gap, ".!?") && (strings.Contains(gap, ":") || strings.Contains(gap, ","))
}

// unlabelled reports whether the option is a pronoun that is no source of
// another statement.
func unlabelled(a *training.Article, o attribution.Option) bool {
	switch strings.ToLower(o.Span.In(a.Text)) {
	case "he", "she", "they", "it":
	default:
		return false
	}
	return !slices.ContainsFunc(a.Labels, func(l training.Label) bool {
		return l.Kind == training.Source && l.Start < o.Span.End && o.Span.Start < l.End
	})
}

// sourcesOf are the labelled sources of a statement in the segment's own line.
func sourcesOf(a *training.Article, label training.Label) []record.Span {
	start := strings.LastIndexByte(a.Text[:label.Start], '\n') + 1
	end := len(a.Text)
	if n := strings.IndexByte(a.Text[label.End:], '\n'); n >= 0 {
		end = label.End + n
	}
	var out []record.Span
	for _, l := range a.Labels {
		if l.Kind == training.Source && l.Statement == label.Statement && l.Start >= start && l.End <= end {
			out = append(out, l.Span)
		}
	}
	return out
}

// labelAt is the label of that kind that shares half of the words with the span.
func labelAt(a *training.Article, s record.Span, k training.Kind) *training.Label {
	for i := range a.Labels {
		l := &a.Labels[i]
		if l.Kind != k {
			continue
		}
		if both := min(l.End, s.End) - max(l.Start, s.Start); 2*both >= max(l.End, s.End)-min(l.Start, s.Start) {
			return l
		}
	}
	return nil
}

func namesOne(a *training.Article, labels []string, name string) bool {
	f := strings.Fields(name)
	if len(f) == 0 {
		return false
	}
	last := strings.ToLower(f[len(f)-1])
	return slices.ContainsFunc(labels, func(l string) bool {
		w := strings.Fields(strings.ToLower(a.Speakers[l].Name))
		return len(w) > 0 && w[len(w)-1] == last
	})
}

func sameSpeaker(a *training.Article, labels []string, s record.Speaker) bool {
	if s.Name != "" {
		return namesOne(a, labels, s.Name)
	}
	return slices.ContainsFunc(labels, func(l string) bool {
		g := a.Speakers[l]
		if g.Name != "" {
			return false
		}
		if s.Org != "" || s.OrgName != "" {
			return orgIs(a, g.Org, s)
		}
		return s.Role != "" && (g.Role == "" || strings.Contains(strings.ToLower(s.Role), lastWord(g.Role)) || strings.Contains(strings.ToLower(g.Role), lastWord(s.Role)))
	})
}

func lastWord(s string) string {
	f := strings.Fields(strings.ToLower(s))
	if len(f) == 0 {
		return ""
	}
	return f[len(f)-1]
}

func orgIs(a *training.Article, id string, s record.Speaker) bool {
	for _, o := range a.Orgs {
		if o.ID != id {
			continue
		}
		if s.Org == id {
			return true
		}
		found := strings.ToLower(s.OrgName)
		for _, n := range append([]string{o.Name}, o.Aliases...) {
			if n = strings.ToLower(n); n == found || strings.Contains(n, found) && len(found) > 3 || strings.Contains(found, n) && len(n) > 3 {
				return true
			}
		}
	}
	return false
}

// words turns the lessons into choices between a statement and none.
func wordsSaid(rs []reader, m *attribution.Model) []choice {
	var out []choice
	for _, r := range rs {
		for _, l := range m.Lessons(r.page, r.reg) {
			if l.Keep == nil {
				continue
			}
			yes := labelAt(r.article, l.Span, training.Said) != nil
			if !yes && labelAt(r.article, l.Span, training.NotSaid) == nil {
				continue // in marks, but not labelled: nested, or paired wrongly
			}
			out = append(out, yesNo(l.Keep, l.Prior, yes))
		}
	}
	return out
}

// surely turns the lessons into choices between right and wrong speakers of
// statements. Words that are none are another question, and left out.
func surely(rs []reader, m *attribution.Model) []choice {
	var out []choice
	for r, l := range attributions(rs, m) {
		if label := labelAt(r.article, l.Span, training.Said); label != nil {
			out = append(out, yesNo(l.Sure, 0, rightly(r.article, *label, l)))
		}
	}
	return out
}

// attributions are the lessons in which a speaker was decided. Tabloid and live
// pages are left out: they are full of people without a post, by first name and
// nickname, while what the program watches is mostly said by office holders.
func attributions(rs []reader, m *attribution.Model) iter.Seq2[reader, attribution.Lesson] {
	return func(yield func(reader, attribution.Lesson) bool) {
		for _, r := range rs {
			if a := r.article; a.Style == "tabloid" || strings.HasPrefix(a.Style, "live") {
				continue
			}
			for _, l := range m.Lessons(r.page, r.reg) {
				if l.Sure != nil && !yield(r, l) {
					return
				}
			}
		}
	}
}

// rightly reports whether the speaker that was decided for a segment is the
// labelled one, as the scorer judges it by name.
func rightly(a *training.Article, label training.Label, l attribution.Lesson) bool {
	gold := a.Gold("").Statements
	at := score.Points(a.Text, label.Span)
	i := slices.IndexFunc(gold, func(s score.Statement) bool { return slices.Contains(s.Spans, at) })
	if i < 0 {
		return false
	}
	found := score.Statement{SpeakerText: l.Mention.In(a.Text), SpeakerName: cmp.Or(l.Speaker.Name, l.Speaker.OrgName), Organisation: l.Speaker.OrgName}
	if l.Mention.Len() > 0 {
		found.SpeakerSpans = [][2]int{score.Points(a.Text, l.Mention)}
	}
	return score.SameSource(a.Text, gold[i], found, true)
}

// outcome is what was thought likely of an attribution, and whether it was right.
type outcome struct {
	seen  [3]float64
	right bool
}

// outcomes judges attributions of plain articles, words that are no statement
// among them. Most articles were written to be hard; a confidence that was fitted
// on those would be too modest for ordinary news.
func outcomes(rs []reader, m *attribution.Model) []outcome {
	var out []outcome
	for r, l := range attributions(rs, m) {
		if !r.article.Plain {
			continue
		}
		label := labelAt(r.article, l.Span, training.Said)
		if label == nil && labelAt(r.article, l.Span, training.NotSaid) == nil {
			continue
		}
		out = append(out, outcome{attribution.Both(l.Stated, l.Whose), label != nil && rightly(r.article, *label, l)})
	}
	return out
}
