package guard

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// ErrURL says that an address is none that may be asked.
var ErrURL = errors.New("not an address that is asked")

// MaxURL is the longest address that is asked, in bytes.
const MaxURL = 2048

// CheckURL reads an address that is to be asked: absolute, http or https, with a
// host, without userinfo, at most MaxURL bytes. The error wraps ErrURL and says
// what is wrong. Whether its host may be connected to is the dialer's to say.
func CheckURL(raw string) (*url.URL, error) {
	if len(raw) > MaxURL {
		return nil, fmt.Errorf("%.80s… has %d bytes, more than %d: %w", raw, len(raw), MaxURL, ErrURL)
	}
	if i := strings.IndexFunc(raw, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) || r == '\\' }); i >= 0 {
		return nil, fmt.Errorf("%q has a space, backslash or control character at byte %d: %w", raw, i, ErrURL)
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%q: %v: %w", raw, errors.Unwrap(err), ErrURL)
	}
	if u.User != nil {
		return nil, fmt.Errorf("%s carries a user name or password; leave it out: %w", u.Redacted(), ErrURL)
	}
	return u, checkParts(u, raw)
}

func checkParts(u *url.URL, raw string) error {
	switch scheme := strings.ToLower(u.Scheme); {
	case scheme == "":
		return fmt.Errorf("%q has no scheme; write it with https:// : %w", raw, ErrURL)
	case scheme != "http" && scheme != "https":
		return fmt.Errorf("%q is not http or https: %w", raw, ErrURL)
	case u.Hostname() == "":
		return fmt.Errorf("%q names no host: %w", raw, ErrURL)
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return fmt.Errorf("%q has port %s; ports go from 1 to 65535: %w", raw, p, ErrURL)
		}
	}
	return nil
}
