package crawlsim

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
)

// network is a network in memory: real sockets would keep a simulated clock
// from moving.
type network struct {
	waiting chan net.Conn
	once    sync.Once
	closed  chan struct{}
}

func newNetwork() *network {
	return &network{waiting: make(chan net.Conn), closed: make(chan struct{})}
}

// dial connects to whoever accepts.
func (n *network) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case n.waiting <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), ours.Close(), theirs.Close())
	case <-n.closed:
		return nil, errors.Join(net.ErrClosed, ours.Close(), theirs.Close())
	}
}

// Accept waits for a connection.
func (n *network) Accept() (net.Conn, error) {
	select {
	case c := <-n.waiting:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Close ends waiting. Closing twice is no error.
func (n *network) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

// Addr is an address that stands for the whole network.
func (n *network) Addr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(everyHost))
}

// everyHost is where every name of the simulation leads: an address that the
// guard lets strangers have. Nothing is ever sent there.
const everyHost = "1.1.1.1:80"
