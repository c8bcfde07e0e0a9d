package extract

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mmcdole/gofeed/atom"
	jsonfeed "github.com/mmcdole/gofeed/json"
	"github.com/mmcdole/gofeed/rss"

	"onrecord/record"
)

// feedReader reads one feed: the bytes are repaired into text, the text into a
// tree, the tree is written anew in the plain form that gofeed reads without a
// loss, gofeed reads the feed's own elements, and a walk over the tree adds
// what gofeed has no place for: other vocabularies, text types, languages.
type feedReader struct {
	in         Input
	options    FeedOptions
	doc        FeedDocument
	base       *url.URL
	mediaType  string
	doctype    string // the first bytes, in which a DOCTYPE may stand
	undeclared string // a namespace prefix that was used without a declaration
	entitySeen bool
	dateNotes  []dateNote
	isAtom     bool
}

// dateNote counts the dates of which the same was assumed.
type dateNote struct {
	note, raw string
	count     int
}

// repaired notes something that was mended; lost, something that is gone.
func (r *feedReader) repaired(what string) {
	r.doc.Bozo = true
	if !slices.Contains(r.doc.Problems, what) {
		r.doc.Problems = append(r.doc.Problems, what)
	}
}

func (r *feedReader) lost(what string) { r.repaired(what) }

// document finishes the answer.
func (r *feedReader) document() FeedDocument {
	d := r.doc
	d.Schema = FeedSchema
	for _, n := range r.dateNotes {
		d.Problems = append(d.Problems, fmt.Sprintf("%s (%d dates, first %q)", n.note, n.count, n.raw))
	}
	if d.Problems == nil {
		d.Problems = []string{}
	}
	if d.Entries == nil || d.Format == "" {
		d.Entries = []FeedEntry{}
	}
	listsOf(&d.Feed)
	for i := range d.Entries {
		e := &d.Entries[i]
		e.Links, e.Content, e.Authors = filled(e.Links), filled(e.Content), filled(e.Authors)
		e.Contributors, e.Categories, e.Enclosures = filled(e.Contributors), filled(e.Categories), filled(e.Enclosures)
		if e.Source != nil {
			listsOf(e.Source)
		}
	}
	return d
}

func listsOf(f *FeedInfo) {
	f.Authors, f.Contributors, f.Categories, f.Links = filled(f.Authors), filled(f.Contributors), filled(f.Categories), filled(f.Links)
}

// filled is the list, never nil: an empty list is printed as one.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (r *feedReader) read() {
	r.base = feedBase(r.in)
	text := r.feedText()
	switch {
	case strings.TrimSpace(text) == "":
		r.lost("empty feed")
	case text[0] == '{' || text[0] == '[':
		r.readJSON(text)
	case text[0] == '<' && firstRoot(text) >= 0:
		r.readXML(text)
	default:
		r.lost("not a feed")
	}
	if r.options.Sanitize {
		r.sanitize()
	}
}

// feedBase is the address against which relative ones are resolved first:
// Content-Location, itself resolved against the feed's own address.
func feedBase(in Input) *url.URL {
	base, err := url.Parse(in.URL)
	if err != nil || in.URL == "" {
		base = nil
	}
	if loc := in.Header.Get("Content-Location"); loc != "" {
		if u, err := url.Parse(loc); err == nil {
			if base != nil {
				u = base.ResolveReference(u)
			}
			return u
		}
	}
	return base
}

func (r *feedReader) readXML(text string) {
	root := r.tree(text)
	if root == nil {
		r.lost("not a feed")
		return
	}
	switch {
	case root.name == "rss", root.name == "rdf":
		r.readRSS(root)
	case root.name == "feed":
		r.readAtom(root)
	case root.name == "channel":
		r.readCDF(root)
	default:
		r.lost("not a feed: its root is <" + root.printed + ">")
		return
	}
	if r.undeclared != "" {
		r.repaired("namespace prefix " + r.undeclared + " is not declared")
	}
}

// version names the dialect of RSS.
func rssVersion(root *feedNode, doctype string) string {
	v := root.attr("version")
	switch {
	case root.name == "rdf":
		for _, a := range root.attrs {
			if strings.Contains(a.Value, "netscape.com/rdf/simple/0.9") {
				return "rss090"
			}
		}
		return "rss10"
	case v == "0.91" && strings.Contains(strings.ToLower(doctype), "netscape"):
		return "rss091n"
	case v == "0.91":
		return "rss091u"
	case v == "0.92", v == "0.93", v == "0.94":
		return "rss" + strings.ReplaceAll(v, ".", "")
	case strings.HasPrefix(v, "2."):
		return "rss20"
	}
	return "rss"
}

