package extract

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"onrecord/record"
)

// A postReader knows the embed markup of one platform.
type postReader struct {
	platform string
	class    string // of the element that stands for the post
	address  *pattern
	time     func(id string) time.Time // of the id in the address; nil where it holds none
}

// postReaders are the platforms whose embeds are read, in the order in which
// they are tried.
var postReaders = []postReader{
	{"x", "twitter-tweet", lazily(`^https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/(?:i/web|[A-Za-z0-9_]+)/status(?:es)?/(\d+)`), snowflake},
	{"x", "twitter-video", lazily(`^https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/(?:i/web|[A-Za-z0-9_]+)/status(?:es)?/(\d+)`), snowflake},
	{"bluesky", "bluesky-embed", lazily(`^https://bsky\.app/profile/[^/]+/post/([a-z0-9]+)`), recordKey},
	{"mastodon", "mastodon-embed", lazily(`^https://[^/]+/@[^/]+/(\d+)`), mastodonID},
	{"instagram", "instagram-media", lazily(`^https?://(?:www\.)?instagram\.com/(?:[^/]+/)?(?:p|reel|tv)/([^/]+)/?`), nil},
	{"facebook", "fb-post", lazily(`^https?://(?:www\.|m\.)?facebook\.com/[^?#]+/(?:posts|videos|photos)/[^?#]+`), nil},
	{"threads", "text-post-media", lazily(`^https?://(?:www\.)?threads\.(?:net|com)/@[^/]+/post/([^/]+)`), nil},
	{"tiktok", "tiktok-embed", lazily(`^https?://(?:www\.)?tiktok\.com/@[^/]+/video/(\d+)`), tiktokID},
}

// postReaderOf is the reader for n; nil where n is no embed.
func postReaderOf(n *html.Node) *postReader {
	switch n.DataAtom {
	case atom.Blockquote, atom.Iframe, atom.Div, atom.P:
	default:
		if n.Data == "amp-twitter" {
			return &postReaders[0]
		}
		return nil
	}
	class := attr(n, "class")
	for i := range postReaders {
		if r := &postReaders[i]; class != "" && hasWord(class, r.class) {
			return r
		}
	}
	switch {
	case n.DataAtom == atom.Iframe:
		return readerOf(framed(attr(n, "src")))
	case n.DataAtom == atom.Blockquote:
		return lostClass(n)
	case n.DataAtom == atom.P || hasWord(class, "wp-block-embed__wrapper"):
		return bareAddress(n)
	}
	return nil
}

// framed is the post that the player in an iframe shows.
func framed(src string) string {
	if !strings.Contains(src, "?") {
		return ""
	}
	u, err := url.Parse(src)
	switch {
	case err != nil:
		return ""
	case u.Host == "platform.twitter.com" || u.Host == "platform.x.com":
		return tweetAddress(u.Query().Get("id"))
	case strings.HasSuffix(u.Host, "facebook.com") && strings.HasPrefix(u.Path, "/plugins/"):
		return u.Query().Get("href")
	}
	return ""
}

func tweetAddress(id string) string {
	if id == "" || strings.Trim(id, digits) != "" {
		return ""
	}
	return "https://x.com/i/web/status/" + id
}

// lostClass knows an embed whose class was lost by its label, a dash before an
// account, with a link to the post.
func lostClass(n *html.Node) *postReader {
	var last *html.Node
	for c := range n.Descendants() {
		if c.DataAtom == atom.A {
			last = c
		}
	}
	if last == nil {
		return nil
	}
	r := readerOf(attr(last, "href"))
	if r == nil || !postLabel.MatchString(tidy(textOf(n))) {
		return nil
	}
	return r
}

// bareAddress knows an embed that failed: only the post's address is left.
func bareAddress(n *html.Node) *postReader {
	c := n.FirstChild
	for c != nil && c.Type == html.TextNode && strings.TrimSpace(c.Data) == "" {
		c = c.NextSibling
	}
	if c == nil || c.Type == html.TextNode && !strings.HasPrefix(strings.TrimSpace(c.Data), "http") || c.Type == html.ElementNode && c.DataAtom != atom.A {
		return nil
	}
	if t := tidy(textOf(n)); len(t) < maxShort && !strings.Contains(t, " ") {
		return readerOf(t)
	}
	return nil
}

// readerOf is the reader for an address that stands alone.
func readerOf(address string) *postReader {
	for i := range postReaders {
		if r := &postReaders[i]; r.address.MatchString(address) {
			return r
		}
	}
	return nil
}

// postAddress is the address of the post that href leads to, "" for none.
func postAddress(href string) string {
	if !strings.Contains(href, "/status") && !strings.Contains(href, "/post/") {
		return ""
	}
	if r := readerOf(href); r != nil {
		return r.address.FindString(href)
	}
	return ""
}

