package catalogue

import (
	"slices"
	"strings"
	"time"

	"onrecord/record"
	"onrecord/words"
)

// Mint is the id of a statement that is recorded for the first time: st_ and a
// hash of the canonical URL of its first page, its kind and its normal form.
func Mint(canonicalURL string, kind record.Kind, text string) record.ID {
	return record.HashID("st", canonicalURL, string(kind), words.Normal(text))
}

// Key names a place of words on a page for the identity ledger: the page, the
// speaker, the normal form and, for an update or a post of its own, which one.
// The same reading of the same page gives the same key, whatever the time.
func Key(s *record.Sighting) string {
	own := postURL(s)
	if s.Said.Basis == record.FromUpdate {
		own += " " + s.Said.String()
	}
	return string(record.HashID("key", string(s.Page), SpeakerKey(s.Speaker), own, normalOf(s.Words)))
}

// SpeakerKey names who speaks, for looking up what else they said: a person by
// name, an unnamed speaker by organisation; "" where neither is known.
func SpeakerKey(s record.Speaker) string {
	if s.Named() {
		return "person " + words.Normal(s.Name)
	}
	if org := orgKey(s); org != "" {
		return "org " + org
	}
	return ""
}

func orgKey(s record.Speaker) string {
	if s.Org != "" {
		return s.Org
	}
	return words.Normal(s.OrgName)
}

// postURL is a post's own address, "" where only its page's is known.
func postURL(s *record.Sighting) string {
	if s.Kind != record.PostKind || s.URL == "" || s.Outlet == "" {
		return ""
	}
	if ownPage(s) {
		return s.URL
	}
	if strings.HasPrefix(s.URL, s.CanonicalURL) || strings.Contains(s.URL, "://"+s.Outlet) || strings.Contains(s.URL, "://www."+s.Outlet) {
		return ""
	}
	return s.URL
}

// ownPage reports whether a post was read at its platform: then its page's
// address is its own. On another page the address of that one says nothing.
func ownPage(s *record.Sighting) bool {
	return s.URL == s.CanonicalURL && len(s.Repeats) == 0 && record.AnswerID(s.Capture) != s.Capture
}

// postKey is the same for all spellings of a post's address: X has had two hosts,
// and Bluesky names an account by its handle or its DID.
func postKey(p Post) string {
	switch p.Platform {
	case "x":
		if _, id, ok := strings.Cut(p.URL, "/status/"); ok {
			return id
		}
	case "bluesky":
		if _, key, ok := strings.Cut(p.URL, "/post/"); ok {
			return key
		}
	}
	return p.URL
}

// Saying is a statement as far as identity asks: found words, or a known
// statement with all its wordings.
type Saying struct {
	Kind    record.Kind
	Speaker record.Speaker
	Joint   []record.Speaker
	Said    record.Instant
	// Posts are platform and address of each post that it was seen as.
	Posts []Post
	// Front is the most complete wording; Others are the other ones.
	Front  Text
	Others []Text
}

// Post is a post's platform and address.
type Post struct {
	Platform string `json:"platform"`
	URL      string `json:"url"`
}

// Found is the saying of one sighting.
func Found(s *record.Sighting) Saying {
	return Saying{Kind: s.Kind, Speaker: s.Speaker, Joint: s.JointWith, Said: s.Said, Posts: PostsOf(s), Front: Prepare(s.Words)}
}

// PostsOf is the post that a sighting shows, if it shows one.
func PostsOf(s *record.Sighting) []Post {
	if u := postURL(s); u != "" {
		return []Post{{Platform: s.Platform, URL: u}}
	}
	return nil
}

// Match says how found words stand to a known statement.
type Match int

// The matches. Fuller means that the found words hold the known statement's
// most complete wording and more.
const (
	Different Match = iota
	Fuller
	Part
	Equal
)

