package extract

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/nlnwa/whatwg-url/url"
	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"onrecord/record"
)

// maxURL is the longest address, in bytes, that is taken.
const maxURL = 2048

// Canonical is the address that all spellings of raw share: host in lower case
// and punycode, no default port, no dot segments, no user name, no fragment, no
// tracking parameters; everything else stays as it was written, in its order.
// The error wraps record.ErrInvalid for what is not an absolute http or https
// address with a host, for blanks, control characters and broken escapes in
// it, and for more than 2048 bytes.
func Canonical(raw string) (string, error) {
	if err := checkURL(raw); err != nil {
		return "", fmt.Errorf("address %.200q: %w: %w", raw, err, record.ErrInvalid)
	}
	u, err := url.NewParser().Parse(raw)
	if err != nil {
		return "", fmt.Errorf("address %.200q: %w: %w", raw, err, record.ErrInvalid)
	}
	if err := checkHost(u.Hostname()); err != nil {
		return "", fmt.Errorf("address %.200q: %w: %w", raw, err, record.ErrInvalid)
	}
	u.SetUsername("")
	u.SetPassword("")
	u.SetHash("")
	query := withoutTracking(strings.TrimPrefix(u.Search(), "?"))
	if query != "" {
		query = "?" + query // SetSearch takes one off
	}
	u.SetSearch(query)
	canonical := u.Href(true)
	if len(canonical) > maxURL { // escapes make it longer
		return "", fmt.Errorf("address %.200q: %d bytes when it is escaped, more than %d: %w", raw, len(canonical), maxURL, record.ErrInvalid)
	}
	return canonical, nil
}

var (
	webAddress   = lazily(`(?i)^https?://[^/?#]`)
	brokenEscape = lazily(`%(?:[^0-9A-Fa-f]|[0-9A-Fa-f][^0-9A-Fa-f]|.?$)`)
)

// checkURL refuses what the WHATWG parser would mend: a mended address is not
// the one that was captured.
func checkURL(raw string) error {
	switch {
	case len(raw) > maxURL:
		return fmt.Errorf("%d bytes, more than %d", len(raw), maxURL)
	case !webAddress.MatchString(raw):
		return errors.New("want an absolute http or https address with a host")
	case strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return errors.New("a blank or control character in it")
	case strings.Contains(raw, `\`):
		return errors.New("a backslash in it")
	case brokenEscape.MatchString(raw):
		return errors.New("a broken %-escape in it")
	}
	return nil
}

func checkHost(host string) error {
	if host == "" {
		return errors.New("no host")
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return nil
	}
	if _, err := idna.Lookup.ToASCII(strings.TrimSuffix(host, ".")); err != nil && !underscored(host) {
		return fmt.Errorf("host %q is no domain name", host)
	}
	return nil
}

// underscored reports whether a host is a name but for "_", which IDNA forbids and
// hosts in use have.
func underscored(host string) bool {
	return strings.Contains(host, "_") && strings.Trim(strings.ToLower(host), "abcdefghijklmnopqrstuvwxyz0123456789._-") == ""
}

// tracking are the query parameters that say how a reader came, not what the
// page is. Names of general use ("ref", "source", "id") are not among them.
var tracking = map[string]bool{
	"fbclid": true, "gclid": true, "gclsrc": true, "dclid": true, "gbraid": true, "wbraid": true, "msclkid": true, "yclid": true, "twclid": true,
	"ttclid": true, "igshid": true, "igsh": true, "mc_cid": true, "mc_eid": true, "ref_src": true, "ref_url": true, "_ga": true, "_gl": true,
	"_hsenc": true, "_hsmi": true, "hsctatracking": true, "mkt_tok": true, "ns_campaign": true, "ns_mchannel": true, "ns_source": true,
	"ns_linkname": true, "ns_fee": true, "at_medium": true, "at_campaign": true, "at_bbc_team": true, "at_link_id": true, "at_link_type": true,
	"at_link_origin": true, "at_ptr_name": true, "at_format": true, "at_campaign_type": true, "xtor": true, "cmpid": true, "ito": true,
	"s_cid": true, "vero_id": true, "oly_enc_id": true, "oly_anon_id": true, "__twitter_impression": true, "ocid": true, "wt.mc_id": true,
	"smid": true, "guccounter": true, "guce_referrer": true, "guce_referrer_sig": true, "filter-category": true,
}

// withoutTracking keeps the other parameters byte for byte, in their order.
func withoutTracking(query string) string {
	var kept []string
	for _, pair := range strings.Split(query, "&") {
		name, _, _ := strings.Cut(strings.ToLower(pair), "=")
		if pair == "" || tracking[name] || strings.HasPrefix(name, "utm_") || strings.HasPrefix(name, "pk_") {
			continue
		}
		kept = append(kept, pair)
	}
	return strings.Join(kept, "&")
}

// declared is the canonical form of the address that a page declares as its
// own; "" when it is not to be trusted: on another registrable domain, or a page
// above it in the path (the home page, a listing), to which misconfigured sites
// point every article.
func declared(captured, ref string) string {
	base, err := url.NewParser().Parse(captured)
	if err != nil {
		return ""
	}
	u, err := base.Parse(strings.TrimSpace(ref))
	if err != nil {
		return ""
	}
	canonical, err := Canonical(u.Href(true))
	if err != nil || !sameSite(base.Hostname(), u.Hostname()) {
		return ""
	}
	if section(u, base) && !SameForm(canonical, captured) {
		return ""
	}
	return canonical
}

func sameSite(a, b string) bool {
	if a == b {
		return true
	}
	x, errA := publicsuffix.EffectiveTLDPlusOne(a)
	y, errB := publicsuffix.EffectiveTLDPlusOne(b)
	return errA == nil && errB == nil && x == y
}
