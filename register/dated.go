package register

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"onrecord/record"
)

// Dated is a name, a host or an account, with the days on which it held. In
// JSON it is a string where it held always, else an object
// {"name": …, "from": …, "to": …}.
type Dated struct {
	Name string
	From string // the first day, as ValidFrom of an Org; "" open
	To   string // the first day on which it no longer held; "" open

	from, to time.Time
}

// String is the name alone.
func (d Dated) String() string { return d.Name }

// On reports whether it held on that day. The zero day holds always.
func (d Dated) On(day time.Time) bool { return within(day, d.from, d.to) }

type datedJSON struct {
	Name string `json:"name"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// MarshalJSON writes a string where there are no days.
func (d Dated) MarshalJSON() ([]byte, error) {
	if d.From == "" && d.To == "" {
		return json.Marshal(d.Name)
	}
	return json.Marshal(datedJSON{d.Name, d.From, d.To})
}

// UnmarshalJSON reads a string or an object. The error wraps record.ErrInvalid.
func (d *Dated) UnmarshalJSON(b []byte) error {
	var x datedJSON
	var err error
	if b = bytes.TrimSpace(b); len(b) > 0 && b[0] == '{' {
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.DisallowUnknownFields()
		err = dec.Decode(&x)
	} else {
		err = json.Unmarshal(b, &x.Name)
	}
	if err != nil {
		return fmt.Errorf(`%.60s: want "text" or {"name": "text", "from": "YYYY-MM-DD", "to": "YYYY-MM-DD"}: %w`, b, record.ErrInvalid)
	}
	*d = Dated{Name: x.Name, From: x.From, To: x.To}
	return nil
}

// read reads the days.
func (d *Dated) read() (err error) {
	if d.from, d.to, err = window(d.From, d.To); err != nil {
		return fmt.Errorf("%q: %w", d.Name, err)
	}
	return nil
}

// Accounts are an organisation's or a person's accounts on one platform: one in
// most registers, several where it changed. In JSON one stands alone, several in
// a list.
type Accounts []Dated

// MarshalJSON writes one account alone.
func (a Accounts) MarshalJSON() ([]byte, error) {
	if len(a) == 1 {
		return a[0].MarshalJSON()
	}
	return json.Marshal([]Dated(a))
}

// UnmarshalJSON reads one account or a list.
func (a *Accounts) UnmarshalJSON(b []byte) error {
	if b = bytes.TrimSpace(b); len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[]Dated)(a))
	}
	var d Dated
	if err := json.Unmarshal(b, &d); err != nil {
		return err
	}
	*a = Accounts{d}
	return nil
}

func readAll(list []Dated) error {
	for i := range list {
		if err := list[i].read(); err != nil {
			return err
		}
	}
	return nil
}

// meet is the time in which both windows hold; ok is false where there is none.
func meet(from, to, from2, to2 time.Time) (_, _ time.Time, ok bool) {
	if from2.After(from) {
		from = from2
	}
	if to.IsZero() || !to2.IsZero() && to2.Before(to) {
		to = to2
	}
	return from, to, to.IsZero() || from.Before(to)
}
