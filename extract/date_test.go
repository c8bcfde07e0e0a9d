package extract

import (
	"strings"
	"testing"
	"time"

	"onrecord/record"
)

// captured is when the words of these tests were captured: a Monday morning in
// British Summer Time, three days after the Friday they speak of.
func captured() time.Time { return time.Date(2024, 7, 22, 10, 0, 0, 0, time.UTC) }

func TestParseDate(t *testing.T) {
	for raw, want := range map[string]string{
		// RFC 822, 2822, 3339, ISO 8601, asctime, epoch
		"Fri, 19 Jul 2024 09:41:00 +0100":                         "2024-07-19T08:41:00Z",
		"Fri, 19 Jul 24 09:41:00 BST":                             "2024-07-19T08:41:00Z",
		"Fri, 19 Jul 2024 09:41:00 Europe/London":                 "2024-07-19T08:41:00Z",
		"Fri Jul 19 09:41:00 BST 2024":                            "2024-07-19T08:41:00Z",
		"Fri Jul 19 2024 09:41:00 GMT+0100 (British Summer Time)": "2024-07-19T08:41:00Z",
		"2024-07-19T09:41:00.250+01:00":                           "2024-07-19T08:41:00Z",
		"2024-07-19 09:41:00 BST":                                 "2024-07-19T08:41:00Z",
		"20240719T084100Z":                                        "2024-07-19T08:41:00Z",
		"2024-W29-5":                                              "2024-07-19",
		"2024-201":                                                "2024-07-19",
		"2024-07":                                                 "2024-07",
		"2023":                                                    "2023",
		"1721382060":                                              "2024-07-19T09:41:00Z",
		"1721382060000":                                           "2024-07-19T09:41:00Z",
		"Mon, 26 January 2004 16:31:00 A":                         "2004-01-26T17:31:00Z",
		"Wed, 26 Dec 2018 10:00:54 PST":                           "2018-12-26T18:00:54Z",
		// British and American forms
		"Friday 19 July":                                "2024-07-19",
		"22nd July":                                     "2024-07-22",
		"Published: Monday 3 July 2023":                 "2023-07-03",
		"(19/7/24)":                                     "2024-07-19",
		"19/7/24 - 11:30am":                             "2024-07-19T10:30:00Z",
		"14 March 2023 at 9.05am":                       "2023-03-14T09:05:00Z",
		"March 11, 2024 at 9:24 AM":                     "2024-03-11T09:24:00Z",
		"Jul 20, 2024 at 18:00":                         "2024-07-20T17:00:00Z",
		"Sept 3, 2023 10:00:00 +0100":                   "2023-09-03T09:00:00Z",
		"22 July 2024 at noon":                          "2024-07-22T11:00:00Z",
		"July 2024":                                     "2024-07",
		"10/30/23 21:55:58":                             "2023-10-30T21:55:58Z",
		"Update 3: Monday 22 July, 10:30":               "2024-07-22T09:30:00Z",
		"22 Jul '24":                                    "2024-07-22",
		"2.05pm on Monday 3 July 2023":                  "2023-07-03T13:05:00Z",
		"Thursday 18 July 2024 at 12 noon":              "2024-07-18T11:00:00Z",
		"12 midnight 18 July 2024":                      "2024-07-17T23:00:00Z",
		"18 July 2024 at 0930hrs":                       "2024-07-18T08:30:00Z",
		"18 July 2024 - 9am UK time":                    "2024-07-18T08:00:00Z",
		"18 July 2024, 9am (British Summer Time)":       "2024-07-18T08:00:00Z",
		"EMBARGO: 00.01hrs, 19 July 2024":               "2024-07-18T23:01:00Z",
		"Embargoed until 00:01 Friday 19 July 2024":     "2024-07-18T23:01:00Z",
		"Release date: 19 July 2024":                    "2024-07-19",
		"18 / 07 / 2024":                                "2024-07-18",
		"3. 7. 2024":                                    "2024-07-03",
		"19/Jul/2024:09:05:00 +0100":                    "2024-07-19T08:05:00Z",
		"/Date(1721379900000)/":                         "2024-07-19T09:05:00Z",
		"2024-07-18Z":                                   "2024-07-18",
		"2024-07-18+01:00":                              "2024-07-18",
		"2024-07-18T14:05:00.123456789012Z":             "2024-07-18T14:05:00Z",
		"2023-07-03T14:05:00+01:00[Europe/London]":      "2023-07-03T13:05:00Z",
		"2024-07-19 09:05:00 +0100 BST":                 "2024-07-19T08:05:00Z",
		"Fri, 19 Jul 2024 09:05:00 BST (Europe/London)": "2024-07-19T08:05:00Z",
		"Dydd Gwener 19 Gorffennaf 2024":                "2024-07-19",
		// relative ones
		"ten minutes ago":     "2024-07-22T09:50:00Z",
		"Updated 2 hours ago": "2024-07-22T08:00:00Z",
		"Today 10:03":         "2024-07-22T09:03:00Z",
		"Yesterday":           "2024-07-21",
		"3 days ago":          "2024-07-19",
		// other languages
		"ven., 19 juil. 2024 15:09:58 +0000": "2024-07-19T15:09:58Z",
		"Do, 28 Mär 2024 00:00:00 +0100":     "2024-03-27T23:00:00Z",
		"Κυρ, 11 Ιούλ 2004 12:00:00 EST":     "2004-07-11T17:00:00Z",
		"2004-július-13T9:15-05:00":          "2004-07-13T14:15:00Z",
		"2004년 05월 28일 오후 01:31:15":          "2004-05-28T04:31:15Z",
		"7 Mehefin 2024":                     "2024-06-07",
		"lør. 13. jul. 2024":                 "2024-07-13",
		// edges of the day and of summer time
		"2024-07-19 24:00:00":  "2024-07-19T23:00:00Z",
		"2016-12-31T23:59:60Z": "2017-01-01T00:00:00Z",
		"2023-10-29 01:30":     "2023-10-29T00:30:00Z",
		"2024-03-31 01:30":     "2024-03-31T01:30:00Z",
	} {
		in, ok := ParseDate(raw, DateContext{At: captured(), Basis: record.FromPage})
		if !ok || in.String() != want || in.Basis != record.FromPage || in.Raw != raw {
			t.Errorf("ParseDate(%q) = %v %s (basis %s, raw %q, notes %q), want %s", raw, ok, in, in.Basis, in.Raw, in.Notes, want)
		}
	}
}

