package extract

import (
	"slices"
	"strings"
	"unicode"

	"onrecord/record"
)

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

var (
	byLine    = lazily(`^(?i:(?:written |posted |reported )?by)[:\s]+\p{Lu}[\p{L}.'’-]*(?:[\s,&]+[\p{L}.'’-]+){0,9}$`)
	placeLine = lazily(`(?i)^(?:location|category|categories|topics?|tags?|filed under|region|type|posted in|published in|share|reading time|read time)\s*:.{0,80}$|^(?:press release|news|statement|\d+ min(?:ute)?s? read|(?:date|(?:date |first |last )?(?:published|posted|updated)(?: on| date)?|authors?|by)\s*:?)$|^(?:\pL+ ){0,3}(?:editor|correspondent|reporter)$`)
	dateCue   = lazily(`(?i)^(?:(?:date |first |last )?(?:published|posted|updated|modified|issued|cyhoeddwyd|diweddarwyd)|date)\b[^.]{0,80}\d`)
	moreLine  = lazily(`(?i)^(?:(?:read|see) (?:more|also|next|now)|related(?: (?:articles?|stories|content|news|links))?|more (?:on this story|stories|like this|from [\w ]{2,30}|news)|recommended(?: reading)?|you (?:may|might) also (?:like|be interested in)|also read|don['’]t miss|trending(?: now)?|most read|editor['’]s picks)\s*:?$`)
	moreLead  = lazily(`(?i)^(?:read (?:more|also|next|now)|related|don['’]t miss|see (?:also|more)|also read|more|watch|listen)\s*[:|]\s*\S`)
	picture   = lazily(`(?i)^(?:\(?(?:featured image|(?:lead |main |header |top )?(?:image|photo|picture|pic)s?(?: credit)?|credit|photograph(?: by)?)\s*(?:[:–—-]|by |courtesy )\s*.{1,120}|(?:image|photo|picture)s? (?:credit|courtesy)\b.{0,100}|getty images)$`)
	// pictured ends in the name of a picture's owner; it is asked only where the
	// words say so, since it may begin with anything.
	pictured  = lazily(`(?i)(?:\((?:image|photo|picture|pic|credit)s?: [^)]{1,80}\)|. / getty images)$`)
	advert    = lazily(`(?i)^(?:advertisement|advert|ad|story continues below( advertisement)?|article continues (?:below|after).*|scroll (?:down )?(?:to continue|for more).*|continue reading( below)?.*|loading(?: content)?[ .…]*|skip past .{0,60}|(?:subscribe|register|sign up) now|recommended videos|click (?:here )?to (?:read more|get the) .{0,60}|share (?:this|on).{0,60}|click here to (?:sign up|subscribe).*|(?:sign up|subscribe)(?: here| now| today)? (?:to|for) (?:our|the).{0,160}|join (?:our|the) .{0,60}(?:whatsapp|facebook|telegram|newsletter).{0,160}|(?:do you|have you) (?:have|got) a story\b.{0,160}|for more stories like this.{0,120}|this [a-z ]{4,30} was published under the .{4,60} government\.?|follow us on .{0,80}|get the latest .{0,120} (?:inbox|newsletter).{0,80}|all rights reserved.*|(?:©|copyright ©?).{0,120}|back to top|close|print this page|comments?(?: \(\d+\))?|listen here on your chosen podcast platform\.?|enable javascript.*)$`)
	legal     = lazily(`(?i)^.{0,80}(?:terms (?:of (?:use|service)|and conditions) and|privacy policy).{0,40}$|^.{0,70}(?:uses? cookies|accept (?:all )?cookies).{0,200}$`)
	ends      = lazily(`^[\s*#~.–—-]*(?:ENDS|Ends|END|\(ends\)|###)[\s*#~.:–—-]*$`)
	notesLine = lazily(`(?i)^(?:notes?(?: to| for) editors?|editor['’]?s?['’]? notes?|about (?:the )?[\w&' -]{2,60}:|media (?:contacts?|enquiries)|press (?:contacts?|office contacts?)|for (?:more|further) information(?: contact| please contact)?|background notes)\s*:?$`)
)

// passes put the lines right, one question each, in this order.
var passes = []func(lines []line, p *record.Page) []line{
	dropBeforeTitle, dropHead, markStandfirst, dropAdverts, dropTeasers, markHeadings, markLinkLists, markPictures, markNotes, dropTail,
}

func settle(lines []line, p *record.Page) []line {
	for _, pass := range passes {
		lines = pass(lines, p)
	}
	return lines
}

