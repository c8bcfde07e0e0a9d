package extract

import (
	"encoding/json"
	stdhtml "html"
	"net/url"
	"strings"

	"onrecord/record"
)

// An account and a status of Mastodon (docs.joinmastodon.org/entities).
type mastodonAccount struct {
	ID      string `json:"id"`
	Acct    string `json:"acct"` // with the host where it is another's
	Display string `json:"display_name"`
	URL     string `json:"url"`
}

type mastodonStatus struct {
	ID         string          `json:"id"`
	URL        string          `json:"url"`
	URI        string          `json:"uri"`
	Created    string          `json:"created_at"`
	Edited     string          `json:"edited_at"`
	Content    string          `json:"content"` // HTML
	Spoiler    string          `json:"spoiler_text"`
	Visibility string          `json:"visibility"`
	Language   string          `json:"language"`
	Account    mastodonAccount `json:"account"`
	Reblog     json.RawMessage `json:"reblog"`
}

func isMastodon(f form) bool {
	return f.has("uri", "account", "content", "created_at", "visibility") || !f.list && f.has("acct", "display_name", "url", "id") ||
		f.list && len(f.keys) == 0 && strings.Contains(f.in.URL, "/api/v1/timelines/tag/")
}

// readMastodon reads the statuses of an account or tag, or one alone, each as a
// post of its own; those that an account only passes on are not its words. The
// answer about an account (accounts/lookup) leads on to its statuses.
func readMastodon(in Input, _ record.Source) (Answer, error) {
	f := formOf(in)
	p := answerPage(in)
	if !f.list && f.has("acct", "id") && !f.has("content") {
		return accountAnswer(in, f, p)
	}
	var list []mastodonStatus
	var one mastodonStatus
	switch {
	case f.list && json.Unmarshal([]byte(f.text), &list) == nil:
	case !f.list && f.has("uri", "content") && json.Unmarshal([]byte(f.text), &one) == nil:
		list = []mastodonStatus{one}
	default:
		return Answer{}, wrongKind(in, "answer of Mastodon's API")
	}
	a := Answer{Page: p}
	for _, s := range list[:min(len(list), maxItems)] {
		if len(s.Reblog) > 0 && string(s.Reblog) != "null" || s.Visibility != "public" && s.Visibility != "unlisted" {
			continue
		}
		if post, ok := mastodonPost(in, s); ok {
			a.Posts = append(a.Posts, post)
		}
	}
	if f.list && len(list) > 0 {
		a.Page.Next = olderStatuses(in, list)
	}
	return a, nil
}

func mastodonPost(in Input, s mastodonStatus) (record.Page, bool) {
	address := s.URL
	if address == "" {
		address = s.URI
	}
	handle := s.Account.Acct
	if !strings.Contains(handle, "@") {
		host := hostOf(s.Account.URL)
		if host == "" {
			host = hostOf(in.URL)
		}
		handle += "@" + host
	}
	x := posted{Post: record.Post{Platform: "mastodon", URL: address, Handle: "@" + handle, Author: tidy(s.Account.Display), At: at(s.Created, record.FromPost)}, markup: s.Content, lang: s.Language}
	if s.Edited != "" {
		x.edited = at(s.Edited, record.FromPage)
	}
	if s.Spoiler != "" {
		x.markup = "<p>" + stdhtml.EscapeString(s.Spoiler) + "</p>" + s.Content
	}
	return postPage(in, x)
}

// olderStatuses is where the list goes on: the Link header's rel=next, and else
// what is older than the last one.
func olderStatuses(in Input, list []mastodonStatus) string {
	if next := linkNext(in); next != "" {
		return next
	}
	if in.Header.Get("Link") != "" {
		return ""
	}
	return withQuery(in.URL, "max_id", list[len(list)-1].ID)
}

// accountAnswer leads on from an account to its statuses.
func accountAnswer(in Input, f form, p record.Page) (Answer, error) {
	var account mastodonAccount
	u, err := url.Parse(in.URL)
	if json.Unmarshal([]byte(f.text), &account) != nil || account.ID == "" || strings.Trim(account.ID, digits) != "" || err != nil {
		return Answer{}, wrongKind(in, "account of Mastodon's")
	}
	statuses := u.Scheme + "://" + u.Host + "/api/v1/accounts/" + account.ID + "/statuses?exclude_reblogs=true&limit=40"
	p.Title = tidy(account.Display) + " (@" + account.Acct + ")"
	p.Parts = []record.Lead{{URL: statuses, Title: p.Title}}
	return Answer{Page: p}, nil
}
