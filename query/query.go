// Package query reads what a reader types into a tree, in the language of
// docs/query.md. It is pure: it knows no engine and looks nothing up.
package query