func (r *feedReader) readRSS(root *feedNode) {
	r.doc.Format, r.doc.Version = "rss", rssVersion(root, r.doctype)
	channel := root.kid("", "channel")
	if channel == nil {
		channel = &feedNode{name: "channel", base: root.base, lang: root.lang}
	}
	items := r.whole(rssItems(root, channel), "item")
	f, err := new(rss.Parser).Parse(strings.NewReader(r.plainRSS(root, channel, items)))
	if err != nil || len(f.Items) != len(items) {
		r.lost(fmt.Sprintf("the feed's own elements were not read: %v", err))
		f = &rss.Feed{Items: make([]*rss.Item, len(items))}
	}
	r.rssFeed(f, channel)
	for i, n := range items {
		if f.Items[i] == nil {
			f.Items[i] = &rss.Item{}
		}
		r.doc.Entries = append(r.doc.Entries, r.rssEntry(f.Items[i], n))
	}
}

// rssItems are the items inside the channel, and beside it as RDF has them.
func rssItems(root, channel *feedNode) []*feedNode {
	var items []*feedNode
	for _, parent := range []*feedNode{channel, root} {
		for _, k := range parent.kids {
			switch {
			case k.name == "item" && k.ns == "":
				items = append(items, k)
			case k.name == "items" && k.ns == "": // a list of their own, which no dialect has
				for _, x := range k.kids {
					if x.name == "item" && x.ns == "" {
						items = append(items, x)
					}
				}
			}
		}
	}
	return items
}

// whole leaves out an entry that the feed's end cut in two: half an entry
// would put half of somebody's words on record.
func (r *feedReader) whole(entries []*feedNode, kind string) []*feedNode {
	if n := len(entries); n > 0 && !entries[n-1].closed {
		r.lost(fmt.Sprintf("%s %d is cut in two: dropped", kind, n))
		return entries[:n-1]
	}
	return entries
}

func (r *feedReader) readAtom(root *feedNode) {
	r.isAtom = true
	r.doc.Format, r.doc.Version = "atom", "atom"
	switch {
	case strings.Contains(strings.ToLower(root.uri), "2005/atom"):
		r.doc.Version = "atom10"
	case root.attr("version") == "0.3" || strings.Contains(root.uri, "purl.org/atom/ns"):
		r.doc.Version = "atom03"
	}
	var entries []*feedNode
	for _, k := range root.kids {
		if isEntry(k) {
			entries = append(entries, k)
		}
	}
	entries = r.whole(entries, "entry")
	f, err := new(atom.Parser).Parse(strings.NewReader(r.plainAtom(root, entries)))
	if err != nil || len(f.Entries) != len(entries) {
		r.lost(fmt.Sprintf("the feed's own elements were not read: %v", err))
		f = &atom.Feed{Entries: make([]*atom.Entry, len(entries))}
	}
	r.atomFeed(f, root)
	for i, n := range entries {
		if f.Entries[i] == nil {
			f.Entries[i] = &atom.Entry{}
		}
		r.doc.Entries = append(r.doc.Entries, r.atomEntry(f.Entries[i], n))
	}
}

// isEntry knows Atom's entries, and RSS's name for them inside Atom.
func isEntry(n *feedNode) bool {
	return n.ns == "" && (n.name == "entry" || n.name == "item")
}

// readCDF reads Microsoft's Channel Definition Format by turning its element
// names into those of RSS.
func (r *feedReader) readCDF(channel *feedNode) {
	turn := func(n *feedNode) {
		if href := n.attr("href"); href != "" {
			n.kids = append(n.kids, &feedNode{name: "link", base: n.base, kids: []*feedNode{{text: href}}, closed: true})
		}
		if at := n.attr("lastmod"); at != "" {
			n.kids = append(n.kids, &feedNode{ns: "dcterms", name: "modified", base: n.base, kids: []*feedNode{{text: at}}, closed: true})
		}
		for _, k := range n.kids {
			if k.name == "abstract" {
				k.name = "description"
			}
		}
	}
	turn(channel)
	for _, k := range channel.kids {
		if k.name == "item" {
			turn(k)
		}
	}
	channel.ns = ""
	r.readRSS(&feedNode{name: "rss", base: channel.base, kids: []*feedNode{channel}})
	r.doc.Format, r.doc.Version = "cdf", "cdf"
}

// plainRSS writes the feed's own elements for gofeed: each with its final text,
// addresses resolved, no markup, no foreign vocabulary.
func (r *feedReader) plainRSS(root, channel *feedNode, items []*feedNode) string {
	var b strings.Builder
	b.WriteString("<rss><channel>")
	for _, parent := range []*feedNode{channel, root} {
		for _, k := range parent.kids {
			if k.ns == "" && k.name != "item" && k.name != "channel" && (parent == channel || k.name == "image") {
				r.plainElement(&b, k)
			}
		}
	}
	for _, n := range items {
		b.WriteString("<item>")
		for _, k := range n.kids {
			if k.ns == "" && k.name != "image" {
				r.plainElement(&b, k)
			}
		}
		b.WriteString("</item>")
	}
	b.WriteString("</channel></rss>")
	return b.String()
}

