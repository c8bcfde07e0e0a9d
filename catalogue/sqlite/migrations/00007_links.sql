-- +goose Up

-- What was agreed with hubs that tell of changes of sources.
CREATE TABLE subscriptions (
	token  TEXT PRIMARY KEY, -- last part of the path under which the hub calls
	secret TEXT NOT NULL,    -- key of the hub's signatures; '' for none
	source TEXT NOT NULL,
	data   TEXT NOT NULL     -- JSON of record.Subscription
) WITHOUT ROWID;
CREATE INDEX subscriptions_source ON subscriptions (source);

-- The redirects that led to an answer: status, capture and address of each, parted by blanks; '' for none.
ALTER TABLE captures ADD COLUMN hops TEXT NOT NULL DEFAULT '';

-- Posts of which their platform was asked whether they stand. Absences (see 2)
-- name them by the id of the page that they are.
CREATE TABLE posts (
	id      TEXT PRIMARY KEY,
	url     TEXT NOT NULL,
	last_at INTEGER NOT NULL, -- of the last answer that it stands; seconds since 1970, 0 for never, here and below
	missing INTEGER NOT NULL,
	removed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sightings_post ON sightings (json_extract(data, '$.url')) WHERE json_extract(data, '$.platform') IS NOT NULL;
