// Package guard is the dialer of everything that calls out. It refuses private
// and special addresses at the moment of connecting, after names were resolved,
// so that neither a redirect nor a name that changes its address leads into the
// operator's own network. It fetches nothing itself.
package guard

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// Errors that a caller can test for.
var (
	// ErrBlocked says that an address is private, special or on a port that is
	// not asked, and so was not connected to.
	ErrBlocked = errors.New("blocked address")
	// ErrNoContact says that a stranger's host is not asked while the operator
	// has named no contact.
	ErrNoContact = errors.New("no contact")
)

// Options shape a Dialer. The zero value refuses every private address and, for
// want of a contact, every other one too.
type Options struct {
	// Own are the operator's own networks: they may be connected to on any
	// port, though they be private.
	Own []netip.Prefix
	// Strangers allows hosts outside Own. It is set once the operator has given
	// a contact, which every request names.
	Strangers bool
	// Ports are those of strangers that may be connected to; nil means 80 and 443.
	Ports []uint16
	// ConnectTo sends "host:port" to another "host:port", as curl's
	// --connect-to does; where it leads is guarded as well.
	ConnectTo map[string]string
	// Resolver resolves names; nil means the machine's.
	Resolver *net.Resolver
	// Timeout bounds one connection, name and handshake of TCP; 0 means 5s.
	Timeout time.Duration
	// Connect, unless nil, makes the connection to an address that the guard let
	// pass, in place of the machine's network: a simulation has one of its own. It
	// is given addresses, never names.
	Connect func(ctx context.Context, network, address string) (net.Conn, error)
	// Witness, unless nil, hears of every address that the guard lets pass,
	// right before it is connected to; an error from it keeps the connection
	// from being made. Tests use it to send nothing, even with a broken guard.
	Witness func(network, address string) error
}

// Dialer connects to what is allowed. It is safe for concurrent use.
type Dialer struct {
	own       []netip.Prefix
	strangers bool
	connectTo map[string]string
	resolver  *net.Resolver
	guardian  *ssrf.Guardian
	witness   func(network, address string) error
	connect   func(ctx context.Context, network, address string) (net.Conn, error)
	dialer    net.Dialer
}

// New returns a dialer.
func New(o Options) *Dialer {
	d := &Dialer{own: o.Own, strangers: o.Strangers, connectTo: o.ConnectTo, resolver: o.Resolver, witness: o.Witness, connect: o.Connect}
	var ports []ssrf.Option
	if o.Ports != nil {
		ports = append(ports, ssrf.WithPorts(o.Ports...))
	}
	d.guardian = ssrf.New(ports...)
	if d.resolver == nil {
		d.resolver = net.DefaultResolver
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	d.dialer = net.Dialer{Timeout: o.Timeout, Resolver: d.resolver, Control: d.control}
	return d
}

// Strangers is the dialer for addresses that strangers give: the operator's own
// networks are refused as well, and nothing is connected to elsewhere.
func (d *Dialer) Strangers() *Dialer {
	out := *d
	out.own, out.connectTo = nil, nil
	out.dialer.Control = out.control
	return &out
}

// DialContext connects to "host:port". A name with several addresses is tried
// at those that are allowed. The error wraps ErrBlocked where none is, or
// ErrNoContact; then nothing was sent.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if to, ok := d.connectTo[address]; ok {
		address = to
	} else if !d.strangers && len(d.own) == 0 {
		// Nobody may be asked: not even the name servers, for a name.
		if host, _, err := net.SplitHostPort(address); err == nil && net.ParseIP(host) == nil {
			return nil, fmt.Errorf("%s belongs to others, who must be able to reach you: set crawl.contact: %w", address, ErrNoContact)
		}
	}
	if d.connect != nil {
		if network = "tcp6"; strings.Count(address, ":") == 1 {
			network = "tcp4"
		}
		if err := d.control(network, address, nil); err != nil { // refuses whatever is no address
			return nil, err
		}
		return d.connect(ctx, network, address)
	}
	return d.dialer.DialContext(ctx, network, address)
}

// control judges one resolved address right before it is connected to.
func (d *Dialer) control(network, address string, c syscall.RawConn) error {
	if err := d.judge(network, address, c); err != nil {
		return err
	}
	if d.witness != nil {
		return d.witness(network, address)
	}
	return nil
}

func (d *Dialer) judge(network, address string, c syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%s is no address: %w", address, ErrBlocked)
	}
	if d.owns(at.Addr()) {
		return nil
	}
	if err := d.guardian.Safe(network, address, c); err != nil {
		return fmt.Errorf("%s is a private or special address, or a port that is not asked (%v): %w", address, err, ErrBlocked)
	}
	if !d.strangers {
		return fmt.Errorf("%s belongs to others, who must be able to reach you: set crawl.contact: %w", address, ErrNoContact)
	}
	return nil
}

func (d *Dialer) owns(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, p := range d.own {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Owns reports whether every address of "host:port" lies in the operator's own
// networks. A name that does not resolve is nobody's.
func (d *Dialer) Owns(ctx context.Context, address string) bool {
	if len(d.own) == 0 {
		return false
	}
	if to, ok := d.connectTo[address]; ok {
		address = to
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	list := []netip.Addr{}
	if a, err := netip.ParseAddr(host); err == nil {
		list = append(list, a)
	} else if list, err = d.resolver.LookupNetIP(ctx, "ip", host); err != nil {
		return false
	}
	for _, a := range list {
		if !d.owns(a) {
			return false
		}
	}
	return len(list) > 0
}

// Transport is an HTTP transport that connects through d alone: no proxy of the
// environment, which would connect in its place, one connection a host, and
// bounded headers. The caller sets what else it needs.
func (d *Dialer) Transport() *http.Transport {
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            d.DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		MaxConnsPerHost:        1,
		MaxIdleConnsPerHost:    1,
		MaxIdleConns:           256,
		IdleConnTimeout:        30 * time.Second,
		ForceAttemptHTTP2:      true,
	}
}
