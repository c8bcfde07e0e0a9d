-- +goose Up

-- What people decided about statements, as reading asks for it. The truth is the
-- edit log: all three are made from it again by a rebuild.

CREATE TABLE corrections (
	statement TEXT NOT NULL, -- the id that answers now
	key       TEXT NOT NULL, -- their order: imported ones, then lines of the edit log
	data      TEXT NOT NULL, -- JSON of record.Correction
	PRIMARY KEY (statement, key)
) WITHOUT ROWID;

-- Places that a split gave to a statement, over what older readings say.
CREATE TABLE placed (
	key TEXT PRIMARY KEY, -- see catalogue.Key
	id  TEXT NOT NULL
) WITHOUT ROWID;

-- Statements that the program does not unite, in both directions.
CREATE TABLE apart (
	one   TEXT NOT NULL,
	other TEXT NOT NULL,
	PRIMARY KEY (one, other)
) WITHOUT ROWID;
