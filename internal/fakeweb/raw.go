package fakeweb

import (
	"context"
	"crypto/tls"
	"io"
	"net"
)

// Raw has serve speak on every connection to an address of its own, which is
// returned: for what no HTTP server would say. With protocols, such as "h2", it
// is TLS by the sites' certificate. A connection is closed when serve returns,
// and all of them by Close.
func (w *Web) Raw(serve func(net.Conn), protocols ...string) (address string, err error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil || !w.keep(l) {
		return "", err
	}
	w.wait.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if !w.keep(c) {
				_ = c.Close()
				return
			}
			w.wait.Go(func() { w.speak(c, serve, protocols) })
		}
	})
	return l.Addr().String(), nil
}

func (w *Web) speak(c net.Conn, serve func(net.Conn), protocols []string) {
	defer w.drop(c)
	if len(protocols) > 0 {
		t := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{w.cert}, NextProtos: protocols, MinVersion: tls.VersionTLS12})
		if t.HandshakeContext(context.Background()) != nil {
			return
		}
		c = t
	}
	serve(c)
}

func (w *Web) keep(c io.Closer) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closers == nil {
		return false
	}
	w.closers[c] = true
	return true
}

func (w *Web) drop(c io.Closer) {
	_ = c.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.closers, c)
}
