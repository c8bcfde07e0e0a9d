package query

// Nearest is the name in the list that was most likely meant by what was
// typed: within a third of its letters, or begun by it; "" where none is.
func Nearest(typed string, list []string) string { return nearest(typed, list) }
