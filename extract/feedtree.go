package extract

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/text/encoding/charmap"
)

// feedNode is an element of a feed, or a run of text where name is "".
type feedNode struct {
	ns, name string // a short name for the namespace, "" for the feed's own; name in lower case
	printed  string // the name as printed
	uri      string // the namespace itself
	attrs    []xml.Attr
	kids     []*feedNode
	text     string
	lang     string
	base     *url.URL
	closed   bool // its end was read
	made     *made
}

// made is what construct made of a node, kept because it is asked for its
// value and for its type.
type made struct{ value, kind string }

// attr is the value of an attribute without namespace, in any letter case.
func (n *feedNode) attr(name string) string {
	for _, a := range n.attrs {
		if a.Name.Space == "" && strings.EqualFold(a.Name.Local, name) {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// kid is the first child element of that name, nil for none.
func (n *feedNode) kid(ns, name string) *feedNode {
	for _, k := range n.kids {
		if k.name == name && k.ns == ns {
			return k
		}
	}
	return nil
}

// words is all text below the node.
func (n *feedNode) words() string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	n.collect(&b)
	return strings.TrimSpace(b.String())
}

func (n *feedNode) collect(b *strings.Builder) {
	b.WriteString(n.text)
	for _, k := range n.kids {
		k.collect(b)
	}
}

// hasElements reports whether the node holds markup and not only text.
func (n *feedNode) hasElements() bool {
	for _, k := range n.kids {
		if k.name != "" {
			return true
		}
	}
	return false
}

var (
	xmlDeclaration = lazily(`^\s*<\?xml[^>]*\?>`)
	dtdEntity      = lazily(`<!ENTITY\s+([A-Za-z][\w.-]*)\s+(?:"([^"<&%]*)"|'([^'<&%]*)')\s*>`)
	namedEntity    = lazily(`^&([A-Za-z][A-Za-z0-9]*);`)
	strayLess      = lazily(`<([^A-Za-z_/!?:]|$)`)
)

const (
	// maxResumed is how often reading begins anew after a fault of syntax, and
	// maxReread how many bytes may be read so in all.
	maxResumed = 50
	maxReread  = 64 << 20
	// maxEntity is the longest text, in bytes, that a document's own entity may
	// stand for.
	maxEntity = 1000
	// maxNodes is how many elements and runs of text are kept.
	maxNodes = 300_000
)

// tree reads the feed's XML as far as it goes. A fault in the middle is escaped
// and reading begins anew; at a cut the open entry is dropped.
func (r *feedReader) tree(text string) *feedNode {
	r.doctype = text[:min(len(text), 4096)]
	text = xmlDeclaration.ReplaceAllString(text, "") // encoding is settled, and the decoder refuses XML 1.1
	read, last := 0, -1
	for n := range maxResumed {
		root, at, err := r.parseTree(text)
		if err == nil {
			return root
		}
		if cutShort(err) {
			r.lost(fmt.Sprintf("cut short at byte %d: read up to the last whole entry", len(r.in.Body)))
			return root
		}
		if read += len(text); read > maxReread || n == maxResumed-1 {
			r.lost(fmt.Sprintf("too many faults in the XML: read up to byte %d", at))
			return root
		}
		mended, place := r.mend(text, at, err)
		if place <= last { // no headway: what is wrong there stays wrong
			if mended = r.withoutEntry(text, at); mended == "" {
				r.lost(fmt.Sprintf("not XML at byte %d (%v): read up to there", at, err))
				return root
			}
		}
		text, last = mended, place
		if n == 0 {
			text = escapeStray(text)
		}
	}
	return nil
}

func cutShort(err error) bool {
	var syntax *xml.SyntaxError
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &syntax) && strings.Contains(syntax.Msg, "unexpected EOF")
}

// looseAttr finds quoted values, which stay, and attributes whose value is not.
var looseAttr = lazily(`"[^"]*"|'[^']*'|([\w:-]+\s*=\s*)([^\s"'<>]+)`)

// mend repairs the fault before at, and says where it was: quotes an attribute,
// escapes the end of a CDATA section that none began, or reads a tag as text.
func (r *feedReader) mend(text string, at int, err error) (mended string, place int) {
	at = min(at, len(text))
	if strings.Contains(err.Error(), "]]>") {
		if i := strings.LastIndex(text[:at], "]]>"); i >= 0 {
			r.repaired(fmt.Sprintf("stray ]]> at byte %d: read as text", i))
			return text[:i] + "]]&gt;" + text[i+len("]]>"):], i
		}
	}
	less := strings.LastIndexByte(text[:at], '<')
	if less < 0 {
		return "", -1
	}
	if end := strings.IndexByte(text[less:], '>'); end > 0 && strings.Contains(text[less:less+end], "=") && strings.LastIndexByte(text[less:less+end], '<') == 0 {
		tag := text[less : less+end]
		rest := strings.TrimSuffix(tag, "/")
		if quoted := quoteAttrs(rest); quoted != rest {
			r.repaired(fmt.Sprintf("attributes without quotation marks at byte %d: quoted", less))
			return text[:less] + quoted + tag[len(rest):] + text[less+end:], less
		}
	}
	r.repaired(fmt.Sprintf("not XML near byte %d (%v): read on as text", less, err))
	return text[:less] + "&lt;" + text[less+1:], less
}

// quoteAttrs puts the values of a tag's attributes into quotation marks where
// they have none.
func quoteAttrs(tag string) string {
	return looseAttr.ReplaceAllStringFunc(tag, func(s string) string {
		if m := looseAttr.FindStringSubmatch(s); m[1] != "" {
			return m[1] + `"` + m[2] + `"`
		}
		return s
	})
}

// withoutEntry takes the entry that stands around at out of the text; "" where
// there is none. Those before and after it are kept.
func (r *feedReader) withoutEntry(text string, at int) string {
	at = min(at, len(text))
	starts := feedItem.FindAllStringIndex(text[:at], -1)
	if len(starts) == 0 {
		return ""
	}
	from, to := starts[len(starts)-1][0], len(text)
	if next := feedItem.FindStringIndex(text[at:]); next != nil {
		to = at + next[0]
	}
	r.lost(fmt.Sprintf("entry %d cannot be read: left out", len(starts)))
	return text[:from] + text[to:]
}

// escapeStray escapes, outside CDATA and comments, each "<" that begins no tag
// and each "]]>": one fault of a kind is seldom alone.
func escapeStray(text string) string {
	var b strings.Builder
	from := 0
	for _, m := range cdata.FindAllStringIndex(text, -1) {
		escapeGap(&b, text[from:m[0]])
		b.WriteString(text[m[0]:m[1]])
		from = m[1]
	}
	escapeGap(&b, text[from:])
	return b.String()
}

func escapeGap(b *strings.Builder, s string) {
	s = strings.ReplaceAll(strayLess.ReplaceAllString(s, "&lt;$1"), "]]>", "]]&gt;")
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			b.WriteString(s)
			return
		}
		b.WriteString(s[:i])
		s = s[i+1:]
		end := strings.IndexAny(s, "<>")
		// A tag in which another begins is none, unless inside a value.
		if end >= 0 && s[end] == '<' && strings.Count(s[:end], `"`)%2 == 0 && strings.Count(s[:end], "'")%2 == 0 {
			b.WriteString("&lt;")
		} else {
			b.WriteByte('<')
		}
	}
}

