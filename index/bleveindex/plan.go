package bleveindex

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/index/scorch"

	"onrecord/query"
	"onrecord/record"
	"onrecord/words"
)

const (
	mostTerms = 1000 // words that a wildcard or a fuzzy word may stand for
	mostInAll = 8000 // words that all of a question may stand for
	mostFuzzy = 16   // fuzzy words of a question; each makes an automaton
)

// planner turns a reader's tree into matchers over the terms of a snapshot.
type planner struct {
	ctx      context.Context
	snapshot *scorch.IndexSnapshot
	stems    *stemmed
	// known are the words that patterns stand for, by field and pattern, so that
	// one asked for sixty times is looked up once; inAll counts them.
	known   map[string][]string
	inAll   int
	fuzzies int
	// earlier is true below an AND with version:any: every wording is searched.
	earlier bool
	// scored gathers what a relevance score counts.
	scored []scored
	// negated is above 0 below a NOT, open below an OR.
	negated, open int
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("index: %s: %w", fmt.Sprintf(format, args...), record.ErrInvalid)
}

// plan makes the matcher of a node.
func (p *planner) plan(n query.Node) (matcher, error) {
	switch n := n.(type) {
	case nil, query.All:
		return everything{}, nil
	case query.Word, query.Phrase, query.Wildcard, query.Fuzzy, query.Near:
		return p.words(n)
	case query.Field:
		return p.field(n)
	case query.Range:
		return timeRange{n}, checkClock(n.Name)
	case query.Count:
		return planCount(n)
	case query.IDs:
		ids := make([]string, len(n.IDs))
		for i, id := range n.IDs {
			ids[i] = string(id)
		}
		return idList(ids), nil
	case query.And:
		return p.and(n)
	case query.Or:
		p.open++
		list, err := p.each(different(n.Nodes))
		p.open--
		return anyOf(list), err
	case query.AtLeast:
		p.open++
		list, err := p.each(n.Nodes)
		p.open--
		return someOf{n.N, list}, err
	case query.Not:
		p.negated++
		m, err := p.plan(n.Node)
		p.negated--
		return noneOf{m}, err
	default:
		return nil, invalid("a node of type %T cannot be answered", n)
	}
}

func (p *planner) each(nodes []query.Node) ([]matcher, error) {
	out := make([]matcher, len(nodes))
	for i, n := range nodes {
		m, err := p.plan(n)
		if err != nil {
			return nil, err
		}
		out[i] = m
	}
	return out, nil
}

// different leaves out what is asked for twice.
func different(nodes []query.Node) []query.Node {
	out := make([]query.Node, 0, len(nodes))
	seen := map[string]bool{}
	for _, n := range nodes {
		key := query.Format(n)
		switch n.(type) {
		case query.Word, query.Phrase, query.Wildcard, query.Fuzzy, query.Near, query.Field:
			if seen[key] {
				continue
			}
			seen[key] = true
		}
		out = append(out, n)
	}
	return out
}

func (p *planner) and(n query.And) (matcher, error) {
	before := p.earlier
	defer func() { p.earlier = before }()
	if slices.Contains(n.Nodes, query.Node(query.Field{Name: "version", Value: "any"})) {
		p.earlier = true
	}
	list, err := p.each(different(n.Nodes))
	if err != nil {
		return nil, err
	}
	// What is cheap and narrow goes first; the rest looks only at what is left.
	slices.SortStableFunc(list, func(a, b matcher) int { return a.cost() - b.cost() })
	return allOf(list), nil
}

// words plans what looks at the words themselves, in the front wording or, with
// version:any, in all.
func (p *planner) words(n query.Node) (matcher, error) {
	m, err := p.wordsIn(n, fieldWords, fieldStem)
	if err != nil {
		return nil, err
	}
	if p.earlier {
		e, err := p.wordsIn(n, fieldEarlier, fieldEarlierStem)
		if err != nil {
			return nil, err
		}
		m = anyOf{m, e}
	}
	if p.negated == 0 {
		p.scored = append(p.scored, scored{m, p.open == 0})
	}
	return m, nil
}

