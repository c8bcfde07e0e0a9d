package crawler

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"onrecord/guard"
	"onrecord/internal/fakeweb"
	"onrecord/record"
)

func TestFaultsOfTheNetwork(t *testing.T) {
	suffer(t, 12, slices.Concat(connections(t), names(), handshakes(t), answersCut(t)))
	suffer(t, 1, []fault{proxied()})
}

// unnamed is a case whose host has a name that this resolver knows; nothing but
// loopback is connected to.
func unnamed(id string, n fakeweb.Names, passed []string, state record.VisitState, says string) fault {
	var r recorder
	return fault{
		id: id, url: "https://gone.example/feed", kind: record.SourceFeed, state: state, says: says,
		guard: func(o *guard.Options) { o.Strangers, o.Resolver, o.Witness = true, fakeweb.Resolver(n), r.witness },
		check: func(h *house) {
			if !slices.Equal(r.passed, passed) {
				h.Errorf("passed %v, want %v", r.passed, passed)
			}
			if n := h.captured("https://gone.example/feed"); n != 0 {
				h.Errorf("%d captures of what nobody answered", n)
			}
		},
	}
}

func names() []fault {
	public, private, local := netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr("10.0.0.7"), netip.MustParseAddr("fd00::7")
	always := func(list ...netip.Addr) fakeweb.Names {
		return func(string) ([]netip.Addr, dnsmessage.RCode) { return list, dnsmessage.RCodeSuccess }
	}
	var asked, failed atomic.Int32
	turning := func(string) ([]netip.Addr, dnsmessage.RCode) {
		if asked.Add(1) <= 2 { // A and AAAA of whoever looks before the dial
			return []netip.Addr{public}, dnsmessage.RCodeSuccess
		}
		return []netip.Addr{private}, dnsmessage.RCodeSuccess
	}
	n3 := unnamed("N3 a name that does not exist", func(string) ([]netip.Addr, dnsmessage.RCode) { return nil, dnsmessage.RCodeNameError }, nil, record.VisitFailed, "the name gone.example does not exist")
	n3.run = func(h *house) {
		for range 3 {
			h.once()
			h.clock().move(time.Hour)
		}
		if n := strings.Count(h.log.String(), "source failed again and again"); n != 1 {
			h.Errorf("%d alarms after three visits that failed, want one", n)
		}
	}
	n4 := unnamed("N4 a resolver that fails is asked twice, then later", func(string) ([]netip.Addr, dnsmessage.RCode) {
		failed.Add(1)
		return nil, dnsmessage.RCodeServerFailure
	}, nil, record.VisitFailed, "the name gone.example could not be resolved")
	n4.check = func(h *house) {
		once := failed.Load()
		_, _ = fakeweb.Resolver(func(string) ([]netip.Addr, dnsmessage.RCode) {
			failed.Add(1)
			return nil, dnsmessage.RCodeServerFailure
		}).LookupNetIP(h.Context(), "ip", "gone.example")
		if lookup := failed.Load() - once; once != 3*lookup { // whose host it is, the request, and that once more
			h.Errorf("%d questions, want those of three lookups: %d", once, 3*lookup)
		}
		if v := h.visited("https://gone.example/feed"); v.Due.Sub(v.Tried) != firstBackoff {
			h.Errorf("asked again after %v", v.Due.Sub(v.Tried))
		}
	}
	return []fault{
		n3, n4,
		unnamed("N5 a name that turns home after a look", turning, nil, record.VisitBarred, "blocked address: 10.0.0.7:443"),
		unnamed("N6 of public and private addresses only the public", always(public, local), []string{"93.184.216.34:443"}, record.VisitFailed, "recorded"),
		unnamed("N6 a name with private addresses alone", always(private, local), nil, record.VisitBarred, "blocked address"),
	}
}

