-- +goose Up

-- Answers 404 and 410 of pages that were on record before.
CREATE TABLE absences (
	page    TEXT NOT NULL,
	at      INTEGER NOT NULL, -- seconds since 1970, UTC
	capture TEXT NOT NULL,
	PRIMARY KEY (page, at, capture)
) WITHOUT ROWID;
ALTER TABLE pages ADD COLUMN missing INTEGER NOT NULL DEFAULT 0; -- see record.Sighting.Missing; 0 while it answers
ALTER TABLE pages ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX captures_url ON captures (url, at) WHERE page <> '';

-- What the crawler remembers of each address.
CREATE TABLE visits (
	url    TEXT PRIMARY KEY,
	origin TEXT NOT NULL,
	source TEXT NOT NULL,
	lead   INTEGER NOT NULL,
	due    INTEGER NOT NULL, -- milliseconds since 1970; 0 for never again
	state  TEXT NOT NULL,
	tried  INTEGER NOT NULL, -- milliseconds since 1970; 0 for never
	final  TEXT NOT NULL,    -- record.Visit.Final
	data   TEXT NOT NULL     -- JSON
) WITHOUT ROWID;
CREATE INDEX visits_due ON visits (origin, lead, due) WHERE due <> 0;
CREATE INDEX visits_next ON visits (due) WHERE due <> 0;
CREATE INDEX visits_final ON visits (final) WHERE final <> '';
CREATE INDEX visits_source ON visits (source, lead, state, tried);

CREATE TABLE hosts (
	origin TEXT PRIMARY KEY,
	data   TEXT NOT NULL
) WITHOUT ROWID;
