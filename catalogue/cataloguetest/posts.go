package cataloguetest

import (
	"context"
	"testing"
	"time"

	"onrecord/record"
)

func (s suite) posts(t *testing.T) {
	ctx, c := context.Background(), s.open(t)
	const post, place = "https://social.example/@hsn/7", "https://social.example/api/v1/statuses/7"
	capture, page, found := ownPage.parts()
	found[0].Sightings[0].Platform, found[0].Sightings[0].URL = "mastodon", post
	if _, err := c.Add(ctx, capture, page, found); err != nil {
		t.Fatal(err)
	}
	ids, err := c.StatementIDs(ctx, "", 10)
	noError(t, err)
	asked := func(after time.Duration, there bool) record.Sighting {
		t.Helper()
		answer := notFound(place, capture.At.Add(after))
		if there {
			answer.Status = 200
		}
		for range 2 { // the same again changes nothing
			noError(t, c.Post(ctx, answer, post, there))
		}
		got := status(t, c, ids[0])
		if got.Status != record.Current {
			t.Errorf("the statement is %s although its page carries it", got.Status)
		}
		return got.Sightings[0]
	}
	day := 24 * time.Hour
	for _, step := range []struct {
		after            time.Duration
		there            bool
		missing, removed time.Duration // 0 for not
	}{
		{day, true, 0, 0},
		{2 * day, false, 0, 0},
		{2*day + 30*time.Minute, false, 0, 0},
		{2*day + 2*time.Hour, false, 2 * day, 0},
		{17 * day, false, 2 * day, 17 * day},
		{18 * day, true, 0, 0},
		{19 * day, false, 0, 0},
	} {
		x := asked(step.after, step.there)
		at := func(d time.Duration) time.Time {
			if d == 0 {
				return time.Time{}
			}
			return capture.At.Add(d)
		}
		if !x.PostMissing.Equal(at(step.missing)) || !x.PostRemoved.Equal(at(step.removed)) || !x.Missing.IsZero() {
			t.Errorf("after %v: post missing %v, removed %v; page missing %v", step.after, x.PostMissing, x.PostRemoved, x.Missing)
		}
	}
	changes, err := c.Changes(ctx, record.Position{}, 100)
	noError(t, err)
	told := 0
	for _, x := range changes {
		if x.Kind == record.StatusChanged && x.Statement == ids[0] {
			told++
		}
	}
	if told != 3 {
		t.Errorf("the log tells %d times of the post, want missing, removed and there again", told)
	}
}
