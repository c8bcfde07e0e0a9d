package crawler

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // of old hubs; the strength of HMAC does not rest on collisions
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"onrecord/archive"
	"onrecord/guard"
	"onrecord/record"
)

// CallbackPath is the path under Options.PublicURL at which hubs call.
const CallbackPath = "/websub/"

// What is agreed with hubs.
const (
	leaseWanted  = 10 * day
	leastLease   = 5 * time.Minute // a shorter one would be renewed without end
	mostLease    = 366 * day
	confirmed    = 10 * time.Minute // within which a hub should confirm
	refusedFor   = 7 * day          // after which a hub that refused is asked again
	leaveTries   = 3                // requests to end a subscription
	endedFor     = 30 * day         // that an ended one is told from a stranger's
	pushGap      = time.Minute      // from a visit to the next one that a hub may cause
	maxChallenge = 4 << 10          // bytes
	maxPushBody  = maxFeed
	hubHops      = 5
	maxHubAnswer = 64 << 10
)

// offered takes up what a source's answer says of hubs: it is subscribed to where
// it names one, and no longer where it names none.
func (c *Crawler) offered(ctx context.Context, s record.Source, v record.Visit, r result, now time.Time) error {
	ended := v.State == record.VisitGone && v.Due.IsZero()
	if c.o.PublicURL == "" || v.Lead || !ended && (r.fault != "" || r.exchange.Status != http.StatusOK || r.outcome.Page.Kind == "") {
		return nil
	}
	hub, topic := "", r.outcome.Page.Topic
	for _, h := range r.outcome.Page.Hubs {
		if _, err := guard.CheckURL(h); err == nil && hub == "" {
			hub = h
		}
	}
	if _, err := guard.CheckURL(topic); err != nil {
		topic = r.final
	}
	c.subs.Lock()
	defer c.subs.Unlock()
	list, err := c.catalogue.Subscriptions(ctx, s.ID)
	if err != nil {
		return err
	}
	for _, p := range list {
		switch {
		case !p.Live():
		case p.Hub == hub && p.Topic == topic && p.Callback == c.o.PublicURL:
			return nil
		default:
			if err := c.leave(ctx, p, now); err != nil {
				return err
			}
		}
	}
	if hub == "" {
		return nil
	}
	if err := c.catalogue.SetSubscription(ctx, newSubscription(s.ID, hub, topic, c.o.PublicURL, now)); err != nil {
		return err
	}
	select {
	case c.offers <- struct{}{}:
	default:
	}
	return nil
}

func newSubscription(source record.ID, hub, topic, public string, now time.Time) record.Subscription {
	p := record.Subscription{Source: source, Hub: hub, Topic: topic, Callback: public, State: record.PushWanted, Next: now, Token: secretWord()}
	if strings.HasPrefix(strings.ToLower(hub), "https:") { // without TLS everybody on the way would know it
		p.Secret = secretWord()
	}
	return p
}

// secretWord is 256 random bits as a part of an address.
func secretWord() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// leave has a subscription ended; subs is held.
func (c *Crawler) leave(ctx context.Context, p record.Subscription, now time.Time) error {
	was := p
	p.State, p.Failures, p.Next = record.PushLeaving, 0, now
	if was.Asked.IsZero() || was.State == record.PushRefused || was.Callback != c.o.PublicURL { // the hub knows nothing of it, or cannot ask us
		p.State, p.Next = record.PushEnded, time.Time{}
	}
	return c.catalogue.SetSubscription(ctx, p)
}

// Subscribe asks hubs to tell of changes, as long as Options.PublicURL says where
// they can call, and renews and ends what was agreed, until ctx ends. It runs
// beside Run.
func (c *Crawler) Subscribe(ctx context.Context) {
	if c.o.PublicURL == "" {
		return
	}
	defer c.close()
	for ctx.Err() == nil {
		if err := c.tend(ctx); err != nil && ctx.Err() == nil {
			c.o.Log.Error("subscriptions interrupted, tried again in a minute", "cause", err)
		}
		c.restUntilOffered(ctx)
	}
}

// restUntilOffered waits until a source has named a hub, or for a while.
func (c *Crawler) restUntilOffered(ctx context.Context) {
	rest, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	defer wait.Wait()
	defer stop()
	wait.Go(func() {
		defer stop()
		select {
		case <-c.offers:
		case <-rest.Done():
		}
	})
	_ = c.o.Clock.Sleep(rest, tendEvery) // why it woke does not matter
}

const tendEvery = 20 * time.Second

