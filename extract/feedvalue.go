package extract

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// construct is the value of a text element and its media type: the HTML as
// published with addresses made whole, or plain text.
func (r *feedReader) construct(n *feedNode) (string, string) {
	if n.made == nil {
		value, kind := r.makeText(n)
		n.made = &made{value, kind}
	}
	return n.made.value, n.made.kind
}

func (r *feedReader) makeText(n *feedNode) (string, string) {
	kind := r.mediaTypeOf(n)
	var value string
	switch {
	case strings.EqualFold(n.attr("mode"), "base64") || binaryType(kind):
		value = fromBase64(n.words())
	case n.hasElements():
		value = strings.TrimSpace(markup(n.kids))
		if kind == "text/plain" || kind == "" {
			kind = "application/xhtml+xml"
		}
	default:
		value = n.words()
	}
	if t := strings.ToLower(n.attr("type")); r.isAtom && (t == "xhtml" || t == "html") {
		value = withoutDiv(value)
	}
	if kind != "text/plain" {
		value = resolveHTML(n.base, value)
	}
	return value, kind
}

// detail says how a text element stands in the feed.
func (r *feedReader) detail(n *feedNode) *FeedDetail {
	_, kind := r.construct(n)
	d := &FeedDetail{Type: kind, Lang: n.lang}
	if n.base != nil {
		d.Base = n.base.String()
	}
	return d
}

// mediaTypeOf spells out Atom's short types. RSS does not say, and its texts
// are HTML by custom.
func (r *feedReader) mediaTypeOf(n *feedNode) string {
	t := strings.ToLower(n.attr("type"))
	switch t {
	case "text":
		return "text/plain"
	case "html":
		return "text/html"
	case "xhtml":
		return "application/xhtml+xml"
	case "":
		switch {
		case r.isAtom && strings.EqualFold(n.attr("mode"), "escaped"):
			return "text/html"
		case r.isAtom:
			return "text/plain"
		}
		return "text/html"
	}
	if !strings.Contains(t, "/") {
		return "text/plain"
	}
	if t == "text/plain" && strings.EqualFold(n.attr("mode"), "escaped") && looksLikeHTML.MatchString(n.words()) {
		return "text/html"
	}
	return t
}

var looksLikeHTML = lazily(`(?i)</?(?:a|p|b|i|em|strong|div|span|br|ul|ol|li|blockquote|img|h[1-6])\b[^<>]*>`)

// binaryType reports whether Atom wants base64 for this type (RFC 4287, 4.1.3.3).
func binaryType(t string) bool {
	if t == "" || strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "+xml") || strings.HasSuffix(t, "/xml") {
		return false
	}
	return true
}

func fromBase64(s string) string {
	packed := strings.Join(strings.Fields(s), "")
	out, err := base64.StdEncoding.DecodeString(packed)
	if err != nil || !utf8.Valid(out) {
		return s
	}
	return strings.TrimSpace(string(out))
}

// markup writes elements as HTML. Names stand as printed; attributes in order
// of their names, so that the same feed always reads the same.
func markup(kids []*feedNode) string {
	var b strings.Builder
	for _, k := range kids {
		writeMarkup(&b, k, "")
	}
	return b.String()
}

func writeMarkup(b *strings.Builder, n *feedNode, parentURI string) {
	if n.name == "" {
		b.WriteString(escapeText.Replace(n.text))
		return
	}
	b.WriteString("<" + n.printed)
	attrs := make([]string, 0, len(n.attrs)+1)
	for _, a := range n.attrs {
		if a.Name.Local == "xmlns" || a.Name.Space == "xmlns" || a.Name.Space != "" && !isXML(a.Name.Space) {
			continue
		}
		name := a.Name.Local
		if isXML(a.Name.Space) {
			name = "xml:" + name
		}
		attrs = append(attrs, name+`="`+escapeAttr.Replace(a.Value)+`"`)
	}
	if n.uri != parentURI && (n.uri == "http://www.w3.org/2000/svg" || n.uri == "http://www.w3.org/1998/Math/MathML") {
		attrs = append(attrs, `xmlns="`+n.uri+`"`)
	}
	sort.Strings(attrs)
	for _, a := range attrs {
		b.WriteString(" " + a)
	}
	if voidElement(n.name) && len(n.kids) == 0 {
		b.WriteString(" />")
		return
	}
	b.WriteString(">")
	for _, k := range n.kids {
		writeMarkup(b, k, n.uri)
	}
	b.WriteString("</" + n.printed + ">")
}

var (
	escapeText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	escapeAttr = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
)

func voidElement(name string) bool {
	switch name {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr":
		return true
	}
	return false
}

// withoutDiv takes off the one <div> that wraps an XHTML text (RFC 4287, 3.1.1.3).
func withoutDiv(s string) string {
	if !strings.HasPrefix(s, "<div") || !strings.HasSuffix(s, "</div>") {
		return s
	}
	open := strings.IndexByte(s, '>')
	inner := s[open+1 : max(open+1, len(s)-len("</div>"))]
	depth := 0
	z := html.NewTokenizer(strings.NewReader(inner))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(inner)
		case html.StartTagToken:
			if name, _ := z.TagName(); string(name) == "div" {
				depth++
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "div" {
				if depth--; depth < 0 {
					return s // two divs side by side
				}
			}
		}
	}
}

// resolve makes an address whole. Addresses that would run something are
// refused: "" is returned.
func (r *feedReader) resolve(base *url.URL, ref string) string {
	out := resolveURL(base, ref)
	if out == "" && strings.TrimSpace(ref) != "" {
		r.repaired("an active address was refused: " + clip(ref, 60))
	}
	return out
}

