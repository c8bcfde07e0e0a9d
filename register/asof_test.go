package register

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"onrecord/record"
)

const dated = `[
 {"id":"records","name":"Records Northshire","valid_to":"2023-02-01","successor":"care","domains":["records.example"],"handles":{"x":"@RecordsNS"}},
 {"id":"care","name":"Care Northshire","valid_from":"2013-04-01","aliases":[{"name":"Northshire Commissioning Board","to":"2014-04"},"the Northshire service"],
  "domains":["care.example",{"name":"old-care.example","to":"2020"}],"handles":{"x":[{"name":"@NSBoard","to":"2014-04"},{"name":"@CareNS","from":"2014-04"}]}},
 {"id":"chemists","name":{"name":"Community Chemists","from":"2023-05-30"},"aliases":[{"name":"Chemists Negotiating Committee","to":"2023-05-30"}],"abbreviations":[{"name":"CNC","to":"2023-05-30"}]},
 {"id":"carers","name":"Carers National Council","abbreviations":["CNC"],"valid_from":"2024"},
 {"id":"first","name":"Dispatch Board","valid_to":"2010","successor":"records"},
 {"id":"ada","name":"Ada Quill","posts":[{"role":"Chief executive","org":"care","from":"2019","to":"2023-07-01"}],"handles":{"x":"@AdaQuill"}},
 {"id":"ben","name":"Ben Marrow","aliases":[{"name":"Ben Oldham","to":"2018"}],"posts":[{"role":"chief executive","org":"care","from":"2023-07-01"},{"role":"deputy chair","org":"records"}]},
 {"id":"cy","name":"Cy Lund","posts":[{"role":"chair","org":"care","from":"2020","shared":true}]},
 {"id":"di","name":"Di Lund","posts":[{"role":"chair","org":"care","from":"2020","shared":true}]}
]`

func on(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02", s, record.London)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestResolveSaysByWhichRule(t *testing.T) {
	r := must(t, dated)
	for _, tt := range []struct{ name, day, want, rule, text string }{
		{"Records Northshire", "2023-01-31", "records", ByName, "before its end"},
		{"Records Northshire", "2023-02-01", "care", ByPredecessor, "after its end"},
		{"the Dispatch Board", "2011-01-01", "records", ByPredecessor, "its successor"},
		{"the Dispatch Board", "2024-01-01", "care", ByPredecessor, "its successor's successor"},
		{"Care Northshire", "2012-01-01", "", "", "a body that did not exist yet"},
		{"Northshire Commissioning Board", "2013-06-01", "care", ByName, "the name of then"},
		{"Northshire Commissioning Board", "2020-06-01", "care", ByFormerName, "a former name"},
		{"Community Chemists", "2022-01-01", "", "", "a name not yet given"},
		{"Chemists Negotiating Committee", "2024-01-01", "chemists", ByFormerName, "the name before"},
		{"CNC", "2022-01-01", "chemists", ByName, "an abbreviation of then"},
		{"CNC", "2023-09-01", "chemists", ByFormerName, "nobody else is called so yet"},
		{"CNC", "2024-09-01", "carers", ByName, "another has the abbreviation now"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			f, _ := r.Resolve(tt.name, on(t, tt.day))
			if f.ID != tt.want || f.Rule != tt.rule {
				t.Errorf("%s on %s is %q by %q, want %q by %q", tt.name, tt.day, f.ID, f.Rule, tt.want, tt.rule)
			}
			if tt.want != "" && (f.Confidence <= 0.5 || f.Confidence > 1 || (f.Confidence == 1) != (f.Rule == ByName)) {
				t.Errorf("confidence %v by %q", f.Confidence, f.Rule)
			}
			text := "It was " + tt.name + " that said so."
			hits := r.Find(text, on(t, tt.day))
			if len(hits) != 1 || hits[0].As != tt.want || hits[0].Rule != tt.rule {
				t.Errorf("Find(%q) on %s gives %+v, want one meaning %q by %q", text, tt.day, hits, tt.want, tt.rule)
			}
		})
	}
}

