package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"onrecord/catalogue/sqlite"
)

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		d, err := sqlite.Open(context.Background(), filepath.Join(b.TempDir(), "c.db"), sqlite.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
