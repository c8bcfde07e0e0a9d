package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"onrecord/attribution"
	"onrecord/catalogue"
	"onrecord/extract"
	"onrecord/record"
)

// An Asker has an address asked and recorded, before a page is that names it as
// its own; where that fails nothing is on record of it afterwards. The error is a
// store's, or ctx's.
type Asker func(ctx context.Context, address string) error

// NotItsOwn is the action of a line of the edit log that says that the address
// that a page named as its own is another page's. A rebuild reads it before the
// page, for it may read the page before the other.
const NotItsOwn = "page.not_its_own"

// settle decides under which address a page is on record that names another as
// its own. It is believed where it is another form of the one that was asked (AMP,
// a mobile host), or where what is on record there has its words. What has other
// words there, or cannot be compared although somebody may ask, stays by itself.
func (i *Ingest) settle(ctx context.Context, r *Reading, ask Asker) error {
	p := &r.Page
	own, err := extract.Canonical(p.URL)
	if err != nil || own == p.CanonicalURL || p.Kind == record.APIPage || p.Kind.Lists() {
		return nil //nolint:nilerr // nothing else to go by
	}
	if i.notOwn[own] == p.CanonicalURL {
		i.stay(r, own, "")
		return nil
	}
	if _, _, err := i.catalogue.Standing(ctx, record.PageID(own), p.URL); !errors.Is(err, record.ErrNotFound) {
		if err == nil {
			i.stay(r, own, "")
		}
		return err
	}
	text, here, err := i.catalogue.Standing(ctx, record.PageID(p.CanonicalURL), p.URL)
	asked := false
	if errors.Is(err, record.ErrNotFound) && ask != nil && !extract.SameForm(own, p.CanonicalURL) {
		if err := ask(ctx, p.CanonicalURL); err != nil {
			return err
		}
		asked = true
		text, here, err = i.catalogue.Standing(ctx, record.PageID(p.CanonicalURL), p.URL)
	}
	why := ""
	switch {
	case errors.Is(err, record.ErrNotFound) && asked:
		why = "could not be read"
	case errors.Is(err, record.ErrNotFound):
		return nil
	case err != nil:
		return err
	case here || catalogue.SameText(text, p.Text):
		return nil
	default:
		why = "has other words"
	}
	if asked {
		value, err := json.Marshal(p.CanonicalURL)
		if err != nil {
			return err
		}
		e := record.Edit{Who: "crawler", Action: NotItsOwn, Target: own, Value: string(value), Why: "what it names as its own address " + why}
		if _, err := i.catalogue.Note(ctx, e); err != nil {
			return err
		}
	}
	i.stay(r, own, fmt.Sprintf("names %s as its own address, which %s: not believed", p.CanonicalURL, why))
	return nil
}

// stay puts a page on record under the address that was asked.
func (i *Ingest) stay(r *Reading, own, problem string) {
	p := r.Page
	p.CanonicalURL, p.ID = own, record.PageID(own)
	if problem != "" {
		p.Problems = append(p.Problems, problem)
	}
	r.Page = attribution.Place(p, i.register)
	r.Found = attribution.Statements(r.Page, i.register)
}

// remember reads from the edit log which pages were found to name another's
// address as their own.
func (i *Ingest) remember(ctx context.Context) error {
	i.notOwn = map[string]string{}
	for after := int64(0); ; {
		list, err := i.catalogue.Edits(ctx, after, 1000)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, e := range list {
			after = e.N
			var not string
			if e.Action == NotItsOwn && json.Unmarshal([]byte(e.Value), &not) == nil {
				i.notOwn[e.Target] = not
			}
		}
	}
}
