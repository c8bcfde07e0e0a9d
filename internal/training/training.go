// Package training reads the articles in testdata/training: texts about
// invented bodies and people in which it is marked who said which words. It
// does not judge them; Article.Check tells what is wrong with one.
package training

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"onrecord/record"
	"onrecord/register"
)

// Article is one article with its labels.
type Article struct {
	Name      string // of its file, without the ending
	Style     string
	Plain     bool // ordinary news ("manner: plain"), not written to be hard
	Outlet    string
	URL       string
	Published time.Time
	Orgs      []Org
	Speakers  map[string]Speaker // by label, "S1"
	Text      string             // the headline, then one paragraph a line
	Labels    []Label            // in the order of the text
}

// Org is an invented organisation.
type Org struct {
	ID, Name string
	Aliases  []string
}

// Speaker is an invented speaker; the Name of an unnamed one is "".
type Speaker struct{ Name, Role, Org string }

// Kind is what a label marks.
type Kind byte

// The kinds of label, as they are written; Said has no sign of its own.
const (
	Said     Kind = ' ' // words in quotation marks
	Source   Kind = '@' // the phrase that names who said them
	NotSaid  Kind = '-' // in quotation marks, but nobody's statement
	Indirect Kind = '~' // reported words without marks
	Declined Kind = '!' // the phrase of a refusal
)

// Label marks a span of the text.
type Label struct {
	Kind      Kind
	Speakers  []string // labels of the speakers, joint ones all; nil for NotSaid
	Statement string   // the letters that tell the article's statements apart
	record.Span
}

// Read reads the articles of a folder, in the order of their names.
func Read(folder string) ([]Article, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil {
		return nil, err
	}
	sort.Strings(files)
	var out []Article
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		a, err := Parse(string(b))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		a.Name = strings.TrimSuffix(filepath.Base(f), ".txt")
		out = append(out, a)
	}
	return out, nil
}

// Parse reads one article.
func Parse(s string) (Article, error) {
	head, text, ok := strings.Cut(strings.ReplaceAll(s, "\r\n", "\n"), "\n---\n")
	if !ok {
		return Article{}, fmt.Errorf("no line --- between head and text")
	}
	a := Article{Speakers: map[string]Speaker{}}
	lines := bufio.NewScanner(strings.NewReader(head))
	for lines.Scan() {
		if err := a.head(lines.Text()); err != nil {
			return Article{}, err
		}
	}
	return a, a.labels(strings.TrimSpace(text))
}

func (a *Article) head(line string) (err error) {
	key, value, ok := strings.Cut(line, ":")
	if !ok {
		return fmt.Errorf("head: %q is no key and value", line)
	}
	f := strings.Split(value, "|")
	for i := range f {
		if f[i] = strings.TrimSpace(f[i]); f[i] == "-" {
			f[i] = ""
		}
	}
	switch key {
	case "style":
		a.Style = f[0]
	case "manner":
		if a.Plain = f[0] == "plain"; !a.Plain {
			return fmt.Errorf("manner: want plain or no such line: %q", line)
		}
	case "outlet":
		a.Outlet = f[0]
	case "url":
		a.URL = strings.TrimSpace(value)
	case "published":
		a.Published, err = time.Parse("2006-01-02", f[0])
	case "org":
		if len(f) < 2 {
			return fmt.Errorf("org: want id, name and aliases: %q", line)
		}
		o := Org{ID: f[0], Name: f[1]}
		for _, x := range strings.Split(strings.Join(f[2:], ";"), ";") {
			if x = strings.TrimSpace(x); x != "" {
				o.Aliases = append(o.Aliases, x)
			}
		}
		a.Orgs = append(a.Orgs, o)
	case "speaker":
		if len(f) != 4 {
			return fmt.Errorf("speaker: want label, name, role and org: %q", line)
		}
		a.Speakers[f[0]] = Speaker{Name: f[1], Role: f[2], Org: f[3]}
	default:
		return fmt.Errorf("head: no key %q", key)
	}
	return err
}

