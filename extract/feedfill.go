package extract

import (
	"strconv"
	"strings"

	"github.com/mmcdole/gofeed/atom"
	jsonfeed "github.com/mmcdole/gofeed/json"
	"github.com/mmcdole/gofeed/rss"

	"onrecord/record"
)

// rssFeed takes the channel from gofeed and adds what the tree holds besides.
func (r *feedReader) rssFeed(f *rss.Feed, n *feedNode) {
	d := &r.doc.Feed
	d.Title, d.Subtitle, d.Link = title(f.Title), f.Description, f.Link
	d.Language, d.Rights, d.Generator = f.Language, f.Copyright, f.Generator
	d.Docs, d.TTL = f.Docs, f.TTL
	d.Authors = person(f.ManagingEditor)
	if p := person(f.WebMaster); len(p) > 0 {
		d.Publisher, d.PublisherDetail = f.WebMaster, &p[0]
	}
	for _, l := range f.Links {
		d.Links = addLink(d.Links, FeedLink{Rel: "alternate", Href: l, Type: "text/html"})
	}
	for _, c := range f.Categories {
		d.Categories = addCategory(d.Categories, FeedCategory{Term: c.Value, Scheme: c.Domain})
	}
	if f.Image != nil {
		d.Image = &FeedImage{URL: f.Image.URL, Title: f.Image.Title, Link: f.Image.Link, Width: f.Image.Width, Height: f.Image.Height, Description: f.Image.Description}
	}
	d.PublishedRaw, d.UpdatedRaw = f.PubDate, f.LastBuildDate
	r.fillFeed(d, n)
}

// rssEntry takes an item from gofeed and adds what the tree holds besides.
func (r *feedReader) rssEntry(f *rss.Item, n *feedNode) FeedEntry {
	e := FeedEntry{Title: title(f.Title), Link: f.Link, Summary: f.Description, Comments: f.Comments, PublishedRaw: f.PubDate, Language: n.lang}
	e.Authors = person(f.Author)
	for _, l := range f.Links {
		e.Links = addLink(e.Links, FeedLink{Rel: "alternate", Href: l, Type: "text/html"})
	}
	for _, c := range f.Categories {
		e.Categories = addCategory(e.Categories, FeedCategory{Term: c.Value, Scheme: c.Domain})
	}
	for _, x := range f.Enclosures {
		if x.URL != "" {
			e.Enclosures = append(e.Enclosures, FeedEnclosure{URL: x.URL, Type: x.Type, Length: x.Length})
		}
	}
	if f.GUID != nil && f.GUID.Value != "" {
		e.ID = f.GUID.Value
		if !strings.EqualFold(f.GUID.IsPermalink, "false") {
			r.permalink(&e, n)
		}
	}
	if f.Source != nil && (f.Source.URL != "" || f.Source.Title != "") {
		e.Source = &FeedInfo{Title: f.Source.Title, Link: f.Source.URL}
		if f.Source.URL != "" {
			e.Source.Links = []FeedLink{{Rel: "alternate", Href: f.Source.URL}}
		}
	}
	if about := rdfAbout(n); e.ID == "" && about != "" {
		e.ID = about
	}
	r.fillEntry(&e, n)
	return e
}

// permalink takes the guid as the entry's link where it is an address and no
// link is given.
func (r *feedReader) permalink(e *FeedEntry, n *feedNode) {
	if e.Link != "" {
		return
	}
	href := r.resolve(n.base, e.ID)
	e.GUIDIsLink = href != ""
	if strings.HasPrefix(href, "http://") || strings.HasPrefix(href, "https://") {
		e.Link = href
		e.Links = addLink(e.Links, FeedLink{Rel: "alternate", Href: href, Type: "text/html"})
	}
}

