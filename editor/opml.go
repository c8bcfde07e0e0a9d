package editor

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html/charset"

	"onrecord/record"
)

// Limits of a subscription list.
const (
	MaxOPML     = 4 << 20 // bytes
	maxOutlines = 5000
	maxOutline  = 32 // nesting
)

// outline is one line of an OPML 2.0 subscription list (opml.org/spec2.opml).
// The attributes that begin with onrecord are ours: other readers skip them.
type outline struct {
	Text  string `xml:"text,attr"`
	Title string `xml:"title,attr,omitempty"`
	Type  string `xml:"type,attr,omitempty"`
	URL   string `xml:"xmlUrl,attr,omitempty"`
	Site  string `xml:"htmlUrl,attr,omitempty"`
	Kind  string `xml:"onrecordKind,attr,omitempty"`
	Org   string `xml:"onrecordOrg,attr,omitempty"`
	Every string `xml:"onrecordEvery,attr,omitempty"`
	Most  string `xml:"onrecordMost,attr,omitempty"`
	Links string `xml:"onrecordLinks,attr,omitempty"`
	Pages string `xml:"onrecordPages,attr,omitempty"`
	Since string `xml:"onrecordSince,attr,omitempty"`
	Until string `xml:"onrecordUntil,attr,omitempty"`

	Outlines []outline `xml:"outline"`
}

type opml struct {
	XMLName xml.Name `xml:"opml"`
	Version string   `xml:"version,attr"`
	Title   string   `xml:"head>title"`
	Created string   `xml:"head>dateCreated"`
	Body    struct {
		Outlines []outline `xml:"outline"`
	} `xml:"body"`
}

// WriteOPML writes the watched sources as an OPML 2.0 subscription list, one
// folder an organisation. A source of another kind than feed keeps its kind, so
// that ReadOPML gives the same sources back.
func WriteOPML(w io.Writer, list []record.Source, orgName func(id string) string, now time.Time) error {
	doc := opml{Version: "2.0", Title: "onrecord: sources", Created: now.UTC().Format(time.RFC1123)}
	folder := map[string]int{}
	for _, s := range list {
		if s.Removed {
			continue
		}
		name := orgName(s.Org)
		if name == "" {
			name = "Others"
		}
		i, ok := folder[name]
		if !ok {
			i = len(doc.Body.Outlines)
			folder[name] = i
			doc.Body.Outlines = append(doc.Body.Outlines, outline{Text: name})
		}
		doc.Body.Outlines[i].Outlines = append(doc.Body.Outlines[i].Outlines, outlineOf(s))
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	out := xml.NewEncoder(w)
	out.Indent("", "  ")
	return errors.Join(out.Encode(doc), out.Close())
}

func outlineOf(s record.Source) outline {
	o := outline{Text: s.Name, Title: s.Name, Type: "rss", URL: s.URL, Org: s.Org, Links: s.Links, Since: s.Since, Until: s.Until}
	if s.Name == "" {
		o.Text = s.URL
	}
	if s.Kind != record.SourceFeed {
		o.Kind = string(s.Kind)
	}
	if s.Every != 0 {
		o.Every = strconv.FormatInt(s.Every, 10)
	}
	if s.Most != 0 {
		o.Most = strconv.FormatInt(s.Most, 10)
	}
	if s.Pages != 0 {
		o.Pages = strconv.FormatInt(s.Pages, 10)
	}
	return o
}

// ReadOPML reads the sources of a subscription list; nobody is asked. A line
// without an address is a folder. The error wraps record.ErrInvalid, or
// record.ErrTooLarge past MaxOPML bytes, 5,000 lines or 32 folders deep.
func ReadOPML(r io.Reader) ([]NewSource, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxOPML+1))
	if err != nil {
		return nil, fmt.Errorf("subscription list: %w", err)
	}
	if len(raw) > MaxOPML {
		return nil, fmt.Errorf("subscription list: more than %d MiB: %w", MaxOPML>>20, record.ErrTooLarge)
	}
	in := xml.NewDecoder(strings.NewReader(string(raw)))
	in.CharsetReader, in.Strict, in.Entity = charset.NewReaderLabel, false, xml.HTMLEntity
	var out []NewSource
	depth, found := 0, false
	for {
		t, err := in.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("subscription list: %v: %w", err, record.ErrInvalid)
		}
		switch t := t.(type) {
		case xml.StartElement:
			found = found || t.Name.Local == "opml"
			if t.Name.Local != "outline" {
				continue
			}
			if depth++; depth > maxOutline {
				return nil, fmt.Errorf("subscription list: folders more than %d deep: %w", maxOutline, record.ErrTooLarge)
			}
			if n, ok := sourceOf(t.Attr); ok {
				n.Line, _ = in.InputPos()
				out = append(out, n)
			}
			if len(out) > maxOutlines {
				return nil, fmt.Errorf("subscription list: more than %d sources: %w", maxOutlines, record.ErrTooLarge)
			}
		case xml.EndElement:
			if t.Name.Local == "outline" {
				depth--
			}
		}
	}
	if !found {
		return nil, fmt.Errorf("it is no OPML: there is no <opml> in it: %w", record.ErrInvalid)
	}
	return out, nil
}

