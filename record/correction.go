package record

import "time"

// CorrectionKind says what a person corrected.
type CorrectionKind string

// The kinds of correction.
const (
	MergedByHand     CorrectionKind = "merge"     // two statements are one
	SplitByHand      CorrectionKind = "split"     // some sightings are another statement's
	AttributedByHand CorrectionKind = "attribute" // who said it
	DatedByHand      CorrectionKind = "date"      // when it was said
)

// Correction is what a person decided about a statement. The edit log keeps it in
// this form, so that a rebuild can do it again; sightings are never changed by it.
type Correction struct {
	// N, At, Who and Why are those of its line in the edit log.
	N   int64     `json:"n,omitempty"`
	At  time.Time `json:"at,omitzero"`
	Who string    `json:"who,omitempty"`
	Why string    `json:"why,omitempty"`

	Kind CorrectionKind `json:"kind"`
	// Statement is the one that was merged away, split or attributed.
	Statement ID `json:"statement"`
	// Other is the one that a merge went into, or that a split made; "" for an
	// attribution or a date.
	Other ID `json:"other,omitempty"`
	// Places are the sightings that a split gave to Other, or that a merge took
	// over from Statement.
	Places []Place `json:"places,omitempty"`
	// Set is who said it. Nil in an attribution takes earlier ones back: what the
	// sightings say counts again.
	Set *Attribution `json:"set,omitempty"`
	// Was is who was on record before an attribution.
	Was *Attribution `json:"was,omitempty"`
	// Said is when it was said. Nil in a date takes earlier ones back.
	Said *Instant `json:"said,omitempty"`
	// SaidWas is what was on record before a date; nil where nothing was.
	SaidWas *Instant `json:"said_was,omitempty"`
	// Imported is true for one that came with a statement row: it was made
	// elsewhere, and those made here go before it.
	Imported bool `json:"imported,omitempty"`
}

// Attribution is who said something: a speaker, and those who said it jointly.
type Attribution struct {
	Speaker   Speaker   `json:"speaker"`
	JointWith []Speaker `json:"joint_with,omitempty"`
}

// Place names sightings: words of a page.
type Place struct {
	Page ID     `json:"page"`
	URL  string `json:"url,omitempty"` // the page's canonical one
	// Words are those of the sighting, "" for whatever the statement has there.
	// The edit log does not keep them: it has Key instead.
	Words string `json:"words,omitempty"`
	// Key is the identity ledger's name of the place. Where it is given, page and
	// words need not be: it also tells two updates in the same words apart.
	Key string `json:"key,omitempty"`
}

// Attributed is the attribution by a person that is in force; nil where what the
// sightings say counts.
func (s Statement) Attributed() *Correction {
	for i := len(s.Corrections) - 1; i >= 0; i-- {
		if c := &s.Corrections[i]; c.Kind == AttributedByHand {
			if c.Set == nil {
				return nil
			}
			return c
		}
	}
	return nil
}

// Dated is the date by a person that is in force; nil where what the sightings
// say counts.
func (s Statement) Dated() *Correction {
	for i := len(s.Corrections) - 1; i >= 0; i-- {
		if c := &s.Corrections[i]; c.Kind == DatedByHand {
			if c.Said == nil {
				return nil
			}
			return c
		}
	}
	return nil
}
