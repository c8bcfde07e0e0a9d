package catalogue

import (
	"regexp"
	"strings"

	"onrecord/words"
)

var (
	// inserted is what an outlet puts into a quotation in square brackets.
	inserted = regexp.MustCompile(`\[[^\]]{0,80}\]`)
	// measured is a number with its unit written to it: 14cm, 5am.
	measured = regexp.MustCompile(`^([0-9][0-9.,]*)(am|pm|cm|mm|km|kg|m|bn|mph|pc)$`)
)

// loosen is a wording as outlets are compared: contractions written out,
// numbers without commas and apart from their units, British spelling, without
// what stands in square brackets.
func loosen(wording string) []string {
	found := words.Tokens(inserted.ReplaceAllString(wording, " "))
	if len(found) == 0 {
		found = words.Tokens(wording)
	}
	out := make([]string, 0, len(found))
	for _, f := range found {
		out = append(out, loose(f.Text)...)
	}
	return out
}

func loose(w string) []string {
	w = strings.ReplaceAll(w, "’", "'")
	if w == "a.m" || w == "p.m" || w == "a.m." || w == "p.m." {
		return []string{w[:1] + "m"}
	}
	if strings.ContainsAny(w[:1], "0123456789") {
		w = strings.ReplaceAll(w, ",", "")
		if m := measured.FindStringSubmatch(w); m != nil {
			return []string{m[1], unit(m[2])}
		}
		return []string{w}
	}
	switch w {
	case "cannot", "can't":
		return []string{"can", "not"}
	case "won't":
		return []string{"will", "not"}
	case "shan't":
		return []string{"shall", "not"}
	case "i'm":
		return []string{"i", "am"}
	case "let's":
		return []string{"let", "us"}
	}
	for end, full := range contracted {
		if rest, ok := strings.CutSuffix(w, end); ok && rest != "" && (end != "'s" || subjects[rest]) {
			return []string{rest, full}
		}
	}
	return []string{british(unit(w))}
}

// contracted are endings and the words that they stand for; 's only after a
// word that can hardly own anything.
var contracted = map[string]string{"n't": "not", "'ve": "have", "'re": "are", "'ll": "will", "'d": "would", "'s": "is"}

var subjects = wordSet(`it that there he she what who where here this`)

func unit(w string) string {
	switch w {
	case "cm", "centimeters":
		return "centimetres"
	case "mm":
		return "millimetres"
	case "km", "kilometers":
		return "kilometres"
	case "kg":
		return "kilograms"
	case "m":
		return "million"
	case "bn":
		return "billion"
	case "pc", "percent":
		return "per cent"
	}
	return w
}

// american are words that American outlets write in their own way.
var american = map[string]string{
	"program": "programme", "programs": "programmes", "center": "centre", "centers": "centres", "defense": "defence", "labor": "labour", "color": "colour",
	"favor": "favour", "honor": "honour", "behavior": "behaviour", "neighbor": "neighbour", "neighbors": "neighbours", "license": "licence", "anyone": "anybody",
	"everyone": "everybody", "someone": "somebody",
}

func british(w string) string {
	if b, ok := american[w]; ok {
		return b
	}
	for _, end := range [...]string{"ize", "ized", "izes", "izing", "ization", "izations"} {
		if rest, ok := strings.CutSuffix(w, end); ok && len(rest) > 3 {
			return rest + "is" + end[2:]
		}
	}
	return w
}
