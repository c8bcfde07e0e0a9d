package catalogue

import (
	"strings"
	"testing"
)

func TestTextsOfOnePage(t *testing.T) {
	const foot = "\nHealth Service Brackenshire runs the hospitals and surgeries of the county. Press office: 01632 960 001. Subscribe to our letter."
	fault := "The fault is mended\nThe system that surgeries book with stood still from Friday on. Engineers found a cable that builders had cut behind the exchange, and laid another one beside the canal within two nights. Nobody has lost an appointment, the board says, and all letters have gone out by now."
	ward := "The ward is open\nTwelve beds were moved to the second floor when the roof let in the rain last winter. Roofers have put slates on it since, painters came after them, and the nurses have chosen new curtains. Visitors come in by the east door."
	for name, tt := range map[string]struct {
		a, b string
		want bool
	}{
		"the same":              {fault, fault, true},
		"with a sentence more":  {fault, fault + "\nUpdated at noon: two surgeries in the north wait for a visit from the engineers, who are on their way.", true},
		"its first half":        {fault, fault[:len(fault)/2], true},
		"with another foot":     {fault + foot, fault, true},
		"another article":       {fault, ward, false},
		"another, one foot":     {fault + foot, ward + foot, false},
		"nothing":               {fault, "", false},
		"a title alone":         {"Fault mended", "Fault mended", true},
		"another title":         {"Fault mended", "Ward open", false},
		"a title and a text":    {"The fault", fault, false},
		"a list of all of them": {fault, "News\nThe fault is mended\nThe ward is open\nThe board meets in May\nA letter to all surgeries\nWho to call at night\nThe new east door\nPrices of car parks\nWhat the county spends on roofs and on slates", false},
	} {
		if got := SameText(tt.a, tt.b); got != tt.want || got != SameText(tt.b, tt.a) {
			t.Errorf("%s: SameText = %v, want %v, whichever comes first", name, got, tt.want)
		}
	}
	long := strings.Repeat("words that are said again and again ", 100_000)
	if !SameText(long, long) {
		t.Error("a long text is not itself")
	}
}
