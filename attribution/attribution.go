// Package attribution reads who said which words, in which role, for which
// organisation and when, out of a Page. It never guesses a person: where the
// text does not say who spoke, the speaker is left out.
package attribution

import (
	"onrecord/record"
	"onrecord/register"
)

// Statements lists what the page puts on record, in the order of its text.
func Statements(p record.Page, r *register.Register) []record.Statement { return nil }

// Place settles whose page this is: PublisherOrg and Kind.
func Place(p record.Page, r *register.Register) record.Page { return p }
