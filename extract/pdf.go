package extract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ledongthuc/pdf"

	"onrecord/record"
)

// Limits of a PDF. What lies beyond the first two is left out and named.
const (
	maxPDFPages  = 60
	maxPDFGlyphs = 600_000
	maxPDFStream = 1 << 20         // bytes of one page's drawing, or of one font's table, inflated
	maxPDFTime   = 3 * time.Second // of one file; then its reading is broken off
)

// pdfPage reads the text of a PDF: its lines by where they stand, its
// paragraphs by the space between them, its title by size or by what the file
// says of itself. The error wraps record.ErrInvalid and says why there is no
// text: a file that is broken, encrypted, or a picture of a text.
func pdfPage(in Input) (record.Page, error) {
	d := parse(in, "")
	lines, info, err := d.pdfLines(in.Body)
	if err == nil && sizeOf(lines) < 40 {
		err = errors.New("no text in it, perhaps a picture of one")
	}
	if err != nil {
		return record.Page{}, fmt.Errorf("page %s: PDF, not extracted: %w: %w", in.URL, err, record.ErrInvalid)
	}
	p := d.page()
	p.Title, p.Lang = info.title, info.lang
	if info.author != "" {
		p.Authors = cleanAuthors([]string{info.author})
	}
	lines = settle(lines, &p)
	if !p.Published.Known() {
		p.Published = info.made.Note("the file's own date")
	}
	lines, p.Updates = d.stamps(lines)
	lines, p.Posts = flatPosts(lines, nil, in.At)
	compose(&p, lines)
	p.Kind = d.kind(&p, false)
	p.Problems = d.problems
	p.ID = record.PageID(p.CanonicalURL)
	return p, nil
}

// pdfInfo is what a PDF says of itself.
type pdfInfo struct {
	title, author, lang string
	made                record.Instant
}

// pdfLines reads the file inside bounds. The library panics on what it cannot
// read, so a panic is an answer here.
func (d *document) pdfLines(body []byte) (lines []line, info pdfInfo, err error) {
	defer func() {
		if p := recover(); p != nil {
			lines, err = nil, fmt.Errorf("the file cannot be read: %.120v", p)
		}
	}()
	if err := modestPDF(body); err != nil {
		return nil, info, err
	}
	r, err := pdf.NewReader(&boundedReader{Reader: bytes.NewReader(body), until: time.Now().Add(maxPDFTime)}, int64(len(body)))
	if err != nil {
		return nil, info, err
	}
	var sheets [][]pdfLine
	glyphs := 0
	for _, v := range pdfLeaves(r.Trailer().Key("Root").Key("Pages"), nil, 0) {
		if len(sheets) == maxPDFPages || glyphs > maxPDFGlyphs {
			d.problem("a long PDF: the first %d pages were read", len(sheets))
			break
		}
		sheet, n, problem := pdfSheet(v)
		if problem != "" {
			d.problem("page %d of the PDF: %s", len(sheets)+1, problem)
		}
		sheets, glyphs = append(sheets, sheet), glyphs+n
	}
	info = d.pdfAbout(r)
	sheets = withoutRunningHeads(sheets)
	lines, printed := pdfParagraphs(sheets)
	if printed != "" && (info.title == "" || !strings.Contains(info.title, " ") || badTitle.MatchString(info.title)) {
		info.title = printed
	}
	return lines, info, nil
}

// badTitle is what word processors write where nobody gave a title.
var badTitle = lazily(`(?i)^(?:microsoft word\b.*|untitled.*|.*\.(?:docx?|pdf|indd|rtf|odt)|document\d*|powerpoint presentation)$`)

// A boundedReader breaks off a reading that takes too long: a small file can
// inflate to gigabytes.
type boundedReader struct {
	*bytes.Reader
	until time.Time
}

func (b *boundedReader) ReadAt(p []byte, off int64) (int, error) {
	if time.Now().After(b.until) {
		panic(fmt.Sprintf("it takes more than %s", maxPDFTime))
	}
	return b.Reader.ReadAt(p, off)
}

var (
	xrefTable = lazily(`xref\s+(\d+)\s+(\d+)`)
	xrefSizes = lazily(`/(?:Size|Index)\s*\[?\s*(\d+)(?:\s+(\d+))?`)
	xrefPart  = lazily(`[\r\n](\d+) (\d+) ?[\r\n]+\d{10} \d{5} [nf]`)
)

// modestPDF refuses a file whose table promises more objects than its bytes
// can hold: the library makes room for as many as are promised.
func modestPDF(body []byte) error {
	for _, re := range []*pattern{xrefTable, xrefSizes, xrefPart} {
		for _, m := range re.FindAllSubmatch(body, -1) {
			if len(m[1]) > 9 || len(m[2]) > 9 || num(string(m[1]))+num(string(m[2])) > len(body)/4+1000 {
				return fmt.Errorf("its table promises more objects (%.20s) than it can hold", m[1])
			}
		}
	}
	return nil
}

