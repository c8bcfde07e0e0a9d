package web

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"onrecord/desk"
	"onrecord/record"
)

// named is a link, an option or a filter.
type named struct {
	Name, Value, Link string
	On, Away          bool
	Count             int
}

// facet is a list of values by which a search can be narrowed.
type facet struct {
	Name   string
	Values []named
}

type searchPage struct {
	Home                 bool
	Q, From, To          string
	Sorts, Kinds, Hidden []named
	Dated, Empty         bool
	Refusal              *refusal
	Chips                []named
	Incidents            []record.Incident
	Total                int
	Explain              string
	Warnings             []string
	Cards                []card
	Looser               *named
	Span, Next           string
	Downloads            []named
	Facets               []facet
}

// refusal shows which part of a query cannot be read.
type refusal struct {
	What, Before, At, After string
	Try                     *try
}

type try struct{ Query, Link string }

// card is a statement in a list.
type card struct {
	S       record.Statement
	Words   [][]piece
	Quoted  bool // verbatim words; else the reporter's
	Cite    string
	Outlets []string
}

func cardOf(s record.Statement, hits []record.Span) card {
	c := card{S: s, Words: paragraphs(s.Text, hits), Quoted: quoted(s.Kind), Outlets: outletsOf(s)}
	if o := s.Origin(); o != nil {
		c.Cite = safeLink(o.URL)
	}
	return c
}

func quoted(k record.Kind) bool { return k != record.Indirect && k != record.Declined }

func cards(rows []desk.Row) []card {
	var out []card
	for _, r := range rows {
		out = append(out, cardOf(r.Statement, r.Highlights))
	}
	return out
}

// filters are the parameters that a search page knows, besides q and sort.
func filters() []string {
	return []string{"org", "person", "kind", "outlet", "incident", "status", "tag", "lang", "said"}
}

func (s *Site) home(c *gin.Context) (page, error) {
	p, err := s.find(c, url.Values{}, true)
	if err != nil {
		return page{}, err
	}
	if p.Incidents, err = s.o.Desk.Incidents(c.Request.Context()); err != nil {
		return page{}, err
	}
	return page{template: "search", Title: "onrecord", Canonical: "/", Feed: "/api/v1/feed.atom", Body: p}, nil
}

func (s *Site) search(c *gin.Context) (page, error) {
	p, err := s.find(c, c.Request.URL.Query(), false)
	if err != nil {
		return page{}, err
	}
	out := page{template: "search", Title: "Search", Here: "search", Body: p}
	if p.Refusal != nil {
		out.status = 400
	} else {
		v := download(c.Request.URL.Query())
		out.Feed = "/api/v1/feed.atom?" + v.Encode()
	}
	if q := strings.TrimSpace(p.Q); q != "" {
		out.Title = short(60, q)
	}
	return out, nil
}

// find answers a search; a query that cannot be read is shown where it breaks.
func (s *Site) find(c *gin.Context, v url.Values, home bool) (searchPage, error) {
	ctx := c.Request.Context()
	p := form(v)
	p.Home = home
	h, err := s.o.Desk.Health(ctx)
	if err != nil {
		return p, err
	}
	p.Empty = h.Counts.Statements == 0
	p.Span = fmt.Sprintf("%s from %s", countWords(h.Counts.Statements, "statement", "statements"), countWords(h.Counts.Pages, "page", "pages"))
	a := ask(v)
	a.Limit = 20
	f, err := s.o.Desk.Search(ctx, a)
	if err != nil {
		if p.Refusal = refused(v, err); p.Refusal != nil {
			return p, nil
		}
		return p, err
	}
	p.Total, p.Cards, p.Warnings = f.Total, cards(f.Statements), f.Query.Warnings
	if v.Get("q") != "" {
		p.Explain = f.Query.Explain
	}
	if f.Next != "" {
		p.Next = with(v, "cursor", f.Next)
	}
	if f.Total == 0 {
		p.Looser = looser(v)
		return p, nil
	}
	out := download(v).Encode()
	p.Downloads = []named{{Name: "CSV", Link: "/api/v1/export.csv?" + out}, {Name: "JSON lines", Link: "/api/v1/export.jsonl?" + out}, {Name: "Atom feed", Link: "/api/v1/feed.atom?" + out}}
	p.Facets, err = s.facets(c, v, a)
	return p, err
}

