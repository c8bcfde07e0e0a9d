package extract

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onrecord/record"
)

// pdfOf writes a PDF of these objects; the first is its root.
func pdfOf(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return b.Bytes()
}

// deflated is a stream of content, packed.
func deflated(t testing.TB, content string) string {
	t.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream", b.Len(), b.String())
}

const pdfRoot, pdfTree = "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>"

func pdfSaying(t testing.TB, content string) []byte {
	return pdfOf(pdfRoot, pdfTree, "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>", deflated(t, content), "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
}

func TestPDFParagraphs(t *testing.T) {
	body := pdfSaying(t, `BT /F1 20 Tf 1 0 0 1 72 760 Tm (Boats sail again) Tj /F1 10 Tf
1 0 0 1 72 730 Tm (11 March 2025) Tj
1 0 0 1 72 700 Tm (The harbour is open and every boat of the company sails to its timetable today,) Tj
1 0 0 1 72 688 Tm (said Runa Holt: \223We are sorry for the wait that people have had.\224) Tj
1 0 0 1 72 664 Tm (Those who have a ticket for a boat that did not sail may use it on any other day,) Tj
1 0 0 1 72 652 Tm (and need not ask before they come.) Tj
1 0 0 1 72 640 Tm (ENDS) Tj
1 0 0 1 72 628 Tm (Notes to editors) Tj
1 0 0 1 72 616 Tm (The company runs four boats.) Tj ET`)
	p, err := Page(Input{URL: "https://www.skarholm.example/boats.pdf", At: readAt, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	sound(t, p)
	want := "The harbour is open and every boat of the company sails to its timetable today, said Runa Holt: “We are sorry for the wait that people have had.”\n" +
		"Those who have a ticket for a boat that did not sail may use it on any other day, and need not ask before they come.\nENDS\nNotes to editors\nThe company runs four boats."
	if p.Title != "Boats sail again" || p.Published.Day() != "2025-03-11" || p.Kind != record.PressRelease || p.Text != want {
		t.Errorf("title %q, published %s, kind %s, text\n%s", p.Title, p.Published, p.Kind, p.Text)
	}
}

// TestHostilePDF holds that a file that lies about itself is refused in words,
// within its time.
func TestHostilePDF(t *testing.T) {
	for name, body := range map[string][]byte{
		"no more than its name":     []byte("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj"),
		"a page tree of itself":     pdfOf(pdfRoot, "<</Type/Pages/Count 5/Kids[2 0 R 2 0 R]>>"),
		"a parent of its parent":    pdfOf(pdfRoot, "<</Type/Pages/Count 1/Kids[3 0 R]/Parent 3 0 R>>", "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>", "<</Length 12>>stream\nBT (x) Tj ET\nendstream"),
		"a length of itself":        pdfOf(pdfRoot, pdfTree, "<</Type/Page/Contents 4 0 R>>", "<</Length 4 0 R>>stream\nBT (x) Tj ET\nendstream"),
		"nested arrays":             pdfOf(pdfRoot, "<</Type/Pages/Count 1/Kids["+strings.Repeat("[", 1<<20)),
		"nested dictionaries":       pdfOf(pdfRoot, pdfTree, strings.Repeat("<</A ", 1<<18)),
		"a drawing that inflates":   pdfSaying(t, "BT "+strings.Repeat("(aaaaaaaaaaaaaaaa) Tj ", 1<<20)+" ET"),
		"two thousand million rows": []byte("%PDF-1.4\nxref\n1900000000 1\n0000000000 65535 n \ntrailer\n<</Size 2000000000/Root 1 0 R>>\nstartxref\n9\n%%EOF\n"),
		"a table of itself":         []byte("%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF\n"),
		"a picture of a text":       pdfSaying(t, "q 1 0 0 1 0 0 cm Q"),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := Page(Input{URL: "https://echo.example/a.pdf", Body: body})
			if !errors.Is(err, record.ErrInvalid) || !strings.Contains(err.Error(), "PDF, not extracted") {
				t.Errorf("error %v, want one that wraps ErrInvalid and says that the PDF was not extracted", err)
			}
			if d := time.Since(start); d > 3*maxPDFTime {
				t.Errorf("took %v", d)
			}
		})
	}
}

func FuzzPDF(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(corpus, "pdf-*", "page.html"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no fixtures: %v", err)
	}
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add(pdfSaying(f, "BT /F1 10 Tf 72 700 Td [(Boats) -300 (sail)] TJ ET"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if p, err := pdfPage(Input{URL: "https://echo.example/a.pdf", Body: body, At: readAt}); err == nil {
			sound(t, p)
		} else if !errors.Is(err, record.ErrInvalid) {
			t.Errorf("%v does not wrap ErrInvalid", err)
		}
	})
}
