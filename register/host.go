package register

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"onrecord/record"
)

// place is an organisation's corner of a host in [from,to): everything below
// path, which is "" for the whole host.
type place struct {
	path     string
	org      int
	from, to time.Time
}

func (r *Register) addDomain(i int, d Dated) error {
	host, path := hostPath(d.Name)
	if host == "" {
		return fmt.Errorf("domain %q: want a host, or a host and a path: %w", d.Name, record.ErrInvalid)
	}
	o := &r.orgs[i]
	for _, p := range r.byHost[host] {
		other := &r.orgs[p.org]
		from, to, ok := meet(p.from, p.to, d.from, d.to)
		if ok {
			from, to, ok = meet(from, to, o.from, o.to)
		}
		if ok {
			_, _, ok = meet(from, to, other.from, other.to)
		}
		if p.path == path && p.org != i && ok {
			r.found(Finding{
				Line: o.line, Entry: o.ID, Level: Warning, What: fmt.Sprintf("domain %s: both %s and %s", d.Name, other.ID, o.ID),
				Do: "leave it with one of them, add the path that is each one’s own, or give the days (from, to)",
			})
		}
	}
	r.byHost[host] = append(r.byHost[host], place{path, i, d.from, d.to})
	return nil
}

// Host is the organisation on whose host the address lay on that day: the longest
// host that matches, and on it the longest path. Subdomains belong to their
// domain, except below a collective's: there each is somebody else's (a surgery
// below nhs.uk does not speak for the NHS). The host of an organisation that has
// ended goes over to its successor; before an organisation began its host is
// nobody's. The zero day asks without regard to time.
func (r *Register) Host(rawurl string, day time.Time) (Org, bool) {
	host, path := hostPath(rawurl)
	for at := host; at != ""; {
		if i, ok := r.longest(r.byHost[at], path, day); ok {
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

func (r *Register) longest(places []place, path string, day time.Time) (int, bool) {
	best, path2, found := 0, "", false
	for _, p := range places {
		if p.path != "" && path != p.path && !strings.HasPrefix(path, p.path+"/") || found && len(p.path) <= len(path2) || !within(day, p.from, p.to) {
			continue
		}
		if i, how := r.stands(p.org, p.from, p.to, day); how > never {
			best, path2, found = i, p.path, true
		}
	}
	return best, found
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
