package sqlite

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// SQLite numbers $1, $2, … by the order in which they first appear, PostgreSQL
// by their digits. Both agree only where the first appearances ascend.
func TestPlaceholdersAppearInTheirOrder(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 5 {
		t.Fatalf("source files %v, %v", files, err)
	}
	literal, mark := regexp.MustCompile("`[^`]*`"), regexp.MustCompile(`\$(\d+)`)
	queries := 0
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, query := range literal.FindAllString(string(source), -1) {
			most := 0
			for _, m := range mark.FindAllStringSubmatch(query, -1) {
				n, err := strconv.Atoi(m[1])
				if err != nil || n > most+1 {
					t.Errorf("%s: $%s comes before $%d in %s", name, m[1], most+1, query)
				}
				most = max(most, n)
				queries++
			}
		}
	}
	if queries < 50 {
		t.Errorf("only %d placeholders found: is the test looking at the queries?", queries)
	}
}
