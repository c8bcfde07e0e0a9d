#!/usr/bin/env bash
# Run every scorer over the visible data and print the figures.
# usage: run.sh SHARED OUT     (make measure SHARED=../shared)
set -euo pipefail
shared=$1 out=$2
program=./onrecord
[ -d "$shared/data" ] || { echo "measure: no folder $shared/data; give the shared data with SHARED=PATH" >&2; exit 1; }
mkdir -p "$out"

timed() { # name, command...: runs it and prints the CPU seconds it took
  local name=$1; shift
  local log=$out/${name//[ ,]/}.err
  local t; t=$( { TIMEFORMAT='%U %S'; time "$@" 2>"$log"; } 2>&1 ) || { cat "$log" >&2; [ $? -le 5 ]; }
  echo "$t" | tail -n 1 | awk -v n="$name" '{printf "cpu seconds, %s: %.2f\n", n, $1+$2}'
}
heading() { printf '\n## %s\n' "$*"; }

heading "quotations with speakers (PolNeAR, 840 articles)"
python3 - "$shared" "$out" <<'PY'
import gzip, json, sys
shared, out = sys.argv[1:]
def lines(src, dst):
    f = gzip.open(src, 'rt') if src.endswith('.gz') else open(src)
    with open(dst, 'w') as o:
        for d in map(json.loads, f):
            o.write(json.dumps({'id': d['id'], 'text': d['text']}) + '\n')
lines(shared + '/data/quotes/polnear_train.jsonl.gz', out + '/polnear.jsonl')
lines(shared + '/data/quotes/uk_gold_visible.jsonl', out + '/uk.jsonl')
PY
timed polnear bash -c "$program extract --jsonl $out/polnear.jsonl >$out/polnear.out"
"$shared/tools/extract_to_pred.py" <"$out/polnear.out" >"$out/polnear.pred"
"$shared/tools/score_quotes.py" "$shared/data/quotes/polnear_train.jsonl.gz" "$out/polnear.pred" --errors "$out/polnear.errors.tsv"

heading "quotations with names (UK, 13 texts)"
timed uk bash -c "$program extract --jsonl $out/uk.jsonl >$out/uk.out"
"$shared/tools/extract_to_pred.py" <"$out/uk.out" >"$out/uk.pred"
"$shared/tools/score_quotes.py" "$shared/data/quotes/uk_gold_visible.jsonl" "$out/uk.pred" --names --errors "$out/uk.errors.tsv"

heading "statements (15 page shapes)"
timed statements bash -c "$program extract --registry $shared/data/statements/organisations.json --jsonl $shared/data/statements.list.jsonl >$out/statements.out"
"$shared/tools/score_statements.py" "$shared/data/statements" "$out/statements.out" --show

heading "articles (91 pages)"
timed articles bash -c "$program extract --jsonl $shared/data/articles.list.jsonl >$out/articles.out"
"$shared/tools/score_articles.py" "$shared/data/articles.gold.json" "$out/articles.out"

heading "articles, speed (the same 91 pages, one core)"
timed "articles, one core" env GOMAXPROCS=1 bash -c "$program extract --jsonl $shared/data/articles.list.jsonl >$out/articles1.out"

heading "feeds (719 cases)"
"$shared/tools/feedcases.py" list "$shared/data/feeds" >"$out/feeds.jsonl"
timed feeds bash -c "$program parse-feed --jsonl <$out/feeds.jsonl >$out/feeds.out"
"$shared/tools/feedcases.py" score "$shared/data/feeds" "$out/feeds.out"

heading "feeds against Python's feedparser (the same files, each five times, one core)"
if [ ! -x "$out/venv/bin/python" ]; then
  python3 -m venv "$out/venv" && "$out/venv/bin/pip" install --quiet --disable-pip-version-check feedparser==6.0.14 || echo "feedparser cannot be had: not compared"
fi
for _ in 1 2 3 4 5; do cat "$out/feeds.jsonl"; done >"$out/feeds5.jsonl"
timed "feeds, five times" env GOMAXPROCS=1 bash -c "$program parse-feed --jsonl <$out/feeds5.jsonl >$out/feeds5.out"
"$out/venv/bin/python" "$(dirname "$0")/with_feedparser.py" "$out/feeds5.jsonl" || true

heading "dates"
"$shared/tools/score_dates.py" make "$shared/data/feeds/dates.json" "$out/dates"
timed dates bash -c "$program parse-feed --jsonl $out/dates/list.jsonl >$out/dates.out"
"$shared/tools/score_dates.py" "$shared/data/feeds/dates.json" "$out/dates.out"
