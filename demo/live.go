package demo

import "time"

// livePost is one post of the Echo's live page.
type livePost struct {
	at     string // UTC
	Title  string
	Words  []string // its paragraphs, HTML
	Number int
}

// At is when the post appeared, UTC.
func (p livePost) At() time.Time { return clock(p.at) }

// livePosts are in the order in which they appeared.
var livePosts = []livePost{
	{at: "2025-03-12 08:00", Title: "Good morning", Words: []string{"Welcome to our live coverage. Results are still not reaching surgeries in the county this morning."}},
	{at: "2025-03-12 09:50", Title: "Minister wants a full account", Words: []string{"Health and Wellbeing Secretary Rowan Tarrowby said: “Staff have kept patients safe with telephones and paper, and I thank them for it. They should not have had to.”"}},
	{at: "2025-03-12 13:30", Title: "Pharmacists: come in and ask", Words: []string{"Sunita Dovecroft, chair of the National Pharmacies Guild, said: “Please do not stop taking a medicine because a result is late. Come in, and we will ring the surgery with you.”"}},
	{at: "2025-03-13 09:20", Title: "Health service gives a number", Words: []string{"Health Service Brackenshire has changed its statement of Tuesday. It now says: “About 16,400 results were delayed, and 38 samples will have to be taken again.” The words “No results have been lost” are no longer there."}},
	{at: "2025-03-13 10:05", Title: "Supplier apologises", Words: []string{"Hanneke Brillow, chief executive of Pellwright Systems, said in a statement: “We released an update that we had not tried against a full day of real messages, and that was wrong. I apologise to every patient who waited and to every member of staff who worked late because of it.”"}},
	{at: "2025-03-13 12:40", Title: "Union asks who will pay", Words: []string{"Dr Tobias Merrowick, UCM council chair, said: “Thirty-eight people now have to be asked to roll up their sleeves a second time because a supplier tested its update on a live health service.”"}},
}
