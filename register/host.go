package register

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"onrecord/record"
)

// place is an organisation's corner of a host: everything below path, which is
// "" for the whole host.
type place struct {
	path string
	org  int
}

func (r *Register) addDomain(i int, domain string) error {
	host, path := hostPath(domain)
	if host == "" {
		return fmt.Errorf("domain %q: want a host, or a host and a path: %w", domain, record.ErrInvalid)
	}
	for _, p := range r.byHost[host] {
		if p.path == path {
			r.warn("domain %s: both %s and %s", domain, r.orgs[p.org].ID, r.orgs[i].ID)
		}
	}
	r.byHost[host] = append(r.byHost[host], place{path, i})
	return nil
}

// Host is the organisation on whose host the address lies: the longest host
// that matches, and on it the longest path. Subdomains belong to their domain,
// except below a collective's: there each is somebody else's (a surgery below
// nhs.uk does not speak for the NHS).
func (r *Register) Host(rawurl string) (Org, bool) {
	host, path := hostPath(rawurl)
	for at := host; at != ""; {
		if i, ok := longest(r.byHost[at], path); ok {
			if at != host && r.orgs[i].Collective() {
				return Org{}, false
			}
			return r.orgs[i], true
		}
		_, rest, more := strings.Cut(at, ".")
		if !more {
			break
		}
		at = rest
	}
	return Org{}, false
}

func longest(places []place, path string) (int, bool) {
	best, found := place{}, false
	for _, p := range places {
		if (p.path == "" || path == p.path || strings.HasPrefix(path, p.path+"/")) && (!found || len(p.path) > len(best.path)) {
			best, found = p, true
		}
	}
	return best.org, found
}

// hostPath takes the host, in lower case and without "www." and port, and the
// path, without a slash at its end, of an address or of host/path. Both are ""
// where there is no host.
func hostPath(s string) (host, path string) {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "://") {
		s = "https://" + strings.TrimPrefix(s, "//")
	}
	u, err := url.Parse(s)
	if err != nil {
		return "", ""
	}
	host = strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if net.ParseIP(host) != nil {
		return "", ""
	}
	return strings.TrimPrefix(host, "www."), strings.TrimRight(u.Path, "/")
}
