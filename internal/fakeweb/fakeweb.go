// Package fakeweb plays sites over real HTTP and TLS on loopback: what each
// address answers from when on, with validators, under the names of the sites.
// It serves tests and the demo and knows nothing of crawling.
package fakeweb

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"sync"
	"time"
)

// Page is what an address answers from a moment on.
type Page struct {
	URL    string
	From   time.Time // the zero time means always
	Status int       // 0 means 200
	Header http.Header
	Body   []byte
}

// Request is one that was answered.
type Request struct {
	Host   string
	URL    string
	At     time.Time // of this machine
	Status int
	Header http.Header
}

// Web plays sites. It is made by Start.
type Web struct {
	clock   func() time.Time
	pages   map[string][]Page // by address, earliest first
	plain   *http.Server
	secure  *http.Server
	plainAt string
	secAt   string
	roots   *x509.CertPool
	pem     []byte
	cert    tls.Certificate
	wait    sync.WaitGroup

	mu       sync.Mutex // guards what follows
	hosts    map[string]http.Handler
	requests []Request
	record   bool
	now      map[string]int // requests that are being answered, by host
	most     map[string]int
	closers  map[io.Closer]bool // of raw listeners and their connections; nil once closed
}

// Start plays the pages on two loopback ports, one for http and one for https.
// Hosts are further names whose certificate is needed. The clock says which
// state of a page is shown; nil means time.Now.
func Start(pages []Page, clock func() time.Time, hosts ...string) (*Web, error) {
	if clock == nil {
		clock = time.Now
	}
	w := &Web{clock: clock, pages: map[string][]Page{}, hosts: map[string]http.Handler{}, now: map[string]int{}, most: map[string]int{}, closers: map[io.Closer]bool{}}
	for _, p := range pages {
		u, err := url.Parse(p.URL)
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, u.Hostname())
		w.pages[p.URL] = append(w.pages[p.URL], p)
	}
	for _, list := range w.pages {
		sort.SliceStable(list, func(i, j int) bool { return list[i].From.Before(list[j].From) })
	}
	cert, err := w.certificate(hosts)
	if err != nil {
		return nil, err
	}
	w.cert = cert
	w.plain, w.secure = w.server(nil), w.server(&tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	return w, w.listen()
}

func (w *Web) server(t *tls.Config) *http.Server {
	return &http.Server{Handler: w, TLSConfig: t, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
}

func (w *Web) listen() error {
	for _, s := range []*http.Server{w.plain, w.secure} {
		l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
		if err != nil {
			return errors.Join(err, w.Close())
		}
		if s == w.plain {
			w.plainAt = l.Addr().String()
			w.wait.Go(func() { _ = s.Serve(l) }) // ends with Close
		} else {
			w.secAt = l.Addr().String()
			w.wait.Go(func() { _ = s.ServeTLS(l, "", "") })
		}
	}
	return nil
}

// Close ends the servers.
func (w *Web) Close() error {
	err := errors.Join(w.plain.Close(), w.secure.Close())
	w.mu.Lock()
	for c := range w.closers {
		_ = c.Close()
	}
	w.closers = nil
	w.mu.Unlock()
	w.wait.Wait()
	return err
}

// ConnectTo maps "host:80" and "host:443" of every host to the loopback ports.
func (w *Web) ConnectTo(hosts ...string) map[string]string {
	out := map[string]string{}
	add := func(host string) {
		out[host+":80"], out[host+":443"] = w.plainAt, w.secAt
	}
	for address := range w.pages {
		if u, err := url.Parse(address); err == nil {
			add(u.Hostname())
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for h := range w.hosts {
		add(h)
	}
	for _, h := range hosts {
		add(h)
	}
	return out
}

// Addresses are the loopback addresses of http and https.
func (w *Web) Addresses() (plain, secure string) { return w.plainAt, w.secAt }

// Roots trusts the certificate of the sites.
func (w *Web) Roots() *x509.CertPool { return w.roots }

// PEM is that certificate, as a file for a program that must trust it.
func (w *Web) PEM() []byte { return w.pem }

// Handle lets h answer for a host in place of pages.
func (w *Web) Handle(host string, h http.Handler) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hosts[host] = h
}

// Record keeps every request from now on, for Requests.
func (w *Web) Record() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.record = true
}

// Requests are the recorded requests in the order in which they came.
func (w *Web) Requests() []Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Request(nil), w.requests...)
}

// Most is how many requests for a host were being answered at once, at most.
func (w *Web) Most(host string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.most[host]
}

// ServeHTTP answers for all sites, by the request's host.
func (w *Web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	at := time.Now() // of this machine: the times at which a host was asked
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	address := scheme + "://" + host + r.URL.RequestURI()
	w.mu.Lock()
	h := w.hosts[host]
	w.now[host]++
	w.most[host] = max(w.most[host], w.now[host])
	w.mu.Unlock()
	rw.Header().Set("Date", w.clock().UTC().Format(http.TimeFormat))
	status := &statusWriter{ResponseWriter: rw, status: http.StatusOK}
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.now[host]--
		if w.record {
			w.requests = append(w.requests, Request{Host: host, URL: address, At: at, Status: status.status, Header: r.Header})
		}
	}()
	if h != nil {
		h.ServeHTTP(status, r)
		return
	}
	w.page(status, r, address)
}

// page answers with the state of a page that the clock shows.
func (w *Web) page(rw http.ResponseWriter, r *http.Request, address string) {
	var now *Page
	for i, p := range w.pages[address] {
		if !p.From.After(w.clock()) {
			now = &w.pages[address][i]
		}
	}
	if now == nil {
		http.Error(rw, "There is nothing here.", http.StatusNotFound)
		return
	}
	for k, v := range now.Header {
		rw.Header()[k] = v
	}
	if now.Status != 0 && now.Status != http.StatusOK {
		rw.WriteHeader(now.Status)
		_, _ = rw.Write(now.Body)
		return
	}
	sum := sha256.Sum256(now.Body)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	rw.Header().Set("Etag", tag)
	if !now.From.IsZero() {
		rw.Header().Set("Last-Modified", now.From.UTC().Format(http.TimeFormat))
	}
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		rw.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = rw.Write(now.Body)
}

// statusWriter notes the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (w *statusWriter) WriteHeader(status int) {
	if status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// certificate makes a key and a certificate for the hosts, for this process.
func (w *Web) certificate(hosts []string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	names := map[string]bool{}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "onrecord fake web"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), // whatever a test's clock shows
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: true,
	}
	for _, h := range hosts {
		if !names[h] {
			names[h] = true
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, err
	}
	w.roots = x509.NewCertPool()
	w.roots.AddCert(leaf)
	w.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}
