"""Read the feeds of a list with Python's feedparser and print the CPU seconds it took.
usage: with_feedparser.py LIST.jsonl     (the lines of `onrecord parse-feed --jsonl`)"""
import json
import sys
import time

import feedparser

begin = time.process_time()
entries = failed = 0
for line in open(sys.argv[1]):
    want = json.loads(line)
    headers = dict(want.get('headers') or {})
    if want.get('url'):
        headers.setdefault('content-location', want['url'])
    with open(want['file'], 'rb') as f:
        body = f.read()
    try:
        entries += len(feedparser.parse(body, response_headers=headers, sanitize_html=want.get('sanitize', False)).entries)
    except Exception:  # what it cannot read is its answer
        failed += 1
print('feedparser %s: %.2f CPU seconds without its start, %d entries, %d files failed'
      % (feedparser.__version__, time.process_time() - begin, entries, failed))