var errEarlyEnd = errors.New("an end tag closes more than was opened")

// parseTree builds the tree of one reading. It returns the byte that was
// reached, and the root as far as it was read.
func (r *feedReader) parseTree(text string) (root *feedNode, at int, err error) {
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict = false
	d.AutoClose = []string{"br", "img", "hr", "input", "wbr"} // of HTML that was not escaped
	d.Entity = r.entities(text)
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	b := treeBuilder{r: r}
	for {
		token, err := d.Token()
		at := int(d.InputOffset())
		switch {
		case err == io.EOF && len(b.open) > 0:
			return b.root, at, io.ErrUnexpectedEOF
		case err == io.EOF:
			return b.root, at, nil
		case err != nil:
			return b.root, at, err
		case b.take(token):
			continue
		case len(b.open) == 0 && feedItem.MatchString(text[at:]):
			// A stray end tag closed everything that was open, and entries follow.
			return b.root, at, errEarlyEnd
		}
		return b.root, at, nil
	}
}

var feedItem = lazily(`(?i)<(?:item|entry)[\s>]`)

// entities are the names that may stand in the text: HTML's, and those of the
// document's own DTD whose value is plain text. No entity is ever built from
// others, so none can grow.
func (r *feedReader) entities(text string) map[string]string {
	own := map[string]string{}
	head := text[:min(len(text), 16<<10)]
	for _, m := range dtdEntity.FindAllStringSubmatch(head, 100) {
		if value := m[2] + m[3]; len(value) <= maxEntity {
			own[m[1]] = value
		}
	}
	if m := undefinedEntity(text, own); m != "" && !strings.Contains(head, "<!DOCTYPE") && !r.entitySeen {
		r.entitySeen = true
		r.repaired("entity &" + m + "; is not defined in XML: read as HTML's")
	}
	if len(own) == 0 {
		return xml.HTMLEntity
	}
	known := make(map[string]string, len(xml.HTMLEntity)+len(own))
	for k, v := range xml.HTMLEntity {
		known[k] = v
	}
	for k, v := range own {
		known[k] = v
	}
	return known
}

