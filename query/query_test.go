package query

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"onrecord/record"
)

// noon is Wednesday 24 July 2024, 12:00 in London.
var noon = time.Date(2024, 7, 24, 11, 0, 0, 0, time.UTC)

func TestNormalisedForm(t *testing.T) {
	for _, tt := range [][2]string{
		{"", ""},
		{"   \t ", ""},
		{"backlog", "backlog"},
		{"Backlog", "backlog"},
		{"backlog surgery", "backlog AND surgery"},
		{"backlog AND surgery", "backlog AND surgery"},
		{"a b c", "a AND b AND c"},
		{"a OR b", "a OR b"},
		{"a b OR c", "(a AND b) OR c"},
		{"a OR b c", "a OR (b AND c)"},
		{"(a OR b) c", "(a OR b) AND c"},
		{"a (b c)", "a AND b AND c"},
		{"a OR (b OR c)", "a OR b OR c"},
		{"((a))", "a"},
		{"-a", "NOT a"},
		{"NOT a", "NOT a"},
		{"a -b", "a AND NOT b"},
		{"a NOT b OR c", "(a AND NOT b) OR c"},
		{"-(a b)", "NOT (a AND b)"},
		{"NOT NOT a", "NOT NOT a"},
		{"--a", "NOT NOT a"},
		{"a AND NOT (b OR c)", "a AND NOT (b OR c)"},
		{"long-standing", "long-standing"},
		{"nhs.example", "nhs.example"},
		{"12:30", "12:30"},
		{"café", "café"},
		{"日本", "日本"},
		{"it's", "it's"},
		{`"considerable backlog"`, `"considerable backlog"`},
		{`“considerable backlog”`, `"considerable backlog"`},
		{`"  Two   words "`, `"Two words"`},
		{`"a" "b"`, `"a" AND "b"`},
		{`"x"y`, `"x" AND y`},
		{`-"x y"`, `NOT "x y"`},
		{`"a OR b"`, `"a OR b"`},
		{"a NEAR/10 b", "a NEAR/10 b"},
		{"a NEAR b", "a NEAR/10 b"},
		{"a PRE b", "a PRE/10 b"},
		{"a PRE/3 b", "a PRE/3 b"},
		{"a w/10 b", "a NEAR/10 b"},
		{"a W/10 b", "a NEAR/10 b"},
		{"a /10 b", "a NEAR/10 b"},
		{"a near10 b", "a NEAR/10 b"},
		{"a NEAR10 b", "a NEAR/10 b"},
		{"a pre/10 b", "a PRE/10 b"},
		{"a pre5 b", "a PRE/5 b"},
		{`"a b"~10`, `"a" NEAR/10 "b"`},
		{`"phrase one" NEAR/10 b`, `"phrase one" NEAR/10 b`},
		{"a NEAR/2 b c", "a NEAR/2 b AND c"},
		{"c OR a NEAR/2 b", "c OR a NEAR/2 b"},
		{"NOT (a NEAR/2 b)", "NOT (a NEAR/2 b)"},
		{"(a) NEAR/2 (b)", "a NEAR/2 b"},
		{"back* NEAR/2 outage~1", "back* NEAR/2 outage~1"},
		{"near miss", "near AND miss"},
		{"back*", "back*"},
		{"Organi?ation", "organi?ation"},
		{"bac*log*", "bac*log*"},
		{"outage~", "outage~1"},
		{"outage~1", "outage~1"},
		{"outage~2", "outage~2"},
		{"org:nhs-england", "org:nhs-england"},
		{"ORG:bma", "org:bma"},
		{`org:"British Medical Association"`, `org:"British Medical Association"`},
		{"org:bma|nhs-england", "org:bma OR org:nhs-england"},
		{"x org:bma|rcn", "x AND (org:bma OR org:rcn)"},
		{`person:"David Wrigley"`, `person:"David Wrigley"`},
		{`role:"deputy chair"`, `role:"deputy chair"`},
		{"kind:release|post", "kind:release OR kind:post"},
		{"kind:QUOTE", "kind:quote"},
		{"outlet:BBC.co.uk", "outlet:bbc.co.uk"},
		{"lang:EN", "lang:en"},
		{"tag:x", "tag:x"},
		{"incident:it-outage", "incident:it-outage"},
		{"status:withdrawn", "status:withdrawn"},
		{"title:outage", "title:outage"},
		{`title:"what we know"`, `title:"what we know"`},
		{"host:nhs.example", "host:nhs.example"},
		{"platform:x", "platform:x"},
		{"has:evidence", "has:evidence"},
		{"has:versions|sightings", "has:versions OR has:sightings"},
		{"edited:yes", "edited:yes"},
		{"edited:no", "edited:no"},
		{`version:any "old words"`, `version:any AND "old words"`},
		{"-org:bma", "NOT org:bma"},
		{"org:(bma)", "error"},
		{"sightings:3", "sightings:3"},
		{"sightings:=3", "sightings:3"},
		{"sightings:>=3", "sightings:>=3"},
		{"sightings:<2", "sightings:<2"},
		{"said:2024", "said:2024"},
		{"said:2024-07", "said:2024-07"},
		{"said:2024-07-19", "said:2024-07-19"},
		{`said:"2024-07-19"`, "said:2024-07-19"},
		{"said:2024-07-19..2024-07-22", "said:2024-07-19..2024-07-22"},
		{"said:2024-07-19..", "said:2024-07-19.."},
		{"said:..2024-07-22", "said:..2024-07-22"},
		{"seen:>=2024-07-19T06:00Z", "seen:>=2024-07-19t06:00z"},
		{"published:<2024-07", "published:<2024-07"},
		{"said:P7D", "said:p7d"},
		{"said:24h", "said:24h"},
		{"said:today", "said:today"},
		{"said:2024-07/P1W", "said:2024-07/p1w"},
		{"sort:oldest", "sort:oldest"},
		{"a sort:Oldest", "a sort:oldest"},
		{"sort:oldest a OR b", "a OR b sort:oldest"},
		{"a — b", "a AND b"},
		{"a & b", "a AND b"},
		{"a +b", "a AND +b"},
		{"-a -b", "NOT a AND NOT b"},
		{"a\x00b", "a AND b"},
		{"a collapse:statement", "a collapse:statement"},
		{"collapse:none a asof:2024-07-20T12:00 sort:oldest", "a asof:2024-07-20t12:00 collapse:none sort:oldest"},
		{`first:"no data" like:st_1`, `first:"no data" AND like:st_1`},
		{"source:src_1", "source:src_1"},
		{"and", "and"},
		{"and or", "and AND or"},
	} {
		q, err := Parse(tt[0], noon)
		if tt[1] == "error" {
			if err == nil {
				t.Errorf("Parse(%q) = %s, want an error", tt[0], q)
			}
			continue
		}
		if err != nil {
			t.Errorf("Parse(%q): %v", tt[0], err)
		} else if got := q.String(); got != tt[1] {
			t.Errorf("Parse(%q) = %s, want %s", tt[0], got, tt[1])
		}
	}
}

