package guard

import (
	"fmt"
	"unicode"

	"golang.org/x/net/idna"
)

// MixedName says in words, with both spellings, that a host name mixes the
// letters of several scripts, as one that is made to look like another does; ""
// for any other name. Japanese and Korean mix scripts by nature, and are none.
func MixedName(host string) string {
	shown, err := idna.ToUnicode(host)
	if err != nil || shown == host && isASCII(host) {
		return ""
	}
	ascii, err := idna.ToASCII(host)
	if err != nil {
		return ""
	}
	confusable := 0
	for _, script := range []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee} {
		for _, r := range withoutTop(shown) {
			if unicode.Is(script, r) {
				confusable++
				break
			}
		}
	}
	if confusable < 2 {
		return ""
	}
	return fmt.Sprintf("the host %s is written %s, in letters of several alphabets: look whether it is the one you mean", ascii, shown)
}

func isASCII(s string) bool {
	for _, r := range s {
		if r > unicode.MaxASCII {
			return false
		}
	}
	return true
}

// withoutTop is a name without its last label, which is Latin in most names.
func withoutTop(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '.' {
			return name[:i]
		}
	}
	return name
}