// pdfLeaves lists the pages below a node of the page tree. A tree that bites
// its tail ends at the depth that no real one has.
func pdfLeaves(v pdf.Value, leaves []pdf.Value, depth int) []pdf.Value {
	kids := v.Key("Kids")
	if kids.IsNull() {
		if v.Kind() == pdf.Dict {
			leaves = append(leaves, v)
		}
		return leaves
	}
	for i := 0; i < kids.Len() && depth < 12 && len(leaves) <= maxPDFPages; i++ {
		leaves = pdfLeaves(kids.Index(i), leaves, depth+1)
	}
	return leaves
}

// A pdfLine is one printed line of a page.
type pdfLine struct {
	text string
	x, y float64
	size float64 // of its type, in points
	bold bool
}

// pdfSheet reads one page into lines, in the order in which they are drawn.
func pdfSheet(v pdf.Value) (lines []pdfLine, glyphs int, problem string) {
	defer func() {
		if p := recover(); p != nil {
			problem = fmt.Sprintf("cannot be read: %.80v", p)
		}
	}()
	p := pdf.Page{V: v}
	if !smallStream(v.Key("Contents")) {
		return nil, 0, "its drawing is too large"
	}
	for _, name := range p.Fonts() {
		if !smallStream(p.Font(name).V.Key("ToUnicode")) {
			return nil, 0, "a font's table is too large"
		}
	}
	text := p.Content().Text
	return setLines(text), len(text), ""
}

// smallStream reports whether a stream, or a list of them, inflates to no more
// than maxPDFStream.
func smallStream(v pdf.Value) bool {
	left := int64(maxPDFStream)
	list := []pdf.Value{v}
	if v.Kind() == pdf.Array {
		list = nil
		for i := range min(v.Len(), 1000) {
			list = append(list, v.Index(i))
		}
	}
	for _, s := range list {
		if s.Kind() != pdf.Stream {
			continue
		}
		r := s.Reader()
		n, err := io.Copy(io.Discard, io.LimitReader(r, left+1))
		if closeErr := r.Close(); err == nil {
			err = closeErr
		}
		if left -= n; left < 0 || err != nil && n == 0 {
			return false
		}
	}
	return true
}

// setLines puts glyphs that stand on one base line together. A gap between two
// of them is a blank that was not written.
func setLines(glyphs []pdf.Text) []pdfLine {
	var lines []pdfLine
	var b strings.Builder
	var now pdfLine
	end := 0.0
	flush := func() {
		if now.text = tidy(b.String()); now.text != "" {
			lines = append(lines, now)
		}
		b.Reset()
	}
	for _, g := range glyphs {
		size := math.Max(g.FontSize, 1)
		switch {
		case b.Len() > 0 && math.Abs(g.Y-now.y) > size*0.4 || b.Len() > maxShort*100:
			flush()
		case b.Len() > 0 && end > 0 && g.X > end+size*0.18:
			b.WriteByte(' ')
		case b.Len() > 0 && g.W > 0 && g.X < now.x-size: // another column, on the same height
			flush()
		}
		if b.Len() == 0 {
			now = pdfLine{x: g.X, y: g.Y, size: size, bold: strings.Contains(strings.ToLower(g.Font), "bold")}
		}
		b.WriteString(strings.ToValidUTF8(g.S, ""))
		if end = 0; g.W > 0 {
			end = g.X + g.W
		}
	}
	flush()
	return lines
}

var pageNumber = lazily(`(?i)^(?:page )?\d{1,3}(?: (?:of|/) ?\d{1,3})?$`)

// withoutRunningHeads drops page numbers, and lines that most pages repeat at
// the same height.
func withoutRunningHeads(sheets [][]pdfLine) [][]pdfLine {
	seen := map[string]int{}
	key := func(l pdfLine) string { return fmt.Sprintf("%.0f %s", l.y, l.text) }
	for _, s := range sheets {
		for _, l := range s {
			seen[key(l)]++
		}
	}
	for i, s := range sheets {
		sheets[i] = slices.DeleteFunc(s, func(l pdfLine) bool {
			return pageNumber.MatchString(l.text) || len(sheets) > 2 && seen[key(l)]*2 > len(sheets)
		})
	}
	return sheets
}

