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
	byID := map[string][]Statement{}
	for _, d := range found {
		byID[d.ID] = d.Statements
	}
	var s Sureness
	right := 0
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
			s.Found++
			if u.st.Confidence < High {
				continue
			}
			s.High++
			right += b2i(i >= 0 && t.speaks(g[i].st, u.st, o.Names))
		}
	}
	if s.Found > 0 {
		s.Share = tenth(100 * float64(s.High) / float64(s.Found))
	}
	if s.High > 0 {
		s.Right = tenth(100 * float64(right) / float64(s.High))
	}
	return s
}
