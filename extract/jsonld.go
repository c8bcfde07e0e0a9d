package extract

import (
	"encoding/json"
	"fmt"
	"strings"
)

const (
	maxLD    = 256 << 10 // bytes of one script
	maxLDSum = 1 << 20   // bytes of all scripts of a page
	maxDepth = 16        // of objects inside objects that are looked into
)

// An object is one JSON-LD object.
type object map[string]any

// readLD lists the objects of one script, those of @graph and of arrays laid
// flat. Broken JSON gives what can be mended, and a problem in words.
func readLD(script string) (objects []object, problem string) {
	script = strings.TrimSpace(script)
	for _, wrap := range [][2]string{{"<!--", "-->"}, {"//<![CDATA[", "//]]>"}, {"<![CDATA[", "]]>"}} {
		script = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(script, wrap[0]), wrap[1]))
	}
	if len(script) > maxLD {
		return nil, fmt.Sprintf("JSON-LD of %d bytes: left unread", len(script))
	}
	var v any
	err := json.Unmarshal([]byte(script), &v)
	if err != nil {
		// The usual breaks are raw line ends inside strings, a comma too many,
		// and text behind the object.
		v = nil
		problem = fmt.Sprintf("broken JSON-LD: %v", err)
		if json.NewDecoder(strings.NewReader(mendJSON(script))).Decode(&v) != nil {
			return nil, problem + ": left unread"
		}
		problem += ": mended"
	}
	return flatten(v, 0), problem
}

func flatten(v any, depth int) []object {
	if depth > maxDepth {
		return nil
	}
	var out []object
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			out = append(out, flatten(x, depth+1)...)
		}
	case map[string]any:
		out = append(out, v)
		out = append(out, flatten(v["@graph"], depth+1)...)
		for _, key := range []string{"mainEntity", "mainEntityOfPage"} {
			if m, ok := v[key].(map[string]any); ok && m["@type"] != nil {
				out = append(out, flatten(m, depth+1)...)
			}
		}
	}
	return out
}

// mendJSON escapes control characters inside strings and drops commas before a
// closing bracket.
func mendJSON(s string) string {
	var b strings.Builder
	inside, escaped := false, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case escaped:
			escaped = false
		case inside && c == '\\':
			escaped = true
		case c == '"':
			inside = !inside
		case inside && c < ' ':
			c = ' '
		case !inside && c == ',':
			if rest := strings.TrimLeft(s[i+1:min(len(s), i+64)], " \t\r\n"); rest != "" && (rest[0] == '}' || rest[0] == ']') {
				continue
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

// is reports whether one of the object's types is among names; a name that
// begins with "*" is a suffix.
func (o object) is(names ...string) bool {
	for _, t := range texts(o["@type"]) {
		t = strings.TrimPrefix(strings.TrimPrefix(t, "https://schema.org/"), "http://schema.org/")
		for _, n := range names {
			if t == n || strings.HasPrefix(n, "*") && strings.HasSuffix(t, n[1:]) {
				return true
			}
		}
	}
	return false
}

// text is the first string under key; numbers and objects give "".
func (o object) text(key string) string {
	for _, t := range texts(o[key]) {
		if t = tidy(unescape(t)); t != "" {
			return t
		}
	}
	return ""
}

// names lists the names under key, whatever the shape: a string, an object
// with a name, a list of either.
func (o object) names(key string) []string { return namesOf(o[key], 0) }

func namesOf(v any, depth int) []string {
	if depth > maxDepth {
		return nil
	}
	switch v := v.(type) {
	case string:
		if s := tidy(unescape(v)); s != "" && !strings.HasPrefix(s, "http") {
			return []string{s}
		}
	case []any:
		var out []string
		for _, x := range v {
			out = append(out, namesOf(x, depth+1)...)
		}
		return out
	case map[string]any:
		return namesOf(v["name"], depth+1)
	}
	return nil
}

// list gives the objects under key.
func (o object) list(key string) []object {
	switch v := o[key].(type) {
	case map[string]any:
		return []object{v}
	case []any:
		var out []object
		for _, x := range v {
			if m, ok := x.(map[string]any); ok {
				out = append(out, m)
			}
		}
		return out
	}
	return nil
}

func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, x := range v {
			if s, ok := x.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}
