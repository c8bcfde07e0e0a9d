package editor

import (
	"errors"
	"strings"
	"testing"

	"onrecord/record"
)

func TestASourceWithAPasswordIsRefused(t *testing.T) {
	for _, raw := range []string{"https://wilma:s3cretword@www.hsb.example/feed", "https://wilma@www.hsb.example/", "https://wilma:s3cretword@www.hsb.example:99999/", "http://wilma:s3cretword@"} {
		s := record.Source{URL: raw, Kind: record.SourceFeed}
		if err := (&Editor{}).checkSourceForm(&s); !errors.Is(err, record.ErrInvalid) || strings.Contains(err.Error(), "s3cretword") {
			t.Errorf("U3 %s: %v, want it refused without its password", raw, err)
		}
	}
	s := record.Source{URL: "https://www.hsb.example/@wilma/feed?to=a@b.example", Kind: record.SourceFeed}
	if err := (&Editor{}).checkSourceForm(&s); err != nil {
		t.Errorf("an @ in a path is none: %v", err)
	}
}
