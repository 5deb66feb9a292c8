# shellcheck shell=bash
# Ports and processes with nothing but bash and /proc: a bare Debian 12 has neither ss nor ps.

port_answers() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

# free_port START [TAKEN...]: the first loopback port from START on at which nobody answers and which is not in TAKEN.
# Below 32768, so that no outgoing connection is given it meanwhile. (Losing the race is met by starting again.)
free_port() {
  local port=$1 taken=" ${*:2} "
  while port_answers 127.0.0.1 "$port" || [[ $taken == *" $port "* ]]; do
    port=$((port >= 32000 ? 20000 : port + 1))
  done
  echo "$port"
}

# A start for the search that differs from one home to the next.
port_seed() { echo $((20000 + 0x$(path_hash "$1$2" | cut -c1-6) % 12000)); }

# process_with ARGUMENT: the ids of the processes that have exactly this command-line argument. That, and no file, tells
# whether a server of ours runs: it stays right whatever was killed at whatever moment.
process_with() {
  local dir argument
  for dir in /proc/[0-9]*; do
    while IFS= read -r -d '' argument; do
      if [[ $argument == "$1" ]]; then
        echo "${dir#/proc/}"
        break
      fi
    done 2>/dev/null <"$dir/cmdline" || true
  done
}

# stop_process ARGUMENT SIGNAL SECONDS LAST_SIGNAL: ends the processes with that argument, gently, then firmly.
stop_process() {
  local pids deadline=$((SECONDS + $3))
  pids=$(process_with "$1")
  [[ -n $pids ]] || return 0
  # shellcheck disable=SC2086 # several ids are several words
  kill -s "$2" $pids 2>/dev/null || true
  while pids=$(process_with "$1") && [[ -n $pids ]]; do
    if ((SECONDS >= deadline)); then
      # shellcheck disable=SC2086
      kill -s "$4" $pids 2>/dev/null || true
    fi
    sleep 0.1
  done
}

# rotate FILE: keeps one older file, so that a log that is only appended to stays bounded.
rotate() {
  local size
  size=$(stat -c %s "$1" 2>/dev/null) || return 0
  if ((size > 10000000)); then mv "$1" "$1.1"; fi
}
