package register

import (
	"errors"
	"strings"
	"testing"
	"time"

	"onrecord/record"
)

const invented = `[
 {"id":"hsn","name":"Health Service Northshire","abbreviations":["HSN"],"aliases":["the Northshire health service"],"domains":["hsn.example"],
  "handles":{"x":"@HSNorthshire","mastodon":"@hsn@social.example"},"type":"health service"},
 {"id":"hsn-coast","name":"Health Service Northshire Coast","parent":"hsn","domains":["hsn.example/hsn-coast"]},
 {"id":"care","name":"CARE (unspecified)","type":"collective","speaks_as":"hsn","domains":["care.example"]},
 {"id":"old","name":"Old Records Office","valid_to":"2020-04-01 (merged)","successor":"hsn"},
 {"id":"echo","name":"Echo","type":"news outlet"},
 {"id":"orla","name":"Orla Hennessy","aliases":["Orla M Hennessy"],"titles":["Dr"],"posts":[
  {"role":"chair","org":"hsn","from":"2019","to":"2022-05"},{"role":"president","org":"hsn","from":"2022-05"}]}
]`

func must(t *testing.T, s string) *Register {
	t.Helper()
	r, err := Read(strings.NewReader(s), "test.json")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDefaultKnowsItsOrganisations(t *testing.T) {
	r := Default()
	if n := len(r.Orgs()); n < 400 {
		t.Fatalf("the embedded register has %d organisations, want the 426 of the file", n)
	}
	for name, want := range map[string]string{
		"British Medical Association": "bma", "BMA": "bma", "the doctors' union": "bma", "doctors’ union": "", "NHS England": "nhs-england",
		"NICE": "nice", "nice": "", "The NHS": "nhs", "GPC England": "bma-gpc-england",
	} {
		if o, _ := r.Name(name, time.Time{}); o.ID != want {
			t.Errorf("Name(%q) = %q, want %q", name, o.ID, want)
		}
	}
	for url, want := range map[string]string{
		"https://www.england.nhs.uk/2024/07/slug/": "nhs-england", "https://www.surgery-of-somebody.nhs.uk/": "", "https://nhs.uk/": "nhs",
	} {
		if o, _ := r.Host(url, time.Time{}); o.ID != want {
			t.Errorf("Host(%q) = %q, want %q", url, o.ID, want)
		}
	}
	if o, _ := r.Handle("twitter", "nhsengland", time.Time{}); o.ID != "nhs-england" {
		t.Errorf("Handle(twitter, nhsengland) = %q, want nhs-england", o.ID)
	}
}

func TestNamesHoldAsOfTheDay(t *testing.T) {
	r := must(t, invented)
	for day, want := range map[string]string{"2019-07-01": "old", "2020-03-31": "old", "2020-04-01": "hsn"} {
		at, _ := time.ParseInLocation("2006-01-02", day, record.London)
		if o, _ := r.Name("the Old Records Office", at); o.ID != want {
			t.Errorf("on %s the Old Records Office is %q, want %q", day, o.ID, want)
		}
	}
	for day, want := range map[string]string{"2019-07-01": "chair", "2023-01-01": "president", "2011-01-01": ""} {
		at, _ := time.ParseInLocation("2006-01-02", day, record.London)
		if _, post, ok := r.Person("Orla Hennessy", at); !ok || post.Role != want {
			t.Errorf("on %s Orla Hennessy is %q (%v), want %q", day, post.Role, ok, want)
		}
	}
}

func TestFindTakesTheLongestName(t *testing.T) {
	r := must(t, invented)
	text := "Health Service Northshire Coast and HSN met the Northshire Health Service. Care matters; CARE’s chief, an echo of Echo."
	var got []string
	for _, h := range r.Find(text, time.Time{}) {
		if h.In(text) != h.Alias {
			t.Errorf("hit %v: %q is not at its place", h, h.Alias)
		}
		got = append(got, h.Org+":"+h.Alias)
	}
	want := "hsn-coast:Health Service Northshire Coast hsn:HSN hsn:the Northshire Health Service care:CARE echo:Echo"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("Find gives %s\nwant %s", s, want)
	}
	if hits := r.Find("Old\nRecords Office. Health. Service Northshire", time.Time{}); len(hits) != 0 {
		t.Errorf("a name was found across a line or a sentence: %v", hits)
	}
}