// Meets says whether the found words are the known statement's, said on
// another page. Words decide, and the speakers, days and kinds must allow it.
//
// Only the most complete wording counts where the found words say more: that
// they hold some part which another outlet quoted does not make them that
// statement, for two statements of one week share sentences.
func (f Saying) Meets(known Saying) Match {
	if !Allied(f.Speaker, f.Joint, known.Speaker, known.Joint) || DaysApart(f.Said, known.Said) > 7 || f.otherPost(known) {
		return Different
	}
	m := f.compare(known)
	if m == Different || !kindsAllow(f, known, m) {
		return Different
	}
	if min(f.Front.Len(), known.Front.Len()) < Telling && !f.near(known) {
		return Different
	}
	return m
}

// compare looks at the words alone.
func (f Saying) compare(known Saying) Match {
	all := append([]Text{known.Front}, known.Others...)
	if slices.ContainsFunc(all, f.Front.Same) {
		return Equal
	}
	if slices.ContainsFunc(all, func(w Text) bool { return w.Holds(f.Front) }) {
		return Part
	}
	if f.Front.Holds(known.Front) {
		return Fuller
	}
	return Different
}

// near reports whether both are surely one speaker's and at most two days
// apart: what short words need beside being the same. Where a day is unknown,
// it takes five words at least.
func (f Saying) near(known Saying) bool {
	key := SpeakerKey(f.Speaker)
	if key == "" || key != SpeakerKey(known.Speaker) {
		return false
	}
	if !f.Said.Known() || !known.Said.Known() {
		return min(f.Front.Len(), known.Front.Len()) >= 5
	}
	return DaysApart(f.Said, known.Said) <= 2
}

// kindsAllow keeps apart what are acts of their own: a refusal is made to one
// outlet; a post that repeats part of a release or of a quotation is a second,
// shorter version, though papers may quote part of the post; a reporter's own
// words are told from quoted ones unless there are enough.
func kindsAllow(f, known Saying, m Match) bool {
	a, b := f.Kind, known.Kind
	switch {
	case a == record.Declined || b == record.Declined:
		return a == b && m == Equal && DaysApart(f.Said, known.Said) == 0 && f.Front.Len() >= Telling
	case a == record.PostKind && b == record.Release, a == record.Release && b == record.PostKind:
		return f.Front.Same(known.Front)
	case a == record.PostKind && b != a: // a post is quoted; it is not itself a cut
		return m == Fuller || f.Front.Same(known.Front)
	case b == record.PostKind && a != b:
		return m == Equal || m == Part
	case a == record.Indirect || b == record.Indirect:
		return m == Equal || min(f.Front.Len(), known.Front.Len()) >= Telling
	default:
		return true
	}
}

// otherPost reports whether both are posts of their own on one platform.
func (f Saying) otherPost(known Saying) bool {
	for _, p := range f.Posts {
		for _, k := range known.Posts {
			if p.Platform == k.Platform && postKey(p) != postKey(k) {
				return true
			}
		}
	}
	return false
}

// Joins reports whether two known statements may become one because found
// words hold both: their speakers and days must allow it as well.
func (f Saying) Joins(o Saying) bool {
	return Allied(f.Speaker, f.Joint, o.Speaker, o.Joint) && DaysApart(f.Said, o.Said) <= 7 && !f.otherPost(o)
}

// DaysApart is the number of whole days in London between two instants, 0
// where one of them is unknown or they overlap (a day in a known month).
func DaysApart(a, b record.Instant) int {
	if !a.Known() || !b.Known() {
		return 0
	}
	if b.Time.Before(a.Time) {
		a, b = b, a
	}
	end := a.End().Add(-time.Millisecond)
	if !b.Time.After(end) {
		return 0
	}
	return int(midnight(b.Time).Sub(midnight(end)).Hours() / 24)
}