// form fills the search form again.
func form(v url.Values) searchPage {
	p := searchPage{Q: v.Get("q"), From: v.Get("from"), To: v.Get("to")}
	p.Dated = p.From != "" || p.To != "" || v.Get("kind") != ""
	for _, o := range [][2]string{{"", "newest first"}, {"oldest", "oldest first"}, {"relevance", "best match first"}, {"sightings", "most sightings first"}, {"firstseen", "latest seen first"}} {
		p.Sorts = append(p.Sorts, named{Value: o[0], Name: o[1], On: v.Get("sort") == o[0]})
	}
	for _, k := range record.Kinds {
		p.Kinds = append(p.Kinds, named{Value: string(k), Name: kindWords(k), On: v.Get("kind") == string(k)})
	}
	for _, name := range filters() {
		for _, value := range v[name] {
			if value == "" {
				continue
			}
			p.Chips = append(p.Chips, named{Name: name, Value: value, Link: without(v, name, value)})
			if name != "kind" {
				p.Hidden = append(p.Hidden, named{Name: name, Value: value})
			}
		}
	}
	for _, name := range []string{"from", "to"} {
		if x := v.Get(name); x != "" {
			p.Chips = append(p.Chips, named{Name: name, Value: x, Link: without(v, name, "")})
		}
	}
	return p
}

// ask turns the page's parameters into a question.
func ask(v url.Values) desk.Ask {
	a := desk.Ask{Q: v.Get("q"), Sort: v.Get("sort"), Cursor: v.Get("cursor"), Fields: map[string][]string{}}
	for _, name := range filters() {
		if len(v[name]) > 0 {
			a.Fields[name] = v[name]
		}
	}
	if days := saidDays(v); days != "" {
		a.Fields["said"] = []string{days}
	}
	return a
}

func saidDays(v url.Values) string {
	if v.Get("from") == "" && v.Get("to") == "" {
		return ""
	}
	return v.Get("from") + ".." + v.Get("to")
}

// download are the parameters of the same search at the API.
func download(v url.Values) url.Values {
	out := url.Values{}
	for _, name := range append([]string{"q", "sort"}, filters()...) {
		for _, x := range v[name] {
			if x != "" {
				out.Add(name, x)
			}
		}
	}
	if days := saidDays(v); days != "" {
		out.Set("said", days)
	}
	return out
}

// refused shows what of a search cannot be read; nil for other errors.
func refused(v url.Values, err error) *refusal {
	if errors.Is(err, record.ErrNotFound) {
		return &refusal{What: err.Error()}
	}
	if !errors.Is(err, record.ErrInvalid) {
		return nil
	}
	r := &refusal{What: err.Error()}
	at, ok := desk.Where(err)
	var field *desk.FieldError
	if !ok || errors.As(err, &field) && field.Field != "q" {
		return r
	}
	r.What = fmt.Sprintf("The query cannot be read at character %d: %s", at.Column, at.Detail)
	r.Before, r.At, r.After = around(v.Get("q"), at.Column)
	if at.Suggestion != "" {
		r.Try = &try{Query: at.Suggestion, Link: with(v, "q", at.Suggestion)}
	}
	return r
}

// around parts a query before, at and behind a column (from 1, in code points).
func around(q string, column int) (before, at, after string) {
	i := 0
	for n := 1; n < column && i < len(q); n++ {
		_, w := utf8.DecodeRuneInString(q[i:])
		i += w
	}
	end := len(q)
	if j := strings.IndexByte(q[i:], ' '); j > 0 {
		end = i + j
	}
	return q[:i], q[i:end], q[end:]
}

// looser asks for any of the words, where several plain ones were asked for.
func looser(v url.Values) *named {
	words := strings.Fields(v.Get("q"))
	if len(words) < 2 || strings.ContainsAny(v.Get("q"), `":()-*~/`) {
		return nil
	}
	return &named{Link: with(v, "q", strings.Join(words, " OR "))}
}

func (s *Site) facets(c *gin.Context, v url.Values, a desk.Ask) ([]facet, error) {
	titles := map[string]string{"org": "Organisation", "person": "Person", "kind": "Kind", "outlet": "Outlet", "day": "Day said"}
	counted, err := s.o.Desk.Facets(c.Request.Context(), a, []string{"org", "person", "kind", "outlet", "day"})
	if err != nil {
		return nil, err
	}
	known, err := s.names(c)
	if err != nil {
		return nil, err
	}
	var out []facet
	for _, f := range counted {
		one := facet{Name: titles[f.Field]}
		for i, x := range f.Values {
			if i == 12 {
				break
			}
			n := named{Name: x.Value, Count: x.Count, Link: with(v, f.Field, x.Value)}
			switch f.Field {
			case "org":
				if known[x.Value] != "" {
					n.Name = known[x.Value]
				}
			case "kind":
				n.Name = kindWords(record.Kind(x.Value))
			case "day":
				days := url.Values{}
				for k, list := range v {
					if k != "from" && k != "to" {
						days[k] = list
					}
				}
				n.Name, n.Link = dayWords(x.Value), with(days, "said", x.Value)
			}
			one.Values = append(one.Values, n)
		}
		out = append(out, one)
	}
	return out, nil
}

// names are the display names of organisations on record.
func (s *Site) names(c *gin.Context) (map[string]string, error) {
	list, err := s.o.Desk.Organisations(c.Request.Context())
	out := map[string]string{}
	for _, o := range list {
		out[o.Org] = o.OrgName
	}
	return out, err
}