func hasWord(class, word string) bool {
	i := strings.Index(class, word)
	if i < 0 {
		return false
	}
	for _, w := range strings.Fields(class) {
		if w == word {
			return true
		}
	}
	return false
}

// hasPost reports whether an embed stands at or below n.
func hasPost(n *html.Node) bool {
	if postReaderOf(n) != nil {
		return true
	}
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && postReaderOf(c) != nil {
			return true
		}
	}
	return false
}

// embed reads one embedded post: its words become lines, the line with its
// account a label.
func (b *builder) embed(n *html.Node, r *postReader) {
	p := record.Post{Platform: r.platform}
	p.URL = r.addressIn(n)
	words, label := postWords(n, r)
	p.Author, p.Handle = account(label, n, r)
	printed := label
	if t := firstOf(n, atom.Time); t != nil {
		printed = first(attr(t, "datetime"), label)
	}
	p.At = r.when(p.URL, printed, b.d.in.At)
	for i := range b.posts {
		if b.posts[i].URL == p.URL && p.URL != "" {
			return // the same post, embedded again
		}
	}
	b.posts = append(b.posts, p)
	b.groups++
	for _, w := range words {
		b.lines = append(b.lines, line{kind: record.Embedded, text: w, post: len(b.posts) - 1, update: b.now.update, group: b.groups})
	}
	if label != "" && len(words) > 0 {
		b.lines = append(b.lines, line{kind: record.Label, text: label, post: -1, update: b.now.update, group: b.groups})
	}
}

// addressIn finds the post's own address in its markup, without query and
// fragment; "" for none.
func (r *postReader) addressIn(n *html.Node) string {
	if uri := strings.TrimPrefix(attr(n, "data-bluesky-uri"), "at://"); uri != "" {
		if did, key, ok := strings.Cut(uri, "/app.bsky.feed.post/"); ok {
			return "https://bsky.app/profile/" + did + "/post/" + key
		}
	}
	candidates := []string{tweetAddress(attr(n, "data-tweetid")), framed(attr(n, "src")), attr(n, "data-text-post-permalink"), attr(n, "data-instgrm-permalink"), attr(n, "data-embed-url"), attr(n, "data-href"), attr(n, "cite"), attr(n, "src"), tidy(textOf(n))}
	for c := range n.Descendants() {
		if c.DataAtom == atom.A {
			candidates = append(candidates, attr(c, "href"))
		}
	}
	for _, c := range candidates {
		c, _, _ = strings.Cut(strings.TrimSpace(c), "?")
		c, _, _ = strings.Cut(c, "#")
		if m := r.address.FindString(c); m != "" {
			return m
		}
	}
	return ""
}

// when is the post's time: that of its id wins over the printed day, unless
// the two are more than a day apart in London.
func (r *postReader) when(address, label string, captured time.Time) record.Instant {
	printed := printedTime(label, captured, record.FromPost)
	m := r.address.FindStringSubmatch(address)
	if r.time == nil || len(m) < 2 {
		return printed
	}
	t := r.time(m[1])
	if t.Year() < 2006 || !captured.IsZero() && t.After(captured.Add(24*time.Hour)) {
		return printed
	}
	own := record.At(t, record.FromPost)
	if !printed.Known() {
		return own
	}
	own.Raw = printed.Raw
	if gap := printed.Time.Sub(own.Time); gap > 24*time.Hour || own.Time.Sub(printed.End()) > 24*time.Hour {
		return printed.Note("the post's id gives " + own.Day())
	}
	return own
}

// snowflake is the time in an id of X, zero for the plain numbers of before
// November 2010.
func snowflake(id string) time.Time {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < 1<<36 {
		return time.Time{}
	}
	return time.UnixMilli(n>>22 + 1288834974657)
}

// mastodonID is the time in an id of Mastodon: milliseconds above 16 bits.
func mastodonID(id string) time.Time {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < 1<<55 {
		return time.Time{}
	}
	return time.UnixMilli(n >> 16)
}

const tidLetters = "234567abcdefghijklmnopqrstuvwxyz"

// recordKey is the time in a record key of Bluesky (a TID of the AT Protocol:
// 13 letters of base 32, microseconds above 10 bits).
func recordKey(key string) time.Time {
	if len(key) != 13 {
		return time.Time{}
	}
	var n int64
	for _, c := range key {
		i := strings.IndexRune(tidLetters, c)
		if i < 0 {
			return time.Time{}
		}
		n = n<<5 | int64(i)
	}
	return time.UnixMicro(n >> 10)
}

// tiktokID is the time in an id of TikTok: seconds above 32 bits.
func tiktokID(id string) time.Time {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < 1<<56 {
		return time.Time{}
	}
	return time.Unix(n>>32, 0)
}