// midnight is the day in London, counted in UTC so that each has 24 hours.
func midnight(t time.Time) time.Time {
	y, m, d := t.In(record.London).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Allied reports whether the speakers of two sightings may be the same: two
// different names never, two clearly different organisations never, an unnamed
// speaker and a named one of the same organisation yes, an unknown one with
// anybody.
func Allied(a record.Speaker, aJoint []record.Speaker, b record.Speaker, bJoint []record.Speaker) bool {
	for _, x := range append([]record.Speaker{a}, aJoint...) {
		for _, y := range append([]record.Speaker{b}, bJoint...) {
			if alike(x, y) {
				return true
			}
		}
	}
	return false
}

func alike(a, b record.Speaker) bool {
	sameOrg := orgsAllow(a, b)
	if !a.Named() || !b.Named() {
		return sameOrg
	}
	full, same := namesAllow(a.Name, b.Name)
	return same && (full || sameOrg)
}

// orgsAllow is true unless both organisations are known and differ. A printed
// name may be a shorter or longer form of the other.
func orgsAllow(a, b record.Speaker) bool {
	x, y := orgKey(a), orgKey(b)
	if x == "" || y == "" || x == y {
		return true
	}
	if a.Org != "" && b.Org != "" {
		return false
	}
	p, q := words.Normal(a.OrgName), words.Normal(b.OrgName)
	return p != "" && q != "" && (within(p, q) || within(q, p))
}

// within reports whether the words of part stand in whole.
func within(part, whole string) bool {
	return strings.Contains(" "+whole+" ", " "+part+" ")
}

// namesAllow reports whether two printed names can be one person's, and whether
// both are full and the same: a surname alone, an initial and a middle name
// more or less are the same name.
func namesAllow(a, b string) (full, same bool) {
	x, y := strings.Fields(words.Normal(a)), strings.Fields(words.Normal(b))
	if len(x) == 0 || len(y) == 0 {
		return false, true
	}
	if x[len(x)-1] != y[len(y)-1] {
		return false, false
	}
	if len(x) == 1 || len(y) == 1 {
		return false, true
	}
	if len(x[0]) == 1 || len(y[0]) == 1 {
		return false, x[0][0] == y[0][0]
	}
	return x[0] == y[0], x[0] == y[0]
}

// Candidate is a known statement that found words may belong to.
type Candidate struct {
	ID record.ID
	// Order says when it was first recorded: the lower, the earlier.
	Order int64
	Saying
}

// Decide finds the statement that found words belong to among candidates: the
// same words first, then the fullest agreement in speaker and day, then the one
// that was recorded first. Absorbed are other candidates that the found words
// show to be parts of the same statement. Both are empty where none meets.
//
// Where the words stand in two statements (a sentence that both share), the
// nearer one gets the sighting and neither becomes part of the other.
func Decide(f Saying, candidates []Candidate) (home record.ID, absorbed []record.ID) {
	var best *Candidate
	var bestMatch Match
	var fuller []*Candidate
	for i := range candidates {
		c := &candidates[i]
		m := f.Meets(c.Saying)
		if m == Fuller {
			fuller = append(fuller, c)
		}
		if m != Different && (best == nil || f.prefers(c, m, best, bestMatch)) {
			best, bestMatch = c, m
		}
	}
	if best == nil {
		return "", nil
	}
	for _, c := range fuller {
		if c.ID != best.ID && c.Joins(best.Saying) {
			absorbed = append(absorbed, c.ID)
		}
	}
	return best.ID, absorbed
}

// prefers orders two candidates that both meet.
func (f Saying) prefers(a *Candidate, am Match, b *Candidate, bm Match) bool {
	if am != bm {
		return am > bm
	}
	if x, y := f.sameSpeaker(a.Saying), f.sameSpeaker(b.Saying); x != y {
		return x
	}
	if x, y := f.distance(a.Said), f.distance(b.Said); x != y {
		return x < y
	}
	if a.Kind.Rank() != b.Kind.Rank() {
		return a.Kind.Rank() < b.Kind.Rank()
	}
	return a.Order < b.Order
}

func (f Saying) sameSpeaker(o Saying) bool {
	return SpeakerKey(f.Speaker) != "" && SpeakerKey(f.Speaker) == SpeakerKey(o.Speaker)
}

// distance is the days between, an unknown day standing in the middle of a
// week. What was said only after it was quoted is further than any day before.
func (f Saying) distance(said record.Instant) int {
	if !f.Said.Known() || !said.Known() {
		return 4
	}
	d := DaysApart(f.Said, said)
	if d > 0 && said.Time.After(f.Said.Time) {
		d += 8
	}
	return d
}
