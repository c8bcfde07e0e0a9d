package extract

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"

	"onrecord/record"
)

// Limits of a sitemap (sitemaps.org, protocol): the first two are its own.
const (
	maxSitemap     = 50 << 20 // bytes, unpacked
	maxSitemapURLs = 50_000
	maxSitemapHits = 2000 // leads that are taken of one
)

// A place in a sitemap or in an index of them, with Google's news extension
// (http://www.google.com/schemas/sitemap-news/0.9).
type sitemapEntry struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod"`
	News    struct {
		Published string `xml:"publication_date"`
		Title     string `xml:"title"`
	} `xml:"news"`
}

func isSitemap(f form) bool {
	if f.json {
		return false
	}
	head := f.text[:min(len(f.text), 4096)]
	return strings.Contains(head, "<urlset") || strings.Contains(head, "<sitemapindex")
}

// readSitemap reads a sitemap or an index of sitemaps, plain or packed by gzip.
// Leads are its pages, the last changed first; the maps of an index are parts.
func readSitemap(in Input, _ record.Source) (Answer, error) {
	body, err := Unpacked(in.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("page %s: %w", in.URL, err)
	}
	p := answerPage(in)
	d := &document{in: in}
	index, ended := false, false
	count := 0
	x := xml.NewDecoder(bytes.NewReader(body))
	x.Strict, x.CharsetReader = false, charset.NewReaderLabel
	for !ended {
		t, err := x.Token()
		switch {
		case err == io.EOF:
			ended = true
		case err != nil:
			d.problem("broken off: %v", err)
			ended = true
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "sitemapindex":
			index = true
		case "url", "sitemap":
			if count++; count > maxSitemapURLs {
				d.problem("more than %d addresses: the rest left out", maxSitemapURLs)
				ended = true
				break
			}
			var entry sitemapEntry
			if x.DecodeElement(&entry, &e) == nil {
				d.mapped(&p, entry, index)
			}
		}
	}
	if count == 0 && !bytes.Contains(body, []byte("<urlset")) && !index {
		return Answer{}, wrongKind(in, "sitemap")
	}
	latestFirst(p.Leads)
	latestFirst(p.Parts)
	if len(p.Leads) > maxSitemapHits {
		d.problem("%d addresses: the latest %d taken; name a window of days for others", len(p.Leads), maxSitemapHits)
		p.Leads = p.Leads[:maxSitemapHits]
	}
	p.Problems = append(p.Problems, d.problems...)
	return Answer{Page: p}, nil
}

// mapped adds one entry. A map lists pages of its own site only; what it says
// of others counts for nothing (sitemaps.org, location).
func (d *document) mapped(p *record.Page, e sitemapEntry, index bool) {
	address, err := Canonical(strings.TrimSpace(e.Loc))
	if err != nil {
		return
	}
	if !sameSite(hostOf(address), hostOf(d.in.URL)) {
		d.problem("addresses of other sites left out, such as %.200s", address)
		return
	}
	l := record.Lead{URL: address, Title: tidy(unescape(e.News.Title)), At: d.when(tidy(e.News.Published), record.FromFeed), Modified: d.when(tidy(e.LastMod), record.FromFeed)}
	if index {
		p.Parts = append(p.Parts, l)
		return
	}
	p.Leads = append(p.Leads, l)
}

func hostOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, ":")
	return host
}

// Unpacked is a body without the gzip that its file has: a sitemap's ".xml.gz".
// The error wraps record.ErrTooLarge or record.ErrInvalid.
func Unpacked(body []byte) ([]byte, error) {
	if !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		return body, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("a file that says gzip and is none (%v): %w", err, record.ErrInvalid)
	}
	out, err := io.ReadAll(io.LimitReader(z, maxSitemap+1))
	switch {
	case len(out) > maxSitemap:
		return nil, fmt.Errorf("more than %d MiB unpacked: %w", maxSitemap>>20, record.ErrTooLarge)
	case err != nil && len(out) == 0:
		return nil, fmt.Errorf("gzip broken off (%v): %w", err, record.ErrInvalid)
	}
	return out, nil // of one that is broken off, what came
}
