package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"onrecord/catalogue"
	"onrecord/catalogue/cataloguetest"
	"onrecord/catalogue/sqlite"
)

type store struct {
	path  string
	clock func() time.Time
}

func (s store) Open(t *testing.T) catalogue.Catalogue {
	t.Helper()
	d, err := sqlite.Open(context.Background(), s.path, sqlite.Options{Clock: s.clock})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (s store) Rebuild(t *testing.T, fill func(context.Context, catalogue.Catalogue) error) {
	t.Helper()
	if err := sqlite.Rebuild(context.Background(), s.path, sqlite.Options{Clock: s.clock}, fill); err != nil {
		t.Fatal(err)
	}
}

func TestSuite(t *testing.T) {
	cataloguetest.Run(t, func(t *testing.T, clock func() time.Time) cataloguetest.Store {
		return store{filepath.Join(t.TempDir(), "catalogue.db"), clock}
	})
}
