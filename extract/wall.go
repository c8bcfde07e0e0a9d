package extract

import (
	"strings"

	"onrecord/record"
)

// Wall says in words why an answer is not the page that was asked for: a consent
// or captcha wall, a page that says "not found" under status 200, a shell of
// markup without a word in it, which scripts were to fill. It is "" for
// a page. Such an answer takes nothing back that the page said before.
func Wall(p record.Page) string {
	for _, x := range p.Problems {
		if strings.HasPrefix(x, softMissing) || strings.HasPrefix(x, walled) || strings.HasPrefix(x, wordless) {
			return x
		}
	}
	return ""
}

// The problems that name such an answer.
const (
	softMissing = "soft 404: "
	walled      = "a consent, captcha or script wall: "
	wordless    = "nothing extracted: "
)
