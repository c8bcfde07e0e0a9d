package extract

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPatternsCompile asks every pattern of this room once, as the compiler of
// regular expressions would have at the start. The literal ones are taken from
// the source; those put together from parts are named.
func TestPatternsCompile(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	literal := regexp.MustCompile("lazily\\(`([^`]*)`\\)")
	n := 0
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		for _, m := range literal.FindAllStringSubmatch(string(src), -1) {
			n++
			if _, err := regexp.Compile(m[1]); err != nil {
				t.Errorf("%s: %v", f, err)
			}
		}
	}
	if n < 80 {
		t.Errorf("%d patterns found, want at least 80", n)
	}
	for _, p := range append([]*pattern{stamp, runInStamp, flatLabel, flatDate, placeDate, datedBy}, findForms...) {
		if _, err := regexp.Compile(p.text); err != nil {
			t.Error(err)
		}
	}
}
