# shellcheck shell=bash
# The Loomline process (`loomline serve --target=all`) of one home. Needs common.sh, net.sh and HOME_DIR.
#
#   SERVE_ROOT/state.json   written by the process once it is ready: its id and addresses
#   SERVE_ROOT/port         the public port, kept from start to start so that links stay good
#   SERVE_ROOT/token        a staff token, 0600

LOOMLINE=${LOOMLINE_BIN:-$TOP/.build/release/bin/loomline}

locate_serve() {
  SERVE_ROOT=$HOME_DIR/serve
  SERVE_STATE=$SERVE_ROOT/state.json
}

# One value of the state file; it is one line of flat JSON.
serve_state() { sed -n 's/.*"'"$1"'": "\{0,1\}\([^",}]*\).*/\1/p' "$SERVE_STATE" 2>/dev/null; }
serve_pid() { process_with "$SERVE_STATE" | head -n 1; }
edge_url() { printf 'http://127.0.0.1:%s' "$(<"$SERVE_ROOT/port")"; }

# What it was started for: when the executable, the stores or the clock are others now, it must be started again.
serve_fingerprint() {
  stat -Lc '%i %Y' "$LOOMLINE"
  printf '%s\n' "${LOOMLINE_POSTGRES:-}" "${LOOMLINE_KAFKA:-}" "$1"
}

# start_serve CLOCK: starts it unless it runs as it should; returns when it is ready.
start_serve() {
  local clock=$1 wanted attempt port
  (umask 077 && mkdir -p "$SERVE_ROOT")
  wanted=$(serve_fingerprint "$clock")
  if [[ -n $(serve_pid) && $wanted == "$(cat "$SERVE_ROOT/started" 2>/dev/null)" ]] && await_serve; then return; fi
  stop_serve
  for attempt in 1 2 3; do
    port=$(cat "$SERVE_ROOT/port" 2>/dev/null) || port=
    if [[ -z $port ]] || ((attempt > 1)) || port_answers 127.0.0.1 "$port"; then
      port=$(free_port "$(($(port_seed "$HOME_DIR" edge) + attempt))")
    fi
    echo "$port" >"$SERVE_ROOT/port.new" && mv "$SERVE_ROOT/port.new" "$SERVE_ROOT/port"
    printf '%s\n' "$wanted" >"$SERVE_ROOT/started"
    launch_serve "$clock" "$port"
    if await_serve; then return; fi
    stop_serve
  done
  die "loomline serve does not become ready" "$(tail -n 5 "$HOME_DIR/logs/loomline.out" "$HOME_DIR/logs/loomline.log" 2>/dev/null)" \
    "full log: $HOME_DIR/logs/loomline.log"
}

launch_serve() {
  rm -f "$SERVE_STATE"
  rotate "$HOME_DIR/logs/loomline.log"
  LOOMLINE_CLOCK=$1 LOOMLINE_PARTITIONS=${LOOMLINE_PARTITIONS:-6} \
    LOOMLINE_SURVEY_DAYS=${LOOMLINE_SURVEY_DAYS:-3} setsid "$LOOMLINE" serve --target=all \
    --http "127.0.0.1:$2" --public-url "http://127.0.0.1:$2" \
    --log-file "$HOME_DIR/logs/loomline.log" --state-file "$SERVE_STATE" \
    >"$HOME_DIR/logs/loomline.out" 2>&1 </dev/null 9>&- &
}

await_serve() {
  local deadline=$((SECONDS + 120)) grace=$((SECONDS + 3))
  until [[ -s $SERVE_STATE ]] && port_answers 127.0.0.1 "$(<"$SERVE_ROOT/port")"; do
    if ((SECONDS >= deadline)) || { ((SECONDS > grace)) && [[ -z $(serve_pid) ]]; }; then return 1; fi
    sleep 0.2
  done
}

stop_serve() { stop_process "$SERVE_STATE" TERM 40 KILL; }

# A staff token: the kept one where it still opens the door, else a new one, asked for at the inner port.
staff_token() {
  local token=$SERVE_ROOT/token
  if [[ -s $token ]] && "$LOOMLINE" --url "$(edge_url)" --token-file "$token" token list >/dev/null 2>&1; then return; fi
  (umask 077 && "$LOOMLINE" --peer "$(serve_state grpc)" token create --role staff --label "deploy/demo" --secret-only \
    >"$token.new") || die "no staff token could be made" "look at $HOME_DIR/logs/loomline.log"
  mv "$token.new" "$token"
}
