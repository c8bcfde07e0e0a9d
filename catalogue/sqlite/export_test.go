package sqlite

import (
	"context"
	"fmt"
)

// LimitPages lets the file grow by a few pages only, as a full disk would.
func LimitPages(d *DB) (restore func() error, err error) {
	ctx := context.Background()
	var pages int
	if err := d.conn.QueryRowContext(ctx, `PRAGMA page_count`).Scan(&pages); err != nil {
		return nil, err
	}
	limit := func(n int) error {
		var now int
		return d.conn.QueryRowContext(ctx, fmt.Sprintf(`PRAGMA max_page_count = %d`, n)).Scan(&now)
	}
	return func() error { return limit(1 << 30) }, limit(pages + 12)
}