func connections(t *testing.T) []fault {
	to := func(address string) func(*guard.Options) {
		return func(o *guard.Options) { o.ConnectTo["faults.example:443"] = address }
	}
	return []fault{
		{id: "N1 connection refused", state: record.VisitFailed, says: "unreachable: connection refused", guard: to(closed(t)), run: func(h *house) {
			var waits []time.Duration
			for range 9 {
				h.once()
				waits = append(waits, h.visited(faulty).Due.Sub(h.clock().Now()))
				h.clock().move(6 * time.Hour)
			}
			m := time.Minute
			if want := []time.Duration{5 * m, 10 * m, 20 * m, 40 * m, 80 * m, 160 * m, 320 * m, 360 * m, 360 * m}; !slices.Equal(waits, want) {
				h.Errorf("waits %v, want %v", waits, want)
			}
		}},
		{id: "N2 a connection that is never made", state: record.VisitFailed, says: "unreachable: timed out, no connection within 5s", guard: to(full(t))},
		{id: "N8 a TLS handshake that hangs", state: record.VisitFailed, says: "timed out: no TLS handshake within 5s", url: faulty, alpn: nil, raw: silent},
		{id: "N11 a host that accepts and is silent", state: record.VisitFailed, says: "timed out: no answer within 10s", raw: rawly(func(c net.Conn, _ int) { silent(c) })},
		{id: "N12 a drip of a byte a second", state: record.VisitFailed, says: "too slow: it came slower than 1 KiB a second", raw: rawly(func(c net.Conn, _ int) { drip(c, 1, time.Second) })},
		{id: "N12 an answer that has no end in sight", state: record.VisitFailed, says: "too slow: it was not whole after 30s", raw: rawly(func(c net.Conn, _ int) { drip(c, 2048, 500*time.Millisecond) })},
		{id: "N13 a machine without a network", state: record.VisitFailed, says: "unreachable: connection refused", guard: to(closed(t)), more: []record.Source{{URL: "https://nowhere.example/a", Kind: record.SourcePage}}, run: func(h *house) {
			r, err := h.Once(h.Context(), record.SourceID(faulty), record.SourceID("https://nowhere.example/a"))
			must(h.T, err)
			if r.Visits != 2 || r.Unreached != 2 || r.Captures != 0 {
				h.Errorf("report %+v, want two visits, and that neither reached anybody", r)
			}
			h.once()
		}},
		slowHost(),
		sixOnly(t),
		{id: "N17 a kept connection that closes", url: plain, raw: keptThenClosed(), check: func(h *house) {
			if n := h.captured(plain); n != 1 {
				h.Errorf("%d captures, want one", n)
			}
		}},
	}
}

// closed is an address where nobody listens.
func closed(t *testing.T) string {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	must(t, l.Close())
	return l.Addr().String()
}

// full is an address whose queue of connections is full, so that the system
// lets a further one wait: a black hole on loopback.
func full(t *testing.T) string {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	must(t, err)
	t.Cleanup(func() { syscall.Close(fd) })
	must(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	must(t, syscall.Listen(fd, 0))
	at, err := syscall.Getsockname(fd)
	must(t, err)
	address := fmt.Sprintf("127.0.0.1:%d", at.(*syscall.SockaddrInet4).Port)
	for range 4 {
		c, err := (&net.Dialer{Timeout: 300 * time.Millisecond}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			return address // it is full
		}
		t.Cleanup(func() { c.Close() })
	}
	t.Fatal("the queue does not fill up")
	return ""
}

func drip(c net.Conn, size int, every time.Duration) {
	io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000000\r\n\r\n")
	for range 120 {
		if _, err := c.Write(make([]byte, size)); err != nil {
			return
		}
		time.Sleep(every) // a real drip over a real connection
	}
}

// slowHost has one host that takes its time, and two hundred sources on others:
// most of those are visited while it does.
func slowHost() fault {
	others := make(chan struct{}, 300)
	f := fault{id: "N14 a slow host keeps nobody waiting", serve: func(w http.ResponseWriter, _ *http.Request) {
		enough := time.After(8 * time.Second) // real, as the others are asked really
		for range 60 {
			select {
			case <-others:
			case <-enough:
			}
		}
		io.WriteString(w, article("A", sorry))
	}, change: func(o *Options) {
		o.Workers = 2
		told := o.Told
		o.Told = func(x Told) { told(x); others <- struct{}{} }
	}}
	for i := range 200 {
		f.more = append(f.more, record.Source{URL: fmt.Sprintf("https://%s.example/n%d", []string{"www.hsb", "echo"}[i%2], i), Kind: record.SourcePage})
		f.pages = append(f.pages, page(f.more[i].URL, "<p>x"))
	}
	f.check = func(h *house) {
		slow := slices.IndexFunc(h.told, func(x Told) bool { return x.Visit.URL == faulty })
		if len(h.told) != 202 || slow < 60 {
			h.Errorf("%d visits, the slow one was number %d; want 202, and sixty others while it lasted", len(h.told), slow+1)
		}
	}
	return f
}

// sixOnly is a host that has an IPv6 address alone.
func sixOnly(t *testing.T) fault {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp6", "[::1]:0")
	if err != nil {
		t.Skipf("NOT RUN: this system has no ::1: %v", err)
	}
	s := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil // of this machine, not of the case's clock
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		io.WriteString(w, article("Six", sorry))
	})}
	address := fmt.Sprintf("http://six.example:%d/x", l.Addr().(*net.TCPAddr).Port)
	return fault{
		id: "N16 a host with IPv6 alone", url: address,
		guard: func(o *guard.Options) {
			o.Own = append(o.Own, netip.MustParsePrefix("::1/128"))
			o.Resolver = fakeweb.Resolver(func(string) ([]netip.Addr, dnsmessage.RCode) {
				return []netip.Addr{netip.IPv6Loopback()}, dnsmessage.RCodeSuccess
			})
		},
		run: func(h *house) {
			served := make(chan error, 1)
			go func() { served <- s.Serve(l) }()
			h.once()
			s.Close()
			<-served
			if len(h.words()) != 1 {
				h.Errorf("words %q", h.words())
			}
		},
	}
}