func TestHostTakesTheLongestPath(t *testing.T) {
	r := must(t, invented)
	for url, want := range map[string]string{
		"https://www.hsn.example/hsn-coast/2025/x": "hsn-coast", "http://HSN.example:8080/hsn-coastal": "hsn", "https://press.hsn.example/a": "hsn",
		"https://nothsn.example/": "", "https://one.care.example/": "", "care.example": "care", "::": "", "": "", "https://127.0.0.1/": "",
	} {
		if o, _ := r.Host(url, time.Time{}); o.ID != want {
			t.Errorf("Host(%q) = %q, want %q", url, o.ID, want)
		}
	}
}

func TestReadNamesFileEntryAndReason(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"no array":       {`{"id":"a"}`, "want one JSON array"},
		"cut off":        {`[{"id":"a","name":"A"}`, "want one JSON array"},
		"bad id":         {`[{"id":"A b","name":"A"}]`, `entry 1, id "A b": want lower-case`},
		"twice":          {`[{"id":"a","name":"A"},{"id":"a","name":"B"}]`, `entry 2, id "a": given twice`},
		"no name":        {`[{"id":"a"}]`, `id "a": a name is missing`},
		"bad date":       {`[{"id":"a","name":"A","valid_to":"soon"}]`, `date "soon"`},
		"ends too early": {`[{"id":"a","name":"A","valid_from":"2021","valid_to":"2020"}]`, "before it begins"},
		"wrong type":     {`[{"id":"a","name":"A","aliases":"x"}]`, `entry 1, id "a": aliases: a JSON string`},
		"bad domain":     {`[{"id":"a","name":"A","domains":["http://"]}]`, `domain "http://"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(strings.NewReader(tt.in), "mine.json")
			if err == nil || !errors.Is(err, record.ErrInvalid) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "mine.json") {
				t.Errorf("Read = %v, want an invalid-error with %q and the file's name", err, tt.want)
			}
		})
	}
}

func TestSharedNamesAreAWarning(t *testing.T) {
	r := must(t, `[{"id":"a","name":"Guild","aliases":["The Body"]},{"id":"b","name":"Guild","parent":"zz"}]`)
	w := strings.Join(r.Warnings(), "\n")
	for _, want := range []string{`name "Guild": both a and b`, `b: parent "zz" is not in the register`} {
		if !strings.Contains(w, want) {
			t.Errorf("warnings %q lack %q", w, want)
		}
	}
	if o, _ := r.Name("Guild", time.Time{}); o.ID != "a" {
		t.Errorf("a shared name answers with %q, want the first", o.ID)
	}
}

func TestExtendReplacesByID(t *testing.T) {
	r, err := must(t, invented).Extend(must(t, `[{"id":"hsn","name":"Northshire Care"},{"id":"new","name":"New Body"}]`))
	if err != nil {
		t.Fatal(err)
	}
	if o, _ := r.Name("Health Service Northshire", time.Time{}); o.ID != "" {
		t.Errorf("the replaced name still finds %q", o.ID)
	}
	if o, _ := r.Name("Northshire Care", time.Time{}); o.ID != "hsn" {
		t.Errorf("the new name finds %q, want hsn", o.ID)
	}
	if _, ok := r.Org("new"); !ok {
		t.Error("the added organisation is missing")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(invented, "HSN said")
	f.Fuzz(func(t *testing.T, in, text string) {
		r, err := Read(strings.NewReader(in), "fuzz")
		if err != nil {
			return
		}
		for _, h := range r.Find(text, time.Time{}) {
			if h.In(text) == "" || h.Alias != h.In(text) {
				t.Errorf("hit %v lies outside its text", h)
			}
		}
		r.Host(text, time.Now())
	})
}