var (
	// postLabel begins the line with a post's account.
	postLabel = lazily(`(?:^|\s)[—–-]{1,2}\s?[^—]{1,100}\(@|^(?i:(?:a |photo |video )?post(?:ed)?(?: shared)? by\b)`)
	// postChrome is what players write around a post.
	postChrome = lazily(`(?i)^(?:view (?:this post )?on (?:instagram|threads|mastodon|x|twitter|facebook|tiktok)|post)$`)
)

// postWords are the post's paragraphs and the line that names its account,
// whatever elements a site has put around or into them.
func postWords(n *html.Node, r *postReader) (words []string, label string) {
	if n.DataAtom == atom.Iframe || r.platform == "mastodon" || r.platform == "threads" {
		return nil, tidy(textOf(n))
	}
	if q := firstOf(n, atom.Blockquote); q != nil {
		n = q
	}
	words, label = splitLabel(postLines(n))
	return wordsAlone(words, r), label
}

// splitLabel parts a post's lines where the label begins; it may begin behind
// the words on their last line.
func splitLabel(lines []string) (words []string, label string) {
	for i, l := range lines {
		if m := postLabel.FindStringIndex(l); m != nil {
			words = append(lines[:i:i], l[:m[0]])
			return words, strings.TrimSpace(strings.Join(append([]string{l[m[0]:]}, lines[i+1:]...), " "))
		}
	}
	return lines, ""
}

// wordsAlone drops what is no word of the post: its address, the player's own.
func wordsAlone(lines []string, r *postReader) []string {
	var out []string
	for _, l := range lines {
		l = postText(l)
		if l == "" || postChrome.MatchString(l) || !strings.Contains(l, " ") && (r.address.MatchString(l) || r.platform == "tiktok" && strings.HasPrefix(l, "@")) {
			continue
		}
		out = append(out, l)
	}
	return out
}

var (
	postLink  = lazily(`(?:https?://t\.co/\w+|pic\.(?:twitter|x)\.com/\w+|\[(?:image or embed|contains quote post or other embedded content)\])`)
	postArrow = lazily(`^[\x{2190}-\x{21FF}\x{2B05}-\x{2B0D}\x{27A1}\x{2794}-\x{27BE}\x{1F447}\x{1F449}\x{FE0F}\s]+`)
)

// postText is one paragraph of a post without trailing links and leading
// arrows; links inside a sentence stay.
func postText(s string) string {
	s = tidy(s)
	for {
		loc := postLink.FindAllStringIndex(s, -1)
		if len(loc) == 0 || loc[len(loc)-1][1] != len(s) {
			break
		}
		s = strings.TrimRight(s[:loc[len(loc)-1][0]], " ")
	}
	s = strings.TrimSpace(postArrow.ReplaceAllString(s, ""))
	return strings.TrimRight(strings.TrimRight(s, "➡👉⬇👇️"), " ")
}

// postLines parts a post's markup at its blocks and line breaks.
func postLines(n *html.Node) []string {
	var out []string
	var b strings.Builder
	flush := func() {
		if t := tidy(b.String()); t != "" {
			out = append(out, t)
		}
		b.Reset()
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case c.DataAtom == atom.Br:
				flush()
			case c.Type == html.TextNode:
				b.WriteString(c.Data)
			case c.Type == html.ElementNode && !silentTags[c.DataAtom] && !hidden(c):
				if blockTags[c.DataAtom] {
					flush()
				}
				walk(c)
				if blockTags[c.DataAtom] {
					flush()
				}
			}
		}
	}
	walk(n)
	flush()
	return out
}

var (
	handleForm = lazily(`@[A-Za-z0-9_][A-Za-z0-9_.-]*(?:@[A-Za-z0-9.-]+\.[A-Za-z]+)?`)
	fromForm   = lazily(`(?i)^(?:(?:a |photo |video )?post(?:ed)?(?: shared)? by\s+)(.*?)(?:\s+\(@.*|\s+on\s.*)?$`)
	dashes     = "—–- \u00A0"
)

// account reads the display name and the handle from the label.
func account(label string, n *html.Node, r *postReader) (author, handle string) {
	handle = strings.TrimRight(handleForm.FindString(label), ".-")
	switch {
	case r.platform == "instagram" || r.platform == "facebook":
		if i := strings.Index(strings.ToLower(label), "post"); i >= 0 {
			for _, part := range []string{label[i:], label[strings.LastIndex(strings.ToLower(label), "post"):]} {
				if m := fromForm.FindStringSubmatch(part); m != nil {
					author = strings.TrimRight(tidy(m[1]), ". ")
				}
			}
		}
	case strings.Contains(label, "("):
		author = strings.Trim(label[:strings.Index(label, "(")], dashes)
	}
	if handle == "" {
		handle = handleInAddress(r.addressIn(n), r.platform)
	}
	return author, handle
}

