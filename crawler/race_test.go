//go:build race

package crawler

// raced reports that the race detector watches. Its own copies of what runs side
// by side count as heap (404 MiB were seen where 64 hold without it), so the bound
// on memory is asked for without it alone.
const raced = true