func (p *planner) wordsIn(n query.Node, field, stems string) (matcher, error) {
	switch n := n.(type) {
	case query.Word:
		return p.word(n, field, stems)
	case query.Near:
		return p.near(n, field)
	default:
		c, err := p.chain(n, field)
		if err != nil {
			return nil, err
		}
		if len(c) == 1 && c[0].parts == nil {
			return terms{field, c[0].any}, nil
		}
		return phrase{field, c}, nil
	}
}

// word asks for a stem. What the tokens make several words of ("nhs.example/a")
// is asked for as a phrase; a joined word also as its parts in order.
func (p *planner) word(n query.Word, field, stems string) (matcher, error) {
	tokens := words.Tokens(n.Text)
	if len(tokens) != 1 {
		c, err := chainOf(n.Text)
		return phrase{field, c}, err
	}
	whole := terms{stems, []string{words.Stem(tokens[0].Text)}}
	if partsOf(n.Text, tokens[0]) == nil {
		return whole, nil
	}
	c, err := chainOf(n.Text)
	return anyOf{whole, phrase{field, c}}, err
}

func (p *planner) near(n query.Near, field string) (matcher, error) {
	left, err := p.chain(n.Left, field)
	if err != nil {
		return nil, err
	}
	right, err := p.chain(n.Right, field)
	if err != nil {
		return nil, err
	}
	if n.N < 1 || n.N > 100 {
		return nil, invalid("NEAR/%d: want 1 to 100", n.N)
	}
	return near{field, left, right, n.N, n.Ordered}, nil
}

// chain plans a word, phrase, pattern or fuzzy word as steps to be found in
// place. A word stands for every word of the same stem.
func (p *planner) chain(n query.Node, field string) (chain, error) {
	switch n := n.(type) {
	case query.Phrase:
		return chainOf(n.Text)
	case query.Word:
		return p.wordChain(n, field)
	case query.Wildcard:
		list, err := p.pattern(n.Pattern, field)
		return chain{{any: list}}, err
	case query.Fuzzy:
		list, err := p.fuzzy(n, field)
		return chain{{any: list}}, err
	default:
		return nil, invalid("a node of type %T cannot stand beside NEAR", n)
	}
}

