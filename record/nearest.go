package record

import "strings"

// Nearest is the name in the list that was most likely meant by what was typed:
// within a third of its letters in edits, at least one, or else one that begins
// or ends it. It is "" where none is near. A refusal names it as the way out.
func Nearest(typed string, list []string) string {
	best, least := "", 0
	for _, name := range list {
		d := edits([]rune(typed), []rune(name))
		if d <= max(1, len(name)/3) && (best == "" || d < least) {
			best, least = name, d
		}
	}
	if best == "" && len(typed) >= 2 {
		for _, name := range list {
			if strings.HasPrefix(name, typed) || len(name) > 2 && strings.HasPrefix(typed, name) {
				return name
			}
		}
	}
	return best
}

// edits is the number of letters to add, drop, change or swap with their
// neighbour to get from a to b.
func edits(a, b []rune) int {
	if len(a) > 40 {
		return len(a)
	}
	prev, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before := prev
		prev, row = row, make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(prev[j+1]+1, row[j]+1, prev[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