// tend asks every hub that is due. The error is a store's, or ctx's.
func (c *Crawler) tend(ctx context.Context) error {
	list, err := c.catalogue.Subscriptions(ctx, "")
	if err != nil {
		return err
	}
	now := c.o.Clock.Now()
	for _, p := range list {
		s, err := c.source(ctx, p.Source)
		if err != nil {
			return err
		}
		if p.Live() && s.Watched() && p.Callback == c.o.PublicURL && p.Next.After(now) && p.Next.Sub(now) <= mostLease {
			continue
		}
		if err := c.tendOne(ctx, p.Token); err != nil {
			return err
		}
	}
	return nil
}

func (c *Crawler) tendOne(ctx context.Context, token string) error {
	p, mode, err := c.dueAt(ctx, token)
	if err != nil || mode == "" {
		return err
	}
	fault, refused, err := c.askHub(ctx, p, mode)
	if err != nil {
		return err
	}
	c.subs.Lock()
	defer c.subs.Unlock()
	p, err = c.catalogue.Subscription(ctx, token) // the hub may have called meanwhile
	if err != nil || p.Pending != mode && fault == "" {
		return err
	}
	p.Error = fault
	if fault != "" {
		c.o.Log.Warn("hub not reached", "hub", withoutUser(p.Hub), "topic", withoutUser(p.Topic), "mode", mode, "reason", fault)
		p.Next = p.Asked.Add(min(firstBackoff<<min(max(p.Failures-1, 0), 10), day))
		if refused && mode == "subscribe" {
			p.State, p.Pending, p.Next = record.PushRefused, "", p.Asked.Add(refusedFor)
		}
	}
	return c.catalogue.SetSubscription(ctx, p)
}

// dueAt is the subscription as it is now, and what is to be asked of its hub; ""
// for nothing. That it is asked is written first, for the hub may call back
// before it answers.
func (c *Crawler) dueAt(ctx context.Context, token string) (p record.Subscription, mode string, err error) {
	c.subs.Lock()
	defer c.subs.Unlock()
	p, err = c.catalogue.Subscription(ctx, token)
	if errors.Is(err, record.ErrNotFound) {
		return p, "", nil
	}
	if err != nil {
		return p, "", err
	}
	now := c.o.Clock.Now()
	s, err := c.source(ctx, p.Source)
	if err != nil {
		return p, "", err
	}
	if p.Live() && (!s.Watched() || p.Callback != c.o.PublicURL) {
		if err := c.leave(ctx, p, now); err != nil {
			return p, "", err
		}
		if p, err = c.catalogue.Subscription(ctx, token); err != nil {
			return p, "", err
		}
	}
	switch {
	case p.State == record.PushEnded:
		if now.After(p.Until) && now.Sub(p.Asked) > endedFor {
			return p, "", c.catalogue.DropSubscription(ctx, token)
		}
		return p, "", nil
	case p.Next.IsZero() || p.Next.After(now) && p.Next.Sub(now) <= mostLease: // beyond, the clock went back
		return p, "", nil
	case p.State == record.PushLeaving && p.Failures >= leaveTries: // it forgets us when the lease ends
		p.State, p.Pending, p.Next = record.PushEnded, "", time.Time{}
		return p, "", c.catalogue.SetSubscription(ctx, p)
	case p.State == record.PushActive && !p.Until.After(now):
		p.State = record.PushWanted
	}
	if mode = "subscribe"; p.State == record.PushLeaving {
		mode = "unsubscribe"
	}
	if p.Pending == mode && p.Error == "" {
		p.Error = "the hub did not confirm what it was asked for"
	}
	p.Pending, p.Asked, p.Failures = mode, now, p.Failures+1
	p.Next = now.Add(max(confirmed, min(firstBackoff<<min(p.Failures, 10), day)))
	return p, mode, c.catalogue.SetSubscription(ctx, p)
}

// askHub makes one request of a hub, as politely as any other (section 5.1). A
// fault is in words, "" where the hub took the request; refused means that asking
// again soon is no use. The error is a store's, or ctx's.
func (c *Crawler) askHub(ctx context.Context, p record.Subscription, mode string) (fault string, refused bool, err error) {
	u, err := guard.CheckURL(p.Hub)
	if err != nil {
		return inWords(err), true, nil
	}
	form := url.Values{"hub.mode": {mode}, "hub.topic": {p.Topic}, "hub.callback": {p.Callback + CallbackPath + p.Token}}
	if mode == "subscribe" {
		form.Set("hub.lease_seconds", strconv.Itoa(int(leaseWanted/time.Second)))
		if p.Secret != "" {
			form.Set("hub.secret", p.Secret)
		}
	}
	q := request{url: u, encoding: "identity", limit: maxHubAnswer, cut: true, form: form, strangers: !c.ownSource(ctx, p.Source)}
	for hop := 0; ; hop++ {
		x, err := c.polite(ctx, q)
		if err != nil {
			r, err := c.refused(ctx, err)
			return r.fault, r.state == record.VisitBarred, err
		}
		switch {
		case x.Status/100 == 2:
			return "", false, nil
		case x.Status != http.StatusTemporaryRedirect && x.Status != http.StatusPermanentRedirect:
			return hubSays(x, p), x.Status/100 != 5 && x.Status != http.StatusTooManyRequests && x.Status != http.StatusRequestTimeout, nil
		case hop == hubHops:
			return fmt.Sprintf("the hub still redirects after %d hops", hubHops), true, nil
		}
		next, fault := follow(q.url, x)
		if fault != "" {
			return "the hub " + fault, true, nil
		}
		q.url = next
	}
}

