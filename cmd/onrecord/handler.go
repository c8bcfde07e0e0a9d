package main

import (
	"fmt"
	"net/http"
	"strings"

	"onrecord/api"
	"onrecord/crawler"
	"onrecord/web"
)

// handlerOptions shape what serve and demo answer.
type handlerOptions struct {
	baseURL string // address under which readers reach it; "" gives relative links
	notice  string // a line at the foot of every page
	start   string // the page to begin with, for the greeting
}

// handler is API and pages on one router.
func (h *house) handler(o handlerOptions) (http.Handler, error) {
	d := h.desk()
	site, err := web.New(web.Options{Desk: d, Log: h.log, Version: shortVersion(), BaseURL: o.baseURL, Notice: o.notice})
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	return api.Router(api.Options{
		Desk: d, Editor: h.edit, Preview: h.preview, Clock: h.clock.Now, Log: h.log, Version: shortVersion(), BaseURL: o.baseURL, Refuse: site.Refuse,
	}, site.Mount), nil
}

// withHubs answers the hubs of sources, who call from outside, beside the rest.
func withHubs(hubs, rest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, crawler.CallbackPath) {
			hubs.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	})
}

// greeting says where to begin.
func (o handlerOptions) greeting(address string) string {
	if o.start == "" {
		return "serving"
	}
	return "serving; begin at " + address + o.start
}
