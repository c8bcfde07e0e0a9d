package extract

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"onrecord/record"
)

func TestHubsOfASource(t *testing.T) {
	const at = "https://www.hsb.example/feed/"
	rss := func(links string) string {
		return `<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>News</title>` + links + `<item><title>a</title><link>https://www.hsb.example/a</link></item></channel></rss>`
	}
	for name, tt := range map[string]struct {
		kind        record.SourceKind
		body        string
		link        []string
		hubs, topic string
	}{
		"links of a feed":                    {record.SourceFeed, rss(`<atom:link rel="hub" href="https://hub.example/"/><atom:link rel="self" href="https://www.hsb.example/feed"/>`), nil, "https://hub.example/", "https://www.hsb.example/feed"},
		"Atom, with an address of its place": {record.SourceFeed, `<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><link rel="hub" href="/hub"/><link rel="self" href="?all"/><entry><id>1</id><title>a</title><link href="/a"/></entry></feed>`, nil, "https://www.hsb.example/hub", "https://www.hsb.example/feed/?all"},
		"a JSON Feed":                        {record.SourceFeed, `{"version":"https://jsonfeed.org/version/1.1","title":"N","feed_url":"https://www.hsb.example/feed.json","hubs":[{"type":"rssCloud","url":"https://cloud.example/"},{"type":"WebSub","url":"https://hub.example/"}],"items":[{"id":"1","url":"https://www.hsb.example/a","title":"a"}]}`, nil, "https://hub.example/", "https://www.hsb.example/feed.json"},
		"a page":                             {record.SourcePage, `<html><head><title>N</title><link rel="hub" href="https://hub.example/"><link rel="self" href="https://www.hsb.example/"></head><body><p>Some words.</p></body></html>`, nil, "https://hub.example/", "https://www.hsb.example/"},
		"a comment on a page names none":     {record.SourcePage, `<html><head><title>N</title></head><body><p>Some words.</p><link rel="hub" href="https://evil.example/"></body></html>`, nil, "", ""},
		"the header goes before the feed":    {record.SourceFeed, rss(`<atom:link rel="hub" href="https://old.example/"/><atom:link rel="self" href="https://www.hsb.example/feed"/>`), []string{`<https://hub.example/>; rel="hub", <https://www.hsb.example/all>; rel=self`}, "https://hub.example/", "https://www.hsb.example/all"},
		"several relations, odd marks":       {record.SourceFeed, rss(""), []string{`<https://x.example/a,b>; title="a, \"b\"; rel=hub"; rel=alternate`, `</hub> ;REL = "Preload HUB" ; as=x, <`}, "https://www.hsb.example/hub", ""},
		"the second rel does not count":      {record.SourceFeed, rss(""), []string{`<https://hub.example/>; rel=next; rel=hub`}, "", ""},
		"several hubs":                       {record.SourceFeed, rss(""), []string{`<https://b.example/>;rel=hub,<https://a.example/>;rel=hub,<https://b.example/>;rel=hub`}, "https://b.example/ https://a.example/", ""},
		"an own address without a hub":       {record.SourceFeed, rss(`<atom:link rel="self" href="https://www.hsb.example/feed"/>`), nil, "", ""},
		"what is no address":                 {record.SourceFeed, rss(`<atom:link rel="hub" href="javascript:alert(1)"/>`), []string{`<mailto:a@b.example>; rel=hub`}, "", ""},
		"a channel":                          {record.SourceYouTube, `<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="https://hub.example/"/><link rel="self" href="https://www.hsb.example/c"/><yt:channelId>x</yt:channelId><entry><yt:videoId>v1</yt:videoId><link rel="self" href="https://x.example/"/><title>t</title></entry></feed>`, nil, "https://hub.example/", "https://www.hsb.example/c"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := Source(Input{URL: at, Body: []byte(tt.body), Header: http.Header{"Link": tt.link}}, record.Source{URL: at, Kind: tt.kind})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(a.Page.Hubs, " "); got != tt.hubs || a.Page.Topic != tt.topic {
				t.Errorf("hubs %q, topic %q; want %q, %q", got, a.Page.Topic, tt.hubs, tt.topic)
			}
		})
	}
}

func FuzzHeaderLinks(f *testing.F) {
	f.Add(`<https://hub.example/>; rel="hub", </x>; rel=self`)
	f.Add(`<a>;rel="\`)
	f.Add(`<>;=;rel=,<`)
	f.Fuzz(func(t *testing.T, s string) {
		list := headerLinks(http.Header{"Link": {s}})
		if len(list) > maxHeaderLinks {
			t.Errorf("%d links", len(list))
		}
		for _, l := range list {
			if !strings.Contains(s, l.href) || slices.Contains(l.rel, "") {
				t.Errorf("%q: %q %q", s, l.href, l.rel)
			}
		}
	})
}
