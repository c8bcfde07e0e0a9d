package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"onrecord/editor"
	"onrecord/record"
)

// who stands in the edit log for changes made on the pages: there are no keys
// yet, so only who sits at this machine may make them.
const who = "pages"

// patience is how long a place may be looked at; the answer must be out before
// the server gives the connection up.
const patience = 45 * time.Second

// may reports whether who asks may change anything here.
func (s *Site) may(c *gin.Context) bool {
	return s.o.Editor != nil && s.o.MayChange != nil && s.o.MayChange(c.Request)
}

// change answers a form of somebody who may change things.
func (s *Site) change(h func(*gin.Context) (page, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		if !s.may(c) {
			s.Refuse(c.Writer, c.Request, http.StatusForbidden, "Changes are taken only from the machine that this runs on, over its loopback address, such as http://127.0.0.1:8080/.")
			return
		}
		c.Header("Cache-Control", "no-store")
		s.wrap(h)(c)
	}
}

// see is the error of a form that was done: what came of it is shown elsewhere.
type see struct{ path string }

func (x *see) Error() string { return "see " + x.path }

// field is one field of a form, with what is wrong about it.
type field struct {
	Name, Label, Hint, Value, Fault string
	Type                            string  // "text", "url", "number", "date", "select", "long"
	Options                         []named // of a select, or suggested
}

// ID is that of its input.
func (f field) ID() string { return "f-" + f.Name }

// watchPage is the form of a source, and what a look at its place found.
type watchPage struct {
	Fields []field // what everybody fills in
	More   []field // the rest
	Open   bool    // the rest is shown: something stands there
	Faults []field // those that are wrong
	Report *reportCard
	Known  *record.SourceState // it is there already
	// Ready is true where it may be watched without another look.
	Ready bool
}

// reportCard is a look at a place, in words.
type reportCard struct {
	R          record.SourceReport
	Least      string // of the rhythm
	Statements []preview
	Links      []preview
	Places     []preview
}

// preview is a statement or a link that is not on record.
type preview struct {
	Who, Title, Address string
	Kind                record.SourceKind
	Words               [][]piece
	Quoted              bool
}

// watchForm is the form, filled in by v.
func watchForm(v url.Values, faults map[string]string) watchPage {
	kinds := []named{{Name: "what it turns out to be"}}
	for _, k := range record.SourceKinds {
		kinds = append(kinds, named{Name: sourceKindWords(k), Value: string(k), On: v.Get("kind") == string(k)})
	}
	p := watchPage{
		Fields: []field{
			{Name: "url", Label: "Address", Type: "url", Hint: "of a feed, a page, a site or an account, such as https://www.example.org/news/"},
			{Name: "kind", Label: "Watch it as", Type: "select", Options: kinds},
			{Name: "org", Label: "Organisation that speaks there", Type: "text", Hint: "its id in the register; leave it empty where nobody in particular speaks"},
			{Name: "name", Label: "Name, as lists show it", Type: "text"},
		},
		More: []field{
			{Name: "every_s", Label: "Minutes between two visits, at least", Type: "number", Hint: "15 unless you say otherwise"},
			{Name: "most_s", Label: "Hours between two visits, at most", Type: "number", Hint: "when it seldom changes"},
			{Name: "links", Label: "Which links of a page of links", Type: "text", Hint: "a CSS selector; found by the page's structure otherwise"},
			{Name: "pages", Label: "Older pages asked for", Type: "number", Hint: "as long as they bring something new; 5 unless you say otherwise"},
			{Name: "since", Label: "First day wanted", Type: "date"},
			{Name: "until", Label: "Last day wanted", Type: "date"},
			{Name: "note", Label: "Note", Type: "long"},
		},
	}
	fill := func(f *field) {
		f.Value, f.Fault = v.Get(f.Name), faults[f.Name]
		if f.Fault != "" {
			p.Faults = append(p.Faults, *f)
		}
	}
	for i := range p.Fields {
		fill(&p.Fields[i])
	}
	for i := range p.More {
		fill(&p.More[i])
		p.Open = p.Open || p.More[i].Value != "" || p.More[i].Fault != ""
	}
	return p
}

