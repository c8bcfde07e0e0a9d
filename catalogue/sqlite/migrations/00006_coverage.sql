-- +goose Up

-- How visits of each source went, in stretches that went alike. The stretch that
-- goes on stands in asked, with the last visits; those that ended in spells.
-- Source '' is the crawler itself: when it ran.
CREATE TABLE asked (
	source TEXT PRIMARY KEY,
	began  INTEGER NOT NULL, -- milliseconds since 1970, here and below
	last   INTEGER NOT NULL,
	until  INTEGER NOT NULL, -- when the next visit is due; 0 for never
	state  TEXT NOT NULL,
	status INTEGER NOT NULL,
	visits INTEGER NOT NULL,
	reason TEXT NOT NULL,
	recent BLOB NOT NULL     -- the last 50 visits, 16 bytes each, oldest first
) WITHOUT ROWID;
CREATE TABLE spells (
	source TEXT NOT NULL,
	began  INTEGER NOT NULL,
	last   INTEGER NOT NULL,
	until  INTEGER NOT NULL,
	state  TEXT NOT NULL,
	status INTEGER NOT NULL,
	visits INTEGER NOT NULL,
	reason TEXT NOT NULL,
	PRIMARY KEY (source, began)
) WITHOUT ROWID;
CREATE INDEX spells_until ON spells (last);

-- Without the time of the last visit, so that a visit that changes nothing else
-- leaves it as it is.
DROP INDEX visits_source;
CREATE INDEX visits_source ON visits (source, lead, state);
