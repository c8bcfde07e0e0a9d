package extract

import (
	"encoding/json"
	"net/url"
	"strings"

	"onrecord/record"
)

// An answer of X's API v2 (users/:id/tweets, users/by/username/:name).
type xAnswer struct {
	Data     json.RawMessage `json:"data"`
	Includes struct {
		Users []xUser `json:"users"`
	} `json:"includes"`
	Meta struct {
		Next  string `json:"next_token"`
		Count int    `json:"result_count"`
	} `json:"meta"`
}

type xUser struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Username string `json:"username"`
}

type xPost struct {
	ID      string   `json:"id"`
	Text    string   `json:"text"`
	Author  string   `json:"author_id"`
	Created string   `json:"created_at"`
	Lang    string   `json:"lang"`
	Edits   []string `json:"edit_history_tweet_ids"` // oldest first; the first names the post
	Note    struct {
		Text string `json:"text"` // of a long post, whole
	} `json:"note_tweet"`
	Refers []struct {
		Type string `json:"type"`
	} `json:"referenced_tweets"`
}

// xPath is what stands in every address of the API.
const xPath = "/2/users/"

func isX(f form) bool {
	return !f.list && (f.has("data") || f.has("meta")) && strings.Contains(f.in.URL, xPath)
}

// readX reads an account's posts. A post that was edited has the address of its
// first version, so that its versions are one page's. The answer about an
// account leads on to its posts.
func readX(in Input, _ record.Source) (Answer, error) {
	f := formOf(in)
	var got xAnswer
	if f.list || !isX(f) || json.Unmarshal([]byte(f.text), &got) != nil {
		return Answer{}, wrongKind(in, "answer of X's API v2")
	}
	a := Answer{Page: answerPage(in)}
	var user xUser
	if json.Unmarshal(got.Data, &user) == nil && user.Username != "" {
		return userAnswer(in, user, a)
	}
	var list []xPost
	if len(got.Data) > 0 && json.Unmarshal(got.Data, &list) != nil {
		return Answer{}, wrongKind(in, "list of posts of X's")
	}
	users := map[string]xUser{}
	for _, u := range got.Includes.Users {
		users[u.ID] = u
	}
	for _, x := range list[:min(len(list), maxItems)] {
		if p, ok := xPage(in, x, users[x.Author]); ok {
			a.Posts = append(a.Posts, p)
		}
	}
	if got.Meta.Next != "" {
		a.Page.Next = withQuery(in.URL, "pagination_token", got.Meta.Next)
	}
	return a, nil
}

func xPage(in Input, x xPost, u xUser) (record.Page, bool) {
	for _, r := range x.Refers {
		if r.Type == "retweeted" {
			return record.Page{}, false // others' words
		}
	}
	id := x.ID
	if len(x.Edits) > 0 {
		id = x.Edits[0]
	}
	if id == "" || strings.Trim(id, digits) != "" || strings.ContainsAny(u.Username, "/?#") {
		return record.Page{}, false
	}
	name := u.Username
	if name == "" {
		name = "i/web"
	}
	text := x.Text
	if x.Note.Text != "" {
		text = x.Note.Text
	}
	post := posted{Post: record.Post{Platform: "x", URL: "https://x.com/" + name + "/status/" + id, Author: tidy(u.Name), At: at(x.Created, record.FromPost)}, text: unescape(text), lang: x.Lang}
	if u.Username != "" {
		post.Handle = "@" + u.Username
	}
	if id != x.ID {
		post.edited = at(x.Created, record.FromPage)
		post.At = record.At(snowflake(id), record.FromPost)
	}
	return postPage(in, post)
}

// userAnswer leads on from an account to its posts.
func userAnswer(in Input, user xUser, a Answer) (Answer, error) {
	u, err := url.Parse(in.URL)
	if err != nil || user.ID == "" || strings.Trim(user.ID, digits) != "" {
		return Answer{}, wrongKind(in, "account of X's")
	}
	a.Page.Title = tidy(user.Name) + " (@" + user.Username + ")"
	a.Page.Parts = []record.Lead{{Title: a.Page.Title, URL: u.Scheme + "://" + u.Host + xPath + user.ID +
		"/tweets?exclude=retweets&expansions=author_id&max_results=100&tweet.fields=created_at,edit_history_tweet_ids,lang,note_tweet,referenced_tweets&user.fields=name,username"}}
	return a, nil
}