func resolveURL(base *url.URL, ref string) string {
	ref = strings.TrimSpace(strings.Map(func(c rune) rune {
		if c == '\t' || c == '\n' || c == '\r' {
			return -1 // as browsers read addresses
		}
		return c
	}, ref))
	if ref == "" {
		return ""
	}
	if base != nil && bareHost.MatchString(ref) {
		ref = "//" + ref // written as people say it
	}
	if scheme, _, ok := strings.Cut(ref, ":"); ok && activeScheme(strings.TrimSpace(scheme)) {
		return ""
	}
	u, err := url.Parse(ref)
	if err != nil || u.Scheme != "" || base == nil {
		return ref
	}
	if base.Opaque != "" {
		return ref
	}
	whole := base.ResolveReference(u).String()
	if !isASCII([]byte(ref)) {
		whole = beyondASCII.ReplaceAllStringFunc(whole, func(run string) string {
			if s, err := url.PathUnescape(run); err == nil && utf8.ValidString(s) {
				return s
			}
			return run
		})
	}
	return whole
}

// beyondASCII finds escaped bytes that are no ASCII: they stay as published.
var beyondASCII = lazily(`(?:%[89A-Fa-f][0-9A-Fa-f])+`)

var bareHost = lazily(`(?i)^www\.[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/?#]|$)`)

func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}

// addressAttrs are the attributes of HTML that hold one address.
const addressAttrs = " action background cite classid codebase data formaction href icon longdesc manifest poster profile src usemap "

// resolveHTML makes the addresses in markup whole and leaves every other byte
// as published.
func resolveHTML(base *url.URL, s string) string {
	if base == nil || !strings.Contains(s, "<") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	z := html.NewTokenizer(strings.NewReader(s))
	var raw []byte // a copy: reading the name changes the tokenizer's own
	for {
		kind := z.Next()
		raw = append(raw[:0], z.Raw()...)
		switch kind {
		case html.ErrorToken:
			b.Write(raw)
			return b.String()
		case html.StartTagToken, html.SelfClosingTagToken:
			if bytes.IndexByte(raw, '=') < 0 {
				break
			}
			if t := z.Token(); resolveAttrs(base, &t) {
				b.WriteString(tagText(t))
				continue
			}
		}
		b.Write(raw)
	}
}

func resolveAttrs(base *url.URL, t *html.Token) (changed bool) {
	for i, a := range t.Attr {
		if !strings.Contains(addressAttrs, " "+a.Key+" ") {
			continue
		}
		if whole := resolveURL(base, a.Val); whole != "" && whole != a.Val {
			t.Attr[i].Val, changed = whole, true
		}
	}
	return changed
}

func tagText(t html.Token) string {
	var b strings.Builder
	b.WriteString("<" + t.Data)
	for _, a := range t.Attr {
		b.WriteString(" " + a.Key + `="` + escapeAttr.Replace(a.Val) + `"`)
	}
	if t.Type == html.SelfClosingTagToken {
		b.WriteString(" /")
	}
	b.WriteString(">")
	return b.String()
}

// plainTitle is a title as one line of text: markup dropped, entities read.
func plainTitle(s string) string {
	if strings.Contains(s, "<") {
		var b strings.Builder
		z := html.NewTokenizer(strings.NewReader(s))
		for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
			if kind == html.TextToken {
				b.Write(z.Raw())
			}
		}
		if b.Len() > 0 {
			s = b.String()
		}
	}
	return strings.Join(strings.Fields(html.UnescapeString(s)), " ")
}

// The two policies, built on first use: building one takes longer than reading
// a feed does.
var (
	// shown leaves what a page may show.
	shown = sync.OnceValue(func() *bluemonday.Policy {
		p := bluemonday.UGCPolicy()
		p.AllowURLSchemes("http", "https", "mailto")
		return p
	})
	// bare leaves text alone.
	bare = sync.OnceValue(bluemonday.StrictPolicy)
)

// sanitize leaves only what a page would show.
func (r *feedReader) sanitize() {
	p, strict := shown(), bare()
	r.sanitizeInfo(p, strict, &r.doc.Feed)
	for i := range r.doc.Entries {
		e := &r.doc.Entries[i]
		e.Title = safeTitle(strict, e.Title)
		e.Summary = safeHTML(p, e.Summary, e.SummaryDetail)
		e.Rights = safeHTML(p, e.Rights, e.RightsDetail)
		for j := range e.Content {
			c := &e.Content[j]
			c.Value = safeHTML(p, c.Value, &FeedDetail{Type: c.Type})
		}
		if e.Source != nil {
			r.sanitizeInfo(p, strict, e.Source)
		}
	}
}

func (r *feedReader) sanitizeInfo(p, strict *bluemonday.Policy, f *FeedInfo) {
	f.Title = safeTitle(strict, f.Title)
	f.Subtitle = safeHTML(p, f.Subtitle, f.SubtitleDetail)
	f.Rights = safeHTML(p, f.Rights, f.RightsDetail)
	f.Info = safeHTML(p, f.Info, f.InfoDetail)
}

// safeHTML cleans markup; plain text is escaped, as a page would show it.
func safeHTML(p *bluemonday.Policy, s string, d *FeedDetail) string {
	if d != nil && d.Type == "text/plain" && !looksLikeHTML.MatchString(s) {
		return html.EscapeString(s)
	}
	return p.Sanitize(s)
}

// safeTitle is text without tags, and still is when its entities are read once more.
func safeTitle(strict *bluemonday.Policy, s string) string {
	for range 3 {
		if !strings.ContainsAny(s, "<&") {
			break
		}
		s = html.UnescapeString(strict.Sanitize(s))
	}
	return html.EscapeString(strict.Sanitize(s))
}