func (r *feedReader) plainAtom(root *feedNode, entries []*feedNode) string {
	var b strings.Builder
	b.WriteString(`<feed xmlns="http://www.w3.org/2005/Atom">`)
	for _, k := range root.kids {
		if k.ns == "" && k.name != "" && !isEntry(k) {
			r.plainElement(&b, k)
		}
	}
	for _, n := range entries {
		b.WriteString("<entry>")
		for _, k := range n.kids {
			if k.ns == "" && k.name != "" {
				r.plainElement(&b, k)
			}
		}
		b.WriteString("</entry>")
	}
	b.WriteString("</feed>")
	return b.String()
}

// structured elements hold others; all else holds text.
func structured(name string) bool {
	switch name {
	case "image", "textinput", "author", "contributor", "source", "skiphours", "skipdays":
		return true
	}
	return false
}

func (r *feedReader) plainElement(b *strings.Builder, n *feedNode) {
	if n.name == "" {
		return
	}
	name := safeName(n.name)
	b.WriteString("<" + name)
	if r.isAtom && isText(n.name) {
		b.WriteString(` type="text"`)
	}
	for _, a := range n.attrs {
		key := a.Name.Local
		if a.Name.Space != "" || key == "xmlns" || r.isAtom && isText(n.name) && key != "src" || key == "mode" || safeName(key) != key {
			continue
		}
		value := a.Value
		if k := strings.ToLower(key); k == "href" || k == "url" || k == "src" || k == "uri" {
			value = r.resolve(n.base, value)
		}
		b.WriteString(" " + key + `="` + escapeXML(value) + `"`)
	}
	if r.isAtom && n.name == "link" && n.attr("href") == "" { // the address as text, as RSS has it
		b.WriteString(` href="` + escapeXML(r.resolve(n.base, n.words())) + `"`)
	}
	b.WriteString(">")
	if structured(n.name) && n.hasElements() {
		for _, k := range n.kids {
			if k.ns == "" {
				r.plainElement(b, k)
			}
		}
	} else {
		b.WriteString(escapeXML(r.plainValue(n)))
	}
	b.WriteString("</" + name + ">")
}

// plainValue is the final text of an element: markup resolved, addresses whole.
func (r *feedReader) plainValue(n *feedNode) string {
	switch n.name {
	case "link", "uri", "url", "homepage", "icon", "logo", "docs", "comments":
		return r.resolve(n.base, n.words())
	case "id":
		if r.isAtom {
			return r.resolve(n.base, n.words())
		}
		return n.words()
	}
	if isText(n.name) {
		value, _ := r.construct(n)
		return value
	}
	return n.words()
}

// isText reports whether the element's text may be marked up.
func isText(name string) bool {
	switch name {
	case "title", "summary", "content", "rights", "copyright", "subtitle", "tagline", "info", "description", "fullitem", "body", "encoded":
		return true
	}
	return false
}

func safeName(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' {
			return c
		}
		return '_'
	}, s)
}

func escapeXML(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil { // a Builder never fails
		return ""
	}
	return b.String()
}

// readJSON reads JSON Feed 1.0 and 1.1.
func (r *feedReader) readJSON(text string) {
	r.doc.Encoding = "utf-8"
	clean, ok := r.cleanJSON(text)
	if !ok {
		return
	}
	f, err := new(jsonfeed.Parser).Parse(strings.NewReader(clean))
	if err != nil {
		r.lost(fmt.Sprintf("JSON Feed not read: %v", err))
		return
	}
	r.jsonFeed(f)
}

// cleanJSON closes a feed that was cut, takes out null members, on which
// gofeed breaks down, and holds to the limit on entries. False means that it
// is no JSON Feed.
func (r *feedReader) cleanJSON(text string) (string, bool) {
	var doc map[string]any
	err := json.Unmarshal([]byte(text), &doc)
	if err != nil && json.NewDecoder(strings.NewReader(mendJSON(text))).Decode(&doc) == nil {
		r.repaired(fmt.Sprintf("broken JSON (%v): mended", err))
		err = nil
	}
	if err != nil {
		text = mendJSON(text)
		at := lastWholeItem(text)
		doc = nil
		if at < 0 || json.Unmarshal([]byte(text[:at]+"]}"), &doc) != nil {
			r.lost("not a feed: JSON of another kind, or broken")
			return "", false
		}
		r.lost("cut short: read up to the last whole entry")
	}
	version, _ := doc["version"].(string)
	if !strings.Contains(version, "jsonfeed.org/version/") {
		r.lost("not a feed: JSON of another kind")
		return "", false
	}
	if items, ok := doc["items"].([]any); ok && len(items) > maxEntries {
		r.lost(fmt.Sprintf("%d entries: the first %d were read", len(items), maxEntries))
		doc["items"] = items[:maxEntries]
	}
	nulls := 0
	r.shapeJSON(doc, 0)
	clean, err := json.Marshal(withoutNulls(doc, &nulls))
	if nulls > 0 {
		r.repaired(fmt.Sprintf("%d null members: skipped", nulls))
	}
	return string(clean), err == nil
}

