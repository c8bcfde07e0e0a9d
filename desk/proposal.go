package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"onrecord/index"
	"onrecord/query"
	"onrecord/record"
	"onrecord/timeline"
	"onrecord/words"
)

const (
	// MostProposing is the most statements that are searched for bursts, the
	// latest ones.
	MostProposing = 100_000
	proposingDays = 30  // before now, where no window is asked for
	mostProposals = 20  // of one answer
	mostWords     = 400 // of a statement that are looked at
	grown         = 2.0 // times the statements that a refused proposal had, for it to come back
	covered       = 0.5 // share of a proposal's statements that one incident has
)

// ProposalAsk says where incidents are sought. The zero value means the last 30
// days, and those that wait for an editor.
type ProposalAsk struct {
	From, To time.Time // [From,To) of what was said
	// All asks for those that were accepted or refused, or that an incident
	// covers, as well.
	All bool
}

// Proposals are incidents that the statements themselves suggest, the most
// telling first: bursts of statements with shared unusual words, by at least
// three organisations, less what editors have decided about.
func (d *Desk) Proposals(ctx context.Context, a ProposalAsk) ([]record.Proposal, error) {
	a.From, a.To = d.proposalWindow(a)
	found, err := d.proposed(ctx, a)
	if err != nil {
		return nil, err
	}
	decided, err := d.decided(ctx)
	if err != nil {
		return nil, err
	}
	incidents, err := d.cat.Incidents(ctx)
	if err != nil {
		return nil, err
	}
	out := []record.Proposal{}
	for _, p := range found {
		p = decide(p, decided)
		if p.State == record.ProposalOpen {
			if err := d.cover(ctx, &p, incidents); err != nil {
				return nil, err
			}
		}
		if a.All || p.State == record.ProposalOpen {
			out = append(out, p)
		}
	}
	return out, nil
}

// Proposal is one of the proposals of a window, whatever its state. The error
// wraps record.ErrNotFound.
func (d *Desk) Proposal(ctx context.Context, id record.ID, a ProposalAsk) (record.Proposal, error) {
	a.All = true
	list, err := d.Proposals(ctx, a)
	if err != nil {
		return record.Proposal{}, err
	}
	for _, p := range list {
		if p.ID == id {
			return p, nil
		}
	}
	return record.Proposal{}, fmt.Errorf("no proposal %.80q now; they follow what is on record: list them again: %w", id, record.ErrNotFound)
}

// proposalWindow fills in the window: whole days in London.
func (d *Desk) proposalWindow(a ProposalAsk) (from, to time.Time) {
	from, to = a.From, a.To
	now := d.clock().In(record.London)
	if to.IsZero() {
		to = time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, record.London)
	}
	if from.IsZero() {
		from = to.AddDate(0, 0, -proposingDays)
	}
	return from.UTC(), to.UTC()
}

// proposing keeps the last answer: it is the same as long as the record is.
type proposing struct {
	lock sync.Mutex // one search for bursts at a time
	of   string
	list []record.Proposal
}

// proposed finds the bursts of a window, undecided.
func (d *Desk) proposed(ctx context.Context, a ProposalAsk) ([]record.Proposal, error) {
	state, err := d.State(ctx)
	if err != nil {
		return nil, err
	}
	key := state + " " + window(a.From, a.To)
	d.bursts.lock.Lock()
	defer d.bursts.lock.Unlock()
	if d.bursts.of == key {
		return slices.Clone(d.bursts.list), nil
	}
	c, err := d.collect(ctx, a)
	if err != nil {
		return nil, err
	}
	usual, err := c.usual(ctx, d.ix)
	if err != nil {
		return nil, err
	}
	list := []record.Proposal{}
	for _, b := range timeline.Bursts(c.said, usual) {
		if len(list) < mostProposals {
			list = append(list, c.proposal(b, d.names()))
		}
	}
	d.bursts.of, d.bursts.list = key, list
	return slices.Clone(list), nil
}