// pdfParagraphs joins lines into paragraphs, and gives the title that stands in
// larger type than all else on the first page.
func pdfParagraphs(sheets [][]pdfLine) (out []line, title string) {
	body, leading := usualType(sheets)
	full := fullLine(sheets, body)
	largest := 0.0
	if len(sheets) > 0 {
		for _, l := range sheets[0] {
			largest = math.Max(largest, l.size)
		}
	}
	var last pdfLine
	for i, s := range sheets {
		for j, l := range s {
			big := l.size > body*1.15
			n := len(out) - 1
			switch {
			case i == 0 && big && l.size == largest && l.size > body*1.15 && (title == "" || last.size == l.size):
				title = tidy(title + " " + l.text)
			case n >= 0 && (i > 0 || j > 0) && sameParagraph(last, l, leading, j == 0, out[n].text) && !endedShort(last, l, full):
				out[n].text = joinLines(out[n].text, l.text)
			default:
				kind := record.Paragraph
				if big {
					kind = record.Heading
				}
				out = append(out, line{kind: kind, text: l.text, strong: l.bold, post: -1, update: -1})
			}
			last = l
		}
	}
	return out, title
}

// sameParagraph reports whether line l goes on with what ended in last.
func sameParagraph(last, l pdfLine, leading float64, newSheet bool, before string) bool {
	if math.Abs(last.size-l.size) > 0.6 || last.bold != l.bold {
		return false
	}
	if newSheet || l.y >= last.y { // over a page's or a column's end
		initial, _ := utf8.DecodeRuneInString(l.text)
		return unicode.IsLower(initial) && !strings.ContainsAny(before[len(before)-1:], ".!?:") && !strings.HasSuffix(before, "”")
	}
	return last.y-l.y <= leading*1.25
}

// endedShort reports whether a paragraph ended before l: its last line is well
// short of a full one, and a new sentence begins. Where a release ends, and its
// notes begin, always is a new one.
func endedShort(last, l pdfLine, full int) bool {
	if ends.MatchString(last.text) || ends.MatchString(l.text) || notesLine.MatchString(last.text) || notesLine.MatchString(l.text) {
		return true
	}
	initial, _ := utf8.DecodeRuneInString(l.text)
	return len(last.text)*4 < full*3 && !unicode.IsLower(initial)
}

// fullLine is the length, in bytes, that nine in ten lines of the text's own
// size do not pass.
func fullLine(sheets [][]pdfLine, size float64) int {
	var lengths []int
	for _, s := range sheets {
		for _, l := range s {
			if math.Abs(l.size-size) < 0.6 {
				lengths = append(lengths, len(l.text))
			}
		}
	}
	if len(lengths) == 0 {
		return 0
	}
	slices.Sort(lengths)
	return lengths[len(lengths)*9/10]
}

// joinLines joins two lines of a paragraph; a hyphen at the end of the first
// stays, since nothing tells a broken word from a compound.
func joinLines(a, b string) string {
	if strings.HasSuffix(a, "\u00AD") || strings.HasSuffix(a, "-") {
		return strings.TrimSuffix(a, "\u00AD") + b
	}
	return a + " " + b
}

// usualType is the size of most of the text, and the distance of most of its
// lines from the one above.
func usualType(sheets [][]pdfLine) (size, leading float64) {
	sizes, gaps := map[float64]int{}, map[float64]int{}
	for _, s := range sheets {
		for j, l := range s {
			sizes[math.Round(l.size*2)/2] += len(l.text)
			if j > 0 && s[j-1].y > l.y && s[j-1].size == l.size {
				gaps[math.Round((s[j-1].y-l.y)*2)/2]++
			}
		}
	}
	size = most(sizes)
	if leading = most(gaps); leading == 0 || leading > size*2 {
		leading = size * 1.3
	}
	return size, leading
}

// most is the key with the highest count, the smaller of two.
func most(counts map[float64]int) float64 {
	best := 0.0
	for k, n := range counts {
		if n > counts[best] || n == counts[best] && k < best || best == 0 {
			best = k
		}
	}
	return best
}

func (d *document) pdfAbout(r *pdf.Reader) pdfInfo {
	about := r.Trailer().Key("Info")
	info := pdfInfo{title: tidy(about.Key("Title").Text()), author: tidy(about.Key("Author").Text()), lang: tidy(r.Trailer().Key("Root").Key("Lang").Text())}
	for _, key := range []string{"ModDate", "CreationDate"} {
		if at := d.when(pdfDate(about.Key(key).Text()), record.FromPage); at.Known() {
			info.made = at
		}
	}
	return info
}

var pdfDateForm = lazily(`^D:(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?([+-]\d{2}|Z)?'?(\d{2})?`)

// pdfDate spells a date of ISO 32000, section 7.9.4 as RFC 3339 does.
func pdfDate(s string) string {
	m := pdfDateForm.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	zone := m[7]
	if zone != "" && zone != "Z" {
		zone += ":" + first(m[8], "00")
	}
	return m[1] + "-" + m[2] + "-" + m[3] + "T" + m[4] + ":" + m[5] + ":" + first(m[6], "00") + zone
}