// jsonLists are the members of a JSON Feed that are lists, jsonNumbers those
// that are numbers; "author", "hubs" and extensions are objects, "expired" is a
// truth value, and the rest is text.
const (
	jsonLists   = " items authors attachments tags hubs "
	jsonNumbers = " size_in_bytes duration_in_seconds "
)

// shapeJSON gives the members of a feed and of its entries the types that the
// format wants, where it can, and drops them where it cannot: gofeed reads
// nothing at all of a feed with one member of a wrong type.
func (r *feedReader) shapeJSON(o map[string]any, depth int) {
	for _, k := range slices.Sorted(maps.Keys(o)) { // problems come in one order
		v := o[k]
		list, number := strings.Contains(jsonLists, " "+k+" "), strings.Contains(jsonNumbers, " "+k+" ")
		switch t := v.(type) {
		case string:
			if list {
				o[k] = []any{t}
			} else if number || k == "author" {
				delete(o, k)
			}
		case float64:
			if !number {
				o[k] = strconv.FormatFloat(t, 'f', -1, 64)
			}
		case bool:
			if k != "expired" {
				delete(o, k)
			}
		case map[string]any:
			if depth < 4 {
				r.shapeJSON(t, depth+1)
			}
			if list {
				o[k] = []any{t}
			} else if k != "author" && !strings.HasPrefix(k, "_") {
				delete(o, k)
			}
		case []any:
			if !list && !strings.HasPrefix(k, "_") {
				delete(o, k)
				continue
			}
			r.shapeList(k, t, depth)
		}
		if now, kept := o[k]; !kept || fmt.Sprintf("%T", now) != fmt.Sprintf("%T", v) {
			r.repaired("member " + clip(k, 40) + " is of another type than JSON Feed has it")
		}
	}
}

func (r *feedReader) shapeList(key string, list []any, depth int) {
	for i, x := range list {
		switch x := x.(type) {
		case map[string]any:
			if depth < 4 {
				r.shapeJSON(x, depth+1)
			}
		case string:
			if key == "authors" {
				list[i] = map[string]any{"name": x}
			}
		case float64:
			list[i] = strconv.FormatFloat(x, 'f', -1, 64)
		}
	}
}

// withoutNulls takes null members out of lists, and members that are no
// objects out of lists of objects.
func withoutNulls(v any, n *int) any {
	switch t := v.(type) {
	case map[string]any:
		for k, x := range t {
			t[k] = withoutNulls(x, n)
			if list, ok := t[k].([]any); ok && (k == "items" || k == "authors" || k == "attachments") {
				t[k] = slices.DeleteFunc(list, func(x any) bool {
					_, object := x.(map[string]any)
					if !object {
						*n++
					}
					return !object
				})
			}
		}
	case []any:
		t = slices.DeleteFunc(t, func(x any) bool {
			if x == nil {
				*n++
			}
			return x == nil
		})
		for i := range t {
			t[i] = withoutNulls(t[i], n)
		}
		return t
	}
	return v
}

// lastWholeItem is the byte after the last object that is closed inside a list
// of the outermost object, -1 for none.
func lastWholeItem(s string) int {
	var stack []byte
	end, quoted := -1, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			stack = append(stack, c)
		case (c == '}' || c == ']') && len(stack) > 0:
			stack = stack[:len(stack)-1]
			if c == '}' && string(stack) == "{[" {
				end = i + 1
			}
		}
	}
	return end
}

// date reads a date of the feed and remembers what was assumed of it.
func (r *feedReader) date(raw string) record.Instant {
	if strings.TrimSpace(raw) == "" {
		return record.Instant{}
	}
	in, ok := ParseDate(raw, DateContext{At: r.in.At, Basis: record.FromFeed})
	for _, n := range in.Notes {
		if !ok {
			n = "date not read: " + n
			r.doc.Bozo = true
		}
		r.noteDate(n, in.Raw)
	}
	if !ok {
		return record.Instant{}
	}
	return in
}

func (r *feedReader) noteDate(note, raw string) {
	for i := range r.dateNotes {
		if r.dateNotes[i].note == note {
			r.dateNotes[i].count++
			return
		}
	}
	if len(r.dateNotes) < 50 {
		r.dateNotes = append(r.dateNotes, dateNote{note: note, raw: raw, count: 1})
	}
}
