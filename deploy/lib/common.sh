# shellcheck shell=bash
# What every script under deploy/ and tests/run share: where the checkout is, how they speak, how a step is run.
# Sourced, never run. Callers have set -euo pipefail.

# Fixed, so that numbers, sorting and error texts do not depend on the caller's language.
export LC_ALL=C.UTF-8
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
LOGS=${LOOMLINE_LOGS:-$TOP/.local/logs}

say() { printf '%s\n' "$*" >&2; }
die() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  shift
  (($# == 0)) || printf '  %s\n' "$@" >&2
  exit 1
}

# The comment block at the head of the calling script is its help.
print_help() { awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"; }

# Wall time in milliseconds.
now_ms() { printf '%s' "$((${EPOCHREALTIME/./} / 1000))"; }
seconds_since() {
  local ms=$(($(now_ms) - $1))
  printf '%d.%01d' $((ms / 1000)) $((ms % 1000 / 100))
}

# Twelve hexadecimal digits that identify a path.
path_hash() { printf '%s' "$1" | sha256sum | cut -c1-12; }

# take_lock FILE WHAT: holds FILE on descriptor 9 until this process ends. Helpers inherit the descriptor on purpose (one
# that outlives a killed caller still holds the lock); whatever is to keep running is started with 9>&-.
take_lock() {
  exec 9>>"$1" || die "cannot write $1" "use the user who made it, or another LOOMLINE_HOME"
  flock -n 9 && return
  say "waiting for another $2 to finish ($1)"
  flock 9
}

# step NAME REMEDY COMMAND...: runs COMMAND with its output in $LOGS/NAME.log and prints one line with the seconds it took
# (kept in STEP_SECONDS); on a terminal the last line of the log shows while it runs. On failure: the last lines, the log,
# the remedy, exit 1.
STEP_SECONDS=0
step() {
  local name=$1 remedy=$2 log=$LOGS/$1.log begin code=0
  shift 2
  mkdir -p "$LOGS"
  begin=$(now_ms)
  if [[ -t 2 ]]; then
    "$@" >"$log" 2>&1 </dev/null &
    watch_step $! "$name" "$log" "$begin" || code=$?
  else
    printf '%-10s ' "$name" >&2
    "$@" >"$log" 2>&1 </dev/null || code=$?
  fi
  STEP_SECONDS=$(seconds_since "$begin")
  if ((code == 0)); then
    printf 'ok %8s s\n' "$STEP_SECONDS" >&2
    return
  fi
  printf 'FAILED (exit %d) after %s s\n' "$code" "$STEP_SECONDS" >&2
  tail -n 25 "$log" | sed 's/^/  | /' >&2
  die "$name failed; full log: $log" "$remedy"
}

watch_step() {
  local pid=$1 name=$2 log=$3 begin=$4 line
  while kill -0 "$pid" 2>/dev/null; do
    line=$(tail -n 1 "$log" 2>/dev/null | tr -d '\r\033' | cut -c1-60) || line=
    printf '\r\033[K%-10s %6s s  %s' "$name" "$(seconds_since "$begin")" "$line" >&2
    sleep 0.5
  done
  printf '\r\033[K%-10s ' "$name" >&2
  wait "$pid"
}
