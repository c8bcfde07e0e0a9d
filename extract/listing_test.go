package extract

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"onrecord/record"
)

const listingPage = `<html lang="en-GB"><head><title>Media centre | Union of Community Medics</title>
<link rel="alternate" type="application/rss+xml" title="News" href="/feed.xml"><link rel="stylesheet" href="/s.css"></head><body>
<nav><a href="/about-us/our-history">About the union and its history</a></nav>
<main><h1>Media centre</h1>
<ul class="cards">
<li class="card"><h2><a href="/media-centre/labline-backlog?utm_source=home">Backlog will take weeks, medics warn</a></h2><a href="/media-centre/labline-backlog">Read more</a></li>
<li class="card"><a href="labline-test-results"><img alt=""><h2>Results stuck for a second day, says union</h2></a></li>
</ul>
<p><a href="https://elsewhere.example/2025/some-report">A report by somebody else on this</a> <a href="/media-centre/page-2">Next</a> <a href="javascript:void(0)">Open the list of all the things</a></p>
<aside><a href="/join-us/membership-rates-2025">Join the union now for a lower rate</a></aside></main>
<footer><a href="/legal/privacy-notice-2025">Our privacy notice of this year</a></footer></body></html>`

func TestListingFindsTheLinksOfItsEntries(t *testing.T) {
	for name, tt := range map[string]struct {
		links string
		want  []string
	}{
		"by structure":      {"", []string{"https://www.ucm.example/media-centre/labline-backlog", "https://www.ucm.example/media-centre/labline-test-results"}},
		"by their links":    {".card h2 a, .card > a", []string{"https://www.ucm.example/media-centre/labline-backlog", "https://www.ucm.example/media-centre/labline-test-results"}},
		"by their elements": {"li.card:first-child", []string{"https://www.ucm.example/media-centre/labline-backlog"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Listing(Input{URL: "https://www.ucm.example/media-centre/", Body: []byte(listingPage)}, tt.links)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range p.Leads {
				got = append(got, l.URL)
			}
			if !slices.Equal(got, tt.want) || p.Leads[0].Title != "Backlog will take weeks, medics warn" {
				t.Errorf("leads %+v, want %v", p.Leads, tt.want)
			}
			if p.Kind != record.ListingPage || !strings.Contains(p.Text, "Backlog will take weeks") || strings.Contains(p.Text, "privacy") {
				t.Errorf("kind %s, text %q", p.Kind, p.Text)
			}
		})
	}
}

func TestListingRefuses(t *testing.T) {
	for name, tt := range map[string]struct{ body, links, says string }{
		"an empty body":        {" ", "", "empty"},
		"a page without any":   {"<p>Nothing here.", "", "no links found in its main part"},
		"a selector of none":   {listingPage, ".entry a", `no links found under the selector ".entry a"`},
		"a selector of no CSS": {listingPage, "a[", "CSS selector"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Listing(Input{URL: "https://www.ucm.example/media-centre/", Body: []byte(tt.body)}, tt.links)
			if !errors.Is(err, record.ErrInvalid) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want one that says %q", err, tt.says)
			}
		})
	}
	if err := CheckSelector("li > a, .x"); err != nil {
		t.Errorf("CheckSelector of a good one: %v", err)
	}
	if err := CheckSelector("a["); !errors.Is(err, record.ErrInvalid) {
		t.Errorf("CheckSelector of a bad one: %v", err)
	}
}

func TestFeedLinksOfAPage(t *testing.T) {
	got := FeedLinks(Input{URL: "https://www.ucm.example/media-centre/", Body: []byte(listingPage)})
	if want := []record.Lead{{URL: "https://www.ucm.example/feed.xml", Title: "News"}}; !slices.Equal(leadURLs(got), leadURLs(want)) || got[0].Title != "News" {
		t.Errorf("feeds %+v, want %+v", got, want)
	}
}

func leadURLs(list []record.Lead) (out []string) {
	for _, l := range list {
		out = append(out, l.URL)
	}
	return out
}

func FuzzListing(f *testing.F) {
	f.Add([]byte(listingPage), "")
	f.Add([]byte(`<base href="//x"><main><a href=a-b>A title of a page`), "a")
	f.Fuzz(func(t *testing.T, body []byte, links string) {
		p, err := Listing(Input{URL: "https://www.ucm.example/media-centre/", Body: body}, links)
		for _, l := range p.Leads {
			if again, bad := Canonical(l.URL); bad != nil || again != l.URL {
				t.Errorf("lead %q is not canonical: %q, %v", l.URL, again, bad)
			}
		}
		if err == nil && len(p.Leads) == 0 {
			t.Error("no error and no leads")
		}
	})
}
