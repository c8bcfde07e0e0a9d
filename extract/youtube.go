package extract

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"

	"onrecord/record"
)

// A video in a channel's feed (Atom with the vocabularies yt and media).
type youtubeVideo struct {
	ID        string `xml:"videoId"`
	Title     string `xml:"title"`
	Published string `xml:"published"`
	Updated   string `xml:"updated"`
	Author    struct {
		Name string `xml:"name"`
		URI  string `xml:"uri"`
	} `xml:"author"`
	Group struct {
		Description string `xml:"description"`
	} `xml:"group"`
}

func isYouTube(f form) bool {
	return !f.json && strings.Contains(f.text[:min(len(f.text), 4096)], "<yt:channelId") && strings.Contains(f.text[:min(len(f.text), 4096)], "<feed")
}

// readYouTube reads a channel's feed: the title and the description of each
// video are the channel's words. They are the only ones that are read; what is
// said in the video is not.
func readYouTube(in Input, _ record.Source) (Answer, error) {
	f := formOf(in)
	if !isYouTube(f) {
		return Answer{}, wrongKind(in, "feed of a YouTube channel")
	}
	a := Answer{Page: answerPage(in)}
	x := xml.NewDecoder(bytes.NewReader([]byte(f.text)))
	x.Strict, x.CharsetReader = false, func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // decoded above
	var hubs []string
	self := ""
	for len(a.Posts) < maxItems {
		t, err := x.Token()
		if err != nil {
			break // the end, or broken off: what came is read
		}
		e, ok := t.(xml.StartElement)
		if ok && e.Name.Local == "link" {
			hubs, self = linkOf(e, hubs, self)
		}
		if !ok || e.Name.Local != "entry" {
			continue
		}
		var v youtubeVideo
		if x.DecodeElement(&v, &e) != nil || v.ID == "" || strings.ContainsAny(v.ID, "/?#&") {
			continue
		}
		post := posted{Post: record.Post{
			Platform: "youtube", URL: "https://www.youtube.com/watch?v=" + v.ID, Author: tidy(v.Author.Name), At: at(v.Published, record.FromPost),
			Handle: v.Author.URI[strings.LastIndexByte(v.Author.URI, '/')+1:],
		}, title: tidy(v.Title), text: v.Group.Description}
		if p, ok := postPage(in, post); ok {
			a.Posts = append(a.Posts, p)
		}
	}
	named(&a.Page, in, hubs, self)
	return a, nil
}

// linkOf adds a link of the channel to its hubs, or takes it for its own address.
func linkOf(e xml.StartElement, hubs []string, self string) ([]string, string) {
	rel, href := "", ""
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "rel":
			rel = a.Value
		case "href":
			href = a.Value
		}
	}
	switch {
	case rel == "hub" && len(hubs) < maxHubs:
		hubs = append(hubs, href)
	case rel == "self" && self == "":
		self = href
	}
	return hubs, self
}
