package record

import "time"

// PushState says how things stand with a hub.
type PushState string

// The states of a subscription.
const (
	PushWanted  PushState = "wanted"  // to be asked for, or asked for and not confirmed yet
	PushActive  PushState = "active"  // confirmed by the hub, until Subscription.Until
	PushRefused PushState = "refused" // the hub would not; asked again later
	PushLeaving PushState = "leaving" // to be ended at the hub
	PushEnded   PushState = "ended"   // ended; kept for a while to tell the hub so
)

// Subscription is what was agreed with a hub about one source (WebSub, W3C
// Recommendation of 23 January 2018): the hub tells when the source changes.
type Subscription struct {
	Source ID     `json:"source"`
	Hub    string `json:"hub"`
	Topic  string `json:"topic"` // the address that the source gives as its own
	// Callback is the public address of this program under which the hub calls.
	Callback string    `json:"callback"`
	State    PushState `json:"state"`
	// Pending is what was asked of the hub and not confirmed yet: "subscribe",
	// "unsubscribe" or "" for nothing.
	Pending string    `json:"pending,omitempty"`
	Asked   time.Time `json:"asked,omitzero"` // when the hub was last asked
	Until   time.Time `json:"until,omitzero"` // when the hub will forget it
	Next    time.Time `json:"next,omitzero"`  // when the hub is asked again; zero: not
	// Failures counts requests to the hub in a row that came to nothing, Error
	// says in words what the last of them came to; "" where it went well.
	Failures int    `json:"failures,omitempty"`
	Error    string `json:"error,omitempty"`
	// Heard is when the hub last told of a change, Told how often it did, Forged
	// how many messages were ignored for want of the right signature.
	Heard  time.Time `json:"heard,omitzero"`
	Told   int       `json:"told,omitempty"`
	Forged int       `json:"forged,omitempty"`
	// Token is the last part of the callback's path, Secret the key of the hub's
	// signatures, "" where the hub is asked without TLS. Neither is shown.
	Token  string `json:"-"`
	Secret string `json:"-"`
}

// Live reports whether the hub is to tell of changes.
func (s Subscription) Live() bool { return s.State != PushLeaving && s.State != PushEnded }

// Says tells in words how things stand with the hub.
func (s Subscription) Says() string {
	day := func(t time.Time) string { return t.In(London).Format("2 January 2006, 15:04 MST") }
	out := "the hub " + s.Hub
	switch s.State {
	case PushActive:
		out += " tells of changes, until " + day(s.Until)
		if !s.Heard.IsZero() {
			out += "; last on " + day(s.Heard)
		}
	case PushRefused:
		out += " is asked again on " + day(s.Next)
	case PushLeaving, PushEnded:
		out += " is no longer wanted"
	default:
		out += " is asked to tell of changes"
	}
	if s.Error != "" {
		out += ": " + s.Error
	}
	return out
}
