package extract

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nlnwa/whatwg-url/url"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"onrecord/record"
)

// Facts are what one reader found out about the page; empty fields are what it
// does not know.
type facts struct {
	title     string
	authors   []string
	publisher string
	lang      string
	published record.Instant
	modified  record.Instant
	from      []string
	history   []record.Revision
}

// factReaders in the order in which they are believed: an earlier one's answer
// stands, and a later one's date that contradicts it is noted.
var factReaders = []struct {
	name string
	read func(d *document, main *html.Node) facts
}{
	{"heading", headingFacts},
	{"JSON-LD", objectFacts},
	{"metadata", metaFacts},
	{"microdata", microFacts},
	{"page history", govFacts},
	{"print", printedFacts},
	{"address", addressFacts},
}

// describe fills in everything about the page but its text.
func (d *document) describe(p *record.Page, main *html.Node) {
	var sum facts
	for _, r := range factReaders {
		f := r.read(d, main)
		sum.title = first(sum.title, f.title)
		sum.publisher = first(sum.publisher, f.publisher)
		sum.lang = first(sum.lang, f.lang)
		if len(sum.authors) == 0 {
			sum.authors = f.authors
		}
		sum.from = append(sum.from, f.from...)
		sum.history = append(sum.history, f.history...)
		sum.published = agree(sum.published, f.published, r.name)
		sum.modified = agree(sum.modified, f.modified, r.name)
	}
	p.Title, p.Authors, p.Publisher = sum.title, cleanAuthors(sum.authors), sum.publisher
	p.Lang, p.From, p.History = sum.lang, sum.from, sum.history
	p.Published, p.Modified = sum.published, sum.modified
	if u := d.ownAddress(); u != "" {
		p.CanonicalURL = u
	}
}

// ownAddress is the address that the page declares as its own; "" for none that
// is to be trusted. Where two declarations contradict each other, the one that
// says what was asked for counts.
func (d *document) ownAddress() string {
	out := ""
	for _, ref := range []string{d.link, d.first("og:url")} {
		if ref == "" {
			continue
		}
		u := declared(d.in.URL, ref)
		if u != "" && (out == "" || !SameForm(out, d.in.URL) && SameForm(u, d.in.URL)) {
			out = u
		}
	}
	return out
}

// agree keeps a and notes where b, read elsewhere, gives another day.
func agree(a, b record.Instant, from string) record.Instant {
	switch {
	case !a.Known():
		return b
	case !b.Known() || b.Precision == record.ToYear || b.Precision == record.ToMonth:
		return a
	case a.Time.Sub(b.End()) > 24*time.Hour || b.Time.Sub(a.End()) > 24*time.Hour:
		return a.Note(fmt.Sprintf("the page's %s gives %s", from, b.Day()))
	}
	return a
}

func (d *document) when(raw string, basis record.Basis) record.Instant {
	if raw == "" {
		return record.Instant{}
	}
	at, ok := ParseDate(raw, DateContext{At: d.in.At, Basis: basis})
	if !ok {
		return record.Instant{}
	}
	return at
}

func printedTime(text string, captured time.Time, basis record.Basis) record.Instant {
	c := DateContext{At: captured, Basis: basis}
	if m := flatDate.FindString(text); m != "" {
		if at, ok := ParseDate(m, c); ok {
			return at
		}
	}
	if found := FindDates(text, c); len(found) > 0 {
		return found[len(found)-1].Instant
	}
	return record.Instant{}
}

var flatDate = lazily(`(?:` + monthWords + `\.? \d{1,2}, \d{4}(?: at \d{1,2}:\d\d(?: ?[AaPp]\.?[Mm]\b\.?)?(?: [A-Z]{2,4}\b)?)?|\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)`)

// absolute resolves ref against the page's address; "" where that fails.
func (d *document) absolute(ref string) string {
	if ref == "" {
		return ""
	}
	base, err := url.NewParser().Parse(d.in.URL)
	if err != nil {
		return ref
	}
	u, err := base.Parse(ref)
	if err != nil || u.Scheme() != "http" && u.Scheme() != "https" {
		return ""
	}
	return u.Href(false)
}

