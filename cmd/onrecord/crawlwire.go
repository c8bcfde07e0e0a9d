package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"onrecord/archive"
	"onrecord/crawler"
	"onrecord/extract"
	"onrecord/guard"
	"onrecord/ingest"
	"onrecord/record"
)

// check reports what is wrong with the settings of [crawl].
func (c crawlSettings) check() error {
	if c.Contact != "" {
		u, err := url.Parse(c.Contact)
		_, noMail := mail.ParseAddress(c.Contact)
		if (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") && noMail != nil || strings.ContainsAny(c.Contact, "()<>\r\n") {
			return usage("settings: crawl.contact %q: want a page such as https://www.example.org/about-our-crawler or a mail address", c.Contact)
		}
	}
	if c.Workers < 1 || c.Workers > 256 {
		return usage("settings: crawl.workers %d: want 1 to 256 hosts at once", c.Workers)
	}
	if c.GapS < 2 || c.GapS > 3600 {
		return usage("settings: crawl.gap_s %v: want 2 to 3600 seconds; strangers' hosts are asked no faster", c.GapS)
	}
	if c.OwnGapMS < 0 {
		return usage("settings: crawl.own_gap_ms %d: want 0 or more", c.OwnGapMS)
	}
	if _, err := c.own(); err != nil {
		return err
	}
	if u, err := guard.CheckURL(c.PublicURL); c.PublicURL != "" && (err != nil || u.RawQuery != "" || u.Fragment != "") {
		return usage("settings: crawl.public_url %q: want an address such as https://onrecord.example.org", c.PublicURL)
	}
	for key, origin := range map[string]string{"bluesky_api": c.BlueskyAPI, "x_api": c.XAPI} {
		if u, err := url.Parse(origin); err != nil || u.Scheme != "https" || u.Host == "" || u.Path != "" {
			return usage("settings: crawl.%s %q: want an origin such as https://api.example.org", key, origin)
		}
	}
	if _, err := c.rhythm(); err != nil {
		return err
	}
	if _, err := c.pins(); err != nil {
		return err
	}
	_, err := c.connectTo()
	return err
}

// pins reads "host=base64 of the SHA-256 of its public key".
func (c crawlSettings) pins() (map[string][]string, error) {
	out := map[string][]string{}
	for _, s := range c.Pins {
		host, pin, ok := strings.Cut(strings.TrimSpace(s), "=")
		sum, err := base64.StdEncoding.DecodeString(pin)
		if !ok || host == "" || err != nil || len(sum) != sha256.Size {
			return nil, usage("settings: crawl.pins %q: want www.example.org= and the base64 of the SHA-256 of its public key", s)
		}
		out[host] = append(out[host], pin)
	}
	return out, nil
}

// apiHosts are where accounts are asked.
func (c crawlSettings) apiHosts() extract.APIHosts {
	return extract.APIHosts{Bluesky: c.BlueskyAPI, X: c.XAPI}
}

// token is the operator's for X's API; "" for none. It comes by the environment
// or from a file, and stands in no settings that are printed.
func (c crawlSettings) token() (string, error) {
	if t := strings.TrimSpace(os.Getenv("ONRECORD_X_TOKEN")); t != "" {
		return t, nil
	}
	name := os.Getenv("ONRECORD_X_TOKEN_FILE")
	if name == "" {
		return "", nil
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("ONRECORD_X_TOKEN_FILE: %w", err)
	}
	return strings.TrimSpace(string(raw)), nil
}

// rhythm is how often the settings want others asked.
func (c crawlSettings) rhythm() (crawler.Rhythm, error) {
	for _, x := range []struct {
		key         string
		least, most int64
	}{{"most_s", 60, c.MostS}, {"incident_s", 60, c.IncidentS}, {"incident_most_s", c.IncidentS, c.IncidentMostS}, {"incident_page_s", 60, c.IncidentPageS}, {"incident_page_most_s", c.IncidentPageS, c.IncidentPageMostS}} {
		if x.most < x.least || x.most > maxRhythm {
			return crawler.Rhythm{}, usage("settings: crawl.%s %d: want %d to %d seconds", x.key, x.most, x.least, int64(maxRhythm))
		}
	}
	seconds := func(n int64) time.Duration { return time.Duration(n) * time.Second }
	r := crawler.Rhythm{
		Most: seconds(c.MostS), Incident: seconds(c.IncidentS), IncidentMost: seconds(c.IncidentMostS),
		IncidentPage: seconds(c.IncidentPageS), IncidentPageMost: seconds(c.IncidentPageMostS), Pages: []time.Duration{},
	}
	before := 0.0
	for _, x := range c.RevisitH {
		h, err := strconv.ParseFloat(strings.TrimSpace(x), 64)
		if err != nil || !(h > before && h >= 0.25 && h <= 87600) {
			return r, usage("settings: crawl.revisit_h %q: want hours, each more than the one before, 0.25 or more", x)
		}
		before = h
		r.Pages = append(r.Pages, time.Duration(h*float64(time.Hour)))
	}
	return r, nil
}

// maxRhythm is the longest time between two visits that settings may give, in
// seconds: a year.
const maxRhythm = 366 * 24 * 3600

