package extract

import (
	"regexp"
	"strings"

	"github.com/nlnwa/whatwg-url/url"
)

// SameForm reports whether two addresses differ only in how one page is handed
// out: http or https; with www., m., mobile. or amp. in front of the host; with
// amp or print in the path or the query; with index.html or a slash at the end.
func SameForm(a, b string) bool {
	x, okX := plainForm(a)
	y, okY := plainForm(b)
	return okX && okY && x == y
}

// variantLabels are those in front of a host that hand out the same pages.
var variantLabels = map[string]bool{"www": true, "m": true, "mobile": true, "amp": true}

// variantWords are those of a path or a query that name a form of a page.
var variantWords = map[string]bool{"amp": true, "amphtml": true, "amp.html": true, "print": true, "mobile": true}

var (
	indexFile   = regexp.MustCompile(`^(?:index|default)\.(?:html?|php|aspx?|jsp)$`)
	ampEnding   = regexp.MustCompile(`^(.+)(?:\.amp|\.amp\.html?|-amp|_amp)$`)
	formOfQuery = regexp.MustCompile(`(?i)^(?:amp|outputtype|output|view|print|mobile|mode|m)(?:=(?:amp|1|true|yes|print|mobile)?)?$`)
)

// plainForm is an address without what only names a form of its page.
func plainForm(raw string) (string, bool) {
	u, err := url.NewParser().Parse(raw)
	if err != nil || u.Hostname() == "" {
		return "", false
	}
	host := strings.ToLower(u.Hostname())
	for {
		label, rest, more := strings.Cut(host, ".")
		if !more || !variantLabels[label] || !strings.Contains(rest, ".") {
			break
		}
		host = rest
	}
	var path, query []string
	for _, part := range strings.Split(u.Pathname(), "/") {
		if m := ampEnding.FindStringSubmatch(part); m != nil {
			part = m[1]
		}
		if part != "" && !variantWords[strings.ToLower(part)] {
			path = append(path, part)
		}
	}
	if n := len(path); n > 0 && indexFile.MatchString(strings.ToLower(path[n-1])) {
		path = path[:n-1]
	}
	for _, pair := range strings.Split(strings.TrimPrefix(u.Search(), "?"), "&") {
		if pair != "" && !formOfQuery.MatchString(pair) {
			query = append(query, pair)
		}
	}
	port := ""
	if u.Port() != "" {
		port = ":" + u.Port()
	}
	return host + port + "/" + strings.Join(path, "/") + "?" + strings.Join(query, "&"), true
}

// section reports whether an address stands above another in its path, as a
// listing stands above its articles: sites that are set up wrong name it as the
// address of each of them.
func section(above, below *url.Url) bool {
	a, b := strings.Trim(above.Pathname(), "/"), strings.Trim(below.Pathname(), "/")
	return above.Search() == "" && (a == "" || strings.HasPrefix(b, a+"/"))
}