// headingFacts takes the headline from the page's own h1: the one that the
// metadata repeat, or that stands with the text. Where it agrees with nothing
// that the page says of itself, the headline of JSON-LD is asked next.
func headingFacts(d *document, main *html.Node) facts {
	claims := []string{d.article().text("headline"), d.first("og:title", "twitter:title", "dc.title"), d.title}
	ld := claims[0]
	var best string
	for _, h := range d.headings {
		t := tidy(textOf(h))
		if t == "" || len(t) > 500 {
			continue
		}
		for _, c := range claims {
			if c != "" && alike(t, c) && (ld == "" || c != d.title || alike(t, ld)) {
				return facts{title: t}
			}
		}
		if best == "" && (inside(h, main) || sharesArticle(h, main)) {
			best = t
		}
	}
	if best == "" && len(d.headings) == 1 && claims[0] == "" && claims[1] == "" {
		best = tidy(textOf(d.headings[0]))
	}
	if claims[0] == "" && claims[1] == "" {
		return facts{title: best}
	}
	if len(strings.Fields(best)) >= 4 && len(strings.Fields(ld)) < 4 {
		return facts{title: best}
	}
	return facts{}
}

func sharesArticle(h, main *html.Node) bool {
	for p := h.Parent; p != nil; p = p.Parent {
		if p.DataAtom == atom.Article || p.DataAtom == atom.Main {
			return inside(main, p)
		}
	}
	return false
}

// alike reports whether two titles are one but for case, marks and a site's
// name at the end.
func alike(a, b string) bool {
	x, y := letters(a), letters(b)
	if x == y {
		return true
	}
	if len(x) < 12 || len(y) < 12 {
		return false
	}
	return strings.HasPrefix(y, x) || strings.HasPrefix(x, y)
}

func letters(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !isWordRune(r) }), "")
}

func objectFacts(d *document, _ *html.Node) facts {
	o := d.article()
	if o == nil {
		return facts{}
	}
	f := facts{title: first(o.text("headline"), o.text("name")), authors: d.authorNames(o), lang: o.text("inLanguage"), published: d.when(o.text("datePublished"), record.FromPage), modified: d.when(o.text("dateModified"), record.FromPage)}
	if f.title != "" && len(f.title) > 500 {
		f.title = ""
	}
	f.publisher = first(d.first("og:site_name"), first(o.names("publisher")...))
	if o.is("WebPage", "ItemPage") {
		f.title = withoutSite(f.title, f.publisher)
	}
	if !f.published.Known() {
		for _, x := range d.objects {
			if f.published = d.when(x.text("datePublished"), record.FromPage); f.published.Known() {
				f.modified = d.when(x.text("dateModified"), record.FromPage)
				break
			}
		}
	}
	return f
}

// authorNames follows @id references to the persons of the same graph.
func (d *document) authorNames(o object) []string {
	names := o.names("author")
	if len(names) > 0 {
		return names
	}
	for _, a := range append(o.list("author"), o.list("creator")...) {
		for _, x := range d.objects {
			if id, ok := a["@id"].(string); ok && id != "" && x["@id"] == id {
				names = append(names, x.names("name")...)
			}
		}
	}
	if len(names) == 0 {
		names = o.names("creator")
	}
	return names
}

