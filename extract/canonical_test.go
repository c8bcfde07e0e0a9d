package extract

import "testing"

func TestFormsOfOnePage(t *testing.T) {
	const article = "https://www.hsb.example/news/2025/fault"
	for address, want := range map[string]bool{
		"http://hsb.example/news/2025/fault/":                    true,
		"https://m.hsb.example/news/2025/fault":                  true,
		"https://amp.hsb.example/news/2025/fault":                true,
		"https://mobile.hsb.example/news/2025/fault/index.html":  true,
		"https://www.hsb.example/news/2025/fault/amp/":           true,
		"https://www.hsb.example/amp/news/2025/fault":            true,
		"https://www.hsb.example/news/2025/fault.amp":            true,
		"https://www.hsb.example/news/2025/fault?amp=1":          true,
		"https://www.hsb.example/news/2025/fault?outputType=amp": true,
		"https://www.hsb.example/news/2025/fault/print":          true,
		"https://www.hsb.example/news/2025/fault?id=7":           false,
		"https://www.hsb.example/news/2025/fault/2":              false,
		"https://www.hsb.example/news/2025/":                     false,
		"https://press.hsb.example/news/2025/fault":              false,
		"https://www.hsb.example:8443/news/2025/fault":           false,
		"https://hsb2.example/news/2025/fault":                   false,
		"javascript:alert(1)":                                    false,
	} {
		if got := SameForm(article, address); got != want {
			t.Errorf("SameForm(%s) = %v, want %v", address, got, want)
		}
	}
	if SameForm("https://m.example/a", "https://example/a") || SameForm("https://www.example/", "https://m.example/") {
		t.Error("a name of two labels lost its first")
	}
}

func TestAnAddressThatAPageDeclaresIsBelievedWithinReason(t *testing.T) {
	for name, tt := range map[string]struct{ at, link, og, want string }{
		"its own":                               {"https://www.hsb.example/news/fault?utm_source=x", "https://www.hsb.example/news/fault", "", "https://www.hsb.example/news/fault"},
		"another of its site":                   {"https://www.hsb.example/?p=7", "/news/fault", "", "https://www.hsb.example/news/fault"},
		"of its AMP form":                       {"https://amp.hsb.example/news/fault/amp/", "https://www.hsb.example/news/fault", "", "https://www.hsb.example/news/fault"},
		"AMP below the page":                    {"https://www.hsb.example/news/fault/amp", "https://www.hsb.example/news/fault", "", "https://www.hsb.example/news/fault"},
		"the home page":                         {"https://www.hsb.example/news/fault", "https://www.hsb.example/", "", "https://www.hsb.example/news/fault"},
		"the home page of another host":         {"https://news.hsb.example/fault", "https://www.hsb.example", "", "https://news.hsb.example/fault"},
		"a listing":                             {"https://www.hsb.example/news/2025/fault", "https://www.hsb.example/news/", "", "https://www.hsb.example/news/2025/fault"},
		"another site":                          {"https://www.hsb.example/news/fault", "https://www.board.example/news/fault", "", "https://www.hsb.example/news/fault"},
		"another site of a shared host":         {"https://one.github.io/news/fault", "https://two.github.io/news/fault", "", "https://one.github.io/news/fault"},
		"two, of which one is the page":         {"https://www.hsb.example/news/fault", "https://www.hsb.example/news/template", "http://hsb.example/news/fault/", "http://hsb.example/news/fault/"},
		"the second where the first is no good": {"https://www.hsb.example/news/fault?x=1", "https://www.hsb.example/", "https://www.hsb.example/news/fault", "https://www.hsb.example/news/fault"},
	} {
		t.Run(name, func(t *testing.T) {
			head := `<link rel="canonical" href="` + tt.link + `">`
			if tt.og != "" {
				head += `<meta property="og:url" content="` + tt.og + `">`
			}
			p, err := Page(Input{URL: tt.at, Body: []byte("<html><head><title>Fault</title>" + head + "</head><body><article><h1>Fault</h1><p>The fault is mended.</p></article></body></html>")})
			if err != nil {
				t.Fatal(err)
			}
			if p.CanonicalURL != tt.want {
				t.Errorf("canonical %s, want %s", p.CanonicalURL, tt.want)
			}
		})
	}
}
