-- +goose Up

-- What this catalogue is: the epoch of its change log.
CREATE TABLE meta (
	key   TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;

-- One answer each. reading is what it says; reason is why it could not be read.
CREATE TABLE captures (
	n          INTEGER PRIMARY KEY,
	id         TEXT NOT NULL UNIQUE,
	url        TEXT NOT NULL,
	at         INTEGER NOT NULL, -- seconds since 1970, UTC
	sha256     TEXT NOT NULL,
	size       INTEGER NOT NULL,
	status     INTEGER NOT NULL,
	media_type TEXT NOT NULL,
	via        TEXT NOT NULL,
	file       TEXT NOT NULL,
	place      INTEGER NOT NULL, -- offset in file
	page       TEXT NOT NULL,    -- '' for unreadable ones and rows
	reading    INTEGER,
	reason     TEXT              -- NULL for what could be read
);
CREATE INDEX captures_sha256 ON captures (sha256, at, id);
CREATE INDEX captures_page ON captures (page, at, id) WHERE page <> '';
CREATE INDEX captures_unread ON captures (at, id) WHERE reason IS NOT NULL;

CREATE TABLE pages (
	id           TEXT PRIMARY KEY,
	url          TEXT NOT NULL,    -- canonical
	versions     INTEGER NOT NULL,
	last_at      INTEGER NOT NULL, -- of the latest capture
	last_capture TEXT NOT NULL,
	last_reading INTEGER NOT NULL
) WITHOUT ROWID;

-- A readable text that a page had, with its dates and what was found in it and
-- the ids given then. Versions are the runs of one reading over the captures of
-- a page in time; they are counted, not stored.
CREATE TABLE readings (
	id   INTEGER PRIMARY KEY,
	page TEXT NOT NULL,
	key  TEXT NOT NULL, -- hash of text and dates
	data BLOB NOT NULL, -- zstd of JSON
	UNIQUE (page, key)
);

CREATE TABLE statements (
	n    INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which they were recorded; never given twice
	id   TEXT NOT NULL UNIQUE,
	lang TEXT NOT NULL,
	mark TEXT NOT NULL,
	tags TEXT NOT NULL, -- JSON array
	data TEXT NOT NULL  -- what was last drawn from the sightings, JSON
);

-- What editors said of statements that a rebuild has not met yet.
CREATE TABLE editorial (
	id   TEXT PRIMARY KEY,
	mark TEXT NOT NULL,
	tags TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE wordings (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	statement INTEGER NOT NULL,
	n         INTEGER NOT NULL,
	key       TEXT NOT NULL, -- hash of the normal form
	text      TEXT NOT NULL,
	UNIQUE (statement, key)
);

-- fingerprint -> wordings; see catalogue.Text.Fingerprints.
CREATE TABLE postings (
	print   INTEGER NOT NULL,
	wording INTEGER NOT NULL,
	PRIMARY KEY (print, wording)
) WITHOUT ROWID;

CREATE TABLE sightings (
	id        INTEGER PRIMARY KEY,
	statement INTEGER NOT NULL,
	wording   INTEGER NOT NULL,
	page      TEXT NOT NULL,
	version   INTEGER NOT NULL,
	place     INTEGER NOT NULL, -- among the statements of the page's latest version that held it
	last_seen TEXT NOT NULL,    -- RFC 3339
	gone      TEXT NOT NULL,    -- '' while it stands
	imported  INTEGER NOT NULL,
	data      TEXT NOT NULL     -- JSON of the sighting as recorded
);
CREATE INDEX sightings_statement ON sightings (statement);
CREATE INDEX sightings_wording ON sightings (wording);
CREATE INDEX sightings_page ON sightings (page, gone);

-- The identity ledger: which id the words at a place were given.
CREATE TABLE ledger (
	n        INTEGER PRIMARY KEY,
	id       TEXT NOT NULL,
	page     TEXT NOT NULL,
	key      TEXT NOT NULL, -- see catalogue.Key
	sketch   BLOB NOT NULL  -- see catalogue.Text.Sketch
);
CREATE INDEX ledger_key ON ledger (key, n);
CREATE INDEX ledger_page ON ledger (page, n);

-- Ids that were merged away, for ever.
CREATE TABLE forwards (
	old TEXT PRIMARY KEY,
	new TEXT NOT NULL
) WITHOUT ROWID;

-- Who said it: place 0 the speaker, then those who said it jointly.
CREATE TABLE speakers (
	statement INTEGER NOT NULL,
	place     INTEGER NOT NULL,
	person    TEXT NOT NULL, -- '' for unnamed ones
	org       TEXT NOT NULL, -- key of orgs, '' for unknown
	role      TEXT NOT NULL,
	speaker   TEXT NOT NULL, -- see catalogue.SpeakerKey
	at        INTEGER NOT NULL, -- Statement.When().Sort(), milliseconds since 1970
	short     INTEGER NOT NULL, -- 1 where the words are too few to be telling
	PRIMARY KEY (statement, place)
) WITHOUT ROWID;
CREATE INDEX speakers_person ON speakers (person, role, at) WHERE person <> '';
CREATE INDEX speakers_org ON speakers (org, at) WHERE org <> '';
CREATE INDEX speakers_key ON speakers (speaker, short, at) WHERE speaker <> '';

CREATE TABLE people (
	id         TEXT PRIMARY KEY,
	name       TEXT NOT NULL,
	sort       TEXT NOT NULL,
	org        TEXT NOT NULL,
	org_name   TEXT NOT NULL,
	statements INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX people_sort ON people (sort, id);
CREATE INDEX people_org ON people (org, sort, id);

CREATE TABLE orgs (
	key        TEXT PRIMARY KEY, -- register id, or "name " and the normal form
	org        TEXT NOT NULL,
	org_name   TEXT NOT NULL,
	statements INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE incidents (
	slug     TEXT PRIMARY KEY,
	revision INTEGER NOT NULL,
	data     TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE sources (
	id   TEXT PRIMARY KEY,
	url  TEXT NOT NULL UNIQUE,
	data TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE edits (
	n    INTEGER PRIMARY KEY,
	data TEXT NOT NULL
);

CREATE TABLE changes (
	epoch     INTEGER NOT NULL,
	seq       INTEGER NOT NULL,
	at        TEXT NOT NULL,
	kind      TEXT NOT NULL,
	statement TEXT NOT NULL,
	page      TEXT NOT NULL,
	subject   TEXT NOT NULL,
	detail    TEXT NOT NULL,
	replayed  INTEGER NOT NULL,
	PRIMARY KEY (epoch, seq)
) WITHOUT ROWID;

-- What is append-only stays so, whoever opens the file.
-- +goose StatementBegin
CREATE TRIGGER ledger_update BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the identity ledger is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_delete BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the identity ledger is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER forwards_update BEFORE UPDATE ON forwards BEGIN SELECT RAISE(ABORT, 'merges are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER forwards_delete BEFORE DELETE ON forwards BEGIN SELECT RAISE(ABORT, 'merges are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER readings_update BEFORE UPDATE ON readings BEGIN SELECT RAISE(ABORT, 'readings are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER readings_delete BEFORE DELETE ON readings BEGIN SELECT RAISE(ABORT, 'readings are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER edits_update BEFORE UPDATE ON edits BEGIN SELECT RAISE(ABORT, 'the edit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER edits_delete BEFORE DELETE ON edits BEGIN SELECT RAISE(ABORT, 'the edit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER changes_update BEFORE UPDATE ON changes BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER changes_delete BEFORE DELETE ON changes BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER wordings_update BEFORE UPDATE OF text, key ON wordings BEGIN SELECT RAISE(ABORT, 'a wording is never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER captures_update BEFORE UPDATE OF id, url, at, sha256 ON captures BEGIN SELECT RAISE(ABORT, 'a capture is never changed'); END;
-- +goose StatementEnd