func metaFacts(d *document, _ *html.Node) facts {
	site := d.first("og:site_name", "application-name", "apple-mobile-web-app-title")
	f := facts{
		publisher: d.first("og:site_name"),
		title:     withoutSite(d.first("og:title", "twitter:title", "dc.title", "dcterms.title"), site),
		lang:      first(d.lang, strings.ReplaceAll(d.first("og:locale"), "_", "-")),
		published: d.when(d.first("article:published_time", "govuk:first-published-at", "og:article:published_time", "datepublished", "article.published", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dcterms.issued", "publish-date", "publishdate", "pubdate", "publication_date", "cxenseparse:recs:publishtime", "article_date_original", "date", "dc.date"), record.FromPage),
		modified:  d.when(d.first("article:modified_time", "govuk:public-updated-at", "og:updated_time", "datemodified", "dcterms.modified", "last-modified", "article.updated", "lastmod"), record.FromPage),
	}
	for _, key := range []string{"author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl", "cxenseparse:author"} {
		for _, a := range d.meta[key] {
			if !strings.Contains(a, "://") && !strings.HasPrefix(a, "@") && !slices.Contains(f.authors, a) {
				f.authors = append(f.authors, a)
			}
		}
		if len(f.authors) > 0 {
			break
		}
	}
	return f
}

// microFacts reads microdata, <time> and the title of the window.
func microFacts(d *document, main *html.Node) facts {
	var f facts
	f.lang = d.lang
	for n := range d.root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch attr(n, "itemprop") {
		case "datePublished":
			if !f.published.Known() {
				f.published = d.when(first(attr(n, "datetime"), attr(n, "content"), tidy(textOf(n))), record.FromPage)
			}
		case "dateModified":
			if !f.modified.Known() {
				f.modified = d.when(first(attr(n, "datetime"), attr(n, "content"), tidy(textOf(n))), record.FromPage)
			}
		}
	}
	if !f.published.Known() && d.undated() {
		f.published = d.firstTime(main)
	}
	f.title, f.publisher = splitTitle(d.title)
	if f.publisher != "" && len(d.headings) > 0 && strings.Contains(letters(textOf(d.headings[0])), letters(f.publisher)) {
		f.title, f.publisher = d.title, "" // a part of the headline, not the site's name
	}
	if len(d.authorNames(d.article())) > 0 {
		return f // the markup is asked where the metadata name nobody
	}
	if n := d.named("byline", "author"); n != nil {
		f.authors = bylineNames(tidy(textOf(n)))
	}
	return f
}

// undated reports whether the metadata give no date; the first <time> of a page
// is then its best, but it would be no contradiction to them.
func (d *document) undated() bool {
	return !objectFacts(d, nil).published.Known() && !metaFacts(d, nil).published.Known()
}

// firstTime is the first <time datetime> of the article.
func (d *document) firstTime(main *html.Node) record.Instant {
	scope := main
	for p := main; p != nil; p = p.Parent {
		if p.DataAtom == atom.Article || p.DataAtom == atom.Main {
			scope = p
		}
	}
	for _, within := range []bool{true, false} {
		for _, t := range d.times {
			if inside(t, scope) != within || inAside(t) {
				continue
			}
			if at := d.when(attr(t, "datetime"), record.FromPage); at.Known() {
				return at
			}
		}
	}
	return record.Instant{}
}

func inAside(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.DataAtom == atom.Aside || frameTags[p.DataAtom] || p.DataAtom == atom.Blockquote {
			return true
		}
	}
	return false
}

// inQuote reports whether n names the author of a quotation.
func inQuote(n *html.Node) bool {
	for p := n; p != nil; p = p.Parent {
		if namesOne(attr(p, "class"), []string{"quote", "pullquote", "blockquote", "testimonial"}) {
			return true
		}
	}
	return false
}

// named is the first short element whose names hold one of words.
func (d *document) named(words ...string) *html.Node {
	for n := range d.root.Descendants() {
		if n.Type != html.ElementNode || n.DataAtom == atom.Meta || n.DataAtom == atom.Body || n.DataAtom == atom.Html || silentTags[n.DataAtom] {
			continue
		}
		if !slices.Contains(words, attr(n, "rel")) && !slices.Contains(words, attr(n, "itemprop")) && !namesOne(attr(n, "class"), words) {
			continue
		}
		if t := tidy(textOf(n)); len(t) > 4 && len(t) < 120 && len(bylineNames(t)) > 0 && !hidden(n) && !inAside(n) && !inQuote(n) {
			return n
		}
	}
	return nil
}

