package extract

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"onrecord/record"
)

// maxHubs is how many hubs of one answer are read.
const maxHubs = 8

// offer notes on the page of a source's answer which hubs tell of its changes,
// and under which address (WebSub, section 4): the links of the header go before
// those of the document.
func offer(p *record.Page, in Input) {
	var hubs []string
	self := ""
	for _, l := range headerLinks(in.Header) {
		switch {
		case slices.Contains(l.rel, "hub"):
			hubs = append(hubs, l.href)
		case slices.Contains(l.rel, "self") && self == "":
			self = l.href
		}
	}
	named(p, in, hubs, self)
	if len(p.Hubs) == 0 {
		p.Topic = ""
	}
}

// named puts hubs, and the address under which they know the page, on it, as far
// as they are addresses; what is empty leaves what is there.
func named(p *record.Page, in Input, hubs []string, self string) {
	d := &document{in: in}
	var list []string
	for _, h := range hubs {
		if u := d.absolute(strings.TrimSpace(h)); u != "" && len(u) <= maxURL && len(list) < maxHubs && !slices.Contains(list, u) {
			list = append(list, u)
		}
	}
	if len(list) > 0 {
		p.Hubs = list
	}
	if u := d.absolute(strings.TrimSpace(self)); u != "" && len(u) <= maxURL {
		p.Topic = u
	}
}

// headerLink is one link of a Link header (RFC 8288).
type headerLink struct {
	href string
	rel  []string // in lower case
}

// maxHeaderLinks is how many links of an answer's header are read.
const maxHeaderLinks = 100

// headerLinks are the links of an answer's header; what is no link is left out.
func headerLinks(h http.Header) []headerLink {
	var out []headerLink
	for _, rest := range h.Values("Link") {
		for len(out) < maxHeaderLinks {
			open := strings.IndexByte(rest, '<')
			if open < 0 {
				break
			}
			end := strings.IndexByte(rest[open:], '>')
			if end < 0 {
				break
			}
			l := headerLink{href: strings.TrimSpace(rest[open+1 : open+end])}
			l.rel, rest = linkRel(rest[open+end+1:])
			out = append(out, l)
		}
	}
	return out
}

// linkRel reads the parameters of a link up to the comma that ends it, and gives
// its relations, those of the first rel alone, and what follows.
func linkRel(s string) (rel []string, rest string) {
	for {
		s = strings.TrimLeft(s, " \t;")
		if s == "" || s[0] == ',' {
			return rel, strings.TrimPrefix(s, ",")
		}
		end := strings.IndexAny(s, "=;,")
		if end < 0 || s[end] != '=' {
			s = s[max(end, 0):]
			if end < 0 {
				return rel, ""
			}
			continue
		}
		name, value := strings.ToLower(strings.TrimSpace(s[:end])), ""
		s = strings.TrimLeft(s[end+1:], " \t")
		if strings.HasPrefix(s, `"`) {
			value, s = quotedString(s[1:])
		} else {
			end := strings.IndexAny(s, ";,")
			if end < 0 {
				end = len(s)
			}
			value, s = s[:end], s[end:]
		}
		if name == "rel" && rel == nil {
			rel = strings.Fields(strings.ToLower(value))
		}
	}
}

// quotedString reads up to the closing mark of a quoted string (RFC 9110,
// section 5.6.4), of which the opening one is read.
func quotedString(s string) (value, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}

// feedHubs are the hubs that a feed names, and the address that it gives as its
// own: in links of Atom, or in the hubs of a JSON Feed.
func feedHubs(in Input, doc FeedDocument) (hubs []string, self string) {
	for _, l := range doc.Feed.Links {
		switch {
		case l.Rel == "hub":
			hubs = append(hubs, l.Href)
		case l.Rel == "self" && self == "":
			self = l.Href
		}
	}
	if doc.Format != "json" {
		return hubs, self
	}
	var v struct {
		Hubs []struct {
			Type string `json:"type"`
			URL  string `json:"url"`
		} `json:"hubs"`
	}
	text, _ := decode(in.Body, in.mediaType())
	_ = json.Unmarshal([]byte(text), &v) // of a broken one there are none
	for _, h := range v.Hubs {
		if strings.EqualFold(h.Type, "WebSub") || strings.EqualFold(h.Type, "PubSubHubbub") {
			hubs = append(hubs, h.URL)
		}
	}
	return hubs, self
}