// dropBeforeTitle drops the title itself, which Page.Title holds, and the
// kickers above it.
func dropBeforeTitle(lines []line, p *record.Page) []line {
	total := 0
	for _, l := range lines {
		total += len(l.text)
	}
	before := 0
	for i, l := range lines {
		if l.kind == record.Heading && p.Title != "" && letters(l.text) == letters(p.Title) {
			if before*4 < total {
				return lines[i+1:]
			}
			return append(lines[:i:i], lines[i+1:]...)
		}
		if before += len(l.text); i > 30 {
			break
		}
	}
	return lines
}

// headLines is how far down bylines and datelines are looked for.
const headLines = 8

// dropHead drops bylines, dates and places that stand under the title.
func dropHead(lines []line, p *record.Page) []line {
	var out []line
	for i, l := range lines {
		t := l.text
		body := l.kind == record.Paragraph || l.kind == record.ListItem || l.kind == record.Heading
		if i < headLines && body && l.update < 0 && len(t) < 160 &&
			(byLine.MatchString(t) || placeLine.MatchString(t) || dateCue.MatchString(t) || bareDate(t, p) || i < 4 && (isAuthor(t, p) || datedBy.MatchString(t))) {
			dateOf(p, t, "")
			continue
		}
		if m := placeDate.FindStringSubmatch(t); m != nil && len(out) < 2 {
			dateOf(p, m[1], "read from the dateline")
		}
		out = append(out, l)
	}
	return out
}

// placeDate is the dateline of a release: "SKARHOLM, 11 March 2025 –".
var placeDate = lazily(`^\(?[\p{Lu}][\p{L} .,'’/-]{2,50}[,:–—-]\s*(\d{1,2}(?:st|nd|rd|th)? ` + monthWords + `,? \d{4}|` + monthWords + `\.? \d{1,2}, \d{4})\s*(?:/[\w .-]+/\s*)?\)?\s*[–—:-]`)

// dateOf dates the page by a line under its title, where nothing else has.
func dateOf(p *record.Page, t, note string) {
	if p.Published.Known() && p.Published.Precision != record.ToYear && p.Published.Precision != record.ToMonth {
		return
	}
	at, ok := ParseDate(publishedCue.ReplaceAllString(t, ""), DateContext{At: p.Captured, Basis: record.FromPage})
	if !ok {
		return
	}
	if note != "" {
		at = at.Note(note)
	}
	p.Published = at
}

// datedBy is a byline that goes on to the date: "By Nell Garrow - 11/03/25 11:04 PM EST".
var datedBy = lazily(`^(?i:by)\s+\p{Lu}[^.!?“”"]{2,80}[-–—|•,]\s*(?:\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{1,2} ` + monthWords + ` \d{4}|` + monthWords + `\.? \d{1,2}, \d{4})[^.!?]{0,30}$`)

func bareDate(t string, p *record.Page) bool {
	if len(t) > 60 {
		return false
	}
	_, ok := ParseDate(t, DateContext{At: p.Captured, Basis: record.FromPage})
	return ok
}

func isAuthor(t string, p *record.Page) bool {
	for _, a := range p.Authors {
		if strings.HasPrefix(strings.TrimPrefix(strings.ToLower(t), "by "), strings.ToLower(a)) && len(t) < len(a)+60 && !strings.ContainsAny(t, "“\"‘:.") {
			return true
		}
	}
	return false
}

func markStandfirst(lines []line, _ *record.Page) []line {
	for i := range lines {
		if l := &lines[i]; i < 4 && l.lead && (l.kind == record.Paragraph || l.kind == record.Heading) {
			l.kind = record.Standfirst
		}
	}
	return lines
}

func dropAdverts(lines []line, _ *record.Page) []line {
	var out []line
	for i, l := range lines {
		if l.linked*20 > len(l.text)*19 && l.kind == record.Paragraph && shouted(l.text) || isMore(l) || !strings.ContainsFunc(l.text, isWordRune) {
			continue
		}
		if l.kind != record.Embedded && isAdvert(l.text) {
			continue
		}
		if len(out) > 0 && i > 0 && l.kind == record.Paragraph && len(l.text) > 40 && out[len(out)-1].text == l.text {
			continue
		}
		out = append(out, l)
	}
	return out
}

// isMore reports whether a line is "Read more:" and the link that it offers.
func isMore(l line) bool {
	if l.kind == record.Embedded || l.linked == 0 || len(l.text) > 300 {
		return false
	}
	lead := moreLead.FindString(l.text)
	return lead != "" && l.linked*10 >= (len(l.text)-len(lead))*9
}