func (c crawlSettings) own() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range c.OwnNetworks {
		p, err := netip.ParsePrefix(strings.TrimSpace(s))
		if err != nil {
			return nil, usage("settings: crawl.own_networks %q: want a network such as 10.1.0.0/16 or fd00::/8", s)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// connectTo reads "host:port=host:port".
func (c crawlSettings) connectTo() (map[string]string, error) {
	out := map[string]string{}
	for _, s := range c.ConnectTo {
		from, to, ok := strings.Cut(strings.TrimSpace(s), "=")
		_, _, bad1 := net.SplitHostPort(from)
		_, _, bad2 := net.SplitHostPort(to)
		if !ok || bad1 != nil || bad2 != nil {
			return nil, usage("settings: crawl.connect_to %q: want www.example.org:443=10.1.2.3:8443", s)
		}
		out[from] = to
	}
	return out, nil
}

// agent is the User-Agent: the program, and how its operator is reached.
func (c crawlSettings) agent() string {
	name := "onrecord/" + shortVersion()
	switch {
	case c.Contact == "":
		return name
	case strings.Contains(c.Contact, "://"):
		return name + " (+" + c.Contact + ")"
	default:
		return name + " (contact: " + c.Contact + ")"
	}
}

// options are what the settings say of crawling. The roots of a file given are
// trusted beside the machine's.
func (s settings) crawlOptions() (crawler.Options, error) {
	own, err := s.Crawl.own()
	if err != nil {
		return crawler.Options{}, err
	}
	to, err := s.Crawl.connectTo()
	if err != nil {
		return crawler.Options{}, err
	}
	rhythm, err := s.Crawl.rhythm()
	if err != nil {
		return crawler.Options{}, err
	}
	o := crawler.Options{
		Rhythm: rhythm,
		Agent:  s.Crawl.agent(), Canonical: extract.Canonical, Workers: s.Crawl.Workers,
		Gap: time.Duration(s.Crawl.GapS * float64(time.Second)), OwnGap: time.Duration(s.Crawl.OwnGapMS) * time.Millisecond,
		Dialer: guard.New(guard.Options{Own: own, ConnectTo: to, Strangers: s.Crawl.Contact != ""}),
	}
	o.Post = func(platform, url string) string {
		place, _ := extract.PostPlace(platform, url, s.Crawl.apiHosts())
		return place
	}
	hosts := map[string]bool{}
	for _, h := range s.Crawl.ContentAPI {
		hosts[strings.ToLower(h)] = true
	}
	if len(hosts) > 0 {
		o.PageOf = extract.PageAddress
		o.Content = func(page string) string {
			if u, err := url.Parse(page); err == nil && hosts[u.Host] {
				return extract.ContentAddress(page)
			}
			return ""
		}
	}
	token, err := s.Crawl.token()
	if err != nil {
		return o, err
	}
	if token != "" {
		o.Tokens = map[string]string{s.Crawl.XAPI: token}
	}
	if s.Crawl.CAFile == "" {
		return o, nil
	}
	pem, err := os.ReadFile(s.Crawl.CAFile)
	if err != nil {
		return o, fmt.Errorf("settings: crawl.ca_file: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return o, usage("settings: crawl.ca_file %s: no certificate in it; want PEM", s.Crawl.CAFile)
	}
	o.TLS = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return o, nil
}

// sourcesWanted are the [[source]]s of the settings.
func (s settings) sourcesWanted() []record.Source {
	var out []record.Source
	for _, x := range s.Sources {
		out = append(out, record.Source{
			Org: x.Org, Kind: record.SourceKind(x.Kind), URL: x.URL, Name: x.Name, Enabled: x.Enabled, Every: x.EveryS, Most: x.MostS, Links: x.Links, Note: x.Note,
			Pages: x.Pages, Since: x.Since, Until: x.Until,
		})
	}
	return out
}

// syncSources makes the sources of the settings those on record.
func (h *house) syncSources(ctx context.Context) error {
	_, err := h.edit.SyncSources(ctx, h.settings.sourcesWanted())
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	return nil
}

// withCrawler builds the crawler by the settings. Told hears of each visit.
func (h *house) withCrawler(told func(crawler.Told)) error {
	o, err := h.settings.crawlOptions()
	if err != nil {
		return err
	}
	o.Told, o.Log, o.Clock = told, h.log, h.clock
	o.PublicURL = strings.TrimRight(h.publicURL, "/")
	h.crawler = crawler.New(h.archive, h.catalogue, h.ingest, o)
	return nil
}

// preview asks a place once, for whoever thinks of watching it.
func (h *house) preview(ctx context.Context, s record.Source) (record.SourceReport, error) {
	if h.crawler == nil {
		if err := h.withCrawler(nil); err != nil {
			return record.SourceReport{}, err
		}
	}
	if err := extract.CheckSelector(s.Links); err != nil {
		return record.SourceReport{}, err
	}
	if address, err := extract.Canonical(s.URL); err == nil {
		s.URL = address
	}
	if place, ok := extract.AccountPlace(s.URL, h.settings.Crawl.apiHosts()); ok && (s.Kind == "" || s.Kind == place.Kind) {
		s.URL, s.Kind = place.URL, place.Kind
	}
	return h.crawler.Preview(ctx, s, h.readPreview)
}

func (h *house) readPreview(x archive.Exchange, s record.Source) (crawler.Look, error) {
	body, err := x.Decoded(ingest.MaxBody)
	if err != nil {
		return crawler.Look{}, err
	}
	in := extract.Input{URL: x.URL, At: x.At, MediaType: x.Header.Get("Content-Type"), Header: x.Header, Body: body}
	r, err := ingest.ReadSource(in, s, h.register)
	if why := extract.Wall(r.Page); why != "" && err == nil {
		return crawler.Look{Page: r.Page}, errors.New(why)
	}
	look := crawler.Look{Page: r.Page, Found: r.Found}
	for _, post := range r.Posts {
		look.Posts++
		look.Found = append(look.Found, post.Found...)
	}
	look.Kind, _ = extract.KindByForm(in)
	if r.Page.Kind != record.FeedPage && r.Page.Kind != record.APIPage {
		look.Places = extract.Places(in, h.settings.Crawl.apiHosts())
	}
	return look, err
}
