package register

import (
	"strings"
	"time"
)

// account is whose account a handle was in [from,to): an organisation's or a
// person's, by index.
type account struct {
	org, person int // -1 for the other kind
	from, to    time.Time
}

// Handle is the organisation with this account on that day, with or without "@".
// The platform is x, bluesky, mastodon, youtube or instagram; "twitter" is read
// as x. An account goes over to a successor; nobody has it before its
// organisation began or outside its own days.
func (r *Register) Handle(platform, handle string, day time.Time) (Org, bool) {
	for _, a := range r.byHandle[handleKey(platform, handle)] {
		if a.org < 0 || !within(day, a.from, a.to) {
			continue
		}
		if i, how := r.stands(a.org, a.from, a.to, day); how > never {
			return r.orgs[i], true
		}
	}
	return Org{}, false
}

// PersonOf is the person whose account it is on that day, and the post held then.
func (r *Register) PersonOf(platform, handle string, day time.Time) (Person, Post, bool) {
	for _, a := range r.byHandle[handleKey(platform, handle)] {
		if a.person >= 0 && within(day, a.from, a.to) {
			p := r.people[a.person]
			post, _ := p.On(day)
			return p, post, true
		}
	}
	return Person{}, Post{}, false
}

// addHandles enters the accounts of the organisation or the person; who is the id.
func (r *Register) addHandles(handles map[string]Accounts, a account, who string, line int) {
	for _, platform := range sorted(handles) {
		for _, h := range handles[platform] {
			k := handleKey(platform, h.Name)
			if k == "" {
				continue // a handle left empty is not known yet
			}
			a.from, a.to = h.from, h.to
			for _, b := range r.byHandle[k] {
				if _, _, both := meet(a.from, a.to, b.from, b.to); both {
					r.found(Finding{
						Line: line, Entry: who, Level: Warning, What: "the account " + h.Name + " on " + platform + " is also " + r.owner(b) + "’s",
						Do: "leave it with the one that posts there, or give both the days (from, to) on which they did",
					})
				}
			}
			r.byHandle[k] = append(r.byHandle[k], a)
		}
	}
}

func (r *Register) owner(a account) string {
	if a.org >= 0 {
		return r.orgs[a.org].ID
	}
	return r.people[a.person].ID
}

func handleKey(platform, handle string) string {
	p := strings.ToLower(strings.TrimSpace(platform))
	if p == "twitter" {
		p = "x"
	}
	h := strings.ToLower(strings.TrimLeft(strings.TrimSpace(handle), "@"))
	if h == "" {
		return ""
	}
	return p + " " + h
}