func rdfAbout(n *feedNode) string {
	for _, a := range n.attrs {
		if a.Name.Local == "about" {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// atomFeed takes the feed from gofeed and adds what the tree holds besides.
func (r *feedReader) atomFeed(f *atom.Feed, n *feedNode) {
	r.doc.Feed = *r.atomInfo(&atom.Source{
		Title: f.Title, ID: f.ID, Updated: f.Updated, Subtitle: f.Subtitle, Links: f.Links, Generator: f.Generator, Icon: f.Icon, Logo: f.Logo,
		Rights: f.Rights, Contributors: f.Contributors, Authors: f.Authors, Categories: f.Categories,
	}, n)
}

// atomInfo turns gofeed's source, which holds the same elements as its feed.
func (r *feedReader) atomInfo(f *atom.Source, n *feedNode) *FeedInfo {
	d := &FeedInfo{ID: f.ID, Title: title(f.Title), Subtitle: f.Subtitle, Rights: f.Rights, Logo: f.Logo, Icon: f.Icon, UpdatedRaw: f.Updated}
	d.Links, d.Link = atomLinks(f.Links)
	for _, l := range d.Links {
		if l.Rel == "self" && d.FeedLink == "" {
			d.FeedLink = l.Href
		}
	}
	if f.Generator != nil {
		d.Generator = f.Generator.Value
		d.GeneratorDetail = &FeedGenerator{Name: f.Generator.Value, URL: r.resolve(n.base, f.Generator.URI), Version: f.Generator.Version}
	}
	d.Authors, d.Contributors = atomPersons(f.Authors), atomPersons(f.Contributors)
	for _, c := range f.Categories {
		d.Categories = addCategory(d.Categories, FeedCategory{Term: c.Term, Scheme: c.Scheme, Label: c.Label})
	}
	r.fillFeed(d, n)
	return d
}

// atomEntry takes an entry from gofeed and adds what the tree holds besides.
func (r *feedReader) atomEntry(f *atom.Entry, n *feedNode) FeedEntry {
	e := FeedEntry{ID: f.ID, Title: title(f.Title), Summary: f.Summary, Rights: f.Rights, PublishedRaw: f.Published, UpdatedRaw: f.Updated, Language: n.lang}
	e.Links, e.Link = atomLinks(f.Links)
	for _, l := range e.Links {
		if l.Rel == "enclosure" {
			e.Enclosures = append(e.Enclosures, FeedEnclosure{URL: l.Href, Type: l.Type, Length: l.Length})
		}
	}
	e.Authors, e.Contributors = atomPersons(f.Authors), atomPersons(f.Contributors)
	for _, c := range f.Categories {
		e.Categories = addCategory(e.Categories, FeedCategory{Term: c.Term, Scheme: c.Scheme, Label: c.Label})
	}
	if s := n.kid("", "source"); s != nil && f.Source != nil {
		e.Source = r.atomInfo(f.Source, s)
	}
	if e.Link == "" && (strings.HasPrefix(e.ID, "http://") || strings.HasPrefix(e.ID, "https://")) && len(e.Links) == 0 {
		e.Link, e.GUIDIsLink = e.ID, true
	}
	r.fillEntry(&e, n)
	return e
}

// atomLinks are all links, and the one to read: alternate before others that
// are no self, edit or enclosure.
func atomLinks(links []*atom.Link) (all []FeedLink, alternate string) {
	for _, l := range links {
		if l.Href == "" {
			continue
		}
		all = append(all, FeedLink{Rel: l.Rel, Href: l.Href, Type: l.Type, Hreflang: l.Hreflang, Title: l.Title, Length: l.Length})
		if l.Rel == "alternate" && alternate == "" {
			alternate = l.Href
		}
	}
	return all, alternate
}

func atomPersons(list []*atom.Person) []FeedPerson {
	var out []FeedPerson
	for _, p := range list {
		if p.Name != "" || p.Email != "" || p.URI != "" {
			out = append(out, FeedPerson{Name: p.Name, Email: p.Email, URL: p.URI})
		}
	}
	return out
}

// fillFeed adds to a feed, or the source of an entry, what gofeed leaves out.
func (r *feedReader) fillFeed(d *FeedInfo, n *feedNode) {
	for _, k := range n.kids {
		r.fillFeedElement(d, k)
	}
	if d.Language == "" {
		d.Language = n.lang
	}
	d.Language = strings.ReplaceAll(d.Language, "_", "-")
	if d.ID == "" {
		d.ID = rdfAbout(n)
	}
	d.Published, d.Updated = r.date(d.PublishedRaw).String(), r.date(d.UpdatedRaw).String()
}

func (r *feedReader) fillFeedElement(d *FeedInfo, k *feedNode) {
	switch k.ns + ":" + k.name {
	case ":id": // as published: gofeed escapes it as an address
		d.ID = r.plainValue(k)
	case ":title":
		d.TitleDetail = r.detail(k)
	case ":subtitle", ":tagline", ":description":
		d.SubtitleDetail = r.detail(k)
	case ":rights", ":copyright":
		d.RightsDetail = r.detail(k)
	case ":info", "feedburner:browserfriendly":
		d.Info, _ = r.construct(k)
		d.InfoDetail = r.detail(k)
	case "dc:title", "media:title":
		setIfEmpty(&d.Title, title(k.words()))
	case "dc:description", "itunes:subtitle", "itunes:summary", "atom:subtitle":
		setIfEmpty(&d.Subtitle, k.words())
	case "dc:rights", "atom:rights", "dcterms:rights":
		setIfEmpty(&d.Rights, k.words())
	case "dc:language":
		setIfEmpty(&d.Language, k.words())
	case "dc:identifier", "atom:id":
		setIfEmpty(&d.ID, k.words())
	case "dc:date", "dcterms:modified", "atom:updated", "atom:modified":
		setIfEmpty(&d.UpdatedRaw, k.words())
	case "dcterms:issued", "atom:published":
		setIfEmpty(&d.PublishedRaw, k.words())
	case "atom:link":
		l := r.linkOf(k)
		d.Links = addLink(d.Links, l)
		if l.Rel == "self" {
			setIfEmpty(&d.FeedLink, l.Href)
		}
	case "admin:generatoragent":
		setIfEmpty(&d.Generator, rdfResource(k))
	default:
		d.Image = r.fillImage(d.Image, k)
		r.fillPeople(&d.Authors, &d.Contributors, &d.Publisher, &d.PublisherDetail, k)
		d.Categories = append(d.Categories, foreignCategories(d.Categories, k)...)
	}
}

func rdfResource(n *feedNode) string {
	for _, a := range n.attrs {
		if a.Name.Local == "resource" {
			return strings.TrimSpace(a.Value)
		}
	}
	return n.words()
}

// fillImage takes podcasts' pictures.
func (r *feedReader) fillImage(have *FeedImage, k *feedNode) *FeedImage {
	link := k.ns == "itunes" && k.name == "link" && k.attr("rel") == "image"
	if have != nil || !link && !(k.ns == "itunes" && k.name == "image") {
		return have
	}
	for _, v := range []string{k.attr("href"), k.attr("url"), k.words()} {
		if v = r.resolve(k.base, v); v != "" {
			return &FeedImage{URL: v}
		}
	}
	return nil
}

// fillPeople takes authors, contributors and publishers of other vocabularies.
func (r *feedReader) fillPeople(authors, contributors *[]FeedPerson, publisher *string, detail **FeedPerson, k *feedNode) {
	switch k.ns + ":" + k.name {
	case "dc:creator", "dc:author", "itunes:author":
		*authors = addPersons(*authors, person(k.words()))
	case "atom:author":
		*authors = addPersons(*authors, r.persons(k))
	case ":author", ":managingeditor", ":managingdirector":
		if !r.isAtom && k.hasElements() {
			*authors = r.persons(k) // Atom's form inside RSS
		} else if len(*authors) == 0 {
			*authors = person(k.words())
		}
	case "dc:contributor":
		*contributors = addPersons(*contributors, person(k.words()))
	case "atom:contributor":
		*contributors = addPersons(*contributors, r.persons(k))
	case ":contributor":
		if !r.isAtom {
			*contributors = addPersons(*contributors, r.persons(k))
		}
	case "dc:publisher", "itunes:owner", ":webmaster":
		p := person(k.words())
		if k.hasElements() {
			p = r.persons(k)
		}
		if len(p) > 0 && *detail == nil {
			*detail = &p[0]
			*publisher = strings.TrimSpace(k.words())
			if k.hasElements() {
				*publisher = p[0].Name
			}
		}
	}
}

// persons reads a person given in elements, whatever their vocabulary.
func (r *feedReader) persons(n *feedNode) []FeedPerson {
	var p FeedPerson
	for _, k := range n.kids {
		switch k.name {
		case "name":
			p.Name = k.words()
		case "email":
			p.Email = k.words()
		case "uri", "url", "homepage":
			p.URL = r.resolve(k.base, k.words())
		}
	}
	if p == (FeedPerson{}) {
		return person(n.words())
	}
	return []FeedPerson{p}
}

var (
	mailAddress = lazily(`[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)
	emptyBraces = lazily(`[(<\[]\s*(?:mailto:)?\s*[)>\]]`)
)

// person reads "Name (mail)", "mail (Name)", "Name <mail>" and either alone.
func person(s string) []FeedPerson {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil
	}
	p := FeedPerson{Email: mailAddress.FindString(s)}
	name := s
	if p.Email != "" {
		name = strings.TrimSpace(emptyBraces.ReplaceAllString(strings.Replace(s, p.Email, "", 1), " "))
	}
	if strings.HasPrefix(name, "(") && strings.HasSuffix(name, ")") {
		name = name[1 : len(name)-1]
	}
	p.Name = strings.Trim(name, " ,;:-<>\"")
	return []FeedPerson{p}
}

// addPersons adds who is not there yet.
func addPersons(have, more []FeedPerson) []FeedPerson {
next:
	for _, p := range more {
		for _, h := range have {
			if h == p || p.Name != "" && h.Name == p.Name && p.Email == "" && p.URL == "" {
				continue next
			}
		}
		have = append(have, p)
	}
	return have
}

func addLink(have []FeedLink, l FeedLink) []FeedLink {
	if l.Href == "" {
		return have
	}
	for _, h := range have {
		if h.Href == l.Href && h.Rel == l.Rel {
			return have
		}
	}
	return append(have, l)
}

func addCategory(have []FeedCategory, c FeedCategory) []FeedCategory {
	c.Term = strings.TrimSpace(c.Term)
	if c.Term == "" && c.Label == "" && c.Scheme == "" {
		return have
	}
	for _, h := range have {
		if h == c {
			return have
		}
	}
	return append(have, c)
}

// foreignCategories are the subjects that an element of another vocabulary names.
func foreignCategories(have []FeedCategory, k *feedNode) []FeedCategory {
	known := len(have)
	all := have[:known:known]
	switch k.ns + ":" + k.name {
	case "dc:subject":
		all = addCategory(all, FeedCategory{Term: k.words()})
	case "media:category":
		all = addCategory(all, FeedCategory{Term: k.words(), Scheme: k.attr("scheme"), Label: k.attr("label")})
	case "atom:category":
		all = addCategory(all, FeedCategory{Term: k.attr("term"), Scheme: k.attr("scheme"), Label: k.attr("label")})
	case "itunes:keywords":
		for _, w := range strings.FieldsFunc(k.words(), func(c rune) bool { return c == ',' }) {
			all = addCategory(all, FeedCategory{Term: w, Scheme: "http://www.itunes.com/"})
		}
	case "itunes:category":
		all = itunesCategory(all, k)
	case ":tags":
		for _, t := range k.kids {
			for _, term := range strings.Split(t.words(), ",") {
				all = addCategory(all, FeedCategory{Term: term})
			}
		}
	}
	return all[known:]
}

func itunesCategory(all []FeedCategory, k *feedNode) []FeedCategory {
	all = addCategory(all, FeedCategory{Term: k.attr("text"), Scheme: "http://www.itunes.com/"})
	for _, sub := range k.kids {
		if sub.name == "category" {
			all = itunesCategory(all, sub)
		}
	}
	return all
}

func (r *feedReader) linkOf(k *feedNode) FeedLink {
	l := FeedLink{Rel: k.attr("rel"), Href: r.resolve(k.base, k.attr("href")), Type: k.attr("type"), Hreflang: k.attr("hreflang"), Title: k.attr("title"), Length: k.attr("length")}
	if l.Rel == "" {
		l.Rel = "alternate"
	}
	return l
}

// fillEntry adds to an entry what gofeed leaves out.
func (r *feedReader) fillEntry(e *FeedEntry, n *feedNode) {
	for _, k := range n.kids {
		r.fillEntryElement(e, k)
	}
	e.published, e.updated = r.date(e.PublishedRaw), r.date(e.UpdatedRaw)
	e.Published, e.Updated = e.published.String(), e.updated.String()
	e.Created, e.Expired = r.date(e.CreatedRaw).String(), r.date(e.ExpiredRaw).String()
	if e.Link == "" {
		for _, l := range e.Links {
			if l.Rel == "alternate" {
				setIfEmpty(&e.Link, l.Href)
			}
		}
	}
}

func (r *feedReader) fillEntryElement(e *FeedEntry, k *feedNode) {
	switch k.ns + ":" + k.name {
	case ":id": // as published: gofeed escapes it as an address
		e.ID = r.plainValue(k)
	case ":title":
		e.TitleDetail = r.detail(k)
	case ":summary":
		r.fillSummary(e, k)
	case ":description":
		e.SummaryDetail = r.detail(k)
	case ":content", "content:encoded", "atom:content", ":fullitem", ":body", "xhtml:body", "xhtml:div", ":encoded":
		r.addContent(e, k)
	case ":rights", ":copyright":
		e.Rights, _ = r.construct(k)
		e.RightsDetail = r.detail(k)
	case "dc:rights", "dcterms:rights", "atom:rights":
		setIfEmpty(&e.Rights, k.words())
	case "dc:title", "atom:title", "media:title":
		if e.Title == "" {
			e.Title, e.TitleDetail = title(k.words()), r.detail(k)
		}
	case "dc:description", "atom:summary", "itunes:summary", "itunes:subtitle", "media:description":
		if e.Summary == "" {
			e.Summary, _ = r.construct(k)
			e.SummaryDetail = r.detail(k)
		}
	case "atom:link":
		r.addEntryLink(e, r.linkOf(k))
	case "dc:language":
		setIfEmpty(&e.Language, k.words())
	case "dc:identifier", "atom:id":
		setIfEmpty(&e.ID, k.words())
	default:
		r.fillEntryDate(e, k)
		r.fillPeople(&e.Authors, &e.Contributors, &e.Publisher, &e.PublisherDetail, k)
		e.Categories = append(e.Categories, foreignCategories(e.Categories, k)...)
		e.Image = r.fillImage(e.Image, k)
	}
}

func (r *feedReader) addEntryLink(e *FeedEntry, l FeedLink) {
	e.Links = addLink(e.Links, l)
	if l.Rel == "enclosure" && l.Href != "" {
		e.Enclosures = append(e.Enclosures, FeedEnclosure{URL: l.Href, Type: l.Type, Length: l.Length})
	}
}

// fillSummary tells Atom's summary from the one that some RSS items carry
// beside their description: there it is the longer text.
func (r *feedReader) fillSummary(e *FeedEntry, k *feedNode) {
	switch {
	case r.isAtom:
		e.SummaryDetail = r.detail(k)
	case e.Summary != "":
		r.addContent(e, k)
	default:
		e.Summary, _ = r.construct(k)
		e.SummaryDetail = r.detail(k)
	}
}

func (r *feedReader) addContent(e *FeedEntry, k *feedNode) {
	value, kind := r.construct(k)
	c := FeedContent{Value: value, Type: kind, Lang: k.lang, Src: r.resolve(k.base, k.attr("src"))}
	if k.base != nil {
		c.Base = k.base.String()
	}
	if c.Value != "" || c.Src != "" {
		e.Content = append(e.Content, c)
	}
}

func (r *feedReader) fillEntryDate(e *FeedEntry, k *feedNode) {
	switch k.ns + ":" + k.name {
	case "dcterms:issued", "atom:published", "atom:issued", ":issued", ":published":
		setIfEmpty(&e.PublishedRaw, k.words())
	case "dc:date", "dcterms:modified", "atom:updated", "atom:modified", ":modified", ":updated", ":lastbuilddate", ":date":
		setIfEmpty(&e.UpdatedRaw, k.words())
	case "dcterms:created", "atom:created", ":created":
		setIfEmpty(&e.CreatedRaw, k.words())
	case ":expirationdate":
		setIfEmpty(&e.ExpiredRaw, k.words())
	case "dcterms:valid":
		for _, part := range strings.Split(k.words(), ";") {
			if end, ok := strings.CutPrefix(strings.TrimSpace(part), "end="); ok {
				setIfEmpty(&e.ExpiredRaw, end)
			}
		}
	}
}

func setIfEmpty(s *string, v string) {
	if *s == "" {
		*s = v
	}
}

// title holds a title to its limit.
func title(s string) string { return clip(s, maxTitle) }

// jsonFeed turns gofeed's JSON Feed.
func (r *feedReader) jsonFeed(f *jsonfeed.Feed) {
	r.doc.Format, r.doc.Version = "json", "json1"
	if strings.HasSuffix(f.Version, "1.1") {
		r.doc.Version = "json11"
	}
	d := &r.doc.Feed
	d.Title, d.Subtitle, d.Language = title(f.Title), f.Description, f.Language
	d.Link, d.FeedLink, d.ID = r.resolve(r.base, f.HomePageURL), r.resolve(r.base, f.FeedURL), f.FeedURL
	d.Icon, d.Logo = r.resolve(r.base, f.Favicon), r.resolve(r.base, f.Icon)
	d.TitleDetail = &FeedDetail{Type: "text/plain", Lang: f.Language}
	d.Authors = r.jsonAuthors(f.Authors, f.Author)
	d.Links = addLink(d.Links, FeedLink{Rel: "alternate", Href: d.Link, Type: "text/html"})
	d.Links = addLink(d.Links, FeedLink{Rel: "self", Href: d.FeedLink, Type: "application/feed+json"})
	for _, x := range f.Items {
		r.doc.Entries = append(r.doc.Entries, r.jsonEntry(x, f.Language))
	}
}

func (r *feedReader) jsonEntry(f *jsonfeed.Item, lang string) FeedEntry {
	if f.Language != "" {
		lang = f.Language
	}
	e := FeedEntry{ID: f.ID, Title: title(f.Title), Link: r.resolve(r.base, f.URL), Summary: f.Summary, Language: lang, PublishedRaw: f.DatePublished, UpdatedRaw: f.DateModified}
	e.TitleDetail, e.SummaryDetail = &FeedDetail{Type: "text/plain", Lang: lang}, &FeedDetail{Type: "text/plain", Lang: lang}
	e.Links = addLink(e.Links, FeedLink{Rel: "alternate", Href: e.Link, Type: "text/html"})
	e.Links = addLink(e.Links, FeedLink{Rel: "related", Href: r.resolve(r.base, f.ExternalURL)})
	if f.ContentHTML != "" {
		e.Content = append(e.Content, FeedContent{Value: resolveHTML(r.base, f.ContentHTML), Type: "text/html", Lang: lang})
	}
	if f.ContentText != "" {
		e.Content = append(e.Content, FeedContent{Value: f.ContentText, Type: "text/plain", Lang: lang})
	}
	e.Authors = r.jsonAuthors(f.Authors, f.Author)
	for _, t := range f.Tags {
		e.Categories = addCategory(e.Categories, FeedCategory{Term: t})
	}
	if f.Image != "" {
		e.Image = &FeedImage{URL: r.resolve(r.base, f.Image)}
	}
	if f.Attachments != nil {
		for _, a := range *f.Attachments {
			e.Enclosures = append(e.Enclosures, r.jsonEnclosure(a))
		}
	}
	e.published, e.updated = r.date(e.PublishedRaw), r.date(e.UpdatedRaw)
	e.Published, e.Updated = e.published.String(), e.updated.String()
	return e
}

func (r *feedReader) jsonEnclosure(a jsonfeed.Attachments) FeedEnclosure {
	x := FeedEnclosure{URL: r.resolve(r.base, a.URL), Type: a.MimeType}
	if a.SizeInBytes > 0 {
		x.Length = strconv.FormatInt(a.SizeInBytes, 10)
	}
	return x
}

func (r *feedReader) jsonAuthors(list []*jsonfeed.Author, one *jsonfeed.Author) []FeedPerson {
	if len(list) == 0 && one != nil {
		list = []*jsonfeed.Author{one}
	}
	var out []FeedPerson
	for _, a := range list {
		out = append(out, FeedPerson{Name: a.Name, URL: r.resolve(r.base, a.URL)})
	}
	return out
}

// instantOf is when an entry was published, else updated.
func instantOf(e FeedEntry) record.Instant {
	if e.published.Known() {
		return e.published
	}
	return e.updated
}