// ownSource reports whether a source lies in the operator's own networks: only
// such a one may send us to a hub there.
func (c *Crawler) ownSource(ctx context.Context, id record.ID) bool {
	s, err := c.source(ctx, id)
	if err != nil {
		return false
	}
	u, err := guard.CheckURL(s.URL)
	return err == nil && c.o.Dialer.Owns(ctx, dialled(u))
}

// hubSays is a hub's refusal in words, with the beginning of what it gives as the
// reason.
func hubSays(x archive.Exchange, p record.Subscription) string {
	out := fmt.Sprintf("the hub answered with status %d", x.Status)
	if kind, _, _ := strings.Cut(x.Header.Get("Content-Type"), ";"); strings.EqualFold(strings.TrimSpace(kind), "text/plain") {
		if why := plainly(unsaid(string(x.Body[:min(len(x.Body), 4096)]), p)); why != "" {
			out += ": " + why
		}
	}
	return withoutUser(out)
}

// unsaid is a hub's text without what only we and the hub may know: refusals like
// to quote the address that they could not reach.
func unsaid(s string, p record.Subscription) string {
	for _, secret := range []string{p.Token, p.Secret} {
		if secret != "" {
			s = strings.ReplaceAll(strings.ReplaceAll(s, secret, "…"), url.QueryEscape(secret), "…")
		}
	}
	return s
}

// plainly is a stranger's text as a line of at most 200 code points.
func plainly(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\ufffd"), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if runes := []rune(s); len(runes) > 200 {
		s = string(runes[:200]) + "…"
	}
	return s
}

// Callback answers hubs at CallbackPath. Whoever does not know a token learns
// nothing; a subscription that has ended is answered with 410.
func (c *Crawler) Callback() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+CallbackPath+"{token}", func(w http.ResponseWriter, r *http.Request) { c.called(w, r, c.verify) })
	mux.HandleFunc("POST "+CallbackPath+"{token}", func(w http.ResponseWriter, r *http.Request) { c.called(w, r, c.distributed) })
	return mux
}

func (c *Crawler) called(w http.ResponseWriter, r *http.Request, answer func(*http.Request, record.Subscription) (status int, body string, err error)) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	p, err := c.catalogue.Subscription(r.Context(), r.PathValue("token"))
	status, body := http.StatusNotFound, "not found\n"
	if err == nil {
		status, body, err = answer(r, p)
	}
	if err != nil && !errors.Is(err, record.ErrNotFound) {
		c.o.Log.Error("hub not answered", "cause", err)
		status, body = http.StatusServiceUnavailable, "try again\n"
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // whoever has gone need not be answered
}

// verify answers a hub that asks whether we meant it (section 5.3), or that tells
// that it will not (section 5.2).
func (c *Crawler) verify(r *http.Request, p record.Subscription) (int, string, error) {
	q := r.URL.Query()
	mode, challenge := q.Get("hub.mode"), q.Get("hub.challenge")
	c.subs.Lock()
	defer c.subs.Unlock()
	p, err := c.catalogue.Subscription(r.Context(), p.Token) // as it is now
	if err != nil {
		return 0, "", err
	}
	now := c.o.Clock.Now()
	meant := mode == "subscribe" && p.Live() && (p.Pending == "subscribe" || p.State == record.PushActive) ||
		mode == "unsubscribe" && !p.Live() && now.Sub(p.Asked) < endedFor || mode == "denied" && p.Live()
	if !meant || q.Get("hub.topic") != p.Topic || mode != "denied" && challenge == "" || len(challenge) > maxChallenge {
		return http.StatusNotFound, "not asked for\n", nil
	}
	p.Pending, p.Failures, p.Error = "", 0, ""
	switch mode {
	case "subscribe":
		lease := leaseWanted
		if n, err := strconv.ParseInt(q.Get("hub.lease_seconds"), 10, 64); err == nil {
			lease = time.Duration(min(max(n, 0), int64(mostLease/time.Second))) * time.Second
		}
		lease = max(lease, leastLease)
		p.State, p.Until, p.Next = record.PushActive, now.Add(lease), now.Add(lease-min(lease/5, day))
		c.o.Log.Info("hub confirmed", "hub", withoutUser(p.Hub), "topic", withoutUser(p.Topic), "until", p.Until)
	case "unsubscribe":
		p.State, p.Until, p.Next = record.PushEnded, now, time.Time{}
	case "denied":
		p.State, p.Next, p.Error = record.PushRefused, now.Add(refusedFor), "the hub denied it"
		if why := plainly(unsaid(q.Get("hub.reason"), p)); why != "" {
			p.Error += ": " + why
		}
		challenge = ""
	}
	return http.StatusOK, challenge, c.catalogue.SetSubscription(r.Context(), p)
}

