package attribution

import (
	"strings"

	"onrecord/record"
	"onrecord/register"
)

// Place settles whose page this is and of which kind. PublisherOrg becomes the
// register id of the body that the page names as its issuer, else of the one on
// whose host it lies, else of the one that the publisher's name is. A news page
// of a body that is no outlet becomes a press release where it quotes somebody,
// else a statement; other kinds stay.
func Place(p record.Page, r *register.Register) record.Page {
	o, ok := publisher(p, r)
	if ok {
		p.PublisherOrg = o.ID
	}
	if p.Kind != record.NewsArticle && p.Kind != "" {
		return p
	}
	p.Kind = record.NewsArticle
	if ok && !o.Outlet() {
		p.Kind = record.StatementPage
		if quotes(p) {
			p.Kind = record.PressRelease
		}
	}
	return p
}

func publisher(p record.Page, r *register.Register) (register.Org, bool) {
	day := p.Captured
	if p.Published.Known() {
		day = p.Published.Time
	}
	for _, name := range p.From {
		if o, ok := r.Name(name, day); ok {
			return o, true
		}
	}
	for _, u := range []string{p.CanonicalURL, p.URL} {
		if o, ok := r.Host(u, day); ok {
			return o, true
		}
	}
	if p.Publisher == "" {
		return register.Org{}, false
	}
	return r.Name(p.Publisher, day)
}

// quotes reports whether somebody is quoted on the page: a verb of saying beside
// a quotation, or before a block set apart.
func quotes(p record.Page) bool {
	g := &reading{page: p, text: p.Text}
	blocks := p.Blocks
	if len(blocks) == 0 {
		blocks = lines(p.Text)
	}
	said := false
	for _, b := range blocks {
		if roleOf(b.Kind) != body {
			continue
		}
		line := b.In(g.text)
		if len(line) > maxScan {
			line = line[:maxScan]
		}
		marked := strings.ContainsAny(line, "“”\"«‘")
		if (said || saysOutside(line)) && (marked || b.Kind == record.BlockQuote) {
			return true
		}
		said = saysOutside(line) && strings.HasSuffix(strings.TrimSpace(line), ":")
	}
	return false
}

// official reports whether what is said on the page is said by its publisher:
// a body that is no outlet, or a page of updates or statements of its own.
func official(p record.Page, r *register.Register) bool {
	switch p.Kind {
	case record.PressRelease, record.StatementPage, record.RollingUpdates:
		return true
	case record.LiveBlog, record.FeedPage, record.ListingPage:
		return false
	}
	o, ok := r.Org(p.PublisherOrg)
	return ok && !o.Outlet()
}