var cdata = lazily(`(?s)<!\[CDATA\[.*?\]\]>|<!--.*?-->`)

// undefinedEntity is the first name outside CDATA and comments that neither XML
// nor the document defines.
func undefinedEntity(text string, own map[string]string) string {
	for {
		i := strings.IndexByte(text, '&')
		if i < 0 {
			return ""
		}
		if end := quotedEnd(text[:i], text); end > 0 {
			text = text[end:]
			continue
		}
		if m := namedEntity.FindStringSubmatch(text[i:min(len(text), i+64)]); m != nil {
			switch _, defined := own[m[1]]; {
			case defined, m[1] == "amp", m[1] == "lt", m[1] == "gt", m[1] == "quot", m[1] == "apos":
			default:
				return m[1]
			}
		}
		text = text[i+1:]
	}
}

// quotedEnd is where the CDATA section or comment that begins in before ends in
// text, 0 where none begins.
func quotedEnd(before, text string) int {
	section, comment := strings.Index(before, "<![CDATA["), strings.Index(before, "<!--")
	from, mark := section, "]]>"
	if section < 0 || comment >= 0 && comment < section {
		from, mark = comment, "-->"
	}
	if from < 0 {
		return 0
	}
	if end := strings.Index(text[from:], mark); end >= 0 {
		return from + end + len(mark)
	}
	return len(text)
}

type treeBuilder struct {
	r       *feedReader
	root    *feedNode
	open    []*feedNode
	tooDeep int
	entries int
	nodes   int
}

// take adds one token. False ends the reading: enough entries were read, or
// the root was closed.
func (b *treeBuilder) take(token xml.Token) bool {
	switch t := token.(type) {
	case xml.StartElement:
		return b.start(t)
	case xml.EndElement:
		if b.tooDeep > 0 {
			b.tooDeep--
			return true
		}
		if len(b.open) > 0 {
			b.open[len(b.open)-1].closed = true
			b.open = b.open[:len(b.open)-1]
		}
		return len(b.open) > 0
	case xml.CharData:
		if len(b.open) > 0 {
			top := b.open[len(b.open)-1]
			b.nodes++
			top.kids = append(top.kids, &feedNode{text: withoutC1(string(t)), lang: top.lang, base: top.base})
		}
	}
	return true
}

func (b *treeBuilder) start(t xml.StartElement) bool {
	b.closeTitle(t)
	if b.tooDeep > 0 || len(b.open) >= maxFeedDepth {
		if b.tooDeep == 0 {
			b.r.lost(fmt.Sprintf("elements nested deeper than %d: their markup is dropped", maxFeedDepth))
		}
		b.tooDeep++
		return true
	}
	if b.nodes++; b.nodes > maxNodes {
		b.r.lost(fmt.Sprintf("more than %d elements: read up to there", maxNodes))
		return false
	}
	n := &feedNode{uri: t.Name.Space, ns: shortNamespace(t.Name.Space), name: strings.ToLower(t.Name.Local), printed: t.Name.Local, base: b.r.base}
	n.attrs = append(n.attrs, t.Attr[:min(len(t.Attr), 64)]...)
	if len(b.open) > 0 {
		parent := b.open[len(b.open)-1]
		n.lang, n.base = parent.lang, parent.base
		parent.kids = append(parent.kids, n)
	}
	b.inherit(n)
	if b.root == nil {
		b.root = n
	} else if b.root.uri == n.uri {
		n.ns = b.root.ns
	}
	if n == b.root && n.ns != "rdf" || b.root.name == "feed" && n.ns == "atom" {
		n.ns = ""
	}
	if n.ns == "" && (n.name == "item" || n.name == "entry") && len(b.open) <= 3 {
		if b.entries++; b.entries > maxEntries {
			b.r.lost(fmt.Sprintf("more than %d entries: the first %d were read", maxEntries, maxEntries))
			parent := b.open[len(b.open)-1]
			parent.kids = parent.kids[:len(parent.kids)-1]
			return false
		}
	}
	b.open = append(b.open, n)
	return true
}

