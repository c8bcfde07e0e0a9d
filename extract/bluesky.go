package extract

import (
	"encoding/json"
	"strings"

	"onrecord/record"
)

// An author's feed of Bluesky (lexicon app.bsky.feed.getAuthorFeed).
type blueskyFeed struct {
	Cursor string `json:"cursor"`
	Feed   []struct {
		Post struct {
			URI    string `json:"uri"` // at://DID/app.bsky.feed.post/KEY
			Author struct {
				Handle  string `json:"handle"`
				Display string `json:"displayName"`
			} `json:"author"`
			Record struct {
				Text    string   `json:"text"`
				Created string   `json:"createdAt"`
				Langs   []string `json:"langs"`
			} `json:"record"`
		} `json:"post"`
		Reason struct {
			Type string `json:"$type"` // app.bsky.feed.defs#reasonRepost
		} `json:"reason"`
	} `json:"feed"`
}

func isBluesky(f form) bool {
	return !f.list && f.has("feed") && strings.Contains(f.in.URL, "/xrpc/app.bsky.feed.")
}

// readBluesky reads an author's posts. What is passed on of others is not the
// author's; a post cannot be edited, so each has one version.
func readBluesky(in Input, _ record.Source) (Answer, error) {
	f := formOf(in)
	var got blueskyFeed
	if f.list || !f.has("feed") || json.Unmarshal([]byte(f.text), &got) != nil {
		return Answer{}, wrongKind(in, "author's feed of Bluesky")
	}
	a := Answer{Page: answerPage(in)}
	for _, x := range got.Feed[:min(len(got.Feed), maxItems)] {
		did, key, ok := strings.Cut(strings.TrimPrefix(x.Post.URI, "at://"), "/app.bsky.feed.post/")
		if strings.HasSuffix(x.Reason.Type, "reasonRepost") || !ok || strings.ContainsAny(did+key, "/?#") {
			continue
		}
		post := posted{Post: record.Post{
			Platform: "bluesky", URL: "https://bsky.app/profile/" + did + "/post/" + key, Handle: "@" + x.Post.Author.Handle,
			Author: tidy(x.Post.Author.Display), At: at(x.Post.Record.Created, record.FromPost),
		}, text: x.Post.Record.Text}
		if len(x.Post.Record.Langs) > 0 {
			post.lang = x.Post.Record.Langs[0]
		}
		if p, ok := postPage(in, post); ok {
			a.Posts = append(a.Posts, p)
		}
	}
	if got.Cursor != "" && len(got.Feed) > 0 {
		a.Page.Next = withQuery(in.URL, "cursor", got.Cursor)
	}
	return a, nil
}
