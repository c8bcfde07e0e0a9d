package record

// Link says how a speaker, of whom no page that carries the statement prints an
// organisation, was completed: other statements print one for the same name.
// The sightings keep what their pages say.
type Link struct {
	// Place is 0 for the speaker and counts from 1 for those of JointWith.
	Place int `json:"place"`
	// Person is the known speaker.
	Person ID `json:"person"`
	// Rule is LinkedByRole or LinkedByName.
	Rule string `json:"rule"`
	// Org, OrgName and Role are what was filled in; Role is "" where the page
	// prints one itself.
	Org     string `json:"org,omitempty"`
	OrgName string `json:"org_name"`
	Role    string `json:"role,omitempty"`
	// From are the statements that print it, at most 3, the nearest in time first.
	From []ID `json:"from"`
	// Days is how far the nearest of them is, in days.
	Days       int     `json:"days"`
	Confidence float64 `json:"confidence"` // of the link, 0 to 1
}

// The rules of a link.
const (
	LinkedByRole = "known speaker in the same role"
	LinkedByName = "known speaker of that name"
)
