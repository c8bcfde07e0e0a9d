package main

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// N13: where nobody can be reached, one line says so and not one a source.
func TestN13CrawlOfflineSaysSoInOneLine(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := "[crawl]\nown_networks = [\"127.0.0.0/8\"]\nconnect_to = [\"a.example:443=" + nobody + "\", \"b.example:443=" + nobody + "\"]\n"
	for _, host := range []string{"a.example", "b.example"} {
		config += "[[source]]\nkind = \"feed\"\nurl = \"https://" + host + "/feed\"\nenabled = true\n"
	}
	a := onrecord(t, filepath.Join(dir, "data"), "--config", write(t, filepath.Join(dir, "config.toml"), config), "crawl", "--once")
	lines := strings.Split(strings.TrimSpace(a.stderr), "\n")
	if a.code != exitCould || len(lines) != 1 || !strings.Contains(lines[0], "none of 2 addresses could be asked; is this machine offline?") {
		t.Errorf("exit %d\n%s%s", a.code, a.stdout, a.stderr)
	}
}
