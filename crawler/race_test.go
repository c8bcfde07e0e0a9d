//go:build race

package crawler

// heapFactor is what the race detector may add to the heap.
const heapFactor = 2
