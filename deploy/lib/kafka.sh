# shellcheck shell=bash
# The private single-node KRaft broker of one home. Needs common.sh, net.sh and HOME_DIR.
#
#   .local/kafka/libs (or LOOMLINE_KAFKA_LIBS)   the broker's jars, shared by all homes of the checkout
#   KAFKA_ROOT/data      formatted beside its place and renamed, so that it is whole or absent
#   KAFKA_ROOT/ports     "client controller", KAFKA_ROOT/server.properties written from them before each start

KAFKA_LIBS=${LOOMLINE_KAFKA_LIBS:-$TOP/.local/kafka/libs}

java_17() {
  local java
  for java in /usr/lib/jvm/java-17-openjdk-*/bin/java; do
    if [[ -x $java ]]; then
      echo "$java"
      return
    fi
  done
  command -v java || die "no Java runtime" "deploy/install runtime"
}

jars_whole() { (cd "$1" 2>/dev/null && sha256sum --quiet --strict -c "$TOP/deploy/kafka/jars.sha256" >/dev/null 2>&1); }

# Copies the jars from Maven's cache, fetching what is not there, and takes them only with the sums that are checked in.
fetch_kafka() {
  ! jars_whole "$KAFKA_LIBS" || return 0
  local new=$KAFKA_LIBS.new
  mkdir -p "${KAFKA_LIBS%/*}"
  say "fetching the Kafka broker's jars through Maven (46 MB, once)"
  (
    take_lock "${KAFKA_LIBS%/*}/lock" "fetch of the Kafka jars"
    ! jars_whole "$KAFKA_LIBS" || exit 0
    rm -rf "$new"
    mvn -B -q -C -Dstyle.color=never -f "$TOP/deploy/kafka/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
      -DoutputDirectory="$new" >&2 </dev/null || die "Maven could not fetch the Kafka jars" \
      "look above for its reason; it needs a Maven repository (network, or ~/.m2 filled before)"
    jars_whole "$new" || die "the jars that Maven brought are not those of deploy/kafka/jars.sha256" \
      "see what differs: (cd $new && sha256sum -c $TOP/deploy/kafka/jars.sha256)"
    rm -rf "$KAFKA_LIBS"
    mv "$new" "$KAFKA_LIBS"
  )
}

locate_kafka() {
  KAFKA_ROOT=$HOME_DIR/kafka
  KAFKA_CONFIG=$KAFKA_ROOT/server.properties
}

kafka_bootstrap() { printf '127.0.0.1:%s' "$(cut -d' ' -f1 "$KAFKA_ROOT/ports")"; }