// sourceOf is the source of one line. Attribute names are read in any case: so
// lists in the wild write them.
func sourceOf(attrs []xml.Attr) (NewSource, bool) {
	a := map[string]string{}
	for _, x := range attrs {
		a[strings.ToLower(x.Name.Local)] = strings.TrimSpace(x.Value)
	}
	n := NewSource{URL: a["xmlurl"], Kind: record.SourceKind(a["onrecordkind"]), Org: a["onrecordorg"], Name: a["title"], Links: a["onrecordlinks"], Since: a["onrecordsince"], Until: a["onrecorduntil"]}
	if n.Name == "" {
		n.Name = a["text"]
	}
	if n.Kind == "" {
		n.Kind = record.SourceFeed
	}
	n.Every, _ = strconv.ParseInt(a["onrecordevery"], 10, 64) // nothing, where it is no number
	n.Most, _ = strconv.ParseInt(a["onrecordmost"], 10, 64)
	n.Pages, _ = strconv.ParseInt(a["onrecordpages"], 10, 64)
	if n.Name == n.URL {
		n.Name = ""
	}
	return n, n.URL != ""
}

// Imported says what became of a subscription list.
type Imported struct {
	Added   []record.Source `json:"added"`
	Known   int             `json:"known"`   // there already
	Refused []string        `json:"refused"` // each with its reason
}

// importedAtOnce is how many sources of a list one transaction writes: others
// must not wait long for theirs.
const importedAtOnce = 500

// ImportSources adds the sources of a list in the name of who. One that is there
// already or cannot be taken is told, with its line, and stops nothing; the error
// is a store's.
func (e *Editor) ImportSources(ctx context.Context, list []NewSource, who string) (Imported, error) {
	out := Imported{Added: []record.Source{}, Refused: []string{}}
	listed := map[string]bool{}
	for _, n := range list {
		s, err := e.newSource(ctx, n)
		switch {
		case errors.Is(err, record.ErrExists) || err == nil && listed[s.URL]:
			out.Known++
		case err == nil:
			listed[s.URL] = true
			out.Added = append(out.Added, s)
		case errors.Is(err, record.ErrInvalid), errors.Is(err, record.ErrTooLarge), errors.Is(err, record.ErrNotFound):
			out.Refused = append(out.Refused, inLine(n.Line, err))
		default:
			return out, err
		}
	}
	for some := range slices.Chunk(out.Added, importedAtOnce) {
		if err := e.setSources(ctx, some, "source.add", who, "from a subscription list"); err != nil {
			return out, err
		}
	}
	return out, nil
}

// inLine is a refusal with its place in the list.
func inLine(line int, err error) string {
	if line == 0 {
		return err.Error()
	}
	return fmt.Sprintf("line %d: %v", line, err)
}
