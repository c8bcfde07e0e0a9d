package attribution

import (
	"slices"
	"strings"

	"onrecord/record"
	"onrecord/register"
)

// A Lesson is one choice that a reading makes, as it is shown to whoever learns
// the weights: a segment in quotation marks, and who might speak it.
type Lesson struct {
	Span    record.Span // the segment
	Prior   float64     // what the rules of thumb say for its being a statement
	Keep    []Feature   // what speaks for its being a statement; nil where that is not asked
	Options []Option
	// What was decided: whose words they are, and what speaks for that being
	// right. Sure is nil where they were taken for nobody's.
	Speaker record.Speaker
	Mention record.Span
	Joint   []record.Speaker
	Sure    []Feature
	// The likelihoods of the words being a statement, and of its speaker.
	Stated, Whose float64
}

// An Option is somebody who might speak a segment.
type Option struct {
	Span     record.Span // the phrase; empty for the speaker carried on
	Name     string      // the name in it, "" where it holds none
	Carried  bool        // the speaker of the paragraph before
	Says     bool        // it is the subject of a verb of saying
	Speaker  record.Speaker
	Prior    float64
	Features []Feature
}

// lesson collects the lessons of a reading. Its methods do nothing on nil.
type lesson struct {
	text    string
	options []Option
	done    []Lesson
}

// Lessons are the choices that the model meets on a page, in the order of its text.
func (m *Model) Lessons(p record.Page, r *register.Register) []Lesson {
	if p.Kind == record.FeedPage || strings.TrimSpace(p.Text) == "" {
		return nil
	}
	g := read(p, r, m)
	g.lesson = &lesson{text: p.Text}
	g.prepare()
	g.speak()
	return g.lesson.done
}

func (l *lesson) begin() {
	if l != nil {
		l.options = nil
	}
}

func (l *lesson) option(q *par, c *candidate, prior float64, fs []Feature) {
	if l == nil {
		return
	}
	o := Option{Carried: c == nil, Prior: prior, Features: slices.Clone(fs)}
	if c != nil {
		o.Span, o.Says = q.span(*c), related(c)
		if c.form == byName {
			o.Name = q.nameText(*c, l.text)
		}
	}
	l.options = append(l.options, o)
}

func (l *lesson) segment(s *segment, prior float64, fs []Feature) {
	if l == nil {
		return
	}
	l.done = append(l.done, Lesson{Span: s.Span, Prior: prior, Keep: slices.Clone(fs), Options: l.options})
	l.options = nil
}

// voice notes whose words the segment was decided to be.
func (l *lesson) voice(s *segment, v *voice, fs []Feature, whose float64) {
	if l == nil {
		return
	}
	if n := len(l.done); n == 0 || l.done[n-1].Span != s.Span {
		l.done = append(l.done, Lesson{Span: s.Span})
	}
	d := &l.done[len(l.done)-1]
	d.Speaker, d.Joint, d.Sure = v.Speaker, v.joint, slices.Clone(fs)
	d.Mention, d.Stated, d.Whose = v.mention, s.stated, whose
}

// carries notes whom the carried option of the last lesson stands for.
func (l *lesson) carries(x *context) {
	if l == nil || len(l.options) == 0 || x.carry == nil {
		return
	}
	if o := &l.options[len(l.options)-1]; o.Carried {
		o.Speaker = x.carry.Speaker
	}
}
