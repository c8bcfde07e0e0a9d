-- +goose Up

-- What was agreed with hubs that tell of changes of sources.
CREATE TABLE subscriptions (
	token  TEXT PRIMARY KEY, -- last part of the path under which the hub calls
	secret TEXT NOT NULL,    -- key of the hub's signatures; '' for none
	source TEXT NOT NULL,
	data   TEXT NOT NULL     -- JSON of record.Subscription
) WITHOUT ROWID;
CREATE INDEX subscriptions_source ON subscriptions (source);

-- The redirects that led to an answer, JSON array of record.Hop; '' for none.
ALTER TABLE captures ADD COLUMN hops TEXT NOT NULL DEFAULT '';
