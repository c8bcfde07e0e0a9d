//go:build !race

package crawler

// heapFactor is 1 without the race detector.
const heapFactor = 1
