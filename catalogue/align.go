package catalogue

import (
	"onrecord/record"
)

// Align finds for each sighting of a page's new version the one of its earlier
// version that it continues, as an index into earlier, -1 for none. Both are in
// the order of the page. The same words are the same wherever they moved to;
// edited words are found between their neighbours, by the words in common.
// Each earlier one is continued at most once.
func Align(earlier, later []record.Sighting) []int {
	a := alignment{old: sayings(earlier), new: sayings(later), to: make([]int, len(later)), taken: make([]bool, len(earlier))}
	for i := range a.to {
		a.to[i] = -1
	}
	a.sameWords()
	a.editedWords()
	return a.to
}

type alignment struct {
	old, new []Saying
	to       []int // for each new one the old one
	taken    []bool
}

func sayings(list []record.Sighting) []Saying {
	out := make([]Saying, len(list))
	for i := range list {
		out[i] = Found(&list[i])
	}
	return out
}

// sameWords pairs equal wordings, those by the same speaker at the same time
// before those whose attribution the page changed.
func (a *alignment) sameWords() {
	byWords := make(map[string][]int, len(a.old))
	for j, o := range a.old {
		byWords[o.Front.Normal()] = append(byWords[o.Front.Normal()], j)
	}
	for _, strict := range []bool{true, false} {
		for i, n := range a.new {
			if a.to[i] >= 0 {
				continue
			}
			for _, j := range byWords[n.Front.Normal()] {
				if !a.taken[j] && !otherUpdate(n, a.old[j]) && (!strict || n.sameSpeaker(a.old[j])) {
					a.to[i], a.taken[j] = j, true
					break
				}
			}
		}
	}
}

// editedWords aligns what is left as two sequences, so that the sum of
// likeness is greatest and no two pairs cross (Needleman and Wunsch).
func (a *alignment) editedWords() {
	rows, cols := a.open()
	if len(rows) == 0 || len(cols) == 0 || len(rows)*len(cols) > 1<<20 {
		return // a page of a thousand new statements is not an edit of its last version
	}
	like := make([][]float64, len(rows))
	best := make([][]float64, len(rows)+1)
	best[0] = make([]float64, len(cols)+1)
	for i, r := range rows {
		like[i], best[i+1] = make([]float64, len(cols)), make([]float64, len(cols)+1)
		for j, c := range cols {
			like[i][j] = likeness(a.new[r], a.old[c])
			best[i+1][j+1] = max(best[i][j+1], best[i+1][j], best[i][j]+like[i][j])
		}
	}
	for i, j := len(rows), len(cols); i > 0 && j > 0; {
		switch {
		case like[i-1][j-1] > 0 && best[i][j] == best[i-1][j-1]+like[i-1][j-1]:
			i, j = i-1, j-1
			a.to[rows[i]], a.taken[cols[j]] = cols[j], true
		case best[i][j] == best[i-1][j]:
			i--
		default:
			j--
		}
	}
}

// open lists what has no partner yet.
func (a *alignment) open() (rows, cols []int) {
	for i := range a.new {
		if a.to[i] < 0 {
			rows = append(rows, i)
		}
	}
	for j := range a.old {
		if !a.taken[j] {
			cols = append(cols, j)
		}
	}
	return rows, cols
}

// least is the least overlap of words at which an edited statement is still
// taken for the same one.
const least = 0.3

// likeness is how much a new statement looks like an edited old one, 0 where
// it cannot be. A page that is used again for the next day's statement keeps
// sentences and the address, but not the day: there only words that hold each
// other make one statement.
func likeness(n, o Saying) float64 {
	if otherUpdate(n, o) || n.otherPost(o) || !Allied(n.Speaker, n.Joint, o.Speaker, o.Joint) {
		return 0
	}
	if (n.Kind == record.Declined) != (o.Kind == record.Declined) {
		return 0
	}
	share := overlap(n.Front, o.Front)
	held := o.Front.Holds(n.Front) || n.Front.Holds(o.Front)
	if DaysApart(n.Said, o.Said) > 0 && !held || share < least && !held {
		return 0
	}
	if n.sameSpeaker(o) {
		share += 0.1
	}
	if n.Kind == o.Kind {
		share += 0.1
	}
	return share + 0.01
}

// otherUpdate reports whether both stand under a stamp of their own and the
// stamps differ: two updates of one page are two statements, even in the same
// words.
func otherUpdate(a, b Saying) bool {
	return a.Said.Basis == record.FromUpdate && b.Said.Basis == record.FromUpdate && !a.Said.Time.Equal(b.Said.Time)
}

// OtherUpdate reports whether two sightings of one page stand under different
// stamps of it, which keeps them two statements.
func OtherUpdate(a, b *record.Sighting) bool {
	return otherUpdate(Saying{Said: a.Said}, Saying{Said: b.Said})
}
