//go:build race

package crawler

// heapFactor is how many times the bound on memory is allowed under the race
// detector, whose own copies of the cases that run side by side count as heap:
// 76 and 132 MiB were seen where 64 hold without it.
const heapFactor = 4