func namesOne(names string, words []string) bool {
	for w := range nameWords(names) {
		if slices.Contains(words, w) {
			return true
		}
	}
	return false
}

var titleSeparators = []string{" | ", " - ", " – ", " — ", " :: ", " » ", " · "}

// splitTitle parts "Headline | Site".
func splitTitle(s string) (title, site string) {
	at, sep := -1, ""
	for _, x := range titleSeparators {
		if i := strings.LastIndex(s, x); i > at {
			at, sep = i, x
		}
	}
	if at < 0 {
		return s, ""
	}
	title, site = strings.TrimSpace(s[:at]), strings.TrimSpace(s[at+len(sep):])
	if len(strings.Fields(site)) > 5 || len(title) < len(site) {
		return s, ""
	}
	if t, x := splitTitle(title); x != "" && len(strings.Fields(x)) <= 3 && strings.Contains(s, " | ") && len(t) > len(x) && sep == " | " {
		title = t
	}
	return title, site
}

// withoutSite cuts the site's name from either end of the title.
func withoutSite(title, site string) string {
	if title == "" || site == "" {
		return title
	}
	for _, sep := range titleSeparators {
		if t, ok := cutFold(title, sep+site); ok {
			return t
		}
		if len(title) > len(site)+len(sep) && strings.EqualFold(title[:len(site)+len(sep)], site+sep) {
			return title[len(site)+len(sep):]
		}
	}
	return title
}

func cutFold(s, suffix string) (string, bool) {
	if len(s) > len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix) {
		return s[:len(s)-len(suffix)], true
	}
	return s, false
}

var (
	byWord     = lazily(`(?i)^(?:(?:written |posted |reported |analysis |exclusive )?by[:\s]+|author[s]?[:\s]+|words[:\s]+)`)
	byTail     = lazily(`(?i)(?:\s+(?:for|in|at|on|updated|published|posted|follow)\s.*|\s*[|•·@].*|\s*\d{1,2}[:.]\d\d.*|\s+\d{1,2} [A-Z][a-z]+ \d{4}.*)$`)
	roleTail   = lazily(`(?i),\s+(?:[a-z'-]+\s+){0,4}(?:editor|correspondent|reporter|writer|journalist|staff|columnist|producer|press|reuters|news|times|business|service|association)\b.*$`)
	nameSplit  = lazily(`(?i)\s*(?:,|;|&|\band\b|/|\+)\s*`)
	personName = lazily(`^[\p{Lu}][\p{L}.'’-]+(?:\s+[\p{L}.'’-]+){1,4}$`)
)

