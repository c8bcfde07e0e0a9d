package desk

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"onrecord/archive"
)

// robotNames are those under which a page speaks to this program.
var robotNames = []string{"robots", "onrecord"}

// noArchive reports whether an answer asks that no copy of it be shown, in
// X-Robots-Tag or in a robots meta element of its first 256 KiB.
func noArchive(x archive.Exchange) bool {
	for _, line := range x.Header.Values("X-Robots-Tag") {
		name := "robots" // who is spoken to, until another name is given
		for _, rule := range strings.Split(strings.ToLower(line), ",") {
			if before, after, named := strings.Cut(rule, ":"); named && !strings.Contains(before, "unavailable_after") && !strings.HasPrefix(strings.TrimSpace(before), "max-") {
				name, rule = strings.TrimSpace(before), after
			}
			if strings.TrimSpace(rule) == "noarchive" && slices.Contains(robotNames, name) {
				return true
			}
		}
	}
	const head = 256 << 10
	body, err := x.Decoded(0)
	if err != nil && len(body) == 0 {
		body = x.Body // as it came, where it cannot be decoded
	}
	return metaNoArchive(io.LimitReader(bytes.NewReader(body), head))
}

func metaNoArchive(r io.Reader) bool {
	z := html.NewTokenizer(r)
	z.SetMaxBuf(64 << 10)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return false
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.Data != "meta" {
				continue
			}
			var name, content string
			for _, a := range t.Attr {
				switch a.Key {
				case "name":
					name = strings.ToLower(strings.TrimSpace(a.Val))
				case "content":
					content = strings.ToLower(a.Val)
				}
			}
			rules := strings.FieldsFunc(content, func(r rune) bool { return r == ',' || r == ' ' })
			if slices.Contains(robotNames, name) && slices.Contains(rules, "noarchive") {
				return true
			}
		}
	}
}
