package fakeweb

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Post is a post or a page as the platforms below hold it.
type Post struct {
	ID      int64 // the order of publication; 1 or more
	Text    string
	At      time.Time
	Edited  time.Time // zero: never
	Repeats bool      // of another account
}

// Account is one account or site of a platform, newest post last. Its methods
// are safe while it is asked.
type Account struct {
	Host, Handle, Name string // handle without "@"

	mu    sync.Mutex
	posts []Post
}

// Post adds a post, or changes the one with that ID.
func (a *Account) Post(p Post) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if i := slices.IndexFunc(a.posts, func(x Post) bool { return x.ID == p.ID }); i >= 0 {
		a.posts[i] = p
		return
	}
	a.posts = append(a.posts, p)
}

// Delete takes a post back.
func (a *Account) Delete(id int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.posts = slices.DeleteFunc(a.posts, func(p Post) bool { return p.ID == id })
}

// newest are the posts, the newest first, that keep is true of.
func (a *Account) newest(keep func(Post) bool) []Post {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []Post
	for _, p := range slices.Backward(a.posts) {
		if keep == nil || keep(p) {
			out = append(out, p)
		}
	}
	return out
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v) // a client that left hears nothing
}

func number(r *http.Request, key string, usual int) int {
	if n, err := strconv.Atoi(r.URL.Query().Get(key)); err == nil && n > 0 {
		return n
	}
	return usual
}

// snowflakeAt is an id of X's for a time.
func snowflakeAt(p Post) string {
	return strconv.FormatInt((p.At.UnixMilli()-1288834974657)<<22|p.ID, 10)
}

// MastodonID is a post's id at its instance.
func MastodonID(p Post) string { return strconv.FormatInt(p.At.UnixMilli()<<16|p.ID, 10) }

// Mastodon answers for an instance with this account (docs.joinmastodon.org):
// account lookup, statuses with max_id and Link, a tag's timeline.
func (a *Account) Mastodon() http.Handler {
	m := http.NewServeMux()
	account := map[string]any{"id": "109", "username": a.Handle, "acct": a.Handle, "display_name": a.Name, "url": "https://" + a.Host + "/@" + a.Handle, "followers_count": 7}
	m.HandleFunc("GET /api/v1/accounts/lookup", func(w http.ResponseWriter, r *http.Request) {
		if !strings.EqualFold(r.URL.Query().Get("acct"), a.Handle) {
			w.WriteHeader(http.StatusNotFound)
			answer(w, map[string]string{"error": "Record not found"})
			return
		}
		answer(w, account)
	})
	status := func(p Post) map[string]any {
		id := MastodonID(p)
		s := map[string]any{
			"id": id, "uri": "https://" + a.Host + "/users/" + a.Handle + "/statuses/" + id, "url": "https://" + a.Host + "/@" + a.Handle + "/" + id,
			"created_at": p.At.UTC().Format("2006-01-02T15:04:05.000Z"), "edited_at": nil, "visibility": "public", "language": "en", "spoiler_text": "",
			"content": "<p>" + p.Text + "</p>", "reblog": nil, "account": account, "replies_count": 0,
		}
		if !p.Edited.IsZero() {
			s["edited_at"] = p.Edited.UTC().Format("2006-01-02T15:04:05.000Z")
		}
		if p.Repeats {
			s["content"], s["reblog"] = "", map[string]any{"id": "1", "content": "<p>" + p.Text + "</p>"}
		}
		return s
	}
	m.HandleFunc("GET /api/v1/statuses/{id}", func(w http.ResponseWriter, r *http.Request) {
		for _, p := range a.newest(func(p Post) bool { return MastodonID(p) == r.PathValue("id") }) {
			answer(w, status(p))
			return
		}
		w.WriteHeader(http.StatusNotFound)
		answer(w, map[string]string{"error": "Record not found"})
	})
	list := func(w http.ResponseWriter, r *http.Request) {
		limit, before := number(r, "limit", 20), r.URL.Query().Get("max_id")
		posts := a.newest(func(p Post) bool { id := MastodonID(p); return before == "" || id < before })
		out := []map[string]any{}
		for _, p := range posts[:min(len(posts), limit)] {
			out = append(out, status(p))
		}
		var links []string
		if len(posts) > limit {
			q := r.URL.Query()
			q.Set("max_id", MastodonID(posts[limit-1]))
			links = append(links, fmt.Sprintf(`<https://%s%s?%s>; rel="next"`, a.Host, r.URL.Path, q.Encode()))
		}
		if len(posts) > 0 {
			links = append(links, fmt.Sprintf(`<https://%s%s?min_id=%s>; rel="prev"`, a.Host, r.URL.Path, MastodonID(posts[0])))
			w.Header().Set("Link", strings.Join(links, ", "))
		}
		answer(w, out)
	}
	m.HandleFunc("GET /api/v1/accounts/109/statuses", list)
	m.HandleFunc("GET /api/v1/timelines/tag/{tag}", list)
	return m
}

