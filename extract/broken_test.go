package extract

import "testing"

func TestListsOfShortLinesKeepTheirLines(t *testing.T) {
	for html, want := range map[string]string{
		"<p>Dr Ada Quill<br>Chair of council<br/>Union of Ward Medics</p><p>Bo Marl</p>": "Dr Ada Quill\nChair of council\nUnion of Ward Medics\nBo Marl",
		"<p>The wards were full on Friday<br>and on Saturday too.</p>":                   "The wards were full on Friday and on Saturday too.",
		"<p>The wards were full.<br>The beds were not.</p>":                              "The wards were full.\nThe beds were not.",
		"<h2>The wards<br>At night</h2><p>They are dark.</p>":                            "The wards At night\nThey are dark.",
		"<p>Yours sincerely,<br><b>Ada Quill</b><br>9 Mill Lane</p>":                     "Yours sincerely,\nAda Quill\n9 Mill Lane",
	} {
		const before = "<p>This is the first paragraph of a page that has enough words to be taken for the body of an article, so that the rest of it is read too.</p>"
		p, err := Page(Input{URL: "https://a.example/x", MediaType: "text/html", Body: []byte("<html><body><article>" + before + html + "</article></body></html>")})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Text[len(before)-len("<p></p>")+1:]; got != want {
			t.Errorf("%s is read as\n%q\nwant\n%q", html, got, want)
		}
	}
}
