package desk

import (
	"net/http"
	"testing"

	"onrecord/archive"
)

func TestR14PagesThatAskForNoCopiesAreToldApart(t *testing.T) {
	for name, tt := range map[string]struct {
		header, body string
		want         bool
	}{
		"nothing is said":                 {"", "<html><head><title>A</title></head><body><p>noarchive</p></body>", false},
		"a header":                        {"noarchive", "", true},
		"a header among others":           {"noindex, NoArchive", "", true},
		"a header for this program":       {"onrecord: noindex, noarchive", "", true},
		"a header for another program":    {"otherbot: noindex, noarchive", "", false},
		"a date is no name":               {"unavailable_after: 25 Jun 2030 15:00:00 PST, noarchive", "", true},
		"a meta element":                  {"", `<meta name="robots" content="noindex,noarchive">`, true},
		"a meta element for this program": {"", `<META NAME="OnRecord" CONTENT="NOARCHIVE"/>`, true},
		"for another program":             {"", `<meta name="otherbot" content="noarchive">`, false},
		"another word":                    {"", `<meta name="robots" content="noarchives">`, false},
	} {
		t.Run(name, func(t *testing.T) {
			x := archive.Exchange{Header: http.Header{}, Body: []byte(tt.body)}
			if tt.header != "" {
				x.Header.Set("X-Robots-Tag", tt.header)
			}
			if got := noArchive(x); got != tt.want {
				t.Errorf("no copies wanted: %v, want %v", got, tt.want)
			}
		})
	}
}
