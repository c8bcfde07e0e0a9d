package sqlite

import (
	"context"
	"fmt"
	"time"

	"onrecord/record"
)

// Subscriptions lists what was agreed with hubs; see catalogue.Visits.
func (d *DB) Subscriptions(ctx context.Context, source record.ID) ([]record.Subscription, error) {
	return d.subscriptions(ctx, `SELECT token, secret, data FROM subscriptions WHERE $1 = '' OR source = $1 ORDER BY source, token`, string(source))
}

// Subscription is the one whose callback has this token; ErrNotFound.
func (d *DB) Subscription(ctx context.Context, token string) (record.Subscription, error) {
	list, err := d.subscriptions(ctx, `SELECT token, secret, data FROM subscriptions WHERE token = $1`, token)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("subscription: %w", record.ErrNotFound)
	}
	if err != nil {
		return record.Subscription{}, err
	}
	return list[0], nil
}

func (d *DB) subscriptions(ctx context.Context, query string, args ...any) ([]record.Subscription, error) {
	out := []record.Subscription{}
	err := d.rows(ctx, query, args, func(scan func(...any) error) error {
		var p record.Subscription
		var token, secret, data string
		if err := scan(&token, &secret, &data); err != nil {
			return err
		}
		err := decode("subscription", data, &p)
		p.Token, p.Secret = token, secret
		out = append(out, p)
		return err
	})
	if err != nil {
		return nil, d.explain("read subscriptions", err)
	}
	return out, nil
}

// SetSubscription writes what was agreed with a hub.
func (d *DB) SetSubscription(ctx context.Context, p record.Subscription) error {
	if p.Token == "" {
		return fmt.Errorf("subscription of %s without a token: %w", p.Source, record.ErrInvalid)
	}
	data, err := encode(p)
	if err != nil {
		return err
	}
	return d.write(ctx, "write a subscription", func(t *tx) error {
		return t.exec(`INSERT INTO subscriptions (token, secret, source, data) VALUES ($1,$2,$3,$4)
			ON CONFLICT (token) DO UPDATE SET secret = excluded.secret, source = excluded.source, data = excluded.data`, p.Token, p.Secret, string(p.Source), data)
	})
}

// DropSubscription forgets the subscription with this token.
func (d *DB) DropSubscription(ctx context.Context, token string) error {
	return d.write(ctx, "forget a subscription", func(t *tx) error {
		return t.exec(`DELETE FROM subscriptions WHERE token = $1`, token)
	})
}

// Hasten makes an address due at a time; see catalogue.Visits.
func (d *DB) Hasten(ctx context.Context, address string, at time.Time) error {
	stamp, err := at.UTC().MarshalText()
	if err != nil {
		return fmt.Errorf("%w: %w", err, record.ErrInvalid)
	}
	return d.write(ctx, "make a visit due", func(t *tx) error {
		return t.exec(`UPDATE visits SET due = $1, data = json_set(data, '$.due', $2) WHERE url = $3 AND due > $1`, milli(at), string(stamp), address)
	})
}