func TestTree(t *testing.T) {
	q, err := Parse(`Backlog "Of Work" NEAR/5 back* OR -(outage~2 kind:quote) sort:relevance`, noon)
	want := Query{Sort: Relevance, Root: Or{[]Node{
		And{[]Node{Word{"backlog"}, Near{Left: Phrase{"Of Work"}, Right: Wildcard{"back*"}, N: 5}}},
		Not{And{[]Node{Fuzzy{"outage", 2}, Field{"kind", "quote"}}}},
	}}}
	if d := cmp.Diff(want, q); d != "" || err != nil {
		t.Errorf("Parse: %v (-want +got):\n%s", err, d)
	}
}

func TestTimes(t *testing.T) {
	utc := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tt := range [][3]string{
		{"2024", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"},
		{"2024-07", "2024-06-30T23:00:00Z", "2024-07-31T23:00:00Z"},
		{"2024-07-19", "2024-07-18T23:00:00Z", "2024-07-19T23:00:00Z"},
		{"2024-03-31", "2024-03-31T00:00:00Z", "2024-03-31T23:00:00Z"}, // the 23-hour day
		{"2024-07-19..2024-07-22", "2024-07-18T23:00:00Z", "2024-07-22T23:00:00Z"},
		{"2024-07-19/2024-07-22", "2024-07-18T23:00:00Z", "2024-07-22T23:00:00Z"},
		{"2024-06..2024", "2024-05-31T23:00:00Z", "2025-01-01T00:00:00Z"},
		{"2024-07-19..", "2024-07-18T23:00:00Z", ""},
		{"..2024-07-22", "", "2024-07-22T23:00:00Z"},
		{">=2024-07-19", "2024-07-18T23:00:00Z", ""},
		{">2024-07-19", "2024-07-19T23:00:00Z", ""},
		{"<2024-07-19", "", "2024-07-18T23:00:00Z"},
		{"<=2024-07-19", "", "2024-07-19T23:00:00Z"},
		{"=2024-07-19", "2024-07-18T23:00:00Z", "2024-07-19T23:00:00Z"},
		{">=2024-07-19T06:00Z", "2024-07-19T06:00:00Z", ""},
		{">=2024-07-19T06:00", "2024-07-19T05:00:00Z", ""},
		{"2024-07-19T06:00", "2024-07-19T05:00:00Z", "2024-07-19T05:01:00Z"},
		{"2024-07-19T06:00:30+02:00", "2024-07-19T04:00:30Z", "2024-07-19T04:00:31Z"},
		{"2024-01-19T06:00..2024-01-19T07:00", "2024-01-19T06:00:00Z", "2024-01-19T07:01:00Z"},
		{"today", "2024-07-23T23:00:00Z", "2024-07-24T23:00:00Z"},
		{"yesterday", "2024-07-22T23:00:00Z", "2024-07-23T23:00:00Z"},
		{"yesterday..today", "2024-07-22T23:00:00Z", "2024-07-24T23:00:00Z"},
		{">=now", "2024-07-24T11:00:00Z", ""},
		{"P7D", "2024-07-17T11:00:00Z", ""},
		{"7d", "2024-07-17T11:00:00Z", ""},
		{"2w", "2024-07-10T11:00:00Z", ""},
		{"24h", "2024-07-23T11:00:00Z", ""},
		{"30min", "2024-07-24T10:30:00Z", ""},
		{"PT36H", "2024-07-22T23:00:00Z", ""},
		{"P1Y2M", "2023-05-24T11:00:00Z", ""},
		{"2024-07/P1W", "2024-06-30T23:00:00Z", "2024-07-07T23:00:00Z"},
		{"P1D/2024-07-19", "2024-07-18T23:00:00Z", "2024-07-19T23:00:00Z"},
		{"2024-03-30/P2D", "2024-03-30T00:00:00Z", "2024-03-31T23:00:00Z"},
	} {
		q, err := Parse("said:"+tt[0], noon)
		if err != nil {
			t.Errorf("said:%s: %v", tt[0], err)
			continue
		}
		r := q.Root.(Range)
		if !r.From.Equal(utc(tt[1])) || !r.To.Equal(utc(tt[2])) {
			t.Errorf("said:%s is [%v, %v), want [%s, %s)", tt[0], r.From, r.To, tt[1], tt[2])
		}
	}
}

func TestErrorsNameColumnAndWayOut(t *testing.T) {
	deep := strings.Repeat("(", MaxDepth+1) + "a" + strings.Repeat(")", MaxDepth+1)
	for _, tt := range []struct {
		in      string
		column  int
		says    string
		suggest string
	}{
		{`orgg:bma`, 1, "no field", "org:bma"},
		{`backlog organisation:bma`, 9, "no field", "org:bma"},
		{`speaker:x`, 1, "no field", `person:x`},
		{`colour:x`, 1, "no field", `"colour:x"`},
		{`date:2024`, 1, "no field", `said:2024`},
		{`https://nhs.example/a`, 1, "quotation marks", `"https://nhs.example/a"`},
		{`é "open`, 3, "not closed", `"open"`},
		{`"`, 1, "not closed", ""},
		{`a (b`, 3, "not closed", "a (b)"},
		{`(`, 1, "not closed", ""},
		{`a) b`, 2, "closes nothing", "a b"},
		{`)`, 1, "closes nothing", ""},
		{`a ()`, 3, "nothing between", ""},
		{`""`, 1, "no word", ""},
		{`"—"`, 1, "no word", ""},
		{`—`, 1, "no word to search", ""},
		{`AND`, 1, "AND needs", ""},
		{`a AND`, 3, "AND needs", ""},
		{`AND a`, 1, "AND needs", ""},
		{`a AND AND b`, 3, "AND needs", ""},
		{`a AND OR b`, 3, "AND needs", ""},
		{`a OR`, 3, "OR needs", ""},
		{`OR`, 1, "OR needs", ""},
		{`OR a`, 1, "OR needs", ""},
		{`a OR OR b`, 3, "OR needs", ""},
		{`(a OR) b`, 4, "OR needs", ""},
		{`NOT`, 1, "NOT needs", ""},
		{`a NOT`, 3, "NOT needs", ""},
		{`NOT AND a`, 1, "NOT needs", ""},
		{`a NEAR/10`, 3, "on its right", ""},
		{`NEAR/10 a`, 1, "on its left", ""},
		{`org:bma NEAR/10 a`, 9, "on its left", ""},
		{`NOT a NEAR/10 b`, 7, "on its left", ""},
		{`a NEAR/10 (b c)`, 11, "on its right", ""},
		{`a NEAR/10 -b`, 3, "on its right", ""},
		{`a NEAR/0 b`, 3, "1 to 100", "NEAR/10"},
		{`a NEAR/101 b`, 3, "1 to 100", "NEAR/10"},
		{`a NEAR/99999999999999999999 b`, 3, "1 to 100", "NEAR/10"},
		{`a NEAR/2 b NEAR/2 c`, 12, "three", ""},
		{`"a b c"~5`, 1, "two words", "first NEAR/5 second"},
		{`"a b"~x`, 7, "1 to 100", "NEAR/10"},
		{`*`, 1, "three letters", ""},
		{`b*`, 1, "three letters", "b"},
		{`*log`, 1, "three letters", "log"},
		{`?`, 1, "three letters", ""},
		{`.*`, 1, "", ""},
		{`outage~3`, 1, "1 or 2", "outage~2"},
		{`cat~2`, 1, "two edits", "cat~1"},
		{`ba*k~1`, 1, "plain word", "outage~1"},
		{`org:`, 5, "needs a value", "org:nhs-england"},
		{`org: bma`, 5, "needs a value", "org:nhs-england"},
		{`org:a|`, 7, "no letter", "org:nhs-england"},
		{`org:b*`, 5, "whole values", ""},
		{`kind:qoute`, 6, "one of", "kind:quote"},
		{`kind:quote|pst`, 12, "one of", "kind:post"},
		{`status:gone`, 8, "one of", ""},
		{`has:pictures`, 5, "one of", ""},
		{`sort:new`, 6, "one of", "sort:newest"},
		{`(a sort:newest)`, 4, "outside", ""},
		{`-sort:newest`, 2, "outside", ""},
		{`a sort:newest sort:oldest`, 15, "twice", ""},
		{`version:2`, 9, "one of any", ""},
		{`a OR sort:newest`, 6, "OR needs", ""},
		{`like:bma`, 6, "not the id", "like:st_1a2b3c"},
		{`first:"—"`, 7, "holds no word", `first:"these words"`},
		{`asof:2024..2025`, 6, "not a date", ""},
		{`asof:2024 asof:2024`, 11, "twice", ""},
		{`-asof:2024`, 2, "outside", ""},
		{`(collapse:none)`, 2, "outside", ""},
		{`said:yesterdy`, 6, "not a date", ""},
		{`said:19/07/2024`, 6, "not a date", "said:2024-07-19"},
		{`said:2024-02-31`, 6, "no day", ""},
		{`said:2024-13`, 6, "no day", ""},
		{`said:..`, 6, "one end", ""},
		{`said:/`, 6, "both sides", ""},
		{`said:>=`, 6, "not a date", ""},
		{`said:2024-07-22..2024-07-19`, 6, "ends before", ""},
		{`said:P0D`, 6, "not a date", ""},
		{`sightings:many`, 11, "not a number", "sightings:>=3"},
		{`sightings:>=-1`, 11, "not a number", "sightings:>=3"},
		{`sightings:99999999999999999999`, 11, "not a number", "sightings:>=3"},
		{"a \xff", 3, "UTF-8", ""},
		{strings.Repeat("x", MaxTerm+1), 1, "at most 64", ""},
		{`"` + strings.Repeat("x", MaxTerm+1) + `"`, 1, "at most 64", ""},
		{strings.Repeat("a ", MaxClauses+1), 2*MaxClauses + 1, "more than 64", ""},
		{"org:" + strings.Repeat("a|", MaxClauses) + "a", 1, "more than 64", ""},
		{deep, MaxDepth + 1, "16 deep", ""},
		{strings.Repeat("-", MaxDepth+1) + "a", MaxDepth + 1, "16 deep", ""},
		{strings.Repeat("a", MaxBytes+1), MaxBytes + 1, "at most 2048", ""},
	} {
		_, err := Parse(tt.in, noon)
		var e *Error
		if !errors.As(err, &e) || !errors.Is(err, record.ErrInvalid) {
			t.Errorf("Parse(%.40q) gives the error %v, want a *query.Error that is invalid", tt.in, err)
			continue
		}
		if e.Column != tt.column || !strings.Contains(e.Error(), tt.says) || e.Suggestion != tt.suggest {
			t.Errorf("Parse(%.40q): column %d, %q, suggestion %q; want column %d, …%s…, suggestion %q", tt.in, e.Column, e.Detail, e.Suggestion, tt.column, tt.says, tt.suggest)
		}
		if strings.ContainsAny(e.Error(), "\n\r\x00") {
			t.Errorf("Parse(%.40q): the error breaks a log line: %q", tt.in, e.Error())
		}
	}
}

func TestWarnings(t *testing.T) {
	for in, want := range map[string]string{
		"backlog and surgery": "and is read as a word",
		"a b or":              "or is read as a word",
		"the of":              "very common words",
		"backlog & surgery":   "left out",
		`"back* log"`:         "no wildcard",
	} {
		q, err := Parse(in, noon)
		if err != nil || len(q.Warnings) == 0 || !strings.Contains(strings.Join(q.Warnings, "|"), want) {
			t.Errorf("Parse(%q): warnings %q, error %v; want one with %q", in, q.Warnings, err, want)
		}
	}
	for _, in := range []string{"backlog surgery", `"the of"`, "the org:bma", "", "AND"[:0]} {
		if q, err := Parse(in, noon); err != nil || len(q.Warnings) > 0 {
			t.Errorf("Parse(%q): warnings %q, error %v; want none", in, q.Warnings, err)
		}
	}
}

func TestExplain(t *testing.T) {
	for in, want := range map[string]string{
		"":              "every statement",
		"backlog":       "statements with the word “backlog” in any form",
		`"a b" org:bma`: "statements with the exact words “a b” and by the organisation “bma”",
		"a OR b":        "statements either with the word “a” in any form or with the word “b” in any form",
		"x -(a OR b)":   "statements with the word “x” in any form and not (either with the word “a” in any form or with the word “b” in any form)",
		"asof:2024-07-20T12:00 a sort:oldest collapse:none": "statements with the word “a” in any form, as the record stood on 20 July 2024 12:00 BST, one row for each place where they were found, earliest said first",
		`first:"no data"`:        "statements that hold or held the exact words “no data”, with the first capture that had them",
		"like:st_1":              "statements like the statement “st_1”",
		"sightings:1":            "statements found in exactly 1 place",
		"back* NEAR/5 b~1":       "statements with a word like “back*” within 5 words of a word within 1 letter of “b”",
		"said:2024-07-19":        "statements said on 19 July 2024",
		"said:2024-07":           "statements said from 1 July 2024 to 31 July 2024",
		"seen:>2024-07-19T06:00": "statements first seen at or after 19 July 2024 06:01 BST",
		"published:<2024":        "statements published before 1 January 2024",
		"sightings:>=3":          "statements found in at least 3 places",
		"has:evidence":           "statements with evidence kept here",
	} {
		q, err := Parse(in, noon)
		if err != nil {
			t.Errorf("Parse(%q): %v", in, err)
		} else if got := q.Explain(); got != want {
			t.Errorf("Explain(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestEveryFieldIsExplainedAndHasAnExample(t *testing.T) {
	for _, f := range fields {
		q, err := Parse(f+":"+example(f), noon)
		if err != nil {
			t.Errorf("the example of %s: %v", f, err)
			continue
		}
		if s := Explain(q.Root); strings.Contains(s, "  ") || strings.HasSuffix(s, " ") || strings.Contains(s, "of any kind") {
			t.Errorf("Explain(%s) = %q", q, s)
		}
	}
}

func TestTheNormalisedFormReadsBackAsTheSameTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := Query{
			Root: tree(4).Draw(t, "tree"), Sort: rapid.SampledFrom([]string{"", Newest, Oldest, Relevance, FirstSeen, Sightings}).Draw(t, "sort"),
			Collapse: rapid.SampledFrom([]string{"", "statement", "none"}).Draw(t, "collapse"),
		}
		if text := rapid.SampledFrom([]string{"", "2024", "2024-07-20", "2024-07-20t12:00", "2024-07-20t12:00:30+02:00", "p7d", "24h", "yesterday", "now"}).Draw(t, "asof"); text != "" {
			at, err := (&parser{now: noon}).last(strings.ToUpper(text))
			if err != nil {
				t.Fatalf("asof:%s: %v", text, err)
			}
			q.AsOf = Moment{Time: at, Text: text}
		}
		again, err := Parse(q.String(), noon)
		if err != nil {
			t.Fatalf("Parse(%q): %v", q, err)
		}
		again.Warnings = nil
		if d := cmp.Diff(q, again); d != "" {
			t.Fatalf("Parse(%q) (-tree +read back):\n%s", q, d)
		}
	})
}

// tree draws trees of the grammar: no And in And, no Or in Or, at least two
// nodes in each.
func tree(depth int) *rapid.Generator[Node] {
	return rapid.Custom(func(t *rapid.T) Node {
		choice := rapid.IntRange(0, 9).Draw(t, "what")
		switch {
		case depth == 0 || choice < 6:
			return leaf().Draw(t, "leaf")
		case choice == 6:
			return Not{tree(depth-1).Draw(t, "not")}
		case choice == 7:
			return Near{Left: side().Draw(t, "left"), Right: side().Draw(t, "right"), N: rapid.IntRange(1, 100).Draw(t, "n"), Ordered: rapid.Bool().Draw(t, "ordered")}
		default:
			nodes := rapid.SliceOfN(tree(depth-1), 2, 3).Draw(t, "nodes")
			return join(nodes, choice == 8)
		}
	})
}

func side() *rapid.Generator[Node] {
	return rapid.Custom(func(t *rapid.T) Node {
		word := rapid.StringMatching(`[a-z]{4,8}(-[a-z]{2,4})?`).Draw(t, "word")
		switch rapid.IntRange(0, 3).Draw(t, "side") {
		case 0:
			return Phrase{rapid.StringMatching(`[A-Z][a-z]{2,6}( [a-z:*-]{1,5}[a-z]){0,3}`).Draw(t, "phrase")}
		case 1:
			return Wildcard{word + rapid.SampledFrom([]string{"*", "?", "*s", "?s*"}).Draw(t, "pattern")}
		case 2:
			return Fuzzy{word, rapid.IntRange(1, 2).Draw(t, "edits")}
		default:
			return Word{word}
		}
	})
}

func leaf() *rapid.Generator[Node] {
	return rapid.Custom(func(t *rapid.T) Node {
		switch rapid.IntRange(0, 5).Draw(t, "leaf") {
		case 0:
			name := rapid.SampledFrom([]string{"org", "person", "role", "tag", "title", "lang", "outlet", "host", "platform", "incident", "source", "first"}).Draw(t, "name")
			return Field{name, rapid.StringMatching(`[a-z]{1,8}( [a-z]{1,5}|-[a-z|(]{1,3}x)?`).Draw(t, "value")}
		case 1:
			name := rapid.SampledFrom([]string{"kind", "status", "has", "edited", "version"}).Draw(t, "name")
			return Field{name, rapid.SampledFrom(closed[name]).Draw(t, "value")}
		case 2:
			text := rapid.SampledFrom([]string{"2024", "2024-07", "2024-07-19", "2024-07-19..2024-07-22", "..2024", ">=2024-07-19t06:00z", "p7d", "24h", "today", "2024-07/p1w", "<2024"}).Draw(t, "when")
			from, to, err := (&parser{now: noon}).window(text)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			return Range{Name: rapid.SampledFrom([]string{"said", "published", "seen"}).Draw(t, "clock"), From: from, To: to, Text: text}
		case 3:
			return Count{Name: "sightings", Op: rapid.SampledFrom([]string{"=", "<", "<=", ">", ">="}).Draw(t, "op"), N: rapid.IntRange(0, 99).Draw(t, "n")}
		default:
			return side().Draw(t, "side")
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`a "b c" NEAR/3 d* -(org:x|y OR said:2024-07-19..)`, "“é” w/5 x~2 sort:oldest", "((((-a", `first:"a b" asof:24h collapse:none like:st_1`, `said:P7D/2024 AND "`, "a\x00b \xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := Parse(s, noon)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Column < 1 || e.Column > len(s)+2 {
				t.Fatalf("Parse(%q): %v", s, err)
			}
			return
		}
		again, err := Parse(q.String(), noon)
		if len(q.String()) > MaxBytes {
			return // AND written out may pass the limit
		}
		if err != nil {
			t.Fatalf("Parse(%q) = %q, which gives %v", s, q, err)
		}
		q.Warnings, again.Warnings = nil, nil
		if d := cmp.Diff(q, again); d != "" {
			t.Fatalf("Parse(%q) = %q (-tree +read back):\n%s", s, q, d)
		}
		_ = Explain(q.Root)
	})
}