func TestParseDateRefuses(t *testing.T) {
	for raw, why := range map[string]string{
		"":                                     "no date",
		"31 February 2024":                     "does not exist",
		"19 July 2024 25:05":                   "does not exist",
		"Sun, 99 Jun 2009 12:00:00 GMT":        "does not exist",
		"1970-01-01T00:00:00Z":                 "taken as missing",
		"0000-00-00":                           "no whole date",
		"2124-01-01":                           "taken as missing",
		"25 July 2024":                         "two days after the capture",
		"Sun, 16 Dec 2012 1:2:3:4 GMT":         "no place in a date",
		"Sun, 16 zzz 2012 11:47:32 GMT":        "no place in a date",
		"Sun, 16 Dec 2012 11:47:32 +00:zz":     "not understood",
		"Fri, 19 Jul 2024 09:41:00 IST":        "not clear",
		"Monday 19 July":                       "weekday does not fit",
		"22013":                                "not clear",
		"3 Monday 22 July":                     "not clear",
		"18/07/0000":                           "taken as missing",
		"19 Jul 2024 09:05:00 +0100 EST":       "two zones",
		"19 Jul 2024 09:05 EST (UK time)":      "two zones",
		"18-19 July 2024":                      "not clear",
		"Summer 2024":                          "no place in a date",
		"2024-07-18 24:30":                     "does not exist",
		"2 weeks ago":                          "no place in a date",
		"14:03":                                "no whole date",
		"Friday":                               "no day",
		"By Tom Ferreby":                       "no place in a date",
		strings.Repeat("19 July 2024 ", 5_000): "no date",
	} {
		in, ok := ParseDate(raw, DateContext{At: captured()})
		if ok || in.Known() || len(in.Notes) != 1 || !strings.Contains(in.Notes[0], why) {
			t.Errorf("ParseDate(%.60q) = %v %s %q, want a refusal that says %q", raw, ok, in, in.Notes, why)
		}
	}
}

