package crawler

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jimsmart/grobotstxt"
)

// maxRobots is how much of a robots.txt is read, in bytes (RFC 9309, section
// 2.5, asks for at least this).
const maxRobots = 500 << 10

// longestDelay caps a Crawl-delay.
const longestDelay = time.Minute

// robots are the rules of one robots.txt (RFC 9309).
type robots struct {
	body  string
	delay time.Duration // Crawl-delay of our group, capped; 0 for none
	wish  time.Duration // as it stands there
}

// readRobots reads a robots.txt. A web page that is served in its place holds
// no rules.
func readRobots(body string) robots {
	body = body[:min(len(body), maxRobots)]
	body = strings.TrimPrefix(body, "\ufeff")
	if t := strings.TrimSpace(body); strings.HasPrefix(t, "<") {
		body = ""
	}
	body = normalRules(body)
	d := &delays{}
	grobotstxt.Parse(body, d)
	r := robots{body: body, wish: d.any}
	if d.named {
		r.wish = d.ours
	}
	r.delay = min(r.wish, longestDelay)
	return r
}

// allows reports whether the rules let us ask for an address. robots.txt itself
// may always be asked for (section 2.2.2).
func (r robots) allows(u *url.URL) bool {
	if u.EscapedPath() == "/robots.txt" {
		return true
	}
	return r.body == "" || grobotstxt.AgentAllowed(r.body, Token, "https://host.example"+normalEscapes(u.RequestURI()))
}

// normalRules gives every path of a robots.txt the escapes of normalEscapes, so
// that rules and addresses compare octet by octet (section 2.2.2).
func normalRules(body string) string {
	if !strings.Contains(body, "%") {
		return body
	}
	lines := strings.FieldsFunc(body, func(r rune) bool { return r == '\n' || r == '\r' })
	for i, l := range lines {
		key, value, ok := strings.Cut(l, ":")
		if k := strings.ToLower(strings.TrimSpace(key)); ok && (k == "allow" || k == "disallow") {
			lines[i] = key + ":" + normalEscapes(value)
		}
	}
	return strings.Join(lines, "\n")
}

// normalEscapes decodes the escapes of unreserved characters and writes the
// others in upper case (RFC 3986, section 6.2.2).
func normalEscapes(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+2 >= len(s) {
			b.WriteByte(s[i])
			continue
		}
		n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		switch c := byte(n); {
		case err != nil:
			b.WriteByte('%')
			continue
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~':
			b.WriteByte(c)
		default:
			b.WriteString(strings.ToUpper(s[i : i+3]))
		}
		i += 2
	}
	return b.String()
}

// delays finds the Crawl-delay of our group, or that of everybody. It is no
// part of the RFC; lines of other kinds end no group.
type delays struct {
	ours, any     time.Duration
	named         bool // a group names us
	isOurs, isAny bool // of the group being read
	ruled         bool // its first rule was read: another User-agent begins a group
}

func (d *delays) HandleRobotsStart() {}
func (d *delays) HandleRobotsEnd()   {}

func (d *delays) HandleUserAgent(_ int, value string) {
	if d.ruled {
		d.isOurs, d.isAny, d.ruled = false, false, false
	}
	token := strings.ToLower(strings.TrimSpace(value))
	if i := strings.IndexFunc(token, func(r rune) bool { return (r < 'a' || r > 'z') && r != '-' && r != '_' }); i >= 0 && token != "*" {
		token = token[:i]
	}
	switch token {
	case Token:
		d.isOurs, d.named = true, true
	case "*", "":
		d.isAny = d.isAny || strings.HasPrefix(strings.TrimSpace(value), "*")
	}
}

func (d *delays) HandleAllow(int, string)    { d.ruled = true }
func (d *delays) HandleDisallow(int, string) { d.ruled = true }
func (d *delays) HandleSitemap(int, string)  {}

func (d *delays) HandleUnknownAction(_ int, action, value string) {
	if !strings.EqualFold(action, "crawl-delay") {
		return
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(seconds >= 0) {
		return
	}
	wish := time.Duration(min(seconds, 86400) * float64(time.Second))
	if d.isOurs {
		d.ours = max(d.ours, wish)
	}
	if d.isAny {
		d.any = max(d.any, wish)
	}
}
