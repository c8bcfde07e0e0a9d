package words

import "slices"

// Simhash is a 64-bit fingerprint of the words of s and of their neighbours:
// texts with nearly the same words have fingerprints that differ in few bits.
// It is stable from release to release, as it is stored; 0 for a text without
// words.
func Simhash(s string) uint64 {
	var votes [64]int
	var before uint64
	tokens := Tokens(s)
	for i, t := range tokens {
		h := hashOf(t.Text)
		vote(&votes, h)
		if i > 0 {
			vote(&votes, mix(before*31+h))
		}
		before = h
	}
	var sum uint64
	for bit, v := range votes {
		if v > 0 {
			sum |= 1 << bit
		}
	}
	return sum
}

func vote(votes *[64]int, h uint64) {
	for bit := range votes {
		votes[bit] += int(h>>bit&1)*2 - 1
	}
}

// Shingles are the hashes of all runs of n tokens of s, sorted, each once. A
// text of fewer than n words has one shingle, the whole of it; a text without
// words has none. An n below 1 counts as 1.
func Shingles(s string, n int) []uint64 {
	tokens := Tokens(s)
	if len(tokens) == 0 {
		return nil
	}
	n = min(max(n, 1), len(tokens))
	hashes := make([]uint64, len(tokens))
	for i, t := range tokens {
		hashes[i] = hashOf(t.Text)
	}
	out := make([]uint64, 0, len(tokens)-n+1)
	for i := 0; i+n <= len(hashes); i++ {
		h := uint64(n)
		for _, x := range hashes[i : i+n] {
			h = mix(h*31 + x)
		}
		out = append(out, h)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Containment is the share, 0 to 1, of a's shingles that b has too. Both are
// sorted, as Shingles gives them. It is 0 for an empty a.
func Containment(a, b []uint64) float64 {
	if len(a) == 0 {
		return 0
	}
	shared, j := 0, 0
	for _, x := range a {
		for j < len(b) && b[j] < x {
			j++
		}
		if j < len(b) && b[j] == x {
			shared++
		}
	}
	return float64(shared) / float64(len(a))
}

// hashOf is FNV-1a, mixed, because FNV alone hardly moves the upper bits of
// short words and a simhash of them would be all lower bits.
func hashOf(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mix(h)
}

// mix is the finaliser of SplitMix64.
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
