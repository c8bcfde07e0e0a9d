package score

import (
	"math"
	"strings"
	"testing"
)

func TestNDCG(t *testing.T) {
	for name, tt := range map[string]struct {
		found, judged []int
		n             int
		want          float64
	}{
		"the best order":           {[]int{3, 2, 1}, []int{1, 2, 3}, 10, 1},
		"nothing found":            {nil, []int{3}, 10, 0},
		"second place":             {[]int{0, 3}, []int{3}, 10, 1 / math.Log2(3)},
		"too deep":                 {[]int{0, 0, 3}, []int{3}, 2, 0},
		"more than fit are judged": {[]int{3, 3}, []int{3, 3, 3}, 2, 1},
		"nothing judged":           {[]int{0}, nil, 10, 1},
	} {
		if got := NDCG(tt.found, tt.judged, tt.n); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%s: %.4f, want %.4f", name, got, tt.want)
		}
	}
}

func TestQuestionsAreRead(t *testing.T) {
	got, err := ReadQuestions(strings.NewReader("# no\n\nquery: a OR b\nneed: why\n3 of a\n1 of b\nquery: c\n"))
	if err != nil || len(got) != 2 || got[0].Query != "a OR b" || got[0].Need != "why" || len(got[0].Judged) != 2 || got[0].Judged[1] != (Judgement{1, "of b"}) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"3 of nothing", "query: a\n4 of b", "query: a\nwhat"} {
		if _, err := ReadQuestions(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}