func handleInAddress(address, platform string) string {
	parts := strings.Split(strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://"), "/")
	switch {
	case platform == "x" && len(parts) > 1 && parts[1] != "i":
		return "@" + parts[1]
	case (platform == "threads" || platform == "tiktok") && len(parts) > 1 && strings.HasPrefix(parts[1], "@"):
		return parts[1]
	case platform == "mastodon" && len(parts) > 1:
		return parts[1] + "@" + parts[0]
	}
	return ""
}

const monthWords = `(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)`

// flatLabel is the line that is left of an embedded post when its markup is
// lost: — NAME (@HANDLE) DATE, with or without text around it.
var flatLabel = lazily(`(?:^|\s)[—–-]{1,2}\s*([^()—]{1,80}?(?:\([^()@—]{1,40}\))?)\s*\((@[A-Za-z0-9_.-]+(?:@[A-Za-z0-9.-]+)?)\)\s*(` + monthWords + `\.? \d{1,2}, \d{4}(?: at \d{1,2}:\d\d(?: ?[AP]M)?)?|\d{1,2} ` + monthWords + ` \d{4})`)

// flatPosts finds posts that were printed as plain text and gives them their
// words: the paragraph above the label, and below it what goes on to the
// post's own link.
func flatPosts(lines []line, posts []record.Post, captured time.Time) ([]line, []record.Post) {
	var out []line
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		var m []int
		if l.kind != record.Embedded && l.kind != record.Label && strings.Contains(l.text, "(@") {
			m = flatLabel.FindStringSubmatchIndex(l.text)
		}
		if m == nil {
			out = append(out, l)
			continue
		}
		label := strings.TrimSpace(l.text[m[0]:m[1]])
		at := printedTime(l.text[m[6]:m[7]], captured, record.FromPost)
		handle := l.text[m[4]:m[5]]
		post := record.Post{Platform: platformOf(handle), Handle: handle, Author: l.text[m[2]:m[3]], At: at}
		if r := readerOf(l.posted); r != nil { // the label kept its link
			post.Platform, post.URL, post.At = r.platform, l.posted, r.when(l.posted, label, captured)
		}
		posts = append(posts, post)
		k := len(posts) - 1
		if before := postText(l.text[:m[0]]); before != "" {
			out = append(out, line{kind: record.Embedded, text: before, post: k, update: l.update})
		} else {
			takeAbove(out, l.group, k)
		}
		out = append(out, line{kind: record.Label, text: label, post: -1, update: l.update})
		if after := strings.TrimSpace(l.text[m[1]:]); after != "" {
			out = append(out, line{kind: record.Paragraph, text: after, post: -1, update: l.update})
		}
		below, used := takeBelow(lines[i+1:], k)
		out, i = append(out, below...), i+used
	}
	return out, posts
}

func platformOf(handle string) string {
	switch {
	case strings.Count(handle, "@") > 1:
		return "mastodon"
	case strings.Contains(handle, "."):
		return "bluesky"
	}
	return "x"
}

// takeAbove gives the post the paragraph before its label: the whole block
// quotation where it stands in one, else a single paragraph, for nothing says
// where a flattened post begins. Bare links between are the post's too.
func takeAbove(out []line, group, post int) {
	for i := len(out) - 1; i >= 0; i-- {
		l := &out[i]
		sameQuote := group > 0 && l.group == group
		if l.kind != record.Paragraph && l.kind != record.BlockQuote || group > 0 && !sameQuote {
			return
		}
		words := postText(l.text)
		if words == "" {
			l.kind = record.Label
			continue
		}
		if opening(words) && !sameQuote {
			return
		}
		l.kind, l.post, l.text = record.Embedded, post, words
		if !sameQuote {
			return
		}
	}
}

func opening(s string) bool {
	return strings.HasPrefix(s, "“") || strings.HasPrefix(s, "\"") || strings.HasPrefix(s, "‘") || strings.HasSuffix(s, ":")
}

// takeBelow gives the post the lines that follow its label, up to the one that
// ends in the post's own link; where no such link follows within three lines,
// the post had ended.
func takeBelow(rest []line, post int) (taken []line, used int) {
	end := -1
	for i := 0; i < len(rest) && i < 3; i++ {
		t := rest[i].text
		if rest[i].kind != record.Paragraph || flatLabel.MatchString(t) || opening(t) {
			break
		}
		if loc := postLink.FindAllStringIndex(t, -1); len(loc) > 0 && loc[len(loc)-1][1] == len(t) {
			end = i
			break
		}
	}
	for i := 0; i <= end; i++ {
		l := rest[i]
		if words := postText(l.text); words != "" {
			l.kind, l.post, l.text = record.Embedded, post, words
		} else {
			l.kind = record.Label
		}
		taken = append(taken, l)
	}
	return taken, end + 1
}