func TestParseDateNotesWhatItAssumed(t *testing.T) {
	for raw, note := range map[string]string{
		"Fri, 19 Jul 2024 09:05:00": "zone assumed Europe/London",
		"2023-10-29 01:30":          "ambiguous",
		"2024-03-31 01:30":          "does not exist: clocks went forward",
		"Mon, 19 Jul 2024":          "weekday contradicts date: it was a Friday",
		"07/06/2024":                "read day first",
		"10/30/23":                  "no month 30",
		"Friday 19 July":            "year taken from the capture",
		"19 Jul 24":                 "two-digit year",
		"190724":                    "read year first",
		"2 hours ago":               "known to the hour",
		"22 July 2024 14:00":        "after the capture",
	} {
		in, ok := ParseDate(raw, DateContext{At: captured()})
		if all := strings.Join(in.Notes, "; "); !ok || !strings.Contains(all, note) {
			t.Errorf("ParseDate(%q) = %v with notes %q, want one about %q", raw, ok, all, note)
		}
	}
}

func TestParseDateWithoutACaptureReadsNothingRelative(t *testing.T) {
	for _, raw := range []string{"Yesterday", "2 hours ago", "Friday 19 July"} {
		if in, ok := ParseDate(raw, DateContext{}); ok {
			t.Errorf("ParseDate(%q) = %s without a time to count from", raw, in)
		}
	}
	if in, ok := ParseDate("Friday 19 July", DateContext{Year: 2024}); !ok || in.String() != "2024-07-19" {
		t.Errorf("ParseDate with the year 2024 = %v %s", ok, in)
	}
}

func TestFindDates(t *testing.T) {
	for text, want := range map[string]string{
		"On 5 November 2023 Tom Ferreby had told the board so.":           "5 November 2023=2023-11-05",
		"The trust said last Friday (19 July) that clinics would reopen.": "19 July=2024-07-19",
		"It said this morning (14 March 2024) and on 15 March 2024:":      "this morning=2024-07-22 14 March 2024=2024-03-14 15 March 2024=2024-03-15",
		"Updated on Monday 22 July 2024 at 9.05am by staff":               "Monday 22 July 2024 at 9.05am=2024-07-22T08:05:00Z",
		"posted July 19, 2024 and 2024-07-18T10:00:00Z":                   "July 19, 2024=2024-07-19 2024-07-18T10:00:00Z=2024-07-18T10:00:00Z",
		"Update: 19/7/24 - 11:30am":                                       "19/7/24 - 11:30am=2024-07-19T10:30:00Z",
		"The strike of 19-22 July, 31 February and May 20 people":         "",
		"today, on Friday, in 2023":                                       "",
	} {
		var got []string
		for _, f := range FindDates(text, DateContext{At: captured()}) {
			got = append(got, f.In(text)+"="+f.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("FindDates(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, raw := range []string{"Fri, 19 Jul 2024 09:41:00 +0100", "Yesterday at 9am", "2024-W29-5", "22/7/24 - 11:30am", "ven., 19 juil. 2024", "1721382060"} {
		f.Add(raw)
	}
	at := captured()
	f.Fuzz(func(t *testing.T, raw string) {
		in, ok := ParseDate(raw, DateContext{At: at})
		if ok != in.Known() {
			t.Errorf("ParseDate(%q) = %v with %s", raw, ok, in)
		}
		if ok && (in.Time.After(at.AddDate(0, 0, 3)) || in.Time.Year() < 1970) {
			t.Errorf("ParseDate(%q) = %s, which is not likely", raw, in)
		}
		for _, d := range FindDates(raw, DateContext{At: at}) {
			if d.In(raw) == "" || !d.Known() {
				t.Errorf("FindDates(%q) found %+v", raw, d)
			}
		}
	})
}
