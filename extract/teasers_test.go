package extract

import (
	"fmt"
	"strings"
	"testing"

	"onrecord/record"
)

// TestListings reads pages that only list others, as the house styles have
// them: each entry is a lead with its title and its day, none is a statement.
func TestListings(t *testing.T) {
	page := func(entry string, n int) string {
		var b strings.Builder
		b.WriteString("<html><head><title>News | Skarholm Ferries</title></head><body><header><nav><a href=/>Home page of the company</a></nav></header><main><h1>News</h1><div class=list>")
		for i := range n {
			fmt.Fprintf(&b, entry, i+1, i+1, i+1)
		}
		return b.String() + "</div><nav class=pagination><a href=?page=2>Next page of the news</a></nav></main><footer><p>Skarholm Ferries is a company of the islands.</p></footer></body></html>"
	}
	for name, entry := range map[string]string{
		"articles with headings": `<article class="teaser"><h2><a href="/news/%d">Boats sail again on route %d</a></h2><time datetime="2025-03-%02d">x</time><p>The company has said that the boats of this route will sail from today, weather allowing.</p></article>`,
		"a link and its day":     `<div class="row"><a href="/news/%d">Boats sail again on route %d</a> <span>%02d March 2025</span></div>`,
		"cards in one link":      `<div class="card"><a href="/news/%d"><h3>Boats sail again on route %d</h3><p>Published: %02d/03/2025</p><p>The company has said so today.</p></a></div>`,
		"a finder's items":       `<li class="item"><div><a href="/news/%d">Boats sail again on route %d</a></div><p>What was decided.</p><ul><li>Updated: %02d March 2025</li></ul><p>First published during the 2019 to 2022 government</p></li>`,
	} {
		t.Run(name, func(t *testing.T) {
			p := pageOf(t, page(entry, 6))
			if p.Kind != record.ListingPage || len(p.Leads) != 6 || p.Published.Known() {
				t.Fatalf("kind %s, %d leads, published %s; want a list of 6 without a day of its own", p.Kind, len(p.Leads), p.Published)
			}
			l := p.Leads[2]
			if l.URL != "https://www.echo.example/news/3" || l.Title != "Boats sail again on route 3" || l.At.Day() != "2025-03-03" {
				t.Errorf("third lead %+v", l)
			}
		})
	}
	article := strings.Replace(page(`<article class="teaser"><h2><a href="/news/%d">Boats sail again on route %d</a></h2><p>Day %d.</p></article>`, 5), "<div class=list>",
		"<div class=body>"+strings.Repeat("<p>The harbour is open and every boat sails today, the company said on Tuesday.</p>", 12)+"</div><div class=list>", 1)
	if p := pageOf(t, article); p.Kind == record.ListingPage || len(p.Leads) > 0 {
		t.Errorf("an article with a list below it is read as a list of %d", len(p.Leads))
	}
}
