#!/usr/bin/env bash
# tests/flow/demo.sh LOOMLINE: the demo end to end as deploy/demo runs it, on the broker and database that LOOMLINE_POSTGRES and
# LOOMLINE_KAFKA name: serve through deploy/lib/serve.sh, a few orders with one seed, every expected outcome; twice, on
# empty stores, with the same stages and dates. Exit status 77 (skipped) without the two.
set -euo pipefail
[[ -n ${LOOMLINE_POSTGRES:-} && -n ${LOOMLINE_KAFKA:-} ]] || { echo "skipped: LOOMLINE_POSTGRES or LOOMLINE_KAFKA is not set"; exit 77; }
export LOOMLINE_BIN=$1
TOP=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$TOP/deploy/lib/common.sh"
. "$TOP/deploy/lib/net.sh"
. "$TOP/deploy/lib/serve.sh"
WORK=$(mktemp -d)

# shellcheck disable=SC2317 # called by the trap
tear_down() {
  local code=$? service
  stop_serve || true
  for service in intake configuration scheduling quality aftersales tracking; do
    psql -q "$LOOMLINE_POSTGRES" -c "DROP DATABASE IF EXISTS ${LOOMLINE_INSTALLATION}$service WITH (FORCE)" 2>/dev/null || true
  done
  if ((code)) && [[ -f $HOME_DIR/logs/loomline.out ]]; then tail -n 20 "$HOME_DIR/logs/loomline.out" >&2; fi
  return "$code"
}

# demo NAME: its fingerprint, with its log in WORK/NAME.log.
demo() (
  export LOOMLINE_INSTALLATION="demo_${RANDOM}_$$_"
  HOME_DIR=$WORK/$1
  mkdir -p "$HOME_DIR/logs"
  locate_serve
  trap tear_down EXIT
  start_serve topic
  staff_token
  LOOMLINE_TOKEN=$(<"$SERVE_ROOT/token") "$LOOMLINE" demo --url "$(edge_url)" --product "$TOP/deploy/products/pc" \
    --product "$TOP/deploy/products/compressor" --orders 8 --invalid 2 --seed 7 --summary "$WORK/$1.json" >"$WORK/$1.log" 2>&1 ||
    { cat "$WORK/$1.log" >&2; exit 1; }
  sed -n 's/^fingerprint \([0-9a-f]*\).*/\1/p' "$WORK/$1.log"
)

first=$(demo first)
second=$(demo second)
echo "fingerprints $first $second"
[[ -n $first && $first == "$second" ]] || { diff "$WORK/first.json" "$WORK/second.json" | head -40; exit 1; }
rm -rf "$WORK"
