#!/usr/bin/env bash
# Makes the pictures of the README from the running demo: the timeline of its
# incident, and the page of the statement with four wordings that most sightings
# have. It starts the demo on a free port and ends it again. It needs Go, curl,
# python3, chromium and pngquant, and asks nobody but the demo.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
demo=
trap '[ -z "$demo" ] || { kill -INT "$demo" && wait "$demo" || true; }; rm -rf "$work"' EXIT

go build -C ../.. -tags nomsgpack -o "$work/onrecord" ./cmd/onrecord
"$work/onrecord" demo --listen 127.0.0.1:0 >"$work/address" 2>"$work/told" &
demo=$!
for _ in $(seq 120); do
  grep -q '^crawled four days' "$work/told" && break
  sleep 1
done
grep '^crawled four days' "$work/told"
base=$(cat "$work/address")
# The index follows the catalogue; when it is level, nothing on the pages moves.
sleep 3

# picture NAME PATH HEIGHT: 1280 px wide, 64 colours
picture() {
  chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$work/$1" \
    --window-size="1280,$3" --screenshot="$work/$1.png" "$base$2" >"$work/$1.log" 2>&1 || { cat "$work/$1.log"; exit 1; }
  pngquant --force --strip --speed 1 --output "$1.png" 64 -- "$work/$1.png"
  ls -l "$1.png"
}

incident=$(curl -fsS "$base/api/v1/incidents" | python3 -c 'import json, sys; print(json.load(sys.stdin)["incidents"][0]["slug"])')
statement=$(curl -fsS "$base/api/v1/statements?incident=$incident&limit=200" | python3 -c '
import json, sys
most = max((s for s in json.load(sys.stdin)["statements"] if len(s["wordings"]) == 4), key=lambda s: (len(s["sightings"]), s["id"]))
print(most["id"])')

picture timeline "/i/$incident" 1100
picture statement "/s/$statement" 1690