// chainOf cuts exact words into steps.
func chainOf(text string) (chain, error) {
	var out chain
	for _, t := range words.Tokens(text) {
		s := step{any: []string{t.Text}, hash: hashOf(t.Text)}
		for _, part := range partsOf(text, t) {
			s.parts = append(s.parts, part.Text)
			s.each = append(s.each, step{any: []string{part.Text}, hash: hashOf(part.Text)})
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, invalid("%.40q holds no word", text)
	}
	return out, nil
}

func (p *planner) wordChain(n query.Word, field string) (chain, error) {
	c, err := chainOf(n.Text)
	if err != nil || len(c) != 1 {
		return c, err
	}
	stem := words.Stem(c[0].any[0])
	c[0].any, err = p.once(field+" "+stem, n.Text, func() (list []string, err error) {
		for _, head := range headsOf(stem) {
			some, err := p.expand(field, head, n.Text, func(term string) bool { return p.stems.of(term, hashOf(term)) == stem })
			if err != nil {
				return nil, err
			}
			list = append(list, some...)
		}
		if utf8.RuneCountInString(stem) == 1 {
			list = append(list, stem)
		}
		return list, nil
	})
	return c, err
}

// headsOf are how the words with this stem begin, apart from a stem of a single
// letter itself. Snowball's English stemmer takes letters away behind a head and
// changes its last one at most (y to i, e added, "possibility" is possibl);
// dying, lying and tying are its exceptions. Of the many words that begin with a
// letter, few are forms of the letter.
func headsOf(stem string) []string {
	switch stem {
	case "die", "lie", "tie":
		return []string{stem[:1]}
	}
	switch _, last := utf8.DecodeLastRuneInString(stem); utf8.RuneCountInString(stem) {
	case 1:
		return []string{stem + "'", stem + "ed", stem + "eed", stem + "ing"}
	case 2:
		return []string{stem}
	default:
		return []string{stem[:len(stem)-last]}
	}
}

// once looks up what a word, pattern or fuzzy word stands for, and counts it.
func (p *planner) once(key, typed string, look func() ([]string, error)) ([]string, error) {
	if list, known := p.known[key]; known {
		return list, nil
	}
	list, err := look()
	if err != nil {
		return nil, err
	}
	if p.inAll += len(list); p.inAll > mostInAll {
		return nil, invalid("with %.40q the question stands for more than %d words; write more of the letters, or ask for fewer patterns", typed, mostInAll)
	}
	p.known[key] = list
	return list, nil
}

// pattern lists the words of a pattern.
func (p *planner) pattern(pattern, field string) ([]string, error) {
	var want strings.Builder
	for i := 0; i < len(pattern); {
		j := strings.IndexAny(pattern[i:], "*?")
		if j < 0 {
			j = len(pattern) - i
		}
		literal := words.Normal(pattern[i : i+j])
		if strings.Contains(literal, " ") || i == 0 && utf8.RuneCountInString(literal) < 3 {
			return nil, invalid("%.40q: a pattern is one word, led by three letters", pattern)
		}
		want.WriteString(literal)
		if i += j; i < len(pattern) {
			want.WriteByte(pattern[i])
			i++
		}
	}
	shape := []rune(want.String())
	head := want.String()[:max(strings.IndexAny(want.String()+"*", "*?"), 1)]
	return p.once(field+"*"+string(shape), pattern, func() ([]string, error) {
		return p.expand(field, head, pattern, func(term string) bool { return glob(shape, []rune(term)) })
	})
}

// glob matches * and ? without backing up more than one star, so in linear
// time for any pattern a reader sends.
func glob(pattern, s []rune) bool {
	i, j, star, mark := 0, 0, -1, 0
	for j < len(s) {
		switch {
		case i < len(pattern) && pattern[i] == '*':
			star, mark = i, j
			i++
		case i < len(pattern) && (pattern[i] == '?' || pattern[i] == s[j]):
			i++
			j++
		case star >= 0:
			i, mark = star+1, mark+1
			j = mark
		default:
			return false
		}
	}
	for i < len(pattern) && pattern[i] == '*' {
		i++
	}
	return i == len(pattern)
}

// expand lists the words of a field that begin with head and are accepted.
func (p *planner) expand(field, head, typed string, accept func(string) bool) ([]string, error) {
	found := map[string]bool{}
	for _, seg := range p.snapshot.Segments() {
		dict, err := seg.Segment().Dictionary(field)
		if err != nil {
			return nil, err
		}
		it := iterate(dict, []byte(head), behind(head))
		for n := 0; ; n++ {
			if n%1024 == 0 && p.ctx.Err() != nil {
				return nil, p.ctx.Err()
			}
			e, err := it.Next()
			if err != nil {
				return nil, err
			}
			if e == nil {
				break
			}
			if !found[e.Term] && accept(e.Term) {
				found[e.Term] = true
			}
			if len(found) > mostTerms {
				return nil, tooWide(typed)
			}
		}
	}
	return sorted(found), nil
}

func tooWide(typed string) error {
	return invalid("%.40q stands for more than %d words; write more of its letters", typed, mostTerms)
}

// behind is the first string after all that begin with head.
func behind(head string) []byte {
	b := []byte(head)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xFF {
			b[i]++
			return b[:i+1]
		}
	}
	return nil
}

