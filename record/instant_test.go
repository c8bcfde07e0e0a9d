package record

import (
	"encoding/json"
	"testing"
)

func TestInstantPrintsItsLondonDayAndReadsBack(t *testing.T) {
	for name, tt := range map[string]struct {
		in   Instant
		want string
	}{
		"a summer day begins in UTC on the evening before": {
			OnDay(2024, 7, 19, FromPage),
			`{"time":"2024-07-18T23:00:00Z","precision":"day","basis":"page","day":"2024-07-19"}`,
		},
		"nothing known":             {Instant{}, `null`},
		"words that give no date":   {Instant{Raw: "last week"}, `{"raw":"last week"}`},
		"a moment is in its London": {At(OnDay(2024, 7, 19, FromPost).Time, FromPost), `{"time":"2024-07-18T23:00:00Z","precision":"second","basis":"post","day":"2024-07-19"}`},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := json.Marshal(tt.in)
			if err != nil || string(b) != tt.want {
				t.Fatalf("got %s, %v; want %s", b, err, tt.want)
			}
			var back Instant
			if err := json.Unmarshal(b, &back); err != nil || back.Raw != tt.in.Raw || !back.Time.Equal(tt.in.Time) || back.Precision != tt.in.Precision || back.Basis != tt.in.Basis {
				t.Errorf("read back as %+v, %v; want %+v", back, err, tt.in)
			}
		})
	}
}
