package guard

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
)

// recording keeps every address that the guard lets pass and connects to none
// of them, so that a broken guard sends nothing here.
type recording struct{ passed []string }

var errRecorded = errors.New("recorded, not connected")

func (r *recording) witness(_, address string) error {
	r.passed = append(r.passed, address)
	return errRecorded
}

func table(t *testing.T) (addresses, urls []string) {
	t.Helper()
	b, err := os.ReadFile("testdata/addresses.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Addresses []string `json:"addresses_never_dialled"`
		URLs      []string `json:"urls_never_fetched"`
	}
	if err := json.Unmarshal(b, &v); err != nil || len(v.Addresses) < 29 || len(v.URLs) < 18 {
		t.Fatalf("the table has %d addresses and %d URLs (%v)", len(v.Addresses), len(v.URLs), err)
	}
	return v.Addresses, v.URLs
}

func TestNoAddressOfTheTableIsDialled(t *testing.T) {
	addresses, _ := table(t)
	for _, a := range addresses {
		for _, port := range []string{"80", "443", "8080"} {
			var r recording
			d := New(Options{Strangers: true, Witness: r.witness})
			c, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort(a, port))
			if err == nil {
				c.Close()
			}
			if len(r.passed) > 0 || !errors.Is(err, ErrBlocked) {
				t.Errorf("%s port %s: passed %v, error %v; want ErrBlocked before any connection", a, port, r.passed, err)
			}
		}
	}
}

func TestNoURLOfTheTableIsFetched(t *testing.T) {
	_, urls := table(t)
	for _, raw := range urls {
		var r recording
		d := New(Options{Strangers: true, Witness: r.witness, Resolver: noNames()})
		client := &http.Client{Transport: d.Transport()}
		if u, err := CheckURL(raw); err == nil {
			resp, err := client.Do(request(t, u.String()))
			if err == nil {
				resp.Body.Close()
				t.Errorf("%s was answered", raw)
			}
		} else if !errors.Is(err, ErrURL) {
			t.Errorf("%s: %v, want ErrURL", raw, err)
		}
		if len(r.passed) > 0 {
			t.Errorf("%s led to %v", raw, r.passed)
		}
	}
}

func request(t *testing.T, raw string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, raw, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// noNames answers every question for a name with an error, without a network;
// spellings of addresses that only a resolver would read end here.
func noNames() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no names here")
	}}
}

func TestPublicAddressesNeedAContact(t *testing.T) {
	for name, tt := range map[string]struct {
		strangers bool
		address   string
		want      error
	}{
		"without a contact nobody is asked": {false, "1.1.1.1:443", ErrNoContact},
		"with one they are":                 {true, "1.1.1.1:443", errRecorded},
		"but not on any port":               {true, "1.1.1.1:22", ErrBlocked},
		"IPv6 as well":                      {true, "[2606:4700:4700::1111]:443", errRecorded},
	} {
		t.Run(name, func(t *testing.T) {
			var r recording
			_, err := New(Options{Strangers: tt.strangers, Witness: r.witness}).DialContext(t.Context(), "tcp", tt.address)
			if !errors.Is(err, tt.want) {
				t.Errorf("dialling %s: %v, want %v", tt.address, err, tt.want)
			}
		})
	}
}

func TestWithoutAContactNotEvenANameIsAskedFor(t *testing.T) {
	asked := false
	d := New(Options{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		asked = true
		return nil, errors.New("no names here")
	}}})
	if _, err := d.DialContext(t.Context(), "tcp", "www.hsb.example:443"); !errors.Is(err, ErrNoContact) || asked {
		t.Errorf("error %v, name asked for: %v; want ErrNoContact and no question", err, asked)
	}
}

