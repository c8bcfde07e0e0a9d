package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "onrecord"

func TestWhoMayImportWhom(t *testing.T) {
	files := 0
	for file := range goFiles(t) {
		files++
		dir := filepath.ToSlash(filepath.Dir(file))
		for _, imported := range imports(t, file) {
			if reason := refuse(dir, imported, strings.HasSuffix(file, "_test.go")); reason != "" {
				t.Errorf("%s imports %s: %s", file, imported, reason)
			}
		}
	}
	if files < 10 {
		t.Fatalf("only %d Go files found: the test looks at the wrong folder", files)
	}
}

func TestRulesRefuse(t *testing.T) {
	for name, tt := range map[string]struct {
		dir, imported string
		test, refused bool
	}{
		"a pure room asks a store":         {"extract", "onrecord/catalogue", false, true},
		"record imports a library":         {"record", "github.com/blevesearch/bleve/v2", false, true},
		"record imports a room":            {"record", "onrecord/words", false, true},
		"a folder without a row":           {"helpers", "onrecord/record", false, true},
		"a nested folder asks its parent":  {"catalogue/sqlite", "onrecord/catalogue", false, false},
		"a nested folder asks its sibling": {"index/bleveindex", "onrecord/catalogue", false, true},
		"a parent asks its own suite":      {"index", "onrecord/index/indextest", false, true},
		"api asks desk":                    {"api", "onrecord/desk", false, false},
		"api asks a store in a test":       {"api", "onrecord/catalogue/sqlite", true, false},
		"cmd is free":                      {"cmd/onrecord", "onrecord/catalogue/sqlite", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := refuse(tt.dir, tt.imported, tt.test) != ""; got != tt.refused {
				t.Errorf("refuse(%q, %q) = %v, want %v", tt.dir, tt.imported, got, tt.refused)
			}
		})
	}
}

// refuse says why the folder may not import the path, "" if it may. Tests may
// build a room's neighbours for real, so only the ground holds for them.
func refuse(dir, imported string, test bool) string {
	room, _, nested := strings.Cut(dir, "/")
	if room == "cmd" || room == "internal" || dir == "." {
		return ""
	}
	allowed, known := Rooms[room]
	if !known {
		return "folder " + room + " has no row in internal/house"
	}
	ours := imported == module || strings.HasPrefix(imported, module+"/")
	switch {
	case !ours && room == "record" && !test && strings.Contains(strings.Split(imported, "/")[0], "."):
		return "record keeps to the standard library"
	case !ours, test:
		return ""
	}
	target := strings.TrimPrefix(imported, module+"/")
	top, _, deep := strings.Cut(target, "/")
	switch {
	case top == room && (nested && target == room || target == dir):
		return ""
	case top == room:
		return "rooms of one folder do not import each other, and a parent does not import its children"
	case deep:
		return "only cmd imports an implementation"
	case !slices.Contains(allowed, top):
		return room + " has no such row in internal/house"
	}
	return ""
}

// goFiles yields every Go file of the module, by its path from the root.
func goFiles(t *testing.T) map[string]bool {
	t.Helper()
	root := os.DirFS("../..")
	found := map[string]bool{}
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "out" || strings.HasPrefix(d.Name(), ".") && p != "."):
			return fs.SkipDir
		case d.IsDir() && p == "internal/tools":
			return fs.SkipDir // a module of its own
		case path.Ext(p) == ".go":
			found[p] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func imports(t *testing.T, file string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../..", filepath.FromSlash(file)), nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	paths := make([]string, len(f.Imports))
	for i, s := range f.Imports {
		paths[i], err = strconv.Unquote(s.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
	}
	return paths
}