// collect reads the statements of a window, the latest MostProposing of them.
// They are read and cut into words at the same time.
func (d *Desk) collect(ctx context.Context, a ProposalAsk) (*collection, error) {
	c := newCollection()
	read := make(chan record.Statement, 64)
	var wait sync.WaitGroup
	var broken error
	wait.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				broken = fmt.Errorf("suggest incidents: a statement could not be read: %v", r)
				for range read {
					continue // the reader of the record is not left waiting
				}
			}
		}()
		for s := range read {
			c.add(s)
		}
	})
	n := 0
	_, err := d.Each(ctx, Ask{Fields: map[string][]string{"said": {window(a.From, a.To)}}, Sort: query.Newest}, func(s record.Statement) error {
		if n++; n > MostProposing {
			return errEnough
		}
		read <- s
		return nil
	})
	close(read)
	wait.Wait()
	if errors.Is(err, errEnough) {
		err = nil
	}
	return c, cmp.Or(broken, err)
}

// collection is the statements of a window as the search for bursts sees them.
// Of their words it holds each once, whatever the number of statements.
type collection struct {
	said  []timeline.Said
	words map[string]*spelling
	terms map[string]uint32
	stems []string
	forms [][]*spelling // of a stem
	// asName counts, of a stem, the places where it is written as a name.
	asName []int
	names  map[string]string
}

// spelling is a word as it is written: the number of its stem, and how often it
// stands there. A word that names nothing is idle.
type spelling struct {
	text string
	term uint32
	idle bool
	n    int
}

func newCollection() *collection {
	return &collection{words: map[string]*spelling{}, terms: map[string]uint32{}, names: map[string]string{}}
}

// add takes a statement in. A refusal is in the reporter's words, and they are
// the same everywhere.
func (c *collection) add(s record.Statement) {
	w := s.When()
	if s.Kind == record.Declined || !w.Known() || w.Precision == record.ToMonth || w.Precision == record.ToYear {
		return
	}
	day, err := time.Parse(time.DateOnly, w.Day())
	if err != nil {
		return
	}
	x := timeline.Said{ID: s.ID, Day: int(day.Unix() / 86400)}
	if o := s.Origin(); o != nil {
		x.Page = o.Page
	}
	for _, who := range append([]record.Speaker{s.Speaker}, s.JointWith...) {
		if key := timeline.LaneKey(who); key != "" && !slices.Contains(x.Orgs, key) {
			x.Orgs = append(x.Orgs, key)
			if c.names[key] == "" {
				c.names[key] = who.OrgName
			}
		}
	}
	seen := map[uint32]bool{}
	for _, t := range words.Tokens(s.Text) {
		if len(seen) == mostWords {
			break
		}
		if n, ok := c.term(t.Text); ok {
			if isName(s.Text, t.Start) {
				c.asName[n]++
			}
			if !seen[n] {
				seen[n] = true
				x.Terms = append(x.Terms, n)
			}
		}
	}
	c.said = append(c.said, x)
}

// isName reports whether the word at a place has a capital letter that no
// beginning of a sentence gives it.
func isName(text string, at int) bool {
	first, _ := utf8.DecodeRuneInString(text[at:])
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text[:at], " "))
	return unicode.IsUpper(first) && (unicode.IsLetter(before) || unicode.IsDigit(before) || before == ',')
}

// idle words name no matter: the calendar's, which come and go with the days on
// which everybody says them, and the commonest words that are no stop words.
var idle = wordSet("monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december " +
	"today yesterday tomorrow tonight morning afternoon evening night day days hour hours minute minutes week weeks month months year years time times late later early first last next since still already soon ever never always often now then " +
	"one two three four five six seven eight nine ten hundred thousand million half third second many much few less least lot every everyone everybody everything anyone anybody anything someone somebody something nobody nothing none other others another " +
	"say says said saying tell told ask asks asked speak call called know knows known think thought believe feel see seen look looking hear read find found show mean means want wants need needs needed like let make makes made take takes taken get gets got give given go goes going gone come comes came put keep kept bring try tried use used work works working help start begin began end stop happen happened become stay stand turn turned move left right wait " +
	"people person man woman men women thing things way ways part place case point fact number group world country life good better best bad new old long short great big small high low own sure able important different same possible clear whole full well back away around out even just really quite rather also though although however yet within without among across behind beyond upon per via " +
	"mr mrs ms dr sir lord lady minister spokesman spokeswoman spokesperson statement")

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

