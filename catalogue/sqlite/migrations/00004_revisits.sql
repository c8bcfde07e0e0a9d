-- +goose Up

-- Pages found on sources were visited once. From now on they are visited again:
-- those on record get their first turn within a week, spread evenly. Other
-- addresses of a page, which are not asked on their own, are named as such.
-- Column lead: 0 a source, 1 a page that was never read, 2 one that was.
UPDATE visits SET data = json_set(data, '$.of', CASE
		WHEN json_extract(data, '$.notes[0]') LIKE 'the page of %' THEN substr(json_extract(data, '$.notes[0]'), 13)
		ELSE substr(json_extract(data, '$.notes[0]'), 10, instr(json_extract(data, '$.notes[0]'), ', which is on record') - 10) END)
	WHERE lead = 1 AND (json_extract(data, '$.notes[0]') LIKE 'the page of %' OR json_extract(data, '$.notes[0]') LIKE 'leads to %, which is on record');
UPDATE visits SET due = CAST(strftime('%s', 'now') AS INTEGER) * 1000 + abs(random()) % 604800000
	WHERE lead = 1 AND due = 0 AND json_extract(data, '$.succeeded') IS NOT NULL AND json_extract(data, '$.of') IS NULL
		AND source IN (SELECT id FROM sources WHERE json_extract(data, '$.enabled') AND NOT coalesce(json_extract(data, '$.removed'), 0));
UPDATE visits SET data = json_set(data, '$.due', strftime('%Y-%m-%dT%H:%M:%SZ', due / 1000, 'unixepoch'),
		'$.since', coalesce(json_extract(data, '$.changed'), json_extract(data, '$.succeeded')))
	WHERE lead = 1 AND due <> 0 AND json_extract(data, '$.succeeded') IS NOT NULL;
UPDATE visits SET lead = 2 WHERE lead = 1 AND json_extract(data, '$.succeeded') IS NOT NULL;

-- When an answer 304 last confirmed the page; seconds since 1970, 0 for never.
ALTER TABLE pages ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;
-- Since when robots.txt forbids to ask for the page, and since when the feed or
-- listing that led to it no longer does; the same.
ALTER TABLE pages ADD COLUMN forbidden INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pages ADD COLUMN unlisted INTEGER NOT NULL DEFAULT 0;

-- What the last answer of each source listed, in its order.
CREATE TABLE listed (
	source TEXT NOT NULL,
	place  INTEGER NOT NULL,
	url    TEXT NOT NULL,
	PRIMARY KEY (source, place)
) WITHOUT ROWID;
