package timeline

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"onrecord/record"
)

// Said is one statement as Bursts sees it. Terms are numbers of the caller's.
type Said struct {
	ID    record.ID
	Day   int      // number of the London day of saying
	Orgs  []string // lane keys of the speakers; "" is nobody's
	Page  record.ID
	Terms []uint32 // each once
}

// Usual is how often a term stands on the whole record.
type Usual struct {
	Of    func(term uint32) int // statements that have the term
	Total int                   // statements in all
	// Weight is how telling a term is by itself, more than 0: it orders the terms
	// of a burst. Nil weighs all the same.
	Weight func(term uint32) float64
}

// Burst is a stretch of days on which many statements have the same unusual
// terms.
type Burst struct {
	First, Last int         // days, both belong to it
	Terms       []BurstTerm // the most telling first
	// Said are indexes of the statements of its days that have one of the
	// terms, in order.
	Said []int
}

// BurstTerm is a term of a burst.
type BurstTerm struct {
	Term       uint32
	Statements int // of the burst's days that have it
	Elsewhere  int // of the rest of the record
	Times      float64
}

// What makes a burst. A term counts where chance would not bring that many of
// the statements that have it together on a few days, though much be said of
// everything on those days; the bound holds for all terms and stretches
// together. A young record has few other days: to them some statements are
// added that do not have the term.
const (
	// LeastTogether is how many statements of a burst have each of its terms.
	LeastTogether = 5
	leastOrgs     = 3     // organisations that use the first term, and of a burst
	leastPages    = 3     // pages; one report that quotes three bodies is no burst
	leastTimes    = 3.0   // times as frequent as elsewhere
	leastTerms    = 2     // of a burst
	mostTerms     = 6     // of a burst
	alike         = 0.3   // share of the rarer term's statements that have the first term too
	assumed       = 100.0 // statements of other days that are added
	mostShare     = 10    // times as many statements as all other days have; more tell nothing
	overlap       = 0.5   // share of a burst's statements that an earlier one may have
	chance        = 1e-4  // that uniform noise yields a term at all
)

// stretches are the lengths in days that are tried.
var stretches = []int{1, 2, 4, 7, 14}

// Bursts finds the bursts, the most telling first. The order of said does not
// matter, except that Burst.Said are its indexes.
func Bursts(said []Said, usual Usual) []Burst {
	f := &finder{said: said, usual: usual, with: map[uint32][]int{}}
	f.prepare()
	var peaks []peak
	for _, term := range f.terms {
		if p, ok := f.peak(term); ok {
			peaks = append(peaks, p)
		}
	}
	slices.SortFunc(peaks, func(a, b peak) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.Term, b.Term)) })
	var out []Burst
	used, taken := map[uint32]bool{}, make([]bool, len(said))
	for _, head := range peaks {
		if used[head.Term] {
			continue
		}
		b, ok := f.around(head, used)
		if !ok || f.known(b, taken) {
			continue
		}
		for _, t := range b.Terms {
			used[t.Term] = true
		}
		for _, s := range b.Said {
			taken[s] = true
		}
		out = append(out, b)
	}
	return out
}

type finder struct {
	said  []Said
	usual Usual
	with  map[uint32][]int // statements of a term, by day
	terms []uint32         // that enough statements have, in order
	days  []int            // days of all statements, in order
	tests float64
}

// peak is a term on the days where it is least likely by chance.
type peak struct {
	BurstTerm
	first, last int
	score       float64 // minus the logarithm of the chance
}

// prepare lists the statements of each term.
func (f *finder) prepare() {
	order := make([]int, len(f.said))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(f.said[a].Day, f.said[b].Day), cmp.Compare(f.said[a].ID, f.said[b].ID), cmp.Compare(a, b))
	})
	distinct := map[int]bool{}
	for _, i := range order {
		f.days = append(f.days, f.said[i].Day)
		distinct[f.said[i].Day] = true
		for _, t := range f.said[i].Terms {
			f.with[t] = append(f.with[t], i)
		}
	}
	for t, list := range f.with {
		if len(list) >= LeastTogether {
			f.terms = append(f.terms, t)
		}
	}
	slices.Sort(f.terms)
	f.tests = float64(max(1, len(f.terms)*len(distinct)*len(stretches)))
}

// peak finds the days on which a term is least likely by chance.
func (f *finder) peak(term uint32) (best peak, ok bool) {
	list := f.with[term]
	least := -math.Log(chance / f.tests)
	for i := range list {
		first := f.said[list[i]].Day
		if i > 0 && f.said[list[i-1]].Day == first {
			continue
		}
		for _, length := range stretches {
			n := sort.Search(len(list), func(k int) bool { return f.said[list[k]].Day >= first+length }) - i
			if n < LeastTogether {
				continue
			}
			p := f.weigh(term, n, first, first+length-1)
			if p.Times >= leastTimes && p.score >= least && p.score > best.score {
				best, ok = p, true
			}
		}
	}
	return best, ok
}

