package editor

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"onrecord/record"
)

func TestASubscriptionListGivesTheSameSourcesBack(t *testing.T) {
	list := []record.Source{
		{URL: "https://hsn.example/feed?a=1&b=2", Kind: record.SourceFeed, Org: "hsn", Name: "Health “Service” <News>", Every: 600, Most: 7200},
		{URL: "https://hsn.example/sitemap.xml", Kind: record.SourceSitemap, Since: "2024-07-19", Until: "2024-07-30", Pages: 9},
		{URL: "https://hsn.example/news", Kind: record.SourceListing, Links: "main li > a"},
		{URL: "https://hsn.example/gone", Kind: record.SourcePage, Removed: true},
	}
	var out bytes.Buffer
	if err := WriteOPML(&out, list, func(id string) string { return strings.ToUpper(id) }, time.Date(2025, 3, 10, 9, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	got, err := ReadOPML(&out)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		got[i].Line = 0
	}
	want := []NewSource{
		{URL: list[0].URL, Kind: "feed", Org: "hsn", Name: list[0].Name, Every: 600, Most: 7200},
		{URL: list[1].URL, Kind: "sitemap", Since: "2024-07-19", Until: "2024-07-30", Pages: 9},
		{URL: list[2].URL, Kind: "listing", Links: "main li > a"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAListsSourcesKnowTheirLines(t *testing.T) {
	got, err := ReadOPML(strings.NewReader("<opml><body>\n<outline text='News'>\n\n<outline text='A'\n xmlUrl='https://a.example/f'/>\n</outline></body></opml>"))
	if err != nil || len(got) != 1 || got[0].Line != 5 {
		t.Errorf("got %+v (%v), want the line at which it ends, 5", got, err)
	}
	if _, err := ReadOPML(strings.NewReader("<opml><body>\n<outline text='News'>\n<outline ")); !errors.Is(err, record.ErrInvalid) || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("a list that ends early: %v, want its line named", err)
	}
}

func TestListsOfOtherReadersAreRead(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		urls []string
		err  error
	}{
		"folders, other cases":   {`<opml version="1.1"><body><outline text="News"><outline text="A" type="rss" xmlurl=" https://a.example/f "/><outline text="B" xmlUrl="https://b.example/f"><outline xmlUrl="https://c.example/f"/></outline></outline></body></opml>`, []string{"https://a.example/f", "https://b.example/f", "https://c.example/f"}, nil},
		"an entity of HTML":      {`<opml><body><outline text="A&nbsp;B" xmlUrl="https://a.example/f"/></body></opml>`, []string{"https://a.example/f"}, nil},
		"a web page":             {`<html><body>x</body></html>`, nil, record.ErrInvalid},
		"nothing":                {``, nil, record.ErrInvalid},
		"a very deep one":        {`<opml><body>` + strings.Repeat(`<outline text="x">`, 40), nil, record.ErrTooLarge},
		"a very long one":        {`<opml><body>` + strings.Repeat(`<outline xmlUrl="https://a.example/f"/>`, 5001), nil, record.ErrTooLarge},
		"more bytes than a list": {strings.Repeat(" ", MaxOPML+1), nil, record.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReadOPML(strings.NewReader(tt.text))
			var urls []string
			for _, n := range got {
				urls = append(urls, n.URL)
			}
			if !errors.Is(err, tt.err) || !reflect.DeepEqual(urls, tt.urls) {
				t.Errorf("%v, %v; want %v, %v", urls, err, tt.urls, tt.err)
			}
		})
	}
}

// FuzzReadOPML: whatever a list says, what is read of it is written and read
// again the same, within its bounds.
func FuzzReadOPML(f *testing.F) {
	f.Add([]byte(`<?xml version="1.0" encoding="iso-8859-1"?><opml version="2.0"><head><title>x</title></head><body><outline text="N"><outline text="A" type="rss" xmlUrl="https://a.example/f" onrecordKind="listing" onrecordLinks="a &gt; b" onrecordEvery="60" onrecordMost="-9" onrecordPages="1e9"/></outline></body></opml>`))
	f.Add([]byte("<opml><body><outline xmlUrl=a><outline xmlUrl='b'></opml>"))
	f.Add([]byte("<!DOCTYPE opml [<!ENTITY a \"&a;&a;\">]><opml><outline text='&a;' xmlUrl='&a;'/></opml>"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := ReadOPML(bytes.NewReader(raw))
		if err != nil {
			if !errors.Is(err, record.ErrInvalid) && !errors.Is(err, record.ErrTooLarge) {
				t.Errorf("the error is of no kind: %v", err)
			}
			return
		}
		if len(list) > maxOutlines {
			t.Errorf("%d sources", len(list))
		}
		var sources []record.Source
		for _, n := range list {
			if n.URL == "" || n.Line < 1 {
				t.Errorf("a source at %q in line %d", n.URL, n.Line)
			}
			sources = append(sources, record.Source{URL: n.URL, Kind: n.Kind, Org: n.Org, Name: n.Name, Every: n.Every, Most: n.Most, Links: n.Links, Pages: n.Pages, Since: n.Since, Until: n.Until})
		}
		var out bytes.Buffer
		if err := WriteOPML(&out, sources, func(string) string { return "" }, time.Time{}); err != nil {
			t.Fatal(err)
		}
		again, err := ReadOPML(&out)
		if err != nil || len(again) != len(list) {
			t.Errorf("written and read again: %d sources of %d (%v)", len(again), len(list), err)
		}
	})
}
