// What the rows say, and how databases are hurt: from outside, by triggers that only the test's databases have.
#include "src/broker/envelope.hpp"
#include "tests/conformance/processes.hpp"

namespace loomline::eventing::conformance {
namespace {

// Trips as its trigger says. What is counted is counted although the transaction fails: sequences are not undone.
constexpr const char* kTrip = R"sql(
CREATE SEQUENCE IF NOT EXISTS conformance_trips;
CREATE OR REPLACE FUNCTION conformance_trip() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  CASE TG_ARGV[0]
    WHEN 'slow' THEN PERFORM pg_sleep(0.05);
    WHEN 'hold' THEN RETURN NULL;
    WHEN 'serialize' THEN
      IF nextval('conformance_trips') <= TG_ARGV[1]::bigint THEN
        RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001';
      END IF;
    WHEN 'cut' THEN
      IF nextval('conformance_trips') <= TG_ARGV[1]::bigint THEN
        PERFORM pg_terminate_backend(pg_backend_pid());
        PERFORM pg_sleep(5);
      END IF;
  END CASE;
  RETURN NEW;
END $$;
)sql";

constexpr const char* kSteps = "key_state";  // every step that applies anything writes there

}  // namespace

template <class... Args>
postgres::Rows Processes::rows(const std::string& service, const std::string& sql, const Args&... args) {
  for (int attempt = 1;; ++attempt) {
    auto& connection = connections_[service];
    try {
      if (!connection) {
        postgres::Options options;
        options.conninfo = postgres::with_database(postgres_, service.empty() ? "postgres" : prefix_ + service);
        connection = std::make_unique<postgres::Connection>(options);
      }
      return connection->exec(sql, args...);
    } catch (const postgres::Error&) {
      connection.reset();
      if (attempt == 3) throw;
    }
  }
}

void Processes::script(const std::string& service, const std::string& sql) {
  (void)rows(service, "SELECT 1");  // connected
  connections_[service]->exec_script(sql);
}

void Processes::trip(const std::string& service, const std::string& name, const std::string& table,
                     const std::string& how) {
  script(service, kTrip);
  script(service, "DROP TRIGGER IF EXISTS conformance_" + name + " ON " + table);
  if (how.empty()) return;
  script(service, "ALTER SEQUENCE conformance_trips RESTART");
  script(service, "CREATE TRIGGER conformance_" + name + " BEFORE " + how);
}

void Processes::slow_down(const std::string& service, bool on) {
  trip(service, "slow", kSteps,
       on ? "INSERT OR UPDATE ON key_state FOR EACH STATEMENT EXECUTE FUNCTION conformance_trip('slow')" : "");
}

void Processes::fail_to_serialize(const std::string& service, int count) {
  trip(service, "fail", kSteps,
       "INSERT OR UPDATE ON key_state FOR EACH STATEMENT EXECUTE FUNCTION conformance_trip('serialize', " +
           std::to_string(count) + ")");
}

void Processes::lose_connection(const std::string& service, int count) {
  trip(service, "fail", kSteps,
       "INSERT OR UPDATE ON key_state FOR EACH STATEMENT EXECUTE FUNCTION conformance_trip('cut', " +
           std::to_string(count) + ")");
}

void Processes::hold_watermarks(const std::string& service, bool on) {
  trip(service, "hold", "publication",
       on ? "UPDATE ON publication FOR EACH ROW WHEN (NEW.published > OLD.published)"
            " EXECUTE FUNCTION conformance_trip('hold')"
          : "");
}

void Processes::mend() {
  start_broker();
  start_databases();
  for (const auto& service : kServices) {
    for (const char* name : {"slow", "fail"}) trip(service, name, kSteps, "");
    trip(service, "hold", "publication", "");
  }
}

void Processes::forget_connections() {
  databases_down_ = true;
  connections_.clear();
}

void Processes::stop_databases() {
  forget_connections();
  for (const auto& service : kServices) {
    const auto name = prefix_ + service;
    script("", "ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
    (void)rows("", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name);
  }
}

void Processes::start_databases() {
  if (!databases_down_) return;
  for (const auto& service : kServices) script("", "ALTER DATABASE " + prefix_ + service + " ALLOW_CONNECTIONS true");
  databases_down_ = false;
}

void Processes::drop_databases() {
  replicas_.clear();
  for (const auto& service : kServices) script("", "DROP DATABASE IF EXISTS " + prefix_ + service + " WITH (FORCE)");
}

std::optional<std::string> Processes::state(const std::string& service, const std::string& kind,
                                            const std::string& key) {
  const auto found =
      rows(service, "SELECT state FROM key_state WHERE tenant = 'main' AND kind = $1 AND key = $2", kind, key);
  if (found.empty() || found[0].is_null(0)) return std::nullopt;
  return std::string(found[0].bytes(0));
}

std::vector<Letter> Processes::letters(const std::string& service) {
  std::vector<Letter> open;
  for (const auto row : rows(service,
                             "SELECT id, key, event_id, reason, (SELECT count(*) FROM pending p WHERE p.kind = d.kind"
                             " AND p.key = d.key) FROM dead_letter d WHERE state = 1 ORDER BY id"))
    open.push_back({row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2), row.get<std::string>(3),
                    row.int64(4)});
  return open;
}

std::int64_t Processes::waiting(const std::string& service) {
  return rows(service, "SELECT count(*) FROM pending").one().int64(0);
}

std::vector<Chain> Processes::chains(const std::string& service) {
  std::vector<Chain> all;
  for (const auto row : rows(service,
                             "SELECT c.topic, c.partition, c.epoch, c.next_seq - 1, coalesce(p.published, 0)"
                             " FROM chain c LEFT JOIN publication p ON p.chain = c.id"))
    all.push_back({row.get<std::string>(0), row.get<int>(1), row.int64(2), row.int64(3), row.int64(4)});
  return all;
}

std::vector<Event> Processes::outbox(const std::string& service) {
  std::vector<Event> all;
  for (const auto row : rows(service,
                             "SELECT c.topic, c.partition, c.epoch, o.seq, o.key, o.type, o.causation, o.body, o.time"
                             " FROM outbox o JOIN chain c ON c.id = o.chain ORDER BY o.chain, o.seq")) {
    auto& event = all.emplace_back();
    event.source = service;
    event.topic = row.get<std::string>(0);
    event.partition = row.get<int>(1);
    event.epoch = row.int64(2);
    event.seq = row.int64(3);
    event.id = event_id(service, event.epoch, event.topic, event.partition, event.seq);
    event.key = row.get<std::string>(4);
    event.type = row.get<std::string>(5);
    event.cause = row.get<std::string>(6);
    event.body = std::string(row.bytes(7));
    event.time = Time(Duration(row.int64(8)));
  }
  return all;
}

}  // namespace loomline::eventing::conformance