func sorted(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for s := range set {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

// fuzzy lists the words within the distance, by Bleve's automaton.
func (p *planner) fuzzy(n query.Fuzzy, field string) ([]string, error) {
	word := words.Normal(n.Text)
	if n.Distance < 1 || n.Distance > 2 || word == "" || strings.Contains(word, " ") {
		return nil, invalid("%.40q~%d: want one word and a distance of 1 or 2", n.Text, n.Distance)
	}
	return p.once(fmt.Sprintf("%s~%d%s", field, n.Distance, word), n.Text, func() ([]string, error) {
		if p.fuzzies++; p.fuzzies > mostFuzzy {
			return nil, invalid("%.40q~%d: a question may have %d different fuzzy words", n.Text, n.Distance, mostFuzzy)
		}
		return p.within(n, field, word)
	})
}

// within walks the words that an automaton accepts.
func (p *planner) within(n query.Fuzzy, field, word string) ([]string, error) {
	dict, err := p.snapshot.FieldDictFuzzy(field, word, n.Distance, "")
	if err != nil {
		return nil, err
	}
	defer dict.Close()
	found := map[string]bool{}
	for {
		e, err := dict.Next()
		if err != nil {
			return nil, err
		}
		if e == nil {
			return sorted(found), nil
		}
		if found[e.Term] = true; len(found) > mostTerms {
			return nil, tooWide(n.Text)
		}
	}
}

// field plans name:value.
func (p *planner) field(n query.Field) (matcher, error) {
	switch n.Name {
	case "org":
		return terms{fieldOrg, []string{strings.ToLower(strings.TrimSpace(n.Value)), n.Value, words.Normal(n.Value)}}, nil
	case "person":
		name := words.Normal(n.Value)
		if strings.Contains(name, " ") {
			return terms{fieldPerson, []string{name}}, nil
		}
		return anyOf{terms{fieldPerson, []string{name}}, terms{fieldSurname, []string{name}}}, nil
	case "role":
		c, err := chainOf(n.Value)
		return phrase{fieldRole, c}, err
	case "title":
		c, err := chainOf(n.Value)
		return phrase{fieldTitle, c}, err
	case "kind":
		return terms{fieldKind, []string{n.Value}}, nil
	case "status":
		return terms{fieldStatus, []string{n.Value}}, nil
	case "tag":
		return terms{fieldTag, []string{n.Value}}, nil
	case "outlet":
		return terms{fieldOutlet, []string{strings.ToLower(n.Value)}}, nil
	case "host":
		return terms{fieldHost, []string{strings.ToLower(n.Value)}}, nil
	case "lang":
		return terms{fieldLang, []string{strings.ToLower(n.Value)}}, nil
	case "platform":
		return terms{fieldPlatform, []string{strings.ToLower(n.Value)}}, nil
	case "first":
		before := p.earlier
		p.earlier = true
		m, err := p.words(query.Phrase{Text: n.Value})
		p.earlier = before
		return m, err
	}
	return fieldValue(n)
}

// fieldValue plans the fields that have few values.
func fieldValue(n query.Field) (matcher, error) {
	switch n.Name + ":" + n.Value {
	case "has:evidence", "has:versions", "has:sightings":
		return terms{fieldHas, []string{n.Value}}, nil
	case "edited:yes":
		return terms{fieldHas, []string{"versions"}}, nil
	case "edited:no":
		return noneOf{terms{fieldHas, []string{"versions"}}}, nil
	case "version:any":
		return everything{}, nil // the AND around it sees to it
	}
	switch n.Name {
	case "incident", "lineage", "source", "like":
		return nil, invalid("%s:%.80s was not written out before it was asked for", n.Name, n.Value)
	}
	return nil, invalid("%.20s:%.40s is not supported by this index yet", n.Name, n.Value)
}

func checkClock(name string) error {
	if !slices.Contains([]string{"said", "published", "seen", "changed"}, name) {
		return invalid("there is no clock %.20q", name)
	}
	return nil
}

func planCount(n query.Count) (matcher, error) {
	if n.Name != "sightings" || !slices.Contains([]string{"=", "<", "<=", ">", ">="}, n.Op) {
		return nil, invalid("%.20s:%.4s%d cannot be counted", n.Name, n.Op, n.N)
	}
	return count{n}, nil
}
