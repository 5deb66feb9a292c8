#include "src/commit/postgres_steps.hpp"

#include "loomline/eventing/positions.hpp"
#include "src/commit/columns.hpp"
#include "src/commit/load.hpp"
#include "src/hear/feed.hpp"
#include "src/hear/unknown.hpp"

namespace loomline::eventing {
namespace {

// The handlers run while the rows are locked: on a machine that is busy for longer than an idle transaction may stand
// elsewhere. As long as others wait for a lock, and no longer.
void lock_rows(postgres::Transaction& transaction, const std::set<KeyId>& keys) {
  transaction.exec("SELECT set_config('idle_in_transaction_session_timeout', current_setting('lock_timeout'), true)");
  KeyColumns columns;
  for (const auto& id : keys) columns.add(id);
  transaction.exec(
      "SELECT 1 FROM unnest($1::text[], $2::text[], $3::text[]) AS n(tenant, kind, key) JOIN key_state k"
      " ON k.tenant = n.tenant AND k.kind = n.kind AND k.key = n.key ORDER BY k.tenant, k.kind, k.key FOR UPDATE OF k",
      postgres::text_array(columns.tenants), postgres::text_array(columns.kinds), postgres::text_array(columns.keys));
}

// Where nothing is locked each thing that it does has a connection for itself: between what is read and what is written
// stand the handlers, in whose time a connection can be lost, and others can use it.
class PostgresSession final : public StepSession {
  struct Locked {
    explicit Locked(postgres::Pool::Lease lease) : connection(std::move(lease)), transaction(*connection) {}
    postgres::Pool::Lease connection;
    postgres::Transaction transaction;
  };

  template <class Work>
  auto with(const Work& work) {
    if (locked_) return work(Session(locked_->transaction));
    const auto connection = pool_.acquire();
    return work(Session(*connection));
  }
  template <class... Args>
  postgres::Rows exec(std::string_view sql, const Args&... args) {
    return with([&](Session session) { return session.exec(sql, args...); });
  }

 public:
  PostgresSession(postgres::Pool& pool, const Registry& registry, const std::set<KeyId>* lock)
      : pool_(pool), registry_(registry) {
    if (lock != nullptr) lock_rows(locked_.emplace(pool.acquire()).transaction, *lock);
  }

  std::vector<std::shared_ptr<Resident>> load(const std::vector<KeyId>& keys) override {
    if (keys.empty()) return {};
    return with([&](Session session) { return eventing::load(session, registry_, keys); });
  }
  void refresh(Resident& resident) override {
    with([&](Session session) { eventing::refresh(session, resident); });
  }
  CommitOutcome commit(Commit& commit) override {
    auto outcome = with([&](Session session) { return commit.run(session); });
    if (locked_ && outcome.committed) locked_->transaction.commit();
    return outcome;
  }
  void begin_aside(const KeyId& key, const std::vector<std::string>& types, int ended) override {
    const Texts names(types.begin(), types.end());
    exec(
        "UPDATE pending SET begun = greatest(begun - $5::int, 0) + 1 WHERE tenant = $1 AND kind = $2 AND key = $3"
        " AND aside AND (is_timer OR type = ANY($4::text[]))",
        key.tenant, key.kind, key.key, postgres::text_array(names), ended);
  }
  void end_aside(const KeyId& key) override {
    exec(
        "UPDATE pending SET aside = false, begun = 0 WHERE tenant = $1 AND kind = $2 AND key = $3 AND aside AND "
        "begun > 0",
        key.tenant, key.kind, key.key);
  }
  std::vector<SetAside> set_aside(const KeyId& key) override {
    std::vector<SetAside> out;
    for (const auto row : exec(
             "SELECT DISTINCT is_timer, type FROM pending WHERE tenant = $1 AND kind = $2 AND key = $3 AND aside",
             key.tenant, key.kind, key.key))
      out.push_back({key, row.boolean(0), row.get<std::string>(1)});
    return out;
  }

