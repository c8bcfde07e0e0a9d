package attribution

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// countries are the names of the countries and territories of ISO 3166-1 in
// English, in lower case, as CLDR gives them.
var countries = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{"britain": true, "england": true, "scotland": true, "wales": true, "northern ireland": true, "america": true, "the gambia": true}
	namer := display.English.Regions()
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			r, err := language.ParseRegion(string(a) + string(b))
			if err != nil || !r.IsCountry() {
				continue
			}
			if name := namer.Name(r); name != "" {
				out[strings.ToLower(name)] = true
			}
		}
	}
	return out
})

// country reports whether a name in lower case is a country's.
func country(name string) bool { return countries()[name] }
