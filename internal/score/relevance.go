package score

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
)

// Question is what a reader asks, and which statements help him.
type Question struct {
	Query, Need string
	Judged      []Judgement
}

// Judgement says how far a statement answers a question: 3 answers it, 2 a part
// of it, 1 is near it; one that is not judged is 0.
type Judgement struct {
	Grade int
	Name  string // of the statement, as the file names it
}

// ReadQuestions reads questions as testdata/relevance has them. The error names
// the line.
func ReadQuestions(r io.Reader) ([]Question, error) {
	var out []Question
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		key, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || key[0] == '#':
		case key == "query:":
			out = append(out, Question{Query: rest})
		case len(out) > 0 && key == "need:":
			out[len(out)-1].Need = rest
		case len(out) > 0 && len(key) == 1 && key >= "1" && key <= "3" && rest != "":
			q := &out[len(out)-1]
			q.Judged = append(q.Judged, Judgement{int(key[0] - '0'), rest})
		default:
			return nil, fmt.Errorf("questions, line %d: %q: want query:, need:, or a grade of 1 to 3 and a statement", n, line)
		}
	}
	return out, lines.Err()
}

// NDCG is the gain of the grades in the order in which statements were found,
// as a share of what the best order of all the judged ones would give, each at
// most n deep: 2^grade-1, less with the logarithm of the rank. It is 1 where
// nothing is judged.
func NDCG(found, judged []int, n int) float64 {
	best := slices.Clone(judged)
	slices.SortFunc(best, func(a, b int) int { return b - a })
	if ideal := gain(best, n); ideal > 0 {
		return gain(found, n) / ideal
	}
	return 1
}

// First10 is the NDCG of the first ten of what was found for a question, by the
// grades of all that was judged for it; what was not judged counts 0.
func First10[ID comparable](found []ID, grades map[ID]int) float64 {
	var got []int
	for _, id := range found {
		got = append(got, grades[id])
	}
	return NDCG(got, slices.Collect(maps.Values(grades)), 10)
}

func gain(grades []int, n int) (sum float64) {
	for i, g := range grades[:min(n, len(grades))] {
		sum += (math.Exp2(float64(g)) - 1) / math.Log2(float64(i)+2)
	}
	return sum
}
