-- +goose Up

-- The tree of a table WITHOUT ROWID holds rows of up to 1 KB; those of visits are
-- longer, and each had a second page of its own to be written with it.
ALTER TABLE visits RENAME TO visits_before;
CREATE TABLE visits (
	url    TEXT PRIMARY KEY NOT NULL,
	origin TEXT NOT NULL,
	source TEXT NOT NULL,
	lead   INTEGER NOT NULL, -- 0 a source, 1 a page that was never read, 2 one that is visited again
	due    INTEGER NOT NULL, -- milliseconds since 1970; 0 for never again
	state  TEXT NOT NULL,
	tried  INTEGER NOT NULL, -- milliseconds since 1970; 0 for never
	final  TEXT NOT NULL,    -- record.Visit.Final
	data   TEXT NOT NULL     -- JSON
);
INSERT INTO visits (url, origin, source, lead, due, state, tried, final, data)
	SELECT url, origin, source, lead, due, state, tried, final, data FROM visits_before ORDER BY url;
DROP TABLE visits_before;
CREATE INDEX visits_due ON visits (origin, lead, due) WHERE due <> 0;
CREATE INDEX visits_next ON visits (due) WHERE due <> 0;
CREATE INDEX visits_final ON visits (final) WHERE final <> '';
CREATE INDEX visits_source ON visits (source, lead, state);
