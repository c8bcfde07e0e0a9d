package extract

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"onrecord/record"
)

var update = flag.Bool("update", false, "rewrite want.json of every page of the corpus")

const corpus = "../testdata/corpus"

// TestCorpus reads every page of the corpus and compares it with its want.json.
func TestCorpus(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(corpus, "*", "about.toml"))
	if err != nil || len(names) < 25 {
		t.Fatalf("%d pages in %s, want at least 25 (%v)", len(names), corpus, err)
	}
	for _, about := range names {
		dir := filepath.Dir(about)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			p, err := Page(corpusInput(t, dir))
			if err != nil {
				t.Fatal(err)
			}
			sound(t, p)
			got, err := json.MarshalIndent(p, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			file := filepath.Join(dir, "want.json")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v; go test ./extract -update writes it", err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("not as wanted (-want +got):\n%s", diff)
			}
		})
	}
}

var aboutLine = regexp.MustCompile(`(?m)^(\w+) = "(.*)"$`)

func corpusInput(t testing.TB, dir string) Input {
	t.Helper()
	about, err := os.ReadFile(filepath.Join(dir, "about.toml"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(filepath.Join(dir, "page.html"))
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Body: body}
	for _, m := range aboutLine.FindAllStringSubmatch(string(about), -1) {
		switch m[1] {
		case "url":
			in.URL = m[2]
		case "at":
			if in.At, err = time.Parse(time.RFC3339, m[2]); err != nil {
				t.Fatal(err)
			}
		}
	}
	return in
}

// sound checks what holds for every page, whatever its bytes were.
func sound(t testing.TB, p record.Page) {
	t.Helper()
	if !utf8.ValidString(p.Text) {
		t.Errorf("text is not UTF-8: %.80q", p.Text)
	}
	at := 0
	for i, b := range p.Blocks {
		if b.Start != at || b.End < b.Start || b.End > len(p.Text) {
			t.Fatalf("block %d stands at [%d,%d), want it to begin at %d of %d", i, b.Start, b.End, at, len(p.Text))
		}
		if strings.Contains(b.In(p.Text), "\n") {
			t.Errorf("block %d holds a line end", i)
		}
		if b.Post < -1 || b.Post >= len(p.Posts) || b.Update < -1 || b.Update >= len(p.Updates) {
			t.Errorf("block %d points to post %d of %d and update %d of %d", i, b.Post, len(p.Posts), b.Update, len(p.Updates))
		}
		at = b.End + 1
	}
	if len(p.Blocks) > 0 && at != len(p.Text)+1 {
		t.Errorf("blocks end at %d, text at %d", at-1, len(p.Text))
	}
	if len(p.Blocks) == 0 && p.Text != "" {
		t.Errorf("text without blocks: %.80q", p.Text)
	}
	for _, post := range p.Posts {
		for _, s := range post.Spans {
			whole(t, p.Text, s)
		}
	}
	for _, u := range p.Updates {
		whole(t, p.Text, u.Span)
	}
}

func whole(t testing.TB, text string, s record.Span) {
	t.Helper()
	if s.Start < 0 || s.End > len(text) || s.Start > s.End || !utf8.ValidString(s.In(text)) {
		t.Errorf("span [%d,%d) does not lie on whole letters of %d bytes of text", s.Start, s.End, len(text))
	}
}

func FuzzPage(f *testing.F) {
	names, err := filepath.Glob(filepath.Join(corpus, "*", "page.html"))
	if err != nil {
		f.Fatal(err)
	}
	for _, n := range names {
		in := corpusInput(f, filepath.Dir(n))
		f.Add(in.URL, "text/html", in.Body)
	}
	f.Fuzz(func(t *testing.T, url, media string, body []byte) {
		in := Input{URL: url, MediaType: media, Body: body, At: time.Date(2025, 3, 15, 8, 0, 0, 0, time.UTC)}
		if p, err := Page(in); err == nil {
			sound(t, p)
		}
		p := Text(in)
		sound(t, p)
		if utf8.Valid(body) && p.Text != string(body) {
			t.Errorf("text is %.60q, want the body byte for byte", p.Text)
		}
	})
}
