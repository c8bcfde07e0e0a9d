package bleveindex

import (
	"strings"

	"onrecord/index"
)

// The fields. None holds frequencies or positions: a posting list is a bitmap.
// Numbers and places are stored beside them (stored.go).
const (
	fieldWords       = "words" // every word as said
	fieldStem        = "stem"  // its stem
	fieldOften       = "often" // stems that stand there twice ("2…"), four times ("4…")
	fieldEarlier     = "earlier"
	fieldEarlierStem = "earlierstem"
	fieldTitle       = "title"
	fieldRole        = "role"

	fieldOrg      = "org"
	fieldPerson   = "person"
	fieldSurname  = "surname"
	fieldKind     = "kind"
	fieldOutlet   = "outlet"
	fieldHost     = "host" // the outlet and every domain above it
	fieldStatus   = "status"
	fieldTag      = "tag"
	fieldLang     = "lang"
	fieldPlatform = "platform"
	fieldHas      = "has"
)

// fieldNumber is the place of a field in fieldNames.
type fieldNumber int

const (
	numID fieldNumber = iota
	numEarlier
	numEarlierStem
	numHas
	numHost
	numKind
	numLang
	numOften
	numOrg
	numOutlet
	numPerson
	numPlatform
	numRole
	numStored
	numStatus
	numStem
	numSurname
	numTag
	numTitle
	numWords
	numFields
)

// fieldNames are the fields in zap's order: the id, then by name.
var fieldNames = [numFields]string{
	"_id", fieldEarlier, fieldEarlierStem, fieldHas, fieldHost, fieldKind, fieldLang, fieldOften, fieldOrg, fieldOutlet,
	fieldPerson, fieldPlatform, fieldRole, fieldStored, fieldStatus, fieldStem, fieldSurname, fieldTag, fieldTitle, fieldWords,
}

// textNumbers are textFields.
var textNumbers = [4]fieldNumber{numWords, numEarlier, numTitle, numRole}

// stemNumbers are the fields of the stems of a text field.
var stemNumbers = map[fieldNumber]fieldNumber{numWords: numStem, numEarlier: numEarlierStem}

// textsOf are the texts of a text field.
func textsOf(d *index.Doc, f fieldNumber) []string {
	switch f {
	case numWords:
		if len(d.Words) > 1 {
			return []string{strings.Join(d.Words, "\n")}
		}
		return d.Words
	case numEarlier:
		return d.Earlier
	case numTitle:
		return d.Titles
	default:
		return d.Roles
	}
}

// eachKeyword calls put with the values of the keyword fields, "" among them.
func eachKeyword(d *index.Doc, put func(f fieldNumber, value string)) {
	each := func(f fieldNumber, values []string) {
		for _, v := range values {
			put(f, v)
		}
	}
	each(numOrg, d.Orgs)
	each(numTag, d.Tags)
	put(numKind, d.Kind)
	put(numStatus, d.Status)
	put(numLang, strings.ToLower(d.Lang))
	for _, p := range d.Persons {
		put(numPerson, p)
		put(numSurname, p[strings.LastIndexByte(p, ' ')+1:])
	}
	for _, p := range d.Platforms {
		put(numPlatform, strings.ToLower(p))
	}
	for _, o := range d.Outlets {
		h := strings.ToLower(o)
		put(numOutlet, h)
		for ; strings.Contains(h, "."); h = h[strings.IndexByte(h, '.')+1:] {
			put(numHost, h)
		}
	}
	if d.Evidence {
		put(numHas, "evidence")
	}
	if d.Wordings > 1 {
		put(numHas, "versions")
	}
	if d.Sightings > 1 {
		put(numHas, "sightings")
	}
}
