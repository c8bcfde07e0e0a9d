// Package house holds the rule of who may import whom. It keeps no other code.
package house

// Rooms names, for each top-level folder, the folders of this module that it
// may import. A nested folder has its parent's row and the parent. cmd and
// internal are free and have no row. A new import is a new entry here, with
// its reason in an ADR.
var Rooms = map[string][]string{
	"record":      {},
	"guard":       {},
	"words":       {"record"},
	"query":       {"record"},
	"archive":     {"record"},
	"extract":     {"record"},
	"register":    {"record"},
	"timeline":    {"record"},
	"demo":        {"record"},
	"attribution": {"record", "register", "words"},
	"catalogue":   {"record", "words"},
	"index":       {"record", "query", "words"},
	"export":      {"record", "timeline", "words"},
	"alert":       {"record", "query", "words", "guard"},
	"ingest":      {"record", "archive", "extract", "register", "attribution", "catalogue"},
	"crawler":     {"record", "archive", "catalogue", "ingest", "guard"},
	"editor":      {"record", "register", "catalogue", "archive", "query"},
	"desk":        {"record", "register", "catalogue", "archive", "index", "query", "timeline", "words"},
	"api":         {"record", "desk", "editor", "export"},
	"web":         {"record", "desk", "editor", "export"},
}
