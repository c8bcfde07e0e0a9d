// Package index is the contract of the search index, and Follow, which keeps
// an index level with the catalogue's change log. An index finds statements;
// it holds no words to show and can be thrown away and built again.
package index

import (
	"context"
	"time"

	"onrecord/query"
	"onrecord/record"
)

// Index finds statements. An implementation passes indextest.Run. Reading and
// writing may go on at the same time; one goroutine writes.
type Index interface {
	// Apply writes a batch and its position in one step: after a crash either
	// both are there or neither is.
	Apply(ctx context.Context, b Batch) error
	// Position is that of the last batch; the zero Position for an empty index.
	Position(ctx context.Context) (record.Position, error)
	// Reset empties the index.
	Reset(ctx context.Context) error
	// Search answers a request. The error wraps record.ErrInvalid for a node
	// that cannot be answered here or a cursor that is not this request's.
	Search(ctx context.Context, r Request) (Result, error)
	// Facets counts what the node matches by each of the fields.
	Facets(ctx context.Context, n query.Node, fields []Facet) ([]Counted, error)
	// Frequencies counts the statements that hold each of the words in any form
	// of its stem, in the wording in front, and the statements in all. A word
	// without letters or digits counts none.
	Frequencies(ctx context.Context, words []string) (counts []int, total int, err error)
	Close() error
}

// Batch is a step of the index from one position to a later one.
type Batch struct {
	Put      []Doc
	Delete   []record.ID
	Position record.Position // the last change that the batch covers
}

// Request asks for statements.
type Request struct {
	Node  query.Node // nil means query.All
	Sort  string     // query.Newest, …; "" means newest
	Limit int        // 1 to 500; 0 means 50
	// After continues behind the last hit of an earlier result; nil begins. A
	// cursor stays right while statements are added.
	After *Cursor
	// Places asks for Result.Sightings too.
	Places bool
}

// Cursor is a place in a sorted result: the last hit's sort key and id.
type Cursor struct {
	Key int64     `json:"k"`
	ID  record.ID `json:"i"`
}

// Hit is one statement found.
type Hit struct {
	ID  record.ID
	Key int64 // its sort key, for a Cursor
}

// Result is what a request found. Total is exact.
type Result struct {
	Hits  []Hit
	Total int
	Next  *Cursor // nil at the end
	// Sightings is how many sightings everything that matches has; 0 unless
	// asked for.
	Sightings int
}

// Facet asks for counts by a field.
type Facet struct {
	Field string // org, person, kind, outlet, status, tag, lang, day (in London)
	Limit int    // most values; 0 means 20; days are never cut
}

// Counted is one facet's answer: values with the most statements first, days
// in order of time.
type Counted struct {
	Field  string       `json:"field"`
	Values []ValueCount `json:"values"`
	Other  int          `json:"other"` // statements under values that were cut
}

// ValueCount is a value and how many statements have it.
type ValueCount struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// Doc is a statement as an index sees it.
type Doc struct {
	ID    record.ID
	Words []string // the wording in front
	// Earlier are the other wordings, for version:any; not searched otherwise.
	Earlier   []string
	When      time.Time // Statement.When().Sort()
	Published time.Time // zero for unknown
	Seen      time.Time
	// Changed is the last capture that changed what is known of the statement:
	// another sighting, or one found gone. It is never before Seen.
	Changed   time.Time
	Orgs      []string // register ids, else normal form of the printed name; of speaker and joint speakers
	Persons   []string // normal form of the full name, of speaker and joint speakers
	Roles     []string // printed roles
	Kind      string
	Outlets   []string // hosts
	Titles    []string // of the pages
	Tags      []string
	Lang      string
	Status    string
	Sightings int
	Wordings  int
	Platforms []string
	Evidence  bool // at least one sighting whose capture is kept here
}