func isAdvert(t string) bool {
	if len(t) >= 300 || strings.ContainsAny(t, "“‘") {
		return false
	}
	if advert.MatchString(t) {
		return true
	}
	low := strings.ToLower(t)
	return (strings.Contains(low, "cookies") || strings.Contains(low, "terms ") || strings.Contains(low, "privacy")) && legal.MatchString(t)
}

// shouted reports whether a line of some length is all in capitals: as a link,
// it is the headline of another story.
func shouted(s string) bool { return len(s) > 15 && strings.ToUpper(s) == s && strings.ToLower(s) != s }

// dropTeasers drops headings that are nothing but a link, two or more in a
// run: they are headlines of other stories, not parts of this one.
func dropTeasers(lines []line, _ *record.Page) []line {
	teaser := func(i int) bool {
		return i >= 0 && i < len(lines) && lines[i].kind == record.Heading && lines[i].linked*10 > len(lines[i].text)*9
	}
	var out []line
	for i, l := range lines {
		if teaser(i) && (teaser(i-1) || teaser(i+1)) {
			continue
		}
		out = append(out, l)
	}
	return out
}

// markHeadings takes a short bold paragraph that is no sentence for a heading.
func markHeadings(lines []line, _ *record.Page) []line {
	for i := range lines {
		l := &lines[i]
		if l.kind == record.Paragraph && l.strong && len(l.text) < 100 && !strings.ContainsAny(l.text, "“”\"‘") && !strings.ContainsAny(l.text[len(l.text)-1:], ".:,;") && !ends.MatchString(l.text) && !stamp.MatchString(l.text) {
			l.kind = record.Heading
		}
	}
	return lines
}

// markLinkLists finds "Read more:" and the links under it. A lead-in with its
// link in one line is the same.
func markLinkLists(lines []line, _ *record.Page) []line {
	for i := 0; i < len(lines); i++ {
		l := &lines[i]
		if l.kind == record.Embedded {
			continue
		}
		if len(l.text) < 200 && moreLead.MatchString(l.text) && l.linked*2 > len(l.text) {
			l.kind = record.LinkList
			continue
		}
		if !moreLine.MatchString(l.text) {
			continue
		}
		l.kind = record.Label
		end := i + 1
		for ; end < len(lines) && allLink(lines[end]); end++ {
			lines[end].kind = record.LinkList
		}
		if end > i+1 { // links and nothing else: headlines of other stories
			lines = slices.Delete(lines, i, end)
			i--
			continue
		}
		for j := i + 1; j < len(lines) && (lines[j].kind == record.ListItem || strings.HasPrefix(lines[j].text, "- ")); j++ {
			lines[j].kind = record.LinkList
		}
	}
	return lines
}

func allLink(l line) bool { return l.linked*10 > len(l.text)*8 && l.kind != record.Embedded }

// isPicture reports whether a line belongs to a picture.
func isPicture(t string) bool {
	if len(t) >= 300 {
		return false
	}
	return picture.MatchString(t) || strings.HasSuffix(t, ")") && pictured.MatchString(t) || strings.HasSuffix(strings.ToLower(t), "images") && pictured.MatchString(t)
}

func markPictures(lines []line, _ *record.Page) []line {
	for i := range lines {
		if l := &lines[i]; (l.kind == record.Paragraph || l.kind == record.ListItem) && isPicture(l.text) {
			l.kind = record.Caption
		}
	}
	return lines
}

// markNotes finds where a release ends: ENDS, or the heading of its notes.
func markNotes(lines []line, _ *record.Page) []line {
	for i := range lines {
		if !ends.MatchString(lines[i].text) && !notesLine.MatchString(lines[i].text) || i == 0 {
			continue
		}
		for j := i; j < len(lines); j++ {
			if lines[j].update == lines[i].update && lines[j].kind != record.Embedded {
				lines[j].kind = record.Notes
			}
		}
		return lines
	}
	return lines
}

// dropTail drops lists of links and tags below the text.
func dropTail(lines []line, _ *record.Page) []line {
	end := len(lines)
	for end > 1 {
		l := lines[end-1]
		imprint := len(l.text) < 200 && strings.Contains(l.text, "©")
		linked := l.linked*10 > len(l.text)*8 && len(l.text) < 200
		if l.kind == record.LinkList || l.kind == record.Heading || imprint || linked && (l.kind == record.ListItem || l.kind == record.Paragraph) ||
			l.kind == record.Label && moreLine.MatchString(l.text) ||
			l.kind == record.ListItem && (placeLine.MatchString(l.text) || dateCue.MatchString(l.text)) {
			end--
			continue
		}
		break
	}
	return lines[:end]
}
