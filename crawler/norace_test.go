//go:build !race

package crawler

// raced reports that the race detector watches.
const raced = false