// newSource reads the form; the second value says what is wrong, by field.
func newSource(v url.Values) (editor.NewSource, map[string]string) {
	faults := map[string]string{}
	amount := func(name string, unit int64, words string) int64 {
		raw := strings.TrimSpace(v.Get(name))
		if raw == "" {
			return 0
		}
		n, err := strconv.ParseInt(raw, 10, 32)
		if err != nil || n < 0 {
			faults[name] = fmt.Sprintf("“%s” is no number of %s", short(40, raw), words)
			return 0
		}
		return n * unit
	}
	n := editor.NewSource{
		URL: strings.TrimSpace(v.Get("url")), Kind: record.SourceKind(v.Get("kind")), Org: v.Get("org"), Name: v.Get("name"), Links: v.Get("links"),
		Since: v.Get("since"), Until: v.Get("until"), Note: v.Get("note"),
		Every: amount("every_s", 60, "minutes"), Most: amount("most_s", 3600, "hours"), Pages: amount("pages", 1, "pages"),
	}
	switch {
	case n.URL == "":
		faults["url"] = "give the address of the place"
	case !strings.Contains(n.URL, "://"):
		faults["url"] = "begin it with https:// or http://"
	}
	return n, faults
}

// watchForm shows the empty form, or with an address that a link brought.
func (s *Site) watchForm(c *gin.Context) (page, error) {
	v := url.Values{}
	if address := c.Query("url"); address != "" {
		v.Set("url", address)
	}
	return s.watchPage(c, watchForm(v, nil)), nil
}

func (s *Site) watchPage(c *gin.Context, p watchPage) page {
	for i := range p.Fields {
		if f := &p.Fields[i]; f.Name == "org" {
			for _, o := range s.o.Desk.KnownOrgs() {
				f.Options = append(f.Options, named{Name: o.Name, Value: o.ID})
			}
		}
	}
	out := page{template: "watch", Title: "Add a source", Here: "sources", Canonical: "/sources/add", Body: struct {
		watchPage
		May bool
	}{p, s.may(c)}}
	switch {
	case len(p.Faults) > 0:
		out.status, out.Title = http.StatusUnprocessableEntity, "Error: add a source"
	case p.Report != nil:
		out.Title = "What was found"
	}
	return out
}

// formOf reads a form that was sent.
func formOf(c *gin.Context) (url.Values, error) {
	if err := c.Request.ParseForm(); err != nil {
		return nil, fmt.Errorf("the form cannot be read: %w: %w", err, record.ErrInvalid)
	}
	return c.Request.PostForm, nil
}

// lookAt asks a place once and shows what it is. Nothing is saved.
func (s *Site) lookAt(c *gin.Context) (page, error) {
	v, err := formOf(c)
	if err != nil {
		return page{}, err
	}
	n, faults := newSource(v)
	if len(faults) > 0 {
		return s.watchPage(c, watchForm(v, faults)), nil
	}
	if s.o.Preview == nil {
		return page{}, fmt.Errorf("this process asks no hosts: %w", record.ErrInvalid)
	}
	ctx, stop := context.WithTimeout(c.Request.Context(), patience)
	defer stop()
	r, err := s.o.Preview(ctx, record.Source{URL: n.URL, Kind: n.Kind, Org: n.Org, Name: n.Name, Every: n.Every, Most: n.Most, Links: n.Links, Pages: n.Pages, Since: n.Since, Until: n.Until})
	switch {
	case errors.Is(err, context.DeadlineExceeded) && c.Request.Context().Err() == nil:
		if r.Found == "" {
			r.Fault = "no answer within " + everyWords(patience)
		} else {
			r.Problems = append(r.Problems, "there was no time left to look behind all of its links: its host is asked slowly")
		}
	case errors.Is(err, record.ErrInvalid):
		return s.watchPage(c, watchForm(v, map[string]string{faultyField(err, "links"): faultWords(err)})), nil
	case err != nil:
		return page{}, err
	}
	return s.found(c, v, r)
}

// found shows what a look found, over a form that watches it.
func (s *Site) found(c *gin.Context, v url.Values, r record.SourceReport) (page, error) {
	if r.Fault == "" { // an account is watched where its platform answers for it
		v.Set("url", r.Source.URL)
		v.Set("kind", string(r.Source.Kind))
	}
	p := watchForm(v, nil)
	p.Report, p.Ready = &reportCard{R: r, Least: everyWords(r.Source.Interval())}, r.Fault == ""
	if known, err := s.o.Desk.Source(c.Request.Context(), record.SourceID(r.Source.URL)); err == nil {
		p.Known = &known
	} else if !errors.Is(err, record.ErrNotFound) {
		return page{}, err
	}
	for _, x := range r.Statements {
		p.Report.Statements = append(p.Report.Statements, preview{Who: x.Speaker.String(), Words: paragraphs(x.Text, nil), Quoted: quoted(x.Kind)})
	}
	for _, l := range r.Leads {
		p.Report.Links = append(p.Report.Links, preview{Title: l.Title, Address: l.URL})
	}
	for _, l := range r.Places {
		p.Report.Places = append(p.Report.Places, preview{Title: l.Title, Address: l.URL, Kind: l.Kind})
	}
	return s.watchPage(c, p), nil
}

