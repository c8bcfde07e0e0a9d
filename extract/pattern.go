package extract

import (
	"regexp"
	"sync"
)

// A pattern is a regular expression that is compiled when it is first asked.
// This room has more than a hundred, and most runs of the program need few:
// compiling all took a third of every command's start.
type pattern struct {
	once     sync.Once
	text     string
	compiled *regexp.Regexp
}

func lazily(text string) *pattern { return &pattern{text: text} }

func (p *pattern) re() *regexp.Regexp {
	p.once.Do(func() { p.compiled = regexp.MustCompile(p.text) })
	return p.compiled
}

func (p *pattern) MatchString(s string) bool              { return p.re().MatchString(s) }
func (p *pattern) FindString(s string) string             { return p.re().FindString(s) }
func (p *pattern) FindStringSubmatch(s string) []string   { return p.re().FindStringSubmatch(s) }
func (p *pattern) FindStringIndex(s string) []int         { return p.re().FindStringIndex(s) }
func (p *pattern) FindStringSubmatchIndex(s string) []int { return p.re().FindStringSubmatchIndex(s) }

func (p *pattern) FindAllStringIndex(s string, n int) [][]int { return p.re().FindAllStringIndex(s, n) }

func (p *pattern) FindAllSubmatch(b []byte, n int) [][][]byte { return p.re().FindAllSubmatch(b, n) }
func (p *pattern) FindSubmatch(b []byte) [][]byte             { return p.re().FindSubmatch(b) }
func (p *pattern) ReplaceAllString(s, with string) string     { return p.re().ReplaceAllString(s, with) }
func (p *pattern) Split(s string, n int) []string             { return p.re().Split(s, n) }
func (p *pattern) FindAllStringSubmatch(s string, n int) [][]string {
	return p.re().FindAllStringSubmatch(s, n)
}

func (p *pattern) ReplaceAllStringFunc(s string, with func(string) string) string {
	return p.re().ReplaceAllStringFunc(s, with)
}
