package score

// High is the confidence from which an attribution counts as sure.
const High = 0.9

// Sureness says what confidence is worth: which share of the quotations found
// is sure, and how many of those are words somebody said with the right source.
type Sureness struct {
	Share float64 `json:"share"` // per cent of the quotations found
	Right float64 `json:"right"` // per cent of the sure ones
	Found int     `json:"found"`
	High  int     `json:"high"`
}

// Sure measures the confidence of found statements, quotation by quotation.
// Labelled quotations without a source in the text are left out.
func Sure(gold, found []Doc, o Options) Sureness {
	var s Sureness
	right := 0
	judged(gold, found, o, func(confidence float64, ok bool) {
		s.Found++
		if confidence >= High {
			s.High++
			right += b2i(ok)
		}
	})
	if s.Found > 0 {
		s.Share = tenth(100 * float64(s.High) / float64(s.Found))
	}
	if s.High > 0 {
		s.Right = tenth(100 * float64(right) / float64(s.High))
	}
	return s
}

// Bin is the quotations of one tenth of confidence.
type Bin struct {
	From  float64 `json:"from"`
	Found int     `json:"found"`
	Right float64 `json:"right"` // per cent
}

// Reliability says for each tenth of confidence how many quotations were right.
// A confidence that means what it says is right so often.
func Reliability(gold, found []Doc, o Options) []Bin {
	bins := make([]Bin, 10)
	right := make([]int, 10)
	judged(gold, found, o, func(confidence float64, ok bool) {
		i := max(0, min(9, int(confidence*10+1e-9)))
		bins[i].Found++
		right[i] += b2i(ok)
	})
	for i := range bins {
		bins[i].From = float64(i) / 10
		if bins[i].Found > 0 {
			bins[i].Right = tenth(100 * float64(right[i]) / float64(bins[i].Found))
		}
	}
	return bins
}

// judged gives every quotation found with its confidence, and whether words and
// source are right.
func judged(gold, found []Doc, o Options, each func(confidence float64, ok bool)) {
	byID := map[string][]Statement{}
	for _, d := range found {
		byID[d.ID] = d.Statements
	}
	for _, d := range gold {
		t := newText(d.Text)
		g, p := t.counted(d.Statements, byID[d.ID], "V", max(o.MinWords, 1))
		of := map[int]int{}
		for _, m := range match(g, p) {
			of[m.found] = m.gold + 1
		}
		for j, u := range p {
			i := of[j] - 1
			if i >= 0 && !sourced(g[i].st, o.Names) {
				continue
			}
			each(u.st.Confidence, i >= 0 && t.speaks(g[i].st, u.st, o.Names))
		}
	}
}
