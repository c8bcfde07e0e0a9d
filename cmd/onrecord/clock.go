package main

import (
	"os"
	"time"

	"onrecord/crawler"
)

// givenClock is the machine's clock, or, for rehearsals and tests, one that
// started at the time of ONRECORD_CLOCK when the process did.
func givenClock() (crawler.Clock, error) {
	given := os.Getenv("ONRECORD_CLOCK")
	if given == "" {
		return crawler.Wall{}, nil
	}
	at, err := time.Parse(time.RFC3339, given)
	if err != nil {
		return nil, usage("ONRECORD_CLOCK %q: want a time such as 2025-03-11T07:00:00Z", given)
	}
	return shifted{at: at, began: time.Now()}, nil
}

// shifted is a clock that runs as fast as the machine's but tells another time.
type shifted struct {
	crawler.Wall
	at, began time.Time
}

// Now is at plus what has passed since the clock began.
func (c shifted) Now() time.Time { return c.at.Add(time.Since(c.began)) }