// term is the number of a word's stem; false for a word that names nothing.
func (c *collection) term(word string) (uint32, bool) {
	if len(word) < 3 || len(word) > 40 {
		return 0, false
	}
	x := c.words[word]
	if x == nil {
		x = c.spelled(strings.Clone(word)) // a word holds the statement that it stands in
		c.words[x.text] = x
	}
	x.n++
	return x.term, !x.idle
}

// spelled takes in a word that is met for the first time.
func (c *collection) spelled(word string) *spelling {
	x := &spelling{text: word}
	plain := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }
	if strings.ContainsFunc(word, plain) || strings.Trim(word, "0123456789") == "" || words.Stop(word) || idle[word] {
		x.idle = true
		return x
	}
	stem := words.Stem(word)
	n, known := c.terms[stem]
	if !known {
		n = uint32(len(c.stems))
		c.terms[stem] = n
		c.stems = append(c.stems, stem)
		c.forms = append(c.forms, nil)
		c.asName = append(c.asName, 0)
	}
	x.term = n
	c.forms[n] = append(c.forms[n], x)
	return x
}

// commonest is the spelling that is met most often, of equals the first in order.
func commonest(list []*spelling) string {
	return slices.MaxFunc(list, func(a, b *spelling) int { return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(b.text, a.text)) }).text
}

// usual asks the index how often the stems that might make a burst stand on the
// whole record.
func (c *collection) usual(ctx context.Context, ix index.Index) (timeline.Usual, error) {
	var forms []string
	var at []uint32
	for n, list := range c.forms {
		sum := 0
		for _, k := range list {
			sum += k.n
		}
		if sum >= timeline.LeastTogether {
			forms, at = append(forms, commonest(list)), append(at, uint32(n))
		}
	}
	counts, total, err := ix.Frequencies(ctx, forms)
	of := make(map[uint32]int, len(at))
	for i, n := range at {
		if err == nil {
			of[n] = counts[i]
		}
	}
	return timeline.Usual{Of: func(term uint32) int { return of[term] }, Total: total, Weight: c.weight}, err
}

// weight is how telling a term is by itself: a name tells more than a word.
func (c *collection) weight(term uint32) float64 {
	sum := 0
	for _, x := range c.forms[term] {
		sum += x.n
	}
	return 1 + float64(c.asName[term])/float64(sum)
}

// proposal puts a burst into words.
func (c *collection) proposal(b timeline.Burst, names map[string]string) record.Proposal {
	day := func(n int) time.Time {
		t := time.Unix(int64(n)*86400, 0).UTC()
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, record.London).UTC()
	}
	p := record.Proposal{From: day(b.First), To: day(b.Last + 1), Statements: len(b.Said), State: record.ProposalOpen}
	var texts, stems []string
	for _, t := range b.Terms {
		text := commonest(c.forms[t.Term])
		texts, stems = append(texts, text), append(stems, c.stems[t.Term])
		p.Terms = append(p.Terms, record.ProposedTerm{Text: text, Statements: t.Statements, Elsewhere: t.Elsewhere, Times: math.Round(t.Times*10) / 10})
	}
	pages, orgs := map[record.ID]bool{}, map[string]int{}
	for _, i := range b.Said {
		pages[c.said[i].Page] = true
		for _, o := range c.said[i].Orgs {
			orgs[o]++
		}
	}
	p.Pages = len(pages)
	for _, key := range slices.SortedFunc(maps.Keys(orgs), func(a, b string) int { return cmp.Or(orgs[b]-orgs[a], cmp.Compare(a, b)) }) {
		o := record.ProposedOrg{Name: cmp.Or(names[key], c.names[key], key), Statements: orgs[key]}
		if !strings.HasPrefix(key, "~") {
			o.Org = key
		}
		p.Orgs = append(p.Orgs, o)
	}
	p.Query = strings.Join(texts, " OR ")
	first, last := p.From.In(record.London), p.To.In(record.London).AddDate(0, 0, -1)
	p.Name = capital(strings.Join(texts[:min(3, len(texts))], ", ")) + ", " + daysInWords(first, last)
	p.Reason = reason(p, first, last)
	p.ID = record.HashID("prp", first.Format(time.DateOnly), stems[0])
	return p
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func daysInWords(first, last time.Time) string {
	switch {
	case first.Equal(last):
		return first.Format("2 January 2006")
	case first.Year() != last.Year():
		return first.Format("2 January 2006") + " to " + last.Format("2 January 2006")
	case first.Month() != last.Month():
		return first.Format("2 January") + " to " + last.Format("2 January 2006")
	default:
		return first.Format("2") + " to " + last.Format("2 January 2006")
	}
}