// weigh is how unlikely it is that n of the statements with the term are of
// these days, if they lay anywhere on the record.
func (f *finder) weigh(term uint32, n, first, last int) peak {
	all := f.within(first, last)
	outside := max(0, f.usual.Total-all)
	elsewhere := max(0, f.usual.Of(term)-n)
	p := peak{BurstTerm: BurstTerm{term, n, elsewhere, 0}, first: first, last: last}
	if all == 0 || all > mostShare*outside {
		return p
	}
	p.Times = float64(n) / float64(all) / ((float64(elsewhere) + 0.5) / (float64(outside) + assumed))
	p.score = unlikely(float64(n), float64(n+elsewhere), float64(all)/(float64(all+outside)+assumed))
	return p
}

// within is how many statements there are of these days.
func (f *finder) within(first, last int) int {
	return sort.SearchInts(f.days, last+1) - sort.SearchInts(f.days, first)
}

// unlikely is minus the logarithm of the chance that n or more of total fall
// where each falls with chance share, by Chernoff's bound: never more than the
// true value.
func unlikely(n, total, share float64) float64 {
	if n <= total*share {
		return 0
	}
	sum := n * math.Log(n/total/share)
	if rest := total - n; rest > 0 {
		sum += rest * math.Log(rest/total/(1-share))
	}
	return sum
}

// on are the statements of the days that have the term.
func (f *finder) on(term uint32, first, last int) []int {
	list := f.with[term]
	from := sort.Search(len(list), func(k int) bool { return f.said[list[k]].Day >= first })
	to := sort.Search(len(list), func(k int) bool { return f.said[list[k]].Day > last })
	return list[from:to]
}

// around gathers the terms that stand beside the first one, and the statements
// that have any of them.
func (f *finder) around(head peak, used map[uint32]bool) (Burst, bool) {
	heads := setOf(f.on(head.Term, head.first, head.last))
	if f.orgs(heads) < leastOrgs {
		return Burst{}, false
	}
	b := Burst{First: head.first, Last: head.last}
	said := map[int]bool{}
	for _, p := range f.beside(head, heads, used) {
		if len(b.Terms) == mostTerms {
			break
		}
		b.Terms = append(b.Terms, p.BurstTerm)
		for _, s := range f.on(p.Term, head.first, head.last) {
			said[s] = true
		}
	}
	if len(b.Terms) < leastTerms || f.orgs(said) < leastOrgs || f.pages(said) < leastPages {
		return Burst{}, false
	}
	for s := range said {
		b.Said = append(b.Said, s)
	}
	slices.Sort(b.Said)
	f.trim(&b)
	return b, true
}

// beside are the first term and those that stand in the same statements and
// are unusual too, the most telling first. They need not be beyond chance by
// themselves: the first term is.
func (f *finder) beside(head peak, heads map[int]bool, used map[uint32]bool) []peak {
	both := map[uint32]int{}
	for s := range heads {
		for _, t := range f.said[s].Terms {
			both[t]++
		}
	}
	var out []peak
	for term, together := range both {
		own := f.on(term, head.first, head.last)
		if len(own) < LeastTogether || used[term] {
			continue
		}
		p := f.weigh(term, len(own), head.first, head.last)
		if term == head.Term {
			p.score = math.Inf(1)
		} else if p.Times < leastTimes || float64(together) < alike*float64(min(len(own), len(heads))) {
			continue
		}
		if f.usual.Weight != nil {
			p.score *= f.usual.Weight(term)
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b peak) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.Term, b.Term)) })
	return out
}

// trim cuts the days off on which nothing of the burst was said.
func (f *finder) trim(b *Burst) {
	first, last := b.Last, b.First
	for _, s := range b.Said {
		first, last = min(first, f.said[s].Day), max(last, f.said[s].Day)
	}
	b.First, b.Last = first, last
}

// known reports whether most of the burst belongs to earlier ones.
func (f *finder) known(b Burst, taken []bool) bool {
	n := 0
	for _, s := range b.Said {
		if taken[s] {
			n++
		}
	}
	return float64(n) >= overlap*float64(len(b.Said))
}

func (f *finder) orgs(said map[int]bool) int {
	seen := map[string]bool{}
	for s := range said {
		for _, o := range f.said[s].Orgs {
			if o != "" {
				seen[o] = true
			}
		}
	}
	return len(seen)
}

func (f *finder) pages(said map[int]bool) int {
	seen := map[record.ID]bool{}
	for s := range said {
		seen[f.said[s].Page] = true
	}
	return len(seen)
}

func setOf(list []int) map[int]bool {
	set := make(map[int]bool, len(list))
	for _, s := range list {
		set[s] = true
	}
	return set
}