// bylineNames reads "By Nell Garrow and Jo Tarrant For Daily Courier".
func bylineNames(s string) []string {
	led := byWord.MatchString(s)
	s = byWord.ReplaceAllString(s, "")
	s = roleTail.ReplaceAllString(s, "")
	if led {
		s = byTail.ReplaceAllString(s, "")
	}
	var out []string
	for _, part := range nameSplit.Split(s, 6) {
		part = strings.TrimSpace(byWord.ReplaceAllString(part, ""))
		if personName.MatchString(part) && !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return out
}

// cleanAuthors parts lists and drops what is no name. A publisher may be its
// own author, as agencies and broadcasters give it.
func cleanAuthors(authors []string) []string {
	var out []string
	for _, a := range authors {
		a = strings.TrimSpace(byWord.ReplaceAllString(a, ""))
		a = roleTail.ReplaceAllString(a, "")
		parts := []string{a}
		if strings.Contains(a, ",") || strings.Contains(a, " and ") || strings.Contains(a, ";") {
			if names := bylineNames(a); len(names) > 0 {
				parts = names
			}
		}
		for _, x := range parts {
			if x != "" && len(x) < 100 && !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	return out
}

// govFacts reads what GOV.UK pages say of themselves: the list with "From:"
// and the history of the page.
func govFacts(d *document, _ *html.Node) facts {
	var f facts
	for dt := range d.root.Descendants() {
		if dt.DataAtom != atom.Dt || strings.ToLower(strings.Trim(tidy(textOf(dt)), ": ")) != "from" {
			continue
		}
		for dd := dt.NextSibling; dd != nil && dd.DataAtom != atom.Dt; dd = dd.NextSibling {
			for a := range dd.Descendants() {
				if a.DataAtom == atom.A && !strings.Contains(attr(a, "href"), "/people/") {
					f.from = append(f.from, tidy(textOf(a)))
				}
			}
		}
		break
	}
	f.history = d.pageHistory()
	return f
}

func (d *document) pageHistory() []record.Revision {
	var out []record.Revision
	for h := range d.root.Descendants() {
		if headingTags[h.DataAtom] < 2 || !historyTitle.MatchString(tidy(textOf(h))) || h.Parent == nil {
			continue
		}
		for li := range h.Parent.Descendants() {
			if li.DataAtom != atom.Li {
				continue
			}
			t := firstOf(li, atom.Time)
			if t == nil {
				continue
			}
			note := tidy(strings.Replace(tidy(textOf(li)), tidy(textOf(t)), "", 1))
			out = append(out, record.Revision{At: d.when(first(attr(t, "datetime"), tidy(textOf(t))), record.FromPage), Note: note})
		}
		break
	}
	return out
}

var historyTitle = lazily(`(?i)^(?:updates to this page|page history|full page history|change history)$`)

var (
	publishedCue = lazily(`(?i)^(?:date )?(?:first )?(?:published|posted|issued|released|date|publication date|cyhoeddwyd)(?: on| date| gyntaf)?\s*:?\s*`)
	updatedCue   = lazily(`(?i)(?:last )?(?:updated|modified|reviewed|diweddarwyd)(?: on| at| ddiwethaf)?\s*:?\s*`)
)

// saysUpdated is asked before the cue, which may stand anywhere: most texts
// have none of its words.
func saysUpdated(s string) bool {
	low := strings.ToLower(s)
	return strings.Contains(low, "updated") || strings.Contains(low, "modified") || strings.Contains(low, "reviewed") || strings.Contains(low, "diweddarwyd")
}

// cueAlone is the name of a date that stands in an element of its own.
var cueAlone = lazily(`(?i)^(?:date )?(?:first |last )?(?:published|updated|modified|publication date|cyhoeddwyd|diweddarwyd)(?: date| on| gyntaf| ddiwethaf)?\s*:?$`)

// printedFacts reads the dates that stand near the title or behind their own
// name, as a reader sees them.
func printedFacts(d *document, main *html.Node) facts {
	var f facts
	label := "" // a cue that stands alone: its date is the next text
	for i, s := range d.shortTexts() {
		if cueAlone.MatchString(s) {
			label = s + " "
			continue
		}
		s, label = label+s, ""
		if i < nearTitle && len(f.authors) == 0 && byLine.MatchString(s) {
			f.authors = bylineNames(s)
			if _, outlet, ok := strings.Cut(s, " For "); ok {
				f.publisher = outlet
			}
		}
		if !strings.ContainsAny(s, digits) {
			continue
		}
		cue := publishedCue.MatchString(s)
		var upd []int
		if saysUpdated(s) {
			upd = updatedCue.FindStringIndex(s)
		}
		pub := s
		if upd != nil {
			pub = s[:upd[0]]
			if !f.modified.Known() {
				f.modified = d.dateIn(s[upd[1]:])
			}
		}
		if f.published.Known() || pub == "" || upd != nil && upd[0] == 0 {
			continue
		}
		if cue || i < nearTitle {
			f.published = d.dateIn(publishedCue.ReplaceAllString(pub, ""))
		}
	}
	return f
}

// digits stand in every date that is worth the reading.
const digits = "0123456789"

// nearTitle is how many short texts from the title a bare date still is the
// page's own.
const nearTitle = 8

// dateIn is the one date of a short text that says little else.
func (d *document) dateIn(s string) record.Instant {
	c := DateContext{At: d.in.At, Basis: record.FromPage}
	s = strings.Trim(s, " |·•,—–-")
	if s == "" || len(s) > 120 {
		return record.Instant{}
	}
	if at, ok := ParseDate(s, c); ok {
		return at
	}
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("|•·—", r) }) {
		if at, ok := ParseDate(strings.TrimSpace(part), c); ok {
			return at
		}
	}
	found := FindDates(s, c)
	if len(found) != 1 || otherDate.MatchString(s[:found[0].Start]) || !strings.HasPrefix(s, "By ") && !aside(s, found[0].Span) {
		return record.Instant{}
	}
	return found[0].Instant
}

// aside reports whether next to nothing is said besides a date: a sentence with
// a date in it is about another day.
func aside(s string, date record.Span) bool {
	before := strings.TrimRight(s[:date.Start], " ")
	if last, _ := utf8.DecodeLastRuneInString(before); strings.ContainsRune("–—-:|(", last) && len(strings.Fields(s[date.End:])) <= 3 {
		return true // "Update on the outage – Friday 14 March"
	}
	return len(strings.Fields(s[:date.Start]))+len(strings.Fields(s[date.End:])) <= 3
}

// otherDate stands before a date that is not the page's own: a deadline, the
// day of an event, of a withdrawal.
var otherDate = lazily(`(?i)(?:withdrawn|clos(?:es|ed|ing)|expir|deadline|event|effective|due|until|from|before|since|after|between|to|start|end|take|taking) ?(?:on|date|by|at|in|:|from|place)*\s*$|\bby\s*$`)

// shortTexts are the page's title and the short lines after it.
func (d *document) shortTexts() []string {
	if d.shorts == nil {
		w := shortWalk{started: len(d.headings) == 0}
		if body := d.doc.Find("body"); body.Length() > 0 {
			w.walk(body.Nodes[0])
		}
		d.shorts = filled(w.out)
	}
	return d.shorts
}

const (
	maxShorts = 400 // short texts of a page
	maxShort  = 160 // bytes of one
)

// A shortWalk gathers the short texts of a page from its title on.
type shortWalk struct {
	out     []string
	started bool // the title was passed
}

// walk takes in what stands below n. It reports whether a block stands there:
// a block without one inside is a text of its own.
func (w *shortWalk) walk(n *html.Node) (block bool) {
	if n.DataAtom == atom.H1 {
		w.started = true
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if len(w.out) >= maxShorts {
			return true
		}
		if c.Type != html.ElementNode || silentTags[c.DataAtom] {
			continue
		}
		if blockTags[c.DataAtom] {
			block = true
		}
		frame := frameTags[c.DataAtom] && !(c.DataAtom == atom.Footer && within(c, atom.Article)) // an article's foot has its dates
		if hidden(c) || frame || c.DataAtom == atom.Blockquote || c.DataAtom == atom.Aside {
			continue
		}
		before := len(w.out)
		if c.DataAtom == atom.H1 {
			w.started = true
		}
		if w.walk(c) {
			block = true
			continue
		}
		w.out = w.out[:before] // its parts are one text
		if w.started {
			if t := tidy(textOf(c)); t != "" && len(t) <= maxShort {
				w.out = append(w.out, t)
			}
		}
	}
	return block
}

var yearInPath = lazily(`/((?:19|20)\d\d)(?:/(\d{1,2})(?:/(\d{1,2}))?)?/`)

// addressFacts reads a date from the address, for pages that print none.
func addressFacts(d *document, _ *html.Node) facts {
	m := yearInPath.FindStringSubmatch(d.in.URL)
	if m == nil {
		return facts{}
	}
	raw := m[1]
	for _, part := range m[2:] {
		if part == "" {
			break
		}
		raw += "-" + fmt.Sprintf("%02s", part)
	}
	if at := d.when(raw, record.FromPage); at.Known() {
		return facts{published: at.Note("read from the address")}
	}
	return facts{}
}