// keptThenClosed closes the connection that robots.txt came by when it is used
// again.
func keptThenClosed() func(net.Conn) {
	var n atomic.Int32
	return func(c net.Conn) {
		b := make([]byte, 4096)
		if _, err := c.Read(b); err != nil {
			return
		}
		if n.Add(1) == 1 {
			io.WriteString(c, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
			_, _ = c.Read(b) // the next request comes, and is not answered
			return
		}
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(article("A", sorry)), article("A", sorry))
	}
}

// proxied has a proxy named in the environment that is not there: it is not
// asked, since the guard would not see what it connects to.
func proxied() fault {
	return fault{id: "N15 a wrong proxy in the environment", serve: func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, article("A", sorry)) }, run: func(h *house) {
		for _, key := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"} {
			h.Setenv(key, "http://127.0.0.1:1")
		}
		h.once()
	}}
}

// handshakes are hosts whose certificate is no good.
func handshakes(t *testing.T) []fault {
	now := time.Now()
	refused := func(id, says string, cert tls.Certificate, roots *x509.CertPool, pins ...string) fault {
		f := fault{
			id: id, url: faulty, state: record.VisitFailed, says: says,
			raw: func(c net.Conn) {
				s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
				if s.Handshake() == nil {
					says200(s)
				}
			},
			change: func(o *Options) {
				if roots != nil {
					o.TLS = o.TLS.Clone()
					o.TLS.RootCAs = o.TLS.RootCAs.Clone()
					leaf, _ := x509.ParseCertificate(cert.Certificate[0])
					o.TLS.RootCAs.AddCert(leaf)
				}
				if pins != nil {
					o.Pins = map[string][]string{"Faults.example": pins}
				}
			},
		}
		if says == "" {
			f.state = record.VisitOK
		}
		return f
	}
	trusted := x509.NewCertPool()
	expired := certificate(t, "faults.example", now.Add(-time.Hour))
	unknown := certificate(t, "faults.example", now.Add(time.Hour))
	leaf, err := x509.ParseCertificate(expired.Certificate[0])
	must(t, err)
	sum := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	return []fault{
		refused("N7 a certificate that has expired", "TLS certificate refused: x509: certificate has expired", expired, trusted),
		refused("N7 a certificate that nobody signed", "TLS certificate refused: x509: certificate signed by unknown authority", unknown, nil),
		refused("N7 a certificate of another host", "TLS certificate refused: x509: certificate is valid for other.example", certificate(t, "other.example", now.Add(time.Hour)), trusted),
		refused("N7 an expired one whose key is pinned", "", expired, nil, base64.StdEncoding.EncodeToString(sum[:])),
		refused("N7 a good one with another key than is pinned", "TLS certificate refused: the host has another key than the one that is pinned", unknown, trusted, base64.StdEncoding.EncodeToString(sum[:])),
	}
}

func says200(c net.Conn) {
	says(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(article("A", sorry)), article("A", sorry)))(c)
}

func certificate(t *testing.T, host string, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(7), NotBefore: time.Unix(0, 0), NotAfter: until, DNSNames: []string{host}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	must(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// answersCut break off; they are asked once more, and never kept.
func answersCut(t *testing.T) []fault {
	cut := func(id, says, head string) fault {
		var tries atomic.Int32
		return fault{id: id, state: record.VisitFailed, says: says, raw: rawly(func(c net.Conn, _ int) {
			tries.Add(1)
			io.WriteString(c, head)
			time.Sleep(50 * time.Millisecond) // so that the head is read before the reset comes
			_ = c.(*net.TCPConn).SetLinger(0)
		}), check: func(h *house) {
			if n := tries.Load(); n != 2 {
				h.Errorf("asked %d times, want twice", n)
			}
			if n := h.captured(plain); n != 0 {
				h.Errorf("%d captures of half an answer", n)
			}
		}}
	}
	return []fault{
		cut("N9 a reset after the headers", "connection reset", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n"),
		cut("N10 a reset in the body", "connection reset", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n<p>We are sor"),
	}
}