// reason says in words why a burst is proposed.
func reason(p record.Proposal, first, last time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d statements of %d organisations, first seen on %d pages, used these words on %s:", p.Statements, len(p.Orgs), p.Pages, daysInWords(first, last))
	for i, t := range p.Terms {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, " “%s” (in %d; elsewhere in %d, %.1f times as frequent here)", t.Text, t.Statements, t.Elsewhere, t.Times)
	}
	b.WriteByte('.')
	return b.String()
}

// decision is a line of the edit log about a proposal, as it was then.
type decision struct {
	line record.Edit
	p    record.Proposal
}

// decided reads what editors did with proposals.
func (d *Desk) decided(ctx context.Context) ([]decision, error) {
	var out []decision
	for after := int64(0); ; {
		list, err := d.cat.Edits(ctx, after, 1000)
		if err != nil || len(list) == 0 {
			return out, err
		}
		for _, e := range list {
			after = e.N
			if !strings.HasPrefix(e.Action, "proposal.") {
				continue
			}
			x := decision{line: e}
			if err := json.Unmarshal([]byte(e.Value), &x.p); err != nil {
				return nil, fmt.Errorf("line %d of the edit log: %w: %w", e.N, err, record.ErrDamaged)
			}
			x.line.Value = ""
			out = append(out, x)
		}
	}
}

// decide gives a proposal what editors made of it. A refused one that has grown
// markedly since is open again.
func decide(p record.Proposal, list []decision) record.Proposal {
	for _, x := range list {
		if !sameProposal(p, x.p) {
			continue
		}
		switch x.line.Action {
		case "proposal.edit":
			p.Name, p.Query, p.From, p.To = x.p.Name, x.p.Query, x.p.From, x.p.To
			p.State = record.ProposalOpen
		case "proposal.accept":
			p.State, p.Incident = record.ProposalAccepted, x.p.Incident
		case "proposal.refuse":
			p.State = record.ProposalRefused
			if float64(p.Statements) >= grown*float64(x.p.Statements) {
				p.State = record.ProposalOpen
			}
		}
		p.Decisions = append(p.Decisions, x.line)
	}
	return p
}

// sameProposal reports whether two are about the same thing: the id, or days in
// common and at least half of the words of the one with fewer.
func sameProposal(a, b record.Proposal) bool {
	if a.ID == b.ID {
		return true
	}
	if !a.From.Before(b.To) || !b.From.Before(a.To) {
		return false
	}
	common := 0
	for _, t := range a.Terms {
		if slices.ContainsFunc(b.Terms, func(u record.ProposedTerm) bool { return words.Stem(t.Text) == words.Stem(u.Text) }) {
			common++
		}
	}
	return common > 0 && 2*common >= min(len(a.Terms), len(b.Terms))
}

// cover marks a proposal most of whose statements an incident has already.
func (d *Desk) cover(ctx context.Context, p *record.Proposal, incidents []record.Incident) error {
	for _, i := range incidents {
		if !i.To.IsZero() && !p.From.Before(i.To) || !i.From.IsZero() && !i.From.Before(p.To) {
			continue
		}
		of := func(fields map[string][]string) (int, error) {
			fields["said"] = []string{window(p.From, p.To)}
			f, err := d.Search(ctx, Ask{Q: p.Query, Fields: fields, Limit: 1})
			return f.Total, err
		}
		all, err := of(map[string][]string{})
		if err != nil {
			return err
		}
		has, err := of(map[string][]string{"incident": {i.Slug}})
		var unread *FieldError
		if errors.As(err, &unread) {
			continue // its query cannot be read any longer
		}
		if err != nil {
			return err
		}
		if float64(has) >= covered*float64(all) {
			p.State, p.Incident = record.ProposalCovered, i.Slug
			return nil
		}
	}
	return nil
}
