package api

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// route is one line of the guide; a test holds it to the router.
type route struct{ method, path, tells string }

func routes() []route {
	return []route{
		{"GET", "/api/v1/statements", "search: q and every field (org, person, kind, outlet, said, …), sort, limit, cursor"},
		{"GET", "/api/v1/statements/:id", "one statement with wordings, sightings and evidence; 301 for a merged id"},
		{"POST", "/api/v1/statements/:id/merge", `make it part of another: {"into":"st_…","why":"…"} (from this machine only)`},
		{"POST", "/api/v1/statements/:id/split", `give sightings to a statement of their own: {"sightings":[{"page":"https://…","words":"…"}],"why":"…"}`},
		{"POST", "/api/v1/statements/:id/attribution", `say who said it: {"speaker":{"name":"…","title":"…","role":"…","org":"…"},"why":"…"}; {"drawn":true,"why":"…"} takes that back`},
		{"POST", "/api/v1/statements/:id/date", `say when it was said: {"said":"2025-03-14","why":"…"}; {"drawn":true,"why":"…"} takes that back`},
		{"GET", "/api/v1/facets", "counts of a search by field (field=org, person, kind, outlet, status, tag, lang, day)"},
		{"GET", "/api/v1/organisations", "who is on record, most statements first"},
		{"GET", "/api/v1/organisations/:slug", "one organisation of the register with its latest statements"},
		{"GET", "/api/v1/people", "speakers known by name: org, limit, cursor"},
		{"GET", "/api/v1/people/:id", "one speaker with roles and latest statements"},
		{"GET", "/api/v1/pages/:id", "the versions of a page"},
		{"GET", "/api/v1/captures/:id", "one capture, by its id or the SHA-256 of its body"},
		{"GET", "/api/v1/captures/:id/raw", "its bytes, as an attachment"},
		{"GET", "/api/v1/incidents", "all incidents, latest window first"},
		{"GET", "/api/v1/incidents/:slug", "one incident"},
		{"GET", "/api/v1/incidents/:slug/timeline", "its statements in time order: from, to, org, kind"},
		{"GET", "/api/v1/incidents/:slug/export.csv", "the same as CSV (raw=1 leaves formula cells as they are)"},
		{"GET", "/api/v1/incidents/:slug/export.jsonl", "the same as JSON lines"},
		{"GET", "/api/v1/incidents/:slug/export.about.json", "how these are made: query, window, time, program, register, coverage"},
		{"GET", "/api/v1/incidents/:slug/feed.atom", "an Atom feed of its 100 latest to be seen"},
		{"GET", "/api/v1/export.csv", "a search as CSV; everything on record without parameters"},
		{"GET", "/api/v1/export.jsonl", "a search as JSON lines"},
		{"GET", "/api/v1/export.atom", "a search as one Atom document"},
		{"GET", "/api/v1/export.about.json", "how the export of a search is made"},
		{"GET", "/api/v1/feed.atom", "the latest 100 of a search as an Atom feed"},
		{"GET", "/api/v1/sources", "what is watched, with the last success and the last error of each in words"},
		{"GET", "/api/v1/sources/:id", "one source, with the pages found there that are in trouble"},
		{"POST", "/api/v1/sources", `watch a place: {"url":"https://…","kind":"feed","org":"…"} (from this machine only)`},
		{"POST", "/api/v1/sources/preview", "ask a place once and tell what it is; nothing is saved"},
		{"GET", "/api/v1/sources.opml", "the sources as an OPML 2.0 subscription list"},
		{"POST", "/api/v1/sources/import", `add the sources of such a list, sent as text/x-opml; nobody is asked`},
		{"PATCH", "/api/v1/sources/:id", `{"enabled":false,"why":"…"} stops visits; {"follow":true} asks it where it says that it has moved for good`},
		{"DELETE", "/api/v1/sources/:id", "take a source away; what was found there stays"},
		{"POST", "/api/v1/incidents", "add an incident (from this machine only)"},
		{"PATCH", "/api/v1/incidents/:slug", "change one; If-Match or revision says what was read"},
		{"POST", "/api/v1/incidents/:slug/pins", `pin a statement: {"statement":"st_…","why":"…"}`},
		{"DELETE", "/api/v1/incidents/:slug/pins/:id", "take a pin back"},
		{"POST", "/api/v1/incidents/:slug/exclusions", "leave a statement out"},
		{"DELETE", "/api/v1/incidents/:slug/exclusions/:id", "take that back"},
		{"GET", "/api/v1/proposals", "incidents that the statements suggest: from, to (default: the last 30 days), all=1 for decided ones too"},
		{"GET", "/api/v1/proposals/:id", "one of them (with the same from and to)"},
		{"PATCH", "/api/v1/proposals/:id", `change what it would be: {"name":"…","query":"…","why":"…"} (from this machine only)`},
		{"POST", "/api/v1/proposals/:id/accept", `make an incident of it: {"slug":"…","name":"…","why":"…"}, all as wanted`},
		{"POST", "/api/v1/proposals/:id/refuse", `it is none: {"why":"…"}; it comes back only if it grows markedly`},
		{"GET", "/healthz", "the process answers"},
		{"GET", "/readyz", "readers can be answered"},
		{"GET", "/api", "this page"},
	}
}

// guide is the page for people: plain text, so that it reads well in a terminal.
func (s *server) guide(c *gin.Context) error {
	var b strings.Builder
	b.WriteString("The onrecord API. Answers are JSON; refusals are application/problem+json (RFC 9457).\n" +
		"Times are RFC 3339 in UTC, each with its precision (second, minute, day, month, year) and basis\n" +
		"(update, post, text, page, feed, captured); \"day\" is the day in London.\n" +
		"Follow \"next\" (also in the Link header) for more rows.\n\n")
	for _, r := range routes() {
		b.WriteString(r.method + strings.Repeat(" ", 7-len(r.method)) + r.path + "\n       " + r.tells + "\n")
	}
	c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(b.String()))
	return nil
}
