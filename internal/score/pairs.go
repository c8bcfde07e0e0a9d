package score

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"onrecord/catalogue"
	"onrecord/record"
	"onrecord/register"
)

// Pair is two wordings of which somebody has judged whether they are one
// statement. Organisations are register ids or names; organisations and dates
// (YYYY-MM-DD or RFC 3339) may be absent.
type Pair struct {
	AText string `json:"a_text"`
	AOrg  string `json:"a_org,omitempty"`
	ADate string `json:"a_date,omitempty"`
	BText string `json:"b_text"`
	BOrg  string `json:"b_org,omitempty"`
	BDate string `json:"b_date,omitempty"`
	Same  bool   `json:"same"`
	Note  string `json:"note,omitempty"` // what the pair tests
}

// PairFigures are how the identity rules do on pairs, as fractions of one.
type PairFigures struct {
	Precision float64 `json:"precision"` // of those taken for one statement; 1 where none was
	Recall    float64 `json:"recall"`
	Pairs     int     `json:"pairs"`
	Same      int     `json:"same"` // as judged
	Found     int     `json:"found"`
	Right     int     `json:"right"`
	Wrong     []Pair  `json:"wrong"` // those on which rules and judgement differ
}

// Pairs asks the catalogue's identity rules about every pair, one JSON object a
// line: would the second wording, found on another page, become a sighting of
// the first one? Empty lines are passed over.
func Pairs(in io.Reader, reg *register.Register) (PairFigures, error) {
	f := PairFigures{Wrong: []Pair{}}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var p Pair
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return f, fmt.Errorf("line %d: %w", n, err)
		}
		same, err := p.one(reg)
		if err != nil {
			return f, fmt.Errorf("line %d: %w", n, err)
		}
		f.Pairs++
		f.Same += b2i(p.Same)
		f.Found += b2i(same)
		f.Right += b2i(same && p.Same)
		if same != p.Same {
			f.Wrong = append(f.Wrong, p)
		}
	}
	f.Precision, f.Recall = 1, 1
	if f.Found > 0 {
		f.Precision = float64(f.Right) / float64(f.Found)
	}
	if f.Same > 0 {
		f.Recall = float64(f.Right) / float64(f.Same)
	}
	return f, lines.Err()
}

func (p Pair) one(reg *register.Register) (bool, error) {
	a, err := saying(p.AText, p.AOrg, p.ADate, reg)
	if err != nil {
		return false, err
	}
	b, err := saying(p.BText, p.BOrg, p.BDate, reg)
	if err != nil {
		return false, err
	}
	return b.Meets(a) != catalogue.Different, nil
}

func saying(text, org, date string, reg *register.Register) (catalogue.Saying, error) {
	s := catalogue.Saying{Kind: record.Quote, Front: catalogue.Prepare(text)}
	if date != "" {
		at, err := instant(date)
		if err != nil {
			return s, err
		}
		s.Said = at
	}
	if org == "" {
		return s, nil
	}
	s.Speaker.OrgName = org
	o, ok := reg.AsOf(org, s.Said.Time)
	if !ok {
		o, ok = reg.Name(org, s.Said.Time)
	}
	if as, is := reg.AsOf(o.SpeaksAs, s.Said.Time); ok && o.SpeaksAs != "" && is {
		o = as // as attribution resolves "an NHS spokesperson"
	}
	if ok {
		s.Speaker.Org, s.Speaker.OrgName = o.ID, o.Name
	}
	return s, nil
}

func instant(s string) (record.Instant, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return record.At(t.UTC(), record.FromPage), nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return record.Instant{}, fmt.Errorf("date %q: want YYYY-MM-DD or RFC 3339", s)
	}
	return record.OnDay(t.Year(), t.Month(), t.Day(), record.FromPage), nil
}
