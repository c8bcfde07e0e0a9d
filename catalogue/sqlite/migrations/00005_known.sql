-- +goose Up

-- What statements print of people named in full; see catalogue.Taught. Made from
-- the sightings: what was read before this table came is in it after a rebuild.
CREATE TABLE taught (
	statement INTEGER NOT NULL,
	name      TEXT NOT NULL, -- see catalogue.SpeakerKey
	org       TEXT NOT NULL, -- register id
	org_name  TEXT NOT NULL,
	role      TEXT NOT NULL,
	title     TEXT NOT NULL,
	at        INTEGER NOT NULL, -- Statement.When().Sort(), milliseconds since 1970
	PRIMARY KEY (statement, name, org, org_name, role)
) WITHOUT ROWID;
CREATE INDEX taught_name ON taught (name, at);

-- Statements whose speakers were completed by it.
CREATE TABLE links (
	statement INTEGER PRIMARY KEY,
	data      TEXT NOT NULL -- JSON array of record.Link
);

-- 1 for a speaker whose organisation is from a link, not from a page.
ALTER TABLE speakers ADD COLUMN linked INTEGER NOT NULL DEFAULT 0;
