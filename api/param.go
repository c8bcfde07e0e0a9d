package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"onrecord/desk"
	"onrecord/editor"
	"onrecord/record"
)

// params reads the parameters of the address. One that is not known is
// refused, not ignored: a misspelt filter would otherwise look like an answer.
func params(c *gin.Context, known ...string) (url.Values, error) {
	given, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return nil, problem(http.StatusBadRequest, "the parameters of the address cannot be read: "+err.Error())
	}
	var faults []Fault
	for name := range given {
		if slices.Contains(known, name) {
			continue
		}
		f := Fault{Parameter: name, Detail: fmt.Sprintf("there is no parameter %.60q", name)}
		if near := record.Nearest(name, known); near != "" {
			f.Suggestion = near
			f.Detail += fmt.Sprintf("; did you mean %q?", near)
		}
		faults = append(faults, f)
	}
	if len(faults) > 0 {
		slices.SortFunc(faults, func(a, b Fault) int { return strings.Compare(a.Parameter, b.Parameter) })
		return nil, problem(http.StatusBadRequest, faults[0].Detail, faults...)
	}
	return given, nil
}

// asking are the parameters of a question about statements.
func asking(more ...string) []string {
	return append(append([]string{"q", "sort"}, desk.FieldNames()...), more...)
}

// ask turns parameters into a question.
func ask(v url.Values) (desk.Ask, error) {
	a := desk.Ask{Q: v.Get("q"), Sort: v.Get("sort"), Cursor: v.Get("cursor"), Fields: map[string][]string{}}
	for _, name := range desk.FieldNames() {
		if len(v[name]) > 0 {
			a.Fields[name] = v[name]
		}
	}
	var err error
	a.Limit, err = limit(v)
	return a, err
}

// limit reads the number of rows; 0 where none is given.
func limit(v url.Values) (int, error) {
	raw := v.Get("limit")
	if raw == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(raw)
	if err != nil || n < 1 || n > desk.MaxLimit {
		return 0, bad("limit", fmt.Sprintf("limit %.20q: want 1 to %d", raw, desk.MaxLimit))
	}
	return n, nil
}

// bad is a 400 about one parameter.
func bad(parameter, detail string) *Problem {
	return problem(http.StatusBadRequest, detail, Fault{Parameter: parameter, Detail: detail})
}

// moment reads a day in London or a time as RFC 3339; a day that ends a window
// belongs to it whole. The zero time for "".
func moment(v url.Values, name string, end bool) (time.Time, error) {
	raw := v.Get(name)
	if raw == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, raw); err == nil {
			return t.UTC(), nil
		}
	}
	day, err := time.ParseInLocation(time.DateOnly, raw, record.London)
	if err != nil {
		return time.Time{}, bad(name, fmt.Sprintf("%s %.40q: want a day such as 2024-07-19 or a time such as 2024-07-19T06:00Z", name, raw))
	}
	if end {
		day = day.AddDate(0, 0, 1)
	}
	return day.UTC(), nil
}

// invalid is the refusal of what breaks a rule: its parameter and column where
// they are known.
func invalid(err error) *Problem {
	var given *editor.FieldError
	if errors.As(err, &given) {
		return problem(http.StatusBadRequest, err.Error(), Fault{Parameter: given.Field, Detail: given.Detail})
	}
	var field *desk.FieldError
	if !errors.As(err, &field) {
		return problem(http.StatusBadRequest, err.Error(), placed("", err)...)
	}
	return problem(http.StatusBadRequest, field.Error(), placed(field.Field, field.Err)...)
}

func placed(parameter string, err error) []Fault {
	f := Fault{Parameter: parameter, Detail: err.Error()}
	if where, ok := desk.Where(err); ok {
		f.Column, f.Detail, f.Suggestion = where.Column, where.Detail, where.Suggestion
	} else if parameter == "" {
		return nil
	}
	return []Fault{f}
}

// body reads one JSON object into v: no unknown keys, no key twice, nothing
// behind it.
func body(c *gin.Context, v any) error {
	if kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil || kind != "application/json" {
		return problem(http.StatusUnsupportedMediaType, "send the body as Content-Type: application/json")
	}
	raw, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return err
	}
	if key := twice(raw); key != "" {
		return problem(http.StatusBadRequest, fmt.Sprintf("the key %.60q stands twice in the body", key), Fault{Parameter: key, Detail: "stands twice"})
	}
	in := json.NewDecoder(strings.NewReader(string(raw)))
	in.DisallowUnknownFields()
	if err := in.Decode(v); err != nil {
		return problem(http.StatusBadRequest, "the body cannot be read: "+strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return problem(http.StatusBadRequest, "something stands behind the JSON object")
	}
	return nil
}

// twice is a key that stands twice at the top of a JSON object, "" for none:
// two readers of such a body would take different values.
func twice(raw []byte) string {
	in := json.NewDecoder(strings.NewReader(string(raw)))
	if t, err := in.Token(); err != nil || t != json.Delim('{') {
		return ""
	}
	seen := map[string]bool{}
	for in.More() {
		t, err := in.Token()
		key, ok := t.(string)
		if err != nil || !ok {
			return ""
		}
		if seen[strings.ToLower(key)] { // the decoder matches keys whatever their case
			return key
		}
		seen[strings.ToLower(key)] = true
		var skip json.RawMessage
		if in.Decode(&skip) != nil {
			return ""
		}
	}
	return ""
}
