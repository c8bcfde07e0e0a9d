package main

import (
	"math"
	"slices"

	"onrecord/attribution"
)

// choice is one choice to learn from: what each way had, and which were right.
type choice struct {
	ways []way
}

type way struct {
	features []attribution.Feature
	prior    float64
	right    bool
	says     bool
	text     string
}

// settings say how weights are fitted. They were compared on the training set
// alone, by the folds of this program.
type settings struct {
	rounds int
	rate   float64 // of the first steps
	hold   float64 // how strongly weights are held to zero
	seen   int     // a feature is used if so many choices show it
}

// These holds gave the best likelihood on held-out articles: of 5, 10 and 20 for
// who speaks, of 1.5, 3, 6 and 12 for whether words are a statement, of 2, 6, 15
// and 40 for whose they are.
var (
	forWho  = settings{rounds: 30, rate: 0.2, hold: 10, seen: 2}
	forKeep = settings{rounds: 30, rate: 0.2, hold: 3, seen: 3}
	forSure = settings{rounds: 30, rate: 0.2, hold: 15, seen: 4}
)

// fit learns the weights under which the right ways are the likeliest (a
// conditional maximum-entropy model, held to zero by a Gaussian prior) by
// stochastic gradient steps in the order of the choices, each feature with its
// own rate (AdaGrad). The weights are the mean of the second half of the rounds.
// Nothing is random, so that the same training set gives the same weights.
func fit(choices []choice, s settings) attribution.Table {
	v := newVector(choices, s.seen)
	for round := range s.rounds {
		for i := range choices {
			v.step(choices[i], s)
		}
		if round >= s.rounds/2 {
			for i, w := range v.w {
				v.sum[i] += w
			}
		}
	}
	out := attribution.Table{}
	for f, i := range v.index {
		w := math.Round(v.sum[i]/float64(s.rounds-s.rounds/2)*100) / 100
		if math.Abs(w) >= 0.02 {
			out[f] = w
		}
	}
	return out
}

// vector is the weights under learning, by number of feature.
type vector struct {
	index         map[attribution.Feature]int
	w, sum        []float64
	squares, seen []float64
	grad          []float64
	touched       []int
	scores        []float64
}

func newVector(choices []choice, least int) *vector {
	seen := map[attribution.Feature]int{}
	for _, c := range choices {
		here := map[attribution.Feature]bool{}
		for _, w := range c.ways {
			for _, f := range w.features {
				here[f] = true
			}
		}
		for f := range here {
			seen[f]++
		}
	}
	var kept []attribution.Feature
	for f, n := range seen {
		if n >= least {
			kept = append(kept, f)
		}
	}
	slices.Sort(kept)
	v := &vector{index: map[attribution.Feature]int{}}
	for i, f := range kept {
		v.index[f] = i
		v.seen = append(v.seen, float64(seen[f]))
	}
	n := len(kept)
	v.w, v.sum, v.squares, v.grad = make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	return v
}

// step moves the weights a little towards the right ways of one choice.
func (v *vector) step(c choice, s settings) {
	ways := c.ways
	p, r := v.likelihoods(ways)
	if r <= 0 {
		return
	}
	v.touched = v.touched[:0]
	for k, w := range ways {
		d := p[k]
		if w.right {
			d -= p[k] / r
		}
		if d == 0 {
			continue
		}
		for _, f := range w.features {
			i, ok := v.index[f]
			if !ok {
				continue
			}
			if v.grad[i] == 0 {
				v.touched = append(v.touched, i)
			}
			v.grad[i] += d
		}
	}
	for _, i := range v.touched {
		g := v.grad[i] + float64(s.hold*v.w[i]/v.seen[i])
		v.grad[i] = 0
		if g == 0 {
			continue
		}
		v.squares[i] += float64(g * g)
		v.w[i] -= float64(s.rate * g / math.Sqrt(v.squares[i]+1e-3))
	}
}

// likelihoods are those of the ways under the weights, and of the right ones together.
func (v *vector) likelihoods(ways []way) (p []float64, right float64) {
	v.scores = v.scores[:0]
	top := math.Inf(-1)
	for _, w := range ways {
		score := w.prior
		for _, f := range w.features {
			if i, ok := v.index[f]; ok {
				score += v.w[i]
			}
		}
		v.scores = append(v.scores, score)
		top = max(top, score)
	}
	total := 0.0
	for i := range v.scores {
		v.scores[i] = math.Exp(v.scores[i] - top)
		total += v.scores[i]
	}
	for i, w := range ways {
		v.scores[i] /= total
		if w.right {
			right += v.scores[i]
		}
	}
	return v.scores, right
}

// yesNo is a choice between doing and leaving: the features speak for doing.
func yesNo(features []attribution.Feature, prior float64, yes bool) choice {
	return choice{ways: []way{{features: features, prior: prior, right: yes}, {right: !yes}}}
}

// combine fits the weights by which two likelihoods become one (logistic
// regression, by plain gradient steps until they no longer move).
func combine(seen []outcome) attribution.Table {
	w := [3]float64{0, 1, 1}
	for range 4000 {
		var grad [3]float64
		for _, o := range seen {
			z := 0.0
			for i, x := range o.seen {
				z += float64(w[i] * x)
			}
			d := 1/(1+math.Exp(-z)) - float64(b2i(o.right))
			for i, x := range o.seen {
				grad[i] += float64(d * x)
			}
		}
		for i := range w {
			w[i] -= float64(0.5 * grad[i] / float64(max(len(seen), 1)))
		}
	}
	out := attribution.Table{}
	for i, x := range w {
		out[attribution.Feature(i)] = math.Round(x*100) / 100
	}
	return out
}