// watch adds the source of the form.
func (s *Site) watch(c *gin.Context) (page, error) {
	v, err := formOf(c)
	if err != nil {
		return page{}, err
	}
	n, faults := newSource(v)
	if n.Kind == "" {
		faults["kind"] = "say as what it is watched, or look at it first"
	}
	if len(faults) > 0 {
		return s.again(c, v, faults), nil
	}
	made, err := s.o.Editor.AddSource(c.Request.Context(), n, who)
	switch {
	case errors.Is(err, record.ErrExists):
		return s.again(c, v, map[string]string{"url": "this address is on the list already"}), nil
	case errors.Is(err, record.ErrInvalid), errors.Is(err, record.ErrTooLarge):
		return s.again(c, v, map[string]string{faultyField(err, "url"): faultWords(err)}), nil
	case err != nil:
		return page{}, err
	}
	return page{}, &see{"/sources/" + string(made.ID)}
}

// again is the form that was to be saved, with what is wrong about it.
func (s *Site) again(c *gin.Context, v url.Values, faults map[string]string) page {
	p := watchForm(v, faults)
	p.Ready = true
	return s.watchPage(c, p)
}

// faultyField is the field that an error is about, else the one given.
func faultyField(err error, otherwise string) string {
	var f *editor.FieldError
	if errors.As(err, &f) {
		return f.Field
	}
	return otherwise
}

// faultWords is what is wrong, for beside the field.
func faultWords(err error) string {
	var f *editor.FieldError
	if errors.As(err, &f) {
		return f.Detail
	}
	return strings.TrimSuffix(err.Error(), ": "+record.ErrInvalid.Error())
}

// switchSource has a source visited again, or not for now.
func (s *Site) switchSource(c *gin.Context) (page, error) {
	return s.alter(c, func(id record.ID, v url.Values) error {
		_, err := s.o.Editor.EnableSource(c.Request.Context(), id, v.Get("on") == "1", who, v.Get("why"))
		return err
	})
}

// followSource has a source asked where it says that it has moved.
func (s *Site) followSource(c *gin.Context) (page, error) {
	return s.alter(c, func(id record.ID, v url.Values) error {
		_, err := s.o.Editor.FollowMove(c.Request.Context(), id, who, v.Get("why"))
		return err
	})
}

// alter changes the source of the address by a form, and shows it.
func (s *Site) alter(c *gin.Context, change func(id record.ID, v url.Values) error) (page, error) {
	raw := c.Param("id")
	if !idForm.MatchString(raw) {
		return page{}, fmt.Errorf("no source %.80q: %w", raw, record.ErrNotFound)
	}
	v, err := formOf(c)
	if err != nil {
		return page{}, err
	}
	if err := change(record.ID(raw), v); err != nil {
		return page{}, err
	}
	return page{}, &see{"/sources/" + raw}
}

// importSources adds the sources of a subscription list that was sent.
func (s *Site) importSources(c *gin.Context) (page, error) {
	list, fault, err := sentList(c.Request)
	if err != nil {
		return page{}, err
	}
	if fault != "" {
		p, err := s.sourcesPage(c, fault)
		p.status, p.Title = http.StatusUnprocessableEntity, "Error: sources"
		return p, err
	}
	x, err := s.o.Editor.ImportSources(c.Request.Context(), list, who)
	return page{template: "imported", Title: "Sources of the list", Here: "sources", Body: x}, err
}

// sentList reads the list of a form. What is wrong with it is told in words; the
// error is of a form that cannot be read.
func sentList(r *http.Request) (list []editor.NewSource, fault string, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, "", fmt.Errorf("the form cannot be read: %w: %w", err, record.ErrInvalid)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, "choose a file first", nil
		}
		if err != nil {
			return nil, "", fmt.Errorf("the form cannot be read: %w: %w", err, record.ErrInvalid)
		}
		if part.FormName() != "opml" || part.FileName() == "" {
			continue
		}
		list, err := editor.ReadOPML(part)
		switch {
		case errors.Is(err, record.ErrInvalid), errors.Is(err, record.ErrTooLarge):
			return nil, fmt.Sprintf("%s: %s", short(80, part.FileName()), faultWords(err)), nil
		case err != nil:
			return nil, "", fmt.Errorf("the list cannot be read: %w: %w", err, record.ErrInvalid)
		case len(list) == 0:
			return nil, short(80, part.FileName()) + " names no source", nil
		}
		return list, "", nil
	}
}