// closeTitle ends a title that was never closed: no title holds an element
// that belongs beside it.
func (b *treeBuilder) closeTitle(t xml.StartElement) {
	n := len(b.open)
	if n < 2 || b.open[n-1].name != "title" || b.open[n-1].ns != "" {
		return
	}
	switch strings.ToLower(t.Name.Local) {
	case "link", "guid", "pubdate", "description", "item", "entry", "id", "updated":
		if shortNamespace(t.Name.Space) == b.open[n-1].ns || t.Name.Space == b.open[n-1].uri {
			b.r.repaired("a title without its end: closed before <" + t.Name.Local + ">")
			b.open = b.open[:n-1]
		}
	}
}

// inherit sets language and base where the element names them.
func (b *treeBuilder) inherit(n *feedNode) {
	for _, a := range n.attrs {
		switch {
		case a.Name.Local == "lang" && isXML(a.Name.Space):
			n.lang = strings.ReplaceAll(strings.TrimSpace(a.Value), "_", "-")
		case a.Name.Local == "base" && isXML(a.Name.Space):
			if u, err := url.Parse(strings.TrimSpace(a.Value)); err == nil && !activeScheme(u.Scheme) {
				if n.base != nil {
					u = n.base.ResolveReference(u)
				}
				n.base = u
			}
		}
		if b.r.undeclared == "" && a.Name.Space != "" && !strings.ContainsAny(a.Name.Space, ":/") && !isXML(a.Name.Space) && a.Name.Space != "xmlns" {
			b.r.undeclared = a.Name.Space
		}
	}
	if n.uri != "" && !strings.ContainsAny(n.uri, ":/#") && b.r.undeclared == "" {
		b.r.undeclared = n.uri
	}
}

func isXML(space string) bool {
	return space == "xml" || space == "http://www.w3.org/XML/1998/namespace"
}

// shortNamespace names the vocabularies that feeds mix. A prefix that was
// never declared stands for itself: feeds forget "dc" more often than not.
func shortNamespace(uri string) string {
	u := strings.ToLower(strings.TrimSpace(uri))
	switch u {
	case "", "rss", "http://purl.org/rss/1.0/", "http://purl.org/net/rss1.1#", "http://my.netscape.com/rdf/simple/0.9/", "http://channel.netscape.com/rdf/simple/0.9/",
		"http://backend.userland.com/rss", "http://backend.userland.com/rss2", "http://backend.userland.com/rss091", "http://blogs.law.harvard.edu/tech/rss":
		return ""
	case "http://www.w3.org/2005/atom", "http://purl.org/atom/ns#":
		return "atom"
	case "http://www.w3.org/1999/02/22-rdf-syntax-ns#":
		return "rdf"
	case "http://purl.org/dc/elements/1.1/", "http://purl.org/dc/elements/1.0/":
		return "dc"
	case "http://purl.org/dc/terms/":
		return "dcterms"
	case "http://purl.org/rss/1.0/modules/content/":
		return "content"
	case "http://www.itunes.com/dtds/podcast-1.0.dtd", "http://example.com/dtds/podcast-1.0.dtd":
		return "itunes"
	case "http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss":
		return "media"
	case "http://www.w3.org/1999/xhtml":
		return "xhtml"
	}
	return u
}

// withoutC1 reads the control characters U+0080 to U+009F as the windows-1252
// characters that were meant (HTML, section 13.2.5.80).
func withoutC1(s string) string {
	if !strings.ContainsFunc(s, isC1) {
		return s
	}
	return strings.Map(func(c rune) rune {
		if !isC1(c) {
			return c
		}
		if m := charmap.Windows1252.DecodeByte(byte(c)); !unicode.IsControl(m) {
			return m
		}
		return c
	}, s)
}

func isC1(c rune) bool { return c >= 0x80 && c <= 0x9F }

// activeScheme reports whether following an address of this scheme would run
// something or leave the web.
func activeScheme(s string) bool {
	switch strings.ToLower(s) {
	case "javascript", "vbscript", "data", "file", "blob", "about", "jar", "livescript", "mocha":
		return true
	}
	return false
}
