package attribution

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"onrecord/record"
	"onrecord/register"
)

// role is what a paragraph is good for.
type role int8

const (
	body    role = iota // words are taken from it
	heading             // only repeats, unless it names its speaker itself
	pull                // only repeats
	skipped             // looked across
	posted              // the words of a post
)

// maxScan is how many bytes of one block are read for marks: beyond it a block
// is no prose, and the rest is left unread.
const maxScan = 256 << 10

// par is one line of the page under reading.
type par struct {
	record.Block
	n     int // its place among the paragraphs
	role  role
	quote bool // set apart by markup as a quotation
	line  string
	toks  []token
	segs  []segment
	cands []candidate
	// stray is the offset of a closing mark that nothing opened, -1 for none.
	stray   int
	cues    int  // cue words outside quotation marks
	words   int  // words outside quotation marks
	signed  bool // part of a letter with its signatories
	carried bool // its first segment carries on an earlier one

	counts    []count         // by token, see between
	lower     map[string]bool // the page's, see reading
	relatedTo []int32         // by candidate: how many before it are subject of a verb of saying
}

// reading is a page being read, from its blocks to its statements.
type reading struct {
	page      record.Page
	reg       *register.Register
	text      string
	day       time.Time // as of which names hold; zero unknown
	pars      []par
	hits      []register.Hit
	people    []person
	bodies    []mention
	byLast    map[string][]int
	byFirst   map[string][]int
	strangers []stranger
	signers   []signers
	lower     map[string]bool // words that the page has in lower case
	official  bool            // an official body's own page
	owner     string          // register id of the publisher
	plain     bool            // no markup told the blocks apart
	posts     []record.Post
	model     *Model
	lesson    *lesson   // what the learner sees, nil when nobody learns
	fs        []Feature // the features in hand
	scores    []float64
}

// read lays the page out as paragraphs.
func read(p record.Page, r *register.Register, m *Model) *reading {
	g := &reading{page: p, reg: r, text: p.Text, posts: p.Posts, owner: p.PublisherOrg, model: m}
	if p.Published.Known() {
		g.day = p.Published.Time
	} else {
		g.day = p.Captured
	}
	blocks := p.Blocks
	if len(blocks) == 0 {
		blocks = lines(p.Text)
	}
	g.plain = true
	for i, b := range blocks {
		if b.Start < 0 || b.End > len(p.Text) || b.Start > b.End {
			continue
		}
		g.plain = g.plain && b.Kind == record.Paragraph
		line := b.In(p.Text)
		if strings.TrimSpace(line) == "" {
			continue
		}
		if len(line) > maxScan {
			line = strings.ToValidUTF8(line[:maxScan], "")
		}
		q := par{Block: b, n: len(g.pars), line: line, role: roleOf(b.Kind), quote: b.Kind == record.BlockQuote, stray: -1}
		if i > 0 && q.role == body {
			q.role = byLook(line, q.quote)
		}
		g.pars = append(g.pars, q)
	}
	flat := len(g.posts) == 0
	if g.plain {
		g.guessBlocks()
	}
	if flat {
		g.linePosts()
	}
	for i := range g.pars {
		g.pars[i].toks = tokenise(g.pars[i].line, g.pars[i].Start)
	}
	g.findOrgs()
	return g
}

// lines cuts a text that came without blocks.
func lines(text string) []record.Block {
	var out []record.Block
	for at := 0; at <= len(text); {
		end := len(text)
		if n := strings.IndexByte(text[at:], '\n'); n >= 0 {
			end = at + n
		}
		out = append(out, record.Block{Kind: record.Paragraph, Span: record.Span{Start: at, End: end}, Post: -1, Update: -1})
		at = end + 1
	}
	return out
}

func roleOf(k record.BlockKind) role {
	switch k {
	case record.Paragraph, record.ListItem, record.BlockQuote, record.Standfirst:
		return body
	case record.Heading:
		return heading
	case record.PullQuote:
		return pull
	case record.Embedded:
		return posted
	default:
		return skipped
	}
}