// distributed takes a message of a hub (section 7). It is a hint that the source
// has changed and nothing else: its words are read from the source itself. What is
// not signed as agreed is ignored, and answered like the rest, so that nobody
// learns by trying.
func (c *Crawler) distributed(r *http.Request, p record.Subscription) (int, string, error) {
	if !p.Live() {
		return http.StatusGone, "no longer wanted\n", nil
	}
	signed, err := signature(r, p.Secret)
	if err != nil {
		return http.StatusRequestEntityTooLarge, "too large, or broken off\n", nil //nolint:nilerr // the hub's fault
	}
	c.subs.Lock()
	defer c.subs.Unlock()
	if p, err = c.catalogue.Subscription(r.Context(), p.Token); err != nil {
		return 0, "", err
	}
	now := c.o.Clock.Now()
	switch {
	case p.State != record.PushActive:
		return http.StatusNotFound, "not asked for\n", nil
	case !signed:
		if c.forged == nil {
			c.forged = map[string]int{}
		}
		c.forged[p.Token]++
		if n := c.forged[p.Token]; n&(n-1) != 0 { // a flood of them is not a flood of writes
			return http.StatusAccepted, "", nil
		}
		p.Forged = max(p.Forged+1, c.forged[p.Token])
		c.o.Log.Warn("message of a hub ignored: not signed as agreed", "topic", withoutUser(p.Topic), "messages", p.Forged)
	case now.Sub(p.Heard) < pushGap && !p.Heard.After(now): // it is due since
		return http.StatusAccepted, "", c.hint(r.Context(), p, now)
	default:
		p.Heard, p.Told = now, p.Told+1
		if err := c.hint(r.Context(), p, now); err != nil {
			return 0, "", err
		}
	}
	return http.StatusAccepted, "", c.catalogue.SetSubscription(r.Context(), p)
}

// hmacs are the methods of X-Hub-Signature.
var hmacs = map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New}

// signature reads a message and reports whether it is signed with the secret, if
// there is one (section 7.1.2). The error is for a body that is too long or breaks
// off. Nothing of it is kept.
func signature(r *http.Request, secret string) (bool, error) {
	method, given, _ := strings.Cut(r.Header.Get("X-Hub-Signature"), "=")
	sum, err := hex.DecodeString(strings.TrimSpace(given))
	newHash := hmacs[strings.ToLower(strings.TrimSpace(method))]
	body := http.MaxBytesReader(nil, r.Body, maxPushBody)
	if secret == "" || newHash == nil || err != nil {
		_, err := io.Copy(io.Discard, body)
		return secret == "", err
	}
	mac := hmac.New(newHash, []byte(secret))
	if _, err := io.Copy(mac, body); err != nil {
		return false, err
	}
	return hmac.Equal(mac.Sum(nil), sum), nil
}

// hint makes a source due, at most a minute after its last visit: also where it is
// being visited just now, and may have been read before it changed.
func (c *Crawler) hint(ctx context.Context, p record.Subscription, now time.Time) error {
	s, err := c.source(ctx, p.Source)
	if err != nil || s.URL == "" {
		return err
	}
	v, err := c.catalogue.Visit(ctx, s.URL)
	if err != nil && !errors.Is(err, record.ErrNotFound) {
		return err
	}
	if v.Failures > 0 {
		return nil // it is left alone for a while: no hub shortens that
	}
	at := now
	if soonest := v.Tried.Add(pushGap); soonest.After(now) && soonest.Sub(now) <= pushGap {
		at = soonest
	}
	c.mu.Lock()
	if c.pushed == nil {
		c.pushed = map[record.ID]bool{}
	}
	c.pushed[s.ID] = true
	c.mu.Unlock()
	if err := c.dueAtOnce(ctx, s.URL, at); err != nil {
		return err
	}
	c.Wake()
	return nil
}

func (c *Crawler) dueAtOnce(ctx context.Context, address string, at time.Time) error {
	c.notes.hasten(address, at)
	return c.catalogue.Hasten(ctx, address, at)
}

// takeHint reports whether a hub told of a change since this was asked last.
func (c *Crawler) takeHint(id record.ID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	told := c.pushed[id]
	delete(c.pushed, id)
	return told
}