// Bluesky answers app.bsky.feed.getAuthorFeed for this account.
func (a *Account) Bluesky() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /xrpc/app.bsky.feed.getAuthorFeed", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("actor") != a.Handle {
			w.WriteHeader(http.StatusBadRequest)
			answer(w, map[string]string{"error": "InvalidRequest", "message": "Profile not found"})
			return
		}
		limit, from := number(r, "limit", 50), number(r, "cursor", 0)
		posts := a.newest(nil)
		posts = posts[min(from, len(posts)):]
		feed := []map[string]any{}
		for _, p := range posts[:min(len(posts), limit)] {
			item := map[string]any{"post": map[string]any{
				"uri": fmt.Sprintf("at://did:plc:invented/app.bsky.feed.post/%s", RecordKey(p)), "cid": "bafyinvented", "likeCount": p.ID,
				"author": map[string]any{"did": "did:plc:invented", "handle": a.Handle, "displayName": a.Name},
				"record": map[string]any{"$type": "app.bsky.feed.post", "text": p.Text, "createdAt": p.At.UTC().Format(time.RFC3339), "langs": []string{"en"}},
			}}
			if p.Repeats {
				item["reason"] = map[string]any{"$type": "app.bsky.feed.defs#reasonRepost"}
			}
			feed = append(feed, item)
		}
		out := map[string]any{"feed": feed}
		if len(posts) > limit {
			out["cursor"] = strconv.Itoa(from + limit)
		}
		answer(w, out)
	})
	m.HandleFunc("GET /xrpc/app.bsky.feed.getPostThread", func(w http.ResponseWriter, r *http.Request) {
		uri := r.URL.Query().Get("uri")
		for _, p := range a.newest(func(p Post) bool { return strings.HasSuffix(uri, "/app.bsky.feed.post/"+RecordKey(p)) }) {
			answer(w, map[string]any{"thread": map[string]any{"$type": "app.bsky.feed.defs#threadViewPost", "post": map[string]any{"uri": uri, "record": map[string]any{"text": p.Text}}}})
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]string{"error": "NotFound", "message": "Post not found: " + uri})
	})
	return m
}

// RecordKey is the key of a post's record at Bluesky, a TID.
func RecordKey(p Post) string {
	const letters = "234567abcdefghijklmnopqrstuvwxyz"
	n := uint64(p.At.UnixMicro())<<10 | uint64(p.ID)&1023 //nolint:gosec // after 1970
	key := make([]byte, 13)
	for i := len(key) - 1; i >= 0; i-- {
		key[i] = letters[n&31]
		n >>= 5
	}
	return string(key)
}

// X answers API v2 for this account, for whoever has the token.
func (a *Account) X(token string) http.Handler {
	m := http.NewServeMux()
	user := map[string]any{"id": "4711", "name": a.Name, "username": a.Handle}
	m.HandleFunc("GET /2/users/by/username/{name}", func(w http.ResponseWriter, _ *http.Request) { answer(w, map[string]any{"data": user}) })
	m.HandleFunc("GET /2/users/4711/tweets", func(w http.ResponseWriter, r *http.Request) {
		limit, from := number(r, "max_results", 10), number(r, "pagination_token", 0)
		posts := a.newest(nil)
		posts = posts[min(from, len(posts)):]
		data := []map[string]any{}
		for _, p := range posts[:min(len(posts), limit)] {
			id := snowflakeAt(p)
			x := map[string]any{"id": id, "text": p.Text, "author_id": "4711", "created_at": p.At.UTC().Format("2006-01-02T15:04:05.000Z"), "lang": "en", "edit_history_tweet_ids": []string{id}}
			if p.Repeats {
				x["referenced_tweets"] = []map[string]string{{"type": "retweeted", "id": "1"}}
			}
			data = append(data, x)
		}
		meta := map[string]any{"result_count": len(data)}
		if len(posts) > limit {
			meta["next_token"] = strconv.Itoa(from + limit)
		}
		answer(w, map[string]any{"data": data, "includes": map[string]any{"users": []any{user}}, "meta": meta})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/robots.txt" && r.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusUnauthorized)
			answer(w, map[string]any{"title": "Unauthorized", "status": 401})
			return
		}
		m.ServeHTTP(w, r)
	})
}

