# shellcheck shell=bash
# The private PostgreSQL cluster of one home. Needs common.sh, net.sh and HOME_DIR.
#
#   PG_ROOT/password   of the role `loomline`, 0600       PG_ROOT/port   the port it was last given
#   PG_ROOT/data       the cluster: made beside its place and renamed, so that it is whole or absent
#   PG_ROOT/run        its Unix socket
#
# PostgreSQL refuses to run as root; there it runs as the `postgres` user. Where that user cannot reach the home (a checkout
# under /root), PG_ROOT is a folder under /var/lib.

PG_BIN=/usr/lib/postgresql/15/bin

become_postgres() {
  ((EUID == 0)) || exec "$@"
  cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups -- env -u HOME "$@"
}
as_postgres() { (become_postgres "$@"); }

# Sets PG_ROOT. Both places are looked at first, so that a home keeps the one it began with.
locate_postgres() {
  local aside
  aside=/var/lib/loomline-$(path_hash "$HOME_DIR")
  PG_ROOT=$HOME_DIR/postgres
  if ((EUID == 0)) && [[ ! -d $PG_ROOT/data ]]; then
    if [[ -d $aside ]] || { id postgres >/dev/null 2>&1 && ! as_postgres test -x "$HOME_DIR"; }; then PG_ROOT=$aside; fi
  fi
  PG_DATA=$PG_ROOT/data
}

# By its socket, which costs both sides less than TCP; by TCP where there is none or its name would need quoting.
postgres_url() {
  local socket password port
  socket=$(postgres_socket) password=$(<"$PG_ROOT/password") port=$(<"$PG_ROOT/port") || return
  if [[ $socket =~ ^[A-Za-z0-9/._-]+$ ]]; then
    printf 'postgresql://loomline:%s@/postgres?host=%s&port=%s' "$password" "${socket//\//%2F}" "$port"
  else
    printf 'postgresql://loomline:%s@127.0.0.1:%s/postgres' "$password" "$port"
  fi
}

# url_answers CONNINFO: a query is answered there.
url_answers() { PGCONNECT_TIMEOUT=5 "$PG_BIN/psql" -XAtq -d "$1" -c 'SELECT 1' >/dev/null 2>&1; }

postgres_healthy() { [[ -s $PG_ROOT/password && -s $PG_ROOT/port ]] && url_answers "$(postgres_url)"; }

make_cluster() {
  [[ ! -d $PG_DATA ]] || return 0
  local new=$PG_ROOT/data.new secret=$PG_ROOT/password.initdb
  rm -rf "$new" "$secret"
  if [[ ! -s $PG_ROOT/password ]]; then
    (umask 077 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$PG_ROOT/password.new")
    mv "$PG_ROOT/password.new" "$PG_ROOT/password"
  fi
  mkdir -p "$new" "$PG_ROOT/run"
  install -m 600 "$PG_ROOT/password" "$secret"
  if ((EUID == 0)); then chown postgres:postgres "$new" "$PG_ROOT/run" "$secret"; fi
  as_postgres "$PG_BIN/initdb" -D "$new" -U loomline --auth=scram-sha-256 --pwfile="$secret" --encoding=UTF8 \
    --locale=C.UTF-8 >>"$HOME_DIR/logs/postgres.log" 2>&1 ||
    die "initdb failed" "$(tail -n 3 "$HOME_DIR/logs/postgres.log")" "full log: $HOME_DIR/logs/postgres.log"
  rm -f "$secret"
  echo "include 'loomline.conf'" | as_postgres tee -a "$new/postgresql.conf" >/dev/null
  postgres_settings | as_postgres tee "$new/loomline.conf" >/dev/null
  sync "$PG_ROOT"
  mv "$new" "$PG_DATA"
}

# A socket path over 107 bytes is not possible, so a deep home has TCP only.
postgres_socket() { ((${#PG_ROOT} > 76)) || printf '%s/run' "$PG_ROOT"; }

# For a developer's machine: a few GiB to spare, two cores or more. Durability is not traded: fsync and
# synchronous_commit are on.
postgres_settings() {
  local socket
  socket=$(postgres_socket)
  cat <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = '$socket'
max_connections = 200
shared_buffers = 256MB
effective_cache_size = 2GB
work_mem = 8MB
maintenance_work_mem = 64MB
max_wal_size = 2GB
fsync = on
synchronous_commit = on
full_page_writes = on
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_min_duration_statement = 1000
log_line_prefix = '%m [%p] %d '
END
}

# A postmaster.pid that names no process of ours is left from a crash; PostgreSQL minds it only when its number was taken
# by somebody else meanwhile.
drop_stale_pid() {
  [[ -z $(process_with "$PG_DATA") ]] || return 0
  as_postgres rm -f "$PG_DATA/postmaster.pid"
}

launch_postgres() {
  rotate "$HOME_DIR/logs/postgres.log"
  drop_stale_pid
  postgres_settings | as_postgres tee "$PG_DATA/loomline.conf" >/dev/null
  become_postgres setsid "$PG_BIN/postgres" -D "$PG_DATA" -p "$1" >>"$HOME_DIR/logs/postgres.log" 2>&1 </dev/null 9>&- &
}

# Waits until it answers; 1 when it ended (a lost port, children of a killed predecessor) or took 90 s.
await_postgres() {
  local deadline=$((SECONDS + 90)) grace=$((SECONDS + 3))
  until postgres_healthy; do
    if ((SECONDS >= deadline)) || { ((SECONDS > grace)) && [[ -z $(process_with "$PG_DATA") ]]; }; then return 1; fi
    sleep 0.2
  done
}

start_postgres() {
  local attempt port
  mkdir -p "$PG_ROOT" || die "cannot make $PG_ROOT" "use another LOOMLINE_HOME"
  chmod 755 "$PG_ROOT"
  make_cluster
  if [[ -n $(process_with "$PG_DATA") ]] && await_postgres; then return; fi
  stop_postgres
  for attempt in 1 2 3 4 5; do
    port=$(cat "$PG_ROOT/port" 2>/dev/null) || port=
    if [[ -z $port ]] || ((attempt > 2)) || port_answers 127.0.0.1 "$port"; then
      port=$(free_port "$(($(port_seed "$HOME_DIR" pg) + attempt - 1))")
    fi
    echo "$port" >"$PG_ROOT/port.new" && mv "$PG_ROOT/port.new" "$PG_ROOT/port"
    launch_postgres "$port"
    if await_postgres; then return; fi
    stop_postgres
  done
  die "PostgreSQL does not start" "$(tail -n 5 "$HOME_DIR/logs/postgres.log")" "full log: deploy/local logs postgres"
}

# SIGINT is the fast shutdown, SIGQUIT the immediate one.
stop_postgres() { stop_process "$PG_DATA" INT 60 QUIT; }