var (
	readMore = regexp.MustCompile(`(?i)^\W*(read (more|next|also)|related( (stories|articles|content))?|more on this( story)?|see also|most read|recommended|sign up|click here|share this|follow us|watch|listen|advertisement)\b[^.!?“"]{0,60}:?$`)
	credit   = regexp.MustCompile(`(?i)^\W*(featured image|image|picture|photo(graph)?|pic|photo credit|image credit|credit|caption)s?\s*(by|credit|[:–—-])`)
	creditAt = regexp.MustCompile(`(?i)\((image|picture|photo(graph)?|pic|photo credit|image credit|credit)s?(\s+(by|credit))?\s*[: ][^()“"]{1,60}\)\W*$`)
	stamp    = regexp.MustCompile(`(?i)^\W*(by\s+[A-Z].{0,80}|date published|published|updated|last updated|location|posted|first published|date)\b[^“"]{0,80}$`)
	listMark = regexp.MustCompile(`^\s*[-–•*·]\s+\S`)
	ending   = regexp.MustCompile(`(?i)^\W*(ends|notes? to (the )?editors?|notes|background|contact( us)?|media contacts?|press contacts?|about (the |us).*|for (more|further) information.*|further information|more information)\W*$`)
)

// byLook finds, by its words alone, a line that no speaker says.
func byLook(line string, quote bool) role {
	if len(line) > 200 || quote {
		return body
	}
	switch {
	case readMore.MatchString(line), credit.MatchString(line), creditAt.MatchString(line):
		return skipped
	}
	return body
}

// guessBlocks tells headings, lists of links and the like apart in a text that
// came without markup.
func (g *reading) guessBlocks() {
	more, over := false, false
	for i := range g.pars {
		q := &g.pars[i]
		switch {
		case over || ending.MatchString(q.line) && i > 2 && !strings.Contains(strings.ToLower(q.line), "background"):
			q.role, over = skipped, true
		case readMore.MatchString(q.line):
			q.role, more = skipped, true
		case q.role == skipped: // a credit, by its look
		case more && listMark.MatchString(q.line):
			q.role = skipped
		case postLabel.MatchString(q.line):
			q.role = skipped
		case titleLine(q.line) && !ledByMark(q.line) && (i < 2 || i+1 < len(g.pars) && !ledByMark(g.pars[i+1].line)):
			q.role = heading
		default:
			more = false
		}
	}
	if len(g.posts) == 0 {
		g.flatPosts()
	}
}

// titleLine reports whether a short line ends without a stop, as headings do.
func titleLine(s string) bool {
	s = strings.TrimSpace(s)
	if len(s) > 140 || len(strings.Fields(s)) > 20 {
		return false
	}
	c, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsLetter(c) || unicode.IsDigit(c)
}

// ledByMark reports whether a line begins with a quotation mark.
func ledByMark(s string) bool {
	s = strings.TrimLeftFunc(s, unicode.IsSpace)
	c, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune("“”„‟\"″«'‘’", c) && s != "" || strings.HasPrefix(s, "``")
}

// findOrgs marks the tokens by which the register's organisations are named. A
// name of one word that is part of a longer one ("the Independent Pharmacies
// Association") is not meant.
func (g *reading) findOrgs() {
	g.hits = g.reg.Find(g.text, g.day)
	h := 0
	for i := range g.pars {
		toks := g.pars[i].toks
		for j := range toks {
			for h < len(g.hits) && g.hits[h].End <= toks[j].Start {
				h++
			}
			if h < len(g.hits) && g.hits[h].Start < toks[j].End && !partOfName(toks, j, g.hits[h]) {
				toks[j].org = h + 1
			}
		}
	}
}

var companyForms = set(`corporation corp inc ltd limited plc llp group uk`)

func partOfName(toks []token, j int, h register.Hit) bool {
	k := j
	for k+1 < len(toks) && toks[k+1].Start < h.End {
		k++
	}
	if toks[k].owned {
		return false
	}
	longer := 0
	for n := k + 1; n < len(toks) && n < k+4 && toks[n].cap; n++ {
		if orgWords[toks[n].low] && !companyForms[toks[n].low] {
			longer = n
		}
	}
	return longer > 0 && toks[longer].org == 0
}