// WordPress answers wp/v2/posts of a site whose posts are at /ID-post/, each
// with its words in a page.
func (a *Account) WordPress(page func(Post) string) http.Handler {
	m := http.NewServeMux()
	const form = "2006-01-02T15:04:05" // UTC, without its zone
	changed := func(p Post) time.Time {
		if p.Edited.IsZero() {
			return p.At
		}
		return p.Edited
	}
	m.HandleFunc("GET /wp-json/wp/v2/posts", func(w http.ResponseWriter, r *http.Request) {
		posts := a.newest(nil)
		slices.SortStableFunc(posts, func(x, y Post) int { return changed(y).Compare(changed(x)) })
		per, n := number(r, "per_page", 10), number(r, "page", 1)
		total := (len(posts) + per - 1) / per
		w.Header().Set("X-WP-Total", strconv.Itoa(len(posts)))
		w.Header().Set("X-WP-TotalPages", strconv.Itoa(total))
		if n > total {
			w.WriteHeader(http.StatusBadRequest)
			answer(w, map[string]any{"code": "rest_post_invalid_page_number", "data": map[string]int{"status": 400}})
			return
		}
		out := []map[string]any{}
		for _, p := range posts[(n-1)*per : min(n*per, len(posts))] {
			out = append(out, map[string]any{"id": p.ID, "link": fmt.Sprintf("https://%s/%d-post/", a.Host, p.ID), "date_gmt": p.At.UTC().Format(form), "modified_gmt": changed(p).UTC().Format(form), "title": map[string]string{"rendered": fmt.Sprintf("Post %d &#8211; news", p.ID)}})
		}
		answer(w, out)
	})
	m.HandleFunc("GET /{post}/", func(w http.ResponseWriter, r *http.Request) {
		id, _, _ := strings.Cut(r.PathValue("post"), "-")
		for _, p := range a.newest(nil) {
			if strconv.FormatInt(p.ID, 10) == id {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = w.Write([]byte(page(p)))
				return
			}
		}
		http.NotFound(w, r)
	})
	return m
}

// GovUK answers the search and the content API of a site of GOV.UK's kind.
func (a *Account) GovUK() http.Handler {
	m := http.NewServeMux()
	slug := func(p Post) string { return fmt.Sprintf("/government/news/statement-%d", p.ID) }
	m.HandleFunc("GET /api/search.json", func(w http.ResponseWriter, r *http.Request) {
		count, start := number(r, "count", 10), number(r, "start", 0)
		posts := a.newest(nil)
		results := []map[string]any{}
		for _, p := range posts[min(start, len(posts)):min(start+count, len(posts))] {
			results = append(results, map[string]any{"link": slug(p), "title": fmt.Sprintf("Statement %d", p.ID), "public_timestamp": p.At.UTC().Format(time.RFC3339)})
		}
		answer(w, map[string]any{"results": results, "total": len(posts), "start": start})
	})
	m.HandleFunc("GET /api/content/{path...}", func(w http.ResponseWriter, r *http.Request) {
		for _, p := range a.newest(nil) {
			if slug(p) == "/"+r.PathValue("path") {
				answer(w, map[string]any{
					"base_path": slug(p), "document_type": "press_release", "title": fmt.Sprintf("Statement %d", p.ID), "locale": "en",
					"first_published_at": p.At.UTC().Format(time.RFC3339), "public_updated_at": p.At.UTC().Format(time.RFC3339),
					"details": map[string]any{"body": "<p>" + p.Text + "</p>"}, "links": map[string]any{"organisations": []map[string]string{{"title": a.Name}}},
				})
				return
			}
		}
		http.NotFound(w, r)
	})
	return m
}
