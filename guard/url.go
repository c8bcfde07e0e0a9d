package guard

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// ErrURL says that an address is none that may be asked.
var ErrURL = errors.New("not an address that is asked")

// MaxURL is the longest address that is asked, in bytes.
const MaxURL = 2048

var userinfo = regexp.MustCompile(`(?i)^([a-z][a-z0-9+.-]*:[/\\]*|[/\\]+)[^/\\?#]*@`)

// CheckURL reads an address that is to be asked: absolute, http or https, with a
// host, without userinfo, at most MaxURL bytes. The error wraps ErrURL and says
// what is wrong. Whether its host may be connected to is the dialer's to say.
func CheckURL(raw string) (*url.URL, error) {
	if len(raw) > MaxURL {
		return nil, fmt.Errorf("%.80s… has %d bytes, more than %d: %w", named(raw), len(raw), MaxURL, ErrURL)
	}
	if i := strings.IndexFunc(raw, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) || r == '\\' }); i >= 0 {
		return nil, fmt.Errorf("%q has a space, backslash or control character at byte %d: %w", named(raw), i, ErrURL)
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%q: %v: %w", named(raw), errors.Unwrap(err), ErrURL)
	}
	if u.User != nil {
		return nil, fmt.Errorf("%s carries a user name or password; leave it out: %w", named(raw), ErrURL)
	}
	return u, checkParts(u, raw)
}

// named is an address in words: no password goes into a log.
func named(raw string) string { return userinfo.ReplaceAllString(raw, "$1") }

func checkParts(u *url.URL, raw string) error {
	switch scheme := strings.ToLower(u.Scheme); {
	case scheme == "":
		return fmt.Errorf("%q has no scheme; write it with https:// : %w", named(raw), ErrURL)
	case scheme != "http" && scheme != "https":
		return fmt.Errorf("%q is not http or https: %w", named(raw), ErrURL)
	case u.Hostname() == "":
		return fmt.Errorf("%q names no host: %w", named(raw), ErrURL)
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return fmt.Errorf("%q has port %s; ports go from 1 to 65535: %w", named(raw), p, ErrURL)
		}
	}
	return nil
}
