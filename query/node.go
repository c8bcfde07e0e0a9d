package query

import (
	"strconv"
	"time"

	"onrecord/record"
)

// Node is one node of a query's tree. Engines translate the tree themselves;
// no text of a reader's ever reaches an engine's own query parser. The node
// types are those of this file and no others.
type Node interface{ node() }

// All matches every statement: the empty query.
type All struct{}

// Word asks for a word, stemmed.
type Word struct {
	Text string // as typed, lower-cased
}

// Phrase asks for exact words in order, neither stemmed nor thinned.
type Phrase struct {
	Text string // between the marks, as typed
}

// Near asks for two sides (each a Word, Phrase, Prefix or Fuzzy) within N words of each other.
type Near struct {
	Left, Right Node
	N           int  // 1 to 100
	Ordered     bool // PRE: Left before Right
}

// Wildcard asks for words of a pattern: * any letters, ? one letter. At least
// three letters lead it.
type Wildcard struct{ Pattern string }

// Fuzzy asks for words within 1 or 2 edits.
type Fuzzy struct {
	Text     string
	Distance int
}

// Field asks for an exact value of a keyword field: org, person, role, kind,
// outlet, lang, tag, status, title, host, … The fields incident, lineage, source and
// like are written out by desk before an engine sees the tree. The field first asks
// for a phrase in any wording; desk tells when it was first held.
type Field struct {
	Name  string
	Value string
}

// Range asks for an instant: said, published or seen inside [From,To). A zero
// time leaves that end open.
type Range struct {
	// Name is said, published or seen; desk also asks for changed, the last time
	// that a capture changed what is known of the statement.
	Name     string
	From, To time.Time
	Text     string // as typed, for the normalised form
}

// Count asks for a number: sightings:>=3 is {sightings, >=, 3}. Op is one of
// = < <= > >=.
type Count struct {
	Name string
	Op   string
	N    int
}

// And, Or and Not combine. And and Or have at least two nodes.
type (
	And struct{ Nodes []Node }
	Or  struct{ Nodes []Node }
	Not struct{ Node Node }
)

// IDs matches these statements and no others. Only desk makes it, when it
// rewrites incident:SLUG; nobody can type it.
type IDs struct{ IDs []record.ID }

// AtLeast matches what at least N of the nodes match. Only desk makes it, when
// it rewrites like:ID; nobody can type it.
type AtLeast struct {
	N     int // from 1 to the number of nodes
	Nodes []Node
}

func (All) node()      {}
func (Word) node()     {}
func (Phrase) node()   {}
func (Near) node()     {}
func (Wildcard) node() {}
func (Fuzzy) node()    {}
func (Field) node()    {}
func (Range) node()    {}
func (Count) node()    {}
func (And) node()      {}
func (Or) node()       {}
func (Not) node()      {}
func (IDs) node()      {}
func (AtLeast) node()  {}

// Sorts in which results can be asked for.
const (
	Newest    = "newest"    // the default
	Oldest    = "oldest"    // said first
	Relevance = "relevance" // best match first
	FirstSeen = "firstseen" // latest capture first
	Sightings = "sightings" // most sightings first
)

// Query is what a reader typed, read.
type Query struct {
	Root Node
	Sort string // one of the constants; "" where the reader asked for none
	// AsOf asks for the record as it stood at that moment, what was captured at
	// it included. The zero Moment asks for the record as it stands.
	AsOf Moment
	// Collapse is "statement" (one row a statement), "none" (one row a sighting)
	// or "" where the reader asked for neither.
	Collapse string
	// Warnings say what may not be what the reader meant: only stop words,
	// lower-case "and".
	Warnings []string
}

// Moment is a point in time as a reader wrote it.
type Moment struct {
	Time time.Time // UTC
	Text string    // as typed, in small letters, for the normalised form
}

// Error says where and why a query cannot be read. It wraps record.ErrInvalid.
type Error struct {
	Column     int    // from 1, in code points
	Detail     string // what is wrong
	Suggestion string // a corrected query or word; "" for none
}

// Error gives column, reason and suggestion in one line.
func (e *Error) Error() string {
	s := "query, column " + strconv.Itoa(e.Column) + ": " + e.Detail
	if e.Suggestion != "" {
		s += "; did you mean " + e.Suggestion + "?"
	}
	return s
}

// Unwrap is record.ErrInvalid.
func (e *Error) Unwrap() error { return record.ErrInvalid }
