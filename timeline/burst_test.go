package timeline

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"onrecord/record"
)

// world makes statements of terms that mean nothing: each day some, by some
// organisations, each on a page of its own.
func world(r *rand.Rand, days, aDay, vocabulary, length, orgs int) []Said {
	var out []Said
	for day := range days {
		for range aDay {
			x := Said{ID: record.ID(fmt.Sprintf("st_%06d", len(out))), Day: day, Page: record.ID(fmt.Sprintf("pg_%d", len(out))), Orgs: []string{fmt.Sprintf("org%d", r.IntN(orgs))}}
			for range length {
				if t := uint32(r.IntN(vocabulary)); !slices.Contains(x.Terms, t) {
					x.Terms = append(x.Terms, t)
				}
			}
			out = append(out, x)
		}
	}
	return out
}

func usualOf(said []Said) Usual {
	counts := map[uint32]int{}
	for _, s := range said {
		for _, t := range s.Terms {
			counts[t]++
		}
	}
	return Usual{Of: func(t uint32) int { return counts[t] }, Total: len(said)}
}

func TestUniformNoiseIsNoBurst(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 7))
		said := world(r, 30+r.IntN(60), 5+r.IntN(40), 50+r.IntN(3000), 5+r.IntN(30), 4+r.IntN(30))
		if got := Bursts(said, usualOf(said)); len(got) > 0 {
			t.Errorf("seed %d: %d bursts in noise, the first %+v", seed, len(got), got[0])
		}
	}
}

func TestABusyDayOfTheSameWordsIsNoBurst(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	said := world(r, 60, 10, 300, 12, 9)
	for range 300 {
		x := said[r.IntN(len(said))]
		x.ID, x.Day = record.ID(fmt.Sprintf("st_b%06d", len(said))), 30
		said = append(said, x)
	}
	if got := Bursts(said, usualOf(said)); len(got) > 0 {
		t.Errorf("a day with 31 times as much of everything is %+v", got[0])
	}
}

// planted adds a burst to noise: n statements of orgs bodies on pages pages, on
// two days, each with the terms 90001 and 90002.
func planted(seed uint64, n, orgs, pages int) []Said {
	r := rand.New(rand.NewPCG(seed, 3))
	said := world(r, 40, 12, 800, 12, 20)
	for i := range n {
		said = append(said, Said{
			ID: record.ID(fmt.Sprintf("st_p%03d", i)), Day: 20 + i%2, Page: record.ID(fmt.Sprintf("pg_p%d", i%pages)), Orgs: []string{fmt.Sprintf("body%d", i%orgs)},
			Terms: []uint32{90001, 90002, uint32(r.IntN(800))},
		})
	}
	return said
}

func TestAPlantedBurstIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, orgs := rapid.IntRange(12, 60).Draw(t, "n"), rapid.IntRange(3, 10).Draw(t, "orgs")
		said := planted(rapid.Uint64().Draw(t, "seed"), n, orgs, 10)
		got := Bursts(said, usualOf(said))
		if len(got) != 1 {
			t.Fatalf("%d bursts, want the planted one", len(got))
		}
		b := got[0]
		var terms []uint32
		for _, x := range b.Terms {
			terms = append(terms, x.Term)
			if x.Term > 90000 && (x.Statements != n || x.Elsewhere != 0) {
				t.Errorf("term %+v, want it in %d and nowhere else", x, n)
			}
		}
		if !slices.Contains(terms, 90001) || !slices.Contains(terms, 90002) || b.First != 20 || b.Last != 21 || len(b.Said) < n {
			t.Errorf("found as %+v", b)
		}
		for _, i := range b.Said {
			if !slices.ContainsFunc(said[i].Terms, func(x uint32) bool { return slices.Contains(terms, x) }) || said[i].Day < b.First || said[i].Day > b.Last {
				t.Errorf("statement %+v does not belong to %+v", said[i], b)
			}
		}
		other := slices.Clone(said)
		slices.Reverse(other)
		again := Bursts(other, usualOf(other))
		for i := range again {
			for k := range again[i].Said {
				again[i].Said[k] = len(said) - 1 - again[i].Said[k]
			}
			slices.Sort(again[i].Said)
		}
		if !reflect.DeepEqual(got, again) {
			t.Errorf("in another order %+v, not %+v", again, got)
		}
	})
}

func TestTwoBodiesOrOneReportAreNoBurst(t *testing.T) {
	for name, said := range map[string][]Said{
		"two organisations": planted(1, 40, 2, 10), "two pages": planted(1, 40, 9, 2), "four statements": planted(1, 4, 4, 4),
	} {
		if got := Bursts(said, usualOf(said)); len(got) > 0 {
			t.Errorf("%s: %+v", name, got[0])
		}
	}
	if got := Bursts(nil, Usual{Of: func(uint32) int { return 0 }}); len(got) > 0 {
		t.Errorf("of nothing: %+v", got)
	}
}