 private:
  postgres::Pool& pool_;
  const Registry& registry_;
  std::optional<Locked> locked_;
};

Texts texts_of(const std::vector<std::string>& values) { return {values.begin(), values.end()}; }

}  // namespace

std::unique_ptr<StepSession> PostgresSteps::open(const std::set<KeyId>* lock) {
  return std::make_unique<PostgresSession>(pool_, registry_, lock);
}

std::vector<Feed> PostgresSteps::claim(const std::string& owner,
                                       const std::vector<std::pair<std::string, int>>& places) {
  Texts topics;
  Numbers partitions;
  for (const auto& [topic, partition] : places) {
    topics.push_back(topic);
    partitions.push_back(partition);
  }
  std::vector<Feed> feeds;
  postgres::retry(pool_, [&](postgres::Transaction& transaction) {
    const auto claimed = transaction.exec(
        "INSERT INTO consumer_offset AS c (topic, partition, owner)"
        " SELECT topic, partition, $3 FROM unnest($1::text[], $2::bigint[]) AS n(topic, partition) ORDER BY 1, 2"
        " ON CONFLICT (topic, partition) DO UPDATE SET epoch = c.epoch + 1, owner = EXCLUDED.owner"
        " RETURNING topic, partition, next_offset, epoch",
        postgres::text_array(topics), postgres::bigint_array(partitions), owner);
    const auto chains = transaction.exec(
        "SELECT s.topic, s.partition, s.source, s.epoch, s.last_seq FROM unnest($1::text[], $2::bigint[])"
        " AS n(topic, partition) JOIN source_chain s ON s.topic = n.topic AND s.partition = n.partition",
        postgres::text_array(topics), postgres::bigint_array(partitions));
    feeds.clear();
    std::map<std::pair<std::string, int>, std::size_t> index;
    for (const auto row : claimed) {
      Feed feed;
      feed.topic = row.text(0);
      feed.topic_number = topic_number(feed.topic);
      feed.partition = row.get<int>(1);
      feed.next_offset = feed.stored_offset = feed.fetched = row.int64(2);
      feed.epoch = row.int64(3);
      index[{feed.topic, feed.partition}] = feeds.size();
      feeds.push_back(std::move(feed));
    }
    for (const auto row : chains) {
      auto& feed = feeds[index.at({row.get<std::string>(0), row.get<int>(1)})];
      feed.last_seq[{row.get<std::string>(2), row.int64(3)}] = row.int64(4);
    }
  });
  return feeds;
}

bool PostgresSteps::reset_position(const std::string& topic, int partition, std::int64_t epoch, std::int64_t expected,
                                   std::int64_t to) {
  const auto moved = pool_.acquire()->exec(
      "UPDATE consumer_offset SET next_offset = $5::bigint WHERE topic = $1::text AND partition = $2::bigint"
      " AND epoch = $3::bigint AND next_offset = $4::bigint RETURNING 1",
      topic, partition, epoch, expected, to);
  return !moved.empty();
}

std::vector<DueTimer> PostgresSteps::due_timers(const std::set<int>& lanes, Time now, std::size_t most) {
  const Numbers lane_numbers(lanes.begin(), lanes.end());
  const auto rows = pool_.acquire()->exec(
      "SELECT tenant, kind, key, name, due, payload, traceparent FROM timer WHERE lane = ANY($1::bigint[])"
      " AND due <= $2::bigint AND kind || '/' || split_part(name, '/', 1) = ANY($4::text[])"
      " ORDER BY due, kind, key, name LIMIT $3::bigint",
      postgres::bigint_array(lane_numbers), micros(now), static_cast<std::int64_t>(most),
      postgres::text_array(texts_of(registry_.timers())));
  std::vector<DueTimer> timers;
  for (const auto row : rows) {
    auto& timer = timers.emplace_back();
    timer.id = {row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2)};
    timer.due = from_micros(row.int64(4));
    timer.offer = timer_offer(timer.id, row.get<std::string>(3), timer.due, std::string(row.bytes(5)));
    timer.offer.traceparent = row.text(6);
  }
  return timers;
}

std::optional<Time> PostgresSteps::next_timer(const std::set<int>& lanes) {
  const Numbers lane_numbers(lanes.begin(), lanes.end());
  const auto next = pool_.acquire()->exec(
      "SELECT min((SELECT t.due FROM timer t WHERE t.lane = l AND t.kind || '/' || split_part(t.name, '/', 1)"
      " = ANY($2::text[]) ORDER BY t.due LIMIT 1)) FROM unnest($1::bigint[]) l",
      postgres::bigint_array(lane_numbers), postgres::text_array(texts_of(registry_.timers())));
  const auto due = next.one().get<std::optional<std::int64_t>>(0);
  if (!due) return std::nullopt;
  return from_micros(*due);
}

void PostgresSteps::offer_unknown() { eventing::offer_unknown(pool_, registry_); }

std::vector<SetAside> PostgresSteps::set_aside() {
  std::vector<SetAside> out;
  for (const auto row :
       pool_.acquire()->exec("SELECT DISTINCT tenant, kind, key, is_timer, type FROM pending WHERE aside"))
    out.push_back({{row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2)},
                   row.boolean(3),
                   row.get<std::string>(4)});
  return out;
}

}  // namespace loomline::eventing