func TestOwnNetworksAreReached(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "own") }))
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	d := New(Options{
		Own:       []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		ConnectTo: map[string]string{"www.hsb.example:80": address, "secret.example:80": "10.0.0.1:80"},
	})
	for host, want := range map[string]bool{"www.hsb.example:80": true, "secret.example:80": false, "127.0.0.1:9": true, "192.0.2.1:80": false} {
		if got := d.Owns(t.Context(), host); got != want {
			t.Errorf("Owns(%s) = %v, want %v", host, got, want)
		}
	}
	tr := d.Transport()
	defer tr.CloseIdleConnections()
	resp, err := (&http.Client{Transport: tr}).Do(request(t, "http://www.hsb.example/"))
	if err != nil {
		t.Fatalf("own network through connect_to: %v", err)
	}
	resp.Body.Close()
	if _, err := d.DialContext(t.Context(), "tcp", "secret.example:80"); !errors.Is(err, ErrBlocked) {
		t.Errorf("connect_to into another private network: %v, want ErrBlocked", err)
	}
}

func TestProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	if New(Options{}).Transport().Proxy != nil {
		t.Error("the transport asks the environment for a proxy")
	}
}

func TestCheckURLRefuses(t *testing.T) {
	for _, raw := range []string{
		"", "www.hsb.example/feed", "//hsb.example/", "http:///a", "http://hsb.example:99999/", "http://hsb.example:0/", "http://user@hsb.example/",
		"javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://hsb.example/a b", "http://hsb.example\\@evil.example/", "http://hsb.example/%zz",
		"http://hsb.example/\x00", "https://hsb.example/" + strings.Repeat("a", MaxURL),
	} {
		if u, err := CheckURL(raw); !errors.Is(err, ErrURL) {
			t.Errorf("CheckURL(%.60q) = %v, %v; want ErrURL", raw, u, err)
		}
	}
	for _, raw := range []string{"https://www.hsb.example/feed/?a=1;b=2", "HTTP://HSB.example:8080/"} {
		if _, err := CheckURL(raw); err != nil {
			t.Errorf("CheckURL(%q): %v", raw, err)
		}
	}
}

func TestPrivateAddressesAreToldWithoutAskingForNames(t *testing.T) {
	d := New(Options{Own: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}, Resolver: noNames(), ConnectTo: map[string]string{"to.example:443": "192.168.0.1:8443"}})
	for raw, refused := range map[string]bool{
		"http://127.0.0.1/feed": true, "https://[::1]/": true, "http://169.254.169.254/latest": true, "http://localhost/": true, "http://printer.localhost./": true, "http://10.2.0.1/": true, "https://to.example/": true,
		"http://10.1.0.1:8080/": false, "https://www.hsb.example/": false, "https://9.9.9.9/": false,
	} {
		u, err := CheckURL(raw)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Refuses(u); errors.Is(err, ErrBlocked) != refused || err != nil && !refused {
			t.Errorf("%s: %v, want it refused: %v", raw, err, refused)
		}
	}
}

// FuzzCheckURL: an address that is taken has no userinfo, reads back as itself,
// and none that is a private address in digits is let pass.
func FuzzCheckURL(f *testing.F) {
	for _, s := range []string{"https://www.hsb.example/a?b#c", "http://0x7f.1/", "http://[::ffff:127.0.0.1]:80/", "https://u:p@hsb.example/", "http:\\\\x", "https://a.example:99999/", "HTTP://LOCALHOST./"} {
		f.Add(s)
	}
	d := New(Options{Strangers: true, Resolver: noNames()})
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := CheckURL(raw)
		if err != nil {
			if !errors.Is(err, ErrURL) {
				t.Errorf("%q: %v is no ErrURL", raw, err)
			}
			return
		}
		if again, err := CheckURL(u.String()); u.User != nil || err != nil && len(u.String()) <= MaxURL || err == nil && again.String() != u.String() {
			t.Errorf("%q is taken as %q, and that as %v (%v)", raw, u, again, err)
		}
		if a, err := netip.ParseAddr(u.Hostname()); err == nil && (a.Unmap().IsLoopback() || a.Unmap().IsPrivate()) && d.Refuses(u) == nil {
			t.Errorf("%q is let pass", raw)
		}
	})
}
