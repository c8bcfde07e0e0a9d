// Package crawlsim plays a large invented web to the crawler and measures it:
// what a visit costs, and what a month of a thousand sources comes to. It is a
// workshop for tests and measurements, no part of the program.
package crawlsim

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

// An entry is one item of a feed.
type entry struct {
	url, title string
	at         time.Time
	summary    string
}

// rss writes a feed as a common site's software does.
func rss(host string, list []entry) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>News of ` + host + `</title><link>http://` + host + `/</link><description>What ` + host + ` has to say</description>`)
	for _, e := range list {
		fmt.Fprintf(&b, "<item><title>%s</title><link>%s</link><guid isPermaLink=\"true\">%s</guid><pubDate>%s</pubDate><description>%s</description></item>",
			escaped(e.title), escaped(e.url), escaped(e.url), e.at.UTC().Format(time.RFC1123Z), escaped(e.summary))
	}
	return b.String() + "</channel></rss>"
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}

// article is a news page: a frame of a usual size, and one statement.
func article(title string, at time.Time, said string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>%s</title><meta property="article:published_time" content="%s"><link rel="stylesheet" href="/site.css"></head><body><nav><ul>`, escaped(title), at.UTC().Format(time.RFC3339))
	for i := range 30 {
		fmt.Fprintf(&b, `<li><a href="/part/%d">Part %d of the site</a></li>`, i, i)
	}
	fmt.Fprintf(&b, `</ul></nav><article><h1>%s</h1>
<p>Patients were told on Monday to keep their appointments while the work goes on.</p>
<p>Dr Mara Ellison, chair of the committee, said: “%s”</p>
<p>The service is used by all surgeries in the county, and by its three hospitals. It was closed for repairs in the spring of last year.</p>
<p>The committee meets again in the autumn, and will then look at what the counties have sent in.</p></article><footer><p>About this site</p></footer></body></html>`, escaped(title), said)
	return b.String()
}

var nouns = []string{"amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "hazel", "islet", "jetty", "knoll", "larch", "maple", "north", "ocean", "poppy", "quill", "river", "stone", "thorn"}

// sentence is a statement's words, which differ for every n below 160,000.
func sentence(n int) string {
	w := func(i int) string { return nouns[i%len(nouns)] }
	return fmt.Sprintf("The %s %s office will open its %s counter beside the %s gate before the %s weekend begins in ward %d.",
		w(n), w(n/20), w(n/400), w(n/8000), w(n*7+3), n)
}