func TestHostsAndAccountsHoldAsOfTheDay(t *testing.T) {
	r := must(t, dated)
	for _, tt := range []struct{ url, day, want string }{
		{"https://records.example/a", "2022-01-01", "records"},
		{"https://records.example/a", "2024-01-01", "care"},
		{"https://care.example/", "2012-01-01", ""},
		{"https://old-care.example/", "2019-12-31", "care"},
		{"https://old-care.example/", "2020-01-01", ""},
	} {
		if o, _ := r.Host(tt.url, on(t, tt.day)); o.ID != tt.want {
			t.Errorf("Host(%s) on %s is %q, want %q", tt.url, tt.day, o.ID, tt.want)
		}
	}
	for _, tt := range []struct{ handle, day, want string }{
		{"@RecordsNS", "2022-01-01", "records"},
		{"@RecordsNS", "2024-01-01", "care"},
		{"NSBoard", "2013-09-01", "care"},
		{"NSBoard", "2015-01-01", ""},
		{"CareNS", "2013-09-01", ""},
		{"CareNS", "2015-01-01", "care"},
		{"AdaQuill", "2022-01-01", ""},
	} {
		if o, _ := r.Handle("x", tt.handle, on(t, tt.day)); o.ID != tt.want {
			t.Errorf("the account %s on %s is %q’s, want %q", tt.handle, tt.day, o.ID, tt.want)
		}
	}
	if p, post, ok := r.PersonOf("x", "@adaquill", on(t, "2022-01-01")); !ok || p.ID != "ada" || post.Org != "care" {
		t.Errorf("the account of Ada Quill is %q’s, %+v", p.ID, post)
	}
}

func TestHoldersChange(t *testing.T) {
	r := must(t, dated)
	for _, tt := range []struct{ role, day, want string }{
		{"chief executive", "2022-06-01", "ada"},
		{"Chief Executive Officer", "2022-06-01", "ada"},
		{"CEO", "2024-06-01", "ben"},
		{"chief executive", "2018-06-01", ""},
		{"chair", "2022-06-01", ""},
		{"deputy chair", "2022-06-01", ""},
	} {
		if p, _, _ := r.Holder(tt.role, "care", on(t, tt.day)); p.ID != tt.want {
			t.Errorf("the %s of care on %s is %q, want %q", tt.role, tt.day, p.ID, tt.want)
		}
	}
	if _, _, ok := r.Holder("chief executive", "care", time.Time{}); ok {
		t.Error("somebody holds a post on no day")
	}
	if _, _, ok := r.Person("Ben Oldham", on(t, "2017-01-01")); !ok {
		t.Error("Ben Oldham of 2017 is unknown")
	}
	if _, _, ok := r.Person("Ben Oldham", on(t, "2022-01-01")); ok {
		t.Error("a name that somebody gave up still finds him")
	}
}

func TestPredecessorsAreFollowedToTheirEnd(t *testing.T) {
	r := must(t, dated)
	if got := strings.Join(r.Predecessors("care"), " "); got != "records first" {
		t.Errorf("care followed %q, want records and first", got)
	}
	if got := r.Predecessors("chemists"); len(got) != 0 {
		t.Errorf("chemists followed %v", got)
	}
	ring := must(t, `[{"id":"a","name":"Aa","valid_to":"2000","successor":"b"},{"id":"b","name":"Bb","valid_to":"2000","successor":"a"}]`)
	if got := ring.Predecessors("a"); len(got) != 1 {
		t.Errorf("in a ring a followed %v", got)
	}
	if f, ok := ring.Resolve("Aa", on(t, "2020-01-01")); ok {
		t.Errorf("a ring of successors means %q", f.ID)
	}
}

func TestDatesOutliveJSON(t *testing.T) {
	r := must(t, dated)
	b, err := json.Marshal(r.Orgs())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`{"name":"Northshire Commissioning Board","to":"2014-04"}`, `"the Northshire service"`, `"x":"@RecordsNS"`, `"x":[{"name":"@NSBoard","to":"2014-04"},`, `"name_from":"2023-05-30"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the JSON lacks %s: %s", want, b)
		}
	}
	again := must(t, string(b))
	if c, _ := json.Marshal(again.Orgs()); string(c) != string(b) {
		t.Errorf("read again the entries are\n%s\nwant\n%s", c, b)
	}
	if len(r.Warnings()) != 0 {
		t.Errorf("names and posts that follow each other are no warnings: %q", r.Warnings())
	}
}