// labels takes the labels out of the text.
func (a *Article) labels(s string) error {
	var text strings.Builder
	for {
		at := strings.Index(s, "[[")
		if at < 0 {
			break
		}
		text.WriteString(s[:at])
		s = s[at+2:]
		end := strings.Index(s, "]]")
		if end < 0 {
			return fmt.Errorf("label %.40q is not closed", s)
		}
		head, words, ok := strings.Cut(s[:end], "|")
		if !ok || strings.Contains(words, "[[") {
			return fmt.Errorf("label %.60q: want what it marks, then |, then words without a label inside", s[:end])
		}
		l := Label{Kind: Said, Span: record.Span{Start: text.Len(), End: text.Len() + len(words)}}
		if head != "" && strings.ContainsRune("@~!-", rune(head[0])) {
			l.Kind, head = Kind(head[0]), head[1:]
		}
		if l.Kind != NotSaid {
			who, statement, _ := strings.Cut(head, ":")
			l.Speakers, l.Statement = strings.Split(who, "+"), statement
		}
		text.WriteString(words)
		a.Labels = append(a.Labels, l)
		s = s[end+2:]
	}
	text.WriteString(s)
	a.Text = text.String()
	return nil
}

// Check tells what is wrong with the labels of an article: speakers that the
// head does not know, statements of two speakers, words without a source,
// labels that run over lines, marks inside the label.
func (a *Article) Check() []string {
	var bad []string
	say := func(form string, args ...any) { bad = append(bad, fmt.Sprintf(form, args...)) }
	if a.Published.IsZero() || a.URL == "" || a.Outlet == "" || a.Style == "" {
		say("head: style, outlet, url and published are wanted")
	}
	orgs := map[string]bool{"": true}
	for _, o := range a.Orgs {
		orgs[o.ID] = true
	}
	for label, s := range a.Speakers {
		if !orgs[s.Org] {
			say("speaker %s: no organisation %q", label, s.Org)
		}
	}
	who, sourced := map[string]string{}, map[string]bool{}
	for _, l := range a.Labels {
		words := l.In(a.Text)
		switch {
		case strings.TrimSpace(words) == "" || strings.Contains(words, "\n"):
			say("label %q: no words, or more than a line", words)
		case l.Kind == NotSaid:
			continue
		case l.Statement == "":
			say("label %q: no statement", words)
		}
		for _, s := range l.Speakers {
			if _, ok := a.Speakers[s]; !ok {
				say("label %q: no speaker %q", words, s)
			}
		}
		said := strings.Join(l.Speakers, "+")
		if was, ok := who[l.Statement]; ok && was != said && l.Kind != Source && !strings.Contains(was, "+") {
			say("statement %s: said by %s and by %s", l.Statement, was, said)
		}
		if l.Kind == Source {
			sourced[l.Statement] = true
		} else {
			who[l.Statement] = said
		}
	}
	for s := range who {
		if !sourced[s] {
			say("statement %s has no source", s)
		}
	}
	sort.Strings(bad)
	return bad
}

// Page is the article as a page of its outlet, without markup.
func (a *Article) Page() record.Page {
	title, _, _ := strings.Cut(a.Text, "\n")
	return record.Page{
		URL: a.URL, CanonicalURL: a.URL, Title: title, Kind: record.NewsArticle, Text: a.Text, Publisher: a.Outlet, Lang: "en",
		Published: record.OnDay(a.Published.Year(), a.Published.Month(), a.Published.Day(), record.FromPage), Captured: a.Published.Add(24 * time.Hour),
	}
}

// Register knows the organisations of the article by their proper names, as a
// register does: not as "the company".
func (a *Article) Register() (*register.Register, error) {
	var orgs []register.Org
	for _, o := range a.Orgs {
		r := register.Org{ID: o.ID, Name: o.Name, Type: "body"}
		for _, x := range o.Aliases {
			if x != strings.ToLower(x) {
				r.Aliases = append(r.Aliases, register.Dated{Name: x})
			}
		}
		orgs = append(orgs, r)
	}
	b, err := json.Marshal(orgs)
	if err != nil {
		return nil, err
	}
	return register.Read(strings.NewReader(string(b)), a.Name)
}