# broker_answers HOST PORT: an ApiVersions request (key 18, version 0, correlation 7, no client id) is answered within 5 s.
# A KRaft broker opens its port only when it has been unfenced, so an answer means that it serves.
broker_answers() {
  local answer
  # shellcheck disable=SC2016 # the inner bash expands these
  answer=$(timeout 5 bash -c '
    exec 3<>"/dev/tcp/$1/$2" || exit 1
    printf "\0\0\0\12\0\22\0\0\0\0\0\7\377\377" >&3
    head -c 10 <&3 | od -An -tx1 | tr -d " \n"' _ "$1" "$2" 2>/dev/null) || return 1
  # length (4 bytes), the correlation, error 0
  [[ $answer =~ ^[0-9a-f]{8}000000070000$ ]]
}

kafka_healthy() { [[ -s $KAFKA_ROOT/ports ]] && broker_answers 127.0.0.1 "$(cut -d' ' -f1 "$KAFKA_ROOT/ports")"; }

# kafka_config CLIENT_PORT CONTROLLER_PORT DATA. Facts are kept for ever unless a topic says otherwise, topics are made
# only from their declaration, and the cleaner's and the internal topics' sizes fit one small node.
kafka_config() {
  cat <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$2
listeners=PLAINTEXT://127.0.0.1:$1,CONTROLLER://127.0.0.1:$2
advertised.listeners=PLAINTEXT://127.0.0.1:$1
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$3
auto.create.topics.enable=false
log.retention.ms=-1
log.cleaner.dedupe.buffer.size=16777216
offsets.topic.num.partitions=6
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
END
}

kafka_java() { # STYLE-OF-HEAP... CLASS ARGUMENTS
  "$(java_17)" -XX:+ExitOnOutOfMemoryError -Dlog4j.configuration="file:$TOP/deploy/kafka/log4j.properties" \
    -Dloomline.kafka.log="$HOME_DIR/logs/kafka.log" -cp "$KAFKA_LIBS/*" "$@"
}

format_kafka() {
  [[ ! -d $KAFKA_ROOT/data ]] || return 0
  local new=$KAFKA_ROOT/data.new id config=$KAFKA_ROOT/format.properties
  rm -rf "$new"
  # A KRaft cluster id is 16 random bytes in URL-safe base64.
  id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')
  # A leading dash would be read as an option.
  id=K${id:1}
  kafka_config 1 2 "$new" >"$config"
  kafka_java -Xmx128m kafka.tools.StorageTool format -t "$id" -c "$config" --ignore-formatted \
    >>"$HOME_DIR/logs/kafka.out" 2>&1 </dev/null || die "the broker's storage could not be formatted" \
    "$(tail -n 3 "$HOME_DIR/logs/kafka.out")" "full log: $HOME_DIR/logs/kafka.out"
  sync "$KAFKA_ROOT"
  mv "$new" "$KAFKA_ROOT/data"
}

launch_kafka() {
  rotate "$HOME_DIR/logs/kafka.out"
  kafka_config "$1" "$2" "$KAFKA_ROOT/data" >"$KAFKA_CONFIG.new"
  mv "$KAFKA_CONFIG.new" "$KAFKA_CONFIG"
  setsid "$(java_17)" -Xms256m -Xmx512m -XX:+ExitOnOutOfMemoryError \
    -Dlog4j.configuration="file:$TOP/deploy/kafka/log4j.properties" -Dloomline.kafka.log="$HOME_DIR/logs/kafka.log" \
    -cp "$KAFKA_LIBS/*" kafka.Kafka "$KAFKA_CONFIG" >>"$HOME_DIR/logs/kafka.out" 2>&1 </dev/null 9>&- &
}

await_kafka() {
  local deadline=$((SECONDS + 120)) grace=$((SECONDS + 3))
  until kafka_healthy; do
    if ((SECONDS >= deadline)) || { ((SECONDS > grace)) && [[ -z $(process_with "$KAFKA_CONFIG") ]]; }; then return 1; fi
    sleep 0.3
  done
}

start_kafka() {
  local attempt client controller seed
  mkdir -p "$KAFKA_ROOT"
  format_kafka
  if [[ -n $(process_with "$KAFKA_CONFIG") ]] && await_kafka; then return; fi
  stop_kafka
  seed=$(port_seed "$HOME_DIR" kafka)
  for attempt in 1 2 3 4 5; do
    read -r client controller < <(cat "$KAFKA_ROOT/ports" 2>/dev/null || true) || true
    if [[ -z ${client:-} || -z ${controller:-} ]] || ((attempt > 2)) ||
      port_answers 127.0.0.1 "$client" || port_answers 127.0.0.1 "$controller"; then
      client=$(free_port $((seed + 2 * attempt)))
      controller=$(free_port $((client + 1)) "$client")
    fi
    echo "$client $controller" >"$KAFKA_ROOT/ports.new" && mv "$KAFKA_ROOT/ports.new" "$KAFKA_ROOT/ports"
    launch_kafka "$client" "$controller"
    if await_kafka; then return; fi
    stop_kafka
  done
  die "the Kafka broker does not start" "$(tail -n 5 "$HOME_DIR/logs/kafka.log" "$HOME_DIR/logs/kafka.out" 2>/dev/null)" \
    "full log: deploy/local logs kafka"
}

stop_kafka() { stop_process "$KAFKA_CONFIG" TERM 40 KILL; }
