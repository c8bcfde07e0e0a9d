package record

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Hop is one redirect that was followed.
type Hop struct {
	URL    string `json:"url"`    // that was asked
	Status int    `json:"status"` // of its answer: 301, 302, 303, 307 or 308
	// Permanent is true for 301 and 308: the address has moved for good.
	Permanent bool `json:"permanent"`
	// Capture is the kept answer.
	Capture ID `json:"capture"`
}

// Chain is the redirects that led to an answer, in the order in which they were
// followed: of each its status, its capture and its address, parted by blanks.
// "" means none. As JSON it is a list of Hop.
type Chain string

// maxHops is the longest chain that is read; the crawler follows ten.
const maxHops = 32

// Then is the chain with one more redirect. An address with a blank in it, which
// is none that can be asked, leaves it as it is.
func (c Chain) Then(status int, capture ID, url string) Chain {
	next := strconv.Itoa(status) + " " + string(capture) + " " + url
	if len(strings.Fields(next)) != 3 {
		return c
	}
	return Chain(strings.TrimPrefix(string(c)+" "+next, " "))
}

// Hops are the redirects one by one; none for what is no chain.
func (c Chain) Hops() []Hop {
	parts := strings.Fields(string(c))
	if len(parts)%3 != 0 || len(parts) > 3*maxHops {
		return nil
	}
	var out []Hop
	for i := 0; i < len(parts); i += 3 {
		status, err := strconv.Atoi(parts[i])
		if err != nil || status < 300 || status > 399 {
			return nil
		}
		out = append(out, Hop{URL: parts[i+2], Status: status, Permanent: status == 301 || status == 308, Capture: ID(parts[i+1])})
	}
	return out
}

// Says tells a redirect in words: "301, moved for good".
func (h Hop) Says() string {
	if h.Permanent {
		return strconv.Itoa(h.Status) + ", moved for good"
	}
	return strconv.Itoa(h.Status) + ", for now"
}

// MarshalJSON writes a list of Hop.
func (c Chain) MarshalJSON() ([]byte, error) {
	hops := c.Hops()
	if hops == nil {
		hops = []Hop{}
	}
	return json.Marshal(hops)
}

// UnmarshalJSON reads one.
func (c *Chain) UnmarshalJSON(b []byte) error {
	var hops []Hop
	if err := json.Unmarshal(b, &hops); err != nil {
		return err
	}
	*c = ""
	for _, h := range hops[:min(len(hops), maxHops)] {
		*c = c.Then(h.Status, h.Capture, h.URL)
	}
	return nil
}
